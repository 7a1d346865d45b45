"""The code of backpropagation, to read and to run: from a loop over examples to matrices of a whole mini-batch.

Everything here needs NumPy alone. The program to read is `functions` (σ and σ′), `network`, `backpropagation` and
`training`. Pictures are in `figures` (Matplotlib), widgets in `widgets` (anywidget), mistakes in `diagnosis.mistakes`.
"""

from importlib import import_module

from bpteach.backpropagation import backprop, backprop_matrix, feedforward
from bpteach.functions import cost, cost_derivative, sigmoid, sigmoid_prime
from bpteach.gradcheck import compare_gradients, numerical_gradient, relative_error
from bpteach.mnist import Examples, load_mnist
from bpteach.network import Network
from bpteach.training import evaluate, sgd, update_mini_batch, update_mini_batch_matrix

__version__ = "0.1.0"

__all__ = [
    "Diagnosis",
    "Examples",
    "Network",
    "backprop",
    "backprop_matrix",
    "check_backprop",
    "check_backprop_matrix",
    "check_network",
    "check_update",
    "compare_gradients",
    "cost",
    "cost_derivative",
    "evaluate",
    "feedforward",
    "load_mnist",
    "numerical_gradient",
    "relative_error",
    "sgd",
    "sigmoid",
    "sigmoid_prime",
    "update_mini_batch",
    "update_mini_batch_matrix",
]

#: Imported when it is first asked for: a training needs none of it, and starts sooner
DIAGNOSIS = ("Diagnosis", "check_backprop", "check_backprop_matrix", "check_network", "check_update")


def __getattr__(name):
    if name != "diagnosis" and name not in DIAGNOSIS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    diagnosis = import_module("bpteach.diagnosis")
    return diagnosis if name == "diagnosis" else getattr(diagnosis, name)


def __dir__():
    return sorted({*globals(), *DIAGNOSIS, "diagnosis"})
