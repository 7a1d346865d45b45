"""What the notebooks' checks answered, counted: as text, as JSON, as a picture. All words are bpteach's own."""

import re
from collections import Counter
from typing import NamedTuple

from bpteach.classroom.supervisor import ATTEMPTS, NUMBER
from bpteach.locale import N_, _, joined, ngettext, readable

#: What mistakes are called that have no name, and how many sentences are told of them, for each exercise
UNNAMED, SENTENCES = N_("another mistake"), 5


class Verdict(NamedTuple):
    """What one notebook did with one exercise: its kind, the label that is counted, a sentence that says more.

    Kinds are "right"; "mistake"; "open", nothing to judge; "lost", the check was not reached.
    """

    kind: str
    label: str
    message: str = ""

    def __str__(self):
        return f"{self.label} ({self.message})" if self.message else self.label


class Tally:
    """How often each mistake was made, exercise by exercise; print it to read it.

    It is made of outcomes, by the notebooks' names. `verdicts` holds, exercise by exercise, what each notebook that has
    it did.
    """

    def __init__(self, outcomes, about=""):
        self._outcomes, self._about = outcomes, about
        wanted = wanted_checks(outcomes)
        self.verdicts = {
            check: {name: verdict_of(outcome, check) for name, outcome in outcomes.items() if check in wanted[name]}
            for check in in_order({check for some in wanted.values() for check in some}, outcomes)
        }
        self._troubles = most_frequent(outcome.trouble for outcome in outcomes.values() if outcome.trouble)
        self._attempts = most_frequent(words for outcome in outcomes.values() for words in _reached_for(outcome))

    def counts(self, check):
        """Count the notebooks by what they did with an exercise, the most frequent first."""
        return most_frequent(verdict.label for verdict in self.verdicts[check].values())

    def lines(self, check):
        """Write the answers to an exercise, such as "9 of 24: missing-transpose"."""
        return _lines(self.counts(check), len(self.verdicts[check]))

    def __str__(self):
        """Write how many notebooks there were, what they were confined by, and the counts. It holds no names."""
        count = len(self._outcomes)
        about = ngettext("1 notebook, run apart.", "{count} notebooks, each run apart.", count).format(count=count)
        parts = [f"{about}\n{self._about}"]
        parts += ["\n  ".join([title_of(check), *self._told(check)]) for check in self.verdicts]
        if not self.verdicts:
            parts.append(_("No notebook calls a check, such as check_backprop_matrix(backprop_matrix)."))
        if self._troubles:
            parts.append("\n  ".join([_("Not run to the end"), *_lines(self._troubles, count)]))
        if self._attempts:
            parts.append("\n  ".join([_("Reached for what they are not given"), *_lines(self._attempts, count)]))
        return "\n\n".join(parts)

    __repr__ = __str__

    def names(self):
        """Write which notebook did what, a line each: for the teacher's eyes only."""
        lines = []
        for check, verdicts in self.verdicts.items():
            lines += [title_of(check), *(f"  {readable(name)}: {verdict}" for name, verdict in verdicts.items())]
        reached = {readable(name): _(", ").join(_reached_for(outcome)) for name, outcome in self._outcomes.items()}
        if any(reached.values()):
            lines.append(_("Reached for what they are not given"))
        return "\n".join([*lines, *(f"  {name}: {words}" for name, words in reached.items() if words)])

    def to_dict(self, *, names=False):
        """Give the counts as what JSON can hold; with `names` also which notebook did what."""
        answers = {check: {"of": len(some), "counts": self.counts(check)} for check, some in self.verdicts.items()}
        for check, verdicts in self.verdicts.items() if names else ():
            answers[check]["names"] = {readable(name): verdict._asdict() for name, verdict in verdicts.items()}
        return {
            "notebooks": len(self._outcomes),
            "confined_by": self._about,
            "not_ended": self._troubles,
            "attempts": self._attempts,
            "exercises": answers,
        }

    def picture(self):
        """Draw the counts as bars, one group an exercise, the longest on top. This needs Matplotlib."""
        from bpteach.figures import new_figure, picture

        bars = {check: self._bars(check) for check in self.verdicts}
        height = 0.6 + sum(0.33 * len(some) + 0.9 for some in bars.values())
        figure, axes = new_figure(9, height, rows=max(1, len(bars)))
        axes = axes if len(bars) > 1 else [axes]
        if bars:
            axes[0].get_gridspec().set_height_ratios([len(some) + 1 for some in bars.values()])
        for place, (check, some) in zip(axes, bars.items(), strict=False):
            _draw(place, title_of(check), some, len(self.verdicts[check]))
        answer = _("{check}: {answers}.")
        answers = [answer.format(check=title_of(check), answers=_(", ").join(self.lines(check))) for check in bars]
        return picture(figure, _("Bars of how often each answer was given. {answers}").format(answers=joined(*answers)))

    def _told(self, check):
        """Write the answers, and below the mistakes without a name the sentences that were said most often."""
        lines = []
        for label, line in zip(self.counts(check), self.lines(check), strict=True):
            lines.append(line)
            if label == _(UNNAMED):
                said = [verdict.message for verdict in self.verdicts[check].values() if verdict.label == label]
                some = list(most_frequent(filter(None, said)).items())[:SENTENCES]
                lines += [f"    {count}: {message}" for message, count in some]
        return lines

    def _bars(self, check):
        """List the bars of an exercise: label, count, kind. What was not reached is one bar."""
        lost = _("did not run, or not to the check")
        pairs = [(lost if kind == "lost" else label, kind) for kind, label, _said in self.verdicts[check].values()]
        kinds = dict(pairs)
        return [(label, count, kinds[label]) for label, count in most_frequent(label for label, _kind in pairs).items()]


def _reached_for(outcome):
    return [_(ATTEMPTS[what]) for what in sorted(outcome.attempts)]


def verdict_of(outcome, check):
    if check in outcome.found:
        return _verdict(*outcome.found[check])
    if check in outcome.raised:
        return Verdict("lost", _("did not run: {reason}").format(reason=outcome.raised[check]))
    return Verdict("lost", outcome.trouble) if outcome.trouble else Verdict("open", _("the check is missing"))


def _verdict(state, mistake, message, waits):
    if mistake and state in ("wrong", "convention", "stopped"):
        return Verdict("mistake", mistake, message)
    if state == "unfinished":
        waiting = _("waits for another function that is not written yet")
        return Verdict("open", waiting if waits else _("not written yet"))
    return {
        "right": Verdict("right", _("right")),
        "convention": Verdict("right", _("right, up to a convention"), message),
        "wrong": Verdict("mistake", _(UNNAMED), message),
        "stopped": Verdict("open", _("raised an exception or hung"), message),
    }[state]


def title_of(check):
    """Name an exercise in a heading: by its number, that of a part, or the name of a check or a function."""
    if NUMBER.fullmatch(check):
        return _("Exercise {check}").format(check=check)
    part = re.fullmatch(r"part-(\d)-(.+)", check)
    return _("Part {number} ({name})").format(number=part[1], name=part[2]) if part else readable(check)


def most_frequent(labels):
    return dict(sorted(Counter(labels).items(), key=lambda pair: (-pair[1], pair[0])))


def _lines(counts, total):
    line = _("{count} of {all}: {label}")
    return [line.format(count=count, all=total, label=label) for label, count in counts.items()]


def wanted_checks(outcomes):
    """Say which exercises each notebook should hold: its own, and the usual ones of those with the same file name.

    One of which neither is known, a broken file say, should hold what is usual everywhere.
    """
    own = {name: {*outcome.planned, *outcome.found, *outcome.raised} for name, outcome in outcomes.items()}
    by_file = {}
    for name, checks in own.items():
        by_file.setdefault(name.split("/")[-1], []).append(checks)
    usual = _usual(own.values())
    usual_by_file = {file: _usual(several) if len(several) > 1 else set() for file, several in by_file.items()}
    return {name: checks | usual_by_file[name.split("/")[-1]] or usual for name, checks in own.items()}


def _usual(several):
    """Take what at least half of the notebooks hold, of those that hold anything."""
    some = [checks for checks in several if checks]
    times = Counter(check for checks in some for check in checks)
    return {check for check, count in times.items() if 2 * count >= len(some)}


def in_order(checks, outcomes):
    """Sort exercises by their numbers, the others as the notebooks have them."""
    as_planned = list(dict.fromkeys(check for outcome in outcomes.values() for check in outcome.planned))

    def place(check):
        numbers = [int(part) for part in check.split(".")] if NUMBER.fullmatch(check) else []
        position = as_planned.index(check) if check in as_planned else len(as_planned)
        return not numbers, numbers, position, check

    return sorted(checks, key=place)


def _draw(axes, title, bars, total):
    from bpteach.figures import BLACK, BLUE, ORANGE

    looks = {"right": (BLUE, ""), "mistake": (ORANGE, ""), "open": ("#ffffff", ""), "lost": ("#ffffff", "///")}
    for row, (_label, count, kind) in enumerate(bars):
        color, hatch = looks[kind]
        axes.barh(row, count, color=color, hatch=hatch, edgecolor=BLACK, linewidth=0.8, height=0.7)
        axes.annotate(str(count), (count, row), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(bars)), [label for label, _count, _kind in bars])
    axes.invert_yaxis()
    axes.set(xlim=(0, total * 1.05), xlabel=_("notebooks, of {all}").format(all=total))
    axes.set_title(title, loc="left")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(visible=False, axis="y")
