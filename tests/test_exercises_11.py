"""The exercises of lesson 11: right answers of any style pass, blanks are unfinished, slips are told, without Dask."""

import linecache

import numpy as np
import pytest

from bpteach.exercises import check, lesson_11
from bpteach.spread import Machines, break_even, count_operations, count_parameters
from lessons import NOTEBOOKS, read

WORDS = lesson_11.WORDS
TAGS = ["11.1", "11.2", "11.3"]
NAME = "11-use-more-than-one-machine.ipynb"


def say(told):
    """Give the whole answer, for the message of a failing test."""
    return f"{told}\n{told.hints}"


def assert_told(tag, answer, word):
    """The answer is wrong, and the sentence under `word` is what is said to it."""
    told = check(tag, answer)
    assert told.state == "wrong", say(told)
    assert told.message == WORDS[word], say(told)
    assert len(told.hints) == 3


def function_in(tag, folder=NOTEBOOKS):
    """Run the cell of this exercise, as it stands in the lesson or in the solution; give its function."""
    (cell,) = [cell for cell in read(folder / NAME).cells if f"exercise-{tag}" in cell.metadata.get("tags", [])]
    names, file = {}, f"<{folder.name} {tag}>"
    linecache.cache[file] = len(cell.source), None, cell.source.splitlines(keepends=True), file
    exec(compile(cell.source, file, "exec"), names)
    return next(value for name, value in names.items() if callable(value))


@pytest.mark.parametrize("tag", TAGS)
def test_blank_is_unfinished_and_solution_is_right(tag):
    """What the lesson has, `...` itself, and what the solution has."""
    for answer in (..., function_in(tag)):
        assert check(tag, answer).state == "unfinished"
    told = check(tag, function_in(tag, NOTEBOOKS / "solutions"))
    assert told.ok, say(told)


@pytest.mark.parametrize("tag", TAGS)
def test_strange_answers_get_an_answer(tag):
    """What is no answer at all is refused in words, and nothing is raised but the TypeError of a missing function."""
    for answer in (None, "?", 3.5, [1, None], np.zeros(3), lambda: 1, lambda *_: [min("?")], lambda *_: [0.5], dict):
        try:
            told = check(tag, answer)
        except TypeError as error:
            assert "expected a function" in str(error)  # noqa: PT017 - both answers are fine, and one must come
        else:
            assert told.state in ("wrong", "stopped"), say(told)
            assert told.message


# --- 11.1 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda means, counts: np.average(means, axis=0, weights=counts),
        lambda means, counts: np.tensordot(counts, means, 1) / np.sum(counts),
    ],
)
def test_mean_in_other_styles(function):
    assert check("11.1", function).ok


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda means, counts: np.mean(means, axis=0), "mean of means"),
        (lambda means, counts: np.sum(means, axis=0), "sum of means"),
        (lambda means, counts: sum(n * a for a, n in zip(means, counts, strict=True)), "sum of sums"),
        (
            lambda means, counts: sum(n * a for a, n in zip(means, counts, strict=True)) / len(counts),
            "divided by parts",
        ),
        (lambda means, counts: sum(a / n for a, n in zip(means, counts, strict=True)), "divided twice"),
    ],
)
def test_slips_of_the_mean(function, word):
    assert_told("11.1", function, word)


# --- 11.2 ---------------------------------------------------------------------------------------------------------


def test_break_even_as_it_simplifies():
    """The formula of the solution's last line, and the package's own function, without its least number of columns."""
    closed = lambda F, n, p, s, b, l: 2 * (n / b + p * l) * s / F  # noqa: E731
    assert check("11.2", closed).ok
    sizes, machines = [784, 30, 10], Machines()
    mine = closed(count_operations(sizes), 8 * count_parameters(sizes), 5, machines.speed, 1.25e9, 5e-5)
    assert mine == pytest.approx(break_even(sizes, 5, machines))


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda F, n, p, s, b, l: 2 * (p - 1) * (n / p / b + l) * s / F, "all saved"),
        (lambda F, n, p, s, b, l: 2 * n / b * s / F, "no latency"),
        (lambda F, n, p, s, b, l: 2 * p * l * s / F, "no bandwidth"),
        (lambda F, n, p, s, b, l: (n / b + p * l) * s / F, "one round"),
        (lambda F, n, p, s, b, l: 2 * (p * n / b + p * l) * s / F, "whole gradient"),
        (lambda F, n, p, s, b, l: (2 * (p - 1) / p * n / b + l) * s / F / (1 - 1 / p), "one latency"),
        (lambda F, n, p, s, b, l: 2 * (n / b + p * l) * s / F / p, "columns of a worker"),
        (lambda F, n, p, s, b, l: F / s / (2 * (n / b + p * l)), "even upside down"),
        (lambda F, n, p, s, b, l: 2 * (p - 1) * (n / p / b + l), "even seconds"),
    ],
)
def test_slips_of_the_break_even(function, word):
    assert_told("11.2", function, word)


# --- 11.3 ---------------------------------------------------------------------------------------------------------


def ring(pieces, send, *, add_again=False, steps=0, order=lambda p: range(p), index=0):
    """Pass the pieces round, or make a slip of it."""
    p = len(pieces)
    mine = [list(row) for row in pieces]
    for s in range(p - 1 - steps):
        for k in order(p):
            i, n = (k - s) % p, (k + 1) % p
            mine[n][i] = mine[n][i] + send(k, mine[k][i])
    for s in range(p - 1):
        for k in order(p):
            i, n = (k + 1 - s + index) % p, (k + 1) % p
            mine[n][i] = send(k, mine[k][i]) + add_again * mine[n][i]
    return mine


def ring_in_place(pieces, send):
    """Each worker's pieces as the rows of one matrix of its own."""
    p, mine = len(pieces), [np.array(row) for row in pieces]
    for s in range(2 * p - 2):
        arrived = [send(k, mine[k][(k - s) % p]) for k in range(p)]
        for k in range(p):
            piece = mine[(k + 1) % p][(k - s) % p]
            piece[:] = arrived[k] + (piece if s < p - 1 else 0)
    return np.array(mine)


@pytest.mark.parametrize("answer", [ring, ring_in_place, lambda *a: ring(*a, order=lambda p: reversed(range(p)))])
def test_ring_in_other_styles(answer):
    """One worker after the other, backwards, in place: the sums and the bytes are all that counts."""
    told = check("11.3", answer)
    assert told.ok, say(told)
    assert "each sent 48 bytes" in told.message


def shortcut(pieces, send):
    """Look into the neighbours' memory."""
    return [[sum(column) for column in zip(*pieces, strict=True)] for _ in pieces]


def whole_gradients(pieces, send):
    """Hand every piece all the way round: right, and too many bytes."""
    p, mine = len(pieces), [list(row) for row in pieces]
    passing = [list(row) for row in pieces]
    for _ in range(p - 1):
        passing = [[send(k, piece) for piece in passing[k]] for k in range(p)]
        passing = passing[-1:] + passing[:-1]
        mine = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(mine, passing, strict=True)]
    return mine


def mixed(pieces, send):
    """Add what belongs to another piece."""
    mine = [list(row) for row in pieces]
    mine[0][0] = mine[0][0] + send(1, mine[1][1])
    return mine


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *a: ring(*a, add_again=True), "piece 0 of worker 0 ends as a sum that holds worker 0's"),
        (
            lambda *a: ring(*a, steps=1),
            "With 2 workers, piece 0 of worker 0 ends as a sum that holds worker 0's not at all and worker 1's once",
        ),
        (lambda pieces, send: pieces, "worker 0's once and worker 1's not at all: expected each once."),
        (mixed, "something other than a sum of pieces 0"),
        (shortcut, "worker 0 sent only 0 bytes of the 48"),
        (whole_gradients, "worker 0 sent 96 bytes, where a ring needs 64"),
        (lambda pieces, send: [row[:-1] for row in pieces], "is wrong"),
        (lambda pieces, send: None, "returned None"),
    ],
)
def test_slips_of_the_ring(answer, words):
    """Wrong sums are told by what is in them, right ones by what was sent."""
    told = check("11.3", answer)
    assert told.state == "wrong", say(told)
    assert words in told.message, say(told)
    assert len(told.hints) == 3


def test_bad_calls_of_send_stop_in_words():
    """A list for a piece, and a worker who is not there."""
    for answer in (lambda pieces, send: send(0, pieces[0]), lambda pieces, send: send(9, pieces[0][0])):
        told = check("11.3", answer)
        assert told.state == "stopped"
        assert "send(k, piece) got" in told.message, say(told)
