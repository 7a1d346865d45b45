"""Slips that are too rare for the catalogue: a sentence for each, and no name."""

from functools import partial

import numpy as np

from bpteach.diagnosis.algorithm import RIGHT, gradients, scaled_step
from bpteach.diagnosis.mistake import RareMistake
from bpteach.diagnosis.mistakes.chain_rule import slopes
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_

UPWARD = {"layers": lambda s: range(len(s.w), 1, -1)}


def _output_too(s):
    """The loop goes on to the output layer, and puts there what it has in hand."""
    delta = s.deltas[-2] if len(s.deltas) > 1 else s.deltas[-1]
    return [*s.nabla_b[:-1], RIGHT["nabla_b"](s, 1, delta)], [*s.nabla_w[:-1], delta @ s.a[-2].T]


def _one_layer_more(s):
    """The loop goes on below the first layer, where index −1 is the last one again."""
    delta = (s.w[0].T @ s.deltas[0]) * sigmoid_prime(s.z[-1])
    return [*s.nabla_b[:-1], RIGHT["nabla_b"](s, 1, delta)], [*s.nabla_w[:-1], delta @ s.a[-1].T]


def _z_for_a(s):
    s.a = [s.a[0], *s.z]


def _of_the_average(s, power):
    """Give the gradient of the averaged example, m times if `power` is 1."""
    X, Y = (array.mean(axis=1, keepdims=True) for array in (s.X, s.Y))
    return [[g * s.m**power for g in part] for part in gradients(s.net, X, Y)]


def _softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def _slopes_first(slope):
    return {"back": lambda s, l, d: s.w[-l + 1].T @ (d * slope(s, l)), "hidden slope": lambda s, l: 1}


OF_A_GRADIENT = (
    RareMistake(
        said=N_("The numbers are right, but your lists begin with the last layer: turn them round."),
        forms=({"result": lambda s: (s.nabla_b[::-1], s.nabla_w[::-1])},),
        equation=None,
    ),
    RareMistake(
        said=N_("∂C/∂w of layer {layer} multiplies in another way: δ aᵀ is meant, a product of matrices."),
        forms=(
            {"nabla_w": lambda s, l, d: d @ s.a[-l - 1]},
            {"nabla_w": lambda s, l, d: d * s.a[-l - 1]},
            {"nabla_w": lambda s, l, d: d * s.a[-l - 1].T},
            {"nabla_w": lambda s, l, d: np.outer(d, s.a[-l - 1])},
        ),
        where=N_("Look at the product in the gradient of the weights: *, @ or np.outer, with .T or without?"),
    ),
    RareMistake(
        said=N_("The forward pass leaves the biases out."),
        forms=({"weighted input": lambda s, w, a, b: w @ a},),
        equation="(25)",
        where=N_("Look at the line in the forward loop that computes z."),
    ),
    RareMistake(
        said=N_("The forward pass gives x to every layer: each is to get the activation of the layer before it."),
        forms=({"weighted input": lambda s, w, a, b: w @ s.a[0] + b},),
        equation="(25)",
        where=N_("Look at the forward loop: what does each turn hand on to the next?"),
    ),
    RareMistake(
        said=N_("The inputs or the desired outputs are transposed: examples are columns, in X as in Y."),
        forms=({"input": lambda s, X: X.T}, {"desired": lambda s, Y: Y.T}),
        equation="BP1",
        where=N_("Look for a .T at X or Y."),
    ),
    RareMistake(
        said=N_("The forward pass keeps z, where it is to keep a = σ(z)."),
        forms=({"activation": lambda s, z: z}, {"keep": _z_for_a}),
        equation="(25)",
        where=N_("Look at the line in the forward loop that computes the activation."),
    ),
    RareMistake(
        said=N_("The backward loop runs once too often: in layer {layer} it overwrites what {equation} had put there."),
        forms=({"layers": lambda s: range(1, len(s.w) + 1)}, {"result": _one_layer_more}),
        where=N_("Look at where the backward loop begins and ends."),
    ),
    RareMistake(
        said=N_("The backward loop runs upward, and is to run downward. Layer {layer}, {equation}, shows it first."),
        forms=(UPWARD, UPWARD | {"result": _output_too}),
        where=N_("Look at the order in which the backward loop visits the layers."),
    ),
    RareMistake(
        said=N_("{equation} wants the factor σ′(z), once. In layer {layer} it is missing, or twice, or σ(z) itself."),
        forms=(
            slopes(lambda s, l: 1)[0],
            *slopes(lambda s, l: sigmoid(s.z[-l])),
            *slopes(lambda s, l: sigmoid_prime(s.z[-l]) ** 2),
        ),
        where=N_("Look at the last factor in the line that computes the error."),
    ),
    RareMistake(
        said=N_("In layer {layer}, the slopes come before the weights: {equation} takes wᵀ δ first, then the slopes."),
        forms=(
            _slopes_first(lambda s, l: sigmoid_prime(s.z[-l])),
            _slopes_first(lambda s, l: sigmoid_prime(s.z[-l + 1])),
        ),
        where=N_("Look at the line in the backward loop that computes the error: what is multiplied first?"),
    ),
    RareMistake(
        said=N_("The backward loop divides by m in every layer, and so again and again: once, in a mean, is enough."),
        forms=slopes(lambda s, l: sigmoid_prime(s.z[-l]) / s.m)[:2],
        where=N_("Look for the divisions by m in the lines that compute the errors."),
    ),
    RareMistake(
        said=N_("The difference is squared: that is the cost. {equation}, in layer {layer}, wants its slope, a − y."),
        forms=({"difference": lambda s: (s.a[-1] - s.Y) ** 2},),
    ),
    RareMistake(
        said=N_("All is right but ∂C/∂w of layer {layer}, the first: does your list of activations begin with x?"),
        forms=({"nabla_w": lambda s, l, d: d @ (s.a[-l - 1] if l < len(s.w) else s.a[-1]).T},),
        where=N_("Look at what the list of activations begins with."),
    ),
    RareMistake(
        said=N_("Your gradient is that of the first example alone: does your function return inside the loop?"),
        forms=({"result": lambda s: gradients(s.net, s.X[:, :1], s.Y[:, :1])},),
        where=N_("Look at the line with return: how far is it indented?"),
    ),
    RareMistake(
        said=N_("That is the gradient of one example, the average of them all. Layer {layer} shows it first."),
        forms=tuple({"result": partial(_of_the_average, power=power)} for power in (0, 1)),
        where=N_("Look for a mean, or a sum, over the examples that comes before the forward pass."),
    ),
    RareMistake(
        said=N_(
            "Your output layer is linear, or a softmax. Here all neurons are sigmoids, with the cost ½‖a − y‖². If you "
            "mean another cost, check it with numerical_gradient(your_cost, net) and compare_gradients."
        ),
        forms=(
            {"difference": lambda s: _softmax(s.z[-1]) - s.Y, "output slope": lambda s: 1},
            {"difference": lambda s: _softmax(s.z[-1]) - s.Y},
            {"difference": lambda s: s.z[-1] - s.Y, "output slope": lambda s: 1},
        ),
        where=N_("Look at the line before the backward loop, which computes the error of the output layer."),
    ),
)

OF_A_STEP = (
    RareMistake(
        said=N_("The biases take the right step. The weights, those of layer {layer} first, stay where they were."),
        forms=(scaled_step(lambda m: 1, lambda m: 0),),
        equation="(20)",
    ),
)
