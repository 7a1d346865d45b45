"""The stepper's questions before a layer's error δ appears: which sign, or at which neuron it is largest."""

import numpy as np

from bpteach.locale import _
from bpteach.widgets.marks import signed_number, superscript

MOST_CHOICES = 12
FEW_CHOICES = 4


def question(layer, delta, sums, count):
    """Ask what δ of a layer will be; in turn for the neuron where it is largest, and for a sign.

    `sums` are those behind the values `delta`, or None; `count` questions came before. The answer has `text`;
    `choices`, pairs of what stands on a button and what it means; `answer`; what is said when the reader was `right` or
    `wrong`, or asks to be `shown`; `neuron`, layer and place, and the `link` that is named, neuron and weight, both
    empty where there is none. None where there is nothing to guess.
    """
    if not np.isfinite(delta).all() or not delta.any():
        return None
    j = int(np.abs(delta).argmax())
    if count % 2 == 0 and len(delta) > 1:
        asked = _largest(layer, delta, j, sums)
        right, wrong = _("Right: it is largest at neuron {j}, {value}."), _("No: it is largest at neuron {j}, {value}.")
    else:
        asked = _sign(layer, delta, j, sums)
        right, wrong = _("Right: at neuron {j} it is {value}."), _("No: at neuron {j} it is {value}.")
    said = {"right": right, "wrong": wrong, "shown": _("At neuron {j} it is {value}.")}
    value = signed_number(delta[j])
    return asked | {word: sentence.format(j=j, value=value) for word, sentence in said.items()}


def _largest(layer, delta, j, sums):
    choices = range(len(delta))
    text = _("At which of these neurons of layer {l} will δ{up} be largest, whatever its sign?")
    if len(delta) > MOST_CHOICES:
        order = np.argsort(-np.abs(delta), kind="stable")
        choices = sorted(int(order[k * (len(delta) - 1) // (FEW_CHOICES - 1)]) for k in range(FEW_CHOICES))
    elif sums is not None and sums.equation == "BP1":
        text = _(
            "At which neuron of layer {l} will δ{up} be largest, whatever its sign? "
            "Compare what each neuron says with what is wanted."
        )
    text = text.format(l=layer, up=superscript(layer))
    return {"text": text, "choices": [[str(k), k] for k in choices], "answer": j, "neuron": [], "link": []}


def _sign(layer, delta, j, sums):
    text, details, link = _("Which sign will δ{up} have at neuron {j} of layer {l}?"), {}, []
    if sums is not None and sums.equation == "BP1":
        said, wanted = (value for _what, _count, value in sums.feet[j][:2])
        text = _("Which sign will δ{up} have at neuron {j}? It says {said}, and {wanted} is wanted.")
        details = {"said": said, "wanted": f"{float(wanted):g}"}
    elif sums is not None and sums.terms[j]:
        k, w, carried, _product = sums.terms[j][0]
        text = _(
            "Which sign will δ{up} have at neuron {j} of layer {l}? "
            "Its strongest link leads to neuron {k}, with w = {w} and δ{next} = {delta}."
        )
        details = {"k": k, "w": w.replace("-", "−"), "delta": carried.replace("-", "−")}
        link = [k, w]
    return {
        "text": text.format(l=layer, j=j, up=superscript(layer), next=superscript(layer + 1), **details),
        "choices": [[_("+ positive"), 1], [_("− negative"), -1]],
        "answer": 1 if delta[j] > 0 else -1,
        "neuron": [layer, j],
        "link": link,
    }
