// The parts of the backprop stepper: each has its element, `root`, and shows a step.

const MATHML = "http://www.w3.org/1998/Math/MathML";

function maths([tag, ...children]) {
  const inside = children.map((child) => (typeof child === "string" ? child : maths(child)));
  return made(MATHML, tag, tag === "mo" ? { stretchy: "false" } : {}, inside);
}

function formula(equation) {
  const written = maths(["math", equation.math]);
  written.setAttribute("aria-label", equation.spoken);
  return written;
}

const minus = (text) => text.replaceAll("-", "−"); // Python writes numbers in ASCII
const rows = (packed) => (packed ? packed.split("|").map((row) => row.split(" ")) : []);

// Lines or terms of an event: those of an activation are told by the event of its z.
function told(story, example, i, part) {
  const { summedBy } = story.events[i];
  return example.events[summedBy < 0 ? i : summedBy][part];
}

// --- the code

function codeView(words, story) {
  const lines = story.code.map(([number, text, comment]) => {
    const style = `--bpteach-indent: ${(text + comment).search(/\S|$/)}ch`;
    const noted = element(comment.length < 12 ? "span.comment.short" : "span.comment", comment);
    const source = element("span.source", { style }, text, noted);
    return element("div.line-of-code", { "data-number": number }, source);
  });
  const root = element("div.code", { role: "group", tabindex: 0, "aria-label": words.code }, ...lines);
  let lit; // the line that has just run

  function show({ line, raised }) {
    lines.forEach((each, i) => {
      each.setAttribute("aria-current", i === line ? "step" : "false");
      each.classList.toggle("bpteach-raised", i === line && raised);
    });
    lit = lines[line];
  }

  // Scrolls to the line that is lit, and two on either side of it where there is room.
  function follow() {
    if (!lit) return;
    const [top, high, room] = [lit.offsetTop, lit.offsetHeight, root.clientHeight - lit.offsetHeight];
    const near = Math.max(Math.min(2 * high, room / 2), 0);
    const lowest = Math.min(top, top - room + near);
    root.scrollTop = Math.max(Math.min(root.scrollTop, top - near), lowest);
  }
  return { root, show, follow };
}

// --- the network

const OUTSIDE = [-100, -100]; // where neurons are for which there is no room

function networkView(words, story) {
  const network = picture({ preserveAspectRatio: "xMinYMin" });
  const root = element("div.network", { role: "application", tabindex: 0, "aria-label": words.neurons }, network);

  // Draws a step; a ring around a neuron; with `terms`, the lines of its largest terms in place of the layer's.
  function show({ step, example, text, neuron, event, terms }) {
    const lines = step.latest < 0 ? [] : told(story, example, step.latest, "lines");
    const layers = step.layers.flatMap(([a, delta, chips]) => [
      example.events[a]?.marks,
      example.events[delta]?.marks,
      story.drawings[chips],
    ]);
    const own = terms.map((term) => lineOf(term, neuron, event));
    const rings = neuron ? [ringAround(neuron)] : [];
    const behind = [terms.length ? [] : lines, own, story.fixed, example.fixed];
    const all = [...behind, ...layers, story.drawings[step.now], rings];
    redraw(network, { box: story.box, alt: `${story.picture} ${text}`, layers: all });
  }

  function ringAround([layer, j]) {
    const side = story.layers[layer - 1].side + 5;
    const [x, y] = story.layers[layer - 1].places[j] ?? OUTSIDE;
    return { tag: "rect", class: "bpteach-ring", rx: 2, x: x - 2.5, y: y - side / 2, width: side, height: side };
  }

  // The line of one term, from its left end to its right one, coloured by the sign of what it adds, or by none where
  // the reader is asked for it.
  function lineOf([k, ...numbers], [layer, j], { side, toBars, hasNoSign }) {
    const [here, there] = [layer - 1, layer - 1 + side].map((l) => story.layers[l]);
    const ends = [
      { ...here, place: here.places[j] ?? OUTSIDE },
      { ...there, place: there.places[k] ?? OUTSIDE },
    ];
    const [from, to] = side > 0 ? ends : ends.reverse();
    const d = `M${from.place[0] + from.side} ${from.place[1]}L${to.place[0] - (toBars ? to.inset : 0)} ${to.place[1]}`;
    const line = { tag: "path", d, "stroke-width": 2 };
    if (hasNoSign) return { ...line, class: "bpteach-ink" };
    if (!numbers.at(-1).startsWith("-")) return { ...line, class: "bpteach-up" };
    return { ...line, class: "bpteach-down", "stroke-dasharray": "5 3" };
  }

  // The neuron nearest to the pointer, if one is near.
  function near({ clientX, clientY }) {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(network.getScreenCTM().inverse());
    for (let l = 2; l <= story.layers.length; l++) {
      const { side, inset, places } = story.layers[l - 1];
      const isNear = ([left, middle]) =>
        x > left - inset - 3 && x < left + side + 3 && Math.abs(y - middle) < Math.max(side * 0.6, 3);
      const j = places.findIndex(isNear);
      if (j >= 0) return [l, j];
    }
    return null;
  }
  return { root, show, near };
}

// --- the sum of a neuron

function sumView({ words, get }, story) {
  const title = element("p.title");
  const equation = element("p");
  const table = element("table");
  const root = element("div.sum", element("div.head", title, equation), table);
  const nameOf = ([l, j]) => filled(words.neuron, { l, j, i: get("example") });
  const row = (kind, ...cells) => element("tr", { class: kind }, ...cells);
  const right = (text) => element("td", minus(text));
  const feetOf = (neuron, { events, labels }, event) =>
    rows(events[event]?.feet[neuron[1]]).map(([word, n, value]) => [word, labels[`${word} ${n}`], value]);

  // Shows the sum behind a neuron's number, the event that made it; gives the terms.
  function show(neuron, example, event) {
    title.textContent = neuron ? nameOf(neuron) : words["no neuron"];
    const feet = neuron ? feetOf(neuron, example, event) : [];
    const terms = neuron && event >= 0 ? rows(told(story, example, event, "terms")[neuron[1]]) : [];
    const isWritten = feet.length > 0 || terms.length > 0;
    const { formula: place, heads } = story.events[event] ?? {};
    equation.replaceChildren(...(isWritten ? [formula(story.equations[place])] : neuron ? [words["no sum"]] : []));
    const columns = terms.length ? heads.map((text) => element("th", { scope: "col" }, text)) : [];
    const body = [
      ...terms.map((term) => row("", ...term.map(right))),
      ...feet.map(([word, label, value]) =>
        row(`bpteach-foot-${word}`, element("th", { scope: "row", colspan: 3 }, label), right(value)),
      ),
    ];
    table.replaceChildren(element("thead", row("", ...columns)), element("tbody", ...body));
    return terms;
  }

  // What a screen reader says of it.
  function spoken(neuron, example, event) {
    const lines = feetOf(neuron, example, event).map(([, label, value]) => `${label} ${minus(value)}`);
    return [nameOf(neuron), ...(lines.length ? lines : [words["no sum"]])].join("; ");
  }
  return { root, show, spoken };
}

// --- the questions

function quizView({ words, on }, answered) {
  const text = element("p", { "aria-live": "polite" });
  const choices = element("div.buttons", { role: "group" });
  const score = element("span");
  const root = element("div.quiz", text, choices, " ", score);
  let asked = 0;
  let right = 0;

  // Asks a question; `grab` puts the focus on its first answer.
  function ask(question, { grab }) {
    say(text, question.text);
    const buttons = [...question.choices, [words["show me"], null]].map(([label, value]) => {
      const choice = button(label);
      on(choice, "click", () => answer(question, value));
      return choice;
    });
    choices.setAttribute("aria-label", question.text);
    choices.replaceChildren(...buttons);
    if (grab) buttons[0].focus();
  }

  function answer(question, value) {
    const isRight = value === question.answer;
    if (value !== null) {
      asked += 1;
      right += isRight;
      score.textContent = filled(words.score, { right, asked });
    }
    tell(value === null ? question.shown : isRight ? question.right : question.wrong[value]);
    answered(question);
  }

  function tell(words) {
    choices.replaceChildren();
    say(text, words);
  }
  return { root, ask, tell };
}
