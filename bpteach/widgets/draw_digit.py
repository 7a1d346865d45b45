"""Draw a digit, see the network's answer, and send δ back to the drawing."""

import math

import numpy as np
import traitlets

from bpteach.arguments import check_count, check_network, name_of
from bpteach.backpropagation import backprop, feedforward
from bpteach.functions import cost
from bpteach.network import Network
from bpteach.widgets.marks import MIDDLE, SMALL, digit, mark, number, raised, svg, write
from bpteach.widgets.widget import Widget, refused_as_trait, static

WORDS = {
    # what is refused
    "sizes": "net has sizes {sizes}: expected 784 inputs and 10 outputs, as in [784, 30, 10].",
    "right": "right is {found}: expected None or a digit, 0 to 9.",
    "no strokes": "drawing is {found}: expected a list of strokes, each a list of points [x, y] from 0 to 1.",
    "stroke": "drawing[{index}] is no stroke: expected a list of points [x, y], each number from 0 to 1.",
    "too long": "drawing has {found} points: expected at most {most}.",
    "no image": "drawing is {found}: expected an image of n × m pixels, from 0 (paper) to 1 (ink){cure}.",
    "cure column": "; use drawing.reshape(28, 28)",
    "cure bytes": "; use drawing / 255",
    "step": "step is {found}: expected 0 to {last}.",
    # its name
    "name": "DrawDigit({net!r})",
    # the controls
    "area": "Drawing area",
    "draw here": "Draw a digit here",
    "keys": "Mouse, pen or finger: just draw. Keyboard: the arrow keys move the pen (with Shift: further; Home, End, "
    "Page Up and Page Down: diagonally); Space puts it down or lifts it; Escape lifts it; Backspace takes the last "
    "stroke back.",
    "pen": "Pen {state}: column {column}, row {row}.",
    "down": "down",
    "up": "lifted",
    "undo": "Undo",
    "clear": "Clear",
    "recorded": "Show a recorded drawing",
    "should": "It should have been",
    "controls": "Step through the layers",
    "backward": "Backward",
    "back": "Back",
    "step on": "Step",
    "no kernel": "No kernel answers here: this is a recorded drawing. Run the lesson in Jupyter to draw your own; "
    "if it is running already, wait until it has finished its work.",
    # the picture
    "sees": "The network sees",
    "outputs": "→ outputs a{l},  ◀ its answer",
    "delta": "← δ{l}",
    "delta in": "← δ{l} in {unit}",
    "hidden": "← δ{l} of {count} neurons (± {scale})",
    "map": "← ∂C/∂x (± {scale})",
    "more": "more ink would raise the cost",
    "less": "dotted: more ink would lower the cost",
    "choose": "Choose the digit that it should have been.",
    "send": "Press Step: the error goes back, layer by layer.",
    # the sentences
    "own": "Your drawing: the network answers {first} ({a}), then {second} ({b}).",
    "recording": "A recorded drawing: the network answers {first} ({a}), then {second} ({b}).",
    "nothing": "Nothing drawn yet: draw a digit.",
    "cost": "{answers} It should have been {right}: the cost is {cost}.",
    "at output": "Step {step} of {last}, the output layer: δ{l} is largest at output {j}, {value} (BP1). {way}",
    "at hidden": "Step {step} of {last}, a hidden layer: δ{l} is largest at neuron {j}, {value} (BP2). {way}",
    "at input": "Step {step} of {last}, back at the drawing: (w²)ᵀδ² tells for each pixel whether more ink "
    "there would raise or lower the cost.",
    "raise": "A larger z there would raise the cost.",
    "lower": "A larger z there would lower the cost.",
    "no error": "Step {step} of {last}: δ{l} is 0 in all of the layer.",
    "alt": "{sentence} Outputs 0 to 9: {outputs}.",
    "still": "Beside it, the drawing: {count} strokes.",
    "still one": "Beside it, the drawing: one stroke.",
    "still none": "Beside it, an empty drawing area.",
    "drawing": "The drawing",
    # the table
    "title": "digit  output",
    "title back": "digit  output  δ{l}",
    "row": "{digit:>5}{output:>8.2f}",
    "row back": "{digit:>5}{output:>8.2f}  {delta}",
}

# The preparation of a drawing, as in MNIST: a box of 20 × 20 within 28 × 28, and how thick a pen was.
SIDE, BOX, PEN = 28, 20, 2.6
MOST_POINTS = 20_000

# The places in the picture, in units of which the text size is 16.
WIDTH, TOP, IMAGE, LOWER, ROW = 544, 26, 168, 224, 100
LABELS, BARS, BAR_WIDTH, NUMBERS, DELTA_ZERO, DELTA_WIDTH = 214, 224, 88, 320, 432, 36
PITCH, HIDDEN_LEFT, HIDDEN_HEIGHT = 17, 214, 34
STILL_LEFT = 200
LEVELS = 8

STILL_STYLE = ".bpteach-wanted { stroke: #212121; fill: none } .bpteach-speck { stroke: #212121 } "


# --- the preparation of a drawing ------------------------------------------------------------------------------------


def as_mnist(drawing):
    """Prepare a drawing as the digits of MNIST were prepared.

    Its ink is scaled to fit a box of 20 × 20 pixels, the ratio of width to height kept, with soft edges; the box is
    then moved by whole pixels until the centre of mass of the ink is in the middle of 28 × 28. Strokes are drawn with
    a pen as thick as those of MNIST look, however large they were drawn; an image is averaged.

    Parameters
    ----------
    drawing : list of strokes, or array, shape (n, m)
        A stroke is a list of points [x, y], from 0 (left, top) to 1. An array is an image of ink, from 0 to 1.

    Returns
    -------
    array, shape (784, 1)
        The image as a column, from 0 (paper) to 1 (ink); all 0 if there is no ink.

    Raises
    ------
    TypeError
        If `drawing` is neither a list of strokes nor an image of floats.
    ValueError
        If a point is outside the drawing area, an image holds numbers outside 0 to 1, or it has other dimensions.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database of handwritten digits: its description of how the
    digits were size-normalized and centred.

    Examples
    --------
    >>> x = as_mnist([[[0.1, 0.1], [0.1, 0.3]]])  # a short stroke near a corner
    >>> rows, columns = np.nonzero(x.reshape(28, 28) > 0.5)
    >>> print(rows.min(), rows.max(), columns.min(), columns.max())  # a tall one, in the middle
    4 23 13 14
    """
    is_image = isinstance(drawing, np.ndarray)
    ink = _shrunk(_checked_image(drawing)) if is_image else _inked(_checked_strokes(drawing))
    return _centred(ink).reshape(-1, 1)


def _checked_image(image):
    cure = WORDS["cure column"] if image.size == SIDE * SIDE else ""
    if image.dtype.kind != "f":
        raise TypeError(WORDS["no image"].format(found=name_of(image), cure=WORDS["cure bytes"]))
    if image.ndim != 2 or 1 in image.shape or image.size == 0:
        raise ValueError(WORDS["no image"].format(found=name_of(image), cure=cure))
    if not (image.min() >= 0 and image.max() <= 1):  # NaN is refused, too
        raise ValueError(WORDS["no image"].format(found=name_of(image), cure=WORDS["cure bytes"]))
    return image


def _checked_strokes(drawing):
    """Refuse anything but strokes; give them as lists of lists of floats."""
    if not isinstance(drawing, list | tuple):
        raise TypeError(WORDS["no strokes"].format(found=name_of(drawing)))
    strokes = [_checked_stroke(index, stroke) for index, stroke in enumerate(drawing)]
    count = sum(map(len, strokes))
    if count > MOST_POINTS:
        raise ValueError(WORDS["too long"].format(found=count, most=MOST_POINTS))
    return strokes


def _checked_stroke(index, stroke):
    try:
        points = np.asarray(stroke, dtype=float)
    except (TypeError, ValueError):  # ragged, or no numbers
        raise TypeError(WORDS["stroke"].format(index=index)) from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.all((points >= 0) & (points <= 1)):
        raise ValueError(WORDS["stroke"].format(index=index))
    return points.tolist()


def _shrunk(image):
    """Cut an image to its ink and average it down (or up), so that its longer side is 20 pixels."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((1, 1))
    cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(side * BOX / max(cut.shape))) for side in cut.shape)
    return _averages(cut.shape[0], height) @ cut @ _averages(cut.shape[1], width).T


def _averages(old, new):
    """Make the matrix, shape (new, old), that averages `old` pixels to `new` ones by the share that each covers."""
    edges = np.arange(new + 1) * old / new
    pixels = np.arange(old)
    shares = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.clip(shares, 0, None) * new / old


def _inked(strokes):
    """Scale strokes to the box of 20 × 20, pen included, and draw them."""
    if not strokes:
        return np.zeros((1, 1))
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - PEN) / max(*(high - low), 1e-3)  # a dot stays a dot
    starts, ends = [], []
    for stroke in strokes:
        path = (np.array(stroke) - (low + high) / 2) * scale + BOX / 2
        starts.append(path[:-1] if len(path) > 1 else path)
        ends.append(path[1:] if len(path) > 1 else path)
    return np.clip(PEN / 2 - _distances(np.concatenate(starts), np.concatenate(ends)) + 0.5, 0, 1)


def _distances(starts, ends):
    """Measure how far the middle of each of 20 × 20 pixels is from the nearest of the segments."""
    middles = np.arange(BOX) + 0.5
    pixels = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 1, 2)
    nearest = np.full(BOX * BOX, np.inf)
    for first in range(0, len(starts), 500):  # some at a time: it takes 400 × 500 × 2 numbers
        start, way = starts[first : first + 500], (ends - starts)[first : first + 500]
        length = np.maximum((way**2).sum(axis=1), 1e-12)
        along = np.clip(((pixels - start) * way).sum(axis=2) / length, 0, 1)
        apart = pixels - start - along[..., None] * way
        nearest = np.minimum(nearest, (apart**2).sum(axis=2).min(axis=1))
    return np.sqrt(nearest).reshape(BOX, BOX)


def _centred(ink):
    """Place an image in 28 × 28, its centre of mass at pixel 14, at most half a pixel away, as in MNIST."""
    placed = np.zeros((SIDE, SIDE))
    if not ink.any():
        return placed
    start = [_start(ink.sum(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(at, at + length) for at, length in zip(start, ink.shape, strict=True))
    placed[rows, columns] = ink
    return placed


def _start(ink):
    """Find where an axis of the box has to start: the ink along it is given."""
    middle = (np.arange(len(ink)) * ink).sum() / ink.sum()
    wanted = math.ceil(round(13.5 - middle, 6))  # rounded, since symmetric ink is exactly between two pixels
    return min(max(wanted, 0), SIDE - len(ink))


# --- recorded drawings -----------------------------------------------------------------------------------------------


def _arc(x, y, wide, high, start, end, count=14):
    """Walk along an ellipse; angles in degrees, 0 to the right, 90 downwards."""
    angles = np.radians(np.linspace(start, end, count))
    return np.stack([x + wide * np.cos(angles), y + high * np.sin(angles)], axis=1).round(4).tolist()


def _line(*numbers):
    """Pair up numbers: x, y, x, y, ..."""
    return [list(point) for point in zip(numbers[::2], numbers[1::2], strict=True)]


#: Recorded drawings, each with the digit that was meant: a seven, a three, and a small four in a corner.
RECORDED = [
    (7, [_line(0.3, 0.22, 0.4, 0.2, 0.55, 0.205, 0.68, 0.19, 0.66, 0.28, 0.59, 0.46, 0.52, 0.66, 0.48, 0.83)]),
    (3, [_arc(0.47, 0.33, 0.17, 0.14, -155, 80) + _arc(0.46, 0.64, 0.21, 0.175, -80, 150)]),
    (4, [_line(0.11, 0.07, 0.09, 0.13, 0.07, 0.2, 0.14, 0.195, 0.24, 0.185), _line(0.2, 0.08, 0.19, 0.2, 0.185, 0.31)]),
]


# --- the widget ------------------------------------------------------------------------------------------------------


class DrawDigit(Widget):
    """Draw a digit, see the network's answer at once, and send the error back to the drawing.

    The browser sends the strokes; Python prepares them with `as_mnist`, asks the network, runs `backprop` for the digit
    that it should have been, and sends back the pictures. Recorded drawings come with all their answers, so that
    something is shown where no kernel runs.

    Parameters
    ----------
    net : Network
        The network, as it is now, with 784 inputs and 10 outputs; training it later does not change the widget.
    drawing : list of strokes, optional
        What is shown first; a stroke is a list of points [x, y], from 0 (left, top) to 1. Without it, a recorded
        drawing.
    right : int, optional
        The digit that it should have been; it gives the desired output y. Without it, none is chosen yet; for a
        recorded drawing it is the one that was meant.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    drawing : list of strokes
        What is drawn now.
    right : int or None
        The digit chosen.
    step : int
        How far the error has come back: 0 not at all, 1 to the output, and so on, the last to the pixels.
    text : str
        What is shown now, as text.

    Raises
    ------
    TypeError
        If `net` is no network, or another argument is of the wrong kind.
    ValueError
        If the network has other sizes, a point is outside the drawing area, `right` is no digit, or `text_size` is
        not on offer.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2 (BP1, BP2), and chapter 1 for the network.

    Examples
    --------
    >>> draw = DrawDigit(Network.random([784, 30, 10], np.random.default_rng(0)))
    >>> draw
    DrawDigit(Network([784, 30, 10]))
    >>> draw.right  # the recorded drawing was meant as a
    7
    """

    _esm = static("common.js", "draw_digit.js")
    _css = static("common.css", "draw_digit.css")

    drawing = traitlets.List().tag(sync=True)
    right = traitlets.Int(None, allow_none=True).tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    asked = traitlets.Int().tag(sync=True)  # the browser counts its questions, and finds the number in the answer
    answer = traitlets.Dict().tag(sync=True)
    recordings = traitlets.List().tag(sync=True)
    last = traitlets.Int().tag(sync=True)
    grid = traitlets.Int(SIDE).tag(sync=True)
    pen = traitlets.Float(PEN).tag(sync=True)

    def __init__(self, net, *, drawing=None, right=None, text_size=16):
        self._net = _copied(net)
        _check_right(right)
        if drawing is None:
            meant, drawing = RECORDED[0]
            right = meant if right is None else right
        shown = _Shown(self._net, _checked_strokes(drawing), None if right is None else int(right))
        self._shown = shown
        super().__init__(
            WORDS["name"].format(net=net),
            {word: WORDS[word] for word in _SENT},
            drawing=shown.strokes,
            right=shown.right,
            answer={"asked": 0, **shown.answer()},
            recordings=[_recording(self._net, *recorded) for recorded in RECORDED],
            last=len(net.sizes),
            text_size=text_size,
        )
        self.observe(self._ask, ["drawing", "right", "asked"])

    def set_state(self, sync_data):
        """Take over what the browser sends, except what no hand could have drawn or chosen.

        Parameters
        ----------
        sync_data : dict
            The new values of traits, by name.
        """
        refused = [name for name, value in sync_data.items() if not self._is_welcome(name, value)]
        super().set_state({name: value for name, value in sync_data.items() if name not in refused})
        if refused:
            self.send_state(refused)  # the browser goes back to what is here

    @property
    def text(self):
        """Write down what is shown.

        Returns
        -------
        str
            The sentence of the step, and a table of the outputs; with δ of the output layer once it has been reached.
        """
        shown, step = self._shown, self._step
        back = step > 0
        lines = [shown.sentences[step]]
        if shown.strokes:
            lines.append(WORDS["title back" if back else "title"].format(l=raised(self.last)))
            for j, a in enumerate(shown.a):
                delta = number(shown.deltas[-1][j]) if back else ""
                lines.append(WORDS["row back" if back else "row"].format(digit=j, output=a, delta=delta))
        return "\n".join(lines)

    @property
    def _step(self):
        """The step that is shown: without a digit that it should have been, there is no way back."""
        return min(self.step, len(self._shown.sentences) - 1)

    def _ask(self, _):
        """Answer the browser; called for each trait that has changed, and there is one answer to them all."""
        if (self.drawing, self.right) != (self._shown.strokes, self._shown.right):
            self._shown = _Shown(self._net, self.drawing, self.right)
        elif self.asked == self.answer["asked"]:
            return
        self.answer = {"asked": self.asked, **self._shown.answer()}

    def _is_welcome(self, name, value):
        checks = {"drawing": _checked_strokes, "right": _check_right, "step": self._check_step}
        checks["asked"] = lambda value: check_count("asked", value, least=0)
        try:
            checks.get(name, lambda _: None)(value)
        except (TypeError, ValueError):
            return False
        return True

    def _check_step(self, step):
        check_count("step", step, least=0)
        if step > self.last:
            raise ValueError(WORDS["step"].format(found=step, last=self.last))

    @traitlets.validate("drawing")
    def _check_new_drawing(self, proposal):
        """Refuse a later change as the constructor would."""
        refused_as_trait(_checked_strokes, proposal.value)
        return _checked_strokes(proposal.value)

    @traitlets.validate("right")
    def _check_new_right(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_right, proposal.value)

    @traitlets.validate("step")
    def _check_new_step(self, proposal):
        """Refuse a step that is not there."""
        return refused_as_trait(self._check_step, proposal.value)

    def _still(self):
        shown = self._shown
        marks = [mark for group in shown.groups for mark in group]
        count = len(shown.strokes)
        beside = WORDS["still one" if count == 1 else "still" if count else "still none"].format(count=count)
        drawn = [write(0, 14, WORDS["drawing"], MIDDLE), *_ink(shown.strokes, IMAGE, 0, TOP)]
        document = svg([*drawn, *_moved(marks, STILL_LEFT)], STILL_LEFT + WIDTH, shown.height, STILL_STYLE)
        return f"{shown.alts[-1]} {beside}", document


#: The words that the script shows.
_SENT = (
    *("area", "draw here", "keys", "pen", "down", "up", "undo", "clear", "recorded", "should"),
    *("controls", "backward", "back", "step on", "no kernel"),
)


def _copied(net):
    """Refuse a network that reads no digits; copy any other, so that training it later changes nothing here."""
    sizes = check_network(net)
    if sizes[0] != SIDE * SIDE or sizes[-1] != 10:
        raise ValueError(WORDS["sizes"].format(sizes=list(sizes)))
    return Network(list(sizes), [w.copy() for w in net.weights], [b.copy() for b in net.biases])


def _check_right(right):
    if right is None:
        return
    check_count("right", right, least=0)
    if right > 9:
        raise ValueError(WORDS["right"].format(found=right))


def _recording(net, meant, strokes):
    """Gather all that the browser needs of a recorded drawing, whatever digit is chosen."""
    answers = [_Shown(net, strokes, right).answer() for right in (None, *range(10))]
    return {"drawing": _checked_strokes(strokes), "meant": meant, "answers": answers}


# --- the numbers -----------------------------------------------------------------------------------------------------


class _Shown:
    """What the network makes of a drawing, and its pictures: one group of marks for each step, each added to the last.

    Without a digit that it should have been there is one step, the way forward.
    """

    def __init__(self, net, strokes, right):
        self.strokes = _checked_strokes(strokes)
        self.right = right
        self.sizes = net.sizes
        x = as_mnist(self.strokes).astype(net.weights[0].dtype)
        self.pixels = x.reshape(SIDE, SIDE).astype(float)
        output = feedforward(net, x)
        self.a = output.ravel().astype(float)
        self.deltas = None
        if right is not None and self.strokes:
            y = np.eye(10, dtype=x.dtype)[:, [right]]
            nabla_b, _ = backprop(net, x, y)
            self.cost = float(cost(output, y))
            self.deltas = [delta.ravel().astype(float) for delta in nabla_b]  # BP3: these are the errors
            self.slopes = (net.weights[0].T @ nabla_b[0]).reshape(SIDE, SIDE).astype(float)  # ∂C/∂x
        self.sentences = _sentences(self)
        self.groups = _groups(self)

    @property
    def height(self):
        return LOWER + max(IMAGE + 24, ROW * (len(self.sizes) - 2) + 64)

    @property
    def alts(self):
        outputs = ", ".join(f"{a:.2f}" for a in self.a)
        return [WORDS["alt"].format(sentence=sentence, outputs=outputs) for sentence in self.sentences]

    def answer(self):
        """Gather what the browser draws."""
        return {
            "right": self.right,
            "box": f"0 0 {WIDTH} {self.height}",
            "sentences": self.sentences,
            "alts": self.alts,
            "groups": self.groups,
            "hint": _hint(self),
        }


# --- the sentences ---------------------------------------------------------------------------------------------------


def _sentences(shown):
    """Say what each step shows."""
    if not shown.strokes:
        return [WORDS["nothing"]]
    first, second = np.argsort(-shown.a, kind="stable")[:2]
    kind = "recording" if shown.strokes in [_checked_strokes(strokes) for _, strokes in RECORDED] else "own"
    a, b = f"{shown.a[first]:.2f}", f"{shown.a[second]:.2f}"
    answers = WORDS[kind].format(first=first, a=a, second=second, b=b)
    if shown.deltas is None:
        return [answers]
    backward = [_backward(shown, step) for step in range(1, len(shown.deltas) + 1)]
    start = WORDS["cost"].format(answers=answers, right=shown.right, cost=number(shown.cost))
    step = len(shown.deltas) + 1
    return [start, *backward, WORDS["at input"].format(step=step, last=step)]


def _backward(shown, step):
    delta = shown.deltas[-step]
    j = int(np.abs(delta).argmax())
    place = {"step": step, "last": len(shown.sizes), "l": raised(len(shown.sizes) + 1 - step)}
    if delta[j] == 0:
        return WORDS["no error"].format(**place)
    way = WORDS["raise" if delta[j] > 0 else "lower"]
    return WORDS["at output" if step == 1 else "at hidden"].format(**place, j=j, value=number(delta[j]), way=way)


# --- the picture -----------------------------------------------------------------------------------------------------


def _groups(shown):
    """Lay out the way forward, then, one group a step, the way back: above left to right, below right to left."""
    groups = [_forward(shown)]
    if shown.deltas is not None:
        groups.append(_output_errors(shown))
        for step in range(2, len(shown.deltas) + 1):
            groups.append(_hidden_errors(shown, step))
        groups.append(_slopes(shown))
    return groups


def _forward(shown):
    marks = [
        write(0, 14, WORDS["sees"], MIDDLE),
        *digit(shown.pixels, IMAGE, 0, TOP),
        write(LABELS - 14, 14, WORDS["outputs"].format(l=raised(len(shown.sizes))), MIDDLE),
    ]
    bars = "".join(f"M{BARS} {_row(j) - 5}h{a * BAR_WIDTH:.1f}" for j, a in enumerate(shown.a)) if shown.strokes else ""
    marks.append(mark("path", "line", d=f"M{BARS} {TOP}v{10 * PITCH}M{BARS + BAR_WIDTH} {TOP}v{10 * PITCH}"))
    marks.append(mark("path", "ink", d=bars, stroke_width=9))
    for j, a in enumerate(shown.a):
        marks.append(write(LABELS, _row(j), str(j), MIDDLE, "middle"))
        if shown.strokes:
            is_answer = j == shown.a.argmax()
            text = f"{a:.2f} ◀" if is_answer else f"{a:.2f}"
            marks.append(write(NUMBERS, _row(j), text, MIDDLE))
    if shown.right is not None:
        marks.append(
            mark("rect", "wanted", x=LABELS - 9, y=_row(shown.right) - 13, width=18, height=PITCH, stroke_width=2)
        )
    return marks


def _row(j):
    return TOP + PITCH * j + 13


def _hint(shown):
    """Say, where the way back will be drawn, how to get there."""
    if not shown.strokes:
        return []
    return [write(0, LOWER + 14, WORDS["choose" if shown.deltas is None else "send"], MIDDLE)]


def _output_errors(shown):
    delta = shown.deltas[-1]
    scale = np.abs(delta).max()
    unit, numbers = _in_one_unit(delta)
    words = WORDS["delta in" if unit else "delta"].format(l=raised(len(shown.sizes)), unit=unit)
    marks = [write(WIDTH, 14, words, MIDDLE, "end")]
    for kind, sign in (("up", 1), ("down", -1)):
        bars = [(j, d) for j, d in enumerate(delta) if d * sign > 0]
        d = "".join(f"M{DELTA_ZERO} {_row(j) - 5}h{value / scale * DELTA_WIDTH:.1f}" for j, value in bars)
        marks.append(mark("path", kind, d=d, stroke_width=9))
    marks.append(mark("path", "line", d=f"M{DELTA_ZERO} {TOP}v{10 * PITCH}"))
    return marks + [write(WIDTH, _row(j), text, MIDDLE, "end") for j, text in enumerate(numbers)]


def _in_one_unit(values):
    """Write numbers so that they can be compared at a glance: a power of ten for them all, or none."""
    scale = np.abs(values).max()
    exponent = math.floor(math.log10(scale)) if scale > 0 else 0
    unit, digits = (f"10{raised(exponent)}", 1) if exponent < -2 else ("", 3)
    rounded = [round(value / 10.0**exponent if unit else value, digits) + 0.0 for value in values.tolist()]
    return unit, [f"{value:.{digits}f}".replace("-", "−") for value in rounded]


def _hidden_errors(shown, step):
    """Draw one bar for each neuron of a hidden layer, up or down from the zero line, and number the largest."""
    delta = shown.deltas[-step]
    scale = np.abs(delta).max()
    top = LOWER + ROW * (step - 2)
    zero = top + 58
    details = {"l": raised(len(shown.sizes) + 1 - step), "scale": number(scale), "count": len(delta)}
    marks = [write(HIDDEN_LEFT, top + 14, WORDS["hidden"].format(**details), MIDDLE)]
    pitch = (WIDTH - HIDDEN_LEFT) / len(delta)
    middles = HIDDEN_LEFT + pitch * (np.arange(len(delta)) + 0.5)
    for kind, sign in (("up", 1), ("down", -1)):
        bars = [(x, d / scale) for x, d in zip(middles, delta, strict=True) if d * sign > 0]
        d = "".join(f"M{x:.1f} {zero}v{-h * HIDDEN_HEIGHT:.1f}" for x, h in bars)
        marks.append(mark("path", kind, d=d, stroke_width=min(0.75 * pitch, 20.0)))
    marks.append(mark("path", "line", d=f"M{HIDDEN_LEFT} {zero}h{WIDTH - HIDDEN_LEFT}"))
    largest = int(np.abs(delta).argmax())
    if delta[largest]:
        y = zero + 14 if delta[largest] > 0 else zero - 5
        marks.append(write(float(middles[largest]), y, str(largest), SMALL, "middle"))
    return marks


def _slopes(shown):
    """Draw ∂C/∂x as an image: both colours by strength, clearly negative pixels dotted, the ink's outline over it."""
    scale = np.abs(shown.slopes).max()
    top = LOWER + 24
    place = {"transform": f"translate(0 {top}) scale({IMAGE / SIDE:g})"}
    middle = {"transform": f"{place['transform']} translate(0 0.5)"}
    levels = np.round(shown.slopes / (scale or 1) * LEVELS).astype(int)
    marks = [write(0, LOWER + 14, WORDS["map"].format(scale=number(scale)), MIDDLE)]
    for kind, sign in (("up", 1), ("down", -1)):
        for level in range(1, LEVELS + 1):
            runs = _runs(levels == sign * level)
            if runs:
                marks.append(mark("path", kind, d=runs, opacity=level / LEVELS, **middle))
    specks = "".join(f"M{k + 0.5} {j}h0" for j, k in np.argwhere(levels < 0))
    marks.append(mark("path", "speck", d=specks, stroke_width=0.3, stroke_linecap="round", **middle))
    marks.append(mark("path", "wanted", d=_outline(shown.pixels > 0.5), stroke_width=0.22, **place))
    marks.append(mark("rect", "line", x=0.5, y=top + 0.5, width=IMAGE - 1, height=IMAGE - 1))
    return marks + _legend(LOWER + ROW * (len(shown.sizes) - 2) + 34)


def _legend(y):
    x = HIDDEN_LEFT
    speck = {"d": f"M{x + 8} {y + 17}h0", "stroke_width": 3, "stroke_linecap": "round"}
    return [
        mark("path", "up", d=f"M{x + 2} {y - 5}h12", stroke_width=12),
        write(x + 22, y, WORDS["more"], MIDDLE),
        mark("path", "down", d=f"M{x + 2} {y + 17}h12", stroke_width=12),
        mark("path", "speck", **speck),
        write(x + 22, y + 22, WORDS["less"], MIDDLE),
    ]


def _runs(chosen):
    """Walk along the rows of pixels that are chosen, neighbours in one go."""
    edges = np.diff(np.pad(chosen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(edges > 0).tolist(), np.argwhere(edges < 0).tolist()
    return "".join(f"M{start} {j}h{end - start}" for (j, start), (_, end) in zip(starts, ends, strict=True))


def _outline(inked):
    """Walk along the edges between pixels with and without ink."""
    padded = np.pad(inked, 1).astype(int)
    across = np.argwhere(np.diff(padded, axis=0)[:, 1:-1])  # between row j - 1 and row j
    down = np.argwhere(np.diff(padded, axis=1)[1:-1])
    return "".join(f"M{k} {j}h1" for j, k in across) + "".join(f"M{k} {j}v1" for j, k in down)


def _ink(strokes, side, x, y):
    """Draw the strokes, as the drawing area shows them, in a frame."""
    d = "".join(
        "M" + "L".join(f"{a * side:.1f} {b * side:.1f}" for a, b in [*stroke, stroke[-1]]) for stroke in strokes
    )
    return [
        mark("rect", "line", x=x + 0.5, y=y + 0.5, width=side - 1, height=side - 1),
        mark(
            *("path", "ink"),
            d=d,
            stroke_width=side * PEN / SIDE,
            stroke_linecap="round",
            stroke_linejoin="round",
            transform=f"translate({x} {y})",
        ),
    ]


def _moved(marks, right):
    """Move a picture to the right."""
    return [{**each, "transform": f"translate({right} 0) {each.get('transform', '')}".strip()} for each in marks]
