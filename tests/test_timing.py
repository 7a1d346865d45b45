"""Tests of `bpteach.performance.timing`: what is called in which order, and the arithmetic, on a clock that is set."""

import sys
from unittest.mock import Mock

import numpy as np
import pytest

import bpteach.training
from bpteach import update_mini_batch_matrix
from bpteach.performance import timing
from bpteach.performance.timing import Timing, bytes_moved, flops, matrix_peak, memory_speed, roofline, side_by_side
from clock import Clock
from strategies import refused, seeded


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def test_functions_are_warmed_up_and_then_take_turns(clock):
    side_by_side({name: clock.taking(1.0, name=name) for name in "ABC"}, rounds=4)
    assert clock.names().endswith("ABC" * 4)
    assert set(clock.names().removesuffix("ABC" * 4)) == {*"ABC"}


def test_a_quick_function_is_called_several_times_in_a_row_and_one_that_takes_no_time_is_timed(clock):
    functions = {"quick": clock.taking(0.001, name="q"), "slow": clock.taking(1.0, name="s")}
    timed = side_by_side(functions, rounds=2, least=0.005)
    assert clock.names().endswith("qqqqqs" * 2)
    np.testing.assert_allclose(timed.seconds["quick"], [0.001, 0.001])
    np.testing.assert_allclose(timed.seconds["slow"], [1, 1])
    timed = side_by_side({"nothing": clock.taking(0.0)}, rounds=2, least=1e-6)
    np.testing.assert_array_equal(timed.seconds["nothing"], [0, 0])


def test_ratios_are_taken_round_by_round(clock):
    # the machine becomes ten times slower and faster again, for both functions alike
    functions = {"slow": clock.taking(4, 40, 8, 12, 6), "fast": clock.taking(2, 20, 4, 6, 3)}
    timed = side_by_side(functions, rounds=4)
    measured = [taken for _name, taken in clock.called[-8:]]
    np.testing.assert_allclose(timed.seconds["slow"], measured[::2])
    np.testing.assert_allclose(timed.seconds["fast"], measured[1::2])
    ratio = timed.ratio("slow", "fast")
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((2, 2, 2))


def test_the_median_and_the_quartiles():
    timed = Timing({"a": np.array([1.0, 2, 3, 4, 100]), "b": np.ones(5)})
    assert timed.median("a") == 3
    ratio = timed.ratio("a", "b")
    assert (ratio.low, ratio.median, ratio.high) == (2, 3, 4)
    assert timed.ratio("b", "a").median == pytest.approx(1 / 3)
    quartiles = timing.Quartiles(2.3456, 2.1, 12.5)
    assert str(quartiles) == repr(quartiles) == "2.35 (from 2.1 to 12.5)"
    assert all(type(number) is float for number in (timed.median("a"), ratio.low, ratio.median, ratio.high))


def test_real_functions_are_timed_on_the_real_clock_and_errors_are_not_hidden(monkeypatch):
    monkeypatch.setattr(timing, "SECONDS", 0.01)
    timed = side_by_side({"one": lambda: sum(range(1000)), "two": lambda: None}, rounds=3, least=1e-5)
    assert [(name, seconds.shape) for name, seconds in timed.seconds.items()] == [("one", (3,)), ("two", (3,))]
    assert min(map(min, timed.seconds.values())) >= 0
    assert min(matrix_peak(np.float64), memory_speed(10_000)) > 1e6
    with pytest.raises(ZeroDivisionError):
        side_by_side({"wrong": lambda: 1 / 0})


REFUSED = {
    "a list": (lambda: side_by_side([print]), TypeError, "functions is list: expected a dictionary"),
    "a function": (lambda: side_by_side(print), TypeError, "functions is builtin_function_or_method"),
    "no function at all": (lambda: side_by_side({}), TypeError, "at least one name and function"),
    "a result": (lambda: side_by_side({"a": 3.0}), TypeError, "expected a dictionary"),
    "no round": (lambda: side_by_side({"a": int}, rounds=0), ValueError, "rounds is 0: expected 1 or more"),
    "half a round": (lambda: side_by_side({"a": int}, rounds=1.5), TypeError, "rounds is 1.5 (float)"),
    "one size": (lambda: flops([784], 10), ValueError, "sizes is [784]: expected a list of at least two layer sizes"),
    "no sizes": (lambda: bytes_moved(784, 10), TypeError, "sizes is 784"),
    "an empty layer": (lambda: flops([784, 0, 10], 10), ValueError, "sizes[1] is 0: expected 1 or more"),
    "half a neuron": (lambda: flops([784, 1.5], 10), TypeError, "sizes[1] is 1.5"),
    "no column": (lambda: flops([784, 10], 0), ValueError, "m is 0: expected 1 or more"),
    "half a column": (lambda: flops([784, 10], 0.5), TypeError, "m is 0.5 (float)"),
    "half precision": (lambda: bytes_moved([784, 10], 1, np.float16), TypeError, "dtype is"),
    "another name": (lambda: Timing({"a": [1]}).median("b"), ValueError, "name is 'b' (str): expected one of 'a'"),
    "another ratio": (lambda: Timing({"a": np.ones(2)}).ratio("a", "b"), ValueError, "expected one of 'a'"),
    "no peak": (lambda: roofline([784, 10], 1, peak=0, speed=1), ValueError, "peak is 0 (int): expected a finite"),
    "no speed": (lambda: roofline([784, 10], 1, peak=1, speed=float("nan")), ValueError, "speed is nan"),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_it_refuses(call, error, words):
    refused(error, call, words)


def test_linear_algebra_is_held_to_one_thread_where_that_can_be(monkeypatch):
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def threads():
        return [library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]

    before = threads()
    with timing.one_blas_thread():
        assert set(threads()) <= {1}
    assert threads() == before
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with timing.one_blas_thread():  # without it the block runs all the same
        assert threads() == before


@pytest.mark.parametrize("sizes", [[5, 3], [7, 4, 3], [6, 5, 4, 3], [3, 8, 2, 9, 4]], ids=str)
@pytest.mark.parametrize("m", [1, 6])
def test_operations_and_bytes_are_those_of_the_step(sizes, m, monkeypatch):
    net, X, Y = seeded(sizes, m)
    numpy = Mock(wraps=np)
    monkeypatch.setattr(bpteach.training, "np", numpy)
    update_mini_batch_matrix(net, X, Y, 1.0)
    products = [(*a.shape, b.shape[1]) for a, b in (call.args for call in numpy.dot.call_args_list)]
    assert len(products) == 3 * (len(sizes) - 1) - 1
    assert flops(sizes, m) == 2 * sum(n * k * m for n, k, m in products)  # as many additions
    numbers = sum(n * k + k * m + n * m for n, k, m in products) + 3 * sum(w.size for w in net.weights)
    assert bytes_moved(sizes, m) == bytes_moved(sizes, m, np.float64) == 8 * numbers
    assert bytes_moved(sizes, m, np.float32) == 4 * numbers


SEVERAL = 0.0, 0, 5, 5, 10, 12, 12, 20, 20.5, 30, 30, 40, 41  # the quickest of several calls takes half a second


@pytest.mark.parametrize(
    ("measure", "amount"), [(lambda: matrix_peak(np.float32), 2 * 10**3), (lambda: memory_speed(1600), 1600)]
)
def test_what_the_machine_does_in_a_second(measure, amount, monkeypatch):
    monkeypatch.setattr(timing, "PRODUCT", 10)
    monkeypatch.setattr(timing, "SECONDS", 35)
    monkeypatch.setattr(timing, "perf_counter", iter(SEVERAL).__next__)
    assert measure() == amount / 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_product_that_is_timed_is_one_in_that_precision(dtype, monkeypatch):
    monkeypatch.setattr(timing, "PRODUCT", 7)
    np.testing.assert_array_equal(timing.matrix_product(dtype)(), np.full((7, 7), 7, dtype), strict=True)


@pytest.mark.parametrize(("peak", "speed", "binds", "seconds"), [(1e3, 1000, "arithmetic", 2), (1e6, 100, "memory", 4)])
def test_the_roofline_says_what_binds(peak, speed, binds, seconds, monkeypatch):
    monkeypatch.setattr(timing, "flops", lambda sizes, m: 2000)
    monkeypatch.setattr(timing, "bytes_moved", lambda sizes, m, dtype: 400)
    roof = roofline([2, 3], 4, peak=peak, speed=speed)
    assert roof.binds == binds
    assert roof.seconds == pytest.approx(seconds)
    assert roof.intensity == 5
    assert roof.ceiling == pytest.approx(2000 / seconds)
    assert f"for {binds} binds" in str(roof)


def test_what_is_not_given_is_measured_here(monkeypatch):
    asked = []
    monkeypatch.setattr(timing, "matrix_peak", lambda dtype: asked.append(dtype) or 1e9)
    monkeypatch.setattr(timing, "memory_speed", lambda nbytes: asked.append(nbytes) or 1e8)
    roof = roofline([5, 4, 3], 2, np.float32)
    assert asked == [np.float32, bytes_moved([5, 4, 3], 2, np.float32)]
    assert (roof.peak, roof.speed) == (1e9, 1e8)
