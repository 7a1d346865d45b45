"""Workers in a ring that are only imagined: what they send is counted, and tells where it came from."""

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis.calls import Caller, Finished
from bpteach.exercises.values import fault_of
from bpteach.locale import _, listed

BASE = 100.0  # the pieces of worker k hold BASE ** k, so that the digits of a sum tell whose pieces are in it


class Ring:
    """So many workers, with pieces of so many numbers; at a worker who is deaf only zeros arrive."""

    def __init__(self, workers, length, deaf=None):
        self.workers, self._deaf = workers, deaf
        rng = np.random.default_rng(113)
        self._patterns = rng.permutation(np.arange(1.0, 1 + workers * length)).reshape(workers, length)
        self.sent = [[] for _worker in range(workers)]  # the pieces that each has sent
        self.gradient_bytes = self._patterns.nbytes

    def pieces(self):
        """Cut every worker's gradient into pieces: piece i of worker k is at [k][i]."""
        return [[BASE**k * pattern for pattern in self._patterns] for k in range(self.workers)]

    def sums(self):
        """Give what each worker should have at the end, in the form of `pieces`."""
        return [[sum(column) for column in zip(*self.pieces(), strict=True)] for _worker in range(self.workers)]

    def send(self, k, piece):
        """Carry a piece from worker `k` to the next one: give a copy."""
        if k not in range(self.workers) or not isinstance(piece, np.ndarray):
            told = _("send(k, piece) got {k} and {piece}: expected a worker's number, 0 to {last}, and an array.")
            raise TypeError(told.format(k=name_of(k), piece=name_of(piece), last=self.workers - 1))
        self.sent[k].append(piece.copy())
        return np.zeros_like(piece) if (k + 1) % self.workers == self._deaf else piece.copy()

    def bytes_of(self, k):
        return sum(piece.nbytes for piece in self.sent[k])

    def fault(self, found):
        """Say what is wrong with the first sum that is: its form, or whose pieces are in it."""
        fault = fault_of(found, self.sums())
        if len(fault.place) == 2:
            k, i = fault.place
            piece = found[k][i]
            is_piece = isinstance(piece, np.ndarray) and piece.shape == self._patterns[i].shape
            if is_piece and piece.dtype.kind in "iuf" and np.isfinite(piece).all():
                times = self._times(piece, i)
                if times is None:
                    told = _(
                        "With {p} workers, piece {i} of worker {k} holds something else than pieces {i}: was a piece "
                        "of another number added to it?"
                    )
                    return told.format(p=self.workers, k=k, i=i)
                parts = [_("{times} × worker {k}'s").format(times=each, k=n) for n, each in enumerate(times)]
                told = _("With {p} workers, piece {i} of worker {k} ends as a sum of {parts}: expected each once.")
                return told.format(p=self.workers, k=k, i=i, parts=listed(parts))
        parts = [_("What you return for worker {k}").format(k=k) for k in range(self.workers)]
        return _("{fault} (With {p} workers.)").format(fault=fault.told(parts), p=self.workers)

    def _times(self, piece, i):
        """Tell how often each worker's piece i is in a sum; None if something else is in it."""
        factors = piece / self._patterns[i]
        factor = round(factors[0]) if np.isfinite(factors[0]) else -1
        if np.allclose(factors, factor, rtol=1e-9) and 0 <= factor < BASE**self.workers:
            return [int(factor // BASE**n % BASE) for n in range(self.workers)]
        return None

    def fault_of_bytes(self):
        """Say who has sent too little or too much; nothing if nobody has."""
        due = 2 * (self.workers - 1)
        for k in range(self.workers):
            sent = self.bytes_of(k) / self._patterns[0].nbytes
            if sent != due:
                told = _(
                    "The sums are right, but with {p} workers, worker {k} has to send {due} pieces, and sent {n:g}."
                )
                return told.format(p=self.workers, k=k, n=sent, due=due)
        return ""

    def heard(self, rows):
        """List the workers of whose numbers the deaf one uses some, in what it ends with or has sent."""
        numbers = np.concatenate([np.ravel(piece) for piece in (*rows[self._deaf], *self.sent[self._deaf])])
        others = [n for n in range(self.workers) if n != self._deaf]
        return [n for n in others if np.any(np.round(numbers) // BASE**n % BASE)]


def fault_of_rule(function, workers=3):
    """Say whose numbers are used where they have not arrived; nothing if the rule is kept."""
    for deaf in range(workers):
        ring = Ring(workers, 2, deaf)
        try:
            heard = ring.heard(as_lists(Caller(function)(ring.pieces(), ring.send)))
        except (Finished, IndexError, TypeError, ValueError):  # it works with the right sums only: that is no fault
            return ""
        if heard:
            told = _(
                "The sums are right, but with {p} workers, worker {w} uses numbers of worker {v}'s even where none "
                "arrive at it. Worker k sends by send(k, piece), and what that gives is for worker (k + 1) % p."
            )
            return told.format(p=workers, w=deaf, v=heard[0])
    return ""


def as_lists(rows):
    if isinstance(rows, list | tuple) or getattr(rows, "ndim", 0):
        rows = [list(row) if isinstance(row, np.ndarray | tuple) else row for row in rows]
    return rows
