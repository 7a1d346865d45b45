"""The lessons as slides that need no kernel and nothing from other machines: `bpteach slides FOLDER`.

Which cell stands on which slide is written in the cells' metadata, as `jupyter nbconvert --to slides` reads it.
"""

from nbconvert import SlidesExporter

from bpteach.locale import _, ngettext, speaking
from bpteach.publishing import pages
from bpteach.publishing.command import parser_of, publish
from bpteach.publishing.edition import language_of, place_of
from bpteach.publishing.lessons import kind

PACKAGES = [*pages.PACKAGES, "reveal.js@4"]
SUFFIX = ".slides.html"


class Slides(pages.Pages, SlidesExporter):
    """Turns lessons into decks; style sheets are shared by the decks."""

    layout = "slides"
    suffix = SUFFIX

    def __init__(self, shared, made):
        super().__init__(shared, made, reveal_theme="lesson")

    def _init_resources(self, resources):
        """Have reveal.js come from the folder itself."""
        resources = super()._init_resources(resources)
        resources["reveal"]["url_prefix"] = f"{resources['shared']}scripts/reveal"
        return resources

    def called(self, page):
        return _("{title} slides").format(title=page.title)

    def fold(self, notebook):
        """Fold nothing: on slides an answer comes one step after its question."""


def main(words):
    """Build the decks that the command line asks for; give 1 if that cannot be, having said why."""
    about = _(
        "Build the lessons as slides, a deck each, run afresh so that their widgets can be stepped. npm fetches the "
        "scripts, once; after that nothing is asked of other machines."
    )
    parser = parser_of("slides", about)
    stored_help = _("run nothing: outputs as they are stored, with still pictures for the widgets")
    parser.add_argument("--stored", action="store_true", help=stored_help)
    asked = parser.parse_intermixed_args(words)
    return publish(asked, PACKAGES, lambda *where: build(*where, as_stored=asked.stored))


def build(draft, paths, packages, as_stored):
    """Fill a folder with the decks of the notebooks at `paths`; each language has its place there, as in the site."""
    made, files = {}, []
    for path in paths:
        made.setdefault(language_of(path), {})[f"{path.stem}{SUFFIX}"] = path
    for language, named in made.items():
        with speaking(language):
            decks = [deck(path, as_stored) for path in named.values()]
            place = place_of(language)
            files += write_decks(draft / place, decks, packages, pages.root_of(place), made)
    pages.finish(files, packages)
    pages.copy_scripts(packages, draft / "scripts")
    print(_("In a deck, S shows the notes for the speaker, and F fills the screen."))
    first = files[0].relative_to(draft)
    return ngettext("{n} deck", "{n} decks", len(files)).format(n=len(files)), first


def deck(path, as_stored):
    """Make a deck of a notebook, which is run, or shown as it is stored."""
    made = pages.Page(path.stem, pages.stored(path) if as_stored else pages.run(path))
    if not has_slides(made.notebook):
        message = _("{name} says of none of its cells on which slide it stands: in Jupyter, choose a slide type.")
        raise pages.RefusedError(message.format(name=path.name))
    return made


def has_slides(notebook):
    return any(kind(cell) != "-" for cell in notebook.cells)


def write_decks(draft, decks, packages, shared, made):
    """Write decks into a folder, and what they alone load; give their files."""
    package, scripts = packages["reveal.js"], draft / shared / "scripts"
    for name in ["dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js"]:
        pages.copy_file(package / name, scripts / "reveal" / name)
    pages.copy_file(pages.TEMPLATES / "slides.js", scripts / "slides.js")
    pages.copy_file(pages.TEMPLATES / "slides.css", scripts / "reveal" / "dist" / "theme" / "lesson.css")
    return pages.write_pages(draft, Slides(shared, made), decks)
