"""The numbers of the stepper: what each line of a recorded run has made, and what each neuron's number comes from."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from bpteach.widgets.layers import Event, read_story
from bpteach.widgets.network_picture import MOST_NEURONS
from bpteach.widgets.sums import written_out

MOST_EVENTS = 120


class Made(NamedTuple):
    """An event that is drawn."""

    event: Event
    known: dict  # what is known when it happens: the latest event of each (quantity, layer)
    step: int


class Column:
    """One example's part of what is known: flat arrays by quantity and layer, None for what is not known."""

    def __init__(self, recording, known, i):
        self._recording, self._known, self._i = recording, known, i
        self.net = recording.net
        self.y = recording.y[:, i].astype(np.float64)

    def __call__(self, quantity, layer):
        event = self._known.get((quantity, layer))
        if event is None and (quantity, layer) != ("a", 1):
            return None
        array = self._recording.x if event is None else event.array
        return array[:, self._i].astype(np.float64)


class Run:
    """A recording, its events numbered in the order in which they happen."""

    def __init__(self, recording):
        self.recording, self.sizes = recording, recording.net.sizes
        self.depth, self.is_batch = len(self.sizes), recording.x.shape[1] > 1
        story = read_story(recording)
        self.moments, self.missing, self.backward = story.moments, story.missing, story.backward
        whole = [
            Made(event, moment.known, i)
            for i, moment in enumerate(self.moments)
            for event in moment.events
            if event.is_whole
        ]
        self.made = whole[:MOST_EVENTS]
        self._numbers = {made.event: number for number, made in enumerate(self.made)}

    def number_of(self, event):
        """Give an event's number; -1 where it is not drawn."""
        return self._numbers.get(event, -1)

    @cached_property
    def latest(self):
        """For each step the event whose lines and sum are shown: the latest that has any; -1 for none."""
        latest, found = -1, []
        for moment in self.moments:
            event = moment.event
            if event is not None and event.quantity != "nabla_b" and event in self._numbers:
                latest = self._numbers[event]
            found.append(latest)
        return found

    @property
    def telling(self):
        """The step that a still picture shows best: the first error that was sent back a layer."""
        deltas = [made.step for made in self.made if made.event.quantity == "delta"]
        return deltas[1] if len(deltas) > 1 else deltas[0] if deltas else max(len(self.moments) - 1, 0)

    def line_number(self, i):
        """Give the number of the line that ran at a step."""
        return self.recording.code[self.recording.steps[i].line].number

    # --- one example

    def column(self, made, i):
        """Give what example `i` has when an event happens."""
        return Column(self.recording, made.known, i)

    def values(self, made, i):
        """Give the numbers among which the largest is looked for: those made, or of a gradient the errors; or None."""
        is_gradient = made.event.quantity in ("nabla_b", "nabla_w")
        return self.column(made, i)("delta" if is_gradient else made.event.quantity, made.event.layer)

    def largest(self, made, i):
        """Give the neuron with the largest of these numbers; -1 for the input, or where there are none."""
        values = self.values(made, i)
        return -1 if made.event.layer == 1 or values is None else place_of_largest(values[:MOST_NEURONS])

    def sums(self, i, most):
        """Write out the sums behind every event, `most` terms each; None where there is no sum."""
        return [written_out(made.event.equation, made.event.layer, self.column(made, i), most) for made in self.made]

    def strengths(self, made, i):
        """Give the terms that an event is made of, row j those of neuron j; None where it is made of none.

        With them, whether they come from the layer before, and whether they lead to the bars, where δ stands.
        """
        of, net, l = self.column(made, i), self.recording.net, made.event.layer
        match made.event.equation:
            case "z":
                return net.weights[l - 2] * of("a", l - 1), True, False
            case "BP4":
                return np.outer(of("delta", l), of("a", l - 1)), True, True
            case "BP2":
                return net.weights[l - 1].T * of("delta", l + 1), False, True
        return None


def place_of_largest(values):
    """Find where a number is largest, whatever its sign."""
    return int(np.nan_to_num(np.abs(values), nan=-1).argmax())
