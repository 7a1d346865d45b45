// What all widgets share. Python puts this in front of each widget's own script.

const SVG = "http://www.w3.org/2000/svg";

// --- elements

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children); // strings become text nodes, never markup
  return made;
}

function drawn({ tag, text, ...attributes }) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.append(text);
  return made;
}

// Draws a picture anew: `box` and `alt` may stay as they are.
function redraw(picture, { box, alt, marks }) {
  if (box) picture.setAttribute("viewBox", box);
  if (alt) picture.setAttribute("aria-label", alt);
  picture.replaceChildren(...marks.map(drawn));
}

// What can take the focus. Slides never hear of the keys that it uses. Escape leads out, to the cell.
function control(tag, attributes, ...children) {
  const made = element(tag, { ...attributes, "data-bpteach-control": "" }, ...children);
  made.addEventListener("keydown", (event) => {
    if (uses(made, event)) event.stopPropagation();
    else if (event.key === "Escape") made.closest(".jp-Cell")?.focus();
  });
  return made;
}

const MOVING = /^( |Home|End|Arrow\w+|Page\w+)$/;
const MORE = { button: /^Enter$/, select: /^(Enter|.)$/, ".bpteach-area": /^(Enter|Backspace)$/ };

// All other keys are the front end's; Escape is not while there is something in the widget to let go.
function uses(made, { key, altKey, ctrlKey, metaKey, shiftKey }) {
  if (altKey || ctrlKey || metaKey || (shiftKey && key === "Enter")) return false;
  if (key === "Escape") return made.hasAttribute("data-bpteach-escape");
  return MOVING.test(key) || Object.entries(MORE).some(([kind, keys]) => made.matches(kind) && keys.test(key));
}

// JupyterLab and Notebook listen at the document, and leave alone a key whose element says so at that moment.
function claim(event) {
  const { target } = event;
  if (!target.hasAttribute?.("data-bpteach-control")) return;
  target.toggleAttribute("data-lm-suppress-shortcuts", uses(target, event));
}

// --- the model and the page

function choose(model, trait, value) {
  model.set(trait, value);
  model.save_changes();
}

// Listens to the page (`on`) and to the model (`watch`), until `stop` ends it all.
function listening(model) {
  const ending = new AbortController();
  window.addEventListener("keydown", claim, { capture: true, signal: ending.signal });
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

// Text that a screen reader says when it changes.
function say(live, text) {
  if (live.textContent !== text) live.textContent = text;
}

// --- controls that show a trait and set it, each in its label

function chooser(model, listen, trait, label, options) {
  const select = control("select", {}, ...options.map(([value, text]) => element("option", { value }, text)));
  const show = () => (select.value = model.get(trait));
  listen.on(select, "change", () => choose(model, trait, options[select.selectedIndex][0]));
  listen.watch([trait], show);
  show();
  return element("label", {}, label, select);
}

function tickBox(model, listen, trait, label) {
  const box = control("input", { type: "checkbox" });
  const show = () => (box.checked = model.get(trait));
  listen.on(box, "change", () => choose(model, trait, box.checked));
  listen.watch([trait], show);
  show();
  return element("label", {}, box, label);
}

// A slider; `spoken(i)` says its place, which with `seen` stands beside it, too.
function slider(model, listen, { trait, label, first, last, spoken, seen, go = (i) => choose(model, trait, i) }) {
  const range = control("input", { type: "range", min: first ?? 0, max: last, step: 1 });
  const value = element("span", { class: "bpteach-value", "aria-hidden": "true" });
  const show = () => {
    range.value = model.get(trait);
    range.setAttribute("aria-valuetext", spoken(model.get(trait)));
    if (seen) value.textContent = spoken(model.get(trait));
  };
  listen.on(range, "input", () => go(Number(range.value)));
  listen.watch([trait], show);
  show();
  return { range, show, label: element("label", {}, label, range, ...(seen ? [value] : [])) };
}

// The choice of the text size; it sets the size of everything in `root`.
function textSize(model, root, listen) {
  const show = () => (root.style.fontSize = `${model.get("text_size")}px`);
  listen.watch(["text_size"], show);
  show();
  const options = model.get("text_sizes").map((size) => [size, String(size)]);
  return chooser(model, listen, "text_size", model.get("words").size, options);
}

// Hides the still picture before a live one, once that is on the page: Jupyter's pages have a rule of style for it
// (widget.py), other front ends lay out their outputs otherwise.
function hideStill(root, listen) {
  const before = (still) => still.compareDocumentPosition(root) & Node.DOCUMENT_POSITION_FOLLOWING;
  const placed = new ResizeObserver(() => {
    let stills = [];
    for (let around = root; around && !stills.length; around = around.parentElement)
      stills = [...around.querySelectorAll(".bpteach-still")].filter(before);
    if (!stills.length) return;
    stills.at(-1).hidden = true;
    listen.atEnd(() => (stills.at(-1).hidden = false));
    placed.disconnect();
  });
  placed.observe(root);
  listen.atEnd(() => placed.disconnect());
}

// The outermost element, and the controls, the text size last.
function shell(model, listen, name, ...controls) {
  const root = element("div", { class: `bpteach-widget bpteach-${name}` });
  hideStill(root, listen);
  const group = { class: "bpteach-controls", role: "group", "aria-label": model.get("words").controls };
  return { root, controls: element("div", group, ...controls, textSize(model, root, listen)) };
}

// --- the player

// Steps through a row of pictures, whose place is a trait: a slider, or with `options` a list, Previous and Next, and
// with `speeds` (value, words, milliseconds) Play, whose speed is the trait `speed`. Home and End lead to the first and
// the last, also from the buttons. `go(i, played)` may do other than go there. `sentence` says each picture.
function player(model, listen, { trait, first = 0, last, options, speeds, go, ...more }) {
  go ??= (i) => choose(model, trait, i);
  const words = model.get("words");
  const [previous, next, play] = ["previous", "next", "play"].map((word) =>
    control("button", { type: "button" }, words[word]),
  );
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const end = () => (typeof last === "function" ? last() : last);
  const to = (i) => {
    stop();
    if (i >= first && i <= end()) go(i, false);
    show();
  };
  const step = (by) => to(model.get(trait) + by);
  const lead = options
    ? { label: chooser(model, listen, trait, more.label, options.map((text, i) => [i, text])), show: () => {} }
    : slider(model, listen, { trait, first, last: end(), go: to, ...more });

  let timer = null; // of the next step while it plays

  function show() {
    lead.show();
    previous.setAttribute("aria-disabled", model.get(trait) <= first);
    next.setAttribute("aria-disabled", model.get(trait) >= end());
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    say(play, words.play);
    sentence.setAttribute("aria-live", "polite");
  }

  function start() {
    const pause = speeds.find(([value]) => value === model.get("speed"))[2];
    clearTimeout(timer);
    timer = setTimeout(advance, pause);
    say(play, words.pause);
    sentence.setAttribute("aria-live", pause < 1000 ? "off" : "polite"); // nobody could listen that fast
  }

  function advance() {
    go(Math.min(model.get(trait) + 1, end()), true);
    if (timer === null) return; // it was stopped
    if (model.get(trait) >= end()) stop();
    else start();
  }

  function toggle() {
    if (timer !== null) return stop();
    if (model.get(trait) >= end()) go(first, true);
    if (end() > first) start();
  }

  const moves = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => to(first), End: () => to(end()) };
  // Lets these keys step from a button, too.
  const keys = (button) =>
    listen.on(button, "keydown", (event) => {
      if (!moves[event.key]) return;
      event.preventDefault();
      moves[event.key]();
    });
  const buttons = [previous, next, ...(speeds ? [play] : [])];
  buttons.forEach(keys);
  listen.on(previous, "click", () => step(-1));
  listen.on(next, "click", () => step(1));
  listen.watch([trait], show);
  const controls = [lead.label, element("span", { class: "bpteach-buttons" }, ...buttons)];
  if (speeds) {
    controls.push(chooser(model, listen, "speed", words.speed, speeds));
    listen.on(play, "click", toggle);
    listen.on(lead.range, "keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      toggle();
    });
    listen.watch(["speed"], () => timer !== null && start());
  }
  listen.atEnd(() => clearTimeout(timer));
  show();
  return { controls, sentence, range: lead.range, say: (text) => say(sentence, text), show, keys, stop, to, step };
}
