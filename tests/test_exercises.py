"""The exercises of the lessons and their solutions: matched one to one, blank in the lesson, right in the solution."""

import re

import numpy as np
import pytest

from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import EXERCISES, check, exercises
from bpteach.exercises.judging import judge, judge_function
from bpteach.publishing.lessons import LESSONS, ROOT, SOLUTIONS, cells_of, read

TAG = re.compile(r"(exercise|check)-(\d+\.\d+)")
LEVELS = ("easy", "medium", "stretch")


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    """One lesson after the other."""
    return request.param


@pytest.fixture
def pair(lesson):
    """A lesson and its solutions, as they are stored."""
    return read(lesson), read(SOLUTIONS / lesson.name)


def tagged(notebook):
    """List the tags of exercises and checks, each with its cell."""
    cells = [(tag, cell) for cell in notebook.cells for tag in cell.metadata.get("tags", []) if TAG.fullmatch(tag)]
    assert len(dict(cells)) == len(cells), "a tag stands twice"
    return dict(cells)


def titles(notebook):
    """List the headings of the exercises."""
    lines = [line for cell in cells_of(notebook, "markdown") for line in cell.source.splitlines()]
    return [line for line in lines if re.match(r"### \d+\.\d+ ", line)]


def shown(cell):
    """Give the text of a check's stored answer."""
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def test_every_lesson_has_solutions_and_no_other_file_is_there():
    """The same file names in both folders."""
    assert [path.name for path in LESSONS] == [path.name for path in sorted(SOLUTIONS.glob("*.ipynb"))]


def test_tags_match_one_to_one(lesson, pair):
    """Lesson, solutions and package know the same exercises, each followed by its check, in order."""
    number = int(lesson.name[:2])
    known = [tag for name in exercises(number) for tag in (f"exercise-{name}", f"check-{name}")]
    assert len(known) >= 4
    for notebook in pair:
        assert list(tagged(notebook)) == known


def test_titles_match_and_go_from_easy_to_stretch(pair):
    """The same headings in both, numbered, with a level that never falls."""
    lesson, solution = map(titles, pair)
    assert lesson == solution
    numbers = [re.match(r"### (\d+\.\d+)", line)[1] for line in lesson]
    assert [f"exercise-{number}" for number in numbers] == [
        tag for tag in tagged(pair[0]) if tag.startswith("exercise")
    ]
    found = [re.search(r"\((\w+)\)$", line)[1] for line in lesson]
    assert found == sorted(found, key=LEVELS.index)


def test_checks_are_the_same_in_both(pair):
    """The solution is judged by what judges the reader."""
    lesson, solution = map(tagged, pair)
    for tag, cell in lesson.items():
        if tag.startswith("check"):
            assert cell.source == solution[tag].source


def test_lesson_is_blank_and_says_so(pair):
    """Each exercise has a `...`, and each stored answer says that it is not written yet."""
    for tag, cell in tagged(pair[0]).items():
        if tag.startswith("exercise"):
            assert re.search(r"\.\.\.", cell.source), tag
        else:
            assert shown(cell).startswith("…"), f"{tag}: {shown(cell)}"


def test_solution_is_whole_and_right(pair):
    """No `...` is left, and each stored answer says that it is right."""
    for tag, cell in tagged(pair[1]).items():
        if tag.startswith("exercise"):
            assert not re.search(r"^\s*\.\.\.|= \.\.\.", cell.source, re.MULTILINE), tag
        else:
            assert shown(cell).startswith("✓"), f"{tag}: {shown(cell)}"


def test_exercises_stand_before_the_summary_and_lead_to_the_solutions(lesson, pair):
    """The section stands where every lesson has it, and links to the solutions, which link back."""
    text = "\n\n".join(cell.source for cell in cells_of(pair[0], "markdown"))
    found = re.search(r"^## Exercises\n(.*?)^## What's next", text.replace("’", "'"), re.DOTALL | re.MULTILINE)
    assert found, 'there is no section "## Exercises" before "## What\'s next"'
    assert f"(solutions/{lesson.name})" in found[1]
    first = pair[1].cells[0].source
    assert first.startswith("# Solutions: ")
    assert f"(../{lesson.name}" in first


def test_solutions_are_stored_executed_and_tidy(pair):
    """They ran once, in order, without an error; nothing of a session is kept; prose stands between code cells."""
    solution = pair[1]
    counts = [cell.execution_count for cell in cells_of(solution, "code")]
    assert counts == list(range(1, len(counts) + 1)), "run bpteach store for this solution"
    outputs = [output for cell in cells_of(solution, "code") for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert set(solution.metadata) == {"kernelspec", "language_info"}
    pairs = zip(solution.cells, solution.cells[1:], strict=False)
    assert not [after.source for before, after in pairs if before.cell_type == after.cell_type == "code"]
    long = [cell.source for cell in cells_of(solution, "code") if len(cell.source.splitlines()) > 25]
    assert not long, "a solution is to be read: at most 25 lines a cell"


def test_readme_tells_of_the_solutions():
    """A teacher finds them."""
    assert "notebooks/solutions" in (ROOT / "README.md").read_text(encoding="utf-8")


# what judges values and functions


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (3, 3),
        (3.0, 3),
        (np.float64(3), 3),
        (" Yes", "yes"),
        ([1, 2], (1, 2)),
        (np.ones((2, 1)), np.ones((2, 1))),
        (True, True),
        ({2, 1}, {1, 2}),
        ({"a": 1.0}, {"a": 1}),
        (np.array([1, 2]), [1, 2]),
        (None, None),
    ],
)
def test_right_values_are_accepted(answer, expected):
    assert judge(answer, expected).ok


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (4, 3, "4 is not it."),
        ("no", "yes", "'no' is not it."),
        (True, 1, "True (bool): expected a number"),
        (1, True, "expected True or False"),
        (np.ones(2), 3, "an array of shape (2,): expected a number"),
        (np.ones(2), np.ones((2, 1)), "shape (2,): expected (2, 1)"),
        (np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]]), "1 of its 2 numbers is wrong"),
        ([1, 2, 3], [1, 2], "holds 3: expected 2"),
        ([1, 3], [1, 2], "answer[1] is wrong: 3 is not it."),
        ({"b": 1}, {"a": 1}, "the keys 'b': expected 'a'"),
        ({"a": 2}, {"a": 1}, "answer['a'] is wrong"),
        (len, 3, "is a function: expected a number; did you forget to call it?"),
        ("3", 3, "expected a number"),
        (3, "three", "expected a string"),
        (np.nan, 3, "nan is not it."),
        (np.ones(2), None, "an array of shape (2,): expected None"),
    ],
)
def test_wrong_values_are_told_in_words(answer, expected, words):
    found = judge(answer, expected, hints=("one", "two", "three"))
    assert not found.ok
    assert words in found.message
    assert found.hints == ("one", "two", "three")


@pytest.mark.parametrize("answer", [..., [1, ...], {"a": ...}, (..., 2)])
def test_a_blank_is_unfinished_whatever_it_stands_in(answer):
    assert judge(answer, 3).state == "unfinished"
    assert check("2.1", answer).state == "unfinished"


def test_a_slip_is_told_by_its_sentence():
    slips = [(4, "You counted one too many."), (2, "You forgot one.", "wrong-sign")]
    assert judge(4, 3, slips=slips).message == "You counted one too many."
    assert judge(2, 3, slips=slips).mistake == "wrong-sign"
    assert judge(5, 3, slips=slips).message == "5 is not it."


def blank(a): ...


def none(a):
    a @ a.T


def prints(a):
    print(a @ a.T)


def raises(a):
    return a @ a


def changes(a):
    a += 1
    return (a - 1) @ (a - 1).T


def turned(a):
    return a.T @ a


@pytest.mark.parametrize(
    ("function", "state", "words"),
    [
        (lambda a: a.dot(a.T), "right", "That is it."),
        (blank, "unfinished", "Replace the ..."),
        (..., "unfinished", "Replace the ..."),
        (none, "wrong", "returned None"),
        (prints, "wrong", "printed its result"),
        (raises, "stopped", "“return a @ a”, an array of shape (2, 3) meets an array of shape (2, 3)"),
        (changes, "wrong", "changed its argument"),
        (turned, "wrong", "You turned it."),
        (lambda a: 2 * a @ a.T, "wrong", "(Called with a of shape (2, 3).)"),
    ],
)
def test_functions_are_judged_by_what_they_return(function, state, words):
    calls = [(np.arange(6.0).reshape(2, 3),), (np.ones((2, 3)),)]
    found = judge_function(function, lambda a: a @ a.T, calls, slips=[(lambda a: a.T @ a, "You turned it.")])
    assert found.state == state
    assert words in found.message
    np.testing.assert_array_equal(calls[0][0], np.arange(6.0).reshape(2, 3))


def slips():
    """List every slip of every exercise, each with its number in its exercise."""
    for tag in [tag for path in LESSONS for tag in exercises(int(path.name[:2]))]:
        for number, slip in enumerate(EXERCISES[tag].slips):
            yield pytest.param(tag, slip, id=f"{tag}-{number}-{slip.sentence[:30]}")


@pytest.mark.parametrize(("tag", "slip"), list(slips()))
def test_each_slip_is_told_by_its_own_sentence(tag, slip):
    """The wrong way that is given with a sentence gets this sentence, and not that of a slip which stands before it."""
    told = check(tag, slip.wrong)
    assert told.state == "wrong", f"{tag}: the slip's own wrong answer is taken for {told}"
    pattern = re.sub(r"\\{.*?\\}", ".+", re.escape(slip.sentence)) if slip.details else re.escape(slip.sentence)
    assert re.fullmatch(pattern, told.message), (
        f"{tag}: another slip answers first; let this one stand before it, or let the calls tell them apart\n{told}"
    )
    assert told.mistake == slip.mistake
    assert slip.mistake in {None, *CATALOGUE}, f"{slip.mistake} is no name of bpteach.diagnosis.CATALOGUE"
    assert told.hints == EXERCISES[tag].hints
    assert len(told.hints) == 3, f"{tag}: give hints=(where to look, which equation, the line)"


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("2", "expected lesson and number"),
        (2.1, "expected lesson and number"),
        ("2.99", "lesson 2 has 2.1"),
        ("77.1", "no exercises"),
    ],
)
def test_an_unknown_exercise_is_refused(tag, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        check(tag, 3)
