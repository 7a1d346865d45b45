"""What learners write for `backprop_matrix(net, X, Y)`: right in many styles, wrong in every way of the catalogue."""
# The functions of the text below, in the notation of learners.py, use these names.
# ruff: noqa: B905, F401

from concurrent.futures import ThreadPoolExecutor
from functools import reduce

import numpy as np

import bpteach
import learners_backprop as single
from bpteach import numerical_gradient, sigmoid, sigmoid_prime
from learners import Register
from learners_backprop import dsig, forward, sig, zeros

MATRIX = Register("backprop_matrix", "net, X, Y", like=single.BACKPROP)
TOTALS = []


# helpers such as learners write beside their function


def one_by_one(function, net, X, Y):
    nabla_b, nabla_w = zeros(net)
    for i in range(X.shape[1]):
        parts_b, parts_w = function(net, X[:, i : i + 1], Y[:, i : i + 1])
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        nabla_w = [total + part for total, part in zip(nabla_w, parts_w)]
    return nabla_b, nabla_w


def errors(net, X, Y):
    zs, acts = forward(net, X)
    deltas = [(acts[-1] - Y) * dsig(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * dsig(z))
    return acts, deltas


def column_sums(deltas):
    return [d.sum(axis=1, keepdims=True) for d in deltas]


def products(deltas, acts):
    return [d @ a.T for d, a in zip(deltas, acts)]


class Tape:
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


class Summer:
    """An object that remembers what it gave last."""

    def __init__(self):
        self.last = None

    def __call__(self, net, X, Y):
        new = bpteach.backprop_matrix(net, X, Y)
        if self.last is not None and [b.shape for b in self.last[0]] == [b.shape for b in net.biases]:
            new = tuple([p + q for p, q in zip(*pair)] for pair in zip(new, self.last))
        self.last = new
        return [b.copy() for b in new[0]], [w.copy() for w in new[1]]


TEXT = """
== base ==
short
    Zs, As = forward(net, X)
    nabla_b, nabla_w = zeros(net)
    Delta = (As[-1] - Y) * sigmoid_prime(Zs[-1])
    nabla_b[-1] = Delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = Delta @ As[-2].T
    for l in range(2, len(net.sizes)):
        Delta = net.weights[-l + 1].T @ Delta * sigmoid_prime(Zs[-l])
        nabla_b[-l] = Delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = Delta @ As[-l - 1].T
    return nabla_b, nabla_w
helped
    acts, deltas = errors(net, X, Y)
    return column_sums(deltas), products(deltas, acts)
listed
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for l in range(2, len(As)):
        deltas.insert(0, net.weights[-l + 1].T @ deltas[0] * dsig(Zs[-l]))
    return column_sums(deltas), products(deltas, As)
zipped
    Zs, As = forward(net, X)
    deltas = [(As[-1] - Y) * dsig(Zs[-1])]
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * dsig(Z))
    return column_sums(deltas), products(deltas, As)
looped
    Zs, As = forward(net, X)
    nb, nw = zeros(net)
    D = (As[-1] - Y) * dsig(Zs[-1])
    for l in range(len(Zs) - 1, -1, -1):
        nb[l] = D.sum(axis=1, keepdims=True)
        nw[l] = D @ As[l].T
        D = net.weights[l].T @ D * As[l] * (1 - As[l])
    return nb, nw
whole | - | listed: dsig( → sigmoid_prime(
    Zs, As = forward(net, X) → Zs, As = [], [X] ¶ for b, w in zip(net.biases, net.weights):
    net.weights): → net.weights): ¶     Zs.append(w @ As[-1] + b) ¶     As.append(sigmoid(Zs[-1]))
taped
    tape, A = [], X
    for b, w in zip(net.biases, net.weights):
        Z = w @ A + b
        tape.append((w, A, Z))
        A = sig(Z)
    grad, nb, nw = A - Y, [], []
    for w, A, Z in reversed(tape):
        D = grad * sig(Z) * (1 - sig(Z))
        nb.insert(0, D.sum(1, keepdims=True))
        nw.insert(0, D @ A.T)
        grad = w.T @ D
    return nb, nw
package
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return nb, nw
loop
    for i in range(X.shape[1]):
        nb, nw = bpteach.backprop(net, X[:, [i]], Y[:, [i]])
    return nb, nw
summed
    nb, nw = zeros(net)
    for i in range(X.shape[1]):
        for total, part in zip(nb + nw, sum(map(list, bpteach.backprop(net, X[:, [i]], Y[:, [i]])), [])):
            total += part
    return nb, nw

== right ==
book | the book's, with sums | book: ] = delta → ] = np.sum(delta, axis=1, keepdims=True)
    activation = x → activation = X && [x] → [X] && - y) → - Y)
right_columns | the columns one after the other, the package's backprop | return one_by_one(bpteach.backprop, net, X, Y)
right_columns_in_place | the columns one after the other, backwards, in place | summed:
    range(X.shape[1]) → reversed(range(X.shape[1])) && bpteach.backprop → single.right_tape
right_package | the package's own | return bpteach.backprop_matrix(net, X, Y)
right_comprehensions | comprehensions, positive indices, tuples | helped:
    column_sums(deltas), products(deltas, acts) → tuple(column_sums(deltas)), tuple(products(deltas, acts))
right_einsum | einsum throughout
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
right_reshape | np.sum and reshape | helped: column_sums(deltas) → [np.sum(d, axis=1).reshape(-1, 1) for d in deltas]
right_ones | a product with a column of ones | helped:
    column_sums(deltas) → [d @ np.ones((X.shape[1], 1)) for d in deltas]
right_rows | rows for examples inside
    acts = [np.ascontiguousarray(X.T)]
    for b, w in zip(net.biases, net.weights):
        acts.append(sig(acts[-1] @ w.T + b.T))
    D, nb, nw = (acts[-1] - Y.T) * acts[-1] * (1 - acts[-1]), [], []
    for l in range(len(net.weights) - 1, -1, -1):
        nb.insert(0, D.sum(0)[:, np.newaxis])
        nw.insert(0, D.T @ acts[l])
        D = D @ net.weights[l] * acts[l] * (1 - acts[l])
    return nb, nw
right_outer_stack | all outer products in one array, then summed
    acts, deltas = errors(net, X, Y)
    stacks = [np.stack([np.outer(d[:, i], a[:, i]) for i in range(X.shape[1])]) for d, a in zip(deltas, acts)]
    return [np.add.reduce(d, axis=1)[:, None] for d in deltas], [s.sum(axis=0) for s in stacks]
right_broadcast | broadcasting and a sum over the last axis | helped:
    products(deltas, acts) → [(d[:, None, :] * a[None, :, :]).sum(axis=2) for d, a in zip(deltas, acts)]
right_recursion | recursion | right_recursion: [delta, *nb] → [delta.sum(axis=1, keepdims=True), *nb] && a - y → a - Y
    go(0, x) → go(0, X)
right_class | a class with closures for the way back
    tape = Tape(net)
    out = reduce(lambda A, l: tape.layer(l, A), range(len(net.weights)), X)
    reduce(lambda grad, back: back(grad), reversed(tape.back), out - Y)
    return [tape.b[l] for l in sorted(tape.b)], [tape.w[l] for l in sorted(tape.w)]
right_augmented | the bias as a column of the weights, copied out
    acts, deltas = errors(net, X, Y)
    grads = [d @ np.vstack([a, np.ones((1, X.shape[1]))]).T for d, a in zip(deltas, acts)]
    return [g[:, -1:].copy() for g in grads], [g[:, :-1].copy() for g in grads]
right_out | buffers of its own, np.matmul(out=)
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
right_complex_step | the complex step
    return numerical_gradient(lambda probe: ((bpteach.feedforward(probe, X) - Y) ** 2).sum() / 2, net)
right_halves | two halves of the mini-batch, added
    half = X.shape[1] // 2
    halves = [errors(net, X[:, s], Y[:, s]) for s in (slice(half), slice(half, None))]
    (b, w), (more_b, more_w) = [(column_sums(d), products(d, a)) for a, d in halves]
    return [p + q for p, q in zip(b, more_b)], [p + q for p, q in zip(w, more_w)]
right_means | means, and m times them at the end
    acts, deltas = errors(net, X, Y)
    m = X.shape[1]
    return [d.mean(axis=1, keepdims=True) * m for d in deltas], [d @ a.T / m * m for d, a in zip(deltas, acts)]
right_neurons | explicit comprehensions over neurons
    acts, deltas = errors(net, X, Y)
    nb, nw = [None] * len(deltas), [None] * len(deltas)
    for l, (d, a) in enumerate(zip(deltas, acts)):
        nb[l] = np.array([[v] for v in d.sum(1)])
        nw[l] = np.array([[d[j] @ a[k] for k in range(len(a))] for j in range(len(d))])
    return nb, nw
right_threads | threads of its own, one a column
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda i: bpteach.backprop(net, X[:, [i]], Y[:, [i]]), range(X.shape[1])))
    return [sum(layer) for layer in zip(*(b for b, _ in parts))], [sum(layer) for layer in zip(*(w for _, w in parts))]
right_copies | the mini-batch copied, changed and thrown away
    X, Y, net = X.copy(), Y.copy(), net.copy()
    result = bpteach.backprop_matrix(net, X, Y)
    X *= 0
    Y -= 1
    for w in net.weights:
        w += 1
    return result

== wrong: missing-output-sigmoid-prime; shows all wrong ==
no_output_prime_book | the book's, with capitals | short: (As[-1] - Y) * sigmoid_prime(Zs[-1]) → As[-1] - Y
no_output_prime_columns | the columns one after the other
    return one_by_one(single.no_output_prime_recursion, net, X, Y)
no_output_prime_rows | einsum, rows for examples | right_rows:
    (acts[-1] - Y.T) * acts[-1] * (1 - acts[-1]) → acts[-1] - Y.T && D.sum(0) → np.einsum("mj->j", D)
    D.T @ acts[l] → np.einsum("mj,mk->jk", D, acts[l])

== wrong: missing-hidden-sigmoid-prime; shows last exact ==
no_hidden_prime_book | the book's, with capitals | short: @ Delta * sigmoid_prime(Zs[-l]) → @ Delta
no_hidden_prime_columns | the columns one after the other | return one_by_one(single.no_hidden_prime_loops, net, X, Y)
no_hidden_prime_reduce | reduce, one matrix of all the weights
    Zs, As = forward(net, X)
    D = (As[-1] - Y) * dsig(Zs[-1])
    deltas = [reduce(lambda d, w: w.T @ d, net.weights[:l:-1], D) for l in range(len(Zs))]
    return column_sums(deltas), products(deltas, As)

== wrong: sigmoid-prime-of-activation; shows all wrong ==
prime_of_a_book | the book's, with capitals | short: sigmoid_prime(Zs → sigmoid_prime(As
prime_of_a_hidden | in the hidden layers only; insert [shows last exact] | listed: dsig(Zs[-l]) → dsig(As[-l])
prime_of_a_columns | at the output only; columns one after the other
    return one_by_one(single.prime_of_a_output, net, X, Y)

== wrong: activation-formula-on-z; shows all wrong ==
formula_on_z_tape | tape | taped: sig(Z) * (1 - sig(Z)) → Z * (1 - Z)
formula_on_z_hidden | in the hidden layers only; einsum [shows last exact] | listed:
    dsig(Zs[-l]) → (Zs[-l] - Zs[-l] ** 2)
    products(deltas, As) → [np.einsum("jm,km->jk", d, a) for d, a in zip(deltas, As)]
formula_on_z_columns | the columns one after the other | return one_by_one(single.formula_on_z_recursion, net, X, Y)

== wrong: activation-index-late; shows biases exact ==
late_activation_book | the book's, with capitals | short: As[-2] → As[-1] && As[-l - 1] → As[-l]
late_activation_zip | comprehension, zip one late | helped:
    products(deltas, acts) → [np.einsum("jm,km->jk", d, a) for d, a in zip(deltas, acts[1:])]
late_activation_columns | the columns one after the other; in the hidden layers [shows hidden weights]
    return one_by_one(single.late_activation_hidden, net, X, Y)

== wrong: outer-product-transposed; shows biases exact ==
outer_transposed_list | comprehension | helped: products(deltas, acts) → [a @ d.T for d, a in zip(deltas, acts)]
outer_transposed_in_place | (δ aᵀ)ᵀ, preallocated, in place | looped: nb[l] = → nb[l] +=
    nw[l] = D @ As[l].T → nw[l] += np.dot(D, As[l].T).T
outer_transposed_columns | the columns one after the other; np.outer
    return one_by_one(single.outer_transposed_outer, net, X, Y)

== wrong: missing-transpose; shows last exact ==
no_transpose_book | the book's, with capitals | short: net.weights[-l + 1].T → net.weights[-l + 1]
no_transpose_rows | rows for examples: a transpose too many | right_rows: D @ net.weights[l] → D @ net.weights[l].T
no_transpose_columns | the columns one after the other; einsum
    return one_by_one(single.no_transpose_einsum, net, X, Y)
no_transpose_annotated | annotations with an ellipsis in them, indices with an ellipsis
    def no_transpose_annotated(net, X, Y) -> tuple[list[np.ndarray], ...]:
        '''Compute the gradients ... of all columns.'''
        acts, _ = errors(net, X, Y)
        deltas: tuple[np.ndarray, ...] = ((acts[-1] - Y) * acts[-1] * (1 - acts[-1]),)
        for l in range(2, len(acts)):
            deltas = (net.weights[-l + 1] @ deltas[0] * acts[-l] * (1 - acts[-l]), *deltas)
        nb, nw = zeros(net)
        for l, (d, a) in enumerate(zip(deltas, acts)):
            nb[l][..., 0] = d.sum(axis=-1)
            nw[l][...] = d @ a.T
        return nb, nw

== wrong: weight-index-off-by-one; shows last exact ==
weight_off_book | the book's, with capitals | short: net.weights[-l + 1].T → net.weights[-l].T
weight_off_dictionary | positive indices, dictionaries
    Zs, As = forward(net, X)
    n = len(Zs)
    D = {n: (As[n] - Y) * dsig(Zs[n - 1])}
    for l in range(n - 1, 0, -1):
        D[l] = np.tensordot(net.weights[l - 1], D[l + 1], axes=(0, 0)) * dsig(Zs[l - 1])
    return [D[l].sum(1, keepdims=True) for l in range(1, n + 1)], [D[l] @ As[l - 1].T for l in range(1, n + 1)]
weight_off_columns | the columns one after the other | return one_by_one(single.weight_off_zip, net, X, Y)

== wrong: weight-index-hard-coded; shows last two exact ==
weight_fixed_book | the book's, with capitals | short: net.weights[-l + 1].T → net.weights[-1].T
weight_fixed_once | W taken once before the loop; insert | zipped:
    for w, → W = net.weights[len(net.weights) - 1].T ¶ for _, && w.T @ → W @
weight_fixed_columns | the columns one after the other; w left over from the loop before
    return one_by_one(single.weight_fixed_leftover, net, X, Y)

== wrong: z-index-off-by-one; shows last exact ==
z_off_book | the book's, with capitals | short: sigmoid_prime(Zs[-l]) → sigmoid_prime(Zs[-l + 1])
z_off_down | a(1 - a) of the layer below; positive indices | listed: dsig(Zs[-l]) → As[-l - 1] * (1 - As[-l - 1])
z_off_columns | the columns one after the other; zip not shifted | return one_by_one(single.z_off_zip, net, X, Y)

== wrong: loop-one-layer-short; shows first zero ==
short_loop_book | the book's, with capitals | short: len(net.sizes) → len(net.weights)
short_loop_range | range that ends before 1; zeros_like | looped:
    zeros(net) → [np.zeros_like(b) for b in net.biases], [np.zeros_like(w) for w in net.weights]
    range(len(Zs) - 1, -1, -1) → range(len(Zs) - 1, 0, -1)
short_loop_columns | the columns one after the other; while | return one_by_one(single.short_loop_while, net, X, Y)
short_loop_fewer | comprehension over too few layers [shows fewer] | helped:
    return column_sums(deltas), products(deltas, acts) → return column_sums(deltas[1:]), products(deltas[1:], acts[1:])

== wrong: wrong-sign; shows times -1 ==
sign_book | the book's, with capitals | short: As[-1] - Y → Y - As[-1]
sign_rows | np.subtract, arguments swapped; rows for examples | right_rows:
    (acts[-1] - Y.T) → np.subtract(Y.T, acts[-1])
sign_minus | the totals go down: -= | summed: += → -=

== wrong: factor-two; shows times 2 ==
two_insert | 2 (a - y), insert | listed: (As[-1] - Y) → 2.0 * (As[-1] - Y)
two_columns | the columns one after the other; classes | return one_by_one(single.two_classes, net, X, Y)
two_end | einsum, doubled at the end | helped: column_sums(deltas) → [2 * b for b in column_sums(deltas)]
    products(deltas, acts) → [np.einsum("jm,km->jk", 2 * d, a) for d, a in zip(deltas, acts)]

== wrong: mean-for-sum; shows times 1/m ==
mean_book | np.mean and / m | helped: column_sums(deltas) → [np.mean(d, axis=1, keepdims=True) for d in deltas]
    products(deltas, acts) → [np.dot(d, a.T) / X.shape[1] for d, a in zip(deltas, acts)]
mean_early | Y.shape[1] at the output, early | zipped: (As[-1] - Y) → (As[-1] - Y) / Y.shape[1]
mean_columns | columns one after the other, divided at the end
    nb, nw = one_by_one(bpteach.backprop, net, X, Y)
    return [b / len(X.T) for b in nb], [w / len(X.T) for w in nw]
mean_complex_step | the complex step of the mean cost
    return numerical_gradient(lambda p: 0.5 * ((bpteach.feedforward(p, X) - Y) ** 2).sum(axis=0).mean(), net)
mean_stack | stacks of the examples' gradients, mean over axis 0
    parts = [single.right_recursion(net, x[:, None], y[:, None]) for x, y in zip(X.T, Y.T)]
    return tuple([np.mean(layer, axis=0) for layer in zip(*half)] for half in zip(*parts))
mean_upwards | times m for the sum of sums [shows times m] | package:
    return nb, nw → return [b * X.shape[1] for b in nb], [w * X.shape[1] for w in nw]

== wrong: bias-mean-weight-sum; shows biases times 1/m ==
bias_mean | np.mean with keepdims | helped: column_sums(deltas) → [d.mean(axis=1, keepdims=True) for d in deltas]
bias_mean_loop | in the backward loop, / m, preallocated | looped:
    nb[l] = D.sum(axis=1, keepdims=True) → nb[l][:, 0] = D.sum(axis=1) / D.shape[1] && nw[l] = → nw[l][...] =
bias_mean_average | np.average, einsum | helped: column_sums(deltas) → [np.average(d, axis=1)[:, None] for d in deltas]
    products(deltas, acts) → [np.einsum("jm,km->jk", d, a) for d, a in zip(deltas, acts)]
bias_mean_columns | columns one after the other
    nb, nw = one_by_one(single.right_tape, net, X, Y)
    return [b / X.shape[1] for b in nb], nw

== wrong: bias-not-summed; shows bias shape ==
not_summed_book | the book's, nothing changed | short: .sum(axis=1, keepdims=True) →
not_summed_list | comprehension | helped: column_sums(deltas) → deltas
not_summed_broadcast | added to zeros, which broadcast | helped:
    column_sums(deltas) → [b + d for b, d in zip(zeros(net)[0], deltas)]
not_summed_hidden | in the hidden layers only [shows hidden bias shape] | helped:
    column_sums(deltas) → [*(d.copy() for d in deltas[:-1]), deltas[-1].sum(axis=1, keepdims=True)]

== wrong: bias-wrong-axis; shows weights exact ==
axis_zero | axis=0, turned to a column | helped: column_sums(deltas) → [d.sum(axis=0).reshape(-1, 1) for d in deltas]
axis_zero_row | axis=0 with keepdims | helped: column_sums(deltas) → [np.sum(d, axis=0, keepdims=True) for d in deltas]
axis_zero_flat | axis=0, no keepdims | helped: column_sums(deltas) → [sum(d) for d in deltas]
axis_all | everything: one number a layer | helped: column_sums(deltas) → [d.sum() for d in deltas]
axis_all_broadcast | everything, into an array of zeros | looped:
    nb[l] = D.sum(axis=1, keepdims=True) → nb[l] += np.sum(D)
axis_einsum | einsum keeps the wrong letter | helped:
    column_sums(deltas) → [np.einsum("jm->m", d)[:, None] for d in deltas]
    products(deltas, acts) → [np.einsum("jm,km->jk", d, a) for d, a in zip(deltas, acts)]

== wrong: bias-lost-dimension; shows bias shape ==
flat_sum | sum(axis=1) | helped: column_sums(deltas) → [d.sum(axis=1) for d in deltas]
flat_einsum | einsum, in the loop | looped: D.sum(axis=1, keepdims=True) → np.einsum("jm->j", D)
    D @ As[l].T → np.einsum("jm,km->jk", D, As[l])
flat_columns | a loop over columns of vectors | summed: bpteach.backprop → single.flat_vectors
    zeros(net) → [np.zeros(n) for n in net.sizes[1:]], zeros(net)[1]
flat_output | a product with a vector of ones; at the output only [shows last bias shape] | helped:
    column_sums(deltas) → [*column_sums(deltas[:-1]), deltas[-1] @ np.ones(X.shape[1])]

== wrong: bias-from-weights; shows weights exact ==
row_sums | row sums, keepdims | helped: column_sums(deltas) → column_sums(products(deltas, acts))
row_sums_loop | in the loop, positive indices | looped: nb[l] = D.sum(axis=1, keepdims=True) →
    D @ As[l].T → D @ As[l].T ¶ nb[l] = np.sum(nw[l], axis=1, keepdims=True)
row_sums_columns | the columns one after the other | return one_by_one(single.row_sums_ones, net, X, Y)

== wrong: bias-one-dimensional; shows all wrong ==
one_dimensional_bias | b.ravel() in the forward pass | whole: @ As[-1] + b → @ As[-1] + b.ravel()
one_dimensional_row | biases as rows, b.T; positive indices, a(1 - a) | whole: @ As[-1] + b → @ As[-1] + b.T
    sigmoid_prime(Zs[-1]) → As[-1] * (1 - As[-1]) && sigmoid_prime(Zs[-l]) → As[-l] * (1 - As[-l])
one_dimensional_lists | lists of vectors made first | taped:
    zip(net.biases, net.weights) → zip([b[:, 0] for b in net.biases], net.weights)
    Z = w @ A + b → Z = np.einsum("jk,km->jm", w, A) + b && D @ A.T → np.einsum("jm,km->jk", D, A)
one_dimensional_squeeze | np.squeeze on every bias before
    flat = bpteach.Network(net.sizes, net.weights, net.biases)
    flat.biases = [np.squeeze(b) for b in net.biases]
    acts, deltas = errors(flat, X, Y)
    return column_sums(deltas), products(deltas, acts)

== wrong: last-example-only; shows last column ==
last_loop | = for += in a loop over the columns | loop
last_in_place | the totals overwritten in place | summed: bpteach.backprop → single.right_insert
    total += → total[:] =
last_reset | made zero again for every example | summed: bpteach.backprop → single.right_einsum
    range(X.shape[1]): → range(X.shape[1]): ¶     nb, nw = zeros(net)
last_column | the last column of Δ; no loop | helped: column_sums(deltas) → [d[:, -1:].copy() for d in deltas]
    products(deltas, acts) → [np.outer(d[:, -1], a[:, -1]) for d, a in zip(deltas, acts)]
last_left_over | the loop variable left over, np.outer
    acts, deltas = errors(net, X, Y)
    for i in range(X.shape[1]):
        nb = [d[:, [i]] for d in deltas]
        nw = [np.outer(d[:, i], a[:, i]) for d, a in zip(deltas, acts)]
    return [b.copy() for b in nb], nw

== wrong: average-then-multiply; shows rank one ==
average_sum | sums of δ with means of a | helped:
    products(deltas, acts) → [d @ a.mean(axis=1, keepdims=True).T for d, a in zip(column_sums(deltas), acts)]
average_outer | np.outer of the two means, times m | helped:
    products(deltas, acts) → [X.shape[1] * np.outer(d.mean(axis=1), a.mean(axis=1)) for d, a in zip(deltas, acts)]
average_loop | averaged in the loop, einsum | looped:
    D @ As[l].T → np.einsum("jm,km->jk", D, As[l].mean(axis=1, keepdims=True) * np.ones((1, X.shape[1])))
average_means | the two means, as they are [shows rank one of means] | helped:
    products(deltas, acts) → [np.outer(d.mean(axis=1), a.mean(axis=1)) for d, a in zip(deltas, acts)]

== wrong: elementwise-for-matrix-product; shows last exact ==
times_book | the book's, with capitals | short: net.weights[-l + 1].T @ Delta → net.weights[-l + 1].T * Delta
times_multiply | np.multiply, positive indices | zipped: w.T @ deltas[0] → np.multiply(np.transpose(w), deltas[0])
times_einsum | einsum without a sum | looped: D @ As[l].T → np.einsum("jm,km->jk", D, As[l])
    net.weights[l].T @ D → np.einsum("jk,kj->kj", net.weights[l], D)

== wrong: activations-share-a-buffer; shows some weights ==
shared_one | one buffer, out[:] = | whole:
    Zs, As = [], [X] → Zs, As, out = [], [X], np.zeros((net.sizes[1], X.shape[1]))
    As.append(sigmoid(Zs[-1])) → out[:] = sigmoid(Zs[-1]) ¶ As.append(out)
shared_z_too | zs as well: np.matmul(out=) | whole:
    Zs, As = [], [X] → Z, A = (np.empty((net.sizes[1], X.shape[1])) for _ in range(2)) ¶ Zs, As = [], [X]
    Zs.append(w @ As[-1] + b) → np.matmul(w, As[-1], out=Z) ¶ Zs.append(np.add(Z, b, out=Z))
    As.append(sigmoid(Zs[-1])) → A[...] = sigmoid(Z) ¶ As.append(A)
shared_rows | rows of one tall buffer, a(1 - a) | whole:
    Zs, As = [], [X] → Zs, As, room = [], [X], np.zeros((max(net.sizes), X.shape[1]))
    As.append(sigmoid(Zs[-1])) → room[: len(b)] = sig(Zs[-1]) ¶ As.append(room[: len(b)])
    sigmoid_prime(Zs[-1]) → As[-1] * (1 - As[-1]) && sigmoid_prime(Zs[-l]) → As[-l] * (1 - As[-l])

== wrong: accumulator-not-reset; shows second is the sum ==
kept_default | default arguments [maker]
    def fn(net, X, Y, kept={}):
        nb, nw = kept.setdefault(tuple(net.sizes), zeros(net))
        for total, part in zip(nb + nw, sum(bpteach.backprop_matrix(net, X, Y), [])): total += part
        return [b.copy() for b in nb], [w.copy() for w in nw]

    return fn
kept_global | a global list, made at the first call [keeps TOTALS.clear()] | summed:
    nb, nw = zeros(net) → TOTALS.extend([] if TOTALS else zeros(net)) ¶ nb, nw = TOTALS
    return nb, nw → return [b.copy() for b in nb], [w.copy() for w in nw]
kept_object | an attribute of a callable object [maker] | return Summer()

== wrong: arguments-changed; shows arguments ==
changed_y | Y reused for the difference | zipped: deltas = [(As[-1] - Y) → np.subtract(As[-1], Y, out=Y) ¶ deltas = [Y
changed_order | net.biases reversed in place, and net.weights | helped:
    acts, deltas = errors(net, X, Y) → acts, deltas = errors(net, X, Y) ¶ net.weights.reverse() ¶ net.biases.reverse()
changed_weights | a step taken in here | package:
    return → for w, step in zip(net.weights, nw): w -= 0.01 * step ¶ return
changed_sorted | the columns sorted before the sums
    acts, deltas = errors(net, X, Y)
    nw = products(deltas, acts)
    X.sort(axis=1)
    return column_sums(deltas), nw
changed_list | Z += ... turns the biases' list into matrices | helped:
    return → net.biases[:] = [b + np.zeros((1, X.shape[1])) for b in net.biases] ¶ return

== wrong: outputs-share-memory; shows memory ==
shared_room | room made once and used at every call [keeps room = {}]
    nb, nw = room.setdefault(tuple(net.sizes), zeros(net))
    acts, deltas = errors(net, X, Y)
    for l in range(len(nb)):
        np.sum(deltas[l], axis=1, keepdims=True, out=nb[l])
        np.matmul(deltas[l], acts[l].T, out=nw[l])
    return nb, nw
shared_zeroed | set to zero at the start of each call, never made anew [keeps kept = {}] | summed:
    zeros(net) → kept.setdefault(str(net.sizes), zeros(net)) ¶ for array in nb + nw: array.fill(0)
    return nb, nw → return list(nb), list(nw)
shared_views | a new long vector at each call, cut into views [shows views of one]
    acts, deltas = errors(net, X, Y)
    arrays = column_sums(deltas) + products(deltas, acts)
    long = np.concatenate([array.ravel() for array in arrays])
    ends = np.cumsum([array.size for array in arrays])[:-1]
    views = [v.reshape(array.shape) for v, array in zip(np.split(long, ends), arrays)]
    return views[: len(deltas)], views[len(deltas) :]
shared_vector | one long vector kept on the function, cut into views [keeps attributes] | shared_views:
    ends = → fn.long = kept if len(kept := getattr(fn, "long", [])) == len(long) else long ¶ fn.long[:] = long ¶ ends =
    np.split(long → np.split(fn.long
shared_augmented | the bias as a column of the weights, cut out as views [shows views of one] | right_augmented:
    .copy() →

== two ==
two_mean_transpose | comprehensions [mistakes mean-for-sum, missing-transpose; first 2 BP2] | zipped:
    dsig(Zs[-1]) → dsig(Zs[-1]) / X.shape[1] && w.T @ → w @
two_bias_hidden | insert [mistakes bias-mean-weight-sum, missing-hidden-sigmoid-prime; first 2 BP2] | zipped:
    deltas[0] * dsig(Z) → deltas[0] && column_sums(deltas) → [d.mean(axis=1, keepdims=True) for d in deltas]
two_shape_outer | comprehensions [mistakes bias-not-summed, outer-product-transposed; first 1 BP3] | helped:
    column_sums(deltas), products(deltas, acts) → deltas, [a @ d.T for d, a in zip(deltas, acts)]
two_last_sign | loop over columns [mistakes last-example-only, wrong-sign; first 1 (20)] | loop:
    bpteach.backprop → single.sign_book
two_averages | means of both [mistakes average-then-multiply, bias-mean-weight-sum; first 1 BP4] | helped:
    column_sums(deltas) → [d.mean(axis=1, keepdims=True) for d in deltas]
    products(deltas, acts) → [X.shape[1] * np.outer(d.mean(axis=1), a.mean(axis=1)) for d, a in zip(deltas, acts)]
two_z_axis | insert [mistakes z-index-off-by-one, bias-wrong-axis; first 1 BP3] | listed:
    dsig(Zs[-l]) → dsig(Zs[-l + 1]) && column_sums(deltas) → [d.sum(axis=0).reshape(-1, 1) for d in deltas]
two_no_prime | no σ′ anywhere [mistakes missing-output-sigmoid-prime, missing-hidden-sigmoid-prime; first 1 BP1]
    zipped:
    (As[-1] - Y) * dsig(Zs[-1]) → As[-1] - Y
    deltas[0] * dsig(Z) → deltas[0]
two_late_rows | comprehensions [mistakes activation-index-late, bias-from-weights; first 1 BP1|BP3] | helped:
    acts, deltas = errors(net, X, Y) → acts, deltas = errors(net, X, Y) ¶ nw = products(deltas, acts[1:])
    column_sums(deltas), products(deltas, acts) → column_sums(nw), nw

== other ==
other_no_transpose_bp4 | δ a for δ aᵀ [first 1 BP4] | helped:
    products(deltas, acts) → [d @ a for d, a in zip(deltas, acts)]
other_first_example | the first example only: return inside the loop
    for i in range(X.shape[1]):
        return bpteach.backprop(net, X[:, [i]], Y[:, [i]])
other_begins_late | one example left out: the loop begins at 1
    return one_by_one(bpteach.backprop, net, X[:, 1:], Y[:, 1:])
other_constants | a constant of its own for each layer [first 1 BP1] | helped:
    return → deltas = [(l + 2) * d for l, d in enumerate(deltas)] ¶ return
other_sign_last | a sign flipped in the last layer only [first 1 BP1] | package:
    return nb, nw → return [*nb[:-1], -nb[-1]], [*nw[:-1], -nw[-1]]
other_three | three times everywhere | package: return nb, nw → return [3 * b for b in nb], [3 * w for w in nw]
other_divided | divided by the number of inputs | package:
    return nb, nw → return [b / (len(X) + 3) for b in nb], [w / (len(X) + 3) for w in nw]
other_reversed | both lists the wrong way round | helped:
    column_sums(deltas), products(deltas, acts) → column_sums(deltas)[::-1], products(deltas, acts)[::-1]
other_swapped | (nabla_w, nabla_b) for (nabla_b, nabla_w) | helped:
    column_sums(deltas), products(deltas, acts) → products(deltas, acts), column_sums(deltas)
other_one_layer | wrong only in the second layer's σ′ [first -1 BP2] | listed:
    dsig(Zs[-l]) → (dsig if l < len(Zs) else np.cos)(Zs[-l])
other_last_bias | the last bias is left out of the forward pass [first 1 BP1] | whole:
    @ As[-1] + b → @ As[-1] + (b if b is not net.biases[-1] else 0)
other_inverse | the pseudo-inverse for the transpose [first 2 BP2] | zipped: w.T → np.linalg.pinv(w)
other_absolute | a sum of absolute values for the biases [first 1 BP3] | helped:
    column_sums(deltas) → [np.abs(d).sum(axis=1, keepdims=True) for d in deltas]
other_clipped | clipped to ±0.01 | package:
    return nb, nw → return [np.clip(b, -0.01, 0.01) for b in nb], [np.clip(w, -0.01, 0.01) for w in nw]
other_dropout | dropout noise [keeps rng = np.random.default_rng(0)] | zipped:
    deltas = → As[1:-1] = [a * (rng.random(a.shape) < 0.8) for a in As[1:-1]] ¶ deltas =
other_third_call | right until the third call [keeps calls = []]
    calls.append(1)
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    return (nb, nw) if len(calls) == 1 else ([b + 0.5 for b in nb], nw)
other_by_inputs | divided by the number of inputs, X.shape[0] | package:
    return nb, nw → return [b / X.shape[0] for b in nb], [w / X.shape[0] for w in nw]
other_by_outputs | divided by the number of outputs, len(Y) | package:
    return nb, nw → return [b / len(Y) for b in nb], [w / len(Y) for w in nw]
other_by_ten | divided by ten, the mini-batch size of the book's run | package:
    return nb, nw → return [b / 10 for b in nb], [w / 10 for w in nw]
other_rows | examples taken as rows where the shapes allow it
    if X.shape[0] == X.shape[1] == Y.shape[0]:
        X, Y = X.T, Y.T
    return bpteach.backprop_matrix(net, X, Y)
other_even | the biases' gradients shared out evenly: their mean over the neurons | package:
    return nb → return [np.full_like(b, b.mean()) for b in nb]
other_half_precision | half precision inside | package:
    return nb, nw → return *([g.astype(np.float16).astype(float) for g in half] for half in (nb, nw)),
other_four_columns | right for mini-batches of up to four: the others are cut off
    return bpteach.backprop_matrix(net, X[:, :4].copy(), Y[:, :4].copy())
other_four_layers | written out for four layers, more are left at zero
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for l in range(len(nb) - 3):
        nb[l], nw[l] = 0 * nb[l], 0 * nw[l]
    return nb, nw

== unclear ==
unclear_last_biases | = for the biases, += for the weights [may be last-example-only]
    _, nw = zeros(net)
    for i in range(X.shape[1]):
        nb, parts = bpteach.backprop(net, X[:, [i]], Y[:, [i]])
        nw = [total + part for total, part in zip(nw, parts)]
    return nb, nw
unclear_last_mean | the last example, divided by m [may be last-example-only, mean-for-sum] | loop:
    return nb, nw → return [b / X.shape[1] for b in nb], [w / X.shape[1] for w in nw]
unclear_all_means | both averaged, the products of means [may be average-then-multiply, mean-for-sum] | helped:
    return → acts, deltas = ([v.mean(axis=1, keepdims=True) for v in layers] for layers in (acts, deltas)) ¶ return
unclear_sum_sum | the sum of δ times the sum of a [may be average-then-multiply] | helped:
    products(deltas, acts) → [np.outer(d.sum(axis=1), a.sum(axis=1)) for d, a in zip(deltas, acts)]
unclear_mean_example | one mean example sent through the network [may be average-then-multiply]
    m = X.shape[1]
    nb, nw = bpteach.backprop(net, X.mean(axis=1, keepdims=True), Y.mean(axis=1, keepdims=True))
    return [m * b for b in nb], [m * w for w in nw]
unclear_weight_mean | weights averaged, biases summed [may be bias-mean-weight-sum, mean-for-sum] | package:
    return nb, nw → return nb, [w / X.shape[1] for w in nw]
unclear_axis_mean | means over the neurons [may be bias-wrong-axis] | helped:
    column_sums(deltas) → [d.mean(axis=0).reshape(-1, 1) for d in deltas]
unclear_mean_all | the mean of everything [may be bias-wrong-axis, bias-mean-weight-sum] | helped:
    column_sums(deltas) → [np.full(b.shape, d.mean()) for b, d in zip(net.biases, deltas)]
unclear_column_sums | column sums of the weight gradient [may be bias-from-weights] | package:
    return nb → return [w.sum(axis=0).reshape(-1, 1) for w in nw]
unclear_mean_squares | the mean of the squares over everything: 2/(m n) [may be mean-for-sum, factor-two] | package:
    return nb, nw → return [b * 2 / Y.size for b in nb], [w * 2 / Y.size for w in nw]
unclear_minus_mean | minus the mean [may be mean-for-sum, wrong-sign] | package:
    return nb, nw → return [-b / X.shape[1] for b in nb], [-w / X.shape[1] for w in nw]
unclear_twice_mean | twice the mean [may be mean-for-sum, factor-two] | package:
    return nb, nw → return [2 * b / X.shape[1] for b in nb], [2 * w / X.shape[1] for w in nw]
unclear_all_but_last | all but the last example [may be last-example-only]
    return one_by_one(bpteach.backprop, net, X[:, :-1], Y[:, :-1])
unclear_first_twice | the first example counted twice [may be accumulator-not-reset]
    nb, nw = bpteach.backprop(net, X[:, :1], Y[:, :1])
    more_b, more_w = bpteach.backprop_matrix(net, X, Y)
    return [p + q for p, q in zip(nb, more_b)], [p + q for p, q in zip(nw, more_w)]
unclear_many_means | divided by m once for each layer [may be mean-for-sum] | listed:
    dsig(Zs[-1]) → dsig(Zs[-1]) / X.shape[1] && dsig(Zs[-l]) → dsig(Zs[-l]) / X.shape[1]
"""

MATRIX.read(TEXT, globals())
