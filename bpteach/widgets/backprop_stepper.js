// Draws what Python sends and steps through it: the story, which all examples share, and what each has of its own. Every
// number, place and word comes from bpteach/widgets/: see stepper_frames.py.

function render({ model, el }) {
  const words = model.get("words");
  const story = model.get("story");
  const last = story.steps.length; // steps are counted from 1, as their labels do
  const stepOf = () => story.steps[model.get("step") - 1];
  const listen = listening(model);
  const steps = player(model, listen, {
    trait: "step",
    label: words.step,
    first: 1,
    last,
    spoken: (i) => story.steps[i - 1].position,
    speeds: model.get("speeds"),
    go,
  });
  const jump = control("button", { type: "button", "aria-disabled": !story.backward }, words.jump);
  const columns = Object.keys(model.get("examples")).map((column) => [Number(column), column]);
  const column = columns.length > 1 ? [chooser(model, listen, "example", words.example, columns)] : [];
  const predict = tickBox(model, listen, "predict", words["predict first"]);
  const { root, controls } = shell(model, listen, "backprop-stepper", ...steps.controls, jump, predict, ...column);
  const message = element("p", { class: "bpteach-message" }, story.message);
  const note = element("p", { class: "bpteach-note" });
  const heard = element("p", { "aria-live": "polite", class: "bpteach-unseen" });
  const label = element("span", { class: "bpteach-title" });
  const set = element("span", { class: "bpteach-set" });
  const code = codeView(words, story);
  const network = networkView(words, story);
  const variables = variablesView(words, story);
  const sum = sumView(words, story, model);
  const quiz = quizView(words, listen, reveal);
  const middle = element("div", { class: "bpteach-middle" }, element("div", { class: "bpteach-equation" }, label, set), network.root);
  message.hidden = !story.message;
  steps.controls[0].classList.add("bpteach-steps");
  root.append(message, note, controls, quiz.root, steps.sentence);
  root.append(element("div", { class: "bpteach-columns" }, code.root, middle, sum.root, variables.root), heard);

  let pointed = null; // the neuron under the pointer
  let question = null; // the one that is asked, with `at`, the step held back, and `back`, what had the focus
  let equation = null; // the one that is set
  const answers = new Set(); // the questions that were answered

  const example = () => {
    const all = model.get("examples");
    return all[model.get("example")] ?? Object.values(all)[0];
  };
  const key = (at) => `${model.get("example")} ${at}`;

  // --- what is shown

  // The neuron whose sum is shown: under the pointer, asked for, chosen, or that with the largest number.
  function neuron() {
    if (pointed) return pointed;
    if (question?.neuron.length) return question.neuron;
    if (model.get("neuron").length) return model.get("neuron");
    if (question) return null; // that neuron could be the answer
    const { latest } = stepOf();
    const j = latest < 0 ? -1 : example().events[latest].neuron;
    return j < 0 ? null : [story.events[latest].layer, j];
  }

  const eventOf = (shown) => (shown ? stepOf().layers[shown[0] - 1][3] : -1);

  function drawSum() {
    const shown = neuron();
    const event = eventOf(shown);
    const terms = sum.show(shown, example(), event);
    network.root.toggleAttribute("data-bpteach-escape", model.get("neuron").length > 0);
    if (question?.link.length && !pointed) network.ring(shown, { side: 1, toBars: true, hasNoSign: true }, [question.link]);
    else network.ring(shown, story.events[event], pointed || model.get("neuron").length ? terms : []);
  }

  function drawEquation(step) {
    if (equation === step.equation) return;
    equation = step.equation;
    const found = story.equations[equation];
    label.textContent = found ? found.label : words["no equation"];
    set.replaceChildren(...(found ? [formula(found)] : []));
  }

  function draw() {
    const step = stepOf();
    const tail = step.event < 0 ? "." : example().events[step.event].tail;
    const text = tail === "." && step.sentence.endsWith(".") ? step.sentence : step.sentence + tail;
    steps.say(text);
    code.show(step);
    network.show(step, example());
    network.picture.setAttribute("aria-label", `${story.picture} ${text}`);
    variables.show(step);
    drawEquation(step);
    drawSum();
    note.textContent = example().note;
    note.hidden = !example().note;
    code.follow(); // at the end, when all that it has to measure is there
  }

  // --- stepping, and the questions that hold a step back

  function go(target, played) {
    const now = model.get("step");
    const held = model.get("predict") ? heldBack(now, target) : null;
    question = null;
    if (held !== null) {
      target = held - 1;
      steps.stop();
      const back = root.contains(document.activeElement) ? document.activeElement : steps.range;
      question = { ...example().questions[held], at: held, back };
    }
    choose(model, "step", target);
    if (question) quiz.ask(question, { grab: !played });
    else if (now !== target) idle();
    drawSum();
  }

  // The first step between `now` and `target` whose question waits for an answer.
  function heldBack(now, target) {
    const waiting = Object.keys(example().questions).map(Number).sort((a, b) => a - b);
    return waiting.find((at) => now < at && at <= target && !answers.has(key(at))) ?? null;
  }

  function reveal() {
    const { at, back } = question;
    answers.add(key(at));
    question = null;
    choose(model, "step", at);
    back.focus();
  }

  const idle = () => quiz.idle(heldBack(model.get("step"), last) !== null);

  function forget() {
    question = null;
    quiz.root.hidden = !model.get("predict");
    idle();
    drawSum();
  }

  // --- the neurons, by keyboard and by pointer

  function pick(shown) {
    choose(model, "neuron", shown);
    say(heard, shown.length ? sum.spoken(shown, example(), eventOf(shown)) : "");
  }
  // The neuron of another layer at the same height.
  function across([layer, j], by) {
    const to = story.layers[layer - 1 + by];
    if (!to || layer + by < 2) return [layer, j];
    const height = story.layers[layer - 1].places[j][1];
    const gaps = to.places.map((place) => Math.abs(place[1] - height));
    return [layer + by, gaps.indexOf(Math.min(...gaps))];
  }
  const moves = {
    ArrowUp: ([layer, j]) => [layer, Math.max(j - 1, 0)],
    ArrowDown: ([layer, j]) => [layer, Math.min(j + 1, story.layers[layer - 1].places.length - 1)],
    ArrowLeft: (from) => across(from, -1),
    ArrowRight: (from) => across(from, 1),
    Home: ([layer]) => [layer, 0],
    End: ([layer]) => [layer, story.layers[layer - 1].places.length - 1],
    Escape: () => [],
  };
  listen.on(network.root, "keydown", (event) => {
    if (!moves[event.key] || !uses(network.root, event)) return;
    const from = model.get("neuron").length ? model.get("neuron") : neuron();
    pick(from ? moves[event.key](from) : [story.layers.length, 0]);
    pointed = null;
    event.preventDefault();
    drawSum();
  });
  function point(to) {
    if (String(to) === String(pointed)) return;
    pointed = to;
    drawSum();
  }
  listen.on(network.root, "pointermove", (event) => point(network.near(event)));
  listen.on(network.root, "pointerleave", () => point(null));
  listen.on(network.root, "click", (event) => {
    const found = network.near(event);
    pick(found && String(found) !== String(model.get("neuron")) ? found : []);
    drawSum();
  });
  listen.on(code.root, "click", () => {
    if (getSelection().isCollapsed) steps.range.focus(); // from here the arrow keys step
  });
  listen.on(jump, "click", () => story.backward && steps.to(story.backward));
  steps.keys(jump);

  const sized = new ResizeObserver(code.follow); // also when it comes to the page
  sized.observe(code.root);
  listen.atEnd(() => sized.disconnect());
  listen.watch(["step", "examples", "example"], draw);
  listen.watch(["neuron"], drawSum);
  listen.watch(["predict", "example"], forget);
  draw();
  forget();
  el.append(root);

  return listen.stop;
}

export default { render };
