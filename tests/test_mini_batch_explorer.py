"""The mini-batch explorer without a browser: its numbers, its words, and what it refuses."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from bpteach import Network, backprop
from bpteach.gradcheck import relative_error
from bpteach.widgets import MiniBatchExplorer, loop_and_matrix
from bpteach.widgets.byte_images import GAP
from bpteach.widgets.marks import number
from bpteach.widgets.mini_batch_errors import BAR, CELLS
from pictures import SVG, still, texts_of, words_of
from strategies import by_hand
from test_views_of_examples import saturated, size_of, small

SIZES = [[9, 2], [1, 1], [8, 5, 2], [784, 100, 10], [4, 3, 2, 3, 2, 2]]
QUANTITIES = ["delta", "nabla_b", "nabla_w"]


def make(sizes=(9, 5, 4, 2), count=3, dtype=np.float64, **choices):
    net, X, Y = small(sizes, count, dtype)
    return net, X, Y, MiniBatchExplorer(net, X, Y, **choices)


def factors(net, X, Y):
    """Give Δ and A of each layer, from 2 to L: the gradient of the weights is Δ Aᵀ."""
    _z, a, delta = by_hand(net, X, Y)
    return [(delta[l], a[l - 1]) for l in sorted(delta)]


def outer_products(Delta, A):
    return np.array([np.outer(delta, a) for delta, a in zip(Delta.T, A.T, strict=True)])


def view_of(widget, layer, quantity):
    return widget.views[layer - 2][quantity]


def panels_of(widget, layer, quantity):
    return view_of(widget, layer, quantity)["panels"]


def cells_of(widget, image, example=0):
    at, shape = image["at"] + example * image["step"], (image["rows"], image["columns"])
    return np.frombuffer(widget.cells, np.int8)[at : at + shape[0] * shape[1]].reshape(shape)


def scaled(values, scale=None):
    return pytest.approx(values / (np.abs(values).max() if scale is None else scale) * 127, abs=0.51)


def tiles_of(cells, count, side):
    across = (cells.shape[1] + GAP) // (side + GAP)
    corners = [(j // across * (side + GAP), j % across * (side + GAP)) for j in range(count)]
    return np.array([cells[y : y + side, x : x + side].ravel() for y, x in corners])


def bars_of(marks, zero, kinds=("up", "down")):
    """Read bars that begin at `zero`: their lengths by height, from -1 to 1."""
    found = {}
    for each in marks:
        if each["tag"] == "path" and each["class"] in [f"bpteach-{kind}" for kind in kinds]:
            pairs = re.findall(rf"M{zero:g} ([\d.]+)h([-\d.]+)", each["d"])
            found |= {float(y): float(length) / BAR for y, length in pairs}
    return [found[y] for y in sorted(found)]


# the numbers


@pytest.mark.parametrize("quantity", ["delta", "nabla_b"])
def test_left_is_delta_of_backprop_and_right_the_matrix_by_hand(quantity):
    net, X, Y, widget = make()
    for layer, (Delta, _A) in enumerate(factors(net, X, Y), start=2):
        (loop,), (matrix,) = (panel["images"] for panel in panels_of(widget, layer, quantity))
        assert cells_of(widget, matrix) == scaled(Delta)
        for i in range(3):
            nabla_b, _nabla_w = backprop(net, X[:, [i]], Y[:, [i]])
            column = cells_of(widget, loop, i)
            assert column == scaled(nabla_b[layer - 2], np.abs(Delta).max())
            assert np.array_equal(column, cells_of(widget, matrix)[:, [i]])  # the columns do not mix


def test_bars_are_the_running_sum_and_the_sum_of_all_columns():
    net, X, Y, widget = make()
    for layer, (Delta, _A) in enumerate(factors(net, X, Y), start=2):
        sums = np.cumsum(Delta, axis=1)
        sums /= np.abs(sums).max()
        left, right = panels_of(widget, layer, "nabla_b")
        shown = [bars_of(marks, CELLS + 40 + 40 + BAR) for marks in left["moving"]]
        shown += [bars_of(right["marks"], CELLS + 3 * 40 + 44 + BAR)]
        shown += [bars_of(left["marks"], CELLS + 40 + 40 + BAR, ["outline"])]
        assert np.array(shown) == pytest.approx(sums.T[[0, 1, 2, 2, 2]], abs=0.06 / BAR)


@pytest.mark.parametrize("sizes", [(8, 5, 4, 2), (9, 5, 4, 2)], ids=["matrix", "images"])
def test_the_weights_are_outer_products_their_running_sum_and_the_product(sizes):
    net, X, Y, widget = make(sizes)
    for layer, (Delta, A) in enumerate(factors(net, X, Y), start=2):
        outers = outer_products(Delta, A)
        sums = np.cumsum(outers, axis=0)
        one, scale = np.abs(outers).max(), np.abs(sums).max()
        left, right = (panel["images"] for panel in panels_of(widget, layer, "nabla_w"))
        tiled = layer == 2 and sizes[0] == 9
        shown = (lambda cells: tiles_of(cells, 5, 3)) if tiled else (lambda cells: cells)
        for i in range(3):
            assert shown(cells_of(widget, left[0], i)) == scaled(outers[i], one)
            assert shown(cells_of(widget, left[1], i)) == scaled(sums[i], scale)
        assert shown(cells_of(widget, right[2])) == scaled(Delta @ A.T, scale)
        assert np.array_equal(cells_of(widget, left[1], 2), cells_of(widget, right[2]))
        assert cells_of(widget, right[0]) == scaled(Delta)
        assert cells_of(widget, right[1]) == scaled(A.T)
        if not tiled:  # the factors are shown beside their product
            assert cells_of(widget, left[2], 2).ravel() == scaled(Delta[:, 2], np.abs(Delta).max())
            assert cells_of(widget, left[3], 2).ravel() == scaled(A[:, 2], A.max())


def test_of_many_neurons_those_with_the_largest_gradient_are_shown():
    net, X, Y, widget = make([16, 40, 3])
    sums = np.cumsum([backprop(net, X[:, [i]], Y[:, [i]])[1][0] for i in range(3)], axis=0)
    largest = sorted(sorted(range(40), key=lambda j: np.linalg.norm(sums[-1][j]))[-30:])
    left, right = panels_of(widget, 2, "nabla_w")
    tiles = tiles_of(cells_of(widget, right["images"][2]), 30, 4)
    assert tiles == scaled(sums[-1][largest], np.abs(sums).max())
    assert "the 30 of 40 neurons with the largest gradient" in words_of(left["marks"])


def test_a_colour_is_a_sign_and_fades_with_the_size():
    signed, ink = np.frombuffer(make()[-1].palettes, np.uint8).reshape(2, 256, 4).astype(int)
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
    widget = make([784, 30, 5, 3], count=count)[-1]
    for panel in (panel for q in QUANTITIES for layer in (2, 3, 4) for panel in panels_of(widget, layer, q)):
        for image in panel["images"]:
            cell = min(image["width"] / image["columns"], image["height"] / image["rows"])
            assert (image["grain"]["row"] >= 0) == (cell >= 1.5 and image["palette"] == 0)
    (signs,) = [each for each in panels_of(widget, 2, "nabla_w")[0]["moving"][0] if each["tag"] == "path"]
    layer = widget._batch.layers[0]
    large = np.abs(layer.deltas[0]) > np.abs(layer.Delta).max() / 20
    assert signs["d"].count("h6") == large.sum()  # a minus, or the bar of a plus
    assert signs["d"].count("v6") == (large & (layer.deltas[0] > 0)).sum()


# the words


def test_the_scales_are_written():
    net, X, Y, widget = make()
    Delta, A = factors(net, X, Y)[1]
    outers = outer_products(Delta, A)
    arrays = {"Δ": Delta, "A": A, "b": np.cumsum(Delta, axis=1), "one": outers, "w": np.cumsum(outers, axis=0)}
    scale = {name: number(np.abs(array).max()) for name, array in arrays.items()}
    words = [words_of(panel["marks"]) for q in ("nabla_b", "nabla_w") for panel in panels_of(widget, 3, q)]
    for written, line in (
        (words[0], f"full colour ± {scale['Δ']}"),
        (words[0], f"full bar ± {scale['b']}"),
        (words[2], f"full colour: one example ± {scale['one']},"),
        (words[2], f"running sum ± {scale['w']}"),
        (words[3], f"full colour: Δ³ ± {scale['Δ']}, (A²)ᵀ ± {scale['A']}, product ± {scale['w']}"),
    ):
        assert line in written


def test_the_sentence_says_which_column_and_how_many_are_in_the_sum():
    _net, _X, Y, widget = make()
    start = f"Example 1, labelled {Y[:, 1].argmax()}: its δ³ is column 1 of Δ³"
    assert view_of(widget, 3, "delta")["sentences"][1] == f"{start}."
    assert view_of(widget, 3, "nabla_b")["sentences"][1] == f"{start}; the sum holds 2 of 3 examples."


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("layer", [2, 3, 4])
def test_examples_are_counted_in_one_way_as_the_argument_and_the_columns_are(layer, quantity):
    """Whatever names an example or a column names its number from 0; "2 of 3" counts how many are in the sum."""
    widget = make(example=1, layer=layer, quantity=quantity)[-1]
    view = view_of(widget, layer, quantity)
    said = [view["sentences"][1], view["verdicts"][1], widget.text, still(widget)[1], *texts_of(widget)]
    said += [text for panel in view["panels"] for text in words_of(panel["moving"][1])]
    named = re.findall(r"(?:[Ee]xample|[Cc]olumn) (\d+)", " ".join(said))
    assert len(named) >= 8
    assert set(named) == {"1"}
    assert not re.search(r"_[a-z]\b", "".join(said)), "an index is set as one"


@pytest.mark.parametrize(("quantity", "name"), [("nabla_b", "∇b³"), ("nabla_w", "Δ³ (A²)ᵀ")])
def test_the_verdict_measures_how_far_the_sum_is(quantity, name):
    net, X, Y, widget = make()
    Delta, A = factors(net, X, Y)[1]
    sums = np.cumsum(Delta.T if quantity == "nabla_b" else outer_products(Delta, A), axis=0)
    verdicts = view_of(widget, 3, quantity)["verdicts"]
    for i in range(2):
        apart = number(relative_error(sums[i], sums[-1])).replace(" ", "\N{NO-BREAK SPACE}")
        assert verdicts[i] == (
            f"The loop has added {i + 1} of 3 examples; its sum is still {apart} (relative difference) away from "
            f"{name}, which adds all 3 at once."
        )
    assert verdicts[2] == f"All 3 examples are in: the loop's sum equals {name}, to 12 digits."


def test_a_loop_that_does_not_agree_is_said_to_differ(monkeypatch):
    def wrong(net, x, y):
        nabla_b, nabla_w = backprop(net, x, y)
        return [b + 0.01 for b in nabla_b], [w * 1.01 for w in nabla_w]

    monkeypatch.setattr(loop_and_matrix, "backprop", wrong)
    view = make(example=2)[-1].views[2]
    assert re.search(r"differ by 0\.010\.$", view["delta"]["verdicts"][0])
    assert "≠ column 2" in words_of(view["delta"]["panels"][0]["moving"][2])
    assert re.search(r"All 3 .* differs from ∇b⁴: relative, 0\.", view["nabla_b"]["verdicts"][2])
    assert re.search(r"All 3 .* differs from Δ⁴ \(A³\)ᵀ: relative, 0\.010\.", view["nabla_w"]["verdicts"][2])


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_text_is_a_table_of_loop_and_matrices(quantity):
    net, X, Y, widget = make(example=1, layer=3, quantity=quantity)
    Delta, A = factors(net, X, Y)[1]
    sentence, verdict, head, *rows = widget.text.splitlines()
    assert sentence == view_of(widget, 3, quantity)["sentences"][1]
    assert verdict == view_of(widget, 3, quantity)["verdicts"][1]
    parts = outer_products(Delta, A) if quantity == "nabla_w" else Delta.T
    columns = [parts[1], parts[1]] if quantity == "delta" else [parts[0] + parts[1], sum(parts)]
    if quantity == "nabla_w":
        columns = [np.linalg.norm(column, axis=1) for column in columns]
    assert [row.split() for row in rows] == [
        [str(j), *(number(column[j]) for column in columns)] for j in range(len(Delta))
    ]
    assert "j" in head


def test_the_example_is_shown_and_named():
    _net, X, Y, widget = make(example=1)
    name, read, column = words_of(widget.captions[1])
    assert (name, column) == ("Example 1", "column 1 of X")
    assert read.startswith(f"labelled {Y[:, 1].argmax()}, read as ")
    ink = "".join(each["d"] for each in widget.digits[1])
    assert ink.count("M") == np.count_nonzero(np.round(X[:, 1] * 16))


@pytest.mark.parametrize(("count", "digits", "labels"), [(8, 8, 0), (12, 12, 0), (32, 0, 32), (60, 0, 0)])
def test_the_columns_have_digits_or_labels_as_there_is_room(count, digits, labels):
    _net, _X, Y, widget = make(count=count)
    right = panels_of(widget, 3, "delta")[1]
    assert [place["example"] for place in right["digits"]] == list(range(digits))
    above = [each["text"] for each in right["marks"] if each.get("y") == 130 and each["text"] != "j"]
    assert above == [str(label) for label in Y.argmax(axis=0)][:labels]
    assert ("column 1" in words_of(right["moving"][1])) == (digits == 0)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_column_can_be_clicked_and_is_outlined(quantity):
    right = panels_of(make(count=8)[-1], 3, quantity)[1]
    image, hits = right["images"][0], [each for each in right["marks"] if "data-example" in each]
    width = image["width"] / 8
    assert [each["data-example"] for each in hits] == list(range(8))
    assert [each["x"] for each in hits] == pytest.approx([image["x"] + width * i for i in range(8)], abs=0.01)
    for i, marks in enumerate(right["moving"]):
        outline = next(each for each in marks if each["class"] == "bpteach-lit")
        assert outline["x"] + outline["width"] / 2 == pytest.approx(image["x"] + width * (i + 0.5), abs=0.02)
        assert outline["width"] == pytest.approx(width + 2.5, abs=0.02)
        if quantity == "nabla_b":
            (bracket,) = [each["d"] for each in marks if each["class"] == "bpteach-joint"]
            end = float(re.search(r"H([\d.]+)", bracket)[1])
            assert end == pytest.approx(image["x"] + width * (i + 1) - 1, abs=0.1)


# networks of every kind


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_it_takes_every_network(sizes, count):
    widget = make(sizes, count, quantity="nabla_w")[-1]
    assert widget.layer == len(sizes)
    assert [l for l, _name in widget.layers] == list(range(2, len(sizes) + 1))
    assert size_of(widget) > 0
    for widget.layer in range(2, len(sizes) + 1):
        for widget.quantity in QUANTITIES:
            assert texts_of(widget)
            assert widget.text
            for panel in panels_of(widget, widget.layer, widget.quantity):
                for image in panel["images"]:
                    end = image["at"] + image["step"] * (count - 1) + image["rows"] * image["columns"]
                    assert end <= len(widget.cells)
                    assert 0 <= image["x"] <= image["x"] + image["width"] <= panel["width"]
                    assert 0 <= image["y"] <= image["y"] + image["height"] <= panel["height"]


def test_an_object_of_the_readers_class_is_a_network_too():
    net, X, Y, widget = make()
    own = MiniBatchExplorer(SimpleNamespace(weights=net.weights, biases=net.biases), X, Y)
    assert (repr(own), own.text) == (repr(widget), widget.text)


def test_saturated_neurons_have_no_error_and_nothing_breaks():
    widget = MiniBatchExplorer(*saturated())
    images = [panels_of(widget, 4, quantity)[0]["images"][0] for quantity in QUANTITIES]
    assert not any(cells_of(widget, image, 2).any() for image in images)
    verdicts = [view_of(widget, 4, quantity)["verdicts"][2] for quantity in QUANTITIES]
    assert all("to 12 digits." in verdict for verdict in verdicts)


def test_float32_is_compared_to_fewer_digits():
    widget = make(dtype=np.float32, example=2)[-1]
    assert "The columns do not mix." in view_of(widget, 3, "delta")["verdicts"][0]
    assert view_of(widget, 3, "nabla_w")["verdicts"][2].startswith("All 3 examples are in")
    assert "to 5 digits." in texts_of(widget)[-1]


def test_inputs_below_zero_are_shown_with_their_sign():
    net, X, Y, widget = make()
    for palette, shown in ((1, widget), (0, MiniBatchExplorer(net, X - 0.5, Y))):
        assert panels_of(shown, 2, "nabla_w")[1]["images"][1]["palette"] == palette


# what is refused


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


def spoilt():
    net, X, Y = small()
    net.weights[1][0, 0] = np.nan
    return net, X, Y


LARGE = Network([2000, 1000], [np.zeros((1000, 2000))], [np.zeros((1000, 1))]), np.zeros((2000, 1)), np.zeros((1000, 1))


@pytest.mark.parametrize(
    ("given", "choice", "words"),
    [
        (LARGE, {}, r"one example of net takes 4\.1 MB: .* use a smaller network"),
        (spoilt(), {}, "NaN or infinite numbers for example 0: expected finite weights"),
        (small(), {"layer": 1}, "layer is 1: expected 2 to 4, as the book counts; layer 1 is the input."),
        (small(), {"quantity": "Delta"}, "quantity is 'Delta' .*: expected one of 'delta', 'nabla_b', 'nabla_w'"),
    ],
)
def test_it_refuses(given, choice, words):
    with pytest.raises(ValueError, match=words):
        MiniBatchExplorer(*given, **choice)


# the widget as a whole


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_where_no_widgets_run_there_is_a_still_picture(quantity):
    widget = make(example=2, layer=3, quantity=quantity)[-1]
    (_picture, alt), texts = still(widget), texts_of(widget)
    assert alt.startswith(view_of(widget, 3, quantity)["sentences"][2])
    assert alt.endswith(view_of(widget, 3, quantity)["verdicts"][2])
    assert {"The loop: one by one", "The matrices: all at once", "Example 2"} <= set(texts)
    end = {"delta": "Column 2 of Δ³ is the loop's δ³", "nabla_b": "equals ∇b³", "nabla_w": "Δ³ (A²)ᵀ"}[quantity]
    assert end in texts[-1]
    assert "to 12 digits." in texts[-1]
    assert not re.search(r"10⁻¹\S", alt + "".join(texts))  # no rounding errors


def test_the_still_picture_has_a_cell_for_each_number():
    net, X, Y, widget = make(layer=3)
    Delta, _A = factors(net, X, Y)[1]
    levels = np.rint(np.rint(Delta / np.abs(Delta).max() * 127) / 127 * 16)
    paths = [each for each in still(widget)[0].iter(f"{SVG}path") if "scale" in each.get("transform", "")]
    for kind, sign in (("bpteach-up", 1), ("bpteach-down", -1)):
        d = "".join(each.get("d") for each in paths if each.get("class") == kind)
        cells = sum(int(length) for length in re.findall(r"h(\d+)", d))
        assert cells == (levels * sign > 0).sum() + (levels[:, 0] * sign > 0).sum()
