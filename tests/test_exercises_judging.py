"""What judges the answers to exercises: values are compared, functions by what they return."""

import numpy as np
import pytest

from bpteach.exercises import check
from bpteach.exercises.judging import Slip, judge, judge_function


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
        (4, 3, "4 is not it."),
        ("no", "yes", "'no' is not it."),
        (True, 1, "True (bool): expected a number"),
        (1, True, "expected True or False"),
        (np.ones(2), 3, "an array of shape (2,): expected a number"),
        (np.ones(2), np.ones((2, 1)), "shape (2,): expected (2, 1)"),
        (np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]]), "1 of its 2 numbers is wrong"),
        (np.array([[2.0], [3.0]]), np.array([[1.0], [2.0]]), "2 of its 2 numbers are wrong"),
        ([1, 2, 3], [1, 2], "holds 3: expected 2"),
        ([1, 3], [1, 2], "answer[1] is wrong: 3 is not it."),
        ([1, [2, np.ones(2)]], [1, [2, 3]], "answer[1] is wrong: answer[1] is wrong: your answer is an array"),
        ({"b": 1}, {"a": 1}, "the keys 'b': expected 'a'"),
        ({"a": 2}, {"a": 1}, "answer['a'] is wrong"),
        (len, 3, "is a function: expected a number; did you forget to call it?"),
        ("3", 3, "expected a number"),
        (3, "three", "expected a string"),
        (3, {1, 2}, "expected a set"),
        (np.nan, 3, "nan is not it."),
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
    assert check("2.1", answer).state == "unfinished"


def test_a_slip_is_told_by_its_sentence():
    slips = {"You counted one too many.": 4, "You forgot one.": Slip(2, "wrong-sign")}
    assert judge(4, 3, slips=slips).message == "You counted one too many."
    assert judge(2, 3, slips=slips).mistake == "wrong-sign"
    assert judge(5, 3, slips=slips).message == "5 is not it."


def blank(*arguments): ...


def none(a):
    a @ a.T


def prints_it(a):
    print(a @ a.T)


def multiplies_rows(a):
    return a @ a


def changes(a):
    a += 1
    return (a - 1) @ (a - 1).T


def right_at_first(a):
    return a @ a.T if a[0, 0] == 0 else a @ a


@pytest.mark.parametrize(
    ("function", "state", "words"),
    [
        (lambda a: a.dot(a.T), "right", "That is it."),
        (blank, "unfinished", "Replace the ..."),
        (..., "unfinished", "Replace the ..."),
        (none, "wrong", "returned None"),
        (prints_it, "wrong", "printed its result"),
        (multiplies_rows, "stopped", "“return a @ a”, an array of shape (2, 3) meets an array of shape (2, 3)"),
        (right_at_first, "stopped", "“return a @ a.T if a[0, 0] == 0 else a @ a”"),
        (changes, "wrong", "changed its argument"),
        (lambda a: a.T @ a, "wrong", "You turned it."),
        (lambda a: 2 * a @ a.T, "wrong", "Yours is 2 times"),
        (lambda a: 2 + a @ a.T, "wrong", "(Called with a of shape (2, 3).)"),
    ],
)
def test_functions_are_judged_by_what_they_return(function, state, words):
    calls = [(np.arange(6.0).reshape(2, 3),), (np.ones((2, 3)),)]
    found = judge_function(function, lambda a: a @ a.T, calls, slips={"You turned it.": lambda a: a.T @ a})
    assert found.state == state
    assert words in found.message
    np.testing.assert_array_equal(calls[0][0], np.arange(6.0).reshape(2, 3))


def test_parts_of_a_result_are_called_by_their_names():
    calls = [(np.ones(2),)]
    told = judge_function(lambda a: (a, [a]), lambda a: (a, [2 * a]), calls, parts=("first", "second"))
    assert told.message.startswith("second[0] is wrong: your answer has the right shape")
