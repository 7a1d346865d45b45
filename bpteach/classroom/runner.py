"""The process that `supervisor` starts: run one notebook, and report what its checks answer.

The cells run in IPython's shell in this process. A kernel of its own (nbclient) was measured: it costs three seconds a
notebook instead of half a second, and would guard nothing, since the checks answer inside it.
"""

import contextlib
import functools
import importlib
import json
import os
import re
import sys
from typing import NamedTuple

import bpteach.diagnosis

CHECKS = ("check_backprop", "check_backprop_matrix", "check_network", "check_update")  # of bpteach.diagnosis

JUDGES = ("judge", "judge_function")  # what judges an answer in a graded cell of nbgrader, beside the checks
PARTS = ("part-1-forward", "part-2-output_layer", "part-3-layer_back", "part-4-backprop_matrix", "part-5-update")
FILE_MEGABYTES = 50  # the largest file that a notebook may write

_JUDGE = re.compile(rf"\b({'|'.join(JUDGES)})\s*\(")
_CALL = re.compile(rf"\b(?:check\(\s*[\"'](\d+\.\d+)[\"']|({'|'.join(CHECKS)})\s*\()")


class Cell(NamedTuple):
    """A cell of code: its source, its tags, and its name if it is a cell of nbgrader that earns points."""

    source: str
    tags: list
    graded: str

    @property
    def part(self):
        return self.graded if self.graded in PARTS else ""

    def checks(self):
        """List what the cell checks, without running it: exercises by number, checks by name, parts by theirs."""
        code = re.sub("#.*", "", self.source)
        called = _CALL.findall(code)
        if self.part and not any(exercise for exercise, _check in called) and (called or _JUDGE.search(code)):
            return [self.part]
        return list(dict.fromkeys(exercise or check for exercise, check in called))


def read_cells(notebook):
    """Read the cells of code of a notebook from its bytes; none if it is no notebook."""
    try:
        cells = json.loads(notebook.decode("utf-8-sig"))["cells"]
        return [_cell(cell) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _cell(cell):
    graded = cell["metadata"].get("nbgrader", {})
    is_graded = graded.get("grade") is True and graded.get("points")
    name = str(graded.get("grade_id")) if is_graded else ""
    return Cell("".join(cell["source"]), cell["metadata"].get("tags", []), name)


class Reporter:
    """Sends lines of JSON to the supervisor, each after a word that only the two know: others are forgeries."""

    def __init__(self, token):
        self._token, self._channel = token, quiet_copy_of_output()

    def __call__(self, kind, **facts):
        line = f"{self._token} {json.dumps({'kind': kind, **facts})}\n".encode()
        while line:
            line = line[os.write(self._channel, line) :]


def main():
    """Run the notebook that comes through standard input, after a line with the supervisor's order."""
    order, _newline, notebook = sys.stdin.buffer.read().partition(b"\n")
    order = json.loads(order)
    limit(order["megabytes"])
    run_cell = interpreter()
    report = Reporter(order["token"])
    report("begin")
    if order["confined"]:
        sys.addaudithook(Attempts(report, os.getcwd()))
    try:
        run(read_cells(notebook), report, run_cell)
        report("end")
    except BaseException as error:
        report("stopped", error=name_of(error))
    os._exit(0)  # threads that the notebook has left running end here


def quiet_copy_of_output():
    """Give a copy of this process's standard output; from now on what is read, printed or complained leads nowhere."""
    copy = os.dup(1)
    with open(os.devnull, "r+b", buffering=0) as nothing:
        for descriptor in (0, 1, 2):
            os.dup2(nothing.fileno(), descriptor)
    return copy


def limit(megabytes):
    """Limit what this process may use, where the system can (Windows cannot, macOS not the memory)."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        limits = {"CORE": 0, "NOFILE": 256, "FSIZE": FILE_MEGABYTES * 1e6, "AS": megabytes * 1e6}
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (int(value), int(value)))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")  # if memory is short all the same, Linux ends this process first


def run(cells, report, run_cell):
    """Run cells, and report what they were to check, and what became of it."""
    if not cells:
        return report("no notebook")
    ignored = CHECKS if any(cell.part for cell in cells) else ()  # what is tried between the graded cells
    planned = dict.fromkeys(check for cell in cells for check in cell.checks() if check not in ignored)
    report("planned", checks=list(planned))
    listener = Listener(report, ignored)
    for cell in cells:
        listener.cell = cell
        error = run_cell(cell.source)
        if error is not None:
            for check in set(cell.checks()) - listener.answered - set(ignored):
                report("raised", check=check, error=error)
        if listener.is_deaf():
            report("attempt", what="report")


class Listener:
    """Reports what the checks answer, whoever calls them. The cell that runs is in `cell`."""

    def __init__(self, report, ignored):
        self.cell, self.answered = None, set()
        self._report, self._ignored, self._settled = report, ignored, set()
        self._depth = 0  # the check of an exercise may call others: the outermost counts
        self._places = []
        self._listen()

    def _listen(self):
        """Put a function that reports in the place of each check, wherever `bpteach` keeps it."""
        rooms = {"bpteach.exercises": ["check"], "bpteach.exercises.judging": JUDGES, "bpteach.diagnosis": CHECKS}
        functions = [getattr(importlib.import_module(room), name) for room, names in rooms.items() for name in names]
        replacements = {id(function): self._reporting(function.__name__, function) for function in functions}
        for module in [module for name, module in sys.modules.items() if name.split(".")[0] == "bpteach"]:
            for attribute, value in list(vars(module).items()):
                if id(value) in replacements:
                    self._places.append((module, attribute, replacements[id(value)]))
                    setattr(*self._places[-1])

    def is_deaf(self):
        """Tell whether the notebook has put something else in the place of a check."""
        return any(getattr(module, name, None) is not function for module, name, function in self._places)

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
        if self.cell.part in self.cell.checks():
            return self.cell.part
        return "" if name in JUDGES or name in self._ignored else name

    def _take(self, check, diagnosis):
        """Report an answer. The last one counts, but what is tried out never replaces the exercise's own check."""
        is_meant = f"check-{check}" in self.cell.tags or self.cell.graded  # not a cell to try things in
        if check and (is_meant or check not in self._settled):
            self.answered.add(check)
            self._settled |= {check} if is_meant else set()
            facts = {name: getattr(diagnosis, name) for name in ("state", "mistake", "message")}
            self._report("found", check=check, **facts, waits=bool(diagnosis.waits_for))


def interpreter():
    """Start IPython's shell; give what runs a cell and names the exception that ended it."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def nothing(self, *arguments, **options):
            """Let `%matplotlib inline` pass, and print no traceback, which nobody would read."""

        enable_gui = showtraceback = showsyntaxerror = nothing

    def run_cell(source):
        result = shell.run_cell(source)
        error = result.error_before_exec or result.error_in_exec
        return None if error is None else name_of(error)

    sys.path.append(os.getcwd())
    shell = Shell.instance(config=Config(HistoryManager={"enabled": False}))
    return run_cell


def name_of(error):
    """Name an exception's class, or, if it is the notebook's own, the standard one that it is a kind of."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")


#: Python's audit events: those with an address, and which argument it is; those that change files
NETWORK = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
CHANGES = ("os.remove", "os.rmdir", "os.mkdir", "os.rename", "os.symlink", "os.truncate", "os.chmod", "os.utime")

#: What is no attempt: addresses behind which a confined notebook finds only its own processes, the system's folders
OWN_MACHINE = ("", "localhost", "127.0.0.1", "::1")
PUBLIC = ("usr", "bin", "lib", "lib64", "etc", "dev", "proc", "sys", "opt", "run")
PRIVATE = re.compile(r"/(proc/\d+/(environ|fd|mem)|dev/pts|etc/(passwd|shadow|ssh))(/|$)")


class Attempts:
    """An audit hook that refuses nothing, for that is done outside: it reports what was reached for, once each."""

    def __init__(self, report, home):
        self._report, self._told, self._own = report, set(), f"/proc/{os.getpid()}/"
        package = os.path.dirname(bpteach.__file__)
        self._parent = os.path.dirname(package)  # on the path to import from, but given only for the package
        self._given = (sys.prefix, sys.base_prefix, home, package, *({*sys.path} - {"", self._parent}))
        self._writable = (home, "/dev/", "/tmp", "/proc/self/", self._own)

    def __call__(self, event, arguments):
        if event in NETWORK:
            address = arguments[NETWORK[event]]
            if (address[0] if isinstance(address, tuple) else address or "") not in OWN_MACHINE:
                self._tell("network")
        elif event == "os.kill" and arguments[0] in (-1, 1, os.getppid()):
            self._tell("processes")
        elif event in ("open", "os.listdir", "os.scandir", *CHANGES):
            writes = event in CHANGES or (event == "open" and self._writes(*arguments[1:3]))
            with contextlib.suppress(TypeError):  # a file that is open already is a number
                if self._is_outside(os.fsdecode(arguments[0]), writes):
                    self._tell("files")

    @staticmethod
    def _writes(mode, flags):
        return bool(set(mode or "") & set("wax+")) or bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    def _is_outside(self, path, writes):
        path = os.path.abspath(path)
        if writes:
            return not path.startswith(self._writable)
        if PRIVATE.match(path):
            return not path.startswith(self._own)
        return path.split("/")[1] not in PUBLIC and path != self._parent and not path.startswith(self._given)

    def _tell(self, what):
        if what not in self._told:
            self._told.add(what)
            self._report("attempt", what=what)


if __name__ == "__main__":
    main()
