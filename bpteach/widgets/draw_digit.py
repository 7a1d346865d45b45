"""Draw a digit, see the network's answer, and send δ back to the drawing."""

import copy

import traitlets

from bpteach.arguments import require_network
from bpteach.locale import N_, _, pgettext
from bpteach.widgets.digit_picture import STILL_STYLE, WIDTH, groups, height, hint
from bpteach.widgets.digit_reading import Reading
from bpteach.widgets.drawing import PEN, RECORDED, SIDE, as_mnist, strokes_of
from bpteach.widgets.marks import svg
from bpteach.widgets.widget import Bounded, Place, Widget, printed, static

__all__ = ["DrawDigit", "as_mnist"]


class Strokes(Bounded):
    """A drawing."""

    def accepted(self, widget, value):
        return strokes_of(value)


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
    TypeError, ValueError
        If `net` is no network with 784 inputs and 10 outputs, `drawing` holds no strokes within the drawing area, or
        another choice is not on offer.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2 (BP1, BP2), and chapter 1 for the network.

    Examples
    --------
    >>> import numpy as np
    >>> from bpteach.network import Network
    >>> draw = DrawDigit(Network.random([784, 30, 10], np.random.default_rng(0)))
    >>> draw
    DrawDigit(Network([784, 30, 10]))
    >>> draw.right  # the recorded drawing was meant as a
    7
    """

    _esm = static("common.js", "draw_digit.js")
    _css = static("common.css", "draw_digit.css")

    linked = ("right", "step")
    drawing = Strokes()
    right = Place(lambda widget: 9, N_("a digit, or None"), allow_none=True)
    step = Place(lambda widget: widget._last)
    asked = Place(lambda widget: 999_999)  # the browser counts its questions, and finds the number in the answer
    answer = traitlets.Dict().tag(sync=True)
    recordings = traitlets.List().tag(sync=True)
    grid = traitlets.Int(SIDE).tag(sync=True)
    pen = traitlets.Float(PEN).tag(sync=True)

    def __init__(self, net, *, drawing=None, right=None, text_size=16):
        sizes = require_network(net)
        if sizes[0] != SIDE * SIDE or sizes[-1] != 10:
            sentence = _("net has sizes {sizes}: expected 784 inputs and 10 outputs, as in [784, 30, 10].")
            raise ValueError(sentence.format(sizes=list(sizes)))
        self._net, self._last = copy.deepcopy(net), len(net.sizes)
        meant, recorded = RECORDED[0]
        if drawing is None:
            drawing, right = recorded, meant if right is None else right
        self.choose(drawing=drawing, right=right, text_size=text_size)
        self._reading = Reading(self._net, self.drawing, self.right)
        super().__init__(
            f"DrawDigit({net!r})",
            words(),
            answer={"asked": 0, **answer_to(self._reading)},
            recordings=[self._recording(*each) for each in RECORDED],
        )
        self.offered = {"recorded": [1 + i for i in range(len(RECORDED))]} | self.offered
        self.observe(self._ask, ["drawing", "right", "asked"])

    @printed
    def text(self):
        """The sentence of the step, and a table of the outputs, with δ of the output layer once it has been reached."""
        return self._reading.text(min(self.step, self._reading.last))  # there may be no way back

    def _ask(self, change):
        """Answer the browser; called for each trait that has changed, and there is one answer to them all."""
        if (self.drawing, self.right) != (self._reading.strokes, self._reading.right):
            self._reading = Reading(self._net, self.drawing, self.right)
        elif self.asked == self.answer["asked"]:
            return
        self.answer = {"asked": self.asked, **answer_to(self._reading)}

    def _recording(self, meant, strokes):
        """Gather all that the browser needs of a recorded drawing, whatever digit is chosen."""
        answers = [answer_to(Reading(self._net, strokes, right)) for right in (None, *range(10))]
        return {"drawing": strokes, "meant": meant, "answers": answers}

    def _still(self):
        marks = [each for group in groups(self._reading) for each in group]
        return self._reading.alts()[-1], svg(marks, WIDTH, height(self._reading), STILL_STYLE)


def answer_to(reading):
    """Gather what the page shows of a reading: its picture and the words for every step."""
    return {
        "box": f"0 0 {WIDTH} {height(reading)}",
        "sentences": reading.sentences(),
        "alts": reading.alts(),
        "groups": groups(reading),
        "hint": hint(reading),
    }


def words():
    return {
        "area": _("Drawing area"),
        "draw here": _("Draw a digit here"),
        "keys": _(
            "Mouse, pen or finger: just draw. Keyboard: the arrow keys move the pen (with Shift: further; Home, End, "
            "Page Up and Page Down: diagonally); Space puts it down or lifts it; Escape lifts it; Backspace takes the "
            "last stroke back."
        ),
        "pen": _("Pen {state}: column {column}, row {row}."),
        "down": _("down"),
        "up": _("lifted"),
        "undo": _("Undo"),
        "clear": _("Clear"),
        "recorded": _("Show a recorded drawing"),
        "should": _("It should have been"),
        "layers": _("Step through the layers"),
        "backward": _("Backward"),
        "previous": _("Back"),
        "next": pgettext("button", "Step"),
        "no kernel": _(
            "No kernel answers here: this is a recorded drawing. Run the lesson in Jupyter to draw your own; if it is "
            "running already, wait until it has finished its work."
        ),
    }
