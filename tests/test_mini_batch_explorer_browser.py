"""The mini-batch explorer in a real browser: in JupyterLab and in Notebook 7, by keyboard and by mouse."""

import base64
import json
import re

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from bpteach import Network, backprop, backprop_matrix, load_mnist
from bpteach.widgets import MiniBatchExplorer
from bpteach.widgets.byte_images import GAP
from bpteach.widgets.mini_batch_explorer import QUANTITIES
from browser import faults, open_lesson, run_all, write_notebook

SETUP = """
import ipywidgets
import numpy as np
from bpteach import Network, load_mnist
from bpteach.widgets import MiniBatchExplorer

net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
X, Y = load_mnist().test.columns([0, 1, 2, 3])
view = MiniBatchExplorer(net, X, Y, example=1)
seen = ipywidgets.Label()
view.observe(lambda _: setattr(seen, "value", f"{view.example} {view.layer} {view.quantity} {view.text_size}"))
"""

ROOT = ".bpteach-mini-batch-explorer"
FRONTS = ["lab/tree", "notebooks"]
LESSON = "07-do-the-whole-mini-batch-at-once.ipynb"

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


def make():
    """Make the widget of the notebook, here, to compare with."""
    net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
    X, Y = load_mnist().test.columns([0, 1, 2, 3])
    return net, X, Y, MiniBatchExplorer(net, X, Y, example=1)


def numbers(root, widget, panel, image, shape):
    """Read the numbers that a canvas shows, from -127 to 127, by their colours."""
    canvas = root.locator(".bpteach-panel").nth(panel).locator("canvas").nth(image)
    colours = np.array(canvas.evaluate(COLOURS, list(shape)).split(), dtype=int)
    opaque = np.frombuffer(widget.palettes, np.uint8).reshape(2, 256, 4)[0, :128, 3]
    sizes = np.searchsorted(opaque, np.abs(colours))
    assert np.array_equal(opaque[sizes], np.abs(colours))
    return (sizes * np.sign(colours)).reshape(shape)


def tiles(cells, count, side):
    """Cut a mosaic into its tiles, one row each."""
    across = (cells.shape[1] + GAP) // (side + GAP)
    corners = [(j // across * (side + GAP), j % across * (side + GAP)) for j in range(count)]
    return np.array([cells[y : y + side, x : x + side].ravel() for y, x in corners])


def bars(root, panel, group):
    """Read the bars of a sum, by their heights: the lengths, in units of the picture."""
    paths = root.locator(".bpteach-panel").nth(panel).locator(group)
    found = {}
    for path in paths.all():
        pairs = re.findall(r"M[\d.]+ ([\d.]+)h([-\d.]+)", path.get_attribute("d") or "")
        found |= {float(y): float(length) for y, length in pairs}
    return np.array([found[y] for y in sorted(found)])


def scaled(values, scale):
    """Give what a canvas should show, with an allowance for rounding."""
    return pytest.approx(values / scale * 127, abs=0.51)


def expect_delta(root, widget, net, X, Y, example, layer):
    """Compare the column on the left and the matrix on the right with the δ of each example."""
    Delta = np.hstack([backprop(net, X[:, [i]], Y[:, [i]])[0][layer - 2] for i in range(X.shape[1])])
    scale = np.abs(Delta).max()
    column = numbers(root, widget, 0, 0, (len(Delta), 1))
    matrix = numbers(root, widget, 1, 0, Delta.shape)
    assert column == scaled(Delta[:, [example]], scale)
    assert matrix == scaled(Delta, scale)
    assert np.array_equal(matrix[:, [example]], column)
    outline = root.locator(".bpteach-panel").nth(1).locator(".bpteach-lit")
    column_box, all_box = outline.bounding_box(), root.locator("canvas").nth(1).bounding_box()
    middle = (column_box["x"] + column_box["width"] / 2 - all_box["x"]) / all_box["width"]
    assert int(middle * X.shape[1]) == example


def expect_weights(root, widget, net, X, Y, example):
    """Compare the images of the gradients of layer 2 with outer products, their running sum, and the product."""
    outers = [backprop(net, X[:, [i]], Y[:, [i]])[1][0] for i in range(X.shape[1])]
    sums, whole = np.cumsum(outers, axis=0), backprop_matrix(net, X, Y)[1][0]
    one, scale, shape = np.abs(outers).max(), np.abs(sums).max(), (148, 178)
    assert tiles(numbers(root, widget, 0, 0, shape), 30, 28) == scaled(outers[example], one)
    assert tiles(numbers(root, widget, 0, 1, shape), 30, 28) == scaled(sums[example], scale)
    assert tiles(numbers(root, widget, 1, 2, shape), 30, 28) == scaled(whole, scale)


@pytest.fixture(params=FRONTS)
def opened(request, page, jupyter):
    """Open a notebook with two views of one widget, and run it."""
    name = "explorer.ipynb"
    write_notebook(jupyter.folder / "notebooks" / name, [SETUP, "view", "view", "seen"])
    open_lesson(page, jupyter, name, request.param)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()


def test_the_page_shows_what_python_computed_and_every_control_works(opened, jupyter):
    page = opened
    net, X, Y, widget = make()
    first, second = page.locator(ROOT).nth(0), page.locator(ROOT).nth(1)
    seen = page.locator(".jp-OutputArea-output .widget-label").last

    def expect(example, layer=4, quantity="delta", text_size=16):
        page.wait_for_function(
            "([label, text]) => label.textContent === text",
            arg=[seen.element_handle(), f"{example} {layer} {quantity} {text_size}"],
        )  # Python knows
        view = widget.views[layer - 2][quantity]
        for root in (first, second):
            assert root.locator("[aria-live=polite]").inner_text() == view["sentences"][example]
            assert root.locator(".bpteach-verdict").inner_text() == view["verdicts"][example]
            for panel, svg in zip(view["panels"], root.locator("svg").all(), strict=True):
                assert svg.get_attribute("aria-label") == f"{view['sentences'][example]} {panel['alts'][example]}"
            slider = root.get_by_role("slider", name="Example")
            assert slider.input_value() == str(example)
            assert slider.get_attribute("aria-valuetext") == f"{example + 1} of 4"
            assert root.get_by_role("combobox", name="Layer").input_value() == str(layer)
            assert root.get_by_role("combobox", name="Show").input_value() == quantity
            assert root.evaluate("root => getComputedStyle(root).fontSize") == f"{text_size}px"
            assert f"Example {example + 1} of 4" in root.locator("svg").first.text_content()

    expect_delta(first, widget, net, X, Y, 1, 4)
    slider = first.get_by_role("slider", name="Example")
    slider.focus()
    keys = [("ArrowRight", 2), ("ArrowUp", 3), ("ArrowRight", 3), ("ArrowLeft", 2), ("Home", 0), ("End", 3)]
    for key, example in keys:
        slider.press(key)
        expect(example)
        assert slider.evaluate("range => range === document.activeElement")
    expect_delta(first, widget, net, X, Y, 3, 4)

    page.keyboard.press("Tab")  # to Previous
    page.keyboard.press("Enter")
    expect(2)
    page.keyboard.press("Tab")  # to Next
    page.keyboard.press("Space")
    expect(3)
    page.keyboard.press("Space")  # there is no next one
    expect(3)
    page.keyboard.press("Tab")  # to Play
    page.keyboard.press("Tab")  # to the speed
    page.keyboard.press("End")
    page.keyboard.press("Shift+Tab")
    first.evaluate(NOTE_SENTENCES)
    page.keyboard.press("Space")  # plays from the start to the end, and stops there
    page.wait_for_function("window.said.length === 4")
    assert page.evaluate("window.said") == widget.views[2]["delta"]["sentences"]
    expect(3)
    first.get_by_role("button", name="Play").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # to the layer
    page.keyboard.press("ArrowUp")
    expect(3, 3)
    expect_delta(second, widget, net, X, Y, 3, 3)
    page.keyboard.press("Tab")  # to what is shown
    page.keyboard.press("ArrowDown")
    expect(3, 3, "nabla_b")
    sums = bars(first, 0, "g:last-of-type > :is(.bpteach-up, .bpteach-down)")
    nabla_b = backprop_matrix(net, X, Y)[0][1].ravel()
    assert sums / 60 == pytest.approx(nabla_b / max(np.abs(total).max() for total in running(net, X, Y)), abs=0.002)
    page.keyboard.press("ArrowDown")
    expect(3, 3, "nabla_w")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    expect(3, 2, "nabla_w")
    expect_weights(first, widget, net, X, Y, 3)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # to the text size
    page.keyboard.press("ArrowDown")
    expect(3, 2, "nabla_w", 18)

    second.get_by_role("button", name="Previous").click()
    expect(2, 2, "nabla_w", 18)
    expect_weights(second, widget, net, X, Y, 2)
    second.get_by_role("combobox", name="Show").select_option("delta")
    second.get_by_role("combobox", name="Text size").select_option("16")
    second.get_by_role("combobox", name="Layer").select_option("4")
    expect(2)
    second.locator('[data-example="0"]').click()  # a column of Δ
    expect(0)
    expect_delta(second, widget, net, X, Y, 0, 4)
    assert page.locator(f"{ROOT} [id], {ROOT}[id]").count() == 0
    expect_room(page)
    run_all(page, jupyter, "explorer.ipynb")
    expect_delta(page.locator(ROOT).first, widget, net, X, Y, 1, 4)
    assert faults(page) == []


def running(net, X, Y):
    """Add the bias gradients of layer 3, example by example."""
    return np.cumsum([backprop(net, X[:, [i]], Y[:, [i]])[0][1] for i in range(X.shape[1])], axis=0)


def expect_room(page):
    """Look for anything that a narrow window would cut off."""
    page.set_viewport_size({"width": 800, "height": 900})
    root = page.locator(ROOT).first
    for quantity in QUANTITIES:
        root.get_by_role("combobox", name="Show").select_option(quantity)
        for size in ("16", "32"):
            root.get_by_role("combobox", name="Text size").select_option(size)
            page.wait_for_timeout(100)
            assert root.evaluate("root => root.scrollWidth <= root.clientWidth")
            for panel in root.locator(".bpteach-panel").all():
                box, outside = panel.bounding_box(), root.bounding_box()
                assert box["x"] + box["width"] <= outside["x"] + outside["width"] + 0.5
    page.set_viewport_size({"width": 1280, "height": 1000})


@pytest.mark.parametrize("front", FRONTS)
def test_lesson_7_shows_both_twins(front, page, jupyter):
    open_lesson(page, jupyter, LESSON, front)
    page.complaints.clear()
    run_all(page, jupyter, LESSON)
    net = Network.random([784, 30, 10], np.random.default_rng(7), scaled=True)
    X, Y = load_mnist().training.columns(range(8))
    widget = MiniBatchExplorer(net, X, Y)
    first, second = page.locator(ROOT).nth(0), page.locator(ROOT).nth(1)

    slider = first.get_by_role("slider", name="Example")
    slider.focus()
    for example in range(8):  # seven times →, as the lesson says
        expect_delta(first, widget, net, X, Y, example, 3)
        assert first.locator("[aria-live=polite]").inner_text() == widget.views[1]["delta"]["sentences"][example]
        page.keyboard.press("ArrowRight")
    Delta = np.hstack([backprop(net, X[:, [i]], Y[:, [i]])[0][1] for i in range(8)])
    assert np.array_equal(numbers(first, widget, 1, 0, (10, 8)) < 0, Y == 1)  # one below zero, at the digit
    assert np.array_equal(Delta < 0, Y == 1)
    first.get_by_role("combobox", name="Layer").select_option("2")
    expect_delta(first, widget, net, X, Y, 7, 2)

    expect_weights(second, widget, net, X, Y, 0)
    second.get_by_role("combobox", name="Speed").select_option("10 a second")
    second.get_by_role("button", name="Play").press("Enter")
    last = widget.views[0]["nabla_w"]["verdicts"][7]
    page.wait_for_function(
        "([line, text]) => line.textContent === text",
        arg=[second.locator(".bpteach-verdict").element_handle(), last],
        timeout=20_000,
    )
    assert "the loop's sum equals Δ² (A¹)ᵀ" in last
    expect_weights(second, widget, net, X, Y, 7)
    assert faults(page) == []
    jupyter.stop_kernels()


# --- without Jupyter -------------------------------------------------------------------------------------------------

#: A page with a model as a page without a kernel has it: `save_changes` fails.
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
    """Draw the widget on a page of its own, with a clock that the test winds."""
    _, _, _, widget = make()
    state = widget.get_state()
    binary = {name: base64.b64encode(value).decode() for name, value in state.items() if isinstance(value, bytes)}
    plain = {name: value for name, value in state.items() if name not in binary and name not in ("_esm", "layout")}
    script = base64.b64encode(widget._esm.encode()).decode()
    page.clock.install()
    page.set_content("<!DOCTYPE html><title>Alone</title><body></body>")
    page.add_style_tag(content=widget._css)
    page.evaluate(PAGE, [script, json.loads(json.dumps(plain, default=str)), binary])
    return page, widget


def test_it_plays_at_the_speed_chosen_and_stops_at_the_end(alone):
    page, widget = alone
    example = lambda: page.evaluate("model.get('example')")  # noqa: E731
    play = page.locator("button").nth(2)
    play.press("Enter")
    assert play.inner_text() == "Pause"
    page.clock.run_for(1100)
    assert example() == 2
    play.press("Enter")
    page.clock.run_for(5000)
    assert (example(), play.inner_text()) == (2, "Play")

    page.evaluate("model.set('example', 0)")
    page.get_by_role("combobox", name="Speed").select_option("5 a second")
    play.press("Space")
    page.clock.run_for(450)
    assert example() == 2
    page.get_by_role("combobox", name="Speed").select_option("1 a second")
    page.clock.run_for(900)
    assert example() == 2
    page.clock.run_for(5000)
    assert (example(), play.inner_text()) == (3, "Play")
    play.press("Space")  # from the start
    assert example() == 0
    page.clock.run_for(1100)
    page.get_by_role("slider").press("End")  # who steps has stopped it
    page.evaluate("model.set('example', 1)")
    page.clock.run_for(5000)
    assert (example(), play.inner_text()) == (1, "Play")
    assert page.locator("[aria-live]").inner_text() == widget.views[2]["delta"]["sentences"][1]
    assert page.complaints == []


def test_what_was_started_ends_with_the_widget(alone):
    page, _ = alone
    page.evaluate("model.set('example', 0)")
    page.locator("button").nth(2).press("Enter")
    page.evaluate("stop()")
    page.clock.run_for(5000)
    assert page.evaluate("model.get('example')") == 0
    assert page.evaluate("model.listeners.size") == 0
    page.locator("button").nth(1).press("Enter")
    assert page.evaluate("model.get('example')") == 0
    assert page.complaints == []


def test_a_step_changes_only_what_differs(alone):
    page, _ = alone
    page.evaluate("document.querySelectorAll('.bpteach-panel *').forEach(each => { each.kept = true; })")
    page.get_by_role("slider").press("ArrowRight")
    new = page.evaluate("[...document.querySelectorAll('.bpteach-panel *')].filter(each => !each.kept).length")
    assert 0 < new < 60
    assert page.evaluate("[...document.querySelectorAll('canvas')].every(each => each.kept)")
    assert page.locator("canvas:not([role=img][aria-label])").count() == 0
