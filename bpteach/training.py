"""Gradient descent: one step by the loop, one step by matrices, and the training that repeats either."""

import sys
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from bpteach.arguments import require_mini_batch, require_network, require_pairs, require_rate, require_training
from bpteach.backpropagation import backprop, feedforward
from bpteach.forms import as_examples, as_step
from bpteach.locale import _, ngettext, printable


@dataclass
class History:
    """What `sgd` did, epoch by epoch."""

    accuracy: list = field(default_factory=list)  # the share of `test_data` that was right; empty without `test_data`
    seconds: list = field(default_factory=list)  # of the training, evaluation left out
    interrupted: bool = False  # whether an interrupt ended the training early

    def __add__(self, later):
        """Join what a training did with what the next one, which went on with the same network, did."""
        return History(self.accuracy + later.accuracy, self.seconds + later.seconds, later.interrupted)

    def __str__(self):
        count = len(self.seconds)
        text = ngettext("{count} epoch in {seconds:.1f} s", "{count} epochs in {seconds:.1f} s", count)
        text = text.format(count=count, seconds=sum(self.seconds))
        if self.accuracy:
            accuracy = _("{last:.2%} right at the end, {best:.2%} at best")
            accuracy = accuracy.format(last=self.accuracy[-1], best=max(self.accuracy))
            text = _("{text}, {accuracy}").format(text=text, accuracy=accuracy)
        return printable(text)


def update_mini_batch(net, mini_batch, eta):
    """Take one step of gradient descent, one example at a time. Changes `net`.

    Parameters
    ----------
    net : Network
        The network, changed in place.
    mini_batch : sequence of pairs (x, y), shapes (n_1, 1) and (n_L, 1)
        The examples.
    eta : float
        The learning rate η.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, the mini-batch is empty, or a number is not finite. The network is then as it was.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 1, equations (20) and (21).
    """
    require_network(net)
    require_pairs("mini_batch", mini_batch)
    require_rate("eta", eta)
    nabla_b = [np.zeros_like(b) for b in net.biases]
    nabla_w = [np.zeros_like(w) for w in net.weights]
    for x, y in mini_batch:
        delta_nabla_b, delta_nabla_w = backprop(net, x, y)
        for total, part in zip(nabla_b + nabla_w, delta_nabla_b + delta_nabla_w, strict=True):
            total += part
    take_step(net, nabla_b, nabla_w, float(eta) / len(mini_batch))


def update_mini_batch_matrix(net, X, Y, eta):
    """Take one step of gradient descent, the whole mini-batch at once. Changes `net`.

    It does what `backprop_matrix` and `take_step` do, with less: η/m is multiplied into the small δ; σ is one line, by
    tanh, which no z makes overflow; σ′ comes from the activations; weights change as soon as the error has passed.

    Parameters
    ----------
    net : Network
        The network, changed in place.
    X, Y : arrays, shapes (n_1, m) and (n_L, m)
        The inputs and the desired outputs, one column an example.
    eta : float
        The learning rate η.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, m is 0, or a number is not finite. The network is then as it was.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, problem "Fully matrix-based approach to backpropagation
    over a mini-batch".
    """
    require_rate("eta", eta)
    require_mini_batch(net, X, Y)
    # forward: keep what goes into every layer
    A, layers = X, []
    for b, w in zip(net.biases, net.weights, strict=True):
        layers.append((b, w, A))
        A = 0.5 + 0.5 * np.tanh(0.5 * (np.dot(w, A) + b))  # (25), with σ(z) = ½ + ½ tanh(z/2)
    # backward: Delta is η/m times the error, so that every sum below is a whole step
    Delta = float(eta) / X.shape[1] * (A - Y) * A * (1 - A)  # BP1, with σ′ = a(1 − a)
    for b, w, A in reversed(layers):
        step_b = Delta.sum(axis=1, keepdims=True)  # BP3, summed over the examples
        step_w = np.dot(Delta, A.T)  # BP4
        if A is not X:
            Delta = np.dot(w.T, Delta) * A * (1 - A)  # BP2, with the weights of before the step
        w -= step_w  # (20)
        b -= step_b  # (21)


def take_step(net, nabla_b, nabla_w, rate):
    """Move every bias and weight against its gradient. Changes `net`.

    Parameters
    ----------
    net : Network
        The network, changed in place.
    nabla_b, nabla_w : lists of arrays, shapes of `net.biases` and `net.weights`
        ∂C/∂b and ∂C/∂w, summed over the mini-batch.
    rate : float
        How far: η/m.
    """
    for b, w, nb, nw in zip(net.biases, net.weights, nabla_b, nabla_w, strict=True):
        w -= rate * nw  # (20)
        b -= rate * nb  # (21)


def sgd(
    net,
    data,
    epochs,
    mini_batch_size,
    eta,
    rng,
    *,
    update=update_mini_batch_matrix,
    test_data=None,
    progress=True,
    on_interrupt="return",
):
    """Train `net` by stochastic gradient descent: shuffle, cut into mini-batches, step. Changes `net`.

    Parameters
    ----------
    net : Network, or an object of a class of your own, like the book's
        The network, trained in place.
    data : Examples, or list of pairs (x, y) or (x, label)
        What to train on; it is only read. The last mini-batch of an epoch may be smaller.
    epochs, mini_batch_size : int
        How many times to go through `data`, and how many examples are a mini-batch, m.
    eta : float
        The learning rate η.
    rng : numpy.random.Generator
        The source of the shuffling.
    update : function or method
        `update_mini_batch_matrix`, `update_mini_batch`, or one of your own with the arguments of either; further
        ones must have defaults. It may be a method of a class of your own, `net.update_mini_batch` for instance.
    test_data : Examples, or list of pairs
        What to count right answers on after each epoch.
    progress : bool
        Show a progress bar, in a notebook or a terminal.
    on_interrupt : {"return", "raise"}
        What an interrupt ends (the stop button, Ctrl-C): this training alone, or the whole cell, as a loop over
        trainings wants. The network keeps what it has learned, and another call goes on from there: with the epochs
        that are left, `history += sgd(...)` makes one history of both.

    Returns
    -------
    History
        Accuracy and seconds, one number an epoch; after an interrupt, of the epochs that were completed.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of its range; if the data are empty or do not fit the network.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 1, "Implementing our network to classify digits".
    """
    data = as_examples("data", net, data)
    if test_data is not None:
        test_data = as_examples("test_data", net, test_data)
    require_training(len(data), epochs, mini_batch_size, eta, rng, on_interrupt)
    step = as_step(update)
    dtype = net.weights[0].dtype
    history = History()
    starts = range(0, len(data), mini_batch_size)
    bar = progress_bar(epochs * len(starts), progress)
    try:
        for epoch in range(epochs):
            bar.set_description(_("epoch {now} of {all}").format(now=epoch + 1, all=epochs))
            began = perf_counter()
            order = rng.permutation(len(data))
            for start in starts:
                X, Y = data.columns(order[start : start + mini_batch_size], dtype)
                step(net, X, Y, eta)
                bar.update()
            seconds = perf_counter() - began
            if test_data is not None:
                history.accuracy.append(evaluate(net, test_data) / len(test_data))
                bar.set_postfix_str(f"{history.accuracy[-1]:.2%}")
            history.seconds.append(seconds)
    except KeyboardInterrupt:
        if on_interrupt == "raise":
            raise
        history.interrupted = True
        history.accuracy = history.accuracy[: len(history.seconds)]
    finally:
        bar.close()
    if history.interrupted:
        message = _("Interrupted in epoch {now} of {all}: the network keeps what it has learned, and can go on.")
        print(printable(message.format(now=len(history.seconds) + 1, all=epochs)))
    return history


def evaluate(net, data):
    """Count the examples for which the largest output is the right one.

    Parameters
    ----------
    net : Network, or an object of a class of your own, like the book's
        The network; if it has a method `feedforward`, that one answers.
    data : Examples, or list of pairs (x, y) or (x, label)
        The examples.

    Returns
    -------
    int
        How many of `data` the network gets right.

    Raises
    ------
    TypeError, ValueError
        If `data` is no set of examples, is empty, or does not fit the network.
    """
    data, right = as_examples("data", net, data), 0
    for start in range(0, len(data), 250):  # 250 columns at a time: 1.6 MB, which a processor keeps at hand
        indices = np.arange(start, min(start + 250, len(data)))
        X, _Y = data.columns(indices, net.weights[0].dtype)
        if hasattr(net, "feedforward"):
            answers = [np.argmax(net.feedforward(x)) for x in np.hsplit(X, len(indices))]
        else:
            answers = feedforward(net, X).argmax(axis=0)
        right += int(np.sum(answers == data.labels[indices]))
    return right


def progress_bar(total, shown, unit=None):
    """Open tqdm's bar, or something that does nothing where none is wanted, or tqdm is not installed."""
    try:
        from tqdm.auto import tqdm
    except ImportError:  # the bar is a comfort, not a need
        return _NoBar()
    if sys.platform == "emscripten":
        tqdm.monitor_interval = 0  # in a page there are no threads
    return tqdm(total=total, unit=unit or _("step")) if shown else _NoBar()


class _NoBar:
    def __getattr__(self, name):
        return lambda *ignored: None
