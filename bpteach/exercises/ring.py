"""Workers in a ring that are only imagined: what they send is counted, and tells where it came from."""

from itertools import permutations

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis.calls import Caller, Finished
from bpteach.exercises.in_place import listed
from bpteach.locale import _, ngettext

BASE = 100.0  # the pieces of worker k hold BASE ** k, so that the digits of a sum tell whose pieces are in it
VOICES, LENGTH = 3, 2  # workers of `OneVoice`, and how many numbers a piece has


class Ring:
    """So many workers, with pieces of so many numbers; `sent` has the bytes that each of them has sent."""

    def __init__(self, workers, length):
        self.workers = workers
        rng = np.random.default_rng(113)
        self._patterns = rng.permutation(np.arange(1.0, 1 + workers * length)).reshape(workers, length)
        self.sent = [0] * workers
        self.gradient_bytes = self._patterns.nbytes

    def pieces(self):
        """Cut every worker's gradient into pieces: piece i of worker k is at [k][i]."""
        return [[BASE**k * pattern for pattern in self._patterns] for k in range(self.workers)]

    def sums(self):
        """Give what each worker should have at the end, in the form of `pieces`."""
        return [[sum(column) for column in zip(*self.pieces(), strict=True)] for _worker in range(self.workers)]

    def send(self, k, piece):
        """Carry a piece from worker `k` to the next one: give a copy."""
        if not isinstance(piece, np.ndarray):
            told = _("send(k, piece) got {found} as its piece: expected one array, such as pieces[k][i].")
            raise TypeError(told.format(found=_name_of(piece)))
        if k not in range(self.workers):
            told = _("send(k, piece) got {found} as its k: expected the number of a worker, 0 to {last}.")
            raise ValueError(told.format(found=name_of(k), last=self.workers - 1))
        self.sent[k] += piece.nbytes
        return piece.copy()

    def fault(self, found):
        """Say whose pieces are in the first sum that is wrong; nothing if nothing can be told."""
        said = _fault_of_form(found, self.workers, self._patterns.shape[1])
        if said:
            return said
        cells = np.array(found, dtype=float)
        faults = (self._fault_of_piece(cells[k, i], k, i) for k, i in np.ndindex(cells.shape[:2]))
        return next(filter(None, faults), "")

    def _fault_of_piece(self, piece, k, i):
        factors = piece / self._patterns[i]
        factor = round(factors[0]) if np.isfinite(factors[0]) else -1
        if not np.allclose(factors, factor, rtol=1e-9) or not 0 <= factor < BASE**self.workers:
            told = _(
                "With {p} workers, piece {i} of worker {k} ends as something other than a sum of pieces {i}: are "
                "pieces of different numbers mixed?"
            )
            return told.format(p=self.workers, k=k, i=i)
        times = [int(factor // BASE**n % BASE) for n in range(self.workers)]
        if times == [1] * self.workers:
            return ""
        parts = [_("worker {k}'s {times}").format(k=n, times=_times(count)) for n, count in enumerate(times)]
        told = _("With {p} workers, piece {i} of worker {k} ends as a sum that holds {parts}: expected each once.")
        return told.format(p=self.workers, k=k, i=i, parts=listed(parts))

    def fault_of_bytes(self):
        """Say who has sent too little or too much; nothing if nobody has."""
        needed, nbytes = 2 * (self.workers - 1), self._patterns[0].nbytes
        for k, sent in enumerate(self.sent):
            pieces = sent / nbytes
            told = ""
            if pieces < needed:
                told = _(
                    "The sums are right, and with {p} workers, worker {k} sent only {sent:g} of the {needed} pieces "
                    "that it takes: workers know nothing of each other but what send gives. Add only what arrived."
                )
            if pieces > needed:
                told = _(
                    "The sums are right, and with {p} workers, worker {k} sent {sent:g} pieces, where {needed} are "
                    "enough. Is a step too many in a round, or more than one piece sent in a step?"
                )
            if told:
                return told.format(p=self.workers, k=k, sent=pieces, needed=needed)
        return ""


class OneVoice:
    """Three workers, of whom one has ones and the others zeros: whoever ends with ones has heard of that one.

    At the worker who is deaf only zeros arrive, whatever is sent; `senders` have sent something else than zeros.
    """

    def __init__(self, voice, deaf):
        self.voice, self.deaf, self.senders = voice, deaf, set()

    def pieces(self):
        return [[np.full(LENGTH, float(k == self.voice)) for _piece in range(VOICES)] for k in range(VOICES)]

    def send(self, k, piece):
        if np.any(piece):
            self.senders.add(k)
        return np.zeros_like(piece) if (k + 1) % VOICES == self.deaf else piece.copy()

    def fault(self, rows):
        """Say that the deaf worker has heard the voice nevertheless; nothing if it has not."""
        if not np.any(rows[self.deaf]) and self.deaf not in self.senders:
            return ""
        told = _(
            "The sums are right, but with {p} workers, worker {w} uses numbers of worker {v}'s even where none arrive "
            "at it. A worker may use its own pieces, and what send(k, piece) gives to worker (k + 1) % p. The k of "
            "send is the worker whose piece it is."
        )
        return told.format(p=VOICES, w=self.deaf, v=self.voice)


def fault_of_rule(function):
    """Say whose numbers are used where they have not arrived; nothing if the rule is kept."""
    for voice, deaf in permutations(range(VOICES), 2):
        ring = OneVoice(voice, deaf)
        try:
            rows = as_lists(Caller(function)(ring.pieces(), ring.send))
        except Finished:  # it works with the right sums only, and that is no fault
            return ""
        said = "" if _fault_of_form(rows, VOICES, LENGTH) else ring.fault(rows)
        if said:
            return said
    return ""


def _fault_of_form(rows, p, length):
    """Say where lists of lists of arrays are something else."""
    if not isinstance(rows, list) or len(rows) != p:
        told = _(
            "With {p} workers, you return {found}: expected a list of {p} lists, one for each worker, as in pieces."
        )
        return told.format(p=p, found=_name_of(rows))
    for k, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != p:
            told = _("With {p} workers, what you return for worker {k} is {found}: expected a list of its {p} pieces.")
            return told.format(p=p, k=k, found=_name_of(row))
        for i, piece in enumerate(row):
            if not isinstance(piece, np.ndarray) or piece.shape != (length,) or piece.dtype.kind not in "biuf":
                told = _(
                    "With {p} workers, piece {i} of worker {k} ends as {found}: expected an array of shape ({length},)."
                )
                return told.format(p=p, k=k, i=i, found=_name_of(piece), length=length)
    return ""


def as_lists(rows):
    if isinstance(rows, np.ndarray | tuple):
        rows = list(rows)
    if isinstance(rows, list):
        rows = [list(row) if isinstance(row, np.ndarray | tuple) else row for row in rows]
    return rows


def _name_of(value):
    return _("a list of {n}").format(n=len(value)) if isinstance(value, list) else name_of(value)


def _times(count):
    if count < 3:
        return (_("not at all"), _("once"), _("twice"))[count]
    return ngettext("{n} time", "{n} times", count).format(n=count)
