"""A gallery of mistakes: the line of code, the gradient, what a gradient check says, and the accuracy."""

import numpy as np
import traitlets

from bpteach.arguments import name_of
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import CHECKS, PROBES, Curve, accepts, attempt, require_mistake
from bpteach.diagnosis.mistake import of_one_example
from bpteach.locale import N_, _, aligned, joined, width_of
from bpteach.widgets.marks import LARGE, MIDDLE, in_percent, mark, moved, superscript, svg, wrapped, write
from bpteach.widgets.widget import Place, Widget, printed, static

# Where a mistake is seen, in the order of PROBES.
PLACES = (N_("three layers of weights"), N_("one hidden layer"), N_("one example"), N_("a trained network"))

# The places in the pictures, in units of which the text size is 16.
CELL, ROW, TOP = 12, 68, 62
RIGHT_LEFT, WRONG_LEFT, WORDS_LEFT, WIDTH = 66, 168, 298, 510
CHART_WIDTH, CHART_HEIGHT, PLOT_LEFT, PLOT_TOP, PLOT_BOTTOM = 290, 266, 48, 88, 240
GAP = 24  # between the two pictures

STILL_STYLE = (
    ".bpteach-plus { fill: #d55e00 } .bpteach-minus { fill: none; stroke: #0072b2 } "
    ".bpteach-square { fill: none; stroke: #8a8a8a } .bpteach-wrong-line { fill: none; stroke: #d55e00 } "
    ".bpteach-wrong-dot { fill: #ffffff; stroke: #d55e00 } .bpteach-right-dot { fill: #212121 } "
    ".bpteach-code { font-family: monospace } "
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
    TypeError, ValueError
        If a choice is not on offer, or `curves` is anything else, or lacks the right one.

    Examples
    --------
    >>> gallery = BugGallery(mistake="factor-two")
    >>> gallery.mistake
    'factor-two'
    """

    _esm = static("common.js", "bug_gallery.js")
    _css = static("common.css", "bug_gallery.css")

    linked = ("exhibit", "probe")
    exhibits = traitlets.List().tag(sync=True)
    exhibit = Place(lambda widget: len(CATALOGUE) - 1, N_("counted in the order of CATALOGUE"))
    probe = Place(lambda widget: len(PROBES) - 1)

    def __init__(self, curves=None, *, mistake=None, probe=0, text_size=16):
        curves, names = _accepted_curves(curves), list(CATALOGUE)
        mistake = names[0] if mistake is None else mistake
        require_mistake("mistake", mistake)
        self.choose(exhibit=names.index(mistake), probe=probe, text_size=text_size)
        trained = _(", trained") if curves else ""
        super().__init__(
            _("BugGallery({count} mistakes{trained})").format(count=len(names), trained=trained),
            {
                "controls": _("Choose a mistake"),
                "mistake": _("Mistake"),
                "probe": _("Seen on"),
                "gap": _("{one} {other}").format(one="", other=""),  # between two sentences
                "right code": _("right"),
                "wrong code": _("wrong"),
                "table": _("What a gradient check says of the wrong code (! = the check is fooled)"),
                "check": _("largest error allowed"),
                "accepts": _("! accepts"),
                "refuses": _("refuses"),
                "choices": [f"{number}. {name}" for number, name in enumerate(names, start=1)],
                "probes": [_(place) for place in PLACES],
                "checks": [_check_name(kind, tolerance) for kind, tolerance in CHECKS],
            },
            exhibits=[_exhibit(number, name, curves) for number, name in enumerate(names, start=1)],
        )

    @property
    def mistake(self):
        """The name of the mistake that is shown."""
        return self.exhibits[self.exhibit]["name"]

    @printed
    def text(self):
        """All that is shown: the sentence, the code, each layer, what the checks say everywhere, the accuracy."""
        shown, words = self.exhibits[self.exhibit], self.words
        rows = [(words["check"], *words["probes"])]
        for check, verdicts in zip(words["checks"], shown["verdicts"], strict=True):
            rows.append((check, *(words["accepts" if accepted else "refuses"] for accepted in verdicts)))
        table = [aligned(row, *[25] * len(row)).rstrip() for row in rows]
        lines = [shown["sentences"][self.probe], *_code_lines(shown), *shown["notes"]]
        lines += [shown["pictures"][self.probe]["alt"], "", words["table"], *table]
        return "\n".join([*lines, *([shown["accuracy"]["alt"]] if shown["accuracy"] else [])])

    def _still(self):
        shown = self.exhibits[self.exhibit]
        picture, accuracy = shown["pictures"][self.probe], shown["accuracy"]
        marks = [write(0, 20, self.words["choices"][self.exhibit], LARGE)]
        for line in _code_lines(shown):
            marks.append(write(0, 44 + 20 * (len(marks) - 1), line, kind="code"))
        top = 40 + 20 * (len(marks) - 1)
        marks += moved(picture["marks"], 0, top)
        if accuracy:
            marks += moved(accuracy["marks"], WIDTH + GAP, top)
        width = WIDTH + (GAP + CHART_WIDTH if accuracy else 0)
        alt = joined(shown["sentences"][self.probe], picture["alt"])
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
    many = _(entry.right), _(entry.wrong)
    single = tuple(map(of_one_example, many))
    of_many = "axis" in entry.wrong or single[0] == single[1]  # one example would not show what is wrong
    right_code, wrong_code = many if of_many else single
    return {
        "name": name,
        "right": right_code if "#" in right_code else f"{right_code}  # {entry.equation}",
        "wrong": wrong_code,
        "notes": _notes(entry, effects[0], of_many),
        "sentences": [joined(sentence, _gradient(entry.is_of_the_step, effect), *training) for effect in effects],
        "pictures": [_picture(entry.is_of_the_step, effect) for effect in effects],
        "verdicts": [[accepts(effect.found, effect.expected, *check) for effect in effects] for check in CHECKS],
        "accuracy": _chart(curve.accuracy, right.accuracy) if curve and curve.accuracy else None,
    }


def _notes(entry, effect, of_many):
    notes = [
        (of_many, _("Capital letters hold a whole mini-batch: several examples, one in each column (lesson 7).")),
        (
            entry.is_of_the_step,
            _("The mistake is in the step (lesson 6), and the step is drawn, (old − new) · m/η, the second of two."),
        ),
        (effect.changed, _("The numbers are right, but it has changed {changed}, which belongs to the caller.")),
        (effect.shares, _("The numbers are right, but two of the arrays that it returns share memory.")),
    ]
    return [note.format(changed=effect.changed) for is_so, note in notes if is_so]


def _gradient(of_step, effect):
    if effect.found is None:
        return _("Here it stops: {error}.").format(error=effect.raised)
    exact = [look.kind == "exact" for looks in effect.looks for look in looks]
    what = _("step") if of_step else _("gradient")
    words = _("Here {exact} of {count} arrays of the {what} are exact.")
    if all(exact):
        words = _("Here nothing shows: the {what} is exact.")
    return words.format(exact=sum(exact), count=len(exact), what=what)


def _training(curve, right):
    words = _("Trained with it, a network reads {wrong} of the test digits; with right code, {right}.")
    if not curve.accuracy:
        words = _("A training with it stops: {why}.")
    elif not curve.shows:
        words = _("Trained with it, a network becomes the same as with right code: there it does not show.")
    wrong = _percent(curve.accuracy[-1]) if curve.accuracy else ""
    return words.format(why=curve.stopped.rstrip(" .。"), wrong=wrong, right=_percent(right.accuracy[-1]))


def _percent(share):
    return in_percent(f"{100 * share:.1f}")


def _check_name(kind, tolerance):
    kind = _("relative") if kind == "relative" else _("absolute")
    return _("{number}, {kind}").format(number=f"10{superscript(round(np.log10(tolerance)))}", kind=kind)


def _code_lines(shown):
    """Write both pieces of code, each after its label."""
    labelled = ((_("right"), shown["right"]), (_("wrong"), shown["wrong"]))
    lines = ((_("{label}: ").format(label=label), code.splitlines()) for label, code in labelled)
    return [(" " * width_of(label) if k else label) + line for label, code in lines for k, line in enumerate(code)]


# --- the picture of a gradient ---------------------------------------------------------------------------------------


def _picture(of_step, effect):
    count = len(effect.pairs)
    title = _("the step as a gradient, layer by layer") if of_step else _("∂C/∂b and ∂C/∂w, layer by layer")
    marks = [
        write(0, 16, title, MIDDLE),
        write(0, 36, _("a square for each number: filled +, hollow −")),
        write(RIGHT_LEFT, TOP - 6, _("right")),
        write(WRONG_LEFT, TOP - 6, _("with the mistake")),
        write(WORDS_LEFT, TOP - 6, _("compared (relative error)")),
    ]
    for row, l in enumerate(range(count + 1, 1, -1)):
        top = TOP + ROW * row
        marks.append(write(0, top + 28, _("layer {l}").format(l=l), MIDDLE))
        marks.append(write(0, top + 44, _("output") if row == 0 else _("hidden")))
        marks += _layer(effect.pairs[l - 2], effect.looks[l - 2], top)
    height = TOP + ROW * count
    return {"marks": marks, "box": f"0 0 {WIDTH} {height}", "height": height, "alt": _alt(effect)}


def _alt(effect):
    row = _("Layer {l}: biases {b}, weights {w}")
    rows = [row.format(l=l, b=b.words, w=w.words) for l, (b, w) in enumerate(effect.looks, start=2)]
    words = _("Squares show every number of the gradient, right on the left, with the mistake on the right. {rows}.")
    return words.format(rows=_("; ").join(rows[::-1]))


def _layer(pairs, looks, top):
    """Draw a layer's two arrays, right and with the mistake, to one scale for both, and say what they look like."""
    marks, lefts = [], [RIGHT_LEFT, WRONG_LEFT]
    for y, name, (found, expected), look in zip((top + 22, top + 46), "bw", pairs, looks, strict=True):
        scale = max(_largest(found), _largest(expected)) or 1
        for side, array in enumerate((expected, found)):
            if array is not None:
                cells = _cells(array)
                marks += _squares(cells, lefts[side], top + 6, scale)
                marks.append(write(lefts[side], top + 67, name))
                lefts[side] += CELL * cells.shape[1] + 12
        kind, sign = ("good", "=") if look.kind == "exact" else ("bad", "≠")
        marks.append(write(WORDS_LEFT, y, f"{name} {sign}", MIDDLE, kind=kind))
        lines = wrapped(look.words, 30)
        first = y - 8 * (len(lines) - 1)
        marks += [write(WORDS_LEFT + 36, first + 15 * i, line) for i, line in enumerate(lines)]
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
    for kind, sign, most in (("plus", 1, CELL - 2), ("minus", -1, CELL - 3.5)):
        d = ""
        for j, k in np.argwhere(cells * sign > 0):
            side = most * np.sqrt(abs(cells[j, k]) / scale)
            x, y = left + CELL * (k + 0.5) - side / 2, top + CELL * (j + 0.5) - side / 2
            d += f"M{x:.1f} {y:.1f}h{side:.1f}v{side:.1f}h-{side:.1f}z"
        marks.append(mark("path", kind, d=d, stroke_width=1.5 if sign < 0 else 0))
    return marks


# --- the picture of the accuracy -------------------------------------------------------------------------------------


def _chart(wrong, right):
    marks, epochs = [write(0, 16, _("accuracy, after each epoch"), MIDDLE)], len(right)
    places = np.linspace(PLOT_LEFT + 20, CHART_WIDTH - 30, epochs) if epochs > 1 else [CHART_WIDTH / 2]
    for value in (0, 25, 50, 75, 100):
        y = _height(value / 100)
        marks.append(mark("path", "grid", d=f"M{PLOT_LEFT} {y:g}H{CHART_WIDTH}"))
        marks.append(write(PLOT_LEFT - 6, y + 4, in_percent(value), anchor="end"))
    for n, x in enumerate(places, start=1):
        marks.append(write(float(x), PLOT_BOTTOM + 20, _("epoch {n}").format(n=n), anchor="middle"))
    said = {"epochs": epochs, "right": _percent(right[-1]), "wrong": _percent(wrong[-1])}
    marks += [*_curve(right, places, 35, True), write(42, 40, _("right: {right}").format(**said))]
    marks += [*_curve(wrong, places, 57, False), write(42, 62, _("with the mistake: {wrong}").format(**said))]
    alt = _("Accuracy after {epochs} epochs: right {right}, with the mistake {wrong}.").format(**said)
    return {"marks": marks, "alt": alt, "box": f"0 0 {CHART_WIDTH} {CHART_HEIGHT}"}


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
