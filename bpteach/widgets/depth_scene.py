"""What the pictures of δ in every layer have in common at all epochs: their axes, and where their rows stand."""

import math
from dataclasses import dataclass

import numpy as np

# The heights in the pictures, in units of which the text size is 16.
HEAD, FOOT, ZEROS_FOOT = 116, 26, 20
STRIP_HEAD, STRIP, STRIP_FOOT = 40, 64, 24


@dataclass(frozen=True)
class Scene:
    """What the pictures of all epochs have in common.

    Attributes
    ----------
    depth : int
        How many layers there are after the input.
    count : int
        How many examples there are.
    epochs : list of int
        The numbers of the epochs.
    classes : list of int or None
        The class of each example; None where Y holds no classes.
    axis : tuple of int
        The powers of ten between which the axis of ‖δ‖ runs.
    has_zeros : bool
        Whether ‖δ‖ is 0 anywhere.
    tallest : list of float
        For each layer, the share in its fullest bin, of all epochs.
    factors : list of float or None
        For each epoch the median of ‖δ^L‖ ÷ ‖δ²‖.
    factor_axis : tuple of int
        The powers of ten between which the axis of the factors runs.
    rights : list of int or None
        For each epoch how many examples are read right.
    """

    depth: int
    count: int
    epochs: list
    classes: list | None
    axis: tuple
    has_zeros: bool
    tallest: list
    factors: list
    factor_axis: tuple
    rights: list

    @property
    def changes(self):
        """Tell whether there are several epochs.

        Returns
        -------
        bool
            True if so: then strips below the rows show all of them.
        """
        return len(self.epochs) > 1

    @property
    def pitch(self):
        """Give the height of a row.

        Returns
        -------
        int
            Less where there are many.
        """
        return 48 if self.depth <= 6 else 36

    @property
    def bottom(self):
        """Find where the rows end.

        Returns
        -------
        int
            The height, from the top.
        """
        return HEAD + self.pitch * self.depth

    @property
    def strip_top(self):
        """Find where the strips over the epochs begin.

        Returns
        -------
        int
            The height, from the top.
        """
        return self.bottom + FOOT + STRIP_HEAD + (ZEROS_FOOT if self.has_zeros else 0)

    @property
    def height(self):
        """Give the height of both pictures.

        Returns
        -------
        int
            With the strips, where there are any.
        """
        return self.strip_top + (STRIP + STRIP_FOOT if self.changes else -8)

    def row(self, k):
        """Find the middle of a row, the output being on top.

        Parameters
        ----------
        k : int
            The row of layer k + 2.

        Returns
        -------
        int
            The height, from the top.
        """
        return HEAD + self.pitch * (self.depth - 1 - k) + self.pitch // 2


def scene_of(looks, epochs, classes):
    """Gather what all epochs have in common.

    Parameters
    ----------
    looks : list of Look
        What each network makes of the examples.
    epochs : list of int
        The numbers of the epochs.
    classes : list of int or None
        The class of each example.

    Returns
    -------
    Scene
        The axes are wide enough for all epochs.
    """
    norms = np.array([look.norms for look in looks])
    factors = [look.factor for look in looks]
    return Scene(
        depth=norms.shape[1],
        count=norms.shape[2],
        epochs=epochs,
        classes=classes,
        axis=_decades(norms),
        has_zeros=bool((norms == 0).any()),
        tallest=np.max([look.shares for look in looks], axis=(0, 2)).tolist(),
        factors=factors,
        factor_axis=_decades(np.array([1.0, *(factor for factor in factors if factor)])),
        rights=[look.right for look in looks],
    )


def _decades(values):
    """Choose the powers of ten between which an axis runs."""
    logarithms = np.log10(values[values > 0])
    if not logarithms.size:
        return -1, 0
    low = math.floor(logarithms.min())
    return low, max(math.ceil(logarithms.max()), low + 1)
