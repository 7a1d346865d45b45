"""What the pictures of δ in every layer have in common at all epochs: their axes, and where their rows stand."""

from dataclasses import dataclass

import numpy as np

from bpteach.widgets.marks import LogAxis

# The places in the pictures, in units of which the text size is 16.
AXIS_LEFT, AXIS_WIDTH, ZERO = 88, 316, 36
HEAD, FOOT, ZEROS_FOOT = 116, 26, 20
STRIP_HEAD, STRIP, STRIP_FOOT = 40, 64, 24


@dataclass(frozen=True)
class Scene:
    """All epochs, and what their pictures have in common."""

    epochs: list
    classes: list | None  # of the examples; None where Y holds no classes
    has_zeros: bool  # whether ‖δ‖ is 0 anywhere: 0 has a place of its own, apart from the axis
    axis: LogAxis  # of ‖δ‖
    factor_axis: LogAxis  # of the factors, from 0 to 1
    tallest: list  # for each layer, the share in its fullest bin, of all epochs

    @property
    def depth(self):
        """How many layers there are after the input."""
        return len(self.tallest)

    @property
    def count(self):
        """How many examples there are."""
        return self.epochs[0].norms.shape[1]

    @property
    def changes(self):
        """Whether there are several epochs: then strips below the rows show all of them."""
        return len(self.epochs) > 1

    @property
    def pitch(self):
        """The height of a row, less where there are many."""
        return 48 if self.depth <= 6 else 36

    @property
    def bottom(self):
        """Where the rows end, from the top."""
        return HEAD + self.pitch * self.depth

    @property
    def strip_top(self):
        """Where the strips over the epochs begin, from the top."""
        return self.bottom + FOOT + STRIP_HEAD + (ZEROS_FOOT if self.has_zeros else 0)

    @property
    def height(self):
        """The height of both pictures."""
        return self.strip_top + (STRIP + STRIP_FOOT if self.changes else -8)

    def row(self, k):
        """Find the middle of the row of layer k + 2, the output being on top."""
        return HEAD + self.pitch * (self.depth - 1 - k) + self.pitch // 2

    def place(self, norm):
        """Find where ‖δ‖ stands."""
        return self.axis.place(norm) if norm > 0 else float(AXIS_LEFT)


def scene_of(epochs, classes):
    """Choose axes that are wide enough for all epochs."""
    norms = np.array([epoch.norms for epoch in epochs])
    factors = [epoch.factor for epoch in epochs if epoch.factor]
    has_zeros = bool((norms == 0).any())
    apart = ZERO if has_zeros else 0
    return Scene(
        epochs=epochs,
        classes=classes,
        has_zeros=has_zeros,
        axis=LogAxis.around(norms, AXIS_LEFT + apart, AXIS_WIDTH - apart),
        factor_axis=LogAxis.around([1, *factors], 0, 1),
        tallest=np.max([epoch.shares for epoch in epochs], axis=(0, 2)).tolist(),
    )
