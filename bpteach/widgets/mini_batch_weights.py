"""The gradient of a layer's weights: the outer product of one example, and the product of the matrices of all."""

import math

from bpteach.locale import _
from bpteach.widgets.byte_images import mosaic, mosaic_places, mosaic_shape
from bpteach.widgets.marks import LARGE, MIDDLE, mark, number, write
from bpteach.widgets.mini_batch_picture import DIGIT, DIGIT_TOP, ROW, Picture, digit_at, frame, largest, lit

WIDTH = 400  # of each panel
STRIP_TOP, STRIP = 76, 132  # where what is multiplied stands, and how high it is
OUTER_LEFT, FACTOR, APART = 150, 14, 20  # the outer product; how thick its factors are, and how far beside it
SUM_TOP, SUM_WIDTH, SUM_HEIGHT = 272, 356, 296  # the big image
LABELS = 32  # room for the numbers of the neurons


class WeightPicture(Picture):
    def __init__(self, batch, layer, quantity, store):
        super().__init__(batch, layer, quantity, store)
        self.tiles = len(layer.shown)
        self.side = math.isqrt(layer.nabla_w.shape[1])
        self.before = largest(layer.A)
        self.one = largest(*layer.outers)
        self.sum_scale = largest(*layer.sums_w, layer.nabla_w[layer.shown])
        self.shape = self.arranged(layer.outers[0]).shape
        self.outer = self.outer_place()
        self.sum = self.sum_place()
        width = min(150, ROW * self.m)
        self.left = (2, STRIP_TOP, width, min(STRIP, ROW * self.n))
        self.right = (width + 60, STRIP_TOP, min(WIDTH - width - 64, ROW * len(layer.A)), min(STRIP, ROW * self.m))
        self.bottom = SUM_TOP + self.sum[3]
        self.high = self.bottom + 72

    # the loop

    def loop(self):
        digits, digit_frame = self.digit(1)
        one = _("full colour: one example ± {scale},").format(scale=number(self.one))
        running = _("running sum ± {scale}").format(scale=number(self.sum_scale))
        marks = [*self.sum_frames(), frame(*self.outer), *digit_frame]
        marks += [write(0, self.bottom + 20, self.reading()), *self.legend(self.bottom + 46, one, running)]
        images = self.outer_images()
        if self.layer.tiled:
            marks.append(write(0, STRIP_TOP + STRIP, _("the digit times δⱼ →")))
        else:
            marks += [lit(*place) for place in self.factor_places()]
            images += self.factor_images()
        return {
            "width": WIDTH,
            "marks": marks,
            "images": images,
            "digits": digits,
            "caption": (0, DIGIT_TOP + (DIGIT + 20 if digits else 18)),
        }

    def reading(self):
        count = len(self.layer.nabla_w)
        if not self.layer.tiled:
            return _("row j: to neuron j; column k: from neuron k")
        if self.tiles == count:
            return _("one image for each neuron, j = 0 to {last}, row by row").format(last=count - 1)
        return _("the {shown} of {all} neurons with the largest gradient").format(shown=self.tiles, all=count)

    def outer_images(self):
        """Describe the images of an outer product and of the sum so far, for every example."""
        outers = [self.arranged(rows) for rows in self.layer.outers]
        sums = [self.arranged(rows) for rows in self.layer.sums_w]
        return [
            self.cells(self.outer_name("i"), outers, self.one, self.shape, self.outer, steps=True),
            self.cells(self.running(self.m - 1), sums, self.sum_scale, self.shape, self.sum, steps=True),
        ]

    def factor_images(self):
        (left, above), A = self.factor_places(), self.layer.A
        return [
            self.cells(self.names["delta"], self.layer.deltas, self.scale, (self.n, 1), left, steps=True),
            self.cells(self.names["a"], A.T, self.before, (1, len(A)), above, steps=True, ink=self.has_no_sign),
        ]

    def loop_of(self, i):
        return [
            write(OUTER_LEFT, STRIP_TOP - 10, self.outer_name(i), MIDDLE),
            *(self.signs(i) if self.layer.tiled else []),
            write(OUTER_LEFT, STRIP_TOP + STRIP + 20, _("is added to the running sum:")),
            write(0, SUM_TOP - 12, self.running(i), MIDDLE),
        ]

    def signs(self, i):
        """Write the sign of δ_j in the corner of each small tile, where it is not almost zero."""
        delta, d = self.layer.deltas[i], ""
        for j, (x, y, _side) in zip(self.layer.shown, self.corners(self.outer), strict=True):
            if abs(delta[j]) > self.scale / 20:
                d += f"M{x + 1:.1f} {y + 4:.1f}h6" + ("m-3 -3v6" if delta[j] > 0 else "")
        return [mark("path", "joint", d=d, stroke_width=1.5)]

    def outer_name(self, i):
        return _("{delta} {a} of example {i}").format(i=i, **self.names)

    def running(self, i):
        return self.filled(_("running sum of {so_far}"), i)

    # the matrices

    def matrices(self):
        frames = [*self.sum_frames(), frame(*self.left), frame(*self.right)]
        Delta, A = self.layer.Delta, self.layer.A.T
        product = self.arranged(self.layer.nabla_w[self.layer.shown])
        return {
            "width": WIDTH,
            "marks": [*frames, *self.product_words(), *self.hits(*self.left)],
            "images": [
                self.cells(self.names["Delta"], Delta, self.scale, Delta.shape, self.left),
                self.cells(self.names["A"], A, self.before, A.shape, self.right, ink=self.has_no_sign),
                self.cells(self.names["nabla_w"], product, self.sum_scale, self.shape, self.sum),
            ],
            "digits": self.row_digits(),
        }

    def product_words(self):
        left, right = self.left, self.right
        scales = {"left": number(self.scale), "right": number(self.before), "product": number(self.sum_scale)}
        full = _("full colour: {Delta} ± {left}, {A} ± {right}, product ± {product}").format(**self.names, **scales)
        meets = _("@ multiplies column i by row i, for every example, and adds")
        whole = _("{sum}: all {count} at once").format(sum=self.names["nabla_w"], count=self.m)
        return [
            write(left[0], STRIP_TOP - 10, self.sized("Delta", self.layer.Delta), MIDDLE),
            write(right[0], STRIP_TOP - 10, self.sized("A", self.layer.A.T), MIDDLE),
            write(left[0] + left[2] + 20, STRIP_TOP + STRIP / 2 + 6, "@", LARGE, "middle"),
            write(0, STRIP_TOP + STRIP + 20, meets),
            write(0, SUM_TOP - 12, whole, MIDDLE),
            write(0, self.bottom + 46, full),
        ]

    def row_digits(self):
        x, y, _width, height = self.right
        side = min(height / self.m, 20) - 1
        if self.batch.pixels is None or side < 12:
            return []
        return [digit_at(x - side - 3, y + height / self.m * i, side, i) for i in range(self.m)]

    def matrices_of(self, i):
        (x, y, width, height), (left, top, wide, high) = self.left, self.right
        column, row = width / self.m, high / self.m
        return [lit(x + column * i, y, column, height), lit(left, top + row * i, wide, row)]

    # both

    @property
    def has_no_sign(self):
        """Whether the activations are all 0 or more; inputs may be less."""
        return bool(self.layer.A.min() >= 0)

    def arranged(self, rows):
        """Arrange the rows of a gradient for the picture: as tiles, or as the matrix that they are."""
        return mosaic(rows) if self.layer.tiled else rows

    def corners(self, place):
        """Give the upper left corner of every tile of an image, and how wide and high a tile is."""
        x, y, width, _height = place
        cell = width / mosaic_shape(self.tiles, self.side)[1]
        return [(x + cell * k, y + cell * j, cell * self.side) for j, k in mosaic_places(self.tiles, self.side)]

    def sum_frames(self):
        if not self.layer.tiled:
            return [frame(*self.sum)]
        tiles = [f"M{x:.1f} {y:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z" for x, y, side in self.corners(self.sum)]
        return [mark("path", "tile", d="".join(tiles))]

    # where things stand: x, y, width, height

    def sum_place(self):
        rows, columns = self.shape
        if self.layer.tiled:
            cell = min(SUM_WIDTH / columns, SUM_HEIGHT / rows, ROW)
            return 0, SUM_TOP, cell * columns, cell * rows
        return LABELS, SUM_TOP, min(SUM_WIDTH, ROW * columns), min(SUM_HEIGHT, ROW * rows)

    def outer_place(self):
        rows, columns = self.shape
        if self.layer.tiled:
            cell = min((WIDTH - OUTER_LEFT - 2) / columns, STRIP / rows)
            return OUTER_LEFT, STRIP_TOP, cell * columns, cell * rows
        width, height = WIDTH - OUTER_LEFT - 24, STRIP - APART
        return OUTER_LEFT + 22, STRIP_TOP + APART, min(width, ROW * columns), min(height, ROW * rows)

    def factor_places(self):
        """Place δ as a column at the left of the outer product, and a as a row above it."""
        x, y, width, height = self.outer
        return (x - APART, y, FACTOR, height), (x, y - APART, width, FACTOR)
