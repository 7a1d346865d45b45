"""What every mistake of the catalogue does: to gradients, to a gradient check, and to a training."""

import copy
import re
from contextlib import closing
from dataclasses import dataclass
from functools import cache

import numpy as np

from bpteach.arguments import name_of, require_network
from bpteach.backpropagation import feedforward
from bpteach.diagnosis import CATALOGUE, faulty, faulty_update
from bpteach.diagnosis.comparison import EXACT, agree, arrays_of, look
from bpteach.diagnosis.sharing import changes, shared
from bpteach.functions import cost
from bpteach.gradcheck import numerical_gradient, relative_error
from bpteach.locale import _, aligned, width_of
from bpteach.network import Network
from bpteach.training import progress_bar, sgd, take_step, update_mini_batch_matrix

#: Where mistakes are looked at: the sizes of a network, how many examples, and how many steps it was trained for.
#: The first shows every mistake; each of the others hides some.
PROBES = {
    "fresh": ([4, 4, 4, 4], 4, 0),
    "one hidden layer": ([4, 4, 4], 4, 0),
    "one example": ([4, 4, 4, 4], 1, 0),
    "trained": ([4, 4, 4, 4], 4, 4000),
}

#: Checks in use: how two gradients are compared, and the tolerance.
CHECKS = (("relative", 1e-7), ("relative", 1e-2), ("absolute", 1e-4), ("absolute", 1e-2))


def arguments_of(name):
    """Make net, X and Y of one of `PROBES`, the same in every call."""
    if not isinstance(name, str) or name not in PROBES:
        refusal = _("probe is {found}: expected one of {expected}.")
        raise ValueError(refusal.format(found=name_of(name), expected=_(", ").join(map(repr, PROBES))))
    return copy.deepcopy(_made(name))


@cache
def _made(name):
    sizes, m, steps = PROBES[name]
    rng = np.random.default_rng(20)
    net = Network.random(sizes, rng)
    X = rng.random((sizes[0], m))
    Y = np.eye(sizes[-1])[:, np.arange(m) % sizes[-1]]
    for _step in range(steps):
        update_mini_batch_matrix(net, X, Y, 3.0)
    return net, X, Y


@dataclass(frozen=True)
class Effect:
    """What a function gives for ∂C/∂b and ∂C/∂w, beside the numerical gradient."""

    found: tuple | None  # None if it raises
    expected: tuple
    raised: str = ""
    changed: str = ""  # which argument was changed that should not be
    shares: bool = False  # whether two of the arrays that it returns share memory

    @property
    def pairs(self):
        """For each layer from the first (found, expected) of the biases, and the same of the weights."""
        count = len(self.expected[0])
        found = self.found or ([None] * count, [None] * count)
        biases, weights = (zip(f, e, strict=True) for f, e in zip(found, self.expected, strict=True))
        return list(zip(biases, weights, strict=True))

    @property
    def looks(self):
        """For each layer from the first what its biases and its weights look like beside the right ones."""
        return [(look(*b), look(*w)) for b, w in self.pairs]

    def __str__(self):
        """Lay out as a table what each array looks like, one line a layer."""
        if self.found is None:
            return self.raised
        rows = [(_("layer"), "∂C/∂b", "∂C/∂w")]
        rows += [(l, b.words, w.words) for l, (b, w) in enumerate(self.looks, start=2)]
        width = max(30, *(width_of(b) + 1 for _layer, b, _w in rows))
        return "\n".join(aligned(row, 8, width, 0) for row in rows)


def attempt(name, probe):
    """Compute a gradient with a mistake of the catalogue, and beside it the numerical gradient.

    For a mistake of the update step, `found` is what its second step amounts to: (old − new) · m/η.

    Parameters
    ----------
    name : str
        The mistake.
    probe : str
        Where it is looked at: a name of `PROBES`.

    Returns
    -------
    Effect
        Both gradients, summed over the mini-batch.

    Raises
    ------
    TypeError
        If `name` is no string.
    ValueError
        If `name` is not in the catalogue, or there is no such probe.
    """
    require_mistake("name", name)
    return _compare_step(faulty_update(name), probe) if CATALOGUE[name].is_of_the_step else compare(faulty(name), probe)


def compare(function, probe):
    """Call a function like `backprop_matrix`, and put the numerical gradient beside what it returns.

    Parameters
    ----------
    function : callable
        Takes (net, X, Y), returns (nabla_b, nabla_w), summed over the mini-batch.
    probe : str
        Where it is looked at: a name of `PROBES`.

    Returns
    -------
    Effect
        Both gradients.

    Raises
    ------
    ValueError
        If there is no such probe.
    """
    given, kept, expected = arguments_of(probe), arguments_of(probe), _expected(probe)
    try:
        with np.errstate(all="ignore"):
            found = function(*given)
    except Exception as error:
        return Effect(None, expected, raised=_told(error))
    changed = changes(kept, given, ("net", "X", "Y"))
    named = [(f"array {i}", array) for i, array in enumerate(arrays_of(found)) if array is not None]
    return Effect(tuple(map(list, found)), expected, changed=changed, shares=bool(shared(named, ())))


def wrong_gradients(probe):
    """Gather the gradients of all mistakes whose numbers are wrong on one of the probes.

    Parameters
    ----------
    probe : str
        A name of `PROBES`.

    Returns
    -------
    wrong : dict of str to pair of lists of arrays
        For each mistake of a gradient: its ∂C/∂b and ∂C/∂w. Some arrays may have a wrong shape.
    expected : pair of lists of arrays
        The numerical gradient.

    Raises
    ------
    ValueError
        If there is no such probe.
    """
    wrong, expected = {}, _numerical(*arguments_of(probe))
    for name, entry in CATALOGUE.items():
        found = None if entry.is_of_the_step else attempt(name, probe).found
        if found and not accepts(found, expected, "relative", EXACT):
            wrong[name] = found
    return wrong, expected


@cache
def _expected(name):
    return _numerical(*arguments_of(name))


def _numerical(net, X, Y):
    return numerical_gradient(lambda changed: cost(feedforward(changed, X.astype(complex)), Y), net)


def _compare_step(update, name):
    net, X, Y = arguments_of(name)
    try:
        with np.errstate(all="ignore"):
            update(net, X, Y, 1.0)
            old = net.copy()
            update(net, X, Y, 1.0)
    except Exception as error:
        return Effect(None, _numerical(net, X, Y), raised=_told(error))
    parts = ((old.biases, net.biases), (old.weights, net.weights))
    found = tuple([(a - b) * X.shape[1] for a, b in zip(*pair, strict=True)] for pair in parts)
    return Effect(found, _numerical(old, X, Y))


def _told(error):
    """Tell an exception in one line, the sizes where a matrix product does not fit."""
    message = str(error).partition("\n")[0]
    sizes = re.search(r"size (\d+) is different from (\d+)", message)
    if sizes:  # NumPy names the signature of its function, which says less
        message = _("a matrix product does not fit, {one} numbers meet {other}").format(one=sizes[1], other=sizes[2])
    return f"{type(error).__name__}: {message}"


def accepts(found, expected, kind, tolerance):
    """Do what a gradient check does: accept a gradient if it is near enough, array by array.

    Parameters
    ----------
    found : pair of lists of arrays, or None
        ∂C/∂b and ∂C/∂w, to be judged.
    expected : pair of lists of arrays
        What they should be.
    kind : {"relative", "absolute"}
        Compare ‖found − expected‖ / ‖expected‖ of each array with the tolerance, or every difference of two numbers.
    tolerance : float
        The largest that is accepted.

    Returns
    -------
    bool
        Whether all arrays are accepted; a wrong shape never is.

    Raises
    ------
    ValueError
        If `kind` is unknown.
    """
    if kind not in ("relative", "absolute"):
        raise ValueError(_("kind is {found!r}: expected 'relative' or 'absolute'.").format(found=kind))
    if found is None:
        return False
    pairs = list(zip(arrays_of(found), arrays_of(expected), strict=True))
    if any(np.shape(f) != np.shape(e) for f, e in pairs):
        return False
    distance = relative_error if kind == "relative" else lambda f, e: float(np.max(np.abs(f - e)))
    return all(distance(f, e) <= tolerance for f, e in pairs)


@dataclass(frozen=True)
class Curve:
    """How a training went."""

    accuracy: tuple  # the share of the test data read right after each epoch; empty if the training did not run
    stopped: str = ""  # why it did not run
    shows: bool = True  # False: the network became, number by number, what it becomes with right code


def accuracy_curves(net, data, test_data, names=None, *, epochs=3, mini_batch_size=10, eta=3.0, seed=0, progress=True):
    """Train a network once the right way, and once with each mistake: same start, same mini-batches.

    Parameters
    ----------
    net : Network
        Where every training starts; copies of it are trained.
    data : Examples
        What to train on.
    test_data : Examples
        What to count right answers on after each epoch.
    names : list of str, optional
        Mistakes of the catalogue; without it, all.
    epochs : int
        How many times to go through `data`.
    mini_batch_size : int
        Examples in a mini-batch, m.
    eta : float
        The learning rate η.
    seed : int
        What the shuffling starts from, the same for all.
    progress : bool
        Show a progress bar.

    Returns
    -------
    dict of str to Curve
        "right", and then one for each name.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a name is not in the catalogue, or the data do not fit the network.
    """
    require_network(net)
    names = list(CATALOGUE) if names is None else accepted_names(names)

    def trained(update):
        learner, rng = net.copy(), np.random.default_rng(seed)
        options = {"update": update, "test_data": test_data, "progress": False, "on_interrupt": "raise"}
        history = sgd(learner, data, epochs, mini_batch_size, eta, rng, **options)
        return tuple(history.accuracy), (learner.biases, learner.weights)

    accuracy, right = trained(update_mini_batch_matrix)
    curves = {"right": Curve(accuracy)}
    with closing(progress_bar(len(names), progress, unit=_("training"))) as bar:
        for name in names:
            try:
                with np.errstate(all="ignore"):
                    accuracy, found = trained(_update_with(name))
                curves[name] = Curve(accuracy, shows=not agree(found, right, 1e-6))
            except Exception as error:
                curves[name] = Curve((), _told(error))
            bar.update()
    return curves


def _update_with(name):
    if CATALOGUE[name].is_of_the_step:
        return faulty_update(name)
    gradient = faulty(name)

    def update(net, X, Y, eta):
        nabla_b, nabla_w = gradient(net, X, Y)
        for found, parameter in zip([*nabla_b, *nabla_w], [*net.biases, *net.weights], strict=True):
            if np.shape(found) != parameter.shape:
                words = _("a gradient has shape {found}, expected {expected}")
                raise ValueError(words.format(found=np.shape(found), expected=parameter.shape))
        take_step(net, nabla_b, nabla_w, eta / X.shape[1])

    return update


def accepted_names(names):
    """Give names of the catalogue as a list; refuse anything else."""
    if isinstance(names, str) or not hasattr(names, "__iter__"):
        raise TypeError(_("names is {found}: expected a list of names of the catalogue.").format(found=name_of(names)))
    names = list(names)
    for i, name in enumerate(names):
        require_mistake(f"names[{i}]", name)
    return names


def require_mistake(argument, name):
    """Refuse anything but the name of a mistake of the catalogue."""
    if not isinstance(name, str) or name not in CATALOGUE:
        refused = ValueError if isinstance(name, str) else TypeError
        words = _("{argument} is {found}: expected a mistake of the catalogue, such as {expected}.")
        raise refused(words.format(argument=argument, found=name_of(name), expected=repr(next(iter(CATALOGUE)))))
