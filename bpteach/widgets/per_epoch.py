"""The numbers of the view of δ in every layer: what the networks of all epochs make of the examples."""

import numpy as np

from bpteach.backpropagation import forward_pass
from bpteach.functions import sigmoid_prime
from bpteach.locale import _
from bpteach.widgets.loop_and_matrix import errors_of

SATURATED = 0.05  # a fifth of the largest slope, 0.25
BINS = 20


class Epoch:
    """What `nets[number]` makes of the examples; `classes` are theirs, or None.

    Of `norms`, shape (depth, m), ‖δ‖, and of `shares`, shape (depth, BINS), the share of a layer's slopes in each bin
    from 0 to 0.25, row k is layer k + 2 of the book. `missed` tells of each example whether it is misread; it is empty
    without classes, and then `right`, how many are not, is None.
    """

    def __init__(self, number, net, X, Y, classes):
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused below
            Zs, activations = forward_pass(net, X)
            Deltas = errors_of(net, Zs, activations, Y)
            self.norms = np.array([np.linalg.norm(Delta.astype(np.float64), axis=0) for Delta in Deltas])
        if not np.isfinite(self.norms).all():
            refusal = _(
                "nets[{index}] gives errors that are not finite, its weights are too large: train with a smaller eta, "
                "or use nets[:{index}]."
            )
            raise ValueError(refusal.format(index=number))
        slopes = [sigmoid_prime(Z) for Z in Zs]
        self.number = number
        self.shares = np.array([np.histogram(slope, BINS, (0, 0.25))[0] / slope.size for slope in slopes])
        self.saturated = [float((slope < SATURATED).mean()) for slope in slopes]
        self.means = [float(slope.mean(dtype=np.float64)) for slope in slopes]
        self.answers = activations[-1].argmax(axis=0).tolist()
        self.missed = [answer != right for answer, right in zip(self.answers, classes or [], strict=bool(classes))]
        self.right = self.missed.count(False) if classes else None

    @property
    def factor(self):
        """The median of ‖δ^L‖ ÷ ‖δ²‖ over the examples; None where it cannot be told."""
        first, last = self.norms[0], self.norms[-1]
        both = (first > 0) & (last > 0)
        return float(np.median(last[both] / first[both])) if both.any() else None
