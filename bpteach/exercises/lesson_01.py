"""The checks of the exercises of lesson 1: the signs of the errors, and their sizes."""

import contextlib
import io

import numpy as np

from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function

WORDS = {
    # 1.1 say who should have said less
    "less hints": (
        "Look at one neuron: what it said, `output[j, 0]`, and what was wanted, `y[j, 0]`.",
        "δ has the sign of the difference between the two, what it said less what was wanted. It is positive where "
        "the neuron said more than was wanted.",
        "`return [j for j in range(len(y)) if output[j, 0] > y[j, 0]]`",
    ),
    "less right": "That is it: all of them but the neuron of the right digit, whatever the network said. No output is "
    "quite 0 or 1, so each of the others said a little too much.",
    "more": "You have the sign the other way round: this neuron said less than was wanted, so its δ is negative.",
    "loudest": "That is the network's answer, one neuron only. A neuron that said 0.1 where 0 was wanted said too "
    "much, too.",
    "half": "You compare with one half: compare with what was wanted, y. Where 0 is wanted, even 0.1 is too much.",
    "how many": "That is how many they are: give the list of their numbers j.",
    "flags": "You return True or False for each neuron: give the numbers j of those where it is True.",
    "quiet ones": "These did say too much, but you left out the quiet ones: a neuron that said 0.1 where 0 was wanted "
    "said too much, too.",
    "order": "These are the right ones: give the smallest number first.",
    "others": "These are not the numbers j of all that said more than was wanted: compare `output[j, 0]` with "
    "`y[j, 0]` for one j after the other, and give a list of the numbers j.",
    "rows and columns": "For a column NumPy gives two arrays here, the rows and the columns: the numbers j are the "
    "first one.",
    # 1.2 compare the errors of the layers
    "largest hints": (
        "Take one layer's column first, and let the largest bar be one that goes down. What does your function give?",
        "No equation here: the size of a number is its absolute value, `np.abs(...)`. Take it before the largest.",
        "`return [np.abs(delta).max() for delta in deltas]`",
    ),
    "sign kept": "You took the largest number, and a large negative one, a long bar down, is no large number: take the "
    "absolute value first.",
    "smallest": "You took the smallest number, which is a long bar down or a short one up: take the largest of the "
    "absolute values.",
    "sign too late": "You took the absolute value of the largest number. Take the absolute values first, then the "
    "largest.",
    "with sign": "These are the right neurons: now give the sizes of their errors, without the sign.",
    "place": "That is the place of the largest error in its layer: give its size.",
    "together": "You added up or averaged: give the largest alone, as the picture shows the longest bar.",
    "one for all": "That is the largest of all the layers: give one number for each layer.",
    "backwards": "These are the right numbers in the wrong order: deltas begins with layer 2, and so does the answer.",
    "arrays": "The sizes are right, but each is still in an array: `max()` without an axis gives a number.",
}


def _should_say_less(output, y):
    return [j for j in range(len(y)) if output[j, 0] > y[j, 0]]


@exercise("1.1")
def _(function):
    slips = [
        (lambda output, y: [j for j in range(len(y)) if output[j, 0] < y[j, 0]], WORDS["more"]),
        (lambda output, y: [output.argmax()], WORDS["loudest"]),
        (lambda output, y: output.argmax(), WORDS["loudest"]),
        (lambda output, y: np.flatnonzero(output > 0.5).tolist(), WORDS["half"]),
        (lambda output, y: len(_should_say_less(output, y)), WORDS["how many"]),
        (lambda output, y: output > y, WORDS["flags"]),
        (lambda output, y: (output > y)[:, 0], WORDS["flags"]),
        (lambda output, y: (output > y)[:, 0].tolist(), WORDS["flags"]),
        (lambda output, y: np.where(output > y), WORDS["rows and columns"]),
        (lambda output, y: _if_some(_called_again(function, output, y), output, y), WORDS["quiet ones"]),
        (lambda output, y: _should_say_less(output, y)[::-1], WORDS["order"]),
        (lambda output, y: _called_again(function, output, y), WORDS["others"]),  # how many there are is to be guessed
    ]
    rng = np.random.default_rng(11)
    calls = [(rng.random((10, 1)), np.eye(10)[:, [digit]]) for digit in (8, 0, 5)]
    return judge_function(
        function, _should_say_less, calls, slips=slips, hints=WORDS["less hints"], message=WORDS["less right"]
    )


def _called_again(function, *arguments):
    """Give a reader's answer once more, without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*arguments)


def _if_some(found, output, y):
    """Give the answer if there is nothing wrong in it, though some are missing."""
    right = _should_say_less(output, y)
    return list(found) if set(found) < set(right) or list(found) == right else None


def _largest_errors(deltas):
    return [np.abs(delta).max() for delta in deltas]


@exercise("1.2")
def _(function):
    slips = [
        (lambda deltas: [delta.max() for delta in deltas], WORDS["sign kept"]),
        (lambda deltas: [delta.max(axis=0) for delta in deltas], WORDS["sign kept"]),
        (lambda deltas: [delta.min() for delta in deltas], WORDS["smallest"]),
        (lambda deltas: [abs(delta.max()) for delta in deltas], WORDS["sign too late"]),
        (lambda deltas: [delta[np.abs(delta).argmax(), 0] for delta in deltas], WORDS["with sign"]),
        (lambda deltas: [np.abs(delta).argmax() for delta in deltas], WORDS["place"]),
        (lambda deltas: [delta.argmax() for delta in deltas], WORDS["place"]),
        (lambda deltas: [np.abs(delta).sum() for delta in deltas], WORDS["together"]),
        (lambda deltas: [np.abs(delta).mean() for delta in deltas], WORDS["together"]),
        (lambda deltas: [np.linalg.norm(delta) for delta in deltas], WORDS["together"]),
        (lambda deltas: max(_largest_errors(deltas)), WORDS["one for all"]),
        (lambda deltas: _largest_errors(deltas[::-1]), WORDS["backwards"]),
        (lambda deltas: [np.abs(delta).max(axis=0) for delta in deltas], WORDS["arrays"]),
    ]
    rng = np.random.default_rng(12)
    calls = [(_errors(rng, sizes),) for sizes in ([30, 10], [5, 7, 3, 2], [1, 4])]
    return judge_function(function, _largest_errors, calls, slips=slips, hints=WORDS["largest hints"])


def _errors(rng, sizes):
    """Draw a column of errors for each layer, the longest bar up and down by turns."""
    deltas = [rng.normal(size=(n, 1)) for n in sizes]
    is_up = [np.abs(delta).argmax() == delta.argmax() for delta in deltas]
    return [
        delta if up == (place % 2 == 0) else -delta for place, (delta, up) in enumerate(zip(deltas, is_up, strict=True))
    ]
