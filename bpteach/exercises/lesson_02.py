"""The checks of the exercises of lesson 2: count, slope, one neuron, and the square of a flat bias."""

import contextlib
import dis
import io
from itertools import pairwise
from types import CodeType

import numpy as np

from bpteach.diagnosis.report import Diagnosis
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
from bpteach.functions import sigmoid, sigmoid_prime

WORDS = {
    # 2.1 count the parameters
    "count hints": (
        "Take one layer with 30 neurons, fed by 784: how many weights and how many biases does it have? Then add up "
        "over all the layers that have any.",
        "The weights of layer l have shape (n_l, n_{l−1}), the biases (n_l, 1). The input layer has neither.",
        "`return sum(sizes[l] * sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))`",
    ),
    "weights only": "These are all the weights: the biases are missing, one for each neuron after the input.",
    "biases only": "These are all the biases: the weights are missing.",
    "input biases": "You gave the input layer biases. It computes nothing: its values are the pixels.",
    "feeding biases": "You counted a bias for each neuron that feeds a layer. A bias belongs to the neuron that it is "
    "added in.",
    "one bias a layer": "You counted one bias for each layer: there is one for each neuron.",
    "first layer": "That is layer 2 alone: does your function return before the loop has seen the other layers?",
    "lesson's network": "That is the lesson's network, whatever the sizes are: compute with `sizes`, which is another "
    "list in each call.",
    "product": "You multiplied all the sizes. Only neighbouring layers are linked, so multiply two neighbours at a "
    "time, and add.",
    # 2.2 find the slope without z
    "slope hints": (
        "Take the formula for σ′(z) from the lesson, and look for what you already have.",
        "σ′(z) = σ(z)(1 − σ(z)), and σ(z) is a.",
        "`return a * (1 - a)`",
    ),
    "slope right": "That is it. A program that has kept the activations can take all slopes from them, and never "
    "computes σ twice.",
    "slope of a": "That squashes twice: `sigmoid_prime` wants z, and a is σ(z) already.",
    "slope sign": "Right but for the sign: σ always climbs, so its slope is never negative.",
    "tanh": "1 − a² is the slope of another function, tanh. For σ it is a(1 − a).",
    "no brackets": "That is 0 everywhere. Python multiplies before it subtracts: a difference that is to be multiplied "
    "needs brackets.",
    "activation again": "That squashes once more: a is σ(z) already, and the slope is asked for.",
    # 2.3 compute one neuron by its sum
    "neuron hints": (
        "There are three things to do: add up over k, add the bias of neuron j once, squash. Which one differs from "
        "the formula?",
        "a_j = σ(Σ_k w_{jk} a_k + b_j), equation (23) of the book: row j of w, entry by entry, times the column of the "
        "a_k that come in.",
        "`return sigmoid(sum(w[j, k] * a[k, 0] for k in range(len(a))) + b[j, 0])`",
    ),
    "indices": "You took `w[k, j]`: these are the weights from neuron j. Row = to, column = from: the weights to "
    "neuron j are `w[j, k]`.",
    "no bias": "The bias is missing.",
    "no squashing": "That is z: squash it, for the activation.",
    "bias in the sum": "The bias is added once for each k: it must stand outside the sum.",
    "squashed terms": "You squashed each term. The terms are added up first, and σ is taken of the whole.",
    "one in an array": "Your number is right, but it is in an array of shape {shape}: `b[j]` and `a[k]` are rows of "
    "a column, `b[j, 0]` and `a[k, 0]` are numbers.",
    "wrong one in an array": "That is an array with one number in it: `a[k]` and `b[j]` are rows of a column, "
    "`a[k, 0]` and `b[j, 0]` are numbers. And the number is not right yet.",
    "one term": "There is only one term in your sum: is `return` inside the loop, or `=` where `+=` is needed?",
    "matrix product": "The number is right, but a matrix product has added up for you: write the sum over k yourself.",
    "whole layer": "That is the whole layer: the exercise asks for neuron j alone, as a number.",
    # 2.4 find the right numbers in the square
    "square hints": (
        "Write it down for two neurons: `w @ a` holds 10 and 20, b holds 1 and 2. Which sums are in the square, and "
        "which two of them did you want?",
        "Row i has the sum of neuron i, column j the bias of neuron j, so entry (i, j) is (Σ_k w_{ik} a_k) + b_j. "
        "Neuron i wants its own bias: j = i.",
        "`return np.diag(square).reshape(-1, 1)`",
    ),
    "square right": "That is it: the right numbers stand on the diagonal, and all the others are a neuron's sum with "
    "the bias of another neuron.",
    "a column": "In one column of the square, every neuron got the same bias.",
    "a row": "In one row of the square, you have the sum of one neuron, with the biases of all.",
    "flat": "These are the right numbers, but flat: make a column of them, of shape (n, 1), or the next layer makes "
    "a square of them.",
    "row shape": "These are the right numbers, but as a row, (1, n): make a column of them, of shape (n, 1).",
    "averages": "An average over a row adds the average of all the biases to each neuron's sum. The right numbers "
    "stand in the square as they are.",
    "corner to corner": "That is the other diagonal, from the lower left to the upper right: there a neuron meets "
    "another's bias.",
    "square left": "That is a square with zeros off the diagonal: give the diagonal itself, as a column.",
}

PRODUCTS = {"dot", "einsum", "inner", "matmul", "tensordot", "vdot"}


def _count_parameters(sizes):
    return sum(n * n_in + n for n_in, n in pairwise(sizes))


@exercise("2.1")
def _(function):
    weights = lambda sizes: sum(n * n_in for n_in, n in pairwise(sizes))  # noqa: E731
    slips = [
        (weights, WORDS["weights only"]),
        (lambda sizes: sum(sizes[1:]), WORDS["biases only"]),
        (lambda sizes: weights(sizes) + sum(sizes), WORDS["input biases"]),
        (lambda sizes: weights(sizes) + sum(sizes[:-1]), WORDS["feeding biases"]),
        (lambda sizes: weights(sizes) + len(sizes) - 1, WORDS["one bias a layer"]),
        (lambda sizes: _count_parameters(sizes[:2]), WORDS["first layer"]),
        (lambda sizes: _count_parameters([784, 30, 10]), WORDS["lesson's network"]),
        (lambda sizes: int(np.prod(sizes)), WORDS["product"]),
        (lambda sizes: int(np.prod(sizes)) + sum(sizes[1:]), WORDS["product"]),
    ]
    calls = [(sizes,) for sizes in ([784, 30, 10], [2, 3, 1], [5, 7, 3, 2], [4, 4, 4, 4], [6, 3])]
    return judge_function(function, _count_parameters, calls, slips=slips, hints=WORDS["count hints"])


@exercise("2.2")
def _(function):
    slips = [
        (sigmoid_prime, WORDS["slope of a"], "sigmoid-prime-of-activation"),
        (lambda a: a * (a - 1), WORDS["slope sign"]),
        (lambda a: 1 - a**2, WORDS["tanh"]),
        (lambda a: 0 * a, WORDS["no brackets"]),
        (sigmoid, WORDS["activation again"]),
    ]
    rng = np.random.default_rng(22)
    calls = [(sigmoid(rng.normal(0, 2, shape)),) for shape in ((5, 1), (3, 4), ())]
    return judge_function(
        function, lambda a: a * (1 - a), calls, slips=slips, hints=WORDS["slope hints"], message=WORDS["slope right"]
    )


def _one_neuron(w, b, a, j):
    return sigmoid(sum(w[j, k] * a[k, 0] for k in range(len(a))) + b[j, 0])


@exercise("2.3")
def _(function):
    slips = [
        (lambda w, b, a, j: _one_neuron(w.T, b, a, j), WORDS["indices"]),
        (lambda w, b, a, j: _one_neuron(w, 0 * b, a, j), WORDS["no bias"]),
        (lambda w, b, a, j: (w @ a + b)[j, 0], WORDS["no squashing"]),
        (lambda w, b, a, j: _one_neuron(w, len(a) * b, a, j), WORDS["bias in the sum"]),
        (lambda w, b, a, j: sum(sigmoid(w[j, k] * a[k, 0] + b[j, 0]) for k in range(len(a))), WORDS["squashed terms"]),
        (lambda w, b, a, j: sum(sigmoid(w[j, k] * a[k, 0]) for k in range(len(a))) + b[j, 0], WORDS["squashed terms"]),
        (lambda w, b, a, j: sigmoid(w @ a + b)[j], WORDS["one in an array"].format(shape=(1,))),
        (lambda w, b, a, j: sigmoid(w @ a + b)[[j]], WORDS["one in an array"].format(shape=(1, 1))),
        (lambda w, b, a, j: sigmoid(w @ a + b), WORDS["whole layer"]),
        (lambda w, b, a, j: _one_neuron(w, b, a[:1], j), WORDS["one term"]),
        (lambda w, b, a, j: _one_neuron(w, 0 * b, a[:1], j), WORDS["one term"]),
        (lambda w, b, a, j: _one_neuron(w[:, ::-1], b, a[::-1][:1], j), WORDS["one term"]),
        (lambda w, b, a, j: _if_one_in_an_array(function, w, b, a, j), WORDS["wrong one in an array"]),
    ]
    rng = np.random.default_rng(23)
    shapes = [(4, 4), (4, 4), (3, 5), (5, 2)]  # where w is square, w[k, j] for w[j, k] runs, and is told by its result
    calls = [(*_layer(rng, *shape), j) for shape, j in zip(shapes, (0, 2, 1, 4), strict=True)]
    told = judge_function(function, _one_neuron, calls, slips=slips, hints=WORDS["neuron hints"])
    if told.ok and _multiplies_matrices(getattr(function, "__code__", None)):
        return Diagnosis("wrong", WORDS["matrix product"], hints=WORDS["neuron hints"])
    return told


def _if_one_in_an_array(function, *arguments):
    """Give a reader's answer once more if it is an array with a single number in it."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = function(*arguments)
    return found if found.size == 1 and found.ndim else None


def _multiplies_matrices(code):
    """Tell whether there is a matrix product in a function's code, or in a function inside it."""
    if not isinstance(code, CodeType):
        return False
    return (
        any(step.opname == "BINARY_OP" and step.argrepr in ("@", "@=") for step in dis.get_instructions(code))
        or not PRODUCTS.isdisjoint(code.co_names)
        or any(map(_multiplies_matrices, code.co_consts))
    )


def _layer(rng, n, n_in):
    """Draw a layer's weights and biases, and the activations that come in."""
    return rng.normal(size=(n, n_in)), rng.normal(size=(n, 1)), rng.random((n_in, 1))


def _right_column(square):
    return np.diag(square).reshape(-1, 1)


@exercise("2.4")
def _(function):
    slips = [
        (lambda square: square[:, [0]], WORDS["a column"]),
        (lambda square: square[:, [-1]], WORDS["a column"]),
        (lambda square: square[:, 0], WORDS["a column"]),
        (lambda square: square[[0]].T, WORDS["a row"]),
        (lambda square: square[0], WORDS["a row"]),
        (lambda square: square[[0]], WORDS["a row"]),
        (np.diag, WORDS["flat"], "bias-lost-dimension"),
        (lambda square: np.diag(square).tolist(), WORDS["flat"]),
        (lambda square: np.diag(square).reshape(1, -1), WORDS["row shape"]),
        (lambda square: square.mean(axis=1, keepdims=True), WORDS["averages"]),
        (lambda square: square.mean(axis=1), WORDS["averages"]),
        (lambda square: square.mean(axis=0).reshape(-1, 1), WORDS["averages"]),
        (lambda square: np.diag(square[::-1]).reshape(-1, 1), WORDS["corner to corner"]),
        (lambda square: np.diag(square[:, ::-1]).reshape(-1, 1), WORDS["corner to corner"]),
        (lambda square: square * np.eye(len(square)), WORDS["square left"]),
    ]
    rng = np.random.default_rng(24)
    calls = [(rng.normal(size=(n, 1)) + rng.normal(size=n),) for n in (3, 4, 10)]
    return judge_function(
        function, _right_column, calls, slips=slips, hints=WORDS["square hints"], message=WORDS["square right"]
    )
