"""Backpropagation below and above the matrix version of lesson 7: on lists, by a bare loop, and up to the lean step.

`RUNGS` holds the step six times, from `backprop_matrix` and `take_step` to `update_mini_batch_matrix`. Read the
functions from top to bottom: each does what the one before it does, and saves one thing more.
"""

from functools import partial
from math import exp
from operator import matmul, mul

import numpy as np

from bpteach.arguments import require_mini_batch
from bpteach.backpropagation import backprop_matrix, forward_pass
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.training import take_step, update_mini_batch_matrix


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


# The rungs: each takes a step on net for X, shape (n_1, m), and Y, shape (n_L, m), and changes net


def as_in_lesson_7(net, X, Y, eta):
    """Take one step of gradient descent by the two functions that lesson 7 explains."""
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    take_step(net, nabla_b, nabla_w, float(eta) / X.shape[1])


def scaled_once(net, X, Y, eta):
    """Multiply the small Delta of the output by η/m, instead of every gradient: BP2 to BP4 are linear in Delta."""
    require_mini_batch(net, X, Y)
    Zs, activations = forward_pass(net, X)
    Delta = (float(eta) / X.shape[1]) * cost_derivative(activations[-1], Y) * sigmoid_prime(Zs[-1])  # BP1, times η/m
    _step_back(net, activations, Delta, lambda l: sigmoid_prime(Zs[-l]))


def slope_from_activation(net, X, Y, eta):
    """Take σ′ from the activation that is there already, a (1 − a), instead of computing the sigmoid again."""
    require_mini_batch(net, X, Y)
    A, activations = X, [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        A = sigmoid(w @ A + b)  # (25); no Z need be kept
        activations.append(A)
    Delta = (float(eta) / X.shape[1]) * cost_derivative(A, Y) * A * (1 - A)  # BP1, times η/m
    _step_back(net, activations, Delta, lambda l: activations[-l] * (1 - activations[-l]))


def _step_back(net, activations, Delta, slope):
    """Go back from the Delta of the output, where `slope(l)` is σ′ of layer −l, and then change the network."""
    steps_b, steps_w = [Delta.sum(axis=1, keepdims=True)], [Delta @ activations[-2].T]  # BP3, BP4
    for l in range(2, len(net.sizes)):
        Delta = (net.weights[-l + 1].T @ Delta) * slope(l)  # BP2
        steps_b.insert(0, Delta.sum(axis=1, keepdims=True))  # BP3
        steps_w.insert(0, Delta @ activations[-l - 1].T)  # BP4
    for b, w, step_b, step_w in zip(net.biases, net.weights, steps_b, steps_w, strict=True):
        w -= step_w  # (20)
        b -= step_b  # (21)


def in_place(net, X, Y, eta, product=matmul):
    """Change each layer's weights as soon as nothing below needs the old ones: no list of gradients is kept."""
    require_mini_batch(net, X, Y)
    A, layers = X, []
    for b, w in zip(net.biases, net.weights, strict=True):
        layers.append((b, w, A))  # A goes into the layer
        A = sigmoid(product(w, A) + b)  # (25)
    Delta = (float(eta) / X.shape[1]) * cost_derivative(A, Y) * A * (1 - A)  # BP1, times η/m
    for b, w, A in reversed(layers):
        step_b = Delta.sum(axis=1, keepdims=True)  # BP3
        step_w = product(Delta, A.T)  # BP4
        if A is not X:
            Delta = product(w.T, Delta) * A * (1 - A)  # BP2, with the old weights
        w -= step_w  # (20)
        b -= step_b  # (21)


#: The step, rung by rung, each under what it saves beside the one before it.
RUNGS = {
    "as in lesson 7": as_in_lesson_7,
    "η/m once": scaled_once,
    "σ′ = a(1 − a)": slope_from_activation,
    "weights in place": in_place,
    "np.dot": partial(in_place, product=np.dot),  # the same product as @, and less to do for each call
    "σ in one line": update_mini_batch_matrix,
}
