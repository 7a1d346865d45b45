"""Tests of `bpteach.gradcheck`, on functions whose derivatives are known from calculus."""

from types import SimpleNamespace

import numpy as np
import pytest

from bpteach import backprop_matrix, compare_gradients, cost, feedforward, numerical_gradient, relative_error
from strategies import distance, flat, refused, seeded, snapshot

METHODS = pytest.mark.parametrize(("method", "tolerance"), [("complex", 1e-14), ("central", 1e-8)])


def little(b=2.0, w=3.0):
    """Make a thing with one bias and two weights; it is no Network."""
    return SimpleNamespace(biases=[np.array([[b]])], weights=[np.array([[w, -1.0]])])


def curve(net):
    """Combine the three parameters: b² w₁ + sin(w₂) e^b."""
    (b,), (w1, w2) = net.biases[0][0], net.weights[0][0]
    return b * b * w1 + np.sin(w2) * np.exp(b)


def test_the_complex_step_stays_exact_and_a_coarse_central_one_is_wrong_by_its_square():
    exact = 12 + np.sin(-1) * np.exp(2)

    def error(step, method="complex"):
        return abs(numerical_gradient(curve, little(), method=method, step=step)[0][0][0, 0] - exact)

    assert max(map(error, (1e-8, 1e-20, 1e-100))) < 1e-12
    assert error(1e-2, "central") > 1e-5
    assert 90 < error(1e-2, "central") / error(1e-3, "central") < 110


@METHODS
def test_derivatives_are_those_of_calculus_and_need_only_weights_and_biases(method, tolerance):
    of_lists = SimpleNamespace(biases=[[[2.0]]], weights=[[[3.0, -1.0]]])
    nabla_b, nabla_w = numerical_gradient(curve, of_lists, method=method)
    assert type(nabla_b) is type(nabla_w) is list
    b, w1, w2 = 2.0, 3.0, -1.0
    expected = [[2 * b * w1 + np.sin(w2) * np.exp(b)]], [[b * b, np.cos(w2) * np.exp(b)]]
    np.testing.assert_allclose(np.hstack([*nabla_b, *nabla_w]), np.hstack(expected), rtol=tolerance, strict=True)


@METHODS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_network_is_not_changed_by_a_cost_that_changes_its_argument_either(method, tolerance, dtype):
    net, X, Y = seeded([4, 3, 2], 3, dtype=dtype)
    before, lists = snapshot(net), (net.weights, net.biases)

    def careless(probe):
        value = cost(feedforward(probe, X), Y)
        for b in probe.biases:
            b *= 2
        return value

    nabla_b, nabla_w = numerical_gradient(careless, net, method=method)
    assert snapshot(net) == before
    assert (net.weights, net.biases) == lists
    assert {array.dtype for array in (*nabla_b, *nabla_w)} == {np.dtype(np.float64)}


@METHODS
def test_backprop_agrees_and_a_wrong_gradient_does_not(method, tolerance):
    net, X, Y = seeded([4, 3, 2], 5)
    expected = numerical_gradient(lambda net: cost(feedforward(net, X), Y), net, method=method)
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    assert distance(flat((nabla_b, nabla_w)), flat(expected)) < 10 * tolerance
    nabla_w[0][1, 2] *= 1.0001
    comparison = compare_gradients((nabla_b, nabla_w), expected)
    assert comparison.worst > 1e-7
    assert comparison.worst == comparison.errors[0][1]


def dropping(drop):
    return lambda net: drop(curve(net))


def by_numbers(cost_of=curve, net=None, **options):
    return lambda: numerical_gradient(cost_of, net or little(), **options)


ONES = ([np.ones(1)], [np.ones(1)])
REFUSED = {
    "a number as cost": (by_numbers(3.0), TypeError, "cost_of is float: expected a function"),
    "no network": (by_numbers(net=[1]), TypeError, "net is of type list: expected something with"),
    "another method": (by_numbers(method="forward"), ValueError, "expected one of 'complex', 'central'"),
    **{
        f"step {step!r}": (by_numbers(step=step), ValueError, "step is ")
        for step in (0, -1e-5, np.inf, np.nan, "1", 1j)
    },
    "cost a column": (by_numbers(lambda net: net.biases[0]), ValueError, "gave an array of shape (1, 1): expected one"),
    "cost NaN": (by_numbers(lambda net: float("nan")), ValueError, "gave nan: expected one finite number"),
    "cost infinite": (by_numbers(lambda net: np.inf, method="central"), ValueError, "cost_of(net) gave inf"),
    "cost None": (by_numbers(lambda net: None), ValueError, "cost_of(net) gave None"),
    "cost a text": (by_numbers(lambda net: "1"), ValueError, "cost_of(net) gave '1'"),
    "abs": (by_numbers(dropping(abs)), ValueError, "cost_of gave a real number"),
    "norm": (by_numbers(dropping(np.linalg.norm)), ValueError, "(no abs, no float), or use method='central'"),
    "real part": (by_numbers(dropping(np.real)), ValueError, "let complex ones pass"),
    "constant": (by_numbers(lambda net: 1.0), ValueError, "gave a real number"),
    "broadcast": (lambda: relative_error(np.ones((2, 1)), np.ones(2)), ValueError, "(2,): expected the same shape"),
    "words": (lambda: relative_error("a", "b"), TypeError, "found is an array of <U1: expected a number or an array"),
    "nothing": (lambda: relative_error([1.0], None), TypeError, "expected is an array of object"),
    "one part alone": (lambda: compare_gradients(ONES[0] * 2, ONES), TypeError, "found is of type list: expected a"),
    "method an array": (by_numbers(method=np.ones(2)), ValueError, "method is an array of shape (2,): expected one of"),
    "no pair": (lambda: compare_gradients(None, ([], [])), TypeError, "found is of type NoneType: expected a pair"),
    "three lists": (lambda: compare_gradients(([], []), ([], [], [])), TypeError, "expected is of type tuple"),
    "a layer too few": (lambda: compare_gradients(([], []), ONES), ValueError, "nabla_b holds 0: expected 1"),
    "a layer too many": (lambda: compare_gradients(([1], [1, 2]), ONES), ValueError, "nabla_w holds 2: expected 1"),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_it_refuses(call, error, words):
    refused(error, call, words)


@pytest.mark.parametrize(
    ("found", "expected", "error"),
    [
        ([3.0, 4.0], [3.0, 4.0], 0),
        ([3.0, 4.5], [3.0, 4.0], 0.1),
        ([0.0, 0.0], [3.0, 4.0], 1),
        ([-3.0, -4.0], [3.0, 4.0], 2),
        ([0.0], [0.0], 0),
        ([1e-300], [0.0], np.inf),
        ([3e-200, 4.5e-200], [3e-200, 4e-200], 0.1),
        ([1e200], [2e200], 0.5),
        ([1.0], [5e-324], np.inf),
        ([np.nan], [1.0], np.inf),
        ([np.inf], [1.0], np.inf),
        ([np.inf], [np.inf], np.inf),
        ([], [], 0),
        ([True], [False], np.inf),
        (2.0, 1.0, 1),
    ],
)
def test_relative_error(found, expected, error):
    result = relative_error(np.array(found), np.array(expected))
    assert type(result) is float
    assert result == pytest.approx(error, abs=1e-15)


def test_a_comparison_prints_one_line_a_layer():
    found = [np.array([[1.0], [2.0]]), np.array([[1.0]])], [np.ones((2, 3)), np.full((1, 2), 1.25)]
    expected = [np.array([[1.0], [2.0]]), np.array([[2.0]])], [np.ones((2, 3)), np.ones((1, 2))]
    comparison = compare_gradients(found, expected)
    assert str(comparison) == repr(comparison)
    assert str(comparison).splitlines() == [
        "layer          nabla_b     nabla_w",
        "2                0e+00       0e+00",
        "3                5e-01       2e-01",
    ]
    assert comparison.errors == [(0, 0), (0.5, pytest.approx(0.25))]
    assert comparison.worst == 0.5


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        *((wrong, "shape!") for wrong in (np.ones(2), np.ones((1, 2)), np.ones((2, 2)), None, 1.0)),
        (np.full((2, 1), np.nan), "inf"),
    ],
)
def test_a_wrong_shape_is_reported_not_raised_and_nan_is_none(wrong, word):
    right = [np.ones((2, 1))], [np.ones((2, 3))]
    comparison = compare_gradients(([wrong], [np.ones((2, 3))]), right)
    assert str(comparison).splitlines()[1].split() == ["2", word, "0e+00"]
    assert comparison.worst == np.inf
    assert np.isnan(comparison.errors[0][0]) == (word == "shape!")
