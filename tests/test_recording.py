"""A recording is what happened: against another computation, with functions of many kinds, with ones that go wrong."""

import functools
import sys

import numpy as np
import pytest

import bpteach.diagnosis.recording
from answers import each_of
from bpteach import Network, backprop, backprop_matrix
from bpteach.diagnosis.recording import record
from bpteach.functions import cost_derivative, sigmoid, sigmoid_prime
from learners import Register
from strategies import by_hand, seeded, written

ARGUMENTS = seeded([9, 5, 4, 2], 1)
SHALLOW = seeded([9, 5, 2], 1)


def texts(recording):
    return [recording.code[step.line].text.strip() for step in recording.steps]


def steps_changing(recording, name):
    return [step for step in recording.steps if name in step.changed]


@pytest.mark.parametrize(("function", "m"), [(backprop, 1), (backprop_matrix, 3)])
@pytest.mark.parametrize("sizes", [[9, 5, 4, 2], [784, 30, 10], [9, 2], [4, 4, 4, 4, 4]], ids=str)
def test_every_z_a_and_delta_is_recorded_as_it_was(function, m, sizes):
    arguments = seeded(sizes, m)
    recording = record(function, *arguments)
    for name, by_layer in zip(("z", "a", "delta"), by_hand(*arguments), strict=True):
        variable = name.capitalize() if function is backprop_matrix else name
        found = [step.values[variable] for step in steps_changing(recording, variable)]
        for one, other in zip(found, by_layer.values(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
    assert (recording.message, recording.error) == ("", None)
    for part, right in zip(recording.result, function(*arguments), strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(part, right, strict=True))


def test_lines_run_in_the_order_of_the_interpreter():
    recording = record(backprop, *SHALLOW)
    found = texts(recording)
    assert (found[0], found[-1]) == ("require_example(net, x, y)", "return nabla_b, nabla_w")
    assert found.count("z = w @ a + b") == 2
    assert sum("# BP1" in text for text in found) == sum("# BP2" in text for text in found) == 1
    assert [step.values["l"] for step in steps_changing(recording, "l")] == [2]
    assert not any('"""' in line.text or "Parameters" in line.text for line in recording.code)
    assert recording.code[0].text == "def backprop(net, x, y):"


def test_a_step_holds_what_the_line_left_and_names_what_it_changed():
    recording = record(backprop, *SHALLOW)
    place = texts(recording).index("zs.append(z)")
    before, step = recording.steps[place - 1 : place + 1]
    assert step.changed == ("zs",)
    assert before.values["zs"] == []
    assert [z.shape for z in step.values["zs"]] == [(5, 1)]
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

    steps = record(shared, *ARGUMENTS).steps
    assert [list(step.values["a"]) for step in steps] == [[0, 0, 0], [1, 0, 0], [2, 1, 1], [2, 1, 1]]
    assert [step.changed for step in steps] == [("a",), ("a",), ("a",), ()]
    with pytest.raises(ValueError, match="read-only"):
        steps[0].values["a"][0] = 5
    with pytest.raises(TypeError):
        steps[0].values["a"] = 5


def test_a_new_value_that_equals_the_old_one_counts_as_a_change():
    def saturated(net, x, y):
        delta = np.zeros((2, 1))
        delta = np.zeros((2, 1))
        return delta

    assert [step.changed for step in record(saturated, *ARGUMENTS).steps] == [("delta",), ("delta",), ()]


def test_the_arguments_are_left_as_they_are():
    def spoil(net, x, y):
        x[:] = 0
        y += 1
        net.weights[0][:] = 0
        net.biases.clear()

    net, x, y = seeded([9, 5, 4, 2], 1)
    before = [array.copy() for array in (x, y, *net.weights, *net.biases)]
    recording = record(spoil, net, x, y)
    kept = recording.net
    for arrays in ((x, y, *net.weights, *net.biases), (recording.x, recording.y, *kept.weights, *kept.biases)):
        assert all(np.array_equal(a, b) for a, b in zip(before, arrays, strict=True))
    assert not steps_changing(recording, "x")[0].values["x"].any()


def test_only_lines_of_the_function_itself_are_recorded_in_its_first_call():
    def helper(z):
        hidden = sigmoid(z)
        return hidden

    def calls(net, x, y):
        numbers = [helper(z) for z in (x, x)]
        return numbers

    recording = record(calls, *ARGUMENTS)
    assert texts(recording) == ["numbers = [helper(z) for z in (x, x)]", "return numbers"]
    assert set(recording.steps[-1].values) == {"x", "y", "numbers"}

    def again(net, x, y, depth=0):
        if depth < 2:
            again(net, x, y, depth + 1)
        return depth

    assert [step.values["depth"] for step in record(again, *ARGUMENTS).steps] == [0, 0, 0]


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
    recording = record(written(TURNS, "turns"), *ARGUMENTS)
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
        *["while len(d) > 1: d = d[1:] if i else d"] * (2 + (sys.version_info >= (3, 14))),  # the last test, too
        *loop,
        "try:",
        "return [1 / k for k in (1, 0)]",
        "except ZeroDivisionError:",
        "k = sum([k for k in total])",
        "return d, [",
    ]
    assert {name for step in recording.steps for name in step.changed} == {"d", "a", "k", "i"}
    assert [step.values.get("k") for step in recording.steps][:6] == [None] * 5 + [2]


class Method:
    def backprop(self, net, x, y):
        return backprop(net, x, y)

    __call__ = backprop


@pytest.mark.parametrize(
    "function",
    [
        *(Method().backprop, Method(), functools.partial(Method().backprop), lambda *a: backprop(*a)),
        functools.wraps(backprop)(lambda *a: backprop(*a)),
    ],
)
def test_methods_callable_objects_decorated_and_partial_functions_are_welcome(function):
    recording = record(function, *ARGUMENTS)
    assert recording.steps
    assert recording.message == ""


def test_a_tracer_that_was_there_is_still_there_and_settings_of_numpy_hold():
    seen = []

    def tracer(frame, event, argument):
        seen.append(frame.f_code.co_name)

    before = sys.gettrace()
    try:
        sys.settrace(tracer)
        record(backprop, *ARGUMENTS)
        after = sys.gettrace()
        seen.clear()
        sigmoid(np.zeros(1))
    finally:
        sys.settrace(before)
    with np.errstate(divide="raise"):  # settings of NumPy hold during the run
        assert "FloatingPointError" in record(lambda net, x, y: 1 / np.zeros(1), *ARGUMENTS).message
    assert after is tracer
    assert "sigmoid" in seen


def missing_transpose(net, x, y):
    zs, activations = [], [x]
    for b, w in zip(net.biases, net.weights, strict=True):
        zs.append(w @ activations[-1] + b)
        activations.append(sigmoid(zs[-1]))
    delta = cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
    delta = (net.weights[-1] @ delta) * sigmoid_prime(zs[-2])
    return delta


def test_what_ran_before_an_exception_is_kept_and_the_line_is_marked():
    recording = record(missing_transpose, *SHALLOW)
    *before, last = recording.steps
    assert [step.raised for step in recording.steps] == [False] * len(before) + [True]
    assert "net.weights[-1] @ delta" in recording.code[last.line].text
    assert last.values["delta"].shape == (2, 1)
    assert isinstance(recording.error, ValueError)
    assert recording.message.startswith("missing_transpose stopped at line 7 with ValueError: ")
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

    recording = record(careful, *ARGUMENTS)
    assert [recording.code[step.line].text.strip() for step in recording.steps if step.raised] == ['a = int("a")']
    assert recording.steps[-1].values["a"] == 7


NO_BACKPROP = Register("backprop", "net, x, y")
NO_BACKPROP.read(
    """
== other ==
none | returned None | return None
three | returned 3 (int): expected a pair (nabla_b, nabla_w). | return 3
columns | nabla_b, returned by columns, is an array of shape (9, 1): expected 3 arrays | return x, y
four | is 4 arrays (9, 1), (9, 1), (9, 1), (9, 1): expected 3 arrays (5, 1), | return [x] * 4, [x]
numbers | nabla_b, returned by numbers, is a list of 3: expected 3 arrays (5, 1), (4, 1), (2, 1).
    return [1, 2, 3], net.weights
backwards | nabla_w, returned by backwards, is 3 arrays (2, 4), (4, 5) | return net.biases, net.weights[::-1]
exits | with SystemExit: bye | raise SystemExit("bye")
takes_one | cannot be called with (net, x, y). TypeError: | def takes_one(net): return None
no_name | NameError | return nonsense
yields | contains yield or await | return (yield 1)
waits | contains yield or await | async def waits(net, x, y): return 1
""",
    {},
)


@each_of(NO_BACKPROP.learners)
def test_a_function_that_is_no_backprop_is_told_in_a_sentence(learner):
    recording = record(learner.function, *ARGUMENTS)
    assert learner.style in recording.message
    if "yield" in learner.style:
        assert str(recording).startswith(f"{learner.function.__name__}: no line of it ran.")


def test_values_that_take_too_much_memory_stop_the_run(monkeypatch):
    monkeypatch.setattr(bpteach.diagnosis.recording, "MOST_BYTES", 3_000_000)

    def grows(net, x, y):
        a = np.zeros(100_000)
        for i in range(1000):
            a[i] = 1

    recording = record(grows, *ARGUMENTS)
    assert "took more than 3 MB" in recording.message
    assert 2 < len(recording.steps) < 20


@pytest.mark.parametrize("function", [3, None, print, np.add, Network, "backprop"])
def test_what_is_no_python_function_is_refused(function):
    with pytest.raises(TypeError, match="expected a function of"):
        record(function, *ARGUMENTS)


def test_bad_arguments_are_refused():
    net, x, y = ARGUMENTS
    for arguments in ((net, x.T, y), (net, x, y.T), (net, np.hstack([x, x]), y)):
        with pytest.raises(ValueError, match="expected"):
            record(backprop, *arguments)
    with pytest.raises(TypeError, match="expected a Network"):
        record(backprop, None, x, y)
    with pytest.raises(ValueError, match="most_steps is 0: expected 1 or more"):
        record(backprop, net, x, y, most_steps=0)
    with pytest.raises(ValueError, match="most_seconds"):
        record(backprop, net, x, y, most_seconds=-1)
    space = {}
    exec(compile("def unseen(net, x, y):\n    return 1", "<nowhere>", "exec"), space)
    with pytest.raises(ValueError, match="The source of unseen cannot be found: write it in a cell"):
        record(space["unseen"], net, x, y)


def test_text_dictionaries_and_objects_are_left_out():
    def mixed(net, x, y):
        word, table, things = "a", {"a": 1}, np.array([None, "b"], dtype=object)
        rows = [[1.0, 2.0], [3.0, float("nan")]]
        rows[0][1] = 5.0
        return word, table, things, rows

    recording = record(mixed, *ARGUMENTS)
    assert set(recording.steps[-1].values) == {"x", "y", "rows"}
    assert [step.values["rows"][0][1] for step in recording.steps[1:3]] == [2.0, 5.0]


def test_the_recording_reads_as_a_table():
    first, *lines = str(record(backprop, *SHALLOW)).splitlines()
    assert first == "line  code"
    assert {"      nabla_w: 2 arrays None, (2, 5)", "      zs: 1 array (5, 1)", "      l: 2"} <= set(lines)


def test_float32_stays_float32():
    recording = record(backprop, *seeded([9, 5, 2], 1, dtype=np.float32))
    assert steps_changing(recording, "delta")[0].values["delta"].dtype == np.float32


def test_a_function_written_inside_another_is_shown_without_its_indentation():
    def inner(net, x, y):
        """Say nothing."""
        return 1

    assert record(inner, *ARGUMENTS).code == ((1, "def inner(net, x, y):"), (3, "    return 1"))
