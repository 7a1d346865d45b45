"""Lays out the stepper's network, for `stepper_views.js`: neurons, what they say, their errors, the strongest terms."""

from dataclasses import dataclass

import numpy as np

from bpteach.locale import _, ngettext, width_of
from bpteach.widgets.examples import class_of, image_of, square_side
from bpteach.widgets.marks import LARGE, MIDDLE, digit, mark, number, signed, superscript, write

# The places, in units of which the text size is 16.
TOP, HEIGHT, FOOT = 62, 264, 76
MARGIN_RIGHT = 90
LEGEND = 50
LETTER = 7.4  # of small text, about
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
    """Where everything stands, and the marks that draw it.

    `layers` are the places of all neurons, for the browser; for each layer `side`, how large a neuron is; `inset`, how
    far to its left the place of its bar begins; `places`, left edge and middle of each.
    """

    def __init__(self, sizes, is_batch):
        z, a, delta = "ZAΔ" if is_batch else "zaδ"
        self._sizes = sizes
        self._symbols = {"z": z, "a": a, "delta": delta, "nabla_b": "∇b", "nabla_w": "∇w"}
        depth, side = len(sizes), square_side(sizes[0])
        self.has_image = side is not None and side > 2
        image = 104 if depth < 4 else 80
        self.width = max(396, image + MARGIN_RIGHT + 60 * (depth - 1))
        self.height = TOP + HEIGHT + FOOT + LEGEND
        pitch = (self.width - image - MARGIN_RIGHT) / (depth - 1)
        width = min(max(0.56 * pitch, 38), 86)
        self._pitch, self._is_tight = pitch, pitch < 70
        self._blocks = [_pixels(image, side) if self.has_image else _columns(0, width, sizes[0])]
        self._blocks += [_columns(image + pitch * (i + 1) - width, width, n) for i, n in enumerate(sizes[1:])]
        self.layers = [block.described() for block in self._blocks]
        self.layers[0]["inset"] = 0  # the input has no errors

    # --- what never changes

    def fixed(self):
        marks = []
        for l, (block, n) in enumerate(zip(self._blocks, self._sizes, strict=True), start=1):
            marks.append(write(block.middle, 36, _("layer {l}").format(l=l), MIDDLE, "middle"))
            marks.append(write(block.middle, 52, _("input x") if l == 1 else self._count(block, n), anchor="middle"))
            if l > 1 or not self.has_image:
                marks.append(mark("path", "outline", d=block.outlines()))
            if l > 1:
                marks.append(mark("path", "grid", d=block.zeros()))
        last = self._blocks[-1]
        if self._sizes[-1] <= 12:
            marks += [write(last.right + 5, y + 4.5, str(j)) for j, (_left, y) in enumerate(last.places)]
        return marks + _legend(TOP + HEIGHT + FOOT + 16)

    def _count(self, block, n):
        """Say how many neurons there are, as fully as there is room between the layers."""
        shown = len(block.places)
        words = [ngettext("{n} neuron", "{n} neurons", n), f"n = {n}"]
        if shown < n:
            words = [_("{shown} of {n} neurons"), _("{shown} of {n}"), words[1]]
        filled = [text.format(shown=shown, n=n) for text in words]
        return next((text for text in filled if LETTER * (width_of(text) + 1) < self._pitch), filled[-1])

    # --- what changes with the example

    def example(self, x, y):
        """Draw the input x, and mark the output neuron that y wants to say 1."""
        first, last, j = self._blocks[0], self._blocks[-1], class_of(y)
        if self.has_image:
            marks = digit(image_of(x), first.width, 0, TOP + (HEIGHT - first.width) / 2)
        else:
            marks = first.shades(x)
        if j is not None and j < len(last.places):
            left = last.right + (25 if len(y) <= 12 else 8)
            marks.append(write(left, last.places[j][1] + 4.5, _("◂ wanted")))
        return marks

    def activations(self, layer, a):
        return self._blocks[layer - 1].shades(a)

    def errors(self, layer, delta):
        """Draw the errors of a layer: bars to the right and to the left, the largest at full length, and the scale."""
        block = self._blocks[layer - 1]
        largest = np.abs(delta[np.isfinite(delta)]).max(initial=0)
        scale = number(largest)
        if len(scale) > 6:
            scale = f"{largest:.1e}".replace("e-0", "e−").replace("e-", "e−")
        return [*block.bars(delta / (largest or 1)), write(block.left, TOP + HEIGHT + 48, f"±{scale}")]

    def lines(self, layer, strengths, *, side, to_bars):
        """Draw the strongest of the terms that lead into a layer; of each neuron only a few.

        Row j of `strengths` holds the terms of neuron j. They come from the layer before (`side` -1) or after (1). With
        `to_bars`, their right ends are at the bars, where δ stands. Terms above 0 are solid lines, others dashed ones,
        the stronger the wider.
        """
        here, there = self.layers[layer - 1], self.layers[layer - 1 + side]
        strengths = strengths[: len(here["places"]), : len(there["places"])]
        paths = {}
        for j, k, level in _strongest(strengths):
            ends = [(here, j), (there, k)][::side]
            (x1, y1), (x2, y2) = (block["places"][place] for block, place in ends)
            x1, x2 = x1 + ends[0][0]["side"], x2 - ends[1][0]["inset"] * to_bars
            paths.setdefault((strengths[j, k] < 0, level), []).append(f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}")
        return [
            _term("".join(d), is_negative, stroke_width=WIDTHS[level], opacity=0.75)
            for (is_negative, level), d in sorted(paths.items())
        ]

    # --- what changes with the step

    def chips(self, layer, moment):
        """Write below a layer what is known of it, marked where it is fresh, and what has a shape that does not fit."""
        here = [event for event in moment.events if event.layer == layer and not event.is_part]
        fresh = {event.quantity for event in here if event.fits}
        block = self._blocks[layer - 1]
        left = 30 if layer == 1 else block.left
        rows = (("z", 0, 16), ("a", 24, 16), ("delta", 0, 32), ("nabla_b", 0, 64), ("nabla_w", 30, 64))
        marks = [
            write(left + x, TOP + HEIGHT + y, self._symbol(q, layer), kind="fresh" if q in fresh else "text")
            for q, x, y in rows
            if (q, layer) in moment.known
        ]
        misfit = next((event for event in here if not event.fits), None)
        if misfit:
            x = min(block.middle, self.width - 60)
            words = f"✗ {self._symbol(misfit.quantity, layer)} {misfit.array.shape}"
            marks.append(write(x, TOP + HEIGHT + 48, words, anchor="middle", kind="fresh"))
        return marks

    def _symbol(self, quantity, layer):
        return self._symbols[quantity] + superscript(layer)

    def now(self, moment):
        """Say which way it goes, and frame the layer that is worked on, if there is one."""
        words = {
            "start": _("not yet started"),
            "forward": _("forward →"),
            "backward": _("← backward"),
            "end": _("done"),
        }
        marks = [write(self.width / 2, 16, words[moment.phase], LARGE, "middle", "phase")]
        if moment.event is not None and 1 <= moment.event.layer <= len(self._sizes):
            marks.append(mark("rect", "active", rx=6, **self._frame(moment.event.layer)))
        return marks

    def _frame(self, layer):
        block = self._blocks[layer - 1]
        half = max(block.width / 2 + 5, 27 if self._is_tight else 40)
        left, right = block.middle - half, block.middle + half
        if layer == len(self._sizes) and self._sizes[-1] <= 12:  # the neurons' numbers stand there
            right = max(right, block.right + 21)
        return {"x": float(left), "y": 22.0, "width": float(right - left), "height": float(TOP + HEIGHT + 70 - 22)}


@dataclass(frozen=True)
class _Block:
    """One layer: its neurons in columns, each a square with the place of its bar on the left; or pixels of an image."""

    left: float
    width: float
    places: list  # left edge and middle of each
    side: float = 0
    pitch: float = 0
    bar: float = 0

    @property
    def middle(self):
        return self.left + self.width / 2

    @property
    def right(self):
        return self.left + self.width

    def described(self):
        places = [[round(float(x), 1), round(float(y), 1)] for x, y in self.places]
        return {"side": round(self.side, 2), "inset": round(3 + 2 * self.bar, 2), "places": places}

    def outlines(self):
        s, half = self.side, self.side / 2
        return "".join(f"M{x:.1f} {y - half:.1f}h{s:.1f}v{s:.1f}h-{s:.1f}z" for x, y in self.places)

    def zeros(self):
        """Draw the line that bars start from, one piece for each neuron."""
        half = self.pitch / 2
        return "".join(f"M{x - 3 - self.bar:.1f} {y - half:.1f}v{self.pitch:.1f}" for x, y in self.places)

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
        shares = shares[: len(self.places)]
        rows = zip(self.places, shares, strict=True)
        pieces = [f"M{x - 3 - self.bar:.1f} {y:.1f}h{share * self.bar:.1f}" for (x, y), share in rows]
        marks = signed(shares, pieces, stroke_width=float(min(0.75 * self.pitch, 12)))
        return [each for each in marks if each["d"]]


def _columns(left, width, n):
    shown = min(n, MOST_NEURONS)
    columns = min(-(-shown // 40), max(1, int(width // 16)))
    rows = -(-shown // columns)
    pitch, step = min(HEIGHT / rows, 26), width / columns
    side = min(0.84 * pitch, 16, 0.4 * step)
    bar = (step - side - 5) / 2
    top = TOP + (HEIGHT - rows * pitch) / 2
    lefts = [left + (j // rows) * step + (3 + 2 * bar) for j in range(shown)]
    places = [(x, top + (j % rows + 0.5) * pitch) for j, x in enumerate(lefts)]
    return _Block(left, width, places, side, pitch, bar)


def _pixels(width, side):
    pixel, top = width / side, TOP + (HEIGHT - width) / 2
    places = [((k + 0.5) * pixel, top + (j + 0.5) * pixel) for j in range(side) for k in range(side)]
    return _Block(0, width, places)


def _term(d, is_negative, **look):
    """Draw terms above 0 as solid lines, those below 0 as dashed ones."""
    dashes = {"stroke_dasharray": "5 3"} if is_negative else {}
    return mark("path", "down" if is_negative else "up", d=d, **look, **dashes)


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
    for x, is_negative, words in ((0, False, _("positive term of a sum")), (194, True, _("negative term"))):
        marks += [_term(f"M{x} {y + 19}h22", is_negative, stroke_width=2.2), write(x + 28, y + 24, words)]
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
