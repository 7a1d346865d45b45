"""Tests of `bpteach.network`."""

import pickle

import numpy as np
import pytest
from hypothesis import given

from bpteach import Network, feedforward
from strategies import layer_sizes, parameters, refused, seeds, snapshot


def rng(seed=0):
    return np.random.default_rng(seed)


@given(layer_sizes, seeds)
def test_arrays_have_the_shapes_that_the_sizes_ask_for(sizes, seed):
    net = Network.random(sizes, rng(seed))
    assert net.sizes == sizes
    assert [b.shape for b in net.biases] == [(n, 1) for n in sizes[1:]]
    assert [w.shape for w in net.weights] == [(sizes[l + 1], sizes[l]) for l in range(len(sizes) - 1)]


@pytest.mark.parametrize("sizes", [[3, 4, 2], (3, 4, 2), [np.int64(3), np.int32(4), 2]])
def test_sizes_weights_and_biases_are_plain_lists(sizes):
    net = Network.random(sizes, rng())
    assert type(net.sizes) is type(net.weights) is type(net.biases) is list
    assert {type(size) for size in net.sizes} == {int}
    assert net.sizes is not sizes
    assert repr(net) == "Network([3, 4, 2])"


def test_scaling_changes_the_weights_and_nothing_else():
    plain, scaled = Network.random([9, 4, 2], rng()), Network.random([9, 4, 2], rng(), scaled=True)
    for b, scaled_b in zip(plain.biases, scaled.biases, strict=True):
        np.testing.assert_array_equal(scaled_b, b)
    np.testing.assert_array_equal(scaled.weights[0], plain.weights[0] / 3)
    np.testing.assert_array_equal(scaled.weights[1], plain.weights[1] / 2)


def test_the_generator_alone_decides_and_biases_are_drawn_first():
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    source, draws = rng(7), rng(7)
    for net in (Network.random([3, 4, 2], source), Network.random([3, 4, 2], source)):
        for array in (*net.biases, *net.weights):
            np.testing.assert_array_equal(array, draws.standard_normal(array.shape))
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype("float32")])
def test_float32_holds_the_numbers_of_float64_rounded(scaled, dtype):
    single = Network.random([5, 4, 2], rng(), scaled=scaled, dtype=dtype)
    double = Network.random([5, 4, 2], rng(), scaled=scaled)
    assert {array.dtype for array in (*single.weights, *single.biases)} == {np.dtype(np.float32)}
    assert {array.dtype for array in (*double.weights, *double.biases)} == {np.dtype(np.float64)}
    np.testing.assert_allclose(parameters(single), parameters(double), rtol=2e-7)


def test_a_copy_is_equal_and_shares_nothing():
    net = Network.random([3, 4, 2], rng(), dtype=np.float32)
    before, copy = snapshot(net), net.copy()
    assert snapshot(copy) == before
    assert type(copy) is Network
    assert copy.weights[0].dtype == np.float32
    for array in (*copy.weights, *copy.biases):
        array += 1
    copy.sizes.append(9)
    copy.weights.append(None)
    copy.biases.pop()
    assert snapshot(net) == before


def test_a_network_can_be_built_from_arrays_of_ones_own():
    w, b = np.array([[1.0, -1.0]]), np.array([[0.5]])
    net = Network([2, 1], [w], [b])
    assert net.weights[0] is w
    assert net.biases[0] is b
    assert feedforward(net, np.array([[0.25], [0.75]]))[0, 0] == 0.5


W, B = np.ones((1, 2)), np.ones((1, 1))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([2, 1], None, [B]), TypeError, ["weights is None", "list of arrays"]),
        (([2, 1], [W], B), TypeError, ["biases is an array of shape (1, 1)", "list of arrays"]),
        (([2, 1], [W, W], [B]), ValueError, ["weights holds 2 arrays", "expected 1"]),
        (([2, 1], [W], []), ValueError, ["biases holds 0 arrays", "expected 1"]),
        (([2, 1], [W.T], [B]), ValueError, ["weights[0] has shape (2, 1)", "expected (1, 2); use weights[0].T."]),
        (([2, 1], [W], [np.ones(1)]), ValueError, ["biases[0] has shape (1,)", "expected (1, 1)"]),
        (([2, 1], [B], [W]), ValueError, ["weights[0] has shape (1, 1)", "expected (1, 2); use weights[0].T."]),
        (([2, 1], [[[1.0, 2.0]]], [B]), TypeError, ["weights[0] is [[1.0, 2.0]] (list)", "an array of shape (1, 2)"]),
        (([2, 1], [W], [[[1], [2, 3]]]), TypeError, ["biases[0] is [[1], [2, 3]] (list)"]),
        (([2, 1], [W.view(np.matrix)], [B]), TypeError, ["weights[0] is a matrix"]),
        (([2, 1], [np.ma.array(W)], [B]), TypeError, ["weights[0] is a MaskedArray"]),
        (([2, 1], [W.astype(int)], [B]), TypeError, ["weights[0] holds int", ".astype(np.float64)"]),
        (([2, 1], [W], [B.astype(np.float16)]), TypeError, ["biases[0] holds float16 numbers"]),
        (([2, 1], [W * np.nan], [B]), ValueError, ["weights[0] holds nan at row 0, column 0"]),
        (([2, 1], [W], [B * np.inf]), ValueError, ["biases[0] holds inf at row 0, column 0"]),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arguments, error, words):
    refused(error, lambda: Network(*arguments), *words)


@pytest.mark.parametrize(
    ("sizes", "error", "words"),
    [
        (784, TypeError, ["sizes is 784", "[784, 30, 10]"]),
        (None, TypeError, ["sizes is None"]),
        (np.array([3, 2]), TypeError, ["sizes is array([3, 2])"]),
        ([], ValueError, ["sizes is []", "at least two"]),
        ([3], ValueError, ["sizes is [3]", "at least two"]),
        ([3, 0], ValueError, ["sizes[1] is 0", "1 or more"]),
        ([3, 2.0], TypeError, ["sizes[1] is 2.0 (float)", "an integer"]),
        ([3, True], TypeError, ["sizes[1] is True (bool)"]),
    ],
)
def test_sizes_of_the_wrong_kind_are_refused(sizes, error, words):
    for make in (lambda: Network.random(sizes, rng()), lambda: Network(sizes, [], [])):
        refused(error, make, *words)


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", ">f4", "c16"])
@pytest.mark.parametrize("sizes", [[2, 1], [5, 4, 3, 2], [784, 30, 10]], ids=str)
def test_a_network_comes_back_from_its_file_to_the_last_bit(sizes, dtype, tmp_path):
    net = Network.random(sizes, rng())
    net = Network(sizes, *([array.astype(dtype) for array in part] for part in (net.weights, net.biases)))
    for file in (tmp_path / "net.npz", str(tmp_path / "no ending"), tmp_path / "net.npz"):  # the last one is replaced
        net.save(file)
        back = Network.load(file)
        assert snapshot(back) == snapshot(net)
        assert back.weights[0].dtype == dtype
        back.weights[0] += 1  # it can go on learning
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.npz", "no ending"]


def test_a_save_that_fails_loses_nothing(tmp_path):
    net, file = Network.random([3, 2], rng()), tmp_path / "net.npz"
    net.save(file)
    before, kept = file.read_bytes(), net.copy()

    net.weights[0][0, 0] = np.nan
    refused(ValueError, lambda: net.save(file), "weights[0] holds ", "expected finite numbers only")
    net.weights[0] = kept.weights[0].T
    refused(ValueError, lambda: net.save(file), "weights[0] has shape (3, 2)")
    with pytest.raises(ValueError, match=r"cannot be written \(.*\): expected a file name"):
        kept.save("")
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def broken(change):
    def damage(file):
        file.write_bytes(change(bytearray(file.read_bytes())))

    return damage


def flipped(content):
    content[len(content) // 2] ^= 1
    return content


BAD_FILES = {
    "empty": broken(lambda content: b""),
    "cut": broken(lambda content: content[:-100]),
    "cut at the front": broken(lambda content: content[100:]),
    "a bit flipped": broken(flipped),
    "text": broken(lambda content: b"weights"),
    "a pickle": lambda file: file.write_bytes(pickle.dumps(Network.random([3, 2], rng()))),
    "one array": lambda file: np.save(other := file.with_suffix(".npy"), np.ones(3)) or other.replace(file),
    "other arrays": lambda file: np.savez(file, x=np.ones(3)),
    "objects": lambda file: np.savez(file, sizes=np.array([3, None])),
    "no layers": lambda file: np.savez(file, sizes=[3, 2]),
    "other shapes": lambda file: np.savez(file, sizes=[3, 2], weights_2=np.ones((2, 2)), biases_2=np.ones((2, 1))),
    "NaN": lambda file: np.savez(file, sizes=[1, 1], weights_2=[[np.nan]], biases_2=[[1.0]]),
    "no sizes": lambda file: np.savez(file, sizes=3),
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_file_without_a_network_is_refused(bad, tmp_path):
    file = tmp_path / "net.npz"
    Network.random([30, 20, 10], rng()).save(file)
    BAD_FILES[bad](file)
    refused(ValueError, lambda: Network.load(file), "net.npz holds no network, or is damaged")


@pytest.mark.parametrize(
    ("error", "name", "words"),
    [
        (FileNotFoundError, "nowhere/net", "No such file"),
        (IsADirectoryError, "", "directory"),
        (TypeError, 3, "file is 3"),
    ],
)
def test_a_file_that_is_not_there_is_named(error, name, words, tmp_path):
    file = name if name == 3 else tmp_path / name
    for call in (Network.load, Network.random([3, 2], rng()).save):
        refused(error, lambda call=call: call(file), words, "expected")


@pytest.mark.parametrize("wrong", [0, None, np.random, np.random.RandomState(0), np.random.default_rng])
def test_a_seed_in_place_of_a_generator_is_refused(wrong):
    words = "rng is ", ": expected a NumPy random generator; use np.random.default_rng(seed)"
    refused(TypeError, lambda: Network.random([3, 2], wrong), *words)


@pytest.mark.parametrize("wrong", [np.float16, int, "nonsense", None, complex, object, {"a": 1}, 3])
def test_other_precisions_are_refused(wrong):
    words = "dtype is ", ": expected np.float32 or np.float64"
    refused(TypeError, lambda: Network.random([3, 2], rng(), dtype=wrong), *words)
