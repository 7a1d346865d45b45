"""The hunt of exercises 4.3 and 4.4: five planted mistakes, what is said of each guess, and one of them mended."""

import re

import numpy as np
import pytest

import learners_backprop
from bpteach import backprop, check_backprop
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import compare, look
from bpteach.exercises.hunt import HUNT
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import listing
from conftest import ask
from learners import Register
from learners_backprop import BACKPROP

FOUND = {
    1: "sigmoid-prime-of-activation",
    2: "activation-index-late",
    3: "z-index-off-by-one",
    4: "missing-transpose",
    5: "activations-share-a-buffer",
}


MENDED = Register("judge_mended", "net, x, y", like=BACKPROP)
MENDED.read(
    """
== right ==
rows | one buffer, with rows of its own for each layer | whole:
    zs, acts = [], [x] → zs, acts = [], [x] ¶ rows = np.split(np.empty((sum(net.sizes), 1)), np.cumsum(net.sizes[1:]))
    acts.append(sigmoid(zs[-1])) → rows[len(zs) - 1][:] = sigmoid(zs[-1]) ¶ acts.append(rows[len(zs) - 1])
""",
    vars(learners_backprop),
)


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("judge_hunt", FOUND),
        ("judge_hunt", {number: name.replace("-", " ").upper() for number, name in FOUND.items()}),
        *(("judge_mended", learner.function) for learner in MENDED.learners),
        ("judge_mended", backprop),
    ],
)
def test_right_answers_are_accepted(tag, answer):
    told = ask(tag, answer)
    assert told.ok, str(told)
    assert told.hints == ()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("missing-transpose", "expected a dictionary"),
        ([1, 2], "expected a dictionary"),
        ({6: "missing-transpose"}, "a dictionary with the key 6 (int): expected a dictionary such as"),
        ({"1": "missing-transpose"}, "with the key '1' (str): expected a dictionary such as"),
        ({1: None}, "neither a name of the catalogue nor the number of a line"),
        ({1: "transpose"}, "neither a name of the catalogue nor the number of a line"),
        ({1: True}, "neither a name of the catalogue nor the number of a line"),
        ({1: "sigmoid-prime-of-activations"}, "1: 'sigmoid-prime-of-activations' is neither a name of the"),
        ({1: "sigmoid-prime-of-activations"}, "Did you mean sigmoid-prime-of-activation?"),
        ({3: "Mising transpose"}, "'Mising transpose' is neither a name of the catalogue nor the number of a line. "),
        ({1: 70 * "x"}, f"'{60 * 'x'}' is neither"),
        ({1: 0}, "0 (int) is neither"),
        ({1: 12}, "line 12 is right. Exact in the gradient: nothing. Another line spoils the rest."),
        ({3: 5}, "line 5 is right. Exact in the gradient: ∂C/∂b^4, ∂C/∂w^4."),
        ({2: 5}, "Exact in the gradient: ∂C/∂b^2, ∂C/∂b^3, ∂C/∂b^4."),
        (
            {1: FOUND[1], 2: "missing-transpose"},
            "Number 2 is another one: ∂C/∂b^4, ∂C/∂w^4 would be exact with missing-transpose, and in hunt_2 it is "
            "∂C/∂b^2, ∂C/∂b^3, ∂C/∂b^4.",
        ),
        ({3: "missing-transpose"}, "the same arrays would be wrong, but by other numbers"),
        ({4: "outputs-share-memory"}, "Number 4 is another one"),
        ({4: "biases-never-updated"}, "Number 4 is another one"),
        ({1: FOUND[1], 3: FOUND[3]}, "Right so far: 1, 3. Still to find: 2, 4, 5."),
    ],
)
def test_hunt_answers_what_speaks_against(answer, words):
    told = ask("judge_hunt", answer)
    assert told.state == "wrong"
    assert words in told.message
    given = answer.values() if isinstance(answer, dict) else [answer]
    others = set(FOUND.values()) - {each for each in given if isinstance(each, str)}
    meant = re.findall(r"Did you mean (\S+)\?", told.message)  # spelt nearly like the answer, be it right or wrong
    assert not [name for name in others if name in str(told) and name not in meant]


@pytest.mark.parametrize("answer", [{}, {1: ...}])
def test_empty_hunt_is_not_written_yet(answer):
    assert ask("judge_hunt", answer).state == "unfinished"


def test_every_name_of_the_catalogue_can_be_tried():
    for number, planted in FOUND.items():
        for name in CATALOGUE:
            told = ask("judge_hunt", {number: name})
            assert ("Right so far" in told.message) == (name == planted), (number, name)


@pytest.mark.parametrize("number", HUNT)
def test_planted_lines_may_be_named(number):
    lines = listing(HUNT[number], numbered=True).splitlines()
    right = [at for at in range(1, len(lines) + 1) if "Right so far" in ask("judge_hunt", {number: at}).message]
    planted = {1: "activations[l + 1])", 2: "delta @ a.T", 3: "zs[::-1]", 4: "weights[l + 1], d)", 5: "a[:] ="}
    assert [at for at in right if planted[number] in lines[at - 1]]
    assert len(right) <= 4


@pytest.mark.parametrize("number", HUNT)
def test_diagnosis_names_the_planted_mistake_and_no_other(number):
    told = check_backprop(HUNT[number])
    assert told.state == "wrong"
    assert told.mistake == FOUND[number]
    assert not ask("judge_mended", HUNT[number]).ok
    each = compare(HUNT[number], "one example")
    assert not each.changed
    assert not each.shares


@pytest.mark.parametrize("number", HUNT)
def test_source_does_not_give_the_mistake_away(number):
    text = listing(HUNT[number], numbered=True)
    lines = text.splitlines()
    assert lines[0] == f" 1  def hunt_{number}(net, x, y):"
    assert [int(line[:2]) for line in lines] == list(range(1, len(lines) + 1))
    assert max(map(len, lines)) <= 96
    assert not re.search(r"wrong|bug|mistake|noqa|numpydoc|BP\d", text, re.IGNORECASE)


def test_listing_without_numbers_can_be_run():
    numbered, bare = (listing(HUNT[5], numbered=each).splitlines() for each in (True, False))
    assert [line[4:] for line in numbered] == bare
    names = {"np": np, "sigmoid": sigmoid, "sigmoid_prime": sigmoid_prime}
    exec("\n".join(bare), names)
    assert ask("judge_mended", names["hunt_5"]).mistake == "activations-share-a-buffer"


def test_mending_keeps_what_the_author_wanted():
    """4.4: while the buffer is still shared, the hints keep to memory that is reserved before the loop."""
    told = ask("judge_mended", HUNT[5])
    assert told.mistake == "activations-share-a-buffer"
    assert "Before the loop" in told.hints[2]
    assert ask("judge_mended", HUNT[4]).hints != told.hints


def test_tables_lead_to_the_right_equation():
    kinds = {}
    for number, function in HUNT.items():
        each = compare(function, "one example")
        kinds[number] = ["".join("=" if look(*pair).kind == "exact" else "≠" for pair in layer) for layer in each.pairs]
    assert kinds == {
        1: ["≠≠", "≠≠", "≠≠"],
        2: ["=≠", "=≠", "=≠"],
        3: ["≠≠", "≠≠", "=="],
        4: ["≠≠", "≠≠", "=="],
        5: ["==", "=≠", "=≠"],
    }
