"""The first page of the site: what this is, a card for each lesson, and the ways from there."""

import base64
import re

import nbformat
from bs4 import BeautifulSoup

from bpteach.locale import _
from bpteach.publishing.lessons import cells_of


def index_of(has_guides, is_live, readme):
    """Make the first page, a notebook of Markdown; the template puts the cards below its first cell."""
    heading = _("The code of backpropagation")
    lead = _(
        "These lessons take the code of backpropagation apart, from a loop over single examples to matrices that do a "
        'whole mini-batch at once, on real handwritten digits. They follow the section "The code for backpropagation" '
        "of Michael Nielsen's *Neural Networks and Deep Learning* (chapter 2), and their pictures can be stepped here, "
        "line by line."
    )
    students = _(
        "## For students\n\nA lesson asks before it shows: guess, then open the answer; a switch on top opens all of "
        "them. Each lesson ends with exercises, which are solved in its notebook. The solutions give reasons."
    )
    teachers = _(
        "## For teachers\n\n"
        "- [The guide](teaching/guide.md) has a plan by the minute for each lesson, what to ask, and the wrong answers "
        "to expect.\n"
        "- The slides of a lesson, with widgets that step, are a link on its page.\n"
        "- [The assignment](teaching/README.md) is graded by nbgrader, with feedback that names the mistake.\n"
        "- [The tally](teaching/guide.md#the-tally) counts which mistakes the notebooks of a class make."
    )
    run = _("## Run it yourself")
    here = _(
        "*Run this lesson*, on the page of a lesson, starts Python in your browser: nothing needs to be installed."
    )
    there = _(
        "With Python 3.11 or newer, in a copy of the project's folder, this installs what the lessons use, and opens "
        "the first of them:"
    )
    command = re.search(r"^```sh\n.+?\n```", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[0]
    runs = "\n\n".join([run, *([here] if is_live else []), there, command])
    texts = [f"# {heading}\n\n{lead}", students, *([teachers] if has_guides else []), runs]
    index = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in texts])
    index.metadata.title = heading
    return index


def card(page, folder):
    """Tell of a lesson what the first page shows, in words that stand in its first cell; write its picture."""
    opening = page.notebook.cells[0].source if page.notebook.cells else ""
    minutes = re.search(r"^\*\*[^*]+\*\* *(\d+)", opening, re.MULTILINE)
    shown = {"address": f"{page.name}.html", "title": numbered(page)}
    if minutes:
        shown |= {"minutes": _("{n} minutes").format(n=minutes[1]), "goal": opening.split("\n\n")[2]}
    pictures = pictures_of(page.notebook)
    if pictures:
        kind, data = re.match(r"data:image/(\w+)[^,]*,(.*)", pictures[-1]["src"], re.DOTALL).groups()
        path = folder / f"{page.name}.{kind}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(base64.b64decode(data))
        shown |= {"picture": f"{folder.name}/{path.name}", "alt": pictures[-1]["alt"]}
    return shown


def numbered(page):
    """Give the title of a page, after the number of its lesson."""
    number = re.match(r"0*([1-9]\d*)-", page.name)
    return f"{number[1]}. {page.title}" if number else page.title


def pictures_of(notebook):
    """List the pictures that a lesson shows; those that answer a question only if there are no others."""
    shown, folded = [], []
    for cell in cells_of(notebook, "code"):
        row = folded if cell.metadata.get("jupyter", {}).get("outputs_hidden") else shown
        for output in cell.outputs:
            text = output.get("data", {}).get("text/html", "")
            row += BeautifulSoup(text, "html.parser").select('img[src^="data:"]')
    return shown or folded
