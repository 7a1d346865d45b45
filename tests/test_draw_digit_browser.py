"""Drawing a digit in a real browser: by mouse, pen, finger and keyboard; with a kernel, and on a page without one."""

import json
import re

import numpy as np
import pytest

from alone import FRONTS, opened_in
from bpteach.widgets import DrawDigit
from bpteach.widgets.drawing import RECORDED
from browser import faults, has_focus, wait_for
from pictures import as_on_page, on_page
from widgets_on_show import make

pytestmark = pytest.mark.browser

TRAIN = """
import numpy as np
from bpteach import Network, load_mnist, sgd
from bpteach.widgets import DrawDigit

rng = np.random.default_rng(0)
net = Network.random([784, 30, 10], rng, scaled=True)
sgd(net, load_mnist().training[:5000], 2, 10, 3.0, rng, progress=False)
draw = DrawDigit(net)
"""
WATCH = """
import json
seen = ipywidgets.Label()
watch = lambda _: setattr(seen, "value", json.dumps([draw.drawing, draw.right, draw.step, draw.asked]))
draw.observe(watch, ["drawing", "right", "step", "asked"])
"""

ROOT = ".bpteach-draw-digit"
SEVEN = RECORDED[0][1]
THREE = [(0.3, 0.3), (0.45, 0.22), (0.6, 0.3), (0.45, 0.5), (0.62, 0.62), (0.6, 0.76), (0.45, 0.82), (0.3, 0.75)]


@pytest.fixture(scope="module", params=FRONTS)
def opened(request, chromium):
    yield from opened_in(request, "draw.ipynb", TRAIN + WATCH, "draw", "draw", "seen")


@pytest.fixture(scope="module")
def mirror(opened):
    return DrawDigit(opened.names["net"])


@pytest.fixture
def started(opened):
    root = opened.locator(ROOT).first
    for _drawing in RECORDED:
        if strokes_in(root) != approximately(SEVEN):
            root.get_by_role("button", name="Show a recorded drawing").click()
    return opened


def known(page):
    """Read what Python knows: the drawing, the right digit, the step, and the number of the last question."""
    return json.loads(page.locator(".widget-label").last.text_content() or "[null, null, 0, 0]")


def strokes_in(root):
    """Read the ink that the drawing area shows: strokes of points from 0 to 1; the last point stands there twice."""
    paths = re.findall(r"M([^M]+)", root.locator(".bpteach-drawn").get_attribute("d") or "")
    return [[[float(value) / 28 for value in point.split()] for point in path.split("L")[:-1]] for path in paths]


def approximately(drawing):
    return [pytest.approx(np.array(stroke), abs=1e-6) for stroke in drawing]


def expect(page, root, mirror, drawing, right, step):
    mirror.drawing, mirror.right = drawing, right
    answer = mirror.answer
    wait_for(page, root.locator(".bpteach-old").count, 0, "questions without an answer")
    wait_for(page, root.locator(".bpteach-sentence").inner_text, answer["sentences"][step], "the sentence")
    picture, slider = root.locator("svg[role=img]"), root.get_by_role("slider")
    assert picture.get_attribute("aria-label") == answer["alts"][step]
    assert strokes_in(root) == approximately(drawing)
    ticked = [radio.get_attribute("value") for radio in root.get_by_role("radio", checked=True).all()]
    assert ticked == ([] if right is None else [str(right)])
    assert slider.input_value() == str(step)
    assert slider.is_disabled() == (right is None or not drawing)
    marks = [mark for group in answer["groups"][: step + 1] for mark in group]
    assert on_page(picture) == as_on_page(marks + ([] if step else answer["hint"]))


def expect_both(page, mirror, drawing, right=None, step=0):
    wait_for(page, lambda: known(page)[:3], [drawing, right, step], "what Python knows")
    for view in page.locator(ROOT).all():
        expect(page, view, mirror, drawing, right, step)


def place(area, point):
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    return box["x"] + box["width"] * point[0], box["y"] + box["height"] * point[1]


def by_mouse(page, area, points):
    page.mouse.move(*place(area, points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place(area, point), steps=4)
    page.mouse.up()


def by_finger(page, area, points):
    session = page.context.new_cdp_session(page)
    for kind, point in [("touchStart", points[0]), *(("touchMove", point) for point in points[1:]), ("touchEnd", None)]:
        x, y = place(area, point or points[-1])
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}] if point else []})
    session.detach()


def by_pen(page, area, points):
    session = page.context.new_cdp_session(page)
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
    for kind, point in zip(kinds, [*points, points[-1]], strict=True):
        x, y = place(area, point)
        pen = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
        session.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **pen})
    session.detach()


def drawn(page, count, points):
    """Wait until Python knows so many strokes, the last of them from its first point to its last; give them all."""

    def ends():
        drawing = known(page)[0] or [[[0, 0]]]
        return len(drawing), pytest.approx(np.array([drawing[-1][0], drawing[-1][-1]]), abs=0.02)

    wait_for(page, ends, (count, np.array([points[0], points[-1]])), "the strokes that Python knows")
    return known(page)[0]


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_drawing_by_mouse_pen_and_finger(started, mirror):
    page, root = started, started.locator(ROOT).first
    area = root.get_by_role("application", name="Drawing area")
    expect(page, root, mirror, SEVEN, 7, 0)  # nobody has drawn yet
    assert root.locator(".bpteach-invitation").is_visible()

    by_mouse(page, area, THREE)
    (stroke,) = drawn(page, 1, THREE)
    assert len(stroke) > len(THREE)
    expect_both(page, mirror, [stroke])
    assert mirror.answer["sentences"][0].startswith("Your drawing: the network answers 3 (")
    assert not root.locator(".bpteach-invitation").is_visible()
    for count, tool, points in ((2, by_finger, [(0.2, 0.5), (0.5, 0.5), (0.8, 0.52)]), (3, by_pen, THREE[:3])):
        tool(page, area, points)
        drawing = drawn(page, count, points)
        expect_both(page, mirror, drawing)

    root.get_by_role("button", name="Undo").click()
    expect_both(page, mirror, drawing[:2])
    root.get_by_role("radio", name="8").click()
    expect_both(page, mirror, drawing[:2], 8)
    second = page.locator(ROOT).nth(1)
    for step in (1, 2, 3):
        second.get_by_role("button", name="Step").click()
        expect_both(page, mirror, drawing[:2], 8, step)
    second.get_by_role("button", name="Step").click(force=True)  # there is no further step
    second.get_by_role("radio", name="5").check()
    expect_both(page, mirror, drawing[:2], 5, 3)
    second.get_by_role("button", name="Back").click()
    expect_both(page, mirror, drawing[:2], 5, 2)
    for _stroke in range(2):  # without strokes there is no way back
        root.get_by_role("button", name="Undo").click()
    expect_both(page, mirror, [], 5)

    root.get_by_role("button", name="Clear").click(force=True)  # there is nothing to take away but the digit chosen
    expect_both(page, mirror, [])
    by_mouse(page, area, [(0.5, 0.2)])
    dot = drawn(page, 1, [(0.5, 0.2)])
    assert len(dot[0]) == 1
    expect_both(page, mirror, dot)
    for meant, drawing in [*RECORDED, RECORDED[0]]:
        second.get_by_role("button", name="Show a recorded drawing").click()
        expect_both(page, mirror, drawing, meant)
    assert page.locator(f"{ROOT} [id], {ROOT}[id]").count() == 0
    assert not root.locator(".bpteach-notice").is_visible()
    assert faults(page) == []


def test_drawing_by_keyboard_alone(started, mirror):
    page, root = started, started.locator(ROOT).first
    area, says = root.get_by_role("application"), root.locator(".bpteach-place")
    assert area.get_attribute("aria-description") == root.locator(".bpteach-keys").inner_text()
    area.focus()
    press(page, "ArrowUp", "Shift+ArrowUp", "Shift+ArrowLeft")
    assert says.inner_text() == "Pen lifted: column 10, row 9."
    expect(page, root, mirror, SEVEN, 7, 0)  # moving the pen draws nothing

    press(page, "Space")
    assert says.inner_text() == "Pen down: column 10, row 9."
    press(page, "Shift+ArrowRight", "Shift+ArrowRight", "End", "End", "ArrowDown")
    press(page, "PageDown", "PageUp", "Home", "Escape")
    moves = [(10, 9), (4, 0), (4, 0), (-1, 1), (-1, 1), (0, 1), (1, 1), (1, -1), (-1, -1)]
    first = (np.cumsum(moves, axis=0) / 28).round(4).tolist()
    expect_both(page, mirror, [first])
    assert says.inner_text() == "Pen lifted: column 17, row 11."

    press(page, "ArrowLeft", "Enter", "Shift+ArrowDown", "Enter", "ArrowDown")
    second = [[round(16 / 28, 4), round(11 / 28, 4)], [round(16 / 28, 4), round(15 / 28, 4)]]
    expect_both(page, mirror, [first, second])
    press(page, "Backspace")
    expect_both(page, mirror, [first])
    press(page, "Space", "ArrowUp", "Backspace")  # a stroke that is begun is taken back, too
    expect_both(page, mirror, [first])
    assert has_focus(area)

    press(page, "Tab", "Tab", "Tab", "Tab", "Space")  # Undo, Clear, a recorded drawing, the first digit
    expect_both(page, mirror, [first], 0)
    press(page, "ArrowRight", "ArrowRight")
    expect_both(page, mirror, [first], 2)
    press(page, "Tab")
    for key, step in (("End", 3), ("ArrowLeft", 2), ("Tab", 2), ("Space", 1), ("Tab", 1), ("Enter", 2)):  # Back, Step
        press(page, key)
        expect_both(page, mirror, [first], 2, step)
    assert faults(page) == []


@pytest.mark.weekly
@pytest.mark.parametrize("opened", FRONTS[1:], indirect=True)
def test_a_kernel_that_is_gone_is_missed(started, jupyter, mirror):
    page, root = started, started.locator(ROOT).first
    area = root.get_by_role("application")
    by_mouse(page, area, THREE)
    expect_both(page, mirror, drawn(page, 1, THREE))
    assert not root.locator(".bpteach-notice").is_visible()
    jupyter.ask(f"kernels/{jupyter.kernel('draw.ipynb')['id']}", "DELETE")
    page.wait_for_timeout(500)
    by_mouse(page, area, THREE[:4])
    expect_recorded(page, root, mirror)


def expect_recorded(page, root, mirror):
    root.locator(".bpteach-notice", has_text="No kernel answers here").wait_for()
    root.get_by_role("radio", name="1").check()
    expect(page, root, mirror, SEVEN, 1, 0)
    for step in (1, 2, 3):
        root.get_by_role("button", name="Step").click()
        expect(page, root, mirror, SEVEN, 1, step)
    root.get_by_role("button", name="Show a recorded drawing").click()
    expect(page, root, mirror, RECORDED[1][1], 3, 0)


@pytest.mark.npm
def test_on_a_page_without_a_kernel(page, site):
    page.context.set_offline(True)
    page.goto((site / "on-show.html").as_uri())
    root, mirror = page.locator(ROOT).first, make("DrawDigit")
    root.wait_for()
    expect(page, root, mirror, SEVEN, 7, 0)
    root.locator(".bpteach-notice", has_text="No kernel answers here").wait_for()
    by_mouse(page, root.get_by_role("application"), THREE)
    expect(page, root, mirror, SEVEN, None, 0)
    assert root.locator(".bpteach-notice").is_visible()
    expect_recorded(page, root, mirror)
    root.get_by_role("button", name="Clear").click()
    expect(page, root, mirror, SEVEN, None, 0)
    assert page.complaints == []
