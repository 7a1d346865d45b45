"""The exercises of lesson 5: by how much δ shrinks, and why."""

from dataclasses import replace

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.network import Network

WORDS = {
    "5.1 right": "That is it: (1/4)^(L − 2), since from δ^L to δ² there are L − 2 steps back.",
    "5.1 output slope": "That is one step too many: the slope of the output is part of δ^L already (BP1).",
    "5.1 layers": "That counts the layers: count the steps back, from δ^L to δ².",
    "5.1 too few": "That is one step too few: each hidden layer multiplies by its own slopes, layer 2 as well.",
    "5.1 product": "That multiplies a quarter by the number of steps: each step takes a quarter of what the one before "
    "has left.",
    "5.1 upside down": "That says how many times larger δ^L is: the question is what is left, a share below 1.",
    "5.1 one network": "That is right for the lesson's network: the function is asked for one with any number of "
    "layers, `len(net.sizes)`.",
    "5.1 hints": (
        "Take a network with one hidden layer, [4, 3, 2]: how many steps lead from δ^3 to δ^2?",
        "BP2, once for each hidden layer. BP1 belongs to δ^L itself.",
        "There are `len(net.sizes) - 2` steps, and each leaves at most a quarter: "
        "`return 0.25 ** (len(net.sizes) - 2)`",
    ),
    "5.2 right": "That is it: first the length of every δ, then the average.",
    "5.2 average first": "That is the length of the average δ, which is what `speeds` measures: take the length of "
    "each example's δ first, and average the lengths.",
    "5.2 sum": "That is the sum of the lengths: divide by the number of examples.",
    "5.2 reversed": "The numbers are right, and in the wrong order: layer 2 comes first, the output last.",
    "5.2 weights": "Those are lengths of ∂C/∂w: δ is ∂C/∂b (BP3), the first of the two lists.",
    "5.2 one length": "Those are lengths of a whole matrix, all its columns taken as one: each column needs its own "
    "(`axis=0`).",
    "5.2 one example": "Those are the lengths for a single example: average over all columns of X.",
    "5.2 hints": (
        "Look at what is averaged: `speeds` adds up the δ, and then takes the length of the sum.",
        "BP3: for one example, the `nabla_b` that `backprop` returns is δ itself. Example i is `X[:, [i]]` with "
        "`Y[:, [i]]`.",
        "`norms = [[np.linalg.norm(delta) for delta in backprop(net, X[:, [i]], Y[:, [i]])[0]] for i in "
        "range(X.shape[1])]`, and then `np.mean(norms, axis=0)`",
    ),
    "5.3 right": "That is it: σ′ of the weighted inputs, and the share of them that is below 0.05.",
    "5.3 of a": "That is σ′(a): the slope is taken at the weighted input, σ′(z). (The slope of an activation is never "
    "below 0.19, so this would find no neuron saturated, ever.)",
    "5.3 formula on z": "That is z(1 − z): the slope is σ′(z), or a(1 − a) from the activation.",
    "5.3 others": "Those are the shares of the neurons that are not saturated: ask for σ′ below 0.05.",
    "5.3 count": "Those are counts: divide by the number of entries, neurons times examples.",
    "5.3 percent": "Those are percentages: a share lies between 0 and 1.",
    "5.3 one side": "That finds one end only: a neuron is saturated where its slope is small, and that is so for a "
    "near 0 and for a near 1. Ask the slope, σ′(z), itself.",
    "5.3 other limit": "Nearly: both ends are in it, but the limit stands elsewhere. It is the slope, σ′(z), that is "
    "to be below 0.05.",
    "5.3 no sigmoid": "From layer 3 on, you multiply by z of the layer before: the next layer gets its activations a.",
    "5.3 no bias": "The biases are missing: z = w a + b.",
    "5.3 hints": (
        "Go forward as the lesson does, keep each layer's weighted inputs, and ask for their slopes.",
        "Equation (25): Z = w A + b, A = σ(Z). A neuron is saturated where σ′(Z) < 0.05.",
        "Three lines in the loop: `Z = w @ A + b`, then `shares.append(np.mean(sigmoid_prime(Z) < 0.05))`, then "
        "`A = sigmoid(Z)`.",
    ),
    "5.4 right": "That is it: BP2 again and again, with the identity matrix where δ^L would be.",
    "5.4 output slope": "The slope of the output is in it: δ^L has that already (BP1), so the way back begins with the "
    "last weights.",
    "5.4 last slope": "The last step is not complete: after the weights come the slopes σ′(z²) of layer 2 itself.",
    "5.4 neighbour": "The slopes belong to the wrong layer: coming back to layer l, multiply by σ′(z^l), not by the "
    "slope of the layer you come from.",
    "5.4 no slopes": "Only the weights are in it: each step back multiplies by the slopes, too.",
    "5.4 no transpose": "The weights are not transposed: on the way back, row k of `w.T` has the weights from neuron "
    "k.",
    "5.4 transposed": "That is the transpose of it: M has a row for each neuron of layer 2 and a column for each "
    "output, so that `M @ deltas[-1]` is `deltas[0]`.",
    "5.4 into input": "It goes one layer too far: δ² is as far back as backprop goes, so the first weights have no "
    "part in it.",
    "5.4 diagonal": "`np.diag` of a column gives its first number alone. It makes a diagonal matrix of a flat "
    "array, `column[:, 0]`; or leave it out, and multiply with `*`, which does the same.",
    "5.4 hints": (
        "Column j of M is what becomes of an error that is 1 at output j and 0 at the others. All these errors side by "
        "side are the identity matrix.",
        "BP2: δ^l = (w^{l+1})ᵀ δ^{l+1} ⊙ σ′(z^l), from l = L − 1 down to 2, with a matrix for δ.",
        "Keep all z on the way forward. Begin the way back with `M = np.eye(net.sizes[-1])`, then take the line of BP2 "
        "with M in place of delta, for l = 2, 3, ...",
    ),
}

SATURATED = 0.05

# what a message says of an array of which np.diag has left one number
LOST = ("different from 1)", "(1,)")

# what is taken for saturated: by the activations A, or by the weighted inputs Z
ONE_SIDE = (
    lambda Z, A: A < 0.05,
    lambda Z, A: A > 0.95,
    lambda Z, A: Z > 3,
    lambda Z, A: Z > 2.887,
    lambda Z, A: Z > 4,
    lambda Z, A: Z > 5,
    lambda Z, A: Z < 0.05,
)
OTHER_LIMIT = (
    lambda Z, A: (A < 0.05) | (A > 0.95),
    lambda Z, A: abs(Z) > 3,
    lambda Z, A: abs(Z) > 4,
    lambda Z, A: abs(Z) > 5,
    lambda Z, A: abs(Z) > 2.5,
)


@exercise("5.1")
def _(answer):
    calls = [(_draw(sizes),) for sizes in ([4, 3, 2], [4, 4, 3, 2], [5, 4, 4, 3, 3, 2], [3, 2])]
    slips = [
        (lambda net: 0.25 ** (len(net.sizes) - 1), WORDS["5.1 output slope"]),
        (lambda net: 0.25 ** len(net.sizes), WORDS["5.1 layers"]),
        (lambda net: 0.25 ** (len(net.sizes) - 3), WORDS["5.1 too few"]),
        (lambda net: 0.25 * (len(net.sizes) - 2), WORDS["5.1 product"]),
        (lambda net: 4 ** (len(net.sizes) - 2), WORDS["5.1 upside down"]),
        (lambda net: 0.25**4, WORDS["5.1 one network"]),
    ]
    return judge_function(answer, _most_left, calls, slips=slips, hints=WORDS["5.1 hints"], message=WORDS["5.1 right"])


@exercise("5.2")
def _(answer):
    calls = [_examples([5, 4, 4, 3], 6), _examples([4, 3, 2], 4)]
    slips = [
        (_norms_of_average, WORDS["5.2 average first"]),
        (lambda net, X, Y: _norms(net, X, Y).sum(axis=0), WORDS["5.2 sum"]),
        (lambda net, X, Y: _delta_norms(net, X, Y)[::-1], WORDS["5.2 reversed"]),
        (lambda net, X, Y: list(_norms(net, X, Y, part=1).mean(axis=0)), WORDS["5.2 weights"]),
        (lambda net, X, Y: np.sqrt((_norms(net, X, Y) ** 2).sum(axis=0)), WORDS["5.2 one length"]),
        (lambda net, X, Y: np.sqrt((_norms(net, X, Y) ** 2).sum(axis=0)) / X.shape[1], WORDS["5.2 one length"]),
        (lambda net, X, Y: np.sqrt((_norms(net, X, Y) ** 2).mean(axis=0)), WORDS["5.2 one length"]),
        (lambda net, X, Y: _norms(net, X, Y)[0], WORDS["5.2 one example"]),
        (lambda net, X, Y: _norms(net, X, Y)[-1], WORDS["5.2 one example"]),
    ]
    slips = [(_listed(function), *told) for function, *told in slips]
    return judge_function(
        answer, _delta_norms, calls, slips=slips, hints=WORDS["5.2 hints"], message=WORDS["5.2 right"]
    )


@exercise("5.3")
def _(answer):
    calls = [_examples(sizes, m)[:2] for sizes, m in (([12, 9, 8, 6], 7), ([20, 12, 8], 5))]
    slips = [
        (
            lambda net, X: [np.mean(sigmoid_prime(sigmoid(Z)) < SATURATED) for Z in _zs(net, X)],
            WORDS["5.3 of a"],
            "sigmoid-prime-of-activation",
        ),
        (
            lambda net, X: [np.mean(Z * (1 - Z) < SATURATED) for Z in _zs(net, X)],
            WORDS["5.3 formula on z"],
            "activation-formula-on-z",
        ),
        (lambda net, X: [1 - share for share in _saturated(net, X)], WORDS["5.3 others"]),
        (lambda net, X: [np.sum(sigmoid_prime(Z) < SATURATED) for Z in _zs(net, X)], WORDS["5.3 count"]),
        (lambda net, X: [100 * share for share in _saturated(net, X)], WORDS["5.3 percent"]),
        *((_shares(few), WORDS["5.3 one side"]) for few in ONE_SIDE),
        *((_shares(few), WORDS["5.3 other limit"]) for few in OTHER_LIMIT),
        (lambda net, X: _saturated(net, X, between=lambda Z: Z), WORDS["5.3 no sigmoid"]),
        (lambda net, X: _saturated(net, X, bias=0), WORDS["5.3 no bias"]),
    ]
    return judge_function(answer, _saturated, calls, slips=slips, hints=WORDS["5.3 hints"], message=WORDS["5.3 right"])


@exercise("5.4")
def _(answer):
    # the first is square after the input: there a missing transpose does not raise, and is told by its numbers
    calls = [_examples(sizes, 1)[:2] for sizes in ([6, 4, 4, 4, 4], [6, 5, 4, 3], [4, 3, 2])]
    slips = [
        (lambda net, x: _way_back(net, x) * sigmoid_prime(_zs(net, x)[-1]).T, WORDS["5.4 output slope"]),
        (lambda net, x: _way_back(net, x) / sigmoid_prime(_zs(net, x)[0]), WORDS["5.4 last slope"]),
        (
            lambda net, x: _way_back(net, x) / sigmoid_prime(_zs(net, x)[0]) * sigmoid_prime(_zs(net, x)[-1]).T,
            WORDS["5.4 neighbour"],
            "z-index-off-by-one",
        ),
        (lambda net, x: _way_back(net, x, slope=np.ones_like), WORDS["5.4 no slopes"], "missing-hidden-sigmoid-prime"),
        (
            lambda net, x: _way_back(net, x, back=lambda w: w),
            WORDS["5.4 no transpose"],
            "missing-transpose",
        ),
        (lambda net, x: _way_back(net, x).T, WORDS["5.4 transposed"]),
        (lambda net, x: net.weights[0].T @ _way_back(net, x), WORDS["5.4 into input"]),
    ]
    told = judge_function(answer, _way_back, calls, slips=slips, hints=WORDS["5.4 hints"], message=WORDS["5.4 right"])
    names = getattr(getattr(answer, "__code__", None), "co_names", ())
    is_diagonal = told.state == "stopped" and "diag" in names and any(words in told.message for words in LOST)
    return replace(told, message=WORDS["5.4 diagonal"]) if is_diagonal else told


def _draw(sizes, seed=5):
    return Network.random(sizes, np.random.default_rng(seed))


def _examples(sizes, m, seed=15):
    rng = np.random.default_rng(seed)
    return _draw(sizes), rng.random((sizes[0], m)), rng.random((sizes[-1], m))


def _listed(function):
    return lambda *arguments: list(function(*arguments))


def _most_left(net):
    return 0.25 ** (len(net.sizes) - 2)


def _delta_norms(net, X, Y):
    return list(_norms(net, X, Y).mean(axis=0))


def _norms(net, X, Y, part=0):
    """Give the norms of ∂C/∂b (part 0) or ∂C/∂w (part 1): one row an example, one column a layer."""
    examples = [(X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
    return np.array([[np.linalg.norm(array) for array in backprop(net, x, y)[part]] for x, y in examples])


def _norms_of_average(net, X, Y):
    nabla_b, _ = backprop_matrix(net, X, Y)
    return [np.linalg.norm(nb) / X.shape[1] for nb in nabla_b]


def _zs(net, X, between=sigmoid, bias=1):
    Zs, A = [], X
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(w @ A + bias * b)  # (25)
        A = between(Zs[-1])
    return Zs


def _saturated(net, X, **changes):
    return [float(np.mean(sigmoid_prime(Z) < SATURATED)) for Z in _zs(net, X, **changes)]


def _shares(few):
    """Give for each layer the share of the entries that `few` picks by Z and A."""
    return lambda net, X: [float(np.mean(few(Z, sigmoid(Z)))) for Z in _zs(net, X)]


def _way_back(net, x, slope=sigmoid_prime, back=np.transpose):
    zs = _zs(net, x)
    M = np.eye(net.sizes[-1])
    for l in range(2, len(net.sizes)):
        M = (back(net.weights[-l + 1]) @ M) * slope(zs[-l])  # BP2, one column an output
    return M
