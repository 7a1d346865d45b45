"""Judge a stopwatch that is to be fair: let it measure on imaginary machines, each with a trouble of its own."""

import math
from numbers import Real

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis import Diagnosis
from bpteach.diagnosis.calls import holds_blank
from bpteach.exercises.judging import stand_in
from bpteach.locale import _

LONG = 1e6  # seconds, beside which all others are nothing
TOLERANCE = 0.1  # of a ratio, on a machine that slows down
NEIGHBOURS = 2  # ratios that may share a call


class Machine:
    """A machine that is only imagined, with a clock of its own, and with no trouble but those asked for.

    Gathering a batch takes `gathering` seconds, and each batch is larger than the one before by the share `growth` of
    the first. A call in `disturbed`, by its name and its number from 0, takes so many seconds besides. Each second of
    work slows the machine by the share `slowing`.
    """

    def __init__(self, slow_seconds, fast_seconds, *, gathering=0.0, growth=0.0, disturbed=None, slowing=0.0):
        self._seconds = {"slow": slow_seconds, "fast": fast_seconds}
        self._gathering, self._growth, self._slowing = gathering, growth, slowing
        self._disturbed = disturbed or {}
        self._gathered = 0
        self._now = 100.0
        self.calls = []  # "slow" or "fast", in their order
        self.work = 0.0  # seconds that they would have taken if the machine had not slowed down

    def clock(self):
        return self._now

    def gather(self):
        """Make a batch, of which only the size matters."""
        self._now += self._gathering
        self._gathered += 1
        return 1 + self._growth * (self._gathered - 1)

    def slow(self, batch):
        self._work("slow", batch)

    def fast(self, batch):
        self._work("fast", batch)

    def _work(self, name, batch):
        seconds = self._seconds[name] * batch
        besides = self._disturbed.get((name, self.calls.count(name)), 0.0)
        self._now += seconds * (1 + self._slowing * self.work) + besides
        self.calls.append(name)
        self.work += seconds


def on_machines(function):
    """Turn a reader's stopwatch into a function that gives the true ratios, or a Diagnosis of what is unfair."""

    def measure(slow_seconds, fast_seconds, rounds):
        def run(**troubles):
            machine = Machine(slow_seconds, fast_seconds, **troubles)
            return machine, function(machine.slow, machine.fast, machine.gather, machine.clock, rounds)

        machine, result = run()
        if result is None or holds_blank(result):
            return result
        fault = _fault_without_trouble(result, slow_seconds, fast_seconds, rounds)
        fault = fault or _fault_in_trouble(run, machine, slow_seconds / fast_seconds, rounds)
        return Diagnosis("wrong", fault) if fault else true_ratios(slow_seconds, fast_seconds, rounds)

    return stand_in(function, measure)


def true_ratios(slow_seconds, fast_seconds, rounds):
    return [slow_seconds / fast_seconds] * rounds


def _fault_without_trouble(result, slow, fast, rounds):
    """Say what is wrong with the ratios that were found on a machine without trouble."""
    is_list = isinstance(result, list | tuple | np.ndarray) and getattr(result, "ndim", 1)
    strange = [ratio for ratio in result if not isinstance(ratio, Real)] if is_list else [result]
    if strange or len(result) != rounds:
        told = _("What your function returned is {found}: expected a list of {expected} ratios, one for each round.")
        found = _("a list of {found}").format(found=len(result)) if is_list else name_of(result)
        if is_list and strange:
            found = _("a list with {found} in it").format(found=name_of(strange[0]))
        return told.format(found=found, expected=rounds)
    if not _off(result, slow / fast):
        return ""
    told = _(
        "By `clock()` slow takes {slow:g} s, fast {fast:g}: each ratio is {expected:.6g}. Yours begin with {found}."
    )
    found = _(", ").join(f"{ratio:.6g}" for ratio in result[:5])
    return told.format(slow=slow, fast=fast, expected=slow / fast, found=found)


def _off(ratios, true, tolerance=1e-6):
    """List the ratios that are not the true one."""
    return [ratio for ratio in ratios if not abs(ratio - true) <= tolerance * abs(true)]


def _fault_in_trouble(run, untroubled, true, rounds):
    """Say what gets into the ratios; nothing if the function is fair.

    Each machine has one trouble alone. Whatever is off on it is off because of this trouble.
    """
    counts = {name: untroubled.calls.count(name) for name in ("slow", "fast")}

    def ratios(**troubles):
        result = run(**troubles)[1]
        is_usual = isinstance(result, list | tuple | np.ndarray) and len(result) == rounds
        return result if is_usual else [math.nan] * rounds

    if _off(ratios(gathering=LONG), true):
        return _("The gathering of the batches is in your times: gather before the clock is read.")
    if _off(ratios(growth=0.125), true):
        return _("One batch is larger than the other: gather once a round, and give slow and fast the same batch.")
    if any(_off(ratios(disturbed={(name, 0): 7.0}), true) for name in counts):
        return _("A first call takes longer, and your times hold it: call each of the two once, untimed, at first.")
    slowing = ratios(slowing=1 / (untroubled.work or 1))
    if _off(slowing, true, TOLERANCE):
        told = _(
            "The machine gets slower from call to call. In {rounds} rounds you call slow {slow} times and fast "
            "{fast} times: time them in turn, and divide only times that were taken one right after the other."
        )
        return told.format(rounds=rounds, **counts)
    all_alike = not _off(slowing, slowing[0])  # though no two rounds were
    for name, count in counts.items():
        moved = rounds if all_alike else len(_off(ratios(disturbed={(name, 2 * count // 3): LONG}), true, TOLERANCE))
        if moved > NEIGHBOURS:
            told = _("One call of {name} gets into {moved} of your {rounds} ratios: each is for its own round alone.")
            return told.format(name=name, moved=moved, rounds=rounds)
    return ""
