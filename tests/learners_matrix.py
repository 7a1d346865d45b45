"""What learners write for `backprop_matrix(net, X, Y)`: right in many styles, wrong in every way of the catalogue."""
# The code is a learner's, faults of style included.
# ruff: noqa: B006, B008, B905, RUF017, RUF059

from concurrent.futures import ThreadPoolExecutor
from functools import reduce

import numpy as np

import bpteach
import learners_backprop as single
from bpteach import numerical_gradient, sigmoid, sigmoid_prime
from learners import Register
from learners_backprop import dsig, forward, sig, zeros

MATRIX = Register("backprop_matrix")
right, wrong, two, other = MATRIX.right, MATRIX.wrong, MATRIX.two, MATRIX.other


# helpers such as learners write beside their function


def one_by_one(function, net, X, Y):
    """Add up what a function of one example gives for each column."""
    nabla_b, nabla_w = zeros(net)
    for i in range(X.shape[1]):
        parts_b, parts_w = function(net, X[:, i : i + 1], Y[:, i : i + 1])
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        nabla_w = [total + part for total, part in zip(nabla_w, parts_w)]
    return nabla_b, nabla_w


def errors(net, X, Y):
    """Compute every activation and every δ, one column an example."""
    zs, acts = forward(net, X)
    deltas = [(acts[-1] - Y) * dsig(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * dsig(z))
    return acts, deltas


def column_sums(deltas):
    """Sum the columns."""
    return [d.sum(axis=1, keepdims=True) for d in deltas]


def products(deltas, acts):
    """Compute δ aᵀ for every layer."""
    return [d @ a.T for d, a in zip(deltas, acts)]


# right


@right("the book's, with capitals")
def book(net, X, Y):
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    A, As, Zs = X, [X], []
    for b, w in zip(net.biases, net.weights):
        Z = np.dot(w, A) + b
        Zs.append(Z)
        A = sigmoid(Z)
        As.append(A)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = np.sum(Delta, axis=1, keepdims=True)
    nabla_w[-1] = np.dot(Delta, As[-2].T)
    for l in range(2, len(net.sizes)):
        Delta = np.dot(net.weights[-l + 1].T, Delta) * sigmoid_prime(Zs[-l])
        nabla_b[-l] = np.sum(Delta, axis=1, keepdims=True)
        nabla_w[-l] = np.dot(Delta, As[-l - 1].T)
    return nabla_b, nabla_w


@right("the columns one after the other, the package's backprop")
def right_columns(net, X, Y):
    return one_by_one(bpteach.backprop, net, X, Y)


@right("the columns one after the other, backwards, in place")
def right_columns_in_place(net, X, Y):
    nb, nw = zeros(net)
    for x, y in list(zip(X.T, Y.T))[::-1]:
        for total, part in zip(nb + nw, sum(map(list, single.right_tape(net, x[:, None], y[:, None])), [])):
            total += part
    return nb, nw


@right("the package's own")
def right_package(net, X, Y):
    return bpteach.backprop_matrix(net, X, Y)


@right("comprehensions, positive indices, tuples")
def right_comprehensions(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return tuple(column_sums(deltas)), tuple(products(deltas, acts))


@right("einsum throughout")
def right_einsum(net, X, Y):
    acts = [X]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(np.einsum("jk,km->jm", w, acts[-1]) + b))
    D = (acts[-1] - Y) * acts[-1] * (1 - acts[-1])
    nb, nw = [], []
    for l in reversed(range(len(net.weights))):
        nb.append(np.einsum("jm->j", D)[:, None])
        nw.append(np.einsum("jm,km->jk", D, acts[l]))
        D = np.einsum("jk,jm,km->km", net.weights[l], D, acts[l] * (1 - acts[l]))
    return nb[::-1], nw[::-1]


@right("np.sum and reshape")
def right_reshape(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [np.sum(d, axis=1).reshape(-1, 1) for d in deltas], products(deltas, acts)


@right("a product with a column of ones")
def right_ones(net, X, Y):
    acts, deltas = errors(net, X, Y)
    ones = np.ones((X.shape[1], 1))
    return [d @ ones for d in deltas], [np.dot(d, a.T) for d, a in zip(deltas, acts)]


@right("rows for examples inside")
def right_rows(net, X, Y):
    acts = [np.ascontiguousarray(X.T)]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(acts[-1] @ w.T + b.T))
    D, nb, nw = (acts[-1] - Y.T) * acts[-1] * (1 - acts[-1]), [], []
    for l in range(len(net.weights) - 1, -1, -1):
        nb.insert(0, D.sum(0)[:, np.newaxis])
        nw.insert(0, D.T @ acts[l])
        D = D @ net.weights[l] * acts[l] * (1 - acts[l])
    return nb, nw


@right("all outer products in one array, then summed")
def right_outer_stack(net, X, Y):
    acts, deltas = errors(net, X, Y)
    stacks = [np.stack([np.outer(d[:, i], a[:, i]) for i in range(X.shape[1])]) for d, a in zip(deltas, acts)]
    return [np.add.reduce(d, axis=1)[:, None] for d in deltas], [s.sum(axis=0) for s in stacks]


@right("broadcasting and a sum over the last axis")
def right_broadcast(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas), [(d[:, None, :] * a[None, :, :]).sum(axis=2) for d, a in zip(deltas, acts)]


@right("recursion")
def right_recursion(net, X, Y):
    def go(l, A):
        if l == len(net.weights):
            return (), (), A - Y
        out = sig(net.weights[l] @ A + net.biases[l])
        nb, nw, grad = go(l + 1, out)
        D = grad * out * (1 - out)
        return (D.sum(axis=1, keepdims=True), *nb), (D @ A.T, *nw), net.weights[l].T @ D

    return go(0, X)[:2]


class Network2:
    """A little automatic differentiation: what to do on the way back is kept as functions."""

    def __init__(self, net):
        self.net, self.back, self.b, self.w = net, [], {}, {}

    def layer(self, l, A):
        w = self.net.weights[l]
        out = sig(w @ A + self.net.biases[l])

        def back(grad):
            D = grad * out * (1 - out)
            self.b[l], self.w[l] = D.sum(axis=1, keepdims=True), D @ A.T
            return w.T @ D

        self.back.append(back)
        return out


@right("a class with closures for the way back")
def right_class(net, X, Y):
    tape = Network2(net)
    out = reduce(lambda A, l: tape.layer(l, A), range(len(net.weights)), X)
    reduce(lambda grad, back: back(grad), reversed(tape.back), out - Y)
    return [tape.b[l] for l in sorted(tape.b)], [tape.w[l] for l in sorted(tape.w)]


@right("the bias as a column of the weights, copied out")
def right_augmented(net, X, Y):
    ones = np.ones((1, X.shape[1]))
    acts, deltas = errors(net, X, Y)
    grads = [d @ np.vstack([a, ones]).T for d, a in zip(deltas, acts)]
    return [g[:, -1:].copy() for g in grads], [g[:, :-1].copy() for g in grads]


@right("buffers of its own, np.matmul(out=)")
def right_out(net, X, Y):
    m = X.shape[1]
    acts = [X] + [np.empty((n, m)) for n in net.sizes[1:]]
    for b, w, A, out in zip(net.biases, net.weights, acts, acts[1:]):
        np.matmul(w, A, out=out)
        out += b
        out[:] = sigmoid(out)
    D = acts[-1] - Y
    nb, nw = zeros(net)
    for l in range(len(nb) - 1, -1, -1):
        D *= acts[l + 1] * (1 - acts[l + 1])
        D.sum(axis=1, keepdims=True, out=nb[l])
        np.matmul(D, acts[l].T, out=nw[l])
        D = net.weights[l].T @ D
    return nb, nw


@right("the complex step")
def right_complex_step(net, X, Y):
    return numerical_gradient(lambda probe: ((bpteach.feedforward(probe, X) - Y) ** 2).sum() / 2, net)


@right("two halves of the mini-batch, added")
def right_halves(net, X, Y):
    half = X.shape[1] // 2
    first, second = (
        (column_sums(d), products(d, a))
        for a, d in (errors(net, X[:, s], Y[:, s]) for s in (slice(half), slice(half, None)))
    )
    return [p + q for p, q in zip(first[0], second[0])], [p + q for p, q in zip(first[1], second[1])]


@right("means, and m times them at the end")
def right_means(net, X, Y):
    acts, deltas = errors(net, X, Y)
    m = X.shape[1]
    return [d.mean(axis=1, keepdims=True) * m for d in deltas], [d @ a.T / m * m for d, a in zip(deltas, acts)]


@right("explicit comprehensions over neurons")
def right_neurons(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb, nw = [None] * len(deltas), [None] * len(deltas)
    for l, (d, a) in enumerate(zip(deltas, acts)):
        nb[l] = np.array([[v] for v in d.sum(1)])
        nw[l] = np.array([[d[j] @ a[k] for k in range(len(a))] for j in range(len(d))])
    return nb, nw


# missing-output-sigmoid-prime


@wrong("missing-output-sigmoid-prime", "the book's, with capitals")
def no_output_prime_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = As[-1] - Y
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("missing-output-sigmoid-prime", "the columns one after the other")
def no_output_prime_columns(net, X, Y):
    return one_by_one(single.no_output_prime_recursion, net, X, Y)


@wrong("missing-output-sigmoid-prime", "einsum, rows for examples")
def no_output_prime_rows(net, X, Y):
    acts = [X.T]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(np.einsum("mk,jk->mj", acts[-1], w) + b.T))
    D, nb, nw = acts[-1] - Y.T, [], []
    for l in range(len(net.weights) - 1, -1, -1):
        nb.insert(0, np.einsum("mj->j", D)[:, None])
        nw.insert(0, np.einsum("mj,mk->jk", D, acts[l]))
        D = np.einsum("mj,jk->mk", D, net.weights[l]) * acts[l] * (1 - acts[l])
    return nb, nw


# missing-hidden-sigmoid-prime


@wrong("missing-hidden-sigmoid-prime", "the book's, with capitals")
def no_hidden_prime_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("missing-hidden-sigmoid-prime", "the columns one after the other")
def no_hidden_prime_columns(net, X, Y):
    return one_by_one(single.no_hidden_prime_loops, net, X, Y)


@wrong("missing-hidden-sigmoid-prime", "reduce, one matrix of all the weights")
def no_hidden_prime_reduce(net, X, Y):
    Zs, As = forward(net, X)
    D = (As[-1] - Y) * dsig(Zs[-1])
    deltas = [reduce(lambda d, w: w.T @ d, net.weights[:l:-1], D) for l in range(len(Zs))]
    return column_sums(deltas), products(deltas, As)


# sigmoid-prime-of-activation


@wrong("sigmoid-prime-of-activation", "the book's, with capitals")
def prime_of_a_book(net, X, Y):
    _, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(As[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(As[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("sigmoid-prime-of-activation", "in the hidden layers only; insert", shows="last exact")
def prime_of_a_hidden(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for l in range(len(Zs) - 2, -1, -1):
        deltas.insert(0, np.dot(net.weights[l + 1].T, deltas[0]) * dsig(As[l + 1]))
    return column_sums(deltas), products(deltas, As)


@wrong("sigmoid-prime-of-activation", "at the output only; columns one after the other")
def prime_of_a_columns(net, X, Y):
    return one_by_one(single.prime_of_a_output, net, X, Y)


# activation-formula-on-z


@wrong("activation-formula-on-z", "tape")
def formula_on_z_tape(net, X, Y):
    tape, A = [], X
    for b, w in zip(net.biases, net.weights):
        Z = w @ A + b
        tape.append((w, A, Z))
        A = sig(Z)
    grad, nb, nw = A - Y, [], []
    for w, A, Z in reversed(tape):
        D = grad * Z * (1 - Z)
        nb.insert(0, D.sum(1, keepdims=True))
        nw.insert(0, D @ A.T)
        grad = w.T @ D
    return nb, nw


@wrong("activation-formula-on-z", "in the hidden layers only; einsum", shows="last exact")
def formula_on_z_hidden(net, X, Y):
    Zs, As = forward(net, X)
    D = (As[-1] - Y) * As[-1] * (1 - As[-1])
    nb, nw = [D.sum(1)[:, None]], [np.einsum("jm,km->jk", D, As[-2])]
    for l in range(2, len(As)):
        D = np.einsum("jk,jm->km", net.weights[-l + 1], D) * (Zs[-l] - Zs[-l] ** 2)
        nb.append(D.sum(1)[:, None])
        nw.append(np.einsum("jm,km->jk", D, As[-l - 1]))
    return nb[::-1], nw[::-1]


@wrong("activation-formula-on-z", "the columns one after the other")
def formula_on_z_columns(net, X, Y):
    return one_by_one(single.formula_on_z_recursion, net, X, Y)


# activation-index-late


@wrong("activation-index-late", "the book's, with capitals")
def late_activation_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-1].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l].T
    return nabla_b, nabla_w


@wrong("activation-index-late", "comprehension, zip one late")
def late_activation_zip(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas), [np.einsum("jm,km->jk", d, a) for d, a in zip(deltas, acts[1:])]


@wrong("activation-index-late", "the columns one after the other; in the hidden layers", shows="hidden weights")
def late_activation_columns(net, X, Y):
    return one_by_one(single.late_activation_hidden, net, X, Y)


# outer-product-transposed


@wrong("outer-product-transposed", "comprehension")
def outer_transposed_list(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas), [a @ d.T for d, a in zip(deltas, acts)]


@wrong("outer-product-transposed", "(δ aᵀ)ᵀ, preallocated, in place")
def outer_transposed_in_place(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb, nw = zeros(net)
    for l in range(len(nb)):
        nb[l] += deltas[l].sum(axis=1, keepdims=True)
        nw[l] += np.dot(deltas[l], acts[l].T).T
    return nb, nw


@wrong("outer-product-transposed", "the columns one after the other; np.outer")
def outer_transposed_columns(net, X, Y):
    return one_by_one(single.outer_transposed_outer, net, X, Y)


# missing-transpose


@wrong("missing-transpose", "the book's, with capitals")
def no_transpose_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1] @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("missing-transpose", "rows for examples: a transpose too many")
def no_transpose_rows(net, X, Y):
    acts = [X.T]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(acts[-1] @ w.T + b.T))
    D, nb, nw = (acts[-1] - Y.T) * acts[-1] * (1 - acts[-1]), [], []
    for l in range(len(net.weights) - 1, -1, -1):
        nb.insert(0, D.sum(0)[:, None])
        nw.insert(0, D.T @ acts[l])
        D = D @ net.weights[l].T * acts[l] * (1 - acts[l])
    return nb, nw


@wrong("missing-transpose", "the columns one after the other; einsum")
def no_transpose_columns(net, X, Y):
    return one_by_one(single.no_transpose_einsum, net, X, Y)


# weight-index-off-by-one


@wrong("weight-index-off-by-one", "the book's, with capitals")
def weight_off_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("weight-index-off-by-one", "positive indices, dictionaries")
def weight_off_dictionary(net, X, Y):
    Zs, As = forward(net, X)
    n = len(Zs)
    D = {n: (As[n] - Y) * dsig(Zs[n - 1])}
    for l in range(n - 1, 0, -1):
        D[l] = np.tensordot(net.weights[l - 1], D[l + 1], axes=(0, 0)) * dsig(Zs[l - 1])
    return [D[l].sum(1, keepdims=True) for l in range(1, n + 1)], [D[l] @ As[l - 1].T for l in range(1, n + 1)]


@wrong("weight-index-off-by-one", "the columns one after the other")
def weight_off_columns(net, X, Y):
    return one_by_one(single.weight_off_zip, net, X, Y)


# weight-index-hard-coded


@wrong("weight-index-hard-coded", "the book's, with capitals")
def weight_fixed_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("weight-index-hard-coded", "W taken once before the loop; insert")
def weight_fixed_once(net, X, Y):
    Zs, As = forward(net, X)
    W = net.weights[len(net.weights) - 1].T
    deltas = [(As[-1] - Y) * As[-1] * (1 - As[-1])]
    for A in As[-2:0:-1]:
        deltas.insert(0, W.dot(deltas[0]) * A * (1 - A))
    return column_sums(deltas), products(deltas, As)


@wrong("weight-index-hard-coded", "the columns one after the other; w left over from the loop before")
def weight_fixed_columns(net, X, Y):
    return one_by_one(single.weight_fixed_leftover, net, X, Y)


# z-index-off-by-one


@wrong("z-index-off-by-one", "the book's, with capitals")
def z_off_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l + 1])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("z-index-off-by-one", "a(1 - a) of the layer below; positive indices")
def z_off_down(net, X, Y):
    _, As = forward(net, X)
    deltas = [(As[-1] - Y) * As[-1] * (1 - As[-1])]
    for l in range(len(net.weights) - 1, 0, -1):
        deltas.insert(0, net.weights[l].T @ deltas[0] * As[l - 1] * (1 - As[l - 1]))
    return column_sums(deltas), products(deltas, As)


@wrong("z-index-off-by-one", "the columns one after the other; zip not shifted")
def z_off_columns(net, X, Y):
    return one_by_one(single.z_off_zip, net, X, Y)


# loop-one-layer-short


@wrong("loop-one-layer-short", "the book's, with capitals")
def short_loop_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.weights)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("loop-one-layer-short", "range that ends before 1; zeros_like")
def short_loop_range(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb = [np.zeros_like(b) for b in net.biases]
    nw = [np.zeros_like(w) for w in net.weights]
    for l in range(len(nb) - 1, 0, -1):
        nb[l] = deltas[l].sum(axis=1, keepdims=True)
        nw[l] = deltas[l] @ acts[l].T
    return nb, nw


@wrong("loop-one-layer-short", "the columns one after the other; while")
def short_loop_columns(net, X, Y):
    return one_by_one(single.short_loop_while, net, X, Y)


@wrong("loop-one-layer-short", "comprehension over too few layers", shows="fewer")
def short_loop_fewer(net, X, Y):
    acts, deltas = errors(net, X, Y)
    layers = range(1, len(deltas))
    return [deltas[l].sum(axis=1, keepdims=True) for l in layers], [deltas[l] @ acts[l].T for l in layers]


# wrong-sign


@wrong("wrong-sign", "the book's, with capitals")
def sign_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (Y - As[-1]) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("wrong-sign", "np.subtract, arguments swapped; rows for examples")
def sign_rows(net, X, Y):
    acts = [X.T]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(acts[-1] @ w.T + b.T))
    D, nb, nw = np.subtract(Y.T, acts[-1]), [], []
    for l in range(len(net.weights) - 1, -1, -1):
        D = D * acts[l + 1] * (1 - acts[l + 1])
        nb.insert(0, D.sum(0)[:, None])
        nw.insert(0, D.T @ acts[l])
        D = D @ net.weights[l]
    return nb, nw


@wrong("wrong-sign", "the totals go down: -=")
def sign_minus(net, X, Y):
    nb, nw = zeros(net)
    for i in range(X.shape[1]):
        for total, part in zip((nb, nw), bpteach.backprop(net, X[:, [i]], Y[:, [i]])):
            for t, p in zip(total, part):
                t -= p
    return nb, nw


# factor-two


@wrong("factor-two", "2 (a - y), insert")
def two_insert(net, X, Y):
    Zs, As = forward(net, X)
    D = 2.0 * (As[-1] - Y) * dsig(Zs[-1])
    nb, nw = [D.sum(axis=1, keepdims=True)], [D @ As[-2].T]
    for l in range(2, len(As)):
        D = net.weights[-l + 1].T @ D * dsig(Zs[-l])
        nb.insert(0, D.sum(axis=1, keepdims=True))
        nw.insert(0, D @ As[-l - 1].T)
    return nb, nw


@wrong("factor-two", "the columns one after the other; classes")
def two_columns(net, X, Y):
    return one_by_one(single.two_classes, net, X, Y)


@wrong("factor-two", "einsum, doubled at the end")
def two_end(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [2 * b for b in column_sums(deltas)], [np.einsum("jm,km->jk", 2 * d, a) for d, a in zip(deltas, acts)]


# mean-for-sum


@wrong("mean-for-sum", "np.mean and / m")
def mean_book(net, X, Y):
    acts, deltas = errors(net, X, Y)
    m = X.shape[1]
    return [np.mean(d, axis=1, keepdims=True) for d in deltas], [np.dot(d, a.T) / m for d, a in zip(deltas, acts)]


@wrong("mean-for-sum", "Y.shape[1] at the output, early")
def mean_early(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) / Y.shape[1] * dsig(Zs[-1])]
    for w, z in zip(net.weights[:0:-1], Zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * dsig(z))
    return column_sums(deltas), products(deltas, As)


@wrong("mean-for-sum", "columns one after the other, divided at the end")
def mean_columns(net, X, Y):
    nb, nw = one_by_one(bpteach.backprop, net, X, Y)
    return [b / len(X.T) for b in nb], [w / len(X.T) for w in nw]


@wrong("mean-for-sum", "the complex step of the mean cost")
def mean_complex_step(net, X, Y):
    return numerical_gradient(lambda p: 0.5 * ((bpteach.feedforward(p, X) - Y) ** 2).sum(axis=0).mean(), net)


@wrong("mean-for-sum", "stacks of the examples' gradients, mean over axis 0")
def mean_stack(net, X, Y):
    parts = [single.right_recursion(net, x[:, None], y[:, None]) for x, y in zip(X.T, Y.T)]
    return tuple([np.mean(layer, axis=0) for layer in zip(*half)] for half in zip(*parts))


@wrong("mean-for-sum", "times m for the sum of sums", shows="times m")
def mean_upwards(net, X, Y):
    nb, nw = book(net, X, Y)
    return [b * X.shape[1] for b in nb], [w * X.shape[1] for w in nw]


# bias-mean-weight-sum


@wrong("bias-mean-weight-sum", "np.mean with keepdims")
def bias_mean(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [d.mean(axis=1, keepdims=True) for d in deltas], products(deltas, acts)


@wrong("bias-mean-weight-sum", "in the backward loop, / m, preallocated")
def bias_mean_loop(net, X, Y):
    Zs, As = forward(net, X)
    nb, nw = zeros(net)
    D = As[-1] - Y
    for l in range(len(Zs) - 1, -1, -1):
        D = D * dsig(Zs[l])
        nb[l][:, 0] = D.sum(axis=1) / D.shape[1]
        nw[l][...] = D.dot(As[l].T)
        D = net.weights[l].T.dot(D)
    return nb, nw


@wrong("bias-mean-weight-sum", "np.average, einsum")
def bias_mean_average(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [np.average(d, axis=1)[:, None] for d in deltas], [
        np.einsum("jm,km->jk", d, a) for d, a in zip(deltas, acts)
    ]


@wrong("bias-mean-weight-sum", "columns one after the other")
def bias_mean_columns(net, X, Y):
    nb, nw = one_by_one(single.right_tape, net, X, Y)
    for b in nb:
        b /= X.shape[1]
    return nb, nw


# bias-not-summed


@wrong("bias-not-summed", "the book's, nothing changed")
def not_summed_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("bias-not-summed", "comprehension")
def not_summed_list(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return deltas, products(deltas, acts)


@wrong("bias-not-summed", "added to zeros, which broadcast")
def not_summed_broadcast(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb, nw = zeros(net)
    return [b + d for b, d in zip(nb, deltas)], [w + d @ a.T for w, d, a in zip(nw, deltas, acts)]


@wrong("bias-not-summed", "in the hidden layers only", shows="hidden bias shape")
def not_summed_hidden(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [*(d.copy() for d in deltas[:-1]), deltas[-1].sum(axis=1, keepdims=True)], products(deltas, acts)


# bias-wrong-axis


@wrong("bias-wrong-axis", "axis=0, turned to a column")
def axis_zero(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [d.sum(axis=0).reshape(-1, 1) for d in deltas], products(deltas, acts)


@wrong("bias-wrong-axis", "axis=0 with keepdims")
def axis_zero_row(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [np.sum(d, axis=0, keepdims=True) for d in deltas], products(deltas, acts)


@wrong("bias-wrong-axis", "axis=0, no keepdims")
def axis_zero_flat(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [sum(d) for d in deltas], [np.dot(d, a.T) for d, a in zip(deltas, acts)]


@wrong("bias-wrong-axis", "everything: one number a layer")
def axis_all(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [d.sum() for d in deltas], products(deltas, acts)


@wrong("bias-wrong-axis", "everything, into an array of zeros")
def axis_all_broadcast(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb, nw = zeros(net)
    for l in range(len(nb)):
        nb[l] += np.sum(deltas[l])
        nw[l] += np.dot(deltas[l], acts[l].T)
    return nb, nw


@wrong("bias-wrong-axis", "einsum keeps the wrong letter")
def axis_einsum(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [np.einsum("jm->m", d)[:, None] for d in deltas], [
        np.einsum("jm,km->jk", d, a) for d, a in zip(deltas, acts)
    ]


# bias-lost-dimension


@wrong("bias-lost-dimension", "sum(axis=1)")
def flat_sum(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [d.sum(axis=1) for d in deltas], products(deltas, acts)


@wrong("bias-lost-dimension", "einsum, in the loop")
def flat_einsum(net, X, Y):
    Zs, As = forward(net, X)
    D, nb, nw = (As[-1] - Y) * dsig(Zs[-1]), [], []
    for l in range(len(Zs) - 1, -1, -1):
        nb.insert(0, np.einsum("jm->j", D))
        nw.insert(0, np.einsum("jm,km->jk", D, As[l]))
        D = np.einsum("jk,jm->km", net.weights[l], D) * As[l] * (1 - As[l])
    return nb, nw


@wrong("bias-lost-dimension", "a loop over columns of vectors")
def flat_columns(net, X, Y):
    nb, nw = [np.zeros(n) for n in net.sizes[1:]], [np.zeros(w.shape) for w in net.weights]
    for i in range(X.shape[1]):
        parts_b, parts_w = single.flat_vectors(net, X[:, [i]], Y[:, [i]])
        for l in range(len(nb)):
            nb[l] += parts_b[l]
            nw[l] += parts_w[l]
    return nb, nw


@wrong("bias-lost-dimension", "a product with a vector of ones; at the output only", shows="last bias shape")
def flat_output(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb = column_sums(deltas)
    nb[-1] = deltas[-1] @ np.ones(X.shape[1])
    return nb, products(deltas, acts)


# bias-from-weights


@wrong("bias-from-weights", "row sums, keepdims")
def row_sums(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nw = products(deltas, acts)
    return [w.sum(axis=1, keepdims=True) for w in nw], nw


@wrong("bias-from-weights", "in the loop, positive indices")
def row_sums_loop(net, X, Y):
    Zs, As = forward(net, X)
    nb, nw = zeros(net)
    D = (As[-1] - Y) * dsig(Zs[-1])
    for l in range(len(Zs) - 1, -1, -1):
        nw[l] += D @ As[l].T
        nb[l] += np.sum(nw[l], axis=1, keepdims=True)
        D = net.weights[l].T @ D * As[l] * (1 - As[l])
    return nb, nw


@wrong("bias-from-weights", "the columns one after the other")
def row_sums_columns(net, X, Y):
    return one_by_one(single.row_sums_ones, net, X, Y)


# bias-one-dimensional


@wrong("bias-one-dimensional", "b.ravel() in the forward pass")
def one_dimensional_bias(net, X, Y):
    Zs, As = [], [X]
    for b, w in zip(net.biases, net.weights):
        Zs.append(w @ As[-1] + b.ravel())
        As.append(sigmoid(Zs[-1]))
    D = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nb, nw = [D.sum(axis=1, keepdims=True)], [D @ As[-2].T]
    for l in range(2, len(As)):
        D = net.weights[-l + 1].T @ D * sigmoid_prime(Zs[-l])
        nb.insert(0, D.sum(axis=1, keepdims=True))
        nw.insert(0, D @ As[-l - 1].T)
    return nb, nw


@wrong("bias-one-dimensional", "biases as rows, b.T; positive indices, a(1 - a)")
def one_dimensional_row(net, X, Y):
    L = len(net.weights)
    A = [X]
    for l in range(L):
        A.append(sig(net.weights[l].dot(A[l]) + net.biases[l].T))
    D = [None] * L
    D[-1] = (A[-1] - Y) * A[-1] * (1 - A[-1])
    for l in range(L - 2, -1, -1):
        D[l] = net.weights[l + 1].T.dot(D[l + 1]) * A[l + 1] * (1 - A[l + 1])
    return column_sums(D), products(D, A)


@wrong("bias-one-dimensional", "lists of vectors made first")
def one_dimensional_lists(net, X, Y):
    biases = [b[:, 0] for b in net.biases]
    tape, A = [], X
    for b, w in zip(biases, net.weights):
        tape.append((w, A))
        A = sig(np.einsum("jk,km->jm", w, A) + b)
    grad, nb, nw = A - Y, [], []
    for w, A_in in reversed(tape):
        D = grad * A * (1 - A)
        nb.insert(0, np.einsum("jm->j", D)[:, None])
        nw.insert(0, np.einsum("jm,km->jk", D, A_in))
        grad, A = w.T @ D, A_in
    return nb, nw


# last-example-only


@wrong("last-example-only", "= for += in a loop over the columns")
def last_loop(net, X, Y):
    for i in range(X.shape[1]):
        nabla_b, nabla_w = bpteach.backprop(net, X[:, i : i + 1], Y[:, i : i + 1])
    return nabla_b, nabla_w


@wrong("last-example-only", "the totals overwritten in place")
def last_in_place(net, X, Y):
    nb, nw = zeros(net)
    for x, y in zip(X.T, Y.T):
        parts = single.right_insert(net, x.reshape(-1, 1), y.reshape(-1, 1))
        for totals, new in zip((nb, nw), parts):
            for l, part in enumerate(new):
                totals[l][:] = part
    return nb, nw


@wrong("last-example-only", "made zero again for every example")
def last_reset(net, X, Y):
    for i in range(X.shape[1]):
        nb, nw = zeros(net)
        parts_b, parts_w = single.right_einsum(net, X[:, [i]], Y[:, [i]])
        nb = [t + p for t, p in zip(nb, parts_b)]
        nw = [t + p for t, p in zip(nw, parts_w)]
    return nb, nw


@wrong("last-example-only", "the last column of Δ; no loop")
def last_column(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [d[:, -1:].copy() for d in deltas], [np.outer(d[:, -1], a[:, -1]) for d, a in zip(deltas, acts)]


# average-then-multiply


@wrong("average-then-multiply", "sums of δ with means of a")
def average_sum(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb = column_sums(deltas)
    return nb, [b @ a.mean(axis=1, keepdims=True).T for b, a in zip(nb, acts)]


@wrong("average-then-multiply", "np.outer of the two means, times m")
def average_outer(net, X, Y):
    acts, deltas = errors(net, X, Y)
    m = X.shape[1]
    return column_sums(deltas), [m * np.outer(d.mean(axis=1), a.mean(axis=1)) for d, a in zip(deltas, acts)]


@wrong("average-then-multiply", "averaged in the loop, einsum")
def average_loop(net, X, Y):
    Zs, As = forward(net, X)
    nb, nw = zeros(net)
    D = (As[-1] - Y) * dsig(Zs[-1])
    for l in range(len(Zs) - 1, -1, -1):
        nb[l] = D.sum(axis=1, keepdims=True)
        nw[l] = np.einsum("jm,km->jk", D, As[l].mean(axis=1, keepdims=True) * np.ones((1, X.shape[1])))
        D = net.weights[l].T @ D * As[l] * (1 - As[l])
    return nb, nw


# elementwise-for-matrix-product


@wrong("elementwise-for-matrix-product", "the book's, with capitals")
def times_book(net, X, Y):
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T * Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w


@wrong("elementwise-for-matrix-product", "np.multiply, positive indices")
def times_multiply(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for l in range(len(Zs) - 2, -1, -1):
        deltas.insert(0, np.multiply(np.transpose(net.weights[l + 1]), deltas[0]) * dsig(Zs[l]))
    return column_sums(deltas), products(deltas, As)


@wrong("elementwise-for-matrix-product", "einsum without a sum")
def times_einsum(net, X, Y):
    Zs, As = forward(net, X)
    D, nb, nw = (As[-1] - Y) * dsig(Zs[-1]), [], []
    for l in range(len(Zs) - 1, -1, -1):
        nb.append(np.sum(D, axis=1, keepdims=True))
        nw.append(np.einsum("jm,km->jk", D, As[l]))
        D = np.einsum("jk,kj->kj", net.weights[l], D) * As[l] * (1 - As[l])
    return nb[::-1], nw[::-1]


# activations-share-a-buffer


@wrong("activations-share-a-buffer", "one buffer, out[:] =")
def shared_one(net, X, Y):
    out = np.zeros((net.sizes[1], X.shape[1]))
    Zs, As = [], [X]
    for b, w in zip(net.biases, net.weights):
        Zs.append(w @ As[-1] + b)
        out[:] = sigmoid(Zs[-1])
        As.append(out)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * dsig(Z))
    return column_sums(deltas), products(deltas, As)


@wrong("activations-share-a-buffer", "zs as well: np.matmul(out=)")
def shared_z_too(net, X, Y):
    Z, A = np.empty((net.sizes[1], X.shape[1])), np.empty((net.sizes[1], X.shape[1]))
    Zs, As = [], [X]
    for b, w in zip(net.biases, net.weights):
        np.matmul(w, As[-1], out=Z)
        np.add(Z, b, out=Z)
        A[...] = sigmoid(Z)
        Zs.append(Z)
        As.append(A)
    nb, nw = zeros(net)
    D = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nb[-1], nw[-1] = D.sum(axis=1, keepdims=True), D @ As[-2].T
    for l in range(2, len(As)):
        D = net.weights[-l + 1].T @ D * sigmoid_prime(Zs[-l])
        nb[-l], nw[-l] = D.sum(axis=1, keepdims=True), D @ As[-l - 1].T
    return nb, nw


@wrong("activations-share-a-buffer", "rows of one tall buffer, a(1 - a)")
def shared_rows(net, X, Y):
    room = np.zeros((max(net.sizes), X.shape[1]))
    As = [X]
    for b, w in zip(net.biases, net.weights):
        Z = w @ As[-1] + b
        room[: len(b)] = sig(Z)
        As.append(room[: len(b)])
    D, nb, nw = As[-1] - Y, [], []
    for l in range(len(net.weights) - 1, -1, -1):
        D = D * As[l + 1] * (1 - As[l + 1])
        nb.append(D.sum(axis=1, keepdims=True))
        nw.append(np.einsum("jm,km->jk", D, As[l]))
        D = net.weights[l].T @ D
    return nb[::-1], nw[::-1]


# accumulator-not-reset


@wrong("accumulator-not-reset", "default arguments", maker=True)
def kept_default():
    def fn(net, X, Y, total={}):
        key = tuple(net.sizes)
        if key not in total:
            total[key] = zeros(net)
        for i in range(X.shape[1]):
            for kept, new in zip(total[key], bpteach.backprop(net, X[:, [i]], Y[:, [i]])):
                for k, n in zip(kept, new):
                    k += n
        return [b.copy() for b in total[key][0]], [w.copy() for w in total[key][1]]

    return fn


TOTALS = []


@wrong("accumulator-not-reset", "a global list, made at the first call", maker=True)
def kept_global():
    TOTALS.clear()

    def fn(net, X, Y):
        acts, deltas = errors(net, X, Y)
        if not TOTALS:
            TOTALS.extend(zeros(net))
        for l, (d, a) in enumerate(zip(deltas, acts)):
            TOTALS[0][l] = TOTALS[0][l] + d.sum(axis=1, keepdims=True)
            TOTALS[1][l] = TOTALS[1][l] + d @ a.T
        return list(TOTALS[0]), list(TOTALS[1])

    return fn


@wrong("accumulator-not-reset", "an attribute of a callable object", maker=True)
def kept_object():
    class Summer:
        def __init__(self):
            self.last = None

        def __call__(self, net, X, Y):
            new = bpteach.backprop_matrix(net, X, Y)
            if self.last is not None and [b.shape for b in self.last[0]] == [b.shape for b in net.biases]:
                new = tuple([p + q for p, q in zip(*pair)] for pair in zip(new, self.last))
            self.last = new
            return [b.copy() for b in new[0]], [w.copy() for w in new[1]]

    return Summer()


# arguments-changed


@wrong("arguments-changed", "Y reused for the difference")
def changed_y(net, X, Y):
    Zs, As = forward(net, X)
    np.subtract(As[-1], Y, out=Y)
    deltas = [Y * dsig(Zs[-1])]
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * dsig(Z))
    return column_sums(deltas), products(deltas, As)


@wrong("arguments-changed", "net.biases reversed in place, and net.weights")
def changed_order(net, X, Y):
    acts, deltas = errors(net, X, Y)
    net.weights.reverse()
    net.biases.reverse()
    return column_sums(deltas), products(deltas, acts)


@wrong("arguments-changed", "a step taken in here")
def changed_weights(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nb, nw = column_sums(deltas), products(deltas, acts)
    for w, step in zip(net.weights, nw):
        w -= 0.01 * step
    return nb, nw


@wrong("arguments-changed", "the columns sorted before the sums")
def changed_sorted(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nw = products(deltas, acts)
    X.sort(axis=1)
    return column_sums(deltas), nw


# outputs-share-memory


@wrong("outputs-share-memory", "room made once and used at every call", maker=True)
def shared_room():
    room = {}

    def fn(net, X, Y):
        nb, nw = room.setdefault(tuple(net.sizes), zeros(net))
        acts, deltas = errors(net, X, Y)
        for l in range(len(nb)):
            np.sum(deltas[l], axis=1, keepdims=True, out=nb[l])
            np.matmul(deltas[l], acts[l].T, out=nw[l])
        return nb, nw

    return fn


@wrong("outputs-share-memory", "set to zero at the start of each call, never made anew", maker=True)
def shared_zeroed():
    def fn(net, X, Y, kept={}):
        nb, nw = kept.setdefault(str(net.sizes), zeros(net))
        for array in nb + nw:
            array.fill(0)
        for x, y in zip(X.T, Y.T):
            parts_b, parts_w = bpteach.backprop(net, x[:, None], y[:, None])
            for total, part in zip(nb + nw, parts_b + parts_w):
                total += part
        return list(nb), list(nw)

    return fn


@wrong("outputs-share-memory", "one long vector kept on the function, cut into views", maker=True)
def shared_vector():
    def fn(net, X, Y):
        acts, deltas = errors(net, X, Y)
        parts = column_sums(deltas) + products(deltas, acts)
        long = np.concatenate([p.ravel() for p in parts])
        if getattr(fn, "long", None) is None or len(fn.long) != len(long):
            fn.long = np.empty_like(long)
        fn.long[:] = long
        views = [v.reshape(p.shape) for v, p in zip(np.split(fn.long, np.cumsum([p.size for p in parts])[:-1]), parts)]
        return views[: len(deltas)], views[len(deltas) :]

    return fn


# two at once


@two("mean-for-sum", "missing-transpose", "comprehensions", first=(1, "BP1"))
def two_mean_transpose(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1]) / X.shape[1]]
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1]):
        deltas.insert(0, w @ deltas[0] * dsig(Z))
    return column_sums(deltas), products(deltas, As)


@two("bias-mean-weight-sum", "missing-hidden-sigmoid-prime", "insert", first=(1, "BP3"))
def two_bias_hidden(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for w in net.weights[:0:-1]:
        deltas.insert(0, w.T @ deltas[0])
    return [d.mean(axis=1, keepdims=True) for d in deltas], products(deltas, As)


@two("bias-not-summed", "outer-product-transposed", "comprehensions", first=(1, "BP3"))
def two_shape_outer(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return deltas, [a @ d.T for d, a in zip(deltas, acts)]


@two("last-example-only", "wrong-sign", "loop over columns", first=(1, "BP1"))
def two_last_sign(net, X, Y):
    for i in range(X.shape[1]):
        nb, nw = single.sign_book(net, X[:, [i]], Y[:, [i]])
    return nb, nw


@two("average-then-multiply", "bias-mean-weight-sum", "means of both", first=(1, "BP1|BP3"))
def two_averages(net, X, Y):
    acts, deltas = errors(net, X, Y)
    m = X.shape[1]
    return [d.mean(axis=1, keepdims=True) for d in deltas], [
        m * np.outer(d.mean(axis=1), a.mean(axis=1)) for d, a in zip(deltas, acts)
    ]


@two("z-index-off-by-one", "bias-wrong-axis", "insert", first=(1, "BP3"))
def two_z_axis(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for l in range(2, len(As)):
        deltas.insert(0, net.weights[-l + 1].T @ deltas[0] * dsig(Zs[-l + 1]))
    return [d.sum(axis=0).reshape(-1, 1) for d in deltas], products(deltas, As)


@two("missing-output-sigmoid-prime", "missing-hidden-sigmoid-prime", "no σ′ anywhere", first=(1, "BP1"))
def two_no_prime(net, X, Y):
    _, As = forward(net, X)
    deltas = [As[-1] - Y]
    for w in net.weights[:0:-1]:
        deltas.insert(0, w.T @ deltas[0])
    return column_sums(deltas), products(deltas, As)


@two("activation-index-late", "bias-from-weights", "comprehensions", first=(1, "BP1|BP3"))
def two_late_rows(net, X, Y):
    acts, deltas = errors(net, X, Y)
    nw = [d @ a.T for d, a in zip(deltas, acts[1:])]
    return [w.sum(axis=1, keepdims=True) for w in nw], nw


# not in the catalogue


@other("δ a for δ aᵀ", first=(1, "BP4"))
def other_no_transpose_bp4(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas), [d @ a for d, a in zip(deltas, acts)]


@other("the first example only: return inside the loop")
def other_first_example(net, X, Y):
    for i in range(X.shape[1]):
        return bpteach.backprop(net, X[:, [i]], Y[:, [i]])


@other("one example left out: the loop begins at 1")
def other_begins_late(net, X, Y):
    return one_by_one(bpteach.backprop, net, X[:, 1:], Y[:, 1:])


@other("a constant of its own for each layer", first=(1, "BP1"))
def other_constants(net, X, Y):
    acts, deltas = errors(net, X, Y)
    deltas = [(l + 2) * d for l, d in enumerate(deltas)]
    return column_sums(deltas), products(deltas, acts)


@other("a sign flipped in the last layer only", first=(1, "BP1"))
def other_sign_last(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    nb[-1], nw[-1] = -nb[-1], -nw[-1]
    return nb, nw


@other("three times everywhere")
def other_three(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [3 * b for b in nb], [3 * w for w in nw]


@other("divided by the number of inputs")
def other_divided(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b / (len(X) + 3) for b in nb], [w / (len(X) + 3) for w in nw]


@other("both lists the wrong way round")
def other_reversed(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas[::-1]), products(deltas, acts)[::-1]


@other("(nabla_w, nabla_b) for (nabla_b, nabla_w)")
def other_swapped(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return products(deltas, acts), column_sums(deltas)


@other("wrong only in the second layer's σ′", first=(-1, "BP2"))
def other_one_layer(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for l in range(len(Zs) - 2, -1, -1):
        deltas.insert(0, net.weights[l + 1].T @ deltas[0] * (dsig(Zs[l]) if l else np.cos(Zs[l])))
    return column_sums(deltas), products(deltas, As)


@other("the last bias is left out of the forward pass", first=(1, "BP1"))
def other_last_bias(net, X, Y):
    A, As = X, [X]
    for l, (b, w) in enumerate(zip(net.biases, net.weights)):
        A = sig(w @ A + (b if l < len(net.biases) - 1 else 0))
        As.append(A)
    D, nb, nw = As[-1] - Y, [], []
    for l in range(len(net.weights) - 1, -1, -1):
        D = D * As[l + 1] * (1 - As[l + 1])
        nb.insert(0, D.sum(axis=1, keepdims=True))
        nw.insert(0, D @ As[l].T)
        D = net.weights[l].T @ D
    return nb, nw


@other("the pseudo-inverse for the transpose", first=(2, "BP2"))
def other_inverse(net, X, Y):
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1]):
        deltas.insert(0, np.linalg.pinv(w) @ deltas[0] * dsig(Z))
    return column_sums(deltas), products(deltas, As)


@other("a sum of absolute values for the biases", first=(1, "BP3"))
def other_absolute(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [np.abs(d).sum(axis=1, keepdims=True) for d in deltas], products(deltas, acts)


@other("clipped to ±0.01")
def other_clipped(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [np.clip(b, -0.01, 0.01) for b in nb], [np.clip(w, -0.01, 0.01) for w in nw]


@other("dropout noise")
def other_dropout(net, X, Y, rng=np.random.default_rng(0)):
    Zs, As = forward(net, X)
    As[1:-1] = [a * (rng.random(a.shape) < 0.8) for a in As[1:-1]]
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * dsig(Z))
    return column_sums(deltas), products(deltas, As)


@other("right until the third call", maker=True)
def other_third_call():
    calls = []

    def fn(net, X, Y):
        calls.append(1)
        nb, nw = bpteach.backprop_matrix(net, X, Y)
        return (nb, nw) if len(calls) == 1 else ([b + 0.5 for b in nb], nw)

    return fn


# right, and yet unusual


@wrong("outputs-share-memory", "a new long vector at each call, cut into views", shows="views of one")
def shared_views(net, X, Y):
    acts, deltas = errors(net, X, Y)
    arrays = column_sums(deltas) + products(deltas, acts)
    long = np.concatenate([array.ravel() for array in arrays])
    ends = np.cumsum([array.size for array in arrays])[:-1]
    views = [v.reshape(array.shape) for v, array in zip(np.split(long, ends), arrays)]
    return views[: len(deltas)], views[len(deltas) :]


@wrong("outputs-share-memory", "the bias as a column of the weights, cut out as views", shows="views of one")
def shared_augmented(net, X, Y):
    ones = np.ones((1, X.shape[1]))
    acts, deltas = errors(net, X, Y)
    grads = [d @ np.vstack([ones, a]).T for d, a in zip(deltas, acts)]
    return [g[:, :1] for g in grads], [g[:, 1:] for g in grads]


@wrong("missing-transpose", "annotations with an ellipsis in them, indices with an ellipsis")
def no_transpose_annotated(net, X, Y) -> tuple[list[np.ndarray], ...]:
    """Compute the gradients ... of all columns."""
    acts, _ = errors(net, X, Y)
    deltas: tuple[np.ndarray, ...] = ((acts[-1] - Y) * acts[-1] * (1 - acts[-1]),)
    for l in range(2, len(acts)):
        deltas = (net.weights[-l + 1] @ deltas[0] * acts[-l] * (1 - acts[-l]), *deltas)
    nb, nw = zeros(net)
    for l, (d, a) in enumerate(zip(deltas, acts)):
        nb[l][..., 0] = d.sum(axis=-1)
        nw[l][...] = d @ a.T
    return nb, nw


@right("threads of its own, one a column")
def right_threads(net, X, Y):
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda i: bpteach.backprop(net, X[:, [i]], Y[:, [i]]), range(X.shape[1])))
    return [sum(layer) for layer in zip(*(b for b, _ in parts))], [sum(layer) for layer in zip(*(w for _, w in parts))]


@right("the mini-batch copied, changed and thrown away")
def right_copies(net, X, Y):
    X, Y, net = X.copy(), Y.copy(), net.copy()
    result = bpteach.backprop_matrix(net, X, Y)
    X *= 0
    Y -= 1
    for w in net.weights:
        w += 1
    return result


# more ways to make the same mistakes


@wrong("average-then-multiply", "the two means, as they are", shows="rank one of means")
def average_means(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas), [np.outer(d.mean(axis=1), a.mean(axis=1)) for d, a in zip(deltas, acts)]


@wrong("last-example-only", "the loop variable left over, np.outer")
def last_left_over(net, X, Y):
    acts, deltas = errors(net, X, Y)
    for i in range(X.shape[1]):
        nb = [d[:, [i]] for d in deltas]
        nw = [np.outer(d[:, i], a[:, i]) for d, a in zip(deltas, acts)]
    return [b.copy() for b in nb], nw


@wrong("bias-one-dimensional", "np.squeeze on every bias before")
def one_dimensional_squeeze(net, X, Y):
    flat = bpteach.Network(net.sizes, net.weights, net.biases)
    flat.biases = [np.squeeze(b) for b in net.biases]
    acts, deltas = errors(flat, X, Y)
    return column_sums(deltas), products(deltas, acts)


@wrong("arguments-changed", "Z += ... turns the biases' list into matrices")
def changed_list(net, X, Y):
    acts, deltas = errors(net, X, Y)
    result = column_sums(deltas), products(deltas, acts)
    for l, b in enumerate(net.biases):
        net.biases[l] = b + np.zeros((1, X.shape[1]))
    return result


unclear = MATRIX.unclear


@unclear("last-example-only", style="= for the biases, += for the weights")
def unclear_last_biases(net, X, Y):
    _, nw = zeros(net)
    for i in range(X.shape[1]):
        nb, parts = bpteach.backprop(net, X[:, [i]], Y[:, [i]])
        nw = [total + part for total, part in zip(nw, parts)]
    return nb, nw


@unclear("last-example-only", "mean-for-sum", style="the last example, divided by m")
def unclear_last_mean(net, X, Y):
    for i in range(X.shape[1]):
        nb, nw = bpteach.backprop(net, X[:, [i]], Y[:, [i]])
    return [b / X.shape[1] for b in nb], [w / X.shape[1] for w in nw]


@unclear("average-then-multiply", "mean-for-sum", style="both averaged, the products of means")
def unclear_all_means(net, X, Y):
    acts, deltas = errors(net, X, Y)
    means = [d.mean(axis=1, keepdims=True) for d in deltas]
    return means, [d @ a.mean(axis=1, keepdims=True).T for d, a in zip(means, acts)]


@unclear("average-then-multiply", style="the sum of δ times the sum of a")
def unclear_sum_sum(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas), [np.outer(d.sum(axis=1), a.sum(axis=1)) for d, a in zip(deltas, acts)]


@unclear("average-then-multiply", style="one mean example sent through the network")
def unclear_mean_example(net, X, Y):
    m = X.shape[1]
    nb, nw = bpteach.backprop(net, X.mean(axis=1, keepdims=True), Y.mean(axis=1, keepdims=True))
    return [m * b for b in nb], [m * w for w in nw]


@unclear("bias-mean-weight-sum", "mean-for-sum", style="weights averaged, biases summed")
def unclear_weight_mean(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return nb, [w / X.shape[1] for w in nw]


@unclear("bias-wrong-axis", style="means over the neurons")
def unclear_axis_mean(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [d.mean(axis=0).reshape(-1, 1) for d in deltas], products(deltas, acts)


@unclear("bias-wrong-axis", "bias-mean-weight-sum", style="the mean of everything")
def unclear_mean_all(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return [np.full(b.shape, d.mean()) for b, d in zip(net.biases, deltas)], products(deltas, acts)


@unclear("bias-from-weights", style="column sums of the weight gradient")
def unclear_column_sums(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [w.sum(axis=0).reshape(-1, 1) for w in nw], nw


@unclear("mean-for-sum", "factor-two", style="the mean of the squares over everything: 2/(m n)")
def unclear_mean_squares(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b * 2 / Y.size for b in nb], [w * 2 / Y.size for w in nw]


@unclear("mean-for-sum", "wrong-sign", style="minus the mean")
def unclear_minus_mean(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [-b / X.shape[1] for b in nb], [-w / X.shape[1] for w in nw]


@unclear("mean-for-sum", "factor-two", style="twice the mean")
def unclear_twice_mean(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [2 * b / X.shape[1] for b in nb], [2 * w / X.shape[1] for w in nw]


@unclear("last-example-only", style="all but the last example")
def unclear_all_but_last(net, X, Y):
    return one_by_one(bpteach.backprop, net, X[:, :-1], Y[:, :-1])


@unclear("accumulator-not-reset", style="the first example counted twice")
def unclear_first_twice(net, X, Y):
    nb, nw = bpteach.backprop(net, X[:, :1], Y[:, :1])
    more_b, more_w = bpteach.backprop_matrix(net, X, Y)
    return [p + q for p, q in zip(nb, more_b)], [p + q for p, q in zip(nw, more_w)]


@unclear("mean-for-sum", style="divided by m once for each layer")
def unclear_many_means(net, X, Y):
    zs, acts = forward(net, X)
    m = X.shape[1]
    deltas = [(acts[-1] - Y) * dsig(zs[-1]) / m]
    for l in range(2, len(acts)):
        deltas.insert(0, net.weights[-l + 1].T @ deltas[0] * dsig(zs[-l]) / m)
    return column_sums(deltas), products(deltas, acts)


@other("divided by the number of inputs, X.shape[0]")
def other_by_inputs(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b / X.shape[0] for b in nb], [w / X.shape[0] for w in nw]


@other("divided by the number of outputs, len(Y)")
def other_by_outputs(net, X, Y):
    acts, deltas = errors(net, X, Y)
    return column_sums([d / len(Y) for d in deltas]), products([d / len(Y) for d in deltas], acts)


@other("divided by ten, the mini-batch size of the book's run")
def other_by_ten(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b / 10 for b in nb], [w / 10 for w in nw]


@other("examples taken as rows where the shapes allow it")
def other_rows(net, X, Y):
    if X.shape[0] == X.shape[1] == Y.shape[0]:
        X, Y = X.T, Y.T
    return bpteach.backprop_matrix(net, X, Y)


@other("the biases' gradients shared out evenly: their mean over the neurons")
def other_even(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [np.full_like(b, b.mean()) for b in nb], nw


@other("half precision inside")
def other_half_precision(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return [b.astype(np.float16).astype(float) for b in nb], [w.astype(np.float16).astype(float) for w in nw]


@other("right for mini-batches of up to four: the others are cut off")
def other_four_columns(net, X, Y):
    return bpteach.backprop_matrix(net, X[:, :4].copy(), Y[:, :4].copy())


@other("written out for four layers, more are left at zero")
def other_four_layers(net, X, Y):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for l in range(len(nb) - 3):
        nb[l], nw[l] = 0 * nb[l], 0 * nw[l]
    return nb, nw
