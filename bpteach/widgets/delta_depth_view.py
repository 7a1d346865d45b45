"""A view of the size of δ in every layer and for every example, before and during training."""

import json
from collections.abc import Sequence

import numpy as np
import traitlets

from bpteach.arguments import name_of, require_count, require_mini_batch
from bpteach.locale import N_, _, ngettext
from bpteach.widgets.depth_picture import filled_of_epoch, filled_of_example, input_marks, panels, still
from bpteach.widgets.depth_scene import Scene
from bpteach.widgets.depth_words import alts, factor_line, layer_name, mean_number, percent, right_line, sentence
from bpteach.widgets.examples import class_of, how_many, position
from bpteach.widgets.marks import number, superscript
from bpteach.widgets.per_epoch import Epoch
from bpteach.widgets.widget import Choice, Place, Widget, speeds_a_second, static

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
            require_mini_batch(net, X, Y)
        self._numbers, self._count = _accepted_epochs(epochs, len(nets)), X.shape[1]
        self.choose(epoch=epoch, example=example, text_size=text_size)
        _refuse_too_much(X, len(nets), len(nets[0].weights))
        classes = [class_of(y) for y in Y.T]
        classes = None if None in classes else classes
        epochs = [
            Epoch(index, number_, net, X, Y, classes)
            for index, (number_, net) in enumerate(zip(self._numbers, nets, strict=True))
        ]
        self._scene = Scene(epochs, classes)
        counted = ngettext("{count} epoch", "{count} epochs", len(nets)).format(count=len(nets))
        parts = [repr(nets[0]), *([counted] if len(nets) > 1 else []), how_many(self._count)]
        super().__init__(
            f"DeltaDepthView({', '.join(parts)})",
            {"epoch": _("Epoch"), "example": _("Example")},
            panels=panels(self._scene),
            frames=[_frame(each, self._scene) for each in epochs],
            positions=[position(i, self._count) for i in range(self._count)],
            images=[input_marks(x) for x in X.T],
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
            sizes = number(norms[self.example]), number(np.median(norms)), np.count_nonzero(norms == 0)
            rows.append((layer, *sizes, percent(epoch.saturated[k]), mean_number(epoch.means[k])))
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
    for index, net in enumerate(nets):
        if not _is_network(net):
            raise TypeError(_("nets[{index}] is {found}: expected a Network.").format(index=index, found=name_of(net)))
        if net.sizes != nets[0].sizes:
            words = _("nets[{index}] has the sizes {found}: expected {expected}, those of nets[0].")
            raise ValueError(words.format(index=index, found=net.sizes, expected=nets[0].sizes))
        earlier = next(i for i, each in enumerate(nets) if each is net)
        if earlier < index:
            words = _(
                "nets[{index}] is the same object as nets[{earlier}]: expected one copy an epoch; use "
                "nets.append(net.copy())."
            )
            raise ValueError(words.format(index=index, earlier=earlier))
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
        require_count(f"epochs[{index}]", epoch, least=0)
        if index and epoch <= epochs[index - 1]:
            words = _("epochs[{index}] is {found}, after {before}: expected numbers that grow.")
            raise ValueError(words.format(index=index, found=epoch, before=epochs[index - 1]))
    return [int(each) for each in epochs]


def _refuse_too_much(X, epochs, depth):
    """Estimate from above what an example takes: its image, and what is written and drawn of it in each epoch."""
    some, count = X.T[:200], X.shape[1]
    each = len(json.dumps([input_marks(x) for x in some])) / len(some) + epochs * (250 + 65 * depth)
    if each * count > MOST_BYTES:
        words = _(
            "nets and X make {epochs} × {count} pictures, about {found:.1f} MB: expected at most {most:.1f} MB; use "
            "fewer examples, X[:, :{fewer}] and Y[:, :{fewer}], or fewer networks."
        )
        found, fewer = each * count / 1e6, max(1, int(MOST_BYTES / each))
        raise ValueError(words.format(epochs=epochs, count=count, found=found, most=MOST_BYTES / 1e6, fewer=fewer))


def _frame(epoch, scene):
    examples = [
        {"sentence": sentence(i, epoch, scene), "filled": filled_of_example(i, epoch, scene)}
        for i in range(scene.count)
    ]
    filled = filled_of_epoch(epoch, scene)
    return {"label": str(epoch.number), "alts": alts(epoch, scene), "filled": filled, "examples": examples}
