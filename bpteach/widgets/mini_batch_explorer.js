// Draws what Python sends and steps through it: each number is a byte, whose colour stands in a table from Python.
// Every number, place and word comes from bpteach/widgets/mini_batch_explorer.py.

const bytesOf = (value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
const percent = (part, whole) => `${(100 * part) / whole}%`;

// A canvas for a matrix of numbers, each of wide × high pixels; `paint` colours them, and leaves blank some of those
// below zero.
function canvasOf({ name, x, y, width, height, rows, columns, grain, fine }, panel) {
  const { wide, high } = grain;
  const kind = `bpteach-${fine ? "fine" : "coarse"}`;
  const size = { width: columns * wide, height: rows * high };
  const canvas = element("canvas", { ...size, role: "img", "aria-label": name, class: kind });
  const corner = { left: percent(x, panel.width), top: percent(y, panel.height) };
  Object.assign(canvas.style, corner, { width: percent(width, panel.width), height: percent(height, panel.height) });
  const context = canvas.getContext("2d");
  const image = context.createImageData(size.width, size.height);
  const pixels = new Uint32Array(image.data.buffer);

  function paint(bytes, colours) {
    pixels.fill(0);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const byte = bytes[row * columns + column];
        const start = (line) => ((row * high + line) * columns + column) * wide;
        if (byte === 0) continue;
        for (let line = 0; line < high; line++) pixels.fill(colours[byte], start(line), start(line) + wide);
        if (byte > 127) pixels.fill(0, start(grain.row) + grain.first, start(grain.row) + grain.last + 1);
      }
    }
    context.putImageData(image, 0, 0);
  }
  return { canvas, paint };
}

// One half of the picture: canvases, and over them the lines and words.
function panelOf(panel, digits, captions, fill) {
  const { images, marks, moving, width, height } = panel;
  const over = picture();
  const canvases = images.map((image) => canvasOf(image, panel));
  const root = element("div.panel", ...canvases.map(({ canvas }) => canvas), over);
  root.style.maxWidth = `min(100%, ${width / 16}em)`; // 16 units at a text size of 16
  root.style.flexBasis = `${width / 20}em`; // rather smaller than one below the other
  images.forEach((image, k) => fill(canvases[k], image, 0));

  const isFixed = ({ example }) => example !== null;
  const digitOf = ({ transform, example }, shown) => ({ tag: "g", transform, marks: digits[example ?? shown] });
  const fixed = panel.digits.filter(isFixed).map(digitOf);
  const changing = panel.digits.filter((place) => !isFixed(place));

  function show(alt, example) {
    images.forEach((image, k) => image.step && fill(canvases[k], image, example));
    const corner = `translate(${panel.caption?.join(" ")})`;
    const caption = panel.caption ? [{ tag: "g", transform: corner, marks: captions[example] }] : [];
    const digit = changing.map((place) => digitOf(place, example));
    const layers = [fixed, digit, marks, caption, moving[example]];
    redraw(over, { box: `0 0 ${width} ${height}`, alt, layers });
  }
  return { root, show };
}

export default widget((view) => {
  const { words, get } = view;
  const [digits, captions, views] = ["digits", "captions", "views"].map(get);
  const cells = bytesOf(get("cells"));
  const palettes = bytesOf(get("palettes")).slice().buffer; // a copy begins where four bytes make a colour
  const tables = [new Uint32Array(palettes, 0, 256), new Uint32Array(palettes, 1024, 256)];
  const fill = ({ paint }, { at, step, rows, columns, palette }, example) =>
    paint(cells.subarray(at + step * example, at + step * example + rows * columns), tables[palette]);
  const verdict = element("p.verdict");
  const pictures = element("div.pictures");
  let open; // what is shown, and its panels
  let panels;

  const steps = player(view, { trait: "example", label: words.example, spoken: String });
  const layer = chooser(view, "layer", words.layer, get("layers"));
  const quantity = chooser(view, "quantity", words.quantity, get("quantities"));

  view.watch(["example", "layer", "quantity"], () => {
    const example = get("example");
    const shown = views[get("layer") - 2][get("quantity")];
    const said = [shown.sentences[example], shown.verdicts[example]];
    if (open !== shown) {
      open = shown;
      panels = shown.panels.map((panel) => panelOf(panel, digits, captions, fill));
      pictures.replaceChildren(...panels.map(({ root }) => root));
    }
    panels.forEach((panel, side) => panel.show(said[side], example));
    steps.say(said[0]);
    verdict.textContent = said[1];
  });
  view.on(view.root, "click", ({ target }) => {
    if (target.dataset.example) steps.to(Number(target.dataset.example));
  });
  const choices = controls(view, ...steps.controls, layer, quantity);
  return [choices, steps.sentence, verdict, pictures]; // what changes, all on one screen
});
