"""All that is sent of a recording: the story, which every example shares, and what each example adds to it."""

import json

from bpteach.locale import _
from bpteach.widgets import stepper_words as words
from bpteach.widgets.marks import superscript
from bpteach.widgets.stepper_equations import single, whole
from bpteach.widgets.stepper_layers import Moment, without_comment
from bpteach.widgets.stepper_network import MOST_NEURONS, NetworkPicture
from bpteach.widgets.stepper_questions import question
from bpteach.widgets.stepper_run import Run

_HEADS = {
    "z": ("k", "w{l}", "a{before}"),
    "a": ("k", "w{l}", "a{before}"),
    "BP2": ("j", "w{after}", "δ{after}"),
    "BP4": ("k", "a{before}", "δ{l}"),
}


class StepperFrames:
    """Gathers numbers, marks and words, step by step.

    Equations and drawings, which repeat, stand in tables once and are spoken of by their place there; -1 is nothing.
    """

    def __init__(self, recording):
        self.run = Run(recording)
        self._network = NetworkPicture(self.run.sizes, self.run.is_batch)
        self._names = list(dict.fromkeys(name for step in recording.steps for name in step.values))
        self._tables = {"equations": _Table(), "drawings": _Table()}
        self._events = [self._event(event) for event in self.run.made]

    # --- what all examples share

    def story(self):
        network, recording = self._network, self.run.recording
        steps = [self._step(i) for i in range(len(recording.steps))] or [self._no_step()]
        lines = [(line.number, *without_comment(line.text)) for line in recording.code]
        return {
            "code": [(number, code, comment and _(comment)) for number, code, comment in lines],
            "names": self._names,
            "steps": steps,
            "events": self._events,
            **{name: table.items for name, table in self._tables.items()},
            "fixed": network.fixed(),
            "box": f"0 0 {network.width} {network.height}",
            "layers": network.layers,
            "picture": _("The network, layers of {sizes} neurons.").format(sizes=words.listed(self.run.sizes)),
            "backward": 0 if self.run.backward is None else self.run.backward + 1,
            "message": recording.message,
        }

    def _event(self, event):
        """Describe an event; the sum of an activation is told by the event of its z, where there is one."""
        name, l = event.equation, event.layer
        layers = {"l": superscript(l), "before": superscript(l - 1), "after": superscript(l + 1)}
        heads = [head.format(**layers) for head in _HEADS.get(name, ())]
        return {
            "layer": l,
            "side": 1 if name == "BP2" else -1,
            "toBars": name in ("BP2", "BP4"),
            "heads": [*heads, _("product")] if heads else [],
            "formula": -1 if name in ("", "BP3") else self._tables["equations"].add(single(name, l)),
            "summedBy": self.run.number_of(self.run.known(event, "z", l)) if name == "a" else -1,
        }

    def _step(self, i):
        step = self.run.recording.steps[i]
        return {
            "line": step.line,
            "raised": step.raised,
            "position": words.position(i, self.run),
            "sentence": words.sentence(i, self.run),
            "cells": [words.cell(step.values[name]) if name in step.values else "" for name in self._names],
            "changed": [self._names.index(name) for name in step.changed],
            "latest": self.run.latest[i],
            **self._seen(self.run.moments[i]),
        }

    def _no_step(self):
        said = _("No line of the function ran.")
        step = {"line": -1, "raised": False, "position": said, "sentence": said, "cells": [], "changed": []}
        return step | {"latest": -1, **self._seen(Moment())}

    def _seen(self, moment):
        return {
            "event": self.run.number_of(moment.event),
            "equation": self._equation(moment),
            "now": self._tables["drawings"].add(self._network.now(moment)),
            "layers": [self._layer(l, moment) for l in range(1, len(self.run.sizes) + 1)],
        }

    def _layer(self, l, moment):
        """Give the events whose activations and errors a layer shows, the marks below it, and the event of its sum."""
        event, known = moment.event, moment.known
        shown = next((q for q in ("delta", "a", "z") if (q, l) in known), None)
        if event is not None and event.quantity == "nabla_w" and event.layer == l and event.fits:
            shown = "nabla_w"
        a, delta, total = (self.run.number_of(known.get((q, l))) for q in ("a", "delta", shown))
        chips = self._tables["drawings"].add(self._network.chips(l, moment))
        return [a, delta, chips, total if l > 1 else -1]

    def _equation(self, moment):
        """Find the equation of a step in the table, its layer filled in where it is one."""
        if not moment.equation:
            return -1
        is_one = len(moment.layers) == 1 and not moment.event.is_part
        equation = whole(moment.equation, moment.event.layer if is_one else None, self.run.is_batch)
        return self._tables["equations"].add({"label": words.label_of(moment.equation), **equation})

    # --- what each example has of its own

    def example(self, i, most):
        """Gather an example's image, the marks, sums and ends of sentences of each event, the questions, and a note.

        Of a sum, `most` terms are written out.
        """
        recording, every_sum = self.run.recording, self.run.sums(i, most)
        feet = {(word, n) for sums in every_sum for foot in sums.feet for word, n, _value in foot}
        return {
            "fixed": self._network.example(recording.x[:, i].astype(float), recording.y[:, i].astype(float)),
            "events": [self._own(k, sums, i) for k, sums in enumerate(every_sum)],
            "labels": {f"{word} {n}": words.foot(word, n) for word, n in sorted(feet)},
            "questions": self._questions(every_sum, i),
            "note": words.note(every_sum, self.run),
        }

    def _own(self, k, sums, i):
        event, shared, lines = self.run.made[k], self._events[k], []
        is_told = shared["summedBy"] < 0
        if is_told and sums.products is not None:
            lines = self._network.lines(event.layer, sums.products, side=shared["side"], to_bars=shared["toBars"])
        return {
            "marks": self._marks(event, self.run.values(event, i)),
            "lines": lines,
            "tail": words.tail(event, sums, i, self.run),
            "neuron": self.run.largest(event, i),
            "terms": _packed(sums.terms) if is_told else [],
            "feet": _packed(sums.feet),
        }

    def _marks(self, event, values):
        """Draw what the neurons say, or their errors."""
        if event.quantity == "delta":
            return self._network.errors(event.layer, values)
        is_drawn = event.quantity == "a" and (event.layer > 1 or not self._network.has_image)
        return self._network.activations(event.layer, values) if is_drawn else []

    def _questions(self, every_sum, i):
        """Ask before each δ, by the step that makes it."""
        found = {}
        for event, sums in zip(self.run.made, every_sum, strict=True):
            if event.quantity == "delta":
                asked = question(event.layer, self.run.values(event, i), sums)
                if asked:
                    found[str(event.step + 1)] = asked
        return found


class _Table:
    """A list in which each thing stands once; what stands in it is spoken of by its place."""

    def __init__(self):
        self.items, self._places = [], {}

    def add(self, item):
        key = json.dumps(item)
        if key not in self._places:
            self._places[key] = len(self.items)
            self.items.append(item)
        return self._places[key]


def _packed(rows):
    return ["|".join(" ".join(map(str, row)) for row in neuron) for neuron in rows[:MOST_NEURONS]]
