"""Read a function's source, as far as a recording of its lines needs to know it."""

import ast
import functools
import inspect
import textwrap
from typing import NamedTuple

from bpteach.locale import _


class CodeLine(NamedTuple):
    """A line of a function's source."""

    number: int  # counted from 1 at the top of the source
    text: str


def innermost(function):
    """Find the function that holds the code: behind decorators, partial arguments, methods, callable objects."""
    while type(function) is functools.partial:
        function = function.func
    if not inspect.isroutine(function):
        return type(function).__call__  # its own attributes may do anything
    function = inspect.unwrap(function)
    return getattr(function, "__func__", function)


class Source:
    """What is read from a function's source: its lines without the docstring, and the places of its parts."""

    def __init__(self, function):
        try:
            source = inspect.getsource(function)
        except (OSError, TypeError):
            sentence = _("The source of {name} cannot be found: write it in a cell of a notebook, or in a file.")
            raise ValueError(sentence.format(name=function.__name__)) from None
        self._statements, self._comprehensions, names, hidden = [], [], [], range(0)
        for node in _nodes(source):
            if isinstance(node, ast.stmt | ast.excepthandler):
                self._statements.append(_span(node))
            elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
                self._comprehensions.append(_span(node))
            elif isinstance(node, ast.arg | ast.Name):
                names.append((_span(node), getattr(node, "id", None) or node.arg))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not hidden:
                hidden = _docstring_lines(node)
        self.names = list(dict.fromkeys(name for _place, name in sorted(names)))
        lines = enumerate(textwrap.dedent(source).splitlines(), start=1)
        self.code = tuple(CodeLine(number, text) for number, text in lines if number not in hidden)

    def find(self, line, end_line, column, end_column):
        """Find the innermost statement around a place, (its begin, its end), and whether a comprehension is there."""
        if column is None:  # the interpreter was told not to note columns
            return ((line, 0), (line, 0)), False
        begin, end = (line, column), (end_line, end_column)
        around = [span for span in self._statements if span[0] <= begin and end <= span[1]]
        in_comprehension = any(first <= begin and end <= last for first, last in self._comprehensions)
        return around[-1] if around else (begin, end), in_comprehension


def _nodes(source):
    """Parse a piece of source as it stands, indented or not; give its nodes from the outside to the inside."""
    is_indented = source[:1].isspace()
    try:
        tree = ast.parse(f"if True:\n{source}" if is_indented else source)
    except SyntaxError:  # a lambda, in the middle of another statement
        return []
    return ast.walk(ast.increment_lineno(tree, -1) if is_indented else tree)


def _span(node):
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _docstring_lines(node):
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str)
    return range(first.lineno, first.end_lineno + 1) if is_docstring and len(node.body) > 1 else range(0)
