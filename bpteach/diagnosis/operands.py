"""Recognise the arrays that met when a reader's function raised, and say what was meant to meet there."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bpteach.diagnosis.algorithm import Run
from bpteach.diagnosis.comparison import factor_of, is_exact
from bpteach.diagnosis.mistake import EQUATIONS, three_hints
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.report import Diagnosis
from bpteach.locale import N_, _, joined, ngettext

RULES = {
    "matmul": N_("But @ wants as many columns on its left as rows on its right."),
    "broadcast": N_("These shapes do not fit number by number."),
    "in place": N_("An array that is changed in place keeps its shape, and the result would have another."),
}
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
EQUATION_OF = {"wd": "BP2", "da": "BP4", "wa": "(25)", "ay": "BP1", "zb": "(25)", "ds": "BP2", "pb": "(25)"}
EQUATION_OF |= {"es": "BP2", "ea": "BP4"}  # which kinds of arrays meet in which equation


@dataclass(frozen=True)
class Operand:
    """An array that is known."""

    kind: str  # a, w, b, z, y, d (an error δ), s (a slope σ′), p (a product w a), or e, what a `mistake` computes
    name: str  # none for e
    array: np.ndarray
    layer: int | None = None
    turned: bool = False
    mistake: str | None = None


class KnownArrays:
    """Knows every array of a right run on a probe, and some that wrong code makes; without a probe, none."""

    def __init__(self, probe=None):
        self._probe = probe

    @cached_property
    def _right(self):
        run = Run(self._probe.net, self._probe.X, self._probe.Y)
        run.gradients()
        return run

    @cached_property
    def _operands(self):
        return [*self._of_a_right_run(), *self._of_wrong_ones()] if self._probe else []

    def told(self, line, operation, left, right):
        """Say what met at a line where an operation raised: "matmul", "broadcast", "in place", or "index" of a list."""
        if operation == "index":
            return self._index_told(line, left, right)
        if left is None and operation == "in place":
            told = _("At {line}, nothing stands yet in the place that is changed (None): begin with =, not with +=.")
            return Diagnosis("stopped", told.format(line=line))
        one, other = self._identify(left), self._identify(right)
        known = [operand for operand in (one, other) if operand]
        mistake, shapes = _mistake(operation, known), self._of_shapes((one, left), (other, right))
        if operation == "in place":
            sums = self._sums() if self._probe and isinstance(right, np.ndarray) else ()
            other = next((total for total in sums if factor_of([right], [total.array])), other)
            equation, mistake = "BP3" if other else "", other and other.mistake
        else:
            kinds = {operand.kind for operand in known}
            equation = next((EQUATION_OF[pair] for pair in EQUATION_OF if set(pair) == kinds), "")
        place = equation and _("It is the place of {equation}, {formula}.").format(
            equation=equation, formula=_(EQUATIONS[equation])
        )
        message = _("At {line}, {left} meets {right}. {rule} {place}").format(
            line=line,
            left=_described(left, one),
            right=_described(right, other),
            rule=_(RULES[operation]),
            place=joined(shapes, place),
        )
        if not (equation or shapes or mistake):
            return Diagnosis("stopped", message.strip())
        where = _(
            "Write the shape of each array beside its name on that line, and the shape that the result must have."
        )
        return self._stopped(message, where, equation, mistake)

    def _stopped(self, message, where, equation, mistake=None):
        if self._probe is None:
            return Diagnosis("stopped", message.strip())
        single = self._probe.single
        hints = CATALOGUE[mistake].hints(single) if mistake else three_hints(where, equation or "(25)", single=single)
        equation = CATALOGUE[mistake].equation if mistake else equation
        return Diagnosis("stopped", message.strip(), mistake, hints, equation=equation)

    def _of_shapes(self, *met):
        """Say what comes of an array that has lost a dimension, or has one too many."""
        for operand, array in met:
            shape = array.shape if isinstance(array, np.ndarray) else ()
            if operand and len(shape) == 1:
                return _("{name} is flat here: it has lost its second dimension.").format(name=operand.name)
            if len(shape) == 3 and shape[-1] == 1:
                return _("np.array makes (m, n, 1) of m columns: np.hstack puts them side by side, (n, m).")
        return ""

    def _index_told(self, line, values, index):
        """A list has not the entry that is asked for: what is it a list of?"""
        message = ngettext(
            "At {line}, entry [{index}] is asked for, and the list has {count} entry. {place}",
            "At {line}, entry [{index}] is asked for, and the list has {count} entries. {place}",
            len(values),
        )
        operands = list(filter(None, map(self._identify, values)))
        kinds = {operand.kind for operand in operands}
        place, where = "", _("Write down what the list holds, first and last, and which entry each layer needs.")
        if kinds == {"a"} and operands[0].layer == 2:
            place = _("It does not begin with x, so it is one short.")
            where = _("Look at what the list of activations begins with.")
        message = message.format(line=line, index=index, count=len(values), place=place)
        return self._stopped(message, where, "BP4" if "a" in kinds else "BP2")

    def _sums(self):
        for i, delta in enumerate(self._right.deltas):
            name = _name("δ", i + 2)
            flat, across = _("a flat sum of {name}"), _("a sum of {name} over the neurons")
            rows = (
                (flat, delta.sum(axis=1), "bias-one-dimensional" if delta.shape[1] == 1 else "bias-lost-dimension"),
                ("{name}", delta, "bias-not-summed"),
                (across, delta.sum(axis=0), "bias-wrong-axis"),
                (across, delta.sum(axis=0, keepdims=True), "bias-wrong-axis"),
            )
            for said, array, mistake in rows[:1] if delta.shape[1] == 1 else rows:
                yield Operand("d", said.format(name=name), array, mistake=mistake)

    def _identify(self, value):
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return None
        for operand in self._operands:
            if is_exact(value, operand.array):
                return operand
            if is_exact(value, operand.array.T):
                mistake = "bias-one-dimensional" if operand.kind == "b" else None
                return replace(operand, name=_("({name})ᵀ").format(name=operand.name), turned=True, mistake=mistake)
            if value.ndim == 1 and is_exact(value, operand.array.ravel()):
                is_column = operand.kind in "bay" and operand.array.shape[1] == 1
                return replace(operand, mistake="bias-one-dimensional" if is_column else None)
        return None

    def _of_a_right_run(self):
        s = self._right
        yield Operand("a", "x", s.a[0], 1)
        products = [w @ a for w, a in zip(s.w, s.a[:-1], strict=True)]
        slopes = [a * (1 - a) for a in s.a[1:]]
        kinds = (("a", "a", s.a[1:]), ("w", "w", s.w), ("b", "b", s.b), ("z", "z", s.z), ("p", "w a", products))
        for kind, symbol, arrays in (*kinds, ("d", "δ", s.deltas), ("s", "σ′(z)", slopes)):
            yield from (Operand(kind, _name(symbol, l), array, l) for l, array in enumerate(arrays, start=2))
        yield Operand("y", "y", s.Y)

    def _of_wrong_ones(self):
        """Find what the forms of a mistake compute before they raise, as the reader's function did."""
        probe = self._probe
        for mistake in CATALOGUE.values():
            for lines in mistake.forms:
                run = Run(probe.net, probe.X, probe.Y, lines, probe.single)
                try:
                    with np.errstate(all="ignore"):
                        run.gradients()
                except (ValueError, IndexError, TypeError):
                    for array in run.made:
                        if not any(is_exact(array, right) for right in self._right.made):
                            yield Operand("e", "", array, mistake=mistake.name)


def _mistake(operation, known):
    """Name the mistake that one of the operands gives away, or their order does."""
    mistake = next((operand.mistake for operand in known if operand.mistake), None)
    if mistake or operation != "matmul" or [operand.kind for operand in known] != ["w", "d"]:
        return mistake
    w, delta = known
    return "missing-transpose" if w.layer == delta.layer and not (w.turned or delta.turned) else None


def _described(value, operand):
    if isinstance(value, np.ndarray):
        said = _("{name} of shape {shape}") if operand else _("an array of shape {shape}")
        if operand and not operand.name:
            said = _("an array of shape {shape} that the mistake has made")
        return said.format(name=operand and operand.name, shape=value.shape)
    if isinstance(value, int | float):
        return _("the number {value}").format(value=value)
    return _("something that is no array ({kind})").format(kind=type(value).__name__)


def _name(symbol, layer):
    return symbol + str(layer).translate(SUPERSCRIPTS)
