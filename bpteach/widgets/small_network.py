"""A network small enough to change: every number on the picture, and all that follows at once."""

import math

import traitlets

from bpteach.arguments import name_of, require_example, require_rate
from bpteach.locale import N_, _
from bpteach.widgets import small_network_picture as picture
from bpteach.widgets.small_network_numbers import COUNT, PRESETS, SIZES, as_example, as_numbers, limits, outcome, shown
from bpteach.widgets.small_network_words import (
    NEURONS,
    PICTURE,
    YOURS,
    in_symbols,
    names,
    sum_of,
    telling,
    words,
)
from bpteach.widgets.widget import Bounded, Place, Widget, as_network, printed, static

MOST_PAST = 40


class Preset(Bounded):
    """One of the places to start from, by its name or its place in their list."""

    def accepted(self, widget, value):
        known = list(widget._starts)
        if isinstance(value, str) and value in known:
            return known.index(value)
        if type(value) is int and 0 <= value < len(known):
            return value
        kind = ValueError if isinstance(value, str | int) else TypeError
        sentence = _("{name} is {found}: expected one of {expected}.")
        raise kind(sentence.format(name=self.name, found=name_of(value), expected=", ".join(map(repr, known))))


class Numbers(Bounded):
    """All the numbers that a reader can change, in the order of `small_network_numbers`."""

    def accepted(self, widget, value):
        if not isinstance(value, list | tuple) or len(value) != COUNT:
            sentence = _("{name} is {found}: expected a list of {count} numbers.")
            raise TypeError(sentence.format(name=self.name, found=name_of(value), count=COUNT))
        for i, (number, (least, most)) in enumerate(zip(value, limits(), strict=True)):
            is_number = isinstance(number, int | float) and not isinstance(number, bool)
            if not is_number or not math.isfinite(number) or not least <= number <= most:
                sentence = _("{name}[{i}], the {what}, is {found}: expected a number from {least} to {most}.")
                said = {"i": i, "what": names()[i], "found": name_of(number), "least": least, "most": most}
                raise ValueError(sentence.format(name=self.name, **said))
        return [float(number) for number in value]


class SmallNetwork(Widget):
    """Change any number of a network of two inputs, three hidden neurons and two outputs; see all that follows.

    The browser computes by itself, also where no kernel runs, and tells Python the numbers.

    Parameters
    ----------
    net : Network of sizes [2, 3, 2], optional
        A network to start from; without it, one of the presets. It is not changed.
    x, y : arrays, shape (2, 1)
        With `net`: the input and the desired output, whose numbers are from 0 to 1.
    eta : float
        With `net`: the learning rate.
    preset : str, optional
        What is shown first: "by hand", "saturated", "cancelling paths", "wrong target", "zero input" or "large η".
    sum_of : int
        Whose δ is written out as a sum: 1 to 3 for a hidden neuron, 4 or 5 for an output, 0 for none.
    text_size : int
        The size of the text in pixels, one of `TEXT_SIZES`.

    Attributes
    ----------
    net, x, y, eta
        What is shown now, for `backprop` and others to take.
    text : str
        What is shown: the sentence, every number, the sum.

    Raises
    ------
    TypeError, ValueError
        If `net`, `x` or `y` does not fit, `eta` is no rate, a number is out of bounds, or `preset` is not on offer.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, equations (BP1) to (BP4).

    Examples
    --------
    >>> from bpteach import backprop
    >>> small = SmallNetwork(preset="by hand")
    >>> nabla_b, nabla_w = backprop(small.net, small.x, small.y)
    >>> print(nabla_b[1].T)
    [[-0.125  0.125]]
    """

    _esm = static("common.js", "small_network.js")
    _css = static("common.css", "small_network.css")

    scene = traitlets.Dict().tag(sync=True)
    presets = traitlets.List().tag(sync=True)
    preset = Preset(0)
    numbers = Numbers([])
    past = traitlets.List().tag(sync=True)
    sum_of = Place(lambda widget: len(NEURONS), N_("0 for none"))

    def __init__(self, net=None, x=None, y=None, *, eta=1.0, preset=None, sum_of=0, text_size=16):
        own = {} if net is None and x is None and y is None else {YOURS: _accepted(net, x, y, eta)}
        self._starts = own | {name: [float(number) for number in PRESETS[name]] for name in PRESETS}
        self.choose(preset=next(iter(self._starts)) if preset is None else preset)
        self.choose(numbers=self._started(), sum_of=sum_of, text_size=text_size)
        tellings = [telling(name, texts_of(numbers)) for name, numbers in self._starts.items()]
        sums = [_("no δ"), *(f"{picture.symbol('δ', n)}, {_(name)}" for n, name in enumerate(NEURONS))]
        choices = {"presets": [_(name) for name in self._starts], "tellings": tellings, "sums": sums}
        super().__init__(
            f"SmallNetwork({net!r})" if own else "SmallNetwork()",
            words() | choices | {"symbols": [in_symbols(neuron) for neuron in range(len(NEURONS))]},
            scene=picture.scene() | {"most_past": MOST_PAST},
            presets=list(self._starts.values()),
        )
        self.observe(self._begin, "preset")

    def _started(self):
        return list(self._starts.values())[self.preset]

    def _begin(self, change=None):
        self.past, self.numbers = [], self._started()

    def set_state(self, sync_data):
        """Take over what the browser sends: where it sends numbers with a preset, it has changed them since."""
        if "numbers" in sync_data:
            self.unobserve(self._begin, "preset")
        super().set_state(sync_data)
        if "numbers" in sync_data:
            self.observe(self._begin, "preset")

    net = property(lambda self: as_example(self.numbers)[0], doc="The network with the numbers that are shown now.")
    x = property(lambda self: as_example(self.numbers)[1], doc="The input.")
    y = property(lambda self: as_example(self.numbers)[2], doc="The desired output.")
    eta = property(lambda self: self.numbers[-1], doc="The learning rate.")

    def _sentence(self):
        name = list(self._starts)[self.preset] if self.numbers == self._started() else YOURS
        return telling(name, texts_of(self.numbers))

    @printed
    def text(self):
        """The sentence, every number, and the sum that is asked for."""
        texts, lines = texts_of(self.numbers), [self._sentence()]
        for i, (name, number) in enumerate(zip(names(), self.numbers, strict=True)):
            slope = f" (∂C/∂w {texts[f'g{i}']})" if f"g{i}" in texts else ""
            lines.append(f"{name}: {shown(number)}{slope}")
        for n, name in enumerate(NEURONS):
            lines.append(f"{_(name)}: z {texts[f'z{n}']}, a {texts[f'a{n}']}, δ = ∂C/∂b {texts[f'd{n}']}")
        lines.append(_("cost: {cost}, after one step: {after}").format(**texts))
        return "\n".join(lines + self._sum())

    def _sum(self):
        return sum_of(self.sum_of - 1, self.numbers, outcome(self.numbers)) if self.sum_of else []

    def _still(self):
        alt = " ".join([self._sentence(), *self._sum(), _(PICTURE).format(**texts_of(self.numbers))])
        return alt, picture.still(self.numbers, outcome(self.numbers))


def texts_of(numbers):
    return {name: shown(value) for name, value in outcome(numbers).items()}


def _accepted(net, x, y, eta):
    """Refuse what does not fit a network of this size; give its numbers."""
    net = as_network(net)
    if list(net.sizes) != SIZES:
        sentence = _("net has the sizes {found}: expected {expected}, small enough to show every number.")
        raise ValueError(sentence.format(found=net.sizes, expected=SIZES))
    require_example(net, x, y)
    require_rate("eta", eta)
    return as_numbers(net, x, y, eta)
