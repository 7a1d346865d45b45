"""Four widgets in a real browser: the pages show, mark by mark, what Python sends.

What all widgets do there, test_widgets_browser shows.
"""

import json

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import expect

from alone import FRONTS, opened_in
from bpteach.diagnosis import CATALOGUE
from bpteach.widgets import SmallNetwork
from bpteach.widgets.small_network_numbers import PRESETS, outcome, stepped
from bpteach.widgets.small_network_numbers import shown as written
from bpteach.widgets.small_network_words import names
from browser import faults, has_focus, overflows, settle, wait_for
from pictures import as_on_page, on_page
from test_mini_batch_explorer import QUANTITIES, cells_of

SETUP = """
import numpy as np
from bpteach import Network, load_mnist
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import Curve
from bpteach.training import update_mini_batch_matrix
from bpteach.widgets import BugGallery, DeltaDepthView, MiniBatchExplorer, SmallNetwork

curves = {name: Curve((0.5, 0.25 + i / 100)) for i, name in enumerate(CATALOGUE)}
curves |= {"right": Curve((0.8, 0.9)), "missing-transpose": Curve((), "<b>ValueError</b>: it does not fit")}
gallery = BugGallery(curves, mistake="missing-hidden-sigmoid-prime")

net = Network.random([784, 30, 30, 10], np.random.default_rng(1), scaled=True)
X, Y = load_mnist().test.columns(range(6))
nets = [net.copy()]
for _ in range(4):
    for _ in range(5):
        update_mini_batch_matrix(net, X, Y, 3.0)
    nets.append(net.copy())
depth = DeltaDepthView(nets, X, Y, epoch=1, example=2)
explorer = MiniBatchExplorer(nets[0], X[:, :4], Y[:, :4], example=1)

small, known = SmallNetwork(preset="zero input"), ipywidgets.Label()
small.observe(lambda _: setattr(known, "value", str(small.numbers)), "numbers")
"""
SHOWN = [
    "watched(gallery, 'exhibit', 'probe', 'text_size')",
    "BugGallery()",
    "watched(depth, 'epoch', 'example', 'text_size')",
    "DeltaDepthView(nets[0], X, Y)",
    "watched(explorer, 'example', 'layer', 'quantity')",
    "ipywidgets.VBox([small, known])",
]

NAMES = list(CATALOGUE)
EPOCHS = ["0", "1", "2", "3", "4"]
ROLES = {"Epoch": "slider", "Example": "slider", "Previous": "button", "Next": "button", "Play": "button"}

# keys pressed one after the other, what then has the focus, and the mistake, the network and the text size shown
KEYS_OF_GALLERY = [
    ("ArrowDown " * 25 + "ArrowUp " * 20, "Mistake", 6, 0, 16),  # no step is dropped
    ("End", "Mistake", len(NAMES) - 1, 0, 16),
    ("Home Tab Enter", "Previous", 0, 0, 16),  # leads nowhere now
    ("Tab Enter Tab ArrowDown", "Seen on", 1, 1, 16),
    ("ArrowDown", "Seen on", 1, 2, 16),
    ("ArrowDown", "Seen on", 1, 3, 16),
    ("Tab ArrowDown", "Text size", 1, 3, 18),
]

# likewise, and the epoch, the example and the text size that are shown
KEYS_OF_DEPTH = [
    ("ArrowUp ArrowUp ArrowLeft", "Epoch", 2, 2, 16),
    ("Home Tab Tab Tab Tab End", "Speed", 0, 2, 16),  # eight a second
    ("Shift+Tab Space", "Play", 4, 2, 16),  # to the end
    ("Tab Tab ArrowRight", "Example", 4, 3, 16),
    ("End", "Example", 4, 5, 16),
    ("Shift+Tab Shift+Tab Shift+Tab Shift+Tab Shift+Tab Home", "Epoch", 0, 5, 16),
    ("Tab Tab Tab Tab Tab Home Tab ArrowDown", "Text size", 0, 0, 18),
]

# likewise, and the example, the layer and the quantity that are shown
KEYS_OF_EXPLORER = [
    ("End", "Example", 3, 4, "delta"),
    ("Tab Tab Tab Tab End Shift+Tab Space", "Play", 3, 4, "delta"),  # from the start to the end
    ("Tab Tab ArrowUp", "Layer", 3, 3, "delta"),
    ("Tab ArrowDown", "Show", 3, 3, "nabla_b"),
    ("ArrowDown", "Show", 3, 3, "nabla_w"),
    ("Shift+Tab Home", "Layer", 3, 2, "nabla_w"),
]

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

#: Notes everything that the aria-live sentence says, and whether it is heard.
NOTE = """root => {
    const live = root.querySelector('[aria-live]');
    Object.assign(window, { said: [], live: [] });
    new MutationObserver(() => window.said.push(live.textContent)).observe(live, { childList: true });
    new MutationObserver(() => window.live.push(live.ariaLive)).observe(live, { attributeFilter: ['aria-live'] });
}"""

#: Numbers and words that are cut, that leave the picture, or that lie over each other.
FAULTY = """net => {
    const text = each => each.textContent || each.value;
    const shown = [...net.querySelectorAll('text, input')].filter(text).map(each => [text(each), each]);
    const boxes = shown.map(([text, each]) => [text, each.getBoundingClientRect()]), edge = net.getBoundingClientRect();
    const meet = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
        && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;  // letters are lower than their line
    return [
        ...shown.filter(([, each]) => each.value && each.scrollWidth > each.clientWidth + 1),
        ...boxes.filter(([, box]) => box.left < edge.left - 1 || box.right > edge.right + 1),
        ...boxes.filter(([, box], i) => boxes.slice(i + 1).some(([, other]) => meet(box, other))),
    ].map(([text]) => text);
}"""


@pytest.fixture(scope="module", params=FRONTS)
def opened(request, chromium):
    yield from opened_in(request, "pages.ipynb", SETUP, *SHOWN)


@pytest.fixture
def run(opened):
    def found(root, label):
        opened.set_viewport_size({"width": 1280, "height": 1000})
        return opened, *(opened.locator(root).nth(i) for i in range(3)), opened.locator(".widget-label").nth(label)

    yield found
    assert opened.locator("[class*=bpteach] [id]").count() == 0
    assert faults(opened) == []


def press(page, root, rows, shows):
    for keys, focused, *shown in rows:
        for key in keys.split():
            page.keyboard.press(key)
        expect(root.get_by_role(ROLES.get(focused, "combobox"), name=focused)).to_be_focused()
        shows(*shown)


def expect_to_fit(page, root, *, side_by_side=False):
    """At 1280 pixels two pictures may stand side by side; at 800 nothing is too wide, at any text size."""
    for width, size in ((1280, "16"), (800, "16"), (800, "32")):
        page.set_viewport_size({"width": width, "height": 900})
        root.get_by_role("combobox", name="Text size").select_option(size)
        settle(page)
        assert not overflows(root), (width, size)
        ends = [each.bounding_box() for each in root.locator("select, button, svg, code, input").all()]
        box = root.bounding_box()
        assert all(end["x"] + end["width"] <= box["x"] + box["width"] + 0.5 for end in ends), (width, size)
        left, right = (root.locator("svg").nth(i).bounding_box() for i in (0, 1))
        if side_by_side and (width == 1280 or "/notebooks/notebooks/" not in page.url):
            assert (left["y"] == right["y"]) == (width == 1280), (left, right)


def test_the_gallery(run):
    page, first, second, bare, seen = run(".bpteach-bug-gallery", label=0)
    gallery = page.names["gallery"]

    def shows(exhibit, probe, text_size):
        expect(seen).to_have_text(f"{exhibit} {probe} {text_size}")  # Python knows
        for root in (first, second):
            shown = gallery.exhibits[exhibit]
            expect(root.locator("[aria-live]")).to_have_text(shown["sentences"][probe])
            expect(root.get_by_role("combobox", name="Mistake")).to_have_value(str(exhibit))
            expect(root.get_by_role("combobox", name="Seen on")).to_have_value(str(probe))
            assert root.locator("code").all_text_contents() == [shown["right"], shown["wrong"]]
            expect(root.locator("p").last).to_have_text(" ".join(shown["notes"]))
            pictures = filter(None, (shown["pictures"][probe], shown["accuracy"]))
            for picture, marked in zip(root.locator("svg:visible").all(), pictures, strict=True):
                expect(picture).to_have_attribute("aria-label", marked["alt"])
                assert on_page(picture) == as_on_page(marked["marks"])
            words = [gallery.words["accepts" if each else "refuses"] for row in shown["verdicts"] for each in row]
            assert root.locator("td").all_inner_texts() == words
            expect(root.locator("td.bpteach-accepted")).to_have_count(sum(map(sum, shown["verdicts"])))
            expect(root.locator("thead .bpteach-current")).to_have_text(gallery.words["probes"][probe])

    first.get_by_role("combobox", name="Mistake").focus()
    press(page, first, KEYS_OF_GALLERY, shows)
    page.keyboard.press("Tab")  # to the table, which scrolls by keys where it must
    expect(first.locator(".bpteach-checks")).to_be_focused()

    second.get_by_role("combobox", name="Mistake").select_option("9. weight-index-hard-coded")
    second.get_by_role("combobox", name="Seen on").select_option("one hidden layer")
    shows(NAMES.index("weight-index-hard-coded"), 1, 18)
    for _step in range(2):
        second.get_by_role("button", name="Previous").click()
    shows(NAMES.index("missing-transpose"), 1, 18)
    expect(first.locator("[aria-live]")).to_contain_text("stops: <b>ValueError</b>: it does not fit.")  # no markup
    expect(bare.locator("svg")).to_have_count(1)

    second.get_by_role("button", name="Next").click()
    shows(NAMES.index("missing-transpose") + 1, 1, 18)  # which has two pictures again
    expect_to_fit(page, first, side_by_side=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    first.get_by_role("combobox", name="Text size").select_option("16")
    boxes = [first.get_by_role("combobox", name=name).bounding_box() for name in ("Seen on", "Text size")]
    assert abs(boxes[0]["y"] - boxes[1]["y"]) < 10  # the text size does not stand alone on a line


def test_the_view_of_delta_in_every_layer(run):
    page, first, second, single, seen = run(".bpteach-delta-depth-view", label=1)
    depth = page.names["depth"]

    def shows(epoch, example, text_size):
        expect(seen).to_have_text(f"{epoch} {example} {text_size}")  # Python knows
        frame = depth.frames[epoch]
        filled = [[*frame["filled"][0], *frame["examples"][example]["filled"]], frame["filled"][1]]
        for root in (first, second):
            expect(root.locator("[aria-live=polite]")).to_have_text(frame["examples"][example]["sentence"])
            for name, at, spoken in (("Epoch", epoch, EPOCHS[epoch]), ("Example", example, str(example))):
                expect(root.get_by_role("slider", name=name)).to_have_value(str(at))
                expect(root.get_by_role("slider", name=name)).to_have_attribute("aria-valuetext", spoken)
            expect(root.locator(".bpteach-value")).to_have_text(EPOCHS[epoch])
            expect(root.get_by_role("button", name="Play")).to_have_count(1)  # nothing plays
            for i, panel in enumerate(depth.panels):
                slots = zip([*panel["epoch"], *panel["example"]], filled[i], strict=True)
                marks = [{**slot, "text" if slot["tag"] == "text" else "d": value} for slot, value in slots]
                image = [] if i else depth.images[example]
                expect(root.locator("svg").nth(i)).to_have_attribute("aria-label", frame["alts"][i])
                assert on_page(root.locator("svg").nth(i)) == as_on_page([*image, *panel["marks"], *marks])

    first.get_by_role("slider", name="Epoch").focus()
    press(page, first, KEYS_OF_DEPTH, shows)
    second.get_by_role("button", name="Next").click()
    shows(1, 0, 18)
    first.get_by_role("slider", name="Epoch").click(position={"x": 2, "y": 8})  # its left end
    shows(0, 0, 18)
    second.get_by_role("combobox", name="Speed").select_option("2 a second")
    second.evaluate(NOTE)
    second.get_by_role("button", name="Play").click()
    expect(first.get_by_role("slider", name="Epoch")).not_to_have_value("0")
    second.get_by_role("combobox", name="Speed").select_option("1 a second")
    expect(second.locator("[aria-live=polite]")).to_have_count(1)
    assert page.evaluate("window.live")[0] == "off"  # nobody could listen that fast
    expect(second.get_by_role("button", name="Play")).to_have_count(1)  # it stops at the last epoch
    expect(first.get_by_role("slider", name="Epoch")).to_have_value("4")

    expect(single.get_by_role("slider")).to_have_count(1)  # one network has no epochs to choose from
    has_address = page.url != "about:blank"
    assert single.get_by_role("button").all_inner_texts() == ["Copy link"] * has_address
    single.get_by_role("slider", name="Example").press("ArrowRight")
    expect(single.locator("[aria-live=polite]")).to_contain_text("Example 1 (")
    expect_to_fit(page, first, side_by_side=True)


def canvas_of(canvas, widget, image):
    """Read the numbers that a canvas shows, from -127 to 127, by their colours; those of ink have no sign."""
    shape = [image["rows"], image["columns"]]
    colours = np.array(canvas.evaluate(COLOURS, shape).split(), dtype=int).reshape(shape)
    opaque = np.frombuffer(widget.palettes, np.uint8).reshape(2, 256, 4)[0, :128, 3]
    sizes = np.searchsorted(opaque, np.abs(colours))
    assert np.array_equal(opaque[sizes], np.abs(colours))
    return sizes if image["palette"] else sizes * np.sign(colours)


def test_the_mini_batch_explorer(run):
    page, first, second, _none, seen = run(".bpteach-mini-batch-explorer", label=2)
    explorer = page.names["explorer"]

    def shows(example, layer, quantity):
        expect(seen).to_have_text(f"{example} {layer} {quantity}")  # Python knows
        view = explorer.views[layer - 2][quantity]
        for root in (first, second):
            expect(root.locator("[aria-live]")).to_have_text(view["sentences"][example])
            expect(root.locator(".bpteach-verdict")).to_have_text(view["verdicts"][example])
            slider = root.get_by_role("slider", name="Example")
            expect(slider).to_have_value(str(example))
            expect(slider).to_have_attribute("aria-valuetext", str(example))
            for name, value in (("Layer", layer), ("Show", quantity)):
                expect(root.get_by_role("combobox", name=name)).to_have_value(str(value))
        panels = (first, second)[example % 2].locator(".bpteach-panel").all()  # the pictures of one, then of the other
        for side, (panel, part) in enumerate(zip(view["panels"], panels, strict=True)):
            alt = view[("sentences", "verdicts")[side]][example]
            expect(part.locator("svg")).to_have_attribute("aria-label", alt)
            shown = [example if at["example"] is None else at["example"] for at in panel["digits"]]
            marks = [mark for each in shown for mark in explorer.digits[each]] + panel["marks"]
            marks += (explorer.captions[example] if panel["caption"] else []) + panel["moving"][example]
            assert on_page(part.locator("svg")) == as_on_page(marks)
            for canvas, image in zip(part.locator("canvas").all(), panel["images"], strict=True):
                found, sent = canvas_of(canvas, explorer, image), cells_of(explorer, image, example)
                assert np.array_equal(found, sent), image["name"]
        outline, matrix = (panels[1].locator(kind).first.bounding_box() for kind in (".bpteach-lit", "canvas"))
        middle = (outline["x"] + outline["width"] / 2 - matrix["x"]) / matrix["width"]
        assert int(middle * len(view["sentences"])) == example, "the outline is around another column"

    first.get_by_role("slider", name="Example").focus()
    first.evaluate(NOTE)
    press(page, first, KEYS_OF_EXPLORER[:2], shows)
    assert page.evaluate("window.said")[-4:] == explorer.views[2]["delta"]["sentences"]
    press(page, first, KEYS_OF_EXPLORER[2:], shows)
    second.get_by_role("button", name="Previous").click()
    shows(2, 2, "nabla_w")
    for name, option in (("Show", "delta"), ("Layer", "4")):
        second.get_by_role("combobox", name=name).select_option(option)
    second.locator('[data-example="0"]').click()  # a column of Δ
    shows(0, 4, "delta")
    for quantity in QUANTITIES:
        first.get_by_role("combobox", name="Show").select_option(quantity)
        expect_to_fit(page, first)


def test_the_small_network_by_keys_mouse_and_finger(run):
    page, view, *_, seen = run(".bpteach-small-network", label=3)
    numbers = SmallNetwork(preset="zero input").numbers
    field = lambda i: view.get_by_role("spinbutton", name=names()[i], exact=True)  # noqa: E731
    click = lambda name: view.get_by_role("button", name=name).click()  # noqa: E731
    known = lambda: json.loads(seen.inner_text() or "[]")  # noqa: E731

    def expect(new, sentence):
        """Compare what Python knows, what is said, and every number on the picture."""
        numbers[:] = [new.get(i, number) for i, number in enumerate(numbers)]
        close = lambda: len(known()) == len(numbers) and np.allclose(known(), numbers, rtol=0, atol=1e-12)  # noqa: E731
        wait_for(page, close, True, f"Python knows {numbers}")
        numbers[:] = known()
        said = lambda: view.locator(".bpteach-sentence").inner_text()[: len(sentence)]  # noqa: E731
        wait_for(page, said, sentence, "what is said")
        drawn = sorted(view.locator(".bpteach-computed").all_text_contents())
        assert drawn == sorted(written(value) for value in outcome(numbers).values())
        fields = view.get_by_role("spinbutton").evaluate_all("all => all.map(each => each.value)")
        assert fields == [written(number).replace("−", "-") for number in numbers]
        assert view.locator(".bpteach-net").evaluate(FAULTY) == []

    field(0).focus()
    page.keyboard.press("ArrowUp")
    expect({0: 0.1}, "Changed: input 0, now 0.1. The cost is ")
    field(7).fill("-8.25")
    page.keyboard.press("Tab")
    assert has_focus(field(8))
    expect({7: -8.25}, "Changed: bias of hidden neuron 1, now −8.25. ")
    field(20).fill("7")  # beyond its bounds
    field(20).blur()
    expect({20: 1.0}, "Changed: wanted output 1, now 1. ")
    field(11).scroll_into_view_if_needed()
    box = field(11).bounding_box()
    x, y = box["x"] + 20, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=10)
    page.mouse.up()
    expect({11: 3.5}, "Changed: weight to output 0 from hidden neuron 0, now 3.5. ")
    session = page.context.new_cdp_session(page)
    for kind, right in [("touchStart", 0), ("touchMove", -40), ("touchMove", -80), ("touchEnd", None)]:
        points = [] if right is None else [{"x": x + right, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect({11: 1.5}, "Changed: weight to output 0 from hidden neuron 0, now 1.5. ")
    before = list(numbers)
    for _step in range(3):
        was, after = outcome(numbers)["cost"], stepped(numbers)
        click("Take the step")
        expect(dict(enumerate(after)), f"The cost fell from {written(was)} to {written(outcome(after)['cost'])}; ")
    assert view.locator(".bpteach-cost").count() == 8  # four numbers were changed, one of them twice in a row
    for _step in range(3):
        click("Undo")
    expect(dict(enumerate(before)), "Changed: weight to output 0 from hidden neuron 0, now 1.5. ")
    click("Start again")
    expect(dict(enumerate(PRESETS["zero input"])), "A zero input: by BP4 ")
