"""The exercises of lesson 6: right answers in several styles, wrong ones typed out as a learner would."""

import itertools
import re

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, load_mnist, sgd, update_mini_batch
from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import EXERCISES, check, lesson_06
from bpteach.gradcheck import relative_error
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read

# --- what is right, each in several styles ----------------------------------------------------------------------------


def cut_while(order, m):
    pieces = []
    while len(order):
        pieces.append(order[:m])
        order = order[m:]
    return pieces


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
    for _epoch in range(epochs):
        order = rng.permutation(X.shape[1])
        X_new, Y_new = X[:, order], Y[:, order]
        for start in range(0, len(order), m):
            columns = zip(X_new.T[start : start + m], Y_new.T[start : start + m], strict=True)
            update_by_matrices(net, [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in columns], eta)


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("6.1", 0.3),
        ("6.1", 3 / 10),
        ("6.1", np.float64(3) / 10),
        ("6.2", cut_while),
        ("6.2", lambda order, m: np.split(order, range(m, len(order), m))),
        ("6.2", cut_by_comprehension),
        ("6.3", update_mini_batch),
        ("6.3", update_by_matrices),
        ("6.4", train_with_while),
        ("6.4", train_by_matrices),
    ],
)
def test_right_answers_are_accepted(tag, answer):
    """Whatever the style, what computes the right numbers is right."""
    told = check(tag, answer)
    assert told.ok, f"{told}\n{told.hints}"


# --- wrong, in other ways than the package's slips --------------------------------------------------------------------


def train(orders, keep=lambda pieces, m: pieces):
    """Give a training loop with one of its parts replaced."""

    def my_sgd(net, X, Y, epochs, m, eta, rng):
        for order in orders(rng, X.shape[1], epochs):
            for piece in keep(cut_while(order, m), m):
                update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)

    return my_sgd


def fresh(rng, n, epochs):
    return (rng.permutation(n) for _epoch in range(epochs))


def one_epoch(net, X, Y, epochs, m, eta, rng):
    for _epoch in range(epochs):
        for piece in cut_while(rng.permutation(X.shape[1]), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)
        return


def shuffle_in_place(net, X, Y, epochs, m, eta, rng):
    order = np.arange(X.shape[1])
    for _epoch in range(epochs):
        rng.shuffle(order)
        for piece in cut_while(order, m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)


def labels_left(net, X, Y, epochs, m, eta, rng):
    for _epoch in range(epochs):
        shuffled = X[:, rng.permutation(X.shape[1])]
        for start in range(0, X.shape[1], m):
            places = range(start, min(start + m, X.shape[1]))
            update_mini_batch(net, [(shuffled[:, [i]], Y[:, [i]]) for i in places], eta)


def labels_shuffled(net, X, Y, epochs, m, eta, rng):
    for _epoch in range(epochs):
        order = rng.permutation(X.shape[1])
        for places in cut_while(np.arange(len(order)), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [order[i]]]) for i in places], eta)


def two_orders(net, X, Y, epochs, m, eta, rng):
    n = X.shape[1]
    for _epoch in range(epochs):
        pieces = zip(cut_while(rng.permutation(n), m), cut_while(rng.permutation(n), m), strict=True)
        for of_X, of_Y in pieces:
            update_mini_batch(net, [(X[:, [i]], Y[:, [j]]) for i, j in zip(of_X, of_Y, strict=True)], eta)


def keeps_the_shuffled(*, X_too=True, Y_too=True):
    """Give a loop that keeps the shuffled X, Y or both for the next epoch."""

    def my_sgd(net, X, Y, epochs, m, eta, rng):
        n = X.shape[1]
        for _epoch in range(epochs):
            order = rng.permutation(n)
            X = X[:, order] if X_too else X
            Y = Y[:, order] if Y_too else Y
            pairs = [(X[:, [i]], Y[:, [i]]) for i in range(n)]
            for start in range(0, n, m):
                update_mini_batch(net, pairs[start : start + m], eta)

    return my_sgd


def as_many_as_inputs(net, X, Y, epochs, m, eta, rng):
    n = len(X)
    for _epoch in range(epochs):
        for piece in cut_while(rng.permutation(n), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)


def divided_by_the_piece(net, X, Y, epochs, m, eta, rng):
    for _epoch in range(epochs):
        for piece in cut_while(rng.permutation(X.shape[1]), m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta / len(piece))


def on_a_copy(net, X, Y, epochs, m, eta, rng):
    train(fresh)(net.copy(), X, Y, epochs, m, eta, rng)


WRONG = {
    "6.1": [
        (30, "That is η · m"),
        (0.03, "divided by m twice"),
        (10.0, "That is 10"),
        (None, "None (NoneType): expected a number"),
        ("0.3", "expected a number"),
        ([0.3], "expected a number"),
        (np.array([0.3]), "expected a number"),
        (True, "expected a number"),
        (float("nan"), "nan is not it"),
    ],
    "6.2": [
        (lambda order, m: [order[k * m : (k + 1) * m] for k in range(len(order) // m)], "shorter piece is missing"),
        (lambda order, m: np.array_split(order, int(np.ceil(len(order) / m))), "nearly equal length"),
        (np.array_split, "That makes m pieces"),
        (lambda order, m: [order[i : i + m] for i, _number in enumerate(order)], "begins at every example"),
    ],
    "6.4": [
        (on_a_copy, "The network is as it was"),
        (train(lambda rng, n, epochs: itertools.repeat(rng.permutation(n), epochs)), "drawn once and used in every"),
        (shuffle_in_place, "Everything is there"),
        (keeps_the_shuffled(), "Everything is there"),
        (one_epoch, "stops after the first epoch"),
        (
            train(fresh, keep=lambda pieces, m: [piece for piece in pieces if len(piece) == m]),
            "shorter mini-batch of each epoch is left out",
        ),
        (labels_left, "X and Y have come apart"),
        (labels_shuffled, "X and Y have come apart"),
        (two_orders, "X and Y have come apart"),
        (keeps_the_shuffled(Y_too=False), "X and Y have come apart"),
        (keeps_the_shuffled(X_too=False), "X and Y have come apart"),
        (as_many_as_inputs, "n is wrong"),
        (lambda net, X, Y, epochs, m, eta, rng: train(fresh)(net, X, Y, epochs, m, eta / m, rng), "divided by m twice"),
        (divided_by_the_piece, "divided by m twice"),
        (
            lambda net, X, Y, epochs, m, eta, rng: train(fresh)(net, X, Y, epochs, m, 1.1 * eta, rng),
            "all biases and weights have other numbers",
        ),
    ],
}


@pytest.mark.parametrize(("tag", "case"), [(tag, case) for tag, cases in WRONG.items() for case in cases])
def test_wrong_answers_are_told_in_any_style(tag, case):
    """The sentence of the slip, its name in the catalogue if it has one, and three hints."""
    answer, words, *mistake = case
    told = check(tag, answer)
    assert told.state == "wrong", told
    assert words in told.message, told
    assert [told.mistake] == (mistake or [None])
    assert told.mistake in {None, *CATALOGUE}
    assert told.hints == EXERCISES[tag].hints


def no_biases(net, mini_batch, eta):
    biases = [b.copy() for b in net.biases]
    update_mini_batch(net, mini_batch, eta)
    net.biases[:] = biases


def step_for_each_example(net, mini_batch, eta):
    for pair in mini_batch:
        update_mini_batch(net, [pair], eta / len(mini_batch))


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
        (lambda net, batch, eta: update_mini_batch(net, batch, eta * len(batch)), "mean-for-sum"),
        (Accumulator(), "accumulator-not-reset"),
    ],
)
def test_main_exercise_names_the_mistake(update, mistake):
    """6.3: the reader's update is told which of the catalogue's mistakes it makes."""
    told = check("6.3", update)
    assert told.mistake == mistake, told
    assert not told.ok


def test_other_eta_of_6_1_is_that_of_the_lesson():
    """6.1: `eta` is the last rate that the lesson tries."""
    cells = cells_of(read(NOTEBOOKS / "06-learn-one-example-at-a-time.ipynb"), "code")
    (loop,) = [cell.source for cell in cells if "for eta in" in cell.source]
    rates = re.search(r"for eta in \[(.+)\]", loop)[1].split(", ")
    assert float(rates[-1]) == lesson_06.LAST_RATE


@pytest.mark.parametrize(("tag", "answer"), [("6.1", 0.3), ("6.2", cut_while)])
def test_questions_left_open_are_said_to_be_answered(tag, answer):
    assert "The solutions" in check(tag, answer).message


# --- the expected numbers, found in another way -----------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(10, 4), (12, 4), (3, 5), (7, 1), (50, 7)])
def test_pieces_of_6_2_are_the_order(n, m):
    """Put together again, the pieces are the order; all but the last hold m, and there are n/m of them, rounded up."""
    order = np.random.default_rng(n).permutation(n)
    pieces = lesson_06.cut(order, m)
    assert np.concatenate(pieces).tolist() == order.tolist()
    assert {len(piece) for piece in pieces[:-1]} <= {m}
    assert len(pieces) == -(-n // m)


def test_rate_of_6_1_takes_the_same_step():
    """Ten examples, once with η = 3 and the division, once with the answer and without it."""
    rng = np.random.default_rng(2)
    net = Network.random([4, 3, 2], rng)
    mini_batch = [(rng.random((4, 1)), rng.random((2, 1))) for _example in range(10)]
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
    lesson_06.train(mine, X, Y, 2, 10, 3.0, np.random.default_rng(8))
    sgd(theirs, few, 2, 10, 3.0, np.random.default_rng(8), progress=False)
    assert all(relative_error(a, b) < 1e-12 for a, b in zip(mine.weights, theirs.weights, strict=True))
