"""The picture of the mini-batch explorer: the loop on the left, the matrices on the right.

A panel is half a picture: marks that stay, marks that move with the example, and images of cells.
"""

import math
from dataclasses import dataclass

import numpy as np

from bpteach.widgets.byte_images import CELL_STYLE, FADING, cell_image, cell_marks, mosaic, mosaic_places, mosaic_shape
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, digit, mark, number, raised, write

WORDS = {
    "position": "{number} of {count}",
    "which": "Example {position}",
    "read": "labelled {right}, read as {answer}",
    "column": "column {i} of X",
    # the symbols
    "δ": "δ{l}",
    "Δ": "Δ{l}",
    "A": "(A{l})ᵀ",
    "a": "(a{l})ᵀ",
    "sum of b": "{Delta}.sum(axis=1)",
    "sum of w": "{Delta} {A}",
    "sized": "{name} ({rows}, {columns})",
    # the picture
    "loop": "The loop: one by one",
    "matrix": "The matrices: all at once",
    "loop code": "backprop(net, x, y)",
    "matrix code": "backprop_matrix(net, X, Y)",
    "neuron": "j",
    "of example": "{delta} of example {i}",
    "outer product": "{delta} {a} of example {i}",
    "digit times": "the digit times δ_j →",
    "added": "is added to the running sum:",
    "running": "sum of {position}",
    "running sum": "running sum of {position}",
    "in so far": "in the loop's sum: {position}",
    "column number": "column {i}",
    "no sum": ["No sum here:", "each column", "is worked on", "for itself."],
    "along": "each row summed",
    "meets": "@ multiplies column i by row i, for every example, and adds",
    "whole sum": "{sum}: all {count} at once",
    "tiles": "one image for each neuron, j = 0 to {last}, row by row",
    "some tiles": "the {shown} of {all} neurons with the largest gradient",
    "plain": "row j: to neuron j; column k: from neuron k",
    "full colour": "full colour ± {scale}",
    "full bar": "full bar ± {scale}",
    "outlines": "outlined: the matrices' sum",
    "full one": "full colour: one example ± {scale},",
    "full sum": "running sum ± {scale}",
    "all three": "full colour: {Delta} ± {left}, {A} ± {right}, product ± {product}",
    "is": ["= column {i}", "of {Delta}"],
    "is not": ["≠ column {i}", "of {Delta}"],
    # what is heard instead of the picture
    "left alt": "The loop: {what}.",
    "right alt": "The matrices: {what}.",
    "cells alt": "{name}, a column of {count} cells, {above} above zero, {below} below; largest: {largest} at j = {j}",
    "sum alt": "{cells}; beside it bars, the sum of {position} examples",
    "product alt": "{name} as an image, and below it the sum of {position} examples",
    "matrix alt": "{name}, {rows} neurons by {columns} examples, with column {i} outlined",
    "bars alt": "{matrix}; beside it bars, the sum of each row",
    "times alt": "{matrix}, times {A} with row {i} outlined; below them their product, all examples summed",
}

# The places in the picture, in units of which the text size is 16.
LEFT, RIGHT, WEIGHTS = 290, 516, 400  # the widths of the panels
TOP, ROWS, ROW = 136, 300, 22
FOOT, FOOT_SUM = 58, 94  # below the cells; with the scale of the sum
CELLS, COLUMN, COLUMNS = 32, 40, 312  # where cells begin; the widest column, and all together
WIDE, NARROW = 24, 9  # columns with room for an image, and for a label
BAR = 60
LOOP_ZERO = CELLS + COLUMN + 40 + BAR  # where the bars of the running sum begin
DIGIT_TOP, DIGIT, UNITS = 50, 72, 100  # the upper edge and the side of a digit, and in what units its marks are sent
OUTER_LEFT = 150
STRIP_TOP, STRIP, SUM_TOP, SUM_WIDTH, SUM_HEIGHT = 76, 132, 272, 356, 296

STILL_STYLE = f"""{CELL_STYLE}
.bpteach-lit {{ stroke: #212121; stroke-width: 2.5; fill: none }}
.bpteach-outline {{ stroke: #757575; fill: none }}
.bpteach-hit {{ fill: none }} .bpteach-bold {{ font-weight: bold }}
.bpteach-grid, .bpteach-tile {{ stroke: #dddddd; fill: none }}
"""


def symbols(twin):
    """Write the symbols of a layer.

    Parameters
    ----------
    twin : Twin
        The layer.

    Returns
    -------
    dict of str to str
        By the names delta, Delta, A and a.
    """
    names = {"delta": WORDS["δ"], "Delta": WORDS["Δ"]}
    names = {name: word.format(l=raised(twin.l)) for name, word in names.items()}
    return names | {"A": WORDS["A"].format(l=raised(twin.l - 1)), "a": WORDS["a"].format(l=raised(twin.l - 1))}


def position(batch, i):
    """Say which example it is.

    Parameters
    ----------
    batch : Batch
        The mini-batch.
    i : int
        The example, counted from 0.

    Returns
    -------
    str
        Such as 3 of 8.
    """
    return WORDS["position"].format(number=i + 1, count=batch.count)


def which(batch, i):
    """Name the example.

    Parameters
    ----------
    batch : Batch
        The mini-batch.
    i : int
        The example, counted from 0.

    Returns
    -------
    str
        Such as Example 3 of 8.
    """
    return WORDS["which"].format(position=position(batch, i))


def sum_name(twin, quantity):
    """Write how the matrices sum over the examples.

    Parameters
    ----------
    twin : Twin
        The layer.
    quantity : {"delta", "nabla_b", "nabla_w"}
        What is shown.

    Returns
    -------
    str
        In symbols or code.
    """
    return WORDS["sum of b" if quantity == "nabla_b" else "sum of w"].format(**symbols(twin))


def caption_marks(batch, i):
    """Say which example is shown.

    Parameters
    ----------
    batch : Batch
        The mini-batch.
    i : int
        The example, counted from 0.

    Returns
    -------
    list of dict
        Marks: lines of text.
    """
    lines = [(which(batch, i), MIDDLE)]
    if batch.rights[i] is not None:
        lines.append((WORDS["read"].format(right=batch.rights[i], answer=batch.answers[i]), SMALL))
    lines.append((WORDS["column"].format(i=i), SMALL))
    return [write(0, 18 * row, line, size) for row, (line, size) in enumerate(lines)]


def panels(batch, twin, quantity, store):
    """Lay out both halves of a picture.

    Parameters
    ----------
    batch : Batch
        The mini-batch.
    twin : Twin
        The layer.
    quantity : {"delta", "nabla_b", "nabla_w"}
        What is shown.
    store : CellStore
        It keeps the cells.

    Returns
    -------
    list of dict
        The panels.
    """
    if quantity == "nabla_w":
        return _weight_panels(batch, twin, store)
    return _error_panels(batch, twin, quantity, store)


def still_marks(batch, panel, cells, i):
    """List all marks of a panel: the cells and digits that the browser paints are marks here.

    Parameters
    ----------
    batch : Batch
        The mini-batch.
    panel : dict
        The panel.
    cells : bytes
        The content of the store.
    i : int
        The example, counted from 0.

    Returns
    -------
    list of dict
        The marks.
    """
    marks = [each for image in panel["images"] for each in cell_marks(image, cells, i)]
    for place in panel["digits"]:
        shown = i if place["example"] is None else place["example"]
        marks += digit(batch.pixels[shown], place["side"], place["x"], place["y"])[1:]
    marks += moved(caption_marks(batch, i), *panel["caption"]) if panel["caption"] else []
    return [*marks, *panel["marks"], *panel["moving"][i]]


def moved(marks, right, down=0):
    """Move marks.

    Parameters
    ----------
    marks : list of dict
        The marks.
    right : float
        How far to the right.
    down : float
        How far down.

    Returns
    -------
    list of dict
        Such marks, moved.
    """
    if not right and not down:
        return marks
    shift = f"translate({right:g} {down:g})"
    return [{**each, "transform": f"{shift} {each.get('transform', '')}".strip()} for each in marks]


def _panel(width, height, marks, images, digits, moving, alts, caption=None):
    """Gather half a picture: what stays, what is painted from cells, the digits, and what moves with the example.

    `caption` is where the words stand that say which example it is.
    """
    return {
        "width": width,
        "height": height,
        "marks": marks,
        "images": images,
        "digits": digits,
        "moving": moving,
        "alts": alts,
        "caption": caption,
    }


def _digit_at(x, y, side, example=None):
    """Place the digit of an example, or of the one that is shown."""
    return {
        "x": round(x, 2),
        "y": round(y, 2),
        "side": round(side, 2),
        "scale": round(side / UNITS, 4),
        "example": example,
    }


def _frame(x, y, width, height, kind="line"):
    return mark("rect", kind, x=float(x), y=float(y), width=float(width), height=float(height))


def _lit(x, y, width, height):
    """Draw the outline of what belongs to the example that is shown, around it."""
    return _frame(x - 1.25, y - 1.25, width + 2.5, height + 2.5, "lit")


def _heading(title, code):
    return [write(0, 17, WORDS[title], LARGE), write(0, 38, WORDS[code], MIDDLE)]


def _legend(y, *lines):
    """Say how to read colours and bars: a strip of all colours, and a line for each scale."""
    marks = []
    for k in range(-4, 5):
        if k:
            kind, opacity = "up" if k > 0 else "down", (abs(k) / 4) ** FADING
            marks.append(mark("path", kind, d=f"M{10 + 14 * (k + 4)} {y - 5}h14", stroke_width=14, opacity=opacity))
    dashes = "".join(f"M{13 + 14 * k} {y - 5}h8" for k in range(4))
    marks += [mark("path", "gap", d=dashes, stroke_width=2.5), _frame(10, y - 12, 126, 14)]
    marks += [write(0, y, "−"), write(140, y, "+")]
    return marks + [write(160 if row < 2 else 0, y + 18 * row, line) for row, line in enumerate(lines)]


@dataclass(frozen=True)
class _Rows:
    """Where the cells of δ and Δ stand."""

    count: int  # neurons
    columns: int  # examples

    @property
    def height(self):
        return min(ROW * self.count, ROWS)

    @property
    def bottom(self):
        return TOP + self.height

    @property
    def column(self):
        """How wide a column is."""
        return min(COLUMN, COLUMNS / self.columns)

    def middle(self, j):
        """The height at which neuron `j` stands."""
        return TOP + self.height / self.count * (j + 0.5)

    def left(self, i):
        """Where the column of example `i` begins."""
        return CELLS + self.column * i

    def middle_of(self, i):
        """The middle of the column of example `i`."""
        return self.left(i) + self.column / 2


def _error_panels(batch, twin, quantity, store):
    n, m = twin.Delta.shape
    rows, scale = _Rows(n, m), _largest(twin.Delta, *twin.deltas)
    bar = _largest(twin.sum_b, *twin.sums_b) if quantity == "nabla_b" else None
    left = _loop_panel(batch, twin, rows, store, scale, bar)
    right = _matrix_panel(batch, twin, rows, store, scale, bar)
    return [left, right]


def _largest(*arrays):
    return max(float(np.abs(array).max()) for array in arrays)


def _neuron_labels(rows):
    """Number the neurons, or some of them if there are many."""
    n = rows.count
    named = range(n) if n <= 15 else sorted({*range(0, n - 4, 10 if n <= 50 else 25), n - 1})
    marks = [write(CELLS - 7, rows.middle(j) + 4.5, str(j), SMALL, "end") for j in named]
    return [*marks, write(CELLS - 7, TOP - 6, WORDS["neuron"], SMALL, "end")]


def _height(rows, bar):
    return rows.bottom + (FOOT if bar is None else FOOT_SUM)


def _loop_panel(batch, twin, rows, store, scale, bar):
    """Lay out the loop: the δ of one example, and if `bar` is its scale the sum so far."""
    quantity = "delta" if bar is None else "nabla_b"
    place = (CELLS, TOP, COLUMN, rows.height)
    scales = [WORDS["full colour"].format(scale=number(scale))]
    marks = [*_heading("loop", "loop code"), *_neuron_labels(rows), _lit(*place)]
    if bar is not None:
        scales += [WORDS["full bar"].format(scale=number(bar)), WORDS["outlines"]]
        marks += [*_bar_axes(rows, LOOP_ZERO), _outlines(rows, twin.sum_b.ravel() / (bar or 1), LOOP_ZERO)]
        marks.append(write(LOOP_ZERO - BAR - 20, TOP + rows.height / 2 + 6, "+", LARGE, "middle"))
    return _panel(
        LEFT,
        _height(rows, bar),
        marks=[*marks, *_legend(rows.bottom + 48, *scales), *_digit_frame(batch, CELLS)],
        images=[cell_image(symbols(twin)["delta"], store.add(twin.deltas, scale), (rows.count, 1), place, steps=True)],
        digits=[] if batch.pixels is None else [_digit_at(CELLS, DIGIT_TOP, DIGIT)],
        moving=[_loop_moving(batch, twin, rows, i, bar) for i in range(batch.count)],
        alts=[_loop_alt(batch, twin, quantity, i) for i in range(batch.count)],
        caption=(CELLS if batch.pixels is None else CELLS + DIGIT + 14, DIGIT_TOP + 18),
    )


def _digit_frame(batch, x):
    return [] if batch.pixels is None else [_frame(x, DIGIT_TOP, DIGIT, DIGIT)]


def _loop_moving(batch, twin, rows, i, bar):
    """Draw what changes with the example, on the left: the sum so far, or the column's number and its values."""
    below, delta = rows.bottom + 20, symbols(twin)["delta"]
    if bar is not None:
        running = WORDS["running"].format(position=position(batch, i))
        return [
            *_bars(rows, twin.sums_b[i] / (bar or 1), LOOP_ZERO),
            write(LOOP_ZERO, below, running, MIDDLE, "middle"),
            write(CELLS + COLUMN / 2, below, delta, MIDDLE, "middle"),
        ]
    marks = [write(CELLS, below, WORDS["of example"].format(delta=delta, i=i), MIDDLE)]
    for row, line in enumerate(WORDS["is" if twin.is_close else "is not"]):
        words = line.format(i=i, **symbols(twin))
        marks.append(write(LEFT - 110, TOP + rows.height / 2 + 22 * row, words, LARGE - 2))
    if rows.count <= 15:
        values = [number(value) for value in twin.deltas[i]]
        marks += [write(CELLS + COLUMN + 10, rows.middle(j) + 5, value, MIDDLE) for j, value in enumerate(values)]
    return marks


def _bar_axes(rows, zero):
    d = f"M{zero:g} {TOP}v{rows.height:g}"
    return [mark("path", "line", d=d), _frame(zero - BAR, TOP, 2 * BAR, rows.height, "grid")]


def _bars(rows, lengths, zero):
    """Draw one bar for each neuron: to the right or to the left, by lengths from -1 to 1."""
    marks = []
    for kind, sign in (("up", 1), ("down", -1)):
        bars = [(rows.middle(j), length) for j, length in enumerate(lengths) if length * sign > 0]
        d = "".join(f"M{zero:g} {y:.1f}h{length * BAR:.1f}" for y, length in bars)
        marks.append(mark("path", kind, d=d, stroke_width=0.75 * rows.height / rows.count))
    return marks


def _outlines(rows, lengths, zero):
    """Draw the outlines of the bars that the running sum will have at the end."""
    high = 0.75 * rows.height / rows.count
    bars = [(rows.middle(j) - high / 2, length * BAR) for j, length in enumerate(lengths)]
    d = "".join(f"M{zero:g} {y:.1f}h{length:.1f}v{high:.1f}h{-length:.1f}z" for y, length in bars)
    return mark("path", "outline", d=d)


def _matrix_panel(batch, twin, rows, store, scale, bar):
    """Lay out the matrix Δ, and if `bar` is its scale the sum of each row."""
    quantity = "delta" if bar is None else "nabla_b"
    shape, name, examples = twin.Delta.shape, symbols(twin)["Delta"], range(batch.count)
    place = (CELLS, TOP, rows.column * batch.count, rows.height)
    title = write(CELLS, 66, WORDS["sized"].format(name=name, rows=shape[0], columns=shape[1]), MIDDLE)
    marks = [*_heading("matrix", "matrix code"), title, *_neuron_labels(rows), *_column_labels(batch, rows)]
    marks += _no_sum(rows) if bar is None else _row_sums(twin, rows, bar)
    return _panel(
        RIGHT,
        _height(rows, bar),
        marks=[*marks, _frame(*place), *(_hit(rows.left(i), TOP, rows.column, rows.height, i) for i in examples)],
        images=[cell_image(name, store.add(twin.Delta, scale), shape, place)],
        digits=_thumbnails(batch, rows),
        moving=[_matrix_moving(batch, rows, i, bar) for i in examples],
        alts=[_matrix_alt(twin, quantity, i) for i in examples],
    )


def _no_sum(rows):
    """Say beside Δ that its columns are not summed."""
    left = rows.left(rows.columns) + 20
    return [write(left, TOP + 24 + 20 * row, line, MIDDLE) for row, line in enumerate(WORDS["no sum"])]


def _row_sums(twin, rows, bar):
    """Draw beside Δ the sum of each row."""
    end = rows.left(rows.columns)
    zero = end + 44 + BAR
    return [
        *_arrow(end + 7, TOP + rows.height / 2),
        *_bar_axes(rows, zero),
        *_bars(rows, twin.sum_b.ravel() / (bar or 1), zero),
        write(zero, TOP - 10, WORDS["along"], MIDDLE, "middle"),
        write(zero, rows.bottom + 20, sum_name(twin, "nabla_b"), MIDDLE, "middle"),
    ]


def _hit(x, y, width, height, i):
    """Draw what can be clicked to choose an example."""
    return {**_frame(x, y, width, height, "hit"), "data-example": i}


def _arrow(x, y):
    """Draw an arrow from the cells to their sum."""
    return [
        mark("path", "joint", d=f"M{x:g} {y:g}h26m-8 -7l8 7l-8 7", stroke_width=2.5),
        write(x + 13, y - 14, "Σ", LARGE, "middle"),
    ]


def _thumbnails(batch, rows):
    """Place the digits above the columns, if there is room."""
    if batch.pixels is None or rows.column < WIDE:
        return []
    side = min(36, rows.column - 4)
    return [_digit_at(rows.middle_of(i) - side / 2, TOP - 6 - side, side, i) for i in range(batch.count)]


def _column_labels(batch, rows):
    """Number the columns, and name the digits where there is no room for their images."""
    columns = range(rows.columns)
    if rows.column >= WIDE:
        return [write(rows.middle_of(i), rows.bottom + 17, str(i), SMALL, "middle") for i in columns]
    if rows.column < NARROW:
        return []
    labels = ["" if right is None else str(right) for right in batch.rights]
    return [write(rows.middle_of(i), TOP - 6, labels[i], SMALL, "middle") for i in columns]


def _matrix_moving(batch, rows, i, bar):
    """Draw what changes with the example, on the right: the outline of its column, and how far the loop is."""
    marks = [_lit(rows.left(i), TOP, rows.column, rows.height)]
    if rows.column < WIDE:
        place = min(max(rows.middle_of(i), CELLS + 34), rows.left(rows.columns) - 34)
        marks.append(write(place, rows.bottom + 17, WORDS["column number"].format(i=i), SMALL, "middle", "bold"))
    return marks if bar is None else [*marks, *_bracket(batch, i, rows)]


def _bracket(batch, i, rows):
    """Draw a bracket below the columns that the loop has added."""
    y = rows.bottom + 24
    d = f"M{CELLS + 1} {y:g}v6H{rows.left(i + 1) - 1:.1f}v-6"
    words = WORDS["in so far"].format(position=position(batch, i))
    return [mark("path", "joint", d=d, stroke_width=2), write(CELLS, y + 24, words, MIDDLE)]


def _weight_panels(batch, twin, store):
    scale = _largest(*twin.sums_w, twin.sum_w[twin.shown])
    return [_outer_panel(batch, twin, store, scale), _product_panel(batch, twin, store, scale)]


def _sum_place(twin):
    """Choose where the big image of a gradient stands: x, y, width, height."""
    rows, columns = _arranged(twin, twin.outers[0]).shape
    if twin.tiled:
        cell = min(SUM_WIDTH / columns, SUM_HEIGHT / rows, ROW)
        return 0, SUM_TOP, cell * columns, cell * rows
    return CELLS, SUM_TOP, min(SUM_WIDTH, ROW * columns), min(SUM_HEIGHT, ROW * rows)


def _weights_height(twin):
    return SUM_TOP + _sum_place(twin)[3] + 72


def _sum_frames(twin):
    """Draw the frame of a gradient's image, or of each of its tiles."""
    x, y, width, _ = place = _sum_place(twin)
    if not twin.tiled:
        return [_frame(*place)]
    side = math.isqrt(twin.sum_w.shape[1])
    cell = width / mosaic_shape(len(twin.shown), side)[1]
    d = "".join(
        f"M{x + cell * k:.1f} {y + cell * j:.1f}h{cell * side:.1f}v{cell * side:.1f}h-{cell * side:.1f}z"
        for j, k in mosaic_places(len(twin.shown), side)
    )
    return [mark("path", "tile", d=d)]


def _reading(twin):
    """Say what the rows or tiles of the big image are."""
    if not twin.tiled:
        return WORDS["plain"]
    shown, count = len(twin.shown), len(twin.sum_w)
    return WORDS["tiles" if shown == count else "some tiles"].format(last=count - 1, shown=shown, all=count)


def _outer_panel(batch, twin, store, scale):
    """Lay out the loop: the outer product of one example, and the sum so far."""
    one, bottom = _largest(*twin.outers), SUM_TOP + _sum_place(twin)[3]
    small = _outer_place(twin)
    scales = [WORDS["full one"].format(scale=number(one)), WORDS["full sum"].format(scale=number(scale))]
    marks = [*_heading("loop", "loop code"), *_sum_frames(twin), _frame(*small), *_digit_frame(batch, 1)]
    marks += [write(0, bottom + 20, _reading(twin)), *_legend(bottom + 46, *scales)]
    if twin.tiled:
        marks.append(write(0, STRIP_TOP + STRIP, WORDS["digit times"]))
    else:
        marks += [_lit(*_factor_place(small, row)) for row in (False, True)]
    return _panel(
        WEIGHTS,
        _weights_height(twin),
        marks=marks,
        images=[*_outer_images(batch, twin, store, one, scale), *([] if twin.tiled else _factors(twin, store, small))],
        digits=[] if batch.pixels is None else [_digit_at(1, DIGIT_TOP, DIGIT)],
        moving=[_outer_moving(batch, twin, i, small) for i in range(batch.count)],
        alts=[_loop_alt(batch, twin, "nabla_w", i) for i in range(batch.count)],
        caption=(0, DIGIT_TOP + 18 if batch.pixels is None else DIGIT_TOP + DIGIT + 20),
    )


def _outer_images(batch, twin, store, one, scale):
    """Describe the images of an outer product and of the sum so far, for every example."""
    shape = _arranged(twin, twin.outers[0]).shape
    outers = store.add([_arranged(twin, rows) for rows in twin.outers], one)
    sums = store.add([_arranged(twin, rows) for rows in twin.sums_w], scale)
    product = WORDS["outer product"].format(i="i", **symbols(twin))
    running = WORDS["running sum"].format(position=position(batch, batch.count - 1))
    return [
        cell_image(product, outers, shape, _outer_place(twin), steps=True),
        cell_image(running, sums, shape, _sum_place(twin), steps=True),
    ]


def _outer_place(twin):
    """Choose where the outer product of one example stands."""
    rows, columns = _arranged(twin, twin.outers[0]).shape
    if twin.tiled:
        cell = min((WEIGHTS - OUTER_LEFT - 2) / columns, STRIP / rows)
        return OUTER_LEFT, STRIP_TOP, cell * columns, cell * rows
    width, height = WEIGHTS - OUTER_LEFT - 24, STRIP - 20
    return OUTER_LEFT + 22, STRIP_TOP + 20, min(width, ROW * columns), min(height, ROW * rows)


def _factor_place(place, row):
    """Place δ as a column at the left of the outer product, or a as a row above it."""
    x, y, width, height = place
    return (x, y - 20, width, 14) if row else (x - 20, y, 14, height)


def _factors(twin, store, place):
    """Describe the two factors of an outer product."""
    names = symbols(twin)
    n, n_in = len(twin.Delta), len(twin.A)
    error = store.add(twin.deltas, _largest(twin.Delta, *twin.deltas))
    before = store.add(twin.A.T, _largest(twin.A))
    return [
        cell_image(names["delta"], error, (n, 1), _factor_place(place, False), steps=True),
        cell_image(names["a"], before, (1, n_in), _factor_place(place, True), steps=True, ink=_is_ink(twin)),
    ]


def _outer_moving(batch, twin, i, place):
    """Draw what changes with the example, on the left."""
    product = WORDS["outer product"].format(i=i, **symbols(twin))
    running = WORDS["running sum"].format(position=position(batch, i))
    return [
        write(OUTER_LEFT, STRIP_TOP - 10, product, MIDDLE),
        *(_signs(twin, i, place) if twin.tiled else []),
        write(OUTER_LEFT, STRIP_TOP + STRIP + 20, WORDS["added"], SMALL),
        write(0, SUM_TOP - 12, running, MIDDLE),
    ]


def _signs(twin, i, place):
    """Write the sign of δ_j in the corner of each small tile, where it is not almost zero."""
    side = math.isqrt(twin.sum_w.shape[1])
    x, y, width, _ = place
    cell = width / mosaic_shape(len(twin.shown), side)[1]
    least = _largest(twin.Delta) / 20
    d = ""
    for j, (down, across) in zip(twin.shown, mosaic_places(len(twin.shown), side), strict=True):
        error = twin.deltas[i][j]
        if abs(error) > least:
            d += f"M{x + cell * across + 1:.1f} {y + cell * down + 4:.1f}h6" + ("m-3 -3v6" if error > 0 else "")
    return [mark("path", "joint", d=d, stroke_width=1.5)]


def _product_panel(batch, twin, store, scale):
    """Lay out the matrices: Δ, Aᵀ and their product."""
    left, right = _strip_places(twin)
    column, examples = left[2] / batch.count, range(batch.count)
    marks = [*_heading("matrix", "matrix code"), *_sum_frames(twin), _frame(*left), _frame(*right)]
    marks += [
        *_product_words(batch, twin, scale),
        *(_hit(left[0] + column * i, left[1], column, left[3], i) for i in examples),
    ]
    return _panel(
        WEIGHTS,
        _weights_height(twin),
        marks=marks,
        images=_product_images(twin, store, scale),
        digits=_row_digits(batch, right),
        moving=[_product_moving(left, right, batch.count, i) for i in examples],
        alts=[_matrix_alt(twin, "nabla_w", i) for i in examples],
    )


def _product_images(twin, store, scale):
    """Describe the images of Δ, Aᵀ and their product."""
    names, (left, right) = symbols(twin), _strip_places(twin)
    product = _arranged(twin, twin.sum_w[twin.shown])
    errors = store.add(twin.Delta, _largest(twin.Delta, *twin.deltas))
    before = store.add(twin.A.T, _largest(twin.A))
    return [
        cell_image(names["Delta"], errors, twin.Delta.shape, left),
        cell_image(names["A"], before, twin.A.T.shape, right, ink=_is_ink(twin)),
        cell_image(sum_name(twin, "nabla_w"), store.add(product, scale), product.shape, _sum_place(twin)),
    ]


def _is_ink(twin):
    """Tell whether the activations have no sign; inputs may have one."""
    return bool(twin.A.min() >= 0)


def _product_words(batch, twin, scale):
    """Name Δ, Aᵀ and their product, and say where the sum happens."""
    names, (left, right) = symbols(twin), _strip_places(twin)
    sized = [
        (WORDS["sized"].format(name=names[name], rows=matrix.shape[0], columns=matrix.shape[1]), place)
        for name, matrix, place in (("Delta", twin.Delta, left), ("A", twin.A.T, right))
    ]
    scales = {"left": _largest(twin.Delta, *twin.deltas), "right": _largest(twin.A), "product": scale}
    scales = WORDS["all three"].format(**names, **{name: number(value) for name, value in scales.items()})
    whole = WORDS["whole sum"].format(sum=sum_name(twin, "nabla_w"), count=batch.count)
    return [
        *(write(place[0], STRIP_TOP - 10, words, MIDDLE) for words, place in sized),
        write(left[0] + left[2] + 20, STRIP_TOP + STRIP / 2 + 6, "@", LARGE, "middle"),
        write(0, STRIP_TOP + STRIP + 20, WORDS["meets"], SMALL),
        write(0, SUM_TOP - 12, whole, MIDDLE),
        write(0, SUM_TOP + _sum_place(twin)[3] + 46, scales),
    ]


def _row_digits(batch, place):
    """Place the digits at the left of the rows of Aᵀ, if there is room."""
    x, y, _, height = place
    side = min(height / batch.count, 20) - 1
    if batch.pixels is None or side < 12:
        return []
    return [_digit_at(x - side - 3, y + height / batch.count * i, side, i) for i in range(batch.count)]


def _strip_places(twin):
    """Choose where Δ and Aᵀ stand."""
    n, m = twin.Delta.shape
    width = min(150, ROW * m)
    right = min(WEIGHTS - width - 64, ROW * len(twin.A))
    return (2, STRIP_TOP, width, min(STRIP, ROW * n)), (width + 60, STRIP_TOP, right, min(STRIP, ROW * m))


def _product_moving(left, right, m, i):
    """Outline the example's column of Δ and its row of Aᵀ."""
    wide, high = left[2] / m, right[3] / m
    return [
        _lit(left[0] + wide * i, left[1], wide, left[3]),
        _lit(right[0], right[1] + high * i, right[2], high),
    ]


def _loop_alt(batch, twin, quantity, i):
    names, so_far = symbols(twin), position(batch, i)
    delta = twin.deltas[i]
    j = int(np.abs(delta).argmax())
    above, below = np.count_nonzero(delta > 0), np.count_nonzero(delta < 0)
    details = {"count": len(delta), "above": above, "below": below, "largest": number(delta[j]), "j": j}
    what = WORDS["cells alt"].format(name=names["delta"], **details)
    if quantity == "nabla_b":
        what = WORDS["sum alt"].format(cells=what, position=so_far)
    if quantity == "nabla_w":
        what = WORDS["product alt"].format(name=WORDS["outer product"].format(i=i, **names), position=so_far)
    return WORDS["left alt"].format(what=what)


def _matrix_alt(twin, quantity, i):
    names = symbols(twin)
    rows, columns = twin.Delta.shape
    what = WORDS["matrix alt"].format(name=names["Delta"], rows=rows, columns=columns, i=i)
    if quantity == "nabla_b":
        what = WORDS["bars alt"].format(matrix=what)
    if quantity == "nabla_w":
        what = WORDS["times alt"].format(matrix=what, i=i, A=names["A"])
    return WORDS["right alt"].format(what=what)


def _arranged(twin, rows):
    """Arrange the rows of a gradient for the picture: as tiles, or as the matrix that they are."""
    return mosaic(rows) if twin.tiled else rows
