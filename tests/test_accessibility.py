"""The widgets for everybody: axe-core in both themes, the Tab key, a focus that is seen, a sentence that is said."""

import json

import nbformat
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

import widgets_on_show
from browser import faults, new_page, open_lesson, run_all
from widgets_on_show import EXAMPLES, root

THEMES = ["JupyterLab Light", "JupyterLab Dark"]

SETTINGS = "user/@jupyterlab/apputils-extension/themes.jupyterlab-settings"

#: What can take the focus with the Tab key, in the order of the page; of a group of radio buttons, one.
IN_ORDER = """root => [...root.querySelectorAll('button, input, select, textarea, a[href], [tabindex]')].filter(
    (each, _, all) => each.checkVisibility() && !each.disabled && each.tabIndex >= 0
        && (each.type !== 'radio' || each === (all.find(other => other.name === each.name && other.checked)
                                               || all.find(other => other.name === each.name))))"""

#: For the focused element: its place in that order (-1: elsewhere), and whether a ring is drawn around it.
FOCUSED = f"""root => {{
    const focused = document.activeElement, style = getComputedStyle(focused);
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return [({IN_ORDER})(root).indexOf(focused), ring, focused.outerHTML.slice(0, 100)];
}}"""

#: Words in a picture: axe-core leaves those out. The contrast to the paper, for each kind of them.
CONTRASTS = """root => {
    const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(channel);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = light(getComputedStyle(root).backgroundColor);
    return [...root.querySelectorAll('svg text')].filter(each => each.textContent.trim()).map(each => {
        const ink = light(getComputedStyle(each).fill);
        const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        return [each.textContent, ratio];
    });
}"""


@pytest.fixture(scope="module", params=THEMES)
def opened(request, chromium, jupyter, npm_packages):
    """Open a notebook with one of each widget in JupyterLab, in one theme after the other, and run it; load axe."""
    name, settings = "on-show.ipynb", jupyter.folder / SETTINGS
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"theme": request.param}))
    nbformat.write(widgets_on_show.notebook(), jupyter.folder / "notebooks" / name)
    page = new_page(chromium)
    open_lesson(page, jupyter, name)
    page.complaints.clear()  # what the front end itself reports when it opens a notebook
    page.wait_for_selector(f'body[data-jp-theme-name="{request.param}"]', state="attached")
    run_all(page, jupyter, name)
    page.evaluate((npm_packages["axe-core"] / "axe.min.js").read_text(encoding="utf-8"))
    yield page
    settings.unlink()
    jupyter.stop_kernels()
    page.context.close()


def violations(page, selector):
    """Run axe-core within an element; write each violation on a line."""
    found = page.evaluate("selector => axe.run({ include: [[selector]] })", selector)
    assert found["passes"], "axe-core looked at nothing"
    return [
        f"{each['id']}: {each['help']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def press(page, view, name, key):
    """Press one of the widget's keys on the control that takes them."""
    view.locator(EXAMPLES[name].control).first.focus()
    page.keyboard.press(EXAMPLES[name].keys[key])


def change_all_choices(view):
    """Tick every box, and choose the last of what each list offers."""
    for box in view.get_by_role("checkbox").all():
        if box.is_visible():
            box.check()
    for choice in view.get_by_role("combobox").all():
        if choice.is_visible():
            choice.select_option(index=choice.locator("option").count() - 1)


@pytest.mark.parametrize("name", EXAMPLES)
def test_axe_finds_nothing(name, opened):
    """At the first step, in the middle and at the end, and with every choice changed, axe-core has no complaint."""
    view = opened.locator(root(name))
    for key in ("first", "next", "last"):
        press(opened, view, name, key)
        assert violations(opened, root(name)) == [], key
    change_all_choices(view)
    assert violations(opened, root(name)) == []
    press(opened, view, name, "first")
    assert violations(opened, root(name)) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_words_in_pictures_can_be_read(name, opened):
    """The words drawn in a picture stand out from its paper, 4.5 to 1 at least."""
    view = opened.locator(root(name))
    for key in ("first", "next", "last"):
        press(opened, view, name, key)
        assert [(text, ratio) for text, ratio in view.evaluate(CONTRASTS) if ratio < 4.5] == [], key


@pytest.mark.parametrize("name", EXAMPLES)
def test_tab_reaches_every_control_in_order(name, opened):
    """Tab goes from control to control, there and back, each shows that it has the focus, and Tab leads out."""
    view = opened.locator(root(name))
    count = view.evaluate(f"root => ({IN_ORDER})(root).length")
    assert count >= 2
    view.evaluate(f"root => ({IN_ORDER})(root)[0].focus()")
    for place in range(1, count):
        opened.keyboard.press("Tab")
        assert view.evaluate(FOCUSED)[:2] == [place, True], view.evaluate(FOCUSED)
    opened.keyboard.press("Tab")
    assert view.evaluate(FOCUSED)[0] == -1
    view.evaluate(f"root => ({IN_ORDER})(root).at(-1).focus()")
    for place in reversed(range(count - 1)):
        opened.keyboard.press("Shift+Tab")
        assert view.evaluate(FOCUSED)[:2] == [place, True], view.evaluate(FOCUSED)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_step_is_said_in_a_sentence(name, opened):
    """A screen reader is told every step in a sentence of its own; pictures have a text, and no id is set."""
    view = opened.locator(root(name))
    said = []
    for key in ("first", "next", "last"):
        press(opened, view, name, key)
        said.append(view.locator(".bpteach-sentence[aria-live=polite]").inner_text())
    assert len(set(said)) == 3
    assert all(len(sentence) > 20 and sentence.endswith(".") for sentence in said)
    pictures = view.locator("[role=img]").all()
    texts = [picture.get_attribute("aria-label") for picture in pictures]
    assert all(texts)
    assert max(map(len, texts)) > 40
    hidden = "svg => !svg.closest('[role=img], [aria-hidden=true]')"
    assert not [svg for svg in view.locator("svg").all() if svg.evaluate(hidden)]
    assert view.locator("[id]").count() == 0
    assert view.get_attribute("id") is None


def test_nothing_went_wrong(opened):
    """After all that, the page's console is empty."""
    assert faults(opened) == []
