"""A drawing of a digit, prepared as the digits of MNIST were; and three that were recorded."""

import math

import numpy as np

from bpteach.arguments import name_of
from bpteach.locale import _

# a box of 20 × 20 within 28 × 28, and how thick a pen was
SIDE, BOX, PEN = 28, 20, 2.6


def as_mnist(drawing):
    """Prepare a drawing as the digits of MNIST were prepared.

    Its ink is scaled to fit a box of 20 × 20 pixels, the ratio of width to height kept, with soft edges; the box is
    then moved by whole pixels until the centre of mass of the ink is in the middle of 28 × 28. Strokes are drawn with
    a pen as thick as those of MNIST look, however large they were drawn.

    Parameters
    ----------
    drawing : list of strokes
        A stroke is a list of points [x, y], from 0 (left, top) to 1.

    Returns
    -------
    array, shape (784, 1)
        The image as a column, from 0 (paper) to 1 (ink); all 0 if there is no ink.

    Raises
    ------
    TypeError, ValueError
        If `drawing` is no list of strokes, or a point is outside the drawing area.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database of handwritten digits: its description of how the
    digits were size-normalized and centred.

    Examples
    --------
    >>> x = as_mnist([[[0.1, 0.1], [0.1, 0.3]]])  # a short stroke near a corner
    >>> rows, columns = np.nonzero(x.reshape(28, 28) > 0.5)
    >>> print(rows.min(), rows.max(), columns.min(), columns.max())  # a tall one, in the middle
    4 23 13 14
    """
    strokes = strokes_of(drawing)
    return (centred(_inked(strokes)) if strokes else np.zeros((SIDE, SIDE))).reshape(-1, 1)


def strokes_of(drawing):
    """Give a drawing as lists of lists of floats; refuse anything but strokes."""
    if not isinstance(drawing, list | tuple):
        sentence = _("drawing is {found}: expected a list of strokes, each a list of points [x, y] from 0 to 1.")
        raise TypeError(sentence.format(found=name_of(drawing)))
    return [_stroke(index, stroke) for index, stroke in enumerate(drawing)]


def _stroke(index, stroke):
    sentence = _("drawing[{index}] is no stroke: expected a list of points [x, y], each number from 0 to 1.")
    try:
        points = np.asarray(stroke, dtype=float)
    except (TypeError, ValueError):  # ragged, or no numbers
        raise TypeError(sentence.format(index=index)) from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.all((points >= 0) & (points <= 1)):
        raise ValueError(sentence.format(index=index))
    return points.tolist()


def _inked(strokes):
    """Scale strokes to the box of 20 × 20, pen included, and draw them."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - PEN) / max(*(high - low), 1e-3)  # a dot stays a dot
    starts, ends = [], []
    for stroke in strokes:
        path = (np.array(stroke) - (low + high) / 2) * scale + BOX / 2
        starts.append(path[:-1] if len(path) > 1 else path)
        ends.append(path[1:] if len(path) > 1 else path)
    return np.clip(PEN / 2 - _distances(np.concatenate(starts), np.concatenate(ends)) + 0.5, 0, 1)


def _distances(starts, ends):
    """Measure how far the middle of each of 20 × 20 pixels is from the nearest of the segments."""
    middles = np.arange(BOX) + 0.5
    pixels = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 1, 2)
    nearest = np.full(BOX * BOX, np.inf)
    for first in range(0, len(starts), 500):  # some at a time: it takes 400 × 500 × 2 numbers
        start, way = starts[first : first + 500], (ends - starts)[first : first + 500]
        length = np.maximum((way**2).sum(axis=1), 1e-12)
        along = np.clip(((pixels - start) * way).sum(axis=2) / length, 0, 1)
        apart = pixels - start - along[..., None] * way
        nearest = np.minimum(nearest, (apart**2).sum(axis=2).min(axis=1))
    return np.sqrt(nearest).reshape(BOX, BOX)


def centred(ink):
    """Place an image in 28 × 28, its centre of mass at pixel 14, at most half a pixel away, as in MNIST."""
    placed = np.zeros((SIDE, SIDE))
    top, left = (_start(ink.sum(axis=axis)) for axis in (1, 0))
    placed[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return placed


def _start(ink):
    """Find where the box has to start along an axis, whose ink is given."""
    middle = (np.arange(len(ink)) * ink).sum() / ink.sum()
    wanted = math.ceil(round(13.5 - middle, 6))  # rounded, since symmetric ink is exactly between two pixels
    return min(max(wanted, 0), SIDE - len(ink))


def _line(*numbers):
    """Pair up numbers: x, y, x, y, ..."""
    return [list(point) for point in zip(numbers[::2], numbers[1::2], strict=True)]


#: Recorded drawings, each with the digit that was meant: a seven, a three, and a small four in a corner.
RECORDED = [
    (7, [_line(0.3, 0.22, 0.4, 0.2, 0.55, 0.205, 0.68, 0.19, 0.66, 0.28, 0.59, 0.46, 0.52, 0.66, 0.48, 0.83)]),
    (3, [_line(0.3, 0.3, 0.45, 0.22, 0.6, 0.3, 0.45, 0.5, 0.62, 0.62, 0.6, 0.76, 0.45, 0.82, 0.3, 0.75)]),
    (4, [_line(0.11, 0.07, 0.09, 0.13, 0.07, 0.2, 0.14, 0.195, 0.24, 0.185), _line(0.2, 0.08, 0.19, 0.2, 0.185, 0.31)]),
]
