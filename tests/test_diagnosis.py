"""The diagnosis: what learners write is accepted where it is right, and each mistake is called by its name."""

import contextlib
import re
import sys
import threading
import warnings
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learners_odd
from bpteach import backprop_matrix, compare_gradients, update_mini_batch_matrix
from bpteach.backpropagation import forward_pass
from bpteach.diagnosis import (
    CATALOGUE,
    Diagnosis,
    calls,
    check_backprop,
    check_backprop_matrix,
    check_update,
    faulty,
    faulty_update,
    stoppable,
)
from bpteach.diagnosis.algorithm import gradients, take_step
from bpteach.diagnosis.comparison import agree
from bpteach.diagnosis.faulty_functions import faulty_output_layers
from bpteach.locale import Text
from strategies import seeded, seeds
from test_learners import LEARNERS, can_be_made, of_kind

CHECKS = {"backprop": check_backprop, "backprop_matrix": check_backprop_matrix, "update": check_update}
ODD = [*learners_odd.ODD_BACKPROP.learners, *learners_odd.ODD_MATRIX.learners, *learners_odd.ODD_UPDATE.learners]


def judged(check, gradient):
    """Check a gradient, or the step that is taken with it."""
    if check == "update":
        return check_update(lambda net, X, Y, eta: take_step(net, gradient(net, X, Y), eta / X.shape[1]))
    return CHECKS[check](gradient)


def gradient_of(lines, check):
    return lambda net, X, Y: gradients(net, X, Y, lines, single=check == "backprop")


@cache
def answer(learner):
    return CHECKS[learner.check](learner.make())


def fit(diagnosis):
    """Refuse an answer that has not the form of one, whatever it says."""
    assert isinstance(diagnosis, Diagnosis)
    state, message, hints = diagnosis.state, diagnosis.message, diagnosis.hints
    assert state in ("right", "convention", "wrong", "stopped", "unfinished")
    assert diagnosis.ok is (state == "right")
    assert diagnosis.mistake is None or diagnosis.mistake in CATALOGUE
    assert re.fullmatch(r"\S.{0,398}[.?!:…]", message)
    assert " returned of " not in message
    assert len(hints) == len(set(hints)) in ((3,) if diagnosis.mistake else (0, 3))
    assert all(isinstance(hint, str) and hint.strip() for hint in hints)
    assert diagnosis.mistake is None or state not in ("right", "unfinished")
    assert not hints or state != "right"
    text, html = str(diagnosis), diagnosis._repr_html_()
    assert message in text
    assert text == repr(diagnosis)
    assert not [hint for hint in hints if hint in text], "a hint is asked for, not given away"
    assert html.count("<details") == html.count("</details>") == len(hints)
    tags = r"</?(?:div|p|strong|code|table|thead|tbody|tr|th|td|details|summary|pre|span|sup|sub)\b[^<>]*>"
    assert "<" not in re.sub(tags, "", html)
    assert [row.layer for row in diagnosis.table] == list(range(2, len(diagnosis.table) + 2)), "a row for each layer"
    assert all(isinstance(word, str) and word for row in diagnosis.table for word in (row.b, row.w))
    return diagnosis


def says_one_thought_at_a_time(message):
    sentences = re.split(r"(?<=[.?!]) (?=[^a-z(])", message)
    return all(re.match(r"[^a-z]", each) and len(each.split()) <= 36 for each in sentences)


@of_kind("right")
def test_right_code_is_accepted_whatever_its_style(learner):
    found = fit(answer(learner))
    assert (found.state, found.mistake) == ("right", None), str(found)


@of_kind("wrong")
def test_a_mistake_is_called_by_its_name_whatever_the_style_in_which_it_is_made(learner):
    found = fit(answer(learner))
    assert found.mistake == learner.mistake, str(found)
    assert says_one_thought_at_a_time(found.message), found.message
    is_convention = bool(CATALOGUE[learner.mistake].convention)
    assert found.conventions == ((learner.mistake,) if is_convention else ())
    states = {"convention"} if is_convention and learner.check != "update" else {"wrong"}  # a step must fit its rate
    assert found.state in states | ({"stopped"} if learner.shows == "raises" else set())


def names_for(learner):
    """One mistake beside a convention, or a mean for one part of the gradient, has its name; two mistakes have none."""
    if learner.kind != "two":
        return (None, *learner.mistakes) if learner.kind == "unclear" else (None,)
    mistakes = [m for m in learner.mistakes if not (CATALOGUE[m].convention or m == "bias-mean-weight-sum")]
    return tuple(mistakes) if len(mistakes) == 1 and not CATALOGUE[mistakes[0]].is_of_the_step else (None,)


@of_kind("two", "other", "unclear")
def test_two_mistakes_or_an_unknown_one_are_refused_without_a_false_name(learner):
    found = fit(answer(learner))
    assert found.mistake in names_for(learner), str(found)
    assert found.state in ("wrong", "stopped", "convention")
    assert says_one_thought_at_a_time(found.message), found.message
    assert not re.search(r"(?<![\d.])1 (?:times|columns|examples)\b", found.message), str(found)


@pytest.mark.parametrize("learner", [learner for learner in LEARNERS if learner.first], ids=lambda learner: learner.id)
def test_a_refusal_without_a_name_says_in_which_layer_and_equation_the_numbers_first_go_wrong(learner):
    found = answer(learner)
    back, equation = learner.first
    layers = [row.layer for row in found.table]
    assert found.layer == (layers[-back] if back > 0 else layers[0]), str(found)
    assert found.equation in equation.split("|"), str(found)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_entries_are_whole_and_their_own_wrong_versions_are_called_by_their_names(name):
    entry = CATALOGUE[name]
    assert len(entry.hints()) == 3
    assert all((entry.about, entry.equation, entry.wrong, entry.right))
    assert entry.wrong != entry.right
    if entry.shows_in_a_step:
        assert fit(check_update(faulty_update(name))).mistake == name
    if not entry.is_of_the_step:
        assert fit(check_backprop_matrix(faulty(name))).mistake == name
    else:
        net, X, Y = seeded([3, 4, 2], 5)
        assert compare_gradients(faulty(name)(net, X, Y), backprop_matrix(net, X, Y)).worst > 1e-3


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", [name for name, entry in CATALOGUE.items() if entry.forms])
def test_no_form_is_taken_for_that_of_another_mistake(name, check):
    """It may raise, and one example may not show it. A step is judged by the gradient that it follows."""
    forms = CATALOGUE[name].forms[: 1 if check == "update" else None]
    told = [judged(check, gradient_of(lines, check)) for lines in forms]
    others = [one for one in told if one.mistake != name and one.state != "stopped"]
    assert not [str(one) for one in others if not (one.ok and check == "backprop")]
    assert not others or not can_be_made(name, check)


def ran(function, *arguments):
    with contextlib.suppress(IndexError, ValueError):  # lines that look at another layer, which is not there
        return function(*arguments)


def test_output_layers_make_the_mistakes_of_whole_gradients():
    """What grades the output layer alone knows the same mistakes: a network without hidden layers shows them."""
    net, X, Y = seeded([3, 2], 4)
    (Z,), (_X, A) = forward_pass(net, X)
    for mistake, layer in faulty_output_layers():
        found, whole = ran(layer, Z, A, X, Y), [ran(gradients, net, X, Y, lines) for lines in mistake.forms]
        known = found is None or any(one and agree(([found[1]], [found[2]]), one) for one in whole)
        assert known, f"{mistake.name}: what it does without hidden layers, see faulty_output_layers"


@pytest.mark.parametrize("name", [name for name in CATALOGUE if can_be_made(name, "backprop")])
def test_the_line_that_is_hinted_at_for_one_example_has_small_letters_and_nothing_to_sum(name):
    line = CATALOGUE[name].hints(single=True)[2].partition("`")[2]
    assert not re.search(r"\b(?:X|Y|Z|Zs|A|Delta|sum)\b", line), f"{line}: see of_one_example in mistake.py"


@pytest.mark.parametrize("learner", ODD, ids=lambda learner: learner.id)
def test_whatever_a_function_does_there_is_a_clear_answer_and_the_world_is_as_before(learner, capsys):
    before = world()
    found = fit(CHECKS[learner.check](learner.make()))
    assert world() == before
    assert found.state in learner.states, str(found)
    if learner.mistake or found.state in ("stopped", "wrong"):
        assert found.mistake == learner.mistake, str(found)
    said = capsys.readouterr()
    assert len(said.out) + len(said.err) < 20_000


def world():
    """List what a function might change for everybody."""
    return (
        np.geterr(),
        sys.stdout,
        sys.stderr,
        sys.stdin,
        list(warnings.filters),
        sys.getrecursionlimit(),
        np.get_printoptions(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002
    )


@pytest.mark.parametrize(
    ("name", "thing", "states"), learners_odd.OBJECTS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_no_function_or_one_of_another_kind_has_a_clear_answer(name, thing, states):
    for check in CHECKS.values() if "right" not in states else [check_backprop_matrix]:
        try:
            found = fit(check(thing))
        except TypeError as error:  # refused like any argument of the wrong kind: in one clear sentence
            assert states == learners_odd.REFUSED
            assert re.fullmatch(r"function is .*: expected a function.*\.", str(error)), str(error)  # noqa: PT017
        else:
            assert (found.state in states, found.mistake) == (True, None)


@pytest.fixture
def impatient(monkeypatch):
    """Shorten the time limit; what could not be stopped is ended after the test."""
    monkeypatch.setattr(calls, "SECONDS", 0.2)
    monkeypatch.setattr(stoppable, "SECONDS_TO_STOP", 0.5)
    # `Stop` may arrive in a callback of the garbage collector, Hypothesis's say; Python reports it, and goes on
    monkeypatch.setattr(sys, "unraisablehook", print)
    yield
    learners_odd.GIVE_UP.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon:
            thread.join(timeout=0.1)
    learners_odd.GIVE_UP.clear()


@pytest.mark.parametrize("learner", learners_odd.HANGING.learners, ids=lambda learner: learner.function.__name__)
def test_a_function_that_does_not_end_is_stopped_and_the_world_is_as_before(learner, impatient):
    before = world()
    check = check_update if learner.function.__name__ == "hangs_update" else check_backprop_matrix
    found = fit(check(learner.function))
    assert (found.state, found.mistake) == ("stopped", None)
    assert "0.2 s" in found.message
    assert world() == before


def test_a_reader_waits_a_few_seconds():
    assert 1 <= calls.SECONDS <= 5


def test_ctrl_c_ends_a_check_as_an_answer_or_as_the_interrupt_that_it_is():
    with contextlib.suppress(KeyboardInterrupt):
        assert fit(check_backprop_matrix(learners_odd.interrupts)).state == "stopped"


@pytest.mark.parametrize(
    ("name", "said", "not_said"),
    [
        *((f"gives_{what}", "", "each time") for what in ("nan", "infinity", "zeros", "nones", "parameters")),
        ("changes_update_lost", r"2 arrays.*3 arrays", "is of type list"),
        ("raises_matmul", r"\(\d+, \d+\).*\(\d+, \d+\)", "None"),
        ("gives_float32", "Its numbers are float32, right to about seven digits only", "Look at"),
        ("gives_few_digits", "Right to five digits, and no further", "Look at"),
        ("right_central", "exact to seven digits", "wrong"),
        ("other_momentum", "The first call is right, the second is not", "BP"),
        ("other_outputs", r"\(the number of examples\)\. .*look for a constant", "convention"),
        ("backprop-arguments-changed-changed_y", "has changed y,", "changed Y"),
    ],
)
def test_what_is_said_of_odd_functions(name, said, not_said):
    (learner,) = [learner for learner in (*LEARNERS, *ODD) if learner.id.endswith(name)]
    told = str(answer(learner))
    assert re.search(said, told), told
    assert not_said not in told


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "gbk", "ascii", "utf-8", "no such", None])
def test_an_answer_can_be_printed_on_any_terminal(encoding, monkeypatch):
    found = check_backprop_matrix(faulty("missing-transpose"))
    for thing in (found, found.message, *found.hints, Text("½ of 漢")):
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(encoding=encoding))
        text = str(thing)
        monkeypatch.undo()
        text.encode(encoding if encoding in ("cp1252", "cp437", "gbk", "ascii") else "utf-8")
        assert text == str(thing) or encoding in ("cp1252", "cp437", "gbk", "ascii")
    assert isinstance(found.message, str)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(encoding="ascii"))
    assert (f"{Text(chr(948))}", str(Text(chr(948)))) == (chr(948), "delta")


def test_words_of_an_exception_reach_the_page_as_text():
    (learner,) = [learner for learner in ODD if learner.function.__name__ == "raises_markup"]
    html = answer(learner)._repr_html_()
    assert "<b>" not in html
    assert "&lt;" in html


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda net: setattr(net, "biases", 1), "net.biases is 1 (int): expected 3 arrays (4, 1), (4, 1), (4, 1)."),
        (lambda net: net.biases.pop(), "net.biases is 2 arrays (4, 1), (4, 1): expected 3 arrays (4, 1), (4, 1)"),
        (lambda net: net.weights.append(1), "net.weights is a list of 4: expected 3 arrays (4, 4), (4, 4), (4, 4)."),
        (lambda net: net.weights.insert(0, net.weights.pop(0)[0, 0]), "net.weights is a list of 3: expected 3 arrays"),
        (lambda net: net.weights.insert(0, net.weights.pop(0)[:1]), "net.weights is 3 arrays (1, 4), (4, 4)"),
        (lambda net: net.biases.insert(0, net.biases.pop(0).T), "net.biases is 3 arrays (1, 4), (4, 1)"),
        (lambda net: net.biases.__setitem__(0, np.ones((3, 3))), "net.biases is 3 arrays (3, 3), (4, 1)"),
    ],
)
def test_a_network_that_a_step_has_spoilt_is_told_with_what_was_found_and_expected(spoil, message):
    def update(net, X, Y, eta):
        update_mini_batch_matrix(net, X, Y, eta)
        spoil(net)

    found = fit(check_update(update))
    assert found.state == "stopped"
    assert found.message.startswith("After the step " + message)


@pytest.mark.parametrize(
    ("make", "name", "cure"),
    [
        (faulty, "missing-transposed", "expected one of 'missing-output-sigmoid-prime', "),
        (faulty, [], r"name is \[\] \(list\): expected one of 'missing-output"),
        (faulty_update, "outputs-share-memory", "use faulty"),
    ],
)
def test_what_cannot_be_made(make, name, cure):
    with pytest.raises(ValueError, match=cure):
        make(name)


# other seeds


def one_of_each():
    """Pick for every check every right function and one wrong function a mistake."""
    seen = set()
    for learner in LEARNERS:
        key = (learner.check, learner.mistake, learner.id if learner.kind == "right" else "")
        if learner.kind in ("right", "wrong") and key not in seen:
            seen.add(key)
            yield learner


@settings(max_examples=2)
@given(seed=seeds)
@pytest.mark.parametrize("check", CHECKS)
def test_whatever_numbers_are_drawn_right_is_right_and_a_mistake_has_its_name(check, seed):
    for learner in (learner for learner in one_of_each() if learner.check == check):
        found = CHECKS[check](learner.make(), seed=seed)
        assert (found.mistake, found.ok) == (learner.mistake, learner.kind == "right"), f"{learner.id}: {found}"


@settings(max_examples=3)
@given(seed=seeds, data=st.data())
@pytest.mark.parametrize("check", CHECKS)
def test_whatever_numbers_are_drawn_two_mistakes_or_an_unknown_one_get_no_false_name(check, seed, data):
    wrong = [learner for learner in LEARNERS if learner.check == check and learner.kind in ("two", "other")]
    learner = data.draw(st.sampled_from(wrong))
    found = CHECKS[check](learner.make(), seed=seed)
    assert not found.ok
    assert found.mistake in names_for(learner), str(found)
