"""Refuse bad input with one sentence: the argument, what was found, what was expected, and the cure."""

import cmath
import math
from collections.abc import Sequence
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from bpteach.locale import _

FLOATS = (np.float32, np.float64)
NUMBERS = (*FLOATS, np.complex64, np.complex128)


def name_of(value):
    """Say in a few words what `value` is: its value if that is short, and its type."""
    kind = type(value).__name__
    if type(value) is np.ndarray:
        return _("an array of shape {shape}").format(shape=value.shape)
    if isinstance(value, np.ndarray):
        return _("a {kind} of shape {shape}").format(kind=kind, shape=value.shape)
    text = repr(value)
    return f"{text} ({kind})" if len(text) <= 20 else _("of type {kind}").format(kind=kind)


def is_plain(value):
    """Say whether `value` is an array of the usual kind: no matrix, whose `*` is another, and nothing masked."""
    if type(value) is np.ndarray:  # nearly always: then NumPy need not load its masked arrays
        return True
    return isinstance(value, np.ndarray) and not isinstance(value, np.matrix | np.ma.MaskedArray)


def require_network(net):
    """Refuse anything but a network whose arrays still fit its sizes; give the sizes."""
    try:
        weights, biases = net.weights, net.biases
        sizes = net.sizes if hasattr(net, "sizes") else [weights[0].shape[1], *map(len, weights)]
        fits = len(weights) == len(biases) == len(sizes) - 1
    except (AttributeError, IndexError, TypeError):
        message = _("net is {found}: expected a Network, with sizes, weights and biases.")
        raise TypeError(message.format(found=name_of(net))) from None
    for n_in, n, w, b in zip(sizes, sizes[1:], weights, biases, strict=False):
        fits = fits and type(w) is type(b) is np.ndarray and w.shape == (n, n_in) and b.shape == (n, 1)
        fits = fits and w.dtype.type in NUMBERS and b.dtype.type in NUMBERS
    if not fits:  # NumPy would broadcast biases of shape (n,)
        require_arrays("net.weights", weights, sizes, sizes[:-1])
        require_arrays("net.biases", biases, sizes, [1] * (len(sizes) - 1))
    return sizes


def require_arrays(name, arrays, sizes, widths):
    """Refuse anything but a list of arrays for the layers, so wide each; give it, with copies of read-only ones."""
    if not isinstance(arrays, list | tuple):
        message = _("{name} is {found}: expected a list of arrays, one for each layer after the input.")
        raise TypeError(message.format(name=name, found=name_of(arrays)))
    if len(arrays) != len(widths):
        message = _("{name} holds {found} arrays: expected {expected}, one for each layer after the input.")
        raise ValueError(message.format(name=name, found=len(arrays), expected=len(widths)))
    for i, (array, n, width) in enumerate(zip(arrays, sizes[1:], widths, strict=True)):
        require_columns(f"{name}[{i}]", array, n, sizes, width, NUMBERS)
    return [array if array.flags.writeable else array.copy() for array in arrays]


def require_example(net, x, y):
    """Refuse anything but one example: `x` a column that fits the input, `y` one that fits the output."""
    sizes = require_network(net)
    require_columns("x", x, sizes[0], sizes, 1)
    require_columns("y", y, sizes[-1], sizes, 1)


def require_mini_batch(net, X, Y):
    """Refuse anything but a mini-batch of at least one example, columns side by side."""
    sizes = require_network(net)
    require_columns("X", X, sizes[0], sizes)
    require_columns("Y", Y, sizes[-1], sizes)
    if X.shape[1] != Y.shape[1]:
        message = _("X has {x} columns and Y has {y}: expected one column of Y for each column of X.")
        raise ValueError(message.format(x=X.shape[1], y=Y.shape[1]))


def require_input(net, x):
    """Refuse anything but columns that fit the network's input. Complex numbers pass."""
    sizes = require_network(net)
    require_columns("x", x, sizes[0], sizes, types=NUMBERS)


def require_pairs(name, pairs):
    """Refuse anything but a sequence of at least one pair (x, y); each example is looked at when its turn comes."""
    if not isinstance(pairs, Sequence) or isinstance(pairs, str):
        once = _("use list(...) around it, since it can be walked through only once")
        cure = once if hasattr(pairs, "__next__") else _("use [(x, y), ...]")
        message = _("{name} is {found}: expected a list of pairs (x, y); {cure}.")
        raise TypeError(message.format(name=name, found=name_of(pairs), cure=cure))
    if len(pairs) == 0:
        raise ValueError(_("{name} is empty: expected at least one pair (x, y).").format(name=name))
    for i, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            found = name_of(pair)
            if isinstance(pair, tuple | list):
                found = _("a {kind} of {length}").format(kind=type(pair).__name__, length=len(pair))
            message = _("{name}[{i}] is {found}: expected a pair (x, y).")
            raise TypeError(message.format(name=name, i=i, found=found))


def require_rate(name, value):
    """Refuse anything but a finite number, 0 or more."""
    if not isinstance(value, (float, Real)) or isinstance(value, bool):  # float first: Real takes ten times as long
        raise TypeError(_("{name} is {found}: expected a number.").format(name=name, found=name_of(value)))
    if not math.isfinite(value) or value < 0:
        message = _("{name} is {value}: expected a finite number, 0 or more (the minus sign is in the update already).")
        raise ValueError(message.format(name=name, value=value))


def require_count(name, value, least=1):
    """Refuse anything but an integer that is not too small."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        message = _("{name} is {found}: expected an integer, {least} or more.")
        raise TypeError(message.format(name=name, found=name_of(value), least=least))
    if value < least:
        message = _("{name} is {value}: expected {least} or more.")
        raise ValueError(message.format(name=name, value=value, least=least))


def require_positive(name, value):
    """Refuse anything but a finite number above 0."""
    if not isinstance(value, Real) or not 0 < value < math.inf:
        message = _("{name} is {found}: expected a finite number above 0.")
        raise ValueError(message.format(name=name, found=name_of(value)))


def require_one_of(name, value, names):
    """Refuse anything but one of a few names."""
    if isinstance(value, np.ndarray) or value not in list(names):
        message = _("{name} is {found}: expected one of {names}.")
        raise ValueError(message.format(name=name, found=name_of(value), names=_(", ").join(map(repr, names))))


def require_length(name, values, expected, each):
    """Refuse a list that is too short or too long; `each` says what has one."""
    if len(values) != expected:
        message = _("{name} holds {found}: expected {expected}, {each}.")
        raise ValueError(message.format(name=name, found=len(values), expected=expected, each=each))


def require_training(n, epochs, mini_batch_size, eta, rng, on_interrupt):
    """Refuse what `sgd` cannot train with on n examples."""
    require_count("epochs", epochs)
    require_count("mini_batch_size", mini_batch_size)
    if mini_batch_size > n:
        message = _("mini_batch_size is {size}: expected at most {most}, the number of examples in data.")
        raise ValueError(message.format(size=mini_batch_size, most=n))
    require_rate("eta", eta)
    require_rng(rng)
    require_one_of("on_interrupt", on_interrupt, ("return", "raise"))


def require_sizes(sizes):
    """Refuse anything but at least two layer sizes; give them as plain integers."""
    if not isinstance(sizes, list | tuple) or len(sizes) < 2:
        kind = ValueError if isinstance(sizes, list | tuple) else TypeError
        message = _("sizes is {found!r}: expected a list of at least two layer sizes, such as [784, 30, 10].")
        raise kind(message.format(found=sizes))
    for index, size in enumerate(sizes):
        require_count(f"sizes[{index}]", size)
    return [int(size) for size in sizes]


def require_rng(rng):
    """Refuse anything but a NumPy random generator, a bare seed for instance."""
    if not isinstance(rng, np.random.Generator):
        message = _("rng is {found}: expected a NumPy random generator; use np.random.default_rng(seed).")
        raise TypeError(message.format(found=name_of(rng)))


def require_path(name, value, what):
    """Refuse anything but a path; give it as one."""
    try:
        return Path(value)
    except TypeError:
        message = _("{name} is {found}: expected the path of {what}.")
        raise TypeError(message.format(name=name, found=name_of(value), what=what)) from None


def require_dtype(dtype):
    """Refuse anything but float32 and float64; give it in NumPy's form."""
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError):
        found = np.dtype(object)
    if dtype is None or found not in FLOATS:  # NumPy takes None for float64
        message = _("dtype is {found}: expected np.float32 or np.float64.")
        raise TypeError(message.format(found=name_of(dtype)))
    return found


def require_numbers(name, value):
    """Turn `value` into an array of floats or complex numbers: bytes would wrap around, 1 - 2 = 255."""
    try:
        value = np.asarray(value)
    except ValueError:  # rows that differ in their length
        value = np.empty(0, object)
    if value.dtype.kind not in "fcbiu":
        message = _("{name} is an array of {dtype}: expected a number or an array of numbers, real or complex.")
        raise TypeError(message.format(name=name, dtype=value.dtype))
    return value if value.dtype.kind in "fc" else value.astype(np.float64)


def require_columns(name, value, rows, sizes, columns=None, types=FLOATS):
    """Refuse anything but an array of so many rows (and columns); what is wrong is looked for where something is."""
    shape = getattr(value, "shape", ())
    fits = len(shape) == 2 and shape[0] == rows and (shape[1] == columns if columns else shape[1] > 0)
    if fits and type(value) is np.ndarray and value.dtype.type in types and _is_finite(value):
        return  # nearly always, and quick: this runs before every step
    expected = "({rows}, {columns})" if columns else _("({rows}, m), one column an example")
    if columns == 1:
        expected += _(", a column")
    error, found = TypeError, name_of(value)
    if not is_plain(value):
        message = _("{name} is {found}: expected an array of shape {expected}{cure}.")
    elif value.dtype.type not in types:
        message, found = _("{name} holds {found} numbers: expected float32 or float64{cure}."), value.dtype
    elif not fits:
        error, message, found = ValueError, _("{name} has shape {found}: expected {expected}{cure}."), shape
    elif _is_finite(value):
        return  # an array of a subclass
    else:
        row, column = np.argwhere(~np.isfinite(value))[0]
        message = _("{name} holds {value} at row {row}, column {column}: expected finite numbers only.")
        raise ValueError(message.format(name=name, value=value[row, column], row=row, column=column))
    cure = _cure(name, value, rows, columns)
    cure = _("; {cure}").format(cure=cure.format(name=name, rows=rows, sizes=list(sizes))) if cure else ""
    raise error(message.format(name=name, found=found, expected=expected.format(rows=rows, columns=columns), cure=cure))


def _is_finite(array):
    """Say whether no number is NaN or infinite. The sum of squares tells for most arrays, in one quick call."""
    flat = array.ravel("K") if array.flags.aligned else array.flatten("K")  # OpenBLAS's oldest kernel would end Python
    return cmath.isfinite(np.vdot(flat, flat)) or bool(np.isfinite(array).all())  # squares of 1e200 are infinite, too


def _cure(name, value, rows, columns):
    """Find the usual slip in what is no array of columns; say what to write in its place."""
    shape = np.shape(value) if isinstance(value, np.ndarray) else None
    in_rows = shape is not None and shape[:1] == (rows,) and len(shape) == 2
    if name in "yY" and not in_rows and _are_labels(value, rows):
        if np.ndim(value) == 0:
            return _("turn the label into a column of 0s with a single 1: np.eye({rows})[:, [label]]")
        return _("turn the labels into columns of 0s with a single 1: np.eye({rows})[:, labels]")
    if shape is None:
        return _cure_of_no_array(value) if columns in (1, None) else ""
    if isinstance(value, np.matrix):
        return _("use np.asarray({name})")
    if isinstance(value, np.ma.MaskedArray):
        return _("use {name}.filled(0)")
    if value.dtype.kind == "c":
        return _("use {name}.real")
    if value.dtype == np.uint8:
        return _("for pixels use {name} / 255, otherwise {name}.astype(np.float64)")
    if value.dtype.type not in FLOATS:
        return _("use {name}.astype(np.float64)")
    if in_rows and shape[1] == 0 and columns in (1, None):
        return _("the mini-batch is empty")
    if in_rows and name in "xy":
        return _("use {name}[:, [i]] for example i, or backprop_matrix for all of them at once")
    if shape == (rows,) and columns in (1, None):
        return _("use {name}.reshape(-1, 1)")
    return _("use {name}.T") if len(shape) == 2 and shape[1] == rows else _("the network's sizes are {sizes}")


def _cure_of_no_array(value):
    if not isinstance(value, list | tuple) or not value:
        return ""
    if isinstance(value[0], np.ndarray):
        return _("use np.column_stack({name}), columns side by side")
    if isinstance(value[0], list | tuple):
        return _("use np.array({name}, dtype=float)")
    return _("use np.array({name}, dtype=float).reshape(-1, 1)")


def _are_labels(value, rows):
    """Tell labels (one number an example) from a flat or lying column of 0s with a single 1."""
    parts = value if isinstance(value, list | tuple) else [value]
    if not isinstance(value, np.ndarray) and not all(isinstance(each, Integral) for each in parts):
        return False
    value = np.asarray(value)
    if value.dtype.kind not in "iuf" or value.size == 0 or (value.ndim > 1 and value.shape[0] != 1):
        return False
    return bool(np.all(value == np.round(value))) and not (value.size == rows and value.max() <= 1)
