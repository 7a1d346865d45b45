"""What learners write for `backprop(net, x, y)`: right in many styles, and wrong in every way of the catalogue."""
# The code is a learner's, faults of style included.
# ruff: noqa: B006, B008, B905, C400, E731, RUF005, RUF059

import math
from functools import partial, reduce
from itertools import pairwise

import numpy as np

import bpteach
from bpteach import numerical_gradient, sigmoid, sigmoid_prime
from learners import Register

BACKPROP = Register("backprop")
right, wrong, two, other = BACKPROP.right, BACKPROP.wrong, BACKPROP.two, BACKPROP.other


# helpers such as learners write beside their function


def forward(net, x):
    """Keep all z and a."""
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights):
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(sigmoid(zs[-1]))
    return zs, activations


def sig(t):
    """Compute σ, written out."""
    return 1.0 / (1.0 + np.exp(-t))


def dsig(t):
    """Compute σ′, written out."""
    return np.exp(-t) / (1.0 + np.exp(-t)) ** 2


def zeros(net):
    """Make room for the gradients."""
    return [np.zeros(b.shape) for b in net.biases], [np.zeros(w.shape) for w in net.weights]


# right


@right("the book's")
def book(net, x, y):
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    activation = x
    activations = [x]
    zs = []
    for b, w in zip(net.biases, net.weights):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for l in range(2, len(net.sizes)):
        sp = sigmoid_prime(zs[-l])
        delta = np.dot(net.weights[-l + 1].transpose(), delta) * sp
        nabla_b[-l] = delta
        nabla_w[-l] = np.dot(delta, activations[-l - 1].transpose())
    return (nabla_b, nabla_w)


@right("positive indices, np.outer, a(1 - a)")
def right_positive(net, x, y):
    L = len(net.weights)
    a = [x]
    for i in range(L):
        a.append(sig(net.weights[i] @ a[i] + net.biases[i]))
    d = [None] * L
    d[L - 1] = (a[L] - y) * a[L] * (1 - a[L])
    for i in reversed(range(L - 1)):
        d[i] = net.weights[i + 1].T @ d[i + 1] * a[i + 1] * (1 - a[i + 1])
    return d, [np.outer(d[i], a[i]) for i in range(L)]


@right("einsum, tuples")
def right_einsum(net, x, y):
    zs, acts = forward(net, x)
    delta = np.einsum("ij,ij->ij", acts[-1] - y, dsig(zs[-1]))
    nb, nw = (delta,), (np.einsum("ij,kj->ik", delta, acts[-2]),)
    for w, z, a in zip(net.weights[:0:-1], zs[-2::-1], acts[-3::-1]):
        delta = np.einsum("kj,ki->ji", w, delta) * dsig(z)
        nb, nw = (delta, *nb), (np.einsum("ij,kj->ik", delta, a), *nw)
    return nb, nw


@right("explicit loops over neurons, plain Python numbers")
def right_loops(net, x, y):
    acts = [[float(v) for v in x[:, 0]]]
    for b, w in zip(net.biases, net.weights):
        layer = []
        for j in range(w.shape[0]):
            z = b[j, 0]
            for k in range(w.shape[1]):
                z += w[j, k] * acts[-1][k]
            layer.append(1 / (1 + math.exp(-z)))
        acts.append(layer)
    nb, nw = zeros(net)
    for l in range(len(net.weights) - 1, -1, -1):
        for j in range(net.sizes[l + 1]):
            a = acts[l + 1][j]
            if l == len(net.weights) - 1:
                slope = a - y[j, 0]
            else:
                slope = sum(net.weights[l + 1][i, j] * nb[l + 1][i, 0] for i in range(net.sizes[l + 2]))
            nb[l][j, 0] = slope * a * (1 - a)
            for k in range(net.sizes[l]):
                nw[l][j, k] = acts[l][k] * nb[l][j, 0]
    return nb, nw


@right("insert(0, ...)")
def right_insert(net, x, y):
    zs, activations = forward(net, x)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b, nabla_w = [delta], [delta @ activations[-2].T]
    for l in range(len(net.sizes) - 2, 0, -1):
        delta = (net.weights[l].T @ delta) * sigmoid_prime(zs[l - 1])
        nabla_b.insert(0, delta)
        nabla_w.insert(0, delta @ activations[l - 1].T)
    return nabla_b, nabla_w


@right("append, then reverse; pop from the tape")
def right_tape(net, x, y):
    tape, a = [], x
    for w, b in zip(net.weights, net.biases):
        tape.append((w, a))
        a = 1 / (1 + np.exp(-(w.dot(a) + b)))
    nabla_b, nabla_w = [], []
    grad = a - y
    while tape:
        w, a_in = tape.pop()
        delta = grad * a * (1 - a)
        nabla_b.append(delta)
        nabla_w.append(delta.dot(a_in.T))
        grad, a = w.T.dot(delta), a_in
    nabla_b.reverse()
    nabla_w.reverse()
    return nabla_b, nabla_w


@right("recursion")
def right_recursion(net, x, y):
    def go(l, a):
        if l == len(net.weights):
            return [], [], a - y
        out = sigmoid(net.weights[l] @ a + net.biases[l])
        nb, nw, grad = go(l + 1, out)
        delta = grad * out * (1 - out)
        return [delta, *nb], [delta @ a.T, *nw], net.weights[l].T @ delta

    return go(0, x)[:2]


class Layer:
    """A layer that remembers what went through."""

    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, a):
        self.a_in = a
        self.out = sigmoid(self.w @ a + self.b)
        return self.out

    def backward(self, grad):
        self.db = grad * self.out * (1 - self.out)
        self.dw = self.db @ self.a_in.T
        return self.w.T @ self.db


@right("classes")
def right_classes(net, x, y):
    layers = [Layer(w, b) for w, b in zip(net.weights, net.biases)]
    grad = reduce(lambda a, layer: layer.forward(a), layers, x) - y
    for layer in reversed(layers):
        grad = layer.backward(grad)
    return [layer.db for layer in layers], [layer.dw for layer in layers]


@right("the package's own functions")
def right_package(net, x, y):
    assert bpteach.feedforward(net, x).shape == y.shape
    return bpteach.backprop(net, x, y)


@right("a mini-batch of one example")
def right_matrix_of_one(net, x, y):
    return bpteach.backprop_matrix(net, x, y)


@right("the complex step")
def right_complex_step(net, x, y):
    return numerical_gradient(lambda probe: ((bpteach.feedforward(probe, x) - y) ** 2).sum() / 2, net)


@right("buffers of its own, np.matmul(out=)")
def right_out(net, x, y):
    zs = [np.empty_like(b) for b in net.biases]
    acts = [x] + [np.empty_like(b) for b in net.biases]
    for l, (b, w) in enumerate(zip(net.biases, net.weights)):
        np.matmul(w, acts[l], out=zs[l])
        zs[l] += b
        acts[l + 1][:] = sigmoid(zs[l])
    nb, nw = zeros(net)
    np.subtract(acts[-1], y, out=nb[-1])
    nb[-1] *= sigmoid_prime(zs[-1])
    np.matmul(nb[-1], acts[-2].T, out=nw[-1])
    for l in range(len(nb) - 2, -1, -1):
        np.matmul(net.weights[l + 1].T, nb[l + 1], out=nb[l])
        nb[l] *= sigmoid_prime(zs[l])
        np.matmul(nb[l], acts[l].T, out=nw[l])
    return nb, nw


@right("another order of summation: math.fsum")
def right_fsum(net, x, y):
    dot = lambda p, q: np.array([[math.fsum(p[i] * q[:, j]) for j in range(q.shape[1])] for i in range(len(p))])
    zs, acts = [], [x]
    for b, w in zip(net.biases, net.weights):
        zs.append(b + dot(w[:, ::-1], acts[-1][::-1]))
        acts.append((1 + np.tanh(zs[-1] / 2)) / 2)
    delta = (acts[-1] - y) * sigmoid_prime(zs[-1])
    nb, nw = [delta], [dot(delta, acts[-2].T)]
    for w, z, a in zip(net.weights[:0:-1], zs[-2::-1], acts[-3::-1]):
        delta = sigmoid_prime(z) * dot(w.T, delta)
        nb, nw = [delta] + nb, [dot(delta, a.T)] + nw
    return nb, nw


@right("the bias as a column of the weights, copied out")
def right_augmented(net, x, y):
    one = np.ones((1, 1))
    W = [np.hstack([b, w]) for b, w in zip(net.biases, net.weights)]
    acts = [np.vstack([one, x])]
    for w in W:
        acts.append(np.vstack([one, sig(w @ acts[-1])]))
    grad, grads = acts[-1][1:] - y, []
    for l in range(len(W) - 1, -1, -1):
        delta = grad * acts[l + 1][1:] * (1 - acts[l + 1][1:])
        grads.insert(0, delta @ acts[l].T)
        grad = W[l][:, 1:].T @ delta
    return [g[:, :1].copy() for g in grads], [g[:, 1:].copy() for g in grads]


@right("generators turned to lists")
def right_generators(net, x, y):
    zs, acts = forward(net, x)

    def deltas():
        delta = (acts[-1] - y) * dsig(zs[-1])
        yield delta
        for w, z in zip(reversed(net.weights[1:]), reversed(zs[:-1])):
            delta = w.T @ delta * dsig(z)
            yield delta

    nabla_b = list(deltas())[::-1]
    return nabla_b, list(d @ a.T for d, a in zip(nabla_b, acts))


@right("Jacobian matrices, multiplied out")
def right_jacobians(net, x, y):
    zs, acts = forward(net, x)
    S = [np.diagflat(sigmoid_prime(z)) for z in zs]
    nb = []
    for l in range(len(zs)):
        J = (
            S[-1]
            if l == len(zs) - 1
            else reduce(np.matmul, [s @ w for s, w in zip(S[:l:-1], net.weights[:l:-1])]) @ S[l]
        )
        nb.append(J.T @ (acts[-1] - y))
    return nb, [np.kron(d, a.T) for d, a in zip(nb, acts)]


@right("one-dimensional inside, columns at the end")
def right_flat(net, x, y):
    acts = [x.ravel()]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(w @ acts[-1] + b.ravel()))
    delta = (acts[-1] - y.ravel()) * acts[-1] * (1 - acts[-1])
    nb, nw = [delta[:, None]], [delta[:, None] * acts[-2][None, :]]
    for l in range(2, len(acts)):
        delta = (delta @ net.weights[-l + 1]) * acts[-l] * (1 - acts[-l])
        nb.append(delta[:, None].copy())
        nw.append(delta[:, None] * acts[-l - 1][None, :])
    return nb[::-1], nw[::-1]


@right("dictionaries by layer, partial, lambda")
def right_dictionaries(net, x, y):
    grad_of = partial(np.tensordot, axes=(0, 0))
    a, z, d = {1: x}, {}, {}
    L = len(net.sizes)
    for l in range(2, L + 1):
        z[l] = net.biases[l - 2] + net.weights[l - 2] @ a[l - 1]
        a[l] = sigmoid(z[l])
    d[L] = (lambda a, y: a - y)(a[L], y) * sigmoid_prime(z[L])
    for l in range(L - 1, 1, -1):
        d[l] = grad_of(net.weights[l - 1], d[l + 1]) * sigmoid_prime(z[l])
    return [d[l] for l in range(2, L + 1)], [d[l] * a[l - 1].T for l in range(2, L + 1)]


@right("y - a, and minus signs further on")
def right_two_signs(net, x, y):
    zs, acts = forward(net, x)
    error = y - acts[-1]
    nb, nw = [None] * len(zs), [None] * len(zs)
    for l in range(1, len(net.sizes)):
        error = error * sigmoid_prime(zs[-l])
        nb[-l], nw[-l] = -error, -error @ acts[-l - 1].T
        error = net.weights[-l].T @ error
    return nb, nw


@right("arrays in column order, keyword-like names")
def right_fortran(net, x, y):
    zs, acts = forward(net, np.asfortranarray(x))
    delta = (acts[-1] - y) * sigmoid_prime(zs[-1])
    out = [(delta, np.asfortranarray(delta @ acts[-2].T))]
    for (w, _), z, a in zip(pairwise(net.weights[::-1]), zs[-2::-1], acts[-3::-1]):
        delta = (delta.T @ w).T * sigmoid_prime(z)
        out.append((delta, np.asfortranarray(delta @ a.T)))
    nabla_b, nabla_w = zip(*out[::-1])
    return nabla_b, nabla_w


# missing-output-sigmoid-prime


@wrong("missing-output-sigmoid-prime", "the book's, shortened")
def no_output_prime_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = activations[-1] - y
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].T)
    for l in range(2, len(net.sizes)):
        delta = np.dot(net.weights[-l + 1].T, delta) * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = np.dot(delta, activations[-l - 1].T)
    return nabla_b, nabla_w


@wrong("missing-output-sigmoid-prime", "positive indices, a(1 - a), insert")
def no_output_prime_insert(net, x, y):
    acts = [x]
    for w, b in zip(net.weights, net.biases):
        acts.append(sig(w @ acts[-1] + b))
    d = acts[-1] - y
    nb, nw = [d], [np.outer(d, acts[-2])]
    for l in range(len(acts) - 2, 0, -1):
        d = (net.weights[l].T @ d) * acts[l] * (1 - acts[l])
        nb.insert(0, d)
        nw.insert(0, np.outer(d, acts[l - 1]))
    return nb, nw


@wrong("missing-output-sigmoid-prime", "recursion")
def no_output_prime_recursion(net, x, y):
    def back(a, l=0):
        out = sig(net.weights[l] @ a + net.biases[l])
        if l == len(net.weights) - 1:
            delta, b, w = out - y, (), ()
        else:
            b, w = back(out, l + 1)
            delta = net.weights[l + 1].T.dot(b[0]) * out * (1 - out)
        return (delta, *b), (delta * a.T, *w)

    return back(x)


@wrong("missing-output-sigmoid-prime", "the softmax habit: einsum")
def no_output_prime_einsum(net, x, y):
    zs, a = forward(net, x)
    deltas = [a[-1] - y]
    for w, z in zip(net.weights[:0:-1], zs[-2::-1]):
        deltas.append(np.einsum("jk,ji,ki->ki", w, deltas[-1], dsig(z)))
    deltas = deltas[::-1]
    return deltas, [np.einsum("ji,ki->jk", d, p) for d, p in zip(deltas, a)]


# missing-hidden-sigmoid-prime


@wrong("missing-hidden-sigmoid-prime", "the book's, shortened")
def no_hidden_prime_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("missing-hidden-sigmoid-prime", "comprehensions, reduce over reversed weights")
def no_hidden_prime_reduce(net, x, y):
    zs, acts = forward(net, x)
    start = [(acts[-1] - y) * dsig(zs[-1])]
    ds = reduce(lambda ds, w: [w.T.dot(ds[0])] + ds, reversed(net.weights[1:]), start)
    return ds, [np.outer(d, a) for d, a in zip(ds, acts)]


@wrong("missing-hidden-sigmoid-prime", "a flag for the output layer")
def no_hidden_prime_flag(net, x, y):
    zs, acts = forward(net, x)
    nb, nw, delta = [], [], acts[-1] - y
    for l in reversed(range(len(zs))):
        if l == len(zs) - 1:
            delta = delta * acts[l + 1] * (1 - acts[l + 1])
        nb = [delta] + nb
        nw = [delta @ acts[l].T] + nw
        delta = net.weights[l].T @ delta
    return nb, nw


@wrong("missing-hidden-sigmoid-prime", "explicit loops")
def no_hidden_prime_loops(net, x, y):
    zs, acts = forward(net, x)
    nb, nw = zeros(net)
    nb[-1] += (acts[-1] - y) * sigmoid_prime(zs[-1])
    for l in range(len(zs) - 2, -1, -1):
        for j in range(net.sizes[l + 1]):
            for i in range(net.sizes[l + 2]):
                nb[l][j] += net.weights[l + 1][i, j] * nb[l + 1][i]
    for l in range(len(zs)):
        for j in range(net.sizes[l + 1]):
            for k in range(net.sizes[l]):
                nw[l][j, k] = nb[l][j, 0] * acts[l][k, 0]
    return nb, nw


# sigmoid-prime-of-activation


@wrong("sigmoid-prime-of-activation", "the book's, shortened")
def prime_of_a_book(net, x, y):
    _, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(activations[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(activations[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("sigmoid-prime-of-activation", "a helper that applies σ once more, tape")
def prime_of_a_tape(net, x, y):
    slope = lambda out: sig(out) * (1 - sig(out))
    acts = [x]
    for w, b in zip(net.weights, net.biases):
        acts.append(sig(w @ acts[-1] + b))
    grad, nb, nw = acts[-1] - y, [], []
    for w in reversed(net.weights):
        delta = grad * slope(acts.pop())
        nb.append(delta)
        nw.append(np.outer(delta, acts[-1]))
        grad = w.T @ delta
    return nb[::-1], nw[::-1]


@wrong("sigmoid-prime-of-activation", "in the hidden layers only; einsum", shows="last exact")
def prime_of_a_hidden(net, x, y):
    zs, a = forward(net, x)
    L = len(zs)
    d = [None] * L
    d[-1] = (a[-1] - y) * sigmoid_prime(zs[-1])
    for i in range(L - 2, -1, -1):
        d[i] = np.einsum("ij,ik->jk", net.weights[i + 1], d[i + 1]) * sigmoid_prime(a[i + 1])
    return d, [np.einsum("ik,jk->ij", d[i], a[i]) for i in range(L)]


@wrong("sigmoid-prime-of-activation", "at the output only; insert")
def prime_of_a_output(net, x, y):
    zs, acts = forward(net, x)
    delta = np.multiply(acts[-1] - y, dsig(acts[-1]))
    nb, nw = [delta], [np.dot(delta, acts[-2].T)]
    for l in range(2, len(acts)):
        delta = np.multiply(np.dot(net.weights[1 - l].T, delta), dsig(zs[-l]))
        nb.insert(0, delta)
        nw.insert(0, np.dot(delta, acts[-1 - l].T))
    return nb, nw


# activation-formula-on-z


@wrong("activation-formula-on-z", "the book's, shortened")
def formula_on_z_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * zs[-1] * (1 - zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * zs[-l] * (1 - zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("activation-formula-on-z", "its own derivative called with z; recursion")
def formula_on_z_recursion(net, x, y):
    prime = lambda s: s - s**2

    def go(l, a):
        z = net.weights[l] @ a + net.biases[l]
        if l + 1 == len(net.weights):
            nb, nw, grad = [], [], sig(z) - y
        else:
            nb, nw, grad = go(l + 1, sig(z))
        delta = grad * prime(z)
        return [delta] + nb, [delta @ a.T] + nw, net.weights[l].T @ delta

    nb, nw, _ = go(0, x)
    return nb, nw


@wrong("activation-formula-on-z", "in the hidden layers only; positive indices", shows="last exact")
def formula_on_z_hidden(net, x, y):
    zs, a = forward(net, x)
    nb, nw = zeros(net)
    nb[-1][:] = (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(zs) - 2, -1, -1):
        nb[l][:] = net.weights[l + 1].T @ nb[l + 1] * (zs[l] * (1 - zs[l]))
    for l in range(len(zs)):
        nw[l][:] = np.outer(nb[l], a[l])
    return nb, nw


@wrong("activation-formula-on-z", "at the output only; generator")
def formula_on_z_output(net, x, y):
    zs, a = forward(net, x)
    primes = [v * (1 - v) for v in a[1:-1]] + [zs[-1] * (1 - zs[-1])]

    def deltas():
        g = a[-1] - y
        for w, p in zip(reversed(net.weights), reversed(primes)):
            g = g * p
            yield g
            g = w.T @ g

    nb = list(deltas())[::-1]
    return nb, [d @ v.T for d, v in zip(nb, a)]


# activation-index-late


@wrong("activation-index-late", "the book's, shortened")
def late_activation_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-1].T)
    for l in range(2, len(net.sizes)):
        delta = np.dot(net.weights[-l + 1].T, delta) * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = np.dot(delta, activations[-l].T)
    return nabla_b, nabla_w


@wrong("activation-index-late", "np.outer, zip over lists that start one layer late")
def late_activation_zip(net, x, y):
    acts = []
    a = x
    for b, w in zip(net.biases, net.weights):
        a = sig(w @ a + b)
        acts.append(a)
    d = [(a - y) * a * (1 - a)]
    for w, h in zip(net.weights[:0:-1], acts[-2::-1]):
        d.insert(0, w.T @ d[0] * h * (1 - h))
    return d, [np.outer(p, q) for p, q in zip(d, acts)]


@wrong("activation-index-late", "in the hidden layers only; einsum", shows="hidden weights")
def late_activation_hidden(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta], [np.einsum("ai,bi->ab", delta, acts[-2])]
    for l in range(2, len(net.sizes)):
        delta = np.einsum("ab,ai->bi", net.weights[-l + 1], delta) * dsig(zs[-l])
        nb.append(delta)
        nw.append(np.einsum("ai,bi->ab", delta, acts[-l]))
    return nb[::-1], nw[::-1]


@wrong("activation-index-late", "at the output only; tuples", shows="last weights")
def late_activation_output(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = (delta,), (delta * acts[-1].T,)
    for l in range(len(zs) - 2, -1, -1):
        delta = (delta.T @ net.weights[l + 1]).T * dsig(zs[l])
        nb, nw = (delta,) + nb, (delta * acts[l].T,) + nw
    return nb, nw


# outer-product-transposed


@wrong("outer-product-transposed", "the book's, shortened")
def outer_transposed_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = activations[-2] @ delta.T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = activations[-l - 1] @ delta.T
    return nabla_b, nabla_w


@wrong("outer-product-transposed", "np.outer, arguments swapped; positive indices")
def outer_transposed_outer(net, x, y):
    zs, a = forward(net, x)
    d = [None for _ in zs]
    d[-1] = (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(d) - 2, -1, -1):
        d[l] = net.weights[l + 1].T @ d[l + 1] * a[l + 1] * (1 - a[l + 1])
    return d, [np.outer(a[l], d[l]) for l in range(len(d))]


@wrong("outer-product-transposed", "einsum letters swapped")
def outer_transposed_einsum(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta], [np.einsum("jm,km->kj", delta, acts[-2])]
    for w, z, a in zip(net.weights[:0:-1], zs[-2::-1], acts[-3::-1]):
        delta = w.T.dot(delta) * dsig(z)
        nb.insert(0, delta)
        nw.insert(0, np.einsum("jm,km->kj", delta, a))
    return nb, nw


@wrong("outer-product-transposed", "at the output only; .transpose() forgotten nowhere", shows="last weights")
def outer_transposed_output(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta], [np.dot(acts[-2], delta.transpose())]
    for l in range(2, len(acts)):
        delta = np.dot(net.weights[-l + 1].transpose(), delta) * dsig(zs[-l])
        nb.append(delta)
        nw.append(np.dot(delta, acts[-l - 1].transpose()))
    return list(reversed(nb)), list(reversed(nw))


# missing-transpose


@wrong("missing-transpose", "the book's, shortened")
def no_transpose_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = np.dot(net.weights[-l + 1], delta) * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("missing-transpose", "einsum, positive indices")
def no_transpose_einsum(net, x, y):
    zs, a = forward(net, x)
    n = len(zs)
    d = {n - 1: (a[n] - y) * dsig(zs[n - 1])}
    for l in range(n - 2, -1, -1):
        d[l] = np.einsum("jk,ki->ji", net.weights[l + 1], d[l + 1]) * dsig(zs[l])
    return [d[l] for l in range(n)], [np.outer(d[l], a[l]) for l in range(n)]


@wrong("missing-transpose", "row vectors: δᵀ wᵀ; tape")
def no_transpose_rows(net, x, y):
    tape, a = [], x
    for w, b in zip(net.weights, net.biases):
        tape.append((w, a))
        a = sig(w @ a + b)
    grad, out = (a - y).T, []
    for w, a_in in reversed(tape):
        delta = grad * (a * (1 - a)).T
        out.append((delta.T.copy(), delta.T @ a_in.T))
        grad, a = delta @ w.T, a_in
    return [b for b, _ in out[::-1]], [w for _, w in out[::-1]]


@wrong("missing-transpose", "explicit loops, indices i and j swapped")
def no_transpose_loops(net, x, y):
    zs, a = forward(net, x)
    nb, nw = zeros(net)
    nb[-1][:] = (a[-1] - y) * dsig(zs[-1])
    for l in range(len(zs) - 2, -1, -1):
        for j in range(nb[l].shape[0]):
            for i in range(nb[l + 1].shape[0]):
                nb[l][j] += net.weights[l + 1][j, i] * nb[l + 1][i] * dsig(zs[l][j])
    for w, d, p in zip(nw, nb, a):
        w += d * p.T
    return nb, nw


# weight-index-off-by-one


@wrong("weight-index-off-by-one", "the book's, shortened")
def weight_off_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = np.dot(net.weights[-l].T, delta) * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("weight-index-off-by-one", "positive indices, einsum, insert")
def weight_off_positive(net, x, y):
    zs, a = forward(net, x)
    d = (a[-1] - y) * dsig(zs[-1])
    nb, nw = [d], [np.outer(d, a[-2])]
    for l in range(len(zs) - 2, -1, -1):
        d = np.einsum("jk,ji->ki", net.weights[l], d) * dsig(zs[l])
        nb.insert(0, d)
        nw.insert(0, np.outer(d, a[l]))
    return nb, nw


@wrong("weight-index-off-by-one", "zip over reversed lists, weights not shifted")
def weight_off_zip(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * a[-1] * (1 - a[-1])]
    for w, v in zip(reversed(net.weights[:-1]), reversed(a[1:-1])):
        d.append(w.T.dot(d[-1]) * v * (1 - v))
    d.reverse()
    return d, [p.dot(q.T) for p, q in zip(d, a)]


@wrong("weight-index-off-by-one", "recursion by layer number")
def weight_off_recursion(net, x, y):
    zs, a = forward(net, x)

    def delta(l):
        if l == len(zs) - 1:
            return (a[-1] - y) * sigmoid_prime(zs[-1])
        return net.weights[l].T @ delta(l + 1) * sigmoid_prime(zs[l])

    nb = [delta(l) for l in range(len(zs))]
    return nb, [nb[l] @ a[l].T for l in range(len(zs))]


# weight-index-hard-coded


@wrong("weight-index-hard-coded", "the book's, shortened")
def weight_fixed_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("weight-index-hard-coded", "the last w of the forward loop, used ever after")
def weight_fixed_leftover(net, x, y):
    acts = [x]
    for w, b in zip(net.weights, net.biases):
        acts.append(sig(w @ acts[-1] + b))
    d = [(acts[-1] - y) * acts[-1] * (1 - acts[-1])]
    for a in acts[-2:0:-1]:
        d.append(w.T @ d[-1] * a * (1 - a))
    d = d[::-1]
    return d, [np.outer(p, q) for p, q in zip(d, acts)]


@wrong("weight-index-hard-coded", "positive index, einsum, prepended")
def weight_fixed_einsum(net, x, y):
    zs, acts = forward(net, x)
    top = len(net.weights) - 1
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb = [delta]
    for l in range(top - 1, -1, -1):
        nb = [np.einsum("jk,ji->ki", net.weights[top], nb[0]) * dsig(zs[l])] + nb
    return nb, [np.einsum("ji,ki->jk", d, a) for d, a in zip(nb, acts)]


# z-index-off-by-one


@wrong("z-index-off-by-one", "the book's, shortened")
def z_off_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l + 1])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("z-index-off-by-one", "one layer up, a(1 - a), positive indices")
def z_off_positive(net, x, y):
    _, a = forward(net, x)
    d = [None] * len(net.weights)
    d[-1] = (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(d) - 2, -1, -1):
        d[l] = net.weights[l + 1].T @ d[l + 1] * a[l + 2] * (1 - a[l + 2])
    return d, [np.outer(d[l], a[l]) for l in range(len(d))]


@wrong("z-index-off-by-one", "one layer down: zs begins with the input")
def z_off_down(net, x, y):
    zs, acts = [x], [x]
    for w, b in zip(net.weights, net.biases):
        zs.append(w @ acts[-1] + b)
        acts.append(sigmoid(zs[-1]))
    delta = (acts[-1] - y) * sigmoid_prime(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(len(net.weights) - 1, 0, -1):
        delta = net.weights[l].T @ delta * sigmoid_prime(zs[l - 1])
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[l - 1].T)
    return nb, nw


@wrong("z-index-off-by-one", "zip over reversed lists, zs not shifted; einsum")
def z_off_zip(net, x, y):
    zs, acts = forward(net, x)
    ds = [(acts[-1] - y) * dsig(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[::-1]):
        ds.append(np.einsum("jk,ji->ki", w, ds[-1]) * dsig(z))
    return ds[::-1], [np.einsum("ji,ki->jk", d, a) for d, a in zip(ds[::-1], acts)]


# loop-one-layer-short


@wrong("loop-one-layer-short", "the book's, shortened")
def short_loop_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes) - 1):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("loop-one-layer-short", "positive indices: stops above zero; zeros_like")
def short_loop_positive(net, x, y):
    zs, a = forward(net, x)
    nb = [np.zeros_like(b) for b in net.biases]
    nw = [np.zeros_like(w) for w in net.weights]
    d = (a[-1] - y) * dsig(zs[-1])
    nb[-1] += d
    nw[-1] += np.outer(d, a[-2])
    for l in range(len(zs) - 2, 0, -1):
        d = net.weights[l + 1].T @ d * dsig(zs[l])
        nb[l] += d
        nw[l] += np.outer(d, a[l])
    return nb, nw


@wrong("loop-one-layer-short", "while loop")
def short_loop_while(net, x, y):
    zs, a = forward(net, x)
    nb, nw = zeros(net)
    l, grad = len(zs) - 1, a[-1] - y
    while l > 0:
        nb[l] = grad * a[l + 1] * (1 - a[l + 1])
        nw[l] = nb[l] * a[l].T
        grad = net.weights[l].T @ nb[l]
        l -= 1
    return tuple(nb), tuple(nw)


@wrong("loop-one-layer-short", "room made with None: the first layer stays None", shows="none")
def short_loop_none(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1], nabla_w[-1] = delta, delta @ activations[-2].T
    for l in range(2, len(zs)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l], nabla_w[-l] = delta, delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("loop-one-layer-short", "insert: one array too few comes back", shows="fewer")
def short_loop_insert(net, x, y):
    zs, a = forward(net, x)
    d = (a[-1] - y) * dsig(zs[-1])
    nb, nw = [d], [d @ a[-2].T]
    for l in range(2, len(zs)):
        d = net.weights[-l + 1].T @ d * dsig(zs[-l])
        nb.insert(0, d)
        nw.insert(0, d @ a[-l - 1].T)
    return nb, nw


# wrong-sign


@wrong("wrong-sign", "the book's, shortened")
def sign_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (y - activations[-1]) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("wrong-sign", "recursion, np.outer")
def sign_recursion(net, x, y):
    def go(l, a):
        if l == len(net.weights):
            return [], [], y - a
        out = sig(net.weights[l].dot(a) + net.biases[l])
        nb, nw, error = go(l + 1, out)
        delta = error * out * (1 - out)
        return [delta] + nb, [np.outer(delta, a)] + nw, net.weights[l].T.dot(delta)

    return go(0, x)[:2]


@wrong("wrong-sign", "the whole gradient, minus")
def sign_minus(net, x, y):
    nabla_b, nabla_w = bpteach.backprop(net, x, y)
    return [-b for b in nabla_b], [-w for w in nabla_w]


# factor-two


@wrong("factor-two", "the book's, shortened")
def two_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = 2 * (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


@wrong("factor-two", "the complex step of a cost without the half")
def two_complex_step(net, x, y):
    return numerical_gradient(lambda probe: ((bpteach.feedforward(probe, x) - y) ** 2).sum(), net)


@wrong("factor-two", "classes")
def two_classes(net, x, y):
    layers = [Layer(w, b) for w, b in zip(net.weights, net.biases)]
    a = x
    for layer in layers:
        a = layer.forward(a)
    grad = 2 * (a - y)
    for layer in layers[::-1]:
        grad = layer.backward(grad)
    return [layer.db for layer in layers], [layer.dw for layer in layers]


# bias-wrong-axis


@wrong("bias-wrong-axis", "summed over everything")
def axis_all(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [np.sum(delta)], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * dsig(zs[-l])
        nb.insert(0, np.sum(delta))
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw


@wrong("bias-wrong-axis", "axis=0 with keepdims; positive indices")
def axis_zero(net, x, y):
    nb, nw = zeros(net)
    zs, a = forward(net, x)
    d = (a[-1] - y) * dsig(zs[-1])
    for l in range(len(zs) - 1, -1, -1):
        nb[l] = d.sum(axis=0, keepdims=True)
        nw[l] = np.outer(d, a[l])
        d = net.weights[l].T @ d * a[l] * (1 - a[l])
    return nb, nw


@wrong("bias-wrong-axis", "summed into an array of zeros, which broadcasts")
def axis_broadcast(net, x, y):
    nb, nw = zeros(net)
    deltas, right_w = right_positive(net, x, y)
    for l in range(len(nb)):
        nb[l] += deltas[l].sum(axis=0)
        nw[l] += right_w[l]
    return nb, nw


# bias-lost-dimension


@wrong("bias-lost-dimension", "ravel")
def flat_ravel(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta.ravel()], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * dsig(zs[-l])
        nb.insert(0, delta.ravel())
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw


@wrong("bias-lost-dimension", "sum(axis=1), as for a mini-batch")
def flat_sum(net, x, y):
    deltas, nw = right_positive(net, x, y)
    return [d.sum(axis=1) for d in deltas], nw


@wrong("bias-lost-dimension", "vectors everywhere")
def flat_vectors(net, x, y):
    acts = [x[:, 0]]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(w @ acts[-1] + b[:, 0]))
    delta = (acts[-1] - y[:, 0]) * acts[-1] * (1 - acts[-1])
    nb, nw = [delta], [np.outer(delta, acts[-2])]
    for l in range(2, len(acts)):
        delta = (net.weights[-l + 1].T @ delta) * acts[-l] * (1 - acts[-l])
        nb.append(delta)
        nw.append(np.outer(delta, acts[-l - 1]))
    return nb[::-1], nw[::-1]


@wrong("bias-lost-dimension", "squeeze, einsum")
def flat_squeeze(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [np.squeeze(delta)], [np.einsum("ji,ki->jk", delta, acts[-2])]
    for w, z, a in zip(net.weights[:0:-1], zs[-2::-1], acts[-3::-1]):
        delta = np.einsum("jk,ji->ki", w, delta) * dsig(z)
        nb, nw = [np.squeeze(delta)] + nb, [np.einsum("ji,ki->jk", delta, a)] + nw
    return nb, nw


# bias-from-weights


@wrong("bias-from-weights", "row sums, keepdims")
def row_sums(net, x, y):
    _, nabla_w = bpteach.backprop(net, x, y)
    return [w.sum(axis=1, keepdims=True) for w in nabla_w], nabla_w


@wrong("bias-from-weights", "in the loop, reshaped")
def row_sums_loop(net, x, y):
    zs, acts = forward(net, x)
    nb, nw = zeros(net)
    delta = (acts[-1] - y) * dsig(zs[-1])
    for l in range(1, len(net.sizes)):
        nw[-l] = delta @ acts[-l - 1].T
        nb[-l] = np.sum(nw[-l], axis=1).reshape(-1, 1)
        if l < len(zs):
            delta = net.weights[-l].T @ delta * dsig(zs[-l - 1])
    return nb, nw


@wrong("bias-from-weights", "a product with ones, einsum")
def row_sums_ones(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[-2::-1]):
        d.insert(0, np.einsum("jk,ji->ki", w, d[0]) * dsig(z))
    nw = [p * q.T for p, q in zip(d, a)]
    return [np.einsum("jk,k->j", w, np.ones(w.shape[1]))[:, np.newaxis] for w in nw], nw


# bias-one-dimensional


@wrong("bias-one-dimensional", "b.ravel() in the forward pass", shows="raises")
def one_dimensional_bias(net, x, y):
    zs, acts = [], [x]
    for b, w in zip(net.biases, net.weights):
        zs.append(w @ acts[-1] + b.ravel())
        acts.append(sigmoid(zs[-1]))
    delta = (acts[-1] - y) * sigmoid_prime(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw


@wrong("bias-one-dimensional", "x.flatten(): w x + b becomes a square")
def one_dimensional_input(net, x, y):
    zs, acts = [], [x.flatten()]
    for b, w in zip(net.biases, net.weights):
        zs.append(np.dot(w, acts[-1]) + b)
        acts.append(sig(zs[-1]))
    nb, nw = zeros(net)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb[-1], nw[-1] = delta, np.dot(delta, acts[-2].T)
    for l in range(2, len(acts)):
        delta = np.dot(net.weights[-l + 1].T, delta) * dsig(zs[-l])
        nb[-l], nw[-l] = delta, np.dot(delta, acts[-l - 1].T)
    return nb, nw


@wrong("bias-one-dimensional", "b[:, 0]; positive indices, np.matmul", shows="raises")
def one_dimensional_column(net, x, y):
    L = len(net.weights)
    a = [x]
    for l in range(L):
        a.append(sig(np.matmul(net.weights[l], a[l]) + net.biases[l][:, 0]))
    d = [None] * L
    d[-1] = (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(L - 2, -1, -1):
        d[l] = np.matmul(net.weights[l + 1].T, d[l + 1]) * a[l + 1] * (1 - a[l + 1])
    return d, [np.matmul(d[l], a[l].T) for l in range(L)]


# elementwise-for-matrix-product


@wrong("elementwise-for-matrix-product", "the book's, shortened; raises at BP4", shows="raises")
def times_book(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].T)
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T * delta * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = np.dot(delta, activations[-l - 1].T)
    return nabla_b, nabla_w


@wrong("elementwise-for-matrix-product", "BP4 with *, which broadcasts", shows="last exact")
def times_broadcast(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(len(zs) - 2, -1, -1):
        d.insert(0, net.weights[l + 1].T * d[0] * dsig(zs[l]))
    return d, [p * q.T for p, q in zip(d, a)]


@wrong("elementwise-for-matrix-product", "np.multiply, np.outer", shows="last exact")
def times_multiply(net, x, y):
    zs, a = forward(net, x)
    delta = np.multiply(a[-1] - y, dsig(zs[-1]))
    nb, nw = [delta], [np.outer(delta, a[-2])]
    for l in range(2, len(a)):
        delta = np.multiply(np.multiply(net.weights[-l + 1].T, delta), dsig(zs[-l]))
        nb.append(delta)
        nw.append(np.outer(delta, a[-l - 1]))
    return nb[::-1], nw[::-1]


@wrong("elementwise-for-matrix-product", "the diagonal only: einsum without a sum", shows="last exact")
def times_einsum(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[-2::-1]):
        d.append(np.einsum("kj,ji->ji", w.T, d[-1]) * dsig(z))
    d = d[::-1]
    return d, [np.einsum("ji,ki->jk", p, q) for p, q in zip(d, a)]


# activations-share-a-buffer


@wrong("activations-share-a-buffer", "np.dot(out=) into one buffer for z, another for a")
def shared_out(net, x, y):
    nabla_b, nabla_w = zeros(net)
    a = np.empty_like(net.biases[0])
    zs, acts, now = [], [x], x
    for b, w in zip(net.biases, net.weights):
        z = np.dot(w, now) + b
        a[:] = sigmoid(z)
        now = a
        zs.append(z)
        acts.append(a)
    delta = (acts[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1], nabla_w[-1] = delta, delta @ acts[-2].T
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l], nabla_w[-l] = delta, delta @ acts[-l - 1].T
    return nabla_b, nabla_w


@wrong("activations-share-a-buffer", "[zeros] * n; a(1 - a)")
def shared_list(net, x, y):
    acts = [np.zeros_like(net.biases[0])] * len(net.weights)
    for l, (w, b) in enumerate(zip(net.weights, net.biases)):
        acts[l][:] = sig(w @ (acts[l - 1] if l else x) + b)
    acts = [x] + acts
    d = [(acts[-1] - y) * acts[-1] * (1 - acts[-1])]
    for l in range(len(net.weights) - 1, 0, -1):
        d.insert(0, net.weights[l].T @ d[0] * acts[l] * (1 - acts[l]))
    return d, [np.outer(p, q) for p, q in zip(d, acts)]


@wrong("activations-share-a-buffer", "views of one tall buffer; fits layers of any size")
def shared_views(net, x, y):
    buffer = np.zeros((max(net.sizes), 1))
    zs, acts = [], [x]
    for w, b in zip(net.weights, net.biases):
        z = w @ acts[-1] + b
        out = buffer[: len(z)]
        out[:] = sigmoid(z)
        zs.append(z)
        acts.append(out)
    delta = (acts[-1] - y) * sigmoid_prime(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(len(zs) - 1, 0, -1):
        delta = net.weights[l].T @ delta * sigmoid_prime(zs[l - 1])
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[l - 1].T)
    return nb, nw


@wrong("activations-share-a-buffer", "an in-place sigmoid on the same array as z")
def shared_in_place(net, x, y):
    t = x.copy()
    zs, acts = [], [x]
    for w, b in zip(net.weights, net.biases):
        t[:] = w @ t + b
        zs.append(t.copy())
        t[:] = 1 / (1 + np.exp(-t))
        acts.append(t)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = (delta,), (delta * acts[-2].T,)
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * dsig(zs[-l])
        nb, nw = (delta, *nb), (delta * acts[-l - 1].T, *nw)
    return nb, nw


# accumulator-not-reset


@wrong("accumulator-not-reset", "a list as default argument", maker=True)
def kept_default():
    def fn(net, x, y, nabla_b=[], nabla_w=[]):
        if not nabla_b:
            nabla_b.extend(np.zeros(b.shape) for b in net.biases)
            nabla_w.extend(np.zeros(w.shape) for w in net.weights)
        deltas, parts = right_positive(net, x, y)
        for l in range(len(deltas)):
            nabla_b[l] = nabla_b[l] + deltas[l]
            nabla_w[l] = nabla_w[l] + parts[l]
        return list(nabla_b), list(nabla_w)

    return fn


@wrong("accumulator-not-reset", "closure, new zeros when the shapes change", maker=True)
def kept_closure():
    kept = {}

    def fn(net, x, y):
        nb, nw = kept.setdefault(tuple(net.sizes), zeros(net))
        zs, acts = forward(net, x)
        delta = (acts[-1] - y) * dsig(zs[-1])
        for l in range(1, len(acts)):
            nb[-l] += delta
            nw[-l] += delta @ acts[-l - 1].T
            if l < len(zs):
                delta = net.weights[-l].T @ delta * dsig(zs[-l - 1])
        return [b.copy() for b in nb], [w.copy() for w in nw]

    return fn


@wrong("accumulator-not-reset", "attributes kept on the network")
def kept_on_net(net, x, y):
    if not hasattr(net, "nabla_b"):
        net.nabla_b, net.nabla_w = zeros(net)
    deltas, parts = right_positive(net, x, y)
    net.nabla_b = [old + new for old, new in zip(net.nabla_b, deltas)]
    net.nabla_w = [old + new for old, new in zip(net.nabla_w, parts)]
    return net.nabla_b, net.nabla_w


@wrong("accumulator-not-reset", "attribute on the function", maker=True)
def kept_attribute():
    def fn(net, x, y):
        nb, nw = bpteach.backprop(net, x, y)
        if hasattr(fn, "b"):
            nb = [p + q for p, q in zip(nb, fn.b)]
            nw = [p + q for p, q in zip(nw, fn.w)]
        fn.b, fn.w = nb, nw
        return [b.copy() for b in nb], [w.copy() for w in nw]

    return fn


# arguments-changed


@wrong("arguments-changed", "y becomes a - y in place")
def changed_y(net, x, y):
    zs, acts = forward(net, x)
    y -= acts[-1]
    delta = -y * sigmoid_prime(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw


@wrong("arguments-changed", "net.weights reversed in place for the way back")
def changed_order(net, x, y):
    zs, a = forward(net, x)
    net.weights.reverse()
    d = [(a[-1] - y) * dsig(zs[-1])]
    for w, z in zip(net.weights, zs[-2::-1]):
        d.insert(0, w.T @ d[0] * dsig(z))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@wrong("arguments-changed", "x used as scratch at the end")
def changed_x(net, x, y):
    result = bpteach.backprop(net, x, y)
    x *= 0
    return result


@wrong("arguments-changed", "the weights are transposed and left so")
def changed_weights(net, x, y):
    zs, acts = forward(net, x)
    net.weights[:] = [w.T for w in net.weights]
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1] @ delta * dsig(zs[-l])
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw


@wrong("arguments-changed", "a step taken at once: the biases change in place")
def changed_biases(net, x, y):
    nb, nw = right_positive(net, x, y)
    for b, d in zip(net.biases, nb):
        b -= 0.1 * d
    return nb, nw


@wrong("arguments-changed", "net.biases and net.weights popped off")
def changed_pop(net, x, y):
    zs, a = forward(net, x)
    grad, nb, nw = a[-1] - y, [], []
    while net.weights:
        w, z = net.weights.pop(), zs.pop()
        nb.insert(0, grad * dsig(z))
        nw.insert(0, np.outer(nb[0], a[len(zs)]))
        grad = w.T @ nb[0]
    return nb, nw


# outputs-share-memory


@wrong("outputs-share-memory", "room made once, as default arguments, and used at every call", maker=True)
def shared_room():
    room = {}

    def fn(net, x, y):
        nb, nw = room.setdefault(tuple(net.sizes), zeros(net))
        deltas, parts = right_positive(net, x, y)
        for l in range(len(nb)):
            nb[l][:] = deltas[l]
            nw[l][:] = parts[l]
        return nb, nw

    return fn


@wrong("outputs-share-memory", "np.matmul(out=) into arrays kept on the function", maker=True)
def shared_kept():
    def fn(net, x, y):
        if getattr(fn, "sizes", None) != net.sizes:
            fn.sizes, (fn.b, fn.w) = net.sizes, zeros(net)
        zs, acts = forward(net, x)
        fn.b[-1][:] = (acts[-1] - y) * dsig(zs[-1])
        np.matmul(fn.b[-1], acts[-2].T, out=fn.w[-1])
        for l in range(2, len(acts)):
            fn.b[-l][:] = net.weights[-l + 1].T @ fn.b[-l + 1] * dsig(zs[-l])
            np.matmul(fn.b[-l], acts[-l - 1].T, out=fn.w[-l])
        return fn.b, fn.w

    return fn


@wrong("outputs-share-memory", "buffers kept on the network")
def shared_on_net(net, x, y):
    if not hasattr(net, "room"):
        net.room = zeros(net)
    for room, parts in zip(net.room, right_positive(net, x, y)):
        for array, part in zip(room, parts):
            np.copyto(array, part)
    return tuple(net.room)


# two at once


@two("missing-transpose", "missing-hidden-sigmoid-prime", "the book's", first=(2, "BP2"))
def two_in_bp2(net, x, y):
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1] @ delta
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw


@two("missing-output-sigmoid-prime", "missing-transpose", "positive indices", first=(1, "BP1"))
def two_bp1_bp2(net, x, y):
    zs, a = forward(net, x)
    d = [a[-1] - y]
    for l in range(len(zs) - 2, -1, -1):
        d.insert(0, net.weights[l + 1] @ d[0] * dsig(zs[l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@two("outer-product-transposed", "z-index-off-by-one", "comprehensions", first=(1, "BP4"))
def two_bp4_bp2(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(len(zs) - 2, -1, -1):
        d.insert(0, net.weights[l + 1].T @ d[0] * dsig(zs[l + 1]))
    return d, [np.outer(q, p) for p, q in zip(d, a)]


@two("wrong-sign", "activation-index-late", "the book's", first=(1, "BP1"))
def two_sign_index(net, x, y):
    zs, a = forward(net, x)
    delta = (y - a[-1]) * dsig(zs[-1])
    nb, nw = [delta], [delta @ a[-1].T]
    for l in range(2, len(a)):
        delta = net.weights[-l + 1].T @ delta * dsig(zs[-l])
        nb.insert(0, delta)
        nw.insert(0, delta @ a[-l].T)
    return nb, nw


@two("weight-index-off-by-one", "z-index-off-by-one", "shifted zip", first=(2, "BP2"))
def two_indices(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for w, z in zip(net.weights[-2::-1], zs[::-1]):
        d.insert(0, w.T @ d[0] * dsig(z))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@two("factor-two", "bias-from-weights", "the book's", first=(1, "BP1"))
def two_factor_rows(net, x, y):
    nb, nw = bpteach.backprop(net, x, y)
    return [2 * w.sum(axis=1, keepdims=True) for w in nw], [2 * w for w in nw]


@two("missing-hidden-sigmoid-prime", "loop-one-layer-short", "zeros", first=(2, "BP2"))
def two_prime_short(net, x, y):
    zs, a = forward(net, x)
    nb, nw = zeros(net)
    delta = (a[-1] - y) * dsig(zs[-1])
    nb[-1], nw[-1] = delta, delta @ a[-2].T
    for l in range(2, len(zs)):
        delta = net.weights[-l + 1].T @ delta
        nb[-l], nw[-l] = delta, delta @ a[-l - 1].T
    return nb, nw


@two("sigmoid-prime-of-activation", "outer-product-transposed", "tape", first=(1, "BP1"))
def two_prime_outer(net, x, y):
    _, acts = forward(net, x)
    grad, nb, nw = acts[-1] - y, [], []
    for w in reversed(net.weights):
        delta = grad * dsig(acts.pop())
        nb.insert(0, delta)
        nw.insert(0, np.outer(acts[-1], delta))
        grad = w.T @ delta
    return nb, nw


# not in the catalogue


@other("tanh for σ", first=(1, "BP1"))
def other_tanh(net, x, y):
    a = [x]
    for b, w in zip(net.biases, net.weights):
        a.append(np.tanh(w @ a[-1] + b))
    d = [(a[-1] - y) * (1 - a[-1] ** 2)]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * (1 - a[-l] ** 2))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("no bias in the forward pass", first=(1, "BP1"))
def other_no_bias(net, x, y):
    a = [x]
    for w in net.weights:
        a.append(sig(w @ a[-1]))
    d = [(a[-1] - y) * a[-1] * (1 - a[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * a[-l] * (1 - a[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("three times too much in every layer")
def other_three(net, x, y):
    nb, nw = right_positive(net, x, y)
    return [3 * b for b in nb], [3 * w for w in nw]


@other("a minus sign in the hidden layers only", first=(2, "BP2"))
def other_minus_hidden(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, -net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("both lists the wrong way round")
def other_reversed(net, x, y):
    nb, nw = right_positive(net, x, y)
    return nb[::-1], nw[::-1]


@other("(nabla_w, nabla_b) for (nabla_b, nabla_w)")
def other_swapped(net, x, y):
    nb, nw = bpteach.backprop(net, x, y)
    return nw, nb


@other("ReLU's derivative in the hidden layers", first=(2, "BP2"))
def other_relu(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * (a[-l] > 0.5))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("σ²(1 - σ) for σ′", first=(1, "BP1"))
def other_prime(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * a[-1] ** 2 * (1 - a[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * a[-l] ** 2 * (1 - a[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("the absolute difference", first=(1, "BP1"))
def other_absolute(net, x, y):
    zs, a = forward(net, x)
    d = [np.abs(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("dropout left on")
def other_dropout(net, x, y, rng=np.random.default_rng(0)):
    nb, nw = right_positive(net, x, y)
    return [b * (rng.random(b.shape) < 0.5) for b in nb], [w * (rng.random(w.shape) < 0.5) for w in nw]


@other("noise, small")
def other_noise(net, x, y, rng=np.random.default_rng(0)):
    nb, nw = right_positive(net, x, y)
    return [b * (1 + 1e-3 * rng.standard_normal(b.shape)) for b in nb], nw


@other("weight decay mixed in, λ = 0.1", first=(1, "BP4"))
def other_decay(net, x, y):
    nb, nw = bpteach.backprop(net, x, y)
    return nb, [g + 0.1 * w for g, w in zip(nw, net.weights)]


@other("central differences with a step of 0.1")
def other_coarse(net, x, y):
    cost = lambda probe: ((bpteach.feedforward(probe, x) - y) ** 2).sum() / 2
    return numerical_gradient(cost, net, method="central", step=0.1)


@other("wrong in the first layer's weights only", first=(-1, "BP4"))
def other_first_layer(net, x, y):
    nb, nw = bpteach.backprop(net, x, y)
    nw[0] = nb[0] @ (1 - x).T
    return nb, nw


@other("right for square layers only: no transpose where the shape asks for none", first=None)
def other_square(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        w = net.weights[-l + 1]
        w = w.T if w.shape[0] == w.shape[1] else np.resize(w, w.shape[::-1])
        d.insert(0, w @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("written out for four layers", first=None)
def other_four_layers(net, x, y):
    w2, w3, w4 = net.weights[:3]
    b2, b3, b4 = net.biases[:3]
    a2 = sig(w2 @ x + b2)
    a3 = sig(w3 @ a2 + b3)
    a4 = sig(w4 @ a3 + b4)
    d4 = (a4 - y) * a4 * (1 - a4)
    d3 = w4.T @ d4 * a3 * (1 - a3)
    d2 = w3.T @ d3 * a2 * (1 - a2)
    return [d2, d3, d4], [d2 @ x.T, d3 @ a2.T, d4 @ a3.T]


# right, and yet unusual


@right("what was computed is kept on the network")
def right_attributes(net, x, y):
    net.zs, net.activations = forward(net, x)
    net.delta = (net.activations[-1] - y) * dsig(net.zs[-1])
    nb, nw = [net.delta], [net.delta @ net.activations[-2].T]
    for l in range(2, len(net.sizes)):
        net.delta = net.weights[-l + 1].T @ net.delta * dsig(net.zs[-l])
        nb.insert(0, net.delta)
        nw.insert(0, net.delta @ net.activations[-l - 1].T)
    return nb, nw


@right("a copy of the list of biases as room; two lists in a list")
def right_copied_lists(net, x, y):
    nabla_b, nabla_w = net.biases.copy(), list(net.weights)
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    for l in range(1, len(acts)):
        nabla_b[-l], nabla_w[-l] = delta, delta @ acts[-l - 1].T
        if l < len(zs):
            delta = net.weights[-l].T @ delta * dsig(zs[-l - 1])
    return [nabla_b, nabla_w]


@right("longer numbers inside")
def right_longdouble(net, x, y):
    wide = bpteach.Network(net.sizes, [w.copy() for w in net.weights], [b.copy() for b in net.biases])
    wide.weights, wide.biases = ([v.astype(np.longdouble) for v in part] for part in (net.weights, net.biases))
    nb, nw = right_tape(wide, x.astype(np.longdouble), y.astype(np.longdouble))
    return [b.astype(float) for b in nb], [w.astype(float) for w in nw]


@right("arrays that run backwards in memory, arrays nobody may write to")
def right_strides(net, x, y):
    nb, nw = right_positive(net, x, y)
    nb = [np.array(b[::-1])[::-1] for b in nb]
    nw = [np.array(w.T[::-1, ::-1])[::-1, ::-1].T for w in nw]
    for array in nb + nw:
        array.flags.writeable = False
    return nb, nw


@right("the difference taken in place, in an array of its own")
def right_in_place(net, x, y):
    zs, acts = forward(net, x)
    delta = acts[-1]
    delta -= y
    delta *= dsig(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta
        delta *= dsig(zs[-l])
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw


@right("the parameters exchanged, and put back")
def right_put_back(net, x, y):
    kept = net.weights
    net.weights = [w.copy() for w in kept]
    result = bpteach.backprop(net, x, y)
    net.weights = kept
    return result


# more ways to make the same mistakes


@wrong("z-index-off-by-one", "at the output as well", shows="all wrong")
def z_off_output(net, x, y):
    zs, a = forward(net, x)
    zs.insert(0, x)
    d = [(a[-1] - y) * dsig(zs[-2])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l - 1]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@wrong("arguments-changed", "z += ... on the biases themselves")
def changed_by_plus(net, x, y):
    a, zs, acts = x, [], [x]
    for b, w in zip(net.biases, net.weights):
        z = b
        z += w @ a
        a = sig(z)
        zs.append(z.copy())
        acts.append(a)
    d = [(a - y) * dsig(zs[-1])]
    for l in range(2, len(acts)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, acts)]


@wrong("arguments-changed", "nabla_b = net.biases as room")
def changed_room(net, x, y):
    nabla_b, nabla_w = net.biases, [None] * len(net.weights)
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nabla_b[-1], nabla_w[-1] = delta, delta @ acts[-2].T
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * dsig(zs[-l])
        nabla_b[-l], nabla_w[-l] = delta, delta @ acts[-l - 1].T
    return nabla_b, nabla_w


@wrong("arguments-changed", "the arrays of a shallow copy overwritten")
def changed_shallow(net, x, y):
    nabla_b = net.biases.copy()
    deltas, nabla_w = right_positive(net, x, y)
    for l in range(len(nabla_b)):
        nabla_b[l][:] = deltas[l]
    return nabla_b, nabla_w


@wrong("activations-share-a-buffer", "only zs share one: a are kept apart", shows="last exact")
def shared_zs(net, x, y):
    z = np.zeros_like(net.biases[0])
    zs, acts = [], [x]
    for b, w in zip(net.biases, net.weights):
        z[:] = w @ acts[-1] + b
        zs.append(z)
        acts.append(sigmoid(z))
    d = [(acts[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(acts)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, acts)]


unclear = BACKPROP.unclear


@unclear("activations-share-a-buffer", "arguments-changed", style="the input is the buffer")
def unclear_input_buffer(net, x, y):
    zs, acts, a = [], [x], x
    for b, w in zip(net.biases, net.weights):
        zs.append(w @ a + b)
        a[:] = sigmoid(zs[-1])
        acts.append(a)
    d = [(acts[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(acts)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, acts)]


@unclear("arguments-changed", style="nabla_w = net.weights as room: the way back meets gradients")
def unclear_room(net, x, y):
    nabla_b, nabla_w = net.biases, net.weights
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nabla_b[-1], nabla_w[-1] = delta, delta @ acts[-2].T
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * dsig(zs[-l])
        nabla_b[-l], nabla_w[-l] = delta, delta @ acts[-l - 1].T
    return nabla_b, nabla_w


@unclear("outputs-share-memory", style="room made by [zeros] * n: the last one written stays", first=None)
def unclear_repeated_room(net, x, y):
    nb, nw = [np.zeros((4, 1))] * len(net.biases), [np.zeros((4, 4))] * len(net.weights)
    deltas, parts = right_positive(net, x, y)
    for l in range(len(nb)):
        nb[l][:] = deltas[l]
        nw[l][:] = parts[l]
    return nb, nw


@unclear("activations-share-a-buffer", style="a(1 - a) after the activation was turned to a - y")
def unclear_in_place(net, x, y):
    _, a = forward(net, x)
    delta = a[-1]
    delta -= y
    delta *= a[-1] * (1 - a[-1])
    d = [delta]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * a[-l] * (1 - a[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@unclear("missing-hidden-sigmoid-prime", style="σ′ left out in the first layer only")
def unclear_first_layer(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(len(zs) - 2, -1, -1):
        d.insert(0, net.weights[l + 1].T @ d[0] * (dsig(zs[l]) if l else 1))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@unclear("weight-index-hard-coded", style="weights[1] at every layer")
def unclear_second_weights(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(len(zs) - 2, -1, -1):
        d.insert(0, net.weights[1].T @ d[0] * dsig(zs[l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@unclear("weight-index-off-by-one", style="one index further: raises in the last step back")
def unclear_weights_further(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l - 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@wrong("outputs-share-memory", "one vector made anew, all arrays views of it", shows="views of one")
def shared_vector(net, x, y):
    long = np.empty(sum(b.size for b in net.biases) + sum(w.size for w in net.weights))
    nb, nw, at = [], [], 0
    for part, views in zip(right_positive(net, x, y), (nb, nw)):
        for array in part:
            views.append(long[at : at + array.size].reshape(array.shape))
            views[-1][:] = array
            at += array.size
    return nb, nw


@unclear("bias-from-weights", style="row means of the weight gradient")
def unclear_row_means(net, x, y):
    nb, nw = bpteach.backprop(net, x, y)
    return [w.mean(axis=1, keepdims=True) for w in nw], nw


@unclear("elementwise-for-matrix-product", style="w * δ, without the transpose too; np.outer")
def unclear_times_w(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1] * d[0] * dsig(zs[-l]))
    return d, [p * q.T for p, q in zip(d, a)]


@unclear("missing-output-sigmoid-prime", "missing-hidden-sigmoid-prime", style="σ′ of a constant: σ′(0)")
def unclear_quarter(net, x, y):
    _, a = forward(net, x)
    d = [(a[-1] - y) / 4]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] / 4)
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@unclear(style="a small number in the denominator, 1e-6")
def unclear_epsilon(net, x, y):
    a = [x]
    for b, w in zip(net.biases, net.weights):
        a.append(1 / (1 + np.exp(-(w @ a[-1] + b)) + 1e-6))
    d = [(a[-1] - y) * a[-1] * (1 - a[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * a[-l] * (1 - a[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@unclear("accumulator-not-reset", style="only the weights' sums are carried over", maker=True)
def unclear_kept_half():
    kept = {}

    def fn(net, x, y):
        nb, nw = bpteach.backprop(net, x, y)
        old = kept.get(tuple(net.sizes), zeros(net)[1])
        kept[tuple(net.sizes)] = nw = [p + q for p, q in zip(nw, old)]
        return nb, [w.copy() for w in nw]

    return fn


@unclear("outputs-share-memory", "accumulator-not-reset", style="answers of the first call, for good", maker=True)
def unclear_memo():
    memo = {}

    def fn(net, x, y):
        return memo.setdefault(tuple(net.sizes), bpteach.backprop(net, x, y))

    return fn


@other("written out for three layers", first=None)
def other_three_layers(net, x, y):
    a2 = sig(net.weights[0] @ x + net.biases[0])
    a3 = sig(net.weights[1] @ a2 + net.biases[1])
    d3 = (a3 - y) * a3 * (1 - a3)
    d2 = net.weights[1].T @ d3 * a2 * (1 - a2)
    return [d2, d3], [d2 @ x.T, d3 @ a2.T]


@other("a linear output layer", first=(1, "BP1"))
def other_linear_output(net, x, y):
    zs, a = forward(net, x)
    d = [zs[-1] - y]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("the difference squared", first=(1, "BP1"))
def other_squared(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) ** 2 * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("a softmax at the output", first=(1, "BP1"))
def other_softmax(net, x, y):
    zs, a = forward(net, x)
    p = np.exp(zs[-1]) / np.exp(zs[-1]).sum()
    d = [p - y]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("the weights' transposes multiplied on the wrong side of σ′", first=(2, "BP2"))
def other_order(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ (d[0] * dsig(zs[-l]))) if zs[-l].shape == d[0].shape else d.insert(
            0, zs[-l]
        )
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("σ′ left out in the fourth layer, if it is a hidden one", first=(2, "BP2"))
def other_fourth_of_five(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(len(zs) - 2, -1, -1):
        d.insert(0, net.weights[l + 1].T @ d[0] * (1 if l == 2 else dsig(zs[l])))
    return d, [np.outer(p, q) for p, q in zip(d, a)]


@other("for more than four layers, the transpose is left out", first=(2, "BP2"))
def other_deep_only(net, x, y):
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(len(zs) - 2, -1, -1):
        w = net.weights[l + 1]
        d.insert(0, (w if len(zs) > 3 and w.shape[0] == w.shape[1] else w.T) @ d[0] * dsig(zs[l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]
