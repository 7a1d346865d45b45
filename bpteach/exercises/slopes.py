"""The slopes that learners take for σ′(z), and slips made of them."""

import numpy as np

from bpteach.exercises.judging import Slip
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_

WRONG_SLOPES = {
    N_("You took the slope at a: `sigmoid_prime` wants z, for it squashes by itself."): [
        Slip(lambda z: sigmoid_prime(sigmoid(z)), "sigmoid-prime-of-activation")
    ],
    N_("The slope is a(1 − a) with a = σ(z) in both places, and not z: use `sigmoid_prime(z)`, or `a * (1 - a)`."): [
        Slip(lambda z: z * (1 - z), "activation-formula-on-z"),
        Slip(lambda z: sigmoid(z) * (1 - z)),
        Slip(lambda z: z * (1 - sigmoid(z))),
    ],
    N_("That is σ(z): what is wanted is its slope, `sigmoid_prime(z)`."): [Slip(sigmoid)],
    N_("Those are the slopes of another function, ReLU or tanh. Our neurons are sigmoids: `sigmoid_prime(z)`."): [
        Slip(lambda z: 1.0 * (z > 0)),
        Slip(lambda z: 1 - np.tanh(z) ** 2),
    ],
}


def with_wrong_slopes(answer_with):
    """Give the slips of an answer with a slope in it; `answer_with` makes the answer from a slope, a function of z."""
    return {
        sentence: [slip._replace(wrong=answer_with(slip.wrong)) for slip in some]
        for sentence, some in WRONG_SLOPES.items()
    }
