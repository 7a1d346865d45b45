"""What several test modules share: networks and mini-batches, drawn at random or from a seed, and ways to compare."""

import itertools
import linecache
import re
import sys

import numpy as np
import pytest
from hypothesis import strategies as st

from bpteach import Network, update_mini_batch
from conftest import run

seeds = st.integers(0, 2**32 - 1)
layer_sizes = st.lists(st.integers(1, 8), min_size=2, max_size=6)
_numbers = itertools.count()


def seeded(sizes, m, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    net = Network.random(sizes, rng, dtype=dtype)
    return net, rng.random((sizes[0], m)).astype(dtype), rng.random((sizes[-1], m)).astype(dtype)


@st.composite
def networks_with_mini_batches(draw, sizes=layer_sizes):
    return seeded(draw(sizes), draw(st.integers(1, 12)), draw(seeds))


def pairs(X, Y):
    return [(X[:, [i]], Y[:, [i]]) for i in range(X.shape[1])]


def by_loop(net, X, Y, eta):
    """Take a step by the loop, with the arguments of the matrix form."""
    update_mini_batch(net, pairs(X, Y), eta)


def refused(error, call, *words):
    """Call what must be refused, with exactly this error and one sentence that has these words; give the sentence."""
    with pytest.raises(error) as refusal:
        call()
    assert type(refusal.value) is error
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    message = str(refusal.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert ". " not in message
    for word in words:
        assert word in message, message
    return message


def refusing(make, rows):
    """Make the test of a table of what `make` must refuse: what it is given, the error, and words of its message."""

    @pytest.mark.parametrize(("given", "error", "words"), rows, ids=[words for _given, _error, words in rows])
    def test_it_refuses(given, error, words):
        with pytest.raises(error, match=re.escape(words)):
            make(given)

    return test_it_refuses


def flat(gradient):
    nabla_b, nabla_w = gradient
    return np.concatenate([array.ravel() for array in (*nabla_b, *nabla_w)])


def parameters(net):
    return flat((net.biases, net.weights))


def distance(found, expected):
    """Measure how far two vectors are apart, as a share of the second."""
    assert found.shape == expected.shape
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


def snapshot(net):
    return list(net.sizes), [array.tobytes() for array in (*net.biases, *net.weights)]


def textbook_cost(X, Y):
    """Make the function that computes the summed cost of a network, written from the formulas alone."""

    def cost_of(net):
        A = X
        for b, w in zip(net.biases, net.weights, strict=True):
            A = 1 / (1 + np.exp(-(w.dot(A) + b)))
        return ((A - Y) ** 2).sum() / 2

    return cost_of


def by_hand(net, X, Y):
    """Compute z, a and δ of every layer with sums written out, by the book's number of the layer."""
    depth = len(net.sizes)
    a, z, delta = {1: X}, {}, {}
    for l in range(2, depth + 1):
        w, b = net.weights[l - 2], net.biases[l - 2]
        z[l] = np.einsum("jk,km->jm", w, a[l - 1]) + b
        a[l] = 1 / (1 + np.exp(-z[l]))
    delta[depth] = (a[depth] - Y) * a[depth] * (1 - a[depth])
    for l in range(depth - 1, 1, -1):
        delta[l] = np.einsum("kj,km->jm", net.weights[l - 1], delta[l + 1]) * a[l] * (1 - a[l])
    return z, a, delta


def run_code(code):
    return run(sys.executable, "-c", code)


def written(source, name, space=None):
    """Make the function of this name that a source text defines; `inspect` and tracebacks find its lines."""
    file = f"<text {next(_numbers)}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    space = {} if space is None else space
    exec(compile(source, file, "exec"), space)
    return space[name]
