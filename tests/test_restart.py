"""Every widget after Kernel > Restart and Run All, in JupyterLab and in Notebook 7."""

import re

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from browser import PROMPTS, faults, open_lesson, run_all, wait_until, write_notebook
from widgets_on_show import EXAMPLES, setup

ROOT = ".bpteach-widget"
MENU = re.compile(r"^Restart Kernel and Run All Cells")


def restart_and_run_all(page, jupyter, name):
    """Choose it in the Kernel menu, confirm, and wait until every cell has its number again."""
    page.eval_on_selector_all(PROMPTS, "prompts => prompts.forEach(prompt => { prompt.textContent = ''; })")
    page.get_by_role("menuitem", name="Run" if "/lab" in page.url else "Kernel", exact=True).click()
    page.get_by_role("menuitem", name=MENU).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    numbered = f"document.querySelectorAll('{PROMPTS}').length"
    count = page.evaluate(numbered)
    texts = lambda: page.locator(PROMPTS).all_inner_texts()  # noqa: E731
    wait_until(lambda: len(re.findall(r"\[\d+\]", "".join(texts()))) == count, 60, "the cells did not run", page)
    wait_until(lambda: jupyter.is_idle(name), 30, "the kernel did not come to rest", page)


def said(root):
    """Give what the widget's live regions say."""
    return root.locator("[aria-live=polite]").all_inner_texts()


@pytest.mark.parametrize("front", ["lab/tree", "notebooks"])
def test_every_widget_steps_after_restart_and_run_all(front, jupyter, page):
    """No widget is left without its model, and each still steps."""
    name = "restart.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, [setup(), *(show.code.strip() for show in EXAMPLES.values())])
    open_lesson(page, jupyter, name, front)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    assert page.locator(ROOT).count() == len(EXAMPLES)
    restart_and_run_all(page, jupyter, name)
    page.wait_for_function(
        "([root, count]) => document.querySelectorAll(root).length === count", arg=[ROOT, len(EXAMPLES)]
    )
    for i, show in enumerate(EXAMPLES.values()):
        root = page.locator(ROOT).nth(i)
        before = said(root)
        root.locator(show.control).first.press(show.keys["last"])
        wait_until(
            lambda root=root, before=before: said(root) != before,
            5,
            f"widget {i} did not step",
            page,
        )
    assert faults(page) == []
    jupyter.stop_kernels()
