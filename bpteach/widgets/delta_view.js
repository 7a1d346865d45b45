// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/delta_view.py.

function render({ model, el }) {
  const words = model.get("words");
  const frames = model.get("frames");
  const listen = listening(model);
  const steps = player(model, listen, {
    trait: "example",
    label: words.example,
    last: frames.length - 1,
    spoken: (i) => frames[i].position,
  });
  const own = tickBox(model, listen, "own_scale", words.own);
  const picture = drawn({ tag: "svg", role: "img" });

  function draw() {
    const frame = frames[model.get("example")];
    steps.say(frame.sentence);
    redraw(picture, { box: frame.box, ...frame.views[model.get("own_scale") ? 1 : 0] });
  }

  const { root, controls } = shell(model, listen, "delta-view", ...steps.controls, own);
  root.append(controls, steps.sentence, picture);
  listen.watch(["example", "own_scale"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
