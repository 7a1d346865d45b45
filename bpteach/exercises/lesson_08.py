"""The exercises of lesson 8: compare times fairly, count multiplications, and predict where the speed-up ends."""

import dataclasses
import functools
from itertools import count, groupby, pairwise
from numbers import Real
from statistics import median

import numpy as np

from bpteach.checks import name_of
from bpteach.exercises.base import exercise, judge_function
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.network import Network

WORDS = {
    # 8.1 take the median of the ratios
    "median right": "That is it. Each ratio is made within one round, so the rounds may be as different as they like.",
    "median hints": (
        "Two things happen: dividing, and looking for the middle. Which comes first?",
        "Only the two times of one round saw the same machine. So divide within each round, then take the median of "
        "the ratios: sort them; the one in the middle, or the mean of the two in the middle.",
        "`return np.median([slow / fast for slow, fast in seconds])`",
    ),
    "ratio of medians": "That is the ratio of the medians: the two medians may come from two different rounds, and the "
    "machine was another one in each. Divide first.",
    "ratio of sums": "That is the ratio of the sums (or of the means): the slowest rounds decide it. Divide within "
    "each round.",
    "mean of ratios": "That is the mean of the ratios: one disturbed round moves it. Take the median.",
    "upside down": "That is fast ÷ slow: the question is how many times longer slow takes.",
    "difference": "That is a difference of seconds: a ratio is asked for.",
    "not sorted": "That is the ratio of the round in the middle of the list: sort the ratios first.",
    "one of two": "With an even number of rounds two ratios stand in the middle: take the mean of both.",
    "best of each": "That is the ratio of the shortest times, which may come from two different rounds.",
    # 8.2 mend a stopwatch
    "fair right": "That is it: on a machine that slows down all the time, every round finds the same ratio.",
    "fair hints": (
        "Compare what happens to slow with what happens to fast: when each is called, on which batch, what stands "
        "between the two readings of the clock, and what the machine has done before the first reading.",
        "In each round: one batch, gathered while no clock runs; slow on it, timed; fast on it, timed. Before the "
        "first round, call each of the two once, untimed.",
        "`for _ in range(rounds): batch = gather(); began = clock(); slow(batch); between = clock(); fast(batch); "
        "ended = clock(); ratios.append((between - began) / (ended - between))`",
    ),
    "unfair": "This is still as unfair as `unfair_ratios`.",
    "one after the other": "First all rounds of slow, then all of fast: by then the machine has another speed. Time "
    "them in turn.",
    "gathering in slow": "The time of slow holds the gathering of its batch: gather before the clock is read.",
    "gathering in fast": "The time of fast holds the gathering of its batch: gather before the clock is read.",
    "gathering in both": "Both times hold the gathering. It is no part of either, and brings the ratio nearer to 1: "
    "gather before the clock is read.",
    "cold": "All rounds are right but the first: there slow and fast were called for the first time. Call each once, "
    "untimed, before the first round.",
    "other batch": "In a round, slow and fast get different batches: gather once, and give both the same.",
    "not as often": "You time slow {slow} times and fast {fast} times. The machine gets slower from call to call: to "
    "meet the same machine, each is to be timed once a round, one right after the other.",
    "no clock": "You never read `clock()`: your function must take the time from this clock, and from no other.",
    "too many": "You return {found} ratios: expected {expected}, one for each round.",
    "fair upside down": "These are fast ÷ slow: slow ÷ fast is asked for.",
    "not fair": "On a machine where slow takes {true:g} times as long as fast, whatever the batch, your function found "
    "{found}.",
    "no numbers": "What you return holds something other than numbers: expected a list of ratios.",
    "no list": "Your function returned {found}: expected a list of {expected} ratios.",
    # 8.3 count the multiplications
    "count right": "That is it. For [784, 30, 10] an example takes {forward:,} multiplications forward, {bp4:,} for "
    "BP4 and only {bp2:,} for BP2: the way back costs little more than the way forward.",
    "count hints": (
        "Take one matrix product, (n, k) times (k, p): how many numbers has the result, and how many products are "
        "added up for each? Then list the matrix products of `backprop_matrix`.",
        "`w @ A` in (25) for each layer, `w.T @ Delta` in BP2 for each layer but the first and the last, `Delta @ A.T` "
        "in BP4 for each layer after the input. Each of them takes n_l n_{l−1} m.",
        "`links = [n * n_in for n_in, n in zip(sizes[:-1], sizes[1:])]`, then `return m * (2 * sum(links) + "
        "sum(links[1:]))`",
    ),
    "BP2 into the input": "You send the error back into the input: BP2 stops at layer 2, so the first weights have no "
    "part in it.",
    "last for first": "BP2 uses all weights but the first, w²: you left out the last ones instead.",
    "BP4 without m": "In BP4 m stands inside the product, and is summed over: n_l n_{l−1} sums of m products each, so "
    "m counts here, too.",
    "no BP2": "BP2 is missing: the error goes back through the weights, too.",
    "forward only": "That is the forward pass alone.",
    "backward only": "That is the backward pass alone.",
    "no m": "That is one example: every matrix product has m times as many multiplications.",
    "additions": "That counts the additions as well: the exercise asks for the multiplications.",
    "squared m": "In BP4 the product sums over the examples: n_l n_{l−1} sums of m products each, m only once.",
    "neurons": "You counted one multiplication for each weight: every example needs its own.",
    # 8.4 say where the speed-up ends
    "predict right": "That is it. As m grows, the fixed parts stop counting, and the ratio comes nearer and nearer to "
    "that of the two works: that is where the curve flattens.",
    "predict hints": (
        "Take one version alone: two measurements, and two unknowns, fixed and work. What does the difference of its "
        "two times tell you?",
        "seconds = fixed + work · m. So work is the difference of the seconds divided by the difference of the sizes, "
        "and fixed is what is left of the seconds at either size. Then divide the loop's seconds at m by the matrix "
        "version's.",
        "With `(m1, *times1), (m2, *times2) = few, many`: `loop, matrix = (t1 + (t2 - t1) / (m2 - m1) * (m - m1) for "
        "t1, t2 in zip(times1, times2))`, then `return loop / matrix`.",
    ),
    "interpolated": "You drew a straight line through the two ratios: it is the seconds that grow along straight "
    "lines, and the ratio of two lines is no line.",
    "one at first": "You took the small mini-batch for one example, as in the task's numbers: its size is `few[0]`.",
    "no fixed": "You took all the time of the large mini-batch for work: it holds the fixed part once, as well.",
    "all fixed": "You took all the time of the small mini-batch for fixed: it holds the work of its examples, as well.",
    "loop not fixed": "Your loop has no fixed part: it fills arrays of zeros and takes its step once a mini-batch, "
    "too.",
    "ratio of few": "That is the ratio at the small mini-batch, whatever m is.",
    "ratio of many": "That is the ratio at the large mini-batch, whatever m is.",
    "limit": "That is where the ratio ends as m grows: for this m it is not there yet.",
    "predict upside down": "That is matrix ÷ loop: the question is how many times longer the loop takes.",
    "saved": "That is a difference of seconds: a ratio is asked for.",
}


@exercise("8.1")
def _(answer):
    slips = [
        (lambda seconds: _middle(seconds, 0) / _middle(seconds, 1), "ratio of medians"),
        (lambda seconds: sum(slow for slow, _ in seconds) / sum(fast for _, fast in seconds), "ratio of sums"),
        (lambda seconds: np.mean(_ratios(seconds)), "mean of ratios"),
        (lambda seconds: median(fast / slow for slow, fast in seconds), "upside down"),
        (lambda seconds: 1 / median(_ratios(seconds)), "upside down"),
        (lambda seconds: median(slow - fast for slow, fast in seconds), "difference"),
        (lambda seconds: _ratios(seconds)[len(seconds) // 2], "not sorted"),
        (lambda seconds: sorted(_ratios(seconds))[len(seconds) // 2], "one of two"),
        (lambda seconds: sorted(_ratios(seconds))[(len(seconds) - 1) // 2], "one of two"),
        (lambda seconds: min(slow for slow, _ in seconds) / min(fast for _, fast in seconds), "best of each"),
    ]
    calls = [
        ([(0.090, 0.010), (0.060, 0.020), (0.090, 0.030)],),  # ever slower, and one disturbance
        ([(3.0, 1.0), (8.0, 2.0), (1.5, 1.0), (9.0, 4.5), (0.7, 0.1), (2.0, 0.4)],),
        ([(0.5, 0.2)],),
    ]
    return judge_function(
        answer,
        lambda seconds: median(_ratios(seconds)),
        calls,
        slips=_told(slips),
        hints=WORDS["median hints"],
        message=WORDS["median right"],
    )


def _told(slips):
    return [(function, WORDS[sentence]) for function, sentence in slips]


def _ratios(seconds):
    return [slow / fast for slow, fast in seconds]


def _middle(seconds, index):
    return median(pair[index] for pair in seconds)


class Machine:
    """A machine that is only imagined, with a clock of its own: it slows down, and it has to warm up.

    Parameters
    ----------
    slow_work : float
        Seconds that `slow` takes at first for a batch of size 1.
    fast_work : float
        The same for `fast`.

    Attributes
    ----------
    was_read : bool
        Whether anybody has read the clock.
    timed : list of tuples
        The calls that stood alone between two readings of the clock: "slow" or "fast", the batch, whether it was the
        first call, and whether a batch was gathered between the same readings.
    """

    def __init__(self, slow_work, fast_work):
        self._works = {"slow": slow_work, "fast": fast_work}
        self._now = 100.0
        self._sizes = count(1)
        self._calls = []
        self._events = []  # since the clock was read
        self.was_read = False
        self.timed = []

    def clock(self):
        """Tell the time.

        Returns
        -------
        float
            Seconds.
        """
        calls = [event for event in self._events if event]
        if self.was_read and len(calls) == 1:
            self.timed.append((*calls[0], None in self._events))
        self._events, self.was_read = [], True
        return self._now

    def gather(self):
        """Make a mini-batch, which takes time. Each is larger than the one before.

        Returns
        -------
        float
            The batch: only its size matters.
        """
        self._now += 3.0 * self._pace()
        self._events.append(None)
        return 1 + 0.125 * next(self._sizes)

    def slow(self, batch):
        """Do the work in the slow way.

        Parameters
        ----------
        batch : float
            What `gather` gave.
        """
        self._work("slow", batch)

    def fast(self, batch):
        """Do the work in the fast way.

        Parameters
        ----------
        batch : float
            What `gather` gave.
        """
        self._work("fast", batch)

    def _work(self, name, batch):
        cold = name not in self._calls
        self._now += (self._works[name] * batch + 7.0 * cold) * self._pace()
        self._calls.append(name)
        self._events.append((name, batch, cold))

    def _pace(self):
        """Every second call, the machine gets slower."""
        return 1 + 0.25 * (len(self._calls) // 2)


@exercise("8.2")
def _(answer):
    measured = []
    found = judge_function(
        _on_machine(answer, measured),
        lambda slow_work, fast_work, rounds: [slow_work / fast_work] * rounds,
        [(6.0, 2.0, 5), (5.0, 4.0, 3)],
        hints=WORDS["fair hints"],
        message=WORDS["fair right"],
    )
    if found.state != "wrong" or found.mistake or all(result is None for *_, result in measured):
        return found
    faults = filter(None, (_unfairness(*one) for one in measured))
    return dataclasses.replace(found, message=next(faults, found.message))


def _on_machine(function, measured):
    """Let a function measure on an imaginary machine; `measured` gets the machine, its ratio, and what came out."""
    if not callable(function) or isinstance(function, type):
        return function

    @functools.wraps(function, updated=())
    def measure(slow_work, fast_work, rounds):
        machine = Machine(slow_work, fast_work)
        result = function(machine.slow, machine.fast, machine.gather, machine.clock, rounds)
        measured.append((machine, rounds, slow_work / fast_work, result))
        return result

    return measure


def _unfairness(machine, rounds, true, result):
    """Say what was unfair, by what was found and by what the machine saw; nothing if it was fair."""
    if not isinstance(result, list | tuple | np.ndarray):
        return WORDS["no list"].format(found=name_of(result), expected=rounds)
    if len(result) != rounds:
        return WORDS["too many"].format(found=len(result), expected=rounds)
    if not all(isinstance(ratio, Real) for ratio in result):
        return WORDS["no numbers"]
    if _all_near(result, true):
        return ""
    names = [name for name, *_ in machine.timed]
    if not machine.was_read:
        return WORDS["no clock"]
    gathering = {name for name, *_, gathered in machine.timed if gathered}
    slow, fast = ([call for call in machine.timed if call[0] == name] for name in ("slow", "fast"))
    is_cold = any(cold for _, _, cold, _ in machine.timed)
    if len(slow) > 1 and len(fast) > 1 and names in (sorted(names), sorted(names, reverse=True)):
        return WORDS["unfair" if is_cold and gathering == {"slow"} else "one after the other"]
    if gathering:
        return WORDS["gathering in both" if len(gathering) == 2 else f"gathering in {gathering.pop()}"]
    if _one_after_the_other(slow) != _one_after_the_other(fast):
        return WORDS["other batch"]
    if len(slow) != len(fast):
        return WORDS["not as often"].format(slow=len(slow), fast=len(fast))
    if _all_near(result, 1 / true):
        return WORDS["fair upside down"]
    if is_cold and _all_near(result[1:], true):
        return WORDS["cold"]
    return WORDS["not fair"].format(true=true, found=", ".join(f"{ratio:.3g}" for ratio in result))


def _one_after_the_other(calls):
    """List the batches of some calls; one that comes several times in a row is listed once."""
    return [batch for batch, _ in groupby(batch for _, batch, *_ in calls)]


def _all_near(ratios, ratio):
    return all(abs(one - ratio) < 1e-9 for one in ratios)


@exercise("8.3")
def _(answer):
    slips = [
        (lambda sizes, m: 3 * m * sum(_links(sizes)), "BP2 into the input"),
        (lambda sizes, m: 2 * m * sum(_links(sizes)), "no BP2"),
        (lambda sizes, m: m * (2 * sum(_links(sizes)) + sum(_links(sizes)[:-1])), "last for first"),
        (lambda sizes, m: m * (sum(_links(sizes)) + sum(_links(sizes)[1:])) + sum(_links(sizes)), "BP4 without m"),
        (lambda sizes, m: m * sum(_links(sizes)), "forward only"),
        (lambda sizes, m: m * (sum(_links(sizes)) + sum(_links(sizes)[1:])), "backward only"),
        (lambda sizes, m: sum(count_multiplications(sizes, 1).values()), "no m"),
        (lambda sizes, m: 2 * sum(count_multiplications(sizes, m).values()), "additions"),
        (lambda sizes, m: m * (sum(_links(sizes)) * (1 + m) + sum(_links(sizes)[1:])), "squared m"),
        (lambda sizes, m: sum(_links(sizes)), "neurons"),
    ]
    calls = [([4, 3, 2], 3), ([3, 2], 2), ([2, 3, 4, 2], 2), ([3, 3, 3, 3, 2], 4)]
    found = judge_function(
        answer,
        lambda sizes, m: sum(count_multiplications(sizes, m).values()),
        calls,
        slips=_told(slips),
        hints=WORDS["count hints"],
    )
    if found.ok:
        counts = count_multiplications([784, 30, 10], 1)
        return dataclasses.replace(found, message=WORDS["count right"].format(**counts))
    return found


def _links(sizes):
    return [n * n_in for n_in, n in pairwise(sizes)]


def count_multiplications(sizes, m):
    """Count the multiplications in the matrix products of the mini-batch at once, by doing them.

    Parameters
    ----------
    sizes : list of int
        Neurons in each layer, input first.
    m : int
        The mini-batch size.

    Returns
    -------
    dict of str to int
        How many there are in "forward", "bp2" and "bp4".
    """
    rng = np.random.default_rng(83)
    net = Network.random(sizes, rng)
    return backprop_by_loops(net, rng.random((sizes[0], m)), rng.random((sizes[-1], m)))[1]


def backprop_by_loops(net, X, Y):
    """Compute the gradients of a mini-batch, number by number, and count the multiplications of the matrix products.

    Parameters
    ----------
    net : Network
        The network; it is not changed.
    X : array, shape (n_1, m)
        The inputs, one column an example.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.

    Returns
    -------
    gradients : tuple of two lists of arrays
        As `backprop_matrix` gives them.
    counts : dict of str to int
        How many multiplications there are in "forward", "bp2" and "bp4".
    """
    counts = {"forward": 0, "bp2": 0, "bp4": 0}

    def _product(where, left, right):
        result = np.zeros((left.shape[0], right.shape[1]))
        for i, j, k in np.ndindex(*result.shape, left.shape[1]):
            result[i, j] += left[i, k] * right[k, j]
            counts[where] += 1
        return result

    Zs, activations = [], [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(_product("forward", w, activations[-1]) + b)  # (25)
        activations.append(sigmoid(Zs[-1]))
    Delta = (activations[-1] - Y) * sigmoid_prime(Zs[-1])  # BP1
    nabla_b, nabla_w = [], []
    for l in range(1, len(net.sizes)):
        if l > 1:
            Delta = _product("bp2", net.weights[-l + 1].T, Delta) * sigmoid_prime(Zs[-l])  # BP2
        nabla_b.insert(0, Delta.sum(axis=1, keepdims=True))  # BP3
        nabla_w.insert(0, _product("bp4", Delta, activations[-l - 1].T))  # BP4
    return (nabla_b, nabla_w), counts


@exercise("8.4")
def _(answer):
    slips = [
        (_interpolated_ratio, "interpolated"),
        (_ratio_on_a_line, "interpolated"),
        (lambda few, many, m: _speed_up((1, *few[1:]), many, m), "one at first"),
        (lambda few, many, m: _quotient(_line_from_one, few, many, m), "one at first"),
        (lambda few, many, m: _quotient(_line_fixed_from_one, few, many, m), "one at first"),
        (lambda few, many, m: _quotient(_line_without_fixed, few, many, m), "no fixed"),
        (lambda few, many, m: _quotient(_line_all_fixed, few, many, m), "all fixed"),
        (lambda few, many, m: _works(few, many)[0] * m / _seconds(few, many, m)[1], "loop not fixed"),
        (lambda few, many, m: few[1] / few[2], "ratio of few"),
        (lambda few, many, m: many[1] / many[2], "ratio of many"),
        (lambda few, many, m: _works(few, many)[0] / _works(few, many)[1], "limit"),
        (lambda few, many, m: 1 / _speed_up(few, many, m), "predict upside down"),
        (lambda few, many, m: _seconds(few, many, m)[0] - _seconds(few, many, m)[1], "saved"),
    ]
    calls = [
        (*((size, *(fixed + work * size for fixed, work in (loop, matrix))) for size in sizes), m)
        for loop, matrix, sizes, m in (
            ((120e-6, 95e-6), (90e-6, 4e-6), (4, 1000), 100),
            ((0.3, 0.2), (0.1, 0.01), (1, 500), 10),
            ((2.0, 9.0), (5.0, 3.0), (2, 8), 1),
        )
    ]
    return judge_function(
        answer, _speed_up, calls, slips=_told(slips), hints=WORDS["predict hints"], message=WORDS["predict right"]
    )


def _works(few, many):
    """Give the work of one example, in the loop and in the matrix version."""
    return [(many[i] - few[i]) / (many[0] - few[0]) for i in (1, 2)]


def _seconds(few, many, m):
    return [seconds + work * (m - few[0]) for seconds, work in zip(few[1:], _works(few, many), strict=True)]


def _speed_up(few, many, m):
    loop, matrix = _seconds(few, many, m)
    return loop / matrix


def _interpolated_ratio(few, many, m):
    return np.interp(m, [few[0], many[0]], [few[1] / few[2], many[1] / many[2]])


def _ratio_on_a_line(few, many, m):
    first, last = few[1] / few[2], many[1] / many[2]
    return first + (last - first) / (many[0] - few[0]) * (m - few[0])


def _quotient(line, few, many, m):
    """Divide what a (wrong) line gives for the loop by what it gives for the matrix version."""
    loop, matrix = (line((few[0], few[i]), (many[0], many[i]), m) for i in (1, 2))
    return loop / matrix


def _line_from_one(few, many, m):
    return few[1] + (many[1] - few[1]) / (many[0] - few[0]) * (m - 1)


def _line_fixed_from_one(few, many, m):
    return few[1] + (many[1] - few[1]) / (many[0] - 1) * (m - few[0])


def _line_without_fixed(few, many, m):
    work = many[1] / many[0]
    return few[1] + work * (m - few[0])


def _line_all_fixed(few, many, m):
    return few[1] + (many[1] - few[1]) / (many[0] - few[0]) * m
