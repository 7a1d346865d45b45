"""The view of δ in deep networks in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse.

That what Python sends is right, test_delta_depth_view shows; here the page shows what Python sends.
"""

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import expect

from bpteach.widgets import DeltaDepthView
from browser import faults, open_lesson, overflows, run_all, write_notebook
from pictures import as_on_page, on_page

SETUP = """
import ipywidgets
import numpy as np
from bpteach import Network, load_mnist
from bpteach.training import update_mini_batch_matrix
from bpteach.widgets import DeltaDepthView

net = Network.random([784, 30, 30, 10], np.random.default_rng(1), scaled=True)
X, Y = load_mnist().test.columns(range(6))
nets = [net.copy()]
for _ in range(4):
    for _ in range(5):
        update_mini_batch_matrix(net, X, Y, 3.0)
    nets.append(net.copy())
"""
VIEW = """
view = DeltaDepthView(nets, X, Y, epochs=[0, 5, 10, 15, 20], epoch=1, example=2)
seen = ipywidgets.Label()
view.observe(lambda _: setattr(seen, "value", f"{view.epoch} {view.example} {view.text_size}"))
view"""

ROOT = ".bpteach-delta-depth-view"
EPOCHS = ["0", "5", "10", "15", "20"]

# keys pressed one after the other, what then has the focus, and the epoch, example and text size that are shown
BY_KEYBOARD = [
    ("ArrowRight", "Epoch", 2, 2, 16),
    ("ArrowUp", "Epoch", 3, 2, 16),
    ("ArrowLeft", "Epoch", 2, 2, 16),
    ("End", "Epoch", 4, 2, 16),
    ("ArrowRight", "Epoch", 4, 2, 16),
    ("Home", "Epoch", 0, 2, 16),
    ("Tab Enter", "Previous", 0, 2, 16),
    ("Tab Space", "Next", 1, 2, 16),
    ("Enter", "Next", 2, 2, 16),
    ("Shift+Tab Space", "Previous", 1, 2, 16),
    ("Tab Tab Tab End", "Speed", 1, 2, 16),  # eight a second
    ("Shift+Tab Space", "Play", 4, 2, 16),  # to the end
    ("Tab Home Shift+Tab Enter", "Pause", 0, 2, 16),  # one a second, from the start
    ("Enter Shift+Tab Shift+Tab Shift+Tab Home", "Epoch", 0, 2, 16),
    ("Tab Tab Tab Tab Tab ArrowRight", "Example", 0, 3, 16),
    ("End", "Example", 0, 5, 16),
    ("Home", "Example", 0, 0, 16),
    ("Tab ArrowDown", "Text size", 0, 0, 18),
]


@pytest.fixture(scope="module")
def here():
    """Make the widget of the notebook, here, to compare with."""
    names = {}
    exec(SETUP, names)
    return DeltaDepthView(names["nets"], names["X"], names["Y"], epochs=list(map(int, EPOCHS)))


@pytest.fixture(params=["lab/tree", "notebooks"])
def opened(request, page, jupyter):
    """Open the notebook and run it."""
    name = "depth.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, [SETUP, VIEW, "view", "seen", "DeltaDepthView(nets[0], X, Y)"])
    open_lesson(page, jupyter, name, request.param)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()


def expect_shown(root, here, epoch, example, text_size):
    """Compare all that is shown with what Python computes: controls, words, and every mark of both pictures."""
    frame = here.frames[epoch]
    expect(root.locator("[aria-live]")).to_have_text(frame["examples"][example]["sentence"])
    slider, examples = (root.get_by_role("slider", name=name) for name in ("Epoch", "Example"))
    expect(slider).to_have_value(str(epoch))
    expect(slider).to_have_attribute("aria-valuetext", EPOCHS[epoch])
    expect(root.locator(".bpteach-value")).to_have_text(EPOCHS[epoch])
    expect(examples).to_have_value(str(example))
    expect(examples).to_have_attribute("aria-valuetext", f"{example + 1} of 6")
    expect(root).to_have_css("font-size", f"{text_size}px")
    filled = [frame["examples"][example]["filled"], []]
    for i, (panel, values) in enumerate(zip(here.panels, frame["filled"], strict=True)):
        slots = [*panel["epoch"], *panel["example"]]
        marks = [
            {**slot, ("text" if slot["tag"] == "text" else "d"): value}
            for slot, value in zip(slots, [*values, *filled[i]], strict=True)
        ]
        image = [] if i else here.images[example]
        picture = root.locator("svg").nth(i)
        expect(picture).to_have_attribute("aria-label", frame["alts"][i])
        assert on_page(picture) == as_on_page([*image, *panel["marks"], *marks])


def test_the_page_shows_what_python_computed_and_every_control_works(opened, here):
    page = opened
    first, second, single = (page.locator(ROOT).nth(i) for i in range(3))
    seen = page.locator(".jp-OutputArea-output .widget-label").last

    def shows(epoch, example, text_size):
        expect(seen).to_have_text(f"{epoch} {example} {text_size}")  # Python knows
        for root in (first, second):
            expect_shown(root, here, epoch, example, text_size)

    expect_shown(first, here, 1, 2, 16)
    first.get_by_role("slider", name="Epoch").focus()
    for keys, focused, *shown in BY_KEYBOARD:
        for key in keys.split():
            page.keyboard.press(key)
        role = {"Epoch": "slider", "Example": "slider", "Speed": "combobox", "Text size": "combobox"}
        expect(first.get_by_role(role.get(focused, "button"), name=focused)).to_be_focused()
        if focused == "Pause":
            expect(first.locator("[aria-live=polite]")).to_have_count(1)  # slow enough to listen to
            continue
        shows(*shown)
        expect(first.get_by_role("button", name="Play")).to_have_count(1)  # nothing plays
        expect(first.locator("[aria-live=polite]")).to_have_count(1)

    slider = first.get_by_role("slider", name="Epoch")
    second.get_by_role("button", name="Next").click()
    shows(1, 0, 18)
    second.get_by_role("combobox", name="Text size").select_option("24")
    second.get_by_role("slider", name="Example").press("End")
    shows(1, 5, 24)
    slider.click(position={"x": 2, "y": 8})  # its left end
    shows(0, 5, 24)
    second.get_by_role("combobox", name="Speed").select_option("2 a second")
    second.get_by_role("button", name="Play").click()
    expect(second.locator("[aria-live=off]")).to_have_count(1)
    expect(slider).to_have_value("1")
    second.get_by_role("button", name="Pause").click()

    expect(single.get_by_role("slider")).to_have_count(1)  # one network has no epochs to choose from
    expect(single.get_by_role("button")).to_have_count(0)
    single.get_by_role("slider", name="Example").press("ArrowRight")
    expect(single.locator("[aria-live=polite]")).to_contain_text("Example 2 of 6 (")

    expect(page.locator(f"{ROOT} [id], {ROOT}[id]")).to_have_count(0)
    expect_to_fit(page)
    assert faults(page) == []


def expect_to_fit(page):
    """At 1280 pixels the two pictures stand side by side; at 800 nothing is too wide, at any text size."""
    root = page.locator(ROOT).first
    for width, size in ((1280, "16"), (800, "16"), (800, "32")):
        page.set_viewport_size({"width": width, "height": 900})
        root.get_by_role("combobox", name="Text size").select_option(size)
        page.wait_for_timeout(300)
        assert not overflows(root), (width, size)
        left, right = (root.locator("svg").nth(i).bounding_box() for i in (0, 1))
        assert (left["y"] == right["y"]) == (width == 1280), (left, right)
