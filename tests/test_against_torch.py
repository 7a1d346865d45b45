"""A second opinion: PyTorch's automatic differentiation, which shares no code with ours."""

import numpy as np
import pytest

from bpteach import backprop, backprop_matrix, feedforward
from conftest import need
from strategies import distance, flat, pairs, seeded

pytestmark = pytest.mark.pytorch

ARCHITECTURES = [[3, 2], [4, 3, 2], [5, 5, 5, 5], [7, 1, 6], [6, 8, 4, 3, 2], [2, 3, 4, 5, 4, 3], [784, 30, 10]]
EVERY_ARCHITECTURE = pytest.mark.parametrize("sizes", ARCHITECTURES, ids=str)


@pytest.fixture(scope="module")
def torch():
    need("torch")
    import torch

    torch.set_num_threads(1)
    return torch


def in_torch(torch, net, X, Y):
    """Compute output and gradient by automatic differentiation, with rows for examples and torch's own layers."""
    layers = []
    for w, b in zip(net.weights, net.biases, strict=True):
        layer = torch.nn.Linear(w.shape[1], w.shape[0]).double()
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(w))
            layer.bias.copy_(torch.tensor(b[:, 0]))
        layers += [layer, torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers)
    output = model(torch.tensor(X.T.copy()))
    (torch.nn.functional.mse_loss(output, torch.tensor(Y.T.copy()), reduction="sum") / 2).backward()
    nabla_b = [layer.bias.grad.numpy()[:, None] for layer in layers[::2]]
    nabla_w = [layer.weight.grad.numpy() for layer in layers[::2]]
    return output.detach().numpy().T, (nabla_b, nabla_w)


@EVERY_ARCHITECTURE
def test_the_gradient_of_each_example_is_that_of_torch(torch, sizes):
    net, X, Y = seeded(sizes, 5)
    for x, y in pairs(X, Y):
        assert_equal_gradients(backprop(net, x, y), in_torch(torch, net, x, y)[1])


@EVERY_ARCHITECTURE
@pytest.mark.parametrize("m", [1, 3, 32])
def test_the_gradient_of_a_mini_batch_and_the_output_are_those_of_torch(torch, sizes, m):
    net, X, Y = seeded(sizes, m, seed=m)
    output, gradient = in_torch(torch, net, X, Y)
    assert_equal_gradients(backprop_matrix(net, X, Y), gradient)
    np.testing.assert_allclose(feedforward(net, X), output, rtol=1e-12)


def assert_equal_gradients(found, expected):
    assert distance(flat(found), flat(expected)) < 1e-12
    for mine, theirs in zip((*found[0], *found[1]), (*expected[0], *expected[1]), strict=True):
        assert distance(mine, theirs) < 1e-12
