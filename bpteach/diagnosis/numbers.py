"""Compare gradients number by number, and say in a word what a layer's looks like."""

import numpy as np

from bpteach.diagnosis.report import Row
from bpteach.gradcheck import relative_error

WORDS = {
    "exact": "exact",
    "zero": "zero",
    "nothing": "nothing",
    "factor": "× {factor:.3g}",
    "shape": "shape {found}, expected {expected}",
    "flat": "right numbers, shape {found}, expected {expected}",
    "transposed": "transposed",
    "not finite": "NaN or infinity",
    "wrong": "wrong ({error:.2g})",
}

EXACT = 1e-9
SAME = 1e-8  # how near a reader's numbers come to those of a known mistake


def agree(found, predicted):
    """Tell whether two gradients are the same, shapes included.

    Parameters
    ----------
    found : pair of lists of arrays
        One gradient; None where nothing was found.
    predicted : pair of lists of arrays
        The other.

    Returns
    -------
    bool
        Whether every array of one is that of the other, up to rounding.
    """
    for mine, theirs in zip(found, predicted, strict=True):
        if len(mine) != len(theirs):
            return False
        if not all(_same(a, b, SAME) for a, b in zip(mine, theirs, strict=True)):
            return False
    return True


def is_exact(found, right):
    """Tell whether an array is right.

    Parameters
    ----------
    found : array or None
        What was found.
    right : array
        What is right.

    Returns
    -------
    bool
        Whether shapes agree, and numbers up to a relative error of 1e-9.
    """
    return _same(found, right, EXACT)


def is_right(found, right):
    """Tell whether all of a gradient is right.

    Parameters
    ----------
    found : sequence of lists of arrays
        What was found.
    right : sequence of lists of arrays
        What is right.

    Returns
    -------
    bool
        Whether every array is.
    """
    return all(
        len(mine) == len(theirs) and all(map(is_exact, mine, theirs)) for mine, theirs in zip(found, right, strict=True)
    )


def _same(found, right, tolerance):
    if found is None or right is None:
        return found is right
    return np.shape(found) == np.shape(right) and relative_error(found, right) <= tolerance


def factor_of(found, right):
    """Find the constant by which all of a gradient is multiplied.

    Parameters
    ----------
    found : list of arrays
        What was found.
    right : list of arrays, of the same length
        What is right.

    Returns
    -------
    float or None
        The constant; None if there is none.
    """
    if len(found) != len(right) or any(np.shape(a) != np.shape(b) for a, b in zip(found, right, strict=True)):
        return None
    mine, theirs = (np.concatenate([np.ravel(a) for a in arrays]) for arrays in (found, right))
    factor = _factor(mine, theirs)
    return factor if factor else None


def _factor(found, right):
    size = np.vdot(right, right)
    if size == 0 or not np.isfinite(found).all():
        return None
    factor = float(np.vdot(right, found) / size)
    return factor if relative_error(found, factor * right) <= EXACT else None


def table_of(found, right):
    """Describe every layer of a gradient.

    Parameters
    ----------
    found : pair of lists of arrays
        What was found, one array a layer after the input, or None.
    right : pair of lists of arrays
        What is right.

    Returns
    -------
    tuple of Row
        One a layer after the input.
    """
    columns = []
    for mine, theirs in zip(found, right, strict=True):
        padded = [None] * (len(theirs) - len(mine)) + list(mine)
        columns.append([looks_like(a, b) for a, b in zip(padded, theirs, strict=True)])
    return tuple(Row(layer, b, w) for layer, (b, w) in enumerate(zip(*columns, strict=True), start=2))


def looks_like(found, right):
    """Say in a word or two what an array looks like beside the right one.

    Parameters
    ----------
    found : array or None
        What was found.
    right : array
        What is right.

    Returns
    -------
    str
        Such as "exact", "zero", "× 0.25" or "shape (4,), expected (4, 1)".
    """
    if found is None:
        return WORDS["nothing"]
    if found.shape != right.shape:
        flat = found.size == right.size and is_exact(found.ravel(), right.ravel())
        return WORDS["flat" if flat else "shape"].format(found=found.shape, expected=right.shape)
    if not np.isfinite(found).all():
        return WORDS["not finite"]
    if is_exact(found, right):
        return WORDS["exact"]
    if not found.any():
        return WORDS["zero"]
    factor = _factor(found.ravel(), right.ravel()) if found.size > 1 else None
    if factor:
        return WORDS["factor"].format(factor=factor)
    if found.shape[0] == found.shape[-1] and found.shape[0] > 1 and is_exact(found.T, right):
        return WORDS["transposed"]
    return WORDS["wrong"].format(error=relative_error(found, right))


def _has_right_sums(found, right):
    """The biases' gradient has another shape than it should, but δ is right: nobody has summed it."""
    is_other = found is not None and found.ndim == 2 and found.shape != right.shape and len(found) == len(right)
    return is_other and is_exact(found.sum(axis=1, keepdims=True), right)


def first_wrong(found, right):
    """Find where numbers first go wrong on the way back from the output, and the equation to look at.

    Parameters
    ----------
    found : pair of lists of arrays
        What was found.
    right : pair of lists of arrays
        What is right.

    Returns
    -------
    layer : int
        The layer, the input being layer 1.
    part : {"b", "w", "both"}
        Which of its gradients is wrong.
    equation : str
        Such as "BP2".
    """
    count = len(right[0])
    padded = [[None] * (count - len(part)) + list(part) for part in found]
    for i in reversed(range(count)):
        wrong_b, wrong_w = (not is_exact(padded[part][i], right[part][i]) for part in (0, 1))
        if wrong_b and wrong_w and not _has_right_sums(padded[0][i], right[0][i]):
            return i + 2, "both", "BP1" if i == count - 1 else "BP2"
        if wrong_b:
            return i + 2, "b", "BP3"
        if wrong_w:
            return i + 2, "w", "BP4"
    return 2, "both", "BP2"
