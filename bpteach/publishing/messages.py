"""What is translated of a lesson or a page: the words of its Markdown and its code, message by message.

Each function hands the messages that it finds to `said(context, message, where)`, and gives the text with what that
returns in their places. The context is the cell, or the heading above; `where` is the line of code, if it is code.
"""

import ast
import io
import re
import tokenize

from bpteach.diagnosis import CATALOGUE
from bpteach.publishing.lessons import FOLD

#: What stands between the messages of Markdown: code blocks, empty lines, ends of rows, marks of headings and items
BETWEEN = re.compile(
    r"(\n* *```[^\n]*\n.*?```(?=\n|\Z)|(?:\A|\n{2,}) *(?:#+ |[-*] |\d+\. )?|\n *(?:#+ |[-*] |\d+\. )|\n(?=\|)|\n\Z)",
    re.DOTALL,
)
#: What has no words for a translator: code, formulas, addresses, tags
WORDLESS = re.compile(r"`[^`]+`|\$\$.+?\$\$|\$[^$\n]+\$|\]\([^)]*\)|<[^>]+>|https?:\S+|\w+\[[^]]*\](?!\()", re.DOTALL)
LITERAL = re.compile(r"""(\w*(\"{3}|'{3}|"|'))(.*)\2""", re.DOTALL)
FIELD = re.compile(r"\{[^{}]*\}")  # of an f-string
TOKEN = re.compile(r"[^\W\d_]+(-[^\W\d_]+)*[:;,.]?")

#: strings that look like words, and by which the lessons' code finds something
NAMES = {*CATALOGUE, "# forward", "Delta", "PyTorch", "activations", "distributed", "eta", "fresh", "jax", "peak"}
NAMES |= {"one example", "one hidden layer", "progress", "raise", "rng", "scikit-learn", "sklearn", "speed", "torch"}
NAMES |= {"trained", "update"}
#: where a string is shown: as an argument of these functions, and as these arguments of any
SHOWING = {"print", "picture", "show_curves", "show_roofline"}
SHOWN = {"alt", "title", "titles", "xlabel", "ylabel"}


def has_words(text):
    return bool(re.search(r"[a-z]{2}", WORDLESS.sub("", text)))


def of_markdown(text, said, context):
    """Go through a Markdown cell; how its folds begin is left to `lessons`."""
    pieces = BETWEEN.split(text)
    for i in range(0, len(pieces), 2):
        if has_words(pieces[i]) and pieces[i] != FOLD.rstrip():
            pieces[i] = said(context, pieces[i], "")
    return "".join(pieces)


def of_page(text, said):
    """Go through a Markdown file, whose lines are wrapped: a message's context is the heading above it."""
    pieces, context = BETWEEN.split(text), ""
    for i in range(0, len(pieces), 2):
        message = re.sub(r" *\n *", " ", pieces[i])
        if i and re.search(r"#+ $", pieces[i - 1]):
            context = slug(message)
        if has_words(message):
            pieces[i] = said(context, message, "")
    return "".join(pieces)


def slug(heading):
    """Give the anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def of_code(source, said, context, lesson):
    """Go through a code cell: comments and f-strings, and strings, whose context is the lesson.

    A string may be a name by which other cells find something, so it is the same wherever the lesson has it.
    """
    lines = source.splitlines(keepends=True)

    def place(line, column):
        return sum(map(len, lines[: line - 1])) + column

    def characters(line, column):  # ast counts bytes
        return place(line, len(lines[line - 1].encode()[:column].decode()))

    edits = []
    for node, shown in strings(ast.parse(source)):
        start, end = characters(node.lineno, node.col_offset), characters(node.end_lineno, node.end_col_offset)
        opening, quote, body = LITERAL.fullmatch(source[start:end]).groups()
        where = lines[node.lineno - 1].strip()
        if isinstance(node, ast.JoinedStr):
            new = of_fields(body, said, context, lesson, where)
        else:
            new = of_string(body, said, lesson, where if shown else None)
        edits.append((start + len(opening), end - len(quote), new))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and has_words(token.string):
            words = token.string.lstrip("# ")
            end = place(*token.end)
            edits.append((end - len(words), end, said(context, words, "")))
    for start, end, new in sorted(edits, reverse=True):
        source = source[:start] + new + source[end:]
    return source


def strings(node, shown=True):
    """Find the strings and f-strings of a piece of code, and whether each is where readers see it."""
    if isinstance(node, ast.JoinedStr):
        yield node, True
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node, shown
    for child in ast.iter_child_nodes(node):
        yield from strings(child, not isinstance(child, ast.Constant) or shows(node))


def shows(node):
    """Tell whether a string right below this node of a syntax tree is shown."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") in SHOWING
    if isinstance(node, ast.keyword):
        return node.arg in SHOWN
    return not isinstance(node, ast.Compare | ast.Subscript)


def of_string(body, said, lesson, where):
    """Give what stands in the place of a string; one that is not shown, where `where` is None, is no message itself."""
    words = body.strip()
    is_message = has_words(words) and words not in NAMES and (" " in words or TOKEN.fullmatch(words))
    return said(lesson, body, where) if is_message else body


def of_fields(body, said, context, lesson, where):
    """Give what stands in the place of an f-string: its words, and the strings in its fields."""
    if has_words(FIELD.sub("", body)):
        body = said(context, body, where)

    def in_field(found):
        return re.sub("'([^']+)'", lambda name: f"'{of_string(name[1], said, lesson, where)}'", found[0])

    return FIELD.sub(in_field, body)
