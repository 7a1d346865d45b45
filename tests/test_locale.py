"""Tests of `bpteach.locale`: what readers see stops at no terminal, whatever letters it lacks."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from bpteach.locale import printable
from conftest import need

SAID = [
    ("✓ Right.", "+ Right."),
    ("✗ δ³ = σ′(z) ⊙ Σ", "x delta^3 = sigma'(z) * Sigma"),
    ("½‖a − y‖² → ∂C/∂wᵀ × 10⁻¹", "1/2||a - y||^2 -> dC/dw^T x 10^-^1"),
    ("é, µs, 中, \ud800 and \U0001f600", "e, us, ?, ? and ?"),
]


@pytest.mark.parametrize(("text", "shown"), SAID)
def test_letters_that_a_terminal_lacks_are_replaced(text, shown, monkeypatch, tmp_path):
    with open(tmp_path / "terminal", "w", encoding="ascii") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        assert printable(text) == shown
    monkeypatch.undo()
    assert printable(text[:3]) == text[:3]


PRINTED = """
from bpteach import backprop, check_backprop
from bpteach.readiness import check_setup
from bpteach.training import History
answer = check_backprop(lambda net, x, y: [0.0, 0.0])
print(History([0.5], [1.0]), check_setup(), answer, answer.message, *answer.hints, [check_setup(), answer])
"""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "gbk"])
@pytest.mark.parametrize(
    "words", [["-c", PRINTED], *(["-m", "bpteach", *rest] for rest in (["setup"], ["--help"], ["nothing"]))], ids=str
)
def test_nothing_stops_at_a_terminal_that_lacks_letters(words, encoding):
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, check=False, env=os.environ | {"PYTHONIOENCODING": encoding}
    )
    assert b"Traceback" not in done.stderr, done.stderr
    assert (done.stdout + done.stderr).decode(encoding)


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
