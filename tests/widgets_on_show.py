"""One of each widget, for what all of them have to do: step without a kernel, satisfy axe, be quick."""

import functools
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat

from bpteach.publishing.lessons import FOLD, FOLD_END, LESSONS
from bpteach.widgets.stepper_print import sentence_of
from conftest import once_a_week, run

SETUP = """
import numpy as np
from bpteach import Network, backprop, backprop_matrix, load_mnist
from bpteach.training import update_mini_batch_matrix
from bpteach.widgets import *

net = Network.random([784, 30, 30, 10], np.random.default_rng(1))
X, Y = load_mnist().test.columns(range({count}))
x, y = X[:, [0]], Y[:, [0]]
"""

SLIDER = "input[type=range]"
KEYS = {"next": "ArrowRight", "previous": "ArrowLeft", "first": "Home", "last": "End"}
CHOICE_KEYS = {"next": "ArrowDown", "previous": "ArrowUp", "first": "Home", "last": "End"}


@dataclass(frozen=True)
class Show:
    code: str  #: makes it, after SETUP
    trait: str  #: what the keys change
    last: Callable  #: (widget) -> int, the last step
    sentence: Callable  #: (widget, step) -> str, what a screen reader says
    first: int = 0  #: the first step
    control: str = SLIDER  #: the selector of what takes the keys
    keys: dict = field(default_factory=lambda: KEYS)


#: The last line of each code makes the widget.
EXAMPLES = {
    "BackpropStepper": Show(
        code="BackpropStepper(backprop_matrix, net, X, Y, example=1, step=2)",
        trait="step",
        first=1,
        last=lambda widget: len(widget.story["steps"]),
        sentence=lambda widget, step: sentence_of(
            widget.story["steps"][step - 1], widget.examples[str(widget.example)]
        ),
    ),
    "BugGallery": Show(
        code="""
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import Curve
curves = {name: Curve((0.5, 0.25 + i / 100)) for i, name in enumerate(["right", *CATALOGUE])}
BugGallery(curves, mistake="missing-hidden-sigmoid-prime")
""",
        trait="exhibit",
        last=lambda widget: len(widget.exhibits) - 1,
        sentence=lambda widget, step: widget.exhibits[step]["sentences"][widget.probe],
        control="select",
        keys=CHOICE_KEYS,
    ),
    "DeltaView": Show(
        code="DeltaView(net, X, Y, example=1)",
        trait="example",
        last=lambda widget: len(widget.frames) - 1,
        sentence=lambda widget, step: widget.frames[step]["sentence"],
    ),
    "DeltaDepthView": Show(
        code="""
nets = [net.copy()]
for _ in range(5):
    nets.append(nets[-1].copy())
    update_mini_batch_matrix(nets[-1], X, Y, 1.0)
DeltaDepthView(nets, X, Y, epoch=1)
""",
        trait="epoch",
        last=lambda widget: len(widget.frames) - 1,
        sentence=lambda widget, step: widget.frames[step]["examples"][widget.example]["sentence"],
    ),
    "DrawDigit": Show(
        code="DrawDigit(net)",
        trait="step",
        last=lambda widget: widget.offered["step"][-1],
        sentence=lambda widget, step: widget.recordings[0]["answers"][widget.right + 1]["sentences"][step],
    ),
    "MiniBatchExplorer": Show(
        code="MiniBatchExplorer(net, X, Y, example=1)",
        trait="example",
        last=lambda widget: len(widget.captions) - 1,
        sentence=lambda widget, step: widget.views[widget.layer - 2][widget.quantity]["sentences"][step],
    ),
    "SmallNetwork": Show(
        code="SmallNetwork(preset='saturated', sum_of=2)",
        trait="preset",
        last=lambda widget: len(widget.presets) - 1,
        sentence=lambda widget, step: widget.words["tellings"][step],
        control="select",
        keys=CHOICE_KEYS,
    ),
    "SpeedUpView": Show(
        code="""
from bpteach.performance.timing import Timing
drift = 1e-6 * np.array([1.0, 1.1, 0.9, 1.05, 1.4])
measured = {1: (1900, 244, 177), 10: (18_000, 1200, 110), 100: (170_000, 9700, 450), 1000: (1_700_000, 95_000, 4000)}
timings = {
    m: Timing({"lists": lists * drift, "loop": loop * drift[::-1], "matrix": matrix * drift})
    for m, (lists, loop, matrix) in measured.items()
}
SpeedUpView(timings, "matrix", claims=[2, 100], m=10)
""",
        trait="index",
        last=lambda widget: len(widget.frames) - 1,
        sentence=lambda widget, step: widget.frames[step]["sentence"],
    ),
}


#: for what all do in one way: each time those with a slider, a choice, and most to see, once a week the others
EACH_TIME = ("BackpropStepper", "BugGallery", "MiniBatchExplorer")
SOME = [name if name in EACH_TIME else once_a_week(name) for name in EXAMPLES]


def setup(count=4):
    return SETUP.format(count=count).strip()


@functools.cache
def set_up(count):
    names = {}
    exec(setup(count), names)
    return names


def maker(name, count=4):
    names = dict(set_up(count))
    *lines, last = EXAMPLES[name].code.strip().splitlines()
    exec("\n".join(lines), names)
    return lambda: eval(last, names)


def make(name):
    return maker(name)()


#: One for all tests that only look at it
made = functools.cache(make)


def root(name):
    """Give the selector of a widget's outermost element: its class is the widget's name with hyphens."""
    return ".bpteach" + re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)


def sources(names=EXAMPLES, count=4):
    return [setup(count), *(EXAMPLES[name].code.strip() for name in names)]


#: A lesson with a widget, formulas and answers, soon run, to which the notebook leads
LESSON = next(path for path in LESSONS if path.name.startswith("03"))
WORDS = f"# See them all\n\nA formula, $a + b$, and [the lesson]({LESSON.name}), and [another](99-not-there.ipynb)."
FOLDED = {"outputs_hidden": True}


def notebook():
    """Make a notebook with a slide for each widget, then a question, then each widget once more, folded."""
    code, words = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    set_up, *shown = sources()
    rows = [
        ("slide", words(WORDS), {}),
        ("notes", words("Say this aloud."), {}),
        ("skip", code(set_up), {}),
        *(("slide", code(source), {}) for source in shown),
        ("slide", words("**Predict.** What is printed?"), {}),
        ("fragment", code("print('Forty', 'two.')"), FOLDED),
        ("-", words(f"{FOLD}It explains $a$.{FOLD_END}"), {}),
        ("-", code("print('It', 'is proved.')"), FOLDED | {"source_hidden": True}),
        ("-", words("It goes on."), {}),
        *(("skip", code(source), FOLDED) for source in shown),
        ("skip", words("<details><summary>A question</summary>\n\nAnd its answer.\n\n</details>"), {}),
    ]
    for kind, cell, folds in rows:
        cell.metadata = {"slideshow": {"slide_type": kind}} | ({"jupyter": folds} if folds else {})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[cell for _kind, cell, _folds in rows], metadata={"kernelspec": kernel})


def write(path):
    nbformat.write(notebook(), path)
    return path


#: `bpteach site`, but that lessons in a folder of this name are shown as they are stored
COMMAND = """
import sys
import bpteach.__main__
from bpteach.publishing import pages

_command, stored, *words = sys.argv
execute = pages.execute
pages.execute = lambda notebook, folder, **how: folder.name == stored or execute(notebook, folder, **how)
sys.exit(bpteach.__main__.main(["site", *words]))
"""


def published(folder, packages, paths, stored):
    run(sys.executable, "-c", COMMAND, stored, folder, "--packages", packages["mathjax"].parent, *paths)
    return folder
