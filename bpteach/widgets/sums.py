"""The sum behind one neuron's number, written out: the largest terms, the rest, and what they add up to.

The numbers are texts in plain ASCII, so that there is room for many: a minus is `-`, which the page shows as −.
"""

import math
from dataclasses import dataclass

import numpy as np

from bpteach.functions import sigmoid, sigmoid_prime


@dataclass(frozen=True)
class Sums:
    """The sums of all neurons of a layer.

    Attributes
    ----------
    name : str
        "z", "a", "BP1", "BP2" or "BP4".
    terms : list of list of tuple
        For each neuron the terms that are shown: k, the two factors, their product.
    feet : list of list of tuple
        For each neuron the lines below: a word, how many (or ""), a number.
    differs : int
        How many neurons hold another number than the equation gives.
    """

    name: str
    terms: list
    feet: list
    differs: int = 0


def written_out(event, known, recording, column, most):
    """Write out the sums of the layer that an event has made.

    Parameters
    ----------
    event : Event
        A z, a, δ or ∇w that is complete and fits.
    known : dict
        The latest event of each (quantity, layer).
    recording : Recording
        The network, x and y.
    column : int
        The example.
    most : int
        How many terms are shown.

    Returns
    -------
    Sums or None
        None where the function keeps too little to write the equation out.
    """
    values = _Values(known, recording, column)
    last = len(recording.net.sizes)
    name = {"nabla_w": "BP4"}.get(event.quantity, event.quantity)
    if event.quantity == "delta":
        name = "BP1" if event.layer == last else "BP2"
    write = {"z": _z, "a": _a, "BP1": _bp1, "BP2": _bp2, "BP4": _bp4}.get(name)
    try:
        return write(name, event.layer, values, most) if write else None
    except _MissingError:
        return None


class _MissingError(Exception):
    """A value that a sum needs was not recorded."""


class _Values:
    """The columns of one example, as flat arrays."""

    def __init__(self, known, recording, column):
        self._known, self._column = known, column
        self.net = recording.net
        self.y = recording.y[:, column].astype(np.float64)
        self._x = recording.x[:, column].astype(np.float64)

    def __call__(self, quantity, layer):
        event = self._known.get((quantity, layer))
        if event is None and (quantity, layer) == ("a", 1):
            return self._x
        if event is None:
            raise _MissingError
        return event.array[:, self._column].astype(np.float64)


def _z(name, l, values, most):
    w, b = values.net.weights[l - 2].astype(np.float64), values.net.biases[l - 2][:, 0].astype(np.float64)
    a, z = values("a", l - 1), values("z", l)
    products = w * a
    right = products.sum(axis=1) + b
    rows = [_summed(p, w_j, a, most, [("b", b_j)]) for p, w_j, b_j in zip(products, w, b, strict=True)]
    differs = _different(z, right)
    for (_, foot, write, total), z_j, differs_j in zip(rows, z, differs, strict=True):
        foot.append(("z", "", write(total)))
        foot += [("found", "", short(z_j))] if differs_j else []
    return Sums(name, [row[0] for row in rows], [row[1] for row in rows], int(differs.sum()))


def _a(name, l, values, most):
    a, z = values("a", l), values("z", l)
    right = sigmoid(z)
    differs = _different(a, right)
    try:
        sums = _z(name, l, values, most)
    except _MissingError:
        sums = Sums(name, [[] for _ in a], [[("z", "", short(z_j))] for z_j in z])
    for foot, a_j, right_j, differs_j in zip(sums.feet, a, right, differs, strict=True):
        foot[:] = [row for row in foot if row[0] != "found"]
        foot += [("a", "", short(right_j))] + ([("found", "", short(a_j))] if differs_j else [])
    return Sums(name, sums.terms, sums.feet, int(differs.sum()))


def _bp1(name, l, values, most):
    a, y, delta, slope = values("a", l), values.y, values("delta", l), sigmoid_prime(values("z", l))
    return _products(name, [[] for _ in a], _differences(a, y), a - y, slope, delta)


def _differences(a, y):
    rows = []
    for a_j, y_j in zip(a, y, strict=True):
        write, scaled = _decimals([a_j, y_j], [a_j, y_j])
        a_i, y_i = map(round, scaled)
        said, wanted = write(a_i).lstrip("+"), write(y_i).lstrip("+")
        rows.append([("said", "", said), ("wanted", "", wanted), ("difference", "", write(a_i - y_i))])
    return rows


def _bp2(name, l, values, most):
    w = values.net.weights[l - 1].T.astype(np.float64)  # row j: the weights that leave neuron j
    carried, delta, slope = values("delta", l + 1), values("delta", l), sigmoid_prime(values("z", l))
    products = w * carried
    rows = [_summed(p, w_j, carried, most, []) for p, w_j in zip(products, w, strict=True)]
    for _, foot, write, total in rows:
        foot.append(("sum", "", write(total)))
    return _products(name, [row[0] for row in rows], [row[1] for row in rows], products.sum(axis=1), slope, delta)


def _products(name, terms, feet, totals, slope, delta):
    """Multiply by the slope, and compare with what the function has."""
    right = totals * slope
    differs = _different(delta, right)
    for foot, slope_j, right_j, delta_j, differs_j in zip(feet, slope, right, delta, differs, strict=True):
        foot += [("slope", "", short(slope_j)), ("delta", "", signed(right_j))]
        foot += [("found", "", signed(delta_j))] if differs_j else []
    return Sums(name, terms, feet, int(differs.sum()))


def _bp4(name, l, values, most):
    delta, a = values("delta", l), values("a", l - 1)
    order = np.argsort(-np.abs(a), kind="stable")[:most]
    order = order[a[order] != 0]
    terms = [[(int(k), short(a[k]), short(d), signed(a[k] * d)) for k in order] for d in delta]
    others = len(a) - len(order)
    foot = [("others", str(others), "")] if others else []
    return Sums(name, terms, [foot for _ in delta])


def _summed(products, factors, others, most, more):
    """Write the largest terms, the rest and `more`, so that what is shown adds up exactly.

    Returns
    -------
    tuple
        The terms, the lines below, a function that writes a number of units, and the total in units.
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
    terms = [(int(k), short(factors[k]), short(others[k]), write(n)) for k, n in zip(order, units, strict=False)]
    foot = [("rest", str(count), write(total - sum(units)))] if count else []
    foot += [(word, "", write(n)) for (word, _), n in zip(more, units[len(order) :], strict=True)]
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
    """Turn values into whole numbers of one small unit: three digits for the largest of `scale`.

    Returns
    -------
    function
        Writes a whole number of units.
    list of float
        The values in units, not rounded.
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


def short(value):
    """Write a number with three digits.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Such as `0.0213`, `-1.50` or `2.1e-07`.
    """
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return str(value).removesuffix(".0")
    exponent = math.floor(math.log10(abs(value)))
    if -5 < exponent < 6:
        return f"{value:.{max(2 - exponent, 0)}f}"
    return f"{value:.2e}"


def signed(value):
    """Write a number with three digits and its sign.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Such as `+0.0213`.
    """
    text = short(value)
    return f"+{text}" if value > 0 else text
