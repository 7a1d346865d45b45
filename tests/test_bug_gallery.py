"""The bug gallery: each mistake's gradient, what the checks say, the trainings, and the widget that shows them."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from bpteach import Examples, Network, backprop_matrix, load_mnist, numerical_gradient, sgd, update_mini_batch_matrix
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import (
    CHECKS,
    PROBES,
    Curve,
    accepts,
    accuracy_curves,
    arguments_of,
    attempt,
    compare,
    look,
    wrong_gradients,
)
from bpteach.widgets import BugGallery
from pictures import still, words_of
from strategies import refusing, textbook_cost

# What some mistakes look like on three layers of weights and four examples: a sign for each layer from the output back,
# of the biases and of the weights. "=" exact, "≠" wrong, "0" zero, "s" wrong shape, "f" right numbers in a wrong shape,
# "t" transposed, or the factor. Where the others go wrong follows from their equation (RULES).
SIGNS = {
    "outer-product-transposed": ("===", "ttt"),
    "weight-index-hard-coded": ("==≠", "==≠"),
    "loop-one-layer-short": ("==0", "==0"),
    "wrong-sign": ("× −1", "× −1"),
    "factor-two": ("× 2", "× 2"),
    "mean-for-sum": ("× 0.25", "× 0.25"),
    "bias-mean-weight-sum": ("× 0.25", "==="),
    "bias-not-summed": ("sss", "==="),
    "bias-wrong-axis": ("sss", "==="),
    "bias-lost-dimension": ("fff", "==="),
    "activations-share-a-buffer": ("===", "≠≠="),
    "updated-too-early": ("=≠≠", "=≠≠"),
    "biases-never-updated": ("000", "==="),
}
LETTERS = {"exact": "=", "zero": "0", "shape": "s", "flat": "f", "transposed": "t"}
NAMES = list(CATALOGUE)

#: For each equation what has to be wrong, from the output back, and what has to be exact.
RULES = {
    "BP1": lambda biases, weights: biases[0] != "=" != weights[0],
    "BP2": lambda biases, weights: biases[0] + weights[0] == "==" != biases[2],
    "BP3": lambda biases, weights: biases[0] != "=",
    "BP4": lambda biases, weights: biases == "===" and weights[0] != "=",
    "(25)": lambda biases, weights: biases + weights != "======",
    "(20)": lambda biases, weights: biases + weights != "======",
}


def signs(looks):
    factors = {seen.words for seen in looks if seen.kind == "factor"}
    return factors.pop() if len(factors) == 1 else "".join(LETTERS.get(seen.kind, "≠") for seen in reversed(looks))


def pairs_of(effect):
    return list(zip([*effect.found[0], *effect.found[1]], [*effect.expected[0], *effect.expected[1]], strict=True))


@pytest.mark.parametrize("probe", PROBES)
def test_right_gradient_is_that_of_the_complex_step_and_right_code_is_exact(probe):
    """What the mistakes are compared with shares no code with backpropagation, nor with the catalogue."""
    right, (net, X, Y) = compare(backprop_matrix, probe), arguments_of(probe)
    nabla_b, nabla_w = numerical_gradient(textbook_cost(X, Y), net)
    for (found, expected), slopes in zip(pairs_of(right), [*nabla_b, *nabla_w], strict=True):
        np.testing.assert_allclose(expected, slopes, rtol=1e-9, atol=1e-12)
        assert look(found, expected).kind == "exact"
    assert all(accepts(right.found, right.expected, *check) for check in CHECKS)
    assert not right.changed
    assert not right.shares


@pytest.mark.parametrize("name", NAMES)
def test_gradient_goes_wrong_where_the_equation_says(name):
    effect, entry = attempt(name, "fresh"), CATALOGUE[name]
    biases, weights = (signs(looks) for looks in zip(*effect.looks, strict=True))
    if entry.function:
        assert (biases, weights) == ("===", "==="), f"{name}: with wrong numbers it should have `forms`, no `function`"
        assert effect.changed or effect.shares, f"{name}: nothing is wrong with what its `function` does"
        return
    assert (effect.raised, effect.changed, effect.shares) == ("", "", False)
    assert RULES[entry.equation](biases, weights), (
        f"{name}: its entry names {entry.equation}, and from the output back its gradient shows {biases} for the "
        f"biases, {weights} for the weights (= is exact): mend the entry's equation or its forms"
    )
    assert SIGNS.get(name, (biases, weights)) == (biases, weights)


@pytest.mark.parametrize("folder", ["notebooks", "notebooks/zh"])
def test_lesson_4_has_stored_a_gallery_of_every_mistake(folder):
    lesson = Path(__file__).parents[1] / folder / "04-check-the-gradient.ipynb"
    assert re.search(rf"BugGallery[(（]{len(NAMES)} ", lesson.read_text("utf-8")), (
        f"run: bpteach store {folder}/{lesson.name}"
    )


HIDDEN_BY_ONE_EXAMPLE = (
    "mean-for-sum bias-mean-weight-sum bias-not-summed last-example-only average-then-multiply "
    "update-inside-sample-loop"
)


@pytest.mark.parametrize("name", ["weight-index-hard-coded", *HIDDEN_BY_ONE_EXAMPLE.split()])
def test_small_probes_hide_mistakes(name):
    probe = "one example" if name in HIDDEN_BY_ONE_EXAMPLE else "one hidden layer"
    hidden, seen = attempt(name, probe), attempt(name, "fresh")
    assert accepts(hidden.found, hidden.expected, "relative", 1e-9)
    assert not accepts(seen.found, seen.expected, "relative", 1e-7)


def test_probes_are_never_used_up():
    before = attempt("wrong-sign", "fresh").found
    attempt("arguments-changed", "fresh")
    attempt("biases-never-updated", "fresh")
    after = attempt("wrong-sign", "fresh").found
    assert all(np.array_equal(a, b) for a, b in zip(before[1], after[1], strict=True))
    _, expected = wrong_gradients("fresh")
    expected[0][0][:] = 0
    assert wrong_gradients("fresh")[1][0][0].any()


def test_wrong_gradients_are_those_of_all_mistakes_whose_numbers_are_wrong():
    wrong, _ = wrong_gradients("fresh")
    assert list(wrong) == [name for name, entry in CATALOGUE.items() if not (entry.is_of_the_step or entry.function)]
    assert "weight-index-hard-coded" not in wrong_gradients("one hidden layer")[0]


def test_function_that_raises_is_told():
    told = compare(lambda net, X, Y: net.weights[0] @ np.ones((7, 1)), "fresh")
    assert told.found is None
    assert str(told) == told.raised == "ValueError: a matrix product does not fit, 7 numbers meet 4"
    assert told.pairs[0][0][0] is None
    assert compare(lambda net, X, Y: {}["x"], "fresh").raised == "KeyError: 'x'"


COLUMN = np.array([[1.0], [2.0]])


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (COLUMN, "exact"),
        (COLUMN * (1 + 1e-12), "exact"),
        (0 * COLUMN, "zero"),
        (-COLUMN, "× −1"),
        (COLUMN / 4, "× 0.25"),
        (COLUMN[:, 0], "right numbers, shape (2,), expected (2, 1)"),
        (COLUMN[:1], "shape (1, 1), expected (2, 1)"),
        (np.array([[1.0], [3.0]]), f"wrong ({1 / math.sqrt(5):.2g})"),
        (np.array([[1.0], [np.nan]]), "NaN or infinity"),
        (None, "nothing"),
    ],
    ids=str,
)
def test_looks(found, words):
    assert look(found, COLUMN).words == words


# --- trainings -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few():
    digits = load_mnist()
    net = Network.random([784, 12, 10], np.random.default_rng(3), scaled=True)
    return net, digits.training[:200], digits.test[:100]


@pytest.fixture(scope="module")
def curves(few):
    return accuracy_curves(*few, epochs=2, progress=False)


def test_curves_of_mistakes(curves):
    assert list(curves) == ["right", *NAMES]
    right = curves["right"].accuracy
    for name in ("weight-index-hard-coded", "arguments-changed", "outputs-share-memory"):
        assert curves[name].accuracy == pytest.approx(right, abs=0.05)  # up to rounding
        assert not curves[name].shows
    assert all(curves[name].shows for name in ("factor-two", "biases-never-updated"))
    for name, curve in curves.items():
        assert bool(curve.accuracy) != bool(curve.stopped), name
        assert len(curve.accuracy) in (0, 2)
    assert curves["missing-transpose"].stopped == "ValueError: a matrix product does not fit, 10 numbers meet 12"
    assert curves["bias-lost-dimension"].stopped == "ValueError: a gradient has shape (12,), expected (12, 1)"
    assert (
        curves["outer-product-transposed"].stopped == "ValueError: a gradient has shape (784, 12), expected (12, 784)"
    )


def forgets(net, X, Y, eta):
    kept = [b.copy() for b in net.biases]
    update_mini_batch_matrix(net, X, Y, eta)
    net.biases[:] = kept


def test_curves_are_those_of_sgd(few, capsys):
    net, data, test_data = few
    before = net.copy()
    curves = accuracy_curves(*few, ["biases-never-updated"], epochs=2, seed=5, progress=False)
    for (name, curve), update in zip(curves.items(), (update_mini_batch_matrix, forgets), strict=True):
        options = {"update": update, "test_data": test_data, "progress": False}
        history = sgd(net.copy(), data, 2, 10, 3.0, np.random.default_rng(5), **options)
        assert curve.accuracy == pytest.approx(history.accuracy, abs=0 if name == "right" else 0.03)
    assert all(map(np.array_equal, before.weights, net.weights))
    assert capsys.readouterr().err == ""  # no progress bar was asked for


def test_an_interrupt_ends_all_of_the_trainings(few):
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


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda few: attempt("typo", "fresh"), ValueError, "name is 'typo' .*: expected a mistake of the catalogue"),
        (lambda few: accuracy_curves(*few, ["typo"]), ValueError, r"names\[0\] is 'typo' .*: expected a mistake"),
        (lambda few: accuracy_curves(*few, "factor-two"), TypeError, "expected a list of names"),
        (lambda few: accuracy_curves(*few, epoch=3), TypeError, "epoch"),
        (lambda few: attempt("wrong-sign", "fresch"), ValueError, "expected one of 'fresh', 'one hidden layer'"),
        (lambda few: wrong_gradients(0), ValueError, "expected one of 'fresh'"),
        (lambda few: compare(backprop_matrix, ["fresh"]), ValueError, "expected one of 'fresh'"),
        (lambda few: accepts(([], []), ([], []), "cosine", 1), ValueError, "'relative' or 'absolute'"),
    ],
)
def test_refusals(few, call, error, sentence):
    with pytest.raises(error, match=sentence):
        call(few)


# --- the widget ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(curves):
    return BugGallery(curves)


def test_widget_shows_the_catalogue(made):
    assert [each["name"] for each in made.exhibits] == NAMES
    for each, entry in zip(made.exhibits, CATALOGUE.values(), strict=True):
        assert entry.name in each["sentences"][0]
        assert entry.about in each["sentences"][0]


def test_verdicts_are_those_of_the_checks(made):
    distances = {
        "absolute": lambda f, e: np.abs(f - e).max(),
        "relative": lambda f, e: np.linalg.norm(f - e) / np.linalg.norm(e),
    }
    for each in made.exhibits:
        for j, probe in enumerate(PROBES):
            effect, ours = attempt(each["name"], probe), [row[j] for row in each["verdicts"]]
            if effect.found is None:
                assert not any(ours)
                assert "Here it stops: " in each["sentences"][j]
                continue
            pairs = pairs_of(effect)
            fits = all(np.shape(f) == e.shape for f, e in pairs)
            theirs = [fits and all(distances[kind](f, e) <= most for f, e in pairs) for kind, most in CHECKS]
            assert ours == theirs, (each["name"], probe)


def test_absolute_check_accepts_what_a_relative_one_refuses(made):
    before, trained = list(PROBES).index("fresh"), list(PROBES).index("trained")
    strict, *_, loose = range(len(CHECKS))
    count = lambda check, probe: sum(each["verdicts"][check][probe] for each in made.exhibits)  # noqa: E731
    assert count(strict, before) == sum(1 for entry in CATALOGUE.values() if entry.function)  # their numbers are right
    assert count(loose, trained) > count(loose, before)
    assert count(loose, trained) > 10


def test_squares_are_the_numbers(made):
    picture = made.exhibits[NAMES.index("factor-two")]["pictures"][0]
    expected = attempt("factor-two", "fresh").expected
    drawn = {}
    for kind, sign in (("plus", 1), ("minus", -1)):
        drawn[kind] = "".join(each["d"] for each in picture["marks"] if each["class"] == f"bpteach-{kind}")
        count = sum(int(np.sum(array * sign > 0)) for part in expected for array in part)
        assert drawn[kind].count("M") == 2 * count
    assert max(float(side) for side in re.findall(r"h(\d[\d.]*)", drawn["plus"])) == 10
    assert words_of(picture["marks"]).count("× 2") == 6
    assert "compared (relative error)" in words_of(picture["marks"])


def test_code_is_that_of_one_example_but_where_the_mini_batch_matters(made):
    """Before lesson 7 nobody knows capital letters for columns side by side."""
    for each in made.exhibits:
        assert each["right"] != each["wrong"]
        code = each["right"] + each["wrong"]
        of_many = re.search(r"\b(Delta|Zs?|A|Y)\b|axis", code)
        assert any("(lesson 7)" in note for note in each["notes"]) == bool(of_many)
        assert not (of_many and re.search(r"\b(delta|zs?|a|y)\b", code))
        assert of_many or each["name"] != "bias-not-summed"  # of one example its code would be right


@pytest.mark.parametrize(
    ("name", "place", "sentence"),
    [
        ("weight-index-hard-coded", 0, "Here 4 of 6 arrays of the gradient are exact."),
        ("weight-index-hard-coded", 1, "Here nothing shows: the gradient is exact."),
        ("biases-never-updated", 0, "Here 3 of 6 arrays of the step are exact."),
        ("update-inside-sample-loop", 2, "Here nothing shows: the step is exact."),
        ("biases-never-updated", "notes", "The mistake is in the step (lesson 6)"),
        ("arguments-changed", "notes", "it has changed Y, which belongs to the caller."),
        ("outputs-share-memory", "notes", "share memory"),
    ],
)
def test_sentences_tell_what_is_seen(made, name, place, sentence):
    exhibit = made.exhibits[NAMES.index(name)]
    assert sentence in (" ".join(exhibit["notes"]) if place == "notes" else exhibit["sentences"][place])


def test_accuracy_is_that_of_the_curves(made, curves):
    for each in made.exhibits:
        curve, sentence = curves[each["name"]], each["sentences"][0]
        assert curve.stopped.rstrip() in sentence
        assert ("the same as with right code" in sentence) == (not curve.shows)
        if not curve.accuracy:
            assert not each["accuracy"]
            continue
        marks, right = each["accuracy"]["marks"], 100 * curves["right"].accuracy[-1]
        assert f"right: {right:.1f}\N{NO-BREAK SPACE}%" in words_of(marks)
        points = [item for item in marks if item["class"] == "bpteach-wrong-dot"]
        shares = [(240 - (item["y"] + 5)) / 152 for item in points[1:]]
        assert shares == pytest.approx(curve.accuracy, abs=0.001)
    assert len({each["sentences"][0] for each in made.exhibits}) == len(CATALOGUE)


def test_text_tells_all(made):
    made.exhibit, made.probe = NAMES.index("bias-lost-dimension"), 0
    assert made.mistake == "bias-lost-dimension"
    for words in (
        "right: nabla_b[-l] = Delta.sum(axis=1, keepdims=True)  # BP3",
        "wrong: nabla_b[-l] = Delta.sum(axis=1)",
        "Layer 2: biases right numbers, shape (4,), expected (4, 1), weights exact",
        "10⁻², absolute",
        "(! = the check is fooled)",
        "A training with it stops: ValueError: a gradient has shape (12,), expected (12, 1).",
    ):
        assert words in made.text
    made.exhibit = 0


def test_state_is_small_and_strict_json(made):
    assert len(json.dumps(made.get_state(), allow_nan=False)) < 2_000_000


def test_name_and_still_picture(made, curves):
    assert repr(made) == f"BugGallery({len(CATALOGUE)} mistakes, trained)"
    shown = BugGallery(curves, mistake="missing-transpose")
    place = 1 + list(CATALOGUE).index("missing-transpose")
    assert still(shown)[1].startswith(f"{place} of {len(CATALOGUE)}: missing-transpose.")
    bare = BugGallery(mistake="last-example-only")
    assert repr(bare) == f"BugGallery({len(CATALOGUE)} mistakes)"
    alt, document = bare._still()
    assert "wrong: nabla_b, nabla_w = backprop(net, x, y)" in document
    assert alt.endswith(".")


def test_without_curves_or_with_some(curves):
    assert BugGallery().exhibits[0]["accuracy"] is None
    few = {name: curves[name] for name in ("right", "factor-two")}
    shown = [bool(each["accuracy"]) for each in BugGallery(few).exhibits]
    assert [name for name, has in zip(CATALOGUE, shown, strict=True) if has] == ["factor-two"]


test_widget_refuses = refusing(
    lambda arguments: BugGallery(**arguments),
    [
        ({"mistake": "typo"}, ValueError, "mistake is 'typo' (str): expected a mistake of the catalogue, such as"),
        ({"mistake": object()}, TypeError, "mistake is of type object: expected a mistake of the catalogue"),
        ({"curves": [1]}, TypeError, "expected what accuracy_curves gives"),
        ({"curves": {"factor-two": 0.9}}, TypeError, "expected what accuracy_curves gives"),
        ({"curves": {"factor-two": Curve((0.9,))}}, ValueError, "curves holds no curve named 'right'"),
    ],
)
