"""What runs between a student's cells while `autograde` grades: ask the functions, and see what is reached for.

All of it stands where the student's code has run, and its word is taken for no more than that.
"""

import os
import sys

from IPython.display import display

import bpteach.classroom.grading  # noqa: F401 - what is replaced in it is to be seen
from bpteach.classroom.points import answers_of
from bpteach.classroom.runner import Attempts
from bpteach.classroom.submitted import Submitted

SAID = "application/vnd.bpteach+json"  # the form in which it is shown

#: Python's audit events of a process that is started
STARTS = ("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "pty.spawn")


class Watch(Attempts):
    """Notices besides that a process is started."""

    def __call__(self, event, arguments):
        if event in STARTS:
            self._tell("started")
        super().__call__(event, arguments)


def functions():
    """List what can be called in bpteach, by module and name."""
    modules = [(name, module) for name, module in list(sys.modules.items()) if name.split(".")[0] == "bpteach"]
    return {
        (name, key): thing for name, module in modules for key, thing in list(vars(module).items()) if callable(thing)
    }


def watch():
    """Begin to see what is reached for, or replaced."""
    before.update(functions())
    sys.addaudithook(Watch(lambda _kind, what: seen.add(what), os.getcwd()))


def tell():
    now = functions()
    if any(now.get(place) is not thing for place, thing in before.items()):
        seen.add("replaced")
    display({SAID: {"seen": sorted(seen)}}, raw=True)


def ask(part, function, seed):
    """Show what a student's function returns, in numbers."""
    submitted = Submitted(function, part)
    answers = answers_of(part, submitted, seed)
    display({SAID: {"answers": answers, "borrowed": submitted.has_borrowed}}, raw=True)


before, seen = {}, set()
