// Brings the widgets of a page to life from their state, which stands in the page. Those of the lessons' package need of
// Jupyter no more than this; for others, the manager of Jupyter is loaded, with its 3.6 MB.
{
  const folder = new URL(".", document.currentScript.src);
  const read = (script) => JSON.parse(script.textContent);
  const find = (kind) => [...document.querySelectorAll(`[type="application/vnd.jupyter.widget-${kind}+json"]`)];
  const add = (tag, properties) => document.head.appendChild(Object.assign(document.createElement(tag), properties));

  // What a script sees of its widget: traits, which it gets and sets, and where it hears of changes.
  function modelOf({ state, buffers = [] }) {
    for (const { path, data } of buffers) {
      const holder = path.slice(0, -1).reduce((part, key) => part[key], state);
      holder[path.at(-1)] = new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt()).buffer);
    }
    const heard = new EventTarget();
    return {
      get: (trait) => state[trait],
      set(trait, value) {
        if (JSON.stringify(value) === JSON.stringify(state[trait])) return;
        state[trait] = value;
        heard.dispatchEvent(new Event(`change:${trait}`));
      },
      save_changes() {},
      on: (event, action) => heard.addEventListener(event, action),
      off: (event, action) => heard.removeEventListener(event, action),
    };
  }

  // Of each script, and style, of a kind of widget there is one.
  const scripts = new Map();
  function scriptOf({ _esm, _css }) {
    if (!scripts.has(_esm)) {
      add("style", { textContent: _css });
      scripts.set(_esm, import(URL.createObjectURL(new Blob([_esm], { type: "text/javascript" }))));
    }
    return scripts.get(_esm);
  }

  const models = new Map(); // one, too, for a widget that is shown twice
  async function show([script, widget]) {
    const module = await scriptOf(widget.state);
    if (!models.has(widget)) models.set(widget, modelOf(widget));
    const el = document.createElement("div");
    script.before(el);
    module.default.render({ model: models.get(widget), el });
  }

  function loadManager() {
    window.require = { paths: { anywidget: `${folder}anywidget` }, waitSeconds: 0 };
    window.__jupyter_widgets_assets_path__ = `${folder}widgets/`;
    for (const name of ["require", "widgets/embed-amd"])
      add("script", { src: `${folder}${name}.js`, async: false }).dataset.jupyterWidgetsCdn = folder;
  }

  const widgets = Object.assign({}, ...find("state").map((script) => read(script).state));
  const shown = find("view").map((script) => [script, widgets[read(script).model_id]]);
  if (shown.every(([, widget]) => widget?.state._anywidget_id?.startsWith("bpteach."))) shown.forEach(show);
  else loadManager();
}
