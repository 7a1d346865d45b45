"""Recognise the arrays that met when a reader's function raised: a weight, an activation, an error of some layer."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bpteach.diagnosis.algorithm import Run
from bpteach.diagnosis.comparison import factor_of, is_exact
from bpteach.diagnosis.mistake import EQUATIONS, three_hints
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.locale import _

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
    """Knows every array of a right run on a probe, and some that wrong code makes."""

    def __init__(self, probe):
        self._probe = probe

    @cached_property
    def _right(self):
        run = Run(self._probe.net, self._probe.X, self._probe.Y)
        run.gradients()
        return run

    @cached_property
    def _operands(self):
        return [*self._of_a_right_run(), *self._of_wrong_ones()]

    def __call__(self, operation, left, right):
        """Say what two arrays are that did not fit together: see `bpteach.diagnosis.exceptions.explain`."""
        if operation == "index":
            return self._index(left)
        one, other = self._identify(left), self._identify(right)
        if operation == "in place":
            return self._in_place(one, right)
        known = [operand for operand in (one, other) if operand]
        kinds = {operand.kind for operand in known}
        equation = next((EQUATION_OF[pair] for pair in EQUATION_OF if set(pair) == kinds), _equation_of(known))
        more = self._of_shapes((one, left), (other, right))
        if not equation and not more:
            return None
        return self._told((one, other), equation, _mistake(operation, known), more)

    def _of_shapes(self, *met):
        """Say what comes of an array that has lost a dimension, or has one too many."""
        for operand, array in met:
            shape = array.shape if isinstance(array, np.ndarray) else ()
            if operand and len(shape) == 1:
                return _("{name} is flat here: it has lost its second dimension.").format(name=operand.name)
            if len(shape) == 3 and shape[-1] == 1:
                return _("np.array makes (m, n, 1) of m columns: np.hstack puts them side by side, (n, m).")
            is_square = len(shape) == 2 and 1 < shape[0] == shape[1]
            if self._probe.single and is_square and not (operand and operand.name):  # no array but weights is square
                return _("Where columns are multiplied, only a row or a flat array, of shape (n,), gives a square one.")
        return ""

    def _told(self, operands, equation, mistake, more=""):
        names = tuple(operand.name if operand else None for operand in operands)
        place = more
        if equation:
            formula = _(EQUATIONS[equation])
            place = _("It is the place of {equation}, {formula}.").format(equation=equation, formula=formula)
            place = f"{more} {place}".strip()
        where = _(
            "Write the shape of each array beside its name on that line, and the shape that the result must have."
        )
        single = self._probe.single
        hints = CATALOGUE[mistake].hints(single) if mistake else three_hints(where, equation or "(25)", single=single)
        return names, place, mistake, hints, CATALOGUE[mistake].equation if mistake else equation

    def _index(self, values):
        """A list has not the entry that is asked for: what is it a list of?"""
        operands = list(filter(None, map(self._identify, values)))
        kinds = {operand.kind for operand in operands}
        place, where = "", _("Write down what the list holds, first and last, and which entry each layer needs.")
        if kinds == {"a"} and operands[0].layer == 2:
            place = _("It does not begin with x, so it is one short.")
            where = _("Look at what the list of activations begins with.")
        equation = "BP4" if "a" in kinds else "BP2"
        return (None, None), place, None, three_hints(where, equation, single=self._probe.single), ""

    def _in_place(self, one, right):
        """Something is added to an array of another shape: a sum for the biases, mostly."""
        found = next((s for s in self._sums() if isinstance(right, np.ndarray) and factor_of([right], [s.array])), None)
        return self._told((one, found), "BP3", found.mistake) if found else None

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


def _equation_of(known):
    """Guess the equation where one of the two is not known, or the two do not meet in any."""
    for operand in known:
        if operand.kind in "de":
            return "BP2" if operand.kind == "d" else "BP4"
        if operand.kind in "wa":
            return "BP4" if operand.kind == "a" and operand.turned else "(25)"
    return None


def _name(symbol, layer):
    return symbol + str(layer).translate(SUPERSCRIPTS)
