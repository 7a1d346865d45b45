"""What learners write for `backprop(net, x, y)`: right in many styles, and wrong in every way of the catalogue."""
# The functions of the text below, in the notation of learners.py, use these names.
# ruff: noqa: B905, F401

import math
from functools import partial, reduce
from itertools import pairwise

import numpy as np

import bpteach
from bpteach import numerical_gradient, sigmoid, sigmoid_prime
from learners import Register

BACKPROP = Register("backprop", "net, x, y")


# helpers such as learners write beside their function


def forward(net, x):
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights):
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(sigmoid(zs[-1]))
    return zs, activations


def sig(t):
    return 1.0 / (1.0 + np.exp(-t))


def dsig(t):
    return np.exp(-t) / (1.0 + np.exp(-t)) ** 2


def zeros(net):
    return [np.zeros(b.shape) for b in net.biases], [np.zeros(w.shape) for w in net.weights]


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


TEXT = """
== base ==
package
    nb, nw = bpteach.backprop(net, x, y)
    return nb, nw
short
    zs, activations = forward(net, x)
    nabla_b, nabla_w = zeros(net)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w
listed
    zs, a = forward(net, x)
    d = [(a[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]
inserted
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta], [delta @ acts[-2].T]
    for l in range(2, len(acts)):
        delta = net.weights[-l + 1].T @ delta * dsig(zs[-l])
        nb.insert(0, delta)
        nw.insert(0, delta @ acts[-l - 1].T)
    return nb, nw
whole
    zs, acts = [], [x]
    for b, w in zip(net.biases, net.weights):
        zs.append(w @ acts[-1] + b)
        acts.append(sigmoid(zs[-1]))
    d = [(acts[-1] - y) * dsig(zs[-1])]
    for l in range(2, len(acts)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * dsig(zs[-l]))
    return d, [p @ q.T for p, q in zip(d, acts)]
own
    a = [x]
    for b, w in zip(net.biases, net.weights):
        a.append(sig(w @ a[-1] + b))
    d = [(a[-1] - y) * a[-1] * (1 - a[-1])]
    for l in range(2, len(a)):
        d.insert(0, net.weights[-l + 1].T @ d[0] * a[-l] * (1 - a[-l]))
    return d, [np.outer(p, q) for p, q in zip(d, a)]
paired
    zs, acts = forward(net, x)
    nb, nw = zeros(net)
    delta = (acts[-1] - y) * dsig(zs[-1])
    for l in range(1, len(acts)):
        nb[-l], nw[-l] = delta, delta @ acts[-l - 1].T
        if l < len(zs):
            delta = net.weights[-l].T @ delta * dsig(zs[-l - 1])
    return nb, nw
zipped
    zs, acts = forward(net, x)
    delta = (acts[-1] - y) * dsig(zs[-1])
    nb, nw = [delta], [np.einsum("ji,ki->jk", delta, acts[-2])]
    for w, z, a in zip(net.weights[:0:-1], zs[-2::-1], acts[-3::-1]):
        delta = np.einsum("jk,ji->ki", w, delta) * dsig(z)
        nb, nw = [delta] + nb, [np.einsum("ji,ki->jk", delta, a)] + nw
    return nb, nw
positive
    zs, a = forward(net, x)
    d = [None] * len(zs)
    d[-1] = (a[-1] - y) * dsig(zs[-1])
    for l in range(len(d) - 2, -1, -1):
        d[l] = net.weights[l + 1].T @ d[l + 1] * dsig(zs[l])
    return d, [np.outer(d[l], a[l]) for l in range(len(d))]
neurons
    zs, a = forward(net, x)
    nb, nw = zeros(net)
    nb[-1][:] = (a[-1] - y) * dsig(zs[-1])
    for l in range(len(zs) - 2, -1, -1):
        for j in range(net.sizes[l + 1]):
            for i in range(net.sizes[l + 2]):
                nb[l][j] += net.weights[l + 1][i, j] * nb[l + 1][i] * dsig(zs[l][j])
    for w, d, p in zip(nw, nb, a):
        w += d * p.T
    return nb, nw

== right ==
book | the book's
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
right_positive | positive indices, np.outer, a(1 - a)
    L = len(net.weights)
    a = [x]
    for i in range(L):
        a.append(sig(net.weights[i] @ a[i] + net.biases[i]))
    d = [None] * L
    d[L - 1] = (a[L] - y) * a[L] * (1 - a[L])
    for i in reversed(range(L - 1)):
        d[i] = net.weights[i + 1].T @ d[i + 1] * a[i + 1] * (1 - a[i + 1])
    return d, [np.outer(d[i], a[i]) for i in range(L)]
right_einsum | einsum, tuples
    zs, acts = forward(net, x)
    delta = np.einsum("ij,ij->ij", acts[-1] - y, dsig(zs[-1]))
    nb, nw = (delta,), (np.einsum("ij,kj->ik", delta, acts[-2]),)
    for w, z, a in zip(net.weights[:0:-1], zs[-2::-1], acts[-3::-1]):
        delta = np.einsum("kj,ki->ji", w, delta) * dsig(z)
        nb, nw = (delta, *nb), (np.einsum("ij,kj->ik", delta, a), *nw)
    return nb, nw
right_loops | explicit loops over neurons, plain Python numbers
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
right_insert | insert(0, ...)
    zs, activations = forward(net, x)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b, nabla_w = [delta], [delta @ activations[-2].T]
    for l in range(len(net.sizes) - 2, 0, -1):
        delta = (net.weights[l].T @ delta) * sigmoid_prime(zs[l - 1])
        nabla_b.insert(0, delta)
        nabla_w.insert(0, delta @ activations[l - 1].T)
    return nabla_b, nabla_w
right_tape | append, then reverse; pop from the tape
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
right_recursion | recursion
    def go(l, a):
        if l == len(net.weights):
            return [], [], a - y
        out = sigmoid(net.weights[l] @ a + net.biases[l])
        nb, nw, grad = go(l + 1, out)
        delta = grad * out * (1 - out)
        return [delta, *nb], [delta @ a.T, *nw], net.weights[l].T @ delta

    return go(0, x)[:2]
right_classes | classes
    layers = [Layer(w, b) for w, b in zip(net.weights, net.biases)]
    grad = reduce(lambda a, layer: layer.forward(a), layers, x) - y
    for layer in reversed(layers):
        grad = layer.backward(grad)
    return [layer.db for layer in layers], [layer.dw for layer in layers]
right_package | the package's own functions | package:
    nb, nw = → assert bpteach.feedforward(net, x).shape == y.shape ¶ nb, nw =
right_matrix_of_one | a mini-batch of one example | return bpteach.backprop_matrix(net, x, y)
right_complex_step | the complex step
    return numerical_gradient(lambda probe: ((bpteach.feedforward(probe, x) - y) ** 2).sum() / 2, net)
right_out | buffers of its own, np.matmul(out=)
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
right_fsum | another order of summation: math.fsum
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
right_augmented | the bias as a column of the weights, copied out
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
right_generators | generators turned to lists
    zs, acts = forward(net, x)

    def deltas():
        delta = (acts[-1] - y) * dsig(zs[-1])
        yield delta
        for w, z in zip(reversed(net.weights[1:]), reversed(zs[:-1])):
            delta = w.T @ delta * dsig(z)
            yield delta

    nabla_b = list(deltas())[::-1]
    return nabla_b, list(d @ a.T for d, a in zip(nabla_b, acts))
right_jacobians | Jacobian matrices, multiplied out
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
right_flat | one-dimensional inside, columns at the end
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
right_dictionaries | dictionaries by layer, partial, lambda
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
right_two_signs | y - a, and minus signs further on
    zs, acts = forward(net, x)
    error = y - acts[-1]
    nb, nw = [None] * len(zs), [None] * len(zs)
    for l in range(1, len(net.sizes)):
        error = error * sigmoid_prime(zs[-l])
        nb[-l], nw[-l] = -error, -error @ acts[-l - 1].T
        error = net.weights[-l].T @ error
    return nb, nw
right_fortran | arrays in column order, keyword-like names
    zs, acts = forward(net, np.asfortranarray(x))
    delta = (acts[-1] - y) * sigmoid_prime(zs[-1])
    out = [(delta, np.asfortranarray(delta @ acts[-2].T))]
    for (w, _), z, a in zip(pairwise(net.weights[::-1]), zs[-2::-1], acts[-3::-1]):
        delta = (delta.T @ w).T * sigmoid_prime(z)
        out.append((delta, np.asfortranarray(delta @ a.T)))
    nabla_b, nabla_w = zip(*out[::-1])
    return nabla_b, nabla_w
right_attributes | what was computed is kept on the network | inserted: zs, acts = → net.zs, net.activations =
    zs[ → net.zs[ && acts → net.activations && delta → net.delta
right_copied_lists | a copy of the list of biases as room; two lists in a list | paired:
    zeros(net) → net.biases.copy(), list(net.weights) && return nb, nw → return [nb, nw]
right_longdouble | longer numbers inside
    wide = bpteach.Network(net.sizes, [w.copy() for w in net.weights], [b.copy() for b in net.biases])
    wide.weights, wide.biases = ([v.astype(np.longdouble) for v in part] for part in (net.weights, net.biases))
    nb, nw = right_tape(wide, x.astype(np.longdouble), y.astype(np.longdouble))
    return [b.astype(float) for b in nb], [w.astype(float) for w in nw]
right_strides | arrays that run backwards in memory, arrays nobody may write to
    nb, nw = right_positive(net, x, y)
    nb = [np.array(b[::-1])[::-1] for b in nb]
    nw = [np.array(w.T[::-1, ::-1])[::-1, ::-1].T for w in nw]
    for array in nb + nw:
        array.flags.writeable = False
    return nb, nw
right_in_place | the difference taken in place, in an array of its own | inserted:
    delta = (acts[-1] - y) * dsig(zs[-1]) → delta = acts[-1] ¶ delta -= y ¶ delta *= dsig(zs[-1])
    @ delta * dsig(zs[-l]) → @ delta ¶ delta *= dsig(zs[-l])
right_put_back | the parameters exchanged, and put back
    kept = net.weights
    net.weights = [w.copy() for w in kept]
    result = bpteach.backprop(net, x, y)
    net.weights = kept
    return result

== wrong: missing-output-sigmoid-prime; shows all wrong ==
no_output_prime_book | the book's, shortened | short:
    (activations[-1] - y) * sigmoid_prime(zs[-1]) → activations[-1] - y
no_output_prime_insert | positive indices, a(1 - a), insert | right_insert:
    (activations[-1] - y) * sigmoid_prime(zs[-1]) → activations[-1] - y
    sigmoid_prime(zs[l - 1]) → activations[l] * (1 - activations[l])
no_output_prime_recursion | recursion | right_recursion: delta = grad → delta = grad if not nb else grad
no_output_prime_einsum | the softmax habit: einsum | zipped: (acts[-1] - y) * dsig(zs[-1]) → acts[-1] - y

== wrong: missing-hidden-sigmoid-prime; shows last exact ==
no_hidden_prime_book | the book's, shortened | short: @ delta * sigmoid_prime(zs[-l]) → @ delta
no_hidden_prime_reduce | comprehensions, reduce over reversed weights
    zs, acts = forward(net, x)
    start = [(acts[-1] - y) * dsig(zs[-1])]
    ds = reduce(lambda ds, w: [w.T.dot(ds[0])] + ds, reversed(net.weights[1:]), start)
    return ds, [np.outer(d, a) for d, a in zip(ds, acts)]
no_hidden_prime_flag | a flag for the output layer | right_tape: grad = a - y → grad, is_output = a - y, True
    delta = grad * a * (1 - a) → delta, is_output = (grad * a * (1 - a) if is_output else grad), False
no_hidden_prime_loops | explicit loops | neurons: nb[l + 1][i] * dsig(zs[l][j]) → nb[l + 1][i]

== wrong: sigmoid-prime-of-activation; shows all wrong ==
prime_of_a_book | the book's, shortened | short: sigmoid_prime(zs → sigmoid_prime(activations
prime_of_a_tape | a helper that applies σ once more, tape | right_tape:
    tape, a = [], x → slope = lambda out: sig(out) * (1 - sig(out)) ¶ tape, a = [], x
    grad * a * (1 - a) → grad * slope(a)
prime_of_a_hidden | in the hidden layers only; einsum [shows last exact] | zipped: zs[-2::-1], → acts[-2::-1],
prime_of_a_output | at the output only; insert | inserted: dsig(zs[-1]) → dsig(acts[-1])

== wrong: activation-formula-on-z; shows all wrong ==
formula_on_z_book | the book's, shortened | short: sigmoid_prime(zs[-1]) → zs[-1] * (1 - zs[-1])
    sigmoid_prime(zs[-l]) → zs[-l] * (1 - zs[-l])
formula_on_z_recursion | its own derivative called with z; recursion | right_recursion:
    out = sigmoid(net.weights[l] @ a + net.biases[l]) → z = net.weights[l] @ a + net.biases[l]
    go(l + 1, out) → go(l + 1, sig(z)) && grad * out * (1 - out) → grad * (lambda s: s - s**2)(z)
formula_on_z_hidden | in the hidden layers only; positive indices [shows last exact] | positive:
    dsig(zs[l]) → (zs[l] * (1 - zs[l]))
formula_on_z_output | at the output only; generator | right_generators: dsig(zs[-1]) → zs[-1] * (1 - zs[-1])

== wrong: activation-index-late; shows biases exact ==
late_activation_book | the book's, shortened | short: activations[-2] → activations[-1]
    activations[-l - 1] → activations[-l]
late_activation_zip | np.outer, zip over lists that start one layer late | listed: zip(d, a) → zip(d, a[1:])
late_activation_hidden | in the hidden layers only; einsum [shows hidden weights] | zipped: acts[-3::-1] → acts[-2::-1]
late_activation_output | at the output only; tuples [shows last weights] | right_einsum: acts[-2] → acts[-1]

== wrong: outer-product-transposed; shows biases exact ==
outer_transposed_book | the book's, shortened | short: delta @ activations[-2].T → activations[-2] @ delta.T
    delta @ activations[-l - 1].T → activations[-l - 1] @ delta.T
outer_transposed_outer | np.outer, arguments swapped; positive indices | positive: (d[l], a[l]) → (a[l], d[l])
outer_transposed_einsum | einsum letters swapped | zipped: "ji,ki->jk" → "ji,ki->kj"
outer_transposed_output | at the output only; .transpose() forgotten nowhere [shows last weights] | inserted:
    [delta @ acts[-2].T] → [np.dot(acts[-2], delta.transpose())]
    delta @ acts[-l - 1].T → np.dot(delta, acts[-l - 1].transpose())

== wrong: missing-transpose; shows last exact ==
no_transpose_book | the book's, shortened | short: net.weights[-l + 1].T @ delta → np.dot(net.weights[-l + 1], delta)
no_transpose_einsum | einsum, positive indices | positive:
    net.weights[l + 1].T @ d[l + 1] → np.einsum("jk,ki->ji", net.weights[l + 1], d[l + 1])
no_transpose_rows | row vectors: δᵀ wᵀ; tape
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
no_transpose_loops | explicit loops, indices i and j swapped | neurons:
    net.weights[l + 1][i, j] → net.weights[l + 1][j, i]

== wrong: weight-index-off-by-one; shows last exact ==
weight_off_book | the book's, shortened | short: net.weights[-l + 1].T @ delta → np.dot(net.weights[-l].T, delta)
weight_off_positive | positive indices, einsum, insert | right_insert:
    (net.weights[l].T @ delta) → np.einsum("jk,ji->ki", net.weights[l - 1], delta)
weight_off_zip | zip over reversed lists, weights not shifted | zipped: net.weights[:0:-1] → net.weights[-2::-1]
weight_off_recursion | recursion | right_recursion: net.weights[l].T @ delta → net.weights[max(l - 1, 0)].T @ delta

== wrong: weight-index-hard-coded; shows last two exact ==
weight_fixed_book | the book's, shortened | short: net.weights[-l + 1].T → net.weights[-1].T
weight_fixed_leftover | the last w of the forward loop, used ever after | own: net.weights[-l + 1].T → w.T
weight_fixed_first | the first layer's [shows last exact] | short: net.weights[-l + 1].T → net.weights[0].T
weight_fixed_einsum | positive index, einsum, prepended | zipped: for w, → top = len(net.weights) - 1 ¶ for _,
    np.einsum("jk,ji->ki", w, delta) → np.einsum("jk,ji->ki", net.weights[top], delta)

== wrong: z-index-off-by-one; shows last exact ==
z_off_book | the book's, shortened | short: sigmoid_prime(zs[-l]) → sigmoid_prime(zs[-l + 1])
z_off_positive | one layer up, a(1 - a), positive indices | right_positive:
    d[i + 1] * a[i + 1] * (1 - a[i + 1]) → d[i + 1] * a[i + 2] * (1 - a[i + 2])
z_off_down | one layer down: zs begins with the input | right_insert:
    zs, activations = forward(net, x) → zs, activations = forward(net, x) ¶ zs.insert(0, x)
z_off_zip | zip over reversed lists, zs not shifted; einsum | zipped: zs[-2::-1] → zs[::-1]
z_off_output | at the output as well [shows all wrong] | listed:
    d = [(a[-1] - y) * dsig(zs[-1])] → zs.insert(0, x) ¶ d = [(a[-1] - y) * dsig(zs[-2])]
    dsig(zs[-l]) → dsig(zs[-l - 1])
z_off_leftover | the z that the forward loop has left | book: zs[-l] → z
z_off_first | zs[0] at every layer | short: sigmoid_prime(zs[-l]) → sigmoid_prime(zs[0])
z_off_shared | one array for all zs, and a kept apart | whole:
    zs, acts = [], [x] → zs, acts, z = [], [x], np.zeros_like(net.biases[0])
    zs.append(w @ acts[-1] + b) → z[:] = w @ acts[-1] + b ¶ zs.append(z)

== wrong: loop-one-layer-short; shows first zero ==
short_loop_book | the book's, shortened | short: len(net.sizes) → len(net.sizes) - 1
short_loop_positive | positive indices: stops above zero; zeros_like | right_positive:
    [None] * L → [np.zeros_like(b) for b in net.biases]
    for i in reversed(range(L - 1)) → for i in range(L - 2, 0, -1)
short_loop_while | while loop, zeros in front | right_tape: while tape: → while len(tape) > 1:
    return nabla_b, nabla_w → return [zeros(net)[0][0], *nabla_b], [zeros(net)[1][0], *nabla_w]
short_loop_none | room made with None: the first layer stays None [shows none] | paired:
    zeros(net) → [None] * len(zs), [None] * len(zs) && range(1, len(acts)) → range(1, len(zs))
short_loop_insert | insert: one array too few comes back [shows fewer] | inserted:
    range(2, len(acts)) → range(2, len(zs))

== wrong: wrong-sign; shows times -1 ==
sign_book | the book's, shortened | short: activations[-1] - y → y - activations[-1]
sign_recursion | recursion, np.outer | right_recursion: a - y → y - a && delta @ a.T → np.outer(delta, a)
sign_minus | the whole gradient, minus
    nabla_b, nabla_w = bpteach.backprop(net, x, y)
    return [-b for b in nabla_b], [-w for w in nabla_w]

== wrong: factor-two; shows times 2 ==
two_book | the book's, shortened | short: delta = (activations → delta = 2 * (activations
two_complex_step | the complex step of a cost without the half | right_complex_step: .sum() / 2 → .sum()
two_classes | classes | right_classes: grad = reduce → grad = 2 * (reduce && x) - y → x) - y)

== wrong: bias-wrong-axis; shows weights exact ==
axis_all | summed over everything | inserted: [delta], → [np.sum(delta)],
    nb.insert(0, delta) → nb.insert(0, np.sum(delta))
axis_zero | axis=0 with keepdims; positive indices | positive:
    return d, → return [v.sum(axis=0, keepdims=True) for v in d],
axis_broadcast | summed into an array of zeros, which broadcasts | paired:
    nb[-l], nw[-l] = delta, delta @ acts[-l - 1].T → nb[-l] += delta.sum(axis=0) ¶ nw[-l] += delta @ acts[-l - 1].T

== wrong: bias-lost-dimension; shows bias shape ==
flat_ravel | ravel | inserted: [delta], → [delta.ravel()], && nb.insert(0, delta) → nb.insert(0, delta.ravel())
flat_sum | sum(axis=1), as for a mini-batch
    deltas, nw = right_positive(net, x, y)
    return [d.sum(axis=1) for d in deltas], nw
flat_vectors | vectors everywhere | own: [x] → [x[:, 0]] && + b → + b[:, 0] && - y) → - y[:, 0])
flat_squeeze | squeeze, einsum | zipped: nb, nw = [delta] → nb, nw = [np.squeeze(delta)]

== wrong: bias-from-weights; shows weights exact ==
row_sums | row sums, keepdims
    _, nabla_w = bpteach.backprop(net, x, y)
    return [w.sum(axis=1, keepdims=True) for w in nabla_w], nabla_w
row_sums_loop | in the loop, reshaped | paired: nb[-l], nw[-l] = delta, delta → nw[-l] = delta
    acts[-l - 1].T → acts[-l - 1].T ¶ nb[-l] = np.sum(nw[-l], axis=1).reshape(-1, 1)
row_sums_ones | a product with ones, einsum | zipped:
    return nb, → return [np.einsum("jk,k->j", w, np.ones(w.shape[1]))[:, np.newaxis] for w in nw],

== wrong: bias-one-dimensional; shows all wrong ==
one_dimensional_bias | b.ravel() in the forward pass [shows raises] | inserted:
    zs, acts = forward(net, x) → zs, acts = [], [x] ¶ for b, w in zip(net.biases, net.weights):
    net.weights): → net.weights): ¶     zs.append(w @ acts[-1] + b.ravel()) ¶     acts.append(sigmoid(zs[-1]))
one_dimensional_list | b.ravel(), the weights' gradients in a comprehension [shows raises] | whole: + b) → + b.ravel())
one_dimensional_input | x.flatten(): w x + b becomes a square | whole: [], [x] → [], [x.flatten()]
one_dimensional_column | b[:, 0]; positive indices, np.matmul [shows raises] | right_positive:
    sig(net.weights[i] @ a[i] + net.biases[i]) → sig(np.matmul(net.weights[i], a[i]) + net.biases[i][:, 0])
    np.outer(d[i], a[i]) → np.matmul(d[i], a[i].T)

== wrong: elementwise-for-matrix-product; shows last exact ==
times_book | the book's, shortened; raises at BP4 [shows raises] | short:
    net.weights[-l + 1].T @ delta → net.weights[-l + 1].T * delta
    delta @ activations[-2].T → np.dot(delta, activations[-2].T)
    delta @ activations[-l - 1].T → np.dot(delta, activations[-l - 1].T)
times_broadcast | BP4 with *, which broadcasts [shows last exact] | listed: .T @ d[0] → .T * d[0]
    np.outer(p, q) → p * q.T
times_multiply | np.multiply, np.outer [shows last exact] | listed:
    net.weights[-l + 1].T @ d[0] → np.multiply(net.weights[-l + 1].T, d[0])
times_einsum | the diagonal only: einsum without a sum [shows last exact] | zipped:
    np.einsum("jk,ji->ki", w, delta) → np.einsum("kj,ji->ji", w.T, delta)

== wrong: activations-share-a-buffer; shows some weights ==
shared_out | np.dot(out=) into one buffer for z, another for a | whole:
    zs, acts = [], [x] → zs, acts, out = [], [x], np.empty_like(net.biases[0])
    acts.append(sigmoid(zs[-1])) → out[:] = sigmoid(zs[-1]) ¶ acts.append(out)
shared_list | [zeros] * n; a(1 - a) | own: a = [x] → a, room = [x], [np.zeros_like(net.biases[0])] * len(net.weights)
    a.append(sig(w @ a[-1] + b)) → room[len(a) - 1][:] = sig(w @ a[-1] + b) ¶ a.append(room[len(a) - 1])
shared_views | views of one tall buffer; fits layers of any size | whole:
    zs, acts = [], [x] → zs, acts, buffer = [], [x], np.zeros((max(net.sizes), 1))
    acts.append(sigmoid(zs[-1])) → buffer[: len(b)] = sigmoid(zs[-1]) ¶ acts.append(buffer[: len(b)])
shared_in_place | an in-place sigmoid on the same array as z | whole:
    zs, acts = [], [x] → zs, acts, t = [], [x], x.copy()
    zs.append(w @ acts[-1] + b) → t[:] = w @ t + b ¶ zs.append(t.copy())
    acts.append(sigmoid(zs[-1])) → t[:] = 1 / (1 + np.exp(-t)) ¶ acts.append(t)

== wrong: accumulator-not-reset; shows second is the sum ==
kept_default | a list as default argument [maker]
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
kept_closure | closure, new zeros when the shapes change [keeps kept = {}] | paired:
    zeros(net) → kept.setdefault(tuple(net.sizes), zeros(net))
    nb[-l], nw[-l] = delta, delta @ acts[-l - 1].T → nb[-l] += delta ¶ nw[-l] += delta @ acts[-l - 1].T
    return nb, nw → return [b.copy() for b in nb], [w.copy() for w in nw]
kept_attribute | attribute on the function [keeps attributes]
    new = bpteach.backprop(net, x, y)
    fn.sums = [[p + q for p, q in zip(*pair)] for pair in zip(new, getattr(fn, "sums", zeros(net)))]
    return tuple([array.copy() for array in part] for part in fn.sums)
kept_on_net | attributes kept on the network | kept_attribute: fn → net

== wrong: arguments-changed; shows arguments ==
changed_y | y becomes a - y in place | inserted:
    delta = (acts[-1] - y) * dsig(zs[-1]) → y -= acts[-1] ¶ delta = -y * dsig(zs[-1])
changed_order | net.weights reversed in place for the way back | zipped:
    zs, acts = forward(net, x) → zs, acts = forward(net, x) ¶ net.weights.reverse() && net.weights[:0:-1] → net.weights
changed_x | x used as scratch at the end | package: return → x *= 0 ¶ return
changed_weights | the weights are transposed and left so | inserted:
    zs, acts = forward(net, x) → zs, acts = forward(net, x) ¶ net.weights[:] = [w.T for w in net.weights]
    net.weights[-l + 1].T → net.weights[-l + 1]
changed_biases | a step taken at once: the biases change in place | package:
    return → for b, d in zip(net.biases, nb): b -= 0.1 * d ¶ return
changed_pop | net.weights popped off | right_tape: w, a_in = tape.pop() → w, (_, a_in) = net.weights.pop(), tape.pop()
changed_by_plus | z += ... on the biases themselves | whole:
    zs.append(w @ acts[-1] + b) → z = b ¶ z += w @ acts[-1] ¶ zs.append(z.copy())
changed_room | nabla_b = net.biases as room | paired: zeros(net) → net.biases, [None] * len(net.weights)
changed_shallow | the arrays of a shallow copy overwritten | package:
    return nb → room = net.biases.copy() ¶ for l in range(len(nb)): room[l][:] = nb[l] ¶ return room

== wrong: outputs-share-memory; shows memory ==
shared_room | room made once, as default arguments, and used at every call [keeps room = {}]
    nb, nw = room.setdefault(tuple(net.sizes), zeros(net))
    deltas, parts = right_positive(net, x, y)
    for l in range(len(nb)):
        nb[l][:] = deltas[l]
        nw[l][:] = parts[l]
    return nb, nw
shared_kept | np.matmul(out=) into arrays kept on the function [keeps attributes]
    if getattr(fn, "sizes", None) != net.sizes:
        fn.sizes, (fn.b, fn.w) = net.sizes, zeros(net)
    zs, acts = forward(net, x)
    fn.b[-1][:] = (acts[-1] - y) * dsig(zs[-1])
    np.matmul(fn.b[-1], acts[-2].T, out=fn.w[-1])
    for l in range(2, len(acts)):
        fn.b[-l][:] = net.weights[-l + 1].T @ fn.b[-l + 1] * dsig(zs[-l])
        np.matmul(fn.b[-l], acts[-l - 1].T, out=fn.w[-l])
    return fn.b, fn.w
shared_on_net | buffers kept on the network | shared_room:
    room.setdefault(tuple(net.sizes), → vars(net).setdefault("room",
shared_vector | one vector made anew, all arrays views of it [shows views of one]
    long = np.empty(sum(b.size for b in net.biases) + sum(w.size for w in net.weights))
    nb, nw, at = [], [], 0
    for part, views in zip(right_positive(net, x, y), (nb, nw)):
        for array in part:
            views.append(long[at : at + array.size].reshape(array.shape))
            views[-1][:] = array
            at += array.size
    return nb, nw

== two ==
two_in_bp2 | the book's [mistakes missing-transpose, missing-hidden-sigmoid-prime; first 2 BP2] | inserted:
    net.weights[-l + 1].T @ delta * dsig(zs[-l]) → net.weights[-l + 1] @ delta
two_bp1_bp2 | positive indices [mistakes missing-output-sigmoid-prime, missing-transpose; first 1 BP1] | positive:
    (a[-1] - y) * dsig(zs[-1]) → a[-1] - y && net.weights[l + 1].T → net.weights[l + 1]
two_bp4_bp2 | comprehensions [mistakes outer-product-transposed, z-index-off-by-one; first 1 BP4] | listed:
    dsig(zs[-l]) → dsig(zs[-l + 1]) && np.outer(p, q) → np.outer(q, p)
two_sign_index | the book's [mistakes wrong-sign, activation-index-late; first 1 BP4] | inserted:
    acts[-1] - y → y - acts[-1] && acts[-2] → acts[-1] && acts[-l - 1] → acts[-l]
two_indices | shifted zip [mistakes weight-index-off-by-one, z-index-off-by-one; first 2 BP2] | zipped:
    net.weights[:0:-1], zs[-2::-1] → net.weights[-2::-1], zs[::-1]
two_factor_rows | the book's [mistakes factor-two, bias-from-weights; first 1 BP3] | package:
    return nb, nw → return [2 * w.sum(axis=1, keepdims=True) for w in nw], [2 * w for w in nw]
two_prime_short | zeros [mistakes missing-hidden-sigmoid-prime, loop-one-layer-short; first 2 BP2] | paired:
    range(1, len(acts)) → range(1, len(zs)) && delta * dsig(zs[-l - 1]) → delta
two_prime_outer | tape [mistakes sigmoid-prime-of-activation, outer-product-transposed; first 1 BP1] | right_tape:
    grad * a * (1 - a) → grad * dsig(a) && delta.dot(a_in.T) → np.outer(a_in, delta)

== other ==
other_tanh | tanh for σ [first 1 BP1] | own: sig( → np.tanh( && a[-1] * (1 - a[-1]) → (1 - a[-1] ** 2)
    a[-l] * (1 - a[-l]) → (1 - a[-l] ** 2)
other_no_bias | no bias in the forward pass [first 1 (25)] | own: a[-1] + b → a[-1]
other_three | three times too much in every layer | package:
    return nb, nw → return [3 * b for b in nb], [3 * w for w in nw]
other_minus_hidden | a minus sign in the hidden layers only [first 2 BP2] | listed: net.weights → -net.weights
other_reversed | both lists the wrong way round | package: return nb, nw → return nb[::-1], nw[::-1]
other_swapped | (nabla_w, nabla_b) for (nabla_b, nabla_w) | return bpteach.backprop(net, x, y)[::-1]
other_relu | ReLU's derivative in the hidden layers [first 2 BP2] | listed: dsig(zs[-l]) → (a[-l] > 0.5)
other_prime | σ²(1 - σ) for σ′ [first 1 BP1] | own: a[-1] * (1 → a[-1] ** 2 * (1 && a[-l] * (1 → a[-l] ** 2 * (1
other_absolute | the absolute difference [first 1 BP1] | listed: (a[-1] - y) → np.abs(a[-1] - y)
other_dropout | dropout left on
    def other_dropout(net, x, y, rng=np.random.default_rng(0)):
        nb, nw = right_positive(net, x, y)
        return [b * (rng.random(b.shape) < 0.5) for b in nb], [w * (rng.random(w.shape) < 0.5) for w in nw]
other_noise | noise, small
    def other_noise(net, x, y, rng=np.random.default_rng(0)):
        nb, nw = right_positive(net, x, y)
        return [b * (1 + 1e-3 * rng.standard_normal(b.shape)) for b in nb], nw
other_decay | weight decay mixed in, λ = 0.1 [first 1 BP4] | package:
    return nb, nw → return nb, [g + 0.1 * w for g, w in zip(nw, net.weights)]
other_coarse | central differences with a step of 0.1 | right_complex_step: net) → net, method="central", step=0.1)
other_first_layer | wrong in the first layer's weights only [first -1 BP4] | package:
    return nb, nw → nw[0] = nb[0] @ (1 - x).T ¶ return nb, nw
other_square | right for square layers only: no transpose where the shape asks for none | listed:
    d.insert(0, net.weights[-l + 1].T → w = net.weights[-l + 1] ¶ d.insert(0, w.T
    w.T @ → (w.T if w.shape[0] == w.shape[1] else np.resize(w, w.shape[::-1])) @
other_four_layers | written out for four layers
    w2, w3, w4 = net.weights[:3]
    b2, b3, b4 = net.biases[:3]
    a2 = sig(w2 @ x + b2)
    a3 = sig(w3 @ a2 + b3)
    a4 = sig(w4 @ a3 + b4)
    d4 = (a4 - y) * a4 * (1 - a4)
    d3 = w4.T @ d4 * a3 * (1 - a3)
    d2 = w3.T @ d3 * a2 * (1 - a2)
    return [d2, d3, d4], [d2 @ x.T, d3 @ a2.T, d4 @ a3.T]
other_three_layers | written out for three layers
    a2 = sig(net.weights[0] @ x + net.biases[0])
    a3 = sig(net.weights[1] @ a2 + net.biases[1])
    d3 = (a3 - y) * a3 * (1 - a3)
    d2 = net.weights[1].T @ d3 * a2 * (1 - a2)
    return [d2, d3], [d2 @ x.T, d3 @ a2.T]
other_linear_output | a linear output layer [first 1 BP1] | listed: (a[-1] - y) * dsig(zs[-1]) → zs[-1] - y
other_squared | the difference squared [first 1 BP1] | listed: (a[-1] - y) → (a[-1] - y) ** 2
other_softmax | a softmax at the output [first 1 BP1] | listed:
    (a[-1] - y) * dsig(zs[-1]) → np.exp(zs[-1]) / np.exp(zs[-1]).sum() - y
other_order | the weights' transposes multiplied on the wrong side of σ′ [first 2 BP2] | listed:
    d.insert( → fits = zs[-l].shape == d[0].shape ¶ d.insert(
    d[0] * dsig(zs[-l])) → (d[0] * dsig(zs[-l])) if fits else zs[-l])
other_fourth_of_five | σ′ left out in the fourth layer, if it is a hidden one [first 2 BP2] | positive:
    dsig(zs[l]) → (1 if l == 2 else dsig(zs[l]))
other_deep_only | for more than four layers, the transpose is left out [first 2 BP2] | positive:
    d[l] = → w = net.weights[l + 1] ¶ d[l] =
    net.weights[l + 1].T @ → (w if len(zs) > 3 and w.shape[0] == w.shape[1] else w.T) @

== unclear ==
unclear_input_buffer | the input is the buffer [may be activations-share-a-buffer, arguments-changed] | whole:
    acts.append(sigmoid(zs[-1])) → x[:] = sigmoid(zs[-1]) ¶ acts.append(x)
unclear_room | nabla_w = net.weights as room: the way back meets gradients [may be arguments-changed] | paired:
    zeros(net) → net.biases, net.weights
unclear_repeated_room | room is [zeros] * n: the last one written stays [may be outputs-share-memory] | shared_room:
    room.setdefault(tuple(net.sizes), zeros(net)) → ([part[0] * 0] * len(part) for part in (net.biases, net.weights))
unclear_in_place | a(1 - a) after the activation was turned to a - y [may be activations-share-a-buffer] | own:
    d = [(a[-1] - y) * → delta = a[-1] ¶ delta -= y ¶ d = [delta *
unclear_first_layer | σ′ left out in the first layer only [may be missing-hidden-sigmoid-prime] | positive:
    dsig(zs[l]) → (dsig(zs[l]) if l else 1)
unclear_second_weights | weights[1] at every layer [may be weight-index-hard-coded] | listed: [-l + 1] → [1]
unclear_weights_further | one index further: raises in the last step back [may be weight-index-off-by-one] | listed:
    [-l + 1] → [-l - 1]
unclear_row_means | row means of the weight gradient [may be bias-from-weights] | package:
    return nb, nw → return [w.mean(axis=1, keepdims=True) for w in nw], nw
unclear_times_w | w * δ, without the transpose too; np.outer [may be elementwise-for-matrix-product] | listed:
    .T @ d[0] → * d[0] && np.outer(p, q) → p * q.T
unclear_quarter | σ′ of a constant: σ′(0) [may be missing-output-sigmoid-prime, missing-hidden-sigmoid-prime] | listed:
    * dsig(zs[-1]) → / 4 && * dsig(zs[-l]) → / 4
unclear_epsilon | a small number in the denominator, 1e-6 | own:
    sig(w @ a[-1] + b) → 1 / (1 + np.exp(-(w @ a[-1] + b)) + 1e-6)
unclear_kept_half | only the weights' sums are carried over [may be accumulator-not-reset; keeps kept = {}]
    nb, nw = bpteach.backprop(net, x, y)
    old = kept.get(tuple(net.sizes), zeros(net)[1])
    kept[tuple(net.sizes)] = nw = [p + q for p, q in zip(nw, old)]
    return nb, [w.copy() for w in nw]
unclear_memo | answers of the first call, for good [may be outputs-share-memory, accumulator-not-reset; keeps memo = {}]
    return memo.setdefault(tuple(net.sizes), bpteach.backprop(net, x, y))
"""

BACKPROP.read(TEXT, globals())
