"""The exercises of lesson 4: right answers in several styles, blanks, slips, the five planted mistakes."""

import copy
import itertools
import re

import numpy as np
import pytest

from bpteach import Network, backprop, backprop_matrix, check_backprop_matrix, cost, feedforward
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import compare, look, wrong_gradients
from bpteach.exercises import check
from bpteach.exercises.lesson_04 import HUNT, WORDS, listing
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.gradcheck import numerical_gradient, relative_error
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read

NAME = "04-check-the-gradient.ipynb"
TAGS = ["4.1", "4.2", "4.3", "4.4"]
FOUND = {
    1: "sigmoid-prime-of-activation",
    2: "last-example-only",
    3: "z-index-off-by-one",
    4: "missing-transpose",
    5: "activations-share-a-buffer",
}


# --- right, each in several styles -----------------------------------------------------------------------------------


def slope_by_copies(net, X, Y, l, j, k, h):
    costs = []
    for by in (h, -h):
        changed = copy.deepcopy(net)
        changed.weights[l - 2][j][k] += by
        costs.append(cost(feedforward(changed, X), Y))
    return (costs[0] - costs[1]) / (2 * h)


def slope_in_place(net, X, Y, l, j, k, h):
    w = net.weights[l - 2]
    kept = w[j, k]
    try:
        w[j, k] = kept + h
        above = cost(feedforward(net, X), Y)
        w[j, k] = kept - h
        return 0.5 / h * (above - cost(feedforward(net, X), Y))
    finally:
        w[j, k] = kept


def slope_example_by_example(net, X, Y, l, j, k, h):
    def cost_at(by):
        changed = net.copy()
        changed.weights[-(len(net.sizes) - l) - 1][j, k] += by
        return sum(cost(feedforward(changed, X[:, [i]]), Y[:, [i]]) for i in range(X.shape[1]))

    return np.float64((cost_at(h) - cost_at(-h)) / 2 / h)


def tolerance_by_loops(wrong, expected):
    tolerance = 1.0
    while True:
        accepted = 0
        for found in wrong:
            fine = True
            for part in (0, 1):
                for f, e in zip(found[part], expected[part], strict=True):
                    if np.shape(f) != np.shape(e) or not np.allclose(f, e, rtol=0, atol=tolerance):
                        fine = False
            accepted += fine
        if accepted == 0:
            return tolerance
        tolerance /= 10


def tolerance_by_worst(wrong, expected):
    """Find how far off the best of the wrong gradients is; no loop over tolerances."""
    nearest = np.inf
    for nabla_b, nabla_w in wrong:
        pairs = list(zip([*nabla_b, *nabla_w], [*expected[0], *expected[1]], strict=True))
        if all(f.shape == e.shape for f, e in pairs):
            nearest = min(nearest, max(np.abs(f - e).max() for f, e in pairs))
    return 10.0 ** (np.ceil(np.log10(nearest)) - 1) if nearest <= 1 else 1.0


def mended_by_rows(net, X, Y):
    """One buffer, with rows of its own for each layer."""
    buffer = np.empty((sum(net.sizes), X.shape[1]))
    starts = np.cumsum([0, *net.sizes])
    views = [buffer[a:b] for a, b in itertools.pairwise(starts)]
    views[0][:] = X
    for l, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        views[l + 1][:] = 1 / (1 + np.exp(-(w @ views[l] + b)))
    delta, nabla_b, nabla_w = views[-1] - Y, [], []
    for l in range(len(net.weights) - 1, -1, -1):
        delta = delta * views[l + 1] * (1 - views[l + 1])
        nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
        nabla_w.insert(0, delta @ views[l].T)
        delta = net.weights[l].T @ delta
    return nabla_b, nabla_w


RIGHT = [
    ("4.1", slope_by_copies),
    ("4.1", slope_in_place),
    ("4.1", slope_example_by_example),
    ("4.2", tolerance_by_loops),
    ("4.2", tolerance_by_worst),
    ("4.3", FOUND),
    ("4.3", {number: name.replace("-", " ").upper() for number, name in FOUND.items()}),
    ("4.4", mended_by_rows),
    ("4.4", backprop_matrix),
]


@pytest.mark.parametrize(("tag", "answer"), RIGHT)
def test_right_answers_are_accepted(tag, answer):
    """However it is written."""
    told = check(tag, answer)
    assert told.ok, str(told)
    assert told.hints == ()


def test_right_slope_is_the_gradient():
    """What the check of 4.1 calls right agrees with the complex step."""
    rng = np.random.default_rng(1)
    net = Network.random([3, 4, 2], rng)
    X, Y = rng.random((3, 5)), rng.random((2, 5))
    _, nabla_w = numerical_gradient(lambda probe: cost(feedforward(probe, X.astype(complex)), Y), net)
    assert slope_by_copies(net, X, Y, 3, 1, 2, 1e-5) == pytest.approx(nabla_w[1][1, 2], rel=1e-7)


def test_tolerance_is_told_for_both_networks():
    """The answer to 4.2 says what its exercise is there for, and the numbers are the reader's function's."""
    message = check("4.2", tolerance_by_loops).message
    numbers = []
    for probe in ("fresh", "trained"):
        wrong, expected = wrong_gradients(probe)
        numbers.append(tolerance_by_loops(list(wrong.values()), expected))
    assert f"{numbers[0]:g} for the fresh network, and {numbers[1]:g} for the trained one" in message
    assert numbers[0] > numbers[1]


# --- blank, slips, and strange answers -------------------------------------------------------------------------------


def blank(*arguments): ...


def blank_error(*arguments):
    raise NotImplementedError


BLANK = [(tag, answer) for tag in TAGS for answer in (..., blank, blank_error) if tag != "4.3" or answer is ...]


@pytest.mark.parametrize(("tag", "answer"), BLANK)
def test_blank_is_not_written_yet(tag, answer):
    """A blank is never wrong."""
    assert check(tag, answer).state == "unfinished"


def test_empty_hunt_is_not_written_yet():
    """Nothing found yet, nothing wrong."""
    assert check("4.3", {}).state == "unfinished"
    assert check("4.3", {1: ...}).state == "unfinished"


def slope_forward(net, X, Y, l, j, k, h):
    changed = net.copy()
    changed.weights[l - 2][j, k] += h
    return (cost(feedforward(changed, X), Y) - cost(feedforward(net, X), Y)) / h


def tolerance_with(distance):
    def choose(wrong, expected):
        for exponent in range(13):
            if not any(distance(found, expected) <= 10.0**-exponent for found in wrong):
                return 10.0**-exponent
        return 0

    return choose


def tolerance_refusing_one(wrong, expected):
    for exponent in range(13):
        if any(max(map(off, flat(found), flat(expected))) > 10.0**-exponent for found in wrong):
            return 10.0**-exponent
    return 0


def flat(gradient):
    return [*gradient[0], *gradient[1]]


def broadcast(found, expected):
    return max(np.abs(f - e).max() for f, e in zip(flat(found), flat(expected), strict=True))


def off(f, e):
    return np.abs(f - e).max() if f.shape == e.shape else np.inf


def tolerance_of_first_array(wrong, expected):
    """Go on until rounding errors end the search, or nothing does."""
    tolerance = 1.0
    while any(off(found[0][0], expected[0][0]) <= tolerance for found in wrong):
        tolerance /= 10
    return tolerance


def tolerance_of_part(arrays, enough=all):
    """Look at some of the arrays only; find nothing where they are right."""

    def choose(wrong, expected):
        for exponent in range(13):
            t = 10.0**-exponent
            if not any(enough(off(f, e) <= t for f, e in arrays(found, expected)) for found in wrong):
                return t

    return choose


def pairs(found, expected):
    return list(zip(flat(found), flat(expected), strict=True))


def with_sign(found, expected):
    return max((f - e).max() if f.shape == e.shape else np.inf for f, e in pairs(found, expected))


def slope_unbracketed(net, X, Y, l, j, k, h):
    above, below = net.copy(), net.copy()
    above.weights[l - 2][j, k] += h
    below.weights[l - 2][j, k] -= h
    return cost(feedforward(above, X), Y) - cost(feedforward(below, X), Y) / (2 * h)


def slope_back_to_the_start(net, X, Y, l, j, k, h):
    probe = net.copy()
    probe.weights[l - 2][j, k] += h
    above = cost(feedforward(probe, X), Y)
    probe.weights[l - 2][j, k] -= h
    return (above - cost(feedforward(probe, X), Y)) / (2 * h)


def slope_of_one_copy(net, X, Y, l, j, k, h):
    above = below = net.copy()
    above.weights[l - 2][j, k] += h
    below.weights[l - 2][j, k] -= h
    return (cost(feedforward(above, X), Y) - cost(feedforward(below, X), Y)) / (2 * h)


SLIPS = [
    ("4.1", lambda *parts: slope_by_copies(*parts) * parts[-1] * parts[-1], "times h"),
    ("4.1", slope_unbracketed, "no brackets"),
    ("4.1", slope_back_to_the_start, "back to the start"),
    ("4.1", slope_of_one_copy, "same network"),
    ("4.2", tolerance_with(with_sign), "sign"),
    ("4.2", tolerance_of_first_array, "some arrays"),
    ("4.2", tolerance_of_part(lambda f, e: pairs(f, e)[:1]), "some arrays"),
    ("4.2", tolerance_of_part(lambda f, e: list(zip(f[0], e[0], strict=True))), "some arrays"),
    ("4.1", slope_forward, "forward"),
    ("4.1", lambda *parts: 2 * slope_by_copies(*parts), "double"),
    ("4.1", lambda *parts: -slope_by_copies(*parts), "backward"),
    ("4.1", lambda net, X, Y, l, j, k, h: slope_by_copies(net, X, Y, l, k, j, h), "swapped"),
    ("4.1", lambda net, X, Y, l, j, k, h: slope_by_copies(net, X, Y, min(l + 1, 4), j, k, h), "late"),
    ("4.1", lambda net, X, *rest: slope_by_copies(net, X, *rest) / X.shape[1], "mean"),
    ("4.2", tolerance_with(broadcast), "shapes"),
    ("4.2", tolerance_refusing_one, "one tolerance"),
    (
        "4.2",
        tolerance_with(
            lambda f, e: max(
                relative_error(a, b) if a.shape == b.shape else np.inf for a, b in zip(flat(f), flat(e), strict=True)
            )
        ),
        "relative",
    ),
    ("4.2", lambda *parts: 10 * tolerance_by_loops(*parts), "next one"),
    ("4.2", lambda *parts: tolerance_by_loops(*parts) / 10, "next one"),
]


@pytest.mark.parametrize(("tag", "answer", "word"), SLIPS)
def test_slips_are_named(tag, answer, word):
    """The usual wrong answers get a sentence of their own, and three hints."""
    told = check(tag, answer)
    assert told.state == "wrong"
    assert told.message == WORDS[word]
    assert len(told.hints) == 3


def test_search_without_end_is_told_why():
    """4.2: every wrong gradient is wrong somewhere, so who finds no tolerance has not looked everywhere."""
    for function in (
        lambda wrong, expected: None,
        lambda wrong, expected: next(iter([])),
        tolerance_of_part(lambda f, e: list(zip(f[1], e[1], strict=True))),
        tolerance_of_part(pairs, any),
    ):
        told = check("4.2", function)
        assert not told.ok
        assert told.message.endswith("so look at all of its arrays.")
        assert len(told.hints) == 3
    assert "all of its arrays" not in check("4.2", lambda wrong: 1).message


def test_mending_keeps_what_the_author_wanted():
    """4.4: while the buffer is still shared, the hints keep to memory that is reserved before the loop."""
    told = check("4.4", HUNT[5])
    assert told.mistake == "activations-share-a-buffer"
    assert told.hints == WORDS["mend hints"]
    assert "Before the loop" in told.hints[2]
    assert check("4.4", HUNT[4]).hints != WORDS["mend hints"]


def test_network_must_be_left_alone():
    """4.1 asks for the network to be as before."""

    def careless(net, X, Y, l, j, k, h):
        net.weights[l - 2][j, k] += h
        above = cost(feedforward(net, X), Y)
        net.weights[l - 2][j, k] -= 2 * h
        return (above - cost(feedforward(net, X), Y)) / (2 * h)

    told = check("4.1", careless)
    assert told.state == "wrong"
    assert "changed its argument" in told.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("missing-transpose", "expected a dictionary"),
        ([1, 2], "expected a dictionary"),
        ({6: "missing-transpose"}, "expected numbers from 1 to 5"),
        ({"1": "missing-transpose"}, "expected numbers from 1 to 5"),
        ({1: None}, "neither a name of the catalogue nor the number of a line"),
        ({1: "transpose"}, "neither a name of the catalogue nor the number of a line"),
        ({1: True}, "neither a name of the catalogue nor the number of a line"),
        ({1: "sigmoid-prime-of-activations"}, "1: 'sigmoid-prime-of-activations' is neither a name of the"),
        ({1: "sigmoid-prime-of-activations"}, "Did you mean sigmoid-prime-of-activation?"),
        (
            {3: "Mising transpose"},
            "'Mising transpose' is neither a name of the catalogue nor the number of a line. Did",
        ),
        ({1: 70 * "x"}, f"'{60 * 'x'}…' is neither"),
        ({1: 0}, "0 is neither"),
        ({1: 99}, "99 is neither"),
        ({2: 3}, "line 3 is as it should be"),
        (
            {1: FOUND[1], 2: "missing-transpose"},
            "Number 2 is another one: with missing-transpose, ∂C/∂w of layer 4 would be exact",
        ),
        ({5: "activation-index-late"}, "∂C/∂w of layer 2 would be wrong; in hunt_5 it is exact"),
        ({3: "missing-transpose"}, "the same arrays would be wrong, but by other numbers"),
        ({4: "outputs-share-memory"}, "looks different"),
        ({4: "biases-never-updated"}, "Number 4 is another one"),
        ({1: FOUND[1], 3: FOUND[3]}, "Right so far: 1, 3. Still to find: 2, 4, 5."),
    ],
)
def test_hunt_answers_what_speaks_against(answer, words):
    """An unsettled hunt says why, from the numbers; it never gives the name away."""
    told = check("4.3", answer)
    assert told.state == "wrong"
    assert words in told.message
    given = answer.values() if isinstance(answer, dict) else [answer]
    others = set(FOUND.values()) - {each for each in given if isinstance(each, str)}
    meant = re.findall(r"Did you mean (\S+)\?", told.message)  # spelt nearly like the answer, be it right or wrong
    assert not [name for name in others if name in str(told) and name not in meant]


def test_every_name_of_the_catalogue_can_be_tried():
    """Whatever is guessed, there is an answer, and only the planted one is right."""
    for number, planted in FOUND.items():
        for name in CATALOGUE:
            told = check("4.3", {number: name})
            assert ("Right so far" in told.message) == (name == planted), (number, name)


@pytest.mark.parametrize("number", HUNT)
def test_planted_lines_may_be_named(number):
    """A line's number does as well, and only that of the wrong line."""
    lines = listing(HUNT[number]).splitlines()
    right = [at for at in range(1, len(lines) + 1) if "Right so far" in check("4.3", {number: at}).message]
    planted = {1: "activations[l + 1])", 2: "more_w[l]", 3: "zs[::-1]", 4: "weights[l + 1], d)", 5: "a[:] ="}
    assert [at for at in right if planted[number] in lines[at - 1]]
    assert len(right) <= 4


# --- the five functions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", HUNT)
def test_diagnosis_names_the_planted_mistake(number):
    """What the exercise calls right is also what the diagnosis says."""
    told = check_backprop_matrix(HUNT[number])
    assert told.state == "wrong"
    assert told.mistake == FOUND[number]
    assert not check("4.4", HUNT[number]).ok


@pytest.mark.parametrize("number", HUNT)
def test_source_does_not_give_the_mistake_away(number):
    """Neither names nor comments tell, and the listing has numbered lines that fit a projected lesson."""
    text = listing(HUNT[number])
    lines = text.splitlines()
    assert lines[0] == f" 1  def hunt_{number}(net, X, Y):"
    assert [int(line[:2]) for line in lines] == list(range(1, len(lines) + 1))
    assert max(map(len, lines)) <= 96
    assert "numpydoc" not in text
    assert not re.search(r"wrong|bug|mistake|BP\d", text, re.IGNORECASE)


def test_listing_without_numbers_can_be_run():
    """4.4: number 5 is given to be copied."""
    numbered, bare = (listing(HUNT[5], numbered=each).splitlines() for each in (True, False))
    assert [line[4:] for line in numbered] == bare
    names = {"np": np, "sigmoid": sigmoid, "sigmoid_prime": sigmoid_prime}
    exec("\n".join(bare), names)
    assert check("4.4", names["hunt_5"]).mistake == "activations-share-a-buffer"


def test_tables_lead_to_the_right_equation():
    """What the hints say of the tables is what the tables show."""
    kinds = {}
    for number, function in HUNT.items():
        each = compare(function, "fresh")
        kinds[number] = ["".join("=" if look(*pair).kind == "exact" else "≠" for pair in layer) for layer in each.pairs]
    assert kinds == {
        1: ["≠≠", "≠≠", "≠≠"],
        2: ["=≠", "=≠", "=≠"],
        3: ["≠≠", "≠≠", "=="],
        4: ["≠≠", "≠≠", "=="],
        5: ["==", "=≠", "=≠"],
    }


def test_hunt_leaves_arguments_alone():
    """One planted mistake each, and no other: arguments are as before, results have memory of their own."""
    for function in HUNT.values():
        each = compare(function, "fresh")
        assert not each.changed
        assert not each.shares


def test_loop_of_hunt_2_is_right_but_for_one_line():
    """With += in that line, hunt_2 is right: nothing else is wrong in it."""
    source = "\n".join(line[4:] for line in listing(HUNT[2]).splitlines()).replace("= more_w", "+= more_w")
    names = {"np": np, "backprop": backprop}
    exec(source, names)
    assert check_backprop_matrix(names["hunt_2"]).ok


# --- the lesson and its solutions ------------------------------------------------------------------------------------


def tagged(notebook, kind):
    """Give the sources of the cells tagged exercise-4.1 and so on."""
    return {
        tag.removeprefix(f"{kind}-"): cell
        for cell in cells_of(notebook, "code")
        for tag in cell.metadata.get("tags", [])
        if tag.startswith(f"{kind}-")
    }


def test_lesson_and_solutions_have_the_same_exercises():
    """The same headings, the same tags, the same checks; blanks here, answers there, and every answer right."""
    lesson, solutions = read(NOTEBOOKS / NAME), read(NOTEBOOKS / "solutions" / NAME)
    headings = [
        re.findall(r"^### (4\.\d .+)$", "\n".join(cell.source for cell in cells_of(notebook, "markdown")), re.MULTILINE)
        for notebook in (lesson, solutions)
    ]
    assert headings[0] == headings[1]
    assert [heading.split()[0] for heading in headings[0]] == TAGS
    assert list(tagged(lesson, "exercise")) == list(tagged(solutions, "exercise")) == TAGS
    checks, solved = tagged(lesson, "check"), tagged(solutions, "check")
    for tag in TAGS:
        assert checks[tag].source == solved[tag].source
        assert "..." in tagged(lesson, "exercise")[tag].source
        assert "Not written yet" in checks[tag].outputs[0].data["text/plain"]
        assert solved[tag].outputs[0].data["text/plain"].startswith("✓ Right.")
