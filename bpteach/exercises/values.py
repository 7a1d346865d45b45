"""Say what is wrong with a value: a number, a word, an array, or a list, set or dictionary of those."""

from numbers import Number
from typing import NamedTuple

import numpy as np

from bpteach.arguments import name_of
from bpteach.gradcheck import relative_error
from bpteach.locale import _, ngettext


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
            names = [parts[first] + "".join(f"[{each!r}]" for each in others)]
        sentence = self.sentence
        if names and self.begins_with_a_word:
            sentence = sentence[0].lower() + sentence[1:]
        for name in reversed(names):
            sentence = _("{place} is wrong: {sentence}").format(place=name, sentence=sentence)
        return sentence


def fault_of(answer, expected, tolerance=1e-9):
    """Compare an answer with what is expected: give its first Fault, or None. Numbers may be off by `tolerance`."""
    if callable(answer):
        told = _("Your answer is a function: expected {expected}; did you forget to call it?")
        return Fault(told.format(expected=_kind(expected)))
    for kinds, compare in COMPARISONS:
        if isinstance(expected, kinds):
            return compare(answer, expected, tolerance)
    return _unless(answer == expected, answer)


def _unless(is_right, answer):
    told = _("{found} is not it.")
    return None if is_right else Fault(told.format(found=repr(answer)), begins_with_a_word=False)


def _wrong_kind(answer, expected):
    told = _("Your answer is {found}: expected {expected}.")
    return Fault(told.format(found=name_of(answer), expected=_kind(expected)))


def _kind(expected):
    if isinstance(expected, bool | np.bool_):
        return _("True or False")
    if isinstance(expected, Number):
        return _("a number")
    if isinstance(expected, np.ndarray):
        return _("an array of shape {shape}").format(shape=expected.shape)
    if isinstance(expected, list | tuple):
        return _("a list or tuple of {length}").format(length=len(expected))
    if isinstance(expected, str):
        return _("a string")
    if isinstance(expected, dict):
        return _("a dictionary")
    return _("a set") if isinstance(expected, set | frozenset) else name_of(expected)


def _of_none(answer, expected, tolerance):
    return None if answer is None else _wrong_kind(answer, expected)


def _of_bool(answer, expected, tolerance):
    is_bool = isinstance(answer, bool | np.bool_)
    return _unless(answer == expected, answer) if is_bool else _wrong_kind(answer, expected)


def _of_number(answer, expected, tolerance):
    single = isinstance(answer, Number) or (isinstance(answer, np.ndarray) and answer.ndim == 0)
    if not single or isinstance(answer, bool | np.bool_) or np.asarray(answer).dtype.kind not in "iufc":
        return _wrong_kind(answer, expected)
    if relative_error(np.asarray(answer), np.asarray(expected)) <= tolerance:
        return None
    found = f"{answer:.6g}" if isinstance(answer, float) else answer
    return Fault(_("{found} is not it.").format(found=found), begins_with_a_word=False)


def _of_array(answer, expected, tolerance):
    if not isinstance(answer, np.ndarray) or answer.dtype.kind not in "biufc":
        return _wrong_kind(answer, expected)
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


def _of_string(answer, expected, tolerance):
    if not isinstance(answer, str):
        return _wrong_kind(answer, expected)
    return _unless(answer.strip().lower() == expected.strip().lower(), answer)


def _of_list(answer, expected, tolerance):
    if isinstance(answer, np.ndarray) and answer.ndim == 1 and all(isinstance(part, Number) for part in expected):
        answer = answer.tolist()
    if not isinstance(answer, list | tuple):
        return _wrong_kind(answer, expected)
    if len(answer) != len(expected):
        told = _("Your answer holds {found}: expected {expected}.")
        return Fault(told.format(found=len(answer), expected=len(expected)))
    return _first_fault(enumerate(expected), answer, tolerance)


def _of_dictionary(answer, expected, tolerance):
    if not isinstance(answer, dict):
        return _wrong_kind(answer, expected)
    if set(answer) != set(expected):
        found, wanted = (", ".join(sorted(map(repr, part))) for part in (answer, expected))
        return Fault(_("Your answer has the keys {found}: expected {expected}.").format(found=found, expected=wanted))
    return _first_fault(expected.items(), answer, tolerance)


def _first_fault(expected_items, answer, tolerance):
    for place, expected in expected_items:
        fault = fault_of(answer[place], expected, tolerance)
        if fault:
            return fault._replace(place=(place, *fault.place))
    return None


def _of_set(answer, expected, tolerance):
    is_set = isinstance(answer, set | frozenset | list | tuple)
    return _unless(set(answer) == expected, answer) if is_set else _wrong_kind(answer, expected)


COMPARISONS = (
    (type(None), _of_none),
    ((bool, np.bool_), _of_bool),
    (Number, _of_number),
    (np.ndarray, _of_array),
    (str, _of_string),
    ((list, tuple), _of_list),
    (dict, _of_dictionary),
    ((set, frozenset), _of_set),
)
