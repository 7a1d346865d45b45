"""The exercises of the lessons, each declared once, in its `lesson_NN`. What is right is computed, not stored.

A new one is a card there, and four cells in the lesson and in its solutions: `.github/CONTRIBUTING.md` has the recipe.
An answer is judged by `judging`, with `values` and `relations`; the other modules are what single exercises need.
"""

import importlib
import importlib.util
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bpteach.diagnosis.calls import holds_blank, unfinished
from bpteach.exercises.judging import RIGHT, Slip, as_slips, hints_of, judge, judge_function, judge_network
from bpteach.locale import _

__all__ = ["Slip", "check", "exercise", "exercises", "right_answer"]

EXERCISES = {}


class Exercise(NamedTuple):
    """What an exercise's number stands for."""

    name: str  # of the function that answers it rightly, or that judges the answer
    judge: Callable  # takes the answer, gives a Diagnosis
    slips: list
    hints: tuple


def exercise(tag, *, name="", slips=(), hints=()):
    """Declare exercise `tag`, such as "3.1", by a function of its own that judges the answer: it gives a Diagnosis.

    Its `name`, `slips` and `hints` are for the tests.
    """

    def declare(judge_answer):
        EXERCISES[tag] = Exercise(name or judge_answer.__name__, judge_answer, as_slips(slips), hints_of(hints))
        return judge_answer

    return declare


def right_answer(tag, calls=None, *, slips=(), hints=(), praise=RIGHT, in_place=False, **how):
    """Declare exercise `tag` by the function that answers it rightly; a reader's is compared with it, call by call.

    `calls` lists the arguments of each call, or makes them from a random generator that is seeded with the exercise's
    number; without calls the answer is a value, which the right function gives. With `in_place` the function changes
    the network that is its first argument: that is compared. `slips`, `hints` (a text of three lines: where to look,
    which equation, the line) and the rest of **how are those of `judge_function`; `praise` is said to the right answer.
    """

    def declare(right):
        def judge_answer(answer):
            if calls is None:
                return judge(answer, right(), slips=slips, hints=hints, right=praise, **how)
            made = calls(np.random.default_rng(int(tag.replace(".", "")))) if callable(calls) else calls
            compare = judge_network if in_place else judge_function
            return compare(answer, right, made, slips=slips, hints=hints, message=praise, **how)

        return exercise(tag, name=right.__name__, slips=slips, hints=hints)(judge_answer) and right

    return declare


def exercises(lesson):
    """List the tags of a lesson's exercises, such as ["3.1", "3.2"]."""
    name = f"bpteach.exercises.lesson_{lesson:02}"
    if importlib.util.find_spec(name) is not None:
        importlib.import_module(name)
    tags = (tag for tag in EXERCISES if tag.split(".")[0] == str(lesson))
    return sorted(tags, key=lambda tag: int(tag.split(".")[1]))


def check(tag, answer):
    """Check the answer to an exercise.

    Parameters
    ----------
    tag : str
        The exercise's number, such as "3.1".
    answer : object
        What the exercise asks for; `...` means that it is not written yet.

    Returns
    -------
    Diagnosis
        Right or not, with a sentence, and hints.

    Raises
    ------
    ValueError
        If there is no such exercise.
    TypeError
        If a function is asked for, and `answer` is none.
    """
    if not isinstance(tag, str) or not re.fullmatch(r"\d{1,2}\.\d{1,2}", tag):
        told = _("There is no exercise {tag!r}: expected lesson and number, such as '3.1'.")
        raise ValueError(told.format(tag=tag))
    lesson = int(tag.split(".")[0])
    known = exercises(lesson)
    if tag not in known:
        told = _("There is no exercise {tag}: lesson {lesson} has {known}.")
        raise ValueError(told.format(tag=tag, lesson=lesson, known=_(", ").join(known) or _("no exercises")))
    return unfinished() if holds_blank(answer) else EXERCISES[tag].judge(answer)
