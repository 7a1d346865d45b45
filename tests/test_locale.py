"""Tests of `bpteach.locale`: what readers see is in their language, and stops at no terminal for want of a letter."""

import contextlib
import io
import json
import re
import sys
import warnings
from gettext import NullTranslations
from types import SimpleNamespace

import numpy as np
import pytest

import bpteach.__main__
from bpteach import Network, backprop, check_backprop, check_backprop_matrix, locale
from bpteach.classroom.supervisor import own_sentences
from bpteach.diagnosis import CATALOGUE, faulty, probes
from bpteach.locale import printable
from bpteach.locale.po import entries, read_catalogue
from bpteach.readiness import check_setup
from bpteach.training import History
from conftest import UNFINISHED, ended, need
from strategies import run_code

ENCODINGS = pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "gbk"])
SAID = [
    ("✓ Right.", "+ Right."),
    ("✗ δ³ = σ′(z) ⊙ Σ", "x delta^3 = sigma'(z) * Sigma"),
    ("½‖a − y‖² → ∂C/∂wᵀ × 10⁻¹", "1/2||a - y||^2 -> dC/dw^T x 10^-^1"),
    ("é, µs, 中, \ud800 and \U0001f600", "e, us, ?, ? and ?"),
]


@pytest.fixture
def terminal(monkeypatch):
    """Put a terminal of some encoding in the place of this one; give what it shows."""

    def open_terminal(encoding):
        screen = io.BytesIO()
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, io.TextIOWrapper(screen, encoding, write_through=True))
        return lambda: screen.getvalue().decode(encoding)

    return open_terminal


@pytest.mark.parametrize(("text", "shown"), SAID)
def test_letters_that_a_terminal_lacks_are_replaced(text, shown, terminal):
    assert printable(text[:3]) == text[:3]
    terminal("ascii")
    assert printable(text) == shown


@pytest.fixture(scope="module")
def answers():
    diagnosis = check_backprop(lambda net, x, y: [0.0, 0.0])
    answers = [check_backprop(backprop), diagnosis, diagnosis.message, *diagnosis.hints, check_setup()]
    return [History([0.5], [1.0]), *answers, answers]


@ENCODINGS
def test_answers_can_be_printed_where_letters_are_lacking(answers, encoding, terminal):
    shown = terminal(encoding)
    print(*answers)
    assert "Right" in shown()


@ENCODINGS
@pytest.mark.parametrize("words", [[], ["--help"], ["setup"], ["nothing"]], ids=str)
def test_no_command_stops_where_letters_are_lacking(words, encoding, terminal):
    shown = terminal(encoding)
    bpteach.__main__.main(words)
    assert shown()


@pytest.mark.slow
def test_what_a_widget_shows_can_be_printed(monkeypatch):
    need("anywidget", "nbformat")
    from widgets_on_show import EXAMPLES, make

    for name in EXAMPLES:
        text = make(name).text
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", SimpleNamespace(encoding="ascii"))
            said = str(text)
        assert said.isascii(), name
        assert str(text) == text


PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: bpteach/a.py
#, python-brace-format
msgid "{n} \\"cell\\"\\n"
msgid_plural "{n} \\"cells\\"\\n"
msgstr[0] "{n} \\"Zelle\\"\\n"
msgstr[1] ""
"{n} "
"\\"Zellen\\"\\n"

msgctxt "side"
msgid "right"
msgstr "rechts"

#, fuzzy
msgid "Right."
msgstr "Links."

msgid "not yet"
msgstr ""
"""
ONE, MANY = '{n} "cell"\n', '{n} "cells"\n'


@pytest.fixture
def said(monkeypatch):
    """Give `speak`, and be back in English at the end."""
    monkeypatch.setenv("BPTEACH_LANGUAGE", "en")
    yield locale.speak
    locale.speak("en")


def test_a_catalogue_is_read_as_translators_write_it():
    read = read_catalogue(PO)
    assert [read.ngettext(ONE, MANY, n) for n in (1, 2)] == ['{n} "Zelle"\n', '{n} "Zellen"\n']
    assert [read.gettext(text) for text in ("Right.", "not yet", "right")] == ["Right.", "not yet", "right"]
    assert read.pgettext("side", "right") == "rechts"


def test_an_unknown_language_is_refused(said):
    with pytest.raises(ValueError, match="no language 'xx'.*: expected one of " + ", ".join(locale.languages())):
        said("xx")
    asked = "import os; os.environ['BPTEACH_LANGUAGE'] = 'xx'; import bpteach"
    assert "no language 'xx'" in ended(sys.executable, "-c", asked).stderr.splitlines()[-1]


LANGUAGES = [name for name, path in locale.languages().items() if path]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_the_sentences_of_the_sources(language):
    need("babel", "nbformat")
    from bpteach.publishing.catalogues import sentences, updated

    text = locale.languages()[language].read_text(encoding="utf-8")
    assert ", fuzzy" not in text, "translate what is marked fuzzy, and take the mark away"
    assert language in UNFINISHED or not re.search(r'^msgstr(\[0\])? ""\n(?!")', text, re.MULTILINE), "translate it all"
    assert updated(text, sentences(), language) == text, "run `bpteach translate`, and commit it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_usage_names_the_command(language, said, capsys):
    need("nbconvert")
    said(language)
    with contextlib.suppress(SystemExit):
        bpteach.__main__.main(["site", "--help"])
    assert "bpteach site" in capsys.readouterr().out


#: what a translation takes over from the sentence: what is in braces or backticks, formulas, numbers
KEPT = re.compile(r"\{[^}]*\}|%\(?\w+\)?\w?|`[^`]*`|\$[^$]+\$|[\d.,]*\d")


def kept(*forms):
    return set(KEPT.findall(" ".join(forms)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_in_what_the_sentences_do(language):
    text = locale.languages()[language].read_text(encoding="utf-8")
    for entry in entries(text):
        source = [entry[name] for name in ("msgid", "msgid_plural") if name in entry]
        said = [value for name, value in entry.items() if name.startswith("msgstr")]
        added = {each for each in kept(*said) - kept(*source) if not each[0].isdigit()}  # "twice" may become "2 次"
        assert not source[0] or (kept(source[-1]) <= kept(said[-1]) and not added), entry
        assert not source[0] or len({form.count("\n") for form in (source[-1], *said)}) == 1, entry


@pytest.mark.parametrize("language", [name for name in LANGUAGES if (locale.FOLDER / name / "font.otf").exists()])
def test_pictures_have_the_letters_of_the_language(language):
    if '\nmsgstr ""\n\n' in locale.languages()[language].read_text(encoding="utf-8"):
        pytest.skip("the translation is in progress")
    need("babel", "fontTools", "nbformat")
    from fontTools.ttLib import TTFont

    from bpteach.publishing.catalogues import letters

    there = TTFont(locale.FOLDER / language / "font.otf").getBestCmap()
    lacking = "".join(letter for letter in letters(language) if letter >= "\u2e80" and ord(letter) not in there)
    how = "bpteach translate --font /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
    assert not lacking, f"{lacking}: run {how} (of Debian's fonts-noto-cjk), and commit what it makes"


def test_pictures_show_han_letters_beside_formulas(said, caplog):
    need("matplotlib")
    said("zh_CN")
    from bpteach.figures import show_curves
    from bpteach.performance.rooflines import show_roofline

    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Glyph")  # Matplotlib warns of a letter that no font has
        show_curves([1, 2], {"权重 $w^2$": [1, 2], "偏置 δ ≤ ½": [2, 1]}, "权重和偏置", xlabel="误差 −3")
        show_roofline({"权重": [("m = 10", 1.0, 1e9)]}, "权重", peak=1e10, speed=1e9)
    assert "glyph" not in caplog.text  # in a formula it only logs it


class Bracketed(NullTranslations):
    """A language that says each sentence in brackets: what stands outside them cannot be translated."""

    def gettext(self, sentence):
        return f"【{sentence}】"

    def pgettext(self, context, sentence):
        return f"【{sentence}】"

    def ngettext(self, one, many, count):
        return f"【{one if count == 1 else many}】"


def of_checks():
    for name in (name for name, entry in CATALOGUE.items() if not entry.is_of_the_step):
        diagnosis = check_backprop_matrix(faulty(name))
        yield from (diagnosis.message, *diagnosis.hints[:2], str(diagnosis).partition("\n")[0])


def of_commands():
    for name in bpteach.__main__.COMMANDS:
        with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.suppress(SystemExit):
            bpteach.__main__.main([name, "--help"])
        said = shown.getvalue().replace("\n", " ")
        yield " ".join(re.findall(r"\w+ \w+ \w+|[【】]", said))  # options are single words


def of_pictures():
    from bpteach.figures import Text, show_confusion, show_curves, show_pass, show_signed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bpteach.figures.picture", lambda figure, alt: figure)
        net = Network.random([1, 2, 1], np.random.default_rng(1))
        figures = [show_confusion(np.eye(10, dtype=int), ""), show_pass(net, np.ones((1, 1)), np.ones((1, 1)), "")]
        figures += [show_signed(np.eye(2), ""), show_curves([1], {}, "")]
    yield from (text.get_text() for figure in figures for text in figure.findobj(Text))


def of_widgets():
    from widgets_on_show import EXAMPLES, make

    for name in EXAMPLES:
        widget = make(name)
        yield widget._still()[0]
        words = {key: value for key, value in widget.words.items() if key not in ("lang", "choices")}
        yield from re.findall(r'"((?:[^"\\]|\\.)*)"(?!:)', json.dumps(words, ensure_ascii=False))


@pytest.mark.slow
@pytest.mark.parametrize("said_by", [of_checks, of_commands, of_pictures, of_widgets])
def test_nothing_is_said_that_cannot_be_translated(said_by, monkeypatch):
    need("anywidget", "matplotlib", "nbformat")
    monkeypatch.setattr(locale, "_catalogue", Bracketed())
    probes._drawn.cache_clear()
    for text in said_by():
        inside, outside = "", text
        while inside != outside:
            inside, outside = outside, re.sub("【[^【】]*】", "", outside)
        formulas = re.sub(r"\$[^$]*\$|`[^`]*`", "", outside)
        assert not re.search("[A-Za-z]{3}", formulas), text
    probes._drawn.cache_clear()


def test_a_language_is_spoken_at_once_everywhere(said):
    diagnosis, here = (
        check_backprop_matrix(faulty("factor-two")),
        "import bpteach.locale; print(bpteach.locale._('layer'))",
    )
    said("zh_CN")
    other = check_backprop_matrix(faulty("factor-two"))
    assert other.mistake == diagnosis.mistake
    assert not re.search("[\u2e80-\uffef]", diagnosis.message)
    assert re.search("[\u2e80-\uffef]", other.message)
    assert run_code(here).strip() == locale._("layer") != "layer"
    said("en")
    assert check_backprop_matrix(faulty("factor-two")).message == diagnosis.message
    assert own_sentences()[other.message] == diagnosis.message  # a tally counts notebooks in every language


def test_a_refusal_within_a_sentence_ends_with_it(said):
    said("zh_CN")
    message = check_backprop_matrix(lambda net, X, Y: backprop(net, X, Y)).message  # it refuses so many columns
    assert "backprop_matrix，在" in message


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a mini-batch of ten", ["a mini-", "batch of", "ten"]),
        ("误差为 3e-05，比它大得多。", ["误差为", "3e-05，比", "它大得多。"]),
    ],
)
def test_lines_are_cut_by_their_width(text, lines):
    need("anywidget")
    from bpteach.widgets.marks import wrapped

    assert wrapped(text, 10 if "为" in text else 8) == lines


def test_tables_stand_in_columns_though_han_letters_are_wide():
    assert locale.aligned(("layer", 2, "b"), 8, -3, 0) == "layer     2b"
    assert locale.aligned(("层", 2, "误差"), 8, -3, 0) == "层        2误差"
