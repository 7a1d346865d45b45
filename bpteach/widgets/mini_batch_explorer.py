"""The loop over a mini-batch beside its matrices: the columns do not mix, and where the examples are summed."""

import math

import traitlets

from bpteach.arguments import require_mini_batch
from bpteach.locale import N_, _, joined
from bpteach.widgets.byte_images import CellStore, mosaic_shape, palettes
from bpteach.widgets.examples import how_many
from bpteach.widgets.loop_and_matrix import MOST_TILES, Batch, is_tiled
from bpteach.widgets.marks import MIDDLE, digit, moved, svg, wrapped, write
from bpteach.widgets.mini_batch_errors import ErrorPicture
from bpteach.widgets.mini_batch_picture import STILL_STYLE, UNITS, caption, still_marks
from bpteach.widgets.mini_batch_weights import WeightPicture
from bpteach.widgets.widget import Choice, Place, Widget, as_network, printed, speeds_a_second, static

QUANTITIES = {"delta": N_("δ, errors"), "nabla_b": N_("∇b, bias gradients"), "nabla_w": N_("∇w, weight gradients")}
PICTURES = {"delta": ErrorPicture, "nabla_b": ErrorPicture, "nabla_w": WeightPicture}
SPEEDS = [1, 2, 5, 10]  # examples a second

MOST_EXAMPLES = 64
MOST_BYTES = 3_900_000  # of all that is sent, but for the script
LINE = 100  # letters in a line below the still picture


class MiniBatchExplorer(Widget):
    """Step through a mini-batch: the loop over its examples on the left, the matrices of all of them on the right.

    On the left, `backprop` is called for one example after the other, and their gradients are added. On the right, all
    examples are columns of Δ, and a sum over the columns (∇b) or a matrix product (∇w) adds them all at once, as in
    `backprop_matrix`. Everything is computed when the widget is made. After that the browser steps by itself, and tells
    Python what is shown.

    Colours show numbers in steps of 1/127 of the largest size, which is written below them.

    Parameters
    ----------
    net : Network
        The network, as it is now; training it later does not change the widget.
    X : array, shape (n_1, m)
        The inputs, one column an example; at most 64, and fewer for a large network (4 MB of pictures are the limit).
        Shown as images if n_1 is a square, and so are then the gradients of the weights of layer 2.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.
    example : int
        The column that is shown first, counted from 0.
    layer : int or None
        The layer that is shown first, as the book counts, from 2 to L. None is L, the output.
    quantity : {"delta", "nabla_b", "nabla_w"}
        What is shown first: the errors δ, or the gradient of the biases or of the weights.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    text : str
        What is shown, as a table: one line a neuron, the loop's numbers beside those of the matrices.

    Raises
    ------
    TypeError
        If `net` is no network, `X` or `Y` no array of floats, or another argument is of the wrong kind.
    ValueError
        If `X` or `Y` does not fit the network or has too many columns, `example`, `layer` or `quantity` does not exist,
        a gradient is not finite, or `text_size` is not on offer.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, problem "Fully matrix-based approach to backpropagation
    over a mini-batch".

    Examples
    --------
    >>> import numpy as np
    >>> from bpteach.network import Network
    >>> rng = np.random.default_rng(0)
    >>> net = Network.random([9, 5, 2], rng)
    >>> MiniBatchExplorer(net, rng.random((9, 3)), np.eye(2)[:, [0, 1, 0]], layer=2)
    MiniBatchExplorer(Network([9, 5, 2]), 3 examples)
    """

    _esm = static("common.js", "mini_batch_explorer.js")
    _css = static("common.css", "mini_batch_explorer.css")

    linked = ("layer", "quantity", "example")
    cells = traitlets.Bytes().tag(sync=True)
    palettes = traitlets.Bytes().tag(sync=True)
    digits = traitlets.List().tag(sync=True)
    captions = traitlets.List().tag(sync=True)
    views = traitlets.List().tag(sync=True)
    layers = traitlets.List().tag(sync=True)
    quantities = traitlets.List().tag(sync=True)
    example = Place(lambda widget: widget._count - 1, N_("a column of X"))
    layer = Place(lambda widget: widget._last, N_("as the book counts; layer 1 is the input"), first=2)
    quantity = Choice(QUANTITIES, "delta")
    speeds = traitlets.List().tag(sync=True)
    speed = Choice(SPEEDS, 1)

    def __init__(self, net, X, Y, *, example=0, layer=None, quantity="delta", text_size=16):
        net = as_network(net)
        require_mini_batch(net, X, Y)
        self._count, self._last = X.shape[1], len(net.sizes)
        layer = self._last if layer is None else layer
        self.choose(example=example, layer=layer, quantity=quantity, text_size=text_size)
        refuse_too_much(net, self._count)
        self._batch = batch = Batch(net, X, Y)
        store, output, hidden = CellStore(), _("{l}: output"), _("{l}: hidden")
        self._pictures = [
            {name: picture(batch, layer, name, store) for name, picture in PICTURES.items()} for layer in batch.layers
        ]
        super().__init__(
            f"MiniBatchExplorer({net!r}, {how_many(self._count)})",
            {"example": _("Example"), "layer": _("Layer"), "quantity": _("Show")},
            views=[{name: picture.view() for name, picture in pictures.items()} for pictures in self._pictures],
            cells=store.content(),
            palettes=palettes(),
            digits=[digit(pixels, UNITS)[1:] for pixels in batch.pixels or []],
            captions=[caption(batch, i) for i in range(self._count)],
            layers=[[l, (output if l == self._last else hidden).format(l=l)] for l in range(2, self._last + 1)],
            quantities=[[name, _(title)] for name, title in QUANTITIES.items()],
            speeds=speeds_a_second(SPEEDS),
        )

    @printed
    def text(self):
        """The sentence and the comparison beside the picture, and a table: one line a neuron j, counted from 0.

        It has the loop's number, which is δ or a sum so far, and the matrices'; for weights, the lengths of the rows.
        """
        i, picture = self.example, self._pictures[self.layer - 2][self.quantity]
        return "\n".join([picture.sentence(i), picture.verdict(i), *picture.table(i)])

    def _still(self):
        view, i = self.views[self.layer - 2][self.quantity], self.example
        marks, left = [], 0
        for panel in view["panels"]:
            marks += moved(still_marks(self._batch, panel, self.cells, i), left)
            left += panel["width"] + 16
        height = view["panels"][0]["height"]
        lines = wrapped(view["verdicts"][i], LINE)
        marks += [write(0, height + 16 + 20 * row, line, MIDDLE) for row, line in enumerate(lines)]
        alt = joined(view["sentences"][i], view["verdicts"][i])
        return alt, svg(marks, left - 16, height + 4 + 20 * len(lines), STILL_STYLE)


def refuse_too_much(net, count):
    each = sum(bytes_of_layer(net, l) for l in range(2, len(net.sizes) + 1)) + 3_000 + 9 * net.sizes[0]
    if each > MOST_BYTES:
        sentence = _("one example of net takes {found:.1f} MB: expected {most:.1f} MB or less; use a smaller network.")
        raise ValueError(sentence.format(found=each / 1e6, most=MOST_BYTES / 1e6))
    most = min(MOST_EXAMPLES, MOST_BYTES // each)
    if count > most:
        sentence = _("X has {count} columns: expected {most} or fewer here; use X[:, :{most}] and Y[:, :{most}].")
        raise ValueError(sentence.format(count=count, most=most))


def bytes_of_layer(net, l):
    """Estimate from above what one example needs in layer `l`: two gradients, δ six times, words, bars and lines."""
    n_in, n = net.sizes[l - 2 : l]
    words = 7_000 + 22 * n
    if is_tiled(net, l):
        shape = mosaic_shape(min(n, MOST_TILES), math.isqrt(n_in))
        return 2 * math.prod(shape) + 6 * n + n_in + words
    return 2 * n * n_in + 6 * n + 2 * n_in + words
