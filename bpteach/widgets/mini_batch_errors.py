"""The errors of a layer: δ of one example beside Δ of all, and for the gradient of the biases also their sums."""

from bpteach.locale import _
from bpteach.widgets.marks import LARGE, MIDDLE, mark, number, signed, write
from bpteach.widgets.mini_batch_picture import DIGIT, DIGIT_TOP, ROW, Picture, digit_at, frame, largest, lit

LEFT, RIGHT = 298, 516  # the widths of the panels
TOP, MOST_HIGH = 136, 300  # where the cells begin, and how high they are at most
FOOT, FOOT_SUMS = 58, 94  # below the cells; with the scale of the sums
CELLS, COLUMN, COLUMNS = 32, 40, 312  # where cells begin; the widest column, and all together
WIDE, NARROW = 24, 9  # columns with room for an image, and for a label
BAR = 60
LOOP_ZERO = CELLS + COLUMN + 40 + BAR  # where the bars of the running sum begin


class ErrorPicture(Picture):
    def __init__(self, batch, layer, quantity, store):
        super().__init__(batch, layer, quantity, store)
        self.has_sums = quantity == "nabla_b"
        self.height = min(ROW * self.n, MOST_HIGH)
        self.bottom = TOP + self.height
        self.high = self.bottom + (FOOT_SUMS if self.has_sums else FOOT)
        self.column = min(COLUMN, COLUMNS / self.m)
        self.end = self.left(self.m)
        self.sum_scale = largest(layer.nabla_b, *layer.sums_b)

    # the loop

    def loop(self):
        place = (CELLS, TOP, COLUMN, self.height)
        digits, digit_frame = self.digit(CELLS)
        delta = self.cells(self.names["delta"], self.layer.deltas, self.scale, (self.n, 1), place, steps=True)
        scales = [_("full colour ± {scale}").format(scale=number(self.scale))]
        marks = [*self.neuron_labels(), lit(*place)]
        if self.has_sums:
            scales += [_("full bar ± {scale}").format(scale=number(self.sum_scale)), _("outlined: the matrices' sum")]
            marks += [*self.bar_axes(LOOP_ZERO), self.outlines(self.layer.nabla_b.ravel(), LOOP_ZERO)]
            marks.append(write(LOOP_ZERO - BAR - 20, TOP + self.height / 2 + 6, "+", LARGE, "middle"))
        return {
            "width": LEFT,
            "marks": [*marks, *self.legend(self.bottom + 48, *scales), *digit_frame],
            "images": [delta],
            "digits": digits,
            "caption": (CELLS + DIGIT + 14 if digits else CELLS, DIGIT_TOP + 18),
        }

    def loop_of(self, i):
        return self.sum_so_far(i) if self.has_sums else self.values(i)

    def values(self, i):
        """Name the column of δ, say to which of Δ it is equal, and write its numbers if there is room."""
        equal, y = _("= column {i}") if self.layer.is_close else _("≠ column {i}"), TOP + self.height / 2
        marks = [
            write(CELLS, self.bottom + 20, self.filled(_("{delta} of example {i}"), i), MIDDLE),
            write(LEFT - 118, y, equal.format(i=i), LARGE - 2),
            write(LEFT - 118, y + 22, _("of {Delta}").format(**self.names), LARGE - 2),
        ]
        if self.n <= 15:
            values = enumerate(map(number, self.layer.deltas[i]))
            marks += [write(CELLS + COLUMN + 10, self.middle(j) + 5, value, MIDDLE) for j, value in values]
        return marks

    def sum_so_far(self, i):
        running = self.filled(_("sum of {so_far}"), i)
        return [
            *self.bars(self.layer.sums_b[i], LOOP_ZERO),
            write(LOOP_ZERO, self.bottom + 20, running, MIDDLE, "middle"),
            write(CELLS + COLUMN / 2, self.bottom + 20, self.names["delta"], MIDDLE, "middle"),
        ]

    # the matrices

    def matrices(self):
        Delta, place = self.layer.Delta, (CELLS, TOP, self.column * self.m, self.height)
        title = write(CELLS, 66, self.sized("Delta", Delta), MIDDLE)
        marks = [title, *self.neuron_labels(), *self.column_labels()]
        if self.has_sums:
            marks += self.row_sums()
        else:
            lines = [_("No sum here:"), _("each column"), _("is worked on"), _("for itself.")]
            marks += [write(self.end + 20, TOP + 24 + 20 * row, line, MIDDLE) for row, line in enumerate(lines)]
        return {
            "width": RIGHT,
            "marks": [*marks, frame(*place), *self.hits(*place)],
            "images": [self.cells(self.names["Delta"], Delta, self.scale, Delta.shape, place)],
            "digits": self.thumbnails(),
        }

    def row_sums(self):
        x, y, zero = self.end + 7, TOP + self.height / 2, self.end + 44 + BAR
        return [
            mark("path", "joint", d=f"M{x:g} {y:g}h26m-8 -7l8 7l-8 7", stroke_width=2.5),
            write(x + 13, y - 14, "Σ", LARGE, "middle"),
            *self.bar_axes(zero),
            *self.bars(self.layer.nabla_b.ravel(), zero),
            write(zero, TOP - 10, _("each row summed"), MIDDLE, "middle"),
            write(zero, self.bottom + 20, self.names["nabla_b"], MIDDLE, "middle"),
        ]

    def matrices_of(self, i):
        """Outline the example's column, and bracket those that the loop has added."""
        marks = [lit(self.left(i), TOP, self.column, self.height)]
        if self.column < WIDE:
            x = min(max(self.middle_of(i), CELLS + 34), self.end - 34)
            marks.append(write(x, self.bottom + 17, _("column {i}").format(i=i), anchor="middle", kind="bold"))
        if self.has_sums:
            y = self.bottom + 24
            added = self.filled(_("in the loop's sum: {so_far}"), i)
            d = f"M{CELLS + 1} {y:g}v6H{self.left(i + 1) - 1:.1f}v-6"
            marks += [mark("path", "joint", d=d, stroke_width=2), write(CELLS, y + 24, added, MIDDLE)]
        return marks

    def thumbnails(self):
        if self.batch.pixels is None or self.column < WIDE:
            return []
        side = min(36, self.column - 4)
        return [digit_at(self.middle_of(i) - side / 2, TOP - 6 - side, side, i) for i in range(self.m)]

    def column_labels(self):
        """Number the columns, and name the digits where there is no room for their images."""
        if self.column >= WIDE:
            labels, y = range(self.m), self.bottom + 17
        elif self.column >= NARROW:
            labels, y = ["" if label is None else label for label in self.batch.labels], TOP - 6
        else:
            labels, y = [], 0
        return [write(self.middle_of(i), y, str(label), anchor="middle") for i, label in enumerate(labels)]

    # both

    def middle(self, j):
        return TOP + self.height / self.n * (j + 0.5)

    def left(self, i):
        return CELLS + self.column * i

    def middle_of(self, i):
        return self.left(i) + self.column / 2

    def neuron_labels(self):
        n = self.n
        named = range(n) if n <= 15 else sorted({*range(0, n - 4, 10 if n <= 50 else 25), n - 1})
        marks = [write(CELLS - 7, self.middle(j) + 4.5, str(j), anchor="end") for j in named]
        return [*marks, write(CELLS - 7, TOP - 6, "j", anchor="end")]

    def bar_axes(self, zero):
        line = mark("path", "line", d=f"M{zero:g} {TOP}v{self.height:g}")
        return [line, frame(zero - BAR, TOP, 2 * BAR, self.height, "grid")]

    def bars(self, values, zero):
        lengths = values / (self.sum_scale or 1) * BAR
        pieces = [f"M{zero:g} {self.middle(j):.1f}h{length:.1f}" for j, length in enumerate(lengths)]
        return signed(values, pieces, stroke_width=0.75 * self.height / self.n)

    def outlines(self, values, zero):
        """Draw the outlines of the bars that the running sum will have at the end."""
        high, d = 0.75 * self.height / self.n, ""
        for j, length in enumerate(values / (self.sum_scale or 1) * BAR):
            d += f"M{zero:g} {self.middle(j) - high / 2:.1f}h{length:.1f}v{high:.1f}h{-length:.1f}z"
        return mark("path", "outline", d=d)
