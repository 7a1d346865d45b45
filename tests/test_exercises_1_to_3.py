"""The exercises of lessons 1 to 3: right answers of any style pass, wrong ones are told by name."""

import re
from itertools import pairwise  # noqa: F401 - for ANSWERS, as others

import numpy as np
import pytest

from answers import answers, each_of, two_tests
from bpteach import backprop, cost, cost_derivative, numerical_gradient, sigmoid, sigmoid_prime  # noqa: F401
from bpteach.backpropagation import forward_pass
from conftest import ask
from strategies import textbook_cost  # noqa: F401

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


def from_the_front(net, x, y, weights_at=-1, output_slope=sigmoid_prime):
    """Count l as the book does; `weights_at` is the place of w^{l+1} in net.weights, counted from l."""
    zs, activations = forward_pass(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    L = len(net.sizes)
    delta = cost_derivative(activations[L - 1], y) * output_slope(zs[L - 2])
    for l in range(L, 1, -1):
        if l < L:
            delta = (net.weights[l + weights_at].T @ delta) * sigmoid_prime(zs[l - 2])
        nabla_b[l - 2], nabla_w[l - 2] = delta, delta @ activations[l - 2].T
    return nabla_b, nabla_w


def with_reversed_lists(net, x, y):
    zs, activations = forward_pass(net, x)
    nabla_b, nabla_w, back = [], [], activations[-1] - y
    for w, z, a in zip(reversed(net.weights), zs[::-1], activations[-2::-1], strict=True):
        delta = back * sigmoid_prime(z)
        back = w.T @ delta
        nabla_b.insert(0, delta)
        nabla_w.insert(0, delta @ a.T)
    return nabla_b, nabla_w


ANSWERS = {
    ("should_say_less", "output, y"): """
== right ==
insight | by the desired output alone | return [j for j in range(10) if j != list(y[:, 0]).index(1)]
delta | by δ itself | return np.flatnonzero((output - y) * output * (1 - output) > 0)
where | - | return tuple(np.where(output > y)[0])
== wrong ==
loud | Some are missing | return [j for j in range(10) if output[j] > 0.5 and y[j] == 0]
above | Some are missing | return np.flatnonzero((output > 0.1) & (y == 0))
largest | Some are missing | return np.argmax(output)
every | These are not the numbers j | return list(range(10))
without_0 | Some are missing | return [j for j in range(1, 10) if output[j] > y[j]]
one_twice | The right numbers are in it | return [1, *np.flatnonzero(output > y)]
a_set | The right numbers are in it | return {j for j in range(10) if output[j] > y[j]}
keys | The right numbers are in it | return {j: output[j, 0] for j in range(10) if output[j] > y[j]}
a_set_of_all | These are not the numbers j | return set(range(10))
pairs | The right numbers are in it | return np.argwhere(output > y)
of_flat | The right numbers are in it | return np.nonzero(output[:, 0] > y[:, 0])
words | The right numbers are in it | return [str(j) for j in range(10) if output[j] > y[j]]
backwards | The right numbers are in it | return np.flatnonzero(output > y)[::-1]
answers | True or False | return [bool(a > b) for a, b in zip(output, y, strict=True)]
""",
    ("largest_errors", "deltas"): """
== right ==
numbers | - | return tuple(max(number if number > 0 else -number for (number,) in delta.tolist()) for delta in deltas)
ends | - | return np.array([max(delta.max(), -delta.min()) for delta in deltas])
== wrong ==
longest_up | A long bar down | return [max(delta) for delta in deltas]
late_abs | absolute values first | return np.abs([delta.max() for delta in deltas])
reversed_order | wrong order | numbers: in deltas → in reversed(deltas)
columns | An array of shape (1,), with the right number in it | return [max(abs(delta)) for delta in deltas]
== stopped ==
one_too_far | and the list has 2 entries | return [abs(deltas[l]).max() for l in range(1, len(deltas) + 1)]
""",
    ("count_parameters", "sizes"): """
== right ==
arrays | makes them, and counts | pairs = list(pairwise(sizes))
    return sum(np.zeros((n, n_in)).size for n_in, n in pairs) + sum(np.zeros((n, 1)).size for _n_in, n in pairs)
product | a bias weighs a 1 | return int(np.dot(np.array(sizes[:-1]) + 1, sizes[1:]))
== wrong ==
all_multiplied | multiplied all | return np.prod(sizes)
== stopped ==
one_too_far | and the list has 3 entries | return sum(sizes[i] * sizes[i + 1] + sizes[i + 1] for i in range(len(sizes)))
""",
    ("slope_from_activation", "a"): """
== right ==
measured | back to z, and measured there | return squash(np.log(a / (1 - a)) + 1e-30j).imag / 1e-30
multiplied_out | - | return a - a**2
""",
    ("one_neuron", "w, b, a, j"): """
== right ==
generator | - | return squash(sum(weight * number for weight, (number,) in zip(w[j], a, strict=True)) + b[j][0])
flat | - | return squash(np.sum(w[j] * a[:, 0]) + b.item(j))
== wrong ==
return_in_the_loop | only one term
    z = b[j, 0]
    for k in range(len(a)):
        z += w[j, k] * a[k, 0]
        return sigmoid(z)
a_column | array of shape (1, 1) | return sigmoid(w[[j]] @ a + b[[j]])
product | matrix product | return squash(w @ a + b)[j, 0]
dot | matrix product | return squash(np.dot(w[j], a[:, 0]) + b[j, 0])
inside | matrix product | return next(sigmoid(row @ a[:, 0] + b[j, 0]) for row in [w[j]])
exchanged | w[k, j] | return sigmoid(sum(w[k, j] * a[k, 0] for k in range(len(a))) + b[j, 0])
row_by_column_summed | A flat array has met a column | return squash(sum(w[j] * a) + b[j])
""",
    ("right_column", "square"): """
== right ==
rows | - | return np.array([[square[i, i]] for i in range(len(square))])
places | - | places = np.arange(len(square))
    return square[places, places][:, None]
== wrong ==
turned | still a square | return square.T
diagonal | flat [mistake bias-lost-dimension] | return square.diagonal()
a_row | Transposed | return square.diagonal()[None]
""",
    ("output_error", "a, y, z"): """
== right ==
measured | - | return complex_step(lambda z: 0.5 * np.sum((squash(z) - y) ** 2), z)
of_activations | - | return (a - y) * a * (1 - a)
== wrong ==
a_number | one number | return np.vdot(a - y, sigmoid_prime(z))
mean | Right but for a constant factor, × `1 / a.shape[0]` | return (a - y) * sigmoid_prime(z) / len(a)
square | A square of shape (4, 4) | return (a - y.ravel()) * sigmoid_prime(z)
turned | Two things. That comes to a − y alone [mistake missing-output-sigmoid-prime] | return y - a
cross_entropy | the error of another cost, the cross-entropy [mistake missing-output-sigmoid-prime]
    return (-y / a + (1 - y) / (1 - a)) * sigmoid_prime(z)
of_the_cost | not the cost, and no square | return cost(a, y) * sigmoid_prime(z)
tanh | another function, ReLU or tanh | return (a - y) / np.cosh(z) ** 2
spoils | changed its argument a [mistake arguments-changed] | a -= y
    return a * sigmoid_prime(z)
== stopped ==
product | The ⊙ of the equation is `*`, which multiplies two columns number by number.
    return (a - y) @ sigmoid_prime(z)
""",
    ("previous_error", "w, delta, z"): """
== right ==
measured | - | return complex_step(lambda z: np.sum(delta * (w @ squash(z))), z)
loops | - | sums = [sum(w[j, k] * delta[j, 0] for j in range(len(delta))) for k in range(len(z))]
    return np.array(sums).reshape(-1, 1) * sigmoid_prime(z)
== wrong ==
mean | `1 / w.shape[0]` | return (w * delta).mean(axis=0)[:, None] * sigmoid_prime(z)
square | A square of shape (4, 4) | return (w * delta).sum(axis=0) * sigmoid_prime(z)
== stopped ==
product | The ⊙ of the equation is `*`, which multiplies two columns number by number.
    return w.T @ delta @ sigmoid_prime(z)
""",
    ("check_backprop", "net, x, y"): """
== right ==
ours | - | return backprop(net, x, y)
measured | by complex steps | return numerical_gradient(textbook_cost(x, y), net)
backwards | - | return with_reversed_lists(net, x, y)
""",
    ("judge_from_the_front", "net, x, y"): """
== right ==
counted | as the book does | return from_the_front(net, x, y)
backwards | - | return with_reversed_lists(net, x, y)
""",
}
RIGHT, OTHERS = answers(ANSWERS, globals())
test_right_answers_are_accepted, test_wrong_answers_are_told = two_tests(RIGHT, OTHERS)
SAID_OTHERWISE = {"should_say_less", "check_backprop", "judge_from_the_front"}


@each_of([learner for learner in RIGHT if learner.check not in SAID_OTHERWISE])
def test_other_faults_are_told_by_the_call(learner):
    def off(*arguments):
        result = learner.function(*arguments)
        return np.asarray(result) * 1.001 + 0.5 if not isinstance(result, list | tuple) else [0, *result[1:], 7]

    told = ask(learner.check, off)
    assert told.state == "wrong"
    assert "(Called with " in told.message, told


@pytest.mark.parametrize("found", [[], [3], list(range(10)), list(range(8)), {1, 2}, np.zeros(4), "all", 0.5])
def test_number_that_is_to_be_guessed_is_not_given_away(found):
    """1.1 asks how many they will be: no answer says so."""
    told = ask("should_say_less", lambda output, y: found)
    assert told.state == "wrong"
    assert not re.search(r"9|nine", told.message)


def test_circle_is_not_explained_where_another_product_stops():
    told = ask("previous_error", lambda w, delta, z: delta @ w)
    assert told.state == "stopped"
    assert "⊙" not in told.message


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


def test_lists_that_are_exchanged_are_told_beside_another_mistake():
    told = ask("check_backprop", lambda *call: from_the_front(*call, output_slope=np.ones_like)[::-1])
    assert told.message.startswith("Your function returned (nabla_w, nabla_b): expected the biases first")
    assert "Something else is wrong, too" in told.message


def upward(net, x, y):
    zs, activations = forward_pass(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    delta, L = (activations[-1] - y) * sigmoid_prime(zs[-1]), len(net.sizes)
    for l in range(2, L + 1):
        delta = (net.weights[l - 1].T @ delta) * sigmoid_prime(zs[l - 2]) if l < L else delta
        nabla_b[l - 2], nabla_w[l - 2] = delta, delta @ activations[l - 2].T
    return nabla_b, nabla_w


@pytest.mark.parametrize(
    ("function", "words", "hint"),
    [
        (upward, "The backward loop runs upward", "the order in which the backward loop visits the layers"),
        (lambda *call: from_the_front(*call, weights_at=0), "IndexError", "from the front"),
        (lambda *call: from_the_front(*call, weights_at=-2), "a layer beside the right one", "from the front"),
        (lambda *call: from_the_front(*call, output_slope=np.ones_like), "a − y without", "before the backward loop"),
    ],
)
def test_hints_of_3_4_follow_what_was_found(function, words, hint):
    told = ask("judge_from_the_front", function)
    assert words in told.message
    assert hint in told.hints[0]
    assert "from the front" not in hint or "[-" not in "".join(told.hints)


def test_index_counted_from_the_end_is_refused_in_3_4():
    told = ask("judge_from_the_front", backprop)
    assert told.state == "stopped"
    assert "net.weights[-1] counts from the end" in told.message
    assert "from the front" in told.hints[0]
