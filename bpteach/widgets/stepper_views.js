// The parts of the backprop stepper: each has its element, `root`, and shows a step.

const MATHML = "http://www.w3.org/1998/Math/MathML";

function maths([tag, ...children]) {
  const made = document.createElementNS(MATHML, tag);
  if (tag === "mo") made.setAttribute("stretchy", "false");
  made.append(...children.map((child) => (typeof child === "string" ? child : maths(child))));
  return made;
}

function formula(equation) {
  const made = maths(["math", equation.math]);
  made.setAttribute("aria-label", equation.spoken);
  return made;
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const minus = (text) => text.replaceAll("-", "−"); // Python writes numbers in ASCII
const rows = (packed) => (packed ? packed.split("|").map((row) => row.split(" ")) : []);

// Lines or terms of an event: those of an activation are told by the event of its z.
function told(story, example, i, part) {
  const { summedBy } = story.events[i];
  return example.events[summedBy < 0 ? i : summedBy][part];
}

// --- the code

function codeView(words, story) {
  const lines = story.code.map(([number, text, comment]) =>
    element(
      "div",
      { class: "bpteach-line-of-code" },
      element("span", { class: "bpteach-mark", "aria-hidden": "true" }),
      element("span", { class: "bpteach-number" }, String(number)),
      element(
        "span", // front ends give <code> a size of its own
        { class: "bpteach-source", style: `--bpteach-indent: ${(text + comment).search(/\S|$/)}ch` },
        text,
        element("span", { class: `bpteach-comment${comment.length < 12 ? " bpteach-short" : ""}` }, comment),
      ),
    ),
  );
  const root = control("div", { class: "bpteach-code", role: "group", tabindex: 0, "aria-label": words.code }, ...lines);
  let lit = null;
  const show = (step) =>
    lines.forEach((line, i) => {
      const sign = i !== step.line ? "" : words[step.raised ? "raised here" : "here"];
      line.classList.toggle("bpteach-lit", sign !== "");
      line.classList.toggle("bpteach-raised", sign !== "" && step.raised);
      line.setAttribute("aria-current", sign === "" ? "false" : "step");
      say(line.firstChild, sign);
      if (sign) lit = line;
    });

  // Scrolls to the line that is lit, and two on either side of it.
  function follow() {
    if (!lit) return;
    const [top, near] = [lit.offsetTop, 2 * lit.offsetHeight];
    const lowest = top + lit.offsetHeight + near - root.clientHeight;
    const wanted = Math.max(Math.min(root.scrollTop, top - near), lowest);
    if (wanted !== root.scrollTop) root.scrollTop = wanted;
  }
  return { root, show, follow };
}

// --- the network

function networkView(words, story) {
  const group = () => drawn({ tag: "g" });
  const layers = story.layers.map(() => [group(), group(), group()]);
  const [fixed, example, lines, own, now] = [group(), group(), group(), group(), group()];
  const frame = drawn({ tag: "rect", class: "bpteach-ring", rx: 2 });
  const picture = drawn({ tag: "svg", role: "img", viewBox: story.box, preserveAspectRatio: "xMinYMin" });
  fixed.append(...story.fixed.map(drawn));
  picture.append(lines, own, fixed, example, ...layers.flat(), now, frame);
  const root = control(
    "div",
    { class: "bpteach-network", role: "application", tabindex: 0, "aria-label": words.neurons },
    picture,
  );

  const held = new Map(); // what each group shows, so that only what changes is drawn again
  function fill(slot, marks = []) {
    if (held.get(slot) === marks) return;
    held.set(slot, marks);
    slot.replaceChildren(...marks.map(drawn));
  }

  function show(step, shown) {
    fill(example, shown.fixed);
    fill(lines, step.latest < 0 ? [] : told(story, shown, step.latest, "lines"));
    fill(now, story.drawings[step.now]);
    step.layers.forEach(([a, delta, chips], i) => {
      fill(layers[i][0], shown.events[a]?.marks);
      fill(layers[i][1], shown.events[delta]?.marks);
      fill(layers[i][2], story.drawings[chips]);
    });
  }

  // A ring around a neuron; with `terms`, the lines of its largest terms in place of the layer's. They are coloured by
  // the signs of what they add, or by none, where the reader is asked for it.
  function ring(neuron, event, terms) {
    frame.setAttribute("visibility", neuron ? "visible" : "hidden");
    lines.setAttribute("visibility", terms.length ? "hidden" : "visible");
    if (!neuron) return own.replaceChildren();
    const here = story.layers[neuron[0] - 1];
    const place = here.places[neuron[1]] ?? [-100, -100];
    const side = here.side + 5;
    const box = { x: place[0] - 2.5, y: place[1] - side / 2, width: side, height: side };
    Object.entries(box).forEach(([name, value]) => frame.setAttribute(name, value));
    own.replaceChildren(...terms.map((term) => drawn(lineOf(term, neuron[0], here, place, event))));
  }

  // The line of one term, from its left end to its right one.
  function lineOf([k, ...numbers], layer, here, place, { side, toBars, hasNoSign }) {
    const there = story.layers[layer - 1 + side];
    const end = there.places[k] ?? place;
    const [left, from, right, to] = side > 0 ? [here, place, there, end] : [there, end, here, place];
    const d = `M${from[0] + left.side} ${from[1]}L${to[0] - (toBars ? right.inset : 0)} ${to[1]}`;
    const line = { tag: "path", d, "stroke-width": 2 };
    if (hasNoSign) return { ...line, class: "bpteach-ink" };
    if (!numbers.at(-1).startsWith("-")) return { ...line, class: "bpteach-up" };
    return { ...line, class: "bpteach-down", "stroke-dasharray": "5 3" };
  }

  // The neuron nearest to the pointer, if one is near.
  function near(pointer) {
    const { x, y } = new DOMPoint(pointer.clientX, pointer.clientY).matrixTransform(picture.getScreenCTM().inverse());
    for (let l = 2; l <= story.layers.length; l++) {
      const { side, inset, places } = story.layers[l - 1];
      const isNear = ([left, middle]) =>
        x > left - inset - 3 && x < left + side + 3 && Math.abs(y - middle) < Math.max(side * 0.6, 3);
      const j = places.findIndex(isNear);
      if (j >= 0) return [l, j];
    }
    return null;
  }

  return { root, picture, show, ring, near };
}

// --- the variables

function variablesView(words, story) {
  const shown = story.names.map((name) => {
    const value = element("dd");
    const mark = element("span", { class: "bpteach-mark", "aria-hidden": "true" });
    return { value, mark, row: element("div", {}, element("dt", {}, mark, name), value) };
  });
  const title = element("p", { class: "bpteach-title" }, words.variables);
  const list = element("dl", {}, ...shown.map(({ row }) => row));
  const show = (step) =>
    shown.forEach(({ value, mark, row }, i) => {
      const changed = step.changed.includes(i);
      say(value, step.cells[i] ?? "");
      say(mark, changed ? words.here : "");
      row.className = changed ? "bpteach-changed" : "";
    });
  return { root: element("div", { class: "bpteach-variables" }, title, list), show };
}

// --- the sum of a neuron

function sumView(words, story, model) {
  const title = element("p", { class: "bpteach-title" });
  const equation = element("p", { class: "bpteach-formula" });
  const table = element("table", {});
  const head = element("div", { class: "bpteach-head" }, title, equation);
  const root = element("div", { class: "bpteach-sum" }, head, table);
  const name = ([l, j]) => filled(words.neuron, { l, j, i: model.get("example") });
  const right = (text) => element("td", {}, minus(text));
  const feetOf = (neuron, { events, labels }, event) =>
    rows(events[event]?.feet[neuron[1]]).map(([word, n, value]) => [word, labels[`${word} ${n}`], value]);

  // Shows the sum behind a neuron's number, the event that made it; gives the terms.
  function show(neuron, example, event) {
    title.textContent = neuron ? name(neuron) : words["no neuron"];
    const feet = neuron ? feetOf(neuron, example, event) : [];
    const terms = neuron && event >= 0 ? rows(told(story, example, event, "terms")[neuron[1]]) : [];
    const isWritten = feet.length > 0 || terms.length > 0;
    const { formula: place, heads } = story.events[event] ?? {};
    equation.replaceChildren(...(isWritten ? [formula(story.equations[place])] : neuron ? [words["no sum"]] : []));
    const columns = terms.length ? heads.map((text) => element("th", { scope: "col" }, text)) : [];
    const body = [
      ...terms.map((row) => element("tr", {}, ...row.map(right))),
      ...feet.map(([word, label, value]) =>
        element(
          "tr",
          { class: `bpteach-foot-${word}` },
          element("th", { scope: "row", colspan: 3 }, label),
          right(value),
        ),
      ),
    ];
    table.replaceChildren(element("thead", {}, element("tr", {}, ...columns)), element("tbody", {}, ...body));
    return terms;
  }

  // What a screen reader says of it.
  function spoken(neuron, example, event) {
    const lines = feetOf(neuron, example, event).map(([, label, value]) => `${label} ${minus(value)}`);
    return [name(neuron), ...(lines.length ? lines : [words["no sum"]])].join("; ");
  }
  return { root, show, spoken };
}

// --- the questions

function quizView(words, listen, answered) {
  const text = element("p", { "aria-live": "polite" });
  const choices = element("div", { class: "bpteach-buttons", role: "group" });
  const score = element("span", {});
  const root = element("div", { class: "bpteach-quiz" }, text, choices, score);
  let asked = 0;
  let right = 0;

  const idle = (isMore) => {
    choices.replaceChildren();
    say(text, isMore ? words.idle : words["no more"]);
  };
  function ask(question, { grab }) {
    say(text, question.text);
    const buttons = [...question.choices, [words["show me"], null]].map(([label, value]) => {
      const button = control("button", { type: "button" }, label);
      listen.on(button, "click", () => answer(question, value));
      return button;
    });
    choices.setAttribute("aria-label", question.text);
    choices.replaceChildren(...buttons);
    if (grab) buttons[0].focus();
  }
  function answer(question, value) {
    if (value !== null) {
      asked += 1;
      right += value === question.answer;
    }
    const { shown, right: praise, wrong } = question;
    score.textContent = asked ? filled(words.score, { right, asked }) : "";
    choices.replaceChildren();
    say(text, value === null ? shown : value === question.answer ? praise : wrong[value]);
    answered(question);
  }
  return { root, ask, idle };
}
