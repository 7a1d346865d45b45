"""What learners write for the step, (net, mini_batch, eta) or (net, X, Y, eta): right, and wrong in every way."""
# The code is a learner's, faults of style included.
# ruff: noqa: B006, B008, B905, RUF017

import random
from functools import partial

import numpy as np

import bpteach
import learners_backprop as single
import learners_matrix as matrix
from bpteach import sigmoid, sigmoid_prime
from learners import Register
from learners_backprop import dsig, forward, sig, zeros
from learners_matrix import errors

UPDATE = Register("update")
right, wrong, two, other = UPDATE.right, UPDATE.wrong, UPDATE.two, UPDATE.other


# helpers such as learners write beside their function


def columns(mini_batch):
    """Put the examples side by side."""
    return np.hstack([x for x, _ in mini_batch]), np.hstack([y for _, y in mini_batch])


def step(net, nabla_b, nabla_w, rate):
    """Move against the gradient: new lists."""
    net.weights = [w - rate * nw for w, nw in zip(net.weights, nabla_w)]
    net.biases = [b - rate * nb for b, nb in zip(net.biases, nabla_b)]


def step_in_place(net, nabla_b, nabla_w, rate):
    """Move against the gradient: the same arrays."""
    for array, slope in zip(net.biases + net.weights, list(nabla_b) + list(nabla_w)):
        array -= rate * slope


def by_loop(gradient, net, mini_batch, eta, move=step):
    """Take one step with the examples' gradients, added up."""
    nabla_b, nabla_w = zeros(net)
    for x, y in mini_batch:
        parts_b, parts_w = gradient(net, x, y)
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        nabla_w = [total + part for total, part in zip(nabla_w, parts_w)]
    move(net, nabla_b, nabla_w, eta / len(mini_batch))


def by_matrix(gradient, net, X, Y, eta, move=step):
    """Take one step with the gradient of the whole mini-batch."""
    move(net, *gradient(net, X, Y), eta / X.shape[1])


# right


@right("the book's")
def book(net, mini_batch, eta):
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    for x, y in mini_batch:
        delta_nabla_b, delta_nabla_w = single.book(net, x, y)
        nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]
        nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]
    net.weights = [w - (eta / len(mini_batch)) * nw for w, nw in zip(net.weights, nabla_w)]
    net.biases = [b - (eta / len(mini_batch)) * nb for b, nb in zip(net.biases, nabla_b)]


@right("the package's loop")
def right_package_loop(net, mini_batch, eta):
    bpteach.update_mini_batch(net, mini_batch, eta)


@right("the package's matrices")
def right_package_matrix(net, X, Y, eta):
    return bpteach.update_mini_batch_matrix(net, X, Y, eta)


@right("the package's matrices, from pairs")
def right_pairs_to_matrix(net, mini_batch, eta):
    bpteach.update_mini_batch_matrix(net, *columns(mini_batch), eta)


@right("in place, item by item")
def right_items(net, X, Y, eta):
    nabla_b, nabla_w = bpteach.backprop_matrix(net, X, Y)
    for l in range(len(net.weights)):
        net.weights[l] -= eta / X.shape[1] * nabla_w[l]
        net.biases[l] -= eta / X.shape[1] * nabla_b[l]


@right("means, then η; returns the network")
def right_means(net, X, Y, eta):
    acts, deltas = errors(net, X, Y)
    m = X.shape[1]
    net.biases[:] = [b - eta * d.mean(axis=1, keepdims=True) for b, d in zip(net.biases, deltas)]
    net.weights[:] = [w - eta * (d @ a.T / m) for w, d, a in zip(net.weights, deltas, acts)]
    return net


@right("one backward loop that changes a layer after its weights were used")
def right_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    grad, rate = acts[-1] - Y, eta / X.shape[1]
    for l in range(len(zs) - 1, -1, -1):
        delta = grad * sigmoid_prime(zs[l])
        grad = net.weights[l].T @ delta
        net.weights[l] -= rate * (delta @ acts[l].T)
        net.biases[l] -= rate * delta.sum(axis=1, keepdims=True)


@right("the biases early, which does no harm")
def right_biases_early(net, X, Y, eta):
    zs, acts = forward(net, X)
    deltas = [(acts[-1] - Y) * dsig(zs[-1])]
    net.biases[-1] = net.biases[-1] - eta / len(X.T) * deltas[0].sum(1, keepdims=True)
    for l in range(2, len(acts)):
        deltas.insert(0, net.weights[-l + 1].T @ deltas[0] * dsig(zs[-l]))
        net.biases[-l] = net.biases[-l] - eta / len(X.T) * deltas[0].sum(1, keepdims=True)
    net.weights = [w - eta / len(X.T) * (d @ a.T) for w, d, a in zip(net.weights, deltas, acts)]


@right("the rate folded into δ, einsum")
def right_folded(net, X, Y, eta):
    acts, deltas = errors(net, X, Y)
    for w, b, d, a in zip(net.weights, net.biases, deltas, acts):
        d *= eta / d.shape[1]
        w -= np.einsum("jm,km->jk", d, a)
        b -= np.einsum("jm->j", d)[:, None]


@right("steps one by one, gradients at a frozen copy")
def right_frozen(net, mini_batch, eta):
    old = net.copy()
    for x, y in reversed(mini_batch):
        nabla_b, nabla_w = single.right_recursion(old, x, y)
        step(net, nabla_b, nabla_w, eta / len(mini_batch))


@right("all gradients first, then steps one by one")
def right_list_first(net, mini_batch, eta):
    gradients = [bpteach.backprop(net, x, y) for x, y in mini_batch]
    for nabla_b, nabla_w in gradients:
        step_in_place(net, nabla_b, nabla_w, eta / len(gradients))


@right("plus, with y - a")
def right_two_signs(net, X, Y, eta):
    zs, acts = forward(net, X)
    error, m = Y - acts[-1], X.shape[1]
    new = []
    for l in reversed(range(len(zs))):
        error = error * acts[l + 1] * (1 - acts[l + 1])
        w, b = net.weights[l], net.biases[l]
        new.append((w + eta / m * error @ acts[l].T, b + eta / m * error.sum(1).reshape(b.shape)))
        error = w.T @ error
    net.weights, net.biases = map(list, zip(*new[::-1]))


@right("partial, map, np.subtract(out=)")
def right_map(net, mini_batch, eta):
    gradient = partial(single.right_einsum, net)
    parts = [sum(map(list, gradient(x, y)), []) for x, y in mini_batch]
    for array, slopes in zip(net.biases + net.weights, zip(*parts)):
        np.subtract(array, eta * np.mean(slopes, axis=0), out=array)


@right("accumulators in place, copies of the examples shuffled")
def right_shuffled_copy(net, mini_batch, eta):
    nb, nw = zeros(net)
    for x, y in sorted(mini_batch, key=lambda pair: -pair[0].sum()):
        for total, part in zip(nb + nw, sum(single.right_insert(net, x, y), [])):
            total += part
    step_in_place(net, nb, nw, eta / len(mini_batch))


@right("a loop over columns")
def right_columns(net, X, Y, eta):
    by_loop(single.right_tape, net, [(X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])], eta)


@right("explicit loops over neurons")
def right_neurons(net, X, Y, eta):
    nabla_b, nabla_w = matrix.right_rows(net, X, Y)
    for l, w in enumerate(net.weights):
        for j in range(w.shape[0]):
            net.biases[l][j, 0] -= eta * nabla_b[l][j, 0] / X.shape[1]
            for k in range(w.shape[1]):
                w[j, k] -= eta * nabla_w[l][j, k] / X.shape[1]


@right("accumulators kept, and set to zero at the start", maker=True)
def right_reset():
    kept = {}

    def fn(net, mini_batch, eta):
        nb, nw = kept.setdefault(tuple(net.sizes), zeros(net))
        for total in nb + nw:
            total[:] = 0
        for x, y in mini_batch:
            for total, part in zip(nb + nw, sum(bpteach.backprop(net, x, y), [])):
                total += part
        step(net, nb, nw, eta / len(mini_batch))

    return fn


# the mistakes of the gradient, made on the way to the step


@wrong("missing-output-sigmoid-prime", "loop")
def no_output_prime_loop(net, mini_batch, eta):
    by_loop(single.no_output_prime_insert, net, mini_batch, eta)


@wrong("missing-output-sigmoid-prime", "matrices, fused")
def no_output_prime_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    delta = acts[-1] - Y
    for l in range(len(zs) - 1, -1, -1):
        w = net.weights[l]
        net.weights[l] = w - eta / X.shape[1] * delta @ acts[l].T
        net.biases[l] = net.biases[l] - eta / X.shape[1] * delta.sum(axis=1, keepdims=True)
        if l:
            delta = w.T @ delta * sigmoid_prime(zs[l - 1])


@wrong("missing-output-sigmoid-prime", "matrices, in place")
def no_output_prime_matrix(net, X, Y, eta):
    by_matrix(matrix.no_output_prime_rows, net, X, Y, eta, step_in_place)


@wrong("missing-hidden-sigmoid-prime", "loop, in place")
def no_hidden_prime_loop(net, mini_batch, eta):
    by_loop(single.no_hidden_prime_reduce, net, mini_batch, eta, step_in_place)


@wrong("missing-hidden-sigmoid-prime", "matrices, fused")
def no_hidden_prime_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    delta = (acts[-1] - Y) * dsig(zs[-1])
    for l in range(len(zs) - 1, -1, -1):
        below = net.weights[l].T @ delta
        net.weights[l] -= eta / len(X.T) * delta @ acts[l].T
        net.biases[l] -= eta / len(X.T) * delta.sum(axis=1, keepdims=True)
        delta = below


@wrong("missing-hidden-sigmoid-prime", "pairs put side by side")
def no_hidden_prime_pairs(net, mini_batch, eta):
    by_matrix(matrix.no_hidden_prime_book, net, *columns(mini_batch), eta)


@wrong("sigmoid-prime-of-activation", "loop")
def prime_of_a_loop(net, mini_batch, eta):
    by_loop(single.prime_of_a_tape, net, mini_batch, eta)


@wrong("sigmoid-prime-of-activation", "matrices")
def prime_of_a_matrix(net, X, Y, eta):
    by_matrix(matrix.prime_of_a_book, net, X, Y, eta)


@wrong("sigmoid-prime-of-activation", "hidden layers only; matrices, in place", shows="last exact")
def prime_of_a_hidden(net, X, Y, eta):
    by_matrix(matrix.prime_of_a_hidden, net, X, Y, eta, step_in_place)


@wrong("activation-formula-on-z", "loop")
def formula_on_z_loop(net, mini_batch, eta):
    by_loop(single.formula_on_z_book, net, mini_batch, eta)


@wrong("activation-formula-on-z", "matrices")
def formula_on_z_matrix(net, X, Y, eta):
    by_matrix(matrix.formula_on_z_tape, net, X, Y, eta)


@wrong("activation-formula-on-z", "fused backward loop")
def formula_on_z_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    grad = acts[-1] - Y
    for l in range(len(zs) - 1, -1, -1):
        delta = grad * zs[l] * (1 - zs[l])
        grad = net.weights[l].T.dot(delta)
        net.weights[l] -= delta.dot(acts[l].T) * (eta / X.shape[1])
        net.biases[l] -= delta.sum(axis=1, keepdims=True) * (eta / X.shape[1])


@wrong("activation-index-late", "loop")
def late_activation_loop(net, mini_batch, eta):
    by_loop(single.late_activation_zip, net, mini_batch, eta)


@wrong("activation-index-late", "matrices")
def late_activation_matrix(net, X, Y, eta):
    by_matrix(matrix.late_activation_book, net, X, Y, eta, step_in_place)


@wrong("activation-index-late", "matrices, in a comprehension")
def late_activation_list(net, X, Y, eta):
    acts, deltas = errors(net, X, Y)
    net.weights = [w - eta / X.shape[1] * d @ a.T for w, d, a in zip(net.weights, deltas, acts[1:])]
    net.biases = [b - eta / X.shape[1] * d.sum(axis=1, keepdims=True) for b, d in zip(net.biases, deltas)]


@wrong("outer-product-transposed", "loop")
def outer_transposed_loop(net, mini_batch, eta):
    by_loop(single.outer_transposed_einsum, net, mini_batch, eta)


@wrong("outer-product-transposed", "matrices")
def outer_transposed_matrix(net, X, Y, eta):
    by_matrix(matrix.outer_transposed_list, net, X, Y, eta)


@wrong("outer-product-transposed", "transposed in the step")
def outer_transposed_step(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for l in range(len(nb)):
        net.weights[l] = net.weights[l] - eta / X.shape[1] * nw[l].T
        net.biases[l] = net.biases[l] - eta / X.shape[1] * nb[l]


@wrong("missing-transpose", "loop")
def no_transpose_loop(net, mini_batch, eta):
    by_loop(single.no_transpose_rows, net, mini_batch, eta)


@wrong("missing-transpose", "matrices, in place")
def no_transpose_matrix(net, X, Y, eta):
    by_matrix(matrix.no_transpose_rows, net, X, Y, eta, step_in_place)


@wrong("missing-transpose", "fused backward loop")
def no_transpose_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    grad = acts[-1] - Y
    for l in range(len(zs) - 1, -1, -1):
        delta = grad * sigmoid_prime(zs[l])
        grad = net.weights[l] @ delta
        net.weights[l] = net.weights[l] - delta @ acts[l].T * (eta / X.shape[1])
        net.biases[l] = net.biases[l] - delta.sum(axis=1, keepdims=True) * (eta / X.shape[1])


@wrong("weight-index-off-by-one", "loop")
def weight_off_loop(net, mini_batch, eta):
    by_loop(single.weight_off_recursion, net, mini_batch, eta)


@wrong("weight-index-off-by-one", "matrices")
def weight_off_matrix(net, X, Y, eta):
    by_matrix(matrix.weight_off_dictionary, net, X, Y, eta)


@wrong("weight-index-off-by-one", "pairs put side by side, in place")
def weight_off_pairs(net, mini_batch, eta):
    by_matrix(matrix.weight_off_book, net, *columns(mini_batch), eta, step_in_place)


@wrong("weight-index-hard-coded", "loop")
def weight_fixed_loop(net, mini_batch, eta):
    by_loop(single.weight_fixed_einsum, net, mini_batch, eta)


@wrong("weight-index-hard-coded", "matrices")
def weight_fixed_matrix(net, X, Y, eta):
    by_matrix(matrix.weight_fixed_once, net, X, Y, eta)


@wrong("weight-index-hard-coded", "loop over columns, in place")
def weight_fixed_columns(net, X, Y, eta):
    by_matrix(matrix.weight_fixed_columns, net, X, Y, eta, step_in_place)


@wrong("z-index-off-by-one", "loop")
def z_off_loop(net, mini_batch, eta):
    by_loop(single.z_off_down, net, mini_batch, eta)


@wrong("z-index-off-by-one", "matrices")
def z_off_matrix(net, X, Y, eta):
    by_matrix(matrix.z_off_down, net, X, Y, eta)


@wrong("z-index-off-by-one", "one layer up; matrices, in place")
def z_off_up(net, X, Y, eta):
    by_matrix(matrix.z_off_book, net, X, Y, eta, step_in_place)


@wrong("loop-one-layer-short", "loop")
def short_loop_loop(net, mini_batch, eta):
    by_loop(single.short_loop_positive, net, mini_batch, eta)


@wrong("loop-one-layer-short", "in the step: the first layer stays as it was")
def short_loop_step(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for l in range(1, len(nw)):
        net.weights[-l] -= eta / X.shape[1] * nw[-l]
        net.biases[-l] -= eta / X.shape[1] * nb[-l]


@wrong("loop-one-layer-short", "fused backward loop that stops above zero")
def short_loop_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    l, grad = len(zs) - 1, acts[-1] - Y
    while l > 0:
        delta = grad * dsig(zs[l])
        grad = net.weights[l].T @ delta
        net.weights[l] = net.weights[l] - eta / X.shape[1] * delta @ acts[l].T
        net.biases[l] = net.biases[l] - eta / X.shape[1] * delta.sum(axis=1, keepdims=True)
        l -= 1


@wrong("wrong-sign", "plus in the step")
def sign_plus(net, mini_batch, eta):
    by_loop(bpteach.backprop, net, mini_batch, -eta)


@wrong("wrong-sign", "+= in place")
def sign_in_place(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for l in range(len(nw)):
        net.weights[l] += eta / X.shape[1] * nw[l]
        net.biases[l] += eta / X.shape[1] * nb[l]


@wrong("wrong-sign", "y - a, and minus")
def sign_difference(net, X, Y, eta):
    by_matrix(matrix.sign_rows, net, X, Y, eta)


@wrong("factor-two", "loop")
def two_loop(net, mini_batch, eta):
    by_loop(single.two_book, net, mini_batch, eta)


@wrong("factor-two", "matrices, in place")
def two_matrix(net, X, Y, eta):
    by_matrix(matrix.two_insert, net, X, Y, eta, step_in_place)


@wrong("factor-two", "2 η in the step")
def two_step(net, X, Y, eta):
    by_matrix(bpteach.backprop_matrix, net, X, Y, 2 * eta)


# the mistakes of the sum over the mini-batch


@wrong("mean-for-sum", "η for η/m", shows="times m")
def mean_left_out(net, mini_batch, eta):
    nabla_b, nabla_w = zeros(net)
    for x, y in mini_batch:
        for total, part in zip(nabla_b + nabla_w, sum(bpteach.backprop(net, x, y), [])):
            total += part
    step(net, nabla_b, nabla_w, eta)


@wrong("mean-for-sum", "η for η/m, in place", shows="times m")
def mean_left_out_matrix(net, X, Y, eta):
    acts, deltas = errors(net, X, Y)
    for w, b, d, a in zip(net.weights, net.biases, deltas, acts):
        w -= eta * d @ a.T
        b -= eta * d.sum(axis=1, keepdims=True)


@wrong("mean-for-sum", "divided twice")
def mean_twice(net, X, Y, eta):
    by_matrix(matrix.mean_book, net, X, Y, eta)


@wrong("mean-for-sum", "divided twice, loop")
def mean_twice_loop(net, mini_batch, eta):
    m = len(mini_batch)
    by_loop(
        lambda net, x, y: [[part / m for part in half] for half in bpteach.backprop(net, x, y)], net, mini_batch, eta
    )


@wrong("bias-mean-weight-sum", "matrices")
def bias_mean_matrix(net, X, Y, eta):
    by_matrix(matrix.bias_mean, net, X, Y, eta)


@wrong("bias-mean-weight-sum", "loop: the biases' totals divided by m before the step")
def bias_mean_loop(net, mini_batch, eta):
    nabla_b, nabla_w = zeros(net)
    for x, y in mini_batch:
        parts_b, parts_w = bpteach.backprop(net, x, y)
        for l in range(len(nabla_b)):
            nabla_b[l] += parts_b[l] / len(mini_batch)
            nabla_w[l] += parts_w[l]
    step(net, nabla_b, nabla_w, eta / len(mini_batch))


@wrong("bias-mean-weight-sum", "η/m for the biases, η for the weights", shows="weights times m")
def bias_mean_rates(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w - eta * g for w, g in zip(net.weights, nw)]
    net.biases = [b - eta / X.shape[1] * g for b, g in zip(net.biases, nb)]


@wrong("bias-mean-weight-sum", "einsum, in place")
def bias_mean_einsum(net, X, Y, eta):
    by_matrix(matrix.bias_mean_average, net, X, Y, eta, step_in_place)


@wrong("bias-not-summed", "the biases become matrices")
def not_summed_matrix(net, X, Y, eta):
    by_matrix(matrix.not_summed_book, net, X, Y, eta)


@wrong("bias-not-summed", "in a comprehension")
def not_summed_list(net, X, Y, eta):
    acts, deltas = errors(net, X, Y)
    rate = eta / X.shape[1]
    net.biases = [b - rate * d for b, d in zip(net.biases, deltas)]
    net.weights = [w - rate * np.dot(d, a.T) for w, d, a in zip(net.weights, deltas, acts)]


@wrong("bias-not-summed", "in place, which raises", shows="raises")
def not_summed_in_place(net, X, Y, eta):
    by_matrix(matrix.not_summed_list, net, X, Y, eta, step_in_place)


@wrong("bias-wrong-axis", "over the neurons")
def axis_zero_matrix(net, X, Y, eta):
    by_matrix(matrix.axis_zero, net, X, Y, eta)


@wrong("bias-wrong-axis", "over everything: broadcast over the biases, in place")
def axis_all_in_place(net, X, Y, eta):
    by_matrix(matrix.axis_all, net, X, Y, eta, step_in_place)


@wrong("bias-wrong-axis", "over everything, loop")
def axis_all_loop(net, mini_batch, eta):
    by_loop(single.axis_broadcast, net, mini_batch, eta)


@wrong("bias-lost-dimension", "b - η nb broadcasts")
def flat_matrix(net, X, Y, eta):
    by_matrix(matrix.flat_sum, net, X, Y, eta)


@wrong("bias-lost-dimension", "loop, vectors")
def flat_loop(net, mini_batch, eta):
    nb, nw = [np.zeros(len(b)) for b in net.biases], [np.zeros(w.shape) for w in net.weights]
    for x, y in mini_batch:
        for total, part in zip(nb + nw, sum(single.flat_vectors(net, x, y), [])):
            total += part
    step(net, nb, nw, eta / len(mini_batch))


@wrong("bias-lost-dimension", "in place, which raises", shows="raises")
def flat_in_place(net, X, Y, eta):
    by_matrix(matrix.flat_einsum, net, X, Y, eta, step_in_place)


@wrong("bias-lost-dimension", "the biases themselves flattened")
def flat_biases(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w - eta / X.shape[1] * g for w, g in zip(net.weights, nw)]
    net.biases = [b.ravel() - eta / X.shape[1] * g.ravel() for b, g in zip(net.biases, nb)]


@wrong("bias-from-weights", "matrices")
def row_sums_matrix(net, X, Y, eta):
    by_matrix(matrix.row_sums, net, X, Y, eta)


@wrong("bias-from-weights", "loop")
def row_sums_loop(net, mini_batch, eta):
    by_loop(single.row_sums_loop, net, mini_batch, eta)


@wrong("bias-from-weights", "in the step, in place")
def row_sums_step(net, X, Y, eta):
    _, nw = bpteach.backprop_matrix(net, X, Y)
    for w, b, g in zip(net.weights, net.biases, nw):
        g = eta / X.shape[1] * g
        w -= g
        b -= g.sum(axis=1)[:, None]


@wrong("bias-one-dimensional", "matrices")
def one_dimensional_matrix(net, X, Y, eta):
    by_matrix(matrix.one_dimensional_bias, net, X, Y, eta)


@wrong("bias-one-dimensional", "rows, in place")
def one_dimensional_row(net, X, Y, eta):
    by_matrix(matrix.one_dimensional_row, net, X, Y, eta, step_in_place)


@wrong("bias-one-dimensional", "pairs put side by side")
def one_dimensional_pairs(net, mini_batch, eta):
    by_matrix(matrix.one_dimensional_lists, net, *columns(mini_batch), eta)


@wrong("last-example-only", "= for +=, loop")
def last_loop(net, mini_batch, eta):
    for x, y in mini_batch:
        nabla_b, nabla_w = bpteach.backprop(net, x, y)
    step(net, nabla_b, nabla_w, eta / len(mini_batch))


@wrong("last-example-only", "the totals made anew inside the loop")
def last_reset(net, mini_batch, eta):
    for x, y in mini_batch:
        nabla_b = [np.zeros_like(b) for b in net.biases]
        nabla_w = [np.zeros_like(w) for w in net.weights]
        parts_b, parts_w = bpteach.backprop(net, x, y)
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        nabla_w = [total + part for total, part in zip(nabla_w, parts_w)]
    step_in_place(net, nabla_b, nabla_w, eta / len(mini_batch))


@wrong("last-example-only", "old parameters kept: only the last step counts")
def last_step_counts(net, mini_batch, eta):
    old = net.copy()
    for x, y in mini_batch:
        nabla_b, nabla_w = bpteach.backprop(old, x, y)
        net.weights = [w - eta / len(mini_batch) * g for w, g in zip(old.weights, nabla_w)]
        net.biases = [b - eta / len(mini_batch) * g for b, g in zip(old.biases, nabla_b)]


@wrong("last-example-only", "columns, in place")
def last_columns(net, X, Y, eta):
    by_matrix(matrix.last_column, net, X, Y, eta, step_in_place)


@wrong("average-then-multiply", "matrices")
def average_matrix(net, X, Y, eta):
    by_matrix(matrix.average_sum, net, X, Y, eta)


@wrong("average-then-multiply", "δ and a summed over the loop, multiplied at the end")
def average_loop(net, mini_batch, eta):
    total_d, total_a, m = None, None, len(mini_batch)
    for x, y in mini_batch:
        acts, deltas = errors(net, x, y)
        total_d = deltas if total_d is None else [t + d for t, d in zip(total_d, deltas)]
        total_a = acts if total_a is None else [t + a for t, a in zip(total_a, acts)]
    step(net, total_d, [d @ a.T / m for d, a in zip(total_d, total_a)], eta / m)


@wrong("average-then-multiply", "means in the step, in place")
def average_step(net, X, Y, eta):
    acts, deltas = errors(net, X, Y)
    for w, b, d, a in zip(net.weights, net.biases, deltas, acts):
        w -= eta * np.outer(d.mean(axis=1), a.mean(axis=1))
        b -= eta * d.mean(axis=1, keepdims=True)


@wrong("elementwise-for-matrix-product", "matrices")
def times_matrix(net, X, Y, eta):
    by_matrix(matrix.times_book, net, X, Y, eta)


@wrong("elementwise-for-matrix-product", "pairs put side by side, in place")
def times_pairs(net, mini_batch, eta):
    by_matrix(matrix.times_multiply, net, *columns(mini_batch), eta, step_in_place)


@wrong("elementwise-for-matrix-product", "fused backward loop")
def times_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    grad = acts[-1] - Y
    for l in range(len(zs) - 1, -1, -1):
        delta = grad * sigmoid_prime(zs[l])
        grad = net.weights[l].T * delta
        net.weights[l] = net.weights[l] - delta @ acts[l].T * (eta / X.shape[1])
        net.biases[l] = net.biases[l] - delta.sum(axis=1, keepdims=True) * (eta / X.shape[1])


@wrong("activations-share-a-buffer", "matrices")
def shared_matrix(net, X, Y, eta):
    by_matrix(matrix.shared_one, net, X, Y, eta)


@wrong("activations-share-a-buffer", "loop")
def shared_loop(net, mini_batch, eta):
    by_loop(single.shared_out, net, mini_batch, eta)


@wrong("activations-share-a-buffer", "zs as well, in place")
def shared_z_too(net, X, Y, eta):
    by_matrix(matrix.shared_z_too, net, X, Y, eta, step_in_place)


# updated-too-early


@wrong("updated-too-early", "fused backward loop, in place")
def early_fused(net, X, Y, eta):
    zs, acts = forward(net, X)
    rate = eta / X.shape[1]
    delta = (acts[-1] - Y) * sigmoid_prime(zs[-1])
    net.weights[-1] -= rate * delta @ acts[-2].T
    net.biases[-1] -= rate * delta.sum(axis=1, keepdims=True)
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1].T @ delta * sigmoid_prime(zs[-l])
        net.weights[-l] -= rate * delta @ acts[-l - 1].T
        net.biases[-l] -= rate * delta.sum(axis=1, keepdims=True)


@wrong("updated-too-early", "tape, new arrays, positive indices")
def early_tape(net, X, Y, eta):
    acts = [X]
    for w, b in zip(net.weights, net.biases):
        acts.append(sig(w @ acts[-1] + b))
    grad = (acts[-1] - Y) * eta / X.shape[1]
    for l in reversed(range(len(net.weights))):
        delta = grad * acts[l + 1] * (1 - acts[l + 1])
        net.weights[l] = net.weights[l] - np.einsum("jm,km->jk", delta, acts[l])
        net.biases[l] = net.biases[l] - delta.sum(axis=1, keepdims=True)
        grad = np.dot(net.weights[l].T, delta)


@wrong("updated-too-early", "recursion")
def early_recursion(net, X, Y, eta):
    def go(l, A):
        if l == len(net.weights):
            return A - Y
        out = sigmoid(net.weights[l] @ A + net.biases[l])
        delta = go(l + 1, out) * out * (1 - out)
        net.weights[l] -= eta / X.shape[1] * delta @ A.T
        net.biases[l] -= eta / X.shape[1] * np.sum(delta, axis=1, keepdims=True)
        return net.weights[l].T @ delta

    go(0, X)


@wrong("updated-too-early", "pairs put side by side, layers as objects")
def early_objects(net, mini_batch, eta):
    X, Y = columns(mini_batch)
    layers = [single.Layer(w, b) for w, b in zip(net.weights, net.biases)]
    A = X
    for layer in layers:
        A = layer.forward(A)
    grad = A - Y
    for layer in reversed(layers):
        delta = grad * layer.out * (1 - layer.out)
        layer.w -= eta / len(mini_batch) * delta @ layer.a_in.T
        layer.b -= eta / len(mini_batch) * delta.sum(axis=1, keepdims=True)
        grad = layer.w.T @ delta


# update-inside-sample-loop


@wrong("update-inside-sample-loop", "η/m for each example")
def inside_rate(net, mini_batch, eta):
    for x, y in mini_batch:
        nabla_b, nabla_w = bpteach.backprop(net, x, y)
        step(net, nabla_b, nabla_w, eta / len(mini_batch))


@wrong("update-inside-sample-loop", "η for each example, in place")
def inside_eta(net, mini_batch, eta):
    for x, y in mini_batch:
        nabla_b, nabla_w = single.book(net, x, y)
        for l in range(len(nabla_b)):
            net.biases[l] -= eta * nabla_b[l]
            net.weights[l] -= eta * nabla_w[l]


@wrong("update-inside-sample-loop", "columns, the package's step for each")
def inside_columns(net, X, Y, eta):
    for i in range(X.shape[1]):
        bpteach.update_mini_batch_matrix(net, X[:, [i]], Y[:, [i]], eta / X.shape[1])


@wrong("update-inside-sample-loop", "the step indented once too far: the totals so far, each time")
def inside_indented(net, mini_batch, eta):
    nabla_b, nabla_w = zeros(net)
    for x, y in mini_batch:
        parts_b, parts_w = bpteach.backprop(net, x, y)
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        nabla_w = [total + part for total, part in zip(nabla_w, parts_w)]
        net.weights = [w - eta / len(mini_batch) * g for w, g in zip(net.weights, nabla_w)]
        net.biases = [b - eta / len(mini_batch) * g for b, g in zip(net.biases, nabla_b)]


@wrong("update-inside-sample-loop", "η for each column")
def inside_columns_eta(net, X, Y, eta):
    for x, y in zip(X.T, Y.T):
        nabla_b, nabla_w = single.right_positive(net, x[:, None], y[:, None])
        net.weights = [w - eta * g for w, g in zip(net.weights, nabla_w)]
        net.biases = [b - eta * g for b, g in zip(net.biases, nabla_b)]


# accumulator-not-reset


@wrong("accumulator-not-reset", "default arguments", maker=True)
def kept_default():
    def fn(net, mini_batch, eta, nabla_b=[], nabla_w=[]):
        if not nabla_b:
            nabla_b += [np.zeros(b.shape) for b in net.biases]
            nabla_w += [np.zeros(w.shape) for w in net.weights]
        for x, y in mini_batch:
            parts_b, parts_w = bpteach.backprop(net, x, y)
            for l in range(len(nabla_b)):
                nabla_b[l] += parts_b[l]
                nabla_w[l] += parts_w[l]
        step(net, nabla_b, nabla_w, eta / len(mini_batch))

    return fn


@wrong("accumulator-not-reset", "attributes of the network")
def kept_on_net(net, X, Y, eta):
    if not hasattr(net, "nabla_b"):
        net.nabla_b, net.nabla_w = zeros(net)
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for l in range(len(nb)):
        net.nabla_b[l] += nb[l]
        net.nabla_w[l] += nw[l]
        net.weights[l] -= eta / X.shape[1] * net.nabla_w[l]
        net.biases[l] -= eta / X.shape[1] * net.nabla_b[l]


@wrong("accumulator-not-reset", "closure, made anew when the sizes change", maker=True)
def kept_closure():
    kept = {}

    def fn(net, X, Y, eta):
        nb, nw = kept.setdefault(tuple(net.sizes), zeros(net))
        for total, part in zip(nb + nw, sum(bpteach.backprop_matrix(net, X, Y), [])):
            total += part
        step_in_place(net, nb, nw, eta / X.shape[1])

    return fn


@wrong("accumulator-not-reset", "a class with totals made in its constructor", maker=True)
def kept_class():
    class Trainer:
        totals = None

        def update(self, net, mini_batch, eta):
            if self.totals is None or [b.shape for b in self.totals[0]] != [b.shape for b in net.biases]:
                self.totals = zeros(net)
            for x, y in mini_batch:
                new = single.right_einsum(net, x, y)
                self.totals = tuple([t + p for t, p in zip(*pair)] for pair in zip(self.totals, new))
            step(net, *self.totals, eta / len(mini_batch))

    return Trainer().update


# biases-never-updated


@wrong("biases-never-updated", "only the weights")
def no_biases_loop(net, mini_batch, eta):
    _, nabla_w = zeros(net)
    for x, y in mini_batch:
        nabla_w = [total + part for total, part in zip(nabla_w, bpteach.backprop(net, x, y)[1])]
    net.weights = [w - eta / len(mini_batch) * g for w, g in zip(net.weights, nabla_w)]


@wrong("biases-never-updated", "b = b - ... in a loop: a new name, the list unchanged")
def no_biases_rebound(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for w, b, gw, gb in zip(net.weights, net.biases, nw, nb):
        w -= eta / X.shape[1] * gw
        b = b - eta / X.shape[1] * gb


@wrong("biases-never-updated", "a list of new biases that nobody keeps")
def no_biases_lost(net, X, Y, eta):
    acts, deltas = errors(net, X, Y)
    rate = eta / X.shape[1]
    net.weights[:] = [w - rate * d @ a.T for w, d, a in zip(net.weights, deltas, acts)]
    [b - rate * d.sum(axis=1, keepdims=True) for b, d in zip(net.biases, deltas)]


@wrong("biases-never-updated", "net.bias for net.biases")
def no_biases_misspelt(net, mini_batch, eta):
    X, Y = columns(mini_batch)
    nb, nw = matrix.right_einsum(net, X, Y)
    net.weights = [w - eta / len(mini_batch) * g for w, g in zip(net.weights, nw)]
    net.bias = [b - eta / len(mini_batch) * g for b, g in zip(net.biases, nb)]


# arguments-changed


@wrong("arguments-changed", "mini_batch popped until it is empty")
def changed_pop(net, mini_batch, eta):
    m = len(mini_batch)
    nb, nw = zeros(net)
    while mini_batch:
        x, y = mini_batch.pop()
        for total, part in zip(nb + nw, sum(bpteach.backprop(net, x, y), [])):
            total += part
    step(net, nb, nw, eta / m)


@wrong("arguments-changed", "mini_batch shuffled in place")
def changed_shuffle(net, mini_batch, eta):
    random.Random(3).shuffle(mini_batch)
    by_loop(bpteach.backprop, net, mini_batch, eta)


@wrong("arguments-changed", "mini_batch sorted in place")
def changed_sort(net, mini_batch, eta):
    mini_batch.sort(key=lambda pair: pair[0].sum())
    by_loop(bpteach.backprop, net, mini_batch, eta, step_in_place)


@wrong("arguments-changed", "Y turned into the difference")
def changed_y(net, X, Y, eta):
    by_matrix(matrix.changed_y, net, X, Y, eta)


@wrong("arguments-changed", "the inputs emptied afterwards")
def changed_x(net, X, Y, eta):
    bpteach.update_mini_batch_matrix(net, X, Y, eta)
    X.fill(0)


@wrong("arguments-changed", "each y turned into the difference")
def changed_each_y(net, mini_batch, eta):
    by_loop(single.changed_y, net, mini_batch, eta)


# two at once


@two("wrong-sign", "biases-never-updated", "plus")
def two_sign_biases(net, X, Y, eta):
    _, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w + eta / X.shape[1] * g for w, g in zip(net.weights, nw)]


@two("missing-transpose", "biases-never-updated", "loop")
def two_transpose_biases(net, mini_batch, eta):
    keep = net.biases
    by_loop(single.no_transpose_book, net, mini_batch, eta)
    net.biases = keep


@two("updated-too-early", "missing-hidden-sigmoid-prime", "fused")
def two_early_prime(net, X, Y, eta):
    zs, acts = forward(net, X)
    delta = (acts[-1] - Y) * dsig(zs[-1])
    for l in range(len(zs) - 1, -1, -1):
        net.weights[l] -= eta / X.shape[1] * delta @ acts[l].T
        net.biases[l] -= eta / X.shape[1] * delta.sum(axis=1, keepdims=True)
        delta = net.weights[l].T @ delta


@two("mean-for-sum", "weight-index-off-by-one", "matrices")
def two_mean_index(net, X, Y, eta):
    by_matrix(matrix.weight_off_book, net, X, Y, eta * X.shape[1])


@two("last-example-only", "outer-product-transposed", "loop")
def two_last_outer(net, mini_batch, eta):
    for x, y in mini_batch:
        nb, nw = single.outer_transposed_outer(net, x, y)
    step(net, nb, nw, eta / len(mini_batch))


@two("update-inside-sample-loop", "missing-output-sigmoid-prime", "loop")
def two_inside_prime(net, mini_batch, eta):
    for x, y in mini_batch:
        step(net, *single.no_output_prime_book(net, x, y), eta / len(mini_batch))


@two("factor-two", "loop-one-layer-short", "matrices")
def two_factor_short(net, X, Y, eta):
    by_matrix(matrix.short_loop_book, net, X, Y, 2 * eta)


@two("bias-mean-weight-sum", "z-index-off-by-one", "matrices")
def two_bias_z(net, X, Y, eta):
    nb, nw = matrix.z_off_book(net, X, Y)
    step(net, [b / X.shape[1] for b in nb], nw, eta / X.shape[1])


# not in the catalogue


@other("η left out")
def other_no_eta(net, mini_batch, eta):
    by_loop(bpteach.backprop, net, mini_batch, 1.0)


@other("η squared")
def other_eta_squared(net, X, Y, eta):
    by_matrix(bpteach.backprop_matrix, net, X, Y, eta * eta)


@other("the weights never change")
def other_no_weights(net, X, Y, eta):
    nb, _ = bpteach.backprop_matrix(net, X, Y)
    net.biases = [b - eta / X.shape[1] * g for b, g in zip(net.biases, nb)]


@other("nothing changes: the step is taken on a copy")
def other_copy(net, mini_batch, eta):
    net = net.copy()
    bpteach.update_mini_batch(net, mini_batch, eta)
    return net


@other("nothing changes: w = w - ... in a loop")
def other_rebound(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for w, b, gw, gb in zip(net.weights, net.biases, nw, nb):
        w = w - eta / X.shape[1] * gw
        b = b - eta / X.shape[1] * gb


@other("only the last layer learns")
def other_last_layer(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights[-1] -= eta / X.shape[1] * nw[-1]
    net.biases[-1] -= eta / X.shape[1] * nb[-1]


@other("divided by the number of inputs, len(X)")
def other_rows(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, nb, nw, eta / len(X))


@other("the first example only")
def other_first_example(net, mini_batch, eta):
    for x, y in mini_batch:
        step(net, *bpteach.backprop(net, x, y), eta / len(mini_batch))
        return


@other("weight decay")
def other_decay(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, nb, [g + 0.1 * w for g, w in zip(nw, net.weights)], eta / X.shape[1])


@other("momentum", maker=True)
def other_momentum():
    speed = {}

    def fn(net, X, Y, eta):
        old = speed.get(tuple(net.sizes), zeros(net))
        new = bpteach.backprop_matrix(net, X, Y)
        now = tuple([0.9 * p + q for p, q in zip(*pair)] for pair in zip(old, new))
        speed[tuple(net.sizes)] = now
        step(net, *now, eta / X.shape[1])

    return fn


@other("a minus sign for the weights, a plus sign for the biases")
def other_half_sign(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, [-b for b in nb], nw, eta / X.shape[1])


@other("the step is taken twice")
def other_twice(net, mini_batch, eta):
    bpteach.update_mini_batch(net, mini_batch, eta)
    bpteach.update_mini_batch(net, mini_batch, eta)


@other("the parameters replaced by the step")
def other_replaced(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [-eta / X.shape[1] * g for g in nw]
    net.biases = [-eta / X.shape[1] * g for g in nb]


@other("noise in the step")
def other_noise(net, X, Y, eta, rng=np.random.default_rng(0)):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, nb, [g * (1 + 0.01 * rng.standard_normal(g.shape)) for g in nw], eta / X.shape[1])


# more ways to make the same mistakes


@wrong("update-inside-sample-loop", "the examples from the last to the first")
def inside_reversed(net, mini_batch, eta):
    for x, y in reversed(mini_batch):
        step_in_place(net, *bpteach.backprop(net, x, y), eta / len(mini_batch))


@wrong("mean-for-sum", "divided by m twice: in the gradient and in the step, loop in place")
def mean_twice_in_place(net, mini_batch, eta):
    m = len(mini_batch)
    nb, nw = zeros(net)
    for x, y in mini_batch:
        for total, part in zip(nb + nw, sum(single.right_insert(net, x, y), [])):
            total += part
    for array in nb + nw:
        array /= m
    step_in_place(net, nb, nw, eta / m)


@wrong("biases-never-updated", "net.biases[:] = net.biases")
def no_biases_same(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w - eta / X.shape[1] * g for w, g in zip(net.weights, nw)]
    net.biases = [b - 0 * g for b, g in zip(net.biases, nb)]


@wrong("biases-never-updated", "the biases' gradients are never summed: zeros")
def no_biases_zero(net, mini_batch, eta):
    nabla_b, nabla_w = zeros(net)
    for x, y in mini_batch:
        _, parts = bpteach.backprop(net, x, y)
        nabla_w = [total + part for total, part in zip(nabla_w, parts)]
    step(net, nabla_b, nabla_w, eta / len(mini_batch))


TOTALS = {}


@wrong("accumulator-not-reset", "a global dictionary", maker=True)
def kept_global():
    TOTALS.clear()

    def fn(net, mini_batch, eta):
        nb, nw = TOTALS.setdefault(tuple(net.sizes), zeros(net))
        for x, y in mini_batch:
            for total, part in zip(nb + nw, sum(bpteach.backprop(net, x, y), [])):
                total += part
        step_in_place(net, nb, nw, eta / len(mini_batch))

    return fn


@right("the network's lists become tuples of new arrays, then lists again")
def right_tuples(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = tuple(w - eta / X.shape[1] * g for w, g in zip(net.weights, nw))
    net.weights = list(net.weights)
    net.biases = list(map(lambda b, g: b - eta / X.shape[1] * g, net.biases, nb))


@right("what was computed is kept on the network")
def right_attributes(net, X, Y, eta):
    net.acts, net.deltas = errors(net, X, Y)
    net.rate = eta / X.shape[1]
    for l in range(len(net.weights)):
        net.weights[l] = net.weights[l] - net.rate * net.deltas[l] @ net.acts[l].T
        net.biases[l] = net.biases[l] - net.rate * net.deltas[l].sum(axis=1, keepdims=True)


@right("mini_batch gone through by index")
def right_indices(net, mini_batch, eta):
    for_all = [single.right_generators(net, mini_batch[i][0], mini_batch[i][1]) for i in range(len(mini_batch))]
    for nabla_b, nabla_w in for_all:
        step(net, nabla_b, nabla_w, eta / len(for_all))


unclear = UPDATE.unclear


@unclear("updated-too-early", "update-inside-sample-loop", style="both: a fused step for each example")
def unclear_early_inside(net, mini_batch, eta):
    for x, y in mini_batch:
        early_fused(net, x, y, eta / len(mini_batch))


@unclear("updated-too-early", style="fused, the output layer's weights in time, the others early")
def unclear_early_hidden(net, X, Y, eta):
    zs, acts = forward(net, X)
    grad, rate = acts[-1] - Y, eta / X.shape[1]
    for l in range(len(zs) - 1, -1, -1):
        delta = grad * dsig(zs[l])
        old = net.weights[l]
        net.weights[l] = old - rate * delta @ acts[l].T
        net.biases[l] = net.biases[l] - rate * delta.sum(axis=1, keepdims=True)
        grad = (old if l == len(zs) - 1 else net.weights[l]).T @ delta


@unclear("updated-too-early", style="η for η/m, early")
def unclear_early_eta(net, X, Y, eta):
    early_fused(net, X, Y, eta * X.shape[1])


@unclear("updated-too-early", style="the forward pass again after the biases changed")
def unclear_forward_again(net, X, Y, eta):
    nb, _ = bpteach.backprop_matrix(net, X, Y)
    net.biases = [b - eta / X.shape[1] * g for b, g in zip(net.biases, nb)]
    _, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w - eta / X.shape[1] * g for w, g in zip(net.weights, nw)]


@unclear("accumulator-not-reset", style="only the biases' sums are carried over", maker=True)
def unclear_kept_half():
    kept = {}

    def fn(net, X, Y, eta):
        nb, nw = bpteach.backprop_matrix(net, X, Y)
        old = kept.get(tuple(net.sizes), zeros(net)[0])
        kept[tuple(net.sizes)] = nb = [p + q for p, q in zip(nb, old)]
        step(net, nb, nw, eta / X.shape[1])

    return fn


@unclear("last-example-only", style="= for +=, and η for η/m")
def unclear_last_eta(net, mini_batch, eta):
    for x, y in mini_batch:
        nabla_b, nabla_w = bpteach.backprop(net, x, y)
    step(net, nabla_b, nabla_w, eta)


@unclear("last-example-only", style="the list ends before its last example")
def unclear_all_but_last(net, mini_batch, eta):
    bpteach.update_mini_batch(net, mini_batch[:-1], eta)


@unclear("biases-never-updated", style="the biases learn at a tenth of the rate")
def unclear_slow_biases(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, [b / 10 for b in nb], nw, eta / X.shape[1])


@unclear("arguments-changed", style="η left on the network, m/η for η/m")
def unclear_inverse(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, nb, nw, X.shape[1] / eta)


@unclear("update-inside-sample-loop", "accumulator-not-reset", style="sums so far, η, in place")
def unclear_indented_eta(net, mini_batch, eta):
    nb, nw = zeros(net)
    for x, y in mini_batch:
        for total, part in zip(nb + nw, sum(bpteach.backprop(net, x, y), [])):
            total += part
        step_in_place(net, nb, nw, eta)


@unclear("accumulator-not-reset", "update-inside-sample-loop", style="a step for each pair of examples")
def unclear_pairs(net, mini_batch, eta):
    for i in range(0, len(mini_batch), 2):
        part = mini_batch[i : i + 2]
        bpteach.update_mini_batch(net, part, eta * len(part) / len(mini_batch))


@unclear(style="the step divided by the number of layers")
def unclear_layers(net, X, Y, eta):
    by_matrix(bpteach.backprop_matrix, net, X, Y, eta / len(net.sizes))


@unclear("mean-for-sum", style="η times m")
def unclear_times_m(net, X, Y, eta):
    by_matrix(bpteach.backprop_matrix, net, X, Y, eta * X.shape[1] ** 2)


@unclear("update-inside-sample-loop", style="only the weights at once, the biases at the end")
def unclear_inside_weights(net, mini_batch, eta):
    nabla_b, rate = zeros(net)[0], eta / len(mini_batch)
    for x, y in mini_batch:
        parts_b, parts_w = bpteach.backprop(net, x, y)
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        net.weights = [w - rate * part for w, part in zip(net.weights, parts_w)]
    net.biases = [b - rate * total for b, total in zip(net.biases, nabla_b)]


@other("the rate of the first call, for good", maker=True)
def other_first_rate():
    rates = []

    def fn(net, X, Y, eta):
        rates.append(eta / X.shape[1])
        by_matrix(bpteach.backprop_matrix, net, X, Y, rates[0] * X.shape[1])

    return fn


@other("divided by ten, the mini-batch size of the book's run")
def other_by_ten(net, mini_batch, eta):
    by_loop(bpteach.backprop, net, mini_batch, eta / 10 * len(mini_batch))


@other("η grows with the calls", maker=True)
def other_growing():
    calls = []

    def fn(net, X, Y, eta):
        calls.append(eta)
        by_matrix(bpteach.backprop_matrix, net, X, Y, eta * (1 + len(calls)) / 2)

    return fn


@other("Nesterov's way: the gradient at a place a step ahead")
def other_ahead(net, X, Y, eta):
    ahead = net.copy()
    bpteach.update_mini_batch_matrix(ahead, X, Y, eta)
    by_matrix(lambda net, X, Y: bpteach.backprop_matrix(ahead, X, Y), net, X, Y, eta)


@other("the gradient's length normalised")
def other_normalised(net, X, Y, eta):
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, [b / np.linalg.norm(b) for b in nb], [w / np.linalg.norm(w) for w in nw], eta)


@other("only the sign of the gradient counts")
def other_signs(net, mini_batch, eta):
    by_matrix(
        lambda *given: [[np.sign(g) for g in half] for half in bpteach.backprop_matrix(*given)],
        net,
        *columns(mini_batch),
        eta,
    )
