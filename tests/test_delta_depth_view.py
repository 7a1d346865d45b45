"""The view of δ in deep networks without a browser: its numbers, its words, and what it refuses."""

import json
import re

import numpy as np
import pytest

from bpteach import Network, backprop, feedforward
from bpteach.publishing.lessons import LESSONS
from bpteach.widgets import DeltaDepthView
from bpteach.widgets.depth_picture import AXIS_LEFT, SLOPES_LEFT, SLOPES_WIDTH
from bpteach.widgets.marks import number
from pictures import texts_of
from strategies import by_hand, refusing
from test_views_of_examples import small

NUMBER = r"-?[\d.]+"
POINT = rf"M({NUMBER}) ({NUMBER})"
SIZES = [(9, 6, 5, 4, 3), (9, 5, 2), (9, 2), (8, 7, 6, 5, 4, 3, 2), (30, *[8] * 10, 3)]


def make(sizes=SIZES[0], epochs=3, count=7, **choices):
    """Make a view of copies of a network whose weights grow, as those of a network in training do."""
    net, X, Y = small(sizes, count)
    nets = [net.copy() for _ in range(epochs)]
    for epoch, copy in enumerate(nets):
        for w in copy.weights:
            w *= 1.5**epoch
    return nets, X, Y, DeltaDepthView(nets, X, Y, **choices)


def norms_of(net, X, Y):
    """Give ‖δ‖ by the function that the lessons explain, one example after the other; row 0 is layer 2."""
    columns = [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(X.shape[1])]
    return np.array([[np.linalg.norm(delta) for delta in deltas] for deltas in columns]).T


def slopes_of(net, X):
    _x, *activations = by_hand(net, X, 0)[1].values()
    return [a * (1 - a) for a in activations]


def saturated(slopes):
    return f"{100 * np.mean(slopes < 0.05):.0f}\N{NO-BREAK SPACE}%"


def rights_of(net, X, Y):
    return feedforward(net, X).argmax(axis=0) == Y.argmax(axis=0)


def slots(widget, panel, epoch, tag=None):
    pairs = zip(widget.panels[panel]["epoch"], widget.frames[epoch]["filled"][panel], strict=True)
    return [value for slot, value in pairs if tag in (None, slot["tag"])]


def chosen(widget, epoch, example, tag):
    pairs = zip(widget.panels[0]["example"], widget.frames[epoch]["examples"][example]["filled"], strict=True)
    return [value for slot, value in pairs if slot["tag"] == tag]


def logarithm(widget):
    """Read the axis of ‖δ‖: from the labels under it a function that turns a place into log10 ‖δ‖."""
    labels = [mark for mark in widget.panels[0]["marks"] if mark.get("text-anchor") == "middle"]
    axis = [mark for mark in labels if mark["y"] == min(label["y"] for label in labels) and mark["text"] != "0"]
    places = {mark["x"]: np.log10(float(plain(mark["text"]))) for mark in axis}
    (left, low), *_, (right, high) = sorted(places.items())
    return lambda x: low + (x - left) * (high - low) / (right - left)


def plain(text):
    text = re.sub("(^| × )10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", lambda found: "e" if found[1] else "1e", text)
    return text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))


def rows_of(path, shape):
    rows = {}
    for x, y in re.findall(shape, path):
        rows.setdefault(float(y), []).append(float(x))
    return [rows[y] for y in sorted(rows)]


# --- the numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_every_example_and_the_median_stand_at_the_norm_that_backprop_gives(sizes):
    nets, X, Y, widget = make(sizes)
    place = logarithm(widget)
    for epoch, net in enumerate(nets):
        norms, rights = norms_of(net, X, Y), rights_of(net, X, Y)
        ticks, missed, _, median = slots(widget, 0, epoch, "path")[:4]
        for drawn, ours in ((rows_of(ticks, POINT), norms[:, rights]), (rows_of(missed, POINT), norms[:, ~rights])):
            assert len(drawn) == (len(sizes) - 1 if ours.size else 0)
            for row, expected in zip(drawn, ours[::-1], strict=False):
                assert sorted(map(place, row)) == pytest.approx(sorted(np.log10(expected)), abs=0.02)
        assert missed.count("v-10") == missed.count("M")
        middles = rows_of(median, POINT + "l")
        assert [place(x) for (x,) in middles] == pytest.approx(np.log10(np.median(norms, axis=1))[::-1], abs=0.02)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_chosen_example_is_joined_across_the_layers_and_written_in_numbers(sizes):
    nets, X, Y, widget = make(sizes)
    place = logarithm(widget)
    for epoch, net in enumerate(nets):
        norms, answers = norms_of(net, X, Y), feedforward(net, X).argmax(axis=0)
        for i in range(X.shape[1]):
            line, dots = chosen(widget, epoch, i, "path")
            points = rows_of(dots, POINT + "h0")
            assert [place(x) for (x,) in points] == pytest.approx(np.log10(norms[::-1, i]), abs=0.02)
            assert re.sub("[ML]", " ", line).split() == re.sub("M|h0", " ", dots).split()
            read, *written = chosen(widget, epoch, i, "text")
            assert read == f"{Y[:, i].argmax()}, read as {answers[i]}"
            assert written[: len(norms)] == [number(norm) for norm in norms[:, i]]
            steps = [(float(words[2:]), words[0]) for words in written[len(norms) :]]
            factors = norms[1:, i] / norms[:-1, i]
            assert [size if sign == "÷" else 1 / size for size, sign in steps] == pytest.approx(factors, rel=0.06)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_slopes_are_counted_and_their_mean_and_the_saturated_share_are_given(sizes):
    nets, X, _, widget = make(sizes)
    for epoch, net in enumerate(nets):
        slopes = slopes_of(net, X)
        low, other = slots(widget, 1, epoch, "path")[:2]
        bars = {}
        for path, bins in ((low, range(4)), (other, range(4, 20))):
            for x, base, height in re.findall(rf"{POINT}v-({NUMBER})", path):
                place = round((float(x) - SLOPES_LEFT) / SLOPES_WIDTH * 20)
                assert place in bins
                bars.setdefault(float(base), np.zeros(20))[place] = float(height)
        texts = slots(widget, 1, epoch, "text")
        for k, heights in enumerate(bars[base] for base in sorted(bars, reverse=True)):
            counts, _ = np.histogram(slopes[k], 20, (0, 0.25))
            assert heights / heights.sum() == pytest.approx(counts / counts.sum(), abs=0.02)
            assert texts[2 * k : 2 * k + 2] == [saturated(slopes[k]), f"mean {slopes[k].mean():.3f}"]


def test_the_strips_show_the_factor_and_what_is_read_at_every_epoch():
    nets, X, Y, widget = make(epochs=4, epoch=2)
    factors = [np.median(norms[-1] / norms[0]) for norms in (norms_of(net, X, Y) for net in nets)]
    rights = [rights_of(net, X, Y).sum() for net in nets]
    for epoch in range(4):
        (text,) = [text for text in slots(widget, 0, epoch, "text") if "median" in text]
        assert text.startswith("‖δ⁵‖ ÷ ‖δ²‖, median: ")
        assert float(text.split()[-1]) == pytest.approx(factors[epoch], rel=0.06)
        assert f"read right: {rights[epoch]} of 7" in slots(widget, 1, epoch)
    for panel, expected in ((0, np.log10(factors)), (1, np.array(rights) / 7)):
        cursors = [slots(widget, panel, epoch)[-2:] for epoch in range(4)]
        across = [float(re.match(rf"M({NUMBER})", cursor)[1]) for cursor, _ in cursors]
        assert np.diff(across) == pytest.approx([np.diff(across)[0]] * 3, abs=0.11)
        heights = np.array([float(re.match(rf"M{NUMBER} ({NUMBER})h0", now)[1]) for _, now in cursors])
        curve = [mark["d"] for mark in widget.panels[panel]["marks"] if mark["class"] == "bpteach-between"][-1]
        assert heights == pytest.approx([float(y) for y in re.findall(rf"[ML]{NUMBER} ({NUMBER})", curve)])
        low, high = np.argmin(expected), np.argmax(expected)
        assert expected[low] == expected[high] or heights[high] < heights[low]  # up is more
        share = (expected - expected[low]) / (expected[high] - expected[low] or 1)
        assert heights == pytest.approx(heights[low] + share * (heights[high] - heights[low]), abs=0.2)


def test_one_network_has_no_strips_and_no_epoch_in_its_words():
    nets, X, Y, widget = make(epochs=1)
    assert DeltaDepthView(nets[0], X, Y).text == widget.text
    assert widget.text.startswith("Example 0 (")
    assert not any("epoch" in text for text in texts_of(widget))
    assert any("median: " in text for text in texts_of(widget))
    assert not [mark for mark in widget.panels[0]["epoch"] if mark["class"] == "bpteach-chosen"]


# --- the words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("many", "one", "share"), [(0.0, 10.0, "< 1 %"), (10.0, 0.0, "> 99 %"), (0.0, 0.0, "0 %")])
def test_a_share_is_0_or_100_only_where_it_is_nothing_or_all(many, one, share):
    X, zero = np.full((1, 300), many), np.zeros((1, 1))
    X[0, 0] = one
    widget = DeltaDepthView(Network([1, 1], [zero + 1], [zero]), X, X * 0)
    text = widget.text
    assert "the only layer after the input" in text
    assert "÷" not in " ".join([text, *texts_of(widget)])  # one layer has no factor
    assert f"Saturated there: {share.replace(' ', chr(0xA0))}." in text


def test_the_text_is_a_sentence_and_a_table():
    nets, X, Y, widget = make(epoch=2, example=4)
    norms, slopes = norms_of(nets[2], X, Y), slopes_of(nets[2], X)
    digit, answer = Y[:, 4].argmax(), feedforward(nets[2], X[:, [4]]).argmax()
    way = "shrinks" if norms[0, 4] < norms[-1, 4] else "grows"
    sentence, head, *rows, factor, right = widget.text.splitlines()
    assert sentence == widget.frames[2]["examples"][4]["sentence"]
    assert sentence == (
        f"Epoch 2, example 4 ({digit}, read as {answer}): the error {way} from {number(norms[-1, 4])} at the "
        f"output to {number(norms[0, 4])} at the first hidden layer. Saturated there: {saturated(slopes[0])}."
    )
    assert head.split() == ["layer", "‖δ‖", "median", "‖δ‖", "δ", "=", "0", "saturated", "mean", "σ′"]
    assert [row.split()[0] for row in rows] == ["δ⁵", "δ⁴", "δ³", "δ²"]
    for k, row in enumerate(reversed(rows)):
        numbers = [number(norms[k, 4]), number(np.median(norms[k])), "0", *saturated(slopes[k]).split()]
        assert row.split()[-6:] == [*numbers, f"{slopes[k].mean():.3f}"]
    assert factor.startswith("‖δ⁵‖ ÷ ‖δ²‖, median: ")
    assert right.startswith("read right: ")


def test_errors_of_0_stand_apart_and_are_counted():
    nets, X, Y, _ = make(epochs=2)
    for b in nets[1].biases:
        b += 1e4
    widget = DeltaDepthView(nets, X, Y, epoch=1)
    assert "the error is 0 at the output and at the first hidden layer. Saturated there: 100" in widget.text
    assert [line.split()[-4] for line in widget.text.splitlines()[2:6]] == ["7"] * 4
    assert set(re.findall(rf"M({NUMBER})", slots(widget, 0, 1)[3])) == {f"{AXIS_LEFT:.1f}"}
    assert min(float(x) for x in re.findall(rf"M({NUMBER})", slots(widget, 0, 0)[3])) > AXIS_LEFT + 30
    assert "0" in texts_of(widget)
    assert "median: none, δ² is 0" in widget.text
    assert slots(widget, 0, 1)[-1] == ""  # no dot on the curve
    assert not re.search("NaN|Infinity", json.dumps(widget.get_state()))


def test_float32_underflows_where_float64_does_not_and_both_are_shown():
    found = {}
    for dtype in (np.float32, np.float64):
        net = Network.random([9, *[5] * 8, 2], np.random.default_rng(0), dtype=dtype)
        for w in net.weights[1:]:
            w *= 1e-6
        widget = DeltaDepthView(net, *small((9, 2), 3, dtype)[1:])
        found[dtype] = [line.split()[-4] for line in widget.text.splitlines()[2:-2]]
        assert "NaN" not in json.dumps(widget.get_state())
    assert found[np.float32][-1] == "3"
    assert found[np.float64][-1] == "0"


def test_inputs_that_are_no_squares_get_no_image():
    assert make([8, 3, 2])[3].images == [[]] * 7
    assert all(make([9, 3, 2])[3].images)


def test_lesson_5_shows_it_before_training_and_after_each_of_30_epochs():
    (lesson,) = [path for path in LESSONS if path.name.startswith("05")]
    stored = lesson.read_text(encoding="utf-8")
    shown = re.findall(r'<img alt=\\"([^"]*xample \d+) \([^"]*?\): the error (\w+)', stored)
    assert shown[1:] == [("Example 0", "shrinks"), ("Epoch 0, example 0", "shrinks")]  # after DeltaView
    assert "31 epochs, 32 examples)" in stored


# --- what it takes, and what it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(("sizes", "epochs", "count"), [([9, *[8] * 9, 2], 100, 100), ([5, 2], 1, 100_000)])
def test_too_much_is_refused_and_the_cure_helps(sizes, epochs, count):
    net, X, Y = small(sizes, count)
    nets = [net.copy() for _ in range(epochs)]
    with pytest.raises(ValueError, match=rf"{epochs} × {count} pictures, about .* MB: expected at most 3.9") as info:
        DeltaDepthView(nets, X, Y)
    fewer = int(re.search(r"X\[:, :(\d+)\]", str(info.value))[1])
    widget = DeltaDepthView(nets, X[:, :fewer], Y[:, :fewer])
    assert len(json.dumps(widget.get_state())) < 4_000_000


def not_finite():
    nets, *_ = make(epochs=2)
    nets[1].weights[-1][:] = 1e308 * np.sign(nets[1].weights[-1])
    nets[1].weights[-1][0] *= -1
    nets[1].weights[0][:] = np.nan
    return nets


(NET, *OTHERS), X, Y, _ = make()
OTHER = Network.random([9, 3], np.random.default_rng(0))
ASKED = {"nets": [NET, *OTHERS], "X": X, "Y": Y}
REFUSED = [
    ({"nets": []}, ValueError, "nets is [] (list): expected a Network, or a list of Networks"),
    ({"nets": "net"}, TypeError, "nets is 'net' (str): expected a Network, or a list of Networks"),
    ({"nets": iter([NET])}, TypeError, "nets is of type list_iterator: expected"),
    ({"nets": [NET, 3]}, TypeError, "expected a Network, or a list of Networks"),
    ({"nets": [NET, OTHER]}, ValueError, "nets[1] has the sizes [9, 3]: expected [9, 6, 5, 4, 3], those of nets[0]."),
    ({"nets": [NET, NET.copy(), NET]}, ValueError, "nets[2] is the same network as one before it: expected copies"),
    ({"nets": not_finite()}, ValueError, "nets[1] gives errors that are not finite"),
    ({"epoch": 3}, ValueError, "epoch is 3: expected 0 to 2, a place in nets."),
]

test_it_refuses = refusing(lambda asked: DeltaDepthView(**{**ASKED, **asked}), REFUSED)
