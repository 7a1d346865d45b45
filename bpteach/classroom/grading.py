"""Grade the assignment "Do the mini-batch at once", part by part: on networks that its hidden cells name."""

import contextlib
import copy
import inspect
import io
import threading
import warnings
from unittest import mock

import numpy as np

import bpteach
from bpteach.backpropagation import forward_pass
from bpteach.diagnosis import algorithm, check_backprop_matrix, check_update
from bpteach.diagnosis.faulty_functions import faulty_output_layers
from bpteach.diagnosis.stoppable import Stoppable
from bpteach.exercises.judging import Slip, judge, judge_function
from bpteach.functions import cost_derivative, sigmoid_prime
from bpteach.locale import N_, _

SECONDS = 2  # for one call

#: What earns nothing if a student's function calls it
BORROWED_GRADIENTS = ("backprop", "backprop_matrix", "numerical_gradient")
BORROWED_STEPS = ("update_mini_batch", "update_mini_batch_matrix", "sgd")

HINTS_OF_PART_1 = N_(
    "Look at what is appended, and what the lists hold before the loop.\n"
    "Equation (25), split in two: first Z, then A = σ(Z).\n"
    "`Z = w @ A + b`, then `A = sigmoid(Z)`, then append both; `activations` starts as `[X]`."
)
HINTS_OF_PART_2 = N_(
    "Compare one after the other: Delta, then nabla_b, then nabla_w.\n"
    "Delta is BP1, nabla_b is BP3 with a sum over the columns, nabla_w is BP4.\n"
    "`cost_derivative(A, Y) * sigmoid_prime(Z)`, `Delta.sum(axis=1, keepdims=True)`, `Delta @ A_before.T`"
)


def given_and_expected(net, X, Y):
    """Compute, one example at a time, what parts 1 to 3 are given and what is expected of them.

    Parameters
    ----------
    net : Network
        A network of four layers.
    X, Y : arrays, shapes (n_1, m) and (n_4, m)
        The inputs and the desired outputs.

    Returns
    -------
    list of pairs (tuple, object)
        For each part the arguments of the function, and what it is to return.
    """
    pieces = [bpteach.Network(net.sizes[: l + 1], net.weights[:l], net.biases[:l]) for l in (1, 2, 3)]
    As = [X, *(bpteach.feedforward(piece, X) for piece in pieces)]
    Zs = [np.log(A / (1 - A)) for A in As[1:]]  # the inverse of the sigmoid
    one_by_one = [bpteach.backprop(net, X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]
    Deltas = [np.hstack([nabla_b[l] for nabla_b, _nabla_w in one_by_one]) for l in range(3)]  # BP3
    sums = [sum(gradient[k][-1] for gradient in one_by_one) for k in (0, 1)]
    return [
        ((net, X), (Zs, As)),
        ((Zs[-1], As[-1], As[-2], Y), (Deltas[-1], *sums)),
        ((net.weights[-1], Deltas[-1], Zs[-2]), Deltas[-2]),
    ]


# Each part takes the student's function, the cases (sizes, mini-batch size, seed) that are tried, and what shows an
# answer; it prints where the points are, and gives their number.


def grade_forward(forward, cases, display):
    """Grade part 1: of 2 points."""

    def changed(change):
        return lambda net, X: change(*forward_pass(net, X))

    slips = {
        N_("activations has to begin with X."): changed(lambda Zs, As: (Zs, As[1:])),
        N_("The last layer's activation is missing."): changed(lambda Zs, As: (Zs, As[:-1])),
        N_("Zs holds σ(Z): keep Z itself."): changed(lambda Zs, As: (As[1:], As)),
        N_("Return Zs first, then activations."): changed(lambda Zs, As: (As, Zs)),
    }
    calls = [practice(*case)[:2] for case in cases]
    expected, parts = [forward_pass(*call) for call in calls], ("Zs", "activations")
    display(judge_function(forward, forward_pass, calls, slips=slips, hints=HINTS_OF_PART_1, parts=parts))
    return _points_of_items(forward, calls, expected, parts)


def grade_output_layer(output_layer, cases, display):
    """Grade part 2: of 3 points."""
    right_layer, calls, expected = algorithm.output_layer({}), [], []
    for case in cases:
        net, X, Y = practice(*case)
        Zs, activations = forward_pass(net, X)
        calls.append((Zs[-1], activations[-1], activations[-2], Y))
        nabla_b, nabla_w = numerically(net, X, Y)
        expected.append((right_layer(*calls[-1])[0], nabla_b[-1], nabla_w[-1]))
    said = _("This is what it does: {about}.")
    slips = [
        Slip(layer, mistake.name, sentence=said.format(about=_(mistake.about)))
        for mistake, layer in faulty_output_layers()
    ]
    parts = ("Delta", "nabla_b", "nabla_w")
    display(judge_function(output_layer, right_layer, calls, slips=slips, hints=HINTS_OF_PART_2, parts=parts))
    return _points_of_items(output_layer, calls, expected, parts)


def _points_of_items(function, calls, expected, parts):
    """Count the items of the results that are right in all calls."""
    submitted = Submitted(function)
    pairs = [(submitted(*copy.deepcopy(arguments)), right) for arguments, right in zip(calls, expected, strict=True)]
    return _told(parts, [all(is_right(item(found, k), right[k]) for found, right in pairs) for k in range(len(parts))])


def _told(parts, points):
    told = _("{part}: {points:d} of 1")
    print(", ".join(told.format(part=part, points=each) for part, each in zip(parts, points, strict=True)))
    return sum(points)


def grade_layer_back(layer_back, display):
    """Grade part 3: all or none of 2 points."""

    def mini_batch(net, X, Y):
        Zs, activations = forward_pass(net, X)
        Deltas = [cost_derivative(activations[-1], Y) * sigmoid_prime(Zs[-1])]
        for w, Z in zip(reversed(net.weights[1:]), reversed(Zs[:-1]), strict=True):
            Deltas.insert(0, layer_back(w, Deltas[0], Z))
        nabla_w = [Delta @ A.T for Delta, A in zip(Deltas, activations[:-1], strict=True)]
        return [Delta.sum(axis=1, keepdims=True) for Delta in Deltas], nabla_w

    diagnosis = check_backprop_matrix(mini_batch)
    print(_("Your layer_back, in a mini-batch where all else is right:"))
    display(diagnosis)
    return 2 * diagnosis.ok


def grade_backprop_matrix(backprop_matrix, square, others):
    """Grade part 4: of 10 points, layer by layer on `square`, three layers of weights; `others` have other shapes."""
    submitted = Submitted(backprop_matrix, BORROWED_GRADIENTS)

    def found_and_right(*case):
        net, X, Y = practice(*case)
        return submitted(net.copy(), X.copy(), Y.copy()), numerically(net, X, Y)

    pairs = [found_and_right(*case) for case in square]
    points = 0
    for l in (-1, -2, -3):
        b, w = (all(is_right(item(found, k, l), right[k][l]) for found, right in pairs) for k in (0, 1))
        print(_("layer {layer}: nabla_b {b:d} of 1, nabla_w {w} of 2").format(layer=5 + l, b=b, w=2 * w))
        points += b + 2 * w
    are_right = all(is_right(*found_and_right(*case)) for case in others)
    general = points == 9 and check_backprop_matrix(backprop_matrix).ok and are_right
    print(_("any sizes, arguments left as they were: {points:d} of 1").format(points=general))
    if points < 6 and all(is_off_by_a_factor(*pair) for pair in pairs):
        print(_("right but for one constant factor: 6 of 10"))
        points = 6
    return points + general


def grade_update(update, cases, display):
    """Grade part 5: of 3 points; if it is not right, once more with a right `backprop_matrix`: no mistake costs twice.

    The cases, each with a learning rate, are two steps of one network.
    """
    submitted = Submitted(update, BORROWED_STEPS)
    points = _points_of_steps(submitted, cases)
    names = getattr(update, "__globals__", {})
    if sum(points) < 3 and not submitted.hangs:
        with mock.patch.dict(names, backprop_matrix=bpteach.backprop_matrix):
            points = max(points, _points_of_steps(submitted, cases), key=sum)
            print(_("Your update, with a right backprop_matrix:"))
            display(check_update(update))
    return _told((_("weights"), _("biases"), _("a second step")), points)


def _points_of_steps(submitted, cases):
    """Count the points: the weights and the biases of the first step, and both of the second."""
    mine = practice(*cases[0][:3])[0]
    right, steps = mine.copy(), []
    for *case, eta in cases:
        X, Y = practice(*case)[1:]
        bpteach.training.take_step(right, *numerically(right, X, Y), eta / X.shape[1])
        submitted(mine, X.copy(), Y.copy(), eta)
        steps += [
            not submitted.borrowed and is_right(found, expected)
            for found, expected in ((mine.weights, right.weights), (mine.biases, right.biases))
        ]
    return [*steps[:2], all(steps)]


class Submitted:
    """Calls a student's function in silence: what it prints would cost points, and a loop might never end.

    What it gets by calling one of the functions `switched_off` of bpteach, by whatever name, does not count.
    """

    def __init__(self, function, switched_off=()):
        self.hangs, self.borrowed = False, None
        self._function, self._said = function, set()
        self._switched_off = {id(inspect.unwrap(getattr(bpteach, name)).__code__): name for name in switched_off}

    def __call__(self, *arguments):
        """Give what the function returns; None, and once why, if it returns nothing or has borrowed it."""
        if self.hangs:
            return None
        run, self.borrowed, silence = Stoppable(self._function, *arguments), None, io.StringIO()
        threading.settrace(self._notice)  # in the threads that the function may start
        try:
            with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                run.start(self._notice, SECONDS)
        finally:
            threading.settrace(None)
        self.hangs = run.stopped
        told = self._trouble(run)
        if told and told not in self._said:
            self._said.add(told)
            print(told)
        return None if self.borrowed else run.result

    def _notice(self, frame, event, argument):
        """Look at the function that is about to run; a tracer that returns nothing is not called for its lines."""
        self.borrowed = self._switched_off.get(id(frame.f_code), self.borrowed)

    def _trouble(self, run):
        told = _("{name} stopped with {kind}: {text}") if run.error is not None else ""
        if self.borrowed:
            told = _("{name} calls {borrowed}: this function of bpteach is switched off, write your own.")
        elif run.stopped:
            told = _("{name} was stopped after {seconds} s.")
        names = {"name": getattr(self._function, "__name__", ""), "borrowed": self.borrowed, "seconds": SECONDS}
        return told.format(**names, kind=type(run.error).__name__, text=run.error)


def practice(sizes, m, seed):
    """Draw a network and a mini-batch."""
    rng = np.random.default_rng(seed)
    return bpteach.Network.random(sizes, rng), rng.random((sizes[0], m)), rng.random((sizes[-1], m))


def numerically(net, X, Y):
    """Compute the gradient without backpropagation, by the complex step."""
    return bpteach.numerical_gradient(lambda some: np.sum((bpteach.feedforward(some, X) - Y) ** 2) / 2, net)


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
