"""The stopwatch of exercise 8.2: fair ways to measure, unfair ones, and the machines that are imagined for them."""

import itertools
import re

import numpy as np
import pytest

from bpteach.exercises import EXERCISES, check
from bpteach.exercises.stopwatch import Machine
from bpteach.publishing.lessons import NOTEBOOKS, read


def fair(
    slow, fast, gather, clock, rounds, *, warm="sf", order="sf", calls=1, untimed="", gather_late=False, one=False
):
    """Measure in turn; `warm` are the untimed calls before the first round, `untimed` those at the start of each.

    With `gather_late`, each of the two gets a batch of its own, gathered while no clock runs; with `one`, all rounds
    get the same.
    """
    functions, batch, ratios = {"s": slow, "f": fast}, gather(), []
    for name in warm:
        functions[name](batch)
    for _ in range(rounds):
        batch, seconds = batch if one else gather(), {}
        for name in untimed:
            functions[name](batch)
        for name in order:
            batch = gather() if gather_late else batch
            began = clock()
            for _ in range(calls):
                functions[name](batch)
            seconds[name] = seconds.get(name, 0) + (clock() - began) / order.count(name)
        ratios.append(seconds["s"] / seconds["f"])
    return ratios


def fair_in_either_order(slow, fast, gather, clock, rounds):
    """Let the two take turns in being first."""
    names, ratios = [("slow", slow), ("fast", fast)], []
    for i in range(rounds + 2):
        batch, seconds = gather(), {}
        for name, function in names[:: (-1) ** i]:
            began = clock()
            function(batch)
            seconds[name] = clock() - began
        ratios.append(seconds["slow"] / seconds["fast"])
    return np.array(ratios[2:])


def readings_of(slow, fast, clock, batches):
    """Time both on each batch; give the readings, three for each."""
    return [[clock(), slow(batch), clock(), fast(batch), clock()][::2] for batch in batches]


def divided(readings):
    return [(b - a) / (c - b) for a, b, c in readings]


def fair_with_batches_at_first(slow, fast, gather, clock, rounds):
    batches = [gather() for _ in range(rounds)]
    slow(batches[0]), fast(batches[0])
    return divided(readings_of(slow, fast, clock, batches))


def fair_without_the_first_round(slow, fast, gather, clock, rounds):
    return divided([readings_of(slow, fast, clock, [gather()])[0] for _ in range(rounds + 1)][1:])


def fair_with_few_calls_of_the_clock(slow, fast, gather, clock, rounds):
    """Take one reading where two calls meet, the gathering between the rounds included."""
    batch = gather()
    slow(batch), fast(batch)
    times = [clock()]
    for _ in range(rounds):
        batch = gather()
        times.append(clock())
        times += readings_of(slow, fast, clock, [batch])[0][1:]
    return divided(zip(times[1::3], times[2::3], times[3::3], strict=True))


def fair_like_side_by_side(slow, fast, gather, clock, rounds):
    """Call each so many times in a row that it takes 40 s, as `side_by_side` does."""

    def seconds(function, calls):
        began = clock()
        for _ in range(calls):
            function(batch)
        return (clock() - began) / calls

    batch = gather()
    seconds(slow, 1), seconds(fast, 1)
    calls = [round(40 / seconds(function, 1)) for function in (slow, fast)]
    return [seconds(slow, calls[0]) / seconds(fast, calls[1]) for _ in range(rounds)]


def fair_between_two(slow, fast, gather, clock, rounds):
    """Compare each fast with the mean of the slow before and the slow after it: S F S F S."""
    batch = gather()
    slow(batch), fast(batch)
    times = [clock()]
    for function in [slow, fast] * rounds + [slow]:
        function(batch)
        times.append(clock())
    seconds = np.diff(times)
    return (seconds[:-1:2] + seconds[2::2]) / 2 / seconds[1::2]


FAIR = {
    "a batch a round": fair,
    "one batch": lambda *a: fair(*a, one=True),
    "fast first": lambda *a: fair(*a, order="fs"),
    "either order": fair_in_either_order,
    "batches at first": fair_with_batches_at_first,
    "without the first round": fair_without_the_first_round,
    "few readings": fair_with_few_calls_of_the_clock,
    "five calls in a row": lambda *a: fair(*a, calls=5),
    "thirty calls in a row, fast first": lambda *a: fair(*a, calls=30, order="fs"),
    "side_by_side": fair_like_side_by_side,
    "slow between two fast": lambda *a: fair(*a, order="fsf"),
    "fast between two slow, one batch": lambda *a: fair(*a, order="sfs", one=True),
    "there and back": lambda *a: fair(*a, order="sffs"),
    "fast untimed in each round": lambda *a: fair(*a, untimed="f"),
    "a warm-up in each round": lambda *a: fair(*a, warm="", untimed="sf"),
    "neighbours": fair_between_two,
}


@pytest.mark.parametrize("function", FAIR.values(), ids=FAIR)
def test_fair_ratios(function):
    """Every fair way of measuring is accepted."""
    told = check("8.2", function)
    assert told.ok, told


@pytest.mark.parametrize("order", ["sf", "fs", "sffs"])
def test_any_warm_up_will_do(order):
    """However often the two are called before the first round, and in whatever order, the answer stays fair."""
    warm_ups = ["".join(names) for count in range(2, 6) for names in itertools.product("sf", repeat=count)]
    for warm in warm_ups:
        told = check("8.2", lambda *a, warm=warm: fair(*a, warm=warm, order=order))
        assert told.ok == ({*warm} == {*"sf"}), (warm, told)


def gathering(slow, fast, gather, clock, rounds, *, before=(True, False), warm=True):
    """Gather while the clock runs, before slow, before fast, or before both."""
    batch, ratios = gather(), []
    for function in (slow, fast) * warm:
        function(batch)
    for _ in range(rounds):
        seconds = []
        batch = gather()
        for function, is_late in zip((slow, fast), before, strict=True):
            began = clock()
            batch = gather() if is_late else batch
            function(batch)
            seconds.append(clock() - began)
        ratios.append(seconds[0] / seconds[1])
    return ratios


def gathering_now_and_then(slow, fast, gather, clock, rounds):
    batch, ratios = gather(), []
    slow(batch), fast(batch)
    for i in range(rounds):
        readings = [clock(), i % 3 or gather(), slow(batch), clock(), i % 3 == 1 and gather(), fast(batch), clock()]
        ratios += divided([readings[::3]])
    return ratios


def one_after_the_other(slow, fast, gather, clock, rounds, *, order=(0, 1), one=False, warm_at_first=False, parts=1):
    """Time all rounds of the one, then all of the other, or do so for one part of the rounds after the other."""
    batches = [gather()] * rounds if one else [gather() for _ in range(rounds)]
    times = [[], []]
    if warm_at_first:
        fast(batches[0]), slow(batches[0]), fast(batches[0])
    for part in np.array_split(batches, parts):
        for i in order:
            function = (slow, fast)[i]
            if not warm_at_first:
                function(part[0])
            readings = [(clock(), function(batch), clock()) for batch in part]
            times[i] += [ended - began for began, _, ended in readings]
    return np.divide(*times)


def times_of(slow, fast, gather, clock, rounds, *, one=False):
    """Measure fairly; give the seconds, not the ratios."""
    first = gather()
    slow(first), fast(first)
    readings = [readings_of(slow, fast, clock, [first if one else gather()])[0] for _ in range(rounds)]
    return np.diff(readings, axis=1).T


def combined(*a, combine=lambda slow, fast: slow / fast, one=False):
    return list(combine(*times_of(*a, one=one)) * np.ones(a[-1]))


def with_another_clock(slow, fast, gather, clock, rounds):
    ticks = itertools.count()
    return fair(slow, fast, gather, lambda: next(ticks) ** 2, rounds)


def from_one_start(slow, fast, gather, clock, rounds, *, first="s"):
    """Read the clock once before both, and take each time from there."""
    functions, batch, ratios = {"s": slow, "f": fast}, gather(), []
    slow(batch), fast(batch)
    for _ in range(rounds):
        began, seconds = clock(), {}
        for name in (first, "f" if first == "s" else "s"):
            functions[name](batch)
            seconds[name] = clock() - began
        ratios.append(seconds["s"] / seconds["f"])
    return ratios


def fast_timed_once(slow, fast, gather, clock, rounds):
    batch = gather()
    slow(batch), fast(batch)
    began = clock()
    fast(batch)
    seconds = clock() - began
    readings = [(clock(), slow(batch), clock()) for _ in range(rounds)]
    return [(ended - began) / seconds for began, _, ended in readings]


def unfair_ratios(*a):
    """Measure as the function that is to be mended does, as it stands in the lesson."""
    texts = [cell.source for cell in read(NOTEBOOKS / "08-measure-how-much-faster-it-is.ipynb").cells]
    names = {}
    exec(re.search(r"### 8.2.+?```python\n(.+?)```", "\n".join(texts), re.DOTALL)[1], names)
    return names["unfair_ratios"](*a)


def ratio_of_sums(slow, fast):
    return slow.sum() / fast.sum()


def running_ratio_of_sums(slow, fast):
    return slow.cumsum() / fast.cumsum()


def median_of_ratios(slow, fast):
    return np.median(slow / fast)


def by_the_mean(slow, fast):
    return slow / fast.mean()


def fair_on_some(result):
    """Measure fairly where gathering takes no time, and give something else where it does."""

    def once(slow, fast, gather, clock, rounds):
        began = clock()
        gather()
        return fair(slow, fast, gather, clock, rounds) if clock() == began else result

    return once


UNFAIR = [
    (unfair_ratios, "as unfair as `unfair_ratios`"),
    (lambda *a: fair(*a, warm=""), "your times of slow and fast hold it: call each of the two once, untimed"),
    (lambda *a: fair(*a, warm="", calls=5), "your times of slow and fast hold it"),
    (lambda *a: fair(*a, warm="s"), "your times of fast hold it"),
    (lambda *a: fair(*a, warm="ss", order="fs"), "your times of fast hold it"),
    (lambda *a: fair(*a, warm="f", one=True), "your times of slow hold it"),
    (lambda *a: fair(*a, warm="", untimed="f"), "your times of slow hold it"),
    (lambda *a: fair(*a, gather_late=True), "how much larger one batch is than the other"),
    (lambda *a: combined(*a, combine=by_the_mean), "how much larger one batch is than the other"),
    (gathering, "The gathering of the batch is in your times of slow:"),
    (lambda *a: gathering(*a, warm=False), "The gathering of the batch is in your times of slow:"),
    (lambda *a: gathering(*a, before=(False, True)), "The gathering of the batch is in your times of fast:"),
    (lambda *a: gathering(*a, before=(True, True)), "The gathering of the batch is in your times of slow and fast:"),
    (gathering_now_and_then, "The longer the gathering takes, the more your ratios are off"),
    *((fair_on_some(result), "The longer the gathering takes") for result in (None, [], "ratios", [1.0])),
    (lambda *a: one_after_the_other(*a, parts=2), "The machine gets slower from call to call"),
    (lambda *a: combined(*a, one=True, combine=by_the_mean), "The machine gets slower from call to call"),
    (with_another_clock, "You never read `clock()`"),
    (lambda *a: 1 / np.array(fair(*a)), "These are fast ÷ slow"),
    (lambda *a: combined(*a, combine=np.subtract), "That is a difference of seconds"),
    (from_one_start, "The time of fast holds both calls"),
    (lambda *a: from_one_start(*a, first="f"), "The time of slow holds both calls"),
    (lambda *a: [round(ratio, 2) for ratio in fair(*a)], "You round the ratios"),
    (lambda *a: fair(*a)[1:], "You return a list of 19: expected 20 ratios"),
    (lambda *a: fair(*a)[0], "expected a list of 20 ratios"),
    (lambda *a: np.array(fair(*a)[0]), "expected a list of 20 ratios"),
    (lambda *a: iter(fair(*a)), "expected a list of 20 ratios"),
    (lambda *a: ["3"] * a[-1], "other than numbers"),
    (lambda *a: np.ones((a[-1], 2)), "other than numbers"),
    (lambda *a: [2 * ratio for ratio in fair(*a)], "the first ratios of your function are 4.67, 4.67"),
    (one_after_the_other, "time them in turn, and divide only times"),
    (lambda *a: one_after_the_other(*a, order=(1, 0), one=True), "time them in turn, and divide only times"),
    (lambda *a: one_after_the_other(*a, warm_at_first=True), "time them in turn, and divide only times"),
    (fast_timed_once, "In 20 rounds you call slow 21 times and fast 2 times: "),
    (lambda *a: combined(*a, combine=ratio_of_sums), "gets into 20 of your 20 ratios"),
    (lambda *a: combined(*a, combine=median_of_ratios, one=True), "gets into 20 of your 20 ratios"),
    (lambda *a: combined(*a, combine=running_ratio_of_sums), "A single call of slow gets into 7 of your 20 ratios"),
]


@pytest.mark.parametrize(("function", "part"), UNFAIR)
def test_unfair_ratios(function, part):
    """Each way of being unfair is told by what gets into the ratios."""
    told = check("8.2", function)
    assert told.state == "wrong", told
    assert part in told.message
    assert told.hints == EXERCISES["8.2"].hints


def test_machine_without_trouble_keeps_its_times():
    """Gathering takes no time, all batches are alike, and each call takes as long as any other."""
    machine = Machine(6.0, 2.0)
    assert not machine.was_read
    assert np.allclose(
        np.diff(readings_of(machine.slow, machine.fast, machine.clock, [machine.gather() for _ in "abc"])), [6, 2]
    )
    assert machine.was_read
    assert machine.calls == ["slow", "fast"] * 3
    assert machine.work == 24


def test_each_trouble_of_the_machine():
    """A trouble changes what it says, and nothing else."""
    times = {}
    for name, value in {"gathering": 3.0, "growth": 0.5, "disturbed": {("fast", 1): 5.0}, "slowing": 0.25}.items():
        machine = Machine(6.0, 2.0, **{name: value})
        began = machine.clock()
        batches = [machine.gather(), machine.gather()]
        times[name] = [
            *np.diff(readings_of(machine.slow, machine.fast, machine.clock, batches)).ravel(),
            machine.clock() - began,
        ]
    assert times == {
        "gathering": [6, 2, 6, 2, 22],
        "growth": [6, 2, 9, 3, 20],
        "disturbed": [6, 2, 6, 7, 21],
        "slowing": [6, 5, 18, 9, 38],
    }
