"""The bug gallery in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse.

That what Python sends is right, test_bug_gallery shows; here the page shows what Python sends.
"""

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import expect

from bpteach.diagnosis import CATALOGUE
from bpteach.widgets import BugGallery
from browser import faults, open_lesson, overflows, run_all, write_notebook
from pictures import as_on_page, on_page

SETUP = """
import ipywidgets
from bpteach.diagnosis.effects import Curve
from bpteach.widgets import BugGallery

names = BugGallery().exhibits
curves = {each["name"]: Curve((0.5, 0.25 + i / 100)) for i, each in enumerate(names)}
curves |= {"right": Curve((0.8, 0.9)), "missing-transpose": Curve((), "<b>ValueError</b>: it does not fit")}
gallery = BugGallery(curves, mistake="missing-hidden-sigmoid-prime")
"""
VIEW = """
seen = ipywidgets.Label()
gallery.observe(lambda _: setattr(seen, "value", f"{gallery.mistake} {gallery.probe} {gallery.text_size}"))
gallery"""

ROOT = ".bpteach-bug-gallery"
NAMES = list(CATALOGUE)
LAST = len(NAMES) - 1

# keys pressed one after the other, what then has the focus, and the mistake, the network and the text size shown
BY_KEYBOARD = [
    ("ArrowDown", "Mistake", 2, 0, 16),
    ("ArrowDown", "Mistake", 3, 0, 16),
    ("ArrowUp", "Mistake", 2, 0, 16),
    ("End", "Mistake", LAST, 0, 16),
    ("ArrowDown", "Mistake", LAST, 0, 16),
    ("Home", "Mistake", 0, 0, 16),
    ("ArrowDown " * 25 + "ArrowUp " * 20, "Mistake", 5, 0, 16),  # no step is dropped
    ("Home Tab Enter", "Previous", 0, 0, 16),  # leads nowhere now
    ("Tab Enter Space", "Next", 2, 0, 16),
    ("Shift+Tab Space", "Previous", 1, 0, 16),
    ("Tab Tab ArrowDown", "Seen on", 1, 1, 16),
    ("ArrowDown", "Seen on", 1, 2, 16),
    ("ArrowDown", "Seen on", 1, 3, 16),
    ("Tab ArrowDown", "Text size", 1, 3, 18),
]

#: Whether every control, picture and line of code ends within the widget.
INSIDE = """root => [...root.querySelectorAll('select, button, svg, code')].every(
    each => each.getBoundingClientRect().right <= root.getBoundingClientRect().right)"""


@pytest.fixture(scope="module")
def here():
    """Make the gallery of the notebook, here, to compare with."""
    names = {}
    exec(SETUP, names)
    return names["gallery"]


@pytest.fixture(params=["lab/tree", "notebooks"])
def opened(request, page, jupyter):
    """Open the notebook and run it."""
    name = "gallery.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, [SETUP, VIEW, "gallery", "seen", "BugGallery()"])
    open_lesson(page, jupyter, name, request.param)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()


def expect_shown(root, here, exhibit, probe, text_size):
    """Compare all that the page shows of a mistake with what Python computes of it."""
    shown = here.exhibits[exhibit]
    expect(root.locator("[aria-live]")).to_have_text(shown["sentences"][probe])
    expect(root.get_by_role("combobox", name="Mistake")).to_have_value(str(exhibit))
    expect(root.get_by_role("combobox", name="Seen on")).to_have_value(str(probe))
    assert root.locator("code").all_text_contents() == [shown["right"], shown["wrong"]]
    expect(root.locator(".bpteach-notes")).to_have_text(" ".join(shown["notes"]))
    for picture, marked in zip(root.locator("svg").all(), (shown["pictures"][probe], shown["accuracy"]), strict=True):
        expect(picture).to_have_attribute("aria-label", marked["alt"])
        assert on_page(picture) == as_on_page(marked["marks"])
    for i, row in enumerate(shown["verdicts"]):
        words = [here.words["accepts" if accepted else "refuses"] for accepted in row]
        assert root.locator("tbody tr").nth(i).locator("td").all_inner_texts() == words
    expect(root.locator("td.bpteach-accepted")).to_have_count(sum(map(sum, shown["verdicts"])))
    expect(root.locator("thead .bpteach-current")).to_have_text(here.heads[probe])
    expect(root).to_have_css("font-size", f"{text_size}px")


def test_the_page_shows_what_python_computed_and_every_control_works(opened, here):
    page = opened
    first, second, bare = (page.locator(ROOT).nth(i) for i in range(3))
    seen = page.locator(".jp-OutputArea-output .widget-label").last

    def shows(exhibit, probe, text_size):
        expect(seen).to_have_text(f"{NAMES[exhibit]} {probe} {text_size}")  # Python knows
        for root in (first, second):
            expect_shown(root, here, exhibit, probe, text_size)

    expect_shown(first, here, 1, 0, 16)
    expect(bare.locator("svg")).to_have_count(1)
    expect(bare.locator("[aria-live]")).to_have_text(BugGallery().exhibits[0]["sentences"][0])
    first.get_by_role("combobox", name="Mistake").focus()
    for keys, focused, *shown in BY_KEYBOARD:
        for key in keys.split():
            page.keyboard.press(key)
        role = "button" if focused in ("Previous", "Next") else "combobox"
        expect(first.get_by_role(role, name=focused)).to_be_focused()
        shows(*shown)
        expect(first.get_by_role("button", name="Previous")).to_have_attribute(
            "aria-disabled", str(not shown[0]).lower()
        )
    page.keyboard.press("Tab")  # to the table, which scrolls by keys where it must
    expect(first.locator(".bpteach-checks")).to_be_focused()

    second.get_by_role("combobox", name="Mistake").select_option("9. weight-index-hard-coded")
    second.get_by_role("combobox", name="Seen on").select_option("one hidden layer, before training")
    shows(NAMES.index("weight-index-hard-coded"), 1, 18)
    second.get_by_role("button", name="Previous").click()
    second.get_by_role("button", name="Previous").click()
    shows(NAMES.index("missing-transpose"), 1, 18)
    texts = " ".join(first.locator("svg").nth(1).locator("text").all_text_contents())
    assert "with the mistake it does not run there: <b>ValueError</b>: it does not fit" in texts  # as text, no markup

    expect(page.locator(f"{ROOT} [id], {ROOT}[id]")).to_have_count(0)
    expect_to_fit(page)
    assert faults(page) == []


def expect_to_fit(page):
    """At 1280 pixels the two pictures stand side by side; at 800 nothing is too wide, at any text size.

    Where there is room, the choice of the text size does not stand alone on a line of its own.
    """
    root = page.locator(ROOT).first
    for width, size in ((1280, "16"), (800, "16"), (800, "32")):
        page.set_viewport_size({"width": width, "height": 900})
        root.get_by_role("combobox", name="Text size").select_option(size)
        page.wait_for_timeout(300)
        assert not overflows(root), (width, size)
        assert root.evaluate(INSIDE), (width, size)
        if width == 1280:
            seen_on, text_size = (root.get_by_role("combobox", name=name) for name in ("Seen on", "Text size"))
            assert abs(seen_on.bounding_box()["y"] - text_size.bounding_box()["y"]) < 10
        left, right = (root.locator("svg").nth(i).bounding_box() for i in (0, 1))
        if size == "16" and "/lab" in page.url:
            assert (left["y"] == right["y"]) == (width == 1280), (left, right)
