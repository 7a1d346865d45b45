"""The lessons as a web site that needs no kernel and nothing from other machines: `bpteach site FOLDER`."""

import sys
from functools import partial

import nbformat

from bpteach.locale import _, ngettext
from bpteach.publishing import live, slides
from bpteach.publishing.command import parser_of, publish
from bpteach.publishing.index import card, index_of, numbered
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, cells_of, title
from bpteach.publishing.pages import (
    TEMPLATES,
    Page,
    Pages,
    copy_file,
    copy_scripts,
    finish,
    root_of,
    run,
    stored,
    write_pages,
)
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
    if not asked.live:
        return publish(asked, PACKAGES, build)
    if reason := live.hindrance(asked.pyodide):
        print(reason, file=sys.stderr)
        return 1
    add_live = partial(live.add_live, pyodide=asked.pyodide)
    return publish(asked, PACKAGES + live.packages_for(asked.pyodide), partial(build, add_live=add_live))


def build(draft, paths, packages, add_live=None):
    """Fill a folder with the site of the notebooks at `paths`, their solutions and slides, and what is for teachers."""
    lessons = [Page(path.stem, run(path)) for path in paths]
    decks = [Page(f"slides/{page.name}", page.notebook) for page in lessons if has_slides(page.notebook)]
    solved = {f"solutions/{path.stem}": path.parent / "solutions" / path.name for path in paths}
    solutions = [Page(name, stored(path)) for name, path in solved.items() if path.exists()]
    guides = [Page(name, guide(name)) for name in GUIDES if {*LESSONS} & {path.resolve() for path in paths}]
    rows, files = [lessons, solutions, guides], {path.stem: path for path in paths} | solved
    for page in (*lessons, *solutions):
        copy_file(files[page.name], draft / f"{page.name}.ipynb")
    made = {f"{page.name}{SUFFIX}" for page in decks} | {f"{page.name}.html" for row in rows for page in row}
    for row in rows:
        for i, page in enumerate(row):
            page.resources = {"kin": kin(page, made), **neighbours(row, i)}
            if add_live and page.name in files:
                page.resources["live"] = f"{root_of(page.name)}live/notebooks/index.html?path={page.name}.ipynb"
    cards = [card(page, draft / "pictures") for page in lessons]
    index = Page("index", index_of(bool(guides), bool(add_live)), {"cards": cards})

    exporter = Pages()
    written = write_pages(draft, exporter, [index, *lessons, *solutions, *guides])
    written += write_decks(draft, decks, packages)
    copy_scripts(packages, draft / "scripts")
    copy_file(TEMPLATES / "site.js", draft / "scripts" / "site.js")
    copy_file(TEMPLATES / "site.css", draft / "style" / "site.css")
    if add_live:
        add_live(draft, {page.name: files[page.name] for page in (*lessons, *solutions)}, packages)
    finish(written, packages, sections=exporter.sections, search=str(draft / "scripts" / "search.js"))
    return ngettext("{n} page", "{n} pages", len(written)).format(n=len(written)), "index.html"


def guide(name):
    """Make a notebook, with one cell, of what is written for teachers."""
    cell = nbformat.v4.new_markdown_cell((NOTEBOOKS / f"{name}.md").read_text(encoding="utf-8"))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.title = title(notebook)
    return notebook


def kin(page, made):
    """List what else there is on the lesson of a page: the address, and the words of the link."""
    stem, root = page.name.rpartition("/")[2], root_of(page.name)
    found = [
        (f"{stem}.html", _("The lesson")),
        (f"solutions/{stem}.html", _("Solutions")),
        (f"slides/{stem}{SUFFIX}", _("Slides")),
    ]
    others = [(root + address, words) for address, words in found if address in made - {f"{page.name}.html"}]
    return [*others, (f"{stem}.ipynb", _("Notebook file"))] if cells_of(page.notebook, "code") else others


def neighbours(row, i):
    """Give the pages before and after one of a row: the address, and the title."""
    root = root_of(row[i].name)
    near = {"previous": row[i - 1] if i else None, "next": row[i + 1] if i + 1 < len(row) else None}
    return {side: (f"{root}{page.name}.html", numbered(page)) for side, page in near.items() if page}
