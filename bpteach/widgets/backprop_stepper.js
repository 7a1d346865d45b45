// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/: from
// stepper_frames.py and what it uses (story.py, sums.py, equations.py, network_picture.py, questions.py).

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
// What an event shares with one before it is given by the number of that one.
function shared(events, i, part) {
  const found = events[i][part];
  return typeof found === "number" ? shared(events, found, part) : found;
}

const footWords = (words, word, count) => filled(words[`foot ${word}${count === "1" ? " one" : ""}`], { count });
const rows = (packed) => (packed ? packed.split("|").map((row) => row.split(" ")) : []);

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
  const root = element("div", { class: "bpteach-code", role: "group", "aria-label": words.code }, ...lines);
  let lit = null;
  const show = (step) => {
    if (lit) {
      lit.className = "bpteach-line-of-code";
      lit.removeAttribute("aria-current");
      lit.firstChild.textContent = "";
    }
    lit = lines[step.line];
    if (!lit) return;
    lit.className = `bpteach-line-of-code bpteach-lit${step.raised ? " bpteach-raised" : ""}`;
    lit.setAttribute("aria-current", "step");
    lit.firstChild.textContent = words[step.raised ? "raised here" : "here"];
  };
  return { root, show };
}

// --- the network

function networkView(words, story) {
  const group = () => drawn({ tag: "g" });
  const slots = { example: group(), lines: group(), own: group(), now: group(), ring: drawn({ tag: "rect" }) };
  const layers = story.layers.map(() => [group(), group(), group()]);
  const fixed = group();
  fixed.append(...story.fixed.map(drawn));
  const picture = drawn({ tag: "svg", role: "img", viewBox: story.box });
  picture.append(slots.lines, slots.own, fixed, slots.example, ...layers.flat(), slots.now, slots.ring);
  slots.ring.setAttribute("class", "bpteach-ring");
  slots.ring.setAttribute("rx", 2);
  const root = control(
    "div",
    { class: "bpteach-network", role: "application", tabindex: 0, "aria-label": words.neurons },
    picture,
  );

  const held = new Map(); // what each group shows, so that only what changes is drawn again
  function fill(slot, marks) {
    if (held.get(slot) === marks) return;
    held.set(slot, marks);
    slot.replaceChildren(...marks.map(drawn));
  }
  const none = [];
  const marksOf = (example, event) => (event < 0 ? none : example.events[event].marks);

  function show(step, example) {
    fill(slots.example, example.fixed);
    fill(slots.lines, step.latest < 0 ? none : shared(example.events, step.latest, "lines"));
    fill(slots.now, story.drawings[step.now]);
    step.layers.forEach(([a, delta, chips], i) => {
      fill(layers[i][0], marksOf(example, a));
      fill(layers[i][1], marksOf(example, delta));
      fill(layers[i][2], story.drawings[chips]);
    });
  }

  // A ring around a neuron; with `event`, the lines of its largest terms in place of the layer's.
  function ring(neuron, event, terms) {
    slots.ring.setAttribute("visibility", neuron ? "visible" : "hidden");
    slots.lines.setAttribute("visibility", terms.length ? "hidden" : "visible");
    if (!neuron) return slots.own.replaceChildren();
    const [layer, j] = neuron;
    const here = story.layers[layer - 1];
    const [x, y] = here.places[j] ?? [-100, -100];
    const side = here.side + 5;
    Object.entries({ x: x - 2.5, y: y - side / 2, width: side, height: side }).forEach(([name, value]) =>
      slots.ring.setAttribute(name, value),
    );
    const there = story.layers[layer - 1 + (event?.side ?? -1)];
    const paths = terms.map(([k, ...numbers]) => {
      const end = there.places[k] ?? [x, y];
      const [left, from, right, to] = event.side > 0 ? [here, [x, y], there, end] : [there, end, here, [x, y]];
      const inset = event.toBars ? right.inset : 0;
      const d = `M${from[0] + left.side} ${from[1]}L${to[0] - inset} ${to[1]}`;
      const negative = numbers.at(-1).startsWith("-");
      const dashes = negative ? { "stroke-dasharray": "5 3" } : {};
      return { tag: "path", class: negative ? "bpteach-down" : "bpteach-up", d, "stroke-width": 2, ...dashes };
    });
    slots.own.replaceChildren(...paths.map(drawn));
  }

  // The neuron nearest to the pointer, if one is near.
  function near(pointer) {
    const box = picture.getBoundingClientRect();
    const scale = picture.viewBox.baseVal.width / box.width;
    const [x, y] = [(pointer.clientX - box.left) * scale, (pointer.clientY - box.top) * scale];
    for (let l = 2; l <= story.layers.length; l++) {
      const { side, inset, places } = story.layers[l - 1];
      const j = places.findIndex(
        ([left, middle]) => x > left - inset - 3 && x < left + side + 3 && Math.abs(y - middle) < Math.max(side * 0.6, 3),
      );
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
    {},
    element("caption", {}, words.variables),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...cells.map(({ row }) => row)),
  );
  const show = (step) =>
    cells.forEach(({ cell, mark, row }, i) => {
      const text = step.cells.length ? story.texts[step.cells[i]] : "";
      const changed = step.changed.includes(i);
      if (cell.textContent !== text) cell.textContent = text;
      mark.textContent = changed ? words.here : "";
      row.className = changed ? "bpteach-changed" : "";
    });
  return { root: table, show };
}

// --- the sum of a neuron

function sumView(words, story, model) {
  const title = element("p", { class: "bpteach-title" });
  const equation = element("p", { class: "bpteach-formula" });
  const table = element("table", {});
  const root = element("div", { class: "bpteach-sum" }, title, equation, table);
  const name = ([l, j]) =>
    filled(words[story.columns > 1 ? "sum of column" : "sum of"], { l, j, i: model.get("example") });
  const cell = (text, attributes = {}) => element("td", attributes, minus(text));

  function show(neuron, event, events, i) {
    const found = events[i];
    title.textContent = neuron ? name(neuron) : words["no neuron"];
    const feet = neuron && found ? rows(found.feet[neuron[1]]) : [];
    const packed = neuron && found ? shared(events, i, "terms") : [];
    const terms = packed.length ? rows(packed[neuron[1]]) : [];
    equation.replaceChildren(
      ...(feet.length || terms.length ? [formula(story.equations[event.formula])] : neuron ? [words["no sum"]] : []),
    );
    const head = terms.length ? event.heads.map((text) => element("th", { scope: "col" }, text)) : [];
    table.replaceChildren(
      element("thead", {}, element("tr", {}, ...head)),
      element(
        "tbody",
        {},
        ...terms.map((row) => element("tr", {}, ...row.map((text) => cell(text)))),
        ...feet.map(([word, count, value]) =>
          element(
            "tr",
            { class: `bpteach-foot-${word}` },
            element("th", { scope: "row", colspan: 3 }, footWords(words, word, count)),
            cell(value),
          ),
        ),
      ),
    );
    return terms;
  }

  // What a screen reader says of it.
  function spoken(neuron, found) {
    const lines = (found ? rows(found.feet[neuron[1]]) : []).map(
      ([word, count, value]) => `${footWords(words, word, count)} ${minus(value)}`,
    );
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

  const idle = () => {
    choices.replaceChildren();
    say(text, words.idle);
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
    const kind = value === null ? "shown" : value === question.answer ? "right" : "wrong";
    score.textContent = asked ? filled(words.score, { right, asked }) : "";
    choices.replaceChildren();
    say(text, question[kind]);
    answered(question);
  }
  return { root, ask, idle };
}

// --- all together

function render({ model, el }) {
  const words = model.get("words");
  const story = model.get("story");
  const last = story.steps.length - 1;
  const listen = listening(model);
  const button = (word) => control("button", { type: "button" }, words[word]);

  const range = control("input", { type: "range", min: 0, max: last, step: 1 });
  const [back, forward, play, jump] = ["back", "forward", "play", "jump"].map(button);
  const speed = control("select", {}, ...words.speeds.map(([value, label]) => element("option", { value }, label)));
  const predict = control("input", { type: "checkbox" });
  const columns = Object.keys(model.get("examples"));
  const column = control("select", {}, ...columns.map((value) => element("option", { value }, value)));
  const message = element("p", { class: "bpteach-message" });
  const note = element("p", { class: "bpteach-note" });
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const heard = element("p", { "aria-live": "polite", class: "bpteach-unseen" });
  const label = element("span", { class: "bpteach-title" });
  const set = element("span", { class: "bpteach-set" });
  const code = codeView(words, story);
  const network = networkView(words, story);
  const variables = variablesView(words, story);
  const sum = sumView(words, story, model);
  const quiz = quizView(words, listen, reveal);

  const root = element("div", { class: "bpteach-widget bpteach-backprop-stepper" });
  const controls = element(
    "div",
    { class: "bpteach-controls", role: "group", "aria-label": words.controls },
    element("label", { class: "bpteach-steps" }, words.step, range),
    element("span", { class: "bpteach-buttons" }, back, forward, play),
    element("label", {}, words["speed label"], speed),
    jump,
    element("label", {}, predict, words["predict first"]),
    ...(columns.length > 1 ? [element("label", {}, words.example, column)] : []),
    textSize(model, root, listen),
  );
  root.append(
    message,
    note,
    controls,
    quiz.root,
    sentence,
    element(
      "div",
      { class: "bpteach-columns" },
      code.root,
      element("div", {}, element("div", { class: "bpteach-equation" }, label, set), network.root),
      element("div", { class: "bpteach-details" }, sum.root, variables.root),
    ),
    heard,
  );
  message.textContent = story.message;
  message.hidden = !story.message;

  let timer = null; // of the next step while it plays
  let pointed = null; // the neuron under the pointer
  let question = null; // the one that is asked, with `at`, the step held back, and `back`, what had the focus
  const answers = new Set(); // the questions that were answered

  const example = () => {
    const all = model.get("examples");
    return all[model.get("example")] ?? Object.values(all)[0];
  };
  const key = (at) => `${model.get("example")} ${at}`;

  // The neuron whose sum is shown: under the pointer, chosen, or that with the largest number.
  function neuron() {
    if (pointed) return pointed;
    if (question?.neuron.length) return question.neuron;
    if (model.get("neuron").length) return model.get("neuron");
    const { latest } = story.steps[model.get("step")];
    const j = latest < 0 ? -1 : example().events[latest].neuron;
    return j < 0 ? null : [story.events[latest].layer, j];
  }

  const eventOf = (shown) => (shown ? story.steps[model.get("step")].layers[shown[0] - 1][3] : -1);

  function drawSum() {
    const shown = neuron();
    const event = eventOf(shown);
    const terms = sum.show(shown, story.events[event], example().events, event);
    if (question?.link.length && !pointed) network.ring(shown, { side: 1, toBars: true }, [question.link]);
    else network.ring(shown, story.events[event], pointed || model.get("neuron").length ? terms : []);
  }

  let equation = null;
  function drawEquation(step) {
    if (equation === step.equation) return;
    equation = step.equation;
    const found = story.equations[equation];
    label.textContent = found ? found.label : words["no equation"];
    set.replaceChildren(...(found ? [formula(found)] : []));
  }

  function draw() {
    const index = model.get("step");
    const step = story.steps[index];
    const tail = step.event < 0 ? "." : example().events[step.event].tail;
    const text = tail === "." && step.sentence.endsWith(".") ? step.sentence : step.sentence + tail;
    range.value = index;
    range.setAttribute("aria-valuetext", step.position);
    back.setAttribute("aria-disabled", index === 0);
    forward.setAttribute("aria-disabled", index === last);
    jump.setAttribute("aria-disabled", story.backward < 0);
    say(sentence, text);
    code.show(step);
    network.show(step, example());
    network.picture.setAttribute("aria-label", `${story.picture} ${text}`);
    variables.show(step);
    drawEquation(step);
    drawSum();
  }

  function drawChoices() {
    predict.checked = model.get("predict");
    quiz.root.hidden = !model.get("predict");
    speed.value = model.get("speed");
    column.value = model.get("example");
    note.textContent = example().note;
    note.hidden = !example().note;
  }

  // --- stepping

  function go(target, { grab = true } = {}) {
    const now = model.get("step");
    const held = model.get("predict") ? heldBack(now, target) : null;
    question = null;
    if (held !== null) {
      target = held - 1;
      stop();
      const back = root.contains(document.activeElement) ? document.activeElement : range;
      question = { ...example().questions[held], at: held, back };
    }
    if (target === now) range.value = now;
    else choose(model, "step", target);
    if (question) quiz.ask(question, { grab });
    else if (now !== target) quiz.idle();
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

  const step = (by) => {
    const target = model.get("step") + by;
    if (target in story.steps) go(target);
  };

  // --- playing

  function stop() {
    clearTimeout(timer);
    timer = null;
    play.textContent = words.play;
  }
  function later() {
    const pause = words.speeds.find(([value]) => value === model.get("speed"))[2];
    timer = setTimeout(() => {
      go(model.get("step") + 1, { grab: false });
      if (timer === null) return; // a question came
      if (model.get("step") === last) stop();
      else later();
    }, pause);
  }
  function toggle() {
    if (timer !== null) return stop();
    if (model.get("step") === last) go(0);
    play.textContent = words.pause;
    later();
  }

  // --- the keyboard and the pointer

  const moves = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => go(0), End: () => go(last) };

  listen.on(range, "input", () => go(Number(range.value)));
  listen.on(range, "keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
  [back, forward, play, jump].forEach((each) =>
    listen.on(each, "keydown", (event) => {
      if (!moves[event.key]) return;
      event.preventDefault();
      moves[event.key]();
    }),
  );
  listen.on(back, "click", () => step(-1));
  listen.on(forward, "click", () => step(1));
  listen.on(play, "click", toggle);
  listen.on(jump, "click", () => story.backward >= 0 && go(story.backward));
  listen.on(speed, "change", () => choose(model, "speed", speed.value));
  listen.on(predict, "change", () => choose(model, "predict", predict.checked));
  listen.on(column, "change", () => choose(model, "example", Number(column.value)));
  listen.on(code.root, "click", () => {
    if (getSelection().isCollapsed) range.focus(); // from here the arrow keys step
  });

  function pick(shown) {
    choose(model, "neuron", shown);
    const found = shown.length ? example().events[eventOf(shown)] : null;
    say(heard, shown.length ? sum.spoken(shown, found) : "");
  }
  // The neuron of another layer at the same height.
  function across([layer, j], by) {
    const to = story.layers[layer - 1 + by];
    if (!to || layer + by < 2) return [layer, j];
    const height = story.layers[layer - 1].places[j][1];
    const gaps = to.places.map((place) => Math.abs(place[1] - height));
    return [layer + by, gaps.indexOf(Math.min(...gaps))];
  }
  function around([layer, j], key) {
    const end = story.layers[layer - 1].places.length - 1;
    if (key === "ArrowUp") return [layer, Math.max(j - 1, 0)];
    if (key === "ArrowDown") return [layer, Math.min(j + 1, end)];
    if (key === "Home") return [layer, 0];
    if (key === "End") return [layer, end];
    return across([layer, j], key === "ArrowLeft" ? -1 : 1);
  }
  listen.on(network.root, "keydown", (event) => {
    if (event.key === "Escape") pick([]);
    else if (["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      const from = model.get("neuron").length ? model.get("neuron") : neuron();
      pick(from ? around(from, event.key) : [story.layers.length, 0]);
    } else return;
    pointed = null;
    event.preventDefault();
    event.stopPropagation();
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

  listen.watch(["step", "examples", "example"], draw);
  listen.watch(["neuron"], drawSum);
  listen.watch(["predict", "speed", "examples", "example"], drawChoices);
  listen.watch(["predict", "example"], () => {
    question = null;
    quiz.idle();
    drawSum();
  });
  listen.atEnd(() => clearTimeout(timer));
  quiz.idle();
  drawChoices();
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
