"""The lessons as a site without a kernel: built, opened with the network off, and stepped by keyboard."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("nbconvert", reason="nbconvert is not installed")

import bpteach.widgets
import widgets_on_show
from bpteach.publishing.lessons import LESSONS, ROOT, answers, cells_of, read, title
from bpteach.publishing.pages import anywidget_script
from bpteach.publishing.site import dead_links
from browser import new_page
from widgets_on_show import EXAMPLES, make, root

COMMAND = [sys.executable, "-m", "bpteach", "site"]

#: a lesson with a widget and with formulas, soon run
LESSON = next(
    path
    for number in ("03", "07", "05")
    for path in LESSONS
    if path.name.startswith(number) and "bpteach.widgets" in path.read_text(encoding="utf-8")
)

WRITTEN = "A formula, $a + b$, and [the lesson](" + LESSON.name + "), and [another](99-not-there.ipynb)."


def run(*words, **options):
    """Run a command; give what became of it."""
    command = [str(word) for word in words]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL, **options
    )


@pytest.fixture(scope="module")
def on_show(tmp_path_factory):
    """Write a notebook with one of each widget, and each once more with its outputs folded."""
    path = tmp_path_factory.mktemp("on-show") / "on-show.ipynb"
    notebook = widgets_on_show.notebook(folded=EXAMPLES)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"# See them all\n\n{WRITTEN}", id="words"))
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def site(on_show, npm_packages, tmp_path_factory):
    """Build a site of that notebook and of a lesson, as a teacher would."""
    folder = tmp_path_factory.mktemp("built") / "a site"
    packages = next(iter(npm_packages.values())).parent
    done = run(*COMMAND, folder, on_show, LESSON, "--packages", packages)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "which is not in the site" not in done.stdout
    return folder


def new_offline_page(chromium):
    """Open a page that has no network, and notes in `page.asked` every address that it asks for."""
    page = new_page(chromium)
    page.context.set_offline(True)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    return page


@pytest.fixture
def offline(chromium):
    """Open such a page for one test."""
    opened = new_offline_page(chromium)
    yield opened
    opened.context.close()


def open_page(page, address, widgets=0):
    """Open a page, and wait until its widgets are drawn."""
    page.goto(address)
    page.wait_for_function(
        "([selector, count]) => document.querySelectorAll(selector).length >= count", arg=[".bpteach-widget", widgets]
    )


def expect_step(page, widget, show, view, step):
    """Wait until the view says what Python says of that step."""
    said = view.locator(".bpteach-sentence")
    page.wait_for_function(
        "([element, text]) => element.innerText === text",
        arg=[said.element_handle(), show.sentence(widget, step)],
        timeout=5000,
    )


def step_through(page, name, view):
    """Step a widget by keyboard, and compare every step with what Python computed."""
    show, widget = EXAMPLES[name], make(name)
    first, last = getattr(widget, show.trait), show.last(widget)
    expect_step(page, widget, show, view, first)
    view.locator(show.control).first.focus()
    for key, step in (
        (show.keys["next"], first + 1),
        (show.keys["last"], last),
        (show.keys["first"], 0),
        (show.keys["next"], 1),
    ):
        page.keyboard.press(key)
        expect_step(page, widget, show, view, step)
    assert len({show.sentence(widget, step) for step in range(last + 1)}) > 1


def step_back(page, name, view):
    view.locator(EXAMPLES[name].control).first.focus()
    page.keyboard.press(EXAMPLES[name].keys["first"])


def test_every_widget_is_on_show():
    """A new widget has to be entered in the table, so that all that is tested there holds for it."""
    assert sorted(EXAMPLES) == sorted(bpteach.widgets.__all__)


@pytest.fixture(scope="module")
def show_page(site, chromium):
    """Open the page with all widgets, as a file and without network, once for all tests that step a widget there."""
    opened = new_offline_page(chromium)
    open_page(opened, (site / "on-show.html").as_uri(), widgets=2 * len(EXAMPLES))
    yield opened
    opened.context.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_widget_steps_without_kernel(name, show_page):
    """With the network off, opened as a file, the widget shows what Python computed, step by step."""
    step_through(show_page, name, show_page.locator(root(name)).first)
    assert show_page.complaints == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_widget_in_a_folded_answer_draws_when_it_is_opened(name, show_page):
    folded = show_page.locator(root(name)).nth(1)
    assert not folded.is_visible()
    details = show_page.locator("details.site-answer", has=show_page.locator(root(name)))
    assert details.locator("summary").inner_text() == "Show the answer"
    details.locator("summary").press("Enter")
    assert folded.is_visible()
    step_through(show_page, name, folded)
    step_back(show_page, name, show_page.locator(root(name)).first)
    step_back(show_page, name, folded)
    boxes = [show_page.locator(root(name)).nth(i).bounding_box() for i in (0, 1)]
    assert boxes[1]["width"] == pytest.approx(boxes[0]["width"], abs=2)
    assert boxes[1]["height"] == pytest.approx(boxes[0]["height"], abs=2)
    assert show_page.complaints == []


def test_widget_steps_on_a_web_server(site, page, tmp_path):
    """The same site works from a web server, which is asked for everything, and is as open as any new folder."""
    (tmp_path / "new").mkdir()
    assert site.stat().st_mode == (tmp_path / "new").stat().st_mode
    handler = functools.partial(Quiet, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        open_page(page, f"http://127.0.0.1:{server.server_port}/on-show.html", widgets=len(EXAMPLES))
        name = next(iter(EXAMPLES))
        step_through(page, name, page.locator(root(name)).first)
        server.shutdown()
    assert [text for text in page.complaints if "favicon" not in text] == []


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A web server that does not write down what it was asked."""

    def log_message(self, *words):
        """Write nothing."""


@pytest.mark.parametrize("name", ["index", "on-show", LESSON.stem])
def test_page_is_complete(name, site, offline):
    """A page asks nothing of other machines, names itself and its language, and fits a telephone."""
    offline.set_viewport_size({"width": 400, "height": 800})
    open_page(offline, (site / f"{name}.html").as_uri())
    offline.wait_for_load_state("networkidle")
    assert offline.complaints == []
    own = (site.as_uri() + "/", "data:", "blob:")
    assert [address for address in offline.asked if not address.startswith(own)] == []
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*', re.sub(r"<a [^>]*>", "", text))
    assert not re.search(r"//cdn\b|cdnjs|jsdelivr|unpkg", re.sub(r"base64,[\w+/=]+", "", text))
    assert offline.locator("h1").count() == 1
    assert offline.title() == offline.locator("h1").inner_text()
    assert offline.locator("html").get_attribute("lang") == "en"
    assert offline.evaluate("document.documentElement.scrollWidth") <= 400


def test_pages_lead_to_each_other(site, offline):
    """From the index to the lesson and back; a link to a notebook leads to its page, or is plain words without one."""
    open_page(offline, (site / "index.html").as_uri())
    offline.get_by_role("link", name=title(read(LESSON))).click()
    assert offline.url.endswith(f"{LESSON.stem}.html")
    offline.get_by_role("link", name="All lessons").click()
    assert offline.url.endswith("index.html")
    minutes = re.search(r"\*\*Time:\*\* (\d+)", read(LESSON).cells[0].source)[1]
    assert minutes in offline.locator("tr", has_text=title(read(LESSON))).inner_text()
    open_page(offline, (site / "on-show.html").as_uri())
    assert offline.locator(".jp-MarkdownOutput a").all_inner_texts() == ["the lesson"]
    assert "and another." in offline.locator(".jp-MarkdownOutput").first.inner_text()
    offline.get_by_role("link", name="the lesson").click()
    assert offline.url.endswith(f"{LESSON.stem}.html")
    assert list(dead_links(site)) == []
    assert offline.complaints == []


def test_answers_of_a_lesson_are_folded(site, offline):
    notebook = read(LESSON)
    open_page(offline, (site / f"{LESSON.stem}.html").as_uri(), widgets=1)
    folded = {cell.id for cell in answers(notebook)}
    code = [cell for cell in cells_of(notebook, "code") if cell.outputs]
    seen = offline.eval_on_selector_all(
        ".jp-CodeCell:not(.jp-mod-noOutputs)",
        "cells => cells.map(cell => [...cell.querySelectorAll('.jp-OutputArea-output')]"
        ".some(output => output.checkVisibility()))",
    )
    assert seen == [cell.id not in folded for cell in code]
    assert any(seen)
    assert not all(seen)
    assert offline.complaints == []


def test_formulas_are_set(site, offline):
    """Formulas are drawn, and told to a screen reader; no mark of TeX is left in the text."""
    open_page(offline, (site / f"{LESSON.stem}.html").as_uri())
    offline.wait_for_function("document.querySelectorAll('mjx-container svg').length > 0")
    offline.wait_for_function("MathJax.startup.promise.then(() => true)")
    written = "\n".join(cell.source for cell in cells_of(read(LESSON), "markdown"))
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$]+\$", re.sub(r"`[^`]*`", "", written), re.DOTALL)
    assert offline.locator("mjx-container > svg").count() == len(formulas)
    assert offline.locator("mjx-container mjx-assistive-mml math").count() == len(formulas)
    assert offline.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    assert not [text for text in offline.locator(".jp-MarkdownOutput").all_inner_texts() if "$" in text]
    assert offline.complaints == []


def test_still_picture_is_for_pages_without_scripts(site, chromium):
    """The live widget stands alone; where scripts are off, its still picture is there instead."""
    for scripts in (True, False):
        context = chromium.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto((site / "on-show.html").as_uri())
        if scripts:
            count = "count => document.querySelectorAll('.bpteach-widget').length === count"
            page.wait_for_function(count, arg=2 * len(EXAMPLES))
        stills = page.locator('.jp-OutputArea img[src^="data:image/svg"]' + scripts * ":visible")
        assert stills.count() == (0 if scripts else 2 * len(EXAMPLES))
        assert scripts or all(len(still.get_attribute("alt")) > 20 for still in stills.all())
        context.close()


# what is refused


def refusal(words, folder, **options):
    """Run the command, which has to refuse; give its message, and see that it wrote nothing."""
    done = run(*COMMAND, folder, *words, **options)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not folder.exists()
    return done.stderr.strip()


@pytest.mark.slow
def test_without_npm_it_says_what_to_install(tmp_path):
    environment = os.environ | {"PATH": str(tmp_path)}
    assert refusal([LESSON], tmp_path / "site", env=environment) == (
        "npm was not found. It fetches the scripts that the pages need: install Node.js, which brings it."
    )


@pytest.mark.slow
def test_without_network_it_says_so(tmp_path):
    """Where npm gets no answer, its message is passed on, with the names of the packages."""
    if not shutil.which("npm"):
        pytest.skip("npm is not there")
    nowhere = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_fetch_retries": "0"}
    environment = os.environ | nowhere | {"npm_config_cache": str(tmp_path / "cache")}
    message = refusal([LESSON], tmp_path / "site", env=environment)
    assert message.startswith("npm could not fetch requirejs@2,")
    assert "It needs internet." in message


def test_a_lesson_that_fails_builds_no_site(npm_packages, tmp_path):
    """A lesson that stops with an error is named, with its error; the folder is not made."""
    notebook = widgets_on_show.notebook(names=[])
    notebook.cells[0].source = "1 / 0"
    path = tmp_path / "broken.ipynb"
    nbformat.write(notebook, path)
    packages = next(iter(npm_packages.values())).parent
    message = refusal([path, "--packages", packages], tmp_path / "site")
    assert message.startswith("broken.ipynb stopped with ZeroDivisionError: division by zero. Nothing was built")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "not-there.ipynb"])
def test_what_is_no_notebook_is_refused(name, tmp_path):
    """A file of another kind, or none at all, is named."""
    assert refusal([name], tmp_path / "site", cwd=ROOT) == f"{name} is no notebook: expected files that end in .ipynb."


# nbconvert as it comes


@pytest.fixture(scope="module")
def plain_page(npm_packages, chromium, tmp_path_factory):
    """Have nbconvert make a page, with no option of ours, and open it; other machines' answers come from here."""
    folder = tmp_path_factory.mktemp("plain")
    nbformat.write(widgets_on_show.notebook(), folder / "on-show.ipynb")
    done = run(sys.executable, "-m", "nbconvert", "--to", "html", "--execute", folder / "on-show.ipynb")
    assert done.returncode == 0, done.stderr
    opened = new_page(chromium)
    opened.route(re.compile("^https?:"), functools.partial(answer, npm_packages))
    open_page(opened, (folder / "on-show.html").as_uri(), widgets=len(EXAMPLES))
    yield opened
    opened.context.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_widget_steps_on_a_page_of_plain_nbconvert(name, plain_page):
    step_through(plain_page, name, plain_page.locator(root(name)).first)
    # the page looks for anywidget beside itself first, and then asks those machines: that is nbconvert's way
    expected = re.compile(r"anywidget\.js|asked another machine: https://(cdnjs|unpkg|cdn\.jsdelivr)")
    assert [text for text in plain_page.complaints if not expected.search(text)] == []


def answer(packages, route):
    """Answer for the machines that such a page asks, from the packages that npm fetched."""
    address = route.request.url
    manager, require = packages["@jupyter-widgets/html-manager"], packages["requirejs"]
    files = {
        r"/require\.js/.*/require\.min\.js$": require / "require.js",
        r"/@jupyter-widgets/html-manager@[^/]*/dist/embed-amd\.js$": manager / "dist" / "embed-amd.js",
        r"/anywidget@[^/]*/dist/index\.js$": anywidget_script(),
    }
    found = [path for pattern, path in files.items() if re.search(pattern, address)]
    if asked := re.search(r"/reveal\.js@4[^/]*/(.+)$", address):
        found.append(packages["reveal.js"] / asked[1])
    if found:
        route.fulfill(path=Path(found[0]), headers={"access-control-allow-origin": "*"})
    elif "mathjax" in address.lower():
        body = "MathJax = { Hub: { Config() {}, getAllJax: () => [], Rerender() {} } }"  # no formula is tried here
        route.fulfill(body=body, content_type="text/javascript")
    else:
        route.abort()
