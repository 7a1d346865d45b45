"""The base of every widget: traits that refuse what is not on offer, a stable name, a still picture."""

import base64
import html
import re
from pathlib import Path

import anywidget
import traitlets
from IPython.display import display

from bpteach.arguments import name_of, require_count, require_network
from bpteach.locale import Text, _, language
from bpteach.network import Network

STATIC = Path(__file__).parent
VIEW = "application/vnd.jupyter.widget-view+json"
TEXT_SIZES = [12, 14, 16, 18, 20, 24, 28, 32]

# The still picture is hidden where the live one, the output after it, runs. Where that cannot run, it is hidden itself,
# with the empty box or the error message that the front end puts in its place.
STILL = """<style>
.jp-OutputArea-child:has(.bpteach-still):has(+ .jp-OutputArea-child .bpteach-widget),
.jp-OutputArea-child:has(.bpteach-still) + :has(> .jupyter-widgets):not(:has(.bpteach-widget)) { display: none }
</style>
"""


def static(*names):
    """Join scripts or styles of this folder: a widget's is `common.js` and its own."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def printed(text):
    """Make a widget's property of the text that it shows, for any terminal to print."""
    return property(lambda widget: Text(text(widget)), doc=text.__doc__)


class Bounded(traitlets.TraitType):
    """A choice of the reader's, which the browser knows: the same sentence refuses a bad one at first and later.

    Its kinds have `accepted(widget, value)`, which gives the value, or raises TypeError or ValueError; and, for what a
    link can tell, `offered(widget)`, which lists all values.
    """

    def __init__(self, default=None, **metadata):
        super().__init__(default, **metadata)
        self.tag(sync=True)

    def validate(self, widget, value):
        """Refuse a later change the way that traits do; the constructor's are refused by `Widget.choose`."""
        try:
            return self.accepted(widget, value)
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(str(error)) from None


class Place(Bounded):
    """A place in a row of things: the number `first` to `last(widget)`, and `what` that is, such as "a column of X"."""

    def __init__(self, last, what="", *, first=0, **metadata):
        super().__init__(first, **metadata)
        self._first, self._last, self._what = first, last, what

    def accepted(self, widget, value):
        require_count(self.name, value, least=min(self._first, value) if type(value) is int else self._first)
        first, last = self._first, self._last(widget)
        if not first <= value <= last:
            what = _(", {what}").format(what=_(self._what)) if self._what else ""
            sentence = _("{name} is {found}: expected {first} to {last}{what}.")
            raise ValueError(sentence.format(name=self.name, found=value, first=first, last=last, what=what))
        return int(value)

    def offered(self, widget):
        return list(range(self._first, self._last(widget) + 1))


class Choice(Bounded):
    """One of a few numbers or words."""

    def __init__(self, options, default):
        super().__init__(default)
        self.options = list(options)

    def accepted(self, widget, value):
        are_words = isinstance(self.options[0], str)
        if not are_words:
            require_count(self.name, value, least=value if type(value) is int else 1)
        if (are_words and not isinstance(value, str)) or value not in self.options:
            found, expected = name_of(value) if are_words else value, _(", ").join(map(repr, self.options))
            kind = TypeError if are_words and not isinstance(value, str) else ValueError
            sentence = _("{name} is {found}: expected one of {expected}.")
            raise kind(sentence.format(name=self.name, found=found, expected=expected))
        return value if are_words else int(value)

    def offered(self, _widget):
        return self.options


class Switch(Bounded):
    """Yes or no."""

    def accepted(self, widget, value):
        if not isinstance(value, bool):
            sentence = _("{name} is {found}: expected True or False.")
            raise TypeError(sentence.format(name=self.name, found=name_of(value)))
        return value

    def offered(self, _widget):
        return [False, True]


class Widget(anywidget.AnyWidget):
    """What all widgets share.

    One of this kind sets `_esm` and `_css` with `static`, declares its `Bounded` traits, gives `__init__` the name that
    it has in print (the same in every run), the words that its script shows and its other traits, lists in `linked` the
    traits that a link to what is shown tells, and has a method `_still`: the alt text and the SVG document of that.
    """

    linked = ()
    kind = traitlets.Unicode().tag(sync=True)  # the class of what is on the page
    offered = traitlets.Dict().tag(sync=True)  # all values of what a link tells
    words = traitlets.Dict().tag(sync=True)
    text_sizes = traitlets.List(TEXT_SIZES).tag(sync=True)
    text_size = Choice(TEXT_SIZES, 16)

    def __init__(self, name, words, **traits):
        self._name = name
        self.choose(**traits)
        controls = {
            "lang": language().replace("_", "-"),
            "controls": _("Choose what is shown"),
            "size": _("Text size"),
            "previous": _("Previous"),
            "next": _("Next"),
            "play": _("Play"),
            "pause": _("Pause"),
            "speed": _("Speed"),
            "copy link": _("Copy link"),
            "copied": _("Link copied."),
            "copy by hand": _("The link to what is shown:"),
        }
        kind = re.sub("(?<!^)[A-Z]", r"-\g<0>", type(self).__name__).lower()
        offered = {trait: self.traits()[trait].offered(self) for trait in self.linked}
        super().__init__(words=controls | words, kind=kind, offered=offered)

    def choose(self, **traits):
        """Set traits; raise TypeError or ValueError for what is refused. Before `__init__` it costs nothing."""
        for name, value in traits.items():
            setattr(self, name, self._accepted(name, value))

    def _accepted(self, name, value):
        trait = self.traits().get(name)
        if not isinstance(trait, Bounded) or (value is None and trait.allow_none):
            return value
        return trait.accepted(self, value)

    def set_state(self, sync_data):
        """Take over what the browser sends, except what could not have been chosen there."""
        refused = []
        for name, value in sync_data.items():
            try:
                self._accepted(name, value)
            except (TypeError, ValueError):
                refused.append(name)
        super().set_state({name: value for name, value in sync_data.items() if name not in refused})
        if refused:
            self.send_state(refused)  # the browser goes back to what is here

    def __repr__(self):
        return self._name

    def _repr_mimebundle_(self, **kwargs):
        """Add a still picture, for places where no widgets run, with a line that says how to step."""
        forms, metadata = super()._repr_mimebundle_(**kwargs)
        alt, document = self._still()
        source = base64.b64encode(document.encode()).decode()
        picture = f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{source}" style="max-width: 100%">'
        how = _("A still picture. To step through it, run the notebook in Jupyter.")
        forms["text/html"] = f'{STILL}<div class="bpteach-still">{picture}<p>{how}</p></div>'
        return forms, metadata

    def _ipython_display_(self):
        """Show two outputs, the still picture and after it the live one: STILL decides which of them is seen."""
        forms, _metadata = self._repr_mimebundle_()
        live = forms.pop(VIEW)
        display(forms, raw=True)
        display({VIEW: live}, raw=True)


def as_network(net):
    """Give a network, or an object of the reader's class that is laid out like one, as a network."""
    if isinstance(net, Network):
        return net
    return Network(list(require_network(net)), list(net.weights), list(net.biases))


def speeds_a_second(counts):
    """List speeds for the player's script: the value of the trait `speed`, its words, and milliseconds a step."""
    return [[count, _("{count} a second").format(count=count), round(1000 / count)] for count in counts]
