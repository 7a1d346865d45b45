"""A view of the size of δ in every layer and for every example, before and during training."""

import json
from collections.abc import Sequence

import numpy as np
import traitlets

from bpteach.arguments import check_count, check_mini_batch, check_network, name_of
from bpteach.locale import N_, _, ngettext
from bpteach.widgets.depth_picture import filled_of_epoch, filled_of_example, input_marks, panels, still
from bpteach.widgets.depth_scene import scene_of
from bpteach.widgets.depth_words import alts, factor_line, layer_name, mean_number, percent, right_line, sentence
from bpteach.widgets.examples import how_many, position
from bpteach.widgets.marks import number, superscript
from bpteach.widgets.per_epoch import classes_of, epoch_of
from bpteach.widgets.widget import Choice, Place, Widget, speeds_a_second, static

MOST_BYTES = 3_900_000  # with script and style, less than 4 MB
LEAST_BYTES = 150  # for an epoch and an example
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
    epochs : list of int, optional
        After how many epochs each network was copied, if not 0, 1, 2, ...
    epoch : int
        Which of `nets` is shown first, counted from 0.
    example : int
        The column that is shown first, counted from 0.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    text : str
        A table of what is shown: ‖δ‖, its median over the examples, and the slopes, for every layer.

    Raises
    ------
    TypeError
        If `nets` holds no networks, `X` or `Y` is no array of floats, or another argument is of the wrong kind.
    ValueError
        If the networks differ in size or are no copies, `X` or `Y` does not fit them, a choice is not on offer, an
        error is not finite, or there is more to show than the browser should be sent.

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
    _css = static("common.css", "delta_depth_view.css")

    panels = traitlets.List().tag(sync=True)
    frames = traitlets.List().tag(sync=True)
    positions = traitlets.List().tag(sync=True)
    images = traitlets.List().tag(sync=True)
    speeds = traitlets.List().tag(sync=True)
    epoch = Place(lambda widget: len(widget._numbers) - 1, N_("a place in nets"))
    example = Place(lambda widget: widget._count - 1, N_("a column of X"))
    speed = Choice(SPEEDS, 2)

    def __init__(self, nets, X, Y, *, epochs=None, epoch=0, example=0, text_size=16):
        nets = _accepted_nets(nets)
        for net in nets:
            check_mini_batch(net, X, Y)
        self._numbers, self._count = _accepted_epochs(epochs, len(nets)), X.shape[1]
        self.choose(epoch=epoch, example=example, text_size=text_size)
        amount = len(nets), self._count, len(nets[0].weights)
        _refuse_too_much(LEAST_BYTES * len(nets) * self._count, *amount)
        classes, images = classes_of(Y), _images(X, amount)
        looks = [
            epoch_of(index, number_, net, X, Y, classes)
            for index, (number_, net) in enumerate(zip(self._numbers, nets, strict=True))
        ]
        self._scene = scene_of(looks, classes)
        super().__init__(
            _name(nets, self._count),
            {"epoch": _("Epoch"), "example": _("Example")},
            panels=panels(self._scene),
            frames=_frames(self._scene, len(json.dumps(images))),
            positions=[position(i, self._count) for i in range(self._count)],
            images=images,
            speeds=speeds_a_second(SPEEDS),
        )

    @property
    def text(self):
        """What is shown: a sentence, and a table with one line a layer, the output first."""
        scene, epoch = self._scene, self._scene.epochs[self.epoch]
        rows = [(_("layer"), "‖δ‖", _("median ‖δ‖"), "δ = 0", _("saturated"), _("mean σ′"))]
        for k in reversed(range(scene.depth)):
            name, norms = layer_name(k, scene), epoch.norms[k]
            layer = f"δ{superscript(k + 2)} ({name})" if name else f"δ{superscript(k + 2)}"
            zeros, share = np.count_nonzero(norms == 0), percent(epoch.saturated[k])
            norm, median = number(norms[self.example]), number(np.median(norms))
            rows.append((layer, norm, median, zeros, share, mean_number(epoch.means[k])))
        lines = ["{:<22}{:>12}{:>14}{:>8}{:>12}{:>10}".format(*row) for row in rows]
        more = [line for line in (factor_line(epoch, scene), right_line(epoch, scene)) if line]
        return "\n".join([sentence(self.example, epoch, scene), *lines, *more])

    def _still(self):
        epoch = self._scene.epochs[self.epoch]
        alt = " ".join([sentence(self.example, epoch, self._scene), *alts(epoch, self._scene)])
        return alt, still(self.images[self.example], self.example, epoch, self._scene)


# --- what is refused -------------------------------------------------------------------------------------------------


def _accepted_nets(nets):
    """Give a list of networks of one size, each an object of its own."""
    if _is_network(nets):
        return [nets]
    if not isinstance(nets, Sequence) or isinstance(nets, str):
        words = _("nets is {found}: expected a Network, or a list of Networks such as [net.copy(), ...].")
        raise TypeError(words.format(found=name_of(nets)))
    if not nets:
        raise ValueError(_("nets is empty: expected at least one Network."))
    seen = {}
    for index, net in enumerate(nets):
        if not _is_network(net):
            raise TypeError(_("nets[{index}] is {found}: expected a Network.").format(index=index, found=name_of(net)))
        if net.sizes != nets[0].sizes:
            words = _("nets[{index}] has the sizes {found}: expected {expected}, those of nets[0].")
            raise ValueError(words.format(index=index, found=net.sizes, expected=nets[0].sizes))
        if id(net) in seen:
            words = _(
                "nets[{index}] is the same object as nets[{earlier}]: expected one copy an epoch; use "
                "nets.append(net.copy())."
            )
            raise ValueError(words.format(index=index, earlier=seen[id(net)]))
        seen[id(net)] = index
        check_network(net)
    return list(nets)


def _is_network(net):
    return all(hasattr(net, part) for part in ("sizes", "weights", "biases"))


def _accepted_epochs(epochs, count):
    if epochs is None:
        return list(range(count))
    if not isinstance(epochs, Sequence | np.ndarray) or isinstance(epochs, str):
        words = _("epochs is {found}: expected a list of integers, one for each network of nets.")
        raise TypeError(words.format(found=name_of(epochs)))
    if len(epochs) != count:
        words = _("epochs has {found} numbers: expected {expected}, one for each network of nets.")
        raise ValueError(words.format(found=len(epochs), expected=count))
    for index, epoch in enumerate(epochs):
        check_count(f"epochs[{index}]", epoch, least=0)
        if index and epoch <= epochs[index - 1]:
            words = _("epochs[{index}] is {found}, after {before}: expected numbers that grow.")
            raise ValueError(words.format(index=index, found=epoch, before=epochs[index - 1]))
    return [int(each) for each in epochs]


def _refuse_too_much(size, epochs, count, depth):
    if size <= MOST_BYTES:
        return
    words = _(
        "nets and X make {epochs} × {count} pictures, {found:.1f} MB or more: expected at most {most:.1f} MB; use "
        "fewer examples, X[:, :{fewer}] and Y[:, :{fewer}], or fewer networks."
    )
    most_each = 3500 + epochs * (250 + 65 * depth)  # an image, and what is written and drawn
    megabytes = {"found": size / 1e6, "most": MOST_BYTES / 1e6}
    raise ValueError(words.format(epochs=epochs, count=count, fewer=max(1, MOST_BYTES // most_each), **megabytes))


# --- what is sent to the browser -------------------------------------------------------------------------------------


def _name(nets, count):
    epochs = ngettext("{count} epoch", "{count} epochs", len(nets)).format(count=len(nets))
    parts = [repr(nets[0]), *([epochs] if len(nets) > 1 else []), how_many(count)]
    return f"DeltaDepthView({', '.join(parts)})"


def _images(X, amount):
    """Draw the examples; stop where that gets to be too much."""
    images, size = [], 0
    for x in X.T:
        images.append(input_marks(x))
        size += len(json.dumps(images[-1]))
        _refuse_too_much(size, *amount)
    return images


def _frames(scene, size):
    """Say and draw what is seen, epoch by epoch; stop where that and the images, of this size, get to be too much."""
    frames, before, count = [], size, len(scene.epochs)
    for index, epoch in enumerate(scene.epochs):
        examples = [
            {"sentence": sentence(i, epoch, scene), "filled": filled_of_example(i, epoch, scene)}
            for i in range(scene.count)
        ]
        filled = filled_of_epoch(epoch, scene)
        frames.append({"label": str(epoch.number), "alts": alts(epoch, scene), "filled": filled, "examples": examples})
        size += len(json.dumps(frames[-1]))
        _refuse_too_much(before + (size - before) / (index + 1) * count, count, scene.count, scene.depth)
    return frames
