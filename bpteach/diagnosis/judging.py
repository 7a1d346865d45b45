"""Judge a reader's function: what the checks of a gradient and of a step have in common."""

import copy
from dataclasses import dataclass, replace

import numpy as np

from bpteach.diagnosis.calls import Caller, Finished, refuse_no_function, unfinished_if_blank
from bpteach.diagnosis.catalogue import CATALOGUE
from bpteach.diagnosis.comparison import SAME, agree, arrays_of, factor_of, first_wrong, is_exact, table_of, times
from bpteach.diagnosis.conventions import factors_of, told
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
        return self.found is not None and agree(self.found, self.probe.expected)


class Check:
    """Calls a function on every probe, and then asks one question after the other about what came of the calls.

    The checks of a gradient and of a step (`gradient_check`, `step_check`) say for themselves how to `prepare` and to
    `call` the function, what a form of a mistake gives (`predicted`), which `forms` and `slips` there are, and what to
    say of wrong numbers `without_a_name`.
    """

    of = "gradient"
    methods = ()  # how a class may call what is checked
    slips = ()
    more_factors = ()

    def __init__(self, function, probes):
        self.function, self.probes, self.attempts = function, probes, []
        self._predictions = {}  # what forms of mistakes give, by form and probe
        self.apart_from = ()  # the factors that were taken out, of biases and of weights

    def prepare(self):
        """Look at the function before it is called."""

    def answer(self):
        with np.errstate(all="ignore"):
            try:
                self._accept_function()
                self.prepare()
                self._call_on_every_probe()  # who raises, or gives another shape, has the answer already
                answer = self._judge_numbers()
            except Finished as end:
                answer = end.diagnosis
            if is_method(self.function):
                answer = replace(answer, hints=tuple(hint.replace("net.", "self.") for hint in answer.hints))
            return unfinished_if_blank(replace(answer, of=self.of), self.function)

    def _accept_function(self):
        if is_program(self.function):
            methods = (method_of(self.function, name) for name in self.methods)
            self.function = next(filter(None, methods), self.function)
        refuse_no_function("function", self.function)
        self.function = as_function(self.function)
        self.name = "self" if is_method(self.function) else "net"

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
        self.judged = wrong or self.attempts[0]  # the attempt that the answer describes
        self.table = table_of(self.judged.found, self.judged.probe.expected)
        if wrong is None:
            return self._other_sizes() or self._side_effects() or self._all_right()
        self._look_for_the_first_wrong()
        return self._and_changes(self._carried_over() or self._known_mistake() or self.without_a_name())

    def _look_for_the_first_wrong(self):
        self.layer, self.part, self.equation = first_wrong(self.judged.found, self.judged.probe.expected)

    # where numbers are wrong

    def _carried_over(self):
        """Has the second call added its gradient to what the first one gave?"""
        first, second = self.attempts[:2]
        before, after, right = (arrays_of(g) for g in (first.found, second.found, second.probe.expected))
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
        return next((self._told(mistake, form) for mistake, form in self.forms() if self._explains(form)), None)

    def slip(self):
        """Which slip that is not in the catalogue does?"""
        return next((self._slip_told(slip) for slip in self.slips if any(map(self._explains, slip.forms))), None)

    def _pairs(self, form):
        """Give what was found and what a form of a mistake gives, on every probe where both give any numbers."""
        for index, attempt in enumerate(self.attempts):
            if attempt.found is None:
                continue
            key = id(form), index
            try:
                if key not in self._predictions:
                    self._predictions[key] = self.predicted(form, attempt.probe)
                yield attempt, self._predictions[key]
            except (ValueError, IndexError, TypeError, Finished):
                if index < 2:
                    yield attempt, None

    def _explains(self, form):
        """Tell whether a form of a mistake gives the reader's numbers."""
        met = False
        for attempt, predicted in self._pairs(form):
            if predicted is None or not agree(attempt.found, predicted, SAME):
                return False
            met = met or not attempt.is_right
        return met

    # right, or wrong in a known way, but for a constant

    def apart_from_factors(self):
        """Does all fit, or a known mistake or slip, when the factors of a convention are taken out?"""
        all_but = self._factors(None)
        if all_but and all_but[0] == all_but[1]:
            return self._factors_told(*all_but)
        for mistake, form in self.forms():
            factors = None if mistake.convention or callable(form) else self._factors(form)
            if factors and (factors[0] == factors[1] or mistake.name != "bias-mean-weight-sum"):
                return self._without(factors)._told(mistake, form)
        if all_but:
            return self._factors_told(*all_but)
        for slip in self.slips:
            for form in slip.forms:
                if not callable(form) and (factors := self._factors(form)):
                    return self._without(factors)._slip_told(slip)
        return None

    def _factors(self, form):
        """Find the factors, of biases and of weights, between what was found and what a form gives (None: is right)."""
        pairs = self._pairs_with_right() if form is None else self._pairs(form)
        return self._factors_between(pairs)

    def _pairs_with_right(self):
        return [(attempt, attempt.probe.expected) for attempt in self.attempts if attempt.found is not None]

    def _factors_between(self, pairs, part=slice(None)):
        """Find them in a part of the layers; None if there are none, or nothing explains them."""
        numbers, probes = [], []
        for attempt, predicted in pairs:
            if predicted is None:
                return None
            if not any(np.any(g) for g in arrays_of(predicted)) and agree(attempt.found, predicted):
                continue  # nothing, times any factor
            halves = zip(attempt.found, predicted, strict=True)
            numbers.append([factor_of(mine[part], theirs[part]) for mine, theirs in halves])
            probes.append(attempt.probe)
            if None in numbers[-1]:
                return None
        found = [factors_of(of_half, probes, self.more_factors) for of_half in zip(*numbers, strict=True)]
        return found if any(found) and None not in found else None

    def _without(self, factors):
        """Judge what is left when the factors are taken out."""
        self.apart_from = factors
        for attempt in self.attempts:
            if attempt.found is not None:
                sizes = [np.prod([factor.of(attempt.probe) for factor in part]) for part in factors]
                halves = zip(attempt.found, sizes, strict=True)
                attempt.found = [[None if g is None else g / size for g in half] for half, size in halves]
        self._look_for_the_first_wrong()
        return self

    def apart_from_those_of_the_output(self):
        """Is the output layer right but for factors, and something without a name wrong in the layers before it?"""
        halves = zip(self.judged.found, self.judged.probe.expected, strict=True)
        before = [pair for mine, theirs in halves for pair in zip(mine[:-1], theirs[:-1], strict=False)]
        if any(is_exact(*pair) for pair in before):
            return None  # it is the output layer that is wrong
        factors = self._factors_between(self._pairs_with_right(), slice(-1, None))
        return self._without(factors).without_a_name() if factors else None

    def changing_factor(self):
        """Is all right but for one number that is another on each network, and is made up of nothing known?"""
        attempts = [attempt for attempt in self.attempts if attempt.found is not None]
        numbers = [factor_of(arrays_of(a.found), arrays_of(a.probe.expected)) for a in attempts]
        shown = dict.fromkeys(times(number) for number in numbers if number)
        if None in numbers or len(shown) < 2:
            return None
        sentence = _(
            "Right but for a constant, from layer {layer}, {equation}, on. It changes with the sizes: {factors}. Which "
            "number do you multiply or divide by?"
        )
        return self.wrong(sentence, factors=", ".join(shown))

    def _factors_told(self, of_b, of_w):
        """All is right but for these."""
        names = tuple(factor.name for factor in of_b)
        if of_b != of_w:
            sentence = _("Right but for {factors}. The two parts of the gradient are to have the same scale.")
        elif not all(names):
            sentence = _("Right but for {factors}. Nothing is wrong in the chain rule, so look for a constant.")
        else:
            sentence = _("Right but for {factors}. These are conventions: nothing is wrong in the chain rule.")
            if len(names) == 1:
                sentence = _("Right but for {factors}. This is a convention: nothing is wrong in the chain rule.")
        answer = self.wrong(sentence, factors=told(of_b, of_w))
        is_convention = of_b == of_w and all(names) and self.of == "gradient"
        return replace(answer, state="convention" if is_convention else "wrong", conventions=tuple(filter(None, names)))

    # how it is said

    def _told(self, mistake, form=None):
        found = mistake.in_a_step() if self.of == "step" else mistake
        state = "convention" if mistake.convention and self.of == "gradient" else "wrong"
        equation = self.equation if (found.equation, self.equation) == ("BP1", "BP2") else found.equation
        found = replace(found, equation=equation)
        said = form.get("said", found.said) if isinstance(form, dict) else found.said
        answer = Diagnosis(state, _(said).format(layer=self.layer), found.name)
        answer = replace(answer, hints=found.hints(self.judged.probe.single), equation=equation, layer=self.layer)
        conventions = (mistake.name,) if mistake.convention else ()
        return self._and_factors(replace(answer, table=self.table, conventions=conventions))

    def _slip_told(self, slip):
        return self.wrong(_(slip.said), slip.equation, where=slip.where and _(slip.where))

    def wrong(self, sentence, equation="", where="", **more):
        """Say that it is wrong, in a sentence with braces for layer, part, equation and whatever more there is."""
        equation = equation or self.equation
        part = {"b": "∂C/∂b", "w": "∂C/∂w"}.get(self.part, _("the gradient"))
        message = sentence.format(layer=self.layer, part=part, equation=equation, **more)
        if not where and self.part == "both":
            where = _("Layer {layer}: the errors of the layers before it are computed from its own.")
        where = where or _("Layer {layer}, {part}: the same line runs for the other layers.")
        hints = three_hints(where.format(layer=self.layer, part=part), equation, single=self.judged.probe.single)
        answer = Diagnosis("wrong", message, hints=hints, table=self.table, equation=equation, layer=self.layer)
        return self._and_factors(answer)

    def _and_factors(self, answer):
        if not self.apart_from:
            return answer
        message = _("Apart from {factors}, one mistake is left, in layer {layer}, {equation}. {message}")
        equation = (
            answer.equation
            if answer.equation[:2] == "BP"
            else _("equation {equation}").format(equation=answer.equation)
        )
        told_apart = {"factors": told(*self.apart_from), "equation": equation, "layer": answer.layer}
        names = dict.fromkeys(factor.name for part in self.apart_from for factor in part if factor.name)
        return replace(answer, message=message.format(message=answer.message, **told_apart), conventions=tuple(names))

    def only_there(self):
        """Does something go wrong on one kind of network only?"""
        if not (self.attempts[0].is_right and self.attempts[1].is_right):
            return None
        sentence = _(
            "Right where all layers have the same size. With sizes {sizes} and m = {m} it goes wrong: first {part} of "
            "layer {layer}, in {equation}."
        )
        return self.wrong(sentence, sizes=self.judged.probe.net.sizes, m=self.judged.probe.m)

    def _and_changes(self, answer):
        changed = next((attempt.changed for attempt in self.attempts if attempt.changed), "")
        if not changed:
            return answer
        message = _("{message} Your function also changes {changed}.")
        return replace(answer, message=message.format(message=answer.message, changed=changed))

    # where numbers are right

    def _other_sizes(self):
        """Did a call on a network of another shape end early?"""
        attempt = next((attempt for attempt in self.attempts if attempt.ended), None)
        if attempt is None:
            return None
        message = _("Right where all layers have the same size, but not with sizes {sizes} and m = {m}. {message}")
        sizes, m, ended = attempt.probe.net.sizes, attempt.probe.m, attempt.ended
        return replace(ended, message=message.format(sizes=sizes, m=m, message=ended.message))

    def _side_effects(self):
        """Was an argument changed, or is memory shared?"""
        for attempt in self.attempts:
            for name, what in (("arguments-changed", attempt.changed), ("outputs-share-memory", attempt.shared)):
                if what:
                    message, hints = _(CATALOGUE[name].said), CATALOGUE[name].hints(attempt.probe.single)
                    return Diagnosis("wrong", message.format(changed=what, shared=what), name, hints, self.table)
        return None

    def _all_right(self):
        message = self.praise().format(count=len(self.attempts))
        if any(attempt.printed for attempt in self.attempts):
            message = _("{message} It also prints, which you will not want in a training.").format(message=message)
        return Diagnosis("right", message, table=self.table)
