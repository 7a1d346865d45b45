"""The view of a speed-up without a browser: its numbers, its words, and what it refuses."""

import base64
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from traitlets import TraitError

from bpteach.performance.timing import Timing
from bpteach.widgets import SpeedUpView
from bpteach.widgets.speed_up_view import AXIS_LEFT, AXIS_WIDTH, HEAD, ROW, WORDS
from strategies import Spoken


def timed(m, names=("lists", "loop", "matrix"), rounds=5):
    """Make up times that differ from round to round, and whose ratios fall or grow with m."""
    rng = np.random.default_rng(m)
    return Timing({name: 1e-5 * m ** (1 - 0.2 * i) * (1 + rng.random(rounds)) for i, name in enumerate(names)})


def timings(sizes=(10, 1, 100), **choices):
    return {m: timed(m, **choices) for m in sizes}


def marks_of(widget, index, kind):
    return [mark for mark in widget.frames[index]["marks"] if mark["class"] == f"bpteach-{kind}"]


def words_of(widget, index):
    return [mark["text"] for mark in marks_of(widget, index, "text")]


def ratios_at(widget, places):
    """Read the axis: from its labels, the ratios that stand at these places."""
    labels = [mark for mark in marks_of(widget, 0, "text") if re.fullmatch(r"[\d.]+", mark["text"])]
    row = [mark for mark in labels if mark["y"] == max(label["y"] for label in labels)]
    logarithms = np.interp(places, [mark["x"] for mark in row], [np.log10(float(mark["text"])) for mark in row])
    return 10**logarithms


def still(widget):
    data, _ = widget._repr_mimebundle_()
    return ET.fromstring(base64.b64decode(re.search(r"base64,([^\"]+)", data["text/html"])[1]))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_stroke_stands_at_the_ratio_of_each_round(index):
    widget, m = SpeedUpView(timings(), "matrix"), (1, 10, 100)[index]
    seconds = timed(m).seconds
    for row, name in enumerate(["lists", "loop"]):
        strokes = marks_of(widget, index, "ink")[row]["d"]
        places = [float(x) for x in re.findall(r"M([\d.]+) ", strokes)]
        assert ratios_at(widget, places) == pytest.approx(seconds[name] / seconds["matrix"], rel=0.01)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_bar_and_dot_are_quartiles_and_median_and_grey_dots_the_other_sizes(index):
    widget, sizes = SpeedUpView(timings(), "matrix"), (1, 10, 100)
    for row, name in enumerate(["lists", "loop"]):
        ratio = timed(sizes[index]).ratio(name, "matrix")
        bar = re.match(r"M([\d.]+) [\d.]+H([\d.]+)", marks_of(widget, index, "down")[row]["d"])
        dot = re.match(r"M([\d.]+) ", marks_of(widget, index, "dot")[row]["d"])
        places = [float(bar[1]), float(bar[2]), float(dot[1])]
        assert ratios_at(widget, places) == pytest.approx([ratio.low, ratio.high, ratio.median], rel=0.01)
        grey = marks_of(widget, index, "line")[2 * row + 1]["d"]
        others = [timed(m).ratio(name, "matrix").median for m in sizes if m != sizes[index]]
        places = [float(x) for x in re.findall(r"M([\d.]+) ", grey)]
        assert ratios_at(widget, places) == pytest.approx(others, rel=0.01)


def test_claims_are_marked_at_their_place():
    widget = SpeedUpView(timings(), "matrix", claims=[2, 100])
    places = [float(re.match(r"M([\d.]+)", mark["d"])[1]) for mark in marks_of(widget, 1, "up")]
    assert ratios_at(widget, places) == pytest.approx([2, 100], rel=0.01)
    assert {"claim: 2", "claim: 100"} <= set(words_of(widget, 1))
    assert widget.frames[1]["alt"].endswith("Upright lines mark 2, 100.")
    assert "Upright" not in SpeedUpView(timings(), "matrix").frames[1]["alt"]


@pytest.mark.parametrize("factor", [1e-9, 1e-3, 1.0, 1e4])
def test_whatever_the_ratios_they_stand_within_the_axis(factor):
    each = {m: Timing({"loop": factor * np.array([1.0, 2, 3]) * m, "matrix": np.array([1.0, 1, 1])}) for m in (1, 10)}
    widget = SpeedUpView(each, "matrix")
    for index in (0, 1):
        for kind in ("ink", "dot", "down"):
            (path,) = marks_of(widget, index, kind)
            for x, y in re.findall(r"M([\d.]+) ([\d.]+)", path["d"]):
                assert AXIS_LEFT <= float(x) <= AXIS_LEFT + AXIS_WIDTH
                assert HEAD < float(y) < HEAD + ROW
    assert "nan" not in json.dumps(widget.frames).lower()


def width_of(mark):
    """Tell how wide a line of text is in the widest of the usual fonts."""
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
    for name in ("lists", "loop"):
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
    assert words in words_of(widget, 0)


def test_where_no_widgets_run_there_is_a_still_picture():
    widget = SpeedUpView(timings(), "matrix", claims=[2], m=10)
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert data["text/plain"] == repr(widget) == "SpeedUpView('matrix', mini-batches of 1, 10, 100)"
    texts = [element.text or "" for element in still(widget).iter("{http://www.w3.org/2000/svg}text")]
    assert texts == words_of(widget, 1)
    assert re.search('alt="([^"]+)"', data["text/html"])[1] == widget.frames[1]["alt"]
    widget.index = 2
    assert data["text/html"] != widget._repr_mimebundle_()[0]["text/html"]


def test_later_changes_of_the_timings_change_nothing():
    each = timings()
    widget = SpeedUpView(each, "matrix")
    text = widget.text
    each[1].seconds["loop"] *= 7
    assert widget.text == text


BAD = Timing({"loop": np.array([1.0, 0.0]), "matrix": np.ones(2)})
REFUSED = {
    "a list": (lambda: SpeedUpView([timed(1)], "matrix"), TypeError, "timings is"),
    "nothing": (lambda: SpeedUpView({}, "matrix"), ValueError, "timings is {} (dict): expected a dictionary"),
    "seconds": (lambda: SpeedUpView({1: {"loop": 1.0}}, "matrix"), TypeError, "timings[1] is"),
    "no size": (lambda: SpeedUpView({0: timed(1)}, "matrix"), ValueError, "m is 0: expected 1 or more"),
    "a word": (lambda: SpeedUpView({"10": timed(1)}, "matrix"), TypeError, "m is '10' (str)"),
    "other names": (
        lambda: SpeedUpView({1: timed(1), 10: timed(10, names=("loop", "matrix"))}, "matrix"),
        ValueError,
        "timings[10] has times of loop, matrix: expected lists, loop, matrix",
    ),
    "another name": (lambda: SpeedUpView(timings(), "metrix"), ValueError, "expected one of lists, loop, matrix"),
    "one name": (lambda: SpeedUpView({1: timed(1, names=("matrix",))}, "matrix"), ValueError, "another function"),
    "no time": (lambda: SpeedUpView({1: BAD}, "matrix"), ValueError, "timings[1] has a time of 'loop'"),
    "a claim of 0": (lambda: SpeedUpView(timings(), "matrix", claims=[2, 0]), ValueError, "claims[1] is 0 (int)"),
    "a claim in words": (lambda: SpeedUpView(timings(), "matrix", claims=["2"]), TypeError, "claims[0] is '2' (str)"),
    "another size": (lambda: SpeedUpView(timings(), "matrix", m=7), ValueError, "expected one of 1, 10, 100"),
    "a text size": (lambda: SpeedUpView(timings(), "matrix", text_size=15), ValueError, "text_size is 15"),
    "a slip": (lambda: SpeedUpView(timings(), "matrix", claim=[2]), TypeError, "claim"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=re.escape(words)):
        call()


@pytest.mark.parametrize("index", [3, -1, True])
def test_a_later_bad_choice_is_refused_and_leaves_the_widget_as_it_was(index):
    widget = SpeedUpView(timings(), "matrix", m=10)
    with pytest.raises(TraitError):
        widget.index = index
    assert widget.index == 1


def test_every_sentence_is_said(monkeypatch):
    words = Spoken(WORDS)
    monkeypatch.setattr("bpteach.widgets.speed_up_view.WORDS", words)
    for call, error, _ in REFUSED.values():
        with pytest.raises(error):
            call()
    widget = SpeedUpView(timings(), "matrix", claims=[2])
    assert widget.text
    SpeedUpView(timings(), "matrix")
    with pytest.raises(TraitError):
        widget.index = 3
    assert words.said == set(words)
