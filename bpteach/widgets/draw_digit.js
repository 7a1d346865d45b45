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
const digits = [...Array(10).keys()];
let views = 0;

function render({ model, el }) {
  const words = model.get("words");
  const recordings = model.get("recordings");
  const last = model.get("last");
  const grid = model.get("grid");
  const listen = listening(model);
  const group = `bpteach-draw-digit-${Date.now()}-${(views += 1)}`; // radio buttons of one name belong together

  let stroke = null; // the stroke that is being drawn
  let before = []; // the strokes before it
  let pointer = null; // the finger, pen or mouse that draws it; null for the keyboard
  let cursor = [grid / 2, grid / 2]; // the keyboard's pen, in steps of the grid
  let silent = false; // nobody answers
  let waiting = 0;
  let pausing = 0;
  let asking = false;
  let shown = null; // the groups of marks that are in the picture

  // the drawing area

  const ink = drawn({ tag: "path", class: "bpteach-drawn", "stroke-width": model.get("pen") });
  const pen = drawn({ tag: "circle", class: "bpteach-pen", r: model.get("pen") / 2 });
  const paper = drawn({ tag: "svg", viewBox: `0 0 ${grid} ${grid}`, "aria-hidden": "true" });
  paper.append(ink, pen);
  const invitation = element("span", { class: "bpteach-invitation", "aria-hidden": "true" }, words["draw here"]);
  const area = control(
    "div",
    {
      class: "bpteach-area",
      role: "application",
      tabindex: 0,
      "aria-label": words.area,
      "aria-description": words.keys,
    },
    paper,
    invitation,
  );
  const place = element("p", { class: "bpteach-place", "aria-live": "polite" });
  const undo = control("button", { type: "button" }, words.undo);
  const clear = control("button", { type: "button" }, words.clear);
  const recorded = control("button", { type: "button" }, words.recorded);

  // what comes back

  const radios = digits.map((digit) => control("input", { type: "radio", name: group, value: digit }));
  const back = control("button", { type: "button" }, words.back);
  const on = control("button", { type: "button" }, words["step on"]);
  const range = control("input", { type: "range", min: 0, max: last, step: 1 });
  const notice = element("p", { class: "bpteach-notice", role: "status" });
  const sentence = element("p", { class: "bpteach-sentence", "aria-live": "polite" });
  const picture = drawn({ tag: "svg", role: "img" });

  const root = element("div", { class: "bpteach-widget bpteach-draw-digit" });
  root.append(
    element(
      "div",
      { class: "bpteach-left" },
      area,
      element("div", { class: "bpteach-controls" }, undo, clear, recorded),
      place,
    ),
    element(
      "div",
      { class: "bpteach-right" },
      notice,
      element(
        "fieldset",
        {},
        element("legend", {}, words.should),
        ...digits.map((digit) => element("label", {}, radios[digit], String(digit))),
      ),
      element(
        "div",
        { class: "bpteach-controls", role: "group", "aria-label": words.controls },
        element("label", {}, words.backward, range),
        element("span", { class: "bpteach-buttons" }, back, on),
      ),
      sentence,
      picture,
    ),
    element(
      "div",
      { class: "bpteach-below" },
      element("p", { class: "bpteach-keys" }, words.keys),
      textSize(model, root, listen),
    ),
  );

  // what is shown: the recorded drawing where nobody answers

  const recordingOf = (drawing) => recordings.find((recording) => same(recording.drawing, drawing));

  function drawing() {
    const own = model.get("drawing");
    return silent && !stroke && !recordingOf(own) ? recordings[0].drawing : own;
  }

  function answer() {
    const recording = recordingOf(drawing());
    const right = model.get("right");
    return recording ? recording.answers[right === null ? 0 : right + 1] : model.get("answer");
  }

  function drawInk() {
    const strokes = stroke ? [...before, stroke] : drawing();
    const point = ([x, y]) => `${x * grid} ${y * grid}`;
    const line = (points) => `M${[...points, points.at(-1)].map(point).join("L")}`; // a dot is a line of no length
    ink.setAttribute("d", strokes.map(line).join(""));
    invitation.hidden = stroke !== null || (strokes.length > 0 && !recordingOf(strokes));
    undo.setAttribute("aria-disabled", strokes.length === 0);
    clear.setAttribute("aria-disabled", strokes.length === 0);
  }

  function drawAnswer() {
    const { groups, sentences, alts, box, hint } = answer();
    const step = Math.min(model.get("step"), groups.length - 1);
    if (!shown || shown.groups !== groups) {
      // the way back is made when its step comes
      picture.setAttribute("viewBox", box);
      picture.replaceChildren();
      shown = { groups, drawn: [] };
    }
    while (shown.drawn.length > step + 1) shown.drawn.pop().remove();
    while (shown.drawn.length <= step) {
      const part = drawn({ tag: "g" });
      part.append(...groups[shown.drawn.length].map(drawn));
      picture.append(part);
      shown.drawn.push(part);
    }
    picture.querySelector(".bpteach-hint")?.remove();
    if (step === 0) {
      const part = drawn({ tag: "g", class: "bpteach-hint" });
      part.append(...hint.map(drawn));
      picture.append(part);
    }
    const isOld = !recordingOf(drawing()) && model.get("answer").asked < model.get("asked");
    picture.classList.toggle("bpteach-old", isOld);
    picture.setAttribute("aria-label", alts[step]);
    say(sentence, sentences[step]);
    range.value = step;
    range.disabled = groups.length === 1;
    range.setAttribute("aria-valuetext", sentences[step]);
    back.setAttribute("aria-disabled", step === 0);
    on.setAttribute("aria-disabled", step === groups.length - 1);
  }

  function draw() {
    if (asking) return;
    const right = model.get("right");
    radios.forEach((radio, digit) => (radio.checked = digit === right));
    say(notice, silent ? words["no kernel"] : "");
    drawInk();
    drawAnswer();
  }

  // asking the kernel

  function ask(changes = {}) {
    asking = true; // draw once, not for each trait
    for (const [trait, value] of Object.entries(changes)) model.set(trait, value);
    model.set("asked", model.get("asked") + 1);
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
    if (model.get("answer").asked < model.get("asked")) wait();
    draw();
  }

  // drawing

  function begin(point) {
    const isFresh = recordingOf(drawing()) !== undefined;
    before = isFresh ? [] : drawing();
    stroke = [point];
    send(isFresh ? { right: null, step: 0 } : {});
  }

  function go(point) {
    if (same(stroke.at(-1), point)) return;
    stroke.push(point);
    drawInk();
    if (!pausing)
      pausing = setTimeout(() => {
        pausing = 0;
        if (stroke) send();
      }, PACE);
  }

  function lift() {
    if (!stroke) return;
    const drawing = [...before, stroke];
    stroke = null;
    pointer = null;
    ask({ drawing });
  }

  function send(changes = {}) {
    ask({ drawing: [...before, [...stroke]], ...changes }); // copies, which are not drawn on
  }

  function pointOf(event) {
    const box = paper.getBoundingClientRect();
    const part = (value, size) => Number(within(value / size, 1).toFixed(4));
    return [part(event.clientX - box.left, box.width), part(event.clientY - box.top, box.height)];
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

  // drawing by keyboard

  const atCursor = () => cursor.map((value) => Number((value / grid).toFixed(4)));

  function showPen() {
    const byKeys = area.classList.contains("bpteach-by-keys");
    pen.setAttribute("cx", cursor[0]);
    pen.setAttribute("cy", cursor[1]);
    pen.classList.toggle("bpteach-down-pen", stroke !== null);
    const filled = { state: stroke ? words.down : words.up, column: cursor[0], row: cursor[1] };
    say(place, byKeys ? words.pen.replace(/\{(\w+)\}/g, (_, name) => filled[name]) : "");
  }

  function byKeys(isSo) {
    area.classList.toggle("bpteach-by-keys", isSo);
    showPen();
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || pointer !== null) return;
    const move = MOVES[event.key];
    if (move) {
      const far = event.shiftKey ? 4 : 1;
      cursor = cursor.map((value, axis) => within(value + far * move[axis], grid));
      if (stroke) go(atCursor());
    } else if (event.key === " " || event.key === "Enter") {
      if (stroke) lift();
      else begin(atCursor());
    } else if (event.key === "Escape") lift();
    else if (event.key === "Backspace") takeBack();
    else return;
    event.preventDefault();
    event.stopPropagation();
    byKeys(true);
  }

  function takeBack() {
    const strokes = stroke ? before : drawing().slice(0, -1);
    stroke = null;
    ask({ drawing: strokes });
  }

  listen.on(area, "keydown", press);
  listen.on(area, "focus", () => byKeys(area.matches(":focus-visible")));
  listen.on(area, "blur", () => {
    if (pointer === null) lift();
    byKeys(false);
  });

  // the other controls

  function showRecorded() {
    const next = (recordings.indexOf(recordingOf(drawing())) + 1) % recordings.length;
    const recording = recordings[next];
    ask({ drawing: recording.drawing, right: recording.meant, step: 0 });
  }

  function stepBy(by) {
    const step = Number(range.value) + by;
    if (step >= 0 && step < answer().groups.length) choose(model, "step", step);
  }

  listen.on(undo, "click", takeBack);
  listen.on(clear, "click", () => ask({ drawing: [], right: null, step: 0 }));
  listen.on(recorded, "click", showRecorded);
  listen.on(back, "click", () => stepBy(-1));
  listen.on(on, "click", () => stepBy(1));
  listen.on(range, "input", () => choose(model, "step", Number(range.value)));
  radios.forEach((radio, digit) => listen.on(radio, "change", () => ask({ right: digit })));

  listen.watch(["drawing", "right", "step"], draw);
  listen.watch(["asked"], wait);
  listen.watch(["answer"], hear);
  listen.atEnd(() => {
    clearTimeout(waiting);
    clearTimeout(pausing);
  });
  el.append(root);
  ask(); // is a kernel there?

  return listen.stop;
}

export default { render };
