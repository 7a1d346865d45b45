"""The exercises of lesson 8: compare times fairly, count multiplications, and predict where the speed-up ends."""

from itertools import pairwise
from numbers import Real
from statistics import median

import numpy as np

from bpteach.exercises import exercise, right_answer
from bpteach.exercises.judging import judge_function
from bpteach.exercises.stopwatch import on_machines, true_ratios
from bpteach.locale import N_, _
from bpteach.performance.timing import flops


def _ratios(seconds):
    return [slow / fast for slow, fast in seconds]


def _ratio_of(middle):
    """Put all times of slow together, and all of fast, before dividing."""
    return lambda seconds: middle([slow for slow, fast in seconds]) / middle([fast for slow, fast in seconds])


@right_answer(
    "8.1",
    calls=[  # short enough to be shown
        ([(90, 10), (60, 20), (90, 30)],),  # on paper: ever slower, and one disturbance
        ([(10, 3), (4, 1), (13, 7)],),
        ([(3, 1), (8, 2), (3, 2), (9, 4)],),
        ([(0.5, 0.2)],),
    ],
    slips={
        N_("That is one ratio of all rounds, and the machine was another in each: divide within each round."): list(
            map(_ratio_of, (median, sum, min))
        ),
        N_("That is the mean, and one disturbed round moves it: take the median."): (
            lambda seconds: np.mean(_ratios(seconds))
        ),
        N_("That is fast ÷ slow: the question is how many times longer slow takes."): (
            lambda seconds: median(fast / slow for slow, fast in seconds)
        ),
        N_("That is a difference of seconds: a ratio is asked for."): (
            lambda seconds: median(slow - fast for slow, fast in seconds)
        ),
        N_("Sort the ratios first. Of an even number of them two stand in the middle: take the mean of both."): [
            lambda seconds: _ratios(seconds)[len(seconds) // 2],
            lambda seconds: _ratios(sorted(seconds))[len(seconds) // 2],
            lambda seconds: sorted(_ratios(seconds))[len(seconds) // 2],
            lambda seconds: sorted(_ratios(seconds))[(len(seconds) - 1) // 2],
        ],
    },
    hints=N_(
        "Two things happen: dividing, and looking for the middle. Which comes first?\n"
        "Only the two times of one round saw the same machine. So divide within each round, then take the median of "
        "the ratios: sort them; the one in the middle, or the mean of the two in the middle.\n"
        "`return np.median([slow / fast for slow, fast in seconds])`"
    ),
    praise=N_("That is it. Each ratio is made within one round, so the rounds may be as different as they like."),
)
def median_ratio(seconds):
    return median(_ratios(seconds))


FAIR_HINTS = N_(
    "Compare what happens to slow with what happens to fast: when each is called, on which batch, what stands between "
    "the two readings of the clock, and what the machine has done before the first reading.\n"
    "In each round: one batch, gathered while no clock runs; slow on it, timed; fast on it, timed. Before the first "
    "round, call each of the two once, untimed.\n"
    "`for i in range(rounds): batch = gather(); began = clock(); slow(batch); between = clock(); fast(batch); ended = "
    "clock(); ratios.append((between - began) / (ended - between))`"
)


@exercise("8.2", hints=FAIR_HINTS)
def judge_stopwatch(answer):
    return judge_function(
        on_machines(answer),
        true_ratios,
        [(7.0, 3.0, 20), (5.0, 4.0, 24)],
        hints=FAIR_HINTS,
        message=N_(
            "That is it. Gathering takes long, first calls do, batches differ, the machine gets slower: your ratios "
            "hardly notice."
        ),
    )


def _parts(sizes, m):
    """Count the multiplications of the matrix products: in the forward pass, in BP2, and in BP4."""
    links = [n * n_in for n_in, n in pairwise(sizes)]
    return {"forward": m * sum(links), "bp2": m * sum(links[1:]), "bp4": m * sum(links)}


def _say_where(found, expected, sizes, m):
    if not isinstance(found, Real):
        return None
    told = _(
        "For sizes = {sizes} and m = {m} the matrix products take {forward} multiplications forward, {bp2} in BP2 and "
        "{bp4} in BP4. You count {found:g}."
    )
    return told.format(sizes=sizes, m=m, found=found, **_parts(sizes, m))


def _counts_of_the_lesson():
    told = _(
        "That is it. For [784, 30, 10] an example takes {forward:,} multiplications forward, {bp4:,} for BP4 and only "
        "{bp2:,} for BP2: the way back costs little more than the way forward."
    )
    return told.format(**_parts([784, 30, 10], 1))


@right_answer(
    "8.3",
    calls=[([4, 3, 2], 3), ([3, 2], 2), ([2, 3, 4, 2], 2), ([3, 3, 3, 3, 2], 4)],
    slips={
        N_("You send the error back into the input: BP2 stops at layer 2, so the first weights have no part in it."): (
            lambda sizes, m: 3 * _parts(sizes, m)["forward"]
        ),
        N_("That counts the additions as well: the exercise asks for the multiplications."): flops,
    },
    otherwise=_say_where,
    hints=N_(
        "Take one matrix product, (n, k) times (k, p): how many numbers has the result, and how many products are "
        "added up for each? Then list the matrix products of `backprop_matrix`.\n"
        "`w @ A` in (25) for each layer, `w.T @ Delta` in BP2 for each layer but the first and the last, `Delta @ A.T` "
        "in BP4 for each layer after the input. Each of them takes n_l n_{l−1} m.\n"
        "`links = [n * n_in for n_in, n in zip(sizes[:-1], sizes[1:])]`, then `return m * (2 * sum(links) + "
        "sum(links[1:]))`"
    ),
    praise=_counts_of_the_lesson,
)
def multiplications(sizes, m):
    return flops(sizes, m) // 2  # a multiplication comes with an addition


def _predictions(rng):
    """List two measurements and an m; each pair is asked for its own two sizes first."""
    machines = (
        ((120e-6, 95e-6), (90e-6, 4e-6), (4, 1000), 100),
        ((0.3, 0.2), (0.1, 0.01), (1, 500), 10),
        ((2.0, 9.0), (5.0, 3.0), (2, 8), 1),
    )
    for loop, matrix, sizes, m in machines:
        few, many = ((size, *(fixed + work * size for fixed, work in (loop, matrix))) for size in sizes)
        yield from ((few, many, each) for each in (*sizes, m))


def _at(m, few, many, i=1):
    """Give what lies at m on the straight line through two points; they are told by their item i."""
    return few[i] + (many[i] - few[i]) / (many[0] - few[0]) * (m - few[0])


def _say_measured(found, expected, few, many, m):
    """Of lines that miss a measurement, say which."""
    if m not in (few[0], many[0]) or not isinstance(found, Real):
        return None
    told = _(
        "For m = {m} the ratio was measured: it is {expected:.6g}, and yours is {found:.6g}. Of each "
        "version, fixed + work · m has to give back both measurements."
    )
    return told.format(m=m, expected=expected, found=found)


@right_answer(
    "8.4",
    calls=lambda rng: list(_predictions(rng)),
    slips={
        N_("You drew a line through the ratios: the seconds grow along lines, and a ratio of lines is none."): (
            lambda few, many, m: _at(m, *((size, loop / matrix) for size, loop, matrix in (few, many)))
        ),
    },
    otherwise=_say_measured,
    hints=N_(
        "Take one version alone: two measurements, and two unknowns, fixed and work. What does the difference of its "
        "two times tell you?\n"
        "seconds = fixed + work · m. So work is the difference of the seconds divided by the difference of the sizes, "
        "and fixed is what is left of the seconds at either size. Then divide the loop's seconds at m by the matrix "
        "version's.\n"
        "With `(m1, *times1), (m2, *times2) = few, many`: `loop, matrix = (t1 + (t2 - t1) / (m2 - m1) * (m - m1) for "
        "t1, t2 in zip(times1, times2))`, then `return loop / matrix`."
    ),
    praise=N_(
        "That is it. As m grows, the fixed parts stop counting, and the ratio comes nearer and nearer to that of the "
        "two works: that is where the curve flattens."
    ),
)
def speed_up(few, many, m):
    return _at(m, few, many, 1) / _at(m, few, many, 2)
