"""The exercises of lesson 10: learning rates, scikit-learn's gradient in our shapes, a layer that can go backward.

None of them needs a library.
"""

import copy
from dataclasses import replace
from itertools import pairwise

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop_matrix
from bpteach.diagnosis import Diagnosis
from bpteach.diagnosis.calls import Caller, Finished, is_blank, unfinished
from bpteach.exercises import Slip, exercise, right_answer
from bpteach.exercises.judging import as_slips, hints_of, judge_function
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.gradcheck import compare_gradients
from bpteach.locale import N_, _
from bpteach.network import Network


def _rates_of_the_lesson():
    told = _(
        "That is it. With η = 3, m = 10 and 10 outputs they are {rates}: the same step, under three numbers. So a "
        "learning rate means nothing without the cost that goes with it."
    )
    return told.format(rates=", ".join(f"{rate:g}" for rate in rates(3.0, 10, 10)))


@right_answer(
    "10.1",
    calls=[(3.0, 8, 10), (0.5, 7, 3), (2.0, 1, 1), (1.0, 32, 5)],
    parts=(N_("The first rate"), N_("The second rate"), N_("The third rate")),
    slips={
        N_("Right for η = 3, m = 10, n = 10, and for nothing else: compute them from eta, m and n."): (
            lambda eta, m, n: (15, 0.3, 3)
        ),
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


def _ours_but(biases=lambda g, m: m * g.reshape(-1, 1), weights=lambda g, m: m * g.T):
    """Give the translation with one part replaced."""

    def translate(coef_grads, intercept_grads, m):
        return [biases(g, m) for g in intercept_grads], [weights(g, m) for g in coef_grads]

    return translate


@right_answer(
    "10.2",
    calls=lambda rng: list(_gradients_of_sklearn(rng)),
    parts=("nabla_b", "nabla_w"),
    slips={
        N_(
            "∇w has the right shape and scrambled numbers: reshape reads them row by row into new rows. To exchange "
            "rows and columns, take .T."
        ): _ours_but(weights=lambda g, m: m * g.reshape(g.shape[::-1])),
        N_("∇w is not transposed: scikit-learn's arrays have a row for each neuron of the layer before."): (
            _ours_but(lambda g, m: g.reshape(-1, 1), lambda g, m: g)
        ),
        N_("The numbers are right, and each ∇b is flat: make a column of it, (n, 1)."): (
            Slip(_ours_but(biases=lambda g, m: m * g), "bias-lost-dimension")
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
    return _ours_but()(coef_grads, intercept_grads, m)


def layer_output(rows, w, b):
    return sigmoid(rows @ w.T + b)


def _layer(delta=lambda grad, z: grad * sigmoid_prime(z), **parts):
    """Give the gradients of a layer, from its inputs and the gradient of its output, with some parts replaced."""
    right = {
        "rows": lambda d, rows, w, grad: d @ w,
        "w": lambda d, rows, w, grad: d.T @ rows,
        "b": lambda d, rows, w, grad: d.sum(axis=0),
    }

    def gradients(rows, w, b, grad):
        d = delta(grad, rows @ w.T + b)
        return tuple(part(d, rows, w, grad) for part in (right | parts).values())

    return gradients


def _but(names, parts, mistake=None):
    """Make a slip in some of the gradients, which are named."""
    gradients = _layer(**{name: parts[name] for name in names})
    return Slip(gradients, mistake, details=lambda *call: {"names": ", ".join(names)})


FROM_GRAD = {
    "rows": lambda d, rows, w, grad: grad @ w,
    "w": lambda d, rows, w, grad: grad.T @ rows,
    "b": lambda d, rows, w, grad: grad.sum(axis=0),
}
FORWARD_SLIPS = {
    N_("forward gives z = rows wᵀ + b: the activation is σ(z)."): lambda rows, w, b: rows @ w.T + b,
    N_("forward leaves the bias out."): lambda rows, w, b: sigmoid(rows @ w.T),
}
BACKWARD_SLIPS = {
    N_("backward starts from grad as it is. That is ∂C/∂a, and δ is ∂C/∂z: the slope σ′(z) is missing."): Slip(
        _layer(lambda grad, z: grad), "missing-hidden-sigmoid-prime"
    ),
    N_("The slope is taken at a, and σ′ wants z. From a it is a(1 − a)."): Slip(
        _layer(lambda grad, z: grad * sigmoid_prime(sigmoid(z))), "sigmoid-prime-of-activation"
    ),
    N_("z(1 − z) is no slope: a(1 − a) is, with a = σ(z)."): Slip(
        _layer(lambda grad, z: grad * z * (1 - z)), "activation-formula-on-z"
    ),
    N_("Made of grad, where it should be made of δ: the gradient for {names}. What is not named here is right."): [
        _but(names, FROM_GRAD) for names in (["rows"], ["w", "b"], ["w"], ["b"])
    ],
    N_("The slope of rows is for the layer before to put in: here this layer's slope, in δ, is enough."): [
        _layer(rows=lambda d, rows, w, grad: d @ w * rows * (1 - rows)),
        _layer(rows=lambda d, rows, w, grad: grad @ w * rows * (1 - rows)),
        _layer(lambda grad, z: grad, rows=lambda d, rows, w, grad: d @ w * rows * (1 - rows)),
    ],
    N_("The gradients for w and b are right. That for rows is δ w: with rows for examples, nothing is transposed."): (
        Slip(_layer(rows=lambda d, rows, w, grad: d @ w.T), "missing-transpose")
    ),
}
EXPECTED = {
    "forward": N_("the output and what backward will need"),
    "backward": N_("the gradients for rows, w and b"),
}
LAYER_HINTS = N_(
    "What comes in, grad, is ∂C/∂a, with a the layer's output. First make δ = ∂C/∂z of it. All three results come from "
    "δ, and what they need besides has to be in saved.\n"
    "δ = grad ⊙ σ′(z), and σ′(z) = a (1 − a). Then, with rows for examples: ∂C/∂rows = δ w, ∂C/∂w = δᵀ rows, and ∂C/∂b "
    "is the sum of δ over the rows.\n"
    "forward: `a = sigmoid(rows @ w.T + b)`, `saved = (rows, w, a)`; backward: `delta = grad * a * (1 - a)`, then "
    "`return delta @ w, delta.T @ rows, delta.sum(axis=0)`"
)


def _with_saved(output, gradients):
    """Make the two functions of a layer."""
    forward = lambda rows, w, b: (output(rows, w, b), (rows, w, b))  # noqa: E731
    return forward, lambda saved, grad: gradients(*saved, grad)


def _handed_in(slips, both_functions):
    """Give slips as somebody would hand them in: two functions, of which one is wrong."""
    answers = {}
    for slip in as_slips(slips):
        answers.setdefault(slip.sentence, []).append(slip._replace(wrong=both_functions(slip.wrong)))
    return answers


def _layer_call(m, n_in, n):
    """Draw a layer's rows, weights and biases, and a gradient of its output."""
    rng = np.random.default_rng(103)
    return rng.random((m, n_in)), rng.normal(size=(n, n_in)), rng.normal(size=n), rng.normal(size=(m, n))


@exercise(
    "10.3",
    slips=_handed_in(FORWARD_SLIPS, lambda output: _with_saved(output, _layer()))
    | _handed_in(BACKWARD_SLIPS, lambda gradients: _with_saved(layer_output, gradients)),
    hints=LAYER_HINTS,
)
def judge_layer(answer):
    hints = hints_of(LAYER_HINTS)
    if not isinstance(answer, list | tuple) or len(answer) != 2 or not all(map(callable, answer)):
        told = _("Your answer is {found}: expected the two functions, (forward, backward).")
        return Diagnosis("wrong", told.format(found=name_of(answer)), hints=hints)
    if any(map(is_blank, answer)):
        return unfinished()
    forward, backward = answer
    calls = [_layer_call(*shape) for shape in ((4, 4, 4), (7, 3, 5), (1, 6, 2))]
    back = lambda rows, w, b, grad: backward(forward(rows, w, b)[1], grad)  # noqa: E731
    parts = ("grad_rows", "grad_w", "grad_b")
    try:
        told = _fault("forward", forward, layer_output, [call[:3] for call in calls], 2, slips=FORWARD_SLIPS)
        told = told or _fault("backward", back, _layer(), calls, 3, slips=BACKWARD_SLIPS, parts=parts)
        if told:
            return told
        rng = np.random.default_rng(104)
        net, X, Y = Network.random([4, 4, 4, 4], rng), rng.random((4, 6)), rng.random((4, 6))
        found = Caller(_chained(forward, backward))(net, X, Y)
    except Finished as finished:
        told = finished.diagnosis
        return replace(told, hints=told.hints or hints) if told.state == "stopped" else told
    if compare_gradients(found, backprop_matrix(net, X, Y)).worst > 1e-9:
        told = _(
            "Each call is right by itself. In a chain of three layers the gradient is wrong: does backward use "
            "something that forward keeps outside saved? The next layer's forward writes over it."
        )
        return Diagnosis("wrong", told, "activations-share-a-buffer", hints)
    told = _(
        "That is it. Three layers of yours, one behind the other, give the gradient of backprop_matrix. No layer knows "
        "of the others: that is all that automatic differentiation asks of an operation."
    )
    return Diagnosis("right", told)


def _fault(name, function, right, calls, count, **how):
    """Say what is wrong with one of the two functions, and with which; None if nothing is."""
    result = Caller(function)(*copy.deepcopy(calls[0]))
    if not isinstance(result, list | tuple) or len(result) != count:
        told = _("{name} returned {found}: expected {count} things, {expected}.")
        if result is None:
            told = _("{name} returned None: is the line with return missing?")
        told = told.format(name=name, found=name_of(result), count=count, expected=_(EXPECTED[name]))
        return Diagnosis("wrong", told, hints=hints_of(LAYER_HINTS))

    def with_name(function, told, trial):
        return replace(told, message=_("{name}: {message}").format(name=name, message=told.message))

    compared = (lambda *call: function(*call)[0]) if name == "forward" else (lambda *call: tuple(function(*call)))
    told = judge_function(compared, right, calls, hints=LAYER_HINTS, revise=with_name, **how)
    return None if told.ok else told


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
