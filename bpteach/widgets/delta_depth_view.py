"""A view of the size of δ in every layer and for every example, before and during training."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import traitlets

from bpteach.checks import check_count, check_mini_batch, check_network, name_of
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.widgets.base import Widget, refused_as_trait, static
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, digit, mark, number, raised, svg, write

WORDS = {
    # what is refused
    "no nets": "nets is {found}: expected a Network, or a list of Networks such as [net.copy(), ...].",
    "empty nets": "nets is empty: expected at least one Network.",
    "no net": "nets[{index}] is {found}: expected a Network.",
    "other sizes": "nets[{index}] has the sizes {found}: expected {expected}, those of nets[0].",
    "same net": "nets[{index}] is the same object as nets[{earlier}]: expected one copy an epoch; use "
    "nets.append(net.copy()).",
    "not finite": "nets[{index}] gives errors that are not finite, its weights are too large: train with a smaller "
    "eta, or use nets[:{index}].",
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
    "1 example": "1 example",
    "examples": "{count} examples",
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
    # the pictures
    "read": "{right}, read as {answer}",
    "this": "this example",
    "median": "median of {examples}",
    "sides": "every example: misread above, read right below",
    "every": "every example",
    "axis": "‖δ‖, log scale",
    "at zero": "at 0: so many examples have δ = 0, which has no place on a log scale",
    "layer": "δ{l}",
    "output": "output",
    "first hidden": "first hidden",
    "ten": "10{exponent}",
    "factor down": "÷ {factor}",
    "factor up": "× {factor}",
    "times": "{count} ×",
    "slopes": "slopes σ′(z), all neurons and examples",
    "saturated": "saturated: σ′ < 0.05, a near 0 or 1",
    "mean": "mean of the slopes",
    "slope": "σ′(z{l})",
    "columns": "saturated",
    "share": "{percent:.0f}\N{NO-BREAK SPACE}%",
    "nearly none": "<\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}%",
    "nearly all": ">\N{NO-BREAK SPACE}99\N{NO-BREAK SPACE}%",
    "mean value": "mean {mean}",
    "tiny mean": "< 0.001",
    "epoch axis": "epoch",
    "factor": "‖δ{last}‖ ÷ ‖δ²‖, median: {factor}",
    "no factor": "none, δ² is 0",
    "right of": "read right: {right} of {count}",
    # the sentences
    "position": "{number} of {count}",
    "which": "Example {position}",
    "which, read": "Example {position} ({read})",
    "at": "Epoch {epoch}, example {position}",
    "at, read": "Epoch {epoch}, example {position} ({read})",
    "shrinks": "{which}: the error shrinks from {last} at layer {depth} to {first} at layer 2; "
    "{share} of layer 2 is saturated.",
    "grows": "{which}: the error grows from {last} at layer {depth} to {first} at layer 2; "
    "{share} of layer 2 is saturated.",
    "stays": "{which}: the error is {last} at layer {depth} and at layer 2; {share} of layer 2 is saturated.",
    "one layer": "{which}: the error is {last} at layer 2, the only one after the input; {share} of it is saturated.",
    "alt errors": "The size of the error of {examples}, a row for each layer, on a log scale. Medians: {norms}.{more}",
    "alt norm": "‖δ{l}‖ = {norm}",
    "alt factor": " ‖δ{last}‖ ÷ ‖δ²‖ is {factor} in the median.",
    "alt slopes": "How many neurons have which slope σ′(z), from 0 to 0.25, a row for each layer. Saturated: "
    "{shares}.{more}",
    "alt share": "layer {l} {share}",
    "alt right": " Read right: {right} of {count}.",
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
SATURATED = 0.05  # a fifth of the largest slope, 0.25
BINS = 20
SPEEDS = [1, 2, 4, 8]  # epochs a second

# The places in the pictures, in units of which the text size is 16. Both pictures stand on one sheet.
HEAD, FOOT, ZEROS_FOOT, GAP = 116, 26, 20, 24
STRIP_HEAD, STRIP, STRIP_FOOT = 40, 64, 24
DIGIT = 72
LEFT_WIDTH, AXIS_LEFT, AXIS_WIDTH, ZERO, STEP_LEFT = 500, 88, 316, 36, 410
RIGHT, RIGHT_WIDTH = LEFT_WIDTH + GAP, 300
SLOPES_LEFT, SLOPES_WIDTH = RIGHT + 56, 148
STRIP_WIDTH = 196  # of the right-hand strip
DOT = 9

STILL_STYLE = """
.bpteach-tick { stroke: #212121; fill: none } .bpteach-missed { stroke: #d55e00; fill: none }
.bpteach-chosen { stroke: #0072b2; fill: none } .bpteach-median { stroke: #212121; fill: #ffffff }
.bpteach-between { stroke: #212121; fill: none } .bpteach-slope { fill: #767676 }
.bpteach-low { fill: #d55e00 } .bpteach-area { fill: #d55e00; fill-opacity: 0.15 } .bpteach-mean { fill: #212121 }
"""


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
        classes, images = _classes(Y), _images(X, amount)
        self._looks = [_look(index, net, X, Y, classes) for index, net in enumerate(nets)]
        self._scene = _scene_of(self._looks, epochs, classes)
        words = ("controls", "epoch", "previous", "next", "play", "pause", "speed", "example")
        super().__init__(
            _name(nets, count),
            {word: WORDS[word] for word in words},
            panels=_panels(self._scene),
            frames=_frames(self._looks, self._scene, len(json.dumps(images))),
            positions=[WORDS["position"].format(number=i + 1, count=count) for i in range(count)],
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
            name = _layer_name(k, scene)
            row = {
                "layer": WORDS["row layer, named" if name else "row layer"].format(l=raised(k + 2), name=name),
                "norm": number(look.norms[k, self.example]),
                "median": number(np.median(look.norms[k])),
                "zeros": np.count_nonzero(look.norms[k] == 0),
                "share": _share(look.saturated[k]),
                "mean": _mean(look.means[k]),
            }
            rows.append(row)
        lines = [WORDS["head"].format(**row) for row in rows]
        more = [line for line in (_factor_line(look, scene), _right_line(look, scene)) if line]
        return "\n".join([self.frames[self.epoch]["examples"][self.example]["sentence"], *lines, *more])

    @traitlets.validate("epoch", "example")
    def _check_new_place(self, proposal):
        """Refuse a later change as the constructor would."""
        name = proposal.trait.name
        count = len(self._looks) if name == "epoch" else self._scene.count
        return refused_as_trait(lambda value: _check_place(name, value, count), proposal.value)

    def _still(self):
        frame = self.frames[self.epoch]
        chosen = frame["examples"][self.example]
        marks = list(self.images[self.example])
        for panel, filled, more in zip(self.panels, frame["filled"], [chosen["filled"], []], strict=True):
            marks += panel["marks"] + _filled(panel["epoch"], filled) + _filled(panel["example"], more)
        alt = " ".join([chosen["sentence"], *frame["alts"]])
        return alt, svg(marks, RIGHT + RIGHT_WIDTH, _height(self._scene), STILL_STYLE)


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


# --- the numbers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Look:
    """What one network makes of the examples. Row k is layer k + 2 of the book."""

    norms: np.ndarray  # ‖δ‖, shape (depth, m)
    shares: np.ndarray  # of the slopes, in BINS bins from 0 to 0.25, shape (depth, BINS)
    saturated: list  # share of the slopes below SATURATED
    means: list  # of the slopes
    answers: list  # the network's class for each example
    missed: list  # whether that is wrong; empty where Y holds no classes

    @property
    def factor(self):
        """The median of ‖δ^L‖ ÷ ‖δ²‖ over the examples, None where it cannot be told."""
        first, last = self.norms[0], self.norms[-1]
        both = (first > 0) & (last > 0)
        return float(np.median(last[both] / first[both])) if both.any() else None

    @property
    def right(self):
        """How many examples are read right, None where Y holds no classes."""
        return self.missed.count(False) if self.missed else None


def _look(index, net, X, Y, classes):
    A, slopes = X, []
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused below
        for b, w in zip(net.biases, net.weights, strict=True):
            Z = w @ A + b
            A = sigmoid(Z)  # (25)
            slopes.append(sigmoid_prime(Z))
        Delta = cost_derivative(A, Y) * slopes[-1]  # BP1
        norms = [_norms(Delta)]
        for w, slope in zip(net.weights[:0:-1], slopes[-2::-1], strict=True):
            Delta = (w.T @ Delta) * slope  # BP2
            norms.insert(0, _norms(Delta))
    if not np.isfinite(norms).all():
        raise ValueError(WORDS["not finite"].format(index=index))
    answers = A.argmax(axis=0).tolist()
    return _Look(
        norms=np.array(norms),
        shares=np.array([np.histogram(slope, BINS, (0, 0.25))[0] / slope.size for slope in slopes]),
        saturated=[float((slope < SATURATED).mean()) for slope in slopes],
        means=[float(slope.mean(dtype=np.float64)) for slope in slopes],
        answers=answers,
        missed=[answer != right for answer, right in zip(answers, classes or [], strict=bool(classes))],
    )


def _norms(Delta):
    """Give ‖δ‖ of each column; scaled first, since the square of a very small number would be 0."""
    sizes = np.abs(Delta.astype(np.float64))
    largest = sizes.max(axis=0)
    return largest * np.sqrt(((sizes / np.where(largest > 0, largest, 1)) ** 2).sum(axis=0))


def _classes(Y):
    """Give the class of every column, None where a column is not made of 0s with a single 1."""
    is_class = len(Y) > 1 and ((Y != 0).sum(axis=0) == 1).all() and (Y.max(axis=0) == 1).all()
    return Y.argmax(axis=0).tolist() if is_class else None


@dataclass(frozen=True)
class _Scene:
    """What the pictures of all epochs have in common."""

    depth: int  # layers after the input
    count: int  # examples
    epochs: list
    classes: list | None
    axis: tuple  # the powers of ten between which the axis of ‖δ‖ runs
    has_zeros: bool
    tallest: list  # for each layer, the share in its fullest bin, of all epochs
    factors: list  # one an epoch
    factor_axis: tuple
    rights: list  # one an epoch

    @property
    def pitch(self):
        return 48 if self.depth <= 6 else 36

    @property
    def changes(self):
        """Whether there are several epochs."""
        return len(self.epochs) > 1

    @property
    def bottom(self):
        """Where the rows end."""
        return HEAD + self.pitch * self.depth

    @property
    def strip_top(self):
        return self.bottom + FOOT + STRIP_HEAD + (ZEROS_FOOT if self.has_zeros else 0)

    def row(self, k):
        """Find the middle of the row of layer k + 2, the output being on top."""
        return HEAD + self.pitch * (self.depth - 1 - k) + self.pitch // 2


def _scene_of(looks, epochs, classes):
    norms = np.array([look.norms for look in looks])
    factors = [look.factor for look in looks]
    return _Scene(
        depth=norms.shape[1],
        count=norms.shape[2],
        epochs=epochs,
        classes=classes,
        axis=_decades(norms),
        has_zeros=bool((norms == 0).any()),
        tallest=np.max([look.shares for look in looks], axis=(0, 2)).tolist(),
        factors=factors,
        factor_axis=_decades(np.array([1.0, *(factor for factor in factors if factor)])),
        rights=[look.right for look in looks],
    )


def _decades(values):
    """Choose the powers of ten between which an axis runs."""
    logarithms = np.log10(values[values > 0])
    if not logarithms.size:
        return -1, 0
    low = math.floor(logarithms.min())
    return low, max(math.ceil(logarithms.max()), low + 1)


# --- the words -------------------------------------------------------------------------------------------------------


def _name(nets, count):
    epochs = WORDS["epochs"].format(count=len(nets)) if len(nets) > 1 else ""
    return WORDS["name"].format(net=nets[0], epochs=epochs, examples=_examples(count))


def _examples(count):
    return WORDS["1 example" if count == 1 else "examples"].format(count=count)


def _layer_name(k, scene):
    return WORDS["output"] if k == scene.depth - 1 else WORDS["first hidden"] if k == 0 else ""


def _share(share):
    if 0 < share < 0.005:
        return WORDS["nearly none"]
    return WORDS["nearly all"] if 0.995 < share < 1 else WORDS["share"].format(percent=100 * share)


def _mean(mean):
    return f"{mean:.3f}" if mean >= 0.0005 else WORDS["tiny mean"]


def _factor(value):
    """Write a factor with two digits, or as a whole number below 1000."""
    return f"{value:.0f}" if 9.95 <= value < 999.5 else number(value)


def _read(i, look, scene):
    return "" if scene.classes is None else WORDS["read"].format(right=scene.classes[i], answer=look.answers[i])


def _sentence(i, index, look, scene):
    position = WORDS["position"].format(number=i + 1, count=scene.count)
    read = _read(i, look, scene)
    which = ("at" if scene.changes else "which") + (", read" if read else "")
    which = WORDS[which].format(epoch=scene.epochs[index], position=position, read=read)
    first, last = (number(look.norms[k, i]) for k in (0, -1))
    change = "stays" if first == last else "shrinks" if look.norms[0, i] < look.norms[-1, i] else "grows"
    sentence = WORDS["one layer" if scene.depth == 1 else change]
    return sentence.format(which=which, first=first, last=last, depth=scene.depth + 1, share=_share(look.saturated[0]))


def _factor_line(look, scene):
    if scene.depth == 1:
        return ""
    factor = WORDS["no factor"] if look.factor is None else _factor(look.factor)
    return WORDS["factor"].format(last=raised(scene.depth + 1), factor=factor)


def _right_line(look, scene):
    return "" if look.right is None else WORDS["right of"].format(right=look.right, count=scene.count)


def _alts(look, scene):
    """Say what is to be seen in the two pictures, whichever example is chosen."""
    layers = range(scene.depth - 1, -1, -1)
    norms = [WORDS["alt norm"].format(l=raised(k + 2), norm=number(np.median(look.norms[k]))) for k in layers]
    shares = [WORDS["alt share"].format(l=k + 2, share=_share(look.saturated[k])) for k in layers]
    factor, right = "", ""
    if scene.depth > 1 and look.factor is not None:
        factor = WORDS["alt factor"].format(last=raised(scene.depth + 1), factor=_factor(look.factor))
    if look.right is not None:
        right = WORDS["alt right"].format(right=look.right, count=scene.count)
    return [
        WORDS["alt errors"].format(examples=_examples(scene.count), norms=", ".join(norms), more=factor),
        WORDS["alt slopes"].format(shares=", ".join(shares), more=right),
    ]


# --- the pictures ----------------------------------------------------------------------------------------------------
# A panel has marks that never change, and slots: marks whose path or text changes with the epoch, or with the example.


def _height(scene):
    return scene.strip_top + (STRIP + STRIP_FOOT if scene.changes else -8)


def _panels(scene):
    height = _height(scene)
    left = {
        "box": f"0 0 {LEFT_WIDTH} {height}",
        "marks": [*_left_head(scene), *_grid(scene), *_row_labels(scene), *_factor_strip(scene)],
        "epoch": list(_left_slots(scene).values()),
        "example": list(_example_slots(scene).values()),
    }
    right = {
        "box": f"{RIGHT} 0 {RIGHT_WIDTH} {height}",
        "marks": [*_right_head(), *_slope_rows(scene), *_right_strip(scene)],
        "epoch": list(_right_slots(scene).values()),
        "example": [],
    }
    return [left, right]


def _frames(looks, scene, size):
    """Fill in the slots, epoch by epoch; stop where that and the images, of this size, get to be too much."""
    frames, before = [], size
    for index, look in enumerate(looks):
        examples = [
            {
                "sentence": _sentence(i, index, look, scene),
                "filled": _in_order(_example_slots(scene), _example_values(i, look, scene)),
            }
            for i in range(scene.count)
        ]
        left = _in_order(_left_slots(scene), _left_values(index, look, scene))
        right = _in_order(_right_slots(scene), _right_values(index, look, scene))
        label = str(scene.epochs[index])
        frames.append({"label": label, "alts": _alts(look, scene), "filled": [left, right], "examples": examples})
        size += len(json.dumps(frames[-1]))
        _check_size(before + (size - before) / (index + 1) * len(looks), len(looks), scene.count, scene.depth)
    return frames


def _in_order(slots, values):
    return [values[name] for name in slots]


def _filled(slots, values):
    """Give each slot its path or its text."""
    pairs = zip(slots, values, strict=True)
    return [{**slot, ("text" if slot["tag"] == "text" else "d"): value} for slot, value in pairs]


def _images(X, amount):
    """Draw the examples; stop where that gets to be too much."""
    count, side = X.shape[1], math.isqrt(len(X))
    if side * side != len(X):
        return [[] for _ in range(count)]
    images, size = [], 0
    for x in X.T:
        images.append(digit(np.clip(x, 0, 1).reshape(side, side), DIGIT))
        size += len(json.dumps(images[-1]))
        _check_size(size, *amount)
    return images


# the left-hand picture: ‖δ‖


def _left_head(scene):
    """Leave room for the image and what it is; say how to read the rows."""
    left = DIGIT + 20
    marks = [
        mark("path", "chosen", d=f"M{left} 37h28", stroke_width=2.5),
        mark("path", "chosen", d=f"M{left + 14} 37h0", stroke_width=DOT, stroke_linecap="round"),
        write(left + 38, 42, WORDS["this"], MIDDLE),
        mark("path", "between", d=f"M{left} 57h28", stroke_width=1.5, stroke_dasharray="3 3"),
        mark("path", "median", d=_diamond(left + 14, 57), stroke_width=1.5),
        write(left + 38, 62, WORDS["median"].format(examples=_examples(scene.count)), MIDDLE),
        mark("path", "line", d=f"M{left} 77h28"),
    ]
    if scene.classes is None:
        marks.append(mark("path", "tick", d=_ticks([left + 8, left + 14, left + 20], 77, -6, 12), stroke_width=1.5))
        marks.append(write(left + 38, 82, WORDS["every"], MIDDLE))
    else:
        marks.append(mark("path", "missed", d=_ticks([left + 8, left + 14], 76, 0, -10), stroke_width=1.5))
        marks.append(mark("path", "tick", d=_ticks([left + 14, left + 20], 78, 0, 10), stroke_width=1.5))
        marks.append(write(left + 38, 82, WORDS["sides"], MIDDLE))
    return marks


def _grid(scene):
    """Draw the axis of ‖δ‖: a line and a label for every power of ten, or for some if there are many."""
    low, high = scene.axis
    marks = [write(LEFT_WIDTH, HEAD - 8, WORDS["axis"], SMALL, "end")]
    places = [(10.0**e, _ten(e)) for e in range(low, high + 1, math.ceil((high - low) / 6)) if e > -308]
    if scene.has_zeros:
        marks.append(write(0, scene.bottom + FOOT + 12, WORDS["at zero"]))
        places.insert(0, (0.0, "0"))
    for norm, label in places:
        x = _place(norm, scene)
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{scene.bottom}"))
        marks.append(write(round(x, 1), scene.bottom + 16, label, SMALL, "middle"))
    return marks


def _place(norm, scene):
    """Find where ‖δ‖ stands; if it is 0 for any example, 0 has a place of its own, apart from the axis."""
    if norm == 0:
        return float(AXIS_LEFT)
    low, high = scene.axis
    apart = ZERO if scene.has_zeros else 0
    return AXIS_LEFT + apart + (AXIS_WIDTH - apart) * (math.log10(norm) - low) / (high - low)


def _ten(exponent):
    """Write a power of ten."""
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else WORDS["ten"].format(exponent=raised(exponent))


def _row_labels(scene):
    marks = [mark("path", "line", d="".join(f"M{AXIS_LEFT} {scene.row(k)}h{AXIS_WIDTH}" for k in range(scene.depth)))]
    for k in range(scene.depth):
        name = _layer_name(k, scene)
        marks.append(write(0, scene.row(k) + (0 if name else 7), WORDS["layer"].format(l=raised(k + 2)), LARGE))
        if name:
            marks.append(write(0, scene.row(k) + 15, name))
    return marks


def _left_slots(scene):
    slots = {
        "right": mark("path", "tick", stroke_width=1.5),
        "missed": mark("path", "missed", stroke_width=1.5),
        "between": mark("path", "between", stroke_width=1.5, stroke_dasharray="3 3"),
        "median": mark("path", "median", stroke_width=1.5),
    }
    if scene.has_zeros:
        for k in range(scene.depth):
            slots[f"zeros {k}"] = write(AXIS_LEFT + 8, scene.row(k) - 8, "")
    if scene.depth > 1:
        slots["factor"] = write(0, scene.strip_top - 14, "", MIDDLE)
    return {**slots, **_cursor_slots(scene, scene.depth > 1)}


def _left_values(index, look, scene):
    medians = [(_place(np.median(norms), scene), scene.row(k)) for k, norms in enumerate(look.norms)]
    values = {
        "right": "".join(_every(look, scene, False)),
        "missed": "".join(_every(look, scene, True)),
        "between": _joined(medians),
        "median": "".join(_diamond(*point) for point in medians),
        "factor": _factor_line(look, scene),
    }
    for k, norms in enumerate(look.norms):
        zeros = np.count_nonzero(norms == 0)
        values[f"zeros {k}"] = WORDS["times"].format(count=zeros) if zeros else ""
    return {**values, **_cursor_values(index, look.factor, _factor_place, scene, AXIS_LEFT, AXIS_WIDTH)}


def _every(look, scene, missed):
    """Draw a tick for each example: misread above the line, others below, or across it where Y holds no classes."""
    start, length = (-1, -10) if missed else (1, 10) if look.missed else (-6, 12)
    wanted = np.array(look.missed or [False] * scene.count) == missed
    for k, norms in enumerate(look.norms):
        yield _ticks([_place(norm, scene) for norm in norms[wanted]], scene.row(k), start, length)


def _example_slots(scene):
    slots = {
        "line": mark("path", "chosen", stroke_width=2.5),
        "dots": mark("path", "chosen", stroke_width=DOT, stroke_linecap="round"),
        "read": write(DIGIT + 20, 18, "", LARGE),
    }
    for k in range(scene.depth):
        slots[f"norm {k}"] = write(LEFT_WIDTH, scene.row(k) + 5, "", MIDDLE, "end")
    for k in range(scene.depth - 1):
        slots[f"step {k}"] = write(STEP_LEFT, scene.row(k) - scene.pitch // 2 + 4, "")
    return slots


def _example_values(i, look, scene):
    norms = look.norms[:, i].tolist()
    points = [(_place(norm, scene), scene.row(k)) for k, norm in enumerate(norms)]
    values = {"line": _joined(points), "dots": "".join(f"M{x:.1f} {y}h0" for x, y in points)}
    values["read"] = _read(i, look, scene)
    for k, norm in enumerate(norms):
        values[f"norm {k}"] = number(norm)
    for k, (below, above) in enumerate(pairwise(norms)):
        values[f"step {k}"] = _step(below, above)
    return values


def _step(below, above):
    """Say by what factor ‖δ‖ changes on its way back through one layer."""
    if not (below > 0 and above > 0):
        return ""
    shrinks = below <= above
    factor = above / below if shrinks else below / above
    return WORDS["factor down" if shrinks else "factor up"].format(factor=_factor(factor))


def _ticks(xs, y, start, length):
    return "".join(f"M{x:.1f} {y + start}v{length}" for x in xs)


def _diamond(x, y):
    return f"M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z"


def _joined(points):
    return "M" + "L".join(f"{x:.1f} {y}" for x, y in points)


# the right-hand picture: the slopes


def _right_head():
    left, end = RIGHT, RIGHT + RIGHT_WIDTH
    return [
        write(left, 18, WORDS["slopes"], MIDDLE),
        mark("path", "area", d=f"M{left} 30h28v14h-28z"),
        mark("path", "low", d=f"M{left + 4} 44v-8h9v-4h9v12z"),
        write(left + 38, 42, WORDS["saturated"], MIDDLE),
        mark("path", "mean", d=_triangle(left + 14, 52)),
        write(left + 38, 62, WORDS["mean"], MIDDLE),
        write(end, HEAD - 8, WORDS["columns"], SMALL, "end"),
    ]


def _slope_rows(scene):
    saturated = _slope_place(SATURATED) - SLOPES_LEFT
    area = f"M{SLOPES_LEFT} {HEAD}h{saturated:.1f}V{scene.bottom}h{-saturated:.1f}z"
    bases = "".join(f"M{SLOPES_LEFT} {_base(k, scene)}h{SLOPES_WIDTH}" for k in range(scene.depth))
    marks = [mark("path", "area", d=area), mark("path", "line", d=bases)]
    for slope in (0, SATURATED, 0.25):
        marks.append(write(_slope_place(slope), scene.bottom + 16, f"{slope:g}", SMALL, "middle"))
    for k in range(scene.depth):
        marks.append(write(RIGHT, scene.row(k) + 7, WORDS["slope"].format(l=raised(k + 2)), MIDDLE))
    return marks


def _base(k, scene):
    """Find the line on which the bars of layer k + 2 stand."""
    return scene.row(k) + scene.pitch // 2 - 8


def _slope_place(slope):
    return SLOPES_LEFT + SLOPES_WIDTH * slope / 0.25


def _right_slots(scene):
    slots = {"low": mark("path", "low"), "slope": mark("path", "slope"), "mean": mark("path", "mean")}
    end = RIGHT + RIGHT_WIDTH
    for k in range(scene.depth):
        slots[f"share {k}"] = write(end, scene.row(k) - 1, "", MIDDLE, "end")
        slots[f"mean {k}"] = write(end, scene.row(k) + 15, "", SMALL, "end")
    if scene.classes is not None:
        slots["right"] = write(RIGHT, scene.strip_top - 14, "", MIDDLE)
    return {**slots, **_cursor_slots(scene, scene.classes is not None)}


def _right_values(index, look, scene):
    low = round(SATURATED / 0.25 * BINS)
    values = {"low": "", "slope": "", "mean": "", "right": _right_line(look, scene)}
    for k in range(scene.depth):
        base = _base(k, scene)
        heights = look.shares[k] / scene.tallest[k] * (scene.pitch - 16)
        values["low"] += _bars(heights[:low], 0, base)
        values["slope"] += _bars(heights[low:], low, base)
        values["mean"] += _triangle(_slope_place(look.means[k]), base)
        values[f"share {k}"] = _share(look.saturated[k])
        values[f"mean {k}"] = WORDS["mean value"].format(mean=_mean(look.means[k]))
    return {**values, **_cursor_values(index, look.right, _right_place, scene, SLOPES_LEFT, STRIP_WIDTH)}


def _bars(heights, first, base):
    """Draw the bars that are not empty, `first` being the bin of the first."""
    width = SLOPES_WIDTH / BINS
    places = [(SLOPES_LEFT + width * (first + i), height) for i, height in enumerate(heights) if height > 0]
    return "".join(f"M{x:.1f} {base}v{-height:.1f}h{width - 1:.1f}V{base}z" for x, height in places)


def _triangle(x, y):
    return f"M{x:.1f} {y + 1}l4.5 7h-9z"


# the strips over the epochs: on the left the factor, on the right what is read


def _factor_strip(scene):
    if not scene.changes or scene.depth == 1:
        return []
    low, high = scene.factor_axis
    exponents = range(low, high + 1, math.ceil((high - low) / 3))
    levels = [(_ten(e), _factor_place(10.0**e, scene)) for e in exponents]
    return _strip(scene, levels, scene.factors, _factor_place, AXIS_LEFT, AXIS_WIDTH)


def _right_strip(scene):
    if not scene.changes or scene.classes is None:
        return []
    levels = [(_share(share), _right_place(share * scene.count, scene)) for share in (0, 0.5, 1)]
    return _strip(scene, levels, scene.rights, _right_place, SLOPES_LEFT, STRIP_WIDTH)


def _factor_place(factor, scene):
    low, high = scene.factor_axis
    return scene.strip_top + STRIP * (high - math.log10(factor)) / (high - low)


def _right_place(right, scene):
    return scene.strip_top + STRIP * (1 - right / scene.count)


def _strip(scene, levels, values, place, left, width):
    """Draw a curve over the epochs, with level lines and a few epochs named."""
    bottom = scene.strip_top + STRIP
    marks = []
    for label, y in levels:
        marks.append(mark("path", "grid", d=f"M{left} {y:.1f}h{width}"))
        marks.append(write(left - 8, round(y + 4, 1), label, SMALL, "end"))
    for epoch in _named_epochs(scene.epochs):
        x = _epoch_place(epoch, scene, left, width)
        marks.append(write(round(x, 1), bottom + 17, str(epoch), SMALL, "middle"))
    marks.append(write(left - 8, bottom + 17, WORDS["epoch axis"], SMALL, "end"))
    points = [
        None if value is None else (_epoch_place(epoch, scene, left, width), place(value, scene))
        for epoch, value in zip(scene.epochs, values, strict=True)
    ]
    return [*marks, mark("path", "between", d=_curve(points), stroke_width=1.5)]


def _named_epochs(epochs):
    """Choose up to six of the epochs at even steps: 0, 5, 10, ..."""
    span = epochs[-1] - epochs[0]
    step = next(size * 10**e for e in range(10) for size in (1, 2, 5) if span <= 5.5 * size * 10**e)
    return [epoch for epoch in range(epochs[0], epochs[-1] + 1) if epoch % step == 0] or [epochs[0], epochs[-1]]


def _epoch_place(epoch, scene, left, width):
    return left + width * (epoch - scene.epochs[0]) / (scene.epochs[-1] - scene.epochs[0])


def _curve(points):
    """Join the points; where one is missing, leave a gap."""
    d, pen = "", "M"
    for point in points:
        if point is not None:
            d += f"{pen}{point[0]:.1f} {point[1]:.1f}"
        pen = "M" if point is None else "L"
    return d


def _cursor_slots(scene, is_there):
    if not scene.changes or not is_there:
        return {}
    dot = mark("path", "chosen", stroke_width=DOT, stroke_linecap="round")
    return {"cursor": mark("path", "chosen", stroke_width=1.5), "now": dot}


def _cursor_values(index, value, place, scene, left, width):
    """Mark the present epoch in a strip."""
    if not scene.changes:
        return {}
    x = _epoch_place(scene.epochs[index], scene, left, width)
    dot = "" if value is None else f"M{x:.1f} {place(value, scene):.1f}h0"
    return {"cursor": f"M{x:.1f} {scene.strip_top - 4}v{STRIP + 8}", "now": dot}
