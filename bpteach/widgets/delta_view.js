// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/delta_view.py.

function render({ model, el }) {
  const words = model.get("words");
  const frames = model.get("frames");
  const last = frames.length - 1;
  const listen = listening(model);

  const previous = control("button", { type: "button" }, words.previous);
  const next = control("button", { type: "button" }, words.next);
  const range = control("input", { type: "range", min: 0, max: last, step: 1 });
  const own = control("input", { type: "checkbox" });
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const picture = drawn({ tag: "svg", role: "img" });

  const root = element("div", { class: "bpteach-widget bpteach-delta-view" });
  root.append(
    element(
      "div",
      { class: "bpteach-controls", role: "group", "aria-label": words.controls },
      element("label", {}, words.example, range),
      element("span", { class: "bpteach-buttons" }, previous, next),
      element("label", {}, own, words.own),
      textSize(model, root, listen),
    ),
    sentence,
    picture,
  );

  function draw() {
    const index = model.get("example");
    const frame = frames[index];
    const view = frame.views[model.get("own_scale") ? 1 : 0];
    range.value = index;
    range.setAttribute("aria-valuetext", frame.position);
    previous.setAttribute("aria-disabled", index === 0);
    next.setAttribute("aria-disabled", index === last);
    own.checked = model.get("own_scale");
    say(sentence, frame.sentence);
    picture.setAttribute("viewBox", frame.box);
    picture.setAttribute("aria-label", view.alt);
    picture.replaceChildren(...view.marks.map(drawn));
  }

  function step(by) {
    const index = model.get("example") + by;
    if (index in frames) choose(model, "example", index);
  }

  listen.on(range, "input", () => choose(model, "example", Number(range.value)));
  listen.on(previous, "click", () => step(-1));
  listen.on(next, "click", () => step(1));
  listen.on(own, "change", () => choose(model, "own_scale", own.checked));
  listen.watch(["example", "own_scale"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
