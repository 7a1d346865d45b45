"""The five functions of the hunt in lesson 4: each computes the gradient of a mini-batch, with one mistake planted."""

import inspect
from typing import NamedTuple

import numpy as np

from bpteach.backpropagation import backprop
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.locale import N_


def hunt_1(net, X, Y):
    # forward
    activations = [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        activations.append(sigmoid(w @ activations[-1] + b))
    # backward
    last = len(net.weights) - 1
    nabla_b, nabla_w = [0] * (last + 1), [0] * (last + 1)
    delta = activations[-1] - Y
    for l in range(last, -1, -1):
        if l < last:
            delta = net.weights[l + 1].T @ delta
        delta = delta * sigmoid_prime(activations[l + 1])
        nabla_b[l] = delta.sum(axis=1, keepdims=True)
        nabla_w[l] = delta @ activations[l].T
    return nabla_b, nabla_w


def hunt_2(net, X, Y):
    # start from zero
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    # add the examples, one after the other
    for i in range(X.shape[1]):
        more_b, more_w = backprop(net, X[:, [i]], Y[:, [i]])
        for l in range(len(net.weights)):
            nabla_b[l] += more_b[l]
            nabla_w[l] = more_w[l]
    return nabla_b, nabla_w


def hunt_3(net, X, Y):
    # forward
    zs, activations = [], [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    # backward: put each layer's errors in front of the next layer's
    deltas = [cost_derivative(activations[-1], Y) * sigmoid_prime(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[::-1], strict=False):
        deltas.insert(0, (w.T @ deltas[0]) * sigmoid_prime(z))
    nabla_b = [d.sum(axis=1, keepdims=True) for d in deltas]
    nabla_w = [d @ a.T for d, a in zip(deltas, activations[:-1], strict=True)]
    return nabla_b, nabla_w


def hunt_4(net, X, Y):
    # forward: m counts the examples
    activations = [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        z = np.einsum("jk,km->jm", w, activations[-1]) + b
        activations.append(1 / (1 + np.exp(-z)))
    # backward: the lists grow at their front
    nabla_b, nabla_w = [], []
    d = activations[-1] - Y
    for l in reversed(range(len(net.weights))):
        if nabla_b:
            d = np.einsum("jk,km->jm", net.weights[l + 1], d)
        d = d * activations[l + 1] * (1 - activations[l + 1])
        nabla_b = [np.einsum("jm->j", d).reshape(-1, 1), *nabla_b]
        nabla_w = [np.einsum("jm,km->jk", d, activations[l]), *nabla_w]
    return nabla_b, nabla_w


def hunt_5(net, X, Y):
    # forward, with room for the widest layer
    buffer = np.empty((max(net.sizes), X.shape[1]))
    zs, activations = [], [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w.dot(activations[-1]) + b)
        a = buffer[: len(b)]
        a[:] = sigmoid(zs[-1])
        activations.append(a)
    # backward
    nabla_b = [np.empty_like(b) for b in net.biases]
    nabla_w = [np.empty_like(w) for w in net.weights]
    delta = a - Y
    for l in range(1, len(net.sizes)):
        delta = delta * sigmoid_prime(zs[-l])
        nabla_b[-l][:] = delta.sum(axis=1, keepdims=True)
        nabla_w[-l][:] = delta.dot(activations[-l - 1].T)
        delta = net.weights[-l].T.dot(delta)
    return nabla_b, nabla_w


class Planted(NamedTuple):
    """What is wrong with one of the functions."""

    mistake: str  # its name in the catalogue
    lines: tuple  # parts of the lines that may be named for it
    hints: str


HUNT = {1: hunt_1, 2: hunt_2, 3: hunt_3, 4: hunt_4, 5: hunt_5}

PLANTED = {
    1: Planted(
        "sigmoid-prime-of-activation",
        ("sigmoid_prime(activations[l + 1])",),
        N_(
            "Everything is wrong, the last layer too: look at what all layers have in common.\n"
            "BP1 and BP2 both need σ′(z). What is it taken of here?\n"
            "`zs` are not kept at all: with `a = activations[l + 1]`, the slope is `a * (1 - a)`, which is σ′(z)."
        ),
    ),
    2: Planted(
        "last-example-only",
        ("nabla_w[l] = more_w[l]",),
        N_(
            "All biases exact, so every δ is right. All weights wrong: how do they come together?\n"
            "The gradient of a mini-batch is the sum of BP4 over its examples.\n"
            "Biases are added up with `+=`, weights are replaced with `=`."
        ),
    ),
    3: Planted(
        "z-index-off-by-one",
        ("zs[::-1]", "sigmoid_prime(z))"),
        N_(
            "The last layer is exact and the others are not: the way back, BP2. Write down which w meets which z.\n"
            "BP2: δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l). The weights and the slope belong to neighbouring layers.\n"
            "The first z must be that of the last hidden layer: `zs[-2::-1]`, not `zs[::-1]`."
        ),
    ),
    4: Planted(
        "missing-transpose",
        ("net.weights[l + 1], d)",),
        N_(
            "The last layer is exact and the others are not: the way back, BP2. Write the einsum out as a sum.\n"
            'BP2 has wᵀ: the sum runs over the first index of w. `"kj,km->jm"` does that.\n'
            '`"jk,km->jm"` is `w @ delta`, without the transpose.'
        ),
    ),
    5: Planted(
        "activations-share-a-buffer",
        ("buffer[: len(b)]", "buffer = np.empty", "a[:] = sigmoid", "append(a)"),
        N_(
            "All biases exact, and of the weights those of layer 2: all is right but the activations between the "
            "layers.\n"
            "BP4 needs a^{l−1}, as it was. Which arrays stand in the list when the forward pass is over?\n"
            "`buffer[: len(b)]` is a view: every layer writes over the one before. Each layer needs an array of its "
            "own."
        ),
    ),
}


def listing(function, numbered=True):
    """Give the source of a function, if asked with numbered lines, the `def` being line 1.

    Parameters
    ----------
    function : callable
        A function of the hunt, or any other whose source there is.
    numbered : bool
        Whether each line begins with its number.

    Returns
    -------
    str
        The text to print.
    """
    lines = source_lines(function)
    return "\n".join(f"{i:>2}  {line}".rstrip() for i, line in enumerate(lines, 1)) if numbered else "\n".join(lines)


def source_lines(function):
    return inspect.getsource(function).rstrip().splitlines()


def planted_lines(number):
    """List the numbers of the lines that may be named for the mistake."""
    lines = enumerate(source_lines(HUNT[number]), start=1)
    return [at for at, line in lines if any(part in line for part in PLANTED[number].lines)]
