"""What the notebooks' checks answered, counted: as text, as JSON, as a picture."""

import re
from collections import Counter
from typing import NamedTuple

from bpteach.classroom.tally.confinement import WORDS as MEANS
from bpteach.classroom.tally.notebooks import CHECKS, readable
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.calls import unfinished
from bpteach.exercises import exercises

WORDS = {
    "line": "{count} of {all}: {label}",
    "sentence": "    {count}: {message}",
    "right": "right",
    "convention": "right, up to a convention",
    "wrong": "another mistake",
    "stopped": "raised an exception or hung",
    "unfinished": "not written yet",
    "waits": "waits for another function that is not written yet",
    "raised": "did not run: {error}",
    "unreadable": "did not run: {reason}",
    "ended": "did not finish: {reason}",
    "missing": "the check is missing",
    "notebooks": "{count} notebooks, each run apart.",
    "notebook": "1 notebook, run apart.",
    "confined": "Confined by:",
    "weak": "The kernel did not confine them: do not run notebooks of people whom you do not trust in this way.",
    "not run": "None could be run.",
    "not ended": "Not run to the end",
    "no checks": "No notebook calls a check: name the function to look at, such as --function backprop_matrix.",
    "exercise": "Exercise {check}",
    "part": "Part {number} ({name})",
    "name": "{name}: {label}",
    "told": "{name}: {label} ({message})",
    "lost": "did not run, or not to the check",
    "rest": "others",
    "axis": "notebooks, of {all}",
    "alt": "Bars of how often each answer was given. {answers}",
    "alt one": "{title}: {lines}.",
}

_NUMBER = re.compile(r"\d{1,2}\.\d{1,2}", re.ASCII)
_PART = re.compile(r"part-(\d{1,2})-(.+)", re.ASCII)

#: How many bars an exercise gets in the picture
BARS = 12

#: How many sentences are told of mistakes that have no name, for each exercise
SENTENCES = 5


class Verdict(NamedTuple):
    """What one notebook did with one exercise.

    Attributes
    ----------
    kind : {"right", "mistake", "open", "lost"}
        Right; a mistake; nothing to judge; the check was not reached.
    label : str
        What is counted.
    message : str
        The check's sentence, where it says more than the label.
    """

    kind: str
    label: str
    message: str = ""


class Tally:
    """How often each mistake was made, exercise by exercise. Print it to read it.

    Parameters
    ----------
    outcomes : dict of str to Outcome
        What running each notebook gave, by its name.
    functions : sequence of str
        The functions that were checked, if it was not left to the notebooks.

    Attributes
    ----------
    notebooks : list of str
        The names.
    verdicts : dict of str to dict of str to Verdict
        Exercise by exercise, what each notebook that has it did.
    """

    def __init__(self, outcomes, functions=()):
        self.notebooks = list(outcomes)
        wanted = _wanted(outcomes, functions)
        checks = _in_order({check for some in wanted.values() for check in some}, outcomes)
        self.verdicts = {
            check: {name: judge(outcome, check) for name, outcome in outcomes.items() if check in wanted[name]}
            for check in checks
        }
        self._not_ended = _sorted(_trouble(outcome) for outcome in outcomes.values() if _trouble(outcome))
        confined = [outcome.by for outcome in outcomes.values() if outcome.by is not None]
        self._by = [means for means in MEANS if confined and all(means in by for by in confined)]

    def counts(self, check):
        """Count the answers to one exercise.

        Parameters
        ----------
        check : str
            The exercise's number, or the name of a check or a function.

        Returns
        -------
        dict of str to int
            How many notebooks, by what they did, the most frequent first.
        """
        return _sorted(verdict.label for verdict in self.verdicts[check].values())

    def lines(self, check):
        """Write the answers to one exercise.

        Parameters
        ----------
        check : str
            As for `counts`.

        Returns
        -------
        list of str
            Such as "9 of 24: missing-transpose".
        """
        return _lines(self.counts(check), len(self.verdicts[check]))

    def __str__(self):
        """Write how many notebooks there were, what they were confined by, and the counts. It holds no names."""
        parts = [(title_of(check), self._told(check)) for check in self.verdicts] or [(WORDS["no checks"], [])]
        if self._not_ended:
            parts.append((WORDS["not ended"], _lines(self._not_ended, len(self.notebooks))))
        texts = ["\n  ".join([title, *lines]) for title, lines in parts]
        return "\n\n".join([self._about(), *texts])

    __repr__ = __str__

    def names(self):
        """Write which notebook did what: for the teacher's eyes only.

        Returns
        -------
        str
            One line a notebook and exercise.
        """
        parts = []
        for check, verdicts in self.verdicts.items():
            parts.append(title_of(check))
            for name, (_, label, message) in verdicts.items():
                told = WORDS["told" if message else "name"]
                parts.append("  " + told.format(name=readable(name), label=label, message=message))
        return "\n".join(parts)

    def to_dict(self, *, names=False):
        """Give the counts as what JSON can hold.

        Parameters
        ----------
        names : bool
            Whether to say which notebook did what.

        Returns
        -------
        dict
            `notebooks`, `confined_by`, `not_ended`, and for each of `exercises` `of`, `counts` and, if asked for,
            `names`.
        """
        answers = {check: {"of": len(some), "counts": self.counts(check)} for check, some in self.verdicts.items()}
        if names:
            for check, verdicts in self.verdicts.items():
                answers[check]["names"] = {
                    readable(name): {"label": verdict.label, "message": verdict.message}
                    for name, verdict in verdicts.items()
                }
        return {
            "notebooks": len(self.notebooks),
            "confined_by": self._by,
            "not_ended": self._not_ended,
            "exercises": answers,
        }

    def picture(self):
        """Draw the counts as bars. This needs Matplotlib.

        Returns
        -------
        Picture
            One group of bars an exercise, the longest on top.
        """
        from bpteach.figures import new_figure, picture

        checks = list(self.verdicts)
        bars = [self._bars(check) for check in checks]
        figure, axes = new_figure(9, 0.6 + sum(0.33 * len(some) + 0.9 for some in bars), rows=max(1, len(checks)))
        axes = [axes] if len(checks) < 2 else axes
        if checks:
            axes[0].get_gridspec().set_height_ratios([len(some) + 1 for some in bars])
        for place, check, some in zip(axes, checks, bars, strict=False):
            _draw(place, title_of(check), some, len(self.verdicts[check]))
        answers = " ".join(
            WORDS["alt one"].format(title=title_of(check), lines=", ".join(self.lines(check))) for check in checks
        )
        return picture(figure, WORDS["alt"].format(answers=answers))

    def _about(self):
        count = len(self.notebooks)
        notebooks = WORDS["notebook" if count == 1 else "notebooks"].format(count=count)
        if not self._by:
            return f"{notebooks} {WORDS['not run']}"
        lines = [f"{notebooks} {WORDS['confined']}", *(f"  {MEANS[means]}" for means in self._by)]
        return "\n".join(lines if {"landlock", "seccomp"} <= set(self._by) else [*lines, WORDS["weak"]])

    def _told(self, check):
        """Write the answers, and below "another mistake" the sentences that were said most often."""
        lines = []
        for label, line in zip(self.counts(check), self.lines(check), strict=True):
            lines.append(line)
            if label == WORDS["wrong"]:
                said = _sorted(verdict.message for verdict in self.verdicts[check].values() if verdict.label == label)
                some = [(message, count) for message, count in said.items() if message][:SENTENCES]
                lines += [WORDS["sentence"].format(count=count, message=message) for message, count in some]
        return lines

    def _bars(self, check):
        """List the bars of an exercise: label, count, kind. What was not reached is one bar."""
        verdicts = [
            (WORDS["lost"] if kind == "lost" else label, kind) for kind, label, _ in self.verdicts[check].values()
        ]
        kinds = dict(verdicts)
        bars = [(label, count, kinds[label]) for label, count in _sorted(label for label, _ in verdicts).items()]
        if len(bars) > BARS:
            rest = sum(count for _, count, _ in bars[BARS - 1 :])
            bars[BARS - 1 :] = [(WORDS["rest"], rest, "open")]
        return bars


def judge(outcome, check):
    """Say what a notebook did with an exercise.

    Parameters
    ----------
    outcome : Outcome
        What running it gave.
    check : str
        The exercise.

    Returns
    -------
    Verdict
        What is counted.
    """
    if check in outcome.found:
        return _verdict(**outcome.found[check])
    if check in outcome.raised:
        return Verdict("lost", WORDS["raised"].format(error=readable(outcome.raised[check])))
    trouble = _trouble(outcome)
    return Verdict("lost", trouble) if trouble else Verdict("open", WORDS["missing"])


def title_of(check):
    """Name an exercise in a heading.

    Parameters
    ----------
    check : str
        Its number, or the name of a check, a function or a graded cell, such as "part-1-forward".

    Returns
    -------
    str
        The heading.
    """
    if _NUMBER.fullmatch(check):
        return WORDS["exercise"].format(check=check)
    part = _PART.fullmatch(readable(check))
    return WORDS["part"].format(number=part[1], name=part[2]) if part else readable(check)


def _verdict(state, mistake, message):
    message = readable(message, 400) if isinstance(message, str) else ""
    if isinstance(mistake, str) and mistake in CATALOGUE and state in ("wrong", "convention", "stopped"):
        return Verdict("mistake", mistake, message)
    if state not in ("right", "convention", "stopped", "unfinished"):
        state = "wrong"
    if state == "right":
        return Verdict("right", WORDS["right"])
    if state == "unfinished" and message in ("", unfinished().message):
        return Verdict("open", WORDS["unfinished"])
    label = "waits" if state == "unfinished" else state
    kinds = {"convention": "right", "wrong": "mistake"}
    return Verdict(kinds.get(state, "open"), WORDS[label], message)


def _trouble(outcome):
    if outcome.unreadable:
        return WORDS["unreadable"].format(reason=readable(outcome.unreadable))
    return WORDS["ended"].format(reason=readable(outcome.ended)) if outcome.ended else ""


def _sorted(labels):
    return dict(sorted(Counter(labels).items(), key=lambda pair: (-pair[1], pair[0])))


def _lines(counts, total):
    return [WORDS["line"].format(count=count, all=total, label=label) for label, count in counts.items()]


def _wanted(outcomes, functions):
    """Say which exercises each notebook should hold: its own, and the usual ones of those with the same file name.

    One of which neither is known, a broken file say, should hold what is usual everywhere.
    """
    if functions:
        return {name: set(functions) for name in outcomes}
    own = {
        name: {check for check in [*outcome.planned, *outcome.found, *outcome.raised] if isinstance(check, str)}
        for name, outcome in outcomes.items()
    }
    by_file = {}
    for name, checks in own.items():
        by_file.setdefault(name.split("/")[-1], []).append(checks)
    usual = _usual(own.values())
    usual_by_file = {file: _usual(several) if len(several) > 1 else set() for file, several in by_file.items()}
    wanted = {}
    for name, checks in own.items():
        here = usual_by_file[name.split("/")[-1]]
        wanted[name] = {check for check in checks if check in usual or _is_check(check)} | here or usual
    return wanted


def _usual(several):
    """Take what at least half of the notebooks hold, of those that hold anything."""
    some = [checks for checks in several if checks]
    times = Counter(check for checks in some for check in checks)
    return {check for check, count in times.items() if 2 * count >= len(some)}


def _is_check(name):
    return name in (exercises(int(name.split(".")[0])) if _NUMBER.fullmatch(name) else CHECKS)


def _in_order(checks, outcomes):
    """Sort exercises by their numbers, the others as the notebooks have them."""
    as_planned = list(dict.fromkeys(check for outcome in outcomes.values() for check in outcome.planned))

    def _place(check):
        numbers = [int(part) for part in check.split(".")] if _NUMBER.fullmatch(check) else []
        position = as_planned.index(check) if check in as_planned else len(as_planned)
        return not numbers, numbers, position, check

    return sorted(checks, key=_place)


def _draw(axes, title, bars, total):
    from bpteach.figures import BLACK, BLUE, ORANGE

    looks = {"right": (BLUE, ""), "mistake": (ORANGE, ""), "open": ("#ffffff", ""), "lost": ("#ffffff", "///")}
    for row, (_, count, kind) in enumerate(bars):
        color, hatch = looks[kind]
        axes.barh(row, count, color=color, hatch=hatch, edgecolor=BLACK, linewidth=0.8, height=0.7)
        axes.annotate(str(count), (count, row), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(bars)), [label.replace("$", r"\$") for label, _, _ in bars])
    axes.invert_yaxis()
    axes.set(xlim=(0, total * 1.05), xlabel=WORDS["axis"].format(all=total))
    axes.set_title(title.replace("$", r"\$"), loc="left")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(visible=False, axis="y")
