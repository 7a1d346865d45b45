"""What all widgets share: their script and style, a text size, a stable name, a still picture."""

from pathlib import Path

import anywidget
import traitlets

from bpteach.arguments import check_count
from bpteach.widgets.marks import image

STATIC = Path(__file__).parent

WORDS = {
    "text size": "text_size is {found}: expected one of {expected}.",
    "size": "Text size",
}

TEXT_SIZES = [12, 14, 16, 18, 20, 24, 28, 32]


def static(*names):
    """Read files of the folder `static`, one after the other.

    Parameters
    ----------
    *names : str
        The files' names.

    Returns
    -------
    str
        Their text. A widget's script is `common.js` and its own; so is its style.
    """
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


class Widget(anywidget.AnyWidget):
    """The base of every widget: a text size, a stable name, and a still picture for where no widgets run.

    A widget of this kind sets `_esm` and `_css` with `static`, passes its words to `__init__`, checks its own traits,
    and has a method `_still`, which gives the alt text and the SVG document of what is shown.

    Parameters
    ----------
    name : str
        How the widget is written in print: it must be the same in every run.
    words : dict of str to str
        The words that the script shows.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.
    **traits : object
        The widget's own traits.

    Raises
    ------
    TypeError
        If `text_size` is no integer.
    ValueError
        If `text_size` is not on offer.
    """

    words = traitlets.Dict().tag(sync=True)
    text_sizes = traitlets.List(TEXT_SIZES).tag(sync=True)
    text_size = traitlets.Int(16).tag(sync=True)

    def __init__(self, name, words, *, text_size, **traits):
        check_text_size(text_size)
        self._name = name
        super().__init__(words={"size": WORDS["size"], **words}, text_size=int(text_size), **traits)

    @traitlets.validate("text_size")
    def _check_text_size(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(check_text_size, proposal.value)

    def __repr__(self):
        """Give the widget's name, the same in every run."""
        return self._name

    def _repr_mimebundle_(self, **kwargs):
        """Add a still picture, for places where no widgets run."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        alt, document = self._still()
        data["text/html"] = image(document, alt)
        return data, metadata


def check_text_size(text_size):
    """Refuse a size that is not on offer.

    Parameters
    ----------
    text_size : int
        The size of the text in pixels.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is none of `TEXT_SIZES`.
    """
    check_count("text_size", text_size)
    if text_size not in TEXT_SIZES:
        expected = ", ".join(map(str, TEXT_SIZES))
        raise ValueError(WORDS["text size"].format(found=text_size, expected=expected))


def refused_as_trait(check, value, *more):
    """Check a new value of a trait, and refuse it the way that traits do.

    Parameters
    ----------
    check : callable
        Called with `value` and `more`; it raises what is wrong.
    value : object
        The new value.
    *more : object
        Further arguments of `check`.

    Returns
    -------
    object
        The value.

    Raises
    ------
    traitlets.TraitError
        If `check` refuses the value.
    """
    try:
        check(value, *more)
    except (TypeError, ValueError) as error:
        raise traitlets.TraitError(str(error)) from None
    return value
