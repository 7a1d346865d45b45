"""Runs for which one environment is not enough: each Python, packages at both ends of their ranges, a release.

python -m pip install "nox[uv]" && nox --list      what there is; a Python that cannot be had is skipped
nox -s tests-3.13 -- -m "not slow"                 one of them; what stands after -- goes to pytest
"""

import os
import socket
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.error_on_missing_interpreters = False

PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))  # those of its classifiers
FILES = ["requirements.txt", "tests/requirements.txt"]
LOCK = "tests/lock.txt"
LESSONS = ["notebooks", "tests/conftest.py"]  # which makes nbval patient, and keeps kernels on this machine
CORES = ["Katmai", "Nehalem", "Sandybridge", "Haswell", "SkylakeX", "Zen", "NeoverseN1"]  # each rounds in its way
LICENCES = "0BSD;Apache;BSD;CC0;ISC;MIT;MPL;Mozilla;PSF;Python Software Foundation;Zlib"  # they allow passing it on


def pytest(session, *arguments, packages=("--upgrade",), before=(), **options):
    session.install(*packages, "pip>=23", *(word for name in FILES for word in ("-r", name)))
    session.run(*before, "python", "-m", "pytest", "-n", "logical", *(session.posargs or arguments), **options)


@nox.session(python=PYTHONS)
def tests(session):
    """Run all tests with the newest packages."""
    pytest(session)


@nox.session
def weekly(session):
    """Run the tests that say at length what a quicker one says of something near."""
    pytest(session, "-m", "weekly")


@nox.session
def chinese(session):
    """Compare the outputs of all Chinese lessons: those of which every change compares two alone."""
    pytest(session, *map(str, Path("notebooks/zh").glob("**/[01]*.ipynb")), *LESSONS[1:])


@nox.session(python=PYTHONS[0])
def oldest(session):
    """Run all tests with the oldest packages that the requirements allow."""
    pytest(session, packages=["--resolution", "lowest-direct"])


@nox.session(python=PYTHONS[-2])
def locked(session):
    """Run all tests with the very packages of tests/lock.txt."""
    pytest(session, packages=["--constraint", LOCK])


@nox.session
def numpy_alone(session):
    """Run what needs no other package where there is none."""
    session.install(".", "pytest", "pytest-xdist", "hypothesis")
    names = "refusals functions network backpropagation training gradcheck mnist mnist_files diagnosis learners"
    files = [f"tests/test_{name}.py" for name in f"{names} recording readiness locale house".split()]
    options = ["-n", "logical", "-o", "addopts=", "--doctest-modules", "--doctest-ignore-import-errors", "-m"]
    session.run("python", "-m", "pytest", *options, "not slow", "bpteach", *files, env={"BPTEACH_REQUIRE_ALL": ""})


@nox.session
def torch(session):
    """Run what PyTorch, which no requirements file brings, adds to the tests and to lesson 10."""
    pytest(session, "-m", "pytorch", "tests", packages=["--upgrade", "torch"])
    pytest(session, *map(str, Path("notebooks").rglob("10-*.ipynb")), *LESSONS[1:])


@nox.session
def warnings(session):
    """Take each warning for an error, whoever gives it, while all files are compiled and the quick tests run."""
    session.run("python", "-W", "error", "-m", "compileall", "-q", "-f", "bpteach", "tests")
    known = "ignore:invalid value encountered in matmul"  # pyproject.toml explains it
    pytest(session, "-W", "error", "-W", known, "-m", "not slow", "tests", "bpteach")


@nox.session
def kernels(session):
    """Compare the lessons' stored outputs on each kernel of OpenBLAS that runs here, with one thread and two."""
    session.install("numpy", "threadpoolctl")
    probe = "import numpy as n, threadpoolctl as t; n.eye(99) @ n.eye(99); print(t.threadpool_info())"
    for core in CORES:
        env = {"OPENBLAS_CORETYPE": core}
        found = session.run("python", "-c", probe, env=env, silent=True, success_codes=range(-64, 256))
        if f"'{core.lower()}'" not in str(found).lower():
            session.log(f"{core}: not on this processor")
            continue
        for threads in "12":
            pytest(session, *LESSONS, env=env | {"OPENBLAS_NUM_THREADS": threads})


@nox.session
def offline(session):
    """Run all lessons where there is no network but the loopback (Linux, with bubblewrap)."""
    alone = ["bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent"]
    pytest(session, *LESSONS, before=alone, external=True)


@nox.session
def hub(session):
    """Log students in on a class's server, and update what one of them has changed (with npm)."""
    session.install("-r", "notebooks/teaching/hub/requirements.txt", *(word for name in FILES for word in ("-r", name)))
    folder = session.create_tmp()
    session.run("npm", "install", "--silent", "--prefix", folder, "configurable-http-proxy@4", external=True)
    path = f"{folder}/node_modules/.bin{os.pathsep}{os.environ['PATH']}"
    session.run("python", "-m", "pytest", "tests/test_hub.py", env={"PATH": path})


@nox.session
def release(session):
    """Build what would be published, from the folder and from the archive; look at it, and use it."""
    session.install("build[uv]", "pyroma", "twine")
    made, again = (Path(session.create_tmp(), name) for name in ("made", "again"))
    build = ["python", "-m", "build", "--installer", "uv", "--outdir"]
    session.run(*build, made, ".")  # the wheel from the archive
    session.run(*build, again, "--wheel", ".")
    (archive,), (wheel,) = made.glob("*.tar.gz"), made.glob("*.whl")
    if wheel.read_bytes() != (again / wheel.name).read_bytes():
        session.error("the archive makes another wheel than the folder")
    session.run("twine", "check", "--strict", archive, wheel)
    session.run("pyroma", "--min", "8", archive)  # of 10: the project has no address, of a page or for letters
    use = f"import bpteach as b; assert f'-{{b.__version__}}-' in {wheel.name!r}; print(len(b.load_mnist().test))"
    session.run("uv", "run", "--isolated", "--no-project", "--with", wheel, "python", "-I", "-c", use)


@nox.session
def packages(session):
    """List the licences of what the lessons use, and fail on one that is not known; ask OSV for known faults."""
    session.install("-r", FILES[0], "--constraint", LOCK, "pip-licenses")
    kinds = ["--partial-match", "--allow-only", LICENCES, "--fail-on", "GPL"]
    session.run("pip-licenses", "--ignore-packages", "bpteach", *kinds)
    try:
        socket.create_connection(("api.osv.dev", 443), 10).close()
    except OSError:
        session.skip("no source of advisories can be reached from here")
    session.install("pip-audit")
    session.run("pip-audit", "--vulnerability-service", "osv", "--no-deps", "--disable-pip", "--requirement", LOCK)


@nox.session(default=False)
def lock(session):
    """Write tests/lock.txt anew: the newest packages that the requirements allow, for every Python and system."""
    options = ["--universal", "--python-version", PYTHONS[0], "--no-annotate", "--no-emit-package", "bpteach"]
    told = {"UV_CUSTOM_COMPILE_COMMAND": "nox -s lock"}
    session.run("uv", "pip", "compile", "--quiet", "--upgrade", *options, "--output-file", LOCK, *FILES, env=told)
