"""The lessons and pages in another language: `bpteach translate` brings their catalogues up to the English sources."""

import argparse
import re

from babel.messages import Catalog

from bpteach.files import replace_file
from bpteach.locale import _, po
from bpteach.publishing import catalogues, messages
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, ROOT, SOLUTIONS, read

LOCALE = ROOT / "bpteach" / "locale"
TEACHING = NOTEBOOKS / "teaching"


def sources():
    """List what is translated: the name of a catalogue → the files whose words are in it."""
    pages = {"guide": TEACHING / "guide.md", "teaching": TEACHING / "README.md", "README": ROOT / "README.md"}
    pages |= {"hub": TEACHING / "hub" / "README.md"}
    return {
        **{path.stem: [path, SOLUTIONS / path.name] for path in LESSONS},
        "assignment": sorted(TEACHING.glob("source/*/*.ipynb")),
        **{name: [path] for name, path in pages.items()},
    }


def translated(path, said):
    """Read a file, and give it with what `said` returns in the places of its messages: a notebook, or a page's text."""
    if path.suffix == ".md":
        return messages.of_page(path.read_text(encoding="utf-8"), said)
    notebook = read(path)
    number = re.match(r"\d*", path.stem)[0]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = messages.of_markdown(cell.source, said, cell.id)
        elif cell.cell_type == "code":
            cell.source = messages.of_code(cell.source, said, cell.id, number or cell.id)
    return notebook


def words_of(paths):
    """Collect the messages of some files, each string of code with the line that it stands in."""
    found = Catalog()

    def said(context, message, where):
        if where is not None:
            found.add(message, context=context, auto_comments=[where] if where else [])
        return message

    for path in paths:
        translated(path, said)
    return found


def main(words):
    """Bring the catalogues of the languages named, or of all that there are, up to date; give the exit status."""
    about = _("Bring the catalogues of the lessons' translations up to date with the English lessons.")
    parser = argparse.ArgumentParser(prog="bpteach translate", description=about)
    parser.add_argument("languages", nargs="*", help=_("such as zh_CN; all that there are if none is named"))
    there = sorted(path.name for path in LOCALE.iterdir() if path.is_dir() and path.name[0] != "_")
    parser.add_argument("--font", help=_("a font, to cut anew out of it the letters that pictures need"))
    asked = parser.parse_args(words)
    for language in asked.languages or there:
        catalogues.update(language)
        for name, paths in sources().items():
            file, found = LOCALE / language / f"{name}.po", words_of(paths)
            text = catalogues.updated(file.read_text(encoding="utf-8") if file.exists() else "", found, language)
            replace_file(file, text.encode())
            done = sum(bool(entry["msgid"]) for entry in po.entries(text))
            message = _("{file}: {done} of {all} messages are translated")
            print(message.format(file=file.relative_to(ROOT), done=done, all=len(found)))
        if asked.font:
            catalogues.update_font(language, asked.font)
    return 0
