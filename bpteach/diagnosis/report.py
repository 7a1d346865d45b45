"""The answer that a reader gets: right, or not yet, which mistake, and three hints that unfold one after the other."""

import re
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

WORDS = {
    # what became of it, before the message
    "right": "Right.",
    "convention": "Right, up to a convention.",
    "wrong": "Not yet.",
    "stopped": "It could not be checked.",
    "unfinished": "Not written yet.",
    "mistake": "Mistake: {name}",
    "layer": "layer",
    "gradient": ("∂C/∂b", "∂C/∂w"),
    "step": ("step of b", "step of w"),
    "hint": ("Hint 1: where to look", "Hint 2: which rule", "Hint 3: the line"),
    "hints": "Three hints, one after the other: print(_.hints[0]), print(_.hints[1]), print(_.hints[2]), "
    "where _ is this answer.",
}

STATES = ("right", "convention", "wrong", "stopped", "unfinished")
MARKS = {"right": "✓", "convention": "≈", "wrong": "✗", "stopped": "!", "unfinished": "…"}
COLOURS = {
    "right": "#0072b2",
    "convention": "#009e73",
    "wrong": "#d55e00",
    "stopped": "#d55e00",
    "unfinished": "#888888",
}
CELL = "text-align: left; padding: 0.15em 1.2em 0.15em 0"


class Row(NamedTuple):
    """One line of a diagnosis's table: a layer, and what its two gradients look like."""

    layer: int
    b: str
    w: str


@dataclass(frozen=True)
class Diagnosis:
    """What a check found. In a notebook it is shown as a box, printed as text.

    Attributes
    ----------
    state : {"right", "convention", "wrong", "stopped", "unfinished"}
        Right; right but for a constant that is a matter of convention; wrong; could not be run to its end; not
        written yet.
    message : str
        One sentence in the learner's words.
    mistake : str or None
        The mistake's name in the catalogue, if it is one of them.
    hints : tuple of str
        Where to look, which equation, and the worked line; empty if there is nothing to mend.
    table : tuple of Row
        What the gradient looks like, layer by layer; empty where no gradient was found.
    of : {"gradient", "step"}
        What the table is of.
    """

    state: str
    message: str
    mistake: str | None = None
    hints: tuple = ()
    table: tuple = ()
    of: str = "gradient"

    @property
    def ok(self):
        """Whether the answer is right.

        Returns
        -------
        bool
            False for conventions, too.
        """
        return self.state == "right"

    def __str__(self):
        """Write the answer as text for a terminal; the hints are only announced."""
        lines = [f"{MARKS[self.state]} {WORDS[self.state]} {self.message}"]
        if self.mistake:
            lines.append(WORDS["mistake"].format(name=self.mistake))
        lines += _table_in_text(self.table, self.of)
        if self.hints:
            lines.append(WORDS["hints"])
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        """Draw the answer as a box. The hints stand one inside the other, so that each is asked for."""
        head = f"<strong>{MARKS[self.state]} {WORDS[self.state]}</strong> {_in_html(self.message)}"
        parts = [f"<p style='margin: 0 0 0.5em'>{head}</p>"]
        if self.mistake:
            name = WORDS["mistake"].format(name=self.mistake)
            parts.append(f"<p style='margin: 0 0 0.5em'><code>{escape(name)}</code></p>")
        if self.table:
            parts.append(_table_in_html(self.table, self.of))
        hints = ""
        for title, hint in reversed(list(zip(WORDS["hint"], self.hints, strict=False))):
            hints = f"<details><summary>{title}</summary><p>{_in_html(hint)}</p>{hints}</details>"
        style = f"border-left: 0.3em solid {COLOURS[self.state]}; padding: 0.3em 0.8em; max-width: 50em"
        return f"<div style='{style}'>{''.join(parts)}{hints}</div>"


def _in_html(text):
    """Escape a text; `code` is set as code, and a^l, w^{l+1}, w_jk with their exponents and indices."""
    parts = escape(text).split("`")
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = f"<code>{part}</code>"
        else:
            raised = re.sub(r"\^(?:\{([^{}]*)\}|(\w))", lambda found: f"<sup>{found[1] or found[2]}</sup>", part)
            index = r"(?<!\w)([^\W\d_])_(?:\{([^{}]*)\}|([a-z0-9]{1,2}|[A-Z])\b)"
            parts[i] = re.sub(index, lambda found: f"{found[1]}<sub>{found[2] or found[3]}</sub>", raised)
    return "".join(parts)


def _table_in_text(table, of):
    if not table:
        return []
    rows = [(WORDS["layer"], *WORDS[of]), *((str(row.layer), row.b, row.w) for row in table)]
    width = max(len(row[1]) for row in rows)
    return [f"{layer:<8}{b:<{width + 3}}{w}".rstrip() for layer, b, w in rows]


def _table_in_html(table, of):
    head = "".join(f"<th style='{CELL}'>{word}</th>" for word in (WORDS["layer"], *WORDS[of]))
    rows = "".join(
        "<tr>" + "".join(f"<td style='{CELL}'>{escape(str(value))}</td>" for value in row) + "</tr>" for row in table
    )
    return f"<table style='margin: 0 0 0.5em'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
