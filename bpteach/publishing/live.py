"""The lessons to run in a page, as notebooks of JupyterLite, whose kernel is Pyodide: `bpteach site FOLDER --live`."""

import json
import posixpath
import re
import shutil
import sys
import tempfile
import zipfile
from html import escape
from importlib.util import find_spec
from pathlib import Path

import jinja2
import nbformat
from jupyter_core.paths import jupyter_path

from bpteach.locale import N_, _, language, speaking
from bpteach.publishing import npm
from bpteach.publishing.edition import place_of
from bpteach.publishing.lessons import NOTEBOOKS, cells_of
from bpteach.publishing.pages import TEMPLATES, RefusedError, copy_file
from bpteach.publishing.pyodide import ADDRESS, LOADED, LOCK, PLUGIN, STARTED, write_pyodide

LIVE = TEMPLATES / "live"

#: the kernel, for pip, and the only version of Pyodide that it is made for, for npm
KERNEL, PYODIDE = "jupyterlite-pyodide-kernel==0.6.1", "pyodide@0.27.6"

#: of JupyterLab's extensions, what a lesson uses; and the pages of JupyterLite: a notebook, and the list of them
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "anywidget"]
APPS = ["notebooks", "tree"]

NOTE = N_(
    "**This notebook runs in your browser.** What you type is kept there, on your own machine. *File → Download* saves "
    "it as a file; *Help → Clear Browser Data* brings all lessons back as they were. A loop without end in a function "
    "that you have checked is ended after some seconds; in a cell, only by closing the page."
)

#: what else a lesson says there, of what differs
DIFFERS = {
    "08-measure-how-much-faster-it-is": N_(
        "Here NumPy computes without BLAS, the library that makes matrix products fast: the loop takes only about 4 "
        "times as long as the matrix version at m = 10, and your machine can do better in Jupyter."
    ),
    "10-meet-the-libraries": N_(
        "PyTorch, JAX and scikit-learn do not run here: the cells that need them say so, and do nothing else. Leave "
        "them unrun, and you see what they gave."
    ),
    "11-use-more-than-one-machine": N_(
        "Workers do not run here, for a page of the browser cannot start other processes: the cells that need them say "
        "so, and do nothing else. Leave them unrun, and you see what they gave."
    ),
}


def hindrance(pyodide):
    """Say what is missing for live lessons; nothing if they can be built."""
    if not all(map(find_spec, ("jupyterlite_core", "jupyter_server"))):
        message = _(
            'Live lessons need JupyterLite: in the collection\'s folder run {python} -m pip install -e ".[live]"'
        )
        return message.format(python=sys.executable)
    if pyodide and not is_address(pyodide) and not (Path(pyodide) / LOCK).exists():
        return _("{folder} holds no {name}: expected a folder with all of Pyodide.").format(folder=pyodide, name=LOCK)
    return ""


def is_address(pyodide):
    return "://" in pyodide


def packages_for(pyodide):
    """List what npm fetches: Pyodide's interpreter, unless it is here."""
    return [] if pyodide and not is_address(pyodide) else [PYODIDE]


def fetch_kernel(folder):
    """Have pip fetch the kernel, once, and unpack it: where it is installed, JupyterLab looks for its parts in vain."""
    unpacked = folder / "kernel"
    if not unpacked.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, KERNEL]
        done = npm.ran(command)
        if done.returncode:
            message = _("pip could not fetch {package}. It needs internet. What it said:\n{said}")
            raise npm.UnavailableError(message.format(package=KERNEL, said=done.stderr.strip()))
        with zipfile.ZipFile(next(folder.glob(f"{KERNEL.split('==')[0].replace('-', '_')}-*.whl"))) as packed:
            packed.extractall(unpacked)
    return next(unpacked.glob(f"*/data/share/jupyter/labextensions/{PLUGIN}"))


def add_live(draft, notebooks, packages, languages, pyodide):
    """Add notebooks in some languages, by their names, to a draft of the site, to be run in the page."""
    folder, kernel = draft / "live", fetch_kernel(packages["mathjax"].parent)
    with tempfile.TemporaryDirectory() as place:
        prepare(Path(place), notebooks, kernel)
        build(Path(place), folder)
    source, address = Path(pyodide or ""), None
    if "pyodide" in packages:
        source = packages["pyodide"]
        address = pyodide or ADDRESS.format(version=npm.about(source)["version"])
    files = write_pyodide(folder / "static" / "pyodide", kernel, source, address)
    write_pages(folder, len(files), languages)


def prepare(place, notebooks, kernel):
    """Fill a folder with what JupyterLite is built from: the notebooks, its settings, and the extensions."""
    for name, notebook in notebooks.items():
        lead_on(notebook, name, notebooks)
        file = place / "files" / f"{name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, file)
    shutil.copytree(NOTEBOOKS / "images", place / "files" / "images")
    for name in EXTENSIONS:
        folders = [Path(folder, name) for folder in jupyter_path("labextensions")]
        shutil.copytree(next(filter(Path.exists, folders)), place / "extensions" / name)
    shutil.copytree(kernel, place / "extensions" / PLUGIN)
    settings = {
        "pyodideUrl": "./static/pyodide/python.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": LOADED},
    }
    config = {
        "appName": _("The code of backpropagation"),
        "appUrl": "./tree",
        "faviconUrl": "./notebooks/favicon.ico",
        "exposeAppInBrowser": True,
        "litePluginSettings": {f"{PLUGIN}:kernel": settings},
    }
    write(place / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": config})
    download = {"id": "jp-mainmenu-file", "items": [{"command": "docmanager:download", "rank": 6}]}
    overrides = {
        "@jupyterlab/mainmenu-extension:plugin": {"menus": [download]},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
        "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # dark where the system is
        "@jupyter-notebook/application-extension:top": {"visible": "yes"},  # on a phone, too
        "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5},  # seconds
    }
    write(place / "overrides.json", overrides)


def lead_on(notebook, name, names):
    """Leave plain words, as the pages do, where a link leads to a notebook that is not there. Changes `notebook`."""

    def link(found):
        words, file = found.groups()
        return found[0] if posixpath.normpath(posixpath.join(posixpath.dirname(name), file)) in names else words

    for cell in cells_of(notebook, "markdown"):
        cell.source = re.sub(r"\[([^\[\]]*)\]\(([^):#\s]+)\.ipynb[^)\s]*\)", link, cell.source)


def noted(notebook, name):
    """Have a notebook say below its title where it runs, and what differs there. Changes `notebook`."""
    notebook.metadata.kernelspec = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    sentences = [_(NOTE), *(_(DIFFERS[part]) for part in [name.rpartition("/")[2]] if part in DIFFERS)]
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("\n\n".join(sentences), id="live"))
    return notebook


def write(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")


def build(place, folder):
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", place, "--output-dir", folder]
    options = ["--no-sourcemaps", "--no-unused-shared-packages", "--ignore-sys-prefix", "--contents", place / "files"]
    options += [word for app in APPS for word in ("--apps", app)]
    options.append(f"--FederatedExtensionAddon.extra_labextensions_path={place / 'extensions'}")
    done = npm.ran([*command, *options], cwd=place)
    if done.returncode:
        message = _("JupyterLite could not be built. What it said:\n{said}")
        raise RefusedError(message.format(said=done.stderr.strip() or done.stdout.strip()))


def words(files):
    return {
        "lang": language().replace("_", "-"),
        "starts": _("Python starts ..."),
        "fetched": _(" {fetched} of {n} files are here").format(n=files, fetched="{}"),
        "failed": _("Python did not start: "),
        "fromServer": _(
            "A page that is opened as a file cannot start Python: in the folder of the site run python -m http.server, "
            "then open http://localhost:8000"
        ),
        "lessons": _("All lessons"),
    }


def write_pages(folder, files, languages):
    """Have the page of a notebook start Python at once, say so in its language, and lead back."""
    said = {}
    for name in languages:
        with speaking(name):
            said[place_of(name)] = words(files)
    head = (TEMPLATES / "icon.html.j2").read_text(encoding="utf-8")
    head += "<style>@media (prefers-color-scheme: dark) { html { background: #111 } }"  # until a theme is here
    head += ".jp-NotebookTrustedStatus { display: none }</style>"  # on a phone it would cover a menu
    head += f'<script src="../notebook.js" data-files="{files}" data-words="{escape(json.dumps(said))}"></script>'
    page = folder / "notebooks" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("<head>", f"<head>\n{head}"), encoding="utf-8")
    copy_file(LIVE / "notebook.js", folder / "notebook.js")
    python = jinja2.Template((LIVE / "python.js.j2").read_text(encoding="utf-8")).render(packages=LOADED, code=STARTED)
    (folder / "static" / "pyodide" / "python.js").write_text(python, encoding="utf-8")
    worker = folder / "service-worker.js"
    worker.write_bytes((LIVE / "past.js").read_bytes() + worker.read_bytes())
    for name in ("notebook", "busy-1"):  # which JupyterLite looks for, and does not bring
        copy_file(page.with_name("favicon.ico"), folder / "static" / "favicons" / f"favicon-{name}.ico")
