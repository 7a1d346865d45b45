"""Call a reader's function, whatever it may do, and say in words what became of the call."""

import ast
import contextlib
import inspect
import io
import random
import sys
import textwrap
import traceback
import warnings
from collections.abc import AsyncGenerator, Coroutine, Generator
from dataclasses import dataclass

import numpy as np

from bpteach.arguments import name_of
from bpteach.diagnosis.exceptions import explain, text_of
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.source import innermost
from bpteach.diagnosis.stoppable import Stoppable
from bpteach.locale import _

# for one call; a loop inside a single call of C code, such as sum(itertools.count()), cannot be stopped
SECONDS = 3.0
MOST_PRINTED = 2000
LAZY = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class Finished(Exception):  # noqa: N818 - it carries an answer, not an error
    """Ends a check early, with an answer."""

    def __init__(self, diagnosis):
        super().__init__()
        self.diagnosis = diagnosis


def stop(sentence, **found):
    """End the check: what was called, or what it gave, cannot be judged."""
    raise Finished(Diagnosis("stopped", sentence.format(**found)))


@dataclass
class Caller:
    """Calls a reader's function, and ends the check as soon as it cannot go on."""

    function: object
    known: object = None  # knows the arrays that may meet in the function (see `explain`)
    printed: str = ""  # the beginning of what the last call printed
    error: BaseException | None = None  # what the last call raised; nothing if it was stopped

    def __call__(self, *arguments):
        printer = _Printer()
        run = Stoppable(self.function, *arguments)
        limit, state, order = sys.getrecursionlimit(), np.random.get_state(), random.getstate()  # noqa: NPY002
        with contextlib.redirect_stdout(printer), contextlib.redirect_stderr(printer), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with np.printoptions():  # before NumPy 2.1 they are the same in all threads
                run.start(None, SECONDS)
        sys.setrecursionlimit(limit)
        np.random.set_state(state)  # noqa: NPY002
        random.setstate(order)
        self.printed, self.error = printer.text, run.error
        if run.stopped:
            stop(_("Your function was stopped after {seconds:g} s: does a loop never end?"), seconds=SECONDS)
        if isinstance(run.error, Finished):
            raise run.error
        if run.error is not None:
            raise Finished(self._explained(run.error))
        if holds_blank(run.result):
            raise Finished(unfinished())
        if issubclass(type(run.result), Generator | Coroutine | AsyncGenerator):
            if hasattr(run.result, "close"):
                run.result.close()
            message = _("Your function returned a generator, which has computed nothing yet: make a list of it.")
            if getattr(getattr(innermost(self.function), "__code__", None), "co_flags", 0) & LAZY:
                message = _("Your function has yield or await in it, so calling it runs none of its lines.")
            stop(message)
        return run.result

    def _explained(self, error):
        if isinstance(error, NotImplementedError) or _meets_blank(error):
            return unfinished()
        if isinstance(error, SystemExit | KeyboardInterrupt | GeneratorExit):
            message = _("Your function ended Python with {kind}: leave it by return.")
            return Diagnosis("stopped", message.format(kind=type(error).__name__))
        return explain(error, self.known)


class _Printer(io.TextIOBase):
    """Keeps the beginning of what is printed, and lets go of the rest."""

    text = ""

    def write(self, text):
        if len(self.text) < MOST_PRINTED:
            self.text += text[:MOST_PRINTED]
        return len(text)


def refuse_no_function(name, function):
    """Refuse what is no function; an exercise that is still `...` is unfinished."""
    if function is Ellipsis:
        raise Finished(unfinished())
    if not callable(function) or isinstance(function, type):
        message = _("{name} is {found}: expected a function; give its name without parentheses.")
        raise TypeError(message.format(name=name, found=_name_of(function)))


def _name_of(value):
    try:
        return name_of(value)
    except Exception:  # its own __repr__ may do anything
        return type(value).__name__


# --- not written yet -------------------------------------------------------------------------------------------------


def unfinished():
    return Diagnosis("unfinished", _("Replace the ... with your own code, run the cell, and check again."))


def unfinished_if_blank(answer, function):
    """Say "not written yet" instead of any other complaint, as long as a `...` stands in the function."""
    if answer.state == "right":
        return answer
    if is_blank(function):
        return unfinished()
    called = _blank_callee(function)
    if not called:
        return answer
    message = _("Your function calls {name}, and in that one the ... is still to be replaced with code.")
    return Diagnosis("unfinished", message.format(name=called), waits_for=called)


def _blank_callee(function, owner=None, seen=()):
    """Find a function that this one calls by its name, or that one of those calls, and that is not written yet."""
    inner = innermost(function) if inspect.isroutine(function) else None
    owner = owner or (inner and getattr(function, "owner", None))  # of a method
    for name in getattr(getattr(inner, "__code__", None), "co_names", ()):
        other = getattr(inner, "__globals__", {}).get(name) or getattr(owner, name, None)
        is_new = inspect.isfunction(other) and other not in (inner, *seen)
        if is_new and not (other.__module__ or "").startswith("bpteach"):
            found = name if is_blank(other) else _blank_callee(other, owner, (*seen, inner))
            if found:
                return found
    return None


def is_blank(function):
    """Tell whether a `...` stands where code is to go, or nothing but `pass` and a docstring."""
    try:
        function = innermost(function)
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except Exception:  # without a source, or an object whose attributes raise
        return False
    body = getattr(tree.body[0], "body", None) if tree.body else None
    return _has_placeholder(tree) or (isinstance(body, list) and all(map(_is_empty, body)))


def _has_placeholder(tree):
    """`...` anywhere but in an index, or `raise NotImplementedError`."""
    nodes = list(ast.walk(tree))
    in_indices = {part for node in nodes if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)}
    return any(
        (isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.unparse(node.exc))
        or (isinstance(node, ast.Constant) and node.value is Ellipsis and node not in in_indices)
        for node in nodes
    )


def _is_empty(statement):
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant or isinstance(statement, ast.Pass)


def holds_blank(value, depth=3):
    """Tell whether a `...` stands anywhere in what a function has given, or a reader has answered."""
    kind = type(value)  # its own attributes may do anything
    parts = value.values() if issubclass(kind, dict) else value if issubclass(kind, list | tuple | set) else ()
    return value is Ellipsis or (depth > 0 and any(holds_blank(part, depth - 1) for part in parts))


def _meets_blank(error):
    """The exception comes from a `...` that stands in an expression, or was put into a variable and used."""
    frames = [frame for frame, _line in traceback.walk_tb(error.__traceback__)]
    variables = [frame.f_locals.values() for frame in frames if frame.f_code.co_filename != __file__]
    return "'ellipsis'" in text_of(error) or any(value is Ellipsis for values in variables for value in values)
