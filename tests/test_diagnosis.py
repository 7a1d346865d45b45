"""The diagnosis: what learners write is accepted where it is right, and each mistake is called by its name."""

import re
import sys
import threading
import warnings
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learners_odd
from bpteach import update_mini_batch_matrix
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
from bpteach.diagnosis.catalogue import faulty_output_layers
from bpteach.diagnosis.numbers import agree
from strategies import seeded, seeds
from test_learners import LEARNERS, can_be_made, of_kind

CHECKS = {"backprop": check_backprop, "backprop_matrix": check_backprop_matrix, "update": check_update}
ODD = [*learners_odd.ODD_BACKPROP.learners, *learners_odd.ODD_MATRIX.learners, *learners_odd.ODD_UPDATE.learners]


@cache
def answer(learner):
    """Ask the diagnosis about a learner's function, once for all tests."""
    return CHECKS[learner.check](learner.make())


def fit(diagnosis):
    """Refuse an answer that has not the form of one, whatever it says."""
    assert isinstance(diagnosis, Diagnosis)
    state, message, hints = diagnosis.state, diagnosis.message, diagnosis.hints
    assert state in ("right", "convention", "wrong", "stopped", "unfinished")
    assert diagnosis.ok is (state == "right")
    assert diagnosis.mistake is None or diagnosis.mistake in CATALOGUE
    assert message.strip() == message != ""
    assert "\n" not in message
    assert message[-1] in ".?!:…"
    assert len(message) < 400
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


def is_one_sentence(message):
    """Tell whether there is one sentence, decimal points and the names of attributes aside."""
    return not re.search(r"[.!?]\s+[A-ZΑ-Ω]", message)


@of_kind("right")
def test_right_is_right(learner):
    """Right code is accepted, whatever its style."""
    found = fit(answer(learner))
    assert (found.state, found.mistake) == ("right", None), str(found)


@of_kind("wrong")
def test_wrong_has_a_name(learner):
    """A mistake is called by its name, whatever the style in which it is made."""
    found = fit(answer(learner))
    assert found.mistake == learner.mistake, str(found)
    assert is_one_sentence(found.message)
    is_convention = CATALOGUE[learner.mistake].convention is not None
    assert ("convention" in found.message) == is_convention
    states = {"convention"} if is_convention and learner.check != "update" else {"wrong"}  # a step must fit its rate
    assert found.state in states | ({"stopped"} if learner.shows == "raises" else set())


@of_kind("two", "other", "unclear")
def test_no_false_name(learner):
    """Two mistakes at once, or one that is not in the catalogue: refused, and no false name is given to it."""
    found = fit(answer(learner))
    assert found.mistake in ((None, *learner.mistakes) if learner.kind == "unclear" else (None,)), str(found)
    assert found.state in ("wrong", "stopped", "convention")
    assert is_one_sentence(found.message)
    assert not re.search(r"(?<![\d.])1 (?:times|columns|examples)\b", found.message), str(found)


@pytest.mark.parametrize("learner", [learner for learner in LEARNERS if learner.first], ids=lambda learner: learner.id)
def test_where_it_first_goes_wrong(learner):
    """A refusal without a name says in which layer and at which equation the numbers first go wrong."""
    found = answer(learner)
    back, equation = learner.first
    layers = [row.layer for row in found.table]
    layer = layers[-back] if back > 0 else layers[0]
    assert f"layer {layer}" in found.message, str(found)
    assert re.search(equation, found.message), str(found)


@pytest.mark.parametrize("name", CATALOGUE)
def test_catalogue_makes_its_own_mistakes(name):
    """The catalogue's own wrong versions are called by their names, and the entries are whole."""
    entry = CATALOGUE[name]
    assert len(entry.hints()) == 3
    assert all((entry.about, entry.equation, entry.wrong, entry.right))
    assert entry.wrong != entry.right
    if entry.shows_in_a_step:
        assert fit(check_update(faulty_update(name))).mistake == name
    if not entry.is_of_the_step:
        assert fit(check_backprop_matrix(faulty(name))).mistake == name


def form_of(name, check, index):
    """Make a function of a form of a mistake."""
    lines = CATALOGUE[name].forms[index]
    if check == "update":
        return lambda net, X, Y, eta: take_step(net, gradients(net, X, Y, lines), eta / X.shape[1])
    return lambda net, X, Y: gradients(net, X, Y, lines, single=check == "backprop")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", [name for name, entry in CATALOGUE.items() if entry.forms])
def test_every_form_has_the_name_of_its_mistake(name, check):
    """No form is taken for that of another mistake; it may raise, and one example may not show it."""
    told = [CHECKS[check](form_of(name, check, index)) for index in range(len(CATALOGUE[name].forms))]
    others = [one for one in told if one.mistake != name and one.state != "stopped"]
    assert not [str(one) for one in others if not (one.ok and check == "backprop")]
    assert not others or not can_be_made(name, check)


def test_output_layers_make_the_mistakes_of_whole_gradients():
    """What grades the output layer alone knows the same mistakes: a network without hidden layers shows them."""
    net, X, Y = seeded([3, 2], 4)
    (Z,), (_X, A) = forward_pass(net, X)
    for mistake, layer in faulty_output_layers():
        _delta, nabla_b, nabla_w = layer(Z, A, X, Y)
        whole = [gradients(net, X, Y, lines) for lines in mistake.forms]
        assert any(agree(([nabla_b], [nabla_w]), one) for one in whole), mistake.name


@pytest.mark.parametrize("name", [name for name in CATALOGUE if can_be_made(name, "backprop")])
def test_one_example_is_told_its_own_line(name):
    """The hints to `backprop` are written for columns of one example: small letters, and nothing to sum."""
    line = CATALOGUE[name].hints(single=True)[2].partition("`")[2]
    assert not re.search(r"\b(?:X|Y|Z|Zs|A|Delta|sum)\b", line), "give the entry its mended_for_one"


@pytest.mark.parametrize("learner", ODD, ids=lambda learner: learner.id)
def test_odd(learner, capsys):
    """Whatever a function does, there is a clear answer, and the world is as before."""
    before = world()
    found = fit(CHECKS[learner.check](learner.make()))
    assert world() == before
    assert found.state in learner.states, str(found)
    if found.state in ("stopped", "wrong"):
        assert found.mistake in (learner.mistake, None), str(found)
    if learner.mistake:
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
def test_no_function(name, thing, states):
    """What is no function, or a function of another kind, has a clear answer, too."""
    for check in CHECKS.values() if "right" not in states else [check_backprop_matrix]:
        if "right" in states or thing is ...:
            assert fit(check(thing)).state in states
            continue
        try:
            found = fit(check(thing))
        except TypeError as error:  # refused like any argument of the wrong kind: in one clear sentence
            assert re.fullmatch(r"function is .*: expected a function.*\.", str(error)), str(error)  # noqa: PT017
        else:
            assert found.state in states, str(found)
            assert found.mistake is None


@pytest.fixture
def impatient(monkeypatch):
    """Shorten the time limit; what could not be stopped is ended after the test."""
    monkeypatch.setattr(calls, "SECONDS", 0.2)
    monkeypatch.setattr(stoppable, "SECONDS_TO_STOP", 1.0)
    # `Stop` may arrive in a callback of the garbage collector, Hypothesis's say; Python reports it, and goes on
    monkeypatch.setattr(sys, "unraisablehook", print)
    yield
    learners_odd.GIVE_UP.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon:
            thread.join(timeout=0.1)
    learners_odd.GIVE_UP.clear()


@pytest.mark.parametrize("function", learners_odd.HANGING, ids=lambda function: function.__name__)
def test_hanging(function, impatient):
    """A function that does not end is stopped, the answer says after how long, and the world is as before."""
    before = world()
    found = fit(check_backprop_matrix(function))
    assert (found.state, found.mistake) == ("stopped", None)
    assert "0.2 s" in found.message
    assert world() == before


def test_hanging_update(impatient):
    """A step that does not end is stopped."""
    assert fit(check_update(learners_odd.hangs_update)).state == "stopped"


def test_time_limit():
    """The limit is a few seconds for a reader who waits."""
    assert 1 <= calls.SECONDS <= 5


def test_interrupt():
    """Ctrl-C during a check ends it: as an answer, or as the interrupt that it is."""
    try:
        found = check_backprop_matrix(learners_odd.interrupts)
    except KeyboardInterrupt:
        return
    assert fit(found).state == "stopped"


def odd_named(name):
    """Ask about one of the odd functions by its name."""
    (learner,) = [learner for learner in ODD if learner.function.__name__ == name]
    return answer(learner)


@pytest.mark.parametrize("name", ["gives_nan", "gives_infinity", "gives_zeros", "gives_nones", "gives_parameters"])
def test_same_numbers_are_not_called_random(name):
    """A function that gives the same at each call is not told that it gives something else each time."""
    assert "each time" not in odd_named(name).message


def test_lost_layer_is_counted():
    """A list that is one array short is not told that a list is expected."""
    message = odd_named("changes_update_lost").message
    assert "is of type list" not in message
    assert "2" in message
    assert "3" in message


def test_markup_is_escaped():
    """Words of an exception reach the page as text."""
    html = odd_named("raises_markup")._repr_html_()
    assert "<b>" not in html
    assert "&lt;" in html


def test_raising_says_both_shapes():
    """A product of shapes that do not fit is told with both shapes."""
    message = odd_named("raises_matmul").message
    assert len(re.findall(r"\(\d+, \d+\)", message)) >= 2, message


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
def test_network_spoilt_by_a_step(spoil, message):
    """What is no list of arrays of the right shapes any more is told with what was found and expected."""

    def update(net, X, Y, eta):
        update_mini_batch_matrix(net, X, Y, eta)
        spoil(net)

    found = fit(check_update(update))
    assert found.state == "stopped"
    assert found.message.startswith("After the step " + message)


@pytest.mark.parametrize(
    ("make", "name", "cure"),
    [
        (faulty, "missing-transposed", "expected one of missing-output-sigmoid-prime, "),
        (faulty, "updated-too-early", "use faulty_update"),
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
@pytest.mark.parametrize("learner", list(one_of_each()), ids=lambda learner: learner.id)
def test_any_seed(learner, seed):
    """Whatever numbers are drawn for the probes, right is right and a mistake has its name."""
    found = CHECKS[learner.check](learner.make(), seed=seed)
    assert found.mistake == learner.mistake, str(found)
    assert found.ok is (learner.kind == "right"), str(found)


@settings(max_examples=3)
@given(seed=seeds, data=st.data())
@pytest.mark.parametrize("check", CHECKS)
def test_any_seed_no_false_name(check, seed, data):
    """Whatever numbers are drawn, two mistakes at once or an unknown one get no name."""
    wrong = [learner for learner in LEARNERS if learner.check == check and learner.kind in ("two", "other")]
    learner = data.draw(st.sampled_from(wrong))
    found = CHECKS[check](learner.make(), seed=seed)
    assert not found.ok
    assert found.mistake is None, str(found)
