"""The mistakes that learners make in the code of backpropagation: what each does, and what to say to it."""

from dataclasses import dataclass

EQUATIONS = {
    "(25)": "a^l = σ(w^l a^{l−1} + b^l)",
    "BP1": "δ^L = (a^L − y) ⊙ σ′(z^L)",
    "BP2": "δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l)",
    "BP3": "∂C/∂b^l = δ^l, summed over the examples",
    "BP4": "∂C/∂w^l = δ^l (a^{l−1})ᵀ",
    "(20)": "w → w − (η/m) Σ ∂C_x/∂w, and b → b − (η/m) Σ ∂C_x/∂b",
}

LINES = {
    "(25)": "Z = w @ A + b",
    "BP1": "Delta = (activations[-1] - Y) * sigmoid_prime(Zs[-1])",
    "BP2": "Delta = (net.weights[-l + 1].T @ Delta) * sigmoid_prime(Zs[-l])",
    "BP3": "nabla_b[-l] = Delta.sum(axis=1, keepdims=True)",
    "BP4": "nabla_w[-l] = Delta @ activations[-l - 1].T",
    "(20)": "net.weights[l] -= eta / m * nabla_w[l]",
}

WORDS = {
    # where numbers go wrong, when it is no mistake of the catalogue
    "elsewhere": "On the way back from the output, {part} of layer {layer} is the first that goes wrong, so "
    "{equation} is the place to look; none of the known mistakes does exactly this.",
    "elsewhere at the output": "{part} of layer {layer}, the output, is wrong already, so look at {equation}, at the "
    "way forward, which comes before it, and whether the loop overwrites that layer; none of the known mistakes does "
    "exactly this.",
    "where both": "Layer {layer}: the errors of the layers before it are computed from its own.",
    "where b": "Layer {layer}, ∂C/∂b: the same line runs for the other layers.",
    "where w": "Layer {layer}, ∂C/∂w: the same line runs for the other layers.",
    "shapes": "Write the shape of each array beside its name on that line, and the shape that the result must have.",
    "which": "{equation}: {formula}",
    "worked": "The line: `{line}`",
    "both": "the gradient",
    "b": "∂C/∂b",
    "w": "∂C/∂w",
}

# name: what the code does (about), equation, wrong line, right line, what to say, where to look, why
_TABLE = {
    "missing-output-sigmoid-prime": {
        "about": "δ of the output layer is a − y, with σ′ left out",
        "equation": "BP1",
        "wrong": "Delta = activations[-1] - Y",
        "said": "The error of the output layer, layer {layer}, is a − y without the factor σ′(z).",
        "where": "Look at the line before the backward loop, which computes the error of the output layer.",
        "why": "The cost depends on z only through a = σ(z), so the chain rule brings a factor. (With the "
        "cross-entropy cost it would cancel.)",
    },
    "missing-hidden-sigmoid-prime": {
        "about": "σ′ is left out when the error moves back through a hidden layer",
        "equation": "BP2",
        "wrong": "Delta = net.weights[-l + 1].T @ Delta",
        "said": "The output layer is right, but from layer {layer} back the factor σ′(z) is missing in the error.",
        "where": "Look at the line in the backward loop that computes the error of a layer from the next one's.",
        "why": "The weights bring the error back to the activation a of the layer; from a to z it still takes the "
        "slope of the sigmoid.",
    },
    "sigmoid-prime-of-activation": {
        "about": "σ′ is taken of the activation a, not of the weighted input z",
        "equation": "BP1",
        "wrong": "Delta = (activations[-1] - Y) * sigmoid_prime(activations[-1])",
        "said": "In layer {layer}, σ′ gets an activation a where it wants a weighted input z.",
        "where": "Look at what stands in the parentheses of sigmoid_prime.",
        "why": "sigmoid_prime applies σ itself; given a = σ(z) it computes the slope at the wrong place.",
    },
    "activation-formula-on-z": {
        "about": "a(1 − a) is the slope in terms of a, but z is put into it",
        "equation": "BP1",
        "wrong": "Delta = (activations[-1] - Y) * Zs[-1] * (1 - Zs[-1])",
        "said": "In layer {layer}, the slope is computed as z(1 − z), where it is a(1 − a).",
        "where": "Look at how you compute the slope of the sigmoid.",
        "why": "σ′(z) = σ(z)(1 − σ(z)) = a(1 − a): the short formula wants the activation.",
    },
    "activation-index-late": {
        "about": "the gradient of the weights takes the activation of their own layer, not of the one before",
        "equation": "BP4",
        "wrong": "nabla_w[-l] = Delta @ activations[-l].T",
        "said": "The biases are right, but ∂C/∂w of layer {layer} takes the activations of that layer where it wants "
        "those of the layer before.",
        "where": "Look at the index of activations where the gradient of the weights is computed.",
        "why": "A weight leads from the layer before: what comes into it is a^{l−1}. The list activations starts with "
        "the input, so it is one longer than the list of weights.",
    },
    "outer-product-transposed": {
        "about": "a δᵀ is computed instead of δ aᵀ",
        "equation": "BP4",
        "wrong": "nabla_w[-l] = activations[-l - 1] @ Delta.T",
        "said": "The biases are right, but ∂C/∂w of layer {layer} is transposed: a δᵀ stands where δ aᵀ is meant.",
        "where": "Look at the order of the two factors where the gradient of the weights is computed.",
        "why": "∂C/∂w has the shape of w: a row for each neuron of the layer, so δ comes first.",
    },
    "missing-transpose": {
        "about": "w δ is computed instead of wᵀ δ when the error moves back",
        "equation": "BP2",
        "wrong": "Delta = (net.weights[-l + 1] @ Delta) * sigmoid_prime(Zs[-l])",
        "said": "The output layer is right, but from layer {layer} back the error goes through the weights as if "
        "forward: w δ stands where wᵀ δ is meant.",
        "where": "Look at the matrix in the line that moves the error back one layer.",
        "why": "Forward, w sums over the neurons of the layer before; backward, the sum is over the neurons of the "
        "layer after, and so over the rows of w.",
    },
    "weight-index-off-by-one": {
        "about": "the error moves back through the weights of a neighbouring layer",
        "equation": "BP2",
        "wrong": "Delta = (net.weights[-l].T @ Delta) * sigmoid_prime(Zs[-l])",
        "said": "The output layer is right, but to reach layer {layer} the error goes back through the weights of the "
        "wrong layer, one off.",
        "where": "Look at the index of the weights in the line that moves the error back.",
        "why": "The error of layer l comes from layer l + 1, so it passes the weights of layer l + 1.",
    },
    "weight-index-hard-coded": {
        "about": "the error moves back through the same weights at every layer",
        "equation": "BP2",
        "wrong": "Delta = (net.weights[-1].T @ Delta) * sigmoid_prime(Zs[-l])",
        "said": "At layer {layer} the error goes back through weights with a fixed index: right for one layer, and "
        "wrong for the others.",
        "where": "Look for an index of the weights, in the backward loop, that does not contain the loop's variable.",
        "why": "With one hidden layer there is only one such step, and the slip does not show.",
    },
    "z-index-off-by-one": {
        "about": "σ′ is taken of the z of a neighbouring layer",
        "equation": "BP2",
        "wrong": "Delta = (net.weights[-l + 1].T @ Delta) * sigmoid_prime(Zs[-l + 1])",
        "said": "The output layer is right, but the slope that multiplies the error of layer {layer} belongs to a "
        "layer beside it.",
        "where": "Look at the index of z, or of the activation, in the slope of the backward loop.",
        "why": "The error of layer l is the derivative with respect to z^l, so the slope is the one at z^l.",
    },
    "loop-one-layer-short": {
        "about": "the backward loop stops one layer early",
        "equation": "BP2",
        "wrong": "for l in range(2, len(net.sizes) - 1):",
        "right": "for l in range(2, len(net.sizes)):",
        "said": "All is right but the first layer of weights, layer {layer}, which the backward loop never reaches.",
        "where": "Look at where the backward loop ends.",
        "why": "A network of L layers has L − 1 layers of weights, and one of them is done before the loop; range "
        "leaves its end out.",
    },
    "wrong-sign": {
        "about": "the difference is y − a instead of a − y",
        "equation": "BP1",
        "wrong": "Delta = (Y - activations[-1]) * sigmoid_prime(Zs[-1])",
        "said": "Everything is right but for the sign: each number is −1 times what it should be, which is a question "
        "of convention (y − a or a − y), not a broken chain rule.",
        "where": "Look at the difference between output and desired output.",
        "why": "The gradient of ½‖a − y‖² is a − y; the minus sign is in the update step.",
    },
    "factor-two": {
        "about": "the cost is ‖a − y‖², without the ½",
        "equation": "BP1",
        "wrong": "Delta = 2 * (activations[-1] - Y) * sigmoid_prime(Zs[-1])",
        "said": "Everything is right but for a factor of 2, which is a question of convention (no ½ in the cost), not "
        "a broken chain rule.",
        "where": "Look at the difference between output and desired output.",
        "why": "The ½ in the book's cost is there to cancel this 2.",
    },
    "mean-for-sum": {
        "about": "a mean over the examples is taken where a sum is asked for, or the other way round",
        "equation": "BP3",
        "wrong": "nabla_b[-l], nabla_w[-l] = Delta.mean(axis=1, keepdims=True), Delta @ activations[-l - 1].T / m",
        "right": "nabla_b[-l], nabla_w[-l] = Delta.sum(axis=1, keepdims=True), Delta @ activations[-l - 1].T",
        "said": "Everything is right but for a factor that is the number of examples: a mean and a sum have changed "
        "places, which is a question of convention, not a broken chain rule.",
        "where": "Look for a division by m, or for a mean, that is there once too often or is missing.",
        "why": "Here gradients are sums over the mini-batch, and the step divides by m, once.",
    },
    "bias-mean-weight-sum": {
        "about": "biases are averaged over the examples, weights are summed",
        "equation": "BP3",
        "wrong": "nabla_b[-l] = Delta.mean(axis=1, keepdims=True)",
        "said": "The biases are averaged over the examples and the weights are summed, so from layer {layer} on the "
        "two are on different scales.",
        "where": "Look at how the gradients of the biases and of the weights add up the examples.",
        "why": "The matrix product of BP4 sums over the examples by itself; the biases need a sum as well.",
    },
    "bias-not-summed": {
        "about": "the gradient of the biases is δ itself, one column an example",
        "equation": "BP3",
        "wrong": "nabla_b[-l] = Delta",
        "said": "The weights are right, but ∂C/∂b of layer {layer} still has a column for each example: it is to be "
        "summed over them.",
        "where": "Look at the gradient of the biases, and compare its shape with that of the biases.",
        "why": "In the weights' gradient the matrix product does the sum; for the biases nothing has summed yet.",
    },
    "bias-wrong-axis": {
        "about": "the gradient of the biases is summed over the neurons, or over everything",
        "equation": "BP3",
        "wrong": "nabla_b[-l] = Delta.sum(axis=0)",
        "said": "The weights are right, but ∂C/∂b of layer {layer} is summed the wrong way: over the neurons, where "
        "the sum is over the examples.",
        "where": "Look at the axis of the sum for the biases.",
        "why": "Examples are columns: to add the columns is to sum along axis 1.",
    },
    "bias-lost-dimension": {
        "about": "the sum over the examples has lost the second dimension: shape (n,) for (n, 1)",
        "equation": "BP3",
        "wrong": "nabla_b[-l] = Delta.sum(axis=1)",
        "said": "The numbers are right, but ∂C/∂b of layer {layer} is flat, of shape (n,) where the biases have (n, "
        "1).",
        "where": "Look at the shape that the sum for the biases gives.",
        "why": "b − η ∇b would broadcast (n, 1) against (n,) to (n, n), without a word.",
    },
    "bias-from-weights": {
        "about": "the gradient of the biases is taken from the rows of the weights' gradient",
        "equation": "BP3",
        "wrong": "nabla_b[-l] = nabla_w[-l].sum(axis=1, keepdims=True)",
        "said": "The weights are right, but ∂C/∂b of layer {layer} is the row sum of ∂C/∂w, where it is the error δ.",
        "where": "Look at what is summed for the biases.",
        "why": "Each number of ∂C/∂w contains an activation; a bias is multiplied by 1.",
    },
    "bias-one-dimensional": {
        "about": "biases, inputs or desired outputs are used as flat arrays of shape (n,)",
        "equation": "(25)",
        "wrong": "Z = w @ A + b.ravel()",
        "said": "A flat array of shape (n,) is used as a column, and NumPy adds or subtracts it along the rows; layer "
        "{layer} shows it first.",
        "where": "Look for biases, inputs or desired outputs that have lost their second dimension.",
        "why": "(n, 1) and (n,) look alike on paper, but NumPy takes (n,) for a row.",
    },
    "last-example-only": {
        "about": "each example's gradient replaces the sum so far: = where += is meant",
        "equation": "(20)",
        "wrong": "nabla_b, nabla_w = backprop(net, x, y)",
        "right": "nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]",
        "said": "The gradient is that of the last example alone, from layer {layer} on: the others have been "
        "overwritten.",
        "where": "Look at the line in the loop over the examples where the gradients are added up.",
        "why": "The gradient of a mini-batch is the sum over its examples.",
    },
    "average-then-multiply": {
        "about": "δ and a are averaged over the examples first, and then multiplied",
        "equation": "BP4",
        "wrong": "nabla_w[-l] = m * Delta.mean(axis=1, keepdims=True) @ activations[-l - 1].mean(axis=1, "
        "keepdims=True).T",
        "said": "∂C/∂w of layer {layer} is a product of means: δ and a were averaged over the examples before they "
        "were multiplied.",
        "where": "Look at what is summed or averaged before the product that gives the weights' gradient.",
        "why": "The mean of products is not the product of means: each example's δ belongs to its own a.",
    },
    "updated-too-early": {
        "about": "weights are changed before the backward pass has used them",
        "equation": "(20)",
        "wrong": "net.weights[-l] -= eta / m * nabla_w[-l]  # inside the backward loop",
        "right": "net.weights[-l] -= eta / m * nabla_w[-l]  # when the backward loop is over",
        "said": "The output layer is right, but from layer {layer} back the error has passed weights that this very "
        "step had changed already.",
        "where": "Look at when the weights are changed, and when the backward loop still needs them.",
        "why": "All of the gradient belongs to one and the same network, the one before the step. The fault is small "
        "for small η, and so easily passes for rounding.",
    },
    "elementwise-for-matrix-product": {
        "about": "* is used where the matrix product @ is meant",
        "equation": "BP2",
        "wrong": "Delta = (net.weights[-l + 1].T * Delta) * sigmoid_prime(Zs[-l])",
        "said": "The output layer is right, but to reach layer {layer} weights and error are multiplied number by "
        "number, where a matrix product is meant.",
        "where": "Look at the sign between the weights and the error in the backward loop.",
        "why": "Each neuron collects the errors of all neurons of the next layer: a sum, which * does not make.",
    },
    "activations-share-a-buffer": {
        "about": "one array is used again for every layer, so the list holds the last activation over and over",
        "equation": "(25)",
        "wrong": "np.dot(w, A, out=buffer)",
        "right": "A = sigmoid(w @ A + b)",
        "said": "The activations in your list are one and the same array, overwritten by each layer; layer {layer} is "
        "the first to show it.",
        "where": "Look at the forward pass: does each layer get an array of its own?",
        "why": "A list keeps the array, not a copy: when the next layer writes into it, what was kept is lost.",
    },
    "update-inside-sample-loop": {
        "about": "a step is taken after each example, not once per mini-batch",
        "equation": "(20)",
        "wrong": "net.weights[l] -= eta / m * delta_nabla_w[l]  # inside the loop over the examples",
        "right": "net.weights[l] -= eta / m * nabla_w[l]  # when the loop over the examples is over",
        "said": "The network is changed after each example, so from the second on the gradients, those of layer "
        "{layer} among them, belong to another network.",
        "where": "Look at where the weights are changed: inside the loop over the examples, or after it?",
        "why": "One mini-batch, one step: first all gradients are summed, then the network is changed.",
    },
    "accumulator-not-reset": {
        "about": "the sums of the last mini-batch are carried over into the next",
        "equation": "(20)",
        "wrong": "nabla_b, nabla_w = sums  # made once, outside the function",
        "right": "nabla_b = [np.zeros_like(b) for b in net.biases]  # for each mini-batch",
        "said": "One call alone can be right, but the next adds its gradient to what was left over from it, in layer "
        "{layer} and all others.",
        "where": "Look at where the sums are set to zero: a default argument or a global is made only once.",
        "why": "Each mini-batch starts from zero.",
    },
    "biases-never-updated": {
        "about": "the step changes the weights and forgets the biases",
        "equation": "(20)",
        "wrong": "net.weights = [w - eta / m * nw for w, nw in zip(net.weights, nabla_w)]",
        "right": "net.biases = [b - eta / m * nb for b, nb in zip(net.biases, nabla_b)]",
        "said": "The weights take the right step, and the biases, that of layer {layer} like all others, stay where "
        "they were.",
        "where": "Look at the lines that change the network: is there one for the biases?",
        "why": "A network learns with its biases, too, though accuracy hardly shows it.",
    },
    "arguments-changed": {
        "about": "inputs, desired outputs or parameters are changed in place",
        "equation": "(25)",
        "wrong": "Y -= activations[-1]",
        "right": "difference = activations[-1] - Y",
        "said": "The numbers are right, but your function has changed {changed}, which the caller still needs.",
        "where": "Look for -=, +=, *=, out=, and for assignments to a part of an array, on something that was not "
        "made in your function.",
        "why": "An array is handed over, not copied: who changes it changes the caller's.",
    },
    "outputs-share-memory": {
        "about": "two of the arrays that are returned are views of one",
        "equation": "BP3",
        "wrong": "nabla_b[-l] = both[:, :1]",
        "right": "nabla_b[-l] = both[:, :1].copy()",
        "said": "The numbers are right, but {shared} are views of one and the same array, where each is to have "
        "memory of its own.",
        "where": "Look for a slice, a reshape or an array kept from an earlier call among the arrays that you return.",
        "why": "A view is a window on another array. Return arrays of their own: .copy() makes one.",
    },
}  # fmt: skip

CONVENTIONS = ("wrong-sign", "factor-two", "mean-for-sum")


@dataclass(frozen=True)
class Mistake:
    """One mistake of the catalogue.

    Attributes
    ----------
    name : str
        Its name.
    about : str
        What the code does.
    equation : str
        The equation that it breaks, such as "BP2".
    wrong : str
        The wrong line of code, in the matrix form.
    right : str
        The right line.
    said : str
        What to say to the learner; braces for the layer.
    where : str
        Where to look.
    why : str
        Why it is wrong.
    """

    name: str
    about: str
    equation: str
    wrong: str
    right: str
    said: str
    where: str
    why: str

    @property
    def hints(self):
        """Where to look, which equation, the worked line.

        Returns
        -------
        tuple of str
            Three hints.
        """
        which = WORDS["which"].format(equation=self.equation, formula=EQUATIONS[self.equation])
        return self.where, f"{which}. {self.why}", WORDS["worked"].format(line=self.right)


CATALOGUE = {
    name: Mistake(name=name, **({"right": LINES[entry["equation"]]} | entry)) for name, entry in _TABLE.items()
}


#: what a constant means where not a gradient is looked at but the step
OF_STEP = {
    "wrong-sign": {
        "said": "The step of layer {layer}, and of all others, has the right length and goes the wrong way, up: a sign "
        "is turned, as by the other convention, y − a for a − y, and nothing is wrong in the chain rule.",
        "where": "Look at the sign where the network is changed and, if you compute the gradient yourself, at a − y.",
        "why": "The gradient points to where the cost grows; descent subtracts it.",
    },
    "factor-two": {
        "said": "The step of layer {layer}, and of all others, is twice as long as it should be, which is a question "
        "of convention (no ½ in the cost) or of the rate, not a broken chain rule.",
        "where": "Look for a factor 2 where the network is changed or, if you compute the gradient yourself, in a − y.",
        "why": "The ½ in the book's cost is there to cancel the 2.",
    },
    "mean-for-sum": {
        "said": "The step of layer {layer}, and of all others, is too long or too short by a factor that is the number "
        "of examples, which is a question of convention, mean or sum, not a broken chain rule: divide by m once.",
        "where": "Look for the division by m: it is missing, or it is there twice.",
        "why": "The gradients are summed over the mini-batch, and the step divides by m.",
    },
}


CATALOGUE_OF_STEP = {
    name: Mistake(**(vars(CATALOGUE[name]) | entry | {"equation": "(20)", "right": LINES["(20)"]}))
    for name, entry in OF_STEP.items()
}


def hints_at(layer, part, equation):
    """Give hints to a mistake that is not in the catalogue.

    Parameters
    ----------
    layer : int
        The layer where numbers first go wrong on the way back.
    part : {"b", "w", "both"}
        Which of its gradients.
    equation : str
        The equation to look at.

    Returns
    -------
    tuple of str
        Where to look, which equation, the worked line.
    """
    return (
        WORDS[f"where {part}"].format(layer=layer),
        WORDS["which"].format(equation=equation, formula=EQUATIONS[equation]),
        WORDS["worked"].format(line=LINES[equation]),
    )


def hints_to_shapes(equation):
    """Give hints to arrays that do not fit together.

    Parameters
    ----------
    equation : str
        The equation at whose place they met.

    Returns
    -------
    tuple of str
        Where to look, which equation, the worked line.
    """
    return (
        WORDS["shapes"],
        WORDS["which"].format(equation=equation, formula=EQUATIONS[equation]),
        WORDS["worked"].format(line=LINES[equation]),
    )


def in_lower_case(line):
    """Write a line for one example: small letters, and nothing to sum.

    Parameters
    ----------
    line : str
        A line of the matrix form.

    Returns
    -------
    str
        The same for columns of one example.
    """
    for large, small in (
        ("Delta", "delta"),
        ("Zs", "zs"),
        ("Z ", "z "),
        ("A ", "a "),
        ("(A", "(a"),
        ("Y", "y"),
        ("X", "x"),
    ):
        line = line.replace(large, small)
    return line.replace(".sum(axis=1, keepdims=True)", "")
