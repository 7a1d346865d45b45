"""Check a reader's whole program: a class laid out like the book's, method by method."""

import contextlib
import copy
import functools
import inspect
from dataclasses import replace

import numpy as np

from bpteach.backpropagation import feedforward
from bpteach.diagnosis.calls import Caller, Finished, unfinished
from bpteach.diagnosis.comparison import described, is_exact
from bpteach.diagnosis.gradient_check import check_backprop, check_backprop_matrix
from bpteach.diagnosis.methods import is_program, make, method_of
from bpteach.diagnosis.mistake import three_hints
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.probes import probes
from bpteach.diagnosis.report import Diagnosis, reworded
from bpteach.diagnosis.sharing import changes
from bpteach.diagnosis.step_check import check_update, takes_pairs
from bpteach.forms import columns, required
from bpteach.locale import _
from bpteach.training import update_mini_batch_matrix

GRADIENTS, STEPS = ("backprop", "backprop_matrix"), ("update_mini_batch", "update_mini_batch_matrix")


def check_network(network, *, seed=0):
    """Check a class laid out like the book's `Network`, all of its methods at once.

    Its gradients (`backprop`, `backprop_matrix`) and its step (`update_mini_batch`) are judged as by the other checks,
    and so are `feedforward`, `evaluate` and `SGD`, where it has them.

    Parameters
    ----------
    network : class or object
        A class made from the list of sizes, with `weights` and `biases`; or a network made by it, which stays as it is.
    seed : int
        Where the random numbers of the small networks start.

    Returns
    -------
    Diagnosis
        Right, or what is wrong with the first method that is not; `parts` has the answer to each.

    Raises
    ------
    TypeError
        If `network` is neither.
    ValueError
        If `seed` is negative.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 1, "Implementing our network to classify digits", and chapter
    2, "The code for backpropagation".

    Examples
    --------
    >>> from bpteach import Network, backprop, update_mini_batch
    >>> class Mine(Network):
    ...     backprop = backprop
    ...     update_mini_batch = update_mini_batch
    >>> print(check_network(Mine).message)
    Your program is right: backprop, update_mini_batch.
    """
    return ProgramCheck(network, seed).answer()


class ProgramCheck:
    """Asks for the answer to each method, in the order in which the one builds on the other."""

    def __init__(self, network, seed):
        self.network, self.seed, self.probe = network, seed, probes(seed)[3]
        self.tests = None  # pairs (x, y), for `SGD` as well, once `evaluate` has counted right on them

    def answer(self):
        if self.network is Ellipsis:
            return unfinished()
        if not is_program(self.network):
            words = _("network is {found}: expected a class laid out like the book's Network, or a network made by it.")
            raise TypeError(words.format(found=described(self.network)))
        try:
            self._call(lambda own: None)  # what stops this would stop every method
        except Finished as end:
            return end.diagnosis
        parts = self._parts()
        has_right_step = any(name in STEPS and step.ok for name, step in parts)
        for name, part in sorted(parts, key=lambda each: each[1].state == "convention"):  # a mistake goes first
            is_made_up_for = part.state == "convention" and has_right_step  # a mean for the sum, say
            if not part.ok and not is_made_up_for:
                return replace(reworded(part, _("In {name}: {message}"), name=name), parts=parts)
        names = [name for name, _part in parts]
        for needed in (GRADIENTS, STEPS):
            if not any(self._has(name) for name in needed):
                message = _("Your class has no method {name} yet.").format(name=needed[0])
                return Diagnosis("unfinished", message, parts=parts)
        return Diagnosis("right", _("Your program is right: {names}.").format(names=_(", ").join(names)), parts=parts)

    def _parts(self):
        """List the methods that there are, each with its answer."""
        checks = {
            "feedforward": self._check_feedforward,
            "backprop": self._check_backprop,
            "backprop_matrix": lambda method: check_backprop_matrix(method, seed=self.seed),
            **dict.fromkeys(STEPS, lambda method: check_update(method, seed=self.seed)),
            "evaluate": self._check_evaluate,
            "SGD": self._check_training,
        }
        parts = []
        for name in filter(self._has, checks):
            try:
                parts.append((name, checks[name](method_of(self.network, name))))
            except Finished as end:
                parts.append((name, end.diagnosis))
        return tuple((name, part) for name, part in parts if part is not None)

    def _has(self, name):
        return method_of(self.network, name) is not None

    def _call(self, work):
        """Give a network of the reader's class to `work`, and give what it gives."""
        net, mine = copy.deepcopy(self.probe.net), self.network
        made_from = (mine, net) if isinstance(mine, type) else (type(mine), net, mine)
        return Caller(lambda: work(make(*made_from)), self.probe.known)()

    def _check_backprop(self, method):
        """Judge it for what the step hands over, one example or a mini-batch; None if that is neither."""
        by_pairs, handed = required(method) == 2, self._handed_over()
        if by_pairs or (handed and np.shape(handed[0]) == self.probe.X.shape):
            return check_backprop_matrix(method, seed=self.seed)
        if handed and np.shape(handed[0]) != (len(self.probe.X), 1):
            return None  # rows, say: the answer to the step has to do
        return check_backprop(method, seed=self.seed)

    def _handed_over(self):
        """Give the arguments with which the step calls `backprop` for the first time; None if it does not."""
        seen = []

        def step(own):
            _watch(own, "backprop", seen)
            for name in filter(self._has, STEPS):
                by_pairs = takes_pairs(method_of(self.network, name))
                X, Y = self.probe.X.copy(), self.probe.Y.copy()
                getattr(own, name)(*([columns(X, Y)] if by_pairs else [X, Y]), self.probe.eta)

        with contextlib.suppress(Finished):
            self._call(step)
        return seen[0] if seen else None

    def _check_feedforward(self, method):
        x, shape = self.probe.X[:, [0]], (len(self.probe.Y), 1)
        found, changed = self._watched_call("feedforward", x.copy())
        is_array = isinstance(found, np.ndarray) and found.shape == shape
        if not is_array or found.dtype.kind not in "iuf":
            message = _("For an input of shape {given} it gives {found}: expected an array of shape {expected}.")
            found = _("an array of type {kind}").format(kind=found.dtype) if is_array else described(found)
            return _wrong(message.format(given=x.shape, found=found, expected=shape))
        if not is_exact(found, feedforward(self.probe.net, x)):
            hints = three_hints(_("Look at the line in the loop over the layers."), "(25)", single=True)
            told = _wrong(_("Its numbers are not those of a = σ(w a + b), layer after layer."))
            return replace(told, hints=hints, equation="(25)")
        return changed or Diagnosis("right", _("The output is right."))

    def _watched_call(self, method, given):
        """Give what a method gives, and the answer that it has changed something, if it has."""
        seen = []

        def call(own):
            seen[:] = own, copy.deepcopy([given, own.weights, own.biases])
            return getattr(own, method)(given)

        found = self._call(call)
        own, before = seen
        names = [next(iter(inspect.signature(getattr(own, method)).parameters)), "self.weights", "self.biases"]
        changed, mistake = changes(before, [given, own.weights, own.biases], names), CATALOGUE["arguments-changed"]
        return found, Diagnosis("wrong", _(mistake.said).format(changed=changed), mistake.name) if changed else None

    def _check_evaluate(self, method):
        outputs, told = feedforward(self.probe.net, self.probe.X).argmax(axis=0), None
        labels = (outputs + (np.arange(len(outputs)) < 3)) % len(self.probe.Y)  # three that it gets wrong
        count, as_columns = len(outputs) - 3, np.eye(len(self.probe.Y))[:, labels].T[:, :, None]
        for answers in (labels, as_columns):  # numbers as in the book
            data = [(self.probe.X[:, [i]], answer) for i, answer in enumerate(answers)]
            try:
                found, changed = self._watched_call("evaluate", data)
            except Finished as end:
                told = told or end.diagnosis
                continue
            if np.isscalar(found) and found in (count, count / len(outputs)):
                self.tests = None if changed else 20 * data  # enough for who tests on some of them
                return changed or Diagnosis("right", _("It counts right."))
            message = _("It gives {found}, where {count} of {all} answers are right.")
            found = found if np.isscalar(found) else described(found)
            told = told or _wrong(message.format(found=found, count=count, all=len(outputs)))
        return told

    def _check_training(self, method):
        """Two epochs with a single mini-batch are two steps; and in an epoch each example has its turn once."""
        tests = {"test_data": self.tests} if self.tests else {}
        forms = [more for more in ({}, tests) if required(functools.partial(method, **more)) == 5]
        if not forms:
            return None
        X, Y, eta = self.probe.X.copy(), self.probe.Y.copy(), self.probe.eta

        def train(own, epochs, size, more):
            seen = []
            _watch(own, "update_mini_batch", seen)
            own.SGD(columns(X, Y), epochs, size, eta, **more)
            return [*own.biases, *own.weights], [arguments[0] for arguments in seen]

        net = copy.deepcopy(self.probe.net)
        for _epoch in range(2):
            update_mini_batch_matrix(net, X, Y, eta)
        found, _seen = self._call(lambda own: train(own, 2, X.shape[1], forms[0]))
        if not all(map(is_exact, found, [*net.biases, *net.weights])):
            return _wrong(_("Two epochs, with all examples in one mini-batch, do not lead where two steps lead."))
        _found, mini_batches = self._call(lambda own: train(own, 3, 3, forms[0]))  # where 7 are cut, one is left
        self._call(lambda own: train(own, 1, 3, forms[-1]))  # does what it does with test data stop it?
        return _fault_of_order(mini_batches, X, 3, 3) or Diagnosis("right", _("It takes the right steps."))


def _fault_of_order(mini_batches, X, epochs, size):
    """Say what is wrong with the mini-batches of some epochs, if they are lists of pairs."""
    examples = [example for mini_batch in mini_batches for example in mini_batch]
    if not examples or not all(isinstance(example, tuple) for example in examples):
        return None
    first = [x[0, 0] for x, _y in examples]
    count = len(first) // epochs
    orders = [first[k : k + count] for k in range(0, len(first), count)]
    if count == X.shape[1] // size * size < X.shape[1] and all(len(mini_batch) == size for mini_batch in mini_batches):
        return _wrong(_("The last, shorter mini-batch of each epoch is left out."))
    if len(orders) != epochs or any(sorted(order) != sorted(X[0]) for order in orders):
        return _wrong(_("In an epoch each example is to be in one mini-batch: some are in none, or in two."))
    if orders == epochs * orders[:1]:
        return _wrong(_("Each epoch takes the examples in the same order: shuffle at the beginning of each."))
    return None


def _watch(own, name, seen):
    """Keep what a method is called with, if the object lets itself be watched."""
    method = getattr(own, name, None)

    def watched(*arguments):
        seen.append([each.copy() if isinstance(each, np.ndarray) else each for each in arguments])
        return method(*arguments)

    with contextlib.suppress(AttributeError):
        setattr(own, name, watched)


def _wrong(message):
    return Diagnosis("wrong", message)
