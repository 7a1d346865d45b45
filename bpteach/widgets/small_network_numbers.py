"""The numbers of a network small enough to change: those that a reader sets, and what follows from them.

Those to be set stand in one list: the inputs; for each hidden neuron its weights and its bias; for each output neuron
its weights, its bias and what is wanted of it; η. The browser computes the same (small_network.js), and writes it the
same way.
"""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from bpteach.backpropagation import backprop, forward_pass
from bpteach.functions import cost
from bpteach.locale import N_
from bpteach.network import Network
from bpteach.training import update_mini_batch

SIZES = [2, 3, 2]
HIDDEN, OUTPUT, ETA = 2, 11, 21  # where in the list the neurons' numbers begin, and where η stands
COUNT = ETA + 1

#: The least and the most that each of them can be.
LIMITS = [(-10, 10)] * 2 + [(-100, 100)] * 9 + [*[(-100, 100)] * 4, (0, 1)] * 2 + [(0, 100)]

#: Each shows one thing; `small_network_words` says which.
PRESETS = {
    N_("by hand"): [1, 2, 2, -1, 0, 1, 1, -3, -2, 0.5, 1, 1, 2, -1, -1, 1, 1, -2, 3, -1, 0, 1],
    N_("saturated"): [1, 0.5, 1.5, -1, 0, -0.5, 2, 8, 1, 1, -1, 1, -2, 1.5, 0.5, 1, -1.5, 2, 0.5, -0.5, 0, 1],
    N_("cancelling paths"): [1, 2, 2, -1, 0, 1, 1, -3, -2, 0.5, 1, 1, 3, -2, -1, 1, 1, -3, 1, 0.5, 1, 1],
    N_("wrong target"): [1, 0.5, 1.5, -1, 0, -0.5, 2, -0.5, 1, 1, -1, 2, 1, 1, -1, 0, -2, -1, -1, 1, 1, 1],
    N_("zero input"): [0, 0.5, 1.5, -1, 0, -0.5, 2, -0.5, 1, 1, -1, 1, -2, 1.5, 0.5, 1, -1.5, 2, 0.5, -0.5, 0, 1],
    N_("large η"): [1, 0.5, 1.5, -1, 0, -0.5, 2, -0.5, 1, 1, -1, 1, -2, 1.5, 0.5, 0.5, -1.5, 2, 0.5, -0.5, 0.5, 40],
}


def inputs_of(neuron):
    """Count the weights to a neuron; the neurons are numbered from 0 to 4, those of the output last."""
    return 2 if neuron < 3 else 3


def place_of(neuron, k):
    """Find where in the list number k of a neuron's stands: its weights, then its bias, for an output then y."""
    return (HIDDEN + 3 * neuron if neuron < 3 else OUTPUT + 5 * (neuron - 3)) + k


def as_numbers(net, x, y, eta):
    hidden = np.hstack([net.weights[0], net.biases[0]])
    output = np.hstack([net.weights[1], net.biases[1], y])
    return [float(number) for number in [*x.ravel(), *hidden.ravel(), *output.ravel(), eta]]


def as_example(numbers):
    """Give the network, x, y and η."""
    hidden = np.array(numbers[HIDDEN:OUTPUT], dtype=float).reshape(3, 3)
    output = np.array(numbers[OUTPUT:ETA], dtype=float).reshape(2, 5)
    weights, biases = [hidden[:, :2], output[:, :3]], [hidden[:, [2]], output[:, [3]]]
    net = Network(SIZES, [w.copy() for w in weights], [b.copy() for b in biases])
    return net, np.array([numbers[:HIDDEN]], dtype=float).T, output[:, [4]].copy(), numbers[ETA]


def stepped(numbers):
    """Take one step down the gradient."""
    net, x, y, eta = as_example(numbers)
    update_mini_batch(net, [(x, y)], eta)
    return as_numbers(net, x, y, eta)


def outcome(numbers):
    """Compute what is on the picture: z, a and δ of the neurons, ∂C/∂w (`g`, with its weight's place), the costs."""
    net, x, y, _eta = as_example(numbers)
    (Zs, activations), (nabla_b, nabla_w) = forward_pass(net, x), backprop(net, x, y)
    found = {}
    for letter, layers in (("z", Zs), ("a", activations[1:]), ("d", nabla_b)):
        found |= {f"{letter}{neuron}": float(each) for neuron, each in enumerate(np.vstack(layers)[:, 0])}
    for neuron, row in enumerate([*nabla_w[0], *nabla_w[1]]):
        found |= {f"g{place_of(neuron, k)}": float(each) for k, each in enumerate(row)}
    net, x, y, _eta = as_example(stepped(numbers))
    return found | {"cost": float(cost(activations[-1], y)), "after": float(cost(forward_pass(net, x)[1][-1], y))}


def shown(value):
    """Write a number in at most seven letters: 0.5, −0.0123, 12.25, 3.4e−5. A half is rounded up, as browsers do."""
    size = Decimal(abs(value))
    if size < Decimal("1e-9"):
        return "0"  # what rounding leaves of a sum that is 0 has no digits to show
    if size < Decimal("0.0005"):
        text = f"{size.quantize(Decimal(1).scaleb(size.adjusted() - 1), ROUND_HALF_UP):.1e}"
    else:
        places = 4 if size < 1 else 3 if size < 10 else 2 if size < 100 else 1
        text = f"{size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP).normalize():f}"
    return ("−" if value < 0 else "") + text.replace("-", "−")
