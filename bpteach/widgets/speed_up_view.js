// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/speed_up_view.py.

function render({ model, el }) {
  const words = model.get("words");
  const frames = model.get("frames");
  const last = frames.length - 1;
  const listen = listening(model);

  const previous = control("button", { type: "button" }, words.previous);
  const next = control("button", { type: "button" }, words.next);
  const range = control("input", { type: "range", min: 0, max: last, step: 1 });
  const size = element("span", { class: "bpteach-size", "aria-hidden": "true" }); // the slider says it;
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const picture = drawn({ tag: "svg", role: "img", viewBox: model.get("box") });

  const root = element("div", { class: "bpteach-widget bpteach-speed-up-view" });
  root.append(
    element(
      "div",
      { class: "bpteach-controls", role: "group", "aria-label": words.controls },
      element("label", {}, words.m, range),
      size,
      element("span", { class: "bpteach-buttons" }, previous, next),
      textSize(model, root, listen),
    ),
    sentence,
    picture,
  );

  function draw() {
    const index = model.get("index");
    const frame = frames[index];
    range.value = index;
    range.setAttribute("aria-valuetext", frame.position);
    previous.setAttribute("aria-disabled", index === 0);
    next.setAttribute("aria-disabled", index === last);
    size.textContent = frame.position;
    say(sentence, frame.sentence);
    picture.setAttribute("aria-label", frame.alt);
    picture.replaceChildren(...frame.marks.map(drawn));
  }

  function step(by) {
    const index = model.get("index") + by;
    if (index in frames) choose(model, "index", index);
  }

  listen.on(range, "input", () => choose(model, "index", Number(range.value)));
  listen.on(previous, "click", () => step(-1));
  listen.on(next, "click", () => step(1));
  listen.watch(["index"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
