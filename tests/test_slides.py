"""The lessons as slides: that each fits a projector, that nothing is fetched, that widgets step."""

import contextlib
import re
import sys

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("nbconvert", reason="nbconvert is not installed")

from bpteach.__main__ import main
from bpteach.locale import speaking
from bpteach.publishing.edition import language_of, place_of, target_of
from bpteach.publishing.lessons import LESSONS, kind, read, title
from bpteach.publishing.pages import switches
from bpteach.publishing.slides import SUFFIX
from browser import new_page, settle
from conftest import once_a_week, run
from test_site import SAID, Links, answer, dead_links, new_offline_page, step_through
from widgets_on_show import EXAMPLES, LESSON, SOME, root, write

SCREEN = {"width": 1280, "height": 720}

#: in both languages; one of those with the longest lines of code is tried each time
ALL = [*LESSONS, *(target_of(path, "zh_CN") for path in LESSONS)]
EACH_TIME = [path for path in ALL[len(LESSONS) :] if path.name.startswith("08-")]
DECKS = [path if path in EACH_TIME else once_a_week(path) for path in ALL]

#: sizes in pixels on that screen, which a projector enlarges: at least a fortieth of its height
SMALLEST_TEXT, SMALLEST_CODE = 24, 18
SMALLEST_PICTURE = 0.75  # of its own size; a picture that would be smaller gets a slide of its own

#: Visits every slide, all of it shown and all answers unfolded, and lists what does not fit.
FAULTS = """async ({text, code, picture}) => {
  await (window.MathJax?.startup?.promise ?? 0);
  const faults = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const seen = (element) => element.checkVisibility() && !element.closest("aside");
  const above = document.querySelector(".slides-languages")?.getBoundingClientRect().bottom ?? 0;
  for (const unfold of [false, true])
    for (const slide of Reveal.getSlides()) {
      const folded = slide.querySelectorAll("details");
      if (slide.matches(".stack") || (unfold && !folded.length)) continue;
      folded.forEach((each) => (each.open = unfold));
      const {h, v} = Reveal.getIndices(slide);
      Reveal.slide(h, v, 99);
      await painted();
      await painted();
      const where = `slide ${h}/${v ?? 0}${unfold ? ", unfolded" : ""}`;
      const complain = (what, {textContent}) => faults.push(`${where}: ${what}: ${textContent.trim().slice(0, 60)}`);
      if (!slide.innerText.trim() && !slide.querySelector("img, .bpteach-widget")) complain("empty", slide);
      for (const element of [...slide.querySelectorAll("*")].filter(seen)) {
        if (element.closest("mjx-assistive-mml, svg, .bpteach-widget :not(.bpteach-widget)")) continue;
        const box = element.getBoundingClientRect();
        if (box.bottom > innerHeight || box.right > innerWidth) complain("outside", element);
        if (box.left < 0 || box.top < 0) complain("outside", element);
        if (element.matches(".jp-Cell") && box.top < above) complain("below the switch", element);
        const {scrollWidth, clientWidth} = element;
        if (element.matches("pre, p, li, table") && scrollWidth > clientWidth + 1) complain("cut off", element);
        const size = parseFloat(getComputedStyle(element).fontSize);
        if (element.matches("p, li, td, summary") && size < text) complain(`text of ${size} px`, element);
        if (element.matches("pre") && size < code) complain(`code of ${size} px`, element);
        if (!element.matches("img")) continue;
        const still = element.src.startsWith("data:image/svg");
        if (!element.naturalWidth) complain("no picture", slide);
        if (!still && (element.style.zoom || 1) < picture) complain("a small picture", slide);
        if (!/.{20,}[.!?]$|.{10,}[。！？]$/.test(element.alt)) complain("a picture without a sentence", slide);
      }
      folded.forEach((each) => (each.open = false));
    }
  Reveal.slide(0, 0);
  return faults;
}"""


@pytest.fixture(scope="module")
def decks(npm_packages, tmp_path_factory, request):
    folder, is_weekly = tmp_path_factory.mktemp("decks"), "weekly" in request.config.option.markexpr
    words = ["slides", folder, "--stored", "--packages", npm_packages["mathjax"].parent]
    assert main([str(word) for word in [*words, *(ALL if is_weekly else EACH_TIME)]]) == 0
    return folder


def deck_of(path):
    return f"{place_of(language_of(path))}{path.stem}{SUFFIX}"


@pytest.fixture(scope="module")
def live(site, chromium):
    with opened(new_offline_page(chromium), site / "slides") as page:
        yield page


@pytest.fixture(scope="module")
def plain(npm_packages, chromium, tmp_path_factory):
    """Have nbconvert make that deck, with no option of ours, and open it; other machines' answers come from here."""
    folder = tmp_path_factory.mktemp("plain")
    patient = [f"--ExecutePreprocessor.{name}_timeout=600" for name in ("startup", "iopub")]
    path = write(folder / "on-show.ipynb")
    run(sys.executable, "-m", "nbconvert", "--execute", *patient, "--to", "slides", path)
    page = new_page(chromium)
    page.route(re.compile("^https?:"), lambda route: answer(npm_packages, route))
    with opened(page, folder):
        yield page


@contextlib.contextmanager
def opened(page, folder):
    page.set_viewport_size(SCREEN)
    page.goto((folder / f"on-show{SUFFIX}").as_uri())
    page.wait_for_selector(".reveal .slides section.present")
    count = "count => document.querySelectorAll('.bpteach-widget').length === count"
    page.wait_for_function(count, arg=len(EXAMPLES))
    yield page
    page.context.close()


def turn_to(page, name):
    number = 1 + list(EXAMPLES).index(name)
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("number => { location.hash = `#/${number}`; }", number)
    view = page.locator(f"section.present {root(name)}").first
    view.wait_for()
    return view, number


def place(page):
    return page.evaluate("[...document.querySelectorAll('.slides > section')].findIndex(e => e.matches('.present'))")


@pytest.mark.parametrize("path", DECKS, ids=deck_of)
def test_every_slide_fits_the_screen(path, decks, chromium):
    page = new_offline_page(chromium)
    page.set_viewport_size(SCREEN)
    page.goto((decks / deck_of(path)).as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    sizes = {"text": SMALLEST_TEXT, "code": SMALLEST_CODE, "picture": SMALLEST_PICTURE}
    faults = page.evaluate(FAULTS, sizes)
    shown = [cell for cell in read(path).cells if kind(cell) in ("slide", "subslide")]
    assert page.evaluate("Reveal.getTotalSlides()") == len(shown)
    assert page.title() == title(read(path)) + (" slides" if path in LESSONS else "：幻灯片")
    assert not [text for text in page.locator(".jp-MarkdownOutput").all_inner_texts() if "$" in text]
    own = (decks.as_uri() + "/", "data:", "blob:")
    asked = [address for address in page.asked if not address.startswith(own)]
    complaints = page.complaints
    page.context.close()
    assert not faults[:9], f"{len(faults)} faults: begin another slide (Slide, Sub-Slide) where one is too full"
    assert asked == []
    assert complaints == []


def test_links_lead_to_decks_and_to_what_is_on_their_slides(decks, site):
    assert dead_links(decks) == []
    paths = [*decks.rglob("*.html"), *(site / "slides").glob("*.html")]
    targets = {address for path in paths for address in Links(path).addresses}
    assert not [address for address in targets if ".ipynb" in address]
    assert f"../slides/{LESSON.stem}{SUFFIX}" in targets, "the deck of all widgets leads there"


def test_a_switch_leads_to_the_same_slide_in_the_other_language(site, chromium):
    page = new_offline_page(chromium)
    page.goto((site / "slides" / f"{LESSON.stem}{SUFFIX}").as_uri())
    here = "() => Object.values(Reveal.getIndices()).slice(0, 2).join('/')"
    for words, language, place in (("中文", "zh-CN", "3/1"), ("English", "en", "5/0")):
        page.wait_for_function("window.Reveal?.isReady()")
        page.evaluate("place => Reveal.slide(...place.split('/'))", place)
        page.keyboard.press("Tab")
        switch = page.locator(":focus")
        assert switch.inner_text() == words
        assert [switch.get_attribute(name) for name in ("lang", "hreflang")] == [language] * 2
        page.keyboard.press("Enter")
        there = "language => document.documentElement.lang === language && window.Reveal?.isReady()"
        page.wait_for_function(there, arg=language)
        assert ("/zh/" in page.url) == (language != "en")
        assert page.evaluate(here) == place
    assert page.complaints == []
    page.context.close()


def test_there_is_a_switch_where_there_is_a_translation():
    made = {"en": {"a.html", "slides/b.html"}, "zh_CN": {"a.html"}}
    assert switches("a.html", made) == [("zh/a.html", "zh-CN", "中文")]
    assert switches("slides/b.html", made) == []
    with speaking("zh_CN"):
        assert switches("a.html", made) == [("../a.html", "en", "English")]


def test_a_deck_that_is_printed_fits_its_pages(decks, page):
    page.set_viewport_size(SCREEN)
    page.goto(f"{(decks / deck_of(EACH_TIME[0])).as_uri()}?print-pdf")
    pages = page.locator(".pdf-page")
    pages.first.wait_for()
    settle(page)
    low = """all => all.filter((one) => [...one.querySelectorAll(".jp-Cell")].some((cell) => !cell.closest("aside")
        && cell.getBoundingClientRect().bottom > one.getBoundingClientRect().bottom)).length"""
    assert pages.evaluate_all(low) == 0
    assert pages.count() == page.evaluate("Reveal.getTotalSlides()")
    assert page.complaints == []


@pytest.fixture(scope="module", params=["live", once_a_week("plain")])
def deck(request, chromium):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", SOME)
def test_widget_steps_on_a_slide(name, deck):
    view, number = turn_to(deck, name)
    step_through(deck, name, view)
    assert place(deck) == number
    box = view.bounding_box()
    if hasattr(deck, "asked"):  # ours
        assert box["x"] + box["width"] <= SCREEN["width"]
        assert box["y"] + box["height"] <= SCREEN["height"]
        cut = "all => all.filter(({scrollHeight, clientHeight}) => scrollHeight > clientHeight).length"
        assert view.locator(".bpteach-code").evaluate_all(cut) == 0
        assert deck.complaints == []


@pytest.mark.parametrize("name", SOME)
def test_keys_have_one_owner(name, deck):
    view, number = turn_to(deck, name)
    controls = view.locator("button, select, input, [tabindex='0']").element_handles()
    kinds = {
        control.evaluate("element => `${element.tagName} ${element.className.baseVal ?? element.className}`"): control
        for control in controls
    }
    for name, control in kinds.items():
        control.focus()
        for key in ("ArrowRight", "Home"):  # which no other key takes back
            deck.keyboard.press(key)
        assert place(deck) == number, name
    deck.evaluate("document.activeElement.blur()")
    deck.keyboard.press("ArrowRight" if number < len(EXAMPLES) else "ArrowLeft")
    assert place(deck) != number


def test_remote_control_turns_the_page(live):
    view, number = turn_to(live, next(iter(EXAMPLES)))
    view.locator("button").first.focus()
    live.keyboard.press("PageDown")
    assert place(live) == number + 1
    live.keyboard.press("ArrowLeft")
    assert place(live) == number


def test_speaker_sees_the_notes(live):
    live.evaluate("location.hash = '#/'")
    live.wait_for_selector("section.present h1")
    assert not live.get_by_text("Say this aloud.").is_visible()
    with live.expect_popup() as opening:
        live.keyboard.press("s")
    opening.value.get_by_text("Say this aloud.").wait_for()
    opening.value.close()
    live.evaluate("document.activeElement?.blur()")


def test_the_answer_comes_with_the_next_key(live):
    """The slide asks; one key shows the output, what explains it and what proves it, all unfolded."""
    live.evaluate("number => { location.hash = `#/${number}`; }", 1 + len(EXAMPLES))
    slide = live.locator("section.present", has_text="What is printed?").last
    slide.wait_for()
    live.evaluate("document.activeElement?.blur()")
    for is_shown in (False, True, False):
        shown = [slide.get_by_text(words).first.is_visible() for words in SAID]
        assert shown == [is_shown] * 3, shown
        assert slide.locator("details").count() == 0
        live.keyboard.press("ArrowLeft" if is_shown else "ArrowRight")
