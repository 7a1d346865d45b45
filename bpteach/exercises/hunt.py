"""The five functions of the hunt in lesson 4: each computes the gradient of one example, with one mistake planted."""

import inspect
from typing import NamedTuple

import numpy as np

from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime


def hunt_1(net, x, y):
    # forward
    activations = [x]
    for w, b in zip(net.weights, net.biases, strict=True):
        activations.append(sigmoid(w @ activations[-1] + b))
    # backward
    last = len(net.weights) - 1
    nabla_b, nabla_w = [0] * (last + 1), [0] * (last + 1)
    delta = activations[-1] - y
    for l in range(last, -1, -1):
        if l < last:
            delta = net.weights[l + 1].T @ delta
        delta = delta * sigmoid_prime(activations[l + 1])
        nabla_b[l] = delta
        nabla_w[l] = delta @ activations[l].T
    return nabla_b, nabla_w


def hunt_2(net, x, y):
    # forward
    zs, activations, a = [], [], x
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w @ a + b)
        a = sigmoid(zs[-1])
        activations.append(a)
    # backward: the last layer first
    nabla_b, nabla_w = [], []
    back = cost_derivative(activations[-1], y)
    for w, z, a in zip(net.weights[::-1], zs[::-1], activations[::-1], strict=True):
        delta = back * sigmoid_prime(z)
        nabla_b.append(delta)
        nabla_w.append(delta @ a.T)
        back = w.T @ delta
    return nabla_b[::-1], nabla_w[::-1]


def hunt_3(net, x, y):
    # forward
    zs, activations = [], [x]
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    # backward: put each layer's errors in front of the next layer's
    deltas = [cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[::-1], strict=False):
        deltas.insert(0, (w.T @ deltas[0]) * sigmoid_prime(z))
    nabla_w = [d @ a.T for d, a in zip(deltas, activations[:-1], strict=True)]
    return deltas, nabla_w


def hunt_4(net, x, y):
    # forward: m counts the columns, and there is one
    activations = [x]
    for w, b in zip(net.weights, net.biases, strict=True):
        z = np.einsum("jk,km->jm", w, activations[-1]) + b
        activations.append(1 / (1 + np.exp(-z)))
    # backward: the lists grow at their front
    nabla_b, nabla_w = [], []
    d = activations[-1] - y
    for l in reversed(range(len(net.weights))):
        if nabla_b:
            d = np.einsum("jk,km->jm", net.weights[l + 1], d)
        d = d * activations[l + 1] * (1 - activations[l + 1])
        nabla_b = [d, *nabla_b]
        nabla_w = [np.einsum("jm,km->jk", d, activations[l]), *nabla_w]
    return nabla_b, nabla_w


def hunt_5(net, x, y):
    # forward, with room for the widest layer
    buffer = np.empty((max(net.sizes), 1))
    zs, activations = [], [x]
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w.dot(activations[-1]) + b)
        a = buffer[: len(b)]
        a[:] = sigmoid(zs[-1])
        activations.append(a)
    # backward
    nabla_b = [np.empty_like(b) for b in net.biases]
    nabla_w = [np.empty_like(w) for w in net.weights]
    delta = a - y
    for l in range(1, len(net.sizes)):
        delta = delta * sigmoid_prime(zs[-l])
        nabla_b[-l][:] = delta
        nabla_w[-l][:] = delta.dot(activations[-l - 1].T)
        delta = net.weights[-l].T.dot(delta)
    return nabla_b, nabla_w


class Planted(NamedTuple):
    """What is wrong with one of the functions."""

    mistake: str  # its name in the catalogue
    lines: tuple  # parts of the lines that may be named for it


HUNT = {1: hunt_1, 2: hunt_2, 3: hunt_3, 4: hunt_4, 5: hunt_5}

PLANTED = {
    1: Planted("sigmoid-prime-of-activation", ("sigmoid_prime(activations[l + 1])",)),
    2: Planted("activation-index-late", ("activations, a = [], [], x", "activations[::-1], strict", "delta @ a.T")),
    3: Planted("z-index-off-by-one", ("zs[::-1]", "sigmoid_prime(z))")),
    4: Planted("missing-transpose", ("net.weights[l + 1], d)",)),
    5: Planted("activations-share-a-buffer", ("buffer[: len(b)]", "buffer = np.empty", "a[:] = sigmoid", "append(a)")),
}


def source_lines(function):
    return inspect.getsource(function).rstrip().splitlines()


def planted_lines(number):
    """List the numbers of the lines that may be named for the mistake."""
    lines = enumerate(source_lines(HUNT[number]), start=1)
    return [at for at, line in lines if any(part in line for part in PLANTED[number].lines)]
