"""The graded assignment, through nbgrader from end to end: generate, hand in, autograde, feedback."""

import ast
import json
import os
import re
import shutil
import sys
import sysconfig

import pytest

from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read
from conftest import run

TEACHING = NOTEBOOKS / "teaching"
NAME = "do-the-mini-batch-at-once"
SOURCE = TEACHING / "source" / NAME / f"{NAME}.ipynb"
FULL = {
    "part-1-forward": 2,
    "part-2-output_layer": 3,
    "part-3-layer_back": 2,
    "part-4-backprop_matrix": 10,
    "part-5-update": 3,
}

LAST_LAYER_ONLY = """
def backprop_matrix(net, X, Y):
    Zs, activations = forward(net, X)
    nabla_b, nabla_w = [0 * b for b in net.biases], [0 * w for w in net.weights]
    _, nabla_b[-1], nabla_w[-1] = output_layer(Zs[-1], activations[-1], activations[-2], Y)
    return nabla_b, nabla_w
"""
BORROWED = """
import bpteach


def backprop_matrix(net, X, Y):
    return bpteach.backprop_matrix(net, X, Y)
"""
NOISY_AND_WRONG = """
import sys
import warnings


def layer_back(w, Delta, Z):
    print("2")
    print("is it right?", file=sys.stderr)
    warnings.warn("a warning")
    return w.dot(Delta) * sigmoid_prime(Z)
"""
ENDLESS = """
def update(net, X, Y, eta):
    while True:
        pass
"""

#: what the command `nbgrader` does, for each argument
NBGRADER = """
import sys
import nbgrader.apps

for command in sys.argv[1:]:
    name, *words = command.split()
    app = getattr(nbgrader.apps, name)
    app.launch_instance(words)
    app.clear_instance()
"""

#: a kernel that has done its work is ended, not asked to end
AT_ONCE = "--Execute.shutdown_kernel=immediate"

#: who handed in what (a change of the right line, or a cell of their own) and what it earns where it is not full
STUDENTS = {
    "transpose": (
        {"layer-back": NOISY_AND_WRONG, "update": ENDLESS},
        {"part-3-layer_back": 0, "part-4-backprop_matrix": 3, "part-5-update": 0},
    ),
    "borrowed": ({"backprop-matrix": BORROWED}, {"part-4-backprop_matrix": 0}),
}


def copy_course(source, folder):
    return shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))


@pytest.fixture(scope="module")
def graded(assignment, tmp_path_factory):
    """Grade with nbgrader's own command, which works too; `bpteach autograde` is tried in test_autograde.py."""
    course = copy_course(assignment, tmp_path_factory.mktemp("course") / "teaching")
    for student, (answers, _) in STUDENTS.items():
        hand_in(course, student, answers)
    nbgrader(course, f"AutogradeApp {NAME} {AT_ONCE}", f"GenerateFeedbackApp {NAME}")
    return course


def nbgrader(folder, *commands):
    run(sys.executable, "-c", NBGRADER, *commands, cwd=folder, env=own_home(folder))


def own_home(folder):
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])  # nbgrader calls alembic by its name
    places = ["HOME", "USERPROFILE", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
    return os.environ | dict.fromkeys(places, str(folder.parent / "home")) | {"PATH": path}


def released(folder):
    return read(folder / "release" / NAME / f"{NAME}.ipynb")


def hand_in(folder, student, answers, change=None):
    """Fill in a student's copy, rightly but for `answers`, and put it where it is collected; None leaves it blank."""
    import nbformat

    notebook = released(folder)
    right = {
        cell.metadata.nbgrader.grade_id: without_marks(cell.source) for cell in of_nbgrader(read(SOURCE), "solution")
    }
    for cell in of_nbgrader(notebook, "solution") if answers is not None else []:
        name = cell.metadata.nbgrader.grade_id
        cell.source = answered(right[name], answers.get(name, ""))
    if change:
        change(notebook)
    path = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def without_marks(text):
    return "\n".join(line for line in text.splitlines() if not line.strip().startswith("###"))


def answered(right, change):
    """Give a cell of a student's own, or the right one, changed or as it is."""
    if isinstance(change, str):
        return change.strip() or right
    assert change[0] in right
    return right.replace(*change)


def of_nbgrader(notebook, role):
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get(role)]


def feedback(folder, student):
    return (folder / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")


def test_points_are_those_of_the_table():
    notebook = read(SOURCE)
    points = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points for cell in of_nbgrader(notebook, "grade")}
    assert points == FULL
    table = [
        int(words) for words in re.findall(r"^\| \d \|.*\| (\d+)\b[^|]*\|$", notebook.cells[0].source, re.MULTILINE)
    ]
    assert table == [points for points in FULL.values() if points]
    assert f"{sum(table)} points" in notebook.cells[0].source


def texts(notebook):
    """Join what each cell prints, which may come in pieces."""
    texts = [
        [out.get("text") or out.data["text/plain"] + "\n" for out in c.outputs] for c in cells_of(notebook, "code")
    ]
    return ["".join(pieces).rstrip() for pieces in texts]


@pytest.mark.slow
def test_source_is_stored_as_it_runs(tmp_path):
    from bpteach.publishing.store import execute

    stored, fresh = read(SOURCE), read(SOURCE)
    assert [cell.execution_count for cell in cells_of(stored, "code")] == [*range(1, len(texts(stored)) + 1)]
    execute(fresh, tmp_path)
    assert texts(fresh) == texts(stored)
    graded = [text for text in texts(stored) if text]
    assert [text.split("\n")[-1] for text in graded] == [str(points) for points in FULL.values()]
    assert not [cell.source for cell in cells_of(stored, "code") if len(cell.source.splitlines()) > 15]


def run_here(answers):
    """Run the source with these answers in this process; give what is shown, and the points."""
    shown, points = [], {}
    namespace = {"display": shown.append}
    for cell in cells_of(read(SOURCE), "code"):
        name = cell.metadata.nbgrader.grade_id
        *body, last = ast.parse(answered(cell.source, answers.get(name, ""))).body
        exec(compile(ast.Module(body, []), name, "exec"), namespace)
        if name in FULL:
            points[name] = eval(compile(ast.Expression(last.value), name, "eval"), namespace)
        else:
            exec(compile(ast.Module([last], []), name, "exec"), namespace)
    return shown, points


MEAN = "return nabla_b, nabla_w", "return [[n / X.shape[1] for n in p] for p in (nabla_b, nabla_w)]"


@pytest.mark.parametrize(
    ("answers", "less", "words"),
    [
        (
            {"backprop-matrix": LAST_LAYER_ONLY},
            {"part-4-backprop_matrix": 3},
            "layer 3: nabla_b 0 of 1, nabla_w 0 of 2",
        ),
        ({"backprop-matrix": MEAN}, {"part-4-backprop_matrix": 6}, "right but for one constant factor: 6 of 10"),
        (
            {"output-layer": (", keepdims=True", "")},
            {"part-2-output_layer": 2, "part-4-backprop_matrix": 8},
            "Delta: 1 of 1, nabla_b: 0 of 1, nabla_w: 1 of 1",
        ),
    ],
)
def test_points_for_what_is_partly_right(answers, less, words, capsys):
    assert run_here(answers)[1] == FULL | less
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("Delta.sum(axis=1, keepdims=True)", "Delta.mean(axis=1, keepdims=True)", "bias-mean-weight-sum"),
        ("Delta.sum(axis=1, keepdims=True)", "Delta.sum(axis=1)", "bias-lost-dimension"),
        ("Delta @ A_before.T", "A_before @ Delta.T", "outer-product-transposed"),
        ("return Delta, nabla_b, nabla_w", "m = Z.shape[1]; return Delta, nabla_b / m, nabla_w / m", "mean-for-sum"),
    ],
)
def test_part_2_names_the_mistake(right, wrong, mistake):
    own, graded = run_here({"output-layer": (right, wrong)})[0][2:4]
    assert own.message.startswith(f"nabla_{'w' if mistake == 'outer-product-transposed' else 'b'}")
    assert graded.mistake == mistake


def test_part_1_says_which_array_is_wrong():
    for answer in run_here({"forward": ("Z = w @ A + b", "Z = w @ A")})[0][:2]:
        assert answer.message.startswith("Zs[0] ")


def test_readme_has_the_commands_and_settings_need_no_other_place():
    assert not re.search(r"root|db_url|directory", (TEACHING / "nbgrader_config.py").read_text(encoding="utf-8"))
    text = (TEACHING / "README.md").read_text(encoding="utf-8")
    for command in ("nbgrader generate_assignment", "bpteach autograde", "nbgrader generate_feedback"):
        assert f"\n{command} {NAME}\n" in text
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert not [target for target in targets if "://" not in target and not (TEACHING / target).exists()]


@pytest.mark.slow
def test_students_copy_holds_no_solution(assignment):
    notebook = released(assignment)
    everything = "\n".join(cell.source for cell in notebook.cells)
    assert not re.search(r"SOLUTION|HIDDEN|Delta\.sum|@ A\b|w\.T|import grade\b", everything)
    assert not [cell for cell in cells_of(notebook, "code") if cell.outputs]
    blanks = of_nbgrader(notebook, "solution")
    assert len(blanks) == len(FULL)
    for cell in blanks:
        assert cell.source.endswith("    # your code here\n    ...")
    for cell in [*of_nbgrader(notebook, "grade"), *of_nbgrader(notebook, "locked")]:
        assert cell.metadata.editable is False


@pytest.mark.slow
def test_students_copy_runs_blank(assignment, tmp_path):
    from bpteach.publishing.store import execute

    notebook = released(assignment)
    execute(notebook, tmp_path)
    for cell in of_nbgrader(notebook, "grade"):
        assert "Not written yet." in str(cell.outputs), cell.source


#: nbgrader loads setuptools, which wants to be the first to load distutils: so a process of its own reads the points
READ_POINTS = """
import json, sys
from nbgrader.api import Gradebook

found = {}
with Gradebook("sqlite:///" + sys.argv[2]) as opened:
    for submission in opened.assignment_submissions(sys.argv[1]):
        grades = submission.notebooks[0].grades
        found[submission.student_id] = [[each.name, each.score, bool(each.needs_manual_grade)] for each in grades]
print(json.dumps(found))
"""


@pytest.mark.weekly
def test_points(graded):
    """None waits for a teacher."""
    found = json.loads(run(sys.executable, "-c", READ_POINTS, NAME, graded / "gradebook.db"))
    assert not [name for rows in found.values() for name, _score, waits in rows if waits]
    expected = {student: FULL | less for student, (_answers, less) in STUDENTS.items()}
    assert {student: {name: score for name, score, _ in rows} for student, rows in found.items()} == expected


@pytest.mark.weekly
def test_feedback_tells_the_points(graded):
    page = feedback(graded, "transpose")
    assert page.count("missing-transpose") >= 2, "in part 3 and in part 4"
    assert "BP2" in page
    other, calls = feedback(graded, "borrowed"), "backprop_matrix calls bpteach.backpropagation, which is switched off"
    assert "missing-transpose" not in other
    assert calls not in page
    assert other.count(calls) == 1, "told once, though tried often"
    assert "layer 4: nabla_b 1 of 1, nabla_w 2 of 2" in page
    assert "update was stopped after 2 s" in page
