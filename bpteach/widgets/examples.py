"""What every widget says of the examples of a mini-batch: which one, how many, its image, its class."""

import math

import numpy as np

from bpteach.locale import ngettext


def how_many(count):
    """Count examples in words: 1 example, 32 examples."""
    return ngettext("{count} example", "{count} examples", count).format(count=count)


def square_side(n):
    """Give the side of a square of `n` pixels; None where that is no whole number."""
    side = math.isqrt(n)
    return side if side * side == n else None


def image_of(x):
    """Give an input as an image of numbers from 0, paper, to 1, ink; None where its length is no square."""
    side = square_side(x.size)
    return None if side is None else np.clip(x, 0, 1).reshape(side, side)


def class_of(y):
    """Give the place of the single 1 among 0s; None where `y` is anything else."""
    flat = np.ravel(y)
    is_class = flat.size > 1 and np.count_nonzero(flat) == 1 and flat.max() == 1
    return int(flat.argmax()) if is_class else None
