// Draws what Python sends and steps through it: each number is a byte, whose colour stands in a table from Python.
// Every number, place and word comes from bpteach/widgets/mini_batch_explorer.py.

const bytesOf = (value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength);

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

const percent = (part, whole) => `${(100 * part) / whole}%`;

// One half of the picture: canvases, and over them the lines and words.
function panelOf(digits, captions, cells, tables) {
  const root = element("div", { class: "bpteach-panel" });
  const over = drawn({ tag: "svg", role: "img" });
  const moving = drawn({ tag: "g" });
  const caption = drawn({ tag: "g" });
  let panel;
  let images = []; // each with its canvas
  let digit = null; // where the one that is shown stands

  function place({ x, y, scale, example }) {
    const group = drawn({ tag: "g", transform: `translate(${x} ${y}) scale(${scale})` });
    if (example === null) digit = group;
    else group.append(...digits[example].map(drawn));
    return group;
  }

  function canvasOf(image) {
    const { grain, columns, rows, name, x, y, width, height } = image;
    const size = { width: columns * grain.wide, height: rows * grain.high };
    const kind = `bpteach-${image.fine ? "fine" : "coarse"}`;
    const canvas = element("canvas", { ...size, role: "img", "aria-label": name, class: kind });
    const corner = { left: percent(x, panel.width), top: percent(y, panel.height) };
    Object.assign(canvas.style, corner, { width: percent(width, panel.width), height: percent(height, panel.height) });
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
    open(next) {
      panel = next;
      digit = null;
      images = panel.images.map(canvasOf);
      images.filter(({ image }) => image.step === 0).forEach((each) => fill(each, 0));
      over.setAttribute("viewBox", `0 0 ${panel.width} ${panel.height}`);
      over.replaceChildren(...panel.digits.map(place), ...panel.marks.map(drawn), caption, moving);
      if (panel.caption) caption.setAttribute("transform", `translate(${panel.caption.join(" ")})`);
      root.style.maxWidth = `min(100%, ${panel.width / 16}em)`; // 16 units at a text size of 16
      root.style.flexBasis = `${panel.width / 20}em`; // rather smaller than one below the other
      root.replaceChildren(...images.map(({ canvas }) => canvas), over);
    },
    show(index, alt) {
      images.filter(({ image }) => image.step > 0).forEach((each) => fill(each, index));
      digit?.replaceChildren(...digits[index].map(drawn));
      moving.replaceChildren(...panel.moving[index].map(drawn));
      if (panel.caption) caption.replaceChildren(...captions[index].map(drawn));
      over.setAttribute("aria-label", alt);
    },
  };
}

function render({ model, el }) {
  const words = model.get("words");
  const views = model.get("views");
  const captions = model.get("captions");
  const listen = listening(model);

  const palettes = bytesOf(model.get("palettes")).slice().buffer; // a copy begins where four bytes make a colour
  const tables = [new Uint32Array(palettes, 0, 256), new Uint32Array(palettes, 1024, 256)];
  const cells = bytesOf(model.get("cells"));
  const panels = views[0].delta.panels.map(() => panelOf(model.get("digits"), captions, cells, tables));

  const steps = player(model, listen, {
    trait: "example",
    label: words.example,
    last: captions.length - 1,
    spoken: String,
    speeds: model.get("speeds"),
  });
  const verdict = element("p", { class: "bpteach-verdict" });
  const layer = chooser(model, listen, "layer", words.layer, model.get("layers"));
  const quantity = chooser(model, listen, "quantity", words.quantity, model.get("quantities"));
  const { root, controls } = shell(model, listen, "mini-batch-explorer", ...steps.controls, layer, quantity);
  const pictures = element("div", { class: "bpteach-panels" }, ...panels.map((panel) => panel.root));
  root.append(controls, steps.sentence, verdict, pictures); // what changes, all on one screen

  let view = null;

  function draw() {
    const index = model.get("example");
    const wanted = views[model.get("layer") - 2][model.get("quantity")];
    panels.forEach((panel, side) => {
      if (view !== wanted) panel.open(wanted.panels[side]);
      panel.show(index, [wanted.sentences, wanted.verdicts][side][index]);
    });
    view = wanted;
    steps.say(view.sentences[index]);
    verdict.textContent = view.verdicts[index];
  }

  listen.on(root, "click", ({ target }) => {
    if (target.dataset.example !== undefined) steps.to(Number(target.dataset.example));
  });
  listen.watch(["example", "layer", "quantity"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
