"""The checks see through conventions: they are told, and the mistake beside them has its name."""

from functools import cache, partial
from itertools import combinations

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, check_backprop, check_backprop_matrix
from bpteach.diagnosis import CATALOGUE
from conftest import ask, once_a_week
from test_diagnosis import gradient_of, judged
from test_learners import LEARNERS, can_be_made

# what a gradient is multiplied by, from X and Y
CONVENTIONS = {
    "mean-for-sum": lambda X, Y: 1 / X.shape[1],
    "factor-two": lambda X, Y: 2,
    "wrong-sign": lambda X, Y: -1,
    "mean-over-outputs": lambda X, Y: 1 / len(Y),
}
MEANS = ("factor-two", "mean-for-sum", "mean-over-outputs")
FEW = ("mean-for-sum", "factor-two", "wrong-sign")
MISTAKES = [name for name, entry in CATALOGUE.items() if entry.forms and not entry.convention]
TOGETHER = [some for count in (1, 2) for some in combinations(FEW, count)]


def times(gradient, of_b, of_w):
    """Multiply what a function of (net, X, Y) gives for biases and weights, by conventions or functions of X and Y."""

    def function(net, X, Y):
        factors = [np.prod([CONVENTIONS.get(c, c)(X, Y) for c in some]) for some in (of_b, of_w)]
        halves = zip(gradient(net, X, Y), factors, strict=True)
        return [[None if g is None else factor * g for g in half] for half, factor in halves]

    return function


@cache
def first_form(name, check):
    """Give a function that makes a mistake, and the answer to it."""
    alone = gradient_of(CATALOGUE[name].forms[0], check)
    return alone, judged(check, alone)


def cases():
    """Take every mistake under each convention, and under two of them, which differ from mistake to mistake."""
    for i, name in enumerate(MISTAKES):
        for some in [*TOGETHER[: len(FEW)], TOGETHER[len(FEW) + i % 3]]:
            yield "backprop_matrix", name, some, some
        for some in ((FEW[1 + i % 2],), FEW[1:]) if can_be_made(name, "backprop") else ():
            yield "backprop", name, some, some
        yield "update", name, (FEW[i % 3],), (FEW[i % 3],)
        if name not in ("bias-mean-weight-sum", "average-then-multiply"):  # of whose forms one is another's
            yield "backprop_matrix", name, ("mean-for-sum",), ()
            yield "backprop_matrix", name, (), ("mean-for-sum", "wrong-sign")


@pytest.mark.parametrize(
    ("check", "name", "of_b", "of_w"),
    [once_a_week(*row) if i % 4 else row for i, row in enumerate(cases())],  # a mistake has nine rows, each time others
)
def test_a_mistake_under_conventions_has_its_name_and_they_are_told(check, name, of_b, of_w):
    alone, plain = first_form(name, check)
    found = judged(check, times(alone, of_b, of_w))
    if plain.state == "stopped":  # it raises before any number is multiplied
        return
    assert found.mistake == name, str(found)
    if name == "average-then-multiply" and not found.conventions:  # one form of it, divided by m, is another
        return
    assert (found.state, set(found.conventions)) == ("wrong", {*of_b, *of_w}), str(found)
    assert found.message.startswith("Apart from ")
    assert (found.layer, found.equation, found.hints) == (plain.layer, plain.equation, plain.hints)
    assert found.message.endswith(plain.message)


@pytest.mark.parametrize(
    ("of_b", "of_w", "state", "conventions", "words"),
    [
        *((some, some, "convention", some, "matter of convention") for some in TOGETHER if len(some) > 1),
        (FEW, FEW, "convention", FEW, "for a turned sign, a factor of 2 and a mean for the sum."),
        *((some, some, "convention", some, "convention") for some in TOGETHER if len(some) == 1),
        (MEANS[2:], MEANS[2:], "convention", MEANS[2:], "a mean over the output neurons"),
        (MEANS, MEANS, "convention", MEANS, "a factor of 2, a mean for the sum and a mean over the output neurons"),
        ((), ("mean-for-sum",), "wrong", ("mean-for-sum",), "a mean for the sum (only ∂C/∂w). The two parts"),
        (("wrong-sign",), (), "wrong", ("wrong-sign",), "a turned sign (only ∂C/∂b). The two parts"),
        (FEW[:1] * 2, FEW[:1] * 2, "convention", ("mean-for-sum",), "a mean for the sum, twice"),
        *(
            ((factor,), (factor,), "wrong", (), words)
            for factor, words in (
                (lambda X, Y: 3, "a factor of 3. Nothing is wrong in the chain rule"),
                (lambda X, Y: 0.5, "a factor of 0.5"),
                (lambda X, Y: 1 / len(X), "a division by n_1 (the number of inputs)"),
                (lambda X, Y: X.shape[1] + 3, "It changes with the sizes: × 7, × 6, × 10, × 4, × 8."),
            )
        ),
    ],
)
def test_what_is_right_but_for_factors(of_b, of_w, state, conventions, words):
    found = check_backprop_matrix(times(backprop_matrix, of_b, of_w))
    assert (found.state, set(found.conventions)) == (state, set(conventions)), str(found)
    has_name = len(of_b) == 1 and of_b == of_w and of_b[0] in CATALOGUE
    assert found.mistake == (of_b[0] if has_name else None)
    assert words in found.message, str(found)


ONE_LIST = {
    -1: "a turned sign",
    2: "a factor of 2",
    0.5: "a factor of 0.5",
    0.9: "a factor of 0.9",
    -3: "a factor of −3",
}


@pytest.mark.parametrize("check", [check_backprop, partial(ask, "check_backprop")], ids=["check", "exercise"])
@pytest.mark.parametrize("as_method", [False, True])
@pytest.mark.parametrize(("number", "words"), ONE_LIST.items())
@pytest.mark.parametrize("part", ["b", "w"])
def test_one_list_is_off_by_a_constant_where_there_is_one_example(check, as_method, number, words, part):
    factor = (lambda X, Y: number,)
    function = times(backprop, factor if part == "b" else (), factor if part == "w" else ())
    mine = type("Mine", (Network,), {"backprop": lambda self, x, y: function(self, x, y)})
    found = check(mine if as_method else function)
    assert found.message.startswith(f"Right but for {words} (only ∂C/∂{part}). The two parts of the gradient"), str(
        found
    )
    assert (found.state, found.mistake) == ("wrong", None)


@pytest.mark.parametrize("some", [once_a_week(FEW[:1]), once_a_week(FEW[2:]), FEW[1:]], ids="-".join)
@pytest.mark.parametrize("learner", [one for one in LEARNERS if one.check == "backprop_matrix" and one.kind == "other"])
def test_what_has_no_name_gets_none_under_a_convention(learner, some):
    found = check_backprop_matrix(times(learner.make(), some, some))
    assert found.mistake is None, str(found)
    assert not found.ok


def test_an_unknown_mistake_is_told_apart_from_the_convention():
    (learner,) = [one for one in LEARNERS if one.id.endswith("other_inverse")]
    found = check_backprop_matrix(times(learner.make(), FEW[:1], FEW[:1]))
    assert found.message.startswith("Apart from a mean for the sum, one mistake is left, in layer 3, BP2. ")
    assert (found.layer, found.equation, found.conventions) == (3, "BP2", ("mean-for-sum",))
