"""What a network makes of a drawing: its answer, and the errors on their way back to the pixels."""

import numpy as np

from bpteach.backpropagation import backprop, feedforward
from bpteach.functions import cost
from bpteach.widgets.drawing import SIDE, as_mnist


class Reading:
    """The way forward, to the outputs `a`; and the way back, where there are strokes and a digit that was right.

    `last` is the last step: 0 is the way forward, 1 the errors of the output, and so on, back to the pixels.
    """

    def __init__(self, net, strokes, right):
        x = as_mnist(strokes).astype(net.weights[0].dtype)
        output = feedforward(net, x)
        self.strokes, self.right, self.sizes, self.last = strokes, right, net.sizes, 0
        self.pixels, self.a = _image(x), output.ravel().astype(float)
        if right is None or not strokes:
            return
        y = np.eye(10, dtype=x.dtype)[:, [right]]
        self.deltas, _nabla_w = backprop(net, x, y)  # BP3: nabla_b are the errors
        self.slopes = _image(net.weights[0].T @ self.deltas[0])  # ∂C/∂x
        self.cost, self.last = float(cost(output, y)), len(net.sizes)

    def delta(self, step):
        """Give δ of the layer that a step reaches, and which layer that is."""
        return self.deltas[-step].ravel().astype(float), len(self.sizes) + 1 - step


def _image(column):
    return column.reshape(SIDE, SIDE).astype(float)
