"""The small networks and mini-batches on which a reader's function is tried."""

from dataclasses import dataclass

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
    """A network, a mini-batch, and a learning rate."""

    net: Network
    X: np.ndarray
    Y: np.ndarray
    eta: float

    @property
    def right(self):
        """The right gradient, summed over the mini-batch.

        Returns
        -------
        pair of lists of arrays
            For biases and weights.
        """
        return backprop_matrix(self.net, self.X, self.Y)


def probes(seed, single=False):
    """Draw the probes.

    Parameters
    ----------
    seed : int
        Where the random numbers start.
    single : bool
        Mini-batches of one example.

    Returns
    -------
    list of Probe
        The first two have the same sizes.
    """
    check_count("seed", seed, least=0)
    rng = np.random.default_rng(seed)
    return [_probe(list(sizes), 1 if single else m, eta, rng) for (sizes, m), eta in zip(SHAPES, RATES, strict=True)]


def _probe(sizes, m, eta, rng):
    net = Network.random(sizes, rng, scaled=True)  # small weights: no neuron saturates
    return Probe(net, rng.standard_normal((sizes[0], m)), rng.uniform(size=(sizes[-1], m)), eta)


def become(net, other):
    """Give a network the weights and biases of another one of the same sizes. Changes `net`.

    Parameters
    ----------
    net : Network
        The network that stays the same object.
    other : Network
        The one whose numbers it gets, as copies.

    Returns
    -------
    Network
        The changed `net`.
    """
    net.sizes = list(other.sizes)
    net.weights = [w.copy() for w in other.weights]
    net.biases = [b.copy() for b in other.biases]
    return net
