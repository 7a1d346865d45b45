"""Run one notebook confined, end it when it comes to a bound, and believe of its report only what can be true."""

import ast
import builtins
import contextlib
import functools
import json
import os
import re
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import bpteach
from bpteach.classroom.runner import CHECKS, PARTS
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.report import STATES
from bpteach.exercises import exercises
from bpteach.locale import N_, _, languages, po, readable

SECONDS = 180  # the lessons that train networks need more than a minute where others run beside them
MEGABYTES = 1000  # for one process of a notebook; all of them together may hold twice as much
PROCESSES, REPORT_BYTES = 100, 2_000_000  # at a time; in all
DID_NOT_FINISH = N_("did not finish: {reason}")

#: What a notebook may have reached for, by the names that `runner.Attempts` gives; the report by a forged line
ATTEMPTS = {
    "files": N_("files outside its folder"),
    "network": N_("the network"),
    "processes": N_("other processes"),
    "report": N_("this report, or a check of bpteach"),
}

NUMBER = re.compile(r"\d{1,2}\.\d{1,2}", re.ASCII)


class Answer(NamedTuple):
    """What a check answered. The message is one of bpteach's own, word for word, or nothing."""

    state: str
    mistake: str | None = None
    message: str = ""
    waits: bool = False


@dataclass
class Outcome:
    planned: list = field(default_factory=list)  # the checks that its code calls
    found: dict = field(default_factory=dict)  # the Answer that each gave last
    raised: dict = field(default_factory=dict)  # the names of the exceptions that kept some from answering
    attempts: set = field(default_factory=set)  # what it reached for, names of ATTEMPTS
    trouble: str = ""  # why it did not run, or not to its end


def did_not_run(reason):
    return _("did not run: {reason}").format(reason=reason)


def run_apart(notebook, confinement, seconds, megabytes, stop):
    """Run a notebook, given as bytes, in a process of its own, which the event `stop` ends early.

    RuntimeError if none can be started.
    """
    order = {"token": secrets.token_hex(16), "megabytes": megabytes, "confined": confinement.by != "nothing"}
    task, bounds = json.dumps(order).encode() + b"\n" + notebook, Bounds(seconds, megabytes)
    end = run_module("bpteach.classroom.runner", task, confinement, bounds, stop)
    outcome, has_begun, is_over = read_report(end.report, order["token"])
    if not (has_begun or end.reason):
        raise RuntimeError(_("No notebook can be run here: {reason}").format(reason=end.complaint or "?"))
    if not is_over:
        outcome.trouble = _(DID_NOT_FINISH).format(reason=end.reason or why(end.code))
    return outcome


class Bounds(NamedTuple):
    seconds: float
    megabytes: float
    report_bytes: int = REPORT_BYTES


class End(NamedTuple):
    """What a process left: its report, why it had to be ended if it had, its exit status, its last complaint."""

    report: str
    reason: str
    code: int
    complaint: str


def each_in_turn(work, names, jobs=None, progress=None):
    """Do `work(name, stop)` for each name, as many at a time as there are processors; give what it returns, by name.

    `progress` is told how many are done, and how many there are. An interrupt sets the event `stop`, and is passed on.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    stop, results = threading.Event(), {}
    with ThreadPoolExecutor(jobs or processors) as pool:
        running = {pool.submit(work, name, stop): name for name in names}
        try:
            for done in as_completed(running):
                results[running[done]] = done.result()
                if progress:
                    progress(len(results), len(running))
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return {name: results[name] for name in names}


def run_module(module, task, confinement, bounds, stop):
    """Run a module of bpteach, confined, with `task` as its standard input; the event `stop` ends it early."""
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(confinement.place())
        given, report, complaints = (stack.enter_context(tempfile.TemporaryFile()) for _file in range(3))
        given.write(task)
        given.seek(0)
        streams = {"stdin": given, "stdout": report, "stderr": complaints}
        process = subprocess.Popen([*confinement.words, "-m", module], **place, **streams, start_new_session=True)
        try:
            reason = _wait(process, report, bounds, stop)
        finally:
            _end(process, gently=confinement.by == "command")
        said = _text(complaints, 100_000).strip().splitlines() or [""]
        return End(_text(report, bounds.report_bytes), reason, process.returncode, readable(said[-1]))


def _text(file, size):
    file.seek(0)
    return file.read(size).decode(errors="replace")


def _wait(process, report, bounds, stop):
    """Wait for the process; say why it has to be ended, if it has."""
    end = time.monotonic() + bounds.seconds
    is_over = False
    while not is_over:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
            is_over = True
        count, used = processes_of(process.pid)
        if os.fstat(report.fileno()).st_size > bounds.report_bytes:
            return _("too much to report")
        if count > PROCESSES or used > 2e6 * bounds.megabytes:
            return _("too much memory (--memory gives more), or too many processes")
        if not is_over and (time.monotonic() > end or stop.is_set()):
            return _("not ended within {seconds:g} seconds (--seconds gives more)").format(seconds=bounds.seconds)
    return ""


def processes_of(pid):
    """Count the processes that descend from one, itself included, and the bytes that they hold (none but on Linux)."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_bytes().rpartition(b")")[2].split()
            found[int(path.parent.name)] = int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    family, more = set(), {pid} & set(found)
    while more:
        family |= more
        more = {child for child, (parent, _size) in found.items() if parent in family} - family
    return len(family), sum(found[member][1] for member in family)


def _end(process, gently):
    """End the process and those that it may have started. A container is asked first, so that it can end its own."""
    if gently and process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3)
    with contextlib.suppress(OSError, AttributeError):  # Windows has no groups
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()


def why(code):
    """Say why a process ended by itself: bubblewrap gives a signal as 128 + its number."""
    crashes = [getattr(signal, name, 0) for name in ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE")]
    return _("it crashed Python") if code and {-code, code - 128} & set(crashes) else _("it ended its own process")


def read_report(text, token):
    """Make an outcome of the lines of a report; tell, too, whether it begins and whether it ends as a report does."""
    outcome, has_begun, is_over = Outcome(), False, False
    for line in text.splitlines():
        said, _space, facts = line.partition(" ")
        try:
            if said != token:
                raise ValueError(line)
            kind = _take(outcome, json.loads(facts))
        except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
            outcome.attempts.add("report")
        else:
            has_begun |= kind == "begin"
            is_over |= kind in ("end", "no notebook", "stopped")
    return outcome, has_begun, is_over


def _take(outcome, facts):
    """Enter one line, field by field; ValueError for what no check of bpteach could have said."""
    match facts["kind"]:
        case "planned":
            outcome.planned = [check for check in facts["checks"] if is_known(check)]
        case "found" if is_known(facts["check"]):
            outcome.found[facts["check"]] = _answer(**facts)
        case "raised":
            if is_known(facts["check"]):  # a number that no exercise has is a slip of the pen, no forgery
                outcome.raised[facts["check"]] = exception_name(facts["error"])
        case "attempt" if facts["what"] in ATTEMPTS:
            outcome.attempts.add(facts["what"])
        case "no notebook":
            outcome.trouble = did_not_run(_("it is no notebook"))
        case "stopped":
            outcome.trouble = _(DID_NOT_FINISH).format(reason=exception_name(facts["error"]))
        case "begin" | "end":
            pass
        case _:
            raise ValueError(facts)
    return facts["kind"]


def is_known(check):
    """Tell whether bpteach has an exercise, a check or a part of this name."""
    if isinstance(check, str) and NUMBER.fullmatch(check):
        return check in exercises(int(check.split(".")[0]))
    return check in (*CHECKS, *PARTS)


def _answer(state, mistake, message, waits=False, **_more):
    if state not in STATES or (mistake is not None and mistake not in CATALOGUE):
        raise ValueError(state, mistake)
    source = own_sentences().get(message)
    return Answer(state, mistake, _(source) if source else "", waits is True)


def exception_name(name):
    """Believe the name of an exception only if Python has one of this name."""
    kind = getattr(builtins, name, None)
    return name if isinstance(kind, type) and issubclass(kind, BaseException) else "Exception"


@functools.cache
def own_sentences():
    """Give, by how they are said in each language, the sentences that the checks say word for word.

    One with a gap for a value might carry anything.
    """
    folder = Path(bpteach.__file__).parent
    files = [path for name in ("diagnosis", "exercises") for path in (folder / name).rglob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    strings = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    own = {text: text for text in strings if isinstance(text, str) and " " in text and "{" not in text}
    for path in filter(None, languages().values()):
        entries = po.entries(path.read_text(encoding="utf-8"))
        own |= {each["msgstr"]: each["msgid"] for each in entries if "msgstr" in each and each["msgid"] in own}
    return own
