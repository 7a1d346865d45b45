"""What an entry of the catalogue holds, and the equations and lines of the book that the hints refer to."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bpteach.locale import N_, _

EQUATIONS = {
    "(25)": N_("a^l = σ(w^l a^{l−1} + b^l)"),
    "BP1": N_("δ^L = (a^L − y) ⊙ σ′(z^L)"),
    "BP2": N_("δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l)"),
    "BP3": N_("∂C/∂b^l = δ^l, summed over the examples"),
    "BP4": N_("∂C/∂w^l = δ^l (a^{l−1})ᵀ"),
    "(20)": N_("w → w − (η/m) Σ ∂C_x/∂w, and b → b − (η/m) Σ ∂C_x/∂b"),
}
OF_ONE_EXAMPLE = EQUATIONS | {"BP3": N_("∂C/∂b^l = δ^l")}

LINES = {
    "(25)": "Z = w @ A + b",
    "BP1": "Delta = (activations[-1] - Y) * sigmoid_prime(Zs[-1])",
    "BP2": "Delta = (net.weights[-l + 1].T @ Delta) * sigmoid_prime(Zs[-l])",
    "BP3": "nabla_b[-l] = Delta.sum(axis=1, keepdims=True)",
    "BP4": "nabla_w[-l] = Delta @ activations[-l - 1].T",
    "(20)": "net.weights[l] -= eta / m * nabla_w[l]",
}


def of_one_example(line):
    """Write a line of code for the columns of one example: small letters, and nothing to sum."""
    line = line.replace(".sum(axis=1, keepdims=True)", "")
    return re.sub(r"\b(?:Zs?|A|X|Y|Delta)\b", lambda name: name[0].lower(), line)


def three_hints(where, equation, why="", line="", single=False):
    """Give the hints to a mistake: where to look, which rule and why, and the line, by default the equation's."""
    rule = _("{equation}: {formula}").format(
        equation=equation, formula=_((OF_ONE_EXAMPLE if single else EQUATIONS)[equation])
    )
    line = _(line) if line else LINES[equation]
    line = of_one_example(line) if single else line
    return (
        where,
        _("{rule}. {why}").format(rule=rule, why=why) if why else rule,
        _("The line: `{line}`").format(line=line),
    )


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake of the catalogue: all that the checks, the gallery and the grading know of it."""

    name: str
    equation: str
    about: str  # what the code does, in words
    wrong: str  # the wrong line of code, in the matrix form
    mended: str = ""  # the right one where it is not the equation's
    said: str  # what the learner is told
    where: str  # and where to look
    why: str  # and why it is wrong
    convention: str = ""  # those three, as lines, of a step where a constant is a matter of convention
    # how wrong gradients arise, each a dict of lines of `algorithm.RIGHT` replaced; with "said", what this one is told,
    # and with "said of a step", what it is told of a step
    forms: tuple = ()
    steps: tuple = ()  # how a wrong step arises from right gradients, functions of (net, X, Y, eta)
    function: Callable | None = None  # where all numbers are right: one of (net, X, Y) that makes the mistake
    shows_in_a_step: bool = True

    @property
    def right(self):
        return self.mended or LINES[self.equation]

    @property
    def is_of_the_step(self):
        return not self.forms and self.function is None

    def hints(self, single=False):
        return three_hints(_(self.where), self.equation, _(self.why), self.mended, single)

    def in_a_step(self):
        """Give what it is where not a gradient is looked at but the step."""
        if not self.convention:
            return self
        said, where, why = _(self.convention).split("\n")
        return replace(self, equation="(20)", mended="", said=said, where=where, why=why)


@dataclass(frozen=True, kw_only=True)
class RareMistake:
    """A mistake that is too rare for the catalogue, and has no name there."""

    said: str  # with braces for layer, part and equation
    forms: tuple  # dicts of lines of `algorithm.RIGHT` replaced; for a step, functions of (net, X, Y, eta) as well
    equation: str | None = ""  # which one is wrong: nothing for where numbers first go wrong, None for no equation
    where: str = ""  # the first hint
