"""What goes wrong around a lesson: a full disk, a dead kernel, the stop button, no home. What is kept, what is said?

A worker that dies is in test_workers.py, cells in another order in test_libraries.py, damaged digits in test_mnist.py.
"""

import asyncio
import os
import re
import shutil
import sys
import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("nbclient", reason="nbclient is not installed")

import nbformat
from nbclient import NotebookClient

import bpteach.mnist
from bpteach import Network, load_mnist, sgd
from bpteach.publishing import pages, store
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, ROOT, cells_of, read
from browser import write_notebook
from conftest import ended, need, once_a_week, run, unavailable
from strategies import refused, snapshot

PACKAGE = Path(bpteach.__file__).parent
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")


@pytest.fixture
def sandbox(tmp_path):
    """Run Python where bubblewrap lets it write in one folder only, and mounts what else is asked for."""
    program = shutil.which("bwrap")
    if not program or ended(program, "--ro-bind", "/", "/", "true").returncode:
        unavailable("bubblewrap, which makes disks full and homes read-only, is missing or does not work here")

    def inside(code, *mounts, folder=tmp_path, **environment):
        words = [program, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", tmp_path, tmp_path]
        folders = dict.fromkeys(("TMPDIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"), str(tmp_path))
        given = os.environ | folders | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"} | environment
        env = {name: value for name, value in given.items() if value is not None}
        return run(*words, *mounts, "--chdir", folder, sys.executable, "-c", code, env=env)

    return inside


# A full disk: what was there before is there still, and nothing half written lies beside it.

LESSON = "from browser import *; write_notebook('kept', ['print(400_000 * chr(120))'])"
FULL = {
    "a network is saved": (
        "from strategies import seeded; seeded([30, 10], 1)[0].save('kept')",
        "seeded([784, 99, 10], 1)[0].save('kept')",
        "kept cannot be written (No space left on device)",
    ),
    "Jupyter saves a lesson": (
        f"from jupyter_server.services.contents.filemanager import FileContentsManager; {LESSON}",
        "FileContentsManager().save({'type': 'notebook', 'content': notebook_of([400_000 * '1'])}, 'kept')",
        "Unexpected error while saving file: kept [Errno 28] No space left on device",
    ),
    "a lesson is stored": (
        f"from bpteach.publishing import store; {LESSON}",
        "store.main(['kept'])",
        "kept: stopped, and is left as it was\n[Errno 28] No space left on device",
    ),
    "a benchmark is saved": (
        "from pathlib import Path; from bpteach.files import save; Path('kept').write_text('before')",
        "sys.stderr = sys.stdout; save(Path('kept'), bytes(400_000))",
        "kept could not be saved: No space left on device",
    ),
    "the site is built": (
        "import bpteach.__main__; sys.stderr = sys.stdout; open('kept', 'w').write('before')",
        "bpteach.__main__.main(['site', '.', '../page.ipynb', '--packages', os.environ['PACKAGES']])",
        ". could not be written, and is as it was: [Errno 28] No space left on device",
    ),
}
ON_A_FULL_DISK = """
import os, sys
{before}
before = open("kept", "rb").read()
try:
    {during}
except Exception as error:
    print(error)
print("whole:", open("kept", "rb").read() == before, *os.listdir())
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", [what if "saved" in what else once_a_week(what) for what in FULL])
def test_a_full_disk_takes_nothing_away(what, sandbox, tmp_path, request):
    before, during, said = FULL[what]
    given = {}
    if "PACKAGES" in during:
        given["PACKAGES"] = str(request.getfixturevalue("npm_packages")["mathjax"].parent)
        write_notebook(tmp_path / "page.ipynb", ["1 + 1"])
    disk = tmp_path / "disk"
    disk.mkdir()
    code = ON_A_FULL_DISK.format(before=before, during=during)
    printed = sandbox(code, "--size", "300000", "--tmpfs", disk, folder=disk, **given)
    assert said in printed
    assert printed.endswith("whole: True kept\n")


# A home that cannot be written, or none: lessons run, with pictures and widgets. Only Matplotlib says what it misses.

HOMES = {"cannot be written": str(Path.home()), "is missing": "/nowhere/at all", "is not named": None}
IN_A_HOME = f"""
from nbclient import NotebookClient
import nbformat
notebook = nbformat.read({str(LESSONS[0])!r}, 4)
NotebookClient(notebook, kernel_name="python3").execute()
outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
print(*(output.text for output in outputs if output.get("name") == "stderr"), sep="")
print(sum("application/vnd.jupyter.widget-view+json" in output.get("data", {{}}) for output in outputs))
"""


@pytest.mark.weekly
@pytest.mark.parametrize("home", HOMES)
def test_a_lesson_runs_where_home(home, sandbox):
    *said, widgets = sandbox(
        IN_A_HOME, HOME=HOMES[home], MPLCONFIGDIR=None, JUPYTER_DATA_DIR=None, JUPYTER_CONFIG_DIR=None
    ).splitlines()
    assert [line for line in said if line and "matplotlib" not in line.lower()] == []
    assert int(widgets) > 0


# Folders and terminals as they are elsewhere: the package is a link, in a folder with blanks, quotes and 字.

PLAIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
FIND = "from bpteach.publishing.lessons import LESSONS as found; print(len(found), found[0] == found[0].resolve())"
COMMANDS = {
    "setup": (["-m", "bpteach", "setup"], "Everything is in place."),
    "store": (["-m", "bpteach", "store", "page.ipynb"], "page.ipynb: stored"),
    "tally": (["-m", "bpteach", "tally", "--unconfined", "."], "1 of 1: right"),
    "lessons": (["-c", FIND], f"{len(LESSONS)} True"),
}


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("name", ["setup", once_a_week("store"), once_a_week("tally"), "lessons"])
def test_a_command_works_by_a_link_in_an_odd_folder_with_no_letters_but_ascii(name, tmp_path):
    command, said = COMMANDS[name]
    folder = tmp_path / "a 'b\" ß 字 #1 %41"
    folder.mkdir()
    (folder / "bpteach").symlink_to(PACKAGE, target_is_directory=True)
    solved = read(NOTEBOOKS / "solutions" / LESSONS[1].name)
    solved.cells = cells_of(solved, "code")[:3]
    nbformat.write(solved, folder / "page.ipynb")
    assert said in run(sys.executable, *command, cwd=folder, env=os.environ | PLAIN | {"PYTHONPATH": str(folder)})


# A kernel that is killed, two that run the same lesson, and the button that stops a cell.

DYING = """
import os, signal
import numpy as np
from bpteach import Network, load_mnist, sgd

net, rng, few = Network.random([784, 9, 10], np.random.default_rng(0)), np.random.default_rng(0), load_mnist().test[:99]
sgd(net, few, 1, 10, 3.0, rng, progress=False)
net.save("kept.npz")
sgd(net, few, 1, 10, 3.0, rng, update=lambda net, X, Y, eta: os.kill(os.getpid(), signal.SIGKILL))
"""


@POSIX
@pytest.mark.slow
def test_a_kernel_that_is_killed_while_it_trains_leaves_the_lesson_and_what_was_saved(tmp_path, capsys):
    path = tmp_path / "dying.ipynb"
    write_notebook(path, [DYING])
    before = path.read_bytes()
    assert store.main([str(path)]) == 1
    assert capsys.readouterr().out.endswith("/dying.ipynb: stopped, and is left as it was\nKernel died\n")
    assert path.read_bytes() == before
    assert Network.load(tmp_path / "kept.npz").sizes == [784, 9, 10]
    with pytest.raises(pages.RefusedError, match=r"^dying\.ipynb stopped with Kernel died\. Nothing was built:"):
        pages.run(path)


@pytest.mark.weekly
def test_two_copies_of_a_lesson_that_run_at_once_do_not_meet(tmp_path):
    copies = [read(LESSONS[1]) for _copy in range(2)]
    where = {"kernel_name": "python3", "resources": {"metadata": {"path": str(tmp_path)}}}

    async def both():
        await asyncio.gather(*(NotebookClient(copy, **where).async_execute() for copy in copies))

    asyncio.run(both())
    outputs = [[each for cell in cells_of(copy, "code") for each in cell.outputs] for copy in copies]
    one, other = ("".join(each.get("text", "") for each in shown) for shown in outputs)
    assert one == other != ""
    assert [*tmp_path.iterdir()] == []


def interrupted_after(calls):
    """Make a profile function that interrupts, as the stop button does, once so many functions of ours were called."""
    called = count(1)

    def look(frame, event, _argument):
        if event == "call" and frame.f_code.co_filename.startswith(str(PACKAGE)) and next(called) == calls:
            raise KeyboardInterrupt

    return look


#: cells that compute long, each with the cells that it needs beside the first
LONG = {"04-18": [], "04-30": [], "04-35a": [], "06-22": [], "06-26": [], "08-18": ["08-12", "08-16"]}
LONG |= {"09-08": [], "09-34": []}
SECOND = ("04-35a", "06-26", "09-34")  # in a lesson, and a loop as well


@pytest.mark.parametrize("cell", [once_a_week(cell) if cell in SECOND else cell for cell in LONG])
def test_the_stop_button_ends_a_long_cell_and_leaves_what_was_there(cell, capsys):
    need("matplotlib")
    (path,), names = NOTEBOOKS.glob(f"{cell[:2]}-*.ipynb"), {}
    sources = {each.id: each.source for each in read(path).cells}
    for needed in (f"{cell[:2]}-04", *LONG[cell]):
        exec(sources[needed], names)
    net, before, errors = names["net"], snapshot(names["net"]), np.geterr()
    capsys.readouterr()
    sys.setprofile(interrupted_after(3000))
    try:
        exec(sources[cell], names)
    except KeyboardInterrupt:
        assert cell != "04-30"
    else:  # a single training, which ends alone; the others are loops
        assert (cell, names["history"].interrupted) == ("04-30", True)
        assert capsys.readouterr().out.startswith("Interrupted in epoch 1 of 1: the network keeps what it has learned")
    finally:
        sys.setprofile(None)
    assert (snapshot(net) == before) == (cell != "09-08")  # which trains the lesson's own
    sgd(net, names["digits"].training[:100], 1, 10, 3.0, np.random.default_rng(0), progress=False)  # it goes on
    assert np.geterr() == errors


INTERRUPTED = """
import os, signal, time
import numpy as np
from distributed import Client
from bpteach import Network
from bpteach.performance.workers import Team

def stop(*_ignored):
    os.killpg(0, signal.SIGINT)  # as Jupyter does: all processes of the kernel get it
    while True:
        time.sleep(0.1)

if __name__ == "__main__":
    net = Network.random([4, 3], np.random.default_rng(1))
    with Team(2, address="local") as team:
        before = team.processes()
        try:
            team.backprop_matrix(net, np.ones((4, 8)), np.ones((3, 8)), parts=4, meanwhile=stop)
        except KeyboardInterrupt:
            print(team.processes() == before)
    wait = Client.wait_for_workers
    Client.wait_for_workers = lambda *_ignored, **_all: (setattr(Client, "wait_for_workers", wait), stop())
    try:
        with Team(2, address="local"):  # interrupted when its workers are about to start
            pass
    except KeyboardInterrupt:
        print("closed")
"""


@POSIX
@pytest.mark.weekly
def test_the_stop_button_does_not_end_the_workers_of_lesson_11(tmp_path):
    need("distributed")
    (tmp_path / "program.py").write_text(INTERRUPTED)
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = ended(sys.executable, tmp_path / "program.py", env=env, start_new_session=True)
    assert (done.stdout.split(), done.stderr) == (["True", "closed"], "")


# Time and data


def test_a_clock_that_is_set_back_is_not_looked_at(monkeypatch, capsys):
    """But by tqdm, whose bar may stand still; the training's own seconds go on."""
    need("tqdm")
    ticks = count()
    monkeypatch.setattr(time, "time", lambda: 2e9 - 3600 * next(ticks))
    net, few = Network.random([784, 5, 10], np.random.default_rng(0)), load_mnist().test[:100]
    history = sgd(net, few, 3, 10, 3.0, np.random.default_rng(0), test_data=few)
    assert [len(history.accuracy), *(second > 0 for second in history.seconds)] == [3, True, True, True]
    assert "epoch 3 of 3" in capsys.readouterr().err
    wall = re.compile(r"time\.time\(|from time import .*\btime\b|datetime|Date\.now|new Date")
    files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".js")] + [*NOTEBOOKS.rglob("*.ipynb")]
    assert len(files) > 100
    assert [path.name for path in files if wall.search(path.read_text(encoding="utf-8"))] == []


def test_digits_that_are_damaged_while_they_are_in_use_stay_as_they_were_read(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    shutil.copytree(bpteach.mnist.DATA, folder)
    monkeypatch.setattr(bpteach.mnist, "DATA", folder)
    digits = load_mnist()
    before = digits.test.images.tobytes()
    for path in folder.glob("t10k-images*"):
        path.write_bytes(path.read_bytes()[:1000])
    assert digits.test.images.tobytes() == before
    refused(ValueError, load_mnist, "t10k-images-idx3-ubyte.gz is damaged", "install bpteach, again")
