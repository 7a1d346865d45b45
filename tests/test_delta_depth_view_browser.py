"""The view of δ in deep networks in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse."""

import re

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from bpteach import Network, backprop, feedforward, load_mnist
from bpteach.publishing.lessons import LESSONS
from bpteach.training import update_mini_batch_matrix
from bpteach.widgets import DeltaDepthView
from bpteach.widgets.marks import number
from browser import faults, open_lesson, run_all, write_notebook

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

CELLS = [
    SETUP,
    """view = DeltaDepthView(nets, X, Y, epochs=[0, 5, 10, 15, 20], epoch=1, example=2)
seen = ipywidgets.Label()
view.observe(lambda _: setattr(seen, "value", f"{view.epoch} {view.example} {view.text_size}"))
view""",
    "view",
    "seen",
    "DeltaDepthView(nets[0], X, Y)",
]

ROOT = ".bpteach-delta-depth-view"
FRONTS = ["lab/tree", "notebooks"]
EPOCHS = [0, 5, 10, 15, 20]
NUMBER = r"-?[\d.]+"


@pytest.fixture(scope="module")
def here():
    """Make the networks of the notebook, here, to compare with."""
    net = Network.random([784, 30, 30, 10], np.random.default_rng(1), scaled=True)
    X, Y = load_mnist().test.columns(range(6))
    nets = [net.copy()]
    for _ in range(4):
        for _ in range(5):
            update_mini_batch_matrix(net, X, Y, 3.0)
        nets.append(net.copy())
    return nets, X, Y, DeltaDepthView(nets, X, Y, epochs=EPOCHS)


@pytest.fixture(params=FRONTS)
def opened(request, page, jupyter):
    """Open the notebook and run it."""
    name = "depth.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, CELLS)
    open_lesson(page, jupyter, name, request.param)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()


def points(root, kind, shape, which=0):
    """Read the places of one kind of mark of the left-hand picture, by rows, the output first."""
    path = root.locator("svg").first.locator(f".bpteach-{kind}").nth(which).get_attribute("d")
    rows = {}
    for x, y in re.findall(shape, path):
        rows.setdefault(float(y), []).append(float(x))
    return [sorted(rows[y]) for y in sorted(rows)]


def logarithm(root):
    """Read the labels under the axis of ‖δ‖; give the function that turns a place into log10 ‖δ‖."""
    labels = (
        root.locator("svg")
        .first.locator("text[text-anchor=middle]")
        .evaluate_all(
            "texts => texts.map(text => [+text.getAttribute('y'), +text.getAttribute('x'), text.textContent])"
        )
    )
    axis = sorted((x, text) for y, x, text in labels if y == min(y for y, _, _ in labels))
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    known = [(x, float(re.sub("^10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "1e", text).translate(powers))) for x, text in axis]
    (left, low), (right, high) = known[0], known[-1]
    return lambda x: np.log10(low) + (x - left) / (right - left) * np.log10(high / low)


def expect_numbers(root, here, epoch, example):
    """Compare what the page shows with what backprop gives, one example after the other."""
    nets, X, Y, _ = here
    deltas = [backprop(nets[epoch], X[:, [i]], Y[:, [i]])[0] for i in range(6)]
    norms = np.array([[np.linalg.norm(delta) for delta in reversed(each)] for each in deltas]).T  # the output first
    place = logarithm(root)
    is_wrong = feedforward(nets[epoch], X).argmax(axis=0) != Y.argmax(axis=0)
    # in the legend there is a line, a dot, a diamond, and a tick of either kind
    read = points(root, "tick", rf"M({NUMBER}) ({NUMBER})v10", 1)
    missed = points(root, "missed", rf"M({NUMBER}) ({NUMBER})v-10", 1)
    for drawn, expected in ((read, norms[:, ~is_wrong]), (missed, norms[:, is_wrong])):
        assert [len(row) for row in drawn] == [expected.shape[1]] * (3 if expected.size else 0)
        for row, ours in zip(drawn, expected, strict=False):
            assert [place(x) for x in row] == pytest.approx(sorted(np.log10(ours)), abs=0.02)
    medians = points(root, "median", rf"M({NUMBER}) ({NUMBER})l", 1)
    assert [place(x) for (x,) in medians] == pytest.approx(np.log10(np.median(norms, axis=1)), abs=0.02)
    dots = points(root, "chosen[stroke-linecap]", rf"M({NUMBER}) ({NUMBER})h0", -1)
    assert [place(x) for (x,) in dots] == pytest.approx(np.log10(norms[:, example]), abs=0.02)
    texts = root.locator("svg text").all_text_contents()
    right = int((~is_wrong).sum())
    answer = feedforward(nets[epoch], X[:, [example]]).argmax()
    factor = np.median(norms[0] / norms[-1])
    assert f"{Y[:, example].argmax()}, read as {answer}" in texts
    assert f"read right: {right} of 6" in texts
    assert [number(norm) in texts for norm in norms[:, example]] == [True] * 3
    (shown,) = [text for text in texts if "median: " in text]
    assert float(shown.split()[-1]) == pytest.approx(factor, rel=0.06)
    a, shares = X, []
    for b, w in zip(nets[epoch].biases, nets[epoch].weights, strict=True):
        a = 1 / (1 + np.exp(-(w @ a + b)))
        shares.append(f"{100 * (a * (1 - a) < 0.05).mean():.0f}\N{NO-BREAK SPACE}%")
    column = root.locator("svg").nth(1).locator("text[text-anchor=end]").all_text_contents()
    assert [text for text in column if re.fullmatch(r"[\d.]+\s%", text)][-3:] == shares


def test_the_page_shows_what_python_computed_and_every_control_works(opened, here):
    page = opened
    widget = here[3]
    first, second, single = (page.locator(ROOT).nth(i) for i in range(3))
    seen = page.locator(".jp-OutputArea-output .widget-label").last

    def expect(epoch, example=2, text_size=16):
        page.wait_for_function(
            "([label, text]) => label.textContent === text",
            arg=[seen.element_handle(), f"{epoch} {example} {text_size}"],
        )  # Python knows
        for root in (first, second):
            frame = widget.frames[epoch]
            assert root.locator("[aria-live]").inner_text() == frame["examples"][example]["sentence"]
            assert [svg.get_attribute("aria-label") for svg in root.locator("svg").all()] == frame["alts"]
            slider = root.get_by_role("slider", name="Epoch")
            assert slider.input_value() == str(epoch)
            assert slider.get_attribute("aria-valuetext") == str(EPOCHS[epoch])
            assert root.locator(".bpteach-value").inner_text() == str(EPOCHS[epoch])
            assert root.get_by_role("slider", name="Example").input_value() == str(example)
            assert root.get_by_role("slider", name="Example").get_attribute("aria-valuetext") == f"{example + 1} of 6"
            assert root.evaluate("root => getComputedStyle(root).fontSize") == f"{text_size}px"

    assert first.locator("[aria-live=polite]").inner_text() == widget.frames[1]["examples"][2]["sentence"]
    expect_numbers(first, here, 1, 2)

    slider = first.get_by_role("slider", name="Epoch")
    slider.focus()
    for key, epoch in (("ArrowRight", 2), ("ArrowUp", 3), ("ArrowLeft", 2), ("End", 4), ("ArrowRight", 4), ("Home", 0)):
        slider.press(key)
        expect_soon(slider, epoch)
        assert slider.evaluate("range => range === document.activeElement")
    expect(0)
    expect_numbers(second, here, 0, 2)

    page.keyboard.press("Tab")  # to Previous, which leads nowhere now
    page.keyboard.press("Enter")
    expect(0)
    page.keyboard.press("Tab")  # to Next
    page.keyboard.press("Space")
    expect(1)
    page.keyboard.press("Enter")
    expect(2)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(1)

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # to Play
    play = first.get_by_role("button", name="Play")
    assert play.evaluate("button => button === document.activeElement")
    page.keyboard.press("Tab")  # to the speed
    page.keyboard.press("End")
    assert first.get_by_role("combobox", name="Speed").evaluate("s => s.selectedOptions[0].text") == "8 a second"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.wait_for_function("button => button.textContent === 'Play'", arg=play.element_handle())  # it ran to the end
    expect(4)
    expect_numbers(first, here, 4, 2)
    assert first.locator("[aria-live=polite]").count() == 1

    page.keyboard.press("Tab")
    page.keyboard.press("Home")  # one a second
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # plays from the start
    expect(0)
    pause = first.get_by_role("button", name="Pause")
    assert first.locator("[aria-live=off]").count() == 1
    pause.press("Enter")
    assert first.get_by_role("button", name="Play").count() == 1
    assert slider.input_value() in "01"
    slider.press("Home")

    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("Tab")  # by Next, Play and the speed to the example
    example = first.get_by_role("slider", name="Example")
    assert example.evaluate("range => range === document.activeElement")
    image = first.locator("svg .bpteach-ink").first.get_attribute("d")
    page.keyboard.press("ArrowRight")
    expect(0, 3)
    assert first.locator("svg .bpteach-ink").first.get_attribute("d") != image
    expect_numbers(first, here, 0, 3)
    page.keyboard.press("End")
    expect(0, 5)
    page.keyboard.press("Home")
    expect(0, 0)
    page.keyboard.press("Tab")  # to the text size
    page.keyboard.press("ArrowDown")
    expect(0, 0, 18)

    second.get_by_role("button", name="Next").click()
    expect(1, 0, 18)
    second.get_by_role("combobox", name="Text size").select_option("24")
    second.get_by_role("slider", name="Example").press("End")
    expect(1, 5, 24)
    slider.click(position={"x": 2, "y": 8})  # its left end
    expect(0, 5, 24)
    second.get_by_role("button", name="Play").click()
    expect_soon(slider, 1)
    second.get_by_role("button", name="Pause").click()

    assert single.get_by_role("slider").count() == 1  # one network has no epochs to choose from
    assert single.get_by_role("button").count() == 0
    single.get_by_role("slider", name="Example").press("ArrowRight")
    assert single.locator("[aria-live=polite]").inner_text().startswith("Example 2 of 6 (")

    assert page.locator(f"{ROOT} [id], {ROOT}[id]").count() == 0
    expect_to_fit(page)
    assert faults(page) == []


def expect_soon(slider, value):
    """Wait until the slider stands there."""
    slider.page.wait_for_function(
        "([range, value]) => range.value === value", arg=[slider.element_handle(), str(value)], timeout=10_000
    )


def expect_to_fit(page):
    """At 1280 pixels the two pictures stand side by side; at 800 nothing is too wide, at any text size."""
    root = page.locator(ROOT).first
    for width, size in ((1280, "16"), (800, "16"), (800, "32")):
        page.set_viewport_size({"width": width, "height": 900})
        root.get_by_role("combobox", name="Text size").select_option(size)
        page.wait_for_timeout(300)
        assert root.evaluate("root => root.scrollWidth <= root.clientWidth")
        left, right = (root.locator("svg").nth(i).bounding_box() for i in (0, 1))
        assert (left["y"] == right["y"]) == (width == 1280)


@pytest.mark.parametrize("front", FRONTS)
def test_the_lesson_shows_it_and_it_steps_there(front, page, jupyter):
    """Lesson 5 shows the view twice: before training, and with a slider over the epochs."""
    lesson = next(path for path in LESSONS if path.name.startswith("05"))
    open_lesson(page, jupyter, lesson.name, front)
    page.complaints.clear()
    run_all(page, jupyter, lesson.name)
    before, training = (page.locator(ROOT).nth(i) for i in range(2))
    assert before.get_by_role("slider").count() == 1
    before.get_by_role("slider", name="Example").press("End")
    assert before.locator("[aria-live]").inner_text().startswith("Example 100 of 100 (")
    slider = training.get_by_role("slider", name="Epoch")
    shown = []
    for key in ("Home", "End"):
        slider.press(key)
        shown.append(training.locator("[aria-live]").inner_text())
    assert re.match(r"Epoch 0, example 1 of 32 .* shrinks from", shown[0])
    assert shown[1].startswith("Epoch 30, example 1 of 32 ")
    training.get_by_role("slider", name="Example").press("ArrowRight")
    assert training.locator("[aria-live]").inner_text().startswith("Epoch 30, example 2 of 32 ")
    assert faults(page) == []
    jupyter.stop_kernels()
