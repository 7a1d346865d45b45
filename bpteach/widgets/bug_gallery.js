// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/bug_gallery.py.

export default widget((view) => {
  const { words, get } = view;
  const exhibits = get("exhibits");
  const steps = player(view, { trait: "exhibit", label: words.mistake, options: words.choices });
  const probe = chooser(view, "probe", words.probe, [...words.probes.entries()]);
  const [right, wrong] = [element("code"), element("code")];
  const notes = element("p");
  const pictures = exhibits.some(({ accuracy }) => accuracy) ? [picture(), picture()] : [picture()];
  const table = element("table");
  // In a narrow window the table scrolls by itself, also by keys.
  const scroller = element("div.checks", { tabindex: 0, role: "group", "aria-label": words.table }, table);
  const labelled = (side, code) => element(`div.notice.${side}`, element("b", words[`${side} code`]), code);

  // What a gradient check says of the mistake, for each network, of which one is shown.
  function tabulate({ verdicts }, shown) {
    const row = (scope, name, cells) => element("tr", element("th", { scope }, name), ...cells);
    const head = (name, i) => element(i === shown ? "th.current" : "th", { scope: "col" }, name);
    const cell = (isSo) => (isSo ? element("td.accepted", words.accepts) : element("td", words.refuses));
    const rows = words.checks.map((name, i) => row("row", name, verdicts[i].map(cell)));
    table.replaceChildren(
      element("caption", words.table),
      element("thead", row("col", words.check, words.probes.map(head))),
      element("tbody", ...rows),
    );
  }

  view.watch(["exhibit", "probe"], () => {
    const shown = exhibits[get("exhibit")];
    steps.say(shown.sentences[get("probe")]);
    say(right, shown.right);
    say(wrong, shown.wrong);
    say(notes, shown.notes.join(words.gap));
    [shown.pictures[get("probe")], shown.accuracy].forEach((each, i) => {
      if (each) redraw(pictures[i], { ...each, layers: [each.marks] });
      pictures[i]?.toggleAttribute("hidden", !each);
    });
    tabulate(shown, get("probe"));
  });
  return [
    controls(view, ...steps.controls, probe),
    steps.sentence,
    labelled("right", right),
    labelled("wrong", wrong),
    notes,
    element("div.pictures", ...pictures),
    scroller,
  ];
});
