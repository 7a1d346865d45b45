"""The picture of a reading: one group of marks for each step, each added to the last.

Above, the way forward goes from left to right; below, the way back from right to left.
"""

import math

import numpy as np

from bpteach.locale import _
from bpteach.widgets.byte_images import level_marks
from bpteach.widgets.drawing import SIDE
from bpteach.widgets.marks import MIDDLE, digit, mark, number, signed, superscript, upright_bars, write

# in units of which the text size is 16
WIDTH, TOP, IMAGE, LOWER, ROW = 544, 26, 168, 224, 100
LABELS, BARS, BAR_WIDTH, NUMBERS, DELTA_ZERO, DELTA_WIDTH = 214, 224, 88, 320, 432, 36
PITCH, HIDDEN_LEFT, HIDDEN_HEIGHT = 17, 214, 34
LEVELS = 8

STILL_STYLE = ".bpteach-wanted { stroke: #212121; fill: none } .bpteach-speck { stroke: #212121 } "


def groups(reading):
    """Lay out the way forward, then, one group a step, the way back."""
    if not reading.last:
        return [_forward(reading)]
    hidden = [_hidden_errors(reading, step) for step in range(2, reading.last)]
    return [_forward(reading), _output_errors(reading), *hidden, _slopes(reading)]


def height(reading):
    return LOWER + max(IMAGE + 24, ROW * (len(reading.sizes) - 2) + 64)


def hint(reading):
    """Say, where the way back will be drawn, how to get there."""
    words = _("Choose the digit that it should have been.")
    if reading.last:
        words = _("Press Step: the error goes back, layer by layer.")
    return [write(0, LOWER + 14, words, MIDDLE)] if reading.strokes else []


def _forward(reading):
    title = _("→ outputs a{l},  ◀ its answer").format(l=superscript(len(reading.sizes)))
    lengths = [f"M{BARS} {_row(j) - 5}h{a * BAR_WIDTH:.1f}" for j, a in enumerate(reading.a)]
    marks = [
        write(0, 14, _("The network sees"), MIDDLE),
        *digit(reading.pixels, IMAGE, 0, TOP),
        write(LABELS - 14, 14, title, MIDDLE),
        mark("path", "line", d=f"M{BARS} {TOP}v{10 * PITCH}M{BARS + BAR_WIDTH} {TOP}v{10 * PITCH}"),
        mark("path", "ink", d="".join(lengths if reading.strokes else []), stroke_width=9),
    ]
    for j, a in enumerate(reading.a):
        marks.append(write(LABELS, _row(j), str(j), MIDDLE, "middle"))
        if reading.strokes:
            marks.append(write(NUMBERS, _row(j), f"{a:.2f} ◀" if j == reading.a.argmax() else f"{a:.2f}", MIDDLE))
    if reading.right is not None:
        box = {"x": LABELS - 9, "y": _row(reading.right) - 13, "width": 18, "height": PITCH}
        marks.append(mark("rect", "wanted", **box, stroke_width=2))
    return marks


def _row(j):
    return TOP + PITCH * j + 13


def _output_errors(reading):
    delta, l = reading.delta(1)
    lengths = delta / (np.abs(delta).max() or 1) * DELTA_WIDTH
    bars = [f"M{DELTA_ZERO} {_row(j) - 5}h{length:.1f}" for j, length in enumerate(lengths)]
    unit, numbers = _in_one_unit(delta)
    title = _("← δ{l} in {unit}") if unit else _("← δ{l}")
    return [
        write(WIDTH, 14, title.format(l=superscript(l), unit=unit), MIDDLE, "end"),
        *signed(delta, bars, stroke_width=9),
        mark("path", "line", d=f"M{DELTA_ZERO} {TOP}v{10 * PITCH}"),
        *(write(WIDTH, _row(j), text, MIDDLE, "end") for j, text in enumerate(numbers)),
    ]


def _in_one_unit(values):
    """Write numbers so that they can be compared at a glance: a power of ten for them all, or none."""
    scale = np.abs(values).max()
    exponent = math.floor(math.log10(scale)) if scale > 0 else 0
    unit, digits = (f"10{superscript(exponent)}", 1) if exponent < -2 else ("", 3)
    rounded = [round(value / 10.0**exponent if unit else value, digits) + 0.0 for value in values.tolist()]
    return unit, [f"{value:.{digits}f}".replace("-", "−") for value in rounded]


def _hidden_errors(reading, step):
    """Draw one bar for each neuron of a hidden layer, up or down from the zero line, and number the largest."""
    delta, l = reading.delta(step)
    scale, largest = np.abs(delta).max(), int(np.abs(delta).argmax())
    top = LOWER + ROW * (step - 2)
    zero, width = top + 58, WIDTH - HIDDEN_LEFT
    title = _("← δ{l} of {count} neurons (full height: {scale})").format(
        l=superscript(l), count=len(delta), scale=number(scale)
    )
    bars, middles = upright_bars(delta / (scale or 1), HIDDEN_LEFT, width, zero, HIDDEN_HEIGHT)
    marks = [
        write(HIDDEN_LEFT, top + 14, title, MIDDLE),
        *bars,
        mark("path", "line", d=f"M{HIDDEN_LEFT} {zero}h{width}"),
    ]
    if delta[largest]:
        y = zero + 14 if delta[largest] > 0 else zero - 5
        marks.append(write(middles[largest], y, str(largest), anchor="middle"))
    return marks


def _slopes(reading):
    """Draw ∂C/∂x as an image: both colours by strength, clearly negative pixels dotted, the ink's outline over it."""
    scale, top = np.abs(reading.slopes).max(), LOWER + 24
    levels = np.round(reading.slopes / (scale or 1) * LEVELS).astype(int)
    place = f"translate(0 {top}) scale({IMAGE / SIDE:g})"
    specks = "".join(f"M{k}.5 {j}.5h0" for j, k in np.argwhere(levels < 0))
    return [
        write(0, LOWER + 14, _("← ∂C/∂x (up to ± {scale})").format(scale=number(scale)), MIDDLE),
        *level_marks(levels, LEVELS, 1, place),
        mark("path", "speck", d=specks, stroke_width=0.3, stroke_linecap="round", transform=place),
        mark("path", "wanted", d=_outline(reading.pixels > 0.5), stroke_width=0.22, transform=place),
        mark("rect", "line", x=0.5, y=top + 0.5, width=IMAGE - 1, height=IMAGE - 1),
        *_legend(HIDDEN_LEFT, LOWER + ROW * (len(reading.sizes) - 2) + 34),
    ]


def _legend(x, y):
    return [
        mark("path", "up", d=f"M{x + 2} {y - 5}h12", stroke_width=12),
        write(x + 22, y, _("more ink would raise the cost"), MIDDLE),
        mark("path", "down", d=f"M{x + 2} {y + 17}h12", stroke_width=12),
        mark("path", "speck", d=f"M{x + 8} {y + 17}h0", stroke_width=3, stroke_linecap="round"),
        write(x + 22, y + 22, _("dotted: more ink would lower the cost"), MIDDLE),
    ]


def _outline(inked):
    """Walk along the edges between pixels with and without ink."""
    padded = np.pad(inked, 1).astype(int)
    across = np.argwhere(np.diff(padded, axis=0)[:, 1:-1])  # between row j - 1 and row j
    down = np.argwhere(np.diff(padded, axis=1)[1:-1])
    return "".join(f"M{k} {j}h1" for j, k in across) + "".join(f"M{k} {j}v1" for j, k in down)
