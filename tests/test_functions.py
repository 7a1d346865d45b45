"""Tests of `bpteach.functions`, against formulas worked out to sixty digits."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bpteach import cost, cost_derivative, sigmoid, sigmoid_prime
from strategies import refused

TINY = {np.float32: 2**-149, np.float64: 2**-1074}


def exact_sigmoid(z):
    with localcontext() as context:
        context.prec = 60
        z = Decimal(float(z))
        if abs(z) > 10**5:
            return Decimal(int(z > 0))
        return 1 / (1 + (-z).exp())


def loud():
    """Make NumPy raise on everything but numbers that fade away to 0."""
    return np.errstate(over="raise", divide="raise", invalid="raise", under="ignore")


def assert_right(zs, dtype):
    zs = np.array(zs, dtype)
    with loud():
        found = sigmoid(zs)
    assert found.dtype == dtype
    for a, z in zip(found, zs, strict=True):
        exact = exact_sigmoid(z)
        allowed = Decimal(4 * float(np.finfo(dtype).eps)) * exact + 2 * Decimal(TINY[dtype])
        assert abs(Decimal(float(a)) - exact) <= allowed


@given(st.floats(allow_nan=False, allow_infinity=False) | st.floats(-800, 50))  # to -800 it is almost zero
@example(-1.7976931348623157e308)
@example(1.7976931348623157e308)
@example(-745.0)
@example(-0.0)
def test_sigmoid_is_right_and_silent_for_every_finite_float64(z):
    assert_right([z], np.float64)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32) | st.floats(-110, 20, width=32))
@example(-3.4028234663852886e38)
@example(3.4028234663852886e38)
@example(-103.0)
@example(88.8)
def test_sigmoid_is_right_and_silent_for_every_finite_float32(z):
    assert_right([z], np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_right_in_long_arrays_which_take_other_paths_through_numpy(dtype):
    assert_right(np.linspace(-120, 120, 501), dtype)
    a = sigmoid(np.linspace(-1000, 1000, 20001, dtype=dtype))
    assert (a[0], a[10_000], a[-1]) == (0, 0.5, 1)
    assert (np.diff(a) >= 0).all()


def complex_sigmoid(z):
    t, y = math.exp(-abs(z.real)), z.imag
    size = 1 + 2 * t * math.cos(y) + t * t
    real = 1 + t * math.cos(y) if z.real >= 0 else t * math.cos(y) + t * t
    return complex(real / size, t * math.sin(y) / size)


@pytest.mark.parametrize(("dtype", "relative"), [(np.complex128, 1e-12), (np.complex64, 1e-3)])
@given(st.floats(-1e4, 1e4, width=32), st.floats(-2.5, 2.5, width=32))
@example(-1e4, 1.0)
@example(1e4, 1.0)
@example(0.0, 2.0)
@example(-30.0, 1e-20)
def test_sigmoid_of_complex_numbers_follows_the_formula(dtype, relative, real, imaginary):
    z = dtype(complex(real, imaginary))
    with loud():
        found = sigmoid(np.array([z]))
    assert found.dtype == dtype
    exact = complex_sigmoid(complex(z))
    assert abs(found[0] - exact) <= relative * abs(exact) + np.finfo(dtype).tiny


@pytest.mark.parametrize("function", [sigmoid, sigmoid_prime])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("shape", [(), (3, 1), (3, 4), (2, 3, 4), (0,), (3, 0)])
def test_shape_and_dtype_stay(function, dtype, shape):
    found = function(np.ones(shape, dtype))
    assert found.shape == shape
    assert found.dtype == function(dtype(0.25)).dtype == dtype


@pytest.mark.parametrize("z", [3, [3, -3], np.array([3, 200], np.uint8), np.array([-128, 127], np.int8), [True, False]])
def test_integers_count_as_numbers_and_do_not_wrap_around(z):
    found = sigmoid(z)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, sigmoid(np.array(z, np.float64)))


def test_arguments_stay_as_they_are():
    z, y = np.array([[-800.0], [0.5]]), np.array([[0.0], [1.0]])
    for array in (z, y):
        array.setflags(write=False)
    sigmoid(z), sigmoid_prime(z), cost(z, y), cost_derivative(z, y)
    np.testing.assert_array_equal(z, [[-800], [0.5]])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_sigmoid_prime_is_right_and_silent(z):
    with loud():
        found = float(sigmoid_prime(np.array([z]))[0])
    # 1 - a is rounded where a is near 1: no digits are promised for large positive z
    relative = 1e-15 if z <= 0 else 0.0
    assert abs(found - float(exact_sigmoid(z) * exact_sigmoid(-z))) <= relative * found + (2.3e-16 if z > 0 else 1e-323)
    assert 0 <= found <= 0.25


def test_cost_is_half_the_sum_of_squares_and_its_derivative_the_slope_by_the_complex_step():
    a = np.array([[0.5, 0.25], [1.0, 0.0]])
    y = np.array([[1.0, 0.0], [0.0, 0.0]])
    assert cost(a, y) == 0.5 * (0.5**2 + 0.25**2 + 1)
    assert cost(a, y) == cost(a[:, :1], y[:, :1]) + cost(a[:, 1:], y[:, 1:])
    assert isinstance(cost(a, y), float)
    rng = np.random.default_rng(0)
    a, y = rng.random((4, 3)), rng.random((4, 3))
    slopes = np.empty_like(a)
    for index in np.ndindex(a.shape):
        moved = a.astype(complex)
        moved[index] += 1e-20j
        slopes[index] = cost(moved, y).imag / 1e-20
    np.testing.assert_allclose(cost_derivative(a, y), slopes, rtol=1e-14)


@pytest.mark.parametrize("function", [cost, cost_derivative])
@pytest.mark.parametrize(
    ("a", "y", "cure"),
    [
        ((10, 1), (10,), "; use y.reshape(-1, 1) to make y a column"),
        ((10, 1), (1, 10), "; use y.T"),
        ((10, 5), (5, 10), "; use y.T"),
        ((10, 5), (5,), ""),
        ((10, 5), (10, 1), ""),
        ((10, 1), (), ""),
        ((10, 1), (1, 1), ""),
        ((10,), (10,), "; use a.reshape(-1, 1) to make a a column"),
        ((), (), ""),
        ((2, 3, 4), (2, 3, 4), ""),
    ],
)
def test_shapes_that_numpy_would_broadcast_are_refused_and_so_is_what_is_no_column(function, a, y, cure):
    found = f"a has shape {a} and y has shape {y}: expected the same shape, one column an example{cure}."
    if a == y:
        found = f"a has shape {a}: expected one column an example, (n_L, 1) or (n_L, m){cure}."
    assert refused(ValueError, lambda: function(np.zeros(a), np.zeros(y))) == found


def test_sigmoid_is_silent_even_where_the_reader_asks_for_every_warning():
    with np.errstate(all="raise"):
        assert sigmoid(np.array([-1000.0, -746.0, -745.5, -740.0, 0.0, 1000.0])).max() == 1


@pytest.mark.parametrize(
    ("a", "y", "value", "slope", "dtype"),
    [
        (np.array([[1 + 2j]]), np.array([[1.0]]), -2, 2j, complex),  # ½ (2i)²: no absolute value is taken
        (np.array([[1]], np.float32), np.array([[0.5]], np.float32), 0.125, 0.5, np.float32),
        (np.array([[0]], np.uint8), np.array([[1]], np.uint8), 0.5, -1, float),  # bytes do not wrap around
        ([[True]], [[False]], 0.5, 1, float),
    ],
)
def test_the_cost_of_numbers_of_other_kinds(a, y, value, slope, dtype):
    assert (cost(a, y), cost_derivative(a, y)[0, 0]) == (value, slope)
    assert cost_derivative(a, y).dtype == np.asarray(cost(a, y)).dtype == dtype


NO_NUMBERS = "0.5", ["a", "b"], [[1], [1, 2]], None, np.array([0.5, 1], object), np.array(["2020"], "M8")


@pytest.mark.parametrize(
    ("function", "name", "arguments"),
    [
        *((function, "z", [z]) for function in (sigmoid, sigmoid_prime) for z in NO_NUMBERS),
        *((function, "a", (["x"], [0.5])) for function in (cost, cost_derivative)),
        *((function, "y", ([0.5], y)) for function in (cost, cost_derivative) for y in (["x"], [None])),
    ],
)
def test_what_is_no_number_is_refused(function, name, arguments):
    refused(TypeError, lambda: function(*arguments), f"{name} is an array of ", ": expected a number")
