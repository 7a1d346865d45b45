"""A view of the size of δ in every layer and for every example, before and during training."""

import json
from collections.abc import Sequence

import numpy as np
import traitlets

from bpteach.arguments import check_count, check_mini_batch, check_network, name_of
from bpteach.widgets.depth_picture import (
    STILL_STYLE,
    WIDTH,
    filled_of_epoch,
    filled_of_example,
    input_marks,
    panels,
    still_marks,
)
from bpteach.widgets.depth_scene import scene_of
from bpteach.widgets.depth_words import (
    alts,
    factor_line,
    how_many,
    layer_name,
    mean_number,
    percent,
    position,
    right_line,
    sentence,
)
from bpteach.widgets.marks import number, raised, svg
from bpteach.widgets.per_epoch import classes_of, look_at
from bpteach.widgets.widget import Widget, refused_as_trait, static

WORDS = {
    # what is refused
    "no nets": "nets is {found}: expected a Network, or a list of Networks such as [net.copy(), ...].",
    "empty nets": "nets is empty: expected at least one Network.",
    "no net": "nets[{index}] is {found}: expected a Network.",
    "other sizes": "nets[{index}] has the sizes {found}: expected {expected}, those of nets[0].",
    "same net": "nets[{index}] is the same object as nets[{earlier}]: expected one copy an epoch; use "
    "nets.append(net.copy()).",
    "no epochs": "epochs is {found}: expected a list of integers, one for each network of nets.",
    "number of epochs": "epochs has {found} numbers: expected {expected}, one for each network of nets.",
    "unsorted epochs": "epochs[{index}] is {found}, after {before}: expected numbers that grow.",
    "no such epoch": "epoch is {found}: expected 0 to {last}, a place in nets.",
    "no such example": "example is {found}: expected 0 to {last}, a column of X.",
    "too much": "nets and X make {epochs} × {count} pictures, {found:.1f} MB or more: expected at most {most:.1f} MB; "
    "use fewer examples, X[:, :{fewer}] and Y[:, :{fewer}], or fewer networks.",
    # its name
    "name": "DeltaDepthView({net!r}, {epochs}{examples})",
    "epochs": "{count} epochs, ",
    # the controls
    "controls": "Choose what is shown",
    "epoch": "Epoch",
    "previous": "Previous",
    "next": "Next",
    "play": "Play",
    "pause": "Pause",
    "speed": "Speed",
    "a second": "{count} a second",
    "example": "Example",
    # the table
    "head": "{layer:<22}{norm:>12}{median:>14}{zeros:>8}{share:>12}{mean:>10}",
    "head layer": "layer",
    "head norm": "‖δ‖",
    "head median": "median ‖δ‖",
    "head zeros": "δ = 0",
    "head share": "saturated",
    "head mean": "mean σ′",
    "row layer": "δ{l}",
    "row layer, named": "δ{l} ({name})",
}

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
    epoch = traitlets.Int().tag(sync=True)
    example = traitlets.Int().tag(sync=True)

    def __init__(self, nets, X, Y, *, epochs=None, epoch=0, example=0, text_size=16):
        nets = _checked_nets(nets)
        for net in nets:
            check_mini_batch(net, X, Y)
        epochs = _checked_epochs(epochs, len(nets))
        count = X.shape[1]
        _check_place("epoch", epoch, len(nets))
        _check_place("example", example, count)
        amount = len(nets), count, len(nets[0].weights)
        _check_size(LEAST_BYTES * len(nets) * count, *amount)
        classes, images = classes_of(Y), _images(X, amount)
        self._looks = [look_at(index, net, X, Y, classes) for index, net in enumerate(nets)]
        self._scene = scene_of(self._looks, epochs, classes)
        words = ("controls", "epoch", "previous", "next", "play", "pause", "speed", "example")
        super().__init__(
            _name(nets, count),
            {word: WORDS[word] for word in words},
            panels=panels(self._scene),
            frames=_frames(self._looks, self._scene, len(json.dumps(images))),
            positions=[position(i, count) for i in range(count)],
            images=images,
            speeds=[[WORDS["a second"].format(count=each), round(1000 / each)] for each in SPEEDS],
            epoch=int(epoch),
            example=int(example),
            text_size=text_size,
        )

    @property
    def text(self):
        """Lay out what is shown.

        Returns
        -------
        str
            A sentence, and a table with one line a layer, the output first.
        """
        look, scene = self._looks[self.epoch], self._scene
        names = ("layer", "norm", "median", "zeros", "share", "mean")
        rows = [{name: WORDS[f"head {name}"] for name in names}]
        for k in reversed(range(scene.depth)):
            name = layer_name(k, scene)
            row = {
                "layer": WORDS["row layer, named" if name else "row layer"].format(l=raised(k + 2), name=name),
                "norm": number(look.norms[k, self.example]),
                "median": number(np.median(look.norms[k])),
                "zeros": np.count_nonzero(look.norms[k] == 0),
                "share": percent(look.saturated[k]),
                "mean": mean_number(look.means[k]),
            }
            rows.append(row)
        lines = [WORDS["head"].format(**row) for row in rows]
        more = [line for line in (factor_line(look, scene), right_line(look, scene)) if line]
        return "\n".join([self.frames[self.epoch]["examples"][self.example]["sentence"], *lines, *more])

    @traitlets.validate("epoch", "example")
    def _check_new_place(self, proposal):
        """Refuse a later change as the constructor would."""
        name = proposal.trait.name
        count = len(self._looks) if name == "epoch" else self._scene.count
        return refused_as_trait(lambda value: _check_place(name, value, count), proposal.value)

    def _still(self):
        frame = self.frames[self.epoch]
        alt = " ".join([frame["examples"][self.example]["sentence"], *frame["alts"]])
        marks = still_marks(self.panels, self.images[self.example], frame, self.example)
        return alt, svg(marks, WIDTH, self._scene.height, STILL_STYLE)


# --- what is refused -------------------------------------------------------------------------------------------------


def _checked_nets(nets):
    """Give a list of networks of one size, each an object of its own."""
    if all(hasattr(nets, part) for part in ("sizes", "weights", "biases")):
        return [nets]
    if not isinstance(nets, Sequence) or isinstance(nets, str):
        raise TypeError(WORDS["no nets"].format(found=name_of(nets)))
    if not nets:
        raise ValueError(WORDS["empty nets"])
    seen = {}
    for index, net in enumerate(nets):
        if not all(hasattr(net, part) for part in ("sizes", "weights", "biases")):
            raise TypeError(WORDS["no net"].format(index=index, found=name_of(net)))
        if net.sizes != nets[0].sizes:
            message = WORDS["other sizes"].format(index=index, found=net.sizes, expected=nets[0].sizes)
            raise ValueError(message)
        if id(net) in seen:
            raise ValueError(WORDS["same net"].format(index=index, earlier=seen[id(net)]))
        seen[id(net)] = index
        check_network(net)
    return list(nets)


def _checked_epochs(epochs, count):
    if epochs is None:
        return list(range(count))
    if not isinstance(epochs, Sequence | np.ndarray) or isinstance(epochs, str):
        raise TypeError(WORDS["no epochs"].format(found=name_of(epochs)))
    if len(epochs) != count:
        raise ValueError(WORDS["number of epochs"].format(found=len(epochs), expected=count))
    for index, number_ in enumerate(epochs):
        check_count(f"epochs[{index}]", number_, least=0)
        if index and number_ <= epochs[index - 1]:
            before = epochs[index - 1]
            raise ValueError(WORDS["unsorted epochs"].format(index=index, found=number_, before=before))
    return [int(each) for each in epochs]


def _check_place(name, value, count):
    check_count(name, value, least=0)
    if value >= count:
        refusal = WORDS[f"no such {name}"]
        raise ValueError(refusal.format(found=value, last=count - 1))


def _check_size(size, epochs, count, depth):
    if size > MOST_BYTES:
        most_each = 3500 + epochs * (250 + 65 * depth)  # an image, and what is written and drawn
        fewer = max(1, MOST_BYTES // most_each)
        details = {"epochs": epochs, "count": count, "found": size / 1e6, "most": MOST_BYTES / 1e6}
        raise ValueError(WORDS["too much"].format(fewer=fewer, **details))


# --- what is sent to the browser -------------------------------------------------------------------------------------


def _name(nets, count):
    epochs = WORDS["epochs"].format(count=len(nets)) if len(nets) > 1 else ""
    return WORDS["name"].format(net=nets[0], epochs=epochs, examples=how_many(count))


def _images(X, amount):
    """Draw the examples; stop where that gets to be too much."""
    images, size = [], 0
    for x in X.T:
        images.append(input_marks(x))
        size += len(json.dumps(images[-1]))
        _check_size(size, *amount)
    return images


def _frames(looks, scene, size):
    """Say and draw what is seen, epoch by epoch; stop where that and the images, of this size, get to be too much."""
    frames, before = [], size
    for index, look in enumerate(looks):
        frames.append(_frame(index, look, scene))
        size += len(json.dumps(frames[-1]))
        _check_size(before + (size - before) / (index + 1) * len(looks), len(looks), scene.count, scene.depth)
    return frames


def _frame(index, look, scene):
    """Say and draw what is seen at an epoch, with each example."""
    return {
        "label": str(scene.epochs[index]),
        "alts": alts(look, scene),
        "filled": filled_of_epoch(index, look, scene),
        "examples": [
            {"sentence": sentence(i, index, look, scene), "filled": filled_of_example(i, look, scene)}
            for i in range(scene.count)
        ],
    }
