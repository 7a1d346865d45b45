"""A class's server, set up as in notebooks/teaching/hub: a login brings lessons, an update keeps what is written."""

import importlib
import importlib.util
import shutil
import subprocess
import sysconfig

import pytest

from bpteach.publishing.lessons import NOTEBOOKS
from browser import _free_port, wait_until
from conftest import run, unavailable

HUB = NOTEBOOKS / "teaching" / "hub"
EDITED, OTHER = "lessons/03-read-backprop-line-by-line.ipynb", "lessons/04-check-the-gradient.ipynb"
AUTHOR = ("-c", "user.name=Teacher", "-c", "user.email=")


def publish(lessons):
    run("git", "-C", lessons, "add", "--all")
    run("git", "-C", lessons, *AUTHOR, "commit", "--quiet", "--message", "Lessons")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Start a class's server in a folder of its own; give the folder and the address."""
    if importlib.util.find_spec("jupyterhub") is None:
        pytest.skip("jupyterhub is not installed: python -m pip install -r notebooks/teaching/hub/requirements.txt")
    if not shutil.which("configurable-http-proxy"):
        unavailable("configurable-http-proxy is not installed: npm install --global configurable-http-proxy@4")
    folder, scripts = tmp_path_factory.mktemp("class"), sysconfig.get_path("scripts")
    shutil.copytree(HUB, folder, dirs_exist_ok=True)
    (folder / "students.txt").write_text("ada\nben\n")
    for lesson in (EDITED, OTHER):
        shutil.copy(NOTEBOOKS / lesson.split("/")[1], folder / lesson)
    run("git", "init", "--quiet", "--initial-branch=main", folder / "lessons")
    publish(folder / "lessons")
    address, inner, proxy = (f"http://127.0.0.1:{_free_port()}" for _ in range(3))
    command = [f"{scripts}/jupyterhub", f"--JupyterHub.bind_url={address}", f"--JupyterHub.hub_bind_url={inner}"]
    command += [f"--ConfigurableHTTPProxy.api_url={proxy}"]
    log = folder / "hub.log"
    with open(log, "w") as written:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=written, stderr=written)
    try:
        up = lambda: process.poll() is not None or "is now running" in log.read_text()  # noqa: E731
        wait_until(up, f"the hub did not start; see {log}", seconds=120)
        assert process.poll() is None, log.read_text()[-2000:]
        yield folder, address
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def load(monkeypatch):
    monkeypatch.syspath_prepend(HUB)
    return importlib.import_module("load")


def test_a_login_brings_the_lessons_and_an_update_keeps_what_a_student_wrote(hub, load):
    folder, address = hub
    ada = load.Student(address, "ada", "a long password")
    ada.log_in()
    ada.work()
    notebook = ada.read(EDITED)
    notebook["cells"][0]["source"] = "my own words"
    ada.save(EDITED, notebook)
    for lesson in (EDITED, OTHER):
        text = (folder / lesson).read_text(encoding="utf-8")
        (folder / lesson).write_text(text.replace("What's next", "What is next"), encoding="utf-8")
    shutil.copy(folder / OTHER, folder / "lessons" / "new.ipynb")
    publish(folder / "lessons")
    ada.log_in()
    assert ada.read(EDITED) == notebook
    assert "What is next" in str(ada.read(OTHER))
    assert ada.read("lessons/new.ipynb") == ada.read(OTHER)


@pytest.mark.parametrize("who", [("ada", "another password"), ("eve", "a long password"), ("ben", "short")])
def test_who_is_not_let_in(who, hub, load):
    with pytest.raises(Exception, match="403"):
        load.Student(hub[1], *who).log_in()
