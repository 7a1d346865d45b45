"""A view of the errors δ of all layers, one example at a time."""

from dataclasses import dataclass

import numpy as np
import traitlets

from bpteach.arguments import check_mini_batch
from bpteach.backpropagation import backprop, feedforward
from bpteach.locale import N_, _
from bpteach.widgets.examples import class_of, how_many, image_of, position
from bpteach.widgets.marks import (
    LARGE,
    MIDDLE,
    SMALL,
    LogAxis,
    digit,
    mark,
    number,
    power_of_ten,
    superscript,
    svg,
    upright_bars,
    write,
)
from bpteach.widgets.widget import Place, Switch, Widget, static

# The places in the picture, in units of which the text size is 16.
WIDTH, HEAD, ROW, FOOT = 544, 140, 76, 24
DIGIT = 88
BARS_LEFT, BARS_WIDTH, BAR_HEIGHT = 88, 264, 28
NORM_RIGHT, AXIS_LEFT, AXIS_WIDTH = 434, 448, 80


class DeltaView(Widget):
    """Choose an example and see the error δ of every layer.

    Every number comes from `backprop`, computed when the widget is made: its `nabla_b` are the deltas (BP3). After that
    the browser steps by itself, and tells Python which example is shown.

    Parameters
    ----------
    net : Network
        The network, as it is now; training it later does not change the widget.
    X : array, shape (n_1, m)
        The inputs, one column an example. Shown as an image if n_1 is a square, 0 as paper and 1 as ink.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.
    example : int
        The column that is shown first, counted from 0.
    own_scale : bool
        Draw each layer to its own scale, instead of one for all layers.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    text : str
        A table of the example that is shown: ‖δ‖ and the largest error of every layer.

    Raises
    ------
    TypeError
        If `net` is no network, `X` or `Y` no array of floats, or another argument is of the wrong kind.
    ValueError
        If `X` or `Y` does not fit the network, `example` is no column of `X`, or `text_size` is not on offer.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2 (BP1 to BP3), and chapter 5, "The vanishing gradient
    problem".

    Examples
    --------
    >>> from bpteach.network import Network
    >>> rng = np.random.default_rng(0)
    >>> net = Network.random([9, 5, 2], rng)
    >>> DeltaView(net, rng.random((9, 3)), np.eye(2)[:, [0, 1, 0]])
    DeltaView(Network([9, 5, 2]), 3 examples)
    """

    _esm = static("common.js", "delta_view.js")
    _css = static("common.css", "delta_view.css")

    frames = traitlets.List().tag(sync=True)
    example = Place(lambda widget: len(widget._errors) - 1, N_("a column of X"))
    own_scale = Switch()

    def __init__(self, net, X, Y, *, example=0, own_scale=False, text_size=16):
        check_mini_batch(net, X, Y)
        count = X.shape[1]
        self._errors = [_errors_of(net, X[:, [i]], Y[:, [i]]) for i in range(count)]
        axis = LogAxis.around([norm for errors in self._errors for norm in errors.norms], AXIS_LEFT, AXIS_WIDTH)
        super().__init__(
            f"DeltaView({net!r}, {how_many(count)})",
            {"example": _("Example"), "own": _("Each layer its own scale")},
            frames=[_frame(errors, position(i, count), axis) for i, errors in enumerate(self._errors)],
            example=example,
            own_scale=own_scale,
            text_size=text_size,
        )

    @property
    def text(self):
        """A table of the example that is shown, one line a layer: ‖δ‖, the largest |δ_j| and its j, counted from 0."""
        errors, count = self._errors[self.example], len(self._errors)
        rows = [(_("layer"), "‖δ‖", _("largest |δ_j|"), _("at neuron"))]
        for l, delta, norm in reversed(errors.layers):
            sizes = np.abs(delta)
            layer = f"δ{superscript(l)} ({_layer_name(l, errors)})"
            rows.append((layer, number(norm), number(sizes.max()), sizes.argmax()))
        title = _("{which} Column X[:, [{example}]].")
        title = title.format(which=_which(errors, position(self.example, count)), example=self.example)
        return "\n".join([title, *("{:<20}{:>12}{:>18}{:>12}".format(*row) for row in rows)])

    def _still(self):
        view = self.frames[self.example]["views"][self.own_scale]
        return view["alt"], svg(view["marks"], WIDTH, _height(self._errors[self.example]))


# --- the numbers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Errors:
    """What backpropagation finds for one example."""

    pixels: np.ndarray | None  # shape (side, side), from 0 to 1; None where n_1 is no square
    right: int | None  # the class asked for, or None where y is not a column of 0s with a single 1
    answer: int  # the network's
    deltas: list  # one flat array for each layer after the input

    @property
    def norms(self):
        return [float(np.linalg.norm(delta)) for delta in self.deltas]

    @property
    def layers(self):
        """The layer's number in the book, its δ and ‖δ‖, from the first hidden layer to the output."""
        return list(zip(range(2, len(self.deltas) + 2), self.deltas, self.norms, strict=True))

    @property
    def largest(self):
        return max(np.abs(delta).max() for delta in self.deltas)


def _errors_of(net, x, y):
    nabla_b, _nabla_w = backprop(net, x, y)
    return _Errors(
        pixels=image_of(x),
        right=class_of(y),
        answer=int(feedforward(net, x).argmax()),
        deltas=[delta.ravel().astype(np.float64) for delta in nabla_b],  # BP3: these are the errors
    )


# --- the sentences ---------------------------------------------------------------------------------------------------


def _layer_name(l, errors):
    is_output = l == len(errors.deltas) + 1
    return _("output") if is_output else _("first hidden") if l == 2 else _("hidden")


def _read(errors):
    if errors.right is None:
        return ""
    return _("{right}, read as {answer}").format(right=errors.right, answer=errors.answer)


def _which(errors, position):
    words = _("Example {position}: {read}.") if _read(errors) else _("Example {position}.")
    return words.format(position=position, read=_read(errors))


def _sentence(errors, position):
    first, last = number(errors.norms[0]), number(errors.norms[-1])
    if len(errors.norms) == 1:
        words = _("The error is {last} at the output, the only layer after the input.")
    elif first == last:
        words = _("The error is {last} at the output and at the first hidden layer.")
    elif errors.norms[0] < errors.norms[-1]:
        words = _("The error shrinks from {last} at the output to {first} at the first hidden layer.")
    else:
        words = _("The error grows from {last} at the output to {first} at the first hidden layer.")
    return f"{_which(errors, position)} {words.format(first=first, last=last)}"


def _scale_words(errors, own_scale):
    if own_scale:
        return _("each layer its own scale: full height is the ± beside it")
    return _("one scale for all layers: full height is {scale}").format(scale=number(errors.largest))


def _alt(errors, position, own_scale):
    norms = ", ".join(f"‖δ{superscript(l)}‖ = {number(norm)}" for l, _delta, norm in reversed(errors.layers))
    words = _("{sentence} Bars show the error of every neuron, one row for each layer, {scale}. Lengths: {norms}.")
    return words.format(sentence=_sentence(errors, position), scale=_scale_words(errors, own_scale), norms=norms)


# --- the picture -----------------------------------------------------------------------------------------------------


def _frame(errors, position, axis):
    """Gather all that the browser shows of an example; of its two pictures the second has own scales."""
    views = [
        {"alt": _alt(errors, position, own_scale), "marks": _picture(errors, axis, own_scale)}
        for own_scale in (False, True)
    ]
    box = f"0 0 {WIDTH} {_height(errors)}"
    return {"position": position, "sentence": _sentence(errors, position), "box": box, "views": views}


def _height(errors):
    return HEAD + ROW * len(errors.deltas) + FOOT


def _picture(errors, axis, own_scale):
    """Lay out one example: its image and the legend, then a row for each layer, the output on top."""
    marks, points = [*_heading(errors, own_scale), *_grid(axis, _height(errors))], []
    for row, (l, delta, norm) in enumerate(reversed(errors.layers)):
        zero = HEAD + ROW * row + ROW / 2 - 6
        scale = np.abs(delta).max() if own_scale else errors.largest
        marks.append(write(0, zero - 6, f"δ{superscript(l)}", LARGE))
        marks.append(write(0, zero + 10, _layer_name(l, errors)))
        if own_scale:
            marks.append(write(0, zero + 26, f"± {number(scale)}"))
        marks += _bars(zero, delta / (scale or 1))  # all zero: nothing to scale
        marks.append(write(NORM_RIGHT, zero + 5, number(norm), MIDDLE, "end"))
        if norm > 0:  # 0 has no place on a logarithmic axis
            points.append((axis.place(norm), zero))
    return marks + _dots(points)


def _heading(errors, own_scale):
    """Draw the image, and beside it what it is, how to read the bars, and the scale."""
    marks = [] if errors.pixels is None else digit(errors.pixels, DIGIT)
    left = 0 if errors.pixels is None else DIGIT + 20
    marks.append(write(left, 18, _read(errors), LARGE))
    up, down = _("up: δ > 0, a larger z would raise the cost"), _("down: δ < 0, a larger z would lower the cost")
    for y, kind, way, words in ((44, "up", -14, up), (64, "down", 14, down)):
        marks.append(mark("path", kind, d=f"M{left + 5} {y - 5 - way / 2:g}v{way}", stroke_width=8))
        marks.append(write(left + 18, y, words, MIDDLE))
    marks.append(write(left, 86, _scale_words(errors, own_scale), MIDDLE))
    marks.append(write(BARS_LEFT, HEAD - 14, _("one bar for each neuron, counted from 0")))
    return [*marks, write(AXIS_LEFT + AXIS_WIDTH, HEAD - 14, _("‖δ‖, log scale"), SMALL, "end")]


def _bars(zero, heights):
    """Draw one bar for each neuron: up or down from the zero line, by heights from -1 to 1."""
    marks, middles = upright_bars(heights, BARS_LEFT, BARS_WIDTH, zero, BAR_HEIGHT)
    axes = f"M{BARS_LEFT} {zero:g}h{BARS_WIDTH}M{BARS_LEFT} {zero - BAR_HEIGHT:g}v{2 * BAR_HEIGHT}"
    marks.append(mark("path", "line", d=axes))
    named = range(len(heights)) if len(heights) <= 10 else (0, len(heights) - 1)
    return marks + [write(middles[j], zero + BAR_HEIGHT + 14, str(j), SMALL, "middle") for j in named]


def _grid(axis, height):
    marks = []
    for exponent, x in axis.ticks(3):
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{height - FOOT}"))
        marks.append(write(x, height - 8, power_of_ten(exponent, plain=()), SMALL, "middle"))
    return marks


def _dots(points):
    """Draw a dot for each ‖δ‖ and join them: a straight line means that each layer shrinks it by the same factor."""
    if not points:
        return []
    line = "L".join(f"{x:.1f} {y:g}" for x, y in points)
    dots = "".join(f"M{x:.1f} {y:g}h0" for x, y in points)  # lines of no length, with round ends
    return [
        mark("path", "joint", d=f"M{line}", stroke_width=1.5),
        mark("path", "dot", d=dots, stroke_width=9, stroke_linecap="round"),
    ]
