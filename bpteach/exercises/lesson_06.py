"""The exercises of lesson 6: mini-batches, the step, and the training loop around it."""

import numpy as np

from bpteach.diagnosis import check_update
from bpteach.exercises import exercise, right_answer
from bpteach.locale import N_
from bpteach.network import Network
from bpteach.training import update_mini_batch

LAST_RATE = 100.0  # what the lesson's loop over learning rates leaves in `eta`


@right_answer(
    "6.1",
    slips={
        N_("That is η · m: without the division the step is ten times too large, so η must be smaller."): 3.0 * 10,
        N_("With the same η the step is ten times too large: the sum is not divided by m any more."): 3.0,
        N_("That is divided by m twice."): 3.0 / 10**2,
        N_("That is 10: since the lesson's loop, `eta` stands for 100, the last rate it tried."): LAST_RATE / 10,
    },
    hints=N_(
        "Write down what each of the two subtracts from a weight whose ten slopes add up to S.\n"
        "Our step is (η/m) S, equations (20) and (21); the other one is η′ S.\n"
        "η′ = η/m: `eta_without_division = 3.0 / 10`"
    ),
    praise=N_("That is it: what η/m did, η alone has to do now. (And with 4 examples left? The solutions say.)"),
)
def eta_without_division():
    return 3.0 / 10


@right_answer(
    "6.2",
    calls=lambda rng: [(rng.permutation(n), m) for n, m in ((10, 4), (12, 4), (7, 3), (3, 5))],
    slips={
        N_("The last, shorter piece is missing: those examples would not be heard in this epoch."): (
            lambda order, m: [piece for piece in cut(order, m) if len(piece) == m]
        ),
        N_("Take the numbers as they stand in `order`."): lambda order, m: cut(np.arange(len(order)), m),
        N_("m is the number of examples in each piece but the last, and not the number of pieces."): [
            lambda order, m: np.array_split(order, m),
            lambda order, m: np.array_split(order, -(-len(order) // m)),
        ],
        N_("When m divides the number of examples, there is one empty piece too many at the end."): (
            lambda order, m: [order[i : i + m] for i in range(0, len(order) + 1, m)]
        ),
        N_("The pieces overlap: the example at each border is in two of them. A slice leaves out its end."): (
            lambda order, m: [order[i : i + m + 1] for i in range(0, len(order), m)]
        ),
    },
    hints=N_(
        "Ten examples and m = 4: which places does each of the three pieces begin at, and end before?\n"
        "Equation (20) sums over a mini-batch of m examples; together the mini-batches are the whole set, once.\n"
        "`return [order[start : start + m] for start in range(0, len(order), m)]`"
    ),
    praise=N_(
        "That is it: each example once an epoch, and the last piece takes what is left. (How many steps for m = 64? "
        "The solutions count them.)"
    ),
)
def cut(order, m):
    return [order[start : start + m] for start in range(0, len(order), m)]


exercise("6.3")(check_update)


# --- 6.4: the loop, and what else shuffles, cuts, or steps ----------------------------------------------------------


def _new_orders(n, epochs, rng):
    return [rng.permutation(n) for _epoch in range(epochs)]


def _shuffled_again(n, epochs, rng):
    """Shuffle in each epoch what the epoch before has left."""
    order, orders = np.arange(n), []
    for _epoch in range(epochs):
        rng.shuffle(order)
        orders.append(order.copy())
    return orders


def _train_with(orders=_new_orders, cut=cut, count=lambda X: X.shape[1], rate=lambda eta, m: eta):
    """Give the training loop, or one that is wrong in the part that is replaced; an order may be two, for X and Y."""

    def train(net, X, Y, epochs, m, eta, rng):
        for order in orders(count(X), epochs, rng):
            order_of_X, order_of_Y = order if isinstance(order, tuple) else (order, order)
            for places in cut(np.arange(len(order_of_X)), m):
                pairs = [(X[:, [order_of_X[i]]], Y[:, [order_of_Y[i]]]) for i in places]
                update_mini_batch(net, pairs, rate(eta, m))

    return train


def _trainings(rng):
    net, X, Y = Network.random([4, 3, 2], rng), rng.random((4, 10)), rng.random((2, 10))
    return [(net, X, Y, 3, 4, 2.0, np.random.default_rng(4)), (net, X[:, :8], Y[:, :8], 2, 4, 1.0, rng)]


@right_answer(
    "6.4",
    calls=_trainings,
    in_place=True,
    slips={
        N_("The network is as it was: hand `net` itself to the update, which changes it in place, not a copy."): (
            lambda net, *rest: _train_with()(net.copy(), *rest)
        ),
        N_("Draw a new order, `rng.permutation(n)`, at the beginning of each epoch: yours takes one order in all."): [
            _train_with(lambda n, epochs, rng: [rng.permutation(n)] * epochs),
        ],
        N_("The examples are taken as they stand: take those that the order of `rng.permutation(n)` names."): (
            _train_with(lambda n, epochs, rng: [np.arange(n)] * epochs)
        ),
        N_("All is there, but the check compares with the orders of `rng.permutation(n)`."): (
            _train_with(_shuffled_again)
        ),
        N_("One epoch alone: does a `return` stand inside the loop?"): (
            _train_with(lambda n, epochs, rng: [rng.permutation(n)])
        ),
        N_("The last of the mini-batches is left out, which may be shorter: let `range` end at n, not at n − m."): [
            _train_with(cut=lambda order, m: cut(order, m)[: len(order) // m]),
            _train_with(cut=lambda order, m: [order[k : k + m] for k in range(0, len(order) - m, m)]),
        ],
        N_("X and Y have come apart: the examples and their desired outputs need the same order."): [
            _train_with(lambda n, epochs, rng: [(order, np.arange(n)) for order in _new_orders(n, epochs, rng)]),
            _train_with(lambda n, epochs, rng: [(np.arange(n), order) for order in _shuffled_again(n, epochs, rng)]),
            _train_with(lambda n, epochs, rng: [(rng.permutation(n), rng.permutation(n)) for _epoch in range(epochs)]),
        ],
        N_("`len(X)` counts the inputs. The examples are the columns: `X.shape[1]`."): _train_with(count=len),
        N_("The step is divided by m twice: the update divides by m itself, so hand it η as it is."): (
            _train_with(rate=lambda eta, m: eta / m)
        ),
        N_("A step is taken with m examples, not with one, and not with all: cut the order into pieces of m."): [
            _train_with(cut=lambda order, m: cut(order, 1)),
            _train_with(cut=lambda order, m: [order]),
        ],
    },
    hints=N_(
        "Three things stand one inside the other: the epochs, the pieces of an epoch's order, the pairs of a piece.\n"
        "Equations (20) and (21) once for each piece. The shuffling is inside the loop over epochs, before the loop "
        "over the pieces.\n"
        "Once for each epoch: `for piece in cut(rng.permutation(X.shape[1]), m): update_mini_batch(net, [(X[:, [i]], "
        "Y[:, [i]]) for i in piece], eta)`"
    ),
    praise=N_("That is it: the whole program, from the shuffling to the step, is your own now."),
)
def my_sgd(net, X, Y, epochs, m, eta, rng):
    _train_with()(net, X, Y, epochs, m, eta, rng)
