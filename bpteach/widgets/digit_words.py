"""What the drawing widget says of a reading: a sentence for each step, what is heard, and a table."""

import numpy as np

from bpteach.locale import _, ngettext
from bpteach.widgets.digit_picture import WIDTH, groups, height, hint
from bpteach.widgets.drawing import is_recorded
from bpteach.widgets.marks import number, superscript


def answer_to(reading):
    """Gather what the page shows of a reading: its picture and the words for every step."""
    said = sentences(reading)
    return {
        "right": reading.right,
        "box": f"0 0 {WIDTH} {height(reading)}",
        "sentences": said,
        "alts": alts(reading, said),
        "groups": groups(reading),
        "hint": hint(reading),
    }


def sentences(reading):
    if not reading.strokes:
        return [_("Nothing drawn yet: draw a digit.")]
    first, second = np.argsort(-reading.a, kind="stable")[:2]
    said = _("Your drawing: the network answers {first} ({a}), then {second} ({b}).")
    if is_recorded(reading.strokes):
        said = _("A recorded drawing: the network answers {first} ({a}), then {second} ({b}).")
    answers = said.format(first=first, a=f"{reading.a[first]:.2f}", second=second, b=f"{reading.a[second]:.2f}")
    if not reading.last:
        return [answers]
    start = _("{answers} It should have been {right}: the cost is {cost}.")
    start = start.format(answers=answers, right=reading.right, cost=number(reading.cost))
    end = _(
        "Step {last} of {last}, back at the drawing: (w²)ᵀδ² tells for each pixel whether more ink there would raise "
        "or lower the cost."
    )
    return [start, *(_backward(reading, step) for step in range(1, reading.last)), end.format(last=reading.last)]


def _backward(reading, step):
    delta, l = reading.delta(step)
    j = int(np.abs(delta).argmax())
    said = _("Step {step} of {last}, a hidden layer: δ{l} is largest at neuron {j}, {value} (BP2). {way}")
    way = _("A larger z there would lower the cost.")
    if step == 1:
        said = _("Step {step} of {last}, the output layer: δ{l} is largest at output {j}, {value} (BP1). {way}")
    if delta[j] > 0:
        way = _("A larger z there would raise the cost.")
    if delta[j] == 0:
        said = _("Step {step} of {last}: δ{l} is 0 in all of the layer.")
    return said.format(step=step, last=reading.last, l=superscript(l), j=j, value=number(delta[j]), way=way)


def alts(reading, said):
    outputs = ", ".join(f"{a:.2f}" for a in reading.a)
    return [_("{sentence} Outputs 0 to 9: {outputs}.").format(sentence=each, outputs=outputs) for each in said]


def drawing_alt(strokes):
    if not strokes:
        return _("Beside it, an empty drawing area.")
    said = ngettext("Beside it, the drawing: one stroke.", "Beside it, the drawing: {count} strokes.", len(strokes))
    return said.format(count=len(strokes))


def text(reading, step):
    """Write down what a step shows; with δ of the output layer once it has been reached."""
    lines = [sentences(reading)[step]]
    if reading.strokes:
        delta = [f"δ{superscript(len(reading.sizes))}", *map(number, reading.delta(1)[0])] if step else [""] * 11
        lines.append(_("digit  output  {delta}").format(delta=delta[0]).rstrip())
        lines += [f"{j:>5}{a:>8.2f}  {delta[j + 1]}".rstrip() for j, a in enumerate(reading.a)]
    return "\n".join(lines)
