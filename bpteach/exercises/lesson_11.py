"""The exercises of lesson 11: put means together, find the break-even, and pass pieces round a ring."""

import inspect
from dataclasses import replace
from numbers import Real

import numpy as np

from bpteach.exercises import exercise, right_answer
from bpteach.exercises.judging import judge_function, stand_in
from bpteach.exercises.ring import Ring, as_lists, fault_of_rule
from bpteach.locale import N_, _


def _means(rng):
    """List means and counts; the first is so small that its numbers say more than how many of six are wrong."""
    shapes = (((2, 3), [3, 1]), ((4, 1), [5, 2, 2]), ((2, 2), [4]))
    drawn = [([rng.normal(size=shape) for _part in counts], counts) for shape, counts in shapes]
    return [([np.array([[1.0]]), np.array([[5.0]])], [3, 1]), *drawn]


def _say_small_case(found, expected, means, counts):
    if not isinstance(found, np.ndarray) or found.shape != expected.shape or found.size > 1 or not np.isrealobj(found):
        return None
    told = _("3 columns of mean 1 and 1 column of mean 5 have the mean 2; yours gives {found:.6g}.")
    return told.format(found=found.item())


@right_answer(
    "11.1",
    calls=_means,
    slips={
        N_("That is the mean of the means: a column in a small part then counts for more than one in a large part."): (
            lambda means, counts: sum(means) / len(means)
        ),
    },
    otherwise=_say_small_case,
    hints=N_(
        "What was each mean before it was divided? Get back to what may be added.\n"
        "A mean times its number of columns is a sum. Add the sums of all parts, then divide once, by the number of "
        "all columns.\n"
        "`return sum(count * mean for mean, count in zip(means, counts)) / sum(counts)`"
    ),
    praise=N_(
        "That is it. With parts of 3 columns and 1 column, each column counts 1/4; in the mean of the two means, each "
        "of the three would count 1/6, and the single one 1/2. A mean forgets how many it is made of, so the number of "
        "columns has to travel with it."
    ),
)
def mean_of_all(means, counts):
    return sum(count * mean for mean, count in zip(means, counts, strict=True)) / sum(counts)


def _ring_seconds(nbytes, workers, bandwidth, latency):
    return 2 * (workers - 1) * (nbytes / workers / bandwidth + latency)


def _say_both_times(m, expected, *call):
    """Put a wrong m into the two times that should be equal."""
    if not isinstance(m, Real) or not 0 < m < np.inf:
        return None
    operations, nbytes, workers, speed, bandwidth, latency = call
    alone = m * operations / speed
    names = inspect.signature(my_break_even).parameters
    told = _(
        "With {arguments}, your m is {m:.6g}. One worker then takes {alone:.6g} s. {p} workers take {share:.6g} s to "
        "compute and {ring:.6g} s to exchange. Both should take equally long."
    )
    listed = _(", ").join(f"{name} = {value:g}" for name, value in zip(names, call, strict=True))
    ring = _ring_seconds(nbytes, workers, bandwidth, latency)
    return told.format(arguments=listed, m=m, p=workers, alone=alone, share=alone / workers, ring=ring)


@right_answer(
    "11.2",
    calls=[
        (42, 104, 4, 42.0, 104.0, 0.5),
        (80, 800, 5, 1e3, 200.0, 0.25),
        (60, 640, 3, 8.0, 16.0, 2.0),
        (160, 90, 20, 1e3, 100.0, 0.02),  # with fewer columns than workers
    ],
    otherwise=_say_both_times,
    hints=N_(
        "Write down two times, both for a mini-batch of m: of one worker, who exchanges nothing, and of p workers. "
        "Where are they equal?\n"
        "m F = m F / p + T, where F = operations ÷ speed is the time of a column, and T is the time of the ring. Bring "
        "both m to the left, and divide.\n"
        "`T = 2 * (workers - 1) * (nbytes / workers / bandwidth + latency)`, then `return T / ((1 - 1 / workers) * "
        "operations / speed)`"
    ),
    praise=N_(
        "That is it. Put together, it is 2 (bytes ÷ bandwidth + p · latency) · speed ÷ operations: the number of "
        "workers stands only beside the latency."
    ),
)
def my_break_even(operations, nbytes, workers, speed, bandwidth, latency):
    return _ring_seconds(nbytes, workers, bandwidth, latency) / ((1 - 1 / workers) * operations / speed)


RING_HINTS = N_(
    "Take three workers, and write on paper which piece each of them holds in full after each step. In the first p − 1 "
    "steps what arrives is added; in the last p − 1 steps what arrives is complete, and replaces.\n"
    "In step s of the first round worker k sends its piece (k − s) % p, the one that it added to in the step before. "
    "After the round, worker k holds piece (k + 1) % p in full. In step s of the second round worker k sends piece (k "
    "+ 1 − s) % p.\n"
    "`for s in range(p - 1): arrived = [send(k, mine[k][(k - s) % p]) for k in range(p)]`, and then for each k, with "
    "`i = (k - s) % p` and `n = (k + 1) % p`: `mine[n][i] = mine[n][i] + arrived[k]`. The second round has `(k + 1 - "
    "s) % p`, and `=` without the sum. At the start `mine = [list(row) for row in pieces]`."
)


@exercise("11.3", hints=RING_HINTS)
def judge_ring(answer):
    rings = []

    def add_up(workers, length):
        rings.append(Ring(workers, length))
        return as_lists(answer(rings[-1].pieces(), rings[-1].send))

    def revise(function, told, trial):
        if not told.ok:
            return told
        said = next(filter(None, (ring.fault_of_bytes() for ring in rings)), "") or fault_of_rule(answer)
        return replace(told, state="wrong", message=said) if said else told

    def praise():
        ring = rings[-1]
        told = _(
            "That is it: with {p} workers, each sent {sent} bytes, 2 · {p1}/{p} of its gradient's {all}. However many "
            "they are, it is never more than twice the gradient."
        )
        return told.format(p=ring.workers, p1=ring.workers - 1, sent=ring.bytes_of(0), all=ring.gradient_bytes)

    return judge_function(
        stand_in(answer, add_up),
        lambda workers, length: Ring(workers, length).sums(),
        [(2, 3), (3, 2), (4, 1)],
        hints=RING_HINTS,
        message=praise,
        otherwise=lambda found, expected, workers, length: Ring(workers, length).fault(found),
        revise=revise,
    )
