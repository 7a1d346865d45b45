"""Read what a reader's function returned as a gradient: two lists, one array a layer after the input."""

from numbers import Number

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis.calls import Finished, stop
from bpteach.diagnosis.comparison import SAME, agree
from bpteach.diagnosis.report import Diagnosis
from bpteach.locale import _

PARTS = ("nabla_b", "nabla_w")


def read(result, probe, caller):
    """Turn a result into two lists of copies of its arrays; None stays None. Ends the check if it is no such thing."""
    try:
        return _read(result, probe.expected, caller)
    except Finished:
        raise
    except Exception:  # an object of a class that raises whatever is done with it
        return _refuse(_("a value of type {kind}").format(kind=type(result).__name__))


def _refuse(found):
    stop(_("Your function returned {found}: expected a pair (nabla_b, nabla_w)."), found=found)


def _read(result, right, caller):
    if result is None and caller.printed:
        stop(_("Your function printed its result and returned None: give it back with return nabla_b, nabla_w."))
    if result is None:
        stop(_("Your function returned None: expected a pair (nabla_b, nabla_w); is the line with return missing?"))
    if not isinstance(result, tuple | list) or len(result) != 2:
        _refuse(described(result))
    count = len(right[0])
    lengths = [len(found) if isinstance(found, list | tuple) else None for found in result]
    for part, found, length in zip(PARTS, result, lengths, strict=True):
        if length != count and lengths != [count - 1, count - 1]:  # which a loop leaves that is one layer short
            sentence = _("{part} is {found}: expected a list of {count} arrays, one for each layer after the input.")
            stop(sentence, part=part, found=described(found), count=count)
    b, w = (
        [_array(f"{part}[{i}]", entry, wanted[i].shape) for i, entry in enumerate(found)]
        for part, found, wanted in zip(PARTS, result, right, strict=True)
    )
    if [list(map(np.shape, part)) for part in (w, b)] == [list(map(np.shape, part)) for part in right]:
        message = _("Your function returned (nabla_w, nabla_b): expected the biases first, (nabla_b, nabla_w).")
        if not agree((w, b), right, SAME):
            more = _("{message} Something else is wrong, too: mend this first, and check again.")
            message = more.format(message=message)
        raise Finished(Diagnosis("wrong", message))
    return b, w


def described(value):
    """Say what any value is, in words that can stand after "returned": an array of shape (4, 1), a list of 3."""
    kind = type(value).__name__
    if issubclass(type(value), list | tuple):
        return _("a {kind} of {length}").format(kind=kind, length=len(value))
    if (issubclass(type(value), np.ndarray | Number | str) and len(repr(value)) <= 40) or isinstance(value, np.ndarray):
        return name_of(value)
    return _("a value of type {kind}").format(kind=kind)


def _array(name, entry, expected):
    if entry is None:
        return None
    if isinstance(entry, Number) and not isinstance(entry, complex):
        return np.array(float(entry))
    if isinstance(entry, np.ndarray):
        is_plain = not isinstance(entry, np.matrix | np.ma.MaskedArray)
        if is_plain and entry.dtype.kind in "iuf":
            return np.array(entry, copy=True)
        found = _("an array of type {kind}").format(kind=entry.dtype if is_plain else type(entry).__name__)
    else:
        found = described(entry)
    sentence = _("{name} is {found}: expected an array of numbers (float64), of shape {expected}.")
    return stop(sentence, name=name, found=found, expected=expected)
