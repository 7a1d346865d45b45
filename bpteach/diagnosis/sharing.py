"""Notice arguments that were changed, and arrays that share memory."""

from numbers import Number

import numpy as np

from bpteach.locale import _


def changes(before, after, names):
    """Name the first argument that was changed, such as "net.weights[0]" or "X"; nothing if none was."""
    pairs = zip(before, after, names, strict=True)
    return next((changed for old, new, name in pairs if (changed := _change(old, new, name))), "")


def _change(old, new, name):
    if isinstance(old, np.ndarray):
        same = isinstance(new, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype
        return "" if same and np.array_equal(old, new) else name
    if isinstance(old, list | tuple):
        if not isinstance(new, list | tuple) or len(new) != len(old):
            return _("the list {name}").format(name=name)
        return changes(old, new, [f"{name}[{index}]" for index in range(len(old))])
    if hasattr(old, "weights"):
        parts = ("sizes", "weights", "biases")
        after = [getattr(new, part, None) for part in parts]
        return changes([getattr(old, part) for part in parts], after, [f"{name}.{part}" for part in parts])
    return name if isinstance(old, Number | str) and old != new else ""


def shared(arrays, others):
    """Say which of some arrays, pairs (name, array), share memory with each other or others; nothing if none do."""
    owners, arguments = {}, _("one of the arguments")
    named = [*arrays, *((arguments, array) for array in _arrays(others))]
    for name, array in named:
        other = owners.setdefault(id(_owner(array)), name)
        if other not in (name, arguments):
            return _("{one} and {other}").format(one=other, other=name)
    return ""


def _owner(array):
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    if hasattr(value, "weights"):
        value = [*value.weights, *value.biases]
    return [array for part in value for array in _arrays(part)] if isinstance(value, list | tuple) else []
