// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/speed_up_view.py.

function render({ model, el }) {
  const frames = model.get("frames");
  const listen = listening(model);
  const steps = player(model, listen, {
    trait: "index",
    label: model.get("words").m,
    last: frames.length - 1,
    spoken: (i) => frames[i].position,
    seen: true,
  });
  const picture = drawn({ tag: "svg", role: "img", viewBox: model.get("box") });

  function draw() {
    const frame = frames[model.get("index")];
    steps.say(frame.sentence);
    redraw(picture, frame);
  }

  const { root, controls } = shell(model, listen, "speed-up-view", ...steps.controls);
  root.append(controls, steps.sentence, picture);
  listen.watch(["index"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
