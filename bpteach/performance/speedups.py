"""Backpropagation for lesson 8 to compare with: number by number on lists, and by a loop that does nothing else."""

from math import exp
from operator import mul

import numpy as np

from bpteach.training import take_step


def backprop_with_lists(weights, biases, x, y):
    """Compute the gradient of one example as `backprop` does, number by number, without NumPy.

    Parameters
    ----------
    weights : list of lists of lists of float
        One matrix a layer after the input, each a list of rows: `[w.tolist() for w in net.weights]`.
    biases : list of lists of float
        One list a layer: `[b.ravel().tolist() for b in net.biases]`.
    x, y : lists of float, lengths n_1 and n_L
        The input and the desired output.

    Returns
    -------
    nabla_b, nabla_w : lists of the form of `biases` and `weights`
        ∂C_x/∂b and ∂C_x/∂w.

    Raises
    ------
    ValueError
        If lengths do not fit.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equations (BP1) to (BP4).
    """
    activations = [x]
    for w, b in zip(weights, biases, strict=True):
        a = activations[-1]
        zs = [sum(map(mul, row, a)) + bias for row, bias in zip(w, b, strict=True)]
        activations.append([1 / (1 + exp(-z)) for z in zs])  # (25)
    delta = [(aj - yj) * aj * (1 - aj) for aj, yj in zip(activations[-1], y, strict=True)]  # BP1
    nabla_b, nabla_w = [delta], [_outer(delta, activations[-2])]  # BP3, BP4
    for l in range(2, len(activations)):
        sums = [sum(map(mul, column, delta)) for column in zip(*weights[-l + 1], strict=True)]  # columns: wᵀ
        delta = [s * ak * (1 - ak) for s, ak in zip(sums, activations[-l], strict=True)]  # BP2
        nabla_b.insert(0, delta)  # BP3
        nabla_w.insert(0, _outer(delta, activations[-l - 1]))  # BP4
    return nabla_b, nabla_w


def _outer(delta, a):
    return [[dj * ak for ak in a] for dj in delta]


def take_bare_steps(net, mini_batch, eta):
    """Take one step as `update_mini_batch` does, example by example, and do nothing else. Changes `net`.

    Nothing is refused, σ is one line, each slope comes from the activation, every gradient goes straight into its sum,
    and `np.dot` stands where `@` would: NumPy's `@` does a column times a row slowly.

    Parameters
    ----------
    net : Network
        The network, changed in place.
    mini_batch : sequence of pairs (x, y), shapes (n_1, 1) and (n_L, 1)
        The examples.
    eta : float
        The learning rate η.
    """
    nabla_b = [np.zeros_like(b) for b in net.biases]
    nabla_w = [np.zeros_like(w) for w in net.weights]
    for x, y in mini_batch:
        a, layers = x, []
        for b, w, nb, nw in zip(net.biases, net.weights, nabla_b, nabla_w, strict=True):
            layers.append((w, nb, nw, a))  # a goes into the layer
            a = 0.5 + 0.5 * np.tanh(0.5 * (np.dot(w, a) + b))  # (25)
        delta = (a - y) * a * (1 - a)  # BP1
        for w, nb, nw, a in reversed(layers):
            nb += delta  # BP3
            nw += np.dot(delta, a.T)  # BP4
            if a is not x:
                delta = np.dot(w.T, delta) * a * (1 - a)  # BP2
    take_step(net, nabla_b, nabla_w, float(eta) / len(mini_batch))
