"""A view of the size of δ in every layer and for every example, before and during training."""

import itertools
import json
from collections.abc import Sequence

import numpy as np
import traitlets

from bpteach.arguments import name_of, require_mini_batch
from bpteach.locale import N_, _, aligned, joined, ngettext
from bpteach.widgets import depth_picture as picture
from bpteach.widgets.delta_words import layers, sentence
from bpteach.widgets.examples import class_of, how_many, image_of
from bpteach.widgets.marks import digit, number, svg
from bpteach.widgets.per_epoch import Epoch
from bpteach.widgets.widget import Choice, Place, Widget, printed, speeds_a_second, static

MOST_BYTES = 3_900_000  # with script and style, less than 4 MB
SPEEDS = [1, 2, 4, 8]  # epochs a second


class DeltaDepthView(Widget):
    """Choose an epoch and an example, and see how large δ is in every layer, with the slopes σ′ beside it.

    Every number comes from the networks as they are when the widget is made. After that the browser steps by itself,
    and tells Python what is shown.

    Parameters
    ----------
    nets : Network or list of Networks
        One network, or copies of one in training: `nets = [net.copy()]` before, `nets.append(net.copy())` after each
        epoch. Training goes on without changing the widget.
    X : array, shape (n_1, m)
        The inputs, one column an example. Shown as an image if n_1 is a square, 0 as paper and 1 as ink.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.
    epoch : int
        Which of `nets` is shown first, counted from 0: the network after so many epochs.
    example : int
        The column that is shown first, counted from 0.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    text : str
        What is shown: ‖δ‖, its median over the examples, and the slopes, for every layer.

    Raises
    ------
    TypeError, ValueError
        If `nets` holds no networks, or networks that differ in size or are no copies; if `X` or `Y` does not fit them,
        an error is not finite, or there is more to show than the browser should be sent.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2 (BP1 and BP2), and chapter 5, "The vanishing gradient
    problem".

    Examples
    --------
    >>> from bpteach.network import Network
    >>> rng = np.random.default_rng(0)
    >>> net = Network.random([9, 5, 2], rng)
    >>> DeltaDepthView([net, net.copy()], rng.random((9, 3)), np.eye(2)[:, [0, 1, 0]])
    DeltaDepthView(Network([9, 5, 2]), 2 epochs, 3 examples)
    """

    _esm = static("common.js", "delta_depth_view.js")
    _css = static("common.css")

    linked = ("epoch", "example")
    panels = traitlets.List().tag(sync=True)
    frames = traitlets.List().tag(sync=True)
    images = traitlets.List().tag(sync=True)
    speeds = traitlets.List().tag(sync=True)
    epoch = Place(lambda widget: widget._last, N_("a place in nets"))
    example = Place(lambda widget: widget._count - 1, N_("a column of X"))
    speed = Choice(SPEEDS, 2)

    def __init__(self, nets, X, Y, *, epoch=0, example=0, text_size=16):
        nets = _accepted_nets(nets)
        for net in nets:
            require_mini_batch(net, X, Y)
        self._last, self._count = len(nets) - 1, X.shape[1]
        self.choose(epoch=epoch, example=example, text_size=text_size)
        images = [digit(image_of(x), picture.DIGIT) for x in X.T]
        _refuse_too_much(images, len(nets), len(nets[0].weights))
        classes = [class_of(y) for y in Y.T]
        classes = None if None in classes else classes
        epochs = [Epoch(number_, net, X, Y, classes) for number_, net in enumerate(nets)]
        self._scene = picture.Scene(epochs, classes)
        counted = [ngettext("{count} epoch", "{count} epochs", len(nets)).format(count=len(nets))] if self._last else []
        super().__init__(
            f"DeltaDepthView({', '.join([repr(nets[0]), *counted, how_many(self._count)])})",
            {"epoch": _("Epoch"), "example": _("Example")},
            panels=picture.panels(0, epochs[0], self._scene),
            frames=[self._frame(epoch) for epoch in epochs],
            images=images,
            speeds=speeds_a_second(SPEEDS),
        )

    @printed
    def text(self):
        """What is shown: a sentence, and a table with one line a layer, the output first."""
        scene, epoch = self._scene, self._scene.epochs[self.epoch]
        rows = [(_("layer"), "‖δ‖", _("median ‖δ‖"), "δ = 0", _("saturated"), _("mean σ′"))]
        for k, symbol, name in layers(scene.depth):
            norms, label = epoch.norms[k], _("{symbol} ({name})").format(symbol=symbol, name=name)
            sizes = number(norms[self.example]), number(np.median(norms)), np.count_nonzero(norms == 0)
            rows.append((label, *sizes, picture.percent(epoch.saturated[k]), f"{epoch.means[k]:.3f}"))
        lines = [aligned(row, 22, -12, -14, -8, -12, -10) for row in rows]
        lines += [picture.factor_line(epoch)] if scene.depth > 1 else []
        lines += [picture.right_line(epoch)] if scene.classes else []
        return "\n".join([self._sentence(self.example, epoch), *lines])

    def _still(self):
        i, scene, epoch = self.example, self._scene, self._scene.epochs[self.epoch]
        panels = [panel[kind] for panel in picture.panels(i, epoch, scene) for kind in ("marks", "epoch", "example")]
        marks = [*self.images[i], *itertools.chain(*panels)]
        alt = joined(self._sentence(i, epoch), *self._alts(epoch))
        return alt, svg(marks, picture.WIDTH, scene.height, picture.STILL_STYLE)

    def _frame(self, epoch):
        filled = [picture.filling(marks) for marks in picture.of_epoch(epoch, self._scene)]
        moving = [picture.filling(picture.of_example(i, epoch, self._scene)) for i in range(self._count)]
        examples = [{"sentence": self._sentence(i, epoch), "filled": marks} for i, marks in enumerate(moving)]
        return {"alts": self._alts(epoch), "filled": filled, "examples": examples}

    def _sentence(self, i, epoch):
        number_ = epoch.number if self._last else None
        said = sentence(str(i), self._scene.read(i, epoch), epoch.norms[:, i], number_)
        return _("{said} Saturated there: {share}.").format(said=said, share=picture.percent(epoch.saturated[0]))

    def _alts(self, epoch):
        """Say what is to be seen in the two pictures, whichever example is chosen."""
        rows = layers(self._scene.depth)
        norms = _(", ").join(f"‖{symbol}‖ = {number(np.median(epoch.norms[k]))}" for k, symbol, _name in rows)
        shares = _(", ").join(f"{k + 2}: {picture.percent(epoch.saturated[k])}" for k, _symbol, _name in rows)
        errors = _("The size of the error of {examples}, a row for each layer, on a log scale. Medians: {norms}.")
        slopes = _("Neurons counted by their slope σ′(z), a row for each layer. Saturated, by layer: {shares}.")
        return [errors.format(examples=how_many(self._count), norms=norms), slopes.format(shares=shares)]


def _accepted_nets(nets):
    """Give a list of networks of one size, each an object of its own."""
    if hasattr(nets, "weights"):
        return [nets]
    is_list = isinstance(nets, Sequence) and all(hasattr(net, "weights") for net in nets)
    if not is_list or not nets:
        words = _("nets is {found}: expected a Network, or a list of Networks such as [net.copy(), ...].")
        raise (ValueError if is_list else TypeError)(words.format(found=name_of(nets)))
    for index, net in enumerate(nets):
        if net.sizes != nets[0].sizes:
            words = _("nets[{index}] has the sizes {found}: expected {expected}, those of nets[0].")
            raise ValueError(words.format(index=index, found=net.sizes, expected=nets[0].sizes))
        if any(net is earlier for earlier in nets[:index]):
            words = _(
                "nets[{index}] is the same network as one before it: expected copies; use nets.append(net.copy())."
            )
            raise ValueError(words.format(index=index))
    return list(nets)


def _refuse_too_much(images, epochs, depth):
    """Estimate from above what an example takes: its image, and what is written and drawn of it in each epoch."""
    each = len(json.dumps(images)) / len(images) + epochs * (250 + 65 * depth)
    most = max(1, int(MOST_BYTES / each))
    if len(images) > most:
        words = _(
            "nets and X make {epochs} × {count} pictures, about {found:.1f} MB: expected at most 3.9 MB; use fewer "
            "examples, X[:, :{most}] and Y[:, :{most}], or fewer networks."
        )
        found, count = each * len(images) / 1e6, len(images)
        raise ValueError(words.format(epochs=epochs, count=count, found=found, most=most))
