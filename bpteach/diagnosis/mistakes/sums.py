"""Mistakes in adding up the examples of a mini-batch, and in keeping them columns."""

import numpy as np

from bpteach.diagnosis.algorithm import RIGHT, gradients, in_some_layers, scaled_step, summed, take_step
from bpteach.diagnosis.mistake import Mistake
from bpteach.locale import N_


def times(of_b, of_w):
    """The gradients of biases and weights times constants, which are functions of m."""
    return {
        "nabla_b": lambda s, l, d: RIGHT["nabla_b"](s, l, d) * of_b(s.m),
        "nabla_w": lambda s, l, d: RIGHT["nabla_w"](s, l, d) * of_w(s.m),
    }


def last_column(biases, weights):
    """Of the biases, the weights or both only the last example's gradient is kept."""

    def result(s):
        nabla_b, nabla_w = gradients(s.net, s.X[:, -1:], s.Y[:, -1:])
        return nabla_b if biases else s.nabla_b, nabla_w if weights else s.nabla_w

    return {"result": result}


def product_of_sums(s, l, d):
    return summed(d) @ summed(s.a[-l - 1]).T


def flat_biases(net, X, Y, eta):
    take_step(net, gradients(net, X, Y), eta / X.shape[1])
    net.biases = [b.ravel() for b in net.biases]


TOO_SHORT = {"said of a step": N_("With {m} examples, the step is {m} times too short: it is divided by m twice.")}
TOO_LONG = {"said of a step": N_("With {m} examples, the step is {m} times too long: a sum where the mean is meant.")}
OVER_EVERYTHING = {"said": N_("The weights are right. ∂C/∂b of layer {layer} is one sum over everything.")}

# what has lost its second dimension: NumPy then broadcasts rows against columns
FLAT_B = {"weighted input": lambda s, w, a, b: w @ a + b.ravel()}
FLAT_X = {"input": lambda s, X: X.ravel()}
FLAT_Y = {"desired": lambda s, Y: Y.ravel()}

MISTAKES = (
    Mistake(
        name="mean-for-sum",
        equation="BP3",
        about=N_("a mean over the examples is taken where a sum is asked for, or the other way round"),
        wrong="nabla_b[-l], nabla_w[-l] = Delta.mean(axis=1, keepdims=True), Delta @ activations[-l - 1].T / m",
        mended="nabla_b[-l], nabla_w[-l] = Delta.sum(axis=1, keepdims=True), Delta @ activations[-l - 1].T",
        said=N_("All is right but for a factor m: a mean for the sum, or the other way round, is a convention."),
        where=N_("Look for a division by m, or for a mean, that is there once too often or is missing."),
        why=N_("Here gradients are sums over the mini-batch, and the step divides by m, once."),
        convention=N_(
            "The step is off by a factor, the number of examples. Divide by m once.\n"
            "Look for the division by m: it is missing, or it is there twice.\n"
            "The gradients are summed over the mini-batch, and the step divides by m."
        ),
        forms=(times(lambda m: 1 / m, lambda m: 1 / m) | TOO_SHORT, times(lambda m: m, lambda m: m) | TOO_LONG),
    ),
    Mistake(
        name="bias-mean-weight-sum",
        equation="BP3",
        about=N_("biases are averaged over the examples, weights are summed"),
        wrong="nabla_b[-l] = Delta.mean(axis=1, keepdims=True)",
        said=N_("From layer {layer} on, the biases are averaged over the examples, and the weights are summed."),
        where=N_("Look at how the gradients of the biases and of the weights add up the examples."),
        why=N_("The matrix product of BP4 sums over the examples by itself; the biases need a sum as well."),
        forms=(times(lambda m: 1 / m, lambda m: 1),),
        steps=(scaled_step(lambda m: 1, lambda m: m),),
    ),
    Mistake(
        name="bias-not-summed",
        equation="BP3",
        about=N_("the gradient of the biases is δ itself, one column an example"),
        wrong="nabla_b[-l] = Delta",
        said=N_("The weights are right. ∂C/∂b of layer {layer} has a column for each example: sum over them."),
        where=N_("Look at the gradient of the biases, and compare its shape with that of the biases."),
        why=N_("In the weights' gradient the matrix product does the sum; for the biases nothing has summed yet."),
        forms=in_some_layers("nabla_b", lambda s, l, d: d),
    ),
    Mistake(
        name="bias-wrong-axis",
        equation="BP3",
        about=N_("the gradient of the biases is summed over the neurons, or over everything"),
        wrong="nabla_b[-l] = Delta.sum(axis=0)",
        said=N_("The weights are right. ∂C/∂b of layer {layer} is summed the wrong way, over the neurons."),
        where=N_("Look at the axis of the sum for the biases."),
        why=N_("Examples are columns: to add them is to sum along axis 1. Of one example, δ is the gradient as it is."),
        forms=in_some_layers(
            "nabla_b",
            lambda s, l, d: d.sum(axis=0),
            lambda s, l, d: d.sum(axis=0, keepdims=True),
            lambda s, l, d: d.sum(axis=0, keepdims=True).T,
            lambda s, l, d: np.zeros(s.b[-l].shape) + d.sum(axis=0),
        )
        + tuple(
            lines | OVER_EVERYTHING
            for lines in in_some_layers(
                "nabla_b",
                lambda s, l, d: d.sum(),
                lambda s, l, d: d.sum().reshape(1, 1),
                lambda s, l, d: np.full(s.b[-l].shape, d.sum()),
            )
        ),
    ),
    Mistake(
        name="bias-lost-dimension",
        equation="BP3",
        about=N_("the sum over the examples has lost the second dimension: shape (n,) for (n, 1)"),
        wrong="nabla_b[-l] = Delta.sum(axis=1)",
        said=N_("∂C/∂b of layer {layer} has lost a dimension: it is made with shape (n,), and the biases have (n, 1)."),
        where=N_("Look at the shape of what you compute for the biases."),
        why=N_("b − η ∇b would broadcast (n, 1) against (n,) to (n, n), without a word."),
        forms=in_some_layers(
            "nabla_b",
            lambda s, l, d: d.sum(axis=1),
            lambda s, l, d: np.zeros(s.b[-l].shape) + d.sum(axis=1),
        ),
        steps=(flat_biases,),
    ),
    Mistake(
        name="bias-from-weights",
        equation="BP3",
        about=N_("the gradient of the biases is taken from the rows of the weights' gradient"),
        wrong="nabla_b[-l] = nabla_w[-l].sum(axis=1, keepdims=True)",
        said=N_("The weights are right. ∂C/∂b of layer {layer} is the row sum of ∂C/∂w. It is to be the error δ."),
        where=N_("Look at what is summed for the biases."),
        why=N_("Each number of ∂C/∂w contains an activation; a bias is multiplied by 1."),
        forms=in_some_layers("nabla_b", lambda s, l, d: summed(d @ s.a[-l - 1].T)),
    ),
    Mistake(
        name="bias-one-dimensional",
        equation="(25)",
        about=N_("biases, inputs or desired outputs are used as rows: flat arrays of shape (n,), or transposed"),
        wrong="Z = w @ A + b.ravel()",
        said=N_(
            "A column is used as a row: b.T, or a flat array of shape (n,). NumPy then adds or subtracts it along the "
            "rows. Layer {layer} shows it first."
        ),
        where=N_("Look for biases, inputs or desired outputs that are no columns any more: transposed, or flat."),
        why=N_("(n, 1) and (n,) look alike on paper, but NumPy takes (n,) for a row."),
        forms=(
            FLAT_B,
            FLAT_X,
            FLAT_Y,
            FLAT_B | FLAT_Y,
            FLAT_X | FLAT_Y,
            FLAT_B | {"nabla_b": lambda s, l, d: d},
            FLAT_B | {"nabla_b": lambda s, l, d: d.sum(axis=1)},
            FLAT_B | {"nabla_b": lambda s, l, d: summed(d)},
        ),
    ),
    Mistake(
        name="last-example-only",
        equation="(20)",
        about=N_("each example's gradient replaces the sum so far: = where += is meant"),
        wrong="nabla_b, nabla_w = backprop(net, x, y)",
        mended="nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]",
        said=N_("The gradient is that of the last example alone, from layer {layer} on."),
        where=N_("Look at the line in the loop over the examples where the gradients are added up."),
        why=N_("The gradient of a mini-batch is the sum over its examples."),
        forms=(last_column(True, True), last_column(True, False), last_column(False, True)),
    ),
    Mistake(
        name="average-then-multiply",
        equation="BP4",
        about=N_("δ and a are averaged over the examples first, and then multiplied"),
        wrong="nabla_w[-l] = m * Delta.mean(axis=1, keepdims=True) @ activations[-l - 1].mean(axis=1, keepdims=True).T",
        said=N_("∂C/∂w of layer {layer} is a product of means, or sums: δ and a are to be multiplied first."),
        where=N_("Look at what is summed or averaged before the product that gives the weights' gradient."),
        why=N_("The mean of products is not the product of means: each example's δ belongs to its own a."),
        forms=(
            {"nabla_w": lambda s, l, d: product_of_sums(s, l, d) / s.m},
            {"nabla_w": lambda s, l, d: product_of_sums(s, l, d) / s.m**2},
            {"nabla_w": product_of_sums},
            {
                "nabla_b": lambda s, l, d: summed(d) / s.m,
                "nabla_w": lambda s, l, d: product_of_sums(s, l, d) / s.m**2,
            },
        ),
    ),
)
