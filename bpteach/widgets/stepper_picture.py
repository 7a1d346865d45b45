"""The marks of the stepper's network at each step and for each event, and the code of its still picture."""

from bpteach.widgets import network_picture
from bpteach.widgets.equations import Equations
from bpteach.widgets.marks import MIDDLE, mark, write
from bpteach.widgets.network_picture import NetworkPicture

# The still picture, in units of which the text size is 16.
CODE_WIDTH, LINE_HEIGHT, LETTER = 644, 19, 7.25

STILL_STYLE = (
    network_picture.STILL_STYLE
    + """
.bpteach-lit { fill: #ffe9a8 }
.bpteach-code, .bpteach-comment { font-family: monospace; white-space: pre }
.bpteach-comment { fill: #5f6368 }
"""
)


class StepperPicture:
    """Draws what a run has made: at a step, or for an event and an example."""

    def __init__(self, run):
        self._run = run
        self.equations = Equations(run.is_batch)
        self.network = NetworkPicture(run.sizes, self.equations.symbols)

    def now(self, moment):
        """Say which way it goes, and frame the layer that is worked on."""
        layer = moment.event.layer if moment.event is not None else None
        return self.network.now(moment.phase, layer if layer in range(1, self._run.depth + 1) else None)

    def chips(self, l, moment):
        """Write below a layer what is known of it, and what has a shape that does not fit."""
        here = [event for event in moment.events if event.layer == l and not event.is_part]
        known = {quantity for quantity, layer in moment.known if layer == l}
        misfit = next(((event.quantity, str(event.array.shape)) for event in here if not event.fits), None)
        return self.network.chips(l, known, {event.quantity for event in here if event.fits}, misfit)

    def event(self, made, i):
        """Draw what the neurons say, or their errors."""
        event = made.event
        if event.quantity == "a" and (event.layer > 1 or not self.network.has_image):
            return self.network.activations(event.layer, self._run.values(made, i))
        return self.network.errors(event.layer, self._run.values(made, i)) if event.quantity == "delta" else []

    def lines(self, made, i):
        """Draw the strongest of the terms that an event is made of."""
        found = self._run.strengths(made, i)
        if found is None:
            return []
        strengths, forward, to_bars = found
        return self.network.lines(made.event.layer, strengths, forward=forward, to_bars=to_bars)


def code_marks(lines, lit, sign):
    """Write the code, line by line (number, text and comment); `sign` stands before the line that is lit."""
    for k, (line, text, comment) in enumerate(lines):
        y = 56 + LINE_HEIGHT * k
        if k == lit:
            yield mark("rect", "lit", x=0, y=y - 14, width=CODE_WIDTH, height=LINE_HEIGHT)
            yield write(4, y, sign, MIDDLE)
        yield write(48, y, str(line), 12, "end", "code")
        yield write(56 + LETTER * (len(text) - len(text.lstrip())), y, text.strip(), 12, kind="code")
        yield write(56 + LETTER * len(text), y, comment, 12, kind="comment")
