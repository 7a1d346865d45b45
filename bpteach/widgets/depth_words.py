"""The words of the view of δ in every layer: its sentences, its alt texts, and how its numbers are written."""

import numpy as np

from bpteach.locale import _
from bpteach.widgets.examples import how_many, position
from bpteach.widgets.marks import number, superscript


def read_as(i, epoch, scene):
    """Say what an example is, and what the network takes it for; nothing where Y holds no classes."""
    if scene.classes is None:
        return ""
    return _("{right}, read as {answer}").format(right=scene.classes[i], answer=epoch.answers[i])


def layer_name(k, scene):
    """Name the two layers at the ends, and none between them."""
    return _("output") if k == scene.depth - 1 else _("first hidden") if k == 0 else ""


def percent(share):
    """Write a share in whole per cent, as 0 or 100 only where it is nothing or all."""
    said = "< 1 %" if 0 < share < 0.005 else "> 99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def mean_number(mean):
    return f"{mean:.3f}" if mean >= 0.0005 else "< 0.001"


def factor_number(factor):
    """Write a factor with two digits, or as a whole number below 1000."""
    return f"{factor:.0f}" if 9.95 <= factor < 999.5 else number(factor)


def factor_line(epoch, scene):
    """Say by what factor ‖δ‖ changes on its way back; nothing where there is only one layer."""
    if scene.depth == 1:
        return ""
    factor = _("none, δ² is 0") if epoch.factor is None else factor_number(epoch.factor)
    return _("‖δ{last}‖ ÷ ‖δ²‖, median: {factor}").format(last=superscript(scene.depth + 1), factor=factor)


def right_line(epoch, scene):
    """Say how many examples are read right; nothing where Y holds no classes."""
    if epoch.right is None:
        return ""
    return _("read right: {right} of {count}").format(right=epoch.right, count=scene.count)


def sentence(i, epoch, scene):
    """Say what becomes of the error of an example on its way back."""
    which = _("Epoch {epoch}, example {position}") if scene.changes else _("Example {position}")
    which = which.format(epoch=epoch.number, position=position(i, scene.count))
    if scene.classes:
        which += f" ({read_as(i, epoch, scene)})"
    norms, said = epoch.norms[:, i], _("{which}: {change}; {share} of layer 2 is saturated.")
    first, last = number(norms[0]), number(norms[-1])
    if scene.depth == 1:
        change = _("the error is {last} at layer 2, the only one after the input")
        said = _("{which}: {change}; {share} of it is saturated.")
    elif first == last:
        change = _("the error is {last} at layer {depth} and at layer 2")
    elif norms[0] < norms[-1]:
        change = _("the error shrinks from {last} at layer {depth} to {first} at layer 2")
    else:
        change = _("the error grows from {last} at layer {depth} to {first} at layer 2")
    change = change.format(first=first, last=last, depth=scene.depth + 1)
    return said.format(which=which, change=change, share=percent(epoch.saturated[0]))


def alts(epoch, scene):
    """Say what is to be seen in the two pictures, whichever example is chosen."""
    layers = range(scene.depth - 1, -1, -1)
    norms = ", ".join(f"‖δ{superscript(k + 2)}‖ = {number(np.median(epoch.norms[k]))}" for k in layers)
    shares = ", ".join(_("layer {l} {share}").format(l=k + 2, share=percent(epoch.saturated[k])) for k in layers)
    errors = _("The size of the error of {examples}, a row for each layer, on a log scale. Medians: {norms}.")
    slopes = _("How many neurons have which slope σ′(z), from 0 to 0.25, a row for each layer. Saturated: {shares}.")
    errors, slopes = errors.format(examples=how_many(scene.count), norms=norms), slopes.format(shares=shares)
    if scene.depth > 1 and epoch.factor is not None:
        factor = _("‖δ{last}‖ ÷ ‖δ²‖ is {factor} in the median.")
        errors += " " + factor.format(last=superscript(scene.depth + 1), factor=factor_number(epoch.factor))
    if epoch.right is not None:
        slopes += " " + _("Read right: {right} of {count}.").format(right=epoch.right, count=scene.count)
    return [errors, slopes]
