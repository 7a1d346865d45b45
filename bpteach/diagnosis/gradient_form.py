"""Read what a reader's function returned as a gradient: two lists, one array a layer after the input."""

from numbers import Number

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis.calls import Finished
from bpteach.diagnosis.numbers import agree
from bpteach.diagnosis.report import Diagnosis

WORDS = {
    "no return": "Your function returned None: expected a pair (nabla_b, nabla_w); is the line with return missing?",
    "printed": "Your function printed its result and returned None: give it back with return nabla_b, nabla_w.",
    "no pair": "Your function returned {found}: expected a pair (nabla_b, nabla_w).",
    "no list": "{part} is {found}: expected a list of {count} arrays, one for each layer after the input.",
    "wrong length": "{part} has length {found}: expected {count}, one array for each layer after the input.",
    "no array": "{part}[{index}] is {found}: expected an array of shape {expected}.",
    "objects": "{part}[{index}] is an array of {dtype}: expected an array of float64 numbers, of shape {expected}.",
    "special": "{part}[{index}] is a {kind}: expected an ordinary array of shape {expected}.",
    "list": "a {kind} of {length}",
    "value": "a value of type {kind}",
    "swapped": "Your function returned (nabla_w, nabla_b): expected the biases first, (nabla_b, nabla_w).",
    "reversed": "The numbers are right, but your lists begin with the last layer: expected the first layer after the "
    "input in front.",
}

PARTS = ("nabla_b", "nabla_w")


def read(result, probe, caller):
    """Turn a result into two lists of arrays.

    Parameters
    ----------
    result : object
        What the function returned.
    probe : Probe
        What it was called with.
    caller : Caller
        Who called it.

    Returns
    -------
    pair of lists of arrays
        Copies of the arrays; None stands where there was None.

    Raises
    ------
    Finished
        If it is no such thing.
    """
    if result is None:
        raise Finished(_stopped("printed" if caller.printed else "no return"))
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Finished(_stopped("no pair", found=described(result)))
    right = probe.right
    for part, found, wanted in zip(PARTS, result, right, strict=True):
        if not isinstance(found, list | tuple):
            raise Finished(_stopped("no list", part=part, found=described(found), count=len(wanted)))
    parts = [
        [_array(part, i, entry, wanted) for i, entry in enumerate(found)]
        for part, found, wanted in zip(PARTS, result, right, strict=True)
    ]
    _refuse_order(parts, right)
    for part, found, wanted in zip(PARTS, parts, right, strict=True):
        missing = len(wanted) - len(found)
        if missing not in (0, 1) or len(parts[0]) != len(parts[1]):
            raise Finished(_stopped("wrong length", part=part, found=len(found), count=len(wanted)))
    return parts


def read_safely(result, probe, caller):
    """Turn a result into two lists of arrays, also one of a class that raises whatever is done with it.

    Parameters
    ----------
    result : object
        What the function returned.
    probe : Probe
        What it was called with.
    caller : Caller
        Who called it.

    Returns
    -------
    pair of lists of arrays
        See `read`.

    Raises
    ------
    Finished
        If it is no such thing.
    """
    try:
        return read(result, probe, caller)
    except Finished:
        raise
    except Exception:
        raise Finished(_stopped("no pair", found=WORDS["value"].format(kind=type(result).__name__))) from None


def _stopped(word, **details):
    return Diagnosis("stopped", WORDS[word].format(**details))


def described(value):
    """Say what a value is, in words that can stand after "returned".

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
        Such as "an array of shape (4, 1)", "a list of 3" or "a value of type dict".
    """
    kind = type(value).__name__
    if issubclass(type(value), list | tuple):
        return WORDS["list"].format(kind=kind, length=len(value))
    if (issubclass(type(value), np.ndarray | Number | str) and len(repr(value)) <= 40) or isinstance(value, np.ndarray):
        return name_of(value)
    return WORDS["value"].format(kind=kind)


def _array(part, index, entry, wanted):
    expected = wanted[min(index, len(wanted) - 1)].shape
    told = {"part": part, "index": index, "expected": expected}
    if entry is None:
        return None
    if isinstance(entry, np.matrix | np.ma.MaskedArray):
        raise Finished(_stopped("special", kind=type(entry).__name__, **told))
    if isinstance(entry, np.ndarray):
        if entry.dtype.kind not in "iuf":
            raise Finished(_stopped("objects", dtype=entry.dtype, **told))
        return np.array(entry, copy=True)
    if isinstance(entry, Number) and not isinstance(entry, complex):
        return np.array(float(entry))
    raise Finished(_stopped("no array", found=described(entry), **told))


def _refuse_order(parts, right):
    b, w = parts
    if any(entry is None for entry in b + w):
        return
    if agree((w, b), right):
        raise Finished(Diagnosis("wrong", WORDS["swapped"]))
    if agree((b[::-1], w[::-1]), right) and not agree((b, w), right):
        raise Finished(Diagnosis("wrong", WORDS["reversed"]))
