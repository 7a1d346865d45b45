"""The exercises of lesson 6: mini-batches, the step, and the training loop around it."""

import numpy as np

from bpteach.diagnosis import check_update
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge, judge_function
from bpteach.exercises.networks import judge_network
from bpteach.network import Network
from bpteach.training import update_mini_batch

WORDS = {
    "6.1 right": "That is it: what η/m did, η alone has to do now. (And with 4 examples left? The solutions say.)",
    "6.1 upside down": "That is η · m: without the division the step is ten times too large, so η must be smaller, not "
    "larger.",
    "6.1 same": "With the same η the step is ten times too large: the sum is not divided by m any more.",
    "6.1 twice": "That is divided by m twice.",
    "6.1 other eta": "That is 10: since the lesson's loop, the name `eta` stands for 100, the last rate that it "
    "tried. Here η = 3.",
    "6.1 hints": (
        "Write down what each of the two subtracts from a weight whose ten slopes add up to S.",
        "Our step is (η/m) S, equations (20) and (21); the other one is η′ S.",
        "η′ = η/m: `eta_without_division = 3.0 / 10`",
    ),
    "6.2 right": "That is it: each example once an epoch, and the last piece takes what is left. (How many steps for "
    "m = 64? The solutions count them.)",
    "6.2 last dropped": "The last, shorter piece is missing: those examples would not be heard in this epoch.",
    "6.2 positions": "Those are the numbers from 0 up, not shuffled: take the numbers as they stand in `order`, or "
    "every epoch would be the same.",
    "6.2 equal": "These pieces are of nearly equal length: each but the last should hold m examples.",
    "6.2 m pieces": "That makes m pieces: m is the number of examples in a piece.",
    "6.2 empty piece": "When m divides the number of examples, there is one empty piece too many at the end.",
    "6.2 overlap": "The pieces overlap: the example at each border is in two of them. A slice leaves out its end.",
    "6.2 sliding": "A piece begins at every example: the next one should begin m places later.",
    "6.2 hints": (
        "Ten examples and m = 4: which places does each of the three pieces begin at, and end before?",
        "Equation (20) sums over a mini-batch of m examples; together the mini-batches are the whole set, once.",
        "`return [order[start : start + m] for start in range(0, len(order), m)]`",
    ),
    "6.4 right": "That is it: the whole program, from the shuffling to the step, is your own now.",
    "6.4 nothing": "The network is as it was: hand `net` itself to the update, which changes it in place, not a copy.",
    "6.4 one order": "The order is drawn once and used in every epoch: draw a new one at the beginning of each epoch.",
    "6.4 not shuffled": "The examples are taken in the order in which they come: draw `rng.permutation(n)` first.",
    "6.4 shuffle": "Everything is there, only the orders are not those of `rng.permutation(n)`, drawn once an epoch: "
    "shuffling again what is shuffled already is as good, but the check cannot compare it.",
    "6.4 whole set": "Each epoch takes a single step with all examples: cut the order into pieces of m first.",
    "6.4 one epoch": "It stops after the first epoch: does a `return` stand inside the loop?",
    "6.4 last dropped": "The last, shorter mini-batch of each epoch is left out.",
    "6.4 labels left": "X and Y have come apart: the examples are shuffled, and their desired outputs are not, or not "
    "in the same order.",
    "6.4 rows": "n is wrong: `len(X)` is the number of rows, which are the inputs. The examples are the columns: "
    "`X.shape[1]`.",
    "6.4 divided": "The step is divided by m twice: the update divides by m itself, so hand it η as it is.",
    "6.4 single": "Each step is taken with one example: collect m pairs (x, y) before the step.",
    "6.4 hints": (
        "Three things stand one inside the other: the epochs, the pieces of an epoch's order, the pairs of a piece.",
        "Equations (20) and (21) once for each piece. The shuffling is inside the loop over epochs, before the loop "
        "over the pieces.",
        "Once for each epoch: `for piece in cut(rng.permutation(X.shape[1]), m): update_mini_batch(net, [(X[:, [i]], "
        "Y[:, [i]]) for i in piece], eta)`",
    ),
}

LAST_RATE = 100.0  # what the lesson's loop over learning rates leaves in `eta`


@exercise("6.1")
def _(answer):
    eta, m = 3.0, 10
    slips = [
        (eta * m, WORDS["6.1 upside down"]),
        (eta, WORDS["6.1 same"]),
        (eta / m**2, WORDS["6.1 twice"]),
        (LAST_RATE / m, WORDS["6.1 other eta"]),
    ]
    return judge(answer, eta / m, slips=slips, hints=WORDS["6.1 hints"], right=WORDS["6.1 right"])


@exercise("6.2")
def _(answer):
    calls = [(np.random.default_rng(6).permutation(n), m) for n, m in ((10, 4), (12, 4), (7, 3), (3, 5))]
    slips = [
        (lambda order, m: [piece for piece in _cut(order, m) if len(piece) == m], WORDS["6.2 last dropped"]),
        (lambda order, m: _cut(np.arange(len(order)), m), WORDS["6.2 positions"]),
        (lambda order, m: np.array_split(order, -(-len(order) // m)), WORDS["6.2 equal"]),
        (lambda order, m: np.array_split(order, m), WORDS["6.2 m pieces"]),
        (lambda order, m: [order[i : i + m] for i in range(0, len(order) + 1, m)], WORDS["6.2 empty piece"]),
        (lambda order, m: [order[i * m : i * m + m] for i in range(len(order) // m + 1)], WORDS["6.2 empty piece"]),
        (lambda order, m: [order[i : i + m + 1] for i in range(0, len(order), m)], WORDS["6.2 overlap"]),
        (lambda order, m: [order[i : i + m] for i in range(len(order))], WORDS["6.2 sliding"]),
    ]
    return judge_function(answer, _cut, calls, slips=slips, hints=WORDS["6.2 hints"], message=WORDS["6.2 right"])


@exercise("6.3")
def _(answer):
    return check_update(answer)


@exercise("6.4")
def _(answer):
    rng = np.random.default_rng(64)
    net, X, Y = Network.random([4, 3, 2], rng), rng.random((4, 10)), rng.random((2, 10))
    calls = [(net, X, Y, 3, 4, 2.0, np.random.default_rng(4)), (net, X[:, :8], Y[:, :8], 2, 4, 1.0, rng)]
    slips = [
        (lambda net, *others: None, WORDS["6.4 nothing"]),
        (_train_with(lambda n, epochs, rng: [rng.permutation(n)] * epochs), WORDS["6.4 one order"]),
        (_train_with(lambda n, epochs, rng: [np.arange(n)] * epochs), WORDS["6.4 not shuffled"]),
        (_train_with(_shuffled_again), WORDS["6.4 shuffle"]),
        (_train_with(cut=lambda order, m: [order]), WORDS["6.4 whole set"]),
        (_train_with(lambda n, epochs, rng: [rng.permutation(n)]), WORDS["6.4 one epoch"]),
        (_train_with(cut=lambda order, m: _cut(order, m)[: len(order) // m]), WORDS["6.4 last dropped"]),
        *((_train_with(orders), WORDS["6.4 labels left"]) for orders in _orders_apart()),
        (_train_with(count=len), WORDS["6.4 rows"]),
        (_train_with(rate=lambda eta, m, piece: eta / m), WORDS["6.4 divided"]),
        (_train_with(rate=lambda eta, m, piece: eta / len(piece)), WORDS["6.4 divided"]),
        (_train_with(cut=lambda order, m: _cut(order, 1)), WORDS["6.4 single"]),
    ]
    return judge_network(
        answer,
        _train_with(),
        calls,
        slips=slips,
        hints=WORDS["6.4 hints"],
        message=WORDS["6.4 right"],
    )


def _cut(order, m):
    return [order[start : start + m] for start in range(0, len(order), m)]


def _new_orders(n, epochs, rng):
    return [rng.permutation(n) for _ in range(epochs)]


def _shuffled_again(n, epochs, rng):
    """Shuffle in each epoch what the epoch before has left."""
    order, orders = np.arange(n), []
    for _ in range(epochs):
        rng.shuffle(order)
        orders.append(order.copy())
    return orders


def _orders_apart():
    """List ways to shuffle in which X and Y come apart."""

    def one_left(shuffled, *, of_X):
        def orders(n, epochs, rng):
            pairs = ((order, np.arange(n)) for order in shuffled(n, epochs, rng))
            return pairs if of_X else (pair[::-1] for pair in pairs)

        return orders

    def two_draws(n, epochs, rng):
        return [(rng.permutation(n), rng.permutation(n)) for _ in range(epochs)]

    return [one_left(shuffled, of_X=of_X) for shuffled in (_new_orders, _shuffled_again) for of_X in (True, False)] + [
        two_draws
    ]


def _train_with(orders=_new_orders, cut=_cut, count=lambda X: X.shape[1], rate=lambda eta, m, piece: eta):
    """Give the training loop, or one that is wrong in the part that is replaced; an order may be two, for X and Y."""

    def train(net, X, Y, epochs, m, eta, rng):
        for order in orders(count(X), epochs, rng):
            order_of_X, order_of_Y = order if isinstance(order, tuple) else (order, order)
            for places in cut(np.arange(len(order_of_X)), m):
                pairs = [(X[:, [order_of_X[i]]], Y[:, [order_of_Y[i]]]) for i in places]
                update_mini_batch(net, pairs, rate(eta, m, places))

    return train
