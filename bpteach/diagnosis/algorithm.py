"""Backpropagation in lines that can be replaced: a mistake is run as the right code with some of them wrong."""

from types import SimpleNamespace

import numpy as np

from bpteach.functions import sigmoid, sigmoid_prime


def summed(delta):
    return delta.sum(axis=1, keepdims=True)


# s is the Run (for l = 1 it may have no more than `output_layer` gives it); l = 1 is the last layer, as in the book;
# d is δ of that layer, or of the next one in "back"
RIGHT = {
    "input": lambda s, X: X,
    "desired": lambda s, Y: Y,
    "weighted input": lambda s, w, a, b: w @ a + b,
    "activation": lambda s, z: sigmoid(z),
    "keep": lambda s: None,  # what has become of the lists when the forward pass is over
    "difference": lambda s: s.a[-1] - s.Y,
    "output slope": lambda s: sigmoid_prime(s.z[-1]),
    "hidden slope": lambda s, l: sigmoid_prime(s.z[-l]),
    "back": lambda s, l, d: s.w[-l + 1].T @ d,
    "layers": lambda s: range(2, len(s.w) + 1),
    "nabla_b": lambda s, l, d: d if s.single else summed(d),
    "nabla_w": lambda s, l, d: d @ s.a[-l - 1].T,
    "result": lambda s: (s.nabla_b, s.nabla_w),
}


class Run:
    """One run on a mini-batch, or for one example (`single`), where the bias's gradient is δ itself.

    It has lists w, b, z, a (a[0] is the input) and deltas; `made` holds every array so far.
    """

    def __init__(self, net, X, Y, lines=None, single=False):
        self.line = RIGHT | (lines or {})
        self.net, self.w, self.b, self.m, self.single = net, net.weights, net.biases, X.shape[1], single
        self.X, self.Y = X, Y
        self.z, self.deltas, self.made = [], [None] * len(self.w), []

    def gradients(self):
        """Run the lines; give (nabla_b, nabla_w), of shapes as the lines make them."""
        self._forward()
        self.nabla_b, self.nabla_w = [np.zeros(b.shape) for b in self.b], [np.zeros(w.shape) for w in self.w]
        self._keep(1, self._made(self.line["difference"](self)) * self.line["output slope"](self))
        for l in self.line["layers"](self):
            moved_back = self._made(self.line["back"](self, l, self._last_delta))
            self._keep(l, moved_back * self.line["hidden slope"](self, l))
        return self.line["result"](self)

    def _forward(self):
        X, self.Y = self.line["input"](self, self.X), self.line["desired"](self, self.Y)
        self.a = [X]
        for b, w in zip(self.b, self.w, strict=True):
            self.z.append(self._made(self.line["weighted input"](self, w, self.a[-1], b)))
            self.a.append(self._made(self.line["activation"](self, self.z[-1])))
        self.line["keep"](self)

    def _keep(self, l, delta):
        self._last_delta = self.deltas[-l] = self._made(delta)
        self.nabla_b[-l] = self.line["nabla_b"](self, l, delta)
        self.nabla_w[-l] = self.line["nabla_w"](self, l, delta)

    def _made(self, array):
        self.made.append(array)
        return array


def gradients(net, X, Y, lines=None, single=False):
    return Run(net, X, Y, lines, single).gradients()


def output_layer(lines):
    """Make a function of (Z, A, A_before, Y) that gives δ, ∂C/∂b and ∂C/∂w of the output layer, with lines replaced."""
    line = RIGHT | lines

    def layer(Z, A, A_before, Y):
        s = SimpleNamespace(z=[Z], a=[A_before, A], X=A_before, Y=Y, m=Y.shape[1], b=[Z[:, :1]], single=False)
        delta = line["difference"](s) * line["output slope"](s)
        return delta, line["nabla_b"](s, 1, delta), line["nabla_w"](s, 1, delta)

    return layer


def in_some_layers(name, *lines):
    """Each of the wrong lines for "nabla_b" or "nabla_w": in every layer, in hidden ones only, at the output only."""
    right = RIGHT[name]
    return tuple(
        {name: form}
        for line in lines
        for form in (
            line,
            lambda s, l, d, line=line: line(s, l, d) if l > 1 else right(s, l, d),
            lambda s, l, d, line=line: line(s, l, d) if l == 1 else right(s, l, d),
        )
    )


def scaled_step(of_b, of_w):
    """A step in which the gradients of biases and weights are multiplied by functions of m."""

    def update(net, X, Y, eta):
        m, (nabla_b, nabla_w) = X.shape[1], gradients(net, X, Y)
        take_step(net, ([of_b(m) * g for g in nabla_b], [of_w(m) * g for g in nabla_w]), eta / m)

    return update


def take_step(net, gradient, rate):
    """Take a step, letting NumPy broadcast, as code would that checks nothing. Changes `net`."""
    nabla_b, nabla_w = gradient
    net.biases = [b - rate * g for b, g in zip(net.biases, nabla_b, strict=True)]
    net.weights = [w - rate * g for w, g in zip(net.weights, nabla_w, strict=True)]
