"""The tally: what it counts, and that no notebook of a class reads, changes or outlives what it should not."""

import contextlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import bpteach.__main__
from bpteach.classroom import confinement, tally
from bpteach.classroom.counts import Tally, title_of
from bpteach.classroom.runner import Cell, name_of, read_cells
from bpteach.classroom.supervisor import ATTEMPTS, Answer, Outcome, read_report
from bpteach.classroom.tally import LARGEST, count_mistakes, find, main, read
from bpteach.locale import readable
from conftest import ended, need, once_a_week

ROOT = Path(__file__).parents[1]
PNG = b"\x89PNG\r\n"
SECRET, MARK = "xyzzy-what-nobody-may-read", "xyzzy-a-process-of-the-tests"
SLEEP = "import time; time.sleep(1000)"

SETUP = """
import ctypes, gc, os, shutil, socket, subprocess, sys, threading, time
from pathlib import Path
import bpteach
from bpteach import sigmoid, sigmoid_prime
from bpteach.diagnosis import check_backprop_matrix
from bpteach.exercises import check


def fails(*attempts):
    for attempt in attempts:
        try:
            attempt()
        except (OSError, MemoryError):
            continue
        return False
    return True
"""
RIGHT = """
def backprop_matrix(net, X, Y):
    activations, zs = [X], []
    for w, b in zip(net.weights, net.biases):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    delta = (activations[-1] - Y) * sigmoid_prime(zs[-1])
    nabla_b, nabla_w = [delta.sum(axis=1, keepdims=True)], [delta @ activations[-2].T]
    for l in range(2, len(net.sizes)):
        delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])
        nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
        nabla_w.insert(0, delta @ activations[-l - 1].T)
    return nabla_b, nabla_w
"""
NOT_TRANSPOSED = RIGHT.replace(".T @ delta", " @ delta")
WRONG_SIGN = RIGHT.replace("activations[-1] - Y", "Y - activations[-1]")
BLANK = "def backprop_matrix(net, X, Y):\n    ..."
CHECK = "check_backprop_matrix(backprop_matrix)"
EXIT = "did not finish: it ended its own process"
NONE = "did not run: it is no notebook"
TOO_MUCH = "did not finish: too much memory (--memory gives more), or too many processes"


def notebook(*cells):
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(True)} for cell in cells]
    prose = {"cell_type": "markdown", "metadata": {}, "source": CHECK}
    return json.dumps({"cells": [prose, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def then_right(*cells):
    return notebook(SETUP, *cells, RIGHT, CHECK)


HONEST = {
    "right": (then_right(), "right"),
    "not transposed": (notebook(SETUP, NOT_TRANSPOSED, CHECK), "missing-transpose"),
    "worse at last": (notebook(SETUP, WRONG_SIGN, CHECK, NOT_TRANSPOSED, CHECK), "missing-transpose"),
    "mended": (then_right(WRONG_SIGN, CHECK), "right"),
    "sign": (notebook(SETUP, WRONG_SIGN, CHECK), "wrong-sign"),
    "no name": (notebook(SETUP, RIGHT.replace("-l + 1].T @", "-l + 1].T * 3.7 @"), CHECK), "another mistake"),
    "blank": (notebook(SETUP, BLANK, CHECK), "not written yet"),
    "no syntax": (notebook(SETUP, "def backprop_matrix(net X):", CHECK), "did not run: NameError"),
    "check deleted": (notebook(SETUP, RIGHT), "the check is missing"),
    "magics": (
        then_right("%matplotlib inline\n!ls", "%pip install nothing", "await __import__('asyncio').sleep(0)"),
        "right",
    ),
    "broken JSON": ('{"cells": [', NONE),
    "asks": (then_right("input()"), "right"),
    "leaves a thread": (then_right("threading.Thread(target=time.sleep, args=[1000]).start()"), "right"),
    "own files": (then_right("Path('a.py').write_text('b = 3')", "import a", "assert a.b == 3"), "right"),
    "x\x1b[31m\n\u202e$\\frac é": (then_right(), "right"),
}

#: Hostile notebooks, by what they are counted to have reached for: a cell sets `refused`, and they are right if so.
REFUSED = {
    "files": {
        "reads what the teacher types": (
            "terminals = [name for name in os.listdir('/dev/pts') if name.isdigit()]\n"
            "refused = fails(lambda: open('/dev/tty')) and not terminals"
        ),
        "reads the environment of others": (
            "others = Path('/proc').glob('[0-9]*/environ')\n"
            "refused = not any(b'BPTEACH_SECRET' in path.read_bytes() for path in others)"
        ),
        "reads keys": "refused = fails(lambda: open(HOME + '/.ssh/id'), lambda: os.listdir(HOME))",
        "reads who has an account": "refused = fails(lambda: open('/etc/passwd'), lambda: open('/etc/shadow'))",
        "reads another submission": "refused = fails(lambda: open(OTHER), lambda: os.scandir(SUBMITTED))",
        "reads the project": "refused = fails(lambda: open(PROJECT + '/README.md'))",
        "writes outside": (
            "places = (HOME, SUBMITTED, '/', '/dev', '/usr', '/home')\n"
            "refused = fails(*(lambda place=place: open(place + '/new', 'w') for place in places))"
        ),
        "changes what is there": (
            "refused = fails(lambda: os.remove(OTHER), lambda: os.mkdir(HOME + '/new'), "
            "lambda: os.symlink('/', '/out'), lambda: os.rename(OTHER, 'mine'), "
            "lambda: os.link(OTHER, 'mine'), lambda: os.truncate(OTHER, 0))"
        ),
        "changes bpteach": "refused = fails(lambda: open(bpteach.__file__, 'a'), lambda: os.remove(os.__file__))",
    },
    "": {
        "reads its own environment": "refused = 'BPTEACH_SECRET' not in os.environ",
        "runs rm": "refused = subprocess.run(['rm', '-r', HOME, OTHER], capture_output=True).returncode != 0",
        "fills its disk": "refused = fails(lambda: [open(str(i), 'wb').write(bytes(40_000_000)) for i in range(99)])",
        "fills its disk with unlinked files": (
            "kept = []\ndef hide(i):\n    kept.append(open(str(i), 'wb'))\n    os.unlink(str(i))\n"
            "    kept[-1].write(bytes(40_000_000))\n    kept[-1].flush()\n"
            "refused = fails(lambda: [hide(i) for i in range(99)])\nos.close(kept[-1].fileno())"
        ),
        "fills shared memory": (
            "refused = fails(lambda: [open(f'/dev/shm/{i}', 'wb').write(bytes(20_000_000)) for i in range(99)])"
        ),
        "writes a large file": "refused = fails(lambda: open('large', 'wb').write(bytes(60_000_000)))",
        "eats memory": "hoard = []\nrefused = fails(lambda: [hoard.append(bytearray(10**8)) for i in range(99)])",
        "connects to this machine": "refused = fails(lambda: socket.create_connection(('127.0.0.1', PORT)))",
        "takes rights": "c = ctypes.CDLL(None)\nrefused = c.unshare(0x10000000) == -1 == c.mount(0, 0, 0, 0, 0)",
        "leaves a daemon": (
            f"subprocess.Popen([sys.executable, '-c', {SLEEP!r}, MARK], start_new_session=True)\nrefused = True"
        ),
        "deletes its home": "shutil.rmtree(Path.home(), ignore_errors=True)\nrefused = True",
        "prints much": "for _ in range(3000):\n    print('x' * 100_000)\nrefused = True",
    },
    "network": {
        "connects to another": "refused = fails(lambda: socket.create_connection(('192.0.2.1', 80), 5))",
        "asks for a name": "refused = fails(lambda: socket.getaddrinfo('example.org', 80))",
    },
    "processes": {
        "kills its parent": "os.kill(os.getppid(), 9)\nos.kill(1, 9)\nrefused = True",
        "kills all": "refused = fails(lambda: os.kill(-1, 9))",
    },
}

#: What stands between cells of one notebook, and after them: all of them were refused, and each finds it as it was
NEXT = """
together, refused = refused and globals().get("together", True), False
hoard, kept = [], []
for path in [*Path().iterdir(), *Path("/dev/shm").iterdir()]:
    path.unlink()
"""
LAST = "refused = together"

LINE = """{"kind": "found", "check": "check_backprop_matrix", "state": "right", "mistake": null, "message": "%s"}"""
FORGE = f"""
line = {LINE % SECRET!r}.encode()
for descriptor in range(3, 256):
    try:
        os.write(descriptor, b"\\n" + line + b"\\n" + b"0" * 32 + b" " + line + b"\\n")
    except OSError:
        pass
"""
FORGE_WITH_THE_WORD = f"""
report = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Reporter")
report("found", check="{SECRET}", state="right", mistake=None, message="")
report("found", check="2.1", state="{SECRET}", mistake=None, message="")
report("raised", check="2.2", error="{SECRET}")
report("planned", checks=["{SECRET}"])
report("attempt", what="{SECRET}")
report("stopped", error="{SECRET}")
report("{SECRET}")
"""
FLOOD = "report = next(thing for thing in gc.get_objects() if type(thing).__name__ == 'Reporter')\nwhile True:\n    "
SHARE_OUT = """
for _ in range(20):
    if os.fork() == 0:
        hoard = bytearray(os.urandom(10**6)) * 300
        time.sleep(1000)
time.sleep(1000)
"""
REPLACE = "bpteach.diagnosis.check_backprop_matrix = bpteach.exercises.check = print"

#: Hostile notebooks that are ended, or whose words are not taken over, likewise, and what is counted
COUNTED = {
    "": {
        "exits": (then_right("os._exit(0)"), EXIT),
        "exits after its check": (notebook(SETUP, RIGHT, CHECK, "os._exit(0)"), "right"),
        "calls exit": (then_right("sys.exit()", "exit()"), "right"),
        "aborts": (then_right("os.abort()"), "did not finish: it crashed Python"),
        "kills itself": (then_right("os.kill(os.getpid(), 9)"), EXIT),
        "forks without end": (then_right("while True:\n    os.fork()"), TOO_MUCH),
        "eats memory in many processes": (then_right(SHARE_OUT), TOO_MUCH),
        "speaks through an answer": (
            notebook(SETUP, f"check('2.1', {SECRET!r})", NOT_TRANSPOSED, CHECK),
            "missing-transpose",
        ),
        "speaks through an exception": (
            notebook(SETUP, f"raise type({SECRET!r}, (KeyError,), {{}})\n{CHECK}"),
            "did not run: KeyError",
        ),
    },
    "report": {
        "forges an answer": (then_right(FORGE, "os._exit(0)"), EXIT),
        "forges with the word": (notebook(SETUP, FORGE_WITH_THE_WORD, NOT_TRANSPOSED, CHECK), "missing-transpose"),
        "reports without end": (then_right(FLOOD + "report('x' * 1000)"), "did not finish: too much to report"),
        "replaces the check": (notebook(SETUP, REPLACE, RIGHT, f"bpteach.diagnosis.{CHECK}"), "the check is missing"),
    },
}


def in_file(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def state_of(folder):
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


def is_running(mark):
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark.encode() in path.read_bytes().split(b"\0"):
                return True
    return False


def soon(condition):
    end = time.monotonic() + 120
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


class Class:
    """A class's submissions, honest and hostile, and what the command said to them."""

    def __init__(self, top, alone):
        self.alone = alone
        self.submitted, home, aside = top / "course" / "submitted", top / "home", top.parent / f"{top.name}-results"
        in_file(home / ".ssh" / "id", SECRET)
        aside.mkdir()
        self.verdicts, self.attempts = {}, {}
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.1)
            places = {"HOME": home, "SUBMITTED": self.submitted, "PROJECT": ROOT, "MARK": MARK}
            places["OTHER"] = self.submitted / "right" / "mini-batch" / "mini-batch.ipynb"
            where = "\n".join(f"{name} = {str(value)!r}" for name, value in places.items())
            self.hand_in(f"{where}\nPORT = {server.getsockname()[1]}")
            self.odd_files(top)
            self.before = state_of(top)
            self.json, self.picture = aside / "tally.json", aside / "tally.png"
            words = [top / "course", "--jobs", 4, "--json", self.json, "--picture", self.picture, "--names"]
            env = os.environ | {"BPTEACH_SECRET": SECRET, "TMPDIR": str(aside)}
            self.done = ended(sys.executable, "-m", "bpteach", "tally", *words, cwd=ROOT, env=env)
            with pytest.raises(TimeoutError):
                server.accept()
        self.after, self.left = state_of(top), {path.name for path in aside.iterdir()}
        self.result = json.loads(self.json.read_text(encoding="utf-8")) if self.json.exists() else {}

    def hand_in(self, where):
        if_refused = f"if not refused:\n    backprop_matrix = print\n{CHECK}"
        rows = [("", name, *row) for name, row in HONEST.items()]
        rows += [(attempt, name, *row) for attempt, some in COUNTED.items() for name, row in some.items()]
        for attempt, some in REFUSED.items():
            tried = {name: [cell] for name, cell in some.items()}
            if not self.alone:
                tried = {f"all of {attempt}": [part for cell in some.values() for part in (cell, NEXT)] + [LAST]}
            cells = {name: (SETUP, where, *each, RIGHT, if_refused) for name, each in tried.items()}
            rows += [(attempt, name, notebook(*each), "right") for name, each in cells.items()]
        for attempt, name, text, verdict in rows:
            in_file(self.submitted / name / "mini-batch" / "mini-batch.ipynb", text)
            self.verdicts[f"{readable(name)}/mini-batch/mini-batch.ipynb"] = verdict
            self.attempts[f"{readable(name)}/mini-batch/mini-batch.ipynb"] = attempt

    def odd_files(self, top):
        """Add a checkpoint, a link out of the folder, a pipe, and another notebook of two of the students."""
        in_file(self.submitted / "right" / ".ipynb_checkpoints" / "a.ipynb", notebook("while True:\n    pass"))
        in_file(top / "outside.ipynb", then_right())
        for name, make, why in (
            ("link", lambda path: path.symlink_to(top / "outside.ipynb"), "it leads out of the folder"),
            ("pipe", os.mkfifo, "it is no file"),
        ):
            (self.submitted / name).mkdir()
            make(self.submitted / name / "mini-batch.ipynb")
            self.verdicts[f"{name}/mini-batch.ipynb"] = f"did not run: {why}"
        in_file(self.submitted / "right" / "other" / "other.ipynb", notebook(SETUP, 'check("2.3", ...)'))
        in_file(self.submitted / "mended" / "other" / "other.ipynb", "{")


@pytest.fixture(scope="module", params=[False, once_a_week(True)], ids=["together", "alone"])
def school_class(request, tmp_path_factory, bubblewrap):
    return Class(tmp_path_factory.mktemp("class"), alone=request.param)


@pytest.mark.slow
def test_each_submission_is_counted_as_what_it_is_and_attempts_beside(school_class):
    assert school_class.done.returncode == 0, school_class.done.stderr
    exercise = school_class.result["exercises"]["check_backprop_matrix"]
    assert {name: answer["label"] for name, answer in exercise["names"].items()} == school_class.verdicts
    verdicts = list(school_class.verdicts.values())
    assert exercise["of"] == len(verdicts)
    assert exercise["counts"] == {verdict: verdicts.count(verdict) for verdict in verdicts}
    assert list(exercise["counts"].values()) == sorted(exercise["counts"].values(), reverse=True)
    told = school_class.done.stdout.rpartition("Reached for what they are not given\n")[2].splitlines()
    wanted = {name: ATTEMPTS[what] for name, what in school_class.attempts.items() if what}
    assert dict(line.strip().rsplit(": ", 1) for line in told) == wanted
    said = list(wanted.values())
    assert school_class.result["attempts"] == {words: said.count(words) for words in said}


@pytest.mark.slow
def test_class_is_printed_and_drawn(school_class):
    lines = school_class.done.stdout.splitlines()
    assert lines[1].startswith("Confined by bubblewrap")
    assert f"  4 of {len(school_class.verdicts)}: missing-transpose" in lines
    assert "  1 of 2: not written yet" in lines, "exercise 2.3, of one folder of the two"
    assert f"  4 of {len(school_class.verdicts) + 2}: {EXIT}" in lines, "the one after its check as well"
    need("matplotlib")
    assert school_class.picture.read_bytes().startswith(PNG)


@pytest.mark.slow
def test_no_words_of_a_notebook_are_printed_and_everything_is_left_as_it_was(school_class):
    everything = school_class.done.stdout + school_class.done.stderr + json.dumps(school_class.result)
    assert SECRET not in everything
    assert "\x1b" not in everything
    assert school_class.after == school_class.before
    assert school_class.left - {"tally.png"} == {"tally.json"}
    assert not is_running(MARK)


@pytest.mark.slow
def test_what_does_not_end_is_ended(tmp_path, bubblewrap):
    for name, cell in {"loops": "while True:\n    pass", "sleeps": "time.sleep(1000)"}.items():
        in_file(tmp_path / f"{name}.ipynb", then_right(cell))
    told = {"did not finish: not ended within 2 seconds (--seconds gives more)": 2}
    assert count_mistakes(tmp_path, seconds=2).counts("check_backprop_matrix") == told


@pytest.mark.slow
def test_interrupt_ends_everything(tmp_path, bubblewrap):
    for name in "abc":
        in_file(tmp_path / f"{name}.ipynb", notebook(SETUP, "" if name == "a" else f"time.sleep(1000) # {MARK}"))

    def interrupt(done, count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        count_mistakes(tmp_path, jobs=2, seconds=1000, progress=interrupt)


@pytest.mark.slow
def test_nothing_outlives_a_tally_that_is_killed(tmp_path, bubblewrap):
    in_file(tmp_path / "a.ipynb", notebook(SETUP, f"subprocess.run([sys.executable, '-c', {SLEEP!r}, {MARK!r}])"))
    running = subprocess.Popen([sys.executable, "-m", "bpteach", "tally", str(tmp_path)], cwd=ROOT)
    assert soon(lambda: is_running(MARK))
    running.kill()
    running.wait()
    assert soon(lambda: not is_running(MARK))


@pytest.fixture
def a_class(tmp_path):
    return in_file(tmp_path / "class" / "a.ipynb", notebook("a = 1")).parent


def refuses(folder, options, says, capsys):
    assert main([str(folder), *shlex.split(options)]) == 1
    said = capsys.readouterr().err
    assert says in said
    assert len(said.splitlines()) == 1


NO_IMAGE = shlex.quote(shlex.join([sys.executable, "-c", "raise SystemExit('no image')"]))


@pytest.mark.parametrize(
    ("folder", "options", "says"),
    [
        ("missing", "--unconfined", "missing is no folder"),
        ("empty", "--unconfined", "holds no notebook"),
        (".", "--unconfined --seconds nan", "seconds is nan"),
        (".", "--unconfined --seconds inf", "seconds is inf"),
        (".", "--unconfined --memory 10", "megabytes is 10"),
        (".", "--unconfined --jobs 0", "jobs is 0"),
        (".", "--unconfined --json none/a.json", "none/a.json cannot be saved"),
        (".", "--unconfined --picture a.docx", "a.docx cannot be saved"),
        (".", "--confine-with 'no-such-command run'", "The command no-such-command is not there."),
        (".", f"--confine-with {NO_IMAGE}", "No notebook can be run here: no image"),
    ],
)
def test_command_refuses_in_one_sentence(a_class, capsys, folder, options, says):
    (a_class / "empty").mkdir()
    refuses(a_class / folder, options, says, capsys)


@pytest.mark.parametrize(
    ("system", "program", "says"),
    [
        ("linux", None, "sudo apt install bubblewrap (Debian, Ubuntu), sudo dnf install bubblewrap (Fedora)"),
        ("linux", shutil.which("false"), "does not work here"),
        ("darwin", None, '--confine-with "docker run'),
        ("win32", None, '--confine-with "docker run'),
    ],
)
def test_without_bubblewrap_it_refuses(a_class, monkeypatch, capsys, system, program, says):
    monkeypatch.setattr(confinement.sys, "platform", system)
    monkeypatch.setattr(confinement.shutil, "which", lambda name: program)
    refuses(a_class, "", says, capsys)


#: Stands for a container: starts Python with the words that follow, and ends it when it is asked to
CONTAINER = """
import pathlib, signal, subprocess, sys
inner = subprocess.Popen([sys.executable, *sys.argv[1:]])
def end(*arguments):
    pathlib.Path("ended").write_text("")
    inner.kill()
    sys.exit()
signal.signal(signal.SIGTERM, end)
sys.exit(inner.wait())
"""


@pytest.mark.slow
def test_command_of_the_teacher_takes_the_place_of_bubblewrap(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    container = in_file(tmp_path / "container.py", CONTAINER)
    command = shlex.join([sys.executable, str(container)])
    for cell, seconds, told in (("", "180", "right"), ("time.sleep(1000)", "2", "did not finish")):
        in_file(tmp_path / "class" / "a.ipynb", then_right(cell))
        assert main(["class", "--confine-with", command, "--seconds", seconds]) == 0
        said = capsys.readouterr().out
        assert f"Confined by your own command, as far as it confines: {command}" in said
        assert f"1 of 1: {told}" in said
    assert (tmp_path / "ended").exists(), "it is asked to end what runs in it before it is killed"


@pytest.mark.slow
def test_unconfined_where_one_asks_for_it(tmp_path, capsys):
    in_file(tmp_path / "a.ipynb", notebook(SETUP, NOT_TRANSPOSED, CHECK))
    in_file(tmp_path / "b.ipynb", then_right("assert 'bpteach-tally-' in str(Path.home()) == os.getcwd()"))
    assert main([str(tmp_path), "--unconfined"]) == 0
    said = capsys.readouterr().out
    assert "Not confined" in said
    assert "1 of 2: missing-transpose\n  1 of 2: right" in said


def graded(name):
    return {"nbgrader": {"grade": True, "grade_id": name, "points": 5}}


WHICH_COUNTS = {
    "a graded cell counts, not what is tried after it": (
        [SETUP, RIGHT, CHECK, "check_backprop_matrix(print)"],
        {2: graded("part-4-backprop_matrix")},
        {"part-4-backprop_matrix": "right"},
    ),
    "the tagged cell of an exercise counts, not what is tried after it": (
        [SETUP, "check('2.1', ...)", "check('2.1', print)"],
        {1: {"tags": ["check-2.1"]}},
        {"2.1": "not written yet"},
    ),
    "what judges answer in a graded cell counts under its name": (
        ["judge = None", "from bpteach.exercises.judging import judge\njudge(3, 3)", "judge(4, 3)"],
        {1: graded("part-1-forward"), 2: graded("part-1-forward")},
        {"part-1-forward": "another mistake"},
    ),
    "a graded cell of another name counts as the check that it calls": (
        [SETUP, RIGHT, CHECK],
        {2: graded(SECRET)},
        {"check_backprop_matrix": "right"},
    ),
    "a function that calls one that is not written is told apart": (
        [SETUP, "def back():\n    ...\ndef backprop_matrix(net, X, Y):\n    return back() + 1", CHECK],
        {},
        {"check_backprop_matrix": "waits for another function that is not written yet"},
    ),
}


@pytest.mark.slow
def test_which_answer_counts(tmp_path):
    for name, (cells, metadata, _label) in WHICH_COUNTS.items():
        code = json.loads(notebook(*cells))
        for index, some in metadata.items():
            code["cells"][index + 1]["metadata"] = some
        in_file(tmp_path / f"{name}.ipynb", json.dumps(code))
    told, trusted = [], confinement.choose(unconfined=True)
    result = count_mistakes(tmp_path, confinement=trusted, progress=lambda *numbers: told.append(numbers))
    assert told == [(done, 5) for done in range(1, 6)]
    labels = {name: {} for name in WHICH_COUNTS}
    for check, verdicts in result.verdicts.items():
        for file, verdict in verdicts.items():
            labels[file.removesuffix(".ipynb")][check] = verdict.label
    assert labels == {name: label for name, (*_notebook, label) in WHICH_COUNTS.items()}


@pytest.mark.parametrize(
    ("source", "checks"),
    [
        ("# check('2.1', a)\nd = check_update(step)", ["check_update"]),
        ("check('2.2', f); check(\"2.3\", g)", ["2.2", "2.3"]),
        ("print(check_backprop); judge(a, 3)", []),
    ],
)
def test_checks_in_a_cell(source, checks):
    assert Cell(source, [], "").checks() == checks


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "3", '{"cells": 3}', '{"worksheets": [3]}', "\0\xff"])
def test_what_is_no_notebook_has_no_cells(text):
    assert read_cells(text.encode("latin-1")) == []
    assert name_of(type("\x1b[2J", (KeyError,), {})()) == "KeyError"  # nor is its text the name of an exception


@pytest.mark.parametrize(
    ("facts", "believed"),
    [
        ({"state": "wrong", "mistake": "wrong-sign", "message": SECRET}, Answer("wrong", "wrong-sign")),
        ({"state": "convention", "mistake": "factor-two"}, Answer("convention", "factor-two")),
        ({"state": "wrong", "message": "That is it."}, Answer("wrong", None, "That is it.")),
        ({"state": "wrong", "message": "{name} stopped with {kind}: {text}"}, Answer("wrong")),
        ({"state": "wrong", "mistake": "no-such-mistake"}, None),
        ({"state": "splendid"}, None),
        ({"state": ["right"]}, None),
        ({"mistake": ["wrong-sign"]}, None),
        ({"message": ["a"]}, None),
        ({"check": "77.1"}, None),
        ({"check": "check_everything"}, None),
        ({"check": ["2.1"]}, None),
    ],
)
def test_reports_are_not_believed_blindly(facts, believed):
    right = {"kind": "found", "check": "check_update", "state": "right", "mistake": None, "message": ""}
    line = json.dumps(right | facts)
    outcome, has_begun, is_over = read_report(f"token {line}\n", "token")
    assert outcome == (Outcome(found={"check_update": believed}) if believed else Outcome(attempts={"report"}))
    assert (has_begun, is_over) == (False, False)
    assert read_report(f"other {line}\n{line}\n", "token")[0] == Outcome(attempts={"report"})


@pytest.mark.parametrize("line", ["", "3", "[" * 100_000, '{"kind": "found"}', '{"kind": "planned", "checks": 3}'])
def test_odd_lines_are_forgeries(line):
    assert read_report(f"token {line}", "token")[0] == Outcome(attempts={"report"})


def found(state, mistake=None, message=""):
    check = "check_backprop_matrix"
    return Outcome([check], {check: Answer(state, mistake, message)})


def test_names_are_told_only_if_asked_for():
    result = Tally({"ana.ipynb": found("right"), "ben.ipynb": Outcome(trouble=NONE, attempts={"report"})})
    assert not {"ana", "ben"} & set((str(result) + json.dumps(result.to_dict())).replace(".", " ").split())
    assert "ana.ipynb: right" in result.names()
    assert "ben.ipynb: this report, or a check of bpteach" in result.names()
    assert result.to_dict(names=True)["exercises"]["check_backprop_matrix"]["names"]["ana.ipynb"]["label"] == "right"


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        (("right", "wrong-sign"), "right"),
        (("convention", "factor-two"), "factor-two"),
        (("convention",), "right, up to a convention"),
        (("wrong",), "another mistake"),
        (("stopped",), "raised an exception or hung"),
        (("stopped", "missing-transpose"), "missing-transpose"),
    ],
)
def test_what_an_answer_counts_as(answer, label):
    assert Tally({"a": found(*answer)}).counts("check_backprop_matrix") == {label: 1}


def test_sentences_of_mistakes_without_a_name_are_told():
    said = [("wrong", "Rows."), ("wrong", "Columns."), ("wrong", "Columns."), ("right", "The mean is m times less.")]
    result = Tally({str(i): found(state, message=message) for i, (state, message) in enumerate(said)})
    lines = str(result).splitlines()
    start = lines.index("  3 of 4: another mistake")
    assert lines[start + 1 :] == ["      2: Columns.", "      1: Rows.", "  1 of 4: right"]
    assert result.lines("check_backprop_matrix") == ["3 of 4: another mistake", "1 of 4: right"]
    assert "mean" not in result.names()


def test_picture_tells_all_counts_under_their_titles():
    need("matplotlib")
    many = {f"{i}.ipynb": Outcome(["2.1"], trouble=f"did not finish: $\\frac {i}") for i in range(20)}
    picture = Tally(many | {"r.ipynb": found("right")}).picture()
    assert picture.png.startswith(PNG)
    assert "1 of 1: right" in picture.alt
    assert "Exercise 2.1" in picture.alt
    nothing = Tally({"a.ipynb": Outcome()})
    assert nothing.picture().png.startswith(PNG)
    assert "No notebook calls a check" in str(nothing)
    assert [title_of(name) for name in ("part-4-backprop_matrix", "check_update")] == [
        "Part 4 (backprop_matrix)",
        "check_update",
    ]


def test_find(tmp_path):
    for name in ("b.ipynb", "A.IPYNB", "in/ner/c.ipynb", ".ipynb_checkpoints/b.ipynb", "._b.ipynb", "d.txt"):
        in_file(tmp_path / name, "")
    assert list(find(tmp_path)) == ["A.IPYNB", "b.ipynb", "in/ner/c.ipynb"]


def test_large_files_are_not_opened(tmp_path):
    with open(tmp_path / "large.ipynb", "wb") as large:
        large.truncate(LARGEST * 1_000_000 + 1)
    with pytest.raises(ValueError, match="larger than"):
        read(tmp_path / "large.ipynb", "large.ipynb")


def test_command_without_matplotlib_that_cannot_save(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tally, "count_mistakes", lambda *a, **k: Tally({"a.ipynb": found("right")}))
    monkeypatch.delitem(sys.modules, "bpteach.figures", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    words = ["tally", str(tmp_path), "--unconfined"]
    assert bpteach.__main__.main([*words, "--picture", str(tmp_path / "a.png")]) == 1
    said = capsys.readouterr()
    assert "1 of 1: right" in said.out
    assert "needs matplotlib, which is not installed" in said.err
    assert bpteach.__main__.main([*words, "--json", str(tmp_path)]) == 1
    assert "could not be saved" in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
