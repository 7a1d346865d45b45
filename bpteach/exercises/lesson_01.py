"""The exercises of lesson 1: the signs of the errors, and their sizes."""

import re

import numpy as np

from bpteach.exercises import Slip, right_answer
from bpteach.locale import N_, _


def _are_some(found, output, y):
    """Nothing is wrong in it, though some are missing."""
    right = should_say_less(output, y)
    is_listed = isinstance(found, list | tuple | np.ndarray)
    return is_listed and (set(found) < set(right) or list(found) == right)


def _numbers_in(found, most=20):
    """List the numbers in an answer, whatever holds them: brackets in brackets, text, or pairs (j, 0)."""
    if isinstance(found, str):
        return [int(digits) for digits in re.findall(r"\d{1,3}", found)]
    if isinstance(found, np.ndarray):
        found = found.tolist()
    if not isinstance(found, list | tuple | set | dict) or len(found) > most:
        return [found] if isinstance(found, int | float | np.number) and not isinstance(found, bool) else []
    parts = [part.tolist() if isinstance(part, np.ndarray) else part for part in found]
    are_pairs = all(isinstance(part, list | tuple) and len(part) == 2 and part[1] == 0 for part in parts)
    return [number for part in parts for number in _numbers_in(part[:1] if are_pairs else part)]


def _is_held_by(holds):
    """Make a test whether the right numbers are there, and `holds` is true of what holds them."""
    return lambda found, output, y: sorted(_numbers_in(found)) == should_say_less(output, y) and holds(found)


def _has_text(found):
    return isinstance(found, str) or (isinstance(found, list | tuple | set) and any(map(_has_text, found)))


@right_answer(
    "1.1",
    calls=lambda rng: [(rng.random((10, 1)), np.eye(10)[:, [digit]]) for digit in (8, 0, 5)],
    slips={
        N_("The sign is the other way round: this neuron said less than was wanted, so its δ is negative."): (
            lambda output, y: [j for j in range(len(y)) if output[j, 0] < y[j, 0]]
        ),
        N_("You left out the quiet ones: compare each with what was wanted. Who said 0.1 for 0 said too much, too."): [
            lambda output, y: output.argmax(),
            Slip(lambda output, y: [j for j in range(len(y)) if output[j, 0] > y[j, 0] + 0.1], fits=_are_some),
        ],
        N_("Give the list of their numbers j: not how many they are, nor True or False for each."): [
            lambda output, y: len(should_say_less(output, y)),
            lambda output, y: output > y,
            lambda output, y: (output > y)[:, 0].tolist(),
        ],
        N_("These are the right numbers, but as text: give them as whole numbers, in a list."): (
            Slip(lambda *call: list(map(str, should_say_less(*call))), fits=_is_held_by(_has_text))
        ),
        N_("These are the right numbers, but in a {kind}, which has no places: give a list, the smallest first."): (
            Slip(
                lambda *call: set(should_say_less(*call)),
                fits=_is_held_by(lambda found: isinstance(found, set | dict)),
                details=lambda found, *call: {"kind": type(found).__name__},
            )
        ),
        N_("Take the first of np.where's two arrays: the numbers j."): lambda output, y: np.where(output > y),
        N_("These are the right ones: give the smallest number first."): lambda *call: should_say_less(*call)[::-1],
        N_("These are the right numbers, but in brackets inside brackets: give a plain list of the numbers j."): (
            Slip(
                lambda *call: [[j] for j in should_say_less(*call)], fits=_is_held_by(lambda found: np.ndim(found) > 1)
            )
        ),
    },
    otherwise=lambda found, expected, output, y: _(  # how many there are is to be guessed, and is not told
        "These are not the numbers j of all that said more than was wanted. Compare `output[j, 0]` with `y[j, 0]` for "
        "one j after the other, and give a list of the numbers j."
    ),
    hints=N_(
        "Look at one neuron: what it said, `output[j, 0]`, and what was wanted, `y[j, 0]`.\n"
        "δ has the sign of the difference between the two, what it said less what was wanted. It is positive where the "
        "neuron said more than was wanted.\n"
        "`return [j for j in range(len(y)) if output[j, 0] > y[j, 0]]`"
    ),
    praise=N_(
        "That is it: all of them but the neuron of the right digit, whatever the network said. No output is quite 0 or "
        "1, so each of the others said a little too much."
    ),
)
def should_say_less(output, y):
    return [j for j in range(len(y)) if output[j, 0] > y[j, 0]]


def _errors(rng, sizes):
    """Draw a column of errors for each layer, the longest bar up and down by turns."""
    deltas = [rng.normal(size=(n, 1)) for n in sizes]
    ups = [np.abs(delta).argmax() == delta.argmax() for delta in deltas]
    return [delta if up == (l % 2 == 0) else -delta for l, (delta, up) in enumerate(zip(deltas, ups, strict=True))]


@right_answer(
    "1.2",
    calls=lambda rng: [(_errors(rng, sizes),) for sizes in ([30, 10], [5, 7, 3, 2], [1, 4])],
    slips={
        N_("A long bar down is a number far below 0: take the absolute values first, then the largest of them."): [
            lambda deltas: [delta.max() for delta in deltas],
            lambda deltas: [delta.max(axis=0) for delta in deltas],
            lambda deltas: [delta.min() for delta in deltas],
            lambda deltas: [abs(delta.max()) for delta in deltas],
            lambda deltas: [delta[np.abs(delta).argmax(), 0] for delta in deltas],
        ],
        N_("That is the place of the largest error: give its size."): [
            lambda deltas: [np.abs(delta).argmax() for delta in deltas],
            lambda deltas: [delta.argmax() for delta in deltas],
        ],
        N_("You added up or averaged: give the largest alone, the longest bar."): [
            lambda deltas: [np.abs(delta).sum() for delta in deltas],
            lambda deltas: [np.abs(delta).mean() for delta in deltas],
            lambda deltas: [np.linalg.norm(delta) for delta in deltas],
        ],
    },
    hints=N_(
        "Take one layer's column first, and let the largest bar be one that goes down. What does your function give?\n"
        "No equation here: the size of a number is its absolute value, `np.abs(...)`. Take it before the largest.\n"
        "`return [np.abs(delta).max() for delta in deltas]`"
    ),
)
def largest_errors(deltas):
    return [np.abs(delta).max() for delta in deltas]
