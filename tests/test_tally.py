"""The tally: what it counts, and that no notebook of a class can harm the teacher's files or stop it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bpteach.classroom.tally import Tally, tally
from bpteach.classroom.tally import __main__ as command
from bpteach.classroom.tally.confinement import WORDS as MEANS
from bpteach.classroom.tally.counts import title_of
from bpteach.classroom.tally.notebooks import LARGEST, Cell, UnreadableError, fault, find, read_cells, readable
from bpteach.classroom.tally.runner import _plain, name_of
from bpteach.classroom.tally.supervisor import Outcome, _is_too_much, remove_tree, run_apart
from conftest import need

ROOT = Path(__file__).parents[1]
PNG = b"\x89PNG\r\n"

needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="Windows limits nothing but the time")

SETUP = """
import ctypes, os, shutil, socket, subprocess, sys, threading, time
from pathlib import Path
from bpteach import sigmoid, sigmoid_prime
from bpteach.diagnosis import check_backprop_matrix
from bpteach.exercises import check
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
#: Judged right only if `refused` is true
IF_REFUSED = RIGHT + "\nif not refused:\n    backprop_matrix = print"

# Attacks reach for files that the tests have made, and for nothing else.
ATTACK = """
def attempt(harm):
    try:
        harm()
    except BaseException:
        pass

for place in map(Path, PLACES):
    keep = place / "keep.txt"
    attempt(lambda: keep.write_text("spoilt"))
    attempt(lambda: open(keep, "r+").write("spoilt"))
    attempt(lambda: os.write(os.open(keep, os.O_WRONLY | os.O_TRUNC), b"spoilt"))
    attempt(lambda: os.truncate(keep, 1))
    attempt(lambda: os.chmod(keep, 0))
    attempt(lambda: os.utime(keep, (0, 0)))
    attempt(lambda: os.rename(keep, "stolen"))
    attempt(lambda: os.link(keep, "linked"))
    attempt(lambda: open("linked", "w").write("spoilt"))
    attempt(lambda: os.symlink(place, "way-out"))
    attempt(lambda: open("way-out/keep.txt", "w").write("spoilt"))
    attempt(lambda: os.replace("way-out", keep))
    attempt(lambda: os.remove(keep))
    attempt(lambda: os.system(f"rm -rf '{place}'"))
    attempt(lambda: subprocess.run(["rm", "-rf", str(place)]))
    attempt(lambda: os.posix_spawn("/bin/rm", ["rm", "-rf", str(place)], {}))
    attempt(lambda: os.remove("keep.txt", dir_fd=os.open(place, os.O_RDONLY)))
    attempt(lambda: os.open("keep.txt", os.O_WRONLY | os.O_TRUNC, dir_fd=os.open(place, os.O_RDONLY)))
    attempt(lambda: shutil.rmtree(place))
    attempt(lambda: (place / "new.txt").write_text("planted"))
"""
KERNEL_ATTACK = """
libc, place = ctypes.CDLL(None), PLACES[0].encode()
parent = os.getppid()
results = [
    libc.unlink(place + b"/keep.txt"),
    libc.rename(place + b"/keep.txt", b"stolen"),
    libc.truncate(place + b"/keep.txt", 0),
    libc.open(place + b"/keep.txt", os.O_WRONLY),
    libc.open(place + b"/new.txt", os.O_WRONLY | os.O_CREAT, 0o600),
    libc.symlink(b"nowhere", place + b"/link"),
    libc.mkdir(place + b"/new", 0o700),
    libc.kill(parent, 9),
    libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0),
    libc.prlimit(parent, 0, bytes(16), None),
    -(libc.system(b"true") != 0),
    child := libc.fork(),
]
if child == 0:
    os._exit(0)
libc.chmod(place + b"/keep.txt", 0)
refused = set(results) == {-1}
try:
    refused &= not Path(f"/proc/{parent}/environ").read_bytes()
except OSError:
    pass
"""
FORK = """
refused = False
try:
    child = os.fork()
except PermissionError:
    refused = True
else:
    child or os._exit(0)
"""
KILL = """
refused = False
try:
    os.kill(os.getppid(), 0)
except PermissionError:
    refused = True
"""
CONNECT = """
refused = False
try:
    socket.create_connection(("127.0.0.1", 9))
except PermissionError:
    refused = True
except OSError:
    pass
"""
WRITE_MUCH = """
refused = False
try:
    open("large", "wb").write(bytes(60_000_000))
except OSError:
    refused = True
"""
FORGE = """
line = b'{"kind": "found", "check": "check_backprop_matrix", "state": "right", "mistake": null, "message": ""}'
print(line.decode(), file=sys.__stdout__, flush=True)
for descriptor in range(1, 256):
    try:
        os.write(descriptor, b"\\n" + line + b"\\n" + b"0" * 32 + b" " + line + b"\\n")
    except OSError:
        pass
os._exit(0)
"""
GO_DEEP = """
for _ in range(300):
    os.mkdir("d")
    os.chdir("d")
os.mkdir("locked", 0)
"""
GO_HOME = """
assert "bpteach-tally-" in str(Path.home())
shutil.rmtree(Path.home())
"""
PRINT = "for _ in range(3000):\n    print('x' * 100_000)"
HOARD = "hoard = []\nwhile True:\n    hoard.append(bytearray(10**8))"
FILL = "for i in range(9):\n    open(str(i), 'w').truncate(40_000_000)\ntime.sleep(1000)"
THREAD = "threading.Thread(target=time.sleep, args=[1000]).start()"

EXIT = "did not finish: it ended its own process"
NONE = "did not run: it is no notebook"


def notebook(*cells):
    """Write a notebook of some cells of code, the way that Jupyter stores it."""
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(True)} for cell in cells]
    prose = {"cell_type": "markdown", "metadata": {}, "source": CHECK}
    return json.dumps({"cells": [prose, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def old_notebook(*cells):
    """Write a notebook of format 3."""
    code = [{"cell_type": "code", "input": cell, "outputs": []} for cell in cells]
    return json.dumps({"worksheets": [{"cells": code}], "nbformat": 3, "nbformat_minor": 0})


def then_right(*cells):
    """Do something, then hand in what is right."""
    return notebook(SETUP, *cells, RIGHT, CHECK)


def right_if_refused(*cells):
    """Attempt something that sets `refused`, then hand in what is right if it was."""
    return notebook(SETUP, *cells, IF_REFUSED, CHECK)


def handed_in(places, kernel):
    """Say what each member of the class hands in, and what the tally has to make of it."""
    where = f"PLACES = {[str(place) for place in places]!r}"
    raw = {"attacks the kernel": (right_if_refused(where, KERNEL_ATTACK), "right")}
    return (raw if kernel else {}) | {
        "right": (then_right(), "right"),
        "not transposed": (notebook(SETUP, NOT_TRANSPOSED, CHECK), "missing-transpose"),
        "worse at last": (notebook(SETUP, WRONG_SIGN, CHECK, NOT_TRANSPOSED, CHECK), "missing-transpose"),
        "mended": (then_right(WRONG_SIGN, CHECK), "right"),
        "sign": (notebook(SETUP, WRONG_SIGN, CHECK), "wrong-sign"),
        "not in the catalogue": (
            notebook(SETUP, RIGHT.replace("-l + 1].T @", "-l + 1].T * 3.7 @"), CHECK),
            "another mistake",
        ),
        "blank": (notebook(SETUP, BLANK, CHECK), "not written yet"),
        "no syntax": (notebook(SETUP, "def backprop_matrix(net X):", CHECK), "did not run: NameError"),
        "check deleted": (notebook(SETUP, RIGHT), "the check is missing"),
        "magics": (then_right("%matplotlib inline\n!ls", "%pip install nothing"), "right"),
        "broken JSON": ('{"cells": [', NONE),
        "empty": ("", NONE),
        "nested": ("[" * 100_000, NONE),
        "other JSON": ('["cells"]', "did not run: it has no cells"),
        "format 3": (old_notebook(SETUP, NOT_TRANSPOSED, CHECK), "missing-transpose"),
        "exits after the check": (notebook(SETUP, RIGHT, CHECK, "os._exit(0)"), "right"),
        "allocates": (then_right("bytearray(10**12)", HOARD, "del hoard"), "right"),
        "exits": (then_right("os._exit(0)"), EXIT),
        "aborts": (then_right("os.abort()"), "did not finish: it crashed Python"),
        "sys.exit": (then_right("sys.exit()", "exit()"), "right"),
        "kills": (then_right("os.kill(os.getppid(), 9)", "os.killpg(os.getpgid(0), 9)"), "right"),
        "forks": (right_if_refused(FORK), "right"),
        "asks": (then_right("input()"), "right"),
        "prints": (then_right(PRINT), "right"),
        "leaves a thread": (then_right(THREAD), "right"),
        "connects": (right_if_refused(CONNECT), "right"),
        "looks for secrets": (right_if_refused("refused = 'BPTEACH_SECRET' not in os.environ"), "right"),
        "forges": (then_right(FORGE), EXIT),
        "fills the disk": (then_right(FILL), "did not finish: too many or too large files"),
        "writes much": (right_if_refused(WRITE_MUCH), "right"),
        "goes deep": (then_right(GO_DEEP), "right"),
        "attacks": (then_right(f"{where}\n{ATTACK}"), "right"),
        "deletes its home": (then_right(GO_HOME), "right"),
        "x\x1b[31m\n\u202e$\\frac é": (then_right(), "right"),
    }


def plant(place):
    """Make a folder that must stay as it is."""
    place.mkdir()
    (place / "keep.txt").write_text("kept")
    (place / "inner").mkdir()
    (place / "inner" / "deep.txt").write_text("kept as well")
    return place


def state_of(folder):
    """List what a folder holds: names, kinds, rights, texts."""
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="module")
def confined_by(tmp_path_factory):
    """Say what a notebook is confined by on this machine."""
    path = tmp_path_factory.mktemp("probe") / "a.ipynb"
    path.write_text(notebook("a = 1"))
    return run_apart(path).by


class Class:
    """A class's submissions, and what the command said to them."""

    def __init__(self, top, kernel):
        self.victim, self.submitted = plant(top / "victim"), top / "course" / "submitted"
        self.submitted.mkdir(parents=True)
        self.expected = {}
        for name, (text, verdict) in handed_in([self.victim, self.submitted], kernel).items():
            folder = self.submitted / name / "mini-batch"
            folder.mkdir(parents=True)
            (folder / "mini-batch.ipynb").write_text(text)
            self.expected[f"{readable(name)}/mini-batch/mini-batch.ipynb"] = verdict
        checkpoints = self.submitted / "right" / "mini-batch" / ".ipynb_checkpoints"
        checkpoints.mkdir()
        (checkpoints / "mini-batch-checkpoint.ipynb").write_text(notebook("while True:\n    pass"))
        (self.submitted / "link" / "mini-batch").mkdir(parents=True)
        (top / "outside.ipynb").write_text(then_right())
        (self.submitted / "link" / "mini-batch" / "mini-batch.ipynb").symlink_to(top / "outside.ipynb")
        self.expected["link/mini-batch/mini-batch.ipynb"] = "did not run: it leads out of the folder"
        (self.submitted / "right" / "other").mkdir()
        (self.submitted / "right" / "other" / "other.ipynb").write_text(notebook(SETUP, 'check("2.1", ...)'))
        (self.submitted / "mended" / "other").mkdir()
        (self.submitted / "mended" / "other" / "other.ipynb").write_text("{")
        self.before = state_of(top)
        self.scratch = top.parent / f"{top.name}-scratch"
        self.scratch.mkdir()
        self.json, self.picture = top.parent / f"{top.name}.json", top.parent / f"{top.name}.png"
        words = [
            top / "course",
            "--seconds",
            300,
            "--jobs",
            4,
            "--json",
            self.json,
            "--picture",
            self.picture,
            "--names",
        ]
        self.done = subprocess.run(
            [sys.executable, "-m", "bpteach.classroom.tally", *map(str, words)],
            cwd=ROOT,
            env=os.environ | {"BPTEACH_SECRET": "1", "TMPDIR": str(self.scratch)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            check=False,
        )
        self.after = state_of(top)


@pytest.fixture(scope="module")
def school_class(tmp_path_factory, confined_by):
    """Run the command once, over the whole class."""
    return Class(tmp_path_factory.mktemp("class"), {"landlock", "seccomp"} <= set(confined_by))


# the command over a class


@needs_limits
def test_class_is_counted(school_class):
    """Each submission, however hostile, is counted as what it is."""
    assert school_class.done.returncode == 0, school_class.done.stderr
    exercise = json.loads(school_class.json.read_text(encoding="utf-8"))["exercises"]["check_backprop_matrix"]
    assert {name: answer["label"] for name, answer in exercise["names"].items()} == school_class.expected
    assert exercise["of"] == len(school_class.expected)
    verdicts = list(school_class.expected.values())
    assert exercise["counts"] == {verdict: verdicts.count(verdict) for verdict in verdicts}
    assert list(exercise["counts"].values()) == sorted(exercise["counts"].values(), reverse=True)


@needs_limits
def test_class_is_printed(school_class):
    """The counts are printed as "3 of 24: missing-transpose"; an exercise counts the notebooks that should have it."""
    lines = school_class.done.stdout.splitlines()
    assert f"  3 of {len(school_class.expected)}: missing-transpose" in lines
    assert "  1 of 2: not written yet" in lines, "exercise 2.1, of one folder of the two"
    assert f"  3 of {len(school_class.expected) + 2}: {EXIT}" in lines, "the one after its check as well"
    assert "\x1b" not in school_class.done.stdout


@needs_limits
def test_class_leaves_everything_as_it_was(school_class):
    """No attack reached a file outside, and nothing is left behind."""
    assert school_class.after == school_class.before
    assert not list(school_class.scratch.iterdir())


@needs_limits
def test_class_is_drawn(school_class):
    """The picture is saved."""
    need("matplotlib")
    assert school_class.picture.read_bytes().startswith(PNG)


@needs_limits
def test_command_says_what_confined_the_notebooks(school_class, confined_by):
    """The teacher is told how far the notebooks were confined."""
    printed = school_class.done.stdout
    assert [name for name in MEANS if MEANS[name] in printed] == [name for name in MEANS if name in confined_by]
    assert "hook" in confined_by


@needs_limits
@pytest.mark.parametrize("cell", ["while True:\n    pass", "time.sleep(1000)"], ids=["loops", "sleeps"])
def test_what_does_not_end_is_ended(tmp_path, cell):
    """An endless notebook is stopped; its check counts as not reached."""
    (tmp_path / "a.ipynb").write_text(then_right(cell))
    result = tally(tmp_path, functions=["backprop_matrix"], seconds=3)
    assert result.counts("backprop_matrix") == {"did not finish: not ended within 3 seconds (--seconds gives more)": 1}


def test_interrupt_ends_everything(tmp_path, monkeypatch):
    """An interrupt ends those that run, starts no others, and leaves no folder behind."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    for name in "abc":
        (tmp_path / f"{name}.ipynb").write_text(notebook(SETUP, "" if name == "a" else "time.sleep(1000)"))

    def interrupt(done, count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tally(tmp_path, jobs=2, seconds=1000, progress=interrupt)
    assert not list((tmp_path / "scratch").iterdir())


# what holds where the kernel does not help


@needs_limits
def test_python_alone_refuses_attacks_by_python(tmp_path):
    """Without Landlock and seccomp, Python's audit hook keeps what a learner could write away from the files."""
    victim = plant(tmp_path / "victim")
    (tmp_path / "here").mkdir()
    attack = then_right(f"PLACES = [{str(victim)!r}]\n{ATTACK}")
    texts = [attack, *(right_if_refused(cell) for cell in (FORK, CONNECT, KILL))]
    for name, text in zip("abcd", texts, strict=True):
        (tmp_path / "here" / f"{name}.ipynb").write_text(text)
    before = state_of(tmp_path)
    result = tally(tmp_path / "here", kernel=False)
    assert result.counts("check_backprop_matrix") == {"right": 4}
    assert not {"landlock", "seccomp"} & set(result.to_dict()["confined_by"])
    assert "do not trust" in str(result)
    assert state_of(tmp_path) == before


def test_plain_python_runs_cells():
    """Without IPython, cells run as well; lines that only IPython understands are left out."""
    run_cell, namespace = _plain()
    assert run_cell("%matplotlib inline\na = 3\n!ls\ndisplay(a)") is None
    assert namespace["a"] == 3
    assert run_cell("a +") == "SyntaxError"
    assert run_cell("raise SystemExit") == "SystemExit"


def test_imports_with_numpy_alone():
    """The tally needs neither IPython nor Matplotlib to be installed."""
    names = ["IPython", "matplotlib", "nbformat", "nbclient", "traitlets"]
    code = f"import sys\nsys.modules |= dict.fromkeys({names})\nimport bpteach.classroom.tally.__main__, bpteach.classroom.tally.runner"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# functions by name


def test_function_by_name(tmp_path):
    """A function is checked by its name, whatever the notebook's own checks say."""
    (tmp_path / "a.ipynb").write_text(notebook(SETUP, NOT_TRANSPOSED, RIGHT.replace("backprop_matrix", "mine"), CHECK))
    (tmp_path / "b.ipynb").write_text(notebook("backprop_matrix = ..."))
    (tmp_path / "c.ipynb").write_text(notebook("backprop_matrix = 3"))
    told = []
    result = tally(tmp_path, functions=["backprop_matrix", "mine=backprop_matrix"], progress=lambda *n: told.append(n))
    assert result.counts("backprop_matrix") == {
        "did not run: TypeError": 1,
        "missing-transpose": 1,
        "not written yet": 1,
    }
    assert result.counts("mine") == {"did not run: NameError": 2, "right": 1}
    assert told == [(1, 3), (2, 3), (3, 3)]


@needs_limits
def test_own_check_of_an_exercise_counts(tmp_path):
    """What is tried out later does not replace the answer of the cell that is meant for it: tagged, or graded."""
    tried = "check_backprop_matrix(print)"
    code = json.loads(notebook(SETUP, RIGHT, CHECK, tried, "check('2.1', ...)", "check('2.1', print)"))
    _, _, _, graded, _, tagged, _ = code["cells"]
    graded["metadata"] = {"nbgrader": {"grade": True, "grade_id": "part-4", "points": 5}}
    tagged["metadata"] = {"tags": ["check-2.1"]}
    (tmp_path / "a.ipynb").write_text(json.dumps(code))
    result = tally(tmp_path)
    assert {check: result.counts(check) for check in result.verdicts} == {
        "2.1": {"not written yet": 1},
        "part-4": {"right": 1},
    }


@needs_limits
def test_graded_cell_that_judges_counts_by_its_name(tmp_path):
    """In nbgrader's graded cells, what the judges of the exercises answer is counted under the cell's name."""
    judge = "from bpteach.exercises.judging import judge\njudge(answer, 3)"
    code = json.loads(notebook("judge = None", "answer = 3", judge, "answer = 4", judge))
    for cell in code["cells"][3::2]:
        cell["metadata"] = {"nbgrader": {"grade": True, "grade_id": "part-1", "points": 5}}
    (tmp_path / "a.ipynb").write_text(json.dumps(code))
    assert tally(tmp_path).counts("part-1") == {"another mistake": 1}


# counting


def found(state, mistake=None, message="", check="check_backprop_matrix"):
    """Make the outcome of a notebook with one answer."""
    return Outcome([check], {check: {"state": state, "mistake": mistake, "message": message}}, by=["hook"])


def test_privacy():
    """Without --names no name is told, neither printed nor saved."""
    result = Tally({"ana.ipynb": found("right"), "ben.ipynb": Outcome(unreadable="it is no notebook")})
    assert "ana" not in str(result) + json.dumps(result.to_dict())
    assert "ben" not in str(result) + json.dumps(result.to_dict())
    assert "ana.ipynb: right" in result.names()
    assert result.to_dict(names=True)["exercises"]["check_backprop_matrix"]["names"]["ana.ipynb"]["label"] == "right"


def test_answers_are_not_believed_blindly():
    """States, mistakes, exercises that no check gives are not taken over from a notebook."""
    result = Tally(
        {
            "a": found("wrong", "no-such-mistake", "\x1b[2J" + "long " * 100),
            "b": found("splendid", ["wrong-sign"]),
            "c": found("right", "wrong-sign"),
            "d": found("convention", "factor-two"),
            "e": found("stopped"),
            "f": found("right", check="77.1"),
            "g": found("right", check="check_everything"),
        }
    )
    assert list(result.verdicts) == ["check_backprop_matrix"]
    labels = {name: verdict.label for name, verdict in result.verdicts["check_backprop_matrix"].items()}
    other = "the check is missing"
    assert labels == {
        "a": "another mistake",
        "b": "another mistake",
        "c": "right",
        "d": "factor-two",
        "e": "raised an exception or hung",
        "f": other,
        "g": other,
    }
    assert result.verdicts["check_backprop_matrix"]["a"].message.isprintable()


def test_sentences_of_mistakes_without_a_name_are_told():
    """Below "another mistake" stands what was said, the most frequent first; of what is right, nothing."""
    said = [("wrong", "Rows."), ("wrong", "Columns."), ("wrong", "Columns."), ("right", "The mean is m times less.")]
    result = Tally({str(i): found(state, message=message) for i, (state, message) in enumerate(said)})
    lines = str(result).splitlines()
    start = lines.index("  3 of 4: another mistake")
    assert lines[start + 1 :] == ["      2: Columns.", "      1: Rows.", "  1 of 4: right"]
    assert result.lines("check_backprop_matrix") == ["3 of 4: another mistake", "1 of 4: right"]
    assert "mean" not in result.names()


@needs_limits
def test_function_that_waits_for_another_is_told_apart(tmp_path):
    """A function that is written, and calls one that is not, counts as neither blank nor raising."""
    waits = "def back():\n    ...\ndef backprop_matrix(net, X, Y):\n    return back() + 1"
    (tmp_path / "a.ipynb").write_text(notebook(SETUP, waits, CHECK))
    (tmp_path / "b.ipynb").write_text(notebook(SETUP, BLANK, CHECK))
    assert tally(tmp_path).counts("check_backprop_matrix") == {
        "not written yet": 1,
        "waits for another function that is not written yet": 1,
    }


def test_titles():
    """The assignment's parts and the exercises are named as in the notebooks."""
    assert title_of("2.1") == "Exercise 2.1"
    assert title_of("part-4-backprop_matrix") == "Part 4 (backprop_matrix)"
    assert title_of("check_update") == "check_update"


def test_picture_tells_all_counts():
    """The picture's alt text holds the counts; many answers are summed up; signs of formulas are harmless."""
    need("matplotlib")
    many = {f"{i}.ipynb": Outcome(["2.1"], raised={"2.1": f"$\\frac{i}Error"}, by=["hook"]) for i in range(20)}
    picture = Tally(many | {"r.ipynb": found("right")}).picture()
    assert picture.png.startswith(PNG)
    assert "1 of 1: right" in picture.alt
    assert "Exercise 2.1" in picture.alt
    assert Tally({"a.ipynb": Outcome()}).picture().png.startswith(PNG)


def test_nothing_to_count_is_said():
    """A folder of notebooks without checks gets advice."""
    result = Tally({"a.ipynb": Outcome(by=["hook"])})
    assert "--function" in str(result)
    assert "None could be run" in str(Tally({"a.ipynb": Outcome(unreadable="it is no notebook")}))


# finding and reading


def test_find(tmp_path):
    """Notebooks are found in a flat folder and in folders inside it; checkpoints and hidden files are not."""
    for name in ("b.ipynb", "A.IPYNB", "in/ner/c.ipynb", ".ipynb_checkpoints/b.ipynb", "._b.ipynb", "d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert list(find(tmp_path)) == ["A.IPYNB", "b.ipynb", "in/ner/c.ipynb"]


def test_odd_files_are_not_opened(tmp_path):
    """A folder, and a file too large to be a notebook, are told by their fault."""
    (tmp_path / "folder.ipynb").mkdir()
    assert fault(tmp_path / "folder.ipynb", "folder.ipynb") == "it is no file"
    with open(tmp_path / "large.ipynb", "wb") as large:
        large.truncate(LARGEST * 1_000_000 + 1)
    assert "larger than" in fault(tmp_path / "large.ipynb", "large.ipynb")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "3", '{"cells": 3}', '{"worksheets": [3]}', "\0\xff"])
def test_what_is_no_notebook_is_refused(tmp_path, text):
    """Damaged files get a sentence."""
    (tmp_path / "a.ipynb").write_text(text, encoding="latin-1")
    with pytest.raises(UnreadableError, match=r"^it "):
        read_cells(tmp_path / "a.ipynb")


def test_checks_in_a_cell():
    """The checks that a cell calls are found without running it, those in comments are not."""
    source = "# check('2.1', a)\ncheck('2.2', f); check(\"2.3\", g)\nd = check_update(step)\nprint(check_backprop)\n"
    assert Cell(source, [], "").checks() == ["2.2", "2.3", "check_update"]
    assert Cell("judge(a, 3)", [], "part-1").checks() == ["part-1"]
    assert Cell("judge(a, 3)", [], "").checks() == []
    assert Cell("check_update(f)", [], "part-1").checks() == ["part-1"]
    assert Cell("check('2.2', f)", [], "part-1").checks() == ["2.2"]


def test_names_of_exceptions_are_plain():
    """An exception of the notebook's own counts as the standard one that it is a kind of."""
    odd = type("\x1b[2J", (KeyError,), {})
    assert name_of(odd()) == "KeyError"


# tidying up


def test_remove_tree_removes_anything_and_follows_nothing(tmp_path):
    """A deep tree, locked folders, and links: the folder goes, what links lead to stays."""
    victim, top = plant(tmp_path / "victim"), tmp_path / "top"
    top.mkdir()
    (top / "link").symlink_to(victim, target_is_directory=True)
    (top / "locked").mkdir()
    (top / "locked" / "a").write_text("a")
    (top / "locked").chmod(0)
    here = Path.cwd()
    try:
        os.chdir(top)
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    before = state_of(victim)
    remove_tree(top)
    assert not top.exists()
    assert state_of(victim) == before


def test_room_is_bounded(tmp_path):
    """Large files and many files are too much; a few small ones are not."""
    (tmp_path / "a").write_text("a")
    assert not _is_too_much(tmp_path)
    with open(tmp_path / "b", "wb") as large:
        large.truncate(300_000_000)
    assert _is_too_much(tmp_path)


# the command line


def test_command_refuses_in_one_sentence(tmp_path, capsys):
    """What cannot be done is told on one line, with exit status 1."""
    (tmp_path / "a.ipynb").write_text(notebook("a = 1"))
    folder = str(tmp_path)
    for words in (
        [str(tmp_path / "missing")],
        [folder, "--seconds", "0"],
        [folder, "--seconds", "nan"],
        [folder, "--seconds", "inf"],
        [folder, "--memory", "10"],
        [folder, "--jobs", "0"],
        [folder, "--function", "gradient"],
    ):
        assert command.main(words) == 1, words
        assert len(capsys.readouterr().err.splitlines()) == 1
    (tmp_path / "a.ipynb").unlink()
    assert command.main([folder]) == 1
    assert "no notebook" in capsys.readouterr().err


def test_command_without_matplotlib(tmp_path, monkeypatch, capsys):
    """Without Matplotlib the counts are printed, and one sentence says why there is no picture."""
    monkeypatch.setattr(command, "tally", lambda *a, **k: Tally({"a.ipynb": found("right")}))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "bpteach.figures", None)
    assert command.main([str(tmp_path), "--picture", str(tmp_path / "a.png")]) == 0
    said = capsys.readouterr()
    assert "1 of 1: right" in said.out
    assert "Matplotlib is not installed" in said.err
    assert not (tmp_path / "a.png").exists()


def test_command_that_cannot_save(tmp_path, monkeypatch, capsys):
    """A file that cannot be written gives a sentence and exit status 1."""
    monkeypatch.setattr(command, "tally", lambda *a, **k: Tally({"a.ipynb": found("right")}))
    assert command.main([str(tmp_path), "--json", str(tmp_path / "none" / "a.json")]) == 1
    assert "could not be saved" in capsys.readouterr().err
