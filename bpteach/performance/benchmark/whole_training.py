"""A whole training, from the start of Python to 95 % of the test digits, as a program of its own.

`python -m bpteach.performance.benchmark.whole_training RECIPE SEED FILE` saves the accuracies; the benchmark times it.
"""

import json
import sys
from pathlib import Path

import numpy as np

from bpteach.locale import N_
from bpteach.mnist import load_mnist
from bpteach.network import Network
from bpteach.training import sgd, update_mini_batch, update_mini_batch_matrix

#: Hidden neurons, mini-batch size, η, precision, step; the weights have variance 1/n_in
RECIPES = {
    N_("best"): (40, 25, 6.0, np.float32, update_mini_batch_matrix),
    N_("best, loop"): (40, 25, 6.0, np.float32, update_mini_batch),
    N_("book"): (30, 10, 3.0, np.float64, update_mini_batch_matrix),
    N_("book, loop"): (30, 10, 3.0, np.float64, update_mini_batch),
}


def train(recipe, seed=0, *, digits=None, enough=0.95, most=30):
    """Train until enough of the test digits are right, or for `most` epochs; give their share after each epoch."""
    hidden, m, eta, dtype, update = RECIPES[recipe]
    digits = load_mnist() if digits is None else digits
    rng = np.random.default_rng(seed)
    net = Network.random([784, hidden, 10], rng, scaled=True, dtype=dtype)
    accuracy = []
    while len(accuracy) < most and max(accuracy, default=0) < enough:
        history = sgd(net, digits.training, 1, m, eta, rng, update=update, test_data=digits.test, progress=False)
        accuracy += history.accuracy
    return accuracy


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(train(sys.argv[1], int(sys.argv[2]))))
