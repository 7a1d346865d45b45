"""Measure how quick the widgets are, in a real browser: a mini-batch of 32 on [784, 30, 30, 10].

    python tests/measure_widgets.py                                  all, in JupyterLab
    python tests/measure_widgets.py BackpropStepper DrawDigit        these
    python tests/measure_widgets.py --front notebooks                in Notebook 7

It looks at the clock, so it is no test. All times are taken in the page itself; leave the machine alone meanwhile.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

from browser import Jupyter, launch, running
from test_views_of_examples import size_of
from widgets_on_show import EXAMPLES, maker, root, sources

COUNT, PRESSES, BURST, RATE = 32, 40, 60, 30
PAUSE = 0.12  # seconds between single presses, so that each is drawn before the next

ROW = "{:<20}{:>8}{:>10}{:>9}{:>9}{:>8}{:>12}{:>13}"
HEAD = "widget", "made", "sent", "first", "median", "90 %", "drawn", "last step"
UNITS = f"""made: in Python. sent: to the browser. first: from the cell's output to the first painted picture.
median, 90 %: of {PRESSES} single presses, from key to painted frame. drawn: frames with a step of their own, of
the frames in which keys arrived, in a burst of {BURST} presses at {RATE} a second; then the step it ended at."""

#: Notes when the output of a cell is put on the page, and when the widget in it has been painted.
BEFORE_LOADING = """
window.measured = { output: null, painted: null };
window.afterPaint = action => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => action(performance.now());
    channel.port2.postMessage(null);
});
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
    constructor(...words) {
        super(...words);
        this.addEventListener('message', ({ data }) => {
            const at = performance.now();
            const start = typeof data === 'string' ? data.slice(0, 2000)
                : new TextDecoder().decode(new Uint8Array(data).subarray(0, 2000));
            if (/"msg_type": ?"(\\w+)"/.exec(start)?.[1] === 'display_data') measured.output ??= at;
        });
    }
};
new MutationObserver((_, observer) => {
    if (!document.querySelector('.bpteach-widget')) return;
    observer.disconnect();
    window.afterPaint(at => { measured.painted = at; });
}).observe(document, { childList: true, subtree: true });
"""

#: Notes for each key how long it took until the frame was painted, and each sentence that stood in a painted frame.
BEFORE_PRESSING = """root => {
    const said = root.querySelector('.bpteach-sentence');
    Object.assign(measured, { paints: [], shown: [said.textContent], pressed: 0 }); // pressed: frames with keys
    let pressed = false;
    window.addEventListener('keydown', event => {
        const before = said.textContent;
        pressed = true;
        window.afterPaint(at => {
            if (said.textContent !== before) measured.paints.push(at - event.timeStamp);
        });
    }, { capture: true });
    const look = () => {
        measured.pressed += pressed;
        pressed = false;
        if (said.textContent !== measured.shown.at(-1)) measured.shown.push(said.textContent);
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


def press(page, keys, step, ends, count, pause):
    """Press keys at an even pace, on to the last step, back to the first, and so on; give the step it must end at."""
    first, last = ends
    by, start = 1, time.perf_counter()
    for i in range(count):
        by = by if first <= step + by <= last else -by
        step += by
        page.keyboard.press(keys["next" if by > 0 else "previous"])
        time.sleep(max(0, start + (i + 1) * pause - time.perf_counter()))
    return step


def measure(name, browser, jupyter, front):
    """Measure one widget, in a notebook of its own; give a row of the table."""
    show, make = EXAMPLES[name], maker(name, COUNT)
    make()  # once to warm up
    began = time.perf_counter()
    widget = make()
    row = [name, f"{1000 * (time.perf_counter() - began):.0f} ms", f"{size_of(widget) / 1000:.0f} kB"]
    with running(browser, jupyter, f"{name}.ipynb", sources([name], COUNT), front, script=BEFORE_LOADING) as page:
        page.wait_for_function("measured.painted !== null")
        row.append(f"{page.evaluate('measured.painted - measured.output'):.0f} ms")
        view, ends = page.locator(root(name)), (show.first, show.last(widget))
        view.evaluate(BEFORE_PRESSING)
        view.locator(show.control).first.focus()
        step = press(page, show.keys, getattr(widget, show.trait), ends, PRESSES, PAUSE)
        paints = page.evaluate("measured.paints")
        row += [f"{statistics.median(paints):.1f} ms", f"{statistics.quantiles(paints, n=10)[-1]:.0f} ms"]
        page.evaluate("() => { measured.shown = measured.shown.slice(-1); measured.pressed = 0; }")
        step = press(page, show.keys, step, ends, BURST, 1 / RATE)
        page.wait_for_timeout(1000)
        *before, said = page.evaluate("measured.shown")
        row.append(f"{len(before)} of {page.evaluate('measured.pressed')}")
    return [*row, f"{step}, right" if said == show.sentence(widget, step) else f"not {step}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="widget", help=f"all if none is named: {', '.join(EXAMPLES)}")
    parser.add_argument("--front", default="lab/tree", choices=["lab/tree", "notebooks"], help="JupyterLab, Notebook 7")
    asked = parser.parse_args()
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the kernels inherit it
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright, Jupyter(place) as jupyter:
        browser = launch(playwright)
        if browser is None:
            sys.exit("No browser was found: install Chromium, or set BPTEACH_BROWSER to the path of one.")
        print(ROW.format(*HEAD))
        for name in asked.names or EXAMPLES:
            print(ROW.format(*measure(name, browser, jupyter, asked.front)), flush=True)
        browser.close()
    print(UNITS)


if __name__ == "__main__":
    main()
