"""A function that does not end is stopped, whatever it catches; what cannot be stopped is left alone."""

import sys
import threading
import time

import numpy as np
import pytest

import bpteach.diagnosis.stoppable
from bpteach import sigmoid
from bpteach.diagnosis.recording import record
from bpteach.diagnosis.stoppable import Patience, Stoppable
from browser import wait_until
from strategies import seeded

ARGUMENTS = seeded([9, 5, 4, 2], 1)


@pytest.fixture(params=["in a thread", *["in place, as in a browser"] * hasattr(sys, "monitoring")])
def anywhere(request, monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    if request.param != "in a thread":
        monkeypatch.setattr(threading.Thread, "start", refuse)


def for_ever():
    while True:
        pass


def endless(net, x, y):
    while True:
        x = x + 1


def endless_inside(net, x, y):
    z = 1
    for_ever()
    return z


def endless_and_deaf(net, x, y):
    while True:
        try:
            x = x + 1
        except:  # noqa: E722
            continue


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (endless, "endless was stopped after 50 lines. Does a loop never end"),
        (endless_and_deaf, "endless_and_deaf was stopped after 50 lines."),
        (endless_inside, "endless_inside was stopped after 0.2 s. Does a loop never end"),
        (lambda net, x, y: sum(1 for _ in iter(int, 1)), "<lambda> was stopped after 0.2 s."),
    ],
)
@pytest.mark.usefixtures("anywhere")
def test_a_loop_without_end_is_stopped_and_what_ran_is_kept(function, words):
    recording = record(function, *ARGUMENTS, most_steps=50, most_seconds=0.2)
    assert words in recording.message
    assert 1 <= len(recording.steps) <= 50
    assert recording.result is None
    assert not any(step.raised for step in recording.steps)


def test_what_cannot_be_stopped_is_left_alone(monkeypatch):
    monkeypatch.setattr(bpteach.diagnosis.stoppable, "SECONDS_TO_STOP", 0.1)
    wait = lambda net, x, y: threading.Event().wait()  # noqa: E731
    assert "was stopped after 0.1 s" in record(wait, *ARGUMENTS, most_seconds=0.1).message


@pytest.mark.parametrize(
    ("passed", "computed", "looks"),
    [
        (0.1, 0.1, 10),  # it computes
        (0.1, 0.4, 10),  # with several processors
        (0.1, 0.05, 20),  # it has half of one
        (0.1, 0, 40),  # it waits
        (60, 0.0625, 16),  # the machine holds the process for a minute, again and again
    ],
)
def test_only_what_a_run_has_had_of_the_processor_counts(passed, computed, looks, monkeypatch):
    now = [0, 0]
    for i, clock in enumerate(("monotonic", "process_time")):
        monkeypatch.setattr(time, clock, lambda i=i: now[i])
    patience, looked, is_over = Patience(1 - 1e-9), 0, False
    while not is_over:
        now[:] = now[0] + passed, now[1] + computed
        looked, is_over = looked + 1, patience.is_over()
    assert looked == looks


@pytest.mark.parametrize("inside", [lambda: None, lambda: time.sleep(0), lambda: sigmoid(np.ones((300, 300)))])
@pytest.mark.usefixtures("anywhere")
def test_a_function_that_catches_everything_runs_no_more(inside, monkeypatch):
    monkeypatch.setattr(bpteach.diagnosis.stoppable, "SECONDS_TO_STOP", 0.2)
    turns = []

    def deaf():
        while True:
            try:
                while True:
                    turns.append(inside())
            except:  # noqa: E722
                pass

    def stands_still():
        before = len(turns)
        time.sleep(0.1)
        return 0 < before == len(turns)

    run = Stoppable(deaf)
    run.start(None, 0.1)
    assert run.stopped
    wait_until(stands_still, "it still runs")


@pytest.mark.usefixtures("anywhere")
def test_a_function_that_ends_gives_its_result_and_leaves_tracer_and_settings():
    def sensitive():
        np.seterr(all="raise")
        Stoppable(for_ever).start(None, 0.1)
        return sum(range(10_000))

    tracer, settings, seen = sys.gettrace(), np.geterr(), []
    run = Stoppable(sensitive)
    run.start(lambda frame, event, argument: seen.append(event), 60)
    assert (run.result, run.error, run.stopped) == (sum(range(10_000)), None, False)
    assert "call" in seen
    assert (sys.gettrace(), np.geterr()) == (tracer, settings)
