// One switch opens all answers of a page, and of the pages that are read next.

const KEY = "bpteach-answers";
const control = document.querySelector(".site-answers");
const answers = document.querySelectorAll(".site-answer, .jp-MarkdownOutput details");

// a browser may forbid a page to keep anything
function kept(value) {
  try {
    if (value !== undefined) localStorage.setItem(KEY, value);
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

if (control && answers.length) {
  const box = control.querySelector("input");
  const open = () => answers.forEach((answer) => (answer.open = box.checked));
  box.checked = kept() === "open";
  if (box.checked) open();
  box.addEventListener("change", () => {
    kept(box.checked ? "open" : "folded");
    open();
  });
  control.hidden = false;
}
