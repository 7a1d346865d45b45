"""Tests of `bpteach.timing`: what is called in which order, and the arithmetic, on a clock that the test sets."""

import sys
from itertools import cycle

import numpy as np
import pytest

import bpteach.timing
from bpteach.timing import Ratio, Timing, one_blas_thread, side_by_side
from strategies import Spoken


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        self.called = []
        monkeypatch.setattr(bpteach.timing, "perf_counter", lambda: self.now)

    def taking(self, name, *seconds):
        """Make a function that notes its name and takes these seconds in turn, over and over."""
        durations = cycle(seconds)

        def function():
            taken = next(durations)
            self.now += taken
            self.called.append((name, taken))

        return function

    def names(self):
        return "".join(name for name, _ in self.called)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def test_functions_are_warmed_up_and_then_take_turns(clock):
    side_by_side({name: clock.taking(name, 1.0) for name in "ABC"}, rounds=4)
    assert clock.names().endswith("ABC" * 4)
    assert set(clock.names().removesuffix("ABC" * 4)) == {*"ABC"}


def test_a_quick_function_is_called_several_times_in_a_row(clock):
    functions = {"quick": clock.taking("q", 0.001), "slow": clock.taking("s", 1.0)}
    timing = side_by_side(functions, rounds=2, least=0.005)
    assert clock.names().endswith("qqqqqs" * 2)
    np.testing.assert_allclose(timing.seconds["quick"], [0.001, 0.001])
    np.testing.assert_allclose(timing.seconds["slow"], [1, 1])


def test_a_function_that_takes_no_time_at_all_is_timed(clock):
    timing = side_by_side({"nothing": clock.taking("n", 0.0)}, rounds=2, least=1e-6)
    np.testing.assert_array_equal(timing.seconds["nothing"], [0, 0])


def test_ratios_are_taken_round_by_round(clock):
    # the machine becomes ten times slower and faster again, for both functions alike
    functions = {"slow": clock.taking("s", 4, 40, 8, 12, 6), "fast": clock.taking("f", 2, 20, 4, 6, 3)}
    timing = side_by_side(functions, rounds=4)
    measured = [taken for _, taken in clock.called[-8:]]
    np.testing.assert_allclose(timing.seconds["slow"], measured[::2])
    np.testing.assert_allclose(timing.seconds["fast"], measured[1::2])
    ratio = timing.ratio("slow", "fast")
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((2, 2, 2))


def test_the_median_and_the_quartiles():
    timing = Timing({"a": np.array([1.0, 2, 3, 4, 100]), "b": np.ones(5)})
    assert timing.median("a") == 3
    ratio = timing.ratio("a", "b")
    assert (ratio.low, ratio.median, ratio.high) == (2, 3, 4)
    assert timing.ratio("b", "a").median == pytest.approx(1 / 3)
    assert all(type(number) is float for number in (timing.median("a"), ratio.low, ratio.median, ratio.high))


def test_a_ratio_prints_its_spread():
    ratio = Ratio(2.3456, 2.1, 12.5)
    assert str(ratio) == repr(ratio) == "2.35 (from 2.1 to 12.5)"


def test_real_functions_are_timed_on_the_real_clock():
    timing = side_by_side({"one": lambda: sum(range(1000)), "two": lambda: None}, rounds=3, least=1e-5)
    assert list(timing.seconds) == ["one", "two"]
    for seconds in timing.seconds.values():
        assert seconds.shape == (3,)
        assert (seconds >= 0).all()


def test_an_error_in_a_function_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        side_by_side({"wrong": lambda: 1 / 0})


REFUSED = {
    "a list": (lambda: side_by_side([print]), TypeError, "functions is list: expected a dictionary"),
    "a function": (lambda: side_by_side(print), TypeError, "functions is builtin_function_or_method"),
    "no function at all": (lambda: side_by_side({}), TypeError, "at least one name and function"),
    "a result": (lambda: side_by_side({"a": 3.0}), TypeError, "expected a dictionary"),
    "no round": (lambda: side_by_side({"a": int}, rounds=0), ValueError, "rounds is 0: expected 1 or more"),
    "half a round": (lambda: side_by_side({"a": int}, rounds=1.5), TypeError, "rounds is 1.5 (float)"),
    "another name": (
        lambda: Timing({"a": np.ones(2)}).median("b"),
        ValueError,
        "'b' was not timed: expected one of ['a']",
    ),
    "another ratio": (lambda: Timing({"a": np.ones(2)}).ratio("a", "b"), ValueError, "'b' was not timed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error) as refusal:
        call()
    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_every_sentence_is_said(monkeypatch):
    words = Spoken(bpteach.timing.WORDS)
    monkeypatch.setattr(bpteach.timing, "WORDS", words)
    for call, error, _ in REFUSED.values():
        with pytest.raises(error):
            call()
    str(Ratio(1, 1, 1))
    assert words.said == set(words)


def test_linear_algebra_is_held_to_one_thread():
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def threads():
        return [library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]

    before = threads()
    with one_blas_thread():
        assert set(threads()) <= {1}
    assert threads() == before


def test_without_threadpoolctl_the_block_runs_all_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with one_blas_thread():
        total = np.ones((2, 2)) @ np.ones((2, 2))
    assert total[0, 0] == 2
