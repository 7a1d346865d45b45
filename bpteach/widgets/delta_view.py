"""A view of the errors δ of all layers, one example at a time."""

import numpy as np
import traitlets

from bpteach.arguments import require_mini_batch
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

    _esm = static("common.js", "frame_view.js")
    _css = static("common.css", "frame_view.css")

    frames = traitlets.List().tag(sync=True)
    box = traitlets.Unicode().tag(sync=True)
    stepped = traitlets.Tuple(("example", "delta-view")).tag(sync=True)
    example = Place(lambda widget: len(widget._examples) - 1, N_("a column of X"))
    own_scale = Switch()

    def __init__(self, net, X, Y, *, example=0, own_scale=False, text_size=16):
        require_mini_batch(net, X, Y)
        count = X.shape[1]
        self._examples = [_Example(net, X[:, [i]], Y[:, [i]], position(i, count)) for i in range(count)]
        norms = [norm for each in self._examples for norm in each.norms]
        axis = LogAxis.around(norms, AXIS_LEFT, AXIS_WIDTH)
        self._height = HEAD + ROW * len(net.weights) + FOOT
        super().__init__(
            f"DeltaView({net!r}, {how_many(count)})",
            {"step": _("Example"), "own": _("Each layer its own scale")},
            frames=[each.frame(axis) for each in self._examples],
            box=f"0 0 {WIDTH} {self._height}",
            example=example,
            own_scale=own_scale,
            text_size=text_size,
        )

    @property
    def text(self):
        """A table of the example that is shown, one line a layer: ‖δ‖, the largest |δ_j| and its j, counted from 0."""
        example = self._examples[self.example]
        rows = [(_("layer"), "‖δ‖", _("largest |δ_j|"), _("at neuron"))]
        for symbol, name, delta, norm in example.layers:
            sizes = np.abs(delta)
            rows.append((f"{symbol} ({name})", number(norm), number(sizes.max()), sizes.argmax()))
        title = _("{which} Column X[:, [{example}]].").format(which=example.which, example=self.example)
        return "\n".join([title, *("{:<20}{:>12}{:>18}{:>12}".format(*row) for row in rows)])

    def _still(self):
        view = self.frames[self.example]["views"][self.own_scale]
        return view["alt"], svg(view["marks"], WIDTH, self._height)


class _Example:
    """What backpropagation finds for one example, and what is said and drawn of it."""

    def __init__(self, net, x, y, position):
        nabla_b, _nabla_w = backprop(net, x, y)
        self.position, self.pixels, right = position, image_of(x), class_of(y)
        self.deltas = [delta.ravel().astype(np.float64) for delta in nabla_b]  # BP3: these are the errors
        self.norms = [float(np.linalg.norm(delta)) for delta in self.deltas]
        self.largest = max(np.abs(delta).max() for delta in self.deltas)
        self.read, self.which = "", _("Example {position}.").format(position=position)
        if right is not None:
            answer = feedforward(net, x).argmax()
            self.read = _("{right}, read as {answer}").format(right=right, answer=answer)
            self.which = _("Example {position}: {read}.").format(position=position, read=self.read)

    @property
    def layers(self):
        """For each layer, the output first: the symbol of δ, the layer's name, δ and ‖δ‖."""
        count = len(self.deltas)
        names = [_("output"), *[_("hidden")] * (count - 2), *[_("first hidden")][: count - 1]]
        symbols = [f"δ{superscript(l)}" for l in range(count + 1, 1, -1)]
        return list(zip(symbols, names, self.deltas[::-1], self.norms[::-1], strict=True))

    # the words

    def sentence(self):
        first, last = number(self.norms[0]), number(self.norms[-1])
        if len(self.norms) == 1:
            words = _("The error is {last} at the output, the only layer after the input.")
        elif first == last:
            words = _("The error is {last} at the output and at the first hidden layer.")
        elif self.norms[0] < self.norms[-1]:
            words = _("The error shrinks from {last} at the output to {first} at the first hidden layer.")
        else:
            words = _("The error grows from {last} at the output to {first} at the first hidden layer.")
        return f"{self.which} {words.format(first=first, last=last)}"

    def scale_words(self, own_scale):
        if own_scale:
            return _("each layer its own scale: full height is the ± beside it")
        return _("one scale for all layers: full height is {scale}").format(scale=number(self.largest))

    def alt(self, own_scale):
        norms = ", ".join(f"‖{symbol}‖ = {number(norm)}" for symbol, _name, _delta, norm in self.layers)
        words = _("{sentence} Bars show the error of every neuron, one row for each layer, {scale}. Lengths: {norms}.")
        return words.format(sentence=self.sentence(), scale=self.scale_words(own_scale), norms=norms)

    # the picture

    def frame(self, axis):
        """Gather all that the browser shows; of the two pictures the second has own scales."""
        views = [{"alt": self.alt(own), "marks": self.picture(axis, own)} for own in (False, True)]
        return {"position": self.position, "sentence": self.sentence(), "views": views}

    def picture(self, axis, own_scale):
        """Lay out the image and the legend, then a row for each layer, the output on top."""
        marks, points = [*self.heading(own_scale), *_grid(axis, len(self.deltas))], []
        for row, (symbol, name, delta, norm) in enumerate(self.layers):
            zero = HEAD + ROW * row + ROW / 2 - 6
            scale = np.abs(delta).max() if own_scale else self.largest
            marks += [write(0, zero - 6, symbol, LARGE), write(0, zero + 10, name)]
            if own_scale:
                marks.append(write(0, zero + 26, f"± {number(scale)}"))
            marks += _bars(zero, delta / (scale or 1))  # all zero: nothing to scale
            marks.append(write(NORM_RIGHT, zero + 5, number(norm), MIDDLE, "end"))
            if norm > 0:  # 0 has no place on a logarithmic axis
                points.append(f"{axis.place(norm):.1f} {zero:g}")
        return marks + (_dots(points) if points else [])

    def heading(self, own_scale):
        """Draw the image, and beside it what it is, how to read the bars, and the scale."""
        marks = [] if self.pixels is None else digit(self.pixels, DIGIT)
        left = 0 if self.pixels is None else DIGIT + 20
        marks.append(write(left, 18, self.read, LARGE))
        up, down = _("up: δ > 0, a larger z would raise the cost"), _("down: δ < 0, a larger z would lower the cost")
        for y, kind, way, words in ((44, "up", -14, up), (64, "down", 14, down)):
            marks.append(mark("path", kind, d=f"M{left + 5} {y - 5 - way / 2:g}v{way}", stroke_width=8))
            marks.append(write(left + 18, y, words, MIDDLE))
        marks.append(write(left, 86, self.scale_words(own_scale), MIDDLE))
        marks.append(write(BARS_LEFT, HEAD - 14, _("one bar for each neuron, counted from 0")))
        return [*marks, write(AXIS_LEFT + AXIS_WIDTH, HEAD - 14, _("‖δ‖, log scale"), SMALL, "end")]


def _bars(zero, heights):
    """Draw one bar for each neuron: up or down from the zero line, by heights from -1 to 1."""
    marks, middles = upright_bars(heights, BARS_LEFT, BARS_WIDTH, zero, BAR_HEIGHT)
    axes = f"M{BARS_LEFT} {zero:g}h{BARS_WIDTH}M{BARS_LEFT} {zero - BAR_HEIGHT:g}v{2 * BAR_HEIGHT}"
    marks.append(mark("path", "line", d=axes))
    named = range(len(heights)) if len(heights) <= 10 else (0, len(heights) - 1)
    return marks + [write(middles[j], zero + BAR_HEIGHT + 14, str(j), SMALL, "middle") for j in named]


def _grid(axis, rows):
    bottom, marks = HEAD + ROW * rows, []
    for exponent, x in axis.ticks(3):
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{bottom}"))
        marks.append(write(x, bottom + FOOT - 8, power_of_ten(exponent, plain=()), SMALL, "middle"))
    return marks


def _dots(points):
    """Draw a dot for each ‖δ‖ and join them: a straight line means that each layer shrinks it by the same factor."""
    dots = "".join(f"M{point}h0" for point in points)  # lines of no length, with round ends
    return [
        mark("path", "joint", d=f"M{'L'.join(points)}", stroke_width=1.5),
        mark("path", "dot", d=dots, stroke_width=9, stroke_linecap="round"),
    ]
