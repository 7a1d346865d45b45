"""The exercises of lesson 10: right answers in several styles, blanks, slips. None of them needs a library."""

import subprocess
import sys

import numpy as np
import pytest

from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import check
from bpteach.exercises.lesson_10 import ASKED, MISTAKES, WORDS
from bpteach.functions import sigmoid, sigmoid_prime

TAGS = ["10.1", "10.2", "10.3"]


# --- right, each in several styles -----------------------------------------------------------------------------------


def rates_by_factors(eta, m, n):
    return tuple(eta / m / factor for factor in (2 / (m * n), 1, 1 / m))


def rates_in_a_list(eta, m, n):
    return [0.5 * n * eta, eta / m, eta]


def rates_in_an_array(eta, m, n):
    return np.array([n * eta / 2, eta / m, eta])


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


RIGHT = [
    ("10.1", rates_by_factors),
    ("10.1", rates_in_a_list),
    ("10.1", rates_in_an_array),
    ("10.2", ours_by_comprehension),
    ("10.2", ours_by_loop),
    ("10.3", (forward, backward)),
    ("10.3", (forward_keeping_z, backward_from_z)),
    ("10.3", [forward_keeping_slopes, backward_from_slopes]),
]


@pytest.mark.parametrize(("tag", "answer"), RIGHT)
def test_right_answers_are_accepted(tag, answer):
    """However it is written."""
    told = check(tag, answer)
    assert told.ok, str(told)


# --- blank -----------------------------------------------------------------------------------------------------------


def blank(*arguments): ...


def blank_rates(eta, m, n):
    return ..., ..., ...


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


BLANK = [
    *((tag, ...) for tag in TAGS),
    ("10.1", blank),
    ("10.1", blank_rates),
    ("10.2", blank),
    ("10.2", blank_ours),
    ("10.3", (blank, blank)),
    ("10.3", (blank_forward, blank_backward)),
    ("10.3", (forward, blank_backward)),
    ("10.3", (blank_forward, backward)),
    ("10.3", (..., backward)),
]


@pytest.mark.parametrize(("tag", "answer"), BLANK)
def test_blank_is_not_written_yet(tag, answer):
    """A blank is never wrong."""
    assert check(tag, answer).state == "unfinished"


# --- slips -----------------------------------------------------------------------------------------------------------


def ours_but(biases=lambda g, m: m * g[:, None], weights=lambda g, m: m * g.T):
    return lambda coefs, intercepts, m: ([biases(g, m) for g in intercepts], [weights(g, m) for g in coefs])


def layer_but(delta=lambda grad, z: grad * sigmoid_prime(z), finish=lambda d, rows, w: (d @ w, d.T @ rows, d.sum(0))):
    def back(saved, grad):
        return finish(delta(grad, saved["z"]), saved["rows"], saved["w"])

    return forward_keeping_z, back


def layer_from_grad(*parts):
    def back(saved, grad):
        rows = saved[0]
        made = {"w": grad.T @ rows, "b": grad.sum(axis=0)}
        right = dict(zip(("rows", "w", "b"), backward(saved, grad), strict=True))
        return tuple((right | {name: made[name] for name in parts}).values())

    return forward, back


def bp2_whole(saved, grad):
    rows, w, _ = saved
    return (grad @ w) * rows * (1 - rows)


def bp2_of_a(saved, grad):
    rows, w, _ = saved
    return (grad @ w) * sigmoid_prime(rows)


PLACE = {}


def forward_in_one_place(rows, w, b):
    PLACE["last"] = rows, w, sigmoid(rows @ w.T + b)
    return PLACE["last"][2], None


def backward_in_one_place(saved, grad):
    return backward(PLACE["last"], grad)


SLIPS = [
    ("10.1", lambda eta, m, n: (eta / m * 2 / (m * n), eta / m, eta / m / m), "rates inverse"),
    ("10.1", lambda eta, m, n: (2 * eta / (m * n), eta / m, eta / m), "rates inverse"),
    ("10.1", lambda eta, m, n: (2 * eta / (m * n), eta / m, eta), "rates inverse"),
    ("10.1", lambda eta, m, n: (2 * eta / (m * n), eta, eta / m), "rates inverse"),
    ("10.1", lambda eta, m, n: (2 * eta / n, eta / m, eta), "rates inverse"),
    ("10.1", lambda eta, m, n: (eta * n / 2, eta / m, eta / m), "rates third"),
    ("10.1", lambda eta, m, n: (eta * n / 2, eta / m, eta / m**2), "rates third"),
    ("10.1", lambda eta, m, n: (eta * n / 2, eta, eta), "rates second"),
    ("10.1", lambda eta, m, n: (eta * n / 2, 2 * eta / m, eta), "rates second"),
    ("10.1", lambda eta, m, n: (eta * n / 2, eta / m / 2, eta), "rates second"),
    ("10.1", lambda eta, m, n: (eta * m * n / 2, eta / m, eta), "rates first m"),
    ("10.1", lambda eta, m, n: (eta * m / 2, eta / m, eta), "rates first m"),
    ("10.1", lambda eta, m, n: (2 / (m * n), 1, 1 / m), "rates bare"),
    ("10.1", lambda eta, m, n: (15, 0.3, 3), "rates one case"),
    ("10.1", lambda eta, m, n: (eta * m * n / 2, eta, eta * m), "rates without our m"),
    ("10.1", lambda eta, m, n: (eta * n, eta / m, eta), "rates without half"),
    ("10.1", lambda eta, m, n: (eta / 2, eta / m, eta), "rates examples only"),
    ("10.1", lambda eta, m, n: (eta, eta, eta), "rates same"),
    ("10.1", lambda eta, m, n: (eta / m, eta * n / 2, eta), "rates order"),
    ("10.1", lambda eta, m, n: (eta * n / 2, eta, eta / m), "rates order"),
    ("10.2", ours_but(weights=lambda g, m: m * g.reshape(g.shape[::-1])), "ours reshaped"),
    ("10.2", ours_but(weights=lambda g, m: m * g), "ours not transposed"),
    ("10.2", ours_but(lambda g, m: g[:, None], lambda g, m: g.T), "ours mean"),
    ("10.2", ours_but(lambda g, m: g[:, None] / m, lambda g, m: g.T / m), "ours divided"),
    ("10.2", ours_but(biases=lambda g, m: g[:, None]), "ours mean biases"),
    ("10.2", ours_but(weights=lambda g, m: g.T), "ours mean weights"),
    ("10.2", ours_but(biases=lambda g, m: m * g), "ours flat"),
    ("10.2", ours_but(biases=lambda g, m: m * g[None]), "ours rows"),
    ("10.2", lambda *arguments: ours_by_loop(*arguments)[::-1], "ours exchanged"),
    ("10.2", lambda *arguments: [arrays[::-1] for arrays in ours_by_loop(*arguments)], "ours reversed"),
    ("10.3", (lambda rows, w, b: (rows @ w.T + b, None), backward), "layer no sigmoid"),
    ("10.3", (lambda rows, w, b: (sigmoid(rows @ w.T), None), backward), "layer no bias"),
    ("10.3", layer_but(lambda grad, z: grad), "layer no slope"),
    ("10.3", layer_but(lambda grad, z: grad * sigmoid_prime(sigmoid(z))), "layer slope of a"),
    ("10.3", layer_but(lambda grad, z: grad * z * (1 - z)), "layer slope of z"),
    ("10.3", (forward, lambda saved, grad: (grad @ saved[1], *backward(saved, grad)[1:])), "layer rows from grad"),
    ("10.3", layer_from_grad("w", "b"), "layer w and b from grad"),
    ("10.3", layer_from_grad("w"), "layer w from grad"),
    ("10.3", layer_from_grad("b"), "layer b from grad"),
    ("10.3", layer_but(finish=lambda d, x, w: ((d @ w) * x * (1 - x), d.T @ x, d.sum(0))), "layer slope of rows"),
    ("10.3", layer_but(finish=lambda d, x, w: (d @ w * sigmoid_prime(x), d.T @ x, d.sum(0))), "layer slope of rows"),
    (
        "10.3",
        (forward, lambda saved, grad: (bp2_whole(saved, grad), *backward(saved, grad)[1:])),
        "layer slope of rows instead",
    ),
    (
        "10.3",
        (forward, lambda saved, grad: (bp2_of_a(saved, grad), *backward(saved, grad)[1:])),
        "layer slope of rows instead",
    ),
    (
        "10.3",
        (forward, lambda saved, grad: (bp2_whole(saved, grad), grad.T @ saved[0], grad.sum(0))),
        "layer slope of rows only",
    ),
    (
        "10.3",
        (forward, lambda saved, grad: (bp2_of_a(saved, grad), grad.T @ saved[0], grad.sum(0))),
        "layer slope of rows only",
    ),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w, rows.T @ d, d.sum(0))), "layer transposed"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w.T, d.T @ rows, d.sum(0))), "layer w for rows"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w, d.T @ rows / len(d), d.mean(0))), "layer mean"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w / len(d), d.T @ rows / len(d), d.mean(0))), "layer mean all"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w, d.T @ rows / len(d), d.sum(0))), "layer mean w"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w, d.T @ rows, d.mean(0))), "layer mean b"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w, d.T @ rows, d.sum(1))), "layer bias axis"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w, d.T @ rows, d)), "layer bias kept"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d @ w, d.T @ rows, d.sum(0)[:, None])), "layer bias shape"),
    ("10.3", layer_but(finish=lambda d, rows, w: (d.T @ rows, d.sum(0), d @ w)), "layer order"),
    ("10.3", (forward_in_one_place, backward_in_one_place), "layer shared"),
]


@pytest.mark.parametrize(("tag", "answer", "name"), SLIPS, ids=[name for *_, name in SLIPS])
def test_slips_are_named(tag, answer, name):
    """The usual wrong answers get a sentence of their own, three hints, and the catalogue's name where it has one."""
    told = check(tag, answer)
    assert told.state == "wrong"
    assert told.message == WORDS[name]
    assert told.mistake == MISTAKES.get(name)
    assert len(told.hints) == 3


def test_every_slip_with_a_sentence_is_tested():
    """No sentence is there for nothing."""
    named = {name for _, _, name in SLIPS}
    others = {name for name in WORDS if not name.endswith(("hints", "right", "names"))} - named
    assert others == {
        "no function",
        "no return",
        "no two functions",
        "no output and saved",
        "no three",
        "forward",
        "backward",
        "layer changed",
    }
    assert set(MISTAKES.values()) <= set(CATALOGUE)
    assert set(MISTAKES) <= set(WORDS)


def changes_grad(saved, grad):
    rows, w, a = saved
    grad *= a * (1 - a)
    return grad @ w, grad.T @ rows, grad.sum(axis=0)


def raises(saved, grad):
    rows, w, _ = saved
    return grad @ w, grad @ rows, grad.sum(axis=0)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (forward, "wrong", "expected the two functions, (forward, backward)"),
        ((forward, 3), "wrong", "expected the two functions"),
        ((forward, backward, backward), "wrong", "expected the two functions"),
        ((lambda rows, w, b: sigmoid(rows @ w.T + b), backward), "wrong", "forward returned an array of shape (4, 4)"),
        ((lambda rows, w, b: (-sigmoid(rows @ w.T + b), 0), backward), "wrong", "forward: Your answer"),
        ((forward, lambda saved, grad: grad), "wrong", "backward returned an array of shape (4, 4)"),
        ((forward, lambda saved, grad: (grad, grad)), "wrong", "expected three arrays"),
        (
            (forward, lambda saved, grad: tuple(2 * part for part in backward(saved, grad))),
            "wrong",
            "backward: grad_rows is wrong: your answer has the right shape, and 16 of its 16 numbers are wrong",
        ),
        ((forward, lambda saved, grad: (*backward(saved, grad)[:2], "b")), "wrong", "backward: grad_b is wrong: your"),
        ((forward, lambda saved, grad: None), "wrong", "backward returned None: is the line with return missing?"),
        ((lambda rows, w, b: None, backward), "wrong", "forward returned None: is the line with return missing?"),
        ((forward, changes_grad), "wrong", "backward changes an array in place that is not its own"),
        ((forward, raises), "stopped", "backward: "),
    ],
)
def test_other_answers_are_told_in_words(answer, state, words):
    """Whatever is handed in, the sentence says which of the two functions is meant."""
    told = check("10.3", answer)
    assert told.state == state
    assert words in told.message


def test_what_is_not_saved_is_not_there():
    """A backward that takes w from nowhere is told which name is missing, and gets the hints: saved stands in them."""
    told = check("10.3", (forward, lambda saved, grad: (grad @ w, grad.T @ saved[0], grad.sum(axis=0))))  # noqa: F821
    assert told.state == "stopped"
    assert "name 'w' is not defined" in told.message
    assert "saved" in told.hints[0]


@pytest.mark.parametrize(
    ("tag", "answer", "words"),
    [
        ("10.1", lambda eta, m, n: (7 * eta, eta / m, eta), "The first rate is wrong: 21 is not it."),
        (
            "10.1",
            lambda eta, m, n: (eta * n / 2, eta / m, "eta"),
            "The third rate is wrong: your answer is 'eta' (str)",
        ),
        ("10.2", ours_but(weights=lambda g, m: 3 * g.T), "nabla_w[0] is wrong: your answer has the right shape"),
        ("10.2", lambda c, i, m: ([m * i[0][:, None], i[1]], 0), "nabla_b[1] is wrong: your answer has shape (4,)"),
        ("10.2", lambda c, i, m: ([m * i[0][:, None]], 0), "nabla_b is wrong: your answer holds 1: expected 2."),
    ],
)
def test_what_is_wrong_bears_its_name(tag, answer, words):
    """It is called as in the exercise, and not answer[0]."""
    assert check(tag, answer).message.startswith(words)


@pytest.mark.parametrize("tag", ["10.1", "10.2"])
@pytest.mark.parametrize("answer", [(15, 0.3, 3), None, 3.0, "rates", dict])
def test_what_is_no_function_is_told_in_words(tag, answer):
    """The result in place of the function: the sentence says what was found and what is expected."""
    told = check(tag, answer)
    assert told.state == "wrong"
    assert f"expected the function {ASKED[tag]}" in told.message


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
