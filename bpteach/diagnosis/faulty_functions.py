"""Functions that make a mistake of the catalogue: a gradient, a step, an output layer."""

import copy

from bpteach.arguments import require_one_of
from bpteach.diagnosis.algorithm import gradients, output_layer, take_step
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.probes import Probe
from bpteach.diagnosis.step_check import followed
from bpteach.locale import _


def faulty(name):
    """Make a function like `backprop_matrix` that makes one mistake of the catalogue.

    Parameters
    ----------
    name : str
        The mistake's name.

    Returns
    -------
    callable
        A function of (net, X, Y) that returns (nabla_b, nabla_w); for a mistake of the update step, what that step
        amounts to: (old − new) · m/η, with η = 1, the second time that it is taken.

    Raises
    ------
    ValueError
        If the catalogue has no such mistake.
    """
    mistake = _named(name)
    if mistake.is_of_the_step:
        return _gradient_of(mistake.steps[0])
    return mistake.function or (lambda net, X, Y: gradients(net, X, Y, mistake.forms[0]))


def _gradient_of(step):
    def gradient(net, X, Y):
        own = copy.deepcopy(step)  # one that remembers its calls begins anew
        for after in (copy.deepcopy(net), copy.deepcopy(net)):
            own(after, X, Y, 1.0)
        return tuple(followed(Probe(net, X, Y, 1.0, single=False), after))

    return gradient


def faulty_update(name):
    """Make a function of (net, X, Y, eta), like `update_mini_batch_matrix`, that makes one mistake of the catalogue."""
    mistake = _named(name)
    if mistake.is_of_the_step:
        return copy.deepcopy(mistake.steps[0])  # one that remembers its calls begins anew
    gradient = faulty(name)
    if not mistake.shows_in_a_step:
        raise ValueError(_("name is {name!r}, which a step does not show: use faulty.").format(name=name))
    return lambda net, X, Y, eta: take_step(net, gradient(net, X, Y), eta / X.shape[1])


def faulty_output_layers():
    """Give pairs: a mistake, and a function of (Z, A, A_before, Y) that makes it where δ, ∂C/∂b, ∂C/∂w are computed."""
    lines_there = {"difference", "output slope", "nabla_b", "nabla_w", "said", "said of a step"}
    forms = ((mistake, lines) for mistake in CATALOGUE.values() for lines in mistake.forms)
    return [(mistake, output_layer(lines)) for mistake, lines in forms if lines.keys() <= lines_there]


def _named(name):
    require_one_of("name", name, CATALOGUE)
    return CATALOGUE[name]
