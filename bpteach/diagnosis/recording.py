"""Record a real run of any backprop function, line by line: the interpreter itself (`sys.settrace`) reports each."""

import dis
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from bpteach.arguments import name_of, require_count, require_example, require_mini_batch, require_rate
from bpteach.diagnosis.calls import LAZY
from bpteach.diagnosis.comparison import in_words
from bpteach.diagnosis.source import Source, innermost
from bpteach.diagnosis.stoppable import Stoppable
from bpteach.locale import _
from bpteach.network import Network

MOST_BYTES = 100_000_000
LOOPS = {dis.opmap["FOR_ITER"], dis.opmap["JUMP_BACKWARD"]}


@dataclass(frozen=True)
class Step:
    line: int  # its place in the recording's `code`; of a statement over several lines, the first
    values: Mapping  # the local variables after it ran: numbers, arrays (frozen copies), lists and tuples of those
    changed: tuple  # the names of those that it made or changed
    raised: bool = False  # the run ended here with an exception


@dataclass(frozen=True)
class Recording:
    """A run of a function, line by line. Printed, it is a table."""

    name: str
    code: tuple  # its lines (number, text), without the docstring
    steps: tuple
    net: Network = field(repr=False)
    x: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    result: object = field(default=None, repr=False)
    error: BaseException | None = None
    message: str = ""  # what it did; nothing if it returned gradients of the right shapes

    def __str__(self):
        lines = [_("line  code")]
        for step in self.steps:
            number, text = self.code[step.line]
            lines.append(f"{number:4}  {text}")
            if step.changed:
                lines.append("      " + _("; ").join(f"{name}: {in_words(step.values[name])}" for name in step.changed))
            if step.raised:
                lines.append(_("      stops here"))
        if not self.steps:
            lines = [_("{name}: no line of it ran.").format(name=self.name)]
        return "\n".join([*lines, self.message] if self.message else lines)


def record(function, net, x, y, *, most_steps=2000, most_seconds=10.0):
    """Run a backprop function on copies of a network and data, and record each of its lines.

    Whatever it does ends here: an exception, a wrong result or a loop without end is told in the recording's `message`.
    Only lines of the function itself are recorded, not those of functions that it calls, nor a comprehension's turns.

    >>> import numpy as np
    >>> from bpteach import Network, backprop
    >>> net = Network.random([2, 3, 1], np.random.default_rng(0))
    >>> recording = record(backprop, net, np.ones((2, 1)), np.ones((1, 1)))
    >>> step = next(step for step in recording.steps if "delta" in step.changed)
    >>> recording.code[step.line].text.strip().split(" = ")[0], step.values["delta"].shape
    ('delta', (1, 1))
    """
    inner = innermost(function) if callable(function) and not isinstance(function, type) else None
    if not hasattr(inner, "__code__"):
        sentence = _("function is {found}: expected a function of (net, x, y) that is written in Python, with def.")
        raise TypeError(sentence.format(found=name_of(function)))
    require_count("most_steps", most_steps)
    require_rate("most_seconds", most_seconds)
    is_batch = getattr(x, "ndim", 0) == 2 and x.shape[1] != 1
    (require_mini_batch if is_batch else require_example)(net, x, y)
    name, source = inner.__name__, Source(inner)
    recording = functools.partial(Recording, name, source.code, net=net.copy(), x=x.copy(), y=y.copy())
    if inner.__code__.co_flags & LAZY:
        sentence = _("{name} contains yield or await, so calling it runs none of its lines: return (nabla_b, nabla_w).")
        return recording((), message=sentence.format(name=name))
    run = Stoppable(function, net.copy(), x.copy(), y.copy())
    tracer = _Tracer(inner.__code__, source, most_steps, run.stop)
    run.start(tracer.trace, most_seconds)
    steps = tracer.finished(run.error)
    if run.stopped:
        return recording(steps, message=_stopped(tracer.bound, name, most_steps, most_seconds))
    message = _raised(name, source.code, steps, run.error) if run.error is not None else _misfit(name, net, run.result)
    return recording(steps, result=run.result, error=run.error, message=message)


class _Tracer:
    """Listens to the interpreter while one function runs."""

    def __init__(self, code_object, source, most_steps, stop):
        self._code_object, self._instructions = code_object, code_object.co_code
        above = code_object.co_firstlineno - 1
        self._found = [
            source.find(line - above, end_line - above, *columns) if line else (None, False)
            for line, end_line, *columns in code_object.co_positions()
        ]
        self._names = source.names
        self._places = {line.number: place for place, line in enumerate(source.code)}
        self._most_steps, self._stop = most_steps, stop
        self.bound = None  # which one the run came to: "steps" or "bytes"
        self._memory, self._steps, self._raised_at = _Memory(), [], None
        self._frame = None  # of the function's first call; it may call itself
        self._running = None  # the statement that is running
        self._last = 0  # the instruction at which the last line was reported

    def finished(self, error):
        """Give the steps; where the run ended with an exception, its step says so."""
        if self._frame is not None:
            self._close(self._frame)  # the line at which the run was stopped
        if error is not None and self._raised_at is not None:
            self._steps[self._raised_at] = replace(self._steps[self._raised_at], raised=True)
        return tuple(self._steps)

    def trace(self, frame, event, argument):
        """Find the call of the function; what it calls in turn is not looked at."""
        if self._frame is not None or frame.f_code is not self._code_object:
            return None
        self._frame = frame
        self._memory.look(self._locals(frame))  # the arguments
        return self._trace_line

    def _trace_line(self, frame, event, argument):
        if event == "exception":
            self._raised_at = len(self._steps)  # the line that is running; the last one to raise is the one that counts
        elif event == "return":
            self._close(frame)
        elif not self._goes_on(frame):
            self._close(frame)
            if len(self._steps) >= self._most_steps or self._memory.bytes > MOST_BYTES:
                self.bound = self.bound or ("steps" if len(self._steps) >= self._most_steps else "bytes")
                self._stop()
                raise SystemExit
            self._running, self._last = self._found[frame.f_lasti // 2][0], frame.f_lasti
        return self._trace_line

    def _goes_on(self, frame):
        """Tell whether the line is no new one: a statement goes on, over lines or with the turns of a comprehension.

        Since Python 3.12 a comprehension runs in the function itself, and each of its turns is reported.
        """
        statement, in_comprehension = self._found[frame.f_lasti // 2]
        if in_comprehension and self._running and statement[0][0] == self._running[0][0]:
            return True
        if statement != self._running or self._instructions[frame.f_lasti] in LOOPS or frame.f_lasti <= self._last:
            return False
        self._last = frame.f_lasti
        return True

    def _locals(self, frame):
        """Give the local variables in the order of the source: the interpreter's differs between its versions."""
        found = dict(frame.f_locals)
        return {name: found[name] for name in [*self._names, *found] if name in found}

    def _close(self, frame):
        """Note what the line that has just run has left behind."""
        place = self._running and self._places.get(self._running[0][0])
        if place is not None:
            values, changed = self._memory.look(self._locals(frame))
            self._steps.append(Step(place, values, changed))
        self._running = None


# --- the values ------------------------------------------------------------------------------------------------------

_LEFT_OUT = object()
NUMBERS = bool | int | float | complex | np.number | np.bool_


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
        if isinstance(value, list | tuple):
            return self._copy_list(value, before)
        is_array = isinstance(value, np.ndarray) and value.dtype.kind in "biufc"
        if not is_array and not (value is None or isinstance(value, NUMBERS)):
            return _LEFT_OUT
        has_its_type = type(before) is type(value) and getattr(before, "dtype", None) == getattr(value, "dtype", None)
        if has_its_type and np.array_equal(value, before):
            return before  # NaN is unequal to itself, so it is copied again
        if is_array:
            self.bytes += value.nbytes
            value = np.array(value, copy=True)
            value.flags.writeable = False
        return value

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


# --- what became of it -----------------------------------------------------------------------------------------------


def _stopped(bound, name, most_steps, most_seconds):
    if bound == "bytes":
        sentence = _("{name} was stopped: its variables took more than {megabytes} MB. Take a smaller network.")
        return sentence.format(name=name, megabytes=MOST_BYTES // 1_000_000)
    sentence = _(
        "{name} was stopped after {limit}. Does a loop never end, in it or in a function that it calls? If not, take a "
        "smaller network, or call record with a larger {argument}."
    )
    limit, argument = _("{steps} lines").format(steps=most_steps), "most_steps"
    if bound is None:
        limit, argument = _("{seconds:g} s").format(seconds=most_seconds), "most_seconds"
    return sentence.format(name=name, limit=limit, argument=argument)


def _raised(name, code, steps, error):
    told = {"name": name, "kind": type(error).__name__, "text": str(error)}
    at = next((step for step in steps if step.raised), None)
    if at is not None:
        return _("{name} stopped at line {line} with {kind}: {text}").format(line=code[at.line].number, **told)
    if isinstance(error, TypeError) and not steps:
        return _("{name} cannot be called with (net, x, y). {kind}: {text}").format(**told)
    return _("{name} stopped with {kind}: {text}").format(**told)


def _misfit(name, net, result):
    """Say what is wrong with a result; nothing if it is a pair of lists of arrays that have the network's shapes."""
    if not isinstance(result, tuple | list) or len(result) != 2:
        sentence = _("{name} returned {found}: expected a pair (nabla_b, nabla_w).")
        return sentence.format(name=name, found=name_of(result))
    for part, found, wanted in zip(("nabla_b", "nabla_w"), result, (net.biases, net.weights), strict=True):
        is_list = isinstance(found, list | tuple)
        if not is_list or [_shape(array) for array in found] != [array.shape for array in wanted]:
            sentence = _("{part}, returned by {name}, is {found}: expected {expected}.")
            found = in_words(found) if is_list else name_of(found)
            return sentence.format(part=part, name=name, found=found, expected=in_words(wanted))
    return ""


def _shape(array):
    return array.shape if isinstance(array, np.ndarray) else None
