// Draws what Python sends and steps through it. Every number, place and word comes from
// bpteach/widgets/delta_depth_view.py.

// Draws the marks of a panel once, and keeps those that change: their path or their text is set at every step.
function depthPanel({ box, marks, epoch, example }) {
  const slots = { epoch: epoch.map(drawn), example: example.map(drawn) };
  const image = drawn({ tag: "g" });
  const picture = drawn({ tag: "svg", role: "img", viewBox: box });
  picture.append(image, ...marks.map(drawn), ...slots.epoch, ...slots.example);
  return { picture, slots, image };
}

function depthFill(slots, values) {
  slots.forEach((slot, i) => {
    if (slot.tagName === "text") say(slot, values[i]);
    else slot.setAttribute("d", values[i]);
  });
}

function render({ model, el }) {
  const words = model.get("words");
  const frames = model.get("frames");
  const positions = model.get("positions");
  const images = model.get("images");
  const listen = listening(model);
  const last = frames.length - 1;

  const epoch = control("input", { type: "range", min: 0, max: last, step: 1 });
  const value = element("span", { class: "bpteach-value", "aria-hidden": "true" });
  const previous = control("button", { type: "button" }, words.previous);
  const next = control("button", { type: "button" }, words.next);
  const play = control("button", { type: "button" }, words.play);
  const speed = control(
    "select",
    {},
    ...model.get("speeds").map(([text, pause]) => element("option", { value: pause }, text)),
  );
  speed.selectedIndex = 1;
  const example = control("input", { type: "range", min: 0, max: positions.length - 1, step: 1 });
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const panels = model.get("panels").map(depthPanel);

  const root = element("div", { class: "bpteach-widget bpteach-delta-depth-view" });
  const overEpochs = [
    element("label", {}, words.epoch, epoch, value),
    element("span", { class: "bpteach-buttons" }, previous, next, play),
    element("label", {}, words.speed, speed),
  ];
  root.append(
    element(
      "div",
      { class: "bpteach-controls", role: "group", "aria-label": words.controls },
      ...(last > 0 ? overEpochs : []),
      element("label", {}, words.example, example),
      textSize(model, root, listen),
    ),
    sentence,
    element("div", { class: "bpteach-pictures" }, ...panels.map(({ picture }) => picture)),
  );

  let timer = null;
  let shownImage = null;

  function draw() {
    const index = model.get("epoch");
    const column = model.get("example");
    const frame = frames[index];
    const chosen = frame.examples[column];
    epoch.value = index;
    epoch.setAttribute("aria-valuetext", frame.label);
    say(value, frame.label);
    previous.setAttribute("aria-disabled", index === 0);
    next.setAttribute("aria-disabled", index === last);
    example.value = column;
    example.setAttribute("aria-valuetext", positions[column]);
    say(sentence, chosen.sentence);
    panels.forEach(({ picture, slots }, i) => {
      picture.setAttribute("aria-label", frame.alts[i]);
      depthFill(slots.epoch, frame.filled[i]);
    });
    depthFill(panels[0].slots.example, chosen.filled);
    if (shownImage !== column) panels[0].image.replaceChildren(...images[column].map(drawn));
    shownImage = column;
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    say(play, words.play);
    sentence.setAttribute("aria-live", "polite");
  }

  function start() {
    clearInterval(timer);
    timer = setInterval(advance, Number(speed.value));
    say(play, words.pause);
    sentence.setAttribute("aria-live", "off"); // nobody could listen that fast
  }

  function advance() {
    const index = model.get("epoch");
    if (index < last) choose(model, "epoch", index + 1);
    if (index + 1 >= last) stop();
  }

  function step(by) {
    stop();
    const index = model.get("epoch") + by;
    if (index in frames) choose(model, "epoch", index);
  }

  function playOrPause() {
    if (timer !== null) return stop();
    if (model.get("epoch") === last) choose(model, "epoch", 0);
    start();
  }

  listen.on(epoch, "input", () => {
    stop();
    choose(model, "epoch", Number(epoch.value));
  });
  listen.on(previous, "click", () => step(-1));
  listen.on(next, "click", () => step(1));
  listen.on(play, "click", playOrPause);
  listen.on(speed, "change", () => timer !== null && start());
  listen.on(example, "input", () => choose(model, "example", Number(example.value)));
  listen.watch(["epoch", "example"], draw);
  listen.atEnd(() => clearInterval(timer));
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
