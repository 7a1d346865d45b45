"""The picture of δ in every layer: its size on the left, the slopes on the right, below them strips over the epochs.

Each panel has marks that never change, and marks whose path or text changes with the epoch, or with the example.
"""

import itertools

import numpy as np

from bpteach.locale import _
from bpteach.widgets import depth_words as said
from bpteach.widgets.depth_scene import AXIS_LEFT, AXIS_WIDTH, FOOT, HEAD, STRIP
from bpteach.widgets.examples import how_many, image_of
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, digit, mark, number, power_of_ten, superscript, svg, write
from bpteach.widgets.per_epoch import BINS, SATURATED

# The places in the pictures, in units of which the text size is 16. Both pictures stand on one sheet.
DIGIT, DOT = 72, 9
LEFT_WIDTH, STEP_LEFT = 500, 410
RIGHT, RIGHT_WIDTH = LEFT_WIDTH + 24, 300
WIDTH = RIGHT + RIGHT_WIDTH
SLOPES_LEFT, SLOPES_WIDTH, STRIP_WIDTH = RIGHT + 56, 148, 196

STILL_STYLE = """
.bpteach-tick { stroke: #212121; fill: none } .bpteach-missed { stroke: #d55e00; fill: none }
.bpteach-chosen { stroke: #0072b2; fill: none } .bpteach-median { stroke: #212121; fill: #ffffff }
.bpteach-between { stroke: #212121; fill: none } .bpteach-slope { fill: #767676 }
.bpteach-low { fill: #d55e00 } .bpteach-area { fill: #d55e00; fill-opacity: 0.15 } .bpteach-mean { fill: #212121 }
"""


def panels(scene):
    """Describe both panels for the browser: what never changes, and the marks that it fills in."""
    return [
        {
            "box": f"{left} 0 {width} {scene.height}",
            "marks": fixed,
            "epoch": _emptied(of_epoch),
            "example": _emptied(of_example),
        }
        for left, width, fixed, of_epoch, of_example in _layout(0, scene.epochs[0], scene)
    ]


def still(image, i, epoch, scene):
    layers = [layer for _left, _width, *layers in _layout(i, epoch, scene) for layer in layers]
    return svg([*image, *itertools.chain(*layers)], WIDTH, scene.height, STILL_STYLE)


def _layout(i, epoch, scene):
    """Lay out both panels: where each begins, how wide it is, and its marks: fixed, of the epoch, of the example."""
    return [
        (0, LEFT_WIDTH, _errors(scene), _errors_of_epoch(epoch, scene), _errors_of_example(i, epoch, scene)),
        (RIGHT, RIGHT_WIDTH, _slopes(scene), _slopes_of_epoch(epoch, scene), []),
    ]


def filled_of_epoch(epoch, scene):
    """Give, for each panel, the paths and texts that change with the epoch."""
    return [_filling(_errors_of_epoch(epoch, scene)), _filling(_slopes_of_epoch(epoch, scene))]


def filled_of_example(i, epoch, scene):
    return _filling(_errors_of_example(i, epoch, scene))


def _emptied(marks):
    kept = [{name: value for name, value in each.items() if name not in ("d", "text")} for each in marks]
    return [{**each, "text": ""} if each["tag"] == "text" else each for each in kept]


def _filling(marks):
    return [each["text" if each["tag"] == "text" else "d"] for each in marks]


def input_marks(x):
    pixels = image_of(x)
    return [] if pixels is None else digit(pixels, DIGIT)


# --- the left-hand panel: ‖δ‖ ----------------------------------------------------------------------------------------


def _errors(scene):
    return [*_errors_head(scene), *_grid(scene), *_row_labels(scene), *_factor_strip(scene).marks()]


def _errors_head(scene):
    """Leave room for the image and what it is; say how to read the rows."""
    left = DIGIT + 20
    marks = [
        mark("path", "chosen", d=f"M{left} 37h28", stroke_width=2.5),
        mark("path", "chosen", d=f"M{left + 14} 37h0", stroke_width=DOT, stroke_linecap="round"),
        write(left + 38, 42, _("this example"), MIDDLE),
        mark("path", "between", d=f"M{left} 57h28", stroke_width=1.5, stroke_dasharray="3 3"),
        mark("path", "median", d=_diamond(left + 14, 57), stroke_width=1.5),
        write(left + 38, 62, _("median of {examples}").format(examples=how_many(scene.count)), MIDDLE),
        mark("path", "line", d=f"M{left} 77h28"),
    ]
    xs, words = [left + 8, left + 14, left + 20], _("every example: misread above, read right below")
    ticks = [("missed", _ticks(xs[:2], 76, 0, -10)), ("tick", _ticks(xs[1:], 78, 0, 10))]
    if scene.classes is None:
        ticks, words = [("tick", _ticks(xs, 77, -6, 12))], _("every example")
    marks += [mark("path", kind, d=d, stroke_width=1.5) for kind, d in ticks]
    return [*marks, write(left + 38, 82, words, MIDDLE)]


def _grid(scene):
    """Draw the axis of ‖δ‖: a line and a label for every power of ten, or for some if there are many."""
    marks = [write(LEFT_WIDTH, HEAD - 8, _("‖δ‖, log scale"), SMALL, "end")]
    places = [(x, power_of_ten(exponent)) for exponent, x in scene.axis.ticks(6)]
    if scene.has_zeros:
        at_zero = _("at 0: so many examples have δ = 0, which has no place on a log scale")
        marks.append(write(0, scene.bottom + FOOT + 12, at_zero))
        places.insert(0, (scene.place(0), "0"))
    for x, label in places:
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{scene.bottom}"))
        marks.append(write(round(x, 1), scene.bottom + 16, label, SMALL, "middle"))
    return marks


def _row_labels(scene):
    lines = "".join(f"M{AXIS_LEFT} {scene.row(k)}h{AXIS_WIDTH}" for k in range(scene.depth))
    marks = [mark("path", "line", d=lines)]
    for k in range(scene.depth):
        name = said.layer_name(k, scene)
        marks.append(write(0, scene.row(k) + (0 if name else 7), f"δ{superscript(k + 2)}", LARGE))
        marks += [write(0, scene.row(k) + 15, name)] if name else []
    return marks


def _errors_of_epoch(epoch, scene):
    medians = [(scene.place(np.median(norms)), scene.row(k)) for k, norms in enumerate(epoch.norms)]
    marks = [
        mark("path", "tick", stroke_width=1.5, d=_every(epoch, scene, False)),
        mark("path", "missed", stroke_width=1.5, d=_every(epoch, scene, True)),
        mark("path", "between", stroke_width=1.5, stroke_dasharray="3 3", d=_joined(medians)),
        mark("path", "median", stroke_width=1.5, d="".join(_diamond(*point) for point in medians)),
    ]
    if scene.has_zeros:
        for k, norms in enumerate(epoch.norms):
            zeros = np.count_nonzero(norms == 0)
            marks.append(write(AXIS_LEFT + 8, scene.row(k) - 8, f"{zeros} ×" if zeros else ""))
    if scene.depth > 1:
        marks.append(write(0, scene.strip_top - 14, said.factor_line(epoch, scene), MIDDLE))
    return [*marks, *_factor_strip(scene).cursor(epoch)]


def _every(epoch, scene, missed):
    """Draw a tick for each example: misread above the line, others below, or across it where Y holds no classes."""
    start, length = (-1, -10) if missed else (1, 10) if epoch.missed else (-6, 12)
    wanted = np.array(epoch.missed or [False] * scene.count) == missed
    return "".join(
        _ticks([scene.place(norm) for norm in norms[wanted]], scene.row(k), start, length)
        for k, norms in enumerate(epoch.norms)
    )


def _errors_of_example(i, epoch, scene):
    norms = epoch.norms[:, i].tolist()
    points = [(scene.place(norm), scene.row(k)) for k, norm in enumerate(norms)]
    dots = "".join(f"M{x:.1f} {y}h0" for x, y in points)  # lines of no length, with round ends
    marks = [
        mark("path", "chosen", stroke_width=2.5, d=_joined(points)),
        mark("path", "chosen", stroke_width=DOT, stroke_linecap="round", d=dots),
        write(DIGIT + 20, 18, said.read_as(i, epoch, scene), LARGE),
    ]
    for k, norm in enumerate(norms):
        marks.append(write(LEFT_WIDTH, scene.row(k) + 5, number(norm), MIDDLE, "end"))
    for k, (below, above) in enumerate(itertools.pairwise(norms)):
        marks.append(write(STEP_LEFT, scene.row(k) - scene.pitch // 2 + 4, _step(below, above)))
    return marks


def _step(below, above):
    """Say by what factor ‖δ‖ changes on its way back through one layer."""
    if not (below > 0 and above > 0):
        return ""
    return f"÷ {said.factor_number(above / below)}" if below <= above else f"× {said.factor_number(below / above)}"


def _ticks(xs, y, start, length):
    return "".join(f"M{x:.1f} {y + start}v{length}" for x in xs)


def _diamond(x, y):
    return f"M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z"


def _joined(points):
    return "M" + "L".join(f"{x:.1f} {y}" for x, y in points)


# --- the right-hand panel: the slopes --------------------------------------------------------------------------------


def _slopes(scene):
    return [*_slopes_head(), *_slope_rows(scene), *_right_strip(scene).marks()]


def _slopes_head():
    left = RIGHT
    return [
        write(left, 18, _("slopes σ′(z), all neurons and examples"), MIDDLE),
        mark("path", "area", d=f"M{left} 30h28v14h-28z"),
        mark("path", "low", d=f"M{left + 4} 44v-8h9v-4h9v12z"),
        write(left + 38, 42, _("saturated: σ′ < 0.05, a near 0 or 1"), MIDDLE),
        mark("path", "mean", d=_triangle(left + 14, 52)),
        write(left + 38, 62, _("mean of the slopes"), MIDDLE),
        write(WIDTH, HEAD - 8, _("saturated"), SMALL, "end"),
    ]


def _slope_rows(scene):
    bottom, saturated = scene.bottom, _slope_place(SATURATED) - SLOPES_LEFT
    area = f"M{SLOPES_LEFT} {HEAD}h{saturated:.1f}V{bottom}h{-saturated:.1f}z"
    bases = "".join(f"M{SLOPES_LEFT} {_base(k, scene)}h{SLOPES_WIDTH}" for k in range(scene.depth))
    marks = [mark("path", "area", d=area), mark("path", "line", d=bases)]
    for slope in (0, SATURATED, 0.25):
        marks.append(write(_slope_place(slope), bottom + 16, f"{slope:g}", SMALL, "middle"))
    for k in range(scene.depth):
        marks.append(write(RIGHT, scene.row(k) + 7, f"σ′(z{superscript(k + 2)})", MIDDLE))
    return marks


def _base(k, scene):
    """Find the line on which the bars of layer k + 2 stand."""
    return scene.row(k) + scene.pitch // 2 - 8


def _slope_place(slope):
    return SLOPES_LEFT + SLOPES_WIDTH * slope / 0.25


def _slopes_of_epoch(epoch, scene):
    low = round(SATURATED / 0.25 * BINS)
    paths, texts = {"low": "", "slope": "", "mean": ""}, []
    for k in range(scene.depth):
        base, row = _base(k, scene), scene.row(k)
        heights = epoch.shares[k] / scene.tallest[k] * (scene.pitch - 16)
        paths["low"] += _bars(heights[:low], 0, base)
        paths["slope"] += _bars(heights[low:], low, base)
        paths["mean"] += _triangle(_slope_place(epoch.means[k]), base)
        texts.append(write(WIDTH, row - 1, said.percent(epoch.saturated[k]), MIDDLE, "end"))
        mean = _("mean {mean}").format(mean=said.mean_number(epoch.means[k]))
        texts.append(write(WIDTH, row + 15, mean, SMALL, "end"))
    if scene.classes is not None:
        texts.append(write(RIGHT, scene.strip_top - 14, said.right_line(epoch, scene), MIDDLE))
    return [*(mark("path", kind, d=d) for kind, d in paths.items()), *texts, *_right_strip(scene).cursor(epoch)]


def _bars(heights, first, base):
    """Draw the bars that are not empty, `first` being the bin of the first."""
    width = SLOPES_WIDTH / BINS
    places = [(SLOPES_LEFT + width * (first + i), height) for i, height in enumerate(heights) if height > 0]
    return "".join(f"M{x:.1f} {base}v{-height:.1f}h{width - 1:.1f}V{base}z" for x, height in places)


def _triangle(x, y):
    return f"M{x:.1f} {y + 1}l4.5 7h-9z"


# --- the strips over the epochs: on the left the factor, on the right what is read -----------------------------------


class _Strip:
    """A curve over the epochs below a panel, with a cursor at the present one; nothing if `shown` is false.

    `share_of` gives how high an epoch stands, from 0 to 1, or None; `levels` are labels and how high they stand.
    """

    def __init__(self, scene, shown, share_of, levels, left, width):
        self.scene, self.shown, self.share_of, self.levels = scene, shown, share_of, levels
        self.left, self.width, self.top = left, width, scene.strip_top
        self.first, self.last = scene.epochs[0].number, scene.epochs[-1].number

    def x(self, number):
        return self.left + self.width * (number - self.first) / (self.last - self.first)

    def y(self, share):
        return self.top + STRIP * (1 - share)

    def marks(self):
        """Draw the curve, with level lines and a few epochs named; where a value is missing, leave a gap."""
        if not self.shown:
            return []
        below, marks = self.top + STRIP + 17, []
        for label, share in self.levels:
            marks.append(mark("path", "grid", d=f"M{self.left} {self.y(share):.1f}h{self.width}"))
            marks.append(write(self.left - 8, round(self.y(share) + 4, 1), label, SMALL, "end"))
        for named in _named_epochs(self.first, self.last):
            marks.append(write(round(self.x(named), 1), below, str(named), SMALL, "middle"))
        marks.append(write(self.left - 8, below, _("epoch"), SMALL, "end"))
        d, pen = "", "M"
        for epoch in self.scene.epochs:
            share = self.share_of(epoch)
            d += "" if share is None else f"{pen}{self.x(epoch.number):.1f} {self.y(share):.1f}"
            pen = "M" if share is None else "L"
        return [*marks, mark("path", "between", d=d, stroke_width=1.5)]

    def cursor(self, epoch):
        """Mark an epoch: a line, and a dot on the curve."""
        if not self.shown:
            return []
        x, share = self.x(epoch.number), self.share_of(epoch)
        dot = "" if share is None else f"M{x:.1f} {self.y(share):.1f}h0"
        return [
            mark("path", "chosen", stroke_width=1.5, d=f"M{x:.1f} {self.top - 4}v{STRIP + 8}"),
            mark("path", "chosen", stroke_width=DOT, stroke_linecap="round", d=dot),
        ]


def _factor_strip(scene):
    shown, axis = scene.changes and scene.depth > 1, scene.factor_axis
    levels = [(power_of_ten(exponent), share) for exponent, share in axis.ticks(3)]
    place = lambda epoch: None if epoch.factor is None else axis.place(epoch.factor)  # noqa: E731
    return _Strip(scene, shown, place, levels, AXIS_LEFT, AXIS_WIDTH)


def _right_strip(scene):
    shown = scene.changes and scene.classes is not None
    levels = [(said.percent(share), share) for share in (0.0, 0.5, 1.0)]
    return _Strip(scene, shown, lambda epoch: epoch.right / scene.count, levels, SLOPES_LEFT, STRIP_WIDTH)


def _named_epochs(first, last):
    """Choose up to six epochs at even steps: 0, 5, 10, ..."""
    span = last - first
    step = next(size * 10**e for e in itertools.count() for size in (1, 2, 5) if span <= 5.5 * size * 10**e)
    return list(range(first + -first % step, last + 1, step)) or [first, last]
