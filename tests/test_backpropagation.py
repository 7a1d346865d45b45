"""Tests of `bpteach.backpropagation`, against calculations that share no code with it."""

import inspect
import math
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings

from bpteach import Network, backprop, backprop_matrix, feedforward, load_mnist, numerical_gradient
from strategies import distance, flat, networks_with_mini_batches, pairs, seeded, snapshot, textbook_cost

SIZES = [[3, 2], [4, 3, 2], [1, 1, 1, 1], [2, 3, 4, 5, 6, 7]]
BOTH = pytest.mark.parametrize("algorithm", [backprop, backprop_matrix])


# By hand: a network [2, 2, 1] in plain Python numbers.


def by_hand():
    """Follow the chain rule from the cost to each of the nine parameters, one formula a line."""
    x1, x2, y = 0.5, -1.0, 0.25
    u11, u12, u21, u22, c1, c2 = 0.1, -0.4, 0.8, 0.3, 0.2, -0.1  # to the hidden layer
    v1, v2, d = 0.7, -0.6, 0.05  # to the output

    def squash(z):
        return 1 / (1 + math.exp(-z))

    def slope(z):
        return math.exp(-z) / (1 + math.exp(-z)) ** 2

    p, q = u11 * x1 + u12 * x2 + c1, u21 * x1 + u22 * x2 + c2
    r = v1 * squash(p) + v2 * squash(q) + d
    dr = (squash(r) - y) * slope(r)
    dp, dq = dr * v1 * slope(p), dr * v2 * slope(q)
    nabla_b = [[[dp], [dq]], [[dr]]]
    nabla_w = [[[dp * x1, dp * x2], [dq * x1, dq * x2]], [[dr * squash(p), dr * squash(q)]]]
    net = Network(
        [2, 2, 1],
        weights=[np.array([[u11, u12], [u21, u22]]), np.array([[v1, v2]])],
        biases=[np.array([[c1], [c2]]), np.array([[d]])],
    )
    return net, np.array([[x1], [x2]]), np.array([[y]]), squash(r), nabla_b, nabla_w


@BOTH
def test_a_tiny_network_agrees_with_the_calculation_by_hand(algorithm):
    net, x, y, output, expected_b, expected_w = by_hand()
    nabla_b, nabla_w = algorithm(net, x, y)
    for found, expected in zip((*nabla_b, *nabla_w), (*expected_b, *expected_w), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_allclose(feedforward(net, x), [[output]], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("algorithm", "m"), [(backprop, 1), *((backprop_matrix, m) for m in (1, 100))])
@pytest.mark.parametrize("sizes", SIZES)
def test_gradients_are_lists_with_the_shapes_and_the_dtype_of_the_parameters(algorithm, sizes, m, dtype):
    net, X, Y = seeded(sizes, m, dtype=dtype)
    nabla_b, nabla_w = algorithm(net, X, Y)
    assert type(nabla_b) is type(nabla_w) is list
    assert [nb.shape for nb in nabla_b] == [b.shape for b in net.biases]
    assert [nw.shape for nw in nabla_w] == [w.shape for w in net.weights]
    assert {array.dtype for array in (*nabla_b, *nabla_w, feedforward(net, X))} == {np.dtype(dtype)}


def test_float32_is_float64_up_to_rounding():
    net, X, Y = seeded([6, 5, 4], 8)
    single = Network(net.sizes, *([array.astype(np.float32) for array in part] for part in (net.weights, net.biases)))
    found = flat(backprop_matrix(single, X.astype(np.float32), Y.astype(np.float32)))
    assert 0 < distance(found, flat(backprop_matrix(net, X, Y))) < 1e-5


@BOTH
@pytest.mark.parametrize("sizes", SIZES)
def test_arguments_stay_as_they_are_even_where_they_cannot_be_written(algorithm, sizes):
    net, X, Y = seeded(sizes, 1)
    before, arrays = (snapshot(net), X.tobytes(), Y.tobytes()), [*net.weights, *net.biases]
    algorithm(net, X, Y)
    assert (snapshot(net), X.tobytes(), Y.tobytes()) == before
    assert all(array is kept for array, kept in zip([*net.weights, *net.biases], arrays, strict=True))
    for array in (*net.weights, *net.biases, X, Y):
        array.setflags(write=False)
    algorithm(net, X, Y)


@BOTH
@pytest.mark.parametrize("m", [1, 4])
@pytest.mark.parametrize("sizes", SIZES)
def test_returned_arrays_share_no_memory(algorithm, sizes, m):
    net, X, Y = seeded(sizes, 1 if algorithm is backprop else m)
    nabla_b, nabla_w = algorithm(net, X, Y)
    returned = [*nabla_b, *nabla_w]
    for i, array in enumerate(returned):
        assert array.flags.writeable
        for other in (*returned[:i], *net.weights, *net.biases, X, Y):
            assert not np.shares_memory(array, other)
    kept = flat((nabla_b, nabla_w)).copy()
    np.testing.assert_array_equal(flat(algorithm(net, X, Y)), kept)  # a second call gives the same
    algorithm(net, 1 - X, 1 - Y)
    np.testing.assert_array_equal(flat((nabla_b, nabla_w)), kept)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_layout_in_memory_does_not_matter(order):
    net, X, Y = seeded([4, 3, 2], 6)
    expected = flat(backprop_matrix(net, X, Y))
    wide = np.zeros((8, 12))
    wide[::2, ::2] = X
    for laid_out in (np.array(X, order=order), wide[::2, ::2], X[::-1][::-1]):
        assert distance(flat(backprop_matrix(net, laid_out, np.array(Y, order=order))), expected) < 1e-15


@given(networks_with_mini_batches())
def test_every_layer_of_the_matrix_is_the_sum_of_the_loop(drawn):
    net, X, Y = drawn
    found = backprop_matrix(net, X, Y)
    singles = [backprop(net, x, y) for x, y in pairs(X, Y)]
    for part in (0, 1):
        for l, array in enumerate(found[part]):
            terms = [single[part][l] for single in singles]
            # terms may cancel: rounding is measured against their sizes
            allowed = 1e-13 * sum(np.abs(term) for term in terms) + 1e-15
            assert (np.abs(array - sum(terms)) <= allowed).all()


@given(networks_with_mini_batches())
def test_feedforward_treats_each_column_alone(drawn):
    net, X, _ = drawn
    each = [feedforward(net, X[:, [i]]) for i in range(X.shape[1])]
    np.testing.assert_allclose(feedforward(net, X), np.hstack(each), rtol=1e-13)


def events(function, *arguments, lines):
    """Count the lines of bpteach that run, or the calls of Python and C functions."""
    count = 0
    set_watch, kept = (sys.settrace, sys.gettrace()) if lines else (sys.setprofile, sys.getprofile())

    def watch(frame, event, _):
        nonlocal count
        if lines and not frame.f_globals.get("__name__", "").startswith("bpteach"):
            return None
        count += not lines or event == "line"
        return watch

    set_watch(watch)
    try:
        function(*arguments)
    finally:
        set_watch(kept)
    return count


@pytest.mark.parametrize("lines", [True, False], ids=["lines", "calls"])
def test_the_matrix_has_no_loop_over_examples(lines):
    networks = seeded([4, 3, 3, 2], 2), seeded([4, 3, 3, 2], 200), seeded([4, 3, 3, 3, 2], 2)
    few, many, deeper = (events(backprop_matrix, *network, lines=lines) for network in networks)
    assert 0 < few == many < deeper


@BOTH
@pytest.mark.parametrize("index", ["[-1]", "[-l]", "[-l + 1]", "[-l - 1]"])
def test_the_code_counts_layers_from_the_end(algorithm, index):
    assert index in inspect.getsource(algorithm)


@settings(max_examples=25)
@given(networks_with_mini_batches())
def test_the_gradient_is_that_of_the_cost_by_the_complex_step(drawn):
    net, X, Y = drawn
    expected = flat(numerical_gradient(textbook_cost(X, Y), net))
    assume(np.linalg.norm(expected) > 1e-2)
    assert distance(flat(backprop_matrix(net, X, Y)), expected) < 1e-12
    assert distance(sum(flat(backprop(net, x, y)) for x, y in pairs(X, Y)), expected) < 1e-12


@pytest.mark.slow
def test_ten_real_digits_agree_with_the_complex_step_to_fourteen_places():
    X, Y = load_mnist().training.columns(slice(10))
    net = Network.random([784, 30, 10], np.random.default_rng(1))
    found, expected = backprop_matrix(net, X, Y), numerical_gradient(textbook_cost(X, Y), net)
    assert distance(flat(found), flat(expected)) < 1e-14
    for mine, theirs in zip((*found[0], *found[1]), (*expected[0], *expected[1]), strict=True):
        assert distance(mine, theirs) < 2e-14


@BOTH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_neurons_give_finite_gradients_without_a_warning(algorithm, dtype):
    net, X, Y = seeded([4, 3, 2], 1, dtype=dtype)
    for w in net.weights:
        w *= 1e4
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert np.isfinite(flat(algorithm(net, X, Y))).all()
