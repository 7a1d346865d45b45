"""The lessons as a web site that needs no kernel and nothing from other machines: `bpteach site FOLDER`."""

import sys
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import nbformat

from bpteach.locale import _, languages, ngettext, speaking
from bpteach.publishing import live, pages, slides
from bpteach.publishing.command import parser_of, publish
from bpteach.publishing.edition import folder_of, language_of, place_of, target_of
from bpteach.publishing.index import card, index_of, numbered
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, ROOT, cells_of, read, title
from bpteach.publishing.slides import SUFFIX, has_slides, write_decks

PACKAGES = [*slides.PACKAGES, "minisearch@7"]

#: what is written for teachers: a page each, below the site as below the notebooks
GUIDES = ["teaching/guide", "teaching/README"]


def main(words):
    """Build the site that the command line asks for; give 1 if that cannot be, having said why."""
    about = _(
        "Build the lessons as a web site: each is run afresh, and the site works on any web server or opened as files. "
        "npm fetches the scripts, once; after that nothing is asked of other machines."
    )
    parser = parser_of("site", about)
    parser.add_argument("--live", action="store_true", help=_("with the lessons to run in the page; needs JupyterLite"))
    parser.add_argument(
        "--pyodide", help=_("where live lessons take Pyodide from: an address, or a folder with all of it")
    )
    asked = parser.parse_intermixed_args(words)
    if asked.pyodide and not asked.live:
        parser.error(_("--pyodide is for --live: add that."))
    if not asked.live:
        return publish(asked, PACKAGES, build)
    if reason := live.hindrance(asked.pyodide):
        print(reason, file=sys.stderr)
        return 1
    add_live = partial(live.add_live, pyodide=asked.pyodide)
    return publish(asked, PACKAGES + live.packages_for(asked.pyodide), partial(build, add_live=add_live))


@dataclass
class Edition:
    """The site in one language: what it is made of, and the folder where it goes."""

    language: str
    source: Path  #: the folder with its lessons
    lessons: dict  #: name of a page → its notebook
    solutions: dict
    guides: list

    @property
    def folder(self):
        return place_of(self.language)

    @property
    def up(self):
        """The way from there to the site."""
        return pages.root_of(self.folder)

    @cached_property
    def decks(self):
        """The names of the lessons that are slides, too."""
        return [name for name, path in self.lessons.items() if has_slides(read(path))]

    @property
    def made(self):
        """The addresses of its pages and decks."""
        names = ["index", *self.lessons, *self.solutions, *self.guides]
        return {f"{name}.html" for name in names} | {f"slides/{name}{SUFFIX}" for name in self.decks}


def editions_of(paths):
    """List the editions, the English one first: another has what is translated of the notebooks at `paths`."""
    found = []
    for name in languages():
        own = {path.resolve(): path for path in paths if language_of(path) == "en"}
        if name != "en":
            own = {path: target_of(path, name) for path in own if target_of(path, name) != path}
            own |= {path: path for path in paths if language_of(path) == name}
        lessons = {path.stem: path for path in own.values() if path.exists()}
        solved = {f"solutions/{path.stem}": path.parent / "solutions" / path.name for path in lessons.values()}
        source = NOTEBOOKS if name == "en" else folder_of(name)
        guides = [guide for guide in GUIDES if {*LESSONS} & own.keys() and (source / f"{guide}.md").exists()]
        solutions = {key: path for key, path in solved.items() if path.exists()}
        found += [Edition(name, source, lessons, solutions, guides)] if lessons else []
    return found


def build(draft, paths, packages, add_live=None):
    """Fill a folder with the site of the notebooks at `paths`, their solutions and slides, and what is for teachers."""
    editions, written, runnable = editions_of(paths), [], {}
    made = {edition.language: edition.made for edition in editions}
    for edition in editions:
        with speaking(edition.language):
            written += build_edition(draft, edition, made, packages, bool(add_live))
            if add_live:
                for name, path in (edition.lessons | edition.solutions).items():
                    runnable[edition.folder + name] = live.noted(read(path), name)
    pages.copy_scripts(packages, draft / "scripts")
    pages.copy_file(pages.TEMPLATES / "site.js", draft / "scripts" / "site.js")
    pages.copy_file(pages.TEMPLATES / "site.css", draft / "style" / "site.css")
    if add_live:
        add_live(draft, runnable, packages, [*made])
    return ngettext("{n} page", "{n} pages", len(written)).format(n=len(written)), f"{editions[0].folder}index.html"


def build_edition(draft, edition, made, packages, is_live):
    """Write the pages of one language, and an index of them for the search; give their files.

    `made` has the addresses of the pages and decks of each language.
    """
    folder, files = draft / edition.folder, edition.lessons | edition.solutions
    lessons = [pages.Page(name, pages.run(path)) for name, path in edition.lessons.items()]
    decks = [pages.Page(f"slides/{page.name}", page.notebook) for page in lessons if page.name in edition.decks]
    solutions = [pages.Page(name, pages.stored(path)) for name, path in edition.solutions.items()]
    guides = [pages.Page(name, guide(edition.source / f"{name}.md")) for name in edition.guides]
    for name, path in files.items():
        pages.copy_file(path, folder / f"{name}.ipynb")
    rows = [lessons, solutions, guides]
    cards = [card(page, folder / "pictures") for page in lessons]
    readme = edition.source / "README.md" if edition.folder else ROOT / "README.md"
    index = pages.Page("index", index_of(bool(guides), is_live, readme if readme.exists() else ROOT / "README.md"))
    for row in [[index], *rows]:
        for i, page in enumerate(row):
            page.resources = {"kin": kin(page, made[edition.language]), **neighbours(row, i)}
            if is_live and page.name in files:
                address = f"live/notebooks/index.html?path={edition.folder}{page.name}.ipynb"
                page.resources["live"] = pages.root_of(page.name) + edition.up + address
    index.resources["cards"] = cards
    exporter = pages.Pages(edition.up, made)
    written = pages.write_pages(folder, exporter, [index, *lessons, *solutions, *guides])
    written += write_decks(folder, decks, packages, edition.up, made)
    (folder / "scripts").mkdir(exist_ok=True)
    pages.finish(written, packages, sections=exporter.sections, search=str(folder / "scripts" / "search.js"))
    return written


def guide(path):
    """Make a notebook, with one cell, of what is written for teachers."""
    cell = nbformat.v4.new_markdown_cell(path.read_text(encoding="utf-8"))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.title = title(notebook)
    return notebook


def kin(page, made):
    """List what else there is on the lesson of a page: the address, and the words of the link."""
    stem, root = page.name.rpartition("/")[2], pages.root_of(page.name)
    found = [
        (f"{stem}.html", _("The lesson")),
        (f"solutions/{stem}.html", _("Solutions")),
        (f"slides/{stem}{SUFFIX}", _("Slides")),
    ]
    others = [(root + address, words) for address, words in found if address in made - {f"{page.name}.html"}]
    return [*others, (f"{stem}.ipynb", _("Notebook file"))] if cells_of(page.notebook, "code") else others


def neighbours(row, i):
    """Give the pages before and after one of a row: the address, and the title."""
    root = pages.root_of(row[i].name)
    near = {"previous": row[i - 1] if i else None, "next": row[i + 1] if i + 1 < len(row) else None}
    return {side: (f"{root}{page.name}.html", numbered(page)) for side, page in near.items() if page}
