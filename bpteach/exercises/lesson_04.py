"""The exercises of lesson 4: check a gradient, choose a tolerance, hunt for planted mistakes."""

import difflib
import re
from dataclasses import replace

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop, feedforward
from bpteach.diagnosis import CATALOGUE, check_backprop
from bpteach.diagnosis.calls import unfinished
from bpteach.diagnosis.effects import accepts, attempt, compare, look, wrong_gradients
from bpteach.diagnosis.report import Diagnosis
from bpteach.exercises import exercise, right_answer
from bpteach.exercises.hunt import HUNT, PLANTED, listing, planted_lines, source_lines
from bpteach.exercises.judging import hints_of
from bpteach.functions import cost
from bpteach.gradcheck import relative_error
from bpteach.locale import N_, _
from bpteach.network import Network

__all__ = ["HUNT", "listing"]  # lesson 4 shows the functions of the hunt

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
            lambda net, x, y, l, j, k, h: -_forward_slope(net, x, y, l, j, k, -h),
            lambda net, x, y, l, j, k, h: _forward_slope(net, x, y, l, j, k, -h),
        ],
        N_("That is what backprop says: check it by two costs."): (
            lambda net, x, y, l, j, k, h: backprop(net, x, y)[1][l - 2][j, k]
        ),
        N_("That is twice the slope: the two costs are 2h apart, not h."): lambda *parts: 2 * central_slope(*parts),
        N_("The wrong sign: the cost at w + h comes first, then minus."): lambda *parts: -central_slope(*parts),
        N_("That is the slope of another weight: row j, column k of layer l is `weights[l - 2][j, k]`."): [
            lambda net, x, y, l, j, k, h: central_slope(net, x, y, l, k, j, h),
            lambda net, x, y, l, j, k, h: central_slope(net, x, y, min(l + 1, 4), j, k, h),
        ],
        N_("Brackets are missing: it is the difference of the two costs, divided by `(2 * h)`."): [
            lambda net, x, y, l, j, k, h: central_slope(net, x, y, l, j, k, h) * h**2,
            lambda net, x, y, l, j, k, h: (
                _cost_with(net, x, y, l, j, k, h) - _cost_with(net, x, y, l, j, k, -h) / (2 * h)
            ),
        ],
        N_("After `+= h`, `-= h` only takes it back: go on to w − h."): lambda *parts: _forward_slope(*parts) / 2,
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


def _first_that_accepts_none(wrong, accept, least=12):
    tolerances = (10.0**-exponent for exponent in range(least + 1))
    return next((t for t in tolerances if not any(accept(found, t) for found in wrong)), None)


def _tolerance_by(
    distance=lambda f, e: np.max(np.abs(f - e)), *, arrays=lambda b, w: [*b, *w], enough=all, shapes=True, least=12
):
    """Choose a tolerance with another idea of what is near: of a distance, of the arrays, of how many must be near."""

    def choose(wrong, expected):
        def accept(found, tolerance):
            pairs = zip(arrays(*found), arrays(*expected), strict=True)
            return enough((np.shape(f) == np.shape(e) or not shapes) and distance(f, e) <= tolerance for f, e in pairs)

        return _first_that_accepts_none(wrong, accept, least)

    return choose


def _refuses_one(wrong, expected):
    return _first_that_accepts_none(
        [expected], lambda right, t: all(accepts(found, right, "absolute", t) for found in wrong)
    )


SOME_ARRAYS = (
    lambda nabla_b, nabla_w: nabla_b,
    lambda nabla_b, nabla_w: nabla_b[:1],
    lambda nabla_b, nabla_w: nabla_b[-1:],
    lambda nabla_b, nabla_w: [nabla_b[0], nabla_w[0]],
    lambda nabla_b, nabla_w: nabla_w,
    lambda nabla_b, nabla_w: nabla_w[:1],
    lambda nabla_b, nabla_w: nabla_w[-1:],
)


def _wrong_gradients(rng=None):
    """List the calls: the catalogue's wrong gradients, and a few that tell one idea of near from another."""
    gathered = [wrong_gradients(name) for name in ("fresh", "trained", "one example")]
    return [*((list(wrong.values()), expected) for wrong, expected in gathered), *(_made(*each) for each in FEW)]


FEW = (  # wrong ∂C/∂b that should be 0.2, and by how much ∂C/∂w is off
    ([np.full(3, 0.202), np.full((3, 1), 0.5)], 1e-15),  # a wrong shape, whose numbers are nearly right
    ([np.array([[0.7], [0.2], [0.2]])], 1e-15),  # one number is off: a mean is smaller
    ([np.full((3, 1), 0.26)], 1e-15),  # all numbers are off: a sum, or a norm, is larger
    ([np.array([[-0.5], [0.2], [0.2]])], 1e-15),  # too small
    ([np.array([[0.4], [0.05], [0.17]])], 1e-15),  # a mean of differences is near 0
    ([np.full((3, 1), 0.2) + 1e-15], 0.5),  # right, and the weights are not
)


def _made(wrong, off):
    nabla_w = np.full((3, 2), 0.1)
    return [([nabla_b], [nabla_w + off]) for nabla_b in wrong], ([np.full((3, 1), 0.2)], [nabla_w])


def _both_tolerances():
    fresh, trained = (safe_tolerance(*arguments) for arguments in _wrong_gradients()[:2])
    told = _(
        "That is it: {fresh:g} for the fresh network, and {trained:g} for the trained one, {factor:.0f} times stricter."
    )
    return told.format(fresh=fresh, trained=trained, factor=fresh / trained)


def _why_it_finds_none(function, told, trial):
    finds_none = any(found is None for found in trial.found)
    if not (finds_none or trial.hung or isinstance(trial.error, StopIteration)):
        return told
    why = _(
        "{message} If your search finds no tolerance: each of the wrong gradients is wrong in at least one array, so "
        "look at all of its arrays."
    )
    return replace(told, message=why.format(message=told.message))


@right_answer(
    "4.2",
    calls=_wrong_gradients,
    tolerance=1e-6,
    slips={
        N_("That lets NumPy broadcast: refuse an array of the wrong shape, in any case."): _tolerance_by(shapes=False),
        N_("That refuses some of the wrong gradients: it has to refuse every one."): _refuses_one,
        N_("That is a relative tolerance: here the numbers themselves may differ by so much, whatever their size."): [
            _tolerance_by(relative_error),
            _tolerance_by(lambda f, e: np.max(np.abs(f - e)) / np.max(np.abs(e))),
        ],
        N_("A difference of −3 is below every tolerance: take the absolute value first."): [
            _tolerance_by(lambda f, e: np.max(f - e)),
            _tolerance_by(lambda f, e: np.max(e - f)),
        ],
        N_(
            "No mean, sum, norm or square: each single difference, its absolute value, is to be within the tolerance."
        ): [
            _tolerance_by(lambda f, e: np.mean(np.abs(f - e))),
            _tolerance_by(lambda f, e: np.mean((f - e) ** 2)),
            _tolerance_by(lambda f, e: np.abs(np.mean(f - e))),
            _tolerance_by(lambda f, e: np.max((f - e) ** 2)),
            _tolerance_by(lambda f, e: np.sum(np.abs(f - e))),
            _tolerance_by(lambda f, e: np.linalg.norm(f - e)),
        ],
        N_(
            "That looks at some of the arrays only: a gradient is accepted if every one of its arrays is near, all of "
            "`nabla_b` and all of `nabla_w`."
        ): [  # a search that goes on ends at rounding errors
            *(_tolerance_by(arrays=arrays) for arrays in SOME_ARRAYS[:4]),
            *(_tolerance_by(arrays=arrays, least=30) for arrays in SOME_ARRAYS),
            _tolerance_by(enough=any, least=30),
        ],
        N_("That is one power of ten off: the largest that accepts none is asked for."): [
            lambda wrong, expected: 10 * safe_tolerance(wrong, expected),
            lambda wrong, expected: safe_tolerance(wrong, expected) / 10,
        ],
    },
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
    return _first_that_accepts_none(wrong, lambda found, t: accepts(found, expected, "absolute", t))


# --- 4.3: five functions, each with one mistake ----------------------------------------------------------------------

MOST_SHOWN = 60  # letters of a name that is none
PROBE = "one example"


@exercise("4.3")
def judge_hunt(answer):
    if not isinstance(answer, dict):
        told = _(
            "Your answer is {found}: expected a dictionary such as {{1: 'wrong-sign', 2: 7}}, with a mistake's name or "
            "the number of a line."
        )
        return Diagnosis("wrong", told.format(found=name_of(answer)))
    for number in answer:
        if number not in HUNT:
            told = _("Your answer has the key {found}: expected numbers from 1 to {last}, one for each function.")
            return Diagnosis("wrong", told.format(found=repr(number), last=max(HUNT)))
    if not answer:
        return unfinished()
    for number, found in sorted(answer.items()):
        fault = _fault(number, found)
        if fault:
            return Diagnosis("wrong", fault, hints=_hints(number))
    missing = [number for number in HUNT if number not in answer]
    if missing:
        told = _("Right so far: {right}. Still to find: {missing}.")
        right, left = (", ".join(map(str, numbers)) for numbers in (sorted(answer), missing))
        return Diagnosis("wrong", told.format(right=right, missing=left), hints=_hints(missing[0]))
    return Diagnosis("right", _("All five: you have read code more closely than most who wrote it."))


def _hints(number):
    where, equation, line = hints_of(PLANTED[number].hints)
    return _("Number {number}: {hint}").format(number=number, hint=where), equation, line


def _fault(number, found):
    """Say what speaks against an answer; nothing if it is right."""
    lines = source_lines(HUNT[number])
    if isinstance(found, int) and not isinstance(found, bool) and 1 <= found <= len(lines):
        return "" if found in planted_lines(number) else _against_line(number, found, lines[found - 1])
    name = re.sub(r"[\s_]+", "-", found.strip().lower()) if isinstance(found, str) else ""
    if name not in CATALOGUE:
        return _no_name(number, found, name)
    return "" if name == PLANTED[number].mistake else _against(number, name)


def _no_name(number, found, name):
    """Say that an answer is no name, and which name is spelt nearly like it."""
    shown = found if type(found) is int else name_of(found)
    if isinstance(found, str):
        shown = repr(found[:MOST_SHOWN] + "…" * (len(found) > MOST_SHOWN))
    told = _("Number {number}: {found} is neither a name of the catalogue nor the number of a line.")
    message = told.format(number=number, found=shown)
    near = difflib.get_close_matches(name, CATALOGUE, n=1, cutoff=0.85)
    return _("{message} Did you mean {name}?").format(message=message, name=near[0]) if near else message


#: what tells an equation by its line, the first that fits
EQUATIONS = {
    r"nabla_b(\[-?l\](\[:\])?)? = |nabla_b\.append": "BP3",
    r"nabla_w(\[-?l\](\[:\])?)? = |nabla_w\.append": "BP4",
    r"weights\[|w\.T|, d\)": "BP2",
    r"- y|cost_derivative|delta = |d = ": "BP1",
    r"append\(|\[x\]|z = |a = |a\[:\]|buffer": "(25)",
}


def _against_line(number, at, line):
    """Say which of the arrays tells that a line is right."""
    line = "" if "nabla_b, nabla_w" in line else line
    equation = next((name for pattern, name in EQUATIONS.items() if re.search(pattern, line)), "")
    pairs = compare(HUNT[number], PROBE).pairs
    exact_b, exact_w = ([look(*pair[part]).kind == "exact" for pair in pairs] for part in (0, 1))
    told = _("Number {number}: line {at} is as it should be, {equation} of the book.")
    if not equation:
        told = _("Number {number}: line {at} is as it should be. None of the equations is in it.")
    elif equation != "BP4" and all(exact_b):
        told = _("Number {number}: line {at} is as it should be. Every ∂C/∂b is exact, and so every δ is right.")
    elif equation == "BP4" and any(exact_w):
        told = _("Number {number}: line {at} is as it should be. It makes ∂C/∂w of layer {exact}, which is exact.")
    elif equation != "BP2" and exact_b[-1]:
        told = _("Number {number}: line {at} is as it should be. It has a part in layer {last}, which is exact.")
    elif equation == "BP2":
        told = _(
            "Number {number}: line {at} is as it should be. Layer {last} is wrong too, before any error goes back."
        )
    elif equation in ("BP3", "BP4"):
        told = _("Number {number}: line {at} is as it should be. ∂C/∂b and ∂C/∂w are wrong, so δ was wrong before.")
    exact = exact_w.index(True) + 2 if any(exact_w) else ""
    return told.format(number=number, at=at, equation=equation, exact=exact, last=len(pairs) + 1)


def _against(number, name):
    """Find an array that tells the named mistake from the one in the function."""
    mine, theirs = compare(HUNT[number], PROBE), attempt(name, PROBE)
    told = _("Number {number} is another one: with {found} the same arrays would be wrong, but by other numbers.")
    if theirs.found is None or theirs.changed or theirs.shares:
        told = _("Number {number} is another one: {found} looks different, and so does the code that makes it.")
        return told.format(number=number, found=name)
    for layer in range(len(mine.pairs) + 1, 1, -1):
        for part, ours, other in zip("bw", mine.pairs[layer - 2], theirs.pairs[layer - 2], strict=True):
            is_exact, would_be = (look(*pair).kind == "exact" for pair in (ours, other))
            if is_exact != would_be:
                would, it_is = (_("exact"), _("wrong")) if would_be else (_("wrong"), _("exact"))
                told = _(
                    "Number {number} is another one: with {found}, {part} of layer {layer} would be {would}; in "
                    "hunt_{number} it is {it_is}."
                )
                part = f"∂C/∂{part}"
                return told.format(number=number, found=name, part=part, layer=layer, would=would, it_is=it_is)
    return told.format(number=number, found=name)


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
