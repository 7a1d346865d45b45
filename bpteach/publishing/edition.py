"""The lessons and pages in another language: made of the English ones, the catalogues, and where links lead to."""

import os
import posixpath
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from bpteach.files import replace_file
from bpteach.locale import FOLDER, _, languages, po, speaking
from bpteach.publishing import messages, store
from bpteach.publishing.lessons import FOLD, LESSONS, NOTEBOOKS, SOLUTIONS, cells_of, read

TEACHING = NOTEBOOKS / "teaching"
CONFIG = TEACHING / "nbgrader_config.py"
PAGES = {"guide": "teaching/guide", "teaching": "teaching/README", "hub": "teaching/hub/README", "README": "../README"}

#: where files are named: in code and as the words of links; and what of them each language has for itself
CODE = re.compile(r"```.*?```|`[^`\n]+`|\[[^]\n]*\]", re.DOTALL)
OURS = re.compile(r"\bnotebooks([/\\])(?=\d\d-|\*\.ipynb|solutions\b|teaching\b(?!/hub))")

SPEAK = 'from bpteach.locale import speak\nspeak("{language}")\n{source}'


def sources():
    """List what is translated: the name of a catalogue → the files whose words are in it."""
    return {
        **{path.stem: [path, SOLUTIONS / path.name] for path in LESSONS},
        "assignment": sorted(TEACHING.glob("source/*/*.ipynb")),
        **{name: [(NOTEBOOKS / f"{page}.md").resolve()] for name, page in PAGES.items()},
    }


def folder_of(language):
    return NOTEBOOKS / language.partition("_")[0]


def place_of(language):
    """Give where the pages in a language are in the site, whose own folder has the English ones."""
    return "" if language == "en" else f"{folder_of(language).name}/"


def language_of(path):
    """Tell the language of a lesson by the folder that it is in."""
    others = [name for name in languages() if name != "en" and path.resolve().is_relative_to(folder_of(name))]
    return others[0] if others else "en"


def target_of(path, language):
    """Give where the translation of a file is; what is not translated is where it is for all."""
    if not any(path in paths for paths in sources().values()):
        return path
    return folder_of(language) / (path.relative_to(NOTEBOOKS) if path.is_relative_to(NOTEBOOKS) else path.name)


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


@cache
def sayer(name, language):
    """Give a function that says the messages of a catalogue; those not translated stay English."""
    text = (FOLDER / language / f"{name}.po").read_text(encoding="utf-8")
    table = {(entry.get("msgctxt"), entry["msgid"]): entry["msgstr"] for entry in po.entries(text)}
    return lambda context, message, _where=None: table.get((context, message), message)


def made(path, name, language):
    """Make the translation of a file whose words are in a catalogue: a page's text, or a notebook that has not run."""
    result = translated(path, sayer(name, language))
    if path.suffix == ".md":
        return moved(result, path, language)
    with speaking(language):
        fold = FOLD.replace("What it shows", _("What it shows"))
    for cell in cells_of(result, "markdown"):
        cell.source = moved(cell.source.replace(FOLD, fold), path, language)
    first, *_others = cells_of(result, "code")
    first.source = SPEAK.format(language=language, source=first.source)
    return result


def write(name, language):
    """Write the translation of what a catalogue is of; run its lessons if their code or words have changed."""
    for path in sources()[name]:
        target, result = target_of(path, language), made(path, name, language)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            replace_file(target, result.encode())
        elif not target.exists() or sources_of(read(target)) != sources_of(result):
            store.store(target, result)
        if name == "assignment":
            replace_file(folder_of(language) / "teaching" / CONFIG.name, CONFIG.read_bytes())


def is_written(name, language):
    return all(target_of(path, language).exists() for path in sources()[name])


def sources_of(notebook):
    """Give what a notebook is without its outputs."""
    return [(cell.id, cell.source, cell.metadata) for cell in notebook.cells]


def moved(text, path, language):
    """Have the links of a translated text, and the folders that it names, lead to that language's own files."""
    target = target_of(path, language)

    def link(found):
        words, address = found.groups()
        file, _hash, place = address.partition("#")
        there = Path(os.path.normpath(path.parent / file)) if file else path
        if there == target:  # the English text leads here, so the translation leads back
            return f"[English]({relative(path, target)})"
        if ":" in file or not there.exists():
            return found[0]
        goal = relative(target_of(there, language), target) if file else ""
        return f"{words}({goal}#{anchor(there, place, language)})" if place else f"{words}({goal})"

    text = re.sub(r"(\[[^\[\]]*\])\(([^)\s]+)\)", link, text)
    return CODE.sub(lambda code: OURS.sub(rf"notebooks\1{folder_of(language).name}\1", code[0]), text)


def relative(path, start):
    return posixpath.relpath(path.as_posix(), start.parent.as_posix())


def anchor(path, place, language):
    """Give what the name of an English heading becomes: the heading at the same place in the translation."""
    name = next(name for name, paths in sources().items() if path in paths)
    english, other = (headings(translated(path, said)) for said in (lambda *said: said[1], sayer(name, language)))
    return dict(zip(english, other, strict=True)).get(unquote(place), place)


def headings(made):
    """List the names of a notebook's or a page's headings, as links have them."""
    if isinstance(made, str):
        return [messages.slug(words) for words in re.findall(r"^#+ (.+)$", made, re.MULTILINE)]
    text = "\n\n".join(cell.source for cell in cells_of(made, "markdown"))
    return [re.sub(r"\s", "-", words) for words in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
