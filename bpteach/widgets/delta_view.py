"""A view of the errors δ of all layers, one example at a time."""

import numpy as np
import traitlets

from bpteach.arguments import require_mini_batch
from bpteach.backpropagation import backprop, feedforward
from bpteach.locale import N_, _, aligned
from bpteach.widgets.delta_words import layers, read_as, sentence
from bpteach.widgets.examples import class_of, how_many, image_of
from bpteach.widgets.marks import LARGE, MIDDLE, digit, mark, number, svg, upright_bars, write
from bpteach.widgets.widget import Place, Switch, Widget, printed, static

# The places in the picture, in units of which the text size is 16.
WIDTH, HEAD, ROW = 544, 118, 72
DIGIT = 84
BARS_LEFT, BARS_WIDTH, BAR_HEIGHT = 88, 376, 26


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
        The example that is shown: ‖δ‖ and the largest error of every layer.

    Raises
    ------
    TypeError, ValueError
        If `net` is no network, `X` or `Y` is no array that fits it, or a choice is not on offer.

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
    _css = static("common.css")

    linked = ("example", "own_scale")
    frames = traitlets.List().tag(sync=True)
    box = traitlets.Unicode().tag(sync=True)
    example = Place(lambda widget: len(widget._examples) - 1, N_("a column of X"))
    own_scale = Switch(False)

    def __init__(self, net, X, Y, *, example=0, own_scale=False, text_size=16):
        require_mini_batch(net, X, Y)
        count = X.shape[1]
        self._examples = [_Example(net, X[:, [i]], Y[:, [i]], str(i)) for i in range(count)]
        self._height = HEAD + ROW * len(net.weights)
        super().__init__(
            f"DeltaView({net!r}, {how_many(count)})",
            {"step": _("Example"), "own": _("Each layer its own scale")},
            frames=[each.frame() for each in self._examples],
            box=f"0 0 {WIDTH} {self._height}",
            example=example,
            own_scale=own_scale,
            text_size=text_size,
        )

    @printed
    def text(self):
        """What is shown: a sentence, and a table with one line a layer: ‖δ‖, the largest |δ|, and at which neuron."""
        example = self._examples[self.example]
        rows = [(_("layer"), "‖δ‖", _("largest |δ|"), _("at neuron"))]
        for k, symbol, name in layers(len(example.deltas)):
            sizes, label = np.abs(example.deltas[k]), _("{symbol} ({name})").format(symbol=symbol, name=name)
            rows.append((label, number(example.norms[k]), number(sizes.max()), sizes.argmax()))
        return "\n".join([example.sentence, *(aligned(row, 20, -12, -18, -12) for row in rows)])

    def _still(self):
        view = self.frames[self.example]["views"][self.own_scale]
        return view["alt"], svg(view["marks"], WIDTH, self._height)


class _Example:
    """What backpropagation finds for one example, and what is said and drawn of it."""

    def __init__(self, net, x, y, position):
        nabla_b, _nabla_w = backprop(net, x, y)
        self.position, self.pixels = position, image_of(x)
        self.deltas = [delta.ravel().astype(np.float64) for delta in nabla_b]  # BP3: these are the errors
        self.norms = [float(np.linalg.norm(delta)) for delta in self.deltas]
        self.largest = max(np.abs(delta).max() for delta in self.deltas)
        self.read = read_as(class_of(y), feedforward(net, x).argmax())
        self.sentence = sentence(position, self.read, self.norms)

    def frame(self):
        """Gather all that the browser shows; of the two pictures the second has own scales."""
        views = [{"alt": self.alt(), "marks": self.picture(own)} for own in (False, True)]
        return {"position": self.position, "sentence": self.sentence, "views": views}

    def alt(self):
        norms = _(", ").join(f"‖{symbol}‖ = {number(self.norms[k])}" for k, symbol, _name in layers(len(self.norms)))
        words = _("{sentence} Bars show the error of every neuron, one row for each layer. Lengths: {norms}.")
        return words.format(sentence=self.sentence, norms=norms)

    def picture(self, own_scale):
        """Lay out the image and the legend, then a row for each layer, the output on top."""
        marks = self.heading(own_scale)
        for row, (k, symbol, name) in enumerate(layers(len(self.deltas))):
            zero, delta = HEAD + ROW * row + 30, self.deltas[k]
            scale = np.abs(delta).max() if own_scale else self.largest
            marks += [write(0, zero - 6, symbol, LARGE), write(0, zero + 10, name)]
            if own_scale:
                marks.append(write(0, zero + 26, f"± {number(scale)}"))
            marks += _bars(zero, delta / (scale or 1))  # all zero: nothing to scale
            marks.append(write(WIDTH, zero + 5, number(self.norms[k]), MIDDLE, "end"))
        return marks

    def heading(self, own_scale):
        marks = digit(self.pixels, DIGIT)
        left = DIGIT + 20 if marks else 0
        marks.append(write(left, 18, self.read, LARGE))
        up, down = _("up: δ > 0, a larger z would raise the cost"), _("down: δ < 0, a larger z would lower the cost")
        for y, kind, way, words in ((42, "up", -14, up), (62, "down", 14, down)):
            marks.append(mark("path", kind, d=f"M{left + 5} {y - 5 - way / 2:g}v{way}", stroke_width=8))
            marks.append(write(left + 18, y, words, MIDDLE))
        scale = _("one scale for all layers: full height is {scale}").format(scale=number(self.largest))
        if own_scale:
            scale = _("each layer its own scale: full height is the ± beside it")
        marks.append(write(left, 82, scale, MIDDLE))
        marks.append(write(BARS_LEFT, HEAD - 12, _("one bar for each neuron, counted from 0")))
        return [*marks, write(WIDTH, HEAD - 12, "‖δ‖", MIDDLE, "end")]


def _bars(zero, heights):
    """Draw one bar for each neuron: up or down from the zero line, by heights from -1 to 1."""
    marks, middles = upright_bars(heights, BARS_LEFT, BARS_WIDTH, zero, BAR_HEIGHT)
    axes = f"M{BARS_LEFT} {zero:g}h{BARS_WIDTH}M{BARS_LEFT} {zero - BAR_HEIGHT:g}v{2 * BAR_HEIGHT}"
    marks.append(mark("path", "line", d=axes))
    named = range(len(heights)) if len(heights) <= 10 else (0, len(heights) - 1)
    return marks + [write(middles[j], zero + BAR_HEIGHT + 12, str(j), anchor="middle") for j in named]
