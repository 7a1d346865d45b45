"""What the benchmark times: one step of gradient descent on a mini-batch of digits, taken in several ways.

Each function is given a network, digits and the mini-batch size, and makes a `Contestant`: it prepares what its library
wants (rows, tensors), so that only the step is timed.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import numpy as np

from bpteach.locale import N_
from bpteach.performance.libraries import PLAIN, torch_model
from bpteach.performance.speedups import take_bare_steps
from bpteach.training import update_mini_batch, update_mini_batch_matrix

#: Small, so that no weights grow without end while the same mini-batch is taken over and over
ETA = 0.01


@dataclass
class Contestant:
    """One way to take steps."""

    run: Callable  # takes no arguments, and so many steps:
    steps: int = 1
    parameters: Callable | None = None  # gives weights and biases as they are now, in the order of `flat_parameters`


def flat_parameters(weights, biases):
    """Lay weights and biases end to end, to compare what two contestants have learned."""
    return np.concatenate([np.asarray(array).ravel() for array in (*weights, *biases)])


def columns(net, data, m):
    """Gather the first mini-batch, (n_1, m) and (n_L, m)."""
    return data.columns(slice(m), net.weights[0].dtype)


def matrix_step(net, data, m):
    return _ours(update_mini_batch_matrix, net, *columns(net, data, m))


def loop(update, net, data, m):
    """Make a step of ours, (net, mini_batch, eta)."""
    X, Y = columns(net, data, m)
    return _ours(update, net, [(X[:, [i]], Y[:, [i]]) for i in range(m)])


def _ours(update, net, *examples):
    net = net.copy()
    return Contestant(lambda: update(net, *examples, ETA), parameters=lambda: flat_parameters(net.weights, net.biases))


def tensors(net, data, m):
    """Gather the first mini-batch as PyTorch expects it: one row an example, contiguous."""
    import torch

    return [torch.from_numpy(np.ascontiguousarray(array.T)) for array in columns(net, data, m)]


def torch_eager(net, data, m):
    """Make PyTorch as it is mostly used: `nn.Sequential`, autograd, `optim.SGD`."""
    import torch

    X, Y = tensors(net, data, m)
    model = torch_model(net)
    optimizer = torch.optim.SGD(model.parameters(), lr=ETA)
    squares = torch.nn.MSELoss(reduction="sum")

    def step():
        optimizer.zero_grad()
        (squares(model(X), Y) / (2 * m)).backward()  # the mean of C_x = ½‖a − y‖²
        optimizer.step()

    def parameters():
        return flat_parameters(*([p.detach().numpy() for p in [*model.parameters()][i::2]] for i in (0, 1)))

    return Contestant(step, parameters=parameters)


def torch_by_hand(net, data, m):
    """Make our step in PyTorch, without autograd: the same lines, with PyTorch's fused operations."""
    import torch

    X, Y = tensors(net, data, m)
    weights = [torch.from_numpy(w.copy()) for w in net.weights]
    biases = [torch.from_numpy(b.ravel().copy()) for b in net.biases]

    def step():
        A, inputs = X, []
        for b, w in zip(biases, weights, strict=True):
            inputs.append(A)
            A = torch.sigmoid(torch.addmm(b, A, w.t()))  # (25), rows in the place of columns
        Delta = (A - Y) * A * (1 - A) * (ETA / m)  # BP1
        for b, w, A in reversed([*zip(biases, weights, inputs, strict=True)]):
            below = torch.mm(Delta, w) * A * (1 - A) if A is not X else None  # BP2
            w.addmm_(Delta.t(), A, alpha=-1)  # BP4 and (20) in one
            b -= Delta.sum(0)  # BP3, (21)
            Delta = below

    return Contestant(step, parameters=lambda: flat_parameters(weights, biases))


def scikit_learn(net, data, m):
    """Make scikit-learn's `MLPClassifier.fit`, two epochs of plain gradient descent, shuffled as ever.

    The same network and matrix products; but the cost, which it does not let one choose, is cross-entropy with softmax,
    and the mini-batches are gathered from a float copy of the data.
    """
    from sklearn.neural_network import MLPClassifier

    # examples enough for what is paid once not to count: about a thousand, at least ten mini-batches
    data = data[: m * min(max(10, 1000 // m), len(data) // m)]
    rows, epochs = np.ascontiguousarray(columns(net, data, len(data))[0].T), 2
    long = {"max_iter": epochs, "tol": 0, "n_iter_no_change": epochs + 1}
    settings = PLAIN | {"batch_size": m, "learning_rate_init": ETA, "random_state": 0} | long
    model = MLPClassifier(net.sizes[1:-1], **settings)

    def fit():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that two epochs are too few
            model.fit(rows, data.labels)

    return Contestant(fit, steps=epochs * (len(data) // m))


#: The contestants by the names that the tables show, and the module that each needs
CONTESTANTS = {
    N_("matrix step"): (matrix_step, None),  # all others are compared with it
    N_("loop"): (partial(loop, update_mini_batch), None),
    N_("bare loop"): (partial(loop, take_bare_steps), None),
    "PyTorch": (torch_eager, "torch"),
    N_("PyTorch by hand"): (torch_by_hand, "torch"),
    "scikit-learn": (scikit_learn, "sklearn"),
}


def installed():
    """Split the contestants' names into those that can run here and those whose library is missing or broken."""
    present = [name for name, (_make, module) in CONTESTANTS.items() if module is None or _loads(module)]
    return present, [name for name in CONTESTANTS if name not in present]


def _loads(module):
    try:
        import_module(module)
    except (ImportError, OSError):  # OSError: a library of its own is missing
        return False
    return True
