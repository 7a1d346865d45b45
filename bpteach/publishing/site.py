"""The lessons as a web site that needs no kernel and nothing from other machines: `bpteach site FOLDER`."""

import re

import nbformat

from bpteach.locale import _, ngettext
from bpteach.publishing.pages import PACKAGES, TEMPLATES, Pages, copy, copy_scripts, publish, run, write_pages


def main(words):
    """Build the site that the command line asks for; give 1 if that cannot be, having said why."""
    about = _(
        "Build the lessons as a web site: each is run afresh, and the site works on any web server or opened as files. "
        "npm fetches the scripts, once; after that nothing is asked of other machines."
    )
    return publish(words, "site", about, ("--dark", _("in the dark theme")), PACKAGES, build)


def build(draft, paths, packages, dark):
    """Fill a folder with the site of the notebooks at `paths`."""
    notebooks = {path.stem: run(path) for path in paths}
    notebooks["index"] = index_of(notebooks)
    write_pages(draft, Pages("dark" if dark else "light"), notebooks)
    copy(TEMPLATES / "site.css", draft / "style" / "site.css")
    copy_scripts(packages, draft / "scripts")
    copy(TEMPLATES / "site.js", draft / "scripts" / "site.js")
    return ngettext("{n} page", "{n} pages", len(notebooks)).format(n=len(notebooks)), "index.html"


def index_of(notebooks):
    """Make the first page: a notebook with one cell, the table of the lessons."""
    heading = _("The code of backpropagation")
    lead = _(
        'Lessons on the section "The code for backpropagation" of Michael Nielsen\'s *Neural Networks and Deep '
        "Learning* (chapter 2). These pages show them as they ran. To run and change the code, open the notebooks in "
        "Jupyter."
    )
    head = _("| lesson | minutes | what you'll have |\n|:---|:---|:---|")
    rows = "\n".join([head, *(row_of(name, notebook) for name, notebook in notebooks.items())])
    index = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {heading}\n\n{lead}\n\n{rows}")])
    index.metadata.title = heading
    return index


def row_of(name, notebook):
    """Write the line of one lesson, from what stands in its first cell."""
    opening = notebook.cells[0].source if notebook.cells else ""
    number = re.match(r"0*([1-9]\d*)-", name)
    minutes = re.search(r"\*\*Time:\*\* (\d+)", opening)
    number, goal = f"{number[1]}. " if number else "", opening.split("\n\n")[2].strip() if minutes else ""
    return f"| {number}[{notebook.metadata.title}]({name}.html) | {minutes[1] if minutes else ''} | {goal} |"
