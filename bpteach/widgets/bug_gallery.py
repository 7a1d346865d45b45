"""A gallery of mistakes: the line of code, the gradient, what a gradient check says, and the accuracy."""

import textwrap

import numpy as np
import traitlets

from bpteach.arguments import check_count, name_of
from bpteach.diagnosis import CATALOGUE
from bpteach.diagnosis.effects import CHECKS, IN_THE_STEP, PROBES, Curve, accepts, attempt, look
from bpteach.widgets.marks import LARGE, MIDDLE, SMALL, mark, raised, svg, write
from bpteach.widgets.widget import Widget, refused_as_trait, static

WORDS = {
    # what is refused
    "no such exhibit": "exhibit is {found}: expected 0 to {last}, counted in the order of CATALOGUE.",
    "no such mistake": "mistake is {found}: expected a name of CATALOGUE, such as {expected}.",
    "no such probe": "probe is {found}: expected 0 to {last}.",
    "no curves": "curves is {found}: expected what accuracy_curves gives, or nothing.",
    "no right curve": "curves holds no curve named 'right': expected what accuracy_curves gives.",
    # its name
    "name": "BugGallery({count} mistakes{trained})",
    "with curves": ", trained",
    # the controls
    "controls": "Choose a mistake",
    "mistake": "Mistake",
    "choice": "{number}. {name}",
    "previous": "Previous",
    "next": "Next",
    "probe": "Seen on",
    "fresh": "three layers of weights, before training",
    "one hidden layer": "one hidden layer, before training",
    "one example": "one example instead of four",
    "trained": "a trained network",
    "head": {
        "fresh": "before training",
        "one hidden layer": "one hidden layer",
        "one example": "one example",
        "trained": "trained",
    },
    # the sentences
    "sentence": "{number} of {count}: {name}. What the code does: {about}. {gradient} {training}",
    "all exact": "Here nothing shows: the gradient is exact.",
    "some exact": "Here {exact} of {count} arrays of the gradient are exact.",
    "all exact, step": "Here nothing shows: the step is exact.",
    "some exact, step": "Here {exact} of {count} arrays of the step are exact.",
    "raised here": "Here it raises an error.",
    "trains": "Trained with it, a network reads {wrong} right, without it {right}.",
    "does not train": "With [784, 30, 10] it cannot be trained.",
    "right code": "right",
    "wrong code": "wrong",
    "equation": "it stands in the line of {equation}",
    "step note": "The gradients are right, and a gradient check alone would accept them all. Here the step is looked "
    "at: (old − new) · m/η, of the second of two steps.",
    "changed note": "Beside the numbers: it has changed {changed}, which was not its own.",
    "shares note": "Beside the numbers: two of the arrays that it returns share memory.",
    "and": " and ",
    # the picture of the gradient
    "layer": "layer {l}",
    "output": "output",
    "hidden": "hidden",
    "right": "right",
    "with": "with the mistake",
    "b": "b",
    "w": "w",
    "legend": "a square for each number: filled +, hollow −",
    "compared": "compared (relative error)",
    "gradient title": "∂C/∂b and ∂C/∂w, layer by layer",
    "step title": "the step as a gradient, layer by layer",
    "alt": "Squares show every number of the gradient, right on the left, with the mistake on the right. {rows}.",
    "alt row": "Layer {l}: biases {b}, weights {w}",
    "alt raised": "It raises an error: {error}.",
    "glyph": {"exact": "=", "wrong": "≠", "zero": "0", "factor": "×", "shape": "[]", "none": ""},
    # the table of checks
    "table": "What a gradient check says of the wrong code (! = the check is fooled)",
    "check": "largest error allowed",
    "relative": "{tolerance}, relative",
    "absolute": "{tolerance}, absolute",
    "accepts": "! accepts",
    "refuses": "refuses",
    # the picture of the accuracy
    "accuracy": "accuracy, after each epoch",
    "right curve": "right: {accuracy}",
    "wrong curve": "with the mistake: {accuracy}",
    "does not run": "with the mistake it does not run there:",
    "percent": "{value:.1f}\N{NO-BREAK SPACE}%",
    "axis": "{value}\N{NO-BREAK SPACE}%",
    "epoch": "epoch {n}",
    "accuracy alt": "Accuracy after {epochs} epochs: right {right}, with the mistake {wrong}.",
    "accuracy alt, none": "Accuracy after {epochs} epochs: right {right}; with the mistake it does not run: {why}.",
}

# The places in the pictures, in units of which the text size is 16.
CELL, ROW, TOP = 14, 78, 62
RIGHT_LEFT, WRONG_LEFT, WORDS_LEFT, WIDTH = 66, 168, 298, 510
CHART_WIDTH, CHART_HEIGHT, PLOT_LEFT, PLOT_TOP, PLOT_BOTTOM = 290, 296, 48, 92, 252
GAP, LINE = 24, 34  # between the two pictures; letters in a line beside the chart

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
    exhibit = traitlets.Int().tag(sync=True)
    probe = traitlets.Int().tag(sync=True)

    def __init__(self, curves=None, *, mistake=None, probe=0, text_size=16):
        names = list(CATALOGUE)
        curves = _checked_curves(curves)
        _check_mistake(mistake, names)
        _check_probe(probe)
        words = ("controls", "mistake", "previous", "next", "probe", "right code", "wrong code", "table", "check")
        super().__init__(
            WORDS["name"].format(count=len(names), trained=WORDS["with curves"] if curves else ""),
            {word: WORDS[word] for word in (*words, "accepts", "refuses")},
            exhibits=[_exhibit(i, name, len(names), curves) for i, name in enumerate(names)],
            choices=[WORDS["choice"].format(number=i, name=name) for i, name in enumerate(names, start=1)],
            probes=[WORDS[name] for name in PROBES],
            heads=[WORDS["head"][name] for name in PROBES],
            checks=[WORDS[kind].format(tolerance=_power(tolerance)) for kind, tolerance in CHECKS],
            exhibit=0 if mistake is None else names.index(mistake),
            probe=int(probe),
            text_size=text_size,
        )

    @property
    def mistake(self):
        """The name of the mistake that is shown.

        Returns
        -------
        str
            A name of `CATALOGUE`.
        """
        return self.exhibits[self.exhibit]["name"]

    @property
    def text(self):
        """Lay out all that is shown.

        Returns
        -------
        str
            The sentence, both lines of code, what each layer's gradient looks like, what the checks say on each of the
            networks, and the accuracy.
        """
        shown = self.exhibits[self.exhibit]
        lines = [shown["sentences"][self.probe], *_code_lines(shown), *shown["notes"]]
        lines += [shown["pictures"][self.probe]["alt"], "", WORDS["table"], _table_row(WORDS["check"], self.heads)]
        for check, row in zip(self.checks, shown["verdicts"], strict=True):
            said = (WORDS["accepts" if ok else "refuses"] for ok in row)
            lines.append(_table_row(check, said))
        return "\n".join([*lines, *([shown["accuracy"]["alt"]] if shown["accuracy"] else [])])

    @traitlets.validate("exhibit")
    def _check_new_exhibit(self, proposal):
        """Refuse what is no place in the catalogue."""
        return refused_as_trait(_check_exhibit, proposal.value, len(CATALOGUE))

    @traitlets.validate("probe")
    def _check_new_probe(self, proposal):
        """Refuse a later change as the constructor would."""
        return refused_as_trait(_check_probe, proposal.value)

    def _still(self):
        shown = self.exhibits[self.exhibit]
        picture, accuracy = shown["pictures"][self.probe], shown["accuracy"]
        marks = [write(0, 20, self.choices[self.exhibit], LARGE)]
        for line in _code_lines(shown):
            marks.append(write(0, 44 + 20 * (len(marks) - 1), line, SMALL, kind="code"))
        top = 40 + 20 * (len(marks) - 1)
        marks += _moved(picture["marks"], 0, top)
        if accuracy:
            marks += _moved(accuracy["marks"], WIDTH + GAP, top)
        width = WIDTH + (GAP + CHART_WIDTH if accuracy else 0)
        alt = " ".join([shown["sentences"][self.probe], picture["alt"]])
        return alt, svg(marks, width, top + max(picture["height"], CHART_HEIGHT), STILL_STYLE)


def _check_exhibit(exhibit, count):
    check_count("exhibit", exhibit, least=0)
    if exhibit >= count:
        raise ValueError(WORDS["no such exhibit"].format(found=exhibit, last=count - 1))


def _check_mistake(mistake, names):
    if mistake is not None and mistake not in names:
        kind = ValueError if isinstance(mistake, str) else TypeError
        raise kind(WORDS["no such mistake"].format(found=name_of(mistake), expected=repr(names[0])))


def _check_probe(probe):
    check_count("probe", probe, least=0)
    if probe >= len(PROBES):
        raise ValueError(WORDS["no such probe"].format(found=probe, last=len(PROBES) - 1))


def _checked_curves(curves):
    if curves is None:
        return {}
    if not isinstance(curves, dict) or not all(isinstance(curve, Curve) for curve in curves.values()):
        raise TypeError(WORDS["no curves"].format(found=name_of(curves)))
    if "right" not in curves or not curves["right"].accuracy:
        raise ValueError(WORDS["no right curve"])
    return curves


# --- one exhibit -----------------------------------------------------------------------------------------------------


def _exhibit(i, name, count, curves):
    """Gather all that the browser shows of a mistake."""
    entry = CATALOGUE[name]
    attempts = [attempt(name, probe) for probe in PROBES]
    curve, right = curves.get(name), curves.get("right")
    details = {"number": i + 1, "count": count, "name": name, "about": entry.about.rstrip(".")}
    training = _training(curve, right) if curve else ""
    return {
        "name": name,
        "right": entry.right,
        "wrong": entry.wrong,
        "notes": _notes(name, entry, attempts[0]),
        "sentences": [
            WORDS["sentence"].format(**details, gradient=_gradient(name, each), training=training).strip()
            for each in attempts
        ],
        "pictures": [_picture(name, each) for each in attempts],
        "verdicts": [[accepts(each.found, each.expected, *check) for each in attempts] for check in CHECKS],
        "accuracy": _chart(curve, right) if curve else None,
    }


def _code_lines(shown):
    """Write both lines of code, each after its label."""
    labelled = []
    for word in ("right", "wrong"):
        first, *others = shown[word].splitlines()
        labelled += [f"{WORDS[f'{word} code']}: {first}", *(f"{'':7}{line}" for line in others)]
    return labelled


def _table_row(name, cells):
    return f"{name:<24}{''.join(f'{cell:<20}' for cell in cells)}".rstrip()


def _notes(name, entry, first):
    notes = [WORDS["equation"].format(equation=entry.equation)] if entry.equation else []
    notes = [note[0].upper() + note[1:] + "." for note in notes]
    if name in IN_THE_STEP:
        notes.append(WORDS["step note"])
    if first.changed:
        notes.append(WORDS["changed note"].format(changed=WORDS["and"].join(first.changed)))
    if first.shares:
        notes.append(WORDS["shares note"])
    return notes


def _looks(each):
    """Tell for each layer from the first what its biases and its weights look like."""
    return [(look(*b), look(*w)) for b, w in each.pairs]


def _gradient(name, each):
    if each.found is None:
        return WORDS["raised here"]
    kinds = [seen.kind for pair in _looks(each) for seen in pair]
    exact, count = kinds.count("exact"), len(kinds)
    word = "all exact" if exact == count else "some exact"
    return WORDS[f"{word}, step" if name in IN_THE_STEP else word].format(exact=exact, count=count)


def _training(curve, right):
    if not curve.accuracy:
        return WORDS["does not train"]
    return WORDS["trains"].format(wrong=_percent(curve.accuracy[-1]), right=_percent(right.accuracy[-1]))


def _percent(share):
    return WORDS["percent"].format(value=100 * share)


def _power(tolerance):
    return f"10{raised(round(np.log10(tolerance)))}"


# --- the picture of a gradient ---------------------------------------------------------------------------------------


def _picture(name, each):
    """Draw the gradient, the output layer on top: right, and with the mistake."""
    count = len(each.pairs)
    height = TOP + ROW * count
    title = WORDS["step title" if name in IN_THE_STEP else "gradient title"]
    marks = [
        write(0, 16, title, MIDDLE),
        write(0, 36, WORDS["legend"]),
        write(RIGHT_LEFT, TOP - 6, WORDS["right"]),
        write(WRONG_LEFT, TOP - 6, WORDS["with"]),
        *([] if each.found is None else [write(WORDS_LEFT, TOP - 6, WORDS["compared"])]),
    ]
    for row, l in enumerate(range(count + 1, 1, -1)):
        top = TOP + ROW * row
        word = "output" if row == 0 else "hidden"
        marks += [write(0, top + 28, WORDS["layer"].format(l=l), MIDDLE), write(0, top + 44, WORDS[word])]
        marks += _row(each, l, top)
    if each.found is None:
        lines = textwrap.wrap(each.raised, 44)
        marks += [write(WRONG_LEFT, TOP + 30 + 18 * i, line) for i, line in enumerate(lines)]
    return {"marks": marks, "box": f"0 0 {WIDTH} {height}", "height": height, "alt": _alt(each)}


def _alt(each):
    if each.found is None:
        return WORDS["alt raised"].format(error=each.raised)
    rows = [
        WORDS["alt row"].format(l=l, b=b.words, w=w.words)
        for l, (b, w) in reversed(list(enumerate(_looks(each), start=2)))
    ]
    return WORDS["alt"].format(rows="; ".join(rows))


def _row(each, l, top):
    """Draw a layer's two arrays, right and with the mistake, to one scale for both, and what they look like."""
    marks = []
    lefts = {"right": RIGHT_LEFT, "wrong": WRONG_LEFT}
    for place, (name, (found, expected)) in enumerate(zip("bw", each.pairs[l - 2], strict=True)):
        scale = max(_largest(found), _largest(expected)) or 1
        for side, array in (("right", expected), ("wrong", found)):
            if array is None:
                continue
            cells = _cells(array)
            marks += _squares(cells, lefts[side], top + 6, scale)
            marks.append(write(lefts[side], top + 74, WORDS[name]))
            lefts[side] += CELL * cells.shape[1] + 12
        if found is not None:
            seen = look(found, expected)
            kind = "good" if seen.kind == "exact" else "bad"
            y = top + 26 + 26 * place
            marks.append(write(WORDS_LEFT, y, f"{WORDS[name]} {WORDS['glyph'][seen.kind]}", MIDDLE, kind=kind))
            marks.append(write(WORDS_LEFT + 36, y, seen.words, SMALL))
    return marks


def _cells(array):
    """Give an array as a matrix of at most four rows and columns, an array without rows as one row."""
    cells = np.atleast_2d(np.nan_to_num(np.asarray(array, dtype=float)))
    return cells[:4, :4]


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


def _moved(marks, x, y):
    return [{**each, "transform": f"translate({x} {y})"} for each in marks]


# --- the picture of the accuracy -------------------------------------------------------------------------------------


def _chart(curve, right):
    """Draw the accuracy after each epoch, of the right training and of the one with the mistake."""
    marks = [write(0, 16, WORDS["accuracy"], MIDDLE)]
    epochs = len(right.accuracy)
    places = np.linspace(PLOT_LEFT + 20, CHART_WIDTH - 30, epochs) if epochs > 1 else [CHART_WIDTH / 2]
    for value in (0, 25, 50, 75, 100):
        y = _height(value / 100)
        marks.append(mark("path", "grid", d=f"M{PLOT_LEFT} {y:g}H{CHART_WIDTH}"))
        marks.append(write(PLOT_LEFT - 6, y + 4, WORDS["axis"].format(value=value), SMALL, "end"))
    for n, x in enumerate(places, start=1):
        marks.append(write(float(x), PLOT_BOTTOM + 20, WORDS["epoch"].format(n=n), SMALL, "middle"))
    marks += _curve(right.accuracy, places, 40, "right")
    words = {"epochs": epochs, "right": _percent(right.accuracy[-1])}
    if curve.accuracy:
        marks += _curve(curve.accuracy, places, 62, "wrong")
        return _boxed(marks, WORDS["accuracy alt"].format(**words, wrong=_percent(curve.accuracy[-1])))
    marks.append(write(0, 62, WORDS["does not run"], kind="bad"))
    lines = textwrap.wrap(curve.stopped, LINE)
    top = PLOT_TOP + (90 if min(right.accuracy) > 0.5 else 2)  # where the right curve leaves room
    size = {"width": CHART_WIDTH - PLOT_LEFT, "height": 18 * len(lines) + 4}
    marks.append(mark("rect", "cover", x=PLOT_LEFT, y=top, **size))
    marks += [write(PLOT_LEFT + 8, top + 15 + 18 * i, line) for i, line in enumerate(lines)]
    return _boxed(marks, WORDS["accuracy alt, none"].format(**words, why=curve.stopped))


def _boxed(marks, alt):
    return {"marks": marks, "alt": alt, "box": f"0 0 {CHART_WIDTH} {CHART_HEIGHT - 20}"}


def _height(share):
    return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * share


def _curve(accuracy, places, key, side):
    """Draw one curve: the right one a line with discs, the wrong one dashes with hollow squares; and its key."""
    points = [(float(x), _height(share)) for x, share in zip(places, accuracy, strict=True)]
    dashes = {"stroke_dasharray": "6 5"} if side == "wrong" else {}
    kind = "wrong-line" if side == "wrong" else "joint"
    marks = []
    for path in ([(0, key - 5), (34, key - 5)], points):
        d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in path)
        marks.append(mark("path", kind, d=d, stroke_width=2, **dashes))
    for x, y in ((17, key - 5), *points):
        if side == "wrong":
            marks.append(mark("rect", "wrong-dot", x=x - 5, y=y - 5, width=10, height=10, stroke_width=2))
        else:
            marks.append(mark("circle", "right-dot", cx=x, cy=y, r=4))
    return [*marks, write(42, key, WORDS[f"{side} curve"].format(accuracy=_percent(accuracy[-1])))]
