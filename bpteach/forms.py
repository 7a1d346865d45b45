"""What `sgd` and `evaluate` are given, in our form or the book's: updates and methods, examples and lists of pairs."""

import copy
import functools
import inspect
from numbers import Integral

import numpy as np

from bpteach.arguments import name_of, require_columns, require_network, require_pairs
from bpteach.locale import _

RATES = ("eta", "η", "lr", "alpha", "rate", "learning_rate", "learningRate", "step_size")


def as_step(update):
    """Give any form of update as a function of (net, X, Y, eta).

    It may be a function or a method, and take (mini_batch, eta) or (X, Y, eta) beside the network: three arguments or
    four, those not counted that may be left out.
    """
    function = as_function(update)
    needed = required(function)
    if needed == 4:
        return function
    if needed == 3:
        return lambda net, X, Y, eta: function(net, columns(X, Y), eta)
    message = _(
        "update is {found}: expected update_mini_batch(net, mini_batch, eta) or "
        "update_mini_batch_matrix(net, X, Y, eta), or a function that takes the same arguments."
    )
    raise TypeError(message.format(found=name_of(update)))


def required(function):
    """Count the arguments that must be given, and a rate that need not be; any number (*arguments) counts as four."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except Exception:  # an object whose attributes raise, too
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return 4
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in positional if p.default is p.empty]
    has_own_rate = not {*needed} & {*RATES} and any(p.name in RATES for p in positional)
    return len(needed) + has_own_rate


def columns(X, Y):
    """Cut a mini-batch into its columns: a list of pairs (x, y)."""
    return [(X[:, i : i + 1], Y[:, i : i + 1]) for i in range(X.shape[1])]


def as_function(method):
    """Give a method of a class like the book's as a function of any network; leave a function as it is.

    Where the network is of another class, the method works on an object of its own class that has the network's arrays.
    """
    mine = getattr(method, "__self__", None)
    bound = hasattr(mine, "weights") and hasattr(mine, "biases")
    owner = type(mine) if bound else class_of(method)
    if owner is None:
        return method
    inner = getattr(method, "__func__", method)

    @functools.wraps(inner)
    def function(net, *arguments):
        own = net
        if not isinstance(net, owner):
            own = copy.copy(mine) if bound else owner.__new__(owner)
            vars(own).update(vars(net), num_layers=len(net.weights) + 1)
        inner(own, *arguments)
        net.weights, net.biases = own.weights, own.biases

    return function


def class_of(function):
    """Find the class in whose body a function was written; None for any other function, and for a static method.

    What a decorator has made, and takes `self` or whatever it is given, is looked for in all classes.
    """
    path = getattr(function, "__qualname__", "").split(".")[:-1]
    if not inspect.isfunction(function) or not path:
        return None
    name, code = path[-1], function.__code__
    takes_anything = not code.co_argcount and code.co_flags & inspect.CO_VARARGS
    if name == "<locals>" and not takes_anything and code.co_varnames[:1] != ("self",):
        return None
    seen, waiting = {}, [object]  # by their ids: some classes have an == of their own, and one warns or stops
    while waiting:
        each = waiting.pop()
        if name in ("<locals>", each.__name__) and any(value is function for value in vars(each).values()):
            return each
        seen[id(each)] = each
        waiting += [below for below in type.__subclasses__(each) if id(below) not in seen]
    return None


def as_examples(name, net, data):
    """Give the data as examples; refuse what does not fit the network."""
    sizes = require_network(net)
    if (isinstance(data, list | tuple) and not hasattr(data, "training")) or hasattr(data, "__next__"):
        return Pairs(name, data, sizes)
    if not all(hasattr(data, part) for part in ("__len__", "columns", "labels")):
        message = _("{name} is {found}: expected examples, such as load_mnist().training, or a list of pairs (x, y).")
        raise TypeError(message.format(name=name, found=name_of(data)))
    if len(data) == 0:
        raise ValueError(_("{name} is empty: expected at least one example.").format(name=name))
    X, Y = data.columns([0])
    for what, columns, n in ((_("inputs"), X, sizes[0]), (_("desired outputs"), Y, sizes[-1])):
        if len(columns) != n:
            message = _(
                "{name} has {what} of {found} numbers: expected {what} of {expected} numbers, since the network's "
                "sizes are {sizes}."
            )
            raise ValueError(message.format(name=name, what=what, found=len(columns), expected=n, sizes=sizes))
    return data


class Pairs:
    """A list of pairs (x, y) or (x, label), as examples: it has `len()`, `columns` and `labels`."""

    def __init__(self, name, pairs, sizes):
        require_pairs(name, pairs)
        self.pairs, self.desired = pairs, np.zeros((len(pairs), sizes[-1]))
        for i, (x, y) in enumerate(pairs):
            require_columns(f"{name}[{i}][0]", x, sizes[0], sizes, 1)
            if not isinstance(y, Integral):
                require_columns(f"{name}[{i}][1]", y, sizes[-1], sizes, 1)
                self.desired[i] = y[:, 0]
            elif 0 <= y < sizes[-1]:
                self.desired[i, y] = 1
            else:
                message = _(
                    "{name}[{i}][1] is the label {y}: expected 0 to {most}, since the network's sizes are {sizes}."
                )
                raise ValueError(message.format(name=name, i=i, y=y, most=sizes[-1] - 1, sizes=list(sizes)))
        self.labels = self.desired.argmax(axis=1)

    def __len__(self):
        return len(self.pairs)

    def columns(self, indices, dtype=np.float64):
        X = np.stack([self.pairs[i][0][:, 0] for i in indices]).astype(dtype)
        return X.T, self.desired[indices].astype(dtype).T
