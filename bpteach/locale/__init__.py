"""The words that readers see: marked with `_` where they are said, and looked up in the catalogues of this folder.

English needs no catalogue. The lesson chooses the language, or the environment variable BPTEACH_LANGUAGE; the machine's
own does not: a picture's words are those of the text around it.
"""

import codecs
import contextlib
import gettext
import inspect
import os
import re
import sys
import unicodedata
from functools import reduce
from pathlib import Path

FOLDER = Path(__file__).parent

_catalogue = gettext.NullTranslations()


def languages():
    """Give each language that there is, with the file of its catalogue; English has none."""
    return {"en": None} | {path.parts[-3]: path for path in sorted(FOLDER.glob("*/*/bpteach.po"))}


def speak(language):
    """Say all that follows in this language, in this process and in those that it starts.

    Parameters
    ----------
    language : str
        "en", or a folder of `bpteach/locale`, such as "zh_CN".

    Raises
    ------
    ValueError
        If there is no such language.
    """
    global _catalogue
    there = languages()
    if language not in there:
        message = _("There is no language {language!r} (BPTEACH_LANGUAGE): expected one of {expected}.")
        raise ValueError(message.format(language=language, expected=_(", ").join(there)))
    if there[language]:
        from bpteach.locale.po import read_catalogue

        _catalogue = read_catalogue(there[language].read_text(encoding="utf-8"))
    else:
        _catalogue = gettext.NullTranslations()
    os.environ["BPTEACH_LANGUAGE"] = language


@contextlib.contextmanager
def speaking(name):
    """Speak a language in a `with` block, and then again the one before."""
    before = language()
    speak(name)
    try:
        yield
    finally:
        speak(before)


def language():
    """Give the language that is spoken, by its folder's name."""
    return os.environ.get("BPTEACH_LANGUAGE") or "en"


def font():
    """Give the file of the letters that pictures need in this language beside Matplotlib's own; None if they do not."""
    file = FOLDER / language() / "font.otf"
    return file if file.exists() else None


def _(sentence):
    """Give the sentence in the reader's language."""
    return _catalogue.gettext(sentence)


def pgettext(context, sentence):
    """Give a sentence that English uses elsewhere, too, where it means something else."""
    return _catalogue.pgettext(context, sentence)


def ngettext(one, many, count):
    """Give the sentence for one or for many in the reader's language."""
    return _catalogue.ngettext(one, many, count)


def N_(sentence):
    """Mark a sentence that stands in data, and is translated where it is said."""
    return sentence


def joined(*sentences):
    """Say one sentence after the other; some may be empty."""
    said = [each for each in sentences if each]
    return reduce(lambda one, other: _("{one} {other}").format(one=one, other=other), said) if said else ""


def listed(words):
    """Name some things: a, b and c."""
    *first, last = words
    return (_(", ").join(first) + _(" and ") if first else "") + last


def width_of(text):
    """Count the columns that a text takes in print: Han letters take two."""
    return len(text) + sum(unicodedata.east_asian_width(letter) in "FW" for letter in text)


def aligned(cells, *widths):
    """Set a row of a table in columns, also where letters are two columns wide.

    Parameters
    ----------
    cells : iterable of object
        What stands in the row, printed by `str`.
    *widths : int
        How many columns each cell takes: flush left, or flush right if negative.

    Returns
    -------
    str
        The row.

    Examples
    --------
    >>> aligned(["样本", 1.5], 8, -6)
    '样本       1.5'
    """
    row = ""
    for cell, width in zip(map(str, cells), widths, strict=True):
        blank = " " * (abs(width) - width_of(cell))
        row += cell + blank if width > 0 else blank + cell
    return row


def listing(function, start="", numbered=False):
    """Give the source of a function, with its comments in the reader's language.

    Parameters
    ----------
    function : callable
        Any whose source there is.
    start : str
        What the text begins with, such as "    # forward"; what stands before is left out.
    numbered : bool
        Whether each line begins with its number, the `def` being line 1.

    Returns
    -------
    str
        The text to print.

    Examples
    --------
    >>> print(listing(width_of, numbered=True).splitlines()[0])
     1  def width_of(text):
    """
    source = inspect.getsource(function).rstrip()
    text = re.sub("# .+", lambda comment: _(comment[0]), source[source.index(start) :])
    lines = [f"{i:>2}  {line}".rstrip() for i, line in enumerate(text.splitlines(), 1)]
    return "\n".join(lines) if numbered else text


#: What is printed for a letter that a terminal lacks. Greek letters are named, raised ones follow a ^.
PLAIN = {"✓": "+", "✗": "x", "−": "-", "–": "-", "×": "x", "÷": "/", "·": "*", "⊙": "*", "±": "+/-", "½": "1/2"}
PLAIN |= {"∂": "d", "∇": "nabla", "∑": "Sum", "√": "sqrt", "′": "'", "‖": "||", "≠": "!=", "≈": "~", "≤": "<="}
PLAIN |= {"→": "->", "←": "<-", "▶": ">", "◀": "<", "◂": "<", "“": '"', "”": '"', "’": "'", "…": "..."}
PLAIN |= {"µ": "u", "\xa0": " "}


def plain(error):
    """Replace a letter that cannot be encoded: the error handler "bpteach" of Python's codecs."""
    letter = error.object[error.start]
    name, parts = unicodedata.name(letter, ""), unicodedata.decomposition(letter).split()
    text = PLAIN.get(letter, letter)
    if name.startswith("GREEK"):
        text = name.split()[-1].title() if "CAPITAL" in name else name.split()[-1].lower()
    elif parts and text == letter:  # é is e and an accent; ² is <super> and 2
        kind = parts.pop(0) if parts[0].startswith("<") else ""
        base = chr(int(parts[0], 16))
        text = PLAIN.get(base, base)
        if kind == "<super>":
            text = f"^{text}"
    return text if text.isascii() else "?", error.start + 1


codecs.register_error("bpteach", plain)


def printable(text):
    """Give the text as the terminal can show it: some lack letters such as ✓ and σ, and would stop."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        return text.encode(encoding, "bpteach").decode(encoding)
    except LookupError:  # an encoding that Python does not know
        return text


def readable(text, longest=120):
    """Write a text on one line, without control characters, not too long; what is left out is marked by "…"."""
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "backslashreplace").decode()
        for letter in str(text)[: longest + 1]
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


class Text(str):
    """A text that `print` shows on any terminal: see `printable`."""

    __slots__ = ()

    def __str__(self):
        return printable(str.__str__(self))

    def __format__(self, how):  # part of another text, which may go to a page
        return format(str.__str__(self), how)


if os.environ.get("BPTEACH_LANGUAGE"):
    speak(os.environ["BPTEACH_LANGUAGE"])
