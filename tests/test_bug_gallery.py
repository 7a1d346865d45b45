"""The bug gallery: each mistake's gradient, what the checks say, the trainings, and the widget that shows them."""

import inspect
import json
import math
import re

import numpy as np
import pytest

from bpteach import Examples, Network, backprop_matrix, load_mnist, sgd, update_mini_batch_matrix
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import (
    CHECKS,
    IN_THE_STEP,
    PROBES,
    Curve,
    accepts,
    accuracy_curves,
    attempt,
    compare,
    look,
    wrong_gradients,
)

# What the catalogue says of each mistake, on three layers of weights and four examples: a word for each layer from the
# output back, of the biases and of the weights. "=" exact, "≠" wrong, "0" zero, "s" wrong shape, or the factor.
SIGNS = {
    "missing-output-sigmoid-prime": ("≠≠≠", "≠≠≠"),
    "missing-hidden-sigmoid-prime": ("=≠≠", "=≠≠"),
    "sigmoid-prime-of-activation": ("≠≠≠", "≠≠≠"),
    "activation-formula-on-z": ("≠≠≠", "≠≠≠"),
    "activation-index-late": ("===", "≠≠≠"),
    "outer-product-transposed": ("===", "≠≠≠"),
    "missing-transpose": ("=≠≠", "=≠≠"),
    "weight-index-off-by-one": ("=≠≠", "=≠≠"),
    "weight-index-hard-coded": ("==≠", "==≠"),
    "z-index-off-by-one": ("=≠≠", "=≠≠"),
    "loop-one-layer-short": ("==0", "==0"),
    "wrong-sign": ("× −1", "× −1"),
    "factor-two": ("× 2", "× 2"),
    "mean-for-sum": ("× 0.25", "× 0.25"),
    "bias-mean-weight-sum": ("× 0.25", "==="),
    "bias-not-summed": ("sss", "==="),
    "bias-wrong-axis": ("sss", "==="),
    "bias-lost-dimension": ("sss", "==="),
    "bias-from-weights": ("≠≠≠", "==="),
    "bias-one-dimensional": ("≠≠≠", "≠≠≠"),
    "last-example-only": ("≠≠≠", "≠≠≠"),
    "average-then-multiply": ("===", "≠≠≠"),
    "updated-too-early": ("=≠≠", "=≠≠"),
    "elementwise-for-matrix-product": ("=≠≠", "=≠≠"),
    "activations-share-a-buffer": ("===", "≠≠="),
    "update-inside-sample-loop": ("≠≠≠", "≠≠≠"),
    "accumulator-not-reset": ("≠≠≠", "≠≠≠"),
    "biases-never-updated": ("000", "==="),
    "arguments-changed": ("===", "==="),
    "outputs-share-memory": ("===", "==="),
}
LETTERS = {"exact": "=", "wrong": "≠", "zero": "0", "shape": "s"}


def signs(looks):
    """Sum up what the arrays of the layers look like, the output first."""
    if all(seen.kind == "factor" for seen in looks):
        (words,) = {seen.words for seen in looks}
        return words
    return "".join(LETTERS.get(seen.kind, "×") for seen in reversed(looks))


def central_differences(net, X, Y, h=1e-5):
    """Differentiate ½‖a − y‖² by hand, without the package's functions."""

    def cost_of(weights, biases):
        a = X
        for w, b in zip(weights, biases, strict=True):
            a = 1 / (1 + np.exp(-(w @ a + b)))
        return 0.5 * ((a - Y) ** 2).sum()

    gradient = []
    for arrays in (net.biases, net.weights):
        part = [np.zeros_like(array) for array in arrays]
        for array, slopes in zip(arrays, part, strict=True):
            for index in np.ndindex(array.shape):
                kept = array[index]
                array[index] = kept + h
                above = cost_of(net.weights, net.biases)
                array[index] = kept - h
                slopes[index] = (above - cost_of(net.weights, net.biases)) / (2 * h)
                array[index] = kept
        gradient.append(part)
    return gradient


# --- gradients -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", PROBES)
def test_right_gradient_is_that_of_central_differences(probe):
    """What the mistakes are compared with shares no code with backpropagation, nor with the catalogue."""
    expected = attempt("factor-two", probe).expected
    by_hand = central_differences(*PROBES[probe].make())
    for ours, theirs in zip(expected[0] + expected[1], by_hand[0] + by_hand[1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-9)


def test_right_code_is_exact_on_every_probe():
    """The right function is accepted by every check, everywhere."""
    for probe in PROBES:
        right = compare(backprop_matrix, probe)
        assert {look(*pair).kind for layer in right.pairs for pair in layer} == {"exact"}
        assert all(accepts(right.found, right.expected, *check) for check in CHECKS)
        assert not right.changed
        assert not right.shares


def test_every_mistake_is_expected_here():
    """The table of this test names the catalogue's mistakes, and the gallery all that are in the step."""
    assert list(SIGNS) == list(CATALOGUE)
    assert set(IN_THE_STEP) < set(CATALOGUE)


@pytest.mark.parametrize("name", SIGNS)
def test_gradient_goes_wrong_where_the_catalogue_says(name):
    """On the first probe every mistake runs and shows in the layers that it is known for."""
    each = attempt(name, "fresh")
    assert not each.raised
    looks = [[look(*pair) for pair in layer] for layer in each.pairs]
    assert (signs([b for b, _ in looks]), signs([w for _, w in looks])) == SIGNS[name]


def test_what_does_not_show_in_numbers_is_told():
    """Changed arguments and shared memory are found by looking."""
    assert attempt("arguments-changed", "fresh").changed
    assert attempt("outputs-share-memory", "fresh").shares
    assert not any(attempt(name, "fresh").changed for name in CATALOGUE if name != "arguments-changed")


@pytest.mark.parametrize(
    ("name", "probe"),
    [
        ("weight-index-hard-coded", "one hidden layer"),
        ("mean-for-sum", "one example"),
        ("bias-mean-weight-sum", "one example"),
        ("bias-not-summed", "one example"),
        ("last-example-only", "one example"),
        ("average-then-multiply", "one example"),
        ("update-inside-sample-loop", "one example"),
    ],
)
def test_small_probes_hide_mistakes(name, probe):
    """What the lesson says of one hidden layer and of one example."""
    hidden, seen = attempt(name, probe), attempt(name, "fresh")
    assert accepts(hidden.found, hidden.expected, "relative", 1e-9)
    assert not accepts(seen.found, seen.expected, "relative", 1e-7)


def test_probes_are_never_used_up():
    """A mistake that changes its arguments does not change the next one's."""
    before = attempt("wrong-sign", "fresh").found
    attempt("arguments-changed", "fresh")
    attempt("biases-never-updated", "fresh")
    after = attempt("wrong-sign", "fresh").found
    assert all(np.array_equal(a, b) for a, b in zip(before[1], after[1], strict=True))
    wrong, expected = wrong_gradients("fresh")
    expected[0][0][:] = 0
    assert wrong_gradients("fresh")[1][0][0].any()
    assert not set(wrong) & {*IN_THE_STEP, "arguments-changed", "outputs-share-memory"}
    assert len(wrong) == 24


def test_function_that_raises_is_told():
    """The exception's words are kept; a product that does not fit is told in sizes."""

    def product(net, X, Y):
        return net.weights[0] @ np.ones((7, 1))

    def other(net, X, Y):
        raise KeyError("x")

    told = compare(product, "fresh")
    assert told.found is None
    assert told.raised == "ValueError: a matrix product does not fit, 7 numbers meet 4"
    assert str(told) == told.raised
    assert told.pairs[0][0][0] is None
    assert compare(other, "fresh").raised == "KeyError: 'x'"


def test_looks():
    """Each kind of array is told, by the numbers."""
    column = np.array([[1.0], [2.0]])
    assert look(column, column).words == "exact"
    assert look(column * (1 + 1e-12), column).kind == "exact"
    assert look(0 * column, column).words == "zero"
    assert look(-column, column).words == "× −1"
    assert look(column / 4, column).words == "× 0.25"
    assert look(column[:, 0], column).words == "shape (2,), expected (2, 1)"
    assert look(np.array([[1.0], [3.0]]), column).words == f"wrong ({1 / math.sqrt(5):.2g})"
    assert look(np.array([[1.0], [np.nan]]), column).words == "not finite"
    assert look(None, column).kind == "none"


def test_accepts():
    """A relative tolerance measures by the array's length, an absolute one by nothing; shapes must fit."""
    right = [np.array([[3.0], [4.0]])], [np.array([[300.0, 400.0]])]
    off = [np.array([[3.0], [4.05]])], [np.array([[300.0, 400.0]])]
    assert accepts(off, right, "relative", 0.0101)
    assert not accepts(off, right, "relative", 0.0099)
    assert accepts(off, right, "absolute", 0.051)
    assert not accepts(off, right, "absolute", 0.049)
    assert not accepts(([right[0][0].ravel()], right[1]), right, "absolute", 1e9)
    assert not accepts(None, right, "relative", 1e9)
    with pytest.raises(ValueError, match="'relative' or 'absolute'"):
        accepts(right, right, "cosine", 1)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: attempt("typo", "fresh"), "is no mistake of the catalogue"),
        (lambda: attempt("wrong-sign", "fresch"), "expected one of 'fresh', 'one hidden layer'"),
        (lambda: wrong_gradients(0), "expected one of 'fresh'"),
        (lambda: compare(backprop_matrix, ["fresh"]), "expected one of 'fresh'"),
    ],
)
def test_refusals(call, sentence):
    """A wrong name is refused in a sentence."""
    with pytest.raises(ValueError, match=sentence):
        call()


# --- trainings -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few():
    """A few digits, a few to test with, and a network."""
    digits = load_mnist()
    net = Network.random([784, 12, 10], np.random.default_rng(3), scaled=True)
    return net, digits.training[:200], digits.test[:100]


@pytest.fixture(scope="module")
def curves(few):
    """The trainings of all mistakes, short ones."""
    return accuracy_curves(*few, epochs=2, progress=False)


def test_right_curve_is_that_of_sgd(few, curves):
    """The right training is sgd's, and the network given is left as it was."""
    net, data, test_data = few
    before = net.copy()
    learner = net.copy()
    history = sgd(learner, data, 2, 10, 3.0, np.random.default_rng(0), test_data=test_data, progress=False)
    assert curves["right"] == Curve(tuple(history.accuracy))
    assert all(np.array_equal(a, b) for a, b in zip(before.weights, net.weights, strict=True))


def test_curves_of_mistakes(few, curves):
    """Hidden mistakes train like the right code; others train otherwise, or say why they do not run."""
    assert list(curves) == ["right", *CATALOGUE]
    right = curves["right"].accuracy
    for name in ("weight-index-hard-coded", "arguments-changed", "outputs-share-memory"):
        assert curves[name].accuracy == pytest.approx(right, abs=0.05)  # up to rounding
    assert curves["wrong-sign"].accuracy != right
    for name, curve in curves.items():
        assert bool(curve.accuracy) != bool(curve.stopped), name
        assert len(curve.accuracy) in (0, 2)
    assert curves["missing-transpose"].stopped == "ValueError: a matrix product does not fit, 10 numbers meet 12"
    assert curves["bias-lost-dimension"].stopped == "∂C/∂b of layer 2 has shape (12,), expected (12, 1)"
    assert curves["outer-product-transposed"].stopped == "∂C/∂w of layer 2 has shape (784, 12), expected (12, 784)"


def test_mistake_in_the_step_is_trained_with(few):
    """The step that forgets the biases is the one that is used: written out here, it gives the same accuracy."""
    net, data, test_data = few

    def forgets(net, X, Y, eta):
        kept = [b.copy() for b in net.biases]
        update_mini_batch_matrix(net, X, Y, eta)
        net.biases[:] = kept

    curve = accuracy_curves(*few, ["biases-never-updated"], epochs=1, seed=5, progress=False)["biases-never-updated"]
    learner, rng = net.copy(), np.random.default_rng(5)
    history = sgd(learner, data, 1, 10, 3.0, rng, update=forgets, test_data=test_data, progress=False)
    assert curve.accuracy == pytest.approx(history.accuracy, abs=0.03)


def test_progress_bar_is_shown_when_asked(few, capsys):
    """The bar is for people; without it nothing is written."""
    accuracy_curves(*few, ["factor-two"], epochs=1, progress=False)
    assert capsys.readouterr().err == ""


def test_interrupt_ends_it(few, monkeypatch):
    """The stop button ends all of the trainings, not just one."""
    calls = []

    class Stopping(Examples):
        def columns(self, *arguments):
            calls.append(1)
            if len(calls) > 5:
                raise KeyboardInterrupt
            return super().columns(*arguments)

    net, data, test_data = few
    with pytest.raises(KeyboardInterrupt):
        accuracy_curves(net, Stopping(data.images, data.labels), test_data, progress=False)


def test_curves_refuse(few):
    """Names that are none are refused."""
    with pytest.raises(ValueError, match=r"'typo'.*is no mistake of the catalogue"):
        accuracy_curves(*few, ["typo"])
    with pytest.raises(TypeError, match="expected a list of names"):
        accuracy_curves(*few, "factor-two")
    with pytest.raises(TypeError):
        accuracy_curves(*few, epoch=3)


# --- the widget ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(curves):
    """One gallery, with curves."""
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    from bpteach.widgets import BugGallery

    return BugGallery(curves)


@pytest.fixture
def gallery_class():
    """The class, where widgets are installed."""
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    from bpteach.widgets import BugGallery

    return BugGallery


def test_widget_shows_the_catalogue(made):
    """Names, lines and order are the catalogue's."""
    assert [each["name"] for each in made.exhibits] == list(CATALOGUE)
    for each, entry in zip(made.exhibits, CATALOGUE.values(), strict=True):
        assert (each["right"], each["wrong"]) == (entry.right, entry.wrong)
        assert entry.name in each["sentences"][0]
        assert entry.about.rstrip(".") in each["sentences"][0]


def test_verdicts_are_those_of_the_checks(made):
    """The table of checks, computed once more with NumPy written out."""
    for each in made.exhibits:
        for j, probe in enumerate(PROBES):
            found = attempt(each["name"], probe)
            ours = [row[j] for row in each["verdicts"]]
            if found.found is None:
                assert not any(ours)
                assert "Here it raises an error." in each["sentences"][j]
                continue
            arrays = list(
                zip([*found.found[0], *found.found[1]], [*found.expected[0], *found.expected[1]], strict=True)
            )
            fits = all(np.shape(f) == e.shape for f, e in arrays)
            theirs = []
            for kind, tolerance in CHECKS:
                ok = fits
                for f, e in arrays if fits else []:
                    distance = np.abs(f - e).max() if kind == "absolute" else np.linalg.norm(f - e) / np.linalg.norm(e)
                    ok = ok and distance <= tolerance
                theirs.append(bool(ok))
            assert ours == theirs, (each["name"], probe)


def test_absolute_check_accepts_what_a_relative_one_refuses(made):
    """What the table is there to show, of all the catalogue."""
    before, trained = 0, 3
    strict, *_, loose = range(len(CHECKS))
    count = lambda check, probe: sum(each["verdicts"][check][probe] for each in made.exhibits)  # noqa: E731
    assert count(strict, before) == 2  # arguments changed, memory shared: the numbers are right
    assert count(loose, trained) > count(loose, before)
    assert count(loose, trained) > 10


def test_squares_are_the_numbers(made):
    """In the picture there is a filled square for each positive number, a hollow one for each negative one."""
    i = list(CATALOGUE).index("factor-two")
    marks = made.exhibits[i]["pictures"][0]["marks"]
    expected = attempt("factor-two", "fresh").expected
    for kind, sign in (("plus", 1), ("minus", -1)):
        paths = [each["d"] for each in marks if each["class"] == f"bpteach-{kind}"]
        count = sum(int(np.sum(array * sign > 0)) for part in expected for array in part)
        assert sum(d.count("M") for d in paths) == 2 * count
    squares = [
        float(side)
        for each in marks
        if each["class"] == "bpteach-plus"
        for side in re.findall(r"h(\d[\d.]*)", each["d"])
    ]
    assert max(squares) == 12
    rows = [each["text"] for each in marks if each["tag"] == "text"]
    assert rows.count("× 2") == 6


def test_picture_and_table_say_what_their_signs_mean(made):
    """What the words of a layer are is said above them, unless it raised; what `!` means, with the table."""
    for each in made.exhibits:
        for picture in each["pictures"]:
            texts = [mark["text"] for mark in picture["marks"] if mark["tag"] == "text"]
            raised = "raises an error" in picture["alt"]
            assert ("compared (relative error)" in texts) != raised
    assert "(! = the check is fooled)" in made.text
    assert made.words["table"].endswith("(! = the check is fooled)")


def test_sentences_tell_what_is_seen(made):
    """Each network has its own sentence; hidden mistakes and those in the step say so."""
    exhibits = {each["name"]: each for each in made.exhibits}
    hard_coded = exhibits["weight-index-hard-coded"]["sentences"]
    assert "Here 4 of 6 arrays of the gradient are exact." in hard_coded[0]
    assert "Here nothing shows: the gradient is exact." in hard_coded[1]
    assert "Here 3 of 6 arrays of the step are exact." in exhibits["biases-never-updated"]["sentences"][0]
    assert "a gradient check alone would accept them all" in " ".join(exhibits["biases-never-updated"]["notes"])
    assert "it has changed" in " ".join(exhibits["arguments-changed"]["notes"])
    assert "share memory" in " ".join(exhibits["outputs-share-memory"]["notes"])
    assert "With [784, 30, 10] it cannot be trained." not in exhibits["factor-two"]["sentences"][0]
    assert len({each["sentences"][0] for each in made.exhibits}) == len(CATALOGUE)


def test_accuracy_is_that_of_the_curves(made, curves):
    """The chart's words and points are the trainings'."""
    for each in made.exhibits:
        texts = [item["text"] for item in each["accuracy"]["marks"] if item["tag"] == "text"]
        assert f"right: {100 * curves['right'].accuracy[-1]:.1f}\N{NO-BREAK SPACE}%" in texts
        curve = curves[each["name"]]
        points = [item for item in each["accuracy"]["marks"] if item["class"] == "bpteach-wrong-dot"]
        if curve.accuracy:
            shares = [(252 - (item["y"] + 5)) / 160 for item in points[1:]]
            assert shares == pytest.approx(curve.accuracy, abs=0.001)
        else:
            assert not points
            assert curve.stopped in each["accuracy"]["alt"]


def test_text_tells_all(made):
    """print(gallery.text) has the code, the layers, the verdicts, the accuracy."""
    made.exhibit, made.probe = list(CATALOGUE).index("bias-lost-dimension"), 0
    assert made.mistake == "bias-lost-dimension"
    for words in (
        "right: nabla_b[-l] = Delta.sum(axis=1, keepdims=True)",
        "wrong: nabla_b[-l] = Delta.sum(axis=1)",
        "It stands in the line of BP3.",
        "Layer 2: biases shape (4,), expected (4, 1), weights exact",
        "10⁻², absolute",
        "with the mistake it does not run",
    ):
        assert words in made.text
    made.exhibit = 0


def test_state_is_small_and_strict_json(made):
    """What is sent is far below 4 MB, and holds neither NaN nor infinity."""
    state = {key: value for key, value in made.get_state().items() if not key.startswith("_")}
    assert len(json.dumps(state, allow_nan=False)) < 2_000_000


def test_name_and_still_picture(made, gallery_class, curves):
    """The name is the same in every run; the still picture is an SVG document with a sentence."""
    assert repr(made) == "BugGallery(30 mistakes, trained)"
    assert repr(gallery_class()) == "BugGallery(30 mistakes)"
    data, _ = gallery_class(curves, mistake="missing-transpose")._repr_mimebundle_()
    assert 'alt="7 of 30: missing-transpose.' in data["text/html"]
    alt, document = gallery_class(mistake="last-example-only")._still()
    assert document.startswith("<svg")
    assert "wrong: nabla_b, nabla_w = backprop(net, x, y)" in document
    assert alt.endswith(".")


def test_without_curves_or_with_some(gallery_class, curves):
    """Curves may be left out, all or some."""
    assert gallery_class().exhibits[0]["accuracy"] is None
    few = {name: curves[name] for name in ("right", "factor-two")}
    shown = [bool(each["accuracy"]) for each in gallery_class(few).exhibits]
    assert [name for name, has in zip(CATALOGUE, shown, strict=True) if has] == ["factor-two"]


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ({"mistake": "typo"}, ValueError, "mistake is 'typo' (str): expected a name of CATALOGUE"),
        ({"mistake": 3}, TypeError, "mistake is 3 (int): expected a name of CATALOGUE"),
        ({"probe": 4}, ValueError, "probe is 4: expected 0 to 3."),
        ({"probe": 1.0}, TypeError, "probe is 1.0 (float): expected an integer"),
        ({"curves": [1]}, TypeError, "expected what accuracy_curves gives"),
        ({"curves": {"factor-two": 0.9}}, TypeError, "expected what accuracy_curves gives"),
        ({"curves": {"factor-two": Curve((0.9,))}}, ValueError, "curves holds no curve named 'right'"),
        ({"text_size": 15}, ValueError, "text_size is 15"),
        ({"curve": None}, TypeError, "curve"),
    ],
)
def test_widget_refuses(gallery_class, arguments, kind, sentence):
    """Each wrong argument is refused in a sentence."""
    with pytest.raises(kind) as refused:
        gallery_class(**arguments)
    assert sentence in str(refused.value)


def test_traits_refuse(gallery_class):
    """A later change is refused as the constructor would."""
    import traitlets

    gallery = gallery_class()
    for trait, value in (("exhibit", 30), ("exhibit", -1), ("probe", 4)):
        with pytest.raises(traitlets.TraitError, match="expected"):
            setattr(gallery, trait, value)
    gallery.exhibit = 29
    assert gallery.mistake == "outputs-share-memory"


def test_script_holds_no_mathematics(gallery_class):
    """The browser draws what it is sent."""
    assert "Math." not in inspect.getsource(gallery_class)
    assert "Math." not in gallery_class._esm
