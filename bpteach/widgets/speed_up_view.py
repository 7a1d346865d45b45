"""A view of a speed-up, round by round, for one mini-batch size after the other, from times that are measured."""

import copy
import math
from collections.abc import Mapping
from numbers import Integral

import traitlets

from bpteach.arguments import name_of, require_count
from bpteach.locale import N_, _, aligned
from bpteach.performance.timing import Timing
from bpteach.widgets.marks import LARGE, MIDDLE, LogAxis, mark, power_of_ten, short, svg, write
from bpteach.widgets.widget import Place, Widget, printed, static

# The places in the picture, in units of which the text size is 16.
WIDTH, HEAD, ROW, FOOT = 600, 34, 84, 62
AXIS_LEFT, AXIS_WIDTH = 166, 375  # what is left on the right holds half a label


class SpeedUpView(Widget):
    """Choose a mini-batch size, and see the ratios of all rounds between slow versions and a fast one.

    Nothing is measured here: the times are those that `side_by_side` has taken. The browser steps by itself, and tells
    Python which mini-batch size is shown.

    Parameters
    ----------
    timings : dict of int to Timing
        The times, by mini-batch size; the same functions for each.
    fast : str
        The name of the function that the others are divided by.
    claims : sequence of float
        Ratios to mark with an upright line.
    m : int, optional
        The mini-batch size that is shown first; without it, the smallest.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    text : str
        A table of what is shown: time an example, and the ratio's median and quartiles.

    Raises
    ------
    TypeError, ValueError
        If the timings are none, are empty or differ in their names, or a choice is not on offer.

    Examples
    --------
    >>> import numpy as np
    >>> one = Timing({"loop": np.array([3.0, 4.0]), "matrix": np.array([1.0, 2.0])})
    >>> SpeedUpView({1: one}, "matrix")
    SpeedUpView('matrix', mini-batches of 1)
    """

    _esm = static("common.js", "frame_view.js")
    _css = static("common.css")

    linked = ("index",)
    frames = traitlets.List().tag(sync=True)
    box = traitlets.Unicode().tag(sync=True)
    index = Place(lambda widget: len(widget._races) - 1, N_("a place in the mini-batch sizes"))

    def __init__(self, timings, fast, *, claims=(), m=None, text_size=16):
        sizes = _accepted_sizes(timings)
        claims = claims if hasattr(claims, "__len__") else [claims]
        _refuse_claims(claims)
        if m is not None and m not in sizes:
            words = _("m is {found}: expected one of {sizes}.")
            raise ValueError(words.format(found=name_of(m), sizes=_(", ").join(map(str, sizes))))
        self._races = [_Race(m, copy.deepcopy(timings[m]), fast) for m in sizes]
        self._height = HEAD + ROW * len(self._races[0].ratios) + FOOT
        super().__init__(
            _("SpeedUpView({fast!r}, mini-batches of {sizes})").format(fast=fast, sizes=_(", ").join(map(str, sizes))),
            {"step": _("Mini-batch size"), "previous": _("Smaller"), "next": _("Larger")},
            frames=_frames(self._races, claims),
            box=f"0 0 {WIDTH} {self._height}",
            index=0 if m is None else sizes.index(m),
            text_size=text_size,
        )

    @printed
    def text(self):
        """What is shown: a sentence, and a table with one line a version."""
        race = self._races[self.index]
        rows = [(_("version"), _("for an example"), f"÷ {race.fast}", _("quartiles"))]
        for name, ratio in race.ratios.items():
            quartiles = _("{low} to {high}").format(low=short(ratio.low), high=short(ratio.high))
            rows.append((name, race.time(name), short(ratio.median), quartiles))
        rows.append((race.fast, race.time(race.fast), "1", ""))
        lines = [f"{aligned(row[:3], 12, -15, -12)}   {row[3]}".rstrip() for row in rows]
        return "\n".join([race.sentence(), *lines])

    def _still(self):
        view = self.frames[self.index]["views"][0]
        return view["alt"], svg(view["marks"], WIDTH, self._height)


def _accepted_sizes(timings):
    is_dictionary = isinstance(timings, Mapping) and all(isinstance(m, Integral) for m in timings)
    is_dictionary = is_dictionary and all(isinstance(each, Timing) for each in timings.values())
    if not is_dictionary or not timings:
        words = _("timings is {found}: expected a dictionary of mini-batch size and Timing: {{10: side_by_side(...)}}.")
        raise (ValueError if is_dictionary else TypeError)(words.format(found=name_of(timings)))
    for m in timings:
        require_count("m", m)
    return sorted(timings)


def _refuse_claims(claims):
    for index, claim in enumerate(claims):
        is_number = isinstance(claim, int | float)
        if not is_number or not 0 < claim < math.inf:
            words = _("claims[{index}] is {found}: expected a number above 0.")
            raise (ValueError if is_number else TypeError)(words.format(index=index, found=name_of(claim)))


class _Race:
    """All versions at one mini-batch size: the ratios of each slow one, by its name."""

    def __init__(self, m, timing, fast):
        if fast not in timing.seconds:
            words = _("fast is {found}: expected one of {names}, whose times the others are divided by.")
            raise ValueError(words.format(found=name_of(fast), names=_(", ").join(timing.seconds)))
        self.m, self.timing, self.fast = m, timing, fast
        self.ratios = {name: timing.ratio(name, fast) for name in timing.seconds if name != fast}

    def rounds(self, name):
        return self.timing.seconds[name] / self.timing.seconds[self.fast]

    def time(self, name):
        """Write the median of the time that an example takes."""
        seconds = self.timing.median(name) / self.m
        unit, size = next(((unit, size) for unit, size in (("s", 1), ("ms", 1e-3)) if seconds >= size), ("µs", 1e-6))
        return f"{short(seconds / size)} {unit}"

    def sentence(self):
        other = _(", {name} {median} times as long")
        others = "".join(other.format(name=name, median=short(ratio.median)) for name, ratio in self.ratios.items())
        words = _("Mini-batches of {m}: {fast} takes {time} for an example{others}.")
        return words.format(m=self.m, fast=self.fast, time=self.time(self.fast), others=others)

    def alt(self):
        spread = _("{name} from {low} to {high} between the quartiles")
        spreads = [spread.format(name=name, low=short(r.low), high=short(r.high)) for name, r in self.ratios.items()]
        words = _("{sentence} Strokes on a log scale show the ratio of each round: {spreads}.")
        return words.format(sentence=self.sentence(), spreads=_(", ").join(spreads))


def _frames(races, claims):
    """Gather all that the browser shows of each mini-batch size; the axis is the same for all."""
    ratios = [ratio for race in races for name in race.ratios for ratio in race.rounds(name)]
    axis = LogAxis.around([*ratios, *claims, 1], AXIS_LEFT, AXIS_WIDTH)
    frames = []
    for race in races:
        marks = _axis(race, claims, axis)
        for k, name in enumerate(race.ratios):
            marks += _row(race, name, HEAD + ROW * k + 52, axis)
        views = [{"alt": race.alt(), "marks": marks}]
        frames.append({"position": str(race.m), "sentence": race.sentence(), "views": views})
    return frames


def _axis(race, claims, axis):
    bottom, marks = HEAD + ROW * len(race.ratios), []
    for exponent, x in axis.ticks(axis.high - axis.low):
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{bottom}"))
        marks.append(write(x, bottom + 16, power_of_ten(exponent, plain=range(-3, 5)), anchor="middle"))
    for claim in claims:
        x = axis.place(claim)
        marks.append(mark("path", "up", d=f"M{x:.1f} {HEAD - 6}V{bottom}", stroke_width=2, fill="none"))
        marks.append(write(x, HEAD - 14, _("claim: {claim}").format(claim=f"{claim:g}"), MIDDLE, "middle"))
    middle = AXIS_LEFT + AXIS_WIDTH / 2
    title = _("how many times as long as {fast}, log scale").format(fast=race.fast)
    legend = _("stroke: one round · bar: quartiles · dot: median")
    marks.append(write(middle, bottom + 36, title, anchor="middle"))
    return [*marks, write(middle, bottom + 56, legend, anchor="middle")]


def _row(race, name, middle, axis):
    ratio = race.ratios[name]
    strokes = "".join(f"M{axis.place(each):.1f} {middle - 11}v22" for each in race.rounds(name))
    low, high, x = (axis.place(each) for each in (ratio.low, ratio.high, ratio.median))
    return [
        write(0, middle - 4, name, LARGE),
        write(0, middle + 15, _("{time} for an example").format(time=race.time(name))),
        mark("path", "line", d=f"M{AXIS_LEFT} {middle}h{AXIS_WIDTH}"),
        mark("path", "down", d=f"M{low:.1f} {middle}H{max(high, low + 1):.1f}", stroke_width=9, fill="none"),
        mark("path", "ink", d=strokes, stroke_width=1.2),
        mark("path", "dot", d=f"M{x:.1f} {middle}h0", stroke_width=10, stroke_linecap="round"),
        write(x, middle - 18, short(ratio.median), LARGE, "middle"),
    ]
