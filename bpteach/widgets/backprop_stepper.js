// Draws what Python sends and steps through it: the story, which all examples share, and what each has of its own. Every
// number, place and word comes from bpteach/widgets/: see stepper_frames.py.

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

  // A ring around a neuron; with `terms`, the lines of its largest terms in place of the layer's.
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
  function lineOf([k, ...numbers], layer, here, place, { side, toBars }) {
    const there = story.layers[layer - 1 + side];
    const end = there.places[k] ?? place;
    const [left, from, right, to] = side > 0 ? [here, place, there, end] : [there, end, here, place];
    const d = `M${from[0] + left.side} ${from[1]}L${to[0] - (toBars ? right.inset : 0)} ${to[1]}`;
    const line = { tag: "path", d, "stroke-width": 2 };
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
  const cells = story.names.map((name) => {
    const cell = element("td");
    const mark = element("span", { class: "bpteach-mark", "aria-hidden": "true" });
    return { cell, mark, row: element("tr", {}, element("th", { scope: "row" }, mark, name), cell) };
  });
  const head = [words.name, words.value].map((word) => element("th", { scope: "col" }, word));
  const table = element(
    "table",
    { class: "bpteach-variables" },
    element("caption", {}, words.variables),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...cells.map(({ row }) => row)),
  );
  const show = (step) =>
    cells.forEach(({ cell, mark, row }, i) => {
      const changed = step.changed.includes(i);
      say(cell, step.cells[i] ?? "");
      say(mark, changed ? words.here : "");
      row.className = changed ? "bpteach-changed" : "";
    });
  return { root: table, show };
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

// --- all together

function render({ model, el }) {
  const words = model.get("words");
  const story = model.get("story");
  const last = story.steps.length; // steps are counted from 1, as their labels do
  const stepOf = () => story.steps[model.get("step") - 1];
  const listen = listening(model);
  const steps = player(model, listen, {
    trait: "step",
    label: words.step,
    first: 1,
    last,
    spoken: (i) => story.steps[i - 1].position,
    speeds: model.get("speeds"),
    go,
  });
  const jump = control("button", { type: "button", "aria-disabled": !story.backward }, words.jump);
  const columns = Object.keys(model.get("examples")).map((column) => [Number(column), column]);
  const column = columns.length > 1 ? [chooser(model, listen, "example", words.example, columns)] : [];
  const predict = tickBox(model, listen, "predict", words["predict first"]);
  const { root, controls } = shell(model, listen, "backprop-stepper", ...steps.controls, jump, predict, ...column);
  const message = element("p", { class: "bpteach-message" }, story.message);
  const note = element("p", { class: "bpteach-note" });
  const heard = element("p", { "aria-live": "polite", class: "bpteach-unseen" });
  const label = element("span", { class: "bpteach-title" });
  const set = element("span", { class: "bpteach-set" });
  const code = codeView(words, story);
  const network = networkView(words, story);
  const variables = variablesView(words, story);
  const sum = sumView(words, story, model);
  const quiz = quizView(words, listen, reveal);
  const middle = element("div", { class: "bpteach-middle" }, element("div", { class: "bpteach-equation" }, label, set), network.root);
  message.hidden = !story.message;
  steps.controls[0].classList.add("bpteach-steps");
  root.append(message, note, controls, quiz.root, steps.sentence);
  root.append(element("div", { class: "bpteach-columns" }, code.root, middle, sum.root, variables.root), heard);

  let pointed = null; // the neuron under the pointer
  let question = null; // the one that is asked, with `at`, the step held back, and `back`, what had the focus
  let equation = null; // the one that is set
  const answers = new Set(); // the questions that were answered

  const example = () => {
    const all = model.get("examples");
    return all[model.get("example")] ?? Object.values(all)[0];
  };
  const key = (at) => `${model.get("example")} ${at}`;

  // --- what is shown

  // The neuron whose sum is shown: under the pointer, asked for, chosen, or that with the largest number.
  function neuron() {
    if (pointed) return pointed;
    if (question?.neuron.length) return question.neuron;
    if (model.get("neuron").length) return model.get("neuron");
    const { latest } = stepOf();
    const j = latest < 0 ? -1 : example().events[latest].neuron;
    return j < 0 ? null : [story.events[latest].layer, j];
  }

  const eventOf = (shown) => (shown ? stepOf().layers[shown[0] - 1][3] : -1);

  function drawSum() {
    const shown = neuron();
    const event = eventOf(shown);
    const terms = sum.show(shown, example(), event);
    network.root.toggleAttribute("data-bpteach-escape", model.get("neuron").length > 0);
    if (question?.link.length && !pointed) network.ring(shown, { side: 1, toBars: true }, [question.link]);
    else network.ring(shown, story.events[event], pointed || model.get("neuron").length ? terms : []);
  }

  function drawEquation(step) {
    if (equation === step.equation) return;
    equation = step.equation;
    const found = story.equations[equation];
    label.textContent = found ? found.label : words["no equation"];
    set.replaceChildren(...(found ? [formula(found)] : []));
  }

  function draw() {
    const step = stepOf();
    const tail = step.event < 0 ? "." : example().events[step.event].tail;
    const text = tail === "." && step.sentence.endsWith(".") ? step.sentence : step.sentence + tail;
    steps.say(text);
    code.show(step);
    network.show(step, example());
    network.picture.setAttribute("aria-label", `${story.picture} ${text}`);
    variables.show(step);
    drawEquation(step);
    drawSum();
    note.textContent = example().note;
    note.hidden = !example().note;
    code.follow(); // at the end, when all that it has to measure is there
  }

  // --- stepping, and the questions that hold a step back

  function go(target, played) {
    const now = model.get("step");
    const held = model.get("predict") ? heldBack(now, target) : null;
    question = null;
    if (held !== null) {
      target = held - 1;
      steps.stop();
      const back = root.contains(document.activeElement) ? document.activeElement : steps.range;
      question = { ...example().questions[held], at: held, back };
    }
    choose(model, "step", target);
    if (question) quiz.ask(question, { grab: !played });
    else if (now !== target) idle();
    drawSum();
  }

  // The first step between `now` and `target` whose question waits for an answer.
  function heldBack(now, target) {
    const waiting = Object.keys(example().questions).map(Number).sort((a, b) => a - b);
    return waiting.find((at) => now < at && at <= target && !answers.has(key(at))) ?? null;
  }

  function reveal() {
    const { at, back } = question;
    answers.add(key(at));
    question = null;
    choose(model, "step", at);
    back.focus();
  }

  const idle = () => quiz.idle(heldBack(model.get("step"), last) !== null);

  function forget() {
    question = null;
    quiz.root.hidden = !model.get("predict");
    idle();
    drawSum();
  }

  // --- the neurons, by keyboard and by pointer

  function pick(shown) {
    choose(model, "neuron", shown);
    say(heard, shown.length ? sum.spoken(shown, example(), eventOf(shown)) : "");
  }
  // The neuron of another layer at the same height.
  function across([layer, j], by) {
    const to = story.layers[layer - 1 + by];
    if (!to || layer + by < 2) return [layer, j];
    const height = story.layers[layer - 1].places[j][1];
    const gaps = to.places.map((place) => Math.abs(place[1] - height));
    return [layer + by, gaps.indexOf(Math.min(...gaps))];
  }
  const moves = {
    ArrowUp: ([layer, j]) => [layer, Math.max(j - 1, 0)],
    ArrowDown: ([layer, j]) => [layer, Math.min(j + 1, story.layers[layer - 1].places.length - 1)],
    ArrowLeft: (from) => across(from, -1),
    ArrowRight: (from) => across(from, 1),
    Home: ([layer]) => [layer, 0],
    End: ([layer]) => [layer, story.layers[layer - 1].places.length - 1],
    Escape: () => [],
  };
  listen.on(network.root, "keydown", (event) => {
    if (!moves[event.key] || !uses(network.root, event)) return;
    const from = model.get("neuron").length ? model.get("neuron") : neuron();
    pick(from ? moves[event.key](from) : [story.layers.length, 0]);
    pointed = null;
    event.preventDefault();
    drawSum();
  });
  function point(to) {
    if (String(to) === String(pointed)) return;
    pointed = to;
    drawSum();
  }
  listen.on(network.root, "pointermove", (event) => point(network.near(event)));
  listen.on(network.root, "pointerleave", () => point(null));
  listen.on(network.root, "click", (event) => {
    const found = network.near(event);
    pick(found && String(found) !== String(model.get("neuron")) ? found : []);
    drawSum();
  });
  listen.on(code.root, "click", () => {
    if (getSelection().isCollapsed) steps.range.focus(); // from here the arrow keys step
  });
  listen.on(jump, "click", () => story.backward && steps.to(story.backward));
  steps.keys(jump);

  const sized = new ResizeObserver(code.follow); // also when it comes to the page
  sized.observe(code.root);
  listen.atEnd(() => sized.disconnect());
  listen.watch(["step", "examples", "example"], draw);
  listen.watch(["neuron"], drawSum);
  listen.watch(["predict", "example"], forget);
  draw();
  forget();
  el.append(root);

  return listen.stop;
}

export default { render };
