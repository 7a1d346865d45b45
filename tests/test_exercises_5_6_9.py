"""The exercises of lessons 5, 6 and 9: right answers in several styles, blanks, slips, strange answers."""

import itertools
import re
from types import SimpleNamespace

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, evaluate, feedforward, load_mnist, sgd, update_mini_batch
from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import check, lesson_05, lesson_06, lesson_09
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.gradcheck import numerical_gradient, relative_error
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read

WORDS = lesson_05.WORDS | lesson_06.WORDS | lesson_09.WORDS
TAGS = [f"{lesson}.{number}" for lesson in (5, 6, 9) for number in (1, 2, 3, 4)]
NAMES = ["05-watch-the-deltas-shrink", "06-learn-one-example-at-a-time", "09-train-it-for-real"]


def say(told):
    """Give the whole answer, for the message of a failing test."""
    return f"{told}\n{told.hints}"


def numbered(functions):
    """Give parametrize its pairs (tag, answer), each under a name of its own."""
    pairs = [(tag, answer) for tag, answers in functions.items() for answer in answers]
    names = [f"{tag}-{getattr(answer, '__name__', 'value')}-{i}" for i, (tag, answer) in enumerate(pairs)]
    return {"argvalues": pairs, "ids": names}


# --- what is right, each in several styles ------------------------------------------------------------------------


def most_left_by_hidden_layers(net):
    return np.prod([sigmoid_prime(0.0)] * len(net.sizes[1:-1]))


def most_left_by_a_loop(net):
    left = 1
    for _ in net.weights[1:]:
        left = left / 4
    return left


def delta_norms_in_an_array(net, X, Y):
    total = np.zeros(len(net.biases))
    for x, y in zip(X.T, Y.T, strict=True):
        nabla_b, _ = backprop(net, x.reshape(-1, 1), y.reshape(-1, 1))
        total += [np.sqrt(np.sum(delta**2)) for delta in nabla_b]
    return total / X.shape[1]


def delta_norms_from_columns(net, X, Y):
    """Keep the errors of all examples side by side, one matrix a layer."""
    columns = [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(X.shape[1])]
    Deltas = [np.column_stack(layer) for layer in zip(*columns, strict=True)]
    return tuple(np.linalg.norm(Delta, axis=0).mean() for Delta in Deltas)


def saturated_from_activations(net, X):
    shares, A = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        A = sigmoid(w @ A + b)
        shares.append(np.count_nonzero(A * (1 - A) < 0.05) / A.size)
    return shares


def saturated_one_by_one(net, X):
    counts = np.zeros(len(net.weights))
    for i in range(X.shape[1]):
        a = X[:, [i]]
        for l, (b, w) in enumerate(zip(net.biases, net.weights, strict=True)):
            z = np.dot(w, a) + b
            counts[l] += sum(sigmoid_prime(z)[:, 0] < 0.05)
            a = sigmoid(z)
    return counts / X.shape[1] / net.sizes[1:]


def way_back_by_diagonals(net, x):
    a, factors = x, []
    for b, w, after in zip(net.biases[:-1], net.weights[:-1], net.weights[1:], strict=True):
        a = sigmoid(w @ a + b)
        factors.append(np.diag((a * (1 - a)).ravel()) @ after.T)
    return np.linalg.multi_dot(factors) if len(factors) > 1 else factors[0]


def way_back_column_by_column(net, x):
    """Solve for M from what backprop makes of n_L desired outputs."""
    output = feedforward(net, x)
    Y = output - np.eye(len(output)) / sigmoid_prime(np.log(output / (1 - output)))  # so that δ^L is a unit column
    columns = [backprop(net, x, y.reshape(-1, 1))[0][0] for y in Y.T]
    return np.hstack(columns)


def cut_while(order, m):
    pieces = []
    while len(order):
        pieces.append(order[:m])
        order = order[m:]
    return pieces


def cut_by_split(order, m):
    return np.split(order, range(m, len(order), m))


def cut_by_comprehension(order, m):
    steps = (len(order) + m - 1) // m
    return tuple(np.array([order[i] for i in range(k * m, min(len(order), k * m + m))]) for k in range(steps))


def update_by_matrices(net, mini_batch, eta):
    X, Y = (np.hstack(columns) for columns in zip(*mini_batch, strict=True))
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    for l in range(len(net.weights)):
        net.weights[l] -= eta / len(mini_batch) * nabla_w[l]
        net.biases[l] = net.biases[l] - eta / len(mini_batch) * nabla_b[l]


def train_with_while(net, X, Y, epochs, m, eta, rng):
    pairs = [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in zip(X.T, Y.T, strict=True)]
    while epochs:
        left = rng.permutation(len(pairs)).tolist()
        while left:
            update_mini_batch(net, [pairs[i] for i in left[:m]], eta)
            left = left[m:]
        epochs -= 1


def train_by_matrices(net, X, Y, epochs, m, eta, rng):
    for _ in range(epochs):
        order = rng.permutation(X.shape[1])
        X_new, Y_new = X[:, order], Y[:, order]
        for start in range(0, len(order), m):
            columns = zip(X_new.T[start : start + m], Y_new.T[start : start + m], strict=True)
            update_by_matrices(net, [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in columns], eta)


def accuracy_by_a_loop(net, X, labels):
    right = 0
    for i, label in enumerate(labels):
        right += int(np.argmax(feedforward(net, X[:, [i]])) == label)
    return right / len(labels)


def accuracy_by_mean(net, X, labels):
    return (np.argmax(feedforward(net, X), 0) == labels).mean()


def confusion_by_a_loop(labels, answers):
    counts = np.zeros((10, 10), dtype=int)
    for label, answer in zip(labels, answers, strict=True):
        counts[label, answer] += 1
    return counts


def confusion_by_add_at(labels, answers):
    counts = np.zeros((10, 10))
    np.add.at(counts, (labels, answers), 1)
    return counts


def confusion_by_bincount(labels, answers):
    return np.bincount(10 * labels.astype(int) + answers, minlength=100).reshape(10, 10)


def confusion_by_einsum(labels, answers):
    digits = np.arange(10)
    return np.einsum("im,jm->ij", 1.0 * (digits[:, None] == labels), 1.0 * (digits[:, None] == answers))


def nudge_with_dot(net, x, y, eta, steps):
    x = x.copy()
    for _ in range(steps):
        x -= eta * np.dot(backprop(net, x, y)[0][0].T, net.weights[0]).T
    return x


def nudge_by_itself(net, x, y, eta, steps):
    if steps == 0:
        return x
    delta = backprop(net, x, y)[0][0]
    slopes = np.array([[np.sum(net.weights[0][:, k] * delta[:, 0])] for k in range(len(x))])
    return nudge_by_itself(net, x - eta * slopes, y, eta, steps - 1)


def decay_first_by_a_factor(net, X, Y, eta, decay=0.01):
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    for l, (nb, nw) in enumerate(zip(nabla_b, nabla_w, strict=True)):
        net.weights[l] *= 1 - eta * decay
        net.weights[l] -= eta / X.shape[1] * nw
        net.biases[l] -= eta / X.shape[1] * nb


def decay_with_new_arrays(net, X, Y, eta, decay):
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    m = X.shape[1]
    net.weights = [w - eta * (nw / m + decay * w) for w, nw in zip(net.weights, nabla_w, strict=True)]
    net.biases = [b - eta * nb / m for b, nb in zip(net.biases, nabla_b, strict=True)]


RIGHT = {
    "5.1": [most_left_by_hidden_layers, most_left_by_a_loop],
    "5.2": [delta_norms_in_an_array, delta_norms_from_columns],
    "5.3": [saturated_from_activations, saturated_one_by_one],
    "5.4": [way_back_by_diagonals, way_back_column_by_column],
    "6.1": [0.3, 3 / 10, np.float64(3) / 10],
    "6.2": [cut_while, cut_by_split, cut_by_comprehension],
    "6.3": [update_mini_batch, update_by_matrices],
    "6.4": [train_with_while, train_by_matrices],
    "9.1": [accuracy_by_a_loop, accuracy_by_mean],
    "9.2": [confusion_by_a_loop, confusion_by_add_at, confusion_by_bincount, confusion_by_einsum],
    "9.3": [nudge_with_dot, nudge_by_itself],
    "9.4": [decay_first_by_a_factor, decay_with_new_arrays],
}


@pytest.mark.parametrize(("tag", "answer"), **numbered(RIGHT))
def test_right_answers_are_accepted(tag, answer):
    """Whatever the style, what computes the right numbers is right."""
    told = check(tag, answer)
    assert told.ok, say(told)


# --- what is not written yet ----------------------------------------------------------------------------------------


def blank_statement(*arguments):
    """Do it."""
    ...


def blank_result(*arguments):
    result = ...
    return result


def blank_error(*arguments):
    raise NotImplementedError


BLANKS = [..., blank_statement, blank_result, blank_error]
BLANK = {tag: [...] if tag == "6.1" else BLANKS for tag in TAGS}


@pytest.mark.parametrize(("tag", "answer"), **numbered(BLANK))
def test_blank_is_not_written_yet(tag, answer):
    """A blank is never called wrong."""
    assert check(tag, answer).state == "unfinished"


# --- slips: each is recognised by its sentence ------------------------------------------------------------------------


def deltas_of(net, X, Y):
    return [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(X.shape[1])]


def z_of(net, X):
    Zs, A = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(w @ A + b)
        A = sigmoid(Zs[-1])
    return Zs


def slip_one_length(net, X, Y):
    return [np.linalg.norm(np.hstack(layer)) / X.shape[1] for layer in zip(*deltas_of(net, X, Y), strict=True)]


def slip_one_example(net, X, Y):
    for i in range(X.shape[1]):
        norms = [np.linalg.norm(delta) for delta in backprop(net, X[:, [i]], Y[:, [i]])[0]]
    return norms


def slip_forward_with_z(net, X):
    shares, Z = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        Z = w @ Z + b
        shares.append(np.mean(sigmoid_prime(Z) < 0.05))
    return shares


def slip_forward_without_bias(net, X):
    shares, A = [], X
    for w in net.weights:
        Z = w @ A
        shares.append(np.mean(sigmoid_prime(Z) < 0.05))
        A = sigmoid(Z)
    return shares


def way(net, x, first, slope):
    """Go back from the matrix `first`, with slope(l, zs) before the weights (slot 0) and after them (slot 1)."""
    zs, M = z_of(net, x), first
    for l in range(2, len(net.sizes)):
        before, after = slope(l, zs)
        M = (net.weights[-l + 1].T @ (M * before)) * after
    return M


def slip_output_slope(net, x):
    first = np.diag(sigmoid_prime(z_of(net, x)[-1])[:, 0])
    return way(net, x, first, lambda l, zs: (1, sigmoid_prime(zs[-l])))


def slip_neighbour(net, x):
    return way(net, x, np.eye(net.sizes[-1]), lambda l, zs: (sigmoid_prime(zs[-l + 1]), 1))


def slip_last_slope(net, x):
    last = len(net.sizes) - 1
    return way(net, x, np.eye(net.sizes[-1]), lambda l, zs: (1, 1 if l == last else sigmoid_prime(zs[-l])))


def slip_no_slopes(net, x):
    return way(net, x, np.eye(net.sizes[-1]), lambda l, zs: (1, 1))


def slip_no_transpose(net, x):
    zs, M = z_of(net, x), np.eye(net.sizes[-1])
    for w, z in zip(net.weights[:0:-1], zs[-2::-1], strict=True):
        M = (w @ M) * sigmoid_prime(z)
    return M


def slip_diagonal_of_a_column(net, x):
    zs, M = z_of(net, x), np.eye(net.sizes[-1])
    for w, z in zip(net.weights[:0:-1], zs[-2::-1], strict=True):
        M = np.diag(sigmoid_prime(z)) @ w.T @ M
    return M


def slip_last_dropped(order, m):
    return [order[k * m : (k + 1) * m] for k in range(len(order) // m)]


def slip_numbers_dropped(order, m):
    return [np.arange(start, min(start + m, len(order))) for start in range(0, len(order), m)]


def slip_empty_piece(order, m):
    return [order[k * m : (k + 1) * m] for k in range(len(order) // m + 1)]


def slip_overlap(order, m):
    return [order[start : start + m + 1] for start in range(0, len(order), m)]


def train(orders, m_of=lambda m: m, keep=lambda pieces, m: pieces, y_of=lambda i: i):
    """Give a training loop with one of its parts replaced."""

    def my_sgd(net, X, Y, epochs, m, eta, rng):
        for order in orders(rng, X.shape[1], epochs):
            for piece in keep(cut_while(order, m_of(m)), m):
                update_mini_batch(net, [(X[:, [i]], Y[:, [y_of(i)]]) for i in piece], eta)

    return my_sgd


def fresh(rng, n, epochs):
    return (rng.permutation(n) for _ in range(epochs))


def slip_one_epoch(net, X, Y, epochs, m, eta, rng):
    for _ in range(epochs):
        for piece in cut_while(rng.permutation(X.shape[1]), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)
        return


def slip_shuffle_in_place(net, X, Y, epochs, m, eta, rng):
    order = np.arange(X.shape[1])
    for _ in range(epochs):
        rng.shuffle(order)
        for piece in cut_while(order, m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)


def slip_labels_left(net, X, Y, epochs, m, eta, rng):
    for _ in range(epochs):
        shuffled = X[:, rng.permutation(X.shape[1])]
        for start in range(0, X.shape[1], m):
            places = range(start, min(start + m, X.shape[1]))
            update_mini_batch(net, [(shuffled[:, [i]], Y[:, [i]]) for i in places], eta)


def slip_as_many_as_inputs(net, X, Y, epochs, m, eta, rng):
    n = len(X)
    for _ in range(epochs):
        for piece in cut_while(rng.permutation(n), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)


def slip_rate_divided(net, X, Y, epochs, m, eta, rng):
    train(fresh)(net, X, Y, epochs, m, eta / m, rng)


def shuffles(*, X_too=True, Y_too=True):
    """Give a loop that keeps the shuffled X, Y or both for the next epoch."""

    def my_sgd(net, X, Y, epochs, m, eta, rng):
        n = X.shape[1]
        for _ in range(epochs):
            order = rng.permutation(n)
            X = X[:, order] if X_too else X
            Y = Y[:, order] if Y_too else Y
            pairs = [(X[:, [i]], Y[:, [i]]) for i in range(n)]
            for start in range(0, n, m):
                update_mini_batch(net, pairs[start : start + m], eta)

    return my_sgd


def labels_shuffled(net, X, Y, epochs, m, eta, rng):
    for _ in range(epochs):
        order = rng.permutation(X.shape[1])
        for places in cut_while(np.arange(len(order)), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [order[i]]]) for i in places], eta)


def two_orders(net, X, Y, epochs, m, eta, rng):
    n = X.shape[1]
    for _ in range(epochs):
        pieces = zip(cut_while(rng.permutation(n), m), cut_while(rng.permutation(n), m), strict=True)
        for of_X, of_Y in pieces:
            update_mini_batch(net, [(X[:, [i]], Y[:, [j]]) for i, j in zip(of_X, of_Y, strict=True)], eta)


def divided_by_the_piece(net, X, Y, epochs, m, eta, rng):
    for _ in range(epochs):
        for piece in cut_while(rng.permutation(X.shape[1]), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta / len(piece))


def slip_copy(net, X, Y, epochs, m, eta, rng):
    train(fresh)(net.copy(), X, Y, epochs, m, eta, rng)


def slip_confusion_once(labels, answers):
    counts = np.zeros((10, 10))
    counts[labels, answers] += 1
    return counts


def slip_shares(labels, answers):
    counts = confusion_by_a_loop(labels, answers)
    return counts / np.maximum(1, counts.sum(axis=1, keepdims=True))


def moved(slopes):
    """Give gradient descent on the input, with other slopes."""

    def nudge(net, x, y, eta, steps):
        for _ in range(steps):
            deltas, _ = backprop(net, x, y)
            x = x - eta * slopes(net, x, deltas)
        return x

    return nudge


def slip_old_slopes(net, x, y, eta, steps):
    slopes = net.weights[0].T @ backprop(net, x, y)[0][0]
    for _ in range(steps):
        x = x - eta * slopes
    return x


def slip_clipped(net, x, y, eta, steps):
    for _ in range(steps):
        x = np.clip(nudge_with_dot(net, x, y, eta, 1), 0, 1)
    return x


def slip_no_eta(net, x, y, eta, steps):
    return nudge_with_dot(net, x, y, 1, steps)


def slip_one_step(net, x, y, eta, steps):
    for _ in range(steps):
        x = x - eta * (net.weights[0].T @ backprop(net, x, y)[0][0])
        return x
    return None


def decayed(change_w, change_b=lambda b, nb, m, eta, decay: -eta * nb / m):
    """Give a step with weight decay that changes weights and biases by what the two functions say."""

    def update(net, X, Y, eta, decay):
        m = X.shape[1]
        for b, w, nb, nw in zip(net.biases, net.weights, *backprop_matrix(net, X, Y), strict=True):
            w += change_w(w, nw, m, eta, decay)
            b += change_b(b, nb, m, eta, decay)

    return update


def right_w(w, nw, m, eta, decay):
    return -eta * (nw / m + decay * w)


def slip_decay_rebound(net, X, Y, eta, decay):
    for w, nw in zip(net.weights, backprop_matrix(net, X, Y)[1], strict=True):
        w = w - eta * (nw / X.shape[1] + decay * w)


def slip_decay_before(net, X, Y, eta, decay):
    for w in net.weights:
        w -= eta * decay * w
    for b, w, nb, nw in zip(net.biases, net.weights, *backprop_matrix(net, X, Y), strict=True):
        b -= eta * nb / X.shape[1]
        w -= eta * nw / X.shape[1]


def slip_decay_after(net, X, Y, eta, decay):
    for b, w, nb, nw in zip(net.biases, net.weights, *backprop_matrix(net, X, Y), strict=True):
        b -= eta * nb / X.shape[1]
        w -= eta * nw / X.shape[1]
        w -= eta * decay * w


SLIPS = {
    "5.1 output slope": lambda net: 0.25 ** len(net.weights),
    "5.1 layers": lambda net: 0.25 ** len(net.sizes),
    "5.1 too few": lambda net: 4.0 ** (3 - len(net.sizes)),
    "5.1 product": lambda net: (len(net.sizes) - 2) / 4,
    "5.1 upside down": lambda net: 4 ** (len(net.sizes) - 2),
    "5.1 one network": lambda net: 0.25**4,
    "5.2 average first": lambda net, X, Y: [np.linalg.norm(nb) / X.shape[1] for nb in backprop_matrix(net, X, Y)[0]],
    "5.2 sum": lambda net, X, Y: [norm * X.shape[1] for norm in delta_norms_in_an_array(net, X, Y)],
    "5.2 reversed": lambda net, X, Y: delta_norms_in_an_array(net, X, Y)[::-1],
    "5.2 weights": lambda net, X, Y: np.mean(
        [[np.linalg.norm(nw) for nw in backprop(net, X[:, [i]], Y[:, [i]])[1]] for i in range(X.shape[1])], axis=0
    ),
    "5.2 one length": slip_one_length,
    "5.2 one example": slip_one_example,
    "5.3 of a": lambda net, X: [np.mean(sigmoid_prime(sigmoid(Z)) < 0.05) for Z in z_of(net, X)],
    "5.3 formula on z": lambda net, X: [np.mean(Z * (1 - Z) < 0.05) for Z in z_of(net, X)],
    "5.3 others": lambda net, X: [np.mean(sigmoid_prime(Z) >= 0.05) for Z in z_of(net, X)],
    "5.3 count": lambda net, X: [np.sum(sigmoid_prime(Z) < 0.05) for Z in z_of(net, X)],
    "5.3 percent": lambda net, X: [100 * share for share in saturated_from_activations(net, X)],
    "5.3 one side": lambda net, X: [np.mean(sigmoid(Z) < 0.05) for Z in z_of(net, X)],
    "5.3 other limit": lambda net, X: [np.mean(np.abs(Z) > 3) for Z in z_of(net, X)],
    "5.3 no sigmoid": slip_forward_with_z,
    "5.3 no bias": slip_forward_without_bias,
    "5.4 output slope": slip_output_slope,
    "5.4 last slope": slip_last_slope,
    "5.4 neighbour": slip_neighbour,
    "5.4 no slopes": slip_no_slopes,
    "5.4 no transpose": slip_no_transpose,
    "5.4 diagonal": slip_diagonal_of_a_column,
    "5.4 transposed": lambda net, x: way_back_by_diagonals(net, x).T,
    "5.4 into input": lambda net, x: net.weights[0].T @ way_back_by_diagonals(net, x),
    "6.1 upside down": 30,
    "6.1 same": 3.0,
    "6.1 twice": 0.03,
    "6.1 other eta": 10.0,
    "6.2 last dropped": slip_last_dropped,
    "6.2 positions": slip_numbers_dropped,
    "6.2 equal": lambda order, m: np.array_split(order, int(np.ceil(len(order) / m))),
    "6.2 m pieces": np.array_split,
    "6.2 empty piece": slip_empty_piece,
    "6.2 overlap": slip_overlap,
    "6.2 sliding": lambda order, m: [order[i : i + m] for i, _ in enumerate(order)],
    "6.4 nothing": slip_copy,
    "6.4 one order": train(lambda rng, n, epochs: itertools.repeat(rng.permutation(n), epochs)),
    "6.4 not shuffled": train(lambda rng, n, epochs: [np.arange(n)] * epochs),
    "6.4 shuffle": slip_shuffle_in_place,
    "6.4 whole set": train(fresh, m_of=lambda m: 99),
    "6.4 one epoch": slip_one_epoch,
    "6.4 last dropped": train(fresh, keep=lambda pieces, m: [piece for piece in pieces if len(piece) == m]),
    "6.4 labels left": slip_labels_left,
    "6.4 single": train(fresh, m_of=lambda m: 1),
    "6.4 rows": slip_as_many_as_inputs,
    "6.4 divided": slip_rate_divided,
    "9.1 count": lambda net, X, labels: sum(feedforward(net, X).argmax(axis=0) == labels),
    "9.1 percent": lambda net, X, labels: 100 * accuracy_by_mean(net, X, labels),
    "9.1 wrong ones": lambda net, X, labels: np.mean(feedforward(net, X).argmax(axis=0) != labels),
    "9.1 whole array": lambda net, X, labels: np.mean(np.argmax(feedforward(net, X)) == labels),
    "9.1 rows": lambda net, X, labels: np.mean(feedforward(net, X).argmax(axis=1) == labels),
    "9.1 max": lambda net, X, labels: sum(feedforward(net, X).max(axis=0) == labels) / len(labels),
    "9.1 ten thousand": lambda net, X, labels: sum(feedforward(net, X).argmax(axis=0) == labels) / 10_000,
    "9.1 above half": lambda net, X, labels: np.mean(
        [output[label] == max(output) > 0.5 for output, label in zip(feedforward(net, X).T, labels, strict=True)]
    ),
    "9.2 transposed": lambda labels, answers: confusion_by_a_loop(labels, answers).T,
    "9.2 not summed": lambda labels, answers: np.eye(10)[labels] @ np.eye(10)[answers],
    "9.2 every pair": lambda labels, answers: np.eye(10)[labels] @ np.eye(10)[answers].T,
    "9.2 once": slip_confusion_once,
    "9.2 both ways": lambda labels, answers: (
        confusion_by_a_loop(labels, answers) + confusion_by_a_loop(labels, answers).T
    ),
    "9.2 mistakes only": lambda labels, answers: confusion_by_a_loop(labels, answers) * ~np.eye(10, dtype=bool),
    "9.2 shares": slip_shares,
    "9.3 sign": moved(lambda net, x, deltas: -net.weights[0].T @ deltas[0]),
    "9.3 input slope": moved(lambda net, x, deltas: (net.weights[0].T @ deltas[0]) * sigmoid_prime(x)),
    "9.3 one step": slip_one_step,
    "9.3 old slopes": slip_old_slopes,
    "9.3 not moved": lambda net, x, y, eta, steps: x.copy(),
    "9.3 no transpose": moved(lambda net, x, deltas: net.weights[0] @ deltas[0]),
    "9.3 last delta": moved(lambda net, x, deltas: net.weights[0].T @ deltas[-1]),
    "9.3 later weights": moved(lambda net, x, deltas: net.weights[1].T @ deltas[1]),
    "9.3 clipped": slip_clipped,
    "9.3 no eta": slip_no_eta,
    "9.3 times x": moved(lambda net, x, deltas: x * (net.weights[0].T @ deltas[0])),
    "9.4 nothing": slip_decay_rebound,
    "9.4 no decay": decayed(lambda w, nw, m, eta, decay: -eta * nw / m),
    "9.4 biases decay": decayed(right_w, lambda b, nb, m, eta, decay: -eta * (nb / m + decay * b)),
    "9.4 biases stay": decayed(right_w, lambda b, nb, m, eta, decay: 0),
    "9.4 no eta": decayed(lambda w, nw, m, eta, decay: -eta * nw / m - decay * w),
    "9.4 factor two": decayed(lambda w, nw, m, eta, decay: -eta * (nw / m + 2 * decay * w)),
    "9.4 half": decayed(lambda w, nw, m, eta, decay: -eta * (nw / m + 0.5 * decay * w)),
    "9.4 cost for slope": decayed(lambda w, nw, m, eta, decay: -eta * (nw / m + decay * w * w / 2)),
    "9.4 divided": decayed(lambda w, nw, m, eta, decay: -eta / m * (nw + decay * w)),
    "9.4 times m": decayed(
        lambda w, nw, m, eta, decay: -eta * (nw + decay * w), lambda b, nb, m, eta, decay: -eta * nb
    ),
    "9.4 sign": decayed(lambda w, nw, m, eta, decay: -eta * (nw / m - decay * w)),
    "9.4 uphill": decayed(
        lambda w, nw, m, eta, decay: eta * (nw / m + decay * w), lambda b, nb, m, eta, decay: eta * nb / m
    ),
    "9.4 after": slip_decay_after,
    "9.4 before": slip_decay_before,
}


STOPPED = {"5.4 diagonal"}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_are_recognised(name):
    """A slip that is to be expected is answered by its own sentence, and comes with three hints."""
    tag = name.split()[0]
    told = check(tag, SLIPS[name])
    assert told.state == ("stopped" if name in STOPPED else "wrong"), say(told)
    assert told.message == WORDS[name]
    assert told.hints == WORDS[f"{tag} hints"]


@pytest.mark.parametrize(
    ("name", "few"),
    [
        ("5.3 one side", lambda Z: Z > 3),
        ("5.3 one side", lambda Z: sigmoid(Z) > 0.95),
        ("5.3 other limit", lambda Z: (sigmoid(Z) < 0.05) | (sigmoid(Z) > 0.95)),
    ],
)
def test_other_ideas_of_saturation_are_recognised(name, few):
    """A neuron is saturated by its slope; the ends of a or z are told apart from it."""
    assert check("5.3", lambda net, X: [np.mean(few(Z)) for Z in z_of(net, X)]).message == WORDS[name]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("6.4 labels left", shuffles(Y_too=False)),
        ("6.4 labels left", shuffles(X_too=False)),
        ("6.4 labels left", labels_shuffled),
        ("6.4 labels left", two_orders),
        ("6.4 shuffle", shuffles()),
        ("6.4 divided", divided_by_the_piece),
        ("9.2 every pair", lambda labels, answers: np.eye(10)[answers] @ np.eye(10)[:, labels]),
        ("9.3 later weights", moved(lambda net, x, deltas: net.weights[1].T @ deltas[0])),
        ("9.3 later weights", moved(lambda net, x, deltas: net.weights[-1].T @ deltas[-1])),
        ("9.3 clipped", lambda *call: nudge_with_dot(*call).clip(0, 1)),
        (
            "9.4 cost for slope",
            decayed(lambda w, nw, m, eta, decay: -eta * (nw / m + decay / 2 * np.linalg.norm(w) ** 2)),
        ),
    ],
)
def test_slips_made_in_other_ways_are_recognised(name, answer):
    """The same slip, written in another way, is answered by the same sentence."""
    told = check(name.split()[0], answer)
    assert told.state == "wrong", say(told)
    assert told.message == WORDS[name]


def test_other_eta_of_6_1_is_that_of_the_lesson():
    """6.1: `eta` is the last rate that the lesson tries."""
    (loop,) = [
        cell.source for cell in cells_of(read(NOTEBOOKS / f"{NAMES[1]}.ipynb"), "code") if "for eta in" in cell.source
    ]
    rates = re.search(r"for eta in \[(.+)\]", loop)[1].split(", ")
    assert float(rates[-1]) == lesson_06.LAST_RATE


@pytest.mark.parametrize(("sizes", "m"), [([6, 12], 12), ([6, 5, 4], 15), ([4, 3], 8)])
def test_one_argmax_for_all_outputs_gives_a_share(sizes, m):
    """9.1: the largest of all outputs is one of the labels, so that its share is not the 0 of `max`."""
    net, X, labels = lesson_09._labelled(sizes, m)
    assert np.argmax(feedforward(net, X)) == labels[0] == 0
    assert 0.5 < accuracy_by_a_loop(net, X, labels) < 0.8


def test_questions_left_open_are_said_to_be_answered():
    """6.1 and 6.2 ask on: the answer to the right answer says where to look."""
    assert all("The solutions" in WORDS[f"{tag} right"] for tag in ("6.1", "6.2"))


def test_diagonal_that_is_right_is_no_slip():
    """5.4: np.diag of a flat array is fine; a product that does not fit for another reason is told as it is."""

    def flat_but_turned(net, x):
        return np.diag(sigmoid_prime(z_of(net, x)[0])[:, 0]) @ net.weights[0].T

    told = check("5.4", flat_but_turned)
    assert told.state == "stopped"
    assert told.message != WORDS["5.4 diagonal"]


def test_last_hint_of_the_stretch_keeps_one_thing_back():
    """5.4: the first line is given, the line of BP2 is not."""
    assert "np.eye" in WORDS["5.4 hints"][2]
    assert ".T @" not in WORDS["5.4 hints"][2]


def test_every_sentence_on_a_slip_is_tried():
    """No sentence stands in the tables that no test has seen."""
    sentences = {name for name, words in WORDS.items() if isinstance(words, str) and not name.endswith(" right")}
    assert sentences == set(SLIPS)


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("5.3 of a", "sigmoid-prime-of-activation"),
        ("5.3 formula on z", "activation-formula-on-z"),
        ("5.4 neighbour", "z-index-off-by-one"),
        ("5.4 no slopes", "missing-hidden-sigmoid-prime"),
        ("5.4 no transpose", "missing-transpose"),
        ("9.3 no transpose", "missing-transpose"),
        ("9.3 sign", "wrong-sign"),
        ("9.4 uphill", "wrong-sign"),
        ("9.4 biases stay", "biases-never-updated"),
        ("9.4 before", "updated-too-early"),
        ("9.4 times m", "mean-for-sum"),
        ("9.4 nothing", None),
    ],
)
def test_slips_of_the_catalogue_bear_its_names(name, mistake):
    """Where a slip is one of the catalogue's mistakes, the answer says which."""
    assert check(name.split()[0], SLIPS[name]).mistake == mistake
    assert mistake is None or mistake in CATALOGUE


def no_biases(net, mini_batch, eta):
    biases = [b.copy() for b in net.biases]
    update_mini_batch(net, mini_batch, eta)
    net.biases[:] = biases


def step_for_each_example(net, mini_batch, eta):
    for pair in mini_batch:
        update_mini_batch(net, [pair], eta / len(mini_batch))


def sum_without_division(net, mini_batch, eta):
    update_mini_batch(net, mini_batch, eta * len(mini_batch))


class Accumulator:
    """An update whose sums are made only once for each network."""

    def __init__(self):
        self.sums = {}

    def __call__(self, net, mini_batch, eta):
        arrays = net.biases + net.weights
        sums = self.sums.setdefault(tuple(net.sizes), [np.zeros_like(array) for array in arrays])
        for x, y in mini_batch:
            nabla_b, nabla_w = backprop(net, x, y)
            for total, part in zip(sums, nabla_b + nabla_w, strict=True):
                total += part
        for array, total in zip(arrays, sums, strict=True):
            array -= eta / len(mini_batch) * total


@pytest.mark.parametrize(
    ("update", "mistake"),
    [
        (no_biases, "biases-never-updated"),
        (step_for_each_example, "update-inside-sample-loop"),
        (sum_without_division, "mean-for-sum"),
        (Accumulator(), "accumulator-not-reset"),
    ],
)
def test_main_exercise_names_the_mistake(update, mistake):
    """The reader's update is told which of the catalogue's mistakes it makes."""
    told = check("6.3", update)
    assert told.mistake == mistake, say(told)
    assert not told.ok


# --- answers of the wrong kind ----------------------------------------------------------------------------------------


def raises(*arguments):
    raise ValueError("no such layer")


def prints(*arguments):
    print(0.25)


def none(*arguments):
    return None


def a_word(*arguments):
    return "many"


def too_few():
    return 1


STRANGE = [raises, prints, none, a_word, too_few, np.linspace]


@pytest.mark.parametrize(("tag", "answer"), **numbered(dict.fromkeys(TAGS, tuple(STRANGE))))
def test_strange_functions_get_an_answer_in_words(tag, answer):
    """A function that raises, prints, or returns something else is answered, not passed on as a traceback."""
    told = check(tag, answer)
    assert told.state in ("wrong", "stopped"), say(told)
    assert told.message.endswith((".", "?", ".)"))


@pytest.mark.parametrize("tag", sorted(set(TAGS) - {"6.1"}))
@pytest.mark.parametrize("answer", [None, 0.25, "most_left", [1, 2], Network])
def test_no_function_is_refused(tag, answer):
    """Where a function is asked for, anything else is refused in one sentence."""
    with pytest.raises(TypeError, match="expected a function"):
        check(tag, answer)


@pytest.mark.parametrize("answer", [None, "0.3", [0.3], np.array([0.3]), True, float("nan")])
def test_no_number_is_told(answer):
    """Where a number is asked for, anything else is told."""
    told = check("6.1", answer)
    assert told.state == "wrong"
    assert told.message


def test_changed_arguments_are_told():
    """A function that moves the caller's digit is found, though what it returns is right."""

    def nudge(net, x, y, eta, steps):
        for _ in range(steps):
            x -= eta * (net.weights[0].T @ backprop(net, x, y)[0][0])
        return x

    told = check("9.3", nudge)
    assert told.state == "wrong"
    assert told.mistake == "arguments-changed"


def test_arrays_that_are_wrong_are_named():
    """Of a step that is wrong in a way of its own, the answer says which arrays are wrong, without an address."""

    def some_biases(net, X, Y, eta, decay):
        decay_with_new_arrays(net, X, Y, eta, decay)
        net.biases[0] += 0.01

    def lost_dimension(net, X, Y, eta, decay):
        decay_with_new_arrays(net, X, Y, eta, decay)
        net.biases[0] = net.biases[0] - np.ones(len(net.biases[0]))

    def all_too_far(net, X, Y, epochs, m, eta, rng):
        train_with_while(net, X, Y, epochs, m, 1.1 * eta, rng)

    expected = {
        some_biases: "net.biases[0] has other numbers than expected; net.biases[1], net.weights[0] and net.w",
        lost_dimension: "net.biases[0] has shape (4, 4): expected (4, 1).",
        all_too_far: "all biases and weights have other numbers",
    }
    for function, words in expected.items():
        told = check("6.4" if function is all_too_far else "9.4", function)
        assert told.state == "wrong"
        assert words in told.message
        assert told.hints


@pytest.mark.parametrize("tag", TAGS)
def test_hints_are_three_sentences(tag):
    """Where to look, which equation, and the line; the first does not hold the line."""
    told = check(tag, 7.0 if tag == "6.1" else a_word)
    hints = told.hints or WORDS.get(f"{tag} hints", ("", "", ""))
    assert len(hints) == 3
    assert "return" not in hints[0]


# --- the expected numbers, found in another way -----------------------------------------------------------------------


def level(net):
    """Keep only the parts of a network that numerical_gradient changes, and let complex numbers pass."""
    return SimpleNamespace(weights=net.weights, biases=net.biases)


def test_share_of_5_1_is_reached():
    """With orthogonal weights and every z at 0, exactly (1/4)^(L − 2) of the error arrives."""
    rng = np.random.default_rng(0)
    for depth in (2, 3, 5):
        weights = [np.linalg.qr(rng.standard_normal((4, 4)))[0] for _ in range(depth - 1)]
        biases = [np.zeros((4, 1))] + [-w @ np.full((4, 1), 0.5) for w in weights[1:]]
        net = Network([4] * depth, weights, biases)
        deltas, _ = backprop(net, np.zeros((4, 1)), rng.random((4, 1)))
        share = np.linalg.norm(deltas[0]) / np.linalg.norm(deltas[-1])
        assert np.isclose(share, lesson_05._most_left(net), rtol=1e-12)


def test_norms_of_5_2_are_those_of_the_numerical_gradient():
    """δ is ∂C/∂b, found by differences of the cost."""
    net, X, Y = lesson_05._examples([5, 4, 3], 3)
    norms = []
    for i in range(3):

        def cost_of(some, x=X[:, [i]], y=Y[:, [i]]):
            a = x
            for b, w in zip(some.biases, some.weights, strict=True):
                a = 1 / (1 + np.exp(-(w @ a + b)))
            return np.sum((a - y) ** 2) / 2

        nabla_b, _ = numerical_gradient(cost_of, level(net))
        norms.append([np.linalg.norm(nb) for nb in nabla_b])
    assert np.allclose(lesson_05._delta_norms(net, X, Y), np.mean(norms, axis=0), rtol=1e-9)


def test_saturation_of_5_3_is_a_distance_from_zero():
    """σ′(z) < 0.05 means |z| > 2.887..., the solution of a(1 − a) = 0.05; and all shares are worth telling apart."""
    a = (1 + np.sqrt(1 - 4 * 0.05)) / 2
    far = np.log(a / (1 - a))
    for net, X in [lesson_05._examples(sizes, m)[:2] for sizes, m in (([12, 9, 8, 6], 7), ([20, 12, 8], 5))]:
        shares = lesson_05._saturated(net, X)
        assert np.allclose(shares, [np.mean(np.abs(Z) > far) for Z in z_of(net, X)])
        assert all(0 < share < 1 for share in shares)


def test_matrix_of_5_4_carries_every_error():
    """M δ^L is δ² whatever y is."""
    rng = np.random.default_rng(3)
    net, x, _ = lesson_05._examples([6, 5, 4, 3], 1)
    for _ in range(5):
        deltas, _ = backprop(net, x, 10 * rng.standard_normal((3, 1)))
        assert np.allclose(lesson_05._way_back(net, x) @ deltas[-1], deltas[0], rtol=1e-12)


@pytest.mark.parametrize(("n", "m"), [(10, 4), (12, 4), (3, 5), (7, 1), (50, 7)])
def test_pieces_of_6_2_are_the_order(n, m):
    """Put together again, the pieces are the order; all but the last hold m, and there are n/m of them, rounded up."""
    order = np.random.default_rng(n).permutation(n)
    pieces = lesson_06._cut(order, m)
    assert np.concatenate(pieces).tolist() == order.tolist()
    assert {len(piece) for piece in pieces[:-1]} <= {m}
    assert len(pieces) == -(-n // m)


def test_rate_of_6_1_takes_the_same_step():
    """Ten examples, once with η = 3 and the division, once with the answer and without it."""
    rng = np.random.default_rng(2)
    net = Network.random([4, 3, 2], rng)
    mini_batch = [(rng.random((4, 1)), rng.random((2, 1))) for _ in range(10)]
    ours, theirs = net.copy(), net.copy()
    update_mini_batch(ours, mini_batch, 3.0)
    answer = next(eta for eta in (0.03, 0.3, 3.0, 30.0) if check("6.1", eta).ok)
    for x, y in mini_batch:
        nabla_b, nabla_w = backprop(net, x, y)
        for array, slope in zip(theirs.biases + theirs.weights, nabla_b + nabla_w, strict=True):
            array -= answer * slope
    assert all(np.allclose(a, b) for a, b in zip(ours.weights, theirs.weights, strict=True))


def test_training_of_6_4_is_that_of_sgd():
    """The loop that the check compares with takes the same steps as `sgd`."""
    few = load_mnist().training[:25]
    X, Y = few.columns(slice(None))
    mine = Network.random([784, 5, 10], np.random.default_rng(1), scaled=True)
    theirs = mine.copy()
    lesson_06._train_with()(mine, X, Y, 2, 10, 3.0, np.random.default_rng(8))
    sgd(theirs, few, 2, 10, 3.0, np.random.default_rng(8), progress=False)
    assert all(relative_error(a, b) < 1e-12 for a, b in zip(mine.weights, theirs.weights, strict=True))


def test_share_of_9_1_is_that_of_evaluate():
    """The share is the count of `evaluate`, divided."""
    few = load_mnist().test[:300]
    net = Network.random([784, 10], np.random.default_rng(0), scaled=True)
    X, _ = few.columns(slice(None))
    assert lesson_09._accuracy(net, X, few.labels) == evaluate(net, few) / 300


def test_counts_of_9_2_add_up():
    """All examples are counted once, the right ones on the diagonal."""
    rng = np.random.default_rng(5)
    labels, answers = rng.integers(0, 10, (2, 400))
    counts = lesson_09._confusion(labels, answers)
    assert (counts == confusion_by_a_loop(labels, answers)).all()
    assert counts.sum() == 400
    assert np.trace(counts) == np.sum(labels == answers)


def test_step_of_9_3_goes_against_the_numerical_slope():
    """∂C/∂x, found by differences of the cost."""
    net, x, y = lesson_09._examples([6, 5, 4, 3], 1)

    def cost_at(x):
        a = x
        for b, w in zip(net.biases, net.weights, strict=True):
            a = 1 / (1 + np.exp(-(w @ a + b)))
        return np.sum((a - y) ** 2) / 2

    slopes = [[(cost_at(x + 1e-20j * unit.reshape(-1, 1)) / 1e-20).imag] for unit in np.eye(6)]
    assert np.allclose(lesson_09._nudge(net, x, y, 0.5, 1), x - 0.5 * np.array(slopes), rtol=1e-9)


def test_step_of_9_4_goes_against_the_numerical_gradient():
    """The average cost and (λ/2) Σ w², differentiated by the complex step."""
    net, X, Y = lesson_09._examples([5, 4, 3], 6)

    def cost_of(some):
        A = X
        for b, w in zip(some.biases, some.weights, strict=True):
            A = 1 / (1 + np.exp(-(w @ A + b)))
        return np.sum((A - Y) ** 2) / 2 / 6 + 0.3 / 2 * sum(np.sum(w**2) for w in some.weights)

    nabla_b, nabla_w = numerical_gradient(cost_of, level(net))
    after = net.copy()
    lesson_09._decay_with()(after, X, Y, 0.7, 0.3)
    for old, new, slope in zip(net.biases + net.weights, after.biases + after.weights, nabla_b + nabla_w, strict=True):
        assert np.allclose(new, old - 0.7 * slope, rtol=1e-9)


# --- the lessons and their solutions ----------------------------------------------------------------------------------


def tagged(notebook, kind):
    """Map the numbers of the exercises to the cells tagged exercise-... or check-..."""
    cells = {tag: cell for cell in cells_of(notebook, "code") for tag in cell.metadata.get("tags", [])}
    return {tag.removeprefix(f"{kind}-"): cell for tag, cell in cells.items() if tag.startswith(f"{kind}-")}


def heads(notebook):
    """List the headings of the exercises."""
    return re.findall(r"^### .+$", "\n".join(cell.source for cell in cells_of(notebook, "markdown")), re.MULTILINE)


def answer_of(cell):
    """Give the text that a check has left in a stored notebook."""
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


@pytest.mark.parametrize("name", NAMES)
def test_lesson_and_solution_belong_together(name):
    """The same exercises, under the same headings, with the same checks: blank in the lesson, right in the solution."""
    lesson, solution = read(NOTEBOOKS / f"{name}.ipynb"), read(NOTEBOOKS / "solutions" / f"{name}.ipynb")
    number = int(name[:2])
    expected = [tag for tag in TAGS if tag.split(".")[0] == str(number)]
    for kind in ("exercise", "check"):
        assert list(tagged(lesson, kind)) == list(tagged(solution, kind)) == expected
    assert heads(lesson) == heads(solution)
    for tag in expected:
        asked, solved = (tagged(notebook, "check")[tag] for notebook in (lesson, solution))
        assert asked.source == solved.source
        assert check(tag, ...).message in answer_of(asked)
        assert answer_of(solved).startswith("✓")
        assert "..." in tagged(lesson, "exercise")[tag].source
        assert "..." not in tagged(solution, "exercise")[tag].source


@pytest.mark.parametrize("name", NAMES)
def test_cells_of_the_solution_are_accepted(name):
    """The solved cells, one after the other as a reader runs them, pass their checks."""
    solution = read(NOTEBOOKS / "solutions" / f"{name}.ipynb")
    scope = {"np": np, "backprop": backprop, "backprop_matrix": backprop_matrix, "feedforward": feedforward}
    scope |= {"sigmoid": sigmoid, "sigmoid_prime": sigmoid_prime, "check": check}
    for tag, cell in tagged(solution, "exercise").items():
        exec(cell.source, scope)
        told = eval(tagged(solution, "check")[tag].source, scope)
        assert told.ok, say(told)
