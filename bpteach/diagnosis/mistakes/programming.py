"""Mistakes of programming: when something is changed, what is shared, and which product is taken."""

import numpy as np

from bpteach.diagnosis.algorithm import Run, gradients, scaled_step, take_step
from bpteach.diagnosis.mistake import Mistake
from bpteach.locale import N_


def overwritten(arrays):
    """Write arrays into one buffer, one after the other, and give the windows that each has on it at the end."""
    buffer = np.zeros((max(map(len, arrays)), arrays[0].shape[1]))
    for array in arrays:
        buffer[: len(array)] = array
    return [buffer[: len(array)].copy() for array in arrays]


def share(what):
    """One array holds what is named, "a" without the input, "x" with it, "z" or both, in turn."""

    def keep(s):
        if "x" in what:
            s.a = overwritten(s.a)
        if "a" in what:
            s.a = [s.a[0], *overwritten(s.a[1:])]
        if "z" in what:
            s.z = overwritten(s.z)

    return {"keep": keep}


def too_early(net, X, Y, eta):
    """The error goes back through weights that have taken their step already."""
    rate = eta / X.shape[1]
    lines = {"back": lambda s, l, d: (s.w[-l + 1] - rate * s.nabla_w[-l + 1]).T @ d}
    take_step(net, gradients(net, X, Y, lines), rate)


def each_example(rate_of, order=1):
    """A step after each example, from the first to the last or (−1) the other way round."""

    def update(net, X, Y, eta):
        for i in range(X.shape[1])[::order]:
            take_step(net, gradients(net, X[:, [i]], Y[:, [i]]), rate_of(eta, X.shape[1]))

    return update


class CarriedOver:
    """The sums are made once, and every call adds to them."""

    sums = None

    def add(self, gradient):
        if self.sums:
            pairs = zip(self.sums, gradient, strict=True)
            gradient = [[total + g for total, g in zip(*pair, strict=True)] for pair in pairs]
        self.sums = gradient
        return gradient

    def __call__(self, net, X, Y, eta):
        take_step(net, self.add(gradients(net, X, Y)), eta / X.shape[1])


def totals_so_far(net, X, Y, eta):
    """A step after each example, with the sum of the gradients until then."""
    totals = CarriedOver()
    for i in range(X.shape[1]):
        take_step(net, totals.add(gradients(net, X[:, [i]], Y[:, [i]])), eta / X.shape[1])


def changes_y(net, X, Y):
    """Write the difference into Y."""
    run = Run(net, X, Y)
    right = run.gradients()
    np.subtract(run.a[-1], Y, out=Y)
    return right


def views_of_one(net, X, Y):
    """Return windows on one array for the biases and the weights of a layer."""
    both = [np.hstack(pair) for pair in zip(*gradients(net, X, Y), strict=True)]
    return [g[:, :1] for g in both], [g[:, 1:] for g in both]


MISTAKES = (
    Mistake(
        name="updated-too-early",
        equation="(20)",
        about=N_("weights are changed before the backward pass has used them"),
        wrong=N_("net.weights[-l] -= eta / m * nabla_w[-l]  # inside the backward loop"),
        mended=N_("net.weights[-l] -= eta / m * nabla_w[-l]  # when the backward loop is over"),
        said=N_("The output layer is right. From layer {layer} back, the error has passed weights changed already."),
        where=N_("Look at when the weights are changed, and when the backward loop still needs them."),
        why=N_(
            "All of the gradient belongs to one and the same network, the one before the step. The fault is small for "
            "small η, and so easily passes for rounding."
        ),
        steps=(too_early,),
    ),
    Mistake(
        name="elementwise-for-matrix-product",
        equation="BP2",
        about=N_("* is used where the matrix product @ is meant"),
        wrong="Delta = (net.weights[-l + 1].T * Delta) * sigmoid_prime(Zs[-l])",
        said=N_("To reach layer {layer}, weights and error are multiplied number by number, not as matrices."),
        where=N_("Look at the sign between the weights and the error in the backward loop."),
        why=N_("Each neuron collects the errors of all neurons of the next layer: a sum, which * does not make."),
        forms=(
            {"back": lambda s, l, d: s.w[-l + 1].T * d},
            {"back": lambda s, l, d: s.w[-l + 1] * d},
            {"back": lambda s, l, d: s.w[-l + 1].T * d, "nabla_w": lambda s, l, d: d * s.a[-l - 1].T},
            {"back": lambda s, l, d: s.w[-l + 1].T * d, "nabla_w": lambda s, l, d: np.outer(d, s.a[-l - 1])},
            {"back": lambda s, l, d: s.w[-l + 1] * d, "nabla_w": lambda s, l, d: np.outer(d, s.a[-l - 1])},
            {"back": lambda s, l, d: s.w[-l + 1].sum(axis=1, keepdims=True) * d},
            {"back": lambda s, l, d: s.w[-l + 1].sum(axis=0, keepdims=True).T * d},
        ),
    ),
    Mistake(
        name="activations-share-a-buffer",
        equation="(25)",
        about=N_("one array is used again for every layer, so the list holds the last activation over and over"),
        wrong="np.dot(w, A, out=buffer)",
        mended="A = sigmoid(w @ A + b)",
        said=N_("The activations in your list are one and the same array. Layer {layer} is the first to show it."),
        where=N_("Look at the forward pass: does each layer get an array of its own?"),
        why=N_("A list keeps the array, not a copy: when the next layer writes into it, what was kept is lost."),
        forms=(
            *(share(what) for what in ("a", "x", "az", "xz")),
            *(share(what) | {"hidden slope": lambda s, l: s.a[-l] * (1 - s.a[-l])} for what in "ax"),
        ),
    ),
    Mistake(
        name="update-inside-sample-loop",
        equation="(20)",
        about=N_("a step is taken after each example, not once per mini-batch"),
        wrong=N_("net.weights[l] -= eta / m * delta_nabla_w[l]  # inside the loop over the examples"),
        mended=N_("net.weights[l] -= eta / m * nabla_w[l]  # when the loop over the examples is over"),
        said=N_("The network is changed after each example: the next gradient is that of another network."),
        where=N_("Look at where the weights are changed: inside the loop over the examples, or after it?"),
        why=N_("One mini-batch, one step: first all gradients are summed, then the network is changed."),
        steps=(
            each_example(lambda eta, m: eta / m),
            each_example(lambda eta, m: eta / m, order=-1),
            each_example(lambda eta, m: eta),
            each_example(lambda eta, m: eta, order=-1),
            totals_so_far,
        ),
    ),
    Mistake(
        name="accumulator-not-reset",
        equation="(20)",
        about=N_("the sums of the last mini-batch are carried over into the next"),
        wrong=N_("nabla_b, nabla_w = sums  # made once, outside the function"),
        mended=N_("nabla_b = [np.zeros_like(b) for b in net.biases]  # for each mini-batch"),
        said=N_("The first call is right. The next adds its gradient to what was left over, in every layer."),
        where=N_("Look at where the sums are set to zero: a default argument or a global is made only once."),
        why=N_("Each mini-batch starts from zero."),
        steps=(CarriedOver(),),
    ),
    Mistake(
        name="biases-never-updated",
        equation="(20)",
        about=N_("the step changes the weights and forgets the biases"),
        wrong="net.weights = [w - eta / m * nw for w, nw in zip(net.weights, nabla_w)]",
        mended="net.biases = [b - eta / m * nb for b, nb in zip(net.biases, nabla_b)]",
        said=N_("The weights take the right step. The biases stay where they were, in every layer."),
        where=N_("Look at the lines that change the network: is there one for the biases?"),
        why=N_("A network learns with its biases, too, though accuracy hardly shows it."),
        steps=(scaled_step(lambda m: 0, lambda m: 1),),
    ),
    Mistake(
        name="arguments-changed",
        equation="BP1",
        about=N_("inputs, desired outputs or parameters are changed in place"),
        wrong="difference = np.subtract(activations[-1], Y, out=Y)",
        mended="difference = activations[-1] - Y",
        said=N_("The numbers are right. But your function has changed {changed}, which the caller still needs."),
        where=N_(
            "Look for -=, +=, *=, out=, and for assignments to a part of an array, on something that was not made in "
            "your function."
        ),
        why=N_("An array is handed over, not copied: who changes it changes the caller's."),
        function=changes_y,
    ),
    Mistake(
        name="outputs-share-memory",
        equation="BP3",
        about=N_("two of the arrays that are returned are views of one"),
        wrong="nabla_b[-l] = both[:, :1]",
        mended="nabla_b[-l] = both[:, :1].copy()",
        said=N_("The numbers are right. But {shared} are views of one array, and change with it: copy them."),
        where=N_("Look for a slice, a reshape or an array kept from an earlier call among the arrays that you return."),
        why=N_("A view is a window on another array. Return arrays of their own: .copy() makes one."),
        function=views_of_one,
        shows_in_a_step=False,
    ),
)
