"""Drawing a digit without a browser: the preparation, the numbers shown, the words, and what is refused."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest

from bpteach import Network, backprop, cost, feedforward, load_mnist, sgd
from bpteach.widgets import DrawDigit
from bpteach.widgets.digit_picture import BAR_WIDTH, DELTA_WIDTH, HIDDEN_HEIGHT, LEVELS
from bpteach.widgets.draw_digit import as_mnist
from bpteach.widgets.drawing import PEN, RECORDED, centred
from pictures import words_of
from strategies import refusing

FALL = [[[0.5, 0.1], [0.5, 0.9]]]


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
    rng = np.random.default_rng(0)
    net = Network.random([784, 30, 10], rng, scaled=True)
    sgd(net, digits.training[:10000], 2, 10, 3.0, rng, progress=False)
    return net


@pytest.fixture(scope="module")
def net():
    return Network.random([784, 12, 10], np.random.default_rng(1), scaled=True)


def forward_and_back(net, drawing, right):
    x, y = as_mnist(drawing), np.eye(10)[:, [right]]
    return feedforward(net, x).ravel(), [delta.ravel() for delta in backprop(net, x, y)[0]]


def extent(image):
    return [np.ptp(places) + 1 for places in np.nonzero(image)]


def read_back(group, kinds, pattern):
    classes = [f"bpteach-{kind}" for kind in kinds]
    paths = [mark["d"] for mark in group if mark["class"] in classes and "d" in mark]
    return sorted(tuple(map(float, found)) for d in paths for found in re.findall(pattern, d))


def slopes_of(group):
    """Read the image of ∂C/∂x back from its marks: a level from -LEVELS to LEVELS for each pixel."""
    levels = np.zeros((28, 28), int)
    for kind, sign in (("up", 1), ("down", -1)):
        for mark in group:
            if mark["class"] == f"bpteach-{kind}" and "opacity" in mark:
                for k, j, run in re.findall(r"M(\d+) (\d+)[.]5h(\d+)", mark["d"]):
                    assert not levels[int(j), int(k) : int(k) + int(run)].any()
                    levels[int(j), int(k) : int(k) + int(run)] = sign * round(mark["opacity"] * LEVELS)
    return levels


def without_asked(draw):
    return {name: value for name, value in draw.answer.items() if name != "asked"}


# the preparation


def test_digits_of_mnist_are_centred_as_they_are(digits):
    X, _Y = digits.test.columns(range(300))
    for image in X.T.reshape(-1, 28, 28):
        rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert centred(ink) == pytest.approx(image, abs=1e-12)


@pytest.mark.parametrize("digit", range(10))
def test_drawings_are_centred_fill_the_box_and_have_as_much_ink_wherever_they_are(digits, digit):
    image = as_mnist(DRAWINGS[digit]).reshape(28, 28)
    middle = np.array([(place * image).sum() for place in np.indices((28, 28))]) / image.sum()
    assert np.abs(middle - 14).max() <= 0.5 + 1e-6  # as in all of MNIST
    assert max(extent(image)) == 20
    ink = digits.test.images[digits.test.labels == digit].mean(axis=1) / 255
    assert np.quantile(ink, 0.02) < image.mean() < np.quantile(ink, 0.98)
    small = [[[0.01 + x / 5, 0.75 + y / 5] for x, y in stroke] for stroke in DRAWINGS[digit]]
    assert as_mnist(small).reshape(28, 28) == pytest.approx(image, abs=1e-9)


def test_a_network_reads_drawings(trained):
    answers = [feedforward(trained, as_mnist(drawing)).argmax() for drawing in DRAWINGS]
    assert np.sum(answers == np.arange(10)) >= 9
    assert [feedforward(trained, as_mnist(drawing)).argmax() for _meant, drawing in RECORDED] == [7, 3, 4]


def test_ink_is_where_the_stroke_is():
    corners = np.array([[0.2, 0.1], [0.8, 0.3], [0.4, 0.9]])
    image = as_mnist([[a.tolist(), b.tolist()] for a, b in pairwise(corners)]).reshape(28, 28)
    along = np.linspace(0, 1, 2000)[:, None]
    points = np.concatenate([a + along * (b - a) for a, b in pairwise(corners)])
    points = (points - 0.5) * (20 - PEN) / 0.8 + 10  # in the box of 20 × 20
    centres = np.indices((20, 20)).reshape(2, -1).T[:, ::-1] + 0.5
    apart = np.min(np.linalg.norm(centres[:, None] - points, axis=2), axis=1).reshape(20, 20)
    box = np.clip(PEN / 2 + 0.5 - apart, 0, 1)
    cut = [part[np.ix_(part.any(axis=1), part.any(axis=0))] for part in (image, box)]
    assert cut[0] == pytest.approx(cut[1], abs=0.01)


def test_many_points_are_drawn_like_few():
    fine = [[[0.3, 0.2 + 0.6 * k / 3000] for k in range(3001)]]
    assert as_mnist(fine) == pytest.approx(as_mnist([[[0.3, 0.2], [0.3, 0.8]]]), abs=1e-9)


def test_a_dot_stays_a_dot():
    assert max(extent(as_mnist([[[0.9, 0.1]]]).reshape(28, 28))) <= 4
    assert as_mnist([[[0.9, 0.1], [0.9, 0.1]]]) == pytest.approx(as_mnist([[[0.2, 0.1]]]))


test_what_is_no_drawing_is_refused = refusing(
    as_mnist,
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
        (np.zeros((28, 28)), TypeError, "drawing is an array of shape (28, 28)"),
    ],
)


# the numbers that are shown


@pytest.mark.parametrize("sizes", [[784, 12, 10], [784, 10], [784, 100, 10], [784, 9, 8, 7, 6, 10]])
@pytest.mark.parametrize("right", [0, 7])
def test_the_answer_shows_what_the_network_computes(sizes, right):
    net = Network.random(sizes, np.random.default_rng(2), scaled=True)
    answer = DrawDigit(net, drawing=DRAWINGS[3], right=right).answer
    groups = answer["groups"]
    assert len(groups) == len(answer["sentences"]) == len(answer["alts"]) == len(sizes) + 1
    a, deltas = forward_and_back(net, DRAWINGS[3], right)

    ink = [mark for mark in groups[0] if mark["class"] == "bpteach-ink" and "opacity" in mark]
    assert sum(mark["d"].count("M") for mark in ink) == np.count_nonzero(np.round(as_mnist(DRAWINGS[3]) * 16))
    bars = read_back(groups[0], ["ink"], r"M\d+ (\d+)h(\d+\.\d)")
    assert [length / BAR_WIDTH for _y, length in bars] == pytest.approx(a, abs=0.06 / BAR_WIDTH)
    numbers = [word for word in words_of(groups[0]) if re.fullmatch(r"\d\.\d\d( ◀)?", word)]
    assert [float(number.split()[0]) for number in numbers] == pytest.approx(a, abs=0.0051)
    assert [number.endswith("◀") for number in numbers] == [j == a.argmax() for j in range(10)]

    for step, delta in enumerate(reversed(deltas), start=1):
        pattern, full = r"M([\d.]+) \d+v(-?\d+\.\d)", -HIDDEN_HEIGHT
        if step == 1:
            pattern, full = r"M\d+ (\d+)h(-?\d+\.\d)", DELTA_WIDTH
        lengths = [length / full for _place, length in read_back(groups[step], ["up", "down"], pattern)]
        assert lengths == pytest.approx(delta / np.abs(delta).max(), abs=0.06 / abs(full))
        assert step == 1 or str(np.abs(delta).argmax()) in words_of(groups[step])


def test_the_last_step_shows_how_each_pixel_changes_the_cost(net):
    """The image of ∂C/∂x agrees with differences of the cost, which know nothing of backpropagation."""
    x, y = as_mnist(DRAWINGS[5]), np.eye(10)[:, [3]]
    h = 1e-5
    costs = [[cost(a[:, None], y) for a in feedforward(net, x + sign * h * np.eye(784)).T] for sign in (1, -1)]
    slopes = (np.subtract(*costs) / (2 * h)).reshape(28, 28)
    group = DrawDigit(net, drawing=DRAWINGS[5], right=3).answer["groups"][-1]
    assert slopes_of(group) == pytest.approx(slopes / np.abs(slopes).max() * LEVELS, abs=0.501)
    (specks,) = (mark["d"] for mark in group if mark["class"] == "bpteach-speck" and "transform" in mark)
    places = {(int(float(j)), int(float(k))) for k, j in re.findall(r"M([\d.]+) ([\d.]+)h0", specks)}
    assert places == set(map(tuple, np.argwhere(slopes_of(group) < 0).tolist()))  # the sign shows without colour
    scale = re.search(r"± (\S+)\)", words_of(group)[0])[1]
    assert float(scale) == pytest.approx(np.abs(slopes).max(), rel=0.05)


def test_the_outline_goes_around_the_ink(net):
    group = DrawDigit(net, drawing=FALL, right=3).answer["groups"][-1]
    (outline,) = (mark["d"] for mark in group if mark["class"] == "bpteach-wanted")
    height, width = extent(as_mnist(FALL).reshape(28, 28) > 0.5)
    assert (outline.count("h1"), outline.count("v1")) == (2 * width, 2 * height)


@pytest.mark.parametrize(("bias", "head", "within"), [(0, "← δ³", 0.00051), (16, "← δ³ in 10⁻", 0.051)])
def test_errors_of_the_output_are_numbers_of_one_unit(bias, head, within):
    net = Network.random([784, 5, 10], np.random.default_rng(3))
    net.biases[-1] += bias  # with 16, σ′ is about 1e-7
    delta = forward_and_back(net, FALL, 3)[1][-1]
    title, *numbers = words_of(DrawDigit(net, drawing=FALL, right=3).answer["groups"][1])
    assert title.startswith(head)
    unit = 10.0 ** np.floor(np.log10(np.abs(delta).max())) if bias else 1
    assert [float(number.replace("−", "-")) for number in numbers] == pytest.approx(delta / unit, abs=within)
    assert not {"−0.0", "−0.000"} & set(numbers)


def test_sentences_tell_answer_cost_and_the_largest_error(net):
    a, deltas = forward_and_back(net, FALL, 4)
    start, output, hidden, drawing = DrawDigit(net, drawing=FALL, right=4).answer["sentences"]
    second, first = np.argsort(a)[-2:]
    assert start.startswith(f"Your drawing: the network answers {first} ({a[first]:.2f}), then {second} (")
    assert f"It should have been 4: the cost is {cost(a[:, None], np.eye(10)[:, [4]]):.2g}" in start
    for sentence, delta in ((output, deltas[1]), (hidden, deltas[0])):
        j = np.abs(delta).argmax()
        assert f" {j}, " in sentence
        assert sentence.endswith(f"A larger z there would {'raise' if delta[j] > 0 else 'lower'} the cost.")
    assert drawing.startswith("Step 3 of 3, back at the drawing")


def test_without_a_right_digit_there_is_one_step(net):
    draw = DrawDigit(net, drawing=FALL)
    assert draw.right is None
    assert len(draw.answer["groups"]) == len(draw.answer["sentences"]) == 1
    assert "should" not in draw.answer["sentences"][0]
    assert draw.answer["hint"][0]["text"] == "Choose the digit that it should have been."
    draw.right = 2
    assert draw.answer["hint"][0]["text"] == "Press Step: the error goes back, layer by layer."


def test_an_empty_drawing_has_no_answer(net):
    draw = DrawDigit(net, drawing=[], right=3)
    assert [draw.text] == draw.answer["sentences"] == ["Nothing drawn yet: draw a digit."]
    assert not read_back(draw.answer["groups"][0], ["ink"], "M(.)")
    assert not draw.answer["hint"]


def test_recorded_drawings_come_with_the_answers_to_all_ten_digits(trained):
    draw = DrawDigit(trained)
    assert (draw.right, draw.drawing) == RECORDED[0]
    assert [recording["meant"] for recording in draw.recordings] == [7, 3, 4]
    for recording in draw.recordings:
        draw.drawing = recording["drawing"]
        for draw.right, answer in zip([None, *range(10)], recording["answers"], strict=True):
            assert answer == without_asked(draw)
            assert answer["sentences"][0].startswith("A recorded drawing: the network answers")


# asking


def test_python_can_draw_choose_and_step(net):
    draw = DrawDigit(net)
    draw.drawing = [np.array([[0.2, 0.2], [0.4, 0.9]])]
    assert draw.drawing == [[[0.2, 0.2], [0.4, 0.9]]]
    draw.right = 1
    assert without_asked(draw) == without_asked(DrawDigit(net, drawing=draw.drawing, right=1))
    draw.step = 2
    assert draw.text.startswith("Step 2 of 3")
    draw.right = None  # there is no way back now
    assert draw.text.startswith("Your drawing")


def test_the_text_tells_the_outputs_and_the_errors(trained):
    draw = DrawDigit(trained, drawing=DRAWINGS[6], right=6)
    a, deltas = forward_and_back(trained, DRAWINGS[6], 6)
    sentence, head, *rows = draw.text.splitlines()
    assert (sentence, head) == (draw.answer["sentences"][0], "digit  output")
    assert [float(row.split()[1]) for row in rows] == pytest.approx(a, abs=0.0051)
    draw.step = 1
    _sentence, head, *rows = draw.text.splitlines()
    assert head.endswith("δ³")
    sixth = re.sub(r" × 10⁻(\S)", lambda power: f"e-{'⁰¹²³⁴⁵⁶⁷⁸⁹'.index(power[1])}", rows[6])
    assert float(sixth.split()[2].replace("−", "-")) == pytest.approx(deltas[-1][6], rel=0.05)


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sizes", [[784, 30, 10], [784, 30, 30, 30, 30, 10]])
def test_data_are_small(sizes, dtype):
    draw = DrawDigit(Network.random(sizes, np.random.default_rng(0), dtype=dtype))
    assert len(json.dumps(draw.get_state())) < 1_500_000
    assert len(json.dumps(draw.answer)) < 30_000


def test_saturated_neurons_have_no_error():
    net = Network.random([784, 5, 10], np.random.default_rng(0))
    for b in net.biases:
        b += 1e4
    draw = DrawDigit(net, right=2)
    assert draw.answer["sentences"][1] == "Step 1 of 3: δ³ is 0 in all of the layer."
    assert not slopes_of(draw.answer["groups"][-1]).any()
    assert "NaN" not in json.dumps(draw.get_state())
    assert draw._still()


@pytest.mark.parametrize("sizes", [[784, 30, 10], [784, 10], [784, 9, 8, 7, 6, 10]])
def test_no_word_leaves_the_picture(sizes):
    """A word is at most as wide as 0.6 of its size for each letter: none passes the right edge or the lower one."""
    draw = DrawDigit(Network.random(sizes, np.random.default_rng(0)), right=3)
    _x, _y, width, height = map(float, draw.answer["box"].split())
    for mark in (mark for group in draw.answer["groups"] for mark in group if mark["tag"] == "text"):
        long = 0.55 * mark["font-size"] * len(mark["text"])
        share = {"start": 1, "middle": 0.5, "end": 0}[mark["text-anchor"]]
        assert mark["x"] + share * long <= width + 1
        assert mark["x"] - (1 - share) * long >= -1
        assert 0 < mark["y"] <= height


def test_a_bad_choice_is_refused(net):
    with pytest.raises(ValueError, match=r"right is 10: expected 0 to 9, a digit, or None\."):
        DrawDigit(net, right=10)
    with pytest.raises(ValueError, match=r"drawing\[0\] is no stroke"):
        DrawDigit(net, drawing=[[[0, 2]]])


@pytest.mark.parametrize("sizes", [[9, 2], [784, 2], [9, 10]])
def test_a_network_that_reads_no_digits_is_refused(sizes):
    with pytest.raises(ValueError, match="expected 784 inputs and 10 outputs"):
        DrawDigit(Network.random(sizes, np.random.default_rng(0)))
    with pytest.raises(TypeError, match="expected a Network"):
        DrawDigit(sizes)
