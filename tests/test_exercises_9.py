"""The exercises of lesson 9: right answers in several styles, slips, and the expected numbers found in another way."""

from types import SimpleNamespace

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, evaluate, feedforward, load_mnist
from bpteach.exercises import check, lesson_09
from bpteach.functions import sigmoid_prime
from bpteach.gradcheck import numerical_gradient

WORDS = lesson_09.WORDS


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


def level(net):
    """Keep only the parts of a network that numerical_gradient changes, and let complex numbers pass."""
    return SimpleNamespace(weights=net.weights, biases=net.biases)


RIGHT = {
    "9.1": [accuracy_by_a_loop, accuracy_by_mean],
    "9.2": [confusion_by_a_loop, confusion_by_add_at, confusion_by_bincount, confusion_by_einsum],
    "9.3": [nudge_with_dot, nudge_by_itself],
    "9.4": [decay_first_by_a_factor, decay_with_new_arrays],
}


@pytest.mark.parametrize(("tag", "answer"), [(tag, answer) for tag, answers in RIGHT.items() for answer in answers])
def test_right_answers_are_accepted(tag, answer):
    told = check(tag, answer)
    assert told.ok, told


SLIPS = {
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
NAMES = {
    "9.3 no transpose": "missing-transpose",
    "9.3 sign": "wrong-sign",
    "9.4 uphill": "wrong-sign",
    "9.4 biases stay": "biases-never-updated",
    "9.4 before": "updated-too-early",
    "9.4 times m": "mean-for-sum",
}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_are_recognised(name):
    told = check(name.split()[0], SLIPS[name])
    assert told.state == "wrong", told
    assert told.message == WORDS[name]
    assert told.mistake == NAMES.get(name)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
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
    assert check(name.split()[0], answer).message == WORDS[name]


def some_biases(net, X, Y, eta, decay):
    decay_with_new_arrays(net, X, Y, eta, decay)
    net.biases[0] += 0.01


def lost_dimension(net, X, Y, eta, decay):
    decay_with_new_arrays(net, X, Y, eta, decay)
    net.biases[0] = net.biases[0] - np.ones(len(net.biases[0]))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (some_biases, "net.biases[0] has other numbers than expected; net.biases[1], net.weights[0] and net.w"),
        (lost_dimension, "net.biases[0] has shape (4, 4): expected (4, 1)."),
    ],
)
def test_arrays_that_are_wrong_are_named(function, words):
    """Of a step that is wrong in a way of its own, the answer says which arrays are wrong, without an address."""
    told = check("9.4", function)
    assert told.state == "wrong"
    assert words in told.message
    assert told.hints


@pytest.mark.parametrize(("sizes", "m"), [([6, 12], 12), ([6, 5, 4], 15), ([4, 3], 8)])
def test_one_argmax_for_all_outputs_gives_a_share(sizes, m):
    """9.1: the largest of all outputs is one of the labels, so that its share is not the 0 of `max`."""
    net, X, labels = lesson_09._labelled(sizes, m)
    assert np.argmax(feedforward(net, X)) == labels[0] == 0
    assert 0.5 < accuracy_by_a_loop(net, X, labels) < 0.8


def test_changed_arguments_are_told():
    """A function that moves the caller's digit is found, though what it returns is right."""

    def nudge(net, x, y, eta, steps):
        for _ in range(steps):
            x -= eta * (net.weights[0].T @ backprop(net, x, y)[0][0])
        return x

    told = check("9.3", nudge)
    assert told.state == "wrong"
    assert told.mistake == "arguments-changed"


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
