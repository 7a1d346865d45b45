"""The view of δ without a browser: its bars, its words, and what it refuses."""

import re

import numpy as np
import pytest

from bpteach import backprop, feedforward
from bpteach.widgets import DeltaView
from bpteach.widgets.delta_view import BAR_HEIGHT
from pictures import words_of
from test_views_of_examples import small


def make(*sizes_and_count, **choices):
    net, X, Y = small(*sizes_and_count)
    return net, X, Y, DeltaView(net, X, Y, **choices)


def marks_of(widget, example=0, own_scale=False, kind=None):
    marks = widget.frames[example]["views"][own_scale]["marks"]
    return [mark for mark in marks if kind is None or mark["class"] == f"bpteach-{kind}"]


def heights(widget, row, example=0, own_scale=False):
    """Read the bars of one row, the output being row 0, from left to right: heights from -1 to 1."""
    found = {}
    for kind in ("up", "down"):
        path = marks_of(widget, example, own_scale, kind)[row + 1]["d"]  # the first is the legend's
        found |= {float(x): -float(v) / BAR_HEIGHT for x, v in re.findall(r"M([\d.]+) [\d.]+v([-\d.]+)", path)}
    return [found[x] for x in sorted(found)]


@pytest.mark.parametrize("example", [0, 1, 2])
@pytest.mark.parametrize("own_scale", [False, True])
def test_bars_are_the_nabla_b_of_backprop(example, own_scale):
    net, X, Y, widget = make()
    nabla_b, _ = backprop(net, X[:, [example]], Y[:, [example]])
    largest = max(np.abs(delta).max() for delta in nabla_b)
    for row, delta in enumerate(reversed(nabla_b)):
        scale = np.abs(delta).max() if own_scale else largest
        drawn = heights(widget, row, example, own_scale)
        assert drawn == pytest.approx(delta.ravel() / scale, abs=0.06 / BAR_HEIGHT)
        assert np.abs(drawn).max() == 1 or not own_scale


def test_each_row_shows_the_norm_of_delta():
    net, X, Y, widget = make((9, 5, 4, 2), 1)
    nabla_b, _ = backprop(net, X, Y)
    shown = [word for word in words_of(marks_of(widget)) if re.fullmatch(r"0\.\d{2,}", word)]
    assert [float(word) for word in shown] == pytest.approx(
        [np.linalg.norm(delta) for delta in reversed(nabla_b)], rel=0.05
    )


def test_the_image_and_the_answer_are_shown():
    net, X, Y, widget = make(example=1)
    right, answer = Y[:, 1].argmax(), feedforward(net, X[:, [1]]).argmax()
    assert f"{right}, read as {answer}" in words_of(marks_of(widget, 1))
    ink = "".join(mark["d"] for mark in marks_of(widget, 1, kind="ink"))
    assert ink.count("M") == np.count_nonzero(np.round(X[:, 1] * 16))
    assert not marks_of(make([8, 2])[3], kind="ink")  # 8 is no square


def test_the_text_is_a_table_of_the_example_shown():
    net, X, Y, widget = make(example=2)
    nabla_b, _ = backprop(net, X[:, [2]], Y[:, [2]])
    title, head, *rows = widget.text.splitlines()
    assert title == widget.frames[2]["sentence"]
    assert title.startswith("Example 2 (")
    assert "‖δ‖" in head
    assert [row.split()[0] for row in rows] == ["δ⁴", "δ³", "δ²"]
    for row, delta in zip(rows, reversed(nabla_b), strict=True):
        norm, largest, neuron = row.split()[-3:]
        assert float(norm) == pytest.approx(np.linalg.norm(delta), rel=0.05)
        assert float(largest) == pytest.approx(np.abs(delta).max(), rel=0.05)
        assert int(neuron) == np.abs(delta).argmax()
    widget.example = 0
    assert widget.text.startswith("Example 0 (")


def test_tiny_errors_are_written_with_a_power_of_ten():
    net, X, Y, _ = make()
    net.weights[-1] *= 1e-7
    widget = DeltaView(net, X, Y)
    assert re.search(r"to \d\.\d × 10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+ at the first hidden layer", widget.frames[0]["sentence"])
