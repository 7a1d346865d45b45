"""Our gradient from the libraries that people use: PyTorch, JAX and scikit-learn, each loaded only when asked for.

The functions take a network and a mini-batch in our shapes, compute the gradient in the library's, and give it back in
ours. None of the libraries has to be installed.
"""

import importlib
import sys
from fractions import Fraction

import numpy as np

from bpteach.arguments import check_mini_batch
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.gradcheck import relative_error

WORDS = {
    "missing": "{library} is not installed, so what needs it does nothing (to have it, run %pip install {package} in a "
    "cell of its own, then this cell again).",
    "broken": "{library} is installed but does not load, so what needs it does nothing ({error}).",
    "needed": "{library} is not installed, and this needs it: python -m pip install {package}.",
    "kind": "kind is {found!r}: expected 'classifier' or 'regressor'.",
    "shapes": "found and expected have arrays of other shapes: {found} and {expected}; bring them into one form first.",
    "transposed": "{name}, transposed",
    "unknown": "none of them",
}

#: What the libraries are called in prose, and what pip calls them where that is not the module's name.
NAMES = {"torch": "PyTorch", "jax": "JAX", "sklearn": "scikit-learn"}
PACKAGES = {"sklearn": "scikit-learn"}

#: Where a step is large beside the weights, their difference loses no digits. A power of two divides without rounding.
ETA = 2.0**20


def optional(name):
    """Import a library if it is there; if not, say so in one sentence.

    Parameters
    ----------
    name : str
        What `import` takes, such as "torch" or "sklearn.neural_network".

    Returns
    -------
    module or None
        What `import` binds, the package before the first dot; None if it cannot be had.
    """
    package = name.split(".")[0]
    library = NAMES.get(package, package)
    try:
        importlib.import_module(name)
    except Exception as error:  # a library may fail in its own way: the lesson goes on without it
        is_missing = isinstance(error, ModuleNotFoundError) and error.name in (package, name)
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        words = WORDS["missing" if is_missing else "broken"]
        print(words.format(library=library, package=PACKAGES.get(package, package), error=reason))
        return None
    return sys.modules[package]


def _needed(name):
    """Import a library, or refuse in one sentence."""
    package = name.split(".")[0]
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        library = NAMES.get(package, package)
        raise ImportError(WORDS["needed"].format(library=library, package=PACKAGES.get(package, package))) from error
    return sys.modules[package]


# --- PyTorch ---------------------------------------------------------------------------------------------------------


def torch_model(net):
    """Make the same network of PyTorch's layers: `nn.Linear`, `nn.Sigmoid`, and so on.

    Parameters
    ----------
    net : Network
        The network; its numbers are copied.

    Returns
    -------
    torch.nn.Sequential
        Takes examples as rows, (m, n_1).

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    """
    torch = _needed("torch")
    layers = []
    for w, b in zip(net.weights, net.biases, strict=True):
        with torch.random.fork_rng(devices=[]):  # it draws numbers, which are replaced at once
            linear = torch.nn.Linear(w.shape[1], w.shape[0])
        linear.weight, linear.bias = (torch.nn.Parameter(torch.tensor(array)) for array in (w, b[:, 0]))
        layers += [linear, torch.nn.Sigmoid()]
    return torch.nn.Sequential(*layers)


def gradient_of_torch(model):
    """Read the gradient that `backward()` has left in a model of `torch_model`.

    Parameters
    ----------
    model : torch.nn.Sequential
        The model.

    Returns
    -------
    nabla_b : list of arrays, shapes (n_l, 1)
        What stands in each `bias.grad`, as a column.
    nabla_w : list of arrays, shapes (n_l, n_{l-1})
        What stands in each `weight.grad`.
    """
    linear = list(model)[::2]
    nabla_b = [layer.bias.grad.numpy().reshape(-1, 1).copy() for layer in linear]
    return nabla_b, [layer.weight.grad.numpy().copy() for layer in linear]


def torch_gradient(net, X, Y):
    """Compute the gradient of `backprop_matrix` with PyTorch.

    Parameters
    ----------
    net : Network
        The network; it is not changed.
    X : array, shape (n_1, m)
        The inputs, one column an example.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.

    Returns
    -------
    nabla_b : list of arrays, shapes of `net.biases`
        The sum of ∂C_x/∂b over the columns.
    nabla_w : list of arrays, shapes of `net.weights`
        The sum of ∂C_x/∂w over the columns.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    """
    torch = _needed("torch")
    check_mini_batch(net, X, Y)
    model = torch_model(net)
    difference = model(torch.tensor(X.T)) - torch.tensor(Y.T)
    (difference**2).sum().div(2).backward()
    return gradient_of_torch(model)


# --- JAX -------------------------------------------------------------------------------------------------------------


def jax_gradient(net, X, Y):
    """Compute the gradient of `backprop_matrix` with JAX.

    Parameters
    ----------
    net : Network
        The network; it is not changed.
    X : array, shape (n_1, m)
        The inputs, one column an example.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.

    Returns
    -------
    nabla_b : list of arrays, shapes of `net.biases`
        The sum of ∂C_x/∂b over the columns.
    nabla_w : list of arrays, shapes of `net.weights`
        The sum of ∂C_x/∂w over the columns.

    Raises
    ------
    ImportError
        If JAX is not installed.
    """
    jax = _needed("jax")
    check_mini_batch(net, X, Y)

    def _cost(biases, weights):
        A = X
        for b, w in zip(biases, weights, strict=True):
            A = jax.nn.sigmoid(w @ A + b)
        return ((A - Y) ** 2).sum() / 2

    was_wide = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)  # else float64 becomes float32, in silence
    try:
        gradient = jax.jit(jax.grad(_cost, argnums=(0, 1)))(net.biases, net.weights)
        nabla_b, nabla_w = ([np.array(array) for array in arrays] for arrays in gradient)
    finally:
        jax.config.update("jax_enable_x64", was_wide)
    return nabla_b, nabla_w


# --- scikit-learn ----------------------------------------------------------------------------------------------------


def sklearn_model(net, kind, eta):
    """Make the same network as a model of scikit-learn, which takes plain steps: no momentum, no penalty.

    Parameters
    ----------
    net : Network
        The network; its numbers are copied.
    kind : {"classifier", "regressor"}
        An `MLPClassifier`, whose outputs are sigmoid neurons if there are two or more of them, each with a label of its
        own; or an `MLPRegressor`, whose outputs are the weighted inputs.
    eta : float
        The learning rate.

    Returns
    -------
    sklearn.neural_network.MLPClassifier or MLPRegressor
        Takes examples as rows, (m, n_1), at most 200 of them; `partial_fit` takes one step.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        If `kind` is neither.
    """
    neural_network = _needed("sklearn.neural_network").neural_network
    if kind not in ("classifier", "regressor"):
        raise ValueError(WORDS["kind"].format(found=kind))
    hidden = tuple(net.sizes[1:-1])
    plain = {"momentum": 0, "nesterovs_momentum": False, "alpha": 0, "shuffle": False, "random_state": 0}
    settings = {"activation": "logistic", "solver": "sgd", "learning_rate_init": eta, **plain}
    inputs, outputs = np.zeros((2, net.sizes[0]), net.weights[0].dtype), np.zeros((2, net.sizes[-1]), int)
    if kind == "classifier":
        outputs[0] = 1
        model = neural_network.MLPClassifier(hidden_layer_sizes=hidden, **settings)
        model.partial_fit(inputs, outputs, classes=np.arange(net.sizes[-1]))
    else:
        model = neural_network.MLPRegressor(hidden_layer_sizes=hidden, **settings)
        model.partial_fit(inputs, _targets(outputs))
    model.coefs_ = [w.T.copy() for w in net.weights]  # that first step only made the model's arrays
    model.intercepts_ = [b[:, 0].copy() for b in net.biases]
    return model


def gradient_of_sklearn(net, model, eta):
    """Work out the gradient of the one step that a model of `sklearn_model` has taken: (old − new)/η.

    Parameters
    ----------
    net : Network
        The network as it was before the step.
    model : sklearn.neural_network.MLPClassifier or MLPRegressor
        The model after the step.
    eta : float
        The model's learning rate.

    Returns
    -------
    nabla_b : list of arrays, shapes (n_l, 1)
        The gradient of each `intercepts_`, as a column.
    nabla_w : list of arrays, shapes (n_l, n_{l-1})
        The gradient of each `coefs_`, transposed.
    """
    nabla_b = [(b - new.reshape(-1, 1)) / eta for b, new in zip(net.biases, model.intercepts_, strict=True)]
    return nabla_b, [(w - new.T) / eta for w, new in zip(net.weights, model.coefs_, strict=True)]


def sklearn_gradient(net, X, Y):
    """Compute the gradient of `backprop_matrix` with scikit-learn, all but the first line of the way back.

    Its regressor has no σ at the output: its δ there is z − t, where t is the target. With t = z − δ that is our δ,
    which (BP1) gives; how the error goes further back, and the gradients, are scikit-learn's own.

    Parameters
    ----------
    net : Network
        The network; it is not changed.
    X : array, shape (n_1, m)
        The inputs, one column an example.
    Y : array, shape (n_L, m)
        The desired outputs, one column an example.

    Returns
    -------
    nabla_b : list of arrays, shapes of `net.biases`
        The sum of ∂C_x/∂b over the columns.
    nabla_w : list of arrays, shapes of `net.weights`
        The sum of ∂C_x/∂w over the columns.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    """
    check_mini_batch(net, X, Y)
    A, m = X, X.shape[1]
    for b, w in zip(net.biases, net.weights, strict=True):
        Z = w @ A + b
        A = sigmoid(Z)
    Delta = cost_derivative(A, Y) * sigmoid_prime(Z)  # BP1
    model = sklearn_model(net, "regressor", ETA)
    model.set_params(batch_size=m)
    model.partial_fit(X.T, _targets((Z - Delta).T))
    nabla_b, nabla_w = gradient_of_sklearn(net, model, ETA)
    return [m * nb for nb in nabla_b], [m * nw for nw in nabla_w]  # its cost is a mean over the examples


def _targets(rows):
    """A single output is wanted flat."""
    return rows[:, 0] if rows.shape[1] == 1 else rows


#: The three, by the libraries' names.
GRADIENTS = {"PyTorch": torch_gradient, "JAX": jax_gradient, "scikit-learn": sklearn_gradient}


# --- compare ---------------------------------------------------------------------------------------------------------


def factor_of(found, expected):
    """Find the number that turns one gradient into another, if it is the same number everywhere.

    Parameters
    ----------
    found : pair (nabla_b, nabla_w)
        A gradient.
    expected : pair (nabla_b, nabla_w)
        The gradient that it may be a multiple of.

    Returns
    -------
    Fraction or None
        What `expected` is to be multiplied with, to give `found` with a relative error of at most 1e-12; None if there
        is no such fraction with a denominator up to 100,000.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> right = [np.array([[1.0]])], [np.array([[2.0, 3.0]])]
    >>> mean = [np.array([[0.25]])], [np.array([[0.5, 0.75]])]
    >>> print(factor_of(mean, right))
    1/4
    """
    pairs = list(zip([*found[0], *found[1]], [*expected[0], *expected[1]], strict=True))
    shapes = [[np.shape(pair[which]) for pair in pairs] for which in (0, 1)]
    if shapes[0] != shapes[1]:
        raise ValueError(WORDS["shapes"].format(found=shapes[0], expected=shapes[1]))
    mine, theirs = (np.concatenate([np.ravel(pair[which]) for pair in pairs]) for which in (0, 1))
    size = theirs @ theirs
    if not np.isfinite(mine).all() or not size:
        return None
    factor = Fraction(float(mine @ theirs / size)).limit_denominator(100_000)
    return factor if all(relative_error(f, float(factor) * np.asarray(e)) <= 1e-12 for f, e in pairs) else None


def recognise(array, known):
    """Find an array among others, as it is or transposed.

    Parameters
    ----------
    array : array of any shape
        What is to be found.
    known : dict of str to array
        The others, by their names.

    Returns
    -------
    str
        The name, with a word if it is transposed; or that it is none of them.
    """
    for name, other in known.items():
        for words, turned in (("{name}", other), (WORDS["transposed"], other.T)):
            if np.shape(array) == turned.shape and relative_error(array, turned) < 1e-12:
                return words.format(name=name)
    return WORDS["unknown"]
