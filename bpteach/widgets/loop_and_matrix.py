"""The numbers of the mini-batch explorer: a mini-batch twice, by the loop over its examples and by matrices."""

import numpy as np

from bpteach.backpropagation import backprop, backprop_matrix, forward_pass
from bpteach.functions import cost_derivative, sigmoid_prime
from bpteach.gradcheck import relative_error
from bpteach.locale import _
from bpteach.widgets.examples import class_of, image_of, square_side
from bpteach.widgets.marks import superscript

MOST_TILES = 30


class Layer:
    """One layer twice: what the matrices hold, and what the loop finds, in lists with one entry for each example.

    `l` is as the book counts. Of the matrices: `Delta`, shape (n_l, m), the errors of all examples; `A`, shape
    (n_{l-1}, m), the activations of the layer before; and the sums over all examples, `nabla_b` and `nabla_w`.
    """

    def __init__(self, l, tiled, Delta, A, nabla_b, nabla_w):
        self.l, self.tiled, self.Delta, self.A = l, tiled, Delta, A.copy()
        self.nabla_b, self.nabla_w = nabla_b, nabla_w
        self.shown = np.arange(len(nabla_w))  # the neurons whose weights are shown: of the loop's, their rows are kept
        if tiled and len(nabla_w) > MOST_TILES:
            self.shown = np.sort(np.argsort(np.linalg.norm(nabla_w, axis=1))[-MOST_TILES:])
        self.deltas, self.sums_b = [], []  # (n_l,): δ of the example, and ∇b with it
        self.outers, self.sums_w = [], []  # (shown, n_{l-1}): its δ aᵀ, and ∇w with it
        self.lengths = []  # (n_l,): how long each row of ∇w is
        self.apart = {"nabla_b": [], "nabla_w": []}  # relative, from the whole sums

    def note(self, nabla_b, nabla_w, sum_b, sum_w):
        """Keep what the loop found for the next example, and its sums with that."""
        self.deltas.append(nabla_b.ravel())  # BP3
        self.sums_b.append(sum_b.ravel())
        self.outers.append(nabla_w[self.shown])  # BP4
        self.sums_w.append(sum_w[self.shown])
        self.lengths.append(np.linalg.norm(sum_w, axis=1))
        self.apart["nabla_b"].append(relative_error(sum_b, self.nabla_b))
        self.apart["nabla_w"].append(relative_error(sum_w, self.nabla_w))

    @property
    def names(self):
        l, before = superscript(self.l), superscript(self.l - 1)
        written = {"delta": f"δ{l}", "Delta": f"Δ{l}", "A": f"(A{before})ᵀ", "a": f"(a{before})ᵀ"}
        return written | {"nabla_b": f"∇b{l}", "nabla_w": f"Δ{l} (A{before})ᵀ"}

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


class Batch:
    """A mini-batch, run in both ways.

    Of each example its image, its class, both None where there is none, and the network's answer; and all layers, from
    2 to L.
    """

    def __init__(self, net, X, Y):
        Zs, activations = forward_pass(net, X)
        Deltas = errors_of(net, Zs, activations, Y)
        found = zip(Deltas, activations[:-1], *backprop_matrix(net, X, Y), strict=True)
        self.layers = [Layer(l, is_tiled(net, l), *arrays) for l, arrays in enumerate(found, start=2)]
        self.pixels = [image_of(x) for x in X.T] if square_side(net.sizes[0]) else None
        self.labels = [class_of(y) for y in Y.T]
        self.answers = activations[-1].argmax(axis=0).tolist()
        _run_loop(net, X, Y, self.layers)


def errors_of(net, Zs, activations, Y):
    """Give Δ of every layer after the input, one column an example."""
    Deltas = [cost_derivative(activations[-1], Y) * sigmoid_prime(Zs[-1])]  # BP1
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1], strict=True):
        Deltas.insert(0, (w.T @ Deltas[0]) * sigmoid_prime(Z))  # BP2
    return Deltas


def _run_loop(net, X, Y, layers):
    """Call `backprop` for one example after the other, add up, and note in each layer what comes out."""
    sums = [[np.zeros_like(array) for array in arrays] for arrays in (net.biases, net.weights)]
    for i in range(X.shape[1]):
        found = backprop(net, X[:, [i]], Y[:, [i]])
        if not all(np.isfinite(nabla).all() for nablas in found for nabla in nablas):
            sentence = _("backprop gives NaN or infinite numbers for example {i}: expected finite weights and biases.")
            raise ValueError(sentence.format(i=i))
        sums = [[total + nabla for total, nabla in zip(*pair, strict=True)] for pair in zip(sums, found, strict=True)]
        for layer, *arrays in zip(layers, *found, *sums, strict=True):
            layer.note(*arrays)


def is_tiled(net, l):
    """Tell whether the weights to a neuron are shown as an image: in layer 2, where the input is one."""
    n_in = net.sizes[0]
    return l == 2 and n_in > 3 and square_side(n_in) is not None
