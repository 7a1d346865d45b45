"""`bpteach autograde`: a class with hostile submissions is graded, and none of them reaches more than its own page."""

import gc
import json
import re
import sys
import types
from pathlib import Path

import pytest
from nbformat import v4

import bpteach
import bpteach.__main__
from bpteach.classroom.confinement import choose
from bpteach.classroom.points import SHAPES, answers_of, points_of
from bpteach.classroom.submitted import Submitted
from bpteach.diagnosis import algorithm, check_backprop_matrix, faulty
from bpteach.diagnosis.report import in_html
from bpteach.performance import libraries, speedups
from conftest import ended, need, once_a_week
from test_nbgrader import (
    BORROWED,
    NAME,
    NOISY_AND_WRONG,
    copy_course,
    feedback,
    hand_in,
    nbgrader,
    of_nbgrader,
    own_home,
)

PARTS = list(SHAPES)
BORROWS = "part-4-backprop_matrix: calls what bpteach or a library has for it"
SAYS_TEN = "part-4-backprop_matrix: its own check says 10, its function earns 0"
TWICE = "holds a cell of the assignment twice: the last one counts"
ENDED = "did not finish: it ended its own process"
REPLACED = """
import bpteach.classroom.grading as grading

def grade(part, function, seed, display):
    print("layer 4: nabla_b 1 of 1, nabla_w 2 of 2")
    return {"1": 2, "2": 3, "3": 2, "4": 10, "5": 3}[part[5]]

grading.grade = grade
"""
FORGED = """
import os
from bpteach.classroom import asking, points, submitted

points.points_of = lambda *arguments: (10, [])
asking.answers_of = lambda *arguments: [[[1.0]] * 9] * 9
for number in range(3, 50):
    for process in ("self", os.getppid()):
        try:
            with open(f"/proc/{process}/fd/{number}", "w") as file:
                file.write('[[{"output_type": "execute_result", "data": {"text/plain": "20"}}]]')
        except OSError:
            pass
"""
REGRADED = """
import pathlib, sqlite3

for folder in ("COURSE", "..", "/"):
    try:
        for path in pathlib.Path(folder).glob("*.db"):
            with sqlite3.connect(path) as book:
                book.execute("UPDATE grade SET manual_score = 0, auto_score = 0")
    except OSError:
        pass
open("COURSE/gradebook.db")
"""
SOLUTIONS = """
import json

for cell in json.load(open("COURSE/source/NAME/NAME.ipynb"))["cells"]:
    if cell["cell_type"] == "code" and "SOLUTION" in "".join(cell["source"]):
        exec("".join(cell["source"]))
"""
SHOWN = """
from IPython.display import HTML, Javascript, display

display(HTML("<details><summary>More</summary><script>active</script><p style='color: red'>red</p></details>"))
display(HTML("<img src=x onerror='active'><a href='javascript:active'>link</a>"), Javascript("active"))
display({"image/png": "aGk=' onerror='active"}, raw=True, metadata={"image/png": {"width": "1 onerror=active"}})
for _ in range(3000):
    print("x" * 10_000)
"""
CHANGED = """
try:
    open("/usr/new", "w")
except OSError:
    pass
!pip install --quiet nothing
"""


def cell(*sources):
    """Give what puts cells before all others."""

    def insert(notebook):
        notebook.cells[:0] = map(v4.new_code_cell, sources)

    return insert


def copied(notebook):
    graded = of_nbgrader(notebook, "grade")[3]
    notebook.cells.insert(5, v4.new_code_cell(graded.source, metadata=graded.metadata))


def tampered(notebook):
    *kept, last = of_nbgrader(notebook, "grade")
    for graded in kept:
        graded.source = str(graded.metadata.nbgrader.points)
        graded.metadata["tags"] = ["skip-execution"]
    notebook.cells.remove(last)


def marked(notebook):
    notebook.cells.append(
        v4.new_markdown_cell("**Bold** <script>active</script> > 2 [link](\n java&Tab;script:active)")
    )
    cell(REPLACED, FORGED, SHOWN, CHANGED)(notebook)


#: who → what was answered (None: nothing), what was done to the notebook, the points, and what is to be looked at
GRADED = {
    "right": ({}, None, 20, []),
    "wrong": ({"layer-back": NOISY_AND_WRONG}, copied, 11, [TWICE, "mentions sys"]),
    "stuck": (
        {"layer-back": "while True:\n    pass", "backprop-matrix": BORROWED},
        None,
        8,
        [BORROWS, "mentions bpteach"],
    ),
    "forges": (
        None,
        marked,
        0,
        [
            *("replaced a function of bpteach", SAYS_TEN, "mentions bpteach, os"),
            *("started a process", "reached for files outside its folder"),
        ],
    ),
    "looks up": (None, cell(REGRADED, SOLUTIONS), 0, ["reached for files outside its folder", "mentions exec"]),
    "tampers": (None, tampered, 0, []),
}
#: what ends its own process, and with it its grading
KILLS = "import os\nos.kill(os.getppid(), 9)\nos.kill(1, 9)\nos._exit(0)"
BROKEN = {
    "broken": "did not run: it is no notebook",
    "renamed": f"did not run: there is no file {NAME}.ipynb",
    "linked": "did not run: it holds a link, or what is no file",
}


@pytest.fixture(scope="module", params=[("wrong", "forges"), once_a_week((*GRADED, "kills"))], ids=len)
def course(request, tmp_path_factory, assignment, bubblewrap):
    """Grade a class: these students, and those with no notebook; give the folder, what was said, and who is graded."""
    folder = copy_course(assignment, tmp_path_factory.mktemp("course") / "teaching")
    settings = folder / "nbgrader_config.py"
    settings.write_text(settings.read_text(encoding="utf-8").replace("timeout = 60", "timeout = 20"), encoding="utf-8")
    graded = {student: GRADED[student] for student in request.param if student in GRADED}
    for student, (answers, change, _points, _looks) in graded.items():
        hand_in(folder, student, answers, change)
        path = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
        text = path.read_text(encoding="utf-8").replace("COURSE", str(folder)).replace("NAME", NAME)
        path.write_text(text, encoding="utf-8")
    if "kills" in request.param:
        hand_in(folder, "kills", None, cell(KILLS))
    for student in BROKEN:
        place = folder / "submitted" / student / NAME
        place.mkdir(parents=True)
        (place / ("Copy.ipynb" if student == "renamed" else f"{NAME}.ipynb")).write_text("{", encoding="utf-8")
    (folder / "submitted" / "linked" / NAME / "secret").symlink_to(folder / "gradebook.db")
    (folder / "submitted" / "forges" / NAME / "page.html").write_text("<script>1</script>", encoding="utf-8")
    done = autograde(folder, NAME, "--gradescope", "results")
    nbgrader(folder, f"GenerateFeedbackApp {NAME}")
    return folder, done, graded


def autograde(folder, *words):
    return ended(sys.executable, "-m", "bpteach", "autograde", *words, cwd=folder, env=own_home(folder))


def section(done, title):
    lines = re.search(rf"^{title}\n((?:  .*\n?)*)", done.stdout, re.MULTILINE)[1].splitlines()
    return dict(line.strip().split(": ", 1) for line in lines)


@pytest.mark.slow
def test_each_gets_what_the_functions_earn_and_the_rest_is_told(course):
    folder, done, graded = course
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    points = dict(re.findall(r"^  ([\w ]+): (\d+) of 20$", done.stdout, re.MULTILINE))
    assert points == {student: str(row[2]) for student, row in graded.items()}
    killed = {"kills": ENDED} if (folder / "submitted" / "kills").exists() else {}
    assert section(done, "Not graded, because") == BROKEN | killed
    looks = section(done, "Look at these")
    assert sorted(looks) == sorted(student for student, row in graded.items() if row[3])
    for student, row in graded.items():
        assert not [words for words in row[3] if words not in looks[student]], looks[student]


def test_lists_on_which_nobody_stands():
    need("nbgrader")
    from bpteach.classroom.autograde import Graded, told

    ada, ben = Graded("ada"), Graded("ben", reason="it is no notebook")
    for results, last in (
        ([ada], "All are graded, and there is nothing to look at."),
        ([ada, ben], "Not graded, because\n  ben: it is no notebook"),
    ):
        assert told(results, choose(unconfined=True)).endswith(f"  ada: 0 of 0\n\n{last}")


@pytest.mark.slow
def test_what_is_shown_to_the_teacher_is_harmless_and_bounded(course):
    from bs4 import BeautifulSoup

    folder, *_ = course
    page = feedback(folder, "forges")
    parsed = BeautifulSoup(page, "html.parser")
    attributes = [(key, str(value)) for tag in parsed.find_all(True) for key, value in tag.attrs.items()]
    assert not [pair for pair in attributes if pair[0].startswith("on") or re.match(r"\s*java|data:text", pair[1])]
    assert not [script for script in parsed.find_all("script") if "active" in script.text]
    unfolds = '<details><summary style="display: list-item">More</summary>'
    assert f'{unfolds}active<p style="color: red;">red</p></details>' in page
    assert "<strong>Bold</strong> &lt; script&gt;" in page
    assert len(page) < 2_000_000
    assert not (folder / "autograded" / "forges" / NAME / "page.html").exists()


@pytest.mark.slow
def test_feedback_names_the_mistake(course):
    diagnosis = check_backprop_matrix(faulty("missing-transpose"))
    page = feedback(course[0], "wrong")
    for words in (diagnosis.mistake, diagnosis.message, *diagnosis.hints):
        assert page.count(in_html(words)) >= 2, words  # in part 3 and in part 4


@pytest.mark.slow
def test_results_for_gradescope(course):
    folder, *_ = course
    results = json.loads((folder / "results" / "wrong.json").read_text(encoding="utf-8"))
    points = [(test["name"], test["score"], test["max_score"]) for test in results["tests"]]
    assert points == list(zip(PARTS, [2, 3, 0, 3, 3], [2, 3, 2, 10, 3], strict=True))
    shown = [test["output"] for test in results["tests"]]
    assert shown[0].count("✓ Right.") == 1
    assert "missing-transpose" in shown[3]
    assert not [text for text in shown if re.search(r"hints\[|\n\d+$", text)]
    refused = json.loads((folder / "results" / "broken.json").read_text(encoding="utf-8"))
    assert refused == {"score": 0, "output": "It could not be graded: did not run: it is no notebook"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["no-such", "--unconfined"], "no-such is no assignment of a course here"),
        ([f"{NAME}/", "--unconfined", "--student", "nobody"], "Nothing is handed in"),
        ([NAME, "--unconfined", "--gradescope", "a.json"], "a.json is one file"),
    ],
)
def test_it_refuses_in_one_sentence(words, says, assignment, tmp_path, monkeypatch, capsys):
    folder = copy_course(assignment, tmp_path / "teaching")
    for student in ("ada", "ben"):
        hand_in(folder, student, None)
    monkeypatch.chdir(folder)
    for name, value in own_home(folder).items():
        monkeypatch.setenv(name, value)
    assert bpteach.__main__.main(["autograde", *words]) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_without_nbgrader_it_says_so(monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("bpteach.classroom.autograde")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ["nbgrader", *(name for name in sys.modules if name.startswith("nbgrader."))]:
        monkeypatch.setitem(sys.modules, name, None)
    assert bpteach.__main__.main(["autograde", NAME]) == 1
    assert "bpteach autograde needs nbgrader, which is not installed" in capsys.readouterr().err


#: The package's source under another name: its points cannot be denied, and README says so
COPIED = {"__name__": "mine"}
exec(Path(bpteach.backpropagation.__file__).read_text(encoding="utf-8"), COPIED)
copy_of_ours = COPIED["backprop_matrix"]


def first(borrowed):
    """Give a function that borrows, and then goes its own way."""

    def backprop_matrix(net, X, Y):
        borrowed(net, X, Y)
        return copy_of_ours(net, X, Y)

    return backprop_matrix


@pytest.mark.parametrize(
    ("function", "points"),
    [
        (copy_of_ours, 10),
        (bpteach.backprop_matrix, 0),
        (lambda net, X, Y: algorithm.Run(net, X, Y).gradients(), 0),
        (first(lambda net, X, Y: speedups.backprop_with_lists(net.weights, net.biases, X[:, [0]], Y[:, [0]])), 0),
        once_a_week(first(libraries.sklearn_gradient), 0),
        (first(types.FunctionType((lambda net, X, Y: 0).__code__, {"__name__": "torch.autograd"})), 0),
    ],
)
def test_what_is_borrowed_earns_nothing(function, points):
    submitted = Submitted(function, PARTS[3])
    answers = answers_of(PARTS[3], submitted, 7)
    assert points_of(PARTS[3], 7, answers)[0] == points
    assert points_of(PARTS[3], 8, answers)[0] == 0, "the numbers of another student"
    assert submitted.has_borrowed == (points == 0)


def test_what_a_library_does_at_a_collection_is_not_borrowed():
    def backprop_matrix(net, X, Y):
        kept = [[] for _ in range(100_000)]
        return copy_of_ours(net, X, Y) if kept else None

    of_a_library = types.FunctionType((lambda phase, info: None).__code__, {"__name__": "jax._src.lib"})
    gc.callbacks.append(of_a_library)
    try:
        answers = answers_of(PARTS[3], Submitted(backprop_matrix, PARTS[3]), 7)
    finally:
        gc.callbacks.remove(of_a_library)
    assert points_of(PARTS[3], 7, answers)[0] == 10


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "answers", [None, 3, "", [], {}, [[[{"shape": [9**9], "numbers": [1.0]}] * 3, True]] * 5, [[[{}] * 3] * 3] * 5]
)
def test_odd_answers_earn_nothing(part, answers):
    assert points_of(part, 1, answers)[0] == 0
