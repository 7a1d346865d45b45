"""Build the lessons as a web site that needs no kernel and nothing from other machines.

    python -m bpteach site FOLDER                             all lessons
    python -m bpteach site FOLDER notebooks/05-*.ipynb        these
    python -m bpteach site FOLDER --dark                      in the dark theme

Every lesson is run afresh. The site is complete in FOLDER: it works on any web server, and opened as files. npm fetches
the scripts, so it has to be there; with `--packages SOMEWHERE` they are kept for the next time.
"""

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

from bpteach.publishing import npm
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, VIEW, cells_of, read, title
from bpteach.publishing.store import execute, is_progress_bar

WORDS = {
    "language": "en",
    # the pages
    "title": "The code of backpropagation",
    "lead": 'Lessons on the section "The code for backpropagation" of Michael Nielsen\'s *Neural Networks and Deep '
    "Learning* (chapter 2). These pages show them as they ran. To run and change the code, open the notebooks "
    "in Jupyter.",
    "head": "| lesson | minutes | what you'll have |\n|:---|:---|:---|",
    "row": "| {number}[{title}]({name}.html) | {minutes} | {goal} |",
    "number": "{number}. ",
    "index": "All lessons",
    "answer": "Show the answer",
    # what is said meanwhile
    "fetching": "scripts: fetched with npm",
    "running": "{name}: runs ...",
    "page": "{name}.html: {size} kB",
    "built": "{folder}: {pages} pages, {size} MB. Open {index}.",
    # what is refused
    "stopped": "{name} stopped with {error}. No site was built: run it in Jupyter to see where.",
    "no notebook": "{name} is no notebook: expected files that end in .ipynb.",
    "no anywidget": "anywidget's script was not found: python -m pip install -r requirements.txt",
    "dead link": "{page} leads to {target}, which is not in the site.",
}

#: The scripts that npm fetches, each with the versions that will do.
PACKAGES = ["requirejs@2", "@jupyter-widgets/html-manager@1", "mathjax@3"]

MATHJAX = ["startup.js", "core.js", "input/tex.js", "output/svg.js", "output/svg/fonts/tex.js", "a11y/assistive-mml.js"]

TEMPLATES = Path(__file__).parent / "templates"
WIDGETS = "application/vnd.jupyter.widget-state+json"


class RefusedError(Exception):
    """The site cannot be built; the message says why."""


class Pages(HTMLExporter):
    """Turns lessons into pages of the site; style sheets are shared by the pages."""

    layout = "lesson"
    suffix = ".html"

    def __init__(self, theme="light", **options):
        super().__init__(
            template_name=self.layout,
            extra_template_basedirs=[str(TEMPLATES)],
            theme=theme,
            language_code=WORDS["language"],
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
        resources = {
            "metadata": {"name": name},
            "words": WORDS,
            "has_index": name != "index",
            "has_formulas": any("$" in cell.source for cell in cells_of(notebook, "markdown")),
        }
        text, _ = self.from_notebook_node(notebook, resources)
        return linked(text, pages, self.suffix)


def linked(text, pages, suffix=".html"):
    """Turn links to notebooks into links to their pages, and into plain words where there is no page."""

    def link(found):
        name, place, words = found.groups(default="")
        return f'<a href="{name}{suffix}{place}">{words}</a>' if name in pages else words

    return re.sub(r'<a href="([^":]+)\.ipynb(#[^"]*)?">(.*?)</a>', link, text)


def run(path):
    """Run a lesson and give what a page shows of it: no progress bars, and widgets only where there are some."""
    notebook = read(path)
    try:
        execute(notebook, path.parent, widget_state=True)
    except CellExecutionError as error:
        raise RefusedError(WORDS["stopped"].format(name=path.name, error=f"{error.ename}: {error.evalue}")) from None
    for cell in cells_of(notebook, "code"):
        cell.outputs = [output for output in cell.outputs if not is_progress_bar(output)]
    if not any(VIEW in output.get("data", {}) for cell in cells_of(notebook, "code") for output in cell.outputs):
        notebook.metadata.pop("widgets", None)
    notebook.metadata.title = title(notebook) or path.stem
    return notebook


def index_of(notebooks):
    """Make the first page: a notebook with one cell, the table of the lessons."""
    rows = [WORDS["head"], *(row_of(name, notebook) for name, notebook in notebooks.items())]
    text = f"# {WORDS['title']}\n\n{WORDS['lead']}\n\n" + "\n".join(rows)
    index = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    index.metadata.title = WORDS["title"]
    return index


def row_of(name, notebook):
    """Write the line of one lesson, from what stands in its first cell."""
    opening = notebook.cells[0].source if notebook.cells else ""
    number = re.match(r"0*([1-9]\d*)-", name)
    minutes = re.search(r"\*\*Time:\*\* (\d+)", opening)
    return WORDS["row"].format(
        number=WORDS["number"].format(number=number[1]) if number else "",
        title=notebook.metadata.title,
        name=name,
        minutes=minutes[1] if minutes else "",
        goal=opening.split("\n\n")[2].strip() if minutes else "",
    )


def copy_scripts(packages, folder):
    """Copy from the packages what the pages load, and write whose work it is."""
    manager, mathjax = packages["@jupyter-widgets/html-manager"], packages["mathjax"]
    copy(packages["requirejs"] / "require.js", folder / "require.js")
    copy(anywidget_script(), folder / "anywidget.js")
    for path in [manager / "dist" / "embed-amd.js", *(manager / "dist").glob("*.woff2")]:
        copy(path, folder / "widgets" / path.name)
    extensions = [
        path.relative_to(mathjax / "es5").as_posix() for path in mathjax.glob("es5/input/tex/extensions/*.js")
    ]
    for name in [*MATHJAX, *extensions]:
        if not name.endswith("all-packages.js"):
            copy(mathjax / "es5" / name, folder / "mathjax" / name)
    works = ["{name} {version} ({license})".format_map(npm.about(package)) for package in packages.values()]
    (folder / "credits.txt").write_text("\n".join([*works, "anywidget (MIT)", ""]), encoding="utf-8")


def anywidget_script():
    """Find the script that anywidget's own package brings for pages like these."""
    for folder in jupyter_path("nbextensions"):
        path = Path(folder) / "anywidget" / "index.js"
        if path.exists():
            return path
    raise RefusedError(WORDS["no anywidget"])


def dead_links(folder):
    """List each link and source in the pages that leads to no file of the site, with its page."""
    for page in sorted(folder.glob("*.html")):
        text = re.sub(r"<script\b[^>]*>.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r'(?:href|src)="([^"#]+)', text):
            if not re.match(r"[a-z]+:", target) and not (folder / target).exists():
                yield page.name, target


def build(folder, paths, packages, theme="light", report=print):
    """Build the site of the notebooks at `paths` in `folder`; write there only if all went well."""
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place) / "site"  # which, unlike the place, others may read
        draft.mkdir()
        notebooks = {}
        for path in paths:
            report(WORDS["running"].format(name=path.stem))
            notebooks[path.stem] = run(path)
        exporter = Pages(theme)
        pages = {name: exporter.page(notebook, name, notebooks) for name, notebook in notebooks.items()}
        pages["index"] = exporter.page(index_of(notebooks), "index", notebooks)
        for name, text in pages.items():
            (draft / f"{name}.html").write_text(text, encoding="utf-8")
            report(WORDS["page"].format(name=name, size=round(len(text.encode()) / 1000)))
        for name, text in exporter.styles.items():
            write(draft / "style" / name, text)
        copy(TEMPLATES / "site.css", draft / "style" / "site.css")
        copy_scripts(packages, draft / "scripts")
        shutil.copytree(NOTEBOOKS / "images", draft / "images")
        for page, target in dead_links(draft):
            report(WORDS["dead link"].format(page=page, target=target))
        shutil.copytree(draft, folder, dirs_exist_ok=True)
    size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
    report(WORDS["built"].format(folder=folder, pages=len(pages), size=round(size, 1), index=folder / "index.html"))


def copy(source, target):
    """Copy a file; the folder is made if need be."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def write(path, text):
    """Write a file; the folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main(words):
    """Build the site that the command line asks for; give 1 if that cannot be, having said why."""
    parser = argparse.ArgumentParser(prog="bpteach site", description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="where the site goes; it is made if need be")
    parser.add_argument("notebooks", nargs="*", type=Path, help="the notebooks; all lessons if none is named")
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument("--packages", type=Path, help="a folder where the scripts are kept for the next time")
    asked = parser.parse_args(words)
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the kernels inherit it
    try:
        for path in asked.notebooks:
            if path.suffix != ".ipynb" or not path.exists():
                raise RefusedError(WORDS["no notebook"].format(name=path))
        with tempfile.TemporaryDirectory() as place:
            packages = npm.fetch(PACKAGES, asked.packages or place)
            print(WORDS["fetching"])
            build(asked.folder, asked.notebooks or LESSONS, packages, theme="dark" if asked.dark else "light")
    except (RefusedError, npm.UnavailableError) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0
