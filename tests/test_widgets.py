"""The widgets without a browser: their numbers, their words, and what they refuse."""

import base64
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from traitlets import TraitError

from bpteach import Network, backprop, feedforward, load_mnist
from bpteach.widgets import DeltaView
from bpteach.widgets.delta_view import BAR_HEIGHT
from bpteach.widgets.widget import STATIC, TEXT_SIZES


def make(sizes=(9, 5, 4, 2), count=3, **choices):
    """Make a small network, a few examples and the widget."""
    rng = np.random.default_rng(0)
    net = Network.random(list(sizes), rng)
    X, Y = rng.random((sizes[0], count)), np.eye(sizes[-1])[:, rng.integers(sizes[-1], size=count)]
    return net, X, Y, DeltaView(net, X, Y, **choices)


def marks_of(widget, example=0, own_scale=False, kind=None):
    marks = widget.frames[example]["views"][own_scale]["marks"]
    return [mark for mark in marks if kind is None or mark["class"] == f"bpteach-{kind}"]


def heights(widget, row, example=0, own_scale=False):
    """Read the bars of one row, the output being row 0: position and height, from -1 to 1."""
    found = {}
    for kind in ("up", "down"):
        path = marks_of(widget, example, own_scale, kind)[row + 1]["d"]  # the first is the legend's
        found |= {float(x): -float(v) / BAR_HEIGHT for x, v in re.findall(r"M([\d.]+) [\d.]+v([-\d.]+)", path)}
    return [found[x] for x in sorted(found)]


def words_of(widget, example=0, own_scale=False):
    return [mark["text"] for mark in marks_of(widget, example, own_scale, "text")]


def still(widget):
    data, _ = widget._repr_mimebundle_()
    source = re.search(r"base64,([^\"]+)", data["text/html"])[1]
    return ET.fromstring(base64.b64decode(source))


@pytest.mark.parametrize("example", [0, 1, 2])
@pytest.mark.parametrize("own_scale", [False, True])
def test_bars_are_the_nabla_b_of_backprop(example, own_scale):
    net, X, Y, widget = make()
    nabla_b, _ = backprop(net, X[:, [example]], Y[:, [example]])
    largest = max(np.abs(delta).max() for delta in nabla_b)
    for row, delta in enumerate(reversed(nabla_b)):
        scale = np.abs(delta).max() if own_scale else largest
        assert heights(widget, row, example, own_scale) == pytest.approx(delta.ravel() / scale, abs=0.06 / BAR_HEIGHT)


def test_own_scale_fills_every_row_and_the_common_one_only_the_largest():
    _, _, _, widget = make()
    own = [np.abs(heights(widget, row, own_scale=True)).max() for row in range(3)]
    common = [np.abs(heights(widget, row)).max() for row in range(3)]
    assert own == [1, 1, 1]
    assert sorted(common)[1] < 1 == max(common)


def test_each_row_shows_the_norm_of_delta_as_a_number_and_a_dot():
    net, X, Y, widget = make([9, 5, 4, 2], count=1)
    nabla_b, _ = backprop(net, X, Y)
    norms = [np.linalg.norm(delta) for delta in reversed(nabla_b)]
    shown = [word for word in words_of(widget) if re.fullmatch(r"0\.\d{2,}", word)]
    assert [float(word) for word in shown] == pytest.approx(norms, rel=0.05)
    (dots,) = marks_of(widget, kind="dot")
    places = [float(x) for x in re.findall(r"M([\d.]+)", dots["d"])]
    steps = np.diff(places) / np.diff(np.log10(norms))  # the same length for every power of ten
    assert steps == pytest.approx(steps[0], rel=0.05)


def test_the_image_and_the_answer_are_shown():
    net, X, Y, widget = make(example=1)
    right, answer = Y[:, 1].argmax(), feedforward(net, X[:, [1]]).argmax()
    assert f"{right}, read as {answer}" in words_of(widget, 1)
    ink = "".join(mark["d"] for mark in marks_of(widget, 1, kind="ink"))
    assert ink.count("M") == np.count_nonzero(np.round(X[:, 1] * 16))
    assert not marks_of(make([8, 2])[3], kind="ink")  # 8 is no square


def test_the_text_is_a_table_of_the_example_shown():
    net, X, Y, widget = make(example=2)
    nabla_b, _ = backprop(net, X[:, [2]], Y[:, [2]])
    title, head, *rows = widget.text.splitlines()
    assert title.startswith("Example 3 of 3: ")
    assert title.endswith("Column X[:, [2]].")
    assert "‖δ‖" in head
    assert [row.split()[0] for row in rows] == ["δ⁴", "δ³", "δ²"]
    for row, delta in zip(rows, reversed(nabla_b), strict=True):
        norm, largest, neuron = row.split()[-3:]
        assert float(norm) == pytest.approx(np.linalg.norm(delta), rel=0.05)
        assert float(largest) == pytest.approx(np.abs(delta).max(), rel=0.05)
        assert int(neuron) == np.abs(delta).argmax()
    widget.example = 0
    assert widget.text.startswith("Example 1 of 3: ")


@pytest.mark.parametrize(
    ("sizes", "words"), [([9, 5, 2], "at the first hidden layer."), ([9, 2], "the only layer after the input.")]
)
def test_the_sentence_suits_the_depth(sizes, words):
    _, _, _, widget = make(sizes)
    assert widget.frames[0]["sentence"].endswith(words)


@pytest.mark.parametrize(("w", "words"), [(1, "error shrinks from"), (8, "error grows from"), (4, "error is")])
def test_the_sentence_says_whether_the_error_shrinks_or_grows(w, words):
    zero = np.zeros((1, 1))
    net = Network([1, 1, 1], [zero, zero + w], [zero, zero])  # z² = 0, so δ² = w · δ³ / 4
    assert words in DeltaView(net, zero, zero).frames[0]["sentence"]


def test_neurons_that_are_saturated_have_no_error_and_no_dot():
    net, X, Y, _ = make()
    for b in net.biases:
        b += 1e4
    widget = DeltaView(net, X, Y)
    assert "The error is 0 at the output" in widget.frames[0]["sentence"]
    assert not marks_of(widget, kind="dot")
    assert "NaN" not in json.dumps(widget.frames)
    assert still(widget) is not None


def test_tiny_errors_are_written_with_a_power_of_ten():
    net, X, Y, _ = make()
    net.weights[-1] *= 1e-7
    widget = DeltaView(net, X, Y)
    assert re.search(r"to \d\.\d × 10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+ at the first hidden layer", widget.frames[0]["sentence"])


def test_outputs_that_are_no_classes_get_no_label():
    net, X, Y, _ = make()
    widget = DeltaView(net, X, Y * 0.5)
    assert widget.frames[0]["sentence"].startswith("Example 1 of 3. The error")
    assert "read as" not in " ".join(words_of(widget))


def test_repr_is_stable():
    assert repr(make()[3]) == "DeltaView(Network([9, 5, 4, 2]), 3 examples)"
    assert repr(make(count=1)[3]) == "DeltaView(Network([9, 5, 4, 2]), 1 example)"


def test_where_no_widgets_run_there_is_a_still_picture():
    _, _, _, widget = make(example=1)
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert data["text/plain"] == repr(widget)
    alt = re.search('alt="([^"]+)"', data["text/html"])[1]
    assert alt.startswith(widget.frames[1]["sentence"])
    texts = [element.text for element in still(widget).iter("{http://www.w3.org/2000/svg}text")]
    assert [text or "" for text in texts] == words_of(widget, 1)
    assert data["text/html"] == make(example=1)[3]._repr_mimebundle_()[0]["text/html"]
    widget.own_scale = True
    assert data["text/html"] != widget._repr_mimebundle_()[0]["text/html"]


def test_ten_digits_of_a_deep_network_are_less_than_500_kb():
    net = Network.random([784, 30, 30, 30, 30, 10], np.random.default_rng(0))
    widget = DeltaView(net, *load_mnist().test.columns(range(10)))
    assert len(json.dumps(widget.get_state())) < 500_000


def test_the_network_and_the_data_are_left_as_they_are_and_later_training_changes_nothing():
    net, X, Y, widget = make()
    before = [array.copy() for array in (X, Y, *net.weights, *net.biases)]
    text = widget.text
    DeltaView(net, X, Y)
    assert all(np.array_equal(a, b) for a, b in zip(before, (X, Y, *net.weights, *net.biases), strict=True))
    net.weights[0] += 1
    X += 1
    assert widget.text == text


def test_float32_is_welcome():
    net = Network.random([9, 5, 2], np.random.default_rng(0), dtype=np.float32)
    widget = DeltaView(net, np.ones((9, 1), np.float32), np.eye(2, dtype=np.float32)[:, [0]])
    json.dumps(widget.get_state())


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        ({"example": 3}, ValueError, "example is 3: expected 0 to 2"),
        ({"example": -1}, ValueError, "example is -1"),
        ({"example": 1.0}, TypeError, "example is 1.0 (float): expected an integer"),
        ({"text_size": 15}, ValueError, "text_size is 15: expected one of 12, 14"),
        ({"text_size": "16"}, TypeError, "text_size is '16' (str)"),
        ({"own_scale": 1}, TypeError, "own_scale is 1 (int): expected True or False"),
        ({"own_scales": True}, TypeError, "own_scales"),
    ],
)
def test_a_bad_choice_is_refused(choice, error, words):
    with pytest.raises(error, match=re.escape(words)):
        make(**choice)


def test_bad_arrays_are_refused():
    net, X, Y, _ = make()
    for bad in ((net, X.T, Y), (net, X, Y[:, :2]), (net, X[:, :0], Y[:, :0])):
        with pytest.raises(ValueError, match="expected"):
            DeltaView(*bad)
    with pytest.raises(TypeError, match="expected a Network"):
        DeltaView([9, 2], X, Y)


def test_a_later_bad_choice_is_refused_and_leaves_the_widget_as_it_was():
    _, _, _, widget = make(example=1)
    for name, value in (("example", 3), ("example", -1), ("example", True), ("text_size", 17), ("own_scale", 2)):
        before = getattr(widget, name)
        with pytest.raises(TraitError):
            setattr(widget, name, value)
        assert getattr(widget, name) == before


def test_python_can_watch_and_move_the_widget():
    _, _, _, widget = make()
    seen = []
    widget.observe(lambda change: seen.append((change.name, change.new)), ["example", "own_scale", "text_size"])
    widget.set_state({"example": 2, "own_scale": True})  # as the browser does
    widget.text_size = TEXT_SIZES[-1]
    assert sorted(seen) == [("example", 2), ("own_scale", True), ("text_size", 32)]


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_scripts_and_styles_ask_no_other_machine_and_write_no_markup(path):
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1998/Math/MathML",
    }
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\bid:|@import|url\(", text)
