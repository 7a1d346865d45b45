"""A link leads to what a widget shows: on a page of the site, and in JupyterLab and Notebook 7."""

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from alone import WATCHED
from browser import faults, has_focus, new_page, run_all, running, wait_for
from conftest import once_a_week
from widgets_on_show import EXAMPLES, made, root, setup

#: what a link tells
TOLD = {
    "BackpropStepper": {"example": 3, "neuron": [3, 4], "predict": False, "step": 21},
    "BugGallery": {"exhibit": 4, "probe": 2},
    "DeltaView": {"example": 2, "own_scale": True},
    "DeltaDepthView": {"epoch": 3, "example": 1},
    "DrawDigit": {"recorded": 2, "right": 8, "step": 3},
    "MiniBatchExplorer": {"example": 2, "layer": 3, "quantity": "nabla_w"},
    "SmallNetwork": {"preset": 2, "sum_of": 4},
    "SpeedUpView": {"index": 3},
}

#: tails of addresses that lead nowhere, and what the first widget says then: what it says at first
NOWHERE = [
    "",
    "#",
    "#See-them-all",
    "#widget=",
    "#widget=0&step=21",
    "#widget=99&step=21",
    "#widget=one&step=21",
    "#widget=1&step=99",
    "#widget=1&step=-1",
    "#widget=1&step=2.5",
    "#widget=1&step=<img src=x onerror=document.title=1>",
    "#widget=1&step=%3Cimg%20src=x%20onerror=document.title=1%3E",
    "#widget=1&neuron=1,0&example=one&predict=1&speed=fast&text_size=32&constructor=1&__proto__=1",
    "#widget=1&step=%",
]


@pytest.fixture(scope="module")
def address(site):
    return (site / "on-show.html").as_uri()


def open_page(chromium, address):
    page = new_page(chromium)
    page.context.set_offline(True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)
    page.wait_for_function(f"document.querySelectorAll('.bpteach-widget').length === {2 * len(EXAMPLES)}")
    return page


@pytest.fixture(scope="module")
def opened(chromium, address):
    page = open_page(chromium, address)
    yield page
    assert page.complaints == []
    page.context.close()


@pytest.fixture
def page(opened, address):
    """Give the page at its own address, whatever a test before has followed."""
    follow(opened, "")
    return opened


def tail(number, told):
    values = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in told.items()}
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}
    return f"#widget={number}" + "".join(f"&{name}={value}" for name, value in words.items())


def sentence(name, told):
    """What the widget must say, by what Python has laid out."""
    widget, show = made(name), EXAMPLES[name]
    if name == "DrawDigit":
        return widget.recordings[told["recorded"] - 1]["answers"][told["right"] + 1]["sentences"][told["step"]]
    before = {trait: getattr(widget, trait) for trait in told}
    widget.set_state(told)
    said = show.sentence(widget, told[show.trait])
    widget.set_state(before)  # other tests look at the same one
    return said


def follow(page, tail):
    page.evaluate("tail => { location.hash = tail; }", tail)


def view_of(page, name, number=1):
    return page.locator(root(name)).nth(number - 1)


def said(view):
    return lambda: view.locator(".bpteach-sentence").text_content()


def copied(view):
    view.get_by_role("button", name="Copy link").click()
    view.get_by_text("Link copied.").wait_for()
    return view.page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_link_leads_to_a_widget_and_what_it_shows(name, address, page):
    number, told = 1 + list(EXAMPLES).index(name), TOLD[name]
    view, folded = view_of(page, name), view_of(page, name, 2)
    follow(page, tail(number, told))
    wait_for(page, said(view), sentence(name, told), "what the link shows")
    wait_for(page, lambda: abs(view.bounding_box()["y"]) < 100, True, "the page scrolls there")
    parts = [sorted(link.split("&")) for link in (copied(view), address + tail(number, told))]
    assert parts[0] == parts[1], "its button copies the same link, in the order in which the widget has it"

    before = page.evaluate("history.length")
    view.locator(EXAMPLES[name].control).first.press(EXAMPLES[name].keys["first"])
    assert view.locator("output").inner_text() == "", "what is shown is no more what was copied"
    assert page.evaluate("[history.length, location.hash]") == [before, tail(number, told)], "no entry a step"

    folded.evaluate("view => view.closest('details').toggleAttribute('open', false)")
    follow(page, tail(number + len(EXAMPLES), told))
    wait_for(page, said(folded), sentence(name, told), "what the second shows, which an answer folds away")
    assert folded.is_visible()
    assert said(view)() != sentence(name, told), "the first is left as it was"


@pytest.mark.parametrize(("name", "number"), [once_a_week("BackpropStepper", 1), ("BugGallery", 2)])
def test_who_opens_a_link_is_taken_there(name, number, chromium, address):
    place = 1 + list(EXAMPLES).index(name) + (number - 1) * len(EXAMPLES)
    page = open_page(chromium, address + tail(place, TOLD[name]))
    view = view_of(page, name, number)
    wait_for(page, said(view), sentence(name, TOLD[name]), "what the link shows")
    wait_for(page, lambda: abs(view.bounding_box()["y"]) < 100, True, "the page scrolls there")
    assert has_focus(view.locator("[type=range], select").first)
    assert page.complaints == []
    page.context.close()


@pytest.mark.parametrize("place", NOWHERE)
def test_a_link_that_says_nothing_sensible_changes_nothing(place, page):
    view = view_of(page, "BackpropStepper")
    follow(page, tail(1, {"example": 1, "predict": False, "neuron": [], "step": 2}))
    wait_for(page, said(view), sentence("BackpropStepper", {"example": 1, "step": 2}), "a link that leads there")
    follow(page, place)
    page.wait_for_timeout(100)
    assert said(view)() == sentence("BackpropStepper", {"example": 1, "step": 2})
    assert view.get_by_role("combobox", name="Text size").input_value() == "16"
    assert page.title() != "1"


def test_a_question_that_is_not_answered_holds_the_link_back(page):
    view = view_of(page, "BackpropStepper")
    asked, slider = view.locator(".bpteach-quiz button"), view.get_by_role("slider")
    follow(page, tail(1, {"predict": False, "step": 1}))
    wait_for(page, slider.input_value, "1", "the first step")
    follow(page, tail(1, {"predict": True, "step": 34}))
    asked.first.wait_for()
    at = int(slider.input_value())
    assert 1 < at < 34
    assert has_focus(asked.first)
    asked.last.click()  # Show me
    assert slider.input_value() == str(at + 1)
    follow(page, tail(1, {"predict": False, "step": 34}))
    wait_for(page, slider.input_value, "34", "whoever sends it can switch the questions off")


def test_a_drawing_of_ones_own_has_no_link(page):
    view = view_of(page, "DrawDigit")
    copy = view.get_by_role("button", name="Copy link")
    view.get_by_role("application").focus()
    page.keyboard.press("Space")
    assert copy.count() == 0
    view.get_by_role("button", name="Show a recorded drawing").click()
    copy.wait_for()


def test_where_copying_is_forbidden_the_link_is_shown(address, page):
    shown = []
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    page.once("dialog", lambda dialog: (shown.append((dialog.message, dialog.default_value)), dialog.dismiss()))
    view_of(page, "SpeedUpView").get_by_role("button", name="Copy link").click()
    message, link = shown[0]
    assert message == "The link to what is shown:"
    assert link.startswith(f"{address}#widget=8&index=")
    page.evaluate("delete navigator.clipboard")


@pytest.mark.parametrize("place", ["in a frame", "in slides"])
def test_where_no_address_leads_back_no_link_is_offered(place, chromium, address):
    page = new_page(chromium)
    if place == "in slides":
        page.add_init_script("addEventListener('DOMContentLoaded', () => document.body.classList.add('reveal'))")
        page.goto(address)
    else:
        page.goto(f"{address.rsplit('/', 1)[0]}/style/site.css")  # a page of the same origin
        page.set_content(f'<iframe src="{address}" width="900" height="600"></iframe>')
    seen = page.frame_locator("iframe") if place == "in a frame" else page
    wait_for(page, seen.locator(".bpteach-widget").count, 2 * len(EXAMPLES), "all widgets")
    assert seen.get_by_role("button", name="Copy link").count() == 0
    page.context.close()


# --- in the front ends

SEEN = """
gallery = BugGallery()
known = watched(gallery, "exhibit", "probe").children[-1]
display(gallery)
known
"""


@pytest.mark.weekly
@pytest.mark.parametrize("front", ["lab/tree", "notebooks"])
def test_in_jupyter_a_link_leads_to_a_widget_once_its_cell_runs(front, chromium, jupyter):
    name, told = f"links-{front[0]}.ipynb", tail(2, TOLD["BugGallery"])
    with running(chromium, jupyter, name, [setup() + WATCHED, "DeltaView(net, X, Y)", SEEN], front, told) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        view, known = page.locator(root("BugGallery")), page.locator(".widget-label")
        wait_for(page, known.inner_text, "4 2", "what Python knows")
        assert said(view)().startswith("5 of ")
        assert copied(view) == f"{jupyter.address}/{front}/notebooks/{name}{told}", "no token is in the link"
        url = page.url

        view.get_by_role("button", name="Next").click()
        wait_for(page, known.inner_text, "5 2", "what Python knows")
        assert page.url == url, "the address stays as it is"
        run_all(page, jupyter, name)
        wait_for(page, known.inner_text, "0 0", "a cell that runs again shows what it says")
        follow(page, tail(2, {"exhibit": 7}))
        wait_for(page, known.inner_text, "7 0", "a link that is opened in the same page")
        assert faults(page) == []
