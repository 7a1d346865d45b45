"""A function stopped with an exception: say where, and which shapes met."""

import ast
import linecache
import sys
from pathlib import Path

import numpy as np

from bpteach.diagnosis.report import Diagnosis

WORDS = {
    "signature": "Your function cannot be called the way the lesson calls it: {text}.",
    "raised": "Your function stopped with {kind}{text}{where}.",
    "where": ", at {line}",
    "text": ": {text}",
    "met": "At {line}, {left} meets {right}: {operation}.",
    "met known": "At {line}, {left} meets {right}: {operation}; {rule}.",
    "made wrong": "an array of shape {shape} that the mistake has made",
    "shape": "an array of shape {shape}",
    "named shape": "{name} of shape {shape}",
    "number": "the number {value}",
    "other": "something that is no array ({kind})",
    "matmul": "@ wants as many columns on its left as rows on its right",
    "broadcast": "these shapes do not fit number by number",
    "in place": "an array that is changed in place keeps its shape, and the result would have another",
}

PACKAGE = str(Path(__file__).parents[1])
OPERATIONS = {
    ast.MatMult: "matmul",
    ast.Add: "broadcast",
    ast.Sub: "broadcast",
    ast.Mult: "broadcast",
    ast.Div: "broadcast",
}
PRODUCTS = {"dot", "matmul"}
MOST_TEXT = 200


def explain(error, function, known=None):
    """Say in words what an exception is due to.

    Parameters
    ----------
    error : BaseException
        What the function raised.
    function : callable
        The function.
    known : callable, optional
        Takes the name of an operation ("matmul", "broadcast") and its two operands; gives None, or the operands'
        names in the book's symbols, a rule in words, a mistake's name or None, and hints.

    Returns
    -------
    Diagnosis
        With the state "stopped".
    """
    frame, line, node = _place(error)
    if frame is None:
        if isinstance(error, TypeError):
            return Diagnosis("stopped", WORDS["signature"].format(text=_text(error).removesuffix(".")))
        return Diagnosis("stopped", _plain(error, ""))
    met = _operands(frame, node)
    if met is None:
        return Diagnosis("stopped", _plain(error, line))
    return _explain_operands(*met, line, known)


def _plain(error, line):
    text = _text(error).removesuffix(".")
    return WORDS["raised"].format(
        kind=type(error).__name__,
        text=WORDS["text"].format(text=text) if text else "",
        where=WORDS["where"].format(line=line) if line else "",
    )


def _text(error):
    try:
        text = " ".join(str(error).split())
    except BaseException:
        return ""
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def _explain_operands(operation, left, right, line, known):
    told = known(operation, left, right) if known else None
    names, rule, mistake, hints = told or ((None, None), "", None, ())
    words = {
        "left": _describe(left, names[0]),
        "right": _describe(right, names[1]),
        "line": line,
        "operation": WORDS[operation],
        "rule": rule,
    }
    message = WORDS["met known" if rule else "met"].format(**words)
    return Diagnosis("stopped", message, mistake, hints)


def _describe(value, name):
    if isinstance(value, np.ndarray):
        word = "shape" if name is None else "named shape" if name else "made wrong"
        return WORDS[word].format(name=name, shape=value.shape)
    if isinstance(value, int | float):
        return WORDS["number"].format(value=value)
    return WORDS["other"].format(kind=type(value).__name__)


# --- where, and with what --------------------------------------------------------------------------------------------


def _place(error):
    """Find the last frame of the reader's own code, its line in words, and the expression that was evaluated."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if not _is_library(code.co_filename):
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
        positions = list(code.co_positions())[trace.tb_lasti // 2]
        lines = linecache.getlines(code.co_filename, trace.tb_frame.f_globals)
        tree = ast.parse("".join(lines))
    except (IndexError, SyntaxError, ValueError):
        return None
    first, last, start, end = positions
    for node in ast.walk(tree):
        place = (
            getattr(node, attribute, None) for attribute in ("lineno", "end_lineno", "col_offset", "end_col_offset")
        )
        if tuple(place) == (first, last, start, end) and isinstance(node, ast.BinOp | ast.AugAssign | ast.Call):
            return node
    return None


def _operands(frame, node):
    """Give the operation's name and its two operands, evaluated once more where that cannot do harm."""
    if isinstance(node, ast.BinOp):
        operation, parts = OPERATIONS.get(type(node.op)), (node.left, node.right)
    elif isinstance(node, ast.AugAssign):
        operation, parts = "in place", (node.target, node.value)
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in PRODUCTS and len(node.args) == 2:
        operation, parts = "matmul", node.args
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "dot" and len(node.args) == 1:
        operation, parts = "matmul", (node.func.value, node.args[0])
    else:
        return None
    if operation is None or not all(map(_is_harmless, parts)):
        return None
    try:
        values = [_evaluate(part, frame) for part in parts]
    except Exception:
        return None
    if not any(isinstance(value, np.ndarray) for value in values):
        return None
    return operation, *values


HARMLESS = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.UnaryOp, ast.BinOp, ast.Slice, ast.Tuple, ast.List,
    ast.operator, ast.unaryop, ast.expr_context,
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
        elif not isinstance(part, (*HARMLESS, ast.keyword)):
            return False
    return True


def _evaluate(node, frame):
    expression = ast.Expression(ast.parse(ast.unparse(node), mode="eval").body)
    return eval(compile(expression, "<operand>", "eval"), frame.f_globals, dict(frame.f_locals))
