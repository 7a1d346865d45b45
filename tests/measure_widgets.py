"""Measure how quick the widgets are, in a real browser: a mini-batch of 32 on [784, 30, 30, 10].

    python tests/measure_widgets.py                                  all, in JupyterLab
    python tests/measure_widgets.py BackpropStepper DrawDigit        these
    python tests/measure_widgets.py --front notebooks                in Notebook 7

It looks at the clock, so it is no test. All times are taken in the page itself; leave the machine alone meanwhile.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import widgets_on_show
from widgets_on_show import EXAMPLES, make, root

HEAD = f"{'widget':<20}{'made':>8}{'sent':>10}{'first':>9}{'median':>9}{'90 %':>8}{'drawn':>12}{'last step':>13}"
ROW = (
    "{name:<20}{made:>5.0f} ms{sent:>7.0f} kB{first:>6.0f} ms{median:>6.1f} ms{ninety:>5.0f} ms"
    "{drawn:>5} of {of:<3}{last:>13}"
)
UNITS = """made: in Python. sent: to the browser. first: from the cell's output to the first painted picture.
median, 90 %: of {presses} single presses, from key to painted frame. drawn: frames with a step of their own, of
the frames in which keys arrived, in a burst of {burst} presses at {rate} a second; then the step it ended at."""

COUNT, PRESSES, BURST, RATE = 32, 40, 60, 30
PAUSE = 0.12  # seconds between single presses, so that each is drawn before the next

#: Notes when the output of a cell arrives, and when a widget that is put on the page has been painted.
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
            if (/"msg_type": ?"(\\w+)"/.exec(start)?.[1] === 'execute_result') measured.output = at;
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
    measured.paints = [];
    measured.shown = [said.textContent];
    measured.pressed = 0; // frames in which keys arrived
    let pressed = false;
    window.addEventListener('keydown', event => {
        const before = said.textContent;
        pressed = true;
        window.afterPaint(at => {
            if (said.textContent !== before) measured.paints.push(at - event.timeStamp);
        });
    }, { capture: true });
    const look = () => {
        if (pressed) measured.pressed += 1;
        pressed = false;
        if (said.textContent !== measured.shown.at(-1)) measured.shown.push(said.textContent);
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


def weight(widget):
    """Count the bytes that the browser is sent of a widget."""
    from ipywidgets.widgets.widget import _remove_buffers

    state, _, buffers = _remove_buffers(widget.get_state())
    return len(json.dumps(state).encode()) + sum(len(memoryview(buffer).cast("B")) for buffer in buffers)


def there_and_back(first, last, count):
    """List so many steps, one after the other: on to the last, back to the first, and so on."""
    step, by, steps = first, 1, []
    for _ in range(count):
        if not 0 <= step + by <= last:
            by = -by
        step += by
        steps.append((step, "next" if by > 0 else "previous"))
    return steps


def press_all(page, keys, steps, pause):
    """Press the keys that lead to the steps, at an even pace."""
    start = time.perf_counter()
    for i, (_, key) in enumerate(steps):
        page.keyboard.press(keys[key])
        time.sleep(max(0, start + (i + 1) * pause - time.perf_counter()))


def measure(name, browser, jupyter, front):
    """Measure one widget, in a notebook of its own; give what a row of the table needs."""
    import nbformat

    from browser import new_page, open_lesson, run_all

    widget = make(name, COUNT)
    row = {"name": name, "made": time_to_make(name), "sent": weight(widget) / 1000}
    show = EXAMPLES[name]
    file = f"{name}.ipynb"
    nbformat.write(widgets_on_show.notebook([name], COUNT), jupyter.folder / "notebooks" / file)
    page = new_page(browser)
    page.add_init_script(BEFORE_LOADING)
    open_lesson(page, jupyter, file, front)
    run_all(page, jupyter, file)
    page.wait_for_function("measured.painted !== null")
    row["first"] = page.evaluate("measured.painted - measured.output")

    view = page.locator(root(name))
    view.evaluate(BEFORE_PRESSING)
    view.locator(show.control).first.focus()
    steps = there_and_back(getattr(widget, show.trait), show.last(widget), PRESSES)
    press_all(page, show.keys, steps, PAUSE)
    paints = page.evaluate("measured.paints")
    row["median"], row["ninety"] = statistics.median(paints), statistics.quantiles(paints, n=10)[-1]

    steps = there_and_back(steps[-1][0], show.last(widget), BURST)
    page.evaluate("() => { measured.shown = measured.shown.slice(-1); measured.pressed = 0; }")
    press_all(page, show.keys, steps, 1 / RATE)
    page.wait_for_timeout(1000)
    shown = page.evaluate("measured.shown")
    row["drawn"], row["of"] = len(shown) - 1, page.evaluate("measured.pressed")
    row["last"] = last_step(widget, show, shown[-1], steps[-1][0])
    jupyter.stop_kernels()
    page.context.close()
    return row


def time_to_make(name):
    """Measure, in milliseconds, how long Python takes to make a widget, the digits being there."""
    names = {}
    *lines, last = EXAMPLES[name].code.strip().splitlines()
    exec("\n".join([widgets_on_show.setup(COUNT), *lines]), names)
    eval(last, names)  # once to warm up
    began = time.perf_counter()
    eval(last, names)
    return 1000 * (time.perf_counter() - began)


def last_step(widget, show, sentence, wanted):
    """Say at which step the burst ended, and whether that was right."""
    sentences = [show.sentence(widget, step) for step in range(show.last(widget) + 1)]
    step = sentences.index(sentence) if sentence in sentences else "?"
    return f"{step}, right" if step == wanted else f"{step}, not {wanted}"


def main(words):
    """Measure the widgets that the command line names, and print a table."""
    from playwright.sync_api import sync_playwright

    from browser import Jupyter, launch

    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="widget", help="the widgets; all if none is named")
    parser.add_argument("--front", default="lab/tree", choices=["lab/tree", "notebooks"], help="JupyterLab, Notebook 7")
    asked = parser.parse_args(words)
    unknown = [name for name in asked.names if name not in EXAMPLES]
    if unknown:
        sys.exit(f"{unknown[0]} is no widget: expected some of {', '.join(EXAMPLES)}.")
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the kernels inherit it
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright, Jupyter(Path(place)) as jupyter:
        browser = launch(playwright)
        if browser is None:
            sys.exit("No browser was found: install Chromium, or set BPTEACH_BROWSER to the path of one.")
        print(HEAD)
        for name in asked.names or EXAMPLES:
            print(ROW.format(**measure(name, browser, jupyter, asked.front)), flush=True)
        browser.close()
    print(UNITS.format(presses=PRESSES, burst=BURST, rate=RATE))


if __name__ == "__main__":
    main(sys.argv[1:])
