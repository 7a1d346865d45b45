"""The words that readers see: marked with `_` where they are said, and looked up in the catalogues of this folder.

English needs no catalogue. Babel extracts the sentences: `pybabel extract bpteach`.
"""

import gettext
import os
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
