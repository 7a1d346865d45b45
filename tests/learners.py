"""The register of learners' functions, right and wrong, that the diagnosis is tested on."""

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Learner:
    """One learner's function, and what the diagnosis should make of it.

    `kind` is "right", "wrong" (one mistake of the catalogue), "two" (two of them at once), "other" (a mistake that the
    catalogue lacks), "unclear" (a cousin of a mistake: `mistakes` are the names that would do, and none would do as
    well) or "odd" (it raises, hangs, returns no gradients, ...). `mistake` names the mistake, `mistakes` the two.
    `shows` is what the gradients show on square layers, where a variant shows something else than the catalogue says.
    `first` is the layer, counted from the end, and the equation where the numbers first go wrong. `states` are the
    states that the answer may have. With `maker`, the function makes the one that is meant.
    """

    check: str
    kind: str
    style: str
    function: Callable
    mistake: str | None = None
    mistakes: tuple = ()
    shows: str | None = None
    first: tuple | None = None
    states: tuple = ()
    maker: bool = False

    @property
    def id(self):
        """Name the case for the reader of the test's report."""
        return "-".join(word for word in (self.check, self.mistake or self.kind, self.function.__name__) if word)

    def make(self):
        """Give the function, with a fresh memory if it keeps one from call to call."""
        return self.function() if self.maker else self.function


class Register:
    """Decorators that keep a learner's function in a list."""

    def __init__(self, check):
        self.check = check
        self.learners = []

    def _keep(self, kind, style, **more):
        def keep(function):
            self.learners.append(Learner(self.check, kind, style, function, **more))
            return function

        return keep

    def right(self, style, **more):
        """Keep a right one."""
        return self._keep("right", style, **more)

    def wrong(self, mistake, style, **more):
        """Keep one with a single mistake of the catalogue."""
        return self._keep("wrong", style, mistake=mistake, **more)

    def two(self, first_mistake, second_mistake, style, **more):
        """Keep one with two mistakes of the catalogue."""
        return self._keep("two", style, mistakes=(first_mistake, second_mistake), **more)

    def unclear(self, *names, style, **more):
        """Keep one whose mistake may be called by one of these names, or by none."""
        return self._keep("unclear", style, mistakes=names, **more)

    def other(self, style, **more):
        """Keep one with a mistake that the catalogue lacks."""
        return self._keep("other", style, **more)

    def odd(self, *states, style, **more):
        """Keep one that is no such function at all; `states` are the answers that are fit."""
        return self._keep("odd", style, states=states, **more)

    def extend(self, learners):
        """Keep those of another check as well, asked about by this one."""
        self.learners.extend(replace(learner, check=self.check) for learner in learners)
