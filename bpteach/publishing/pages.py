"""Pages and slides alike: run the notebooks, export them, and bring the scripts that no other machine is asked for."""

import copy
import posixpath
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import nbformat
from bs4 import BeautifulSoup
from jupyter_core.paths import jupyter_path
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter

from bpteach.locale import _, language, speaking
from bpteach.publishing import npm
from bpteach.publishing.edition import place_of
from bpteach.publishing.lessons import FOLDED, NOTEBOOKS, VIEW, cells_of, is_fold, read, runs_of, title, unveil
from bpteach.publishing.messages import slug
from bpteach.publishing.store import execute, is_progress_bar

#: The packages that npm fetches, each with the versions that will do.
PACKAGES = ["requirejs@2", "@jupyter-widgets/html-manager@1", "mathjax@3"]

TEMPLATES = Path(__file__).parent / "templates"
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)


class RefusedError(Exception):
    """It cannot be built; the message says why."""


@dataclass
class Page:
    """A notebook that has run, and where its page goes: a path below the folder, without suffix."""

    name: str
    notebook: nbformat.NotebookNode
    resources: dict = field(default_factory=dict)  #: what the template shows beside the notebook

    @property
    def title(self):
        return self.notebook.metadata.title


class Uncopied(nbformat.NotebookNode):
    """A part of a notebook that nobody changes, and that nbconvert's copies share: of widgets it is most of a page."""

    def __deepcopy__(self, memo):
        return self


class Pages(HTMLExporter):
    """Turns lessons into pages of the site; style sheets are shared by the pages."""

    layout = "lesson"
    suffix = ".html"

    def __init__(self, shared="", made=None, **options):
        """Scripts and styles lie in the folder of the pages, or where the way `shared` leads from there.

        `made` has the addresses of what there is in each language, in the language's own folder.
        """
        super().__init__(
            template_name=self.layout,
            extra_template_basedirs=[str(TEMPLATES)],
            extra_template_paths=[str(TEMPLATES)],
            theme="light",
            **options,
        )
        self.shared = shared
        self.made = made or {}
        self.styles = {}
        self.sections = []

    def _init_resources(self, resources):
        """Have a style sheet linked to, instead of written into every page."""

        def link(name, more=""):  # no method: nbconvert copies its resources deeply
            file = Path(name).name
            self.styles[file] = self.environment.loader.get_source(self.environment, name)[0]
            return f'<link rel="stylesheet" href="{resources["shared"]}style/{file}"{more}>'

        return super()._init_resources(resources) | {"include_css": link}

    def page(self, page, names):
        """Turn a notebook that has run into a page; `names` are those of the pages that it may link to."""
        notebook = copy.deepcopy(page.notebook)
        self.fold(notebook)
        for cell in filter(is_fold, notebook.cells):
            cell.source = FOLDED.fullmatch(cell.source)[1]
        root = root_of(page.name)
        resources = {"metadata": {"name": page.name}, "root": root, "shared": root + self.shared, "words": words()}
        resources |= page.resources | {"languages": switches(page.name + self.suffix, self.made)}
        text, _resources = self.from_notebook_node(notebook, resources)
        soup = BeautifulSoup(text, "html.parser")
        soup.html["lang"] = language().replace("_", "-")
        soup.title.string = self.called(page)
        mend(soup)
        name_headings(soup)
        lead_on(soup, page.name, names, self.suffix)
        self.sections += sections(soup, page.name + self.suffix)
        return str(soup)

    def called(self, page):
        return page.title

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


def switches(address, made):
    """List the same page in the other languages that have it: the address, the language and its own name."""
    found = []
    for other in (other for other in made if other != language() and address in made[other]):
        way = root_of(place_of(language()) + address) + place_of(other) + address
        with speaking(other):
            found.append((way, other.replace("_", "-"), _("English")))
    return found


def words():
    return {
        "site": _("The code of backpropagation"),
        "skip": _("Skip to the text"),
        "search": _("Search"),
        "close": _("Close"),
        "nothing": _("Nothing was found."),
        "found": _("Sections found: {n}"),
        "dark": _("Dark"),
        "answer": _("Show the answer"),
        "answers": _("Show all answers"),
        "contents": _("On this page"),
        "neighbours": _("Before and after"),
        "live": _("Run this lesson"),
        "here": _("A link to this heading"),
    }


def root_of(name):
    """Give the way from a page to the folder of the site."""
    return "../" * name.count("/")


def output_of(cell):
    """Make a cell that shows the outputs of another alone."""
    metadata = cell.metadata | {"transient": {"remove_source": True}}
    return nbformat.from_dict(cell | {"id": f"{cell.get('id', 'cell')}-output", "metadata": metadata})


def mend(soup):
    """Make a page fit for keyboards and screen readers. Changes `soup`."""
    for cell in soup.select(".jp-Cell [tabindex]"):  # the Tab key would stop at every cell; site.js adds what scrolls
        del cell["tabindex"]
    for heading in [] if soup.h2 else soup.select("h3"):  # no level is left out
        heading.name = "h2"
    for corner in soup.select("th:empty"):
        corner.name = "td"


def name_headings(soup):
    """Give each heading a name of its own and a link to it, and list them in the page's contents. Changes `soup`."""
    taken, contents = set(), soup.select_one(".site-contents ol")
    for link in soup.select(".jp-MarkdownOutput :is(h1, h2, h3) > .anchor-link"):
        heading, _link = link.parent, link.extract()
        name = slug(heading.get_text().strip())
        heading["id"] = name if name not in taken else f"{name}-{len(taken)}"
        taken.add(heading["id"])
        if contents is None or heading.name == "h1":
            continue
        link["href"] = f"#{heading['id']}"
        item = soup.new_tag("li", attrs={"class": f"site-{heading.name}"})
        item.append(soup.new_tag("a", href=link["href"]))
        item.a.string = heading.get_text()
        contents.append(item)
        link["aria-label"] = words()["here"]
        heading.append(link)


def lead_on(soup, name, names, suffix):
    """Have links to notebooks and guides lead to their pages; where there is none leave plain words. Changes `soup`."""
    for link in soup.select(".jp-MarkdownOutput a[href]:not(.anchor-link)"):
        file, _hash, place = link["href"].partition("#")
        address = f"#{slug(unquote(place))}" if place else ""
        target, _dot, kind = posixpath.normpath(posixpath.join(posixpath.dirname(name), file)).rpartition(".")
        if not file and soup.find(id=address[1:]):
            link["href"] = address
        elif target in names and kind in ("ipynb", "md"):
            link["href"] = root_of(name) + target + suffix + address
        elif not file or (":" not in file and kind in ("ipynb", "md")):
            link.unwrap()


def sections(soup, address):
    """List what the search finds of a page: where each section begins, its heading, its page's, its text and code."""
    found = []
    for part in soup.select(".jp-MarkdownOutput > *, .jp-InputArea-editor"):
        if part.name in ("h1", "h2", "h3"):
            heading = part.get_text().rstrip("¶")
            title = found[0]["title"] if found else heading
            place = f"#{part['id']}" if found else ""
            found.append({"at": address + place, "title": title, "heading": heading, "text": ""})
        elif found:
            found[-1]["text"] += " ".join(FORMULA.sub("…", part.get_text()).split()) + " "
    return found


def run(path):
    """Run a lesson and give what a page shows of it: no progress bars, and widgets only where there are some."""
    print(_("{name}: runs ...").format(name=path.stem))
    notebook = read(path)
    try:
        execute(notebook, path.parent, widget_state=True)
    except (CellExecutionError, DeadKernelError) as error:
        reason = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else error
        message = _("{name} stopped with {error}. Nothing was built: run it in Jupyter to see where.")
        raise RefusedError(message.format(name=path.name, error=str(reason).rstrip("."))) from None
    outputs = []
    for cell in cells_of(notebook, "code"):
        cell.outputs = [output for output in cell.outputs if not is_progress_bar(output)]
        outputs += cell.outputs
    widgets = notebook.metadata.pop("widgets", None)
    if widgets and any(VIEW in output.get("data", {}) for output in outputs):
        notebook.metadata.widgets = Uncopied(widgets)
    notebook.metadata.title = title(notebook) or path.stem
    return notebook


def stored(path):
    notebook = read(path)
    unveil(notebook)
    notebook.metadata.title = title(notebook) or path.stem
    return notebook


def write_pages(draft, exporter, pages):
    """Write pages into a folder, with the styles and pictures that they load; give their files."""
    names, files = {page.name for page in pages}, []
    for page in pages:
        files.append(draft / f"{page.name}{exporter.suffix}")
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        files[-1].write_text(exporter.page(page, names), encoding="utf-8")
    folder = draft / exporter.shared
    (folder / "style").mkdir(exist_ok=True)
    for name, text in exporter.styles.items():
        (folder / "style" / name).write_text(text, encoding="utf-8")
    shutil.copytree(NOTEBOOKS / "images", folder / "images", dirs_exist_ok=True)
    return files


def finish(files, packages, **search):
    """Set the formulas of pages; write an index of their `sections` to a file, `search`, if asked."""
    asked = {"pages": [str(file) for file in files]} | search
    npm.node(TEMPLATES / "build.js", packages["mathjax"].parent, asked)


def copy_scripts(packages, folder):
    """Copy from the packages what the pages load, and write whose work it is."""
    manager = packages["@jupyter-widgets/html-manager"]
    copy_file(TEMPLATES / "widgets.js", folder / "widgets.js")
    copy_file(packages["requirejs"] / "require.js", folder / "require.js")
    copy_file(anywidget_script(), folder / "anywidget.js")
    for path in [manager / "dist" / "embed-amd.js", *(manager / "dist").glob("*.woff2")]:
        copy_file(path, folder / "widgets" / path.name)
    works = ["{name} {version} ({license})".format_map(npm.about(package)) for package in packages.values()]
    (folder / "credits.txt").write_text("\n".join([*works, "anywidget (MIT)", ""]), encoding="utf-8")


def anywidget_script():
    """Find the script that anywidget's own package brings for pages like these."""
    for folder in jupyter_path("nbextensions"):
        path = Path(folder) / "anywidget" / "index.js"
        if path.exists():
            return path
    message = _("anywidget's script was not found: {python} -m pip install -r requirements.txt")
    raise RefusedError(message.format(python=sys.executable))


def copy_file(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
