"""The exercises of lesson 10: right answers in several styles, blanks, other wrong answers. None needs a library."""

import subprocess
import sys

import numpy as np
import pytest

from bpteach.exercises import EXERCISES, check
from bpteach.functions import sigmoid, sigmoid_prime

# --- right, each in several styles ------------------------------------------------------------------------------------


def rates_by_factors(eta, m, n):
    return tuple(eta / m / factor for factor in (2 / (m * n), 1, 1 / m))


def ours_by_comprehension(coef_grads, intercept_grads, m):
    return [m * g[:, None] for g in intercept_grads], [m * g.T for g in coef_grads]


def ours_by_loop(coef_grads, intercept_grads, m):
    nabla_b, nabla_w = [], []
    for w, b in zip(coef_grads, intercept_grads, strict=True):
        nabla_w.append(np.transpose(w) * m)
        nabla_b.append(np.atleast_2d(b).T * m)
    return nabla_b, nabla_w


def forward(rows, w, b):
    a = sigmoid(rows @ w.T + b)
    return a, (rows, w, a)


def backward(saved, grad):
    rows, w, a = saved
    d = grad * a * (1 - a)
    return d @ w, d.T @ rows, d.sum(axis=0)


def forward_keeping_z(rows, w, b):
    z = rows.dot(w.T) + b
    return sigmoid(z), {"z": z, "w": w, "rows": rows}


def backward_from_z(saved, grad):
    d = grad * sigmoid_prime(saved["z"])
    return [d.dot(saved["w"]), np.einsum("mj,mk->jk", d, saved["rows"]), np.ones(len(d)) @ d]


def forward_keeping_slopes(rows, w, b):
    a = 1 / (1 + np.exp(-(w @ rows.T).T - b))
    return [a, [rows, w, a * (1 - a)]]


def backward_from_slopes(saved, grad):
    rows, w, slope = saved
    grad_w, grad_b = np.zeros(w.shape), np.zeros(len(w))
    for x, d in zip(rows, grad * slope, strict=True):
        grad_w += np.outer(d, x)
        grad_b += d
    return (grad * slope) @ w, grad_w, grad_b


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("10.1", rates_by_factors),
        ("10.1", lambda eta, m, n: [0.5 * n * eta, eta / m, eta]),
        ("10.1", lambda eta, m, n: np.array([n * eta / 2, eta / m, eta])),
        ("10.2", ours_by_comprehension),
        ("10.2", ours_by_loop),
        ("10.3", (forward, backward)),
        ("10.3", (forward_keeping_z, backward_from_z)),
        ("10.3", [forward_keeping_slopes, backward_from_slopes]),
    ],
)
def test_right_answers_are_accepted(tag, answer):
    """However it is written."""
    told = check(tag, answer)
    assert told.ok, told


# --- blank ------------------------------------------------------------------------------------------------------------


def blank(*arguments): ...


def blank_ours(coef_grads, intercept_grads, m):
    nabla_b = ...
    nabla_w = ...
    return nabla_b, nabla_w


def blank_forward(rows, w, b):
    output, saved = ..., ...
    return output, saved


def blank_backward(saved, grad):
    grad_rows, grad_w, grad_b = ..., ..., ...
    return grad_rows, grad_w, grad_b


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("10.1", lambda eta, m, n: (..., ..., ...)),
        ("10.2", blank_ours),
        ("10.3", (blank, blank)),
        ("10.3", (blank_forward, blank_backward)),
        ("10.3", (forward, blank_backward)),
        ("10.3", (blank_forward, backward)),
        ("10.3", (..., backward)),
    ],
)
def test_blank_is_not_written_yet(tag, answer):
    """A blank is never wrong."""
    assert check(tag, answer).state == "unfinished"


# --- wrong in other ways ----------------------------------------------------------------------------------------------


def ours_but(coef_grads, intercept_grads, m, *, weights):
    return [m * g[:, None] for g in intercept_grads], [weights(g, m) for g in coef_grads]


FACTORS = "For m = 8 and n = 10, your rates are {} times what they have to be."


@pytest.mark.parametrize(
    ("tag", "answer", "words"),
    [
        ("10.1", lambda eta, m, n: (eta * n / 2, eta / m, eta / m), FACTORS.format("1, 1 and 0.125")),
        ("10.1", lambda eta, m, n: (eta * n / 2, eta / m, eta / m**2), FACTORS.format("1, 1 and 0.0156")),
        ("10.1", lambda eta, m, n: (eta * n / 2, eta, eta), FACTORS.format("1, 8 and 1")),
        ("10.1", lambda eta, m, n: (eta * n / 2, 2 * eta / m, eta), FACTORS.format("1, 2 and 1")),
        ("10.1", lambda eta, m, n: (eta * n / 2, eta / m / 2, eta), FACTORS.format("1, 0.5 and 1")),
        ("10.1", lambda eta, m, n: (eta * m * n / 2, eta / m, eta), FACTORS.format("8, 1 and 1")),
        ("10.1", lambda eta, m, n: (eta * m / 2, eta / m, eta), FACTORS.format("0.8, 1 and 1")),
        ("10.1", lambda eta, m, n: (eta * n, eta / m, eta), FACTORS.format("2, 1 and 1")),
        ("10.1", lambda eta, m, n: (eta / 2, eta / m, eta), FACTORS.format("0.1, 1 and 1")),
        ("10.1", lambda eta, m, n: (eta * m * n / 2, eta, eta * m), FACTORS.format("8, 8 and 8")),
        ("10.1", lambda eta, m, n: (2 / (m * n), 1, 1 / m), FACTORS.format("0.00167, 2.67 and 0.0417")),
        ("10.1", lambda eta, m, n: (eta, eta, eta), FACTORS.format("0.2, 8 and 1")),
        ("10.1", lambda eta, m, n: (eta / m, eta / m, eta / m), FACTORS.format("0.025, 1 and 0.125")),
        ("10.1", lambda eta, m, n: (7 * eta, eta / m, eta), FACTORS.format("1.4, 1 and 1")),
        (
            "10.1",
            lambda eta, m, n: (eta * n / 2, eta / m, "eta"),
            "The third rate is wrong: your answer is 'eta' (str)",
        ),
        (
            "10.2",
            lambda *call: ours_but(*call, weights=lambda g, m: 3 * g.T),
            "nabla_w[0] is wrong: your answer has the right shape",
        ),
        ("10.2", lambda c, i, m: ([m * i[0][:, None], i[1]], 0), "nabla_b[1] is wrong: your answer has shape (4,)"),
        ("10.2", lambda c, i, m: ([m * i[0][:, None]], 0), "nabla_b is wrong: your answer holds 1: expected 2."),
    ],
)
def test_what_is_wrong_bears_its_name(tag, answer, words):
    """The rates are told by their factors, and arrays are called as in the exercise, not answer[0]."""
    told = check(tag, answer)
    assert told.state == "wrong"
    assert told.message.startswith(words), told


def changes_grad(saved, grad):
    rows, w, a = saved
    grad *= a * (1 - a)
    return grad @ w, grad.T @ rows, grad.sum(axis=0)


def raises(saved, grad):
    rows, w, _ = saved
    return grad @ w, grad @ rows, grad.sum(axis=0)


def takes_w_from_nowhere(saved, grad):
    return grad @ w, grad.T @ saved[0], grad.sum(axis=0)  # noqa: F821


PLACE = {}


def forward_in_one_place(rows, w, b):
    PLACE["last"] = rows, w, sigmoid(rows @ w.T + b)
    return PLACE["last"][2], None


def backward_in_one_place(saved, grad):
    return backward(PLACE["last"], grad)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (forward, "wrong", "expected the two functions, (forward, backward)"),
        ((forward, 3), "wrong", "expected the two functions"),
        ((forward, backward, backward), "wrong", "expected the two functions"),
        ((lambda rows, w, b: sigmoid(rows @ w.T + b), backward), "wrong", "forward returned an array of shape (4, 4)"),
        ((lambda rows, w, b: (-sigmoid(rows @ w.T + b), 0), backward), "wrong", "forward: Your answer"),
        ((lambda rows, w, b: (rows @ w.T + b, None), backward), "wrong", "forward gives z = rows wᵀ + b"),
        ((forward, lambda saved, grad: grad), "wrong", "backward returned an array of shape (4, 4)"),
        ((forward, lambda saved, grad: (grad, grad)), "wrong", "expected 3 things, the gradients for rows, w and b"),
        (
            (forward, lambda saved, grad: tuple(2 * part for part in backward(saved, grad))),
            "wrong",
            "backward: grad_rows is wrong: your answer has the right shape, and 16 of its 16 numbers are wrong",
        ),
        ((forward, lambda saved, grad: (*backward(saved, grad)[:2], "b")), "wrong", "backward: grad_b is wrong: your"),
        ((forward, lambda saved, grad: None), "wrong", "backward returned None: is the line with return missing?"),
        ((lambda rows, w, b: None, backward), "wrong", "forward returned None: is the line with return missing?"),
        ((forward, changes_grad), "wrong", "backward: Your function changed its argument grad"),
        ((forward, raises), "stopped", "backward: "),
        ((forward, takes_w_from_nowhere), "stopped", "name 'w' is not defined"),
        ((forward_in_one_place, backward_in_one_place), "wrong", "In a chain of three layers the gradient is wrong"),
    ],
)
def test_other_layers_are_told_in_words(answer, state, words):
    """Whatever is handed in, the sentence says which of the two functions is meant, and the hints are there."""
    told = check("10.3", answer)
    assert told.state == state
    assert words in told.message
    assert told.hints == EXERCISES["10.3"].hints


def test_a_layer_that_keeps_its_numbers_in_one_place_has_a_name():
    assert check("10.3", (forward_in_one_place, backward_in_one_place)).mistake == "activations-share-a-buffer"


def test_checks_need_no_library():
    """They are right and wrong without PyTorch, JAX and scikit-learn."""
    code = (
        "import sys\nfor name in ('torch', 'jax', 'sklearn'): sys.modules[name] = None\n"
        "from bpteach.exercises import check\n"
        "assert check('10.1', lambda eta, m, n: (eta * n / 2, eta / m, eta)).ok\n"
        "assert not check('10.2', lambda c, i, m: (i, c)).ok\n"
        "assert check('10.3', (..., ...)).state == 'unfinished'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
