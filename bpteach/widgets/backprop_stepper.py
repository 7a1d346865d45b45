"""Step through a recorded run of a backprop function: its code, the network and the equations, side by side."""

import json

import traitlets

from bpteach.arguments import check_count, name_of
from bpteach.diagnosis.recording import record
from bpteach.widgets import stepper_frames
from bpteach.widgets.stepper_frames import StepperFrames
from bpteach.widgets.widget import Widget, refused_as_trait, static

WORDS = {
    # what is refused
    "no such example": "example is {found}: expected 0 to {last}, a column of x.",
    "no such step": "step is {found}: expected 0 to {last}.",
    "predict": "predict is {found}: expected True or False.",
    "speed": "speed is {found}: expected one of {expected}.",
    "neuron": "neuron is {found}: expected (), or a layer from 2 to {depth} and a neuron of it, such as (2, 0).",
    # its name
    "one": "BackpropStepper({name}, {net!r}, 1 example)",
    "examples": "BackpropStepper({name}, {net!r}, {count} examples)",
    # the controls
    "controls": "Step through the run",
    "step": "Step",
    "back": "◀ Back",
    "forward": "Step ▶",
    "play": "Play",
    "pause": "Pause",
    "speed label": "Speed",
    "slow": "slow",
    "medium": "medium",
    "fast": "fast",
    "jump": "To the backward pass",
    "example": "Column",
    "predict first": "Predict first",
    "show me": "Show me",
    "score": "{right} of {asked} predicted right.",
    "idle": "Step forward: before the δ of each layer appears, you are asked.",
    # the parts
    "code": "The code; the line that has just run is marked",
    "neurons": "Neurons: the arrow keys choose one, Escape lets go",
    "no equation": "no equation on this line",
    "variables": "Variables",
    "name": "name",
    "value": "value or shape",
}

SPEEDS = {"slow": 2400, "medium": 1100, "fast": 400}  # milliseconds a step
MOST_STEPS = 500
MOST_BYTES = 450_000  # of what is recorded; script and style are 35,000 more
TERMS = (6, 3, 1)  # the most that leaves enough room


class BackpropStepper(Widget):
    """Watch a backprop function run: line by line, neuron by neuron, equation by equation.

    The function runs once, when the widget is made; what it really computed is shown, right or wrong. After that the
    browser steps by itself, and tells Python where it is.

    Parameters
    ----------
    function : callable
        `backprop`, `backprop_matrix` or any other function of (net, x, y), the reader's own as well.
    net : Network
        The network, as it is now; training it later does not change the widget.
    x : array, shape (n_1, 1) or (n_1, m)
        The input, one column an example.
    y : array, shape (n_L, 1) or (n_L, m)
        The desired output.
    step : int
        The step that is shown first, counted from 0.
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

    _esm = static("common.js", "backprop_stepper.js")
    _css = static("common.css", "backprop_stepper.css")

    story = traitlets.Dict().tag(sync=True)
    examples = traitlets.Dict().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    example = traitlets.Int().tag(sync=True)
    predict = traitlets.Bool().tag(sync=True)
    speed = traitlets.Unicode("medium").tag(sync=True)
    neuron = traitlets.List().tag(sync=True)

    def __init__(self, function, net, x, y, *, step=0, example=0, predict=False, text_size=16):
        _check_predict(predict)
        check_count("step", step, least=0)
        check_count("example", example, least=0)
        self.recording = record(function, net, x, y, most_steps=MOST_STEPS)
        count = self.recording.x.shape[1]
        _check_example(example, count)
        _check_step(step, self._step_count)
        self._frames = StepperFrames(self.recording)
        shared = self._frames.shared()
        super().__init__(
            WORDS["one" if count == 1 else "examples"].format(name=self.recording.name, net=net, count=count),
            WORDS | stepper_frames.WORDS | {"speeds": [[word, WORDS[word], pause] for word, pause in SPEEDS.items()]},
            story=shared,
            examples=self._examples(int(example), len(json.dumps(shared))),
            step=int(step),
            example=int(example),
            predict=predict,
            text_size=text_size,
        )
        self.observe(self._send_example, "example")

    @property
    def _step_count(self):
        return max(len(self.recording.steps), 1)

    def _examples(self, chosen, used):
        """Make what is shown of the examples: of all of them if there is room, else of the chosen one."""
        for terms in TERMS:
            self._frames.terms = terms
            first = self._frames.example(chosen)
            size = len(json.dumps(first))
            if used + size <= MOST_BYTES:
                break
        count = self.recording.x.shape[1]
        if used + count * size > MOST_BYTES:
            return {str(chosen): first}
        every = {str(i): first if i == chosen else self._frames.example(i) for i in range(count)}
        return every if used + len(json.dumps(every)) <= MOST_BYTES else {str(chosen): first}

    def _send_example(self, change):
        if str(change.new) not in self.examples:
            self.examples = {str(change.new): self._frames.example(change.new)}

    @property
    def text(self):
        """Write down what is shown now.

        Returns
        -------
        str
            The sentence, the code with its marked line, the equation, the variables, and the sum of a neuron.
        """
        return "\n\n".join(part for part in self._frames.text(self.step, self.example, self.neuron) if part)

    @traitlets.validate("step")
    def _check_new_step(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_step, proposal.value, self._step_count)

    @traitlets.validate("example")
    def _check_new_example(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_example, proposal.value, self.recording.x.shape[1])

    @traitlets.validate("speed")
    def _check_new_speed(self, proposal):
        """Refuse a speed that is not on offer."""
        return refused_as_trait(_check_speed, proposal.value)

    @traitlets.validate("neuron")
    def _check_new_neuron(self, proposal):
        """Refuse a neuron that is not there."""
        return refused_as_trait(_check_neuron, proposal.value, self.recording.net.sizes)

    def _still(self):
        step = self.step or self._frames.telling
        return self._frames.still(step, self.example)


def _check_example(example, count):
    check_count("example", example, least=0)
    if example >= count:
        raise ValueError(WORDS["no such example"].format(found=example, last=count - 1))


def _check_step(step, count):
    check_count("step", step, least=0)
    if step >= count:
        raise ValueError(WORDS["no such step"].format(found=step, last=count - 1))


def _check_predict(predict):
    if not isinstance(predict, bool):
        raise TypeError(WORDS["predict"].format(found=name_of(predict)))


def _check_speed(speed):
    if speed not in SPEEDS:
        raise ValueError(WORDS["speed"].format(found=name_of(speed), expected=", ".join(SPEEDS)))


def _check_neuron(neuron, sizes):
    if list(neuron):
        whole = len(neuron) == 2 and all(type(number) is int for number in neuron)
        if not whole or not 2 <= neuron[0] <= len(sizes) or not 0 <= neuron[1] < sizes[neuron[0] - 1]:
            raise ValueError(WORDS["neuron"].format(found=name_of(neuron), depth=len(sizes)))
