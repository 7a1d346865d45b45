"""The picture of δ in every layer: its size on the left, the slopes on the right, below them strips over the epochs.

Each panel has marks that never change, and marks whose path or text changes with the epoch, or with the example.
"""

import itertools

import numpy as np

from bpteach.locale import _
from bpteach.widgets.delta_words import layers, read_as
from bpteach.widgets.examples import how_many
from bpteach.widgets.marks import LARGE, MIDDLE, LogAxis, in_percent, mark, number, power_of_ten, superscript, write
from bpteach.widgets.per_epoch import BINS, SATURATED

# The places in the pictures, in units of which the text size is 16. Both pictures stand on one sheet.
DIGIT, DOT = 72, 9
AXIS_LEFT, AXIS_WIDTH, ZERO = 88, 316, 36
HEAD, FOOT, STRIP_HEAD, STRIP, STRIP_FOOT = 116, 26, 40, 56, 24
LEFT_WIDTH, STEP_LEFT = 500, 410
RIGHT, RIGHT_WIDTH = LEFT_WIDTH + 24, 300
WIDTH = RIGHT + RIGHT_WIDTH
SLOPES_LEFT, SLOPES_WIDTH, STRIP_WIDTH = RIGHT + 56, 148, 196

STILL_STYLE = """
.bpteach-tick { stroke: #212121; fill: none } .bpteach-missed { stroke: #d55e00; fill: none }
.bpteach-chosen { stroke: #0072b2; fill: none } .bpteach-median { stroke: #212121; fill: #ffffff }
.bpteach-between { stroke: #212121; fill: none } .bpteach-slope { fill: #212121; fill-opacity: 0.6 }
.bpteach-low { fill: #d55e00 } .bpteach-area { fill: #d55e00; fill-opacity: 0.15 }
"""


class Scene:
    """What the pictures of all epochs have in common: axes that are wide enough for all, and where their rows stand.

    `classes` is None where Y holds no classes.
    """

    def __init__(self, epochs, classes):
        norms = np.array([epoch.norms for epoch in epochs])
        self.epochs, self.classes = epochs, classes
        self.depth, self.count = norms.shape[1:]  # layers after the input, and examples
        self.has_zeros = bool((norms == 0).any())  # ‖δ‖ = 0 has a place of its own, apart from the axis
        apart = ZERO if self.has_zeros else 0
        self.axis = LogAxis.around(norms, AXIS_LEFT + apart, AXIS_WIDTH - apart)  # of ‖δ‖
        self.tallest = np.max([epoch.shares for epoch in epochs], axis=(0, 2))  # the share in each layer's fullest bin
        self.pitch = 48 if self.depth <= 4 else 40
        self.bottom = HEAD + self.pitch * self.depth
        self.strip_top = self.bottom + FOOT + STRIP_HEAD
        self.height = self.strip_top + (STRIP + STRIP_FOOT if len(epochs) > 1 else -8)

    def row(self, k):
        """Find the middle of the row of layer k + 2, the output being on top."""
        return HEAD + self.pitch * (self.depth - 1 - k) + self.pitch // 2

    def place(self, norm):
        return self.axis.place(norm) if norm > 0 else float(AXIS_LEFT)

    def read(self, i, epoch):
        return read_as(self.classes and self.classes[i], epoch.answers[i])


def panels(i, epoch, scene):
    """Lay out both panels: the marks that never change, and those whose paths and texts the browser fills in."""
    errors, slopes = of_epoch(epoch, scene)
    boxes = f"0 0 {LEFT_WIDTH} {scene.height}", f"{RIGHT} 0 {RIGHT_WIDTH} {scene.height}"
    return [
        {"box": boxes[0], "marks": _errors(scene), "epoch": errors, "example": of_example(i, epoch, scene)},
        {"box": boxes[1], "marks": _slopes(scene), "epoch": slopes, "example": []},
    ]


def of_epoch(epoch, scene):
    return [_errors_of_epoch(epoch, scene), _slopes_of_epoch(epoch, scene)]


def filling(marks):
    """Give what changes of marks: paths and texts."""
    return [each["text" if each["tag"] == "text" else "d"] for each in marks]


# --- the left-hand panel: ‖δ‖ ----------------------------------------------------------------------------------------


def _errors(scene):
    """Draw a row for each layer, and the axis of ‖δ‖: a line for every power of ten, or for some if there are many."""
    places = [(x, power_of_ten(exponent)) for exponent, x in scene.axis.ticks(6)]
    marks = [*_errors_head(scene), write(LEFT_WIDTH, HEAD - 8, _("‖δ‖, log scale"), anchor="end")]
    for x, label in [(scene.place(0), "0"), *places] if scene.has_zeros else places:
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{scene.bottom}"))
        marks.append(write(round(x, 1), scene.bottom + 16, label, anchor="middle"))
    for k, symbol, name in layers(scene.depth):
        marks.append(mark("path", "line", d=f"M{AXIS_LEFT} {scene.row(k)}h{AXIS_WIDTH}"))
        marks += [write(0, scene.row(k), symbol, LARGE), write(0, scene.row(k) + 15, name)]
    return marks + [each for strip in _factor_strip(scene) for each in strip.marks()]


def _errors_head(scene):
    left = DIGIT + 20
    xs, words = [left + 8, left + 14, left + 20], _("every example: misread above, read right below")
    ticks = [("missed", _ticks(xs[:2], 76, 0, -10)), ("tick", _ticks(xs[1:], 78, 0, 10))]
    if scene.classes is None:
        ticks, words = [("tick", _ticks(xs, 77, -6, 12))], _("every example")
    return [
        mark("path", "chosen", d=f"M{left} 37h28", stroke_width=2.5),
        mark("path", "chosen", d=f"M{left + 14} 37h0", stroke_width=DOT, stroke_linecap="round"),
        write(left + 38, 42, _("this example"), MIDDLE),
        mark("path", "between", d=f"M{left} 57h28", stroke_width=1.5, stroke_dasharray="3 3"),
        mark("path", "median", d=_diamond(left + 14, 57), stroke_width=1.5),
        write(left + 38, 62, _("median of {examples}").format(examples=how_many(scene.count)), MIDDLE),
        mark("path", "line", d=f"M{left} 77h28"),
        *(mark("path", kind, d=d, stroke_width=1.5) for kind, d in ticks),
        write(left + 38, 82, words, MIDDLE),
    ]


def _errors_of_epoch(epoch, scene):
    medians = [(scene.place(np.median(norms)), scene.row(k)) for k, norms in enumerate(epoch.norms)]
    marks = [
        mark("path", "tick", stroke_width=1.5, d=_every(epoch, scene, False)),
        mark("path", "missed", stroke_width=1.5, d=_every(epoch, scene, True)),
        mark("path", "between", stroke_width=1.5, stroke_dasharray="3 3", d=_joined(medians)),
        mark("path", "median", stroke_width=1.5, d="".join(_diamond(*point) for point in medians)),
    ]
    if scene.depth > 1:
        marks.append(write(0, scene.strip_top - 14, factor_line(epoch), MIDDLE))
    return marks + [each for strip in _factor_strip(scene) for each in strip.cursor(epoch)]


def _every(epoch, scene, missed):
    """Draw a tick for each example: misread above the line, others below, or across it where Y holds no classes."""
    start, length = (-1, -10) if missed else (1, 10) if epoch.missed else (-6, 12)
    wanted = np.array(epoch.missed or [False] * scene.count) == missed
    return "".join(
        _ticks([scene.place(norm) for norm in norms[wanted]], scene.row(k), start, length)
        for k, norms in enumerate(epoch.norms)
    )


def of_example(i, epoch, scene):
    norms = epoch.norms[:, i].tolist()
    points = [(scene.place(norm), scene.row(k)) for k, norm in enumerate(norms)]
    dots = "".join(f"M{x:.1f} {y}h0" for x, y in points)  # lines of no length, with round ends
    marks = [
        mark("path", "chosen", stroke_width=2.5, d=_joined(points)),
        mark("path", "chosen", stroke_width=DOT, stroke_linecap="round", d=dots),
        write(DIGIT + 20, 18, scene.read(i, epoch), LARGE),
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
    return f"÷ {_factor(above / below)}" if below <= above else f"× {_factor(below / above)}"


def factor_line(epoch):
    """Say by what factor ‖δ‖ changes on all of its way back."""
    factor = _("none, δ² is 0") if epoch.factor is None else _factor(epoch.factor)
    return _("‖δ{last}‖ ÷ ‖δ²‖, median: {factor}").format(last=superscript(len(epoch.norms) + 1), factor=factor)


def _factor(factor):
    """Write a factor with two digits, or as a whole number below 1000."""
    return f"{factor:.0f}" if 9.95 <= factor < 999.5 else number(factor)


def _ticks(xs, y, start, length):
    return "".join(f"M{x:.1f} {y + start}v{length}" for x in xs)


def _diamond(x, y):
    return f"M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z"


def _joined(points):
    return "M" + "L".join(f"{x:.1f} {y}" for x, y in points)


# --- the right-hand panel: the slopes --------------------------------------------------------------------------------


def _slopes(scene):
    left, bottom = RIGHT, scene.bottom
    marks = [
        write(left, 18, _("slopes σ′(z), all neurons and examples"), MIDDLE),
        mark("path", "area", d=f"M{left} 30h28v14h-28z"),
        mark("path", "low", d=f"M{left + 4} 44v-8h9v-4h9v12z"),
        write(left + 38, 42, _("saturated: σ′ < 0.05, a near 0 or 1"), MIDDLE),
        write(WIDTH, HEAD - 8, _("saturated"), anchor="end"),
        mark("path", "area", d=f"M{SLOPES_LEFT} {HEAD}H{_slope_place(SATURATED):.1f}V{bottom}H{SLOPES_LEFT}z"),
    ]
    for slope in (0, SATURATED, 0.25):
        marks.append(write(_slope_place(slope), bottom + 16, f"{slope:g}", anchor="middle"))
    for k in range(scene.depth):
        marks.append(mark("path", "line", d=f"M{SLOPES_LEFT} {_base(k, scene)}h{SLOPES_WIDTH}"))
        marks.append(write(left, scene.row(k) + 7, f"σ′(z{superscript(k + 2)})", MIDDLE))
    return marks + [each for strip in _right_strip(scene) for each in strip.marks()]


def _base(k, scene):
    """Find the line on which the bars of layer k + 2 stand."""
    return scene.row(k) + scene.pitch // 2 - 8


def _slope_place(slope):
    return SLOPES_LEFT + SLOPES_WIDTH * slope / 0.25


def _slopes_of_epoch(epoch, scene):
    low = round(SATURATED / 0.25 * BINS)
    paths, texts = {"low": "", "slope": ""}, []
    for k in range(scene.depth):
        base, row = _base(k, scene), scene.row(k)
        heights = epoch.shares[k] / scene.tallest[k] * (scene.pitch - 16)
        paths["low"] += _bars(heights[:low], 0, base)
        paths["slope"] += _bars(heights[low:], low, base)
        texts.append(write(WIDTH, row - 1, percent(epoch.saturated[k]), MIDDLE, "end"))
        texts.append(write(WIDTH, row + 15, _("mean {mean}").format(mean=f"{epoch.means[k]:.3f}"), anchor="end"))
    if scene.classes:
        texts.append(write(RIGHT, scene.strip_top - 14, right_line(epoch), MIDDLE))
    cursors = [each for strip in _right_strip(scene) for each in strip.cursor(epoch)]
    return [*(mark("path", kind, d=d) for kind, d in paths.items()), *texts, *cursors]


def _bars(heights, first, base):
    """Draw the bars that are not empty, `first` being the bin of the first."""
    width = SLOPES_WIDTH / BINS
    places = [(SLOPES_LEFT + width * (first + i), height) for i, height in enumerate(heights) if height > 0]
    return "".join(f"M{x:.1f} {base}v{-height:.1f}h{width - 1:.1f}V{base}z" for x, height in places)


def percent(share):
    """Write a share in whole per cent, as 0 or 100 only where it is nothing or all."""
    said = "< 1" if 0 < share < 0.005 else "> 99" if 0.995 < share < 1 else f"{100 * share:.0f}"
    return in_percent(said.replace(" ", "\N{NO-BREAK SPACE}"))


def right_line(epoch):
    return _("read right: {right} of {count}").format(right=epoch.right, count=len(epoch.missed))


# --- the strips over the epochs: on the left the factor, on the right what is read -----------------------------------


class _Strip:
    """A curve over the epochs below a panel, with a cursor at the present one.

    `share_of` gives how high an epoch stands, from 0 to 1, or None; `levels` are labels and how high they stand.
    """

    def __init__(self, scene, share_of, levels, left, width):
        self.epochs, self.top, self.share_of, self.levels = scene.epochs, scene.strip_top, share_of, levels
        self.left, self.width = left, width

    def x(self, number):
        return self.left + self.width * number / (len(self.epochs) - 1)

    def y(self, share):
        return self.top + STRIP * (1 - share)

    def marks(self):
        """Draw the curve, with level lines and a few epochs named; where a value is missing, leave a gap."""
        below, last, marks = self.top + STRIP + 17, len(self.epochs) - 1, []
        for label, share in self.levels:
            marks.append(mark("path", "grid", d=f"M{self.left} {self.y(share):.1f}h{self.width}"))
            marks.append(write(self.left - 8, round(self.y(share) + 4, 1), label, anchor="end"))
        even = next(size * 10**e for e in itertools.count() for size in (1, 2, 5) if last <= 5.5 * size * 10**e)
        for named in range(0, last + 1, even):
            marks.append(write(round(self.x(named), 1), below, str(named), anchor="middle"))
        marks.append(write(self.left - 8, below, _("epoch"), anchor="end"))
        d, pen = "", "M"
        for epoch in self.epochs:
            share = self.share_of(epoch)
            d += "" if share is None else f"{pen}{self.x(epoch.number):.1f} {self.y(share):.1f}"
            pen = "M" if share is None else "L"
        return [*marks, mark("path", "between", d=d, stroke_width=1.5)]

    def cursor(self, epoch):
        """Mark an epoch: a line, and a dot on the curve."""
        x, share = self.x(epoch.number), self.share_of(epoch)
        dot = "" if share is None else f"M{x:.1f} {self.y(share):.1f}h0"
        return [
            mark("path", "chosen", stroke_width=1.5, d=f"M{x:.1f} {self.top - 4}v{STRIP + 8}"),
            mark("path", "chosen", stroke_width=DOT, stroke_linecap="round", d=dot),
        ]


def _factor_strip(scene):
    """Give the strip on the left, none where nothing changes."""
    if len(scene.epochs) == 1 or scene.depth == 1:
        return []
    axis = LogAxis.around([1, *(epoch.factor for epoch in scene.epochs if epoch.factor)], 0, 1)
    levels = [(power_of_ten(exponent), share) for exponent, share in axis.ticks(3)]
    return [_Strip(scene, lambda epoch: epoch.factor and axis.place(epoch.factor), levels, AXIS_LEFT, AXIS_WIDTH)]


def _right_strip(scene):
    """Give the strip on the right, none where nothing changes."""
    if len(scene.epochs) == 1 or not scene.classes:
        return []
    levels = [(percent(share), share) for share in (0.0, 0.5, 1.0)]
    return [_Strip(scene, lambda epoch: epoch.right / scene.count, levels, SLOPES_LEFT, STRIP_WIDTH)]
