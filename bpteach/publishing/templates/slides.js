// What a deck adds to reveal.js: every slide fits its 1280 by 720 pixels, and every key has one owner.

const WIDTH = 1192; // of what stands on a slide
const BOTTOM = 704;
const CODE = [24, 22, 20, 18]; // pixels
const TEXT = [29, 27, 25, 24];
const ZOOMS = [1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1, 0.95, 0.9, 0.85, 0.8, 0.75];
const LAST_ZOOMS = [0.7, 0.65, 0.6, 0.55, 0.5];

const visible = (element) => element.checkVisibility() && !element.closest("aside");
const pictures = (slide) => [...slide.querySelectorAll(".jp-OutputArea img, .bpteach-widget")].filter(visible);

function bottom(slide) {
  const cells = [...slide.querySelectorAll(".jp-Cell")].filter(visible);
  const frame = slide.closest(".pdf-page, .slides").getBoundingClientRect();
  return Math.max(0, ...cells.map((cell) => cell.getBoundingClientRect().bottom - frame.top)) / Reveal.getScale();
}

const tooLow = (slide) => bottom(slide) > BOTTOM;
const tooWide = (picture) => picture.getBoundingClientRect().width / Reveal.getScale() > WIDTH + 1;

// The longest line of code, or of print, is on the slide to its end; one that would be too small is broken.
function fitLines(slide, largest) {
  for (const block of slide.querySelectorAll("pre")) {
    block.style.whiteSpace = "";
    const fits = (size) => {
      block.style.fontSize = `${size}px`;
      return block.scrollWidth <= block.clientWidth;
    };
    if (!CODE.filter((size) => size <= largest).some(fits)) block.style.whiteSpace = "pre-wrap";
  }
}

// Pictures are as large as there is room; then code, and then text, gives way.
function fit(slide) {
  if (!slide?.isConnected || slide.classList.contains("stack")) return;
  const found = pictures(slide);
  const zooming = (zooms) => zooms.map((zoom) => () => found.forEach((picture) => (picture.style.zoom = zoom)));
  const smaller = [
    ...zooming(ZOOMS),
    ...CODE.map((size) => () => fitLines(slide, size)),
    ...TEXT.map((size) => () => slide.style.setProperty("--jp-content-font-size1", `${size}px`)),
    ...zooming(LAST_ZOOMS),
  ];
  slide.style.removeProperty("--jp-content-font-size1");
  fitLines(slide, CODE[0]);
  for (const shrink of smaller) {
    shrink();
    if (!tooLow(slide) && !found.some(tooWide)) return;
  }
}

// The way to another language leads to the same slide.
function keepPlace() {
  const { h, v } = Reveal.getIndices();
  document.querySelectorAll(".slides-languages a").forEach((link) => (link.hash = `/${h}/${v}`));
}

function owner(event) {
  return event.target.closest?.(".bpteach-widget, summary, input, select, textarea, button");
}

function start() {
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    maxScale: 4,
    center: false,
    hash: true,
    slideNumber: "c/t",
    transition: "none",
    backgroundTransition: "none",
    pdfSeparateFragments: false,
    pdfMaxPagesPerSlide: 1,
    plugins: [RevealNotes],
    keyboardCondition: (event) => !owner(event),
  });
  const fitShown = () => (Reveal.isPrintingPDF() ? Reveal.getSlides() : [Reveal.getCurrentSlide()]).forEach(fit);
  Reveal.on("ready", fitShown);
  Reveal.on("pdf-ready", fitShown);
  Reveal.on("ready", keepPlace);
  Reveal.on("slidechanged", keepPlace);
  Reveal.on("slidechanged", (event) => {
    document.activeElement?.blur(); // a widget that is no longer seen gives the keys back
    fit(event.currentSlide);
  });
  const watcher = new ResizeObserver(fitShown); // formulas and widgets come late
  document.querySelectorAll(".reveal .jp-Cell").forEach((cell) => watcher.observe(cell));
  // a remote control turns the page even while a widget has the keys, but not where they draw
  document.addEventListener(
    "keydown",
    (event) => {
      const turn = { PageUp: () => Reveal.prev(), PageDown: () => Reveal.next() }[event.key];
      if (!turn || !owner(event) || event.target.closest(".bpteach-widget [role=application]")) return;
      event.preventDefault();
      event.stopPropagation();
      turn();
    },
    true,
  );
}

start();
