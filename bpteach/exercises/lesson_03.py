"""The exercises of lesson 3: BP1 alone, BP2 alone, then the whole of backprop, once from the front."""

import copy
from dataclasses import replace

import numpy as np

from bpteach.diagnosis import check_backprop
from bpteach.diagnosis.exceptions import operands_of
from bpteach.diagnosis.report import reworded
from bpteach.exercises import Slip, exercise, right_answer
from bpteach.exercises.judging import hints_of, stand_in
from bpteach.exercises.slopes import with_wrong_slopes
from bpteach.functions import cost, sigmoid, sigmoid_prime
from bpteach.locale import N_, _


def _with_circle(function, told, trial):
    """Where a matrix product of two columns has stopped the function, say what ⊙ is."""
    operation, *operands = (trial.error and operands_of(trial.error)) or (None,)
    shapes = {np.shape(operand) for operand in operands if operation == "matmul"}
    if len(shapes) != 1 or shapes.pop()[1:] != (1,):
        return told
    return reworded(told, _("{message} The ⊙ of the equation is `*`, which multiplies two columns number by number."))


@right_answer(
    "3.1",
    calls=lambda rng: [(sigmoid(z), np.eye(len(z))[:, [1]], z) for z in (rng.normal(0, 2, (n, 1)) for n in (4, 10, 2))],
    slips={
        N_(
            "That comes to a − y alone, the error of another cost, the cross-entropy. For ours, multiply by σ′(z)."
        ): Slip(lambda a, y, z: a - y, "missing-output-sigmoid-prime"),
        N_("That is the slope alone: multiply by the difference, a − y."): lambda a, y, z: sigmoid_prime(z),
        N_("BP1 has the cost's slope, a − y: not the cost, and no square."): [
            lambda a, y, z: cost(a, y) * sigmoid_prime(z),
            lambda a, y, z: (a - y) ** 2 * sigmoid_prime(z),
        ],
        N_("The sign is turned round: the difference is a − y. A neuron that said too much has a positive error."): (
            Slip(lambda a, y, z: -output_error(a, y, z), "wrong-sign")
        ),
        N_("That is one number for the whole layer: ⊙ multiplies entry by entry, with `*`, and adds nothing up."): [
            lambda a, y, z: (a - y).T @ sigmoid_prime(z),
            lambda a, y, z: np.sum(output_error(a, y, z)),
        ],
        **with_wrong_slopes(lambda slope: lambda a, y, z: (a - y) * slope(z)),
    },
    revise=_with_circle,
    hints=N_(
        "It is a product of two columns, entry by entry: a difference and a slope.\n"
        "BP1: δ^L = (a^L − y) ⊙ σ′(z^L).\n"
        "`return cost_derivative(a, y) * sigmoid_prime(z)`"
    ),
)
def output_error(a, y, z):
    return (a - y) * sigmoid_prime(z)


def _layers(rng):
    """Draw weights, errors and weighted inputs: where w is square, w @ delta runs, and is told by its result."""
    return [tuple(rng.normal(size=shape) for shape in ((n, k), (n, 1), (k, 1))) for n, k in ((4, 4), (3, 5), (5, 2))]


@right_answer(
    "3.2",
    calls=_layers,
    slips={
        N_("You read w by rows, the way forward. Backward it is column k of w, which is row k of `w.T`."): Slip(
            lambda w, delta, z: previous_error(w.T, delta, z), "missing-transpose"
        ),
        N_("The sums are right: multiply each by the slope of its own neuron, σ′(z)."): (
            Slip(lambda w, delta, z: w.T @ delta, "missing-hidden-sigmoid-prime")
        ),
        N_("With `*` nothing is added up: the sum over all j, down column k of w, is what `w.T @` does."): [
            Slip(lambda w, delta, z: w.T * delta * sigmoid_prime(z), "elementwise-for-matrix-product"),
            Slip(lambda w, delta, z: w * delta * sigmoid_prime(z), "elementwise-for-matrix-product"),
            lambda w, delta, z: (w.T * delta).sum(axis=1, keepdims=True) * sigmoid_prime(z),
            lambda w, delta, z: (w * delta).sum(axis=1, keepdims=True) * sigmoid_prime(z),
        ],
        N_("The slopes belong to the neurons where the sums arrive: first the product with `w.T`, then the slopes."): (
            lambda w, delta, z: w.T @ (delta * sigmoid_prime(z))
        ),
        **with_wrong_slopes(lambda slope: lambda w, delta, z: (w.T @ delta) * slope(z)),
    },
    revise=_with_circle,
    hints=N_(
        "First a sum for each neuron k of the layer: what comes back along its weights. Then its own slope.\n"
        "BP2: δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l). For each k the sum goes down column k of w.\n"
        "`return (w.T @ delta) * sigmoid_prime(z)`"
    ),
)
def previous_error(w, delta, z):
    return (w.T @ delta) * sigmoid_prime(z)


exercise("3.3")(check_backprop)


FROM_THE_FRONT = N_(
    "Write the lists of a network with five layers down, as in the lesson. At which place from the front does layer l "
    "stand in `zs`, in `net.weights`, in `activations`?\n"
    "BP2 and BP4 want z^l, w^{l+1} and a^{l−1}. `zs` and `net.weights` begin with layer 2, `activations` with layer "
    "1.\n"
    "`delta = (net.weights[l - 1].T @ delta) * sigmoid_prime(zs[l - 2])`, for l = L − 1, ..., 2; and BP4 takes "
    "`activations[l - 2]`."
)


@exercise("3.4", hints=FROM_THE_FRONT)
def judge_from_the_front(function):
    def counted_from_the_front(net, x, y):
        net = copy.copy(net)
        net.weights, net.biases = _Front("weights", net.weights), _Front("biases", net.biases)
        return function(net, x, y)

    told = check_backprop(stand_in(function, counted_from_the_front))
    is_index = told.equation in ("BP2", "BP4") if told.state == "wrong" else told.state == "stopped" and not told.hints
    return replace(told, hints=hints_of(FROM_THE_FRONT)) if is_index else told


class _Front(list):
    """A list that refuses to be counted from the end."""

    def __init__(self, name, values):
        super().__init__(values)
        self._name = name

    def __getitem__(self, place):
        if not isinstance(place, slice) and place < 0:
            told = _("net.{name}[{place}] counts from the end: here l is the book's l, so count from the front")
            raise IndexError(told.format(name=self._name, place=place))
        return super().__getitem__(place)
