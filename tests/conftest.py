"""What all tests share: one thread for linear algebra, repeatable random examples, a browser, a Jupyter server."""

import contextlib
import functools
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

# before NumPy is loaded; the kernels of the lessons inherit it
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# what stands there keeps the kernels of the lessons from asking another machine
offline = str(Path(__file__).with_name("offline"))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [offline, os.environ.get("PYTHONPATH")]))

# hundreds of processes load the package: each would compile it anew
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: a package, where its name for pip is another
PIP_NAMES = {"sklearn": "scikit-learn", "importlinter": "import-linter", "websocket": "websocket-client"}

#: languages whose translation has begun: of these, what is complete is tested
UNFINISHED = set()

#: what a test uses → the marker that it gets, so that it can be left out: pytest -m "not browser"
MARKERS = {"chromium": "browser", "firefox": "browser", "npm_packages": "npm", "distribution": "npm"}
MARKERS |= {"team": "slow", "installed": "slow"}

#: a row of a table of tests that runs only where it is asked for
once_a_week = functools.partial(pytest.param, marks=pytest.mark.weekly)

#: Notebook 7, and JupyterLab, where lesson 1 runs each time, in test_lessons_in_front_ends.py
FRONTS = ["notebooks", once_a_week("lab/tree")]

MOST_MEGABYTES = 450
MOST_WITH_LIBRARIES = 1200  # PyTorch, JAX and scikit-learn take most of it before a line of the lesson has run


class Memory:
    """After the last cell of a lesson, sees how much memory its kernel has held at most."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item, nextitem):
        if item.path.suffix != ".ipynb" or (nextitem and nextitem.path == item.path):
            return (yield)
        from browser import peak_memory

        kernel = item.parent.kernel
        found = peak_memory(kernel.km.provisioner.pid) if kernel and kernel.is_alive() else 0
        result = yield
        has_libraries = "bpteach.performance.libraries" in item.path.read_text(encoding="utf-8")
        most = MOST_WITH_LIBRARIES if has_libraries else MOST_MEGABYTES
        assert found <= most, f"{item.path.name} has held {found:.0f} MB at most: README promises {most} MB"
        return result


def pytest_configure(config):
    """Let hypothesis take its time, and in CI try the same examples in every run; look at the lessons' memory."""
    config.pluginmanager.register(Memory())  # what stands in this file alone is for the tests of this folder
    config.option.nbval_kernel_startup_timeout = 600
    try:
        from hypothesis import HealthCheck, settings
    except ImportError:
        return
    patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("bpteach", **patient, derandomize="CI" in os.environ)
    settings.load_profile("bpteach")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Start one process more than there are cores: tests in a browser now and then wait for it, or for a kernel."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # whoever sets it is obeyed
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (cores or 1) + (not config.option.markexpr.startswith("not slow"))


def pytest_collection_modifyitems(config, items):
    """Mark tests by what they use; whoever wants an answer within a minute leaves out all that is marked as slow.

    What says again, at length, what a quicker test says of something near runs when it is asked for: once a week.
    """
    if "weekly" not in config.option.markexpr:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("weekly")])
        items[:] = [item for item in items if not item.get_closest_marker("weekly")]
    for item in items:
        marks = [mark for fixture, mark in MARKERS.items() if fixture in getattr(item, "fixturenames", ())]
        if item.path.suffix == ".ipynb":
            marks.append("lessons")
            item.output_timeout = 600  # nbval's 5 seconds, which no option changes, are few on a busy machine
        for mark in marks:
            item.add_marker(mark)
        if any(map(item.get_closest_marker, ("browser", "lessons", "npm", "pytorch"))):
            item.add_marker("slow")
    with_slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in with_slow)  # a long file that came last would be waited for


MOST_RERUNS = 3  # in each process: if more fails, it is no accident


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Try once more what has failed in a browser, with all made anew: on a busy machine a browser dies now and then.

    (pytest-rerunfailures keeps the fixtures of a module, and with them the browser that is dead.)
    """
    if not item.get_closest_marker("browser"):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if any(report.failed for report in reports) and item.config.stash.setdefault(RERUNS, 0) < MOST_RERUNS:
        item.config.stash[RERUNS] += 1
        with contextlib.suppress(Exception):  # what is dead cannot be closed
            item.session._setupstate.teardown_exact(None)
        for report in reports:
            report.outcome = "rerun" if report.failed else report.outcome
            item.ihook.pytest_runtest_logreport(report=report)
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


RERUNS = pytest.StashKey()


def pytest_report_teststatus(report):
    return ("rerun", "R", "RERUN") if report.outcome == "rerun" else None


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"failed at first: {report.nodeid} ({report.when})")
        terminalreporter.line(report.longreprtext)


def unavailable(reason):
    """Skip the test, for a reason that a person understands; fail it where everything must be there (in CI)."""
    if os.environ.get("BPTEACH_REQUIRE_ALL"):
        pytest.fail(f"BPTEACH_REQUIRE_ALL is set, and yet: {reason}", pytrace=False)
    pytest.skip(reason)


def need(*modules):
    """Skip the test unless these packages are installed; in CI fail it, but for PyTorch, which no command brings."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            reason = f"{module} is not installed: python -m pip install {PIP_NAMES.get(module, module)}"
            pytest.skip(reason) if module == "torch" else unavailable(reason)


def ended(*command, **options):
    settings = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "encoding": "utf-8"} | options
    return subprocess.run([str(word) for word in command], check=False, **settings)


def run(*command, **options):
    """Run a command; give what it prints, which is the message if it fails."""
    done = ended(*command, **options)
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def tag_of(name):
    """Find an exercise's number by its name: that number changes when an easier one is put before it."""
    from bpteach.exercises import EXERCISES, exercises

    tags = [tag for lesson in range(1, 12) for tag in exercises(lesson)]
    return next(tag for tag in tags if name in (tag, EXERCISES[tag].name))


def ask(name, answer):
    """Check an answer to the exercise of this name, or number."""
    from bpteach.exercises import check

    return check(tag_of(name), answer)


@pytest.fixture(scope="module")
def chromium():
    """Start a browser without a window.

    For one module only: Playwright keeps an event loop running, and nbval, in the same process, needs its own.
    """
    need("playwright")
    from playwright.sync_api import expect, sync_playwright

    from browser import PATIENCE, launch

    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        running = launch(playwright)
        if running is None:
            unavailable(
                "No browser was found: install Chromium, Chrome or Edge, or set BPTEACH_BROWSER to the path of one, "
                "or run python -m playwright install chromium"
            )
        yield running
        running.close()


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory):
    """Start a Jupyter server on a copy of the notebooks, for the whole run."""
    need("jupyterlab", "notebook")
    from browser import Jupyter

    with Jupyter(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Give a folder of all processes of this run; in its `with` block, one of them works there at a time."""
    top = tmp_path_factory.getbasetemp()
    folder = (top.parent if "PYTEST_XDIST_WORKER" in os.environ else top) / "shared"

    @contextlib.contextmanager
    def in_turn():
        end = time.monotonic() + 1200
        folder.mkdir(exist_ok=True)
        while True:
            try:
                (folder / "lock").mkdir()
                break
            except FileExistsError:
                assert time.monotonic() < end, f"another process has been at work in {folder} for minutes"
                time.sleep(0.1)
        try:
            yield folder
        finally:
            (folder / "lock").rmdir()

    return in_turn


@pytest.fixture(scope="session")
def bubblewrap():
    from bpteach.classroom import confinement

    try:
        return confinement.choose()
    except RuntimeError as reason:
        unavailable(str(reason))


@pytest.fixture(scope="session")
def assignment(shared):
    """Make, once for the whole run, the course with the graded assignment, as it is handed out; give its folder."""
    need("nbgrader")
    from test_nbgrader import NAME, TEACHING, copy_course, nbgrader

    with shared() as folder:
        if not (folder / "teaching").exists():
            draft = copy_course(TEACHING, folder / "draft")
            nbgrader(draft, f"GenerateAssignmentApp {NAME}")
            draft.rename(folder / "teaching")
    return folder / "teaching"


@pytest.fixture(scope="session")
def npm_packages(shared):
    """Fetch what pages and slides load, and axe-core, once for the whole run; give each package's folder."""
    from bpteach.publishing import npm

    need("nbconvert")
    from bpteach.publishing.site import PACKAGES

    try:
        with shared() as folder:
            return npm.fetch([*PACKAGES, "axe-core@4"], folder / "npm")
    except npm.UnavailableError as reason:
        unavailable(str(reason))


@pytest.fixture(scope="session")
def site(shared, npm_packages, request):
    """Build the site of the notebook with one of each widget and a lesson, once for the whole run; give its folder.

    A kernel runs the English lesson, and once a week the Chinese one, too.
    """
    need("anywidget", "nbconvert")
    from widgets_on_show import LESSON, published, write

    stored = "" if "weekly" in request.config.option.markexpr else "zh"
    with shared() as folder:
        if not (folder / "a site").exists():
            published(folder / "a site", npm_packages, [write(folder / "on-show.ipynb"), LESSON], stored)
        return folder / "a site"


@pytest.fixture
def page(chromium):
    from browser import new_page

    opened = new_page(chromium)
    yield opened
    opened.context.close()
