"""Tests of `bpteach.locale`: what readers see stops at no terminal, whatever letters it lacks."""

import io
import sys
from types import SimpleNamespace

import pytest

import bpteach.__main__
from bpteach import backprop, check_backprop
from bpteach.locale import printable
from bpteach.readiness import check_setup
from bpteach.training import History
from conftest import need

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
