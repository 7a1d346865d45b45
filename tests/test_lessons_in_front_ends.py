"""The lessons in a real browser, in JupyterLab and Notebook 7: they open as stored; those with widgets run there.

The first is opened and run each time, as README says, and lesson 3 in Voilà. The others run in a browser once a week:
what they compute shows by nbval, and their widgets in each widget's tests. What lessons print, and how much memory each
takes, shows where nbval runs them.
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
    has_focus,
    open_lesson,
    run_all,
    shown_of_folded,
    step_widgets,
    wait_for,
    wait_for_lesson,
    wait_until,
)
from conftest import need

FRONTS = ("lab/tree", "notebooks")

#: Those with widgets, shared between the front ends
WITH_WIDGETS = [lesson for lesson in LESSONS if "from bpteach.widgets import" in lesson.read_text(encoding="utf-8")]
IN_NOTEBOOK_7 = ("03", "05", "07")

#: What computes long is made short here, for what it shows and not for what it proves.
SHORTER = {
    "04": {"[:5000]": "[:200]", "[:2000]": "[:100]", "epochs=2": "epochs=1"},
    "08": {"[21, 21, 9, 5]": "[2, 2, 2, 1]", "rounds=11": "rounds=2"},
    "09": {"range(1, 11)": "range(1, 2)", "[:10000]": "[:1000]", "range(8)": "range(2)"},
}

VISIBLE_OUTPUTS = """cells => cells.map(cell => [...cell.querySelectorAll('.jp-OutputArea-output')].some(
    output => output.getBoundingClientRect().height > 0))"""


def visible_outputs(page):
    return page.eval_on_selector_all(".jp-CodeCell", VISIBLE_OUTPUTS)


def open_as_stored(notebook, name, jupyter, page, front):
    """Open a notebook as it is stored, answers folded."""
    nbformat.write(notebook, jupyter.folder / "notebooks" / name)
    open_lesson(page, jupyter, name, front)
    assert not faults(page), "before anything ran"
    assert not shown_of_folded(page)
    folded = [id(cell) for cell in answers(notebook)]
    expected = {cell.id: bool(cell.outputs) and id(cell) not in folded for cell in cells_of(notebook, "code")}
    assert dict(zip(expected, visible_outputs(page), strict=True)) == expected


def shortened(lesson):
    """Read a lesson; where it computes long, make it shorter, and ask for no proof."""
    notebook = read(lesson)
    changes = SHORTER.get(lesson.name[:2], {})
    for old in changes:
        assert any(old in cell.source for cell in notebook.cells), f"{old} is not in {lesson.name}: mend SHORTER"
    for cell in cells_of(notebook, "code") if changes else ():
        for old, new in changes.items():
            cell.source = cell.source.replace(old, new)
        cell.source = re.sub(r"^( *)assert .+", r"\1pass", cell.source, flags=re.MULTILINE)
    return notebook


def front_of(lesson):
    return FRONTS[lesson.name.startswith(IN_NOTEBOOK_7)]


@pytest.mark.weekly
@pytest.mark.parametrize("front", FRONTS)
def test_lessons_open_as_they_are_stored(front, jupyter, page):
    """One after the other in one page; but for those that run here: they are opened there anyway."""
    notebook = read(LESSONS[0])
    lessons = [lesson for lesson in LESSONS if lesson not in WITH_WIDGETS or front_of(lesson) != front]
    notebook.cells = [cell for lesson in lessons for cell in read(lesson).cells]
    open_as_stored(notebook, "all.ipynb", jupyter, page, front)
    jupyter.stop_kernels()


@pytest.mark.weekly
@pytest.mark.parametrize("lesson", WITH_WIDGETS, ids=lambda lesson: lesson.stem)
def test_a_lesson_with_widgets_runs_and_they_step(lesson, jupyter, page):
    """At last, the lines that lesson 1 gives open what is still folded."""
    notebook = shortened(lesson)
    open_as_stored(notebook, lesson.name, jupyter, page, front_of(lesson))
    folded = lambda: page.locator(".jp-MarkdownOutput details:not([open]), .jp-InputPlaceholder").count()  # noqa: E731
    count = sum(cell.source.count("<details") for cell in notebook.cells) + len(proofs(read(lesson)))
    assert folded() == count
    run_all(page, jupyter, lesson.name)
    step_widgets(page)
    assert not faults(page), "after Run All"
    shown = zip(cells_of(notebook, "code"), visible_outputs(page), strict=True)
    assert not [cell.source for cell, visible in shown if cell.outputs and not visible], "after Run All"
    assert folded() == count
    run_below(page, OPENING)
    wait_for(page, folded, 0, "what is still folded")
    assert not faults(page), "once all is open"
    jupyter.stop_kernels()


#: the lines that open all answers, as lesson 1 gives them
OPENING = re.search(
    r"```python\n(.+?)\n```",
    next(cell.source for cell in read(LESSONS[0]).cells if "open_answers()" in cell.source),
    re.DOTALL,
)[1]


def run_below(page, lines):
    page.locator(".jp-Notebook .jp-Cell").last.click(position={"x": 5, "y": 5})
    for key in ("Escape", "b", "Enter"):
        page.keyboard.press(key)
    editor = page.locator(".jp-Notebook .jp-CodeCell.jp-mod-active .cm-content")
    wait_for(page, lambda: editor.count() and has_focus(editor), True, "the new cell can be written in")
    page.keyboard.insert_text(lines)
    page.keyboard.press("Shift+Enter")


#: What Voilà itself asks other machines for: icons, and what sets formulas; and extensions that miss JupyterLab there.
VOILAS = re.compile(r"https://\S+/(@fortawesome|mathjax)/|/voila/labextensions/(@jupyter-notebook|@jupyter/nbgrader)/")


def test_a_lesson_with_widgets_is_a_page_in_voila(jupyter, page):
    need("voila")
    lesson = next(lesson for lesson in WITH_WIDGETS if lesson.name.startswith("03"))
    page.route(re.compile("^https:"), lambda route: route.abort())
    address = f"{jupyter.address}/voila/render/notebooks/{lesson.name}?token={jupyter.token}"
    page.goto(address, wait_until="commit")  # it is whole once all cells have run
    expected = sum("To step through it" in str(cell.outputs) for cell in cells_of(read(lesson), "code"))
    shown = page.locator(".bpteach-widget")
    wait_until(lambda: shown.count() == expected, f"Voilà did not show {expected} widgets", page)
    step_widgets(page)
    assert not page.locator(".jp-CodeCell .jp-InputArea:visible").count(), "Voilà shows code"
    assert not [fault for fault in faults(page) if not VOILAS.search(fault)]


def test_readme_command_opens_the_first_lesson(page, tmp_path):
    block = re.search(r"```sh\n(.+?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block, "README.md has no block of shell commands"
    program, *command = shlex.split(block[1].split("&&")[-1])
    assert Path(program).name == "jupyter"
    with Jupyter(tmp_path, command) as jupyter:
        wait_until(jupyter.opened.exists, "Jupyter opened no browser")
        page.goto(jupyter.opened.read_text())
        wait_for_lesson(page, jupyter, LESSONS[0].name)
        assert LESSONS[0].name in page.url
        assert not faults(page)
        run_all(page, jupyter, LESSONS[0].name)
        step_widgets(page)
        assert not faults(page), "after Run All"
