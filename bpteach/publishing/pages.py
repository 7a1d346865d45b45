"""Pages and slides alike: run the notebooks, export them, and bring the scripts that no other machine is asked for."""

import argparse
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_core.paths import jupyter_path
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from bpteach.locale import _
from bpteach.publishing import npm
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, VIEW, cells_of, is_fold, read, runs_of, title, unfolded
from bpteach.publishing.store import execute, is_progress_bar

#: The scripts that npm fetches, each with the versions that will do.
PACKAGES = ["requirejs@2", "@jupyter-widgets/html-manager@1", "mathjax@3"]

MATHJAX = ["startup.js", "core.js", "input/tex.js", "output/svg.js", "output/svg/fonts/tex.js", "a11y/assistive-mml.js"]

TEMPLATES = Path(__file__).parent / "templates"


class RefusedError(Exception):
    """It cannot be built; the message says why."""


class Pages(HTMLExporter):
    """Turns lessons into pages of the site; style sheets are shared by the pages."""

    layout = "lesson"
    suffix = ".html"

    def __init__(self, theme="light", **options):
        super().__init__(
            template_name=self.layout,
            extra_template_basedirs=[str(TEMPLATES)],
            theme=theme,
            language_code="en",
            exclude_anchor_links=True,
            **options,
        )
        self.styles = {}

    def _init_resources(self, resources):
        """Have a style sheet linked to, instead of written into every page."""

        def link(name):  # no method: nbconvert copies its resources deeply
            file = Path(name).name
            self.styles[file] = self.environment.loader.get_source(self.environment, name)[0]
            return f'<link rel="stylesheet" href="style/{file}">'

        return super()._init_resources(resources) | {"include_css": link}

    def page(self, notebook, name, pages):
        """Turn a notebook that has run into a page; `pages` are the names of those that it may link to."""
        words = {"index": _("All lessons"), "answer": _("Show the answer"), "answers": _("Show all answers")}
        self.fold(notebook)
        for cell in filter(is_fold, notebook.cells):
            cell.source = unfolded(cell)
        resources = {
            "metadata": {"name": name},
            "words": words,
            "has_index": name != "index",
            "has_formulas": any("$" in cell.source for cell in cells_of(notebook, "markdown")),
        }
        text, _resources = self.from_notebook_node(notebook, resources)
        return linked(text, pages, self.suffix)

    def fold(self, notebook):
        """Have one key open an answer: output, explanation and proof stand in one fold, below its code."""
        cells = []
        for first, *others in runs_of(notebook.cells):
            hides = others or first.metadata.get("jupyter", {}).get("outputs_hidden")
            folded = [output_of(first), *others] if hides and first.get("outputs") else others
            cells += [first, *folded]
            if folded:
                first.outputs = []
                folded[0].metadata.begins_answer = folded[-1].metadata.ends_answer = True
        notebook.cells = cells


def output_of(cell):
    """Make a cell that shows the outputs of another alone."""
    metadata = cell.metadata | {"transient": {"remove_source": True}}
    return nbformat.from_dict(cell | {"id": f"{cell.get('id', 'cell')}-output", "metadata": metadata})


def linked(text, pages, suffix):
    """Turn links to notebooks into links to their pages, and into plain words where there is no page."""

    def link(found):
        name, place, words = found.groups(default="")
        return f'<a href="{name}{suffix}{place}">{words}</a>' if name in pages else words

    return re.sub(r'<a href="([^":]+)\.ipynb(#[^"]*)?">(.*?)</a>', link, text)


def run(path):
    """Run a lesson and give what a page shows of it: no progress bars, and widgets only where there are some."""
    print(_("{name}: runs ...").format(name=path.stem))
    notebook = read(path)
    try:
        execute(notebook, path.parent, widget_state=True)
    except CellExecutionError as error:
        message = _("{name} stopped with {error}. Nothing was built: run it in Jupyter to see where.")
        raise RefusedError(message.format(name=path.name, error=f"{error.ename}: {error.evalue}")) from None
    outputs = []
    for cell in cells_of(notebook, "code"):
        cell.outputs = [output for output in cell.outputs if not is_progress_bar(output)]
        outputs += cell.outputs
    if not any(VIEW in output.get("data", {}) for output in outputs):
        notebook.metadata.pop("widgets", None)
    notebook.metadata.title = title(notebook) or path.stem
    return notebook


def write_pages(draft, exporter, notebooks):
    """Write the page of each notebook into a folder, with all that the pages load but the scripts."""
    for name, notebook in notebooks.items():
        text = exporter.page(notebook, name, notebooks)
        (draft / f"{name}{exporter.suffix}").write_text(text, encoding="utf-8")
    (draft / "style").mkdir()
    for name, text in exporter.styles.items():
        (draft / "style" / name).write_text(text, encoding="utf-8")
    shutil.copytree(NOTEBOOKS / "images", draft / "images")


def copy_scripts(packages, folder):
    """Copy from the packages what the pages load, and write whose work it is."""
    manager, mathjax = packages["@jupyter-widgets/html-manager"], packages["mathjax"] / "es5"
    copy(packages["requirejs"] / "require.js", folder / "require.js")
    copy(anywidget_script(), folder / "anywidget.js")
    for path in [manager / "dist" / "embed-amd.js", *(manager / "dist").glob("*.woff2")]:
        copy(path, folder / "widgets" / path.name)
    for path in [*(mathjax / name for name in MATHJAX), *mathjax.glob("input/tex/extensions/*.js")]:
        if path.name != "all-packages.js":
            copy(path, folder / "mathjax" / path.relative_to(mathjax))
    works = ["{name} {version} ({license})".format_map(npm.about(package)) for package in packages.values()]
    (folder / "credits.txt").write_text("\n".join([*works, "anywidget (MIT)", ""]), encoding="utf-8")


def anywidget_script():
    """Find the script that anywidget's own package brings for pages like these."""
    for folder in jupyter_path("nbextensions"):
        path = Path(folder) / "anywidget" / "index.js"
        if path.exists():
            return path
    raise RefusedError(_("anywidget's script was not found: python -m pip install -r requirements.txt"))


def copy(source, target):
    """Copy a file; the folder is made if need be."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def publish(words, name, about, option, packages, build):
    """Do what the command line asks for: have `build` fill a folder, and put that in place only if all went well.

    `option` is the command's own switch and its help. `build` takes the draft, the notebooks' paths, the packages'
    folders and whether the switch was given; it gives what it made and the file to open. The result is the exit status:
    1, having said why, if it cannot be.
    """
    parser = argparse.ArgumentParser(prog=f"bpteach {name}", description=about)
    parser.add_argument("folder", type=Path, help=_("where it goes; it is made if need be"))
    parser.add_argument("notebooks", nargs="*", type=Path, help=_("the notebooks; all lessons if none is named"))
    parser.add_argument(option[0], action="store_true", dest="switch", help=option[1])
    parser.add_argument("--packages", type=Path, help=_("a folder where the scripts are kept for the next time"))
    asked = parser.parse_intermixed_args(words)
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the kernels inherit it
    try:
        paths = [an_existing_notebook(path) for path in asked.notebooks or LESSONS]
        with tempfile.TemporaryDirectory() as place:
            fetched = npm.fetch(packages, asked.packages or place)
            draft = Path(place) / "draft"  # which, unlike the place, others may read
            draft.mkdir()
            what, first = build(draft, paths, fetched, asked.switch)
            shutil.copytree(draft, asked.folder, dirs_exist_ok=True)
    except (RefusedError, npm.UnavailableError) as reason:
        print(reason, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in asked.folder.rglob("*") if path.is_file()) / 1e6
    message = _("{folder}: {what}, {size:.1f} MB. Open {first}.")
    print(message.format(folder=asked.folder, what=what, size=size, first=asked.folder / first))
    return 0


def an_existing_notebook(path):
    """Refuse what is no notebook."""
    if path.suffix != ".ipynb" or not path.exists():
        raise RefusedError(_("{name} is no notebook: expected files that end in .ipynb.").format(name=path))
    return path
