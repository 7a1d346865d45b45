// What all widgets share. Python puts this in front of each widget's own script.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children); // strings become text nodes, never markup
  return made;
}

// JupyterLab and Notebook leave the keys of an element alone only if the element itself says so; slides, if they never
// hear of them.
function control(tag, attributes, ...children) {
  const made = element(tag, { ...attributes, "data-lm-suppress-shortcuts": "true" }, ...children);
  made.addEventListener("keydown", (event) => event.stopPropagation());
  return made;
}

function drawn({ tag, text, ...attributes }) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.append(text);
  return made;
}

function choose(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

// Listens to the page (`on`) and to the model (`watch`), until `stop` ends it all.
function listening(model) {
  const ending = new AbortController();
  return {
    on: (what, event, action) => what.addEventListener(event, action, { signal: ending.signal }),
    watch: (traits, action) =>
      traits.forEach((trait) => {
        model.on(`change:${trait}`, action); // also when Python or another view makes the change
        ending.signal.addEventListener("abort", () => model.off(`change:${trait}`, action));
      }),
    atEnd: (action) => ending.signal.addEventListener("abort", action),
    stop: () => ending.abort(),
  };
}

// A labelled choice of the text size; it sets the size of everything in `root`.
function textSize(model, root, listen) {
  const options = model.get("text_sizes").map((size) => element("option", { value: size }, String(size)));
  const select = control("select", {}, ...options);
  const show = () => {
    select.value = model.get("text_size");
    root.style.fontSize = `${model.get("text_size")}px`;
  };
  listen.on(select, "change", () => choose(model, "text_size", Number(select.value)));
  listen.watch(["text_size"], show);
  show();
  return element("label", {}, model.get("words").size, select);
}

// Text that a screen reader says when it changes.
function say(live, text) {
  if (live.textContent !== text) live.textContent = text;
}
