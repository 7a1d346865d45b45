"""The exercises of lesson 4: check a gradient, choose a tolerance, hunt for planted mistakes."""

import difflib
import inspect
import re
from dataclasses import replace

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop, feedforward
from bpteach.diagnosis import CATALOGUE, check_backprop_matrix
from bpteach.diagnosis.calls import unfinished
from bpteach.diagnosis.effects import accepts, attempt, compare, look, wrong_gradients
from bpteach.diagnosis.report import Diagnosis
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
from bpteach.functions import cost, cost_derivative, sigmoid, sigmoid_prime
from bpteach.gradcheck import relative_error
from bpteach.network import Network

WORDS = {
    # 4.1
    "slope": "That is it: two costs, one a step of h to either side, and their difference over 2h.",
    "forward": "That is a forward difference: take a step of h to either side.",
    "double": "That is twice the slope: the two costs are 2h apart, not h.",
    "backward": "That has the wrong sign: the cost at w + h comes first, minus the cost at w − h.",
    "swapped": "That is the slope of another weight: row j, column k, so `weights[...][j, k]`.",
    "late": "That is the slope of another layer's weight: `weights[0]` belongs to layer 2, so layer l is `weights[l - "
    "2]`.",
    "mean": "That is the slope of the average cost: C is here the cost of the whole mini-batch, the sum.",
    "times h": "`/ 2 * h` divides by 2 and then multiplies by h: to divide by both, write `/ (2 * h)`.",
    "no brackets": "Only one of the two costs is divided by 2h: the difference of the two needs brackets.",
    "back to the start": "Your second cost is that of the network as it was: where `+= h` has been before, `-= h` only "
    "takes it back.",
    "same network": "That is 0: your two networks are one and the same, or copies with the same weight. `net.copy()` "
    "makes one copy; two are needed, one for w + h and one for w − h.",
    "slope hints": (
        "Copy the network, change one number of the copy, and compute the cost; then the same with the other sign.",
        "(C(w + h) − C(w − h)) / 2h, where C is `cost(feedforward(net, X), Y)`. The weights of layer l are "
        "`net.weights[l - 2]`.",
        "`above, below = net.copy(), net.copy()`, then `above.weights[l - 2][j, k] += h` and "
        "`below.weights[l - 2][j, k] -= h`; return the difference of the two costs, divided by `(2 * h)`.",
    ),
    # 4.2
    "tolerance": "That is it: {fresh:g} for the fresh network, and {trained:g} for the trained one, {factor:.0f} times "
    "stricter.",
    "shapes": "That lets NumPy broadcast: an array of the wrong shape must be refused, however small its numbers are.",
    "one tolerance": "That asks for a tolerance that refuses some of the wrong gradients: it has to refuse every one.",
    "relative": "That is a relative tolerance: here the numbers themselves may differ by so much, whatever their size.",
    "sign": "That overlooks numbers that are too small: a difference of −3 is below every tolerance. Take the absolute "
    "value first.",
    "some arrays": "That looks at some of the arrays only: a gradient is accepted if every one of its arrays is near, "
    "all of `nabla_b` and all of `nabla_w`.",
    "no end": "{message} If your search finds no tolerance: each of the wrong gradients is wrong in at least one "
    "array, so look at all of its arrays.",
    "next one": "That is one power of ten off: the largest that accepts none is asked for.",
    "tolerance hints": (
        "A gradient is accepted if every one of its arrays has the right shape and no number in it is off by more than "
        "the tolerance. Write that first.",
        "Try 1, 0.1, 0.01, ... one after the other, and stop at the first that accepts none of the wrong gradients.",
        "`return next(t for t in (10.0**-e for e in range(13)) if not any(near(found, expected, t) for found in "
        "wrong))`, where `near` is the function that you have written first.",
    ),
    # 4.3
    "found": "All five: you have read code more closely than most who wrote it.",
    "no dictionary": "Your answer is {found}: expected a dictionary such as {{1: 'wrong-sign', 2: 7}}, with a "
    "mistake's name or the number of a line.",
    "no number": "Your answer has the key {found}: expected numbers from 1 to 5, one for each function.",
    "so far": "Right so far: {right}. Still to find: {missing}.",
    "of number": "Number {number}: {hint}",
    "no name": "Number {number}: {found} is neither a name of the catalogue nor the number of a line.",
    "meant": "{message} Did you mean {name}?",
    "wrong line": "Number {number}: line {found} is as it should be.",
    "wrong name": "Number {number} is another one: with {found}, {part} of layer {layer} would be {theirs}; "
    "in hunt_{number} {they} {mine}.",
    "wrong name, alike": "Number {number} is another one: with {found} the same arrays would be wrong, but by other "
    "numbers. Read once more.",
    "wrong name, other": "Number {number} is another one: {found} looks different, and so does the code that makes it.",
    "b": "∂C/∂b",
    "w": "∂C/∂w",
    "exact": "exact",
    "wrong": "wrong",
    "it is": "it is",
    "hunt hints": {
        1: (
            "Everything is wrong, the last layer too: look at what all layers have in common.",
            "BP1 and BP2 both need σ′(z). What is it taken of here?",
            "`zs` are not kept at all: with `a = activations[l + 1]`, the slope is `a * (1 - a)`, which is σ′(z).",
        ),
        2: (
            "All biases exact, so every δ is right. All weights wrong: how do they come together?",
            "The gradient of a mini-batch is the sum of BP4 over its examples.",
            "Biases are added up with `+=`, weights are replaced with `=`.",
        ),
        3: (
            "The last layer is exact and the others are not: the way back, BP2. Write down which w meets which z.",
            "BP2: δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l). The weights and the slope belong to neighbouring layers.",
            "The first z must be that of the last hidden layer: `zs[-2::-1]`, not `zs[::-1]`.",
        ),
        4: (
            "The last layer is exact and the others are not: the way back, BP2. Write the einsum out as a sum.",
            'BP2 has wᵀ: the sum runs over the first index of w. `"kj,km->jm"` does that.',
            '`"jk,km->jm"` is `w @ delta`, without the transpose.',
        ),
        5: (
            "All biases exact, and of the weights those of layer 2: all is right but the activations between "
            "the layers.",
            "BP4 needs a^{l−1}, as it was. Which arrays stand in the list when the forward pass is over?",
            "`buffer[: len(b)]` is a view: every layer writes over the one before. Each layer needs an array of its "
            "own.",
        ),
    },
    # 4.4
    "mend hints": (
        "All biases are exact, and of the weights those of layer 2. Does `np.shares_memory(activations[1], "
        "activations[2])` hold when the forward pass is over?",
        "BP4 needs a^{l−1} as it was: what a layer has written must stay until the way back has read it. Reserved "
        "before the loop it may be, but there must be enough for all layers.",
        "Before the loop: `buffers = [np.empty((n, X.shape[1])) for n in net.sizes[1:]]`. In the loop each layer takes "
        "its own: `for w, b, a in zip(net.weights, net.biases, buffers, strict=True)`.",
    ),
}


# --- 4.1: one slope --------------------------------------------------------------------------------------------------


def _cost_with(net, X, Y, l, j, k, by):
    changed = net.copy()
    changed.weights[l - 2][j, k] += by
    return cost(feedforward(changed, X), Y)


def _slope(net, X, Y, l, j, k, h):
    return (_cost_with(net, X, Y, l, j, k, h) - _cost_with(net, X, Y, l, j, k, -h)) / (2 * h)


def _forward_slope(net, X, Y, l, j, k, h):
    return (_cost_with(net, X, Y, l, j, k, h) - _cost_with(net, X, Y, l, j, k, 0)) / h


def _unbracketed(net, X, Y, l, j, k, h):
    return _cost_with(net, X, Y, l, j, k, h) - _cost_with(net, X, Y, l, j, k, -h) / (2 * h)


@exercise("4.1")
def _(function):
    calls = [
        (*_examples([4, 4, 4, 4], 3), l, j, k, h) for l, j, k, h in ((2, 1, 3, 1e-2), (3, 0, 2, 1e-3), (4, 3, 1, 1e-3))
    ]
    slips = [
        (_forward_slope, WORDS["forward"]),
        (lambda net, X, Y, l, j, k, h: -_forward_slope(net, X, Y, l, j, k, -h), WORDS["forward"]),
        (lambda net, X, Y, l, j, k, h: _forward_slope(net, X, Y, l, j, k, -h), WORDS["forward"]),
        (lambda *parts: 2 * _slope(*parts), WORDS["double"]),
        (lambda *parts: -_slope(*parts), WORDS["backward"]),
        (lambda net, X, Y, l, j, k, h: _slope(net, X, Y, l, k, j, h), WORDS["swapped"]),
        (lambda net, X, Y, l, j, k, h: _slope(net, X, Y, min(l + 1, 4), j, k, h), WORDS["late"]),
        (lambda net, X, Y, *rest: _slope(net, X, Y, *rest) / X.shape[1], WORDS["mean"]),
        (lambda net, X, Y, *rest: _slope(net, X, Y, *rest) * rest[-1] ** 2, WORDS["times h"]),
        (lambda *parts: _unbracketed(*parts), WORDS["no brackets"]),
        (lambda *parts: _forward_slope(*parts) / 2, WORDS["back to the start"]),
        (lambda *parts: 0.0, WORDS["same network"]),
    ]
    return judge_function(
        function, _slope, calls, slips=slips, hints=WORDS["slope hints"], message=WORDS["slope"], tolerance=1e-7
    )


def _examples(sizes, m):
    rng = np.random.default_rng(41)
    return Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m))


# --- 4.2: a tolerance ------------------------------------------------------------------------------------------------


def _safe_tolerance(wrong, expected, accept=None, least=12):
    accept = accept or (lambda found, tolerance: accepts(found, expected, "absolute", tolerance))
    for exponent in range(least + 1):
        if not any(accept(found, 10.0**-exponent) for found in wrong):
            return 10.0**-exponent
    return None


def _refuses_one(wrong, expected):
    tolerances = [10.0**-exponent for exponent in range(13)]
    return next(t for t in tolerances if not all(accepts(found, expected, "absolute", t) for found in wrong))


def _tolerance_by(distance, arrays=lambda nabla_b, nabla_w: [*nabla_b, *nabla_w], enough=all, least=12):
    """Choose a tolerance with another idea of what is near: of a distance, of the arrays, of how many must be near."""

    def choose(wrong, expected):
        def accept(found, tolerance):
            pairs = zip(arrays(*found), arrays(*expected), strict=True)
            return enough(distance(f, e) <= tolerance for f, e in pairs)

        return _safe_tolerance(wrong, expected, accept, least)

    return choose


def _off(found, expected):
    return np.max(np.abs(found - expected)) if np.shape(found) == np.shape(expected) else np.inf


def _off_broadcast(found, expected):
    return np.max(np.abs(found - expected))


def _off_relative(found, expected):
    return relative_error(found, expected) if np.shape(found) == np.shape(expected) else np.inf


def _off_with_sign(found, expected):
    return np.max(found - expected) if np.shape(found) == np.shape(expected) else np.inf


def _off_by_largest(found, expected):
    return _off(found, expected) / np.max(np.abs(expected))


def _almost_by_broadcasting():
    """Make two wrong gradients: one of a wrong shape, whose numbers are nearly right, and one that is far off."""
    nabla_b, nabla_w = np.full((3, 1), 0.2), np.full((3, 2), 0.1)
    return [([np.full(3, 0.202)], [nabla_w]), ([nabla_b + 0.3], [nabla_w])], ([nabla_b], [nabla_w])


SOME_ARRAYS = (
    lambda nabla_b, nabla_w: nabla_b,
    lambda nabla_b, nabla_w: nabla_w,
    lambda nabla_b, nabla_w: nabla_b[:1],
    lambda nabla_b, nabla_w: nabla_b[-1:],
    lambda nabla_b, nabla_w: nabla_w[:1],
    lambda nabla_b, nabla_w: nabla_w[-1:],
    lambda nabla_b, nabla_w: [nabla_b[0], nabla_w[0]],
)

# what a search gives that comes to no end: nothing, no item, or no answer in time
NO_END = ("returned None", "StopIteration", "does a loop never end")


@exercise("4.2")
def _(function):
    calls = []
    for name in ("fresh", "trained", "one example"):
        wrong, expected = wrong_gradients(name)
        calls.append((list(wrong.values()), expected))
    calls.append(_almost_by_broadcasting())
    slips = [
        (_tolerance_by(_off_broadcast), WORDS["shapes"]),
        (_refuses_one, WORDS["one tolerance"]),
        (_tolerance_by(_off_relative), WORDS["relative"]),
        (_tolerance_by(_off_by_largest), WORDS["relative"]),
        (_tolerance_by(_off_with_sign), WORDS["sign"]),
        (_tolerance_by(lambda found, expected: -_off_with_sign(-found, -expected)), WORDS["sign"]),
        *((_tolerance_by(_off, arrays), WORDS["some arrays"]) for arrays in SOME_ARRAYS),
        *(
            (_tolerance_by(_off, arrays, least=30), WORDS["some arrays"]) for arrays in SOME_ARRAYS
        ),  # of rounding errors
        (_tolerance_by(_off, enough=any), WORDS["some arrays"]),
        (lambda wrong, expected: 10 * _safe_tolerance(wrong, expected), WORDS["next one"]),
        (lambda wrong, expected: _safe_tolerance(wrong, expected) / 10, WORDS["next one"]),
    ]
    fresh, trained = (_safe_tolerance(*arguments) for arguments in calls[:2])
    message = WORDS["tolerance"].format(fresh=fresh, trained=trained, factor=fresh / trained)
    hints = WORDS["tolerance hints"]
    told = judge_function(function, _safe_tolerance, calls, slips=slips, hints=hints, message=message, tolerance=1e-6)
    if any(words in told.message for words in NO_END):
        return replace(told, message=WORDS["no end"].format(message=told.message))
    return told


# --- 4.3: five functions, each with one mistake ----------------------------------------------------------------------


def hunt_1(net, X, Y):  # numpydoc ignore=GL08
    # forward
    activations = [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        activations.append(sigmoid(w @ activations[-1] + b))
    # backward
    last = len(net.weights) - 1
    nabla_b, nabla_w = [0] * (last + 1), [0] * (last + 1)
    delta = activations[-1] - Y
    for l in range(last, -1, -1):
        if l < last:
            delta = net.weights[l + 1].T @ delta
        delta = delta * sigmoid_prime(activations[l + 1])
        nabla_b[l] = delta.sum(axis=1, keepdims=True)
        nabla_w[l] = delta @ activations[l].T
    return nabla_b, nabla_w


def hunt_2(net, X, Y):  # numpydoc ignore=GL08
    # start from zero
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    # add the examples, one after the other
    for i in range(X.shape[1]):
        more_b, more_w = backprop(net, X[:, [i]], Y[:, [i]])
        for l in range(len(net.weights)):
            nabla_b[l] += more_b[l]
            nabla_w[l] = more_w[l]
    return nabla_b, nabla_w


def hunt_3(net, X, Y):  # numpydoc ignore=GL08
    # forward
    zs, activations = [], [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    # backward: put each layer's errors in front of the next layer's
    deltas = [cost_derivative(activations[-1], Y) * sigmoid_prime(zs[-1])]
    for w, z in zip(net.weights[:0:-1], zs[::-1], strict=False):
        deltas.insert(0, (w.T @ deltas[0]) * sigmoid_prime(z))
    nabla_b = [d.sum(axis=1, keepdims=True) for d in deltas]
    nabla_w = [d @ a.T for d, a in zip(deltas, activations[:-1], strict=True)]
    return nabla_b, nabla_w


def hunt_4(net, X, Y):  # numpydoc ignore=GL08
    # forward: m counts the examples
    activations = [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        z = np.einsum("jk,km->jm", w, activations[-1]) + b
        activations.append(1 / (1 + np.exp(-z)))
    # backward: the lists grow at their front
    nabla_b, nabla_w = [], []
    d = activations[-1] - Y
    for l in reversed(range(len(net.weights))):
        if nabla_b:
            d = np.einsum("jk,km->jm", net.weights[l + 1], d)
        d = d * activations[l + 1] * (1 - activations[l + 1])
        nabla_b = [np.einsum("jm->j", d).reshape(-1, 1), *nabla_b]
        nabla_w = [np.einsum("jm,km->jk", d, activations[l]), *nabla_w]
    return nabla_b, nabla_w


def hunt_5(net, X, Y):  # numpydoc ignore=GL08
    # forward, with room for the widest layer
    buffer = np.empty((max(net.sizes), X.shape[1]))
    zs, activations = [], [X]
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w.dot(activations[-1]) + b)
        a = buffer[: len(b)]
        a[:] = sigmoid(zs[-1])
        activations.append(a)
    # backward
    nabla_b = [np.empty_like(b) for b in net.biases]
    nabla_w = [np.empty_like(w) for w in net.weights]
    delta = a - Y
    for l in range(1, len(net.sizes)):
        delta = delta * sigmoid_prime(zs[-l])
        nabla_b[-l][:] = delta.sum(axis=1, keepdims=True)
        nabla_w[-l][:] = delta.dot(activations[-l - 1].T)
        delta = net.weights[-l].T.dot(delta)
    return nabla_b, nabla_w


HUNT = {1: hunt_1, 2: hunt_2, 3: hunt_3, 4: hunt_4, 5: hunt_5}

# the mistake's name, and parts of lines that may be named for it
_PLANTED = {
    1: ("sigmoid-prime-of-activation", ["sigmoid_prime(activations[l + 1])"]),
    2: ("last-example-only", ["nabla_w[l] = more_w[l]"]),
    3: ("z-index-off-by-one", ["zs[::-1]", "sigmoid_prime(z))"]),
    4: ("missing-transpose", ["net.weights[l + 1], d)"]),
    5: ("activations-share-a-buffer", ["buffer[: len(b)]", "buffer = np.empty", "a[:] = sigmoid", "append(a)"]),
}


MOST_SHOWN = 60  # letters of a name that is none


def listing(function, numbered=True):
    """Give the source of a function, if asked with numbered lines, the `def` being line 1.

    Parameters
    ----------
    function : callable
        A function of the hunt, or any other whose source there is.
    numbered : bool
        Whether each line begins with its number.

    Returns
    -------
    str
        The text to print.
    """
    lines = _lines(function)
    return "\n".join(
        [f"{number:>2}  {line}".rstrip() for number, line in enumerate(lines, start=1)] if numbered else lines
    )


def _lines(function):
    source = re.sub(r"  # numpydoc ignore=\w+", "", inspect.getsource(function))
    return source.rstrip().splitlines()


def _planted_lines(number):
    parts = _PLANTED[number][1]
    return [at for at, line in enumerate(_lines(HUNT[number]), start=1) if any(part in line for part in parts)]


@exercise("4.3")
def _(answer):
    if not isinstance(answer, dict):
        return Diagnosis("wrong", WORDS["no dictionary"].format(found=name_of(answer)))
    for number in answer:
        if number not in HUNT:
            return Diagnosis("wrong", WORDS["no number"].format(found=repr(number)))
    if not answer:
        return unfinished()
    for number, found in sorted(answer.items()):
        fault = _fault(number, found)
        if fault:
            return Diagnosis("wrong", fault, hints=_hunt_hints(number))
    missing = [number for number in HUNT if number not in answer]
    if missing:
        right = ", ".join(map(str, sorted(answer)))
        message = WORDS["so far"].format(right=right, missing=", ".join(map(str, missing)))
        return Diagnosis("wrong", message, hints=_hunt_hints(missing[0]))
    return Diagnosis("right", WORDS["found"])


def _hunt_hints(number):
    where, equation, line = WORDS["hunt hints"][number]
    return WORDS["of number"].format(number=number, hint=where), equation, line


def _fault(number, found):
    """Say what speaks against an answer; nothing if it is right."""
    if isinstance(found, int) and not isinstance(found, bool):
        is_line = 1 <= found <= len(_lines(HUNT[number]))
        if found in _planted_lines(number):
            return ""
        return WORDS["wrong line" if is_line else "no name"].format(number=number, found=found)
    name = re.sub(r"[\s_]+", "-", found.strip().lower()) if isinstance(found, str) else None
    if name not in CATALOGUE:
        return _no_name(number, found, name)
    return "" if name == _PLANTED[number][0] else _against(number, name)


def _no_name(number, found, name):
    """Say that an answer is no name, and which name is spelt nearly like it."""
    shown = name_of(found) if name is None else repr(found[:MOST_SHOWN] + "…" * (len(found) > MOST_SHOWN))
    message = WORDS["no name"].format(number=number, found=shown)
    near = difflib.get_close_matches(name or "", CATALOGUE, n=1, cutoff=0.85)
    return WORDS["meant"].format(message=message, name=near[0]) if near else message


def _against(number, name):
    """Find an array that tells the named mistake from the one in the function."""
    mine, theirs = compare(HUNT[number], "fresh"), attempt(name, "fresh")
    details = {"number": number, "found": name}
    if theirs.found is None or theirs.changed or theirs.shares:
        return WORDS["wrong name, other"].format(**details)
    for layer in range(len(mine.pairs) + 1, 1, -1):
        for part, ours, other in zip("bw", mine.pairs[layer - 2], theirs.pairs[layer - 2], strict=True):
            seen, would = (WORDS["exact" if look(*pair).kind == "exact" else "wrong"] for pair in (ours, other))
            if seen != would:
                details |= {"part": WORDS[part], "layer": layer, "theirs": would, "they": WORDS["it is"], "mine": seen}
                return WORDS["wrong name"].format(**details)
    return WORDS["wrong name, alike"].format(**details)


# --- 4.4: mend one ---------------------------------------------------------------------------------------------------


@exercise("4.4")
def _(function):
    told = check_backprop_matrix(function)
    return replace(told, hints=WORDS["mend hints"]) if told.mistake == _PLANTED[5][0] else told
