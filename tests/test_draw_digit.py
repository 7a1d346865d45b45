"""Drawing a digit without a browser: the preparation, the numbers shown, the words, and what is refused."""

import base64
import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from traitlets import TraitError

from bpteach import Network, backprop, cost, feedforward, load_mnist, sgd
from bpteach.widgets import DrawDigit
from bpteach.widgets import draw_digit as module
from bpteach.widgets.draw_digit import BAR_WIDTH, DELTA_WIDTH, HIDDEN_HEIGHT, LEVELS, RECORDED, WORDS, as_mnist

FALL = [[[0.5, 0.1], [0.5, 0.9]]]
SEVEN = RECORDED[0][1]


def arc(x, y, wide, high, start, end, count=16):
    angles = np.radians(np.linspace(start, end, count))
    return np.column_stack([x + wide * np.cos(angles), y + high * np.sin(angles)]).tolist()


#: One drawing of each digit
DRAWINGS = [
    [arc(0.5, 0.5, 0.18, 0.27, -100, 262)],
    [[[0.52, 0.2], [0.5, 0.5], [0.47, 0.8]]],
    [[*arc(0.48, 0.35, 0.17, 0.15, -170, 40), [0.5, 0.6], [0.32, 0.78], [0.45, 0.76], [0.7, 0.78]]],
    [arc(0.47, 0.33, 0.17, 0.14, -155, 80) + arc(0.46, 0.64, 0.21, 0.175, -80, 150)],
    [[[0.36, 0.2], [0.3, 0.5], [0.68, 0.48]], [[0.6, 0.22], [0.57, 0.84]]],
    [[[0.66, 0.2], [0.4, 0.21], [0.36, 0.45], *arc(0.47, 0.6, 0.19, 0.18, -120, 150)]],
    [[[0.6, 0.18], [0.45, 0.33], [0.36, 0.55], *arc(0.5, 0.66, 0.145, 0.15, 180, -180)]],
    [[[0.28, 0.22], [0.7, 0.2], [0.5, 0.84]]],
    [
        arc(0.5, 0.35, 0.13, 0.15, -60, -270)
        + arc(0.5, 0.66, 0.16, 0.16, -90, 270)
        + arc(0.5, 0.35, 0.13, 0.15, 90, -60)
    ],
    [[*arc(0.5, 0.36, 0.15, 0.15, -20, -370), [0.63, 0.5], [0.58, 0.8]]],
]


@pytest.fixture(scope="module")
def digits():
    return load_mnist()


@pytest.fixture(scope="module")
def trained(digits):
    """Train a network a little: it reads nine digits of ten."""
    rng = np.random.default_rng(0)
    net = Network.random([784, 30, 10], rng, scaled=True)
    sgd(net, digits.training[:10000], 2, 10, 3.0, rng, progress=False)
    return net


@pytest.fixture(scope="module")
def net():
    return Network.random([784, 12, 10], np.random.default_rng(1), scaled=True)


def middle(image):
    """Find the centre of mass, in pixels counted from 0."""
    rows, columns = np.indices(image.shape)
    return np.array([(rows * image).sum(), (columns * image).sum()]) / image.sum()


def extent(image):
    """Measure the box around the ink: its height and width."""
    return [np.ptp(places) + 1 for places in np.nonzero(image)]


def read_back(groups, step, kind, pattern):
    """List what a pattern finds in the paths of one kind that a step adds."""
    paths = [mark["d"] for mark in groups[step] if mark["class"] == f"bpteach-{kind}" and "d" in mark]
    return [tuple(map(float, found)) for d in paths for found in re.findall(pattern, d)]


def slopes_of(group):
    """Read the image of ∂C/∂x back from its marks: a level from -LEVELS to LEVELS for each pixel."""
    levels = np.zeros((28, 28), int)
    for kind, sign in (("up", 1), ("down", -1)):
        for mark in group:
            if mark["class"] == f"bpteach-{kind}" and "opacity" in mark:
                for k, j, run in re.findall(r"M(\d+) (\d+)h(\d+)", mark["d"]):
                    assert not levels[int(j), int(k) : int(k) + int(run)].any()
                    levels[int(j), int(k) : int(k) + int(run)] = sign * round(mark["opacity"] * LEVELS)
    return levels


def words_of(groups, step):
    return [mark["text"] for mark in groups[step] if mark["class"] == "bpteach-text"]


# the preparation


def test_digits_of_mnist_pass_unchanged(digits):
    X, _ = digits.test.columns(range(300))
    for x in X.T:
        assert as_mnist(x.reshape(28, 28)).ravel() == pytest.approx(x, abs=1e-12)


@pytest.mark.parametrize("factor", [1, 1.7, 3, 7.3])
def test_digits_shrunk_grown_and_moved_are_read_as_well(digits, trained, factor):
    X, _ = digits.test.columns(range(300))
    side = round(28 * factor)
    near = np.minimum((np.arange(side) / factor).astype(int), 27)  # the nearest pixel: as rough as can be
    prepared = []
    for i, x in enumerate(X.T):
        image = np.zeros((side + 90, side + 60))
        image[i % 90 : i % 90 + side, 60 - i % 61 : 60 - i % 61 + side] = x.reshape(28, 28)[np.ix_(near, near)]
        prepared.append(as_mnist(image))
    right = [feedforward(trained, Z).argmax(axis=0) == digits.test.labels[:300] for Z in (X, np.hstack(prepared))]
    assert right[0].mean() > 0.88
    assert right[1].mean() > right[0].mean() - 0.04


@pytest.mark.parametrize("digit", range(10))
def test_drawings_are_centred_fill_the_box_and_have_as_much_ink(digits, digit):
    image = as_mnist(DRAWINGS[digit]).reshape(28, 28)
    assert np.abs(middle(image) - 14).max() <= 0.5 + 1e-6  # as in all of MNIST
    assert max(extent(image)) == 20
    ink = digits.test.images[digits.test.labels == digit].mean(axis=1) / 255
    assert np.quantile(ink, 0.02) < image.mean() < np.quantile(ink, 0.98)


def test_a_pen_is_as_thick_as_those_of_mnist(digits):
    drawn = np.mean([as_mnist(drawing).mean() for drawing in DRAWINGS])
    assert drawn == pytest.approx(digits.test.images.mean() / 255, rel=0.1)


def test_a_network_reads_drawings(trained):
    answers = [feedforward(trained, as_mnist(drawing)).argmax() for drawing in DRAWINGS]
    assert np.sum(answers == np.arange(10)) >= 9
    assert [feedforward(trained, as_mnist(drawing)).argmax() for _, drawing in RECORDED] == [7, 3, 4]


@pytest.mark.parametrize("digit", range(10))
def test_place_and_size_make_no_difference(digit):
    small = [[[0.01 + x / 5, 0.75 + y / 5] for x, y in stroke] for stroke in DRAWINGS[digit]]
    assert as_mnist(small) == pytest.approx(as_mnist(DRAWINGS[digit]), abs=1e-9)


def test_ink_is_where_the_stroke_is():
    image = as_mnist([[[0.2, 0.1], [0.8, 0.3]], [[0.8, 0.3], [0.4, 0.9]]]).reshape(28, 28)
    scale = (20 - module.PEN) / 0.8
    along = np.linspace(0, 1, 2000)[:, None]
    corners = np.array([[0.2, 0.1], [0.8, 0.3], [0.4, 0.9]])
    points = np.concatenate([a + along * (b - a) for a, b in pairwise(corners)])
    points = (points - [0.5, 0.5]) * scale + 10  # in the box of 20 × 20
    centres = np.indices((20, 20)).reshape(2, -1).T[:, ::-1] + 0.5
    apart = np.min(np.linalg.norm(centres[:, None] - points, axis=2), axis=1).reshape(20, 20)
    box = np.clip(module.PEN / 2 + 0.5 - apart, 0, 1)
    top, left = np.argwhere(image)[:, 0].min(), np.argwhere(image)[:, 1].min()
    rows, columns = np.nonzero(box > 0)
    assert image[top : top + np.ptp(rows) + 1, left : left + np.ptp(columns) + 1] == pytest.approx(
        box[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], abs=0.01
    )


def test_many_points_are_drawn_like_few():
    fine = [[[0.3, 0.2 + 0.6 * k / 3000] for k in range(3001)]]
    assert as_mnist(fine) == pytest.approx(as_mnist([[[0.3, 0.2], [0.3, 0.8]]]), abs=1e-9)


def test_no_ink_and_a_dot():
    assert as_mnist([]).shape == (784, 1)
    assert not as_mnist([]).any()
    assert not as_mnist(np.zeros((50, 40))).any()
    dot = as_mnist([[[0.9, 0.1]]]).reshape(28, 28)
    assert max(extent(dot)) <= 4
    assert as_mnist([[[0.9, 0.1], [0.9, 0.1]]]) == pytest.approx(as_mnist([[[0.2, 0.1]]]))


@pytest.mark.parametrize(
    ("drawing", "error", "words"),
    [
        ("7", TypeError, "drawing is '7' (str): expected a list of strokes"),
        (None, TypeError, "drawing is None (NoneType)"),
        ([[0.1, 0.2]], ValueError, "drawing[0] is no stroke"),
        ([[[0.1, 0.2]], []], ValueError, "drawing[1] is no stroke"),
        ([[[0.1, 1.2]]], ValueError, "each number from 0 to 1"),
        ([[[0.1, float("nan")]]], ValueError, "drawing[0] is no stroke"),
        ([[[0.1, 0.2], [0.1]]], TypeError, "drawing[0] is no stroke"),
        ([[["a", "b"]]], TypeError, "drawing[0] is no stroke"),
        ([{"x": 1}], TypeError, "drawing[0] is no stroke"),
        ([[[0.1, 0.2]] * 20001], ValueError, "drawing has 20001 points: expected at most 20000"),
        (np.zeros((784, 1)), ValueError, "use drawing.reshape(28, 28)"),
        (np.zeros(784), ValueError, "use drawing.reshape(28, 28)"),
        (np.zeros((28, 28), np.uint8), TypeError, "use drawing / 255"),
        (np.full((28, 28), 255.0), ValueError, "use drawing / 255"),
        (np.full((28, 28), np.nan), ValueError, "expected an image"),
        (np.zeros((0, 28)), ValueError, "expected an image"),
    ],
)
def test_what_is_no_drawing_is_refused(drawing, error, words):
    with pytest.raises(error, match=re.escape(words)):
        as_mnist(drawing)


# the numbers that are shown


@pytest.mark.parametrize("sizes", [[784, 12, 10], [784, 10], [784, 100, 10], [784, 9, 8, 7, 6, 10]])
@pytest.mark.parametrize("right", [0, 7])
def test_the_answer_shows_what_the_network_computes(sizes, right):
    net = Network.random(sizes, np.random.default_rng(2), scaled=True)
    answer = DrawDigit(net, drawing=DRAWINGS[3], right=right).answer
    groups = answer["groups"]
    assert len(groups) == len(answer["sentences"]) == len(answer["alts"]) == len(sizes) + 1
    x, y = as_mnist(DRAWINGS[3]), np.eye(10)[:, [right]]
    a, (nabla_b, _) = feedforward(net, x), backprop(net, x, y)

    ink = [mark for mark in groups[0] if mark["class"] == "bpteach-ink" and "opacity" in mark]
    assert sum(mark["d"].count("M") for mark in ink) == np.count_nonzero(np.round(x * 16))
    bars = read_back(groups, 0, "ink", r"M\d+ (\d+)h(\d+\.\d)")
    assert [length / BAR_WIDTH for _, length in sorted(bars)] == pytest.approx(a.ravel(), abs=0.06 / BAR_WIDTH)
    numbers = [word for word in words_of(groups, 0) if re.fullmatch(r"\d\.\d\d( ◀)?", word)]
    assert [float(number.split()[0]) for number in numbers] == pytest.approx(a.ravel(), abs=0.0051)
    assert [number.endswith("◀") for number in numbers] == [j == a.argmax() for j in range(10)]

    delta = nabla_b[-1].ravel()
    bars = [bar for kind in ("up", "down") for bar in read_back(groups, 1, kind, r"M\d+ (\d+)h(-?\d+\.\d)")]
    lengths = [length / DELTA_WIDTH for _, length in sorted(bars)]
    assert lengths == pytest.approx(delta / np.abs(delta).max(), abs=0.06 / DELTA_WIDTH)

    for step in range(2, len(sizes)):
        delta = nabla_b[-step].ravel()
        bars = [bar for kind in ("up", "down") for bar in read_back(groups, step, kind, r"M([\d.]+) \d+v(-?\d+\.\d)")]
        heights = [-height / HIDDEN_HEIGHT for _, height in sorted(bars)]
        assert heights == pytest.approx(delta / np.abs(delta).max(), abs=0.06 / HIDDEN_HEIGHT)
        assert str(np.abs(delta).argmax()) in words_of(groups, step)


def test_the_last_step_shows_how_each_pixel_changes_the_cost(net):
    """The image of ∂C/∂x agrees with differences of the cost, which know nothing of backpropagation."""
    x, y = as_mnist(DRAWINGS[5]), np.eye(10)[:, [3]]
    h = 1e-5
    costs = [[cost(a[:, None], y) for a in feedforward(net, x + sign * h * np.eye(784)).T] for sign in (1, -1)]
    slopes = (np.subtract(*costs) / (2 * h)).reshape(28, 28)
    group = DrawDigit(net, drawing=DRAWINGS[5], right=3).answer["groups"][-1]
    levels = slopes / np.abs(slopes).max() * LEVELS
    assert slopes_of(group) == pytest.approx(levels, abs=0.501)
    (specks,) = (mark["d"] for mark in group if mark["class"] == "bpteach-speck" and "transform" in mark)
    places = {(int(j), int(float(k))) for k, j in re.findall(r"M([\d.]+) (\d+)h0", specks)}
    assert places == set(map(tuple, np.argwhere(slopes_of(group) < 0).tolist()))  # the sign shows without colour
    scale = re.search(r"± (\S+)\)", words_of([group], 0)[0])[1]
    assert float(scale) == pytest.approx(np.abs(slopes).max(), rel=0.05)


def test_the_outline_goes_around_the_ink(net):
    group = DrawDigit(net, drawing=FALL, right=3).answer["groups"][-1]
    (outline,) = (mark["d"] for mark in group if mark["class"] == "bpteach-wanted")
    inked = as_mnist(FALL).reshape(28, 28) > 0.5
    height, width = extent(inked)
    assert outline.count("h1") == 2 * width
    assert outline.count("v1") == 2 * height


@pytest.mark.parametrize(("scale", "head"), [(1, "← δ³"), (1e-7, "← δ³ in 10⁻")])
def test_errors_of_the_output_are_numbers_of_one_unit(scale, head):
    net = Network.random([784, 5, 10], np.random.default_rng(3))
    net.biases[-1][:] += 0 if scale == 1 else 16  # σ′ is about 1e-7
    answer = DrawDigit(net, drawing=FALL, right=3).answer
    x, y = as_mnist(FALL), np.eye(10)[:, [3]]
    delta = backprop(net, x, y)[0][-1].ravel()
    title, *numbers = words_of(answer["groups"], 1)
    assert title.startswith(head)
    unit = 1 if scale == 1 else 10.0 ** np.floor(np.log10(np.abs(delta).max()))
    shown = [float(number.replace("−", "-")) for number in numbers]
    assert shown == pytest.approx(delta / unit, abs=0.00051 if scale == 1 else 0.051)
    assert "−0.0" not in numbers
    assert "−0.000" not in numbers


def test_sentences_tell_answer_cost_and_the_largest_error(net):
    x, y = as_mnist(FALL), np.eye(10)[:, [4]]
    a, (nabla_b, _) = feedforward(net, x), backprop(net, x, y)
    start, output, hidden, drawing = DrawDigit(net, drawing=FALL, right=4).answer["sentences"]
    second, first = np.argsort(a.ravel())[-2:]
    assert start.startswith(f"Your drawing: the network answers {first} ({a[first, 0]:.2f}), then {second} (")
    assert f"It should have been 4: the cost is {cost(a, y):.2g}" in start
    for sentence, delta in ((output, nabla_b[1]), (hidden, nabla_b[0])):
        j = np.abs(delta).argmax()
        assert f" {j}, " in sentence
        assert sentence.endswith(f"A larger z there would {'raise' if delta[j, 0] > 0 else 'lower'} the cost.")
    assert drawing.startswith("Step 3 of 3, back at the drawing")


def test_without_a_right_digit_there_is_one_step(net):
    draw = DrawDigit(net, drawing=FALL)
    assert draw.right is None
    assert len(draw.answer["groups"]) == len(draw.answer["sentences"]) == 1
    assert "should" not in draw.answer["sentences"][0]
    assert draw.answer["hint"][0]["text"] == WORDS["choose"]
    draw.right = 2
    assert draw.answer["hint"][0]["text"] == WORDS["send"]


def test_an_empty_drawing_has_no_answer(net):
    draw = DrawDigit(net, drawing=[], right=3)
    assert draw.answer["sentences"] == ["Nothing drawn yet: draw a digit."]
    assert draw.text == "Nothing drawn yet: draw a digit."
    assert not read_back(draw.answer["groups"], 0, "ink", "M(.)")
    assert not draw.answer["hint"]
    assert "empty drawing area" in draw._still()[0]


def test_recorded_drawings_come_with_the_answers_to_all_ten_digits(trained):
    draw = DrawDigit(trained)
    assert draw.drawing == RECORDED[0][1]
    assert draw.right == RECORDED[0][0] == 7
    assert [recording["meant"] for recording in draw.recordings] == [7, 3, 4]
    for recording in draw.recordings:
        assert len(recording["answers"]) == 11
        for right, answer in zip([None, *range(10)], recording["answers"], strict=True):
            live = DrawDigit(trained, drawing=recording["drawing"], right=right).answer
            assert {"asked": 0, **answer} == live
            assert answer["sentences"][0].startswith("A recorded drawing: the network answers")


# asking


def test_the_browser_asks_and_is_answered(net):
    draw = DrawDigit(net)
    sent = []
    draw.observe(lambda change: sent.append(change.new), "answer")
    draw.set_state({"drawing": DRAWINGS[2], "right": None, "step": 0, "asked": 5})
    assert len(sent) == 1
    assert draw.answer["asked"] == 5
    assert draw.answer == {"asked": 5, **_without_asked(DrawDigit(net, drawing=DRAWINGS[2]))}
    draw.set_state({"asked": 6})  # is a kernel there?
    assert len(sent) == 2
    assert draw.answer["asked"] == 6
    draw.set_state({"right": 8, "asked": 7})
    assert draw.answer == {"asked": 7, **_without_asked(DrawDigit(net, drawing=DRAWINGS[2], right=8))}


def _without_asked(draw):
    return {name: value for name, value in draw.answer.items() if name != "asked"}


def test_python_can_draw_choose_and_step(net):
    draw = DrawDigit(net)
    draw.drawing = [np.array([[0.2, 0.2], [0.4, 0.9]])]
    assert draw.drawing == [[[0.2, 0.2], [0.4, 0.9]]]
    draw.right = 1
    assert _without_asked(draw) == _without_asked(DrawDigit(net, drawing=draw.drawing, right=1))
    draw.step = 2
    assert draw.text.startswith("Step 2 of 3")
    draw.right = None  # there is no way back now
    assert draw.text.startswith("Your drawing")


@pytest.mark.parametrize(
    "state",
    [
        {"drawing": [[[2, 0]]]},
        {"drawing": "<b>"},
        {"drawing": [[["x", "y"]]]},
        {"drawing": None},
        {"right": 10},
        {"right": "3"},
        {"right": True},
        {"step": 4},
        {"step": None},
        {"asked": "now"},
    ],
)
def test_what_no_hand_could_send_changes_nothing_and_is_put_right(net, state, monkeypatch):
    draw = DrawDigit(net, right=3)
    before = {**draw.get_state(["drawing", "right", "step"])}
    restored = []
    monkeypatch.setattr(draw, "send_state", lambda key=None: restored.append(key))
    draw.set_state(state)
    assert draw.get_state(["drawing", "right", "step"]) == before
    assert list(state) in restored


def test_the_text_tells_the_outputs_and_the_errors(trained):
    draw = DrawDigit(trained, drawing=DRAWINGS[6], right=6)
    x, y = as_mnist(DRAWINGS[6]), np.eye(10)[:, [6]]
    a, (nabla_b, _) = feedforward(trained, x), backprop(trained, x, y)
    sentence, head, *rows = draw.text.splitlines()
    assert sentence == draw.answer["sentences"][0]
    assert head == "digit  output"
    assert [float(row.split()[1]) for row in rows] == pytest.approx(a.ravel(), abs=0.0051)
    draw.step = 1
    _, head, *rows = draw.text.splitlines()
    assert head.endswith("δ³")
    sixth = re.sub(r" × 10⁻(\S)", lambda power: f"e-{'⁰¹²³⁴⁵⁶⁷⁸⁹'.index(power[1])}", rows[6])
    assert float(sixth.split()[2].replace("−", "-")) == pytest.approx(nabla_b[-1][6, 0], rel=0.05)


# the rest


def test_the_network_is_copied_and_left_as_it_is():
    net = Network.random([784, 5, 10], np.random.default_rng(4))
    before = [array.copy() for array in (*net.weights, *net.biases)]
    draw = DrawDigit(net)
    text = draw.text
    assert all(np.array_equal(a, b) for a, b in zip(before, (*net.weights, *net.biases), strict=True))
    net.weights[0] += 1
    net.biases[-1] += 1
    draw.asked += 1
    draw.right = None
    draw.right = 7
    assert draw.text == text


@pytest.mark.parametrize("sizes", [[784, 30, 10], [784, 30, 30, 30, 30, 10]])
def test_data_are_small(sizes):
    draw = DrawDigit(Network.random(sizes, np.random.default_rng(0)))
    assert len(json.dumps(draw.get_state())) < 1_500_000
    assert len(json.dumps(draw.answer)) < 30_000


def test_float32_is_welcome():
    net = Network.random([784, 30, 10], np.random.default_rng(0), dtype=np.float32)
    draw = DrawDigit(net, right=2)
    json.dumps(draw.get_state())


def test_saturated_neurons_have_no_error():
    net = Network.random([784, 5, 10], np.random.default_rng(0))
    for b in net.biases:
        b += 1e4
    draw = DrawDigit(net, right=2)
    assert draw.answer["sentences"][1] == "Step 1 of 3: δ³ is 0 in all of the layer."
    assert not slopes_of(draw.answer["groups"][-1]).any()
    assert "NaN" not in json.dumps(draw.get_state())
    assert draw._still()


def test_repr_is_stable(net):
    assert repr(DrawDigit(net)) == "DrawDigit(Network([784, 12, 10]))"


def test_where_no_widgets_run_there_is_a_still_picture(net):
    data, _ = DrawDigit(net, drawing=DRAWINGS[4], right=4)._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    alt = re.search('alt="([^"]+)"', data["text/html"])[1]
    assert alt.startswith("Step 3 of 3")
    assert alt.endswith("Beside it, the drawing: 2 strokes.")
    picture = ET.fromstring(base64.b64decode(re.search(r"base64,([^\"]+)", data["text/html"])[1]))
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    groups = DrawDigit(net, drawing=DRAWINGS[4], right=4).answer["groups"]
    assert texts == ["The drawing", *(word for step in range(4) for word in words_of(groups, step))]
    again = DrawDigit(net, drawing=DRAWINGS[4], right=4)._repr_mimebundle_()[0]
    assert data["text/html"] == again["text/html"]


@pytest.mark.parametrize("sizes", [[784, 30, 10], [784, 10], [784, 9, 8, 7, 6, 10]])
def test_no_word_leaves_the_picture(sizes):
    """A word is at most as wide as 0.6 of its size for each letter: none passes the right edge or the lower one."""
    draw = DrawDigit(Network.random(sizes, np.random.default_rng(0)), right=3)
    _, _, width, height = map(float, draw.answer["box"].split())
    for mark in (mark for group in draw.answer["groups"] for mark in group if mark["tag"] == "text"):
        long = 0.55 * mark["font-size"] * len(mark["text"])
        share = {"start": 1, "middle": 0.5, "end": 0}[mark["text-anchor"]]
        assert mark["x"] + share * long <= width + 1
        assert mark["x"] - (1 - share) * long >= -1
        assert 0 < mark["y"] <= height


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        ({"right": 10}, ValueError, "right is 10: expected None or a digit, 0 to 9."),
        ({"right": -1}, ValueError, "right is -1"),
        ({"right": "7"}, TypeError, "right is '7' (str)"),
        ({"right": True}, TypeError, "right is True (bool)"),
        ({"drawing": "7"}, TypeError, "drawing is '7' (str)"),
        ({"drawing": [[[0, 2]]]}, ValueError, "drawing[0] is no stroke"),
        ({"text_size": 15}, ValueError, "text_size is 15"),
        ({"digit": 3}, TypeError, "digit"),
    ],
)
def test_a_bad_choice_is_refused(net, choice, error, words):
    with pytest.raises(error, match=re.escape(words)):
        DrawDigit(net, **choice)


@pytest.mark.parametrize("sizes", [[9, 2], [784, 2], [9, 10]])
def test_a_network_that_reads_no_digits_is_refused(sizes):
    with pytest.raises(ValueError, match="expected 784 inputs and 10 outputs"):
        DrawDigit(Network.random(sizes, np.random.default_rng(0)))
    with pytest.raises(TypeError, match="expected a Network"):
        DrawDigit(sizes)


def test_a_later_bad_choice_is_refused_and_leaves_the_widget_as_it_was(net):
    draw = DrawDigit(net, right=3)
    for name, value in (("right", 10), ("right", "x"), ("drawing", [[[3, 3]]]), ("drawing", 3), ("step", 4)):
        before = getattr(draw, name)
        with pytest.raises(TraitError):
            setattr(draw, name, value)
        assert getattr(draw, name) == before
