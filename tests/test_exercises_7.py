"""The exercises of lesson 7: right answers in several styles, orders of the pseudocode, and steps in rows."""

import itertools
import re

import numpy as np
import pytest

from answers import answers, two_tests
from bpteach import Network, backprop, backprop_matrix, update_mini_batch, update_mini_batch_matrix
from bpteach.backpropagation import forward_pass
from bpteach.diagnosis.calls import Finished
from bpteach.exercises import EXERCISES, lesson_07
from bpteach.exercises.lesson_07 import EXAMPLES, FUNCTIONS, LINES, WRONG, needs_and_gives, run_lines, start
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from bpteach.gradcheck import relative_error
from bpteach.publishing.lessons import NOTEBOOKS, cells_of, read
from conftest import ask, tag_of
from strategies import pairs

LESSON = read(NOTEBOOKS / "07-do-the-whole-mini-batch-at-once.ipynb")
RIGHT_LINES = sorted(LINES.keys() - WRONG)


def accepted_orders():
    """List every order of the right lines that can be walked; the walk is made without the numbers."""
    needs, gives = ({letter: needs_and_gives(letter)[i] for letter in LINES} for i in (0, 1))
    at_start = set(start())
    orders = []

    def extend(order, there, changed):
        if len(order) == len(RIGHT_LINES):
            orders.append(order)
        for letter in RIGHT_LINES:
            if letter not in order and there.issuperset(needs[letter]) and not changed & {*needs[letter]}:
                extend([*order, letter], there | {*gives[letter]}, changed | ({*gives[letter]} & at_start))

    extend([], at_start, set())
    return orders


def test_every_valid_order_takes_the_right_step():
    given = start()
    net = Network(lesson_07.SIZES, [given["w2"].copy(), given["w3"].copy()], [given["b2"].copy(), given["b3"].copy()])
    X, Y = given["X"], given["Y"]
    update_mini_batch(net, pairs(X, Y), given["eta"])
    orders = accepted_orders()
    assert len(orders) > 5
    for order in orders:
        assert ask("judge_order", order).ok, order
        after = run_lines(order, given)
        for name, array in zip(("w2", "w3", "b2", "b3"), net.weights + net.biases, strict=True):
            assert relative_error(after[name], array) < 1e-12


def test_two_lines_exchanged_give_another_accepted_order_or_none():
    accepted = {"".join(order) for order in accepted_orders()}
    for i, j in itertools.combinations(range(len(RIGHT_LINES)), 2):
        order = list("EBIAJFHC")
        order[i], order[j] = order[j], order[i]
        assert ask("judge_order", order).ok == ("".join(order) in accepted), order


def test_lines_of_the_lesson_are_those_of_the_check():
    (task,) = [cell.source for cell in cells_of(LESSON, "markdown") if cell.source.startswith("### 7.1")]
    rows = dict(re.findall(r"^\| ([A-J]) \| (.+) \|$", task, re.MULTILINE))
    assert list(rows) == list(LINES)
    for letter in LINES:
        names = [name.replace("Delta", "Δ").replace("nabla_", "∇") for name in needs_and_gives(letter)[1]]
        assert all(re.search(rf"{name.translate({50: '²', 51: '³'})} [=←]", rows[letter]) for name in names)


def test_wrong_lines_give_wrong_numbers():
    with pytest.raises(Finished):
        run_lines("EBIAJF", start())  # it is not whole
    there = run_lines("EBIAJFHC", start())
    averages = dict(there)
    exec(LINES["D"], dict(FUNCTIONS), averages)
    assert relative_error(EXAMPLES * averages["nabla_b3"], there["nabla_b3"]) < 1e-12
    assert relative_error(EXAMPLES * averages["nabla_w3"], there["nabla_w3"]) > 0.01
    with pytest.raises(ValueError, match="matmul"):
        exec(LINES["G"], dict(FUNCTIONS), averages)


@pytest.mark.parametrize(
    ("answer", "part", "mistake"),
    [
        ("EIBAJFHC", "Line I needs A³ and Z³", None),
        ("BEIAJFHC", "Line B needs A²", None),
        (["E", "B", "I", "F", "A", "J", "H", "C"], "Line F needs Δ²", None),
        ("EBIJHAFC", "Line A uses w³, but line H has changed it", "updated-too-early"),
        ("EBIAJFH", "no line changes b² and w²: that is still to come", None),
        ([], "no line changes b², b³, w² and w³", None),
        ("EEBIAJFHC", "E is no line, or stands there twice", None),
        ("EBIX", "X is no line", None),
        (["E", 2], "expected a list of letters", None),
        (7, "expected a list of letters", None),
    ],
)
def test_order_that_does_not_work(answer, part, mistake):
    told = ask("judge_order", answer)
    assert (told.state, told.mistake) == ("wrong", mistake)
    assert part in told.message
    assert told.hints == EXERCISES[tag_of("judge_order")].hints


def test_order_may_be_written_in_any_way():
    told = ask("judge_order", " e, b, i, a, j, f, h, c ")
    assert told.ok
    assert "∇w³ (10, 30)" in told.message
    assert ask("judge_order", re.findall(r"\b[A-J]\b", EXERCISES[tag_of("judge_order")].hints[-1])).ok


def written_out(product):
    def function(net, X, Y):
        Zs, activations = forward_pass(net, X)
        Deltas = [(activations[-1] - Y) * sigmoid_prime(Zs[-1])]
        for w, Z in zip(net.weights[:0:-1], Zs[-2::-1], strict=True):
            Deltas.insert(0, (w.T @ Deltas[0]) * sigmoid_prime(Z))
        nabla_w = [product(Delta, A) for Delta, A in zip(Deltas, activations[:-1], strict=True)]
        return [Delta.sum(axis=1, keepdims=True) for Delta in Deltas], nabla_w

    return function


def in_rows(net, X, Y, eta, *, slope=sigmoid_prime, m=len, bias=1):
    Zs, activations = [], [X]
    for b, w in zip(net.biases, net.weights, strict=True):
        Zs.append(activations[-1] @ w.T + b.T)
        activations.append(sigmoid(Zs[-1]))
    Deltas = [cost_derivative(activations[-1], Y) * slope(Zs[-1])]
    for w, Z in zip(net.weights[:0:-1], Zs[-2::-1], strict=True):
        Deltas.insert(0, Deltas[0] @ w * sigmoid_prime(Z))
    for l, Delta in enumerate(Deltas):
        net.biases[l] -= bias * eta / m(X) * Delta.sum(axis=0)[:, None]
        net.weights[l] = net.weights[l] - eta / m(X) * Delta.T @ activations[l]


ANSWERS = {
    ("counted_gradients", "D, A, c"): """
== right ==
einsum | - | return np.einsum("im,m->i", D, c)[:, None], np.einsum("im,km,m->ik", D, A, c)
repeated | - | columns = np.repeat(np.arange(len(c)), c)
    return D[:, columns].sum(axis=1, keepdims=True), D[:, columns] @ A[:, columns].T
one_by_one | - | columns = [(D[:, [i]], A[:, [i]], count) for i, count in enumerate(c)]
    return [sum(c * d for d, _, c in columns), sum(c * d @ a.T for d, a, c in columns)]
product | - | return (D * c).sum(axis=1, keepdims=True), (D * c) @ A.T
== wrong ==
other_w | ∇w has the right shape; of its 16 numbers | product: , (D * c) → , 1 + (D * c)
doubled_w | ∇w: right but for a constant factor, × 2 | product: , (D * c) → , 2 * (D * c)
turned_w | ∇w: transposed: rows | product: (D * c) @ A.T → A @ (D * c).T
no_counts | The counts are not in ∇b and ∇w. | product: D * c → D
some_counts | an example that is there three times | product: D * c → D * (c > 0)
flat_b | ∇b: the right numbers in the wrong shape, (4,): expected (4, 1)
    product: .sum(axis=1, keepdims=True) → .sum(axis=1)
row_b | ∇b: transposed | product: .sum(axis=1, keepdims=True) → .sum(axis=1)[None]
exchanged | The right ones in the wrong | return (D * c) @ A.T, (D * c).sum(axis=1, keepdims=True)
""",
    ("step_in_rows", "net, X, Y, eta"): """
== right ==
rows | - | return in_rows(net, X, Y, eta)
""",
}
RIGHT, OTHERS = answers(ANSWERS, globals())
test_right_answers_are_accepted, test_wrong_answers_are_told = two_tests(RIGHT, OTHERS)


def loop(net, X, Y):
    gradients = [backprop(net, *pair) for pair in pairs(X, Y)]
    return [[sum(parts) for parts in zip(*some, strict=True)] for some in zip(*gradients, strict=True)]


def test_gradient_of_the_averaged_example_is_told():
    for power in (0, 1):

        def function(net, X, Y, power=power):
            m = X.shape[1] ** power
            nabla_b, nabla_w = backprop(net, X.mean(axis=1, keepdims=True), Y.mean(axis=1, keepdims=True))
            return [m * nb for nb in nabla_b], [m * nw for nw in nabla_w]

        told = ask("judge_matrix_form", function)
        assert told.message.startswith("That is the gradient of one example, the average of them all."), told


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (written_out(lambda Delta, A: np.einsum("im,jm->ij", Delta, A)), ""),
        (written_out(lambda Delta, A: print(Delta) or Delta @ A.T), ""),
        (loop, "there is a loop over the examples"),
        (written_out(lambda D, A: sum(D[:, [i]] @ A[:, [i]].T for i in range(D.shape[1]))), "there is a loop over"),
        (written_out(lambda D, A: sum(map(lambda d, a: np.outer(d, a), D.T, A.T))), "there is a loop over"),
        (backprop_matrix, "but backprop_matrix does it, the package's own"),
        (lambda net, X, Y: backprop_matrix(net, X, Y), "but backprop_matrix does it, the package's own"),
    ],
)
def test_whole_mini_batch_at_once(function, part, capsys):
    told = ask("judge_matrix_form", function)
    assert told.ok == (not part), told
    assert told.table
    assert part in told.message
    assert len(told.hints) == (3 if part else 0)
    assert not capsys.readouterr().out


def columns_within(net, X, Y, eta):
    gradients = written_out(lambda Delta, A: Delta @ A.T)(net, X.T, Y.T)
    for l, (nabla_b, nabla_w) in enumerate(zip(*gradients, strict=True)):
        net.biases[l] -= eta / len(X) * nabla_b
        net.weights[l] -= eta / len(X) * nabla_w


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (columns_within, "the rows are turned into columns"),
        (lambda net, X, Y, eta: update_mini_batch_matrix(net, X.T, Y.T, eta), "but update_mini_batch_matrix does it"),
        (lambda net, X, Y, eta: update_mini_batch(net, pairs(X.T, Y.T), eta), "there is a loop over the examples"),
        (lambda net, X, Y, eta: [columns_within(net, X[[i]], Y[[i]], eta) for i in range(len(X))][:0], ""),
    ],
)
def test_detours_of_the_step_in_rows_are_not_right(function, part):
    told = ask("step_in_rows", function)
    assert told.state == "wrong"
    assert part in told.message
    assert told.hints == EXERCISES[tag_of("step_in_rows")].hints


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"slope": lambda Z: 1}, "missing-output-sigmoid-prime"),
        ({"m": lambda X: 1}, "mean-for-sum"),
        ({"bias": 0}, "biases-never-updated"),
        ({"m": lambda X: len(X) / 1.3}, None),
    ],
)
def test_other_mistakes_in_rows_are_told_by_the_diagnosis(changes, mistake):
    told = ask("step_in_rows", lambda net, X, Y, eta: in_rows(net, X, Y, eta, **changes))
    assert (told.state, told.mistake) == ("wrong", mistake), told
    assert told.message.startswith("In the words of 7.3, with columns for your rows: ")
    assert mistake or "1.3" in told.message
    assert told.hints == EXERCISES[tag_of("step_in_rows")].hints


def test_step_in_rows_that_never_reaches_the_network():
    told = ask("step_in_rows", lambda net, X, Y, eta: [w - eta for w in net.weights] and None)
    assert told.state == "wrong"
    assert "The network is as it was" in told.message
