"""Our gradient, in our shapes, from PyTorch, JAX and scikit-learn, each of which is loaded only when asked for."""

from fractions import Fraction

import numpy as np

from bpteach.arguments import require_mini_batch, require_one_of
from bpteach.backpropagation import forward_pass
from bpteach.functions import cost_derivative, sigmoid_prime
from bpteach.gradcheck import relative_error
from bpteach.locale import _
from bpteach.performance.optional import needed

#: Where a step is large beside the weights, their difference loses no digits. A power of two divides without rounding.
ETA = 2.0**20

#: scikit-learn's settings for our neurons and steps: sigmoids, plain gradient descent, no momentum, no penalty
PLAIN = {"activation": "logistic", "solver": "sgd", "momentum": 0, "nesterovs_momentum": False, "alpha": 0}


def torch_model(net):
    """Make the same network of PyTorch's layers, `nn.Linear`, `nn.Sigmoid`, and so on; it takes rows, (m, n_1)."""
    torch = needed("torch")
    layers = []
    for w, b in zip(net.weights, net.biases, strict=True):
        with torch.random.fork_rng(devices=[]):  # it draws numbers, which are replaced at once
            linear = torch.nn.Linear(w.shape[1], w.shape[0])
        linear.weight, linear.bias = (torch.nn.Parameter(torch.tensor(array)) for array in (w, b[:, 0]))
        layers += [linear, torch.nn.Sigmoid()]
    return torch.nn.Sequential(*layers)


def gradient_of_torch(model):
    """Read the gradient that `backward()` has left in a model of `torch_model`, the biases' as columns."""
    linear = list(model)[::2]
    nabla_b = [layer.bias.grad.numpy().reshape(-1, 1).copy() for layer in linear]
    return nabla_b, [layer.weight.grad.numpy().copy() for layer in linear]


def torch_gradient(net, X, Y):
    """Compute the gradient of `backprop_matrix`, in its shapes, with PyTorch."""
    torch = needed("torch")
    require_mini_batch(net, X, Y)
    model = torch_model(net)
    difference = model(torch.tensor(X.T)) - torch.tensor(Y.T)
    (difference**2).sum().div(2).backward()
    return gradient_of_torch(model)


def jax_gradient(net, X, Y):
    """Compute the gradient of `backprop_matrix`, in its shapes, with JAX."""
    jax = needed("jax")
    require_mini_batch(net, X, Y)

    def cost(biases, weights):
        A = X
        for b, w in zip(biases, weights, strict=True):
            A = jax.nn.sigmoid(w @ A + b)
        return ((A - Y) ** 2).sum() / 2

    was_wide = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)  # else float64 becomes float32, in silence
    try:
        gradient = jax.jit(jax.grad(cost, argnums=(0, 1)))(net.biases, net.weights)
        nabla_b, nabla_w = ([np.array(array) for array in arrays] for arrays in gradient)
    finally:
        jax.config.update("jax_enable_x64", was_wide)
    return nabla_b, nabla_w


def sklearn_model(net, kind, eta):
    """Make the same network as a model of scikit-learn, which takes a plain step for up to 200 rows, (m, n_1).

    The outputs of a "classifier" are sigmoid neurons (if there are two or more); of a "regressor", weighted inputs.
    """
    require_one_of("kind", kind, ("classifier", "regressor"))
    neural_network = needed("sklearn").neural_network
    settings = PLAIN | {"learning_rate_init": eta, "shuffle": False, "random_state": 0}
    settings["hidden_layer_sizes"] = tuple(net.sizes[1:-1])
    inputs, outputs = np.zeros((2, net.sizes[0]), net.weights[0].dtype), np.zeros((2, net.sizes[-1]), int)
    if kind == "classifier":
        outputs[0] = 1
        model = neural_network.MLPClassifier(**settings)
        model.partial_fit(inputs, outputs, classes=np.arange(net.sizes[-1]))
    else:
        model = neural_network.MLPRegressor(**settings)
        model.partial_fit(inputs, _targets(outputs))
    model.coefs_ = [w.T.copy() for w in net.weights]  # that first step only made the model's arrays
    model.intercepts_ = [b[:, 0].copy() for b in net.biases]
    return model


def gradient_of_sklearn(net, model, eta):
    """Work out the gradient of the one step that a model of `sklearn_model(net, …)` has taken: (old − new)/η."""
    nabla_b = [(b - new.reshape(-1, 1)) / eta for b, new in zip(net.biases, model.intercepts_, strict=True)]
    return nabla_b, [(w - new.T) / eta for w, new in zip(net.weights, model.coefs_, strict=True)]


def sklearn_gradient(net, X, Y):
    """Compute the gradient of `backprop_matrix`, in its shapes, with scikit-learn, all but the way back's first line.

    Its regressor has no σ at the output: its δ there is z − t, where t is the target; with t = z − δ that is our δ.
    """
    require_mini_batch(net, X, Y)
    Zs, activations = forward_pass(net, X)
    Delta = cost_derivative(activations[-1], Y) * sigmoid_prime(Zs[-1])  # BP1
    model = sklearn_model(net, "regressor", ETA)
    m = X.shape[1]
    model.set_params(batch_size=m)
    model.partial_fit(X.T, _targets((Zs[-1] - Delta).T))
    nabla_b, nabla_w = gradient_of_sklearn(net, model, ETA)
    return [m * nb for nb in nabla_b], [m * nw for nw in nabla_w]  # its cost is a mean over the examples


def _targets(rows):
    return rows[:, 0] if rows.shape[1] == 1 else rows  # a single output is wanted flat


#: The three, by the libraries' names
GRADIENTS = {"PyTorch": torch_gradient, "JAX": jax_gradient, "scikit-learn": sklearn_gradient}


def factor_of(found, expected):
    """Find the fraction that turns one gradient into another, right to 1e-12 everywhere; None if there is none.

    >>> right = [np.array([[1.0]])], [np.array([[2.0, 3.0]])]
    >>> mean = [np.array([[0.25]])], [np.array([[0.5, 0.75]])]
    >>> print(factor_of(mean, right))
    1/4
    """
    mine, theirs = [*found[0], *found[1]], [*expected[0], *expected[1]]
    shapes = [[np.shape(array) for array in arrays] for arrays in (mine, theirs)]
    if shapes[0] != shapes[1]:
        message = _(
            "found and expected have arrays of other shapes: {found} and {expected}; bring them into one form first."
        )
        raise ValueError(message.format(found=shapes[0], expected=shapes[1]))
    flat, other = (np.concatenate([np.ravel(array) for array in arrays]) for arrays in (mine, theirs))
    size = other @ other
    if not np.isfinite(flat).all() or not size:
        return None
    factor = Fraction(float(flat @ other / size)).limit_denominator(100_000)
    pairs = zip(mine, theirs, strict=True)
    return factor if all(relative_error(f, float(factor) * np.asarray(e)) <= 1e-12 for f, e in pairs) else None


def recognise(array, known):
    """Find an array among others, known by name, as it is or transposed; give its name, or say that it is none."""
    for name, other in known.items():
        for words, turned in ((name, other), (_("{name}, transposed").format(name=name), other.T)):
            if np.shape(array) == turned.shape and relative_error(array, turned) < 1e-12:
                return words
    return _("none of them")
