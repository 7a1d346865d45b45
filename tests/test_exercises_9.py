"""The exercises of lesson 9: right answers in several styles, and the expected numbers found in another way."""

from types import SimpleNamespace

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, evaluate, feedforward, load_mnist
from bpteach.exercises import check, lesson_09
from bpteach.gradcheck import numerical_gradient


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


def level(net):
    """Keep only the parts of a network that numerical_gradient changes, and let complex numbers pass."""
    return SimpleNamespace(weights=net.weights, biases=net.biases)


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("9.1", accuracy_by_a_loop),
        ("9.1", accuracy_by_mean),
        ("9.2", confusion_by_a_loop),
        ("9.2", confusion_by_add_at),
        ("9.2", confusion_by_bincount),
        ("9.2", confusion_by_einsum),
        ("9.3", nudge_with_dot),
        ("9.3", nudge_by_itself),
        ("9.4", decay_first_by_a_factor),
        ("9.4", decay_with_new_arrays),
    ],
)
def test_right_answers_are_accepted(tag, answer):
    told = check(tag, answer)
    assert told.ok, told


def every_pair(labels, answers):
    return np.eye(10)[labels] @ np.eye(10)[answers].T


def both_ways(labels, answers):
    return confusion_by_a_loop(labels, answers) + confusion_by_a_loop(labels, answers).T


def decay_by_the_norm(net, X, Y, eta, decay):
    norms = [np.linalg.norm(w) for w in net.weights]
    decay_with_new_arrays(net, X, Y, eta, 0)
    for w, norm in zip(net.weights, norms, strict=True):
        w -= eta * decay / 2 * norm**2


def some_biases(net, X, Y, eta, decay):
    decay_with_new_arrays(net, X, Y, eta, decay)
    net.biases[0] += 0.01


def lost_dimension(net, X, Y, eta, decay):
    decay_with_new_arrays(net, X, Y, eta, decay)
    net.biases[0] = net.biases[0] - np.ones(len(net.biases[0]))


@pytest.mark.parametrize(
    ("tag", "function", "words"),
    [
        ("9.2", every_pair, "The product is to sum over the examples"),
        ("9.2", both_ways, "of its 100 numbers are wrong"),
        ("9.4", decay_by_the_norm, "not twice or half of it, and no square"),
        ("9.4", some_biases, "net.biases[0] has other numbers than expected; net.biases[1], net.weights[0] and net.w"),
        ("9.4", lost_dimension, "net.biases[0] has shape (4, 4): expected (4, 1)."),
    ],
)
def test_other_wrong_answers(tag, function, words):
    """Of a step that is wrong in a way of its own, the answer says which arrays are wrong, without an address."""
    told = check(tag, function)
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
    assert lesson_09.accuracy(net, X, few.labels) == evaluate(net, few) / 300


def test_counts_of_9_2_add_up():
    """All examples are counted once, the right ones on the diagonal."""
    rng = np.random.default_rng(5)
    labels, answers = rng.integers(0, 10, (2, 400))
    counts = lesson_09.confusion(labels, answers)
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
    assert np.allclose(lesson_09.nudge(net, x, y, 0.5, 1), x - 0.5 * np.array(slopes), rtol=1e-9)


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
    lesson_09.step_with_decay(after, X, Y, 0.7, 0.3)
    for old, new, slope in zip(net.biases + net.weights, after.biases + after.weights, nabla_b + nabla_w, strict=True):
        assert np.allclose(new, old - 0.7 * slope, rtol=1e-9)
