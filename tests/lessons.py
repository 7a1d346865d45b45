"""The lessons: where they are, and how to read them."""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
SOLUTIONS = NOTEBOOKS / "solutions"

#: the kind of output that only a running kernel can fill
VIEW = "application/vnd.jupyter.widget-view+json"


def named(paths):
    """Give `pytest.mark.parametrize` the notebooks, each under its file's name."""
    return {"argvalues": paths, "ids": [path.stem for path in paths]}


#: Of an output in several forms, front ends preview the first of these.
PREVIEWED = ("text/html", "image/svg+xml", "text/markdown", "text/plain")


def read(path):
    """Read a notebook as it is stored."""
    return nbformat.read(path, as_version=4)


def cells_of(notebook, kind):
    """List the cells of one kind: "code" or "markdown"."""
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def answers(notebook):
    """List the code cells that answer a **Predict.**, each with the Markdown cell right before it."""
    pairs = zip(notebook.cells, notebook.cells[1:], strict=False)
    return [cell for before, cell in pairs if asks(before) and cell.cell_type == "code"]


def asks(cell):
    """Tell whether a cell asks the reader to predict something: a paragraph of it begins with **Predict.**"""
    return cell.cell_type == "markdown" and bool(re.search(r"^\*\*Predict\.\*\*", cell.source, re.MULTILINE))


def preview(cell):
    """Tell what JupyterLab and Notebook 7 show of folded outputs: of the first one, the first line that isn't empty."""
    if not cell.outputs:
        return ""
    first = cell.outputs[0]
    forms = first.get("data") or {"text/plain": first.get("text", "")}
    shown = next((kind for kind in PREVIEWED if kind in forms), None)
    return next((line for line in forms.get(shown, "").split("\n") if line), "")


def title(notebook):
    """Find the title of a lesson: its first line, without the mark of a heading."""
    found = re.match(r"# (.+)", notebook.cells[0].source) if notebook.cells else None
    return found[1].strip() if found else ""
