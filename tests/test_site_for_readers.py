"""What a reader does with the site: chooses a theme, searches, goes by keyboard, sends a link, prints; Firefox, too."""

import gzip
import re
import shutil
from types import SimpleNamespace

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("nbconvert", reason="nbconvert is not installed")

from bpteach.publishing.command import publish
from browser import settle
from conftest import need, once_a_week, unavailable
from firefox import BROWSERS, Firefox
from test_accessibility import violations
from test_site import new_offline_page
from widgets_on_show import LESSON, root

SOLVED = f"solutions/{LESSON.stem}"
PAPER = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(17, 17, 17)"


@pytest.fixture(scope="module")
def opened(site, chromium, npm_packages):
    page = new_offline_page(chromium)
    page.add_init_script((npm_packages["axe-core"] / "axe.min.js").read_text(encoding="utf-8"))
    page.show = lambda name, place="": page.goto((site / f"{name}.html").as_uri() + place)
    yield page
    page.context.close()


def test_theme_follows_the_system_until_the_reader_chooses(opened):
    switch = opened.get_by_role("switch", name="Dark")
    for system, page, key, paper in (
        ("dark", "index", "", DARK),
        ("light", "", "", LIGHT),
        ("dark", "", "", DARK),
        ("dark", "", "Space", LIGHT),
        ("dark", SOLVED, "", LIGHT),
        ("light", "", "Space", DARK),
        ("light", "index", "", DARK),
    ):
        opened.emulate_media(color_scheme=system)
        if page:
            opened.show(page)
        if key:
            switch.press(key)
        opened.wait_for_function(f"{PAPER} === '{paper}'")
        assert switch.is_checked() == (paper == DARK)
    opened.emulate_media(media="print")
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.evaluate(PAPER) == LIGHT
    assert not switch.is_visible()
    assert opened.locator("main").bounding_box()["width"] == 1280
    opened.emulate_media(media="screen", color_scheme="light")
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.evaluate(PAPER) == DARK
    opened.evaluate("localStorage.clear()")


@pytest.mark.parametrize(
    ("name", "theme", "width"),
    [
        once_a_week("index", "light", 1280),
        ("index", "dark", 360),
        once_a_week(LESSON.stem, "light", 1280),
        once_a_week(LESSON.stem, "dark", 800),
        (SOLVED, "dark", 1280),
        once_a_week("teaching/guide", "light", 360),
    ],
)
def test_whole_page_satisfies_axe(name, theme, width, opened):
    opened.set_viewport_size({"width": width, "height": 900})
    opened.emulate_media(color_scheme=theme)
    opened.show(name)
    opened.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    settle(opened)  # what is unfolded is looked at, whether it scrolls
    found = violations(opened, "html")
    opened.emulate_media(color_scheme="light")
    opened.set_viewport_size({"width": 1280, "height": 900})
    assert found == []


def test_search_by_keyboard(opened):
    opened.show("teaching/guide")
    opened.keyboard.press("Control+k")
    said, results = opened.locator(".site-search [role=status]"), opened.locator(".site-search li")
    opened.keyboard.type("timeit")
    results.first.wait_for()
    assert said.inner_text() == f"Sections found: {results.count()}"
    assert {each.locator("mark").inner_text() for each in results.all()} == {"timeit"}
    excerpts = [set(re.findall(r"[^\s…]+", each.locator("p").inner_text())) for each in results.all()]
    told = opened.evaluate("Array.from(searchOfSite._storedFields.values(), (section) => section.text)")
    words = {word for text in told for word in re.findall(r"[^\s…]+", text)}
    assert [excerpt - words for excerpt in excerpts] == [set()] * len(excerpts)
    assert violations(opened, ".site-search") == []
    opened.keyboard.press("Enter")
    opened.wait_for_url(re.compile(rf"/{LESSON.stem}\.html#"))
    assert opened.evaluate("document.querySelector(':target').matches('h2, h3')")
    opened.keyboard.press("Control+k")
    opened.locator(".site-search input").fill("x")
    results.nth(1).wait_for()  # once the index is there
    part_of_a_word = r"[^\W_]<mark>[^<]|[^>]</mark>[^\W_]"
    assert not [html for each in results.all() if re.search(part_of_a_word, html := each.inner_html())]
    opened.locator(".site-search input").fill("nabla_w")
    marked = opened.locator(".site-search mark")
    marked.filter(has_text="nabla_w").first.wait_for()
    assert {*marked.all_inner_texts()} <= {"nabla_w", "nabla", ""}, "no other word that begins with w"
    opened.locator(".site-search input").fill("qqq")
    said.filter(has_text=re.compile(r"^Nothing was found\.$")).wait_for()
    opened.keyboard.press("Escape")
    assert opened.locator(".site-search").is_hidden()


@pytest.mark.parametrize("name", ["index", once_a_week(LESSON.stem), SOLVED])
def test_a_switch_leads_to_the_translation_and_back(name, site, opened):
    opened.set_viewport_size({"width": 390, "height": 900})
    opened.show(name)
    for words, page, language in (("中文", f"zh/{name}", "zh-CN"), ("English", name, "en")):
        opened.get_by_role("link", name=words, exact=True).click()
        opened.wait_for_url((site / f"{page}.html").as_uri())
        assert opened.locator("html").get_attribute("lang") == language
        assert opened.evaluate("document.documentElement.scrollWidth") == 390
    opened.set_viewport_size({"width": 1280, "height": 900})


def test_chinese_is_searched_on_chinese_pages(opened):
    opened.show(f"zh/{LESSON.stem}")
    opened.keyboard.press("Control+k")
    for asked, marked in (("反向传播", {"反向传播"}), ("backprop", {"backprop"}), ("qqq", set())):
        opened.get_by_role("searchbox").fill(asked)
        opened.wait_for_function(f"document.querySelectorAll('.site-search mark').length {'>' if marked else '=='} 0")
        assert marked <= set(opened.locator(".site-search mark").all_inner_texts())
    opened.keyboard.press("Escape")


def test_contents_follow_the_reader(opened):
    opened.show(LESSON.stem)
    contents = opened.get_by_role("navigation", name="On this page")
    for heading in ("What is δ?", "Exercises"):
        contents.get_by_role("link", name=heading, exact=True).press("Enter")
        opened.wait_for_function("where => document.querySelector('[aria-current]').textContent === where", arg=heading)
        assert opened.evaluate("document.querySelector(':target').firstChild.textContent") == heading
    assert contents.locator("[aria-current]").count() == 1
    here = opened.get_by_role("link", name="A link to this heading").first
    assert here.get_attribute("href") == "#what-youll-learn"
    ways = opened.get_by_role("navigation", name="Before and after").get_by_role("link")
    assert [way.get_attribute("href") for way in ways.all()] == ["on-show.html"]
    opened.set_viewport_size({"width": 390, "height": 800})
    opened.reload()
    assert contents.get_by_role("link", name="Exercises", exact=True).is_hidden()
    opened.set_viewport_size({"width": 1280, "height": 900})


def test_tab_key_leads_past_the_frame_and_stops_where_something_can_be_done(opened):
    opened.show(LESSON.stem)
    place = opened.locator(".site-header").bounding_box()
    opened.keyboard.press("Tab")
    assert opened.locator(".site-header").bounding_box() == place, "or the next click would miss what it is on"
    assert opened.evaluate("document.activeElement.textContent") == "Skip to the text"
    opened.keyboard.press("Enter")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.closest('main') !== null")
    idle = "document.querySelectorAll('main [tabindex=\"0\"]:not(.bpteach-widget *)')"
    assert opened.evaluate(f"[...{idle}].filter(each => each.scrollWidth <= each.clientWidth).length") == 0


def test_what_is_read_comes_first_and_is_light(site):
    """Before a page can be read it fetches its own text, still pictures included, and styles; scripts come after it."""
    styles = sum(len(gzip.compress(path.read_bytes())) for path in (site / "style").iterdir())
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        seen, _mark, states = text.partition('<script type="application/vnd.jupyter.widget-state+json">')
        assert len(gzip.compress(seen.encode())) + styles < 700_000, page.name
        assert "<h1" not in states
        scripts = re.findall(r"<script\b[^>]*\bsrc=[^>]*>", text)
        assert scripts
        assert all("defer" in script for script in scripts)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), None])
def test_old_site_stays_whole_until_the_new_one_is(error, tmp_path, capsys):
    def build(draft, paths, packages):
        (draft / "index.html").write_text("new")
        if error:
            raise error
        return "1 page", "index.html"

    folder = tmp_path / "site"
    folder.mkdir()
    for name in ("index.html", "my own.txt"):
        (folder / name).write_text("old")
    asked = SimpleNamespace(folder=folder, notebooks=[LESSON], packages=tmp_path)
    assert publish(asked, [], build) == bool(error)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "index.html": "old" if error else "new",
        "my own.txt": "old",
    }
    if error:
        assert f"{folder} could not be written, and is as it was: " in capsys.readouterr().err


@pytest.fixture
def firefox(tmp_path):
    need("websocket")
    if not any(map(shutil.which, BROWSERS)):
        unavailable("Firefox was not found: install it (on Debian and Ubuntu: sudo apt install firefox-esr)")
    with Firefox(tmp_path) as running:
        yield running


def test_firefox_opens_switches_searches_and_steps(site, firefox):
    firefox.open((site / "index.html").as_uri())
    firefox.evaluate("document.querySelector('.site-theme').focus()")
    firefox.press("Space")
    firefox.wait_for(f"{PAPER} === '{DARK}'")
    firefox.evaluate("document.querySelector('.site-search-open').focus()")
    firefox.press("Enter")
    firefox.wait_for("document.querySelector('.site-search').open")
    firefox.press("Escape")
    firefox.wait_for("!document.querySelector('.site-search').open")
    firefox.press("Enter", "timeit")
    firefox.wait_for("document.querySelector('.site-search [role=status]').textContent.startsWith('Sections found')")
    firefox.press("Enter")
    widget = f"document.querySelector('{root('BackpropStepper')}')"
    firefox.wait_for(f"location.pathname.endsWith('{LESSON.stem}.html') && {widget} !== null")
    firefox.wait_for(f"{PAPER} === '{DARK}'")
    firefox.evaluate("document.querySelector('.site-answers input').focus()")
    firefox.press("Space")
    firefox.evaluate(f"{widget}.querySelector('input[type=range]').focus()")
    said = f"{widget}.querySelector('.bpteach-sentence').textContent"
    for key, step in (("Home", 1), ("ArrowRight", 2)):
        firefox.press(key)
        firefox.wait_for(f"{said}.startsWith('Step {step} of ')")
