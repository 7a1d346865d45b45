"""The catalogues of translations, for whoever translates: Babel brings them up to the sentences of the sources."""

import io
from operator import itemgetter

from babel.messages import Catalog, extract, pofile

from bpteach.publishing.lessons import ROOT

#: Where sentences stand: in Python, and in the scripts of widgets
METHODS = [("**.py", "python"), ("widgets/*.js", "javascript")]

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {}\\n"\n\n'
)


def sentences():
    """Collect the sentences of the package, by file."""
    found = Catalog()
    for file, _line, message, *_rest in sorted(
        extract.extract_from_dir(ROOT / "bpteach", METHODS), key=itemgetter(0, 1)
    ):
        found.add(message, locations=[(f"bpteach/{file}", None)])
    return found


def updated(text, found, language):
    """Give the text of a PO file, brought up to what was found: a changed sentence becomes fuzzy, a lost one goes."""
    catalogue = pofile.read_po(io.StringIO(text), locale=language)
    catalogue.update(found)
    for message in catalogue:
        message.flags.discard("python-format")  # "5 % off" is none
    out = io.BytesIO()
    pofile.write_po(out, catalogue, width=118, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return HEADER.format(language, catalogue.plural_forms) + out.getvalue().decode()


def update(language):
    """Bring a language's catalogue of the package up to date, or begin it; give what it holds."""
    path = ROOT / "bpteach" / "locale" / language / "LC_MESSAGES" / "bpteach.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = updated(path.read_text(encoding="utf-8") if path.exists() else "", sentences(), language)
    path.write_text(text, encoding="utf-8", newline="\n")
    return text
