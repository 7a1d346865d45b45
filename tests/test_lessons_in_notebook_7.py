"""Each lesson with a widget in Notebook 7: it opens as it is stored, runs to its end, and its widgets step."""

import pytest

from bpteach.publishing.lessons import LESSONS
from browser import Jupyter, faults, named, open_lesson, run_all, shown_of_folded, step_widgets

WITH_WIDGETS = [path for path in LESSONS if "bpteach.widgets" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("lesson", **named(WITH_WIDGETS))
def test_lesson_runs_in_notebook_7(lesson, page, tmp_path):
    """A lesson with a widget opens, runs and steps in Notebook 7 too."""
    with Jupyter(tmp_path, ["notebook"]) as jupyter:
        open_lesson(page, jupyter, lesson.name, front="notebooks")
        assert not faults(page), "before anything ran"
        assert not shown_of_folded(page)
        run_all(page, jupyter, lesson.name)
        step_widgets(page)
        assert not faults(page), "after Run All"
