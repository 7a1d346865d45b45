"""The sum behind one neuron's number in the backprop stepper: its largest terms, the rest, and what they add up to.

The numbers are texts in plain ASCII, so that there is room for many: a minus is `-`, which the page shows as −.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bpteach.functions import sigmoid, sigmoid_prime


@dataclass(frozen=True)
class Sums:
    """The sums of all neurons of a layer; with no equation, none."""

    equation: str = ""
    terms: Sequence = ()  # for each neuron the terms that are shown: k, the two factors, their product
    feet: Sequence = ()  # for each neuron the lines below: what it is, of how many terms (or 0), a number
    differs: int = 0  # how many neurons hold another number than the equation gives
    products: np.ndarray | None = None  # all terms, row j those of neuron j; None where there are none to draw


def written_out(equation, l, of, most):
    """Write out the sums of layer l, `most` terms each.

    `of(quantity, layer)` gives one column of what the function was given ("w", "b", "y") or has made, if it has. There
    are none where there is no sum, or where the function keeps too little to write it out.
    """
    write, needs = _SUMS.get(equation, (None, ()))
    if write is None or any(of(quantity, l + shift) is None for quantity, shift in needs):
        return Sums()
    return write(l, of, most)


def _z(l, of, most):
    products, rows, right = _weighted(l, of, most)
    return _compared("z", rows, of("z", l), right, products=products)


def _a(l, of, most):
    z = of("z", l)
    rows = [([], [("z", 0, three_digits(z_j))]) for z_j in z] if of("a", l - 1) is None else _weighted(l, of, most)[1]
    right = sigmoid(z)
    for (_, foot), right_j in zip(rows, right, strict=True):
        foot.append(("a", 0, three_digits(right_j)))
    return _compared("a", rows, of("a", l), right)


def _weighted(l, of, most):
    w, b, a = of("w", l), of("b", l), of("a", l - 1)
    products = w * a
    rows = [_summed(p, w_j, a, most, "z", [("b", b_j)]) for p, w_j, b_j in zip(products, w, b, strict=True)]
    return products, rows, products.sum(axis=1) + b


def _bp1(l, of, _most):
    a, y, rows = of("a", l), of("y", l), []
    for a_j, y_j in zip(a, y, strict=True):
        write, scaled = _decimals([max(abs(a_j - y_j), 1e-4) if y_j else a_j], [a_j, y_j])
        said, wanted = map(round, scaled)
        numbers = {
            "said": write(said).lstrip("+"),
            "wanted": write(wanted).lstrip("+"),
            "difference": write(said - wanted),
        }
        rows.append(([], [(word, 0, text) for word, text in numbers.items()]))
    return _times_slope("BP1", rows, l, of, a - y)


def _bp2(l, of, most):
    w, carried = of("w", l + 1).T, of("delta", l + 1)  # row j: the weights that leave neuron j
    products = w * carried
    rows = [_summed(p, w_j, carried, most, "sum") for p, w_j in zip(products, w, strict=True)]
    return _times_slope("BP2", rows, l, of, products.sum(axis=1), products)


def _times_slope(equation, rows, l, of, totals, products=None):
    slope = sigmoid_prime(of("z", l))
    right = totals * slope
    for (_, foot), slope_j, right_j in zip(rows, slope, right, strict=True):
        foot += [("slope", 0, three_digits(slope_j)), ("delta", 0, signed(right_j))]
    return _compared(equation, rows, of("delta", l), right, signed, products)


def _bp4(l, of, most):
    delta, a = of("delta", l), of("a", l - 1)
    order = _largest(a, most)
    terms = [[(int(k), three_digits(a[k]), three_digits(d), signed(a[k] * d)) for k in order] for d in delta]
    others = len(a) - len(order)
    foot = [("others", others, "")] if others else []
    return Sums("BP4", terms, [foot] * len(delta), products=np.outer(delta, a))


#: For each equation what writes it out, and what that needs: quantities, and how far their layer is from l.
_SUMS = {
    "z": (_z, [("a", -1), ("z", 0)]),
    "a": (_a, [("a", 0), ("z", 0)]),
    "BP1": (_bp1, [("a", 0), ("z", 0), ("delta", 0)]),
    "BP2": (_bp2, [("delta", 1), ("z", 0), ("delta", 0)]),
    "BP4": (_bp4, [("delta", 0), ("a", -1)]),
}


def _compared(equation, rows, found, right, write=None, products=None):
    """Add what the function has where that is not what the equation gives; float32 rounds, so a little is allowed."""
    scale = np.abs(right[np.isfinite(right)]).max(initial=0)
    differs = ~np.isclose(found, right, rtol=1e-4, atol=1e-5 * scale)
    for j in np.flatnonzero(differs):
        rows[j][1].append(("found", 0, (write or three_digits)(found[j])))
    terms, feet = map(list, zip(*rows, strict=True))
    return Sums(equation, terms, feet, int(differs.sum()), products)


def _largest(values, most):
    order = np.argsort(-np.abs(values), kind="stable")[:most]
    return order[values[order] != 0]


def _summed(products, factors, others, most, total_is, more=()):
    """Write the largest terms, and below them the rest, `more` and the total, so that what is shown adds up exactly."""
    order = _largest(products, most)
    values = [*products[order], *(value for _name, value in more)]
    write, scaled = _decimals(values, [*values, products.sum() + sum(value for _name, value in more)])
    count = len(products) - len(order)
    total, units = round(scaled[-1]), [round(value) for value in scaled[:-1]]
    if not count:
        units = _adding_up(scaled[:-1], total)
    shown = zip(order, units, strict=False)
    terms = [(int(k), three_digits(factors[k]), three_digits(others[k]), write(n)) for k, n in shown]
    foot = [("rest", count, write(total - sum(units)))] if count else []
    foot += [(word, 0, write(n)) for (word, _), n in zip(more, units[len(order) :], strict=True)]
    return terms, [*foot, (total_is, 0, write(total))]


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
