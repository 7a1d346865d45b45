"""All that is sent of a recording: the story, which every example shares, and what each example adds to it."""

import json

from bpteach.locale import _
from bpteach.widgets import stepper_words as words
from bpteach.widgets.layers import without_comment
from bpteach.widgets.marks import superscript
from bpteach.widgets.network_picture import MOST_NEURONS
from bpteach.widgets.questions import question
from bpteach.widgets.stepper_numbers import Run
from bpteach.widgets.stepper_picture import StepperPicture

_HEADS = {
    "z": ("k", "w{l}", "a{before}"),
    "a": ("k", "w{l}", "a{before}"),
    "BP2": ("k", "w{after}", "δ{after}"),
    "BP4": ("k", "a{before}", "δ{l}"),
}


class StepperFrames:
    """Gathers numbers, marks and words, step by step.

    What repeats stands in tables once (texts, equations, drawings) and is spoken of by its place there; -1 is nothing.
    """

    def __init__(self, recording):
        self.run = Run(recording)
        self._picture = StepperPicture(self.run)
        self._lines = [(line.number, *without_comment(line.text)) for line in recording.code]
        self._names = list(dict.fromkeys(name for step in recording.steps for name in step.values))
        self._tables = {"texts": _Table(), "equations": _Table(), "drawings": _Table()}
        self._events = [self._event(made.event) for made in self.run.made]
        self._steps = [self._step(i) for i in range(len(recording.steps))] or [self._no_step()]

    # --- what all examples share

    def story(self):
        """Gather what is the same for all examples."""
        network, recording = self._picture.network, self.run.recording
        return {
            "code": self._lines,
            "names": self._names,
            "steps": self._steps,
            "events": self._events,
            **{name: table.items for name, table in self._tables.items()},
            "fixed": network.fixed(),
            "box": f"0 0 {network.width} {network.height}",
            "layers": network.layer_places(),
            "picture": words.picture_of(self.run.sizes),
            "backward": -1 if self.run.backward is None else self.run.backward,
            "message": recording.message,
        }

    def _event(self, event):
        name, l = event.equation, event.layer
        layers = {"l": superscript(l), "before": superscript(l - 1), "after": superscript(l + 1)}
        heads = [head.format(**layers) for head in _HEADS.get(name, ())]
        formula = -1
        if name not in ("", "BP3"):
            formula = self._tables["equations"].add(self._picture.equations.single(name, l))
        return {
            "layer": l,
            "side": 1 if name == "BP2" else -1,
            "toBars": name in ("BP2", "BP4"),
            "heads": [*heads, _("product")] if heads else [],
            "formula": formula,
        }

    def _step(self, i):
        step, moment = self.run.recording.steps[i], self.run.moments[i]
        texts = [words.cell(step.values[name]) if name in step.values else "" for name in self._names]
        return {
            "line": step.line,
            "raised": step.raised,
            "position": words.position(i, self.run),
            "sentence": words.sentence(i, self.run),
            "event": self.run.number_of(moment.event),
            "equation": self._equation(moment),
            "cells": [self._tables["texts"].add(text) for text in texts],
            "changed": [self._names.index(name) for name in step.changed],
            "now": self._tables["drawings"].add(self._picture.now(moment)),
            "latest": self.run.latest[i],
            "layers": [self._layer(l, moment) for l in range(1, self.run.depth + 1)],
        }

    def _no_step(self):
        """Stand in for the steps of a function of which no line ran."""
        empty = self._tables["drawings"].add([])
        now = self._tables["drawings"].add(self._picture.network.now("start", None))
        said = {"position": words.nothing_ran(), "sentence": words.nothing_ran()}
        shown = {"now": now, "latest": -1, "layers": [[-1, -1, empty, -1] for _size in self.run.sizes]}
        return {"line": -1, "raised": False, **said, "event": -1, "equation": -1, "cells": [], "changed": [], **shown}

    def _layer(self, l, moment):
        """Give the events whose activations and errors a layer shows, the marks below it, and the event of its sum."""
        event, known = moment.event, moment.known
        shown = next((q for q in ("delta", "a", "z") if (q, l) in known), None)
        if event is not None and event.quantity == "nabla_w" and event.layer == l and event.fits:
            shown = "nabla_w"
        a, delta, total = (self.run.number_of(known.get((q, l))) for q in ("a", "delta", shown))
        chips = self._tables["drawings"].add(self._picture.chips(l, moment))
        return [a, delta, chips, total if l > 1 else -1]

    def _equation(self, moment):
        """Find the equation of a step in the table, its layer filled in where it is one."""
        if not moment.equation:
            return -1
        is_one = len(moment.layers) == 1 and not moment.event.is_part
        equation = self._picture.equations.whole(moment.equation, moment.event.layer if is_one else None)
        return self._tables["equations"].add({"label": words.label_of(moment.equation), **equation})

    # --- what each example has of its own

    def example(self, i, most):
        """Gather an example's image, the marks, sums and ends of sentences of each event, the questions, and a note.

        Of a sum, `most` terms are written out.
        """
        recording, labels = self.run.recording, _Table()
        every_sum = self.run.sums(i, most)
        return {
            "fixed": self._picture.network.example(recording.x[:, i].astype(float), recording.y[:, i].astype(float)),
            "events": [self._own(made, sums, i, labels) for made, sums in zip(self.run.made, every_sum, strict=True)],
            "labels": labels.items,
            "questions": self._questions(every_sum, i),
            "note": words.note(every_sum, self.run),
        }

    def _own(self, made, sums, i, labels):
        """Gather an event: its marks, lines and sums; where they are those of an event before, only its number."""
        found = {
            "marks": self._picture.event(made, i),
            "lines": [],
            "tail": words.tail(made, sums, i, self.run),
            "neuron": self.run.largest(made, i),
            "terms": [],
            "feet": [],
        }
        if sums is None:
            return found
        feet = [[(word, labels.add(words.foot(word, n)), value) for word, n, value in foot] for foot in sums.feet]
        found |= {"terms": _packed(sums.terms), "feet": _packed(feet), "lines": self._picture.lines(made, i)}
        before = self.run.number_of(made.known.get(("z", made.event.layer)))
        if made.event.quantity == "a" and before >= 0 and sums.terms[0]:
            found |= {"lines": before, "terms": before}
        return found

    def _questions(self, every_sum, i):
        """Ask before each δ, by the step that makes it."""
        found = {}
        for made, sums in zip(self.run.made, every_sum, strict=True):
            if made.event.quantity == "delta":
                asked = question(made.event.layer, self.run.values(made, i), sums, len(found))
                if asked:
                    found[str(made.step)] = asked
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
    """Pack the rows of each neuron into one text."""
    return ["|".join(" ".join(map(str, row)) for row in neuron) for neuron in rows[:MOST_NEURONS]]
