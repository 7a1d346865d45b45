"""A front end of a few lines, in the place of JupyterLab and a kernel: it is there at once, and Python hears of all."""

import base64
import contextlib
import json

from browser import new_page, running
from conftest import once_a_week
from strategies import written

FRONTS = ["alone", once_a_week("lab/tree"), once_a_week("notebooks")]

#: Stands before each set-up: shows a widget twice, and below it what Python knows of it.
WATCHED = """
import ipywidgets

def watched(view, *names):
    seen = ipywidgets.Label()
    tell = lambda *_: setattr(seen, "value", " ".join(str(getattr(view, name)) for name in names))
    view.observe(tell)
    tell()
    return ipywidgets.VBox([view, view, seen])
"""

#: Leaves the widgets as much room as JupyterLab does.
HTML = """<!DOCTYPE html><main class=jp-WindowedPanel-outer></main><style>
main { position: fixed; inset: 91px 39px 30px 291px; padding: 0 15px 0 87px; overflow: auto; font-size: 13px }
</style>"""

LABEL = """export default { render({ model, el }) {
    const label = el.appendChild(Object.assign(document.createElement('div'), { className: 'widget-label' }));
    model.on('change:value', () => { label.textContent = model.get('value'); });
} }"""

#: Bytes have a beginning that is no multiple of four. `window.stop` ends the last view.
PAGE = """async ([packed, views]) => {
    const states = JSON.parse(packed);
    const bytes = text => Uint8Array.from(` ${atob(text)}`, letter => letter.charCodeAt(0));
    const unpacked = value => value?.base64 ? new DataView(bytes(value.base64).buffer, 1) : value;
    window.models = states.map((values, at) => {
        let unsaved = {};
        const listeners = new Set();
        const hear = (name, value) => {
            if (values[name] === value) return;
            values[name] = value;
            for (const [event, action] of [...listeners]) if (event === `change:${name}`) action();
        };
        return {
            listeners,
            hear,
            get: name => unpacked(values[name]),
            set: (name, value) => hear(name, unsaved[name] = value),
            on: (...what) => listeners.add(what),
            off: (...what) => listeners.forEach(each => each.some((is, i) => is !== what[i]) || listeners.delete(each)),
            async save_changes() {
                const answer = window.python(at, unsaved);
                unsaved = {};
                for (const [i, name, value] of await answer) models[i].hear(name, value);
            },
        };
    });
    const styles = new Set(states.map(state => state._css));
    document.head.append(Object.assign(document.createElement('style'), { textContent: [...styles].join('\\n') }));
    for (const at of views) {
        const module = await import(`data:text/javascript,${encodeURIComponent(states[at]._esm)}`);
        window.stop = module.default.render({ model: models[at], el: document.querySelector('main') });
    }
}"""


def show(page, names, *sources):
    """Show what the last line of each source gives; of a box, what is in it."""
    views, changed = [], []
    for source in sources:
        *lines, last = source.strip().splitlines()
        given = written("\n".join([*lines, f"given = {last}"]), "given", dict(names))
        views += getattr(given, "children", [given])
    widgets = list(dict.fromkeys(views))

    def hear(at, sent):
        changed.clear()
        widgets[at].set_state(sent)
        told = [(i, name, widgets[i].get_state(name)[name]) for i, name in changed]
        return [(i, name, value) for i, name, value in told if i != at or sent.get(name) != value]

    def state(at, widget):
        widget.observe(lambda change: changed.append((at, change["name"])), widget.keys)
        packed = lambda value: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value  # noqa: E731
        return {"_esm": LABEL, "_css": ""} | {name: packed(value) for name, value in widget.get_state().items()}

    page.expose_function("python", hear)
    page.set_content(HTML)
    states = json.dumps([*map(state, range(len(widgets)), widgets)])  # Playwright's own way is slow
    page.evaluate(PAGE, [states, [widgets.index(view) for view in views]])
    return page


def opened_in(request, name, setup, *sources):
    """Open a page with widgets in the front end that `request` asks for; `page.names` is what the set-up makes."""
    chromium, cells, names = request.getfixturevalue("chromium"), [WATCHED + setup, *sources], {}
    exec(cells[0], names)
    if request.param == "alone":
        showing = contextlib.nullcontext(show(new_page(chromium), names, *sources))
    else:
        showing = running(chromium, request.getfixturevalue("jupyter"), name, cells, request.param)
    with showing as page:
        page.names = names
        yield page
