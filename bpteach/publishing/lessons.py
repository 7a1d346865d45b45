"""The lessons: where they are, and how to read them."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]  # the package may be a link
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
SOLUTIONS = NOTEBOOKS / "solutions"

#: the kind of output that only a running kernel can fill
VIEW = "application/vnd.jupyter.widget-view+json"

#: Of an output in several forms, front ends preview the first of these.
PREVIEWED = ("text/html", "image/svg+xml", "text/markdown", "text/plain")
VEIL = " \n"

#: how a Markdown cell begins that tells what the answer to a **Predict.** shows; in other languages, in their words
FOLD, FOLD_END = "<details><summary>What it shows</summary>\n\n", "\n\n</details>"
FOLDED = re.compile(r"<details><summary>[^<]+</summary>\n\n(.+)\n\n</details>", re.DOTALL)
QUESTION = re.compile(r"^\*\*[^*\n]+[.。]\*\*", re.MULTILINE)


def read(path):
    return nbformat.read(path, as_version=4)


def cells_of(notebook, kind):
    """List the cells of one kind: "code" or "markdown"."""
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def answers(notebook):
    """List the code cells that answer a **Predict.**: right after it, or after a fold, where the answer goes on."""
    pairs = pairwise(notebook.cells)
    return [cell for before, cell in pairs if cell.cell_type == "code" and (asks(before) or is_fold(before))]


def proofs(notebook):
    """List the code cells that prove what a fold tells: their very code gives the answer away."""
    pairs = pairwise(notebook.cells)
    return [cell for before, cell in pairs if cell.cell_type == "code" and is_fold(before) and asserts(cell)]


def runs_of(cells):
    """Split cells into runs: code with folded outputs, and the folds and the code after them; or a cell of its own."""
    runs, opens = [], False
    for before, cell in pairwise([nbformat.v4.new_raw_cell(), *cells]):
        is_code = cell.cell_type == "code"
        if opens and (is_fold(cell) or (is_code and is_fold(before))):
            runs[-1].append(cell)
        else:
            opens = is_code and (asks(before) or bool(cell.metadata.get("jupyter", {}).get("outputs_hidden")))
            runs.append([cell])
    return runs


def asserts(cell):
    return bool(re.search(r"^\s*assert\b", cell.source, re.MULTILINE))


def is_fold(cell):
    """Tell whether a cell is the folded end of an answer, and nothing else."""
    return cell.cell_type == "markdown" and bool(FOLDED.fullmatch(cell.source))


def asks(cell):
    """Tell whether a cell asks the reader to predict something: a paragraph of it begins so, with **Predict.**"""
    return cell.cell_type == "markdown" and bool(QUESTION.search(cell.source))


def preview(cell):
    """Tell what JupyterLab and Notebook 7 show of folded outputs: of the first one, the first line that isn't empty."""
    if not cell.outputs:
        return ""
    forms, kind = _previewed(cell.outputs[0])
    return next((line for line in forms[kind].split("\n") if line), "")


def veil(cell):
    """Begin a folded output with a line that holds one space. Changes `cell`.

    Else `preview` would be the answer itself, or the beginning of a picture as text. nbval (sanitize.cfg) and the
    slides leave the line out.
    """
    forms, kind = _previewed(cell.outputs[0])
    forms[kind] = VEIL + forms[kind].removeprefix(VEIL)


def unveil(notebook):
    """Leave out the lines that hide folded outputs. Changes `notebook`."""
    for output in (cell.outputs[0] for cell in cells_of(notebook, "code") if cell.outputs):
        forms, kind = _previewed(output)
        forms[kind] = forms[kind].removeprefix(VEIL)


def _previewed(output):
    """Give the forms of an output, and the name of that which front ends preview."""
    forms = output.get("data", output)
    return forms, next(kind for kind in (*PREVIEWED, "text") if kind in forms)


def kind(cell):
    """Tell a cell's slide type: slide, subslide, fragment, notes, skip, or "-", which stays on the slide before it."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def exercises(notebook):
    """List the cells under the heading "Exercises", with it: the section that has cells tagged so."""
    sections = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            sections.append([])
        sections[-1].append(cell)
    return [cell for section in sections[1:] if any(map(is_exercise, section)) for cell in section]


def is_exercise(cell):
    """Tell whether a cell is where the answer to an exercise is written."""
    return any(tag.startswith("exercise-") for tag in cell.metadata.get("tags", []))


def title(notebook):
    """Find the title of a lesson: its first line, without the mark of a heading."""
    found = re.match(r"# (.+)", notebook.cells[0].source) if notebook.cells else None
    return found[1].strip() if found else ""
