"""What both pictures of the mini-batch explorer share; `mini_batch_errors` and `mini_batch_weights` are the two.

A picture is two panels, the loop on the left and the matrices on the right. A panel is a dict: how wide and high it is,
marks that stay, marks that move with the example, images of cells, digits, and where the example's caption stands.
"""

import numpy as np

from bpteach.locale import _
from bpteach.widgets.byte_images import CELL_STYLE, FADING, cell_image, cell_marks
from bpteach.widgets.marks import LARGE, MIDDLE, digit, mark, moved, write

# in units of which the text size is 16
DIGIT_TOP, DIGIT, UNITS = 50, 72, 100  # the upper edge and the side of a digit, and in what units its marks are sent
ROW = 22  # the highest row of a matrix

STILL_STYLE = f"""{CELL_STYLE}
.bpteach-lit {{ stroke: #212121; stroke-width: 2.5; fill: none }}
.bpteach-outline {{ stroke: #757575; fill: none }}
.bpteach-hit {{ fill: none }} .bpteach-bold {{ font-weight: bold }}
.bpteach-grid, .bpteach-tile {{ stroke: #dddddd; fill: none }}
"""


class Picture:
    """One quantity of one layer. A kind of picture lays out its panels, `high`, in `loop` and `matrices`.

    What moves in them is laid out, for each example, in `loop_of` and `matrices_of`.
    """

    def __init__(self, batch, layer, store):
        self.batch, self.layer, self.store = batch, layer, store
        self.names = layer.names
        self.n, self.m = layer.Delta.shape
        self.scale = largest(layer.Delta, *layer.deltas)

    def cells(self, name, values, scale, shape, place, **kind):
        return cell_image(name, self.store.add(values, scale), shape, place, **kind)

    def panels(self):
        """Lay out both, each under its title."""
        halves = (
            (self.loop(), self.loop_of, _("The loop: one by one"), "backprop(net, x, y)"),
            (self.matrices(), self.matrices_of, _("The matrices: all at once"), "backprop_matrix(net, X, Y)"),
        )
        panels = []
        for panel, of_example, title, code in halves:
            marks = [write(0, 17, title, LARGE), write(0, 38, code, MIDDLE), *panel["marks"]]
            moving = [of_example(i) for i in range(self.m)]
            panels.append({"caption": None, "height": self.high, **panel, "marks": marks, "moving": moving})
        return panels

    def sized(self, name, matrix):
        return _("{name} ({rows}, {columns})").format(name=self.names[name], rows=len(matrix), columns=matrix.shape[1])

    def digit(self, x):
        """Place the digit of the example that is shown, with its frame: what a panel has of both."""
        if self.batch.pixels is None:
            return [], []
        return [digit_at(x, DIGIT_TOP, DIGIT)], [frame(x, DIGIT_TOP, DIGIT, DIGIT)]

    def hits(self, x, y, width, height):
        """Draw the columns of a matrix as what can be clicked to choose an example."""
        return [
            {**frame(x + width / self.m * i, y, width / self.m, height, "hit"), "data-example": i}
            for i in range(self.m)
        ]

    def legend(self, y, *lines):
        """Say how to read colours and bars: a strip of all colours, and a line for each scale."""
        marks = []
        for k in (-4, -3, -2, -1, 1, 2, 3, 4):
            kind, opacity = "up" if k > 0 else "down", (abs(k) / 4) ** FADING
            marks.append(mark("path", kind, d=f"M{10 + 14 * (k + 4)} {y - 5}h14", stroke_width=14, opacity=opacity))
        dashes = "".join(f"M{13 + 14 * k} {y - 5}h8" for k in range(4))
        marks += [mark("path", "gap", d=dashes, stroke_width=2.5), frame(10, y - 12, 126, 14)]
        marks += [write(0, y, "−"), write(140, y, "+")]
        return marks + [write(160 if row < 2 else 0, y + 18 * row, line) for row, line in enumerate(lines)]


def caption(batch, i):
    lines = [_("column {i} of X").format(i=i)]
    if batch.labels[i] is not None:
        lines.insert(0, _("labelled {right}, read as {answer}").format(right=batch.labels[i], answer=batch.answers[i]))
    lines = [write(0, 18 * row, line) for row, line in enumerate(lines, start=1)]
    return [write(0, 0, _("Example {i}").format(i=i), MIDDLE), *lines]


def still_marks(batch, panel, cells, i):
    """List all marks of a panel: the cells and digits that the browser paints are marks here."""
    marks = [each for image in panel["images"] for each in cell_marks(image, cells, i)]
    for place in panel["digits"]:
        shown = i if place["example"] is None else place["example"]
        marks += digit(batch.pixels[shown], place["side"], place["x"], place["y"])[1:]
    marks += moved(caption(batch, i), *panel["caption"]) if panel["caption"] else []
    return [*marks, *panel["marks"], *panel["moving"][i]]


def largest(*arrays):
    return max(float(np.abs(array).max()) for array in arrays)


def digit_at(x, y, side, example=None):
    """Place the digit of an example, or of the one that is shown."""
    x, y, side = round(x, 2), round(y, 2), round(side, 2)
    transform = f"translate({x:g} {y:g}) scale({side / UNITS:.4f})"
    return {"x": x, "y": y, "side": side, "transform": transform, "example": example}


def frame(x, y, width, height, kind="line"):
    return mark("rect", kind, x=float(x), y=float(y), width=float(width), height=float(height))


def lit(x, y, width, height):
    """Draw the outline of what belongs to the example that is shown, around it."""
    return frame(x - 1.25, y - 1.25, width + 2.5, height + 2.5, "lit")
