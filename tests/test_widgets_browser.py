"""The widgets in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse."""

import re

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from bpteach import Network, backprop, load_mnist
from bpteach.widgets import DeltaView
from bpteach.widgets.delta_view import BAR_HEIGHT
from browser import faults, open_lesson, run_all, write_notebook

SETUP = """
import ipywidgets
import numpy as np
from bpteach import Network, load_mnist
from bpteach.widgets import DeltaView

net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
X, Y = load_mnist().test.columns([0, 1, 2, 3])
view = DeltaView(net, X, Y, example=1)
seen = ipywidgets.Label()
view.observe(lambda _: setattr(seen, "value", f"{view.example} {view.own_scale} {view.text_size}"))
"""

ROOT = ".bpteach-delta-view"
FRONTS = ["lab/tree", "notebooks"]


def make():
    """Make the widget of the notebook, here, to compare with."""
    net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
    X, Y = load_mnist().test.columns([0, 1, 2, 3])
    return net, X, Y, DeltaView(net, X, Y, example=1)


def bars(root, row):
    """Read the bars of one row, the output being row 0: the position and the height of each, from -1 to 1."""
    found = {}
    for kind in ("up", "down"):
        paths = root.locator(f"svg .bpteach-{kind}").all()[1:]  # the first is the legend's
        for x, v in re.findall(r"M([\d.]+) [\d.]+v([-\d.]+)", paths[row].get_attribute("d") or ""):
            found[float(x)] = -float(v) / BAR_HEIGHT
    return found


@pytest.fixture(params=FRONTS)
def opened(request, page, jupyter):
    """Open the notebook and run it."""
    name = "widget.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, [SETUP, "view", "view", "seen"])
    open_lesson(page, jupyter, name, request.param)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()


def test_the_page_shows_what_python_computed_and_every_control_works(opened):
    page = opened
    net, X, Y, widget = make()
    first, second = page.locator(ROOT).nth(0), page.locator(ROOT).nth(1)
    seen = page.locator(".jp-OutputArea-output .widget-label").last

    def expect(example, own_scale=False, text_size=16):
        page.wait_for_function(
            "([label, text]) => label.textContent === text",
            arg=[seen.element_handle(), f"{example} {own_scale} {text_size}"],
        )  # Python knows
        for root in (first, second):
            frame = widget.frames[example]
            assert root.locator("[aria-live=polite]").inner_text() == frame["sentence"]
            assert root.locator("svg").get_attribute("aria-label") == frame["views"][own_scale]["alt"]
            assert root.get_by_role("slider").input_value() == str(example)
            assert root.get_by_role("slider").get_attribute("aria-valuetext") == f"{example + 1} of 4"
            assert root.get_by_role("checkbox").is_checked() == own_scale
            assert root.evaluate("root => getComputedStyle(root).fontSize") == f"{text_size}px"

    def expect_bars(example, own_scale):
        nabla_b, _ = backprop(net, X[:, [example]], Y[:, [example]])
        largest = max(np.abs(delta).max() for delta in nabla_b)
        for row, delta in enumerate(reversed(nabla_b)):
            heights = delta.ravel() / (np.abs(delta).max() if own_scale else largest)
            drawn = bars(first, row)
            assert len(drawn) == len(heights)
            assert [drawn[x] for x in sorted(drawn)] == pytest.approx(heights, abs=0.06 / BAR_HEIGHT)

    assert first.locator("[aria-live=polite]").inner_text() == widget.frames[1]["sentence"]
    expect_bars(1, own_scale=False)

    slider = first.get_by_role("slider", name="Example")
    slider.focus()
    for key, example in (
        ("ArrowRight", 2),
        ("ArrowUp", 3),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("Home", 0),
        ("End", 3),
    ):
        slider.press(key)
        expect(example)
        assert slider.evaluate("range => range === document.activeElement")
    expect_bars(3, own_scale=False)

    page.keyboard.press("Tab")  # to Previous
    page.keyboard.press("Enter")
    expect(2)
    page.keyboard.press("Space")
    expect(1)
    page.keyboard.press("Tab")  # to Next
    page.keyboard.press("Space")
    expect(2)
    page.keyboard.press("Tab")  # to the scale
    page.keyboard.press("Space")
    expect(2, own_scale=True)
    expect_bars(2, own_scale=True)
    page.keyboard.press("Tab")  # to the text size
    page.keyboard.press("ArrowDown")
    expect(2, True, 18)

    second.get_by_role("button", name="Next").click()
    expect(3, True, 18)
    second.get_by_role("button", name="Next").click(force=True)  # there is no next one
    expect(3, True, 18)
    second.get_by_role("button", name="Previous").click()
    second.get_by_role("checkbox", name="Each layer its own scale").click()
    second.get_by_role("combobox", name="Text size").select_option("24")
    expect(2, False, 24)
    slider.click(position={"x": 2, "y": 8})  # its left end
    expect(0, False, 24)

    assert page.locator(f"{ROOT} [id], {ROOT}[id]").count() == 0
    assert faults(page) == []


def test_it_fits_a_narrow_window(opened):
    page = opened
    page.set_viewport_size({"width": 800, "height": 900})
    page.wait_for_timeout(300)
    root = page.locator(ROOT).first
    assert root.evaluate("root => root.scrollWidth <= root.clientWidth")
    assert faults(page) == []
