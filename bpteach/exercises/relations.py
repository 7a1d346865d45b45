"""Say how a wrong result is related to the right one: by a factor, a shape, an order, or by rounding."""

from itertools import combinations, product
from numbers import Real

import numpy as np

from bpteach.gradcheck import relative_error
from bpteach.locale import _

EXACT = 1e-9
POWERS = (1, -1, 2, -2)
SIMPLE = (1, 2, 3, 4, 8, 1 / 2, 1 / 3, 1 / 4, 1 / 8, 100, 1 / 100)  # what may stand before lengths in a factor


def relation(found, expected, calls, names):
    """Say in a sentence what relates all results of a function to the right ones; nothing if no relation is known.

    `names` are those of the arguments: a factor may be made of their lengths, or of themselves.
    """
    pairs = [(_like(f, e), e) for f, e in zip(found, expected, strict=True)]
    is_wrong = [not _is_same(f, e) for f, e in pairs]
    factors = [_factor(f, e) for f, e in pairs]
    if all(factors) and _differ(found) and _differ(expected):  # any two single numbers have a factor
        if np.allclose(factors, -1):
            return _("Right but for the sign.")
        written = _written(factors, [_sizes(call, names) for call in calls])
        if written:
            return _("Yours is {factor} times what it should be.").format(factor=written)
    wrong = [pair for pair, each in zip(pairs, is_wrong, strict=True) if each]
    if not wrong or (len(found) > 1 and not _differ(found)):
        return ""
    return next((say(*wrong[0]) for is_it, say in RELATIONS if all(is_it(*pair) for pair in wrong)), "")


def relation_of_parts(found, expected, calls, names, parts):
    """Do so for each part of a result that is named; nothing if one of the wrong ones has no relation."""
    if not all(isinstance(each, list | tuple) and len(each) == len(parts) for each in [*found, *expected]):
        return relation(found, expected, calls, names)
    if all(map(_is_reordered, found, expected)):
        return _("The right ones in the wrong order.")
    told = {}  # by what is said, the parts of which it is said
    for part, mine, theirs in zip(parts, zip(*found, strict=True), zip(*expected, strict=True), strict=True):
        if not all(_is_same(f, e) for f, e in zip(mine, theirs, strict=True)):
            told.setdefault(relation(mine, theirs, calls, names), []).append(_(part))
    if not all(told) or [len(parts)] == [len(some) for some in told.values()]:
        return next(iter(told)) if len(told) == 1 else ""
    said = {sentence[0].lower() + sentence[1:]: some for sentence, some in told.items()}
    return " ".join(f"{', '.join(some)}: {sentence}" for sentence, some in said.items())


def _like(found, expected):
    """Take an array for a list where a list of numbers is expected."""
    is_flat = isinstance(found, np.ndarray) and found.ndim == 1 and isinstance(expected, list | tuple)
    return found.tolist() if is_flat else found


def _differ(results):
    return len({str(each) for each in results}) > 1


def _factor(found, expected):
    """Find the one number by which all of a result is multiplied; 0 if there is none."""
    mine, theirs = _flat(found), _flat(expected)
    if mine is None or theirs is None or np.iscomplexobj(mine) or _shapes(found) != _shapes(expected):
        return 0
    size = np.vdot(theirs, theirs)
    factor = np.vdot(theirs, mine) / size if size else 0
    return factor if np.isfinite(factor) and relative_error(mine, factor * theirs) <= EXACT else 0


def _written(factors, sizes):
    """Write a factor that is the same in all calls, or made of their sizes, such as 2 / X.shape[1]."""
    if np.allclose(factors, factors[0], rtol=1e-8):
        return "" if np.isclose(factors[0], 1) else f"{factors[0]:.3g}".replace("-", "−")
    names = [name for name in sizes[0] if all(size.get(name) for size in sizes)]
    numbers = {name: np.array([float(size[name]) for size in sizes]) for name in names}
    made = [{name: power} for power in POWERS for name in names]
    if len(factors) > 2:
        couples = product(combinations(names, 2), POWERS, POWERS)
        made += [{one: power, other: its} for (one, other), power, its in couples]
    for powers in made:
        rest = factors / np.prod([numbers[name] ** power for name, power in powers.items()], axis=0)
        if np.allclose(rest, rest[0], rtol=1e-8) and np.isclose(abs(rest[0]), SIMPLE).any():
            return _formula(rest[0], powers)
    return ""


def _formula(constant, powers):
    above, below = ([_power(name, p) for name, p in powers.items() if p * sign > 0] for sign in (1, -1))
    if not np.isclose(constant, 1) or not above:
        above = [f"{constant:.3g}", *above]
    under = f" / ({' * '.join(below)})" if len(below) > 1 else "".join(f" / {each}" for each in below)
    return f"`{' * '.join(above)}{under}`"


def _power(name, power):
    return name if abs(power) == 1 else f"{name}**2"


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


def _flat(result):
    """Put all numbers of a result one after the other; None if it holds something else."""
    if isinstance(result, list | tuple | dict):
        parts = list(map(_flat, result.values() if isinstance(result, dict) else result))
        return None if not parts or any(part is None for part in parts) else np.concatenate(parts)
    array = np.asarray(result)
    return array.ravel().astype(complex if array.dtype.kind == "c" else float) if array.dtype.kind in "iufc" else None


def _shapes(result):
    parts = result.values() if isinstance(result, dict) else result
    return [_shapes(each) for each in parts] if isinstance(result, list | tuple | dict) else np.shape(result)


def _is_same(found, expected):
    mine, theirs = _flat(found), _flat(expected)
    return (
        mine is not None
        and theirs is not None
        and _shapes(found) == _shapes(expected)
        and relative_error(mine, theirs) <= EXACT
    )


# --- relations of one result to another: whether it holds, and what is said -------------------------------------------


def _holds(are_arrays, is_it):
    """Let a relation of two arrays hold for lists of arrays, if it holds for each of them that is wrong."""

    def holds(found, expected):
        if isinstance(expected, list | tuple) and isinstance(found, list | tuple) and len(found) == len(expected):
            wrong = [pair for pair in zip(found, expected, strict=True) if not _is_same(*pair)]
            return bool(wrong) and all(holds(*pair) for pair in wrong)
        if are_arrays and not (isinstance(found, np.ndarray) and isinstance(expected, np.ndarray)):
            return False
        return bool(is_it(found, expected))

    return holds


def _is_square(found, expected):
    is_column = expected.ndim == 2 and expected.shape[1] == 1 < len(expected)
    return is_column and found.shape == 2 * expected.shape[:1] and _is_same(np.diag(found), expected[:, 0])


def _is_misshapen(found, expected):
    mine, theirs = _flat(found), _flat(expected)
    is_like = (
        not isinstance(found, list | tuple)
        and _shapes(found) != _shapes(expected)
        and mine is not None
        and theirs is not None
    )
    return is_like and mine.shape == theirs.shape and relative_error(mine, theirs) <= EXACT


def _is_reordered(found, expected):
    if not isinstance(found, list | tuple) or not isinstance(expected, list | tuple) or len(found) != len(expected):
        return False
    left = list(expected)
    for each in found:
        place = next((i for i, other in enumerate(left) if _is_same(each, other)), None)
        if place is None:
            return False
        left.pop(place)
    return True


def _is_reciprocal(found, expected):
    numbers = [_flat(each) for each in (found, expected)]
    is_one = all(each is not None and each.size == 1 and each[0] for each in numbers)
    return is_one and np.isclose(numbers[0][0] * numbers[1][0], 1, rtol=EXACT)


def _is_rounded(found, expected):
    mine, theirs = _flat(found), _flat(expected)
    if mine is None or theirs is None or mine.shape != theirs.shape or relative_error(mine, theirs) > 0.3:
        return False
    if np.array_equal(mine, theirs):
        return False
    rounded = [np.round(theirs, digits) for digits in range(6)] + [np.floor(theirs), np.ceil(theirs)]
    return any(np.allclose(mine, each, rtol=EXACT, atol=0) for each in rounded)


def _first_shapes(found, expected):
    while isinstance(expected, list | tuple):
        found, expected = next(pair for pair in zip(found, expected, strict=True) if not _is_same(*pair))
    return np.shape(found), np.shape(expected)


def _say_square(found, expected):
    told = _(
        "A square of shape {found}: a flat array, or a row, has met a column, and NumPy has made all pairs of their "
        "numbers. The right ones stand on the diagonal. Keep columns: `reshape(-1, 1)`, or `keepdims=True` in a sum."
    )
    return told.format(found=_first_shapes(found, expected)[0])


def _say_shape(found, expected):
    mine, theirs = _first_shapes(found, expected)
    if theirs == ():
        return _("An array of shape {found}, with the right number in it: give the number.").format(found=mine)
    return _("The right numbers in the wrong shape, {found}: expected {expected}.").format(found=mine, expected=theirs)


RELATIONS = (
    (_holds(True, _is_square), _say_square),
    (
        _holds(True, lambda found, expected: found.ndim == 2 and _is_same(found.T, expected)),
        lambda found, expected: _("Transposed: rows and columns are exchanged."),
    ),
    (_holds(False, _is_misshapen), _say_shape),
    (_is_reordered, lambda found, expected: _("The right ones in the wrong order.")),
    (_holds(False, _is_reciprocal), lambda found, expected: _("One divided by the right number: turn it over.")),
    (_holds(False, _is_rounded), lambda found, expected: _("Right but rounded: give the numbers as they are.")),
)
