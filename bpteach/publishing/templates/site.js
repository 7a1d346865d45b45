// What a page of the site can do: switches that are remembered, contents that follow the reader, a search.

const find = (selector) => document.querySelector(selector);
const made = (tag, properties) => Object.assign(document.createElement(tag), properties);

// One switch opens all answers of a page, and of the pages that are read next.
function startAnswers() {
  const control = find(".site-answers");
  const box = control.querySelector("input");
  const answers = document.querySelectorAll(".site-answer, .jp-MarkdownOutput details");
  const open = () => answers.forEach((answer) => (answer.open = box.checked));
  box.checked = kept("bpteach-answers") === "open";
  if (box.checked) open();
  box.addEventListener("change", () => {
    kept("bpteach-answers", box.checked ? "open" : "folded");
    open();
  });
  control.hidden = !answers.length;
}

// The page's head has shown the theme already, and has `showTheme` and `kept`; until the reader chooses a theme it
// follows the system.
function startTheme() {
  const box = find(".site-theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => document.documentElement.dataset.jpThemeLight === "false";
  box.checked = isDark();
  box.addEventListener("change", () => {
    kept("bpteach-theme", box.checked ? "dark" : "light");
    showTheme(box.checked);
  });
  system.addEventListener("change", () => {
    if (!kept("bpteach-theme")) showTheme(system.matches);
    box.checked = isDark();
  });
  addEventListener("beforeprint", () => showTheme(false)); // paper is light
  addEventListener("afterprint", () => showTheme(box.checked));
}

// The section that is read is marked in the contents, and seen there; on a narrow screen these are folded.
function startContents() {
  const contents = find(".site-contents");
  if (!contents) return;
  const wide = matchMedia("(min-width: 64rem)");
  const unfold = () => (contents.open = wide.matches);
  wide.addEventListener("change", unfold);
  unfold();
  const links = [...contents.querySelectorAll("a")];
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  function mark() {
    const atEnd = scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
    const seen = headings.filter((heading) => atEnd || heading.getBoundingClientRect().top < 64).length;
    links.forEach((link) => link.removeAttribute("aria-current"));
    if (!seen) return;
    links[seen - 1].setAttribute("aria-current", "location");
    contents.parentElement.scrollTop = links[seen - 1].parentElement.offsetTop - innerHeight / 2;
  }
  document.addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
  mark();
}

// What scrolls can be scrolled by keyboard, and nothing else stops the Tab key.
function letScroll() {
  const kinds = ".jp-InputArea-editor, .jp-OutputArea-output, .jp-OutputArea-output pre, .jp-MarkdownOutput";
  const boxes = document.querySelectorAll(`${kinds}, .jp-MarkdownOutput pre, mjx-container`);
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  boxes.forEach((box) => watcher.observe(box));
}

// Text around the first word that was found, with that word marked; none is cut in two. Han letters have no spaces.
// Of several lists of words the first counts of which one stands there.
const HAN = /\p{Script=Han}+/gu;

function excerpt(text, choices) {
  const letters = (word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const whole = (word) => (word.match(HAN) ? letters(word) : `(?<![\\p{L}\\p{N}])${letters(word)}(?![\\p{L}\\p{N}])`);
  const cut = (words) => text.split(new RegExp(`(${words.map(whole).join("|")})`, "iu"));
  const found = choices.filter(({ length }) => length).map(cut);
  const [before, word, ...others] = found.find(({ length }) => length > 1) ?? ["", "", text];
  const after = others.join("");
  const paragraph = made("p");
  paragraph.append(before.length > 60 ? before.slice(-60).replace(/^[^\s\p{Script=Han}]*/u, "…") : before);
  paragraph.append(made("mark", { textContent: word }));
  paragraph.append(after.length > 120 ? after.slice(0, 120).replace(/[^\s\p{Script=Han}]*$/u, "…") : after);
  return paragraph;
}

function result(found, root, asked) {
  const item = made("li");
  const textContent = found.title === found.heading ? found.title : `${found.title}: ${found.heading}`;
  const exact = found.terms.filter((term) => found.queryTerms.includes(term));
  const choices = [[asked.trim()], [...(asked.match(HAN) ?? []), ...exact], found.terms];
  item.append(made("a", { href: root + found.id, textContent }), excerpt(found.text, choices));
  return item;
}

// All pages are searched; the index is fetched when it is first asked for, as a script, which works from files too.
function startSearch() {
  const dialog = find(".site-search");
  const { root, none, found } = dialog.dataset;
  const [box, said, list] = ["input", "[role=status]", "ol"].map((part) => dialog.querySelector(part));
  let script = null;
  function show() {
    const results = searchOfSite.search(box.value, {
      prefix: true,
      fuzzy: 0.1,
      boost: { heading: 3, title: 2 },
      combineWith: "AND",
    });
    said.textContent = !box.value.trim() ? "" : results.length ? found.replace("{n}", results.length) : none;
    list.replaceChildren(...results.slice(0, 30).map((each) => result(each, root, box.value)));
  }
  function open() {
    if (!dialog.open) dialog.showModal();
    if (script) return;
    script = made("script", { src: `${root}scripts/search.js` });
    script.addEventListener("load", () => {
      box.addEventListener("input", show);
      show();
    });
    document.head.append(script);
  }
  find(".site-search-open").addEventListener("click", open);
  list.addEventListener("click", (event) => event.target.closest("a") && dialog.close());
  dialog.querySelector("form").addEventListener("keydown", (event) => {
    if (event.key === "Escape") dialog.close(); // some browsers would only empty the box
    if (event.key === "Enter" && event.target === box) {
      event.preventDefault();
      list.querySelector("a")?.click();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    open();
  });
}

startAnswers();
startTheme();
startContents();
startSearch();
letScroll();
find(".site-tools").hidden = false;
