"""The mini-batch explorer without a browser: its numbers, its words, and what it refuses."""

import base64
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from traitlets import TraitError

from bpteach import Network, backprop, backprop_matrix, feedforward, load_mnist
from bpteach.functions import cost
from bpteach.gradcheck import numerical_gradient, relative_error
from bpteach.widgets import MiniBatchExplorer
from bpteach.widgets import loop_and_matrix as twins
from bpteach.widgets.byte_images import GAP
from bpteach.widgets.marks import number
from bpteach.widgets.mini_batch_explorer import QUANTITIES
from bpteach.widgets.mini_batch_picture import BAR, CELLS

SVG = "{http://www.w3.org/2000/svg}"
SIZES = [[9, 2], [1, 1], [8, 5, 2], [784, 100, 10], [4, 3, 2, 3, 2, 2]]


def make(sizes=(9, 5, 4, 2), count=3, dtype=np.float64, **choices):
    """Make a small network, a few examples and the widget."""
    rng = np.random.default_rng(0)
    net = Network.random(list(sizes), rng, dtype=dtype)
    X, labels = rng.random((sizes[0], count)).astype(dtype), rng.integers(sizes[-1], size=count)
    Y = np.eye(sizes[-1], dtype=dtype)[:, labels]
    return net, X, Y, MiniBatchExplorer(net, X, Y, **choices)


def by_hand(net, X, Y):
    """Compute Δ and A of each layer, from 2 to L, in NumPy written out."""
    activations = [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        activations.append(1 / (1 + np.exp(-(w @ activations[-1] + b))))
    Delta = (activations[-1] - Y) * activations[-1] * (1 - activations[-1])
    found = [(Delta, activations[-2])]
    for w, A, before in zip(net.weights[:0:-1], activations[-2:0:-1], activations[-3::-1], strict=True):
        found.insert(0, ((w.T @ found[0][0]) * A * (1 - A), before))
    return found


def panel_of(widget, layer, quantity, side):
    """Give the left or the right half of a picture."""
    return widget.views[layer - 2][quantity]["panels"][("left", "right").index(side)]


def cells_of(widget, image, example=0):
    """Read an image's cells, from -127 to 127."""
    at, shape = image["at"] + example * image["step"], (image["rows"], image["columns"])
    return np.frombuffer(widget.cells, np.int8)[at : at + shape[0] * shape[1]].reshape(shape)


def tiles_of(cells, count, side):
    """Cut a mosaic into its tiles, one row each."""
    across = (cells.shape[1] + GAP) // (side + GAP)
    corners = [(j // across * (side + GAP), j % across * (side + GAP)) for j in range(count)]
    return np.array([cells[y : y + side, x : x + side].ravel() for y, x in corners])


def bars_of(marks, zero):
    """Read bars that begin at `zero`: their lengths by height, from -1 to 1."""
    found = {}
    for each in marks:
        if each["tag"] == "path" and each["class"] in ("bpteach-up", "bpteach-down"):
            pairs = re.findall(rf"M{zero:g} ([\d.]+)h([-\d.]+)", each["d"])
            found |= {float(y): float(length) / BAR for y, length in pairs}
    return [found[y] for y in sorted(found)]


def words_of(marks):
    return [each["text"] for each in marks if "text" in each]


def still(widget):
    data, _ = widget._repr_mimebundle_()
    source = re.search(r"base64,([^\"]+)", data["text/html"])[1]
    return ET.fromstring(base64.b64decode(source))


def size_of(widget):
    """Count the bytes that are sent to the page."""
    state = widget.get_state()
    binary = {name: value for name, value in state.items() if isinstance(value, bytes)}
    rest = {name: value for name, value in state.items() if name not in binary}
    return sum(map(len, binary.values())) + len(json.dumps(rest, allow_nan=False))


# the numbers


def test_the_numbers_by_hand_are_gradients():
    net, X, Y, _ = make(count=1)
    Deltas = [Delta for Delta, _ in by_hand(net, X, Y)]
    nabla_b, _ = numerical_gradient(lambda some: cost(feedforward(some, X), Y), net)
    for Delta, nabla in zip(Deltas, nabla_b, strict=True):
        assert relative_error(Delta, nabla) < 1e-12


@pytest.mark.parametrize("quantity", ["delta", "nabla_b"])
def test_left_is_delta_of_backprop_and_right_the_matrix_by_hand(quantity):
    net, X, Y, widget = make()
    for layer, (Delta, _) in enumerate(by_hand(net, X, Y), start=2):
        scale = np.abs(Delta).max()
        (loop,) = panel_of(widget, layer, quantity, "left")["images"]
        (matrix,) = panel_of(widget, layer, quantity, "right")["images"]
        assert cells_of(widget, matrix) == pytest.approx(Delta / scale * 127, abs=0.51)
        for i in range(3):
            nabla_b, _ = backprop(net, X[:, [i]], Y[:, [i]])
            column = cells_of(widget, loop, i)
            assert column == pytest.approx(nabla_b[layer - 2] / scale * 127, abs=0.51)
            assert np.array_equal(column, cells_of(widget, matrix)[:, [i]])  # the columns do not mix


def test_bars_are_the_running_sum_and_the_sum_of_all_columns():
    net, X, Y, widget = make()
    for layer, (Delta, _) in enumerate(by_hand(net, X, Y), start=2):
        sums = np.cumsum(Delta, axis=1)
        scale = np.abs(sums).max()
        left, right = (panel_of(widget, layer, "nabla_b", side) for side in ("left", "right"))
        zero = CELLS + 40 + 40 + BAR
        for i in range(3):
            assert bars_of(left["moving"][i], zero) == pytest.approx(sums[:, i] / scale, abs=0.06 / BAR)
        end = CELLS + 3 * 40 + 44 + BAR
        assert bars_of(right["marks"], end) == pytest.approx(Delta.sum(axis=1) / scale, abs=0.06 / BAR)
        (outline,) = [each["d"] for each in left["marks"] if each["class"] == "bpteach-outline"]
        lengths = [float(length) / BAR for length in re.findall(r"M[\d.]+ [\d.]+h([-\d.]+)", outline)]
        assert lengths == pytest.approx(Delta.sum(axis=1) / scale, abs=0.06 / BAR)


@pytest.mark.parametrize("sizes", [(8, 5, 4, 2), (9, 5, 4, 2)], ids=["matrix", "images"])
def test_the_weights_are_outer_products_their_running_sum_and_the_product(sizes):
    net, X, Y, widget = make(sizes)
    for layer, (Delta, A) in enumerate(by_hand(net, X, Y), start=2):
        outers = [Delta[:, [i]] @ A[:, [i]].T for i in range(3)]
        sums = np.cumsum(outers, axis=0)
        one, scale = np.abs(outers).max(), np.abs(sums).max()
        left, right = (panel_of(widget, layer, "nabla_w", side)["images"] for side in ("left", "right"))
        tiled = layer == 2 and sizes[0] == 9
        shown = (lambda cells: tiles_of(cells, 5, 3)) if tiled else (lambda cells: cells)
        for i in range(3):
            assert shown(cells_of(widget, left[0], i)) == pytest.approx(outers[i] / one * 127, abs=0.51)
            assert shown(cells_of(widget, left[1], i)) == pytest.approx(sums[i] / scale * 127, abs=0.51)
        assert shown(cells_of(widget, right[2])) == pytest.approx(Delta @ A.T / scale * 127, abs=0.51)
        assert np.array_equal(cells_of(widget, left[1], 2), cells_of(widget, right[2]))
        assert cells_of(widget, right[0]) == pytest.approx(Delta / np.abs(Delta).max() * 127, abs=0.51)
        assert cells_of(widget, right[1]) == pytest.approx(A.T / A.max() * 127, abs=0.51)


def test_the_factors_of_an_outer_product_are_shown_beside_it():
    net, X, Y, widget = make()
    Delta, A = by_hand(net, X, Y)[1]
    *_, column, row = panel_of(widget, 3, "nabla_w", "left")["images"]
    assert cells_of(widget, column, 2).ravel() == pytest.approx(Delta[:, 2] / np.abs(Delta).max() * 127, abs=0.51)
    assert cells_of(widget, row, 2).ravel() == pytest.approx(A[:, 2] / A.max() * 127, abs=0.51)


@pytest.mark.parametrize("sizes", [(9, 5, 4, 2), *SIZES])
def test_the_matrices_agree_with_backprop_matrix(sizes):
    net, X, Y, widget = make(sizes)
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    for twin, (Delta, A), b, w in zip(widget._batch.twins, by_hand(net, X, Y), nabla_b, nabla_w, strict=True):
        assert relative_error(twin.Delta, Delta) < 1e-12
        assert relative_error(twin.Delta.sum(axis=1, keepdims=True), b) < 1e-12
        assert relative_error(twin.Delta @ twin.A.T, w) < 1e-12
        assert np.array_equal(twin.sum_b, b)
        assert np.array_equal(twin.sum_w, w)
        assert relative_error(twin.A, A) < 1e-12


def test_of_many_neurons_those_with_the_largest_gradient_are_shown():
    net, X, Y, widget = make([16, 40, 3])
    nabla = backprop_matrix(net, X, Y)[1][0]
    largest = sorted(sorted(range(40), key=lambda j: np.linalg.norm(nabla[j]))[-30:])
    left, right = (panel_of(widget, 2, "nabla_w", side) for side in ("left", "right"))
    tiles = tiles_of(cells_of(widget, right["images"][2]), 30, 4)
    scale = max(np.abs(nabla).max(), *(np.abs(total).max() for total in np.cumsum(outers(net, X, Y), axis=0)))
    assert tiles == pytest.approx(nabla[largest] / scale * 127, abs=0.51)
    assert "the 30 of 40 neurons with the largest gradient" in words_of(left["marks"])


def outers(net, X, Y):
    return [backprop(net, X[:, [i]], Y[:, [i]])[1][0] for i in range(X.shape[1])]


def test_a_colour_is_a_sign_and_fades_with_the_size():
    _, _, _, widget = make()
    signed, ink = np.frombuffer(widget.palettes, np.uint8).reshape(2, 256, 4).astype(int)
    for table in (signed, ink):
        assert table[0, 3] == 0
        assert (np.diff(table[:128, 3]) > 0).all()
        assert (table[127, 3], table[129, 3]) == (255, 255)
        assert np.array_equal(table[1:128, 3], table[255:128:-1, 3])  # byte 255 is -1
    assert len({tuple(colour) for colour in signed[1:128, :3]}) == 1
    assert len({tuple(colour) for colour in signed[128:, :3]}) == 1
    assert tuple(signed[1, :3]) != tuple(signed[255, :3])


@pytest.mark.parametrize("count", [3, 40])
def test_what_is_below_zero_has_a_mark_of_its_own(count):
    _, _, _, widget = make([784, 30, 5, 3], count=count)
    for quantity in QUANTITIES:
        for layer in (2, 3, 4):
            images = [each for side in ("left", "right") for each in panel_of(widget, layer, quantity, side)["images"]]
            for image in images:
                cell = min(image["width"] / image["columns"], image["height"] / image["rows"])
                grain = image["grain"]
                assert (grain["row"] >= 0) == (cell >= 1.5 and image["palette"] == 0)
    (signs,) = [each for each in panel_of(widget, 2, "nabla_w", "left")["moving"][0] if each["tag"] == "path"]
    delta = widget._batch.twins[0].deltas[0]
    large = np.abs(delta) > np.abs(widget._batch.twins[0].Delta).max() / 20
    assert signs["d"].count("h6") == large.sum()  # a minus, or the bar of a plus
    assert signs["d"].count("v6") == (large & (delta > 0)).sum()


# the words


def test_the_scales_are_written():
    net, X, Y, widget = make()
    Delta, A = by_hand(net, X, Y)[1]
    sums = np.cumsum([Delta[:, [i]] @ A[:, [i]].T for i in range(3)], axis=0)
    words = words_of(panel_of(widget, 3, "nabla_b", "left")["marks"])
    assert f"full colour ± {number(np.abs(Delta).max())}" in words
    assert f"full bar ± {number(np.abs(np.cumsum(Delta, axis=1)).max())}" in words
    words = words_of(panel_of(widget, 3, "nabla_w", "left")["marks"])
    one = max(np.abs(Delta[:, [i]] @ A[:, [i]].T).max() for i in range(3))
    assert f"full colour: one example ± {number(one)}," in words
    assert f"running sum ± {number(np.abs(sums).max())}" in words
    words = words_of(panel_of(widget, 3, "nabla_w", "right")["marks"])
    scales = [number(np.abs(array).max()) for array in (Delta, A, sums)]
    assert "full colour: Δ³ ± {}, (A²)ᵀ ± {}, product ± {}".format(*scales) in words


def test_the_sentence_says_which_column_and_how_many_are_in_the_sum():
    _, _, Y, widget = make()
    sentences = widget.views[1]["delta"]["sentences"]
    assert sentences[1] == f"Example 2 of 3, labelled {Y[:, 1].argmax()}: its δ³ is column 1 of Δ³."
    sentences = widget.views[1]["nabla_b"]["sentences"]
    assert sentences[1].endswith("column 1 of Δ³; the sum holds 2 of 3 examples.")
    assert sentences[2].endswith("column 2 of Δ³; the sum holds all 3 examples.")
    assert make(count=1)[3].views[1]["nabla_w"]["sentences"] == [
        f"Example 1 of 1, labelled {make(count=1)[2].argmax()}: its δ³ is column 0 of Δ³; it is the whole sum."
    ]


def test_the_verdict_measures_how_far_the_sum_is():
    net, X, Y, widget = make()
    Delta, A = by_hand(net, X, Y)[1]
    for quantity, name, parts in (
        ("nabla_b", "Δ³.sum(axis=1)", [Delta[:, [i]] for i in range(3)]),
        ("nabla_w", "Δ³ (A²)ᵀ", [Delta[:, [i]] @ A[:, [i]].T for i in range(3)]),
    ):
        verdicts = widget.views[1][quantity]["verdicts"]
        for i, total in enumerate(np.cumsum(parts, axis=0)[:2]):
            apart = number(relative_error(total, sum(parts)))
            assert verdicts[i].startswith(f"The loop has added {i + 1} of 3 examples; its sum is still {apart} ")
            assert name in verdicts[i]
        found = re.fullmatch(
            rf"All 3 examples are in: the loop's sum equals {re.escape(name)}, relative difference (.+)\.", verdicts[2]
        )
        assert found[1] == "0" or re.fullmatch(r"\d\.\d\s×\s10⁻¹[⁵⁶⁷]", found[1])


def test_the_verdict_measures_how_far_the_columns_are():
    verdict = make()[3].views[1]["delta"]["verdicts"][1]
    found = re.fullmatch(
        r"Column 1 of Δ³ is the loop's δ³ of this example: the largest difference is (.+), in all columns (.+)\. "
        r"The columns do not mix\.",
        verdict,
    )
    for difference in found.groups():
        assert difference == "0" or re.fullmatch(r"\d\.\d\s×\s10⁻¹[⁶⁷⁸⁹]", difference)


def test_a_loop_that_does_not_agree_is_said_to_differ(monkeypatch):
    def wrong(net, x, y):
        nabla_b, nabla_w = backprop(net, x, y)
        return [b + 0.01 for b in nabla_b], [w * 1.01 for w in nabla_w]

    monkeypatch.setattr(twins, "backprop", wrong)
    view = make(example=2)[3].views[2]
    assert re.search(r"differ by 0\.010\.$", view["delta"]["verdicts"][0])
    assert "≠ column 2" in words_of(view["delta"]["panels"][0]["moving"][2])
    assert re.search(r"All 3 .* differs from Δ⁴.sum\(axis=1\): relative, 0\.", view["nabla_b"]["verdicts"][2])
    assert re.search(r"All 3 .* differs from Δ⁴ \(A³\)ᵀ: relative, 0\.010\.", view["nabla_w"]["verdicts"][2])


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_text_is_a_table_of_loop_and_matrices(quantity):
    net, X, Y, widget = make(example=1, layer=3, quantity=quantity)
    Delta, A = by_hand(net, X, Y)[1]
    sentence, verdict, head, *rows = widget.text.splitlines()
    assert sentence == widget.views[1][quantity]["sentences"][1]
    assert verdict == widget.views[1][quantity]["verdicts"][1]
    parts = [Delta[:, i] for i in range(3)]
    if quantity == "nabla_w":
        parts = [Delta[:, [i]] @ A[:, [i]].T for i in range(3)]
    columns = [parts[1], parts[1], parts[0] + parts[1], sum(parts)][: 2 if quantity == "delta" else 4]
    if quantity == "nabla_w":
        columns = [np.linalg.norm(column, axis=1) for column in columns]
    assert len(rows) == len(Delta)
    for j, row in enumerate(rows):
        assert row.split() == [str(j), *(number(column[j]) for column in columns)]
    assert "j" in head


def test_the_example_is_shown_and_named():
    _, X, Y, widget = make(example=1)
    assert widget.positions == ["1 of 3", "2 of 3", "3 of 3"]
    words = words_of(widget.captions[1])
    assert words[0] == "Example 2 of 3"
    assert words[1].startswith(f"labelled {Y[:, 1].argmax()}, read as ")
    assert words[2] == "column 1 of X"
    ink = "".join(each["d"] for each in widget.digits[1])
    assert ink.count("M") == np.count_nonzero(np.round(X[:, 1] * 16))


@pytest.mark.parametrize(("count", "digits", "labels"), [(8, 8, 0), (12, 12, 0), (32, 0, 32), (60, 0, 0)])
def test_the_columns_have_digits_or_labels_as_there_is_room(count, digits, labels):
    _, _, Y, widget = make(count=count)
    right = panel_of(widget, 3, "delta", "right")
    assert [place["example"] for place in right["digits"]] == list(range(digits))
    above = [each["text"] for each in right["marks"] if each.get("y") == 130 and each["text"] != "j"]
    assert above == [str(label) for label in Y.argmax(axis=0)][:labels]
    assert ("column 1" in words_of(right["moving"][1])) == (digits == 0)


def test_the_outline_is_around_the_column_of_the_example():
    _, _, _, widget = make(count=8)
    right = panel_of(widget, 3, "nabla_b", "right")
    (image,) = right["images"]
    width = image["width"] / 8
    for i, marks in enumerate(right["moving"]):
        (outline,) = [each for each in marks if each["class"] == "bpteach-lit"]
        assert outline["x"] + outline["width"] / 2 == pytest.approx(image["x"] + width * (i + 0.5))
        assert outline["width"] == pytest.approx(width + 2.5)
        (bracket,) = [each["d"] for each in marks if each["class"] == "bpteach-joint"]
        assert float(re.search(r"H([\d.]+)", bracket)[1]) == pytest.approx(image["x"] + width * (i + 1) - 1, abs=0.1)
    hits = [each for each in right["marks"] if "data-example" in each]
    assert [each["data-example"] for each in hits] == list(range(8))


def test_outputs_that_are_no_classes_get_no_label():
    net, X, Y, _ = make()
    widget = MiniBatchExplorer(net, X, Y * 0.5)
    assert widget.views[0]["delta"]["sentences"][0] == "Example 1 of 3: its δ² is column 0 of Δ²."
    assert not [word for word in words_of(widget.captions[0]) if "labelled" in word]


# networks of every kind


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_it_takes_every_network(sizes, count):
    widget = make(sizes, count, quantity="nabla_w")[-1]
    assert widget.layer == len(sizes)
    assert [each["value"] for each in widget.layers] == list(range(2, len(sizes) + 1))
    state = {name: value for name, value in widget.get_state().items() if not isinstance(value, bytes)}
    json.dumps(state, allow_nan=False)
    for widget.layer in range(2, len(sizes) + 1):
        for widget.quantity in QUANTITIES:
            assert still(widget) is not None
            assert widget.text
            for side in ("left", "right"):
                for image in panel_of(widget, widget.layer, widget.quantity, side)["images"]:
                    assert image["at"] + image["step"] * (count - 1) + image["rows"] * image["columns"] <= len(
                        widget.cells
                    )
                    panel = panel_of(widget, widget.layer, widget.quantity, side)
                    assert 0 <= image["x"] <= image["x"] + image["width"] <= panel["width"]
                    assert 0 <= image["y"] <= image["y"] + image["height"] <= panel["height"]


def test_saturated_neurons_have_no_error_and_nothing_breaks():
    net, X, Y, _ = make()
    for b in net.biases:
        b += 1e4
    widget = MiniBatchExplorer(net, X, Y)
    assert size_of(widget) > 0  # no NaN in it
    images = [panel_of(widget, 4, quantity, "left")["images"][0] for quantity in QUANTITIES]
    assert not any(cells_of(widget, image, 2).any() for image in images)
    verdicts = [widget.views[2][quantity]["verdicts"][2] for quantity in QUANTITIES]
    assert "difference is 0, in all columns 0." in verdicts[0]
    assert all(verdict.endswith("relative difference 0.") for verdict in verdicts[1:])
    assert still(widget) is not None


def test_float32_is_compared_to_fewer_digits():
    _, _, _, widget = make(dtype=np.float32, example=2)
    view = widget.views[1]
    assert "The columns do not mix." in view["delta"]["verdicts"][0]
    assert view["nabla_w"]["verdicts"][2].startswith("All 3 examples are in")
    texts = [each.text for each in still(widget).iter(f"{SVG}text")]
    assert texts[-1].endswith("to 5 digits.")
    size_of(widget)


def test_inputs_below_zero_are_shown_with_their_sign():
    net, X, Y, _ = make()
    image = panel_of(MiniBatchExplorer(net, X - 0.5, Y), 2, "nabla_w", "right")["images"][1]
    assert image["palette"] == 0
    assert panel_of(MiniBatchExplorer(net, X, Y), 2, "nabla_w", "right")["images"][1]["palette"] == 1


# the limits


def test_a_mini_batch_of_32_is_less_than_4_mb():
    net = Network.random([784, 30, 30, 10], np.random.default_rng(0))
    widget = MiniBatchExplorer(net, *load_mnist().test.columns(range(32)))
    assert size_of(widget) < 4_000_000


@pytest.mark.parametrize(
    "sizes", [[784, 30, 10], [784, 100, 100, 10], [9, 2], [784] + 9 * [15], [100, 90, 90]], ids=str
)
def test_too_many_examples_are_refused_with_a_cure_that_works(sizes):
    rng = np.random.default_rng(0)
    net = Network.random(sizes, rng, scaled=True)
    X, Y = rng.random((sizes[0], 65)), np.eye(sizes[-1])[:, rng.integers(sizes[-1], size=65)]
    with pytest.raises(ValueError, match=r"X has 65 columns: expected (\d+) or fewer here; use X") as refused:
        MiniBatchExplorer(net, X, Y)
    most = int(re.search(r"X\[:, :(\d+)\] and Y\[:, :\1\]", str(refused.value))[1])
    assert 8 <= most <= 64
    assert size_of(MiniBatchExplorer(net, X[:, :most], Y[:, :most])) < 4_000_000
    with pytest.raises(ValueError, match="columns"):
        MiniBatchExplorer(net, X[:, : most + 1], Y[:, : most + 1])


def test_a_network_that_is_too_large_is_refused():
    net = Network([2000, 1000], [np.zeros((1000, 2000))], [np.zeros((1000, 1))])
    with pytest.raises(ValueError, match=r"one example of net takes 4\.1 MB: .* use a smaller network"):
        MiniBatchExplorer(net, np.zeros((2000, 1)), np.zeros((1000, 1)))


def test_weights_that_are_not_finite_are_refused():
    net, X, Y, _ = make()
    net.weights[1][0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN or infinite numbers for example 0: expected finite weights"):
        MiniBatchExplorer(net, X, Y)


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        ({"example": 3}, ValueError, "example is 3: expected 0 to 2"),
        ({"example": -1}, ValueError, "example is -1"),
        ({"example": 1.0}, TypeError, "example is 1.0 (float): expected an integer"),
        ({"layer": 1}, ValueError, "layer is 1: expected 2 to 4, as the book counts"),
        ({"layer": 5}, ValueError, "layer is 5: expected 2 to 4"),
        ({"layer": "3"}, TypeError, "layer is '3' (str)"),
        (
            {"quantity": "Delta"},
            ValueError,
            "quantity is 'Delta' (str): expected one of 'delta', 'nabla_b', 'nabla_w'.",
        ),
        ({"quantity": 1}, TypeError, "quantity is 1 (int)"),
        ({"text_size": 15}, ValueError, "text_size is 15: expected one of 12, 14"),
        ({"layers": 2}, TypeError, "layers"),
    ],
)
def test_a_bad_choice_is_refused(choice, error, words):
    with pytest.raises(error, match=re.escape(words)):
        make(**choice)


def test_bad_arrays_are_refused():
    net, X, Y, _ = make()
    for bad in ((net, X.T, Y), (net, X, Y[:, :2]), (net, X[:, :0], Y[:, :0])):
        with pytest.raises(ValueError, match="expected"):
            MiniBatchExplorer(*bad)
    with pytest.raises(TypeError, match="expected a Network"):
        MiniBatchExplorer([9, 2], X, Y)


def test_a_later_bad_choice_is_refused_and_leaves_the_widget_as_it_was():
    _, _, _, widget = make(example=1, layer=3)
    bad = [("example", 3), ("example", True), ("layer", 1), ("layer", 5), ("quantity", "w"), ("text_size", 17)]
    for name, value in bad:
        before = getattr(widget, name)
        with pytest.raises(TraitError):
            setattr(widget, name, value)
        assert getattr(widget, name) == before


# the widget as a whole


def test_python_can_watch_and_move_the_widget():
    _, _, _, widget = make()
    seen = []
    widget.observe(lambda change: seen.append((change.name, change.new)), ["example", "layer", "quantity"])
    widget.set_state({"example": 2, "layer": 2, "quantity": "nabla_w"})  # as the browser does
    widget.example = 0
    assert sorted(seen) == [("example", 0), ("example", 2), ("layer", 2), ("quantity", "nabla_w")]


def test_repr_is_stable():
    assert repr(make()[3]) == "MiniBatchExplorer(Network([9, 5, 4, 2]), 3 examples)"
    assert repr(make(count=1)[3]) == "MiniBatchExplorer(Network([9, 5, 4, 2]), 1 example)"


def test_the_network_and_the_data_are_left_as_they_are_and_later_training_changes_nothing():
    net, X, Y, widget = make(quantity="nabla_w")
    before = [array.copy() for array in (X, Y, *net.weights, *net.biases)]
    MiniBatchExplorer(net, X, Y)
    assert all(np.array_equal(a, b) for a, b in zip(before, (X, Y, *net.weights, *net.biases), strict=True))
    text, pictures = widget.text, []
    for change in (0, 1):
        net.weights[0] += change
        X += change
        Y += change
        widget.layer = 2
        pictures.append((widget.text, ET.tostring(still(widget))))
        widget.layer = 4
    assert pictures[0] == pictures[1]
    assert widget.text == text


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_where_no_widgets_run_there_is_a_still_picture(quantity):
    _, _, _, widget = make(example=2, layer=3, quantity=quantity)
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    alt = re.search('alt="([^"]+)"', data["text/html"])[1]
    assert alt.startswith(widget.views[1][quantity]["sentences"][2])
    assert "The loop: " in alt
    assert "The matrices: Δ³, 4 neurons by 3 examples, with column 2 outlined" in alt
    texts = [each.text for each in still(widget).iter(f"{SVG}text")]
    assert "The loop: one by one" in texts
    assert "The matrices: all at once" in texts
    assert "Example 3 of 3" in texts
    end = {"delta": "Column 2 of Δ³ is the loop's δ³", "nabla_b": "sum(axis=1)", "nabla_w": "Δ³ (A²)ᵀ"}[quantity]
    assert end in texts[-1]
    assert texts[-1].endswith("to 12 digits.")
    assert not re.search(r"10⁻¹\S", data["text/html"] + "".join(filter(None, texts)))  # no rounding errors
    again = make(example=2, layer=3, quantity=quantity)[3]._repr_mimebundle_()[0]
    assert again["text/html"] == data["text/html"]
    widget.example = 0
    assert widget._repr_mimebundle_()[0]["text/html"] != data["text/html"]


def test_the_still_picture_has_a_cell_for_each_number():
    net, X, Y, widget = make(layer=3)
    Delta, _ = by_hand(net, X, Y)[1]
    paths = [each for each in still(widget).iter(f"{SVG}path") if "scale" in each.get("transform", "")]
    for kind, sign in (("bpteach-up", 1), ("bpteach-down", -1)):
        d = "".join(each.get("d") for each in paths if each.get("class") == kind)
        cells = sum(int(length) for length in re.findall(r"h(\d+)", d))
        levels = np.rint(np.rint(Delta / np.abs(Delta).max() * 127) / 127 * 16)
        assert cells == (levels * sign > 0).sum() + (levels[:, 0] * sign > 0).sum()
