"""The mini-batch explorer in a real browser without Jupyter: it plays, ends, and changes only what differs."""

import pytest

from alone import show
from widgets_on_show import EXAMPLES, made, set_up

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def alone(page):
    """Draw the widget on a page of its own, with a clock that the test winds."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # an installed clock runs on by itself as well
    show(page, set_up(4), EXAMPLES["MiniBatchExplorer"].code)
    yield
    assert page.complaints == []


def test_it_plays_at_the_speed_chosen_and_stops_at_the_end(page):
    play = page.locator("button").nth(2)

    def expect(example, word, after=0):
        page.clock.run_for(after)
        assert (page.evaluate("models[0].get('example')"), play.inner_text()) == (example, word)

    play.press("Enter")
    expect(1, "Pause")
    expect(2, "Pause", after=1100)
    play.press("Enter")
    expect(2, "Play", after=5000)

    page.evaluate("models[0].set('example', 0)")
    page.get_by_role("combobox", name="Speed").select_option("5 a second")
    play.press("Space")
    expect(2, "Pause", after=450)
    page.get_by_role("combobox", name="Speed").select_option("1 a second")
    expect(2, "Pause", after=900)
    expect(3, "Play", after=5000)
    play.press("Space")  # from the start
    expect(0, "Pause")
    page.clock.run_for(1100)
    page.get_by_role("slider").press("End")  # who steps has stopped it
    page.evaluate("models[0].set('example', 1)")
    expect(1, "Play", after=5000)
    assert page.locator("[aria-live]").inner_text() == made("MiniBatchExplorer").views[2]["delta"]["sentences"][1]


def test_what_was_started_ends_with_the_widget(page):
    page.evaluate("models[0].set('example', 0)")
    page.locator("button").nth(2).press("Enter")
    page.evaluate("stop()")
    page.clock.run_for(5000)
    assert page.evaluate("models[0].get('example')") == 0
    assert page.evaluate("models[0].listeners.size") == 0
    page.locator("button").nth(1).press("Enter")
    assert page.evaluate("models[0].get('example')") == 0


def test_a_step_changes_only_what_differs(page):
    page.evaluate("document.querySelectorAll('.bpteach-panel *').forEach(each => { each.kept = true; })")
    page.get_by_role("slider").press("ArrowRight")
    new = page.evaluate("[...document.querySelectorAll('.bpteach-panel *')].filter(each => !each.kept).length")
    assert 0 < new < 60
    assert page.evaluate("[...document.querySelectorAll('canvas')].every(each => each.kept)")
    assert page.locator("canvas:not([role=img][aria-label])").count() == 0


def test_play_and_every_word_that_it_changes_are_on_one_small_screen(page):
    page.set_viewport_size({"width": 1366, "height": 768})
    for quantity in ("delta", "nabla_b", "nabla_w"):
        page.get_by_role("combobox", name="Show").select_option(quantity)
        for place in ("button >> nth=2", ".bpteach-sentence", ".bpteach-verdict", ".bpteach-pictures svg >> nth=0"):
            assert page.locator(place).bounding_box()["y"] < 390, (place, quantity)
        tops = set()
        for key in ("Home", "ArrowRight", "End"):
            page.get_by_role("slider", name="Example").press(key)
            tops.add(page.locator(".bpteach-pictures").bounding_box()["y"])
        assert len(tops) == 1, f"the picture of {quantity} stays where it is"
