"""The stepper without a browser: as text, and as a still picture, from what the browser is sent."""

from bpteach.locale import _, aligned, joined
from bpteach.widgets import stepper_network
from bpteach.widgets.marks import LARGE, MIDDLE, mark, moved, svg, write

# The still picture, in units of which the text size is 16.
CODE_WIDTH, LINE_HEIGHT, LETTER = 644, 19, 7.25

CODE_STYLE = """
.bpteach-lit { fill: #ffe9a8 }
.bpteach-code, .bpteach-comment { font-family: monospace; white-space: pre }
.bpteach-comment { fill: #5f6368 }
"""


def sentence_of(step, example):
    """Join the two halves of a step's sentence, as the page does."""
    end = example["events"][step["event"]]["tail"] if step["event"] >= 0 else _(".")
    return step["sentence"] if step["sentence"].endswith(end) and end == _(".") else step["sentence"] + end


def text(widget):
    """Write down what a stepper shows, one part after the other; some may be empty."""
    story, step, own = widget.story, widget.story["steps"][widget.step - 1], widget.own
    sign = _sign(step)
    yield story["message"]
    yield own["note"]
    yield sentence_of(step, own)
    yield "\n".join(f"{sign if k == step['line'] else ' '} {n:4} {a}{b}" for k, (n, a, b) in enumerate(story["code"]))
    yield _equation(story, step)
    yield "\n".join(f"{name}: {cell}" for name, cell in zip(story["names"], step["cells"], strict=False) if cell)
    yield "\n".join(_sum(widget, story, step, own))


def _equation(story, step):
    if step["equation"] < 0:
        return ""
    equation = story["equations"][step["equation"]]
    return f"{equation['label']}: {equation['plain']}"


def _sum(widget, story, step, own):
    events, latest, neuron = own["events"], step["latest"], widget.neuron
    if not neuron and latest >= 0 and events[latest]["neuron"] >= 0:
        neuron = [story["events"][latest]["layer"], events[latest]["neuron"]]
    if not neuron:
        return
    l, j = neuron
    yield widget.words["neuron"].format(j=j, l=l, i=widget.example)
    k = step["layers"][l - 1][3]
    feet = events[k]["feet"] if k >= 0 else []
    if j >= len(feet):
        yield widget.words["no sum"]
        return
    event, rows = story["events"][k], unpacked(told(story, own, k, "terms")[j])
    yield story["equations"][event["formula"]]["plain"]
    if rows:
        yield "".join(aligned([head], -12) for head in event["heads"])
    yield from ("".join(f"{cell:>12}" for cell in row).replace("-", "−") for row in rows)
    for word, n, value in unpacked(feet[j]):
        yield aligned((own["labels"][f"{word} {n}"], value), -36, -12).replace("-", "−")


def still(widget, at):
    """Draw a step as one still picture, the code beside the network; give the alt text, too."""
    story, step, own = widget.story, widget.story["steps"][at - 1], widget.own
    _x, _y, width, height = map(int, story["box"].split())
    marks = [write(0, 16, step["position"], LARGE)]
    if step["equation"] >= 0:
        marks.append(write(CODE_WIDTH, 16, _equation(story, step), LARGE, "end"))
    marks += _code(story["code"], step["line"], _sign(step))
    left = CODE_WIDTH + 24
    marks += moved([*story["fixed"], *_drawn(story, step, own)], left)
    alt = _("The code of {name} beside a picture of the network. {sentence}")
    alt = alt.format(name=widget.recording.name, sentence=sentence_of(step, own))
    style = stepper_network.STILL_STYLE + CODE_STYLE
    document = svg(marks, left + width, max(height, 60 + LINE_HEIGHT * len(story["code"])), style)
    return joined(alt, story["message"]), document


def _code(lines, lit, sign):
    """Write the code, line by line (number, text and comment); `sign` stands before the line that is lit."""
    for k, (line, text, comment) in enumerate(lines):
        y = 56 + LINE_HEIGHT * k
        if k == lit:
            yield mark("rect", "lit", x=0, y=y - 14, width=CODE_WIDTH, height=LINE_HEIGHT)
            yield write(4, y, sign, MIDDLE)
        yield write(48, y, str(line), 12, "end", "code")
        yield write(56 + LETTER * (len(text) - len(text.lstrip())), y, text.strip(), 12, kind="code")
        yield write(56 + LETTER * len(text), y, comment, 12, kind="comment")


def _drawn(story, step, own):
    """List the marks of the network at a step, in the order in which they are drawn."""
    drawings, events = story["drawings"], own["events"]
    yield from own["fixed"]
    yield from told(story, own, step["latest"], "lines") if step["latest"] >= 0 else []
    for *shown, chips, _sum in step["layers"]:
        for event in shown:
            yield from events[event]["marks"] if event >= 0 else []
        yield from drawings[chips]
    yield from drawings[step["now"]]


def _sign(step):
    return "✗" if step["raised"] else "▶"


def told(story, example, i, part):
    """Give the lines or terms of an event: those of an activation are told by the event of its z."""
    by = story["events"][i]["summedBy"]
    return example["events"][i if by < 0 else by][part]


def unpacked(packed):
    return [row.split(" ") for row in packed.split("|") if row]
