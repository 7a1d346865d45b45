"""Numbers by which a whole gradient is multiplied: those that are a convention, and those that are a slip."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import numpy as np

from bpteach.diagnosis.comparison import agree, arrays_of, factor_of, rounded
from bpteach.locale import N_, _, listed


@dataclass(frozen=True)
class Factor:
    """A number that a gradient, or a step, is multiplied by."""

    name: str  # of the convention, in the catalogue where that has it; nothing for a slip
    said: str
    of: Callable = field(compare=False)  # what it is on a probe


FACTORS = (
    Factor("wrong-sign", N_("a turned sign"), lambda probe: -1),
    Factor("factor-two", N_("a factor of 2"), lambda probe: 2),
    Factor("mean-for-sum", N_("a mean for the sum"), lambda probe: 1 / probe.m),
    Factor("mean-over-outputs", N_("a mean over the output neurons"), lambda probe: 1 / len(probe.Y)),
    Factor("mean-for-sum", N_("a factor m (the number of examples)"), lambda probe: probe.m),
    Factor("", N_("a division by n_1 (the number of inputs)"), lambda probe: 1 / len(probe.X)),
)
OF_A_STEP = (
    Factor("", N_("a factor 1/η (the rate left out)"), lambda probe: 1 / probe.eta),
    Factor("", N_("a factor η (the rate taken twice)"), lambda probe: probe.eta),
)


def factors_between(pairs, layers, more):
    """Find the factors, of biases and of weights, of attempts beside predictions; None if there are none, or others."""
    numbers, probes = [], []
    for attempt, predicted in pairs:
        if predicted is None:
            return None
        if not any(np.any(g) for g in arrays_of(predicted)) and agree(attempt.found, predicted):
            continue  # nothing, times any factor
        halves = zip(attempt.found, predicted, strict=True)
        numbers.append([factor_of(mine[layers], theirs[layers]) for mine, theirs in halves])
        probes.append(attempt.probe)
        if None in numbers[-1]:
            return None
    found = [factors_of(of_half, probes, more) for of_half in zip(*numbers, strict=True)]
    return found if any(found) and None not in found else None


def factors_of(numbers, probes, more):
    """Find the factors that make up these numbers, one for each probe; none if all are 1; None if nothing is known."""
    known = [(factor, [factor.of(probe) for probe in probes]) for factor in (*FACTORS, *more)]
    known = [(factor, values) for factor, values in known if not _are_near(values, [1] * len(probes))]
    for count in range(4):
        for some in combinations_with_replacement(known, count):
            products = [math.prod(values) for values in zip(*(values for _factor, values in some), strict=True)]
            if _are_near(products or [1] * len(probes), numbers):
                return tuple(factor for factor, _values in some)
    if _are_near([numbers[0]] * len(probes), numbers):
        said = _("a factor of {number}").format(number=rounded(numbers[0]))
        return (Factor("", said, lambda probe: numbers[0]),)
    return None


def _are_near(numbers, others):
    return all(math.isclose(one, other, rel_tol=1e-6) for one, other in zip(numbers, others, strict=True))


def told(of_b, of_w):
    """Name the factors of the gradients of biases and of weights: first those that both have."""
    b, w = Counter(of_b), Counter(of_w)
    named = [(_("{factor} (only ∂C/∂b)"), factor, count) for factor, count in (b - w).items()]
    named += [(_("{factor} (only ∂C/∂w)"), factor, count) for factor, count in (w - b).items()]
    named = [("{factor}", factor, count) for factor, count in (b & w).items()] + named
    words = [said.format(factor=_(factor.said) + (_(", twice") if count > 1 else "")) for said, factor, count in named]
    return listed(words)
