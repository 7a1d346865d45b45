"""The exercises of lessons 1 to 3: right answers of any style pass, wrong ones are told by name."""

import re
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from bpteach import backprop, cost_derivative, sigmoid, sigmoid_prime
from bpteach.diagnosis import CATALOGUE
from conftest import ask

# --- right, each written in another way than the check's own; the slopes come from complex steps ----------------------


def complex_step(function, z):
    """Differentiate a function of the column z, which gives a number, with respect to each entry of z."""
    result = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        nudged = z.astype(complex)
        nudged[place] += 1e-30j
        result[place] = function(nudged).imag / 1e-30
    return result


def squash(z):
    return 1 / (1 + np.exp(-z))


def longest_bars(deltas):
    return tuple(max(number if number > 0 else -number for (number,) in delta.tolist()) for delta in deltas)


def count_arrays(sizes):
    pairs = list(pairwise(sizes))
    return sum(np.zeros((n, n_in)).size for n_in, n in pairs) + sum(np.zeros((n, 1)).size for _n_in, n in pairs)


def neuron_with_generator(w, b, a, j):
    return squash(sum(weight * number for weight, (number,) in zip(w[j], a, strict=True)) + b[j][0])


def diagonal_by_places(square):
    places = np.arange(len(square))
    return square[places, places][:, None]


def previous_error_in_loops(w, delta, z):
    sums = [sum(w[j, k] * delta[j, 0] for j in range(len(delta))) for k in range(len(z))]
    return np.array(sums).reshape(-1, 1) * sigmoid_prime(z)


def backprop_by_complex_step(net, x, y):
    parameters = [part.astype(complex) for part in [*net.biases, *net.weights]]
    layers = len(net.biases)

    def cost():
        a = x
        for b, w in zip(parameters[:layers], parameters[layers:], strict=True):
            a = squash(w @ a + b)
        return 0.5 * np.sum((a - y) ** 2)

    gradient = [np.zeros(part.shape) for part in parameters]
    for part, slopes in zip(parameters, gradient, strict=True):
        for place in np.ndindex(part.shape):
            part[place] += 1e-30j
            slopes[place] = cost().imag / 1e-30
            part[place] = part[place].real
    return gradient[:layers], gradient[layers:]


def forward(net, x):
    a, zs, activations = x, [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        zs.append(w @ a + b)
        a = sigmoid(zs[-1])
        activations.append(a)
    return zs, activations


def from_the_front(net, x, y, weights_at=-1, output_slope=sigmoid_prime):
    """Count l as the book does; `weights_at` is the place of w^{l+1} in net.weights, counted from l."""
    zs, activations = forward(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    L = len(net.sizes)
    delta = cost_derivative(activations[L - 1], y) * output_slope(zs[L - 2])
    for l in range(L, 1, -1):
        if l < L:
            delta = (net.weights[l + weights_at].T @ delta) * sigmoid_prime(zs[l - 2])
        nabla_b[l - 2], nabla_w[l - 2] = delta, delta @ activations[l - 2].T
    return nabla_b, nabla_w


def with_reversed_lists(net, x, y):
    zs, activations = forward(net, x)
    nabla_b, nabla_w, back = [], [], activations[-1] - y
    for w, z, a in zip(reversed(net.weights), zs[::-1], activations[-2::-1], strict=True):
        delta = back * sigmoid_prime(z)
        back = w.T @ delta
        nabla_b.insert(0, delta)
        nabla_w.insert(0, delta @ a.T)
    return nabla_b, nabla_w


RIGHT = [
    ("should_say_less", lambda output, y: [j for j in range(10) if j != list(y[:, 0]).index(1)]),  # by insight
    ("should_say_less", lambda output, y: np.flatnonzero((output - y) * output * (1 - output) > 0)),  # by δ itself
    ("should_say_less", lambda output, y: tuple(np.where(output > y)[0])),
    ("largest_errors", longest_bars),
    ("largest_errors", lambda deltas: np.array([max(delta.max(), -delta.min()) for delta in deltas])),
    ("count_parameters", count_arrays),
    ("count_parameters", lambda sizes: int(np.dot(np.array(sizes[:-1]) + 1, sizes[1:]))),  # a bias weighs a 1
    (
        "slope_from_activation",
        lambda a: squash(np.log(a / (1 - a)) + 1e-30j).imag / 1e-30,
    ),  # back to z, and measured there
    ("slope_from_activation", lambda a: a - a**2),
    ("one_neuron", neuron_with_generator),
    ("one_neuron", lambda w, b, a, j: squash(np.sum(w[j] * a[:, 0]) + b.item(j))),
    ("right_column", lambda square: np.array([[square[i, i]] for i in range(len(square))])),
    ("right_column", diagonal_by_places),
    ("output_error", lambda a, y, z: complex_step(lambda z: 0.5 * np.sum((squash(z) - y) ** 2), z)),
    ("output_error", lambda a, y, z: (a - y) * a * (1 - a)),
    ("previous_error", lambda w, delta, z: complex_step(lambda z: np.sum(delta * (w @ squash(z))), z)),
    ("previous_error", previous_error_in_loops),
    ("check_backprop", backprop),
    ("check_backprop", backprop_by_complex_step),
    ("check_backprop", with_reversed_lists),
    ("judge_from_the_front", from_the_front),
    ("judge_from_the_front", with_reversed_lists),
]


@pytest.mark.parametrize(("name", "function"), RIGHT)
def test_right_answers_pass(name, function):
    told = ask(name, function)
    assert told.ok, told
    assert not told.hints


SAID_OTHERWISE = {"should_say_less", "check_backprop", "judge_from_the_front"}


@pytest.mark.parametrize(("name", "function"), [row for row in RIGHT if row[0] not in SAID_OTHERWISE])
def test_other_faults_are_told_by_the_call(name, function):
    """What is no known slip is wrong nevertheless, and the answer says for which call."""

    def off(*arguments):
        result = function(*arguments)
        return np.asarray(result) * 1.001 + 0.5 if not isinstance(result, list | tuple) else [0, *result[1:], 7]

    told = ask(name, off)
    assert told.state == "wrong"
    assert "(Called with " in told.message, told


# --- wrong, each written in another way than the slip of the package -------------------------------------------------


def indices_exchanged(w, b, a, j):  # raises where there are more inputs than neurons
    return sigmoid(sum(w[k, j] * a[k, 0] for k in range(len(a))) + b[j, 0])


def return_in_the_loop(w, b, a, j):
    z = b[j, 0]
    for k in range(len(a)):
        z += w[j, k] * a[k, 0]
        return sigmoid(z)


def last_term_only(w, b, a, j):
    for k in range(len(a)):
        z = w[j, k] * a[k, 0]
    return sigmoid(z + b[j, 0])


def one_in_an_array_and_wrong(w, b, a, j):
    print("here")
    return sigmoid(sum(w[j, k] * a[k] for k in range(len(a))))


def product_in_an_inner_function(w, b, a, j):
    return next(sigmoid(row @ a[:, 0] + b[j, 0]) for row in [w[j]])


def spoils_its_argument(a, y, z):
    a -= y
    return a * sigmoid_prime(z)


WRONG = [
    (
        "should_say_less",
        lambda output, y: [j for j in range(10) if output[j] > 0.5 and y[j] == 0],
        "left out the quiet ones",
    ),
    ("should_say_less", lambda output, y: np.flatnonzero((output > 0.1) & (y == 0)), "left out the quiet ones"),
    ("should_say_less", lambda output, y: list(range(10)), "These are not the numbers j"),
    ("should_say_less", lambda output, y: [1, *np.flatnonzero(output > y)], "These are not the numbers j"),
    ("should_say_less", lambda output, y: set(np.flatnonzero(output > y).tolist()), "give a list"),
    ("should_say_less", lambda output, y: np.flatnonzero(output > y)[::-1], "smallest number first"),
    ("should_say_less", lambda output, y: np.argmax(output), "left out the quiet ones"),
    ("should_say_less", lambda output, y: [bool(a > b) for a, b in zip(output, y, strict=True)], "True or False"),
    ("largest_errors", lambda deltas: [max(delta) for delta in deltas], "A long bar down"),
    ("largest_errors", lambda deltas: np.abs([delta.max() for delta in deltas]), "absolute values first"),
    ("largest_errors", lambda deltas: longest_bars(reversed(deltas)), "wrong order"),
    (
        "largest_errors",
        lambda deltas: [max(abs(delta)) for delta in deltas],
        "An array of shape (1,), with the right number in it",
    ),
    ("count_parameters", lambda sizes: np.prod(sizes), "multiplied all"),
    ("one_neuron", return_in_the_loop, "only one term"),
    ("one_neuron", last_term_only, "only one term"),
    ("one_neuron", one_in_an_array_and_wrong, "array of shape (1,)"),
    ("one_neuron", lambda w, b, a, j: sigmoid(w[[j]] @ a + b[[j]]), "array of shape (1, 1)"),
    ("one_neuron", lambda w, b, a, j: squash(w @ a + b)[j, 0], "matrix product"),
    ("one_neuron", lambda w, b, a, j: squash(np.dot(w[j], a[:, 0]) + b[j, 0]), "matrix product"),
    ("one_neuron", product_in_an_inner_function, "matrix product"),
    ("one_neuron", indices_exchanged, "w[k, j]"),
    ("one_neuron", lambda w, b, a, j: squash((w[j] * a).sum() + b[j, 0]), "A flat array has met a column"),
    ("one_neuron", lambda w, b, a, j: squash((w[j] * a).sum() + b[j]), "A flat array has met a column"),
    ("one_neuron", lambda w, b, a, j: squash(sum(w[j] * a) + b[j]), "A flat array has met a column"),
    ("right_column", lambda square: square.diagonal(), "flat", "bias-lost-dimension"),
    ("right_column", lambda square: [square[i, i] for i in range(len(square))], "flat"),
    ("right_column", lambda square: square.diagonal()[None], "Transposed"),
    ("output_error", lambda a, y, z: np.vdot(a - y, sigmoid_prime(z)), "one number"),
    (
        "output_error",
        lambda a, y, z: (a - y) * sigmoid_prime(z) / len(a),
        "Right but for a constant factor, × `1 / a.shape[0]`",
    ),
    ("output_error", lambda a, y, z: (a - y.ravel()) * sigmoid_prime(z), "A square of shape (4, 4)"),
    ("output_error", lambda a, y, z: y - a, "Two things. That is the difference alone", "missing-output-sigmoid-prime"),
    ("output_error", lambda a, y, z: 2 * (a - y), "the error of another cost, the", "missing-output-sigmoid-prime"),
    ("previous_error", lambda w, delta, z: -(w.T @ delta) * sigmoid_prime(z), "Right but for the sign."),
    ("previous_error", lambda w, delta, z: (w * delta).mean(axis=0)[:, None] * sigmoid_prime(z), "`1 / w.shape[0]`"),
    ("previous_error", lambda w, delta, z: (w * delta).sum(axis=0) * sigmoid_prime(z), "A square of shape (4, 4)"),
    ("previous_error", lambda w, delta, z: w.T @ (delta * sigmoid_prime(z)), "first the product with `w.T`"),
    ("output_error", spoils_its_argument, "changed its argument a", "arguments-changed"),
    ("previous_error", lambda w, delta, z: (w @ delta) * sigmoid_prime(z), "by rows", "missing-transpose"),
]


@pytest.mark.parametrize("case", WRONG)
def test_wrong_answers_are_told_in_any_style(case):
    """The sentence of the slip, its name in the catalogue if it has one, and three hints."""
    name, function, words, *mistake = case
    told = ask(name, function)
    assert told.state == "wrong", told
    assert words in told.message, told
    assert [told.mistake] == (mistake or [None])
    assert len(told.hints) == 3


@pytest.mark.parametrize("found", [[], [3], list(range(10)), list(range(8)), {1, 2}, np.zeros(4), "all", 0.5])
def test_number_that_is_to_be_guessed_is_not_given_away(found):
    """1.1 asks how many they will be: no answer says so."""
    told = ask("should_say_less", lambda output, y: found)
    assert told.state == "wrong"
    assert not re.search(r"9|nine", told.message)


@pytest.mark.parametrize(
    ("name", "function", "is_explained"),
    [
        ("output_error", lambda a, y, z: (a - y) @ sigmoid_prime(z), True),
        ("previous_error", lambda w, delta, z: w.T @ delta @ sigmoid_prime(z), True),
        ("previous_error", lambda w, delta, z: delta @ w, False),
    ],
)
def test_circle_is_explained_where_a_matrix_product_of_two_columns_stops(name, function, is_explained):
    told = ask(name, function)
    assert told.state == "stopped"
    circle = "The ⊙ of the equation is `*`, which multiplies two columns number by number."
    assert told.message.endswith(circle) == is_explained
    assert ("⊙" in told.message) == is_explained


# --- 3.3 and 3.4: what the diagnosis says is its own tests' business; here, that it is asked --------------------------


def my_backprop(net, x, y):
    """Compute the gradient of the cost of one example."""
    nabla_b = [None] * len(net.biases)
    nabla_w = [None] * len(net.weights)
    # forward
    ...
    # backward
    ...
    return nabla_b, nabla_w


@pytest.mark.parametrize("name", ["check_backprop", "judge_from_the_front"])
def test_backprop_that_is_blank_inside_is_not_written_yet(name):
    assert ask(name, my_backprop).state == "unfinished"


@pytest.mark.parametrize("name", ["check_backprop", "judge_from_the_front"])
def test_mistakes_in_backprop_are_named(name):
    """The diagnosis names them, and its hints are those of the mistake."""
    told = ask(name, lambda net, x, y: from_the_front(net, x, y, output_slope=lambda z: 1))
    assert not told.ok
    assert told.mistake == "missing-output-sigmoid-prime"
    assert told.hints == CATALOGUE[told.mistake].hints or "σ′" in "".join(told.hints)


def upward(net, x, y):
    """Let l run up from layer 2 to the last."""
    zs, activations = forward(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    delta, L = (activations[-1] - y) * sigmoid_prime(zs[-1]), len(net.sizes)
    for l in range(2, L + 1):
        delta = (net.weights[l - 1].T @ delta) * sigmoid_prime(zs[l - 2]) if l < L else delta
        nabla_b[l - 2], nabla_w[l - 2] = delta, delta @ activations[l - 2].T
    return nabla_b, nabla_w


def without_biases(net, x, y):
    net = SimpleNamespace(sizes=net.sizes, weights=net.weights, biases=[0 * b for b in net.biases])
    return from_the_front(net, x, y)


@pytest.mark.parametrize(
    ("function", "words", "hint"),
    [
        (upward, "The backward loop runs upward", "the order in which the backward loop visits the layers"),
        (without_biases, "leaves the biases out", "the line in the forward loop that computes z"),
        (lambda *call: from_the_front(*call, weights_at=0), "IndexError", "from the front"),
        (lambda *call: from_the_front(*call, weights_at=-2), "a layer beside the right one", "from the front"),
        (lambda *call: from_the_front(*call, output_slope=np.ones_like), "a − y without", "before the backward loop"),
    ],
)
def test_hints_of_3_4_follow_what_was_found(function, words, hint):
    told = ask("judge_from_the_front", function)
    assert words in told.message
    assert hint in told.hints[0]


def test_index_counted_from_the_front_gets_hints_of_that_kind():
    told = ask("judge_from_the_front", lambda net, x, y: from_the_front(net, x, y, weights_at=-2))
    assert not told.ok
    assert "from the front" in told.hints[0]
    assert "[-" not in "".join(told.hints)


def test_index_counted_from_the_end_is_refused_in_3_4():
    """The book's program is right, and is not what 3.4 asks for."""
    told = ask("judge_from_the_front", backprop)
    assert told.state == "stopped"
    assert "net.weights[-1] counts from the end" in told.message
    assert "from the front" in told.hints[0]
