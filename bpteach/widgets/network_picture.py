"""The picture of a network: its neurons in columns, what they say, their errors, and the weights that carry them."""

import numpy as np

from bpteach.locale import _, ngettext
from bpteach.widgets.examples import class_of, square_side
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, digit, mark, number, signed, superscript, write

# The places, in units of which the text size is 16.
TOP, HEIGHT, FOOT = 62, 264, 76
MARGIN_RIGHT = 90
LEGEND = 50
MOST_NEURONS = 400
MOST_LINES = 48
LEVELS = 8
WIDTHS = (0.7, 1.4, 2.2, 3.2)

STILL_STYLE = """
.bpteach-outline { stroke: #8a8a8a; fill: none; stroke-width: 0.8 }
.bpteach-active { stroke: #0072b2; fill: none; stroke-width: 2.5 }
.bpteach-fresh { font-weight: bold; text-decoration: underline }
.bpteach-phase { font-weight: bold }
"""


class NetworkPicture:
    """Where everything stands, and the marks that draw it; `symbols` says how z, a, delta, ... are written."""

    def __init__(self, sizes, symbols):
        self._sizes, self._symbols = sizes, symbols
        depth, side = len(sizes), square_side(sizes[0])
        self._side = side if side is not None and side > 2 else None
        self._image = 104 if depth < 4 else 80
        self.width = max(396, self._image + MARGIN_RIGHT + 60 * (depth - 1))
        self.height = TOP + HEIGHT + FOOT + LEGEND
        pitch = (self.width - self._image - MARGIN_RIGHT) / (depth - 1)
        block = min(max(0.56 * pitch, 38), 86)
        self._is_tight = pitch < 70
        lefts = [0] + [self._image + pitch * (i + 1) - block for i in range(depth - 1)]
        self._blocks = [_Block(left, block, n) for left, n in zip(lefts, sizes, strict=True)]

    @property
    def has_image(self):
        """Whether the input is drawn as an image."""
        return self._side is not None

    def layer_places(self):
        """Give the places of all neurons, for the browser.

        For each layer `side`, how large a neuron is; `inset`, how far to its left the place of its bar begins;
        `places`, left edge and middle of each.
        """
        return [self._image_places()] + [
            {"side": round(block.side, 2), "inset": round(block.inset, 2), "places": _rounded(block.places)}
            for block in self._blocks[1:]
        ]

    def _image_places(self):
        block = self._blocks[0]
        if self._side is None:
            return {"side": round(block.side, 2), "inset": 0, "places": _rounded(block.places)}
        pixel = self._image / self._side
        top = TOP + (HEIGHT - self._image) / 2
        rows, columns = np.divmod(np.arange(self._sizes[0]), self._side)
        places = zip((columns + 0.5) * pixel, top + (rows + 0.5) * pixel, strict=True)
        return {"side": 0, "inset": 0, "places": _rounded(places)}

    # --- what never changes

    def fixed(self):
        """Draw the neurons' outlines, the layers' names, and the legend."""
        marks = []
        for l, (block, n) in enumerate(zip(self._blocks, self._sizes, strict=True), start=1):
            is_image = l == 1 and self._side
            middle = block.left + (self._image if is_image else block.width) / 2
            marks.append(write(middle, 36, _("layer {l}").format(l=l), MIDDLE, "middle"))
            marks.append(write(middle, 52, _("input x") if l == 1 else self._count(block, n), SMALL, "middle"))
            if not is_image:
                marks.append(mark("path", "outline", d=block.outlines()))
            if l > 1:
                marks.append(mark("path", "grid", d=block.zeros()))
        last = self._blocks[-1]
        if self._sizes[-1] <= 12:
            x = last.left + last.width + 5
            marks += [write(x, y + 4.5, str(j), SMALL) for j, (_left, y) in enumerate(last.places)]
        return marks + _legend(TOP + HEIGHT + FOOT + 16)

    def _count(self, block, n):
        if self._is_tight:
            return f"n = {n}"
        if block.shown < n:
            return _("{shown} of {n} neurons").format(shown=block.shown, n=n)
        return ngettext("{n} neuron", "{n} neurons", n).format(n=n)

    # --- what changes with the example

    def example(self, x, y):
        """Draw the input x, and mark the output neuron that y wants to say 1."""
        if self._side:
            pixels = np.clip(x, 0, 1).reshape(self._side, self._side)
            marks = digit(pixels, self._image, 0, TOP + (HEIGHT - self._image) / 2)
        else:
            marks = self._blocks[0].shades(x)
        last, j = self._blocks[-1], class_of(y)
        if j is not None and j < last.shown:
            left = last.left + last.width + (25 if len(y) <= 12 else 8)
            marks.append(write(left, last.places[j][1] + 4.5, _("◂ wanted"), SMALL))
        return marks

    def activations(self, layer, a):
        """Draw what the neurons of a layer say."""
        return self._blocks[layer - 1].shades(a)

    def errors(self, layer, delta):
        """Draw the errors of a layer: bars to the right and to the left, the largest at full length, and the scale."""
        block = self._blocks[layer - 1]
        largest = np.abs(delta[np.isfinite(delta)]).max(initial=0)
        scale = number(largest)
        if self._is_tight and len(scale) > 6:
            scale = f"{largest:.1e}".replace("e-0", "e−").replace("e-", "e−")
        return [*block.bars(delta / (largest or 1)), write(block.left, TOP + HEIGHT + 48, f"±{scale}", SMALL)]

    def lines(self, layer, strengths, *, forward, to_bars):
        """Draw the strongest of the terms that lead into a layer; of each neuron only a few.

        Row j of `strengths` holds the terms of neuron j. They come from the layer before, or without `forward` from the
        layer after. With `to_bars`, their right ends are at the bars, where δ stands. Terms above 0 are solid lines,
        others dashed ones, the stronger the wider.
        """
        other = layer - 1 if forward else layer + 1
        here, there = self.layer_places()[layer - 1], self.layer_places()[other - 1]
        strengths = strengths[: len(here["places"]), : len(there["places"])]
        paths = {}
        for j, k, level in _strongest(strengths):
            left, right = (there, here) if forward else (here, there)
            a, b = (k, j) if forward else (j, k)
            (x1, y1), (x2, y2) = left["places"][a], right["places"][b]
            x1, x2 = x1 + left["side"], x2 - right["inset"] * to_bars
            paths.setdefault((strengths[j, k] < 0, level), []).append(f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}")
        return [_line(paths[key], *key) for key in sorted(paths)]

    # --- what changes with the step

    def chips(self, layer, known, fresh, misfit):
        """Write below a layer the quantities that are `known` of it; those that the line has made are `fresh`.

        `misfit` is a quantity that the line has made with a wrong shape, and that shape; or None.
        """
        block = self._blocks[layer - 1]
        left = 30 if layer == 1 else block.left
        rows = (("z", 0, 16), ("a", 24, 16), ("delta", 0, 32), ("nabla_b", 0, 64), ("nabla_w", 30, 64))
        marks = [
            write(left + x, TOP + HEIGHT + y, self._symbol(q, layer), SMALL, kind="fresh" if q in fresh else "text")
            for q, x, y in rows
            if q in known
        ]
        if misfit:
            x = min(block.left + block.width / 2, self.width - 60)
            words = f"✗ {self._symbol(misfit[0], layer)} {misfit[1]}"
            marks.append(write(x, TOP + HEIGHT + 48, words, SMALL, "middle", "fresh"))
        return marks

    def _symbol(self, quantity, layer):
        return self._symbols[quantity] + superscript(layer)

    def now(self, phase, layer):
        """Say which way it goes, and frame the layer that is worked on, if there is one."""
        words = {
            "start": _("not yet started"),
            "forward": _("forward →"),
            "backward": _("← backward"),
            "end": _("done"),
        }
        marks = [write(self.width / 2, 16, words[phase], LARGE, "middle", "phase")]
        if layer is not None:
            marks.append(mark("rect", "active", rx=6, **self._frame(layer)))
        return marks

    def _frame(self, layer):
        block = self._blocks[layer - 1]
        width = self._image if layer == 1 and self._side else block.width
        middle, half = block.left + width / 2, max(width / 2 + 5, 27 if self._is_tight else 40)
        right = middle + half
        if layer == len(self._sizes) and self._sizes[-1] <= 12:  # the neurons' numbers stand there
            right = max(right, block.left + width + 21)
        left = middle - half
        return {"x": float(left), "y": 22.0, "width": float(right - left), "height": float(TOP + HEIGHT + 70 - 22)}


class _Block:
    """One layer: its neurons in one or more columns, each a square with the place of its bar on the left."""

    def __init__(self, left, width, n):
        self.left, self.width = left, width
        self.shown = min(n, MOST_NEURONS)
        columns = min(-(-self.shown // 40), max(1, int(width // 16)))
        rows = -(-self.shown // columns)
        self._pitch = min(HEIGHT / rows, 26)
        step = width / columns
        self.side = min(0.84 * self._pitch, 16, 0.4 * step)
        self._bar = (step - self.side - 5) / 2
        self.inset = 3 + 2 * self._bar
        top = TOP + (HEIGHT - rows * self._pitch) / 2
        lefts = [left + (j // rows) * step for j in range(self.shown)]
        self.places = [(x + self.inset, top + (j % rows + 0.5) * self._pitch) for j, x in enumerate(lefts)]

    def outlines(self):
        half = self.side / 2
        return "".join(
            f"M{x:.1f} {y - half:.1f}h{self.side:.1f}v{self.side:.1f}h-{self.side:.1f}z" for x, y in self.places
        )

    def zeros(self):
        """Draw the line that bars start from, one piece for each neuron."""
        half = self._pitch / 2
        return "".join(f"M{self._zero(x):.1f} {y - half:.1f}v{self._pitch:.1f}" for x, y in self.places)

    def _zero(self, x):
        return x - 3 - self._bar

    def shades(self, values):
        levels = np.round(np.clip(np.nan_to_num(values), 0, 1) * LEVELS).astype(int)
        marks = []
        for level in range(1, LEVELS + 1):
            places = [place for place, at in zip(self.places, levels, strict=False) if at == level]
            if places:
                d = "".join(f"M{x:.1f} {y:.1f}h{self.side:.1f}" for x, y in places)
                marks.append(mark("path", "ink", d=d, stroke_width=float(self.side), opacity=level / LEVELS))
        return marks

    def bars(self, shares):
        shares = shares[: self.shown]
        pieces = [
            f"M{self._zero(x):.1f} {y:.1f}h{s * self._bar:.1f}" for (x, y), s in zip(self.places, shares, strict=True)
        ]
        marks = signed(shares, pieces, stroke_width=float(min(0.75 * self._pitch, 12)))
        return [each for each in marks if each["d"]]


def _legend(y):
    marks = [
        mark("rect", "outline", x=0, y=y - 10, width=10, height=10),
        mark("path", "ink", d=f"M12 {y - 5}h10", stroke_width=10),
        write(28, y, _("a from 0 to 1")),
    ]
    for x, kind, words, way in ((124, "up", "δ > 0", 16), (194, "down", "δ < 0", -16)):
        start = x if way > 0 else x + 16
        marks.append(mark("path", "line", d=f"M{start} {y - 11}v12"))
        marks.append(mark("path", kind, d=f"M{start} {y - 5}h{way}", stroke_width=8))
        marks.append(write(x + 24, y, words))
    marks.append(write(272, y, _("full bar: ± below")))
    for x, kind, words in ((0, "up", _("positive term of a sum")), (194, "down", _("negative term"))):
        dashes = {"stroke_dasharray": "5 3"} if kind == "down" else {}
        marks.append(mark("path", kind, d=f"M{x} {y + 19}h22", stroke_width=2.2, **dashes))
        marks.append(write(x + 28, y + 24, words))
    return marks


def _strongest(strengths):
    """List the strongest terms: neuron, of which term, and how wide its line is; no neuron takes all the lines."""
    sizes = np.where(np.isfinite(strengths), np.abs(strengths), 0)
    weakest = np.argsort(-sizes, axis=1, kind="stable")[:, max(4, MOST_LINES // len(sizes)) :]
    np.put_along_axis(sizes, weakest, 0, axis=1)
    order = np.argsort(-sizes, axis=None, kind="stable")[:MOST_LINES]
    for place in order[sizes.ravel()[order] > 0]:
        j, k = divmod(int(place), strengths.shape[1])
        share = sizes[j, k] / sizes.ravel()[order[0]]
        yield j, k, min(int(len(WIDTHS) * share), len(WIDTHS) - 1)


def _line(pieces, is_negative, level):
    dashes = {"stroke_dasharray": "5 3"} if is_negative else {}
    kind = "down" if is_negative else "up"
    return mark("path", kind, d="".join(pieces), stroke_width=WIDTHS[level], opacity=0.75, **dashes)


def _rounded(places):
    return [[round(float(x), 1), round(float(y), 1)] for x, y in places]
