"""The backprop stepper in a real browser, by keyboard and by mouse."""

import numpy as np
import pytest

from alone import FRONTS, opened_in
from bpteach import Network, backprop, load_mnist
from bpteach.widgets import BackpropStepper
from bpteach.widgets.stepper_print import sentence_of, told, unpacked
from browser import faults, has_focus, settle, wait_for
from conftest import once_a_week

SETUP = """
import numpy as np
from bpteach import Network, backprop, backprop_matrix, load_mnist
from bpteach.widgets import BackpropStepper

net = Network.random([784, 30, 30, 10], np.random.default_rng(1), scaled=True)
x, y = load_mnist().test.columns(0)
"""

VIEW = "watched(BackpropStepper(backprop, net, x, y, step=3), 'step', 'speed', 'predict', 'neuron')"

PREDICT = "asking = BackpropStepper(backprop, net, x, y, step=3)\nipywidgets.VBox([asking, asking])"

BATCH = """
def marked(net, x, y):
    title = "<img src=x onerror=document.title='run'>"  # <b>BP1</b>
    nabla_b = (net.weights[-1] @ y) / len(title)
    return nabla_b

small = Network.random([9, 5, 2], np.random.default_rng(1))
X, Y = np.random.default_rng(2).random((9, 4)), np.eye(2)[:, [0, 1, 1, 0]]
ipywidgets.VBox([BackpropStepper(backprop_matrix, small, X, Y, example=1), BackpropStepper(marked, net, x, y)])
"""

LESSON_1 = """
small = Network.random([784, 30, 10], np.random.default_rng(1), scaled=True)
ipywidgets.VBox([BackpropStepper(backprop, small, x, y, predict=True) for way in ("keyboard", "mouse")])
"""

SHOWN = """root => ({
    step: Number(root.querySelector('[type=range]').value),
    sentence: root.querySelector('.bpteach-sentence').textContent,
    lit: root.querySelector('[aria-current=step]')?.dataset.number,
    alt: root.querySelector('svg').getAttribute('aria-label'),
    spoken: root.querySelector('.bpteach-equation math')?.getAttribute('aria-label') ?? null,
    changed: [...root.querySelectorAll('.bpteach-changed dt')].map(cell => cell.textContent),
})"""

SUM = """root => [
    root.querySelector('.bpteach-sum .bpteach-title').textContent,
    ...[...root.querySelectorAll('.bpteach-sum tbody tr')].map(row => [...row.children].map(cell => cell.textContent)),
]"""

CODE = "lines => lines.map(line => [line.dataset.number, line.textContent])"

ERRORS = "svg > g path.bpteach-up"

LINK = "svg > g path.bpteach-ink[stroke-width='2']"


@pytest.fixture(scope="module", params=FRONTS)
def opened(request, chromium):
    yield from opened_in(request, "stepper.ipynb", SETUP, VIEW, PREDICT, BATCH, LESSON_1)


@pytest.fixture(scope="module")
def widget():
    net = Network.random([784, 30, 30, 10], np.random.default_rng(1), scaled=True)
    return BackpropStepper(backprop, net, *load_mnist().test.columns(0))


def view_of(page, number):
    """Give one of the eight views: two of VIEW, of PREDICT, of BATCH (mini-batch, markup) and of LESSON_1."""
    return page.locator(".bpteach-backprop-stepper").nth(number)


def expected(widget, step):
    story, shown = widget.story, widget.story["steps"][step - 1]
    sentence = sentence_of(shown, widget.examples["0"])
    return {
        "step": step,
        "sentence": sentence,
        "lit": str(story["code"][shown["line"]][0]),
        "alt": f"{story['picture']} {sentence}",
        "spoken": story["equations"][shown["equation"]]["spoken"] if shown["equation"] >= 0 else None,
        "changed": [story["names"][i] for i in sorted(shown["changed"])],
    }


def sum_expected(widget, step, layer, j):
    own, event = widget.examples["0"], widget.story["steps"][step - 1]["layers"][layer - 1][3]
    terms = told(widget.story, own, event, "terms") if event >= 0 else []
    rows = unpacked(terms[j]) if terms else []
    rows += [[own["labels"][f"{word} {n}"], value] for word, n, value in unpacked(own["events"][event]["feet"][j])]
    return [f"Neuron {j} of layer {layer}", *[[cell.replace("-", "−") for cell in row] for row in rows]]


def largest_expected(widget, step):
    """Tell the same of the neuron with the largest number; None where there is none."""
    latest = widget.story["steps"][step - 1]["latest"]
    j = widget.examples["0"]["events"][latest]["neuron"] if latest >= 0 else -1
    return None if j < 0 else sum_expected(widget, step, widget.story["events"][latest]["layer"], j)


class Stepping:
    def __init__(self, page, widget):
        self.page, self.widget = page, widget
        self.first, self.second = view_of(page, 0), view_of(page, 1)
        self.slider = self.first.get_by_role("slider", name="Step")
        self.network = self.first.get_by_role("application")
        self.last, self.backward = len(widget.story["steps"]), widget.story["backward"]
        self.seen = page.locator(".widget-label").first
        self.known = {"speed": "medium", "predict": False, "neuron": []}

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def expect(self, step, after, **known):
        self.known |= known
        words = " ".join(map(str, [step, *self.known.values()]))
        wait_for(self.page, self.seen.inner_text, words, f"what Python knows after {after}")
        for root in (self.first, self.second):
            assert root.evaluate(SHOWN) == expected(self.widget, step), after

    def sums(self):
        return [root.evaluate(SUM) for root in (self.first, self.second)]

    def point(self, layer, j):
        svg = self.network.locator("svg")
        svg.scroll_into_view_if_needed()
        described = self.widget.story["layers"][layer - 1]
        x, y = described["places"][j]
        scale = svg.evaluate("svg => svg.getScreenCTM().a")
        return {"position": {"x": (x + described["side"] / 2) * scale, "y": y * scale}, "force": True}


def test_every_step_is_what_python_computed(opened, widget):
    at = Stepping(opened, widget)
    code = [[str(number), text + comment] for number, text, comment in widget.story["code"]]
    assert at.first.locator(".bpteach-line-of-code").evaluate_all(CODE) == code
    at.slider.focus()
    at.press("Home")
    for step in range(1, at.last + 1):
        wait_for(opened, lambda: at.first.evaluate(SHOWN), expected(widget, step), f"step {step}")
        if wanted := largest_expected(widget, step):
            assert at.sums()[0] == wanted
        assert has_focus(at.slider)
        at.press("ArrowRight")
    at.expect(at.last, "the last step")


def test_every_control_steps(opened, widget):
    at = Stepping(opened, widget)
    button = lambda name: at.first.get_by_role("button", name=name)  # noqa: E731
    step_shown = lambda: at.first.evaluate(SHOWN)["step"]  # noqa: E731
    at.slider.press("Home")
    at.press("Tab", "Tab", "Space")  # on Step
    at.expect(2, "a key on Step")
    at.press("ArrowRight", "Tab", "Tab", "ArrowDown")
    at.expect(3, "the choice of the speed", speed="fast")
    at.press("ArrowUp")
    at.expect(3, "the choice of a speed that leaves time to stop it", speed="medium")
    at.press("Shift+Tab", "Enter")  # Play
    wait_for(opened, lambda: step_shown() > 3, True, "it plays")
    assert button("Pause").count() == 1
    at.press("Enter")
    assert button("Play").count() == 1
    stopped = step_shown()
    opened.wait_for_timeout(500)
    at.expect(stopped, "Pause")
    at.slider.press("Space")  # plays as well
    wait_for(opened, lambda: step_shown() > stopped, True, "it plays from the slider")
    at.slider.press("End")  # whoever steps ends the playing
    at.expect(at.last, "End")
    assert button("Play").count() == 1
    button("To the backward pass").press("Enter")
    at.expect(at.backward, "the jump to the backward pass")
    at.first.locator(".bpteach-line-of-code").nth(2).click()
    assert has_focus(at.slider), "a click on the code: from there the arrow keys step"
    at.press("ArrowRight")
    at.expect(at.backward + 1, "a click on the code")


def test_the_sum_of_every_neuron_by_keyboard_and_by_mouse(opened, widget):
    at = Stepping(opened, widget)
    at.first.get_by_role("button", name="To the backward pass").click()
    step = at.backward
    at.network.focus()
    at.press("Home")
    for key, neuron in (
        ("ArrowDown", [4, 1]),
        ("ArrowDown", [4, 2]),
        ("ArrowUp", [4, 1]),
        ("End", [4, 9]),
        ("ArrowDown", [4, 9]),
        ("ArrowLeft", [3, 29]),
        ("ArrowLeft", [2, 29]),
        ("ArrowLeft", [2, 29]),
        ("Home", [2, 0]),
    ):
        at.press(key)
        at.expect(step, f"{key} among the neurons", neuron=neuron)
        assert at.sums() == [sum_expected(widget, step, *neuron)] * 2
        said = at.first.locator(".bpteach-unseen").inner_text()
        assert said.startswith(f"Neuron {neuron[1]} of layer {neuron[0]}; ")
        assert has_focus(at.network)
    at.press("Escape")
    at.expect(step, "Escape", neuron=[])
    start = largest_expected(widget, step)
    assert at.sums() == [start, start]
    svg = at.network.locator("svg")
    svg.hover(**at.point(2, 7))
    assert at.sums() == [sum_expected(widget, step, 2, 7), start], "only the view with the pointer shows its neuron"
    svg.click(**at.point(3, 4))
    at.expect(step, "a click on a neuron", neuron=[3, 4])
    svg.click(**at.point(3, 4))
    at.expect(step, "a second click", neuron=[])
    opened.mouse.move(0, 0)


def test_predicting(opened, widget):
    first, second = view_of(opened, 2), view_of(opened, 3)
    slider, quiz = first.get_by_role("slider"), first.locator(".bpteach-quiz")
    questions = {int(at): question for at, question in widget.examples["0"]["questions"].items()}
    ats = sorted(questions)
    assert len(ats) == 3
    assert not quiz.is_visible()
    first.get_by_role("checkbox", name="Predict first").focus()
    opened.keyboard.press("Space")
    assert "Step forward" in quiz.inner_text()

    def ask(at):
        """Go as far as one can; it stops before the line that makes the δ, and there is no way round it."""
        slider.press("End")
        assert first.evaluate(SHOWN) == expected(widget, at - 1)
        assert quiz.locator("p").inner_text() == questions[at]["text"]
        labels = [label for label, _ in questions[at]["choices"]]
        assert quiz.locator("button").all_inner_texts() == [*labels, "Show me"]
        assert has_focus(quiz.get_by_role("button").first)
        # nothing points at the answer: no ring around the largest, no colour for the sign of a term
        assert first.locator(".bpteach-ring").count() == bool(questions[at]["neuron"])
        assert first.locator(LINK).count() == len(questions[at]["link"])
        bars = first.locator(ERRORS).count()
        slider.press("ArrowRight")
        assert (first.evaluate(SHOWN), first.locator(ERRORS).count()) == (expected(widget, at - 1), bars)

    def answer(at, label, result, score):
        for _ in range(quiz.locator("button").all_inner_texts().index(label)):
            opened.keyboard.press("Tab")
        opened.keyboard.press("Enter")
        assert first.evaluate(SHOWN) == expected(widget, at)
        said = questions[at][result]
        chosen = dict(questions[at]["choices"]).get(label)
        assert quiz.locator("p").inner_text() == (said[chosen] if result == "wrong" else said)
        assert has_focus(slider)
        assert quiz.locator("span").inner_text() == score

    def choice(at, is_right):
        answer = questions[at]["answer"]
        return next(label for label, value in questions[at]["choices"] if (value == answer) == is_right)

    ask(ats[0])
    answer(ats[0], choice(ats[0], is_right=True), "right", "1 of 1 predicted right.")
    ask(ats[1])
    answer(ats[1], choice(ats[1], is_right=False), "wrong", "1 of 2 predicted right.")
    ask(ats[2])
    slider.press("ArrowLeft")  # away from the question
    assert first.evaluate(SHOWN) == expected(widget, ats[2] - 2)
    assert quiz.locator("button").count() == 0
    ask(ats[2])
    answer(ats[2], "Show me", "shown", "1 of 2 predicted right.")
    slider.press("Home")
    slider.press("End")
    assert first.evaluate(SHOWN) == expected(widget, len(widget.story["steps"])), "all is answered"
    assert quiz.locator("p").inner_text() == "No question lies ahead."

    # played, it stops at the question and leaves the focus where it is; each view has answers of its own
    first.get_by_role("combobox", name="Speed").select_option("fast")
    slider.press("Home")
    for _ in range(ats[0] - 4):
        slider.press("ArrowRight")
    second.get_by_role("button", name="Play").press("Enter")
    wait_for(opened, lambda: second.locator(".bpteach-quiz button").count() > 0, True, "it plays until the question")
    assert second.evaluate(SHOWN) == expected(widget, ats[0] - 1)
    assert has_focus(second.get_by_role("button", name="Play"))


@pytest.mark.parametrize(("number", "way"), [(6, "keyboard"), (7, "mouse")])
def test_the_first_words_of_lesson_1_lead_to_the_end(opened, number, way):
    """Click on *To the backward pass*, answer, and press the right arrow key, again and again."""
    view, keyboard = view_of(opened, number), opened.keyboard
    slider, answers = view.get_by_role("slider"), view.locator(".bpteach-quiz button")
    step, last = (lambda: int(slider.input_value())), int(slider.get_attribute("max"))
    if way == "mouse":
        view.get_by_role("button", name="To the backward pass").click()
    else:
        view.get_by_role("combobox", name="Speed").focus()
        keyboard.press("Tab")
        keyboard.press("Enter")
    asked = 0
    for _ in range(last):
        if answers.count():
            asked += 1
            keyboard.press("Enter") if way == "keyboard" else answers.nth(1).click()
            assert answers.count() == 0
        before = step()
        keyboard.press("ArrowRight")
        assert answers.count() or step() == min(before + 1, last), f"step {before} after {asked} answers"
    assert (step(), asked) == (last, 2)


def test_the_columns_of_a_batch(opened):
    batch = view_of(opened, 4)
    column = batch.get_by_role("combobox", name="Column")
    sentence = batch.locator(".bpteach-sentence")
    batch.get_by_role("button", name="To the backward pass").click()
    said = set()
    for i in (1, 2, 3):
        assert column.input_value() == str(i)
        assert f" of column {i}." in sentence.inner_text()
        assert batch.locator(".bpteach-sum .bpteach-title").inner_text().endswith(f", for column {i}")
        said.add(sentence.inner_text())
        column.press("ArrowDown")
    assert len(said) == 3


def test_markup_in_the_code_is_text_and_an_exception_is_told(opened):
    marked = view_of(opened, 5)
    lines = marked.locator(".bpteach-line-of-code")
    assert lines.nth(1).inner_text().endswith("\"<img src=x onerror=document.title='run'>\"  # <b>BP1</b>")
    assert marked.locator("img, b").count() == 0
    assert opened.title() != "run"
    assert "marked stopped at line 3 with ValueError" in marked.locator(".bpteach-message").inner_text()
    marked.get_by_role("slider").press("End")
    assert lines.nth(2).evaluate("line => getComputedStyle(line, '::after').content").startswith('"✗"')
    assert "stops here with ValueError" in marked.locator(".bpteach-sentence").inner_text()
    jump = marked.get_by_role("button", name="To the backward pass", disabled=True)
    jump.click(force=True)
    assert "stops here with ValueError" in marked.locator(".bpteach-sentence").inner_text()


#: Goes from step to step, and tells how many heights the view had, whether each step had a sentence of its own, and
#: which were too wide.
STEPS = """async root => {
    const slider = root.querySelector('[type=range]'), heights = new Set(), said = new Set();
    const wide = [];
    for (slider.value = slider.min; ; slider.stepUp()) {
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(requestAnimationFrame);
        heights.add(root.clientHeight);
        said.add(root.querySelector('.bpteach-sentence').textContent);
        if (root.scrollWidth > root.clientWidth) wide.push(slider.value);
        if (slider.value === slider.max) return [heights.size, said.size - slider.max, wide];
    }
}"""


@pytest.mark.parametrize("width", [274, once_a_week(368), 934, once_a_week(1468)])  # of 390, 800, 1366 and 1900
def test_it_fits_and_stays_where_it_is(opened, width):
    opened.set_viewport_size({"width": 1900, "height": 900})
    first = view_of(opened, 0)
    first.evaluate(f"root => {{ root.style.width = '{width}px'; }}")
    heights, *others = first.evaluate(STEPS)
    first.evaluate("root => { root.style.width = ''; }")
    assert others == [0, []]
    assert heights == 1 or width == 274
    assert faults(opened) == []


#: What of these cannot be seen at once, of the visible part of the notebook.
UNSEEN = """root => {
    const seen = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
    const wanted = ['.bpteach-sentence', '[aria-current=step]', '.bpteach-network', '.bpteach-ring', 'table'];
    return wanted.filter(name => {
        const { top, bottom } = root.querySelector(name).getBoundingClientRect();
        return top < seen.top || bottom > seen.bottom;
    });
}"""


@pytest.mark.parametrize("is_asked", [once_a_week(False), True])
def test_code_network_neuron_and_its_sum_are_seen_at_once_on_a_small_screen(opened, is_asked):
    opened.set_viewport_size({"width": 1366, "height": 768})
    first = view_of(opened, 0)
    settle(opened)
    first.get_by_role("checkbox", name="Predict first").set_checked(is_asked)
    top = ".bpteach-quiz" if is_asked else ".bpteach-controls"
    looked = 0
    for key in ("Home", *["ArrowRight"] * 33):
        first.get_by_role("slider").press(key)
        for button in first.locator(".bpteach-quiz button").all()[-1:]:  # Show me
            button.click()
        first.locator(top).evaluate("root => root.scrollIntoView()")
        if first.locator(".bpteach-ring").count():
            looked += 1
            assert first.evaluate(UNSEEN) == [], first.locator(".bpteach-sentence").inner_text()
    assert looked > 20
    first.get_by_role("checkbox", name="Predict first").uncheck()
