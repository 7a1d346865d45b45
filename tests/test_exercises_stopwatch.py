"""The stopwatch of exercise 8.2: fair ways to measure, unfair ones, and the machines that are imagined for them."""

import itertools
import re

import numpy as np
import pytest

from bpteach.exercises import EXERCISES
from bpteach.exercises.stopwatch import Machine
from bpteach.publishing.lessons import NOTEBOOKS, read
from conftest import ask, tag_of
from learners import Register


def fair(slow, fast, gather, clock, rounds, *, warm="sf", order="sf", calls=1, untimed="", late=False, one=False):
    """Measure in turn; `warm` are untimed calls before the first round, `untimed` those at the start of each.

    With `late`, each of the two gets a batch of its own, gathered while no clock runs; with `one`, all rounds the same.
    """
    functions, batch, ratios = {"s": slow, "f": fast}, gather(), []
    for name in warm:
        functions[name](batch)
    for _ in range(rounds):
        batch, seconds = batch if one else gather(), {}
        for name in untimed:
            functions[name](batch)
        for name in order:
            batch = gather() if late else batch
            began = clock()
            for _ in range(calls):
                functions[name](batch)
            seconds[name] = seconds.get(name, 0) + (clock() - began) / order.count(name)
        ratios.append(seconds["s"] / seconds["f"])
    return ratios


def readings_of(slow, fast, clock, batches):
    return [[clock(), slow(batch), clock(), fast(batch), clock()][::2] for batch in batches]


WAYS = Register("judge_stopwatch", "slow, fast, gather, clock, rounds")
WAYS.read(
    """
== right ==
in_turn | one round after the other
    first, ratios = gather(), []
    slow(first), fast(first)
    for i in range(rounds):
        batch = gather()
        a = clock()
        slow(batch)
        b = clock()
        fast(batch)
        c = clock()
        ratios.append((b - a) / (c - b))
    return ratios
batches_at_first | all are gathered before the first round | in_turn: batch = gather() →
    i in range(rounds) → batch in [gather() for _ in range(rounds)]
without_the_first_round | no call is untimed | in_turn: slow(first), fast(first) →
    range(rounds) → range(rounds + 1) && return ratios → return ratios[1:]
in_either_order | the two take turns in being first
    names, ratios = [("slow", slow), ("fast", fast)], []
    for i in range(rounds + 2):
        batch, seconds = gather(), {}
        for name, function in names[:: (-1) ** i]:
            began = clock()
            function(batch)
            seconds[name] = clock() - began
        ratios.append(seconds["slow"] / seconds["fast"])
    return np.array(ratios[2:])
few_readings | one reading where two calls meet, the gathering between the rounds included
    batch = gather()
    slow(batch), fast(batch)
    times = [clock()]
    for _ in range(rounds):
        batch = gather()
        times.append(clock())
        times += readings_of(slow, fast, clock, [batch])[0][1:]
    return [(b - a) / (c - b) for a, b, c in zip(times[1::3], times[2::3], times[3::3], strict=True)]
side_by_side | each is called so many times in a row that it takes 40 s, as by `side_by_side`
    def seconds(function, calls):
        began = clock()
        for _ in range(calls):
            function(batch)
        return (clock() - began) / calls
    batch = gather()
    seconds(slow, 1), seconds(fast, 1)
    calls = [round(40 / seconds(function, 1)) for function in (slow, fast)]
    return [seconds(slow, calls[0]) / seconds(fast, calls[1]) for _ in range(rounds)]
neighbours | each fast is compared with the mean of the slow before and the slow after it: S F S F S
    batch = gather()
    slow(batch), fast(batch)
    times = [clock()]
    for function in [slow, fast] * rounds + [slow]:
        function(batch)
        times.append(clock())
    seconds = np.diff(times)
    return (seconds[:-1:2] + seconds[2::2]) / 2 / seconds[1::2]
== other ==
gathers_before_slow | The gathering of the batches is in your times
    in_turn: a = clock() → a = clock() ¶ batch = gather()
gathers_before_fast | The gathering of the batches is in your times
    in_turn: b = clock() → b = clock() ¶ batch = gather()
another_clock | each ratio is 2.33333. Yours begin with 0.333333 | in_turn: clock() → next(ticks) ** 2
    ratios = gather(), [] → ratios, ticks = gather(), [], itertools.count()
from_one_start | each ratio is 2.33333. Yours begin with 0.7, 0.7 | in_turn: (c - b) → (c - a)
rounded | Yours begin with 2.33, 2.33 | in_turn: return ratios → return [round(ratio, 2) for ratio in ratios]
one_too_few | is a list of 19: expected a list of 20 ratios | in_turn: return ratios → return ratios[1:]
an_iterator | expected a list of 20 ratios | in_turn: return ratios → return iter(ratios)
fast_timed_once | In 20 rounds you call slow 21 times and fast 2 times:
    batch = gather()
    slow(batch), fast(batch)
    began = clock()
    fast(batch)
    seconds = clock() - began
    readings = [(clock(), slow(batch), clock()) for _ in range(rounds)]
    return [(ended - began) / seconds for began, _, ended in readings]
""",
    globals(),
)


FAIR = {
    "slow between two fast": lambda *a: fair(*a, order="fsf"),
    "fast between two slow, one batch": lambda *a: fair(*a, order="sfs", one=True),
    "fast untimed in each round": lambda *a: fair(*a, untimed="f"),
    "a warm-up in each round": lambda *a: fair(*a, warm="", untimed="sf"),
} | {way.style: way.function for way in WAYS.learners if way.kind == "right"}


@pytest.mark.parametrize("function", FAIR.values(), ids=FAIR)
def test_fair_ratios(function):
    told = ask("judge_stopwatch", function)
    assert told.ok, told


@pytest.mark.parametrize("order", ["sf", "fs", "sffs"])
def test_any_warm_up_will_do(order):
    warm_ups = ["".join(names) for count in range(2, 6) for names in itertools.product("sf", repeat=count)]
    for warm in warm_ups:
        told = ask("judge_stopwatch", lambda *a, warm=warm: fair(*a, warm=warm, order=order))
        assert told.ok == ({*warm} == {*"sf"}), (warm, told)


def one_after_the_other(slow, fast, gather, clock, rounds, *, parts=1):
    """Time all rounds of the one, then all of the other, or do so for one part of the rounds after the other."""
    times = [[], []]
    for part in np.array_split([gather() for _ in range(rounds)], parts):
        for i, function in enumerate((slow, fast)):
            function(part[0])
            readings = [(clock(), function(batch), clock()) for batch in part]
            times[i] += [ended - began for began, _, ended in readings]
    return np.divide(*times)


def combined(slow, fast, gather, clock, rounds, *, combine, one=False):
    first = gather()
    slow(first), fast(first)
    readings = [readings_of(slow, fast, clock, [first if one else gather()])[0] for _ in range(rounds)]
    return list(combine(*np.diff(readings, axis=1).T) * np.ones(rounds))


def unfair_ratios(*a):
    """Measure as the function that is to be mended does, as it stands in the lesson."""
    texts = [cell.source for cell in read(NOTEBOOKS / "08-measure-how-much-faster-it-is.ipynb").cells]
    names = {}
    exec(re.search(r"### 8.2.+?```python\n(.+?)```", "\n".join(texts), re.DOTALL)[1], names)
    return names["unfair_ratios"](*a)


def fair_on_some(result):
    """Measure fairly where gathering takes no time, and give something else where it does."""

    def once(slow, fast, gather, clock, rounds):
        began = clock()
        gather()
        return fair(slow, fast, gather, clock, rounds) if clock() == began else result

    return once


UNFAIR = [
    (unfair_ratios, "The gathering of the batches"),
    (lambda *a: fair(*a, warm=""), "your times hold it: call each of the two once, untimed"),
    (lambda *a: fair(*a, warm="ss", order="fs"), "your times hold it"),
    (lambda *a: fair(*a, late=True), "One batch is larger than the other"),
    (lambda *a: combined(*a, combine=lambda s, f: s / f.mean()), "One batch is larger than the other"),
    *((fair_on_some(result), "The gathering of the batches") for result in (None, [], "ratios", [1.0])),
    (lambda *a: one_after_the_other(*a, parts=2), "The machine gets slower from call to call"),
    (lambda *a: combined(*a, one=True, combine=lambda s, f: s / f.mean()), "The machine gets slower from call to call"),
    (lambda *a: 1 / np.array(fair(*a)), "each ratio is 2.33333. Yours begin with 0.428571, 0.428571"),
    (lambda *a: ["3"] * a[-1], "expected a list of 20 ratios"),
    (lambda *a: np.ones((a[-1], 2)), "expected a list of 20 ratios"),
    (one_after_the_other, "time them in turn, and divide only times"),
    (lambda *a: combined(*a, combine=lambda s, f: s.sum() / f.sum()), "gets into 20 of your 20 ratios"),
    (lambda *a: combined(*a, one=True, combine=lambda s, f: np.median(s / f)), "gets into 20 of your 20 ratios"),
    (lambda *a: combined(*a, combine=lambda s, f: s.cumsum() / f.cumsum()), "slow gets into 7 of your 20 ratios"),
    *((way.function, way.style) for way in WAYS.learners if way.kind == "other"),
]


@pytest.mark.parametrize(("function", "part"), UNFAIR)
def test_unfair_ratios(function, part):
    told = ask("judge_stopwatch", function)
    assert told.state == "wrong", told
    assert part in told.message
    assert told.hints == EXERCISES[tag_of("judge_stopwatch")].hints


def test_each_trouble_of_the_machine_changes_what_it_says_and_nothing_else():
    times = {}
    troubles = {"": {}} | {"gathering": 3.0, "growth": 0.5, "disturbed": {("fast", 1): 5.0}, "slowing": 0.25}
    for name, value in troubles.items():
        machine = Machine(6.0, 2.0, **{name: value} if name else {})
        began = machine.clock()
        batches = [machine.gather(), machine.gather()]
        times[name] = [
            *np.diff(readings_of(machine.slow, machine.fast, machine.clock, batches)).ravel(),
            machine.clock() - began,
        ]
    assert times == {
        "": [6, 2, 6, 2, 16],
        "gathering": [6, 2, 6, 2, 22],
        "growth": [6, 2, 9, 3, 20],
        "disturbed": [6, 2, 6, 7, 21],
        "slowing": [6, 5, 18, 9, 38],
    }
