"""Matrices of signed numbers as pictures: a byte for each number, whose colour the browser looks up in a table.

Colours tell the sign and the size. A cell below zero also has a mark: a minus in a large one, stripes in an image.
"""

import math
from itertools import groupby

import numpy as np

from bpteach.widgets.marks import mark

GAP = 2  # between two tiles, in cells
LEVELS = 16  # of colour, in the still picture
FADING = 0.6  # colours fade with this power of the size, so that small numbers are seen

#: What tells a cell below zero: of its `wide` × `high` pixels those from `first` to `last` in one row are blank.
COARSE = {"wide": 5, "high": 5, "row": 2, "first": 1, "last": 3}  # a minus
MEDIUM = {"wide": 2, "high": 2, "row": 1, "first": 0, "last": 1}  # stripes

ABOVE, BELOW, INK = (213, 94, 0), (0, 114, 178), (128, 128, 128)  # seen on white and on black

CELL_STYLE = ".bpteach-gap { stroke: #ffffff } .bpteach-grey { stroke: #808080 }"


class CellStore:
    """All cells, one after the other: a byte each, from -127 to 127 for the numbers from -scale to scale."""

    def __init__(self):
        self.parts, self.size = [], 0

    def add(self, values, scale):
        """Keep some more numbers, the largest of size `scale`; give where they begin."""
        values = np.asarray(values, dtype=np.float64)
        data = np.rint(values / (scale or 1) * 127).astype(np.int8)  # all zero: nothing to scale
        self.parts.append(data.tobytes())
        self.size += data.size
        return self.size - data.size

    def content(self):
        return b"".join(self.parts)


def cell_image(name, at, shape, place, *, steps=False, ink=False):
    """Describe an image of cells: where they begin in the store, rows and columns, and x, y, width, height.

    With `steps`, each example has its own, one after the other in the store. With `ink` it is grey, without signs.
    """
    rows, columns = shape
    step = rows * columns if steps else 0
    wide, high = place[2] / columns, place[3] / rows
    cell = min(wide, high)
    grain = {"wide": max(1, round(wide)), "high": max(1, round(high)), "row": -1, "first": 0, "last": -1}
    if cell >= 1.5 and not ink:  # there is room to tell that it is below zero
        grain = COARSE if cell >= 5 else MEDIUM
    described = {"name": name, "at": at, "step": step, "rows": rows, "columns": columns, "palette": int(ink)}
    x, y, width, height = (round(value, 2) for value in place)
    return described | {"grain": grain, "fine": cell < 1.5, "x": x, "y": y, "width": width, "height": height}


def palettes():
    """Give the colours of all 256 bytes, for signed cells and then for ink: red, green, blue, and how opaque."""
    sizes = np.abs(np.arange(256, dtype=np.uint8).view(np.int8).astype(int))
    opaque = np.rint(255 * np.minimum(sizes / 127, 1) ** FADING).astype(np.uint8)
    tables = np.zeros((2, 256, 4), dtype=np.uint8)
    tables[0, :128, :3], tables[0, 128:, :3], tables[1, :, :3] = ABOVE, BELOW, INK
    tables[:, :, 3] = opaque
    return tables.tobytes()


def mosaic_shape(count, side):
    """Choose how many rows and columns of cells a mosaic of so many tiles has, each `side` cells wide and high."""
    across = min(count, math.ceil(math.sqrt(1.2 * count)))
    down = math.ceil(count / across)
    return down * (side + GAP) - GAP, across * (side + GAP) - GAP


def mosaic_places(count, side):
    """Give row and column of the upper left cell of every tile of a mosaic."""
    across = (mosaic_shape(count, side)[1] + GAP) // (side + GAP)
    return [(j // across * (side + GAP), j % across * (side + GAP)) for j in range(count)]


def mosaic(rows):
    """Arrange rows as square tiles, from left to right and from top to bottom, with zeros between them."""
    side = math.isqrt(rows.shape[1])
    arranged = np.zeros(mosaic_shape(len(rows), side))
    for row, (y, x) in zip(rows, mosaic_places(len(rows), side), strict=True):
        arranged[y : y + side, x : x + side] = row.reshape(side, side)
    return arranged


def cell_marks(image, cells, i):
    """Draw an image of cells as marks, for one example, as the browser paints it on a canvas: a path for each level."""
    rows, columns = image["rows"], image["columns"]
    at = image["at"] + i * image["step"]
    data = np.frombuffer(cells, np.int8, rows * columns, at).reshape(rows, columns).astype(int)
    levels = np.rint(data / 127 * LEVELS).astype(int)
    place = f"translate({image['x']:g} {image['y']:g})"
    place += f" scale({image['width'] / columns:.4f} {image['height'] / rows:.4f})"
    kinds = ("grey", "grey") if image["palette"] else ("up", "down")
    return [*level_marks(levels, LEVELS, FADING, place, kinds), *_dashes(levels, image, place)]


def level_marks(levels, most, fading, place, kinds=("up", "down")):
    """Draw a matrix of integers from -most to most: a path for each level, along the rows, as opaque as it is large."""
    paths = {}
    for y, row in enumerate(levels.tolist()):
        x = 0
        for level, run in groupby(row):
            length = len(list(run))
            if level:
                paths[level] = f"{paths.get(level, '')}M{x} {y}.5h{length}"
            x += length
    return [
        mark("path", kinds[level < 0], d=d, transform=place, opacity=(abs(level) / most) ** fading)
        for level, d in sorted(paths.items())
    ]


def _dashes(levels, image, place):
    """Draw what tells the cells below zero from the others."""
    grain, below = image["grain"], np.argwhere(levels < 0)
    if grain["row"] < 0 or not len(below):
        return []
    left, down = grain["first"] / grain["wide"], (grain["row"] + 0.5) / grain["high"]
    width = (grain["last"] - grain["first"] + 1) / grain["wide"]
    d = "".join(f"M{x + left:g} {y + down:g}h{width:g}" for y, x in below)
    return [mark("path", "gap", d=d, transform=place, stroke_width=1 / grain["high"])]
