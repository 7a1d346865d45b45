"""What the stepper says: a sentence for each step, the end that an example gives it, notes, and the lines of a sum."""

import re

import numpy as np

from bpteach.locale import _, joined, ngettext
from bpteach.widgets.marks import number, signed_number
from bpteach.widgets.stepper_layers import LISTS, SINGLE, without_comment
from bpteach.widgets.stepper_run import place_of_largest


def label_of(equation):
    return "(25)" if equation in ("z", "a") else equation


def position(i, run):
    return _("Step {step} of {count}").format(step=i + 1, count=len(run.moments))


def listed(things):
    return _(" and ").join(map(str, things))


# --- the sentence of a step


def sentence(i, run):
    """Say what a line has done, without an end: an example's numbers come there."""
    label = label_of(run.moments[i].equation)
    template = _("{position}, line {line}, {equation}: {what}") if label else _("{position}, line {line}: {what}")
    return template.format(position=position(i, run), line=run.line_number(i), equation=label, what=_what(i, run))


def _what(i, run):
    moment, step = run.moments[i], run.recording.steps[i]
    if step.raised:
        return _raised(step, run.recording)
    if moment.phase == "end":
        return _("the function returns")
    if len(moment.layers) > 1:
        template = _("{name} is made for layers {layers}")
        return template.format(name=moment.event.name, layers=listed(moment.layers))
    if moment.event is not None:
        return _made(moment.event)
    values = _values(step, step.changed)
    return _("sets {values}").format(values=values) if values else _("changes no variable")


def _raised(step, recording):
    words = re.findall(r"\w+", without_comment(recording.code[step.line].text)[0])
    values = _values(step, [name for name in step.values if name in words])
    more = _("; on this line, {values}").format(values=values) if values else ""
    return _("stops here with {kind}").format(kind=type(recording.error).__name__) + more


def _values(step, names):
    return _("; ").join(f"{name}: {cell(step.values[name])}" for name in names)


def _made(event):
    words = {"name": event.name, "l": event.layer, "shape": event.array.shape, "expected": event.shape}
    if event.is_part:
        template = _("{name} has shape {shape}; a later line completes it for layer {l}")
    elif event.shape is None:
        template = _("{name} changes again, shape {shape}, but there is no layer left that it could belong to")
    elif not event.fits:
        template = _("{name} has shape {shape}, where layer {l} needs {expected}")
    elif event.layer == 1:
        template = _("{name} is the input, the activation of layer 1, shape {shape}")
    else:
        template = {
            "z": _("{name} becomes the weighted input of layer {l}, shape {shape}"),
            "a": _("{name} becomes the activation of layer {l}, shape {shape}"),
            "delta": _("{name} becomes the error of layer {l}, shape {shape}"),
            "nabla_b": _("{name} gets the gradient of the biases of layer {l}, shape {shape}"),
            "nabla_w": _("{name} gets the gradient of the weights of layer {l}, shape {shape}"),
        }[event.quantity]
    return template.format(**words)


def cell(value):
    """Describe a variable in a few letters: an array by its shape, a number by itself."""
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if isinstance(value, list | tuple):
        if len(value) <= 3:
            return f"[{', '.join(map(cell, value))}]"
        return ngettext("{count} array", "{count} arrays", len(value)).format(count=len(value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


# --- what an example adds


def tail(event, sums, i, run):
    """End the sentence of an event with an example's largest number, and with what is wrong."""
    values = run.values(event, i)
    if event.quantity not in ("z", "a", "delta"):
        return _(".")
    end = ""
    if event.quantity != "z" and event.layer > 1 and np.isfinite(values).any():
        j = place_of_largest(values)
        value = signed_number(values[j]) if event.quantity == "delta" else number(values[j])
        end = _("; largest at neuron {j}, {value}").format(j=j, value=value)
        end += _(" of column {i}").format(i=i) if run.is_batch else ""
    if sums.differs:
        template = _(". That is not what {equation} gives, at {count} of {n} neurons")
        end += template.format(equation=label_of(event.equation), count=sums.differs, n=len(values))
    return end + _(".")


def note(every_sum, run):
    """Say what the network cannot show, and where the function first leaves the equations."""
    notes = []
    if run.recording.error is None and run.recording.steps and run.missing:
        plural = {"z": _("weighted inputs z"), "a": _("activations a"), "delta": _("errors δ")}
        what = _(" or ").join(plural[quantity] for quantity in run.missing)
        names = _(" or ").join(dict.fromkeys(name for q in run.missing for name in SINGLE[q] + LISTS[q]))
        template = _("The network shows no {what}: this function has no variable named {names}.")
        notes.append(template.format(what=what, names=names))
    found = [(event.step, _made(event)) for event in run.events if not (event.fits or event.is_part)][:1]
    wrong = [event for event, sums in zip(run.made, every_sum, strict=True) if sums.differs]
    for event in wrong[:1]:
        template = _("{name} is not what {equation} gives")
        found.append((event.step, template.format(name=event.name, equation=label_of(event.equation))))
    template = _("Step {step}, line {line}: {what}.")
    return joined(*notes, *(template.format(step=i + 1, line=run.line_number(i), what=what) for i, what in found))


def foot(word, count):
    """Say what a line below a neuron's sum is: one of the words of `stepper_sums`."""
    words = {
        "rest": ngettext("and {count} smaller term", "and {count} smaller terms", count),
        "others": ngettext("and {count} smaller one", "and {count} smaller ones", count),
        "sum": _("sum"),
        "found": _("✗ but the function has"),
    }
    signs = {"b": "+ b", "z": "= z", "a": "σ(z) = a", "said": "a", "wanted": "− y"}
    signs |= {"difference": "= a − y", "slope": "× σ′(z)", "delta": "= δ"}
    return (words | signs)[word].format(count=count)
