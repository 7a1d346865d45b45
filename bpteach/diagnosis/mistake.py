"""What an entry of the catalogue holds, and the equations and lines of the book that the hints refer to."""

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

LINES = {
    "(25)": "Z = w @ A + b",
    "BP1": "Delta = (activations[-1] - Y) * sigmoid_prime(Zs[-1])",
    "BP2": "Delta = (net.weights[-l + 1].T @ Delta) * sigmoid_prime(Zs[-l])",
    "BP3": "nabla_b[-l] = Delta.sum(axis=1, keepdims=True)",
    "BP4": "nabla_w[-l] = Delta @ activations[-l - 1].T",
    "(20)": "net.weights[l] -= eta / m * nabla_w[l]",
}
LINES_FOR_ONE_EXAMPLE = {
    "(25)": "z = w @ a + b",
    "BP1": "delta = (activations[-1] - y) * sigmoid_prime(zs[-1])",
    "BP2": "delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])",
    "BP3": "nabla_b[-l] = delta",
    "BP4": "nabla_w[-l] = delta @ activations[-l - 1].T",
}


def three_hints(where, equation, why="", line=None, single=False):
    """Give the hints to a mistake: where to look, which rule and why, and the line, by default the equation's."""
    rule = f"{equation}: {_(EQUATIONS[equation])}"
    line = line or (LINES_FOR_ONE_EXAMPLE if single else LINES)[equation]
    return where, f"{rule}. {why}" if why else rule, _("The line: `{line}`").format(line=line)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is said of a mistake to the learner: the message, where to look, and why it is wrong."""

    said: str
    where: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Mistake(Told):
    """One mistake of the catalogue: all that the checks, the gallery and the grading know of it.

    In words: what the code does (`about`), the `wrong` line of code in the matrix form, and the `mended` one where it
    is not the equation's (and for one example, where it is another); what is said where a constant is a matter of
    `convention` and not a gradient is looked at but the step.

    In numbers: `forms` are the ways in which wrong gradients arise, each a dict of lines of
    `bpteach.diagnosis.algorithm` that are replaced; `steps` are the ways in which a wrong step arises from right
    gradients, functions of (net, X, Y, eta). Where all numbers are right, `function` is one of (net, X, Y) that makes
    the mistake.
    """

    name: str
    equation: str
    about: str
    wrong: str
    mended: str = ""
    mended_for_one: str = ""
    convention: Told | None = None
    forms: tuple = ()
    steps: tuple = ()
    function: Callable | None = None
    shows_in_a_step: bool = True

    @property
    def right(self):
        """The right line of code, in the matrix form."""
        return self.mended or LINES[self.equation]

    @property
    def is_of_the_step(self):
        """Whether only a step can show it."""
        return not self.forms and self.function is None

    def hints(self, single=False):
        """Give the three hints to it, for a mini-batch or for one example."""
        line = (single and self.mended_for_one) or self.mended
        return three_hints(_(self.where), self.equation, _(self.why), line, single)

    def in_a_step(self):
        """Give what it is where not a gradient is looked at but the step."""
        if not self.convention:
            return self
        return replace(self, equation="(20)", mended="", **vars(self.convention))
