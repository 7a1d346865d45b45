"""The exercises of lesson 1: the signs of the errors, and their sizes."""

import re

import numpy as np

from bpteach.exercises import Slip, right_answer
from bpteach.locale import N_, _


def _numbers_in(found):
    """Collect the whole numbers in an answer, whatever holds them: brackets in brackets, text, or a dictionary."""
    return {
        int(digits) for digits in re.findall(r"\b\d{1,2}\b", str(list(found) if isinstance(found, dict) else found))
    }


@right_answer(
    "1.1",
    calls=lambda rng: [(rng.random((10, 1)), np.eye(10)[:, [digit]]) for digit in (8, 0, 5)],
    slips={
        N_("The sign is the other way round: this neuron said less than was wanted, so its δ is negative."): (
            lambda output, y: [j for j in range(len(y)) if output[j, 0] < y[j, 0]]
        ),
        N_("Give the list of their numbers j: not how many they are, nor True or False for each."): [
            lambda output, y: len(should_say_less(output, y)),
            lambda output, y: output > y,
            lambda output, y: (output > y)[:, 0].tolist(),
        ],
        N_("The right numbers are in it: give them as whole numbers in a plain list, each once, the smallest first."): [
            lambda output, y: np.where(output > y),
            Slip(
                lambda *call: should_say_less(*call)[::-1],
                fits=lambda found, *call: {*should_say_less(*call)} in (_numbers_in(found), _numbers_in(found) - {0}),
            ),
        ],
        N_("Some are missing: compare each of the ten with what was wanted. Who said 0.1 for 0 said too much, too."): [
            lambda output, y: output.argmax(),
            Slip(
                lambda output, y: [j for j in range(len(y)) if output[j, 0] > y[j, 0] + 0.1],
                fits=lambda found, *call: set() < _numbers_in(found) <= set(should_say_less(*call)),
            ),
        ],
    },
    otherwise=lambda found, expected, output, y: _(
        "These are not the numbers j asked for. Compare `output[j, 0]` with `y[j, 0]`, one j after the other."
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
            lambda deltas: [abs(delta.max()) for delta in deltas],
            lambda deltas: [delta[np.abs(delta).argmax(), 0] for delta in deltas],
        ],
        N_("That is the place of the largest error: give its size."): [
            lambda deltas: [np.abs(delta).argmax() for delta in deltas],
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
