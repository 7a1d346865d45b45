"""The learners' functions are what they are said to be: measured here, without the diagnosis."""

import inspect
from dataclasses import replace
from functools import cache, cached_property
from itertools import combinations

import numpy as np
import pytest

from bpteach import Network, numerical_gradient
from bpteach.diagnosis import CATALOGUE, faulty
from learners_backprop import BACKPROP
from learners_matrix import MATRIX
from learners_update import UPDATE, by_matrix
from strategies import textbook_cost

LEARNERS = [*BACKPROP.learners, *MATRIX.learners, *UPDATE.learners]
ETA = 0.5


def of_kind(*kinds):
    return pytest.mark.parametrize(
        "learner", [learner for learner in LEARNERS if learner.kind in kinds], ids=lambda learner: learner.id
    )


class Probe:
    """A network, a mini-batch, and their gradients by the complex step: none of the package's functions has a say."""

    def __init__(self, seed, m, sizes=(4, 4, 4, 4), net=None):
        rng = np.random.default_rng(seed)
        self.m, self.net = m, Network.random(list(sizes), rng)
        self.X, self.Y = rng.random((sizes[0], m)), rng.random((sizes[-1], m))
        self.net = net or self.net

    @cached_property
    def gradient(self):
        return numerical_gradient(textbook_cost(self.X, self.Y), self.net)

    @cached_property
    def gradient_of_last(self):
        return numerical_gradient(textbook_cost(self.X[:, -1:], self.Y[:, -1:]), self.net)


@cache
def probe_of(seed, m, sizes=(4, 4, 4, 4)):
    return Probe(seed, m, sizes)


class Run:
    """A function run on copies: what it found (for a step: the gradient that it followed), and if it changed more.

    With `net` it runs on this very network, as a second call.
    """

    def __init__(self, function, check, probe, eta=ETA, net=None):
        self.function, self.check, self.probe, self.right = function, check, probe, probe.gradient
        self.net, self.X, self.Y = net or probe.net.copy(), probe.X.copy(), probe.Y.copy()
        self.changed = False
        if check == "update":
            self.found = self._step(eta)
        else:
            self.found = function(self.net, self.X, self.Y)
            self.changed = not same(parts(self.net), parts(probe.net))
        self.changed |= not same((self.X, self.Y), (probe.X, probe.Y))

    def _step(self, eta):
        before = parts(self.net.copy())
        needed = [p for p in inspect.signature(self.function).parameters.values() if p.default is p.empty]
        if len(needed) == 3:
            pairs = [(self.X[:, [i]].copy(), self.Y[:, [i]].copy()) for i in range(self.probe.m)]
            given = list(pairs)
            self.function(self.net, given, eta)
            self.changed = [id(pair) for pair in given] != [id(pair) for pair in pairs]
            self.X, self.Y = np.hstack([x for x, _y in pairs]), np.hstack([y for _x, y in pairs])
        else:
            self.function(self.net, self.X, self.Y, eta)
        steps = [
            (old - new) / (eta / self.probe.m) if new.shape == old.shape else new
            for old, new in zip(before, parts(self.net), strict=True)
        ]
        return steps[: len(steps) // 2], steps[len(steps) // 2 :]

    @property
    def b(self):
        return [look(*pair) for pair in zip(self.found[0], self.right[0], strict=True)]

    @property
    def w(self):
        return [look(*pair) for pair in zip(self.found[1], self.right[1], strict=True)]

    def gives(self, right, of_b=1, of_w=1):
        right = [[of_b * b for b in right[0]], [of_w * w for w in right[1]]]
        halves = zip(self.found, right, strict=True)
        return all(look(*pair) == "exact" for half in halves for pair in zip(*half, strict=True))


def parts(net):
    return [*net.biases, *net.weights]


def same(arrays, others):
    return len(arrays) == len(others) and all(map(np.array_equal, arrays, others))


def look(found, right):
    if np.shape(found) != right.shape:
        return "shape"
    error = np.linalg.norm(found - right) / np.linalg.norm(right)
    if error < 1e-9:
        return "exact"
    return "wrong" if np.any(found) else "zero"


def right_for_one(run):
    single = Run(run.function, run.check, probe_of(5, 1))
    return single.gives(single.right) and not run.gives(run.right)


def second_is_the_sum(run):
    second = Probe(6, run.probe.m, net=run.net.copy())
    total = [[p + q for p, q in zip(*pair, strict=True)] for pair in zip(run.right, second.gradient, strict=True)]
    return run.gives(run.right) and Run(run.function, run.check, second, net=run.net).gives(total)


def memory_of_the_last_call(run):
    halves = zip(run.found, run.function(run.net, run.X, run.Y), strict=True)
    return run.gives(run.right) and all(np.shares_memory(*pair) for half in halves for pair in zip(*half, strict=True))


def less_with_eta(run):
    smaller = Run(run.function, run.check, run.probe, ETA / 10)
    far, near = (np.linalg.norm(one.found[1][0] - one.right[1][0]) for one in (run, smaller))
    return {run.b[-1], run.w[-1]} == {"exact"} and {*run.b[:-1], *run.w[:-1]} == {"wrong"} and 5 < far / near < 20


def views_of_one(run):
    owners = [array.base for half in run.found for array in half]
    return run.gives(run.right) and any(p is q for p, q in combinations(owners, 2))


def rank_one(run):
    ranks = {np.linalg.matrix_rank(array, tol=1e-12) for array in run.found[1]}
    return set(run.b) == {"exact"} and "exact" not in run.w and ranks == {1}


def one_fewer(run):
    run.found = [[array for array in half if array is not None] for half in run.found]
    return run.gives([half[1:] for half in run.right])


# what a function may show: a word, and whether a run shows it
SEEN = {
    "right": lambda run: run.gives(run.right),
    "right for m = 1": right_for_one,
    "second is the sum": second_is_the_sum,
    "memory": memory_of_the_last_call,
    "views of one": views_of_one,
    "less with eta": less_with_eta,
    "arguments": lambda run: run.changed and run.gives(run.right),
    "fewer": one_fewer,
    "none": one_fewer,
    "last column": lambda run: run.gives(run.probe.gradient_of_last),
    "times -1": lambda run: run.gives(run.right, -1, -1),
    "times 2": lambda run: run.gives(run.right, 2, 2),
    "times 1/m": lambda run: run.gives(run.right, 1 / run.probe.m, 1 / run.probe.m),
    "times m": lambda run: run.gives(run.right, run.probe.m, run.probe.m),
    "biases times 1/m": lambda run: run.gives(run.right, 1 / run.probe.m, 1),
    "weights times m": lambda run: run.gives(run.right, 1, run.probe.m),
    "rank one": rank_one,
    "rank one of means": rank_one,
    "all wrong": lambda run: "exact" not in run.b + run.w,
    "last exact": lambda run: (run.b[-1], run.w[-1]) == ("exact", "exact") and "exact" not in run.b[:-1] + run.w[:-1],
    "last two exact": lambda run: {*run.b[-2:], *run.w[-2:]} == {"exact"} and {*run.b[:-2], *run.w[:-2]} == {"wrong"},
    "biases exact": lambda run: set(run.b) == {"exact"} and "exact" not in run.w,
    "weights exact": lambda run: set(run.w) == {"exact"} and "exact" not in run.b,
    "hidden weights": lambda run: {*run.b, run.w[-1]} == {"exact"} and "exact" not in run.w[:-1],
    "last weights": lambda run: {*run.b, *run.w[:-1]} == {"exact"} and run.w[-1] == "wrong",
    "some weights": lambda run: run.b[-1] == "exact" and "wrong" in run.w,
    "first zero": lambda run: (run.b[0], run.w[0]) == ("zero", "zero") and {*run.b[1:], *run.w[1:]} == {"exact"},
    "bias shape": lambda run: set(run.b) == {"shape"} and set(run.w) == {"exact"},
    "hidden bias shape": lambda run: {*run.b[:-1]} == {"shape"} and {run.b[-1], *run.w} == {"exact"},
    "last bias shape": lambda run: run.b[-1] == "shape" and {*run.b[:-1], *run.w} == {"exact"},
    "bias step zero": lambda run: set(run.b) == {"zero"} and set(run.w) == {"exact"},
}


def shows(learner, what, seed):
    probe, function = probe_of(seed, 1 if learner.check == "backprop" else 4), learner.make()
    if what == "raises":
        with pytest.raises(ValueError, match=r"broadcast|mismatch|aligned|output operand"):
            Run(function, learner.check, probe)
        return True
    run = Run(function, learner.check, probe)
    assert not run.changed or what in ("arguments", "right for m = 1")
    return SEEN[what](run)


def can_be_made(name, check):
    """Tell whether a mistake can be made in such a function: one example has no sum, a gradient takes no step."""
    mistake = CATALOGUE[name]
    if check == "update":
        return mistake.shows_in_a_step
    if mistake.is_of_the_step:
        return name == "accumulator-not-reset"  # a gradient can be kept from call to call, too
    if check == "backprop_matrix" or mistake.function:
        return True
    try:
        run = Run(faulty(name), check, probe_of(5, 1))
    except ValueError:  # it raises
        return True
    return not run.gives(run.right)


def as_step(gradient):
    def update(net, X, Y, eta):
        by_matrix(gradient, net, X, Y, eta)

    update.__name__ = gradient.__name__
    return update


def in_other_forms():
    """Take functions for a mini-batch for one example, and in a step, where a mistake has none of its own there."""
    for check, form in {"backprop": lambda gradient: gradient, "update": as_step}.items():
        own = {learner.mistake for learner in LEARNERS if learner.check == check}
        for learner in MATRIX.learners:
            new = learner.kind == "wrong" and not learner.maker and learner.mistake not in own
            if new and can_be_made(learner.mistake, check):
                yield replace(learner, check=check, function=form(learner.function))


LEARNERS += list(in_other_forms())


@pytest.mark.parametrize("check", ["backprop", "backprop_matrix", "update"])
def test_every_mistake_that_can_be_made_is_made_in_three_styles_and_there_are_enough_of_the_other_kinds(check):
    mine = [learner for learner in LEARNERS if learner.check == check]
    made = [learner.mistake for learner in mine if learner.kind == "wrong"]
    for name in CATALOGUE:
        file = "learners_update.py" if CATALOGUE[name].is_of_the_step else "learners_matrix.py"
        to_do = f"add to tests/{file} a section '== wrong: {name}; shows ... ==' with functions in three styles"
        assert made.count(name) >= 3 if can_be_made(name, check) else name not in made, to_do
    kinds = [learner.kind for learner in mine]
    assert kinds.count("right") >= 14
    assert kinds.count("two") >= 8
    assert kinds.count("other") >= 8
    styles = [(learner.mistake, learner.style) for learner in mine if learner.kind in ("right", "wrong")]
    assert len(set(styles)) == len(styles)
    assert len({learner.id for learner in mine}) == len(mine)


@of_kind("right", "wrong")
def test_a_wrong_function_makes_its_one_mistake_and_no_other_and_a_right_one_none(learner):
    shown = "right" if learner.kind == "right" else learner.shows
    assert shown == "raises" or shown in SEEN, f"say in its section, or at its row, what it shows: {', '.join(SEEN)}"
    for seed in (5, 6) if learner.mistake in ("bias-wrong-axis", "bias-from-weights") else (5,):
        assert shows(learner, shown, seed)


@of_kind("two", "other", "unclear")
def test_a_function_with_two_mistakes_or_an_unknown_one_is_wrong_on_one_network_or_another(learner):
    exact = []
    for m, sizes in ((4, (4, 4, 4, 4)), (5, (3, 5, 4, 2)), (5, (3, 4, 4, 4, 2))):
        function = learner.make()
        for seed, eta in ((5, ETA), (6, ETA / 3)):
            try:
                run = Run(function, learner.check, probe_of(seed, 1 if learner.check == "backprop" else m, sizes), eta)
                exact.append(run.gives(run.right) and not run.changed)
            except (ValueError, IndexError, TypeError):
                exact.append(False)
    assert not all(exact)
