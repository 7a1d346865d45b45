"""The loop over a mini-batch beside its matrices: the columns do not mix, and where the examples are summed."""

import math
from textwrap import wrap

import numpy as np
import traitlets

from bpteach.arguments import check_count, check_mini_batch, name_of
from bpteach.widgets.byte_images import CellStore, mosaic_shape, palettes
from bpteach.widgets.loop_and_matrix import MOST_TILES, is_tiled, run_twins
from bpteach.widgets.marks import MIDDLE, digit, number, svg, write
from bpteach.widgets.mini_batch_picture import (
    STILL_STYLE,
    UNITS,
    caption_marks,
    moved,
    panels,
    position,
    still_marks,
    sum_name,
    symbols,
    which,
)
from bpteach.widgets.widget import Widget, refused_as_trait, static

WORDS = {
    # what is refused
    "no such example": "example is {found}: expected 0 to {last}, a column of X.",
    "no such layer": "layer is {found}: expected 2 to {last}, as the book counts; layer 1 is the input.",
    "no such quantity": "quantity is {found}: expected one of {expected}.",
    "too many": "X has {count} columns: expected {most} or fewer here; use X[:, :{most}] and Y[:, :{most}].",
    "too large": "one example of net takes {found:.1f} MB: expected {most:.1f} MB or less; use a smaller network.",
    # its name
    "one": "MiniBatchExplorer({net!r}, 1 example)",
    "several": "MiniBatchExplorer({net!r}, {count} examples)",
    # the controls
    "controls": "Choose what is shown",
    "example": "Example",
    "previous": "Previous",
    "next": "Next",
    "play": "Play",
    "pause": "Pause",
    "speed": "Speed",
    "speed choice": "{count} a second",
    "layer": "Layer",
    "layer choice": "{l}: {name}",
    "output": "output",
    "hidden": "hidden",
    "quantity": "Show",
    "delta": "δ, errors",
    "nabla_b": "∇b, bias gradients",
    "nabla_w": "∇w, weight gradients",
    # the sentences
    "labelled": "labelled {right}",
    "is column": "{which}: its {delta} is column {i} of {Delta}",
    "in the sum": "{sentence}; the sum holds {position} examples.",
    "all in the sum": "{sentence}; the sum holds all {count} examples.",
    "one in the sum": "{sentence}; it is the whole sum.",
    "delta verdict": (
        "Column {i} of {Delta} is the loop's {delta} of this example: the largest difference is {difference}, in all "
        "columns {largest}. The columns do not mix."
    ),
    "delta verdict, apart": "Column {i} of {Delta} and the loop's {delta} differ by {difference}.",
    "delta verdict, still": "Column {i} of {Delta} is the loop's {delta} of this example, to {digits} digits.",
    "sum verdict, part": (
        "The loop has added {position} examples; its sum is still {apart} (relative difference) away from {sum}, which "
        "adds all {count} at once."
    ),
    "sum verdict": "All {count} examples are in: the loop's sum equals {sum}, relative difference {apart}.",
    "sum verdict, one": "A single example is the whole sum, in the loop and in {sum}.",
    "sum verdict, apart": "All {count} examples are in, and the loop's sum differs from {sum}: relative, {apart}.",
    "sum verdict, still": "All {count} examples are in: the loop's sum equals {sum}, to {digits} digits.",
    # the table
    "head": "{j:>4}{loop:>18}{matrix:>18}",
    "head, sums": "{j:>4}{loop:>18}{matrix:>18}{sum:>18}{whole:>18}",
    "head j": "j",
    "head δ": "loop's {delta}",
    "head Δ": "column {i} of {Delta}",
    "head nabla_w": "‖δ_j {a}‖",
    "head sum": "sum of {position}",
    "head whole": "matrices' sum",
}

QUANTITIES = ["delta", "nabla_b", "nabla_w"]
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
    >>> from bpteach.network import Network
    >>> rng = np.random.default_rng(0)
    >>> net = Network.random([9, 5, 2], rng)
    >>> MiniBatchExplorer(net, rng.random((9, 3)), np.eye(2)[:, [0, 1, 0]], layer=2)
    MiniBatchExplorer(Network([9, 5, 2]), 3 examples)
    """

    _esm = static("common.js", "mini_batch_explorer.js")
    _css = static("common.css", "mini_batch_explorer.css")

    cells = traitlets.Bytes().tag(sync=True)
    palettes = traitlets.Bytes().tag(sync=True)
    digits = traitlets.List().tag(sync=True)
    captions = traitlets.List().tag(sync=True)
    positions = traitlets.List().tag(sync=True)
    views = traitlets.List().tag(sync=True)
    layers = traitlets.List().tag(sync=True)
    quantities = traitlets.List().tag(sync=True)
    speeds = traitlets.List().tag(sync=True)
    example = traitlets.Int().tag(sync=True)
    layer = traitlets.Int().tag(sync=True)
    quantity = traitlets.Unicode().tag(sync=True)

    def __init__(self, net, X, Y, *, example=0, layer=None, quantity="delta", text_size=16):
        check_mini_batch(net, X, Y)
        count, last = X.shape[1], len(net.sizes)
        layer = last if layer is None else layer
        _check_example(example, count)
        _check_layer(layer, last)
        _check_quantity(quantity)
        _check_size(net, count)
        self._batch = run_twins(net, X, Y)
        store = CellStore()
        names = ("controls", "example", "previous", "next", "play", "pause", "speed", "layer", "quantity")
        super().__init__(
            WORDS["one" if count == 1 else "several"].format(net=net, count=count),
            {name: WORDS[name] for name in names},
            views=[_views(self._batch, twin, store) for twin in self._batch.twins],
            cells=store.content(),
            palettes=palettes(),
            digits=[digit(pixels, UNITS)[1:] for pixels in self._batch.pixels or []],
            captions=[caption_marks(self._batch, i) for i in range(count)],
            positions=[position(self._batch, i) for i in range(count)],
            layers=[{"value": twin.l, "name": _layer_choice(twin.l, last)} for twin in self._batch.twins],
            quantities=[{"value": name, "name": WORDS[name]} for name in QUANTITIES],
            speeds=[{"value": 1000 // speed, "name": WORDS["speed choice"].format(count=speed)} for speed in SPEEDS],
            example=int(example),
            layer=int(layer),
            quantity=quantity,
            text_size=text_size,
        )

    @property
    def text(self):
        """Lay out what is shown.

        Returns
        -------
        str
            The sentence and the comparison that stand beside the picture, and a table, one line a neuron j, counted
            from 0: the loop's number and the matrices'. For gradients also the sum so far and the sum of all; for the
            weights the lengths of a neuron's row.
        """
        view, i = self._view, self.example
        table = _table(self._batch, self._twin, self.quantity, i)
        return "\n".join([view["sentences"][i], view["verdicts"][i], *table])

    @property
    def _twin(self):
        return self._batch.twins[self.layer - 2]

    @property
    def _view(self):
        return self.views[self.layer - 2][self.quantity]

    @traitlets.validate("example")
    def _check_new_example(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_example, proposal.value, self._batch.count)

    @traitlets.validate("layer")
    def _check_new_layer(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_layer, proposal.value, len(self._batch.twins) + 1)

    @traitlets.validate("quantity")
    def _check_new_quantity(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_quantity, proposal.value)

    def _still(self):
        view, i = self._view, self.example
        marks, left = [], 0
        for panel in view["panels"]:
            marks += moved(still_marks(self._batch, panel, self.cells, i), left)
            left += panel["width"] + 16
        height = view["panels"][0]["height"]
        lines = wrap(_verdict(self._batch, self._twin, self.quantity, i, still=True), LINE)
        marks += [write(0, height + 16 + 20 * row, line, MIDDLE) for row, line in enumerate(lines)]
        alt = " ".join([view["sentences"][i], *(panel["alts"][i] for panel in view["panels"])])
        return alt, svg(marks, left - 16, height + 4 + 20 * len(lines), STILL_STYLE)


def _check_example(example, count):
    check_count("example", example, least=0)
    if example >= count:
        raise ValueError(WORDS["no such example"].format(found=example, last=count - 1))


def _check_layer(layer, last):
    check_count("layer", layer, least=0)
    if not 2 <= layer <= last:
        raise ValueError(WORDS["no such layer"].format(found=layer, last=last))


def _check_quantity(quantity):
    if not isinstance(quantity, str) or quantity not in QUANTITIES:
        expected = ", ".join(map(repr, QUANTITIES))
        error = ValueError if isinstance(quantity, str) else TypeError
        raise error(WORDS["no such quantity"].format(found=name_of(quantity), expected=expected))


def _check_size(net, count):
    """Refuse a mini-batch whose pictures would be too many."""
    each = sum(_bytes_of_layer(net, l) for l in range(2, len(net.sizes) + 1)) + 3_000 + 9 * net.sizes[0]
    if each > MOST_BYTES:
        raise ValueError(WORDS["too large"].format(found=each / 1e6, most=MOST_BYTES / 1e6))
    most = min(MOST_EXAMPLES, MOST_BYTES // each)
    if count > most:
        raise ValueError(WORDS["too many"].format(count=count, most=most))


def _bytes_of_layer(net, l):
    """Estimate from above what one example needs in layer `l`: two gradients, δ six times, words, bars and lines."""
    n_in, n = net.sizes[l - 2 : l]
    words = 7_000 + 22 * n
    if is_tiled(net, l):
        shape = mosaic_shape(min(n, MOST_TILES), math.isqrt(n_in))
        return 2 * math.prod(shape) + 6 * n + n_in + words
    return 2 * n * n_in + 6 * n + 2 * n_in + words


def _views(batch, twin, store):
    """Lay out a layer's three pictures."""
    return {quantity: _view(batch, twin, quantity, store) for quantity in QUANTITIES}


def _view(batch, twin, quantity, store):
    examples = range(batch.count)
    return {
        "panels": panels(batch, twin, quantity, store),
        "sentences": [_sentence(batch, twin, quantity, i) for i in examples],
        "verdicts": [_verdict(batch, twin, quantity, i) for i in examples],
    }


# --- the sentences ---------------------------------------------------------------------------------------------------


def _layer_choice(l, last):
    return WORDS["layer choice"].format(l=l, name=WORDS["output" if l == last else "hidden"])


def _sentence(batch, twin, quantity, i):
    start, right = which(batch, i), batch.rights[i]
    if right is not None:
        start += ", " + WORDS["labelled"].format(right=right)
    sentence = WORDS["is column"].format(which=start, i=i, **symbols(twin))
    if quantity == "delta":
        return f"{sentence}."
    word = "one in the sum" if batch.count == 1 else "all in the sum" if i == batch.count - 1 else "in the sum"
    return WORDS[word].format(sentence=sentence, position=position(batch, i), count=batch.count)


def _verdict(batch, twin, quantity, i, *, still=False):
    """Compare the loop with the matrices; a still picture gives no rounding errors, which differ between machines."""
    details = {"i": i, "count": batch.count, "position": position(batch, i), "digits": twin.digits}
    if quantity == "delta":
        apart = {"difference": _unbroken(twin.differences[i]), "largest": _unbroken(twin.differences.max())}
        word = "delta verdict" + ("" if twin.is_close else ", apart")
        word = "delta verdict, still" if still and twin.is_close else word
        return WORDS[word].format(**details, **apart, **symbols(twin))
    apart = twin.apart[quantity][i]
    is_close = apart <= 10.0**-twin.digits
    word = "sum verdict" if is_close else "sum verdict, apart"
    if i < batch.count - 1:
        word = "sum verdict, part"
    elif is_close and batch.count == 1:
        word = "sum verdict, one"
    elif is_close and still:
        word = "sum verdict, still"
    return WORDS[word].format(**details, sum=sum_name(twin, quantity), apart=_unbroken(apart))


def _unbroken(value):
    """Write a number that stays in one line."""
    return number(value).replace(" ", "\N{NO-BREAK SPACE}")


def _table(batch, twin, quantity, i):
    """Lay out the numbers of every neuron, the loop's beside the matrices'."""
    names = {"i": i, "position": position(batch, i), **symbols(twin)}
    titles = {"j": WORDS["head j"], "loop": WORDS["head δ"], "matrix": WORDS["head Δ"]}
    columns = {"loop": twin.deltas[i], "matrix": twin.Delta[:, i]}
    if quantity != "delta":
        titles |= {"sum": WORDS["head sum"], "whole": WORDS["head whole"]}
        columns |= {"sum": twin.sums_b[i], "whole": twin.sum_b.ravel()}
    if quantity == "nabla_w":
        outers = np.abs(twin.Delta[:, i]) * np.linalg.norm(twin.A[:, i])
        titles |= {"loop": WORDS["head nabla_w"], "matrix": WORDS["head nabla_w"]}
        columns = {"loop": twin.lengths[i][0], "matrix": outers, "sum": twin.lengths[i][1]}
        columns["whole"] = np.linalg.norm(twin.sum_w, axis=1)
    line = WORDS["head" if quantity == "delta" else "head, sums"]
    rows = [{"j": j} | {name: number(values[j]) for name, values in columns.items()} for j in range(len(twin.Delta))]
    head = {name: word.format(**names) for name, word in titles.items()}
    return [line.format(**row) for row in [head, *rows]]
