"""What the diagnosis says of a line that raised: which arrays met there, and which mistake that is."""

import numpy as np
import pytest

from bpteach import backprop_matrix, check_backprop_matrix
from bpteach.backpropagation import forward_pass
from bpteach.functions import sigmoid_prime


def with_line(line):
    """Make a right function that computes one line more, of lists and arrays named as in the formulas."""

    def function(net, X, Y):
        Zs, activations = forward_pass(net, X)
        Delta = (activations[-1] - Y) * sigmoid_prime(Zs[-1])
        line(net.weights, net.biases, X, Y, Zs, activations, Delta)
        return backprop_matrix(net, X, Y)

    return function


def adding(what):
    """Make a line that adds to zeros in place."""

    def line(w, b, X, Y, Z, A, D):
        total = np.zeros((len(D), 1))
        added = what(D)
        total += added

    return line


@pytest.mark.parametrize(
    ("line", "mistake", "met"),
    [
        (lambda w, b, X, Y, Z, A, D: w[-1] @ D, "missing-transpose", "w⁴ of shape (2, 4) meets δ⁴ of shape (2, 7)"),
        (lambda w, b, X, Y, Z, A, D: np.dot(w[-1], D), "missing-transpose", "w⁴ of shape (2, 4) meets δ⁴"),
        (lambda w, b, X, Y, Z, A, D: w[-1].dot(D), "missing-transpose", "w⁴ of shape (2, 4) meets δ⁴"),
        (lambda w, b, X, Y, Z, A, D: w[-2].T @ D, None, "(w³)ᵀ of shape (5, 4) meets δ⁴ of shape (2, 7)"),
        (lambda w, b, X, Y, Z, A, D: D @ A[-2], None, "δ⁴ of shape (2, 7) meets a³ of shape (4, 7)"),
        # comprehensions: a variable may hide one outside, and some of the turns go well
        (lambda w, b, X, Y, Z, A, D: [w @ D for w in w], None, "w² of shape (5, 3) meets δ⁴ of shape (2, 7)"),
        (lambda w, b, X, Y, Z, A, D: {l: w[l] @ A[0] for l in (0, 2)}, None, "w⁴ of shape (2, 4) meets x"),
        (lambda w, b, X, Y, Z, A, D: [[u.T @ a for a in A if len(a) == 4] for u in w], None, "(w²)ᵀ of shape (3, 5)"),
        (lambda w, b, X, Y, Z, A, D: sum(u @ D for u in w), None, "w² of shape (5, 3) meets δ⁴"),
        (lambda w, b, X, Y, Z, A, D: [print() or u @ D for u in w], None, "w² of shape (5, 3) meets δ⁴"),
        (lambda w, b, X, Y, Z, A, D: w[0] @ X.T, None, "w² of shape (5, 3) meets (x)ᵀ of shape (7, 3)"),
        (lambda w, b, X, Y, Z, A, D: A[-1] - Y.T, None, "a⁴ of shape (2, 7) meets (y)ᵀ of shape (7, 2)"),
        (lambda w, b, X, Y, Z, A, D: Z[-1] + b[-1].ravel(), "bias-one-dimensional", "z⁴ of shape (2, 7) meets b⁴"),
        (lambda w, b, X, Y, Z, A, D: Z[-1] + b[-1].T, "bias-one-dimensional", "meets (b⁴)ᵀ of shape (1, 2)"),
        (lambda w, b, X, Y, Z, A, D: A[1:][-4], None, "and the list has 3 entries. It does not begin with x"),
        (lambda w, b, X, Y, Z, A, D: Z[len(w)], None, "entry [3] is asked for, and the list has 3 entries."),
        (lambda w, b, X, Y, Z, A, D: w[-1] @ A[-2] + b[0], None, "w a⁴ of shape (2, 7) meets b² of shape (5, 1)"),
        (lambda w, b, X, Y, Z, A, D: D @ A[-2].T @ w[0], None, "an array of shape (2, 4) meets w² of shape (5, 3)"),
        (lambda w, b, X, Y, Z, A, D: D[:, :2] @ 3.0, None, "an array of shape (4, 2) meets the number 3.0"),
        (lambda w, b, X, Y, Z, A, D: w[-1] @ print(), None, "TypeError"),  # its operands are not computed again
        (adding(lambda D: D), "bias-not-summed", "an array of shape (4, 1) meets δ⁴ of shape (4, 4)"),
        (adding(lambda D: D.sum(axis=1)), "bias-lost-dimension", "meets a flat sum of δ⁴ of shape (4,)"),
        (adding(lambda D: D.sum(axis=0)), "bias-wrong-axis", "meets a sum of δ⁴ over the neurons of shape (4,)"),
        (adding(lambda D: D.mean(axis=0, keepdims=True)), "bias-wrong-axis", "over the neurons of shape (1, 4)"),
        (adding(lambda D: np.cos(D)), None, "meets an array of shape (4, 4). An array that is changed in place"),
    ],
)
def test_what_met(line, mistake, met):
    """Where a line raises, it is said which arrays met there, and which mistake that is, if it is one."""
    found = check_backprop_matrix(with_line(line))
    assert (found.state, found.mistake) == ("stopped", mistake)
    assert met in found.message
