"""What the mini-batch explorer says beside its pictures: sentences, comparisons, what is heard, and a table."""

import numpy as np

from bpteach.locale import _
from bpteach.widgets.marks import number
from bpteach.widgets.mini_batch_errors import ErrorPicture
from bpteach.widgets.mini_batch_picture import which
from bpteach.widgets.mini_batch_weights import WeightPicture


def view_of(batch, layer, quantity, store):
    """Give all that the page shows of a quantity: its picture, and the words for every example."""
    if quantity == "nabla_w":
        picture = WeightPicture(batch, layer, store)
    else:
        picture = ErrorPicture(batch, layer, store, has_sums=quantity == "nabla_b")
    words = Words(batch, layer, quantity)
    examples = range(batch.count)
    return {
        "panels": picture.panels(),
        "sentences": [words.sentence(i) for i in examples],
        "verdicts": [words.verdict(i) for i in examples],
        "alts": [[words.loop_alt(i) for i in examples], [words.matrices_alt(i) for i in examples]],
    }


class Words:
    """The words for one quantity of one layer."""

    def __init__(self, batch, layer, quantity):
        self.batch, self.layer, self.quantity = batch, layer, quantity

    def filled(self, words, i, **more):
        """Fill in what sentences say of an example and its layer."""
        about = {"i": i, "position": self.batch.position(i), "all": self.batch.count, "digits": self.layer.digits}
        return words.format(**about, **self.layer.names, **more)

    def sentence(self, i):
        """Say which column it is, and how many examples are in the sum."""
        start, label = which(self.batch, i), self.batch.labels[i]
        if label is not None:
            start = _("{which}, labelled {right}").format(which=start, right=label)
        more = _("; the sum holds {position} examples.")
        if self.quantity == "delta":
            more = "."
        elif self.batch.count == 1:
            more = _("; it is the whole sum.")
        elif i == self.batch.count - 1:
            more = _("; the sum holds all {all} examples.")
        return self.filled(_("{which}: its {delta} is column {i} of {Delta}") + more, i, which=start)

    def verdict(self, i, *, still=False):
        """Compare the loop with the matrices; a still picture gives no rounding errors, which differ by machine."""
        return self.columns_compared(i, still) if self.quantity == "delta" else self.sums_compared(i, still)

    def columns_compared(self, i, still):
        said = _(
            "Column {i} of {Delta} is the loop's {delta} of this example: the largest difference is {difference}, "
            "in all columns {largest}. The columns do not mix."
        )
        if not self.layer.is_close:
            said = _("Column {i} of {Delta} and the loop's {delta} differ by {difference}.")
        elif still:
            said = _("Column {i} of {Delta} is the loop's {delta} of this example, to {digits} digits.")
        differences = self.layer.differences
        return self.filled(said, i, difference=unbroken(differences[i]), largest=unbroken(differences.max()))

    def sums_compared(self, i, still):
        apart, count = self.layer.apart[self.quantity][i], self.batch.count
        said = _("All {all} examples are in: the loop's sum equals {sum}, relative difference {apart}.")
        if i < count - 1:
            said = _(
                "The loop has added {position} examples; its sum is still {apart} (relative difference) away from "
                "{sum}, which adds all {all} at once."
            )
        elif apart > 10.0**-self.layer.digits:
            said = _("All {all} examples are in, and the loop's sum differs from {sum}: relative, {apart}.")
        elif count == 1:
            said = _("A single example is the whole sum, in the loop and in {sum}.")
        elif still:
            said = _("All {all} examples are in: the loop's sum equals {sum}, to {digits} digits.")
        return self.filled(said, i, sum=self.layer.names[self.quantity], apart=unbroken(apart))

    def loop_alt(self, i):
        delta = self.layer.deltas[i]
        j = np.abs(delta).argmax()
        column = _(
            "{delta}, a column of {count} cells, {above} above zero, {below} below; largest: {largest} at j = {j}"
        )
        said = _("The loop: {column}.")
        if self.quantity == "nabla_b":
            said = _("The loop: {column}; beside it bars, the sum of {position} examples.")
        elif self.quantity == "nabla_w":
            said = _("The loop: {delta} {a} of example {i} as an image, and below it the sum of {position} examples.")
        counts = {"count": len(delta), "above": sum(delta > 0), "below": sum(delta < 0)}
        return self.filled(said, i, column=self.filled(column, i, largest=number(delta[j]), j=j, **counts))

    def matrices_alt(self, i):
        said = _("The matrices: {Delta}, {rows} neurons by {all} examples, with column {i} outlined")
        said += {
            "delta": ".",
            "nabla_b": _("; beside it bars, the sum of each row."),
            "nabla_w": _(", times {A} with row {i} outlined; below them their product, all examples summed."),
        }[self.quantity]
        return self.filled(said, i, rows=len(self.layer.Delta))

    def table(self, i):
        """List the numbers of every neuron, the loop's beside the matrices', as lines of text."""
        layer = self.layer
        titles = [_("loop's {delta}"), _("column {i} of {Delta}"), _("sum of {position}"), _("matrices' sum")]
        columns = [layer.deltas[i], layer.Delta[:, i], layer.sums_b[i], layer.nabla_b.ravel()]
        if self.quantity == "nabla_w":
            titles[:2] = [_("‖δ_j {a}‖")] * 2
            outer, running = layer.lengths[i]
            matrices = np.abs(layer.Delta[:, i]) * np.linalg.norm(layer.A[:, i])
            columns = [outer, matrices, running, np.linalg.norm(layer.nabla_w, axis=1)]
        most = 2 if self.quantity == "delta" else 4
        rows = [["j", *(self.filled(title, i) for title in titles[:most])]]
        rows += [[j, *map(number, values)] for j, values in enumerate(zip(*columns[:most], strict=True))]
        return [f"{j:>4}" + "".join(f"{cell:>18}" for cell in cells) for j, *cells in rows]


def unbroken(value):
    return number(value).replace(" ", "\N{NO-BREAK SPACE}")
