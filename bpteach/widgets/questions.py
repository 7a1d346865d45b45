"""Questions that are asked before a layer's error δ appears: which sign, or at which neuron it is largest."""

import numpy as np

from bpteach.widgets.marks import number, raised

WORDS = {
    "largest, output": "At which neuron of layer {l} will δ{up} be largest, whatever its sign? "
    "Compare what each neuron says with what is wanted.",
    "largest": "At which of these neurons of layer {l} will δ{up} be largest, whatever its sign?",
    "sign, output": "Which sign will δ{up} have at neuron {j}? It says {said}, and {wanted} is wanted.",
    "sign": "Which sign will δ{up} have at neuron {j} of layer {l}? "
    "Its strongest link leads to neuron {k}, with w = {w} and δ{next} = {delta}.",
    "bare sign": "Which sign will δ{up} have at neuron {j} of layer {l}?",
    "positive": "+ positive",
    "negative": "− negative",
    "right": "Right: at neuron {j} it is {value}.",
    "wrong": "No: at neuron {j} it is {value}.",
    "right, largest": "Right: it is largest at neuron {j}, {value}.",
    "wrong, largest": "No: it is largest at neuron {j}, {value}.",
    "shown": "At neuron {j} it is {value}.",
}

MOST_CHOICES = 12
FEW_CHOICES = 4


def question(event, delta, sums, count):
    """Ask what δ of a layer will be; in turn for the neuron where it is largest, and for a sign.

    Parameters
    ----------
    event : Event
        The δ that the reader does not yet see.
    delta : array, shape (n_l,)
        Its values for one example.
    sums : Sums or None
        How they come about.
    count : int
        How many questions came before.

    Returns
    -------
    dict or None
        `text`; `choices`, pairs of what stands on a button and what it means; `answer`; what is said when the reader
        was `right` or `wrong`, or asks to be `shown`; `neuron`, layer and place, and the `link` that is named, neuron
        and weight, both empty where there is none. None where there is nothing to guess.
    """
    delta = np.asarray(delta, dtype=np.float64)
    if not np.isfinite(delta).all() or not delta.any():
        return None
    j = int(np.abs(delta).argmax())
    value = ("+" if delta[j] > 0 else "") + number(delta[j])
    details = {"j": j, "value": value, "l": event.layer, "up": raised(event.layer), "next": raised(event.layer + 1)}
    is_largest = count % 2 == 0 and len(delta) > 1
    asked = _largest(delta, j, sums, details) if is_largest else _sign(delta, j, sums, details)
    said = {word: WORDS[f"{word}, largest" if is_largest else word].format(**details) for word in ("right", "wrong")}
    return {**asked, **said, "shown": WORDS["shown"].format(**details)}


def _largest(delta, j, sums, details):
    is_output = sums is not None and sums.name == "BP1"
    choices = range(len(delta))
    if len(delta) > MOST_CHOICES:
        order = np.argsort(-np.abs(delta), kind="stable")
        choices = sorted(int(order[k * (len(delta) - 1) // (FEW_CHOICES - 1)]) for k in range(FEW_CHOICES))
    text = WORDS["largest, output" if is_output and len(delta) <= MOST_CHOICES else "largest"].format(**details)
    return {"text": text, "choices": [[str(k), k] for k in choices], "answer": j, "neuron": [], "link": []}


def _sign(delta, j, sums, details):
    word, more, link = "bare sign", {}, []
    if sums is not None and sums.name == "BP1":
        said, wanted = (text.lstrip("+") for _, _, text in sums.feet[j][:2])
        word, more = "sign, output", {"said": said, "wanted": f"{float(wanted):g}"}
    elif sums is not None and sums.terms[j]:
        k, w, carried, _ = sums.terms[j][0]
        link = [k, w]
        word, more = "sign", {"k": k, "w": w.replace("-", "−"), "delta": carried.replace("-", "−")}
    text = WORDS[word].format(**details, **more)
    return {
        "text": text,
        "choices": [[WORDS["positive"], 1], [WORDS["negative"], -1]],
        "answer": 1 if delta[j] > 0 else -1,
        "neuron": [details["l"], j],
        "link": link,
    }
