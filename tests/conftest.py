"""What all tests share: one thread for linear algebra, repeatable random examples, a browser, a Jupyter server."""

import importlib.util
import os

import pytest

# before NumPy is loaded; the kernels of the lessons inherit it
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")


#: a package, where its name for pip is another
PIP_NAMES = {"sklearn": "scikit-learn", "importlinter": "import-linter", "bs4": "beautifulsoup4"}

#: what a test uses → the marker that it gets, so that it can be left out: pytest -m "not browser"
MARKERS = {"chromium": "browser", "npm_packages": "npm"}


def pytest_configure():
    """Let hypothesis take its time, and in CI try the same examples in every run."""
    try:
        from hypothesis import settings
    except ImportError:
        return
    settings.register_profile("bpteach", deadline=None, derandomize="CI" in os.environ)
    settings.load_profile("bpteach")


def pytest_collection_modifyitems(items):
    """Mark tests by what they use; whoever wants an answer within a minute leaves out all that is marked as slow."""
    for item in items:
        marks = [mark for fixture, mark in MARKERS.items() if fixture in getattr(item, "fixturenames", ())]
        if item.path.suffix == ".ipynb":
            marks.append("lessons")
        for mark in marks:
            item.add_marker(mark)
        if any(map(item.get_closest_marker, ("browser", "lessons", "npm", "pytorch"))):
            item.add_marker("slow")


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


def ask(name, answer):
    """Check an answer to the exercise of this name: its number changes when an easier one is put before it."""
    from bpteach.exercises import EXERCISES, exercises

    tags = [tag for lesson in range(1, 12) for tag in exercises(lesson)]
    return EXERCISES[next(tag for tag in tags if EXERCISES[tag].name == name)].judge(answer)


@pytest.fixture(scope="module")
def chromium():
    """Start a browser without a window.

    For one module only: Playwright keeps an event loop running, and nbval, in the same process, needs its own.
    """
    need("playwright")
    from playwright.sync_api import sync_playwright

    from browser import launch

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
def npm_packages(tmp_path_factory):
    """Fetch what the pages without a kernel load, and axe-core, once for the whole run; give each package's folder."""
    from bpteach.publishing import npm

    need("nbconvert")
    from bpteach.publishing.pages import PACKAGES

    try:
        return npm.fetch([*PACKAGES, "axe-core@4"], tmp_path_factory.mktemp("npm"))
    except npm.UnavailableError as reason:
        unavailable(str(reason))


@pytest.fixture
def page(chromium):
    """Open a new, empty page; `page.complaints` lists what its console and its scripts report as errors."""
    from browser import new_page

    opened = new_page(chromium)
    yield opened
    opened.context.close()
