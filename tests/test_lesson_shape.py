"""The house style of a lesson: one test a rule, as far as a machine can tell."""

import ast
import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from bpteach.publishing import lessons
from bpteach.publishing.lessons import FOLD, LESSONS, NOTEBOOKS, ROOT, VIEW, asks, cells_of, is_fold, kind, read, title

EVERY = sorted(NOTEBOOKS.rglob("[0-9][0-9]-*.ipynb"))
MOST_LINES = 15
MOST_BYTES = 900_000
NO_VERBS = {"A", "An", "The", "About", "How", "What", "When", "Where", "Which", "Who", "Why"}
SECTIONS = ["What you'll learn", "What you'll need", "Check yourself", "Exercises", "What's next"]
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(home|Users|root|tmp|private|var|usr|opt|mnt|work)\b|\b[A-Z]:\\|site-packages")
ADDRESS_IN_MEMORY = re.compile(r"\b0x[0-9a-f]{6,}")
MISSING_LIBRARY = re.compile("%pip install")
NUMBER = re.compile(r"(?<!e-)(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


@pytest.fixture
def text(notebook):
    return prose(notebook)


def prose(notebook):
    """Join the Markdown cells; straight apostrophes, whichever the author typed."""
    return "\n\n".join(cell.source for cell in cells_of(notebook, "markdown")).replace("’", "'")


def headings(text):
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [(len(marks), words.strip()) for marks, words in re.findall(r"^(#+) +(.+)$", text, re.MULTILINE)]


def section(text, name):
    found = re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f'there is no section "## {name}"'
    return found[1].strip()


def trees(notebook):
    return [ast.parse(re.sub(r"^%.*$", "pass", cell.source, flags=re.MULTILINE)) for cell in cells_of(notebook, "code")]


def nodes(notebook, kind):
    return [node for tree in trees(notebook) for node in ast.walk(tree) if isinstance(node, kind)]


def outputs(notebook):
    return [output for cell in cells_of(notebook, "code") for output in cell.outputs]


def output_texts(notebook):
    """List the texts of the stored outputs; the pixels of embedded pictures left out."""
    texts = []
    for output in outputs(notebook):
        texts.append(output.get("text", ""))
        texts += [value for kind, value in output.get("data", {}).items() if kind.startswith("text/") or "svg" in kind]
    return [re.sub(r"data:image/[\w+]+;base64,[^\"' )]+", "", text) for text in texts]


def sections_of(notebook):
    sections = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and headings(cell.source):
            sections.append([])
        sections[-1].append(cell)
    return sections


def open_part(cell):
    if cell.cell_type == "markdown":
        return re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL)
    hidden = cell.metadata.get("jupyter", {})
    shown = [] if hidden.get("source_hidden") else [cell.source]
    return "\n".join(shown if hidden.get("outputs_hidden") else [*shown, *words_of_outputs(cell)])


def folded_part(cell):
    """Give what of a cell can be read only when it is unfolded: an explanation, or an answer."""
    if cell.cell_type == "markdown":
        return cell.source if is_fold(cell) else ""
    return "\n".join(words_of_outputs(cell)) if cell.metadata.get("jupyter", {}).get("outputs_hidden") else ""


def words_of_outputs(cell):
    return [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]


def numbers(*texts):
    """Find the numbers in some texts; 0 and 1 stand everywhere, and tell nothing."""
    found = {number.replace(",", "") for text in texts for number in NUMBER.findall(text)}
    return {f"{float(number):g}" for number in found} - {"0", "1"}


class Alts(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("img", "svg"):
            self.found.append(dict(attributes).get("alt" if tag == "img" else "aria-label"))


def test_lessons_are_numbered_from_one():
    assert LESSONS, "there is no lesson in notebooks/"
    assert [path.name[:2] for path in LESSONS] == [f"{number:02}" for number in range(1, len(LESSONS) + 1)]


def test_first_cell_has_a_title_with_a_verb_and_tells_time_and_book(notebook):
    verb, *_ = title(notebook).split() or [""]
    assert verb, "the first cell does not start with '# ' and a title"
    assert verb[0].isupper(), f'the title starts with "{verb}": expected a capital letter'
    no_verb = verb in NO_VERBS or verb.endswith("ing")
    assert not no_verb, f'the title starts with "{verb}": expected a verb'
    first = notebook.cells[0].source
    minutes = re.search(r"\*\*Time:\*\* (\d+) minutes", first)
    assert minutes, "the first cell lacks '**Time:** N minutes'"
    assert 15 <= int(minutes[1]) <= 25
    assert re.search(r"\*\*Book:\*\* \S", first), "the first cell lacks '**Book:** ...'"


def test_last_section_sums_up_and_the_next_lesson_is_linked(path, notebook, text):
    assert "In this lesson you" in section(text, "What's next")
    first = notebook.cells[0].source
    assert "**Next:**" in first, "the first cell lacks '**Next:** ...'"
    following = LESSONS[LESSONS.index(path) + 1 :][:1]
    for place, words in (("Next:", first.split("**Next:**")[1]), ("What's next", section(text, "What's next"))):
        for lesson in following:
            assert f"({lesson.name})" in words, f'"{place}" has no link to {lesson.name}'


def test_sections_stand_in_order_and_headings_go_down_one_level_at_a_time(text):
    levels = [level for level, words in headings(text)]
    assert [level for level in levels if level == 1] == levels[:1], "expected one heading of level 1, the title"
    steps = zip(headings(text), headings(text)[1:], strict=False)
    assert not [after[1] for before, after in steps if after[0] > before[0] + 1], "these headings are too deep"
    second = [words for level, words in headings(text) if level == 2]
    assert [words for words in second if words in SECTIONS] == SECTIONS
    assert second[:2] == SECTIONS[:2]
    assert second[-1] == SECTIONS[-1]


def test_learning_goals_are_three_deeds_and_needs_are_earlier_lessons(path, text):
    bullets = re.findall(r"^[-*] (.+)$", section(text, "What you'll learn"), re.MULTILINE)
    assert len(bullets) == 3
    for bullet in bullets:
        assert bullet.startswith("You'll "), f'"{bullet}": expected "You\'ll ..."'
        assert " about " not in bullet, f'"{bullet}": say what the reader does, not what it is about'
    needs = section(text, "What you'll need")
    assert needs
    later = [target for _, target in LINK.findall(needs) if target.endswith(".ipynb") and target >= path.name]
    assert not later, "what a lesson builds on comes before it"


def test_questions_have_folded_answers(text):
    questions = section(text, "Check yourself")
    folds = re.findall(r"<details>\s*<summary>[^<]+</summary>[^<]+.*?</details>", questions, re.DOTALL)
    assert 2 <= len(folds) <= 4, "expected 2 to 4 of <details><summary>...</summary>...</details>"
    assert questions.count("<details") == questions.count("</details>") == len(folds)


def test_prediction_comes_before_its_answer(notebook):
    """The cell after a **Predict.** answers it, a fold after that explains it; what goes on after a fold is folded."""
    assert any(map(asks, notebook.cells)), "expected at least one **Predict.**"
    for asking, answer, told in zip(notebook.cells, notebook.cells[1:], notebook.cells[2:], strict=False):
        if asks(asking):
            assert answer.cell_type == "code", f"no code answers this:\n{asking.source}"
            assert is_fold(told), f"{told.id} follows an answer: put what it tells into a cell of its own, {FOLD!r} ..."
    assert not [cell.id for cell in notebook.cells if FOLD in cell.source and not is_fold(cell)], "a fold is a cell"
    assert not [cell.id for cell in notebook.cells if is_fold(cell) and cell.source.count("<details") > 1]


@pytest.mark.parametrize(("part", "cells"), [("outputs", lessons.answers), ("source", lessons.proofs)])
def test_only_answers_are_stored_folded(notebook, part, cells):
    """Outputs after a question or a fold, and the source of what proves a fold."""
    expected = [cell.id for cell in cells(notebook)]
    hidden = [cell.id for cell in notebook.cells if cell.metadata.get("jupyter", {}).get(f"{part}_hidden")]
    assert hidden == expected, "store the lesson again"


def test_lesson_proves_its_claims_and_says_what_it_proves(path, notebook):
    """What a lesson asserts, it says in a printed line; a folded proof shows its first line, which tells no answer."""
    proving = [cell for cell in cells_of(notebook, "code") if lessons.asserts(cell)]
    assert proving or path == LESSONS[0], "expected at least one assert"
    assert not [cell.id for cell in proving if not cell.outputs], "these prove something, and do not say what"
    first = [cell.source.split("\n")[0] for cell in lessons.proofs(notebook)]
    assert not [line for line in first if not re.fullmatch(r"# proof: [^0-9]+", line)], "expected '# proof: of what'"


def test_nothing_open_needs_a_folded_proof(notebook):
    """Who leaves a proof out can run what follows: no name that a later open cell reads was last set in a proof."""
    folded, set_in_a_proof = {cell.id for cell in lessons.proofs(notebook)}, set()
    for cell in cells_of(notebook, "code"):
        parts = list(ast.walk(ast.parse(cell.source)))
        stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        own = stored | {part.arg for part in parts if isinstance(part, ast.arg)}
        needed = set_in_a_proof & {part.id for part in parts if isinstance(part, ast.Name)} - own
        assert cell.id in folded or not needed, f"{sorted(needed)} is set in a proof, and read in\n{cell.source}"
        set_in_a_proof = set_in_a_proof | stored if cell.id in folded else set_in_a_proof - stored


def test_no_number_gives_an_answer_away(notebook):
    """What a folded answer tells in numbers stands nowhere open below it, to the end of the next section.

    A single digit stands for many things: it is looked for up to the next question only.
    """
    before, sections = [], sections_of(notebook)
    for cells, following in zip(sections, [*sections[1:], []], strict=True):
        for i in (i for i, cell in enumerate(cells) if asks(cell)):
            answer, after = cells[i + 1], cells[i + 2 :]
            ends = next(
                (k for k, cell in enumerate(after) if cell.cell_type == "markdown" and not is_fold(cell)), len(after)
            )
            secret = numbers(*map(folded_part, [answer, *after[:ends]])) - numbers(*map(open_part, cells[: i + 2]))
            long = {number for number in secret if len(number) > 1}
            asked = next((k for k, cell in enumerate(after) if asks(cell)), len(after))
            told = numbers(*map(open_part, after[:asked])) & (secret - long)
            told |= numbers(*map(open_part, after + following)) & (long - numbers(*map(open_part, before)))
            assert not told, f"told before the reader asks: {sorted(told)}, the answer of\n{answer.source}"
        before += cells


def test_a_folded_answer_shows_none_of_itself(notebook):
    """Nothing can be read below a folded cell: not the answer's first line, nor a picture's text."""
    shown = {cell.id: lessons.preview(cell) for cell in lessons.answers(notebook)}
    assert not {cell: line for cell, line in shown.items() if line.strip()}, "store the lesson again"


def test_every_cell_has_its_slide_type_set_up_proofs_and_exercises_are_on_none(notebook):
    exercises, cells = lessons.exercises(notebook), notebook.cells
    assert {kind(cell) for cell in exercises} == {"skip"}, "run bpteach store: exercises are on no slide"
    wrong = [cell.id for cell in cells if set(cell.metadata.get("slideshow", {})) != {"slide_type"}]
    assert not wrong, "these lack a slide type: choose one in JupyterLab's property inspector, such as Fragment"
    assert {kind(cell) for cell in cells} <= {"slide", "subslide", "fragment", "-", "notes", "skip"}
    assert kind(cells[0]) == "slide"
    first, *others = cells_of(notebook, "code")
    silent = [cell for cell in others if not cell.outputs and re.match(r"assert|for .*:\n    assert", cell.source)]
    assert {kind(cell) for cell in (first, *silent)} == {"skip"}, "set-up and silent proofs: choose Skip"


def test_headings_and_questions_begin_slides_and_answers_come_a_step_later(notebook):
    for cell, after in zip(notebook.cells, notebook.cells[1:], strict=False):
        heading = cell.cell_type == "markdown" and re.search(r"^##? +(.+)$", cell.source, re.MULTILINE)
        if heading and kind(cell) not in ("notes", "skip"):
            joined = heading[1].startswith("What you") and kind(cell) in ("fragment", "subslide")
            assert kind(cell) == "slide" or joined, f"a heading, choose Slide:\n{cell.source[:80]}"
        if asks(cell):
            assert kind(cell) in ("slide", "subslide"), f"a question, choose Slide or Sub-Slide:\n{cell.source}"
            assert kind(after) in ("fragment", "subslide"), f"an answer, choose Fragment or Sub-Slide:\n{after.source}"


def test_imports_stand_in_the_first_code_cell(path, notebook):
    """But in the first lesson, where the set-up is checked before anything can fail."""
    first, *others = trees(notebook)[path == LESSONS[0] :]
    imports = (ast.Import, ast.ImportFrom)
    assert any(isinstance(node, imports) for node in ast.walk(first)), "the first code cell imports nothing"
    later = [ast.unparse(node) for tree in others for node in ast.walk(tree) if isinstance(node, imports)]
    assert not later


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.relative_to(NOTEBOOKS).as_posix())
def test_code_cells_are_short_and_prose_stands_between_them(path):
    """In every language, and in the solutions, too."""
    notebook = read(path)
    for cell in cells_of(notebook, "code"):
        assert cell.source.strip(), "a code cell is empty"
        lines = len(cell.source.splitlines())
        assert lines <= MOST_LINES, f"{lines} lines:\n{cell.source}"
    pairs = zip(notebook.cells, notebook.cells[1:], strict=False)
    assert not [after.source for before, after in pairs if before.cell_type == after.cell_type == "code"]
    lists = [cell.id for cell in cells_of(notebook, "markdown") if re.match(r"\d+[.)] ", cell.source)]
    assert not lists, "these begin like a list, by accident"


def test_randomness_is_seeded(notebook):
    attributes = [ast.unparse(node) for node in nodes(notebook, ast.Attribute)]
    assert not [name for name in attributes if re.fullmatch(r"(np|numpy)\.random\.(?!default_rng|Generator)\w+", name)]
    calls = [ast.unparse(node) for node in nodes(notebook, ast.Call)]
    assert not [call for call in calls if call.endswith("default_rng()")], "default_rng needs a seed"
    assert not [node for node in nodes(notebook, ast.Import) if any(alias.name == "random" for alias in node.names)]


def test_code_stays_on_this_machine(notebook):
    for cell in cells_of(notebook, "code"):
        assert not re.search(r"^\s*!|^\s*%+(pip|conda|uv|sh|bash|system)\b", cell.source, re.MULTILINE), cell.source
        assert not re.search(r"(https?|ftp)://", cell.source), cell.source


def test_links_lead_somewhere(path, text):
    anchors = {re.sub(r"\s", "-", words) for _, words in headings(text)}
    targets = [target for _, target in LINK.findall(text) + MARKDOWN_IMAGE.findall(text)]
    for target in targets + re.findall(r"(?:href|src)=\"([^\"]+)\"", text):
        file, _, anchor = unquote(target).partition("#")
        if re.match(r"(https|mailto|data):", target):
            continue
        assert not file or (path.parent / file).exists(), f"{target} leads to no file"
        assert file or anchor in anchors, f"{target} leads to no heading"


def test_pictures_say_what_is_to_be_seen(notebook, text):
    alts = [alt for alt, _ in MARKDOWN_IMAGE.findall(text)]
    alts += [alt for words in [text, *output_texts(notebook)] for alt in Alts(words).found]
    sentences = [alt for alt in filter(None, alts) if len(alt) >= 20 and len(alt.split()) >= 4 and alt[-1] in ".!?"]
    assert alts == sentences, "some are no sentences"
    bare = [kind for output in outputs(notebook) for kind in output.get("data", {}) if re.match(r"image/(?!svg)", kind)]
    assert not bare, "pictures without alternative text: show them with bpteach.figures"


def test_lesson_is_stored_executed_and_repeatable(notebook):
    counts = [cell.execution_count for cell in cells_of(notebook, "code")]
    assert counts == list(range(1, len(counts) + 1)), "run bpteach store for this lesson"
    bad = [output for output in outputs(notebook) if output.output_type == "error" or output.get("name") == "stderr"]
    assert not bad
    for words in output_texts(notebook):
        for pattern in (MACHINE_PATH, ADDRESS_IN_MEMORY, MISSING_LIBRARY):
            found = pattern.search(words)
            assert not found, f"{found[0]} in an output: {words[:300]}"


def test_nothing_of_a_session_is_stored_and_each_cell_has_an_id_of_its_own(path, notebook):
    assert set(notebook.metadata) == {"kernelspec", "language_info"}, "run bpteach store for this lesson"
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info == {"name": "python"}
    assert not [output for output in outputs(notebook) if VIEW in output.get("data", {})], "live widgets are stored"
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "jupyter", "slideshow"}, f"{set(cell.metadata)} in a cell's metadata"
    assert path.stat().st_size <= MOST_BYTES
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]  # nbformat would give an id to those that lack one
    assert len({cell["id"] for cell in cells}) == len(cells)


@pytest.mark.parametrize("place", ["README.md", "the first lesson"])
def test_table_lists_the_lessons(place):
    words = prose(read(LESSONS[0])) if place != "README.md" else (ROOT / "README.md").read_text(encoding="utf-8")
    row = r"^\| *\d+ *\| *(?:\[(.+?)\]\((.+?)\)|(.+?)) *\|(?: *(\d+) *\|)?"
    rows = [found.groups("") for found in re.finditer(row, words, re.MULTILINE)]
    assert len(rows) == len(LESSONS), f"give each lesson a row in the table of {place}"
    for path, (linked, target, plain, minutes) in zip(LESSONS, rows, strict=True):
        lesson = read(path)
        assert (linked or plain) == title(lesson).replace("’", "'")
        if linked or place == "README.md":  # the first lesson has no link to itself
            assert target.rsplit("/")[-1] == path.name
        assert not minutes or f"**Time:** {minutes} minutes" in lesson.cells[0].source
