// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets.py.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// JupyterLab and Notebook leave the keys of an element alone only if the element itself says so.
function control(tag, attributes, ...children) {
  return element(tag, { ...attributes, "data-lm-suppress-shortcuts": "true" }, ...children);
}

function drawn({ tag, text, ...attributes }) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.append(text); // a text node, never markup
  return made;
}

function render({ model, el }) {
  const words = model.get("words");
  const frames = model.get("frames");
  const last = frames.length - 1;

  const previous = control("button", { type: "button" }, words.previous);
  const next = control("button", { type: "button" }, words.next);
  const range = control("input", { type: "range", min: 0, max: last, step: 1 });
  const own = control("input", { type: "checkbox" });
  const sizes = model.get("text_sizes").map((size) => element("option", { value: size }, String(size)));
  const size = control("select", {}, ...sizes);
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("role", "img");

  const root = element(
    "div",
    { class: "bpteach-delta-view" },
    element(
      "div",
      { class: "bpteach-controls", role: "group", "aria-label": words.controls },
      element("label", {}, words.example, range),
      element("span", { class: "bpteach-buttons" }, previous, next),
      element("label", {}, own, words.own),
      element("label", {}, words.size, size),
    ),
    sentence,
    picture,
  );

  function draw() {
    const index = model.get("example");
    const frame = frames[index];
    const view = frame.views[model.get("own_scale") ? 1 : 0];
    range.value = index;
    range.setAttribute("aria-valuetext", frame.position);
    previous.setAttribute("aria-disabled", index === 0);
    next.setAttribute("aria-disabled", index === last);
    own.checked = model.get("own_scale");
    size.value = model.get("text_size");
    root.style.fontSize = `${model.get("text_size")}px`;
    if (sentence.textContent !== frame.sentence) sentence.textContent = frame.sentence;
    picture.setAttribute("viewBox", frame.box);
    picture.setAttribute("aria-label", view.alt);
    picture.replaceChildren(...view.marks.map(drawn));
  }

  function choose(trait, value) {
    model.set(trait, value);
    model.save_changes();
  }

  function step(by) {
    const index = model.get("example") + by;
    if (index in frames) choose("example", index);
  }

  const listening = new AbortController();
  const listen = (what, event, action) => what.addEventListener(event, action, { signal: listening.signal });
  listen(range, "input", () => choose("example", Number(range.value)));
  listen(previous, "click", () => step(-1));
  listen(next, "click", () => step(1));
  listen(own, "change", () => choose("own_scale", own.checked));
  listen(size, "change", () => choose("text_size", Number(size.value)));

  const events = ["change:example", "change:own_scale", "change:text_size"];
  events.forEach((event) => model.on(event, draw)); // also when Python or another view makes the change
  draw();
  el.append(root);

  return () => {
    listening.abort();
    events.forEach((event) => model.off(event, draw));
  };
}

export default { render };
