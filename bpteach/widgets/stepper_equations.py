"""The equations in the backprop stepper: those of chapter 2 with the number of the layer filled in.

An equation is written in one line, such as `δ^2 = ((w^3)^T δ^3) ⊙ σ′(z^2)`, and set as a tree of MathML elements: a
list of a tag and its children, which are trees or text.
"""

import re

from bpteach.locale import N_, _
from bpteach.widgets.marks import superscript

# Of a whole layer, and what a screen reader says.
WHOLE = {
    "z": (
        "z^{l} = w^{l} a^{before} + b^{l}",
        N_("z of layer {l} equals w of layer {l} times a of layer {before}, plus b of layer {l}"),
    ),
    "a": ("a^{l} = σ(z^{l})", N_("a of layer {l} equals sigma of z of layer {l}")),
    "BP1": (
        "δ^{l} = (a^{l} − y) ⊙ σ′(z^{l})",
        N_("delta of layer {l} equals a of layer {l} minus y, times, entry by entry, sigma prime of z of layer {l}"),
    ),
    "BP2": (
        "δ^{l} = ((w^{after})^T δ^{after}) ⊙ σ′(z^{l})",
        N_(
            "delta of layer {l} equals w of layer {after}, transposed, times delta of layer {after}, "
            "times, entry by entry, sigma prime of z of layer {l}"
        ),
    ),
    "BP3": ("∂C/∂b^{l} = δ^{l}", N_("the gradient of the biases of layer {l} equals delta of layer {l}")),
    "BP3 of a batch": (
        "∂C/∂b^{l} = ∑_columns δ^{l}",
        N_("the gradient of the biases of layer {l} equals the sum of the columns of delta of layer {l}"),
    ),
    "BP4": (
        "∂C/∂w^{l} = δ^{l} (a^{before})^T",
        N_(
            "the gradient of the weights of layer {l} equals delta of layer {l} "
            "times a of layer {before}, transposed, an outer product"
        ),
    ),
}

# Of one neuron. As in the lessons, it is neuron j and what comes before it k; in BP2, k and what comes after it j.
SINGLE = {
    "z": (
        "z^{l}_j = ∑_k w^{l}_jk a^{before}_k + b^{l}_j",
        N_("z j equals the sum over k of w j k times a k, plus b j"),
    ),
    "a": (
        "a^{l}_j = σ(∑_k w^{l}_jk a^{before}_k + b^{l}_j)",
        N_("a j equals sigma of z j, where z j is the sum over k of w j k times a k, plus b j"),
    ),
    "BP1": ("δ^{l}_j = (a^{l}_j − y_j) σ′(z^{l}_j)", N_("delta j equals a j minus y j, times sigma prime of z j")),
    "BP2": (
        "δ^{l}_k = (∑_j w^{after}_jk δ^{after}_j) σ′(z^{l}_k)",
        N_("delta k equals the sum over j of w j k times delta j, times sigma prime of z k"),
    ),
    "BP4": ("∂C/∂w^{l}_jk = a^{before}_k δ^{l}_j", N_("the gradient of w j k equals a k times delta j")),
}

CAPITALS = str.maketrans("zayδ", "ZAYΔ")  # hold a whole mini-batch
SIGNS = "()=+−⊙∑∂"
PART = re.compile(r"(∂C/∂)?([()]|[^\s()^_]+)(?:\^([^\W_]+(?:[+−]1)?))?(?:_(\w+))?")


def whole(name, layer, is_batch):
    """Set "z", "a" (the halves of equation 25) or "BP1" to "BP4" for a whole layer; for None, for layer l.

    The answer has `math`, the tree; `spoken`, what a screen reader says; `plain`, one line of text.
    """
    text, spoken = WHOLE["BP3 of a batch" if name == "BP3" and is_batch else name]
    numbers = _numbers(layer, "L" if name == "BP1" else "l")
    text = text.format(**numbers)
    return _set(text.translate(CAPITALS) if is_batch else text, _(spoken).format(**_in_words(numbers)))


def single(name, layer):
    """Set "z", "a", "BP1", "BP2" or "BP4" for one neuron of a layer, a sum and all."""
    text, spoken = SINGLE[name]
    return _set(text.format(**_numbers(layer, "l")), _(spoken))


def _numbers(layer, letter):
    if layer is None:
        return {"l": letter, "before": "l−1", "after": "l+1"}
    return {"l": layer, "before": layer - 1, "after": layer + 1}


def _in_words(numbers):
    return {name: str(number).replace("−", _(" minus ")).replace("+", _(" plus ")) for name, number in numbers.items()}


def _set(text, spoken):
    return {"math": ["mrow", *map(_part, PART.finditer(text))], "spoken": spoken, "plain": _plain(text)}


def _part(found):
    slope, base, up, down = found.groups()
    made = ["mo" if base in SIGNS else "mi", base]
    if up and down:
        made = ["msubsup", made, _index(down), _index(up)]
    elif up:
        made = ["msup", made, _index(up)]
    elif down:
        made = ["munder" if base == "∑" else "msub", made, _index(down)]
    return ["mfrac", ["mrow", ["mo", "∂"], ["mi", "C"]], ["mrow", ["mo", "∂"], made]] if slope else made


def _index(text):
    if text == "columns":
        return ["mtext", _("columns")]
    letters = [["mn" if letter.isdigit() else "mo" if letter in SIGNS else "mi", letter] for letter in text]
    return ["mn", text] if text.isdigit() else letters[0] if len(letters) == 1 else ["mrow", *letters]


def _plain(text):
    """Write an equation with raised and lowered letters where there are some: `δ² = ((w³)ᵀ δ³) ⊙ σ′(z²)`."""
    raised = {"T": "ᵀ", "L": "ᴸ", "l": "ˡ"}
    text = re.sub(r"\^(\d+)", lambda found: superscript(found[1]), text)
    text = re.sub(r"\^([^\W_]+(?:[+−]1)?)", lambda found: raised.get(found[1], f"^({found[1]})"), text)
    text = text.replace("_columns", _(" of the columns of"))
    return re.sub(r"_([jk]+)", lambda found: found[1].translate(str.maketrans("jk", "ⱼₖ")), text)
