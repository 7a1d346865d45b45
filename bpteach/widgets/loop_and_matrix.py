"""A mini-batch twice: by the loop over its examples, and by matrices."""

import math
from dataclasses import dataclass, field

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix, feedforward
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.gradcheck import relative_error

WORDS = {
    "not finite": "backprop gives NaN or infinite numbers for example {i}: expected finite weights and biases.",
}

MOST_TILES = 30


@dataclass
class Twin:
    """One layer twice: what the matrices hold, and what the loop finds, example by example.

    Attributes
    ----------
    l : int
        The layer, as the book counts.
    tiled : bool
        Whether the weights to a neuron are shown as an image.
    Delta : array, shape (n_l, m)
        The errors of all examples, from the matrices.
    A : array, shape (n_{l-1}, m)
        The activations of the layer before.
    sum_b : array, shape (n_l, 1)
        The gradient of the biases, from `backprop_matrix`.
    sum_w : array, shape (n_l, n_{l-1})
        The gradient of the weights, from `backprop_matrix`.
    shown : array of int
        The neurons whose weights are shown.
    deltas : list of arrays, shape (n_l,)
        For each example its δ, from `backprop`.
    sums_b : list of arrays, shape (n_l,)
        For each example the loop's ∇b so far.
    outers : list of arrays, shape (shown, n_{l-1})
        For each example its δ aᵀ, from `backprop`: the rows that are shown.
    sums_w : list of arrays, shape (shown, n_{l-1})
        For each example the loop's ∇w so far: the rows that are shown.
    apart : dict of str to list of float
        How far the loop's sums so far are from those of `backprop_matrix`, relatively.
    lengths : list of pairs of arrays, shape (n_l,)
        For each example how long each neuron's row of δ aᵀ is, and of the loop's ∇w so far.
    """

    l: int
    tiled: bool
    Delta: np.ndarray
    A: np.ndarray
    sum_b: np.ndarray
    sum_w: np.ndarray
    shown: np.ndarray
    deltas: list = field(default_factory=list)
    sums_b: list = field(default_factory=list)
    outers: list = field(default_factory=list)
    sums_w: list = field(default_factory=list)
    apart: dict = field(default_factory=lambda: {"nabla_b": [], "nabla_w": []})
    lengths: list = field(default_factory=list)

    def note(self, nabla_b, nabla_w, sum_b, sum_w):
        """Keep what the loop found for the next example.

        Parameters
        ----------
        nabla_b : array, shape (n_l, 1)
            From `backprop`: δ (BP3).
        nabla_w : array, shape (n_l, n_{l-1})
            From `backprop`: δ aᵀ (BP4).
        sum_b : array, shape (n_l, 1)
            The sum of `nabla_b` with this example.
        sum_w : array, shape (n_l, n_{l-1})
            The sum of `nabla_w` with this example.
        """
        self.deltas.append(nabla_b.ravel())  # BP3
        self.sums_b.append(sum_b.ravel())
        self.outers.append(nabla_w[self.shown])
        self.sums_w.append(sum_w[self.shown])
        self.apart["nabla_b"].append(relative_error(sum_b, self.sum_b))
        self.apart["nabla_w"].append(relative_error(sum_w, self.sum_w))
        self.lengths.append((np.linalg.norm(nabla_w, axis=1), np.linalg.norm(sum_w, axis=1)))

    @property
    def digits(self):
        """Tell to how many digits two ways to add the same numbers agree.

        Returns
        -------
        int
            12, or 5 for float32.
        """
        return 5 if self.Delta.dtype == np.float32 else 12

    @property
    def differences(self):
        """Give the largest difference between the loop's δ and Δ's column, for each example.

        Returns
        -------
        array, shape (m,)
            0 or a rounding error.
        """
        return np.abs(np.transpose(self.deltas) - self.Delta).max(axis=0)

    @property
    def is_close(self):
        """Tell whether all columns agree with the loop, to rounding.

        Returns
        -------
        bool
            True if so.
        """
        return self.differences.max() <= 10.0**-self.digits * np.abs(self.Delta).max()


@dataclass(frozen=True)
class Batch:
    """What is known of the whole mini-batch.

    Attributes
    ----------
    count : int
        How many examples it has.
    pixels : list of arrays, shape (side, side), or None
        For each example its image, from 0 to 1; None where n_1 is no square.
    rights : list of int or None
        For each example the class asked for; None where `Y` is not a column of 0s with a single 1.
    answers : list of int
        For each example the network's answer.
    twins : list of Twin
        One for each layer, from 2 to L.
    """

    count: int
    pixels: list | None
    rights: list
    answers: list
    twins: list


def run_twins(net, X, Y):
    """Run the loop and the matrices on the same mini-batch.

    Parameters
    ----------
    net : Network
        The network; it is not changed.
    X : array, shape (n_1, m)
        The inputs, one column an example.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.

    Returns
    -------
    Batch
        What both found.

    Raises
    ------
    ValueError
        If a gradient is not finite.
    """
    count, side = X.shape[1], math.isqrt(X.shape[0])
    twins = _matrix_pass(net, X, Y)
    sum_b = [np.zeros_like(b) for b in net.biases]
    sum_w = [np.zeros_like(w) for w in net.weights]
    for i in range(count):
        nabla_b, nabla_w = backprop(net, X[:, [i]], Y[:, [i]])
        if not all(np.isfinite(nabla).all() for nabla in [*nabla_b, *nabla_w]):
            raise ValueError(WORDS["not finite"].format(i=i))
        sum_b = [total + nabla for total, nabla in zip(sum_b, nabla_b, strict=True)]
        sum_w = [total + nabla for total, nabla in zip(sum_w, nabla_w, strict=True)]
        for twin, *found in zip(twins, nabla_b, nabla_w, sum_b, sum_w, strict=True):
            twin.note(*found)
    return Batch(
        count=count,
        pixels=[np.clip(x, 0, 1).reshape(side, side) for x in X.T] if side * side == X.shape[0] else None,
        rights=[int(y.argmax()) if len(y) > 1 and np.count_nonzero(y) == 1 and y.max() == 1 else None for y in Y.T],
        answers=feedforward(net, X).argmax(axis=0).tolist(),
        twins=twins,
    )


def _matrix_pass(net, X, Y):
    """Go through the equations with all examples as columns, and keep Δ and A of every layer."""
    A, Zs, activations = X, [], [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        Z = w @ A + b
        A = sigmoid(Z)  # (25)
        Zs.append(Z)
        activations.append(A)
    Deltas = [cost_derivative(A, Y) * sigmoid_prime(Zs[-1])]  # BP1
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1], strict=True):
        Deltas.insert(0, (w.T @ Deltas[0]) * sigmoid_prime(Z))  # BP2
    nabla_b, nabla_w = backprop_matrix(net, X, Y)
    found = zip(Deltas, activations[:-1], nabla_b, nabla_w, strict=True)
    return [_twin(net, l, *arrays) for l, arrays in enumerate(found, start=2)]


def _twin(net, l, Delta, A, sum_b, sum_w):
    tiled = is_tiled(net, l)
    shown = np.arange(len(sum_w))
    if tiled and len(sum_w) > MOST_TILES:
        shown = np.sort(np.argsort(np.linalg.norm(sum_w, axis=1))[-MOST_TILES:])
    return Twin(l, tiled, Delta, A.copy(), sum_b, sum_w, shown)


def is_tiled(net, l):
    """Tell whether the weights to a neuron are shown as an image: in layer 2, where the input is one.

    Parameters
    ----------
    net : Network
        The network.
    l : int
        The layer, as the book counts.

    Returns
    -------
    bool
        True if so.
    """
    n_in = net.sizes[0]
    return l == 2 and n_in > 3 and math.isqrt(n_in) ** 2 == n_in
