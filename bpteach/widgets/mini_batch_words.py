"""What the mini-batch explorer says beside its pictures: a sentence, a comparison, and a table."""

import numpy as np

from bpteach.locale import _, aligned
from bpteach.widgets.marks import number
from bpteach.widgets.mini_batch_errors import ErrorPicture
from bpteach.widgets.mini_batch_weights import WeightPicture


def view_of(batch, layer, quantity, store):
    """Give all that the page shows of a quantity: its picture, and the words for every example."""
    if quantity == "nabla_w":
        picture = WeightPicture(batch, layer, store)
    else:
        picture = ErrorPicture(batch, layer, store, has_sums=quantity == "nabla_b")
    words = Words(batch, layer, quantity)
    return {
        "panels": picture.panels(),
        "sentences": [words.sentence(i) for i in range(batch.count)],
        "verdicts": [words.verdict(i) for i in range(batch.count)],
    }


class Words:
    """The words for one quantity of one layer. Examples are counted as the columns of X are, from 0."""

    def __init__(self, batch, layer, quantity):
        self.batch, self.layer, self.quantity = batch, layer, quantity

    def filled(self, words, i, **more):
        about = {"i": i, "so_far": self.batch.so_far(i), "all": self.batch.count, "digits": self.layer.digits}
        return words.format(**about, label=self.batch.labels[i], **self.layer.names, **more)

    def sentence(self, i):
        """Say which column it is, and how many examples are in the sum."""
        said = _("Example {i}, labelled {label}: its {delta} is column {i} of {Delta}")
        if self.batch.labels[i] is None:
            said = _("Example {i}: its {delta} is column {i} of {Delta}")
        return self.filled(said + (_(".") if self.quantity == "delta" else _("; the sum holds {so_far} examples.")), i)

    def verdict(self, i):
        """Compare the loop with the matrices: no rounding errors, which differ by machine."""
        layer = self.layer
        if self.quantity == "delta":
            said = _("Column {i} of {Delta} and the loop's {delta} of example {i} differ by {apart}.")
            if layer.is_close:
                said = _(
                    "Column {i} of {Delta} is the loop's {delta} of example {i}, to {digits} digits. "
                    "The columns do not mix."
                )
            return self.filled(said, i, apart=unbroken(layer.differences[i]))
        apart = layer.apart[self.quantity][i]
        said = _("All {all} examples are in: the loop's sum equals {sum}, to {digits} digits.")
        if i < self.batch.count - 1:
            said = _(
                "The loop has added {so_far} examples; its sum is still {apart} (relative difference) away from "
                "{sum}, which adds all {all} at once."
            )
        elif apart > 10.0**-layer.digits:
            said = _("All {all} examples are in, and the loop's sum differs from {sum}: relative, {apart}.")
        return self.filled(said, i, sum=layer.names[self.quantity], apart=unbroken(apart))

    def table(self, i):
        """List the numbers of every neuron, the loop's beside the matrices', as lines of text."""
        layer = self.layer
        titles, *columns = {
            "delta": ([_("loop's {delta}"), _("column {i} of {Delta}")], layer.deltas[i], layer.Delta[:, i]),
            "nabla_b": ([_("sum of {so_far}"), _("matrices' sum")], layer.sums_b[i], layer.nabla_b.ravel()),
            "nabla_w": (
                [_("‖sum of {so_far}‖"), _("‖matrices' sum‖")],
                layer.lengths[i],
                np.linalg.norm(layer.nabla_w, axis=1),
            ),
        }[self.quantity]
        rows = [["j", *(self.filled(title, i) for title in titles)]]
        rows += [[j, *map(number, values)] for j, values in enumerate(zip(*columns, strict=True))]
        return [aligned(row, -4, -18, -18) for row in rows]


def unbroken(value):
    return number(value).replace(" ", "\N{NO-BREAK SPACE}")
