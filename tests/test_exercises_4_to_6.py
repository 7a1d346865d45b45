"""The exercises of lessons 4 (its hunt apart) to 6: right answers of any style pass, wrong ones are told by name."""

import copy  # noqa: F401 - for ANSWERS, as others

import numpy as np
import pytest

from answers import answers, two_tests
from bpteach import backprop, backprop_matrix, cost, feedforward, update_mini_batch  # noqa: F401
from bpteach.backpropagation import forward_pass  # noqa: F401
from bpteach.diagnosis import calls
from bpteach.diagnosis.effects import wrong_gradients
from bpteach.functions import sigmoid, sigmoid_prime  # noqa: F401
from bpteach.training import update_mini_batch_matrix
from conftest import ask


def pairs(found, expected):
    return list(zip([*found[0], *found[1]], [*expected[0], *expected[1]], strict=True))


def off(f, e):
    return np.abs(f - e).max() if f.shape == e.shape else np.inf


def tolerance_of(wrong, expected, arrays=pairs, enough=all, is_near=lambda f, e, t: off(f, e) <= t):
    """Search with another idea of what is near, or in some of the arrays only; find nothing where they are right."""
    for exponent in range(13):
        t = 10.0**-exponent
        if not any(enough(np.shape(f) == e.shape and is_near(f, e, t) for f, e in arrays(g, expected)) for g in wrong):
            return t


ANSWERS = {
    ("central_slope", "net, X, Y, l, j, k, h"): """
== right ==
copies | deep ones
    costs = []
    for by in (h, -h):
        changed = copy.deepcopy(net)
        changed.weights[l - 2][j][k] += by
        costs.append(cost(feedforward(changed, X), Y))
    return (costs[0] - costs[1]) / (2 * h)
in_place | and back
    w = net.weights[l - 2]
    kept = w[j, k]
    try:
        w[j, k] = kept + h
        above = cost(feedforward(net, X), Y)
        w[j, k] = kept - h
        return 0.5 / h * (above - cost(feedforward(net, X), Y))
    finally:
        w[j, k] = kept
== wrong ==
one_copy | your two networks are one
    above = below = net.copy()
    above.weights[l - 2][j, k] += h
    below.weights[l - 2][j, k] -= h
    return (cost(feedforward(above, X), Y) - cost(feedforward(below, X), Y)) / (2 * h)
left_changed | changed its argument net [mistake arguments-changed] | in_place: w[j, k] = kept → pass
    pass + h → w[j, k] = kept + h && pass - h → w[j, k] = kept - h
""",
    ("safe_tolerance", "wrong, expected"): """
== right ==
loops | - | tolerance = 1.0
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
worst | how far off the best of the wrong gradients is; no loop over tolerances
    nearest = min(max(off(f, e) for f, e in pairs(found, expected)) for found in wrong)
    return 10.0 ** (np.ceil(np.log10(nearest)) - 1) if nearest <= 1 else 1.0
== wrong ==
mean | 1e-05 is stricter than needed
    return tolerance_of(wrong, expected, is_near=lambda f, e, t: np.abs(f - e).mean() <= t)
largest | the absolute value of each single difference | mean: np.abs(f - e).mean() → (f - e).max()
norm | With 0.1, 1 of 1 wrong gradients would still be accepted | mean: np.abs(f - e).mean() → np.linalg.norm(f - e)
relative | not relative | mean: np.abs(f - e).mean() <= t → np.allclose(f, e, rtol=t, atol=0)
first_layer | look at all of its arrays | return tolerance_of(wrong, expected, lambda f, e: pairs(f, e)[:1])
""",
    ("most_left", "net"): """
== right ==
product | - | return np.prod([sigmoid_prime(0.0)] * len(net.sizes[1:-1]))
loop | - | left = 1
    for _w in net.weights[1:]:
        left = left / 4
    return left
""",
    ("delta_norms", "net, X, Y"): """
== right ==
in_an_array | - | total = np.zeros(len(net.biases))
    for x, y in zip(X.T, Y.T, strict=True):
        nabla_b, _nabla_w = backprop(net, x.reshape(-1, 1), y.reshape(-1, 1))
        total += [np.sqrt(np.sum(delta**2)) for delta in nabla_b]
    return total / X.shape[1]
of_matrices | a tuple | columns = [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(X.shape[1])]
    return tuple(np.linalg.norm(np.column_stack(layer), axis=0).mean() for layer in zip(*columns, strict=True))
== wrong ==
backwards | wrong order | in_an_array: total / X.shape[1] → total[::-1] / X.shape[1]
root_of_squares | under one root | columns = [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(X.shape[1])]
    return [np.sqrt(np.sum([np.sum(delta**2) for delta in layer])) for layer in zip(*columns, strict=True)]
inputs | `len(X)` counts the inputs | columns = [backprop(net, X[:, [i]], Y[:, [i]])[0] for i in range(len(X))]
    return [np.mean([np.linalg.norm(delta) for delta in layer]) for layer in zip(*columns, strict=True)]
""",
    ("saturated", "net, X"): """
== right ==
from_activations | - | shares, A = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        A = sigmoid(w @ A + b)
        shares.append(np.count_nonzero(A * (1 - A) < 0.05) / A.size)
    return shares
== wrong ==
counts | Those are counts | from_activations: / A.size →
""",
    ("way_back", "net, x"): """
== right ==
diagonals | - | a, factors = x, []
    for b, w, after in zip(net.biases[:-1], net.weights[:-1], net.weights[1:], strict=True):
        a = sigmoid(w @ a + b)
        factors.append(np.diag((a * (1 - a)).ravel()) @ after.T)
    return np.linalg.multi_dot(factors) if len(factors) > 1 else factors[0]
columns | solves for M from what backprop makes of n_L desired outputs
    output = feedforward(net, x)
    Y = output - np.eye(len(output)) / sigmoid_prime(np.log(output / (1 - output)))  # so that δ^L is a unit column
    return np.hstack([backprop(net, x, y.reshape(-1, 1))[0][0] for y in Y.T])
== wrong ==
turned | Transposed: rows | columns: for y in Y.T]) → for y in Y.T]).T
== stopped ==
column | `np.diag` of a column gives its first number alone: take
    return np.diag(sigmoid_prime(forward_pass(net, x)[0][0])) @ net.weights[0].T
""",
    ("cut", "order, m"): """
== right ==
while_loop | - | pieces = []
    while len(order):
        pieces.append(order[:m])
        order = order[m:]
    return pieces
split | - | return np.split(order, range(m, len(order), m))
== wrong ==
m_pieces | and not the number of pieces | return np.array_split(order, m)
""",
    ("check_update", "net, mini_batch, eta"): """
== right ==
ours | - | update_mini_batch(net, mini_batch, eta)
matrices | - | X, Y = (np.hstack(columns) for columns in zip(*mini_batch, strict=True))
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    for l in range(len(net.weights)):
        net.weights[l] -= eta / len(mini_batch) * nabla_w[l]
        net.biases[l] = net.biases[l] - eta / len(mini_batch) * nabla_b[l]
""",
    ("my_sgd", "net, X, Y, epochs, m, eta, rng"): """
== right ==
while_loops | - | examples = [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in zip(X.T, Y.T, strict=True)]
    while epochs:
        left = rng.permutation(len(examples)).tolist()
        while left:
            update_mini_batch(net, [examples[i] for i in left[:m]], eta)
            left = left[m:]
        epochs -= 1
matrices | -
    for _epoch in range(epochs):
        order = rng.permutation(X.shape[1])
        for piece in np.split(order, range(m, len(order), m)):
            nabla_b, nabla_w = backprop_matrix(net, X[:, piece], Y[:, piece])
            for l in range(len(net.weights)):
                net.weights[l] -= eta / len(piece) * nabla_w[l]
                net.biases[l] -= eta / len(piece) * nabla_b[l]
== wrong ==
keeps_both | All is there, but
    for _epoch in range(epochs):
        order = rng.permutation(X.shape[1])
        X, Y = X[:, order], Y[:, order]
        for places in np.split(np.arange(len(order)), range(m, len(order), m)):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in places], eta)
early_end | let `range` end at n
    for _epoch in range(epochs):
        order = rng.permutation(X.shape[1])
        for k in range(0, len(order) - m, m):
            update_mini_batch(net, [(X[:, [i]], Y[:, [i]]) for i in order[k : k + m]], eta)
keeps_Y | X and Y have come apart | keeps_both: X, Y = X[:, order], Y[:, order] → Y = Y[:, order]
too_far | and net.weights[1]. Right: none. net.biases[0] has the right | while_loops: eta) → 1.1 * eta)
""",
}
RIGHT, OTHERS = answers(ANSWERS, globals())
test_right_answers_are_accepted, test_wrong_answers_are_told = two_tests(RIGHT, OTHERS)


def loops_for_ever(wrong, expected):
    while True:
        pass


@pytest.mark.parametrize(
    ("function", "is_told"),
    [
        (lambda wrong, expected: None, True),
        (lambda wrong, expected: next(iter([])), True),
        (lambda wrong, expected: tolerance_of(wrong, expected, lambda f, e: list(zip(f[1], e[1], strict=True))), True),
        (lambda wrong, expected: tolerance_of(wrong, expected, enough=any), True),
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


@pytest.mark.parametrize(("power", "said"), [(1, "4 times too long: a sum"), (-1, "4 times too short: it is divided")])
def test_step_that_is_off_by_the_number_of_examples_is_told(power, said):
    for tag, turn in (("6.3", np.asarray), ("7.4", np.transpose)):

        def step(net, X, Y, eta, turn=turn):
            update_mini_batch_matrix(net, turn(X), turn(Y), eta * turn(X).shape[1] ** power)

        told = ask(tag, step)
        assert (told.mistake, said in told.message) == ("mean-for-sum", True), told


# --- what else is said -----------------------------------------------------------------------------------------------


def test_tolerance_is_told_for_both_networks():
    """The answer to 4.2 says what its exercise is there for, and the numbers are the reader's function's."""
    message = ask("safe_tolerance", tolerance_of).message
    gathered = [wrong_gradients(probe) for probe in ("fresh", "trained")]
    fresh, trained = (tolerance_of(list(wrong.values()), expected) for wrong, expected in gathered)
    assert f"{fresh:g} for the fresh network, and {trained:g} for the trained one" in message
    assert fresh > trained


def test_last_hint_of_the_stretch_keeps_one_thing_back():
    """5.4: the first line is given, the line of BP2 is not."""
    hint = ask("way_back", lambda net, x: None).hints[2]
    assert "np.eye" in hint
    assert ".T @" not in hint


def test_rate_without_division_is_a_number():
    told = ask("eta_without_division", np.float64(3) / 10)
    assert told.ok
    assert "The solutions" in told.message
