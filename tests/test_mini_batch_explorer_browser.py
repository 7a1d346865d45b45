"""The mini-batch explorer in a real browser without Jupyter: it plays, ends, and changes only what differs."""

import base64
import json

import numpy as np
import pytest

from bpteach import Network, load_mnist
from bpteach.widgets import MiniBatchExplorer

pytestmark = pytest.mark.browser


def make():
    net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
    return MiniBatchExplorer(net, *load_mnist().test.columns(range(4)), example=1)


#: A page with a model as a page without a kernel has it: `save_changes` does nothing.
PAGE = """async ([script, state, binary]) => {
    const values = { ...state };
    for (const [name, text] of Object.entries(binary)) {
        const bytes = Uint8Array.from(` ${atob(text)}`, letter => letter.charCodeAt(0));
        values[name] = new DataView(bytes.buffer, 1);  // a beginning that is no multiple of four
    }
    const listeners = new Set();
    window.model = {
        listeners,
        get: name => values[name],
        set(name, value) {
            if (values[name] === value) return;
            values[name] = value;
            for (const [event, action] of [...listeners]) {
                if (event === `change:${name}`) action();
            }
        },
        on: (event, action) => listeners.add([event, action]),
        off: (event, action) => {
            for (const each of [...listeners]) if (each[0] === event && each[1] === action) listeners.delete(each);
        },
        save_changes() {},
    };
    const module = await import(`data:text/javascript;base64,${script}`);
    window.stop = module.default.render({ model: window.model, el: document.body });
}"""


@pytest.fixture
def alone(page):
    """Draw the widget on a page of its own, with a clock that the test winds; give what reads and what presses Play."""
    widget = make()
    state = widget.get_state()
    binary = {name: base64.b64encode(value).decode() for name, value in state.items() if isinstance(value, bytes)}
    plain = {name: value for name, value in state.items() if name not in binary and name not in ("_esm", "layout")}
    script = base64.b64encode(widget._esm.encode()).decode()
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # an installed clock runs on by itself as well
    page.set_content("<!DOCTYPE html><title>Alone</title><body></body>")
    page.add_style_tag(content=widget._css)
    page.evaluate(PAGE, [script, json.loads(json.dumps(plain, default=str)), binary])
    yield page
    assert page.complaints == []


def test_it_plays_at_the_speed_chosen_and_stops_at_the_end(alone):
    page, play = alone, alone.locator("button").nth(2)

    def expect(example, word, after=0):
        page.clock.run_for(after)
        assert (page.evaluate("model.get('example')"), play.inner_text()) == (example, word)

    play.press("Enter")
    expect(1, "Pause")
    expect(2, "Pause", after=1100)
    play.press("Enter")
    expect(2, "Play", after=5000)

    page.evaluate("model.set('example', 0)")
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
    page.evaluate("model.set('example', 1)")
    expect(1, "Play", after=5000)
    assert page.locator("[aria-live]").inner_text() == make().views[2]["delta"]["sentences"][1]


def test_what_was_started_ends_with_the_widget(alone):
    page = alone
    page.evaluate("model.set('example', 0)")
    page.locator("button").nth(2).press("Enter")
    page.evaluate("stop()")
    page.clock.run_for(5000)
    assert page.evaluate("model.get('example')") == 0
    assert page.evaluate("model.listeners.size") == 0
    page.locator("button").nth(1).press("Enter")
    assert page.evaluate("model.get('example')") == 0


def test_a_step_changes_only_what_differs(alone):
    page = alone
    page.evaluate("document.querySelectorAll('.bpteach-panel *').forEach(each => { each.kept = true; })")
    page.get_by_role("slider").press("ArrowRight")
    new = page.evaluate("[...document.querySelectorAll('.bpteach-panel *')].filter(each => !each.kept).length")
    assert 0 < new < 60
    assert page.evaluate("[...document.querySelectorAll('canvas')].every(each => each.kept)")
    assert page.locator("canvas:not([role=img][aria-label])").count() == 0


@pytest.mark.parametrize("quantity", ["delta", "nabla_b", "nabla_w"])
def test_play_and_every_word_that_it_changes_are_on_one_small_screen(alone, quantity):
    page = alone
    page.set_viewport_size({"width": 1366, "height": 650})  # of 768, what JupyterLab leaves of the notebook
    page.evaluate(f"model.set('quantity', '{quantity}')")
    for place in ("button >> nth=2", ".bpteach-sentence", ".bpteach-verdict", ".bpteach-pictures svg >> nth=0"):
        assert page.locator(place).bounding_box()["y"] < 300, place
    tops = set()
    for key in ("Home", "ArrowRight", "End"):
        page.get_by_role("slider").press(key)
        tops.add(page.locator(".bpteach-pictures").bounding_box()["y"])
    assert len(tops) == 1, "the picture stays where it is"
