"""The lessons as a site without a kernel: built, opened with the network off, and stepped by keyboard."""

import contextlib
import functools
import http.server
import re
import shutil
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("nbconvert", reason="nbconvert is not installed")

import bpteach.__main__
import bpteach.widgets
from bpteach.publishing.lessons import LESSONS, ROOT, VIEW, cells_of, read, runs_of, title
from bpteach.publishing.pages import (
    TEMPLATES,
    Page,
    Pages,
    anywidget_script,
    copy_file,
    copy_scripts,
    run,
    stored,
    write_pages,
)
from browser import new_page, step_widgets
from conftest import once_a_week
from widgets_on_show import EXAMPLES, LESSON, SOME, made, root

STATE = "application/vnd.jupyter.widget-state+json"


def new_offline_page(chromium):
    """Open a page that has no network, and notes in `page.asked` every address that it asks for."""
    page = new_page(chromium)
    page.context.set_offline(True)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    return page


@pytest.fixture(scope="module")
def one_page(chromium):
    opened = new_offline_page(chromium)
    yield opened
    opened.context.close()


@pytest.fixture
def offline(one_page):
    for noted in (one_page.asked, one_page.complaints):
        noted.clear()
    one_page.set_viewport_size({"width": 1280, "height": 1000})
    yield one_page
    one_page.evaluate("localStorage.clear()")


def open_page(page, address, widgets=0):
    page.goto(address)
    page.wait_for_function(
        "([selector, count]) => document.querySelectorAll(selector).length >= count", arg=[".bpteach-widget", widgets]
    )


def expect_step(page, widget, show, view, step):
    said = view.locator(".bpteach-sentence")
    page.wait_for_function(
        "([element, text]) => element.innerText === text", arg=[said.element_handle(), show.sentence(widget, step)]
    )


def step_through(page, name, view):
    show, widget = EXAMPLES[name], made(name)
    first, last = getattr(widget, show.trait), show.last(widget)
    expect_step(page, widget, show, view, first)
    view.locator(show.control).first.focus()
    for key, step in (
        (show.keys["next"], first + 1),
        (show.keys["last"], last),
        (show.keys["first"], show.first),
        (show.keys["next"], show.first + 1),
    ):
        page.keyboard.press(key)
        expect_step(page, widget, show, view, step)
    assert len({show.sentence(widget, step) for step in range(show.first, last + 1)}) > 1


def step_back(page, name, view):
    view.locator(EXAMPLES[name].control).first.focus()
    page.keyboard.press(EXAMPLES[name].keys["first"])


@pytest.fixture(scope="module")
def show_page(site, chromium):
    opened = new_offline_page(chromium)
    open_page(opened, (site / "on-show.html").as_uri(), widgets=2 * len(EXAMPLES))
    yield opened
    opened.context.close()


@pytest.mark.parametrize("name", SOME)
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
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        open_page(page, f"http://127.0.0.1:{server.server_port}/{LESSON.stem}.html", widgets=1)
        page.get_by_role("checkbox", name="Show all answers").check()
        step_widgets(page)
        server.shutdown()
    assert page.complaints == []


def test_widgets_of_another_kind_are_shown_with_ours_in_them(npm_packages, tmp_path, offline):
    import ipywidgets
    from ipywidgets.embed import embed_data

    name = next(iter(EXAMPLES))
    box = ipywidgets.VBox([ipywidgets.IntSlider(description="A slider"), made(name)])
    held = embed_data([box], drop_defaults=False)
    output = nbformat.v4.new_output("display_data", {VIEW: held["view_specs"][0]})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("...", outputs=[output])])
    notebook.metadata |= {"title": "Others", "widgets": {STATE: held["manager_state"]}}
    write_pages(tmp_path, Pages(), [Page("others", notebook)])
    copy_scripts(npm_packages, tmp_path / "scripts")
    open_page(offline, (tmp_path / "others.html").as_uri(), widgets=1)
    assert offline.get_by_text("A slider").is_visible()
    step_through(offline, name, offline.locator(root(name)))


PAGES = ["index", "on-show", LESSON.stem, f"solutions/{LESSON.stem}", "teaching/guide", "teaching/README"]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_complete(name, site, offline, show_page):
    if name == "on-show":
        offline = show_page
    else:
        open_page(offline, (site / f"{name}.html").as_uri())
    offline.set_viewport_size({"width": 360, "height": 800})
    offline.wait_for_load_state("networkidle")
    assert offline.complaints == []
    own = (site.as_uri() + "/", "data:", "blob:")
    assert not any("embed-amd" in address for address in offline.asked), "the lessons' widgets need no manager"
    assert [address for address in offline.asked if not address.startswith(own)] == []
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*', re.sub(r"<a [^>]*>", "", text))
    assert not re.search(r"//cdn\b|cdnjs|jsdelivr|unpkg", re.sub(r"base64,[\w+/=]+", "", text))
    assert offline.locator("h1").count() == 1
    assert offline.title() == offline.locator("h1").inner_text()
    assert offline.locator("html").get_attribute("lang") == "en"
    assert offline.evaluate("document.documentElement.scrollWidth") <= 360


class Links(HTMLParser):
    """The addresses of files in a page, and the ids that some may lead to."""

    def __init__(self, path):
        super().__init__()
        self.places, self.addresses = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.places.add(found.get("id"))
        addresses = [found[name] for name in ("href", "src") if name in found]
        self.addresses += [address for address in addresses if ":" not in address]


def dead_links(folder):
    pages = {page: Links(page) for page in folder.rglob("*.html")}
    dead = []
    for page, links in pages.items():
        for address in links.addresses:
            file, _hash, place = address.partition("#")
            target = (page.parent / unquote(file)).resolve() if file else page
            known = pages[target].places if place and target in pages else [unquote(place)]
            if not target.exists() or unquote(place) not in known:
                dead.append((page.name, file, place))
    return dead


def test_pages_lead_to_each_other(site, offline, show_page):
    open_page(offline, (site / "index.html").as_uri())
    minutes = re.search(r"\*\*Time:\*\* (\d+)", read(LESSON).cells[0].source)[1]
    assert f"{minutes} minutes" in offline.locator("li", has_text=title(read(LESSON))).inner_text()
    number = int(LESSON.name[:2])
    ways = (
        (f"{number}. {title(read(LESSON))}", f"{LESSON.stem}.html"),
        ("Solutions", f"solutions/{LESSON.stem}.html"),
        ("Slides", f"slides/{LESSON.stem}.slides.html"),
        (None, f"solutions/{LESSON.stem}.html"),
        ("The lesson", f"{LESSON.stem}.html"),
        ("The code of backpropagation", "index.html"),
        ("The guide", "teaching/guide.html"),
        ('A graded assignment: "Do the mini-batch at once"', "teaching/README.html"),
    )
    for words, address in ways:
        offline.locator(f"a:text-is('{words}')").first.click() if words else offline.go_back()
        offline.wait_for_url(re.compile(re.escape((site / address).as_uri()) + "(#|$)"), wait_until="commit")
    links = show_page.locator(".jp-MarkdownOutput a").all()
    assert {link.inner_text(): link.get_attribute("href") for link in links} == {"the lesson": f"{LESSON.stem}.html"}
    assert "and another." in show_page.locator(".jp-MarkdownOutput").first.inner_text()
    assert dead_links(site) == []
    assert (site / f"{LESSON.stem}.ipynb").read_bytes() == LESSON.read_bytes()
    assert offline.complaints == []


SAID = ("Forty two.", "It explains", "It is proved.")


def answers_seen(page):
    return [page.get_by_text(words).first.is_visible() for words in (*SAID, "And its answer.")]


def test_one_key_opens_an_answer_with_all_that_belongs_to_it(show_page):
    """Nothing of it is there before; what comes after it stays, and other folds stay as they are."""
    answer = show_page.locator("details.site-answer", has_text=SAID[0])
    *before, other = answers_seen(show_page)
    assert before == [False] * 3
    assert answer.locator("summary").count() == 1
    assert show_page.locator(".jp-InputArea", has_text="'is proved.'").last.is_hidden()
    answer.locator("summary").focus()
    for seen in (True, False):
        show_page.keyboard.press("Enter")
        assert answers_seen(show_page) == [*[seen] * 3, other]
        assert show_page.get_by_text("It goes on.").is_visible()
    assert show_page.complaints == []


def test_one_switch_opens_all_answers_and_is_remembered(site, offline):
    switch = offline.locator(".site-answers input")
    closed = offline.locator("details:not([open])")
    for step, is_on in (("", False), ("Space", True), ("reload", True), ("next", True), ("Space", False)):
        if step == "Space":
            switch.press(step)
        else:
            open_page(offline, (site / f"{'zh/' * (step == 'next')}{LESSON.stem}.html").as_uri())
        assert switch.is_checked() == is_on, step
        assert (closed.count() == 0) == is_on, step
    open_page(offline, (site / "index.html").as_uri())
    assert switch.is_hidden()
    assert offline.complaints == []


@pytest.mark.parametrize(
    "path", [path if path == LESSON else once_a_week(path) for path in LESSONS], ids=lambda path: path.stem
)
def test_answers_of_a_lesson_are_folded(path, tmp_path, offline):
    write_pages(tmp_path, Pages(), [Page(path.stem, stored(path))])
    for name, place in (("site.css", "style"), ("site.js", "scripts")):
        copy_file(TEMPLATES / name, tmp_path / place / name)
    offline.goto((tmp_path / f"{path.stem}.html").as_uri())
    cells = read(path).cells
    hidden = [cell for cell in cells if cell.get("outputs") and cell.metadata.get("jupyter", {}).get("outputs_hidden")]
    areas, folded = offline.locator(".jp-OutputArea"), offline.locator(".site-answer")
    inside = folded.locator(".jp-OutputArea, .jp-InputArea")
    count_seen = "all => all.filter(each => each.checkVisibility()).length"
    assert folded.locator(".jp-OutputArea").count() == len(hidden) > 0
    assert inside.count() == len(hidden) + len([cell for run in runs_of(cells) for cell in run[1:]])
    assert inside.evaluate_all(count_seen) == 0
    seen = [cell for cell in cells if cell.get("outputs") and cell not in hidden]
    assert areas.evaluate_all(count_seen) == len(seen) > 0
    offline.get_by_role("checkbox", name="Show all answers").check()
    for all_of_them in (areas, inside):
        assert all_of_them.evaluate_all(count_seen) == all_of_them.count()


def test_formulas_are_set(site, offline):
    open_page(offline, (site / f"{LESSON.stem}.html").as_uri())
    written = "\n".join(cell.source for cell in cells_of(read(LESSON), "markdown"))
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$]+\$", re.sub(r"`[^`]*`", "", written), re.DOTALL)
    assert offline.locator("mjx-container > svg").count() == len(formulas)
    assert offline.locator("mjx-container mjx-assistive-mml math").count() == len(formulas)
    assert offline.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    heights = lambda: [each.bounding_box()["height"] for each in offline.locator("[display=true] > svg").all()]  # noqa: E731
    wide, _set = heights(), offline.set_viewport_size({"width": 200, "height": 800})
    assert heights() == wide, "a long formula scrolls, it does not become small"
    assert not [text for text in offline.locator(".jp-MarkdownOutput").all_inner_texts() if "$" in text]
    assert offline.complaints == []


def test_still_picture_is_for_pages_without_scripts(site, show_page, chromium):
    still = '.jp-OutputArea img[src^="data:image/svg"]'
    assert show_page.locator(f"{still}:visible").count() == 0
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((site / "on-show.html").as_uri())
        stills = page.locator(still)
        assert stills.count() == 2 * len(EXAMPLES)
        assert all(len(still.get_attribute("alt")) > 20 for still in stills.all())


KINDS = pytest.mark.parametrize("kind", ["site", "slides"])


@pytest.fixture
def refusal(tmp_path, capsys):
    def refused(*words):
        kind, *rest = map(str, words)
        assert bpteach.__main__.main([kind, str(tmp_path / "made"), *rest]) == 1
        assert not (tmp_path / "made").exists()
        return capsys.readouterr().err.strip()

    return refused


@KINDS
def test_without_npm_it_says_what_to_install(kind, refusal, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(kind, LESSON) == (
        "npm was not found. It fetches the scripts that the pages need: install Node.js, which brings it."
    )


@pytest.mark.slow
def test_without_network_it_says_so(refusal, tmp_path, monkeypatch):
    if not shutil.which("npm"):
        pytest.skip("npm is not there")
    nowhere = {"registry": "http://127.0.0.1:9", "fetch_retries": "0", "cache": str(tmp_path / "cache")}
    for name, value in nowhere.items():
        monkeypatch.setenv(f"npm_config_{name}", value)
    message = refusal("site", LESSON)
    assert message.startswith("npm could not fetch requirejs@2,")
    assert "It needs internet." in message


@pytest.mark.slow
def test_a_view_of_a_widget_that_is_not_there_gives_a_page(tmp_path):
    path = tmp_path / "view.ipynb"
    code = f"display({{{VIEW!r}: {{'model_id': 'gone'}}, 'text/plain': 'gone'}}, raw=True)"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    assert write_pages(tmp_path, Pages(), [Page("view", run(path))])[0].exists()


@pytest.mark.parametrize("kind", [once_a_week("site"), "slides"])
def test_a_lesson_that_fails_is_named_and_nothing_is_built(kind, refusal, npm_packages, tmp_path):
    path = tmp_path / "broken.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")]), path)
    said = refusal(kind, path, "--packages", npm_packages["mathjax"].parent)
    assert said.startswith("broken.ipynb stopped with ZeroDivisionError: division by zero. ")


def test_lesson_without_slides_is_refused(refusal, npm_packages, tmp_path):
    path = tmp_path / "plain.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A title")]), path)
    assert refusal("slides", path, "--stored", "--packages", npm_packages["mathjax"].parent) == (
        "plain.ipynb says of none of its cells on which slide it stands: in Jupyter, choose a slide type."
    )


@KINDS
@pytest.mark.parametrize("name", ["README.md", "not-there.ipynb"])
def test_what_is_no_notebook_is_refused(name, kind, refusal, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert refusal(kind, name) == f"{name} is no notebook: expected files that end in .ipynb."


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["slides"], "the following arguments are required: folder\n"),
        (["slides", __file__], "is a file: expected first the folder where it goes"),
        (["site", "never", "--pyodide", "here"], "--pyodide is for --live"),
    ],
)
def test_words_that_do_not_fit_are_refused(words, says, capsys):
    with contextlib.suppress(SystemExit):
        assert bpteach.__main__.main(words) == 1
    assert says in capsys.readouterr().err


def answer(packages, route):
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
