"""The backprop stepper without a browser: its numbers, its words, its questions, and what it refuses."""

import base64
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from traitlets import TraitError

from bpteach import Network, backprop, backprop_matrix, load_mnist
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.widgets import BackpropStepper
from bpteach.widgets.backprop_stepper import MOST_STEPS
from bpteach.widgets.network_picture import LEVELS, MOST_LINES, NetworkPicture
from bpteach.widgets.stepper_frames import sentence_of

SIZES = [[9, 5, 4, 2], [9, 2], [2, 1], [8, 3, 1], [9, 5, 5, 5, 5, 2]]


def data(sizes=(9, 5, 4, 2), count=1, dtype=np.float64):
    """Make a small network and a few examples."""
    rng = np.random.default_rng(0)
    net = Network.random(list(sizes), rng, dtype=dtype)
    x = rng.random((sizes[0], count)).astype(dtype)
    return net, x, np.eye(sizes[-1], dtype=dtype)[:, rng.integers(sizes[-1], size=count)]


def make(function=backprop, sizes=(9, 5, 4, 2), count=1, **choices):
    return BackpropStepper(function, *data(sizes, count), **choices)


def digits(sizes, function=backprop, count=1, **choices):
    """Make the widget for real digits."""
    net = Network.random(sizes, np.random.default_rng(3), scaled=True)
    return BackpropStepper(function, net, *load_mnist().training.columns(range(count)), **choices)


def by_hand(net, x, y):
    """Compute z, a and δ of every layer with sums written out, by the book's number of the layer."""
    depth = len(net.sizes)
    a, z, delta = {1: x}, {}, {}
    for l in range(2, depth + 1):
        w, b = net.weights[l - 2], net.biases[l - 2]
        z[l] = np.einsum("jk,km->jm", w, a[l - 1]) + b
        a[l] = 1 / (1 + np.exp(-z[l]))
    delta[depth] = (a[depth] - y) * a[depth] * (1 - a[depth])
    for l in range(depth - 1, 1, -1):
        delta[l] = np.einsum("kj,km->jm", net.weights[l - 1], delta[l + 1]) * a[l] * (1 - a[l])
    return z, a, delta


def sentences(widget, example=0):
    shown = widget.examples[str(example)]
    return [sentence_of(step, shown) for step in widget.story["steps"]]


def events(widget, example=0):
    """List the events: the step, what all examples share, and what this one has."""
    found = []
    for i, step in enumerate(widget.story["steps"]):
        if step["event"] >= 0:
            k = step["event"]
            found.append((i, step, widget.story["events"][k], widget.examples[str(example)]["events"][k]))
    return found


def rows(packed):
    return [row.split(" ") for row in packed.split("|") if row]


def terms_of(widget, event, example=0):
    """Give the terms of an event; they may stand with the event before."""
    shown = event["terms"]
    return widget.examples[str(example)]["events"][shown]["terms"] if isinstance(shown, int) else shown


def still(widget):
    data, _ = widget._repr_mimebundle_()
    source = re.search(r"base64,([^\"]+)", data["text/html"])[1]
    return ET.fromstring(base64.b64decode(source))


# --- what each step shows


@pytest.mark.parametrize("sizes", SIZES)
def test_each_line_is_told_with_its_layer_and_equation(sizes):
    """The story of backprop on any depth: z and a of layers 2 to L, then δ, ∇b and ∇w of L to 2."""
    widget = make(sizes=sizes)
    depth = len(sizes)
    told = [
        re.search(r"(?:, (BP\d|\(25\)))?: (\w+) (?:becomes|gets|is the input).* layer (\d)", s)
        for s in sentences(widget)
    ]
    told = [(found[1], found[2], int(found[3])) for found in told if found]
    forward = [(None, "a", 1)] + [("(25)", name, l) for l in range(2, depth + 1) for name in "za"]
    backward = []
    for l in range(depth, 1, -1):
        backward += [("BP1" if l == depth else "BP2", "delta", l), ("BP3", "nabla_b", l), ("BP4", "nabla_w", l)]
    assert told == forward + backward


@pytest.mark.parametrize("sizes", SIZES)
def test_equations_have_the_layers_filled_in(sizes):
    widget = make(sizes=sizes)
    depth, equations = len(sizes), widget.story["equations"]
    plain = [equations[step["equation"]]["plain"] for step in widget.story["steps"] if step["equation"] >= 0]
    n = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    number = lambda l: str(l).translate(n)  # noqa: E731
    expected = []
    for l in range(2, depth + 1):
        here, before = number(l), number(l - 1)
        expected += [f"z{here} = w{here}a{before} + b{here}", f"a{here} = σ(z{here})"]
    for l in range(depth, 1, -1):
        here, before, after = number(l), number(l - 1), number(l + 1)
        last = f"δ{here} = (a{here} − y) ⊙ σ′(z{here})"
        expected += [last if l == depth else f"δ{here} = ((w{after})ᵀδ{after}) ⊙ σ′(z{here})"]
        expected += [f"∂C/∂b{here} = δ{here}", f"∂C/∂w{here} = δ{here}(a{before})ᵀ"]
    assert plain == expected


def test_a_batch_is_written_in_capitals():
    widget = make(backprop_matrix, count=3)
    plain = [equation["plain"] for equation in widget.story["equations"]]
    assert "Δ³ = ((w⁴)ᵀΔ⁴) ⊙ σ′(Z³)" in plain
    assert "∂C/∂b³ = ∑_columns Δ³" in plain
    spoken = [equation["spoken"] for equation in widget.story["equations"]]
    assert "the gradient of the biases of layer 3 equals the sum of the columns of delta of layer 3" in spoken
    assert widget.story["columns"] == 3
    assert (
        "Step 23 of 34, line 54, BP3: nabla_b gets the gradient of the biases of layer 4, shape (2, 1)."
        in sentences(widget)
    )


@pytest.mark.parametrize(("function", "count", "example"), [(backprop, 1, 0), (backprop_matrix, 3, 2)])
@pytest.mark.parametrize("sizes", SIZES)
def test_the_numbers_are_those_computed_by_hand(function, count, example, sizes):
    """Every neuron's z, a and δ, at the step that makes it."""
    net, x, y = data(sizes, count)
    z, a, delta = ({l: v[:, example] for l, v in values.items()} for values in by_hand(net, x, y))
    widget = BackpropStepper(function, net, x, y, example=example)
    checked = 0
    for _, step, event, shown in events(widget, example):
        l = event["layer"]
        sentence = step["sentence"]
        right = {"weighted input": ("z", z), "activation": ("a", a), "error": ("delta", delta)}
        word, values = next((right[word] for word in right if f"the {word} of layer" in sentence), (None, None))
        if word is None or l == 1:
            continue
        checked += 1
        for j, feet in enumerate(shown["feet"]):
            number = {row[0]: row[2] for row in rows(feet)}[word]
            assert float(number) == pytest.approx(values[l][j], rel=6e-3, abs=5.1e-3 if word == "z" else 0)
        assert shown["neuron"] == np.abs(values[l]).argmax()
        if word != "z":
            tail = re.match(r"; largest at neuron (\d+), (.\S*?)( of column 2)?\.$", shown["tail"])
            assert int(tail[1]) == np.abs(values[l]).argmax()
            assert bool(tail[3]) == (count > 1)
            assert float(tail[2].replace("−", "-")) == pytest.approx(values[l][int(tail[1])], rel=0.06)
    assert checked == 3 * (len(sizes) - 1)


@pytest.mark.parametrize("sizes", [*SIZES, [784, 30, 10], [784, 100, 10]])
def test_sums_add_up_to_the_last_digit(sizes):
    """What is written out is the sum: the terms shown, the rest, and the bias make the total exactly."""
    widget = digits(sizes) if sizes[0] == 784 else make(sizes=sizes)
    net = widget.recording.net
    checked = 0
    for _, step, event, shown in events(widget):
        l, terms = event["layer"], terms_of(widget, shown)
        if not terms or step["sentence"].count("nabla_w") or not terms[0]:
            continue
        for j, packed in enumerate(terms):
            feet = {row[0]: row for row in rows(shown["feet"][j])}
            parts = [row[3] for row in rows(packed)] + [feet[word][2] for word in ("rest", "b") if word in feet]
            total = feet["sum" if "sum" in feet else "z"][2]
            places = max(len(part.partition(".")[2]) for part in parts)
            assert f"{sum(map(float, parts)):.{places}f}" == f"{float(total):.{places}f}"
            checked += 1
            sizes_shown = [abs(float(row[3])) for row in rows(packed)]
            assert sizes_shown == sorted(sizes_shown, reverse=True)
            w = net.weights[l - 1][:, j] if event["side"] > 0 else net.weights[l - 2][j]
            for k, factor, other, product in rows(packed):
                assert float(factor) == pytest.approx(w[int(k)], rel=6e-3)
                ulp = 1.01 * 10.0**-places
                assert float(factor) * float(other) == pytest.approx(float(product), rel=0.02, abs=ulp)
            left_out = len(w) - len(rows(packed))
            assert feet.get("rest", ["", "0"])[1] == str(left_out)
    assert checked >= sum(sizes[1:])


def test_the_sum_of_bp2_is_the_product_written_out():
    net, x, y = data()
    _, a, delta = by_hand(net, x, y)
    widget = BackpropStepper(backprop, net, x, y)
    (shown,) = [shown for _, step, _, shown in events(widget) if "error of layer 3" in step["sentence"]]
    for j, packed in enumerate(shown["feet"]):
        feet = {row[0]: row[2] for row in rows(packed)}
        assert float(feet["sum"]) == pytest.approx(net.weights[2][:, j] @ delta[4][:, 0], rel=0.02)
        assert float(feet["slope"]) == pytest.approx(float((a[3] * (1 - a[3]))[j, 0]), rel=6e-3)
        assert float(feet["sum"]) * float(feet["slope"]) == pytest.approx(float(feet["delta"]), rel=0.02)
        assert [int(k) for k, *_ in rows(shown["terms"][j])] == list(
            np.argsort(-np.abs(net.weights[2][:, j] * delta[4][:, 0]))
        )


def test_bp4_shows_products_of_delta_and_activation():
    net, x, y = data()
    _, nabla_w = backprop(net, x, y)
    widget = BackpropStepper(backprop, net, x, y)
    found = [(e["layer"], shown) for _, step, e, shown in events(widget) if "nabla_w gets" in step["sentence"]]
    assert [layer for layer, _ in found] == [4, 3, 2]
    for l, shown in found:
        for j, packed in enumerate(shown["terms"]):
            for k, _, _, product in rows(packed):
                assert float(product) == pytest.approx(nabla_w[l - 2][j, int(k)], rel=6e-3)


def test_bars_squares_and_lines_are_the_numbers():
    net, x, y = data()
    _, a, delta = by_hand(net, x, y)
    widget = BackpropStepper(backprop, net, x, y)
    places = widget.story["layers"]
    for _, step, event, shown in events(widget):
        l = event["layer"]
        heights = [round(place[1], 1) for place in places[l - 1]["places"]]
        if "error of layer" in step["sentence"]:
            bars = {}
            for mark in shown["marks"]:
                for _, y_j, h in re.findall(r"M([\d.]+) ([\d.]+)h([-\d.]+)", mark.get("d", "")):
                    bars[float(y_j)] = float(h)
                    assert mark["class"] == ("bpteach-up" if float(h) > 0 else "bpteach-down")
            lengths = np.array([bars[height] for height in heights])
            longest = np.abs(lengths).max()
            assert lengths == pytest.approx(delta[l][:, 0] / np.abs(delta[l]).max() * longest, abs=0.11)
        if "the activation of layer" in step["sentence"] and l > 1:
            ink = {}
            for mark in shown["marks"]:
                ink |= {float(y_j): mark["opacity"] for y_j in re.findall(r"M[\d.]+ ([\d.]+)h", mark["d"])}
            assert [ink.get(height, 0) for height in heights] == pytest.approx(a[l][:, 0], abs=0.51 / LEVELS)


def test_lines_are_the_strongest_terms_by_sign_and_strength():
    picture = NetworkPicture([3, 2, 2], {q: q for q in ("z", "a", "delta", "nabla_b", "nabla_w")})
    marks = picture.lines(2, np.array([[4.0, -3.9, 0], [0.1, np.nan, -0.1]]), forward=True, to_bars=False)
    assert [(m["class"], "stroke-dasharray" in m, m["stroke-width"]) for m in marks] == [
        ("bpteach-up", False, 0.7),
        ("bpteach-up", False, 3.2),
        ("bpteach-down", True, 0.7),
        ("bpteach-down", True, 3.2),
    ]
    assert picture.lines(2, np.zeros((2, 3)), forward=True, to_bars=False) == []
    big = NetworkPicture([784, 100, 10], {q: q for q in ("z", "a", "delta", "nabla_b", "nabla_w")})
    marks = big.lines(2, np.random.default_rng(0).standard_normal((100, 784)), forward=True, to_bars=False)
    assert sum(mark["d"].count("M") for mark in marks) == MOST_LINES


@pytest.mark.parametrize(
    "sizes", [[784, 30, 10], [784, 100, 10], [784, 30, 30, 10], [9, 700, 2], [2, 1], [784, *[30] * 7, 10]]
)
def test_neurons_lie_in_the_picture_and_not_on_each_other(sizes):
    picture = NetworkPicture(sizes, {q: q for q in ("z", "a", "delta", "nabla_b", "nabla_w")})
    for layer in picture.layer_places()[1:]:
        assert len({tuple(place) for place in layer["places"]}) == len(layer["places"]) <= 400
        for x, y in layer["places"]:
            assert 0 <= x - layer["inset"] <= x + layer["side"] <= picture.width
            assert 0 <= y <= picture.height


def test_the_variables_are_those_of_the_recording():
    widget = make()
    for step, recorded in zip(widget.story["steps"], widget.recording.steps, strict=True):
        shown = {
            name: widget.story["texts"][cell]
            for name, cell in zip(widget.story["names"], step["cells"], strict=True)
            if widget.story["texts"][cell]
        }
        assert set(shown) == set(recorded.values)
        assert {widget.story["names"][i] for i in step["changed"]} == set(recorded.changed)
        for name, text in shown.items():
            value = recorded.values[name]
            if isinstance(value, np.ndarray):
                assert text == str(value.shape)
    assert "[None, (4, 5), (2, 4)]" in widget.story["texts"]


def test_the_code_is_the_source():
    widget = make()
    lines = [(number, text + comment) for number, text, comment in widget.story["code"]]
    assert lines == [tuple(line) for line in widget.recording.code]
    notes = [comment for _, _, comment in widget.story["code"] if comment]
    assert "# BP2" in notes


def test_a_hash_in_a_string_is_no_comment():
    def hashed(net, x, y):
        z = "# BP2"  # BP1
        return z

    widget = make(hashed)
    assert widget.story["code"][1][1:] == ('    z = "# BP2"  ', "# BP1")
    assert sentences(widget)[0] == "Step 1 of 2, line 2, BP1: changes no variable."


# --- questions


@pytest.mark.parametrize("sizes", SIZES)
def test_a_question_comes_before_each_delta_and_knows_its_answer(sizes):
    net, x, y = data(sizes)
    _, _, delta = by_hand(net, x, y)
    widget = BackpropStepper(backprop, net, x, y, predict=True)
    asked = {int(i): question for i, question in widget.examples["0"]["questions"].items()}
    makes = {i: event["layer"] for i, step, event, _ in events(widget) if "becomes the error" in step["sentence"]}
    assert set(asked) == set(makes)
    for count, (i, question) in enumerate(sorted(asked.items())):
        values = delta[makes[i]][:, 0]
        j = np.abs(values).argmax()
        if count % 2 == 0 and len(values) > 1:
            assert question["answer"] == j
            assert "largest" in question["text"]
        else:
            assert question["answer"] == np.sign(values[j])
            assert re.search(rf"neuron {j}\b", question["text"])
            assert [value for _, value in question["choices"]] == [1, -1]
        assert question["answer"] in [value for _, value in question["choices"]]
        assert question["right"].startswith("Right: ")
        assert question["wrong"].startswith("No: ")


def test_a_wide_layer_offers_four_neurons():
    widget = digits([784, 30, 30, 30, 10])
    questions = list(widget.examples["0"]["questions"].values())
    assert len(questions[0]["choices"]) == 10
    assert len(questions[2]["choices"]) == 4
    assert questions[2]["text"].startswith("At which of these neurons of layer 3 ")


def test_the_hint_names_the_strongest_link():
    net, x, y = data()
    _, _, delta = by_hand(net, x, y)
    widget = BackpropStepper(backprop, net, x, y)
    question = sorted(widget.examples["0"]["questions"].items(), key=lambda pair: int(pair[0]))[1][1]
    j, k = map(
        int, re.search(r"neuron (\d+) of layer 3\? Its strongest link leads to neuron (\d+)", question["text"]).groups()
    )
    assert k == np.abs(net.weights[2][:, j] * delta[4][:, 0]).argmax()
    assert question["neuron"] == [3, j]
    assert question["link"][0] == k
    w, error = re.search(r"w = (\S+) and δ⁴ = (\S+)\.$", question["text"]).groups()
    assert float(w.replace("−", "-")) == pytest.approx(net.weights[2][k, j], rel=6e-3)
    assert float(error.replace("−", "-")) == pytest.approx(delta[4][k, 0], rel=6e-3)


def test_nothing_is_asked_where_all_errors_are_zero():
    net, x, y = data()
    for b in net.biases:
        b += 1e4
    widget = BackpropStepper(backprop, net, x, y)
    assert widget.examples["0"]["questions"] == {}
    assert "NaN" not in json.dumps(widget.get_state())
    assert still(widget) is not None
    assert widget.text


# --- functions that are not ours


def no_transpose(net, x, y):
    """Forget the transpose."""
    nabla_b, nabla_w = [None] * len(net.biases), [None] * len(net.weights)
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    delta = cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
    nabla_b[-1], nabla_w[-1] = delta, delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = net.weights[-l + 1] @ delta * sigmoid_prime(zs[-l])  # BP2
    return nabla_b, nabla_w


def too_short(net, x, y):
    nabla_b, nabla_w = [None] * len(net.biases), [None] * len(net.weights)
    a, zs, activations = x, [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        z = w @ a + b
        a = sigmoid(z)
        zs.append(z)
        activations.append(a)
    delta = cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = delta @ activations[-2].T
    for l in range(2, len(net.sizes) - 1):
        delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])
        nabla_b[-l] = delta
        nabla_w[-l] = delta @ activations[-l - 1].T
    return nabla_b, nabla_w


def other_names(net, x, y):
    signal, sums = x, []
    for b, w in zip(net.biases, net.weights, strict=True):
        sums.append(w @ signal + b)
        signal = sigmoid(sums[-1])
    return signal, sums  # BP4


def returns_none(net, x, y):
    delta = x  # noqa: F841


def never_ends(net, x, y):
    delta = y
    while True:
        delta = delta * 0.99


def no_slope(net, x, y):
    nabla_b, nabla_w = [None] * len(net.biases), [None] * len(net.weights)
    a, zs, activations = x, [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        z = w @ a + b
        zs.append(z)
        a = sigmoid(z)
        activations.append(a)
    delta = cost_derivative(activations[-1], y)  # BP1, without the slope
    nabla_b[-1], nabla_w[-1] = delta, delta @ activations[-2].T
    for l in range(2, len(net.sizes)):
        delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])  # BP2
        nabla_b[-l], nabla_w[-l] = delta, delta @ activations[-l - 1].T
    return nabla_b, nabla_w


def book(net, x, y):
    """The book's code, in several lines where it can be: z and δ are made in two steps."""
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    activation = x
    activations = [x]
    zs = []
    for b, w in zip(net.biases, net.weights, strict=True):
        z = np.dot(w, activation)
        z = z + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = activations[-1] - y
    delta = delta * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for l in range(2, len(net.sizes)):
        z = zs[-l]
        sp = sigmoid_prime(z)
        delta = np.dot(net.weights[-l + 1].transpose(), delta)
        delta = delta * sp
        nabla_b[-l] = delta
        nabla_w[-l] = np.dot(delta, activations[-l - 1].transpose())
    return nabla_b, nabla_w


def lists_only(net, x, y):
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    deltas = [(activations[-1] - y) * sigmoid_prime(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[-2::-1], strict=True):
        deltas.insert(0, w.T @ deltas[0] * sigmoid_prime(z))
    nabla_w = [d @ a.T for d, a in zip(deltas, activations[:-1], strict=True)]
    return deltas, nabla_w


def flat(net, x, y):
    a = x.ravel()
    for b, w in zip(net.biases, net.weights, strict=True):
        z = w @ a + b
        a = sigmoid(z)
    return z, a


def test_a_line_that_raises_is_the_last_step_with_the_shapes_on_it():
    widget = make(no_transpose)
    assert widget.story["message"].startswith("no_transpose stopped at line 11 with ValueError: matmul")
    last = widget.story["steps"][-1]
    assert last["raised"]
    assert not any(step["raised"] for step in widget.story["steps"][:-1])
    assert sentences(widget)[-1] == (
        f"Step {len(widget.story['steps'])} of {len(widget.story['steps'])}, line 11, BP2: "
        "stops here with ValueError; on this line, zs: [(5, 1), (4, 1), (2, 1)]; delta: (2, 1); l: 2."
    )
    assert widget.story["equations"][last["equation"]]["plain"].startswith("δˡ = ")
    widget.step = len(widget.story["steps"]) - 1
    assert "✗   11         delta = net.weights[-l + 1] @ delta" in widget.text
    assert "✗" in [element.text for element in still(widget).iter("{http://www.w3.org/2000/svg}text")]
    assert "stopped at line 11" in widget._repr_mimebundle_()[0]["text/html"]
    assert [event["layer"] for _, s, event, _ in events(widget) if "becomes the error" in s["sentence"]] == [4]


def test_a_loop_one_layer_short_leaves_layer_2_without_an_error():
    widget = make(too_short)
    assert "nabla_b[0]" in widget.story["message"]
    assert [event["layer"] for _, s, event, _ in events(widget) if "becomes the error" in s["sentence"]] == [4, 3]
    assert widget.story["steps"][-1]["layers"][1][1] == -1


def test_other_names_still_step_through_the_code():
    widget = make(other_names)
    note = widget.examples["0"]["note"]
    assert note.startswith("The network shows no weighted inputs z or activations a or errors δ: this function has no ")
    assert "named z or zs, nor one named a or activation or activations, nor one named delta or error or d" in note
    assert sentences(widget)[1] == "Step 2 of 12, line 3: sets b: (5, 1); w: (5, 9)."
    assert sentences(widget)[-1] == "Step 12 of 12, line 6, BP4: the function returns."
    assert not events(widget)


def test_a_function_that_returns_nothing_says_so():
    widget = make(returns_none)
    assert widget.story["message"].startswith("returns_none returned None")
    assert sentences(widget) == ["Step 1 of 1, line 2: delta has shape (9, 1), where layer 4 needs (2, 1)."]


def test_a_loop_without_end_is_stopped_and_can_be_stepped():
    widget = make(never_ends)
    assert widget.story["message"].startswith(f"never_ends was stopped after {MOST_STEPS} lines.")
    assert len(widget.story["steps"]) == MOST_STEPS
    assert len(json.dumps(widget.get_state())) < 500_000
    widget.step = MOST_STEPS - 1
    assert f"Step {MOST_STEPS} of {MOST_STEPS}" in widget.text


def test_a_slip_in_an_equation_is_named_and_both_numbers_are_shown():
    net, x, y = data()
    _, a, delta = by_hand(net, x, y)
    widget = BackpropStepper(no_slope, net, x, y)
    assert re.fullmatch(r"Step \d+, line 9: delta is not what BP1 gives\.", widget.examples["0"]["note"])
    (shown,) = [shown for _, s, _, shown in events(widget) if "error of layer 4" in s["sentence"]]
    assert shown["tail"].endswith(". That is not what BP1 gives, at 2 of 2 neurons.")
    for j, packed in enumerate(shown["feet"]):
        feet = {row[0]: row[2] for row in rows(packed)}
        assert float(feet["delta"]) == pytest.approx(delta[4][j, 0], rel=6e-3)
        assert float(feet["found"]) == pytest.approx((a[4] - y)[j, 0], rel=6e-3)
    later = [shown for _, s, _, shown in events(widget) if "error of layer 3" in s["sentence"]]
    assert "That is not" not in later[0]["tail"]  # BP2 itself is right
    clean = make()
    assert not clean.examples["0"]["note"]
    assert not any("found" in packed for _, _, _, shown in events(clean) for packed in shown["feet"])


@pytest.mark.parametrize("function", [book, lists_only])
def test_other_ways_to_write_it_are_told_right(function):
    """z and δ made in two lines, lists without single variables, z looked up again on the way back."""
    net, x, y = data([9, 5, 5, 5, 2])
    _, _, delta = by_hand(net, x, y)
    widget = BackpropStepper(function, net, x, y)
    assert not widget.examples["0"]["note"]
    found = [(event["layer"], shown) for _, s, event, shown in events(widget) if "becomes the error" in s["sentence"]]
    assert [layer for layer, _ in found] == [5, 4, 3, 2]
    for l, shown in found:
        for j, packed in enumerate(shown["feet"]):
            assert float({row[0]: row[2] for row in rows(packed)}["delta"]) == pytest.approx(delta[l][j, 0], rel=6e-3)
    if function is book:
        assert sum("a later line completes it" in sentence for sentence in sentences(widget)) == 8
    else:
        assert any(s.endswith("BP4: nabla_w is made for layers 2 and 3 and 4 and 5.") for s in sentences(widget))


def test_shapes_that_do_not_fit_are_said():
    widget = make(flat)
    assert widget.examples["0"]["note"].endswith("Step 1, line 2: a has shape (9,), where layer 1 needs (9, 1).")
    assert "z has shape (5, 5), where layer 2 needs (5, 1)." in sentences(widget)[2]
    words = [mark.get("text") for drawing in widget.story["drawings"] for mark in drawing]
    assert "✗ z² (5, 5)" in words


def test_a_function_of_which_no_line_runs():
    def needs_more(net):
        return net

    widget = make(needs_more)
    assert widget.story["message"].startswith("needs_more cannot be called with (net, x, y).")
    assert sentences(widget) == ["No line of the function ran."]
    assert widget.text
    assert still(widget) is not None


def test_nan_is_shown_and_breaks_nothing():
    def with_nan(net, x, y):
        z = net.weights[0] @ x * np.nan
        a = z
        delta = np.full_like(y, np.inf)
        return z, a, delta

    widget = make(with_nan)
    text = json.dumps(widget.get_state())
    assert "NaN" not in text
    assert "Infinity" not in text
    for step in range(len(widget.story["steps"])):
        widget.step = step
        assert widget.text


def test_tiny_errors_keep_their_digits():
    net, x, y = data()
    net.weights[-1] *= 1e-9
    _, _, delta = by_hand(net, x, y)
    widget = BackpropStepper(backprop, net, x, y)
    (shown,) = [shown for _, s, _, shown in events(widget) if "error of layer 3" in s["sentence"]]
    for j, packed in enumerate(shown["feet"]):
        feet = {row[0]: row[2] for row in rows(packed)}
        parts = [float(row[3]) for row in rows(shown["terms"][j])]
        assert sum(parts) == pytest.approx(float(feet["sum"]), rel=1e-9)
        assert float(feet["delta"]) == pytest.approx(delta[3][j, 0], rel=6e-3)


# --- the widget


def test_the_text_is_all_that_is_displayed():
    net, x, y = data()
    widget = BackpropStepper(backprop, net, x, y, step=25)
    text = widget.text
    assert sentences(widget)[25] in text
    assert "▶   56         delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])  # BP2" in text
    assert "BP2: δ³ = ((w⁴)ᵀδ⁴) ⊙ σ′(z³)" in text
    assert "nabla_w: [None, None, (2, 4)]" in text
    _, _, delta = by_hand(net, x, y)
    assert f"Neuron {np.abs(delta[3]).argmax()} of layer 3" in text
    assert "δ³_j = (∑_k w⁴_kj δ⁴_k)σ′(z³_j)" in text
    widget.neuron = [4, 1]
    assert "Neuron 1 of layer 4\nδ⁴_j = (a⁴_j − y_j)σ′(z⁴_j)" in widget.text
    widget.step, widget.neuron = 0, [2, 3]
    assert widget.text.endswith("Neuron 3 of layer 2\nNothing is known of it yet.")
    widget.step, widget.neuron = 0, []
    assert "Neuron" not in widget.text


def test_repr_is_stable():
    assert repr(make()) == "BackpropStepper(backprop, Network([9, 5, 4, 2]), 1 example)"
    assert repr(make(backprop_matrix, count=3)) == "BackpropStepper(backprop_matrix, Network([9, 5, 4, 2]), 3 examples)"


def test_where_no_widgets_run_there_is_a_still_picture():
    widget = make()
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    alt = re.search('alt="([^"]+)"', data["text/html"])[1]
    assert alt == f"The code of backprop beside a picture of the network. {sentences(widget)[25]}"  # the first BP2
    texts = [element.text for element in still(widget).iter("{http://www.w3.org/2000/svg}text")]
    assert "BP2: δ³ = ((w⁴)ᵀδ⁴) ⊙ σ′(z³)" in texts
    assert "← backward" in texts
    assert "delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])" in texts
    assert data["text/html"] == make()._repr_mimebundle_()[0]["text/html"]
    widget.step = 7
    assert sentences(widget)[7] in widget._repr_mimebundle_()[0]["text/html"]


@pytest.mark.parametrize(
    ("sizes", "function", "count"),
    [
        ([784, 30, 10], backprop, 1),
        ([784, 30, 30, 10], backprop, 1),
        ([784, 30, 10], backprop_matrix, 10),
        ([784, 30, 30, 10], backprop_matrix, 32),
        ([784, 100, 10], backprop, 1),
        ([784, 30, 30, 30, 30, 10], backprop, 1),
        ([784, 500, 500, 10], backprop, 1),
    ],
)
def test_less_than_500_kb_are_sent(sizes, function, count):
    widget = digits(sizes, function, count)
    assert len(json.dumps(widget.get_state())) < 500_000
    assert list(widget.examples) == [str(i) for i in range(count if count < 32 else 1)]


def test_where_not_all_examples_have_room_python_can_ask_for_another():
    widget = digits([784, 30, 30, 10], backprop_matrix, 32, example=4)
    assert list(widget.examples) == ["4"]
    widget.example = 31
    assert list(widget.examples) == ["31"]
    assert widget.examples["31"] == digits([784, 30, 30, 10], backprop_matrix, 32, example=31).examples["31"]


def test_the_data_are_left_as_they_are_and_later_training_changes_nothing():
    net, x, y = data()
    before = [array.copy() for array in (x, y, *net.weights, *net.biases)]
    widget = BackpropStepper(backprop, net, x, y, step=20)
    assert all(np.array_equal(a, b) for a, b in zip(before, (x, y, *net.weights, *net.biases), strict=True))
    text = widget.text
    for array in (x, y, *net.weights, *net.biases):
        array += 1
    assert widget.text == text


def test_float32_is_welcome():
    net, x, y = data([9, 30, 30, 2], dtype=np.float32)
    widget = BackpropStepper(backprop, net, x, y)
    assert not widget.examples["0"]["note"]
    json.dumps(widget.get_state())


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        ({"example": 1}, ValueError, "example is 1: expected 0 to 0, a column of x."),
        ({"example": -1}, ValueError, "example is -1: expected 0 or more."),
        ({"example": "0"}, TypeError, "example is '0' (str): expected an integer"),
        ({"step": 34}, ValueError, "step is 34: expected 0 to 33."),
        ({"step": -1}, ValueError, "step is -1: expected 0 or more."),
        ({"step": 1.0}, TypeError, "step is 1.0 (float): expected an integer"),
        ({"predict": 1}, TypeError, "predict is 1 (int): expected True or False."),
        ({"text_size": 15}, ValueError, "text_size is 15: expected one of 12, 14"),
        ({"speed": "fast"}, TypeError, "speed"),
    ],
)
def test_a_bad_choice_is_refused(choice, error, words):
    with pytest.raises(error, match=re.escape(words)):
        make(**choice)


def test_bad_arguments_are_refused():
    net, x, y = data()
    for bad in ((3, net, x, y), (np.dot, net, x, y), ("backprop", net, x, y), (backprop, [9, 2], x, y)):
        with pytest.raises(TypeError, match="expected"):
            BackpropStepper(*bad)
    for bad in ((backprop, net, x.T, y), (backprop, net, x, y[:1]), (backprop_matrix, net, np.hstack([x, x]), y)):
        with pytest.raises(ValueError, match="expected"):
            BackpropStepper(*bad)


def test_a_later_bad_choice_is_refused_and_leaves_the_widget_as_it_was():
    widget = make(step=3)
    wrong = [("step", 34), ("step", -1), ("example", 1), ("speed", "quick"), ("text_size", 17), ("predict", 2)]
    wrong += [("neuron", value) for value in ([1, 0], [5, 0], [2, 5], [2, -1], [2], [2, 1.0], [2, True])]
    for name, value in wrong:
        before = getattr(widget, name)
        with pytest.raises(TraitError):
            setattr(widget, name, value)
        assert getattr(widget, name) == before


def test_python_can_watch_and_move_the_widget():
    widget = make(backprop_matrix, count=3)
    seen = []
    names = ["step", "example", "predict", "speed", "neuron", "text_size"]
    widget.observe(lambda change: seen.append((change.name, change.new)), names)
    widget.set_state({"step": 9, "example": 2, "predict": True, "neuron": [2, 1]})  # as the browser does
    widget.speed, widget.text_size = "fast", 28
    assert sorted(seen) == [
        ("example", 2),
        ("neuron", [2, 1]),
        ("predict", True),
        ("speed", "fast"),
        ("step", 9),
        ("text_size", 28),
    ]
