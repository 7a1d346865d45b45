// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/bug_gallery.py.

function render({ model, el }) {
  const words = model.get("words");
  const exhibits = model.get("exhibits");
  const listen = listening(model);
  const steps = player(model, listen, {
    trait: "exhibit",
    label: words.mistake,
    last: exhibits.length - 1,
    options: words.choices,
  });
  const probe = chooser(model, listen, "probe", words.probe, words.probes.map((name, i) => [i, name]));
  const code = { right: element("code"), wrong: element("code") };
  const notes = element("p", { class: "bpteach-notes" });
  const picture = drawn({ tag: "svg", role: "img" });
  const accuracy = drawn({ tag: "svg", role: "img" });

  const heads = words.probes.map((name) => element("th", { scope: "col" }, name));
  const cells = words.checks.map(() => words.probes.map(() => element("td")));
  const rows = words.checks.map((name, i) => element("tr", {}, element("th", { scope: "row" }, name), ...cells[i]));
  const head = element("thead", {}, element("tr", {}, element("th", { scope: "col" }, words.check), ...heads));
  const table = element("table", {}, element("caption", {}, words.table), head, element("tbody", {}, ...rows));
  // In a narrow window the table scrolls by itself, also by keys.
  const scroller = control("div", { class: "bpteach-checks", tabindex: 0, role: "group", "aria-label": words.table });
  scroller.append(table);

  const codeOf = (side) =>
    element("div", { class: `bpteach-code bpteach-code-${side}` }, element("b", {}, words[`${side} code`]), code[side]);

  function draw() {
    const column = model.get("probe");
    const shown = exhibits[model.get("exhibit")];
    steps.say(shown.sentences[column]);
    say(code.right, shown.right);
    say(code.wrong, shown.wrong);
    say(notes, shown.notes.join(" "));
    redraw(picture, shown.pictures[column]);
    if (shown.accuracy) redraw(accuracy, shown.accuracy);
    accuracy.style.display = shown.accuracy ? "" : "none";
    heads.forEach((head, i) => head.classList.toggle("bpteach-current", i === column));
    cells.flat().forEach((cell, i) => {
      const accepted = shown.verdicts.flat()[i];
      cell.textContent = accepted ? words.accepts : words.refuses;
      cell.classList.toggle("bpteach-accepted", accepted);
    });
  }

  const pictures = exhibits.some((each) => each.accuracy) ? [picture, accuracy] : [picture];
  const { root, controls } = shell(model, listen, "bug-gallery", ...steps.controls);
  controls.append(element("span", { class: "bpteach-together" }, probe, controls.lastChild)); // the text size
  root.append(controls, steps.sentence, codeOf("right"), codeOf("wrong"), notes);
  root.append(element("div", { class: "bpteach-pictures" }, ...pictures), scroller);
  listen.watch(["exhibit", "probe"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
