"""The exercises of lesson 9: accuracy, confusion, a digit that is moved downhill, and weight decay."""

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix, feedforward
from bpteach.exercises import Slip, right_answer
from bpteach.functions import sigmoid_prime
from bpteach.locale import N_
from bpteach.network import Network


def _examples(sizes, m):
    rng = np.random.default_rng(9)
    return Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m))


def _labelled(sizes, m):
    """Give a network, examples, and labels of which it gets a good half right."""
    net, X, _Y = _examples(sizes, m)
    X = 8 * X - 4
    labels = feedforward(net, X).argmax(axis=0).astype(np.uint8)
    labels[1::3] = (labels[1::3] + 1) % sizes[-1]
    return net, X, labels


def _share_of(answers):
    return lambda net, X, labels: np.mean(answers(feedforward(net, X)) == labels)


@right_answer(
    "9.1",
    calls=lambda rng: [_labelled(sizes, m) for sizes, m in (([6, 12], 12), ([6, 5, 4], 15), ([4, 3], 8))],
    slips={
        N_("That is the share of the digits that are read wrong."): lambda net, X, labels: 1 - accuracy(net, X, labels),
        N_("For each column there is one answer, the number of the largest output: `argmax`, with `axis=0`."): [
            _share_of(lambda outputs: outputs.argmax()),
            _share_of(lambda outputs: outputs.argmax(axis=1)),
            _share_of(lambda outputs: outputs.max(axis=0)),
        ],
        N_("You ask for an output above 0.5: the answer is the largest output, however small."): (
            _share_of(lambda outputs: np.where(outputs.max(axis=0) > 0.5, outputs.argmax(axis=0), -1))
        ),
    },
    hints=N_(
        "The outputs of the lesson's network are an array of shape (10, m): along which of the two directions do the "
        "ten answers to one digit stand?\n"
        "The answer to an example is the number j of the largest output in its column; it is right if j is the label.\n"
        "`return np.mean(feedforward(net, X).argmax(axis=0) == labels)`"
    ),
    praise=N_("That is it: one answer a column, compared with one label a column."),
)
def accuracy(net, X, labels):
    return float(np.mean(feedforward(net, X).argmax(axis=0) == labels))


def _labels_and_answers(rng):
    """Draw digits; with ten examples, rows for columns runs, and is told by its numbers."""
    sizes = ((10, 10), (10, 200), (4, 30))
    return [(rng.integers(0, top, m).astype(np.uint8), rng.integers(0, top, m)) for top, m in sizes]


@right_answer(
    "9.2",
    calls=_labels_and_answers,
    slips={
        N_("The product is to sum over the examples, so m stands inside: (10, m) times (m, 10)."): [
            lambda labels, answers: np.eye(10)[labels] @ np.eye(10)[answers],
            lambda labels, answers: np.equal.outer(labels, answers),
        ],
        N_("`counts[labels, answers] += 1` adds 1 only once to each place: use a matrix product, or `np.add.at`."): (
            lambda labels, answers: np.minimum(confusion(labels, answers), 1)
        ),
        N_("The right answers, on the diagonal, are missing."): (
            lambda labels, answers: confusion(labels, answers) * (1 - np.eye(10))
        ),
    },
    hints=N_(
        "Turn each digit into a row, or a column, of ten numbers with a single 1, for the labels and for the answers.\n"
        "As in BP4 for a mini-batch, a matrix product sums over the examples: (10, m) @ (m, 10).\n"
        "`return np.eye(10)[:, labels] @ np.eye(10)[answers]`"
    ),
    praise=N_("That is it. In one matrix product it is the trick of BP4: the product sums over the examples."),
)
def confusion(labels, answers):
    return np.eye(10)[:, labels] @ np.eye(10)[answers]


def _moves(rng):
    """List calls: in the square network a missing transpose, or δ of another layer, is told by its numbers."""
    calls = [(*_examples(sizes, 1), 0.7, steps) for sizes, steps in (([4] * 3, 3), ([5, 4, 4], 3), ([6, 5, 4, 3], 4))]
    return [*calls, (*calls[-1][:3], 40.0, 3)]  # so far that x leaves [0, 1]


def _back(net, x, deltas):
    return net.weights[0].T @ deltas[0]


def _move_by(slopes, after_each_step=lambda x: x):

    def move(net, x, y, eta, steps):
        for _step in range(steps):
            deltas = backprop(net, x, y)[0]
            x = after_each_step(x - eta * slopes(net, x, deltas))
        return x

    return move


@right_answer(
    "9.3",
    calls=_moves,
    slips={
        N_("That goes uphill: to lower the cost, go against the slopes."): (
            Slip(lambda net, x, y, eta, steps: nudge(net, x, y, -eta, steps), "wrong-sign")
        ),
        N_("The last step back is the weights alone: a pixel has no σ′, and the factor x belongs to BP4."): [
            _move_by(lambda net, x, deltas: _back(net, x, deltas) * sigmoid_prime(x)),
            _move_by(lambda net, x, deltas: _back(net, x, deltas) * x),
        ],
        N_("Take all the steps, each with the slopes at the x that has moved: call `backprop` inside the loop."): [
            lambda net, x, y, eta, steps: nudge(net, x, y, eta, 1),
            lambda net, x, y, eta, steps: nudge(net, x, y, eta * steps, 1),
        ],
        N_("The lists begin with layer 2: w², transposed, and δ² are made of `net.weights[0]` and `nabla_b[0]`."): [
            Slip(_move_by(lambda net, x, deltas: net.weights[0] @ deltas[0]), "missing-transpose"),
            _move_by(lambda net, x, deltas: net.weights[0].T @ deltas[-1]),
            _move_by(lambda net, x, deltas: net.weights[1].T @ deltas[1]),
            _move_by(lambda net, x, deltas: net.weights[1].T @ deltas[0]),
        ],
        N_("Each step moves x by −η ∂C/∂x: with η, and wherever that leads, also below 0 and above 1."): [
            lambda net, x, y, eta, steps: nudge(net, x, y, 1.0, steps),
            _move_by(_back, lambda x: np.clip(x, 0, 1)),
        ],
    },
    hints=N_(
        "In each step, ask `backprop` for δ² at the x that you have now, and take it one layer further back.\n"
        "∂C/∂x = (w²)ᵀ δ²: BP2 without the slopes; and δ² is `nabla_b[0]` (BP3).\n"
        "`nabla_b, _ = backprop(net, x, y)`, then `x = x - eta * (net.weights[0].T @ nabla_b[0])`"
    ),
    praise=N_("That is it: gradient descent, only that the input moves, and the network stays."),
)
def nudge(net, x, y, eta, steps):
    return _move_by(_back)(net, x, y, eta, steps)


def _decay_with(of_weight=lambda w, slope, eta, decay, m: slope + decay * w, of_bias=lambda b, slope, *rest: slope):

    def update(net, X, Y, eta, decay):
        nabla_b, nabla_w = backprop_matrix(net, X, Y)
        m = X.shape[1]
        for b, w, nb, nw in zip(net.biases, net.weights, nabla_b, nabla_w, strict=True):
            w -= eta * of_weight(w, nw / m, eta, decay, m)  # (20), with the decay
            b -= eta * of_bias(b, nb / m, eta, decay, m)  # (21)

    return update


def _decay_first(net, X, Y, eta, decay):
    for w in net.weights:
        w *= 1 - eta * decay
    update_with_decay(net, X, Y, eta, 0)


@right_answer(
    "9.4",
    calls=lambda rng: [(*_examples(sizes, m), 0.7, 0.1) for sizes, m in (([5, 4, 3], 6), ([4, 4, 4, 2], 3))],
    in_place=True,
    slips={
        N_("The network is as it was: change its arrays in place (`w -= ...`). `w = w - ...` makes a new array."): (
            lambda net, *call: update_with_decay(net.copy(), *call)
        ),
        N_("The decay is missing: add λ w to the slope of each w."): _decay_with(lambda w, slope, *rest: slope),
        N_("The decay adds λ w to the slope of a weight, the slope of (λ/2) w²: yours adds something else."): [
            _decay_with(lambda w, slope, eta, decay, m: slope - decay * w),
            _decay_with(lambda w, slope, eta, decay, m: slope + decay / 2 * w**2),
            _decay_with(lambda w, slope, eta, decay, m: slope + decay * w / m),
            _decay_with(lambda w, slope, eta, decay, m: slope + decay * w * 2),
            _decay_with(lambda w, slope, eta, decay, m: slope + decay * w / 2),
            _decay_with(lambda w, slope, eta, decay, m: slope + decay * w / eta),
        ],
        N_("The extra cost holds weights only: a bias does not decay, and takes its old step."): [
            _decay_with(of_bias=lambda b, slope, eta, decay, m: slope + decay * b),
            Slip(_decay_with(of_bias=lambda b, *rest: 0 * b), "biases-never-updated"),
        ],
        N_("The examples' slopes are summed: divide them by m, once."): (
            _decay_with(
                lambda w, slope, eta, decay, m: m * slope + decay * w, lambda b, slope, eta, decay, m: m * slope
            )
        ),
        N_("Weights and biases go uphill: to lower the cost, subtract."): (
            Slip(lambda net, X, Y, eta, decay: update_with_decay(net, X, Y, -eta, decay), "wrong-sign")
        ),
        N_("Both parts of the gradient belong to the old weights: compute all of it before you change any of them."): [
            Slip(_decay_first, "updated-too-early"),
            _decay_with(lambda w, slope, eta, decay, m: slope + decay * (w - eta * slope)),
        ],
    },
    hints=N_(
        "What does the extra cost add to the slope of a single weight, and to that of a bias?\n"
        "The slope of (λ/2) w² is λ w. Equation (20) becomes w → w − η (1/m Σ ∂C_x/∂w + λ w); (21) stays.\n"
        "`w -= eta * (nw / X.shape[1] + decay * w)`, and `b -= eta * nb / X.shape[1]`"
    ),
    praise=N_("That is it: every weight loses the share η λ of itself at each step, besides what the examples ask."),
)
def update_with_decay(net, X, Y, eta, decay):
    _decay_with()(net, X, Y, eta, decay)
