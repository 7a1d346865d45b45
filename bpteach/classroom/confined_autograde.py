"""nbgrader's autograding of one submission, but that its cells run confined, and the points are counted here.

What runs confined has the notebook, the files beside it, and no gradebook. Of what comes back only the outputs are
taken, each by the place of its cell.
"""

import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_output
from nbgrader.converters import Autograde
from nbgrader.preprocessors import DeduplicateIds, Execute
from nbgrader.utils import determine_grade, is_grade, is_locked

from bpteach.classroom.asking import SAID
from bpteach.classroom.cleaning import clean
from bpteach.classroom.points import name_of_function, points_of
from bpteach.classroom.runner import PARTS
from bpteach.classroom.supervisor import ATTEMPTS, DID_NOT_FINISH, did_not_run, why
from bpteach.locale import N_, _

#: What an honest answer to the assignment does without
UNUSUAL = "autograd bpteach ctypes eval exec gc get_ipython globals importlib inspect jax mock os setattr settrace "
UNUSUAL += "scipy sklearn subprocess sys tensorflow torch __import__"

#: What may be seen while it runs
SEEN = {"started": N_("started a process"), "replaced": N_("replaced a function of bpteach")}

MOST_OUTPUTS = 2000


class NotGraded(Exception):  # noqa: N818 - it carries a sentence for the teacher
    """Ends the grading of one submission."""


@dataclass
class Graded:
    """What became of one submission."""

    student: str
    reason: str = ""  # why it is not graded
    looks: list = field(default_factory=list)  # what the teacher should look at
    shown: dict = field(default_factory=dict)  # what each graded cell showed, as text
    grades: list = field(default_factory=list)  # as the gradebook has them: name, points, how many there are
    waits: bool = False  # for points that a person gives


class ConfinedAutograde(Autograde):
    """It is given what runs an order and tells how that ended, and where to write what became of the submission."""

    force = True

    def __init__(self, run, graded, **options):
        super().__init__(**options)
        self._run, self._graded, self._files = run, graded, {}
        steps, place = self.sanitize_preprocessors, self.sanitize_preprocessors.index(DeduplicateIds) + 1
        self.sanitize_preprocessors = [*steps[:place], self._forget_copies, *steps[place:]]
        self.autograde_preprocessors = [
            self._execute if step is Execute else step for step in self.autograde_preprocessors
        ]

    def init_assignment(self, assignment_id, student_id):
        """Keep what was handed in beside the notebooks for the run alone: Formgrader would show a page as a page."""
        super().init_assignment(assignment_id, student_id)
        folder = Path(self._format_dest(assignment_id, student_id))
        source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment_id))
        for path in list(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file():
                self._files[name] = path.read_bytes().hex()
                if name != "timestamp.txt" and not (source / name).exists():
                    path.unlink()

    def convert_single_notebook(self, notebook_filename):
        """Note why it could not be graded; nbgrader takes away what it has made of it so far."""
        try:
            super().convert_single_notebook(notebook_filename)
        except Exception as error:
            kind = _("nbgrader stopped with {kind}").format(kind=type(error).__name__)
            self._graded.reason = str(error) if isinstance(error, NotGraded) else kind
            raise

    def _forget_copies(self, notebook, resources):
        """Make plain cells of those that nbgrader has found twice."""
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader") == {}:
                del cell.metadata["nbgrader"]
                self._look(_("holds a cell of the assignment twice: the last one counts"))
        return notebook, resources

    def _look(self, told):
        self._graded.looks += [told] if told not in self._graded.looks else []

    def _execute(self, notebook, resources):
        seed, cells = secrets.randbelow(2**32), [(own_cell("watch()"), "watch")]
        for cell in notebook.cells:
            cell.metadata.pop("tags", None)  # one of them would keep a cell from being run
            cells.append((cell, ""))
            if part := part_of(cell):
                cells.append((own_cell(f"ask({part!r}, globals().get({name_of_function(part)!r}), {seed})"), part))
        cells.append((own_cell("tell()"), "tell"))
        options = {"shutdown_kernel": "immediate", **self.config.get("Execute", {})}
        run = notebook | {"cells": [cell for cell, _own in cells]}
        said = take_outputs(cells, self._run({"notebook": run, "files": self._files, "options": options}))
        for what in said["tell"].get("seen", ()):
            if what in SEEN or what in ATTEMPTS:
                told = _(SEEN[what]) if what in SEEN else _("reached for {what}").format(what=_(ATTEMPTS[what]))
                self._look(told)
        self._look_at_words(notebook)
        clean(notebook)
        for cell in notebook.cells:
            if part := part_of(cell):
                self._count_points(cell, part, seed, said[part])
            if is_grade(cell):
                self._graded.shown[cell.metadata.nbgrader.grade_id] = in_text(cell)
        return notebook, resources

    def _look_at_words(self, notebook):
        own = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code" and not is_locked(cell))
        found = [word for word in UNUSUAL.split() if re.search(rf"\b{word}\b", own)]
        if found and any(map(part_of, notebook.cells)):
            self._look(_("mentions {words}").format(words=_(", ").join(found)))

    def _count_points(self, cell, part, seed, said):
        """Put the points that are counted here where nbgrader looks for them: in the place of the check's own."""
        points, lines = points_of(part, seed, said.get("answers"))
        try:
            own = f"{determine_grade(cell)[0]:g}"
        except (KeyError, ValueError):
            own = "?"
        outputs = [harmless(output) for output in cell.outputs if output.output_type != "execute_result"]
        if own != str(points):
            told = _("{part}: its own check says {own}, its function earns {points}")
            self._look(told.format(part=part, own=own, points=points))
            counted = "\n".join([_("As counted outside of this notebook:"), *lines, ""])
            outputs.append(new_output("stream", text=counted))
        if said.get("borrowed"):
            self._look(_("{part}: calls what bpteach or a library has for it").format(part=part))
        result = new_output("execute_result", {"text/plain": str(points)}, execution_count=cell.execution_count)
        cell.outputs = [*outputs, result]


def part_of(cell):
    """Give the part of the assignment that a cell grades, or nothing."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return name if name in PARTS and cell.cell_type == "code" and is_grade(cell) else ""


def own_cell(call):
    """Make a cell that leaves no name in the notebook."""
    return new_code_cell(f"__import__('bpteach.classroom.asking', fromlist='_').{call}")


def take_outputs(cells, end):
    """Give the notebook's cells their outputs, if they have the form of outputs; give what the cells of our own say."""
    try:
        reported = nbformat.from_dict(json.loads(end.report or "null"))
        every = [output for outputs in reported for output in outputs or ()]
        for output in every[:MOST_OUTPUTS]:
            nbformat.validate(output, ref="output", version=4)
        if len(every) > MOST_OUTPUTS:
            raise NotGraded(_(DID_NOT_FINISH).format(reason=_("too much to report")))
        pairs = list(zip(cells, reported, strict=True))
    except (ValueError, TypeError, RecursionError, nbformat.ValidationError):
        told = _(DID_NOT_FINISH).format(reason=end.reason or why(end.code))
        raise NotGraded(did_not_run(end.complaint) if end.complaint and end.code else told) from None
    said, count = {}, 0
    for (cell, own), outputs in pairs:
        if own:
            found = [output.data[SAID] for output in outputs or () if SAID in output.get("data", {})]
            said[own] = found[0] if found and isinstance(found[0], dict) else {}
        elif cell.cell_type == "code":
            count += 1
            cell.update(outputs=outputs or [], execution_count=count)
            for output in cell.outputs:
                output.update({"execution_count": count} if output.output_type == "execute_result" else {})
    return said


def harmless(output):
    """Turn an error, or what is told as one, into text: nbgrader would take it for a failed check."""
    if output.output_type == "error":
        return new_output("stream", text="\n".join(output.traceback) + "\n")
    output.update({"name": "stdout"} if output.output_type == "stream" else {})
    return output


def in_text(cell):
    """Give what a cell showed as text, once each, without a terminal's colours, the points, and how to print hints."""
    outputs = cell.get("outputs", ())
    shown = [each for each in outputs if each.output_type != "execute_result" or not part_of(cell)]
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in shown]
    text = "\n".join(dict.fromkeys(text.rstrip() for text in texts))
    return re.sub(r"\n.*print\(_\.hints\[.*", "", re.sub(r"\x1b\[[\d;]*m", "", text))
