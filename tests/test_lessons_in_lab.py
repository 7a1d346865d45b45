"""Each lesson in JupyterLab in a real browser: it opens as it is stored, runs to its end, and nothing complains."""

import re
import shlex
from pathlib import Path

import pytest

from bpteach.publishing.lessons import LESSONS, ROOT, answers, cells_of, read
from browser import (
    Jupyter,
    faults,
    named,
    open_lesson,
    run_all,
    shown_of_folded,
    step_widgets,
    wait_for_lesson,
    wait_until,
)

MOST_MEGABYTES = 450
MOST_WITH_LIBRARIES = 700  # PyTorch, JAX and scikit-learn take most of it before a line of the lesson has run

VISIBLE_OUTPUTS = """cells => cells.map(cell => [...cell.querySelectorAll('.jp-OutputArea-output')].some(
    output => output.getBoundingClientRect().height > 0))"""


def visible_outputs(page):
    """Tell for each code cell of the page whether any output of it can be seen."""
    return page.eval_on_selector_all(".jp-CodeCell", VISIBLE_OUTPUTS)


@pytest.mark.parametrize("lesson", **named(LESSONS))
def test_lesson_runs_in_jupyterlab(lesson, jupyter, page):
    """The lesson opens as it is stored, answers folded; Run All shows every output, within the memory allowed."""
    notebook = read(lesson)
    open_lesson(page, jupyter, lesson.name)
    assert not faults(page), "before anything ran"
    assert not shown_of_folded(page)
    folded = [id(cell) for cell in answers(notebook)]
    code = cells_of(notebook, "code")
    assert visible_outputs(page) == [bool(cell.outputs) and id(cell) not in folded for cell in code]

    run_all(page, jupyter, lesson.name)
    step_widgets(page)
    assert not faults(page), "after Run All"
    shown = zip(code, visible_outputs(page), strict=True)
    assert not [cell.source for cell, visible in shown if cell.outputs and not visible], "after Run All"
    most = (
        MOST_WITH_LIBRARIES if "bpteach.performance.libraries" in lesson.read_text(encoding="utf-8") else MOST_MEGABYTES
    )
    assert jupyter.peak_memory(lesson.name) <= most
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
