// Collects strokes, sends them to Python, and draws what comes back; see bpteach/widgets/draw_digit.py.

const SILENCE = 3000; // milliseconds without an answer, after which we say so
const PACE = 100; // while the pen moves, ask at most so often
const STRAIGHT = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MOVES = { ...STRAIGHT, Home: [-1, -1], PageUp: [1, -1], End: [-1, 1], PageDown: [1, 1] };

const within = (value, most) => Math.min(Math.max(value, 0), most);
const rounded = (value) => Number(value.toFixed(4));

// Where one draws, with mouse, pen, finger or keys. `shown()` gives the strokes that are there, and whether they are a
// recorded drawing, which the first stroke replaces; `send(strokes, isFirst)` hears of all that is drawn.
function sketchpad({ words, get, on, atEnd }, shown, send) {
  const grid = get("grid");
  let stroke = null; // the one that is being drawn
  let before = []; // the strokes before it
  let pointer = null; // the finger, pen or mouse that draws it; null for the keyboard
  let cursor = [grid / 2, grid / 2]; // the keyboard's pen, in steps of the grid
  let pausing = 0;

  const ink = drawn({ tag: "path", class: "bpteach-drawn", "stroke-width": get("pen") });
  const pen = drawn({ tag: "circle", class: "bpteach-pen", r: get("pen") / 2 });
  const below = { x: grid / 2, y: grid - 0.8, "font-size": 1.6, "text-anchor": "middle" };
  const invitation = drawn({ tag: "text", class: "bpteach-invitation", ...below, text: words["draw here"] });
  const paper = made(SVG, "svg", { viewBox: `0 0 ${grid} ${grid}`, "aria-hidden": "true" }, [ink, pen, invitation]);
  const said = { "aria-label": words.area, "aria-description": words.keys };
  const area = element("div.area", { role: "application", tabindex: 0, ...said }, paper);
  const place = element("p.place", { "aria-live": "polite" });

  function show() {
    const { strokes, isRecorded } = stroke ? { strokes: [...before, stroke] } : shown();
    const point = ([x, y]) => `${x * grid} ${y * grid}`;
    const line = (points) => `M${[...points, points.at(-1)].map(point).join("L")}`; // a dot is a line of no length
    ink.setAttribute("d", strokes.map(line).join(""));
    invitation.toggleAttribute("hidden", strokes.length > 0 && !isRecorded);
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
    pausing ||= setTimeout(() => {
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
    const state = stroke ? words.down : words.up;
    say(place, isSo ? filled(words.pen, { state, column: cursor[0], row: cursor[1] }) : "");
  }

  const atCursor = () => cursor.map((value) => rounded(value / grid));

  function move({ key, shiftKey }) {
    cursor = cursor.map((value, axis) => within(value + (shiftKey ? 4 : 1) * MOVES[key][axis], grid));
    if (stroke) go(atCursor());
  }

  const put = () => (stroke ? lift() : begin(atCursor()));
  const actions = { " ": put, Enter: put, Escape: lift, Backspace: takeBack };

  function press(event) {
    if (!uses(event) || pointer !== null) return;
    event.preventDefault();
    event.stopPropagation();
    (actions[event.key] ?? move)(event);
    byKeys(true);
  }

  function pointOf(event) {
    const { left, top, width, height } = paper.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height].map((part) => rounded(within(part, 1)));
  }

  on(area, "pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    lift(); // what the keyboard drew
    byKeys(false);
    area.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    begin(pointOf(event));
  });
  on(area, "pointermove", (event) => {
    if (stroke && event.pointerId === pointer) go(pointOf(event));
  });
  on(area, "lostpointercapture", (event) => {
    if (event.pointerId === pointer) lift();
  });
  on(area, "keydown", press);
  on(area, "focus", () => byKeys(area.matches(":focus-visible")));
  on(area, "blur", () => {
    if (pointer === null) lift();
    byKeys(false);
  });
  atEnd(() => clearTimeout(pausing));
  return { area, place, show, takeBack, isDrawing: () => stroke !== null };
}

export default widget((view) => {
  const { words, get, on } = view;
  const recordings = get("recordings");
  const placeOf = (drawing) => recordings.findIndex((recording) => same(recording.drawing, drawing));
  const recordingOf = (drawing) => recordings[placeOf(drawing)];
  let silent = false; // nobody answers
  let waiting = 0;

  // what is shown: a recorded drawing where nobody answers

  function drawing() {
    const own = get("drawing");
    return silent && !pad.isDrawing() && !recordingOf(own) ? recordings[0].drawing : own;
  }

  function answer() {
    const recording = recordingOf(drawing());
    const right = get("right");
    return recording ? recording.answers[right === null ? 0 : right + 1] : get("answer");
  }

  const last = () => answer().groups.length - 1;
  const step = () => Math.min(get("step"), last());

  // its elements

  const isFirst = { right: null, step: 0 };
  const shown = () => ({ strokes: drawing(), isRecorded: recordingOf(drawing()) !== undefined });
  const pad = sketchpad(view, shown, (strokes, first) => {
    const start = first ? isFirst : strokes.length ? {} : { step: 0 }; // without strokes there is no way back
    ask({ drawing: strokes, ...start });
  });
  const [undo, clear, recorded] = ["undo", "clear", "recorded"].map((word) => button(words[word]));
  const name = String(Math.random()); // radio buttons of one name belong together
  const radios = Array.from({ length: 10 }, (_, digit) => element("input", { type: "radio", name, value: digit }));
  const choices = radios.map((radio, digit) => element("label", radio, String(digit)));
  const notice = element("p.notice", { role: "status" });
  const way = picture();
  const spoken = () => answer().sentences[step()];
  const steps = player(view, { trait: "step", label: words.backward, last, spoken });

  function draw() {
    const { groups, box, alts, hint, sentences } = answer();
    const isOld = !recordingOf(drawing()) && get("answer").asked !== get("asked");
    radios.forEach((radio, digit) => (radio.checked = digit === get("right")));
    say(notice, silent ? words["no kernel"] : "");
    pad.show();
    view.link.element.hidden = !recordingOf(drawing());
    for (const button of [undo, clear]) button.setAttribute("aria-disabled", drawing().length === 0);
    redraw(way, { box, alt: alts[step()], layers: [...groups.slice(0, step() + 1), step() ? [] : hint] });
    way.classList.toggle("bpteach-old", isOld);
    steps.say(sentences[step()]);
    steps.show();
    steps.range.value = step();
    steps.range.setAttribute("aria-valuetext", sentences[step()]);
    steps.range.disabled = last() === 0;
  }

  // asking the kernel

  const ask = (changes) => view.choose({ ...changes, asked: (get("asked") + 1) % 1_000_000 });

  function wait() {
    clearTimeout(waiting);
    if (get("answer").asked === get("asked")) hear(false);
    else waiting = setTimeout(() => hear(true), SILENCE);
  }

  function hear(isSilent) {
    silent = isSilent;
    draw();
  }

  function showRecorded() {
    const { drawing: next, meant } = recordings[(placeOf(drawing()) + 1) % recordings.length];
    ask({ drawing: next, right: meant, step: 0 });
  }

  // A link tells of recorded drawings alone, counted from 1.
  view.link.tell = () => ({ recorded: placeOf(drawing()) + 1, right: get("right"), step: step() });
  view.link.follow = ({ recorded, ...told }) =>
    ask({ drawing: recorded ? recordings[recorded - 1].drawing : drawing(), ...told });

  on(undo, "click", pad.takeBack);
  on(clear, "click", () => ask({ drawing: [], ...isFirst }));
  on(recorded, "click", showRecorded);
  radios.forEach((radio, digit) => on(radio, "change", () => ask({ right: digit })));
  view.atEnd(() => clearTimeout(waiting));
  view.watch(["drawing", "right", "step"], draw);
  view.watch(["asked", "answer"], wait);
  ask(); // is a kernel there?

  const should = element("fieldset", element("legend", words.should), ...choices);
  const layers = element("div.controls", { role: "group", "aria-label": words.layers }, ...steps.controls);
  return [
    element("div.left", pad.area, element("div.controls", undo, clear, recorded), pad.place),
    element("div.right", notice, should, layers, steps.sentence, way),
    controls(view, element("p.keys", words.keys)),
  ];
});
