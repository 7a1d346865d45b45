"""Tests of `bpteach.figures`: what is drawn comes from the numbers, and nothing is drawn without a sentence."""

import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from bpteach import Network, backprop, feedforward
from bpteach.figures import new_figure, picture, show_confusion, show_curves, show_digits, show_pass, show_signed
from strategies import run_code

ALT = 'Nothing "<b>" & more is to be seen here.'
LINE = Network.random([5, 2], np.random.default_rng(1)), np.ones((5, 1)), np.ones((2, 1))  # five make no square


def example():
    rng = np.random.default_rng(1)
    return Network.random([16, 5, 3], rng), rng.random((16, 1)), np.eye(3)[:, [2]]


@pytest.fixture
def drawn(monkeypatch):
    kept = []
    save = Figure.savefig

    def keep(self, *arguments, **options):
        kept.append(self)
        return save(self, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    return kept


PICTURES = {
    "digits": lambda: show_digits(example()[1].T, ALT, titles=["a"]),
    "pass": lambda: show_pass(*example(), ALT),
    "signed": lambda: show_signed([np.eye(3), -np.eye(3)], ALT),
    "zeros": lambda: show_signed(np.zeros((2, 2)), ALT),
    "curves": lambda: show_curves([1, 2], {"a": [1, 2], "b": np.ones(2)}, ALT, log="xy"),
    "confusion": lambda: show_confusion(np.eye(10, dtype=int), ALT),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_shows_its_pixels_and_says_its_sentence_as_text(name):
    shown = PICTURES[name]()
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == repr(shown) == f"Picture: {ALT}"
    assert 'alt="Nothing &quot;&lt;b&gt;&quot; &amp; more is to be seen here."' in bundle["text/html"]
    png = base64.b64decode(bundle["text/html"].split("base64,")[1].split('"')[0])
    pixels = imread(io.BytesIO(png), format="png")
    assert min(pixels.shape[:2]) > 50
    assert pixels.std() > 0.01, "the picture is not blank"


@pytest.mark.parametrize("alt", [None, 3, "", "   "])
def test_no_picture_without_a_sentence(alt):
    figure, _ = new_figure()
    with pytest.raises((TypeError, ValueError), match="alt is"):
        picture(figure, alt)


def test_pass_shows_the_activations_and_the_deltas_on_one_scale(drawn):
    net, x, y = example()
    show_pass(net, x, y, ALT)
    heights = [[bar.get_height() for bar in axes.patches] for axes in drawn[-1].axes]
    deltas, _ = backprop(net, x, y)
    assert any(np.allclose(bars, feedforward(net, x).ravel()) for bars in heights if len(bars) == 3)
    for delta in deltas:
        assert any(len(bars) == len(delta) and np.allclose(bars, delta.ravel()) for bars in heights)
    limits = {axes.get_ylim() for axes in drawn[-1].axes if "delta" in axes.get_title()}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low == -high


def test_zero_is_the_middle_of_the_colours_and_negative_numbers_are_marked_without_colour(drawn):
    show_signed([np.array([[1.0, -3.0], [-2.0, 0.0]]), np.array([[0.5, 0.0]])], ALT)
    assert {image.get_clim() for axes in drawn[-1].axes for image in axes.get_images()} == {(-3.0, 3.0)}
    (dots,) = [points.get_offsets() for points in drawn[-1].axes[0].collections]
    assert sorted(map(tuple, dots)) == [(0.0, 1.0), (1.0, 0.0)]


def test_curves_are_told_apart_by_more_than_colour(drawn):
    show_curves([1, 2, 3], {name: [1, 2, 3] for name in "abcd"}, ALT)
    lines = drawn[-1].axes[0].get_lines()
    assert len({line.get_marker() for line in lines}) == len({line.get_linestyle() for line in lines}) == 4


def test_confusion_writes_every_count(drawn):
    counts = np.arange(9).reshape(3, 3)
    show_confusion(counts, ALT)
    assert [text.get_text() for text in drawn[-1].axes[0].texts] == ["·", *map(str, range(1, 9))]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: show_digits(np.zeros((2, 5)), ALT), "images has shape"),
        (lambda: show_digits(np.zeros((2, 4)), ALT, titles=["one"]), "titles holds 1: expected 2, one for each image"),
        (lambda: show_digits(np.zeros((2, 4)), ALT, titles=[]), "titles holds 0"),
        (lambda: show_digits(np.zeros((2, 4)), ALT, columns=0), "columns is 0"),
        (lambda: show_signed(np.zeros(3), ALT), "values has shape"),
        (lambda: show_signed([np.zeros((2, 2))], ALT, titles=["one", "two"]), "titles holds 2: expected 1"),
        (lambda: show_curves([1, 2], {"a": [1]}, ALT), "a holds 1: expected 2, one for each value of xs"),
        (lambda: show_confusion(np.zeros((2, 3)), ALT), "counts holds 2: expected 3, a row for each column"),
        (lambda: show_pass(*LINE, ALT), "n²"),
        (lambda: show_pass(*example()[:2], np.ones(3), ALT), "y has shape"),
    ],
)
def test_wrong_use_is_refused(wrong, words):
    with pytest.raises((TypeError, ValueError), match=words.replace("²", ".")):
        wrong()


def test_pictures_leave_pyplot_alone():
    run_code("import sys, bpteach.figures; assert 'matplotlib.pyplot' not in sys.modules")
