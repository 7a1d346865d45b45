"""The exercises of lesson 5: by how much δ shrinks, and why."""

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix, forward_pass
from bpteach.diagnosis.report import reworded
from bpteach.exercises import Slip, right_answer
from bpteach.exercises.slopes import with_wrong_slopes
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_, _
from bpteach.network import Network

SATURATED = 0.05


def _examples(rng, sizes, m):
    return Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m))


@right_answer(
    "5.1",
    calls=lambda rng: [
        (Network.random(sizes, rng),) for sizes in ([4, 3, 2], [4, 4, 3, 2], [5, 4, 4, 3, 3, 2], [3, 2])
    ],
    slips={
        N_("Count the steps back, from δ^L to δ²: one for each hidden layer. The output's slope is in δ^L (BP1)."): [
            lambda net: 0.25 ** (len(net.sizes) - 1),
            lambda net: 0.25 ** (len(net.sizes) - 3),
        ],
        N_("Each step takes a quarter of what is left: a power, not a product."): lambda net: (len(net.sizes) - 2) / 4,
        N_("That is right for the lesson's network alone: count with `len(net.sizes)`."): lambda net: 0.25**4,
    },
    hints=N_(
        "Take a network with one hidden layer, [4, 3, 2]: how many steps lead from δ^3 to δ^2?\n"
        "BP2, once for each hidden layer. BP1 belongs to δ^L itself.\n"
        "There are `len(net.sizes) - 2` steps, and each leaves at most a quarter: `return 0.25 ** (len(net.sizes) - 2)`"
    ),
    praise=N_("That is it: (1/4)^(L − 2), since from δ^L to δ² there are L − 2 steps back."),
)
def most_left(net):
    return 0.25 ** (len(net.sizes) - 2)


def _norms(net, X, Y, part=0):
    """Give the norms of ∂C/∂b (part 0) or ∂C/∂w (part 1): one row an example, one column a layer."""
    examples = [(X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
    return np.array([[np.linalg.norm(array) for array in backprop(net, x, y)[part]] for x, y in examples])


@right_answer(
    "5.2",
    calls=lambda rng: [_examples(rng, [5, 4, 4, 3], 6), _examples(rng, [4, 3, 2], 4)],
    slips={
        N_("That is the length of the average δ, as `speeds` measures it: average the lengths."): (
            lambda net, X, Y: [np.linalg.norm(nb) / X.shape[1] for nb in backprop_matrix(net, X, Y)[0]]
        ),
        N_("Those are lengths of ∂C/∂w: δ is ∂C/∂b (BP3), the first of the two lists."): (
            lambda net, X, Y: list(_norms(net, X, Y, part=1).mean(axis=0))
        ),
        N_("The squares of all examples stand under one root: take the length of each δ, and then the mean."): [
            lambda net, X, Y: list(np.linalg.norm(_norms(net, X, Y), axis=0)),
            lambda net, X, Y: list(np.linalg.norm(_norms(net, X, Y), axis=0) / np.sqrt(X.shape[1])),
        ],
        N_("`len(X)` counts the inputs. The examples are the columns: `X.shape[1]`."): [
            lambda net, X, Y: list(_norms(net, X[:, : len(X)], Y).mean(axis=0)),
            lambda net, X, Y: list(_norms(net, X, Y).sum(axis=0) / len(X)),
        ],
    },
    hints=N_(
        "Look at what is averaged: `speeds` adds up the δ, and then takes the length of the sum.\n"
        "BP3: for one example, the `nabla_b` that `backprop` returns is δ itself. Example i is `X[:, [i]]` with `Y[:, "
        "[i]]`.\n"
        "`norms = [[np.linalg.norm(delta) for delta in backprop(net, X[:, [i]], Y[:, [i]])[0]] for i in "
        "range(X.shape[1])]`, and then `np.mean(norms, axis=0)`"
    ),
    praise=N_("That is it: first the length of every δ, then the average."),
)
def delta_norms(net, X, Y):
    return list(_norms(net, X, Y).mean(axis=0))


def _partly_saturated():
    """Draw networks and inputs: in every layer some neurons are saturated, some not, and some between two limits."""
    rng = np.random.default_rng(30)
    return [_examples(rng, sizes, m)[:2] for sizes, m in (([12, 9, 8, 6], 7), ([20, 12, 8], 5))]


def _share(is_saturated):
    """Give for each layer the share of the entries that are picked by Z and A."""
    return lambda net, X: [float(np.mean(is_saturated(Z, sigmoid(Z)))) for Z in forward_pass(net, X)[0]]


@right_answer(
    "5.3",
    calls=lambda rng: _partly_saturated(),
    slips={
        N_("Those are the neurons that are not saturated."): _share(lambda Z, A: sigmoid_prime(Z) >= SATURATED),
        N_("Those are counts: give shares."): _share(lambda Z, A: (sigmoid_prime(Z) < SATURATED) * Z.size),
        N_("A neuron is saturated for a near 0 and for a near 1: where the slope itself, σ′(z), is below 0.05."): [
            *(_share(lambda Z, A, limit=limit: limit < Z) for limit in (3, 2.887, 4)),
            _share(lambda Z, A: A > 0.95),
            _share(lambda Z, A: (A < 0.05) | (A > 0.95)),
            *(_share(lambda Z, A, limit=limit: abs(Z) > limit) for limit in (3, 4)),
        ],
        N_("That compares z itself with 0.05: compare its slope, σ′(z)."): [
            _share(lambda Z, A: Z < SATURATED),
            _share(lambda Z, A: abs(Z) < SATURATED),
        ],
        **with_wrong_slopes(lambda slope: _share(lambda Z, A: slope(Z) < SATURATED)),
        N_("The biases are missing: z = w a + b."): (
            lambda net, X: saturated(Network(net.sizes, net.weights, [0 * b for b in net.biases]), X)
        ),
    },
    hints=N_(
        "Go forward as the lesson does, keep each layer's weighted inputs, and ask for their slopes.\n"
        "Equation (25): Z = w A + b, A = σ(Z). A neuron is saturated where σ′(Z) < 0.05.\n"
        "Three lines in the loop: `Z = w @ A + b`, then `shares.append(np.mean(sigmoid_prime(Z) < 0.05))`, then `A = "
        "sigmoid(Z)`."
    ),
    praise=N_("That is it: σ′ of the weighted inputs, and the share of them that is below 0.05."),
)
def saturated(net, X):
    return [float(np.mean(sigmoid_prime(Z) < SATURATED)) for Z in forward_pass(net, X)[0]]


def _slopes(net, x):
    return [sigmoid_prime(z) for z in forward_pass(net, x)[0]]


def _way_back(net, x, slope=sigmoid_prime, back=np.transpose):
    zs, M = forward_pass(net, x)[0], np.eye(net.sizes[-1])
    for l in range(2, len(net.sizes)):
        M = (back(net.weights[-l + 1]) @ M) * slope(zs[-l])  # BP2, one column an output
    return M


def _with_diagonal(function, told, trial):
    if told.state != "stopped" or "diag" not in getattr(getattr(function, "__code__", None), "co_names", ()):
        return told
    return reworded(
        told, _("{message} `np.diag` of a column gives its first number alone: take `column[:, 0]`, or `*`.")
    )


@right_answer(
    "5.4",
    # the first is square after the input: there a missing transpose does not raise, and is told by its numbers
    calls=lambda rng: [_examples(rng, sizes, 1)[:2] for sizes in ([6, 4, 4, 4, 4], [6, 5, 4, 3], [4, 3, 2])],
    slips={
        N_("Coming back to layer l, multiply by its own σ′(z^l), layer 2 included. The output's is in δ^L."): [
            lambda net, x: _way_back(net, x) * _slopes(net, x)[-1].T,
            lambda net, x: _way_back(net, x) / _slopes(net, x)[0],
            Slip(lambda net, x: _way_back(net, x) / _slopes(net, x)[0] * _slopes(net, x)[-1].T, "z-index-off-by-one"),
        ],
        N_("Only the weights are in it: each step back multiplies by the slopes, too."): (
            Slip(lambda net, x: _way_back(net, x, slope=np.ones_like), "missing-hidden-sigmoid-prime")
        ),
        N_("The weights are not transposed: on the way back, row k of `w.T` has the weights from neuron k."): (
            Slip(lambda net, x: _way_back(net, x, back=lambda w: w), "missing-transpose")
        ),
        N_("One layer too far: stop at δ², before the first weights."): (
            lambda net, x: net.weights[0].T @ _way_back(net, x)
        ),
        **with_wrong_slopes(lambda slope: lambda net, x: _way_back(net, x, slope)),
    },
    revise=_with_diagonal,
    hints=N_(
        "Column j of M is what becomes of an error that is 1 at output j and 0 at the others. All these errors side by "
        "side are the identity matrix.\n"
        "BP2: δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^l), from l = L − 1 down to 2, with a matrix for δ.\n"
        "Keep all z on the way forward. Begin the way back with `M = np.eye(net.sizes[-1])`, then take the line of BP2 "
        "with M in place of delta, for l = 2, 3, ..."
    ),
    praise=N_("That is it: BP2 again and again, with the identity matrix where δ^L would be."),
)
def way_back(net, x):
    return _way_back(net, x)
