"""Record a real run of a backprop function, line by line.

The interpreter itself reports each line (`sys.settrace`), so the function needs no change, and what is recorded is what
happened. It may be any function of (net, x, y): ours, for one example or for a mini-batch, or one that a reader wrote,
right or wrong.
"""

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from bpteach.arguments import check_count, check_example, check_mini_batch, check_rate, name_of
from bpteach.diagnosis.stoppable import Run, Stop
from bpteach.network import Network

WORDS = {
    "no function": "function is {found}: expected a function of (net, x, y) that is written in Python, with def.",
    "no source": "The source of {name} cannot be found: write it in a cell of a notebook, or in a file.",
    # what became of the run
    "raised": "{name} stopped at line {line} with {kind}: {text}",
    "not called": "{name} cannot be called with (net, x, y). {kind}: {text}",
    "elsewhere": "{name} stopped with {kind}: {text}",
    "too many steps": "{name} was stopped after {most} lines. Does a loop never end? "
    "If it goes through single weights, take a smaller network, or call record with a larger most_steps.",
    "too long": "{name} was stopped after {most:g} s. Does a loop never end, in it or in a function that it calls? "
    "If it only needs longer, take a smaller network, or call record with a larger most_seconds.",
    "too much": "{name} was stopped: the values of its variables took more than {most} MB. "
    "Take a smaller network, or fewer examples.",
    "generator": "{name} contains yield or await, so calling it runs none of its lines: "
    "expected a function that returns (nabla_b, nabla_w).",
    "no pair": "{name} returned {found}: expected a pair (nabla_b, nabla_w).",
    "no list": "The {part} that {name} returned is {found}: expected a list of {count}, one array for each layer.",
    "wrong length": "The {part} that {name} returned has length {found}: "
    "expected {count}, one array for each layer after the input.",
    "no array": "{part}[{index}], returned by {name}, is {found}: expected an array of shape {expected}.",
    "wrong shape": "{part}[{index}], returned by {name}, has shape {found}: expected {expected}.",
    # the table
    "head": "line  code",
    "row": "{number:4}  {text}",
    "changes": "      {changes}",
    "change": "{name}: {value}",
    "raises": "      stops here",
    "arrays": "{count} arrays {shapes}",
    "array": "1 array {shapes}",
    "list": "a list of {count}",
    "None": "None",
    "nothing": "{name}: no line of it ran.",
}

MOST_BYTES = 100_000_000


class CodeLine(NamedTuple):
    """A line of a function's source: its number, counted from 1 at the top of the source, and its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Step:
    """One line that ran.

    Attributes
    ----------
    line : int
        Its place in the recording's `code`.
    values : mapping of str to object
        The local variables *after* it ran, by name: numbers, arrays (copies that cannot be changed), lists and tuples
        of those. `net` and whatever else there is are left out.
    changed : tuple of str
        The names of the variables that it made or changed.
    raised : bool
        Whether the run ended here with an exception.
    """

    line: int
    values: Mapping
    changed: tuple
    raised: bool = False


@dataclass(frozen=True)
class Recording:
    """A run of a function, line by line. Printed, it is a table.

    Attributes
    ----------
    name : str
        The function's name.
    code : tuple of CodeLine
        Its source, without the docstring.
    steps : tuple of Step
        The lines in the order in which they ran.
    net : Network
        A copy of the network that it was called with.
    x : array, shape (n_1, m)
        A copy of the input.
    y : array, shape (n_L, m)
        A copy of the desired output.
    result : object
        What it returned; None if it did not return.
    error : BaseException or None
        The exception that ended it.
    message : str
        Empty if it returned gradients of the right shapes; else one sentence that says what it did.
    """

    name: str
    code: tuple
    steps: tuple
    net: Network = field(repr=False)
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    result: object = field(default=None, repr=False)
    error: BaseException | None = None
    message: str = ""

    def __str__(self):
        """Write a table: each line that ran, and the variables that it changed."""
        lines = [WORDS["head"]]
        for step in self.steps:
            lines.append(WORDS["row"].format(**self.code[step.line]._asdict()))
            changes = [WORDS["change"].format(name=n, value=in_words(step.values[n])) for n in step.changed]
            if changes:
                lines.append(WORDS["changes"].format(changes="; ".join(changes)))
            if step.raised:
                lines.append(WORDS["raises"])
        if not self.steps:
            lines = [WORDS["nothing"].format(name=self.name)]
        return "\n".join([*lines, self.message] if self.message else lines)


def record(function, net, x, y, *, most_steps=2000, most_seconds=10.0):
    """Run a backprop function and record each of its lines.

    It gets copies of the network and the data, and whatever it does ends here: an exception, a wrong result or a loop
    without end is told in the recording's `message`. Only lines of the function itself are recorded, not those of
    functions that it calls. It runs in a thread of its own, so that a tracer of the reader's thread, a debugger's say,
    is left where it is.

    Parameters
    ----------
    function : callable
        A function of (net, x, y), written in Python.
    net : Network
        The network.
    x : array, shape (n_1, 1) or (n_1, m)
        The input; one column an example.
    y : array, shape (n_L, 1) or (n_L, m)
        The desired output.
    most_steps : int
        After this many lines the function is stopped.
    most_seconds : float
        After this many seconds it is stopped, too.

    Returns
    -------
    Recording
        What happened.

    Raises
    ------
    TypeError
        If `function` is no Python function, `net` no network, `x` or `y` no array of floats, or a bound no number.
    ValueError
        If the source of `function` cannot be found, `x` or `y` does not fit the network, or a bound is too small.
    KeyboardInterrupt
        If the reader interrupts.

    Examples
    --------
    >>> import numpy as np
    >>> from bpteach import Network, backprop
    >>> net = Network.random([2, 3, 1], np.random.default_rng(0))
    >>> recording = record(backprop, net, np.ones((2, 1)), np.ones((1, 1)))
    >>> step = next(step for step in recording.steps if "delta" in step.changed)
    >>> recording.code[step.line].text.strip().split(" = ")[0], step.values["delta"].shape
    ('delta', (1, 1))
    """
    inner = _python_function(function)
    check_count("most_steps", most_steps)
    check_rate("most_seconds", most_seconds)
    is_batch = getattr(x, "ndim", 0) == 2 and x.shape[1] != 1
    (check_mini_batch if is_batch else check_example)(net, x, y)
    about = {"name": inner.__name__, "code": _code_of(inner), "net": net.copy(), "x": x.copy(), "y": y.copy()}
    if inner.__code__.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        return Recording(**about, steps=(), message=WORDS["generator"].format(name=inner.__name__))
    run = Run(function, net.copy(), x.copy(), y.copy())
    tracer = _Tracer(inner.__code__, about["code"], most_steps, run.hurry)
    run.start(tracer.trace, most_seconds)
    steps = tracer.finished(run.error)
    if run.stopped:
        word, most = tracer.bound or ("too long", most_seconds)
        return Recording(**about, steps=steps, message=WORDS[word].format(name=inner.__name__, most=most))
    message = _message(about, steps, run.result, run.error)
    return Recording(**about, steps=steps, result=run.result, error=run.error, message=message)


def _python_function(function):
    """Find the function that holds the code: behind decorators, partial arguments, methods, callable objects."""
    inner = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    if callable(inner) and not isinstance(inner, type):
        inner = inspect.unwrap(inner)
        if not hasattr(inner, "__code__"):
            inner = type(inner).__call__
    if not hasattr(inner, "__code__"):
        raise TypeError(WORDS["no function"].format(found=name_of(function)))
    return getattr(inner, "__func__", inner)


def _code_of(function):
    """Read the source without its docstring and without the indentation that all lines share."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise ValueError(WORDS["no source"].format(name=function.__name__)) from None
    lines = [CodeLine(i, text) for i, text in enumerate(source.splitlines(), start=1)]
    skipped = _docstring_lines(source)
    return tuple(line for line in lines if line.number not in skipped)


def _docstring_lines(source):
    try:
        body = ast.parse(source).body[0].body
    except (SyntaxError, AttributeError, IndexError):  # a lambda, in the middle of another statement
        return range(0)
    first = body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)
    return range(first.lineno, first.end_lineno + 1) if is_docstring and len(body) > 1 else range(0)


class _Tracer:
    """Listens to the interpreter while one function runs."""

    def __init__(self, code_object, code, most_steps, hurry):
        self._code_object = code_object
        self._first = code_object.co_firstlineno
        self._places = {line.number: i for i, line in enumerate(code)}
        self._most_steps, self._hurry = most_steps, hurry
        self.bound = None  # the word for it, and what it is
        self._memory = _Memory()
        self._frame = None  # of the function's first call; it may call itself
        self._place = None  # of the line that is running
        self._steps = []
        self._raised_at = None

    def finished(self, error):
        """Give the steps; where the run ended with an exception, its step says so."""
        if self._frame is not None:
            self._close(self._frame)  # the line at which the run was stopped
        steps = list(self._steps)
        if error is not None and self._raised_at is not None:
            last = steps[self._raised_at]
            steps[self._raised_at] = Step(last.line, last.values, last.changed, raised=True)
        return tuple(steps)

    def trace(self, frame, event, argument):
        """Find the call of the function; what it calls in turn is not looked at."""
        if self._frame is not None or frame.f_code is not self._code_object:
            return None
        self._frame = frame
        self._memory.look(frame.f_locals)  # the arguments
        return self._trace_line

    def _trace_line(self, frame, event, argument):
        if event == "exception":
            self._raised_at = len(self._steps)  # the line that is running; the last one to raise is the one that counts
            return self._trace_line
        self._close(frame)
        if event == "line":
            if len(self._steps) >= self._most_steps:
                self._stop("too many steps", self._most_steps)
            if self._memory.bytes > MOST_BYTES:
                self._stop("too much", MOST_BYTES // 1_000_000)
            self._place = self._places.get(frame.f_lineno - self._first + 1)
        return self._trace_line

    def _close(self, frame):
        """Note what the line that has just run has left behind."""
        if self._place is None:
            return
        values, changed = self._memory.look(frame.f_locals)
        self._steps.append(Step(self._place, values, changed))
        self._place = None

    def _stop(self, word, most):
        self.bound = self.bound or (word, most)
        self._hurry()
        raise Stop


# --- the values ------------------------------------------------------------------------------------------------------

_LEFT_OUT = object()


class _Memory:
    """Keeps copies of the local variables, a new one only where a value has changed."""

    def __init__(self):
        self.bytes = 0
        self._kept = {}
        self._seen = {}  # the variables' own objects, to notice that a name was given a new value that is equal

    def look(self, variables):
        """Give copies of the variables, and the names of those that are new or have changed."""
        kept = {name: self._copy(value, self._kept.get(name, _LEFT_OUT)) for name, value in variables.items()}
        kept = {name: value for name, value in kept.items() if value is not _LEFT_OUT}
        changed = tuple(
            name
            for name, value in kept.items()
            if value is not self._kept.get(name, _LEFT_OUT) or variables[name] is not self._seen.get(name, _LEFT_OUT)
        )
        self._kept, self._seen = kept, {name: variables[name] for name in kept}
        return MappingProxyType(kept), changed

    def _copy(self, value, before):
        """Copy a value, or give the copy `before` again if nothing has changed."""
        if value is None or isinstance(value, bool | int | float | complex | np.number | np.bool_):
            same = type(value) is type(before) and value == before
            return before if same else value
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            return self._copy_array(value, before)
        if isinstance(value, list | tuple):
            return self._copy_list(value, before)
        return _LEFT_OUT

    def _copy_array(self, value, before):
        if getattr(before, "dtype", None) == value.dtype and np.array_equal(value, before):
            return before  # NaN is unequal to itself, so it is copied again
        self.bytes += value.nbytes
        copy = np.array(value, copy=True)
        copy.flags.writeable = False
        return copy

    def _copy_list(self, value, before):
        olds = before if isinstance(before, list | tuple) else ()
        olds = [*olds, *[_LEFT_OUT] * (len(value) - len(olds))]
        self.bytes += 8 * len(value)
        items = [self._copy(item, old) for item, old in zip(value, olds, strict=False)]
        if any(item is _LEFT_OUT for item in items):
            return _LEFT_OUT
        unchanged = type(before) is type(value) and len(before) == len(items)
        if unchanged and all(item is old for item, old in zip(items, before, strict=True)):
            return before
        return type(value)(items) if type(value) in (list, tuple) else list(items)


def in_words(value):
    """Describe a recorded value by its shape, or by itself if it is a number.

    Parameters
    ----------
    value : object
        One of the `values` of a step.

    Returns
    -------
    str
        Such as `(30, 1)`, `2 arrays (30, 1), (10, 1)` or `3`.

    Examples
    --------
    >>> in_words([np.ones((3, 1)), np.ones((2, 1))])
    '2 arrays (3, 1), (2, 1)'
    """
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if isinstance(value, list | tuple):
        return _list_in_words(value)
    return WORDS["None"] if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _list_in_words(values):
    if values and all(item is None or isinstance(item, np.ndarray) for item in values):
        return WORDS["array" if len(values) == 1 else "arrays"].format(
            count=len(values), shapes=", ".join(in_words(item) for item in values)
        )
    return WORDS["list"].format(count=len(values))


# --- what became of it -----------------------------------------------------------------------------------------------


def _message(about, steps, result, error):
    if error is not None:
        return _error_message(about, steps, error)
    return _result_message(about["name"], about["net"], result)


def _error_message(about, steps, error):
    told = {"name": about["name"], "kind": type(error).__name__, "text": str(error)}
    at = next((step for step in steps if step.raised), None)
    if at is not None:
        return WORDS["raised"].format(line=about["code"][at.line].number, **told)
    return WORDS["not called" if isinstance(error, TypeError) and not steps else "elsewhere"].format(**told)


def _result_message(name, net, result):
    """Say what is wrong with a result; nothing if it is a pair of lists of arrays that have the network's shapes."""
    if not isinstance(result, tuple | list) or len(result) != 2:
        return WORDS["no pair"].format(name=name, found=name_of(result))
    for part, found, wanted in zip(("nabla_b", "nabla_w"), result, (net.biases, net.weights), strict=True):
        told = {"part": part, "name": name, "count": len(wanted)}
        if not isinstance(found, list | tuple):
            return WORDS["no list"].format(found=name_of(found), **told)
        if len(found) != len(wanted):
            return WORDS["wrong length"].format(found=len(found), **told)
        for index, (array, right) in enumerate(zip(found, wanted, strict=True)):
            told |= {"index": index, "expected": right.shape}
            if not isinstance(array, np.ndarray):
                return WORDS["no array"].format(found=name_of(array), **told)
            if array.shape != right.shape:
                return WORDS["wrong shape"].format(found=array.shape, **told)
    return ""
