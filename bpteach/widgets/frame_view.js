// Draws what Python sends and steps through it, for DeltaView and SpeedUpView: every number, place and word comes from
// bpteach/widgets/delta_view.py and speed_up_view.py.

export default widget((view) => {
  const { words, get } = view;
  const frames = get("frames");
  const trait = view.offered.index ? "index" : "example";
  const shown = picture();
  const spoken = (i) => frames[i].position;
  const steps = player(view, { trait, label: words.step, spoken, seen: trait === "index" });
  const boxes = words.own ? [tickBox(view, "own_scale", words.own)] : [];

  view.watch([trait, "own_scale"], () => {
    const { sentence, views } = frames[get(trait)];
    const { alt, marks } = views[get("own_scale") ? 1 : 0];
    steps.say(sentence);
    redraw(shown, { box: get("box"), alt, layers: [marks] });
  });
  return [controls(view, ...steps.controls, ...boxes), steps.sentence, shown];
});
