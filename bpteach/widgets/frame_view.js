// Draws what Python sends and steps through it, for DeltaView and SpeedUpView: every number, place and word comes from
// bpteach/widgets/delta_view.py and speed_up_view.py.

function render({ model, el }) {
  const words = model.get("words");
  const frames = model.get("frames");
  const [trait, name] = model.get("stepped");
  const listen = listening(model);
  const steps = player(model, listen, {
    trait,
    label: words.step,
    last: frames.length - 1,
    spoken: (i) => frames[i].position,
    seen: trait === "index",
  });
  const boxes = words.own ? [tickBox(model, listen, "own_scale", words.own)] : [];
  const picture = drawn({ tag: "svg", role: "img", viewBox: model.get("box") });

  function draw() {
    const frame = frames[model.get(trait)];
    steps.say(frame.sentence);
    redraw(picture, frame.views ? frame.views[model.get("own_scale") ? 1 : 0] : frame);
  }

  const { root, controls } = shell(model, listen, name, ...steps.controls, ...boxes);
  root.append(controls, steps.sentence, picture);
  listen.watch([trait, "own_scale"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
