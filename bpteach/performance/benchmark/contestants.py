"""What the benchmark times: one step of gradient descent on a mini-batch of digits, taken in several ways.

Each function makes a `Contestant`: it prepares what its library wants (rows, tensors), so that only the step is timed.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import numpy as np

from bpteach.mnist import Examples
from bpteach.network import Network
from bpteach.performance.libraries import PLAIN, torch_model
from bpteach.performance.speedups import as_in_lesson_7, take_bare_steps
from bpteach.training import sgd, update_mini_batch, update_mini_batch_matrix

#: Small, so that no weights grow without end while the same mini-batch is taken over and over
ETA = 0.01


@dataclass
class Contestant:
    """One way to take steps."""

    run: Callable  # takes no arguments, and so many steps:
    steps: int = 1
    parameters: Callable | None = None  # gives weights and biases as they are now, in the order of `flat_parameters`


@dataclass
class Task:
    """What every contestant is given: the network to begin with, digits, and the mini-batch size."""

    net: Network
    data: Examples
    m: int

    @property
    def dtype(self):
        return self.net.weights[0].dtype

    def columns(self):
        """Gather the first mini-batch, (n_1, m) and (n_L, m)."""
        return self.data.columns(slice(self.m), self.dtype)

    def tensors(self):
        """Gather the first mini-batch as PyTorch expects it: one row an example, contiguous."""
        import torch

        return [torch.from_numpy(np.ascontiguousarray(array.T)) for array in self.columns()]

    def epoch(self):
        """Take examples enough for what is paid once not to count: about a thousand, at least ten mini-batches."""
        return self.data[: self.m * min(max(10, 1000 // self.m), len(self.data) // self.m)]


def flat_parameters(weights, biases):
    """Lay weights and biases end to end, to compare what two contestants have learned."""
    return np.concatenate([np.asarray(array).ravel() for array in (*weights, *biases)])


def matrix(update, task):
    """Make a step of ours, (net, X, Y, eta)."""
    return _ours(task, update, *task.columns())


def loop(update, task):
    """Make a step of ours, (net, mini_batch, eta)."""
    X, Y = task.columns()
    return _ours(task, update, [(X[:, [i]], Y[:, [i]]) for i in range(task.m)])


def _ours(task, update, *examples):
    net = task.net.copy()
    return Contestant(lambda: update(net, *examples, ETA), parameters=lambda: flat_parameters(net.weights, net.biases))


def whole_sgd(task):
    """Make an epoch of `sgd`: shuffling, gathering from bytes, and the steps."""
    data = task.epoch()
    run = partial(sgd, task.net.copy(), data, 1, task.m, ETA, np.random.default_rng(0), progress=False)
    return Contestant(run, steps=len(data) // task.m)


def torch_eager(task):
    """Make PyTorch as it is mostly used: `nn.Sequential`, autograd, `optim.SGD`."""
    import torch

    X, Y = task.tensors()
    model = torch_model(task.net)
    optimizer = torch.optim.SGD(model.parameters(), lr=ETA)
    squares = torch.nn.MSELoss(reduction="sum")

    def step():
        optimizer.zero_grad()
        (squares(model(X), Y) / (2 * task.m)).backward()  # the mean of C_x = ½‖a − y‖²
        optimizer.step()

    def parameters():
        return flat_parameters(*([p.detach().numpy() for p in [*model.parameters()][i::2]] for i in (0, 1)))

    return Contestant(step, parameters=parameters)


def torch_by_hand(task):
    """Make our step in PyTorch, without autograd: the same lines, with PyTorch's fused operations."""
    import torch

    X, Y = task.tensors()
    weights = [torch.from_numpy(w.copy()) for w in task.net.weights]
    biases = [torch.from_numpy(b.ravel().copy()) for b in task.net.biases]

    def step():
        A, inputs = X, []
        for b, w in zip(biases, weights, strict=True):
            inputs.append(A)
            A = torch.sigmoid(torch.addmm(b, A, w.t()))  # (25), rows in the place of columns
        Delta = (A - Y) * A * (1 - A) * (ETA / task.m)  # BP1
        for b, w, A in reversed([*zip(biases, weights, inputs, strict=True)]):
            below = torch.mm(Delta, w) * A * (1 - A) if A is not X else None  # BP2
            w.addmm_(Delta.t(), A, alpha=-1)  # BP4 and (20) in one
            b -= Delta.sum(0)  # BP3, (21)
            Delta = below

    return Contestant(step, parameters=lambda: flat_parameters(weights, biases))


def scikit_learn(task):
    """Make scikit-learn's `MLPClassifier.fit`, two epochs of plain gradient descent, shuffled as ever.

    The same network and matrix products; but the cost, which it does not let one choose, is cross-entropy with softmax,
    and the mini-batches are gathered from a float copy of the data.
    """
    from sklearn.neural_network import MLPClassifier

    data = task.epoch()
    rows = np.ascontiguousarray(data.columns(slice(None), task.dtype)[0].T)
    epochs = 2
    long = {"max_iter": epochs, "tol": 0, "n_iter_no_change": epochs + 1}
    settings = PLAIN | {"batch_size": task.m, "learning_rate_init": ETA, "random_state": 0} | long
    model = MLPClassifier(task.net.sizes[1:-1], **settings)

    def fit():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that two epochs are too few
            model.fit(rows, data.labels)

    return Contestant(fit, steps=epochs * (len(data) // task.m))


#: The contestants by the names that the tables show, and the module that each needs
CONTESTANTS = {
    "matrix step": (partial(matrix, update_mini_batch_matrix), None),  # all others are compared with it
    "lesson 7": (partial(matrix, as_in_lesson_7), None),
    "loop": (partial(loop, update_mini_batch), None),
    "bare loop": (partial(loop, take_bare_steps), None),
    "sgd": (whole_sgd, None),
    "PyTorch": (torch_eager, "torch"),
    "PyTorch by hand": (torch_by_hand, "torch"),
    "scikit-learn": (scikit_learn, "sklearn"),
}


def installed():
    """Split the contestants' names into those that can run here and those whose library is missing."""
    present = [name for name, (_make, module) in CONTESTANTS.items() if module is None or _imports(module)]
    return present, [name for name in CONTESTANTS if name not in present]


def _imports(module):
    try:
        import_module(module)
    except (ImportError, OSError):  # OSError: a library of its own is missing
        return False
    return True
