"""The lessons in Notebook 7: each opens as it is stored; those with widgets that do not run in JupyterLab run here."""

import pytest

from bpteach.publishing.lessons import LESSONS
from browser import named
from test_lessons_in_lab import IN_NOTEBOOK_7, opens_and_runs


@pytest.mark.parametrize("lesson", **named(LESSONS))
def test_lesson_works_in_notebook_7(lesson, jupyter, page):
    opens_and_runs(lesson, jupyter, page, "notebooks", lesson.name.startswith(IN_NOTEBOOK_7))
