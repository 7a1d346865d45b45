"""Check a reader's `backprop` or `backprop_matrix`."""

import copy
from dataclasses import dataclass, field

import numpy as np

from bpteach.diagnosis.calls import Caller, Finished, check_function, unfinished_if_blank
from bpteach.diagnosis.catalogue import CATALOGUE, CONVENTIONS, EQUATIONS, hints_at, in_lower_case
from bpteach.diagnosis.catalogue import WORDS as NAMES
from bpteach.diagnosis.gradient_form import PARTS, read_safely
from bpteach.diagnosis.known import Known
from bpteach.diagnosis.mistakes import gradient_forms, gradients
from bpteach.diagnosis.numbers import agree, factor_of, first_wrong, is_exact, is_right, table_of
from bpteach.diagnosis.probes import become, probes
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.sharing import changes, shared

WORDS = {
    "right": "Your gradient is right in every layer, on {count} networks.",
    "right and prints": "Your gradient is right in every layer, on {count} networks; it also prints, which you will "
    "not want in a training.",
    "only there": "Right on layers of equal size, but with sizes {sizes} and m = {m}: {message}",
    "only there wrong": "Right on layers of equal size, but with sizes {sizes} and m = {m} {part} of layer "
    "{layer} goes wrong, in {equation}.",
    "random": "Your function gives other numbers each time that it is called with the same arguments; {part} of layer "
    "{layer}, in {equation}, is the first that goes wrong.",
    "few digits": "Your gradient holds float32 numbers, and so is right to about seven digits only: make its arrays "
    "float64, like those of the network.",
    "constant": "Each number is {factor:.3g} times what it should be: nothing is wrong in the chain rule, so look for "
    "a constant, in layer {layer}, where {equation} begins.",
    "also changes": "; your function also changes {changed}.",
    "earlier call": "arrays of this call and of the one before",
    # further slips that can be told
    "BP4 transpose": "The biases are right, but ∂C/∂w of layer {layer}, {equation}, takes the activations without "
    "their transpose: δ a stands where δ aᵀ is meant.",
    "no biases": "The forward pass leaves the biases out, which layer {layer}, {equation}, is the first to show.",
    "first example": "Your gradient is that of the first example alone, from layer {layer}, {equation}, on: does the "
    "function return inside the loop?",
    "no slopes": "σ′(z) is missing in every layer, from {equation} in layer {layer} on.",
    "one sign": "In layer {layer}, {equation}, the sign is turned.",
}

FURTHER = (
    ("BP4 transpose", {"nabla_w": lambda s, l, d: d @ s.a[-l - 1]}),
    ("no biases", {"weighted input": lambda s, w, a, b: w @ a}),
    ("no slopes", {"output slope": lambda s: 1, "hidden slope": lambda s, l: 1}),
    ("first example", {"whole": lambda s, X, Y: gradients(s.net, X[:, :1], Y[:, :1])}),
)


def check_backprop(fn, *, seed=0):
    """Check a function like `backprop`, for one example.

    Parameters
    ----------
    fn : callable
        A function of (net, x, y) that returns (nabla_b, nabla_w).
    seed : int
        Where the random numbers of the small networks start.

    Returns
    -------
    Diagnosis
        Right, or which mistake.

    Raises
    ------
    TypeError
        If `fn` cannot be called.
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
    return _check(fn, single=True, seed=seed)


def check_backprop_matrix(fn, *, seed=0):
    """Check a function like `backprop_matrix`, for a mini-batch.

    Parameters
    ----------
    fn : callable
        A function of (net, X, Y) that returns (nabla_b, nabla_w), summed over the columns.
    seed : int
        Where the random numbers of the small networks start.

    Returns
    -------
    Diagnosis
        Right, or which mistake.

    Raises
    ------
    TypeError
        If `fn` cannot be called.
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
    return _check(fn, single=False, seed=seed)


@np.errstate(all="ignore")
def _check(fn, single, seed):
    tried = probes(seed, single)
    try:
        check_function("fn", fn)
        runs = _run_all(fn, tried)
        answer = _judge(runs, single)
    except Finished as end:
        return unfinished_if_blank(end.diagnosis, fn)
    return unfinished_if_blank(_complete(answer, runs, single), fn)


def _complete(answer, runs, single):
    """Add what else the function did, and write the hints for one example in small letters."""
    extra = [run.changed for run in runs if run.changed]
    if extra and not answer.ok and answer.mistake != "arguments-changed" and answer.state == "wrong":
        return _with_message(answer, answer.message.removesuffix(".") + WORDS["also changes"].format(changed=extra[0]))
    if single and answer.mistake:
        hints = (*answer.hints[:2], in_lower_case(answer.hints[2]))
        return Diagnosis(answer.state, answer.message, answer.mistake, hints, answer.table)
    return answer


@dataclass
class _Run:
    """What came of one call: the gradient, or how it ended."""

    probe: object
    found: list = None
    ended: Finished | None = None
    changed: str = ""
    shared: str = ""
    printed: str = ""
    again: object = field(default=None, repr=False)

    @property
    def is_right(self):
        return self.found is not None and is_right(self.found, self.probe.right)


def _run_all(fn, tried):
    """Call the function on every probe; only a fault on one of the first two ends the check at once."""
    runs, raw = [], []
    net = copy.deepcopy(tried[0].net)  # the first two calls get the same network, as in a training
    for index, probe in enumerate(tried):
        caller = Caller(fn, Known(probe))
        run = _Run(probe, again=lambda probe=probe: _again(fn, probe))
        net = become(net, probe.net) if index < 2 else copy.deepcopy(probe.net)
        arguments = (net, probe.X.copy(), probe.Y.copy())
        try:
            result = caller(*arguments)
            run.found = read_safely(result, probe, caller)
        except Finished as end:
            if index < 2:
                raise
            run.ended = end
            runs.append(run)
            continue
        run.printed = caller.printed
        run.changed = changes((probe.net, probe.X, probe.Y), arguments, ("net", "X", "Y"))
        arrays = _named_arrays(result)
        run.shared = shared(arrays, arguments) or (WORDS["earlier call"] if shared(arrays, raw) else "")
        raw += [array for _, array in arrays]
        runs.append(run)
    return runs


def _named_arrays(result):
    return [
        (f"{part}[{i}]", array)
        for part, arrays in zip(PARTS, result, strict=True)
        for i, array in enumerate(arrays)
        if isinstance(array, np.ndarray)
    ]


def _again(fn, probe):
    caller = Caller(fn)
    return read_safely(caller(*copy.deepcopy((probe.net, probe.X, probe.Y))), probe, caller)


def _judge(runs, single):
    shown = next((run for run in runs if run.found is not None and not run.is_right), None)
    if shown is None:
        return _judge_right(runs)
    table = table_of(shown.found, shown.probe.right)
    layer, part, equation = first_wrong(shown.found, shown.probe.right)
    name = accumulated(runs) or _recognise(runs, single)
    if name:
        mistake = CATALOGUE[name]
        state = "convention" if name in CONVENTIONS else "wrong"
        return Diagnosis(state, mistake.said.format(layer=layer), name, mistake.hints, table)
    word, details = _unknown(runs, shown, single)
    told = {"layer": layer, "part": NAMES[part], "equation": equation, "formula": EQUATIONS[equation]} | details
    message = (WORDS[word] if word in WORDS else NAMES[word]).format(**told)
    return Diagnosis("wrong", message, hints=hints_at(layer, part, equation), table=table)


def _judge_right(runs):
    """The numbers are right wherever there are any: look at what else the function did."""
    first = runs[0]
    table = table_of(first.found, first.probe.right)
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


def accumulated(runs):
    """Notice that the second call has added its gradient to what the first one gave.

    Parameters
    ----------
    runs : list
        What came of each call; the first two are on probes of the same sizes.

    Returns
    -------
    str or None
        The mistake's name, if it is one.
    """
    first, second = runs[:2]
    if second.is_right or any(len(a) != len(b) for a, b in zip(first.found, second.found, strict=True)):
        return None
    pairs = [
        (a, b)
        for mine, theirs in zip(first.found, second.found, strict=True)
        for a, b in zip(mine, theirs, strict=True)
    ]
    if any(a is None or b is None or a.shape != b.shape for a, b in pairs):
        return None
    right = [g for part in second.probe.right for g in part]
    if any((b - a).shape != g.shape for (a, b), g in zip(pairs, right, strict=True)):
        return None
    return "accumulator-not-reset" if all(is_exact(b - a, g) for (a, b), g in zip(pairs, right, strict=True)) else None


def _recognise(runs, single):
    """Find the mistake whose numbers are the reader's, on every probe where both give numbers."""
    for name, lines in gradient_forms(single):
        if _explains(lines, runs, single):
            return name
    return None


def _explains(lines, runs, single):
    met = False
    for run in runs:
        if run.found is None:
            continue
        predicted = _predicted(lines, run.probe, single)
        if predicted is None:
            if run is runs[0] or run is runs[1]:
                return False
            continue
        if not agree(run.found, predicted):
            return False
        met = met or not run.is_right
    return met


def _predicted(lines, probe, single):
    """Run a form of a mistake; None if it raises, or gives what only has the shape of a mistake there."""
    try:
        with np.errstate(all="ignore"):
            b, w = gradients(probe.net, probe.X, probe.Y, lines, single)
    except (ValueError, IndexError, TypeError):
        return None
    return [[None if g is None else np.asarray(g) for g in part] for part in (b, w)]


def _unknown(runs, shown, single):
    """Say something better than "wrong", where that is possible."""
    for word, lines in FURTHER:
        if _explains(lines, runs, single):
            return word, {}
    if any(g is not None and g.dtype == np.float32 for part in shown.found for g in part) and _few_digits(shown):
        return "few digits", {}
    try:
        if not agree(shown.found, shown.again()):
            return "random", {}
    except Finished:
        return "random", {}
    factor = common_factor(runs)
    if factor:
        return "constant", {"factor": factor}
    if runs[0].is_right and runs[1].is_right:
        return "only there wrong", {"sizes": shown.probe.net.sizes, "m": shown.probe.X.shape[1]}
    return "elsewhere", {}


def _few_digits(run):
    pairs = zip([g for part in run.found for g in part], [g for part in run.probe.right for g in part], strict=False)
    return all(g is not None and g.shape == r.shape and np.allclose(g, r, rtol=1e-4, atol=1e-6) for g, r in pairs)


def common_factor(runs):
    """Find the one constant by which everything is multiplied.

    Parameters
    ----------
    runs : list
        What came of each call.

    Returns
    -------
    float or None
        The constant, if there is one and it is not 1.
    """
    factors = [_factor_of(run) for run in runs if run.found is not None]
    same = all(factors) and np.allclose(factors, factors[0]) and not np.isclose(factors[0], 1)
    return factors[0] if same else None


def _factor_of(run):
    found, right = ([g for part in gradient for g in part] for gradient in (run.found, run.probe.right))
    return None if any(g is None for g in found) else factor_of(found, right)


def going_on(sentence):
    """Let a sentence go on after a colon.

    Parameters
    ----------
    sentence : str
        The sentence.

    Returns
    -------
    str
        The same with a small letter in front, where it begins with a plain word.
    """
    return sentence[0].lower() + sentence[1:] if sentence.startswith(("At ", "Your ", "After ")) else sentence


def _with_message(answer, message):
    return Diagnosis(answer.state, message, answer.mistake, answer.hints, answer.table)
