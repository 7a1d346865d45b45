"""The exercises of lesson 10: right answers in several styles, blanks, other wrong answers. None needs a library."""

import numpy as np  # noqa: F401 - for ANSWERS
import pytest

from answers import answers, two_tests
from bpteach.exercises import EXERCISES
from bpteach.functions import sigmoid, sigmoid_prime  # noqa: F401 - the layers read them
from conftest import ask, tag_of
from learners import Register
from strategies import run_code

LAYERS = Register("judge_layer", "rows, w, b", "saved, grad")
LAYERS.read(
    """
forward
    a = sigmoid(rows @ w.T + b)
    return a, (rows, w, a)
backward
    rows, w, a = saved
    d = grad * a * (1 - a)
    return d @ w, d.T @ rows, d.sum(axis=0)
keeps_z
    z = rows.dot(w.T) + b
    return sigmoid(z), {"z": z, "w": w, "rows": rows}
from_z
    d = grad * sigmoid_prime(saved["z"])
    return [d.dot(saved["w"]), np.einsum("mj,mk->jk", d, saved["rows"]), np.ones(len(d)) @ d]
bare | - | def bare(*arguments): ...
blank_forward
    output, saved = ..., ...
    return output, saved
blank_backward
    grad_rows, grad_w, grad_b = ..., ..., ...
    return grad_rows, grad_w, grad_b
saves_nothing | - | forward: return a, (rows, w, a) → return a
without_sigmoid | - | forward: sigmoid(rows @ w.T + b) → rows @ w.T + b
gives_none | - | def gives_none(*arguments): return None
gives_grad | - | return grad
gives_two | - | return grad, grad
doubles | - | backward: return d @ w, d.T @ rows, d.sum(axis=0) → return 2 * d @ w, 2 * d.T @ rows, 2 * d.sum(axis=0)
a_word_for_b | - | backward: d.sum(axis=0) → "b"
changes_grad | - | backward: d = grad * a * (1 - a) → d = grad ¶ d *= a * (1 - a)
raises | - | backward: d.T @ rows → d @ rows
w_from_nowhere | - | return grad @ w, grad.T @ saved[0], grad.sum(axis=0)
forward_in_one_place
    PLACE["last"] = rows, w, sigmoid(rows @ w.T + b)
    return PLACE["last"][2], None
backward_in_one_place | - | backward: = saved → = PLACE["last"]
""",
    globals(),
)
FUNCTIONS = {"...": ...} | {learner.function.__name__: learner.function for learner in LAYERS.learners}
PLACE = {}


def layer(names):
    found = tuple(FUNCTIONS.get(name, name) for name in names.split())
    return found if len(found) > 1 else found[0]


ANSWERS = {
    ("rates", "eta, m, n"): """
== right ==
factors | divides by them | return tuple(eta / m / factor for factor in (2 / (m * n), 1, 1 / m))
a_list | - | return [0.5 * n * eta, eta / m, eta]
== wrong ==
third_by_m | The third rate: right but for a constant factor, × `1 / m`. | return eta * n / 2, eta / m, eta / m
second_doubled | The second rate: right but for a constant factor, × 2. | return eta * n / 2, 2 * eta / m, eta
all_times_m | Right but for a constant factor, × `m`. | return eta * m * n / 2, eta, eta * m
first_upside_down | The first rate is 0.075, and that is not it.
    return 2 * eta / (m * n), eta / m, eta / m
other_order | The right ones in the wrong order | return eta / m, eta * n / 2, eta
a_word | The third rate is 'eta' (str): expected a number. | return eta * n / 2, eta / m, "eta"
""",
    ("in_our_shapes", "c, i, m"): """
== right ==
lists | - | return [[m * g[:, None] for g in i], [m * g.T for g in c]]
arrays | - | return [np.atleast_2d(b).T * m for b in i], [np.transpose(w) * m for w in c]
== wrong ==
m_once_less | nabla_b: right but for a constant factor, × `1 / m` | lists: m * g[:, None] → g[:, None]
    m * g.T → m * m * g.T
a_row | nabla_b: transposed | lists: g[:, None] → g[None]
not_turned | nabla_w: transposed: rows and | lists: g.T → g
one_flat | nabla_b[1] has shape (4,) | return [m * i[0][:, None], i[1]], 0
""",
}
RIGHT, OTHERS = answers(ANSWERS, globals())
test_right_answers_are_accepted, test_wrong_answers_are_told = two_tests(RIGHT, OTHERS)


@pytest.mark.parametrize("names", ["forward backward", "keeps_z from_z"])
def test_right_layers_are_accepted(names):
    for pair in (layer(names), [*layer(names)]):
        told = ask("judge_layer", pair)
        assert told.ok, told


LAYERS_TO_WRITE = ("bare bare", "blank_forward blank_backward", "forward blank_backward")


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("rates", lambda eta, m, n: (..., ..., ...)),
        ("in_our_shapes", lambda c, i, m: (..., ...)),
        *(("judge_layer", layer(names)) for names in (*LAYERS_TO_WRITE, "... backward")),
    ],
)
def test_blank_is_not_written_yet(tag, answer):
    assert ask(tag, answer).state == "unfinished"


STOPPED = ("forward raises", "forward w_from_nowhere")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("forward", "expected the two functions, (forward, backward)"),
        ("forward backward backward", "expected the two functions"),
        ("saves_nothing backward", "forward returned an array of shape (4, 4)"),
        ("without_sigmoid backward", "Your forward gives z = rows wᵀ + b"),
        ("forward gives_grad", "backward returned an array of shape (4, 4)"),
        ("forward gives_two", "expected 3 things, the gradients for rows, w and b"),
        ("forward doubles", "grad_rows, grad_w, grad_b: right but for a constant factor, × 2."),
        ("forward a_word_for_b", "grad_b is 'b' (str): expected an array"),
        ("forward gives_none", "backward returned None (NoneType): expected 3 things"),
        ("gives_none backward", "forward returned None (NoneType): expected 2 things"),
        ("forward changes_grad", "Your function changed its argument grad"),
        ("forward raises", "an array of shape (7, 5) meets an array of shape (7, 3)"),
        ("forward w_from_nowhere", "name 'w' is not defined"),
        ("forward_in_one_place backward_in_one_place", "In a chain of three layers the gradient is wrong"),
    ],
)
def test_other_layers_are_told_in_words(names, words):
    told = ask("judge_layer", layer(names))
    assert told.state == ("stopped" if names in STOPPED else "wrong")
    assert (told.mistake == "activations-share-a-buffer") == ("in_one_place" in names)
    assert words in told.message
    assert told.hints == EXERCISES[tag_of("judge_layer")].hints


def test_checks_need_no_library():
    rates, shapes, layer = map(tag_of, ("rates", "in_our_shapes", "judge_layer"))
    run_code(
        "import sys\nfor name in ('torch', 'jax', 'sklearn'): sys.modules[name] = None\n"
        "from bpteach.exercises import check\n"
        f"assert check('{rates}', lambda eta, m, n: (eta * n / 2, eta / m, eta)).ok\n"
        f"assert not check('{shapes}', lambda c, i, m: (i, c)).ok\n"
        f"assert check('{layer}', (..., ...)).state == 'unfinished'\n"
    )
