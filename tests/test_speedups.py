"""Tests of `bpteach.performance.speedups`: lists give the same gradient; the bare loop's steps: `test_benchmark`."""

import numpy as np
import pytest
from hypothesis import given

from bpteach import backprop
from bpteach.performance.speedups import backprop_with_lists, take_bare_steps
from strategies import distance, flat, networks_with_mini_batches, pairs, parameters, seeded


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_networks_own_arrays_are_changed_in_their_precision_and_the_data_are_not(dtype):
    net, X, Y = seeded([5, 4, 3], 6, dtype=dtype)
    arrays, before = [*net.biases, *net.weights], parameters(net)
    data = X.tobytes(), Y.tobytes()
    take_bare_steps(net, pairs(X, Y), np.float64(3.0))
    assert all(now is then for now, then in zip([*net.biases, *net.weights], arrays, strict=True))
    assert {array.dtype.type for array in arrays} == {dtype}
    assert np.all(parameters(net) != before)
    assert data == (X.tobytes(), Y.tobytes())


@given(drawn=networks_with_mini_batches())
def test_lists_give_the_gradient_of_backprop(drawn):
    net, X, Y = drawn
    weights, biases = [w.tolist() for w in net.weights], [b.ravel().tolist() for b in net.biases]
    x, y = X[:, [0]], Y[:, [0]]
    nabla_b, nabla_w = backprop_with_lists(weights, biases, x.ravel().tolist(), y.ravel().tolist())
    assert all(type(number) is float for nb in nabla_b for number in nb)
    found = [np.reshape(nb, (-1, 1)) for nb in nabla_b], [np.array(nw) for nw in nabla_w]
    assert distance(flat(found), flat(backprop(net, x, y))) < 1e-9


def test_lists_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="zip"):
        backprop_with_lists([[[1.0]]], [[0.0]], [1.0], [1.0, 0.0])
