"""The exercises of lesson 11: put means together, find the break-even, and pass pieces round a ring."""

import dataclasses
import functools

import numpy as np

from bpteach.checks import name_of
from bpteach.exercises.base import exercise, judge_function

WORDS = {
    # 11.1 put the means of unequal parts together
    "mean right": "That is it. A mean forgets how many it is made of, so the number of columns has to travel with it.",
    "mean hints": (
        "What was each mean before it was divided? Get back to what may be added.",
        "A mean times its number of columns is a sum. Add the sums of all parts, then divide once, by the number of "
        "all columns.",
        "return sum(count * mean for mean, count in zip(means, counts)) / sum(counts)",
    ),
    "mean of means": "That is the mean of the means: a column in a small part then counts for more than one in a large "
    "part.",
    "sum of means": "You added the means: each of them was divided by the columns of its own part, and that must be "
    "undone first.",
    "sum of sums": "That is the sum over all columns: the mean is asked for.",
    "divided by parts": "You divided the sum by the number of parts: divide by the number of columns.",
    "divided twice": "You divided each mean by its number of columns: it has been divided already. Multiply.",
    # 11.2 find the break-even
    "even right": "That is it. Put together, it is 2 (bytes ÷ bandwidth + p · latency) · speed ÷ operations: the "
    "number of workers stands only beside the latency.",
    "even hints": (
        "Write down two times, both for a mini-batch of m: of one worker, who exchanges nothing, and of p workers. "
        "Where are they equal?",
        "m F = m F / p + T, where F = operations ÷ speed is the time of a column, and T is the time of the ring. "
        "Bring both m to the left, and divide.",
        "T = 2 * (workers - 1) * (nbytes / workers / bandwidth + latency), then return T / ((1 - 1 / workers) * "
        "operations / speed)",
    ),
    "all saved": "You divided the exchange by the time of one column: p workers save only a share 1 − 1/p of it, since "
    "their own share has to be computed, too.",
    "no latency": "The latency is missing: every one of the 2 (p − 1) messages waits for it.",
    "no bandwidth": "The bytes are missing: they take their time at this bandwidth.",
    "one round": "You count p − 1 steps: the ring goes round twice, once to add and once to hand out.",
    "whole gradient": "You send the whole gradient in every step: in the ring it is a piece, a p-th of it.",
    "one latency": "You count the latency once or twice: every one of the 2 (p − 1) steps waits for it.",
    "columns of a worker": "That is the number of columns of each worker: the size of the whole mini-batch is asked "
    "for.",
    "even upside down": "That is 1 ÷ m: you divided the other way round.",
    "even seconds": "That is the time of the exchange, in seconds: how many columns of work is that?",
    # 11.3 pass the pieces round
    "ring right": "That is it: with {p} workers, each sent {sent} bytes, 2 · {p1}/{p} of its gradient's {all}. However "
    "many they are, it is never more than twice the gradient.",
    "ring hints": (
        "Take three workers, and write on paper which piece each of them holds in full after each step. In the first "
        "p − 1 steps what arrives is added; in the last p − 1 steps what arrives is complete, and replaces.",
        "In step s of the first round worker k sends its piece (k − s) % p, the one that it added to in the step "
        "before. After the round, worker k holds piece (k + 1) % p in full. In step s of the second round worker k "
        "sends piece (k + 1 − s) % p.",
        "for s in range(p - 1): arrived = [send(k, mine[k][(k - s) % p]) for k in range(p)], and then for each k, with "
        "i = (k - s) % p and n = (k + 1) % p: mine[n][i] = mine[n][i] + arrived[k]. The second round has (k + 1 - s) "
        "% p, and = without the sum. At the start mine = [list(row) for row in pieces].",
    ),
    "no piece": "send(k, piece) got {found} as its piece: expected one array, such as pieces[k][i].",
    "no worker": "send(k, piece) got {found} as its k: expected the number of a worker, 0 to {last}.",
    "counted": "With {p} workers, piece {i} of worker {k} ends as a sum that holds {parts}: expected each once.",
    "of worker": "worker {k}'s {times}",
    "times 0": "not at all",
    "times 1": "once",
    "times 2": "twice",
    "times": "{n} times",
    "other pieces": "With {p} workers, piece {i} of worker {k} ends as something other than a sum of pieces {i}: are "
    "pieces of different numbers mixed?",
    "nothing sent": "The sums are right, and worker {k} sent only {sent} bytes of the {needed} that it takes: workers "
    "know nothing of each other but what send gives. Add only what arrived.",
    "too much sent": "The sums are right, and worker {k} sent {sent} bytes, where a ring needs {needed}: send one "
    "piece a step, and each piece only to the neighbour.",
    "and": " and ",
}


@exercise("11.1")
def _(answer):
    slips = [
        (lambda means, counts: sum(means) / len(means), "mean of means"),
        (lambda means, counts: sum(means), "sum of means"),
        (lambda means, counts: _sum(means, counts), "sum of sums"),
        (lambda means, counts: _sum(means, counts) / len(means), "divided by parts"),
        (lambda means, counts: _sum(means, 1 / np.array(counts)), "divided twice"),
        (lambda means, counts: _sum(means, 1 / np.array(counts)) / len(means), "divided twice"),
        (lambda means, counts: _sum(means, 1 / np.array(counts)) / sum(counts), "divided twice"),
    ]
    rng = np.random.default_rng(111)
    calls = [
        ([rng.normal(size=shape) for _ in counts], counts)
        for shape, counts in [((2, 3), [3, 1]), ((4, 1), [5, 2, 2]), ((2, 2), [4])]
    ]
    right = lambda means, counts: _sum(means, counts) / sum(counts)  # noqa: E731
    hints, message = WORDS["mean hints"], WORDS["mean right"]
    return judge_function(answer, right, calls, slips=_told(slips), hints=hints, message=message)


def _sum(means, counts):
    return sum(count * mean for mean, count in zip(means, counts, strict=True))


def _told(slips):
    return [(function, WORDS[sentence]) for function, sentence in slips]


@exercise("11.2")
def _(answer):
    slips = [
        (lambda f, n, p, s, b, l: _ring(n, p, b, l) * s / f, "all saved"),
        (lambda f, n, p, s, b, l: _even(f, n, p, s, b, 0), "no latency"),
        (lambda f, n, p, s, b, l: _even(f, 0, p, s, b, l), "no bandwidth"),
        (lambda f, n, p, s, b, l: _even(f, n, p, s, b, l) / 2, "one round"),
        (lambda f, n, p, s, b, l: _even(f, n * p, p, s, b, l), "whole gradient"),
        (lambda f, n, p, s, b, l: _even(f, n, p, s, b, l / (2 * (p - 1))), "one latency"),
        (lambda f, n, p, s, b, l: _even(f, n, p, s, b, l / (p - 1)), "one latency"),
        (lambda f, n, p, s, b, l: _even(f, n, p, s, b, l) / p, "columns of a worker"),
        (lambda f, n, p, s, b, l: 1 / _even(f, n, p, s, b, l), "even upside down"),
        (lambda f, n, p, s, b, l: _ring(n, p, b, l), "even seconds"),
    ]
    calls = [(42, 104, 4, 42.0, 104.0, 0.5), (100, 800, 5, 1e3, 200.0, 0.25), (64, 640, 3, 8.0, 16.0, 2.0)]
    hints, message = WORDS["even hints"], WORDS["even right"]
    return judge_function(answer, _even, calls, slips=_told(slips), hints=hints, message=message)


def _ring(nbytes, workers, bandwidth, latency):
    return 2 * (workers - 1) * (nbytes / workers / bandwidth + latency)


def _even(operations, nbytes, workers, speed, bandwidth, latency):
    return _ring(nbytes, workers, bandwidth, latency) / ((1 - 1 / workers) * operations / speed)


class Ring:
    """Workers in a ring that are only imagined. What they send is counted, and tells where it came from.

    Parameters
    ----------
    workers : int
        How many, p.
    length : int
        How many numbers a piece has.

    Attributes
    ----------
    sent : list of int
        The bytes that each worker has sent.
    """

    BASE = 100.0  # the pieces of worker k hold BASE ** k, so that the digits of a sum tell whose pieces are in it

    def __init__(self, workers, length):
        self.workers = workers
        rng = np.random.default_rng(113)
        self._patterns = rng.permutation(np.arange(1.0, 1 + workers * length)).reshape(workers, length)
        self.sent = [0] * workers

    def pieces(self):
        """Cut every worker's gradient into pieces.

        Returns
        -------
        list of lists of arrays
            Piece i of worker k is at [k][i].
        """
        return [[self.BASE**k * pattern for pattern in self._patterns] for k in range(self.workers)]

    def sums(self):
        """Add the pieces of all workers.

        Returns
        -------
        list of lists of arrays
            What each worker should have at the end, in the form of `pieces`.
        """
        return [[sum(column) for column in zip(*self.pieces(), strict=True)] for _ in range(self.workers)]

    def send(self, k, piece):
        """Carry a piece from worker `k` to the next one.

        Parameters
        ----------
        k : int
            Who sends.
        piece : array
            What is sent.

        Returns
        -------
        array
            What arrives, a copy.

        Raises
        ------
        TypeError
            If the piece is no array.
        ValueError
            If there is no such worker.
        """
        if not isinstance(piece, np.ndarray):
            raise TypeError(WORDS["no piece"].format(found=name_of(piece)))
        if k not in range(self.workers):
            raise ValueError(WORDS["no worker"].format(found=name_of(k), last=self.workers - 1))
        self.sent[k] += piece.nbytes
        return piece.copy()

    def needed(self):
        """Say how many bytes each worker has to send.

        Returns
        -------
        int
            2 (p − 1) pieces.
        """
        return 2 * (self.workers - 1) * self._patterns[0].nbytes

    def fault(self, found):
        """Say whose pieces are in the first sum that is wrong.

        Parameters
        ----------
        found : object
            What a reader's function gave.

        Returns
        -------
        str
            A sentence; empty if nothing can be told.
        """
        try:
            cells = np.array([[np.asarray(piece, dtype=float) for piece in row] for row in found])
        except (TypeError, ValueError):
            return ""
        if cells.shape != (self.workers, *self._patterns.shape):
            return ""
        for k, i in np.ndindex(cells.shape[:2]):
            said = self._fault_of_piece(cells[k, i], k, i)
            if said:
                return said
        return ""

    def _fault_of_piece(self, piece, k, i):
        factors = piece / self._patterns[i]
        factor = round(factors[0]) if np.isfinite(factors[0]) else -1
        if not np.allclose(factors, factor) or not 0 <= factor < self.BASE**self.workers:
            return WORDS["other pieces"].format(p=self.workers, k=k, i=i)
        times = [int(factor // self.BASE**n % self.BASE) for n in range(self.workers)]
        if times == [1] * self.workers:
            return ""
        parts = [WORDS["of worker"].format(k=n, times=_times(count)) for n, count in enumerate(times)]
        parts = WORDS["and"].join([", ".join(parts[:-1]), parts[-1]])
        return WORDS["counted"].format(p=self.workers, k=k, i=i, parts=parts)

    def fault_of_bytes(self):
        """Say who sent too little or too much.

        Returns
        -------
        str
            A sentence; empty if it is right.
        """
        for k, sent in enumerate(self.sent):
            if sent != self.needed():
                word = "nothing sent" if sent < self.needed() else "too much sent"
                return WORDS[word].format(k=k, sent=sent, needed=self.needed())
        return ""


def _times(count):
    word = f"times {count}"
    return WORDS[word] if word in WORDS else WORDS["times"].format(n=count)


@exercise("11.3")
def _(answer):
    done = []
    right = lambda workers, length: Ring(workers, length).sums()  # noqa: E731
    found = judge_function(_in_ring(answer, done), right, [(2, 3), (3, 2), (4, 1)], hints=WORDS["ring hints"])
    if found.state == "wrong" and not all(result is None for _, result in done):
        said = next(filter(None, (ring.fault(result) for ring, result in done)), found.message)
        return dataclasses.replace(found, message=said)
    if found.ok:
        said = next(filter(None, (ring.fault_of_bytes() for ring, _ in done)), "")
        if said:
            return dataclasses.replace(found, state="wrong", message=said, hints=WORDS["ring hints"])
        ring, _ = done[-1]
        whole = ring.needed() // (2 * (ring.workers - 1)) * ring.workers
        message = WORDS["ring right"].format(p=ring.workers, p1=ring.workers - 1, sent=ring.sent[0], all=whole)
        return dataclasses.replace(found, message=message)
    return found


def _in_ring(function, done):
    """Let a reader's function work on imaginary rings; `done` gets each ring, and what came out."""
    if not callable(function) or isinstance(function, type):
        return function

    @functools.wraps(function, updated=())
    def add_up(workers, length):
        ring = Ring(workers, length)
        result = function(ring.pieces(), ring.send)
        if isinstance(result, np.ndarray | tuple):
            result = list(result)
        if isinstance(result, list):
            result = [list(row) if isinstance(row, np.ndarray | tuple) else row for row in result]
        done.append((ring, result))
        return result

    return add_up
