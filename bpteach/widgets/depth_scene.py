"""What the pictures of δ in every layer have in common at all epochs: their axes, and where their rows stand."""

import numpy as np

from bpteach.widgets.marks import LogAxis

# The places in the pictures, in units of which the text size is 16.
AXIS_LEFT, AXIS_WIDTH, ZERO = 88, 316, 36
HEAD, FOOT, ZEROS_FOOT = 116, 26, 20
STRIP_HEAD, STRIP, STRIP_FOOT = 40, 64, 24


class Scene:
    """All epochs, with axes that are wide enough for them all; `classes` is None where Y holds no classes."""

    def __init__(self, epochs, classes):
        norms = np.array([epoch.norms for epoch in epochs])
        self.epochs, self.classes = epochs, classes
        self.depth, self.count = norms.shape[1:]  # layers after the input, and examples
        self.changes = len(epochs) > 1  # then strips below the rows show all epochs
        self.has_zeros = bool((norms == 0).any())  # ‖δ‖ = 0 has a place of its own, apart from the axis
        apart = ZERO if self.has_zeros else 0
        self.axis = LogAxis.around(norms, AXIS_LEFT + apart, AXIS_WIDTH - apart)  # of ‖δ‖
        self.factor_axis = LogAxis.around([1, *(epoch.factor for epoch in epochs if epoch.factor)], 0, 1)
        self.tallest = np.max([epoch.shares for epoch in epochs], axis=(0, 2))  # the share in each layer's fullest bin

        # the height of a row, and from the top: where rows end, where strips begin, where both pictures end
        self.pitch = 48 if self.depth <= 6 else 36
        self.bottom = HEAD + self.pitch * self.depth
        self.strip_top = self.bottom + FOOT + STRIP_HEAD + (ZEROS_FOOT if self.has_zeros else 0)
        self.height = self.strip_top + (STRIP + STRIP_FOOT if self.changes else -8)

    def row(self, k):
        """Find the middle of the row of layer k + 2, the output being on top."""
        return HEAD + self.pitch * (self.depth - 1 - k) + self.pitch // 2

    def place(self, norm):
        """Find where ‖δ‖ stands."""
        return self.axis.place(norm) if norm > 0 else float(AXIS_LEFT)
