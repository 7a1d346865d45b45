"""What judges the answers to exercises: values are compared, functions by what they return."""

import numpy as np
import pytest

from bpteach.exercises.judging import Slip, judge, judge_function
from conftest import ask
from learners import Register


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (3, 3),
        (3.0, 3),
        (np.float64(3), 3),
        (" Yes", "yes"),
        ([1, 2], (1, 2)),
        (np.ones((2, 1)), np.ones((2, 1))),
        (True, True),
        ({2, 1}, {1, 2}),
        ({"a": 1.0}, {"a": 1}),
        (np.array([1, 2]), [1, 2]),
        (None, None),
    ],
)
def test_right_values_are_accepted(answer, expected):
    assert judge(answer, expected).ok


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (4, 3, "Your answer is 4, and that is not it."),
        ("no", "yes", "'no', and that is not it."),
        (True, 1, "True (bool): expected a number"),
        (1, True, "expected True or False"),
        (np.ones(2), 3, "an array of shape (2,): expected a number"),
        (np.ones(2), np.ones((2, 1)), "shape (2,): expected (2, 1)"),
        (np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]]), "of its 2 numbers, 1 should be otherwise"),
        ([1, 2, 3], [1, 2], "holds 3: expected 2"),
        ([1, 3], [1, 2], "answer[1] is 3, and that is not it."),
        ([1, [2, np.ones(2)]], [1, [2, 3]], "answer[1][1] is an array of shape (2,): expected a number."),
        ({"b": 1}, {"a": 1}, "the keys 'b': expected 'a'"),
        ({"a": 2}, {"a": 1}, "answer['a'] is 2"),
        (len, 3, "is a function: expected a number; did you forget to call it?"),
        ("3", 3, "expected a number"),
        (3, "three", "expected a string"),
        (3, {1, 2}, "expected a set"),
        (np.nan, 3, "nan, and that is not it."),
        (np.ones(2), None, "an array of shape (2,): expected None"),
    ],
)
def test_wrong_values_are_told_in_words(answer, expected, words):
    found = judge(answer, expected, hints=("one", "two", "three"))
    assert not found.ok
    assert words in found.message
    assert found.hints == ("one", "two", "three")


@pytest.mark.parametrize("answer", [..., [1, ...], {"a": ...}, (..., 2)])
def test_a_blank_is_unfinished_whatever_it_stands_in(answer):
    assert judge(answer, 3).state == "unfinished"
    assert ask("count_parameters", answer).state == "unfinished"


def test_a_slip_is_told_by_its_sentence():
    slips = {"You counted one too many.": 4, "You forgot one.": Slip(2, "wrong-sign")}
    assert judge(4, 3, slips=slips).message == "You counted one too many."
    assert judge(2, 3, slips=slips).mistake == "wrong-sign"
    assert judge(5, 3, slips=slips).message == "Your answer is 5, and that is not it."


JUDGED = Register("a aᵀ", "a")
JUDGED.read(
    """
== right ==
dot | That is it. | return a.dot(a.T)
== unfinished ==
blank | Replace the ... | ...
== wrong ==
none | returned None | a @ a.T
prints_it | What is printed is not returned. | print(a @ a.T)
changes | changed its argument | a += 1
    return (a - 1) @ (a - 1).T
turned | You turned it. | return a.T @ a
twice | Right but for a constant factor, × 2 | return 2 * a @ a.T
two_more | (Called with a of shape (2, 3).) | return 2 + a @ a.T
== stopped ==
multiplies_rows | “return a @ a”, an array of shape (2, 3) meets an array of shape (2, 3) | return a @ a
right_at_first | “return a @ a.T if a[0, 0] == 0 else a @ a” | return a @ a.T if a[0, 0] == 0 else a @ a
one_too_far | entry [2] is asked for, and the list has 2 entries. | return [a, a[0]][2]
""",
    {},
)
FUNCTIONS = [(each.function, each.kind, each.style) for each in JUDGED.learners]


@pytest.mark.parametrize(("function", "state", "words"), [*FUNCTIONS, (..., "unfinished", "Replace the ...")])
def test_functions_are_judged_by_what_they_return(function, state, words):
    calls = [(np.arange(6.0).reshape(2, 3),), (np.ones((2, 3)),)]
    found = judge_function(function, lambda a: a @ a.T, calls, slips={"You turned it.": lambda a: a.T @ a})
    assert found.state == state
    assert words in found.message
    np.testing.assert_array_equal(calls[0][0], np.arange(6.0).reshape(2, 3))


def test_parts_of_a_result_are_called_by_their_names():
    calls = [(np.ones(2),)]
    told = judge_function(lambda a: (a, [a]), lambda a: (a, [2 * a]), calls, parts=("first", "second"))
    assert told.message.startswith("second[0] has the right shape")


def back(w, delta):
    return w.T @ delta


RELATED = {
    "a minus": (lambda w, d: -w.T @ d, "Right but for the sign."),
    "a mean for the sum": (lambda w, d: w.T @ d / len(d), "Right but for a constant factor, × `1 / w.shape[0]`."),
    "one by the other": (
        lambda w, d: w.T @ d * len(d) / w.shape[1],
        "Right but for a constant factor, × `w.shape[0] / w.shape[1]`",
    ),
    "by both": (lambda w, d: w.T @ d / w.size, "Right but for a factor, which is another one in each call: × 0.0625, "),
    "flat": (lambda w, d: (w.T @ d).ravel(), "The right numbers in the wrong shape, (4,): expected (4, 1)."),
    "a row": (lambda w, d: d.T @ w, "Transposed: rows and columns are exchanged."),
    "a square": (lambda w, d: (w.T @ d) * np.ones(w.shape[1]), "A square of shape (4, 4): a flat array, or a row,"),
    "rounded": (lambda w, d: np.round(w.T @ d, 2), "Right but rounded: give the numbers as they are."),
    "nothing of it": (lambda w, d: w.T @ d + 1, "Your answer has the right shape; of its 4 numbers, 4 should"),
    "a slip": (lambda w, d: w.T @ np.abs(d), "Take δ as it is."),
    "a slip, and flat": (
        lambda w, d: (w.T @ np.abs(d)).ravel(),
        "Two things. Take δ as it is. And apart from that: the",
    ),
}


@pytest.mark.parametrize(("function", "words"), RELATED.values(), ids=RELATED)
def test_what_relates_a_result_to_the_right_one_is_told(function, words):
    rng = np.random.default_rng(6)
    calls = [(rng.normal(size=(n, k)), rng.normal(size=(n, 1))) for n, k in ((4, 4), (3, 5), (5, 2))]
    slips = {"Take δ as it is.": lambda w, d: w.T @ np.abs(d)}
    told = judge_function(function, back, calls, slips=slips, hints=("one", "two", "three"))
    assert told.state == "wrong"
    assert told.message.startswith(words), told
    assert len(told.hints) == 3


RELATED_NUMBERS = {
    "one divided by it": (lambda a, m: 1 / (a / m), "One divided by the right number"),
    "m times": (lambda a, m: 1 * a, "Right but for a constant factor, × `m`."),
    "in an array": (lambda a, m: np.array([a / m]), "An array of shape (1,), with the right number in it"),
    "rounded": (lambda a, m: round(a / m), "Right but rounded"),
    "always the same": (lambda a, m: 2.0, "Your answer is 2, and that is not it."),
}


@pytest.mark.parametrize(("function", "words"), RELATED_NUMBERS.values(), ids=RELATED_NUMBERS)
def test_single_numbers_are_related_where_it_says_something(function, words):
    told = judge_function(function, lambda a, m: a / m, [(20.0, 3), (30.0, 7), (50.0, 4)])
    assert told.message.startswith(words), told


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda m: [3 * m, 2 * m, m], "The right ones in the wrong order, or in other brackets than asked for."),
        (lambda m: (m, 4 * m, 3 * m), "two: right but for a constant factor, × 2."),
        (lambda m: (2 * m, 4 * m, 6 * m), "Right but for a constant factor, × 2."),
        (lambda m: (-m, 2 * m, 6 * m), "one: right but for the sign. three: right but for a constant factor, × 2."),
    ],
)
def test_each_part_has_its_own_relation(function, words):
    calls = [(3,), (5,), (7,)]
    told = judge_function(function, lambda m: (m, 2 * m, 3 * m), calls, parts=("one", "two", "three"))
    assert told.message == words
