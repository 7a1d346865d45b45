"""Judge the calls of a reader's function: what the checks of a gradient and of a step have in common."""

import copy
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bpteach.diagnosis.calls import Caller, Finished
from bpteach.diagnosis.catalogue import CATALOGUE, CONVENTIONS, hints_at
from bpteach.diagnosis.catalogue import WORDS as NAMES
from bpteach.diagnosis.numbers import agree, factor_of, first_wrong, is_exact, is_right, table_of
from bpteach.diagnosis.operands import Known
from bpteach.diagnosis.probes import Probe, become
from bpteach.diagnosis.report import Diagnosis

WORDS = {
    "only there": "Right on layers of equal size, but with sizes {sizes} and m = {m}: {message}",
    "only there wrong": "Right on layers of equal size, but with sizes {sizes} and m = {m} {part} of layer {layer} "
    "goes wrong, in {equation}.",
    "changing constant": "Everything is right but for a constant, which is another one for other sizes ({factors}): "
    "where a number of examples or of neurons is meant, from layer {layer}, {equation}, on, another one is taken.",
    "also changes": "; your function also changes {changed}.",
}


@dataclass
class Attempt:
    """What came of one call.

    Attributes
    ----------
    probe : Probe
        What the function was called with.
    found : pair of lists of arrays, or None
        The gradient that it gave, or that its step has followed.
    ended : Finished or None
        How it ended, if it gave none.
    changed : str
        An argument that it has changed and should not have; nothing if there is none.
    shared : str
        Arrays that share memory and should not; nothing if there are none.
    printed : str
        The beginning of what it printed.
    """

    probe: Probe
    found: list | None = None
    ended: Finished | None = None
    changed: str = ""
    shared: str = ""
    printed: str = ""

    @property
    def is_right(self):
        """Whether every number is right.

        Returns
        -------
        bool
            False where nothing was found.
        """
        return self.found is not None and is_right(self.found, self.probe.right)


def attempt_all(fn, tried, once):
    """Call a function on every probe; only a fault on one of the first two ends the check at once.

    Parameters
    ----------
    fn : callable
        The reader's function.
    tried : list of Probe
        The probes.
    once : callable
        Takes an Attempt, a copy of its network and a Caller; calls the function, and fills in what came of it.

    Returns
    -------
    list of Attempt
        One a probe.

    Raises
    ------
    Finished
        If nothing can be learned from further calls.
    """
    attempts = []
    net = copy.deepcopy(tried[0].net)  # the first two calls get the same network, as in a training
    for index, probe in enumerate(tried):
        attempt = Attempt(probe)
        net = become(net, probe.net) if index < 2 else copy.deepcopy(probe.net)
        try:
            once(attempt, net, Caller(fn, Known(probe)))
        except Finished as end:
            if index < 2:
                raise
            attempt.ended = end
        attempts.append(attempt)
    return attempts


def judge(attempts, forms, unknown, words, of_step=MappingProxyType({})):
    """Say what the numbers show.

    Parameters
    ----------
    attempts : list of Attempt
        What came of the calls.
    forms : list of pairs (str, callable)
        The mistakes: a name, and a function that takes a Probe and gives what the mistake would, or None.
    unknown : callable
        Takes the attempts and the first wrong one; gives the sentence to say where it is no known mistake, and what
        its braces hold beside layer, part and equation.
    words : dict of str
        The sentences for what is right.
    of_step : dict of str to Mistake
        For a step, the mistakes that mean something else there.

    Returns
    -------
    Diagnosis
        The answer.
    """
    shown = next((attempt for attempt in attempts if attempt.found is not None and not attempt.is_right), None)
    if shown is None:
        return _judge_right(attempts, words)
    table = table_of(shown.found, shown.probe.right)
    layer, part, equation = first_wrong(shown.found, shown.probe.right)
    name = _accumulated(attempts) or next((name for name, form in forms if explains(form, attempts)), None)
    if name:
        mistake = of_step.get(name, CATALOGUE[name])
        state = "convention" if name in CONVENTIONS and not of_step else "wrong"
        return _also(attempts, Diagnosis(state, mistake.said.format(layer=layer), name, mistake.hints, table))
    sentence, details = unknown(attempts, shown)
    told = {"layer": layer, "part": NAMES[part], "equation": equation} | details
    hints = hints_at(layer, part, told["equation"])
    return _also(attempts, Diagnosis("wrong", sentence.format(**told), hints=hints, table=table))


def explains(form, attempts):
    """Tell whether a mistake gives the reader's numbers, on every probe where both give any.

    Parameters
    ----------
    form : callable
        Takes a Probe, gives what the mistake would, or None.
    attempts : list of Attempt
        What came of the calls.

    Returns
    -------
    bool
        Whether it explains what went wrong.
    """
    met = False
    for index, attempt in enumerate(attempts):
        if attempt.found is None:
            continue
        predicted = form(attempt.probe)
        if predicted is None and index >= 2:
            continue
        if predicted is None or not agree(attempt.found, predicted):
            return False
        met = met or not attempt.is_right
    return met


def only_there(attempts, shown):
    """Say that something goes wrong on one kind of network only.

    Parameters
    ----------
    attempts : list of Attempt
        What came of the calls.
    shown : Attempt
        The first wrong one.

    Returns
    -------
    tuple (str, dict) or None
        The sentence and what its braces hold; None if the first two probes went wrong, too.
    """
    if not (attempts[0].is_right and attempts[1].is_right):
        return None
    return WORDS["only there wrong"], {"sizes": shown.probe.net.sizes, "m": shown.probe.X.shape[1]}


def _also(attempts, answer):
    changed = next((attempt.changed for attempt in attempts if attempt.changed), "")
    if not changed:
        return answer
    message = answer.message.removesuffix(".") + WORDS["also changes"].format(changed=changed)
    return Diagnosis(answer.state, message, answer.mistake, answer.hints, answer.table)


def _judge_right(attempts, words):
    """The numbers are right wherever there are any: look at what else the function did."""
    first = attempts[0]
    table = table_of(first.found, first.probe.right)
    for attempt in attempts:
        if attempt.ended is not None:
            sizes, m = attempt.probe.net.sizes, attempt.probe.X.shape[1]
            told = attempt.ended.diagnosis
            message = WORDS["only there"].format(sizes=sizes, m=m, message=_going_on(told.message))
            return Diagnosis(told.state, message, told.mistake, told.hints)
    for attempt in attempts:
        for name, what in (("arguments-changed", attempt.changed), ("outputs-share-memory", attempt.shared)):
            if what:
                mistake = CATALOGUE[name]
                return Diagnosis("wrong", mistake.said.format(changed=what, shared=what), name, mistake.hints, table)
    word = "right and prints" if any(attempt.printed for attempt in attempts) else "right"
    return Diagnosis("right", words[word].format(count=len(attempts)), table=table)


def _accumulated(attempts):
    """Notice that the second call has added its gradient to what the first one gave."""
    first, second = attempts[:2]
    before, after, right = (_flat(gradient) for gradient in (first.found, second.found, second.probe.right))
    if second.is_right or not len(before) == len(after) == len(right):
        return None
    shapes = [{np.shape(g) for g in each} for each in zip(before, after, right, strict=True)]
    if any(g is None for g in before + after) or any(len(each) > 1 for each in shapes):
        return None
    added = all(is_exact(b - a, g) for a, b, g in zip(before, after, right, strict=True))
    return "accumulator-not-reset" if added else None


def common_factor(attempts):
    """Find the one constant by which everything is multiplied.

    Parameters
    ----------
    attempts : list of Attempt
        What came of the calls.

    Returns
    -------
    float or None
        The constant, if there is one and it is not 1.
    """
    factors = [_factor_of(attempt) for attempt in attempts if attempt.found is not None]
    same = all(factors) and np.allclose(factors, factors[0]) and not np.isclose(factors[0], 1)
    return factors[0] if same else None


def constant(attempts, sentence):
    """Say that everything is right but for a constant.

    Parameters
    ----------
    attempts : list of Attempt
        What came of the calls.
    sentence : str
        What to say if it is the same constant everywhere.

    Returns
    -------
    tuple (str, dict) or None
        The sentence and what its braces hold; None if it is no constant.
    """
    factor = common_factor(attempts)
    if factor:
        return sentence, {"factor": factor}
    factors = [_factor_of(attempt) for attempt in attempts if attempt.found is not None]
    if len(factors) < 3 or not all(factors):
        return None
    shown = dict.fromkeys(f"× {factor:.3g}" for factor in factors)
    return (WORDS["changing constant"], {"factors": ", ".join(shown)}) if len(shown) > 1 else None


def _factor_of(attempt):
    found = _flat(attempt.found)
    return None if any(g is None for g in found) else factor_of(found, _flat(attempt.probe.right))


def _flat(gradient):
    return [g for part in gradient for g in part]


def _going_on(sentence):
    """Let a sentence go on after a colon."""
    return sentence[0].lower() + sentence[1:] if sentence.startswith(("At ", "Your ", "After ")) else sentence
