"""Tests of `bpteach.training`: single steps, whole trainings, interrupts, and the accuracy that the lessons promise."""

import functools
import inspect
import re
import sys
import warnings
from fractions import Fraction
from itertools import count
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

import bpteach.training
import strategies
from bpteach import Examples, Network, backprop_matrix, feedforward, load_mnist, numerical_gradient
from bpteach.training import evaluate, sgd, take_step, update_mini_batch, update_mini_batch_matrix
from conftest import need, once_a_week
from strategies import by_loop, distance, flat, pairs, parameters, refused, seeded, snapshot, written
from test_programs import BOOK

SIZES = [6, 5, 10]


FORMS = pytest.mark.parametrize("step", [by_loop, update_mini_batch_matrix], ids=["loop", "matrix"])


def small_data(n=23):
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 10, n, dtype=np.uint8)
    images = rng.integers(0, 60, (n, 6), dtype=np.uint8)
    images[np.arange(n), labels % 6] = 255
    return Examples(images, labels)


def small_net(dtype=np.float64):
    return Network.random(SIZES, np.random.default_rng(0), dtype=dtype)


def train(net, data=None, epochs=3, mini_batch_size=4, eta=1.0, rng=None, progress=False, **options):
    data, rng = data or small_data(), rng or np.random.default_rng(9)
    return sgd(net, data, epochs, mini_batch_size, eta, rng, progress=progress, **options)


@FORMS
@pytest.mark.parametrize("m", [1, 5])
def test_a_step_goes_eta_over_m_times_the_summed_gradient(step, m):
    net, X, Y = seeded([4, 3, 2], m)
    expected = parameters(net) - 2.5 / m * flat(numerical_gradient(strategies.textbook_cost(X, Y), net))
    step(net, X, Y, 2.5)
    assert distance(parameters(net), expected) < 1e-14


@FORMS
def test_a_step_is_taken_in_place_returns_nothing_and_leaves_the_mini_batch(step):
    net, X, Y = seeded([4, 3, 2], 5)
    kept = [net.weights, net.biases, *net.weights, *net.biases]
    before = parameters(net)
    for array in (X, Y):
        array.setflags(write=False)
    assert step(net, X, Y, 1.0) is None
    assert list(map(id, [net.weights, net.biases, *net.weights, *net.biases])) == list(map(id, kept))
    assert not np.isclose(parameters(net), before, rtol=1e-9).any()


@FORMS
@pytest.mark.parametrize("eta", [0.5, np.float64(0.5), np.float32(0.5), Fraction(1, 2), 1])
def test_float32_stays_float32_whatever_kind_of_number_eta_is(step, eta):
    net, X, Y = seeded([4, 3, 2], 5, dtype=np.float32)
    double, X64, Y64 = seeded([4, 3, 2], 5)
    step(net, X, Y, eta)
    step(double, X64, Y64, float(eta))
    assert {array.dtype for array in (*net.weights, *net.biases)} == {np.dtype(np.float32)}
    assert distance(parameters(net), parameters(double)) < 1e-6


@pytest.mark.parametrize("sizes", [[20, 10], [20, 12, 8, 10], [784, 30, 10]], ids=str)
@pytest.mark.parametrize(
    "step",
    [by_loop, lambda net, X, Y, eta: take_step(net, *backprop_matrix(net, X, Y), eta / X.shape[1])],
    ids=["loop", "longer"],
)
def test_the_matrix_stays_with_the_loop_and_with_its_longer_form_for_a_hundred_steps(step, sizes):
    rng = np.random.default_rng(4)
    one = Network.random(sizes, rng)
    other = one.copy()
    for _ in range(100):
        X, Y = rng.random((sizes[0], 10)), np.eye(10)[:, rng.integers(0, 10, 10)]
        step(one, X, Y, 3.0)
        update_mini_batch_matrix(other, X, Y, 3.0)
    assert 0 < distance(parameters(one), parameters(other)) < 1e-12


@FORMS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_neurons_make_no_noise(step, dtype):
    """σ is 0 or 1 in layer 2, where z is near ±2000; layer 3 goes on learning. Nothing overflows on the way."""
    net, X, Y = seeded([4, 4, 2], 5, dtype=dtype)
    net.weights[0][:] = np.array([[500], [-500], [500], [-500]])
    before, X[:] = parameters(net), 1
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        step(net, X, Y, 1.0)
    assert net.weights[0].tobytes() == before[6 : 6 + 16].tobytes()
    assert (net.weights[1] != before[-8:].reshape(2, 4)).any()


@FORMS
def test_eta_of_zero_or_a_bad_example_at_the_end_leaves_the_network_unchanged(step):
    net, X, Y = seeded([4, 3, 2], 3)
    before = snapshot(net)
    step(net, X, Y, 0)
    assert snapshot(net) == before
    X[3, 2] = np.nan
    refused(ValueError, lambda: step(net, X, Y, 1.0), "nan at row 3")
    assert snapshot(net) == before


def by_hand(net, data, epochs, mini_batch_size, eta, rng):
    for _ in range(epochs):
        order = rng.permutation(len(data))
        for start in range(0, len(data), mini_batch_size):
            chosen = order[start : start + mini_batch_size]
            X = data.images[chosen].T.astype(net.weights[0].dtype) / 255
            Y = np.eye(10, dtype=X.dtype)[:, data.labels[chosen]]
            update_mini_batch_matrix(net, X, Y, eta)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mini_batch_size", [1, 4, 5, 22, 23])
def test_sgd_shuffles_cuts_and_steps(mini_batch_size, dtype):
    net, other = small_net(dtype=dtype), small_net(dtype=dtype)
    train(net, mini_batch_size=mini_batch_size)
    by_hand(other, small_data(), 3, mini_batch_size, 1.0, np.random.default_rng(9))
    assert net.weights[0].dtype == dtype
    assert distance(parameters(net), parameters(other)) < (1e-13 if dtype == np.float64 else 1e-5)


def test_the_history_has_one_number_an_epoch_and_the_data_are_only_read():
    data, net, other = small_data(), small_net(), small_net()
    for array in data.images, data.labels:
        array.setflags(write=False)
    history = train(net, data, epochs=5, eta=3.0, test_data=data)
    rng, expected = np.random.default_rng(9), []
    for _ in range(5):
        train(other, data, epochs=1, eta=3.0, rng=rng)
        expected.append(evaluate(other, data) / len(data))
    assert history.accuracy == expected
    assert len(set(expected)) > 1
    assert (len(history.seconds), history.interrupted) == (5, False)
    assert all(type(number) is float and number >= 0 for number in (*history.accuracy, *history.seconds))


def test_a_history_prints_as_one_line():
    history = bpteach.training.History(accuracy=[0.9, 0.95, 0.94], seconds=[0.5, 0.25, 0.5])
    assert str(history) == "3 epochs in 1.2 s, 94.00% right at the end, 95.00% at best"
    assert re.fullmatch(r"1 epoch in \d\.\d s", str(train(small_net(), epochs=1)))  # no accuracy without test data


def test_the_generator_alone_decides_what_is_learned():
    before, nets = np.random.get_state()[1].tobytes(), [small_net() for _ in range(3)]  # noqa: NPY002
    for net, seed in zip(nets, (9, 9, 10), strict=True):
        train(net, rng=np.random.default_rng(seed))
    assert snapshot(nets[0]) == snapshot(nets[1]) != snapshot(nets[2])
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


class Mine:
    def update(self, net, mini_batch, eta):
        update_mini_batch(net, mini_batch, eta)


class Book(written(BOOK, "Network", {"np": np})):
    def update_mini_batch_matrix(self, X, Y, eta, decay=0.0):
        take_step(self, *self.backprop_matrix(X, Y), eta / X.shape[1])

    backprop_matrix = staticmethod(backprop_matrix).__func__


class Grown(Book):
    def __init__(self, sizes=SIZES):
        super().__init__(sizes)


class WithoutSizes(Book):
    def __init__(self, sizes):
        super().__init__(sizes)
        del self.sizes, self.num_layers


def own_net(kind=Book):
    net = kind(SIZES)
    net.weights, net.biases = small_net().weights, small_net().biases
    return net


def counted(function):
    def wrapper(*arguments):
        return function(*arguments)

    wrapper.__signature__ = inspect.signature(function)
    return wrapper


FORMS_OF_UPDATES = {
    "a method of something else": (small_net, lambda net: Mine().update),
    "a rate by default": (small_net, lambda net: lambda net, pairs, eta=0.0: update_mini_batch(net, pairs, eta)),
    "lr": (small_net, lambda net: lambda net, X, Y, lr=0.0: update_mini_batch_matrix(net, X, Y, lr)),
    "alpha": (small_net, lambda net: lambda net, X, Y, alpha=0.0: update_mini_batch_matrix(net, X, Y, alpha)),
    "η": (small_net, lambda net: lambda net, X, Y, η=0.0: update_mini_batch_matrix(net, X, Y, η)),
    "alpha beside it": (small_net, lambda net: lambda net, pairs, eta, alpha=0.9: update_mini_batch(net, pairs, eta)),
    "any number": (small_net, lambda net: lambda *arguments: update_mini_batch_matrix(*arguments)),
    "bound": (own_net, lambda net: net.update_mini_batch),
    "bound, matrix": (own_net, lambda net: net.update_mini_batch_matrix),
    "unbound": (own_net, lambda net: Book.update_mini_batch),
    "unbound, matrix": (own_net, lambda net: Book.update_mini_batch_matrix),
    "a function": (own_net, lambda net: lambda net, mini_batch, eta: net.update_mini_batch(mini_batch, eta)),
    "ours": (own_net, lambda net: update_mini_batch),
    "ours, matrix": (own_net, lambda net: update_mini_batch_matrix),
    "bound to another": (own_net, lambda net: Book([2, 2]).update_mini_batch),
    "of the class above": (lambda: own_net(Grown), lambda net: Book.update_mini_batch),
    "unbound, for our network": (small_net, lambda net: Book.update_mini_batch),
    "bound, for our network": (small_net, lambda net: Book([3, 2]).update_mini_batch),
    "behind a decorator": (own_net, lambda net: counted(Book.update_mini_batch)),
    "a partial": (own_net, lambda net: functools.partial(Book.update_mini_batch_matrix, decay=0.0)),
    "ours, for a class without sizes": (lambda: own_net(WithoutSizes), lambda net: update_mini_batch_matrix),
}


class Unhashable(type):
    __hash__ = None


class Bystander(metaclass=Unhashable):
    """Stands in the way of who compares all classes, as one of Python 3.14's own does."""


@pytest.mark.parametrize("form", FORMS_OF_UPDATES)
def test_any_form_of_update_and_methods_of_a_readers_class_train_like_ours(form):
    make, update = FORMS_OF_UPDATES[form]
    net, other, data = make(), small_net(), small_data()
    history = train(net, update=update(net), test_data=data)
    assert history.accuracy == train(other, test_data=data).accuracy
    assert distance(parameters(net), parameters(other)) < 1e-13
    assert evaluate(net, data) == evaluate(other, data)


def test_a_network_of_ones_own_answers_by_its_own_feedforward():
    class Stubborn(Book):
        def feedforward(self, a):
            assert a.shape == (6, 1)
            return np.eye(10)[:, [3]]

    data = small_data()
    assert evaluate(own_net(Stubborn), data) == np.sum(data.labels == 3)


def vectors(data):
    return pairs(*data.columns(slice(None)))


def labelled(data):
    return [(x, label) for (x, _y), label in zip(vectors(data), data.labels, strict=True)]


FORMS_OF_PAIRS = {
    "vectors": vectors,
    "labels": labelled,
    "plain labels": lambda data: [(x, int(y)) for x, y in labelled(data)],
    "lists": lambda data: [[x, y] for x, y in vectors(data)],
    "a tuple": lambda data: tuple(labelled(data)),
    "mixed": lambda data: [*vectors(data)[:9], *labelled(data)[9:]],
    "float32 inputs": lambda data: [(x.astype(np.float32).astype(float), y) for x, y in vectors(data)],
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", FORMS_OF_PAIRS)
def test_the_books_lists_of_pairs_train_and_count_like_examples(form, dtype):
    data, net, other = small_data(), small_net(dtype), small_net(dtype)
    listed = FORMS_OF_PAIRS[form](data)
    before = list(listed)
    history = train(net, listed, test_data=listed)
    assert history.accuracy == train(other, test_data=data).accuracy
    assert distance(parameters(net), parameters(other)) < (1e-13 if dtype == np.float64 and "32" not in form else 1e-5)
    assert net.weights[0].dtype == dtype
    assert evaluate(net, listed) == evaluate(other, data)
    assert all(mine is theirs for mine, theirs in zip(before, listed, strict=True))


def interrupted_at(call):
    calls = count(1)

    def update(net, X, Y, eta):
        if next(calls) == call:
            raise KeyboardInterrupt
        update_mini_batch_matrix(net, X, Y, eta)

    return update


@pytest.mark.parametrize(("call", "epochs_done"), [(1, 0), (6, 0), (7, 1), (18, 2)])
def test_an_interrupt_keeps_what_was_learned_and_returns_the_history_so_far(call, epochs_done, capsys):
    data, net, other = small_data(), small_net(), small_net()  # 23 examples: 6 mini-batches of 4 an epoch
    history = train(net, data, test_data=data, update=interrupted_at(call))
    assert history.interrupted
    assert len(history.seconds) == len(history.accuracy) == epochs_done
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"Interrupted in epoch {epochs_done + 1} of 3:")
    steps = count(1)

    def first_steps(net, X, Y, eta):
        if next(steps) < call:
            update_mini_batch_matrix(net, X, Y, eta)

    train(other, data, update=first_steps)
    assert snapshot(net) == snapshot(other)
    history += train(net, data, epochs=3 - epochs_done, test_data=data)
    assert (len(history.seconds), len(history.accuracy), history.interrupted) == (3, 3, False)


def test_an_interrupt_ends_a_whole_loop_over_trainings_where_that_is_asked_for(capsys):
    net, before = small_net(), parameters(small_net())
    with pytest.raises(KeyboardInterrupt):
        train(net, update=interrupted_at(3), on_interrupt="raise")
    assert not np.array_equal(parameters(net), before)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("during", ["the evaluation", "the showing of the accuracy"])
def test_an_interrupt_after_the_last_step_drops_the_unfinished_epoch(during, monkeypatch, capsys):
    monkeypatch.setattr(bpteach.training, "evaluate", Mock(side_effect=[11, KeyboardInterrupt]))
    if during != "the evaluation":
        bar = Mock(set_postfix_str=Mock(side_effect=[None, KeyboardInterrupt]))
        monkeypatch.setattr(bpteach.training, "progress_bar", lambda total, shown: bar)
        monkeypatch.setattr(bpteach.training, "evaluate", Mock(return_value=11))
    history = train(small_net(), test_data=small_data())
    assert (history.accuracy, len(history.seconds), history.interrupted) == ([11 / 23], 1, True)
    assert "epoch 2 of 3" in capsys.readouterr().out


def test_a_bar_shows_the_progress_in_a_terminal(capsys):
    need("tqdm")
    data = small_data()
    sgd(small_net(), data, 2, 4, 1.0, np.random.default_rng(0), test_data=data)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert all(part in shown.err for part in ("epoch 1 of 2", "epoch 2 of 2", "100%", "12/12"))


def test_the_sentence_of_an_interrupt_stands_on_a_line_of_its_own(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", sys.stderr)
    train(small_net(), progress=True, update=interrupted_at(2))
    sentence = capsys.readouterr().err.splitlines()[-1]
    assert sentence.startswith("Interrupted in epoch 1 of 3")


@pytest.mark.parametrize("wanted", [True, False])
def test_nothing_is_shown_without_tqdm_or_where_no_progress_is_wanted(wanted, monkeypatch, capsys):
    data, net, other = small_data(), small_net(), small_net()
    train(other, data, progress=False)
    for module in ("tqdm", "tqdm.auto") if wanted else ():
        monkeypatch.setitem(sys.modules, module, None)
    assert len(train(net, data, test_data=data, progress=wanted).accuracy) == 3
    assert capsys.readouterr() == ("", "")
    assert snapshot(net) == snapshot(other)


def test_an_error_in_the_update_is_not_hidden():
    def update(net, X, Y, eta):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        train(small_net(), update=update)


@pytest.mark.parametrize("n", [1, 250, 251, 1001])
def test_evaluate_counts_the_examples_whose_largest_output_is_the_label_and_changes_nothing(n):
    data, net = small_data(n), small_net()
    right, before = 0, (snapshot(net), data.images.tobytes())
    for image, label in zip(data.images, data.labels, strict=True):
        a = feedforward(net, image.reshape(-1, 1) / 255)
        right += max(range(10), key=lambda digit: a[digit, 0]) == label
    found = evaluate(net, data)
    assert found == right
    assert n < 9 or 0 < found < n
    assert type(found) is int
    assert (snapshot(net), data.images.tobytes()) == before


def test_data_of_ones_own_need_only_len_columns_and_labels():
    class Own(SimpleNamespace):
        def __len__(self):
            return 23

    digits, net, other = small_data(), small_net(), small_net()
    own = Own(labels=digits.labels, columns=digits.columns)
    history = train(net, own, test_data=own)
    assert history.accuracy == train(other, digits, test_data=digits).accuracy
    assert snapshot(net) == snapshot(other)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "enough", "epochs", "scaled"),
    [once_a_week(1, 0.945, 30, False), (0, 0.95, 6, True), once_a_week(4, 0.95, 6, True)],
)
def test_the_books_settings_reach_the_accuracy_that_the_lessons_promise(seed, enough, epochs, scaled):
    mnist, rng = load_mnist(), np.random.default_rng(seed)
    net = Network.random([784, 30, 10], rng, scaled=scaled)
    ones = (sgd(net, mnist.training, 1, 10, 3.0, rng, test_data=mnist.test, progress=False) for _ in range(epochs))
    assert any(history.accuracy[-1] >= enough for history in ones)
