"""The view of a speed-up without a browser: its numbers, its words, and what it refuses."""

import json
import re

import numpy as np
import pytest

from bpteach.performance.timing import Timing
from bpteach.widgets import SpeedUpView
from bpteach.widgets.speed_up_view import AXIS_LEFT, AXIS_WIDTH, HEAD, ROW
from pictures import words_of
from strategies import refusing

SIZES, SLOW = (1, 10, 100), ("lists", "loop")


def timed(m, names=("lists", "loop", "matrix"), rounds=5):
    """Make up times that differ from round to round, and whose ratios fall or grow with m."""
    rng = np.random.default_rng(m)
    return Timing({name: 1e-5 * m ** (1 - 0.2 * i) * (1 + rng.random(rounds)) for i, name in enumerate(names)})


def timings():
    return {m: timed(m) for m in (10, 1, 100)}


def marks_of(widget, index, kind):
    return [mark for mark in widget.frames[index]["views"][0]["marks"] if mark["class"] == f"bpteach-{kind}"]


def ratios_at(widget, path):
    """Read from the labels of the axis the ratios at which the pieces of a path stand."""
    labels = [mark for mark in marks_of(widget, 0, "text") if re.fullmatch(r"[\d.]+", mark["text"])]
    row = [mark for mark in labels if mark["y"] == max(label["y"] for label in labels)]
    places = [float(x) for x in re.findall(r"[MH]([\d.]+)", path)]
    return 10 ** np.interp(places, [mark["x"] for mark in row], [np.log10(float(mark["text"])) for mark in row])


@pytest.mark.parametrize("index", range(3))
def test_each_round_its_quartiles_and_its_median_stand_at_their_ratios(index):
    widget, timing = SpeedUpView(timings(), "matrix"), timed(SIZES[index])
    for row, name in enumerate(SLOW):
        ratio = timing.ratio(name, "matrix")
        expected = {
            ("ink", row): timing.seconds[name] / timing.seconds["matrix"],
            ("down", row): [ratio.low, ratio.high],
            ("dot", row): [ratio.median],
        }
        for (kind, place), ratios in expected.items():
            drawn = ratios_at(widget, marks_of(widget, index, kind)[place]["d"])
            assert drawn == pytest.approx(ratios, rel=0.01), (kind, name)


def test_claims_are_marked_at_their_place():
    widget = SpeedUpView(timings(), "matrix", claims=[2, 100])
    assert [ratios_at(widget, mark["d"])[0] for mark in marks_of(widget, 1, "up")] == pytest.approx([2, 100], rel=0.01)
    assert {"claim: 2", "claim: 100"} <= set(words_of(marks_of(widget, 1, "text")))


@pytest.mark.parametrize("factor", [1e-9, 1e-3, 1.0, 1e4])
def test_whatever_the_ratios_they_stand_within_the_axis(factor):
    each = {m: Timing({"loop": factor * np.array([1.0, 2, 3]) * m, "matrix": np.array([1.0, 1, 1])}) for m in (1, 10)}
    widget = SpeedUpView(each, "matrix")
    for index, kind in ((index, kind) for index in (0, 1) for kind in ("ink", "dot", "down")):
        (path,) = marks_of(widget, index, kind)
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)", path["d"]):
            assert AXIS_LEFT <= float(x) <= AXIS_LEFT + AXIS_WIDTH
            assert HEAD < float(y) < HEAD + ROW
    assert "nan" not in json.dumps(widget.frames).lower()


def width_of(mark):
    return mark["font-size"] * sum(0.35 if letter in "il:. " else 0.65 for letter in mark["text"])


@pytest.mark.parametrize("largest", [1.0, 999.0, 1000.0, 1001.0, 14999.0, 1e5, 1e7])
def test_no_number_is_cut_at_the_edge(largest):
    each = {m: Timing({"loop": np.array([1.0, largest]), "matrix": np.ones(2)}) for m in (1, 10)}
    widget = SpeedUpView(each, "matrix", claims=[2, largest])
    _, _, width, height = map(float, widget.box.split())
    for mark in marks_of(widget, 0, "text"):
        if not re.search(r"\d", mark["text"]):
            continue  # these lines are written across the picture, far from its edges
        left = mark["x"] - width_of(mark) * {"start": 0, "middle": 1 / 2}[mark["text-anchor"]]
        assert 0 <= left <= width - width_of(mark), mark
        assert mark["font-size"] <= mark["y"] <= height


def test_sizes_are_sorted_and_the_one_asked_for_is_shown_first():
    widget = SpeedUpView(timings(), "matrix", m=10)
    assert [frame["position"] for frame in widget.frames] == ["1", "10", "100"]
    assert widget.index == 1
    assert SpeedUpView(timings(), "matrix").index == 0


def test_the_sentence_and_the_table_give_the_medians():
    widget = SpeedUpView(timings(), "matrix", m=100)
    timing = timed(100)
    sentence, head, *rows = widget.text.splitlines()
    assert sentence == widget.frames[2]["sentence"]
    assert sentence.startswith("Mini-batches of 100: matrix takes ")
    for name in SLOW:
        found = float(re.search(rf"{name} ([\d.]+) times as long", sentence)[1])
        assert found == pytest.approx(timing.ratio(name, "matrix").median, rel=0.005)
    assert "÷ matrix" in head
    assert [row.split()[0] for row in rows] == ["lists", "loop", "matrix"]
    for row in rows:
        name, time, unit, ratio, *_ = row.split()
        seconds = float(time) * {"s": 1, "ms": 1e-3, "µs": 1e-6}[unit]
        assert seconds == pytest.approx(timing.median(name) / 100, rel=0.005)
        assert float(ratio) == pytest.approx(timing.ratio(name, "matrix").median, rel=0.005)
    widget.index = 0
    assert widget.text.startswith("Mini-batches of 1: ")


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1560.4, "1560"), (15604, "15600"), (352.4, "352"), (21.46, "21.5"), (1.374, "1.37"), (0.0512, "0.051")],
)
def test_numbers_have_three_digits_and_no_exponent(ratio, words):
    widget = SpeedUpView({1: Timing({"loop": np.array([ratio]), "matrix": np.ones(1)})}, "matrix")
    assert f"loop {words} times as long" in widget.frames[0]["sentence"]
    assert words in words_of(marks_of(widget, 0, "text"))


def test_later_changes_of_the_timings_change_nothing():
    each = timings()
    widget = SpeedUpView(each, "matrix")
    text = widget.text
    each[1].seconds["loop"] *= 7
    assert widget.text == text


ASKED = {"timings": timings(), "fast": "matrix"}
REFUSED = [
    ({"timings": [timed(1)]}, TypeError, "timings is"),
    ({"timings": {}}, ValueError, "timings is {} (dict): expected a dictionary"),
    ({"timings": {1: {"loop": 1.0}}}, TypeError, "timings is {1: {'loop': 1.0}} (dict): expected a dictionary"),
    ({"timings": {"a": timed(1)}}, TypeError, "timings is of type dict: expected a dictionary"),
    ({"timings": {0: timed(1)}}, ValueError, "m is 0: expected 1 or more"),
    ({"fast": "metrix"}, ValueError, "expected one of lists, loop, matrix"),
    ({"claims": [2, 0]}, ValueError, "claims[1] is 0 (int)"),
    ({"claims": None}, TypeError, "claims[0] is None (NoneType)"),
    ({"claims": ["2"]}, TypeError, "claims[0] is '2' (str)"),
    ({"m": 7}, ValueError, "expected one of 1, 10, 100"),
]

test_it_refuses = refusing(lambda asked: SpeedUpView(**{**ASKED, **asked}), REFUSED)
