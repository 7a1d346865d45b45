"""Grade what a class has handed in with nbgrader, each submission confined: `bpteach autograde ASSIGNMENT`.

It is started in the folder of the course, as nbgrader is, and does for each student what `nbgrader autograde` does,
with the course's own settings. But the cells run within the tally's confinement, where only that submission is; points
come into the gradebook from outside, and the others are graded whatever becomes of one. For the project's assignment
they are counted outside: the functions are asked, with numbers that nobody could know before, and what they return is
compared where no submission has run. Points of other assignments are what their own checks say, and can be forged.
"""

import argparse
import glob
import json
import os
import re
import sys
import threading
import warnings
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import AutogradeApp
from nbgrader.converters import NbGraderException
from nbgrader.coursedir import CourseDirectory

from bpteach.classroom.confined_autograde import ConfinedAutograde, Graded
from bpteach.classroom.confinement import choose
from bpteach.classroom.runner import read_cells
from bpteach.classroom.supervisor import Bounds, each_in_turn, run_module
from bpteach.classroom.tally import add_bounds, read, require_bounds, show_progress, why_not_read
from bpteach.files import save
from bpteach.locale import _, readable

SECONDS = 600  # a cell that does not end takes nbgrader's time limit, and there are several
REPORT_BYTES = 20_000_000


def main(words):
    """Grade, print what became of it, save; give the exit status, 1 if something was refused or is not graded."""
    options = _parser().parse_args(words)
    warnings.simplefilter("ignore")  # nbgrader's own, of its gradebook and of cells that are there twice
    try:
        require_bounds(options.seconds, options.memory, options.jobs)
        course = Course(options, choose(options.confine_with, unconfined=options.unconfined))
        progress = show_progress if sys.stderr.isatty() else None
        results = each_in_turn(course.grade, course.students, options.jobs, progress)
    except (ValueError, RuntimeError) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(_("Interrupted: who was graded so far stays graded."), file=sys.stderr)
        return 130
    print(told(results.values(), course.confinement))
    status = int(any(graded.reason for graded in results.values()))
    for student, graded in results.items() if options.gradescope else ():
        text = json.dumps(for_gradescope(graded), indent=2, ensure_ascii=False)
        status |= save(course.place_of_results(student), text.encode())
    return status


def _parser():
    about = _("Grade submissions with nbgrader, each confined, and count the points where no submission has run.")
    parser = argparse.ArgumentParser(prog="bpteach autograde", description=about)
    add = parser.add_argument
    add("assignment", metavar="ASSIGNMENT", help=_("its name; start this in the folder of the course"))
    add("--student", metavar="NAME", help=_("grade this one only"))
    about = _("save the points as Gradescope reads them: FOLDER/NAME.json for each student, or FILE.json for one")
    add("--gradescope", metavar="PLACE", type=Path, help=about)
    add_bounds(add, SECONDS, _("a cell is stopped earlier: c.Execute.timeout in nbgrader_config.py says when"))
    return parser


class Course:
    """The folder of a course with what was handed in for an assignment."""

    def __init__(self, options, confinement):
        self.options, self.confinement = options, confinement
        self._app = AutogradeApp()
        self._app.initialize(["--quiet"])
        self._assignment, self._turn = options.assignment.rstrip("/"), threading.Lock()
        self._notebooks = self._notebooks_of_the_assignment()
        self.students = self._find_students()

    def _folder(self, student=None):
        folder = CourseDirectory(parent=self._app)
        folder.assignment_id = self._assignment
        folder.student_id = "*" if student is None else glob.escape(student)
        return folder

    def _gradebook(self):
        folder = self._folder()
        return Gradebook(folder.db_url, folder.course_id)

    def _notebooks_of_the_assignment(self):
        url = self._folder().db_url
        with_file = not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()
        try:
            if with_file:  # it would be made
                with self._gradebook() as gradebook:
                    return [f"{each.name}.ipynb" for each in gradebook.find_assignment(self._assignment).notebooks]
        except MissingEntry:
            pass
        message = _(
            "{name} is no assignment of a course here: go to its folder, and nbgrader generate_assignment {name}"
        )
        raise ValueError(message.format(name=readable(self._assignment)))

    def _find_students(self):
        """List who has handed something in, with the folder."""
        course, gradescope = self._folder(self.options.student), self.options.gradescope
        place = course.format_path(course.submitted_directory, course.student_id, self._assignment)
        parts = course.submitted_directory, "(?P<student>.+)", re.escape(self._assignment)
        pattern = course.format_path(*parts, escape=True)
        found = {re.fullmatch(pattern, path)["student"]: Path(path) for path in sorted(glob.glob(place))}
        if not found:
            message = _("Nothing is handed in for {name}: expected {place}")
            raise ValueError(message.format(name=self._assignment, place=readable(place)))
        if gradescope and gradescope.suffix == ".json" and len(found) > 1:
            message = _("{place} is one file for {count} students: name a folder, or one of them with --student.")
            raise ValueError(message.format(place=gradescope, count=len(found)))
        return found

    def place_of_results(self, student):
        """Say where Gradescope's results of a student go; make the folder."""
        place = self.options.gradescope
        place = place if place.suffix == ".json" else place / f"{student}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def grade(self, student, stop):
        """Grade one submission; what nbgrader does itself is done by one thread at a time."""
        graded = Graded(student)

        def run(order):
            self._turn.release()
            try:
                task = json.dumps(order | {"megabytes": self.options.memory}, default=str).encode()
                bounds = Bounds(self.options.seconds, self.options.memory, REPORT_BYTES)
                return run_module("bpteach.classroom.executing", task, self.confinement, bounds, stop)
            finally:
                self._turn.acquire()
                os.environ["NBGRADER_EXECUTION"] = "autograde"  # nbgrader deletes it at the end, and two threads do

        with self._turn:
            try:
                self._refuse(self.students[student])
            except (OSError, RuntimeError, ValueError) as reason:
                graded.reason = why_not_read(reason)
                return graded
            if stop.is_set():
                return graded
            folder = self._folder(student)
            converter = ConfinedAutograde(run, graded, coursedir=folder, parent=self._app)
            try:
                converter.start()
            except NbGraderException as reason:
                graded.reason = graded.reason or _("nbgrader could not take it: {kind}").format(kind=reason)
            else:
                self._take_grades(graded)
        return graded

    def _refuse(self, folder):
        """Refuse with ValueError what leads out of its folder, and what is no notebook of the assignment."""
        for path in folder.rglob("*"):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise ValueError(_("it holds a link, or what is no file"))
        notebooks = [name for name in self._notebooks if (folder / name).is_file()]
        if not notebooks:
            raise ValueError(_("there is no file {name}").format(name=self._notebooks[0]))
        for name in notebooks:
            if not read_cells(read(folder / name, name)):
                raise ValueError(_("it is no notebook"))

    def _take_grades(self, graded):
        with self._gradebook() as gradebook:
            notebooks = gradebook.find_submission(self._assignment, graded.student).notebooks
            grades = [grade for notebook in notebooks for grade in notebook.grades]
            graded.grades = [(grade.name, grade.score, grade.max_score) for grade in grades]
            graded.waits = any(grade.needs_manual_grade for grade in grades)


def told(results, confinement):
    """Write the points of each, and two lists: who is not graded, and at whom to look."""
    done = [graded for graded in results if not graded.reason]
    lines = [_("Graded: {count} of {all}.").format(count=len(done), all=len(results)), confinement.about()]
    line = _("{name}: {points:g} of {most:g}")
    for graded in done:
        points, most = (sum(grade[k] for grade in graded.grades) for k in (1, 2))
        about = line.format(name=readable(graded.student), points=points, most=most)
        lines.append(f"  {about}" + (_(" (some points wait for you)") if graded.waits else ""))
    refused = [(graded.student, graded.reason) for graded in results if graded.reason]
    looks = [(graded.student, _("; ").join(graded.looks)) for graded in done if graded.looks]
    for title, rows in ((_("Not graded, because"), refused), (_("Look at these"), looks)):
        lines += ["", title, *(f"  {readable(student)}: {said}" for student, said in rows)] if rows else []
    return "\n".join(lines if refused or looks else [*lines, "", _("All are graded, and there is nothing to look at.")])


def for_gradescope(graded):
    """Give what Gradescope reads from a results.json."""
    if graded.reason:
        return {"score": 0, "output": _("It could not be graded: {reason}").format(reason=graded.reason)}
    return {
        "tests": [
            {"name": name, "score": score, "max_score": most, "output": graded.shown.get(name, "")}
            for name, score, most in graded.grades
        ]
    }
