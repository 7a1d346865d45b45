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
function panelOf(view, fill) {
  const [digits, captions] = ["digits", "captions"].map(view.get);
  const root = element("div", { class: "bpteach-panel" });
  const over = picture();
  const placed = ({ transform, example }, shown) => ({ tag: "g", transform, marks: digits[example ?? shown] });
  let panel; // that is open
  let canvases;
  let fixed; // its digits that stay

  function open(next) {
    panel = next;
    canvases = panel.images.map((image) => canvasOf(image, panel));
    fixed = panel.digits.filter(({ example }) => example !== null).map(placed);
    panel.images.forEach((image, k) => fill(canvases[k], image, 0));
    root.style.maxWidth = `min(100%, ${panel.width / 16}em)`; // 16 units at a text size of 16
    root.style.flexBasis = `${panel.width / 20}em`; // rather smaller than one below the other
    root.replaceChildren(...canvases.map(({ canvas }) => canvas), over);
  }

  function show(next, alt, example) {
    if (panel !== next) open(next);
    panel.images.forEach((image, k) => image.step && fill(canvases[k], image, example));
    const digit = panel.digits.filter((place) => place.example === null).map((place) => placed(place, example));
    const corner = `translate(${panel.caption?.join(" ")})`;
    const caption = panel.caption ? [{ tag: "g", transform: corner, marks: captions[example] }] : [];
    const box = `0 0 ${panel.width} ${panel.height}`;
    redraw(over, { box, alt, layers: [fixed, digit, panel.marks, caption, panel.moving[example]] });
  }
  return { root, show };
}

export default widget((view) => {
  const { words, get } = view;
  const cells = bytesOf(get("cells"));
  const palettes = bytesOf(get("palettes")).slice().buffer; // a copy begins where four bytes make a colour
  const tables = [new Uint32Array(palettes, 0, 256), new Uint32Array(palettes, 1024, 256)];
  const fill = ({ paint }, { at, step, rows, columns, palette }, example) =>
    paint(cells.subarray(at + step * example, at + step * example + rows * columns), tables[palette]);
  const panels = [panelOf(view, fill), panelOf(view, fill)];
  const verdict = element("p", { class: "bpteach-verdict" });
  const steps = player(view, { trait: "example", label: words.example, spoken: String, speeds: get("speeds") });
  const layer = chooser(view, "layer", words.layer, get("layers"));
  const quantity = chooser(view, "quantity", words.quantity, get("quantities"));

  view.watch(["example", "layer", "quantity"], () => {
    const example = get("example");
    const shown = get("views")[get("layer") - 2][get("quantity")];
    const said = [shown.sentences[example], shown.verdicts[example]];
    panels.forEach((panel, side) => panel.show(shown.panels[side], said[side], example));
    steps.say(said[0]);
    verdict.textContent = said[1];
  });
  view.on(view.root, "click", ({ target }) => {
    if (target.dataset.example) steps.to(Number(target.dataset.example));
  });
  return [
    controls(view, ...steps.controls, layer, quantity),
    steps.sentence,
    verdict,
    element("div", { class: "bpteach-pictures" }, ...panels.map(({ root }) => root)),
  ]; // what changes, all on one screen
});
