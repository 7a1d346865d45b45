"""The equations in the backprop stepper: those of chapter 2 with the number of the layer filled in.

An equation is a tree of MathML elements: a list of a tag and its children, which are trees or text.
"""

import re

from bpteach.locale import N_, _
from bpteach.widgets.marks import superscript

# What a screen reader says.
SPOKEN = {
    "z": N_("z of layer {l} equals w of layer {l} times a of layer {before}, plus b of layer {l}"),
    "a": N_("a of layer {l} equals sigma of z of layer {l}"),
    "BP1": N_("delta of layer {l} equals a of layer {l} minus y, times, entry by entry, sigma prime of z of layer {l}"),
    "BP2": N_(
        "delta of layer {l} equals w of layer {after}, transposed, times delta of layer {after}, "
        "times, entry by entry, sigma prime of z of layer {l}"
    ),
    "BP3": N_("the gradient of the biases of layer {l} equals delta of layer {l}"),
    "BP3 sum": N_("the gradient of the biases of layer {l} equals the sum of the columns of delta of layer {l}"),
    "BP4": N_(
        "the gradient of the weights of layer {l} equals delta of layer {l} "
        "times a of layer {before}, transposed, an outer product"
    ),
    "sum z": N_("z j equals the sum over k of w j k times a k, plus b j"),
    "sum a": N_("a j equals sigma of z j, where z j is the sum over k of w j k times a k, plus b j"),
    "sum BP1": N_("delta j equals a j minus y j, times sigma prime of z j"),
    "sum BP2": N_("delta k equals the sum over j of w j k times delta j, times sigma prime of z k"),
    "sum BP4": N_("the gradient of w j k equals a k times delta j"),
}

_PLUS, _MINUS, _ODOT, _OPEN, _CLOSE = (["mo", sign] for sign in "+−⊙()")


class Equations:
    """Sets the equations of one network: with Z, A, Y and Δ, which hold a whole mini-batch, or with small letters."""

    def __init__(self, is_batch):
        z, a, y, delta = "ZAYΔ" if is_batch else "zayδ"
        self.symbols = {"z": z, "a": a, "y": y, "delta": delta, "nabla_b": "∇b", "nabla_w": "∇w"}
        self._is_batch = is_batch

    def whole(self, name, layer=None):
        """Set "z", "a" (the halves of equation 25) or "BP1" to "BP4" for a whole layer; without one, for layer l.

        The answer has `math`, the tree; `spoken`, what a screen reader says; `plain`, one line of text.
        """
        l = layer or ("L" if name == "BP1" else "l")
        w, b = _layered("w", l), _layered("b", l)
        z, a, delta = (_layered(self.symbols[quantity], l) for quantity in ("z", "a", "delta"))
        before, after = _layered(self.symbols["a"], l, -1), _layered(self.symbols["delta"], l, 1)
        slope = [_ODOT, *_call("σ′", z)]
        columns = [["munder", ["mo", "∑"], ["mtext", _("columns")]]] if self._is_batch else []
        left, *right = {
            "z": [z, w, before, _PLUS, b],
            "a": [a, *_call("σ", z)],
            "BP1": [delta, _OPEN, a, _MINUS, ["mi", self.symbols["y"]], _CLOSE, *slope],
            "BP2": [delta, _OPEN, _transposed(_layered("w", l, 1)), after, _CLOSE, *slope],
            "BP3": [_slope_of(b), *columns, delta],
            "BP4": [_slope_of(w), delta, _transposed(before)],
        }[name]
        return _set(left, right, "BP3 sum" if name == "BP3" and self._is_batch else name, layer)

    def single(self, name, layer):
        """Set "z", "a", "BP1", "BP2" or "BP4" for one neuron of a layer, a sum and all.

        As in the lessons, it is neuron j and what comes before it k; in BP2, k and what comes after it j.
        """
        z, a, b, delta = (_indexed(symbol, layer, "k" if name == "BP2" else "j") for symbol in "zabδ")
        w, before = _indexed("w", layer, "jk"), _indexed("a", layer - 1, "k")
        carried = [_indexed("w", layer + 1, "jk"), _indexed("δ", layer + 1, "j")]
        total = ["munder", ["mo", "∑"], ["mi", "j" if name == "BP2" else "k"]]
        slope = _call("σ′", z)
        left, *right = {
            "z": [z, total, w, before, _PLUS, b],
            "a": [a, *_call("σ", total, w, before, _PLUS, b)],
            "BP1": [delta, _OPEN, a, _MINUS, ["msub", ["mi", "y"], ["mi", "j"]], _CLOSE, *slope],
            "BP2": [delta, _OPEN, total, *carried, _CLOSE, *slope],
            "BP4": [_slope_of(w), before, delta],
        }[name]
        return _set(left, right, f"sum {name}", layer)


def _set(left, right, word, layer):
    tree = ["mrow", left, ["mo", "="], *right]
    numbers = {"l": "l", "before": "l minus 1", "after": "l plus 1"}
    if layer is not None:
        numbers = {"l": layer, "before": layer - 1, "after": layer + 1}
    return {"math": tree, "spoken": _(SPOKEN[word]).format(**numbers), "plain": _plain(tree)}


def _layered(symbol, layer, shift=0):
    if isinstance(layer, int):
        return ["msup", ["mi", symbol], ["mn", str(layer + shift)]]
    index = ["mi", layer]
    if shift:
        index = ["mrow", index, ["mo", "+" if shift > 0 else "−"], ["mn", "1"]]
    return ["msup", ["mi", symbol], index]


def _indexed(symbol, layer, index):
    letters = ["mi", index] if len(index) == 1 else ["mrow", *(["mi", letter] for letter in index)]
    return ["msubsup", ["mi", symbol], letters, ["mn", str(layer)]]


def _transposed(matrix):
    return ["msup", ["mrow", _OPEN, matrix, _CLOSE], ["mi", "T"]]


def _call(function, *inside):
    return [["mi", function], _OPEN, *inside, _CLOSE]


def _slope_of(parameter):
    """Write ∂C / ∂ of a bias or a weight."""
    return ["mfrac", ["mrow", ["mo", "∂"], ["mi", "C"]], ["mrow", ["mo", "∂"], parameter]]


def _plain(tree):
    """Write an equation as one line of text, such as `δ² = ((w³)ᵀ δ³) ⊙ σ′(z²)`."""
    if isinstance(tree, str):
        return tree
    tag, *children = tree
    texts = [_plain(child) for child in children]
    if tag == "msup":
        return texts[0] + _index(texts[1])
    if tag == "msubsup":
        return f"{texts[0]}{_index(texts[2])}{_subscript(texts[1])} "
    if tag in ("msub", "munder"):
        return f"{texts[0]}{_subscript(texts[1])} "
    if tag == "mfrac":
        return f"{texts[0]}/{texts[1]}"
    if tag == "mo" and texts[0] in "=+−⊙":
        return f" {texts[0]} "
    return re.sub(r" +(?=[ )])", "", "".join(texts)).strip()


def _subscript(text):
    return text.translate(str.maketrans("jk", "ⱼₖ")) if set(text) <= set("jk") else f" ({text})"


def _index(text):
    return superscript(text) if text.isdigit() else {"T": "ᵀ", "L": "ᴸ", "l": "ˡ"}.get(text, f"^({text})")
