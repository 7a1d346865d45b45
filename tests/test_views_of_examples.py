"""What the widgets that show a network's examples have in common, without a browser."""

import functools
import json
import re

import numpy as np
import pytest

from bpteach import Network, backprop_matrix, feedforward, load_mnist
from bpteach.widgets import BackpropStepper, DeltaDepthView, DeltaView, MiniBatchExplorer
from pictures import still, texts_of

KINDS = {
    "DeltaView": DeltaView,
    "DeltaDepthView": DeltaDepthView,
    "DeltaDepthView of epochs": lambda net, *examples, **choices: DeltaDepthView(
        [net, net.copy()] if isinstance(net, Network) else net, *examples, **choices
    ),
    "MiniBatchExplorer": MiniBatchExplorer,
    "MiniBatchExplorer of weights": lambda *arguments, **choices: MiniBatchExplorer(
        *arguments, layer=2, quantity="nabla_w", **choices
    ),
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
STEPPER = {"BackpropStepper": functools.partial(BackpropStepper, backprop_matrix, step=8)}
with_the_stepper = pytest.mark.parametrize("kind", (KINDS | STEPPER).values(), ids=KINDS | STEPPER)


def small(sizes=(9, 5, 4, 2), count=3, dtype=np.float64):
    rng = np.random.default_rng(0)
    net = Network.random(list(sizes), rng, dtype=dtype)
    X, labels = rng.random((sizes[0], count)).astype(dtype), rng.integers(sizes[-1], size=count)
    return net, X, np.eye(sizes[-1], dtype=dtype)[:, labels]


def arrays_of(net, X, Y):
    return [X, Y, *net.weights, *net.biases]


def saturated(count=3):
    net, X, Y = small(count=count)
    for b in net.biases:
        b += 1e4
    return net, X, Y


def size_of(widget):
    """Count the bytes that are sent to the page; there is no NaN in them."""
    state = widget.get_state()
    binary = {name: value for name, value in state.items() if isinstance(value, bytes)}
    rest = {name: value for name, value in state.items() if name not in binary}
    return sum(map(len, binary.values())) + len(json.dumps(rest, allow_nan=False))


@with_the_stepper
def test_what_it_was_given_is_left_as_it_is_and_later_training_changes_nothing(kind):
    given = small()
    before = [array.copy() for array in arrays_of(*given)]
    widget = kind(*given)
    assert all(map(np.array_equal, before, arrays_of(*given)))
    seen = []
    for change in (0, 1):
        for array in arrays_of(*given):
            array += change
        for widget.example in (0, 2):
            seen.append((widget.text, widget._still()))
    assert seen[:2] == seen[2:]


@with_the_stepper
@pytest.mark.parametrize(
    "given",
    [small(), small(count=1), small(dtype=np.float32), small([8, 2]), small([1, 1]), saturated()],
    ids=["usual", "one example", "float32", "no image, one layer", "one neuron", "saturated"],
)
def test_it_takes_networks_of_every_kind(kind, given):
    widget = kind(*given)
    assert size_of(widget) > 0
    assert still(widget)
    count = given[1].shape[1]
    assert repr(widget).endswith("1 example)" if count == 1 else f"{count} examples)")
    assert repr(given[0]) in repr(widget)


@every_kind
def test_outputs_that_are_no_classes_get_no_label(kind):
    net, X, Y = small()
    widget = kind(net, X, Y * 0.5)
    said = " ".join([widget.text, *texts_of(widget)])
    assert re.match("(Epoch 0, e|E)xample 0[.:] ", widget.text)
    assert "read" not in said
    assert "labelled" not in said
    assert re.search("read", " ".join(texts_of(kind(net, X, Y))))


@pytest.mark.parametrize("kind", [DeltaView, DeltaDepthView])
@pytest.mark.parametrize(("w", "words"), [(1, "error shrinks from"), (8, "error grows from"), (4, "error is 0.0")])
def test_the_sentence_says_whether_the_error_shrinks_or_grows(kind, w, words):
    zero = np.zeros((1, 1))
    net = Network([1, 1, 1], [zero, zero + w], [zero, zero])  # z² = 0, so δ² = w · δ³ / 4
    assert words in kind(net, zero, feedforward(net, zero) - 0.52)._still()[0]


NET, X, Y = small()


@every_kind
@pytest.mark.parametrize(
    ("given", "choice", "error", "words"),
    [
        ((NET, X.T, Y), {}, ValueError, "expected"),
        ((NET, X, Y[:, :2]), {}, ValueError, "expected"),
        ((NET, X[:, :0], Y[:, :0]), {}, ValueError, "expected"),
        ((NET, X, [1, 2]), {}, TypeError, "Y is"),
        (([9, 2], X, Y), {}, TypeError, "expected a Network"),
        ((NET, X, Y), {"example": 3}, ValueError, "example is 3: expected 0 to 2, a column of X."),
        ((NET, X, Y), {"examples": 2}, TypeError, "examples"),
    ],
)
def test_it_refuses(kind, given, choice, error, words):
    with pytest.raises(error, match=words):
        kind(*given, **choice)


@pytest.mark.parametrize(
    ("kind", "sizes", "epochs", "count", "most"),
    [
        (DeltaView, [784, 30, 30, 30, 30, 10], 1, 10, 500_000),
        (DeltaDepthView, [784, 30, 30, 10], 31, 32, 1_000_000),
        (DeltaDepthView, [784, 30, 30, 10], 31, 200, 4_000_000),
        (DeltaDepthView, [784] + [30] * 9 + [10], 1, 200, 4_000_000),
        (MiniBatchExplorer, [784, 30, 30, 10], 1, 32, 4_000_000),
    ],
)
def test_what_a_page_is_sent_is_small(kind, sizes, epochs, count, most):
    net = Network.random(sizes, np.random.default_rng(0))
    nets = [net.copy() for _ in range(epochs)] if epochs > 1 else net
    assert size_of(kind(nets, *load_mnist().training.columns(range(count)))) < most
