"""What all widgets do, without a browser: they refuse what is not on offer, have a stable name and a still picture."""

import re

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

import traitlets

from bpteach.widgets import __all__ as names
from bpteach.widgets.widget import STATIC, Bounded, Choice, Place, Switch, Widget
from pictures import colourless, still
from widgets_on_show import EXAMPLES, made, make


class Small(Widget):
    _esm, _css = "export default {}", ""
    place = Place(lambda widget: widget.count - 1, "a column of X")
    layer = Place(lambda widget: 3, "as the book counts; layer 1 is the input", first=2)
    word = Choice(["delta", "nabla_b"], "delta")
    switch = Switch(False)
    digit = Place(lambda widget: 9, allow_none=True)

    def __init__(self, count=3, **choices):
        self.count = count
        super().__init__("Small()", {}, **choices)


REFUSED = [
    ({"place": 3}, ValueError, "place is 3: expected 0 to 2, a column of X."),
    ({"place": -1}, ValueError, "place is -1: expected 0 to 2, a column of X."),
    ({"place": 1.0}, TypeError, "place is 1.0 (float): expected an integer, 0 or more."),
    ({"place": True}, TypeError, "place is True (bool): expected an integer, 0 or more."),
    ({"layer": 1}, ValueError, "layer is 1: expected 2 to 3, as the book counts; layer 1 is the input."),
    ({"digit": 10}, ValueError, "digit is 10: expected 0 to 9."),
    ({"word": "z"}, ValueError, "word is 'z' (str): expected one of 'delta', 'nabla_b'."),
    ({"word": 1}, TypeError, "word is 1 (int): expected one of 'delta', 'nabla_b'."),
    ({"word": np.ones(2)}, TypeError, "word is an array of shape (2,): expected one of 'delta', 'nabla_b'."),
    ({"word": ["delta"]}, TypeError, "word is ['delta'] (list): expected one of 'delta', 'nabla_b'."),
    ({"switch": 1}, TypeError, "switch is 1 (int): expected True or False."),
    ({"text_size": 0}, ValueError, "text_size is 0: expected one of 12, 14, 16, 18, 20, 24, 28, 32."),
    ({"text_size": 15}, ValueError, "text_size is 15: expected one of 12, 14, 16, 18, 20, 24, 28, 32."),
    ({"text_size": "16"}, TypeError, "text_size is '16' (str): expected an integer, 1 or more."),
    ({"text_size": True}, TypeError, "text_size is True (bool): expected an integer, 1 or more."),
]


@pytest.mark.parametrize(("choice", "error", "words"), REFUSED)
def test_a_bad_choice_is_refused_in_the_same_words_at_first_later_and_from_the_browser(choice, error, words):
    with pytest.raises(error, match=f"^{re.escape(words)}$"):
        Small(**choice)
    widget, ((name, value),) = Small(), choice.items()
    before = getattr(widget, name)
    with pytest.raises(traitlets.TraitError, match=f"^{re.escape(words)}$"):
        setattr(widget, name, value)
    widget.set_state({name: value})
    assert getattr(widget, name) == before


def test_good_choices_are_taken_by_the_constructor_later_and_from_the_browser():
    widget = Small(place=2, layer=3, word="nabla_b", switch=True, digit=None, text_size=28)
    seen = []
    names = ["place", "digit", "switch", "text_size"]
    widget.observe(lambda change: seen.append((change.name, change.new)), names)
    widget.set_state({"place": 1, "digit": 4})
    widget.digit, widget.switch, widget.text_size = None, False, 12
    assert seen == [("place", 1), ("digit", 4), ("digit", None), ("switch", False), ("text_size", 12)]


def test_every_widget_is_on_show():
    assert sorted(EXAMPLES) == sorted(names), "each widget of bpteach.widgets has a row in EXAMPLES of widgets_on_show"


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_choice_refuses_what_is_not_on_offer(name):
    widget, show = made(name), EXAMPLES[name]
    choices = [trait for trait, kind in widget.traits().items() if isinstance(kind, Bounded)]
    assert {"text_size", show.trait} <= set(choices)
    for trait in choices:
        before = getattr(widget, trait)
        for bad in (-1, 10**6, 1.5, "no such", [[2, 0]]):
            with pytest.raises(traitlets.TraitError, match=f"^{trait}.* is .*: expected .*[.]$"):
                setattr(widget, trait, bad)
            widget.set_state({trait: bad})
            assert getattr(widget, trait) == before
    with pytest.raises(TypeError, match="text_sizes"):
        type(widget)(text_sizes=16)


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_looks_the_same_in_every_run_and_has_a_still_picture_in_colours_of_what_it_shows(name):
    show, widget, again = EXAMPLES[name], made(name), make(name)
    first, last = getattr(widget, show.trait), show.last(widget)
    assert repr(widget) == repr(again)
    assert first != last
    assert widget._repr_mimebundle_()[0]["text/html"] == again._repr_mimebundle_()[0]["text/html"]
    assert len(still(widget)[0]) > 10, "the still picture has hardly any marks"
    assert not colourless(widget)
    widget.set_state({show.trait: last})
    assert show.sentence(widget, last) in still(widget)[1]
    widget.set_state({show.trait: first})


SOURCES = sorted(path for path in STATIC.iterdir() if path.suffix in (".js", ".css"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_scripts_and_styles_ask_no_other_machine_and_write_no_markup(path):
    text = path.read_text(encoding="utf-8")
    names = {f"http://www.w3.org/{name}" for name in ("1999/xhtml", "2000/svg", "1998/Math/MathML")}
    assert set(re.findall(r"https?://[^\"]+", text)) <= names
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\bid:|@import|url\(", text)


@pytest.mark.parametrize("path", [path for path in SOURCES if path.suffix == ".css"], ids=lambda path: path.name)
def test_a_widgets_own_rules_win_over_the_common_ones(path):
    """Each widget brings the common rules along, so that those may be loaded last: their selectors are shorter."""
    own = ".bpteach-widget" if path.name == "common.css" else ".bpteach-widget.bpteach-"
    selectors = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith((".", "["))]
    assert selectors
    assert [each for each in selectors if own not in each] == [], f"begin with {own}"
    if path.name == "common.css":
        themed = [each for each in selectors if not each.startswith(own)]
        assert [each for each in themed if ":where(.bpteach-widget)" not in each] == [], "as short as the light theme's"
