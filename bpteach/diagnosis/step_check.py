"""Check a reader's update step: what it does to a network, on two calls and more."""

import copy
import inspect

import numpy as np

from bpteach.diagnosis import conventions
from bpteach.diagnosis.algorithm import gradients, take_step
from bpteach.diagnosis.calls import Finished, stop
from bpteach.diagnosis.check import Check
from bpteach.diagnosis.comparison import described, in_words
from bpteach.diagnosis.methods import is_method
from bpteach.diagnosis.mistake import three_hints
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.mistakes.slips import OF_A_GRADIENT, OF_A_STEP
from bpteach.diagnosis.probes import probes
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.sharing import changes, shared
from bpteach.forms import required
from bpteach.locale import _

PARTS = ("biases", "weights")


def check_update(function, *, seed=0):
    """Check a function like `update_mini_batch` or `update_mini_batch_matrix`.

    Parameters
    ----------
    function : callable
        A function of (net, mini_batch, eta) or of (net, X, Y, eta) that changes `net`.
    seed : int
        Where the random numbers of the small networks start.

    Returns
    -------
    Diagnosis
        Right, or which mistake. Its table describes (old − new) · m/η, the gradient that the step has followed.

    Raises
    ------
    TypeError
        If `function` cannot be called.
    ValueError
        If `seed` is negative.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 1, equations (20) and (21).

    Examples
    --------
    >>> from bpteach import update_mini_batch
    >>> check_update(update_mini_batch).ok
    True
    """
    return StepCheck(function, probes(seed)).answer()


class StepCheck(Check):
    """Compares the gradient that a step has followed with the right one, and with those of wrong steps."""

    of = "step"
    methods = ("update_mini_batch", "update_mini_batch_matrix")
    slips = (*OF_A_STEP, *OF_A_GRADIENT)
    more_factors = conventions.OF_A_STEP

    def takes_pairs(self):
        return takes_pairs(self.function)

    def more_arguments(self, probe):
        return [probe.eta]

    def read(self, attempt, net, given, result, caller):
        attempt.found = followed(attempt.probe, net)
        if not any(g.any() for part in attempt.found for g in part):
            raise Finished(_network_as_it_was(result))
        attempt.changed = changes([attempt.probe.net.sizes], [net.sizes], ["net.sizes"])
        arrays = [(f"net.{part}[{i}]", array) for part in PARTS for i, array in enumerate(getattr(net, part))]
        attempt.shared = shared(arrays, given)

    def forms(self):
        yield from ((mistake, step) for mistake in CATALOGUE.values() for step in mistake.steps)
        yield from super().forms()

    def predicted(self, form, probe):
        form, net, X, Y = copy.deepcopy((form, probe.net, probe.X, probe.Y))  # one that remembers its calls begins anew
        if callable(form):
            form(net, X, Y, probe.eta)
        else:
            take_step(net, gradients(net, X, Y, form), probe.eta / probe.m)
        return followed(probe, net)

    def praise(self):
        return _("Your step is right, for biases and weights of every layer, on {count} networks.")

    def elsewhere(self):
        return self.wrong(
            _(
                "Counted from the output, the step of layer {layer} is wrong first ({part}). Look at {equation}, and "
                "whether every gradient is taken before the network changes."
            )
        )


def takes_pairs(function):
    """Tell (net, mini_batch, eta) from (net, X, Y, eta), by the number of arguments that must be given."""
    needed = required(function)
    if needed is None:
        message = _("function is {found}: expected a function of (net, mini_batch, eta), or of (net, X, Y, eta).")
        raise TypeError(message.format(found=type(function).__name__))
    if needed not in (3, 4):
        sentence = _("Your function takes {found} arguments: expected ({net}, mini_batch, eta), or ({net}, X, Y, eta).")
        stop(sentence, found=needed, net="self" if is_method(function) else "net")
    is_open = any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(function).parameters.values())
    return needed == 3 or (is_open and is_method(function))  # behind a decorator, a method of the book


def _network_as_it_was(returned):
    message = _("The network is as it was: your function is to change its weights and biases.")
    where = _(
        "Look at the lines that add up the gradients, and at those that change the network. In a loop, `w = w - step` "
        "only gives the name w to a new array. And is the step zero? Print it."
    )
    if returned is not None:
        said = _("The network is as it was. What your function returned, {found}, is not looked at: change net itself.")
        message = said.format(found=described(returned))
    return Diagnosis("wrong", message, hints=three_hints(where, "(20)"), equation="(20)")


def followed(probe, net):
    """Find the gradient that a step from a probe's network to this one has followed: (old − new) · m/η."""
    found = []
    for part in PARTS:
        old, new = getattr(probe.net, part), getattr(net, part, None)
        is_list = isinstance(new, list | tuple)
        steps = list(map(_difference, old, new)) if is_list and len(new) == len(old) else [None]
        if any(step is None for step in steps):
            sentence, what = _("After the step net.{part} is {found}: expected {expected}."), in_words(old)
            stop(sentence, part=part, found=in_words(new) if is_list else described(new), expected=what)
        found.append([step * (probe.m / probe.eta) for step in steps])
    return found


def _difference(old, new):
    """Subtract what NumPy may have broadcast to another shape; None if it is no array that a step can have made."""
    if not isinstance(new, np.ndarray) or new.dtype.kind not in "iuf":
        return None
    old = old.ravel() if old.shape == (*new.shape, 1) else old  # NumPy would broadcast a flat bias
    try:
        difference = old - np.asarray(new)
    except ValueError:
        return None
    return difference if difference.shape == new.shape else None
