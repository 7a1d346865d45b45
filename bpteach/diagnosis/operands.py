"""Recognise the arrays that met when a reader's function raised: a weight, an activation, an error of some layer."""

from dataclasses import dataclass, replace

import numpy as np

from bpteach.diagnosis.algorithm import Run
from bpteach.diagnosis.catalogue import CATALOGUE
from bpteach.diagnosis.mistake import EQUATIONS, three_hints
from bpteach.diagnosis.numbers import factor_of, is_exact
from bpteach.locale import _

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
EQUATION_OF = {  # which kinds of arrays meet in which equation
    frozenset("wd"): "BP2",
    frozenset("da"): "BP4",
    frozenset("wa"): "(25)",
    frozenset("ay"): "BP1",
    frozenset("zb"): "(25)",
    frozenset("ds"): "BP2",
    frozenset("es"): "BP2",
    frozenset("ea"): "BP4",
    frozenset("pb"): "(25)",
}


@dataclass(frozen=True)
class Operand:
    """An array that is known.

    `kind` is a, w, b, z, y, d (an error δ), s (a slope σ′), p (a product w a), or e, for what a `mistake` computes
    before it raises; those have no name.
    """

    kind: str
    name: str
    array: np.ndarray
    layer: int | None = None
    turned: bool = False
    mistake: str | None = None


class KnownArrays:
    """Knows every array of a right run on a probe, and some that wrong code makes."""

    def __init__(self, probe):
        self._probe = probe
        self._operands = None

    def __call__(self, operation, left, right):
        """Say what two arrays are that did not fit together: see `bpteach.diagnosis.exceptions.explain`."""
        if self._operands is None:
            self._right = Run(self._probe.net, self._probe.X, self._probe.Y)
            self._right.gradients()
            self._operands = [*self._of_a_right_run(), *self._of_wrong_ones()]
        one, other = self._identify(left), self._identify(right)
        if operation == "in place":
            return self._in_place(one, right)
        known = [operand for operand in (one, other) if operand]
        equation = EQUATION_OF.get(frozenset(operand.kind for operand in known)) or _equation_of(known)
        return self._told((one, other), equation, _mistake(operation, known)) if equation else None

    def _told(self, operands, equation, mistake):
        names = tuple(operand.name if operand else None for operand in operands)
        place = _("it is the place of {equation}, {formula}").format(equation=equation, formula=_(EQUATIONS[equation]))
        single = self._probe.single
        if mistake:
            return names, place, mistake, CATALOGUE[mistake].hints(single)
        where = _(
            "Write the shape of each array beside its name on that line, and the shape that the result must have."
        )
        return names, place, None, three_hints(where, equation, single=single)

    def _in_place(self, one, right):
        """Something is added to an array of another shape: a sum for the biases, mostly."""
        if isinstance(right, np.ndarray):
            for found in self._sums():
                if factor_of([right], [found.array]):
                    return self._told((one, found), "BP3", found.mistake)
        return None

    def _sums(self):
        for i, delta in enumerate(self._right.deltas):
            name = _name("δ", i + 2)
            single = delta.shape[1] == 1
            slip = "bias-one-dimensional" if single else "bias-lost-dimension"
            yield Operand("d", _("a flat sum of {name}").format(name=name), delta.sum(axis=1), mistake=slip)
            if not single:
                yield Operand("d", name, delta, mistake="bias-not-summed")
                name = _("a sum of {name} over the neurons").format(name=name)
                yield Operand("d", name, delta.sum(axis=0), mistake="bias-wrong-axis")
                yield Operand("d", name, delta.sum(axis=0, keepdims=True), mistake="bias-wrong-axis")

    def _identify(self, value):
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return None
        for operand in self._operands:
            if is_exact(value, operand.array):
                return operand
            if is_exact(value, operand.array.T):
                return replace(operand, name=_("({name})ᵀ").format(name=operand.name), turned=True)
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
