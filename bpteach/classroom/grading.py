"""Grade the assignment "Do the mini-batch at once", part by part and layer by layer.

The networks that are tried stand in the hidden cells of the assignment. Gradients are compared with numerical ones.
"""

import contextlib
import dataclasses
import inspect
import io
import re
import warnings

import numpy as np

import bpteach
from bpteach.diagnosis import CATALOGUE, check_backprop_matrix, check_update
from bpteach.diagnosis.stoppable import Run
from bpteach.exercises.judging import judge, judge_function
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime

WORDS = {
    "hangs": "{name} was stopped after {seconds} s.",
    "raised": "{name} stopped with {kind}: {text}",
    "switched off": "this function of bpteach is switched off: write your own",
    "lists": "Zs: {0:d} of 1, activations: {1:d} of 1",
    "output layer": "Delta: {0:d} of 1, nabla_b: {1:d} of 1, nabla_w: {2:d} of 1",
    "layer": "layer {layer}: nabla_b {b:d} of 1, nabla_w {w} of 2",
    "any sizes": "any sizes, arguments left as they were: {0:d} of 1",
    "factor": "right but for one constant factor: 6 of 10",
    "step": "weights: {0:d} of 1, biases: {1:d} of 1, a second step: {2:d} of 1",
    "in a right mini-batch": "Your layer_back, in a mini-batch where all else is right:",
    "with a right gradient": "Your update, with a right backprop_matrix:",
    "about": "This is what it does: {about}.",
    # slips and hints of parts 1 and 2
    "no input": "activations has to begin with X.",
    "no output": "The last layer's activation is missing.",
    "σ for z": "Zs holds σ(Z): keep Z itself.",
    "swapped": "Return Zs first, then activations.",
    "hints of part 1": (
        "Look at what is appended, and what the lists hold before the loop.",
        "Equation (25), split in two: first Z, then A = σ(Z).",
        "`Z = w @ A + b`, then `A = sigmoid(Z)`, then append both; `activations` starts as `[X]`.",
    ),
    "hints of part 2": (
        "Compare one after the other: Delta, then nabla_b, then nabla_w.",
        "Delta is BP1, nabla_b is BP3 with a sum over the columns, nabla_w is BP4.",
        "`cost_derivative(A, Y) * sigmoid_prime(Z)`, `Delta.sum(axis=1, keepdims=True)`, `Delta @ A_before.T`",
    ),
}

SECONDS = 2  # for one call

RIGHT_LINES = {
    "error": lambda Z, A, Y: cost_derivative(A, Y) * sigmoid_prime(Z),
    "b": lambda Delta: Delta.sum(axis=1, keepdims=True),
    "w": lambda Delta, A_before: Delta @ A_before.T,
}
WRONG_LINES = {
    "missing-output-sigmoid-prime": {"error": lambda Z, A, Y: A - Y},
    "sigmoid-prime-of-activation": {"error": lambda Z, A, Y: (A - Y) * sigmoid_prime(A)},
    "activation-formula-on-z": {"error": lambda Z, A, Y: (A - Y) * Z * (1 - Z)},
    "wrong-sign": {"error": lambda Z, A, Y: (Y - A) * sigmoid_prime(Z)},
    "bias-not-summed": {"b": lambda Delta: Delta},
    "bias-lost-dimension": {"b": lambda Delta: Delta.sum(axis=1)},
    "bias-mean-weight-sum": {"b": lambda Delta: Delta.mean(axis=1, keepdims=True)},
    "mean-for-sum": {
        "b": lambda Delta: Delta.mean(axis=1, keepdims=True),
        "w": lambda Delta, A_before: Delta @ A_before.T / Delta.shape[1],
    },
    "bias-wrong-axis": {"b": lambda Delta: Delta.sum(axis=0)},
    "outer-product-transposed": {"w": lambda Delta, A_before: A_before @ Delta.T},
}


# --- what the students' own checks compare with -----------------------------------------------------------------------


def known(net, X, Y):
    """Compute, one example at a time, what parts 1 to 3 are given and what is expected of them.

    Parameters
    ----------
    net : Network
        A network of four layers.
    X : array, shape (n_1, m)
        The inputs.
    Y : array, shape (n_L, m)
        The desired outputs.

    Returns
    -------
    list of pairs (tuple, object)
        For each part the arguments of the function, and what it is to return.
    """
    pieces = [bpteach.Network(net.sizes[: l + 1], net.weights[:l], net.biases[:l]) for l in (1, 2, 3)]
    As = [X, *(bpteach.feedforward(piece, X) for piece in pieces)]
    Zs = [np.log(A / (1 - A)) for A in As[1:]]  # the inverse of the sigmoid
    one_by_one = [bpteach.backprop(net, X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
    Deltas = [np.hstack([nabla_b[l] for nabla_b, _ in one_by_one]) for l in range(3)]  # BP3
    sums = [sum(gradient[k][-1] for gradient in one_by_one) for k in (0, 1)]
    return [
        ((net, X), (Zs, As)),
        ((Zs[-1], As[-1], As[-2], Y), (Deltas[-1], *sums)),
        ((net.weights[-1], Deltas[-1], Zs[-2]), Deltas[-2]),
    ]


def named(diagnosis, *names):
    """Let an answer say Delta and nabla_b, say, instead of answer[0] and answer[1].

    Parameters
    ----------
    diagnosis : Diagnosis
        What a check found.
    *names : str
        The names of what the function returns.

    Returns
    -------
    Diagnosis
        The same in other words.
    """
    message = re.sub(
        r"^answer\[(\d)\] is wrong: (?:answer(\[\d+\]) is wrong: )?",
        lambda found: f"{names[int(found[1])]}{found[2] or ''} is wrong: ",
        diagnosis.message,
    )
    return dataclasses.replace(diagnosis, message=message)


# --- the parts --------------------------------------------------------------------------------------------------------


def grade_forward(forward, cases, display):
    """Grade part 1.

    Parameters
    ----------
    forward : callable
        The student's function of (net, X).
    cases : list of tuples (list of int, int, int)
        Sizes, mini-batch size and seed of what is tried.
    display : callable
        Shows an answer.

    Returns
    -------
    int
        The points, of 2.
    """
    slips = [
        (lambda net, X: (lambda Zs, As: (Zs, As[1:]))(*_forward(net, X)), WORDS["no input"]),
        (lambda net, X: (lambda Zs, As: (Zs, As[:-1]))(*_forward(net, X)), WORDS["no output"]),
        (lambda net, X: (lambda Zs, As: (As[1:], As))(*_forward(net, X)), WORDS["σ for z"]),
        (lambda net, X: _forward(net, X)[::-1], WORDS["swapped"]),
    ]
    calls = [_practice(*case)[:2] for case in cases]
    answer = judge_function(forward, _forward, calls, slips=slips, hints=WORDS["hints of part 1"])
    display(named(answer, "Zs", "activations"))
    submitted = _Submitted(forward)
    runs = [(submitted(net.copy(), X.copy()), _forward(net, X)) for net, X in calls]
    points = [all(_is_right(_item(found, k), right[k]) for found, right in runs) for k in (0, 1)]
    print(WORDS["lists"].format(*points))
    return sum(points)


def grade_output_layer(output_layer, cases, display):
    """Grade part 2.

    Parameters
    ----------
    output_layer : callable
        The student's function of (Z, A, A_before, Y).
    cases : list of tuples (list of int, int, int)
        Sizes, mini-batch size and seed of what is tried.
    display : callable
        Shows an answer.

    Returns
    -------
    int
        The points, of 3.
    """
    submitted, calls, runs = _Submitted(output_layer), [], []
    for case in cases:
        net, X, Y = _practice(*case)
        Zs, activations = _forward(net, X)
        calls.append((Zs[-1], activations[-1], activations[-2], Y))
        nabla_b, nabla_w = _numerical(net, X, Y)
        found = submitted(*(matrix.copy() for matrix in calls[-1]))
        runs.append((found, (_output_layer()(*calls[-1])[0], nabla_b[-1], nabla_w[-1])))
    slips = [
        (_output_layer(**lines), WORDS["about"].format(about=CATALOGUE[name].about), name)
        for name, lines in WRONG_LINES.items()
    ]
    answer = judge_function(output_layer, _output_layer(), calls, slips=slips, hints=WORDS["hints of part 2"])
    display(named(answer, "Delta", "nabla_b", "nabla_w"))
    points = [all(_is_right(_item(found, k), right[k]) for found, right in runs) for k in (0, 1, 2)]
    print(WORDS["output layer"].format(*points))
    return sum(points)


def grade_layer_back(layer_back, display):
    """Grade part 3.

    Parameters
    ----------
    layer_back : callable
        The student's function of (w, Delta, Z).
    display : callable
        Shows an answer.

    Returns
    -------
    int
        The points, 0 or 2.
    """

    def _mini_batch(net, X, Y):
        Zs, activations = _forward(net, X)
        Deltas = [RIGHT_LINES["error"](Zs[-1], activations[-1], Y)]
        for w, Z in zip(reversed(net.weights[1:]), reversed(Zs[:-1]), strict=True):
            Deltas.insert(0, layer_back(w, Deltas[0], Z))
        nabla_w = [Delta @ A.T for Delta, A in zip(Deltas, activations[:-1], strict=True)]
        return [Delta.sum(axis=1, keepdims=True) for Delta in Deltas], nabla_w

    diagnosis = check_backprop_matrix(_mini_batch)
    print(WORDS["in a right mini-batch"])
    display(diagnosis)
    return 2 * diagnosis.ok


def grade_backprop_matrix(backprop_matrix, square, others):
    """Grade part 4, layer by layer, while the functions of the package that do the same are switched off.

    Parameters
    ----------
    backprop_matrix : callable
        The student's function of (net, X, Y).
    square : list of tuples (list of int, int, int)
        Sizes, mini-batch size and seed of networks with three layers of weights, on which the layers are graded.
    others : list of tuples (list of int, int, int)
        Those of networks of other shapes.

    Returns
    -------
    int
        The points, of 10.
    """
    submitted = _Submitted(backprop_matrix)

    def _run(sizes, m, seed):
        net, X, Y = _practice(sizes, m, seed)
        right = _numerical(net, X, Y)
        with _switched_off("backprop", "backprop_matrix", "numerical_gradient"):
            return submitted(net.copy(), X.copy(), Y.copy()), right

    runs = [_run(*case) for case in square]
    points = 0
    for l in (-1, -2, -3):
        b, w = (all(_is_right(_item(found, k, l), right[k][l]) for found, right in runs) for k in (0, 1))
        print(WORDS["layer"].format(layer=5 + l, b=b, w=2 * w))
        points += b + 2 * w
    are_right = all(_is_right(*_run(*case)) for case in others)
    general = points == 9 and check_backprop_matrix(backprop_matrix).ok and are_right
    print(WORDS["any sizes"].format(general))
    if points < 6 and all(_is_off_by_a_factor(found, right) for found, right in runs):
        print(WORDS["factor"])
        points = 6
    return points + general


def grade_update(update, cases, display):
    """Grade part 5; if it is not right, once more with a right `backprop_matrix`, so that no mistake costs twice.

    Parameters
    ----------
    update : callable
        The student's function of (net, X, Y, eta).
    cases : list of tuples (list of int, int, int, float)
        Sizes, mini-batch size, seed and learning rate of two steps of one network.
    display : callable
        Shows an answer.

    Returns
    -------
    int
        The points, of 3.
    """
    submitted = _Submitted(update)
    points = _points_of_steps(submitted, cases)
    if sum(points) < 3 and not submitted.hangs:
        with _right_backprop_matrix_for(update):
            points = max(points, _points_of_steps(submitted, cases), key=sum)
            print(WORDS["with a right gradient"])
            display(check_update(update))
    print(WORDS["step"].format(*points))
    return sum(points)


def _points_of_steps(submitted, cases):
    """Count the points: the weights and the biases of the first step, and both of the second."""
    mine = _practice(*cases[0][:3])[0]
    right, steps = mine.copy(), []
    for *case, eta in cases:
        _, X, Y = _practice(*case)
        bpteach.training.take_step(right, *_numerical(right, X, Y), eta / X.shape[1])
        with _switched_off("update_mini_batch", "update_mini_batch_matrix", "sgd"):
            submitted(mine, X.copy(), Y.copy(), eta)
        steps += [_is_right(mine.weights, right.weights), _is_right(mine.biases, right.biases)]
    return [*steps[:2], all(steps)]


# --- tools ------------------------------------------------------------------------------------------------------------


class _Submitted:
    """Calls a student's function in silence: what it prints would cost points, and a loop might never end."""

    def __init__(self, function):
        self.hangs = False
        self._function, self._said = function, set()

    def __call__(self, *arguments):
        """Give what it returns; None, and once why, if it returns nothing."""
        if self.hangs:
            return None
        run = Run(self._function, *arguments)
        silence = io.StringIO()
        with (
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
            warnings.catch_warnings(action="ignore"),
        ):
            run.start(None, SECONDS)
        name = getattr(self._function, "__name__", "")
        if run.stopped:
            self.hangs = True
            self._say(WORDS["hangs"].format(name=name, seconds=SECONDS))
        elif run.error is not None:
            text = WORDS["switched off"] if isinstance(run.error, PermissionError) else run.error
            self._say(WORDS["raised"].format(name=name, kind=type(run.error).__name__, text=text))
        return run.result

    def _say(self, sentence):
        if sentence not in self._said:
            self._said.add(sentence)
            print(sentence)


def _refuse(*arguments, **more):
    raise PermissionError  # this code is put into other functions, which know no names of this module


@contextlib.contextmanager
def _switched_off(*names):
    """Make functions of bpteach refuse to work, by whatever name a student knows them."""
    functions = [inspect.unwrap(getattr(bpteach, name)) for name in names]
    codes = [function.__code__ for function in functions]
    for function in functions:
        function.__code__ = _refuse.__code__
    try:
        yield
    finally:
        for function, kept in zip(functions, codes, strict=True):
            function.__code__ = kept


@contextlib.contextmanager
def _right_backprop_matrix_for(update):
    """Let the student's notebook call a right `backprop_matrix` by this name, for a while."""
    names = getattr(update, "__globals__", {})
    kept = names.get("backprop_matrix")
    names["backprop_matrix"] = bpteach.backprop_matrix
    try:
        yield
    finally:
        names["backprop_matrix"] = kept


def _practice(sizes, m, seed):
    """Draw a network and a mini-batch."""
    rng = np.random.default_rng(seed)
    return bpteach.Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m))


def _numerical(net, X, Y):
    """Compute the gradient without backpropagation, by the complex step."""
    return bpteach.numerical_gradient(lambda some: np.sum((bpteach.feedforward(some, X) - Y) ** 2) / 2, net)


def _forward(net, X):
    Zs, activations = [], [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(Zs[-1]))
    return Zs, activations


def _output_layer(**changed):
    """Make the function of part 2, some of its lines changed."""
    line = RIGHT_LINES | changed

    def output_layer(Z, A, A_before, Y):
        Delta = line["error"](Z, A, Y)
        return Delta, line["b"](Delta), line["w"](Delta, A_before)

    return output_layer


def _item(value, *path):
    """Give value[i][j]..., or None where there is no such thing."""
    with contextlib.suppress(Exception):
        for index in path:
            value = value[index]
        return value


def _is_right(found, expected):
    """Compare numbers, shapes and kinds; never raise."""
    try:
        return judge(found, expected).ok
    except Exception:
        return False


def _is_off_by_a_factor(found, right):
    """Tell whether the two are the same but for one constant."""
    try:
        factor = np.linalg.norm(found[1][-1]) / np.linalg.norm(right[1][-1])
        turned = [[[sign * factor * g for g in part] for part in right] for sign in (1, -1)]
        return bool(factor > 0) and any(_is_right(found, some) for some in turned)
    except Exception:
        return False
