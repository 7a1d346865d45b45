"""Exercise 7.5: right programs in several styles, plausible wrong ones, and the stumbles between a list and X."""

import linecache

import numpy as np
import pytest

from bpteach import Network
from bpteach.functions import sigmoid, sigmoid_prime
from conftest import ask

CODE = """
class Mine:
    def __init__(self, sizes):
        self.sizes, rng = sizes, np.random.default_rng()
        self.biases = [rng.standard_normal((n, 1)) for n in sizes[1:]]
        self.weights = [rng.standard_normal(s) for s in zip(sizes[1:], sizes[:-1], strict=True)]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(w @ a + b)
        return a

    def SGD(self, training_data, epochs, mini_batch_size, eta):
        for epoch in range(epochs):
            order = np.random.permutation(len(training_data))
            for k in range(0, len(order), mini_batch_size):
                self.update_mini_batch([training_data[i] for i in order[k : k + mini_batch_size]], eta)
            print("Epoch", epoch, "complete")

    def update_mini_batch(self, mini_batch, eta):
        X = np.hstack([x for x, y in mini_batch])
        Y = np.hstack([y for x, y in mini_batch])
        nabla_b, nabla_w = self.backprop(X, Y)
        for l in range(len(nabla_b)):
            self.biases[l] -= eta / len(mini_batch) * nabla_b[l]
            self.weights[l] -= eta / len(mini_batch) * nabla_w[l]

    def backprop(self, X, Y):
        activations, zs = [X], []
        for b, w in zip(self.biases, self.weights, strict=True):
            zs.append(w @ activations[-1] + b)
            activations.append(sigmoid(zs[-1]))
        nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
        delta = (activations[-1] - Y) * sigmoid_prime(zs[-1])
        for l in range(1, len(self.sizes)):
            if l > 1:
                delta = (self.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])
            nabla_b[-l] = delta.sum(axis=1, keepdims=True)
            nabla_w[-l] = delta @ activations[-l - 1].T
        return nabla_b, nabla_w
"""
HSTACK = "np.hstack([{} for x, y in mini_batch])"
LOOP = """
        nabla_b, nabla_w = [0 * b for b in self.biases], [0 * w for w in self.weights]
        for x, y in mini_batch:
            more_b, more_w = self.backprop(x, y)
            nabla_b = [a + b for a, b in zip(nabla_b, more_b, strict=True)]
            nabla_w = [a + b for a, b in zip(nabla_w, more_w, strict=True)]"""


def program(*changes):
    code = CODE
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    names = {"np": np, "sigmoid": sigmoid, "sigmoid_prime": sigmoid_prime, "__name__": "reader"}
    name = f"<program {len(linecache.cache)}>"
    linecache.cache[name] = len(code), None, code.splitlines(keepends=True), name
    exec(compile(code, name, "exec"), names)
    return names["Mine"]


def stacked(way):
    return program(*((HSTACK.format(name), way.format(name)) for name in "xy"))


MEAN = (
    ("delta.sum(axis=1, keepdims=True)", "delta.mean(axis=1, keepdims=True)"),
    ("delta @ activations[-l - 1].T", "delta @ activations[-l - 1].T / X.shape[1]"),
    ("eta / len(mini_batch)", "eta"),
)
RIGHT = {
    "np.hstack": program(),
    "an object": program()([5, 4, 3]),
    "np.column_stack": stacked("np.column_stack([{} for x, y in mini_batch])"),
    "np.array, and turned": stacked("np.array([{} for x, y in mini_batch])[:, :, 0].T"),
    "means, and a step without m": program(*MEAN),
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
def test_right_programs_are_trained_and_timed(answer, capsys):
    told = ask("judge_program", answer)
    assert told.ok, told
    assert "Trained by your own SGD on 10,000 digits for 3 epochs, the network reads 9" in told.message
    assert "the loop's step takes" in told.message
    assert not capsys.readouterr().out


STUMBLES = {
    "np.array([{} for x, y in mini_batch])": (4, 5, 1),
    "np.concatenate([{} for x, y in mini_batch])": (20, 1),
    "np.squeeze([{} for x, y in mini_batch])": (4, 5),
    "np.array([{0} for x, y in mini_batch]).reshape(len(mini_batch[0]['xy'.index('{0}')]), -1)": (5, 4),
}


@pytest.mark.parametrize(("way", "shape"), STUMBLES.items())
def test_stumbles_on_the_way_from_a_list_are_told(way, shape):
    told = ask("judge_program", stacked(way))
    assert told.state == "wrong"
    assert told.message.startswith(f"In update_mini_batch, the examples have become an array of shape {shape}."), told
    assert "np.hstack" in told.hints[1]


ORDER = "np.random.permutation(len(training_data))"
WRONG = [
    ((("nabla_b, nabla_w = self.backprop(X, Y)", LOOP.strip()),), "still calls a function once for each", "X.shape"),
    (((".T @ delta)", " @ delta)"),), "In backprop: The output layer is right. From layer 3 back", "moves the error"),
    ((("in range(epochs)", "in range(1)"),), "In SGD: Two epochs", "Count the examples of an epoch"),
    ((("sizes):", "sizes, cost):"),), "Mine takes (sizes, cost)", ""),
]


@pytest.mark.parametrize(("changes", "words", "hint"), WRONG)
def test_wrong_programs_are_told_and_hints_follow_what_was_found(changes, words, hint):
    told = ask("judge_program", program(*changes))
    assert told.state in ("wrong", "stopped")
    assert words in told.message, told
    assert hint in "".join(told.hints[:1]), told.hints
    assert hint or not told.hints


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (..., "unfinished", "Replace the ..."),
        (Network, "unfinished", "Still to write: feedforward, SGD, update_mini_batch and backprop."),
        (
            program(("X = np.hstack([x for x, y in mini_batch])", "...")),
            "unfinished",
            "Still to write: update_mini_batch.",
        ),
        (len, "wrong", "expected your class"),
        (7, "wrong", "expected your class"),
    ],
)
def test_programs_that_are_not_written_yet(answer, state, words):
    told = ask("judge_program", answer)
    assert told.state == state
    assert words in told.message
