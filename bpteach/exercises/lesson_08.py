"""The exercises of lesson 8: compare times fairly, count multiplications, and predict where the speed-up ends."""

import dataclasses
import functools
import math
from itertools import groupby, pairwise
from numbers import Real
from statistics import median

import numpy as np

from bpteach.arguments import name_of
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
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
    "sorted rounds": "You sorted the rounds by their seconds: sort the ratios.",
    "rounded": "You rounded the median: give it as it is.",
    "whole": "With // you lose what stands after the point: divide with /.",
    # 8.2 mend a stopwatch
    "fair right": "That is it. Gathering takes long, first calls do, batches differ, the machine gets slower: your "
    "ratios hardly notice.",
    "fair hints": (
        "Compare what happens to slow with what happens to fast: when each is called, on which batch, what stands "
        "between the two readings of the clock, and what the machine has done before the first reading.",
        "In each round: one batch, gathered while no clock runs; slow on it, timed; fast on it, timed. Before the "
        "first round, call each of the two once, untimed.",
        "`for _ in range(rounds): batch = gather(); began = clock(); slow(batch); between = clock(); fast(batch); "
        "ended = clock(); ratios.append((between - began) / (ended - between))`",
    ),
    "unfair": "This is still as unfair as `unfair_ratios`.",
    "no list": "What your function returned is {found}: expected a list of {expected} ratios.",
    "no numbers": "What you return holds something other than numbers: expected a list of ratios.",
    "too many": "You return a list of {found}: expected {expected} ratios, one for each round.",
    "no clock": "You never read `clock()`: your function must take the time from this clock, and from no other.",
    "fair upside down": "These are fast ÷ slow: slow ÷ fast is asked for.",
    "fast holds both": "You divide by the time of both: read the clock between them, and take the time of fast from "
    "there.",
    "slow holds both": "You divide the time of both: read the clock again between slow and fast.",
    "rounded ratios": "You round the ratios: give them as they are.",
    "not fair": "On a machine without any trouble, where slow always takes {slow:g} s and fast {fast:g} s, the first "
    "ratios of your function are {found}.",
    "gathering in slow": "The time of slow holds the gathering of its batch: gather before the clock is read.",
    "gathering in fast": "The time of fast holds the gathering of its batch: gather before the clock is read.",
    "gathering in both": "Both times hold the gathering. It is no part of either, and brings the ratio nearer to 1: "
    "gather before the clock is read.",
    "gathering": "The longer the gathering takes, the more your ratios are off: gather before the clock is read.",
    "other batch": "Your ratios depend on how much larger one batch is than the other: gather once a round, give slow "
    "and fast the same batch, and divide the two times of one round.",
    "cold both": "The first call of each takes longer, and is in your times: call each of the two once, untimed, "
    "before the first round.",
    "cold slow": "The first call of slow takes longer, and is in your times: call slow once, untimed, before the first "
    "round.",
    "cold fast": "The first call of fast takes longer, and is in your times: call fast once, untimed, before the first "
    "round.",
    "not as often": "In {rounds} rounds you call slow {slow} times and fast {fast} times. The machine gets slower: to "
    "meet the same machine, each is to be timed in every round, one right after the other.",
    "one after the other": "First all rounds of {first}, then all of {last}: by then the machine has another speed. "
    "Time them in turn.",
    "slowing": "From the first call to the last the machine gets slower, and that gets into your ratios: divide only "
    "times that were taken one right after the other.",
    "one number": "Your {rounds} ratios are all the same number, although no two rounds were alike: make each ratio "
    "of the two times of its own round.",
    "means": "One call of {name} was disturbed, and {count} of your {rounds} ratios are off: make each ratio of the "
    "two times of its own round.",
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
    "beside the products": "Beside the matrix products you count something for each neuron, such as its bias or its "
    "part of ⊙: a bias is added, and ⊙ is done entry by entry. Leave both out.",
    "last layer": "You leave out the last layer's weights: a loop over `range(1, len(sizes) - 1)` ends before them.",
    "BP4 without the first": "Your BP4 leaves out the first weights: every layer after the input has its gradient.",
    "BP2 through the last": "Your BP2 uses the last weights only: it uses all but the first, w².",
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
    "same fixed": "You gave both versions the same fixed part: each has its own, what is left of its own seconds.",
    "added": "You added the work of the small mini-batch to its seconds: subtract it, and what is left is fixed.",
    "many alone": "You divided the difference of the seconds by the large size: it is the work of `many[0] - few[0]` "
    "examples.",
    "seconds alone": "These are the seconds of one version: a ratio is asked for.",
}

# What the imaginary machines of 8.2 do.
LONG = 1e6  # seconds, beside which all others are nothing
TOLERANCE = 0.1  # of a ratio, on a machine that slows down
NEIGHBOURS = 2  # ratios that may share a call


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
        (lambda seconds: _ratios(sorted(seconds))[len(seconds) // 2], "sorted rounds"),
        (lambda seconds: _ratios(sorted(seconds))[(len(seconds) - 1) // 2], "sorted rounds"),
        *((lambda seconds, digits=digits: round(median(_ratios(seconds)), digits), "rounded") for digits in range(5)),
        (lambda seconds: median(slow // fast for slow, fast in seconds), "whole"),
    ]
    calls = [  # short enough to be shown
        ([(90, 10), (60, 20), (90, 30)],),  # on paper: ever slower, and one disturbance
        ([(10, 3), (4, 2), (9, 1)],),
        ([(3, 1), (8, 2), (3, 2), (9, 4)],),
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
    """A machine that is only imagined, with a clock of its own, and with no trouble but those asked for.

    Parameters
    ----------
    slow_seconds : float
        Seconds that `slow` takes for the first batch.
    fast_seconds : float
        The same for `fast`.
    gathering : float
        Seconds that `gather` takes.
    growth : float
        By how much each batch is larger than the one before, as a share of the first.
    disturbed : dict of (str, int) to float
        Seconds that a call takes besides, by its name ("slow" or "fast") and number, from 0.
    slowing : float
        By how much each second of work slows the machine, as a share of its speed at first.

    Attributes
    ----------
    was_read : bool
        Whether anybody has read the clock.
    calls : list of str
        The calls, "slow" or "fast", in their order.
    work : float
        Seconds that they would have taken if the machine had not slowed down.
    """

    def __init__(self, slow_seconds, fast_seconds, *, gathering=0.0, growth=0.0, disturbed=None, slowing=0.0):
        self._seconds = {"slow": slow_seconds, "fast": fast_seconds}
        self._gathering, self._growth, self._slowing = gathering, growth, slowing
        self._disturbed = disturbed or {}
        self._gathered = 0
        self._now = 100.0
        self.was_read, self.calls, self.work = False, [], 0.0

    def clock(self):
        """Tell the time.

        Returns
        -------
        float
            Seconds.
        """
        self.was_read = True
        return self._now

    def gather(self):
        """Make a mini-batch.

        Returns
        -------
        float
            The batch: only its size matters.
        """
        self._now += self._gathering
        self._gathered += 1
        return 1 + self._growth * (self._gathered - 1)

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
        seconds = self._seconds[name] * batch
        besides = self._disturbed.get((name, self.calls.count(name)), 0.0)
        self._now += seconds * (1 + self._slowing * self.work) + besides
        self.calls.append(name)
        self.work += seconds


@exercise("8.2")
def _(answer):
    faults = []
    found = judge_function(
        _on_machines(answer, faults),
        lambda slow_seconds, fast_seconds, rounds: [slow_seconds / fast_seconds] * rounds,
        [(7.0, 3.0, 20), (5.0, 4.0, 24)],
        hints=WORDS["fair hints"],
        message=WORDS["fair right"],
    )
    if found.state != "wrong" or found.mistake or not any(faults):
        return found
    return dataclasses.replace(found, message=next(filter(None, faults)))


def _on_machines(function, faults):
    """Let a function measure on one imaginary machine after the other; `faults` gets what is unfair about it, or ""."""
    if not callable(function) or isinstance(function, type):
        return function

    @functools.wraps(function, updated=())
    def measure(slow_seconds, fast_seconds, rounds):
        def run(**troubles):
            machine = Machine(slow_seconds, fast_seconds, **troubles)
            return machine, function(machine.slow, machine.fast, machine.gather, machine.clock, rounds)

        machine, result = run()
        if result is None:
            return None
        fault = _fault_without_trouble(machine, result, slow_seconds, fast_seconds, rounds)
        if fault:
            faults.append(fault)
            return result
        faults.append(_fault_in_trouble(run, machine, slow_seconds / fast_seconds, rounds))
        return [] if faults[-1] else [slow_seconds / fast_seconds] * rounds

    return measure


def _fault_without_trouble(machine, result, slow, fast, rounds):
    """Say what is wrong with the ratios that were found on a machine without trouble."""
    if not isinstance(result, list | tuple | np.ndarray) or getattr(result, "ndim", 1) == 0:
        return WORDS["no list"].format(found=name_of(result), expected=rounds)
    if not all(isinstance(ratio, Real) for ratio in result):
        return WORDS["no numbers"]
    if not machine.was_read:
        return WORDS["no clock"]
    if len(result) != rounds:
        return WORDS["too many"].format(found=len(result), expected=rounds)
    if not _off(result, slow / fast):
        return ""
    slips = {
        "fair upside down": fast / slow,
        "fast holds both": slow / (slow + fast),
        "slow holds both": (slow + fast) / fast,
        "difference": slow - fast,
    }
    for word, value in slips.items():
        if not _off(result, value):
            return WORDS[word]
    if any(not _off(result, round(slow / fast, digits)) for digits in range(5)):
        return WORDS["rounded ratios"]
    return WORDS["not fair"].format(slow=slow, fast=fast, found=", ".join(f"{ratio:.3g}" for ratio in result[:5]))


def _off(ratios, true, tolerance=1e-6):
    """List the ratios that are not the true one."""
    return [ratio for ratio in ratios if not abs(ratio - true) <= tolerance * true]


def _fault_in_trouble(run, untroubled, true, rounds):
    """Say what gets into the ratios; nothing if the function is fair.

    Each machine has one trouble alone. Whatever is off on it is off because of this trouble.
    """
    counts = {name: untroubled.calls.count(name) for name in ("slow", "fast")}

    def ratios(**troubles):
        result = run(**troubles)[1]
        is_usual = isinstance(result, list | tuple | np.ndarray) and len(result) == rounds
        return result if is_usual else [math.nan] * rounds

    gathering = _off(ratios(gathering=LONG), true)
    cold = [name for name in counts if _off(ratios(disturbed={(name, 0): 7.0}), true)]
    batches = _off(ratios(growth=0.125), true)
    slowing = ratios(slowing=1 / (untroubled.work or 1))
    late = _off(slowing, true, TOLERANCE)
    if gathering:
        word = _side(gathering)
        is_untouched = word == "gathering in slow" and len(cold) == 2 and batches and late
        return WORDS["unfair" if is_untouched else word]
    if batches:
        return WORDS["other batch"]
    if cold:
        return WORDS["cold both" if len(cold) == 2 else f"cold {cold[0]}"]
    if late:
        return _say_late(untroubled.calls, rounds, counts)
    if not _off(slowing, slowing[0]):
        return WORDS["one number"].format(rounds=rounds)
    for name, count in counts.items():
        moved = _off(ratios(disturbed={(name, 2 * count // 3): LONG}), true, TOLERANCE)
        if len(moved) > NEIGHBOURS:
            return WORDS["means"].format(name=name, count=len(moved), rounds=rounds)
    return ""


def _side(ratios):
    """Say in which time the gathering is, from ratios that are off because it takes very long."""
    if min(ratios) > 1000:
        return "gathering in slow"
    if max(ratios) < 0.001:
        return "gathering in fast"
    return "gathering in both" if max(ratios) < 1.001 and min(ratios) > 0.999 else "gathering"


def _say_late(calls, rounds, counts):
    """Say why a machine that slows down gets into the ratios, from the order of the calls."""
    if min(counts.values()) < rounds:
        return WORDS["not as often"].format(rounds=rounds, **counts)
    runs = [(name, len(list(group))) for name, group in groupby(calls)]
    (first, many), (last, as_many) = runs[-2:]
    if min(many, as_many) >= rounds:
        return WORDS["one after the other"].format(first=first, last=last)
    return WORDS["slowing"]


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
        (lambda sizes, m: m * (sum(_links(sizes)) + 2 * sum(_links(sizes)[1:])), "BP4 without the first"),
        (lambda sizes, m: m * (2 * sum(_links(sizes)) + _links(sizes)[-1]), "BP2 through the last"),
        (lambda sizes, m: m * (2 * sum(_links(sizes)) + sum(_links(sizes)[1:][-1:])), "BP2 through the last"),
        (lambda sizes, m: m * (2 * sum(_links(sizes)[:-1]) + sum(_links(sizes)[1:-1])), "last layer"),
        *((lambda sizes, m, times=times: times * m * sum(_links(sizes)[:-1]), "last layer") for times in (2, 3)),
        *((_with_neurons(*counts), "beside the products") for counts in ((1, 0), (0, 1), (1, 1), (0, 2), (1, 2))),
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


def _with_neurons(hidden, after_input):
    """Count the multiplications, and some more for each hidden neuron, and for each after the input."""

    def count(sizes, m):
        neurons = hidden * sum(sizes[1:-1]) + after_input * sum(sizes[1:])
        return sum(count_multiplications(sizes, m).values()) + m * neurons

    return count


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
        (_ratio_on_a_line_of_logarithms, "interpolated"),
        (lambda few, many, m: _quotient_of_one_fixed(few, many, m, 0), "same fixed"),
        (lambda few, many, m: _quotient_of_one_fixed(few, many, m, 1), "same fixed"),
        (lambda few, many, m: _quotient(_line_with_work_added, few, many, m), "added"),
        (lambda few, many, m: _quotient(_line_with_work_of_many, few, many, m), "many alone"),
        (lambda few, many, m: _quotient(_line_from_many, few, many, m), "many alone"),
        (lambda few, many, m: _seconds(few, many, m)[0], "seconds alone"),
        (lambda few, many, m: _seconds(few, many, m)[1], "seconds alone"),
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


def _ratio_on_a_line_of_logarithms(few, many, m):
    return _ratio_on_a_line(*((np.log(size), *seconds) for size, *seconds in (few, many)), np.log(m))


def _quotient_of_one_fixed(few, many, m, index):
    """Give both versions the fixed part of one of them: of the loop (0), or of the matrix version (1)."""
    fixed, works = _seconds(few, many, 0)[index], _works(few, many)
    return (fixed + works[0] * m) / (fixed + works[1] * m)


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


def _line_with_work_added(few, many, m):
    return few[1] + (many[1] - few[1]) / (many[0] - few[0]) * (few[0] + m)


def _line_with_work_of_many(few, many, m):
    return few[1] + (many[1] - few[1]) / many[0] * (m - few[0])


def _line_from_many(few, many, m):
    return many[1] + (many[1] - few[1]) / many[0] * (m - many[0])
