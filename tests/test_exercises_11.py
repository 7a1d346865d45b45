"""The exercises of lesson 11: right answers of any style pass, blanks are unfinished, slips are told, without Dask."""

import linecache
import math

import numpy as np
import pytest

from bpteach.exercises import check, lesson_11
from bpteach.performance.scaling import break_even
from bpteach.publishing.lessons import NOTEBOOKS, read

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
        lambda means, counts: sum(n / sum(counts) * a for a, n in zip(means, counts, strict=True)),
    ],
)
def test_mean_in_other_styles(function):
    """And the answer to the guess that the exercise asks for comes with it."""
    told = check("11.1", function)
    assert told.ok, say(told)
    assert "1/6, and the single one 1/2" in told.message


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
        (
            lambda means, counts: sum(a / n for a, n in zip(means, counts, strict=True)) / sum(1 / n for n in counts),
            "divided twice",
        ),
        (lambda means, counts: sum(means) / sum(counts), "means over columns"),
        (
            lambda means, counts: sum(n * a for a, n in zip(means, counts, strict=True)) / (sum(counts) - 1),
            "one column less",
        ),
    ],
)
def test_slips_of_the_mean(function, word):
    assert_told("11.1", function, word)


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (lambda means, counts: sum(n * a for a, n in zip(means, counts, strict=True)) / max(counts), "2.66667"),
        (lambda means, counts: sum(n * a for a, n in zip(counts, means, strict=True)) / sum(means), "1.33333"),
    ],
)
def test_other_wrong_means_are_shown_a_small_case(function, found):
    """Two numbers say more than how many of six are wrong."""
    told = check("11.1", function)
    expected = f"3 columns of mean 1 and 1 column of mean 5 have the mean 2; yours gives {found}."
    assert [told.state, told.message] == ["wrong", expected]


def test_wrong_shapes_of_the_mean_keep_their_sentence():
    """The small case is shown only where it goes wrong."""
    turned = check("11.1", lambda means, counts: np.array(means).T @ np.array(counts) / sum(counts))
    assert "shape" in turned.message
    number = check("11.1", lambda means, counts: np.mean(means[0]))
    assert "expected an array of shape (2, 3)" in number.message


# --- 11.2 ---------------------------------------------------------------------------------------------------------


def closed(F, n, p, s, b, l):
    """Give the formula of the solution's last line."""
    return 2 * (n / b + p * l) * s / F


def bisected(F, n, p, s, b, l):
    """Search for the m at which the times are equal."""
    low, high = 0.0, 1e9
    for _ in range(200):
        m = (low + high) / 2
        is_low = m * F / s < m * F / s / p + 2 * (p - 1) * (n / p / b + l)
        low, high = (m, high) if is_low else (low, m)
    return m


@pytest.mark.parametrize("function", [closed, bisected, lambda *a: np.array(closed(*a))])
def test_break_even_in_other_styles(function):
    told = check("11.2", function)
    assert told.ok, say(told)


def test_break_even_is_that_of_the_package():
    """Without its least number of columns."""
    cluster = 95_880, 190_880, 5, 20e9, 1.25e9, 5e-5
    assert closed(*cluster) == pytest.approx(break_even(*cluster))


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
        (lambda *a: math.ceil(closed(*a)), "rounded"),
        (lambda *a: int(closed(*a)), "rounded"),
        (lambda *a: round(closed(*a)), "rounded"),
        (lambda F, n, p, s, b, l: max(p, closed(F, n, p, s, b, l)), "a column each"),
        (lambda F, n, p, s, b, l: 2 * (p - 1) * (n / (p - 1) / b + l) * s / F / (1 - 1 / p), "two gradients"),
        (lambda F, n, p, s, b, l: (2 * n / b + 2 * (p - 1) * l) * s / F / (1 - 1 / p), "two gradients"),
        (lambda F, n, p, s, b, l: 2 * (n / b + (p - 1) * l) * s / F, "half divided"),
        (lambda F, n, p, s, b, l: 2 * p * (n / p / b + l) * s / F / (1 - 1 / p), "p steps"),
        (lambda F, n, p, s, b, l: closed(F, 8 * n, p, s, b, l), "bits"),
        (lambda F, n, p, s, b, l: closed(F, n, p, s, 8 * b, l), "bits"),
        (lambda F, n, p, s, b, l: (p - 1) * (n / b + l) * s / F / (1 - 1 / p), "star"),
        (lambda F, n, p, s, b, l: 2 * (p - 1) * (n / p / b + l) * s / F / (1 / p - 1), "wrong sign"),
        (lambda F, n, p, s, b, l: 2 * (p - 1) * (n / p / b + l) * s / F / (1 + 1 / p), "wrong side"),
        (lambda F, n, p, s, b, l: 2 * (n / b + p * l) / F, "no speed"),
        (lambda F, n, p, s, b, l: 2 * (n / b + p * l) * F / s, "speed upside down"),
    ],
)
def test_slips_of_the_break_even(function, word):
    assert_told("11.2", function, word)


def test_other_wrong_sizes_are_put_in():
    """The two times that are not equal are told, and not the size at which they are."""
    told = check("11.2", lambda *a: closed(*a) - 1)
    assert told.state == "wrong"
    assert told.message.startswith("With operations = 42, nbytes = 104, workers = 4,"), say(told)
    assert "your m is 5. One worker then takes 5 s, and 4 workers 1.25 + 4.5 s, to compute" in told.message
    for answer in (
        lambda *a: str(closed(*a)),
        lambda *a: [6.0],
        lambda *a: float("nan"),
        lambda *a: -3.0,
        lambda *a: 6j,
    ):
        told = check("11.2", answer)
        assert told.state == "wrong"
        assert "One worker then" not in told.message, say(told)


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


def ring_of_writes(pieces, send):
    """Each worker writes into its own arrays, where they stand; tuples come back."""
    p = len(pieces)
    for s in range(2 * p - 2):
        for k in range(p):
            i, n = (k + 1 - s) % p, (k + 1) % p
            if s < p - 1:
                pieces[n][i] += send(k, pieces[k][i])
            else:
                pieces[n][i][:] = send(k, pieces[k][i])
    return tuple(map(tuple, pieces))


def ring_piece_by_piece(pieces, send):
    """One piece goes all the way round, then the next."""
    p, mine = len(pieces), [list(row) for row in pieces]
    for i in range(p):
        total = mine[i][i]
        for s in range(2 * p - 2):
            n = (i + s + 1) % p
            total = send((i + s) % p, total) + (mine[n][i] if s < p - 1 else 0)
            mine[n][i] = total
    return mine


def ring_of_workers(pieces, send):
    """Objects that hold their own pieces, and an inbox."""

    class Worker:
        def __init__(self, k, row):
            self.k, self.row = k, [piece.copy() for piece in row]

        def step(self, i):
            return send(self.k, self.row[i])

    p = len(pieces)
    workers = [Worker(k, row) for k, row in enumerate(pieces)]
    for s in range(2 * p - 2):
        inbox = np.roll([worker.step((worker.k - s) % p) for worker in workers], 1, axis=0)
        for worker, arrived in zip(workers, inbox, strict=True):
            i = (worker.k - 1 - s) % p
            worker.row[i] = arrived + worker.row[i] * (s < p - 1)
    return np.array([worker.row for worker in workers])


def ring_that_is_sure(pieces, send):
    """It looks whether the sums are right: where they cannot be, that is no fault."""
    mine = ring(pieces, send)
    assert np.allclose(mine, np.sum(pieces, axis=0))
    return mine


@pytest.mark.parametrize(
    "answer",
    [
        ring,
        ring_in_place,
        ring_of_writes,
        ring_piece_by_piece,
        ring_of_workers,
        ring_that_is_sure,
        lambda *a: ring(*a, order=lambda p: reversed(range(p))),
        lambda *a: [np.array(row) for row in ring(*a)],
    ],
)
def test_ring_in_other_styles(answer):
    """One worker after the other, backwards, in place, piece by piece: sums, bytes and the rule are what counts."""
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


def one_step_too_many(pieces, send):
    """Hand the last piece on once more."""
    mine = ring(pieces, send)
    for k, row in enumerate(mine):
        send(k, row[0])
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
        (shortcut, "with 2 workers, worker 0 sent only 0 of the 2 pieces"),
        (whole_gradients, "with 3 workers, worker 0 sent 6 pieces, where 4 are enough"),
        (one_step_too_many, "with 2 workers, worker 0 sent 3 pieces, where 2 are enough"),
        (lambda pieces, send: ring(pieces, send)[0], "a list of 2 arrays, the pieces of a single worker"),
        (lambda pieces, send: ring(pieces, send)[1:], "you return a list of 1: expected a list of 2 lists"),
        (lambda pieces, send: "sums", "you return 'sums' (str): expected a list of 2 lists"),
        (
            lambda pieces, send: [row[:-1] for row in pieces],
            "what you return for worker 0 is a list of 1: expected a list of its 2 pieces",
        ),
        (
            lambda pieces, send: [[piece.tolist() for piece in row] for row in ring(pieces, send)],
            "piece 0 of worker 0 ends as a list of 3: expected an array of shape (3,)",
        ),
        (lambda pieces, send: None, "returned None"),
    ],
)
def test_slips_of_the_ring(answer, words):
    """Wrong sums are told by what is in them, right ones by what was sent."""
    told = check("11.3", answer)
    assert told.state == "wrong", say(told)
    assert words in told.message, say(told)
    assert "answer[" not in told.message
    assert "length = " not in told.message, "the reader's function has no such argument"
    assert len(told.hints) == 3


def ring_by(deliver, pieces, send):
    """Go round as a ring does, and leave it to `deliver` how a piece comes from worker k to worker n."""
    p, mine = len(pieces), [list(row) for row in pieces]
    for s in range(2 * p - 2):
        arrived = [deliver(send, mine, k, (k - s) % p) for k in range(p)]
        for k in range(p):
            n, i = (k + 1) % p, (k - s) % p
            mine[n][i] = arrived[k] + (mine[n][i] if s < p - 1 else 0)
    return mine


def ignoring(send, mine, k, i):
    """Send, and take the neighbour's own instead of what arrives."""
    send(k, mine[k][i])
    return mine[k][i]


def under_the_receivers_number(send, mine, k, i):
    """Name who gets it instead of who sends it."""
    return send((k + 1) % len(mine), mine[k][i])


def ignoring_once(pieces, send):
    """Read the neighbour's piece directly, in the second round only."""
    p, mine = len(pieces), ring(pieces, lambda k, piece: piece)
    half = [list(row) for row in pieces]
    for s in range(p - 1):
        for k in range(p):
            half[(k + 1) % p][(k - s) % p] = half[(k + 1) % p][(k - s) % p] + send(k, half[k][(k - s) % p])
            send(k, mine[k][0])
    return mine


def for_show(pieces, send):
    """Send as much as a ring does, and add up without it."""
    for k, row in enumerate(pieces):
        for _ in range(2 * len(pieces) - 2):
            send(k, row[0])
    return shortcut(pieces, send)


def sums_sent(pieces, send):
    """Let every worker's left neighbour send sums that it cannot have, and then something for show."""
    p, sums = len(pieces), [sum(column) for column in zip(*pieces, strict=True)]
    mine = [[send((k - 1) % p, piece) for piece in sums] for k in range(p)]
    for k in range(p):
        for _ in range(p - 2):
            send(k, pieces[k][0])
    return mine


def the_other_way_round(pieces, send):
    """Use what send gives for the worker on the left."""
    p, mine = len(pieces), [list(row) for row in pieces]
    for s in range(2 * p - 2):
        arrived = [send(k, mine[k][(k + s) % p]) for k in range(p)]
        for k in range(p):
            n, i = (k - 1) % p, (k + s) % p
            mine[n][i] = arrived[k] + (mine[n][i] if s < p - 1 else 0)
    return mine


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (lambda *a: ring_by(ignoring, *a), "looked"),
        (ignoring_once, "looked"),
        (for_show, "looked"),
        (lambda *a: ring_by(under_the_receivers_number, *a), "lent"),
        (sums_sent, "lent"),
        (the_other_way_round, "astray"),
    ],
)
def test_right_sums_by_breaking_the_rule_are_told(answer, word):
    """Right sums and enough bytes: whose numbers are where they have not arrived, and what to do instead."""
    told = check("11.3", answer)
    assert told.state == "wrong", say(told)
    pairs = [(w, v) for w in range(3) for v in range(3) if v != w]
    assert told.message in [WORDS[word].format(p=3, w=w, v=v) for w, v in pairs], say(told)
    assert len(told.hints) == 3


def test_rings_that_keep_the_rule_by_their_own_transport_do():
    """The two helpers of the test above are right where the rule is kept."""
    assert check("11.3", lambda *a: ring_by(lambda send, mine, k, i: send(k, mine[k][i]), *a)).ok


def test_bad_calls_of_send_stop_in_words():
    """A list for a piece, and a worker who is not there."""
    for answer in (lambda pieces, send: send(0, pieces[0]), lambda pieces, send: send(9, pieces[0][0])):
        told = check("11.3", answer)
        assert told.state == "stopped"
        assert "send(k, piece) got" in told.message, say(told)
