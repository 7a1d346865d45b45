"""What the hidden cells of the assignment "Do the mini-batch at once" call: name the mistake, and tell the points."""

from unittest import mock

import bpteach
from bpteach.backpropagation import forward_pass
from bpteach.classroom.points import ITEMS, answers_of, calls_of, given_and_expected, points_of, points_of_steps
from bpteach.classroom.submitted import Submitted
from bpteach.diagnosis import algorithm, check_backprop_matrix, check_update
from bpteach.diagnosis.faulty_functions import faulty_output_layers
from bpteach.exercises.judging import Slip, judge_function
from bpteach.functions import cost_derivative, sigmoid_prime
from bpteach.locale import N_, _

__all__ = ["given_and_expected", "grade"]

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


def grade(part, function, seed, display):
    """Show which mistake is in a student's function, print where the points of a part are, and give their number.

    The seed draws the networks and mini-batches that the function is tried with.
    """
    if part in DIAGNOSES:
        display(DIAGNOSES[part](function, seed))
    answers = answers_of(part, Submitted(function, part), seed)
    points, lines = points_of(part, seed, answers)
    if part == "part-5-update" and points_of_steps(seed, answers[0])[0] < 3:  # no mistake of part 4 costs twice
        print(_("Your update, with a right backprop_matrix:"))
        with mock.patch.dict(getattr(function, "__globals__", {}), backprop_matrix=bpteach.backprop_matrix):
            display(check_update(function))
    print("\n".join(lines))
    return points


def _diagnose_forward(forward, seed):
    def changed(change):
        return lambda net, X: change(*forward_pass(net, X))

    slips = {
        N_("activations has to begin with X."): changed(lambda Zs, As: (Zs, As[1:])),
        N_("The last layer's activation is missing."): changed(lambda Zs, As: (Zs, As[:-1])),
        N_("Zs holds σ(Z): keep Z itself."): changed(lambda Zs, As: (As[1:], As)),
        N_("Return Zs first, then activations."): changed(lambda Zs, As: (As, Zs)),
    }
    calls, parts = calls_of("part-1-forward", seed), ITEMS["part-1-forward"]
    return judge_function(forward, forward_pass, calls, slips=slips, hints=HINTS_OF_PART_1, parts=parts)


def _diagnose_output_layer(output_layer, seed):
    said = _("This is what it does: {about}.")
    slips = [
        Slip(layer, mistake.name, sentence=said.format(about=_(mistake.about)))
        for mistake, layer in faulty_output_layers()
    ]
    calls, parts = calls_of("part-2-output_layer", seed), ITEMS["part-2-output_layer"]
    right = algorithm.output_layer({})
    return judge_function(output_layer, right, calls, slips=slips, hints=HINTS_OF_PART_2, parts=parts)


def _diagnose_layer_back(layer_back, _seed):
    def mini_batch(net, X, Y):
        Zs, activations = forward_pass(net, X)
        Deltas = [cost_derivative(activations[-1], Y) * sigmoid_prime(Zs[-1])]
        for w, Z in zip(reversed(net.weights[1:]), reversed(Zs[:-1]), strict=True):
            Deltas.insert(0, layer_back(w, Deltas[0], Z))
        nabla_w = [Delta @ A.T for Delta, A in zip(Deltas, activations[:-1], strict=True)]
        return [Delta.sum(axis=1, keepdims=True) for Delta in Deltas], nabla_w

    print(_("Your layer_back, in a mini-batch where all else is right:"))
    return check_backprop_matrix(mini_batch)


#: Parts 4 and 5 are diagnosed by their visible checks
DIAGNOSES = {
    "part-1-forward": _diagnose_forward,
    "part-2-output_layer": _diagnose_output_layer,
    "part-3-layer_back": _diagnose_layer_back,
}
