"""A reader's class, laid out like the book's: it is judged like a function, method by method and at once."""

import inspect
import random
import re
import sys
import threading
from dataclasses import dataclass

import numpy as np
import pytest

import bpteach
from bpteach import check_backprop, check_backprop_matrix, check_network, check_update
from strategies import written

# the book's program, chapter 1 and 2, as it is after a translation to Python 3
BOOK = """
class Network(object):

    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a)+b)
        return a

    def SGD(self, training_data, epochs, mini_batch_size, eta, test_data=None):
        if test_data: n_test = len(test_data)
        n = len(training_data)
        for j in range(epochs):
            random.shuffle(training_data)
            mini_batches = [training_data[k:k+mini_batch_size] for k in range(0, n, mini_batch_size)]
            for mini_batch in mini_batches:
                self.update_mini_batch(mini_batch, eta)
            if test_data:
                print("Epoch {0}: {1} / {2}".format(j, self.evaluate(test_data), n_test))
            else:
                print("Epoch {0} complete".format(j))

    def update_mini_batch(self, mini_batch, eta):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            delta_nabla_b, delta_nabla_w = self.backprop(x, y)
            nabla_b = [nb+dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]
            nabla_w = [nw+dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]
        self.weights = [w-(eta/len(mini_batch))*nw for w, nw in zip(self.weights, nabla_w)]
        self.biases = [b-(eta/len(mini_batch))*nb for b, nb in zip(self.biases, nabla_b)]

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        # feedforward
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation)+b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        # backward pass
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].transpose())
        for l in range(2, self.num_layers):
            z = zs[-l]
            sp = sigmoid_prime(z)
            delta = np.dot(self.weights[-l+1].transpose(), delta) * sp
            nabla_b[-l] = delta
            nabla_w[-l] = np.dot(delta, activations[-l-1].transpose())
        return (nabla_b, nabla_w)

    def evaluate(self, test_data):
        test_results = [(np.argmax(self.feedforward(x)), y) for (x, y) in test_data]
        return sum(int(x == y) for (x, y) in test_results)

    def cost_derivative(self, output_activations, y):
        return (output_activations-y)

def sigmoid(z):
    return 1.0/(1.0+np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z)*(1-sigmoid(z))
"""
# the same changed to matrices: what the chapter's problem asks for
MATRICES = {
    "nabla_b[-1] = delta": "nabla_b[-1] = delta.sum(axis=1, keepdims=True)",
    "nabla_b[-l] = delta": "nabla_b[-l] = delta.sum(axis=1, keepdims=True)",
    "for x, y in mini_batch:": "for x, y in [map(np.hstack, zip(*mini_batch))]:",
}
LISTS = MATRICES | {
    "for x, y in mini_batch:": "for one in [mini_batch]:",
    "self.backprop(x, y)": "self.backprop(one)",
    "def backprop(self, x, y):": "def backprop(self, mini_batch):\n        x, y = map(np.hstack, zip(*mini_batch))",
}
ROWS = MATRICES | {
    "self.backprop(x, y)": "self.backprop(x.T, y.T)",
    "def backprop(self, x, y):": "def backprop(self, x, y):\n        x, y = x.T, y.T",
}


def noisy(method):
    def wrapper(*arguments):
        print("called")
        return method(*arguments)

    return wrapper


def program(changes=(), more=""):
    """Write the book's class with pieces of it replaced, and perhaps a class after it; give the last class."""
    source = BOOK
    for old, new in dict(changes).items():
        assert old in source, old
        source = source.replace(old, new)
    name = re.findall(r"^class (\w+)", source + more, re.MULTILINE)[-1]
    space = {"noisy": noisy, "np": np, "random": random, "bpteach": bpteach, "dataclass": dataclass}
    return written(source + more, name, space)


RIGHT = {
    "the book's": {},
    "matrices": MATRICES,
    "a list of pairs": LISTS,
    "rows": ROWS,
    "@ and .T": {"np.dot(w, activation)": "w @ activation", ".transpose()": ".T"},
    "None first": {"zs = []": "zs, nabla_b, nabla_w = [], [None] * len(self.biases), [None] * len(self.weights)"},
    "lists on itself": {"zs = []": "self.zs = zs = []", "activations = [x]": "self.activations = activations = [x]"},
    "a static method": {"def cost_derivative(self, o": "@staticmethod\n    def cost_derivative(o"},
    "more in __init__": {"def __init__(self, sizes):": "def __init__(self, sizes, cost=None, *, seed=0):"},
    "sizes one by one": {"def __init__(self, sizes):": "def __init__(self, *sizes):"},
    "a dataclass": {"class Network(object):": "@dataclass(eq=False)\nclass Network:\n    sizes: list",
                    "def __init__(self, sizes):": "def __post_init__(self):\n        sizes = self.sizes"},
    "slots": {"class Network(object):": "class Network:\n    __slots__ = 'num_layers', 'sizes', 'biases', 'weights'"},
    "a decorator": {
        "    def backprop(": "    @noisy\n    def backprop(",
        "    def update_mini_batch(": "    @noisy\n    def update_mini_batch(",
    },
    "stops early": {"self.evaluate(test_data), n_test))": "self.evaluate(test_data), n_test)); return"},
    "columns to test on": {"), y) for": "), np.argmax(y[:, 0])) for", "test_data=None": "test_data"},
    "a mean, made up for": LISTS | {
        "return (nabla_b, nabla_w)": "return [b / x.shape[1] for b in nabla_b], [w / x.shape[1] for w in nabla_w]",
        "eta/len(mini_batch)": "eta"},
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_programs_are_right_and_stay_as_they_are(name):
    made = program(RIGHT[name])
    found = check_network(made)
    assert found.ok, str(found)
    net = made(2, 3, 2) if "one by one" in name else made([2, 3, 2])
    before = [array.copy() for array in (*net.biases, *net.weights)]
    arrays, order = [*net.biases, *net.weights], random.getstate()
    check = check_backprop_matrix if RIGHT[name].keys() & MATRICES.keys() else check_backprop
    answers = [check_network(net), check_update(made.update_mini_batch), check_update(net.update_mini_batch)]
    answers += [check_update(net), check_update(made)]
    if name != "rows" and not name.startswith("a mean"):
        answers += [check(made.backprop), check(net.backprop), check(net), check(made)]
    assert all(answer.ok for answer in answers), [str(answer) for answer in answers if not answer.ok]
    assert all(new is old for new, old in zip([*net.biases, *net.weights], arrays, strict=True))
    assert all(map(np.array_equal, arrays, before))
    assert random.getstate() == order


HELPERS = """
class Helped(Network):
    def sigma(self, z):
        return 1 / (1 + np.exp(-z))

    @staticmethod
    def slope(a):
        return a * (1 - a)

    def forward(self, x):
        self.activations = [x]
        for l in range(self.num_layers - 1):
            self.activations.append(self.sigma(self.weights[l] @ self.activations[-1] + self.biases[l]))

    def backprop(self, x, y):
        self.forward(x)
        deltas = [self.cost_derivative(self.activations[-1], y) * self.slope(self.activations[-1])]
        for l in range(self.num_layers - 2, 0, -1):
            deltas.insert(0, WHAT @ deltas[0] * self.slope(self.activations[l]))
        return deltas, [d @ a.T for d, a in zip(deltas, self.activations)]
"""
OF_OURS = """
class Ours(bpteach.Network):
    backprop, update_mini_batch = bpteach.backprop, bpteach.update_mini_batch
"""
LAST_ONLY = {
    "[nb+dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]": "delta_nabla_b",
    "[nw+dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]": "delta_nabla_w",
}
TAKES_MORE = {"def __init__(self, sizes):": "def __init__(self, sizes, cost, rate):"}


@pytest.mark.parametrize("more", [HELPERS.replace("WHAT", "self.weights[l].T"), OF_OURS], ids=["helpers", "of ours"])
def test_subclasses_are_judged_as_well(more):
    made = program(more=more)
    assert check_network(made).ok
    assert check_backprop(made.backprop).ok
    assert check_update(made.update_mini_batch).ok


BACKPROP, STEP = ("backprop", check_backprop), ("update_mini_batch", check_update)


@pytest.mark.parametrize(
    ("changes", "more", "method", "mistake"),
    [
        ({"self.weights[-l+1].transpose()": "self.weights[-l+1]"}, "", BACKPROP, "missing-transpose"),
        ({" * sigmoid_prime(zs[-1])": ""}, "", BACKPROP, "missing-output-sigmoid-prime"),
        ({"(output_activations-y)": "(y-output_activations)"}, "", BACKPROP, "wrong-sign"),
        ({"activations[-l-1]": "activations[-l]"}, "", BACKPROP, "activation-index-late"),
        ({"range(2, self.num_layers)": "range(2, self.num_layers-1)"}, "", BACKPROP, "loop-one-layer-short"),
        ({}, HELPERS.replace("WHAT", "self.weights[l]"), BACKPROP, "missing-transpose"),
        ({"eta/len(mini_batch)": "eta"}, "", STEP, "mean-for-sum"),
        (LAST_ONLY, "", STEP, "last-example-only"),
        (MATRICES | {"delta.sum(axis=1, keepdims=True)": "delta.sum(axis=1)"}, "",
         ("backprop", check_backprop_matrix), "bias-lost-dimension"),
        (LISTS | {"nabla_b[-l] = delta.sum": "nabla_b[-l] = delta.mean", "nabla_b[-1] = delta.sum":
                  "nabla_b[-1] = delta.mean"}, "", ("backprop", check_backprop_matrix), "bias-mean-weight-sum"),
        ({"activation = x\n": "x *= 2\n        activation = x\n"}, "", BACKPROP, None),
    ],
)  # fmt: skip
def test_a_mistake_has_its_name_in_a_method_as_in_a_function(changes, more, method, mistake):
    made = program(changes, more)
    name, check = method
    for thing in (getattr(made, name), getattr(made([2, 3, 1]), name)):
        assert check(thing).mistake == mistake, str(check(thing))
    whole = check_network(made)
    where = STEP[0] if mistake == "wrong-sign" else name  # in backprop alone it is a convention
    assert whole.message.startswith(f"In {where}: "), str(whole)
    assert whole.mistake == mistake
    assert [part.mistake for part_name, part in whole.parts if part_name == name] == [mistake]
    assert not any("net." in hint for hint in whole.hints)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (TAKES_MORE, "Network takes (sizes, cost, rate): expected a class that is made from the list of sizes alone"),
        ({"randn(y, x)": "randn(x, y)"}, "weights has shapes (3, 5), (5, 4), (4, 2)"),
        ({"randn(y, 1)": "randn(y)"}, "biases has shapes (5,), (4,), (2,): expected arrays of shapes (5, 1)"),
        ({"self.weights = [np": "self.w = [np"}, "weights is not there"),
        ({"range(epochs)": "xrange(epochs)"}, "In SGD: Your function stopped with NameError: name 'xrange'"),
        ({"range(epochs)": "xrange(epochs)"}, "Python 2's xrange is range now."),
        ({"n = len(training_data)": "n = len(zip(training_data))"}, "In Python 3 zip makes no list: write list(zip("),
        ({"a = sigmoid(np.dot(w, a)+b)": "a = sigmoid(np.dot(w, a))"}, "In feedforward: Its numbers are not those of"),
        ({"return a\n": "return a.ravel()\n"}, "In feedforward: For an input of shape (3, 1) it gives"),
        ({"int(x == y)": "int(x != y)"}, "In evaluate: It gives 3, where 4 of 7 answers are right."),
        ({"return a\n": "out = 1*a; x /= 255; return out\n", "(self, a):": "(self, x):\n        a = x"},
         "In feedforward: The numbers are right. But your function has changed x, which the caller still needs."),
        ({"return a\n": "return a.astype(object)\n"}, "it gives an array of type object: expected an array"),
        ({"return sum(int": "self.weights[0] -= 1; return sum(int"}, "your function has changed self.weights[0]"),
        ({"return sum(int": "test_data.pop(); return sum(int"}, "your function has changed the list test_data"),
        ({"range(0, n, mini_batch_size)": "range(0, n-1)"}, "In SGD: "),
        ({"test_data), n_test": "test_data), n_tset"}, "In SGD: Your function stopped with NameError"),
        ({"range(0, n, mini": "range(0, n-1, mini", "test_data=None": "test_data"}, "In SGD: The last, shorter"),
        ({"update_mini_batch(": "step("}, "no method update_mini_batch yet"),
        (MATRICES | {"map(np.hstack, zip(*mini_batch))": "map(np.array, zip(*mini_batch))"},
         "np.array makes (m, n, 1) of m columns: np.hstack puts them side by side, (n, m)."),
        ({"delta = np.dot(self": "delta = ...  # np.dot(self"}, "In backprop: Replace the ..."),
    ],
)  # fmt: skip
def test_what_is_no_such_program_is_told_in_a_sentence(changes, words):
    found = check_network(program(changes))
    assert words in found.message, str(found)
    assert not found.ok


def test_a_class_that_takes_more_is_judged_by_an_object_that_is_made():
    made = program(TAKES_MORE)
    net = made([2, 3, 1], None, 1)
    assert check_network(net).ok
    assert check_backprop(net.backprop).ok
    assert net.sizes == [2, 3, 1]


def test_a_method_without_its_class_finds_what_the_book_has_on_self():
    parts = BOOK.replace("    def ", "def ").replace("\n        ", "\n    ")
    space = {"np": np, "random": random}
    names = ("backprop", "update_mini_batch")
    backprop, update = (written(parts[parts.index("def SGD") :], name, space) for name in names)
    assert check_backprop(backprop).ok, str(check_backprop(backprop))
    assert check_update(update).ok
    wrong = parts[parts.index("def SGD") :].replace("self.weights[-l+1].transpose()", "self.weights[-l+1]")
    assert check_backprop(written(wrong, "backprop", space)).mistake == "missing-transpose"


def test_what_a_reader_has_set_on_an_object_counts():
    made = program({"return (output_activations-y)": "return self.factor * (output_activations-y)",
                    "self.sizes = sizes": "self.sizes, self.factor = sizes, 1"})  # fmt: skip
    net = made([2, 3, 1])
    assert check_backprop(net.backprop).ok
    net.factor = 2
    assert check_backprop(net.backprop).mistake == "factor-two"
    assert check_backprop(made.backprop).ok


class Layers:
    """Not laid out like the book's."""

    def __init__(self, n_in, n_out):
        self.w, self.b, self.lock = np.zeros((n_out, n_in)), np.zeros((n_out, 1)), threading.Lock()

    def backprop(self, x, y):
        return [self.b], [self.w]


@pytest.mark.parametrize("thing", [Layers.backprop, Layers(2, 3).backprop, Layers])
def test_a_class_laid_out_in_another_way_is_told_what_is_expected(thing):
    found = check_backprop(thing)
    assert found.state == "stopped"
    assert "expected a class that is made from the list of sizes alone" in found.message, str(found)


def test_an_object_that_cannot_be_copied_whole_is_judged():
    net = program()([2, 3, 1])
    net.lock, net.log = threading.Lock(), sys.stdout
    assert check_network(net).ok


@pytest.mark.parametrize("thing", [3, None, bpteach.backprop, np.zeros(3), ValueError, "Network", object()])
def test_what_is_no_class_is_refused(thing):
    with pytest.raises(TypeError, match=r"network is .*: expected a class laid out like the book's Network"):
        check_network(thing)
    assert check_network(...).state == "unfinished"


def test_a_static_method_and_a_function_kept_in_a_class_are_functions():
    class Kept:
        def gradient(net, x, y):  # noqa: N805
            return bpteach.backprop(net, x, y)

        static = staticmethod(bpteach.backprop)

    assert inspect.isfunction(Kept.gradient)
    assert check_backprop(Kept.gradient).ok
    assert check_backprop(Kept.static).ok
