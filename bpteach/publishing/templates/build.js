// What Node.js does for the site, once: formulas become pictures with MathML beside them, and sections become an index.
// Reads {pages: [files], sections: [...], search: file} as JSON; changes the pages, writes the search.

const fs = require("fs");
const path = require("path");

const { pages, sections, search } = JSON.parse(fs.readFileSync(0, "utf8"));

function setFormulas(MathJax) {
  const { adaptor, input, output } = MathJax.startup;
  for (const page of pages) {
    const OutputJax = new output.constructor(output.options); // each page has its own shapes of letters
    const options = { ...MathJax.config.options, InputJax: input, OutputJax };
    const html = MathJax._.mathjax.mathjax.document(fs.readFileSync(page, "utf8"), options).render();
    if (![...html.math].length) continue;
    const root = adaptor.root(html.document);
    fs.writeFileSync(page, `${adaptor.doctype(html.document)}\n${adaptor.outerHTML(root)}`);
  }
}

// letters and digits make a word: x in x², keepdims in keepdims=True; of Han letters, each with the next one
const tokenize = (text) =>
  text
    .split(/[^\p{L}\p{N}]+|(\p{Script=Han}+)/u)
    .filter(Boolean)
    .flatMap((word) => (/\p{Script=Han}{2}/u.test(word) ? word.match(/.(?=(.))/gu).map((han, i) => han + word[i + 1]) : word));

function writeSearch() {
  const MiniSearch = require("minisearch");
  const options = { idField: "at", fields: ["heading", "title", "text"], storeFields: ["title", "heading", "text"] };
  const index = new MiniSearch({ ...options, tokenize });
  index.addAll(sections);
  const library = fs.readFileSync(path.join(require.resolve("minisearch"), "../../umd/index.js"), "utf8");
  const [text, settings] = [JSON.stringify(JSON.stringify(index)), JSON.stringify(options)];
  const loaded = `var searchOfSite = MiniSearch.loadJSON(${text}, { ...${settings}, tokenize: ${tokenize} });`;
  // pages with widgets have another loader, which must not take MiniSearch for a module of its own
  fs.writeFileSync(search, `{ let define;\n${library}\n}\n${loaded}\n`);
}

if (search) writeSearch();
require("mathjax")
  .init({
    loader: { load: ["adaptors/liteDOM", "input/tex", "output/svg", "a11y/assistive-mml"] },
    tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]], processEscapes: true },
    svg: { fontCache: "global" },
    options: { ignoreHtmlClass: "jp-InputArea-editor|jp-OutputArea", enableAssistiveMml: true },
    startup: { typeset: false },
  })
  .then(setFormulas)
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
