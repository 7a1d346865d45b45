"""The live lessons: built with a distribution of Pyodide; lesson 3 is worked to its last check, by keyboard."""

import copy
import functools
import http.server
import re
import sys
import threading
import zipfile

import pytest

pytest.importorskip("nbconvert", reason="nbconvert is not installed")

import bpteach.__main__
from bpteach.publishing import live, npm, pages, pyodide
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, SOLUTIONS, cells_of, read
from browser import BROKEN_WIDGET, PATIENCE, wait_for, wait_until
from conftest import need, run, unavailable

LESSON = next(path for path in LESSONS if path.stem.startswith("03-"))
LACKING = ["_multiprocessing", "_posixshmem", "fcntl", "grp", "resource", "termios"]  # of Python's own, in a page
MOST_AT_FIRST = 40e6  # bytes, until the first cell has run
NOTEBOOK = "jupyterapp.shell.currentWidget.content"


@pytest.fixture(scope="module")
def distribution(shared):
    from pyodide_for_tests import assemble

    try:
        with shared() as folder:
            return assemble(folder / "pyodide")
    except (npm.UnavailableError, AssertionError) as reason:
        unavailable(f"No distribution of Pyodide can be put together here: {reason}")


@pytest.fixture(scope="module")
def kernel(npm_packages):
    return live.fetch_kernel(npm_packages["mathjax"].parent)


@pytest.fixture(scope="module")
def built(distribution, npm_packages, tmp_path_factory):
    need("jupyterlite_core")
    folder, packages = tmp_path_factory.mktemp("live") / "site", npm_packages["mathjax"].parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "run", pages.stored)  # that lessons are run for the pages is tested elsewhere
        words = ["site", folder, "--live", "--pyodide", distribution, "--packages", packages, LESSON]
        assert bpteach.__main__.main([str(word) for word in words]) == 0
    return folder


class Counting(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and notes how many bytes it sends of each file, each time that it is asked for."""

    def __init__(self, *arguments, sent, **options):
        self.sent = sent
        super().__init__(*arguments, **options)

    def copyfile(self, source, target):
        content = source.read()
        self.sent.append((len(content), self.path))
        target.write(content)

    def log_message(self, *_words):
        pass


@pytest.fixture
def served(built):
    sent = []
    handler = functools.partial(Counting, directory=built, sent=sent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()


def solutions():
    """Give the code that solves each exercise of the lesson, by the exercise's tag."""
    solved = cells_of(read(SOLUTIONS / LESSON.name), "code")
    return {tag: cell.source for cell in solved for tag in cell.metadata.get("tags", []) if "exercise" in tag}


def work(page, cells, answers, first=0):
    """Run cell after cell, by keyboard alone, and answer the exercises; `first` is the place of the first one."""
    for place, cell in enumerate(cells, first):
        wait_for(page, lambda: page.evaluate(f"{NOTEBOOK}.activeCellIndex"), place, "the active cell")
        page.evaluate(f"{NOTEBOOK}.activate()")  # it has lost the focus, once, while a widget was drawn above
        if tags := answers.keys() & {*cell.metadata.get("tags", [])}:
            page.keyboard.press("Enter")
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.insert_text(answers[tags.pop()])
        page.keyboard.press("Shift+Enter")


def test_lesson_3_is_worked_to_its_last_check_by_keyboard(built, served, page):
    address, sent = served
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/{LESSON.stem}.html")
    page.get_by_role("link", name="Run this lesson").press("Enter")
    page.get_by_text("Python starts ...").wait_for()
    paper = "getComputedStyle(document.body).backgroundColor"  # it changes gradually
    dark = {"rgb(17, 17, 17)", "rgb(50, 50, 50)"}
    wait_until(lambda: page.evaluate(paper) in dark, "not dark where the system is, before or once it is drawn", page)
    page.get_by_text("Python starts ...").wait_for(state="detached", timeout=3000 * PATIENCE)

    answers, cells = solutions(), read(built / "live" / "files" / LESSON.name).cells
    links = [link for cell in cells for link in re.findall(r"\]\(([^)]+\.ipynb)", cell.source)]
    assert links == [f"solutions/{LESSON.name}"], "the only notebook that is there"
    first = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
    work(page, cells[: first + 1], answers)
    wait_until(lambda: counts(page)[0] == 1, "the first cell has not run", page)
    assert sum(size for size, _path in sent) < MOST_AT_FIRST, sorted(sent)[-9:]

    work(page, cells[first + 1 :], answers, first + 1)
    wait_until(lambda: all(counts(page)), "some cell has not run", page)
    outputs = {tag: cell["outputs"] for cell in notebook_of(page) for tag in cell["metadata"].get("tags", [])}
    assert answers.keys() == {tag.replace("check", "exercise") for tag in outputs if "check" in tag}
    for tag in (tag for tag in outputs if "check" in tag):
        assert "".join(outputs[tag][0]["data"]["text/plain"]).startswith("✓"), tag
    step(page, next(i for i, cell in enumerate(cells) if cell.source.startswith("BackpropStepper")))
    assert not BROKEN_WIDGET.search(page.locator("body").inner_text())
    page.get_by_role("menuitem", name="File", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download", exact=True).click()
    assert download.value.suggested_filename == LESSON.name
    page.set_viewport_size({"width": 390, "height": 844})
    place = page.get_by_role("menuitem", name="Help", exact=True).bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.get_by_role("menuitem", name="Clear Browser Data").wait_for()
    page.keyboard.press("Escape")
    back = page.get_by_role("link", name="All lessons")
    place, bar = back.bounding_box(), page.locator("#top-panel-wrapper").bounding_box()
    assert place["y"] + place["height"] <= bar["y"] + bar["height"], "on a phone, too, all of it is seen"
    notebook, passed = page.url, []
    back.click()
    page.wait_for_url(f"{address}/index.html")
    page.on("response", lambda response: response.from_service_worker and passed.append(response.url))
    page.goto(notebook)
    assert page.evaluate("navigator.serviceWorker.controller !== null")
    assert [url for url in passed if "/api/" not in url] == [], "or what was compiled is not kept until the next visit"
    assert page.complaints == []


def step(page, place):
    """Step a widget by keyboard; a notebook holds the cells alone that are in view."""
    page.evaluate(f"{NOTEBOOK}.scrollToItem({place})")
    slider = page.locator(".bpteach-widget").get_by_role("slider").first
    said = page.locator(".bpteach-widget", has=page.get_by_role("slider")).first.locator("[aria-live=polite]").first
    slider.press("Home")
    before = said.inner_text()
    slider.press("End")
    wait_until(lambda: said.inner_text() != before, "the widget did not step", page)


@pytest.mark.parametrize(
    ("place", "said", "words"),
    [("", "A page that is opened", "All lessons"), ("zh/", "当作文件打开的页面", "全部课程")],
)
def test_a_page_speaks_the_language_of_its_lesson_and_leads_back_to_it(place, said, words, built, page):
    page.goto(f"{(built / 'live' / 'notebooks' / 'index.html').as_uri()}?path={place}{LESSON.name}")
    page.get_by_role("status").filter(has_text=said).wait_for()
    page.get_by_role("link", name=words).click()
    page.wait_for_url((built / place / "index.html").as_uri())


def test_what_python_needs_of_its_library_to_start_is_compiled(built):
    with zipfile.ZipFile(built / "live" / "static" / "pyodide" / pyodide.LIBRARY) as library:
        assert {"encodings/aliases.pyc", "asyncio/__init__.pyc"} <= {*library.namelist()}


def notebook_of(page):
    """Give the cells of the notebook that the page shows, as it would be saved."""
    return page.evaluate(f"{NOTEBOOK}.model.toJSON().cells")


def counts(page):
    """Give the numbers of the code cells, those that have not run without one; an error ends the test."""
    cells = [cell for cell in notebook_of(page) if cell["cell_type"] == "code" and cell["source"]]
    errors = [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]
    assert errors == []
    return [cell["execution_count"] for cell in cells]


def test_lessons_import_nothing_that_a_page_lacks():
    need("anywidget", "matplotlib")
    lines = [line for path in LESSONS for cell in cells_of(read(path), "code") for line in cell.source.splitlines()]
    imports = [line for line in lines if re.match(r"(from \S+ )?import ", line)]
    run(sys.executable, "-c", "\n".join(["import sys", f"sys.modules.update(dict.fromkeys({LACKING}))", *imports]))


def test_what_is_not_here_is_said_in_a_sentence(distribution, kernel, tmp_path, monkeypatch, capsys):
    lack = tmp_path / pyodide.LOCK
    lack.write_text((distribution / pyodide.LOCK).read_text(encoding="utf-8"), encoding="utf-8")
    for name in pyodide.INTERPRETER:
        pages.copy_file(distribution / name, tmp_path / name)
    with pytest.raises(pages.RefusedError, match=r"lacks \S+: expected a folder with all of Pyodide"):
        pyodide.write_pyodide(tmp_path / "made", kernel, tmp_path)
    assert bpteach.__main__.main(["site", "never", "--live", "--pyodide", str(tmp_path / "made")]) == 1
    assert "holds no pyodide-lock.json" in capsys.readouterr().err
    monkeypatch.setattr(live, "find_spec", lambda name: None)
    assert bpteach.__main__.main(["site", "never", "--live"]) == 1
    assert "Live lessons need JupyterLite" in capsys.readouterr().err


def test_packages_are_fetched_from_an_address_unless_the_site_has_them(distribution, kernel, tmp_path):
    files = pyodide.write_pyodide(tmp_path, kernel, distribution, pyodide.ADDRESS.format(version="0.27.7"))
    elsewhere = [file for file in files if file.startswith("https://cdn.jsdelivr.net/pyodide/v0.27.7/full/")]
    assert any("/numpy-" in file for file in elsewhere)
    here = {path.name for path in tmp_path.iterdir()}
    assert {*files} - {*elsewhere} == here - {pyodide.LOCK, *pyodide.IMAGES}


@pytest.mark.parametrize("stem", [path.stem for path in LESSONS])
def test_live_notebooks_alone_say_where_they_run_and_what_differs(stem):
    lesson = read(NOTEBOOKS / f"{stem}.ipynb")
    said = live.noted(copy.deepcopy(lesson), stem).cells
    assert [cell.source for cell in said[:1] + said[2:]] == [cell.source for cell in lesson.cells]
    assert "runs in your browser" in said[1].source
    assert ("\n\n" in said[1].source) == stem.startswith(("08", "10", "11"))
