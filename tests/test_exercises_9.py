"""The exercises of lesson 9: right answers in several styles, and the expected numbers found in another way."""

from types import SimpleNamespace

import numpy as np

from answers import answers, two_tests
from bpteach import Network, backprop, backprop_matrix, evaluate, feedforward, load_mnist  # noqa: F401 - for ANSWERS
from bpteach.exercises import lesson_09
from bpteach.gradcheck import numerical_gradient
from strategies import textbook_cost

ANSWERS = {
    ("accuracy", "net, X, labels"): """
== right ==
loop | example by example
    right = 0
    for i, label in enumerate(labels):
        right += int(np.argmax(feedforward(net, X[:, [i]])) == label)
    return right / len(labels)
mean | a number of NumPy's | return (np.argmax(feedforward(net, X), 0) == labels).mean()
""",
    ("confusion", "labels, answers"): """
== right ==
loop | example by example
    counts = np.zeros((10, 10), dtype=int)
    for label, answer in zip(labels, answers, strict=True):
        counts[label, answer] += 1
    return counts
add_at | floats | counts = np.zeros((10, 10))
    np.add.at(counts, (labels, answers), 1)
    return counts
== wrong ==
both_ways | of its 100 numbers | loop: return counts → return counts + counts.T
""",
    ("nudge", "net, x, y, eta, steps"): """
== right ==
dot | in place, on a copy
    x = x.copy()
    for _ in range(steps):
        x -= eta * np.dot(backprop(net, x, y)[0][0].T, net.weights[0]).T
    return x
== wrong ==
changes_x | Your function changed its argument [mistake arguments-changed] | dot: x = x.copy() →
""",
    ("update_with_decay", "net, X, Y, eta, decay"): """
== right ==
factor | first by a factor
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    for l, (nb, nw) in enumerate(zip(nabla_b, nabla_w, strict=True)):
        net.weights[l] *= 1 - eta * decay
        net.weights[l] -= eta / X.shape[1] * nw
        net.biases[l] -= eta / X.shape[1] * nb
new_arrays | in place of the old ones
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    m = X.shape[1]
    net.weights = [w - eta * (nw / m + decay * w) for w, nw in zip(net.weights, nabla_w, strict=True)]
    net.biases = [b - eta * nb / m for b, nb in zip(net.biases, nabla_b, strict=True)]
== wrong ==
square | yours adds something else | new_arrays: decay * w) → decay / 2 * w**2)
some_biases | Wrong after the call: net.biases[0]. Right: net.biases[1], net.weights[0] and net.w
    new_arrays: b - eta * nb / m for b, nb → b - eta * nb / m + 0.01 * (b is net.biases[0]) for b, nb
lost_dimension | net.biases[0] has shape (4, 4): expected (4, 1).
    new_arrays: b - eta * nb / m for b, nb → b - np.ones(len(b)) for b, nb
""",
}


RIGHT, OTHERS = answers(ANSWERS, globals())
test_right_answers_are_accepted, test_wrong_answers_are_told = two_tests(RIGHT, OTHERS)


def test_share_of_9_1_is_that_of_evaluate():
    few = load_mnist().test[:300]
    net = Network.random([784, 10], np.random.default_rng(0), scaled=True)
    X, _ = few.columns(slice(None))
    assert lesson_09.accuracy(net, X, few.labels) == evaluate(net, few) / 300


def test_counts_of_9_2_add_up():
    labels, answers = np.random.default_rng(5).integers(0, 10, (2, 400))
    counts = lesson_09.confusion(labels, answers)
    expected = np.zeros((10, 10))
    np.add.at(expected, (labels, answers), 1)
    assert (counts == expected).all()
    assert (counts.sum(), np.trace(counts)) == (400, np.sum(labels == answers))


def test_step_of_9_3_goes_against_the_slope_of_the_complex_step():
    net, x, y = lesson_09._examples([6, 5, 4, 3], 1)
    slopes = [[(textbook_cost(x + 1e-20j * unit.reshape(-1, 1), y)(net) / 1e-20).imag] for unit in np.eye(6)]
    assert np.allclose(lesson_09.nudge(net, x, y, 0.5, 1), x - 0.5 * np.array(slopes), rtol=1e-9)


def test_step_of_9_4_goes_against_the_numerical_gradient():
    net, X, Y = lesson_09._examples([5, 4, 3], 6)

    def cost_of(some):
        return textbook_cost(X, Y)(some) / 6 + 0.3 / 2 * sum(np.sum(w**2) for w in some.weights)

    probe = SimpleNamespace(weights=net.weights, biases=net.biases)  # lets complex numbers pass
    nabla_b, nabla_w = numerical_gradient(cost_of, probe)
    after = net.copy()
    lesson_09.update_with_decay(after, X, Y, 0.7, 0.3)
    for old, new, slope in zip(net.biases + net.weights, after.biases + after.weights, nabla_b + nabla_w, strict=True):
        assert np.allclose(new, old - 0.7 * slope, rtol=1e-9)
