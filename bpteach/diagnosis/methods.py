"""A reader's class, laid out like the book's: each of its methods as a function of a network, on objects of its own."""

import copy
import functools
import inspect

import numpy as np

from bpteach.backpropagation import backprop, feedforward
from bpteach.diagnosis.calls import stop
from bpteach.diagnosis.source import innermost
from bpteach.forms import class_of, required
from bpteach.locale import _
from bpteach.network import Network

LAYOUT = ("sizes", "num_layers", "weights", "biases")


def is_program(thing):
    """Tell whether something is a class that makes networks, or one of its objects."""
    if inspect.isclass(thing):
        return thing.__init__ is not object.__init__ and not issubclass(thing, BaseException)
    return _has_layers(thing)


def _has_layers(thing):
    try:
        return not inspect.isroutine(thing) and hasattr(thing, "weights") and hasattr(thing, "biases")
    except Exception:  # an object whose attributes raise
        return False


def method_of(program, name):
    """Give a class's or an object's method as a function of a network and more; None if it has none of this name."""
    method = inspect.getattr_static(program, name, None)
    if method is None or isinstance(method, staticmethod) or not callable(getattr(program, name)):
        return None
    return as_function(getattr(program, name), program if inspect.isclass(program) else None)


def as_function(function, owner=None):
    """Give a method of a reader's class as a function of a network and more; what is none stays as it is."""
    try:
        mine = getattr(function, "__self__", None)
        is_object = inspect.ismethod(function) and not inspect.isclass(mine)
        is_object = is_object and (_has_layers(mine) or required(function) == 2)  # else a function of (net, x, y)
        owner = owner or (type(mine) if is_object else class_of(function) or _book_of(function))
    except Exception:
        return function
    if owner is None or not is_program(owner):
        return function
    template = mine if is_object and _has_layers(mine) else None
    inner, made = getattr(function, "__func__", function), {}

    @functools.wraps(inner)
    def method(net, *arguments):
        if id(net) not in made:
            made[id(net)] = make(owner, net, template), net  # the network is kept: another could get its number
        own = made[id(net)][0]
        own.weights, own.biases = net.weights, net.biases
        try:
            return inner(own, *arguments)
        finally:
            net.weights, net.biases = getattr(own, "weights", None), getattr(own, "biases", None)

    method.owner = owner
    return method


class _Book(Network):
    """What a method of the book finds on `self`, where it is handed in without its class."""

    def __init__(self, sizes):
        net = Network.random(sizes, np.random.default_rng(0))
        super().__init__(sizes, net.weights, net.biases)
        self.num_layers = len(sizes)

    feedforward, backprop = feedforward, backprop

    def cost_derivative(self, a, y):
        return a - y


def _book_of(function):
    """Give that for a function whose first argument is called self."""
    code = getattr(innermost(function), "__code__", None)
    return _Book if code and code.co_varnames[:1] == ("self",) and inspect.isfunction(function) else None


def is_method(function):
    """Tell whether a function is what `as_function` makes of a method."""
    return "owner" in getattr(function, "__dict__", ())


def make(owner, net, template=None):
    """Make an object of a reader's class with a network's sizes and numbers, and the settings of a template."""
    arguments = _arguments(owner, net)
    if arguments is None and template is None:
        sentence = _(
            "{name} takes {signature}: expected a class that is made from the list of sizes alone, {name}([2, 3, 1]). "
            "Or hand over one that you have made: net.backprop."
        )
        stop(sentence, name=owner.__name__, signature=inspect.signature(owner))
    if arguments is None:
        own = copy.deepcopy(template)
        own.sizes = list(net.sizes)
        if hasattr(own, "num_layers"):
            own.num_layers = len(net.sizes)
    else:
        own = owner(*arguments)
        _refuse_layout(owner, own, net)
        for name, value in _settings(owner, template).items():
            setattr(own, name, value)
    own.weights, own.biases = net.weights, net.biases
    return own


def _settings(owner, template):
    """Give what a reader has set on an object after it was made, or by more than its sizes: a cost, a switch."""
    if not hasattr(template, "__dict__"):
        return {}
    usual = vars(owner(*_arguments(owner, template)))
    mine = {name: value for name, value in vars(template).items() if name not in LAYOUT}
    mine = {name: value for name, value in mine.items() if not isinstance(value, np.ndarray | list | tuple | dict)}
    return {name: value for name, value in mine.items() if name not in usual or usual[name] != value}


def _arguments(owner, net):
    """Give what an object is made from; None if that is more than sizes, or sizes, weights and biases."""
    parameters = [p for p in inspect.signature(owner).parameters.values() if p.default is p.empty]
    names = {p.name for p in parameters}
    if {"weights", "biases"} <= names and len(names) == 3:
        given = {"weights": [w.copy() for w in net.weights], "biases": [b.copy() for b in net.biases]}
        return [given.get(p.name, list(net.sizes)) for p in parameters]
    if [p.kind for p in parameters] == [inspect.Parameter.VAR_POSITIONAL]:
        return net.sizes
    needed = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [list(net.sizes)] if len(needed) == 1 or (not needed and inspect.signature(owner).parameters) else None


def _refuse_layout(owner, own, net):
    for name in ("weights", "biases"):
        found = getattr(own, name, None)
        expected = [array.shape for array in getattr(net, name)]
        shapes = [np.shape(array) for array in found] if isinstance(found, list | tuple) else None
        if shapes != expected:
            said = _("has shapes {shapes}").format(shapes=str(shapes)[1:-1]) if shapes else _("is no list")
            said = said if hasattr(own, name) else _("is not there")
            sentence = _("{owner}({sizes}).{name} {found}: expected arrays of shapes {expected}, as in the book.")
            told = {"owner": owner.__name__, "sizes": net.sizes, "name": name, "found": said}
            stop(sentence, expected=str(expected)[1:-1], **told)
