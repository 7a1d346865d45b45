"""The widgets for everybody: axe-core in both themes, the Tab key, a focus that is seen, a sentence that is said."""

import re

import pytest

import widgets_on_show
from browser import faults, new_page, running, settle
from conftest import once_a_week
from widgets_on_show import EXAMPLES, root

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

CONTRAST = """
    const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(channel);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = light(getComputedStyle(root).backgroundColor);
    const contrast = colour => {
        const ink = light(colour);
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    };"""

#: Words in a picture: axe-core leaves those out. Those that are faint, with their contrast to the paper.
FAINT_WORDS = f"""root => {{ {CONTRAST}
    const words = [...root.querySelectorAll('svg text')].filter(each => each.textContent.trim());
    return words.map(each => [each.textContent, contrast(getComputedStyle(each).fill)])
        .filter(([, ratio]) => ratio < 4.5);
}}"""

#: The kinds of shapes in a picture that can hardly be told from the paper, apart from those that are paper.
FAINT = f"""root => {{ {CONTRAST}
    const shapes = [...root.querySelectorAll('svg :is(path, rect, circle, line):not(.bpteach-hit, .bpteach-gap)')];
    const paints = each => [getComputedStyle(each).stroke, getComputedStyle(each).fill].filter(each => each !== 'none');
    return [...new Set(shapes.filter(each => Math.max(...paints(each).map(contrast)) < 3)
        .map(each => each.getAttribute('class')))];
}}"""

#: Lines of code that have the edge of the line that has just run.
EDGED = "lines => lines.filter(line => parseFloat(getComputedStyle(line).borderLeftWidth) > 0).length"


@pytest.fixture(scope="module")
def axe(npm_packages):
    return (npm_packages["axe-core"] / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def on_a_page(site, chromium, axe):
    page = new_page(chromium)
    page.goto((site / "on-show.html").as_uri())
    page.wait_for_function(f"document.querySelectorAll('.bpteach-widget').length === {2 * len(EXAMPLES)}")
    page.evaluate("document.querySelectorAll('details').forEach(folded => folded.remove())")  # the same once more
    page.evaluate(axe)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def in_jupyter(chromium, jupyter, axe):
    with running(chromium, jupyter, "on-show.ipynb", widgets_on_show.sources()) as page:
        page.evaluate(axe)
        yield page
    (jupyter.folder / SETTINGS).unlink(missing_ok=True)  # the theme, for the tests to come


@pytest.fixture(scope="module")
def opened(request, chromium):  # named here too, so that its tests are known as a browser's
    """Choose a theme: the same page serves both."""
    place, scheme = request.param
    page = request.getfixturevalue(place)
    page.scheme = scheme
    page.emulate_media(color_scheme=scheme)
    if place == "in_jupyter":
        name = f"JupyterLab {scheme.title()}"
        page.get_by_role("menuitem", name="Settings", exact=True).click()
        item = lambda name: page.locator(".lm-Menu-item", has_text=re.compile(f"^{name}$"))  # noqa: E731
        item("Theme").hover()
        item(name).click()
        page.wait_for_selector(f'body[data-jp-theme-name="{name}"]', state="attached")
    settle(page)
    return page


LIGHT, DARK = [("on_a_page", "light"), ("on_a_page", "dark")]


def looked_at(*each_time):
    """Look at the widgets there each time, and once a week on a page and in JupyterLab, in both themes."""
    places = [LIGHT, DARK, ("in_jupyter", "light"), ("in_jupyter", "dark")]
    rows = [place if place in each_time else once_a_week(place) for place in places]
    return pytest.mark.parametrize("opened", rows, indirect=True, ids="-".join)


def violations(page, *selectors):
    """Run axe-core, which takes as long for one widget as for all; write each violation on a line."""
    passed, violated = page.evaluate(AXE, [[selector] for selector in selectors])
    assert passed, "axe-core looked at nothing"
    nodes = [(each["help"], node) for each in violated for node in each["nodes"]]
    return [f"{title}: {node['html'][:200]} {node['failureSummary']}" for title, node in nodes]


def faulty(page):
    """Write what axe-core complains of, and each faint word."""
    words = [word for name in EXAMPLES for word in page.locator(root(name)).first.evaluate(FAINT_WORDS)]
    return words + violations(page, *map(root, EXAMPLES))


AXE = """async roots => {
    const { passes, violations } = await axe.run({ include: roots }, { preload: false });
    return [passes.length, violations];
}"""


def press(page, name, key):
    page.locator(root(name)).first.locator(EXAMPLES[name].control).first.focus()
    page.keyboard.press(EXAMPLES[name].keys[key])


@looked_at(LIGHT)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_step_is_said(name, opened):
    """At the first step, the next and the last: a sentence, and texts of pictures."""
    view = opened.locator(root(name)).first
    said = set()
    for key in ("first", "next", "last"):
        press(opened, name, key)
        said.add(view.locator(".bpteach-sentence[aria-live=polite]").inner_text())
    assert len(said) == 3
    assert all(len(sentence) > 20 and sentence.endswith(".") for sentence in said)
    texts = [picture.get_attribute("aria-label") for picture in view.locator("[role=img]").all()]
    assert all(texts)
    assert max(map(len, texts)) > 40
    hidden = "all => all.filter(svg => !svg.closest('[role=img], [aria-hidden=true]')).length"
    assert view.locator("svg").evaluate_all(hidden) == 0


@looked_at(LIGHT)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_is_seen_where_the_system_forces_its_colours(scheme, opened):
    """Words, axes, digits, drawings and the running line, whatever theme is chosen."""
    opened.emulate_media(forced_colors="active", color_scheme=scheme)
    try:
        for name in EXAMPLES:
            view = opened.locator(root(name)).first
            for key in ("next", "last"):
                press(opened, name, key)
                assert view.evaluate(FAINT_WORDS) + view.evaluate(FAINT) == [], (name, key)
                lines = view.locator(".bpteach-line-of-code")
                assert lines.evaluate_all(EDGED) == (1 if lines.count() else 0), (name, key)
            paper = view.evaluate("root => getComputedStyle(root).backgroundColor")
            assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}[scheme], name
    finally:
        opened.emulate_media(forced_colors="none", color_scheme=opened.scheme)


@looked_at(LIGHT)
@pytest.mark.parametrize("name", EXAMPLES)
def test_tab_reaches_every_control_in_order(name, opened):
    """Tab goes from control to control, there and back, each shows that it has the focus, and Tab leads out."""
    view = opened.locator(root(name)).first
    count = view.evaluate(f"root => ({IN_ORDER})(root).length")
    assert count >= 2
    for key, order in (("Tab", range(count)), ("Shift+Tab", reversed(range(count)))):
        first, *others = order
        view.evaluate(f"root => ({IN_ORDER})(root)[{first}].focus()")
        for place in others:
            opened.keyboard.press(key)
            found = view.evaluate(FOCUSED)
            assert found[:2] == [place, True], found
    view.evaluate(f"root => ({IN_ORDER})(root).at(-1).focus()")
    opened.keyboard.press("Tab")
    assert view.evaluate(FOCUSED)[0] == -1, "Tab leads out"


@looked_at(LIGHT, DARK)
def test_axe_finds_nothing_and_words_of_pictures_are_seen(opened):
    """At the next step and the last; at the first one, see below."""
    for key in ("next", "last"):
        for name in EXAMPLES:
            press(opened, name, key)
        assert faulty(opened) == [], key


@looked_at(DARK)
def test_axe_finds_nothing_with_every_choice_changed(opened):
    for view in [opened.locator(root(name)).first for name in EXAMPLES]:
        for box in view.locator("[type=checkbox]:visible").all():
            box.check()
        for choice in view.locator("select:visible").all():
            choice.select_option(index=choice.locator("option").count() - 1)
    assert faulty(opened) == []
    for name in EXAMPLES:
        press(opened, name, "first")
    assert faulty(opened) == []


@pytest.mark.parametrize("place", ["on_a_page", once_a_week("in_jupyter")])
def test_nothing_went_wrong(place, request, chromium):
    page = request.getfixturevalue(place)
    assert (faults(page) if place == "in_jupyter" else page.complaints) == []
