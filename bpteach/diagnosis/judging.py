"""Judge a reader's function: what the checks of a gradient and of a step have in common."""

import copy
from dataclasses import dataclass, replace

import numpy as np

from bpteach.diagnosis.calls import Caller, Finished, refuse_no_function, unfinished_if_blank
from bpteach.diagnosis.catalogue import CATALOGUE
from bpteach.diagnosis.comparison import SAME, agree, arrays_of, factor_of, first_wrong, is_exact, table_of, times
from bpteach.diagnosis.mistake import three_hints
from bpteach.diagnosis.operands import KnownArrays
from bpteach.diagnosis.probes import Probe
from bpteach.diagnosis.program import as_function, is_method, is_program, method_of
from bpteach.diagnosis.report import Diagnosis
from bpteach.locale import _


@dataclass
class Attempt:
    """What came of one call."""

    probe: Probe
    found: list | None = None  # the gradient that the function gave, or that its step has followed
    ended: Diagnosis | None = None  # why there is none
    changed: str = ""  # an argument that it has changed and should not have
    shared: str = ""  # arrays that share memory
    printed: str = ""

    @property
    def is_right(self):
        return self.found is not None and agree(self.found, self.probe.right)

    @property
    def factor(self):
        """The one number by which all of the gradient is multiplied; None if there is none."""
        return factor_of(arrays_of(self.found), arrays_of(self.probe.right))


class Check:
    """Calls a function on every probe, and then asks one question after the other about what came of the calls.

    The checks of a gradient and of a step (`gradient_check`, `step_check`) say for themselves how to `prepare` and to
    `call` the function, what a form of a mistake gives (`predicted`), which `forms` and `rare_slips` there are, and
    what to say of wrong numbers `without_a_name`, and of `right` ones.
    """

    of = "gradient"
    methods = ()  # how a class may call what is checked
    rare_slips = ()

    def __init__(self, function, probes):
        self.function, self.probes, self.attempts = function, probes, []

    def prepare(self):
        """Look at the function before it is called."""

    def answer(self):
        with np.errstate(all="ignore"):
            try:
                if is_program(self.function):
                    methods = (method_of(self.function, name) for name in self.methods)
                    self.function = next(filter(None, methods), self.function)
                refuse_no_function("function", self.function)
                self.function = as_function(self.function)
                self.name = "self" if is_method(self.function) else "net"
                self.prepare()
                self._call_on_every_probe()  # who raises, or gives another shape, has the answer already
                answer = self._judge_numbers()
            except Finished as end:
                answer = end.diagnosis
            if is_method(self.function):
                answer = replace(answer, hints=tuple(hint.replace("net.", "self.") for hint in answer.hints))
            return unfinished_if_blank(replace(answer, of=self.of), self.function)

    def _call_on_every_probe(self):
        """Only a fault on one of the first two ends the check at once."""
        first = copy.deepcopy(self.probes[0].net)
        for index, probe in enumerate(self.probes):
            net, attempt = copy.deepcopy(probe.net), Attempt(probe)
            if index < 2:  # one and the same network, as in a training
                first.sizes, first.weights, first.biases = net.sizes, net.weights, net.biases
                net = first
            try:
                self.call(attempt, net, Caller(self.function, KnownArrays(probe)))
            except Finished as end:
                if index < 2:
                    raise
                attempt.ended = end.diagnosis
            self.attempts.append(attempt)

    def _judge_numbers(self):
        with_numbers = [attempt for attempt in self.attempts if attempt.found is not None]
        wrong = next((attempt for attempt in with_numbers if not attempt.is_right), None)
        self.shown = wrong or self.attempts[0]
        self.table = table_of(self.shown.found, self.shown.probe.right)
        if wrong is None:
            return self._other_sizes() or self._side_effects() or self._all_right()
        self.layer, self.part, self.equation = first_wrong(wrong.found, wrong.probe.right)
        return self._and_changes(self._carried_over() or self._known_mistake() or self.without_a_name())

    # where numbers are wrong

    def _carried_over(self):
        """Has the second call added its gradient to what the first one gave?"""
        first, second = self.attempts[:2]
        before, after, right = (arrays_of(g) for g in (first.found, second.found, second.probe.right))
        shapes = [[np.shape(g) for g in arrays] for arrays in (before, after, right)]
        if second.is_right or not shapes[0] == shapes[1] == shapes[2]:
            return None
        added = all(is_exact(b - a, r) for a, b, r in zip(before, after, right, strict=True))
        return self._told(CATALOGUE["accumulator-not-reset"]) if added else None

    def forms(self):
        """Give pairs of a mistake and one of its forms."""
        return ((mistake, form) for mistake in CATALOGUE.values() for form in mistake.forms)

    def _known_mistake(self):
        """Which mistake of the catalogue gives the very same numbers?"""
        return next((self._told(mistake) for mistake, form in self.forms() if self._explains(form)), None)

    def rare_slip(self, equation=None):
        """Which slip that is not in the catalogue does?"""
        sentences = (sentence for form, sentence in self.rare_slips if self._explains(form))
        return next((self.wrong(_(sentence), equation) for sentence in sentences), None)

    def _explains(self, form):
        """Tell whether a form of a mistake gives the reader's numbers, on every probe where both give any."""
        met = False
        for index, attempt in enumerate(self.attempts):
            if attempt.found is None:
                continue
            try:
                predicted = self.predicted(form, attempt.probe)
            except (ValueError, IndexError, TypeError, Finished):
                if index < 2:
                    return False
                continue
            if not agree(attempt.found, predicted, SAME):
                return False
            met = met or not attempt.is_right
        return met

    def _told(self, mistake):
        mistake = mistake.in_a_step() if self.of == "step" else mistake
        state = "convention" if mistake.convention and self.of == "gradient" else "wrong"
        message = _(mistake.said).format(layer=self.layer)
        return Diagnosis(state, message, mistake.name, mistake.hints(self.shown.probe.single), self.table)

    def constant(self, sentence, equation=None):
        """Is everything right but for a constant? The sentence says so if it is the same one on every network."""
        factors = [attempt.factor for attempt in self.attempts if attempt.found is not None]
        if not all(factors):
            return None
        if np.allclose(factors, factors[0]):
            return self.wrong(sentence, equation, factor=factors[0]) if not np.isclose(factors[0], 1) else None
        shown = dict.fromkeys(times(factor) for factor in factors)
        if len(factors) < 3 or len(shown) < 2:
            return None
        sentence = _(
            "Everything is right but for a constant, which is another one for other sizes ({factors}): where a number "
            "of examples or of neurons is meant, from layer {layer}, {equation}, on, another one is taken."
        )
        return self.wrong(sentence, equation, factors=", ".join(shown))

    def only_there(self):
        """Does something go wrong on one kind of network only?"""
        if not (self.attempts[0].is_right and self.attempts[1].is_right):
            return None
        sentence = _(
            "Right on layers of equal size, but with sizes {sizes} and m = {m} {part} of layer {layer} goes wrong, in "
            "{equation}."
        )
        return self.wrong(sentence, sizes=self.shown.probe.net.sizes, m=self.shown.probe.m)

    def wrong(self, sentence, equation=None, **more):
        """Say that it is wrong, in a sentence with braces for layer, part, equation and whatever more there is."""
        equation = equation or self.equation
        part = {"b": "∂C/∂b", "w": "∂C/∂w"}.get(self.part, _("the gradient"))
        message = sentence.format(layer=self.layer, part=part, equation=equation, **more)
        where = _("Layer {layer}, {part}: the same line runs for the other layers.")
        if self.part == "both":
            where = _("Layer {layer}: the errors of the layers before it are computed from its own.")
        where = where.format(layer=self.layer, part=part)
        hints = three_hints(where, equation, single=self.shown.probe.single)
        return Diagnosis("wrong", message, hints=hints, table=self.table)

    def _and_changes(self, answer):
        changed = next((attempt.changed for attempt in self.attempts if attempt.changed), "")
        if not changed:
            return answer
        message = _("{message}; your function also changes {changed}.")
        return replace(answer, message=message.format(message=answer.message.removesuffix("."), changed=changed))

    # where numbers are right

    def _other_sizes(self):
        """Did a call on a network of another shape end early?"""
        attempt = next((attempt for attempt in self.attempts if attempt.ended), None)
        if attempt is None:
            return None
        message = _("Right on layers of equal size, but with sizes {sizes} and m = {m}: {message}")
        sizes, m, told = attempt.probe.net.sizes, attempt.probe.m, attempt.ended
        return replace(told, message=message.format(sizes=sizes, m=m, message=told.message))

    def _side_effects(self):
        """Was an argument changed, or is memory shared?"""
        for attempt in self.attempts:
            for name, what in (("arguments-changed", attempt.changed), ("outputs-share-memory", attempt.shared)):
                if what:
                    message, hints = _(CATALOGUE[name].said), CATALOGUE[name].hints(attempt.probe.single)
                    return Diagnosis("wrong", message.format(changed=what, shared=what), name, hints, self.table)
        return None

    def _all_right(self):
        message = _(self.right).format(count=len(self.attempts))
        if any(attempt.printed for attempt in self.attempts):
            sentence = _("{message}; it also prints, which you will not want in a training.")
            message = sentence.format(message=message.removesuffix("."))
        return Diagnosis("right", message, table=self.table)
