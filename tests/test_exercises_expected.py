"""What the exercises of lessons 4 to 6 call right, found in another way."""

import re

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, cost, feedforward, load_mnist, numerical_gradient
from bpteach.backpropagation import forward_pass
from bpteach.exercises import lesson_04, lesson_05, lesson_06
from bpteach.gradcheck import relative_error
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read
from bpteach.training import sgd, update_mini_batch
from conftest import ask
from strategies import pairs, seeded


def test_slope_of_4_1_is_that_of_the_complex_step():
    net, X, Y = seeded([3, 4, 2], 5)
    _nabla_b, nabla_w = numerical_gradient(lambda probe: cost(feedforward(probe, X.astype(complex)), Y), net)
    assert lesson_04.central_slope(net, X, Y, 3, 1, 2, 1e-5) == pytest.approx(nabla_w[1][1, 2], rel=1e-7)


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_share_of_5_1_is_reached(depth):
    """With orthogonal weights and every z at 0, exactly (1/4)^(L − 2) of the error arrives."""
    rng = np.random.default_rng(0)
    weights = [np.linalg.qr(rng.standard_normal((4, 4)))[0] for _layer in range(depth - 1)]
    biases = [np.zeros((4, 1))] + [-w @ np.full((4, 1), 0.5) for w in weights[1:]]
    net = Network([4] * depth, weights, biases)
    deltas, _nabla_w = backprop(net, np.zeros((4, 1)), rng.random((4, 1)))
    share = np.linalg.norm(deltas[0]) / np.linalg.norm(deltas[-1])
    assert np.isclose(share, lesson_05.most_left(net), rtol=1e-12)


def test_norms_of_5_2_are_those_of_the_numerical_gradient():
    net, X, Y = seeded([5, 4, 3], 3)
    norms = []
    for x, y in pairs(X, Y):
        nabla_b, _nabla_w = numerical_gradient(lambda some, x=x, y=y: np.sum((feedforward(some, x) - y) ** 2) / 2, net)
        norms.append([np.linalg.norm(nb) for nb in nabla_b])
    assert np.allclose(lesson_05.delta_norms(net, X, Y), np.mean(norms, axis=0), rtol=1e-9)


def test_saturation_of_5_3_is_a_distance_from_zero():
    """σ′(z) < 0.05 means |z| > 2.887..., the solution of a(1 − a) = 0.05; and all shares are worth telling apart."""
    a = (1 + np.sqrt(1 - 4 * 0.05)) / 2
    far = np.log(a / (1 - a))
    for net, X in lesson_05._partly_saturated():
        shares = lesson_05.saturated(net, X)
        assert np.allclose(shares, [np.mean(np.abs(Z) > far) for Z in forward_pass(net, X)[0]])
        assert all(0 < share < 1 for share in shares)


def test_matrix_of_5_4_carries_the_error_whatever_y_is():
    rng = np.random.default_rng(3)
    net, x, _y = seeded([6, 5, 4, 3], 1)
    for _turn in range(5):
        deltas, _nabla_w = backprop(net, x, 10 * rng.standard_normal((3, 1)))
        assert np.allclose(lesson_05.way_back(net, x) @ deltas[-1], deltas[0], rtol=1e-12)


def test_rate_of_6_1_takes_the_same_step():
    """Ten examples, once with η = 3 and the division, once with the answer and without it."""
    net, X, Y = seeded([4, 3, 2], 10)
    ours, (_nabla_b, nabla_w) = net.copy(), backprop_matrix(net, X, Y)
    update_mini_batch(ours, pairs(X, Y), 3.0)
    answer = next(eta for eta in (0.03, 0.3, 3.0, 30.0) if ask("eta_without_division", eta).ok)
    for before, after, slopes in zip(net.weights, ours.weights, nabla_w, strict=True):
        assert np.allclose(after, before - answer * slopes)


@pytest.mark.parametrize(("n", "m"), [(10, 4), (12, 4), (3, 5), (7, 1), (50, 7)])
def test_pieces_of_6_2_are_the_order(n, m):
    order = np.random.default_rng(n).permutation(n)
    pieces = lesson_06.cut(order, m)
    assert np.concatenate(pieces).tolist() == order.tolist()
    assert {len(piece) for piece in pieces[:-1]} <= {m}
    assert len(pieces) == -(-n // m)


def test_training_of_6_4_is_that_of_sgd():
    few = load_mnist().training[:25]
    X, Y = few.columns(slice(None))
    mine = Network.random([784, 5, 10], np.random.default_rng(1), scaled=True)
    theirs = mine.copy()
    lesson_06.my_sgd(mine, X, Y, 2, 10, 3.0, np.random.default_rng(8))
    sgd(theirs, few, 2, 10, 3.0, np.random.default_rng(8), progress=False)
    assert all(relative_error(a, b) < 1e-12 for a, b in zip(mine.weights, theirs.weights, strict=True))


def test_other_eta_of_6_1_is_the_last_that_the_lesson_tries():
    cells = cells_of(read(NOTEBOOKS / "06-learn-one-example-at-a-time.ipynb"), "code")
    (loop,) = [cell.source for cell in cells if "for eta in" in cell.source]
    rates = re.search(r"for eta in \[(.+)\]", loop)[1].split(", ")
    assert float(rates[-1]) == lesson_06.LAST_RATE
