"""All exercises: lesson, solutions and package match, and blanks, slips and strange answers are told."""

import re
import warnings

import numpy as np
import pytest

from bpteach import Network
from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import EXERCISES, check, exercises
from bpteach.publishing.lessons import LESSONS, ROOT, SOLUTIONS, cells_of, read
from conftest import tag_of
from learners import Learner, Register

TAG = re.compile(r"(exercise|check)-(\d+\.\d+)")
LEVELS = ("easy", "medium", "stretch")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
TAGS = [tag for path in LESSONS for tag in exercises(int(path.name[:2]))]
ASK_FOR_OTHERS = "judge_hunt", "eta_without_division", "judge_order", "judge_program", "judge_layer"
NO_FUNCTION = {tag_of(name) for name in ASK_FOR_OTHERS}


# --- lesson, solutions and package ------------------------------------------------------------------------------------


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    return request.param


@pytest.fixture
def pair(lesson):
    return read(lesson), read(SOLUTIONS / lesson.name)


def tagged(notebook):
    cells = [(tag, cell) for cell in notebook.cells for tag in cell.metadata.get("tags", []) if TAG.fullmatch(tag)]
    assert len(dict(cells)) == len(cells), f"a tag stands twice: {[tag for tag, _cell in cells]}"
    return dict(cells)


def text_of(notebook):
    return "\n".join(cell.source for cell in cells_of(notebook, "markdown"))


def shown(cell):
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def test_every_lesson_has_solutions_and_no_other_file_is_there():
    assert [path.name for path in LESSONS] == [path.name for path in sorted(SOLUTIONS.glob("*.ipynb"))]


def test_tags_match_one_to_one(lesson, pair):
    known = [tag for name in exercises(int(lesson.name[:2])) for tag in (f"exercise-{name}", f"check-{name}")]
    assert len(known) >= 4, f"give bpteach/exercises/lesson_{lesson.name[:2]}.py four exercises or more"
    for notebook, folder in zip(pair, ("notebooks", "notebooks/solutions"), strict=True):
        assert list(tagged(notebook)) == known, f"tag the cells of {folder}/{lesson.name} like this: {known}"


def test_titles_match_and_go_from_easy_to_stretch(lesson, pair):
    asked, solved = (re.findall(r"^### \d+\.\d+ .*$", text_of(notebook), re.MULTILINE) for notebook in pair)
    assert asked == solved, "give lesson and solutions the same headings"
    numbers = [re.match(r"### (\d+\.\d+)", line)[1] for line in asked]
    assert numbers == exercises(int(lesson.name[:2])), "number the headings like the exercises, in order"
    levels = [LEVELS.index(re.search(r"\((\w+)\)$", line)[1]) for line in asked]
    for line, number, level in zip(asked, numbers, levels, strict=True):
        place = next(place for place, other in zip(numbers, levels, strict=True) if other > level or place == number)
        assert place == number, (
            f"“{line}” is easier than {place}: make it number {place}, and give the ones after it the next numbers, in "
            f"{lesson.name}, its solutions and bpteach/exercises/lesson_{lesson.name[:2]}.py"
        )


def test_numbers_of_exercises_that_are_told_are_right(lesson, pair):
    count = len(exercises(int(lesson.name[:2])))
    for notebook in pair:
        for word in re.findall(rf"\b({'|'.join(NUMBERS)}) (?:short )?exercises\b", text_of(notebook), re.IGNORECASE):
            assert word.lower() == NUMBERS[count], f"there are {count} exercises in {lesson.name}: do not count them"
        told = re.search(r"[Ee]xercises? \d.*", text_of(notebook))
        assert not told, f"{told[0]}: numbers change when another is put before it, titles stay"


def test_checks_are_the_same_in_both(pair):
    asked, solved = map(tagged, pair)
    for tag, cell in asked.items():
        if tag.startswith("check"):
            assert cell.source == solved[tag].source, tag


def test_lesson_is_blank_and_says_so(lesson, pair):
    for tag, cell in tagged(pair[0]).items():
        if tag.startswith("exercise"):
            assert "..." in cell.source, tag
        else:
            assert shown(cell).startswith("…"), f"{tag}: run bpteach store notebooks/{lesson.name}"


def test_solution_is_whole_and_right(lesson, pair):
    for tag, cell in tagged(pair[1]).items():
        if tag.startswith("exercise"):
            assert not re.search(r"^\s*\.\.\.|= \.\.\.", cell.source, re.MULTILINE), tag
        else:
            assert shown(cell).startswith("✓"), (
                f"{tag}: mend it, and run bpteach store notebooks/solutions/{lesson.name}"
            )


def test_answers_of_the_solution_pass(pair):
    """They need nothing but what the lesson has set up, and one another."""
    set_up = next(cell for cell in cells_of(pair[0], "code") if "exercises import check" in cell.source)
    scope = {}
    exec(set_up.source, scope)
    for cell in cells_of(pair[1], "code"):
        tags = " ".join(cell.metadata.get("tags", []))
        if tags.startswith("exercise-") or cell.source.startswith("class "):  # from which the answer's is made
            exec(cell.source, scope)
        elif tags.startswith("check-"):
            told = eval(cell.source, scope)
            assert told.ok, told


def test_exercises_stand_before_the_summary_and_lead_to_the_solutions(lesson, pair):
    found = re.search(
        r"^## Exercises\n(.*?)^## What's next", text_of(pair[0]).replace("’", "'"), re.DOTALL | re.MULTILINE
    )
    assert found, 'there is no section "## Exercises" before "## What\'s next"'
    assert f"(solutions/{lesson.name})" in found[1]
    first = pair[1].cells[0].source
    assert first.startswith("# Solutions: ")
    assert f"(../{lesson.name}" in first


def test_solutions_are_stored_executed_and_tidy(pair):
    solution = pair[1]
    code = cells_of(solution, "code")
    counts = [cell.execution_count for cell in code]
    assert counts == list(range(1, len(counts) + 1)), "run bpteach store for this solution"
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert set(solution.metadata) == {"kernelspec", "language_info"}


def test_readme_tells_of_the_solutions():
    assert "notebooks/solutions" in (ROOT / "README.md").read_text(encoding="utf-8")


# --- blanks, slips, strange answers: of every exercise ----------------------------------------------------------------


WRITTEN = Register("any exercise", "*arguments")
WRITTEN.read(
    """
== unfinished ==
blank | - | ...
blank_with_docstring | -
    'Do it.'
    ...
blank_result | -
    result = ...
    return result
blank_expression | -
    z = ...
    return np.exp(z + 1)
blank_error | - | raise NotImplementedError
== stopped ==
raises | no such layer | raise ValueError("no such layer")
stumbles | IndexError | return arguments[7]
goes_one_too_far | entry [2] is asked for, and the list has 2 entries.
    layers = [np.ones((3, 1)), np.ones((4, 1))]
    return [layers[l] for l in range(1, len(layers) + 1)]
takes_nothing | Your function | def takes_nothing(): return 1
== wrong ==
prints | - | print(0.25)
returns_nothing | - | return None
returns_a_word | - | return "many"
""",
    globals(),
)
BLANKS = [each.function for each in WRITTEN.learners if each.kind == "unfinished"]
STRANGE = [each for each in WRITTEN.learners if each.kind != "unfinished"]
STRANGE.append(Learner("any exercise", "wrong", "NumPy's", np.linspace))


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("answer", [..., *BLANKS], ids=lambda answer: getattr(answer, "__name__", "..."))
def test_a_blank_is_not_written_yet(tag, answer):
    if answer is ... or tag not in NO_FUNCTION:
        assert check(tag, answer).state == "unfinished"


def slips():
    for tag in TAGS:
        for number, slip in enumerate(EXERCISES[tag].slips):
            yield pytest.param(tag, slip, id=f"{tag}-{number}-{slip.sentence[:30]}")


@pytest.mark.parametrize(("tag", "slip"), list(slips()))
def test_each_slip_is_told_by_its_own_sentence(tag, slip):
    told = check(tag, slip.wrong)
    assert told.state == "wrong", f"{tag}: the slip's own wrong answer is taken for {told}"
    assert told.message == slip.sentence, (
        f"{tag}: another slip answers first; let this one stand before it, or let the calls tell them apart\n{told}"
    )
    assert told.mistake == slip.mistake
    assert slip.mistake in {None, *CATALOGUE}, f"{slip.mistake} is no name of bpteach.diagnosis.CATALOGUE"
    assert told.hints == EXERCISES[tag].hints


@pytest.mark.parametrize("tag", [tag for tag in TAGS if EXERCISES[tag].hints])
def test_hints_unfold_from_the_place_to_the_line(tag):
    """Where to look, which equation, and the line in backticks; TeX's braces only at an index or exponent."""
    hints = EXERCISES[tag].hints
    assert len(hints) == 3, f"{tag}: give hints=(where to look, which equation, the line)"
    assert "return" not in hints[0]
    assert "`" in hints[2]
    for hint in hints:
        assert hint.count("`") % 2 == 0, hint
        text = "".join(hint.split("`")[::2])
        assert not re.search(r"_[a-z]{2}|\\|[a-z_]\(|\[[a-z]", text), text


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("answer", [None, 7, 0.25, np.zeros((3, 1)), "lambda: 0", [1, 2], Network], ids=str)
def test_what_is_no_function_is_refused(tag, answer):
    if tag in NO_FUNCTION:
        assert not check(tag, answer).ok
    else:
        with pytest.raises(TypeError, match="expected a function"):
            check(tag, answer)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("learner", STRANGE, ids=lambda learner: learner.function.__name__)
def test_strange_functions_get_an_answer_in_words(tag, learner):
    told = check(tag, learner.function)
    assert told.state in ("wrong", "stopped"), told
    assert told.message.endswith((".", "?", ".)")), told
    if learner.kind == "stopped" and tag not in NO_FUNCTION:
        assert told.state == "stopped"
        assert learner.style in told.message


ODD_RESULTS = [
    np.inf, 10**400, object(), [[]], [1, [2, 3]], [np.nan] * 3, np.full((4, 1), np.nan), np.full((4, 4), 1e308),
    np.ma.masked_array([1, 2], [True, False]),
]  # fmt: skip


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag not in NO_FUNCTION])
def test_whatever_a_function_returns_it_is_answered_without_a_warning(tag):
    for result in ODD_RESULTS:
        with warnings.catch_warnings(action="error"):
            assert not check(tag, lambda *arguments, result=result: result).ok, result


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
