"""What every mistake of the catalogue does to gradients, to a gradient check, and to a training."""

import copy
import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from bpteach.arguments import check_network, name_of
from bpteach.backpropagation import feedforward
from bpteach.diagnosis import CATALOGUE, faulty, faulty_update
from bpteach.functions import cost
from bpteach.gradcheck import numerical_gradient, relative_error
from bpteach.network import Network
from bpteach.training import sgd, take_step, update_mini_batch_matrix

WORDS = {
    "no such mistake": "{found} is no mistake of the catalogue: expected a name such as {expected}.",
    "no names": "names is {found}: expected a list of names of the catalogue.",
    "no such probe": "probe is {found}: expected one of {expected}.",
    "no such check": "kind is {found!r}: expected 'relative' or 'absolute'.",
    "bar": "training",
    "exact": "exact",
    "zero": "zero",
    "factor": "× {factor}",
    "shape": "shape {found}, expected {expected}",
    "wrong": "wrong ({error})",
    "not finite": "not finite",
    "raises": "{kind}: {message}",
    "sizes": "a matrix product does not fit, {one} numbers meet {other}",
    "wrong shape": "{name} of layer {layer} has shape {found}, expected {expected}",
    "biases": "∂C/∂b",
    "weights": "∂C/∂w",
    "layer": "layer",
    "row": "{layer!s:<8}{b:<30}{w}",
    "X": "X",
    "Y": "Y",
    "a weight": "the weights",
    "a bias": "the biases",
}

#: Mistakes of the update step: it is the step that is looked at, not a gradient function.
IN_THE_STEP = ("updated-too-early", "update-inside-sample-loop", "accumulator-not-reset", "biases-never-updated")

#: Below this relative error two arrays are called exact.
EXACT = 1e-9

ETA = 1.0  # for the mistakes of the update step
STEPS = 4000  # that the trained probe has taken


@dataclass(frozen=True)
class Probe:
    """Where a mistake is looked at: a small network and a mini-batch.

    Attributes
    ----------
    sizes : tuple of int
        Neurons in each layer.
    m : int
        Examples in the mini-batch.
    trained : bool
        Whether the network has learned these examples.
    """

    sizes: tuple
    m: int
    trained: bool = False

    def make(self):
        """Make the network and the mini-batch, the same in every call.

        Returns
        -------
        net : Network
            The network.
        X : array, shape (n_1, m)
            The inputs.
        Y : array, shape (n_L, m)
            The desired outputs.
        """
        net, X, Y = _made(self)
        return net.copy(), X.copy(), Y.copy()


#: The first shows every mistake; each of the others hides some.
PROBES = {
    "fresh": Probe((4, 4, 4, 4), 4),
    "one hidden layer": Probe((4, 4, 4), 4),
    "one example": Probe((4, 4, 4, 4), 1),
    "trained": Probe((4, 4, 4, 4), 4, trained=True),
}

#: Checks in use: how two gradients are compared, and the tolerance.
CHECKS = (("relative", 1e-7), ("relative", 1e-2), ("absolute", 1e-4), ("absolute", 1e-2))


@cache
def _made(probe):
    rng = np.random.default_rng(20)
    net = Network.random(list(probe.sizes), rng)
    X = rng.random((probe.sizes[0], probe.m))
    Y = np.eye(probe.sizes[-1])[:, np.arange(probe.m) % probe.sizes[-1]]
    for _ in range(STEPS if probe.trained else 0):
        update_mini_batch_matrix(net, X, Y, 3.0)
    return net, X, Y


# --- gradients -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """A wrong gradient beside the right one.

    Attributes
    ----------
    found : pair of lists of arrays, or None
        ∂C/∂b and ∂C/∂w as the mistake has them; None if it raises.
    expected : pair of lists of arrays
        What they should be: the numerical gradient.
    raised : str
        What was raised, or nothing.
    changed : tuple of str
        Which arguments were changed that should not be.
    shares : bool
        Whether two of the arrays returned are windows on one.
    """

    found: tuple | None
    expected: tuple
    raised: str = ""
    changed: tuple = ()
    shares: bool = False

    def __str__(self):
        """Lay out as a table what each array looks like, one line a layer."""
        if self.found is None:
            return self.raised
        looks = [(look(*b).words, look(*w).words) for b, w in self.pairs]
        lines = [WORDS["row"].format(layer=WORDS["layer"], b=WORDS["biases"], w=WORDS["weights"])]
        lines += [WORDS["row"].format(layer=l, b=b, w=w) for l, (b, w) in enumerate(looks, start=2)]
        return "\n".join(lines)

    @property
    def pairs(self):
        """Both gradients, layer by layer from the first.

        Returns
        -------
        list of pairs of pairs
            For each layer (found, expected) of the biases, and the same of the weights; None is what was not found.
        """
        count = len(self.expected[0])
        found = self.found or ([None] * count, [None] * count)
        biases, weights = (zip(f, e, strict=True) for f, e in zip(found, self.expected, strict=True))
        return list(zip(biases, weights, strict=True))


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
    Attempt
        Both gradients, summed over the mini-batch.

    Raises
    ------
    ValueError
        If `name` is not in the catalogue, or there is no such probe.
    """
    check_names([name])
    if name in IN_THE_STEP:
        return _compare_step(faulty_update(name), *_probe(probe).make())
    return compare(faulty(name), probe)


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
    Attempt
        Both gradients.

    Raises
    ------
    ValueError
        If there is no such probe.
    """
    (net, X, Y), (net_before, X_before, Y_before) = _probe(probe).make(), _probe(probe).make()
    expected = _expected(PROBES[probe])
    try:
        with np.errstate(all="ignore"):
            found = function(net, X, Y)
    except Exception as error:
        return Attempt(None, expected, _raised(error))
    before = {"X": [X_before], "Y": [Y_before], "a weight": net_before.weights, "a bias": net_before.biases}
    after = {"X": [X], "Y": [Y], "a weight": net.weights, "a bias": net.biases}
    changed = tuple(WORDS[part] for part in before if not _same(before[part], after[part]))
    arrays = [array for part in found for array in part if array is not None]
    return Attempt(tuple(map(list, found)), expected, changed=changed, shares=_share(arrays))


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
    expected = _expected(_probe(probe))
    attempts = {name: attempt(name, probe).found for name in CATALOGUE if name not in IN_THE_STEP}
    wrong = {
        name: found
        for name, found in attempts.items()
        if found is not None and not accepts(found, expected, "relative", EXACT)
    }
    return wrong, copy.deepcopy(expected)


def _probe(name):
    if not isinstance(name, str) or name not in PROBES:
        expected = ", ".join(map(repr, PROBES))
        raise ValueError(WORDS["no such probe"].format(found=name_of(name), expected=expected))
    return PROBES[name]


@cache
def _expected(probe):
    return _numerical(*probe.make())


def _compare_step(update, net, X, Y):
    m = X.shape[1]
    try:
        with np.errstate(all="ignore"):
            update(net, X, Y, ETA)
            old = net.copy()
            update(net, X, Y, ETA)
    except Exception as error:
        return Attempt(None, _numerical(net, X, Y), _raised(error))
    parts = ((old.biases, net.biases), (old.weights, net.weights))
    found = tuple([(a - b) * m / ETA for a, b in zip(*pair, strict=True)] for pair in parts)
    return Attempt(found, _numerical(old, X, Y))


def _numerical(net, X, Y):
    return numerical_gradient(lambda probe: cost(feedforward(probe, X.astype(complex)), Y), net)


def _raised(error):
    message = str(error).partition("\n")[0]
    sizes = re.search(r"size (\d+) is different from (\d+)", message)
    if sizes:  # NumPy names the signature of its function, which says less
        message = WORDS["sizes"].format(one=sizes[1], other=sizes[2])
    return WORDS["raises"].format(kind=type(error).__name__, message=message)


def _same(arrays, others):
    return all(np.array_equal(a, b) for a, b in zip(arrays, others, strict=True))


def _share(arrays):
    return any(np.may_share_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@dataclass(frozen=True)
class Look:
    """What an array of a gradient looks like beside the right one.

    Attributes
    ----------
    kind : {"exact", "zero", "factor", "shape", "wrong", "none"}
        The kind.
    words : str
        The same in words, with a number if there is one.
    """

    kind: str
    words: str


def look(found, expected):
    """Tell what an array looks like beside the right one.

    Parameters
    ----------
    found : array or None
        What was computed.
    expected : array
        What it should be.

    Returns
    -------
    Look
        Exact, zero, a constant factor, a wrong shape, or wrong.

    Examples
    --------
    >>> look(np.array([2.0, 4.0]), np.array([1.0, 2.0])).words
    '× 2'
    """
    if found is None:
        return Look("none", "")
    if np.shape(found) != np.shape(expected):
        return Look("shape", WORDS["shape"].format(found=np.shape(found), expected=np.shape(expected)))
    if not np.isfinite(found).all():
        return Look("wrong", WORDS["not finite"])
    error = relative_error(found, expected)
    if error < EXACT:
        return Look("exact", WORDS["exact"])
    if not np.any(found):
        return Look("zero", WORDS["zero"])
    factor = float(np.vdot(expected, found) / np.vdot(expected, expected))
    if np.size(found) > 1 and relative_error(found, factor * expected) < EXACT:
        return Look("factor", WORDS["factor"].format(factor=f"{factor:.3g}".replace("-", "−")))
    return Look("wrong", WORDS["wrong"].format(error=f"{error:.2g}"))


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
        raise ValueError(WORDS["no such check"].format(found=kind))
    if found is None:
        return False
    pairs = list(zip([*found[0], *found[1]], [*expected[0], *expected[1]], strict=True))
    if any(np.shape(f) != np.shape(e) for f, e in pairs):
        return False
    distance = relative_error if kind == "relative" else lambda f, e: float(np.max(np.abs(f - e)))
    return all(distance(f, e) <= tolerance for f, e in pairs)


# --- trainings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Curve:
    """How a training went.

    Attributes
    ----------
    accuracy : tuple of float
        The share of the test data read right after each epoch; empty if the training did not run.
    stopped : str
        Why it did not run, or nothing.
    """

    accuracy: tuple
    stopped: str = ""


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
    check_network(net)
    names = list(CATALOGUE) if names is None else check_names(names)
    rest = (mini_batch_size, eta)
    history = _trained(net, data, test_data, epochs, rest, seed, update_mini_batch_matrix)
    curves = {"right": Curve(tuple(history.accuracy))}
    for name in _with_bar(names, progress):
        try:
            with np.errstate(all="ignore"):
                history = _trained(net, data, test_data, epochs, rest, seed, _update_with(name))
        except Exception as error:
            curves[name] = Curve((), str(error) if isinstance(error, _WrongShapeError) else _raised(error))
        else:
            curves[name] = Curve(tuple(history.accuracy))
    return curves


def _trained(net, data, test_data, epochs, rest, seed, update):
    rng = np.random.default_rng(seed)
    history = sgd(net.copy(), data, epochs, *rest, rng, update=update, test_data=test_data, progress=False)
    if history.interrupted:
        raise KeyboardInterrupt
    return history


def _update_with(name):
    """Give the training step that makes a mistake."""
    if name in IN_THE_STEP:
        return faulty_update(name)
    gradient = faulty(name)

    def update(net, X, Y, eta):
        nabla_b, nabla_w = gradient(net, X, Y)
        _check_shapes(net, nabla_b, nabla_w)
        take_step(net, nabla_b, nabla_w, eta / X.shape[1])

    return update


class _WrongShapeError(ValueError):
    """A gradient that no step can be taken with."""


def _check_shapes(net, nabla_b, nabla_w):
    for name, found, parameters in (("biases", nabla_b, net.biases), ("weights", nabla_w, net.weights)):
        for layer, (f, p) in enumerate(zip(found, parameters, strict=True), start=2):
            if np.shape(f) != p.shape:
                details = {"name": WORDS[name], "layer": layer, "found": np.shape(f), "expected": p.shape}
                raise _WrongShapeError(WORDS["wrong shape"].format(**details))


def _with_bar(names, shown):
    try:
        from tqdm.auto import tqdm
    except ImportError:  # the bar is a comfort, not a need
        return names
    return tqdm(names, desc=WORDS["bar"], disable=not shown)


def check_names(names):
    """Refuse anything but names of the catalogue.

    Parameters
    ----------
    names : list of str
        The names.

    Returns
    -------
    list of str
        The same.

    Raises
    ------
    TypeError
        If it is no list.
    ValueError
        If one is not in the catalogue.
    """
    if isinstance(names, str) or not hasattr(names, "__iter__"):
        raise TypeError(WORDS["no names"].format(found=name_of(names)))
    names = list(names)
    for name in names:
        if not isinstance(name, str) or name not in CATALOGUE:
            raise ValueError(WORDS["no such mistake"].format(found=name_of(name), expected=repr(next(iter(CATALOGUE)))))
    return names
