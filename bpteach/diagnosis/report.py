"""The answer that a reader gets: right, or not yet, which mistake, and three hints that unfold one after the other."""

import re
from dataclasses import dataclass, replace
from html import escape
from typing import NamedTuple

from bpteach.locale import N_, Text, _, aligned, joined, printable, width_of

STATES = {
    "right": ("✓", N_("Right."), "#0072b2"),
    "convention": ("≈", N_("Right, up to a convention."), "#009e73"),
    "wrong": ("✗", N_("Not yet."), "#d55e00"),
    "stopped": ("!", N_("It could not be checked."), "#d55e00"),
    "unfinished": ("…", N_("Not written yet."), "#888888"),
}
CELL = "text-align: left; padding: 0.15em 1.2em 0.15em 0"


class Row(NamedTuple):
    """One line of a diagnosis's table: a layer, and what its two gradients look like."""

    layer: int
    b: str
    w: str
    kinds: tuple  # the same as `comparison.Look` has it, which tells a shape from numbers


@dataclass(frozen=True)
class Diagnosis:
    """What a check found. In a notebook it is shown as a box, printed as text.

    Parameters
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
    equation : str
        Where the mistake is, such as "BP2"; nothing if that is not known.
    layer : int or None
        Where the numbers first go wrong, on the way back from the output; the input is layer 1.
    conventions : tuple of str
        Conventions that were taken out before the rest was judged, or all that is wrong: "mean-for-sum", "factor-two",
        "wrong-sign", "mean-over-outputs".
    waits_for : str
        The name of a function that this one calls, and that is not written yet.
    parts : tuple of pairs
        Of a whole program: the name of each method, and the answer to it.
    """

    state: str
    message: str
    mistake: str | None = None
    hints: tuple = ()
    table: tuple = ()
    of: str = "gradient"
    equation: str = ""
    layer: int | None = None
    conventions: tuple = ()
    waits_for: str = ""
    parts: tuple = ()

    def __post_init__(self):
        object.__setattr__(self, "message", Text(self.message))
        object.__setattr__(self, "hints", tuple(map(Text, self.hints)))

    @property
    def ok(self):
        """Whether the answer is right; a convention is not."""
        return self.state == "right"

    def __str__(self):
        """Write the answer as text for a terminal; the hints are only announced."""
        mark, verdict, _colour = STATES[self.state]
        lines = [f"{mark} {joined(_(verdict), self.message)}", *self._lines_of_parts]
        if self.mistake:
            lines.append(_("Mistake: {name}").format(name=self.mistake))
        if self.table:
            rows = [self._head, *((str(row.layer), row.b, row.w) for row in self.table)]
            width = max(width_of(row[1]) for row in rows) + 3
            lines += [aligned(row, 8, width, 0).rstrip() for row in rows] + self._note
        if self.hints:
            calls = ", ".join(f"print(_.hints[{i}])" for i in range(3))
            lines.append(_("Three hints, one after the other: {calls}, where _ is this answer.").format(calls=calls))
        return printable("\n".join(lines))

    __repr__ = __str__

    def _repr_html_(self):
        """Draw the answer as a box. The hints stand one inside the other, so that each is asked for."""
        mark, verdict, colour = STATES[self.state]
        parts = [joined(f"<strong>{mark} {_(verdict)}</strong>", in_html(self.message))]
        if self.mistake:
            parts.append(f"<code>{escape(_('Mistake: {name}').format(name=self.mistake))}</code>")
        parts += map(escape, self._lines_of_parts)
        told = "".join(f"<p style='margin: 0 0 0.5em'>{part}</p>" for part in parts)
        titles = (_("Hint 1: where to look"), _("Hint 2: which rule"), _("Hint 3: the line"))
        hints = ""
        for title, hint in reversed(list(zip(titles, self.hints, strict=False))):
            hints = f"<details><summary>{title}</summary><p>{in_html(hint)}</p>{hints}</details>"
        style = f"border-left: 0.3em solid {colour}; padding: 0.3em 0.8em; max-width: 50em"
        return f"<div style='{style}'>{told}{self._table_in_html()}{hints}</div>"

    @property
    def _lines_of_parts(self):
        return [f"{STATES[part.state][0]} {name}" for name, part in self.parts]

    @property
    def _head(self):
        gradient = (_("step of b"), _("step of w")) if self.of == "step" else ("∂C/∂b", "∂C/∂w")
        return _("layer"), *gradient

    @property
    def _note(self):
        note = _("In brackets, the relative error: how far it is off, as a share of what it should be.")
        return [note] if any("wrong" in row.kinds for row in self.table) else []

    def _table_in_html(self):
        head, *rows = (
            "".join(f"<{tag} style='{CELL}'>{escape(str(value))}</{tag}>" for value in row)
            for tag, row in [("th", self._head), *(("td", row[:3]) for row in self.table)]
        )
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        table = f"<table style='margin: 0 0 0.5em'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        note = "".join(f"<p style='margin: 0 0 0.5em'>{note}</p>" for note in self._note)
        return table + note if self.table else ""


def reworded(answer, sentence, **more):
    """Give the same answer in other words, of which {message} are its own."""
    return replace(answer, message=sentence.format(message=answer.message, **more))


def in_html(text):
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
