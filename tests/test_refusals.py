"""Tests of what is refused, and of the sentence that says so: each public function, each usual slip."""

import os
import re
import sys

import numpy as np
import pytest

import strategies
from bpteach import (
    Examples,
    Network,
    backprop,
    backprop_matrix,
    evaluate,
    feedforward,
    sgd,
    update_mini_batch,
    update_mini_batch_matrix,
)
from bpteach.arguments import name_of, require_count, require_dtype, require_input, require_rate
from bpteach.mnist import MNIST
from conftest import run
from strategies import pairs, seeded, snapshot

NET, X, Y = seeded([4, 3, 4], 5)
x, y = X[:, [0]], Y[:, [0]]
PAIRS = pairs(X, Y)


def refused(error, call, name, *words):
    """Call, and hold the refusal to the house's rules: one sentence that names the argument and gives the cure."""
    before = snapshot(NET), X.tobytes(), Y.tobytes()
    message = strategies.refused(error, call, "expected", *words)
    assert re.match(rf"{re.escape(name)}(\[\d+\])? (is|has|holds) ", message), message
    assert len(message) < 220 or name == "update"  # its sentence shows two functions
    assert (snapshot(NET), X.tobytes(), Y.tobytes()) == before


def holding(value, shape, row):
    """Make an array of zeros with one other value."""
    array = np.zeros(shape)
    array[row, -1] = value
    return array


# One column. Each entry: what is handed over for a column of 4, the error, what the sentence must contain.


def wrong_numbers(shape):
    """What is refused for its numbers or its kind, whatever its shape; row 2 of the last column holds the NaN."""
    zeros = np.zeros(shape)
    return {
        "integers": (zeros.astype(int), TypeError, ["int", "float32 or float64", "use {name}.astype(np.float64)"]),
        "bytes": (zeros.astype(np.uint8), TypeError, ["uint8", "use {name} / 255"]),
        "truth values": (zeros.astype(bool), TypeError, ["bool", "use {name}.astype(np.float64)"]),
        "objects": (zeros.astype(object), TypeError, ["object", "astype(np.float64)"]),
        "half precision": (zeros.astype(np.float16), TypeError, ["float16", "float32 or float64"]),
        "NaN": (holding(np.nan, shape, 2), ValueError, [f"nan at row 2, column {shape[1] - 1}", "finite"]),
        "infinity": (holding(-np.inf, shape, 3), ValueError, [f"-inf at row 3, column {shape[1] - 1}", "finite"]),
        "a matrix": (zeros.view(np.matrix), TypeError, [f"matrix of shape {shape}", "use np.asarray({name})"]),
        "a masked array": (np.ma.zeros(shape), TypeError, ["MaskedArray", "use {name}.filled(0)"]),
        "no dimension": (np.array(0.5), ValueError, ["shape ()"]),
    }


COLUMN_SLIPS = wrong_numbers((4, 1)) | {
    "a 1-D vector": (np.zeros(4), ValueError, ["shape (4,)", "(4, 1), a column", "use {name}.reshape(-1, 1)"]),
    "a row": (np.zeros((1, 4)), ValueError, ["shape (1, 4)", "use {name}.T"]),
    "the wrong length": (np.zeros((5, 1)), ValueError, ["shape (5, 1)", "sizes are [4, 3, 4]"]),
    "a whole mini-batch": (np.zeros((4, 5)), ValueError, ["shape (4, 5)", "use {name}[:, [i]] for example i"]),
    "a transposed mini-batch": (np.zeros((5, 4)), ValueError, ["shape (5, 4)", "use {name}.T"]),
    "no column": (np.zeros((4, 0)), ValueError, ["shape (4, 0)", "empty"]),
    "a picture": (np.zeros((2, 2)), ValueError, ["shape (2, 2)"]),
    "three dimensions": (np.zeros((1, 4, 1)), ValueError, ["shape (1, 4, 1)"]),
    "text": (np.full((4, 1), "0.5"), TypeError, ["<U3"]),
    "a list": ([0.0] * 4, TypeError, ["(list)", "use np.array({name}, dtype=float).reshape(-1, 1)"]),
    "a list of rows": ([[0.0], [1.0]], TypeError, ["(list)", "use np.array({name}, dtype=float)"]),
    "a tuple": ((0.0, 1.0), TypeError, ["(tuple)", "use np.array({name}, dtype=float).reshape(-1, 1)"]),
    "an empty list": ([], TypeError, ["[] (list)"]),
    "nothing": (None, TypeError, ["None (NoneType)", "array of shape (4, 1), a column"]),
    "a number": (0.5, TypeError, ["0.5 (float)", "array of shape (4, 1), a column"]),
    "a network": (NET, TypeError, ["Network([4, 3, 4])", "array of shape (4, 1), a column"]),
}
COMPLEX = {"complex numbers": (np.zeros((4, 1), complex), TypeError, ["complex128", "use {name}.real"])}
COLUMN_CALLS = {
    ("backprop", "x"): lambda bad: backprop(NET, bad, y),
    ("backprop", "y"): lambda bad: backprop(NET, x, bad),
    ("update_mini_batch", "x"): lambda bad: update_mini_batch(NET, [*PAIRS, (bad, y)], 1.0),
    ("update_mini_batch", "y"): lambda bad: update_mini_batch(NET, [*PAIRS, (x, bad)], 1.0),
}


@pytest.mark.parametrize("slip", COLUMN_SLIPS | COMPLEX)
@pytest.mark.parametrize(("function", "name"), COLUMN_CALLS)
def test_one_example_must_be_a_column(function, name, slip):
    bad, error, words = (COLUMN_SLIPS | COMPLEX)[slip]
    words = [word.format(name=name) if "{name}" in word else word for word in words]
    refused(error, lambda: COLUMN_CALLS[function, name](bad), name, *words)


LABEL_SLIPS = {
    "a label": (7, TypeError, ["7 (int)", "np.eye(4)[:, [label]]"]),
    "a NumPy label": (np.uint8(7), TypeError, ["np.eye(4)[:, [label]]"]),
    "a label as array": (np.array(7), TypeError, ["int", "np.eye(4)[:, [label]]"]),
    "a label as float": (np.array(7.0), ValueError, ["shape ()", "np.eye(4)[:, [label]]"]),
    "as many labels as neurons": (np.array([3.0, 0.0, 2.0, 1.0]), ValueError, ["np.eye(4)[:, labels]"]),
    "flat integers with a single 1": (np.eye(4, dtype=int)[3], TypeError, ["int", "astype(np.float64)"]),
    "labels": (np.array([7, 2, 1]), TypeError, ["int", "np.eye(4)[:, labels]"]),
    "labels as bytes": (np.array([7, 2, 1], np.uint8), TypeError, ["uint8", "np.eye(4)[:, labels]"]),
    "labels as a list": ([7, 2, 1], TypeError, ["(list)", "np.eye(4)[:, labels]"]),
    "labels as a row of floats": (np.zeros((1, 5)), ValueError, ["shape (1, 5)", "np.eye(4)[:, labels]"]),
    "labels as floats": (np.zeros(5), ValueError, ["shape (5,)", "np.eye(4)[:, labels]"]),
}


@pytest.mark.parametrize("slip", LABEL_SLIPS)
def test_labels_in_place_of_desired_outputs_are_refused_with_the_cure(slip):
    bad, error, words = LABEL_SLIPS[slip]
    refused(error, lambda: backprop(NET, x, bad), "y", *words)
    refused(error, lambda: update_mini_batch(NET, [(x, bad)], 1.0), "y", *words)
    refused(error, lambda: backprop_matrix(NET, X, bad), "Y", *words)
    refused(error, lambda: update_mini_batch_matrix(NET, X, bad, 1.0), "Y", *words)


# A mini-batch of columns.

MATRIX_SLIPS = wrong_numbers((4, 5)) | {
    "a 1-D vector": (np.zeros(4), ValueError, ["shape (4,)", "(4, m), one column an example", "{name}.reshape(-1, 1)"]),
    "a transposed mini-batch": (np.zeros((5, 4)), ValueError, ["shape (5, 4)", "use {name}.T"]),
    "the wrong number of rows": (np.zeros((6, 5)), ValueError, ["shape (6, 5)", "sizes are [4, 3, 4]"]),
    "no column": (np.zeros((4, 0)), ValueError, ["shape (4, 0)", "the mini-batch is empty"]),
    "columns stacked in depth": (np.zeros((5, 4, 1)), ValueError, ["shape (5, 4, 1)"]),
    "a list of columns": ([np.zeros((4, 1))] * 5, TypeError, ["of type list", "use np.column_stack({name})"]),
    "a list of rows": ([[0.0] * 5] * 4, TypeError, ["of type list", "use np.array({name}, dtype=float)."]),
    "a list of pairs": (PAIRS, TypeError, ["of type list"]),
    "nothing": (None, TypeError, ["None (NoneType)", "array of shape (4, m), one column an example"]),
}
MATRIX_CALLS = {
    ("backprop_matrix", "X"): lambda bad: backprop_matrix(NET, bad, Y),
    ("backprop_matrix", "Y"): lambda bad: backprop_matrix(NET, X, bad),
    ("update_mini_batch_matrix", "X"): lambda bad: update_mini_batch_matrix(NET, bad, Y, 1.0),
    ("update_mini_batch_matrix", "Y"): lambda bad: update_mini_batch_matrix(NET, X, bad, 1.0),
    ("feedforward", "x"): lambda bad: feedforward(NET, bad),
}


@pytest.mark.parametrize("slip", MATRIX_SLIPS)
@pytest.mark.parametrize(("function", "name"), MATRIX_CALLS)
def test_a_mini_batch_must_be_columns_side_by_side(function, name, slip):
    bad, error, words = MATRIX_SLIPS[slip]
    refused(error, lambda: MATRIX_CALLS[function, name](bad), name, *(word.format(name=name) for word in words))


@pytest.mark.parametrize("call", [backprop_matrix, lambda *given: update_mini_batch_matrix(*given, 1.0)])
def test_complex_numbers_are_refused_where_a_gradient_is_wanted(call):
    refused(TypeError, lambda: call(NET, X.astype(complex), Y), "X", "complex128", "use X.real")


@pytest.mark.parametrize("columns", [4, 1])
@pytest.mark.parametrize("call", [backprop_matrix, lambda *given: update_mini_batch_matrix(*given, 1.0)])
def test_a_mini_batch_has_a_desired_output_for_each_input(call, columns):
    said = f"X has 5 columns and Y has {columns}", "one column of Y for each column of X"
    refused(ValueError, lambda: call(NET, X, np.zeros((4, columns))), "X", *said)


# Arguments in each other's place.


@pytest.mark.parametrize(
    ("call", "name", "words"),
    [
        (lambda: backprop(x, y, NET), "net", ["an array of shape (4, 1)", "a Network"]),
        (lambda: backprop(None, x, y), "net", ["None (NoneType)", "sizes, weights and biases"]),
        (lambda: backprop(Network, x, y), "net", ["of type type"]),
        (lambda: feedforward(x, NET), "net", ["an array of shape (4, 1)"]),
        (lambda: update_mini_batch(PAIRS, NET, 1.0), "net", ["of type list"]),
        (lambda: update_mini_batch_matrix(X, Y, NET, 1.0), "net", ["an array of shape (4, 5)"]),
        (lambda: update_mini_batch(NET, 1.0, PAIRS), "mini_batch", ["1.0 (float)", "list of pairs (x, y)"]),
        (lambda: update_mini_batch_matrix(NET, X, 1.0, Y), "eta", ["an array of shape (4, 5)", "a number"]),
        (lambda: sgd(DATA, NET, 1, 1, 1.0, np.random.default_rng(0)), "net", ["of type Examples"]),
    ],
)
def test_swapped_arguments_are_named(call, name, words):
    refused(TypeError, call, name, *words)


def test_input_and_output_in_each_others_place_are_noticed():
    net, X, Y = seeded([4, 3, 2], 5)
    x, y = X[:, [0]], Y[:, [0]]
    refused(ValueError, lambda: backprop(net, y, x), "x", "shape (2, 1)", "(4, 1)", "[4, 3, 2]")
    refused(ValueError, lambda: backprop_matrix(net, Y, X), "X", "shape (2, 5)", "(4, m)", "[4, 3, 2]")
    refused(ValueError, lambda: update_mini_batch(net, [(y, x)], 1.0), "x", "shape (2, 1)", "(4, 1)")


# The sequence of pairs.

SEQUENCE_SLIPS = {
    "an empty list": ([], ValueError, ["empty", "at least one pair"]),
    "an empty tuple": ((), ValueError, ["empty"]),
    "zip": (zip([x], [y], strict=True), TypeError, ["use list(...) around it", "only once"]),
    "a generator": ((pair for pair in PAIRS), TypeError, ["use list(...) around it"]),
    "an iterator": (iter(PAIRS), TypeError, ["use list(...) around it"]),
    "a matrix of columns": (X, TypeError, ["an array of shape (4, 5)", "use [(x, y), ...]"]),
    "a dictionary": ({"x": x}, TypeError, ["use [(x, y), ...]"]),
    "text": ("xy", TypeError, ["'xy' (str)"]),
    "nothing": (None, TypeError, ["None (NoneType)", "use [(x, y), ...]"]),
    "one pair, not in a list": ((x, y), TypeError, ["[0] is an array of shape (4, 1)", "a pair (x, y)"]),
    "inputs alone": ([x, x], TypeError, ["[0] is an array of shape (4, 1)"]),
    "a triple at the end": ([*PAIRS, (x, y, 1)], TypeError, ["[5] is a tuple of 3"]),
    "a single one at the end": ([*PAIRS, (x,)], TypeError, ["[5] is a tuple of 1"]),
    "nothing at the end": ([*PAIRS, None], TypeError, ["[5] is None (NoneType)"]),
}


@pytest.mark.parametrize("slip", SEQUENCE_SLIPS)
def test_a_mini_batch_of_pairs_must_be_a_list_of_pairs(slip):
    bad, error, words = SEQUENCE_SLIPS[slip]
    refused(error, lambda: update_mini_batch(NET, bad, 1.0), "mini_batch", *words)


# The learning rate, and the other numbers of a training.

RATE_SLIPS = {
    "NaN": (float("nan"), ValueError, ["nan", "finite"]),
    "infinity": (np.inf, ValueError, ["inf", "finite"]),
    "a negative number": (-3.0, ValueError, ["-3.0", "the minus sign is in the update already"]),
    "text": ("3.0", TypeError, ["'3.0' (str)", "a number"]),
    "nothing": (None, TypeError, ["None"]),
    "a truth value": (True, TypeError, ["True (bool)"]),
    "a complex number": (1j, TypeError, ["1j (complex)"]),
    "an array": (np.array([3.0]), TypeError, ["an array of shape (1,)"]),
}
DATA = Examples(np.arange(80, dtype=np.uint8).reshape(20, 4), np.arange(20, dtype=np.uint8) % 2)
WIDER = Examples(np.zeros((3, 5), np.uint8), np.zeros(3, np.uint8))
DIGITS = Network.random([4, 3, 10], np.random.default_rng(0))


def of_ones(n_in, n):
    return Network([n_in, n], [np.ones((n, n_in))], [np.ones((n, 1))])


def train(net=DIGITS, data=DATA, epochs=1, mini_batch_size=5, eta=1.0, rng=None, **options):
    rng = np.random.default_rng(0) if rng is None else rng
    return sgd(net, data, epochs, mini_batch_size, eta, rng, progress=False, **options)


@pytest.mark.parametrize("slip", RATE_SLIPS)
def test_the_learning_rate_must_be_a_finite_number(slip):
    bad, error, words = RATE_SLIPS[slip]
    calls = [
        lambda: update_mini_batch(NET, PAIRS, bad),
        lambda: update_mini_batch_matrix(NET, X, Y, bad),
        lambda: train(eta=bad),
        lambda: train(eta=bad, update=lambda net, X, Y, eta: None),
    ]
    for call in calls:
        refused(error, call, "eta", *words)


SGD_SLIPS = {
    "epochs 0": ({"epochs": 0}, ValueError, "epochs", ["0", "1 or more"]),
    "epochs as text": ({"epochs": "3"}, TypeError, "epochs", ["'3' (str)", "an integer"]),
    "epochs True": ({"epochs": True}, TypeError, "epochs", ["True (bool)"]),
    "mini_batch_size negative": ({"mini_batch_size": -5}, ValueError, "mini_batch_size", ["-5", "1 or more"]),
    "mini_batch_size a float": ({"mini_batch_size": 10.0}, TypeError, "mini_batch_size", ["10.0 (float)"]),
    "mini_batch_size too large": ({"mini_batch_size": 21}, ValueError, "mini_batch_size", ["21", "at most 20"]),
    "rng a seed": ({"rng": 7}, TypeError, "rng", ["7 (int)", "use np.random.default_rng(seed)"]),
    "rng of the old kind": ({"rng": np.random.RandomState(0)}, TypeError, "rng", ["np.random.default_rng(seed)"]),
    "data as arrays": ({"data": (X, Y)}, TypeError, "data", ["[0] is an array of shape (4, 5)", "a pair (x, y)"]),
    "data as zip": ({"data": zip([x], [y], strict=True)}, TypeError, "data", ["use list(...) around it"]),
    "data as flat inputs": ({"data": [(x, 3), (x[:, 0], 3)]}, ValueError, "data[1][0]", ["(4,)", "[0].reshape(-1, 1)"]),
    "data as pairs of bytes": ({"data": [(x.astype(np.uint8), 3)]}, TypeError, "data[0][0]", ["data[0][0] / 255"]),
    "data as pairs of other outputs": ({"data": [(x, y)]}, ValueError, "data[0][1]", ["shape (4, 1)", "(10, 1)"]),
    "data as pairs of wrong labels": ({"data": [(x, 9), (x, 10)]}, ValueError, "data[1][1]", ["10", "0 to 9"]),
    "data as a triple": ({"data": [(x, 3, 1)]}, TypeError, "data", ["[0] is a tuple of 3", "a pair (x, y)"]),
    "data as NaN": ({"data": [(x * np.nan, 3)]}, ValueError, "data[0][0]", ["nan at row 0"]),
    "data an empty list": ({"data": []}, ValueError, "data", ["empty"]),
    "data as all three sets": ({"data": MNIST(DATA, DATA, DATA)}, TypeError, "data", ["such as load_mnist().training"]),
    "data as a matrix": ({"data": X}, TypeError, "data", ["an array of shape (4, 5)", "a list of pairs"]),
    "data empty": ({"data": DATA[:0]}, ValueError, "data", ["empty", "at least one example"]),
    "inputs too many": ({"net": of_ones(784, 10)}, ValueError, "data", ["of 4 numbers", "of 784 numbers", "[784, 10]"]),
    "outputs too few": ({"net": of_ones(4, 2)}, ValueError, "data", ["of 10 numbers", "of 2 numbers", "[4, 2]"]),
    "test data as pairs of flat inputs": ({"test_data": [(x[:, 0], 3)]}, ValueError, "test_data[0][0]", ["(4,)"]),
    "test data empty": ({"test_data": DATA[:0]}, ValueError, "test_data", ["empty"]),
    "test data of another width": ({"test_data": WIDER}, ValueError, "test_data", ["of 5 numbers", "of 4 numbers"]),
    "on_interrupt unknown": ({"on_interrupt": "stop"}, ValueError, "on_interrupt", ["'stop' (str)", "'raise'"]),
    "update a word": ({"update": "matrix"}, TypeError, "update", ["'matrix' (str)", "update_mini_batch_matrix(net,"]),
    "update of two": ({"update": lambda net, eta: None}, TypeError, "update", ["update_mini_batch(net, mini_batch"]),
}


@pytest.mark.parametrize("slip", SGD_SLIPS)
def test_sgd_refuses_before_it_begins(slip):
    options, error, name, words = SGD_SLIPS[slip]
    net, rng = options.get("net", DIGITS), np.random.default_rng(0)
    before = snapshot(net), DATA.images.tobytes(), rng.bit_generator.state
    refused(error, lambda: train(**{"rng": rng} | options), name, *words)
    assert (snapshot(net), DATA.images.tobytes(), rng.bit_generator.state) == before


@pytest.mark.parametrize("slip", [slip for slip in SGD_SLIPS if slip.startswith(("data", "inputs", "outputs"))])
def test_evaluate_refuses_the_same_data(slip):
    options, error, name, words = SGD_SLIPS[slip]
    refused(error, lambda: evaluate(options.get("net", DIGITS), options.get("data", DATA)), name, *words)


# What must not be refused.


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", ">f4", np.complex64, np.complex128])
def test_both_byte_orders_pass_and_complex_input_through_the_forward_pass(dtype):
    if np.dtype(dtype).kind == "f":  # files and other machines hand them over
        backprop_matrix(NET, X.astype(dtype), Y.astype(dtype))
        backprop(NET, x.astype(dtype), y.astype(dtype))
    assert feedforward(NET, X.astype(dtype)).dtype == (np.float64 if np.dtype(dtype).kind == "f" else np.complex128)


@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 3e38), (np.float64, 1e300), (np.float64, 1e-300)])
def test_finite_numbers_pass_however_large_their_squares(dtype, size):
    with np.errstate(all="raise"):
        require_input(NET, np.full((4, 5), -size, dtype))
        require_input(NET, np.full((8, 10), size, dtype)[::2, ::2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, lambda X: np.repeat(X, 2, axis=1)[:, ::2]])
def test_one_number_that_is_not_finite_is_found_among_huge_ones(layout, value, dtype):
    batch = layout(np.full((4, 5), 3e38, dtype))
    batch[2, 3] = value
    with np.errstate(all="raise"), pytest.raises(ValueError, match="x holds") as refusal:
        require_input(NET, batch)
    assert "row 2, column 3" in str(refusal.value)


#: Numbers that begin between two places of memory, as a worker may get them
NOT_ALIGNED = """
import numpy as np
from bpteach import Network, backprop_matrix

X = np.frombuffer(bytes(80_001), np.uint8)[1:].view(np.float64).reshape(100, 100)
backprop_matrix(Network.random([100, 100], np.random.default_rng(0)), X, X)
"""


def test_numbers_that_are_not_aligned_pass_on_the_oldest_kernel_of_openblas():
    run(sys.executable, "-c", NOT_ALIGNED, env=os.environ | {"OPENBLAS_CORETYPE": "Prescott"})


def test_numbers_of_every_kind_are_counts_and_rates_and_precision_has_many_names():
    for size in (1, np.int8(1), np.uint64(1)):
        require_count("n", size)
    for rate in (0, 1, 0.5, np.float32(0.5), np.int64(2)):
        require_rate("eta", rate)
    for dtype in (float, "float64", "f4", np.float32, np.dtype("float64")):
        assert require_dtype(dtype) in (np.float32, np.float64)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "3 (int)"),
        ("seven", "'seven' (str)"),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        (np.ma.zeros(2), "a MaskedArray of shape (2,)"),
        (list(range(100)), "of type list"),
    ],
)
def test_values_are_described_in_a_few_words(value, words):
    assert name_of(value) == words


@pytest.mark.parametrize(
    ("part", "spoil", "error", "words"),
    [
        ("biases", lambda b: [b[0], b[1].ravel()], ValueError, "[1] has shape (4,): expected (4, 1)"),  # as NumPy takes
        ("weights", lambda w: [w[0].T, w[1]], ValueError, "[0] has shape (4, 3): expected (3, 4)"),
        ("weights", lambda w: [w[0].tolist(), w[1]], TypeError, "[0] is of type list"),
        ("weights", lambda w: [w[0], w[1].astype(int)], TypeError, "[1] holds int"),
        ("weights", lambda w: [w[0].astype(object), w[1]], TypeError, "[0] holds object"),
        ("weights", lambda w: [w[0], w[1].view(np.matrix)], TypeError, "[1] is a matrix of shape (4, 3)"),
        ("weights", lambda w: [*w, w[1]], ValueError, " holds 3 arrays: expected 2, one for each layer after"),
        ("biases", lambda b: b[:1], ValueError, " holds 1 arrays: expected 2, one for each layer after"),
        ("biases", lambda b: None, TypeError, ""),
    ],
)
def test_a_network_whose_arrays_no_longer_fit_is_refused(part, spoil, error, words):
    net = NET.copy()
    setattr(net, part, spoil(getattr(net, part)))
    for call in (
        lambda: feedforward(net, x),
        lambda: backprop(net, x, y),
        lambda: backprop_matrix(net, X, Y),
        lambda: update_mini_batch(net, PAIRS, 1.0),
        lambda: update_mini_batch_matrix(net, X, Y, 1.0),
    ):
        refused(error, call, f"net.{part}" if words else "net", f"net.{part}{words}" if words else "biases")


def test_arrays_that_nobody_may_write_to_are_copied_for_the_training():
    for array in (w := np.ones((1, 2)), b := np.ones((1, 1))):
        array.flags.writeable = False
    net = Network([2, 1], [w], [b])
    update_mini_batch_matrix(net, np.ones((2, 3)), np.zeros((1, 3)), 1.0)
    assert (w == 1).all()
    assert (net.weights[0] < 1).all()
