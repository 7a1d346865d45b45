"""Each lesson in a real browser: it opens with its stored outputs, runs to its end, and nothing complains."""

import re
import shlex
from pathlib import Path

import pytest

from browser import Jupyter, faults, open_lesson, run_all, wait_for_lesson, wait_until
from lessons import LESSONS, ROOT, answers, cells_of, named, read

MOST_MEGABYTES = 450
MOST_WITH_LIBRARIES = 700  # PyTorch, JAX and scikit-learn take most of it before a line of the lesson has run

WITH_WIDGETS = [path for path in LESSONS if "bpteach.widgets" in path.read_text(encoding="utf-8")]

VISIBLE_OUTPUTS = """cells => cells.map(cell => [...cell.querySelectorAll('.jp-OutputArea-output')].some(
    output => output.getBoundingClientRect().height > 0))"""


def visible_outputs(page):
    """Tell for each code cell of the page whether any output of it can be seen."""
    return page.eval_on_selector_all(".jp-CodeCell", VISIBLE_OUTPUTS)


def step_widgets(page):
    """Step each widget of the lesson from its first to its last picture by keyboard: what it says must change."""
    for i, root in enumerate(page.locator(".bpteach-widget").all()):
        said = root.locator("[aria-live=polite]")
        sliders = root.get_by_role("slider")
        stepped = sliders.first if sliders.count() else root.get_by_role("combobox").first
        stepped.press("Home")
        first = said.all_inner_texts()
        stepped.press("End")
        wait_until(lambda said=said, first=first: said.all_inner_texts() != first, 5, f"widget {i} did not step", page)


@pytest.mark.parametrize("lesson", **named(LESSONS))
def test_lesson_runs_in_jupyterlab(lesson, jupyter, page):
    """The lesson opens as it is stored, answers folded; Run All shows every output, within the memory allowed."""
    notebook = read(lesson)
    open_lesson(page, jupyter, lesson.name)
    assert not faults(page), "before anything ran"
    assert not "".join(page.locator(".jp-OutputPlaceholder").all_inner_texts()).strip(), "shown below a folded cell"
    folded = [id(cell) for cell in answers(notebook)]
    code = cells_of(notebook, "code")
    assert visible_outputs(page) == [bool(cell.outputs) and id(cell) not in folded for cell in code]

    run_all(page, jupyter, lesson.name)
    step_widgets(page)
    assert not faults(page), "after Run All"
    shown = zip(code, visible_outputs(page), strict=True)
    assert not [cell.source for cell, visible in shown if cell.outputs and not visible], "after Run All"
    most = MOST_WITH_LIBRARIES if "bpteach.libraries" in lesson.read_text(encoding="utf-8") else MOST_MEGABYTES
    assert jupyter.peak_memory(lesson.name) <= most
    jupyter.stop_kernels()


@pytest.mark.parametrize("lesson", **named(WITH_WIDGETS))
def test_lesson_runs_in_notebook_7(lesson, page, tmp_path):
    """A lesson with a widget opens, runs and steps in Notebook 7 too."""
    with Jupyter(tmp_path, ["notebook"]) as jupyter:
        open_lesson(page, jupyter, lesson.name, front="notebooks")
        assert not faults(page), "before anything ran"
        assert not "".join(page.locator(".jp-OutputPlaceholder").all_inner_texts()).strip(), "shown below a folded cell"
        run_all(page, jupyter, lesson.name)
        step_widgets(page)
        assert not faults(page), "after Run All"


def test_readme_command_opens_the_first_lesson(page, tmp_path):
    """The end of the README's first command starts Jupyter, which opens the first lesson in the reader's browser."""
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
