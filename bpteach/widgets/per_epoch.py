"""The numbers of the view of δ in every layer: what a network makes of the examples."""

from dataclasses import dataclass

import numpy as np

from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime

WORDS = {
    "not finite": "nets[{index}] gives errors that are not finite, its weights are too large: train with a smaller "
    "eta, or use nets[:{index}].",
}

SATURATED = 0.05  # a fifth of the largest slope, 0.25
BINS = 20


@dataclass(frozen=True)
class Look:
    """What one network makes of the examples. Row k is layer k + 2 of the book.

    Attributes
    ----------
    norms : array, shape (depth, m)
        ‖δ‖ in each layer, for each example.
    shares : array, shape (depth, BINS)
        For each layer, which share of its slopes stands in each bin, from 0 to 0.25.
    saturated : list of float
        For each layer, the share of its slopes below `SATURATED`.
    means : list of float
        For each layer, the mean of its slopes.
    answers : list of int
        The network's class for each example.
    missed : list of bool
        Whether that is wrong; empty where Y holds no classes.
    """

    norms: np.ndarray
    shares: np.ndarray
    saturated: list
    means: list
    answers: list
    missed: list

    @property
    def factor(self):
        """Give the median of ‖δ^L‖ ÷ ‖δ²‖ over the examples.

        Returns
        -------
        float or None
            None where it cannot be told.
        """
        first, last = self.norms[0], self.norms[-1]
        both = (first > 0) & (last > 0)
        return float(np.median(last[both] / first[both])) if both.any() else None

    @property
    def right(self):
        """Count the examples that are read right.

        Returns
        -------
        int or None
            None where Y holds no classes.
        """
        return self.missed.count(False) if self.missed else None


def look_at(index, net, X, Y, classes):
    """Send the examples through a network, and their errors back.

    Parameters
    ----------
    index : int
        The network's place in `nets`.
    net : Network
        The network.
    X : array, shape (n_1, m)
        The inputs, one column an example.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.
    classes : list of int or None
        What `classes_of` makes of `Y`.

    Returns
    -------
    Look
        Their sizes, and the slopes that they meet.

    Raises
    ------
    ValueError
        If an error is not finite.
    """
    A, slopes = X, []
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused below
        for b, w in zip(net.biases, net.weights, strict=True):
            Z = w @ A + b
            A = sigmoid(Z)  # (25)
            slopes.append(sigmoid_prime(Z))
        Delta = cost_derivative(A, Y) * slopes[-1]  # BP1
        norms = [_norms(Delta)]
        for w, slope in zip(net.weights[:0:-1], slopes[-2::-1], strict=True):
            Delta = (w.T @ Delta) * slope  # BP2
            norms.insert(0, _norms(Delta))
    if not np.isfinite(norms).all():
        raise ValueError(WORDS["not finite"].format(index=index))
    answers = A.argmax(axis=0).tolist()
    return Look(
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
    """Give the class of every column.

    Parameters
    ----------
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.

    Returns
    -------
    list of int or None
        None where a column is not made of 0s with a single 1.
    """
    is_class = len(Y) > 1 and ((Y != 0).sum(axis=0) == 1).all() and (Y.max(axis=0) == 1).all()
    return Y.argmax(axis=0).tolist() if is_class else None
