"""The numbers of the view of δ in every layer: what the network of each epoch makes of the examples."""

from dataclasses import dataclass

import numpy as np

from bpteach.backpropagation import forward_pass
from bpteach.functions import cost_derivative, sigmoid_prime
from bpteach.locale import _
from bpteach.widgets.examples import class_of

SATURATED = 0.05  # a fifth of the largest slope, 0.25
BINS = 20


@dataclass(frozen=True)
class Epoch:
    """What one network makes of the examples. Row k is layer k + 2 of the book."""

    number: int
    norms: np.ndarray  # shape (depth, m): ‖δ‖ in each layer, for each example
    shares: np.ndarray  # shape (depth, BINS): which share of a layer's slopes stands in each bin, from 0 to 0.25
    saturated: list  # for each layer, the share of its slopes below SATURATED
    means: list  # for each layer, the mean of its slopes
    answers: list  # the network's class for each example
    missed: list  # whether that is wrong; empty where Y holds no classes

    @property
    def factor(self):
        """The median of ‖δ^L‖ ÷ ‖δ²‖ over the examples; None where it cannot be told."""
        first, last = self.norms[0], self.norms[-1]
        both = (first > 0) & (last > 0)
        return float(np.median(last[both] / first[both])) if both.any() else None

    @property
    def right(self):
        """How many examples are read right; None where Y holds no classes."""
        return self.missed.count(False) if self.missed else None


def epoch_of(index, number, net, X, Y, classes):
    """Send the examples through `nets[index]`, and their errors back."""
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused below
        Zs, activations = forward_pass(net, X)
        slopes = [sigmoid_prime(Z) for Z in Zs]
        Delta = cost_derivative(activations[-1], Y) * slopes[-1]  # BP1
        norms = [_norms(Delta)]
        for w, slope in zip(net.weights[:0:-1], slopes[-2::-1], strict=True):
            Delta = (w.T @ Delta) * slope  # BP2
            norms.insert(0, _norms(Delta))
    if not np.isfinite(norms).all():
        refusal = _(
            "nets[{index}] gives errors that are not finite, its weights are too large: train with a smaller eta, or "
            "use nets[:{index}]."
        )
        raise ValueError(refusal.format(index=index))
    answers = activations[-1].argmax(axis=0).tolist()
    return Epoch(
        number=number,
        norms=np.array(norms),
        shares=np.array([np.histogram(slope, BINS, (0, 0.25))[0] / slope.size for slope in slopes]),
        saturated=[float((slope < SATURATED).mean()) for slope in slopes],
        means=[float(slope.mean(dtype=np.float64)) for slope in slopes],
        answers=answers,
        missed=[answer != right for answer, right in zip(answers, classes or [], strict=bool(classes))],
    )


def _norms(Delta):
    """Give ‖δ‖ of each column; scaled first, since the square of a very small number would be 0."""
    sizes = np.abs(Delta.astype(np.float64))
    largest = sizes.max(axis=0)
    return largest * np.sqrt(((sizes / np.where(largest > 0, largest, 1)) ** 2).sum(axis=0))


def classes_of(Y):
    """Give the class of every column; None where one is not made of 0s with a single 1."""
    classes = [class_of(y) for y in Y.T]
    return None if None in classes else classes
