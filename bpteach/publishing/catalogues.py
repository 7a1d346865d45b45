"""The catalogues of translations, for whoever translates: Babel brings them up to the sentences of the sources."""

import inspect
import io
import re
import string
import tokenize
from operator import itemgetter

from babel.messages import Catalog, extract, pofile

from bpteach.backpropagation import backprop, backprop_matrix
from bpteach.exercises.hunt import HUNT
from bpteach.files import replace_file
from bpteach.locale import FOLDER, po
from bpteach.publishing.lessons import ROOT
from bpteach.training import update_mini_batch_matrix

#: functions whose comments are read as well: a lesson or a widget shows their code
SHOWN = (backprop, backprop_matrix, update_mini_batch_matrix, *HUNT.values())

#: which of the faces in the file of Noto Sans CJK
FACES = {"zh_CN": 2}

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {}\\n"\n\n'
)


def sentences():
    """Collect the sentences of the package, by file."""
    found = Catalog()
    shown = (comment for function in SHOWN for comment in _comments_of(function))
    extracted = [*extract.extract_from_dir(ROOT / "bpteach"), *shown]
    for file, _line, message, _comments, context in sorted(extracted, key=itemgetter(0, 1)):
        found.add(message, locations=[(f"bpteach/{file}", None)], context=context)
    return found


def _comments_of(function):
    """Give the comments of a function, but for labels of equations."""
    file = f"{function.__module__.removeprefix('bpteach.').replace('.', '/')}.py"
    first, lines = function.__code__.co_firstlineno, io.BytesIO(inspect.getsource(function).encode())
    for token in tokenize.tokenize(lines.readline):
        if token.type == tokenize.COMMENT and re.search("[a-z]{3}", token.string):
            yield file, first + token.start[0] - 1, token.string, [], None


def updated(text, found, language):
    """Give the text of a PO file, brought up to what was found: a changed sentence becomes fuzzy, a lost one goes."""
    catalogue = pofile.read_po(io.StringIO(text), locale=language)
    catalogue.update(found)
    for message in catalogue:
        message.flags.discard("python-format")  # "5 % off" is none
    out = io.BytesIO()
    pofile.write_po(out, catalogue, width=118, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return HEADER.format(language, catalogue.plural_forms) + out.getvalue().decode()


def update(file, found, language):
    """Bring a catalogue up to what was found, or begin it; tell how many of its messages are not translated."""
    text = updated(file.read_text(encoding="utf-8") if file.exists() else "", found, language)
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, text.encode())
    return len(found) - sum(bool(entry["msgid"]) for entry in po.entries(text))


def letters(language):
    """Collect the letters of a language's translations beside ASCII, as one text."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((FOLDER / language).rglob("*.po"))]
    fields = (field for text in texts for entry in po.entries(text) for field in entry.items())
    found = {letter for name, said in fields if name.startswith("msgstr") for letter in said if letter.isprintable()}
    return "".join(sorted(letter for letter in found if not letter.isascii()))


def update_font(language, source):
    """Cut what pictures need of a language's letters out of a font, such as Noto Sans CJK; give the file."""
    from fontTools.subset import Options, Subsetter, load_font

    face = FACES.get(language, -1)
    options = Options(font_number=face, layout_features=[], hinting=False, name_IDs=[0, 1, 2, 4, 6, 13, 14])
    font, cutter = load_font(str(source), options), Subsetter(options)
    cutter.populate(text=letters(language) + string.printable)
    cutter.subset(font)
    for name in (1, 4, 6):  # a name of its own: the font itself may be there as well
        font["name"].setName(f"bpteach-{language}", name, 3, 1, 0x409)
    file = FOLDER / language / "font.otf"
    font.save(file)
    return file
