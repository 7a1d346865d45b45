"""The exercises of lesson 5: right answers in several styles, wrong ones typed out as a learner would."""

from types import SimpleNamespace

import numpy as np
import pytest

from bpteach import Network, backprop, feedforward
from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import EXERCISES, check, lesson_05
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.gradcheck import numerical_gradient

# --- what is right, each in several styles ----------------------------------------------------------------------------


def most_left_by_a_loop(net):
    left = 1
    for _w in net.weights[1:]:
        left = left / 4
    return left


def delta_norms_in_an_array(net, X, Y):
    total = np.zeros(len(net.biases))
    for x, y in zip(X.T, Y.T, strict=True):
        nabla_b, _nabla_w = backprop(net, x.reshape(-1, 1), y.reshape(-1, 1))
        total += [np.sqrt(np.sum(delta**2)) for delta in nabla_b]
    return total / X.shape[1]


def deltas_of(net, X, Y):
    """Keep the errors of all examples side by side, one matrix a layer."""
    columns = [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(X.shape[1])]
    return [np.column_stack(layer) for layer in zip(*columns, strict=True)]


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


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("5.1", lambda net: np.prod([sigmoid_prime(0.0)] * len(net.sizes[1:-1]))),
        ("5.1", most_left_by_a_loop),
        ("5.2", delta_norms_in_an_array),
        ("5.2", lambda *call: tuple(np.linalg.norm(Delta, axis=0).mean() for Delta in deltas_of(*call))),
        ("5.3", saturated_from_activations),
        ("5.3", saturated_one_by_one),
        ("5.4", way_back_by_diagonals),
        ("5.4", way_back_column_by_column),
    ],
)
def test_right_answers_are_accepted(tag, answer):
    """Whatever the style, what computes the right numbers is right."""
    told = check(tag, answer)
    assert told.ok, f"{told}\n{told.hints}"


# --- wrong, in other ways than the package's slips --------------------------------------------------------------------


def z_of(net, X):
    Zs, A = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(w @ A + b)
        A = sigmoid(Zs[-1])
    return Zs


def share(is_saturated):
    return lambda net, X: [np.mean(is_saturated(Z)) for Z in z_of(net, X)]


def norms_of_the_last(net, X, Y):
    for i in range(X.shape[1]):
        norms = [np.linalg.norm(delta) for delta in backprop(net, X[:, [i]], Y[:, [i]])[0]]
    return norms


def weight_norms(net, X, Y):
    return np.mean(
        [[np.linalg.norm(nw) for nw in backprop(net, X[:, [i]], Y[:, [i]])[1]] for i in range(X.shape[1])], axis=0
    )


def forward_without_bias(net, X):
    shares, A = [], X
    for w in net.weights:
        Z = w @ A
        shares.append(np.mean(sigmoid_prime(Z) < 0.05))
        A = sigmoid(Z)
    return shares


def way(before=lambda l, zs: 1, after=lambda l, zs: sigmoid_prime(zs[-l]), first=lambda zs: np.eye(len(zs[-1]))):
    """Go back with slopes before and after the weights."""

    def way_back(net, x):
        zs = z_of(net, x)
        M = first(zs)
        for l in range(2, len(net.sizes)):
            M = (net.weights[-l + 1].T @ (M * before(l, zs))) * after(l, zs)
        return M

    return way_back


def way_without_transpose(net, x):
    zs, M = z_of(net, x), np.eye(net.sizes[-1])
    for w, z in zip(net.weights[:0:-1], zs[-2::-1], strict=True):
        M = (w @ M) * sigmoid_prime(z)
    return M


WRONG = {
    "5.1": [
        (lambda net: 0.25 ** len(net.weights), "one step too many"),
        (lambda net: 4.0 ** (3 - len(net.sizes)), "one step too few"),
    ],
    "5.2": [
        (lambda net, X, Y: [np.linalg.norm(np.mean(D, axis=1)) for D in deltas_of(net, X, Y)], "the average δ"),
        (lambda net, X, Y: [norm * X.shape[1] for norm in delta_norms_in_an_array(net, X, Y)], "sum of the lengths"),
        (lambda net, X, Y: delta_norms_in_an_array(net, X, Y)[::-1], "wrong order"),
        (weight_norms, "lengths of ∂C/∂w"),
        (lambda net, X, Y: [np.linalg.norm(D) / X.shape[1] for D in deltas_of(net, X, Y)], "a whole matrix"),
        (norms_of_the_last, "a single example"),
    ],
    "5.3": [
        (share(lambda Z: Z - Z**2 < 0.05), "That is z(1 − z)", "activation-formula-on-z"),
        (share(lambda Z: ~(sigmoid_prime(Z) < 0.05)), "not saturated"),
        (lambda net, X: [np.sum(sigmoid_prime(Z) < 0.05) for Z in z_of(net, X)], "Those are counts"),
        (share(lambda Z: sigmoid(Z) < 0.05), "one end only"),
        (share(lambda Z: (sigmoid(Z) < 0.05) | (sigmoid(Z) > 0.95)), "the limit stands elsewhere"),
        (forward_without_bias, "The biases are missing"),
    ],
    "5.4": [
        (way(first=lambda zs: np.diag(sigmoid_prime(zs[-1])[:, 0])), "slope of the output"),
        (
            way(lambda l, zs: sigmoid_prime(zs[-l + 1]), lambda l, zs: 1),
            "belong to the wrong layer",
            "z-index-off-by-one",
        ),
        (way(after=lambda l, zs: 1 if l == len(zs) else sigmoid_prime(zs[-l])), "The last step is not complete"),
        (way(after=lambda l, zs: 1), "Only the weights are in it", "missing-hidden-sigmoid-prime"),
        (way_without_transpose, "The weights are not transposed", "missing-transpose"),
        (lambda net, x: way_back_by_diagonals(net, x).T, "the transpose of it"),
        (lambda net, x: net.weights[0].T @ way_back_by_diagonals(net, x), "one layer too far"),
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


def diagonal_of_a_column(net, x):
    zs, M = z_of(net, x), np.eye(net.sizes[-1])
    for w, z in zip(net.weights[:0:-1], zs[-2::-1], strict=True):
        M = np.diag(sigmoid_prime(z)) @ w.T @ M
    return M


def diagonal_of_a_column_by_dot(net, x):
    zs, M = z_of(net, x), np.eye(net.sizes[-1])
    for w, z in zip(net.weights[:0:-1], zs[-2::-1], strict=True):
        M = np.dot(np.diag(sigmoid_prime(z)), w.T.dot(M))
    return M


def flat_but_turned(net, x):
    return np.diag(sigmoid_prime(z_of(net, x)[0])[:, 0]) @ net.weights[0].T


@pytest.mark.parametrize(
    ("function", "is_told"),
    [(diagonal_of_a_column, True), (diagonal_of_a_column_by_dot, True), (flat_but_turned, False)],
)
def test_diagonal_of_a_column_is_told(function, is_told):
    """5.4: np.diag of a flat array is fine; a product that does not fit for another reason is told as it is."""
    told = check("5.4", function)
    assert told.state == "stopped"
    assert told.message.startswith("`np.diag` of a column gives its first number alone.") == is_told
    assert told.hints == EXERCISES["5.4"].hints


def test_last_hint_of_the_stretch_keeps_one_thing_back():
    """5.4: the first line is given, the line of BP2 is not."""
    assert "np.eye" in EXERCISES["5.4"].hints[2]
    assert ".T @" not in EXERCISES["5.4"].hints[2]


# --- the expected numbers, found in another way -----------------------------------------------------------------------


def example(sizes, m, seed=15):
    return lesson_05._examples(np.random.default_rng(seed), sizes, m)


def test_share_of_5_1_is_reached():
    """With orthogonal weights and every z at 0, exactly (1/4)^(L − 2) of the error arrives."""
    rng = np.random.default_rng(0)
    for depth in (2, 3, 5):
        weights = [np.linalg.qr(rng.standard_normal((4, 4)))[0] for _layer in range(depth - 1)]
        biases = [np.zeros((4, 1))] + [-w @ np.full((4, 1), 0.5) for w in weights[1:]]
        net = Network([4] * depth, weights, biases)
        deltas, _nabla_w = backprop(net, np.zeros((4, 1)), rng.random((4, 1)))
        share = np.linalg.norm(deltas[0]) / np.linalg.norm(deltas[-1])
        assert np.isclose(share, lesson_05.most_left(net), rtol=1e-12)


def test_norms_of_5_2_are_those_of_the_numerical_gradient():
    """δ is ∂C/∂b, found by differences of the cost."""
    net, X, Y = example([5, 4, 3], 3)
    norms = []
    for i in range(3):

        def cost_of(some, x=X[:, [i]], y=Y[:, [i]]):
            a = x
            for b, w in zip(some.biases, some.weights, strict=True):
                a = 1 / (1 + np.exp(-(w @ a + b)))
            return np.sum((a - y) ** 2) / 2

        nabla_b, _nabla_w = numerical_gradient(cost_of, SimpleNamespace(weights=net.weights, biases=net.biases))
        norms.append([np.linalg.norm(nb) for nb in nabla_b])
    assert np.allclose(lesson_05.delta_norms(net, X, Y), np.mean(norms, axis=0), rtol=1e-9)


def test_saturation_of_5_3_is_a_distance_from_zero():
    """σ′(z) < 0.05 means |z| > 2.887..., the solution of a(1 − a) = 0.05; and all shares are worth telling apart."""
    a = (1 + np.sqrt(1 - 4 * 0.05)) / 2
    far = np.log(a / (1 - a))
    for net, X in lesson_05._partly_saturated():
        shares = lesson_05.saturated(net, X)
        assert np.allclose(shares, [np.mean(np.abs(Z) > far) for Z in z_of(net, X)])
        assert all(0 < share < 1 for share in shares)


def test_matrix_of_5_4_carries_every_error():
    """M δ^L is δ² whatever y is."""
    rng = np.random.default_rng(3)
    net, x, _y = example([6, 5, 4, 3], 1)
    for _turn in range(5):
        deltas, _nabla_w = backprop(net, x, 10 * rng.standard_normal((3, 1)))
        assert np.allclose(lesson_05.way_back(net, x) @ deltas[-1], deltas[0], rtol=1e-12)
