// Draws what Python sends and steps through it. Every number, place and word comes from
// bpteach/widgets/delta_depth_view.py.

// What changes of a mark is its path or its text.
const filledIn = (marks, values) =>
  marks.map((mark, i) => ({ ...mark, [mark.tag === "text" ? "text" : "d"]: values[i] }));

export default widget((view) => {
  const { words, get } = view;
  const [frames, images, panels] = ["frames", "images", "panels"].map(get);
  const pictures = panels.map(() => picture());
  const steps = player(view, { trait: "epoch", label: words.epoch, spoken: String, seen: true });
  const example = slider(view, { trait: "example", label: words.example, spoken: String });
  const overEpochs = frames.length > 1 ? steps.controls : [];

  view.watch(["epoch", "example"], () => {
    const { alts, filled, examples } = frames[get("epoch")];
    const chosen = examples[get("example")];
    const own = [filledIn(panels[0].example, chosen.filled), images[get("example")]];
    steps.say(chosen.sentence);
    panels.forEach(({ box, marks, epoch }, i) => {
      const layers = [i ? [] : own[1], marks, filledIn(epoch, filled[i]), i ? [] : own[0]];
      redraw(pictures[i], { box, alt: alts[i], layers });
    });
  });
  return [controls(view, ...overEpochs, example), steps.sentence, element("div.pictures", ...pictures)];
});
