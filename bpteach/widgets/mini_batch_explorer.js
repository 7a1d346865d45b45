// Draws what Python sends and steps through it: each number is a byte, whose colour stands in a table from Python.
// Every number, place and word comes from bpteach/widgets/mini_batch_explorer.py.

function bytesOf(value) {
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

// Paints a matrix of cells, each of wide × high pixels; of a cell below zero some stay blank.
function paint({ image, context, picture, pixels }, bytes, colours) {
  const { rows, columns, grain } = image;
  const { wide, high } = grain;
  let from = 0;
  pixels.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const byte = bytes[from++];
      if (byte === 0) continue;
      const corner = (row * high * columns + column) * wide;
      for (let down = 0; down < high; down++) {
        const start = corner + down * columns * wide;
        pixels.fill(colours[byte], start, start + wide);
      }
      if (byte > 127) {
        const start = corner + grain.row * columns * wide;
        pixels.fill(0, start + grain.first, start + grain.last + 1);
      }
    }
  }
  context.putImageData(picture, 0, 0);
}

function percent(part, whole) {
  return `${(100 * part) / whole}%`;
}

// One half of the picture: canvases, and over them the lines and words.
function panelOf(digits, captions, cells, tables) {
  const root = element("div", { class: "bpteach-panel" });
  const shown = drawn({ tag: "svg", role: "img" });
  const moving = drawn({ tag: "g" });
  const caption = drawn({ tag: "g" });
  let panel;
  let painted = [];
  let digit = null;

  function place({ x, y, scale, example }) {
    const group = drawn({ tag: "g", transform: `translate(${x} ${y}) scale(${scale})` });
    if (example === null) digit = group;
    else group.append(...digits[example].map(drawn));
    return group;
  }

  function open(image) {
    const { grain, columns, rows, name, x, y, width, height } = image;
    const size = { width: columns * grain.wide, height: rows * grain.high };
    const kind = `bpteach-${image.fine ? "fine" : "coarse"}`;
    const canvas = element("canvas", { ...size, role: "img", "aria-label": name, class: kind });
    canvas.style.left = percent(x, panel.width);
    canvas.style.top = percent(y, panel.height);
    canvas.style.width = percent(width, panel.width);
    canvas.style.height = percent(height, panel.height);
    const context = canvas.getContext("2d");
    const picture = context.createImageData(size.width, size.height);
    return { canvas, image, context, picture, pixels: new Uint32Array(picture.data.buffer) };
  }

  function fill(each, index) {
    const { at, step, rows, columns, palette } = each.image;
    const start = at + step * index;
    paint(each, cells.subarray(start, start + rows * columns), tables[palette]);
  }

  return {
    root,
    show(next, index, sentence) {
      panel = next;
      digit = null;
      painted = panel.images.map(open);
      painted.filter(({ image }) => image.step === 0).forEach((each) => fill(each, 0));
      shown.setAttribute("viewBox", `0 0 ${panel.width} ${panel.height}`);
      shown.replaceChildren(...panel.digits.map(place), ...panel.marks.map(drawn), caption, moving);
      if (panel.caption) caption.setAttribute("transform", `translate(${panel.caption.join(" ")})`);
      root.style.maxWidth = `min(100%, ${panel.width / 16}em)`; // 16 units at a text size of 16
      root.style.flexBasis = `${panel.width / 20}em`; // rather smaller than one below the other
      root.replaceChildren(...painted.map(({ canvas }) => canvas), shown);
      this.step(index, sentence);
    },
    step(index, sentence) {
      painted.filter(({ image }) => image.step > 0).forEach((each) => fill(each, index));
      if (digit) digit.replaceChildren(...digits[index].map(drawn));
      moving.replaceChildren(...panel.moving[index].map(drawn));
      if (panel.caption) caption.replaceChildren(...captions[index].map(drawn));
      shown.setAttribute("aria-label", `${sentence} ${panel.alts[index]}`);
    },
  };
}

function selectOf(choices) {
  return control("select", {}, ...choices.map(({ value, name }) => element("option", { value }, name)));
}

function render({ model, el }) {
  const words = model.get("words");
  const views = model.get("views");
  const last = views[0].delta.sentences.length - 1;
  const palettes = bytesOf(model.get("palettes")).slice().buffer; // a copy begins where four bytes make a colour
  const tables = [new Uint32Array(palettes, 0, 256), new Uint32Array(palettes, 1024, 256)];
  const listen = listening(model);

  const range = control("input", { type: "range", min: 0, max: last, step: 1 });
  const previous = control("button", { type: "button" }, words.previous);
  const next = control("button", { type: "button" }, words.next);
  const play = control("button", { type: "button" }, words.play);
  const speed = selectOf(model.get("speeds"));
  const layer = selectOf(model.get("layers"));
  const quantity = selectOf(model.get("quantities"));
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const verdict = element("p", { class: "bpteach-verdict" });
  const cells = bytesOf(model.get("cells"));
  const panels = views[0].delta.panels.map(() => panelOf(model.get("digits"), model.get("captions"), cells, tables));

  const root = element("div", { class: "bpteach-widget bpteach-mini-batch-explorer" });
  root.append(
    element(
      "div",
      { class: "bpteach-controls", role: "group", "aria-label": words.controls },
      element("label", {}, words.example, range),
      element("span", { class: "bpteach-buttons" }, previous, next, play),
      element("label", {}, words.speed, speed),
      element("label", {}, words.layer, layer),
      element("label", {}, words.quantity, quantity),
      textSize(model, root, listen),
    ),
    sentence,
    element("div", { class: "bpteach-panels" }, ...panels.map((panel) => panel.root)),
    verdict,
  );

  let view = null;
  let timer = null;

  function draw() {
    const index = model.get("example");
    const wanted = views[model.get("layer") - 2][model.get("quantity")];
    if (view === wanted) panels.forEach((panel) => panel.step(index, view.sentences[index]));
    else panels.forEach((panel, which) => panel.show(wanted.panels[which], index, wanted.sentences[index]));
    view = wanted;
    range.value = index;
    range.setAttribute("aria-valuetext", model.get("positions")[index]);
    previous.setAttribute("aria-disabled", index === 0);
    next.setAttribute("aria-disabled", index === last);
    layer.value = model.get("layer");
    quantity.value = model.get("quantity");
    say(sentence, view.sentences[index]);
    verdict.textContent = view.verdicts[index];
  }

  function go(index) {
    if (index >= 0 && index <= last) choose(model, "example", index);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = words.play;
  }

  function tick() {
    go(model.get("example") + 1);
    if (model.get("example") === last) stop();
  }

  function start() {
    clearInterval(timer);
    timer = setInterval(tick, Number(speed.value));
    play.textContent = words.pause;
  }

  function toggle() {
    if (timer !== null) return stop();
    if (model.get("example") === last) go(0);
    if (last > 0) start();
  }

  function chosen(index) {
    stop();
    go(index);
  }

  listen.on(range, "input", () => chosen(Number(range.value)));
  listen.on(previous, "click", () => chosen(model.get("example") - 1));
  listen.on(next, "click", () => chosen(model.get("example") + 1));
  listen.on(play, "click", toggle);
  listen.on(speed, "change", () => timer !== null && start());
  listen.on(layer, "change", () => choose(model, "layer", Number(layer.value)));
  listen.on(quantity, "change", () => choose(model, "quantity", quantity.value));
  listen.on(root, "click", ({ target }) => {
    if (target.dataset.example !== undefined) chosen(Number(target.dataset.example));
  });
  listen.watch(["example", "layer", "quantity"], draw);
  listen.atEnd(() => clearInterval(timer));
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
