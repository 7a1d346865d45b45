"""The checks of the exercises of lesson 10: learning rates, scikit-learn's gradient in our shapes, a layer with a way
back. None of them needs a library.
"""

import re
from dataclasses import replace
from itertools import pairwise, permutations, product

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop_matrix
from bpteach.diagnosis.calls import Caller, Finished, is_blank, unfinished
from bpteach.diagnosis.report import Diagnosis
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.gradcheck import compare_gradients
from bpteach.network import Network

WORDS = {
    # 10.1 find the learning rates
    "no function": "Your answer is {found}: expected the function {asked}; give its name without parentheses.",
    "rates right": "That is it. With η = 3, m = 10 and 10 outputs they are {rates}: the same step, under three "
    "numbers. So a learning rate means nothing without the cost that goes with it.",
    "rates hints": (
        "The step is the rate times the library's gradient. Write each of the three gradients as a number times ours, "
        "the sum over the examples; the lesson found those numbers.",
        "Our step is η/m times the sum. It has to be rate × factor × the sum, so rate = η / (m × factor), with the "
        "factors 2/(m n), 1 and 1/m.",
        "return eta * n / 2, eta / m, eta",
    ),
    "rates names": ("The first rate", "The second rate", "The third rate"),
    "rates inverse": "You multiplied by the factor. If the library's gradient is smaller than ours, its learning rate "
    "has to be larger: divide by the factor.",
    "rates without our m": "You made up for the library's factor, but our own step is not by η times the sum: it is by "
    "η/m.",
    "rates third": "The third one is divided by m once more: the gradient of that program is a mean, and a smaller "
    "gradient needs a larger rate.",
    "rates second": "The second one is not it: write the gradient of half_sum as a number times ours, and remember "
    "that our step is by η/m.",
    "rates first m": "In the first one m is left. mse_loss divides by m, and so does our own step: what remains?",
    "rates bare": "These are the gradients as numbers times ours. The rates are still to come: each has to make the "
    "step as long as ours, which is by η/m.",
    "rates one case": "These numbers are right for η = 3, m = 10, n = 10, and for nothing else: compute them from eta, "
    "m and n.",
    "rates without half": "The first one is double: the mean of the squares has no ½, so its gradient is twice as "
    "large, and the rate half.",
    "rates examples only": "The first one forgets n: mse_loss is a mean over all m × n numbers of the output, not over "
    "the m examples.",
    "rates same": "With the same number for all three, the three steps differ in length: the gradients do.",
    "rates order": "The right numbers in another order: mse_loss, half_sum, scikit-learn.",
    # 10.2 bring scikit-learn's gradient into our shapes
    "ours right": "That is it: a factor, a transpose, a column. Nothing else stands between the two gradients.",
    "ours hints": (
        "Three things differ: which side the neurons of the layer before stand on, flat or a column, a mean or a sum. "
        "Take a 784 × 30 array by the hand: what do you do to it, to get our (30, 784)?",
        "∇w = m gᵀ for each g of coef_grads, and ∇b is m times each flat array, as a column.",
        "nabla_b = [m * g.reshape(-1, 1) for g in intercept_grads]; nabla_w = [m * g.T for g in coef_grads]",
    ),
    "ours reshaped": "∇w has the right shape and scrambled numbers: reshape reads them row by row into new rows. To "
    "exchange rows and columns, take .T.",
    "ours not transposed": "∇w is not transposed: scikit-learn's arrays have a row for each neuron of the layer "
    "before.",
    "ours mean": "In the right shapes, and still a mean: multiply by m for the sum.",
    "ours divided": "You divided by m once more: the sum is m times the mean.",
    "ours mean biases": "∇w is right, and ∇b is still the mean.",
    "ours mean weights": "∇b is right, and ∇w is still the mean.",
    "ours flat": "The numbers are right, and ∇b is flat: make a column of each array, (n, 1).",
    "ours rows": "The numbers are right, and each ∇b is a row, (1, n): make a column of it, (n, 1).",
    "ours reversed": "The right arrays, from the last layer to the first: our lists begin with layer 2.",
    "ours exchanged": "These are the right arrays in the wrong order: ∇b comes first, then ∇w.",
    # 10.3 write a layer that can go backward
    "layer right": "That is it. Three layers of yours, one behind the other, give the gradient of backprop_matrix. No "
    "layer knows of the others: that is all that automatic differentiation asks of an operation.",
    "layer hints": (
        "What comes in, grad, is ∂C/∂a, with a the layer's output. First make δ = ∂C/∂z of it. All three results "
        "come from δ, and what they need besides has to be in saved.",
        "δ = grad ⊙ σ′(z), and σ′(z) = a(1 − a). Then, with rows for examples: ∂C/∂rows = δ w, ∂C/∂w = δᵀ rows, and "
        "∂C/∂b is the sum of δ over the rows.",
        "forward: a = sigmoid(rows @ w.T + b), saved = (rows, w, a); backward: delta = grad * a * (1 - a), then return "
        "delta @ w, delta.T @ rows, delta.sum(axis=0)",
    ),
    "no two functions": "Your answer is {found}: expected the two functions, (forward, backward).",
    "no return": "{name} returned None: is the line with return missing?",
    "no output and saved": "forward returned {found}: expected two things, the output and what backward will need.",
    "no three": "backward returned {found}: expected three arrays, the gradients for rows, w and b.",
    "forward": "forward: {message}",
    "backward": "backward: {message}",
    "layer no sigmoid": "forward gives z = rows wᵀ + b: the activation is σ(z).",
    "layer no bias": "forward leaves the bias out.",
    "layer no slope": "backward starts from grad as it is. That is ∂C/∂a, and δ is ∂C/∂z: the slope σ′(z) is missing.",
    "layer slope of a": "The slope is taken at a, and σ′ wants z. From a it is a(1 − a).",
    "layer slope of z": "z(1 − z) is no slope: a(1 − a) is, with a = σ(z).",
    "layer rows from grad": "The gradients for w and b are right. The one for rows goes back from grad, and "
    "should from δ.",
    "layer w and b from grad": "The gradient for rows is right. Those for w and b are made of grad, and should be made "
    "of δ.",
    "layer w from grad": "The gradients for rows and b are right. The one for w is made of grad, and should be "
    "made of δ.",
    "layer b from grad": "The gradients for rows and w are right. The one for b is made of grad, and should be "
    "made of δ.",
    "layer slope of rows": "The gradients for w and b are right. The one for rows has a slope too many: rows "
    "are the activations of the layer before, and their slope is put in there.",
    "layer slope of rows instead": "The gradients for w and b are right. The one for rows has the slope of rows, "
    "which the layer before puts in, and not the slope of this layer.",
    "layer slope of rows only": "backward takes grad for δ, and puts in the slope of rows on its way out. But grad is "
    "∂C/∂a: the slope of this layer comes first, and that of rows is put in by the layer before.",
    "layer transposed": "The gradients for rows and b are right, and the one for w is transposed: like w, it has a row "
    "for each neuron of this layer.",
    "layer w for rows": "The gradients for w and b are right. The one for rows goes through wᵀ: with rows for examples "
    "it is δ w.",
    "layer mean": "The gradients for w and b are divided by the number of examples: autograd adds them up, the mean "
    "belongs to the cost.",
    "layer mean all": "All three gradients are divided by the number of examples: autograd adds them up, the mean "
    "belongs to the cost.",
    "layer mean w": "The gradient for w is divided by the number of examples: like that for b, it is a sum.",
    "layer mean b": "The gradient for b is divided by the number of examples: like that for w, it is a sum.",
    "layer bias axis": "The gradient for b is added up over the neurons: the examples are the rows, so add along "
    "axis=0.",
    "layer bias kept": "The gradient for b still has a row for each example: add them up.",
    "layer bias shape": "The gradient for b has the right numbers, but not the shape of b, (n,): here biases are flat.",
    "layer changed": "{name} changes an array in place that is not its own: a layer may be asked twice, and what it "
    "was given may be wanted elsewhere. Make a new array.",
    "layer order": "The right arrays in another order: the gradient for rows comes first, then w, then b.",
    "layer shared": "Each call is right by itself. In a chain of three layers the gradient is wrong: does backward use "
    "something that forward keeps outside saved? The next layer's forward writes over it.",
}

#: The functions that are asked for.
ASKED = {"10.1": "rates(eta, m, n)", "10.2": "in_our_shapes(coef_grads, intercept_grads, m)"}

#: What the catalogue calls them.
MISTAKES = {
    "ours mean": "mean-for-sum",
    "ours flat": "bias-lost-dimension",
    "layer no slope": "missing-hidden-sigmoid-prime",
    "layer slope of a": "sigmoid-prime-of-activation",
    "layer slope of z": "activation-formula-on-z",
    "layer transposed": "outer-product-transposed",
    "layer w for rows": "missing-transpose",
    "layer mean": "mean-for-sum",
    "layer mean all": "mean-for-sum",
    "layer bias axis": "bias-wrong-axis",
    "layer bias kept": "bias-not-summed",
    "layer shared": "activations-share-a-buffer",
}


def _named(slips):
    """Put the sentence to each slip, and what the catalogue calls it."""
    return [(function, WORDS[name], MISTAKES.get(name)) for function, name in slips]


def _no_function(tag, answer):
    """Say that a function is asked for; None if it is one."""
    if callable(answer) and not isinstance(answer, type):
        return None
    return Diagnosis("wrong", WORDS["no function"].format(found=name_of(answer), asked=ASKED[tag]))


def _with_names(told, *names):
    """Call what a function returns by its names in the exercise, not answer[0] and answer[1]."""
    message = re.sub(
        r"answer\[(\d)\] is wrong: (?:answer(\[\d+\]) is wrong: )?",
        lambda found: f"{names[int(found[1])]}{found[2] or ''} is wrong: ",
        told.message,
        count=1,
    )
    return replace(told, message=message)


# --- 10.1: find the learning rates -----------------------------------------------------------------------------------


def _rates(eta, m, n):
    return eta * n / 2, eta / m, eta


def _rates_but(first=lambda eta, m, n: eta * n / 2, second=lambda eta, m, n: eta / m, third=lambda eta, m, n: eta):
    """Give the three rates with some of them replaced."""
    return lambda eta, m, n: (first(eta, m, n), second(eta, m, n), third(eta, m, n))


@exercise("10.1")
def _(function):
    if told := _no_function("10.1", function):
        return told
    whole, by_m, by_m_twice = (lambda eta, m, n, k=k: eta / m**k for k in (0, 1, 2))
    smaller = [lambda eta, m, n, k=k: 2 * eta / (m**k * n) for k in (0, 1, 2)]
    inverse = product(smaller, [whole, by_m], [whole, by_m, by_m_twice])  # the others inverse as well, or right
    slips = [
        *((_rates_but(*parts), "rates inverse") for parts in inverse),
        (_rates_but(third=by_m), "rates third"),
        (_rates_but(third=by_m_twice), "rates third"),
        (_rates_but(second=whole), "rates second"),
        (_rates_but(second=lambda eta, m, n: 2 * eta / m), "rates second"),
        (_rates_but(second=lambda eta, m, n: eta / (2 * m)), "rates second"),
        (_rates_but(first=lambda eta, m, n: eta * m * n / 2), "rates first m"),
        (_rates_but(first=lambda eta, m, n: eta * m / 2), "rates first m"),
        (lambda eta, m, n: (2 / (m * n), 1, 1 / m), "rates bare"),
        (lambda eta, m, n: (15, 0.3, 3), "rates one case"),
        (lambda eta, m, n: (eta * m * n / 2, eta, eta * m), "rates without our m"),
        (lambda eta, m, n: (eta * n, eta / m, eta), "rates without half"),
        (lambda eta, m, n: (eta / 2, eta / m, eta), "rates examples only"),
        (lambda eta, m, n: (eta, eta, eta), "rates same"),
        (lambda eta, m, n: (eta / m, eta / m, eta / m), "rates same"),
        *(
            (lambda *call, order=order: tuple(_rates(*call)[i] for i in order), "rates order")
            for order in permutations(range(3))
        ),
    ]
    rates = ", ".join(f"{rate:g}" for rate in _rates(3.0, 10, 10))
    calls = [(3.0, 8, 10), (0.5, 7, 3), (2.0, 1, 1), (1.0, 32, 5)]
    message = WORDS["rates right"].format(rates=rates)
    told = judge_function(function, _rates, calls, slips=_named(slips), hints=WORDS["rates hints"], message=message)
    return _with_names(told, *WORDS["rates names"])


# --- 10.2: bring scikit-learn's gradient into our shapes -------------------------------------------------------------


def _ours(coef_grads, intercept_grads, m):
    return [m * g.reshape(-1, 1) for g in intercept_grads], [m * g.T for g in coef_grads]


def _ours_but(*, biases=lambda g, m: m * g.reshape(-1, 1), weights=lambda g, m: m * g.T):
    """Give the translation with one part replaced."""

    def translate(coef_grads, intercept_grads, m):
        return [biases(g, m) for g in intercept_grads], [weights(g, m) for g in coef_grads]

    return translate


@exercise("10.2")
def _(function):
    if told := _no_function("10.2", function):
        return told
    column = lambda g, m: g.reshape(-1, 1)  # noqa: E731
    slips = [
        (_ours_but(weights=lambda g, m: m * g.reshape(g.shape[::-1])), "ours reshaped"),
        (_ours_but(weights=lambda g, m: m * g), "ours not transposed"),
        (_ours_but(biases=column, weights=lambda g, m: g), "ours not transposed"),
        (_ours_but(biases=column, weights=lambda g, m: g.T), "ours mean"),
        (_ours_but(biases=lambda g, m: g.reshape(-1, 1) / m, weights=lambda g, m: g.T / m), "ours divided"),
        (_ours_but(biases=column), "ours mean biases"),
        (_ours_but(weights=lambda g, m: g.T), "ours mean weights"),
        (_ours_but(biases=lambda g, m: m * g), "ours flat"),
        (_ours_but(biases=lambda g, m: m * g.T), "ours flat"),
        (_ours_but(biases=lambda g, m: m * g.reshape(1, -1)), "ours rows"),
        (lambda *arguments: _ours(*arguments)[::-1], "ours exchanged"),
        (lambda *arguments: tuple(arrays[::-1] for arrays in _ours(*arguments)), "ours reversed"),
    ]
    rng = np.random.default_rng(102)
    calls = []
    for sizes, m in (([4, 4, 4], 5), ([6, 3, 2], 8), ([3, 5, 4, 2], 7)):
        shapes = list(pairwise(sizes))
        calls.append(([rng.normal(size=shape) for shape in shapes], [rng.normal(size=n) for _, n in shapes], m))
    told = judge_function(
        function, _ours, calls, slips=_named(slips), hints=WORDS["ours hints"], message=WORDS["ours right"]
    )
    return _with_names(told, "nabla_b", "nabla_w")


# --- 10.3: write a layer that can go backward ------------------------------------------------------------------------


def _output(rows, w, b):
    return sigmoid(rows @ w.T + b)


def _layer(delta=lambda grad, z: grad * sigmoid_prime(z), **parts):
    """Give the gradients of a layer, from its inputs and the gradient of its output, with some parts replaced."""
    right = {
        "rows": lambda d, rows, w, grad: d @ w,
        "w": lambda d, rows, w, grad: d.T @ rows,
        "b": lambda d, rows, w, grad: d.sum(axis=0),
    }

    def gradients(rows, w, b, grad):
        d = delta(grad, rows @ w.T + b)
        return tuple(part(d, rows, w, grad) for part in (right | parts).values())

    return gradients


@exercise("10.3")
def _(answer):
    hints = WORDS["layer hints"]
    if not isinstance(answer, list | tuple) or len(answer) != 2 or not all(map(callable, answer)):
        return Diagnosis("wrong", WORDS["no two functions"].format(found=name_of(answer)), hints=hints)
    if any(map(is_blank, answer)):
        return unfinished()
    calls = [_layer_call(*shape) for shape in ((4, 4, 4), (7, 3, 5), (1, 6, 2))]
    try:
        told = _forward_fault(answer, calls) or _backward_fault(answer, calls)
        if told:
            return told
        net, X, Y = _mini_batch()
        found = Caller(_chained(*answer))(net, X, Y)
    except Finished as finished:
        told = finished.diagnosis
        return replace(told, hints=told.hints or hints) if told.state == "stopped" else told
    if compare_gradients(found, backprop_matrix(net, X, Y)).worst > 1e-9:
        return Diagnosis("wrong", WORDS["layer shared"], MISTAKES["layer shared"], hints)
    return Diagnosis("right", WORDS["layer right"])


def _layer_call(m, n_in, n):
    """Draw a layer's rows, weights and biases, and a gradient of its output."""
    rng = np.random.default_rng(103)
    return rng.random((m, n_in)), rng.normal(size=(n, n_in)), rng.normal(size=n), rng.normal(size=(m, n))


def _mini_batch():
    rng = np.random.default_rng(104)
    return Network.random([4, 4, 4, 4], rng), rng.random((4, 6)), rng.random((4, 6))


def _no_such_result(name, result, word):
    """Say that a function returned something else than so many things."""
    word = "no return" if result is None else word
    return Diagnosis("wrong", WORDS[word].format(name=name, found=name_of(result)), hints=WORDS["layer hints"])


def _forward_fault(answer, calls):
    """Say what is wrong with the output of forward, or with what it returns; None if nothing is."""
    forward, _ = answer
    result = Caller(forward)(*(part.copy() for part in calls[0][:3]))
    if not isinstance(result, list | tuple) or len(result) != 2:
        return _no_such_result("forward", result, "no output and saved")
    slips = [
        (lambda rows, w, b: rows @ w.T + b, "layer no sigmoid"),
        (lambda rows, w, b: sigmoid(rows @ w.T), "layer no bias"),
    ]
    told = judge_function(
        lambda rows, w, b: forward(rows, w, b)[0],
        _output,
        [call[:3] for call in calls],
        slips=_named(slips),
        hints=WORDS["layer hints"],
    )
    return None if told.ok else _said_of("forward", told)


def _backward_fault(answer, calls):
    """Say what is wrong with the gradients of backward, or with what it returns; None if nothing is."""
    forward, backward = answer
    both = lambda rows, w, b, grad: backward(forward(rows, w, b)[1], grad)  # noqa: E731
    result = Caller(both)(*(part.copy() for part in calls[0]))
    if not isinstance(result, list | tuple) or len(result) != 3:
        return _no_such_result("backward", result, "no three")
    slope = sigmoid_prime
    slips = [
        (_layer(lambda grad, z: grad), "layer no slope"),
        (_layer(lambda grad, z: grad * sigmoid_prime(sigmoid(z))), "layer slope of a"),
        (_layer(lambda grad, z: grad * z * (1 - z)), "layer slope of z"),
        (_layer(rows=lambda d, rows, w, grad: grad @ w), "layer rows from grad"),
        (
            _layer(w=lambda d, rows, w, grad: grad.T @ rows, b=lambda d, rows, w, grad: grad.sum(axis=0)),
            "layer w and b from grad",
        ),
        (_layer(w=lambda d, rows, w, grad: grad.T @ rows), "layer w from grad"),
        (_layer(b=lambda d, rows, w, grad: grad.sum(axis=0)), "layer b from grad"),
        (_layer(rows=lambda d, rows, w, grad: d @ w * rows * (1 - rows)), "layer slope of rows"),
        (_layer(rows=lambda d, rows, w, grad: d @ w * slope(rows)), "layer slope of rows"),
        (_layer(rows=lambda d, rows, w, grad: grad @ w * rows * (1 - rows)), "layer slope of rows instead"),
        (_layer(rows=lambda d, rows, w, grad: grad @ w * slope(rows)), "layer slope of rows instead"),
        (
            _layer(lambda grad, z: grad, rows=lambda d, rows, w, grad: d @ w * rows * (1 - rows)),
            "layer slope of rows only",
        ),
        (_layer(lambda grad, z: grad, rows=lambda d, rows, w, grad: d @ w * slope(rows)), "layer slope of rows only"),
        (_layer(w=lambda d, rows, w, grad: rows.T @ d), "layer transposed"),
        (_layer(rows=lambda d, rows, w, grad: d @ w.T), "layer w for rows"),
        (
            _layer(
                w=lambda d, rows, w, grad: d.T @ rows / len(rows), b=lambda d, rows, w, grad: d.sum(axis=0) / len(rows)
            ),
            "layer mean",
        ),
        (_layer(lambda grad, z: grad * slope(z) / len(grad)), "layer mean all"),
        (_layer(w=lambda d, rows, w, grad: d.T @ rows / len(rows)), "layer mean w"),
        (_layer(b=lambda d, rows, w, grad: d.mean(axis=0)), "layer mean b"),
        (_layer(b=lambda d, rows, w, grad: d.sum(axis=1)), "layer bias axis"),
        (_layer(b=lambda d, rows, w, grad: d.sum()), "layer bias axis"),
        (_layer(b=lambda d, rows, w, grad: d), "layer bias kept"),
        (_layer(b=lambda d, rows, w, grad: d.sum(axis=0, keepdims=True)), "layer bias shape"),
        (_layer(b=lambda d, rows, w, grad: d.sum(axis=0).reshape(-1, 1)), "layer bias shape"),
        *(
            (lambda *call, order=order: tuple(_layer()(*call)[i] for i in order), "layer order")
            for order in permutations(range(3))
        ),
    ]
    told = judge_function(
        lambda *call: tuple(both(*call)), _layer(), calls, slips=_named(slips), hints=WORDS["layer hints"]
    )
    return None if told.ok else _said_of("backward", _with_names(told, "grad_rows", "grad_w", "grad_b"))


def _said_of(name, told):
    """Say which of the two functions is meant, where the sentence is not one of the table."""
    if told.message in WORDS.values():
        return told
    if told.mistake == "arguments-changed":
        return Diagnosis("wrong", WORDS["layer changed"].format(name=name), told.mistake, told.hints)
    return Diagnosis(told.state, WORDS[name].format(message=told.message), told.mistake, told.hints)


def _chained(forward, backward):
    """Make a gradient, in our shapes, of layers one behind the other."""

    def gradient(net, X, Y):
        rows, kept = X.T.copy(), []
        for w, b in zip(net.weights, net.biases, strict=True):
            rows, saved = forward(rows, w.copy(), b[:, 0].copy())
            kept.append(saved)
        grad, nabla_b, nabla_w = rows - Y.T, [], []
        for saved in reversed(kept):
            grad, grad_w, grad_b = backward(saved, grad)
            nabla_b.insert(0, np.reshape(grad_b, (-1, 1)))
            nabla_w.insert(0, grad_w)
        return nabla_b, nabla_w

    return gradient
