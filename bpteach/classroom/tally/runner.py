"""The process that `bpteach.classroom.tally.supervisor` starts: run one notebook, confined, and report what its checks answer."""

import contextlib
import functools
import importlib
import json
import os
import re
import sys

from bpteach.classroom.tally.confinement import confine
from bpteach.classroom.tally.notebooks import CHECKS, JUDGES, UnreadableError, read_cells

#: Which check judges a function of this name
CHECK_OF = {
    "backprop": "check_backprop",
    "backprop_matrix": "check_backprop_matrix",
    "update_mini_batch": "check_update",
    "update_mini_batch_matrix": "check_update",
}


class Reporter:
    """Sends lines to the supervisor through what was this process's standard output.

    The cells are left with an output that leads nowhere. Each line begins with a word that only the two processes know.

    Parameters
    ----------
    token : str
        The word.
    """

    def __init__(self, token):
        self._token = token
        self._channel = os.dup(1)

    def __call__(self, kind, **facts):
        """Send a line.

        Parameters
        ----------
        kind : str
            What it is about.
        **facts : object
            What JSON can hold.
        """
        line = f"{self._token} {json.dumps({'kind': kind, **facts})}\n".encode()
        while line:
            line = line[os.write(self._channel, line) :]


def main():
    """Run the notebook that standard input names."""
    order = json.loads(sys.stdin.buffer.read())
    report = Reporter(order["token"])
    os.chdir(order["folder"])
    if sys.platform != "linux":
        _load_libraries()
    by = confine(order["folder"], order["seconds"], order["megabytes"], kernel=order["kernel"])
    report("confined", by=by)
    with open(os.devnull, "r+b", buffering=0) as nothing:
        for descriptor in (0, 1, 2):
            os.dup2(nothing.fileno(), descriptor)
    try:
        run(order["path"], order["functions"], report)
        report("end")
    except UnreadableError as reason:
        report("unreadable", reason=str(reason))
    except BaseException as error:
        report("stopped", error=name_of(error))
    os._exit(0)  # threads that the notebook has left running end here


def run(path, functions, report):
    """Run the cells of a notebook.

    Parameters
    ----------
    path : str
        The notebook.
    functions : list of str
        Functions to check when all cells have run, `name` or `name=kind`; if there are any, the notebook's own checks
        do not count.
    report : callable
        Takes what is found.

    Raises
    ------
    UnreadableError
        If the file is no notebook.
    """
    cells = read_cells(path)
    ignored = CHECKS if any(cell.graded for cell in cells) else ()  # what is tried between the graded cells
    planned = dict.fromkeys(check for cell in cells for check in cell.checks() if check not in ignored)
    report("planned", checks=[] if functions else list(planned))
    judges = {name: _judge(name, kind) for name, _, kind in (function.partition("=") for function in functions)}
    listener = Listener(report, ignored)
    if not functions:
        listener.listen()
    run_cell, namespace = interpreter()
    for cell in cells:
        listener.cell = cell
        error = run_cell(cell.source)
        if error is not None and not functions:
            for check in set(cell.checks()) - listener.answered - set(ignored):
                report("raised", check=check, error=error)
    for name, judge in judges.items():
        _check_function(name, judge, namespace, report)


class Listener:
    """Reports what the checks answer, whoever calls them.

    Parameters
    ----------
    report : callable
        Takes what is found.
    ignored : sequence of str
        Checks that do not count.

    Attributes
    ----------
    cell : Cell or None
        The one that runs.
    answered : set of str
        The checks that have answered.
    """

    def __init__(self, report, ignored=()):
        self.cell, self.answered = None, set()
        self._report, self._ignored, self._settled = report, ignored, set()
        self._depth = 0  # the check of an exercise may call others: the outermost counts

    def listen(self):
        """Put a function that reports in the place of each check, wherever `bpteach` keeps it."""
        wanted = [("bpteach.exercises", "check")]
        wanted += [("bpteach.exercises.judging", name) for name in JUDGES]
        wanted += [("bpteach.diagnosis", name) for name in CHECKS]
        functions = [(name, getattr(importlib.import_module(module), name)) for module, name in wanted]
        replacements = {id(function): self._reporting(name, function) for name, function in functions}
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] == "bpteach":
                for attribute, value in list(vars(module).items()):
                    if id(value) in replacements:
                        setattr(module, attribute, replacements[id(value)])

    def _reporting(self, name, function):
        @functools.wraps(function)
        def check(*arguments, **options):
            self._depth += 1
            try:
                diagnosis = function(*arguments, **options)
            finally:
                self._depth -= 1
            if self._depth == 0:
                self._take(self._name_of_check(name, arguments, options), diagnosis)
            return diagnosis

        return check

    def _name_of_check(self, name, arguments, options):
        if name == "check":
            return arguments[0] if arguments else options["tag"]
        if self.cell.graded in self.cell.checks():
            return self.cell.graded
        return "" if name in JUDGES or name in self._ignored else name

    def _take(self, check, diagnosis):
        """Report an answer. The last one counts, but what is tried out never replaces the exercise's own check."""
        is_meant = self.cell.is_meant_for(check)
        if check and (is_meant or check not in self._settled):
            self.answered.add(check)
            self._settled |= {check} if is_meant else set()
            self._report("found", check=check, **_facts(diagnosis))


def interpreter():
    """Make what runs cells: IPython if it is installed, else plain Python, without the lines that begin with % or !.

    Returns
    -------
    run_cell : callable
        Takes a cell's source, gives the name of the exception that ended it, or None.
    namespace : dict
        The cells' variables.
    """
    sys.path.append(os.getcwd())
    try:
        return _ipython()
    except ImportError:
        return _plain()


def name_of(error):
    """Name an exception's class, whatever its author has called it.

    Parameters
    ----------
    error : BaseException
        The exception.

    Returns
    -------
    str
        The class's name, or that of the standard exception that it is a kind of.
    """
    kind = next(kind for kind in type(error).__mro__ if kind.__module__ in ("builtins", "numpy.exceptions"))
    return kind.__name__


def _load_libraries():
    """Import what opens libraries when it is imported, before that is refused."""
    for name in ("bpteach.diagnosis", "bpteach.exercises", "IPython.core.interactiveshell"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _ipython():
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """Let `%matplotlib inline` pass."""

        def showtraceback(self, *arguments, **options):
            """Nobody reads it."""

        showsyntaxerror = showtraceback

    shell = Shell.instance(config=Config(HistoryManager={"enabled": False}))

    def run_cell(source):
        result = shell.run_cell(source)
        error = result.error_before_exec or result.error_in_exec
        return None if error is None else name_of(error)

    return run_cell, shell.user_ns


def _plain():
    namespace = {"__name__": "__main__", "display": print}

    def run_cell(source):
        try:
            code = compile(re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE), "cell", "exec")
            exec(code, namespace)
        except BaseException as error:
            return name_of(error)
        return None

    return run_cell, namespace


def _judge(name, kind):
    return getattr(importlib.import_module("bpteach.diagnosis"), CHECK_OF[kind or name])


def _check_function(name, judge, namespace, report):
    if name not in namespace:
        report("raised", check=name, error="NameError")
        return
    try:
        report("found", check=name, **_facts(judge(namespace[name])))
    except Exception as error:
        report("raised", check=name, error=name_of(error))


def _facts(diagnosis):
    with contextlib.suppress(Exception):
        return {name: getattr(diagnosis, name) for name in ("state", "mistake", "message")}
    return {}


if __name__ == "__main__":
    main()
