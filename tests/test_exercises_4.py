"""The exercises 4.1 and 4.2: right answers in several styles, wrong ones in another than the package's slips."""

import copy

import numpy as np
import pytest

from bpteach import Network, cost, feedforward
from bpteach.diagnosis import calls
from bpteach.diagnosis.effects import wrong_gradients
from bpteach.exercises import check
from bpteach.gradcheck import numerical_gradient, relative_error

# --- right, each in several styles ------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("4.1", slope_by_copies),
        ("4.1", slope_in_place),
        ("4.1", slope_example_by_example),
        ("4.2", tolerance_by_loops),
        ("4.2", tolerance_by_worst),
    ],
)
def test_right_answers_are_accepted(tag, answer):
    told = check(tag, answer)
    assert told.ok, str(told)
    assert told.hints == ()


def test_right_slope_is_the_gradient():
    """What the check of 4.1 calls right agrees with the complex step."""
    rng = np.random.default_rng(1)
    net = Network.random([3, 4, 2], rng)
    X, Y = rng.random((3, 5)), rng.random((2, 5))
    _nabla_b, nabla_w = numerical_gradient(lambda probe: cost(feedforward(probe, X.astype(complex)), Y), net)
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


# --- wrong, each written in another way than the slip of the package -------------------------------------------------


def slope_forward(net, X, Y, l, j, k, h):
    changed = net.copy()
    changed.weights[l - 2][j, k] += h
    return (cost(feedforward(changed, X), Y) - cost(feedforward(net, X), Y)) / h


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


def slope_that_leaves_the_network_changed(net, X, Y, l, j, k, h):
    net.weights[l - 2][j, k] += h
    above = cost(feedforward(net, X), Y)
    net.weights[l - 2][j, k] -= 2 * h
    return (above - cost(feedforward(net, X), Y)) / (2 * h)


def pairs(found, expected):
    return list(zip([*found[0], *found[1]], [*expected[0], *expected[1]], strict=True))


def off(f, e):
    return np.abs(f - e).max() if f.shape == e.shape else np.inf


def tolerance_with(distance):
    """Search with the largest distance of all arrays."""

    def choose(wrong, expected):
        for exponent in range(13):
            t = 10.0**-exponent
            if not any(max(distance(f, e) for f, e in pairs(found, expected)) <= t for found in wrong):
                return t
        return 0

    return choose


def tolerance_of_part(arrays, enough=all):
    """Look at some of the arrays only; find nothing where they are right."""

    def choose(wrong, expected):
        for exponent in range(13):
            t = 10.0**-exponent
            if not any(enough(off(f, e) <= t for f, e in arrays(found, expected)) for found in wrong):
                return t

    return choose


def tolerance_refusing_one(wrong, expected):
    for exponent in range(13):
        if any(max(off(f, e) for f, e in pairs(found, expected)) > 10.0**-exponent for found in wrong):
            return 10.0**-exponent
    return 0


def tolerance_of_first_array(wrong, expected):
    """Go on until rounding errors end the search, or nothing does."""
    tolerance = 1.0
    while any(off(found[0][0], expected[0][0]) <= tolerance for found in wrong):
        tolerance /= 10
    return tolerance


@pytest.mark.parametrize(
    ("tag", "answer", "words"),
    [
        (
            "4.1",
            lambda *parts: slope_by_copies(*parts) * parts[-1] * parts[-1],
            "divides by 2 and then multiplies by h",
        ),
        ("4.1", slope_unbracketed, "needs brackets"),
        ("4.1", slope_back_to_the_start, "the network as it was"),
        ("4.1", slope_of_one_copy, "your two networks are one and the same"),
        ("4.1", slope_forward, "a forward difference"),
        ("4.1", slope_that_leaves_the_network_changed, "changed its argument net"),
        (
            "4.2",
            tolerance_with(lambda f, e: (f - e).max() if f.shape == e.shape else np.inf),
            "the absolute value first",
        ),
        ("4.2", tolerance_of_first_array, "some of the arrays only"),
        ("4.2", tolerance_of_part(lambda f, e: pairs(f, e)[:1]), "some of the arrays only"),
        ("4.2", tolerance_of_part(lambda f, e: list(zip(f[0], e[0], strict=True))), "some of the arrays only"),
        ("4.2", tolerance_with(lambda f, e: np.abs(f - e).max()), "lets NumPy broadcast"),
        ("4.2", tolerance_refusing_one, "it has to refuse every one"),
        (
            "4.2",
            tolerance_with(lambda f, e: relative_error(f, e) if f.shape == e.shape else np.inf),
            "a relative tolerance",
        ),
    ],
)
def test_wrong_answers_are_told_in_any_style(tag, answer, words):
    told = check(tag, answer)
    assert told.state == "wrong"
    assert words in told.message, told
    assert len(told.hints) == 3


def loops_for_ever(wrong, expected):
    while True:
        pass


@pytest.mark.parametrize(
    ("function", "is_told"),
    [
        (lambda wrong, expected: None, True),
        (lambda wrong, expected: next(iter([])), True),
        (tolerance_of_part(lambda f, e: list(zip(f[1], e[1], strict=True))), True),
        (tolerance_of_part(pairs, any), True),
        (loops_for_ever, True),
        (lambda wrong: 1, False),
    ],
)
def test_search_that_finds_no_tolerance_is_told_why(function, is_told, monkeypatch):
    """4.2: every wrong gradient is wrong somewhere, so who finds no tolerance has not looked everywhere."""
    monkeypatch.setattr(calls, "SECONDS", 0.3)
    told = check("4.2", function)
    assert not told.ok
    assert told.message.endswith("so look at all of its arrays.") == is_told
    assert len(told.hints) == 3
