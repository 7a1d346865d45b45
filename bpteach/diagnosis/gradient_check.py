"""Check a reader's `backprop` or `backprop_matrix`."""

import contextlib
import copy
from numbers import Number

import numpy as np

from bpteach.arguments import is_plain
from bpteach.diagnosis.algorithm import gradients
from bpteach.diagnosis.calls import Caller, Finished, stop
from bpteach.diagnosis.check import Check
from bpteach.diagnosis.comparison import FEW_DIGITS, SAME, agree, described
from bpteach.diagnosis.mistakes.slips import OF_A_GRADIENT
from bpteach.diagnosis.probes import Attempt, probes
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.sharing import changes, shared
from bpteach.forms import required
from bpteach.locale import _

PARTS = ("nabla_b", "nabla_w")


def check_backprop(function, *, seed=0):
    """Check a function like `backprop`, for one example.

    Parameters
    ----------
    function : callable
        A function of (net, x, y) that returns (nabla_b, nabla_w), or a method of a class laid out like the book's.
    seed : int
        Where the random numbers of the small networks start.

    Returns
    -------
    Diagnosis
        Right, or which mistake.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    ValueError
        If `seed` is negative.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equations (BP1) to (BP4).

    Examples
    --------
    >>> from bpteach import backprop
    >>> print(check_backprop(backprop).message)
    Your gradient is right in every layer, on 6 networks.
    """
    return GradientCheck(function, probes(seed, single=True)).answer()


def check_backprop_matrix(function, *, seed=0):
    """Check a function like `backprop_matrix`, for a mini-batch.

    Parameters
    ----------
    function : callable
        A function of (net, X, Y) that returns (nabla_b, nabla_w), summed over the columns; or a method.
    seed : int
        Where the random numbers of the small networks start.

    Returns
    -------
    Diagnosis
        Right, or which mistake.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    ValueError
        If `seed` is negative.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, problem "Fully matrix-based approach to backpropagation
    over a mini-batch".

    Examples
    --------
    >>> from bpteach import backprop_matrix
    >>> def mean(net, X, Y):
    ...     return [[g / X.shape[1] for g in part] for part in backprop_matrix(net, X, Y)]
    >>> check_backprop_matrix(mean).mistake
    'mean-for-sum'
    """
    return GradientCheck(function, probes(seed)).answer()


class GradientCheck(Check):
    """Compares gradients with those of the right algorithm, and with those of wrong ones."""

    methods = ("backprop_matrix", "backprop")
    slips = OF_A_GRADIENT

    def __init__(self, function, probes):
        super().__init__(function, probes)
        self._returned = []  # the arrays of all calls so far

    def takes_pairs(self):
        return required(self.function) == 2  # (net, mini_batch)

    def read(self, attempt, net, given, result, caller):
        attempt.found = read_gradient(result, attempt.probe, caller)
        attempt.changed = changes([attempt.probe.net], [net], [self.name])
        arrays = [
            (f"{part}[{i}]", array)
            for part, arrays in zip(PARTS, result, strict=True)
            for i, array in enumerate(arrays)
            if isinstance(array, np.ndarray)
        ]
        attempt.shared = shared(arrays, [net, *given])
        if not attempt.shared and shared(arrays, self._returned):
            attempt.shared = _("arrays of this call and of the one before")
        self._returned += [array for _name, array in arrays]

    def predicted(self, lines, probe):
        found = gradients(probe.net, probe.X, probe.Y, lines, probe.single)
        return [[None if g is None else np.asarray(g) for g in part] for part in found]

    def praise(self):
        return _("Your gradient is right in every layer, on {count} networks.")

    def more_questions(self):
        return self._looks, self._random

    def _looks(self):
        """Is it told by what the arrays look like?"""
        kinds = {kind for row in self.table for kind in row.kinds}
        if "not finite" in kinds:
            return self.wrong(_("It holds NaN or infinity. {part} of layer {layer}, {equation}, goes wrong first."))
        if kinds == {"zero"}:
            return self.wrong(_("It is zero everywhere, from layer {layer}, {equation}, on: was it never filled?"))
        if kinds <= {"few digits", "exact"}:
            return self.wrong(_("Its numbers are float32, right to about seven digits only: make its arrays float64."))
        if agree(self.judged.found, self.judged.probe.expected, FEW_DIGITS):
            return self.wrong(
                _("Right to five digits, and no further: is it rounded, float32, or made of differences?")
            )
        return None

    def _random(self):
        caller, probe = Caller(self.function), self.judged.probe
        with contextlib.suppress(Finished):
            again = Attempt(probe)
            self.call(again, copy.deepcopy(probe.net), caller)
            if agree(self.judged.found, again.found, SAME):
                return None
        return self.wrong(_("It gives other numbers each time. {part} of layer {layer}, {equation}, goes wrong first."))

    def elsewhere(self):
        sentence = _("Counted from the output, {part} of layer {layer} goes wrong first. Look at {equation}.")
        if self.equation == "BP1":
            sentence = _("Layer {layer}, the output, is wrong already. Look at {equation}, and the way forward.")
        if "nothing" in self.table[self.layer - 2].kinds:
            sentence = _(
                "Layer {layer} was never filled: does the loop reach it, and does `return` stand after the loop?"
            )
        return self.wrong(sentence)


# --- what was returned, read as two lists: one array a layer after the input ------------------------------------------


def read_gradient(result, probe, caller):
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


def _array(name, entry, expected):
    if entry is None:
        return None
    if isinstance(entry, Number) and not isinstance(entry, complex):
        return np.array(float(entry))
    if isinstance(entry, np.ndarray):
        if is_plain(entry) and entry.dtype.kind in "iuf":
            return np.array(entry, copy=True)
        found = _("an array of type {kind}").format(kind=entry.dtype if is_plain(entry) else type(entry).__name__)
    else:
        found = described(entry)
    sentence = _("{name} is {found}: expected an array of numbers (float64), of shape {expected}.")
    return stop(sentence, name=name, found=found, expected=expected)
