"""The picture of δ in every layer: its size on the left, the slopes on the right, below them strips over the epochs."""

import math
from itertools import count, pairwise

import numpy as np

from bpteach.widgets.depth_scene import FOOT, HEAD, STRIP
from bpteach.widgets.depth_words import (
    factor_line,
    factor_number,
    how_many,
    layer_name,
    mean_number,
    percent,
    read_as,
    right_line,
)
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, digit, mark, number, raised, write
from bpteach.widgets.per_epoch import BINS, SATURATED

WORDS = {
    # the size of δ
    "this": "this example",
    "median": "median of {examples}",
    "sides": "every example: misread above, read right below",
    "every": "every example",
    "axis": "‖δ‖, log scale",
    "at zero": "at 0: so many examples have δ = 0, which has no place on a log scale",
    "layer": "δ{l}",
    "ten": "10{exponent}",
    "times": "{count} ×",
    "factor down": "÷ {factor}",
    "factor up": "× {factor}",
    # the slopes
    "slopes": "slopes σ′(z), all neurons and examples",
    "saturated": "saturated: σ′ < 0.05, a near 0 or 1",
    "mean": "mean of the slopes",
    "columns": "saturated",
    "slope": "σ′(z{l})",
    "mean value": "mean {mean}",
    # the strips
    "epoch axis": "epoch",
}

# The places in the pictures, in units of which the text size is 16. Both pictures stand on one sheet.
GAP = 24
DIGIT = 72
LEFT_WIDTH, AXIS_LEFT, AXIS_WIDTH, ZERO, STEP_LEFT = 500, 88, 316, 36, 410
RIGHT, RIGHT_WIDTH = LEFT_WIDTH + GAP, 300
WIDTH = RIGHT + RIGHT_WIDTH
SLOPES_LEFT, SLOPES_WIDTH = RIGHT + 56, 148
STRIP_WIDTH = 196  # of the right-hand strip
DOT = 9

STILL_STYLE = """
.bpteach-tick { stroke: #212121; fill: none } .bpteach-missed { stroke: #d55e00; fill: none }
.bpteach-chosen { stroke: #0072b2; fill: none } .bpteach-median { stroke: #212121; fill: #ffffff }
.bpteach-between { stroke: #212121; fill: none } .bpteach-slope { fill: #767676 }
.bpteach-low { fill: #d55e00 } .bpteach-area { fill: #d55e00; fill-opacity: 0.15 } .bpteach-mean { fill: #212121 }
"""


# A panel has marks that never change, and slots: marks whose path or text changes with the epoch, or with the example.


def panels(scene):
    """Lay out both pictures.

    Parameters
    ----------
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    list of dict
        The panels, with what never changes, and the slots.
    """
    left = {
        "box": f"0 0 {LEFT_WIDTH} {scene.height}",
        "marks": [*_left_head(scene), *_grid(scene), *_row_labels(scene), *_factor_strip(scene)],
        "epoch": list(_left_slots(scene).values()),
        "example": list(_example_slots(scene).values()),
    }
    right = {
        "box": f"{RIGHT} 0 {RIGHT_WIDTH} {scene.height}",
        "marks": [*_right_head(), *_slope_rows(scene), *_right_strip(scene)],
        "epoch": list(_right_slots(scene).values()),
        "example": [],
    }
    return [left, right]


def filled_of_epoch(index, look, scene):
    """Fill in the slots that change with the epoch.

    Parameters
    ----------
    index : int
        The epoch's place, counted from 0.
    look : Look
        The epoch.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    list of list of str
        For each panel the paths and texts of its slots, in their order.
    """
    left = _in_order(_left_slots(scene), _left_values(index, look, scene))
    return [left, _in_order(_right_slots(scene), _right_values(index, look, scene))]


def filled_of_example(i, look, scene):
    """Fill in the slots of the left-hand panel that change with the example.

    Parameters
    ----------
    i : int
        The example, counted from 0.
    look : Look
        The epoch.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    list of str
        The paths and texts of the slots, in their order.
    """
    return _in_order(_example_slots(scene), _example_values(i, look, scene))


def _in_order(slots, values):
    return [values[name] for name in slots]


def input_marks(x):
    """Draw an input, if its length is a square.

    Parameters
    ----------
    x : array, shape (n_1,)
        The input, 0 as paper and 1 as ink.

    Returns
    -------
    list of dict
        The marks of the image; none if there is no image.
    """
    side = math.isqrt(len(x))
    return digit(np.clip(x, 0, 1).reshape(side, side), DIGIT) if side * side == len(x) else []


def still_marks(panels, image, frame, i):
    """List all marks of both pictures, the slots filled in.

    Parameters
    ----------
    panels : list of dict
        The panels.
    image : list of dict
        The marks of the input.
    frame : dict
        What is shown at the epoch.
    i : int
        The example, counted from 0.

    Returns
    -------
    list of dict
        The marks.
    """
    marks = list(image)
    of_example = [frame["examples"][i]["filled"], []]
    for panel, epoch, example in zip(panels, frame["filled"], of_example, strict=True):
        marks += panel["marks"] + _filled(panel["epoch"], epoch) + _filled(panel["example"], example)
    return marks


def _filled(slots, values):
    """Give each slot its path or its text."""
    pairs = zip(slots, values, strict=True)
    return [{**slot, ("text" if slot["tag"] == "text" else "d"): value} for slot, value in pairs]


# --- the left-hand picture: ‖δ‖ --------------------------------------------------------------------------------------


def _left_head(scene):
    """Leave room for the image and what it is; say how to read the rows."""
    left = DIGIT + 20
    marks = [
        mark("path", "chosen", d=f"M{left} 37h28", stroke_width=2.5),
        mark("path", "chosen", d=f"M{left + 14} 37h0", stroke_width=DOT, stroke_linecap="round"),
        write(left + 38, 42, WORDS["this"], MIDDLE),
        mark("path", "between", d=f"M{left} 57h28", stroke_width=1.5, stroke_dasharray="3 3"),
        mark("path", "median", d=_diamond(left + 14, 57), stroke_width=1.5),
        write(left + 38, 62, WORDS["median"].format(examples=how_many(scene.count)), MIDDLE),
        mark("path", "line", d=f"M{left} 77h28"),
    ]
    if scene.classes is None:
        marks.append(mark("path", "tick", d=_ticks([left + 8, left + 14, left + 20], 77, -6, 12), stroke_width=1.5))
        marks.append(write(left + 38, 82, WORDS["every"], MIDDLE))
    else:
        marks.append(mark("path", "missed", d=_ticks([left + 8, left + 14], 76, 0, -10), stroke_width=1.5))
        marks.append(mark("path", "tick", d=_ticks([left + 14, left + 20], 78, 0, 10), stroke_width=1.5))
        marks.append(write(left + 38, 82, WORDS["sides"], MIDDLE))
    return marks


def _grid(scene):
    """Draw the axis of ‖δ‖: a line and a label for every power of ten, or for some if there are many."""
    low, high = scene.axis
    marks = [write(LEFT_WIDTH, HEAD - 8, WORDS["axis"], SMALL, "end")]
    places = [(10.0**e, _ten(e)) for e in range(low, high + 1, math.ceil((high - low) / 6)) if e > -308]
    if scene.has_zeros:
        marks.append(write(0, scene.bottom + FOOT + 12, WORDS["at zero"]))
        places.insert(0, (0.0, "0"))
    for norm, label in places:
        x = _place(norm, scene)
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{scene.bottom}"))
        marks.append(write(round(x, 1), scene.bottom + 16, label, SMALL, "middle"))
    return marks


def _place(norm, scene):
    """Find where ‖δ‖ stands; if it is 0 for any example, 0 has a place of its own, apart from the axis."""
    if norm == 0:
        return float(AXIS_LEFT)
    low, high = scene.axis
    apart = ZERO if scene.has_zeros else 0
    return AXIS_LEFT + apart + (AXIS_WIDTH - apart) * (math.log10(norm) - low) / (high - low)


def _ten(exponent):
    """Write a power of ten."""
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else WORDS["ten"].format(exponent=raised(exponent))


def _row_labels(scene):
    marks = [mark("path", "line", d="".join(f"M{AXIS_LEFT} {scene.row(k)}h{AXIS_WIDTH}" for k in range(scene.depth)))]
    for k in range(scene.depth):
        name = layer_name(k, scene)
        marks.append(write(0, scene.row(k) + (0 if name else 7), WORDS["layer"].format(l=raised(k + 2)), LARGE))
        if name:
            marks.append(write(0, scene.row(k) + 15, name))
    return marks


def _left_slots(scene):
    slots = {
        "right": mark("path", "tick", stroke_width=1.5),
        "missed": mark("path", "missed", stroke_width=1.5),
        "between": mark("path", "between", stroke_width=1.5, stroke_dasharray="3 3"),
        "median": mark("path", "median", stroke_width=1.5),
    }
    if scene.has_zeros:
        for k in range(scene.depth):
            slots[f"zeros {k}"] = write(AXIS_LEFT + 8, scene.row(k) - 8, "")
    if scene.depth > 1:
        slots["factor"] = write(0, scene.strip_top - 14, "", MIDDLE)
    return {**slots, **_cursor_slots(scene, scene.depth > 1)}


def _left_values(index, look, scene):
    medians = [(_place(np.median(norms), scene), scene.row(k)) for k, norms in enumerate(look.norms)]
    values = {
        "right": "".join(_every(look, scene, False)),
        "missed": "".join(_every(look, scene, True)),
        "between": _joined(medians),
        "median": "".join(_diamond(*point) for point in medians),
        "factor": factor_line(look, scene),
    }
    for k, norms in enumerate(look.norms):
        zeros = np.count_nonzero(norms == 0)
        values[f"zeros {k}"] = WORDS["times"].format(count=zeros) if zeros else ""
    return {**values, **_cursor_values(index, look.factor, _factor_place, scene, AXIS_LEFT, AXIS_WIDTH)}


def _every(look, scene, missed):
    """Draw a tick for each example: misread above the line, others below, or across it where Y holds no classes."""
    start, length = (-1, -10) if missed else (1, 10) if look.missed else (-6, 12)
    wanted = np.array(look.missed or [False] * scene.count) == missed
    for k, norms in enumerate(look.norms):
        yield _ticks([_place(norm, scene) for norm in norms[wanted]], scene.row(k), start, length)


def _example_slots(scene):
    slots = {
        "line": mark("path", "chosen", stroke_width=2.5),
        "dots": mark("path", "chosen", stroke_width=DOT, stroke_linecap="round"),
        "read": write(DIGIT + 20, 18, "", LARGE),
    }
    for k in range(scene.depth):
        slots[f"norm {k}"] = write(LEFT_WIDTH, scene.row(k) + 5, "", MIDDLE, "end")
    for k in range(scene.depth - 1):
        slots[f"step {k}"] = write(STEP_LEFT, scene.row(k) - scene.pitch // 2 + 4, "")
    return slots


def _example_values(i, look, scene):
    norms = look.norms[:, i].tolist()
    points = [(_place(norm, scene), scene.row(k)) for k, norm in enumerate(norms)]
    values = {"line": _joined(points), "dots": "".join(f"M{x:.1f} {y}h0" for x, y in points)}
    values["read"] = read_as(i, look, scene)
    for k, norm in enumerate(norms):
        values[f"norm {k}"] = number(norm)
    for k, (below, above) in enumerate(pairwise(norms)):
        values[f"step {k}"] = _step(below, above)
    return values


def _step(below, above):
    """Say by what factor ‖δ‖ changes on its way back through one layer."""
    if not (below > 0 and above > 0):
        return ""
    shrinks = below <= above
    factor = above / below if shrinks else below / above
    return WORDS["factor down" if shrinks else "factor up"].format(factor=factor_number(factor))


def _ticks(xs, y, start, length):
    return "".join(f"M{x:.1f} {y + start}v{length}" for x in xs)


def _diamond(x, y):
    return f"M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z"


def _joined(points):
    return "M" + "L".join(f"{x:.1f} {y}" for x, y in points)


# --- the right-hand picture: the slopes ------------------------------------------------------------------------------


def _right_head():
    left = RIGHT
    return [
        write(left, 18, WORDS["slopes"], MIDDLE),
        mark("path", "area", d=f"M{left} 30h28v14h-28z"),
        mark("path", "low", d=f"M{left + 4} 44v-8h9v-4h9v12z"),
        write(left + 38, 42, WORDS["saturated"], MIDDLE),
        mark("path", "mean", d=_triangle(left + 14, 52)),
        write(left + 38, 62, WORDS["mean"], MIDDLE),
        write(WIDTH, HEAD - 8, WORDS["columns"], SMALL, "end"),
    ]


def _slope_rows(scene):
    saturated = _slope_place(SATURATED) - SLOPES_LEFT
    area = f"M{SLOPES_LEFT} {HEAD}h{saturated:.1f}V{scene.bottom}h{-saturated:.1f}z"
    bases = "".join(f"M{SLOPES_LEFT} {_base(k, scene)}h{SLOPES_WIDTH}" for k in range(scene.depth))
    marks = [mark("path", "area", d=area), mark("path", "line", d=bases)]
    for slope in (0, SATURATED, 0.25):
        marks.append(write(_slope_place(slope), scene.bottom + 16, f"{slope:g}", SMALL, "middle"))
    for k in range(scene.depth):
        marks.append(write(RIGHT, scene.row(k) + 7, WORDS["slope"].format(l=raised(k + 2)), MIDDLE))
    return marks


def _base(k, scene):
    """Find the line on which the bars of layer k + 2 stand."""
    return scene.row(k) + scene.pitch // 2 - 8


def _slope_place(slope):
    return SLOPES_LEFT + SLOPES_WIDTH * slope / 0.25


def _right_slots(scene):
    slots = {"low": mark("path", "low"), "slope": mark("path", "slope"), "mean": mark("path", "mean")}
    for k in range(scene.depth):
        slots[f"share {k}"] = write(WIDTH, scene.row(k) - 1, "", MIDDLE, "end")
        slots[f"mean {k}"] = write(WIDTH, scene.row(k) + 15, "", SMALL, "end")
    if scene.classes is not None:
        slots["right"] = write(RIGHT, scene.strip_top - 14, "", MIDDLE)
    return {**slots, **_cursor_slots(scene, scene.classes is not None)}


def _right_values(index, look, scene):
    low = round(SATURATED / 0.25 * BINS)
    values = {"low": "", "slope": "", "mean": "", "right": right_line(look, scene)}
    for k in range(scene.depth):
        base = _base(k, scene)
        heights = look.shares[k] / scene.tallest[k] * (scene.pitch - 16)
        values["low"] += _bars(heights[:low], 0, base)
        values["slope"] += _bars(heights[low:], low, base)
        values["mean"] += _triangle(_slope_place(look.means[k]), base)
        values[f"share {k}"] = percent(look.saturated[k])
        values[f"mean {k}"] = WORDS["mean value"].format(mean=mean_number(look.means[k]))
    return {**values, **_cursor_values(index, look.right, _right_place, scene, SLOPES_LEFT, STRIP_WIDTH)}


def _bars(heights, first, base):
    """Draw the bars that are not empty, `first` being the bin of the first."""
    width = SLOPES_WIDTH / BINS
    places = [(SLOPES_LEFT + width * (first + i), height) for i, height in enumerate(heights) if height > 0]
    return "".join(f"M{x:.1f} {base}v{-height:.1f}h{width - 1:.1f}V{base}z" for x, height in places)


def _triangle(x, y):
    return f"M{x:.1f} {y + 1}l4.5 7h-9z"


# --- the strips over the epochs: on the left the factor, on the right what is read -----------------------------------


def _factor_strip(scene):
    if not scene.changes or scene.depth == 1:
        return []
    low, high = scene.factor_axis
    exponents = range(low, high + 1, math.ceil((high - low) / 3))
    levels = [(_ten(e), _factor_place(10.0**e, scene)) for e in exponents]
    return _strip(scene, levels, scene.factors, _factor_place, AXIS_LEFT, AXIS_WIDTH)


def _right_strip(scene):
    if not scene.changes or scene.classes is None:
        return []
    levels = [(percent(share), _right_place(share * scene.count, scene)) for share in (0, 0.5, 1)]
    return _strip(scene, levels, scene.rights, _right_place, SLOPES_LEFT, STRIP_WIDTH)


def _factor_place(factor, scene):
    low, high = scene.factor_axis
    return scene.strip_top + STRIP * (high - math.log10(factor)) / (high - low)


def _right_place(right, scene):
    return scene.strip_top + STRIP * (1 - right / scene.count)


def _strip(scene, levels, values, place, left, width):
    """Draw a curve over the epochs, with level lines and a few epochs named."""
    bottom = scene.strip_top + STRIP
    marks = []
    for label, y in levels:
        marks.append(mark("path", "grid", d=f"M{left} {y:.1f}h{width}"))
        marks.append(write(left - 8, round(y + 4, 1), label, SMALL, "end"))
    for epoch in _named_epochs(scene.epochs):
        x = _epoch_place(epoch, scene, left, width)
        marks.append(write(round(x, 1), bottom + 17, str(epoch), SMALL, "middle"))
    marks.append(write(left - 8, bottom + 17, WORDS["epoch axis"], SMALL, "end"))
    points = [
        None if value is None else (_epoch_place(epoch, scene, left, width), place(value, scene))
        for epoch, value in zip(scene.epochs, values, strict=True)
    ]
    return [*marks, mark("path", "between", d=_curve(points), stroke_width=1.5)]


def _named_epochs(epochs):
    """Choose up to six of the epochs at even steps: 0, 5, 10, ..."""
    span = epochs[-1] - epochs[0]
    step = next(size * 10**e for e in count() for size in (1, 2, 5) if span <= 5.5 * size * 10**e)
    return list(range(epochs[0] + -epochs[0] % step, epochs[-1] + 1, step)) or [epochs[0], epochs[-1]]


def _epoch_place(epoch, scene, left, width):
    return left + width * (epoch - scene.epochs[0]) / (scene.epochs[-1] - scene.epochs[0])


def _curve(points):
    """Join the points; where one is missing, leave a gap."""
    d, pen = "", "M"
    for point in points:
        if point is not None:
            d += f"{pen}{point[0]:.1f} {point[1]:.1f}"
        pen = "M" if point is None else "L"
    return d


def _cursor_slots(scene, is_there):
    if not scene.changes or not is_there:
        return {}
    dot = mark("path", "chosen", stroke_width=DOT, stroke_linecap="round")
    return {"cursor": mark("path", "chosen", stroke_width=1.5), "now": dot}


def _cursor_values(index, value, place, scene, left, width):
    """Mark the present epoch in a strip."""
    if not scene.changes:
        return {}
    x = _epoch_place(scene.epochs[index], scene, left, width)
    dot = "" if value is None else f"M{x:.1f} {place(value, scene):.1f}h0"
    return {"cursor": f"M{x:.1f} {scene.strip_top - 4}v{STRIP + 8}", "now": dot}
