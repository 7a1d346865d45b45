"""The exercises of lesson 10: learning rates, scikit-learn's gradient in our shapes, a layer that can go backward.

None of them needs a library.
"""

from itertools import pairwise

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop_matrix
from bpteach.diagnosis import Diagnosis
from bpteach.diagnosis.calls import is_blank, unfinished
from bpteach.exercises import Slip, exercise, right_answer
from bpteach.exercises.judging import as_slips, hints_of, judge_function
from bpteach.exercises.slopes import with_wrong_slopes
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_, _
from bpteach.network import Network


def _rates_of_the_lesson():
    told = _(
        "That is it. With η = 3, m = 10 and 10 outputs they are {rates}: the same step, under three numbers. So a "
        "learning rate means nothing without the cost that goes with it."
    )
    return told.format(rates=_(", ").join(f"{rate:g}" for rate in rates(3.0, 10, 10)))


@right_answer(
    "10.1",
    calls=[(3.0, 8, 10), (0.5, 7, 3), (2.0, 1, 1), (1.0, 32, 5)],
    parts=(N_("The first rate"), N_("The second rate"), N_("The third rate")),
    slips={
        N_("Right for η = 3, m = 10, n = 10 alone: compute with eta, m and n."): lambda eta, m, n: (15, 0.3, 3),
        N_("You multiply by the library's factor: where the gradient is smaller, the rate has to be larger."): [
            lambda eta, m, n: (2 * eta / (m * n), eta, eta * m),
        ],
    },
    hints=N_(
        "The step is the rate times the library's gradient. Write each of the three gradients as a number times ours, "
        "the sum over the examples; the lesson found those numbers.\n"
        "Our step is η/m times the sum. It has to be rate × factor × the sum, so rate = η / (m × factor), with the "
        "factors 2/(m n), 1 and 1/m.\n"
        "`return eta * n / 2, eta / m, eta`"
    ),
    praise=_rates_of_the_lesson,
)
def rates(eta, m, n):
    return eta * n / 2, eta / m, eta


def _gradients_of_sklearn(rng):
    for sizes, m in (([4, 4, 4], 5), ([6, 3, 2], 8), ([3, 5, 4, 2], 7)):
        shapes = list(pairwise(sizes))
        yield [rng.normal(size=shape) for shape in shapes], [rng.normal(size=n) for n_in, n in shapes], m


@right_answer(
    "10.2",
    calls=lambda rng: list(_gradients_of_sklearn(rng)),
    parts=("nabla_b", "nabla_w"),
    slips={
        N_(
            "∇w has the right shape and scrambled numbers: reshape reads row by row. Take .T to exchange the axes."
        ): lambda coef_grads, intercept_grads, m: (
            in_our_shapes(coef_grads, intercept_grads, m)[0],
            [m * g.reshape(g.shape[::-1]) for g in coef_grads],
        ),
    },
    hints=N_(
        "Three things differ: which side the neurons of the layer before stand on, flat or a column, a mean or a sum. "
        "Take a 784 × 30 array by the hand: what do you do to it, to get our (30, 784)?\n"
        "∇w = m gᵀ for each g of `coef_grads`, and ∇b is m times each flat array, as a column.\n"
        "`nabla_b = [m * g.reshape(-1, 1) for g in intercept_grads]; nabla_w = [m * g.T for g in coef_grads]`"
    ),
    praise=N_("That is it: a factor, a transpose, a column. Nothing else stands between the two gradients."),
)
def in_our_shapes(coef_grads, intercept_grads, m):
    return [m * g.reshape(-1, 1) for g in intercept_grads], [m * g.T for g in coef_grads]


def _layer(output=sigmoid, slope=sigmoid_prime, **others):
    """Give the two functions of a layer, with some parts replaced."""
    parts = {
        "rows": lambda d, grad, rows, w: d @ w,
        "w": lambda d, grad, rows, w: d.T @ rows,
        "b": lambda d, grad, rows, w: d.sum(axis=0),
    }

    def forward(rows, w, b):
        return output(rows @ w.T + b), (rows, w, b)

    def backward(saved, grad):
        rows, w, b = saved
        return tuple(part(grad * slope(rows @ w.T + b), grad, rows, w) for part in (parts | others).values())

    return forward, backward


SLIPS = {
    N_("Your forward gives z = rows wᵀ + b: the activation is σ(z)."): (
        Slip(_layer(output=np.array), fits=lambda found, rows, w, b, grad: np.allclose(found[0], rows @ w.T + b))
    ),
    N_("Your backward starts from grad as it is, ∂C/∂a. But δ is ∂C/∂z: the slope σ′(z) is missing."): (
        Slip(_layer(slope=np.ones_like), "missing-hidden-sigmoid-prime")
    ),
    N_("Of grad make δ = grad ⊙ σ′(z), and of δ all three gradients: yours takes grad as it is for some of them."): [
        Slip(_layer(rows=lambda d, grad, rows, w: grad @ w)),
        Slip(_layer(w=lambda d, grad, rows, w: grad.T @ rows, b=lambda d, grad, rows, w: grad.sum(axis=0))),
        Slip(_layer(w=lambda d, grad, rows, w: grad.T @ rows)),
        Slip(_layer(b=lambda d, grad, rows, w: grad.sum(axis=0))),
    ],
    N_("The slope of rows is for the layer before to put in: here this layer's slope, in δ, is enough."): (
        Slip(_layer(rows=lambda d, grad, rows, w: d @ w * rows * (1 - rows)))
    ),
    N_("The gradients for w and b are right. That for rows is δ w: with rows for examples, nothing is transposed."): (
        Slip(_layer(rows=lambda d, grad, rows, w: d @ w.T), "missing-transpose")
    ),
    **with_wrong_slopes(lambda slope: _layer(slope=slope)),
}
LAYER_HINTS = N_(
    "What comes in, grad, is ∂C/∂a, with a the layer's output. First make δ = ∂C/∂z of it. All three results come from "
    "δ, and what they need besides has to be in saved.\n"
    "δ = grad ⊙ σ′(z), and σ′(z) = a (1 − a). Then, with rows for examples: ∂C/∂rows = δ w, ∂C/∂w = δᵀ rows, and ∂C/∂b "
    "is the sum of δ over the rows.\n"
    "forward: `a = sigmoid(rows @ w.T + b)`, `saved = (rows, w, a)`; backward: `delta = grad * a * (1 - a)`, then "
    "`return delta @ w, delta.T @ rows, delta.sum(axis=0)`"
)


def _at_work(forward, backward):
    """Let a layer go forward, and back: a function of rows, w, b and grad that gives all it has computed."""

    def work(rows, w, b, grad):
        found = forward(rows, w, b)
        fault = _fault_of_form("forward", found, 2, _("the output and what backward will need"))
        gradients = None if fault else backward(found[1], grad)
        fault = fault or _fault_of_form("backward", gradients, 3, _("the gradients for rows, w and b"))
        return fault or (found[0], *gradients)

    return work


def _fault_of_form(name, result, count, expected):
    if isinstance(result, list | tuple) and len(result) == count:
        return None
    told = _("{name} returned {found}: expected {count} things, {expected}.")
    return Diagnosis("wrong", told.format(name=name, found=name_of(result), count=count, expected=expected))


def _layer_call(m, n_in, n):
    rng = np.random.default_rng(103)
    return rng.random((m, n_in)), rng.normal(size=(n, n_in)), rng.normal(size=n), rng.normal(size=(m, n))


@exercise("10.3", slips=SLIPS, hints=LAYER_HINTS)
def judge_layer(answer):
    if not isinstance(answer, list | tuple) or len(answer) != 2 or not all(map(callable, answer)):
        told = _("Your answer is {found}: expected the two functions, (forward, backward).")
        return Diagnosis("wrong", told.format(found=name_of(answer)), hints=hints_of(LAYER_HINTS))
    if any(map(is_blank, answer)):
        return unfinished()
    told = judge_function(
        _at_work(*answer),
        _at_work(*_layer()),
        [_layer_call(*shape) for shape in ((4, 4, 4), (7, 3, 5), (1, 6, 2))],
        slips=[slip._replace(wrong=_at_work(*slip.wrong)) for slip in as_slips(SLIPS)],
        hints=LAYER_HINTS,
        parts=("output", "grad_rows", "grad_w", "grad_b"),
    )
    return _three_in_a_row(*answer) if told.ok else told


def _three_in_a_row(forward, backward):
    rng = np.random.default_rng(104)
    shared = _("Each call is right. In a chain of three layers the gradient is wrong: is saved all that backward uses?")
    return judge_function(
        _chained(forward, backward),
        backprop_matrix,
        [(Network.random([4, 4, 4, 4], rng), rng.random((4, 6)), rng.random((4, 6)))],
        hints=LAYER_HINTS,
        message=N_(
            "That is it. Three layers of yours, one behind the other, give the gradient of backprop_matrix. No layer "
            "knows of the others: that is all that automatic differentiation asks of an operation."
        ),
        otherwise=lambda *call: Diagnosis("wrong", shared, "activations-share-a-buffer"),
    )


def _chained(forward, backward):
    """Make a gradient, in our shapes, of layers one behind the other."""

    def gradient(net, X, Y):
        rows, kept = X.T.copy(), []
        for w, b in zip(net.weights, net.biases, strict=True):
            rows, saved = forward(rows, w.copy(), b[:, 0].copy())
            kept.append(saved)
        grad, nabla_b, nabla_w = rows - Y.T, [], []
        for saved in reversed(kept):
            grad, grad_w, grad_b = backward(saved, grad)
            nabla_b.insert(0, np.reshape(grad_b, (-1, 1)))
            nabla_w.insert(0, grad_w)
        return nabla_b, nabla_w

    return gradient
