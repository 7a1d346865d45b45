"""A function stopped with an exception: say where, and which shapes met."""

import ast
import linecache
import re
import sys
from pathlib import Path

import numpy as np

from bpteach.diagnosis.operands import KnownArrays
from bpteach.diagnosis.report import Diagnosis
from bpteach.locale import _, joined

LIBRARIES = (str(Path(__file__).parents[1]), sys.prefix, sys.base_prefix, "<frozen")
OPERATIONS = {ast.MatMult: "matmul"} | dict.fromkeys((ast.Add, ast.Sub, ast.Mult, ast.Div), "broadcast")
MOST_TEXT = 200
SINCE_PYTHON_2 = {"xrange": "range", "raw_input": "input", "unicode": "str", "cPickle": "pickle"}


def explain(error, known=None):
    """Say in words what an exception is due to; `known` are the arrays that may have met there."""
    own, text = _own_parts(error.__traceback__), " ".join(text_of(error).split())
    text = text[:MOST_TEXT] + "…" if len(text) > MOST_TEXT else text.removesuffix(".").removesuffix("。")
    if not own and isinstance(error, TypeError):
        message = _("Your function cannot be called the way the lesson calls it: {text}.").format(text=text)
        return Diagnosis("stopped", message)
    line, met = own and _line(own[-1]), operands_of(error)
    if met is not None:
        return (known or KnownArrays()).told(line, *met)
    message = _("Your function stopped with {kind}{text}{where}.").format(
        kind=type(error).__name__, text=text and f": {text}", where=line and _(", at {line}").format(line=line)
    )
    return Diagnosis("stopped", joined(message, _of_python_2(error) or _of_the_caller(error, own)))


def operands_of(error):
    """Give the operation that raised an exception and its two operands; None if they are not known."""
    own = _own_parts(error.__traceback__)
    return _operands(own[-1]) if own else None


def _of_the_caller(error, own):
    """Say which method is called without its object, or which argument was empty."""
    text, frames = text_of(error), [trace.tb_frame for trace in reversed(own)]
    arguments = [(name, frame.f_locals.get(name)) for frame in frames for name in _arguments(frame.f_code)]
    missing = re.match(r"(\w+)\(\) missing", text) if isinstance(error, TypeError) else None
    called = missing[1] if missing else getattr(error, "name", None) if isinstance(error, NameError) else None
    for name, value in arguments:
        if called and name == "self" and callable(getattr(value, called, None)):
            return _("Is the method meant? Then write {name}.").format(name=f"self.{called}")
        if isinstance(error, ValueError | ZeroDivisionError) and isinstance(value, list | tuple) and not value:
            return _("{name} is empty there: look at what it was cut from, and where.").format(name=name)
    return ""


def _arguments(code):
    return code.co_varnames[: code.co_argcount]


def _of_python_2(error):
    """The book's code was written for Python 2: say what has another name, or became lazy, since."""
    if isinstance(error, NameError) and error.name in SINCE_PYTHON_2:
        words = _("Python 2's {old} is {new} now.")
        return words.format(old=error.name, new=SINCE_PYTHON_2[error.name])
    lazy = re.search(r"'(zip|map|filter)'", text_of(error)) if isinstance(error, TypeError) else None
    return _("In Python 3 {name} makes no list: write list({name}(...)).").format(name=lazy[1]) if lazy else ""


def text_of(error):
    try:
        return str(error)
    except BaseException:
        return ""


# --- where, and with what --------------------------------------------------------------------------------------------


def _own_parts(trace):
    """List the parts of a traceback that are in no library."""
    own = []
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        own += [] if name.startswith(LIBRARIES) or "site-packages" in name else [trace]
        trace = trace.tb_next
    return own


def _line(trace):
    frame = trace.tb_frame
    text = linecache.getline(frame.f_code.co_filename, trace.tb_lineno, frame.f_globals).strip()
    return text and f"“{text}”"


def _operands(trace):
    """Give the operation that raised and its two operands, evaluated once more where that cannot do harm."""
    frame, code = trace.tb_frame, trace.tb_frame.f_code
    try:
        place = list(code.co_positions())[trace.tb_lasti // 2]
        tree = ast.parse("".join(linecache.getlines(code.co_filename, frame.f_globals)))
    except (IndexError, SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        operation, parts = _parts_of(node)
        if operation and (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == place:
            values = _evaluated(node, parts, _turns(tree, node, frame), frame)
            is_known = values is not None and any(isinstance(value, np.ndarray) for value in values)
            if operation == "index":
                is_known = values is not None and type(values[0]) is list and isinstance(values[1], int)
            return (operation, *values) if is_known else None
    return None


def _parts_of(node):
    if isinstance(node, ast.BinOp):
        return OPERATIONS.get(type(node.op)), (node.left, node.right)
    if isinstance(node, ast.AugAssign):
        return "in place", (node.target, node.value)
    if isinstance(node, ast.Subscript):
        return "index", (node.value, node.slice)
    name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
    if name in ("dot", "matmul") and len(node.args) == 2:
        return "matmul", node.args
    if name == "dot" and len(node.args) == 1:
        return "matmul", (node.func.value, node.args[0])
    return None, ()


def _turns(tree, node, frame):
    """List the loops of the comprehensions around a node whose variables the exception has taken with it.

    Since Python 3.12 a comprehension runs in the function's own frame, and its variables are gone when it ends.
    """
    if ".0" in frame.f_locals:  # the frame of a generator, and before Python 3.12 of any comprehension
        return []
    comprehensions = [each for each in ast.walk(tree) if isinstance(each, ast.ListComp | ast.SetComp | ast.DictComp)]
    parts = [(each, part) for each in comprehensions for part in ast.iter_child_nodes(each)]
    around = [each for each, part in parts if not isinstance(part, ast.comprehension) and node in ast.walk(part)]
    return [loop for each in around for loop in each.generators]


def _evaluated(node, parts, turns, frame):
    """Evaluate the operands once more; in a comprehension, turn after turn until the operation raises again."""
    if not all(map(_is_harmless, [*parts, *(part for loop in turns for part in (loop.iter, *loop.ifs))])):
        return None
    left, right = map(ast.unparse, parts)
    met = []
    source = f"_met.append(({left}, {right}))"
    if turns:
        source = f"[({source}, {ast.unparse(node)}) {' '.join(map(ast.unparse, turns))}]"
    try:
        eval(source, frame.f_globals | frame.f_locals | {"_met": met})
    except Exception:
        return met[-1] if met else None
    return None if turns else met[-1]


HARMLESS = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.UnaryOp, ast.BinOp, ast.Slice, ast.Tuple, ast.List,
    ast.operator, ast.unaryop, ast.expr_context, ast.keyword, ast.Compare, ast.cmpop,
)  # fmt: skip
PURE = {
    "array", "asarray", "copy", "cost_derivative", "dot", "einsum", "enumerate", "flatten", "float", "int", "len",
    "matmul", "mean", "multiply", "outer", "range", "ravel", "reshape", "reversed", "sigmoid", "sigmoid_prime",
    "squeeze", "sum", "transpose", "zeros_like", "zip",
}  # fmt: skip


def _is_harmless(node):
    """No call in it but of functions that are known to change nothing."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            name = getattr(part.func, "attr", getattr(part.func, "id", ""))
            if name not in PURE or any(keyword.arg == "out" for keyword in part.keywords):
                return False
        elif not isinstance(part, HARMLESS):
            return False
    return True
