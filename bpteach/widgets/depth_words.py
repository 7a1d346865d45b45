"""The words of the view of δ in every layer: the sentences, the alt texts, and how its numbers are written."""

import numpy as np

from bpteach.widgets.marks import number, raised

WORDS = {
    # the examples and the layers
    "1 example": "1 example",
    "examples": "{count} examples",
    "position": "{number} of {count}",
    "read": "{right}, read as {answer}",
    "output": "output",
    "first hidden": "first hidden",
    # the numbers
    "share": "{percent:.0f}\N{NO-BREAK SPACE}%",
    "nearly none": "<\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}%",
    "nearly all": ">\N{NO-BREAK SPACE}99\N{NO-BREAK SPACE}%",
    "tiny mean": "< 0.001",
    "factor": "‖δ{last}‖ ÷ ‖δ²‖, median: {factor}",
    "no factor": "none, δ² is 0",
    "right of": "read right: {right} of {count}",
    # the sentences
    "which": "Example {position}",
    "which, read": "Example {position} ({read})",
    "at": "Epoch {epoch}, example {position}",
    "at, read": "Epoch {epoch}, example {position} ({read})",
    "shrinks": "{which}: the error shrinks from {last} at layer {depth} to {first} at layer 2; "
    "{share} of layer 2 is saturated.",
    "grows": "{which}: the error grows from {last} at layer {depth} to {first} at layer 2; "
    "{share} of layer 2 is saturated.",
    "stays": "{which}: the error is {last} at layer {depth} and at layer 2; {share} of layer 2 is saturated.",
    "one layer": "{which}: the error is {last} at layer 2, the only one after the input; {share} of it is saturated.",
    # what is heard instead of the pictures
    "alt errors": "The size of the error of {examples}, a row for each layer, on a log scale. Medians: {norms}.{more}",
    "alt norm": "‖δ{l}‖ = {norm}",
    "alt factor": " ‖δ{last}‖ ÷ ‖δ²‖ is {factor} in the median.",
    "alt slopes": "How many neurons have which slope σ′(z), from 0 to 0.25, a row for each layer. Saturated: "
    "{shares}.{more}",
    "alt share": "layer {l} {share}",
    "alt right": " Read right: {right} of {count}.",
}


# --- the examples and the layers -------------------------------------------------------------------------------------


def how_many(count):
    """Count the examples.

    Parameters
    ----------
    count : int
        Their number.

    Returns
    -------
    str
        Such as 32 examples.
    """
    return WORDS["1 example" if count == 1 else "examples"].format(count=count)


def position(i, count):
    """Say which example it is.

    Parameters
    ----------
    i : int
        The example, counted from 0.
    count : int
        How many there are.

    Returns
    -------
    str
        Such as 3 of 32.
    """
    return WORDS["position"].format(number=i + 1, count=count)


def read_as(i, look, scene):
    """Say what an example is, and what the network takes it for.

    Parameters
    ----------
    i : int
        The example, counted from 0.
    look : Look
        The epoch.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    str
        Such as `7, read as 9`; nothing where Y holds no classes.
    """
    return "" if scene.classes is None else WORDS["read"].format(right=scene.classes[i], answer=look.answers[i])


def layer_name(k, scene):
    """Name the two layers at the ends.

    Parameters
    ----------
    k : int
        The row of layer k + 2.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    str
        Nothing for a layer between them.
    """
    return WORDS["output"] if k == scene.depth - 1 else WORDS["first hidden"] if k == 0 else ""


# --- the numbers -----------------------------------------------------------------------------------------------------


def percent(share):
    """Write a share.

    Parameters
    ----------
    share : float
        From 0 to 1.

    Returns
    -------
    str
        In whole per cent; 0 and 100 only where it is all or nothing.
    """
    if 0 < share < 0.005:
        return WORDS["nearly none"]
    return WORDS["nearly all"] if 0.995 < share < 1 else WORDS["share"].format(percent=100 * share)


def mean_number(mean):
    """Write a mean of slopes.

    Parameters
    ----------
    mean : float
        The mean.

    Returns
    -------
    str
        With three decimals.
    """
    return f"{mean:.3f}" if mean >= 0.0005 else WORDS["tiny mean"]


def factor_number(factor):
    """Write a factor.

    Parameters
    ----------
    factor : float
        The factor.

    Returns
    -------
    str
        With two digits, or as a whole number below 1000.
    """
    return f"{factor:.0f}" if 9.95 <= factor < 999.5 else number(factor)


def factor_line(look, scene):
    """Say by what factor ‖δ‖ changes on its way back through all layers.

    Parameters
    ----------
    look : Look
        The epoch.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    str
        Nothing where there is only one layer.
    """
    if scene.depth == 1:
        return ""
    factor = WORDS["no factor"] if look.factor is None else factor_number(look.factor)
    return WORDS["factor"].format(last=raised(scene.depth + 1), factor=factor)


def right_line(look, scene):
    """Say how many examples are read right.

    Parameters
    ----------
    look : Look
        The epoch.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    str
        Nothing where Y holds no classes.
    """
    return "" if look.right is None else WORDS["right of"].format(right=look.right, count=scene.count)


# --- the sentences ---------------------------------------------------------------------------------------------------


def sentence(i, index, look, scene):
    """Say what becomes of the error of an example on its way back.

    Parameters
    ----------
    i : int
        The example, counted from 0.
    index : int
        The epoch's place, counted from 0.
    look : Look
        The epoch.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    str
        One sentence.
    """
    read = read_as(i, look, scene)
    which = ("at" if scene.changes else "which") + (", read" if read else "")
    which = WORDS[which].format(epoch=scene.epochs[index], position=position(i, scene.count), read=read)
    first, last = (number(look.norms[k, i]) for k in (0, -1))
    change = "stays" if first == last else "shrinks" if look.norms[0, i] < look.norms[-1, i] else "grows"
    words = WORDS["one layer" if scene.depth == 1 else change]
    return words.format(which=which, first=first, last=last, depth=scene.depth + 1, share=percent(look.saturated[0]))


def alts(look, scene):
    """Say what is to be seen in the two pictures, whichever example is chosen.

    Parameters
    ----------
    look : Look
        The epoch.
    scene : Scene
        What all epochs have in common.

    Returns
    -------
    list of str
        For ‖δ‖, and for the slopes.
    """
    layers = range(scene.depth - 1, -1, -1)
    norms = [WORDS["alt norm"].format(l=raised(k + 2), norm=number(np.median(look.norms[k]))) for k in layers]
    shares = [WORDS["alt share"].format(l=k + 2, share=percent(look.saturated[k])) for k in layers]
    factor, right = "", ""
    if scene.depth > 1 and look.factor is not None:
        factor = WORDS["alt factor"].format(last=raised(scene.depth + 1), factor=factor_number(look.factor))
    if look.right is not None:
        right = WORDS["alt right"].format(right=look.right, count=scene.count)
    return [
        WORDS["alt errors"].format(examples=how_many(scene.count), norms=", ".join(norms), more=factor),
        WORDS["alt slopes"].format(shares=", ".join(shares), more=right),
    ]
