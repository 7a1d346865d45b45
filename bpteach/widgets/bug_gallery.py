"""A gallery of mistakes: the line of code, the gradient, what a gradient check says, and the accuracy."""

import textwrap

import numpy as np
import traitlets

from bpteach.arguments import name_of
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import CHECKS, PROBES, Curve, accepted_names, accepts, attempt
from bpteach.locale import N_, _
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, mark, moved, superscript, svg, write
from bpteach.widgets.widget import Place, Widget, static

# Where a mistake is seen: the choice, and the head of its column in the table.
PLACES = {
    "fresh": (N_("three layers of weights, before training"), N_("before training")),
    "one hidden layer": (N_("one hidden layer, before training"), N_("one hidden layer")),
    "one example": (N_("one example instead of four"), N_("one example")),
    "trained": (N_("a trained network"), N_("trained")),
}

# What stands beside the words for what an array looks like; ≠ for all else.
SIGNS = {"exact": "=", "zero": "0", "factor": "×", "shape": "[]", "flat": "[]"}

# The places in the pictures, in units of which the text size is 16.
CELL, ROW, TOP = 14, 78, 62
RIGHT_LEFT, WRONG_LEFT, WORDS_LEFT, WIDTH = 66, 168, 298, 510
CHART_WIDTH, CHART_HEIGHT, PLOT_LEFT, PLOT_TOP, PLOT_BOTTOM = 290, 296, 48, 92, 252
GAP = 24  # between the two pictures

STILL_STYLE = (
    ".bpteach-plus { fill: #d55e00 } .bpteach-minus { fill: none; stroke: #0072b2 } "
    ".bpteach-square { fill: none; stroke: #8a8a8a } .bpteach-wrong-line { fill: none; stroke: #d55e00 } "
    ".bpteach-wrong-dot { fill: #ffffff; stroke: #d55e00 } .bpteach-right-dot { fill: #212121 } "
    ".bpteach-cover { fill: #ffffff } .bpteach-code { font-family: monospace } "
)


class BugGallery(Widget):
    """Choose a mistake, and see what it does: to the gradient, to a gradient check, to the accuracy.

    Every picture comes from a run: wrong gradients are compared with numerical ones on four small networks when the
    widget is made. After that the browser steps by itself, and tells Python what is shown.

    Parameters
    ----------
    curves : dict of str to Curve, optional
        What `bpteach.diagnosis.effects.accuracy_curves` gives. Without it, no accuracy is shown.
    mistake : str, optional
        The mistake that is shown first: a name of `CATALOGUE`. Without it, the first.
    probe : int
        The network on which it is shown first, 0 to 3: three layers of weights; one hidden layer; one example; a
        trained network.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    mistake : str
        The name of the mistake that is shown.
    text : str
        All that is shown, as text.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `mistake` or `probe` does not exist, `curves` lacks the right one, or `text_size` is not on offer.

    Examples
    --------
    >>> gallery = BugGallery(mistake="factor-two")
    >>> gallery.mistake
    'factor-two'
    """

    _esm = static("common.js", "bug_gallery.js")
    _css = static("common.css", "bug_gallery.css")

    exhibits = traitlets.List().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    probes = traitlets.List().tag(sync=True)
    heads = traitlets.List().tag(sync=True)
    checks = traitlets.List().tag(sync=True)
    exhibit = Place(lambda widget: len(CATALOGUE) - 1, N_("counted in the order of CATALOGUE"))
    probe = Place(lambda widget: len(PROBES) - 1)

    def __init__(self, curves=None, *, mistake=None, probe=0, text_size=16):
        curves, names = _accepted_curves(curves), list(CATALOGUE)
        exhibit = 0 if mistake is None else names.index(*accepted_names([mistake]))
        self.choose(exhibit=exhibit, probe=probe, text_size=text_size)
        trained = _(", trained") if curves else ""
        super().__init__(
            _("BugGallery({count} mistakes{trained})").format(count=len(names), trained=trained),
            {
                "controls": _("Choose a mistake"),
                "mistake": _("Mistake"),
                "probe": _("Seen on"),
                "right code": _("right"),
                "wrong code": _("wrong"),
                "table": _("What a gradient check says of the wrong code (! = the check is fooled)"),
                "check": _("largest error allowed"),
                "accepts": _("! accepts"),
                "refuses": _("refuses"),
            },
            exhibits=[_exhibit(number, name, curves) for number, name in enumerate(names, start=1)],
            choices=[f"{number}. {name}" for number, name in enumerate(names, start=1)],
            probes=[_(PLACES[name][0]) for name in PROBES],
            heads=[_(PLACES[name][1]) for name in PROBES],
            checks=[_check_name(kind, tolerance) for kind, tolerance in CHECKS],
        )

    @property
    def mistake(self):
        """The name of the mistake that is shown."""
        return self.exhibits[self.exhibit]["name"]

    @property
    def text(self):
        """All that is shown: the sentence, the code, each layer, what the checks say everywhere, the accuracy."""
        shown, words = self.exhibits[self.exhibit], self.words
        lines = [shown["sentences"][self.probe], *_code_lines(shown), *shown["notes"]]
        lines += [shown["pictures"][self.probe]["alt"], "", words["table"], _table_row(words["check"], self.heads)]
        for check, row in zip(self.checks, shown["verdicts"], strict=True):
            lines.append(_table_row(check, (words["accepts" if accepted else "refuses"] for accepted in row)))
        return "\n".join([*lines, *([shown["accuracy"]["alt"]] if shown["accuracy"] else [])])

    def _still(self):
        shown = self.exhibits[self.exhibit]
        picture, accuracy = shown["pictures"][self.probe], shown["accuracy"]
        marks = [write(0, 20, self.choices[self.exhibit], LARGE)]
        for line in _code_lines(shown):
            marks.append(write(0, 44 + 20 * (len(marks) - 1), line, SMALL, kind="code"))
        top = 40 + 20 * (len(marks) - 1)
        marks += moved(picture["marks"], 0, top)
        if accuracy:
            marks += moved(accuracy["marks"], WIDTH + GAP, top)
        width = WIDTH + (GAP + CHART_WIDTH if accuracy else 0)
        alt = " ".join([shown["sentences"][self.probe], picture["alt"]])
        return alt, svg(marks, width, top + max(picture["height"], CHART_HEIGHT), STILL_STYLE)


def _accepted_curves(curves):
    if curves is None:
        return {}
    if not isinstance(curves, dict) or not all(isinstance(curve, Curve) for curve in curves.values()):
        words = _("curves is {found}: expected what accuracy_curves gives, or nothing.")
        raise TypeError(words.format(found=name_of(curves)))
    if "right" not in curves or not curves["right"].accuracy:
        raise ValueError(_("curves holds no curve named 'right': expected what accuracy_curves gives."))
    return curves


# --- one exhibit -----------------------------------------------------------------------------------------------------


def _exhibit(number, name, curves):
    entry, effects = CATALOGUE[name], [attempt(name, probe) for probe in PROBES]
    curve, right = curves.get(name), curves.get("right")
    sentence = _("{number} of {count}: {name}. What the code does: {about}.").format(
        number=number, count=len(CATALOGUE), name=name, about=_(entry.about)
    )
    training = [_training(curve, right)] if curve else []
    return {
        "name": name,
        "right": entry.right,
        "wrong": entry.wrong,
        "notes": _notes(entry, effects[0]),
        "sentences": [" ".join([sentence, _gradient(entry.is_of_the_step, effect), *training]) for effect in effects],
        "pictures": [_picture(entry.is_of_the_step, effect) for effect in effects],
        "verdicts": [[accepts(effect.found, effect.expected, *check) for effect in effects] for check in CHECKS],
        "accuracy": _chart(curve, right) if curve else None,
    }


def _notes(entry, effect):
    in_the_step = _(
        "The gradients are right, and a gradient check alone would accept them all. Here the step is looked at: "
        "(old − new) · m/η, of the second of two steps."
    )
    notes = {
        _("It stands in the line of {equation}."): entry.equation,
        in_the_step: entry.is_of_the_step,
        _("Beside the numbers: it has changed {changed}, which was not its own."): effect.changed,
        _("Beside the numbers: two of the arrays that it returns share memory."): effect.shares,
    }
    return [note.format(equation=entry.equation, changed=effect.changed) for note, is_so in notes.items() if is_so]


def _gradient(of_step, effect):
    if effect.found is None:
        return _("Here it raises an error.")
    exact = [look.kind == "exact" for looks in effect.looks for look in looks]
    what = _("step") if of_step else _("gradient")
    words = _("Here {exact} of {count} arrays of the {what} are exact.")
    if all(exact):
        words = _("Here nothing shows: the {what} is exact.")
    return words.format(exact=sum(exact), count=len(exact), what=what)


def _training(curve, right):
    if not curve.accuracy:
        return _("With [784, 30, 10] it cannot be trained.")
    words = _("Trained with it, a network reads {wrong} right, without it {right}.")
    return words.format(wrong=_percent(curve.accuracy[-1]), right=_percent(right.accuracy[-1]))


def _percent(share):
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def _check_name(kind, tolerance):
    kind = _("relative") if kind == "relative" else _("absolute")
    return f"10{superscript(round(np.log10(tolerance)))}, {kind}"


def _code_lines(shown):
    """Write both pieces of code, each after its label."""
    labelled = ((_("right"), shown["right"]), (_("wrong"), shown["wrong"]))
    return [line for label, code in labelled for line in f"{label}: {code}".replace("\n", f"\n{'':7}").splitlines()]


def _table_row(name, cells):
    return f"{name:<24}{''.join(f'{cell:<20}' for cell in cells)}".rstrip()


# --- the picture of a gradient ---------------------------------------------------------------------------------------


def _picture(of_step, effect):
    count = len(effect.pairs)
    title = _("the step as a gradient, layer by layer") if of_step else _("∂C/∂b and ∂C/∂w, layer by layer")
    marks = [
        write(0, 16, title, MIDDLE),
        write(0, 36, _("a square for each number: filled +, hollow −")),
        write(RIGHT_LEFT, TOP - 6, _("right")),
        write(WRONG_LEFT, TOP - 6, _("with the mistake")),
    ]
    if effect.found is not None:
        marks.append(write(WORDS_LEFT, TOP - 6, _("compared (relative error)")))
    for row, l in enumerate(range(count + 1, 1, -1)):
        top = TOP + ROW * row
        marks.append(write(0, top + 28, _("layer {l}").format(l=l), MIDDLE))
        marks.append(write(0, top + 44, _("output") if row == 0 else _("hidden")))
        marks += _layer(effect.pairs[l - 2], effect.looks[l - 2], top)
    if effect.found is None:
        lines = textwrap.wrap(effect.raised, 44)
        marks += [write(WRONG_LEFT, TOP + 30 + 18 * i, line) for i, line in enumerate(lines)]
    height = TOP + ROW * count
    return {"marks": marks, "box": f"0 0 {WIDTH} {height}", "height": height, "alt": _alt(effect)}


def _alt(effect):
    if effect.found is None:
        return _("It raises an error: {error}.").format(error=effect.raised)
    row = _("Layer {l}: biases {b}, weights {w}")
    rows = [row.format(l=l, b=b.words, w=w.words) for l, (b, w) in enumerate(effect.looks, start=2)]
    words = _("Squares show every number of the gradient, right on the left, with the mistake on the right. {rows}.")
    return words.format(rows="; ".join(rows[::-1]))


def _layer(pairs, looks, top):
    """Draw a layer's two arrays, right and with the mistake, to one scale for both, and say what they look like."""
    marks, lefts = [], [RIGHT_LEFT, WRONG_LEFT]
    for y, name, (found, expected), look in zip((top + 26, top + 52), "bw", pairs, looks, strict=True):
        scale = max(_largest(found), _largest(expected)) or 1
        for side, array in enumerate((expected, found)):
            if array is not None:
                cells = _cells(array)
                marks += _squares(cells, lefts[side], top + 6, scale)
                marks.append(write(lefts[side], top + 74, name))
                lefts[side] += CELL * cells.shape[1] + 12
        if found is not None:
            kind = "good" if look.kind == "exact" else "bad"
            marks.append(write(WORDS_LEFT, y, f"{name} {SIGNS.get(look.kind, '≠')}", MIDDLE, kind=kind))
            lines = textwrap.wrap(look.words, 30)
            first = y - 8 * (len(lines) - 1)
            marks += [write(WORDS_LEFT + 36, first + 15 * i, line, SMALL) for i, line in enumerate(lines)]
    return marks


def _cells(array):
    """Give an array as a matrix of at most four rows and columns, an array without rows as one row."""
    return np.atleast_2d(np.nan_to_num(np.asarray(array, dtype=float)))[:4, :4]


def _largest(array):
    return 0.0 if array is None else float(np.max(np.abs(np.nan_to_num(array)), initial=0))


def _squares(cells, left, top, scale):
    """Draw a matrix: a square for each number, its area the number's size."""
    rows, columns = cells.shape
    marks = [mark("rect", "square", x=left, y=top, width=CELL * columns, height=CELL * rows)]
    for kind, sign, most in (("plus", 1, 12), ("minus", -1, 10.5)):
        d = ""
        for j, k in np.argwhere(cells * sign > 0):
            side = most * np.sqrt(abs(cells[j, k]) / scale)
            x, y = left + CELL * (k + 0.5) - side / 2, top + CELL * (j + 0.5) - side / 2
            d += f"M{x:.1f} {y:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z"
        marks.append(mark("path", kind, d=d, stroke_width=1.5 if sign < 0 else 0))
    return marks


# --- the picture of the accuracy -------------------------------------------------------------------------------------


def _chart(curve, right):
    marks, epochs = [write(0, 16, _("accuracy, after each epoch"), MIDDLE)], len(right.accuracy)
    places = np.linspace(PLOT_LEFT + 20, CHART_WIDTH - 30, epochs) if epochs > 1 else [CHART_WIDTH / 2]
    for value in (0, 25, 50, 75, 100):
        y = _height(value / 100)
        marks.append(mark("path", "grid", d=f"M{PLOT_LEFT} {y:g}H{CHART_WIDTH}"))
        marks.append(write(PLOT_LEFT - 6, y + 4, f"{value}\N{NO-BREAK SPACE}%", SMALL, "end"))
    for n, x in enumerate(places, start=1):
        marks.append(write(float(x), PLOT_BOTTOM + 20, _("epoch {n}").format(n=n), SMALL, "middle"))
    best = _percent(right.accuracy[-1])
    marks += [*_curve(right.accuracy, places, 35, True), write(42, 40, _("right: {accuracy}").format(accuracy=best))]
    if curve.accuracy:
        wrong = _percent(curve.accuracy[-1])
        marks += _curve(curve.accuracy, places, 57, False)
        marks.append(write(42, 62, _("with the mistake: {accuracy}").format(accuracy=wrong)))
        alt = _("Accuracy after {epochs} epochs: right {right}, with the mistake {wrong}.")
        alt = alt.format(epochs=epochs, right=best, wrong=wrong)
    else:
        marks += _reason(curve.stopped, PLOT_TOP + (90 if min(right.accuracy) > 0.5 else 2))
        alt = _("Accuracy after {epochs} epochs: right {right}; with the mistake it does not run: {why}.")
        alt = alt.format(epochs=epochs, right=best, why=curve.stopped)
    return {"marks": marks, "alt": alt, "box": f"0 0 {CHART_WIDTH} {CHART_HEIGHT - 20}"}


def _reason(why, top):
    """Say why there is no curve, where the right one leaves room."""
    lines = textwrap.wrap(why, 34)
    size = {"width": CHART_WIDTH - PLOT_LEFT, "height": 18 * len(lines) + 4}
    return [
        write(0, 62, _("with the mistake it does not run there:"), kind="bad"),
        mark("rect", "cover", x=PLOT_LEFT, y=top, **size),
        *(write(PLOT_LEFT + 8, top + 15 + 18 * i, line) for i, line in enumerate(lines)),
    ]


def _height(share):
    return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * share


def _curve(accuracy, places, key, is_right):
    """Draw a line with discs if it is right, dashes with hollow squares if not; and its key, at that height."""
    points = [(float(x), _height(share)) for x, share in zip(places, accuracy, strict=True)]
    kind, dashes = ("joint", {}) if is_right else ("wrong-line", {"stroke_dasharray": "6 5"})
    paths = ["M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in each) for each in ([(0, key), (34, key)], points)]
    marks = [mark("path", kind, d=d, stroke_width=2, **dashes) for d in paths]
    if is_right:
        return marks + [mark("circle", "right-dot", cx=x, cy=y, r=4) for x, y in ((17, key), *points)]
    square = {"width": 10, "height": 10, "stroke_width": 2}
    return marks + [mark("rect", "wrong-dot", x=x - 5, y=y - 5, **square) for x, y in ((17, key), *points)]
