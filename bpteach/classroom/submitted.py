"""Call a student's function in silence, and notice what it borrows."""

import contextlib
import gc
import io
import threading
import warnings

from bpteach.diagnosis.stoppable import Stoppable
from bpteach.locale import _

SECONDS = 2  # for one call

#: What of bpteach a student's function may call; of part 5 besides, for part 4 is taken as right there
GIVEN = ("functions", "network", "arguments", "locale", "forms", "diagnosis.stoppable")
GIVEN = tuple(f"bpteach.{name}" for name in GIVEN)
GIVEN_TO = {"part-5-update": ("bpteach.backpropagation",)}

#: What else computes gradients or steps
LIBRARIES = ("autograd", "jax", "keras", "numdifftools", "scipy.optimize", "sklearn", "tensorflow", "torch")


class Submitted:
    """Calls a student's function: what it prints would cost points, and a loop might never end.

    What it gets by calling what bpteach or a library has for it, by whatever name, does not count.
    """

    def __init__(self, function, part):
        self.hangs, self.borrowed, self.has_borrowed = False, "", False
        self.function, self._said = function, set()
        self._given = (*GIVEN, *GIVEN_TO.get(part, ()))

    def __call__(self, *arguments):
        """Give what the function returns; None, and once why, if it returns nothing or has borrowed it."""
        if self.hangs:
            return None
        run, self.borrowed, silence = Stoppable(self.function, *arguments), "", io.StringIO()
        threading.settrace(self._notice)  # in the threads that the function may start
        collects = gc.isenabled()
        gc.disable()  # what a library wants to be called at a collection (JAX does) is not borrowed
        try:
            with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                run.start(self._notice, SECONDS)
        finally:
            threading.settrace(None)
            if collects:
                gc.enable()
        self.hangs = run.stopped
        self.has_borrowed |= bool(self.borrowed)
        told = self._trouble(run)
        if told and told not in self._said:
            self._said.add(told)
            print(told)
        return None if self.borrowed else run.result

    def _notice(self, frame, event, argument):
        """Look where the function that is about to run is from; a tracer that returns nothing is told no lines."""
        module = str(frame.f_globals.get("__name__"))
        is_of_ours = module.split(".")[0] == "bpteach" and module not in self._given
        if is_of_ours or f"{module}.".startswith(tuple(f"{library}." for library in LIBRARIES)):
            self.borrowed = self.borrowed or module

    def _trouble(self, run):
        told = _("{name} stopped with {kind}: {text}") if run.error is not None else ""
        if self.borrowed:
            told = _("{name} calls {borrowed}, which is switched off while this is graded: write your own.")
        elif run.stopped:
            told = _("{name} was stopped after {seconds} s.")
        names = {"name": getattr(self.function, "__name__", ""), "borrowed": self.borrowed, "seconds": SECONDS}
        return told.format(**names, kind=type(run.error).__name__, text=run.error)
