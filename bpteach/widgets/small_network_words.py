"""The words of the small network: what its numbers are called, what each preset shows, the sum that a δ is."""

from bpteach.locale import N_, _, joined, pgettext
from bpteach.widgets.small_network_numbers import inputs_of, outcome, place_of, shown
from bpteach.widgets.small_network_picture import symbol

YOURS = N_("your own numbers")
NEURONS = [N_("hidden neuron 0"), N_("hidden neuron 1"), N_("hidden neuron 2"), N_("output 0"), N_("output 1")]

TELLING = {
    "by hand": N_(
        "By hand: all z are 0, so that each a is ½ and each slope ¼. Every number here can be found on paper."
    ),
    "saturated": N_(
        "A saturated neuron: z of hidden neuron 1 is {z1}, where σ is flat. Its sum in BP2 is the largest of the "
        "three, and yet its δ is {d1}: the slope lets nothing through."
    ),
    "cancelling paths": N_(
        "Two paths that cancel: hidden neuron 1 has large weights, 3 and −3. What comes back along them adds up to "
        "nothing, and its δ is {d1}."
    ),
    "wrong target": N_(
        "A wrong target: the outputs are {a3} and {a4}, and y asks for the reverse. The cost is {cost}, and each step "
        "unlearns what was right."
    ),
    "zero input": N_(
        "A zero input: by BP4 the three weights from input 0 have the gradient {g2}, {g5} and {g8}, whatever δ is. "
        "They carried nothing, and cannot be blamed."
    ),
    "large η": N_(
        "A step that is too large: the gradient is right, and yet the cost jumps from {cost} to {after}. Try a "
        "smaller η."
    ),
}

OWN = N_("Your own numbers: the cost is {cost}, after one step {after}.")
PICTURE = N_(
    "Two inputs, three hidden neurons, two outputs. δ of the hidden neurons: {d0}, {d1}, {d2}. "
    "Activations of the outputs: {a3}, {a4}; their δ: {d3}, {d4}. Cost: {cost}; after one step: {after}."
)


def names():
    """Say what each number is that can be changed, in their order."""
    said = [_("input {k}").format(k=k) for k in range(2)]
    for neuron, name in enumerate(NEURONS):
        source = _("from input {k}") if neuron < 3 else _("from hidden neuron {k}")
        for k in range(inputs_of(neuron)):
            said.append(_("weight to {neuron} {source}").format(neuron=_(name), source=source.format(k=k)))
        said.append(_("bias of {neuron}").format(neuron=_(name)))
        if neuron > 2:
            said.append(_("wanted {output}").format(output=_(name)))
    return [*said, _("learning rate η")]


def texts_of(values):
    return {name: shown(value) for name, value in values.items()}


def telling(preset, values):
    """Say what a preset shows, or that the numbers are the reader's own."""
    return _(TELLING.get(preset, OWN)).format(**texts_of(values))


def words(starts):
    """Say what the script says; it fills in what is in braces."""
    return {
        "controls": _("Choose where to start"),
        "preset": _("Start with"),
        "presets": [_(name) for name in starts],
        "tellings": [telling(name, outcome(numbers)) for name, numbers in starts.items()],
        "previous": pgettext("preset", "◀ Back"),
        "next": _("Next ▶"),
        "network": _("Change a number: drag it, type, or press the arrow keys"),
        "names": names(),
        "step": _("Take the step"),
        "undo": _("Undo"),
        "reset": _("Start again"),
        "sum": _("Show the sum of"),
        "sums": [
            _("no δ"),
            *(_("{symbol}, {neuron}").format(symbol=symbol("δ", n), neuron=_(name)) for n, name in enumerate(NEURONS)),
        ],
        "symbols": [in_symbols(neuron) for neuron in range(len(NEURONS))],
        "changed": _("Changed: {name}, now {value}. The cost is {cost}, after one step {after}."),
        "fell": _("The cost fell from {before} to {cost}; after one more step it is {after}."),
        "rose": _("The cost rose from {before} to {cost}; after one more step it is {after}."),
        "own": _(OWN),
        "too far": _("A number would leave its bounds, ±100: choose a smaller η."),
        "picture": _(PICTURE),
        "cost": _("cost C, change by change"),
        "history": _("The cost, change by change: {costs}."),
    }


def print_out(numbers, chosen):
    """Write every number on a line, and the sum of the chosen neuron."""
    texts = texts_of(values := outcome(numbers))
    line = _("{name}: {value}")
    lines = [line.format(name=name, value=shown(number)) for name, number in zip(names(), numbers, strict=True)]
    lines = [f"{line} (∂C/∂w {texts[f'g{i}']})" if f"g{i}" in texts else line for i, line in enumerate(lines)]
    for n, name in enumerate(NEURONS):
        value = f"z {texts[f'z{n}']}, a {texts[f'a{n}']}, δ = ∂C/∂b {texts[f'd{n}']}"
        lines.append(line.format(name=_(name), value=value))
    lines.append(_("cost: {cost}, after one step: {after}").format(**texts))
    return lines + sum_of(chosen, numbers, values)


def alt(sentence, numbers, chosen):
    values = outcome(numbers)
    return joined(sentence, " ".join(sum_of(chosen, numbers, values)), _(PICTURE).format(**texts_of(values)))


def in_symbols(neuron):
    """Write BP2, for an output BP1, for one neuron."""
    j = "₀₁₂"[neuron % 3]
    inside = f"w³₀{j} δ³₀ + w³₁{j} δ³₁" if neuron < 3 else f"a³{j} − y{j}"
    return f"{symbol('δ', neuron)} = ({inside}) · σ′({symbol('z', neuron)})"


def sum_of(neuron, numbers, values):
    """Write out the δ of a neuron, if one is chosen: in symbols, in numbers, and added up before the slope."""
    if neuron < 0:
        return []
    a = values[f"a{neuron}"]
    slope = shown(a * (1 - a))
    if neuron < 3:
        terms = [(numbers[place_of(j, neuron)], values[f"d{j}"]) for j in (3, 4)]
        total = sum(w * delta for w, delta in terms)
        inside = " + ".join(f"{bracketed(w)} · {bracketed(delta)}" for w, delta in terms)
    else:
        y = numbers[place_of(neuron, 4)]
        total, inside = a - y, f"{shown(a)} − {bracketed(y)}"
    end = shown(values[f"d{neuron}"])
    return [in_symbols(neuron), f"= ({inside}) · {slope}", f"= {bracketed(total)} · {slope} = {end}"]


def bracketed(value):
    text = shown(value)
    return f"({text})" if text.startswith("−") else text
