"""Compare gradients number by number, and say in a word what an array looks like beside the right one."""

from numbers import Number
from typing import NamedTuple

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis.report import Row
from bpteach.gradcheck import relative_error
from bpteach.locale import _, ngettext

EXACT = 1e-9
FEW_DIGITS = 1e-5  # of float32 numbers
SAME = 1e-7  # how near a reader's numbers come to the right ones, by differences, say, or to those of a known mistake


def is_exact(found, right, tolerance=EXACT):
    """Tell whether an array has the shape and the numbers of another, up to rounding. None is like None only."""
    if found is None or right is None:
        return found is right
    tolerance = EXACT if _is_float32(found) else tolerance  # float32 is told as such
    return np.shape(found) == np.shape(right) and relative_error(found, right) <= tolerance


def _is_float32(array):
    return getattr(array, "dtype", None) == np.float32


def agree(found, right, tolerance=EXACT):
    """Tell whether every array of a gradient, or of a part of it, is that of another."""
    return all(
        len(mine) == len(theirs) and all(is_exact(a, b, tolerance) for a, b in zip(mine, theirs, strict=True))
        for mine, theirs in zip(found, right, strict=True)
    )


def arrays_of(gradient):
    """List the arrays of a gradient: those of the biases, then those of the weights."""
    return [array for part in gradient for array in part]


def factor_of(found, right):
    """Find the one number by which every array of a list is multiplied; None if there is none, or it is zero."""
    pairs = [(f, r) for f, r in zip(found, right, strict=False) if not (f is None and r is None)]
    if len(found) != len(right) or any(f is None or r is None or np.shape(f) != np.shape(r) for f, r in pairs):
        return None
    found, right = zip(*pairs, strict=True)
    mine, theirs = (np.concatenate([np.ravel(a) for a in arrays]) for arrays in (found, right))
    size = np.vdot(theirs, theirs)
    if size == 0 or not np.isfinite(mine).all():
        return None
    factor = float(np.vdot(theirs, mine) / size)
    return factor if factor and relative_error(mine, factor * theirs) <= EXACT else None


def rounded(number):
    return f"{number:.3g}".replace("-", "−")


def times(factor):
    """Write a factor: × −0.5."""
    return f"× {rounded(factor)}"


class Look(NamedTuple):
    """What an array looks like beside the right one, and the same in words."""

    kind: str  # exact, few digits, zero, factor, transposed, shape, flat (right numbers), not finite, wrong, nothing
    words: str


def look(found, right):
    """Tell what an array, or None, looks like beside the right one."""
    if found is None:
        return Look("nothing", _("nothing"))
    if np.shape(found) != np.shape(right):
        is_flat = is_exact(np.ravel(found), np.ravel(right))
        said = _("shape {found}, expected {expected}")
        if is_flat:
            said = _("right numbers, shape {found}, expected {expected}")
        return Look("flat" if is_flat else "shape", said.format(found=np.shape(found), expected=np.shape(right)))
    if not np.isfinite(found).all():
        return Look("not finite", _("NaN or infinity"))
    error = relative_error(found, right)
    if error <= EXACT:
        return Look("exact", _("exact"))
    if error <= (FEW_DIGITS if _is_float32(found) else SAME):
        return Look("few digits", _("exact to seven digits"))
    if not np.any(found):
        return Look("zero", _("zero"))
    if np.size(found) > 1 and (factor := factor_of([found], [right])):
        return Look("factor", times(factor))
    if np.size(found) > 1 and is_exact(found.T, right):
        return Look("transposed", _("transposed"))
    return Look("wrong", _("wrong ({error:.2g})").format(error=error))


def table_of(found, right):
    """Describe every layer of a gradient; missing layers are the first ones, which a loop reaches last."""
    looks = [[look(*pair) for pair in zip(*pair, strict=True)] for pair in _padded(found, right)]
    layers = enumerate(zip(*looks, strict=True), start=2)
    return tuple(Row(layer, b.words, w.words, (b.kind, w.kind)) for layer, (b, w) in layers)


def first_wrong(found, right):
    """Find where numbers first go wrong on the way back from the output.

    Gives the layer (the input is layer 1), the part ("b", "w" or "both"), and the equation to look at.
    """
    biases, weights = (list(zip(*pair, strict=True)) for pair in _padded(found, right))
    last = len(biases) - 1
    for i in range(last, -1, -1):
        wrong_b, wrong_w = not is_exact(*biases[i], SAME), not is_exact(*weights[i], SAME)
        if wrong_b and wrong_w and not _is_right_but_for_the_sum(*biases[i]):
            return i + 2, "both", "BP1" if i == last else "BP2"
        if wrong_b:
            return i + 2, "b", "BP3"
        if wrong_w:
            return i + 2, "w", "BP4"
    return 2, "both", "BP2"


def _padded(found, right):
    return [
        ([None] * (len(theirs) - len(mine)) + list(mine), theirs) for mine, theirs in zip(found, right, strict=True)
    ]


def _is_right_but_for_the_sum(found, right):
    """The biases' gradient has another shape than it should, but δ is right: nobody has summed it."""
    is_other = found is not None and found.ndim == 2 and found.shape != right.shape and len(found) == len(right)
    return is_other and is_exact(found.sum(axis=1, keepdims=True), right)


def in_words(value):
    """Describe a number by itself, and arrays by their shapes.

    >>> in_words([np.ones((3, 1)), np.ones((2, 1))])
    '2 arrays (3, 1), (2, 1)'
    """
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if not isinstance(value, list | tuple):
        return f"{value:.4g}" if isinstance(value, float) else str(value)
    if not value or any(item is not None and not isinstance(item, np.ndarray) for item in value):
        return _("a list of {count}").format(count=len(value))
    shapes = _(", ").join(in_words(item) for item in value)
    return ngettext("1 array {shapes}", "{count} arrays {shapes}", len(value)).format(count=len(value), shapes=shapes)


def described(value):
    """Say what any value is, in words that can stand after "returned": an array of shape (4, 1), a list of 3."""
    kind = type(value).__name__
    if issubclass(type(value), list | tuple):
        return _("a {kind} of {length}").format(kind=kind, length=len(value))
    if (issubclass(type(value), np.ndarray | Number | str) and len(repr(value)) <= 40) or isinstance(value, np.ndarray):
        return name_of(value)
    return _("a value of type {kind}").format(kind=kind)
