"""Draws the small network: what stays, and the marks whose text, length or width the browser sets anew at each change.

A weight stands at the end of its line, beside the neuron that it leads to, and ∂C/∂w below it.
"""

from bpteach.locale import _
from bpteach.widgets.marks import mark, svg, write
from bpteach.widgets.small_network_numbers import COUNT, ETA, LIMITS, inputs_of, place_of, shown

# The places, in units of which a reader's text size is some 12, where there is room: the picture fills the width.
TEXT, NOTE, ROW, FIELD, NEURON = 11.5, 10, 17, 48, 75
GAP = 34  # between layers, for the lines
LEFT = [GAP + 2 * FIELD + 4, 2 * GAP + 3 * FIELD + NEURON + 8]  # edges of the neurons of the two layers
MIDDLES = [67, 171, 275, 100, 244]
INPUTS = [122, 226]
WIDTH, HEIGHT, FOOT = LEFT[1] + NEURON + 2, 354, 344
STILL_STYLE = """
.bpteach-computed { font-style: italic } .bpteach-field { stroke: #8a8a8a; fill: none }
.bpteach-neuron { stroke: #212121; fill: none }
"""


def symbol(letter, neuron):
    """Write the symbol of a neuron's number, such as z²₀; y has no layer."""
    raised = "" if letter == "y" else "²³"[neuron > 2]
    return f"{letter}{raised}{'₀₁₂'[neuron % 3]}"


def computed(x, y, anchor="end"):
    return write(x, y, "", TEXT, anchor, "computed")


def scene():
    """Gather what the browser draws.

    `fields` are left edge and middle of each number that can be changed; `texts`, by name, the marks of those that are
    computed. A bar of a or δ has a start, a length, and the number for which it is full; a line to a weight, by that
    weight's place, its path and the neurons at its ends, where inputs have none.
    """
    found = {"fixed": _heads(), "texts": {}, "bars": {}, "lines": {}, "fields": [None] * COUNT}
    found["texts"] |= {"cost": computed(128, FOOT, "start"), "after": computed(292, FOOT, "start")}
    for k, y in enumerate(INPUTS):
        found["fields"][k] = [0, y]
        found["fixed"].append(write(FIELD / 2, y - 14, f"x{'₀₁'[k]}", TEXT, "middle"))
    found["fields"][ETA] = [14, FOOT - 4]
    for neuron in range(5):
        _place_neuron(found, neuron)
        _place_weights(found, neuron)
    return found | {"box": f"0 0 {WIDTH} {HEIGHT}", "limits": LIMITS}


def _heads():
    marks = [write(0, FOOT, "η", TEXT), write(FIELD / 2, 11, _("input x"), TEXT, "middle")]
    marks += [write(124, FOOT, _("cost C ="), TEXT, "end"), write(288, FOOT, _("after one step:"), TEXT, "end")]
    for layer, left in enumerate(LEFT, start=2):
        weights = f"w{'²³'[layer - 2]}, ∂C/∂w{'²³'[layer - 2]}"
        marks.append(write(left - 4, 11, weights, NOTE, "end"))
        marks.append(write(left + NEURON / 2, 11, _("layer {l}").format(l=layer), TEXT, "middle"))
    return marks


def _place_neuron(found, neuron):
    """Place the rows of a neuron's box: b, z, a, for an output y, and δ in two rows."""
    letters = "bza" if neuron < 3 else "bzay"
    height = ROW * (len(letters) + 2) + 3
    left, top = LEFT[neuron > 2], MIDDLES[neuron] - height // 2
    found["fixed"].append(mark("rect", "neuron", x=left, y=top, width=NEURON, height=height, rx=6))
    for row, letter in enumerate(letters):
        y = top + 16 + row * ROW
        found["fixed"].append(write(left + 3, y, symbol(letter, neuron), TEXT))
        if letter in "by":
            place = place_of(neuron, inputs_of(neuron) + "by".index(letter))
            found["fields"][place] = [left + NEURON - FIELD - 2, y - 4]
        else:
            found["texts"][f"{letter}{neuron}"] = computed(left + NEURON - 3, y - 1)
    found["bars"][f"a{neuron}"] = {"start": f"M{left + 26} {top + 52.5}", "length": NEURON - 30, "full": 1}
    y = top + height - 5
    found["fixed"].append(write(left + 4, y - ROW, f"{symbol('δ', neuron)} = ∂C/∂b", NOTE))
    found["texts"][f"d{neuron}"] = computed(left + NEURON - 3, y - 1)
    found["bars"][f"d{neuron}"] = {"start": f"M{left + NEURON // 2} {y + 2}", "length": NEURON // 2 - 4, "full": 0.25}


def _place_weights(found, neuron):
    inputs, right = inputs_of(neuron), LEFT[neuron > 2] - 2
    for k in range(inputs):
        i, y = place_of(neuron, k), MIDDLES[neuron] - 7 + 36 * (k - (inputs - 1) / 2)
        found["fields"][i] = [right - FIELD, y]
        found["texts"][f"g{i}"] = computed(right - 3, y + 20)
        x1, y1 = (FIELD, INPUTS[k]) if neuron < 3 else (LEFT[0] + NEURON, MIDDLES[k])
        x2, bend = right - FIELD, (x1 + right - FIELD) / 2
        path = f"M{x1} {y1}C{bend:g} {y1} {bend:g} {y:g} {x2} {y:g}"
        found["lines"][str(i)] = {"d": path, "ends": [k if neuron > 2 else -1, neuron]}


def sign(value):
    """Name the kind of mark for a number above 0, below it, or 0."""
    return "up" if value > 0 else "down" if value < 0 else "grid"


def still(numbers, values):
    drawn, marks = scene(), []
    for i, line in drawn["lines"].items():
        weight = numbers[int(i)]
        width = 0.8 + 0.8 * min(abs(weight), 4)
        marks.append(mark("path", sign(weight), d=line["d"], fill="none", stroke_width=width))
    for name, bar in drawn["bars"].items():
        kind, share = "ink" if name[0] == "a" else sign(values[name]), max(-1, min(values[name] / bar["full"], 1))
        marks.append(mark("path", kind, d=f"{bar['start']}h{bar['length'] * share:.1f}", stroke_width=2.5))
    marks += drawn["fixed"] + [{**each, "text": shown(values[name])} for name, each in drawn["texts"].items()]
    for number, (left, y) in zip(numbers, drawn["fields"], strict=True):
        marks.append(mark("rect", "field", x=left, y=y - 8, width=FIELD, height=16, rx=2))
        marks.append(write(left + FIELD - 3, y + 4, shown(number), TEXT, "end"))
    return svg(marks, WIDTH, HEIGHT, STILL_STYLE)
