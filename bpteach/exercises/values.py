"""Say what is wrong with a value: a number, a word, an array, or a list, set or dictionary of those."""

from numbers import Number
from typing import NamedTuple

import numpy as np

from bpteach.arguments import name_of
from bpteach.gradcheck import relative_error
from bpteach.locale import _

BOOL = bool | np.bool_


class Fault(NamedTuple):
    """What is wrong with an answer, and where in it."""

    sentence: str  # with braces for the subject, which is the answer or a part of it, and for the details
    details: dict
    place: tuple = ()  # the indices and keys that lead there

    def told(self, parts=()):
        """Give the sentence; `parts` may name the items of the answer."""
        subject, place = _("Your answer"), self.place
        if place:
            subject, *place = (_(parts[place[0]]), *place[1:]) if parts else ("answer", *place)
        subject += "".join(f"[{each!r}]" for each in place)
        return self.sentence.format(subject=subject, **self.details)


def fault_of(answer, expected, tolerance=1e-9):
    """Compare an answer with what is expected: give its first Fault, or None. Numbers may be off by `tolerance`."""
    kind, is_of_kind = _kind(expected)
    if callable(answer):
        return Fault(_("{subject} is a function: expected {kind}; did you forget to call it?"), {"kind": kind})
    if isinstance(expected, list | tuple) and isinstance(answer, np.ndarray) and answer.ndim == 1:
        answer = answer.tolist() if all(isinstance(part, Number) for part in expected) else answer
    if not is_of_kind(answer):
        return Fault(_("{subject} is {found}: expected {kind}."), {"found": name_of(answer), "kind": kind})
    if isinstance(expected, np.ndarray):
        return _fault_of_array(answer, expected, tolerance)
    if isinstance(expected, list | tuple | dict):
        return _fault_of_items(answer, expected, tolerance)
    if _is_number(expected):
        is_same = relative_error(np.asarray(answer), np.asarray(expected)) <= tolerance
        found = f"{answer:.6g}" if isinstance(answer, float) else answer
    else:
        is_same, found = _plain(answer) == _plain(expected), repr(answer)
    return None if is_same else Fault(_("{subject} is {found}, and that is not it."), {"found": found})


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
    kinds = {str: _("a string"), dict: _("a dictionary"), set: _("a set")}
    return kinds.get(type(expected)) or name_of(expected), lambda answer: isinstance(answer, type(expected))


def _is_number(answer):
    is_single = isinstance(answer, Number) or (isinstance(answer, np.ndarray) and answer.ndim == 0)
    return is_single and not isinstance(answer, BOOL) and np.asarray(answer).dtype.kind in "iufc"


def _fault_of_array(answer, expected, tolerance):
    if answer.shape != expected.shape:
        shapes = {"found": answer.shape, "expected": expected.shape}
        return Fault(_("{subject} has shape {found}: expected {expected}."), shapes)
    if relative_error(answer.astype(complex), expected.astype(complex)) <= tolerance:
        return None
    near = np.isclose(answer, expected, rtol=1e-6, atol=tolerance * np.abs(expected).max(initial=0))
    told = _("{subject} has the right shape; of its {size} numbers, {count} should be otherwise.")
    return Fault(told, {"count": max(1, int(np.sum(~near))), "size": expected.size})


def _fault_of_items(answer, expected, tolerance):
    if isinstance(expected, dict) and set(answer) != set(expected):
        found, wanted = (_(", ").join(sorted(map(repr, part))) for part in (answer, expected))
        return Fault(_("{subject} has the keys {found}: expected {expected}."), {"found": found, "expected": wanted})
    if len(answer) != len(expected):
        lengths = {"found": len(answer), "expected": len(expected)}
        return Fault(_("{subject} holds {found}: expected {expected}."), lengths)
    for place, part in expected.items() if isinstance(expected, dict) else enumerate(expected):
        fault = fault_of(answer[place], part, tolerance)
        if fault:
            return fault._replace(place=(place, *fault.place))
    return None
