"""The exercises of lessons 4 (its hunt apart) to 6: right answers of any style pass, wrong ones are told by name."""

import copy

import numpy as np
import pytest

from bpteach import backprop, backprop_matrix, cost, feedforward, update_mini_batch
from bpteach.diagnosis import calls
from bpteach.diagnosis.effects import wrong_gradients
from bpteach.functions import sigmoid, sigmoid_prime
from conftest import ask

# --- right, each in another way than the package's own ----------------------------------------------------------------


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


def pairs(found, expected):
    return list(zip([*found[0], *found[1]], [*expected[0], *expected[1]], strict=True))


def off(f, e):
    return np.abs(f - e).max() if f.shape == e.shape else np.inf


def tolerance_by_worst(wrong, expected):
    """Find how far off the best of the wrong gradients is; no loop over tolerances."""
    nearest = min(max(off(f, e) for f, e in pairs(found, expected)) for found in wrong)
    return 10.0 ** (np.ceil(np.log10(nearest)) - 1) if nearest <= 1 else 1.0


def most_left_by_a_loop(net):
    left = 1
    for _w in net.weights[1:]:
        left = left / 4
    return left


def delta_norms_in_an_array(net, X, Y):
    total = np.zeros(len(net.biases))
    for x, y in zip(X.T, Y.T, strict=True):
        nabla_b, _nabla_w = backprop(net, x.reshape(-1, 1), y.reshape(-1, 1))
        total += [np.sqrt(np.sum(delta**2)) for delta in nabla_b]
    return total / X.shape[1]


def delta_norms_of_matrices(net, X, Y):
    columns = [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(X.shape[1])]
    return tuple(np.linalg.norm(np.column_stack(layer), axis=0).mean() for layer in zip(*columns, strict=True))


def saturated_from_activations(net, X):
    shares, A = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        A = sigmoid(w @ A + b)
        shares.append(np.count_nonzero(A * (1 - A) < 0.05) / A.size)
    return shares


def saturated_one_by_one(net, X):
    counts = np.zeros(len(net.weights))
    for i in range(X.shape[1]):
        a = X[:, [i]]
        for l, (b, w) in enumerate(zip(net.biases, net.weights, strict=True)):
            z = np.dot(w, a) + b
            counts[l] += sum(sigmoid_prime(z)[:, 0] < 0.05)
            a = sigmoid(z)
    return counts / X.shape[1] / net.sizes[1:]


def way_back_by_diagonals(net, x):
    a, factors = x, []
    for b, w, after in zip(net.biases[:-1], net.weights[:-1], net.weights[1:], strict=True):
        a = sigmoid(w @ a + b)
        factors.append(np.diag((a * (1 - a)).ravel()) @ after.T)
    return np.linalg.multi_dot(factors) if len(factors) > 1 else factors[0]


def way_back_column_by_column(net, x):
    """Solve for M from what backprop makes of n_L desired outputs."""
    output = feedforward(net, x)
    Y = output - np.eye(len(output)) / sigmoid_prime(np.log(output / (1 - output)))  # so that δ^L is a unit column
    return np.hstack([backprop(net, x, y.reshape(-1, 1))[0][0] for y in Y.T])


def cut_while(order, m):
    pieces = []
    while len(order):
        pieces.append(order[:m])
        order = order[m:]
    return pieces


def cut_by_comprehension(order, m):
    steps = (len(order) + m - 1) // m
    return tuple(np.array([order[i] for i in range(k * m, min(len(order), k * m + m))]) for k in range(steps))


def update_by_matrices(net, mini_batch, eta):
    X, Y = (np.hstack(columns) for columns in zip(*mini_batch, strict=True))
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    for l in range(len(net.weights)):
        net.weights[l] -= eta / len(mini_batch) * nabla_w[l]
        net.biases[l] = net.biases[l] - eta / len(mini_batch) * nabla_b[l]


def train_with_while(net, X, Y, epochs, m, eta, rng):
    examples = [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in zip(X.T, Y.T, strict=True)]
    while epochs:
        left = rng.permutation(len(examples)).tolist()
        while left:
            update_mini_batch(net, [examples[i] for i in left[:m]], eta)
            left = left[m:]
        epochs -= 1


def train_by_matrices(net, X, Y, epochs, m, eta, rng):
    for _epoch in range(epochs):
        for piece in cut_while(rng.permutation(X.shape[1]), m):
            update_by_matrices(net, [(X[:, [i]], Y[:, [i]]) for i in piece], eta)


RIGHT = [
    ("central_slope", slope_by_copies),
    ("central_slope", slope_in_place),
    ("central_slope", slope_example_by_example),
    ("safe_tolerance", tolerance_by_loops),
    ("safe_tolerance", tolerance_by_worst),
    ("most_left", lambda net: np.prod([sigmoid_prime(0.0)] * len(net.sizes[1:-1]))),
    ("most_left", most_left_by_a_loop),
    ("delta_norms", delta_norms_in_an_array),
    ("delta_norms", delta_norms_of_matrices),
    ("saturated", saturated_from_activations),
    ("saturated", saturated_one_by_one),
    ("way_back", way_back_by_diagonals),
    ("way_back", way_back_column_by_column),
    ("eta_without_division", 0.3),
    ("eta_without_division", np.float64(3) / 10),
    ("cut", cut_while),
    ("cut", lambda order, m: np.split(order, range(m, len(order), m))),
    ("cut", cut_by_comprehension),
    ("check_update", update_mini_batch),
    ("check_update", update_by_matrices),
    ("my_sgd", train_with_while),
    ("my_sgd", train_by_matrices),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answers_are_accepted(name, answer):
    told = ask(name, answer)
    assert told.ok, f"{told}\n{told.hints}"
    assert not told.hints


# --- wrong, each in another way than the slip of the package ---------------------------------------------------------


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


def tolerance_of_part(arrays, enough=all):
    """Look at some of the arrays only; find nothing where they are right."""

    def choose(wrong, expected):
        for exponent in range(13):
            t = 10.0**-exponent
            if not any(enough(off(f, e) <= t for f, e in arrays(found, expected)) for found in wrong):
                return t

    return choose


def tolerance_by(is_near):
    """Search with another idea of what is near, for arrays of the same shape."""

    def choose(wrong, expected):
        return next(
            (
                10.0**-exponent
                for exponent in range(13)
                if not any(
                    all(f.shape == e.shape and is_near(f, e, 10.0**-exponent) for f, e in pairs(found, expected))
                    for found in wrong
                )
            ),
            None,
        )

    return choose


def tolerance_of_first_array(wrong, expected):
    """Go on until rounding errors end the search, or nothing does."""
    tolerance = 1.0
    while any(off(found[0][0], expected[0][0]) <= tolerance for found in wrong):
        tolerance /= 10
    return tolerance


def weight_norms(net, X, Y):
    gradients = [backprop(net, X[:, [i]], Y[:, [i]])[1] for i in range(X.shape[1])]
    return np.mean([[np.linalg.norm(nw) for nw in nabla_w] for nabla_w in gradients], axis=0)


def z_of(net, X):
    Zs, A = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(w @ A + b)
        A = sigmoid(Zs[-1])
    return Zs


def way_without_transpose(net, x):
    zs, M = z_of(net, x), np.eye(net.sizes[-1])
    for w, z in zip(net.weights[:0:-1], zs[-2::-1], strict=True):
        M = (w @ M) * sigmoid_prime(z)
    return M


def keeps_the_shuffled(*, X_too=True, Y_too=True):
    """Give a training loop that keeps the shuffled X, Y or both for the next epoch."""

    def my_sgd(net, X, Y, epochs, m, eta, rng):
        for _epoch in range(epochs):
            order = rng.permutation(X.shape[1])
            X = X[:, order] if X_too else X
            Y = Y[:, order] if Y_too else Y
            for places in cut_while(np.arange(len(order)), m):
                update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in places], eta)

    return my_sgd


WRONG = [
    ("central_slope", slope_of_one_copy, "your two networks are one"),
    ("central_slope", slope_that_leaves_the_network_changed, "changed its argument net", "arguments-changed"),
    ("safe_tolerance", tolerance_of_first_array, "some of the arrays only"),
    ("safe_tolerance", tolerance_of_part(lambda f, e: pairs(f, e)[:1]), "some of the arrays only"),
    ("safe_tolerance", tolerance_of_part(lambda f, e: list(zip(f[0], e[0], strict=True))), "some of the arrays only"),
    ("safe_tolerance", tolerance_by(lambda f, e, t: np.abs(f - e).mean() <= t), "No mean, sum, norm or square"),
    ("safe_tolerance", tolerance_by(lambda f, e, t: np.abs((f - e).mean()) <= t), "No mean, sum, norm or square"),
    ("safe_tolerance", tolerance_by(lambda f, e, t: np.linalg.norm(f - e) <= t), "No mean, sum, norm or square"),
    (
        "safe_tolerance",
        tolerance_by(lambda f, e, t: np.sqrt(np.mean((f - e) ** 2)) <= t),
        "No mean, sum, norm or square",
    ),
    ("safe_tolerance", tolerance_by(lambda f, e, t: (f - e).max() <= t), "take the absolute value first"),
    ("safe_tolerance", tolerance_by(lambda f, e, t: np.allclose(f, e, rtol=t, atol=0)), "a relative tolerance"),
    ("delta_norms", lambda net, X, Y: delta_norms_in_an_array(net, X, Y)[::-1], "wrong order"),
    ("delta_norms", weight_norms, "lengths of ∂C/∂w"),
    ("saturated", lambda net, X: [np.sum(sigmoid_prime(Z) < 0.05) for Z in z_of(net, X)], "Those are counts"),
    ("way_back", way_without_transpose, "not transposed", "missing-transpose"),
    ("way_back", lambda net, x: way_back_by_diagonals(net, x).T, "Transposed: rows"),
    ("cut", np.array_split, "That makes m pieces"),
    ("my_sgd", keeps_the_shuffled(), "All is there, but"),
    ("my_sgd", keeps_the_shuffled(Y_too=False), "X and Y have come apart"),
    ("my_sgd", keeps_the_shuffled(X_too=False), "X and Y have come apart"),
    (
        "my_sgd",
        lambda net, X, Y, epochs, m, eta, rng: train_with_while(net, X, Y, epochs, m, 1.1 * eta, rng),
        "all biases and weights have other numbers",
    ),
]


@pytest.mark.parametrize("case", WRONG)
def test_wrong_answers_are_told_in_any_style(case):
    """The sentence of the slip, its name in the catalogue if it has one, and three hints."""
    name, answer, words, *mistake = case
    told = ask(name, answer)
    assert told.state == "wrong", told
    assert words in told.message, told
    assert [told.mistake] == (mistake or [None])
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
    told = ask("safe_tolerance", function)
    assert not told.ok
    assert told.message.endswith("so look at all of its arrays.") == is_told


@pytest.mark.parametrize(
    ("function", "is_told"),
    [
        (lambda net, x: np.diag(sigmoid_prime(z_of(net, x)[0])) @ net.weights[0].T, True),
        (lambda net, x: np.dot(np.diag(sigmoid_prime(z_of(net, x)[0])), net.weights[0].T), True),
        (lambda net, x: np.diag(sigmoid_prime(z_of(net, x)[0])[:, 0]) @ net.weights[0].T, False),
    ],
)
def test_diagonal_of_a_column_is_told(function, is_told):
    """5.4: np.diag of a flat array is fine; a product that does not fit for another reason is told as it is."""
    told = ask("way_back", function)
    assert told.state == "stopped"
    assert told.message.startswith("`np.diag` of a column gives its first number alone.") == is_told


def test_mistake_in_update_is_named():
    """6.3: the diagnosis names it; which it knows is its own tests' business."""
    told = ask("check_update", lambda net, batch, eta: update_mini_batch(net, batch, eta * len(batch)))
    assert told.mistake == "mean-for-sum", told
    assert not told.ok


# --- what else is said -----------------------------------------------------------------------------------------------


def test_tolerance_is_told_for_both_networks():
    """The answer to 4.2 says what its exercise is there for, and the numbers are the reader's function's."""
    message = ask("safe_tolerance", tolerance_by_loops).message
    gathered = [wrong_gradients(probe) for probe in ("fresh", "trained")]
    fresh, trained = (tolerance_by_loops(list(wrong.values()), expected) for wrong, expected in gathered)
    assert f"{fresh:g} for the fresh network, and {trained:g} for the trained one" in message
    assert fresh > trained


def test_last_hint_of_the_stretch_keeps_one_thing_back():
    """5.4: the first line is given, the line of BP2 is not."""
    hint = ask("way_back", lambda net, x: None).hints[2]
    assert "np.eye" in hint
    assert ".T @" not in hint


@pytest.mark.parametrize(("name", "answer"), [("eta_without_division", 0.3), ("cut", cut_while)])
def test_questions_left_open_are_said_to_be_answered(name, answer):
    assert "The solutions" in ask(name, answer).message
