"""The recording of a run: what ran, what it left behind, and what becomes of functions that go wrong."""

import functools
import sys
import textwrap
import time

import numpy as np
import pytest

import bpteach.diagnosis.recording
from bpteach import Network, backprop, backprop_matrix
from bpteach.diagnosis.recording import in_words, record
from bpteach.diagnosis.stoppable import Run
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from strategies import written

SIZES = [9, 5, 4, 2]


def make(sizes=SIZES, m=1, dtype=np.float64):
    rng = np.random.default_rng(0)
    net = Network.random(sizes, rng, dtype=dtype)
    return (
        net,
        rng.random((sizes[0], m)).astype(dtype),
        np.eye(sizes[-1], dtype=dtype)[:, rng.integers(sizes[-1], size=m)],
    )


def expected(net, x, y):
    """Compute what the variables must hold, in another way: all columns, layers from the front."""
    zs, activations = [], [x]
    for w, b in zip(net.weights, net.biases, strict=True):
        zs.append(w.dot(activations[-1]) + b)
        activations.append(1 / (1 + np.exp(-zs[-1])))
    deltas = [None] * len(zs)
    deltas[-1] = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    for i in reversed(range(len(zs) - 1)):
        a = activations[i + 1]
        deltas[i] = np.einsum("jk,ji->ki", net.weights[i + 1], deltas[i + 1]) * a * (1 - a)
    return zs, activations, deltas


def texts(recording):
    return [recording.code[step.line].text.strip() for step in recording.steps]


def steps_changing(recording, name):
    return [step for step in recording.steps if name in step.changed]


@pytest.mark.parametrize(("function", "m"), [(backprop, 1), (backprop_matrix, 3)])
@pytest.mark.parametrize("sizes", [SIZES, [784, 30, 10], [9, 2], [4, 4, 4, 4, 4]], ids=str)
def test_every_z_a_and_delta_is_recorded_as_it_was(function, m, sizes):
    net, x, y = make(sizes, m)
    recording = record(function, net, x, y)
    zs, activations, deltas = expected(net, x, y)
    upper = function is backprop_matrix
    for name, wanted in (("z", zs), ("a", activations), ("delta", deltas[::-1])):
        variable = name.capitalize() if upper else name
        found = [step.values[variable] for step in steps_changing(recording, variable)]
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
    assert recording.message == ""
    assert recording.error is None
    for part, right in zip(recording.result, function(net, x, y), strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(part, right, strict=True))


def test_lines_run_in_the_order_of_the_interpreter():
    recording = record(backprop, *make([9, 5, 2]))
    found = texts(recording)
    assert found[0] == "check_example(net, x, y)"
    assert found[-1] == "return nabla_b, nabla_w"
    assert found.count("z = w @ a + b") == 2
    assert sum("# BP1" in text for text in found) == sum("# BP2" in text for text in found) == 1
    assert [step.values["l"] for step in steps_changing(recording, "l")] == [2]
    assert not any('"""' in line.text or "Parameters" in line.text for line in recording.code)
    assert recording.code[0].text == "def backprop(net, x, y):"


def test_a_step_holds_what_the_line_left_and_names_what_it_changed():
    recording = record(backprop, *make([9, 5, 2]))
    places = {text: i for i, text in reversed(list(enumerate(texts(recording))))}
    step = recording.steps[places["zs.append(z)"]]
    assert step.changed == ("zs",)
    assert [z.shape for z in step.values["zs"]] == [(5, 1)]
    before = recording.steps[places["zs.append(z)"] - 1]
    assert before.values["zs"] == []
    filled = [step.values["nabla_w"] for step in steps_changing(recording, "nabla_w")]
    assert [[item is None for item in items] for items in filled] == [[True, True], [True, False], [False, False]]
    assert "net" not in step.values
    assert step.values["x"].shape == (9, 1)


def test_values_are_copies_that_nobody_can_change():
    def shared(net, x, y):
        a = np.zeros(3)
        a[0] = 1
        a += 1
        return a

    recording = record(shared, *make())
    assert [list(step.values["a"]) for step in recording.steps] == [[0, 0, 0], [1, 0, 0], [2, 1, 1], [2, 1, 1]]
    assert [step.changed for step in recording.steps] == [("a",), ("a",), ("a",), ()]
    with pytest.raises(ValueError, match="read-only"):
        recording.steps[0].values["a"][0] = 5
    with pytest.raises(TypeError):
        recording.steps[0].values["a"] = 5


def test_a_new_value_that_equals_the_old_one_counts_as_a_change():
    def saturated(net, x, y):
        delta = np.zeros((2, 1))
        delta = np.zeros((2, 1))
        return delta

    assert [step.changed for step in record(saturated, *make()).steps] == [("delta",), ("delta",), ()]


def test_the_arguments_are_left_as_they_are():
    def spoil(net, x, y):
        x[:] = 0
        y += 1
        net.weights[0][:] = 0
        net.biases.clear()

    net, x, y = make()
    before = [array.copy() for array in (x, y, *net.weights, *net.biases)]
    recording = record(spoil, net, x, y)
    assert all(np.array_equal(a, b) for a, b in zip(before, (x, y, *net.weights, *net.biases), strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(before, (recording.x, recording.y), strict=False))
    assert np.array_equal(recording.net.weights[0], net.weights[0])
    assert not steps_changing(recording, "x")[0].values["x"].any()


def test_only_lines_of_the_function_itself_are_recorded():
    def helper(z):
        hidden = sigmoid(z)
        return hidden

    def calls(net, x, y):
        numbers = [helper(z) for z in (x, x)]
        return numbers

    recording = record(calls, *make())
    assert texts(recording) == ["numbers = [helper(z) for z in (x, x)]", "return numbers"]
    assert "hidden" not in recording.steps[-1].values


TURNS = """
def turns(net, x, y):
    d = [w.T for w in net.weights]
    total = {k: [v for v in (1, 2)] for k in (1, 2)}
    d = [
        w
        for w in d
        if len(w)
    ]
    a = list(
        range(1)
    )
    [k for k in total]
    for k in [k + 1 for k in total]:
        total[k] = {v for v in range(k)}
    for i in range(2): a = [k * i for k in total]
    while len(d) > 1: d = d[1:] if i else d
    while True:
        a = (
            a[1:]
            + []
        )
        if not a: break
    try:
        return [1 / k for k in (1, 0)]
    except ZeroDivisionError:
        k = sum([k for k in total])
    return d, [
        k for k in
        total
    ], a
"""


def test_a_step_is_a_line_or_a_statement_over_several_whatever_its_comprehensions_do():
    recording = record(written(TURNS, "turns"), *make())
    loop = ["while True:", "a = (", "if not a: break"] * 3
    assert texts(recording) == [
        "d = [w.T for w in net.weights]",
        "total = {k: [v for v in (1, 2)] for k in (1, 2)}",
        "d = [",
        "a = list(",
        "[k for k in total]",
        *["for k in [k + 1 for k in total]:", "total[k] = {v for v in range(k)}"] * 2,
        "for k in [k + 1 for k in total]:",
        *["for i in range(2): a = [k * i for k in total]"] * 3,
        *["while len(d) > 1: d = d[1:] if i else d"] * 2,
        *loop,
        "try:",
        "return [1 / k for k in (1, 0)]",
        "except ZeroDivisionError:",
        "k = sum([k for k in total])",
        "return d, [",
    ]
    assert {name for step in recording.steps for name in step.changed} == {"d", "a", "k", "i"}
    assert [step.values.get("k") for step in recording.steps][:6] == [None] * 5 + [2]


def test_of_a_function_that_calls_itself_the_first_call_is_recorded():
    def again(net, x, y, depth=0):
        if depth < 2:
            again(net, x, y, depth + 1)
        return depth

    assert [step.values["depth"] for step in record(again, *make()).steps] == [0, 0, 0]


class Method:
    def backprop(self, net, x, y):
        return backprop(net, x, y)

    __call__ = backprop


def decorated(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


@pytest.mark.parametrize(
    "function",
    [Method().backprop, Method(), functools.partial(Method().backprop), decorated(backprop), lambda *a: backprop(*a)],
)
def test_methods_callable_objects_decorated_and_partial_functions_are_welcome(function):
    recording = record(function, *make())
    assert recording.steps
    assert recording.message == ""


def test_a_tracer_that_was_there_is_still_there():
    seen = []

    def tracer(frame, event, argument):
        seen.append(frame.f_code.co_name)

    before = sys.gettrace()
    try:
        sys.settrace(tracer)
        record(backprop, *make())
        after = sys.gettrace()
        seen.clear()
        sigmoid(np.zeros(1))
    finally:
        sys.settrace(before)
    assert after is tracer
    assert "sigmoid" in seen


def test_settings_of_numpy_hold_during_the_run():
    def divide(net, x, y):
        return 1 / np.zeros(1)

    with np.errstate(divide="raise"):
        assert "FloatingPointError" in record(divide, *make()).message


# functions that go wrong


def missing_transpose(net, x, y):
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    delta = cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
    delta = (net.weights[-1] @ delta) * sigmoid_prime(zs[-2])
    return delta


def test_what_ran_before_an_exception_is_kept_and_the_line_is_marked():
    recording = record(missing_transpose, *make([9, 5, 2]))
    *before, last = recording.steps
    assert last.raised
    assert not any(step.raised for step in before)
    assert "net.weights[-1] @ delta" in recording.code[last.line].text
    assert last.values["delta"].shape == (2, 1)
    assert isinstance(recording.error, ValueError)
    assert recording.message.startswith(
        f"missing_transpose stopped at line {recording.code[last.line].number} with Val"
    )
    assert recording.result is None
    assert "stops here" in str(recording)


def test_the_line_that_raised_is_told_from_lines_that_clean_up_and_from_exceptions_that_were_caught():
    def careful(net, x, y):
        try:
            a = 1 / 0
        except ZeroDivisionError:
            a = 0
        try:
            a = int("a")
        finally:
            a = 7
        return a

    recording = record(careful, *make())
    assert [recording.code[step.line].text.strip() for step in recording.steps if step.raised] == ['a = int("a")']
    assert recording.steps[-1].values["a"] == 7


def wrong_list(net, x, y):
    return [1, 2, 3], net.weights


WRONG = {
    "None": (lambda net, x, y: None, "returned None"),
    "a number": (lambda net, x, y: 3, "returned 3 (int): expected a pair (nabla_b, nabla_w)."),
    "a pair of arrays": (lambda net, x, y: (x, y), "The nabla_b that <lambda> returned is an array of shape (9, 1)"),
    "too many": (lambda net, x, y: ([x] * 4, [x]), "has length 4: expected 3"),
    "numbers": (wrong_list, "nabla_b[0], returned by wrong_list, is 1 (int): expected an array of shape (5, 1)."),
    "shapes": (lambda net, x, y: (net.biases, net.weights[::-1]), "nabla_w[0], returned by <lambda>, has shape (2, 4)"),
    "exit": (lambda net, x, y: sys.exit("bye"), "with SystemExit: bye"),
    "arguments": (lambda net: None, "cannot be called with (net, x, y). TypeError:"),
    "names": (lambda net, x, y: nonsense, "NameError"),  # noqa: F821
}


@pytest.mark.parametrize(("function", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_function_that_is_no_backprop_is_told_in_a_sentence(function, words):
    assert words in record(function, *make()).message


def yields(net, x, y):
    yield 1


async def waits(net, x, y):
    return 1


@pytest.mark.parametrize("function", [yields, waits])
def test_a_generator_runs_none_of_its_lines(function):
    recording = record(function, *make())
    assert "contains yield or await" in recording.message
    assert str(recording).startswith(f"{function.__name__}: no line of it ran.")


def for_ever():
    while True:
        pass


def endless(net, x, y):
    while True:
        x = x + 1


def endless_inside(net, x, y):
    z = 1
    for_ever()
    return z


def endless_and_deaf(net, x, y):
    while True:
        try:
            x = x + 1
        except:  # noqa: E722
            continue


def endless_in_c(net, x, y):
    return sum(1 for _ in iter(int, 1))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (endless, "endless was stopped after 50 lines. Does a loop never end?"),
        (endless_and_deaf, "endless_and_deaf was stopped after 50 lines."),
        (endless_inside, "endless_inside was stopped after 0.2 s. Does a loop never end"),
        (endless_in_c, "endless_in_c was stopped after 0.2 s."),
    ],
)
def test_a_loop_without_end_is_stopped_and_what_ran_is_kept(function, words):
    recording = record(function, *make(), most_steps=50, most_seconds=0.2)
    assert words in recording.message
    assert 1 <= len(recording.steps) <= 50
    assert recording.result is None
    assert not any(step.raised for step in recording.steps)


def test_what_cannot_be_stopped_is_left_alone(monkeypatch):
    monkeypatch.setattr(bpteach.diagnosis.stoppable, "SECONDS_TO_STOP", 0.1)

    def sleeps(net, x, y):
        time.sleep(1)

    assert "was stopped after 0.1 s" in record(sleeps, *make(), most_seconds=0.1).message


@pytest.mark.parametrize("inside", [lambda: None, lambda: time.sleep(0), lambda: sigmoid(np.ones((300, 300)))])
def test_a_function_that_catches_everything_runs_no_more(inside, monkeypatch):
    monkeypatch.setattr(bpteach.diagnosis.stoppable, "SECONDS_TO_STOP", 0.2)
    turns = []

    def deaf():
        while True:
            try:
                while True:
                    turns.append(inside())
            except:  # noqa: E722
                pass

    run = Run(deaf)
    run.start(None, 0.1)
    time.sleep(0.1)
    before = len(turns)
    time.sleep(0.1)
    assert run.stopped
    assert len(turns) == before > 0


def test_values_that_take_too_much_memory_stop_the_run(monkeypatch):
    monkeypatch.setattr(bpteach.diagnosis.recording, "MOST_BYTES", 3_000_000)

    def grows(net, x, y):
        a = np.zeros(100_000)
        for i in range(1000):
            a[i] = 1

    recording = record(grows, *make())
    assert "took more than 3 MB" in recording.message
    assert 2 < len(recording.steps) < 20


def test_a_function_without_source_is_refused():
    space = {}
    exec("def unseen(net, x, y):\n    return 1", space)
    with pytest.raises(ValueError, match="The source of unseen cannot be found: write it in a cell"):
        record(space["unseen"], *make())


@pytest.mark.parametrize("function", [3, None, print, np.add, Network, "backprop"])
def test_what_is_no_python_function_is_refused(function):
    with pytest.raises(TypeError, match="expected a function of"):
        record(function, *make())


def test_bad_arrays_and_bounds_are_refused():
    net, x, y = make()
    for arguments in ((net, x.T, y), (net, x, y.T), (net, np.hstack([x, x]), y)):
        with pytest.raises(ValueError, match="expected"):
            record(backprop, *arguments)
    with pytest.raises(TypeError, match="expected a Network"):
        record(backprop, None, x, y)
    with pytest.raises(ValueError, match="most_steps is 0: expected 1 or more"):
        record(backprop, net, x, y, most_steps=0)
    with pytest.raises(ValueError, match="most_seconds"):
        record(backprop, net, x, y, most_seconds=-1)


def test_what_other_functions_would_do_is_not_changed():
    """A function may hold anything: text, dictionaries, object arrays, lists of lists, NaN."""

    def mixed(net, x, y):
        word, table, things = "a", {"a": 1}, np.array([None, "b"], dtype=object)
        rows = [[1.0, 2.0], [3.0, float("nan")]]
        rows[0][1] = 5.0
        return word, table, things, rows

    recording = record(mixed, *make())
    assert set(recording.steps[-1].values) == {"x", "y", "rows"}
    assert [step.values["rows"][0][1] for step in recording.steps[1:3]] == [2.0, 5.0]


def test_the_recording_reads_as_a_table():
    text = str(record(backprop, *make([9, 5, 2])))
    assert text.splitlines()[0] == "line  code"
    assert "      nabla_w: 2 arrays None, (2, 5)" in text.splitlines()
    assert "      zs: 1 array (5, 1)" in text.splitlines()
    assert "      l: 2" in text.splitlines()


def test_values_in_words():
    assert in_words(None) == "None"
    assert in_words(0.123456) == "0.1235"
    assert in_words([1, 2]) == "a list of 2"
    assert in_words([None, np.zeros((2, 3))]) == "2 arrays None, (2, 3)"


def test_float32_stays_float32():
    recording = record(backprop, *make(dtype=np.float32))
    assert steps_changing(recording, "delta")[0].values["delta"].dtype == np.float32


def test_a_function_written_inside_another_is_shown_without_its_indentation():
    def inner(net, x, y):
        """Say nothing."""
        return 1

    recording = record(inner, *make())
    assert [line.text for line in recording.code] == textwrap.dedent(
        """\
        def inner(net, x, y):
            return 1"""
    ).splitlines()
    assert [line.number for line in recording.code] == [1, 3]
