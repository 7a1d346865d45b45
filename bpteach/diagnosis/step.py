"""Check a reader's update step: what it does to a network, on two calls and more."""

import copy
import inspect
from dataclasses import replace

import numpy as np

from bpteach.diagnosis.calls import Finished, check_function, unfinished_if_blank
from bpteach.diagnosis.catalogue import CATALOGUE_OF_STEP, hints_at
from bpteach.diagnosis.gradient_form import described
from bpteach.diagnosis.judging import attempt_all, common_factor, constant, judge, only_there
from bpteach.diagnosis.mistakes import step_forms
from bpteach.diagnosis.numbers import is_right
from bpteach.diagnosis.probes import probes
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.sharing import changes, shared

WORDS = {
    "right": "Your step is right, for biases and weights of every layer, on {count} networks.",
    "right and prints": "Your step is right on {count} networks; it also prints, which you will not want in a "
    "training.",
    "arguments": "Your function takes {found} arguments: expected (net, mini_batch, eta), or (net, X, Y, eta).",
    "no signature": "fn is {found}: expected a function of (net, mini_batch, eta), or of (net, X, Y, eta).",
    "nothing": "The network is as it was: your function is to change net.weights and net.biases.",
    "returned": "The network is as it was, and what your function returned, {found}, is not looked at: it is to "
    "change net itself.",
    "no list": "After the step net.{part} is {found}: expected a list of {count} arrays.",
    "wrong length": "After the step net.{part} has length {found}: expected {count}, one array for each layer after "
    "the input.",
    "no array": "After the step net.{part}[{index}] is {found}: expected an array of shape {expected}.",
    "shape": "After the step net.{part}[{index}] has shape {found}: expected {expected}.",
    "no rate": "The step is {factor:.3g} times what it should be, which is 1/η: multiply it by eta, as in "
    "{equation}, in layer {layer} and all others.",
    "weights stay": "The biases take the right step, and the weights of layer {layer}, equation {equation}, stay "
    "where they were.",
    "constant": "The step is {factor:.3g} times what it should be, in every layer from layer {layer} on: look for a "
    "constant in equation {equation}.",
    "elsewhere": "Counted from the output, the step of layer {layer} is the first that is wrong ({part}): look at the "
    "lines that change the network and, if you compute the gradient there, at {equation}; none of the known mistakes "
    "does exactly this.",
    "hint of nothing": "Look at the lines that are to change the network: `w = w - step` only gives the name w to a "
    "new array.",
}

PARTS = ("biases", "weights")
STEP = {"equation": "(20)"}
RATES = ("eta", "lr", "rate", "learning_rate")


def check_update(fn, *, seed=0):
    """Check a function like `update_mini_batch` or `update_mini_batch_matrix`.

    Parameters
    ----------
    fn : callable
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
        If `fn` cannot be called.
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
    tried = probes(seed)
    forms = [(name, _form(form)) for name, form in step_forms()]
    with np.errstate(all="ignore"):
        try:
            check_function("fn", fn)
            by_pairs = _takes_pairs(fn)
            attempts = attempt_all(fn, tried, lambda *call: _once(*call, by_pairs))
            answer = judge(attempts, forms, _unknown, WORDS, CATALOGUE_OF_STEP)
        except Finished as end:
            answer = end.diagnosis
        return unfinished_if_blank(replace(answer, of="step"), fn)


def _takes_pairs(fn):
    """Tell the two forms apart by the number of arguments that must be given."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except Exception:  # an object whose attributes raise, too
        raise TypeError(WORDS["no signature"].format(found=type(fn).__name__)) from None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return False
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in positional)
    if needed not in (3, 4):
        raise Finished(_stopped("arguments", found=len(positional)))
    return needed == 3 and not (len(positional) == 4 and positional[3].name in RATES)


def _once(attempt, net, caller, by_pairs):
    """Take one step."""
    X, Y = attempt.probe.X.copy(), attempt.probe.Y.copy()
    given = [[(X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]] if by_pairs else [X, Y]
    before = copy.deepcopy(given)
    result = caller(net, *given, attempt.probe.eta)
    attempt.printed = caller.printed
    attempt.found = derived(attempt.probe, net)
    if not any(g.any() for part in attempt.found for g in part):
        word = "nothing" if result is None else "returned"
        hints = (WORDS["hint of nothing"], *hints_at(2, "both", "(20)")[1:])
        raise Finished(Diagnosis("wrong", WORDS[word].format(found=described(result)), hints=hints))
    names = ("mini_batch",) if by_pairs else ("X", "Y")
    attempt.changed = changes(before, given, names) or changes([attempt.probe.net.sizes], [net.sizes], ["net.sizes"])
    arrays = [(f"net.{part}[{i}]", array) for part in PARTS for i, array in enumerate(getattr(net, part))]
    attempt.shared = shared(arrays, given)


def derived(probe, net):
    """Find the gradient that a step has followed: (old − new) · m/η.

    Parameters
    ----------
    probe : Probe
        With the network as it was.
    net : Network
        The network after the step.

    Returns
    -------
    pair of lists of arrays
        For biases and weights; NumPy may have broadcast some to other shapes.

    Raises
    ------
    Finished
        If the network holds something else.
    """
    found = []
    for part in PARTS:
        old, new = getattr(probe.net, part), getattr(net, part, None)
        if not isinstance(new, list | tuple):
            raise Finished(_stopped("no list", part=part, found=described(new), count=len(old)))
        if len(new) != len(old):
            raise Finished(_stopped("wrong length", part=part, found=len(new), count=len(old)))
        found.append([_difference(part, i, a, b, probe) for i, (a, b) in enumerate(zip(old, new, strict=True))])
    return found


def _difference(part, index, old, new, probe):
    told = {"part": part, "index": index, "expected": old.shape}
    if not isinstance(new, np.ndarray) or new.dtype.kind not in "iuf":
        raise Finished(_stopped("no array", found=described(new), **told))
    if part == "biases" and new.shape == old.shape[:1]:
        old = old.ravel()
    try:
        difference = old - np.asarray(new)
    except ValueError:
        raise Finished(_stopped("shape", found=new.shape, **told)) from None
    if difference.shape != new.shape:
        raise Finished(_stopped("shape", found=new.shape, **told))
    return difference * (probe.X.shape[1] / probe.eta)


def _stopped(word, **details):
    return Diagnosis("stopped", WORDS[word].format(**details))


def _form(update):
    """Make a function of a probe that takes a wrong step; it gives None where that raises."""

    def predicted(probe):
        net, X, Y = copy.deepcopy((probe.net, probe.X, probe.Y))
        try:
            update(net, X, Y, probe.eta)
            return derived(probe, net)
        except (ValueError, IndexError, TypeError, Finished):
            return None

    return predicted


def _unknown(attempts, shown):
    """Say something better than "wrong", where that is possible."""
    biases, weights = shown.found
    if is_right([biases], shown.probe.right[:1]) and not any(g.any() for g in weights):
        return WORDS["weights stay"], STEP
    factors = [common_factor([attempt]) for attempt in attempts[:2]]
    if all(f and np.isclose(f * attempt.probe.eta, 1) for f, attempt in zip(factors, attempts, strict=False)):
        return WORDS["no rate"], STEP | {"factor": factors[0]}
    found = constant(attempts, WORDS["constant"])
    if found:
        return found[0], STEP | found[1]
    return only_there(attempts, shown) or (WORDS["elsewhere"], {})
