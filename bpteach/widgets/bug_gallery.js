// Draws what Python sends and steps through it. Every number, place and word comes from bpteach/widgets/bug_gallery.py.

function render({ model, el }) {
  const words = model.get("words");
  const exhibits = model.get("exhibits");
  const probes = model.get("probes");
  const last = exhibits.length - 1;
  const listen = listening(model);

  const selectOf = (names) =>
    control("select", {}, ...names.map((name, value) => element("option", { value }, name)));
  const mistake = selectOf(model.get("choices"));
  const previous = control("button", { type: "button" }, words.previous);
  const next = control("button", { type: "button" }, words.next);
  const probe = selectOf(probes);
  const sentence = element("p", { "aria-live": "polite", class: "bpteach-sentence" });
  const code = { right: element("code"), wrong: element("code") };
  const notes = element("p", { class: "bpteach-notes" });
  const picture = drawn({ tag: "svg", role: "img" });
  const accuracy = drawn({ tag: "svg", role: "img" });

  const heads = model.get("heads").map((name) => element("th", { scope: "col" }, name));
  const cells = model.get("checks").map(() => probes.map(() => element("td")));
  const table = element(
    "table",
    {},
    element("caption", {}, words.table),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, words.check), ...heads)),
    element(
      "tbody",
      {},
      ...model.get("checks").map((name, i) => element("tr", {}, element("th", { scope: "row" }, name), ...cells[i])),
    ),
  );
  // In a narrow window the table scrolls by itself, also by keys.
  const scroller = control("div", { class: "bpteach-checks", tabindex: 0, role: "group", "aria-label": words.table });
  scroller.append(table);

  const codeOf = (side) =>
    element("div", { class: `bpteach-code bpteach-code-${side}` }, element("b", {}, words[`${side} code`]), code[side]);

  const root = element("div", { class: "bpteach-widget bpteach-bug-gallery" });
  root.append(
    element(
      "div",
      { class: "bpteach-controls", role: "group", "aria-label": words.controls },
      element("label", {}, words.mistake, mistake),
      element("span", { class: "bpteach-buttons" }, previous, next),
      element("span", { class: "bpteach-buttons" }, element("label", {}, words.probe, probe), textSize(model, root, listen)),
    ),
    sentence,
    codeOf("right"),
    codeOf("wrong"),
    notes,
    element("div", { class: "bpteach-pictures" }, picture, ...(exhibits.some((each) => each.accuracy) ? [accuracy] : [])),
    scroller,
  );

  function fill(svg, { box, alt, marks }) {
    svg.setAttribute("viewBox", box);
    svg.setAttribute("aria-label", alt);
    svg.replaceChildren(...marks.map(drawn));
  }

  function judge(cell, accepted, current) {
    cell.textContent = accepted ? words.accepts : words.refuses;
    cell.classList.toggle("bpteach-accepted", accepted);
    cell.classList.toggle("bpteach-current", current);
  }

  function draw() {
    const index = model.get("exhibit");
    const column = model.get("probe");
    const shown = exhibits[index];
    mistake.value = index;
    probe.value = column;
    previous.setAttribute("aria-disabled", index === 0);
    next.setAttribute("aria-disabled", index === last);
    say(sentence, shown.sentences[column]);
    say(code.right, shown.right);
    say(code.wrong, shown.wrong);
    say(notes, shown.notes.join(" "));
    fill(picture, shown.pictures[column]);
    if (shown.accuracy) fill(accuracy, shown.accuracy);
    accuracy.style.display = shown.accuracy ? "" : "none";
    heads.forEach((head, i) => head.classList.toggle("bpteach-current", i === column));
    shown.verdicts.forEach((row, i) => row.forEach((accepted, j) => judge(cells[i][j], accepted, j === column)));
  }

  function step(by) {
    const index = model.get("exhibit") + by;
    if (index in exhibits) choose(model, "exhibit", index);
  }

  listen.on(mistake, "change", () => choose(model, "exhibit", Number(mistake.value)));
  listen.on(previous, "click", () => step(-1));
  listen.on(next, "click", () => step(1));
  listen.on(probe, "change", () => choose(model, "probe", Number(probe.value)));
  listen.watch(["exhibit", "probe"], draw);
  draw();
  el.append(root);

  return listen.stop;
}

export default { render };
