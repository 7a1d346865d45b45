"""What a network makes of a drawing: its answer, and the errors on their way back to the pixels."""

from dataclasses import dataclass

import numpy as np

from bpteach.backpropagation import backprop, feedforward
from bpteach.functions import cost
from bpteach.widgets.drawing import SIDE, as_mnist


@dataclass(frozen=True)
class Reading:
    """The way forward; and the way back, where there are strokes and it is known which digit was right."""

    strokes: list
    right: int | None
    sizes: list
    pixels: np.ndarray  # (28, 28)
    a: np.ndarray  # (10,)
    cost: float | None = None
    deltas: list | None = None  # (n_l,) of each layer after the input
    slopes: np.ndarray | None = None  # (28, 28): ∂C/∂x

    @property
    def last(self):
        """The last step: 0 is the way forward, 1 the errors of the output, and so on, back to the pixels."""
        return 0 if self.deltas is None else len(self.sizes)

    def delta(self, step):
        """Give δ of the layer that a step reaches, and which layer that is."""
        return self.deltas[-step], len(self.sizes) + 1 - step


def read(net, strokes, right):
    """Ask the network, and for a `right` digit send the error back."""
    x = as_mnist(strokes).astype(net.weights[0].dtype)
    output = feedforward(net, x)
    forward = {"strokes": strokes, "right": right, "sizes": net.sizes, "pixels": _image(x), "a": _row(output)}
    if right is None or not strokes:
        return Reading(**forward)
    y = np.eye(10, dtype=x.dtype)[:, [right]]
    nabla_b, _nabla_w = backprop(net, x, y)
    deltas = [_row(delta) for delta in nabla_b]  # BP3: these are the errors
    slopes = _image(net.weights[0].T @ nabla_b[0])  # ∂C/∂x
    return Reading(**forward, cost=float(cost(output, y)), deltas=deltas, slopes=slopes)


def _row(column):
    return column.ravel().astype(float)


def _image(column):
    return column.reshape(SIDE, SIDE).astype(float)
