"""The exercises of lesson 11: right answers in several styles, plausible wrong ones, rings fair and unfair."""

import re

import numpy as np  # noqa: F401 - for ANSWERS
import pytest

from answers import answers, each_of, is_accepted, is_told
from bpteach.exercises import EXERCISES
from bpteach.performance.scaling import break_even
from conftest import ask, tag_of


def closed(F, n, p, s, b, l):
    return 2 * (n / b + p * l) * s / F


ANSWERS = {
    ("mean_of_all", "means, counts"): """
== right ==
average | - | return np.average(means, axis=0, weights=counts)
shares | - | return sum(n / sum(counts) * a for a, n in zip(means, counts, strict=True))
== wrong ==
by_largest | the mean 2; yours gives 2.66667.
    return sum(n * a for a, n in zip(means, counts, strict=True)) / max(counts)
by_means | the mean 2; yours gives 1.33333. | by_largest: max(counts) → sum(means)
turned | Transposed: rows and columns | return np.array(means).T @ np.array(counts) / sum(counts)
first_alone | expected an array of shape (1, 1) | return np.mean(means[0])
""",
    ("my_break_even", "F, n, p, s, b, l"): """
== right ==
formula | - | return closed(F, n, p, s, b, l)
bisected | - | low, high = 0.0, 1e9
    for _ in range(200):
        m = (low + high) / 2
        is_low = m * F / s < m * F / s / p + 2 * (p - 1) * (n / p / b + l)
        low, high = (m, high) if is_low else (low, m)
    return m
in_an_array | - | return np.array(closed(F, n, p, s, b, l))
== wrong ==
no_latency | your m is 2.  | return 2 * n / b * s / F
no_bytes | your m is 4.  | return 2 * p * l * s / F
whole_gradients | your m is 12.  | return 2 * (p * n / b + p * l) * s / F
one_less | One worker then takes 5 s. 4 workers take 1.25 s to compute and 4.5 s to exchange
    return closed(F, n, p, s, b, l) - 1
a_list | Your answer is | return [6.0]
a_word | Your answer is | return str(closed(F, n, p, s, b, l))
complex_number | and that is not it. (Called with | return 6j
not_a_number | is nan, and that is not it. (Called with | return float("nan")
negative | is -3, and that is not it. (Called with | return -3.0
""",
    ("judge_ring", "pieces, send"): """
== base ==
ring | one worker after the other
    p, mine = len(pieces), [list(row) for row in pieces]
    for s in range(p - 1):
        for k in range(p):
            i, n = (k - s) % p, (k + 1) % p
            mine[n][i] = mine[n][i] + send(k, mine[k][i])
    for s in range(p - 1, 2 * p - 2):
        for k in range(p):
            i, n = (k - s) % p, (k + 1) % p
            mine[n][i] = send(k, mine[k][i])
    return mine
at_once | all send, then all receive
    p, mine = len(pieces), [list(row) for row in pieces]
    for s in range(2 * p - 2):
        arrived = [send(k, mine[k][(k - s) % p]) for k in range(p)]
        for k in range(p):
            n, i = (k + 1) % p, (k - s) % p
            mine[n][i] = arrived[k] + (mine[n][i] if s < p - 1 else 0)
    return mine
== right ==
plain | one worker after the other | ring:
backwards | the last worker first | ring: for k in range(p) → for k in reversed(range(p))
as_arrays | a list of arrays | ring: return mine → return [np.array(row) for row in mine]
sure | looks whether the sums are right: where they cannot be, that is no fault
    ring: return mine → assert np.allclose(mine, np.sum(pieces, axis=0)) ¶ return mine
together | all send, then all receive | at_once:
in_place | each worker's pieces are the rows of a matrix of its own
    at_once: list(row) → np.array(row)
    mine[n][i] = → mine[n][i][:] =
    return mine → return np.array(mine)
writes | writes into its own arrays, where they stand; tuples come back
    p = len(pieces)
    for s in range(2 * p - 2):
        for k in range(p):
            i, n = (k + 1 - s) % p, (k + 1) % p
            if s < p - 1:
                pieces[n][i] += send(k, pieces[k][i])
            else:
                pieces[n][i][:] = send(k, pieces[k][i])
    return tuple(map(tuple, pieces))
piece_by_piece | one piece goes all the way round, then the next
    p, mine = len(pieces), [list(row) for row in pieces]
    for i in range(p):
        total = mine[i][i]
        for s in range(2 * p - 2):
            n = (i + s + 1) % p
            total = send((i + s) % p, total) + (mine[n][i] if s < p - 1 else 0)
            mine[n][i] = total
    return mine
== wrong ==
adds_again | piece 0 of worker 0 ends as a sum of 2 × worker 0's and
    ring: mine[n][i] = send(k, mine[k][i]) → mine[n][i] = send(k, mine[k][i]) + mine[n][i]
too_few | 2 workers, piece 0 of worker 0 ends as a sum of 0 × worker 0's and 1 × worker 1's
    ring: range(p - 1): → range(p - 2):
nothing_done | 1 × worker 0's and 0 × worker 1's: expected each once. | return pieces
no_numbers | of its 3 numbers, | return [[piece + np.nan for piece in row] for row in pieces]
mixed | With 2 workers, piece 0 of worker 0 holds something else than pieces 0
    ring: return mine → mine[0][0] = mine[0][0] + mine[1][1] ¶ return mine
shortcut | with 2 workers, worker 0 has to send 2 pieces, and sent 0
    return [[sum(column) for column in zip(*pieces, strict=True)] for _ in pieces]
whole_gradients | with 3 workers, worker 0 has to send 4 pieces, and sent 6
    p, mine = len(pieces), [list(row) for row in pieces]
    passing = [list(row) for row in pieces]
    for _ in range(p - 1):
        passing = [[send(k, piece) for piece in passing[k]] for k in range(p)]
        passing = passing[-1:] + passing[:-1]
        mine = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(mine, passing, strict=True)]
    return mine
one_step_too_many | with 2 workers, worker 0 has to send 2 pieces, and sent 3
    ring: return mine → for k in range(p): send(k, mine[k][0]) ¶ return mine
first_row | for worker 0 holds 3: expected 2 | ring: return mine → return mine[0]
a_word | Your answer is 'sums' (str): expected a list | return "sums"
plain_lists | worker 0[0] is of type list: expected an array of shape (3,)
    ring: return mine → return [[piece.tolist() for piece in row] for row in mine]
nothing | returned None | return None
== breaks the rule ==
ignoring | sends, and takes the neighbour's own instead of what arrives
    at_once: for k in range(p)] → for k in range(p)] and [mine[k][(k - s) % p] for k in range(p)]
ignoring_once | reads the neighbour's piece directly, in the second round only
    p, half = len(pieces), [list(row) for row in pieces]
    mine = [[sum(column) for column in zip(*pieces, strict=True)] for _ in pieces]
    for s in range(p - 1):
        for k in range(p):
            half[(k + 1) % p][(k - s) % p] = half[(k + 1) % p][(k - s) % p] + send(k, half[k][(k - s) % p])
            send(k, mine[k][0])
    return mine
for_show | sends as much as a ring does, and adds up without it
    for k, row in enumerate(pieces):
        for _ in range(2 * len(pieces) - 2):
            send(k, row[0])
    return [[sum(column) for column in zip(*pieces, strict=True)] for _ in pieces]
receivers_number | names who gets it instead of who sends it | at_once: send(k, → send((k + 1) % p,
the_other_way_round | uses what send gives for the worker on the left | at_once: (k - s) → (k + s) && (k + 1) → (k - 1)
""",
}
RIGHT, OTHERS = answers(ANSWERS, globals())
RULE_BREAKERS = [learner for learner in OTHERS if learner.kind == "breaks the rule"]


@each_of(RIGHT)
def test_right_answers_are_accepted(learner):
    told = is_accepted(learner)
    assert learner.check != "judge_ring" or "each sent 48 bytes" in told.message


def test_break_even_is_that_of_the_package():
    cluster = 95_880, 190_880, 5, 20e9, 1.25e9, 5e-5
    assert closed(*cluster) == pytest.approx(break_even(*cluster))


@each_of([learner for learner in OTHERS if learner not in RULE_BREAKERS])
def test_wrong_answers_are_told(learner):
    told = is_told(learner)
    assert "answer[" not in told.message
    assert "length = " not in told.message, "the reader's function has no such argument"


@each_of(RULE_BREAKERS)
def test_right_sums_by_breaking_the_rule_are_told(learner):
    told = ask("judge_ring", learner.function)
    assert told.state == "wrong", told
    rule = r"worker (\d) uses numbers of worker (?!\1)\d's even where none arrive at it"
    assert re.search(rf"^The sums are right, but with 3 workers, {rule}", told.message), told
    assert told.hints == EXERCISES[tag_of("judge_ring")].hints


def test_bad_calls_of_send_stop_in_words():
    for answer in (lambda pieces, send: send(0, pieces[0]), lambda pieces, send: send(9, pieces[0][0])):
        told = ask("judge_ring", answer)
        assert told.state == "stopped"
        assert "send(k, piece) got" in told.message, told
