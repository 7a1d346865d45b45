"""The exercises of lesson 7: the pseudocode and the program of the mini-batch at once."""

import re
from dataclasses import replace
from functools import partial

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis import Diagnosis, check_backprop_matrix, check_update
from bpteach.diagnosis.calls import Finished
from bpteach.diagnosis.report import reworded
from bpteach.exercises import Slip, exercise, own_program, right_answer
from bpteach.exercises.judging import hints_of, stand_in
from bpteach.exercises.watching import Watched, detour_of, mini_batch_of
from bpteach.functions import sigmoid, sigmoid_prime
from bpteach.locale import N_, _, listed
from bpteach.network import Network
from bpteach.training import update_mini_batch_matrix

SIZES, EXAMPLES = [784, 30, 10], 8  # what the lesson has

LINES = {
    "A": "Delta2 = (w3.T @ Delta3) * sigmoid_prime(Z2)",
    "B": "Z3 = w3 @ A2 + b3; A3 = sigmoid(Z3)",
    "C": "b2 = b2 - eta / m * nabla_b2; w2 = w2 - eta / m * nabla_w2",
    "D": "nabla_b3 = average(Delta3); nabla_w3 = average(Delta3) @ average(A2).T",
    "E": "Z2 = w2 @ X + b2; A2 = sigmoid(Z2)",
    "F": "nabla_b2 = total(Delta2); nabla_w2 = Delta2 @ X.T",
    "G": "Delta2 = (w3 @ Delta3) * sigmoid_prime(Z2)",
    "H": "b3 = b3 - eta / m * nabla_b3; w3 = w3 - eta / m * nabla_w3",
    "I": "Delta3 = (A3 - Y) * sigmoid_prime(Z3)",
    "J": "nabla_b3 = total(Delta3); nabla_w3 = Delta3 @ A2.T",
}
FUNCTIONS = {
    "sigmoid": sigmoid,
    "sigmoid_prime": sigmoid_prime,
    "total": partial(np.sum, axis=1, keepdims=True),
    "average": partial(np.mean, axis=1, keepdims=True),
}
WRONG_LINES = {
    N_("Line D multiplies averages: average the products. It must stay out, and J is there for it."): Slip(
        "EBIADFHC", "average-then-multiply"
    ),
    N_("In line G the shapes of w³ and Δ³ do not fit. It must stay out, and A is there for it."): Slip(
        "EBIGJFHC", "missing-transpose"
    ),
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
    shapes = _(", ").join(f"{_symbol(name)} {array.shape}" for name, array in there.items() if name not in start())
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


def needs_and_gives(letter):
    """List the quantities that a line takes, and those that it makes."""
    needs, gives = [], []
    for statement in LINES[letter].split("; "):
        name, formula = statement.split(" = ")
        needs += [word for word in re.findall(r"(?<!\.)\b[A-Za-z]\w*", formula) if word not in (*FUNCTIONS, *gives)]
        gives.append(name)
    return list(dict.fromkeys(needs)), gives


def run_lines(letters, quantities):
    """Run lines in the order given; give what is there at the end, in the order in which it came."""
    there, changed_by = dict(quantities), {}
    for letter in letters:
        needs, gives = needs_and_gives(letter)
        _refuse_line(letter, needs, there, changed_by)
        changed_by |= {name: letter for name in gives if name in there}
        exec(LINES[letter], dict(FUNCTIONS), there)
    old = [_symbol(name) for name in quantities if re.fullmatch("[wb][23]", name) and name not in changed_by]
    if old:
        told = _("In order as far as it goes, but no line changes {missing}: that is still to come.")
        raise _wrong(told.format(missing=listed(old)))
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
            told = _("Line {letter} uses {changed}, but line {by} has changed it: the way back needs the old ones.")
            told = told.format(letter=letter, changed=_symbol(name), by=changed_by[name])
            raise _wrong(told, "updated-too-early")


def _letters(answer):
    letters = re.findall(r"\w", answer) if isinstance(answer, str) else answer
    if not isinstance(letters, list | tuple) or not all(isinstance(letter, str) for letter in letters):
        told = _("Your answer is {found}: expected a list of letters, such as ['C', 'A'].")
        raise _wrong(told.format(found=name_of(answer)))
    letters = [letter.strip().upper() for letter in letters]
    for index, letter in enumerate(letters):
        if letter not in LINES or letter in letters[:index]:
            told = _("{found} is no line, or stands there twice: the lines are {known}, and none is needed twice.")
            raise _wrong(told.format(found=letter, known=_(", ").join(LINES)))
    return letters


def _wrong(sentence, mistake=None):
    return Finished(Diagnosis("wrong", sentence, mistake))


def _symbol(name):
    return name.replace("Delta", "Δ").replace("nabla_", "∇").translate(str.maketrans("23", "²³"))


def _counted_batches(rng):
    shapes = ((4, 4, 4, [2, 1, 0, 3]), (3, 5, 6, [1, 0, 4, 1, 2, 1]), (2, 3, 1, [2]))
    return [(rng.normal(size=(n, m)), rng.random((n_in, m)), np.array(counts)) for n, n_in, m, counts in shapes]


def _sums(for_b, for_w, A):
    return for_b.sum(axis=1, keepdims=True), for_w @ A.T  # BP3, BP4


@right_answer(
    "7.2",
    calls=_counted_batches,
    parts=("∇b", "∇w"),
    slips={
        N_("The counts are not in ∇b."): lambda Delta, A, counts: _sums(Delta, Delta * counts, A),
        N_("The counts are not in ∇w."): lambda Delta, A, counts: _sums(Delta * counts, Delta, A),
        N_("The counts are not in ∇b and ∇w."): lambda Delta, A, counts: _sums(Delta, Delta, A),
        N_("In ∇w the counts are there twice, with `Delta` and with `A`: every product needs its count once."): (
            lambda Delta, A, counts: _sums(Delta * counts, Delta * counts**2, A)
        ),
        N_("Each example is to get its own count: the counts belong to the columns of `Delta`, the examples."): [
            lambda Delta, A, counts: _sums(Delta * counts[:, None], Delta * counts[:, None], A),
            lambda Delta, A, counts: _sums(Delta * counts.sum(), Delta * counts.sum(), A),
        ],
        N_("Every count is 1 in yours, or 0: an example that is there three times counts three times."): (
            lambda Delta, A, counts: counted_gradients(Delta, A, np.sign(counts))
        ),
        N_("You divided by the number of examples: the sum is asked for, and the step will divide."): [
            Slip(lambda Delta, A, counts: counted_gradients(Delta, A, counts / counts.sum()), "mean-for-sum"),
            Slip(lambda Delta, A, counts: counted_gradients(Delta, A, counts / counts.size), "mean-for-sum"),
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
    return _sums(Delta * counts, Delta * counts, A)


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
    detour = told.ok and detour_of(answer, mini_batch_of)
    return replace(told, state="wrong", message=detour, hints=hints_of(NO_LOOP_HINTS)) if detour else told


def _in_the_words_of_columns(function, told, trial):
    """Of a step that is wrong in another way than by the rows, say what the diagnosis says of it among columns."""
    if told.ok:
        return _refuse_detour(function, told)
    by_columns = check_update(stand_in(function, lambda net, X, Y, eta: function(net, X.T.copy(), Y.T.copy(), eta)))
    words = _("In the words of 7.3, with columns for your rows: {message}")
    if by_columns.mistake == "bias-one-dimensional":
        words = _("In rows wA + b becomes `A @ w.T + b.T`: each neuron's bias must reach its own column of Z.")
    is_told = by_columns.mistake or (told.state == "wrong" and not by_columns.ok)
    return replace(reworded(by_columns, words), hints=()) if is_told else told


def _refuse_detour(function, told):
    net, rows, *_rest = arguments = mini_batch_of(7, turned=True)
    columns = sigmoid(net.weights[0] @ rows.T + net.biases[0])
    detour = detour_of(function, partial(mini_batch_of, turned=True))
    for array in Watched(function, *arguments).arrays:
        if array.shape == columns.shape and np.allclose(array, columns):
            detour = detour or _("It is right, but the rows are turned into columns, as in the lesson: keep them rows.")
    return replace(told, state="wrong", message=detour) if detour else told


@right_answer(
    "7.4",
    calls=lambda rng: [
        (Network.random(sizes, rng), rng.random((m, sizes[0])), rng.random((m, sizes[-1])), 0.7)
        for sizes, m in (([4, 4, 4, 4], 4), ([3, 5, 4, 2], 7), ([4, 3], 1))
    ],
    in_place=True,
    slips={
        N_("You divided by `X.shape[1]`, which is the number of inputs: among rows, the examples are `X.shape[0]`."): [
            lambda net, X, Y, eta: step_in_rows(net, X, Y, eta * len(X) / X.shape[1]),
            lambda net, X, Y, eta: step_in_rows(net, X, Y, eta * len(X) / Y.shape[1]),
        ],
        N_("This is the step for examples as columns: it takes the rows of X for neurons."): (
            lambda net, X, Y, eta: step_in_rows(net, X.T, Y.T, eta)
        ),
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
