"""The small networks and mini-batches on which a reader's function is tried, and what came of it."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from bpteach.arguments import require_count
from bpteach.backpropagation import backprop_matrix
from bpteach.diagnosis.comparison import SAME, agree
from bpteach.diagnosis.operands import KnownArrays
from bpteach.diagnosis.report import Diagnosis
from bpteach.locale import language
from bpteach.network import Network

# the sizes of the layers, the number of examples, the learning rate
SHAPES = (
    ([4, 4, 4, 4], 4, 0.7),  # where all is equal wrong shapes pass, so that the mistake shows in the numbers
    ([4, 4, 4, 4], 4, 0.3),
    ([3, 3, 3, 3, 3], 3, 0.5),  # with four layers a wrong index can hide behind a loop that is too short
    ([3, 5, 4, 2], 7, 1.3),  # some code is right for square layers only
    ([3, 4, 2], 1, 0.9),
    ([3, 2], 5, 0.2),
)


@dataclass
class Probe:
    """A network, a mini-batch, and a learning rate; with `single`, for a function of one example."""

    net: Network
    X: np.ndarray
    Y: np.ndarray
    eta: float
    single: bool
    predictions: dict = field(default_factory=dict)  # what forms of mistakes give, once they were asked for

    @cached_property
    def expected(self):
        return backprop_matrix(self.net, self.X, self.Y)

    @cached_property
    def known(self):
        return KnownArrays(self)

    @property
    def m(self):
        return self.X.shape[1]


@dataclass
class Attempt:
    """What came of one call."""

    probe: Probe
    found: list | None = None  # the gradient that the function gave, or that its step has followed
    ended: Diagnosis | None = None  # why there is none
    changed: str = ""  # an argument that it has changed and should not have
    shared: str = ""  # arrays that share memory
    printed: str = ""

    @property
    def is_right(self):
        return self.found is not None and agree(self.found, self.probe.expected, SAME)


def probes(seed, single=False):
    """Give the probes, which nobody may change; the first two have the same sizes."""
    require_count("seed", seed, least=0)
    return _drawn(seed, single, language())


@lru_cache(maxsize=4)  # so that a second check finds what the first has computed
def _drawn(seed, single, _language):  # by which their arrays are named
    rng, drawn = np.random.default_rng(seed), []
    for sizes, m, eta in SHAPES:
        m = 1 if single else m
        net = Network.random(sizes, rng, scaled=True)  # small weights: no neuron saturates
        drawn.append(Probe(net, rng.standard_normal((sizes[0], m)), rng.uniform(size=(sizes[-1], m)), eta, single))
    return drawn
