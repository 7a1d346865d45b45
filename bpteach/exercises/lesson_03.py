"""The checks of the exercises of lesson 3: BP1 alone, BP2 alone, then the whole of backprop, once from the front."""

import copy
import functools
import re
from dataclasses import replace

import numpy as np

from bpteach.diagnosis import check_backprop
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
from bpteach.functions import sigmoid, sigmoid_prime

WORDS = {
    # 3.1 compute the error at the output
    "output hints": (
        "It is a product of two columns, entry by entry: a difference and a slope.",
        "BP1: δ^L = (a^L − y) ⊙ σ′(z^L).",
        "`return cost_derivative(a, y) * sigmoid_prime(z)`",
    ),
    "no output slope": "That is the difference alone: multiply by how fast the activation follows when z moves, σ′(z).",
    "activation at the output": "That is σ(z), the activation itself: BP1 multiplies by its slope, σ′(z), which is "
    "`sigmoid_prime(z)`.",
    "activation": "That is σ(z), the activation itself: BP2 multiplies by its slope, σ′(z), which is "
    "`sigmoid_prime(z)`.",
    "circle": "{message} The ⊙ of the equation is `*`, which multiplies two columns number by number.",
    "no difference": "That is the slope alone: multiply by the difference, a − y.",
    "sign": "The sign is turned round: the difference is a − y. A neuron that said too much has a positive error.",
    "factor": "Twice too large: the ½ in the cost takes away the 2 of the square.",
    "slope of a": "You took the slope at a: `sigmoid_prime` wants z, for it squashes by itself.",
    "formula on z": "a(1 − a) is right for the activation, z(1 − z) is not: use `sigmoid_prime(z)`, or `a * (1 - a)`.",
    "one number": "That is one number for the whole layer: ⊙ multiplies entry by entry, with `*`, and adds nothing up.",
    # 3.2 carry the error one layer back
    "back hints": (
        "First a sum for each neuron k of the layer: what comes back along its weights. Then its own slope.",
        "BP2: δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l). For each k the sum goes down column k of w.",
        "`return (w.T @ delta) * sigmoid_prime(z)`",
    ),
    "no transpose": "You read w by rows, which is the way forward: all that comes to neuron k. Backward it is all that "
    "goes from neuron k: column k of w, which is row k of `w.T`.",
    "no hidden slope": "The sums are right: multiply each by the slope of its own neuron, σ′(z).",
    "elementwise": "With `*` each entry of `w.T` meets one entry of the column, and nothing is added up: the sum over "
    "j is what `@` does.",
    "elementwise sum": "You added up along the wrong way: for neuron k, the sum goes over all j, down column k of w.",
    "slope too early": "You multiplied by the slopes before the weights. The slopes belong to the neurons where the "
    "sums arrive: first the product with `w.T`, then the slopes.",
    # 3.4 count from the front
    "from the end": "net.{name}[{place}] counts from the end: here l is the book's l, so count from the front",
    "front hints": (
        "Write the lists of a network with five layers down, as in the lesson. At which place from the front does "
        "layer l stand in `zs`, in `net.weights`, in `activations`?",
        "BP2 and BP4 want z^l, w^{l+1} and a^{l−1}. `zs` and `net.weights` begin with layer 2, `activations` with "
        "layer 1.",
        "`delta = (net.weights[l - 1].T @ delta) * sigmoid_prime(zs[l - 2])`, for l = L − 1, ..., 2; and BP4 takes "
        "`activations[l - 2]`.",
    ),
}

TWO_COLUMNS = re.compile(r"\((\d+), 1\) meets .*\(\1, 1\).*@")

INDEX_MISTAKES = {
    None,
    "activation-index-late",
    "weight-index-off-by-one",
    "weight-index-hard-coded",
    "z-index-off-by-one",
    "loop-one-layer-short",
}


def _output_error(a, y, z):
    return (a - y) * sigmoid_prime(z)


@exercise("3.1")
def _(function):
    slips = [
        (lambda a, y, z: a - y, WORDS["no output slope"], "missing-output-sigmoid-prime"),
        (lambda a, y, z: (a - y) * sigmoid(z), WORDS["activation at the output"]),
        (lambda a, y, z: sigmoid_prime(z), WORDS["no difference"]),
        (lambda a, y, z: -_output_error(a, y, z), WORDS["sign"], "wrong-sign"),
        (lambda a, y, z: 2 * _output_error(a, y, z), WORDS["factor"], "factor-two"),
        (lambda a, y, z: (a - y) * sigmoid_prime(a), WORDS["slope of a"], "sigmoid-prime-of-activation"),
        (lambda a, y, z: (a - y) * z * (1 - z), WORDS["formula on z"], "activation-formula-on-z"),
        (lambda a, y, z: (a - y).T @ sigmoid_prime(z), WORDS["one number"]),
        (lambda a, y, z: np.sum(_output_error(a, y, z)), WORDS["one number"]),
    ]
    rng = np.random.default_rng(31)
    zs = [rng.normal(0, 2, (n, 1)) for n in (4, 10, 2)]
    calls = [(sigmoid(z), np.eye(len(z))[:, [1]], z) for z in zs]
    return _with_circle(judge_function(function, _output_error, calls, slips=slips, hints=WORDS["output hints"]))


def _with_circle(told):
    """Where a matrix product of two columns has stopped the function, say what ⊙ is."""
    if told.state == "stopped" and TWO_COLUMNS.search(told.message):
        return replace(told, message=WORDS["circle"].format(message=told.message))
    return told


def _previous_error(w, delta, z):
    return (w.T @ delta) * sigmoid_prime(z)


@exercise("3.2")
def _(function):
    slips = [
        (lambda w, delta, z: _previous_error(w.T, delta, z), WORDS["no transpose"], "missing-transpose"),
        (lambda w, delta, z: (w.T @ delta) * sigmoid(z), WORDS["activation"]),
        (lambda w, delta, z: w.T @ delta, WORDS["no hidden slope"], "missing-hidden-sigmoid-prime"),
        (
            lambda w, delta, z: (w.T @ delta) * sigmoid_prime(sigmoid(z)),
            WORDS["slope of a"],
            "sigmoid-prime-of-activation",
        ),
        (lambda w, delta, z: (w.T @ delta) * z * (1 - z), WORDS["formula on z"], "activation-formula-on-z"),
        (lambda w, delta, z: (w.T * delta) * sigmoid_prime(z), WORDS["elementwise"], "elementwise-for-matrix-product"),
        (lambda w, delta, z: (w * delta) * sigmoid_prime(z), WORDS["elementwise"], "elementwise-for-matrix-product"),
        (
            lambda w, delta, z: (w * delta).sum(axis=1, keepdims=True) * sigmoid_prime(z),
            WORDS["elementwise sum"],
            "elementwise-for-matrix-product",
        ),
        (
            lambda w, delta, z: (w.T * delta).sum(axis=1, keepdims=True) * sigmoid_prime(z),
            WORDS["elementwise sum"],
            "elementwise-for-matrix-product",
        ),
        (lambda w, delta, z: w.T @ (delta * sigmoid_prime(z)), WORDS["slope too early"]),
    ]
    rng = np.random.default_rng(32)
    shapes = [(4, 4), (3, 5), (5, 2)]  # where w is square, w @ delta runs, and is told by its result
    calls = [tuple(rng.normal(size=shape) for shape in ((n, k), (n, 1), (k, 1))) for n, k in shapes]
    return _with_circle(judge_function(function, _previous_error, calls, slips=slips, hints=WORDS["back hints"]))


@exercise("3.3")
def _(function):
    return check_backprop(function)


@exercise("3.4")
def _(function):
    told = check_backprop(_from_the_front(function) if callable(function) else function)
    return (
        replace(told, hints=WORDS["front hints"])
        if told.state in ("wrong", "stopped") and told.mistake in INDEX_MISTAKES
        else told
    )


def _from_the_front(function):
    """Let a function count from the front only, in the lists that the network gives it."""

    @functools.wraps(function)
    def counted(net, x, y):
        net = copy.copy(net)
        net.weights, net.biases = _Front("weights", net.weights), _Front("biases", net.biases)
        return function(net, x, y)

    return counted


class _Front(list):
    """A list that refuses to be counted from the end."""

    def __init__(self, name, values):
        super().__init__(values)
        self._name = name

    def __getitem__(self, place):
        if not isinstance(place, slice) and place < 0:
            raise IndexError(WORDS["from the end"].format(name=self._name, place=place))
        return super().__getitem__(place)
