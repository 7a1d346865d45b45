"""What is asked of others: nothing of other machines, and of packages only versions that were tried."""

import os
import sys
import tomllib
from pathlib import Path

import pytest

from conftest import ended, need, run

ROOT = Path(__file__).parents[1]
REFUSING = os.environ | {"BPTEACH_OFFLINE": "1"}

#: The addresses are of no machine: they are kept for examples
ATTEMPTS = {
    "connect": "import socket; socket.socket().connect(('192.0.2.1', 80))",
    "look up a name": "import socket; socket.getaddrinfo('name.invalid', 80)",
    "send a datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', ('192.0.2.1', 9))",
    "fetch, and hide that it failed": "import urllib.request as u\ntry: u.urlopen('http://192.0.2.1')\n"
    "except Exception: pass",
}

USE_EVERYTHING = """
import importlib, pkgutil, socket
import bpteach
for module in pkgutil.walk_packages(bpteach.__path__, "bpteach."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
digits, rng = bpteach.load_mnist(), __import__("numpy").random.default_rng(1)
net = bpteach.Network.random([784, 30, 10], rng, scaled=True)
assert bpteach.sgd(net, digits.test, 1, 10, 3.0, rng, test_data=digits.validation).accuracy[-1] > 0.5
with socket.create_server(("127.0.0.1", 0)) as server:  # this machine may be asked
    socket.create_connection(server.getsockname()).close()
"""


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_an_attempt_to_reach_another_machine_is_refused(attempt):
    done = ended(sys.executable, "-c", attempt, env=REFUSING)
    assert done.returncode == 1
    assert "OtherMachineError" in done.stderr


@pytest.mark.slow
def test_modules_load_and_a_network_learns_without_network():
    need("anywidget", "matplotlib", "nbconvert", "pyperf", "tqdm")
    run(sys.executable, "-c", USE_EVERYTHING, cwd=ROOT, env=REFUSING)


@pytest.mark.slow
def test_kernels_of_lessons_refuse_as_well():
    need("nbclient", "ipykernel")
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    notebook = new_notebook(cells=[new_code_cell(ATTEMPTS["connect"])])
    with pytest.raises(CellExecutionError, match="OtherMachineError"):
        NotebookClient(notebook).execute()


def required():
    """List what requirements files and `pyproject.toml` ask for, line by line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    yield from [*project["dependencies"], *project["optional-dependencies"]["lessons"]]
    for name in ("requirements.txt", "tests/requirements.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        yield from (line.partition(" #")[0] for line in lines if line and line[0] not in "#-")


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_lock_has_an_allowed_version_of_each_requirement(minor):
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    python = {"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.9"}
    lines = (ROOT / "tests" / "lock.txt").read_text(encoding="utf-8").splitlines()
    pinned = [Requirement(line) for line in lines if line[0] != "#"]
    locked = {one.name: one.specifier for one in pinned if one.marker is None or one.marker.evaluate(python)}
    for line in required():
        wanted = Requirement(line)
        version = str(locked[canonicalize_name(wanted.name)]).removeprefix("==")
        assert version in wanted.specifier, f"{line}: tests/lock.txt has {version}; nox -s lock writes it anew"
