"""All that the backprop stepper shows of a recording: what every step shows, and what each example adds to it."""

import json

import numpy as np

from bpteach.widgets import network_picture
from bpteach.widgets.equations import Equations
from bpteach.widgets.layers import LISTS, SINGLE, read_story, without_comment
from bpteach.widgets.marks import LARGE, MIDDLE, mark, number, raised, svg, write
from bpteach.widgets.network_picture import MOST_NEURONS, NetworkPicture
from bpteach.widgets.questions import question
from bpteach.widgets.sums import written_out

WORDS = {
    # the sentences
    "position": "Step {step} of {count}",
    "at": "{position}, line {line}: {what}",
    "at, equation": "{position}, line {line}, {equation}: {what}",
    "nothing ran": "No line of the function ran.",
    "z": "{name} becomes the weighted input of layer {l}, shape {shape}",
    "a": "{name} becomes the activation of layer {l}, shape {shape}",
    "input": "{name} is the input, the activation of layer 1, shape {shape}",
    "delta": "{name} becomes the error of layer {l}, shape {shape}",
    "nabla_b": "{name} gets the gradient of the biases of layer {l}, shape {shape}",
    "nabla_w": "{name} gets the gradient of the weights of layer {l}, shape {shape}",
    "part": "{name} has shape {shape}; a later line completes it for layer {l}",
    "several": "{name} is made for layers {layers}",
    "misfit": "{name} has shape {shape}, where layer {l} needs {expected}",
    "no layer": "{name} changes again, shape {shape}, but there is no layer left that it could belong to",
    "sets": "sets {values}",
    "set": "{name}: {value}",
    "sets nothing": "changes no variable",
    "returns": "the function returns",
    "raises": "stops here with {kind}",
    "on the line": "; on this line, {values}",
    "largest": "; largest at neuron {j}, {value}",
    "column": " of column {i}",
    "differs": ". That is not what {equation} gives, at {count} of {n} neurons",
    "(25)": "(25)",
    "missing": "The network shows no {what}: this function has no variable named {names}.",
    "or": " or ",
    "nor": ", nor one named ",
    "z plural": "weighted inputs z",
    "a plural": "activations a",
    "delta plural": "errors δ",
    "misfit note": "Step {step}, line {line}: {what}.",
    "differs note": "Step {step}, line {line}: {name} is not what {equation} gives.",
    "picture": "The network, layers of {sizes} neurons.",
    "and": " and ",
    # the sum
    "sum of": "Neuron {j} of layer {l}",
    "sum of column": "Neuron {j} of layer {l}, for column {i}",
    "no sum": "Nothing is known of it yet.",
    "no neuron": "Point at a neuron, or press Tab to get to the network and choose one with the arrow keys.",
    "product": "product",
    "foot rest": "and {count} smaller terms",
    "foot rest one": "and 1 smaller term",
    "foot others": "and {count} smaller ones",
    "foot others one": "and 1 smaller one",
    "foot b": "+ b",
    "foot z": "= z",
    "foot a": "σ(z) = a",
    "foot sum": "sum",
    "foot said": "a",
    "foot wanted": "− y",
    "foot difference": "= a − y",
    "foot slope": "× σ′(z)",
    "foot delta": "= δ",
    "foot found": "✗ but the function has",
    # print, and the still picture
    "empty list": "[]",
    "many arrays": "{count} arrays",
    "here": "▶",
    "raised here": "✗",
    "alt": "The code of {name} beside a picture of the network. {sentence}",
    "equation line": "{label}: {plain}",
}

MOST_EVENTS = 120

_HEADS = {
    "z": ("k", "w{l}", "a{before}"),
    "a": ("k", "w{l}", "a{before}"),
    "BP1": (),
    "BP2": ("k", "w{after}", "δ{after}"),
    "BP4": ("k", "a{before}", "δ{l}"),
}


class StepperFrames:
    """All that the browser shows of a recording, step by step.

    Parameters
    ----------
    recording : Recording
        The run.

    Attributes
    ----------
    terms : int
        How many terms of a sum are written out.
    telling : int
        The step that a still picture shows best.
    """

    def __init__(self, recording):
        self.terms = 6
        self._recording = recording
        self._sizes = recording.net.sizes
        self._story = read_story(recording)
        self._is_batch = recording.x.shape[1] > 1
        self._equations = Equations(len(self._sizes), self._is_batch)
        self._picture = NetworkPicture(self._sizes, self._equations.symbols)
        self._lines = [(line.number, *without_comment(line.text)) for line in recording.code]
        self._names = list(dict.fromkeys(name for step in recording.steps for name in step.values))
        self._tables = {"texts": _Table(), "equations": _Table(), "drawings": _Table()}
        self._number_events()
        self._steps = [self._step(i) for i in range(len(recording.steps))] or [self._no_step()]

    def _number_events(self):
        """Number the events that are drawn, and note for each what is known when it happens."""
        self._events, self._ids = [], {}
        for i, moment in enumerate(self._story.moments):
            for event in moment.events:
                if event.fits and not event.is_part and len(self._events) < MOST_EVENTS:
                    self._ids[event] = len(self._events)
                    self._events.append((event, moment.known, i))

    @property
    def telling(self):
        """Choose the step that a still picture shows best: the first error that was sent back a layer.

        Returns
        -------
        int
            Its place, counted from 0.
        """
        found = [i for event, _, i in self._events if event.quantity == "delta"]
        return found[1] if len(found) > 1 else found[0] if found else len(self._steps) - 1

    # --- what all examples share

    def shared(self):
        """Gather what is the same for all examples.

        Returns
        -------
        dict
            The code, the steps, and tables of what the steps speak of by its place.
        """
        return {
            "code": self._lines,
            "names": self._names,
            "steps": self._steps,
            "events": [self._event_words(event) for event, _, _ in self._events],
            **{name: table.items for name, table in self._tables.items()},
            "fixed": self._picture.fixed(),
            "box": f"0 0 {self._picture.width} {self._picture.height}",
            "layers": self._picture.layer_places(),
            "picture": WORDS["picture"].format(sizes=WORDS["and"].join(map(str, self._sizes))),
            "backward": -1 if self._story.backward is None else self._story.backward,
            "message": self._recording.message,
            "columns": self._recording.x.shape[1],
        }

    def _event_words(self, event):
        name = _sum_name(event, len(self._sizes))
        layers = {"l": raised(event.layer), "before": raised(event.layer - 1), "after": raised(event.layer + 1)}
        heads = [head.format(**layers) for head in _HEADS.get(name, ())]
        formula = self._equations.single(name, event.layer) if name in _HEADS and event.layer > 1 else None
        return {
            "layer": event.layer,
            "side": 1 if name == "BP2" else -1,
            "toBars": name in ("BP2", "BP4"),
            "heads": [*heads, WORDS["product"]] if heads else [],
            "formula": -1 if formula is None else self._tables["equations"].add(formula),
        }

    def _step(self, i):
        step, moment = self._recording.steps[i], self._story.moments[i]
        event = moment.event
        is_whole = event is not None and event.fits and not event.is_part
        known = {key: self._ids.get(known) for key, known in moment.known.items()}
        return {
            "line": step.line,
            "raised": step.raised,
            "position": self._position(i),
            "sentence": self._sentence(i),
            "event": self._ids.get(event, -1) if is_whole else -1,
            "equation": self._equation(moment),
            "cells": [
                self._tables["texts"].add(_cell(step.values[n]) if n in step.values else "") for n in self._names
            ],
            "changed": [self._names.index(name) for name in step.changed],
            "now": self._now(moment),
            "latest": self._latest(i),
            "layers": [self._layer(l, moment, known) for l in range(1, len(self._sizes) + 1)],
        }

    def _no_step(self):
        """Stand in for the steps of a function of which no line ran."""
        empty = self._tables["drawings"].add([])
        now = self._tables["drawings"].add(self._picture.now("start", None))
        layers = [[-1, -1, empty, -1] for _ in self._sizes]
        base = {"line": -1, "raised": False, "position": WORDS["nothing ran"], "sentence": WORDS["nothing ran"]}
        return base | {
            **{"event": -1, "equation": -1, "cells": [], "changed": [], "now": now, "latest": -1, "layers": layers}
        }

    def _layer(self, l, moment, known):
        """Give the events whose activations and errors a layer shows, the marks below it, and the event of its sum."""
        event = moment.event
        here = {quantity for quantity, layer in moment.known if layer == l}
        fresh = {e.quantity for e in moment.events if e.layer == l and e.fits and not e.is_part}
        misfit = next(
            ((e.quantity, str(e.array.shape)) for e in moment.events if e.layer == l and not (e.fits or e.is_part)),
            None,
        )
        chips = self._tables["drawings"].add(self._picture.chips(l, here, fresh, misfit))
        shown = next((q for q in ("delta", "a", "z") if q in here), None)
        if event is not None and event.quantity == "nabla_w" and event.layer == l and event.fits:
            shown = "nabla_w"
        ids = [known.get((q, l)) for q in ("a", "delta", shown)]
        a, delta, total = (-1 if found is None else found for found in ids)
        return [a, delta, chips, total if l > 1 else -1]

    def _now(self, moment):
        event = moment.event
        layer = event.layer if event is not None and 1 <= event.layer <= len(self._sizes) else None
        return self._tables["drawings"].add(self._picture.now(moment.phase, layer))

    def _latest(self, i):
        """Give the event whose lines and sum are shown: the latest that has any."""
        for moment in reversed(self._story.moments[: i + 1]):
            event = moment.event
            if event in self._ids and event.quantity != "nabla_b":
                return self._ids[event]
        return -1

    def _position(self, i):
        return WORDS["position"].format(step=i + 1, count=len(self._recording.steps))

    def _equation(self, moment):
        """Find the equation of a step in the table; -1 for none."""
        if not moment.equation:
            return -1
        event = moment.event
        is_known = len(moment.layers) == 1 and not event.is_part
        name = moment.equation
        if name == "25":
            name = event.quantity if is_known and event.quantity in ("z", "a") else "a"
        label = WORDS["(25)"] if moment.equation == "25" else moment.equation
        equation = self._equations.whole(name, event.layer if is_known else None)
        return self._tables["equations"].add({"label": label, **equation})

    # --- the sentences

    def _sentence(self, i):
        moment, step = self._story.moments[i], self._recording.steps[i]
        words = {"position": self._position(i), "line": self._recording.code[step.line].number}
        label = WORDS["(25)"] if moment.equation == "25" else moment.equation
        what = self._what(i)
        return WORDS["at, equation" if label else "at"].format(equation=label, what=what, **words)

    def _what(self, i):
        moment, step = self._story.moments[i], self._recording.steps[i]
        if step.raised:
            return self._raised_words(step)
        if moment.phase == "end":
            return WORDS["returns"]
        if len(moment.layers) > 1:
            layers = WORDS["and"].join(map(str, moment.layers))
            return WORDS["several"].format(name=moment.event.name, layers=layers)
        if moment.event is not None:
            return _event_words(moment.event)
        values = "; ".join(WORDS["set"].format(name=name, value=_cell(step.values[name])) for name in step.changed)
        return WORDS["sets"].format(values=values) if values else WORDS["sets nothing"]

    def _raised_words(self, step):
        text = self._lines[step.line][1]
        names = [name for name in step.values if _has_word(text, name)]
        values = "; ".join(WORDS["set"].format(name=name, value=_cell(step.values[name])) for name in names)
        more = WORDS["on the line"].format(values=values) if values else ""
        return WORDS["raises"].format(kind=type(self._recording.error).__name__) + more

    # --- what each example has of its own

    def example(self, column):
        """Gather what is shown of one example.

        Parameters
        ----------
        column : int
            Which one, counted from 0.

        Returns
        -------
        dict
            Its image, the marks, sums and ends of sentences of each event, the questions, and a note.
        """
        x, y = (array[:, column].astype(np.float64) for array in (self._recording.x, self._recording.y))
        sums = [written_out(event, known, self._recording, column, self.terms) for event, known, _ in self._events]
        return {
            "fixed": self._picture.example(x, y),
            "events": [self._event(i, written, column) for i, written in enumerate(sums)],
            "questions": self._questions(column, sums),
            "note": self._note(sums),
        }

    def _event(self, i, sums, column):
        """Gather an event: its marks, lines and sums; where they are those of an event before, only its number."""
        event, known, _ = self._events[i]
        l = event.layer
        found = {"marks": [], "lines": [], "tail": ".", "neuron": -1, "terms": [], "feet": []}
        values = self._column(known, *self._shown(event), column)
        if l > 1 and values is not None:
            found["neuron"] = _largest(values[:MOST_NEURONS])
        if event.quantity in ("z", "a", "delta"):
            found["tail"] = self._tail(event, values, sums, column)
        if event.quantity == "a" and (l > 1 or not self._picture.has_image):
            found["marks"] = self._picture.activations(l, values)
        if event.quantity == "delta":
            found["marks"] = self._picture.errors(l, values)
        if sums is None:
            return found
        found |= {"terms": _packed(sums.terms[:MOST_NEURONS]), "feet": _packed(sums.feet[:MOST_NEURONS])}
        if event.quantity == "a":
            before = self._ids.get(known.get(("z", l)), -1)
            return found | ({"lines": before, "terms": before} if before >= 0 and sums.terms[0] else {})
        return found | {"lines": self._strengths(event, known, column)}

    def _shown(self, event):
        """Give the quantity and the layer of which the largest value is looked for."""
        is_gradient = event.quantity in ("nabla_b", "nabla_w")
        return "delta" if is_gradient else event.quantity, event.layer

    def _strengths(self, event, known, column):
        """Draw the terms that an event is made of."""
        l, net = event.layer, self._recording.net
        of = lambda quantity, layer: self._column(known, quantity, layer, column)  # noqa: E731
        if event.quantity == "z":
            return self._picture.lines(l, net.weights[l - 2] * of("a", l - 1), forward=True, to_bars=False)
        if event.quantity == "nabla_w":
            return self._picture.lines(l, np.outer(of("delta", l), of("a", l - 1)), forward=True, to_bars=True)
        if l < len(self._sizes):
            return self._picture.lines(l, net.weights[l - 1].T * of("delta", l + 1), forward=False, to_bars=True)
        return []

    def _column(self, known, quantity, layer, column):
        event = known.get((quantity, layer))
        if event is None and (quantity, layer) != ("a", 1):
            return None
        array = self._recording.x if event is None else event.array
        return array[:, column].astype(np.float64)

    def _tail(self, event, values, sums, column):
        """End the sentence of an event."""
        if event.quantity == "z" or event.layer == 1 or not np.isfinite(values).any():
            tail = ""
        else:
            j = _largest(values)
            sign = "+" if event.quantity == "delta" and values[j] > 0 else ""
            tail = WORDS["largest"].format(j=j, value=sign + number(values[j]))
            tail += WORDS["column"].format(i=column) if self._is_batch else ""
        if sums is not None and sums.differs:
            equation = _equation_name(event, len(self._sizes))
            tail += WORDS["differs"].format(equation=equation, count=sums.differs, n=len(values))
        return f"{tail}."

    def _questions(self, column, sums):
        """Ask before each δ, by the step that makes it."""
        found = {}
        for (event, _, i), written in zip(self._events, sums, strict=True):
            if event.quantity == "delta":
                asked = question(event, event.array[:, column], written, len(found))
                if asked:
                    found[str(i)] = asked
        return found

    def _note(self, sums):
        """Say what the network cannot show, and where the function first leaves the equations."""
        notes = []
        if self._recording.error is None and self._recording.steps:
            notes += _missing_words(self._story.missing)
        for i, moment in enumerate(self._story.moments):
            wrong = [e for e in moment.events if not e.fits and not e.is_part]
            if wrong:
                place = {"step": i + 1, "line": self._number(i)}
                notes.append(WORDS["misfit note"].format(what=_event_words(wrong[0]), **place))
                break
        for (event, _, i), written in zip(self._events, sums, strict=True):
            if written is not None and written.differs:
                equation = _equation_name(event, len(self._sizes))
                place = {"step": i + 1, "line": self._number(i), "name": event.name, "equation": equation}
                notes.append(WORDS["differs note"].format(**place))
                break
        return " ".join(notes)

    def _number(self, i):
        return self._recording.code[self._recording.steps[i].line].number

    # --- in print

    def text(self, i, column, neuron):
        """Write down what is shown.

        Parameters
        ----------
        i : int
            The step.
        column : int
            The example.
        neuron : list of int
            The layer and the neuron whose sum is written out; empty for the one with the largest number.

        Yields
        ------
        str
            One part after the other; some may be empty.
        """
        step, example = self._steps[i], self.example(column)
        yield self._recording.message
        yield example["note"]
        yield sentence_of(step, example)
        sign = self._sign(step)
        yield "\n".join(f"{sign if k == step['line'] else ' '} {n:4} {a}{b}" for k, (n, a, b) in enumerate(self._lines))
        if step["equation"] >= 0:
            yield WORDS["equation line"].format(**self._tables["equations"].items[step["equation"]])
        cells = [self._tables["texts"].items[k] for k in step["cells"]]
        yield "\n".join(f"{name}: {cell}" for name, cell in zip(self._names, cells, strict=False) if cell)
        yield "\n".join(self._sum_lines(step, example, column, neuron))

    def _sum_lines(self, step, example, column, neuron):
        if neuron:
            l, j = neuron
        elif step["latest"] >= 0 and example["events"][step["latest"]]["neuron"] >= 0:
            l, j = self._events[step["latest"]][0].layer, example["events"][step["latest"]]["neuron"]
        else:
            return
        yield WORDS["sum of column" if self._is_batch else "sum of"].format(j=j, l=l, i=column)
        k = step["layers"][l - 1][3]
        found = example["events"][k] if k >= 0 else {"feet": []}
        if j >= len(found["feet"]):
            yield WORDS["no sum"]
            return
        words = self._event_words(self._events[k][0])
        yield self._tables["equations"].items[words["formula"]]["plain"]
        rows = [row.split(" ") for row in _terms_of(example["events"], k)[j].split("|") if row]
        if rows:
            yield "".join(f"{head:>12}" for head in words["heads"])
        yield from ("".join(f"{cell:>12}" for cell in row).replace("-", "−") for row in rows)
        for word, count, value in (row.split(" ") for row in found["feet"][j].split("|") if row):
            label = WORDS[f"foot {word} one" if count == "1" else f"foot {word}"].format(count=count)
            yield f"{label:>36}{value:>12}".replace("-", "−")

    # --- without a browser

    def still(self, i, column):
        """Draw a step as one still picture: the code on the left, the network on the right.

        Parameters
        ----------
        i : int
            The step.
        column : int
            The example.

        Returns
        -------
        alt : str
            What is to be seen.
        document : str
            The picture, an SVG document.
        """
        step, example = self._steps[i], self.example(column)
        marks = [write(0, 16, step["position"], LARGE)]
        if step["equation"] >= 0:
            equation = self._tables["equations"].items[step["equation"]]
            marks.append(write(CODE_WIDTH, 16, WORDS["equation line"].format(**equation), LARGE, "end"))
        for k in range(len(self._lines)):
            marks += self._still_line(k, step)
        left = CODE_WIDTH + 24
        marks += [_moved(each, left) for each in (*self._picture.fixed(), *self._drawn(step, example))]
        height = max(self._picture.height, 60 + LINE_HEIGHT * len(self._lines))
        document = svg(marks, left + self._picture.width, height, network_picture.STILL_STYLE + STILL_STYLE)
        alt = WORDS["alt"].format(name=self._recording.name, sentence=sentence_of(step, example))
        return " ".join(filter(None, [alt, self._recording.message])), document

    def _still_line(self, k, step):
        """Draw a line of code."""
        line, text, comment = self._lines[k]
        y = 56 + LINE_HEIGHT * k
        if k == step["line"]:
            yield mark("rect", "lit", x=0, y=y - 14, width=CODE_WIDTH, height=LINE_HEIGHT)
            yield write(4, y, self._sign(step), MIDDLE)
        yield write(48, y, str(line), 12, "end", "code")
        yield write(56 + LETTER * (len(text) - len(text.lstrip())), y, text.strip(), 12, kind="code")
        yield write(56 + LETTER * len(text), y, comment, 12, kind="comment")

    def _sign(self, step):
        return WORDS["raised here" if step["raised"] else "here"]

    def _drawn(self, step, example):
        """List the marks of the network at one step, in the order in which they are drawn."""
        drawings, events = self._tables["drawings"].items, example["events"]
        yield from example["fixed"]
        yield from _lines_of(events, step["latest"])
        for a, delta, chips, _ in step["layers"]:
            for event in (a, delta):
                if event >= 0:
                    yield from events[event]["marks"]
            yield from drawings[chips]
        yield from drawings[step["now"]]


# The still picture, in units of which the text size is 16.
CODE_WIDTH, LINE_HEIGHT, LETTER = 644, 19, 7.25

STILL_STYLE = """
.bpteach-lit { fill: #ffe9a8 }
.bpteach-code, .bpteach-comment { font-family: monospace; white-space: pre }
.bpteach-comment { fill: #5f6368 }
"""


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


def sentence_of(step, example):
    """Join the two halves of a step's sentence.

    Parameters
    ----------
    step : dict
        One of the story's `steps`.
    example : dict
        One of the widget's `examples`.

    Returns
    -------
    str
        The sentence, as the page shows it.
    """
    tail = example["events"][step["event"]]["tail"] if step["event"] >= 0 else "."
    sentence = step["sentence"]
    return sentence if sentence.endswith(".") and tail == "." else sentence + tail


def _sum_name(event, depth):
    if event.quantity == "delta":
        return "BP1" if event.layer == depth else "BP2"
    return {"nabla_w": "BP4", "nabla_b": ""}.get(event.quantity, event.quantity)


def _equation_name(event, depth):
    name = _sum_name(event, depth)
    return WORDS["(25)"] if name in ("z", "a") else name


def _event_words(event):
    words = {"name": event.name, "l": event.layer, "shape": event.array.shape, "expected": event.shape}
    if event.is_part:
        return WORDS["part"].format(**words)
    if event.shape is None:
        return WORDS["no layer"].format(**words)
    if not event.fits:
        return WORDS["misfit"].format(**words)
    return WORDS["input" if event.layer == 1 else event.quantity].format(**words)


def _missing_words(missing):
    if not missing:
        return []
    what = WORDS["or"].join(WORDS[f"{quantity} plural"] for quantity in missing)
    names = WORDS["nor"].join(WORDS["or"].join(dict.fromkeys(SINGLE[q] + LISTS[q])) for q in missing)
    return [WORDS["missing"].format(what=what, names=names)]


def _cell(value):
    """Describe a variable in a few letters: an array by its shape, a number by itself."""
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if isinstance(value, list | tuple):
        if not value:
            return WORDS["empty list"]
        return f"[{', '.join(map(_cell, value))}]" if len(value) <= 3 else WORDS["many arrays"].format(count=len(value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _largest(values):
    """Find where a value is largest, whatever its sign."""
    return int(np.nan_to_num(np.abs(values), nan=-1).argmax())


def _lines_of(events, i):
    lines = events[i]["lines"] if i >= 0 else []
    return _lines_of(events, lines) if isinstance(lines, int) else lines


def _terms_of(events, i):
    terms = events[i]["terms"]
    return _terms_of(events, terms) if isinstance(terms, int) else terms


def _packed(rows):
    """Pack the rows of each neuron into one text."""
    return ["|".join(" ".join(map(str, row)) for row in neuron) for neuron in rows]


def _has_word(text, name):
    return any(token == name for token in _words(text))


def _words(text):
    return "".join(letter if letter.isidentifier() or letter.isdigit() else " " for letter in text).split()


def _moved(described, by):
    """Move a mark to the right."""
    return {**described, "transform": f"translate({by} 0) {described.get('transform', '')}".strip()}
