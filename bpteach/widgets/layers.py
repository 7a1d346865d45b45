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
QUANTITIES = ("z", "a", "delta", "nabla_b", "nabla_w")

LABEL = re.compile(r"\b(BP[1-4])\b|\((25)\)")
STRENGTH = ("delta", "nabla_w", "nabla_b", "a", "z")  # if a line makes several, which one it is about


@dataclass(frozen=True, eq=False)
class Event:
    """One quantity of one layer, as a line has made it."""

    quantity: str  # one of QUANTITIES
    layer: int  # as in the book, input 1; outside 1 to L where a function computes more than there is
    array: np.ndarray
    name: str  # of the variable
    shape: tuple | None  # what the layer needs; None where there is no such layer
    equation: str  # "z" and "a", the halves of (25), "BP1" to "BP4", or "" for the input
    is_part: bool = False  # a later line goes on with the same quantity of the same layer

    @property
    def fits(self):
        return self.shape is not None and self.array.shape == self.shape

    @property
    def is_whole(self):
        """Whether it can be drawn: it fits, and no later line goes on with it."""
        return self.fits and not self.is_part


@dataclass(frozen=True)
class Moment:
    """What is known once a line has run."""

    phase: str  # "start", "forward", "backward" or "end"
    events: tuple  # what the line has made
    known: dict = field(repr=False)  # the latest whole event of each (quantity, layer)
    comment: str = ""  # the equation that the comment at the line's end names

    @property
    def event(self):
        """The event that the line is about; None if it has made nothing of a layer."""
        complete = [event for event in self.events if not event.is_part] or self.events
        return min(complete, key=lambda event: STRENGTH.index(event.quantity), default=None)

    @property
    def layers(self):
        """The layers for which the line has made what it is about; most often one."""
        about = self.event
        return [event.layer for event in self.events if about is not None and event.quantity == about.quantity]

    @property
    def equation(self):
        """The equation, from what the line has made, and else from its comment; "" for none."""
        return self.event.equation if self.event is not None and self.event.is_whole else self.comment


@dataclass(frozen=True)
class Story:
    """A recording with its layers told."""

    moments: tuple  # one for each step
    missing: tuple  # those of z, a and delta of which the function has no variable
    backward: int | None  # the step that makes the first δ


def read_story(recording):
    """Tell the layers and the equations of a recording."""
    reader = _Reader(recording, keeps_deltas=True)
    lists = reader.read()
    if not reader.kept_any:  # nothing tells one δ from the next but that it is new
        reader = _Reader(recording, keeps_deltas=False)
        lists = reader.read()
    _mark_parts(lists)
    backward = next((i for i, events in enumerate(lists) if any(e.quantity == "delta" for e in events)), None)
    missing = tuple(q for q in ("z", "a", "delta") if not reader.has(q))
    return Story(tuple(_moments(recording, lists, backward)), missing, backward)


def _moments(recording, lists, backward):
    known, went_forward = {}, False
    for i, (step, events) in enumerate(zip(recording.steps, lists, strict=True)):
        text = recording.code[step.line].text
        known = {**known, **{(e.quantity, e.layer): e for e in events if e.is_whole}}
        went_forward = went_forward or any(e.layer > 1 for e in events)
        phase = "forward" if went_forward else "start"
        if backward is not None and i >= backward:
            phase = "backward"
        if re.match(r"\s*return\b", text) and not step.raised:
            phase = "end"
        label = LABEL.search(without_comment(text)[1])
        yield Moment(phase, tuple(events), known, (label[1] or "a") if label else "")


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
    for i, events in enumerate(lists):
        for k, event in enumerate(events):
            if event.quantity in SINGLE and event.quantity in latest:
                at, place = latest[event.quantity]
                if lists[at][place].layer == event.layer:
                    lists[at][place] = replace(lists[at][place], is_part=True)
            latest[event.quantity] = (i, k)


class _Reader:
    """Goes through the steps and counts layers."""

    def __init__(self, recording, keeps_deltas):
        self._recording = recording
        self._sizes = recording.net.sizes
        self._columns = recording.x.shape[1]
        self._keeps_deltas = keeps_deltas
        self._layers = {"z": 1, "a": 1, "delta": len(self._sizes) + 1}
        self._last = {}  # the latest array of z, a and delta
        self._was_kept = True  # whether the latest δ has been stored, so that the next one is another layer's
        self.kept_any = False
        pairs = [pair for step in recording.steps for pair in step.values.items()]
        arrays = {name for name, value in pairs if isinstance(value, np.ndarray)}
        lists = {name for name, value in pairs if isinstance(value, list | tuple)}
        self._single = {q: _first(names, arrays) for q, names in SINGLE.items()}
        self._lists = {q: _first(names, lists) for q, names in (LISTS | GRADIENTS).items()}

    def has(self, quantity):
        return bool(self._single.get(quantity) or self._lists[quantity])

    def read(self):
        before, lists = {}, []
        for step in self._recording.steps:
            lists.append(list(self._events(step, before)))
            before = step.values
        return lists

    def _events(self, step, before):
        for quantity in QUANTITIES:
            single = self._single.get(quantity)
            if single in step.changed and isinstance(step.values.get(single), np.ndarray):
                yield from self._set(quantity, step.values[single], single)
            name = self._lists[quantity]
            if name in step.changed and isinstance(step.values.get(name), list | tuple):
                now, old = step.values[name], before.get(name)
                yield from self._store(quantity, name, now, old if isinstance(old, list | tuple) else None)

    def _event(self, quantity, layer, array, name):
        equation = {"nabla_b": "BP3", "nabla_w": "BP4"}.get(quantity, quantity)
        if quantity == "delta":
            equation = "BP1" if layer == len(self._sizes) else "BP2"
        return Event(quantity, layer, array, name, self._shape(quantity, layer), equation if layer > 1 else "")

    def _shape(self, quantity, layer):
        first = 1 if quantity == "a" else 2
        if not first <= layer <= len(self._sizes):
            return None
        size = self._sizes[layer - 1]
        if quantity == "nabla_w":
            return (size, self._sizes[layer - 2])
        return (size, 1) if quantity == "nabla_b" else (size, self._columns)

    def _set(self, quantity, array, name, layer=None):
        """Take in a new z, a or δ."""
        is_back = self._layers["delta"] <= len(self._sizes)
        if quantity != "delta" and is_back:  # the book's code looks z up again on the way back
            return
        self._layers[quantity] = layer or self._next_layer(quantity, array)
        self._last[quantity] = array
        if quantity == "delta":
            self._was_kept = False
        yield self._event(quantity, self._layers[quantity], array, name)

    def _next_layer(self, quantity, array):
        at = self._layers
        if quantity == "z":
            return at["z"] + (at["z"] == at["a"] or not self.has("a"))
        if quantity == "delta":
            return at["delta"] - (self._was_kept or not self._keeps_deltas)
        if self.has("z"):
            return max(at["a"], at["z"])
        return 1 if "a" not in self._last and np.array_equal(array, self._recording.x) else at["a"] + 1

    def _store(self, quantity, name, now, old):
        """Take in a list: what is new in it is a gradient, or a z, a or δ that may be known already."""
        for i, array in _news(now, old):
            if quantity in GRADIENTS:
                yield from self._store_gradient(quantity, name, now, old, i)
            elif quantity in self._last and np.array_equal(self._last[quantity], array):
                if quantity == "delta":
                    self._keep()
            else:
                is_fixed = quantity == "delta" and (old is None or len(now) == len(old))
                yield from self._set(quantity, array, name, self._of_place(now, i) if is_fixed else None)
                if quantity == "delta":
                    self._keep()

    def _store_gradient(self, quantity, name, now, old, i):
        if old is None and not now[i].any():  # made with zeros, to be filled later
            return
        self._keep()
        layer = self._layers["delta"] if old is not None and len(now) > len(old) else self._of_place(now, i)
        if layer is not None:
            yield self._event(quantity, layer, now[i], name)

    def _keep(self):
        self._was_kept = True
        self.kept_any = self.kept_any or self._layers["delta"] <= len(self._sizes)

    def _of_place(self, values, i):
        """Give the layer of place i in a list of all layers, or of all but the input; None for another length."""
        return {len(self._sizes) - 1: i + 2, len(self._sizes): i + 1}.get(len(values))


def _first(names, used):
    """Find the first of the names that is used, in small letters or capitals."""
    return next((word for name in names for word in sorted(used) if word.lower() == name), None)


def _news(now, old):
    """List place and value of every array in `now` that was not in `old`."""
    old = [] if old is None else list(old)
    grown = len(now) - len(old)
    same = len(old) <= len(now) and all(a is b or _are_equal(a, b) for a, b in zip(old, now, strict=False))
    if grown > 0 and old:
        places = range(len(old), len(now)) if same else range(grown)
    elif grown > 0:
        places = range(len(now))
    else:
        places = [i for i, value in enumerate(now) if value is not old[i]]
    return [(i, now[i]) for i in places if isinstance(now[i], np.ndarray)]


def _are_equal(a, b):
    arrays = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    return arrays and np.array_equal(a, b)
