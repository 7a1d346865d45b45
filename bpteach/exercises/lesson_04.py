"""The exercises of lesson 4: check a gradient, choose a tolerance, hunt for planted mistakes."""

import difflib
import re
from dataclasses import replace
from numbers import Real

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop, feedforward
from bpteach.diagnosis import CATALOGUE, check_backprop
from bpteach.diagnosis.calls import unfinished
from bpteach.diagnosis.effects import accepts, attempt, compare, wrong_gradients
from bpteach.diagnosis.report import Diagnosis, reworded
from bpteach.exercises import exercise, right_answer
from bpteach.exercises.hunt import HUNT, PLANTED, planted_lines, source_lines
from bpteach.exercises.judging import hints_of
from bpteach.functions import cost
from bpteach.locale import N_, _
from bpteach.network import Network

# --- 4.1: one slope --------------------------------------------------------------------------------------------------


def _cost_with(net, x, y, l, j, k, by):
    changed = net.copy()
    changed.weights[l - 2][j, k] += by
    return cost(feedforward(changed, x), y)


def _forward_slope(net, x, y, l, j, k, h):
    return (_cost_with(net, x, y, l, j, k, h) - _cost_with(net, x, y, l, j, k, 0)) / h


def _slopes(rng):
    net, x, y = Network.random([4, 4, 4, 4], rng), rng.random((4, 1)), rng.random((4, 1))
    return [(net, x, y, l, j, k, h) for l, j, k, h in ((2, 1, 3, 1e-2), (3, 0, 2, 1e-3), (4, 3, 1, 1e-3))]


@right_answer(
    "4.1",
    calls=_slopes,
    tolerance=1e-7,
    slips={
        N_("That is a forward difference: take a step of h to either side."): [
            _forward_slope,
            lambda net, x, y, l, j, k, h: _forward_slope(net, x, y, l, j, k, -h),
        ],
        N_("That is what backprop says: check it by two costs."): (
            lambda net, x, y, l, j, k, h: backprop(net, x, y)[1][l - 2][j, k]
        ),
        N_("That is the slope of another weight: row j, column k of layer l is `weights[l - 2][j, k]`."): [
            lambda net, x, y, l, j, k, h: central_slope(net, x, y, l, k, j, h),
            lambda net, x, y, l, j, k, h: central_slope(net, x, y, min(l + 1, 4), j, k, h),
        ],
        N_("Brackets are missing: it is the difference of the two costs, divided by `(2 * h)`."): (
            lambda net, x, y, l, j, k, h: central_slope(net, x, y, l, j, k, h) * h**2
        ),
        N_(
            "One of your costs is that of w itself, and not of w − h. (After `+= h`, `-= h` only takes it back.)"
        ): lambda *parts: _forward_slope(*parts) / 2,
        N_("That is 0: your two networks are one. Make two copies, for w + h and for w − h."): lambda *parts: 0.0,
    },
    hints=N_(
        "Copy the network, change one number of the copy, and compute the cost; then the same with the other sign.\n"
        "(C(w + h) − C(w − h)) / 2h, where C is `cost(feedforward(net, x), y)`. The weights of layer l are "
        "`net.weights[l - 2]`.\n"
        "`above, below = net.copy(), net.copy()`, then `above.weights[l - 2][j, k] += h` and `below.weights[l - 2][j, "
        "k] -= h`; return the difference of the two costs, divided by `(2 * h)`."
    ),
    praise=N_("That is it: two costs, one a step of h to either side, and their difference over 2h."),
)
def central_slope(net, x, y, l, j, k, h):
    return (_cost_with(net, x, y, l, j, k, h) - _cost_with(net, x, y, l, j, k, -h)) / (2 * h)


# --- 4.2: a tolerance ------------------------------------------------------------------------------------------------


def _wrong_gradients(rng=None):
    """List the calls: the catalogue's wrong gradients, and a few that tell one idea of near from another."""
    gathered = map(wrong_gradients, ("fresh", "trained", "one example"))
    nabla_b, nabla_w = np.full((3, 1), 0.2), np.full((3, 2), 0.1)
    few = [([([b], [nabla_w + off]) for b in wrong], ([nabla_b], [nabla_w])) for wrong, off in FEW]
    return [*((list(wrong.values()), expected) for wrong, expected in gathered), *few]


FEW = (  # wrong ∂C/∂b that should be 0.2, and by how much ∂C/∂w is off
    ([np.full(3, 0.202), np.full((3, 1), 0.5)], 1e-15),  # a wrong shape, whose numbers are nearly right
    ([np.array([[0.7], [0.2], [0.2]])], 1e-15),  # one number is off: a mean is smaller
    ([np.full((3, 1), 0.26)], 1e-15),  # all numbers are off: a sum, or a norm, is larger
    ([np.array([[-0.5], [0.2], [0.2]])], 1e-15),  # too small
    ([np.array([[0.4], [0.05], [0.17]])], 1e-15),  # a mean of differences is near 0
    ([np.full((3, 1), 0.2) + 1e-15], 0.5),  # right, and the weights are not
)


def _accepted(wrong, expected, tolerance):
    return [found for found in wrong if accepts(found, expected, "absolute", tolerance)]


def _say_what_it_accepts(found, right, wrong, expected):
    """Of a tolerance that is too large or too small, say what shows it."""
    if not isinstance(found, Real) or not found > 0:
        return None
    told = _("{found:g} is stricter than needed: look at shapes, and at the absolute value of each single difference.")
    if found > right:
        told = _(
            "With {found:g}, {accepted} of {n} wrong gradients would still be accepted: in them no single number "
            "is off by more. (No mean, sum or norm, and not relative.)"
        )
    return told.format(found=found, n=len(wrong), accepted=len(_accepted(wrong, expected, found)))


def _both_tolerances():
    fresh, trained = (safe_tolerance(*arguments) for arguments in _wrong_gradients()[:2])
    told = _(
        "That is it: {fresh:g} for the fresh network, and {trained:g} for the trained one, {factor:.0f} times stricter."
    )
    return told.format(fresh=fresh, trained=trained, factor=fresh / trained)


def _why_it_finds_none(function, told, trial):
    is_of_the_search = told.state == "stopped" and (isinstance(trial.error, StopIteration) or not trial.error)
    if not is_of_the_search and not any(found is None for found in trial.found):
        return told
    return reworded(
        told, _("{message} Each wrong gradient is wrong in at least one array, so look at all of its arrays.")
    )


@right_answer(
    "4.2",
    calls=_wrong_gradients,
    tolerance=1e-6,
    otherwise=_say_what_it_accepts,
    revise=_why_it_finds_none,
    hints=N_(
        "A gradient is accepted if every one of its arrays has the right shape and no number in it is off by more than "
        "the tolerance. Write that first.\n"
        "Try 1, 0.1, 0.01, ... one after the other, and stop at the first that accepts none of the wrong gradients.\n"
        "`return next(t for t in (10.0**-e for e in range(13)) if not any(near(found, expected, t) for found in "
        "wrong))`, where `near` is the function that you have written first."
    ),
    praise=_both_tolerances,
)
def safe_tolerance(wrong, expected):
    return next(t for t in (10.0**-e for e in range(13)) if not _accepted(wrong, expected, t))


# --- 4.3: five functions, each with one mistake ----------------------------------------------------------------------

MOST_SHOWN = 60  # letters of a name that is none
PROBE = "one example"


@exercise("4.3")
def judge_hunt(answer):
    strange = [name_of(number) for number in answer if number not in HUNT] if isinstance(answer, dict) else []
    if strange or not isinstance(answer, dict):
        found = _("a dictionary with the key {key}").format(key=strange[0]) if strange else name_of(answer)
        told = _("Your answer is {found}: expected a dictionary such as {{1: 'wrong-sign', 2: 7}}, keys 1 to {last}.")
        return Diagnosis("wrong", told.format(found=found, last=max(HUNT)))
    if not answer:
        return unfinished()
    for number, found in sorted(answer.items()):
        fault = _fault(number, found)
        if fault:
            return Diagnosis("wrong", fault, hints=_hints(number))
    missing = [number for number in HUNT if number not in answer]
    if missing:
        told = _("Right so far: {right}. Still to find: {missing}.")
        right, left = (_(", ").join(map(str, numbers)) for numbers in (sorted(answer), missing))
        return Diagnosis("wrong", told.format(right=right, missing=left), hints=_hints(missing[0]))
    return Diagnosis("right", _("All five: you have read code more closely than most who wrote it."))


def _hints(number):
    where, equation, line = CATALOGUE[PLANTED[number].mistake].hints(single=True)
    line = _("{hint}, as `backprop` writes it").format(hint=line)
    return _("Number {number}: {hint}").format(number=number, hint=where), equation, line


def _fault(number, found):
    """Say what speaks against an answer; nothing if it is right."""
    if isinstance(found, int) and not isinstance(found, bool) and 1 <= found <= len(source_lines(HUNT[number])):
        return "" if found in planted_lines(number) else _against(number, found)
    name = re.sub(r"[\s_]+", "-", found.strip().lower()) if isinstance(found, str) else ""
    if name in CATALOGUE:
        return "" if name == PLANTED[number].mistake else _against(number, name)
    shown = repr(found[:MOST_SHOWN]) if isinstance(found, str) else name_of(found)
    told = _("Number {number}: {found} is neither a name of the catalogue nor the number of a line.")
    told = told.format(number=number, found=shown)
    near = difflib.get_close_matches(name, CATALOGUE, n=1, cutoff=0.85)
    return _("{message} Did you mean {name}?").format(message=told, name=near[0]) if near else told


def _exact_in(effect):
    looks = [(part, l, look) for l, pair in enumerate(effect.looks, 2) for part, look in zip("bw", pair, strict=True)]
    return _(", ").join(f"∂C/∂{part}^{l}" for part, l, look in looks if look.kind == "exact") or _("nothing")


def _against(number, found):
    """Say which arrays are exact, and which would be with the mistake that was found."""
    mine, theirs = _exact_in(compare(HUNT[number], PROBE)), found in CATALOGUE and _exact_in(attempt(found, PROBE))
    told = _("Number {number} is another one: {theirs} would be exact with {found}, and in hunt_{number} it is {mine}.")
    if mine == theirs:
        told = _("Number {number} is another one: with {found} the same arrays would be wrong, but by other numbers.")
    if not theirs:
        told = _("Number {number}: line {found} is right. Exact in the gradient: {mine}. Another line spoils the rest.")
    return told.format(number=number, found=found, mine=mine, theirs=theirs)


# --- 4.4: mend one ---------------------------------------------------------------------------------------------------

MEND_HINTS = N_(
    "All biases are exact, and of the weights those of layer 2. Does `np.shares_memory(activations[1], "
    "activations[2])` hold when the forward pass is over?\n"
    "BP4 needs a^{l−1} as it was. What a layer has written must stay until the way back has read it: reserve "
    "enough for all layers before the loop.\n"
    "Before the loop: `buffers = [np.empty((n, 1)) for n in net.sizes[1:]]`. In the loop each layer takes its own: "
    "`for w, b, a in zip(net.weights, net.biases, buffers, strict=True)`."
)


@exercise("4.4", hints=MEND_HINTS)
def judge_mended(function):
    told = check_backprop(function)
    return replace(told, hints=hints_of(MEND_HINTS)) if told.mistake == PLANTED[5].mistake else told
