"""The exercises of lesson 7: the pseudocode and the program of the mini-batch at once."""

import contextlib
import dataclasses
import functools
import inspect
import io
import re

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop_matrix
from bpteach.diagnosis import check_backprop_matrix, check_update
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.stoppable import Run
from bpteach.exercises import exercise
from bpteach.exercises.judging import judge_function
from bpteach.exercises.networks import judge_network
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.network import Network

WORDS = {
    # 7.1 put the pseudocode in order
    "right order": "That is it. Every line finds what it needs, and the weights change only after their last use. For "
    "[784, 30, 10] and m = 8 the shapes are, in your order: {shapes}.",
    "no order": "Your answer is {found}: expected a list of letters, such as ['C', 'A'].",
    "no letter": "{found} is no line: the lines are {known}.",
    "twice": "Line {letter} stands there twice: each line is needed once at most.",
    "too early": "Line {letter} needs {needed}, which no line before it has computed.",
    "changed": "Line {letter} uses {changed}, but line {by} has changed it already: the error must go back through the "
    "weights that the examples went forward through.",
    "incomplete": "In order as far as it goes, but no line changes {missing}: {lines} missing.",
    "a line is": "a line is",
    "lines are": "{count} lines are",
    "and": " and ",
    "order hints": (
        "For each line, write down what it needs and what it computes. Which lines need only X, Y, the weights and the "
        "biases? They can come first, the others after those that they wait for. Two lines are wrong and must stay "
        "out.",
        "The order is (25) for each layer, BP1, BP2, then BP3 and BP4, then the steps. BP2 uses w³, so the step of "
        "layer 3 must wait for it.",
        "One order that works: {order}",
    ),
    "line D": "Line D multiplies averages: the average of the products δ aᵀ is not the product of the average δ and "
    "the average a. It must stay out, and J is there for it.",
    "line G": "In line G the shapes do not fit: w³ has one column for each neuron of layer 2, and Δ³ one row for each "
    "neuron of layer 3. It must stay out, and A is there for it.",
    # 7.2 count some examples more than once
    "counts right": "That is it. With counts of 1 it is the plain sum, and with a single 1 and zeros the gradient of "
    "that example alone.",
    "counts hints": (
        "What does a single example i add to ∇b, and what to ∇w? It is to add that `counts[i]` times. Which direction "
        "of `Delta` belongs to the examples?",
        "BP3 and BP4, with the count c_i of example i: ∇b = Σ_i c_i δ_i, ∇w = Σ_i c_i δ_i (a_i)ᵀ, so that each product "
        "has the count once.",
        "`weighted = Delta * counts`, then `return weighted.sum(axis=1, keepdims=True), weighted @ A.T`",
    ),
    "counts squared": "∇b is right, and in ∇w every example counts by the square of its count: you gave the count "
    "both to `Delta` and to `A`. One of them is enough.",
    "counts by neuron": "You gave the counts to the neurons, not to the examples: a column of counts is multiplied "
    "with whole rows. Flat as they are, they belong to the columns.",
    "total count": "You gave every example the sum of all counts: each is to get its own, `counts[i]`.",
    "weights not counted": "∇b is right, and in ∇w every example still counts once.",
    "biases not counted": "∇w is right, and in ∇b every example still counts once.",
    "averaged": "You divided by the number of examples: the sum is asked for, and the step will divide.",
    "flat": "The numbers are right, but ∇b is flat: it should be a column, like the biases; `keepdims=True` keeps it "
    "one.",
    "not summed": "∇w is right, and ∇b still has a column for each example: add them up.",
    "wrong axis": "∇w is right, and ∇b is added up over the neurons: the examples are the columns, so add along "
    "`axis=1`.",
    "from weights": "∇w is right. ∇b is no sum over a row of ∇w: it sums the errors themselves, without `A`.",
    "transposed": "∇b is right, and ∇w is transposed: like the weights, it has a row for each neuron of this layer.",
    "only once": "You left out the examples that count 0, and let the others count once.",
    "exchanged": "These are the right arrays in the wrong order: ∇b comes first, then ∇w.",
    # 7.3 write backprop for the whole mini-batch
    "matrix loop": "The gradients are, but there is a loop over the examples: the exercise is to do without one.",
    "matrix borrowed": "The gradients are, but `backprop_matrix` is the package's own function: the exercise is to "
    "write it yourself.",
    # 7.4 write the step for examples as rows
    "rows right": "That is it. Nothing has changed but the side on which things stand: rows for columns, and in every "
    "product both factors transposed and exchanged.",
    "rows hints": (
        "Write the shape of every array next to its line: examples as rows make A^l, Z^l and Δ^l of shape (m, n_l). "
        "The network's own arrays are as they were.",
        "Transpose the equations: (25) becomes Z = A wᵀ + bᵀ, BP2 becomes Δ^l = (Δ^{l+1} w^{l+1}) ⊙ σ′(Z^l), BP4 "
        "becomes ∇w = Δᵀ A, and the sum of BP3 is along axis 0. The rows of X are m.",
        "Forward `Z = A @ w.T + b.T`; back `Delta = (Delta @ net.weights[-l + 1]) * sigmoid_prime(Zs[-l])`; then "
        "`Delta.sum(axis=0).reshape(-1, 1)` and `Delta.T @ activations[-l - 1]`; at the end `w -= eta / X.shape[0] * "
        "nabla_w`.",
    ),
    "rows m": "The gradient is right, and you divided by `X.shape[1]`: with examples as rows that is n_1, the number "
    "of inputs. How many examples there are is `X.shape[0]`.",
    "rows sum": "The gradient is right, and it is not divided by m: the step goes by η/m times the sum.",
    "rows nothing": "The network is as it was: change its arrays in place (`w -= ...`), since `w = w - ...` only gives "
    "the name w to a new array.",
    "rows sign": "The right step in the wrong direction: gradient descent subtracts the gradient.",
    "rows biases": "The weights take the right step, and the biases stay as they were.",
    "rows bias": "A column b is added to rows: each neuron's bias must reach its own column of Z. In rows it is `b.T`.",
    "rows back": "In rows BP2 has no transpose: `Delta @ w`. (So this is a transpose too many; among columns, the same "
    "mistake is a transpose that is missing.)",
    "rows forward": "On the way forward the weights are not transposed: in rows, wA + b becomes `A @ w.T + b.T`.",
    "rows told": "In the words of 7.3, with columns for your rows: {message}",
    "rows columns": "This is the step for examples as columns: it takes the rows of X for neurons and its columns for "
    "examples.",
}

#: What the catalogue calls them.
MISTAKES = {
    "averaged": "mean-for-sum",
    "flat": "bias-lost-dimension",
    "not summed": "bias-not-summed",
    "wrong axis": "bias-wrong-axis",
    "from weights": "bias-from-weights",
    "transposed": "outer-product-transposed",
    "rows sum": "mean-for-sum",
    "rows sign": "wrong-sign",
    "rows biases": "biases-never-updated",
    "rows back": "missing-transpose",
}

SIZES, EXAMPLES = [784, 30, 10], 8  # what the lesson has
SECONDS = 3.0  # for one traced call


def _forward(w, b, A):
    Z = w @ A + b  # (25)
    return Z, sigmoid(Z)


def _gradients(Delta, A):
    return Delta.sum(axis=1, keepdims=True), Delta @ A.T  # BP3, BP4


def _multiplied_averages(Delta, A):
    return Delta.mean(axis=1, keepdims=True), Delta.mean(axis=1, keepdims=True) @ A.mean(axis=1, keepdims=True).T


def _step(b, w, nabla_b, nabla_w, eta, m):
    return b - eta / m * nabla_b, w - eta / m * nabla_w


#: The lines of the pseudocode: the quantities that each gives, and how. It needs what its function takes.
LINES = {
    "A": (["Delta2"], lambda w3, Delta3, Z2: ((w3.T @ Delta3) * sigmoid_prime(Z2),)),
    "B": (["Z3", "A3"], lambda w3, b3, A2: _forward(w3, b3, A2)),
    "C": (["b2", "w2"], lambda b2, w2, nabla_b2, nabla_w2, eta, m: _step(b2, w2, nabla_b2, nabla_w2, eta, m)),
    "D": (["nabla_b3", "nabla_w3"], lambda Delta3, A2: _multiplied_averages(Delta3, A2)),
    "E": (["Z2", "A2"], lambda w2, b2, X: _forward(w2, b2, X)),
    "F": (["nabla_b2", "nabla_w2"], lambda Delta2, X: _gradients(Delta2, X)),
    "G": (["Delta2"], lambda w3, Delta3, Z2: ((w3 @ Delta3) * sigmoid_prime(Z2),)),
    "H": (["b3", "w3"], lambda b3, w3, nabla_b3, nabla_w3, eta, m: _step(b3, w3, nabla_b3, nabla_w3, eta, m)),
    "I": (["Delta3"], lambda A3, Y, Z3: ((A3 - Y) * sigmoid_prime(Z3),)),
    "J": (["nabla_b3", "nabla_w3"], lambda Delta3, A2: _gradients(Delta3, A2)),
}
WRONG = {"D": "average-then-multiply", "G": "missing-transpose"}


@exercise("7.1")
def _(answer):
    letters = _letters(answer)
    if letters is None:
        fault = WORDS["no order"].format(found=name_of(answer))
        return Diagnosis("wrong", fault, hints=_order_hints())
    for index, letter in enumerate(letters):
        if letter not in LINES:
            fault = WORDS["no letter"].format(found=letter, known=", ".join(LINES))
            return Diagnosis("wrong", fault, hints=_order_hints())
        if letter in letters[:index]:
            return Diagnosis("wrong", WORDS["twice"].format(letter=letter), hints=_order_hints())
    quantities, fault, mistake = run_lines(letters, start())
    if fault:
        return Diagnosis("wrong", fault, mistake, _order_hints())
    shapes = [f"{_symbol(name)} {array.shape}" for name, array in quantities.items() if name not in start()]
    return Diagnosis("right", WORDS["right order"].format(shapes=", ".join(shapes)))


def start(seed=7):
    """Give what the pseudocode begins with: a mini-batch, the weights and biases, the learning rate.

    Parameters
    ----------
    seed : int
        For the random numbers.

    Returns
    -------
    dict of str to array or number
        By name, such as "w2".
    """
    rng = np.random.default_rng(seed)
    net = Network.random(SIZES, rng, scaled=True)
    numbers = {"X": rng.random((SIZES[0], EXAMPLES)), "Y": rng.random((SIZES[-1], EXAMPLES)), "eta": 3.0, "m": EXAMPLES}
    biases = {f"b{l + 2}": b for l, b in enumerate(net.biases)}
    return numbers | biases | {f"w{l + 2}": w for l, w in enumerate(net.weights)}


def run_lines(letters, quantities):
    """Run lines of the pseudocode in the order given, up to the first that cannot be right there.

    Parameters
    ----------
    letters : list of str
        The lines, keys of `LINES`.
    quantities : dict of str to array or number
        What is there at the beginning.

    Returns
    -------
    quantities : dict of str to array or number
        What is there at the end, in the order in which it came.
    fault : str
        What is wrong with the order; nothing if it is right.
    mistake : str or None
        The name of the mistake in the catalogue, if it is one of them.
    """
    quantities, changed_by = dict(quantities), {}
    parameters = [name for name in quantities if re.fullmatch("[wb][23]", name)]
    for letter in letters:
        gives, compute = LINES[letter]
        needs = inspect.signature(compute).parameters
        if letter in WRONG:
            return quantities, WORDS[f"line {letter}"], WRONG[letter]
        missing = [_symbol(name) for name in needs if name not in quantities]
        if missing:
            return quantities, WORDS["too early"].format(letter=letter, needed=_and(missing)), None
        late = [name for name in needs if name in changed_by]
        if late:
            fault = WORDS["changed"].format(letter=letter, changed=_symbol(late[0]), by=changed_by[late[0]])
            return quantities, fault, "updated-too-early"
        changed_by |= {name: letter for name in gives if name in quantities}
        quantities |= dict(zip(gives, compute(*(quantities[name] for name in needs)), strict=True))
    old = [_symbol(name) for name in parameters if name not in changed_by]
    if old:
        count = len(LINES) - len(WRONG) - len(letters)
        lines = WORDS["a line is"] if count == 1 else WORDS["lines are"].format(count=count)
        return quantities, WORDS["incomplete"].format(missing=_and(old), lines=lines), None
    return quantities, "", None


def _letters(answer):
    """Read a list of letters, or a string of them; None if it is neither."""
    if isinstance(answer, str):
        return re.findall(r"\w", answer.upper())
    if isinstance(answer, list | tuple) and all(isinstance(letter, str) for letter in answer):
        return [letter.strip().upper() for letter in answer]
    return None


def _symbol(name):
    return name.replace("Delta", "Δ").replace("nabla_", "∇").translate(str.maketrans("23", "²³"))


def _and(names):
    return WORDS["and"].join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _order_hints():
    *others, last = WORDS["order hints"]
    return *others, last.format(order=", ".join(_one_order()))


def _one_order():
    """Take whatever line can be taken next; those that change the weights after all others."""
    there, order = set(start()), []
    waiting = sorted(LINES.keys() - WRONG, key=lambda letter: (LINES[letter][0][0] in there, letter))
    while waiting:
        letter = next(letter for letter in waiting if there.issuperset(inspect.signature(LINES[letter][1]).parameters))
        waiting.remove(letter)
        order.append(letter)
        there.update(LINES[letter][0])
    return order


@exercise("7.2")
def _(answer):
    slips = [
        (lambda Delta, A, counts: (_counted(Delta, A, counts)[0], (Delta * counts) @ (A * counts).T), "counts squared"),
        (lambda Delta, A, counts: _gradients(Delta * counts[:, None], A), "counts by neuron"),
        (lambda Delta, A, counts: _gradients(counts.sum() * Delta, A), "total count"),
        (_part(weights=lambda Delta, A, counts: Delta @ A.T), "weights not counted"),
        (_part(biases=lambda Delta, A, counts: Delta.sum(axis=1, keepdims=True)), "biases not counted"),
        (lambda Delta, A, counts: _counted(Delta, A, counts / counts.sum()), "averaged"),
        (lambda Delta, A, counts: _counted(Delta, A, counts / counts.size), "averaged"),
        (_part(biases=lambda Delta, A, counts: Delta @ counts), "flat"),
        (_part(biases=lambda Delta, A, counts: Delta * counts), "not summed"),
        (_part(biases=lambda Delta, A, counts: (Delta * counts).sum(axis=0, keepdims=True)), "wrong axis"),
        (_part(biases=lambda Delta, A, counts: (Delta * counts).sum(axis=0)), "wrong axis"),
        (_part(biases=lambda Delta, A, counts: (Delta * counts).sum(axis=0).reshape(-1, 1)), "wrong axis"),
        (_part(biases=lambda Delta, A, counts: (Delta * counts).sum()), "wrong axis"),
        (_part(biases=lambda Delta, A, counts: (Delta * counts @ A.T).sum(axis=1, keepdims=True)), "from weights"),
        (_part(weights=lambda Delta, A, counts: A * counts @ Delta.T), "transposed"),
        (lambda Delta, A, counts: _counted(Delta, A, np.sign(counts)), "only once"),
        (lambda Delta, A, counts: _counted(Delta, A, counts)[::-1], "exchanged"),
    ]
    slips = [(function, WORDS[sentence], MISTAKES.get(sentence)) for function, sentence in slips]
    rng = np.random.default_rng(72)
    calls = [
        (rng.normal(size=(n, m)), rng.random((n_in, m)), np.array(counts))
        for n, n_in, m, counts in ((4, 4, 4, [2, 1, 0, 3]), (3, 5, 6, [1, 0, 4, 1, 2, 1]), (2, 3, 1, [2]))
    ]
    found = judge_function(
        answer, _counted, calls, slips=slips, hints=WORDS["counts hints"], message=WORDS["counts right"]
    )
    message = found.message.replace("answer[0]", "∇b").replace("answer[1]", "∇w")
    return dataclasses.replace(found, message=message)


def _counted(Delta, A, counts):
    weighted = Delta * counts
    return weighted.sum(axis=1, keepdims=True), weighted @ A.T


def _part(*, biases=None, weights=None):
    """Give the gradients with one of the two replaced."""

    def gradients(Delta, A, counts):
        nabla_b, nabla_w = _counted(Delta, A, counts)
        return biases(Delta, A, counts) if biases else nabla_b, weights(Delta, A, counts) if weights else nabla_w

    return gradients


@exercise("7.3")
def _(answer):
    found = check_backprop_matrix(answer)
    if not found.ok:
        return found
    (few, called), (many, _) = (_lines_run(answer, m) for m in (4, 24))
    if backprop_matrix.__code__ in called:
        return dataclasses.replace(found, message=WORDS["matrix borrowed"])
    if many - few >= 20:
        return dataclasses.replace(found, message=WORDS["matrix loop"])
    return found


def _lines_run(function, m):
    """Count the lines of Python outside NumPy that a function runs for a mini-batch of m; give what it calls, too."""
    lines, called = 0, set()

    def tracer(frame, event, _):
        nonlocal lines
        if frame.f_globals.get("__name__", "").split(".")[0] == "numpy":
            return None  # printing an array, say, takes the longer the larger it is
        lines += event == "line"
        called.add(frame.f_code)
        return tracer

    rng = np.random.default_rng(73)
    net = Network.random([5, 4, 3], rng)
    run = Run(function, net, rng.random((5, m)), rng.random((3, m)))
    with contextlib.redirect_stdout(io.StringIO()):
        run.start(tracer, SECONDS)
    return lines, called


@exercise("7.4")
def _(answer):
    slips = [
        (_rows_step(lambda X, Y: X.shape[1]), "rows m"),
        (_rows_step(lambda X, Y: Y.shape[1]), "rows m"),
        (_rows_step(lambda X, Y: 1), "rows sum"),
        (_rows_step(lambda X, Y: -len(X)), "rows sign"),
        (_rows_step(biases=lambda X, Y, nb: 0), "rows biases"),
        (lambda net, X, Y, eta: None, "rows nothing"),
        (_rows_columns, "rows columns"),
        (_rows_by_hand(forward=lambda A, w, b: A @ w.T + b), "rows bias"),
        (_rows_by_hand(forward=lambda A, w, b: A @ w + b.T), "rows forward"),
        (_rows_by_hand(back=lambda Delta, w: Delta @ w.T), "rows back"),
    ]
    calls = [(*_rows(sizes, m), 0.7) for sizes, m in (([4, 4, 4, 4], 4), ([3, 5, 4, 2], 7), ([4, 3], 1))]
    slips = [(function, WORDS[sentence], MISTAKES.get(sentence)) for function, sentence in slips]
    found = judge_network(
        answer, _rows_step(), calls, slips=slips, hints=WORDS["rows hints"], message=WORDS["rows right"]
    )
    if found.state in ("wrong", "stopped") and found.message not in WORDS.values():
        told = check_update(_by_columns(answer))
        if told.mistake or (found.state == "wrong" and not told.ok):
            message = WORDS["rows told"].format(message=told.message)
            return dataclasses.replace(told, message=message, hints=WORDS["rows hints"])
    return found


def _rows(sizes, m, seed=74):
    """Draw a network and a mini-batch of examples as rows."""
    rng = np.random.default_rng(seed)
    return Network.random(sizes, rng), rng.random((m, sizes[0])), rng.random((m, sizes[-1]))


def _rows_step(divisor=lambda X, Y: len(X), biases=lambda X, Y, nb: nb):
    """Give the step for examples as rows, or one that is wrong in the part that is replaced."""

    def update(net, X, Y, eta):
        nabla_b, nabla_w = backprop_matrix(net, X.T, Y.T)
        rate = eta / divisor(X, Y)
        for b, w, nb, nw in zip(net.biases, net.weights, nabla_b, nabla_w, strict=True):
            w -= rate * nw  # (20)
            b -= rate * biases(X, Y, nb)  # (21)

    return update


def _rows_by_hand(forward=lambda A, w, b: A @ w.T + b.T, back=lambda Delta, w: Delta @ w):
    """Give the step for examples as rows, written out, or one that is wrong in the part that is replaced."""

    def update(net, X, Y, eta):
        Zs, activations = [], [X]
        for b, w in zip(net.biases, net.weights, strict=True):
            Zs.append(forward(activations[-1], w, b))
            activations.append(sigmoid(Zs[-1]))
        Deltas = [(activations[-1] - Y) * sigmoid_prime(Zs[-1])]
        for w, Z in zip(net.weights[:0:-1], Zs[-2::-1], strict=True):
            Deltas.insert(0, back(Deltas[0], w) * sigmoid_prime(Z))
        for b, w, Delta, A in zip(net.biases, net.weights, Deltas, activations[:-1], strict=True):
            w -= eta / len(X) * Delta.T @ A
            b -= eta / len(X) * Delta.sum(axis=0).reshape(-1, 1)

    return update


def _rows_columns(net, X, Y, eta):
    _rows_step()(net, X.T, Y.T, eta)


def _by_columns(function):
    """Wrap a function that takes examples as rows, so that it takes them as columns."""

    @functools.wraps(function, updated=())
    def update(net, X, Y, eta):
        return function(net, X.T.copy(), Y.T.copy(), eta)

    return update
