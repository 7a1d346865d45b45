"""The backprop stepper in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse."""

import re
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from bpteach import Network, backprop, load_mnist
from bpteach.publishing.lessons import LESSONS
from bpteach.widgets import BackpropStepper
from bpteach.widgets.stepper_frames import sentence_of
from browser import faults, open_lesson, run_all, write_notebook

SETUP = """
import ipywidgets
import numpy as np
from bpteach import Network, backprop, backprop_matrix, load_mnist
from bpteach.widgets import BackpropStepper

net = Network.random([784, 30, 30, 10], np.random.default_rng(1), scaled=True)
x, y = load_mnist().test.columns(0)
view = BackpropStepper(backprop, net, x, y, step=3)
seen = ipywidgets.Label()
names = ["step", "speed", "predict", "neuron", "text_size"]
view.observe(lambda _: setattr(seen, "value", " ".join(str(getattr(view, name)) for name in names)))
"""

BATCH = """
def marked(net, x, y):
    title = "<img src=x onerror=document.title='run'>"  # <b>BP1</b>
    nabla_b = (net.weights[-1] @ y) / len(title)
    return nabla_b

small = Network.random([9, 5, 2], np.random.default_rng(1))
X, Y = np.random.default_rng(2).random((9, 4)), np.eye(2)[:, [0, 1, 1, 0]]
ipywidgets.VBox([BackpropStepper(backprop_matrix, small, X, Y, example=1), BackpropStepper(marked, net, x, y)])
"""

ROOT = ".bpteach-backprop-stepper"
FRONTS = ["lab/tree", "notebooks"]


def make(**choices):
    """Make the widget of the notebook, here, to compare with."""
    net = Network.random([784, 30, 30, 10], np.random.default_rng(1), scaled=True)
    return BackpropStepper(backprop, net, *load_mnist().test.columns(0), **choices)


def texts(root, selector):
    return root.locator(selector).all_inner_texts()


SHOWN = """root => ({
    step: Number(root.querySelector('[type=range]').value),
    sentence: root.querySelector('.bpteach-sentence').textContent,
    lit: root.querySelector('[aria-current=step] .bpteach-number')?.textContent,
    alt: root.querySelector('svg').getAttribute('aria-label'),
    spoken: root.querySelector('.bpteach-equation math')?.getAttribute('aria-label') ?? null,
    changed: [...root.querySelectorAll('.bpteach-changed th')].map(cell => cell.lastChild.textContent),
})"""

SUM = """root => [
    root.querySelector('.bpteach-sum .bpteach-title').textContent,
    [...root.querySelectorAll('.bpteach-sum tbody tr')].map(row => [...row.children].map(cell => cell.textContent)),
]"""


def shown(root):
    """Read what a view shows: the place of the slider, the sentence, the lit line, the drawing, the equation."""
    return root.evaluate(SHOWN)


def expected(widget, step):
    """Tell what a view should show, from what Python computed."""
    described = widget.story["steps"][step]
    sentence = sentence_of(described, widget.examples["0"])
    return {
        "step": step,
        "sentence": sentence,
        "lit": str(widget.story["code"][described["line"]][0]),
        "alt": f"{widget.story['picture']} {sentence}",
        "spoken": spoken(widget, described),
        "changed": [widget.story["names"][i] for i in sorted(described["changed"])],
    }


def spoken(widget, step):
    return widget.story["equations"][step["equation"]]["spoken"] if step["equation"] >= 0 else None


def sum_shown(root):
    """Read the sum of a neuron: its title, its rows."""
    return tuple(root.evaluate(SUM))


def sum_expected(widget, step, layer, j):
    """Tell the rows of a neuron's sum, from what Python computed."""
    events = widget.examples["0"]["events"]
    event = events[widget.story["steps"][step]["layers"][layer - 1][3]]
    terms = events[event["terms"]]["terms"] if isinstance(event["terms"], int) else event["terms"]
    rows = [row.split(" ") for row in terms[j].split("|") if row] if terms else []
    for word, count, value in (row.split(" ") for row in event["feet"][j].split("|")):
        rows.append([widget.words[f"foot {word}"].format(count=count), value])
    return f"Neuron {j} of layer {layer}", [[cell.replace("-", "−") for cell in row] for row in rows]


@pytest.mark.parametrize("front", FRONTS)
def test_in_a_notebook(front, page, jupyter):
    """Open a notebook once, and try everything in turn; run it again in between."""
    name = "stepper.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, [SETUP, "view", "view", "seen", BATCH])
    open_lesson(page, jupyter, name, front)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    check_every_control(page)
    assert faults(page) == []
    run_all(page, jupyter, name)
    check_predicting(page)
    assert faults(page) == []
    check_columns_of_a_batch_and_markup_in_the_code(page)
    check_it_fits_and_stays_where_it_is(page)
    assert faults(page) == []
    jupyter.stop_kernels()


def check_every_control(page):
    """What the page shows is what Python computed, whichever control is used, and Python knows of it."""
    widget = make(step=3)
    first, second = page.locator(ROOT).nth(0), page.locator(ROOT).nth(1)
    seen = page.locator(".jp-OutputArea-output > .widget-label, .jp-OutputArea-output .widget-label").first
    last, backward = len(widget.story["steps"]) - 1, widget.story["backward"]
    slider = first.get_by_role("slider", name="Step")

    def expect(step, speed="medium", predict=False, neuron="[]", text_size=16):
        page.wait_for_function(
            "([label, text]) => label.textContent === text",
            arg=[seen.element_handle(), f"{step} {speed} {predict} {neuron} {text_size}"],
        )  # Python knows
        for root in (first, second):
            assert shown(root) == expected(widget, step)

    def active(locator):
        assert locator.evaluate("element => element === document.activeElement")

    assert shown(first) == expected(widget, 3)
    code = [f"{number} {text}{note}".split() for number, text, note in widget.story["code"]]
    assert [line.split() for line in texts(first, ".bpteach-line-of-code")][6:] == code[6:]

    # the slider
    slider.focus()
    for key, step in (
        ("ArrowRight", 4),
        ("ArrowUp", 5),
        ("ArrowLeft", 4),
        ("End", last),
        ("ArrowRight", last),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
    ):
        slider.press(key)
        if key != "ArrowLeft" or step:
            expect(step)
        active(slider)

    # every step, with the numbers of the neuron that has the largest
    for step in range(2, last + 1):
        slider.press("ArrowRight")
        assert shown(first) == expected(widget, step)
        latest = widget.story["steps"][step]["latest"]
        j = widget.examples["0"]["events"][latest]["neuron"] if latest >= 0 else -1
        if j >= 0:
            layer = widget.story["events"][latest]["layer"]
            assert sum_shown(first) == sum_expected(widget, step, layer, j)
    expect(last)

    # the buttons
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Back
    expect(last - 1)
    page.keyboard.press("ArrowLeft")
    expect(last - 2)
    page.keyboard.press("Home")
    expect(0)
    page.keyboard.press("Space")  # there is no step before
    assert shown(first)["step"] == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # Step
    expect(1)
    page.keyboard.press("ArrowRight")
    expect(2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # the speed
    expect(2, "fast")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # Play
    page.wait_for_function("range => Number(range.value) >= 4", arg=slider.element_handle())
    assert first.get_by_role("button", name="Pause").count() == 1
    page.keyboard.press("Enter")
    assert first.get_by_role("button", name="Play").count() == 1
    stopped = shown(first)["step"]
    page.wait_for_timeout(500)
    expect(stopped, "fast")
    slider.focus()
    slider.press("Space")  # plays as well
    page.wait_for_function("([range, at]) => Number(range.value) > at", arg=[slider.element_handle(), stopped])
    slider.press("Space")
    slider.press("End")
    expect(last, "fast")
    jump = first.get_by_role("button", name="To the backward pass")
    jump.focus()
    page.keyboard.press("Enter")
    expect(backward, "fast")

    # a click on the code: from there the arrow keys step
    first.locator(".bpteach-line-of-code").nth(2).click()
    active(slider)
    page.keyboard.press("ArrowRight")
    expect(backward + 1, "fast")

    # the neurons
    network = first.get_by_role("application")
    step = widget.story["backward"]
    slider.press("ArrowLeft")
    network.focus()
    start = widget.examples["0"]["events"][widget.story["steps"][step]["latest"]]["neuron"]
    page.keyboard.press("Home")
    for key, neuron in (
        ("ArrowDown", [4, 1]),
        ("ArrowDown", [4, 2]),
        ("ArrowUp", [4, 1]),
        ("End", [4, 9]),
        ("ArrowDown", [4, 9]),
        ("ArrowLeft", [3, 28]),
        ("ArrowLeft", [2, 28]),
        ("ArrowLeft", [2, 28]),
        ("Home", [2, 0]),
    ):
        page.keyboard.press(key)
        expect(step, "fast", neuron=str(neuron))
        assert sum_shown(first) == sum_shown(second) == sum_expected(widget, step, *neuron)
        assert first.locator(".bpteach-unseen").inner_text().startswith(f"Neuron {neuron[1]} of layer {neuron[0]}; ")
        active(network)
    page.keyboard.press("Escape")
    expect(step, "fast")
    assert sum_shown(first) == sum_expected(widget, step, 4, start)
    place(first, network, widget, 2, 7).hover()
    assert sum_shown(first) == sum_expected(widget, step, 2, 7)
    assert sum_shown(second) == sum_expected(widget, step, 4, start)
    place(first, network, widget, 3, 4).click()
    expect(step, "fast", neuron="[3, 4]")
    place(first, network, widget, 3, 4).click()
    expect(step, "fast")
    page.mouse.move(0, 0)

    # the other view, the mouse, the text size
    second.get_by_role("button", name="Step ▶").click()
    expect(step + 1, "fast")
    second.get_by_role("button", name="◀ Back").click()
    expect(step, "fast")
    for size in ("28", "12"):
        second.get_by_role("combobox", name="Text size").select_option(size)
        expect(step, "fast", text_size=size)
        assert first.evaluate("root => getComputedStyle(root).fontSize") == f"{size}px"
        assert first.evaluate("root => root.scrollWidth <= root.clientWidth")

    assert page.locator(f"{ROOT} [id], {ROOT}[id]").count() == 0


class place:  # noqa: N801
    """Point at a neuron, wherever it is drawn."""

    def __init__(self, root, network, widget, layer, j):
        self._svg, self._widget, self._at = network.locator("svg"), widget, (layer, j)

    def _point(self):
        layer, j = self._at
        self._svg.scroll_into_view_if_needed()
        described = self._widget.story["layers"][layer - 1]
        x, y = described["places"][j]
        width = float(self._widget.story["box"].split()[2])
        scale = self._svg.bounding_box()["width"] / width
        return {"x": (x + described["side"] / 2) * scale, "y": y * scale}

    def hover(self):
        """Move the pointer there."""
        self._svg.hover(position=self._point(), force=True)

    def click(self):
        """Press the button there."""
        self._svg.click(position=self._point(), force=True)


def check_predicting(page):
    """The δ of a layer stays hidden until its question is answered, right, wrong or not at all."""
    widget = make(step=3)
    first = page.locator(ROOT).first
    slider = first.get_by_role("slider")
    quiz = first.locator(".bpteach-quiz")
    questions = {int(at): question for at, question in widget.examples["0"]["questions"].items()}
    ats = sorted(questions)
    assert len(ats) == 3
    assert not quiz.is_visible()
    first.get_by_role("checkbox", name="Predict first").focus()
    page.keyboard.press("Space")
    assert quiz.is_visible()
    assert "Step forward" in quiz.inner_text()

    def ask(at):
        """Go as far as one can; it stops before the line that makes the δ."""
        slider.focus()
        page.keyboard.press("End")
        assert shown(first) == expected(widget, at - 1)
        assert quiz.locator("p").inner_text() == questions[at]["text"]
        labels = [label for label, _ in questions[at]["choices"]]
        assert texts(quiz, "button") == [*labels, "Show me"]
        assert quiz.get_by_role("button").first.evaluate("button => button === document.activeElement")
        bars = first.locator("svg > g path.bpteach-up").count()
        slider.focus()
        page.keyboard.press("ArrowRight")  # no way round it
        assert shown(first) == expected(widget, at - 1)
        assert first.locator("svg > g path.bpteach-up").count() == bars

    def answer(at, label, result):
        for _ in range(texts(quiz, "button").index(label)):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert shown(first) == expected(widget, at)
        assert quiz.locator("p").inner_text() == questions[at][result]
        assert slider.evaluate("range => range === document.activeElement")

    def choice(at, is_right):
        answer = questions[at]["answer"]
        return next(label for label, value in questions[at]["choices"] if (value == answer) == is_right)

    ask(ats[0])
    answer(ats[0], choice(ats[0], is_right=True), "right")
    assert quiz.locator("span").inner_text() == "1 of 1 predicted right."
    ask(ats[1])
    answer(ats[1], choice(ats[1], is_right=False), "wrong")
    assert quiz.locator("span").inner_text() == "1 of 2 predicted right."
    ask(ats[2])
    page.keyboard.press("Shift+Tab")  # back to the slider, and away from the question
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert shown(first) == expected(widget, ats[2] - 2)
    assert texts(quiz, "button") == []
    ask(ats[2])
    answer(ats[2], "Show me", "shown")
    assert quiz.locator("span").inner_text() == "1 of 2 predicted right."
    page.keyboard.press("Home")
    page.keyboard.press("End")  # all is answered
    assert shown(first) == expected(widget, len(widget.story["steps"]) - 1)
    first.get_by_role("combobox", name="Speed").select_option("fast")

    # played, it stops at the question and leaves the focus where it is
    second = page.locator(ROOT).nth(1)
    play = second.get_by_role("button", name="Play")
    second.get_by_role("slider").focus()
    for _ in range(len(widget.story["steps"]) - ats[0] + 1):
        page.keyboard.press("ArrowLeft")
    play.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "quiz => quiz.querySelectorAll('button').length", arg=second.locator(".bpteach-quiz").element_handle()
    )
    assert shown(second) == expected(widget, ats[0] - 1)
    assert second.get_by_role("button", name="Play").evaluate("button => button === document.activeElement")


def check_columns_of_a_batch_and_markup_in_the_code(page):
    """The choice of a column, and a function whose source holds markup."""
    batch, marked = page.locator(ROOT).nth(2), page.locator(ROOT).nth(3)
    column = batch.get_by_role("combobox", name="Column")
    assert column.input_value() == "1"
    batch.get_by_role("button", name="To the backward pass").click()
    sentences = set()
    for i in (1, 2, 3):
        assert f" of column {i}." in batch.locator(".bpteach-sentence").inner_text()
        assert texts(batch, ".bpteach-sum .bpteach-title")[0].endswith(f", for column {i}")
        sentences.add(batch.locator(".bpteach-sentence").inner_text())
        column.focus()
        column.press("ArrowDown")
    assert len(sentences) == 3
    assert column.input_value() == "3"

    assert texts(marked, ".bpteach-line-of-code")[1].endswith(
        "\"<img src=x onerror=document.title='run'>\"  # <b>BP1</b>"
    )
    assert marked.locator("img, b").count() == 0
    assert page.title() != "run"
    assert "marked stopped at line 3 with ValueError" in marked.locator(".bpteach-message").inner_text()
    marked.get_by_role("slider").press("End")
    assert "✗" in texts(marked, ".bpteach-line-of-code")[2]
    assert "stops here with ValueError" in marked.locator(".bpteach-sentence").inner_text()
    assert marked.get_by_role("button", name="To the backward pass").get_attribute("aria-disabled") == "true"
    marked.get_by_role("button", name="To the backward pass").click(force=True)


def check_it_fits_and_stays_where_it_is(page):
    """Narrow and wide windows have no overflow, and no step changes the height."""
    first = page.locator(ROOT).first
    slider = first.get_by_role("slider")
    for width in (800, 1900):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        assert first.evaluate("root => root.scrollWidth <= root.clientWidth")
        slider.focus()
        page.keyboard.press("Home")
        heights = set()
        for _ in range(35):
            page.keyboard.press("ArrowRight")
            heights.add(first.evaluate("root => root.clientHeight"))
        assert len(heights) == 1


@pytest.mark.parametrize(("number", "front"), [("01", "lab/tree"), ("03", "notebooks")])
def test_in_its_lesson(number, front, page, jupyter):
    """The lesson's own widgets step, by keyboard, from the real run of its network."""
    (lesson,) = [path for path in LESSONS if path.name.startswith(number)]
    open_lesson(page, jupyter, lesson.name, front)
    page.complaints.clear()
    run_all(page, jupyter, lesson.name)
    root = page.locator(ROOT).last
    root.scroll_into_view_if_needed()
    slider = root.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("End")
    choices = root.locator(".bpteach-quiz button")
    for label in ("layer 3", "layer 2"):
        assert label in root.locator(".bpteach-quiz p").inner_text()
        choices.last.focus()
        page.keyboard.press("Enter")
        assert f"delta becomes the error of {label}" in root.locator(".bpteach-sentence").inner_text()
        page.keyboard.press("End")
    assert "the function returns" in root.locator(".bpteach-sentence").inner_text()
    assert [a for a, b in pairwise(texts(root, ".bpteach-number")) if int(a) >= int(b)] == []
    numbers = [row[-1] for row in sum_shown(root)[1]]
    assert all(re.fullmatch(r"[+−]?\d[\d.]*(e[+−]\d+)?|", number) for number in numbers)
    assert faults(page) == []
    jupyter.stop_kernels()
