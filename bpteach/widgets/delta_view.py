"""A view of the errors δ of all layers, one example at a time."""

import math
from dataclasses import dataclass

import numpy as np
import traitlets

from bpteach.arguments import check_count, check_mini_batch, name_of
from bpteach.backpropagation import backprop, feedforward
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, digit, mark, number, raised, svg, write
from bpteach.widgets.widget import Widget, refused_as_trait, static

WORDS = {
    # what is refused
    "no such example": "example is {found}: expected 0 to {last}, a column of X.",
    "own scale": "own_scale is {found}: expected True or False.",
    # its name
    "one": "DeltaView({net!r}, 1 example)",
    "several": "DeltaView({net!r}, {count} examples)",
    # the controls
    "controls": "Choose what is shown",
    "example": "Example",
    "previous": "Previous",
    "next": "Next",
    "own": "Each layer its own scale",
    # the picture
    "read": "{right}, read as {answer}",
    "up": "up: δ > 0, a larger z would raise the cost",
    "down": "down: δ < 0, a larger z would lower the cost",
    "one scale": "one scale for all layers: full height is {scale}",
    "own scales": "each layer its own scale: full height is the ± beside it",
    "neurons": "one bar for each neuron, counted from 0",
    "norms": "‖δ‖, log scale",
    "layer": "δ{l}",
    "output": "output",
    "hidden": "hidden",
    "first hidden": "first hidden",
    "full height": "± {scale}",
    # the sentences
    "position": "{number} of {count}",
    "which": "Example {position}.",
    "which, read": "Example {position}: {read}.",
    "shrinks": "The error shrinks from {last} at the output to {first} at the first hidden layer.",
    "grows": "The error grows from {last} at the output to {first} at the first hidden layer.",
    "stays": "The error is {last} at the output and at the first hidden layer.",
    "one layer": "The error is {last} at the output, the only layer after the input.",
    "alt": "{sentence} Bars show the error of every neuron, one row for each layer, {scale}. Lengths: {norms}.",
    "norm": "‖δ{l}‖ = {norm}",
    # the table
    "title": "{which} Column X[:, [{example}]].",
    "head": "{layer:<20}{norm:>12}{largest:>18}{neuron:>12}",
    "head layer": "layer",
    "head norm": "‖δ‖",
    "head largest": "largest |δ_j|",
    "head neuron": "at neuron",
    "row layer": "δ{l} ({name})",
}

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
    example = traitlets.Int().tag(sync=True)
    own_scale = traitlets.Bool().tag(sync=True)

    def __init__(self, net, X, Y, *, example=0, own_scale=False, text_size=16):
        check_mini_batch(net, X, Y)
        count = X.shape[1]
        _check_example(example, count)
        _check_own_scale(own_scale)
        self._errors = [_errors_of(net, X[:, [i]], Y[:, [i]]) for i in range(count)]
        self._axis = _decades([norm for errors in self._errors for norm in errors.norms])
        super().__init__(
            WORDS["one" if count == 1 else "several"].format(net=net, count=count),
            {word: WORDS[word] for word in ("controls", "example", "previous", "next", "own")},
            frames=[self._frame(i) for i in range(count)],
            example=int(example),
            own_scale=own_scale,
            text_size=text_size,
        )

    def _frame(self, i):
        """Gather all that the browser shows of example `i`; of its two pictures the second has own scales."""
        errors = self._errors[i]
        position = WORDS["position"].format(number=i + 1, count=len(self._errors))
        views = [
            {"alt": _alt(errors, position, own_scale), "marks": _picture(errors, self._axis, own_scale)}
            for own_scale in (False, True)
        ]
        box = f"0 0 {WIDTH} {_height(errors)}"
        return {"position": position, "sentence": _sentence(errors, position), "box": box, "views": views}

    @property
    def text(self):
        """Lay out the errors of the example that is shown.

        Returns
        -------
        str
            A table, one line a layer, the output first: ‖δ‖, the largest |δ_j| and its j, counted from 0.
        """
        errors = self._errors[self.example]
        which = _which(errors, self.frames[self.example]["position"])
        columns = {name: WORDS[f"head {name}"] for name in ("layer", "norm", "largest", "neuron")}
        lines = [WORDS["title"].format(which=which, example=self.example), WORDS["head"].format(**columns)]
        for l, delta, norm in reversed(errors.layers):
            size = np.abs(delta)
            layer = WORDS["row layer"].format(l=raised(l), name=_layer_name(l, errors))
            row = {"layer": layer, "norm": number(norm), "largest": number(size.max()), "neuron": size.argmax()}
            lines.append(WORDS["head"].format(**row))
        return "\n".join(lines)

    @traitlets.validate("example")
    def _check_new_example(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_example, proposal.value, len(self._errors))

    def _still(self):
        view = self.frames[self.example]["views"][self.own_scale]
        return view["alt"], svg(view["marks"], WIDTH, _height(self._errors[self.example]))


def _check_example(example, count):
    check_count("example", example, least=0)
    if example >= count:
        raise ValueError(WORDS["no such example"].format(found=example, last=count - 1))


def _check_own_scale(own_scale):
    if not isinstance(own_scale, bool):
        raise TypeError(WORDS["own scale"].format(found=name_of(own_scale)))


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
    nabla_b, _ = backprop(net, x, y)
    side = math.isqrt(len(x))
    is_class = len(y) > 1 and np.count_nonzero(y) == 1 and y.max() == 1
    return _Errors(
        pixels=np.clip(x, 0, 1).reshape(side, side) if side * side == len(x) else None,
        right=int(y.argmax()) if is_class else None,
        answer=int(feedforward(net, x).argmax()),
        deltas=[delta.ravel().astype(np.float64) for delta in nabla_b],  # BP3: these are the errors
    )


def _decades(norms):
    """Choose the powers of ten between which the axis of ‖δ‖ runs, the same for all examples."""
    logarithms = [math.log10(norm) for norm in norms if norm > 0] or [0]
    low = math.floor(min(logarithms))
    return low, max(math.ceil(max(logarithms)), low + 1)


# --- the sentences ---------------------------------------------------------------------------------------------------


def _layer_name(l, errors):
    is_output = l == len(errors.deltas) + 1
    return WORDS["output" if is_output else "first hidden" if l == 2 else "hidden"]


def _read(errors):
    return "" if errors.right is None else WORDS["read"].format(right=errors.right, answer=errors.answer)


def _which(errors, position):
    return WORDS["which, read" if _read(errors) else "which"].format(position=position, read=_read(errors))


def _sentence(errors, position):
    first, last = number(errors.norms[0]), number(errors.norms[-1])
    change = "stays" if first == last else "shrinks" if errors.norms[0] < errors.norms[-1] else "grows"
    word = "one layer" if len(errors.norms) == 1 else change
    return f"{_which(errors, position)} {WORDS[word].format(first=first, last=last)}"


def _scale_words(errors, own_scale):
    return WORDS["own scales"] if own_scale else WORDS["one scale"].format(scale=number(errors.largest))


def _alt(errors, position, own_scale):
    norms = [WORDS["norm"].format(l=raised(l), norm=number(norm)) for l, _, norm in reversed(errors.layers)]
    scale = _scale_words(errors, own_scale)
    return WORDS["alt"].format(sentence=_sentence(errors, position), scale=scale, norms=", ".join(norms))


# --- the picture ---------------------------------------------------------------


def _height(errors):
    return HEAD + ROW * len(errors.deltas) + FOOT


def _picture(errors, axis, own_scale):
    """Lay out one example: its image and the legend, then a row for each layer, the output on top."""
    height = _height(errors)
    marks = [*_heading(errors, own_scale), *_grid(axis, height)]
    dots = []
    for row, (l, delta, norm) in enumerate(reversed(errors.layers)):
        zero = HEAD + ROW * row + ROW / 2 - 6
        scale = np.abs(delta).max() if own_scale else errors.largest
        marks += _row_labels(zero, l, errors, scale if own_scale else None)
        marks += _bars(zero, delta / (scale or 1))  # all zero: nothing to scale
        marks.append(write(NORM_RIGHT, zero + 5, number(norm), MIDDLE, "end"))
        if norm > 0:  # 0 has no place on a logarithmic axis
            dots.append((_place(norm, axis), zero))
    return marks + _dots(dots)


def _heading(errors, own_scale):
    """Draw the image, and beside it what it is, how to read the bars, and the scale."""
    marks = [] if errors.pixels is None else digit(errors.pixels, DIGIT)
    left = 0 if errors.pixels is None else DIGIT + 20
    marks.append(write(left, 18, _read(errors), LARGE))
    for y, kind, way in ((44, "up", -14), (64, "down", 14)):
        start = y - 5 - way / 2
        marks.append(mark("path", kind, d=f"M{left + 5} {start:g}v{way}", stroke_width=8))
        marks.append(write(left + 18, y, WORDS[kind], MIDDLE))
    marks.append(write(left, 86, _scale_words(errors, own_scale), MIDDLE))
    marks.append(write(BARS_LEFT, HEAD - 14, WORDS["neurons"]))
    return [*marks, write(AXIS_LEFT + AXIS_WIDTH, HEAD - 14, WORDS["norms"], SMALL, "end")]


def _row_labels(zero, l, errors, scale):
    marks = [
        write(0, zero - 6, WORDS["layer"].format(l=raised(l)), LARGE),
        write(0, zero + 10, _layer_name(l, errors)),
    ]
    if scale is not None:
        marks.append(write(0, zero + 26, WORDS["full height"].format(scale=number(scale))))
    return marks


def _bars(zero, heights):
    """Draw one bar for each neuron: up or down from the zero line, by heights from -1 to 1."""
    pitch = BARS_WIDTH / len(heights)
    middles = BARS_LEFT + pitch * (np.arange(len(heights)) + 0.5)
    marks = []
    for kind, sign in (("up", 1), ("down", -1)):
        bars = [(x, h) for x, h in zip(middles, heights, strict=True) if h * sign > 0]
        d = "".join(f"M{x:.1f} {zero:g}v{-h * BAR_HEIGHT:.1f}" for x, h in bars)
        marks.append(mark("path", kind, d=d, stroke_width=min(0.75 * pitch, 20.0)))
    axes = f"M{BARS_LEFT} {zero:g}h{BARS_WIDTH}M{BARS_LEFT} {zero - BAR_HEIGHT:g}v{2 * BAR_HEIGHT}"
    marks.append(mark("path", "line", d=axes))
    named = range(len(heights)) if len(heights) <= 10 else (0, len(heights) - 1)
    return marks + [write(float(middles[j]), zero + BAR_HEIGHT + 14, str(j), SMALL, "middle") for j in named]


def _grid(axis, height):
    """Draw the axis of ‖δ‖: a line and a label for every power of ten, or for some if there are many."""
    low, high = axis
    marks = []
    for exponent in range(low, high + 1, math.ceil((high - low) / 3)):
        x = _place(10.0**exponent, axis)
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{height - FOOT}"))
        marks.append(write(x, height - 8, f"10{raised(exponent)}", SMALL, "middle"))
    return marks


def _place(norm, axis):
    low, high = axis
    return AXIS_LEFT + AXIS_WIDTH * (math.log10(norm) - low) / (high - low)


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
