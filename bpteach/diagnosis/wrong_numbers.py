"""Say where wrong numbers come from: a mistake of the catalogue, a rare slip, a convention, or several of them."""

from dataclasses import replace

import numpy as np

from bpteach.diagnosis.calls import Finished
from bpteach.diagnosis.comparison import SAME, agree, arrays_of, factor_of, first_wrong, is_exact, times
from bpteach.diagnosis.conventions import factors_between, told
from bpteach.diagnosis.mistake import three_hints
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.report import Diagnosis, reworded
from bpteach.locale import _


class WrongNumbers:
    """Asks one question after the other about the numbers of all `attempts`; the answer describes the one `judged`."""

    of = "gradient"
    slips = ()
    more_factors = ()  # that a step may be multiplied by
    attempts, judged, table = (), None, ()
    apart_from = ()  # the factors that were taken out, of biases and of weights

    def mistake_in_numbers(self):
        self._look_for_the_first_wrong()
        return self._carried_over() or self._known_mistake() or self.without_a_name()

    def more_questions(self):
        return ()

    def without_a_name(self):
        questions = [self.slip, self.apart_from_factors, *self.more_questions()]
        questions = [] if self.apart_from else questions  # they were asked before the factors were taken out
        questions += [self.changing_factor, self.apart_from_those_of_the_output]
        answer = next(filter(None, (question() for question in questions)), None)
        return answer or self.only_there(self.judged, self.elsewhere())

    def _look_for_the_first_wrong(self):
        self.layer, self.part, self.equation = first_wrong(self.judged.found, self.judged.probe.expected)

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
            predicted = attempt.found and self._prediction(form, attempt.probe)
            if predicted or (attempt.found and index < 2):
                yield attempt, predicted

    def _prediction(self, form, probe):
        """Give what a form of a mistake gives on a probe, or None where it raises."""
        key = id(form), self.of  # the catalogue keeps the form, and so its number
        if key not in probe.predictions:
            try:
                probe.predictions[key] = self.predicted(form, probe)
            except (ValueError, IndexError, TypeError, Finished):
                probe.predictions[key] = None
        return probe.predictions[key]

    def _explains(self, form):
        """Tell whether a form of a mistake gives the reader's numbers."""
        met = False
        for attempt, predicted in self._pairs(form):
            if predicted is None or not agree(attempt.found, predicted, SAME):
                return False
            met = met or not attempt.is_right
        return met

    def _is_right(self, form):
        """Tell whether a form gives what is right, as one that sums wrongly does where there is one example."""
        return all(given is not None and agree(given, mine.probe.expected, SAME) for mine, given in self._pairs(form))

    # right, or wrong in a known way, but for a constant

    def apart_from_factors(self):
        """Does all fit, or a known mistake or slip, when the factors of a convention are taken out?"""
        all_but = self._factors(None)
        if all_but and all_but[0] == all_but[1]:
            return self._factors_told(*all_but)
        for mistake, form in self.forms():
            factors = None if mistake.convention or callable(form) else self._factors(form)
            is_one_scale = factors and (factors[0] == factors[1] or mistake.name != "bias-mean-weight-sum")
            if is_one_scale and not self._is_right(form):
                return self._without(factors)._told(mistake, form)
        if all_but:
            return self._factors_told(*all_but)
        for slip in self.slips:
            for form in slip.forms:
                if not callable(form) and (factors := self._factors(form)):
                    return self._without(factors)._slip_told(slip)
        return None

    def _factors(self, form, layers=slice(None)):
        """Find the factors, of biases and of weights, between what was found and what a form gives (None: is right)."""
        pairs = self._pairs(form)
        if form is None:
            pairs = [(attempt, attempt.probe.expected) for attempt in self.attempts if attempt.found is not None]
        return factors_between(pairs, layers, self.more_factors)

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
        factors = self._factors(None, slice(-1, None))
        return self._without(factors).without_a_name() if factors else None

    def changing_factor(self):
        """Is all right but for one number that is another on each network, and is made up of nothing known?"""
        attempts = [attempt for attempt in self.attempts if attempt.found is not None]
        numbers = [factor_of(arrays_of(a.found), arrays_of(a.probe.expected)) for a in attempts]
        shown = dict.fromkeys(times(number) for number in numbers if number)
        if None in numbers or len(shown) < 2:
            return None
        sentence = _("Right but for a constant. It changes with the sizes: {factors}. What do you multiply by?")
        return self.wrong(sentence, "(20)" if self.of == "step" else "", factors=_(", ").join(shown))

    def _factors_told(self, of_b, of_w):
        """All is right but for these."""
        names = [factor.name for factor in (*of_b, *of_w)]
        if of_b != of_w:
            sentence = _("Right but for {factors}. The two parts of the gradient are to have the same scale.")
        elif not all(names) or self.of == "step":
            sentence = _("Right but for {factors}. Nothing is wrong in the chain rule, so look for a constant.")
        else:
            sentence = _("Right but for {factors}. This is a matter of convention: nothing is wrong in the chain rule.")
        answer = self.wrong(sentence, "(20)" if self.of == "step" else "", factors=told(of_b, of_w))
        is_convention = of_b == of_w and all(names) and self.of == "gradient"
        conventions = tuple(dict.fromkeys(filter(None, names)))
        return replace(answer, state="convention" if is_convention else "wrong", conventions=conventions)

    # how it is said

    def _told(self, mistake, form=None):
        found = mistake.in_a_step() if self.of == "step" else mistake
        state = "convention" if mistake.convention and self.of == "gradient" else "wrong"
        equation = self.equation if (found.equation, self.equation) == ("BP1", "BP2") else found.equation
        found = replace(found, equation=equation)
        of_form = form if isinstance(form, dict) else {}
        said = (self.of == "step" and of_form.get("said of a step")) or of_form.get("said")
        answer = Diagnosis(state, _(said or found.said).format(layer=self.layer, m=self.judged.probe.m), found.name)
        answer = replace(answer, hints=found.hints(self.judged.probe.single), equation=equation, layer=self.layer)
        conventions = (mistake.name,) if mistake.convention else ()
        return self._and_factors(replace(answer, table=self.table, conventions=conventions))

    def _slip_told(self, slip):
        answer = self.wrong(_(slip.said), slip.equation, where=slip.where and _(slip.where))
        return answer if slip.equation is not None else replace(answer, equation="", hints=())

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
        names = dict.fromkeys(factor.name for part in self.apart_from for factor in part if factor.name)
        answer = replace(answer, conventions=tuple(names))
        equation = answer.equation
        if not equation.startswith("BP"):
            equation = _("equation {equation}").format(equation=equation)
        sentence = _("Apart from {factors}, one mistake is left, in layer {layer}, {equation}. {message}")
        return reworded(answer, sentence, factors=told(*self.apart_from), equation=equation, layer=answer.layer)
