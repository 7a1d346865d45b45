"""The house around the lessons: linters, imports, packaging, the README's commands, the files' text."""

import ast
import importlib
import inspect
import json
import os
import re
import shutil
import stat
import string
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

import bpteach
from conftest import need, run, unavailable

ROOT = Path(__file__).parents[1]
CORE = sorted({path.stem for path in (ROOT / "bpteach").glob("*.py")} - {"__init__", "figures"})
CORE += ["diagnosis", "exercises", "performance.benchmark", "classroom.tally"]
OPTIONAL = ["IPython", "anywidget", "ipywidgets", "matplotlib", "scipy", "threadpoolctl", "tqdm", "traitlets"]
OPTIONAL += ["dask", "distributed", "jax", "sklearn", "torch"]
DATA_FILES = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
README = (ROOT / "README.md").read_text(encoding="utf-8")

WITHOUT_OPTIONAL = f"""
import sys
for name in {OPTIONAL}:
    sys.modules[name] = None
"""

TRAIN_A_LITTLE = """
import numpy as np
from bpteach import Network, load_mnist, sgd
digits, rng = load_mnist(), np.random.default_rng(1)
net = Network.random([784, 30, 10], rng, scaled=True)
history = sgd(net, digits.test, 1, 10, 3.0, rng, test_data=digits.validation, progress=True)
assert history.accuracy[-1] > 0.5, history
"""


def readme_commands():
    commands = re.findall(r"^```sh\n(.+?)\n```", README, re.DOTALL | re.MULTILINE)
    assert len(commands) >= 2, "README.md lacks its two commands, each in a block marked sh"
    return commands


def text_files():
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        unavailable("this folder is no git clone, or git is missing: which files are the project's cannot be told")
    names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    return [
        ROOT / name for name in names if name and not name.endswith((".gz", ".otf", ".png")) and (ROOT / name).exists()
    ]


@pytest.mark.parametrize("command", [["check"], ["format", "--check", "--diff"]], ids=["check", "format"])
def test_ruff(command):
    need("ruff")
    run(sys.executable, "-m", "ruff", *command, ".", cwd=ROOT)


def lesson_imports():
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            not_seen = r"^%[^\n]*|### BEGIN HIDDEN TESTS.*### END HIDDEN TESTS"
            source = re.sub(not_seen, "", "".join(cell["source"]), flags=re.MULTILINE | re.DOTALL)
            for node in ast.walk(ast.parse(source if cell["cell_type"] == "code" else "")):
                if isinstance(node, ast.ImportFrom) and node.module.startswith("bpteach"):
                    yield from (f"{node.module}.{alias.name}" for alias in node.names)


def documented():
    for name in sorted({*(f"bpteach.{name}" for name in bpteach.__all__), *lesson_imports()}):
        module, _dot, last = name.rpartition(".")
        found = getattr(importlib.import_module(module), last, None)  # None: a module of a package
        if inspect.isclass(found) or inspect.isfunction(found):
            yield f"{found.__module__}.{found.__qualname__}"
        if inspect.isclass(found):
            methods = [key for key, value in vars(found).items() if key[0] != "_" and inspect.isroutine(value)]
            yield from (f"{found.__module__}.{found.__qualname__}.{key}" for key in methods)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of ipywidgets' own attributes, which numpydoc looks at
def test_docstrings_of_what_readers_call():
    need("numpydoc")
    from numpydoc.validate import validate

    left_out = {"EX01", "SA01", "ES01", "SS06", "GL01", "RT02", "RT03", "GL08"}
    for name in dict.fromkeys(documented()):
        errors = [text for code, text in validate(name)["errors"] if code not in left_out]
        assert not errors, f"{name}: {errors}"


def test_import_contracts():
    need("importlinter")
    program = shutil.which("lint-imports", path=sysconfig.get_path("scripts"))
    run(program, "--no-cache", cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def test_architecture_is_drawn_as_the_contracts_have_it():
    page = (ROOT / ".github" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    contract, *_ = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = [layer.replace("bpteach.", "").replace("|", "&") for layer in contract["layers"]]
    drawn = [row for line in page.splitlines() if "-->" in line for row in line.strip().split(" --> ")]
    assert list(dict.fromkeys(drawn)) == layers, f"draw in ARCHITECTURE.md {' --> '.join(layers)}"
    rooms = [*(ROOT / "bpteach").glob("*.py"), *(path.parent for path in (ROOT / "bpteach").glob("*/__init__.py"))]
    lacking = {path.stem for path in rooms} - {"__init__"} - set(re.findall(r"^  (\w+)[\[(]", page, re.MULTILINE))
    assert not lacking, f"say in ARCHITECTURE.md what these hold, and give them a layer in pyproject.toml: {lacking}"


def test_changelog_begins_with_this_version():
    changes = (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.MULTILINE)[1] == bpteach.__version__


def test_sentences_can_be_extracted():
    """Each sentence marked with `_` is a literal that Babel finds, and no module keeps a table of words."""
    need("babel")
    from babel.messages.extract import extract_from_dir

    found = [message for _file, _line, message, *_rest in extract_from_dir(ROOT / "bpteach")]
    assert len(found) > 100
    for path in (ROOT / "bpteach").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^WORDS\b", text, re.MULTILINE), f"{path}: say each sentence where it is needed, in _()"
        assert not re.search(r"\bfor [\w, ]*\b_\b[\w, ]* in |^\s+_(, \w+)* = ", text, re.MULTILINE), (
            f"{path}: _ is taken"
        )


def sentences(node):
    """List the literals of `_("…")` or `ngettext("…", "…", n)`, also of those between which an `if` chooses."""
    if isinstance(node, ast.IfExp):
        return [*sentences(node.body), *sentences(node.orelse)]
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext")
    texts = [part.value for part in node.args if isinstance(part, ast.Constant)] if called else []
    return [text for text in texts if isinstance(text, str)]


def formatted(function):
    """Give each sentence that a function fills in where it is said, with the names that it has for the braces."""
    names = {}  # of variables that hold a sentence
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and sentences(node.value):
            names.setdefault(node.targets[0].id, []).extend(sentences(node.value))
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            if any(keyword.arg is None for keyword in node.keywords):
                continue  # **details
            said = sentences(node.func.value)
            if isinstance(node.func.value, ast.Name) and len(names.get(node.func.value.id, ())) == 1:
                said = names[node.func.value.id]
            yield from ((text, {keyword.arg for keyword in node.keywords}) for text in said)


@pytest.mark.parametrize("path", sorted((ROOT / "bpteach").rglob("*.py")), ids=lambda path: path.stem)
def test_braces_of_sentences_are_filled(path):
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            for text, given in formatted(function):
                wanted = {re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(text) if name}
                assert wanted <= given, f"{function.name}: {text!r} lacks {wanted - given}"


def lengths(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.end_lineno - node.lineno + 1, 200
        elif isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield node.name, node.end_lineno - body[0].lineno + 1, 40


@pytest.mark.parametrize("path", sorted((ROOT / "bpteach").rglob("*.py")), ids=lambda path: path.stem)
def test_rooms_can_be_seen_from_their_door(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, "ask what in this file belongs elsewhere; each part needs a name without 'and'"
    for name, lines, most in lengths(ast.parse(text)):
        assert lines <= most, f"{name} has {lines} lines, at most {most} can be seen at once: give a part of it a name"


@pytest.mark.parametrize(
    "code",
    [
        f"{WITHOUT_OPTIONAL}\nimport bpteach, " + ", ".join(f"bpteach.{name}" for name in CORE),
        WITHOUT_OPTIONAL + TRAIN_A_LITTLE,
    ],
    ids=["imports with NumPy alone", "trains with NumPy alone"],
)
def test_core(code):
    run(sys.executable, "-c", code, cwd=ROOT)


def test_import_loads_no_optional_package():
    loaded = run(sys.executable, "-c", "import sys, bpteach; print(*sys.modules)", cwd=ROOT).split()
    assert not [name for name in OPTIONAL if name in loaded]
    assert not [name for name in loaded if name in ("bpteach.figures", "bpteach.widgets")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel and install it into a folder that nobody may write to."""
    need("build", "hatchling", "pip")
    wheels, folder = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT)
    (wheel,) = wheels.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "install", "--no-deps", "--no-index", "--no-compile", "--target", folder, wheel)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_wheel_brings_data_and_static_files(installed):
    tree = ROOT / "bpteach"
    wanted = {path.relative_to(tree) for path in tree.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    brought = {path.relative_to(installed / "bpteach") for path in (installed / "bpteach").rglob("*") if path.is_file()}
    assert brought == wanted
    assert {Path("data") / name for name in [*DATA_FILES, "README.md"]} <= brought


def test_installed_package_loads_the_digits(installed, tmp_path):
    code = f"""
import sys
sys.path = [folder for folder in sys.path if folder and folder != {str(ROOT)!r}]
sys.path.insert(0, {str(installed)!r})
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
import bpteach
assert bpteach.__file__.startswith({str(installed)!r}), bpteach.__file__
assert [len(part) for part in bpteach.load_mnist()] == [50000, 10000, 10000]
"""
    run(sys.executable, "-c", code, cwd=tmp_path, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})


def test_readme_has_two_commands_of_existing_files_and_links_that_lead_somewhere():
    first, second, *_ = readme_commands()
    assert first.endswith("/jupyter lab notebooks/01-start-here.ipynb")
    assert second.endswith(" -m pytest -n logical")
    for command in (first, second):
        assert "\n" not in command, "one command is one line"
        files = re.findall(r"\S+\.(?:txt|ipynb)", command)
        assert files
        assert not [name for name in files if not (ROOT / name).exists()]
    for page in (ROOT / "README.md", *(ROOT / ".github").glob("*.md")):
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target.split("#")[0]).exists(), f"{page.name} leads to {target}"
    assert not [alt for alt in re.findall(r"!\[([^\]]*)\]", README) if len(alt) < 20]


def test_ci_runs_the_readme_command():
    bash = shutil.which("bash")
    if bash is None or sys.platform == "win32":
        pytest.skip("the CI script is for Linux and macOS")
    found = run(bash, ".ci/run", "--show-command", cwd=ROOT, env={"PATH": os.environ["PATH"]})
    assert found.strip() == readme_commands()[1]


def test_text_files_are_clean_and_name_no_machine():
    folders = r"(?<![\w.:/}+])/(?:home|Users|root|tmp|work|opt)/"
    servers = r"(?:index-url|trusted-host)\b|https?://[\w.]*\b(?:pypi|pythonhosted|npmjs|debian)\b"
    for path in text_files():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"[ \t]+$", text, re.MULTILINE), f"{path.name} has blanks at the end of a line"
        assert "\t" not in text, f"{path.name} has tabs"
        assert text.endswith("\n") or not text, f"{path.name} lacks the last end of line"
        found = re.search(f"{folders}|{servers}", re.sub(r"base64,[\w+/=]+", "", text))
        assert not found or path == Path(__file__), f"{path.name} names {found[0]}"
