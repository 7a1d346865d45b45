"""Which layer each line of a recorded run works on, and which equation it is.

The layers are told by counting: the first new z belongs to layer 2, the first new δ to layer L, the next to L − 1. A
gradient belongs to the layer of the entry that changed. Values are taken as they are, right or wrong.
"""

import io
import re
import tokenize
from dataclasses import dataclass, field, replace

import numpy as np

# Names that are looked for, in small letters; the first that a function uses is the one that is read.
SINGLE = {"z": ("z",), "a": ("a", "activation"), "delta": ("delta", "error", "d")}
LISTS = {"z": ("zs", "z"), "a": ("activations", "a"), "delta": ("deltas", "errors", "delta")}
GRADIENTS = {"nabla_b": ("nabla_b", "grad_b"), "nabla_w": ("nabla_w", "grad_w")}

LABEL = re.compile(r"\b(BP[1-4])\b|\((25)\)")
STRENGTH = ("delta", "nabla_w", "nabla_b", "a", "z")  # if a line makes several, which one it is about


@dataclass(frozen=True, eq=False)
class Event:
    """One quantity of one layer, as a line has made it."""

    quantity: str  # z, a, delta, nabla_b or nabla_w
    layer: int  # as in the book, input 1; outside 1 to L where a function computes more than there is
    array: np.ndarray
    name: str  # of the variable
    shape: tuple | None  # what the layer needs; None where there is no such layer
    equation: str  # "z" and "a", the halves of (25), "BP1" to "BP4", or "" for the input
    step: int  # the line's, counted from 0
    is_part: bool = False  # a later line goes on with the same quantity of the same layer

    @property
    def fits(self):
        return self.array.shape == self.shape

    @property
    def is_whole(self):
        """Whether it can be drawn."""
        return self.fits and not self.is_part


@dataclass(frozen=True)
class Moment:
    """What is known once a line has run."""

    phase: str = "start"  # or "forward", "backward", "end"
    events: tuple = ()  # what the line has made
    known: dict = field(default_factory=dict, repr=False)  # the latest whole event of each (quantity, layer)
    comment: str = ""  # the equation that the comment at the line's end names

    @property
    def event(self):
        """The event that the line is about; None if it has made nothing of a layer."""
        complete = [event for event in self.events if not event.is_part] or self.events
        return min(complete, key=lambda event: STRENGTH.index(event.quantity), default=None)

    @property
    def layers(self):
        """The layers for which the line has made what it is about; most often one."""
        return [event.layer for event in self.events if event.quantity == self.event.quantity]

    @property
    def equation(self):
        """The equation, from what the line has made, and else from its comment; "" for none."""
        return self.event.equation if self.event is not None and self.event.is_whole else self.comment


def read_story(recording):
    """Tell the moments of a recording, which of z, a and delta have no variable, and the step of the first δ."""
    reader = _Reader(recording, keeps_deltas=True)
    lists = reader.read()
    if not reader.kept_any:  # nothing tells one δ from the next but that it is new
        reader = _Reader(recording, keeps_deltas=False)
        lists = reader.read()
    _mark_parts(lists)
    backward = next((i for i, events in enumerate(lists) if any(e.quantity == "delta" for e in events)), None)
    missing = [quantity for quantity in SINGLE if not reader.has(quantity)]
    return list(_moments(recording, lists, backward)), missing, backward


def _moments(recording, lists, backward):
    known, phase = {}, "start"
    for i, (step, events) in enumerate(zip(recording.steps, lists, strict=True)):
        text, comment = without_comment(recording.code[step.line].text)
        known = {**known, **{(e.quantity, e.layer): e for e in events if e.is_whole}}
        if backward is not None and i >= backward:
            phase = "backward"
        elif any(event.layer > 1 for event in events):
            phase = "forward"
        returns = re.match(r"\s*return\b", text) and not step.raised
        label = LABEL.search(comment)
        yield Moment("end" if returns else phase, tuple(events), known, (label[1] or "a") if label else "")


def without_comment(text):
    """Part a line of code from the comment at its end; either may be empty."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text.lstrip()).readline):
            if token.type == tokenize.COMMENT:
                at = len(text) - len(text.lstrip()) + token.start[1]
                return text[:at], text[at:]
    except (tokenize.TokenError, SyntaxError):  # a piece of a statement of several lines
        pass
    return text, ""


def _mark_parts(lists):
    """Mark every event that a later one of the same layer replaces before anything else of that kind happens."""
    latest = {}
    for events in lists:
        for k, event in enumerate(events):
            row, place = latest.get(event.quantity, (events, k))
            if event.quantity in SINGLE and row[place] is not event and row[place].layer == event.layer:
                row[place] = replace(row[place], is_part=True)
            latest[event.quantity] = (events, k)


class _Reader:
    """Goes through the steps and counts layers."""

    def __init__(self, recording, keeps_deltas):
        self._recording, self._sizes = recording, recording.net.sizes
        self._keeps_deltas = keeps_deltas
        self._at = {"z": 1, "a": 1, "delta": len(self._sizes) + 1}  # the layers that were reached
        self._last = {}  # the latest array of z, a and delta
        self._was_kept = True  # whether the latest δ has been stored, so that the next one is another layer's
        self.kept_any = False
        pairs = [pair for step in recording.steps for pair in step.values.items()]
        arrays = {name for name, value in pairs if isinstance(value, np.ndarray)}
        lists = {name for name, value in pairs if isinstance(value, list | tuple)}
        self._single = {quantity: _first(names, arrays) for quantity, names in SINGLE.items()}
        self._lists = {quantity: _first(names, lists) for quantity, names in (LISTS | GRADIENTS).items()}

    def has(self, quantity):
        return bool(self._single[quantity] or self._lists[quantity])

    def read(self):
        before, lists = {}, []
        for step in self._recording.steps:
            self._step = len(lists)
            lists.append(list(self._events(step, before)))
            before = step.values
        return lists

    def _events(self, step, before):
        for quantity, list_name in self._lists.items():
            name = self._single.get(quantity)
            if name in step.changed and isinstance(step.values.get(name), np.ndarray):
                yield from self._set(quantity, step.values[name], name)
            now, old = step.values.get(list_name), before.get(list_name)
            if list_name in step.changed and isinstance(now, list | tuple):
                yield from self._store(quantity, list_name, now, old if isinstance(old, list | tuple) else None)

    def _event(self, quantity, layer, array, name):
        equation = {"nabla_b": "BP3", "nabla_w": "BP4"}.get(quantity, quantity)
        if quantity == "delta":
            equation = "BP1" if layer == len(self._sizes) else "BP2"
        shape = self._shape(quantity, layer)
        return Event(quantity, layer, array, name, shape, equation if layer > 1 else "", self._step)

    def _shape(self, quantity, layer):
        if not (1 if quantity == "a" else 2) <= layer <= len(self._sizes):
            return None
        columns = {"nabla_w": self._sizes[layer - 2], "nabla_b": 1}.get(quantity, self._recording.x.shape[1])
        return (self._sizes[layer - 1], columns)

    def _set(self, quantity, array, name, layer=None):
        if quantity != "delta" and self._is_back():  # the book's code looks z up again on the way back
            return
        self._at[quantity] = layer or self._next_layer(quantity, array)
        self._last[quantity] = array
        if quantity == "delta":
            self._was_kept = False
        yield self._event(quantity, self._at[quantity], array, name)

    def _is_back(self):
        return self._at["delta"] <= len(self._sizes)

    def _next_layer(self, quantity, array):
        at = self._at
        if quantity == "z":
            return at["z"] + (at["z"] == at["a"] or not self.has("a"))
        if quantity == "delta":
            return at["delta"] - (self._was_kept or not self._keeps_deltas)
        if self.has("z"):
            return max(at["a"], at["z"])
        return 1 if "a" not in self._last and np.array_equal(array, self._recording.x) else at["a"] + 1

    def _store(self, quantity, name, now, old):
        """Take in a list: what is new in it is a gradient, or a z, a or δ that may be known already."""
        for i in _news(now, old or []):
            if quantity in GRADIENTS:
                yield from self._store_gradient(quantity, name, now, old, i)
                continue
            if quantity not in self._last or not np.array_equal(self._last[quantity], now[i]):
                is_fixed = quantity == "delta" and (old is None or len(now) == len(old))
                yield from self._set(quantity, now[i], name, self._of_place(now, i) if is_fixed else None)
            if quantity == "delta":
                self._keep()

    def _store_gradient(self, quantity, name, now, old, i):
        if old is None and not now[i].any():  # made with zeros, to be filled later
            return
        self._keep()
        layer = self._at["delta"] if old is not None and len(now) > len(old) else self._of_place(now, i)
        if layer is not None:
            yield self._event(quantity, layer, now[i], name)

    def _keep(self):
        self._was_kept = True
        self.kept_any = self.kept_any or self._is_back()

    def _of_place(self, values, i):
        """Give the layer of place i in a list of all layers, or of all but the input; None for another length."""
        return {len(self._sizes) - 1: i + 2, len(self._sizes): i + 1}.get(len(values))


def _first(names, used):
    return next((word for name in names for word in sorted(used) if word.lower() == name), None)


def _news(now, old):
    """List the places of arrays in `now` that were not in `old`: changed, at the end, or at the beginning."""
    if len(now) <= len(old):
        places = [i for i, value in enumerate(now) if value is not old[i]]
    elif all(a is b or np.array_equal(a, b) for a, b in zip(old, now, strict=False)):
        places = range(len(old), len(now))
    else:
        places = range(len(now) - len(old))
    return [i for i in places if isinstance(now[i], np.ndarray)]
