"""The register of learners' functions, right and wrong, that the diagnosis is tested on, and how they are written down.

A register reads a text. A section names what its functions have in common, a row is one function:

    == wrong: missing-transpose; shows last exact ==
    name | style [shows ...; first ...] | code

The code may follow on the lines below. It is the body of a function of the register's arguments; or a whole function,
from its `def`; or another function of the text with pieces of it replaced: `other: this → that && this → that` (¶ is a
new line; nothing after the arrow leaves the line out). Functions of the section "base" are there for that only.
What the gradients show on square layers is a word of SEEN in test_learners.py; a row may show something else.
The options, besides those that `Learner` tells: the names that it `may be` given, and what it `keeps` from call to
call, in a variable outside or in `attributes` of itself, `fn`.
"""

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from strategies import written


@dataclass(frozen=True)
class Learner:
    """One learner's function, and what the diagnosis should make of it."""

    check: str
    kind: str  # right, wrong (one mistake), two (at once), other (one that the catalogue lacks), unclear or odd
    style: str
    function: Callable
    mistake: str | None = None
    mistakes: tuple = ()  # the two; or the names that would do for what is unclear, a cousin of them, as none would
    shows: str | None = None  # what the gradients show
    first: tuple | None = None  # the layer, counted from the end, and the equation where the numbers first go wrong
    states: tuple = ()  # the states that the answer may have
    maker: bool = False  # the function makes the one that is meant

    @property
    def id(self):
        return "-".join(word for word in (self.check, self.mistake or self.kind, self.function.__name__) if word)

    def make(self):
        """Give the function, with a fresh memory if it keeps one from call to call."""
        return self.function() if self.maker else self.function


class Register:
    """The learners' functions for one check; pieces of those of the register that it is `like` can be replaced, too."""

    def __init__(self, check, *arguments, like=None):
        self.check = check
        self.arguments = arguments  # others than the first are those of functions that name their second argument
        self.learners = []
        self._bodies = dict(like._bodies) if like else {}

    def read(self, text, space):
        """Make the functions of a text in the name space of the module that it stands in."""
        section = ""
        for block in re.split(r"\n(?=\S)", text.strip("\n")):
            head, _, below = block.partition("\n")
            if head.startswith("=="):
                section = head.strip("= ")
                continue
            name, style, code = [*head.split(" | ", 2), "", ""][:3]
            style, options = _options(style)
            body = self._body("\n".join(filter(None, [code, textwrap.dedent(below.rstrip())])))
            self._bodies[name] = body
            if section != "base":
                source = self._source(name, body, options)
                function = space[name] = written(source, name, space)
                self.learners.append(Learner(self.check, style=style, function=function, **_about(section, options)))

    def _body(self, text):
        first, _, below = text.partition("\n")
        base, _, change = first.partition(":")
        if base not in self._bodies:
            return text
        body = self._bodies[base]
        for each in filter(None, " && ".join([change.strip(), *below.splitlines()]).split(" && ")):
            old, new = (part.strip() for part in each.split("→"))
            assert old in body, f"{old!r} is not in {base}, which is now\n{body}"
            body = _replaced(body, old, new)
        return body

    def _source(self, name, body, options):
        if re.match(rf"(async )?def {name}\(|@", body):
            return f"{body}\n"
        first, *others = self.arguments
        arguments = next((given for given in others if re.search(rf"\b{given.split(', ')[1]}\b", body)), first)
        if "keeps" in options:
            memory = "" if options["keeps"] == "attributes" else f"{options['keeps']}\n\n"
            body = f"{memory}def fn({arguments}):\n{_indented(body)}\n\nreturn fn"
        is_maker = "keeps" in options or "maker" in options
        return f"def {name}({'' if is_maker else arguments}):\n{_indented(body)}\n"


def _indented(text):
    return textwrap.indent(text, "    ")


def _replaced(body, old, new):
    lines = []
    for line in body.splitlines():
        indentation = line[: len(line) - len(line.lstrip())]
        found = line.replace(old, new.replace(" ¶ ", "\n" + indentation))
        lines += [found] if found.strip() or not line.strip() else []
    return "\n".join(lines)


def _options(style):
    """Part a style from the options in brackets behind it, as {first word: the rest}."""
    word = r"(shows|first|maker|keeps|may be|mistakes?)\b"
    style, brackets = re.fullmatch(rf"(.*?)(?: \[({word}.*)\])?", style).group(1, 2)
    return style, {name: rest.strip() for name, rest in re.findall(rf"{word}([^;]*)", brackets or "")}


def _about(section, options):
    """Say what a learner's function is, from its section and its options."""
    kind, _, names = section.partition(": ")
    about = {"kind": kind, "maker": "maker" in options or "keeps" in options, "shows": options.get("shows")}
    if kind == "wrong":
        about["mistake"], _, shows = names.partition("; shows ")
        about["shows"] = about["shows"] or shows
    if kind == "odd":
        about["states"] = tuple(names.split(", "))
    if "mistake" in options:
        about["mistake"] = options["mistake"]
    if kind in ("two", "unclear"):
        about["mistakes"] = tuple(re.findall(r"[\w-]+", options.get("mistakes") or options.get("may be") or ""))
    if "first" in options:
        layer, equation = options["first"].split(" ")
        about["first"] = int(layer), equation
    return about
