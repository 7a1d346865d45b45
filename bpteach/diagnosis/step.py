"""Check a reader's update step: what it does to a network, on two calls and more."""

import copy
import inspect
from dataclasses import dataclass

import numpy as np

from bpteach.checks import name_of
from bpteach.diagnosis.calls import Caller, Finished, check_function, unfinished_if_blank
from bpteach.diagnosis.catalogue import CATALOGUE, CONVENTIONS, EQUATIONS, hints_at
from bpteach.diagnosis.catalogue import WORDS as NAMES
from bpteach.diagnosis.gradient import accumulated, common_factor, going_on
from bpteach.diagnosis.known import Known
from bpteach.diagnosis.mistakes import step_forms
from bpteach.diagnosis.numbers import agree, first_wrong, is_right, table_of
from bpteach.diagnosis.probes import become, probes
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
    "no array": "After the step net.{part}[{index}] is {found}: expected an array of shape {expected}.",
    "shape": "After the step net.{part}[{index}] has shape {found}: expected {expected}.",
    "no rate": "The step is {factor:.3g} times what it should be, which is 1/η: multiply it by eta, in equation "
    "{equation}, from layer {layer} on.",
    "weights stay": "The biases take the right step, and the weights of layer {layer}, equation {equation}, stay "
    "where they were.",
    "constant": "The step is {factor:.3g} times what it should be, in every layer from layer {layer} on: look for a "
    "constant in equation {equation}.",
    "only there": "Right on layers of equal size, but with sizes {sizes} and m = {m}: {message}",
    "only there wrong": "Right on layers of equal size, but with sizes {sizes} and m = {m} {part} of layer "
    "{layer} goes wrong, in {equation}.",
    "also changes": "; your function also changes {changed}.",
    "elsewhere": "Taking the step for a gradient, on the way back from the output {part} of layer {layer} is the "
    "first that goes wrong, so {equation} is the place to look; none of the known mistakes does exactly this.",
}

PARTS = ("biases", "weights")
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
    with np.errstate(all="ignore"):
        try:
            check_function("fn", fn)
            by_pairs = _takes_pairs(fn)
            answer = _judge(_run_all(fn, tried, by_pairs))
        except Finished as end:
            answer = end.diagnosis
        return unfinished_if_blank(answer, fn)


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


@dataclass
class _Run:
    """What came of one step: the gradient that it followed, or how it ended."""

    probe: object
    found: list = None
    ended: Finished | None = None
    changed: str = ""
    shared: str = ""
    printed: str = ""

    @property
    def is_right(self):
        return self.found is not None and is_right(self.found, self.probe.right)


def _run_all(fn, tried, by_pairs):
    runs = []
    net = copy.deepcopy(tried[0].net)  # the first two calls get the same network, as in a training
    for index, probe in enumerate(tried):
        caller = Caller(fn, Known(probe))
        run = _Run(probe)
        net = become(net, probe.net) if index < 2 else copy.deepcopy(probe.net)
        try:
            _step(run, net, caller, by_pairs)
        except Finished as end:
            if index < 2:
                raise
            run.ended = end
        runs.append(run)
    return runs


def _step(run, net, caller, by_pairs):
    probe = run.probe
    X, Y = probe.X.copy(), probe.Y.copy()
    given = [(X, Y)] if not by_pairs else [[(X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]]
    given = list(given[0]) if not by_pairs else given
    before = copy.deepcopy(given)
    result = caller(net, *given, probe.eta)
    run.printed = caller.printed
    run.found = derived(probe, net)
    if not any(g.any() for part in run.found for g in part):
        word = "nothing" if result is None else "returned"
        raise Finished(Diagnosis("wrong", WORDS[word].format(found=name_of(result))))
    names = ("mini_batch",) if by_pairs else ("X", "Y")
    run.changed = changes(before, given, names) or changes([probe.net.sizes], [net.sizes], ["net.sizes"])
    arrays = [(f"net.{part}[{i}]", array) for part in PARTS for i, array in enumerate(getattr(net, part))]
    run.shared = shared(arrays, given)


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
        if not isinstance(new, list | tuple) or len(new) != len(old):
            raise Finished(_stopped("no list", part=part, found=name_of(new), count=len(old)))
        found.append([_difference(part, i, a, b, probe) for i, (a, b) in enumerate(zip(old, new, strict=True))])
    return found


def _difference(part, index, old, new, probe):
    told = {"part": part, "index": index, "expected": old.shape}
    if not isinstance(new, np.ndarray) or new.dtype.kind not in "iuf":
        raise Finished(_stopped("no array", found=name_of(new), **told))
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


def _judge(runs):
    shown = next((run for run in runs if run.found is not None and not run.is_right), None)
    if shown is None:
        return _judge_right(runs)
    table = table_of(shown.found, shown.probe.right)
    layer, part, equation = first_wrong(shown.found, shown.probe.right)
    name = accumulated(runs) or _recognise(runs)
    if name:
        mistake = CATALOGUE[name]
        state = "convention" if name in CONVENTIONS else "wrong"
        return Diagnosis(state, mistake.said.format(layer=layer), name, mistake.hints, table)
    word, details = _unknown(runs, shown)
    if word not in ("elsewhere", "only there wrong"):
        equation = "(20)"
    told = {"layer": layer, "part": NAMES[part], "equation": equation, "formula": EQUATIONS[equation]} | details
    message = WORDS[word].format(**told)
    extra = [run.changed for run in runs if run.changed]
    if extra:
        message = message.removesuffix(".") + WORDS["also changes"].format(changed=extra[0])
    return Diagnosis("wrong", message, hints=hints_at(layer, part, equation), table=table)


def _judge_right(runs):
    table = table_of(runs[0].found, runs[0].probe.right)
    for run in runs:
        if run.ended is not None:
            sizes, m = run.probe.net.sizes, run.probe.X.shape[1]
            told = run.ended.diagnosis
            message = WORDS["only there"].format(sizes=sizes, m=m, message=going_on(told.message))
            return Diagnosis(told.state, message, told.mistake, told.hints)
    for run in runs:
        for name, what in (("arguments-changed", run.changed), ("outputs-share-memory", run.shared)):
            if what:
                mistake = CATALOGUE[name]
                return Diagnosis("wrong", mistake.said.format(changed=what, shared=what), name, mistake.hints, table)
    word = "right and prints" if any(run.printed for run in runs) else "right"
    return Diagnosis("right", WORDS[word].format(count=len(runs)), table=table)


def _recognise(runs):
    """Find the mistake whose steps are the reader's, on every probe where both take one."""
    for name, form in step_forms():
        if _explains(form, runs):
            return name
    return None


def _explains(form, runs):
    met = False
    for run in runs:
        if run.found is None:
            continue
        predicted = _predicted(form, run.probe)
        if predicted is None:
            if run is runs[0] or run is runs[1]:
                return False
            continue
        if not agree(run.found, predicted):
            return False
        met = met or not run.is_right
    return met


def _predicted(form, probe):
    net, X, Y = copy.deepcopy((probe.net, probe.X, probe.Y))
    try:
        with np.errstate(all="ignore"):
            form(net, X, Y, probe.eta)
        return derived(probe, net)
    except (ValueError, IndexError, TypeError, Finished):
        return None


def _unknown(runs, shown):
    biases, weights = shown.found
    if is_right([biases], shown.probe.right[:1]) and not any(g.any() for g in weights):
        return "weights stay", {}
    factors = [common_factor([run]) for run in runs[:2]]
    if all(factors) and all(np.isclose(f * run.probe.eta, 1) for f, run in zip(factors, runs, strict=False)):
        return "no rate", {"factor": factors[0]}
    factor = common_factor(runs)
    if factor:
        return "constant", {"factor": factor}
    if runs[0].is_right and runs[1].is_right:
        return "only there wrong", {"sizes": shown.probe.net.sizes, "m": shown.probe.X.shape[1]}
    return "elsewhere", {}
