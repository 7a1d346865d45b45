"""The exercises of lesson 9: count what a network reads, move an input, and let weights decay."""

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix, feedforward
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
from bpteach.exercises.networks import judge_network
from bpteach.functions import sigmoid_prime
from bpteach.network import Network

WORDS = {
    "9.1 right": "That is it: one answer a column, compared with one label a column.",
    "9.1 count": "That is how many are right: divide by how many there are.",
    "9.1 percent": "That is a percentage: a share lies between 0 and 1.",
    "9.1 wrong ones": "That is the share of the digits that are read wrong.",
    "9.1 whole array": "That is one `argmax` for the whole array: with `axis=0` there is one for each column.",
    "9.1 max": "That is 0 for every network: `max` gives the largest output itself, which is no label. Its number, "
    "the answer, is what `argmax` gives.",
    "9.1 ten thousand": "You divide by 10,000, as many digits as the test digits are: divide by the number of columns "
    "that X has.",
    "9.1 rows": "That is one `argmax` for each row, the outputs of one neuron: `axis=0` goes down each column.",
    "9.1 above half": "That counts an answer only if its output is above 0.5: the answer is the largest output, "
    "however small.",
    "9.1 hints": (
        "The outputs of the lesson's network are an array of shape (10, m): along which of the two directions do the "
        "ten answers to one digit stand?",
        "The answer to an example is the number j of the largest output in its column; it is right if j is the label.",
        "`return np.mean(feedforward(net, X).argmax(axis=0) == labels)`",
    ),
    "9.2 right": "That is it. In one matrix product it is the trick of BP4: the product sums over the examples.",
    "9.2 transposed": "Rows and columns are exchanged: a row is a label, a column an answer.",
    "9.2 not summed": "On the left, a label is to be a column, (10, m): with (m, 10) the product sums over the digits, "
    "not over the examples.",
    "9.2 once": "NumPy adds 1 only once to a place that is named several times in `counts[labels, answers] += 1`: use "
    "a product of matrices, or `np.add.at`.",
    "9.2 every pair": "That has a row and a column for each example, (m, m): every label meets every answer. The "
    "product is to sum over the examples, so m stands inside: (10, m) times (m, 10).",
    "9.2 both ways": "That counts both ways, label and answer exchanged: row i, column j is for the label i only.",
    "9.2 mistakes only": "The right answers are missing: they belong on the diagonal.",
    "9.2 shares": "Those are shares: count.",
    "9.2 hints": (
        "Turn each digit into a row, or a column, of ten numbers with a single 1, for the labels and for the answers.",
        "As in BP4 for a mini-batch, a matrix product sums over the examples: (10, m) @ (m, 10).",
        "`return np.eye(10)[:, labels] @ np.eye(10)[answers]`",
    ),
    "9.3 right": "That is it: gradient descent, only that the input moves, and the network stays.",
    "9.3 sign": "That goes uphill: to lower the cost, go against the slopes.",
    "9.3 input slope": "There is a σ′ too many: a pixel has no weighted input, so the last step back is the weights "
    "alone.",
    "9.3 one step": "That is one step only: does a `return` stand inside the loop?",
    "9.3 old slopes": "The slopes are those of the first x in every step: call `backprop` with the x that has moved.",
    "9.3 not moved": "Your function returns x as it came.",
    "9.3 times x": "There is a factor x too many: with x, it would be the slope of a weight (BP4).",
    "9.3 no transpose": "The weights are not transposed: on the way back, it is `net.weights[0].T`.",
    "9.3 last delta": "That is δ of the output, with the first weights: `nabla_b[0]`, not `nabla_b[-1]`, is δ².",
    "9.3 later weights": "Those are the weights of a later layer: w² and δ² are `net.weights[0]` and `nabla_b[0]`, for "
    "the lists begin with layer 2.",
    "9.3 clipped": "You keep x between 0 and 1, which is not asked for: each step is −η ∂C/∂x, wherever that leads.",
    "9.3 no eta": "There is no η in your step: x moves by −η ∂C/∂x.",
    "9.3 hints": (
        "In each step, ask `backprop` for δ² at the x that you have now, and take it one layer further back.",
        "∂C/∂x = (w²)ᵀ δ²: BP2 without the slopes; and δ² is `nabla_b[0]` (BP3).",
        "`nabla_b, _ = backprop(net, x, y)`, then `x = x - eta * (net.weights[0].T @ nabla_b[0])`",
    ),
    "9.4 right": "That is it: every weight loses the share η λ of itself at each step, besides what the examples ask.",
    "9.4 nothing": "The network is as it was: change its arrays in place (`w -= ...`), since `w = w - ...` only gives "
    "the name w a new array.",
    "9.4 no decay": "That is the step without decay: add λ times the weight to the slope of each weight.",
    "9.4 biases decay": "The biases decay as well: the extra cost holds weights only, so a bias keeps its old step.",
    "9.4 biases stay": "The biases stay as they were: they take the usual step.",
    "9.4 no eta": "The decay is not multiplied by η: it is part of the gradient, so η goes with it.",
    "9.4 factor two": "That is twice the decay: the slope of (λ/2) w² is λ w.",
    "9.4 half": "That is half the decay: the slope of w² is 2w, so that of (λ/2) w² is λ w.",
    "9.4 cost for slope": "You add the extra cost itself, with its squares, to the slope: add its slope, λ w.",
    "9.4 divided": "The decay is divided by m: the extra cost is there once, not once for each example.",
    "9.4 times m": "The sum of the examples' slopes is not divided by m.",
    "9.4 sign": "The weights grow: the decay has the wrong sign.",
    "9.4 uphill": "Weights and biases go uphill: to lower the cost, subtract.",
    "9.4 after": "The decay takes a share of the new weights: both parts of the gradient belong to the old ones.",
    "9.4 before": "The weights decay before `backprop_matrix` has used them: the whole gradient belongs to the "
    "old ones.",
    "9.4 hints": (
        "What does the extra cost add to the slope of a single weight, and to that of a bias?",
        "The slope of (λ/2) w² is λ w. Equation (20) becomes w → w − η (1/m Σ ∂C_x/∂w + λ w); (21) stays.",
        "`w -= eta * (nw / X.shape[1] + decay * w)`, and `b -= eta * nb / X.shape[1]`",
    ),
}


@exercise("9.1")
def _(answer):
    calls = [_labelled(sizes, m) for sizes, m in (([6, 12], 12), ([6, 5, 4], 15), ([4, 3], 8))]
    slips = [
        (lambda net, X, labels: _accuracy(net, X, labels) * len(labels), WORDS["9.1 count"]),
        (lambda net, X, labels: _accuracy(net, X, labels) * 100, WORDS["9.1 percent"]),
        (lambda net, X, labels: 1 - _accuracy(net, X, labels), WORDS["9.1 wrong ones"]),
        (lambda net, X, labels: np.mean(feedforward(net, X).argmax() == labels), WORDS["9.1 whole array"]),
        (lambda net, X, labels: np.mean(feedforward(net, X).argmax(axis=1) == labels), WORDS["9.1 rows"]),
        (_accuracy_above_half, WORDS["9.1 above half"]),
        (lambda net, X, labels: np.mean(feedforward(net, X).max(axis=0) == labels), WORDS["9.1 max"]),
        (lambda net, X, labels: _accuracy(net, X, labels) * len(labels) / 10000, WORDS["9.1 ten thousand"]),
    ]
    return judge_function(answer, _accuracy, calls, slips=slips, hints=WORDS["9.1 hints"], message=WORDS["9.1 right"])


@exercise("9.2")
def _(answer):
    rng = np.random.default_rng(92)
    tops_and_ms = ((10, 10), (10, 200), (4, 30))  # with ten examples, rows for columns runs, and is told by its numbers
    calls = [(rng.integers(0, top, m).astype(np.uint8), rng.integers(0, top, m)) for top, m in tops_and_ms]
    slips = [
        (lambda labels, answers: _confusion(answers, labels), WORDS["9.2 transposed"]),
        (lambda labels, answers: np.eye(10)[labels] @ np.eye(10)[answers], WORDS["9.2 not summed"]),
        (lambda labels, answers: labels[:, None] == answers, WORDS["9.2 every pair"]),
        (lambda labels, answers: answers[:, None] == labels, WORDS["9.2 every pair"]),
        (lambda labels, answers: np.minimum(_confusion(labels, answers), 1), WORDS["9.2 once"]),
        (lambda labels, answers: _confusion(labels, answers) + _confusion(answers, labels), WORDS["9.2 both ways"]),
        (lambda labels, answers: _confusion(labels, answers) * (1 - np.eye(10)), WORDS["9.2 mistakes only"]),
        (lambda labels, answers: _confusion(labels, answers) / len(labels), WORDS["9.2 shares"]),
        (lambda labels, answers: _shares_by_row(_confusion(labels, answers)), WORDS["9.2 shares"]),
    ]
    return judge_function(answer, _confusion, calls, slips=slips, hints=WORDS["9.2 hints"], message=WORDS["9.2 right"])


@exercise("9.3")
def _(answer):
    # in the square one a missing transpose, or δ of another layer, does not raise, and is told by its numbers
    sizes_and_steps = (([4, 4, 4], 3), ([5, 4, 4], 3), ([6, 5, 4, 3], 4))
    calls = [(*_examples(sizes, 1), 0.7, steps) for sizes, steps in sizes_and_steps]
    calls.append((*calls[-1][:3], 40.0, 3))  # so far that x leaves [0, 1]
    slips = [
        (lambda net, x, y, eta, steps: _nudge(net, x, y, -eta, steps), WORDS["9.3 sign"], "wrong-sign"),
        (_nudge_with(lambda net, x, deltas: _back(net, deltas) * sigmoid_prime(x)), WORDS["9.3 input slope"]),
        (_nudge_with(lambda net, x, deltas: _back(net, deltas) * x * (1 - x)), WORDS["9.3 input slope"]),
        (lambda net, x, y, eta, steps: _nudge(net, x, y, eta, 1), WORDS["9.3 one step"]),
        (lambda net, x, y, eta, steps: _nudge(net, x, y, eta * steps, 1), WORDS["9.3 old slopes"]),
        (lambda net, x, y, eta, steps: x, WORDS["9.3 not moved"]),
        (_nudge_with(lambda net, x, deltas: _back(net, deltas) * x), WORDS["9.3 times x"]),
        (
            _nudge_with(lambda net, x, deltas: net.weights[0] @ deltas[0]),
            WORDS["9.3 no transpose"],
            "missing-transpose",
        ),
        (_nudge_with(lambda net, x, deltas: net.weights[0].T @ deltas[-1]), WORDS["9.3 last delta"]),
        (_nudge_with(lambda net, x, deltas: net.weights[1].T @ deltas[1]), WORDS["9.3 later weights"]),
        (_nudge_with(lambda net, x, deltas: net.weights[1].T @ deltas[0]), WORDS["9.3 later weights"]),
        (_nudge_clipped, WORDS["9.3 clipped"]),
        (lambda *call: np.clip(_nudge(*call), 0, 1), WORDS["9.3 clipped"]),
        (lambda net, x, y, eta, steps: _nudge(net, x, y, 1.0, steps), WORDS["9.3 no eta"]),
    ]
    return judge_function(answer, _nudge, calls, slips=slips, hints=WORDS["9.3 hints"], message=WORDS["9.3 right"])


@exercise("9.4")
def _(answer):
    calls = [(*_examples(sizes, m), 0.7, 0.1) for sizes, m in (([5, 4, 3], 6), ([4, 4, 4, 2], 3))]
    slips = [
        (lambda net, X, Y, eta, decay: None, WORDS["9.4 nothing"]),
        (_decay_with(lambda w, slope, eta, decay: slope), WORDS["9.4 no decay"]),
        (_decay_with(biases=_decayed), WORDS["9.4 biases decay"]),
        (_decay_with(biases=lambda b, slope, eta, decay: 0 * b), WORDS["9.4 biases stay"], "biases-never-updated"),
        (_decay_with(lambda w, slope, eta, decay: slope + decay * w / eta), WORDS["9.4 no eta"]),
        (_decay_with(lambda w, slope, eta, decay: slope + 2 * decay * w), WORDS["9.4 factor two"]),
        (_decay_with(lambda w, slope, eta, decay: slope + decay / 2 * w), WORDS["9.4 half"]),
        (_decay_with(lambda w, slope, eta, decay: slope + decay / 2 * w**2), WORDS["9.4 cost for slope"]),
        (_decay_with(lambda w, slope, eta, decay: slope + decay / 2 * np.sum(w**2)), WORDS["9.4 cost for slope"]),
        (_decay_with(divided=True), WORDS["9.4 divided"]),
        (_decay_with(summed=True), WORDS["9.4 times m"], "mean-for-sum"),
        (_decay_with(lambda w, slope, eta, decay: slope - decay * w), WORDS["9.4 sign"]),
        (_decay_with(lambda w, slope, eta, decay: slope + decay * (w - eta * slope)), WORDS["9.4 after"]),
        (_decay_uphill, WORDS["9.4 uphill"], "wrong-sign"),
        (_decay_before, WORDS["9.4 before"], "updated-too-early"),
    ]
    return judge_network(
        answer,
        _decay_with(),
        calls,
        slips=slips,
        hints=WORDS["9.4 hints"],
        message=WORDS["9.4 right"],
    )


def _examples(sizes, m, seed=9):
    rng = np.random.default_rng(seed)
    return Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m))


def _labelled(sizes, m):
    """Give a network, examples, and labels of which it gets a good half right.

    The largest of all outputs stands in row 0 and column 0, with the label 0: so one `argmax` for the whole array, 0,
    gives another share than no right answer at all.
    """
    net, X, _ = _examples(sizes, m)
    X = 8 * X - 4
    outputs = feedforward(net, X)
    row, column = np.unravel_index(outputs.argmax(), outputs.shape)
    net.weights[-1], net.biases[-1] = (np.roll(part[-1], -row, axis=0) for part in (net.weights, net.biases))
    X = np.roll(X, -column, axis=1)
    labels = feedforward(net, X).argmax(axis=0).astype(np.uint8)
    labels[1::3] = (labels[1::3] + 1) % sizes[-1]
    return net, X, labels


def _accuracy(net, X, labels):
    return float(np.mean(feedforward(net, X).argmax(axis=0) == labels))


def _accuracy_above_half(net, X, labels):
    outputs = feedforward(net, X)
    return float(np.mean((outputs.argmax(axis=0) == labels) & (outputs.max(axis=0) > 0.5)))


def _confusion(labels, answers):
    return np.eye(10)[:, labels] @ np.eye(10)[answers]


def _shares_by_row(counts):
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _back(net, deltas):
    return net.weights[0].T @ deltas[0]


def _nudge_with(slopes):
    """Give gradient descent on the input, with these slopes."""

    def nudge(net, x, y, eta, steps):
        for _ in range(steps):
            deltas, _ = backprop(net, x, y)
            x = x - eta * slopes(net, x, deltas)
        return x

    return nudge


def _nudge(net, x, y, eta, steps):
    return _nudge_with(lambda net, x, deltas: _back(net, deltas))(net, x, y, eta, steps)


def _nudge_clipped(net, x, y, eta, steps):
    for _ in range(steps):
        x = np.clip(_nudge(net, x, y, eta, 1), 0, 1)
    return x


def _decayed(w, slope, eta, decay):
    return slope + decay * w


def _decay_with(weights=_decayed, biases=lambda b, slope, eta, decay: slope, *, divided=False, summed=False):
    """Give the step with weight decay, or one that is wrong in the part that is replaced."""

    def update(net, X, Y, eta, decay):
        nabla_b, nabla_w = backprop_matrix(net, X, Y)
        m = 1 if summed else X.shape[1]
        share = decay / m if divided else decay
        for b, w, nb, nw in zip(net.biases, net.weights, nabla_b, nabla_w, strict=True):
            w -= eta * weights(w, nw / m, eta, share)  # (20), with the decay
            b -= eta * biases(b, nb / m, eta, share)  # (21)

    return update


def _decay_uphill(net, X, Y, eta, decay):
    _decay_with()(net, X, Y, -eta, decay)


def _decay_before(net, X, Y, eta, decay):
    for w in net.weights:
        w *= 1 - eta * decay
    _decay_with()(net, X, Y, eta, 0)
