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
  const steps = player(model, listen, {
    trait: "epoch",
    label: words.epoch,
    last,
    spoken: (i) => frames[i].label,
    seen: true,
    speeds: model.get("speeds"),
  });
  const example = slider(model, listen, {
    trait: "example",
    label: words.example,
    last: positions.length - 1,
    spoken: (i) => positions[i],
  });
  const panels = model.get("panels").map(depthPanel);
  function draw() {
    const frame = frames[model.get("epoch")];
    const column = model.get("example");
    const chosen = frame.examples[column];
    steps.say(chosen.sentence);
    panels.forEach(({ picture, slots }, i) => {
      picture.setAttribute("aria-label", frame.alts[i]);
      depthFill(slots.epoch, frame.filled[i]);
    });
    depthFill(panels[0].slots.example, chosen.filled);
    panels[0].image.replaceChildren(...images[column].map(drawn));
  }

  const overEpochs = last > 0 ? steps.controls : [];
  const { root, controls } = shell(model, listen, "delta-depth-view", ...overEpochs, example.label);
  const pictures = element("div", { class: "bpteach-pictures" }, ...panels.map(({ picture }) => picture));
  root.append(controls, steps.sentence, pictures);
  listen.watch(["epoch", "example"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
