"""Check a reader's `backprop` or `backprop_matrix`."""

import contextlib
import copy

import numpy as np

from bpteach.diagnosis.algorithm import gradients, summed
from bpteach.diagnosis.calls import Caller, Finished, count_needed
from bpteach.diagnosis.comparison import SAME, agree, arrays_of
from bpteach.diagnosis.gradient_form import PARTS, read
from bpteach.diagnosis.judging import Attempt, Check
from bpteach.diagnosis.probes import pairs, probes
from bpteach.diagnosis.sharing import changes, shared
from bpteach.functions import sigmoid_prime
from bpteach.locale import N_, _


def _one_layer_more(s):
    """The loop goes on below the first layer, where index −1 is the last one again."""
    delta = (s.w[0].T @ s.deltas[0]) * sigmoid_prime(s.z[-1])
    nabla_b = delta if s.single else summed(delta)
    return [*s.nabla_b[:-1], nabla_b], [*s.nabla_w[:-1], delta @ s.a[-1].T]


_ONE_LOOP_MORE = N_(
    "The backward loop runs once too often: it comes back to layer {layer}, the output, and overwrites what {equation} "
    "had put there."
)
#: slips that are too rare for the catalogue: lines that are replaced, and what is said
RARE_SLIPS = (
    (
        {"nabla_w": lambda s, l, d: d @ s.a[-l - 1]},
        N_(
            "The biases are right, but ∂C/∂w of layer {layer}, {equation}, takes the activations without their "
            "transpose: δ a stands where δ aᵀ is meant."
        ),
    ),
    (
        {"weighted input": lambda s, w, a, b: w @ a},
        N_("The forward pass leaves the biases out, which layer {layer}, {equation}, is the first to show."),
    ),
    (
        {"activation": lambda s, z: z},
        N_(
            "The forward pass keeps z where it should keep a = σ(z), which layer {layer}, {equation}, is the first to "
            "show."
        ),
    ),
    ({"layers": lambda s: range(1, len(s.w) + 1)}, _ONE_LOOP_MORE),
    ({"result": _one_layer_more}, _ONE_LOOP_MORE),
    (
        {"output slope": lambda s: 1, "hidden slope": lambda s, l: 1},
        N_("σ′(z) is missing in every layer, from {equation} in layer {layer} on."),
    ),
    (
        {"result": lambda s: gradients(s.net, s.X[:, :1], s.Y[:, :1])},
        N_(
            "Your gradient is that of the first example alone, from layer {layer}, {equation}, on: does the function "
            "return inside the loop?"
        ),
    ),
)


def check_backprop(function, *, seed=0):
    """Check a function like `backprop`, for one example.

    Parameters
    ----------
    function : callable
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
    right = N_("Your gradient is right in every layer, on {count} networks.")
    rare_slips = RARE_SLIPS

    def __init__(self, function, probes):
        super().__init__(function, probes)
        self._returned = []  # the arrays of all calls so far

    def prepare(self):
        self._by_pairs = count_needed(self.function) == 2  # (net, mini_batch)

    def call(self, attempt, net, caller):
        probe = attempt.probe
        X, Y = probe.X.copy(), probe.Y.copy()
        given = [pairs(X, Y)] if self._by_pairs else [X, Y]
        before, names = copy.deepcopy(given), ["mini_batch"] if self._by_pairs else ["X", "Y"]
        arguments = (net, *given)
        result = caller(*arguments)
        attempt.found = read(result, probe, caller)
        attempt.printed = caller.printed
        attempt.changed = changes((probe.net, *before), arguments, (self.name, *names))
        arrays = [
            (f"{part}[{i}]", array)
            for part, arrays in zip(PARTS, result, strict=True)
            for i, array in enumerate(arrays)
            if isinstance(array, np.ndarray)
        ]
        attempt.shared = shared(arrays, arguments)
        if not attempt.shared and shared(arrays, self._returned):
            attempt.shared = _("arrays of this call and of the one before")
        self._returned += [array for _name, array in arrays]

    def predicted(self, lines, probe):
        found = gradients(probe.net, probe.X, probe.Y, lines, probe.single)
        return [[None if g is None else np.asarray(g) for g in part] for part in found]

    def without_a_name(self):
        factor = _(
            "Each number is {factor:.3g} times what it should be: nothing is wrong in the chain rule, so look for a "
            "constant, in layer {layer}, where {equation} begins."
        )
        return (
            self._nothing_there()
            or self.rare_slip()
            or self._few_digits()
            or self._random()
            or self.constant(factor)
            or self.only_there()
            or self._elsewhere()
        )

    def _nothing_there(self):
        arrays, found, count = arrays_of(self.shown.found), len(self.shown.found[0]), len(self.shown.probe.right[0])
        if any(g is None for g in arrays):
            sentence = _(
                "Your lists still hold None, first in layer {layer}, {equation}, on the way back: nothing was put "
                "there."
            )
        elif not all(np.isfinite(g).all() for g in arrays):
            sentence = _("Your gradient holds NaN or infinity, first in {part} of layer {layer}, in {equation}.")
        elif not any(g.any() for g in arrays):
            sentence = _(
                "Your gradient is zero everywhere, from layer {layer}, {equation}, on: the arrays were made and never "
                "filled."
            )
        elif found != count:
            sentence = _(
                "Your lists hold {found} arrays where {count} are expected, one for each layer after the input, and "
                "from layer {layer}, {equation}, on the numbers are wrong as well."
            )
        else:
            return None
        return self.wrong(sentence, found=found, count=count)

    def _few_digits(self):
        found, right = arrays_of(self.shown.found), arrays_of(self.shown.probe.right)
        are_near = all(
            f.shape == r.shape and np.allclose(f, r, rtol=1e-4, atol=1e-6) for f, r in zip(found, right, strict=True)
        )
        if not (are_near and any(g.dtype == np.float32 for g in found)):
            return None
        return self.wrong(
            _(
                "Your gradient holds float32 numbers, and so is right to about seven digits only: make its arrays "
                "float64, like those of the network."
            )
        )

    def _random(self):
        caller, probe = Caller(self.function), self.shown.probe
        with contextlib.suppress(Finished):
            again = Attempt(probe)
            self.call(again, copy.deepcopy(probe.net), caller)
            if agree(self.shown.found, again.found, SAME):
                return None
        return self.wrong(
            _(
                "Your function gives other numbers each time that it is called with the same arguments; {part} of "
                "layer {layer}, in {equation}, is the first that goes wrong."
            )
        )

    def _elsewhere(self):
        sentence = _(
            "On the way back from the output, {part} of layer {layer} is the first that goes wrong, so {equation} is "
            "the place to look; none of the known mistakes does exactly this."
        )
        if self.equation == "BP1":
            sentence = _(
                "The gradient of layer {layer}, the output, is wrong already, so look at {equation}, at the way "
                "forward, which comes before it, and whether the loop overwrites that layer; none of the known "
                "mistakes does exactly this."
            )
        return self.wrong(sentence)
