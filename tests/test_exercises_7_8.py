"""The exercises of lessons 7 and 8: right answers of any style pass, blanks are unfinished, slips are told by name."""

import itertools
import linecache
import re

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, update_mini_batch, update_mini_batch_matrix
from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import check, lesson_07, lesson_08
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.gradcheck import relative_error
from lessons import NOTEBOOKS, cells_of, read

WORDS = lesson_07.WORDS | lesson_08.WORDS
TAGS = [f"{lesson}.{number}" for lesson in (7, 8) for number in (1, 2, 3, 4)]
NAMES = ["07-do-the-whole-mini-batch-at-once", "08-measure-how-much-faster-it-is"]


def say(told):
    """Give the whole answer, for the message of a failing test."""
    return f"{told}\n{told.hints}"


def assert_told(tag, answer, word, mistake=None):
    """The answer is wrong, and the sentence under `word` in one of the tables is what is said to it."""
    told = check(tag, answer)
    assert told.state == "wrong", say(told)
    assert told.message == WORDS[word], say(told)
    assert told.mistake == mistake
    assert len(told.hints) == 3


def cells_with(tag, folder=NOTEBOOKS):
    """List the cells of lessons 7 and 8, or of their solutions, that have this tag."""
    notebooks = [read(folder / f"{name}.ipynb") for name in NAMES]
    return [cell for notebook in notebooks for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


# --- the notebooks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_lesson_and_solution_have_the_same_check(tag):
    """Each exercise is blank in the lesson and solved in the solution, and both are checked by the same line."""
    (blank,), (solved,) = (cells_with(f"exercise-{tag}", folder) for folder in (NOTEBOOKS, NOTEBOOKS / "solutions"))
    assert "..." in blank.source
    assert "..." not in solved.source
    (asked,), (answered,) = (cells_with(f"check-{tag}", folder) for folder in (NOTEBOOKS, NOTEBOOKS / "solutions"))
    assert asked.source == answered.source
    assert asked.outputs[0].data["text/plain"].startswith("… Not written yet.")
    assert answered.outputs[0].data["text/plain"].startswith("✓ Right.")


@pytest.mark.parametrize("tag", TAGS)
def test_blank_is_unfinished(tag):
    """`...`, and the blank of the lesson as it stands, are not wrong: they are not written yet."""
    (blank,) = cells_with(f"exercise-{tag}")
    names, file = {}, f"<blank {tag}>"
    linecache.cache[file] = len(blank.source), None, blank.source.splitlines(keepends=True), file
    exec(compile(blank.source, file, "exec"), names)
    name = cells_with(f"check-{tag}")[0].source.removesuffix(")").split()[-1]
    for answer in (..., names[name]):
        told = check(tag, answer)
        assert told.state == "unfinished", say(told)


@pytest.mark.parametrize("tag", TAGS)
def test_strange_answers_get_an_answer(tag):
    """What is no answer at all is refused in words, and nothing is raised but the TypeError of a missing function."""
    for answer in (None, "?", 3.5, [1, None], {"a": 1}, np.zeros(3), lambda: 1, lambda *_: [min("?")]):
        try:
            told = check(tag, answer)
        except TypeError as error:
            assert "expected a function" in str(error)  # noqa: PT017 - both answers are fine, and one must come
        else:
            assert told.state in ("wrong", "stopped"), say(told)
            assert told.message


# --- 7.1: the pseudocode ------------------------------------------------------------------------------------------


RIGHT_LINES = sorted(lesson_07.LINES.keys() - lesson_07.WRONG)


def accepted_orders():
    """List every order of the right lines that the check's walk lets pass; the walk is made without the numbers."""
    needs = {letter: code.__code__.co_varnames for letter, (_, code) in lesson_07.LINES.items()}
    gives = {letter: names for letter, (names, _) in lesson_07.LINES.items()}
    at_start = set(lesson_07.start())
    orders = []

    def extend(order, there, changed):
        if len(order) == len(RIGHT_LINES):
            orders.append(order)
        for letter in RIGHT_LINES:
            if letter not in order and there.issuperset(needs[letter]) and not changed & {*needs[letter]}:
                extend([*order, letter], there | {*gives[letter]}, changed | ({*gives[letter]} & at_start))

    extend([], at_start, set())
    return orders


def test_every_valid_order_takes_the_right_step():
    """Every order that can be walked is accepted, and its numbers are those of one step of the loop."""
    given = lesson_07.start()
    net = Network(lesson_07.SIZES, [given["w2"].copy(), given["w3"].copy()], [given["b2"].copy(), given["b3"].copy()])
    X, Y = given["X"], given["Y"]
    update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in range(lesson_07.EXAMPLES)], given["eta"])
    orders = accepted_orders()
    assert len(orders) > 5
    for order in orders:
        assert check("7.1", order).ok, order
        after, fault, _ = lesson_07.run_lines(order, given)
        assert not fault
        for name, array in zip(("w2", "w3", "b2", "b3"), net.weights + net.biases, strict=True):
            assert relative_error(after[name], array) < 1e-12


def test_no_other_order_is_accepted():
    """Exchanging two lines of an order gives another accepted one, or an answer that says which line is too early."""
    accepted = {"".join(order) for order in accepted_orders()}
    for i, j in itertools.combinations(range(len(RIGHT_LINES)), 2):
        order = list("EBIAJFHC")
        order[i], order[j] = order[j], order[i]
        assert check("7.1", order).ok == ("".join(order) in accepted), order


def test_lines_of_the_lesson_are_those_of_the_check():
    """The lesson's table has the same letters, and each line names what it gives."""
    (task,) = [cell.source for cell in read(NOTEBOOKS / f"{NAMES[0]}.ipynb").cells if cell.source.startswith("### 7.1")]
    rows = dict(re.findall(r"^\| ([A-J]) \| (.+) \|$", task, re.MULTILINE))
    assert list(rows) == list(lesson_07.LINES)
    for letter, (gives, _) in lesson_07.LINES.items():
        names = [
            name.replace("Delta", "Δ").replace("nabla_", "∇").replace("2", "²").replace("3", "³") for name in gives
        ]
        assert all(re.search(rf"{name} [=←]", rows[letter]) for name in names)


def test_wrong_lines_give_wrong_numbers():
    """The two lines that must stay out are wrong: one in its numbers, one in its shapes."""
    there, _, _ = lesson_07.run_lines(list("EBIAJF"), lesson_07.start())
    nabla_b, nabla_w = lesson_07.LINES["D"][1](there["Delta3"], there["A2"])
    m = lesson_07.EXAMPLES
    assert relative_error(m * nabla_b, there["nabla_b3"]) < 1e-12
    assert relative_error(m * nabla_w, there["nabla_w3"]) > 0.01
    with pytest.raises(ValueError, match="matmul"):
        lesson_07.LINES["G"][1](there["w3"], there["Delta3"], there["Z2"])


@pytest.mark.parametrize(
    ("answer", "part", "mistake"),
    [
        ("EIBAJFHC", "Line I needs A³ and Z³", None),
        ("BEIAJFHC", "Line B needs A²", None),
        (["E", "B", "I", "F", "A", "J", "H", "C"], "Line F needs Δ²", None),
        ("EBIJHAFC", "Line A uses w³, but line H has changed it", "updated-too-early"),
        ("EBIGJFHC", "the shapes do not fit", "missing-transpose"),
        ("EBIADFHC", "multiplies averages", "average-then-multiply"),
        ("EBIAJFH", "no line changes b² and w²: a line is missing", None),
        ("EBIAJF", "no line changes b², b³, w² and w³: 2 lines are missing", None),
        ([], "8 lines are missing", None),
        ("EEBIAJFHC", "Line E stands there twice", None),
        ("EBIX", "X is no line", None),
        (["E", 2], "expected a list of letters", None),
        (7, "expected a list of letters", None),
    ],
)
def test_order_that_does_not_work(answer, part, mistake):
    """The first line that cannot be right where it stands is named, with the reason."""
    told = check("7.1", answer)
    assert told.state == "wrong"
    assert part in told.message
    assert told.mistake == mistake


def test_order_may_be_written_in_any_way():
    """Small letters, a string with commas: what counts is the order; and the third hint holds one that works."""
    told = check("7.1", " e, b, i, a, j, f, h, c ")
    assert told.ok
    assert "∇w³ (10, 30)" in told.message
    last = check("7.1", [...][:0]).hints[-1]
    assert check("7.1", re.findall(r"\b[A-J]\b", last)).ok


# --- 7.2: count some examples more than once ----------------------------------------------------------------------


def counted_with_einsum(Delta, A, counts):
    return np.einsum("im,m->i", Delta, counts)[:, None], np.einsum("im,km,m->ik", Delta, A, counts)


def counted_by_repeating(Delta, A, counts):
    columns = np.repeat(np.arange(len(counts)), counts)
    return Delta[:, columns].sum(axis=1, keepdims=True), Delta[:, columns] @ A[:, columns].T


def counted_one_by_one(Delta, A, counts):
    columns = [(Delta[:, [i]], A[:, [i]], count) for i, count in enumerate(counts)]
    return [sum(c * d for d, _, c in columns), sum(c * d @ a.T for d, a, c in columns)]


@pytest.mark.parametrize("function", [counted_with_einsum, counted_by_repeating, counted_one_by_one])
def test_counted_gradients(function):
    """Right in any style, repeated columns as the meaning of it included."""
    assert check("7.2", function).ok


def with_gradients(nabla_b=None, nabla_w=None):
    def function(Delta, A, counts):
        b, w = counted_by_repeating(Delta, A, counts)
        return nabla_b(Delta, A, counts) if nabla_b else b, nabla_w(Delta, A, counts) if nabla_w else w

    return function


@pytest.mark.parametrize(
    ("function", "word", "mistake"),
    [
        (with_gradients(nabla_w=lambda D, A, c: np.einsum("im,km,m->ik", D, A, c**2)), "counts squared", None),
        (with_gradients(nabla_w=lambda D, A, c: np.dot(D, A.T)), "weights not counted", None),
        (with_gradients(nabla_b=lambda D, A, c: D.sum(1)[:, None]), "biases not counted", None),
        (with_gradients(nabla_b=lambda D, A, c: (c * D).sum(axis=1)), "flat", "bias-lost-dimension"),
        (with_gradients(nabla_b=lambda D, A, c: c * D), "not summed", "bias-not-summed"),
        (with_gradients(nabla_b=lambda D, A, c: (c * D).sum(0)), "wrong axis", "bias-wrong-axis"),
        (
            with_gradients(nabla_b=lambda D, A, c: c * D @ A.T @ np.ones((len(A), 1))),
            "from weights",
            "bias-from-weights",
        ),
        (with_gradients(nabla_w=lambda D, A, c: A @ (D * c).T), "transposed", "outer-product-transposed"),
        (lambda D, A, c: counted_with_einsum(D * c.reshape(-1, 1), A, np.ones(len(c))), "counts by neuron", None),
        (lambda D, A, c: counted_with_einsum(D, A, c / np.sum(c)), "averaged", "mean-for-sum"),
        (lambda D, A, c: counted_with_einsum(D, A, np.full(len(c), sum(c))), "total count", None),
        (lambda D, A, c: counted_with_einsum(D, A, 1.0 * (c > 0)), "only once", None),
        (lambda D, A, c: counted_with_einsum(D, A, c)[::-1], "exchanged", None),
    ],
)
def test_slips_of_counted_gradients(function, word, mistake):
    """Each is told by its own sentence."""
    assert_told("7.2", function, word, mistake)


@pytest.mark.parametrize(("part", "symbol"), [(0, "∇b"), (1, "∇w")])
def test_gradients_that_are_wrong_bear_their_names(part, symbol):
    """What is wrong in a way of its own is called ∇b or ∇w, not answer[0]."""

    def off(Delta, A, counts):
        gradients = list(counted_by_repeating(Delta, A, counts))
        gradients[part] = 3.1 * gradients[part]
        return gradients

    assert check("7.2", off).message.startswith(f"{symbol} is wrong: ")


# --- 7.3 and 7.4: the program -------------------------------------------------------------------------------------


def test_my_backprop_matrix():
    """The chapter's problem is judged by the diagnosis: right code passes, a mistake is named."""
    told = check("7.3", written_out(lambda Delta, A: np.einsum("im,jm->ij", Delta, A)))
    assert told.ok
    assert told.message not in WORDS.values()

    def loop(net, X, Y):
        gradients = [backprop(net, X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
        return [[sum(parts) for parts in zip(*some, strict=True)] for some in zip(*gradients, strict=True)]

    assert check("7.3", loop).ok
    assert check("7.3", loop).message == WORDS["matrix loop"]

    def flat(net, X, Y):
        nabla_b, nabla_w = backprop_matrix(net, X, Y)
        return [nb.ravel() for nb in nabla_b], nabla_w

    assert check("7.3", flat).mistake == "bias-lost-dimension"


def written_out(product):
    """Give backprop for the whole mini-batch, with some product of Δ and A for BP4."""

    def function(net, X, Y):
        Zs, activations = [], [X]
        for b, w in zip(net.biases, net.weights, strict=True):
            Zs.append(w @ activations[-1] + b)
            activations.append(sigmoid(Zs[-1]))
        Deltas = [(activations[-1] - Y) * sigmoid_prime(Zs[-1])]
        for w, Z in zip(net.weights[:0:-1], Zs[-2::-1], strict=True):
            Deltas.insert(0, (w.T @ Deltas[0]) * sigmoid_prime(Z))
        nabla_w = [product(Delta, A) for Delta, A in zip(Deltas, activations[:-1], strict=True)]
        return [Delta.sum(axis=1, keepdims=True) for Delta in Deltas], nabla_w

    return function


@pytest.mark.parametrize(
    "product",
    [
        lambda Delta, A: sum(Delta[:, [i]] @ A[:, [i]].T for i in range(Delta.shape[1])),
        lambda Delta, A: sum(map(lambda d, a: np.outer(d, a), Delta.T, A.T)),
    ],
)
def test_loop_over_the_examples_is_seen(product):
    """A loop over the examples is right, and told, be it in one line of Python and without a single call."""
    told = check("7.3", written_out(product))
    assert told.ok
    assert told.message == WORDS["matrix loop"]
    assert told.table


def test_printing_is_no_loop(capsys):
    """An array that is printed takes NumPy the more lines the larger it is, and is no loop over the examples."""

    def product(Delta, A):
        print(Delta)
        return Delta @ A.T

    told = check("7.3", written_out(product))
    assert told.ok
    assert told.message != WORDS["matrix loop"]
    assert not capsys.readouterr().out


@pytest.mark.parametrize("function", [backprop_matrix, lambda net, X, Y: backprop_matrix(net, X, Y)])
def test_the_package_s_own_function_is_seen(function):
    """What was to be written is told from what was there."""
    told = check("7.3", function)
    assert told.ok
    assert told.message == WORDS["matrix borrowed"]


def rows_z(A, w, b):
    return A @ w.T + b.T


def rows(
    net, X, Y, eta, *, back=lambda Delta, w: Delta @ w, slope=sigmoid_prime, early=False, divisor=len, bias=1, z=rows_z
):
    """Take the step for examples as rows, with whatever is to be done otherwise."""
    A, Zs, activations = X, [], [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        Z = z(A, w, b)
        A = sigmoid(Z)
        Zs.append(Z)
        activations.append(A)
    Delta = cost_derivative(A, Y) * slope(Zs[-1])
    waiting = []
    for l in reversed(range(len(net.weights))):
        if l < len(net.weights) - 1:
            Delta = back(Delta, net.weights[l + 1]) * sigmoid_prime(Zs[l])
        waiting.append((l, eta / divisor(X) * Delta.sum(axis=0)[:, None], eta / divisor(X) * Delta.T @ activations[l]))
        if early:
            take(net, *waiting.pop(), bias)
    for step in waiting:
        take(net, *step, bias)


def take(net, l, step_b, step_w, bias):
    net.biases[l] -= bias * step_b
    net.weights[l] = net.weights[l] - step_w


def test_step_in_rows():
    """The step is that of the lesson, whichever way it is written."""
    assert check("7.4", rows).ok
    assert check("7.4", lambda net, X, Y, eta: update_mini_batch_matrix(net, X.T, Y.T, eta)).ok
    loop = lambda net, X, Y, eta: update_mini_batch(net, [(x[:, None], y[:, None]) for x, y in zip(X, Y)], eta)  # noqa: B905, E731
    assert check("7.4", loop).ok


@pytest.mark.parametrize(
    ("changes", "word", "mistake"),
    [
        ({"divisor": lambda X: X.shape[1]}, "rows m", None),
        ({"divisor": lambda X: 1}, "rows sum", "mean-for-sum"),
        ({"divisor": lambda X: -len(X)}, "rows sign", "wrong-sign"),
        ({"bias": 0}, "rows biases", "biases-never-updated"),
        ({"z": lambda A, w, b: A @ w.T + b}, "rows bias", None),
        ({"z": lambda A, w, b: A @ w + b.T}, "rows forward", None),
        ({"back": lambda Delta, w: Delta @ w.T}, "rows back", "missing-transpose"),
    ],
)
def test_slips_of_step_in_rows(changes, word, mistake):
    """What goes wrong because of the rows has a sentence of its own."""
    assert_told("7.4", lambda net, X, Y, eta: rows(net, X, Y, eta, **changes), word, mistake)


def test_step_in_rows_that_changes_nothing_or_takes_columns():
    """A step that never reaches the network, and the step of the lesson."""
    assert_told("7.4", lambda net, X, Y, eta: [w - eta for w in net.weights] and None, "rows nothing")
    assert_told("7.4", update_mini_batch_matrix, "rows columns")


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"early": True}, "updated-too-early"),
        ({"slope": lambda Z: 1}, "missing-output-sigmoid-prime"),
    ],
)
def test_gradient_mistakes_in_rows_are_named(changes, mistake):
    """Mistakes of the catalogue are found in rows as well, and the hints stay those for rows."""
    told = check("7.4", lambda net, X, Y, eta: rows(net, X, Y, eta, **changes))
    assert told.mistake == mistake, say(told)
    assert told.hints == WORDS["rows hints"]


def test_unknown_mistake_in_rows_is_described():
    """A step that is wrong in a way of its own is described by the diagnosis, in the words of columns."""
    told = check("7.4", lambda net, X, Y, eta: rows(net, X, Y, 1.3 * eta))
    assert not told.ok
    assert told.mistake is None
    assert told.message.startswith(WORDS["rows told"].split("{")[0])
    assert "1.3" in told.message


# --- 8.1: the median of the ratios --------------------------------------------------------------------------------


def median_by_sorting(seconds):
    ratios = sorted(slow / fast for slow, fast in seconds)
    return (ratios[len(ratios) // 2] + ratios[(len(ratios) - 1) // 2]) / 2


def median_by_columns(seconds):
    slow, fast = np.array(seconds).T
    return np.percentile(slow / fast, 50)


@pytest.mark.parametrize("function", [median_by_sorting, median_by_columns])
def test_median_ratio(function):
    """Right, with and without NumPy."""
    assert check("8.1", function).ok


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda s: np.median(np.array(s)[:, 0]) / np.median(np.array(s)[:, 1]), "ratio of medians"),
        (lambda s: np.divide(*np.mean(s, axis=0)), "ratio of sums"),
        (lambda s: sum(a / b for a, b in s) / len(s), "mean of ratios"),
        (lambda s: np.median([b / a for a, b in s]), "upside down"),
        (lambda s: np.median([a - b for a, b in s]), "difference"),
        (lambda s: [a / b for a, b in s][len(s) // 2], "not sorted"),
        (lambda s: sorted(a / b for a, b in s)[len(s) // 2], "one of two"),
        (lambda s: np.divide(*np.min(s, axis=0)), "best of each"),
    ],
)
def test_slips_of_median_ratio(function, word):
    """Each is told by its own sentence."""
    assert_told("8.1", function, word)


# --- 8.2: the stopwatch -------------------------------------------------------------------------------------------


def fair(slow, fast, gather, clock, rounds, *, warm=True, own=False, inside=False, upside_down=False):
    """Measure in turn, with whatever is to be unfair."""
    times = []
    for i in range(-1 if warm else 0, rounds):
        batch, pair = gather(), []
        for function in (slow, fast):
            began = clock()
            if own and function is fast:
                batch = gather()
            pair.append((clock() if own and not inside else began, function(batch), clock()))
        if i >= 0:
            times.append([ended - began for began, _, ended in pair])
    return [b / a if upside_down else a / b for a, b in times]


def fair_in_either_order(slow, fast, gather, clock, rounds):
    """Let the two take turns in being first."""
    names, ratios = [("slow", slow), ("fast", fast)], []
    for i in range(rounds + 2):
        batch, seconds = gather(), {}
        for name, function in names[:: (-1) ** i]:
            began = clock()
            function(batch)
            seconds[name] = clock() - began
        ratios.append(seconds["slow"] / seconds["fast"])
    return np.array(ratios[2:])


def fair_with_batches_at_first(slow, fast, gather, clock, rounds):
    batches = [gather() for _ in range(rounds)]
    slow(batches[0]), fast(batches[0])
    readings = [(clock(), slow(batch), clock(), fast(batch), clock()) for batch in batches]
    return [(b - a) / (c - b) for a, _, b, _, c in readings]


def fair_with_one_batch(slow, fast, gather, clock, rounds):
    batch = gather()
    slow(batch), fast(batch)
    readings = [(clock(), slow(batch), clock(), fast(batch), clock()) for _ in range(rounds)]
    return [(b - a) / (c - b) for a, _, b, _, c in readings]


@pytest.mark.parametrize("function", [fair, fair_in_either_order, fair_with_batches_at_first, fair_with_one_batch])
def test_fair_ratios(function):
    """Every fair way of measuring is accepted."""
    assert check("8.2", function).ok


def slow_fast_slow(slow, fast, gather, clock, rounds, one=True):
    """Take the mean of two times of slow, before and after fast."""
    batch, ratios = gather(), []
    slow(batch), fast(batch)
    for _ in range(rounds):
        batch = batch if one else gather()
        times = [(clock(), function(batch), clock()) for function in (slow, fast, slow)]
        first, middle, last = (ended - began for began, _, ended in times)
        ratios.append((first + last) / 2 / middle)
    return ratios


def with_another_clock(slow, fast, gather, clock, rounds):
    ticks = itertools.count()
    return fair(slow, fast, gather, lambda: next(ticks) ** 2, rounds)


def one_after_the_other(slow, fast, gather, clock, rounds):
    columns = []
    for function in (slow, fast):
        function(gather())
        batches = [gather() for _ in range(rounds)]
        readings = [(clock(), function(batch), clock()) for batch in batches]
        columns.append([ended - began for began, _, ended in readings])
    return [a / b for a, b in zip(*columns, strict=True)]


def test_stopwatch_of_the_lesson_is_unfair():
    """The function that is to be mended, as it stands in the lesson, is told from all others."""
    (task,) = [cell.source for cell in read(NOTEBOOKS / f"{NAMES[1]}.ipynb").cells if cell.source.startswith("### 8.2")]
    names = {}
    exec(re.search(r"```python\n(.+?)```", task, re.DOTALL)[1], names)
    assert_told("8.2", names["unfair_ratios"], "unfair")


def gathering_in_slow(slow, fast, gather, clock, rounds, again=lambda batch, gather: batch):
    slow(gather()), fast(gather())
    readings = []
    for _ in range(rounds):
        began = clock()
        batch = gather()
        slow(batch)
        between = clock()
        fast(again(batch, gather))
        readings.append((began, between, clock()))
    return [(b - a) / (c - b) for a, b, c in readings]


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda *a: fair(*a, warm=False), "cold"),
        (lambda *a: fair(*a, own=True), "other batch"),
        (lambda *a: fair(*a, own=True, inside=True), "gathering in fast"),
        (lambda *a: fair(*a, upside_down=True), "fair upside down"),
        (gathering_in_slow, "gathering in slow"),
        (lambda *a: gathering_in_slow(*a, again=lambda _, gather: gather()), "gathering in both"),
        (one_after_the_other, "one after the other"),
        (with_another_clock, "no clock"),
    ],
)
def test_slips_of_fair_ratios(function, word):
    """Each way of being unfair is told by its own sentence."""
    assert_told("8.2", function, word)


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (lambda *a: fair(*a)[:-1], "You return 4 ratios: expected 5"),
        (lambda *a: fair(*a)[0], "expected a list of 5 ratios"),
        (lambda *a: ["3"] * a[-1], "other than numbers"),
        (slow_fast_slow, "You time slow 10 times and fast 5 times."),
        (lambda *a: slow_fast_slow(*a, one=False), "You time slow 10 times and fast 5 times."),
        (lambda *a: [2 * ratio for ratio in fair(*a)], "your function found 6, 6, 6, 6, 6"),
    ],
)
def test_other_answers_of_fair_ratios(function, part):
    """What is wrong in a way of its own is told by what came out."""
    told = check("8.2", function)
    assert told.state == "wrong"
    assert part in told.message


def test_machine_keeps_its_ratio():
    """On the imaginary machine slow ÷ fast is the same in every round but the first, while the rounds get longer."""
    machine = lesson_08.Machine(6.0, 2.0)
    readings = [
        (machine.clock(), machine.slow(1.5), machine.clock(), machine.fast(1.5), machine.clock()) for _ in "abcd"
    ]
    slow, fast = np.array([(b - a, c - b) for a, _, b, _, c in readings]).T
    assert np.allclose(slow[1:] / fast[1:], 3)
    assert slow[0] / fast[0] < 2
    assert all(slow[1:-1] < slow[2:])
    before = machine.clock()
    assert machine.gather() != machine.gather()
    assert machine.clock() > before


# --- 8.3: the multiplications -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sizes", "m"), [([4, 3, 2], 3), ([3, 2], 2), ([2, 3, 4, 2], 1)])
def test_counted_program_computes_the_gradient(sizes, m):
    """What is counted is the real thing: its gradients are those of backprop_matrix."""
    rng = np.random.default_rng(0)
    net, X, Y = Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m))
    found, counts = lesson_08.backprop_by_loops(net, X, Y)
    for mine, theirs in zip(found, backprop_matrix(net, X, Y), strict=True):
        assert all(relative_error(a, b) < 1e-12 for a, b in zip(mine, theirs, strict=True))
    assert counts["forward"] == counts["bp4"] == m * sum(w.size for w in net.weights)
    assert counts["bp2"] == m * sum(w.size for w in net.weights[1:])


def links(sizes):
    return [a * b for a, b in itertools.pairwise(sizes)]


def test_multiplications():
    """Right, by a formula and by a loop."""
    assert check("8.3", lambda sizes, m: m * (3 * sum(links(sizes)) - sizes[0] * sizes[1])).ok

    def by_loop(sizes, m):
        total = 0
        for l in range(1, len(sizes)):
            total += sizes[l] * sizes[l - 1] * m * (2 if l == 1 else 3)
        return total

    told = check("8.3", by_loop)
    assert told.ok
    assert f"{784 * 30 + 30 * 10:,}" in told.message


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda sizes, m: 3 * m * sum(links(sizes)), "BP2 into the input"),
        (lambda sizes, m: 2 * m * sum(links(sizes)), "no BP2"),
        (lambda sizes, m: m * (3 * sum(links(sizes)) - links(sizes)[-1]), "last for first"),
        (lambda sizes, m: (2 * m + 1) * sum(links(sizes)) - m * links(sizes)[0], "BP4 without m"),
        (lambda sizes, m: m * sum(links(sizes)), "forward only"),
        (lambda sizes, m: m * (2 * sum(links(sizes)) - links(sizes)[0]), "backward only"),
        (lambda sizes, m: 3 * sum(links(sizes)) - links(sizes)[0], "no m"),
        (lambda sizes, m: 2 * m * (3 * sum(links(sizes)) - links(sizes)[0]), "additions"),
        (lambda sizes, m: m * ((2 + m) * sum(links(sizes)) - links(sizes)[0]), "squared m"),
        (lambda sizes, m: sum(links(sizes)), "neurons"),
    ],
)
def test_slips_of_multiplications(function, word):
    """Each is told by its own sentence."""
    assert_told("8.3", function, word)


# --- 8.4: where the speed-up ends ---------------------------------------------------------------------------------


def lines(few, many):
    """Fit a straight line to the seconds of each version: (work, fixed)."""
    return [np.polyfit([few[0], many[0]], [few[i], many[i]], 1) for i in (1, 2)]


def speed_up_by_fit(few, many, m):
    loop, matrix = lines(few, many)
    return float(np.polyval(loop, m) / np.polyval(matrix, m))


def speed_up_by_equations(few, many, m):
    solution = np.linalg.solve([[1, few[0]], [1, many[0]]], np.array([few[1:], many[1:]]))
    loop, matrix = np.array([1, m]) @ solution
    return loop / matrix


@pytest.mark.parametrize("function", [speed_up_by_fit, speed_up_by_equations])
def test_speed_up(function):
    """Right, by a fit and by solving the two equations."""
    told = check("8.4", function)
    assert told.ok, say(told)


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda few, many, m: np.interp(m, [few[0], many[0]], [few[1] / few[2], many[1] / many[2]]), "interpolated"),
        (
            lambda few, many, m: np.polyval(np.polyfit([few[0], many[0]], [few[1] / few[2], many[1] / many[2]], 1), m),
            "interpolated",
        ),
        (lambda few, many, m: speed_up_by_fit((1, *few[1:]), many, m), "one at first"),
        (
            lambda few, many, m: np.divide(*(few[i] + lines(few, many)[i - 1][0] * (m - 1) for i in (1, 2))),
            "one at first",
        ),
        (
            lambda few, many, m: np.divide(
                *(few[i] + (many[i] - few[i]) / (many[0] - 1) * (m - few[0]) for i in (1, 2))
            ),
            "one at first",
        ),
        (lambda few, many, m: np.divide(*lines(few, many))[0], "limit"),
        (lambda few, many, m: few[1] / few[2], "ratio of few"),
        (lambda few, many, m: many[1] / many[2], "ratio of many"),
        (lambda few, many, m: 1 / speed_up_by_fit(few, many, m), "predict upside down"),
        (lambda few, many, m: np.polyval(lines(few, many)[0] - lines(few, many)[1], m), "saved"),
        (lambda few, many, m: lines(few, many)[0][0] * m / np.polyval(lines(few, many)[1], m), "loop not fixed"),
        (
            lambda few, many, m: np.divide(*(few[i] + lines(few, many)[i - 1][0] * m for i in (1, 2))),
            "all fixed",
        ),
        (
            lambda few, many, m: np.divide(*(few[i] - many[i] / many[0] * (few[0] - m) for i in (1, 2))),
            "no fixed",
        ),
    ],
)
def test_slips_of_speed_up(function, word):
    """Each is told by its own sentence."""
    assert_told("8.4", function, word)


# --- the words ----------------------------------------------------------------------------------------------------


def test_names_of_mistakes_are_in_the_catalogue():
    """Whatever name an answer gives stands in the catalogue; so do those in the solutions' prose."""
    assert {*lesson_07.MISTAKES.values(), *lesson_07.WRONG.values()} <= CATALOGUE.keys()
    for name in NAMES:
        prose = "\n".join(cell.source for cell in cells_of(read(NOTEBOOKS / "solutions" / f"{name}.ipynb"), "markdown"))
        assert {*re.findall(r"`([a-z]+(?:-[a-z]+)+)`", prose)} <= CATALOGUE.keys()


@pytest.mark.parametrize("module", [lesson_07, lesson_08], ids=["lesson_07", "lesson_08"])
def test_hints_are_three(module):
    """Every exercise that has hints of its own has three."""
    assert {len(words) for key, words in module.WORDS.items() if "hints" in key} == {3}
