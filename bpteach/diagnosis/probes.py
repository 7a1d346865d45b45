"""The small networks and mini-batches on which a reader's function is tried."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bpteach.arguments import check_count
from bpteach.backpropagation import backprop_matrix
from bpteach.network import Network

# Layers of equal size and as many examples let wrong shapes pass, so that the mistake shows in the numbers;
# unequal ones show what holds for square layers only. With four layers a wrong index can hide behind a loop that is
# too short, with five it cannot. One hidden layer, and none, belong to the usual cases.
SHAPES = (
    ((4, 4, 4, 4), 4),
    ((4, 4, 4, 4), 4),
    ((4, 4, 4, 4, 4), 4),
    ((3, 5, 4, 2), 7),
    ((3, 4, 2), 1),
    ((3, 2), 5),
)
RATES = (0.7, 0.3, 0.5, 1.3, 0.9, 0.2)


@dataclass
class Probe:
    """A network, a mini-batch, and a learning rate; with `single`, for a function of one example."""

    net: Network
    X: np.ndarray
    Y: np.ndarray
    eta: float = 1.0
    single: bool = False

    @cached_property
    def right(self):
        """The right gradient, summed over the mini-batch."""
        return backprop_matrix(self.net, self.X, self.Y)

    @property
    def m(self):
        return self.X.shape[1]


def probes(seed, single=False):
    """Draw the probes; the first two have the same sizes."""
    check_count("seed", seed, least=0)
    rng = np.random.default_rng(seed)
    return [_probe(list(sizes), m, eta, rng, single) for (sizes, m), eta in zip(SHAPES, RATES, strict=True)]


def _probe(sizes, m, eta, rng, single):
    m = 1 if single else m
    net = Network.random(sizes, rng, scaled=True)  # small weights: no neuron saturates
    return Probe(net, rng.standard_normal((sizes[0], m)), rng.uniform(size=(sizes[-1], m)), eta, single)
