"""A Jupyter server and a browser for the tests: start them, open a lesson, run it, and see what went wrong."""

import contextlib
import json
import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

import nbformat

from bpteach.publishing.lessons import NOTEBOOKS

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
FLAGS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

#: Seconds that anything may take on a machine that is busy with much else; to start something, three times as many.
PATIENCE = 60

#: What a front end reports by itself, whatever notebook is open.
HARMLESS = (
    r"Cannot read properties of undefined \(reading 'schema'\)",  # Notebook 7.6, each time that it starts
    r"Cannot read properties of undefined \(reading 'last_modified'\)",  # Notebook 7.2, likewise
    r"Command 'filebrowser:open-path' not registered",  # Notebook 7, once JupyterLab has noted which folder it showed
    r"Shared module @jupyterlite/server doesn't exist",  # JupyterLite's kernel for pages, where it is installed as well
    # Jupyter Server remembers files by their names alone, and refuses the second front end's font of the same name
    r"status of 403 \(Forbidden\) \(\S+/static/(lab|notebook)/\w+\.woff2?\)",
)

#: A widget that cannot be shown says so in the page's text.
BROKEN_WIDGET = re.compile(
    r"Error (displaying|creating|rendering) (the )?widget|model not found|Loading widget|Javascript Error",
    re.IGNORECASE,
)

#: what the page has once it knows that its kernel rests
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"

#: where a cell's number stands, in the notebook that is seen; a cell whose source is folded has none
PROMPTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell:not(:has(.jp-InputPlaceholder)) .jp-InputPrompt"


def launch(playwright):
    """Start a browser of Chromium's family: the one asked for, one on the PATH, or Playwright's own; None if none."""
    own = playwright.chromium.executable_path
    found = [os.environ.get("BPTEACH_BROWSER"), *map(shutil.which, BROWSERS), own if Path(own).exists() else None]
    path = next(filter(None, found), None)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    start = playwright.chromium.launch
    return path and start(executable_path=path, args=FLAGS, chromium_sandbox=not is_root)


#: anywidget gives a widget two seconds to begin
PATIENT = "{ const own = AbortSignal.timeout; AbortSignal.timeout = ms => own.call(AbortSignal, 100 * ms); }"


def new_page(browser):
    """Open an empty page that notes, in `page.complaints`, errors and every request to another machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(1000 * PATIENCE)
    page.add_init_script(PATIENT)
    page.complaints = []

    def complain(text):
        if not any(re.search(pattern, text) for pattern in HARMLESS):
            page.complaints.append(text)

    def note_console(message):
        if message.type == "error":
            complain(f"console: {message.text} ({message.location.get('url', '')})")

    def note_request(request):
        if not re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:|file:|about:", request.url):
            complain(f"asked another machine: {request.url}")

    page.on("console", note_console)
    page.on("pageerror", lambda error: complain(f"script: {error}"))
    page.on("request", note_request)
    return page


class Jupyter:
    """A Jupyter server, to be used in a `with` statement: its own folder, settings, port and token.

    The folder gets a copy of the notebooks. `command` follows `jupyter`. The address that Jupyter would open in the
    reader's browser is written to `opened`, and none is opened.
    """

    def __init__(self, folder, command=("lab",)):
        self.folder = Path(folder)
        self.command = list(command)
        self.token = secrets.token_hex(16)
        self.opened = self.folder / "opened.txt"

    def __enter__(self):
        shutil.copytree(NOTEBOOKS, self.folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        self.address = f"http://127.0.0.1:{_free_port()}"
        command = [shutil.which("jupyter", path=sysconfig.get_path("scripts")), *self.command]
        with open(self.folder / "server.log", "w") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            self.process = subprocess.Popen(command, cwd=self.folder, env=self._settings(), **streams)
        wait_until(self._answers, f"Jupyter did not start; see {self.folder / 'server.log'}")
        return self

    def __exit__(self, *error):
        try:
            self.ask("shutdown", "POST")
            self.process.wait(PATIENCE)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def ask(self, what, method="GET"):
        request = Request(f"{self.address}/api/{what}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def kernel(self, name):
        """Give what the server knows of the kernel of the notebook with this file name; None if it has none."""
        sessions = self.ask("sessions")
        return next((session["kernel"] for session in sessions if session["path"].endswith(name)), None)

    def is_idle(self, name):
        kernel = self.kernel(name)
        return kernel is not None and kernel["execution_state"] == "idle"

    def stop_kernels(self):
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")

    def _settings(self):
        """Write settings that keep to this folder and to this machine; give the environment that points at them."""
        config, user = self.folder / "config", self.folder / "user"
        note = self.folder / "note.py"
        note.write_text("import pathlib, sys\npathlib.Path(__file__).with_name('opened.txt').write_text(sys.argv[1])\n")
        server = {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": int(self.address.split(":")[-1]),
                "port_retries": 0,
                "allow_root": True,
                "browser": f'"{Path(sys.executable).as_posix()}" "{note.as_posix()}" %s',
            },
            "IdentityProvider": {"token": self.token},
            "LabApp": {"extension_manager": "readonly"},
        }
        disabled = {"@jupyterlab/apputils-extension:announcements": True}
        notebooks = {"windowingMode": "none"}  # every cell is in the page, so that tests can see all
        _write(config / "jupyter_server_config.json", server)
        _write(config / "labconfig" / "page_config.json", {"disabledExtensions": disabled})
        _write(user / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings", notebooks)
        return os.environ | {
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(user),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / "workspaces"),
            "IPYTHONDIR": str(self.folder / "ipython"),
        }

    def _answers(self):
        if self.process.poll() is not None:
            log = (self.folder / "server.log").read_text()
            raise AssertionError(f"Jupyter stopped at once:\n{log[-2000:]}")
        try:
            return self.ask("status")
        except (URLError, OSError):
            return None


def peak_memory(pid):
    """Give the most memory, in MB, that a process has held so far, or what it holds now."""
    import psutil

    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024 / 1e6
    memory = psutil.Process(pid).memory_info()
    return getattr(memory, "peak_wset", memory.rss) / 1e6


def notebook_of(sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def write_notebook(path, sources):
    nbformat.write(notebook_of(sources), path)


@contextlib.contextmanager
def running(chromium, jupyter, name, sources, front="lab/tree", place="", script=""):
    """Run a notebook of these sources in a page of its own; complaints of the front end before that do not count."""
    write_notebook(jupyter.folder / "notebooks" / name, sources)
    page = new_page(chromium)
    page.add_init_script(script)
    open_lesson(page, jupyter, name, front, place)
    page.complaints.clear()
    run_all(page, jupyter, name)
    yield page
    jupyter.stop_kernels()
    page.context.close()


def open_lesson(page, jupyter, name, front="lab/tree", place=""):
    """Open a lesson by its file name, in JupyterLab or ("notebooks") in Notebook 7; wait for its kernel.

    JupyterLab would open, behind it, what was open before, if it were not told to reset. `place` is what follows a #.
    """
    reset = "?reset&" if front.startswith("lab") else "?"
    page.goto(f"{jupyter.address}/{front}/notebooks/{name}{reset}token={jupyter.token}{place}")
    wait_for_lesson(page, jupyter, name)


def wait_for_lesson(page, jupyter, name):
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=3000 * PATIENCE)
    wait_until(lambda: jupyter.is_idle(name), f"{name}: the kernel did not start", page)
    page.wait_for_selector(IDLE, state="attached")  # the page knows it
    page.wait_for_function("document.querySelectorAll('.jp-Spinner, #jupyterlab-splash').length === 0")


def run_all(page, jupyter, name):
    """Run every cell through the Run menu, and wait until each has its number and the kernel is idle."""
    empty_prompts(page)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    unnumbered = "prompts => prompts.filter(prompt => !/\\[\\d+\\]/.test(prompt.textContent)).length"
    ended = lambda: page.eval_on_selector_all(PROMPTS, unnumbered) == 0 or error_outputs(page)  # noqa: E731
    wait_until(ended, f"{name}: Run All did not end", page)
    come_to_rest(page, jupyter, name)


def come_to_rest(page, jupyter, name):
    """Wait until nothing runs, and the last output is drawn."""
    wait_until(lambda: jupyter.is_idle(name), f"{name}: the kernel did not come to rest", page)
    page.wait_for_selector(IDLE, state="attached")
    with contextlib.suppress(AssertionError):  # what never is drawn, `faults` tells
        wait_until(lambda: not undrawn(page), "", page, seconds=PATIENCE / 3)
    settle(page)


def settle(page):
    """Wait until the widgets have kept their places for some frames: what is drawn or unfolded late is there."""
    page.evaluate(SETTLED)


SETTLED = """async () => {
    const seen = 'body, .bpteach-widget, .bpteach-widget > * > *';
    const places = () => JSON.stringify([...document.querySelectorAll(seen)].map(each => each.getBoundingClientRect()));
    for (let kept = 0, frames = 0, before = ''; kept < 8 && frames < 500; frames++) {
        kept = before === (before = places()) ? kept + 1 : 0;
        await new Promise(requestAnimationFrame);
    }
}"""


def empty_prompts(page):
    page.eval_on_selector_all(PROMPTS, "prompts => prompts.forEach(prompt => { prompt.textContent = ''; })")


def error_outputs(page):
    kinds = ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr")
    return page.locator(", ".join(f'[data-mime-type="{kind}"]' for kind in kinds)).all_inner_texts()


def faults(page):
    return [f"error output: {text[-500:]}" for text in error_outputs(page)] + undrawn(page) + page.complaints


def undrawn(page):
    texts = page.locator(".jp-OutputArea-output").all_inner_texts()
    found = [f"broken widget: {text[:200]}" for text in texts if BROKEN_WIDGET.search(text)]
    found += [f"picture without {what}" for what in page.evaluate(PICTURE_FAULTS)]
    return found + ["an empty output: its script failed"] * page.evaluate(EMPTY_OUTPUTS)


PICTURE_FAULTS = """() => [...document.querySelectorAll('.jp-OutputArea img')].flatMap(img => [
    ...(img.alt && img.alt !== 'Image' ? [] : ['a description (alt)']),  // JupyterLab fills in 'Image'
    ...(img.complete && img.naturalWidth > 0 ? [] : ['its pixels: ' + img.alt]),
])"""

EMPTY_OUTPUTS = """() => [...document.querySelectorAll('.jp-OutputArea-output')].filter(output =>
    output.dataset.mimeType !== 'application/javascript' && output.childNodes.length === 0).length"""


def shown_of_folded(page):
    """Tell what can be read below folded cells, where front ends show the first line of what is folded."""
    return "".join(page.locator(".jp-OutputPlaceholder").all_inner_texts()).strip()


def step_widgets(page):
    """Step each widget of the lesson from its first to its last picture by keyboard: what it says must change."""
    for i, root in enumerate(page.locator(".bpteach-widget").all()):
        said = root.locator("[aria-live=polite]")
        sliders = root.get_by_role("slider")
        stepped = sliders.first if sliders.count() else root.get_by_role("combobox").first
        stepped.press("Home")
        first = said.all_inner_texts()
        stepped.press("End")
        wait_until(lambda said=said, first=first: said.all_inner_texts() != first, f"widget {i} did not step", page)


def wait_until(condition, complaint, page=None, seconds=3 * PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := condition():
            return result
        page.wait_for_timeout(200) if page else time.sleep(0.2)  # a page lets its events through meanwhile
    raise AssertionError(f"{complaint} within {seconds} s")


def wait_for(page, read, wanted, what):
    """Wait until something is read; who has waited in vain waits less from then on."""
    end = time.monotonic() + PATIENCE / (1 + len(IN_VAIN))
    while (found := read()) != wanted and time.monotonic() < end:
        page.wait_for_timeout(20)
    IN_VAIN.extend([what] * (found != wanted))
    assert found == wanted, f"{what}: expected {wanted!r}, found {found!r} for long"


IN_VAIN = []


def has_focus(locator):
    return locator.evaluate("element => element === document.activeElement")


def overflows(root):
    return root.evaluate("root => root.scrollWidth > root.clientWidth")


def _free_port():
    """Choose a port below those that systems hand out: a kernel could be given one of them before the server starts."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port found")


def _write(path, settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))
