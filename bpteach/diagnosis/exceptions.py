"""A function stopped with an exception: say where, and which shapes met."""

import ast
import linecache
import sys
from pathlib import Path

import numpy as np

from bpteach.diagnosis.report import Diagnosis
from bpteach.locale import N_, _

PACKAGE = str(Path(__file__).parents[1])
OPERATIONS = {
    ast.MatMult: "matmul",
    ast.Add: "broadcast",
    ast.Sub: "broadcast",
    ast.Mult: "broadcast",
    ast.Div: "broadcast",
}
RULES = {
    "matmul": N_("@ wants as many columns on its left as rows on its right"),
    "broadcast": N_("these shapes do not fit number by number"),
    "in place": N_("an array that is changed in place keeps its shape, and the result would have another"),
}
MOST_TEXT = 200


def explain(error, known=None):
    """Say in words what an exception is due to.

    `known` takes the name of an operation ("matmul", "broadcast", "in place") and its two operands; it gives None, or
    the operands' names in the book's symbols, where in the equations they meet, a mistake's name or None, and hints.
    """
    frame, line, node = _place(error)
    text = _text(error).removesuffix(".")
    if frame is None and isinstance(error, TypeError):
        message = _("Your function cannot be called the way the lesson calls it: {text}.").format(text=text)
        return Diagnosis("stopped", message)
    met = _operands(frame, node)
    if met is not None:
        return _explain_operands(*met, line, known)
    message = _("Your function stopped with {kind}{text}{where}.").format(
        kind=type(error).__name__, text=text and f": {text}", where=line and _(", at {line}").format(line=line)
    )
    return Diagnosis("stopped", message)


def text_of(error):
    """Give the text of an exception, even of one whose own `__str__` fails."""
    try:
        return str(error)
    except BaseException:
        return ""


def _text(error):
    text = " ".join(text_of(error).split())
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def _explain_operands(operation, left, right, line, known):
    told = known(operation, left, right) if known else None
    names, place, mistake, hints = told or ((None, None), "", None, ())
    message = _("At {line}, {left} meets {right}: {rule}.")
    if place:
        message = _("At {line}, {left} meets {right}: {rule}; {place}.")
    operands = {"left": _describe(left, names[0]), "right": _describe(right, names[1])}
    message = message.format(line=line, rule=_(RULES[operation]), place=place, **operands)
    return Diagnosis("stopped", message, mistake, hints)


def _describe(value, name):
    """`name` is None for an array that nobody knows, and nothing for one that only wrong code makes."""
    if isinstance(value, np.ndarray) and name:
        return _("{name} of shape {shape}").format(name=name, shape=value.shape)
    if isinstance(value, np.ndarray) and name is not None:
        return _("an array of shape {shape} that the mistake has made").format(shape=value.shape)
    if isinstance(value, np.ndarray):
        return _("an array of shape {shape}").format(shape=value.shape)
    if isinstance(value, int | float):
        return _("the number {value}").format(value=value)
    return _("something that is no array ({kind})").format(kind=type(value).__name__)


# --- where, and with what --------------------------------------------------------------------------------------------


def _place(error):
    """Find the last frame of the reader's own code, its line in words, and the expression that was evaluated."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if not _is_library(trace.tb_frame.f_code.co_filename):
            found = trace
        trace = trace.tb_next
    if found is None:
        return None, "", None
    code, number = found.tb_frame.f_code, found.tb_lineno
    text = linecache.getline(code.co_filename, number, found.tb_frame.f_globals).strip()
    return found.tb_frame, text and f"“{text}”", _expression(found, code)


def _is_library(name):
    return (
        name.startswith((PACKAGE, sys.prefix, sys.base_prefix)) or "site-packages" in name or name.startswith("<frozen")
    )


def _expression(trace, code):
    """Find the syntax node of the operation that raised, through the positions that the compiler noted."""
    try:
        first, last, start, end = list(code.co_positions())[trace.tb_lasti // 2]
        tree = ast.parse("".join(linecache.getlines(code.co_filename, trace.tb_frame.f_globals)))
    except (IndexError, SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign | ast.Call):
            place = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
            if place == (first, last, start, end):
                return node
    return None


def _operands(frame, node):
    """Give the operation's name and its two operands, evaluated once more where that cannot do harm."""
    operation, parts = _parts_of(node)
    if operation is None or not all(map(_is_harmless, parts)):
        return None
    try:
        values = [_evaluate(part, frame) for part in parts]
    except Exception:
        return None
    return (operation, *values) if any(isinstance(value, np.ndarray) for value in values) else None


def _parts_of(node):
    if isinstance(node, ast.BinOp):
        return OPERATIONS.get(type(node.op)), (node.left, node.right)
    if isinstance(node, ast.AugAssign):
        return "in place", (node.target, node.value)
    name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
    if name in ("dot", "matmul") and len(node.args) == 2:
        return "matmul", node.args
    if name == "dot" and len(node.args) == 1:
        return "matmul", (node.func.value, node.args[0])
    return None, ()


HARMLESS = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.UnaryOp, ast.BinOp, ast.Slice, ast.Tuple, ast.List,
    ast.operator, ast.unaryop, ast.expr_context, ast.keyword,
)  # fmt: skip
PURE = {
    "array", "asarray", "copy", "cost_derivative", "dot", "einsum", "flatten", "float", "int", "len", "matmul", "mean",
    "multiply", "outer", "ravel", "reshape", "sigmoid", "sigmoid_prime", "squeeze", "sum", "transpose", "zeros_like",
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


def _evaluate(node, frame):
    expression = ast.Expression(ast.parse(ast.unparse(node), mode="eval").body)
    return eval(compile(expression, "<operand>", "eval"), frame.f_globals, dict(frame.f_locals))
