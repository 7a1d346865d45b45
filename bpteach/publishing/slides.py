"""Build slides of the lessons that need no kernel and nothing from other machines.

    python -m bpteach slides FOLDER notebooks/03-*.ipynb      of this lesson
    python -m bpteach slides FOLDER                           of all lessons
    python -m bpteach slides FOLDER --stored                  with the outputs as they are stored

Which cell stands on which slide is written in the cells' metadata, as `jupyter nbconvert --to slides` reads it. Every
lesson is run afresh, so that its widgets can be stepped; with `--stored` nothing runs, and widgets are still pictures.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from nbconvert import SlidesExporter

from bpteach.publishing import npm
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, read, title, unveil
from bpteach.publishing.site import PACKAGES, TEMPLATES, Pages, RefusedError, copy, copy_scripts, run, write
from bpteach.publishing.site import WORDS as SITE_WORDS

WORDS = {
    "running": SITE_WORDS["running"],
    "deck": "{name}: {slides} slides",
    "built": "{folder}: {decks} decks, {size} MB. Open {name}; S shows the notes for the speaker, F fills the screen.",
    "no notebook": SITE_WORDS["no notebook"],
    "no slides": "{name} says of none of its cells on which slide it stands: in Jupyter, choose a slide type for each.",
}

REVEAL = "reveal.js@4"
SUFFIX = ".slides.html"
SHOWN = ("slide", "subslide", "fragment", "-")


class Slides(Pages, SlidesExporter):
    """Turns lessons into decks; style sheets are shared by the decks."""

    layout = "slides"
    suffix = SUFFIX

    def __init__(self):
        super().__init__(reveal_url_prefix="scripts/reveal", reveal_theme="lesson")


def kind(cell):
    """Tell a cell's slide type: slide, subslide, fragment, notes, skip, or "-", which stays on the slide before it."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def stored(path):
    """Read a lesson with the outputs as they are stored."""
    notebook = read(path)
    unveil(notebook)
    notebook.metadata.title = title(notebook) or path.stem
    return notebook


def copy_reveal(package, folder):
    """Copy from the package of reveal.js what a deck loads, with our own theme."""
    for name in ["dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js"]:
        copy(package / name, folder / name)
    copy(TEMPLATES / "slides.js", folder.parent / "slides.js")
    copy(TEMPLATES / "slides.css", folder / "dist" / "theme" / "lesson.css")


def build(folder, paths, packages, as_stored=False, report=print):
    """Build the decks of the notebooks at `paths` in `folder`; write there only if all went well."""
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place) / "slides"  # which, unlike the place, others may read
        draft.mkdir()
        notebooks = {}
        for path in paths:
            if not as_stored:
                report(WORDS["running"].format(name=path.stem))
            notebooks[path.stem] = stored(path) if as_stored else run(path)
            if all(kind(cell) == "-" for cell in notebooks[path.stem].cells):
                raise RefusedError(WORDS["no slides"].format(name=path.name))
        exporter = Slides()
        for name, notebook in notebooks.items():
            text = exporter.page(notebook, name, notebooks)
            (draft / f"{name}{SUFFIX}").write_text(text, encoding="utf-8")
            slides = sum(kind(cell) in ("slide", "subslide") for cell in notebook.cells)
            report(WORDS["deck"].format(name=f"{name}{SUFFIX}", slides=slides))
        for name, text in exporter.styles.items():
            write(draft / "style" / name, text)
        copy_scripts(packages, draft / "scripts")
        copy_reveal(packages["reveal.js"], draft / "scripts" / "reveal")
        shutil.copytree(NOTEBOOKS / "images", draft / "images")
        shutil.copytree(draft, folder, dirs_exist_ok=True)
    size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
    first = folder / f"{next(iter(notebooks))}{SUFFIX}"
    report(WORDS["built"].format(folder=folder, decks=len(notebooks), size=round(size, 1), name=first))


def main(words):
    """Build the decks that the command line asks for; give 1 if that cannot be, having said why."""
    parser = argparse.ArgumentParser(prog="bpteach slides", description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="where the decks go; it is made if need be")
    parser.add_argument("notebooks", nargs="*", type=Path, help="the notebooks; all lessons if none is named")
    parser.add_argument("--stored", action="store_true", help="run nothing: still pictures stand in for the widgets")
    parser.add_argument("--packages", type=Path, help="a folder where the scripts are kept for the next time")
    asked = parser.parse_args(words)
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the kernels inherit it
    try:
        for path in asked.notebooks:
            if path.suffix != ".ipynb" or not path.exists():
                raise RefusedError(WORDS["no notebook"].format(name=path))
        with tempfile.TemporaryDirectory() as place:
            packages = npm.fetch([*PACKAGES, REVEAL], asked.packages or place)
            build(asked.folder, asked.notebooks or LESSONS, packages, as_stored=asked.stored)
    except (RefusedError, npm.UnavailableError) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0
