"""A whole training, from the start of Python to 95 % of the test digits, as a program of its own.

`python -m bpteach.performance.benchmark.program RECIPE` prints one line of JSON. The benchmark runs it and looks at the clock.
"""

import json
import sys

import numpy as np

from bpteach.mnist import load_mnist
from bpteach.network import Network
from bpteach.training import sgd, update_mini_batch, update_mini_batch_matrix

#: Hidden neurons, mini-batch size, η, variance of the weights 1/n_in or 1, precision, step
RECIPES = {
    "best": (40, 25, 6.0, True, np.float32, update_mini_batch_matrix),
    "best, loop": (40, 25, 6.0, True, np.float32, update_mini_batch),
    "book": (30, 10, 3.0, True, np.float64, update_mini_batch_matrix),
    "book, loop": (30, 10, 3.0, True, np.float64, update_mini_batch),
}


def train(recipe, seed=0, *, digits=None, enough=0.95, most=30):
    """Train until enough of the test digits are right.

    Parameters
    ----------
    recipe : str
        A name from `RECIPES`.
    seed : int
        The seed of the weights and the shuffling.
    digits : MNIST, optional
        The examples; without them, those that ship with the package are loaded.
    enough : float
        The share of the test digits.
    most : int
        Epochs after which it gives up.

    Returns
    -------
    list of float
        The share of the test digits that was right after each epoch.
    """
    hidden, m, eta, scaled, dtype, update = RECIPES[recipe]
    digits = load_mnist() if digits is None else digits
    rng = np.random.default_rng(seed)
    net = Network.random([784, hidden, 10], rng, scaled=scaled, dtype=dtype)
    accuracy = []
    while len(accuracy) < most and max(accuracy, default=0) < enough:
        history = sgd(net, digits.training, 1, m, eta, rng, update=update, test_data=digits.test, progress=False)
        accuracy += history.accuracy
    return accuracy


def megabytes_at_most():
    """Say how much memory this process has had in use at most.

    Returns
    -------
    float or None
        Megabytes; None where the system does not tell.
    """
    try:
        with open("/proc/self/status") as status:  # Linux; what resource says there may be the parent's
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    print(json.dumps({"accuracy": train(sys.argv[1], int(sys.argv[2])), "megabytes": megabytes_at_most()}))
