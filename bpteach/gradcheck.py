"""Gradients without backpropagation: change one parameter a little, see how the cost changes.

This module imports nothing of the algorithm that it judges. It sees a network only as two lists of arrays.
"""

import copy

import numpy as np

from bpteach.arguments import require_length, require_numbers, require_one_of, require_positive
from bpteach.locale import _, aligned


def numerical_gradient(cost_of, net, *, method="complex", step=None):
    """Differentiate the cost with respect to every bias and weight, one at a time.

    Parameters
    ----------
    cost_of : function
        Takes a network like `net`, returns the cost, a float (or, for the complex step, a complex number).
    net : object with `biases` and `weights`
        The network, two lists of arrays; it is not changed.
    method : {"complex", "central"}
        The complex step, Im C(p + ih) / h, right to rounding; or (C(p + h) − C(p − h)) / 2h, right to ten digits.
    step : float, optional
        The step h. Without it, 1e-20 for the complex step and 1e-5 for central differences.

    Returns
    -------
    nabla_b, nabla_w : lists of arrays, shapes of `net.biases` and `net.weights`
        ∂C/∂b and ∂C/∂w.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind; if the cost is not one finite number, or real where it must be complex.

    References
    ----------
    W. Squire and G. Trapp, *SIAM Review* 40 (1998), for the complex step; for central differences Nielsen, chapter 2,
    "In what sense is backpropagation a fast algorithm?".

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> line = SimpleNamespace(biases=[np.array([[2.0]])], weights=[np.array([[3.0]])])
    >>> nabla_b, nabla_w = numerical_gradient(lambda net: (net.biases[0] * net.weights[0] ** 2).sum(), line)
    >>> print(nabla_b[0], nabla_w[0])
    [[9.]] [[12.]]
    """
    if not callable(cost_of):
        message = _("cost_of is {found}: expected a function that takes a network and returns its cost.")
        raise TypeError(message.format(found=type(cost_of).__name__))
    if not (hasattr(net, "weights") and hasattr(net, "biases")):
        message = _("net is of type {found}: expected something with weights and biases.")
        raise TypeError(message.format(found=type(net).__name__))
    require_one_of("method", method, ("complex", "central"))
    dtype, usual = (complex, 1e-20) if method == "complex" else (float, 1e-5)
    h = usual if step is None else step
    require_positive("step", h)
    probe = copy.copy(net)
    probe.biases = [require_numbers("net.biases", b).astype(dtype) for b in net.biases]
    probe.weights = [require_numbers("net.weights", w).astype(dtype) for w in net.weights]

    def cost_with(array, index, value):
        kept, array[index] = array[index], value
        cost = _accepted(cost_of(probe), dtype)
        array[index] = kept
        return cost

    def slope(array, index):
        p = array[index]
        if method == "complex":
            return cost_with(array, index, p + 1j * h).imag / h
        return (cost_with(array, index, p + h) - cost_with(array, index, p - h)) / (2 * h)

    def slopes(arrays):
        return [np.reshape([slope(array, i) for i in np.ndindex(array.shape)], array.shape) for array in arrays]

    return slopes(probe.biases), slopes(probe.weights)


def relative_error(found, expected):
    """Measure how far two arrays are apart, as a share of the second: ‖found − expected‖ / ‖expected‖.

    Parameters
    ----------
    found, expected : arrays of any shape, the same for both
        What is judged, and what it should be.

    Returns
    -------
    float
        The relative error; 0 if both are zero, infinity if only `expected` is or a number is not finite.

    Raises
    ------
    TypeError, ValueError
        If one does not hold numbers; if the shapes differ.

    Examples
    --------
    >>> print(f"{relative_error(np.array([3.0, 4.1]), np.array([3.0, 4.0])):.3f}")
    0.020
    """
    found, expected = require_numbers("found", found), require_numbers("expected", expected)
    if found.shape != expected.shape:  # NumPy would broadcast some of them
        message = _("found has shape {found} and expected has shape {expected}: expected the same shape.")
        raise ValueError(message.format(found=found.shape, expected=expected.shape))
    with np.errstate(all="ignore"):
        largest = np.max(np.abs(expected), initial=0)
        if largest == 0:
            return float("inf") if np.any(found) else 0.0
        # without the division, a norm of 1e-200 would be 0
        distance = np.linalg.norm(np.subtract(found, expected) / largest)
        error = distance / np.linalg.norm(expected / largest)
    return float(error) if np.isfinite(error) else float("inf")


class Comparison:
    """Two gradients, compared layer by layer. Print it for a table."""

    def __init__(self, errors):
        self.errors = errors  # for each layer, the relative errors of ∂C/∂b and ∂C/∂w; NaN where the shape is wrong
        self.worst = max((np.inf if np.isnan(error) else error for pair in errors for error in pair), default=0.0)

    def __str__(self):
        lines = [aligned((_("layer"), "nabla_b", "nabla_w"), 10, -12, -12)]
        for layer, pair in enumerate(self.errors, start=2):
            b, w = (_("shape!") if np.isnan(error) else f"{error:.0e}" for error in pair)
            lines.append(aligned((layer, b, w), 10, -12, -12))
        return "\n".join(lines)

    __repr__ = __str__


def compare_gradients(found, expected):
    """Compare two gradients layer by layer.

    Parameters
    ----------
    found, expected : pairs (nabla_b, nabla_w)
        The gradient that is judged, and what it should be: two lists, one array a layer after the input.

    Returns
    -------
    Comparison
        The relative error of every layer. A wrong shape is reported, not raised.

    Raises
    ------
    TypeError, ValueError
        If an argument is no pair of lists; if the numbers of layers differ.

    Examples
    --------
    >>> right = [np.ones((2, 1))], [np.ones((2, 3))]
    >>> wrong = [np.ones((2, 1))], [np.ones((2, 3)) * 2]
    >>> print(compare_gradients(wrong, right))
    layer          nabla_b     nabla_w
    2                0e+00       1e+00
    """
    for name, pair in (("found", found), ("expected", expected)):
        if not isinstance(pair, tuple | list) or [isinstance(part, tuple | list) for part in pair] != [True, True]:
            message = _("{name} is of type {kind}: expected a pair (nabla_b, nabla_w).")
            raise TypeError(message.format(name=name, kind=type(pair).__name__))
    for name, mine, theirs in zip(("nabla_b", "nabla_w"), found, expected, strict=True):
        require_length(name, mine, len(theirs), _("one for each layer after the input"))
    layers = zip(*found, *expected, strict=True)
    return Comparison([(_error(b, b0), _error(w, w0)) for b, w, b0, w0 in layers])


def _error(found, expected):
    return relative_error(found, expected) if np.shape(found) == np.shape(expected) else float("nan")


def _accepted(cost, dtype):
    if np.ndim(cost) != 0 or np.asarray(cost).dtype.kind not in "iufc" or not np.isfinite(cost):
        found = _("an array of shape {shape}").format(shape=np.shape(cost)) if np.ndim(cost) else repr(cost)
        raise ValueError(_("cost_of(net) gave {found}: expected one finite number.").format(found=found))
    if dtype is complex and not np.iscomplexobj(cost):
        message = _("cost_of gave a real number: let complex ones pass (no abs, no float), or use method='central'.")
        raise ValueError(message)
    return cost
