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
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read

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
        (lambda s: np.divide(*sorted(s)[len(s) // 2]), "sorted rounds"),
        (lambda s: np.divide(*sorted(s)[(len(s) - 1) // 2]), "sorted rounds"),
        (lambda s: round(median_by_columns(s), 1), "rounded"),
        (lambda s: round(median_by_columns(s), 4), "rounded"),
        (lambda s: float(f"{median_by_columns(s):.2f}"), "rounded"),
        (lambda s: round(median_by_columns(s)), "rounded"),
        (lambda s: np.median([a // b for a, b in s]), "whole"),
    ],
)
def test_slips_of_median_ratio(function, word):
    """Each is told by its own sentence."""
    assert_told("8.1", function, word)


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (1, "1 is not it. (Called with seconds = [(90, 10), (60, 20), (90, 30)].)"),
        (3, "3 is not it. (Called with seconds = [(10, 3), (4, 2), (9, 1)].)"),
    ],
)
def test_list_of_seconds_is_shown(answer, part):
    """What is wrong in a way of its own is told by what came out, and for which list; the first is the lesson's."""
    assert check("8.1", lambda seconds: answer).message == part
    (task,) = [cell.source for cell in read(NOTEBOOKS / f"{NAMES[1]}.ipynb").cells if cell.source.startswith("### 8.1")]
    assert "[(90, 10), (60, 20), (90, 30)]" in task


# --- 8.2: the stopwatch -------------------------------------------------------------------------------------------


def fair(
    slow, fast, gather, clock, rounds, *, warm="sf", order="sf", calls=1, untimed="", gather_late=False, one=False
):
    """Measure in turn; `warm` are the untimed calls before the first round, `untimed` those at the start of each.

    With `gather_late`, each of the two gets a batch of its own, gathered while no clock runs; with `one`, all rounds
    get the same.
    """
    functions, batch, ratios = {"s": slow, "f": fast}, gather(), []
    for name in warm:
        functions[name](batch)
    for _ in range(rounds):
        batch, seconds = batch if one else gather(), {}
        for name in untimed:
            functions[name](batch)
        for name in order:
            batch = gather() if gather_late else batch
            began = clock()
            for _ in range(calls):
                functions[name](batch)
            seconds[name] = seconds.get(name, 0) + (clock() - began) / order.count(name)
        ratios.append(seconds["s"] / seconds["f"])
    return ratios


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


def readings_of(slow, fast, clock, batches):
    """Time both on each batch; give the readings, three for each."""
    return [[clock(), slow(batch), clock(), fast(batch), clock()][::2] for batch in batches]


def divided(readings):
    return [(b - a) / (c - b) for a, b, c in readings]


def fair_with_batches_at_first(slow, fast, gather, clock, rounds):
    batches = [gather() for _ in range(rounds)]
    slow(batches[0]), fast(batches[0])
    return divided(readings_of(slow, fast, clock, batches))


def fair_without_the_first_round(slow, fast, gather, clock, rounds):
    return divided([readings_of(slow, fast, clock, [gather()])[0] for _ in range(rounds + 1)][1:])


def fair_with_few_calls_of_the_clock(slow, fast, gather, clock, rounds):
    """Take one reading where two calls meet, the gathering between the rounds included."""
    batch = gather()
    slow(batch), fast(batch)
    times = [clock()]
    for _ in range(rounds):
        batch = gather()
        times.append(clock())
        times += readings_of(slow, fast, clock, [batch])[0][1:]
    return divided(zip(times[1::3], times[2::3], times[3::3], strict=True))


def fair_like_side_by_side(slow, fast, gather, clock, rounds):
    """Call each so many times in a row that it takes 40 s, as `side_by_side` does."""

    def seconds(function, calls):
        began = clock()
        for _ in range(calls):
            function(batch)
        return (clock() - began) / calls

    batch = gather()
    seconds(slow, 1), seconds(fast, 1)
    calls = [round(40 / seconds(function, 1)) for function in (slow, fast)]
    return [seconds(slow, calls[0]) / seconds(fast, calls[1]) for _ in range(rounds)]


def fair_between_two(slow, fast, gather, clock, rounds):
    """Compare each fast with the mean of the slow before and the slow after it: S F S F S."""
    batch = gather()
    slow(batch), fast(batch)
    times = [clock()]
    for function in [slow, fast] * rounds + [slow]:
        function(batch)
        times.append(clock())
    seconds = np.diff(times)
    return (seconds[:-1:2] + seconds[2::2]) / 2 / seconds[1::2]


FAIR = {
    "a batch a round": fair,
    "one batch": lambda *a: fair(*a, one=True),
    "fast first": lambda *a: fair(*a, order="fs"),
    "either order": fair_in_either_order,
    "batches at first": fair_with_batches_at_first,
    "without the first round": fair_without_the_first_round,
    "few readings": fair_with_few_calls_of_the_clock,
    "five calls in a row": lambda *a: fair(*a, calls=5),
    "thirty calls in a row, fast first": lambda *a: fair(*a, calls=30, order="fs"),
    "side_by_side": fair_like_side_by_side,
    "slow between two fast": lambda *a: fair(*a, order="fsf"),
    "fast between two slow, one batch": lambda *a: fair(*a, order="sfs", one=True),
    "there and back": lambda *a: fair(*a, order="sffs"),
    "fast untimed in each round": lambda *a: fair(*a, untimed="f"),
    "a warm-up in each round": lambda *a: fair(*a, warm="", untimed="sf"),
    "neighbours": fair_between_two,
}


@pytest.mark.parametrize("function", FAIR.values(), ids=FAIR)
def test_fair_ratios(function):
    """Every fair way of measuring is accepted."""
    told = check("8.2", function)
    assert told.ok, say(told)


@pytest.mark.parametrize("order", ["sf", "fs", "sffs"])
def test_any_warm_up_will_do(order):
    """However often the two are called before the first round, and in whatever order, the answer stays fair."""
    warm_ups = ["".join(names) for count in range(2, 6) for names in itertools.product("sf", repeat=count)]
    for warm in warm_ups:
        told = check("8.2", lambda *a, warm=warm: fair(*a, warm=warm, order=order))
        assert told.ok == ({*warm} == {*"sf"}), (warm, say(told))


def test_stopwatch_of_the_lesson_is_unfair():
    """The function that is to be mended, as it stands in the lesson, is told from all others."""
    (task,) = [cell.source for cell in read(NOTEBOOKS / f"{NAMES[1]}.ipynb").cells if cell.source.startswith("### 8.2")]
    names = {}
    exec(re.search(r"```python\n(.+?)```", task, re.DOTALL)[1], names)
    assert_told("8.2", names["unfair_ratios"], "unfair")


def gathering(slow, fast, gather, clock, rounds, *, before=(True, False), warm=True):
    """Gather while the clock runs, before slow, before fast, or before both."""
    batch, ratios = gather(), []
    for function in (slow, fast) * warm:
        function(batch)
    for _ in range(rounds):
        seconds = []
        batch = gather()
        for function, is_late in zip((slow, fast), before, strict=True):
            began = clock()
            batch = gather() if is_late else batch
            function(batch)
            seconds.append(clock() - began)
        ratios.append(seconds[0] / seconds[1])
    return ratios


def gathering_now_and_then(slow, fast, gather, clock, rounds):
    batch, ratios = gather(), []
    slow(batch), fast(batch)
    for i in range(rounds):
        readings = [clock(), i % 3 or gather(), slow(batch), clock(), i % 3 == 1 and gather(), fast(batch), clock()]
        ratios += divided([readings[::3]])
    return ratios


def one_after_the_other(slow, fast, gather, clock, rounds, *, order=(0, 1), one=False, warm_at_first=False, parts=1):
    """Time all rounds of the one, then all of the other, or do so for one part of the rounds after the other."""
    batches = [gather()] * rounds if one else [gather() for _ in range(rounds)]
    times = [[], []]
    if warm_at_first:
        fast(batches[0]), slow(batches[0]), fast(batches[0])
    for part in np.array_split(batches, parts):
        for i in order:
            function = (slow, fast)[i]
            if not warm_at_first:
                function(part[0])
            readings = [(clock(), function(batch), clock()) for batch in part]
            times[i] += [ended - began for began, _, ended in readings]
    return np.divide(*times)


def times_of(slow, fast, gather, clock, rounds, *, one=False):
    """Measure fairly; give the seconds, not the ratios."""
    first = gather()
    slow(first), fast(first)
    readings = [readings_of(slow, fast, clock, [first if one else gather()])[0] for _ in range(rounds)]
    return np.diff(readings, axis=1).T


def combined(*a, combine=lambda slow, fast: slow / fast, one=False):
    return list(combine(*times_of(*a, one=one)) * np.ones(a[-1]))


def with_another_clock(slow, fast, gather, clock, rounds):
    ticks = itertools.count()
    return fair(slow, fast, gather, lambda: next(ticks) ** 2, rounds)


def from_one_start(slow, fast, gather, clock, rounds, *, first="s"):
    """Read the clock once before both, and take each time from there."""
    functions, batch, ratios = {"s": slow, "f": fast}, gather(), []
    slow(batch), fast(batch)
    for _ in range(rounds):
        began, seconds = clock(), {}
        for name in (first, "f" if first == "s" else "s"):
            functions[name](batch)
            seconds[name] = clock() - began
        ratios.append(seconds["s"] / seconds["f"])
    return ratios


def fast_timed_once(slow, fast, gather, clock, rounds):
    batch = gather()
    slow(batch), fast(batch)
    began = clock()
    fast(batch)
    seconds = clock() - began
    readings = [(clock(), slow(batch), clock()) for _ in range(rounds)]
    return [(ended - began) / seconds for began, _, ended in readings]


UNFAIR = {
    "no warm-up": (lambda *a: fair(*a, warm=""), "cold both"),
    "no warm-up, five calls in a row": (lambda *a: fair(*a, warm="", calls=5), "cold both"),
    "warm-up of slow": (lambda *a: fair(*a, warm="s"), "cold fast"),
    "warm-up of slow, twice": (lambda *a: fair(*a, warm="ss", order="fs"), "cold fast"),
    "warm-up of fast": (lambda *a: fair(*a, warm="f", one=True), "cold slow"),
    "no warm-up, but fast untimed in each round": (lambda *a: fair(*a, warm="", untimed="f"), "cold slow"),
    "a batch for each": (lambda *a: fair(*a, gather_late=True), "other batch"),
    "mean of fast": (lambda *a: combined(*a, combine=lambda slow, fast: slow / fast.mean()), "other batch"),
    "gathering in slow": (gathering, "gathering in slow"),
    "gathering in slow, cold": (lambda *a: gathering(*a, warm=False), "gathering in slow"),
    "gathering in fast": (lambda *a: gathering(*a, before=(False, True)), "gathering in fast"),
    "gathering in both": (lambda *a: gathering(*a, before=(True, True)), "gathering in both"),
    "gathering now and then": (gathering_now_and_then, "gathering"),
    "in two parts": (lambda *a: one_after_the_other(*a, parts=2), "slowing"),
    "mean of fast, one batch": (
        lambda *a: combined(*a, one=True, combine=lambda slow, fast: slow / fast.mean()),
        "slowing",
    ),
    "another clock": (with_another_clock, "no clock"),
    "upside down": (lambda *a: 1 / np.array(fair(*a)), "fair upside down"),
    "differences": (lambda *a: combined(*a, combine=np.subtract), "difference"),
    "fast from the start of slow": (from_one_start, "fast holds both"),
    "slow from the start of fast": (lambda *a: from_one_start(*a, first="f"), "slow holds both"),
    "rounded": (lambda *a: [round(ratio, 2) for ratio in fair(*a)], "rounded ratios"),
}


@pytest.mark.parametrize(("function", "word"), UNFAIR.values(), ids=UNFAIR)
def test_slips_of_fair_ratios(function, word):
    """Each way of being unfair is told by its own sentence."""
    assert_told("8.2", function, word)


def ratio_of_sums(slow, fast):
    return slow.sum() / fast.sum()


def running_ratio_of_sums(slow, fast):
    return slow.cumsum() / fast.cumsum()


def median_of_ratios(slow, fast):
    return np.median(slow / fast)


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (lambda *a: fair(*a)[1:], "You return a list of 19: expected 20 ratios"),
        (lambda *a: fair(*a)[0], "expected a list of 20 ratios"),
        (lambda *a: np.array(fair(*a)[0]), "expected a list of 20 ratios"),
        (lambda *a: iter(fair(*a)), "expected a list of 20 ratios"),
        (lambda *a: ["3"] * a[-1], "other than numbers"),
        (lambda *a: np.ones((a[-1], 2)), "other than numbers"),
        (lambda *a: [2 * ratio for ratio in fair(*a)], "the first ratios of your function are 4.67, 4.67"),
        (one_after_the_other, "First all rounds of slow, then all of fast: "),
        (lambda *a: one_after_the_other(*a, order=(1, 0), one=True), "First all rounds of fast, then all of slow: "),
        (lambda *a: one_after_the_other(*a, warm_at_first=True), "First all rounds of slow, then all of fast: "),
        (fast_timed_once, "In 20 rounds you call slow 21 times and fast 2 times."),
        (lambda *a: combined(*a, combine=ratio_of_sums), "Your 20 ratios are all the same number"),
        (lambda *a: combined(*a, combine=median_of_ratios, one=True), "Your 20 ratios are all the same number"),
        (
            lambda *a: combined(*a, combine=running_ratio_of_sums),
            "One call of slow was disturbed, and 7 of your 20 ratios",
        ),
    ],
)
def test_other_answers_of_fair_ratios(function, part):
    """What is wrong in a way of its own is told by what came out."""
    told = check("8.2", function)
    assert told.state == "wrong"
    assert part in told.message


@pytest.mark.parametrize("result", [None, [], "ratios", [1.0]])
def test_function_that_is_fair_on_some_machines_only(result):
    """What comes out on one machine need not be of the kind that came out on another."""

    def once(slow, fast, gather, clock, rounds):
        began = clock()
        gather()
        return fair(slow, fast, gather, clock, rounds) if clock() == began else result

    assert_told("8.2", once, "gathering")


def test_machine_without_trouble_keeps_its_times():
    """Gathering takes no time, all batches are alike, and each call takes as long as any other."""
    machine = lesson_08.Machine(6.0, 2.0)
    assert not machine.was_read
    assert np.allclose(
        np.diff(readings_of(machine.slow, machine.fast, machine.clock, [machine.gather() for _ in "abc"])), [6, 2]
    )
    assert machine.was_read
    assert machine.calls == ["slow", "fast"] * 3
    assert machine.work == 24


def test_each_trouble_of_the_machine():
    """A trouble changes what it says, and nothing else."""
    times = {}
    for name, value in {"gathering": 3.0, "growth": 0.5, "disturbed": {("fast", 1): 5.0}, "slowing": 0.25}.items():
        machine = lesson_08.Machine(6.0, 2.0, **{name: value})
        began = machine.clock()
        batches = [machine.gather(), machine.gather()]
        times[name] = [
            *np.diff(readings_of(machine.slow, machine.fast, machine.clock, batches)).ravel(),
            machine.clock() - began,
        ]
    assert times == {
        "gathering": [6, 2, 6, 2, 22],
        "growth": [6, 2, 9, 3, 20],
        "disturbed": [6, 2, 6, 7, 21],
        "slowing": [6, 5, 18, 9, 38],
    }


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


def right_count(sizes, m):
    return m * (2 * sum(links(sizes)) + sum(links(sizes)[1:]))


def test_multiplications():
    """Right, by a formula and by a loop."""
    assert check("8.3", lambda sizes, m: m * (3 * sum(links(sizes)) - sizes[0] * sizes[1])).ok
    assert check("8.3", right_count).ok

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
        (lambda sizes, m: m * (sum(links(sizes)) + 2 * sum(links(sizes[1:]))), "BP4 without the first"),
        (lambda sizes, m: m * (2 * sum(links(sizes)) + sizes[-2] * sizes[-1]), "BP2 through the last"),
        (lambda sizes, m: m * (2 * sum(links(sizes)) + sum(links(sizes[1:])[-1:])), "BP2 through the last"),
        (lambda sizes, m: right_count(sizes[:-1], m), "last layer"),
        (lambda sizes, m: sum(2 * m * sizes[l - 1] * sizes[l] for l in range(1, len(sizes) - 1)), "last layer"),
        (lambda sizes, m: 3 * m * sum(links(sizes[:-1])), "last layer"),
        (
            lambda sizes, m: right_count(sizes, m) + m * sum(a for a, _ in itertools.pairwise(sizes[1:])),
            "beside the products",
        ),
        (lambda sizes, m: right_count(sizes, m) + m * sum(sizes[1:]), "beside the products"),
        (
            lambda sizes, m: right_count(sizes, m) + m * sum(2 * b for _, b in itertools.pairwise(sizes)),
            "beside the products",
        ),
        (lambda sizes, m: right_count(sizes, m) + m * (2 * sum(sizes[1:]) - sizes[-1]), "beside the products"),
        (lambda sizes, m: right_count(sizes, m) + m * (3 * sum(sizes[1:]) - sizes[-1]), "beside the products"),
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
        (
            lambda few, many, m: np.polyval(
                np.polyfit(np.log([few[0], many[0]]), [few[1] / few[2], many[1] / many[2]], 1), np.log(m)
            ),
            "interpolated",
        ),
        (
            lambda few, many, m: np.divide(*(lines(few, many)[0][1] + m * work for work, _ in lines(few, many))),
            "same fixed",
        ),
        (
            lambda few, many, m: np.divide(*(lines(few, many)[1][1] + m * work for work, _ in lines(few, many))),
            "same fixed",
        ),
        (
            lambda few, many, m: np.divide(*(few[i] + lines(few, many)[i - 1][0] * (few[0] + m) for i in (1, 2))),
            "added",
        ),
        (
            lambda few, many, m: np.divide(*(few[i] + (many[i] - few[i]) / many[0] * (m - few[0]) for i in (1, 2))),
            "many alone",
        ),
        (
            lambda few, many, m: np.divide(*(many[i] + (many[i] - few[i]) / many[0] * (m - many[0]) for i in (1, 2))),
            "many alone",
        ),
        (lambda few, many, m: np.polyval(lines(few, many)[0], m), "seconds alone"),
        (lambda few, many, m: np.polyval(lines(few, many)[1], m), "seconds alone"),
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
