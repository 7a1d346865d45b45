"""Step through a recorded run of a backprop function: its code, the network and the equations, side by side.

`diagnosis.recording` records the run, `stepper_layers` tells which layer and equation a line is about, `stepper_run`
the numbers of one example, `stepper_network` draws them, and `stepper_frames` gathers all for the script.
"""

import json

import traitlets

from bpteach.arguments import name_of
from bpteach.diagnosis.methods import as_function
from bpteach.diagnosis.recording import record
from bpteach.locale import N_, _
from bpteach.widgets import stepper_print
from bpteach.widgets.examples import how_many
from bpteach.widgets.stepper_frames import StepperFrames
from bpteach.widgets.stepper_network import MOST_NEURONS
from bpteach.widgets.widget import Bounded, Choice, Place, Switch, Widget, as_network, printed, static

SPEEDS = {N_("slow"): 2400, N_("medium"): 1100, N_("fast"): 400}  # milliseconds a step
MOST_STEPS = 500
MOST_BYTES = 450_000  # of what is recorded; script and style are 35,000 more
TERMS = (6, 3, 1)  # how many of a sum are written out: the most that leaves enough room


class ChosenNeuron(Bounded):
    """A layer after the input and a neuron of it; empty for the one with the largest number."""

    def accepted(self, widget, value):
        sizes = widget.recording.net.sizes
        are_two = isinstance(value, list | tuple) and [type(number) for number in value] == [int, int]
        is_there = are_two and 2 <= value[0] <= len(sizes) and 0 <= value[1] < sizes[value[0] - 1]
        if not is_there and value not in ([], ()):
            sentence = _(
                "neuron is {found}: expected (), or a layer from 2 to {depth} and a neuron of it, such as (2, 0)."
            )
            raise ValueError(sentence.format(found=name_of(value), depth=len(sizes)))
        return list(value)

    def offered(self, widget):
        sizes = widget.recording.net.sizes
        return [[], *([l, j] for l in range(2, len(sizes) + 1) for j in range(min(sizes[l - 1], MOST_NEURONS)))]


class BackpropStepper(Widget):
    """Watch a backprop function run: line by line, neuron by neuron, equation by equation.

    The function runs once, when the widget is made; what it really computed is shown, right or wrong. After that the
    browser steps by itself, and tells Python where it is.

    Parameters
    ----------
    function : callable
        `backprop`, `backprop_matrix` or any other function of (net, x, y), the reader's own as well; or a method of
        a class laid out like the book's.
    net : Network, or an object of the reader's class
        The network, as it is now; training it later does not change the widget.
    x : array, shape (n_1, 1) or (n_1, m)
        The input, one column an example.
    y : array, shape (n_L, 1) or (n_L, m)
        The desired output.
    step : int
        The step that is shown first, counted from 1, as its label does.
    example : int
        The column that the network shows, counted from 0.
    predict : bool
        Ask the reader before each layer's δ appears.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    recording : Recording
        The run.
    speed : str
        How fast it plays: "slow", "medium" or "fast".
    neuron : list of int
        The layer and the neuron whose sum is shown; empty for the one with the largest number.
    text : str
        What is shown now: the line, the equation, the variables, the sum.

    Raises
    ------
    TypeError
        If `function` is no Python function, `net` no network, or another argument is of the wrong kind.
    ValueError
        If `x` or `y` does not fit the network, or `step`, `example` or `text_size` is not on offer.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equations (25) and (BP1) to (BP4), and "The code for
    backpropagation".

    Examples
    --------
    >>> import numpy as np
    >>> from bpteach import Network, backprop
    >>> net = Network.random([9, 5, 2], np.random.default_rng(0))
    >>> BackpropStepper(backprop, net, np.ones((9, 1)), np.eye(2)[:, [0]])
    BackpropStepper(backprop, Network([9, 5, 2]), 1 example)
    """

    _esm = static("common.js", "stepper_views.js", "backprop_stepper.js")
    _css = static("common.css", "backprop_stepper.css")

    linked = ("example", "predict", "neuron", "step")
    story = traitlets.Dict().tag(sync=True)
    examples = traitlets.Dict().tag(sync=True)
    speeds = traitlets.List().tag(sync=True)
    step = Place(lambda widget: max(len(widget.recording.steps), 1), first=1)
    example = Place(lambda widget: widget.recording.x.shape[1] - 1, N_("a column of x"))
    predict = Switch(False)
    speed = Choice(SPEEDS, "medium")
    neuron = ChosenNeuron([])

    def __init__(self, function, net, x, y, *, step=1, example=0, predict=False, text_size=16):
        self.choose(predict=predict, text_size=text_size)
        net = as_network(net)
        self.recording = record(as_function(function), net, x, y, most_steps=MOST_STEPS)
        self.choose(example=example, step=step)
        self._frames = StepperFrames(self.recording)
        story, count = self._frames.story(), self.recording.x.shape[1]
        super().__init__(
            f"BackpropStepper({self.recording.name}, {net!r}, {how_many(count)})",
            _words(is_batch=count > 1),
            story=story,
            examples=self._fitting(len(json.dumps(story))),
            speeds=[[word, _(word), pause] for word, pause in SPEEDS.items()],
        )
        self.observe(self._send_example, "example")

    def _fitting(self, used):
        """Make what is shown of the examples: of all of them if there is room, else of the chosen one."""
        for terms in TERMS:
            self._terms, first = terms, self._frames.example(self.example, terms)
            size = len(json.dumps(first))
            if used + size <= MOST_BYTES:
                break
        chosen, count = {str(self.example): first}, self.recording.x.shape[1]
        if used + count * size > MOST_BYTES:
            return chosen
        every = {str(i): chosen.get(str(i)) or self._frames.example(i, self._terms) for i in range(count)}
        return every if used + len(json.dumps(every)) <= MOST_BYTES else chosen

    def _send_example(self, change):
        if str(change.new) not in self.examples:
            self.examples = {str(change.new): self._frames.example(change.new, self._terms)}

    @printed
    def text(self):
        """What is shown: the sentence, the code with its marked line, the equation, the variables, a neuron's sum."""
        return "\n\n".join(part for part in stepper_print.text(self) if part)

    @property
    def own(self):
        return self.examples[str(self.example)]

    def _still(self):
        return stepper_print.still(self, self.step if self.step > 1 else self._frames.run.telling)


def _words(*, is_batch):
    """Say what stands on the controls and beside the picture; the script fills in what is in braces."""
    return {
        "controls": _("Step through the run"),
        "step": _("Step"),
        "previous": _("◀ Back"),
        "next": _("Step ▶"),
        "jump": _("To the backward pass"),
        "example": _("Column"),
        "predict first": _("Predict first"),
        "show me": _("Show me"),
        "score": _("{right} of {asked} predicted right."),
        "idle": _("Step forward: before the δ of each layer appears, you are asked."),
        "no more": _("No question lies ahead."),
        "code": _("The code; the line that has just run is marked"),
        "neurons": _("Neurons: the arrow keys choose one, Escape lets go"),
        "end": _("."),
        "no equation": _("no equation on this line"),
        "variables": _("Variables, with their value or shape"),
        "neuron": _("Neuron {j} of layer {l}, for column {i}") if is_batch else _("Neuron {j} of layer {l}"),
        "no sum": _("Nothing is known of it yet."),
        "no neuron": _("Point at a neuron, or press Tab to get to the network and choose one with the arrow keys."),
    }
