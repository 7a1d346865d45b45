"""What learners write for the step, (net, mini_batch, eta) or (net, X, Y, eta): right, and wrong in every way."""
# The functions of the text below, in the notation of learners.py, use these names.
# ruff: noqa: B905, F401

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

UPDATE = Register("update", "net, X, Y, eta", "net, mini_batch, eta")
TOTALS = {}


# helpers such as learners write beside their function


def columns(mini_batch):
    return np.hstack([x for x, _ in mini_batch]), np.hstack([y for _, y in mini_batch])


def step(net, nabla_b, nabla_w, rate):
    net.weights = [w - rate * nw for w, nw in zip(net.weights, nabla_w)]
    net.biases = [b - rate * nb for b, nb in zip(net.biases, nabla_b)]


def step_in_place(net, nabla_b, nabla_w, rate):
    for array, slope in zip(net.biases + net.weights, list(nabla_b) + list(nabla_w)):
        array -= rate * slope


def total_of(gradient, net, mini_batch):
    nabla_b, nabla_w = zeros(net)
    for x, y in mini_batch:
        parts_b, parts_w = gradient(net, x, y)
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        nabla_w = [total + part for total, part in zip(nabla_w, parts_w)]
    return nabla_b, nabla_w


def by_loop(gradient, net, mini_batch, eta, move=step):
    move(net, *total_of(gradient, net, mini_batch), eta / len(mini_batch))


def by_matrix(gradient, net, X, Y, eta, move=step):
    move(net, *gradient(net, X, Y), eta / X.shape[1])


class Trainer:
    """Keeps its totals from one step to the next."""

    totals = None

    def update(self, net, mini_batch, eta):
        if self.totals is None or [b.shape for b in self.totals[0]] != [b.shape for b in net.biases]:
            self.totals = zeros(net)
        for x, y in mini_batch:
            new = single.right_einsum(net, x, y)
            self.totals = tuple([t + p for t, p in zip(*pair)] for pair in zip(self.totals, new))
        step(net, *self.totals, eta / len(mini_batch))


TEXT = """
== base ==
package
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, nb, nw, eta / X.shape[1])
lists
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = [w - eta / X.shape[1] * g for w, g in zip(net.weights, nw)]
    net.biases = [b - eta / X.shape[1] * g for b, g in zip(net.biases, nb)]
lists_of_errors
    acts, deltas = errors(net, X, Y)
    rate = eta / X.shape[1]
    net.weights = [w - rate * d @ a.T for w, d, a in zip(net.weights, deltas, acts)]
    net.biases = [b - rate * d.sum(axis=1, keepdims=True) for b, d in zip(net.biases, deltas)]
items
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    for l in range(len(net.weights)):
        net.weights[l] -= eta / X.shape[1] * nw[l]
        net.biases[l] -= eta / X.shape[1] * nb[l]
fused
    zs, acts = forward(net, X)
    grad, rate = acts[-1] - Y, eta / X.shape[1]
    for l in range(len(zs) - 1, -1, -1):
        delta = grad * sigmoid_prime(zs[l])
        grad = net.weights[l].T @ delta
        net.weights[l] = net.weights[l] - rate * delta @ acts[l].T
        net.biases[l] = net.biases[l] - rate * delta.sum(axis=1, keepdims=True)
loop
    for x, y in mini_batch:
        nabla_b, nabla_w = bpteach.backprop(net, x, y)
        step(net, nabla_b, nabla_w, eta / len(mini_batch))
totals
    nb, nw = zeros(net)
    for x, y in mini_batch:
        for total, part in zip(nb + nw, sum(bpteach.backprop(net, x, y), [])):
            total += part
    step(net, nb, nw, eta / len(mini_batch))

== right ==
book | the book's
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    for x, y in mini_batch:
        delta_nabla_b, delta_nabla_w = single.book(net, x, y)
        nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]
        nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]
    net.weights = [w - (eta / len(mini_batch)) * nw for w, nw in zip(net.weights, nabla_w)]
    net.biases = [b - (eta / len(mini_batch)) * nb for b, nb in zip(net.biases, nabla_b)]
right_package_loop | the package's loop | bpteach.update_mini_batch(net, mini_batch, eta)
right_package_matrix | the package's matrices | return bpteach.update_mini_batch_matrix(net, X, Y, eta)
right_pairs_to_matrix | the package's matrices, from pairs
    bpteach.update_mini_batch_matrix(net, *columns(mini_batch), eta)
right_items | in place, item by item | items
right_means | means, then η; returns the network
    acts, deltas = errors(net, X, Y)
    m = X.shape[1]
    net.biases[:] = [b - eta * d.mean(axis=1, keepdims=True) for b, d in zip(net.biases, deltas)]
    net.weights[:] = [w - eta * (d @ a.T / m) for w, d, a in zip(net.weights, deltas, acts)]
    return net
right_fused | one backward loop that changes a layer after its weights were used | fused
right_biases_early | the biases early, which does no harm
    zs, acts = forward(net, X)
    deltas = [(acts[-1] - Y) * dsig(zs[-1])]
    net.biases[-1] = net.biases[-1] - eta / len(X.T) * deltas[0].sum(1, keepdims=True)
    for l in range(2, len(acts)):
        deltas.insert(0, net.weights[-l + 1].T @ deltas[0] * dsig(zs[-l]))
        net.biases[-l] = net.biases[-l] - eta / len(X.T) * deltas[0].sum(1, keepdims=True)
    net.weights = [w - eta / len(X.T) * (d @ a.T) for w, d, a in zip(net.weights, deltas, acts)]
right_folded | the rate folded into δ, einsum
    acts, deltas = errors(net, X, Y)
    for w, b, d, a in zip(net.weights, net.biases, deltas, acts):
        d *= eta / d.shape[1]
        w -= np.einsum("jm,km->jk", d, a)
        b -= np.einsum("jm->j", d)[:, None]
right_frozen | steps one by one, gradients at a frozen copy | loop:
    for x, y in mini_batch → old = net.copy() ¶ for x, y in reversed(mini_batch)
    bpteach.backprop(net, → single.right_recursion(old,
right_list_first | all gradients first, then steps one by one
    gradients = [bpteach.backprop(net, x, y) for x, y in mini_batch]
    for nabla_b, nabla_w in gradients:
        step_in_place(net, nabla_b, nabla_w, eta / len(gradients))
right_two_signs | plus, with y - a
    zs, acts = forward(net, X)
    error, m = Y - acts[-1], X.shape[1]
    new = []
    for l in reversed(range(len(zs))):
        error = error * acts[l + 1] * (1 - acts[l + 1])
        w, b = net.weights[l], net.biases[l]
        new.append((w + eta / m * error @ acts[l].T, b + eta / m * error.sum(1).reshape(b.shape)))
        error = w.T @ error
    net.weights, net.biases = map(list, zip(*new[::-1]))
right_map | partial, map, np.subtract(out=)
    gradient = partial(single.right_einsum, net)
    parts = [sum(map(list, gradient(x, y)), []) for x, y in mini_batch]
    for array, slopes in zip(net.biases + net.weights, zip(*parts)):
        np.subtract(array, eta * np.mean(slopes, axis=0), out=array)
right_shuffled_copy | accumulators in place, copies of the examples shuffled | totals:
    in mini_batch: → in sorted(mini_batch, key=lambda pair: -pair[0].sum()): && bpteach.backprop → single.right_insert
    step( → step_in_place(
right_columns | a loop over columns
    by_loop(single.right_tape, net, [(X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])], eta)
right_neurons | explicit loops over neurons
    nabla_b, nabla_w = matrix.right_rows(net, X, Y)
    for l, w in enumerate(net.weights):
        for j in range(w.shape[0]):
            net.biases[l][j, 0] -= eta * nabla_b[l][j, 0] / X.shape[1]
            for k in range(w.shape[1]):
                w[j, k] -= eta * nabla_w[l][j, k] / X.shape[1]
right_reset | accumulators kept, and set to zero at the start [keeps kept = {}] | totals:
    zeros(net) → kept.setdefault(tuple(net.sizes), zeros(net)) ¶ for total in nb + nw: ¶     total[:] = 0
right_tuples | the network's lists become tuples of new arrays, then lists again
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    net.weights = tuple(w - eta / X.shape[1] * g for w, g in zip(net.weights, nw))
    net.weights = list(net.weights)
    net.biases = list(map(lambda b, g: b - eta / X.shape[1] * g, net.biases, nb))
right_attributes | what was computed is kept on the network | lists_of_errors: deltas → net.deltas && acts → net.acts
    rate → net.rate
right_indices | mini_batch gone through by index
    for_all = [single.right_generators(net, mini_batch[i][0], mini_batch[i][1]) for i in range(len(mini_batch))]
    for nabla_b, nabla_w in for_all:
        step(net, nabla_b, nabla_w, eta / len(for_all))

== wrong: missing-output-sigmoid-prime; shows all wrong ==
no_output_prime_loop | loop | by_loop(single.no_output_prime_insert, net, mini_batch, eta)
no_output_prime_fused | matrices, fused | fused:
    grad * sigmoid_prime(zs[l]) → grad * (1 if l == len(zs) - 1 else sigmoid_prime(zs[l]))
no_output_prime_matrix | matrices, in place | by_matrix(matrix.no_output_prime_rows, net, X, Y, eta, step_in_place)

== wrong: missing-hidden-sigmoid-prime; shows last exact ==
no_hidden_prime_loop | loop, in place | by_loop(single.no_hidden_prime_reduce, net, mini_batch, eta, step_in_place)
no_hidden_prime_fused | matrices, fused | fused:
    grad * sigmoid_prime(zs[l]) → grad * (sigmoid_prime(zs[l]) if l == len(zs) - 1 else 1)
no_hidden_prime_pairs | pairs put side by side | by_matrix(matrix.no_hidden_prime_book, net, *columns(mini_batch), eta)

== wrong: sigmoid-prime-of-activation; shows all wrong ==
prime_of_a_loop | loop | by_loop(single.prime_of_a_tape, net, mini_batch, eta)
prime_of_a_matrix | matrices | by_matrix(matrix.prime_of_a_book, net, X, Y, eta)
prime_of_a_hidden | hidden layers only; matrices, in place [shows last exact]
    by_matrix(matrix.prime_of_a_hidden, net, X, Y, eta, step_in_place)

== wrong: activation-formula-on-z; shows all wrong ==
formula_on_z_loop | loop | by_loop(single.formula_on_z_book, net, mini_batch, eta)
formula_on_z_matrix | matrices | by_matrix(matrix.formula_on_z_tape, net, X, Y, eta)
formula_on_z_fused | fused backward loop | fused: sigmoid_prime(zs[l]) → zs[l] * (1 - zs[l])

== wrong: activation-index-late; shows biases exact ==
late_activation_loop | loop | by_loop(single.late_activation_zip, net, mini_batch, eta)
late_activation_matrix | matrices | by_matrix(matrix.late_activation_book, net, X, Y, eta, step_in_place)
late_activation_list | matrices, in a comprehension | lists_of_errors: deltas, acts) → deltas, acts[1:])

== wrong: outer-product-transposed; shows biases exact ==
outer_transposed_loop | loop | by_loop(single.outer_transposed_einsum, net, mini_batch, eta)
outer_transposed_matrix | matrices | by_matrix(matrix.outer_transposed_list, net, X, Y, eta)
outer_transposed_step | transposed in the step | lists: [1] * g for w → [1] * g.T for w

== wrong: missing-transpose; shows last exact ==
no_transpose_loop | loop | by_loop(single.no_transpose_rows, net, mini_batch, eta)
no_transpose_matrix | matrices, in place | by_matrix(matrix.no_transpose_rows, net, X, Y, eta, step_in_place)
no_transpose_fused | fused backward loop | fused: net.weights[l].T @ delta → net.weights[l] @ delta

== wrong: weight-index-off-by-one; shows last exact ==
weight_off_loop | loop | by_loop(single.weight_off_recursion, net, mini_batch, eta)
weight_off_matrix | matrices | by_matrix(matrix.weight_off_dictionary, net, X, Y, eta)
weight_off_pairs | pairs put side by side, in place
    by_matrix(matrix.weight_off_book, net, *columns(mini_batch), eta, step_in_place)

== wrong: weight-index-hard-coded; shows last two exact ==
weight_fixed_loop | loop | by_loop(single.weight_fixed_einsum, net, mini_batch, eta)
weight_fixed_matrix | matrices | by_matrix(matrix.weight_fixed_once, net, X, Y, eta)
weight_fixed_columns | loop over columns, in place
    by_matrix(matrix.weight_fixed_columns, net, X, Y, eta, step_in_place)

== wrong: z-index-off-by-one; shows last exact ==
z_off_loop | loop | by_loop(single.z_off_down, net, mini_batch, eta)
z_off_matrix | matrices | by_matrix(matrix.z_off_down, net, X, Y, eta)
z_off_up | one layer up; matrices, in place | by_matrix(matrix.z_off_book, net, X, Y, eta, step_in_place)

== wrong: loop-one-layer-short; shows first zero ==
short_loop_loop | loop | by_loop(single.short_loop_positive, net, mini_batch, eta)
short_loop_step | in the step: the first layer stays as it was | items: range(len → range(1, len
short_loop_fused | fused backward loop that stops above zero | fused:
    range(len(zs) - 1, -1, -1) → range(len(zs) - 1, 0, -1)

== wrong: wrong-sign; shows times -1 ==
sign_plus | plus in the step | by_loop(bpteach.backprop, net, mini_batch, -eta)
sign_in_place | += in place | items: -= → +=
sign_difference | y - a, and minus | by_matrix(matrix.sign_rows, net, X, Y, eta)

== wrong: factor-two; shows times 2 ==
two_loop | loop | by_loop(single.two_book, net, mini_batch, eta)
two_matrix | matrices, in place | by_matrix(matrix.two_insert, net, X, Y, eta, step_in_place)
two_step | 2 η in the step | by_matrix(bpteach.backprop_matrix, net, X, Y, 2 * eta)

== wrong: mean-for-sum; shows times 1/m ==
mean_left_out | η for η/m [shows times m] | totals: eta / len(mini_batch) → eta
mean_left_out_matrix | η for η/m, in place [shows times m] | items: eta / X.shape[1] → eta
mean_twice | divided twice | by_matrix(matrix.mean_book, net, X, Y, eta)
mean_twice_loop | divided twice, loop
    def mean_twice_loop(net, mini_batch, eta):
        m = len(mini_batch)
        mean = lambda net, x, y: [[part / m for part in half] for half in bpteach.backprop(net, x, y)]
        by_loop(mean, net, mini_batch, eta)
mean_twice_in_place | divided by m twice: in the gradient and in the step, loop in place | totals:
    step( → for array in nb + nw: ¶     array /= len(mini_batch) ¶ step_in_place(

== wrong: bias-mean-weight-sum; shows biases times 1/m ==
bias_mean_matrix | matrices | by_matrix(matrix.bias_mean, net, X, Y, eta)
bias_mean_loop | loop: the biases' totals divided by m before the step | totals:
    step(net, nb → step(net, [b / len(mini_batch) for b in nb]
bias_mean_rates | η/m for the biases, η for the weights [shows weights times m] | lists: w - eta / X.shape[1] → w - eta
bias_mean_einsum | einsum, in place | by_matrix(matrix.bias_mean_average, net, X, Y, eta, step_in_place)

== wrong: bias-not-summed; shows bias shape ==
not_summed_matrix | the biases become matrices | by_matrix(matrix.not_summed_book, net, X, Y, eta)
not_summed_list | in a comprehension | lists_of_errors: .sum(axis=1, keepdims=True) →
not_summed_in_place | in place, which raises [shows raises]
    by_matrix(matrix.not_summed_list, net, X, Y, eta, step_in_place)

== wrong: bias-wrong-axis; shows weights exact ==
axis_zero_matrix | over the neurons | by_matrix(matrix.axis_zero, net, X, Y, eta)
axis_all_in_place | over everything: broadcast over the biases, in place
    by_matrix(matrix.axis_all, net, X, Y, eta, step_in_place)
axis_all_loop | over everything, loop | by_loop(single.axis_broadcast, net, mini_batch, eta)

== wrong: bias-lost-dimension; shows bias shape ==
flat_matrix | b - η nb broadcasts | by_matrix(matrix.flat_sum, net, X, Y, eta)
flat_loop | loop, vectors | totals:
    zeros(net) → [np.zeros(len(b)) for b in net.biases], [np.zeros(w.shape) for w in net.weights]
    bpteach.backprop → single.flat_vectors
flat_in_place | in place, which raises [shows raises] | by_matrix(matrix.flat_einsum, net, X, Y, eta, step_in_place)
flat_biases | the biases themselves flattened | lists:
    b - eta / X.shape[1] * g → b.ravel() - eta / X.shape[1] * g.ravel()

== wrong: bias-from-weights; shows weights exact ==
row_sums_matrix | matrices | by_matrix(matrix.row_sums, net, X, Y, eta)
row_sums_loop | loop | by_loop(single.row_sums_loop, net, mini_batch, eta)
row_sums_step | in the step, in place | items: nb[l] → nw[l].sum(axis=1)[:, None]

== wrong: bias-one-dimensional; shows all wrong ==
one_dimensional_matrix | matrices | by_matrix(matrix.one_dimensional_bias, net, X, Y, eta)
one_dimensional_row | rows, in place | by_matrix(matrix.one_dimensional_row, net, X, Y, eta, step_in_place)
one_dimensional_pairs | pairs put side by side | by_matrix(matrix.one_dimensional_lists, net, *columns(mini_batch), eta)

== wrong: last-example-only; shows last column ==
last_loop | = for +=, loop
    for x, y in mini_batch:
        nabla_b, nabla_w = bpteach.backprop(net, x, y)
    step(net, nabla_b, nabla_w, eta / len(mini_batch))
last_reset | the totals made anew inside the loop | totals: step( → step_in_place(
    in mini_batch: → in mini_batch: ¶     nb, nw = zeros(net)
last_step_counts | old parameters kept: only the last step counts
    old = net.copy()
    for x, y in mini_batch:
        nabla_b, nabla_w = bpteach.backprop(old, x, y)
        net.weights = [w - eta / len(mini_batch) * g for w, g in zip(old.weights, nabla_w)]
        net.biases = [b - eta / len(mini_batch) * g for b, g in zip(old.biases, nabla_b)]
last_columns | columns, in place | by_matrix(matrix.last_column, net, X, Y, eta, step_in_place)

== wrong: average-then-multiply; shows rank one ==
average_matrix | matrices | by_matrix(matrix.average_sum, net, X, Y, eta)
average_loop | δ and a summed over the loop, multiplied at the end
    total_d, total_a, m = None, None, len(mini_batch)
    for x, y in mini_batch:
        acts, deltas = errors(net, x, y)
        total_d = deltas if total_d is None else [t + d for t, d in zip(total_d, deltas)]
        total_a = acts if total_a is None else [t + a for t, a in zip(total_a, acts)]
    step(net, total_d, [d @ a.T / m for d, a in zip(total_d, total_a)], eta / m)
average_step | means in the step, in place
    acts, deltas = errors(net, X, Y)
    for w, b, d, a in zip(net.weights, net.biases, deltas, acts):
        w -= eta * np.outer(d.mean(axis=1), a.mean(axis=1))
        b -= eta * d.mean(axis=1, keepdims=True)

== wrong: elementwise-for-matrix-product; shows last exact ==
times_matrix | matrices | by_matrix(matrix.times_book, net, X, Y, eta)
times_pairs | pairs put side by side, in place
    by_matrix(matrix.times_multiply, net, *columns(mini_batch), eta, step_in_place)
times_fused | fused backward loop | fused: net.weights[l].T @ delta → net.weights[l].T * delta

== wrong: activations-share-a-buffer; shows some weights ==
shared_matrix | matrices | by_matrix(matrix.shared_one, net, X, Y, eta)
shared_loop | loop | by_loop(single.shared_out, net, mini_batch, eta)
shared_z_too | zs as well, in place | by_matrix(matrix.shared_z_too, net, X, Y, eta, step_in_place)

== wrong: updated-too-early; shows less with eta ==
early_fused | fused backward loop, in place | fused: grad = net.weights[l].T @ delta →
    keepdims=True) → keepdims=True) ¶ grad = net.weights[l].T @ delta
    net.weights[l] = net.weights[l] - → net.weights[l] -= && net.biases[l] = net.biases[l] - → net.biases[l] -=
early_tape | tape, new arrays, positive indices
    acts = [X]
    for w, b in zip(net.weights, net.biases):
        acts.append(sig(w @ acts[-1] + b))
    grad = (acts[-1] - Y) * eta / X.shape[1]
    for l in reversed(range(len(net.weights))):
        delta = grad * acts[l + 1] * (1 - acts[l + 1])
        net.weights[l] = net.weights[l] - np.einsum("jm,km->jk", delta, acts[l])
        net.biases[l] = net.biases[l] - delta.sum(axis=1, keepdims=True)
        grad = np.dot(net.weights[l].T, delta)
early_recursion | recursion
    def go(l, A):
        if l == len(net.weights):
            return A - Y
        out = sigmoid(net.weights[l] @ A + net.biases[l])
        delta = go(l + 1, out) * out * (1 - out)
        net.weights[l] -= eta / X.shape[1] * delta @ A.T
        net.biases[l] -= eta / X.shape[1] * np.sum(delta, axis=1, keepdims=True)
        return net.weights[l].T @ delta

    go(0, X)
early_objects | pairs put side by side, layers as objects
    A, Y = columns(mini_batch)
    layers = [single.Layer(w, b) for w, b in zip(net.weights, net.biases)]
    for layer in layers:
        A = layer.forward(A)
    grad = A - Y
    for layer in reversed(layers):
        delta = grad * layer.out * (1 - layer.out)
        layer.w -= eta / len(mini_batch) * delta @ layer.a_in.T
        layer.b -= eta / len(mini_batch) * delta.sum(axis=1, keepdims=True)
        grad = layer.w.T @ delta

== wrong: update-inside-sample-loop; shows right for m = 1 ==
inside_rate | η/m for each example | loop
inside_eta | η for each example, in place | loop: bpteach.backprop → single.book
    step(net, nabla_b, nabla_w, eta / len(mini_batch)) → step_in_place(net, nabla_b, nabla_w, eta)
inside_columns | columns, the package's step for each
    for i in range(X.shape[1]):
        bpteach.update_mini_batch_matrix(net, X[:, [i]], Y[:, [i]], eta / X.shape[1])
inside_indented | the step indented once too far: the totals so far, each time
    nb, nw = zeros(net)
    for x, y in mini_batch:
        for total, part in zip(nb + nw, sum(bpteach.backprop(net, x, y), [])):
            total += part
        step(net, nb, nw, eta / len(mini_batch))
inside_columns_eta | η for each column
    for x, y in zip(X.T, Y.T):
        step(net, *single.right_positive(net, x[:, None], y[:, None]), eta)
inside_reversed | the examples from the last to the first | loop: in mini_batch → in reversed(mini_batch)
    step( → step_in_place(

== wrong: accumulator-not-reset; shows second is the sum ==
kept_default | default arguments [maker]
    def fn(net, mini_batch, eta, kept=[]):
        kept += [] if kept else zeros(net)
        for x, y in mini_batch:
            for total, part in zip(kept[0] + kept[1], sum(bpteach.backprop(net, x, y), [])): total += part
        step(net, *kept, eta / len(mini_batch))

    return fn
kept_closure | closure, made anew when the sizes change [keeps kept = {}]
    nb, nw = kept.setdefault(tuple(net.sizes), zeros(net))
    for total, part in zip(nb + nw, sum(bpteach.backprop_matrix(net, X, Y), [])):
        total += part
    step_in_place(net, nb, nw, eta / X.shape[1])
kept_on_net | attributes of the network | kept_closure: kept.setdefault(tuple(net.sizes), → vars(net).setdefault("sums",
kept_class | a class with totals made in its constructor [maker] | return Trainer().update
kept_global | a global dictionary [keeps TOTALS.clear()] | totals:
    zeros(net) → TOTALS.setdefault(tuple(net.sizes), zeros(net)) && step( → step_in_place(

== wrong: biases-never-updated; shows bias step zero ==
no_biases_loop | only the weights
    _, nabla_w = total_of(bpteach.backprop, net, mini_batch)
    net.weights = [w - eta / len(mini_batch) * g for w, g in zip(net.weights, nabla_w)]
no_biases_rebound | b = b - ... in a loop: a new name, the list unchanged | items:
    net.biases[l] -= → b = net.biases[l] ¶ b = b -
no_biases_lost | a list of new biases that nobody keeps | lists_of_errors: net.weights = → net.weights[:] =
    net.biases = [ → [
no_biases_misspelt | net.bias for net.biases | lists: net.biases = → net.bias =
no_biases_same | net.biases[:] = net.biases | lists: b - eta / X.shape[1] * g → b - 0 * g
no_biases_zero | the biases' gradients are never summed: zeros
    _, nabla_w = total_of(bpteach.backprop, net, mini_batch)
    step(net, zeros(net)[0], nabla_w, eta / len(mini_batch))

== wrong: arguments-changed; shows arguments ==
changed_pop | mini_batch popped until it is empty | totals:
    nb, nw = zeros(net) → m, (nb, nw) = len(mini_batch), zeros(net)
    for x, y in mini_batch: → while mini_batch: ¶     x, y = mini_batch.pop() && len(mini_batch)) → m)
changed_shuffle | mini_batch shuffled in place
    random.Random(3).shuffle(mini_batch)
    by_loop(bpteach.backprop, net, mini_batch, eta)
changed_sort | mini_batch sorted in place
    mini_batch.sort(key=lambda pair: pair[0].sum())
    by_loop(bpteach.backprop, net, mini_batch, eta, step_in_place)
changed_y | Y turned into the difference | by_matrix(matrix.changed_y, net, X, Y, eta)
changed_x | the inputs emptied afterwards
    bpteach.update_mini_batch_matrix(net, X, Y, eta)
    X.fill(0)
changed_each_y | each y turned into the difference | by_loop(single.changed_y, net, mini_batch, eta)

== two ==
two_sign_biases | plus [mistakes wrong-sign, biases-never-updated] | lists: [w - eta → [w + eta
    b - eta / X.shape[1] * g for → b for
two_transpose_biases | loop [mistakes missing-transpose, biases-never-updated]
    keep = net.biases
    by_loop(single.no_transpose_book, net, mini_batch, eta)
    net.biases = keep
two_early_prime | fused [mistakes updated-too-early, missing-hidden-sigmoid-prime] | early_fused:
    grad * sigmoid_prime(zs[l]) → grad * (sigmoid_prime(zs[l]) if l == len(zs) - 1 else 1)
two_mean_index | matrices [mistakes mean-for-sum, weight-index-off-by-one]
    by_matrix(matrix.weight_off_book, net, X, Y, eta * X.shape[1])
two_last_outer | loop [mistakes last-example-only, outer-product-transposed] | last_loop:
    bpteach.backprop → single.outer_transposed_outer
two_inside_prime | loop [mistakes update-inside-sample-loop, missing-output-sigmoid-prime] | loop:
    bpteach.backprop → single.no_output_prime_book
two_factor_short | matrices [mistakes factor-two, loop-one-layer-short]
    by_matrix(matrix.short_loop_book, net, X, Y, 2 * eta)
two_bias_z | matrices [mistakes bias-mean-weight-sum, z-index-off-by-one] | package:
    bpteach.backprop_matrix → matrix.z_off_book && (net, nb → (net, [b / X.shape[1] for b in nb]

== other ==
other_no_eta | η left out | by_loop(bpteach.backprop, net, mini_batch, 1.0)
other_eta_squared | η squared | by_matrix(bpteach.backprop_matrix, net, X, Y, eta * eta)
other_no_weights | the weights never change | lists: w - eta / X.shape[1] * g for → w for
other_copy | nothing changes: the step is taken on a copy
    net = net.copy()
    bpteach.update_mini_batch(net, mini_batch, eta)
    return net
other_rebound | nothing changes: w = w - ... in a loop | no_biases_rebound:
    net.weights[l] -= → w = net.weights[l] ¶ w = w -
other_last_layer | only the last layer learns | items: range(len(net.weights)) → [-1]
other_rows | divided by the number of inputs, len(X) | package: X.shape[1] → len(X)
other_outputs | divided by the number of outputs, len(Y) | package: X.shape[1] → len(Y)
other_first_example | the first example only | loop:
    step(net, nabla_b, nabla_w, eta / len(mini_batch)) → return step(net, nabla_b, nabla_w, eta / len(mini_batch))
other_decay | weight decay | package: nb, nw, eta → nb, [g + 0.1 * w for g, w in zip(nw, net.weights)], eta
other_momentum | momentum [keeps speed = {}]
    old = speed.get(tuple(net.sizes), zeros(net))
    new = bpteach.backprop_matrix(net, X, Y)
    now = tuple([0.9 * p + q for p, q in zip(*pair)] for pair in zip(old, new))
    speed[tuple(net.sizes)] = now
    step(net, *now, eta / X.shape[1])
other_half_sign | a minus sign for the weights, a plus sign for the biases | package: (net, nb → (net, [-b for b in nb]
other_twice | the step is taken twice
    bpteach.update_mini_batch(net, mini_batch, eta)
    bpteach.update_mini_batch(net, mini_batch, eta)
other_replaced | the parameters replaced by the step | lists: [w - eta → [-eta && [b - eta → [-eta
other_noise | noise in the step
    def other_noise(net, X, Y, eta, rng=np.random.default_rng(0)):
        nb, nw = bpteach.backprop_matrix(net, X, Y)
        step(net, nb, [g * (1 + 0.01 * rng.standard_normal(g.shape)) for g in nw], eta / X.shape[1])
other_first_rate | the rate of the first call, for good [keeps rates = []]
    rates.append(eta / X.shape[1])
    by_matrix(bpteach.backprop_matrix, net, X, Y, rates[0] * X.shape[1])
other_by_ten | divided by ten, the mini-batch size of the book's run
    by_loop(bpteach.backprop, net, mini_batch, eta / 10 * len(mini_batch))
other_growing | η grows with the calls [keeps calls = []]
    calls.append(eta)
    by_matrix(bpteach.backprop_matrix, net, X, Y, eta * (1 + len(calls)) / 2)
other_ahead | Nesterov's way: the gradient at a place a step ahead
    ahead = net.copy()
    bpteach.update_mini_batch_matrix(ahead, X, Y, eta)
    by_matrix(lambda net, X, Y: bpteach.backprop_matrix(ahead, X, Y), net, X, Y, eta)
other_normalised | the gradient's length normalised
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    step(net, [b / np.linalg.norm(b) for b in nb], [w / np.linalg.norm(w) for w in nw], eta)
other_signs | only the sign of the gradient counts
    nb, nw = bpteach.backprop_matrix(net, *columns(mini_batch))
    step(net, [np.sign(g) for g in nb], [np.sign(g) for g in nw], eta / len(mini_batch))

== unclear ==
unclear_early_inside | both: a fused step for each example [may be updated-too-early, update-inside-sample-loop]
    for x, y in mini_batch:
        early_fused(net, x, y, eta / len(mini_batch))
unclear_early_hidden | fused, the output layer's weights in time, the others early [may be updated-too-early] | fused:
    grad = net.weights[l].T @ delta → old = net.weights[l]
    keepdims=True) → keepdims=True) ¶ grad = (old if l == len(zs) - 1 else net.weights[l]).T @ delta
unclear_early_eta | η for η/m, early [may be updated-too-early] | early_fused(net, X, Y, eta * X.shape[1])
unclear_forward_again | the forward pass again after the biases changed [may be updated-too-early]
    other_no_weights(net, X, Y, eta)
    no_biases_same(net, X, Y, eta)
unclear_kept_half | only the biases' sums are carried over [may be accumulator-not-reset; keeps kept = {}]
    nb, nw = bpteach.backprop_matrix(net, X, Y)
    old = kept.get(tuple(net.sizes), zeros(net)[0])
    kept[tuple(net.sizes)] = nb = [p + q for p, q in zip(nb, old)]
    step(net, nb, nw, eta / X.shape[1])
unclear_last_eta | = for +=, and η for η/m [may be last-example-only] | last_loop: eta / len(mini_batch) → eta
unclear_all_but_last | the list ends before its last example [may be last-example-only]
    bpteach.update_mini_batch(net, mini_batch[:-1], eta)
unclear_slow_biases | the biases learn at a tenth of the rate [may be biases-never-updated] | package:
    (net, nb → (net, [b / 10 for b in nb]
unclear_inverse | η left on the network, m/η for η/m [may be arguments-changed] | package:
    eta / X.shape[1] → X.shape[1] / eta
unclear_indented_eta | sums so far, η, in place [may be update-inside-sample-loop, accumulator-not-reset]
    inside_indented: step(net, nb, nw, eta / len(mini_batch)) → step_in_place(net, nb, nw, eta)
unclear_pairs | a step for each pair of examples [may be accumulator-not-reset, update-inside-sample-loop]
    for i in range(0, len(mini_batch), 2):
        part = mini_batch[i : i + 2]
        bpteach.update_mini_batch(net, part, eta * len(part) / len(mini_batch))
unclear_layers | the step divided by the number of layers
    by_matrix(bpteach.backprop_matrix, net, X, Y, eta / len(net.sizes))
unclear_times_m | η times m [may be mean-for-sum] | by_matrix(bpteach.backprop_matrix, net, X, Y, eta * X.shape[1] ** 2)
unclear_inside_weights | only the weights at once, the biases at the end [may be update-inside-sample-loop]
    nabla_b, rate = zeros(net)[0], eta / len(mini_batch)
    for x, y in mini_batch:
        parts_b, parts_w = bpteach.backprop(net, x, y)
        nabla_b = [total + part for total, part in zip(nabla_b, parts_b)]
        net.weights = [w - rate * part for w, part in zip(net.weights, parts_w)]
    net.biases = [b - rate * total for b, total in zip(net.biases, nabla_b)]
"""

UPDATE.read(TEXT, globals())
