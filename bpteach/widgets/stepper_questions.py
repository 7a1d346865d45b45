"""The stepper's questions before a layer's error δ appears: at which output it is largest, or which sign it has."""

import numpy as np

from bpteach.locale import _
from bpteach.widgets.marks import signed_number, superscript

MOST_CHOICES = 12
FEW_CHOICES = 4


def question(layer, delta, sums):
    """Ask what δ of a layer will be: of the outputs, where it is largest; of a neuron before them, its sign.

    `sums` are those behind the values `delta`. The answer has `text`;
    `choices`, pairs of what stands on a button and what it means; `answer`; what is said when the reader was `right`,
    chose something `wrong` (for each choice, with the reason), or asks to be `shown`; `neuron`, layer and place, and
    the `link` that is named, a neuron of the layer after it, both empty where there is none. None where there is
    nothing to guess.
    """
    if not np.isfinite(delta).all() or not delta.any():
        return None
    j = int(np.abs(delta).argmax())
    second, first = np.sort(np.abs([0, *delta]))[-2:]
    is_largest = sums.equation == "BP1" and len(delta) > 1 and second < 0.999 * first  # else two are
    asked = _largest(layer, delta, j, sums) if is_largest else _sign(layer, delta, j, sums)
    place = _("it is largest at neuron {j}, {value}.") if is_largest else _("at neuron {j} it is {value}.")
    place = place.format(j=j, value=signed_number(delta[j]))
    why = _why_largest if is_largest else _why_sign
    is_explained = sums.equation and not sums.differs
    no = _("No: {place}").format(place=place)
    wrong = [value for _label, value in asked["choices"] if value != asked["answer"]]
    return asked | {
        "right": _("Right: {place}").format(place=place),
        "wrong": {value: no + (why(j, value, sums) if is_explained else "") for value in wrong},
        "shown": place[0].upper() + place[1:],
    }


def _largest(layer, delta, j, sums):
    choices = range(len(delta))
    text = _("At which of these neurons of layer {l} will δ{up} be largest, whatever its sign?")
    if len(delta) > MOST_CHOICES:
        order = np.argsort(-np.abs(delta), kind="stable")
        choices = sorted(int(order[k * (len(delta) - 1) // (FEW_CHOICES - 1)]) for k in range(FEW_CHOICES))
    elif not sums.differs:
        text = _(
            "At which neuron of layer {l} will δ{up} be largest, whatever its sign? It is what a neuron says minus "
            "what is wanted, times the slope σ′(z), which is small where the neuron says almost 0 or almost 1."
        )
    text = text.format(l=layer, up=superscript(layer))
    return {"text": text, "choices": [[str(k), k] for k in choices], "answer": j, "neuron": [], "link": []}


def _why_largest(j, chosen, sums):
    """Compare the two factors of δ at the neuron where it is largest with those at the neuron that was chosen."""
    products = [f"{_factor(sums, k)} × {_foot(sums, k, 'slope')}".replace("-", "−") for k in (j, chosen)]
    said = _(" The difference a − y times the slope σ′(z) is {right} there, and {wrong} at neuron {chosen}.")
    return said.format(right=products[0], wrong=products[1], chosen=chosen)


def _sign(layer, delta, j, sums):
    text, details, link = _("Which sign will δ{up} have at neuron {j} of layer {l}?"), {}, []
    if sums.equation == "BP1":
        text = _("Which sign will δ{up} have at neuron {j}? It says {said}, and {wanted} is wanted.")
        details = {"said": _foot(sums, j, "said"), "wanted": f"{float(_foot(sums, j, 'wanted')):g}"}
    elif sums.equation and sums.terms[j]:
        k, w, carried, _product = sums.terms[j][0]
        text = _(
            "Which sign will δ{up} have at neuron {j} of layer {l}? "
            "Its strongest link leads to neuron {k}, with w = {w} and δ{next} = {delta}."
        )
        details = {"k": k, "w": w.replace("-", "−"), "delta": carried.replace("-", "−")}
        link = [k]
    return {
        "text": text.format(l=layer, j=j, up=superscript(layer), next=superscript(layer + 1), **details),
        "choices": [[_("+ positive"), 1], [_("− negative"), -1]],
        "answer": 1 if delta[j] > 0 else -1,
        "neuron": [layer, j],
        "link": link,
    }


def _why_sign(j, _chosen, sums):
    """Say that a slope turns no sign, and where the sign of the other factor comes from."""
    factor = _factor(sums, j)
    if sums.equation == "BP1":
        said = _(" The slope σ′(z) is never negative, so δ has the sign of the difference a − y, {factor}.")
        return said.format(factor=factor)
    said = _(
        " The slope σ′(z) is never negative, so δ has the sign of the sum, {factor}: "
        "the strongest link gives {link}, all others together {others}."
    )
    link = sums.terms[j][0][3]
    others = f"{float(_foot(sums, j, 'sum')) - float(link):+.3g}".replace("-", "−")
    return said.format(factor=factor, link=link.replace("-", "−"), others=others)


def _factor(sums, j):
    return _foot(sums, j, "difference" if sums.equation == "BP1" else "sum").replace("-", "−")


def _foot(sums, j, wanted):
    return next(text for word, _count, text in sums.feet[j] if word == wanted)
