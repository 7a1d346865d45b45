"""A view of a speed-up, round by round, for one mini-batch size after the other, from times that are measured."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import traitlets

from bpteach.arguments import check_count, name_of
from bpteach.performance.timing import Timing
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, mark, raised, svg, write
from bpteach.widgets.widget import Widget, refused_as_trait, static

WORDS = {
    # what is refused
    "no timings": "timings is {found}: expected a dictionary of mini-batch size and Timing, such as "
    "{{10: side_by_side(...)}}.",
    "no timing": "timings[{m}] is {found}: expected a Timing, which side_by_side gives.",
    "other names": "timings[{m}] has times of {found}: expected {expected}, as for the other mini-batch sizes.",
    "no fast": "fast is {found}: expected one of {names}, whose times the others are divided by.",
    "nothing slow": "timings has times of {fast!r} alone: expected another function to compare it with.",
    "no time": "timings[{m}] has a time of {name!r} that is not above 0: measure again with more calls.",
    "no claim": "claims[{index}] is {found}: expected a number above 0.",
    "no such m": "m is {found}: expected one of {sizes}.",
    "no such index": "index is {found}: expected 0 to {last}, a place in the mini-batch sizes.",
    # its name
    "name": "SpeedUpView({fast!r}, mini-batches of {sizes})",
    # the controls
    "controls": "Choose what is shown",
    "m": "Mini-batch size",
    "previous": "Smaller",
    "next": "Larger",
    # the picture
    "position": "{m}",
    "claim": "claim: {claim}",
    "per example": "{time} an example",
    "axis": "how many times as long as {fast}, log scale",
    "legend": "stroke: one round · bar: quartiles · dot: median · grey: other sizes",
    # the sentences
    "sentence": "Mini-batches of {m}: {fast} takes {time} an example{others}.",
    "other": ", {name} {median} times as long",
    "alt": "{sentence} Strokes on a log scale show the ratio of each round: {spreads}. Upright lines mark {claims}.",
    "alt without claims": "{sentence} Strokes on a log scale show the ratio of each round: {spreads}.",
    "spread": "{name} from {low} to {high} between the quartiles",
    # the table
    "head": "{name:<12}{time:>14}{median:>12}   {spread}",
    "head name": "version",
    "head time": "an example",
    "head median": "÷ {fast}",
    "head spread": "quartiles",
    "quartiles": "{low} to {high}",
}

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
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the timings are empty, differ in their names or hold a time that is not above 0, or a choice is not on offer.

    Examples
    --------
    >>> one = Timing({"loop": np.array([3.0, 4.0]), "matrix": np.array([1.0, 2.0])})
    >>> SpeedUpView({1: one}, "matrix")
    SpeedUpView('matrix', mini-batches of 1)
    """

    _esm = static("common.js", "speed_up_view.js")
    _css = static("common.css", "speed_up_view.css")

    frames = traitlets.List().tag(sync=True)
    box = traitlets.Unicode().tag(sync=True)
    index = traitlets.Int().tag(sync=True)

    def __init__(self, timings, fast, *, claims=(), m=None, text_size=16):
        sizes = _checked_sizes(timings)
        names = _checked_names(timings, sizes, fast)
        for place, claim in enumerate(claims):
            _check_claim(place, claim)
        if m is not None and m not in sizes:
            raise ValueError(WORDS["no such m"].format(found=name_of(m), sizes=", ".join(map(str, sizes))))
        self._races = [_race_of(m, timings[m], names, fast) for m in sizes]
        self._scene = _Scene(fast, [float(claim) for claim in claims], _decades(self._races, claims))
        box = (WIDTH, self._height)
        super().__init__(
            WORDS["name"].format(fast=fast, sizes=", ".join(map(str, sizes))),
            {word: WORDS[word] for word in ("controls", "m", "previous", "next")},
            frames=[self._frame(i) for i in range(len(sizes))],
            box=f"0 0 {box[0]} {box[1]}",
            index=0 if m is None else sizes.index(m),
            text_size=text_size,
        )

    @property
    def _height(self):
        return HEAD + ROW * len(self._races[0].rows) + FOOT

    def _frame(self, i):
        """Gather all that the browser shows of one mini-batch size."""
        race = self._races[i]
        return {
            "position": WORDS["position"].format(m=race.m),
            "sentence": _sentence(race, self._scene),
            "alt": _alt(race, self._scene),
            "marks": _picture(i, self._races, self._scene),
        }

    @property
    def text(self):
        """Lay out what is shown.

        Returns
        -------
        str
            A sentence, and a table with one line a version.
        """
        race, fast = self._races[self.index], self._scene.fast
        head = {name: WORDS[f"head {name}"].format(fast=fast) for name in ("name", "time", "median", "spread")}
        rows = [head]
        for row in race.rows:
            spread = WORDS["quartiles"].format(low=_short(row.low), high=_short(row.high))
            rows.append({"name": row.name, "time": _time(row.time), "median": _short(row.median), "spread": spread})
        rows.append({"name": fast, "time": _time(race.time), "median": "1", "spread": ""})
        lines = [WORDS["head"].format(**row).rstrip() for row in rows]
        return "\n".join([self.frames[self.index]["sentence"], *lines])

    @traitlets.validate("index")
    def _check_new_index(self, proposal):
        """Refuse a place outside the mini-batch sizes."""
        return refused_as_trait(_check_index, proposal.value, len(self._races))

    def _still(self):
        frame = self.frames[self.index]
        return frame["alt"], svg(frame["marks"], WIDTH, self._height)


def _checked_sizes(timings):
    if not isinstance(timings, Mapping):
        raise TypeError(WORDS["no timings"].format(found=name_of(timings)))
    if not timings:
        raise ValueError(WORDS["no timings"].format(found=name_of(timings)))
    for m, timing in timings.items():
        check_count("m", m)
        if not isinstance(timing, Timing):
            raise TypeError(WORDS["no timing"].format(m=m, found=name_of(timing)))
    return sorted(timings)


def _checked_names(timings, sizes, fast):
    """Give the names of the slow functions."""
    names = list(timings[sizes[0]].seconds)
    for m in sizes:
        found = list(timings[m].seconds)
        if found != names:
            raise ValueError(WORDS["other names"].format(m=m, found=", ".join(found), expected=", ".join(names)))
        for name in names:
            if not np.min(timings[m].seconds[name]) > 0:
                raise ValueError(WORDS["no time"].format(m=m, name=name))
    if fast not in names:
        raise ValueError(WORDS["no fast"].format(found=name_of(fast), names=", ".join(names)))
    if len(names) == 1:
        raise ValueError(WORDS["nothing slow"].format(fast=fast))
    return [name for name in names if name != fast]


def _check_claim(place, claim):
    if not isinstance(claim, int | float):
        raise TypeError(WORDS["no claim"].format(index=place, found=name_of(claim)))
    if not 0 < claim < math.inf:
        raise ValueError(WORDS["no claim"].format(index=place, found=name_of(claim)))


def _check_index(index, count):
    check_count("index", index, least=0)
    if index >= count:
        raise ValueError(WORDS["no such index"].format(found=index, last=count - 1))


# --- the numbers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """A slow version at one mini-batch size."""

    name: str
    time: float  # seconds an example, median
    ratios: np.ndarray  # one a round
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class _Race:
    """All versions at one mini-batch size."""

    m: int
    time: float  # seconds an example of the fast one, median
    rows: list


@dataclass(frozen=True)
class _Scene:
    """What all pictures share."""

    fast: str
    claims: list
    axis: tuple  # the powers of ten between which it runs


def _race_of(m, timing, names, fast):
    rows = []
    for name in names:
        ratio, ratios = timing.ratio(name, fast), timing.seconds[name] / timing.seconds[fast]
        rows.append(_Row(name, timing.median(name) / m, ratios, ratio.low, ratio.median, ratio.high))
    return _Race(m, timing.median(fast) / m, rows)


def _decades(races, claims):
    """Choose the axis, the same for all mini-batch sizes: whole powers of ten around all ratios, 1 and the claims."""
    ratios = [ratio for race in races for row in race.rows for ratio in row.ratios]
    logarithms = [math.log10(ratio) for ratio in [*ratios, *claims, 1]]
    low = math.floor(min(logarithms))
    return low, max(math.ceil(max(logarithms)), low + 1)


def _short(value):
    """Write a number with three digits, without an exponent: 0.123, 1.37, 21.5, 1560."""
    decimals = min(3, max(0, 2 - math.floor(math.log10(value))))
    rounded = f"{value:.{decimals}f}"
    return rounded if value < 1000 else f"{float(f'{value:.3g}'):.0f}"


def _time(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{_short(seconds / size)} {unit}"
    return f"{_short(seconds / 1e-6)} µs"


# --- the sentences ---------------------------------------------------------------------------------------------------


def _sentence(race, scene):
    others = [WORDS["other"].format(name=row.name, median=_short(row.median)) for row in race.rows]
    words = {"m": race.m, "fast": scene.fast, "time": _time(race.time), "others": "".join(others)}
    return WORDS["sentence"].format(**words)


def _alt(race, scene):
    spreads = [WORDS["spread"].format(name=row.name, low=_short(row.low), high=_short(row.high)) for row in race.rows]
    words = {"sentence": _sentence(race, scene), "spreads": ", ".join(spreads)}
    claims = ", ".join(f"{claim:g}" for claim in scene.claims)
    return WORDS["alt" if claims else "alt without claims"].format(claims=claims, **words)


# --- the picture -----------------------------------------------------------------------------------------------------


def _place(ratio, scene):
    low, high = scene.axis
    return AXIS_LEFT + AXIS_WIDTH * (math.log10(ratio) - low) / (high - low)


def _picture(i, races, scene):
    """Lay out one mini-batch size: the axis and the claims, then a row for each slow version."""
    race = races[i]
    marks = _axis(len(race.rows), scene)
    for k, row in enumerate(race.rows):
        middle = HEAD + ROW * k + 52
        others = [other.rows[k].median for j, other in enumerate(races) if j != i]
        marks += [
            write(0, middle - 4, row.name, LARGE),
            write(0, middle + 15, WORDS["per example"].format(time=_time(row.time)), SMALL),
            *_rounds(row, others, middle, scene),
        ]
    return marks


def _axis(count, scene):
    bottom = HEAD + ROW * count
    marks = []
    for exponent in range(scene.axis[0], scene.axis[1] + 1):
        x = _place(10.0**exponent, scene)
        marks.append(mark("path", "grid", d=f"M{x:.1f} {HEAD}V{bottom}"))
        label = f"{10**exponent:g}" if -4 < exponent < 5 else f"10{raised(exponent)}"
        marks.append(write(x, bottom + 16, label, SMALL, "middle"))
    for claim in scene.claims:
        x = _place(claim, scene)
        marks.append(mark("path", "up", d=f"M{x:.1f} {HEAD - 6}V{bottom}", stroke_width=2, fill="none"))
        marks.append(write(x, HEAD - 14, WORDS["claim"].format(claim=f"{claim:g}"), MIDDLE, "middle"))
    middle = AXIS_LEFT + AXIS_WIDTH / 2
    marks.append(write(middle, bottom + 36, WORDS["axis"].format(fast=scene.fast), SMALL, "middle"))
    return [*marks, write(middle, bottom + 56, WORDS["legend"], SMALL, "middle")]


def _rounds(row, others, middle, scene):
    """Draw what was measured of one version, and its median in numbers."""
    strokes = "".join(f"M{_place(ratio, scene):.1f} {middle - 11}v22" for ratio in row.ratios)
    low, high, x = (_place(ratio, scene) for ratio in (row.low, row.high, row.median))
    grey = "".join(f"M{_place(ratio, scene):.1f} {middle}h0" for ratio in others)  # no length, with round ends
    return [
        mark("path", "line", d=f"M{AXIS_LEFT} {middle}h{AXIS_WIDTH}"),
        mark("path", "line", d=grey, stroke_width=8, stroke_linecap="round"),
        mark("path", "down", d=f"M{low:.1f} {middle}H{max(high, low + 1):.1f}", stroke_width=9, fill="none"),
        mark("path", "ink", d=strokes, stroke_width=1.2),
        mark("path", "dot", d=f"M{x:.1f} {middle}h0", stroke_width=10, stroke_linecap="round"),
        write(x, middle - 18, _short(row.median), LARGE, "middle"),
    ]
