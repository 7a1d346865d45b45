"""The numbers of the mini-batch explorer: a mini-batch twice, by the loop over its examples and by matrices."""

from dataclasses import dataclass, field

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix, forward_pass
from bpteach.functions import cost_derivative, sigmoid_prime
from bpteach.gradcheck import relative_error
from bpteach.locale import _
from bpteach.widgets.examples import class_of, image_of, square_side
from bpteach.widgets.marks import superscript

MOST_TILES = 30


@dataclass
class Layer:
    """One layer twice: what the matrices hold, and what the loop finds, in lists with one entry for each example."""

    l: int  # as the book counts
    tiled: bool  # whether the weights to a neuron are shown as an image
    Delta: np.ndarray  # (n_l, m): the errors of all examples
    A: np.ndarray  # (n_{l-1}, m): the activations of the layer before
    nabla_b: np.ndarray  # (n_l, 1): the sum over all examples, from `backprop_matrix`
    nabla_w: np.ndarray  # (n_l, n_{l-1}), likewise
    shown: np.ndarray  # the neurons whose weights are shown; only their rows are kept of the loop's ∇w
    deltas: list = field(default_factory=list)  # (n_l,): δ of the example
    sums_b: list = field(default_factory=list)  # (n_l,): ∇b with it
    outers: list = field(default_factory=list)  # (shown, n_{l-1}): its δ aᵀ
    sums_w: list = field(default_factory=list)  # (shown, n_{l-1}): ∇w with it
    lengths: list = field(default_factory=list)  # two of (n_l,): how long each row of δ aᵀ and of ∇w is
    apart: dict = field(default_factory=lambda: {"nabla_b": [], "nabla_w": []})  # relative, from the whole sums

    def note(self, nabla_b, nabla_w, sum_b, sum_w):
        """Keep what the loop found for the next example, and its sums with that."""
        self.deltas.append(nabla_b.ravel())  # BP3
        self.sums_b.append(sum_b.ravel())
        self.outers.append(nabla_w[self.shown])  # BP4
        self.sums_w.append(sum_w[self.shown])
        self.lengths.append((np.linalg.norm(nabla_w, axis=1), np.linalg.norm(sum_w, axis=1)))
        self.apart["nabla_b"].append(relative_error(sum_b, self.nabla_b))
        self.apart["nabla_w"].append(relative_error(sum_w, self.nabla_w))

    @property
    def names(self):
        """How its quantities are written, by the names that sentences give them."""
        l, before = superscript(self.l), superscript(self.l - 1)
        written = {"delta": f"δ{l}", "Delta": f"Δ{l}", "A": f"(A{before})ᵀ", "a": f"(a{before})ᵀ"}
        return written | {"nabla_b": f"Δ{l}.sum(axis=1)", "nabla_w": f"Δ{l} (A{before})ᵀ"}

    @property
    def digits(self):
        """To how many digits two ways to add the same numbers agree."""
        return 5 if self.Delta.dtype == np.float32 else 12

    @property
    def differences(self):
        """The largest difference between the loop's δ and Δ's column, for each example."""
        return np.abs(np.transpose(self.deltas) - self.Delta).max(axis=0)

    @property
    def is_close(self):
        """Whether all columns agree with the loop, to rounding."""
        return self.differences.max() <= 10.0**-self.digits * np.abs(self.Delta).max()


@dataclass(frozen=True)
class Batch:
    """A mini-batch, and its layers from 2 to L."""

    pixels: list | None  # for each example its image, from 0 to 1; None where n_1 is no square
    labels: list  # for each example the class asked for; None where y is not 0s with a single 1
    answers: list  # for each example the network's answer
    layers: list

    @property
    def count(self):
        return len(self.labels)


def run_twice(net, X, Y):
    """Run the loop and the matrices on the same mini-batch."""
    Zs, activations = forward_pass(net, X)
    Deltas = [cost_derivative(activations[-1], Y) * sigmoid_prime(Zs[-1])]  # BP1
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1], strict=True):
        Deltas.insert(0, (w.T @ Deltas[0]) * sigmoid_prime(Z))  # BP2
    found = zip(Deltas, activations[:-1], *backprop_matrix(net, X, Y), strict=True)
    layers = [_layer(net, l, *arrays) for l, arrays in enumerate(found, start=2)]
    _run_loop(net, X, Y, layers)
    return Batch(
        pixels=[image_of(x) for x in X.T] if square_side(net.sizes[0]) else None,
        labels=[class_of(y) for y in Y.T],
        answers=activations[-1].argmax(axis=0).tolist(),
        layers=layers,
    )


def _layer(net, l, Delta, A, nabla_b, nabla_w):
    tiled = is_tiled(net, l)
    shown = np.arange(len(nabla_w))
    if tiled and len(nabla_w) > MOST_TILES:
        shown = np.sort(np.argsort(np.linalg.norm(nabla_w, axis=1))[-MOST_TILES:])
    return Layer(l, tiled, Delta, A.copy(), nabla_b, nabla_w, shown)


def _run_loop(net, X, Y, layers):
    """Call `backprop` for one example after the other, add up, and note in each layer what comes out."""
    sum_b = [np.zeros_like(b) for b in net.biases]
    sum_w = [np.zeros_like(w) for w in net.weights]
    for i in range(X.shape[1]):
        nabla_b, nabla_w = backprop(net, X[:, [i]], Y[:, [i]])
        if not all(np.isfinite(nabla).all() for nabla in [*nabla_b, *nabla_w]):
            sentence = _("backprop gives NaN or infinite numbers for example {i}: expected finite weights and biases.")
            raise ValueError(sentence.format(i=i))
        sum_b = [total + nabla for total, nabla in zip(sum_b, nabla_b, strict=True)]
        sum_w = [total + nabla for total, nabla in zip(sum_w, nabla_w, strict=True)]
        for layer, *found in zip(layers, nabla_b, nabla_w, sum_b, sum_w, strict=True):
            layer.note(*found)


def is_tiled(net, l):
    """Tell whether the weights to a neuron are shown as an image: in layer 2, where the input is one."""
    n_in = net.sizes[0]
    return l == 2 and n_in > 3 and square_side(n_in) is not None
