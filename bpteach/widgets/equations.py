"""The equations of chapter 2 with the number of the layer filled in, to be set as mathematics.

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
    "sum BP2": N_("delta j equals the sum over k of w k j times delta k, times sigma prime of z j"),
    "sum BP4": N_("the gradient of w j k equals a k times delta j"),
}

_EQUALS, _PLUS, _MINUS, _ODOT, _OPEN, _CLOSE = (["mo", sign] for sign in "=+−⊙()")
_TRANSPOSED = ["mi", "T"]


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
        tree = {"z": self._z, "a": self._a, "BP1": self._bp1, "BP2": self._bp2, "BP3": self._bp3, "BP4": self._bp4}
        word = "BP3 sum" if name == "BP3" and self._is_batch else name
        return _set(tree[name](layer), word, layer)

    def single(self, name, layer):
        """Set "z", "a", "BP1", "BP2" or "BP4" for one neuron j of a layer, with its sum over k."""
        l, before, after = layer, layer - 1, layer + 1
        delta = _indexed("δ", l, "j")
        slope = _call("σ′", _indexed("z", l, "j"))
        total = [_sum("k"), _indexed("w", l, "jk"), _indexed("a", before, "k"), _PLUS, _indexed("b", l, "j")]
        trees = {
            "z": [_indexed("z", l, "j"), _EQUALS, *total],
            "a": [_indexed("a", l, "j"), _EQUALS, *_call("σ", *total)],
            "BP1": [delta, _EQUALS, _OPEN, _indexed("a", l, "j"), _MINUS, _sub("y", "j"), _CLOSE, *slope],
            "BP2": [
                *(delta, _EQUALS, _OPEN, _sum("k"), _indexed("w", after, "kj")),
                *(_indexed("δ", after, "k"), _CLOSE, *slope),
            ],
            "BP4": [_slope_of(_indexed("w", l, "jk")), _EQUALS, _indexed("a", before, "k"), delta],
        }
        return _set(["mrow", *trees[name]], f"sum {name}", layer)

    def _of(self, quantity, layer, shift=0):
        return _layered(self.symbols[quantity], layer, shift)

    def _z(self, l):
        product = [_layered("w", l), self._of("a", l, -1)]
        return ["mrow", self._of("z", l), _EQUALS, *product, _PLUS, _layered("b", l)]

    def _a(self, l):
        return ["mrow", self._of("a", l), _EQUALS, *_call("σ", self._of("z", l))]

    def _bp1(self, l):
        l = "L" if l is None else l
        difference = [_OPEN, self._of("a", l), _MINUS, ["mi", self.symbols["y"]], _CLOSE]
        return ["mrow", self._of("delta", l), _EQUALS, *difference, _ODOT, *_call("σ′", self._of("z", l))]

    def _bp2(self, l):
        transposed = ["msup", ["mrow", _OPEN, _layered("w", l, 1), _CLOSE], _TRANSPOSED]
        carried = [_OPEN, transposed, self._of("delta", l, 1), _CLOSE]
        return ["mrow", self._of("delta", l), _EQUALS, *carried, _ODOT, *_call("σ′", self._of("z", l))]

    def _bp3(self, l):
        columns = [["munder", ["mo", "∑"], ["mtext", _("columns")]]] if self._is_batch else []
        return ["mrow", _slope_of(_layered("b", l)), _EQUALS, *columns, self._of("delta", l)]

    def _bp4(self, l):
        transposed = ["msup", ["mrow", _OPEN, self._of("a", l, -1), _CLOSE], _TRANSPOSED]
        return ["mrow", _slope_of(_layered("w", l)), _EQUALS, self._of("delta", l), transposed]


def _set(tree, word, layer):
    numbers = {"l": "l", "before": "l minus 1", "after": "l plus 1"}
    if layer is not None:
        numbers = {"l": layer, "before": layer - 1, "after": layer + 1}
    return {"math": tree, "spoken": _(SPOKEN[word]).format(**numbers), "plain": plain(tree)}


def _layered(symbol, layer, shift=0):
    if isinstance(layer, int):
        return ["msup", ["mi", symbol], ["mn", str(layer + shift)]]
    index = ["mi", layer or "l"]
    if shift:
        index = ["mrow", index, ["mo", "+" if shift > 0 else "−"], ["mn", "1"]]
    return ["msup", ["mi", symbol], index]


def _indexed(symbol, layer, index):
    letters = ["mi", index] if len(index) == 1 else ["mrow", *(["mi", letter] for letter in index)]
    return ["msubsup", ["mi", symbol], letters, ["mn", str(layer)]]


def _sub(symbol, index):
    return ["msub", ["mi", symbol], ["mi", index]]


def _sum(index):
    return ["munder", ["mo", "∑"], ["mi", index]]


def _call(function, *inside):
    return [["mi", function], _OPEN, *inside, _CLOSE]


def _slope_of(parameter):
    """Write ∂C / ∂ of a bias or a weight."""
    return ["mfrac", ["mrow", ["mo", "∂"], ["mi", "C"]], ["mrow", ["mo", "∂"], parameter]]


def plain(tree):
    """Write an equation as one line of text, such as `δ² = ((w³)ᵀ δ³) ⊙ σ′(z²)`."""
    if isinstance(tree, str):
        return tree
    tag, *children = tree
    texts = [plain(child) for child in children]
    if tag == "msup":
        return texts[0] + _index(texts[1])
    if tag == "msubsup":
        return f"{texts[0]}{_index(texts[2])}_{texts[1]} "
    if tag in ("msub", "munder"):
        return f"{texts[0]}_{texts[1]}" + (" " if tag == "munder" else "")
    if tag == "mfrac":
        return f"{texts[0]}/{texts[1]}"
    if tag == "mo" and texts[0] in "=+−⊙":
        return f" {texts[0]} "
    return re.sub(r" +(?=[ )])", "", "".join(texts)).strip()


def _index(text):
    return superscript(text) if text.isdigit() else {"T": "ᵀ", "L": "ᴸ", "l": "ˡ"}.get(text, f"^({text})")
