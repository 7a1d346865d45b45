// Starts Python while the notebook is drawn, says so until it answers, and leads back from the notebook to the lessons.

// what is said, by the folder of a language: that of the notebook
const { files, words: all } = document.currentScript.dataset;
const path = new URLSearchParams(location.search).get("path") ?? "";
const [place, words] = Object.entries(JSON.parse(all)).findLast(([folder], i) => !i || path.startsWith(folder));
document.documentElement.lang = words.lang;

const said = document.createElement("p");
said.setAttribute("role", "status");
said.style = "position: fixed; z-index: 100; bottom: 0; right: 0; margin: 0; padding: 0.5em 1em; font: 16px system-ui; background: #0072b2; color: #fff";
said.textContent = words.starts;
const counted = document.createElement("span");
counted.ariaHidden = "true"; // or it would be read aloud, file by file
said.append(counted);

const back = document.createElement("a");
back.textContent = words.lessons;
back.href = `../../${place}index.html`;
back.style = "align-self: start; padding: 1em; white-space: nowrap; color: inherit; text-decoration: underline";

let fetched = 0;

function startPython() {
  const python = new OtherWorker("../static/pyodide/python.js");
  python.addEventListener("message", ({ data }) => {
    fetched += data.fetched ?? 0;
    counted.textContent = words.fetched.replace("{}", Math.min(fetched, files));
    if (data.failed) said.textContent = words.failed + data.failed;
  });
  return python;
}

// The kernel asks for a worker of its own, and gets the one in which Python has been started.
const OtherWorker = window.Worker;
const isFile = location.protocol === "file:";
let early = isFile ? null : startPython();
window.Worker = class extends OtherWorker {
  constructor(address, options) {
    if (!`${address}`.includes("pyodide-kernel")) return new OtherWorker(address, options);
    const python = early ?? startPython(); // another one, when the kernel is restarted
    early = null;
    python.postMessage({ kernel: `${address}` });
    return python;
  }
};

const wait = () => new Promise((resolve) => setTimeout(resolve, 100));

async function start() {
  document.body.append(said);
  if (isFile) {
    said.textContent = words.fromServer;
    said.append(back);
    return;
  }
  let model;
  while (!model) {
    await wait();
    model = [...(window.jupyterapp?.serviceManager.sessions.running() ?? [])][0];
  }
  const session = jupyterapp.serviceManager.sessions.connectTo({ model });
  document.querySelector("#top-panel").prepend(back);
  await session.kernel.requestInspect({ code: "x", cursor_pos: 1, detail_level: 0 }); // its answer is all that is wanted
  said.remove();
}

addEventListener("DOMContentLoaded", start);
