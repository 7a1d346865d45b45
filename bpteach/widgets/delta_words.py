"""What both views of δ say: which example it is, what becomes of its error on the way back, what a layer is called."""

from bpteach.locale import _
from bpteach.widgets.marks import number, superscript


def read_as(right, answer):
    """Say what an example is, and what the network takes it for; nothing where Y holds no classes."""
    return "" if right is None else _("{right}, read as {answer}").format(right=right, answer=answer)


def sentence(position, read, norms, epoch=None):
    """Say what becomes of an example's error, whose `norms` are given from layer 2 on."""
    which = _("Example {position}") if epoch is None else _("Epoch {epoch}, example {position}")
    which = which.format(position=position, epoch=epoch) + (_(" ({read})").format(read=read) if read else "")
    first, last = number(norms[0]), number(norms[-1])
    if len(norms) == 1:
        said = _("{which}: the error is {last} at the output, the only layer after the input.")
    elif first == last:
        said = _("{which}: the error is {last} at the output and at the first hidden layer.")
    elif norms[0] < norms[-1]:
        said = _("{which}: the error shrinks from {last} at the output to {first} at the first hidden layer.")
    else:
        said = _("{which}: the error grows from {last} at the output to {first} at the first hidden layer.")
    return said.format(which=which, first=first, last=last)


def layers(count):
    """List for each layer after the input, the output first: its place, the symbol of δ, the layer's name."""
    names = [_("output"), *[_("hidden")] * (count - 2), *[_("first hidden")][: count - 1]]
    return [(k, f"δ{superscript(k + 2)}", name) for k, name in zip(reversed(range(count)), names, strict=True)]
