"""The exercises of lesson 7: the pseudocode and the program of the mini-batch at once."""

import inspect
import re
from dataclasses import replace

import numpy as np

from bpteach.arguments import name_of
from bpteach.backpropagation import backprop, backprop_matrix
from bpteach.diagnosis import Diagnosis, check_backprop_matrix, check_update
from bpteach.diagnosis.calls import Finished
from bpteach.exercises import Slip, exercise, own_program, right_answer
from bpteach.exercises.in_place import listed
from bpteach.exercises.judging import hints_of, stand_in
from bpteach.exercises.watching import FEW, Watched, mini_batch_of, runs_more_lines
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_, _, ngettext
from bpteach.network import Network
from bpteach.training import update_mini_batch, update_mini_batch_matrix

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


def _counted_but(biases=None, weights=None, mistake=None, fits=None):
    """Make a slip in one or both gradients: other functions of the counted errors, of Delta, A and the counts."""

    def gradients(Delta, A, counts):
        nabla_b, nabla_w = counted_gradients(Delta, A, counts)
        parts = Delta * counts, Delta, A, counts
        return biases(*parts) if biases else nabla_b, weights(*parts) if weights else nabla_w

    wrong = " and ".join(name for name, part in (("∇b", biases), ("∇w", weights)) if part)
    return Slip(gradients, mistake, fits, details=lambda found, *call: {"wrong": wrong, "shape": np.shape(found[0])})


def _has_other_shape(found, Delta, A, counts):
    nabla_b, nabla_w = counted_gradients(Delta, A, counts)
    return np.shape(found[0]) != nabla_b.shape and np.allclose(found[1], nabla_w)


@right_answer(
    "7.2",
    calls=_counted_batches,
    parts=("∇b", "∇w"),
    slips={
        N_("The counts are not in {wrong}."): [
            _counted_but(lambda weighted, Delta, *rest: Delta.sum(axis=1, keepdims=True)),
            _counted_but(weights=lambda weighted, Delta, A, counts: Delta @ A.T),
            _counted_but(
                lambda weighted, Delta, *rest: Delta.sum(axis=1, keepdims=True),
                lambda weighted, Delta, A, counts: Delta @ A.T,
            ),
        ],
        N_("In ∇w the counts are there twice, with `Delta` and with `A`: every product needs its count once."): (
            _counted_but(weights=lambda weighted, Delta, A, counts: weighted @ (A * counts).T)
        ),
        N_("Each example is to get its own count: the counts belong to the columns of `Delta`, the examples."): [
            lambda Delta, A, counts: _gradients(Delta * counts[:, None], A),
            lambda Delta, A, counts: _gradients(Delta * counts.sum(), A),
        ],
        N_("Every count is 1 in yours, or 0: an example that is there three times counts three times."): (
            lambda Delta, A, counts: _gradients(Delta * np.sign(counts), A)
        ),
        N_("You divided by the number of examples: the sum is asked for, and the step will divide."): [
            Slip(lambda Delta, A, counts: counted_gradients(Delta, A, counts / counts.sum()), "mean-for-sum"),
            Slip(lambda Delta, A, counts: counted_gradients(Delta, A, counts / counts.size), "mean-for-sum"),
        ],
        N_(
            "∇w is right. ∇b is a column, the sum over the examples: `axis=1, keepdims=True`. Yours has shape {shape}."
        ): [
            _counted_but(lambda weighted, *rest: weighted.sum(axis=1), mistake="bias-lost-dimension"),
            _counted_but(lambda weighted, *rest: weighted, mistake="bias-not-summed"),
            _counted_but(lambda weighted, *rest: weighted.sum(axis=0), mistake="bias-wrong-axis"),
            _counted_but(lambda weighted, *rest: weighted.sum(), fits=_has_other_shape),
        ],
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
def counted_gradients(Delta, A, counts):
    return _gradients(Delta * counts, A)


#: what two exercises ask for anew
OURS = (update_mini_batch_matrix, update_mini_batch, backprop_matrix, backprop)
NO_LOOP_HINTS = N_(
    "Take the columns of all examples together, X, and write the shape of each array next to its line. Which line does "
    "the loop repeat?\n"
    "(25), BP1 and BP2 work on every column at once. Only BP3 and BP4 add over the examples: a sum along the columns, "
    "and a matrix product.\n"
    "`nabla_b[-l] = Delta.sum(axis=1, keepdims=True)` and `nabla_w[-l] = Delta @ activations[-l - 1].T`"
)


@exercise("7.3")
def judge_matrix_form(answer):
    told = check_backprop_matrix(answer)
    if not told.ok:
        return told
    ours = Watched(answer, *mini_batch_of(FEW)).calls_of(backprop_matrix)
    message = ""
    if ours:
        message = _("The gradients are right, but they come from {ours}, the package's own: write it yourself.")
    elif runs_more_lines(answer, mini_batch_of):
        message = _("The gradients are right, but there is a loop over the examples: do without one.")
    said = replace(told, state="wrong", message=message.format(ours=ours), hints=hints_of(NO_LOOP_HINTS))
    return said if message else told


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
        return _refuse_detour(function, told)
    by_columns = check_update(stand_in(function, lambda net, X, Y, eta: function(net, X.T.copy(), Y.T.copy(), eta)))
    if by_columns.mistake or (told.state == "wrong" and not by_columns.ok):
        words = _("In the words of 7.3, with columns for your rows: {message}").format(message=by_columns.message)
        return replace(by_columns, message=words, hints=())
    return told


def _refuse_detour(function, told):
    """Not what is asked for are the package's own functions, a loop, and rows that are turned into columns."""
    net, rows, *_rest = arguments = mini_batch_of(7, turned=True)
    columns = sigmoid(net.weights[0] @ rows.T + net.biases[0])
    watched = Watched(function, *arguments)
    ours = watched.calls_of(*OURS)
    message = ""
    if ours:
        message = _("The step is right, but {ours} takes it, the package's own: write it yourself, for rows.")
    elif runs_more_lines(function, lambda m: mini_batch_of(m, turned=True)):
        message = _("The step is right, but there is a loop over the examples: let all rows go through at once.")
    elif any(array.shape == columns.shape and np.allclose(array, columns) for array in watched.arrays):
        message = _("The step is right, but the rows are turned into columns, as in the lesson: keep them as rows.")
    return replace(told, state="wrong", message=message.format(ours=ours)) if message else told


@right_answer(
    "7.4",
    calls=lambda rng: list(_rows(rng)),
    in_place=True,
    slips={
        N_("You divided by `X.shape[1]`, which is the number of inputs: among rows, the examples are `X.shape[0]`."): [
            lambda net, X, Y, eta: step_in_rows(net, X, Y, eta * len(X) / X.shape[1]),
            lambda net, X, Y, eta: step_in_rows(net, X, Y, eta * len(X) / Y.shape[1]),
        ],
        N_("This is the step for examples as columns: it takes the rows of X for neurons."): (
            lambda net, X, Y, eta: step_in_rows(net, X.T, Y.T, eta)
        ),
        N_("In rows wA + b becomes `A @ w.T + b.T`: each neuron's bias must reach its own column of Z."): [
            _by_hand(forward=lambda A, w, b: A @ w.T + b),
            _by_hand(forward=lambda A, w, b: A @ w + b.T),
        ],
        N_("Among rows BP2 is `Delta @ w`."): Slip(_by_hand(back=lambda Delta, w: Delta @ w.T), "missing-transpose"),
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


exercise("7.5", hints=own_program.HINTS)(own_program.judge_program)
