"""Slips of many kinds, each as the book's code with a piece of it replaced: what a learner is told of them."""

import numpy as np
import pytest

import bpteach
from bpteach import check_backprop, check_backprop_matrix
from strategies import written

BOOK = """
def f(net, x, y):
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    a = x
    activations = [x]
    zs = []
    for b, w in zip(net.biases, net.weights):
        z = np.dot(w, a) + b
        zs.append(z)
        a = sigmoid(z)
        activations.append(a)
    # back
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = summed(delta)
    nabla_w[-1] = np.dot(delta, activations[-2].T)
    for l in range(2, len(net.sizes)):
        delta = np.dot(net.weights[-l + 1].T, delta) * sigmoid_prime(zs[-l])
        nabla_b[-l] = summed(delta)
        nabla_w[-l] = np.dot(delta, activations[-l - 1].T)
    return nabla_b, nabla_w
"""
BP1 = "(activations[-1] - y) * sigmoid_prime(zs[-1])"
BP2 = "np.dot(net.weights[-l + 1].T, delta) * sigmoid_prime(zs[-l])"
LAST_W, EACH_W = "np.dot(delta, activations[-2].T)", "np.dot(delta, activations[-l - 1].T)"
DOWN, HIDDEN = "range(2, len(net.sizes))", "sigmoid_prime(zs[-l])"
OTHER_COST = "numerical_gradient(your_cost, net) and compare_gradients"
SLOPE, PRODUCT = "wants the factor σ′(z), once.", "in another way: δ aᵀ is meant, a product of matrices."
ROOM = {f"[np.zeros({p}.shape) for": "[None for" for p in "bw"}
BOTH, MANY, ONE = ("one", "many"), ("many",), ("one",)


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=0)


def function(changes, many):
    source = BOOK
    for old, new in changes.items():
        assert old in source, old
        source = source.replace(old, new)
    space = {"np": np, "softmax": softmax, "sigmoid": bpteach.sigmoid, "sigmoid_prime": bpteach.sigmoid_prime}
    space["summed"] = lambda delta: delta.sum(axis=1, keepdims=True) if many else delta
    return written(source, "f", space)


# what is replaced, for one example or for many; the layer and the equation that are named, and words
KINDS = {
    "slopes before the weights": (
        {BP2: "np.dot(net.weights[-l + 1].T, delta * sigmoid_prime(zs[-l]))"}, BOTH, (3, "BP2"), "before the weights"),
    "slopes of the layer after": (
        {BP2: "net.weights[-l + 1].T @ (delta * sigmoid_prime(zs[-l + 1]))"}, BOTH, (3, "BP2"), "before the weights"),
    "an upward loop": ({DOWN: "range(len(net.sizes) - 1, 1, -1)"}, BOTH, (3, "BP2"), "runs upward"),
    "a loop that comes back": ({DOWN: "range(1, len(net.sizes))"}, BOTH, (4, "BP1"), "once too often"),
    "σ for σ′": ({HIDDEN: "sigmoid(zs[-l])"}, BOTH, (3, "BP2"), SLOPE),
    "σ′ twice": ({"sigmoid_prime(zs[-1])": "sigmoid_prime(zs[-1]) ** 2"}, BOTH, (4, "BP1"), SLOPE),
    "no σ′ at all": ({" * sigmoid_prime(zs[-1])": "", f" * {HIDDEN}": ""}, BOTH, (4, "BP1"), SLOPE),
    "a squared difference": ({"- y)": "- y) ** 2"}, BOTH, (4, "BP1"), "The difference is squared"),
    "a softmax with its cross-entropy": ({BP1: "softmax(zs[-1]) - y"}, BOTH, (4, "BP1"), OTHER_COST),
    "a softmax that is kept": (
        {BP1: "activations[-1] - y", "# back": "activations[-1] = softmax(zs[-1])"}, BOTH, (4, "BP1"), OTHER_COST),
    "a softmax with σ′": ({"(activations[-1]": "(softmax(zs[-1])"}, BOTH, (4, "BP1"), OTHER_COST),
    "a cross-entropy, divided and multiplied": (
        {"- y)": "- y) / (activations[-1] * (1 - activations[-1]))"}, BOTH, (4, "BP1"), OTHER_COST),
    "no biases": ({"np.dot(w, a) + b": "np.dot(w, a)"}, BOTH, (4, "(25)"), "leaves the biases out"),
    "z in the list of activations": ({"activations.append(a)": "activations.append(z)"}, BOTH, (4, "(25)"), "keeps z"),
    "x for every layer": (
        {"        a = sigmoid(z)\n": "", "append(a)": "append(sigmoid(z))"}, BOTH, (4, "(25)"), "x to every layer"),
    "y.T": ({"- y)": "- y.T)"}, MANY, (4, "BP1"), "transposed: examples are columns"),
    "a bias as a row": ({"+ b": "+ b.T"}, MANY, (4, "(25)"), "A column is used as a row: b.T, or a flat array"),
    "* in BP4": ({EACH_W: "delta * activations[-l - 1].T", LAST_W: "delta * activations[-2].T"}, MANY, (4, "BP4"),
                 PRODUCT),
    "np.outer in BP4": ({EACH_W: "np.outer(delta, activations[-l - 1])", LAST_W: "np.outer(delta, activations[-2])"},
                        MANY, (4, "BP4"), PRODUCT),
    "no transpose in BP4": ({"activations[-2].T": "activations[-2]", "- 1].T)": "- 1])"}, MANY, (4, "BP4"), PRODUCT),
    "everything over": ({"summed(delta)": "np.full(delta[:, :1].shape, delta.sum())"}, MANY, (4, "BP3"),
                        "one sum over everything"),
    "a division by m at each turn": ({BP2: BP2 + " / y.shape[1]"}, MANY, (3, "BP2"), "The backward loop divides by m"),
    "return in the loop": (ROOM | {"    return": "        return"}, BOTH, (2, "BP2"), "Layer 2 was never filled"),
    "+= on None": (ROOM | {"nabla_b[-l] = summed(delta)": "nabla_b[-l] += delta"}, ONE, None, "nothing stands yet"),
    "activations without x": ({"activations = [x]": "activations = []"}, BOTH, None, "It does not begin with x"),
    "a loop too far": ({DOWN: "range(2, len(net.sizes) + 1)"}, BOTH, None, "entry [-4] is asked for"),
    "flat slopes": ({"sigmoid_prime(zs[-1])": "sigmoid_prime(zs[-1]).ravel()"}, ONE, None, "of shape (4, 4) meets (a³"),
    "flat errors": ({BP1: f"({BP1}).ravel()"}, ONE, None, "δ⁴ is flat here: it has lost its second dimension."),
    "xrange": ({"range(": "xrange("}, BOTH, None, "Python 2's xrange is range now."),
    "a generator": ({"return nabla_b, nabla_w": "return (part for part in (nabla_b, nabla_w))"}, BOTH, None,
                    "Your function returned a generator, which has computed nothing yet"),
    "yield": ({"return nabla_b, nabla_w": "yield nabla_b"}, BOTH, None, "has yield or await in it"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_slip_is_told_where_it_is_and_the_hints_follow(kind):
    changes, given, where, words = KINDS[kind]
    for many in given:
        check = check_backprop_matrix if many == "many" else check_backprop
        found = check(function(changes, many == "many"))
        assert words in found.message, str(found)
        assert found.state == ("wrong" if where else "stopped"), str(found)
        if where:
            assert (found.layer, found.equation) == where, str(found)
            assert found.hints[1].startswith(f"{where[1]}: ")


def test_the_code_itself_is_right():
    assert check_backprop(function({}, False)).ok
    assert check_backprop_matrix(function({}, True)).ok
