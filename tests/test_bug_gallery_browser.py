"""The bug gallery in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse."""

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import PROBES, accepts, attempt
from bpteach.widgets import BugGallery
from bpteach.widgets.bug_gallery import WORDS
from browser import faults, open_lesson, run_all, write_notebook

CELLS = [
    """import ipywidgets
from bpteach.diagnosis.effects import Curve
from bpteach.widgets import BugGallery

names = BugGallery().exhibits
curves = {each["name"]: Curve((0.5, 0.25 + i / 100)) for i, each in enumerate(names)}
curves |= {"right": Curve((0.8, 0.9)), "missing-transpose": Curve((), "<b>ValueError</b>: it does not fit")}""",
    """gallery = BugGallery(curves, mistake="missing-hidden-sigmoid-prime")
seen = ipywidgets.Label()
gallery.observe(lambda _: setattr(seen, "value", f"{gallery.mistake} {gallery.probe} {gallery.text_size}"))
gallery""",
    "gallery",
    "seen",
    "BugGallery()",
]

ROOT = ".bpteach-bug-gallery"
FRONTS = ["lab/tree", "notebooks"]
NAMES = list(CATALOGUE)

#: Whether every control, picture and line of code ends within the widget.
INSIDE = """root => [...root.querySelectorAll('select, button, svg, code')].every(
    each => each.getBoundingClientRect().right <= root.getBoundingClientRect().right)"""


@pytest.fixture(scope="module")
def here():
    """Make the gallery here, to compare with."""
    return BugGallery()


@pytest.fixture(params=FRONTS)
def opened(request, page, jupyter):
    """Open the notebook and run it."""
    name = "gallery.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, CELLS)
    open_lesson(page, jupyter, name, request.param)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()


def expect_shown(root, here, name, probe):
    """Compare all that the page shows of a mistake with what Python computes of it."""
    shown = here.exhibits[NAMES.index(name)]
    assert root.locator("[aria-live]").inner_text().startswith(shown["sentences"][probe])
    assert root.get_by_role("combobox", name="Mistake").input_value() == str(NAMES.index(name))
    assert root.get_by_role("combobox", name="Seen on").input_value() == str(probe)
    assert root.locator("code").all_text_contents() == [CATALOGUE[name].right, CATALOGUE[name].wrong]
    assert root.locator(".bpteach-notes").inner_text() == " ".join(shown["notes"])
    picture = root.locator("svg").first
    assert picture.get_attribute("aria-label") == shown["pictures"][probe]["alt"]
    assert picture.locator("*").count() == len(shown["pictures"][probe]["marks"])
    each = attempt(name, list(PROBES)[probe])
    column = root.locator(f"tbody td:nth-child({probe + 2})").all_inner_texts()
    checks = [("relative", 1e-7), ("relative", 1e-2), ("absolute", 1e-4), ("absolute", 1e-2)]
    assert column == [WORDS["accepts" if accepts(each.found, each.expected, *check) else "refuses"] for check in checks]
    assert root.locator("thead .bpteach-current").inner_text() == here.heads[probe]


def test_the_page_shows_what_python_computed_and_every_control_works(opened, here):
    page = opened
    first, second, bare = (page.locator(ROOT).nth(i) for i in range(3))
    seen = page.locator(".jp-OutputArea-output .widget-label").last

    def expect(name, probe=0, text_size=16):
        page.wait_for_function(
            "([label, text]) => label.textContent === text",
            arg=[seen.element_handle(), f"{name} {probe} {text_size}"],
        )  # Python knows
        for root in (first, second):
            expect_shown(root, here, name, probe)
            assert root.evaluate("root => getComputedStyle(root).fontSize") == f"{text_size}px"

    expect_shown(first, here, "missing-hidden-sigmoid-prime", 0)
    expect_shown(bare, here, NAMES[0], 0)
    assert bare.locator("svg").count() == 1

    mistake = first.get_by_role("combobox", name="Mistake")
    mistake.focus()
    for key, at in (("ArrowDown", 2), ("ArrowDown", 3), ("ArrowUp", 2), ("End", 29), ("ArrowDown", 29), ("Home", 0)):
        page.keyboard.press(key)
        expect_soon(mistake, at)
        assert mistake.evaluate("select => select === document.activeElement")
    expect(NAMES[0])
    expect_no_step_dropped(page, mistake)
    expect(NAMES[5])
    page.keyboard.press("Home")
    expect(NAMES[0])
    page.keyboard.press("Tab")  # to Previous, which leads nowhere now
    assert first.get_by_role("button", name="Previous").get_attribute("aria-disabled") == "true"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # to Next
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(NAMES[2])
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(NAMES[1])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # to the network
    for probe in (1, 2, 3):
        page.keyboard.press("ArrowDown")
        expect(NAMES[1], probe)
    page.keyboard.press("Tab")  # to the text size
    page.keyboard.press("ArrowDown")
    expect(NAMES[1], 3, 18)
    page.keyboard.press("Tab")  # to the table, which scrolls by keys where it must
    assert first.locator(".bpteach-checks").evaluate("table => table === document.activeElement")

    second.get_by_role("combobox", name="Mistake").select_option("9. weight-index-hard-coded")
    second.get_by_role("combobox", name="Seen on").select_option(WORDS["one hidden layer"])
    expect("weight-index-hard-coded", 1, 18)
    assert first.locator("td.bpteach-accepted").count() == 6
    chart = first.locator("svg").nth(1)
    assert chart.get_attribute("aria-label").endswith(
        "right 90.0\N{NO-BREAK SPACE}%, with the mistake 33.0\N{NO-BREAK SPACE}%."
    )
    second.get_by_role("button", name="Previous").click()
    second.get_by_role("button", name="Previous").click()
    expect("missing-transpose", 1, 18)
    texts = " ".join(chart.locator("text").all_text_contents())
    assert "with the mistake it does not run there: <b>ValueError</b>: it does not fit" in texts  # as text, no markup
    assert chart.locator(".bpteach-wrong-dot").count() == 0

    assert page.locator(f"{ROOT} [id], {ROOT}[id]").count() == 0
    expect_to_fit(page)
    assert faults(page) == []


def expect_no_step_dropped(page, mistake):
    """Hold a key: the gallery ends where the last press leads."""
    mistake.press("Home")
    for key in ["ArrowDown"] * 25 + ["ArrowUp"] * 20:
        page.keyboard.press(key)
    expect_soon(mistake, 5)


def expect_soon(select, value):
    """Wait until the choice stands there."""
    select.page.wait_for_function(
        "([select, value]) => select.value === value", arg=[select.element_handle(), str(value)], timeout=10_000
    )


def expect_to_fit(page):
    """At 1280 pixels the two pictures stand side by side; at 800 nothing is too wide, at any text size.

    Where there is room, the choice of the text size does not stand alone on a line of its own.
    """
    root = page.locator(ROOT).first
    for width, size in ((1280, "16"), (800, "16"), (800, "32")):
        page.set_viewport_size({"width": width, "height": 900})
        root.get_by_role("combobox", name="Text size").select_option(size)
        page.wait_for_timeout(300)
        assert root.evaluate("root => root.scrollWidth <= root.clientWidth")
        assert root.evaluate(INSIDE)
        if width == 1280:
            seen_on, text_size = (root.get_by_role("combobox", name=name) for name in ("Seen on", "Text size"))
            assert abs(seen_on.bounding_box()["y"] - text_size.bounding_box()["y"]) < 10
        left, right = (root.locator("svg").nth(i).bounding_box() for i in (0, 1))
        if size == "16" and "/lab" in page.url:
            assert (left["y"] == right["y"]) == (width == 1280)
