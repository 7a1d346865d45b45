"""Check an answer to an exercise: a number, a word, an array, a list, or a function."""

import copy
import importlib
import importlib.util
import inspect
import re
from dataclasses import replace
from numbers import Number

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis.calls import Caller, Finished, check_function, is_blank, unfinished
from bpteach.diagnosis.report import Diagnosis
from bpteach.gradcheck import relative_error

WORDS = {
    "no exercise": "There is no exercise {tag}: lesson {lesson} has {known}.",
    "no lesson": "There is no exercise {tag!r}: expected lesson and number, such as '3.1'.",
    "none": "no exercises",
    "right": "That is it.",
    "wrong value": "{found} is not it.",
    "wrong kind": "Your answer is {found}: expected {expected}.",
    "called": "Your answer is a function: expected {expected}; did you forget to call it?",
    "wrong length": "Your answer holds {found}: expected {expected}.",
    "wrong shape": "Your answer has shape {found}: expected {expected}.",
    "wrong array": "Your answer has the right shape, and {count} of its {size} numbers {are} wrong.",
    "one": "is",
    "many": "are",
    "wrong part": "{part} is wrong: {message}",
    "wrong key": "Your answer has the keys {found}: expected {expected}.",
    "a number": "a number",
    "an array": "an array of shape {shape}",
    "a string": "a string",
    "a list": "a list or tuple of {length}",
    "a dictionary": "a dictionary",
    "True or False": "True or False",
    "a set": "a set",
    "no return": "Your function returned None: is the line with return missing?",
    "printed": "Your function printed its result and returned None: give it back with return.",
    "function": "{message} (Called with {arguments}.)",
    "of shape": "{name} of shape {shape}",
    "of length": "{name}, a {kind} of {length}",
    "is": "{name} = {value}",
    "of type": "{name}, of type {kind}",
    "returned": "What your function returned is {found}: expected {expected}.",
    "changed": "Your function changed its argument {name}: work on a copy.",
    "changed array": "Your function changed its argument {name}: work on a copy. (A slice such as {name}[0] is a "
    "window on it, and += writes into the window.)",
}

_EXERCISES = {}


def exercise(tag):
    """Register the function that checks an exercise.

    Parameters
    ----------
    tag : str
        Lesson and number, such as "3.1".

    Returns
    -------
    callable
        Takes the function, of (answer), which gives a Diagnosis.
    """

    def _register(function):
        _EXERCISES[tag] = function
        return function

    return _register


def exercises(lesson):
    """List the tags of a lesson's exercises.

    Parameters
    ----------
    lesson : int
        The lesson's number.

    Returns
    -------
    list of str
        Such as ["3.1", "3.2"].
    """
    name = f"bpteach.exercises.lesson_{lesson:02}"
    if importlib.util.find_spec(name) is not None:
        importlib.import_module(name)
    return sorted((tag for tag in _EXERCISES if tag.split(".")[0] == str(lesson)), key=_order)


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
        raise ValueError(WORDS["no lesson"].format(tag=tag))
    lesson = int(tag.split(".")[0])
    known = exercises(lesson)
    if tag not in known:
        message = WORDS["no exercise"].format(tag=tag, lesson=lesson, known=", ".join(known) or WORDS["none"])
        raise ValueError(message)
    if _holds_blank(answer):
        return unfinished()
    return _EXERCISES[tag](answer)


def judge(answer, expected, *, slips=(), hints=(), right=None, tolerance=1e-9):
    """Compare an answer with what is expected.

    Parameters
    ----------
    answer : object
        The reader's: a number, a string, an array, or a list, tuple, set or dictionary of those.
    expected : object
        What is right, of the same kind.
    slips : sequence of (value, sentence) or (value, sentence, mistake)
        Wrong answers that are to be expected, what to say to each, and its name in the catalogue, if it has one.
    hints : tuple of str
        Three hints.
    right : str, optional
        What to say to the right answer.
    tolerance : float
        The relative error that is allowed in numbers.

    Returns
    -------
    Diagnosis
        The answer to the answer.
    """
    if _holds_blank(answer):
        return unfinished()
    fault = _fault(answer, expected, tolerance)
    if not fault:
        return Diagnosis("right", right or WORDS["right"])
    for value, sentence, *mistake in slips:
        if not _fault(answer, value, tolerance):
            return Diagnosis("wrong", sentence, *mistake, hints=tuple(hints))
    return Diagnosis("wrong", fault, hints=tuple(hints))


def judge_function(function, right, calls, *, slips=(), hints=(), message=None, tolerance=1e-9, parts=()):
    """Compare a reader's function with the right one, call by call.

    Parameters
    ----------
    function : callable
        The reader's.
    right : callable
        The right one.
    calls : sequence of tuples
        The arguments of each call. Both functions get copies.
    slips : sequence of (function, sentence) or (function, sentence, mistake)
        Wrong functions that are to be expected, what to say to each, and its name in the catalogue, if it has one. A
        slip is told by the calls before the first one that raises.
    hints : tuple of str
        Three hints.
    message : str, optional
        What to say to the right one.
    tolerance : float
        The relative error that is allowed in numbers.
    parts : sequence of str
        How to call the items of a result: ("Zs", "activations") instead of answer[0] and answer[1].

    Returns
    -------
    Diagnosis
        Right, or what the first call that goes wrong gives.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    """
    found, end = [], None
    try:
        check_function("answer", function)
        caller = Caller(function)
        for arguments in calls:
            copies = copy.deepcopy(arguments)
            result = caller(*copies)
            if result is None and is_blank(function):
                return unfinished()
            found.append(copy.deepcopy(result))
            changed = _changed(arguments, copies)
            if changed is not None and not _changed_too(right, arguments, changed):
                name = _names(right, arguments)[changed]
                word = "changed array" if isinstance(arguments[changed], np.ndarray) else "changed"
                return Diagnosis("wrong", WORDS[word].format(name=name), "arguments-changed", tuple(hints))
    except Finished as finished:
        end = finished.diagnosis
        if end.state != "stopped" or not found:
            return replace(end, hints=end.hints or tuple(hints) * (end.state == "stopped"))
    calls = calls[: len(found)]
    expected = [right(*copy.deepcopy(arguments)) for arguments in calls]
    faults = [_fault(mine, theirs, tolerance, parts) for mine, theirs in zip(found, expected, strict=True)]
    if not any(faults):
        return replace(end, hints=end.hints or tuple(hints)) if end else Diagnosis("right", message or WORDS["right"])
    if is_blank(function):
        return unfinished()
    if all(result is None for result in found):
        return Diagnosis("wrong", WORDS["printed" if caller.printed else "no return"], hints=tuple(hints))
    for slip, sentence, *mistake in slips:
        if not any(
            _fault(mine, _result(slip, arguments), tolerance) for mine, arguments in zip(found, calls, strict=True)
        ):
            return Diagnosis("wrong", sentence, *mistake, hints=tuple(hints))
    if end:
        return replace(end, hints=end.hints or tuple(hints))
    index = next(index for index, fault in enumerate(faults) if fault)
    arguments = ", ".join(map(_describe, _names(right, calls[index]), calls[index]))
    told = WORDS["function"].format(arguments=arguments, message=faults[index])
    return Diagnosis("wrong", told, hints=tuple(hints))


def _order(tag):
    return [int(part) for part in tag.split(".")]


def _holds_blank(answer):
    if answer is Ellipsis:
        return True
    parts = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list | tuple | set) else ()
    return any(_holds_blank(part) for part in parts)


def _result(function, arguments):
    try:
        with np.errstate(all="ignore"):
            return function(*copy.deepcopy(arguments))
    except Exception:
        return None


def _changed(before, after):
    """Find the first argument that a call has changed."""
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if _state(old) != _state(new):
            return index
    return None


def _changed_too(right, arguments, index):
    """An exercise may ask for a function that changes its argument."""
    copies = copy.deepcopy(arguments)
    right(*copies)
    return _state(copies[index]) != _state(arguments[index])


def _state(value):
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, list | tuple):
        return [_state(part) for part in value]
    if hasattr(value, "weights") and hasattr(value, "biases"):
        return [_state(list(value.weights)), _state(list(value.biases))]
    return value if isinstance(value, str | Number) else None


def _fault(answer, expected, tolerance, parts=()):
    """Say what is wrong with an answer; nothing if it is right."""
    if callable(answer):
        return WORDS["called"].format(expected=_kind(expected))
    if expected is None:
        return "" if answer is None else _wrong_kind(answer, expected)
    if isinstance(expected, bool | np.bool_):
        is_bool = isinstance(answer, bool | np.bool_)
        return _same(answer, expected) if is_bool else _wrong_kind(answer, expected)
    if isinstance(expected, Number):
        return _fault_of_number(answer, expected, tolerance)
    if isinstance(expected, np.ndarray):
        return _fault_of_array(answer, expected, tolerance)
    if isinstance(expected, str):
        is_string = isinstance(answer, str)
        return (
            _same(answer.strip().lower(), expected.strip().lower(), answer)
            if is_string
            else _wrong_kind(answer, expected)
        )
    if isinstance(expected, list | tuple):
        return _fault_of_list(answer, expected, tolerance, parts)
    if isinstance(expected, dict):
        return _fault_of_dictionary(answer, expected, tolerance)
    if isinstance(expected, set | frozenset):
        is_set = isinstance(answer, set | frozenset | list | tuple)
        return _same(set(answer), set(expected), answer) if is_set else _wrong_kind(answer, expected)
    return _same(answer, expected)


def _same(answer, expected, shown=None):
    return "" if answer == expected else WORDS["wrong value"].format(found=repr(answer if shown is None else shown))


def _wrong_kind(answer, expected):
    return WORDS["wrong kind"].format(found=name_of(answer), expected=_kind(expected))


def _kind(expected):
    if isinstance(expected, bool | np.bool_):
        return WORDS["True or False"]
    if isinstance(expected, Number):
        return WORDS["a number"]
    if isinstance(expected, np.ndarray):
        return WORDS["an array"].format(shape=expected.shape)
    if isinstance(expected, list | tuple):
        return WORDS["a list"].format(length=len(expected))
    words = {str: "a string", dict: "a dictionary", set: "a set", frozenset: "a set"}
    return WORDS[words[type(expected)]] if type(expected) in words else name_of(expected)


def _fault_of_number(answer, expected, tolerance):
    single = isinstance(answer, Number) or (isinstance(answer, np.ndarray) and answer.ndim == 0)
    if not single or isinstance(answer, bool | np.bool_) or np.asarray(answer).dtype.kind not in "iufc":
        return _wrong_kind(answer, expected)
    if relative_error(np.asarray(answer), np.asarray(expected)) <= tolerance:
        return ""
    return WORDS["wrong value"].format(found=f"{answer:.6g}" if isinstance(answer, float) else answer)


def _fault_of_array(answer, expected, tolerance):
    if not isinstance(answer, np.ndarray) or answer.dtype.kind not in "biufc":
        return _wrong_kind(answer, expected)
    if answer.shape != expected.shape:
        return WORDS["wrong shape"].format(found=answer.shape, expected=expected.shape)
    if relative_error(answer.astype(complex), expected.astype(complex)) <= tolerance:
        return ""
    size = expected.size
    wrong = int(np.sum(~np.isclose(answer, expected, rtol=1e-6, atol=tolerance * np.abs(expected).max(initial=0))))
    return WORDS["wrong array"].format(count=max(wrong, 1), size=size, are=WORDS["one" if wrong == 1 else "many"])


def _fault_of_list(answer, expected, tolerance, parts=()):
    if not isinstance(answer, list | tuple):
        if isinstance(answer, np.ndarray) and answer.ndim == 1 and all(isinstance(part, Number) for part in expected):
            return _fault_of_list(answer.tolist(), expected, tolerance)
        return _wrong_kind(answer, expected)
    if len(answer) != len(expected):
        return WORDS["wrong length"].format(found=len(answer), expected=len(expected))
    for index, (mine, theirs) in enumerate(zip(answer, expected, strict=True)):
        part = parts[index] if index < len(parts) else f"answer[{index}]"
        if parts and isinstance(theirs, list) and isinstance(mine, list | tuple) and len(mine) == len(theirs):
            fault = _fault_of_list(mine, theirs, tolerance, [f"{part}[{i}]" for i in range(len(theirs))])
        else:
            fault = _fault(mine, theirs, tolerance)
            fault = fault and WORDS["wrong part"].format(part=part, message=_lower(fault))
        if fault:
            return fault
    return ""


def _fault_of_dictionary(answer, expected, tolerance):
    if not isinstance(answer, dict):
        return _wrong_kind(answer, expected)
    if set(answer) != set(expected):
        keys = (", ".join(sorted(map(repr, part))) for part in (answer, expected))
        return WORDS["wrong key"].format(**dict(zip(("found", "expected"), keys, strict=True)))
    for key, theirs in expected.items():
        fault = _fault(answer[key], theirs, tolerance)
        if fault:
            return WORDS["wrong part"].format(part=f"answer[{key!r}]", message=_lower(fault))
    return ""


def _lower(sentence):
    """Let a sentence go on after a colon."""
    return sentence[0].lower() + sentence[1:] if sentence.startswith(("Your", "Part")) else sentence


def _names(function, arguments):
    """Give the names of the arguments of a call."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return [names[i] if i < len(names) else f"[{i}]" for i in range(len(arguments))]


def _describe(name, value):
    if isinstance(value, np.ndarray):
        return WORDS["of shape"].format(name=name, shape=value.shape)
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))  # of a random generator
    if len(text) <= 40:
        return WORDS["is"].format(name=name, value=text)
    if isinstance(value, list | tuple):
        return WORDS["of length"].format(name=name, kind=type(value).__name__, length=len(value))
    return WORDS["of type"].format(name=name, kind=type(value).__name__)
