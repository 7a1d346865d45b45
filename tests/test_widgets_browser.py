"""What all widgets do in a real browser: one notebook with each of them, on a page, in JupyterLab and in Notebook 7."""

import re
import subprocess
import sys

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import expect

from alone import WATCHED
from browser import (
    PROMPTS,
    come_to_rest,
    empty_prompts,
    faults,
    has_focus,
    new_page,
    open_lesson,
    overflows,
    running,
    settle,
    wait_for,
    wait_until,
    write_notebook,
)
from conftest import FRONTS, once_a_week
from widgets_on_show import EXAMPLES, made, root, setup, sources

FILE = "on-show.ipynb"

#: Shown once more, below all: a widget that is laid out with others has no still picture.
SAVED = ("DeltaView", "MiniBatchExplorer")
MENU = re.compile(r"^Restart Kernel and Run All Cells")


def cell(name):
    """Write a cell that shows a widget, twice and with what Python knows of it."""
    *lines, last = EXAMPLES[name].code.strip().splitlines()
    return "\n".join([*lines, f"watched({last}, '{EXAMPLES[name].trait}', 'text_size')"])


@pytest.fixture(scope="module", params=FRONTS)
def opened(request, chromium):
    """Open the notebook in one front end and run it, or a page of the site; all tests use it, in their order."""
    front, get = request.param, request.getfixturevalue
    if front == "site":
        page = new_page(chromium)
        page.front = front
        page.goto((get("site") / "on-show.html").as_uri())
        yield page
        return page.context.close()
    cells = [setup() + WATCHED, *map(cell, EXAMPLES), *(EXAMPLES[name].code for name in SAVED)]
    with running(chromium, get("jupyter"), FILE, cells, front) as page:
        page.front = front
        yield page


#: Scripts are the same on a page, which is opened sooner.
ON_A_PAGE = pytest.mark.parametrize("opened", [*map(once_a_week, ["lab/tree", "notebooks"]), "site"], indirect=True)

#: What the views of a widget say, whether the first one's buttons lead nowhere, and what Python knows.
SEEN = """([root, count, label]) => {
    const views = [...document.querySelectorAll(root)].slice(0, count);
    const buttons = [...(views[0]?.querySelectorAll('.bpteach-buttons button') ?? [])].slice(0, 2);
    return [
        ...views.map(view => view.querySelector('.bpteach-sentence').textContent),
        buttons.map(button => button.getAttribute('aria-disabled')),
        document.querySelectorAll('.widget-label')[label]?.innerText,
    ];
}"""


class Views:
    """Two views of a widget; on a page there is one, and no Python."""

    def __init__(self, page, name):
        self.page, self.name, self.show, self.widget = page, name, EXAMPLES[name], made(name)
        self.count = 1 if page.front == "site" else 2
        self.first, self.second = page.locator(root(name)).nth(0), page.locator(root(name)).nth(self.count - 1)
        self.control = self.first.locator(self.show.control).first
        self.start, self.last = self.show.first, self.show.last(self.widget)
        self.step, self.size = getattr(self.widget, self.show.trait), 16

    def shown(self):
        return self.page.evaluate(SEEN, [root(self.name), self.count, list(EXAMPLES).index(self.name)])

    def expect(self, step, after):
        self.step = step
        sentence = self.show.sentence(self.widget, step)
        ends = [str(step == end).lower() for end in (self.start, self.last)]
        known = f"{step} {self.size}" if self.count == 2 else None
        wait_for(self.page, self.shown, [*[sentence] * self.count, ends, known], after)


#: A slider of these is heard as the step that is said.
HEARD = ("BackpropStepper", "DeltaView", "DeltaDepthView", "MiniBatchExplorer")


@ON_A_PAGE
@pytest.mark.parametrize("name", EXAMPLES)
def test_keys_and_buttons_step_every_view_and_python_knows(opened, name):
    views = Views(opened, name)
    views.expect(views.step, "as made")
    views.control.focus()
    first, last = views.start, views.last - views.start
    keys = ["first", "next", "next", "previous", "last", "next", "first", "previous"]
    for key, step in zip(keys, [0, 1, 2, 1, last, last, 0, 0], strict=True):  # beyond the ends there is none
        opened.keyboard.press(views.show.keys[key])
        views.expect(first + step, f"after the key for {key}")
        assert has_focus(views.control)
        assert views.control.input_value() == str(first + step)
        assert name not in HEARD or re.search(rf"\b{first + step}\b", views.control.get_attribute("aria-valuetext"))
    previous, next_ = views.second.locator(".bpteach-buttons button").all()[:2]
    for button, step in ((next_, 1), (next_, 2), (previous, 1), (previous, 0), (previous, 0)):
        button.click(force=True)
        views.expect(first + step, f"after a click on {button.inner_text()}")
    for key, step in {"Enter": 1, "Space": 2, "ArrowLeft": 1, "ArrowRight": 2, "End": last, "Home": 0}.items():
        views.first.locator(".bpteach-buttons button").nth(1).press(key)
        views.expect(first + step, f"after {key} on Next")


@ON_A_PAGE
def test_the_text_size_is_that_of_everything_and_it_fits(opened):
    shown = {name: Views(opened, name) for name in EXAMPLES}
    wide = lambda: [name for name, views in shown.items() if overflows(views.first)]  # noqa: E731
    for size in ("28", "12", "16"):
        for name, views in shown.items():
            views.second.get_by_role("combobox", name="Text size").select_option(size)
            assert {view.evaluate(SIZE) for view in (views.first, views.second)} == {f"{size}px"}, name
        assert wide() == [], f"at text size {size}"
    opened.set_viewport_size({"width": 500 if opened.front == "site" else 800, "height": 900})  # which has a side bar
    settle(opened)
    assert wide() == [], "in a narrow window"
    opened.set_viewport_size({"width": 1280, "height": 1000})
    assert [name for name in EXAMPLES if opened.locator(f"{root(name)}[id], {root(name)} [id]").count()] == []
    assert opened.complaints == []


SIZE = "root => getComputedStyle(root).fontSize"
CHOSEN = "[...document.querySelectorAll('.jp-Notebook .jp-Cell')].findIndex(cell => cell.matches('.jp-mod-active'))"
CONTROLS = ("[type=range]", "button", "select", "[type=checkbox]", "[type=radio]", "[role=application]")


#: The drawing area has keys of its own.
@pytest.mark.parametrize("name", [name if name == "DrawDigit" else once_a_week(name) for name in EXAMPLES])
def test_keys_that_a_control_uses_are_its_own_and_others_the_front_ends(opened, jupyter, name):
    """With the arrows and Home the chosen cell stays; Escape leads out, to it; Shift+Enter runs it, and goes on."""
    place, view = list(EXAMPLES).index(name) + 1, opened.locator(root(name)).first
    chosen = lambda: opened.evaluate(CHOSEN)  # noqa: E731
    kinds = [kind for kind in CONTROLS if view.locator(f"{kind}:visible:enabled").count()]
    assert len(kinds) >= 2
    for kind in kinds:
        control = view.locator(f"{kind}:visible:enabled").first
        control.focus()
        for key in ("ArrowDown", "ArrowUp", "Home"):
            opened.keyboard.press(key)
            assert (opened.evaluate(CHOSEN), view.evaluate(INSIDE)) == (place, True), f"{key} on {kind}"
        for _ in range(2):  # the first may let something go
            opened.keyboard.press("Escape")
        wait_for(opened, lambda: view.evaluate(INSIDE), False, f"Escape on {kind}")
        opened.keyboard.press("ArrowUp")
        wait_for(opened, chosen, place - 1, f"from the cell, after Escape on {kind}")
    for kind in (kinds[0], kinds[-1]):
        view.locator(f"{kind}:visible:enabled").first.focus()
        wait_for(opened, chosen, place, f"the focus on {kind}")
        empty_prompts(opened)
        opened.keyboard.press("Shift+Enter")
        wait_for(opened, chosen, place + 1, f"Shift+Enter on {kind}")
        expect(opened.locator(PROMPTS).nth(place)).to_have_text(re.compile(r"\[\d+\]"))
        come_to_rest(opened, jupyter, FILE)
        views = Views(opened, name)
        views.expect(views.step, f"made anew, by Shift+Enter on {kind}")


INSIDE = "root => root.contains(document.activeElement)"


def test_every_widget_steps_after_restart_and_run_all(opened, jupyter):
    assert faults(opened) == []
    empty_prompts(opened)
    opened.get_by_role("menuitem", name="Run" if "/lab" in opened.url else "Kernel", exact=True).click()
    opened.get_by_role("menuitem", name=MENU).click()
    opened.get_by_role("button", name="Confirm Kernel Restart").click()
    texts = lambda: "".join(opened.locator(PROMPTS).all_inner_texts())  # noqa: E731
    count = 1 + len(EXAMPLES) + len(SAVED)
    wait_until(lambda: len(re.findall(r"\[\d+\]", texts())) == count, "the cells did not run", opened)
    come_to_rest(opened, jupyter, FILE)
    for name in EXAMPLES:
        views = Views(opened, name)
        views.expect(views.step, f"{name}, made anew")
        views.control.press(views.show.keys["last"])
        views.expect(views.last, f"{name}, after the key for last")
        views.second.locator(".bpteach-buttons button").first.click(force=True)
        views.expect(views.last - 1, f"{name}, after a click on the other view")
    assert faults(opened) == []


@pytest.mark.weekly
def test_a_notebook_reopened_without_its_kernel_shows_still_pictures_alone(opened, jupyter, chromium):
    assert opened.locator(".bpteach-still:visible").count() == 0
    hidden = opened.locator(".bpteach-still[hidden]")  # also where the page has no rule of Jupyter's
    assert hidden.count() == len(SAVED)
    opened.keyboard.press("Control+s")
    path = jupyter.folder / "notebooks" / FILE
    wait_until(lambda: path.read_text().count("bpteach-still") >= len(SAVED), "not saved", opened)
    jupyter.stop_kernels()
    page = new_page(chromium)
    open_lesson(page, jupyter, FILE, opened.front)
    outputs = page.locator(".jp-OutputArea-output:visible", has=page.locator(".bpteach-still"))
    expected = ["A still picture. To step through it, run the notebook in Jupyter."] * len(SAVED)
    wait_for(page, outputs.all_inner_texts, expected, "what is read")
    page.wait_for_timeout(3000)  # after two seconds the front end gives up looking for the model
    assert outputs.all_inner_texts() == expected
    assert page.locator(".bpteach-still img:visible").count() == len(SAVED)
    page.context.close()


@pytest.mark.slow
def test_an_exported_page_shows_still_pictures_alone_where_no_network_is(chromium, tmp_path):
    write_notebook(tmp_path / "page.ipynb", sources(["DeltaView", "MiniBatchExplorer"]))
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--execute", "page.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    page = new_page(chromium)
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto((tmp_path / "page.html").as_uri())
    wait_for(page, page.locator(".bpteach-still img:visible").count, 2, "still pictures")
    page.wait_for_load_state("networkidle")
    assert page.locator(".bpteach-still img:visible").count() == 2
    assert page.locator(".jupyter-widgets:visible").count() == 0
    page.context.close()
