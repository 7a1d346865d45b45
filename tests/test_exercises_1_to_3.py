"""The exercises of lessons 1 to 3: right answers of any style pass, blanks are unfinished, slips are told by name."""

import re
from itertools import pairwise

import numpy as np
import pytest

from bpteach import backprop, cost_derivative, sigmoid, sigmoid_prime
from bpteach.diagnosis import CATALOGUE
from bpteach.exercises import EXERCISES, check, exercises
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read

# right answers, each written in another way than the check's own; the slopes come from complex steps


def complex_step(function, z):
    """Differentiate a function of the column z, which gives a number, with respect to each entry of z."""
    result = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        nudged = z.astype(complex)
        nudged[place] += 1e-30j
        result[place] = function(nudged).imag / 1e-30
    return result


def squash(z):
    """Compute σ by its textbook formula."""
    return 1 / (1 + np.exp(-z))


def all_but_the_digit(output, y):
    """1.1: by insight."""
    return [j for j in range(10) if j != list(y[:, 0]).index(1)]


def positive_deltas(output, y):
    """1.1: by δ itself."""
    return np.flatnonzero((output - y) * output * (1 - output) > 0)


def first_of_where(output, y):
    """1.1: a tuple from NumPy's where."""
    return tuple(np.where(output > y)[0])


def longest_bars(deltas):
    """1.2: in plain Python."""
    return tuple(max(number if number > 0 else -number for (number,) in delta.tolist()) for delta in deltas)


def largest_or_smallest(deltas):
    """1.2: the larger of two ends."""
    return np.array([max(delta.max(), -delta.min()) for delta in deltas])


def count_arrays(sizes):
    """2.1: from arrays of the right shapes."""
    pairs = list(pairwise(sizes))
    return sum(np.zeros((n, n_in)).size for n_in, n in pairs) + sum(np.zeros((n, 1)).size for _, n in pairs)


def count_with_input_of_ones(sizes):
    """2.1: a bias is a weight from an input that is always 1."""
    return int(np.dot(np.array(sizes[:-1]) + 1, sizes[1:]))


def slope_by_complex_step(a):
    """2.2: back to z, and a measured slope there."""
    return squash(np.log(a / (1 - a)) + 1e-30j).imag / 1e-30


def slope_with_square(a):
    """2.2: multiplied out."""
    return a - a**2


def neuron_with_generator(w, b, a, j):
    """2.3: the sum of a generator."""
    return squash(sum(weight * number for weight, (number,) in zip(w[j], a, strict=True)) + b[j][0])


def neuron_by_entries(w, b, a, j):
    """2.3: NumPy adds the products of the entries."""
    return squash(np.sum(w[j] * a[:, 0]) + b.item(j))


def diagonal_by_hand(square):
    """2.4: entry by entry."""
    return np.array([[square[i, i]] for i in range(len(square))])


def diagonal_by_places(square):
    """2.4: by a list of places."""
    places = np.arange(len(square))
    return square[places, places][:, None]


def output_error_by_complex_step(a, y, z):
    """3.1: how fast the cost changes with z."""
    return complex_step(lambda z: 0.5 * np.sum((squash(z) - y) ** 2), z)


def output_error_from_activations(a, y, z):
    """3.1: the slope from the activation."""
    return (a - y) * a * (1 - a)


def previous_error_by_complex_step(w, delta, z):
    """3.2: how fast the next layer's δ, times the change of its z, changes with this layer's z."""
    return complex_step(lambda z: np.sum(delta * (w @ squash(z))), z)


def previous_error_in_loops(w, delta, z):
    """3.2: the sums written out."""
    sums = [sum(w[j, k] * delta[j, 0] for j in range(len(delta))) for k in range(len(z))]
    return np.array(sums).reshape(-1, 1) * sigmoid_prime(z)


def backprop_by_complex_step(net, x, y):
    """3.3: every parameter nudged in turn."""
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
    """Run the forward pass of 3.3 and 3.4."""
    a, zs, activations = x, [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        zs.append(w @ a + b)
        a = sigmoid(zs[-1])
        activations.append(a)
    return zs, activations


def from_the_front(net, x, y):
    """3.4: l is the book's."""
    zs, activations = forward(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    L = len(net.sizes)
    delta = cost_derivative(activations[L - 1], y) * sigmoid_prime(zs[L - 2])
    nabla_b[L - 2], nabla_w[L - 2] = delta, delta @ activations[L - 2].T
    for l in range(L - 1, 1, -1):
        delta = (net.weights[l - 1].T @ delta) * sigmoid_prime(zs[l - 2])
        nabla_b[l - 2], nabla_w[l - 2] = delta, delta @ activations[l - 2].T
    return nabla_b, nabla_w


def with_reversed_lists(net, x, y):
    """3.4: no index at all, the lists reversed."""
    zs, activations = forward(net, x)
    nabla_b, nabla_w, back = [], [], activations[-1] - y
    for w, z, a in zip(reversed(net.weights), zs[::-1], activations[-2::-1], strict=True):
        delta = back * sigmoid_prime(z)
        back = w.T @ delta
        nabla_b.insert(0, delta)
        nabla_w.insert(0, delta @ a.T)
    return nabla_b, nabla_w


RIGHT = [
    ("1.1", all_but_the_digit),
    ("1.1", positive_deltas),
    ("1.1", first_of_where),
    ("1.2", longest_bars),
    ("1.2", largest_or_smallest),
    ("2.1", count_arrays),
    ("2.1", count_with_input_of_ones),
    ("2.2", slope_by_complex_step),
    ("2.2", slope_with_square),
    ("2.3", neuron_with_generator),
    ("2.3", neuron_by_entries),
    ("2.4", diagonal_by_hand),
    ("2.4", diagonal_by_places),
    ("3.1", output_error_by_complex_step),
    ("3.1", output_error_from_activations),
    ("3.2", previous_error_by_complex_step),
    ("3.2", previous_error_in_loops),
    ("3.3", backprop),
    ("3.3", backprop_by_complex_step),
    ("3.3", with_reversed_lists),
    ("3.4", from_the_front),
    ("3.4", with_reversed_lists),
]


@pytest.mark.parametrize(("tag", "function"), RIGHT)
def test_right_answers_pass(tag, function):
    """Whatever the style, and however the numbers come about."""
    told = check(tag, function)
    assert told.ok, told
    assert not told.hints


# wrong answers: what is said, and the name in the catalogue


def diagonal_kept(square):
    """2.4: the diagonal, left in its square."""
    return np.diag(np.diag(square))


def bias_in_the_loop(w, b, a, j):
    """2.3: the bias once for each k."""
    z = 0.0
    for k in range(len(a)):
        z += w[j, k] * a[k, 0] + b[j, 0]
    return sigmoid(z)


def indices_exchanged(w, b, a, j):
    """2.3: raises where there are more inputs than neurons."""
    return sigmoid(sum(w[k, j] * a[k, 0] for k in range(len(a))) + b[j, 0])


def first_pair_only(sizes):
    """2.1: return stands inside the loop."""
    for n_in, n in pairwise(sizes):
        return n * n_in + n


def return_in_the_loop(w, b, a, j):
    """2.3: the sum ends after its first term."""
    z = b[j, 0]
    for k in range(len(a)):
        z += w[j, k] * a[k, 0]
        return sigmoid(z)


def last_term_only(w, b, a, j):
    """2.3: = for +=."""
    for k in range(len(a)):
        z = w[j, k] * a[k, 0]
    return sigmoid(z + b[j, 0])


def one_in_an_array_and_wrong(w, b, a, j):
    """2.3: a[k] for a[k, 0], and the bias forgotten."""
    print("here")
    return sigmoid(sum(w[j, k] * a[k] for k in range(len(a))))


def product_in_an_inner_function(w, b, a, j):
    """2.3: the matrix product is not on the first level."""
    return next(sigmoid(row @ a[:, 0] + b[j, 0]) for row in [w[j]])


WRONG = [
    ("1.1", lambda output, y: [j for j in range(10) if output[j] > 0.5 and y[j] == 0], "left out the quiet ones", None),
    ("1.1", lambda output, y: np.flatnonzero((output > 0.1) & (y == 0)), "left out the quiet ones", None),
    ("1.1", lambda output, y: list(range(10)), "These are not the numbers j", None),
    ("1.1", lambda output, y: [1, *np.flatnonzero(output > y)], "These are not the numbers j", None),
    ("1.1", lambda output, y: set(np.flatnonzero(output > y).tolist()), "give a list", None),
    ("1.1", lambda output, y: np.flatnonzero(output > y)[::-1], "smallest number first", None),
    ("2.1", lambda sizes: 23860, "the lesson's network", None),
    ("2.2", lambda a: a * 1 - a, "needs brackets", None),
    ("2.3", return_in_the_loop, "only one term", None),
    ("2.3", last_term_only, "only one term", None),
    ("2.3", one_in_an_array_and_wrong, "not right yet", None),
    ("2.3", lambda w, b, a, j: squash(w @ a + b)[j, 0], "matrix product", None),
    ("2.3", lambda w, b, a, j: squash(np.dot(w[j], a[:, 0]) + b[j, 0]), "matrix product", None),
    ("2.3", product_in_an_inner_function, "matrix product", None),
    ("3.1", lambda a, y, z: (a - y) * a, "BP1 multiplies by its slope", None),
    ("3.2", lambda w, delta, z: (w.T @ delta) * squash(z), "BP2 multiplies by its slope", None),
    ("1.1", lambda output, y: [j for j in range(10) if y[j, 0] == 1], "other way round", None),
    ("1.1", lambda output, y: [int(np.argmax(output))], "one neuron only", None),
    ("1.1", lambda output, y: np.argmax(output), "one neuron only", None),
    ("1.1", lambda output, y: [j for j, (a,) in enumerate(output) if a >= 0.5], "one half", None),
    ("1.1", lambda output, y: int(np.sum(output > y)), "how many they are", None),
    ("1.1", lambda output, y: output > y, "True or False for each neuron", None),
    ("1.1", lambda output, y: (output > y).ravel(), "True or False for each neuron", None),
    ("1.1", lambda output, y: [bool(a > b) for a, b in zip(output, y, strict=True)], "True or False", None),
    ("1.1", lambda output, y: np.nonzero(output > y), "rows and the columns", None),
    ("1.2", lambda deltas: [max(delta[:, 0]) for delta in deltas], "a long bar down", None),
    ("1.2", lambda deltas: [max(delta) for delta in deltas], "a long bar down", None),
    ("1.2", lambda deltas: [min(delta[:, 0]) for delta in deltas], "smallest number", None),
    ("1.2", lambda deltas: np.abs([delta.max() for delta in deltas]), "absolute values first", None),
    ("1.2", lambda deltas: [max(delta[:, 0], key=abs) for delta in deltas], "without the sign", None),
    ("1.2", lambda deltas: [np.argmax(abs(delta)) for delta in deltas], "place", None),
    ("1.2", lambda deltas: [np.argmax(delta) for delta in deltas], "place", None),
    ("1.2", lambda deltas: [sum(abs(delta[:, 0])) for delta in deltas], "added up", None),
    ("1.2", lambda deltas: [np.average(abs(delta)) for delta in deltas], "added up", None),
    ("1.2", lambda deltas: [float((delta.T @ delta).item()) ** 0.5 for delta in deltas], "added up", None),
    ("1.2", lambda deltas: max(longest_bars(deltas)), "for each layer", None),
    ("1.2", lambda deltas: longest_bars(reversed(deltas)), "wrong order", None),
    ("1.2", lambda deltas: [max(abs(delta)) for delta in deltas], "in an array", None),
    ("2.1", lambda sizes: sum(a * b for a, b in pairwise(sizes)), "biases are missing", None),
    ("2.1", lambda sizes: sum(sizes) - sizes[0], "weights are missing", None),
    ("2.1", lambda sizes: count_arrays(sizes) + sizes[0], "input layer biases", None),
    ("2.1", lambda sizes: sum(a * b + a for a, b in pairwise(sizes)), "feeds a layer", None),
    ("2.1", lambda sizes: sum(a * b + 1 for a, b in pairwise(sizes)), "one for each neuron", None),
    ("2.1", first_pair_only, "before the loop", None),
    ("2.1", lambda sizes: np.prod(sizes), "multiplied all", None),
    ("2.2", sigmoid_prime, "squashes twice", "sigmoid-prime-of-activation"),
    ("2.2", lambda a: sigmoid(a) * (1 - sigmoid(a)), "squashes twice", "sigmoid-prime-of-activation"),
    ("2.2", lambda a: a * (a - 1), "sign", None),
    ("2.2", lambda a: (1 + a) * (1 - a), "tanh", None),
    ("2.2", sigmoid, "once more", None),
    ("2.3", indices_exchanged, "w[k, j]", None),
    ("2.3", lambda w, b, a, j: sigmoid(w[j] @ a[:, 0]), "bias is missing", None),
    ("2.3", lambda w, b, a, j: w[j] @ a[:, 0] + b[j, 0], "That is z", None),
    ("2.3", bias_in_the_loop, "outside the sum", None),
    ("2.3", lambda w, b, a, j: sum(sigmoid(w[j] * a[:, 0])) + b[j, 0], "each term", None),
    ("2.3", lambda w, b, a, j: sum(sigmoid(w[j] * a[:, 0] + b[j, 0])), "each term", None),
    ("2.3", lambda w, b, a, j: sigmoid(w[j] @ a + b[j]), "array of shape (1,)", None),
    ("2.3", lambda w, b, a, j: sigmoid(w[[j]] @ a + b[[j]]), "array of shape (1, 1)", None),
    ("2.3", lambda w, b, a, j: sigmoid(w @ a + b), "whole layer", None),
    ("2.4", lambda square: square[:, :1], "same bias", None),
    ("2.4", lambda square: square[0].reshape(-1, 1), "biases of all", None),
    ("2.4", lambda square: square.diagonal(), "flat", "bias-lost-dimension"),
    ("2.4", lambda square: [square[i, i] for i in range(len(square))], "flat", None),
    ("2.4", lambda square: square.diagonal()[None], "as a row", None),
    ("2.4", lambda square: square.mean(axis=1, keepdims=True), "average", None),
    ("2.4", lambda square: np.fliplr(square).diagonal().reshape(-1, 1), "other diagonal", None),
    ("2.4", diagonal_kept, "zeros off the diagonal", None),
    ("3.1", lambda a, y, z: cost_derivative(a, y), "difference alone", "missing-output-sigmoid-prime"),
    ("3.1", lambda a, y, z: a * (1 - a), "slope alone", None),
    ("3.1", lambda a, y, z: (y - a) * sigmoid_prime(z), "sign is turned round", "wrong-sign"),
    ("3.1", lambda a, y, z: 2 * (a - y) * sigmoid_prime(z), "½", "factor-two"),
    ("3.1", lambda a, y, z: (a - y) * sigmoid_prime(a), "wants z", "sigmoid-prime-of-activation"),
    ("3.1", lambda a, y, z: (a - y) * (z - z**2), "z(1 − z) is not", "activation-formula-on-z"),
    ("3.1", lambda a, y, z: np.dot((a - y).T, sigmoid_prime(z)), "one number", None),
    ("3.1", lambda a, y, z: np.vdot(a - y, sigmoid_prime(z)), "one number", None),
    ("3.2", lambda w, delta, z: (w @ delta) * sigmoid_prime(z), "by rows", "missing-transpose"),
    ("3.2", lambda w, delta, z: w.T @ delta, "The sums are right", "missing-hidden-sigmoid-prime"),
    ("3.2", lambda w, d, z: w.T @ d * sigmoid_prime(sigmoid(z)), "wants z", "sigmoid-prime-of-activation"),
    ("3.2", lambda w, delta, z: w.T @ delta * z * (1 - z), "z(1 − z) is not", "activation-formula-on-z"),
    ("3.2", lambda w, d, z: w.T * d * sigmoid_prime(z), "nothing is added up", "elementwise-for-matrix-product"),
    ("3.2", lambda w, d, z: w * d * sigmoid_prime(z), "nothing is added up", "elementwise-for-matrix-product"),
    (
        "3.2",
        lambda w, d, z: (w * d).sum(1, keepdims=True) * sigmoid_prime(z),
        "wrong way",
        "elementwise-for-matrix-product",
    ),
    ("3.2", lambda w, delta, z: w.T @ (delta * sigmoid_prime(z)), "before the weights", None),
]


@pytest.mark.parametrize(("tag", "function", "words", "mistake"), WRONG)
def test_slips_are_told(tag, function, words, mistake):
    """Each slip gets its own sentence, its name in the catalogue if it has one, and three hints."""
    told = check(tag, function)
    assert told.state == "wrong", told
    assert words in told.message, told
    assert told.mistake == mistake
    assert mistake is None or mistake in CATALOGUE
    assert len(told.hints) == 3


@pytest.mark.parametrize(("tag", "function"), [(tag, function) for tag, function in RIGHT if "1.2" <= tag < "3.3"])
def test_other_faults_are_told_by_the_call(tag, function):
    """What is no known slip is wrong nevertheless, and the answer says for which call."""

    def off(*arguments):
        result = function(*arguments)
        return np.asarray(result) * 1.001 + 0.5 if not isinstance(result, list | tuple) else [0, *result[1:], 7]

    told = check(tag, off)
    assert told.state == "wrong"
    assert "(Called with " in told.message, told


@pytest.mark.parametrize("found", [[], [3], list(range(10)), list(range(8)), {1, 2}, np.zeros(4), "all", 0.5])
def test_number_that_is_to_be_guessed_is_not_given_away(found):
    """1.1 asks how many they will be: no answer says so."""
    told = check("1.1", lambda output, y: found)
    assert told.state == "wrong"
    assert not re.search(r"9|nine", told.message)


def test_circle_is_explained_where_a_matrix_product_stops():
    """3.1 and 3.2: @ between two columns of the same length is ⊙ mistaken; another product is another mistake."""
    for tag, function in (
        ("3.1", lambda a, y, z: (a - y) @ sigmoid_prime(z)),
        ("3.2", lambda w, delta, z: w.T @ delta @ sigmoid_prime(z)),
    ):
        told = check(tag, function)
        assert told.state == "stopped"
        assert told.message.endswith("The ⊙ of the equation is `*`, which multiplies two columns number by number.")
    told = check("3.2", lambda w, delta, z: delta @ w)
    assert told.state == "stopped"
    assert "⊙" not in told.message


@pytest.mark.parametrize("tag", [tag for lesson in (1, 2, 3) for tag in exercises(lesson) if EXERCISES[tag].hints])
def test_code_in_hints_is_marked(tag):
    """Each third hint holds the line in backticks, and no hint has TeX's braces outside of an index or exponent."""
    *others, line = EXERCISES[tag].hints
    assert line.count("`") in (2, 4)
    for hint in (*others, line):
        text = "".join(hint.split("`")[::2])
        assert not re.search(r"_[a-z]{2}|\\|[a-z_]\(|\[", text), text


# 3.3 and 3.4: what the diagnosis says is its own tests' business; here, that it is asked


def weights_of_the_layer_itself(net, x, y):
    """3.4: place l - 2 for l - 1 in net.weights."""
    zs, activations = forward(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    delta = cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
    for l in range(len(net.sizes), 1, -1):
        if l < len(net.sizes):
            delta = (net.weights[l - 2].T @ delta) * sigmoid_prime(zs[l - 2])
        nabla_b[l - 2], nabla_w[l - 2] = delta, delta @ activations[l - 2].T
    return nabla_b, nabla_w


def no_output_slope(net, x, y):
    """3.3 and 3.4: a known mistake that is not in the indices."""
    zs, activations = forward(net, x)
    nabla_b, nabla_w = [None] * len(zs), [None] * len(zs)
    delta = activations[-1] - y
    for l in range(len(net.sizes), 1, -1):
        if l < len(net.sizes):
            delta = (net.weights[l - 1].T @ delta) * sigmoid_prime(zs[l - 2])
        nabla_b[l - 2], nabla_w[l - 2] = delta, delta @ activations[l - 2].T
    return nabla_b, nabla_w


@pytest.mark.parametrize("tag", ["3.3", "3.4"])
def test_mistakes_in_backprop_are_named(tag):
    """The diagnosis names them, and its hints are those of the mistake."""
    told = check(tag, no_output_slope)
    assert not told.ok
    assert told.mistake == "missing-output-sigmoid-prime"
    assert told.hints == CATALOGUE[told.mistake].hints or "σ′" in "".join(told.hints)


def test_index_counted_from_the_front_gets_hints_of_that_kind():
    """Where the list's places are the fault, the hints count from the front as well."""
    told = check("3.4", weights_of_the_layer_itself)
    assert not told.ok
    assert "from the front" in told.hints[0]
    assert "[-" not in "".join(told.hints)


def test_index_counted_from_the_end_is_refused_in_3_4():
    """The book's program is right, and is not what 3.4 asks for."""
    told = check("3.4", backprop)
    assert told.state == "stopped"
    assert "net.weights[-1] counts from the end" in told.message
    assert "from the front" in told.hints[0]


# blanks, and what is no answer


def two_arguments(output, y):
    """Stand for a blank of two arguments."""
    ...


def my_backprop(net, x, y):
    """Compute the gradient of the cost of one example."""
    nabla_b = [None] * len(net.biases)
    nabla_w = [None] * len(net.weights)
    # forward
    ...
    # backward
    ...
    return nabla_b, nabla_w


def one_argument(a):
    """Stand for a blank of one argument."""
    ...


def three_arguments(a, y, z):
    """Stand for a blank of three arguments."""
    raise NotImplementedError


def four_arguments(w, b, a, j):
    """Stand for a blank of four arguments that has been begun."""
    z = ...
    return sigmoid(z + b[j, 0])


BLANK = [
    ("1.1", two_arguments),
    ("1.2", one_argument),
    ("2.1", one_argument),
    ("2.2", one_argument),
    ("2.3", four_arguments),
    ("2.4", one_argument),
    ("3.1", three_arguments),
    ("3.2", three_arguments),
    ("3.3", my_backprop),
    ("3.4", my_backprop),
]
TAGS = sorted({tag for tag, _ in BLANK})


@pytest.mark.parametrize(("tag", "function"), [*BLANK, *((tag, ...) for tag in TAGS)])
def test_blanks_are_unfinished(tag, function):
    """A blank is no mistake."""
    assert check(tag, function).state == "unfinished"


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("answer", [None, 7, np.zeros((3, 1)), "lambda: 0"], ids=["None", "number", "array", "text"])
def test_what_is_no_function_is_refused(tag, answer):
    """A result in place of the function: the refusal says what was found and what is expected."""
    with pytest.raises(TypeError, match="expected a function"):
        check(tag, answer)


@pytest.mark.parametrize("tag", TAGS)
def test_functions_that_fail_are_told_in_words(tag):
    """Too few arguments, and an exception of the reader's own: an answer, not a traceback."""
    assert check(tag, lambda: 0).state == "stopped"

    def stumble(*arguments):
        return arguments[7]

    told = check(tag, stumble)
    assert told.state == "stopped"
    assert "IndexError" in told.message


def test_changed_arguments_are_told():
    """A function that spoils what it is given is not accepted, though its result is right."""

    def spoil(a, y, z):
        a -= y
        return a * sigmoid_prime(z)

    told = check("3.1", spoil)
    assert not told.ok
    assert told.mistake == "arguments-changed"


# the notebooks


@pytest.mark.parametrize("number", [1, 2, 3])
def test_lessons_are_blank_and_solutions_right(number):
    """As stored: each check of the lesson says that nothing is written yet, each of the solutions that it is right."""
    (lesson,) = NOTEBOOKS.glob(f"{number:02}-*.ipynb")
    for path, word in ((lesson, "Not written yet."), (NOTEBOOKS / "solutions" / lesson.name, "Right.")):
        cells = {cell.metadata.get("tags", [""])[0]: cell for cell in cells_of(read(path), "code")}
        tags = [tag for tag in TAGS if tag.startswith(f"{number}.")]
        assert [name for name in cells if name.startswith("exercise-")] == [f"exercise-{tag}" for tag in tags]
        for tag in tags:
            assert word in cells[f"check-{tag}"].outputs[0].data["text/plain"]
