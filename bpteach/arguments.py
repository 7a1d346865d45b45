"""Refuse bad input with one sentence: the argument, what was found, what was expected, and the cure.

The algorithm's modules call these functions first, so that their own bodies read like the equations.
"""

import cmath
import math
from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral, Real

import numpy as np

WORDS = {
    "no network": "net is {found}: expected a Network, with sizes, weights and biases.",
    "broken network": "net.{name}[{index}] has shape {found}: expected {expected}, since net.sizes is {sizes}.",
    "array": "an array of shape {shape}",
    "special array": "a {kind} of shape {shape}",
    "short value": "{text} ({kind})",
    "long value": "of type {kind}",
    "no array": "{name} is {found}: expected an array of shape {expected}{cure}.",
    "wrong dtype": "{name} holds {dtype} numbers: expected float32 or float64; {cure}.",
    "wrong shape": "{name} has shape {shape}: expected {expected}{cure}.",
    "unequal columns": "X has {x} columns and Y has {y}: expected one column of Y for each column of X.",
    "not finite": "{name} holds {value} at row {row}, column {column}: expected finite numbers only.",
    "no sequence": "mini_batch is {found}: expected a list of pairs (x, y){cure}.",
    "no pair": "mini_batch[{index}] is {found}: expected a pair (x, y).",
    "empty": "mini_batch is empty: expected at least one pair (x, y).",
    "not an integer": "{name} is {found}: expected an integer, {least} or more.",
    "too small": "{name} is {value}: expected {least} or more.",
    "not a number": "{name} is {found}: expected a number.",
    "bad rate": "{name} is {value}: expected a finite number, 0 or more (the minus sign is in the update already).",
    "no generator": "rng is {found}: expected a NumPy random generator; use np.random.default_rng(seed).",
    "bad dtype": "dtype is {found}: expected np.float32 or np.float64.",
    "one column": "{shape}, a column",
    "many columns": "({rows}, m), one column an example",
    "cure list": "; use np.array({name}, dtype=float).reshape(-1, 1)",
    "cure rows": "; use np.array({name}, dtype=float)",
    "cure side by side": "; use np.column_stack({name}), columns side by side",
    "cure matrix": "; use np.asarray({name})",
    "cure masked": "; use {name}.filled(0)",
    "cure label": "; turn the label into a column of 0s with a single 1: np.eye({rows})[:, [label]]",
    "cure labels": "; turn the labels into columns of 0s with a single 1: np.eye({rows})[:, labels]",
    "cure reshape": "; use {name}.reshape(-1, 1)",
    "cure transpose": "; use {name}.T",
    "cure column": "; use {name}[:, [i]] for example i, or backprop_matrix for all of them at once",
    "cure size": "; the network's sizes are {sizes}",
    "cure empty": "; the mini-batch is empty",
    "cure pixels": "for pixels use {name} / 255, otherwise {name}.astype(np.float64)",
    "cure convert": "use {name}.astype(np.float64)",
    "cure complex": "use {name}.real",
    "cure iterator": "; use list(...) around it, since it can be walked through only once",
    "cure pairs": "; use [(x, y), ...]",
}

FLOATS = (np.float32, np.float64)
COMPLEX = (np.complex64, np.complex128)
REALS = (float, Real)  # float first: to look through Real takes ten times as long


def say(word, **details):
    """Fill in the sentence named `word`.

    Parameters
    ----------
    word : str
        A key of `WORDS`.
    **details : object
        What its braces hold.

    Returns
    -------
    str
        The sentence.
    """
    return WORDS[word].format(**details)


def name_of(value):
    """Say in a few words what `value` is.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
        Its value if that is short, and its type.
    """
    kind = type(value).__name__
    if isinstance(value, np.ndarray):
        return say("array" if type(value) is np.ndarray else "special array", kind=kind, shape=value.shape)
    text = repr(value)
    return say("short value" if len(text) <= 20 else "long value", kind=kind, text=text)


def is_plain(value):
    """Say whether `value` is an array of the usual kind: no matrix, whose `*` is another, and nothing masked.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        Whether it is.
    """
    if type(value) is np.ndarray:  # nearly always: then NumPy need not load its masked arrays
        return True
    return isinstance(value, np.ndarray) and not isinstance(value, np.matrix | np.ma.MaskedArray)


def check_network(net):
    """Refuse anything but a network whose arrays still fit its sizes.

    Parameters
    ----------
    net : Network
        What is used as a network.

    Returns
    -------
    list of int
        Its sizes.

    Raises
    ------
    TypeError
        If it has no sizes, weights and biases.
    ValueError
        If somebody has put an array of another shape into it.
    """
    try:
        sizes, weights, biases = net.sizes, net.weights, net.biases
    except AttributeError:
        raise TypeError(say("no network", found=name_of(net))) from None
    for i, (n_in, n) in enumerate(pairwise(sizes)):  # NumPy would broadcast biases of shape (n,)
        w, b = weights[i], biases[i]
        if type(w) is type(b) is np.ndarray and w.shape == (n, n_in) and b.shape == (n, 1):
            continue  # nearly always, and quick: this runs before every step
        _check_shape(sizes, "weights", i, w, (n, n_in))
        _check_shape(sizes, "biases", i, b, (n, 1))
    return sizes


def check_example(net, x, y=None):
    """Refuse anything but one example: `x` a column that fits the input, `y` one that fits the output.

    Parameters
    ----------
    net : Network
        The network that the example is for.
    x : array, shape (n_1, 1)
        The input.
    y : array, shape (n_L, 1)
        The desired output.

    Raises
    ------
    TypeError
        If `net` is no network, or an argument is no array of float32 or float64.
    ValueError
        If a shape does not fit, or a number is NaN or infinite.
    """
    sizes = check_network(net)
    _check_columns("x", x, sizes[0], 1, sizes)
    _check_columns("y", y, sizes[-1], 1, sizes)


def check_mini_batch(net, X, Y):
    """Refuse anything but a mini-batch of at least one example, columns side by side.

    Parameters
    ----------
    net : Network
        The network that the mini-batch is for.
    X : array, shape (n_1, m)
        The inputs.
    Y : array, shape (n_L, m)
        The desired outputs.

    Raises
    ------
    TypeError
        If `net` is no network, or an argument is no array of float32 or float64.
    ValueError
        If a shape does not fit, `X` and `Y` differ in m, m is 0, or a number is NaN or infinite.
    """
    sizes = check_network(net)
    _check_columns("X", X, sizes[0], None, sizes)
    _check_columns("Y", Y, sizes[-1], None, sizes)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(say("unequal columns", x=X.shape[1], y=Y.shape[1]))


def check_input(net, x):
    """Refuse anything but columns that fit the network's input. Complex numbers pass.

    Parameters
    ----------
    net : Network
        The network that the input is for.
    x : array, shape (n_1, 1) or (n_1, m)
        The input, one column an example.

    Raises
    ------
    TypeError
        If `net` is no network, or `x` is no array of floats or complex numbers.
    ValueError
        If the shape does not fit, or a number is NaN or infinite.
    """
    sizes = check_network(net)
    _check_columns("x", x, sizes[0], None, sizes, FLOATS + COMPLEX)


def check_pairs(mini_batch):
    """Refuse anything but a sequence of at least one pair (x, y).

    Parameters
    ----------
    mini_batch : sequence of pairs
        The examples; each is looked at when its turn comes.

    Raises
    ------
    TypeError
        If `mini_batch` is no sequence, or holds something that is no pair.
    ValueError
        If it is empty.
    """
    if not isinstance(mini_batch, Sequence) or isinstance(mini_batch, str):
        cure = say("cure iterator") if hasattr(mini_batch, "__next__") else say("cure pairs")
        raise TypeError(say("no sequence", found=name_of(mini_batch), cure=cure))
    if len(mini_batch) == 0:
        raise ValueError(say("empty"))
    for index, pair in enumerate(mini_batch):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(say("no pair", index=index, found=name_of(pair)))


def check_rate(name, value):
    """Refuse anything but a finite number, 0 or more.

    Parameters
    ----------
    name : str
        The argument's name.
    value : float
        The learning rate.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is negative, NaN or infinite.
    """
    if not isinstance(value, REALS) or isinstance(value, bool):
        raise TypeError(say("not a number", name=name, found=name_of(value)))
    if not math.isfinite(value) or value < 0:
        raise ValueError(say("bad rate", name=name, value=value))


def check_count(name, value, least=1):
    """Refuse anything but an integer that is not too small.

    Parameters
    ----------
    name : str
        The argument's name.
    value : int
        The count.
    least : int
        The smallest count allowed.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is below `least`.
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(say("not an integer", name=name, found=name_of(value), least=least))
    if value < least:
        raise ValueError(say("too small", name=name, value=value, least=least))


def check_rng(rng):
    """Refuse anything but a NumPy random generator.

    Parameters
    ----------
    rng : numpy.random.Generator
        The source of randomness.

    Raises
    ------
    TypeError
        If it is something else, a bare seed for instance.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(say("no generator", found=name_of(rng)))


def check_dtype(dtype):
    """Refuse anything but float32 and float64.

    Parameters
    ----------
    dtype : data type
        The precision asked for.

    Returns
    -------
    numpy.dtype
        The same, in NumPy's form.

    Raises
    ------
    TypeError
        If it is another one.
    """
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError):
        found = np.dtype(object)
    if dtype is None or found not in FLOATS:  # NumPy takes None for float64
        raise TypeError(say("bad dtype", found=name_of(dtype)))
    return found


def _check_shape(sizes, name, index, array, expected):
    if np.shape(array) != expected:
        found = np.shape(array)
        raise ValueError(say("broken network", name=name, index=index, found=found, expected=expected, sizes=sizes))


def _check_columns(name, value, rows, columns, sizes, types=FLOATS):
    """Look for the usual slip only once something is wrong: this runs before every call of backprop."""
    if not is_plain(value):
        raise TypeError(_no_array(name, value, rows, columns))
    shape = value.shape
    fits = len(shape) == 2 and shape[0] == rows and (shape[1] == columns if columns else shape[1] > 0)
    if value.dtype.type not in types:
        raise TypeError(_wrong_dtype(name, value, rows, fits))
    if not fits:
        raise ValueError(_wrong_shape(name, value, rows, columns, sizes))
    if not _is_finite(value):
        row, column = np.argwhere(~np.isfinite(value))[0]
        raise ValueError(say("not finite", name=name, value=value[row, column], row=row, column=column))


def _is_finite(array):
    """Say whether no number is NaN or infinite. The sum of squares tells for most arrays, in one quick call."""
    flat = array.ravel("K")
    return cmath.isfinite(np.vdot(flat, flat)) or bool(np.isfinite(array).all())  # squares of 1e200 are infinite, too


def _expected(rows, columns):
    return say("one column", shape=(rows, columns)) if columns else say("many columns", rows=rows)


def _no_array(name, value, rows, columns):
    cure = ""
    if isinstance(value, Integral) and name in "yY":
        cure = say("cure label", rows=rows)
    elif isinstance(value, np.ndarray):
        cure = say("cure matrix" if isinstance(value, np.matrix) else "cure masked", name=name)
    elif isinstance(value, list | tuple) and value and name in "yY" and _are_labels(value, rows):
        cure = say("cure labels", rows=rows)
    elif isinstance(value, list | tuple) and value:
        kinds = {np.ndarray: "cure side by side", list: "cure rows", tuple: "cure rows"}
        cure = say(kinds.get(type(value[0]), "cure list"), name=name)
    return say("no array", name=name, found=name_of(value), expected=_expected(rows, columns), cure=cure)


def _are_labels(values, rows):
    return len(values) != rows and all(isinstance(value, Integral) for value in values)


def _wrong_dtype(name, value, rows, fits):
    if not fits and _looks_like_labels(name, value, rows):
        cure = _label_cure(value, rows).removeprefix("; ")
    elif value.dtype.kind == "c":
        cure = say("cure complex", name=name)
    elif value.dtype == np.uint8:
        cure = say("cure pixels", name=name)
    else:
        cure = say("cure convert", name=name)
    return say("wrong dtype", name=name, dtype=value.dtype, cure=cure)


def _wrong_shape(name, value, rows, columns, sizes):
    shape = value.shape
    if _looks_like_labels(name, value, rows):
        cure = _label_cure(value, rows)
    elif shape == (rows,):
        cure = say("cure reshape", name=name)
    elif len(shape) == 2 and shape[0] == rows:
        cure = say("cure empty") if shape[1] == 0 else say("cure column", name=name)
    elif len(shape) == 2 and shape[1] == rows:
        cure = say("cure transpose", name=name)
    else:
        cure = say("cure size", sizes=list(sizes))
    return say("wrong shape", name=name, shape=shape, expected=_expected(rows, columns), cure=cure)


def _label_cure(value, rows):
    return say("cure label" if value.ndim == 0 else "cure labels", rows=rows)


def _looks_like_labels(name, value, rows):
    """Tell labels (one number an example) from a flat or lying column of 0s with a single 1."""
    if name not in ("y", "Y") or value.dtype.kind not in "iuf" or value.size == 0:
        return False
    flat = value.ndim <= 1 or value.shape[0] == 1
    whole = bool(np.all(value == np.round(value)))
    column = value.size == rows and value.max() <= 1
    return flat and whole and not column
