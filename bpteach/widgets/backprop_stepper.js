// Draws what Python sends and steps through it: the story, which all examples share, and what each has of its own.
// Every number, place and word comes from bpteach/widgets/: see stepper_frames.py.

export default widget((view) => {
  const { words, get, on, choose, root } = view;
  const story = get("story");
  const last = story.steps.length; // steps are counted from 1, as their labels do
  const steps = player(view, { trait: "step", label: words.step, spoken: (i) => story.steps[i - 1].position, go });
  const jump = button(words.jump);
  const predict = tickBox(view, "predict", words["predict first"]);
  const columns = Object.keys(get("examples")).map((column) => [Number(column), column]);
  const column = columns.length > 1 ? [chooser(view, "example", words.example, columns)] : [];
  const message = element("p.notice.message", story.message);
  const note = element("p.notice");
  const heard = element("p.unseen", { "aria-live": "polite" });
  const label = element("span.title");
  const set = element("span.set");
  const code = codeView(words, story);
  const network = networkView(words, story);
  const variables = element("dl");
  const sum = sumView(view, story);
  const quiz = quizView(view, reveal);

  let pointed = null; // the neuron under the pointer
  let question = null; // the one that is asked, with `at`, the step held back, and `back`, what had the focus
  let text = ""; // what is said of the step
  const answers = new Set(); // the questions that were answered

  const variable = (name, value = "", isNew = false) =>
    element(isNew ? "div.changed" : "div", element("dt", name), element("dd", value));
  const stepShown = () => story.steps[get("step") - 1];
  const example = () => get("examples")[get("example")] ?? Object.values(get("examples"))[0];
  const key = (at) => `${get("example")} ${at}`;

  // --- what is shown

  // The neuron whose sum is shown: under the pointer, asked for, chosen, or that with the largest number.
  function neuronShown() {
    if (pointed) return pointed;
    if (question?.neuron.length) return question.neuron;
    if (get("neuron").length) return get("neuron");
    if (question) return null; // that neuron could be the answer
    const { latest } = stepShown();
    const j = latest < 0 ? -1 : example().events[latest].neuron;
    return j < 0 ? null : [story.events[latest].layer, j];
  }

  const eventOf = (neuron) => (neuron ? stepShown().layers[neuron[0] - 1][3] : -1);

  function drawNetwork() {
    const neuron = neuronShown();
    const isChosen = get("neuron").length > 0;
    const asked = !pointed && question?.link.length;
    let event = story.events[eventOf(neuron)];
    let terms = sum.show(neuron, example(), eventOf(neuron));
    if (asked) [event, terms] = [{ side: 1, toBars: true, hasNoSign: true }, [question.link]];
    else if (!pointed && !isChosen) terms = [];
    network.root.toggleAttribute("data-bpteach-escape", isChosen);
    network.show({ step: stepShown(), example: example(), text, neuron, event, terms });
  }

  function draw() {
    const step = stepShown();
    const tail = step.event < 0 ? words.end : example().events[step.event].tail;
    const equation = story.equations[step.equation];
    text = tail === words.end && step.sentence.endsWith(tail) ? step.sentence : step.sentence + tail;
    steps.say(text);
    code.show(step);
    variables.replaceChildren(...story.names.map((name, i) => variable(name, step.cells[i], step.changed.includes(i))));
    say(label, equation?.label ?? words["no equation"]);
    set.replaceChildren(...(equation ? [formula(equation)] : []));
    drawNetwork();
    say(note, example().note);
    code.follow(); // at the end, when all that it has to measure is there
  }

  // --- stepping, and the questions that hold a step back

  function go(target, played) {
    const now = get("step");
    const held = get("predict") ? heldBack(now, target) : undefined;
    question = null;
    if (held) {
      steps.play(false);
      const active = document.activeElement; // one that a question leaves behind
      const back = root.contains(active) && !quiz.root.contains(active) ? active : steps.range;
      question = { ...example().questions[held], at: held, back };
    }
    choose({ step: held ? held - 1 : target });
    if (question) quiz.ask(question, { grab: !played });
    else if (now !== target) idle();
    if (now === get("step")) drawNetwork(); // else it is drawn already
  }

  // The first step between `now` and `target` whose question waits for an answer.
  function heldBack(now, target) {
    const waiting = Object.keys(example().questions).map(Number);
    return waiting.find((at) => now < at && at <= target && !answers.has(key(at)));
  }

  function reveal({ at, back }) {
    answers.add(key(at));
    question = null;
    choose({ step: at });
    back.focus();
  }

  const idle = () => quiz.tell(words[heldBack(get("step"), last) ? "idle" : "no more"]);

  function forget() {
    question = null;
    quiz.root.hidden = !get("predict");
    idle();
    drawNetwork();
  }

  // A link leads as far as its reader would come: a question that was not answered here holds it back.
  view.link.follow = ({ step, ...told }) => {
    choose(told);
    if (step) steps.to(step);
  };

  // --- the neurons, by keyboard and by pointer

  function pick(neuron) {
    choose({ neuron });
    say(heard, neuron.length ? sum.spoken(neuron, example(), eventOf(neuron)) : "");
  }

  const count = (layer) => story.layers[layer - 1].places.length;
  // The neuron of another layer that is as far down as this one.
  function across([layer, j], by) {
    const to = layer + by;
    if (to < 2 || to > story.layers.length) return [layer, j];
    return [to, Math.round((j * (count(to) - 1)) / Math.max(count(layer) - 1, 1))];
  }
  const walk = (next) => () => {
    const from = get("neuron").length ? get("neuron") : neuronShown();
    point(null);
    pick(from ? next(from) : [story.layers.length, 0]);
  };
  view.onKeys(network.root, {
    ArrowUp: walk(([layer, j]) => [layer, Math.max(j - 1, 0)]),
    ArrowDown: walk(([layer, j]) => [layer, Math.min(j + 1, count(layer) - 1)]),
    ArrowLeft: walk((from) => across(from, -1)),
    ArrowRight: walk((from) => across(from, 1)),
    Home: walk(([layer]) => [layer, 0]),
    End: walk(([layer]) => [layer, count(layer) - 1]),
    Escape: walk(() => []),
  });
  function point(to) {
    if (String(to) === String(pointed)) return;
    pointed = to;
    drawNetwork();
  }
  on(network.root, "pointermove", (event) => point(network.near(event)));
  on(network.root, "pointerleave", () => point(null));
  on(network.root, "click", (event) => {
    const found = network.near(event);
    pick(found && String(found) !== String(get("neuron")) ? found : []);
  });
  on(code.root, "click", () => {
    if (getSelection().isCollapsed) steps.range.focus(); // from here the arrow keys step
  });
  on(jump, "click", () => story.backward && steps.to(story.backward));
  view.onKeys(jump, steps.moves);

  const sized = new ResizeObserver(code.follow); // also when it comes to the page
  sized.observe(code.root);
  view.atEnd(() => sized.disconnect());
  jump.setAttribute("aria-disabled", !story.backward);
  steps.controls[0].classList.add("bpteach-steps");
  view.watch(["step", "examples", "example"], draw);
  view.watch(["neuron"], drawNetwork);
  view.watch(["predict", "example"], forget);

  const equation = element("div.equation", label, set);
  const known = element("div.variables", element("p.title", words.variables), variables);
  const middle = element("div.middle", equation, network.root);
  return [
    message,
    note,
    controls(view, ...steps.controls, jump, predict, ...column),
    quiz.root,
    steps.sentence,
    element("div.columns", code.root, middle, sum.root, known),
    heard,
  ];
});
