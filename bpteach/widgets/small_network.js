// A network small enough to change. This is the one script that computes: the gradient of 2, 3 and 2 neurons, so that
// all changes at once, also where no kernel runs. Where a number stands in the list, and how it is written, is as in
// bpteach/widgets/small_network_numbers.py; a test holds the two against each other.

const MOST_PAST = 40; // changes that can be undone

// --- the arithmetic

function sigmoid(z) {
  const e = Math.exp(-Math.abs(z)); // so that nothing is infinite
  return (z >= 0 ? 1 : e) / (1 + e);
}

const dot = (one, other) => other.reduce((sum, each, i) => sum + one[i] * each, 0);
const rowsOf = (numbers, size) => numbers.flatMap((_, i) => (i % size ? [] : [numbers.slice(i, i + size)]));

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

const sign = (value) => `bpteach-${value > 0 ? "up" : value < 0 ? "down" : "grid"}`;

// The network's picture; `show` sets what depends on the numbers. `chosen` is the neuron whose sum is shown, or -1.
function networkPicture({ box, fixed, texts, bars, lines }) {
  const root = picture({ viewBox: box });
  const add = (mark) => root.appendChild(drawn(mark));
  const joined = Object.entries(lines).map(([i, { d, ends }]) => [i, ends, add({ tag: "path", d })]);
  fixed.forEach(add);
  const barred = Object.keys(bars).map((name) => [name, add({ tag: "path", "stroke-width": 2.5 })]);
  const written = Object.entries(texts).map(([name, mark]) => [name, add(mark)]);
  const neurons = [...root.querySelectorAll(".bpteach-neuron")];

  function show(numbers, values, said, chosen) {
    for (const [name, mark] of written) say(mark, said[name]);
    for (const [name, mark] of barred) {
      const { start, length, full } = bars[name];
      mark.setAttribute("d", `${start}h${length * Math.max(-1, Math.min(values[name] / full, 1))}`);
      mark.setAttribute("class", name.startsWith("a") ? "bpteach-ink" : sign(values[name]));
    }
    for (const [i, ends, mark] of joined) {
      mark.setAttribute("class", sign(numbers[i]));
      mark.setAttribute("stroke-width", 0.8 + 0.8 * Math.min(Math.abs(numbers[i]), 4));
      mark.setAttribute("opacity", chosen < 0 || (chosen < 3 && ends[0] === chosen) ? 1 : 0.2);
    }
    neurons.forEach((mark, i) => mark.classList.toggle("bpteach-active", i === chosen));
  }
  return { root, neurons, show };
}

// A number on the picture, to be typed, stepped by the arrow keys, or dragged to the left and right.
function numberField({ on, get, words }, i, change) {
  const { box, fields, limits } = get("scene");
  const [[left, middle], [min, max], label] = [fields[i], limits[i], words.names[i]];
  const [, , width, height] = box.split(" ").map(Number);
  const style = `left: ${(100 * left) / width}%; top: ${(100 * middle) / height}%`;
  const field = element("input", { type: "number", step: 0.1, min, max, "aria-label": label, title: label, style });
  const within = (value) => Math.min(Math.max(value, min), max);
  let drag = null; // where it began, and with which number

  on(field, "input", () => {
    if (Number.isFinite(field.valueAsNumber)) change(i, within(field.valueAsNumber), field);
  });
  on(field, "change", () => change(i, null)); // it has been left
  on(field, "pointerdown", ({ clientX, button }) => {
    if (button === 0) drag = { x: clientX, value: field.valueAsNumber, steps: 0 };
  });
  on(field, "pointermove", ({ clientX, buttons, pointerId }) => {
    if (!drag || !(buttons & 1)) return;
    const steps = Math.round((clientX - drag.x) / 4);
    if (steps === drag.steps) return;
    drag.steps = steps;
    field.setPointerCapture(pointerId);
    change(i, within(Number((drag.value + 0.1 * steps).toFixed(4))));
  });
  for (const end of ["pointerup", "pointercancel"]) on(field, end, () => (drag = null));
  return field;
}

// The cost after each change, the last of them now.
function costPicture(costs, alt) {
  const top = Math.max(...costs, 1e-9);
  const places = costs.map((cost, i) => [68 + (166 * i) / Math.max(costs.length - 1, 1), 60 - (50 * cost) / top]);
  const dot = ([cx, cy], i) => ({ tag: "circle", class: "bpteach-cost", cx, cy, r: i < costs.length - 1 ? 2 : 4 });
  const line = (d) => ({ tag: "path", class: "bpteach-line", d });
  const text = (y, text) => ({ tag: "text", x: 54, y, "font-size": 13, "text-anchor": "end", text });
  const marks = [text(14, shown(top)), text(64, "0"), line("M60 4v56h180"), line(`M${places.join("L")}`)];
  return { box: "0 0 240 68", alt, layers: [[...marks, ...places.map(dot)]] };
}

export default widget((view) => {
  const { words, get, on, choose } = view;
  const scene = get("scene");
  const steps = player(view, { trait: "preset", label: words.preset, options: words.presets });
  const network = networkPicture(scene);
  const fields = words.names.map((_, i) => numberField(view, i, change));
  const [step, undo, reset] = ["step", "undo", "reset"].map((word) => button(words[word]));
  const sum = chooser(view, "sum_of", words.sum, [...words.sums.entries()]);
  const lines = [0, 1, 2].map(() => element("p"));
  const costs = picture();
  let timer = 0; // of what is said of a change: a drag is told when it rests
  let typed = null; // the field in which the reader types
  let from = get("preset");

  const started = () => get("presets")[get("preset")];
  const isWithin = (numbers) => numbers.every((each, i) => scene.limits[i][0] <= each && each <= scene.limits[i][1]);
  const written = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)]));

  function sentence() {
    const [numbers, before] = [get("numbers"), get("past").at(-1)];
    if (same(numbers, started())) return words.tellings[get("preset")];
    const said = written(outcome(numbers));
    const changed = numbers.flatMap((each, i) => (before && each !== before[i] ? [i] : []));
    if (!changed.length) return filled(words.own, said);
    const [i, ...others] = changed;
    if (!others.length) return filled(words.changed, { ...said, name: words.names[i], value: shown(numbers[i]) });
    const was = outcome(before).cost;
    return filled(was < outcome(numbers).cost ? words.rose : words.fell, { ...said, before: shown(was) });
  }

  function tell() {
    clearTimeout(timer);
    steps.say(sentence());
  }

  function draw() {
    const [numbers, past, chosen] = [get("numbers"), get("past"), get("sum_of") - 1];
    const values = outcome(numbers);
    const said = written(values);
    network.show(numbers, values, said, chosen);
    network.root.setAttribute("aria-label", filled(words.picture, said));
    fields.forEach((field, i) => {
      const value = shown(numbers[i]).replaceAll("−", "-");
      if (field !== typed && field.value !== value) field.value = value;
      if (i in scene.lines) field.setAttribute("aria-description", `∂C/∂w ${said[`g${i}`]}`);
    });
    const all = [...past, numbers].map((each) => outcome(each).cost);
    redraw(costs, costPicture(all, filled(words.history, { costs: all.map(shown).join(", ") })));
    const terms = chosen < 0 ? ["", "", ""] : [words.symbols[chosen], ...sumOf(chosen, numbers)];
    terms.forEach((text, i) => say(lines[i], text));
    undo.setAttribute("aria-disabled", !past.length);
    step.setAttribute("aria-disabled", !isWithin(stepped(numbers)));
    clearTimeout(timer);
    timer = setTimeout(tell, 500);
  }

  const go = (numbers, past) => choose({ past: past.slice(-MOST_PAST), numbers });

  // Changes one number; to change it again is the same entry of the past. Without a value, all is shown as it is.
  function change(i, value, field = null) {
    const [numbers, past] = [get("numbers"), get("past")];
    typed = field;
    if (value === null || value === numbers[i]) draw();
    else {
      const isSame = past.length && numbers.every((each, k) => k === i || each === past.at(-1)[k]);
      go(numbers.with(i, value), isSame ? past : [...past, numbers]);
    }
    typed = null;
  }

  function begin() {
    from = get("preset");
    go(started(), []);
    draw();
    tell();
  }

  // A link tells the numbers, too, where they are not the preset's.
  const { tell: choices } = view.link;
  view.link.tell = () => {
    const own = same(get("numbers"), started()) ? {} : { numbers: get("numbers").join() };
    return { ...choices(), ...own };
  };
  view.link.follow = (told, said) => {
    choose(told);
    const numbers = (said.get("numbers") ?? "").split(",").map(Number);
    if (numbers.length === fields.length && isWithin(numbers)) go(numbers, []);
  };

  on(step, "click", () => {
    const after = stepped(get("numbers"));
    if (isWithin(after)) go(after, [...get("past"), get("numbers")]);
    else steps.say(words["too far"]);
  });
  on(undo, "click", () => get("past").length && go(get("past").at(-1), get("past").slice(0, -1)));
  on(reset, "click", begin);
  network.neurons.forEach((neuron, i) => on(neuron, "click", () => choose({ sum_of: i + 1 })));
  view.watch(["preset"], () => get("preset") !== from && begin());
  view.watch(["numbers", "sum_of"], draw);
  view.atEnd(() => clearTimeout(timer));
  tell();
  const net = { class: "bpteach-net", role: "group", "aria-label": words.network, "data-prevent-swipe": "" };
  const buttons = element("div", { class: "bpteach-controls" }, step, undo, reset);
  const sums = element("div", { class: "bpteach-sum" }, ...lines);
  const side = element("div", { class: "bpteach-side" }, buttons, element("p", {}, words.cost), costs, sum, sums);
  return [
    controls(view, ...steps.controls),
    steps.sentence,
    element("div", { class: "bpteach-pictures" }, element("div", net, network.root, ...fields), side),
  ];
});
