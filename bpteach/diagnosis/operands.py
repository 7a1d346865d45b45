"""Recognise the arrays that met when a reader's function raised: a weight, an activation, an error of some layer."""

from types import SimpleNamespace

import numpy as np

from bpteach.diagnosis.catalogue import CATALOGUE, EQUATIONS, hints_to_shapes
from bpteach.diagnosis.mistakes import gradient_forms, gradients, inside
from bpteach.gradcheck import relative_error

WORDS = {
    "place": "it is the place of {equation}, {formula}",
    "ᵀ": "({name})ᵀ",
    "flat sum": "a flat sum of {name}",
    "other sum": "a sum of {name} over the neurons",
    "all sum": "the sum of all of {name}",
}

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ARRAYS_OF = {  # which kinds of arrays meet in which equation
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


class Known:
    """Knows every array of a right run on a probe, and some that wrong code makes.

    Parameters
    ----------
    probe : Probe
        What the function was called with.
    """

    def __init__(self, probe):
        self._probe = probe
        self._table = None

    def __call__(self, operation, left, right):
        """Say what two arrays are that did not fit together.

        Parameters
        ----------
        operation : {"matmul", "broadcast", "in place"}
            What was to be done with them.
        left : object
            The left operand.
        right : object
            The right one.

        Returns
        -------
        tuple or None
            The two names, a sentence on the equation, a mistake's name or None, and hints; None if nothing is known.
        """
        one, other = self._identify(left), self._identify(right)
        if operation == "in place":
            return self._in_place(one, right)
        if one is None and other is None:
            return None
        kinds = frozenset(kind for found in (one, other) if found for kind in found["kind"])
        equation = ARRAYS_OF.get(kinds) or self._equation_of(one, other)
        if equation is None:
            return None
        mistake = self._mistake(operation, one, other)
        return self._told((one, other), equation, mistake)

    def _told(self, found, equation, mistake):
        names = tuple(one["name"] if one else None for one in found)
        rule = WORDS["place"].format(equation=equation, formula=EQUATIONS[equation])
        return names, rule, mistake, CATALOGUE[mistake].hints if mistake else hints_to_shapes(equation)

    def _mistake(self, operation, one, other):
        for found in (one, other):
            if found and found.get("mistake"):
                return found["mistake"]
        if one and other and operation == "matmul":
            is_bp2 = one["kind"] == "w" and other["kind"] == "d" and one["layer"] == other["layer"]
            if is_bp2 and not one["turned"] and not other["turned"]:
                return "missing-transpose"
        return None

    def _equation_of(self, one, other):
        for found in (one, other):
            if found and found["kind"] in "de":
                return "BP2" if found["kind"] == "d" else "BP4"
            if found and found["kind"] in "wa":
                return "BP4" if found["kind"] == "a" and found["turned"] else "(25)"
        return None

    def _in_place(self, one, right):
        """Something is added to an array of another shape: a sum for the biases, mostly."""
        if not isinstance(right, np.ndarray):
            return None
        for found in self._sums():
            if found["array"].shape == right.shape and _is_multiple(right, found["array"]):
                return self._told((one, found), "BP3", found["mistake"])
        return None

    def _sums(self):
        s = self._right
        for i, delta in enumerate(s.deltas):
            name = _name("δ", i + 2)
            single = delta.shape[1] == 1
            flat = "bias-one-dimensional" if single else "bias-lost-dimension"
            yield {"name": WORDS["flat sum"].format(name=name), "array": delta.sum(axis=1), "mistake": flat}
            if not single:
                yield {"name": name, "array": delta, "mistake": "bias-not-summed"}
                told = {"name": WORDS["other sum"].format(name=name), "mistake": "bias-wrong-axis"}
                yield told | {"array": delta.sum(axis=0)}
                yield told | {"array": delta.sum(axis=0, keepdims=True)}

    def _identify(self, value):
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return None
        if self._table is None:
            self._table = list(self._entries())
        for entry in self._table:
            for turned in (False, True):
                array = entry["array"].T if turned else entry["array"]
                if _is_same(value, array):
                    name = WORDS["ᵀ"].format(name=entry["name"]) if turned else entry["name"]
                    return entry | {"name": name, "turned": turned}
            if value.ndim == 1 and _is_same(value, entry["array"].ravel()):
                slip = "bias-one-dimensional" if entry["kind"] in "bay" and entry["array"].shape[1] == 1 else None
                return entry | {"turned": False, "mistake": slip}
        return None

    @property
    def _right(self):
        return inside(self._probe.net, self._probe.X, self._probe.Y)

    def _entries(self):
        s = self._right
        yield from (_entry("a", "a" if i else "x", i + 1, a) for i, a in enumerate(s.a))
        yield from (_entry("w", "w", i + 2, w) for i, w in enumerate(s.w))
        yield from (_entry("b", "b", i + 2, b) for i, b in enumerate(s.b))
        yield from (_entry("z", "z", i + 2, z) for i, z in enumerate(s.z))
        yield from (_entry("p", "w a", i + 2, w @ a) for i, (w, a) in enumerate(zip(s.w, s.a[:-1], strict=True)))
        yield from (_entry("d", "δ", i + 2, d) for i, d in enumerate(s.deltas))
        yield from (_entry("s", "σ′(z)", i + 2, a * (1 - a)) for i, a in enumerate(s.a[1:]))
        yield _entry("y", "y", None, self._probe.Y)
        yield from self._wrong()

    def _wrong(self):
        """Find what the forms of a mistake compute before they raise, as the reader's function did."""
        probe = self._probe
        right = self._right.made
        for name, lines in gradient_forms(probe.X.shape[1] == 1):
            state = SimpleNamespace()
            try:
                with np.errstate(all="ignore"):
                    gradients(probe.net, probe.X, probe.Y, lines, probe.X.shape[1] == 1, state)
            except (ValueError, IndexError, TypeError):
                for array in state.made:
                    if isinstance(array, np.ndarray) and not any(_is_same(array, known) for known in right):
                        yield _entry("e", "", None, array) | {"mistake": name}


def _entry(kind, symbol, layer, array):
    return {"kind": kind, "name": _name(symbol, layer), "layer": layer, "array": array}


def _name(symbol, layer):
    if symbol in ("x", "y") or layer is None:
        return symbol
    return symbol + str(layer).translate(SUPERSCRIPTS)


def _is_same(value, array):
    return value.shape == array.shape and relative_error(value, array) <= 1e-9


def _is_multiple(value, array):
    size = np.vdot(array, array)
    factor = np.vdot(array, value) / size if size else 0
    return bool(factor) and relative_error(value, factor * array) <= 1e-9
