"""Judge an answer to an exercise, a value or a function: is it right, or which of the slips that are known is it?"""

import contextlib
import copy
import functools
import inspect
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from bpteach.diagnosis.calls import Caller, Finished, holds_blank, is_blank, refuse_no_function, unfinished
from bpteach.diagnosis.report import Diagnosis, reworded
from bpteach.diagnosis.sharing import changes
from bpteach.exercises.relations import relation
from bpteach.exercises.values import fault_of
from bpteach.locale import N_, _, listed

RIGHT = N_("That is it.")


class Slip(NamedTuple):
    """A wrong answer that is to be expected."""

    wrong: Any  # a wrong value, or a function that computes one
    mistake: str | None = None  # its name in the catalogue
    fits: Any = None  # takes (found, *arguments): whether a result shows this slip; None if it must be that of `wrong`
    sentence: str = ""

    def told(self):
        return Diagnosis("wrong", _(self.sentence), self.mistake)


def as_slips(slips):
    """List slips given as {sentence: wrong answer, Slip, or list of those}; a list of them stays as it is."""
    if not isinstance(slips, dict):
        return list(slips)
    pairs = [(key, wrong) for key, some in slips.items() for wrong in (some if isinstance(some, list) else [some])]
    return [(wrong if isinstance(wrong, Slip) else Slip(wrong))._replace(sentence=key) for key, wrong in pairs]


def hints_of(hints):
    """Say hints, given as one text of three lines or as three sentences."""
    return tuple(_(hints).split("\n") if isinstance(hints, str) else map(_, hints))


def judge(answer, expected, *, slips=(), hints=(), right=RIGHT):
    """Compare a value with what is expected. `right` is said of the right one."""
    if holds_blank(answer):
        return unfinished()
    fault = fault_of(answer, expected)
    if not fault:
        return Diagnosis("right", _said(right))
    slip = next((slip for slip in as_slips(slips) if not fault_of(answer, slip.wrong)), None)
    return _with_hints(slip.told() if slip else Diagnosis("wrong", fault.told()), hints)


@dataclass
class Trial:
    """What became of a reader's function that was called with one set of arguments after the other."""

    function: Any
    right: Any  # the function that it is compared with
    calls: list  # the arguments of each call
    found: list = field(default_factory=list)  # the results, as many as there are
    end: Diagnosis | None = None  # why there are no more
    error: BaseException | None = None  # what was raised

    def run(self):
        """Call the function until it cannot go on."""
        caller = Caller(self.function)
        try:
            for arguments in self.calls:
                copies = copy.deepcopy(arguments)
                result = caller(*copies)
                if result is None and is_blank(self.function):
                    raise Finished(unfinished())
                with contextlib.suppress(Exception):  # what holds a generator cannot be copied
                    result = copy.deepcopy(result)
                self.found.append(result)
                self._refuse_changes(arguments, copies)
        except Finished as finished:
            self.end = finished.diagnosis
        self.error = caller.error
        self.calls = self.calls[: len(self.found)]

    def _refuse_changes(self, before, after):
        """End the trial if the function has changed an argument that the right one leaves alone."""
        names = names_of(self.right, before)

        def changed(after):
            return [name for old, new, name in zip(before, after, names, strict=False) if changes([old], [new], [name])]

        if changed(after):
            copies = copy.deepcopy(before)
            self.right(*copies)
            if not changed(copies):
                sentence = _(
                    "Your function changed its argument {name}: work on a copy. (`+=`, `-=` and `*=` write into the "
                    "array that came in, and a slice of it is a window on it.)"
                )
                raise Finished(Diagnosis("wrong", sentence.format(name=changed(after)[0]), "arguments-changed"))

    def plain_verdict(self, faults, message):
        """Give the verdict where no slips need to be tried."""
        if self.end and (self.end.state != "stopped" or not self.found):
            return self.end
        if not any(faults):
            return self.end or Diagnosis("right", _said(message))
        if is_blank(self.function):
            return unfinished()
        if any(result is not None for result in self.found):
            return None
        told = _("Your function returned None: is the line with return missing? What is printed is not returned.")
        return Diagnosis("wrong", told)

    def shows(self, slip, tolerance):
        pairs = zip(self.found, self.calls, strict=True)
        if slip.fits:
            return all(_result(slip.fits, found, *arguments) for found, arguments in pairs)
        return not any(fault_of(found, _result(slip.wrong, *arguments), tolerance) for found, arguments in pairs)

    def in_relation(self, expected, slips, parts):
        """Say how the results are related to the right ones, or to those of a slip; None if no relation is known."""
        related = self._related(expected, parts)
        if related:
            return Diagnosis("wrong", related)
        if not isinstance(self.found[0], list | tuple) and np.size(self.found[0]) < 2:
            return None  # any two numbers are related
        for slip in slips:
            would_be = [] if slip.fits else [_result(slip.wrong, *arguments) for arguments in self.calls]
            related = would_be and self._related(would_be, parts)
            if related:
                words = _("Two things. {message} And apart from that: {besides}")
                return reworded(slip.told(), words, besides=related[0].lower() + related[1:])
        return None

    def _related(self, others, parts):
        return relation(self.found, others, self.calls, names_of(self.right, self.calls[0]), parts)

    def without_a_slip(self, expected, faults, parts, otherwise):
        """Say what is wrong with the first result that is."""
        names = names_of(self.right, self.calls[0])
        index = next(index for index, fault in enumerate(faults) if fault)
        arguments = self.calls[index]
        told = self.found[index] if isinstance(self.found[index], Diagnosis) else None
        with contextlib.suppress(OverflowError):  # a whole number of hundreds of digits
            told = otherwise(self.found[index], expected[index], *arguments) if otherwise else told
        if not told:
            told = _("{message} (Called with {arguments}.)")
            listed = _(", ").join(map(_describe, names, arguments))
            told = told.format(message=faults[index].told(parts), arguments=listed)
        return told if isinstance(told, Diagnosis) else Diagnosis("wrong", told)


def judge_function(
    function, right, calls, *, slips=(), hints=(), message=RIGHT, tolerance=1e-9, parts=(), otherwise=None, revise=None
):
    """Compare a reader's function with the right one, call by call.

    Parameters
    ----------
    function, right : callable
        The reader's, and the right one.
    calls : sequence of tuples
        The arguments of each call. Both functions get copies.
    slips : dict of str to callable, Slip or list of those
        What to say, and of which wrong functions; by the calls before the first one that raises.
    hints : str or tuple of str
        Three hints; as one text, a line each.
    message : str or callable
        What to say to the right one, or a function that makes the sentence.
    tolerance : float
        The relative error that is allowed in numbers.
    parts : sequence of str
        How to call the items of a result: ("∇b", "∇w") instead of answer[0] and answer[1].
    otherwise : callable, optional
        Takes (found, expected, *arguments) of the first call that goes wrong in no known way; gives a sentence, a
        diagnosis, or nothing.
    revise : callable, optional
        Takes the function, the diagnosis and the trial, unless a slip was recognised; gives another diagnosis.

    Returns
    -------
    Diagnosis
        Right, or what the first call that goes wrong gives.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    """
    try:
        refuse_no_function("answer", function)
    except Finished as finished:
        return finished.diagnosis
    trial = Trial(function, right, calls)
    trial.run()
    expected = [right(*copy.deepcopy(arguments)) for arguments in trial.calls]
    faults = [fault_of(mine, theirs, tolerance) for mine, theirs in zip(trial.found, expected, strict=True)]
    told = trial.plain_verdict(faults, message)
    if told is None:
        slips = as_slips(slips)
        slip = next((slip for slip in slips if trial.shows(slip, tolerance)), None)
        if slip:
            return _with_hints(slip.told(), hints)
        told = trial.in_relation(expected, slips, parts) or trial.end
        told = told or trial.without_a_slip(expected, faults, parts, otherwise)
    if revise and told.state != "unfinished":
        told = revise(function, told, trial)
    return _with_hints(told, hints)


def judge_network(function, right, calls, *, slips=(), revise=None, tolerance=1e-9, **how):
    """Compare what a reader's function does to its first argument, a network, with what the right one does.

    The other arguments are those of `judge_function`.
    """
    return judge_function(
        network_after(function),
        network_after(right),
        calls,
        slips=[slip._replace(wrong=network_after(slip.wrong)) for slip in as_slips(slips)],
        tolerance=tolerance,
        otherwise=lambda found, expected, *arguments: _fault_of_arrays(found, expected, tolerance),
        revise=revise and (lambda wrapped, told, trial: revise(function, told, trial)),
        **how,
    )


def network_after(function):
    """Wrap a function that changes a network so that it returns the network's arrays; `...` if it is still blank."""

    def changed(net, *arguments):
        before = _arrays_of(net.copy())
        result = function(net, *arguments)
        after = _arrays_of(net)
        unchanged = before.keys() == after.keys() and all((before[key] == after[key]).all() for key in before)
        return ... if result is Ellipsis or (unchanged and is_blank(function)) else after

    return stand_in(function, changed)


def _arrays_of(net):
    return {f"net.{name}[{i}]": array for name in ("biases", "weights") for i, array in enumerate(getattr(net, name))}


def _fault_of_arrays(found, expected, tolerance):
    """Say which arrays of a network are wrong, and what is wrong with the first of them."""
    if found.keys() != expected.keys():
        return ""
    faults = {name: fault_of(found[name], expected[name], tolerance) for name in expected}
    wrong, right = ([name for name in expected if bool(faults[name]) == is_wrong] for is_wrong in (True, False))
    told = _("Wrong after the call: {wrong}. Right: {right}. {fault}")
    fault = faults[wrong[0]]._replace(place=wrong[:1]).told({wrong[0]: wrong[0]})
    return told.format(wrong=listed(wrong), right=listed(right or [_("none")]), fault=fault)


def stand_in(function, call):
    """Let `call` stand in for a reader's function, with its name and source; what is no function stays as it is."""
    if not callable(function) or isinstance(function, type):
        return function
    return functools.wraps(function, updated=())(lambda *arguments: call(*arguments))


def names_of(function, arguments):
    names = list(inspect.signature(function).parameters)
    return names + [f"[{i}]" for i in range(len(names), len(arguments))]


def _said(sentence):
    return sentence() if callable(sentence) else _(sentence)


def _with_hints(told, hints):
    needed = told.state in ("wrong", "stopped") and not told.hints
    return replace(told, hints=hints_of(hints)) if needed else told


def _result(function, *arguments):
    try:
        with np.errstate(all="ignore"):
            return function(*copy.deepcopy(arguments))
    except Exception:
        return None


def _describe(name, value):
    if isinstance(value, np.ndarray):
        return _("{name} of shape {shape}").format(name=name, shape=value.shape)
    text = repr(value)
    is_short = len(text) <= 40 and " at 0x" not in text
    return f"{name} = {text}" if is_short else name
