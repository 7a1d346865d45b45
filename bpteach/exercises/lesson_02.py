"""The exercises of lesson 2: count, slope, one neuron, and the square of a flat bias."""

import dis
from itertools import pairwise
from types import CodeType

import numpy as np

from bpteach.diagnosis.report import Diagnosis
from bpteach.exercises import Slip, right_answer
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_, _


def _weights(sizes):
    return sum(n * n_in for n_in, n in pairwise(sizes))


@right_answer(
    "2.1",
    calls=[([784, 30, 10],), ([2, 3, 1],), ([5, 7, 3, 2],), ([4, 4, 4, 4],), ([6, 3],)],
    slips={
        N_("These are all the weights: the biases are missing, one for each neuron after the input."): _weights,
        N_("These are all the biases: the weights are missing."): lambda sizes: sum(sizes[1:]),
        N_("Each neuron after the input has a bias of its own. The input computes nothing, and has none."): [
            lambda sizes: _weights(sizes) + sum(sizes),
            lambda sizes: _weights(sizes) + len(sizes) - 1,
        ],
        N_("That is layer 2 alone: is there a return inside the loop?"): lambda sizes: count_parameters(sizes[:2]),
        N_("That is the lesson's network: compute with `sizes`."): lambda sizes: count_parameters([784, 30, 10]),
        N_("You multiplied all the sizes. Only neighbouring layers are linked: multiply two at a time, and add."): (
            lambda sizes: int(np.prod(sizes))
        ),
    },
    hints=N_(
        "Take one layer with 30 neurons, fed by 784: how many weights and how many biases does it have? Then add up "
        "over all the layers that have any.\n"
        "The weights of layer l have shape (n_l, n_{l−1}), the biases (n_l, 1). The input layer has neither.\n"
        "`return sum(sizes[l] * sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))`"
    ),
)
def count_parameters(sizes):
    return sum(n * n_in + n for n_in, n in pairwise(sizes))


@right_answer(
    "2.2",
    calls=lambda rng: [(sigmoid(rng.normal(0, 2, shape)),) for shape in ((5, 1), (3, 4), ())],
    slips={
        N_("That squashes twice: a is σ(z) already."): [Slip(sigmoid_prime, "sigmoid-prime-of-activation"), sigmoid],
        N_("1 − a² is the slope of another function, tanh. For σ it is a(1 − a)."): lambda a: 1 - a**2,
        N_("That is 0: Python multiplies before it subtracts. Put the difference in brackets."): lambda a: a * 1 - a,
    },
    hints=N_(
        "Take the formula for σ′(z) from the lesson, and look for what you already have.\n"
        "σ′(z) = σ(z)(1 − σ(z)), and σ(z) is a.\n"
        "`return a * (1 - a)`"
    ),
    praise=N_(
        "That is it. A program that has kept the activations can take all slopes from them, and never computes σ twice."
    ),
)
def slope_from_activation(a):
    return a * (1 - a)


PRODUCTS = {"dot", "einsum", "inner", "matmul", "tensordot", "vdot"}


def _layers(rng):
    """Draw layers: where w is square, w[k, j] for w[j, k] runs, and is told by its result."""
    sizes = (4, 4, 0), (4, 4, 2), (3, 5, 1), (5, 2, 4)
    return [(rng.normal(size=(n, k)), rng.normal(size=(n, 1)), rng.random((k, 1)), j) for n, k, j in sizes]


def _refuse_product(function, told, trial):
    if told.ok and _multiplies_matrices(getattr(function, "__code__", None)):
        sentence = _("The number is right, but a matrix product has added up for you: write the sum over k yourself.")
        return Diagnosis("wrong", sentence)
    return told


def _multiplies_matrices(code):
    """Tell whether there is a matrix product in a function's code, or in a function inside it."""
    if not isinstance(code, CodeType):
        return False
    return (
        any(step.opname == "BINARY_OP" and step.argrepr in ("@", "@=") for step in dis.get_instructions(code))
        or not PRODUCTS.isdisjoint(code.co_names)
        or any(map(_multiplies_matrices, code.co_consts))
    )


@right_answer(
    "2.3",
    calls=_layers,
    slips={
        N_("You took `w[k, j]`: row = to, column = from neuron j."): lambda w, b, a, j: one_neuron(w.T, b, a, j),
        N_("The bias is missing."): lambda w, b, a, j: one_neuron(w, 0 * b, a, j),
        N_("That is z: squash it, for the activation."): lambda w, b, a, j: (w @ a + b)[j, 0],
        N_("The bias stands outside the sum: add it once."): lambda w, b, a, j: one_neuron(w, len(a) * b, a, j),
        N_("You squashed each term: add the terms up first, and take σ of the whole."): (
            lambda w, b, a, j: sum(sigmoid(w[j] * a[:, 0] + b[j, 0]))
        ),
        N_("A flat array has met a column, and made a square: take `a[:, 0]`, or `a[k, 0]`, one k after the other."): [
            lambda w, b, a, j: sigmoid((w[j] * a).sum() + b[j, 0]),
            lambda w, b, a, j: sigmoid((w[j] * a).sum() + b[j]),
            lambda w, b, a, j: (w[j] * a).sum() + b[j, 0],
            Slip(lambda w, b, a, j: w[j] * a, fits=lambda found, w, b, a, j: np.size(found) in (len(a), len(a) ** 2)),
        ],
        N_("There is only one term in your sum: is `return` inside the loop, or `=` where `+=` is needed?"): [
            lambda w, b, a, j: one_neuron(w, b, a[:1], j),
            lambda w, b, a, j: one_neuron(w[:, ::-1], b, a[::-1][:1], j),
        ],
    },
    revise=_refuse_product,
    hints=N_(
        "There are three things to do: add up over k, add the bias of neuron j once, squash. Which one differs from "
        "the formula?\n"
        "a_j = σ(Σ_k w_{jk} a_k + b_j), equation (23) of the book: row j of w, entry by entry, times the column of the "
        "a_k that come in.\n"
        "`return sigmoid(sum(w[j, k] * a[k, 0] for k in range(len(a))) + b[j, 0])`"
    ),
)
def one_neuron(w, b, a, j):
    return sigmoid(sum(w[j, k] * a[k, 0] for k in range(len(a))) + b[j, 0])


@right_answer(
    "2.4",
    calls=lambda rng: [(rng.normal(size=(n, 1)) + rng.normal(size=n),) for n in (3, 4, 10)],
    slips={
        N_("The right numbers stand in the square as they are: not in one column or row, and without a mean."): [
            lambda square: square[:, [0]],
            lambda square: square[[0]].T,
            lambda square: square.mean(axis=1, keepdims=True),
        ],
        N_("The right numbers, but flat: make a column, of shape (n, 1), or the next layer makes a square."): [
            Slip(np.diag, "bias-lost-dimension"),
            lambda square: np.diag(square).tolist(),
        ],
        N_("That is still a square: take the right numbers out of it, as a column."): (
            Slip(lambda square: square, fits=lambda found, square: np.shape(found) == square.shape)
        ),
        N_("That is the other diagonal: there a neuron meets another's bias."): (
            lambda square: np.diag(square[:, ::-1]).reshape(-1, 1)
        ),
    },
    hints=N_(
        "Write it down for two neurons: `w @ a` holds 10 and 20, b holds 1 and 2. Which sums are in the square, and "
        "which two of them did you want?\n"
        "Row i has the sum of neuron i, column j the bias of neuron j, so entry (i, j) is (Σ_k w_{ik} a_k) + b_j. "
        "Neuron i wants its own bias: j = i.\n"
        "`return np.diag(square).reshape(-1, 1)`"
    ),
    praise=N_(
        "That is it: the right numbers stand on the diagonal, and all the others are a neuron's sum with the bias of "
        "another neuron."
    ),
)
def right_column(square):
    return np.diag(square).reshape(-1, 1)
