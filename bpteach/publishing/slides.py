"""The lessons as slides that need no kernel and nothing from other machines: `bpteach slides FOLDER`.

Which cell stands on which slide is written in the cells' metadata, as `jupyter nbconvert --to slides` reads it.
"""

from nbconvert import SlidesExporter

from bpteach.locale import _, ngettext
from bpteach.publishing.lessons import kind, read, title, unveil
from bpteach.publishing.pages import (
    PACKAGES,
    TEMPLATES,
    Pages,
    RefusedError,
    copy,
    copy_scripts,
    publish,
    run,
    write_pages,
)

REVEAL = "reveal.js@4"
SUFFIX = ".slides.html"


class Slides(Pages, SlidesExporter):
    """Turns lessons into decks; style sheets are shared by the decks."""

    layout = "slides"
    suffix = SUFFIX

    def __init__(self):
        super().__init__(reveal_url_prefix="scripts/reveal", reveal_theme="lesson")

    def fold(self, notebook):
        """Fold nothing: on slides an answer comes one step after its question."""


def main(words):
    """Build the decks that the command line asks for; give 1 if that cannot be, having said why."""
    about = _(
        "Build the lessons as slides, a deck each, run afresh so that their widgets can be stepped. npm fetches the "
        "scripts, once; after that nothing is asked of other machines."
    )
    option = ("--stored", _("run nothing: outputs as they are stored, with still pictures for the widgets"))
    return publish(words, "slides", about, option, [*PACKAGES, REVEAL], build)


def build(draft, paths, packages, as_stored):
    """Fill a folder with the decks of the notebooks at `paths`."""
    notebooks = {}
    for path in paths:
        notebooks[path.stem] = stored(path) if as_stored else run(path)
        if all(kind(cell) == "-" for cell in notebooks[path.stem].cells):
            message = _("{name} says of none of its cells on which slide it stands: in Jupyter, choose a slide type.")
            raise RefusedError(message.format(name=path.name))
    write_pages(draft, Slides(), notebooks)
    copy_scripts(packages, draft / "scripts")
    copy_reveal(packages["reveal.js"], draft / "scripts" / "reveal")
    print(_("In a deck, S shows the notes for the speaker, and F fills the screen."))
    decks = ngettext("{n} deck", "{n} decks", len(notebooks)).format(n=len(notebooks))
    return decks, f"{next(iter(notebooks))}{SUFFIX}"


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
