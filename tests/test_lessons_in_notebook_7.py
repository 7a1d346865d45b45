"""The lessons in Notebook 7: each opens as it is stored; those that take longest to compute run in JupyterLab only."""

import pytest

from bpteach.publishing.lessons import LESSONS
from browser import faults, named, open_lesson, run_all, shown_of_folded, step_widgets

#: With widgets, and soon run. What other lessons show, test_restart.py and the widgets' own tests run in Notebook 7.
RUN = ("03", "05", "07")


@pytest.mark.parametrize("lesson", **named(LESSONS))
def test_lesson_works_in_notebook_7(lesson, jupyter, page):
    open_lesson(page, jupyter, lesson.name, front="notebooks")
    assert not faults(page), "before anything ran"
    assert not shown_of_folded(page)
    if lesson.name.startswith(RUN):
        run_all(page, jupyter, lesson.name)
        step_widgets(page)
        assert not faults(page), "after Run All"
    jupyter.stop_kernels()
