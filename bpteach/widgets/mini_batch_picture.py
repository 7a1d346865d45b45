"""What both pictures of the mini-batch explorer share, and the words beside them.

`mini_batch_errors` and `mini_batch_weights` are the two. Each is two panels, the loop on the left and the matrices on
the right. A panel is a dict: how wide and high it is, marks that stay, marks that move with the example, images of
cells, digits, and where the example's caption stands.
"""

import numpy as np

from bpteach.locale import _, aligned
from bpteach.widgets.byte_images import CELL_STYLE, FADING, cell_image, cell_marks
from bpteach.widgets.marks import LARGE, MIDDLE, digit, mark, moved, number, write

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

    What moves in them is laid out, for each example, in `loop_of` and `matrices_of`. Examples are counted as the
    columns of X are, from 0.
    """

    def __init__(self, batch, layer, quantity, store):
        self.batch, self.layer, self.quantity, self.store = batch, layer, quantity, store
        self.names = layer.names
        self.n, self.m = layer.Delta.shape
        self.scale = largest(layer.Delta, *layer.deltas)

    def view(self):
        """Give all that the page shows: the panels, and the words for every example."""
        words = {"sentences": map(self.sentence, range(self.m)), "verdicts": map(self.verdict, range(self.m))}
        return {"panels": self.panels(), **{name: list(each) for name, each in words.items()}}

    # the words

    def filled(self, words, i, **more):
        """Fill in what is known of an example; `so_far` are those that the loop has added once it has come to it."""
        so_far = _("{number} of {count}").format(number=i + 1, count=self.m)
        about = {"i": i, "so_far": so_far, "all": self.m, "digits": self.layer.digits, "label": self.batch.labels[i]}
        return words.format(**about, **self.names, **more)

    def sentence(self, i):
        """Say which column it is, and how many examples are in the sum."""
        said = _("Example {i}, labelled {label}: its {delta} is column {i} of {Delta}")
        if self.batch.labels[i] is None:
            said = _("Example {i}: its {delta} is column {i} of {Delta}")
        return self.filled(said + (_(".") if self.quantity == "delta" else _("; the sum holds {so_far} examples.")), i)

    def verdict(self, i):
        """Compare the loop with the matrices: no rounding errors, which differ by machine."""
        layer = self.layer
        if self.quantity == "delta":
            said = _("Column {i} of {Delta} and the loop's {delta} of example {i} differ by {apart}.")
            if layer.is_close:
                said = _(
                    "Column {i} of {Delta} is the loop's {delta} of example {i}, to {digits} digits. "
                    "The columns do not mix."
                )
            return self.filled(said, i, apart=unbroken(layer.differences[i]))
        apart = layer.apart[self.quantity][i]
        said = _("All {all} examples are in: the loop's sum equals {sum}, to {digits} digits.")
        if i < self.m - 1:
            said = _(
                "The loop has added {so_far} examples; its sum is still {apart} (relative difference) away from "
                "{sum}, which adds all {all} at once."
            )
        elif apart > 10.0**-layer.digits:
            said = _("All {all} examples are in, and the loop's sum differs from {sum}: relative, {apart}.")
        return self.filled(said, i, sum=self.names[self.quantity], apart=unbroken(apart))

    def table(self, i):
        """List the numbers of every neuron, the loop's beside the matrices', as lines of text."""
        layer = self.layer
        lengths = np.linalg.norm(layer.nabla_w, axis=1)
        titles, *columns = {
            "delta": ([_("loop's {delta}"), _("column {i} of {Delta}")], layer.deltas[i], layer.Delta[:, i]),
            "nabla_b": ([_("sum of {so_far}"), _("matrices' sum")], layer.sums_b[i], layer.nabla_b.ravel()),
            "nabla_w": ([_("‖sum of {so_far}‖"), _("‖matrices' sum‖")], layer.lengths[i], lengths),
        }[self.quantity]
        rows = [["j", *(self.filled(title, i) for title in titles)]]
        rows += [[j, *map(number, values)] for j, values in enumerate(zip(*columns, strict=True))]
        return [aligned(row, -4, -18, -18) for row in rows]

    # what is drawn

    def cells(self, name, values, scale, shape, place, **kind):
        return cell_image(name, self.store.add(values, scale), shape, place, **kind)

    def panels(self):
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


def unbroken(value):
    return number(value).replace(" ", "\N{NO-BREAK SPACE}")


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
