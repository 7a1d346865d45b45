"""The points of the assignment "Do the mini-batch at once": what each part is tried with, and what the answers earn.

Answers are given where a student's code runs, points are counted where it need not have run: between the two there are
only numbers, which JSON can hold. So `bpteach autograde` counts in a process of its own what a notebook cannot reach.
"""

import contextlib
from numbers import Real
from unittest import mock

import numpy as np

import bpteach
from bpteach.exercises.judging import judge
from bpteach.locale import _

#: What each part is tried with: the sizes of a network, how many examples, in a step the learning rate
SHAPES = {
    "part-1-forward": [([3, 5, 4, 2], 7), ([4, 4, 4, 4], 4), ([2, 3, 2], 1)],
    "part-2-output_layer": [([4, 4, 4, 4], 4), ([3, 5, 4, 2], 7)],
    "part-3-layer_back": [([4, 4, 4, 4], 4), ([3, 5, 4, 2], 7), ([2, 3, 2], 1)],
    "part-4-backprop_matrix": [([4, 4, 4, 4], 4)] * 2 + [([3, 5, 4, 2], 7), ([2, 3], 1), ([4, 6, 5, 3, 2], 3)],
    "part-5-update": [([3, 5, 4, 2], 7, 0.5), ([3, 5, 4, 2], 4, 2.0)],  # two steps of one network
}
SQUARE = 2  # the first cases of part 4 are graded layer by layer

#: What the functions of parts 1 and 2 return
ITEMS = {"part-1-forward": ("Zs", "activations"), "part-2-output_layer": ("Delta", "nabla_b", "nabla_w")}


def name_of_function(part):
    return part.split("-", 2)[2]


def cases_of(part, seed):
    """Draw the network, the mini-batch and, in part 5, η of each case: for the same seed the same."""
    cases = []
    for k, (sizes, m, *eta) in enumerate(SHAPES[part]):
        rng = np.random.default_rng([seed, k])
        cases.append((bpteach.Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m)), *eta))
    return cases


def given_and_expected(net, X, Y):
    """Compute, one example at a time, what parts 1 to 3 are given and what is expected of them.

    Parameters
    ----------
    net : Network
        A network of at least three layers.
    X, Y : arrays, shapes (n_1, m) and (n_L, m)
        The inputs and the desired outputs.

    Returns
    -------
    list of pairs (tuple, object)
        For each part the arguments of the function, and what it is to return.
    """
    layers = range(1, len(net.sizes))
    pieces = [bpteach.Network(net.sizes[: l + 1], net.weights[:l], net.biases[:l]) for l in layers]
    As = [X, *(bpteach.feedforward(piece, X) for piece in pieces)]
    Zs = [np.log(A / (1 - A)) for A in As[1:]]  # the inverse of the sigmoid
    one_by_one = [bpteach.backprop(net, X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
    Deltas = [np.hstack([nabla_b[l - 1] for nabla_b, _nabla_w in one_by_one]) for l in layers]  # BP3
    sums = [sum(gradient[k][-1] for gradient in one_by_one) for k in (0, 1)]
    return [
        ((net, X), (Zs, As)),
        ((Zs[-1], As[-1], As[-2], Y), (Deltas[-1], *sums)),
        ((net.weights[-1], Deltas[-1], Zs[-2]), Deltas[-2]),
    ]


def numerically(net, X, Y):
    """Compute the gradient without backpropagation, by the complex step."""
    return bpteach.numerical_gradient(lambda some: np.sum((bpteach.feedforward(some, X) - Y) ** 2) / 2, net)


def calls_of(part, seed):
    """List the arguments of the calls of parts 1 to 4."""
    number, cases = int(part[5]), cases_of(part, seed)
    return cases if number == 4 else [given_and_expected(*case)[number - 1][0] for case in cases]


def expected_of(part, seed):
    number, cases = int(part[5]), cases_of(part, seed)
    return [numerically(*case) if number == 4 else given_and_expected(*case)[number - 1][1] for case in cases]


def answers_of(part, submitted, seed):
    """Call a student's function, and give what it does in numbers; of part 5, once more with a right part 4."""
    if part == "part-5-update":
        own = _steps(submitted, seed)
        with mock.patch.dict(getattr(submitted.function, "__globals__", {}), backprop_matrix=bpteach.backprop_matrix):
            return [own, _steps(submitted, seed)]
    answers = []
    for arguments in calls_of(part, seed):
        before = in_numbers(_parts_of(arguments))
        result = in_numbers(submitted(*arguments))
        answers.append([result, in_numbers(_parts_of(arguments)) == before])
    return answers


def _parts_of(arguments):
    return [[thing.weights, thing.biases] if hasattr(thing, "weights") else thing for thing in arguments]


def _steps(submitted, seed):
    """Take the steps of part 5; give weights and biases after each, None after a step that is borrowed."""
    net, after = cases_of("part-5-update", seed)[0][0], []
    for _other, X, Y, eta in cases_of("part-5-update", seed):
        submitted(net, X, Y, eta)
        after.append(None if submitted.borrowed else in_numbers([net.weights, net.biases]))
    return after


def in_numbers(value):
    """Write a result as what JSON can hold; whatever is neither number nor array, nor a list of them, becomes None."""
    if isinstance(value, np.ndarray):
        is_real = value.dtype.kind in "biuf"
        return {"shape": list(value.shape), "numbers": np.asarray(value, float).ravel().tolist()} if is_real else None
    if isinstance(value, list | tuple):
        return [in_numbers(part) for part in value]
    return float(value) if isinstance(value, Real) else None


def from_numbers(value):
    """Make of it what it was; ValueError, TypeError or KeyError if it was not written by `in_numbers`."""
    if isinstance(value, dict):
        return np.array(value["numbers"], float).reshape(value["shape"])
    return [from_numbers(part) for part in value] if isinstance(value, list) else value


def points_of(part, seed, answers):
    """Count the points of a part, and tell in sentences where they are. The answers may be anything at all."""
    if part == "part-5-update":
        return max((points_of_steps(seed, item(answers, k)) for k in (0, 1)), key=lambda pair: pair[0])
    pairs = [(_found(answers, k, 0), right) for k, right in enumerate(expected_of(part, seed))]
    if part == "part-4-backprop_matrix":
        return _points_by_layer(pairs, all(item(answers, k, 1) for k in range(len(pairs))))
    if part == "part-3-layer_back":
        return _told([name_of_function(part)], [all(is_right(*pair) for pair in pairs)], 2)
    rows = range(len(ITEMS[part]))
    return _told(ITEMS[part], [all(is_right(item(found, k), right[k]) for found, right in pairs) for k in rows])


def _found(answers, *path):
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return from_numbers(item(answers, *path))


def _told(parts, are_right, each=1):
    told = _("{part}: {points} of {each}")
    points = [each * is_so for is_so in are_right]
    lines = [told.format(part=part, points=some, each=each) for part, some in zip(parts, points, strict=True)]
    return sum(points), [_(", ").join(lines)]


def _points_by_layer(pairs, arguments_are_left):
    points, lines, square = 0, [], pairs[:SQUARE]
    for l in (-1, -2, -3):
        b, w = (all(is_right(item(found, k, l), right[k][l]) for found, right in square) for k in (0, 1))
        told = _("layer {layer}: nabla_b {b:d} of 1, nabla_w {w} of 2")
        lines.append(told.format(layer=5 + l, b=b, w=2 * w))
        points += b + 2 * w
    general = points == 9 and arguments_are_left and all(is_right(*pair) for pair in pairs)
    lines.append(_("any sizes, arguments left as they were: {points:d} of 1").format(points=general))
    if points < 6 and all(is_off_by_a_factor(*pair) for pair in square):
        lines.append(_("right but for one constant factor: 6 of 10"))
        points = 6
    return points + general, lines


def points_of_steps(seed, steps):
    """Count the points of part 5: the weights and the biases of the first step, and both of the second."""
    cases, are_right = cases_of("part-5-update", seed), []
    right = cases[0][0]
    for step, (_other, X, Y, eta) in enumerate(cases):
        found = _found(steps, step)
        bpteach.training.take_step(right, *numerically(right, X, Y), eta / X.shape[1])
        are_right += [is_right(item(found, k), part) for k, part in enumerate((right.weights, right.biases))]
    return _told((_("weights"), _("biases"), _("a second step")), [*are_right[:2], all(are_right)])


def item(value, *path):
    """Give value[i][j]..., or None where there is no such thing."""
    with contextlib.suppress(Exception):
        for index in path:
            value = value[index]
        return value


def is_right(found, expected):
    """Compare numbers, shapes and kinds; never raise."""
    with contextlib.suppress(Exception):
        return judge(found, expected).ok
    return False


def is_off_by_a_factor(found, right):
    """Tell whether the two are the same but for one constant."""
    with contextlib.suppress(Exception):
        factor = np.linalg.norm(found[1][-1]) / np.linalg.norm(right[1][-1])
        turned = [[[sign * factor * g for g in part] for part in right] for sign in (1, -1)]
        return bool(factor > 0) and any(is_right(found, some) for some in turned)
    return False
