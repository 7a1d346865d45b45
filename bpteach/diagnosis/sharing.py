"""Notice arguments that were changed, and arrays that share memory."""

import numpy as np

WORDS = {"and": "{one} and {other}", "argument": "one of the arguments", "list": "the list {name}"}


def changes(before, after, names):
    """Find the first argument that was changed.

    Parameters
    ----------
    before : sequence
        The arguments as they were: networks, arrays, lists of pairs.
    after : sequence
        The copies that the function got.
    names : sequence of str
        The arguments' names.

    Returns
    -------
    str
        What was changed, such as "net.weights[0]" or "X"; nothing if nothing was.
    """
    for old, new, name in zip(before, after, names, strict=True):
        changed = _change(old, new, name)
        if changed:
            return changed
    return ""


def _change(old, new, name):
    if isinstance(old, np.ndarray):
        same = isinstance(new, np.ndarray) and old.shape == new.shape and old.dtype == new.dtype
        return "" if same and np.array_equal(old, new) else name
    if isinstance(old, list | tuple):
        if not isinstance(new, list | tuple) or len(new) != len(old):
            return WORDS["list"].format(name=name)
        for index, (a, b) in enumerate(zip(old, new, strict=True)):
            changed = _change(a, b, f"{name}[{index}]")
            if changed:
                return changed
        return ""
    if hasattr(old, "weights"):
        for part in ("sizes", "weights", "biases"):
            changed = _change(getattr(old, part), getattr(new, part, None), f"{name}.{part}")
            if changed:
                return changed
        return ""
    return "" if old == new else name


def shared(arrays, others):
    """Find two arrays that share memory.

    Parameters
    ----------
    arrays : list of pairs (str, array)
        The arrays that a function returned, and their names.
    others : sequence
        Further arrays, networks, or lists of arrays, with which they must not share memory.

    Returns
    -------
    str
        Which two; nothing if none do.
    """
    owners = {}
    for name, array in arrays:
        other = owners.setdefault(id(_owner(array)), name)
        if other != name:
            return WORDS["and"].format(one=other, other=name)
    foreign = {id(_owner(array)) for array in _arrays(others)}
    for name, array in arrays:
        if id(_owner(array)) in foreign:
            return WORDS["and"].format(one=name, other=WORDS["argument"])
    return ""


def _owner(array):
    """The array that a view is a window on, through all windows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _arrays(part)
    elif hasattr(value, "weights"):
        yield from _arrays([value.weights, value.biases])
