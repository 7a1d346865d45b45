// A network small enough to change. This is the one script that computes: the gradient of 2, 3 and 2 neurons, so that all
// changes at once, also where no kernel runs. Where a number stands in the list, and how it is written, is as in
// bpteach/widgets/small_network_numbers.py; a test holds the two against each other.

const MOST_PAST = 40; // changes that can be undone

// --- the arithmetic

function sigmoid(z) {
  const e = Math.exp(-Math.abs(z)); // so that nothing is infinite
  return (z >= 0 ? 1 : e) / (1 + e);
}

const dot = (one, other) => other.reduce((sum, each, i) => sum + one[i] * each, 0);
const rowsOf = (numbers, size) => Array.from({ length: numbers.length / size }, (_, i) => numbers.slice(i * size, (i + 1) * size));

// The forward pass, the backward pass, and the gradient with a 0 for what is no weight or bias.
function bothWays(numbers) {
  const [x, hidden, output] = [numbers.slice(0, 2), rowsOf(numbers.slice(2, 11), 3), rowsOf(numbers.slice(11, 21), 5)];
  const zs = hidden.map((row) => dot(row, x) + row[2]);
  const first = zs.map(sigmoid);
  zs.push(...output.map((row) => dot(row, first) + row[3]));
  const a = zs.map(sigmoid);
  const slopes = a.map((each) => each * (1 - each));
  const differences = output.map((row, j) => a[3 + j] - row[4]);
  const last = differences.map((each, j) => each * slopes[3 + j]); // BP1
  const back = first.map((_, k) => dot(output.map((row) => row[k]), last) * slopes[k]); // BP2
  const gradient = [0, 0, ...back.flatMap((delta) => [...x.map((each) => each * delta), delta])]; // BP4, BP3
  gradient.push(...last.flatMap((delta) => [...first.map((each) => each * delta), delta, 0]), 0);
  return { zs, a, slopes, deltas: [...back, ...last], gradient, cost: 0.5 * dot(differences, differences) };
}

const stepped = (numbers) => bothWays(numbers).gradient.map((slope, i) => numbers[i] - numbers[21] * slope);

function outcome(numbers) {
  const { zs, a, deltas, gradient, cost } = bothWays(numbers);
  const found = { cost, after: bothWays(stepped(numbers)).cost };
  zs.forEach((z, i) => Object.assign(found, { [`z${i}`]: z, [`a${i}`]: a[i], [`d${i}`]: deltas[i] }));
  gradient.forEach((slope, i) => (found[`g${i}`] = slope));
  return found;
}

function shown(value) {
  const size = Math.abs(value);
  if (size < 1e-9) return "0";
  const places = size < 1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : 1;
  const text = size < 0.0005 ? size.toExponential(1) : String(Number(size.toFixed(places)));
  return (value < 0 ? "−" : "") + text.replace("-", "−");
}

const bracketed = (value) => (value < 0 && shown(value) !== "0" ? `(${shown(value)})` : shown(value));

// The sum of a neuron's δ in numbers, and added up.
function sumOf(neuron, numbers) {
  const { a, slopes, deltas } = bothWays(numbers);
  const terms = [0, 1].map((j) => [numbers[11 + 5 * j + neuron], deltas[3 + j]]);
  const y = numbers[5 * neuron]; // of output 3 or 4
  const total = neuron < 3 ? terms.reduce((sum, [w, delta]) => sum + w * delta, 0) : a[neuron] - y;
  const products = terms.map((term) => term.map(bracketed).join(" · "));
  const inside = neuron < 3 ? products.join(" + ") : `${shown(a[neuron])} − ${bracketed(y)}`;
  const slope = shown(slopes[neuron]);
  return [`= (${inside}) · ${slope}`, `= ${bracketed(total)} · ${slope} = ${shown(deltas[neuron])}`];
}

// --- the picture

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const sign = (value) => `bpteach-${value > 0 ? "up" : value < 0 ? "down" : "grid"}`;

// The network's picture; `show` sets what depends on the numbers. `chosen` is the neuron whose sum is shown, or -1.
function networkPicture({ box, fixed, texts, bars, lines }) {
  const written = Object.entries(texts).map(([name, mark]) => [name, drawn(mark)]);
  const barred = Object.keys(bars).map((name) => [name, drawn({ tag: "path", "stroke-width": 2.5 })]);
  const joined = Object.entries(lines).map(([i, { d, ends }]) => [i, ends, drawn({ tag: "path", d, fill: "none" })]);
  const root = drawn({ tag: "svg", role: "img", viewBox: box });
  root.append(...joined.map((each) => each[2]), ...fixed.map(drawn), ...barred.map((each) => each[1]));
  root.append(...written.map((each) => each[1]));
  const neurons = [...root.querySelectorAll(".bpteach-neuron")];

  function show(numbers, values, said, chosen) {
    for (const [name, mark] of written) say(mark, said[name]);
    for (const [name, mark] of barred) {
      const { start, length, full } = bars[name];
      mark.setAttribute("d", `${start}h${length * Math.max(-1, Math.min(values[name] / full, 1))}`);
      mark.setAttribute("class", name.startsWith("a") ? "bpteach-ink" : sign(values[name]));
    }
    for (const [i, ends, mark] of joined) {
      const isFaded = chosen >= 0 && (chosen > 2 || ends[0] !== chosen);
      mark.setAttribute("class", sign(numbers[i]));
      mark.setAttribute("stroke-width", 0.8 + 0.8 * Math.min(Math.abs(numbers[i]), 4));
      mark.setAttribute("opacity", isFaded ? 0.2 : 1);
    }
    neurons.forEach((mark, i) => mark.classList.toggle("bpteach-active", i === chosen));
  }
  return { root, neurons, show };
}

// A number on the picture, to be typed, stepped by the arrow keys, or dragged to the left and right.
function numberField(listen, { place: [left, middle], limits: [min, max], label, box }, change) {
  const field = control("input", { type: "number", step: 0.1, min, max, "aria-label": label, title: label });
  const [, , width, height] = box.split(" ").map(Number);
  field.style.left = `${(100 * left) / width}%`;
  field.style.top = `${(100 * middle) / height}%`;
  let drag = null; // where it began, and with which number

  const within = (value) => Math.min(Math.max(value, min), max);
  listen.on(field, "input", () => {
    if (Number.isFinite(field.valueAsNumber)) change(within(field.valueAsNumber), field);
  });
  listen.on(field, "change", () => change(null));
  listen.on(field, "pointerdown", ({ clientX, button }) => {
    if (button === 0) drag = { x: clientX, value: field.valueAsNumber, moved: false };
  });
  listen.on(field, "pointermove", (event) => {
    if (!drag || !(event.buttons & 1)) return;
    const steps = Math.round((event.clientX - drag.x) / 4);
    if (!steps && !drag.moved) return;
    drag.moved = true;
    field.setPointerCapture(event.pointerId);
    change(within(Number((drag.value + 0.1 * steps).toFixed(4))));
  });
  for (const end of ["pointerup", "pointercancel"]) listen.on(field, end, () => (drag = null));
  return field;
}

// The cost after each change, the last of them now.
function costPicture(costs, alt) {
  const top = Math.max(...costs, 1e-9);
  const places = costs.map((cost, i) => [8 + (224 * i) / Math.max(costs.length - 1, 1), 66 - (50 * cost) / top]);
  const dots = places.map(([cx, cy], i) => ({ tag: "circle", class: "bpteach-cost", cx, cy, r: i < places.length - 1 ? 2 : 4 }));
  const line = { tag: "path", class: "bpteach-line", d: `M${places.map((place) => place.join(" ")).join("L")}` };
  const base = { tag: "path", class: "bpteach-line", d: "M0 66h240", opacity: 0.6 };
  const label = { tag: "text", x: 0, y: 11, "font-size": 12, text: shown(top) };
  return { box: "0 0 240 72", alt, marks: [base, line, ...dots, label] };
}

function render({ model, el }) {
  const words = model.get("words");
  const scene = model.get("scene");
  const listen = listening(model);
  const last = model.get("presets").length - 1;
  const steps = player(model, listen, { trait: "preset", label: words.preset, last, options: words.presets });
  const network = networkPicture(scene);
  const fields = words.names.map((label, i) =>
    numberField(listen, { place: scene.fields[i], limits: scene.limits[i], label, box: scene.box }, (value, typed) => change(i, value, typed)),
  );
  const [step, undo, reset] = ["step", "undo", "reset"].map((word) => control("button", { type: "button" }, words[word]));
  const sum = chooser(model, listen, "sum_of", words.sum, words.sums.map((name, i) => [i, name]));
  const lines = [0, 1, 2].map(() => element("p"));
  const history = drawn({ tag: "svg", role: "img" });
  const { root, controls } = shell(model, listen, "small-network", ...steps.controls);
  const area = element("div", { class: "bpteach-net", role: "group", "aria-label": words.network }, network.root, ...fields);
  const buttons = element("div", { class: "bpteach-controls" }, step, undo, reset);
  const sums = element("div", { class: "bpteach-sum" }, ...lines);
  const side = element("div", { class: "bpteach-side" }, buttons, element("p", {}, words.cost), history, sum, sums);
  root.append(controls, steps.sentence, element("div", { class: "bpteach-whole" }, area, side));
  let telling = 0; // a timer: a drag is told when it rests
  let typed = null; // the field in which the reader types

  const started = () => model.get("presets")[model.get("preset")];
  const isWithin = (numbers) => numbers.every((each, i) => scene.limits[i][0] <= each && each <= scene.limits[i][1]);

  function sentence() {
    const [numbers, before] = [model.get("numbers"), model.get("past").at(-1)];
    if (same(numbers, started())) return words.tellings[model.get("preset")];
    const said = saidOf(numbers);
    const changed = numbers.flatMap((each, i) => (before && each !== before[i] ? [i] : []));
    if (!changed.length) return fill(words.own, said);
    if (changed.length === 1) return fill(words.changed, { ...said, name: words.names[changed[0]], value: shown(numbers[changed[0]]) });
    const was = outcome(before).cost;
    return fill(was < outcome(numbers).cost ? words.rose : words.fell, { ...said, before: shown(was) });
  }

  const saidOf = (numbers) => Object.fromEntries(Object.entries(outcome(numbers)).map(([name, value]) => [name, shown(value)]));

  function draw() {
    const [numbers, past, chosen] = [model.get("numbers"), model.get("past"), model.get("sum_of") - 1];
    const said = saidOf(numbers);
    network.show(numbers, outcome(numbers), said, chosen);
    network.root.setAttribute("aria-label", fill(words.picture, said));
    fields.forEach((field, i) => {
      const value = shown(numbers[i]).replaceAll("−", "-");
      if (field !== typed && field.value !== value) field.value = value;
      if (said[`g${i}`] && i in scene.lines) field.setAttribute("aria-description", `∂C/∂w ${said[`g${i}`]}`);
    });
    const costs = [...past, numbers].map((each) => outcome(each).cost);
    redraw(history, costPicture(costs, fill(words.history, { costs: costs.map(shown).join(", ") })));
    (chosen < 0 ? ["", "", ""] : [words.symbols[chosen], ...sumOf(chosen, numbers)]).forEach((text, i) => say(lines[i], text));
    undo.setAttribute("aria-disabled", !past.length);
    step.setAttribute("aria-disabled", !isWithin(stepped(numbers)));
    clearTimeout(telling);
    telling = setTimeout(tell, 500);
  }

  function tell() {
    clearTimeout(telling);
    steps.say(sentence());
  }

  function go(numbers, past) {
    model.set("past", past.slice(-MOST_PAST));
    choose(model, "numbers", numbers);
  }

  // Changes one number; to change it again is the same entry of the past. Without a value, the field has been left.
  function change(i, value, field = null) {
    const [numbers, past] = [model.get("numbers"), model.get("past")];
    typed = field;
    if (value === null || value === numbers[i]) draw();
    else {
      const isSame = past.length && numbers.every((each, k) => k === i || each === past.at(-1)[k]);
      go(numbers.with(i, value), isSame ? past : [...past, numbers]);
    }
    typed = null;
  }

  function takeStep() {
    const numbers = model.get("numbers");
    if (isWithin(stepped(numbers))) go(stepped(numbers), [...model.get("past"), numbers]);
    else steps.say(words["too far"]);
  }

  function begin() {
    go(started(), []);
    draw();
    tell();
  }

  listen.on(step, "click", takeStep);
  listen.on(undo, "click", () => model.get("past").length && go(model.get("past").at(-1), model.get("past").slice(0, -1)));
  listen.on(reset, "click", begin);
  network.neurons.forEach((neuron, i) => listen.on(neuron, "click", () => choose(model, "sum_of", i + 1)));
  listen.watch(["preset"], begin);
  listen.watch(["numbers", "sum_of"], draw);
  listen.atEnd(() => clearTimeout(telling));
  draw();
  tell();
  el.append(root);

  return listen.stop;
}

export default { render };
