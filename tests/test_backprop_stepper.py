"""The backprop stepper without a browser: its numbers, its words, its questions, and what it refuses."""

import inspect
import json
import re

import numpy as np
import pytest
from traitlets import TraitError

from bpteach import Network, backprop, backprop_matrix, backpropagation, load_mnist
from bpteach.functions import sigmoid, sigmoid_prime  # noqa: F401 - for REGISTER
from bpteach.widgets import BackpropStepper
from bpteach.widgets.backprop_stepper import MOST_STEPS
from bpteach.widgets.stepper_network import LEVELS, MOST_LINES, NetworkPicture
from bpteach.widgets.stepper_print import sentence_of, told, unpacked
from learners import Register
from learners_backprop import BACKPROP
from pictures import still, texts_of
from strategies import by_hand, refusing, written
from test_programs import program
from test_views_of_examples import saturated, small

SIZES = [[9, 5, 4, 2], [9, 2], [2, 1], [8, 3, 1], [9, 5, 5, 5, 5, 2]]
WORDS = {"z": "becomes the weighted input", "a": "becomes the activation", "delta": "becomes the error"}
WORDS |= {"nabla_w": "nabla_w gets"}


def make(function=backprop, sizes=(9, 5, 4, 2), count=1, **choices):
    return BackpropStepper(function, *small(sizes, count), **choices)


def digits(sizes, function=backprop, count=1, **choices):
    net = Network.random(sizes, np.random.default_rng(3), scaled=True)
    return BackpropStepper(function, net, *load_mnist().training.columns(range(count)), **choices)


def checked(function=backprop, sizes=(9, 5, 4, 2), count=1, **choices):
    widget = make(function, sizes, count, **choices)
    run = widget.recording
    return widget, *by_hand(run.net, run.x, run.y)


def sentences(widget, example=0):
    return [sentence_of(step, widget.examples[str(example)]) for step in widget.story["steps"]]


def made(widget, quantity, example=0):
    """List the events of a quantity in their order: the layer, what all examples share, and what this one has."""
    own = widget.examples[str(example)]
    found = [step["event"] for step in widget.story["steps"] if WORDS[quantity] in step["sentence"]]
    common = widget.story["events"]
    terms = {k: told(widget.story, own, k, "terms") for k in found if k >= 0}
    return [(common[k]["layer"], common[k], own["events"][k] | {"terms": terms[k]}) for k in terms]


def feet(own, j):
    return {word: value for word, _, value in unpacked(own["feet"][j])}


# --- what each step shows


@pytest.mark.parametrize("sizes", SIZES)
def test_each_line_is_told_with_its_layer_and_equation(sizes):
    widget, depth = make(sizes=sizes), len(sizes)
    pattern = r"(?:, (BP\d|\(25\)))?: (\w+) (?:becomes|gets|is the input).* layer (\d)"
    told = [found.groups() for found in (re.search(pattern, said) for said in sentences(widget)) if found]
    forward, backward = [(None, "a", "1")], []
    plain = []
    for l in range(2, depth + 1):
        forward += [("(25)", name, str(l)) for name in "za"]
        plain += [f"z{l} = w{l} a{l - 1} + b{l}", f"a{l} = σ(z{l})"]
    for l in range(depth, 1, -1):
        name = "BP1" if l == depth else "BP2"
        backward += [(name, "delta", str(l)), ("BP3", "nabla_b", str(l)), ("BP4", "nabla_w", str(l))]
        carried = f"(a{l} − y)" if l == depth else f"((w{l + 1})ᵀ δ{l + 1})"
        plain += [f"δ{l} = {carried} ⊙ σ′(z{l})", f"∂C/∂b{l} = δ{l}", f"∂C/∂w{l} = δ{l} (a{l - 1})ᵀ"]
    assert told == forward + backward
    equations = [widget.story["equations"][k]["plain"] for s in widget.story["steps"] if (k := s["equation"]) >= 0]
    assert equations == [text.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) for text in plain]


def test_a_batch_is_written_in_capitals():
    widget = make(backprop_matrix, count=3)
    equations = widget.story["equations"]
    assert {"Δ³ = ((w⁴)ᵀ Δ⁴) ⊙ σ′(Z³)", "∂C/∂b³ = ∑ of the columns of Δ³"} <= {each["plain"] for each in equations}
    spoken = "the gradient of the biases of layer 3 equals the sum of the columns of delta of layer 3"
    assert spoken in [each["spoken"] for each in equations]
    assert repr(widget) == "BackpropStepper(backprop_matrix, Network([9, 5, 4, 2]), 3 examples)"
    gets = r"Step 23 of 34, line \d+, BP3: nabla_b gets the gradient of the biases of layer 4, shape \(2, 1\)\."
    assert re.search(gets, "\n".join(sentences(widget)))


@pytest.mark.parametrize(("function", "count", "example"), [(backprop, 1, 0), (backprop_matrix, 3, 2)])
@pytest.mark.parametrize("sizes", SIZES)
def test_the_numbers_are_those_computed_by_hand(function, count, example, sizes):
    widget, *numbers = checked(function, sizes, count, example=example)
    for word, values in zip(("z", "a", "delta"), numbers, strict=True):
        found = [each for each in made(widget, word, example) if each[0] > 1]
        assert len(found) == len(sizes) - 1
        for l, _, own in found:
            right = values[l][:, example]
            for j in range(len(right)):
                shown = float(feet(own, j)[word])
                assert shown == pytest.approx(right[j], rel=6e-3, abs=5.1e-3 if word == "z" else 0)
            assert own["neuron"] == np.abs(right).argmax()
            if word != "z":
                tail = re.match(r"; largest at neuron (\d+), (.\S*?)( of column 2)?\.$", own["tail"])
                assert int(tail[1]) == np.abs(right).argmax()
                assert bool(tail[3]) == (count > 1)
                assert float(tail[2].replace("−", "-")) == pytest.approx(right[int(tail[1])], rel=0.06)


@pytest.mark.parametrize("sizes", [*SIZES, [784, 30, 10], [784, 100, 10]])
def test_sums_add_up_to_the_last_digit(sizes):
    widget = digits(sizes) if sizes[0] == 784 else make(sizes=sizes)
    net = widget.recording.net
    found = [each for quantity in ("z", "a", "delta") for each in made(widget, quantity)]
    found = [(l, event, own) for l, event, own in found if own["terms"] and own["terms"][0]]
    assert sum(len(own["feet"]) for _, _, own in found) >= sum(sizes[1:])
    for l, event, own in found:
        for j, packed in enumerate(own["terms"]):
            below, shown = feet(own, j), unpacked(packed)
            parts = [row[3] for row in shown] + [below[word] for word in ("rest", "b") if word in below]
            total = below["sum" if "sum" in below else "z"]
            places = max(len(part.partition(".")[2]) for part in parts)
            assert f"{sum(map(float, parts)):.{places}f}" == f"{float(total):.{places}f}"
            lengths = [abs(float(row[3])) for row in shown]
            assert lengths == sorted(lengths, reverse=True)
            w = net.weights[l - 1][:, j] if event["side"] > 0 else net.weights[l - 2][j]
            for k, factor, other, product in shown:
                assert float(factor) == pytest.approx(w[int(k)], rel=6e-3)
                ulp = 1.01 * 10.0**-places
                assert float(factor) * float(other) == pytest.approx(float(product), rel=0.02, abs=ulp)
            left_out = len(w) - len(shown)
            words = widget.examples["0"]["labels"]
            labels = [words[f"rest {n}"] for word, n, _ in unpacked(own["feet"][j]) if word == "rest"]
            terms_ = "term" if left_out == 1 else "terms"
            assert labels == ([f"and {left_out} smaller {terms_}"] if left_out else [])


@pytest.mark.parametrize("shrunk", [1, 1e-9], ids=["usual", "tiny"])
def test_the_sum_of_bp2_is_the_product_written_out(shrunk):
    net, x, y = small(count=1)
    net.weights[-1] *= shrunk
    _, a, delta = by_hand(net, x, y)
    (own,) = [own for l, _, own in made(BackpropStepper(backprop, net, x, y), "delta") if l == 3]
    for j, packed in enumerate(own["terms"]):
        products = net.weights[2][:, j] * delta[4][:, 0]
        below = {word: float(value) for word, value in feet(own, j).items()}
        assert sum(float(row[3]) for row in unpacked(packed)) == pytest.approx(below["sum"], rel=1e-9)
        assert below["sum"] == pytest.approx(products.sum(), rel=0.02)
        assert below["slope"] == pytest.approx(float((a[3] * (1 - a[3]))[j, 0]), rel=6e-3)
        assert below["delta"] == pytest.approx(delta[3][j, 0], rel=6e-3)
        assert [int(k) for k, *_ in unpacked(packed)] == list(np.argsort(-np.abs(products)))


def test_bp4_shows_products_of_delta_and_activation():
    net, x, y = small(count=1)
    _, nabla_w = backprop(net, x, y)
    found = made(BackpropStepper(backprop, net, x, y), "nabla_w")
    assert [layer for layer, _, _ in found] == [4, 3, 2]
    for l, _, own in found:
        for j, packed in enumerate(own["terms"]):
            for k, _, _, product in unpacked(packed):
                assert float(product) == pytest.approx(nabla_w[l - 2][j, int(k)], rel=6e-3)


# --- the picture


def test_bars_and_squares_are_the_numbers():
    widget, _, a, delta = checked()
    heights = {l: [round(y, 1) for _, y in each["places"]] for l, each in enumerate(widget.story["layers"], start=1)}
    for l, _, own in made(widget, "delta"):
        bars = {}
        for mark in own["marks"]:
            for _, y_j, h in re.findall(r"M([\d.]+) ([\d.]+)h([-\d.]+)", mark.get("d", "")):
                bars[float(y_j)] = float(h)
                assert mark["class"] == ("bpteach-up" if float(h) > 0 else "bpteach-down")
        lengths = np.array([bars[height] for height in heights[l]])
        assert lengths / np.abs(lengths).max() == pytest.approx(delta[l][:, 0] / np.abs(delta[l]).max(), abs=0.01)
    for l, _, own in made(widget, "a"):
        ink = {float(y_j): m["opacity"] for m in own["marks"] for y_j in re.findall(r"M[\d.]+ ([\d.]+)h", m["d"])}
        if l > 1:
            assert [ink.get(height, 0) for height in heights[l]] == pytest.approx(a[l][:, 0], abs=0.51 / LEVELS)


def test_lines_are_the_strongest_terms_by_sign_and_strength():
    picture = NetworkPicture([3, 2, 2], is_batch=False)
    marks = picture.lines(2, np.array([[4.0, -3.9, 0], [0.1, np.nan, -0.1]]), side=-1, to_bars=False)
    assert [(m["class"], "stroke-dasharray" in m, m["stroke-width"]) for m in marks] == [
        ("bpteach-up", False, 0.7),
        ("bpteach-up", False, 3.2),
        ("bpteach-down", True, 0.7),
        ("bpteach-down", True, 3.2),
    ]
    assert picture.lines(2, np.zeros((2, 3)), side=-1, to_bars=False) == []
    strengths = np.random.default_rng(0).standard_normal((100, 784))
    marks = NetworkPicture([784, 100, 10], is_batch=False).lines(2, strengths, side=-1, to_bars=False)
    assert sum(mark["d"].count("M") for mark in marks) == MOST_LINES


@pytest.mark.parametrize(
    "sizes", [[784, 30, 10], [784, 100, 10], [784, 30, 30, 10], [9, 700, 2], [2, 1], [784, *[30] * 7, 10]]
)
def test_neurons_lie_in_the_picture_and_not_on_each_other(sizes):
    picture = NetworkPicture(sizes, is_batch=False)
    for layer in picture.layers[1:]:
        assert len({tuple(place) for place in layer["places"]}) == len(layer["places"]) <= 400
        for x, y in layer["places"]:
            assert 0 <= x - layer["inset"] <= x + layer["side"] <= picture.width
            assert 0 <= y <= picture.height


def test_the_still_picture_shows_the_step_and_at_first_the_first_error_that_was_sent_back():
    widget = make()
    assert still(widget)[1] == f"The code of backprop beside a picture of the network. {sentences(widget)[25]}"
    lines = ["BP2: δ³ = ((w⁴)ᵀ δ⁴) ⊙ σ′(z³)", "← backward", "▶"]
    lines.append("delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])")
    assert set(lines) <= set(texts_of(widget))
    widget.step = 8
    assert sentences(widget)[7] in still(widget)[1]


# --- the code and its variables


def test_the_variables_are_those_of_the_recording():
    widget = make()
    names = widget.story["names"]
    for step, recorded in zip(widget.story["steps"], widget.recording.steps, strict=True):
        shown = {name: cell for name, cell in zip(names, step["cells"], strict=True) if cell}
        assert set(shown) == set(recorded.values)
        assert {names[i] for i in step["changed"]} == set(recorded.changed)
        arrays = {name: value for name, value in recorded.values.items() if isinstance(value, np.ndarray)}
        assert all(shown[name] == str(value.shape) for name, value in arrays.items())
    assert "[None, (4, 5), (2, 4)]" in widget.story["steps"][-2]["cells"] + widget.story["steps"][-4]["cells"]


def test_the_code_is_the_source_and_a_hash_in_a_string_is_no_comment():
    def hashed(net, x, y):
        z = "# BP2"  # BP1
        return z

    widget = make()
    code = [(number, text + comment) for number, text, comment in widget.story["code"]]
    assert code == [tuple(line) for line in widget.recording.code]
    assert "# BP2" in [comment for _, _, comment in widget.story["code"]]
    widget = make(hashed)
    assert widget.story["code"][1][1:] == ('    z = "# BP2"  ', "# BP1")
    assert sentences(widget)[0] == "Step 1 of 2, line 2, BP1: changes no variable."


def test_the_text_is_all_that_is_displayed():
    widget, _, _, delta = checked(step=26)
    assert widget.story["steps"][25]["position"] == "Step 26 of 34"
    for line in (
        sentences(widget)[25],
        "         delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])  # BP2",
        "BP2: δ³ = ((w⁴)ᵀ δ⁴) ⊙ σ′(z³)",
        "nabla_w: [None, None, (2, 4)]",
        f"Neuron {np.abs(delta[3]).argmax()} of layer 3",
        "δ³ₖ = (∑ⱼ w⁴ⱼₖ δ⁴ⱼ) σ′(z³ₖ)",
    ):
        assert line in widget.text
    widget.neuron = [4, 1]
    assert "Neuron 1 of layer 4\nδ⁴ⱼ = (a⁴ⱼ − yⱼ) σ′(z⁴ⱼ)" in widget.text
    widget.step, widget.neuron = 1, [2, 3]
    assert widget.text.endswith("Neuron 3 of layer 2\nNothing is known of it yet.")
    widget.neuron = []
    assert "Neuron" not in widget.text


# --- questions


@pytest.mark.parametrize("sizes", SIZES)
def test_a_question_comes_before_each_delta_and_knows_its_answer(sizes):
    widget, _, _, delta = checked(sizes=sizes, predict=True)
    asked = sorted((int(i), question) for i, question in widget.examples["0"]["questions"].items())
    at = [i for i, step in enumerate(widget.story["steps"], start=1) if WORDS["delta"] in step["sentence"]]
    assert [i for i, _ in asked] == at
    for (l, _, _), (_, question) in zip(made(widget, "delta"), asked, strict=True):
        values = delta[l][:, 0]
        j = np.abs(values).argmax()
        if l == len(sizes) and len(values) > 1:
            assert question["answer"] == j
            assert "largest" in question["text"]
        else:
            assert question["answer"] == np.sign(values[j])
            assert re.search(rf"neuron {j}\b", question["text"])
            assert [value for _, value in question["choices"]] == [1, -1]
        assert question["answer"] in [value for _, value in question["choices"]]
        assert question["right"].startswith("Right: ")
        assert set(question["wrong"]) == {value for _, value in question["choices"]} - {question["answer"]}
        assert all(said.startswith("No: ") for said in question["wrong"].values())


def test_of_many_outputs_four_are_offered():
    widget = make(sizes=(4, 5, 30))
    question = min(widget.examples["0"]["questions"].items(), key=lambda item: int(item[0]))[1]
    assert len(question["choices"]) == 4
    assert question["text"].startswith("At which of these neurons of layer 3 ")


def test_where_two_outputs_share_the_largest_error_a_sign_is_asked():
    net, x, _ = small((3, 2), 1)
    net.weights[0][:], net.biases[0][:] = 0, 0
    (question,) = BackpropStepper(backprop, net, x, np.array([[0.0], [1.0]])).examples["0"]["questions"].values()
    assert question["text"].startswith("Which sign ")


def test_the_difference_from_what_is_wanted_is_never_rounded_away():
    net, x, _ = small((3, 1), 1)
    net.weights[0][:], net.biases[0][:] = 0, 6
    (question,) = BackpropStepper(backprop, net, x, np.ones((1, 1))).examples["0"]["questions"].values()
    assert "It says 0.99753, and 1 is wanted." in question["text"]


def test_the_hint_at_the_output_has_both_factors():
    hint = "It is what a neuron says minus what is wanted, times the slope σ′(z), which is small"
    for function, is_told in ((backprop, True), (no_slope, False)):
        questions = make(function).examples["0"]["questions"]
        assert (hint in questions[min(questions, key=int)]["text"]) == is_told


def test_the_hint_names_the_strongest_link():
    widget, _, _, delta = checked()
    asked, weights = widget.examples["0"]["questions"], widget.recording.net.weights
    question = asked[sorted(asked, key=int)[1]]
    hint = r"neuron (\d+) of layer 3\? Its strongest link leads to neuron (\d+), with w = (\S+) and δ⁴ = (\S+)\.$"
    j, k, w, error = re.search(hint, question["text"].replace("−", "-")).groups()
    assert int(k) == np.abs(weights[2][:, int(j)] * delta[4][:, 0]).argmax()
    assert (question["neuron"], question["link"]) == ([3, int(j)], [int(k)])
    assert float(w) == pytest.approx(weights[2][int(k), int(j)], rel=6e-3)
    assert float(error) == pytest.approx(delta[4][int(k), 0], rel=6e-3)


def test_a_wrong_guess_is_explained_by_the_two_factors_of_delta():
    widget, _, a, delta = checked()
    largest, sign = (widget.examples["0"]["questions"][str(at)] for at in (22, 26))
    slope = {l: a[l] * (1 - a[l]) for l in a}
    difference, j, chosen = a[4] - widget.recording.y, largest["answer"], 1 - largest["answer"]
    numbers = re.findall(r"[−+]?\d\.\d+", largest["wrong"][chosen])[1:]
    assert f"at neuron {chosen}." in largest["wrong"][chosen]
    assert "difference a − y times the slope" in largest["wrong"][chosen]
    found = [float(number.replace("−", "-")) for number in numbers]
    assert found == pytest.approx([v[k, 0] for k in (j, chosen) for v in (difference, slope[4])], rel=0.02)
    said, terms = sign["wrong"][-sign["answer"]], widget.recording.net.weights[2][:, sign["neuron"][1]] * delta[4][:, 0]
    assert "is never negative, so δ has the sign of the sum" in said
    found = [float(number.replace("−", "-")) for number in re.findall(r"[−+]\d\.\d+", said)[1:]]
    strongest = terms[np.abs(terms).argmax()]
    assert found == pytest.approx([terms.sum(), strongest, terms.sum() - strongest], rel=0.06)
    unexplained = make(no_slope).examples["0"]["questions"]["22"]["wrong"]
    assert not [words for words in unexplained.values() if "slope" in words], "where the function differs from BP1"


def test_nothing_is_asked_where_all_errors_are_zero():
    widget = BackpropStepper(backprop, *saturated(count=1))
    assert widget.examples["0"]["questions"] == {}
    assert "NaN" not in json.dumps(widget.get_state())
    assert still(widget)
    assert widget.text


# --- other ways to write it


REGISTER = Register("stepper", "net, x, y", like=BACKPROP)
REGISTER.read(
    """
== right ==
parts | z and δ are made in two lines each, and z is looked up again on the way back
    book: z = np.dot(w, activation) + b → z = np.dot(w, activation) ¶ z = z + b
    (activations[-1] - y) * sigmoid_prime(zs[-1]) → activations[-1] - y ¶ delta = delta * sigmoid_prime(zs[-1])
    sp = sigmoid_prime(zs[-l]) → z = zs[-l] ¶ sp = sigmoid_prime(z)
    .transpose(), delta) * sp → .transpose(), delta) ¶ delta = delta * sp
lists | no variable holds a single layer
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    deltas = [(activations[-1] - y) * sigmoid_prime(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[-2::-1]):
        deltas.insert(0, w.T @ deltas[0] * sigmoid_prime(z))
    nabla_w = [d @ a.T for d, a in zip(deltas, activations[:-1])]
    return deltas, nabla_w
comprehensions | every list that can be one is a comprehension, with the names that the stepper looks for
    nabla_b = [np.zeros_like(b) for b in net.biases]
    nabla_w = [np.zeros_like(w) for w in net.weights]
    a, zs, activations = x, [], [x]
    for b, w in zip(net.biases, net.weights):
        z = w @ a + b
        zs.append(z)
        a = sigmoid(z)
        activations.append(a)
    slopes = [sigmoid_prime(z) for z in zs]
    d = (a - y) * slopes[-1]
    deltas = [d]
    for w, slope in zip(net.weights[:0:-1], slopes[-2::-1]):
        d = (w.T @ d) * slope
        deltas.insert(0, d)
    nabla_b = [d.sum(axis=1, keepdims=True) for d in deltas]
    nabla_w = [d @ a.T for d, a in zip(deltas, [a for a in activations][:-1])]
    return nabla_b, nabla_w
== other ==
other_names | -
    signal, sums = x, []
    for b, w in zip(net.biases, net.weights):
        sums.append(w @ signal + b)
        signal = sigmoid(sums[-1])
    return signal, sums  # BP4
returns_none | - | delta = x
never_ends | - | delta = y
    while True:
        delta = delta * 0.99
flat | - | a = x.ravel()
    for b, w in zip(net.biases, net.weights):
        z = w @ a + b
        a = sigmoid(z)
    return z, a
too_many | - | delta = x[:2]
    delta = net.weights[-1].T @ delta
    delta = net.weights[-2].T @ delta
    delta = delta[:1] + 0
    return delta
needs_more | - | def needs_more(net): return net
with_nan | - | z = net.weights[0] @ x * np.nan
    a = z
    delta = np.full_like(y, np.inf)
    return z, a, delta
""",
    globals(),
)
STEPPED = {each.function.__name__: each.function for each in REGISTER.learners}


@pytest.mark.parametrize(("name", "parts"), [("parts", 8), ("lists", 0), ("comprehensions", 0)])
def test_other_ways_to_write_it_are_told_right(name, parts):
    widget, _, _, delta = checked(STEPPED[name], [9, 5, 5, 5, 2])
    assert not widget.examples["0"]["note"]
    assert not [said for said in sentences(widget) if "no layer left" in said]
    assert sum("a later line completes it" in said for said in sentences(widget)) == parts
    found = made(widget, "delta")
    assert [layer for layer, _, _ in found] == [5, 4, 3, 2]
    for l, _, own in found:
        assert [float(feet(own, j)["delta"]) for j in range(len(delta[l]))] == pytest.approx(delta[l][:, 0], rel=6e-3)
    if not parts:
        last = [said for said in sentences(widget) if "BP4" in said]
        assert last[-1].endswith("BP4: nabla_w is made for layers 2 and 3 and 4 and 5.")


#: A class of the reader's own: what is a function of the package is a method here.
Own = program()


def own_network(net):
    own = Own(net.sizes)
    own.weights, own.biases = net.weights, net.biases
    return own


@pytest.mark.parametrize(
    ("function_of", "net_of"),
    [
        (lambda own: Own.backprop, lambda net: net),
        (lambda own: own.backprop, lambda net: net),
        (lambda own: own.backprop, own_network),
    ],
    ids=["the class's", "an object's", "with the object as the network"],
)
def test_a_method_of_the_readers_class_is_stepped_like_a_function(function_of, net_of):
    net, x, y = small(count=1)
    widget = BackpropStepper(function_of(own_network(net)), net_of(net), x, y, step=10)
    assert repr(widget) == "BackpropStepper(backprop, Network([9, 5, 4, 2]), 1 example)"
    assert not widget.story["message"]
    assert not widget.examples["0"]["note"]
    _z, _a, delta = by_hand(net, x, y)
    for l, _, own in made(widget, "delta"):
        assert [float(feet(own, j)["delta"]) for j in range(len(delta[l]))] == pytest.approx(delta[l][:, 0], rel=6e-3)


# --- what is not right


def changed(name, old, new):
    source = re.sub(r'    """.*?"""\n', "", inspect.getsource(backprop), flags=re.DOTALL)
    assert source.count(old) == 1
    source = source.replace(old, new).replace("def backprop(", f"def {name}(")
    return written(source, name, dict(vars(backpropagation)))


no_transpose = changed("no_transpose", "(net.weights[-l + 1].T @ delta)", "net.weights[-l + 1] @ delta")
too_short = changed("too_short", "range(2, len(net.sizes))", "range(2, len(net.sizes) - 1)")
no_slope = changed("no_slope", "y) * sigmoid_prime(zs[-1])", "y)")
STEPPED |= {"no_transpose": no_transpose, "too_short": too_short, "no_slope": no_slope}


@pytest.mark.parametrize(
    ("name", "message", "note", "said"),
    [
        ("no_transpose", "no_transpose stopped at line 18 with ValueError: matmul", "", None),
        ("too_short", "nabla_b, returned by too_short, is 3 arrays None, ", "", "the function returns."),
        ("returns_none", "returns_none returned None", "", "delta has shape (9, 1), where layer 4 needs (2, 1)."),
        ("never_ends", f"never_ends was stopped after {MOST_STEPS} lines.", "", None),
        ("needs_more", "needs_more cannot be called with (net, x, y).", "", "No line of the function ran."),
        ("flat", "", "Step 1, line 2: a has shape (9,), where layer 1 needs (9, 1).", None),
        ("flat", "", "", "z has shape (5, 5), where layer 2 needs (5, 1)."),
        ("no_slope", "", "line 14: delta is not what BP1 gives.", ". That is not what BP1 gives, at 2 of 2 neurons."),
        ("too_many", "", "", "delta changes again, shape (1, 1), but there is no layer left that it could belong to."),
        ("other_names", "", "The network shows no weighted inputs z or activations a or errors δ:", None),
        ("other_names", "", "", "sets b: (5, 1); w: "),
        ("other_names", "", "named z or zs or a or activation or activations or delta or ", None),
        ("other_names", "", "", "Step 12 of 12, line 6, BP4: the function returns."),
        ("with_nan", "with_nan returned", "", None),
    ],
)
def test_what_a_function_that_is_not_ours_does_is_told_and_can_be_stepped(name, message, note, said):
    widget = make(STEPPED[name])
    assert message in widget.story["message"]
    assert note in widget.examples["0"]["note"]
    assert said is None or said in "\n".join(sentences(widget))
    sent = json.dumps(widget.get_state())
    assert len(sent) < 500_000
    assert not re.search("NaN|Infinity", sent)
    for step in {1, (len(widget.story["steps"]) + 1) // 2, len(widget.story["steps"])}:
        widget.step = step
        assert sentences(widget)[step - 1] in widget.text
        assert still(widget)


def test_a_line_that_raises_is_the_last_step_with_the_shapes_on_it():
    widget = make(no_transpose)
    *before, last = widget.story["steps"]
    assert last["raised"]
    assert not any(step["raised"] for step in before)
    assert sentences(widget)[-1] == (
        f"Step {len(before) + 1} of {len(before) + 1}, line 18, BP2: "
        "stops here with ValueError; on this line, zs: [(5, 1), (4, 1), (2, 1)]; delta: (2, 1); l: 2."
    )
    assert widget.story["equations"][last["equation"]]["plain"].startswith("δˡ = ")
    assert [layer for layer, _, _ in made(widget, "delta")] == [4]
    widget.step = len(before) + 1
    assert "✗   18         delta = net.weights[-l + 1] @ delta" in widget.text
    assert "✗" in texts_of(widget)
    assert "stopped at line 18" in still(widget)[1]


def test_a_loop_one_layer_short_leaves_layer_2_without_an_error():
    widget = make(too_short)
    assert [layer for layer, _, _ in made(widget, "delta")] == [4, 3]
    assert widget.story["steps"][-1]["layers"][1][1] == -1


def test_where_a_slip_is_named_both_numbers_are_shown():
    widget, _, a, delta = checked(no_slope)
    own = {l: own for l, _, own in made(widget, "delta")}
    for j in range(2):
        assert float(feet(own[4], j)["delta"]) == pytest.approx(delta[4][j, 0], rel=6e-3)
        assert float(feet(own[4], j)["found"]) == pytest.approx((a[4] - widget.recording.y)[j, 0], rel=6e-3)
    assert "That is not" not in own[3]["tail"]  # BP2 itself is right
    clean = make()
    assert not clean.examples["0"]["note"]
    assert "found" not in json.dumps(clean.examples)


def test_a_shape_that_does_not_fit_is_written_below_its_layer():
    words = [mark.get("text") for drawing in make(STEPPED["flat"]).story["drawings"] for mark in drawing]
    assert "✗ z² (5, 5)" in words


# --- the widget


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([784, 30, 10], 1),
        ([784, 30, 30, 10], 1),
        ([784, 30, 10], 10),
        ([784, 30, 30, 10], 32),
        ([784, 100, 10], 1),
        ([784, 30, 30, 30, 30, 10], 1),
        ([784, 500, 500, 10], 1),
    ],
)
def test_less_than_500_kb_are_sent(sizes, count):
    widget = digits(sizes, backprop if count == 1 else backprop_matrix, count)
    assert len(json.dumps(widget.get_state())) < 500_000
    assert list(widget.examples) == [str(i) for i in range(count if count < 32 else 1)]


def test_where_not_all_examples_have_room_python_can_ask_for_another():
    widget, another = (digits([784, 30, 30, 10], backprop_matrix, 32, example=i) for i in (4, 31))
    assert list(widget.examples) == ["4"]
    widget.example = 31
    assert widget.examples == another.examples


def test_float32_is_welcome():
    assert not BackpropStepper(backprop, *small([9, 30, 30, 2], 1, np.float32)).examples["0"]["note"]


ASKED = dict(zip(("function", "net", "x", "y"), (backprop, *small(count=1)), strict=True))
test_bad_arguments_are_refused = refusing(
    lambda bad: BackpropStepper(**(ASKED | bad)),
    [
        ({"example": 1}, ValueError, "example is 1: expected 0 to 0, a column of x."),
        ({"step": 35}, ValueError, "step is 35: expected 1 to 34."),
        ({"step": 0}, ValueError, "step is 0: expected 1 to 34."),
        ({"function": np.dot}, TypeError, "expected"),
        ({"net": [9, 2]}, TypeError, "expected"),
        ({"x": np.ones((9, 2))}, ValueError, "expected"),
    ],
)


@pytest.mark.parametrize("neuron", [[1, 0], [5, 0], [2, 5], [2, -1], [2], [2, 1.0], [2, True], 3, "22", {}])
def test_a_neuron_that_is_not_there_is_refused(neuron):
    widget = make()
    with pytest.raises(TraitError, match=r"^neuron is .*: expected \(\), or a layer from 2 to 4 and a neuron of it"):
        widget.neuron = neuron
    assert widget.neuron == []
    widget.neuron = (2, 4)
    assert widget.neuron == [2, 4]
