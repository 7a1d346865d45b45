"""Watch a reader's function at work: how many lines it runs, what it calls, and which arrays it makes."""

import contextlib
import gc
import io
from collections import Counter

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix
from bpteach.diagnosis.stoppable import Stoppable
from bpteach.locale import _
from bpteach.network import Network
from bpteach.training import update_mini_batch_matrix

FEW, MANY = 4, 24  # examples
OURS = (update_mini_batch_matrix, backprop_matrix, backprop)
SECONDS = 3.0


class Watched:
    """One call of a function, with what was seen outside NumPy: `lines` run, `calls` by code, `arrays` in variables.

    One that had to be stopped has been seen in part: it tells nothing of the number of lines.
    """

    def __init__(self, function, *arguments):
        self.lines, self.calls, self.arrays = 0, Counter(), []
        run, was_on = Stoppable(function, *arguments), gc.isenabled()
        gc.disable()  # what others do when it collects would be taken for lines of the function
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                run.start(self._trace, seconds=SECONDS)
        finally:
            (gc.enable if was_on else gc.disable)()
        self.stopped = run.stopped

    def _trace(self, frame, event, argument):
        if frame.f_globals.get("__name__", "").split(".")[0] == "numpy":
            return None  # printing an array, say, takes the longer the larger it is
        self.lines += event == "line"
        if event == "call" and not frame.f_code.co_name.startswith("<"):  # a generator is called for each item
            self.calls[frame.f_code] += 1
        if event == "return":
            for value in list(frame.f_locals.values()):
                self.arrays += [each for each in _listed(value) if isinstance(each, np.ndarray)]
        return self._trace


def mini_batch_of(m, turned=False):
    """Draw a network and m examples as columns; or turned into rows, for a step, with its learning rate."""
    rng = np.random.default_rng(73)
    net, X, Y = Network.random([5, 4, 3], rng), rng.random((5, m)), rng.random((3, m))
    return (net, X.T.copy(), Y.T.copy(), 0.5) if turned else (net, X, Y)


def detour_of(function, arguments):
    """Say that a right function takes another way than the one that is asked for; nothing if it does not."""
    few, many = (Watched(function, *arguments(m)) for m in (FEW, MANY))
    if many.lines - few.lines >= MANY - FEW and not few.stopped:
        return _("It is right, but there is a loop over the examples: let all of them go through at once.")
    told = _("It is right, but {ours} does it, the package's own: write it yourself.")
    return next((told.format(ours=ours.__name__) for ours in OURS if ours.__code__ in few.calls), "")


def calls_more_often(function, arguments):
    """Tell whether a function calls another more often the more examples there are."""
    few, many = (Watched(function, *arguments(m)).calls for m in (FEW, MANY))
    return any(many[code] - few[code] >= MANY - FEW for code in many)


def _listed(value):
    return value if isinstance(value, list | tuple) and len(value) < MANY else [value]
