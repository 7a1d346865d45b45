"""The words that readers see: marked with `_` where they are said, and looked up in the catalogues of this folder.

English needs no catalogue. Babel extracts the sentences: `pybabel extract bpteach`.
"""

import gettext
import os
import sys
import unicodedata
from pathlib import Path

_catalogue = gettext.translation(
    "bpteach", Path(__file__).parent, languages=[os.environ.get("BPTEACH_LANGUAGE") or "en"], fallback=True
)


def _(sentence):
    """Give the sentence in the reader's language."""
    return _catalogue.gettext(sentence)


def ngettext(one, many, count):
    """Give the sentence for one or for many in the reader's language."""
    return _catalogue.ngettext(one, many, count)


def N_(sentence):
    """Mark a sentence that stands in data, and is translated where it is said."""
    return sentence


_PLAIN = {"✓": "+", "✗": "x", "≈": "~", "…": "...", "−": "-", "–": "-", "×": "x", "·": "*", "⊙": "*", "→": "->"}
_PLAIN |= {"δ": "delta", "Δ": "Delta", "∇": "nabla", "∂": "d", "σ": "sigma", "Σ": "Sum", "η": "eta", "λ": "lambda"}
_PLAIN |= {"′": "'", "“": '"', "”": '"', "√": "sqrt", "≤": "<=", "≥": ">=", "²": "2", "½": "1/2", "‖": "|"}


def printable(text):
    """Give the text as it can be printed: letters that the terminal's encoding lacks are replaced."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_replaced(letter, encoding) for letter in text)
    except LookupError:  # an encoding that Python does not know
        return text
    return text


def _replaced(letter, encoding):
    for form in (letter, _PLAIN.get(letter, ""), unicodedata.normalize("NFKD", letter)[:1]):
        try:
            form.encode(encoding)
        except UnicodeEncodeError:
            continue
        if form:
            return form
    return "?"


class Text(str):
    """A text that `print` shows on any terminal: see `printable`."""

    __slots__ = ()

    def __str__(self):
        return printable(str.__str__(self))
