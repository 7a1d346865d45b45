"""Check a reader's `backprop` or `backprop_matrix`."""

import copy

import numpy as np

from bpteach.diagnosis.calls import Caller, Finished, check_function, unfinished_if_blank
from bpteach.diagnosis.catalogue import WORDS as NAMES
from bpteach.diagnosis.catalogue import in_lower_case
from bpteach.diagnosis.gradient_form import PARTS, read_safely
from bpteach.diagnosis.judging import attempt_all, constant, explains, judge, only_there
from bpteach.diagnosis.mistakes import gradient_forms, gradients
from bpteach.diagnosis.numbers import agree, first_wrong
from bpteach.diagnosis.probes import probes
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.sharing import changes, shared
from bpteach.functions import sigmoid_prime

WORDS = {
    "right": "Your gradient is right in every layer, on {count} networks.",
    "right and prints": "Your gradient is right in every layer, on {count} networks; it also prints, which you will "
    "not want in a training.",
    "random": "Your function gives other numbers each time that it is called with the same arguments; {part} of layer "
    "{layer}, in {equation}, is the first that goes wrong.",
    "few digits": "Your gradient holds float32 numbers, and so is right to about seven digits only: make its arrays "
    "float64, like those of the network.",
    "constant": "Each number is {factor:.3g} times what it should be: nothing is wrong in the chain rule, so look for "
    "a constant, in layer {layer}, where {equation} begins.",
    "earlier call": "arrays of this call and of the one before",
    "not finite": "Your gradient holds NaN or infinity, first in {part} of layer {layer}, in {equation}.",
    "too few": "Your lists hold {found} arrays where {count} are expected, one for each layer after the input, and "
    "from layer {layer}, {equation}, on the numbers are wrong as well.",
    "None": "Your lists still hold None, first in layer {layer}, {equation}, on the way back: nothing was put there.",
    "all zero": "Your gradient is zero everywhere, from layer {layer}, {equation}, on: the arrays were made and never "
    "filled.",
    # further slips that can be told
    "BP4 transpose": "The biases are right, but ∂C/∂w of layer {layer}, {equation}, takes the activations without "
    "their transpose: δ a stands where δ aᵀ is meant.",
    "no biases": "The forward pass leaves the biases out, which layer {layer}, {equation}, is the first to show.",
    "first example": "Your gradient is that of the first example alone, from layer {layer}, {equation}, on: does the "
    "function return inside the loop?",
    "no sigmoid": "The forward pass keeps z where it should keep a = σ(z), which layer {layer}, {equation}, is the "
    "first to show.",
    "one loop more": "The backward loop runs once too often: it comes back to layer {layer}, the output, and "
    "overwrites what {equation} had put there.",
    "no slopes": "σ′(z) is missing in every layer, from {equation} in layer {layer} on.",
}

FURTHER = (
    ("BP4 transpose", {"nabla_w": lambda s, l, d: d @ s.a[-l - 1]}),
    ("no biases", {"weighted input": lambda s, w, a, b: w @ a}),
    ("no sigmoid", {"activation": lambda s, z: z}),
    ("one loop more", {"layers": lambda s, count: range(1, count + 1)}),
    ("one loop more", {"whole": lambda s, X, Y: _one_more(s)}),
    ("no slopes", {"output slope": lambda s: 1, "hidden slope": lambda s, l: 1}),
    ("first example", {"whole": lambda s, X, Y: gradients(s.net, X[:, :1], Y[:, :1])}),
)


def _one_more(s):
    """The loop goes on below the first layer, where index −1 is the last one again."""
    delta = (s.w[0].T @ s.deltas[0]) * sigmoid_prime(s.z[-1])
    nabla_b = delta if s.single else delta.sum(axis=1, keepdims=True)
    return [*s.nabla_b[:-1], nabla_b], [*s.nabla_w[:-1], delta @ s.a[-1].T]


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
    forms = [(name, _form(lines, single)) for name, lines in gradient_forms(single)]
    try:
        check_function("fn", fn)
        raw = []
        attempts = attempt_all(fn, tried, lambda attempt, net, caller: _once(attempt, net, caller, raw))
        answer = judge(attempts, forms, lambda attempts, shown: _unknown(fn, attempts, shown, single), WORDS)
    except Finished as end:
        answer = end.diagnosis
    if single and answer.hints:
        hints = (*answer.hints[:2], in_lower_case(answer.hints[2]))
        answer = Diagnosis(answer.state, answer.message, answer.mistake, hints, answer.table)
    return unfinished_if_blank(answer, fn)


def _once(attempt, net, caller, raw):
    """Call the function; `raw` collects the arrays of all calls, as they were returned."""
    probe = attempt.probe
    arguments = (net, probe.X.copy(), probe.Y.copy())
    result = caller(*arguments)
    attempt.found = read_safely(result, probe, caller)
    attempt.printed = caller.printed
    attempt.changed = changes((probe.net, probe.X, probe.Y), arguments, ("net", "X", "Y"))
    arrays = _named_arrays(result)
    attempt.shared = shared(arrays, arguments) or (WORDS["earlier call"] if shared(arrays, raw) else "")
    raw += [array for _, array in arrays]


def _named_arrays(result):
    return [
        (f"{part}[{i}]", array)
        for part, arrays in zip(PARTS, result, strict=True)
        for i, array in enumerate(arrays)
        if isinstance(array, np.ndarray)
    ]


def _form(lines, single):
    """Make a function of a probe that runs a form of a mistake; it gives None where that raises."""

    def predicted(probe):
        try:
            b, w = gradients(probe.net, probe.X, probe.Y, lines, single)
        except (ValueError, IndexError, TypeError):
            return None
        return [[None if g is None else np.asarray(g) for g in part] for part in (b, w)]

    return predicted


def _unknown(fn, attempts, shown, single):
    """Say something better than "wrong", where that is possible."""
    empty = _empty(shown)
    if empty:
        return empty
    for word, lines in FURTHER:
        if explains(_form(lines, single), attempts):
            return WORDS[word], {}
    if any(g is not None and g.dtype == np.float32 for part in shown.found for g in part) and _few_digits(shown):
        return WORDS["few digits"], {}
    if _is_random(fn, shown):
        return WORDS["random"], {}
    found = constant(attempts, WORDS["constant"]) or only_there(attempts, shown)
    at_output = first_wrong(shown.found, shown.probe.right)[2] == "BP1"
    return found or (NAMES["elsewhere at the output" if at_output else "elsewhere"], {})


def _empty(shown):
    """Say what is missing, where something is."""
    found, count = shown.found, len(shown.probe.right[0])
    arrays = [g for part in found for g in part]
    if any(g is None for g in arrays):
        return WORDS["None"], {}
    if not all(np.isfinite(g).all() for g in arrays):
        return WORDS["not finite"], {}
    if not any(g.any() for g in arrays):
        return WORDS["all zero"], {}
    return (WORDS["too few"], {"found": len(found[0]), "count": count}) if len(found[0]) != count else None


def _is_random(fn, shown):
    caller, probe = Caller(fn), shown.probe
    try:
        again = read_safely(caller(*copy.deepcopy((probe.net, probe.X, probe.Y))), probe, caller)
    except Finished:
        return True
    return not agree(shown.found, again)


def _few_digits(shown):
    pairs = zip(
        [g for part in shown.found for g in part], [g for part in shown.probe.right for g in part], strict=False
    )
    return all(g is not None and g.shape == r.shape and np.allclose(g, r, rtol=1e-4, atol=1e-6) for g, r in pairs)
