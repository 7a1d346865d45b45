"""The sigmoid, the quadratic cost, and the derivative of each.

All four work number by number, so one column and a whole mini-batch of columns go through the same code.
"""

import numpy as np

from bpteach.arguments import require_numbers
from bpteach.locale import _


def sigmoid(z):
    """Squash every number of `z` into (0, 1): σ(z) = 1 / (1 + e⁻ᶻ).

    Parameters
    ----------
    z : array of any shape, float or complex
        Weighted inputs.

    Returns
    -------
    array of the shape and dtype of `z`
        The activations. Integers give float64.

    Raises
    ------
    TypeError
        If `z` does not hold numbers.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 1, equation (3).

    Examples
    --------
    >>> print(sigmoid(np.array([-1000.0, 0.0, 1000.0])))
    [0.  0.5 1. ]
    """
    z = require_numbers("z", z)
    positive = z.real >= 0  # e¹⁰⁰⁰ is no float: for negative z both sides of the fraction are multiplied by eᶻ
    with np.errstate(under="ignore"):  # σ(-1000) is 0, whatever the reader's settings
        e = np.exp(np.where(positive, -z, z))
        return np.where(positive, 1, e) / (1 + e)


def sigmoid_prime(z):
    """Give the slope of the sigmoid at `z`: σ′(z) = σ(z) (1 − σ(z)).

    Parameters
    ----------
    z : array of any shape, float or complex
        Weighted inputs (not activations).

    Returns
    -------
    array of the shape and dtype of `z`
        Slopes, at most 1/4.

    Raises
    ------
    TypeError
        If `z` does not hold numbers.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, "The code for backpropagation".

    Examples
    --------
    >>> print(sigmoid_prime(np.array([-10.0, 0.0, 10.0])).round(5))
    [5.0e-05 2.5e-01 5.0e-05]
    """
    a = sigmoid(z)
    return a * (1 - a)


def cost(a, y):
    """Measure how far the output `a` is from `y`: the quadratic cost C = ½‖a − y‖².

    Parameters
    ----------
    a, y : arrays, shape (n_L, 1) or (n_L, m)
        Output activations and desired outputs, one column an example.

    Returns
    -------
    float
        The cost; for several columns, the sum over the columns.

    Raises
    ------
    TypeError, ValueError
        If `a` or `y` does not hold numbers; if `a` is not made of columns, or `y` has another shape.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equation (27).

    Examples
    --------
    >>> print(cost(np.array([[0.5], [1.0]]), np.array([[1.0], [0.0]])))
    0.625
    """
    return 0.5 * (cost_derivative(a, y) ** 2).sum()


def cost_derivative(a, y):
    """Give the slope of the quadratic cost at the output: ∇ₐC = a − y.

    Parameters
    ----------
    a, y : arrays, shape (n_L, 1) or (n_L, m)
        Output activations and desired outputs, one column an example.

    Returns
    -------
    array, shape of `a`
        The differences a − y.

    Raises
    ------
    TypeError, ValueError
        If `a` or `y` does not hold numbers; if `a` is not made of columns, or `y` has another shape.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, "The code for backpropagation".

    Examples
    --------
    >>> print(cost_derivative(np.array([[0.5], [1.0]]), np.array([[1.0], [0.0]])))
    [[-0.5]
     [ 1. ]]
    """
    a, y = require_numbers("a", a), require_numbers("y", y)
    if a.ndim != 2:
        cure = _("; use a.reshape(-1, 1) to make a a column") if a.ndim == 1 else ""
        message = _("a has shape {a}: expected one column an example, (n_L, 1) or (n_L, m){cure}.")
        raise ValueError(message.format(a=a.shape, cure=cure))
    if a.shape != y.shape:  # NumPy would broadcast (10, 1) - (10,) to (10, 10)
        cure = _("; use y.T") if a.shape == y.shape[::-1] else ""
        if a.shape == (*y.shape, 1):
            cure = _("; use y.reshape(-1, 1) to make y a column")
        message = _("a has shape {a} and y has shape {y}: expected the same shape, one column an example{cure}.")
        raise ValueError(message.format(a=a.shape, y=y.shape, cure=cure))
    return a - y
