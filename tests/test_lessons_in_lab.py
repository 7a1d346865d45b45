"""Each lesson in JupyterLab in a real browser: it opens as it is stored; those with widgets run, and nothing complains.

What a lesson without widgets prints, and how much memory each takes, shows where nbval runs it.
"""

import re
import shlex
from pathlib import Path

import nbformat
import pytest

from bpteach.publishing.lessons import LESSONS, ROOT, answers, cells_of, proofs, read
from browser import (
    Jupyter,
    faults,
    named,
    notebook_of,
    open_lesson,
    run_all,
    shown_of_folded,
    step_widgets,
    wait_for,
    wait_for_lesson,
    wait_until,
)

#: Those with widgets are shared between the front ends; each widget is tested in both, in test_widgets_browser.py.
IN_NOTEBOOK_7 = ("03", "05", "07")

VISIBLE_OUTPUTS = """cells => cells.map(cell => [...cell.querySelectorAll('.jp-OutputArea-output')].some(
    output => output.getBoundingClientRect().height > 0))"""


def visible_outputs(page):
    """Tell for each code cell of the page whether any output of it can be seen."""
    return page.eval_on_selector_all(".jp-CodeCell", VISIBLE_OUTPUTS)


def opens_and_runs(lesson, jupyter, page, front, runs):
    """Open a lesson as it is stored, answers folded; Run All shows every output, and its widgets step."""
    notebook = read(lesson)
    open_lesson(page, jupyter, lesson.name, front)
    assert not faults(page), "before anything ran"
    assert not shown_of_folded(page)
    folded = [id(cell) for cell in answers(notebook)]
    code = cells_of(notebook, "code")
    assert visible_outputs(page) == [bool(cell.outputs) and id(cell) not in folded for cell in code]
    if runs:
        run_all(page, jupyter, lesson.name)
        step_widgets(page)
        assert not faults(page), "after Run All"
        shown = zip(code, visible_outputs(page), strict=True)
        assert not [cell.source for cell, visible in shown if cell.outputs and not visible], "after Run All"
    jupyter.stop_kernels()


@pytest.mark.parametrize("lesson", **named(LESSONS))
def test_lesson_works_in_jupyterlab(lesson, jupyter, page):
    has_widgets = "from bpteach.widgets import" in lesson.read_text(encoding="utf-8")
    opens_and_runs(lesson, jupyter, page, "lab/tree", has_widgets and not lesson.name.startswith(IN_NOTEBOOK_7))


@pytest.mark.parametrize("front", ["lab/tree", "notebooks"])
def test_one_line_opens_all_answers(front, jupyter, page):
    """What is folded when a lesson is opened stands open when the lines that lesson 1 gives have run."""
    notebook, name = read(LESSONS[1]), "opened.ipynb"
    told = next(cell.source for cell in read(LESSONS[0]).cells if "open_answers()" in cell.source)
    lines = re.search(r"```python\n(.+?)\n```", told, re.DOTALL)[1]
    notebook.cells += notebook_of([lines]).cells
    nbformat.write(notebook, jupyter.folder / "notebooks" / name)
    folded = lambda: page.locator(".jp-MarkdownOutput details:not([open]), .jp-InputPlaceholder").count()  # noqa: E731
    open_lesson(page, jupyter, name, front)
    count = sum(cell.source.count("<details") for cell in notebook.cells) + len(proofs(notebook))
    wait_for(page, folded, count, "what is folded at first")
    run_all(page, jupyter, name)
    wait_for(page, folded, 0, "what is still folded")
    jupyter.stop_kernels()


def test_readme_command_opens_the_first_lesson(page, tmp_path):
    block = re.search(r"```sh\n(.+?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block, "README.md has no block of shell commands"
    program, *command = shlex.split(block[1].split("&&")[-1])
    assert Path(program).name == "jupyter"
    with Jupyter(tmp_path, command) as jupyter:
        wait_until(jupyter.opened.exists, 30, "Jupyter opened no browser")
        page.goto(jupyter.opened.read_text())
        wait_for_lesson(page, jupyter, LESSONS[0].name)
        assert LESSONS[0].name in page.url
        assert not faults(page)
