"""Lessons run and stored, outputs included, the way that they belong in git: `bpteach store`."""

import argparse
import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.preprocessors import CoalesceStreamsPreprocessor

from bpteach.files import replace_file
from bpteach.locale import _
from bpteach.publishing.lessons import LESSONS, SOLUTIONS, VIEW, answers, cells_of, exercises, proofs, read, veil

PROGRESS_BAR = re.compile(r"\d%\|.*\| *\d+/\d+ \[")
KEPT_METADATA = ("tags", "jupyter", "slideshow", "nbgrader")


def execute(notebook, folder, widget_state=False):
    """Run every cell in a fresh kernel that works in `folder`; keep the widgets' state if asked. Changes `notebook`."""
    NotebookClient(
        notebook,
        timeout=600,
        startup_timeout=600,
        iopub_timeout=600,  # after 4 seconds a busy machine's outputs would be left out, and nobody told
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        store_widget_state=widget_state,
        resources={"metadata": {"path": str(folder)}},
    ).execute()


def tidy(notebook):
    """Leave out what changes from run to run, fold the answers, keep exercises off the slides. Changes `notebook`."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    folded, hidden = ({cell.id for cell in cells} for cells in (answers(notebook), proofs(notebook)))
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in KEPT_METADATA if key in cell.metadata})
    for cell in exercises(notebook):
        cell.metadata.slideshow = nbformat.from_dict({"slide_type": "skip"})
    for cell in cells_of(notebook, "code"):
        tidy_outputs(cell)
        fold(cell, outputs_hidden=cell.id in folded, source_hidden=cell.id in hidden)
        if cell.id in folded and cell.outputs:
            veil(cell)


def tidy_outputs(cell):
    """Take progress bars and live widgets out of a cell's outputs, and join what was printed. Changes `cell`."""
    kept = [output for output in cell.outputs if not is_progress_bar(output)]
    if len(kept) < len(cell.outputs):
        # a new run shows the bar, and the stored lesson does not: nbval must not compare them
        cell.metadata.tags = sorted({*cell.metadata.get("tags", []), "nbval-ignore-output"})
    for output in kept:
        output.get("data", {}).pop(VIEW, None)
    cell.outputs = [output for output in kept if output.output_type in ("stream", "error") or output.data]
    CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)  # how print cuts its text into pieces is chance


def is_progress_bar(output):
    """Tell whether an output is tqdm's bar, as a widget or in print."""
    text = output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
    return bool(PROGRESS_BAR.search(text))


def fold(cell, **hidden):
    """Fold or unfold the outputs of a cell, and its source. Changes `cell`."""
    jupyter = {key: value for key, value in cell.metadata.pop("jupyter", {}).items() if key not in hidden}
    jupyter |= {key: True for key in sorted(hidden) if hidden[key]}
    if jupyter:
        cell.metadata.jupyter = nbformat.from_dict(jupyter)


def store(path, notebook=None):
    """Run the lesson at `path`, or one that will be there, tidy it, and write it."""
    notebook = notebook or read(path)
    execute(notebook, path.parent)
    tidy(notebook)
    nbformat.validate(notebook)
    replace_file(path, (nbformat.writes(notebook).rstrip("\n") + "\n").encode())


def main(words):
    """Store the lessons named, or all and their solutions; give 1 if one of them stopped with an error."""
    about = _("Run lessons and store them with their outputs. A lesson that stops with an error is left as it was.")
    parser = argparse.ArgumentParser(prog="bpteach store", description=about)
    notebooks_help = _("the notebooks; all lessons and their solutions if none is named")
    parser.add_argument("notebooks", nargs="*", type=Path, help=notebooks_help)
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the kernels inherit it
    status = 0
    for path in parser.parse_args(words).notebooks or [*LESSONS, *sorted(SOLUTIONS.glob("*.ipynb"))]:
        print("/".join(path.parts[-2:]), end=": ", flush=True)
        status |= attempt(store, path)
    return status


def attempt(store_it, *arguments):
    """Call what runs and stores notebooks, and print how that ended; give 1 if one of them stopped with an error."""
    try:
        store_it(*arguments)
    except (CellExecutionError, DeadKernelError, OSError) as error:
        print(_("stopped, and is left as it was\n{error}").format(error=error))
        return 1
    print(_("stored"))
    return 0
