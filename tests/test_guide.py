"""The teaching guide: its plans add up, and what it names is there."""

import re
from urllib.parse import unquote

import pytest

from bpteach.diagnosis import CATALOGUE
from bpteach.publishing.lessons import LESSONS, NOTEBOOKS, asks, cells_of, read, title

GUIDE = NOTEBOOKS / "teaching" / "guide.md"
TEXT = GUIDE.read_text(encoding="utf-8")
TOTAL = re.compile(r"\*\* (\d+) minutes")


def headings(path):
    text = "\n\n".join(cell.source for cell in cells_of(read(path), "markdown")).replace("’", "'")
    return re.findall(r"^##+ +(?:\d+\.\d+ )?(.+?)(?: \((?:easy|medium|stretch)\))?$", text, re.MULTILINE)


def exercises(path):
    found = headings(path)
    return found[found.index("Exercises") + 1 : found.index("What's next")]


def anchors(text):
    words = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line) for line in re.findall(r"^#+ +(.+)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in words}


def plans(text):
    """List each table of minutes, as rows of cells, with the total that is stated last before it."""
    for table in re.finditer(r"^\| minutes \|.*\n\|[-|]+\|\n((?:\|.*\n?)+)", text, re.MULTILINE):
        stated = TOTAL.findall(text[: table.start()])
        assert stated, "a plan states no total"
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].strip().splitlines()]
        yield int(stated[-1]), rows


def section(path):
    number, words = int(path.name[:2]), title(read(path))
    found = re.search(
        rf"^### {number}\. \[{re.escape(words)}\]\(\.\./{re.escape(path.name)}\)\n(.*?)(?=^### |\Z)",
        TEXT,
        re.DOTALL | re.MULTILINE,
    )
    assert found, f'there is no section "### {number}. [{words}](../{path.name})"'
    return found[1]


def test_every_plan_adds_up():
    found = list(plans(TEXT))
    assert len(found) == 4 + len(LESSONS), "give each lesson a section with a plan of 45 minutes, and no other plan"
    assert [total for total, _ in found] == 4 * [90] + len(LESSONS) * [45]
    for total, rows in found:
        spans = [[int(minute) for minute in row[0].split("–")] for row in rows]
        assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])], spans
        assert spans[-1][1] == total, spans
        assert all(start < end for start, end in spans)
        assert all(len(row) == 3 for row in rows)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_has_its_section(path):
    text = section(path)
    for part in ("**Plan:**", "- **Project** ", "- **Ask:** ", "- **Expect:** ", "- **Shorter:** "):
        assert text.count(part) == 1, part
    names = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text))
    assert len(names & set(CATALOGUE)) >= 1
    if path != LESSONS[0]:
        assert len(names & set(CATALOGUE)) >= 2


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_plan_names_what_is_in_the_lesson(path):
    ((_, rows),) = plans(section(path))
    for _, where, _ in rows:
        title = where.removeprefix("Exercise: ")
        assert title in (headings(path) if title == where else exercises(path)), where


def test_exercises_and_mistakes_that_it_mentions_are_there():
    names = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", TEXT))
    assert len(names) > 20
    assert not names - set(CATALOGUE)
    numbers = re.findall(r"xercises? \d.*|(?<![\d.])[1-9]\.[1-9](?![\d.]*\d).*", TEXT)
    assert not numbers, "an exercise's number changes when another is put before it: write *Its title*"
    named = re.findall(r"xercises? (\*[^*]+\*(?: and \*[^*]+\*)?)", " ".join(TEXT.split()))
    assert named
    assert not {words for text in named for words in re.findall(r"\*([^*]+)\*", text)} - TITLES


def not_in(lesson, text):
    """List what a text has in italics and is neither a section of that lesson nor an exercise."""
    there = TITLES.union(headings(lesson))
    return [words for words in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text) if words not in there]


TITLES = {title for path in LESSONS for title in exercises(path)}


def test_what_is_in_italics_is_a_section_of_that_lesson():
    """In each row of the plans, and in the hints for shorter classes."""
    for total, rows in plans(TEXT):
        for _, number, what in rows if total == 90 else []:
            missing = not_in(LESSONS[int(number) - 1], what)
            assert not missing, f"lesson {number}: {missing}"
    for path in LESSONS:
        ((_, rows),) = plans(section(path))
        missing = not_in(path, section(path).split("- **Shorter:**")[1] + "".join(row[2] for row in rows))
        assert not missing, f"{path.name}: {missing}"


def test_number_of_questions():
    assert "asks six to eleven questions" in " ".join(TEXT.split())
    counts = [sum(map(asks, read(path).cells)) for path in LESSONS]
    assert (min(counts), max(counts)) == (6, 11), "say in the guide how many questions a lesson asks"


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)\s]+)\)", TEXT)
    assert links
    for target in links:
        file, _, anchor = unquote(target).partition("#")
        path = (GUIDE.parent / file).resolve() if file else GUIDE
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), target


def test_commands_name_what_is_there():
    root = NOTEBOOKS.parent
    commands = "\n".join(re.findall(r"^```sh\n(.+?)\n```", TEXT, re.DOTALL | re.MULTILINE))
    assert "bpteach slides" in commands
    for name in re.findall(r"(?<=\s)(?:tests|notebooks)/\S+", commands):
        assert (root / name).exists(), name
    builder = (root / "bpteach" / "publishing" / "slides.py").read_text(encoding="utf-8")
    assert '"--stored"' in builder
    tally = (root / "bpteach" / "classroom" / "tally.py").read_text(encoding="utf-8")
    assert all(f'"{option}"' in tally for option in ("--picture", "--names", "--seconds", "--jobs"))
