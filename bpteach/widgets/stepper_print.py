"""The stepper without a browser: as text, and as a still picture, from what the browser is sent."""

from bpteach.locale import _
from bpteach.widgets import stepper_words as words
from bpteach.widgets.marks import LARGE, moved, svg, write
from bpteach.widgets.stepper_picture import CODE_WIDTH, LINE_HEIGHT, STILL_STYLE, code_marks


def sentence_of(step, example):
    """Join the two halves of a step's sentence, as the page does."""
    end = example["events"][step["event"]]["tail"] if step["event"] >= 0 else "."
    return step["sentence"] if step["sentence"].endswith(".") and end == "." else step["sentence"] + end


def text(story, step, example, neuron, name):
    """Write down what is shown at a step, one part after the other; some may be empty.

    `neuron` is the one whose sum is written out, or empty for the one with the largest number; `name` names it, with j
    and l to be filled in.
    """
    sign = _sign(step)
    yield story["message"]
    yield example["note"]
    yield sentence_of(step, example)
    yield "\n".join(f"{sign if k == step['line'] else ' '} {n:4} {a}{b}" for k, (n, a, b) in enumerate(story["code"]))
    yield _equation(story, step)
    cells = [story["texts"][k] for k in step["cells"]]
    yield "\n".join(f"{name}: {cell}" for name, cell in zip(story["names"], cells, strict=False) if cell)
    yield "\n".join(_sum(story, step, example, neuron, name))


def _equation(story, step):
    if step["equation"] < 0:
        return ""
    equation = story["equations"][step["equation"]]
    return f"{equation['label']}: {equation['plain']}"


def _sum(story, step, example, neuron, name):
    events, latest = example["events"], step["latest"]
    if not neuron and latest >= 0 and events[latest]["neuron"] >= 0:
        neuron = [story["events"][latest]["layer"], events[latest]["neuron"]]
    if not neuron:
        return
    l, j = neuron
    yield name.format(j=j, l=l)
    k = step["layers"][l - 1][3]
    feet = events[k]["feet"] if k >= 0 else []
    if j >= len(feet):
        yield words.no_sum()
        return
    event, rows = story["events"][k], _unpacked(_shared(events, k, "terms")[j])
    yield story["equations"][event["formula"]]["plain"]
    if rows:
        yield "".join(f"{head:>12}" for head in event["heads"])
    yield from ("".join(f"{cell:>12}" for cell in row).replace("-", "−") for row in rows)
    for _word, label, value in _unpacked(feet[j]):
        yield f"{example['labels'][int(label)]:>36}{value:>12}".replace("-", "−")


def still(story, step, example, name):
    """Draw a step as one still picture, the code of the function `name` beside the network; give the alt text, too."""
    _x, _y, width, height = map(int, story["box"].split())
    marks = [write(0, 16, step["position"], LARGE)]
    if step["equation"] >= 0:
        marks.append(write(CODE_WIDTH, 16, _equation(story, step), LARGE, "end"))
    marks += code_marks(story["code"], step["line"], _sign(step))
    left = CODE_WIDTH + 24
    marks += moved([*story["fixed"], *_drawn(story, step, example)], left)
    alt = _("The code of {name} beside a picture of the network. {sentence}")
    alt = alt.format(name=name, sentence=sentence_of(step, example))
    document = svg(marks, left + width, max(height, 60 + LINE_HEIGHT * len(story["code"])), STILL_STYLE)
    return " ".join(filter(None, [alt, story["message"]])), document


def _drawn(story, step, example):
    """List the marks of the network at a step, in the order in which they are drawn."""
    drawings, events = story["drawings"], example["events"]
    yield from example["fixed"]
    yield from _shared(events, step["latest"], "lines") if step["latest"] >= 0 else []
    for a, delta, chips, _sum in step["layers"]:
        for event in (a, delta):
            yield from events[event]["marks"] if event >= 0 else []
        yield from drawings[chips]
    yield from drawings[step["now"]]


def _sign(step):
    return words.RAISED_HERE if step["raised"] else words.HERE


def _shared(events, i, part):
    """Give a part of an event; where it is that of an event before, that one's number stands in its place."""
    found = events[i][part]
    return _shared(events, found, part) if isinstance(found, int) else found


def _unpacked(packed):
    return [row.split(" ") for row in packed.split("|") if row]
