"""The numbers of the stepper: what each line of a recorded run has made, and what each neuron's number comes from."""

from itertools import accumulate

import numpy as np

from bpteach.widgets.stepper_layers import read_story
from bpteach.widgets.stepper_network import MOST_NEURONS
from bpteach.widgets.stepper_sums import written_out

MOST_EVENTS = 120


class Run:
    """A recording; `made` are the events that are drawn, numbered in the order in which they happen."""

    def __init__(self, recording):
        self.recording, self.sizes = recording, recording.net.sizes
        self.is_batch = recording.x.shape[1] > 1
        self.moments, self.missing, self.backward = read_story(recording)
        self.events = [event for moment in self.moments for event in moment.events]
        self.made = [event for event in self.events if event.is_whole][:MOST_EVENTS]
        self._numbers = {event: number for number, event in enumerate(self.made)}
        told = [moment.event for moment in self.moments]
        shown = [-1 if e is None or e.quantity == "nabla_b" else self.number_of(e) for e in told]
        self.latest = list(accumulate(shown, max))  # for each step the event whose lines and sum are shown; -1 for none

    def number_of(self, event):
        """Give an event's number; -1 where it is not drawn."""
        return self._numbers.get(event, -1)

    @property
    def telling(self):
        """The step, counted from 1, that a still picture shows best: the first error that was sent back a layer."""
        deltas = [event.step + 1 for event in self.made if event.quantity == "delta"]
        return (deltas[:2] or [max(len(self.moments), 1)])[-1]

    def known(self, event, quantity, layer):
        """Give the latest event of a quantity and a layer when another happens; None where there is none."""
        return self.moments[event.step].known.get((quantity, layer))

    def line_number(self, i):
        return self.recording.code[self.recording.steps[i].line].number

    # --- one example

    def column(self, event, i):
        """Give a function of quantity and layer: the numbers of example `i` when an event happens, None for unknown."""
        net, x, y = self.recording.net, self.recording.x, self.recording.y

        def numbers(quantity, layer):
            if quantity == "w":
                return net.weights[layer - 2].astype(np.float64)
            if quantity in ("b", "y"):
                return (net.biases[layer - 2][:, 0] if quantity == "b" else y[:, i]).astype(np.float64)
            made = self.known(event, quantity, layer)
            if made is None and (quantity, layer) != ("a", 1):
                return None
            return (x if made is None else made.array)[:, i].astype(np.float64)

        return numbers

    def values(self, event, i):
        """Give the numbers among which the largest is looked for: those made, or of a gradient the errors; or None."""
        is_gradient = event.quantity in ("nabla_b", "nabla_w")
        return self.column(event, i)("delta" if is_gradient else event.quantity, event.layer)

    def largest(self, event, i):
        """Give the neuron with the largest of these numbers; -1 for the input, or where there are none."""
        values = self.values(event, i)
        return -1 if event.layer == 1 or values is None else place_of_largest(values[:MOST_NEURONS])

    def sums(self, i, most):
        """Write out the sums behind every event that is drawn, `most` terms each."""
        return [written_out(event.equation, event.layer, self.column(event, i), most) for event in self.made]


def place_of_largest(values):
    return int(np.nan_to_num(np.abs(values), nan=-1).argmax())
