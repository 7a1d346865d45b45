"""Judge a reader's function that changes the network in place: what counts is the network after the call."""

import copy
import functools
from dataclasses import replace

from bpteach.diagnosis.calls import Caller, Finished, is_blank
from bpteach.exercises.judging import judge_function
from bpteach.gradcheck import relative_error

WORDS = {
    "some wrong": "After the call, {wrong} {have} other numbers than expected; {right} {are} right.",
    "all wrong": "After the call, all biases and weights have other numbers than expected.",
    "shape": "After the call, {name} has shape {found}: expected {expected}.",
    "and": " and ",
    "have": ("has", "have"),
    "are": ("is", "are"),
}


def judge_network(function, right, calls, *, slips=(), hints=(), message=None, tolerance=1e-9):
    """Compare what a reader's function does to a network with what the right one does.

    Parameters
    ----------
    function : callable
        The reader's: its first argument is a network, which it changes in place.
    right : callable
        The right one.
    calls : sequence of tuples
        The arguments of each call, a network first. Both functions get copies.
    slips : sequence of (function, sentence) or (function, sentence, mistake)
        Wrong functions that are to be expected, what to say to each, and its name in the catalogue, if it has one.
    hints : tuple of str
        Three hints.
    message : str, optional
        What to say to the right one.
    tolerance : float
        The relative error that is allowed in numbers.

    Returns
    -------
    Diagnosis
        Right, or which arrays of the network are wrong.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    """
    if not callable(function) or isinstance(function, type):
        return judge_function(function, right, calls)
    mine, theirs = _network_after(function), _network_after(right)
    wrong = [(_network_after(slip), *told) for slip, *told in slips]
    answer = judge_function(mine, theirs, calls, slips=wrong, hints=hints, message=message, tolerance=tolerance)
    told = answer.mistake or answer.message in {sentence for _, sentence, *_ in slips}
    if answer.state != "wrong" or told:
        return answer
    return replace(answer, message=_first_fault(mine, theirs, calls, tolerance) or answer.message)


def _network_after(function):
    """Wrap a function that changes a network so that it returns the network's arrays; `...` if it is still blank."""

    @functools.wraps(function, updated=())
    def changed(net, *arguments):
        before = _arrays(net.copy())
        result = function(net, *arguments)
        after = _arrays(net)
        unchanged = before.keys() == after.keys() and all((before[key] == after[key]).all() for key in before)
        return ... if result is Ellipsis or (unchanged and is_blank(function)) else after

    return changed


def _arrays(net):
    return {f"net.{name}[{i}]": array for name in ("biases", "weights") for i, array in enumerate(getattr(net, name))}


def _first_fault(mine, theirs, calls, tolerance):
    """Say which arrays are wrong after the first call that goes wrong; nothing if that cannot be said."""
    for arguments in calls:
        try:
            found = Caller(mine)(*copy.deepcopy(arguments))
        except Finished:
            return ""
        expected = theirs(*copy.deepcopy(arguments))
        for name in expected:
            if found[name].shape != expected[name].shape:
                return WORDS["shape"].format(name=name, found=found[name].shape, expected=expected[name].shape)
        wrong = [name for name in expected if relative_error(found[name], expected[name]) > tolerance]
        if wrong:
            return _sentence(wrong, [name for name in expected if name not in wrong])
    return ""


def _sentence(wrong, right):
    if not right:
        return WORDS["all wrong"]
    return WORDS["some wrong"].format(
        wrong=_listed(wrong), have=WORDS["have"][len(wrong) > 1], right=_listed(right), are=WORDS["are"][len(right) > 1]
    )


def _listed(names):
    *first, last = names
    return (", ".join(first) + WORDS["and"] if first else "") + last
