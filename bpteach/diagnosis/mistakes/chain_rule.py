"""Mistakes against the chain rule: a factor, an index or a transpose that is missing or another's."""

import numpy as np

from bpteach.diagnosis.algorithm import in_some_layers
from bpteach.diagnosis.mistake import Mistake
from bpteach.functions import sigmoid_prime
from bpteach.locale import N_


def slopes(line):
    """The same wrong slope in every layer, in the hidden layers only, or at the output only."""
    hidden, output = {"hidden slope": line}, {"output slope": lambda s: line(s, 1)}
    return hidden | output, hidden, output


def first_layer(become, only_hidden):
    """What the first layer's gradients are when the loop never came there; without `become` there are none at all."""

    def result(s):
        (b, *nabla_b), (w, *nabla_w) = s.nabla_b, s.nabla_w
        if only_hidden and not nabla_b:  # without a hidden layer there may be nothing to loop over
            return s.nabla_b, s.nabla_w
        return ([become(b), *nabla_b], [become(w), *nabla_w]) if become else (nabla_b, nabla_w)

    return {"result": result}


SAME_Z = N_(
    "From layer {layer} back, σ′ takes the same z: a fixed index, the forward loop's last z, or one array for all zs."
)

MISTAKES = (
    Mistake(
        name="missing-output-sigmoid-prime",
        equation="BP1",
        about=N_("δ of the output layer is a − y, with σ′ left out"),
        wrong="Delta = activations[-1] - Y",
        said=N_(
            "The error of the output layer, layer {layer}, is a − y without the factor σ′(z). That is the gradient of "
            "another cost, the cross-entropy. If you mean that one, check it with numerical_gradient(your_cost, net) "
            "and compare_gradients."
        ),
        where=N_("Look at the line before the backward loop, which computes the error of the output layer."),
        why=N_(
            "The cost depends on z only through a = σ(z), so the chain rule brings a factor. (With the cross-entropy "
            "cost it would cancel.)"
        ),
        forms=({"output slope": lambda s: 1},),
    ),
    Mistake(
        name="missing-hidden-sigmoid-prime",
        equation="BP2",
        about=N_("σ′ is left out when the error moves back through a hidden layer"),
        wrong="Delta = net.weights[-l + 1].T @ Delta",
        said=N_("The output layer is right. From layer {layer} back, the factor σ′(z) is missing in the error."),
        where=N_("Look at the line in the backward loop that computes the error of a layer from the next one's."),
        why=N_(
            "The weights bring the error back to the activation a of the layer; from a to z it still takes the slope "
            "of the sigmoid."
        ),
        forms=({"hidden slope": lambda s, l: 1},),
    ),
    Mistake(
        name="sigmoid-prime-of-activation",
        equation="BP1",
        about=N_("σ′ is taken of the activation a, not of the weighted input z"),
        wrong="Delta = (activations[-1] - Y) * sigmoid_prime(activations[-1])",
        said=N_("In layer {layer}, σ′ gets an activation a where it wants a weighted input z."),
        where=N_("Look at what stands in the parentheses of sigmoid_prime."),
        why=N_("sigmoid_prime applies σ itself; given a = σ(z) it computes the slope at the wrong place."),
        forms=slopes(lambda s, l: sigmoid_prime(s.a[-l])),
    ),
    Mistake(
        name="activation-formula-on-z",
        equation="BP1",
        about=N_("a(1 − a) is the slope in terms of a, but z is put into it"),
        wrong="Delta = (activations[-1] - Y) * Zs[-1] * (1 - Zs[-1])",
        said=N_("In layer {layer}, the slope is computed as z(1 − z). It is a(1 − a)."),
        where=N_("Look at how you compute the slope of the sigmoid."),
        why=N_("σ′(z) = σ(z)(1 − σ(z)) = a(1 − a): the short formula wants the activation."),
        forms=slopes(lambda s, l: s.z[-l] * (1 - s.z[-l])),
    ),
    Mistake(
        name="activation-index-late",
        equation="BP4",
        about=N_("the gradient of the weights takes the activation of their own layer, not of the one before"),
        wrong="nabla_w[-l] = Delta @ activations[-l].T",
        said=N_("The biases are right. ∂C/∂w of layer {layer} takes its own activations, not the layer before's."),
        where=N_("Look at the index of activations where the gradient of the weights is computed."),
        why=N_(
            "A weight leads from the layer before: what comes into it is a^{l−1}. The list activations starts with the "
            "input, so it is one longer than the list of weights."
        ),
        forms=in_some_layers("nabla_w", lambda s, l, d: d @ s.a[-l].T),
    ),
    Mistake(
        name="outer-product-transposed",
        equation="BP4",
        about=N_("a δᵀ is computed instead of δ aᵀ"),
        wrong="nabla_w[-l] = activations[-l - 1] @ Delta.T",
        said=N_("The biases are right. ∂C/∂w of layer {layer} is transposed: a δᵀ stands where δ aᵀ is meant."),
        where=N_("Look at the order of the two factors where the gradient of the weights is computed."),
        why=N_("∂C/∂w has the shape of w: a row for each neuron of the layer, so δ comes first."),
        forms=in_some_layers("nabla_w", lambda s, l, d: s.a[-l - 1] @ d.T),
    ),
    Mistake(
        name="missing-transpose",
        equation="BP2",
        about=N_("w δ is computed instead of wᵀ δ when the error moves back"),
        wrong="Delta = (net.weights[-l + 1] @ Delta) * sigmoid_prime(Zs[-l])",
        said=N_("The output layer is right. From layer {layer} back, w δ stands where wᵀ δ is meant."),
        where=N_("Look at the matrix in the line that moves the error back one layer."),
        why=N_(
            "Forward, w sums over the neurons of the layer before; backward, the sum is over the neurons of the layer "
            "after, and so over the rows of w."
        ),
        forms=({"back": lambda s, l, d: s.w[-l + 1] @ d},),
    ),
    Mistake(
        name="weight-index-off-by-one",
        equation="BP2",
        about=N_("the error moves back through the weights of a neighbouring layer"),
        wrong="Delta = (net.weights[-l].T @ Delta) * sigmoid_prime(Zs[-l])",
        said=N_("To reach layer {layer}, the error takes the weights of a layer beside the right one."),
        where=N_("Look at the index of the weights in the line that moves the error back."),
        why=N_("The error of layer l comes from layer l + 1, so it passes the weights of layer l + 1."),
        forms=(
            {"back": lambda s, l, d: s.w[-l].T @ d},
            {"back": lambda s, l, d: s.w[(-l + 2) % len(s.w)].T @ d},
        ),
    ),
    Mistake(
        name="weight-index-hard-coded",
        equation="BP2",
        about=N_("the error moves back through the same weights at every layer"),
        wrong="Delta = (net.weights[-1].T @ Delta) * sigmoid_prime(Zs[-l])",
        said=N_("To reach layer {layer}, the error takes weights with a fixed index, the same for every layer."),
        where=N_("Look for an index of the weights, in the backward loop, that does not contain the loop's variable."),
        why=N_("With one hidden layer there is only one such step, and the slip does not show."),
        forms=(
            {"back": lambda s, l, d: s.w[-1].T @ d},
            {"back": lambda s, l, d: s.w[1].T @ d},
            {"back": lambda s, l, d: s.w[0].T @ d},
        ),
    ),
    Mistake(
        name="z-index-off-by-one",
        equation="BP2",
        about=N_("σ′ is taken of the z of a neighbouring layer"),
        wrong="Delta = (net.weights[-l + 1].T @ Delta) * sigmoid_prime(Zs[-l + 1])",
        said=N_("The output layer is right. The slope in the error of layer {layer} is that of a layer beside it."),
        where=N_("Look at the index of z, or of the activation, in the slope of the backward loop."),
        why=N_("The error of layer l is the derivative with respect to z^l, so the slope is the one at z^l."),
        forms=(
            {"hidden slope": lambda s, l: sigmoid_prime(s.z[-l + 1])},
            {"hidden slope": lambda s, l: sigmoid_prime(s.z[(-l - 1) % len(s.z)])},
            {"hidden slope": lambda s, l: sigmoid_prime(s.z[max(len(s.z) - l - 1, 0)])},
            {"hidden slope": lambda s, l: sigmoid_prime([s.X, *s.z][-l - 1])},
            {
                "hidden slope": lambda s, l: sigmoid_prime([s.X, *s.z][-l - 1]),
                "output slope": lambda s: sigmoid_prime([s.X, *s.z][-2]),
            },
            {"hidden slope": lambda s, l: s.a[-l - 1] * (1 - s.a[-l - 1])},
            {"hidden slope": lambda s, l: sigmoid_prime(s.z[-1]), "said": SAME_Z},
            {"hidden slope": lambda s, l: sigmoid_prime(s.z[0]), "said": SAME_Z},
        ),
    ),
    Mistake(
        name="loop-one-layer-short",
        equation="BP2",
        about=N_("the backward loop stops one layer early"),
        wrong="for l in range(2, len(net.sizes) - 1):",
        mended="for l in range(2, len(net.sizes)):",
        said=N_("All is right but layer {layer}, the first with weights: the backward loop never reaches it."),
        where=N_("Look at where the backward loop ends."),
        why=N_(
            "A network of L layers has L − 1 layers of weights, and one of them is done before the loop; range leaves "
            "its end out."
        ),
        forms=tuple(
            first_layer(become, only_hidden)
            for become in (np.zeros_like, None, lambda g: None, lambda g: 0)
            for only_hidden in (True, False)
        ),
    ),
    Mistake(
        name="wrong-sign",
        equation="BP1",
        about=N_("the difference is y − a instead of a − y"),
        wrong="Delta = (Y - activations[-1]) * sigmoid_prime(Zs[-1])",
        said=N_("All is right but for the sign. That is a convention, y − a for a − y: the chain rule is right."),
        where=N_("Look at the difference between output and desired output."),
        why=N_("The gradient of ½‖a − y‖² is a − y; the minus sign is in the update step."),
        convention=N_(
            "The step has the right length and goes the wrong way, up. A sign is turned, as by the other convention, "
            "y − a for a − y. Nothing is wrong in the chain rule.\n"
            "Look at the sign where the network is changed and, if you compute the gradient yourself, at a − y.\n"
            "The gradient points to where the cost grows; descent subtracts it."
        ),
        forms=({"difference": lambda s: s.Y - s.a[-1]},),
    ),
    Mistake(
        name="factor-two",
        equation="BP1",
        about=N_("the cost is ‖a − y‖², without the ½"),
        wrong="Delta = 2 * (activations[-1] - Y) * sigmoid_prime(Zs[-1])",
        said=N_("All is right but for a factor of 2, a convention: the cost has no ½, and the chain rule is right."),
        where=N_("Look at the difference between output and desired output."),
        why=N_("The ½ in the book's cost is there to cancel this 2."),
        convention=N_(
            "The step is twice as long as it should be. The rate is doubled, or it is the other convention, a cost "
            "without the ½. Nothing is wrong in the chain rule.\n"
            "Look for a factor 2 where the network is changed or, if you compute the gradient yourself, in a − y.\n"
            "The ½ in the book's cost is there to cancel the 2."
        ),
        forms=({"difference": lambda s: 2 * (s.a[-1] - s.Y)},),
    ),
)
