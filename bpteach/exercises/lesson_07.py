"""The exercises of lesson 7: the pseudocode and the program of the mini-batch at once."""

import contextlib
import inspect
import io
import re
from dataclasses import replace

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop_matrix
from bpteach.diagnosis import Diagnosis, check_backprop_matrix, check_update
from bpteach.diagnosis.calls import Finished
from bpteach.diagnosis.stoppable import Run
from bpteach.exercises import Slip, exercise, right_answer
from bpteach.exercises.in_place import listed
from bpteach.exercises.judging import hints_of, stand_in
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_, _, ngettext
from bpteach.network import Network
from bpteach.training import update_mini_batch_matrix

SIZES, EXAMPLES = [784, 30, 10], 8  # what the lesson has


def _forward(w, b, A):
    Z = w @ A + b  # (25)
    return Z, sigmoid(Z)


def _gradients(Delta, A):
    return Delta.sum(axis=1, keepdims=True), Delta @ A.T  # BP3, BP4


def _multiplied_averages(Delta, A):
    average = Delta.mean(axis=1, keepdims=True)
    return average, average @ A.mean(axis=1, keepdims=True).T


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
WRONG_LINES = {
    N_(
        "Line D multiplies averages: the average of the products δ aᵀ is not the product of the average δ and the "
        "average a. It must stay out, and J is there for it."
    ): Slip("EBIADFHC", "average-then-multiply"),
    N_(
        "In line G the shapes do not fit: w³ has one column for each neuron of layer 2, and Δ³ one row for each neuron "
        "of layer 3. It must stay out, and A is there for it."
    ): Slip("EBIGJFHC", "missing-transpose"),
}
WRONG = dict(zip("DG", WRONG_LINES, strict=True))
ORDER_HINTS = N_(
    "For each line, write down what it needs and what it computes. Which lines need only X, Y, the weights and the "
    "biases? They can come first, the others after those that they wait for. Two lines are wrong and must stay out.\n"
    "The order is (25) for each layer, BP1, BP2, then BP3 and BP4, then the steps. BP2 uses w³, so the step of layer 3 "
    "must wait for it.\n"
    "One order that works: `E, B, I, A, F, J, C, H`"
)


@exercise("7.1", slips=WRONG_LINES, hints=ORDER_HINTS)
def judge_order(answer):
    try:
        there = run_lines(_letters(answer), start())
    except Finished as finished:
        return replace(finished.diagnosis, hints=hints_of(ORDER_HINTS))
    shapes = ", ".join(f"{_symbol(name)} {array.shape}" for name, array in there.items() if name not in start())
    told = _(
        "That is it. Every line finds what it needs, and the weights change only after their last use. For [784, 30, "
        "10] and m = 8 the shapes are, in your order: {shapes}."
    )
    return Diagnosis("right", told.format(shapes=shapes))


def start(seed=7):
    """Give what the pseudocode begins with: a mini-batch, the weights and biases, the learning rate, by their names."""
    rng = np.random.default_rng(seed)
    net = Network.random(SIZES, rng, scaled=True)
    numbers = {"X": rng.random((SIZES[0], EXAMPLES)), "Y": rng.random((SIZES[-1], EXAMPLES)), "eta": 3.0, "m": EXAMPLES}
    biases = {f"b{l + 2}": b for l, b in enumerate(net.biases)}
    return numbers | biases | {f"w{l + 2}": w for l, w in enumerate(net.weights)}


def run_lines(letters, quantities):
    """Run lines in the order given; give what is there at the end, in the order in which it came."""
    there, changed_by = dict(quantities), {}
    for letter in letters:
        gives, compute = LINES[letter]
        needs = inspect.signature(compute).parameters
        _refuse_line(letter, needs, there, changed_by)
        changed_by |= {name: letter for name in gives if name in there}
        there |= dict(zip(gives, compute(*(there[name] for name in needs)), strict=True))
    old = [_symbol(name) for name in quantities if re.fullmatch("[wb][23]", name) and name not in changed_by]
    if old:
        count = len(LINES) - len(WRONG) - len(letters)
        told = ngettext(
            "In order as far as it goes, but no line changes {missing}: a line is missing.",
            "In order as far as it goes, but no line changes {missing}: {count} lines are missing.",
            count,
        )
        raise _wrong(told.format(missing=listed(old), count=count))
    return there


def _refuse_line(letter, needs, there, changed_by):
    if letter in WRONG:
        raise _wrong(_(WRONG[letter]), WRONG_LINES[WRONG[letter]].mistake)
    missing = [_symbol(name) for name in needs if name not in there]
    if missing:
        told = _("Line {letter} needs {needed}, which no line before it has computed.")
        raise _wrong(told.format(letter=letter, needed=listed(missing)))
    for name in needs:
        if name in changed_by:
            told = _(
                "Line {letter} uses {changed}, but line {by} has changed it already: the error must go back through "
                "the weights that the examples went forward through."
            )
            told = told.format(letter=letter, changed=_symbol(name), by=changed_by[name])
            raise _wrong(told, "updated-too-early")


def _letters(answer):
    """Read a list of letters, or a string of them."""
    letters = re.findall(r"\w", answer) if isinstance(answer, str) else answer
    if not isinstance(letters, list | tuple) or not all(isinstance(letter, str) for letter in letters):
        told = _("Your answer is {found}: expected a list of letters, such as ['C', 'A'].")
        raise _wrong(told.format(found=name_of(answer)))
    letters = [letter.strip().upper() for letter in letters]
    for index, letter in enumerate(letters):
        if letter not in LINES:
            raise _wrong(_("{found} is no line: the lines are {known}.").format(found=letter, known=", ".join(LINES)))
        if letter in letters[:index]:
            raise _wrong(_("Line {letter} stands there twice: each line is needed once at most.").format(letter=letter))
    return letters


def _wrong(sentence, mistake=None):
    return Finished(Diagnosis("wrong", sentence, mistake))


def _symbol(name):
    return name.replace("Delta", "Δ").replace("nabla_", "∇").translate(str.maketrans("23", "²³"))


def _counted_batches(rng):
    shapes = ((4, 4, 4, [2, 1, 0, 3]), (3, 5, 6, [1, 0, 4, 1, 2, 1]), (2, 3, 1, [2]))
    return [(rng.normal(size=(n, m)), rng.random((n_in, m)), np.array(counts)) for n, n_in, m, counts in shapes]


def _counted_but(biases=None, weights=None, mistake=None):
    """Make a slip in one of the gradients: another function of the counted errors, of Delta, A and the counts."""

    def gradients(Delta, A, counts):
        nabla_b, nabla_w = counted(Delta, A, counts)
        parts = Delta * counts, Delta, A, counts
        return biases(*parts) if biases else nabla_b, weights(*parts) if weights else nabla_w

    wrong, right = ("∇b", "∇w") if biases else ("∇w", "∇b")
    return Slip(
        gradients, mistake, details=lambda found, *call: {"right": right, "wrong": wrong, "shape": np.shape(found[0])}
    )


@right_answer(
    "7.2",
    calls=_counted_batches,
    parts=("∇b", "∇w"),
    slips={
        N_(
            "{right} is right. In {wrong} every product is to have its count as a factor, once: neither not at all, "
            "nor twice (with `Delta` and with `A`)."
        ): [
            _counted_but(weights=lambda weighted, Delta, A, counts: weighted @ (A * counts).T),
            _counted_but(weights=lambda weighted, Delta, A, counts: Delta @ A.T),
            _counted_but(biases=lambda weighted, Delta, A, counts: Delta.sum(axis=1, keepdims=True)),
        ],
        N_(
            "Each example is to get its own count: flat as they are, the counts belong to the columns of `Delta`, the "
            "examples."
        ): [
            lambda Delta, A, counts: _gradients(Delta * counts[:, None], A),
            lambda Delta, A, counts: _gradients(Delta * counts.sum(), A),
            lambda Delta, A, counts: _gradients(Delta * np.sign(counts), A),
        ],
        N_("You divided by the number of examples: the sum is asked for, and the step will divide."): [
            Slip(lambda Delta, A, counts: counted(Delta, A, counts / counts.sum()), "mean-for-sum"),
            Slip(lambda Delta, A, counts: counted(Delta, A, counts / counts.size), "mean-for-sum"),
        ],
        N_(
            "∇w is right. ∇b is a column, the sum of the counted errors over the examples: `axis=1` and "
            "`keepdims=True`. Yours has shape {shape}."
        ): [
            _counted_but(lambda weighted, *rest: weighted.sum(axis=1), mistake="bias-lost-dimension"),
            _counted_but(lambda weighted, *rest: weighted, mistake="bias-not-summed"),
            _counted_but(lambda weighted, *rest: weighted.sum(axis=0, keepdims=True), mistake="bias-wrong-axis"),
            _counted_but(lambda weighted, *rest: weighted.sum(axis=0), mistake="bias-wrong-axis"),
            _counted_but(lambda weighted, *rest: weighted.sum(axis=0).reshape(-1, 1), mistake="bias-wrong-axis"),
            _counted_but(lambda weighted, *rest: weighted.sum(), mistake="bias-wrong-axis"),
        ],
        N_("∇w is right. ∇b is no sum over a row of ∇w: it sums the errors themselves, without `A`."): _counted_but(
            lambda weighted, Delta, A, *rest: (weighted @ A.T).sum(axis=1, keepdims=True), mistake="bias-from-weights"
        ),
        N_("∇b is right, and ∇w is transposed: like the weights, it has a row for each neuron of this layer."): (
            _counted_but(weights=lambda weighted, Delta, A, counts: A @ weighted.T, mistake="outer-product-transposed")
        ),
        N_("These are the right arrays in the wrong order: ∇b comes first, then ∇w."): (
            lambda Delta, A, counts: counted(Delta, A, counts)[::-1]
        ),
    },
    hints=N_(
        "What does a single example i add to ∇b, and what to ∇w? It is to add that `counts[i]` times. Which direction "
        "of `Delta` belongs to the examples?\n"
        "BP3 and BP4, with the count c_i of example i: ∇b = Σ_i c_i δ_i, ∇w = Σ_i c_i δ_i (a_i)ᵀ, so that each product "
        "has the count once.\n"
        "`weighted = Delta * counts`, then `return weighted.sum(axis=1, keepdims=True), weighted @ A.T`"
    ),
    praise=N_(
        "That is it. With counts of 1 it is the plain sum, and with a single 1 and zeros the gradient of that example "
        "alone."
    ),
)
def counted(Delta, A, counts):
    return _gradients(Delta * counts, A)


@exercise("7.3")
def judge_matrix_form(answer):
    found = check_backprop_matrix(answer)
    if not found.ok:
        return found
    (few, called), (many, _same) = (_lines_run(answer, m) for m in (4, 24))
    if backprop_matrix.__code__ in called:
        told = _(
            "The gradients are, but `backprop_matrix` is the package's own function: the exercise is to write it "
            "yourself."
        )
        return replace(found, message=told)
    if many - few >= 20:
        told = _("The gradients are, but there is a loop over the examples: the exercise is to do without one.")
        return replace(found, message=told)
    return found


def _lines_run(function, m):
    """Count the lines of Python outside NumPy that a function runs for a mini-batch of m; give what it calls, too."""
    lines, called = 0, set()

    def tracer(frame, event, argument):
        nonlocal lines
        if frame.f_globals.get("__name__", "").split(".")[0] == "numpy":
            return None  # printing an array, say, takes the longer the larger it is
        lines += event == "line"
        called.add(frame.f_code)
        return tracer

    rng = np.random.default_rng(73)
    net = Network.random([5, 4, 3], rng)
    with contextlib.redirect_stdout(io.StringIO()):
        Run(function, net, rng.random((5, m)), rng.random((3, m))).start(tracer, seconds=3.0)
    return lines, called


def _rows(rng):
    for sizes, m in (([4, 4, 4, 4], 4), ([3, 5, 4, 2], 7), ([4, 3], 1)):
        yield Network.random(sizes, rng), rng.random((m, sizes[0])), rng.random((m, sizes[-1])), 0.7


def _by_hand(forward=lambda A, w, b: A @ w.T + b.T, back=lambda Delta, w: Delta @ w):
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


def _in_the_words_of_columns(function, told, trial):
    """Of a step that is wrong in another way than by the rows, say what the diagnosis says of it among columns."""
    if told.ok:
        return told
    by_columns = check_update(stand_in(function, lambda net, X, Y, eta: function(net, X.T.copy(), Y.T.copy(), eta)))
    if by_columns.mistake or (told.state == "wrong" and not by_columns.ok):
        words = _("In the words of 7.3, with columns for your rows: {message}").format(message=by_columns.message)
        return replace(by_columns, message=words, hints=())
    return told


@right_answer(
    "7.4",
    calls=lambda rng: list(_rows(rng)),
    in_place=True,
    slips={
        N_(
            "The gradient is right, and you divided by `X.shape[1]`: with examples as rows that is n_1, the number of "
            "inputs. How many examples there are is `X.shape[0]`."
        ): [
            lambda net, X, Y, eta: step_in_rows(net, X, Y, eta * len(X) / X.shape[1]),
            lambda net, X, Y, eta: step_in_rows(net, X, Y, eta * len(X) / Y.shape[1]),
        ],
        N_(
            "This is the step for examples as columns: it takes the rows of X for neurons and its columns for examples."
        ): lambda net, X, Y, eta: step_in_rows(net, X.T, Y.T, eta),
        N_(
            "In rows wA + b becomes `A @ w.T + b.T`: the weights are transposed on the way forward, and each neuron's "
            "bias must reach its own column of Z."
        ): [_by_hand(forward=lambda A, w, b: A @ w.T + b), _by_hand(forward=lambda A, w, b: A @ w + b.T)],
        N_(
            "In rows BP2 has no transpose: `Delta @ w`. (So this is a transpose too many; among columns, the same "
            "mistake is a transpose that is missing.)"
        ): Slip(_by_hand(back=lambda Delta, w: Delta @ w.T), "missing-transpose"),
    },
    revise=_in_the_words_of_columns,
    hints=N_(
        "Write the shape of every array next to its line: examples as rows make A^l, Z^l and Δ^l of shape (m, n_l). "
        "The network's own arrays are as they were.\n"
        "Transpose the equations: (25) becomes Z = A wᵀ + bᵀ, BP2 becomes Δ^l = (Δ^{l+1} w^{l+1}) ⊙ σ′(Z^l), BP4 "
        "becomes ∇w = Δᵀ A, and the sum of BP3 is along axis 0. The rows of X are m.\n"
        "Forward `Z = A @ w.T + b.T`; back `Delta = (Delta @ net.weights[-l + 1]) * sigmoid_prime(Zs[-l])`; then "
        "`Delta.sum(axis=0).reshape(-1, 1)` and `Delta.T @ activations[-l - 1]`; at the end `w -= eta / X.shape[0] * "
        "nabla_w`."
    ),
    praise=N_(
        "That is it. Nothing has changed but the side on which things stand: rows for columns, and in every product "
        "both factors transposed and exchanged."
    ),
)
def step_in_rows(net, X, Y, eta):
    update_mini_batch_matrix(net, X.T, Y.T, eta)
