"""What a network makes of a drawing: its answer, the errors on their way back to the pixels, and the words for them."""

import numpy as np

from bpteach.backpropagation import backprop, feedforward
from bpteach.functions import cost
from bpteach.locale import _
from bpteach.widgets.drawing import RECORDED, SIDE, as_mnist
from bpteach.widgets.marks import number, superscript


class Reading:
    """The way forward, to the outputs `a`; and the way back, where there are strokes and a digit that was right.

    `last` is the last step: 0 is the way forward, 1 the errors of the output, and so on, back to the pixels.
    """

    def __init__(self, net, strokes, right):
        x = as_mnist(strokes).astype(net.weights[0].dtype)
        output = feedforward(net, x)
        self.strokes, self.right, self.sizes, self.last = strokes, right, net.sizes, 0
        self.pixels, self.a = _image(x), output.ravel().astype(float)
        if right is None or not strokes:
            return
        y = np.eye(10, dtype=x.dtype)[:, [right]]
        self.deltas, _nabla_w = backprop(net, x, y)  # BP3: nabla_b are the errors
        self.slopes = _image(net.weights[0].T @ self.deltas[0])  # ∂C/∂x
        self.cost, self.last = float(cost(output, y)), len(net.sizes)

    def delta(self, step):
        """Give δ of the layer that a step reaches, and which layer that is."""
        return self.deltas[-step].ravel().astype(float), len(self.sizes) + 1 - step

    def sentences(self):
        if not self.strokes:
            return [_("Nothing drawn yet: draw a digit.")]
        first, second = np.argsort(-self.a, kind="stable")[:2]
        said = _("Your drawing: the network answers {first} ({a}), then {second} ({b}).")
        if self.strokes in [drawing for _meant, drawing in RECORDED]:
            said = _("A recorded drawing: the network answers {first} ({a}), then {second} ({b}).")
        answers = said.format(first=first, a=f"{self.a[first]:.2f}", second=second, b=f"{self.a[second]:.2f}")
        if not self.last:
            return [answers]
        said = _("{answers} It should have been {right}: the cost is {cost}.")
        start = said.format(answers=answers, right=self.right, cost=number(self.cost))
        end = _(
            "Step {last} of {last}, back at the drawing: (w²)ᵀδ² tells for each pixel whether more ink there would "
            "raise or lower the cost."
        )
        return [start, *map(self._way_back, range(1, self.last)), end.format(last=self.last)]

    def _way_back(self, step):
        delta, l = self.delta(step)
        j = int(np.abs(delta).argmax())
        said = _("Step {step} of {last}, a hidden layer: δ{l} is largest at neuron {j}, {value} (BP2). {way}")
        if step == 1:
            said = _("Step {step} of {last}, the output layer: δ{l} is largest at output {j}, {value} (BP1). {way}")
        if not delta[j]:
            said = _("Step {step} of {last}: δ{l} is 0 in all of the layer.")
        raises, lowers = _("A larger z there would raise the cost."), _("A larger z there would lower the cost.")
        way = raises if delta[j] > 0 else lowers
        return said.format(step=step, last=self.last, l=superscript(l), j=j, value=number(delta[j]), way=way)

    def alts(self):
        words, outputs = _("{sentence} Outputs 0 to 9: {outputs}."), _(", ").join(f"{a:.2f}" for a in self.a)
        return [words.format(sentence=sentence, outputs=outputs) for sentence in self.sentences()]

    def text(self, step):
        lines = [self.sentences()[step]]
        if self.strokes:
            delta = [f"δ{superscript(len(self.sizes))}", *map(number, self.delta(1)[0])] if step else [""] * 11
            lines.append(_("digit  output  {delta}").format(delta=delta[0]).rstrip())
            lines += [f"{j:>5}{a:>8.2f}  {delta[j + 1]}".rstrip() for j, a in enumerate(self.a)]
        return "\n".join(lines)


def _image(column):
    return column.reshape(SIDE, SIDE).astype(float)
