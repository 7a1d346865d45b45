"""The diagnosis: what learners write is accepted where it is right, and each mistake is called by its name."""

import inspect
import re
import sys
import threading
import warnings
from functools import cache, cached_property, partial
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learners_odd
from bpteach import Network, numerical_gradient
from bpteach.diagnosis import (
    CATALOGUE,
    Diagnosis,
    calls,
    check_backprop,
    check_backprop_matrix,
    check_update,
    faulty,
    faulty_update,
)
from bpteach.diagnosis import stoppable as running
from learners_backprop import BACKPROP
from learners_matrix import MATRIX
from learners_update import UPDATE
from strategies import seeds

CHECKS = {"backprop": check_backprop, "backprop_matrix": check_backprop_matrix, "update": check_update}
LEARNERS = [*BACKPROP.learners, *MATRIX.learners, *UPDATE.learners]
ODD = [*learners_odd.ODD_BACKPROP.learners, *learners_odd.ODD_MATRIX.learners, *learners_odd.ODD_UPDATE.learners]
ETA = 0.5

# What the gradients show on the sizes [4, 4, 4, 4], m = 4; the names in the order of the catalogue.
SHOWS = {
    "missing-output-sigmoid-prime": "all wrong",
    "missing-hidden-sigmoid-prime": "last exact",
    "sigmoid-prime-of-activation": "all wrong",
    "activation-formula-on-z": "all wrong",
    "activation-index-late": "biases exact",
    "outer-product-transposed": "biases exact",
    "missing-transpose": "last exact",
    "weight-index-off-by-one": "last exact",
    "weight-index-hard-coded": "last two exact",
    "z-index-off-by-one": "last exact",
    "loop-one-layer-short": "first zero",
    "wrong-sign": "times -1",
    "factor-two": "times 2",
    "mean-for-sum": "times 1/m",
    "bias-mean-weight-sum": "biases times 1/m",
    "bias-not-summed": "bias shape",
    "bias-wrong-axis": "weights exact",
    "bias-lost-dimension": "bias shape",
    "bias-from-weights": "weights exact",
    "bias-one-dimensional": "all wrong",
    "last-example-only": "last column",
    "average-then-multiply": "rank one",
    "updated-too-early": "less with eta",
    "elementwise-for-matrix-product": "last exact",
    "activations-share-a-buffer": "some weights",
    "update-inside-sample-loop": "right for m = 1",
    "accumulator-not-reset": "second is the sum",
    "biases-never-updated": "bias step zero",
    "arguments-changed": "arguments",
    "outputs-share-memory": "memory",
}
CONVENTIONS = {"wrong-sign", "factor-two", "mean-for-sum"}

# Where a mistake can be made at all: one example has no sum, and only the step can be taken too early.
OF_A_SUM = {
    "mean-for-sum",
    "bias-mean-weight-sum",
    "bias-not-summed",
    "last-example-only",
    "average-then-multiply",
}
OF_THE_STEP = {"updated-too-early", "update-inside-sample-loop", "biases-never-updated"}
OF_A_RESULT = {"outputs-share-memory"}
MEANINGFUL = {
    "backprop": set(SHOWS) - OF_A_SUM - OF_THE_STEP,
    "backprop_matrix": set(SHOWS) - OF_THE_STEP,
    "update": set(SHOWS) - OF_A_RESULT,
}


def of_kind(*kinds):
    """List the learners' functions of some kinds."""
    return pytest.mark.parametrize(
        "learner", [learner for learner in LEARNERS if learner.kind in kinds], ids=lambda learner: learner.id
    )


# the learners' functions are what they are said to be: measured here, without the diagnosis


class Probe:
    """A network, a mini-batch, and their gradients by the complex step: none of the package's functions has a say."""

    def __init__(self, seed, m, sizes=(4, 4, 4, 4), net=None):
        rng = np.random.default_rng(seed)
        self.net = Network.random(list(sizes), rng)
        self.X, self.Y = rng.random((sizes[0], m)), rng.random((sizes[-1], m))
        self.net = net or self.net

    @cached_property
    def gradient(self):
        """The gradient of the sum of the costs."""
        return numerical_gradient(partial(cost_of, X=self.X, Y=self.Y), self.net)

    @cached_property
    def gradient_of_last(self):
        """The gradient of the last example's cost."""
        return numerical_gradient(partial(cost_of, X=self.X[:, -1:], Y=self.Y[:, -1:]), self.net)


def cost_of(net, X, Y):
    """Compute the cost of a mini-batch, summed."""
    A = X
    for b, w in zip(net.biases, net.weights, strict=True):
        A = 1 / (1 + np.exp(-(w @ A + b)))
    return ((A - Y) ** 2).sum() / 2


@cache
def probe_of(seed, m, sizes=(4, 4, 4, 4)):
    """Make a probe once; nobody changes it."""
    return Probe(seed, m, sizes)


def takes_pairs(function):
    """Tell (net, mini_batch, eta) from (net, X, Y, eta)."""
    needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    return len(needed) == 3


def run(learner, function, probe, eta=ETA):
    """Run a function on copies: what it found (for a step: the gradient that it went along), the arguments after it."""
    net, X, Y = probe.net.copy(), probe.X.copy(), probe.Y.copy()
    return *run_on(learner, function, net, X, Y, eta), (net, X, Y)


def run_on(learner, function, net, X, Y, eta=ETA):
    """Run a function on these very arguments: what it found, and whether it changed what it must not."""
    before, kept = net.copy(), [X.copy(), Y.copy()]
    if learner.check != "update":
        found = function(net, X, Y)
        same = len(net.weights) == len(before.weights) and all(
            np.array_equal(p, q) for p, q in zip(parts(net), parts(before), strict=True)
        )
        return found, not same or not np.array_equal(X, kept[0]) or not np.array_equal(Y, kept[1])
    if takes_pairs(function):
        pairs = [(X[:, [i]].copy(), Y[:, [i]].copy()) for i in range(X.shape[1])]
        given = list(pairs)
        function(net, given, eta)
        changed = [id(pair) for pair in given] != [id(pair) for pair in pairs]
        again = np.hstack([x for x, _ in pairs]), np.hstack([y for _, y in pairs])
    else:
        function(net, X, Y, eta)
        changed, again = False, (X, Y)
    changed = changed or not all(np.array_equal(p, q) for p, q in zip(again, kept, strict=True))
    rate = eta / X.shape[1]
    slopes = [
        (old - new) / rate if new.shape == old.shape else new
        for old, new in zip(parts(before), parts(net), strict=True)
    ]
    return (slopes[: len(net.biases)], slopes[len(net.biases) :]), changed


def parts(net):
    """List the arrays of a network."""
    return [*net.biases, *net.weights]


def look(found, right):
    """Say what one array looks like beside the right one."""
    if np.shape(found) != right.shape:
        return "shape"
    error = np.linalg.norm(found - right) / np.linalg.norm(right)
    if error < 1e-9:
        return "exact"
    return "wrong" if np.any(found) else "zero"


def looks(found, right):
    """Say what every bias and weight looks like."""
    return [[look(p, q) for p, q in zip(mine, theirs, strict=True)] for mine, theirs in zip(found, right, strict=True)]


def scaled(gradient, of_b, of_w):
    """Multiply the two halves of a gradient."""
    return [of_b * b for b in gradient[0]], [of_w * w for w in gradient[1]]


def shows(learner, what, seed):
    """Tell whether a function shows what it is said to show."""
    function, m = learner.make(), 1 if learner.check == "backprop" else 4
    probe = probe_of(seed, m)
    right = probe.gradient
    if what == "raises":
        with pytest.raises(ValueError, match=r"broadcast|mismatch|aligned|output operand"):
            run(learner, function, probe)
        return True
    if what == "right for m = 1":
        single = probe_of(seed, 1)
        alone, together = (run(learner, function, one)[0] for one in (single, probe))
        return all_exact(alone, single.gradient) and not all_exact(together, right)
    found, changed, arguments = run(learner, function, probe)
    if what == "arguments":
        return changed and all_exact(found, right)
    assert not changed
    if what == "second is the sum":
        net = arguments[0]
        second = Probe(seed + 1, m, net=net.copy())
        total = [[p + q for p, q in zip(*pair, strict=True)] for pair in zip(right, second.gradient, strict=True)]
        again = run_on(learner, function, net, second.X, second.Y)[0]
        return all_exact(found, right) and all_exact(again, total)
    if what == "memory":
        second = function(arguments[0], *arguments[1:])
        shared = [
            np.shares_memory(p, q)
            for mine, theirs in zip(found, second, strict=True)
            for p, q in zip(mine, theirs, strict=True)
        ]
        return all_exact(found, right) and all(shared)
    if what == "less with eta":
        smaller = run(learner, learner.make(), probe, eta=ETA / 10)[0]
        b, w = looks(found, right)
        far, near = (np.linalg.norm(g[1][0] - right[1][0]) for g in (found, smaller))
        return (b[-1], w[-1]) == ("exact", "exact") and {*b[:-1], *w[:-1]} == {"wrong"} and 5 < far / near < 20
    if what in ("fewer", "none"):
        found = [[array for array in half if array is not None] for half in found]
        return all_exact(found, [half[1:] for half in right])
    if what == "last column":
        return all_exact(found, probe.gradient_of_last)
    factors = {
        "times -1": (-1, -1),
        "times 2": (2, 2),
        "times 1/m": (1 / m, 1 / m),
        "times m": (m, m),
        "biases times 1/m": (1 / m, 1),
        "weights times m": (1, m),
    }
    if what in factors:
        return all_exact(found, scaled(right, *factors[what]))
    b, w = looks(found, right)
    if what == "views of one":
        owners = [array.base for half in found for array in half]
        return all_exact(found, right) and any(p is q for p, q in combinations(owners, 2))
    if what.startswith("rank one"):
        ranks = {np.linalg.matrix_rank(array, tol=1e-12) for array in found[1]}
        return set(b) == {"exact"} and "exact" not in w and ranks == {1}
    return {
        "right": {*b, *w} == {"exact"},
        "all wrong": "exact" not in b + w,
        "last exact": (b[-1], w[-1]) == ("exact", "exact") and "exact" not in b[:-1] + w[:-1],
        "last two exact": {*b[-2:], *w[-2:]} == {"exact"} and {*b[:-2], *w[:-2]} == {"wrong"},
        "biases exact": set(b) == {"exact"} and "exact" not in w,
        "weights exact": set(w) == {"exact"} and "exact" not in b,
        "hidden weights": {*b, w[-1]} == {"exact"} and "exact" not in w[:-1],
        "last weights": {*b, *w[:-1]} == {"exact"} and w[-1] == "wrong",
        "some weights": b[-1] == "exact" and "wrong" in w,
        "first zero": (b[0], w[0]) == ("zero", "zero") and {*b[1:], *w[1:]} == {"exact"},
        "bias shape": set(b) == {"shape"} and set(w) == {"exact"},
        "hidden bias shape": {*b[:-1]} == {"shape"} and {b[-1], *w} == {"exact"},
        "last bias shape": b[-1] == "shape" and {*b[:-1], *w} == {"exact"},
        "bias step zero": set(b) == {"zero"} and set(w) == {"exact"},
    }[what]


def all_exact(found, right):
    """Tell whether everything is exact."""
    return {word for half in looks(found, right) for word in half} == {"exact"}


def test_catalogue_is_the_one_that_is_tested():
    """The catalogue holds the names of the table above, in its order."""
    assert list(CATALOGUE) == list(SHOWS)


@pytest.mark.parametrize("check", CHECKS)
def test_learners_are_many(check):
    """Every mistake that can be made is made in at least three styles; there are enough of the other kinds."""
    mine = [learner for learner in LEARNERS if learner.check == check]
    made = [learner.mistake for learner in mine if learner.kind == "wrong"]
    assert set(made) == MEANINGFUL[check]
    assert not [name for name in set(made) if made.count(name) < 3]
    kinds = [learner.kind for learner in mine]
    assert kinds.count("right") >= 14
    assert kinds.count("two") >= 8
    assert kinds.count("other") >= 8
    styles = [(learner.mistake, learner.style) for learner in mine if learner.kind in ("right", "wrong")]
    assert len(set(styles)) == len(styles)
    assert len({learner.id for learner in mine}) == len(mine)


@of_kind("right", "wrong")
def test_learners_show_what_they_are_said_to(learner):
    """A wrong function makes its one mistake and no other, by the table; a right one is right."""
    what = learner.shows or ("right" if learner.kind == "right" else SHOWS[learner.mistake])
    assert shows(learner, what, seed=5)
    if learner.mistake in ("bias-wrong-axis", "bias-from-weights"):
        assert shows(learner, what, seed=6)


@of_kind("two", "other", "unclear")
def test_other_learners_are_wrong(learner):
    """A function with two mistakes, or one that the catalogue lacks, is not right: on one network or another."""
    single, exact = learner.check == "backprop", []
    for m, sizes in ((4, (4, 4, 4, 4)), (5, (3, 5, 4, 2)), (5, (3, 4, 4, 4, 2))):
        function = learner.make()
        for seed, eta in ((5, ETA), (6, ETA / 3)):
            probe = probe_of(seed, 1 if single else m, sizes)
            try:
                found, changed, _ = run(learner, function, probe, eta)
                exact.append(all_exact(found, probe.gradient) and not changed)
            except (ValueError, IndexError, TypeError):
                exact.append(False)
    assert not all(exact)


# the answers


@cache
def answer(learner):
    """Ask the diagnosis about a learner's function, once for all tests."""
    return CHECKS[learner.check](learner.make())


def fit(diagnosis):
    """Check the form of an answer, whatever it says."""
    assert isinstance(diagnosis, Diagnosis)
    assert diagnosis.state in ("right", "convention", "wrong", "stopped", "unfinished")
    assert diagnosis.ok is (diagnosis.state == "right")
    assert diagnosis.mistake is None or diagnosis.mistake in CATALOGUE
    assert diagnosis.message.strip() == diagnosis.message != ""
    assert "\n" not in diagnosis.message
    assert diagnosis.message[-1] in ".?!:…"
    assert len(diagnosis.message) < 400
    assert " returned of " not in diagnosis.message
    assert len(diagnosis.hints) in (0, 3)
    assert all(isinstance(hint, str) and hint.strip() for hint in diagnosis.hints)
    assert len(set(diagnosis.hints)) == len(diagnosis.hints)
    if diagnosis.mistake:
        assert len(diagnosis.hints) == 3
    if diagnosis.state in ("right", "unfinished"):
        assert diagnosis.mistake is None
        assert diagnosis.hints == () or diagnosis.state == "unfinished"
    text, html = str(diagnosis), diagnosis._repr_html_()
    assert diagnosis.message in text
    assert text == repr(diagnosis)
    assert not [hint for hint in diagnosis.hints if hint in text], "a hint is asked for, not given away"
    assert html.count("<details") == html.count("</details>") == len(diagnosis.hints)
    assert "<script" not in html
    assert (
        re.sub(
            r"</?(?:div|p|strong|code|table|thead|tbody|tr|th|td|details|summary|pre|span|sup|sub)\b[^<>]*>", "", html
        ).count("<")
        == 0
    )
    for row in diagnosis.table:
        assert isinstance(row.layer, int)
        assert isinstance(row.b, str)
        assert isinstance(row.w, str)
        assert row.b
        assert row.w
    layers = [row.layer for row in diagnosis.table]
    assert layers == list(range(2, len(layers) + 2)), "one row a layer after the input"
    return diagnosis


def one_sentence(message):
    """Tell whether there is one sentence, decimal points and the names of attributes aside."""
    return not re.search(r"[.!?]\s+[A-ZΑ-Ω]", message)


@of_kind("right")
def test_right_is_right(learner):
    """Right code is accepted, whatever its style."""
    found = fit(answer(learner))
    assert (found.state, found.mistake) == ("right", None), str(found)
    assert found.ok


@of_kind("wrong")
def test_wrong_has_a_name(learner):
    """A mistake is called by its name, whatever the style in which it is made."""
    found = fit(answer(learner))
    assert found.mistake == learner.mistake, str(found)
    assert not found.ok
    assert one_sentence(found.message)
    is_convention = learner.mistake in CONVENTIONS
    assert ("convention" in found.message) == is_convention
    states = {"convention"} if is_convention and learner.check != "update" else {"wrong"}  # a step must fit its rate
    assert found.state in states | ({"stopped"} if learner.shows == "raises" else set())


@of_kind("two", "other", "unclear")
def test_no_false_name(learner):
    """Two mistakes at once, or one that is not in the catalogue: refused, and no false name is given to it."""
    found = fit(answer(learner))
    assert not found.ok
    assert found.mistake in ((None, *learner.mistakes) if learner.kind == "unclear" else (None,)), str(found)
    assert found.state in ("wrong", "stopped", "convention")
    assert one_sentence(found.message)
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


@pytest.mark.parametrize("name", SHOWS)
def test_catalogue_makes_its_own_mistakes(name):
    """The catalogue's own wrong versions are called by their names, and the entries are whole."""
    entry = CATALOGUE[name]
    assert entry.name == name
    assert len(entry.hints()) == 3
    assert all((entry.about, entry.equation, entry.wrong, entry.right))
    assert entry.wrong != entry.right
    if name in OF_THE_STEP | {"accumulator-not-reset"}:
        assert fit(check_update(faulty_update(name))).mistake == name
    else:
        assert fit(check_backprop_matrix(faulty(name))).mistake == name


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
    monkeypatch.setattr(running, "SECONDS_TO_STOP", 1.0)
    # `Stop` may arrive in a callback of the garbage collector, Hypothesis's say; Python reports it, and goes on
    monkeypatch.setattr(sys, "unraisablehook", print)
    yield
    learners_odd.GIVE_UP.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon:
            thread.join(timeout=1)
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
