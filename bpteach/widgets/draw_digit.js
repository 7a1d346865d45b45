// Collects strokes, sends them to Python, and draws what comes back; see bpteach/widgets/draw_digit.py.

const SILENCE = 3000; // milliseconds without an answer, after which we say so
const PACE = 100; // while the pen moves, ask at most so often
const MOVES = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [-1, -1],
  PageUp: [1, -1],
  End: [-1, 1],
  PageDown: [1, 1],
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const within = (value, most) => Math.min(Math.max(value, 0), most);
const rounded = (value) => Number(value.toFixed(4));
let views = 0;

// Where one draws, with mouse, pen, finger or keys. `shown()` gives the strokes that are there, and whether they are a
// recorded drawing, which the first stroke replaces; `send(strokes, isFirst)` hears of all that is drawn.
function sketchpad(model, listen, shown, send) {
  const words = model.get("words");
  const grid = model.get("grid");
  let stroke = null; // the one that is being drawn
  let before = []; // the strokes before it
  let pointer = null; // the finger, pen or mouse that draws it; null for the keyboard
  let cursor = [grid / 2, grid / 2]; // the keyboard's pen, in steps of the grid
  let pausing = 0;

  const ink = drawn({ tag: "path", class: "bpteach-drawn", "stroke-width": model.get("pen") });
  const pen = drawn({ tag: "circle", class: "bpteach-pen", r: model.get("pen") / 2 });
  const paper = drawn({ tag: "svg", viewBox: `0 0 ${grid} ${grid}`, "aria-hidden": "true" });
  paper.append(ink, pen);
  const invitation = element("span", { class: "bpteach-invitation", "aria-hidden": "true" }, words["draw here"]);
  const role = { class: "bpteach-area", role: "application", tabindex: 0 };
  const spoken = { "aria-label": words.area, "aria-description": words.keys };
  const area = control("div", { ...role, ...spoken }, paper, invitation);
  const place = element("p", { class: "bpteach-place", "aria-live": "polite" });

  function show() {
    const { strokes, isRecorded } = stroke ? { strokes: [...before, stroke] } : shown();
    const point = ([x, y]) => `${x * grid} ${y * grid}`;
    const line = (points) => `M${[...points, points.at(-1)].map(point).join("L")}`; // a dot is a line of no length
    ink.setAttribute("d", strokes.map(line).join(""));
    invitation.hidden = strokes.length > 0 && !isRecorded;
    area.toggleAttribute("data-bpteach-escape", stroke !== null);
  }

  function begin(point) {
    const { strokes, isRecorded } = shown();
    before = isRecorded ? [] : strokes;
    stroke = [point];
    send([...before, [point]], isRecorded);
  }

  function go(point) {
    if (same(stroke.at(-1), point)) return;
    stroke.push(point);
    show();
    if (!pausing)
      pausing = setTimeout(() => {
        pausing = 0;
        if (stroke) send([...before, [...stroke]]); // a copy, which is not drawn on
      }, PACE);
  }

  function lift() {
    if (!stroke) return;
    const strokes = [...before, stroke];
    stroke = null;
    pointer = null;
    send(strokes);
  }

  function takeBack() {
    const strokes = stroke ? before : shown().strokes.slice(0, -1);
    stroke = null;
    send(strokes);
  }

  function byKeys(isSo) {
    area.classList.toggle("bpteach-by-keys", isSo);
    pen.setAttribute("cx", cursor[0]);
    pen.setAttribute("cy", cursor[1]);
    pen.classList.toggle("bpteach-down-pen", stroke !== null);
    const filled = { state: stroke ? words.down : words.up, column: cursor[0], row: cursor[1] };
    say(place, isSo ? words.pen.replace(/\{(\w+)\}/g, (_, name) => filled[name]) : "");
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || pointer !== null) return;
    const move = MOVES[event.key];
    const atCursor = () => cursor.map((value) => rounded(value / grid));
    if (move) {
      const far = event.shiftKey ? 4 : 1;
      cursor = cursor.map((value, axis) => within(value + far * move[axis], grid));
      if (stroke) go(atCursor());
    } else if (event.key === " " || (event.key === "Enter" && !event.shiftKey)) {
      if (stroke) lift();
      else begin(atCursor());
    } else if (event.key === "Escape" && stroke) lift();
    else if (event.key === "Backspace") takeBack();
    else return;
    event.preventDefault();
    event.stopPropagation();
    byKeys(true);
  }

  function pointOf(event) {
    const { left, top, width, height } = paper.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height].map((part) => rounded(within(part, 1)));
  }

  listen.on(area, "pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    lift(); // what the keyboard drew
    byKeys(false);
    area.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    begin(pointOf(event));
  });
  listen.on(area, "pointermove", (event) => {
    if (stroke && event.pointerId === pointer) go(pointOf(event));
  });
  for (const end of ["pointerup", "pointercancel"])
    listen.on(area, end, (event) => {
      if (event.pointerId === pointer) lift();
    });
  listen.on(area, "keydown", press);
  listen.on(area, "focus", () => byKeys(area.matches(":focus-visible")));
  listen.on(area, "blur", () => {
    if (pointer === null) lift();
    byKeys(false);
  });
  listen.atEnd(() => clearTimeout(pausing));
  return { area, place, show, takeBack, isDrawing: () => stroke !== null };
}

function render({ model, el }) {
  const words = model.get("words");
  const recordings = model.get("recordings");
  const listen = listening(model);
  const recordingOf = (drawing) => recordings.find((recording) => same(recording.drawing, drawing));
  let silent = false; // nobody answers
  let waiting = 0;
  let asking = false;

  // what is shown: a recorded drawing where nobody answers

  function drawing() {
    const own = model.get("drawing");
    return silent && !pad.isDrawing() && !recordingOf(own) ? recordings[0].drawing : own;
  }

  function answer() {
    const recording = recordingOf(drawing());
    const right = model.get("right");
    return recording ? recording.answers[right === null ? 0 : right + 1] : model.get("answer");
  }

  const lastStep = () => answer().groups.length - 1;
  const shownStep = () => Math.min(model.get("step"), lastStep());

  // its elements

  const isFirst = { right: null, step: 0 };
  const shown = () => ({ strokes: drawing(), isRecorded: recordingOf(drawing()) !== undefined });
  const pad = sketchpad(model, listen, shown, (strokes, first) => {
    const start = first ? isFirst : strokes.length ? {} : { step: 0 }; // without strokes there is no way back
    ask({ drawing: strokes, ...start });
  });
  const [undo, clear, recorded] = ["undo", "clear", "recorded"].map((word) =>
    control("button", { type: "button" }, words[word]),
  );
  const group = `bpteach-draw-digit-${Date.now()}-${(views += 1)}`; // radio buttons of one name belong together
  const radios = Array.from({ length: 10 }, (_, digit) =>
    control("input", { type: "radio", name: group, value: digit }),
  );
  const notice = element("p", { class: "bpteach-notice", role: "status" });
  const picture = drawn({ tag: "svg", role: "img" });
  const steps = player(model, listen, {
    trait: "step",
    label: words.backward,
    last: lastStep,
    spoken: () => answer().sentences[shownStep()],
  });
  steps.range.max = model.get("last"); // also while there is no way back
  const layers = { class: "bpteach-controls", role: "group", "aria-label": words.layers };
  const keys = element("p", { class: "bpteach-keys" }, words.keys);
  const { root, controls } = shell(model, listen, "draw-digit", keys);
  const choices = radios.map((radio, digit) => element("label", {}, radio, String(digit)));
  const buttons = element("div", { class: "bpteach-controls" }, undo, clear, recorded);
  const left = [pad.area, buttons, pad.place];
  const fieldset = element("fieldset", {}, element("legend", {}, words.should), ...choices);
  const right = [notice, fieldset, element("div", layers, ...steps.controls), steps.sentence, picture];
  root.append(
    element("div", { class: "bpteach-left" }, ...left),
    element("div", { class: "bpteach-right" }, ...right),
    controls,
  );

  function draw() {
    if (asking) return;
    const step = shownStep();
    const isOld = !recordingOf(drawing()) && model.get("answer").asked !== model.get("asked");
    radios.forEach((radio, digit) => (radio.checked = digit === model.get("right")));
    say(notice, silent ? words["no kernel"] : "");
    pad.show();
    for (const button of [undo, clear]) button.setAttribute("aria-disabled", drawing().length === 0);
    const { groups, box, alts, hint, sentences } = answer();
    redraw(picture, { box, alt: alts[step], marks: [...groups.slice(0, step + 1), step ? [] : hint].flat() });
    picture.classList.toggle("bpteach-old", isOld);
    steps.say(sentences[step]);
    steps.show();
    steps.range.value = step;
    steps.range.disabled = lastStep() === 0;
  }

  // asking the kernel

  function ask(changes = {}) {
    asking = true; // draw once, not for each trait
    for (const [trait, value] of Object.entries(changes)) model.set(trait, value);
    model.set("asked", (model.get("asked") + 1) % 1_000_000);
    model.save_changes();
    asking = false;
    draw();
  }

  function wait() {
    if (!waiting)
      waiting = setTimeout(() => {
        waiting = 0;
        silent = true;
        draw();
      }, SILENCE);
  }

  function hear() {
    clearTimeout(waiting);
    waiting = 0;
    silent = false;
    if (model.get("answer").asked !== model.get("asked")) wait();
    draw();
  }

  function showRecorded() {
    const next = (recordings.indexOf(recordingOf(drawing())) + 1) % recordings.length;
    const recording = recordings[next];
    ask({ drawing: recording.drawing, right: recording.meant, step: 0 });
  }

  listen.on(undo, "click", pad.takeBack);
  listen.on(clear, "click", () => ask({ drawing: [], ...isFirst }));
  listen.on(recorded, "click", showRecorded);
  radios.forEach((radio, digit) => listen.on(radio, "change", () => ask({ right: digit })));
  listen.watch(["drawing", "right", "step"], draw);
  listen.watch(["asked"], wait);
  listen.watch(["answer"], hear);
  listen.atEnd(() => clearTimeout(waiting));
  el.append(root);
  ask(); // is a kernel there?

  return listen.stop;
}

export default { render };
