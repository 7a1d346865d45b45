"""Run each notebook of a folder in a confined process of its own, and end what does not end."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import site
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from bpteach.classroom.tally.counts import Tally
from bpteach.classroom.tally.notebooks import fault, find, readable
from bpteach.classroom.tally.runner import CHECK_OF

WORDS = {
    "seconds": "seconds is {value}: expected a number above 0, a day (86400) at most.",
    "megabytes": "megabytes is {value}: expected from 200, which Python and NumPy need, to 1000000.",
    "jobs": "jobs is {value}: expected 1 or more.",
    "function": "There is no check for the function {name}: expected one of {known}, or name=kind, such as "
    "my_gradient=backprop_matrix.",
    "no start": "No notebook can be run here: {reason}",
    "time": "not ended within {seconds:g} seconds (--seconds gives more)",
    "room": "too many or too large files",
    "flood": "too much to report",
    "exit": "it ended its own process",
    "crash": "it crashed Python",
    "stopped": "{error}",
}

#: How long a notebook may run: the lessons that train networks need more than a minute where others run beside them
SECONDS = 180

#: What a notebook may leave in its folder, and report
MEGABYTES, FILES, REPORT_BYTES = 200, 5000, 2_000_000

#: The teacher's environment variables that a notebook gets to see
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PATHEXT", "COMSPEC", "LANG", "LC_ALL")


@dataclass
class Outcome:
    """What running one notebook gave.

    Attributes
    ----------
    planned : list of str
        The checks that its code calls.
    found : dict
        What each check answered last: state, mistake and message.
    raised : dict of str to str
        The checks that an exception kept from answering, and its name.
    unreadable : str
        Why it could not be run at all.
    ended : str
        Why it did not run to its end.
    by : list of str or None
        What it was confined by; None if it did not run.
    """

    planned: list = field(default_factory=list)
    found: dict = field(default_factory=dict)
    raised: dict = field(default_factory=dict)
    unreadable: str = ""
    ended: str = ""
    by: list | None = None


def tally(folder, *, seconds=SECONDS, megabytes=1000, functions=(), jobs=None, progress=None, kernel=True):
    """Run the notebooks in a folder, each apart, and count what their checks answered.

    Parameters
    ----------
    folder : str or path
        The notebooks, in it or in folders inside it.
    seconds : float
        How long each may run.
    megabytes : float
        How much memory each may use.
    functions : sequence of str
        Functions to check, such as "backprop_matrix", instead of the answers that the notebooks' own checks gave; a
        function with another name as "name=kind".
    jobs : int, optional
        How many run at a time; as many as there are processors, if not given.
    progress : callable, optional
        Is told how many have been run, and how many there are.
    kernel : bool
        Whether to ask the kernel to confine them (Linux), not Python alone.

    Returns
    -------
    Tally
        The counts.

    Raises
    ------
    ValueError
        If there is no notebook, or an argument is out of its range.
    RuntimeError
        If no process can be started for them.
    """
    _check_arguments(seconds, megabytes, functions, jobs)
    notebooks = find(folder)
    stop, outcomes = threading.Event(), {}
    limits = {"seconds": seconds, "megabytes": megabytes, "functions": list(functions), "kernel": kernel, "stop": stop}
    with ThreadPoolExecutor(jobs or _processors()) as pool:
        running = {pool.submit(_run_one, path, name, limits): name for name, path in notebooks.items()}
        try:
            for done in as_completed(running):
                outcomes[running[done]] = done.result()
                if progress:
                    progress(len(outcomes), len(notebooks))
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return Tally({name: outcomes[name] for name in notebooks}, [name.partition("=")[0] for name in functions])


def run_apart(path, *, seconds=SECONDS, megabytes=1000, functions=(), kernel=True, stop=None):
    """Run one notebook in a confined process.

    Parameters
    ----------
    path : str or path
        The notebook.
    seconds : float
        How long it may run.
    megabytes : float
        How much memory it may use.
    functions : sequence of str
        Functions to check instead, as in `tally`.
    kernel : bool
        Whether to ask the kernel to confine it.
    stop : threading.Event, optional
        Ends the run when it is set.

    Returns
    -------
    Outcome
        What it gave.

    Raises
    ------
    RuntimeError
        If the process could not be started.
    """
    top = Path(tempfile.mkdtemp(prefix="bpteach-tally-")).resolve()
    folder = top / "home"
    folder.mkdir()
    order = {
        "token": secrets.token_hex(16),
        "path": str(Path(path).resolve()),
        "folder": str(folder),
        "seconds": seconds,
        "megabytes": megabytes,
        "functions": list(functions),
        "kernel": kernel,
    }
    try:
        with open(top / "complaints", "w+b") as complaints:
            process = _start(folder, complaints)
            try:
                lines = _Lines(process.stdout)
                _hand_over(process, order)
                reason = _wait(process, lines, folder, seconds, stop or threading.Event())
            finally:
                _end(process)
                text = lines.text()
                process.stdout.close()
            outcome = _read(text, order["token"], reason or _why(process.returncode, seconds))
            if outcome.by is None and not reason:
                complaints.seek(0)
                said = complaints.read(100_000).decode(errors="replace").strip().splitlines() or [WORDS["crash"]]
                raise RuntimeError(WORDS["no start"].format(reason=readable(said[-1])))
            return outcome
    finally:
        remove_tree(top)


def remove_tree(top):
    """Remove a folder, however deep, whatever the rights in it, and follow no link.

    Folders are moved up and emptied one after the other, so that no path gets too long.

    Parameters
    ----------
    top : path
        The folder.
    """
    to_empty, count = [str(top)], 0
    while to_empty:
        place = to_empty.pop()
        with contextlib.suppress(OSError):
            os.chmod(place, stat.S_IRWXU)
        for entry in _entries(place):
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    count += 1
                    moved = os.path.join(top, f"to-remove-{count}")
                    os.chmod(entry.path, stat.S_IRWXU)
                    os.rename(entry.path, moved)
                    to_empty.append(moved)
                else:
                    os.unlink(entry.path)
        if place != str(top):
            with contextlib.suppress(OSError):
                os.rmdir(place)
    shutil.rmtree(top, ignore_errors=True)


class _Lines:
    """Reads what the process reports, in a thread, up to a bound."""

    def __init__(self, pipe):
        self._parts, self._size = [], 0
        self.is_flooded = False
        self._thread = threading.Thread(target=self._read, args=[pipe], daemon=True)
        self._thread.start()

    def text(self):
        self._thread.join(5)
        return b"".join(self._parts).decode(errors="replace")

    def _read(self, pipe):
        while part := os.read(pipe.fileno(), 65536):
            self._parts.append(part)
            self._size += len(part)
            if self._size > REPORT_BYTES:
                self.is_flooded = True
                return


def _run_one(path, name, limits):
    if limits["stop"].is_set():
        return Outcome(unreadable=WORDS["exit"])
    try:
        reason = fault(path, name)
    except (OSError, RuntimeError) as error:  # a link in a circle
        reason = type(error).__name__
    return Outcome(unreadable=reason) if reason else run_apart(path, **limits)


def _check_arguments(seconds, megabytes, functions, jobs):
    if not 0 < seconds <= 86_400:
        raise ValueError(WORDS["seconds"].format(value=seconds))
    if not 200 <= megabytes <= 1e6:
        raise ValueError(WORDS["megabytes"].format(value=megabytes))
    if jobs is not None and jobs < 1:
        raise ValueError(WORDS["jobs"].format(value=jobs))
    for function in functions:
        name, _, kind = function.partition("=")
        if (kind or name) not in CHECK_OF:
            raise ValueError(WORDS["function"].format(name=readable(kind or name), known=", ".join(CHECK_OF)))


def _processors():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start(folder, complaints):
    home = str(folder)
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP"), home)
    environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment |= {
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PYTHONUSERBASE": site.getuserbase() or "",
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "Agg",
        "MALLOC_ARENA_MAX": "2",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bpteach.classroom.tally.runner"],
        cwd=home,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        start_new_session=True,
    )


def _hand_over(process, order):
    with contextlib.suppress(OSError):
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()


def _wait(process, lines, folder, seconds, stop):
    """Wait for the process; say why it has to be ended, if it has."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.25)
            return ""
        if time.monotonic() > end or stop.is_set():
            return WORDS["time"].format(seconds=seconds)
        if lines.is_flooded:
            return WORDS["flood"]
        if _is_too_much(folder):
            return WORDS["room"]


def _is_too_much(folder):
    size, count, to_visit = 0, 0, [str(folder)]
    while to_visit:
        place = to_visit.pop()
        if len(place) > 3000:  # longer ones cannot be opened
            return True
        for entry in _entries(place):
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                size, count = size + found.st_size, count + 1
                if stat.S_ISDIR(found.st_mode):
                    to_visit.append(entry.path)
            if size > MEGABYTES * 1e6 or count > FILES:
                return True
    return False


def _entries(place):
    try:
        with os.scandir(place) as entries:
            yield from entries
    except OSError:
        return


def _end(process):
    """End the process and those that it may have started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()


def _why(code, seconds):
    """Say why a process ended by itself, if it has not reported its end."""
    if code == -getattr(signal, "SIGXCPU", 0) and code:
        return WORDS["time"].format(seconds=seconds)
    crashes = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE")
    return WORDS["crash" if -code in [getattr(signal, name, 0) for name in crashes] and code else "exit"]


def _read(text, token, reason):
    """Make an outcome of the lines; those that do not begin with the token are not the runner's."""
    outcome, is_over = Outcome(), False
    for line in text.splitlines():
        said, _, facts = line.partition(" ")
        if said != token:
            continue
        with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
            is_over |= _take(outcome, json.loads(facts))
    if not is_over:
        outcome.ended = reason
    return outcome


def _take(outcome, facts):
    """Enter one line; tell whether it is the last."""
    match facts["kind"]:
        case "confined":
            outcome.by = list(facts["by"])
        case "planned":
            outcome.planned = [str(check) for check in facts["checks"]]
        case "found":
            outcome.found[facts["check"]] = {name: facts.get(name) for name in ("state", "mistake", "message")}
        case "raised":
            outcome.raised[facts["check"]] = facts["error"]
        case "unreadable":
            outcome.unreadable = facts["reason"]
        case "stopped":
            outcome.ended = WORDS["stopped"].format(error=facts["error"])
    return facts["kind"] in ("end", "unreadable", "stopped")
