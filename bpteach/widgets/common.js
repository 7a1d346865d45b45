// What all widgets share. Python puts this in front of each widget's own script.

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";

// --- elements and pictures

function made(space, tag, attributes, children) {
  const one = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.append(...children); // strings become text nodes, never markup
  return one;
}

// `element("p.note", { hidden: "" }, "Hello")` is a paragraph of the class bpteach-note; attributes may be left out.
function element(kind, ...children) {
  const [tag, ...names] = kind.split(".");
  const attributes = children[0]?.constructor === Object ? children.shift() : {};
  if (names.length) attributes.class = names.map((name) => `bpteach-${name}`).join(" ");
  return made(HTML, tag, attributes, children);
}

const button = (text) => element("button", { type: "button" }, text);
const picture = (attributes = {}) => made(SVG, "svg", { role: "img", ...attributes }, []);

// Makes the element that a mark describes; that of a group has marks of its own.
function drawn({ tag, text = [], marks = [], ...attributes }) {
  return made(SVG, tag, attributes, [marks.map(drawn), text].flat());
}

const shownIn = new WeakMap(); // the marks that a group shows

// Draws a picture of layers, which are lists of marks, each in a group: only a list that is new there is drawn again.
// 16 units of the box are the size of text.
function redraw(picture, { box, alt, layers }) {
  const attributes = { viewBox: box, width: `${box.split(" ")[2] / 16}em`, "aria-label": alt };
  for (const [name, value] of Object.entries(attributes))
    if (picture.getAttribute(name) !== value) picture.setAttribute(name, value); // else it would be laid out anew
  while (picture.children.length < layers.length) picture.append(drawn({ tag: "g" }));
  [...picture.children].forEach((group, i) => {
    if (shownIn.get(group) === layers[i]) return;
    shownIn.set(group, layers[i]);
    group.replaceChildren(...(layers[i] ?? []).map(drawn));
  });
}

// Text that a screen reader says when it changes.
function say(live, text) {
  if (live.textContent !== text) live.textContent = text;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// --- the widget

// The script of a widget: `build(view)` gives what stands in it, and has `view.watch` draw what changes.
function widget(build) {
  function render({ model, el }) {
    const ending = new AbortController();
    const { signal } = ending;
    const get = (trait) => model.get(trait);
    const view = {
      get,
      words: get("words"),
      offered: get("offered"), // for each trait that a link tells, all that can be chosen
      root: element("div", { class: `bpteach-widget bpteach-${get("kind")}`, lang: get("words").lang }),
      atEnd: (action) => signal.addEventListener("abort", action),
      on: (what, event, action, capture = false) => what.addEventListener(event, action, { capture, signal }),
      // Has keys do something, in place of what they would do.
      onKeys(what, actions) {
        view.on(what, "keydown", (event) => {
          if (!uses(event) || !actions[event.key]) return;
          event.preventDefault();
          actions[event.key]();
        });
      },
      // Does it now, and whenever the reader, Python or another view changes one of the traits.
      watch(traits, action) {
        for (const trait of traits) {
          model.on(`change:${trait}`, action);
          view.atEnd(() => model.off(`change:${trait}`, action));
        }
        action();
      },
      choose(changes) {
        for (const [trait, value] of Object.entries(changes)) model.set(trait, value);
        model.save_changes();
      },
    };
    view.link = linkTo(view);
    view.root.append(...build(view));
    el.append(view.root);
    keys(view);
    begin(view, signal);
    return () => ending.abort();
  }
  return { render };
}

// Does what has to wait until the widget is on the page.
function begin(view, signal) {
  if (signal.aborted) return;
  if (!view.root.isConnected) return requestAnimationFrame(() => begin(view, signal));
  hideStill(view);
  view.link.start();
}

// Lists the still pictures of the notebook up to the widget's own, right before it; none if it has none.
function stillsUpTo({ root }) {
  const all = (root.closest(".jp-Notebook") ?? root.getRootNode()).querySelectorAll(".bpteach-still, .bpteach-widget");
  const before = [...all].filter((each) => each.compareDocumentPosition(root) & Node.DOCUMENT_POSITION_FOLLOWING);
  const stills = before.filter((each) => each.matches(".bpteach-still"));
  return stills.at(-1) === before.at(-1) ? stills : [];
}

// Jupyter's pages have a rule of style for it (widget.py), other front ends lay out their outputs otherwise.
function hideStill(view) {
  const still = stillsUpTo(view).at(-1);
  if (!still) return;
  still.hidden = true;
  view.atEnd(() => (still.hidden = false));
}

// --- keys

const MOVING = /^( |Home|End|Arrow\w+|Page\w+)$/;
const MORE = { "button, [type=number]": /^Enter$/, select: /^(Enter|.)$/, ".bpteach-area": /^(Enter|Backspace)$/ };

// Whether the control that has the focus uses a key. All others are the front end's; Escape is not while there is
// something in the widget to let go.
function uses({ target, key, altKey, ctrlKey, metaKey, shiftKey }) {
  if (altKey || ctrlKey || metaKey || (shiftKey && key === "Enter")) return false;
  if (key === "Escape") return target.hasAttribute("data-bpteach-escape");
  return MOVING.test(key) || Object.entries(MORE).some(([kind, keys]) => target.matches(kind) && keys.test(key));
}

// Slides never hear of the keys that a control uses. JupyterLab and Notebook listen at the document, and leave alone a
// key whose element says so at that moment. Escape leads out, to the cell.
function keys({ root, on }) {
  const claim = (event) => {
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", uses(event));
  };
  on(window, "keydown", claim, true);
  on(root, "keydown", (event) => {
    if (uses(event)) event.stopPropagation();
    else if (event.key === "Escape") root.closest(".jp-Cell")?.focus();
  });
}

// --- the link to what is shown: `#widget=2&step=21` after a page's address is step 21 of its second widget

// In slides, what stands after the # is the slide; a page in a frame has no address that leads there.
const hasAddress = () =>
  /^(https?|file):$/.test(location.protocol) && window === window.top && !document.querySelector(".reveal");

// What stands after the #, also where the front end has dropped it since the page was opened.
function addressed() {
  const opened = new URL(performance.getEntriesByType("navigation")[0]?.name ?? "", location);
  return location.hash || (opened.pathname === location.pathname ? opened.hash : "");
}

// The button that copies the link, and what follows one. `tell()` gives what a link tells, `follow(told, said)` does
// it: what is on offer is `told`, of all that an address has `said`.
function linkTo(view) {
  const { words, offered, root } = view;
  const copy = button(words["copy link"]);
  const heard = element("output");
  const link = {
    element: element("span.buttons", copy, heard),
    tell: () => Object.fromEntries(Object.keys(offered).map((trait) => [trait, view.get(trait)])),
    follow: view.choose,
    start,
  };
  const number = () => stillsUpTo(view).length;

  // Goes where the address leads, if that is here.
  function arrive() {
    const said = new URLSearchParams(addressed().slice(1));
    if (Number(said.get("widget")) !== number()) return;
    window.bpteachArrived = addressed();
    const told = Object.entries(offered).map(([name, all]) => [name, all.find((each) => `${each}` === said.get(name))]);
    link.follow(Object.fromEntries(told.filter(([, value]) => value !== undefined)), said);
    root.closest("details")?.toggleAttribute("open", true);
    root.scrollIntoView();
    if (document.activeElement === document.body)
      root.querySelector("[type=range], select").focus({ preventScroll: true });
  }

  // Arrives once, not again when the cell runs again.
  function start() {
    if (!hasAddress() || !number()) return link.element.remove();
    if (window.bpteachArrived !== addressed()) arrive();
    view.on(window, "hashchange", arrive);
  }

  view.on(copy, "click", async () => {
    const told = Object.entries(link.tell()).map(([name, value]) => `&${name}=${encodeURI(value)}`);
    const address = new URL(`#widget=${number()}${told.join("")}`, location);
    address.searchParams.delete("token"); // the key to somebody's server
    try {
      await navigator.clipboard.writeText(address);
      say(heard, words.copied);
    } catch {
      prompt(words["copy by hand"], address);
    }
  });
  view.watch(Object.keys(offered), () => say(heard, ""));
  return link;
}

// --- controls that show a trait and set it, each in its label

function chooser(view, trait, label, options) {
  const select = element("select", ...options.map(([value, text]) => element("option", { value }, text)));
  view.on(select, "change", () => view.choose({ [trait]: options[select.selectedIndex][0] }));
  view.watch([trait], () => (select.value = view.get(trait)));
  return element("label", label, select);
}

function tickBox(view, trait, label) {
  const box = element("input", { type: "checkbox" });
  view.on(box, "change", () => view.choose({ [trait]: box.checked }));
  view.watch([trait], () => (box.checked = view.get(trait)));
  return element("label", box, label);
}

// A slider; `spoken(i)` says its place, which with `seen` stands beside it, too. `go(i)` may do other than go there.
function slider(view, { trait, label, spoken, seen, go = (i) => view.choose({ [trait]: i }) }) {
  const range = element("input", { type: "range", min: view.offered[trait][0], max: view.offered[trait].at(-1) });
  const value = element("span.value", { "aria-hidden": "true" });
  const show = () => {
    range.value = view.get(trait);
    range.setAttribute("aria-valuetext", spoken(view.get(trait)));
    value.textContent = seen ? range.getAttribute("aria-valuetext") : "";
  };
  view.on(range, "input", () => {
    go(Number(range.value));
    show();
  });
  view.watch([trait], show);
  return element("label", label, range, ...(seen ? [value] : []));
}

// The group of all controls; the size of the text is that of everything in the widget.
function controls(view, ...own) {
  const { words, get, root } = view;
  const options = get("text_sizes").map((size) => [size, String(size)]);
  const sizes = chooser(view, "text_size", words.size, options);
  view.watch(["text_size"], () => (root.style.fontSize = `${get("text_size")}px`));
  return element("div.controls", { role: "group", "aria-label": words.controls }, ...own, sizes, view.link.element);
}

// --- the player

// Steps through a row of pictures, whose place is a trait: a slider, or with `options` a list, Previous and Next, and
// where there is the trait `speeds` (value, words, milliseconds) Play, whose speed is the trait `speed`. Home and End
// lead to the first and the last, also from the buttons. `go(i, played)` may do other than go there. `sentence` says
// each picture.
function player(view, { trait, options, last, go, ...lead }) {
  const { words, get, on, onKeys, offered } = view;
  const speeds = get("speeds");
  const first = offered[trait][0];
  const end = last ?? (() => offered[trait].at(-1));
  go ??= (i) => view.choose({ [trait]: i });
  const [previous, next, playButton] = ["previous", "next", "play"].map((word) => button(words[word]));
  const buttons = [previous, next, ...(speeds ? [playButton] : [])];
  const sentence = element("p.sentence", { "aria-live": "polite" });
  let timer = null; // of the next step while it plays

  function to(i) {
    play(false);
    if (i >= first && i <= end()) go(i, false);
  }

  // Plays on, or stops.
  function play(isOn) {
    const pause = isOn && speeds.find(([value]) => value === get("speed"))[2];
    clearTimeout(timer);
    timer = isOn ? setTimeout(advance, pause) : null;
    say(playButton, isOn ? words.pause : words.play);
    sentence.setAttribute("aria-live", isOn && pause < 1000 ? "off" : "polite"); // nobody could listen that fast
  }

  function advance() {
    go(Math.min(get(trait) + 1, end()), true);
    if (timer !== null) play(get(trait) < end()); // nobody has stopped it
  }

  function toggle() {
    if (timer !== null) return play(false);
    if (get(trait) >= end()) go(first, true);
    play(end() > first);
  }

  function show() {
    previous.setAttribute("aria-disabled", get(trait) <= first);
    next.setAttribute("aria-disabled", get(trait) >= end());
  }

  const step = (by) => to(get(trait) + by);
  const moves = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => to(first), End: () => to(end()) };
  const label = options
    ? chooser(view, trait, lead.label, [...options.entries()])
    : slider(view, { trait, ...lead, go: to });
  const parts = [label, element("span.buttons", ...buttons)];
  if (speeds) {
    parts.push(chooser(view, "speed", words.speed, speeds));
    on(playButton, "click", toggle);
    onKeys(label.control, { " ": toggle });
    view.watch(["speed"], () => play(timer !== null));
  }
  buttons.forEach((each) => onKeys(each, moves));
  on(previous, "click", () => step(-1));
  on(next, "click", () => step(1));
  view.watch([trait], show);
  view.atEnd(() => clearTimeout(timer));
  return { controls: parts, sentence, range: label.control, say: (text) => say(sentence, text), show, moves, play, to };
}
