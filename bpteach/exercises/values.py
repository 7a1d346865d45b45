"""Say what is wrong with a value: a number, a word, an array, or a list, set or dictionary of those."""

from numbers import Number
from typing import NamedTuple

import numpy as np

from bpteach.arguments import name_of
from bpteach.gradcheck import relative_error
from bpteach.locale import _, ngettext

BOOL = bool | np.bool_
SET = set | frozenset


class Fault(NamedTuple):
    """What is wrong with an answer, and where in it."""

    sentence: str
    place: tuple = ()  # the indices and keys that lead there
    begins_with_a_word: bool = True  # not with a value: after a colon it goes on with a small letter

    def told(self, parts=()):
        """Give the sentence with the place before it; `parts` may name the items of the answer."""
        names = [f"answer[{each!r}]" for each in self.place]
        if names and parts:
            first, *others = self.place
            names = [_(parts[first]) + "".join(f"[{each!r}]" for each in others)]
        sentence = self.sentence
        if names and self.begins_with_a_word:
            sentence = sentence[0].lower() + sentence[1:]
        for name in reversed(names):
            sentence = _("{place} is wrong: {sentence}").format(place=name, sentence=sentence)
        return sentence


def fault_of(answer, expected, tolerance=1e-9):
    """Compare an answer with what is expected: give its first Fault, or None. Numbers may be off by `tolerance`."""
    kind, is_of_kind = _kind(expected)
    if callable(answer):
        told = _("Your answer is a function: expected {expected}; did you forget to call it?")
        return Fault(told.format(expected=kind))
    if isinstance(expected, list | tuple) and isinstance(answer, np.ndarray) and answer.ndim == 1:
        answer = answer.tolist() if all(isinstance(part, Number) for part in expected) else answer
    if not is_of_kind(answer):
        return Fault(_("Your answer is {found}: expected {expected}.").format(found=name_of(answer), expected=kind))
    if isinstance(expected, np.ndarray):
        return _fault_of_array(answer, expected, tolerance)
    if isinstance(expected, list | tuple | dict):
        return _fault_of_items(answer, expected, tolerance)
    if _is_number(expected):
        is_same = relative_error(np.asarray(answer), np.asarray(expected)) <= tolerance
        found = f"{answer:.6g}" if isinstance(answer, float) else answer
        return None if is_same else Fault(_("{found} is not it.").format(found=found), begins_with_a_word=False)
    mine, theirs = _plain(answer), _plain(expected)
    is_same = (set(mine) if isinstance(expected, SET) else mine) == theirs
    return None if is_same else Fault(_("{found} is not it.").format(found=repr(answer)), begins_with_a_word=False)


def _plain(value):
    return value.strip().lower() if isinstance(value, str) else value


def _kind(expected):
    """Say what kind of answer is expected, and give what tells whether an answer is of it."""
    if isinstance(expected, BOOL):
        return _("True or False"), lambda answer: isinstance(answer, BOOL)
    if isinstance(expected, Number):
        return _("a number"), _is_number
    if isinstance(expected, np.ndarray):
        kind = _("an array of shape {shape}").format(shape=expected.shape)
        return kind, lambda answer: isinstance(answer, np.ndarray) and answer.dtype.kind in "biufc"
    if isinstance(expected, list | tuple):
        kind = _("a list or tuple of {length}").format(length=len(expected))
        return kind, lambda answer: isinstance(answer, list | tuple)
    if isinstance(expected, SET):
        return _("a set"), lambda answer: isinstance(answer, SET | list | tuple)
    kinds = {str: _("a string"), dict: _("a dictionary")}
    return kinds.get(type(expected)) or name_of(expected), lambda answer: isinstance(answer, type(expected))


def _is_number(answer):
    is_single = isinstance(answer, Number) or (isinstance(answer, np.ndarray) and answer.ndim == 0)
    return is_single and not isinstance(answer, BOOL) and np.asarray(answer).dtype.kind in "iufc"


def _fault_of_array(answer, expected, tolerance):
    if answer.shape != expected.shape:
        told = _("Your answer has shape {found}: expected {expected}.")
        return Fault(told.format(found=answer.shape, expected=expected.shape))
    if relative_error(answer.astype(complex), expected.astype(complex)) <= tolerance:
        return None
    near = np.isclose(answer, expected, rtol=1e-6, atol=tolerance * np.abs(expected).max(initial=0))
    count = max(1, int(np.sum(~near)))
    told = ngettext(
        "Your answer has the right shape, and {count} of its {size} numbers is wrong.",
        "Your answer has the right shape, and {count} of its {size} numbers are wrong.",
        count,
    )
    return Fault(told.format(count=count, size=expected.size))


def _fault_of_items(answer, expected, tolerance):
    if isinstance(expected, dict) and set(answer) != set(expected):
        found, wanted = (", ".join(sorted(map(repr, part))) for part in (answer, expected))
        return Fault(_("Your answer has the keys {found}: expected {expected}.").format(found=found, expected=wanted))
    if len(answer) != len(expected):
        told = _("Your answer holds {found}: expected {expected}.")
        return Fault(told.format(found=len(answer), expected=len(expected)))
    for place, part in expected.items() if isinstance(expected, dict) else enumerate(expected):
        fault = fault_of(answer[place], part, tolerance)
        if fault:
            return fault._replace(place=(place, *fault.place))
    return None
