"""Answers to exercises, right and wrong: a register of them for each exercise, and what must be said of a wrong one."""

import pytest

from bpteach.exercises import EXERCISES
from conftest import ask, tag_of
from learners import Register


def answers(texts, space):
    """Read {(exercise, arguments): text of a register}; give the right answers and the others.

    The others stand in the section "wrong" or "stopped", the state that they have; for its style, a row has words of
    what is to be said of it, and in brackets the name of the mistake that it is.
    """
    found = []
    for (exercise, *arguments), text in texts.items():
        register = Register(exercise, *arguments)
        register.read(text, dict(space))
        found += register.learners
    return [each for each in found if each.kind == "right"], [each for each in found if each.kind != "right"]


def each_of(learners):
    return pytest.mark.parametrize("learner", learners, ids=lambda learner: learner.id)


def is_accepted(learner):
    told = ask(learner.check, learner.function)
    assert told.ok, f"{told}\n{told.hints}"
    assert not told.hints
    return told


def is_told(learner):
    """A wrong answer gets the sentence of its row, the name of its mistake if it has one, and the exercise's hints."""
    told = ask(learner.check, learner.function)
    assert (told.state, told.mistake) == (learner.kind, learner.mistake or None), told
    assert learner.style in told.message, told
    assert told.hints == EXERCISES[tag_of(learner.check)].hints
    return told


def two_tests(right, others):
    """Make the two tests of an exercise's answers: the right ones are accepted, and the others told what is wrong."""

    @each_of(right)
    def test_right_answers_are_accepted(learner):
        is_accepted(learner)

    @each_of(others)
    def test_wrong_answers_are_told(learner):
        is_told(learner)

    return test_right_answers_are_accepted, test_wrong_answers_are_told
