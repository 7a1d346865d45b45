"""The mini-batch explorer in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse."""

import base64
import json
import re

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from bpteach import Network, backprop, backprop_matrix, load_mnist
from bpteach.publishing.lessons import NOTEBOOKS
from bpteach.widgets import MiniBatchExplorer
from browser import faults, open_lesson, overflows, run_all, wait_for, write_notebook
from test_mini_batch_explorer import QUANTITIES, scaled, tiles_of

pytestmark = pytest.mark.browser

LESSON = "07-do-the-whole-mini-batch-at-once.ipynb"
SETUP = """
import ipywidgets
net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
view = MiniBatchExplorer(net, *load_mnist().test.columns([0, 1, 2, 3]), example=1)
seen = ipywidgets.Label()
view.observe(lambda _: setattr(seen, "value", f"{view.example} {view.layer} {view.quantity}"))
"""
FRONTS = ["lab/tree", "notebooks"]
ROOT = ".bpteach-mini-batch-explorer"

#: How opaque each cell of a canvas is, from 0 to 255, negative where it is rather blue than red. Each is read from its
#: upper left pixel, which no mark of the cells below zero covers.
COLOURS = """(canvas, [rows, columns]) => {
    const [high, wide] = [canvas.height / rows, canvas.width / columns];
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return Array.from({ length: rows * columns }, (_, k) => {
        const start = 4 * (Math.floor(k / columns) * high * canvas.width + (k % columns) * wide);
        return data[start] > data[start + 2] ? data[start + 3] : -data[start + 3];
    }).join(' ');
}"""

#: Notes everything that the aria-live sentence says.
NOTE_SENTENCES = """root => {
    const live = root.querySelector('[aria-live]');
    window.said = [];
    new MutationObserver(() => window.said.push(live.textContent)).observe(live, { childList: true });
}"""


class Mirror:
    """A widget made here, and what a view of it in the page has to show."""

    def __init__(self, net, X, Y, **choices):
        self.widget = MiniBatchExplorer(net, X, Y, **choices)
        self.backward = [backprop(net, X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
        self.nabla_b, self.nabla_w = backprop_matrix(net, X, Y)
        self.opaque = np.frombuffer(self.widget.palettes, np.uint8).reshape(2, 256, 4)[0, :128, 3]

    def deltas(self, layer):
        """Give δ of each example, as rows."""
        return np.array([nabla_b[layer - 2].ravel() for nabla_b, _nabla_w in self.backward])

    def numbers(self, root, panel, image, shape):
        """Read the numbers that a canvas shows, from -127 to 127, by their colours."""
        canvas = root.locator(".bpteach-panel").nth(panel).locator("canvas").nth(image)
        colours = np.array(canvas.evaluate(COLOURS, list(shape)).split(), dtype=int)
        sizes = np.searchsorted(self.opaque, np.abs(colours))
        assert np.array_equal(self.opaque[sizes], np.abs(colours))
        return (sizes * np.sign(colours)).reshape(shape)

    def expect_delta(self, root, example, layer):
        """Compare the column on the left and the matrix on the right with the δ of each example."""
        Delta = self.deltas(layer).T
        column = self.numbers(root, 0, 0, (len(Delta), 1))
        matrix = self.numbers(root, 1, 0, Delta.shape)
        assert matrix == scaled(Delta)
        assert column == scaled(Delta[:, [example]], np.abs(Delta).max())
        assert np.array_equal(matrix[:, [example]], column)
        outline = root.locator(".bpteach-panel").nth(1).locator(".bpteach-lit").bounding_box()
        whole = root.locator("canvas").nth(1).bounding_box()
        middle = (outline["x"] + outline["width"] / 2 - whole["x"]) / whole["width"]
        assert int(middle * Delta.shape[1]) == example
        return matrix

    def expect_weights(self, root, example):
        """Compare the images of the gradients of layer 2 with outer products, their running sum, and the product."""
        outers = np.array([nabla_w[0] for _nabla_b, nabla_w in self.backward])
        sums = np.cumsum(outers, axis=0)
        shown = [tiles_of(self.numbers(root, *image, (148, 178)), 30, 28) for image in ((0, 0), (0, 1), (1, 2))]
        assert shown[0] == scaled(outers[example], np.abs(outers).max())
        assert shown[1] == scaled(sums[example], np.abs(sums).max())
        assert shown[2] == scaled(self.nabla_w[0], np.abs(sums).max())

    def expect_words(self, root, example, layer=4, quantity="delta"):
        view = self.widget.views[layer - 2][quantity]
        assert root.locator("[aria-live]").inner_text() == view["sentences"][example]
        assert root.locator(".bpteach-verdict").inner_text() == view["verdicts"][example]
        for alts, svg in zip(view["alts"], root.locator("svg").all(), strict=True):
            assert svg.get_attribute("aria-label") == f"{view['sentences'][example]} {alts[example]}"
        slider = root.get_by_role("slider", name="Example")
        assert slider.input_value() == str(example)
        assert slider.get_attribute("aria-valuetext") == self.widget.positions[example]
        assert root.get_by_role("combobox", name="Layer").input_value() == str(layer)
        assert root.get_by_role("combobox", name="Show").input_value() == quantity
        assert f"Example {self.widget.positions[example]}" in root.locator("svg").first.text_content()


def make():
    """Make the widget of the set-up cell."""
    net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
    return Mirror(net, *load_mnist().test.columns([0, 1, 2, 3]), example=1)


def bars_of(root):
    """Read the bars of the running sum, by their heights: the lengths, from -1 to 1."""
    found = {}
    for path in root.locator(".bpteach-panel").first.locator("g:last-of-type > :is(.bpteach-up, .bpteach-down)").all():
        pairs = re.findall(r"M[\d.]+ ([\d.]+)h([-\d.]+)", path.get_attribute("d") or "")
        found |= {float(y): float(length) / 60 for y, length in pairs}
    return np.array([found[y] for y in sorted(found)])


@pytest.fixture(params=FRONTS)
def opened(request, page, jupyter):
    """Open and run a notebook: lesson 7 to its second explorer, and two views of another one."""
    cells = json.loads((NOTEBOOKS / LESSON).read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    last = max(i for i, source in enumerate(sources) if "MiniBatchExplorer(" in source)
    name = "explorer.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, [*sources[: last + 1], SETUP, "view", "view", "seen"])
    open_lesson(page, jupyter, name, request.param)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()


def test_the_page_shows_what_python_computed_and_every_control_works(opened):
    page = opened
    expect_lesson(page, page.locator(ROOT).nth(0), page.locator(ROOT).nth(1))
    expect_controls(page, make(), page.locator(ROOT).nth(2), page.locator(ROOT).nth(3))
    expect_room(page, page.locator(ROOT).nth(2))
    assert faults(page) == []


def expect_lesson(page, first, second):
    net = Network.random([784, 30, 10], np.random.default_rng(7), scaled=True)
    X, Y = load_mnist().training.columns(range(8))
    mirror = Mirror(net, X, Y)
    first.get_by_role("slider", name="Example").focus()
    for example in range(8):  # seven times →, as the lesson says
        matrix = mirror.expect_delta(first, example, 3)
        mirror.expect_words(first, example, 3)
        page.keyboard.press("ArrowRight")
    assert np.array_equal(matrix < 0, Y == 1)  # one below zero, at the digit
    assert np.array_equal(mirror.deltas(3).T < 0, Y == 1)
    first.get_by_role("combobox", name="Layer").select_option("2")
    mirror.expect_delta(first, 7, 2)

    mirror.expect_weights(second, 0)
    second.get_by_role("combobox", name="Speed").select_option("10 a second")
    second.get_by_role("button", name="Play").press("Enter")
    last = mirror.widget.views[0]["nabla_w"]["verdicts"][7]
    assert "the loop's sum equals Δ² (A¹)ᵀ" in last
    wait_for(page, second.locator(".bpteach-verdict").inner_text, last, "the verdict at the end", 20)
    mirror.expect_weights(second, 7)


def expect_controls(page, mirror, first, second):
    """Go through all controls by keyboard, then use some by mouse in the second view."""
    seen = page.locator(".jp-OutputArea-output .widget-label").last

    def expect(example, layer=4, quantity="delta"):
        known = f"{example} {layer} {quantity}"
        wait_for(page, seen.text_content, known, "what Python knows")
        for root in (first, second):
            mirror.expect_words(root, example, layer, quantity)

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    mirror.expect_delta(first, 1, 4)
    first.get_by_role("slider", name="Example").press("End")
    expect(3)
    mirror.expect_delta(first, 3, 4)
    press("Tab", "Tab", "Space")  # there is no next one
    expect(3)
    press("Tab", "Tab", "End", "Shift+Tab")  # the speed, then Play
    first.evaluate(NOTE_SENTENCES)
    press("Space")  # plays from the start to the end, and stops there
    sentences = mirror.widget.views[2]["delta"]["sentences"]
    wait_for(page, lambda: page.evaluate("window.said"), sentences, "what was said while it played")
    expect(3)
    first.get_by_role("button", name="Play").wait_for()
    press("Tab", "Tab", "ArrowUp")  # the layer
    expect(3, 3)
    mirror.expect_delta(second, 3, 3)
    press("Tab", "ArrowDown")  # what is shown
    expect(3, 3, "nabla_b")
    sums = np.cumsum(mirror.deltas(3), axis=0)
    assert bars_of(first) == pytest.approx(mirror.nabla_b[1].ravel() / np.abs(sums).max(), abs=0.002)
    press("ArrowDown")
    expect(3, 3, "nabla_w")
    press("Shift+Tab", "Home")
    expect(3, 2, "nabla_w")
    mirror.expect_weights(first, 3)

    second.get_by_role("button", name="Previous").click()
    expect(2, 2, "nabla_w")
    mirror.expect_weights(second, 2)
    for name, option in (("Show", "delta"), ("Layer", "4")):
        second.get_by_role("combobox", name=name).select_option(option)
    expect(2)
    second.locator('[data-example="0"]').click()  # a column of Δ
    expect(0)
    mirror.expect_delta(second, 0, 4)


def expect_room(page, root):
    """Look for anything that a narrow window would cut off."""
    page.set_viewport_size({"width": 800, "height": 900})
    for quantity in QUANTITIES:
        root.get_by_role("combobox", name="Show").select_option(quantity)
        for size in ("16", "32"):
            root.get_by_role("combobox", name="Text size").select_option(size)
            page.wait_for_timeout(100)
            assert not overflows(root), f"{quantity}, text size {size}"
            for panel in root.locator(".bpteach-panel").all():
                box, outside = panel.bounding_box(), root.bounding_box()
                assert box["x"] + box["width"] <= outside["x"] + outside["width"] + 0.5, f"{quantity}, text size {size}"
    page.set_viewport_size({"width": 1280, "height": 1000})


# --- without Jupyter -------------------------------------------------------------------------------------------------

#: A page with a model as a page without a kernel has it: `save_changes` does nothing.
PAGE = """async ([script, state, binary]) => {
    const values = { ...state };
    for (const [name, text] of Object.entries(binary)) {
        const bytes = Uint8Array.from(` ${atob(text)}`, letter => letter.charCodeAt(0));
        values[name] = new DataView(bytes.buffer, 1);  // a beginning that is no multiple of four
    }
    const listeners = new Set();
    window.model = {
        listeners,
        get: name => values[name],
        set(name, value) {
            if (values[name] === value) return;
            values[name] = value;
            for (const [event, action] of [...listeners]) {
                if (event === `change:${name}`) action();
            }
        },
        on: (event, action) => listeners.add([event, action]),
        off: (event, action) => {
            for (const each of [...listeners]) if (each[0] === event && each[1] === action) listeners.delete(each);
        },
        save_changes() {},
    };
    const module = await import(`data:text/javascript;base64,${script}`);
    window.stop = module.default.render({ model: window.model, el: document.body });
}"""


@pytest.fixture
def alone(page):
    """Draw the widget on a page of its own, with a clock that the test winds; give what reads and what presses Play."""
    widget = make().widget
    state = widget.get_state()
    binary = {name: base64.b64encode(value).decode() for name, value in state.items() if isinstance(value, bytes)}
    plain = {name: value for name, value in state.items() if name not in binary and name not in ("_esm", "layout")}
    script = base64.b64encode(widget._esm.encode()).decode()
    page.clock.install()
    page.set_content("<!DOCTYPE html><title>Alone</title><body></body>")
    page.add_style_tag(content=widget._css)
    page.evaluate(PAGE, [script, json.loads(json.dumps(plain, default=str)), binary])
    yield page
    assert page.complaints == []


def test_it_plays_at_the_speed_chosen_and_stops_at_the_end(alone):
    page, play = alone, alone.locator("button").nth(2)

    def expect(example, word, after=0):
        page.clock.run_for(after)
        assert (page.evaluate("model.get('example')"), play.inner_text()) == (example, word)

    play.press("Enter")
    expect(1, "Pause")
    expect(2, "Pause", after=1100)
    play.press("Enter")
    expect(2, "Play", after=5000)

    page.evaluate("model.set('example', 0)")
    page.get_by_role("combobox", name="Speed").select_option("5 a second")
    play.press("Space")
    expect(2, "Pause", after=450)
    page.get_by_role("combobox", name="Speed").select_option("1 a second")
    expect(2, "Pause", after=900)
    expect(3, "Play", after=5000)
    play.press("Space")  # from the start
    expect(0, "Pause")
    page.clock.run_for(1100)
    page.get_by_role("slider").press("End")  # who steps has stopped it
    page.evaluate("model.set('example', 1)")
    expect(1, "Play", after=5000)
    assert page.locator("[aria-live]").inner_text() == make().widget.views[2]["delta"]["sentences"][1]


def test_what_was_started_ends_with_the_widget(alone):
    page = alone
    page.evaluate("model.set('example', 0)")
    page.locator("button").nth(2).press("Enter")
    page.evaluate("stop()")
    page.clock.run_for(5000)
    assert page.evaluate("model.get('example')") == 0
    assert page.evaluate("model.listeners.size") == 0
    page.locator("button").nth(1).press("Enter")
    assert page.evaluate("model.get('example')") == 0


def test_a_step_changes_only_what_differs(alone):
    page = alone
    page.evaluate("document.querySelectorAll('.bpteach-panel *').forEach(each => { each.kept = true; })")
    page.get_by_role("slider").press("ArrowRight")
    new = page.evaluate("[...document.querySelectorAll('.bpteach-panel *')].filter(each => !each.kept).length")
    assert 0 < new < 60
    assert page.evaluate("[...document.querySelectorAll('canvas')].every(each => each.kept)")
    assert page.locator("canvas:not([role=img][aria-label])").count() == 0
