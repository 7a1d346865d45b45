"""Say how a wrong result is related to the right one: by a factor, a shape, an order, or by rounding."""

from itertools import permutations
from numbers import Real

import numpy as np

from bpteach.diagnosis.comparison import EXACT, agree, factor_of, is_exact, rounded
from bpteach.gradcheck import relative_error
from bpteach.locale import N_, _, joined


def relation(found, expected, calls, names, parts=()):
    """Say in a sentence what relates all results of a function to the right ones; nothing if no relation is known.

    `names` are those of the arguments: a factor may be one of them, or a length. `parts` are names for the items of a
    result, of which each may have a relation of its own.
    """
    wanted = expected
    found, expected = ([_leaves(each) for each in results] for results in (found, expected))
    if any(each is None for each in found + expected):
        return ""
    found = [_like(f, e) for f, e in zip(found, expected, strict=True)]
    if len(found) > 1 and len({str(each) for each in found}) == 1:
        return ""  # it gives always the same
    if all(map(_are_reordered, found, expected)) and all(isinstance(each, list | tuple) for each in wanted):
        return _("The right ones in the wrong order, or in other brackets than asked for.")
    if any(len(f) != len(e) for f, e in zip(found, expected, strict=True)):
        return ""
    told = {}  # by what is said, the parts of which it is said
    for i, name in enumerate(parts or [""]):
        mine, theirs = ([_part(each, i, max(1, len(parts))) for each in results] for results in (found, expected))
        if not all(agree([f], [e]) for f, e in zip(mine, theirs, strict=True)):
            told.setdefault(_relation_of_one(mine, theirs, [_sizes(call, names) for call in calls]), []).append(
                _(name) if name else name
            )
    if len(told) == 1 and len(next(iter(told.values()))) == max(1, len(parts)):
        return next(iter(told))
    said = [
        _("{parts}: {relation}").format(parts=_(", ").join(some), relation=sentence[0].lower() + sentence[1:])
        for sentence, some in told.items()
        if sentence
    ]
    return joined(*said) if len(said) == len(told) else ""


def _part(leaves, i, parts):
    """Cut out the leaves of one part; lists of arrays as parts are of the same length."""
    count = len(leaves) // parts
    return leaves[i * count : (i + 1) * count]


def _leaves(result):
    """List the arrays of a result, and its numbers as arrays without a shape; None if it holds anything else."""
    if isinstance(result, list | tuple):
        leaves = [_leaves(each) for each in result]
        return None if None in leaves or not leaves else [array for some in leaves for array in some]
    array = np.asarray(result)
    return [array.astype(float)] if array.dtype.kind in "iuf" else None


def _like(found, expected):
    """Take a flat array for the list of its numbers where a list is expected."""
    is_flat = len(found) == 1 < len(expected) and found[0].ndim == 1
    return [np.asarray(number) for number in found[0]] if is_flat else found


def _are_reordered(found, expected):
    left = list(expected)
    for each in found:
        place = next((i for i, other in enumerate(left) if is_exact(each, other)), None)
        if place is None:
            return False
        left.pop(place)
    return not left


def _relation_of_one(found, expected, sizes):
    """Find the relation of one part of the results, which is a list of arrays in each call."""
    pairs = [pair for lists in zip(found, expected, strict=True) for pair in zip(*lists, strict=True)]
    wrong = [pair for pair in pairs if not is_exact(*pair)]
    said = next((said for is_it, said in RELATIONS if all(is_it(*pair) for pair in wrong)), None)
    if said:
        return _(said).format(found=wrong[0][0].shape, expected=wrong[0][1].shape)
    factors = list(map(factor_of, found, expected))
    if not all(factors) or len({str(each) for each in expected}) == 1:  # any two single numbers have a factor
        return ""
    if np.allclose(factors, -1):
        return _("Right but for the sign.")
    written = _written(factors, sizes)
    if written:
        return _("Right but for a constant factor, × {factor}.").format(factor=written)
    listed = _(", ").join(f"× {factor:.3g}" for factor in factors)
    told = _("Right but for a factor, which is another one in each call: {factors}.")
    return told.format(factors=listed) if expected[0][0].size > 1 and not np.allclose(factors, 1) else ""


# --- a factor --------------------------------------------------------------------------------------------------------


def _written(factors, sizes):
    """Write a factor that is the same in all calls, or made of one or two of their sizes, such as 1 / X.shape[1]."""
    if np.allclose(factors, factors[0], rtol=1e-8):
        return "" if np.isclose(factors[0], 1) else rounded(factors[0])
    numbers = {"1": np.ones(len(sizes))}
    numbers |= {name: np.array([float(size.get(name, np.nan)) for size in sizes]) for name in sizes[0]}
    for above, below in permutations(numbers, 2):
        with np.errstate(all="ignore"):
            constants = factors * numbers[below] / numbers[above]
        constant = constants[0]
        if np.allclose(constants, constant, rtol=1e-8) and np.isclose(abs(constant), (1, 2, 1 / 2)).any():
            above = above if np.isclose(constant, 1) else f"{constant:.3g} * {above}".removesuffix(" * 1")
            return f"`{above} / {below}`".replace(" / 1`", "`")
    return ""


def _sizes(call, names):
    """Collect the numbers that a factor may be made of, by what they are in code."""
    sizes = {}
    for name, value in zip(names, call, strict=False):
        if isinstance(value, np.ndarray):
            sizes |= {f"{name}.shape[{i}]": size for i, size in enumerate(value.shape)}
        elif isinstance(value, list | tuple):
            sizes[f"len({name})"] = len(value)
        elif isinstance(value, Real) and not isinstance(value, bool):
            sizes[name] = value
    return sizes


# --- relations of one array to another: whether it holds, and what is said --------------------------------------------


def _is_square(found, expected):
    is_column = expected.ndim == 2 and expected.shape[1] == 1 < len(expected)
    return is_column and found.shape == 2 * expected.shape[:1] and is_exact(np.diag(found), expected[:, 0])


def _is_misshapen(found, expected):
    return found.shape != expected.shape and is_exact(found.ravel(), expected.ravel())


def _is_reciprocal(found, expected):
    return found.shape == expected.shape == () and np.isclose(float(found) * float(expected), 1, rtol=EXACT)


def _is_rounded(found, expected):
    if found.shape != expected.shape or not relative_error(found, expected) < 0.3:
        return False
    rounded = [np.round(expected, digits) for digits in range(6)] + [np.floor(expected), np.ceil(expected)]
    return any(np.allclose(found, each, rtol=EXACT, atol=0) for each in rounded)


RELATIONS = (
    (
        _is_square,
        N_("A square of shape {found}: a flat array, or a row, has met a column. Keep columns: `reshape(-1, 1)`."),
    ),
    (
        lambda found, expected: found.ndim == 2 and is_exact(found.T, expected),
        N_("Transposed: rows and columns are exchanged."),
    ),
    (
        lambda found, expected: expected.shape == () and _is_misshapen(found, expected),
        N_("An array of shape {found}, with the right number in it: give the number."),
    ),
    (_is_misshapen, N_("The right numbers in the wrong shape, {found}: expected {expected}.")),
    (_is_reciprocal, N_("One divided by the right number: turn it over.")),
    (_is_rounded, N_("Right but rounded: give the numbers as they are.")),
)
