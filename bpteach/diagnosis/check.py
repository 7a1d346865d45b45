"""Judge a reader's function: what the checks of a gradient and of a step have in common."""

import copy
from dataclasses import replace

import numpy as np

from bpteach.diagnosis.calls import Caller, Finished, refuse_no_function, unfinished_if_blank
from bpteach.diagnosis.comparison import FEW_DIGITS, agree, table_of
from bpteach.diagnosis.methods import as_function, is_method, is_program, method_of
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.probes import Attempt
from bpteach.diagnosis.report import Diagnosis, reworded
from bpteach.diagnosis.sharing import changes
from bpteach.diagnosis.wrong_numbers import WrongNumbers
from bpteach.forms import columns
from bpteach.locale import _


class Check(WrongNumbers):
    """Calls a function on every probe, and judges what came of it; how it is called and read is each check's own."""

    methods = ()  # how a class may call what is checked

    def __init__(self, function, probes):
        self.function, self.probes, self.attempts = function, probes, []

    def answer(self):
        with np.errstate(all="ignore"):
            try:
                self._accept_function()
                self._by_pairs = self.takes_pairs()
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
                self.call(attempt, net, Caller(self.function, probe.known))
            except Finished as end:
                if index < 2:
                    raise
                attempt.ended = end.diagnosis
            self.attempts.append(attempt)

    def call(self, attempt, net, caller):
        X, Y = attempt.probe.X.copy(), attempt.probe.Y.copy()
        names = ["mini_batch"] if self._by_pairs else ["x", "y"] if attempt.probe.single else ["X", "Y"]
        given = [columns(X, Y)] if self._by_pairs else [X, Y]
        before = copy.deepcopy(given)
        result = caller(net, *given, *self.more_arguments(attempt.probe))
        attempt.printed = caller.printed
        self.read(attempt, net, given, result, caller)
        attempt.changed = attempt.changed or changes(before, given, names)

    def more_arguments(self, probe):
        return []

    def _judge_numbers(self):
        with_numbers = [attempt for attempt in self.attempts if attempt.found is not None]
        wrong = next((attempt for attempt in with_numbers if not attempt.is_right), None)
        self.judged = wrong or self.attempts[0]  # the attempt that the answer describes
        self.table = table_of(self.judged.found, self.judged.probe.expected)
        if wrong is None:
            ended = next((attempt for attempt in self.attempts if attempt.ended), None)
            return self.only_there(ended, ended.ended) if ended else self._side_effects() or self._all_right()
        answer, changed = self.mistake_in_numbers(), [attempt.changed for attempt in self.attempts if attempt.changed]
        if changed:
            return reworded(answer, _("{message} Your function also changes {changed}."), changed=changed[0])
        return answer

    def only_there(self, attempt, answer):
        """Say so, if the fault shows in the second call only, or on networks of another shape than that of both."""
        first, second = self.attempts[:2]
        if first.is_right and not agree(second.found, second.probe.expected, FEW_DIGITS):
            told = _(
                "The first call is right, the second is not: is something kept between calls, or cut off at a limit?"
            )
            return self.wrong(told, "(20)", where=_(CATALOGUE["accumulator-not-reset"].where))
        if not (first.is_right and second.is_right):
            return answer
        sentence = _("Right with sizes {first}, but not with sizes {sizes} and m = {m}. {message}")
        return reworded(
            answer, sentence, first=self.probes[0].net.sizes, sizes=attempt.probe.net.sizes, m=attempt.probe.m
        )

    def _side_effects(self):
        """Was an argument changed, or is memory shared?"""
        for attempt in self.attempts:
            for name, what in (("arguments-changed", attempt.changed), ("outputs-share-memory", attempt.shared)):
                if what:
                    message, hints = _(CATALOGUE[name].said), CATALOGUE[name].hints(attempt.probe.single)
                    return Diagnosis("wrong", message.format(changed=what, shared=what), name, hints, self.table)
        return None

    def _all_right(self):
        answer = Diagnosis("right", self.praise().format(count=len(self.attempts)), table=self.table)
        if any(attempt.printed for attempt in self.attempts):
            return reworded(answer, _("{message} It also prints, which you will not want in a training."))
        return answer
