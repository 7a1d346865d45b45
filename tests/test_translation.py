"""The translated lessons and pages: nothing is missing or left over, and what must stand in them stands there."""

import ast
import functools
import re

import pytest

from bpteach.locale import FOLDER, languages
from bpteach.locale.po import entries
from bpteach.publishing import edition
from bpteach.publishing.lessons import LESSONS, cells_of, read
from conftest import UNFINISHED, need

#: what a translation has as its source has it
HELD = {
    "formulas": r"\$\$.+?\$\$|\$[^$\n]+\$",
    "names": r"`[^`\n]+`",
    "links": r"\]\(([^)\s]+)\)",
    "tags": r"</?\w+[^>]*>",
    "braces": r"\{[^{}]*\}",
}
WORDLESS = re.compile("|".join([*HELD.values(), r"\\n", r"https?://[\w./-]+", '"[^"\u4e00-\u9fff]+"']), re.DOTALL)
#: what may not be lost, while a translation may have more of it: "three" may be 3
KEPT = {"numbers": r"\d+(?:[.,]\d+)*", "signs": "[α-ωΑ-Ω∂∇⊙∑‖½¼⁰-⁹¹²³ᵀᴸ′]"}
#: rules of style that a machine can tell, in `zh_CN/glossary.po`: 1, 2 and 3
HAN = "[\u4e00-\u9fff]"
STYLE = {
    "zh_CN": {
        "您 or corner quotes": r"您|「|」",
        "a half-width mark after a Han character": rf"{HAN}[,;:?!.]|{HAN}\((?![a-z]*\))",
        "no space between Han and Latin": rf"{HAN}[A-Za-z0-9α-ω]|[A-Za-z0-9α-ω]{HAN}",
        "a space before a full-width mark": r"(?<!\*\*)(?<![·|]) [，。：；？！、（）“”]",
        "a Latin sentence": r"(?:\b[A-Za-z]{2,}\b[ ,.]+){3,}[a-z]{2,}",
    }
}
#: terms that have one translation, the glossary's, wherever they stand
TERMS = (
    "backpropagation|bias|chain rule|cost function|cross-entropy|epoch|gradient|gradient descent|hidden layer|"
    "learning rate|mini-batch|neural network|neuron|outer product|transpose|weighted input"
)


def catalogues(language):
    """Give the catalogues of a language by name, with their files."""
    return {name: FOLDER / language / f"{name}.po" for name in edition.sources()} | {"": languages()[language]}


CATALOGUES = [
    pytest.param(language, name, text, id=f"{language}/{name}")
    for language in sorted(languages().keys() - {"en"})
    for name, path in catalogues(language).items()
    for text in [path.read_text(encoding="utf-8")]
    if language not in UNFINISHED or not re.search(r'^msgstr(\[0\])? ""\n(?!")', text, re.MULTILINE)
]
CATALOGUE = pytest.mark.parametrize(("language", "name", "text"), CATALOGUES)
LESSON = pytest.mark.parametrize(("language", "name", "text"), [case for case in CATALOGUES if case.values[1]])


def out_of_step(text, found):
    """List the contexts (cells) with messages that a catalogue lacks or has as fuzzy, and those it has left over."""
    from babel.messages.pofile import read_po

    has = {(message.context, message.id) for message in read_po(text.splitlines()) if message.id and not message.fuzzy}
    wanted = {(message.context, message.id) for message in found if message.id}
    return sorted({context for context, _ in wanted - has}), sorted({context for context, _ in has - wanted})


def pairs(text):
    """Give each message with its translation, and how to find it."""
    for entry in entries(text):
        for name, said in entry.items():
            if name.startswith("msgstr") and entry["msgid"]:
                comments = "`# [a-z\u4e00-\u9fff]+`"  # are translated, with or without backticks
                source = entry.get("msgid_plural", entry["msgid"])
                yield entry.get("msgctxt", ""), re.sub(comments, "", source), re.sub(comments, "", said)


@LESSON
def test_catalogue_is_in_step_with_the_english(language, name, text):
    need("babel")
    from bpteach.publishing.translate import words_of

    lacks, left = out_of_step(text, words_of(edition.sources()[name]))
    assert not lacks, f"{language}/{name}.po: run `bpteach translate`, then translate what is empty or fuzzy in {lacks}"
    assert not left, f"{language}/{name}.po has translations of what is gone: run `bpteach translate`: {left}"


def test_a_changed_cell_is_named(tmp_path):
    need("babel")
    from bpteach.publishing.catalogues import updated
    from bpteach.publishing.translate import words_of

    path = LESSONS[2]
    text = updated("", words_of([path]), "de").replace('msgstr ""\n\n', 'msgstr "x"\n\n')
    changed = tmp_path / path.name
    changed.write_text(path.read_text(encoding="utf-8").replace("What is δ?", "And what is δ?"), encoding="utf-8")
    assert out_of_step(text, words_of([path])) == ([], [])
    assert out_of_step(text, words_of([changed])) == (["03-21"], ["03-21"])
    assert out_of_step(updated(text, words_of([changed]), "de"), words_of([changed])) == (["03-21"], [])


@CATALOGUE
def test_translations_hold_what_their_sources_do(language, name, text):
    for cell, source, said in pairs(text):
        for what, pattern in HELD.items() if name else [("braces", HELD["braces"])]:
            differing = set(re.findall(pattern, source, re.DOTALL)) ^ set(re.findall(pattern, said, re.DOTALL))
            assert not differing, f"{language}/{name}.po, {cell}: {what} {differing} in\n{said}"
        for what, pattern in KEPT.items():
            lost = set(re.findall(pattern, plain(source))) - set(re.findall(pattern, plain(said)))
            assert not lost, f"{language}/{name}.po, {cell}: {what} {lost} are lost in\n{said}"
        for mark in ("|", "**"):
            assert source.count(mark) == said.count(mark), f"{language}/{name}.po, {cell}: {mark} in\n{said}"


def plain(text):
    """Leave out of a message what is no prose."""
    return WORDLESS.sub("§", text)


@CATALOGUE
def test_translations_keep_to_the_style_of_their_language(language, name, text):
    for cell, _source, said in pairs(text):
        for rule, pattern in STYLE.get(language, {}).items():
            found = re.search(pattern, plain(said))
            assert not found, f"{language}/{name}.po, {cell}: {rule}: {found[0]!r} in\n{said}"
        _before, *bold = re.sub(r"`[^`]*\*\*[^`]*`", "x", said).split("**")
        for inside, after in zip(bold[::2], bold[1::2], strict=True):
            closes = inside[-1:].isalnum() or not after or after[0] in " |\n"
            assert closes, f"{language}/{name}.po, {cell}: ** does not close after {inside[-1:]}, in\n{said}"


@CATALOGUE
def test_translations_obey_the_glossary(language, name, text):
    glossary = (FOLDER / language / "glossary.po").read_text(encoding="utf-8")
    words = {entry["msgid"]: entry["msgstr"] for entry in entries(glossary)}
    for cell, source, said in pairs(text):
        for term in TERMS.split("|"):
            if re.search(rf"(?<![\w.-]){term}(s|es)?(?![\w-])", plain(source)):
                assert words[term] in said, f"{language}/{name}.po, {cell}: {term} is {words[term]}, in\n{said}"


@LESSON
def test_what_is_written_is_made_of_the_catalogue(language, name, text):
    for path in edition.sources()[name]:
        target = edition.target_of(path, language)
        if language in UNFINISHED and not target.exists():
            continue
        made = edition.made(path, name, language)
        stored = target.read_text(encoding="utf-8") if path.suffix == ".md" else edition.sources_of(read(target))
        same = stored == (made if path.suffix == ".md" else edition.sources_of(made))
        assert same, f"{target} is not what its catalogue says: run `bpteach translate`"


@LESSON
def test_code_is_that_of_the_english_lesson_but_for_words(language, name, text):
    for path in edition.sources()[name]:
        if path.suffix == ".ipynb":
            cells = zip(cells_of(read(path), "code"), cells_of(edition.made(path, name, language), "code"), strict=True)
            for i, (english, other) in enumerate(cells):
                source = edition.SPEAK.format(language=language, source=english.source) if i == 0 else english.source
                assert wordless(source) == wordless(other.source), (
                    f"{language}/{name}.po changes the code of {other.id}"
                )


@LESSON
def test_what_is_printed_is_in_their_language_and_lacks_no_library(language, name, text):
    for path in edition.sources()[name]:
        target = edition.target_of(path, language)
        if path.suffix == ".ipynb" and target.exists():
            code = cells_of(read(target), "code")
            printed = "".join(output.get("text", "") for cell in code for output in cell.outputs)
            lacking = "%pip install" in printed
            assert not lacking, f"{target} ran where a library is missing: install it, delete the file, and translate"
            assert not re.findall("# .*[a-z]{3,} [a-z]{2,}.*", printed), "comments of code: bpteach.locale.listing"


def wordless(source):
    """Give the structure of some code: its words left out, but not what f-strings fill in."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            fields = [part for part in node.values if isinstance(part, ast.FormattedValue)]
            node.values = sorted(fields, key=lambda part: ast.unparse(part.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def headings(notebook):
    """List the headings of a lesson, without the numbers and grades of exercises."""
    lines = re.findall(r"^#+ (.+)$", "\n".join(cell.source for cell in cells_of(notebook, "markdown")), re.MULTILINE)
    return [re.sub(r"^\d+\.\d+ | ?[(（][^(（]+[)）]$", "", line) for line in lines]


@functools.cache
def headings_of_lessons(language):
    """Give each heading of the English lessons with its translation."""
    found = {}
    for path in LESSONS:
        other = edition.translated(path, edition.sayer(path.stem, language))
        found |= dict(zip(headings(read(path)), headings(other), strict=True))
    return found


@LESSON
def test_headings_of_lessons_are_called_as_they_are(language, name, text):
    known = headings_of_lessons(language)
    for context, source, said in pairs(text):
        for mark, heading in re.findall(r"(?<![*\w])([*\[])([^*\[\]]+)[*\]]", source):
            named = mark + known.get(heading, "")
            assert named in said, f"{language}/{name}.po, {context}: {named} stands not in\n{said}"
