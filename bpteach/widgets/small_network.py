"""A network small enough to change: every number on the picture, and all that follows at once."""

import traitlets

from bpteach.arguments import name_of, require_example, require_rate
from bpteach.locale import N_, _
from bpteach.widgets import small_network_picture as picture
from bpteach.widgets.small_network_numbers import COUNT, LIMITS, PRESETS, SIZES, as_example, as_numbers, outcome
from bpteach.widgets.small_network_words import NEURONS, YOURS, alt, names, print_out, telling, words
from bpteach.widgets.widget import Bounded, Place, Widget, as_network, printed, static


class Preset(Bounded):
    """One of the places to start from, by its name or its place in their list."""

    def offered(self, widget):
        return list(range(len(widget._starts)))

    def accepted(self, widget, value):
        known = list(widget._starts)
        if type(value) is int and 0 <= value < len(known):
            return value
        if not isinstance(value, str) or value not in known:
            sentence, kind = _("{name} is {found}: expected one of {expected}."), isinstance(value, str | int)
            words = sentence.format(name=self.name, found=name_of(value), expected=_(", ").join(map(repr, known)))
            raise ValueError(words) if kind else TypeError(words)
        return known.index(value)


class Numbers(Bounded):
    """All the numbers that a reader can change, in the order of `small_network_numbers`."""

    def accepted(self, widget, value):
        if not isinstance(value, list | tuple) or len(value) != COUNT:
            sentence = _("{name} is {found}: expected a list of {count} numbers.")
            raise TypeError(sentence.format(name=self.name, found=name_of(value), count=COUNT))
        for what, number, (least, most) in zip(names(), value, LIMITS, strict=True):
            if not isinstance(number, int | float) or isinstance(number, bool) or not least <= number <= most:
                sentence = _("{name}, {what}, is {found}: expected a number from {least} to {most}.")
                found = name_of(number)
                raise ValueError(sentence.format(name=self.name, what=what, found=found, least=least, most=most))
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
    preset : str or int
        What is shown first, by its name or its place in their list: "by hand", "saturated", "cancelling paths",
        "wrong target", "zero input" or "large η".
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

    linked = ("preset", "sum_of")
    scene = traitlets.Dict().tag(sync=True)
    presets = traitlets.List().tag(sync=True)
    preset = Preset(0)
    numbers = Numbers([])
    past = traitlets.List().tag(sync=True)
    sum_of = Place(lambda widget: len(NEURONS), N_("0 for none"))

    def __init__(self, net=None, x=None, y=None, *, eta=1.0, preset=0, sum_of=0, text_size=16):
        require_rate("eta", eta)
        own = {} if net is None and x is None and y is None else {YOURS: _accepted(net, x, y, eta)}
        self._starts = own | {name: list(map(float, numbers)) for name, numbers in PRESETS.items()}
        self.choose(preset=preset)
        self.choose(numbers=self._started(), sum_of=sum_of, text_size=text_size)
        super().__init__(
            f"SmallNetwork({net!r})" if own else "SmallNetwork()",
            words(self._starts),
            scene=picture.scene(),
            presets=list(self._starts.values()),
        )
        self.observe(self._begin, "preset")

    def _started(self):
        return list(self._starts.values())[self.preset]

    def _begin(self, change):
        self.past, self.numbers = [], self._started()

    def set_state(self, sync_data):
        if "numbers" in sync_data:  # those are not the preset's any more, if there is one with them
            self.unobserve(self._begin, "preset")
        super().set_state(sync_data)
        if "numbers" in sync_data:
            self.observe(self._begin, "preset")

    net = property(lambda self: as_example(self.numbers)[0], doc="The network with the numbers that are shown now.")
    x = property(lambda self: as_example(self.numbers)[1], doc="The input.")
    y = property(lambda self: as_example(self.numbers)[2], doc="The desired output.")
    eta = property(lambda self: self.numbers[-1], doc="The learning rate.")

    def _sentence(self):
        name = list(self._starts)[self.preset]
        return telling(name if self.numbers == self._starts[name] else YOURS, outcome(self.numbers))

    @printed
    def text(self):
        """The sentence, every number, and the sum that is asked for."""
        return "\n".join([self._sentence(), *print_out(self.numbers, self.sum_of - 1)])

    def _still(self):
        said = alt(self._sentence(), self.numbers, self.sum_of - 1)
        return said, picture.still(self.numbers, outcome(self.numbers))


def _accepted(net, x, y, eta):
    """Refuse what does not fit a network of this size; give its numbers."""
    net = as_network(net)
    if list(net.sizes) != SIZES:
        sentence = _("net has the sizes {found}: expected {expected}, small enough to show every number.")
        raise ValueError(sentence.format(found=net.sizes, expected=SIZES))
    require_example(net, x, y)
    return as_numbers(net, x, y, eta)
