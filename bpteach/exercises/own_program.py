"""Judge the reader's own program: a class in the book's layout that does the whole mini-batch at once."""

import contextlib
import io
from dataclasses import replace
from functools import partial

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis import Diagnosis, check_network
from bpteach.diagnosis.calls import is_blank, unfinished
from bpteach.diagnosis.exceptions import explain
from bpteach.diagnosis.methods import is_program, make, method_of
from bpteach.diagnosis.stoppable import Stoppable
from bpteach.exercises.judging import hints_of
from bpteach.exercises.watching import FEW, Watched, calls_more_often, detour_of, mini_batch_of
from bpteach.forms import columns
from bpteach.locale import N_, _, listed
from bpteach.mnist import load_mnist
from bpteach.network import Network
from bpteach.performance.timing import one_blas_thread, side_by_side
from bpteach.training import evaluate, update_mini_batch

HINTS = N_(
    "Print `X.shape` at the beginning of backprop: it has to be (n_1, m), a column for each example.\n"
    "np.hstack puts columns side by side: of m arrays (n, 1) it makes one of (n, m). np.array puts them one behind the "
    "other, (m, n, 1). The step is (20), with the sums over X that backprop gives.\n"
    "`X, Y = (np.hstack(columns) for columns in zip(*mini_batch))`, then `nabla_b, nabla_w = self.backprop(X, Y)`, and "
    "for each layer `self.weights[l] -= eta / len(mini_batch) * nabla_w[l]`"
)
SGD_HINTS = N_(
    "Count the examples of an epoch: each has to come up once, and each mini-batch is one step.\n"
    "Equations (20) and (21) once for each mini-batch. Shuffle at the beginning of each epoch.\n"
    "`np.random.default_rng().shuffle(training_data)`, then `for k in range(0, len(training_data), mini_batch_size): "
    "self.update_mini_batch(training_data[k : k + mini_batch_size], eta)`"
)
METHODS = ("feedforward", "SGD", "update_mini_batch", "backprop")
SIZES = [784, 30, 10]
DIGITS, EPOCHS, SIZE, RATE, ENOUGH = 10_000, 3, 10, 3.0, 0.9
LONGEST = 60.0  # seconds for the training, on a machine that is not quick


def judge_program(answer):
    if answer is Ellipsis:
        return unfinished()
    if not is_program(answer):
        told = _("Your answer is {found}: expected your class, or a network that it has made.")
        return Diagnosis("wrong", told.format(found=name_of(answer)), hints=hints_of(HINTS))
    methods = {name: method_of(answer, name) for name in METHODS}
    missing = [name for name, method in methods.items() if method is None or is_blank(method)]
    if missing:
        return Diagnosis("unfinished", _("Still to write: {names}.").format(names=listed(missing)))
    told = check_network(answer)
    message = _loop(methods) if told.ok else _stumble(methods["update_mini_batch"])
    if message:
        return replace(told, state="wrong", message=message, mistake=None, hints=hints_of(HINTS))
    if told.ok:
        return _train(answer, methods["update_mini_batch"])
    failed = next((name for name, part in told.parts if not part.ok), "")
    return replace(told, hints=hints_of(SGD_HINTS)) if failed == "SGD" else told


def _pairs(m):
    net, X, Y = mini_batch_of(m)
    return net, columns(X, Y), 0.5


def _stumble(step):
    """Say what has become of a list of examples on its way to X, if that is what is wrong."""
    _net, X, _Y = mini_batch_of(FEW)
    arrays = [array for array in Watched(step, *_pairs(FEW)).arrays if array.dtype == float and array.size == X.size]
    misshapen = [array for array in arrays if np.array_equal(np.sort(array, axis=None), np.sort(X, axis=None))]
    if not misshapen or any(np.array_equal(array, X) for array in misshapen):
        return ""
    told = _("In update_mini_batch, the examples have become an array of shape {found}. np.hstack makes {expected}.")
    return told.format(found=misshapen[0].shape, expected=X.shape)


def _loop(methods):
    """Say that the examples still go one by one through a program that is right."""
    if calls_more_often(methods["update_mini_batch"], _pairs):
        return _("Right, but update_mini_batch still calls a function once for each example: hand it all of X.")
    return detour_of(methods["backprop"], mini_batch_of)


def _train(answer, step):
    """Train the reader's program on real digits, and time its step beside that of the loop."""
    digits, net = load_mnist(), Network.random(SIZES, np.random.default_rng(75), scaled=True)
    own = make(*((answer, net) if isinstance(answer, type) else (type(answer), net, answer)))
    examples = columns(*digits.training.columns(range(DIGITS)))
    run = Stoppable(own.SGD, examples, EPOCHS, SIZE, RATE)
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        run.start(None, LONGEST)
    if run.error is not None:
        return explain(run.error)
    share = 0 if run.stopped else evaluate(Network(SIZES, own.weights, own.biases), digits.test) / len(digits.test)
    if share < ENOUGH:
        told = _(
            "Each step is right. But when your SGD had trained on {digits:,} digits for {epochs} epochs, with η = "
            "{rate:g}, the network read {share:.1%} of the test digits right: look at SGD."
        )
        told = told.format(digits=DIGITS, epochs=EPOCHS, rate=RATE, share=share)
        return Diagnosis("wrong", told, hints=hints_of(SGD_HINTS))
    steps = {"loop": update_mini_batch, "yours": step}
    with one_blas_thread(), contextlib.redirect_stdout(io.StringIO()):
        timing = side_by_side({n: partial(f, net.copy(), examples[:SIZE], RATE) for n, f in steps.items()})
    told = _(
        "That is it. Trained by your own SGD on {digits:,} digits for {epochs} epochs, the network reads {share:.1%} "
        "of the test digits right. With mini-batches of {m}, the loop's step takes {ratio} times as long as yours."
    )
    ratio = timing.ratio("loop", "yours")
    return Diagnosis("right", told.format(digits=DIGITS, epochs=EPOCHS, share=share, m=SIZE, ratio=ratio))
