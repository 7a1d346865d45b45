"""The sum behind one neuron's number, written out: the largest terms, the rest, and what they add up to.

The numbers are texts in plain ASCII, so that there is room for many: a minus is `-`, which the page shows as −.
"""

import math
from dataclasses import dataclass

import numpy as np

from bpteach.functions import sigmoid, sigmoid_prime


@dataclass(frozen=True)
class Sums:
    """The sums of all neurons of a layer."""

    equation: str
    terms: list  # for each neuron the terms that are shown: k, the two factors, their product
    feet: list  # for each neuron the lines below: what it is, of how many terms (or 0), a number
    differs: int = 0  # how many neurons hold another number than the equation gives


def written_out(equation, l, values, most):
    """Write out the sums of layer l, `most` terms each.

    `values(quantity, layer)` gives one column of what the function has made, or None; `values.net` and `values.y` are
    what it was given. None where there is no sum, or where the function keeps too little to write it out.
    """
    write, needs = _SUMS.get(equation, (None, ()))
    if write is None or any(values(quantity, l + shift) is None for quantity, shift in needs):
        return None
    return write(l, values, most)


def _z(l, values, most):
    w, b = values.net.weights[l - 2].astype(np.float64), values.net.biases[l - 2][:, 0].astype(np.float64)
    a, z = values("a", l - 1), values("z", l)
    products = w * a
    right = products.sum(axis=1) + b
    rows = [_summed(p, w_j, a, most, [("b", b_j)]) for p, w_j, b_j in zip(products, w, b, strict=True)]
    differs = _different(z, right)
    for (_, foot, write, total), z_j, differs_j in zip(rows, z, differs, strict=True):
        foot.append(("z", 0, write(total)))
        foot += [("found", 0, three_digits(z_j))] if differs_j else []
    return Sums("z", [row[0] for row in rows], [row[1] for row in rows], int(differs.sum()))


def _a(l, values, most):
    a, z = values("a", l), values("z", l)
    right = sigmoid(z)
    differs = _different(a, right)
    if values("a", l - 1) is None:
        terms, feet = [[] for _ in a], [[("z", 0, three_digits(z_j))] for z_j in z]
    else:
        sums = _z(l, values, most)
        terms, feet = sums.terms, [[row for row in foot if row[0] != "found"] for foot in sums.feet]
    for foot, a_j, right_j, differs_j in zip(feet, a, right, differs, strict=True):
        foot += [("a", 0, three_digits(right_j))] + ([("found", 0, three_digits(a_j))] if differs_j else [])
    return Sums("a", terms, feet, int(differs.sum()))


def _bp1(l, values, most):
    a, y, delta, slope = values("a", l), values.y, values("delta", l), sigmoid_prime(values("z", l))
    return _times_slope("BP1", [[] for _ in a], _differences(a, y), a - y, slope, delta)


def _differences(a, y):
    rows = []
    for a_j, y_j in zip(a, y, strict=True):
        write, scaled = _decimals([a_j, y_j], [a_j, y_j])
        a_i, y_i = map(round, scaled)
        said, wanted = write(a_i).lstrip("+"), write(y_i).lstrip("+")
        rows.append([("said", 0, said), ("wanted", 0, wanted), ("difference", 0, write(a_i - y_i))])
    return rows


def _bp2(l, values, most):
    w = values.net.weights[l - 1].T.astype(np.float64)  # row j: the weights that leave neuron j
    carried, delta, slope = values("delta", l + 1), values("delta", l), sigmoid_prime(values("z", l))
    products = w * carried
    rows = [_summed(p, w_j, carried, most, []) for p, w_j in zip(products, w, strict=True)]
    for _, foot, write, total in rows:
        foot.append(("sum", 0, write(total)))
    return _times_slope("BP2", [row[0] for row in rows], [row[1] for row in rows], products.sum(axis=1), slope, delta)


def _times_slope(equation, terms, feet, totals, slope, delta):
    """Multiply by the slope, and compare with what the function has."""
    right = totals * slope
    differs = _different(delta, right)
    for foot, slope_j, right_j, delta_j, differs_j in zip(feet, slope, right, delta, differs, strict=True):
        foot += [("slope", 0, three_digits(slope_j)), ("delta", 0, signed(right_j))]
        foot += [("found", 0, signed(delta_j))] if differs_j else []
    return Sums(equation, terms, feet, int(differs.sum()))


def _bp4(l, values, most):
    delta, a = values("delta", l), values("a", l - 1)
    order = np.argsort(-np.abs(a), kind="stable")[:most]
    order = order[a[order] != 0]
    terms = [[(int(k), three_digits(a[k]), three_digits(d), signed(a[k] * d)) for k in order] for d in delta]
    others = len(a) - len(order)
    foot = [("others", others, "")] if others else []
    return Sums("BP4", terms, [foot for _ in delta])


#: For each equation what writes it out, and what that needs: quantities, and how far their layer is from l.
_SUMS = {
    "z": (_z, [("a", -1), ("z", 0)]),
    "a": (_a, [("a", 0), ("z", 0)]),
    "BP1": (_bp1, [("a", 0), ("z", 0), ("delta", 0)]),
    "BP2": (_bp2, [("delta", 1), ("z", 0), ("delta", 0)]),
    "BP4": (_bp4, [("delta", 0), ("a", -1)]),
}


def _summed(products, factors, others, most, more):
    """Write the largest terms, the rest and `more`, so that what is shown adds up exactly.

    Gives the terms, the lines below, a function that writes a number of units, and the total in units.
    """
    order = np.argsort(-np.abs(products), kind="stable")[:most]
    order = order[products[order] != 0]
    shown = [products[k] for k in order]
    values = [*shown, *(value for _, value in more)]
    write, scaled = _decimals(values, [*values, products.sum() + sum(value for _, value in more)])
    count = len(products) - len(order)
    total, units = round(scaled[-1]), [round(value) for value in scaled[:-1]]
    if not count:
        units = _adding_up(scaled[:-1], total)
    shown = zip(order, units, strict=False)
    terms = [(int(k), three_digits(factors[k]), three_digits(others[k]), write(n)) for k, n in shown]
    foot = [("rest", count, write(total - sum(units)))] if count else []
    foot += [(word, 0, write(n)) for (word, _), n in zip(more, units[len(order) :], strict=True)]
    return terms, foot, write, total


def _adding_up(values, total):
    """Round values to whole numbers that add up to `total`: where they would not, those that lie nearest give way."""
    units = [round(value) for value in values]
    by = 1 if total > sum(units) else -1
    order = sorted(range(len(units)), key=lambda i: by * (units[i] - values[i]))
    for i in order[: abs(total - sum(units))]:
        units[i] += by
    return units


def _decimals(scale, values):
    """Turn values into numbers of one small unit: three digits for the largest of `scale`.

    Gives a function that writes a whole number of units, and the values in units, not rounded.
    """
    largest = max((abs(value) for value in scale if math.isfinite(value)), default=0)
    exponent = math.floor(math.log10(largest)) if largest > 0 else 0
    if -5 < exponent < 6:
        places = max(2 - exponent, 0)
        unit, write = 10.0**places, lambda n: f"{n / 10**places:+.{places}f}" if n else f"{0:.{places}f}"
    else:
        unit, write = None, lambda n: f"{n / 100:+.2f}e{exponent:+03d}" if n else "0"
    scaled = [value * unit if unit else value / 10.0**exponent * 100 for value in values]
    return write, [value if math.isfinite(value) else 0 for value in scaled]


def _different(found, right):
    """Tell which numbers are not those of the equation; float32 rounds, so a little is allowed."""
    scale = np.abs(right[np.isfinite(right)]).max(initial=0)
    return ~np.isclose(found, right, rtol=1e-4, atol=1e-5 * scale)


def three_digits(value):
    """Write a number such as `0.0213`, `-1.50` or `2.1e-07`."""
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return str(value).removesuffix(".0")
    exponent = math.floor(math.log10(abs(value)))
    return f"{value:.{max(2 - exponent, 0)}f}" if -5 < exponent < 6 else f"{value:.2e}"


def signed(value):
    """Write a number with three digits and its sign, such as `+0.0213`."""
    return f"+{three_digits(value)}" if value > 0 else three_digits(value)
