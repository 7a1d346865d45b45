"""Backpropagation with one line wrong: every mistake of the catalogue, in each of the forms in which it is met.

`RIGHT` holds the lines of the algorithm. A mistake is another version of one of them; it is run like the right code,
and a reader's numbers are compared with what comes out.
"""

from types import SimpleNamespace

import numpy as np

from bpteach.functions import sigmoid, sigmoid_prime

WORDS = {
    "unknown": "name is {name!r}: expected one of {known}.",
    "use update": "name is {name!r}, which is a mistake of the update step: use faulty_update.",
    "use gradient": "name is {name!r}, which a step does not show: use faulty.",
}

# s holds w, b (lists), a, z (lists, once the forward pass has run), Y and m; l = 1 is the last layer, as in the book
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
    "layers": lambda s, count: range(2, count + 1),
    "nabla_b": lambda s, l, d: d.sum(axis=1, keepdims=True),
    "nabla_w": lambda s, l, d: d @ s.a[-l - 1].T,
}
ONE_EXAMPLE = {"nabla_b": lambda s, l, d: d}


def gradients(net, X, Y, lines=None, single=False, state=None):
    """Run backpropagation with some of its lines replaced.

    Parameters
    ----------
    net : Network
        The network.
    X : array, shape (n_1, m)
        The inputs.
    Y : array, shape (n_L, m)
        The desired outputs.
    lines : dict of str to callable, optional
        The lines that are replaced, by their names in `RIGHT`; "whole" changes the finished gradient.
    single : bool
        For one example: the bias's gradient is δ itself.
    state : types.SimpleNamespace, optional
        Takes every array of the run, also of one that ends with an exception.

    Returns
    -------
    nabla_b : list of arrays
        One a layer after the input; shapes as the lines make them.
    nabla_w : list of arrays
        One a layer after the input.
    """
    line = RIGHT | (ONE_EXAMPLE if single else {}) | (lines or {})
    s = SimpleNamespace() if state is None else state
    s.net, s.single, s.w, s.b, s.m, s.made = net, single, net.weights, net.biases, X.shape[1], []
    s.X, s.Y = line["input"](s, X), line["desired"](s, Y)
    s.a, s.z = [s.X], []
    for b, w in zip(s.b, s.w, strict=True):
        s.made.append(line["weighted input"](s, w, s.a[-1], b))
        s.z.append(s.made[-1])
        s.a.append(line["activation"](s, s.z[-1]))
    line["keep"](s)
    count = len(s.w)
    s.nabla_b, s.nabla_w = [np.zeros(b.shape) for b in s.b], [np.zeros(w.shape) for w in s.w]
    s.deltas = [None] * count
    s.made = [*s.z, *s.a[1:], line["difference"](s)]
    delta = s.made[-1] * line["output slope"](s)
    s.deltas[-1] = delta
    s.made.append(delta)
    s.nabla_b[-1], s.nabla_w[-1] = line["nabla_b"](s, 1, delta), line["nabla_w"](s, 1, delta)
    for l in line["layers"](s, count):
        s.made.append(line["back"](s, l, delta))
        delta = s.made[-1] * line["hidden slope"](s, l)
        s.deltas[-l] = delta
        s.made.append(delta)
        s.nabla_b[-l], s.nabla_w[-l] = line["nabla_b"](s, l, delta), line["nabla_w"](s, l, delta)
    if "whole" in line:
        return line["whole"](s, X, Y)
    return s.nabla_b, s.nabla_w


def inside(net, X, Y):
    """Give the quantities of a right run.

    Parameters
    ----------
    net : Network
        The network.
    X : array, shape (n_1, m)
        The inputs.
    Y : array, shape (n_L, m)
        The desired outputs.

    Returns
    -------
    types.SimpleNamespace
        With the lists w, b, z, a (a[0] is the input) and deltas, and Y.
    """
    state = SimpleNamespace()
    gradients(net, X, Y, state=state)
    return state


# --- helpers of the wrong lines --------------------------------------------------------------------------------------


def _both(line):
    """The same wrong slope in both places, in the hidden layers only, or at the output only."""
    hidden, output = {"hidden slope": line}, {"output slope": lambda s: line(s, 1)}
    return [hidden | output, hidden, output]


def _layers(name, line):
    """The same wrong line for biases or weights in every layer, in the hidden layers only, or at the output only."""

    def right(s, l, d):
        return (ONE_EXAMPLE if s.single and name == "nabla_b" else RIGHT)[name](s, l, d)

    return [
        {name: line},
        {name: lambda s, l, d: line(s, l, d) if l > 1 else right(s, l, d)},
        {name: lambda s, l, d: line(s, l, d) if l == 1 else right(s, l, d)},
    ]


def _weights(line):
    return _layers("nabla_w", line)


def _biases(*lines):
    return [form for line in lines for form in _layers("nabla_b", line)]


def _times(b, w):
    """The whole gradient times constants; each is a function of m."""

    def whole(s, X, Y):
        return [g * b(s.m) for g in s.nabla_b], [g * w(s.m) for g in s.nabla_w]

    return {"whole": whole}


def _columns(s, X, Y):
    return [gradients(s.net, X[:, [i]], Y[:, [i]]) for i in range(s.m)]


def _last_column(biases, weights):
    """Only the last example's gradient is kept, of the biases, the weights or both."""

    def whole(s, X, Y):
        nabla_b, nabla_w = _columns(s, X, Y)[-1]
        return nabla_b if biases else s.nabla_b, nabla_w if weights else s.nabla_w

    return {"whole": whole}


def _share(own_input, share_z, slope_of_a):
    """One array, as high as the widest layer, holds every activation in turn: each layer keeps a window on it."""

    def keep(s):
        s.a = [s.a[0], *_overwritten(s.a[1:])] if own_input else _overwritten(s.a)
        if share_z:
            s.z = _overwritten(s.z)

    lines = {"keep": keep}
    if slope_of_a:
        lines |= {"hidden slope": lambda s, l: s.a[-l] * (1 - s.a[-l])}
    return lines


def _overwritten(arrays):
    """Write arrays into one buffer, one after the other, and give the windows that each has on it at the end."""
    buffer = np.zeros((max(map(len, arrays)), arrays[0].shape[1]))
    for array in arrays:
        buffer[: len(array)] = array
    return [buffer[: len(array)].copy() for array in arrays]


def _summed(d):
    return d.sum(axis=1, keepdims=True)


def _first_layer(kind, only_hidden):
    """What the first layer holds when the loop never came there.

    Without a hidden layer there may be nothing to loop over, and then nothing is missing.
    """

    def whole(s, X, Y):
        if only_hidden and len(s.w) == 1:
            return s.nabla_b, s.nabla_w
        if kind == "missing":
            return s.nabla_b[1:], s.nabla_w[1:]
        put = {"zero": lambda g: np.zeros_like(g), "none": lambda g: None, "number": lambda g: 0}[kind]
        return [put(s.nabla_b[0]), *s.nabla_b[1:]], [put(s.nabla_w[0]), *s.nabla_w[1:]]

    return {"whole": whole}


def _flat(**parts):
    """Biases, inputs or labels that have lost their second dimension; NumPy then broadcasts rows against columns."""
    lines = {}
    if "b" in parts:
        lines["weighted input"] = lambda s, w, a, b: w @ a + b.ravel()
    if "x" in parts:
        lines["input"] = lambda s, X: X.ravel()
    if "y" in parts:
        lines["desired"] = lambda s, Y: Y.ravel()
    return lines


# --- the wrong lines -------------------------------------------------------------------------------------------------

GRADIENT_MISTAKES = {
    "missing-output-sigmoid-prime": [{"output slope": lambda s: 1}],
    "missing-hidden-sigmoid-prime": [{"hidden slope": lambda s, l: 1}],
    "sigmoid-prime-of-activation": _both(lambda s, l: sigmoid_prime(s.a[-l])),
    "activation-formula-on-z": _both(lambda s, l: s.z[-l] * (1 - s.z[-l])),
    "activation-index-late": _weights(lambda s, l, d: d @ s.a[-l].T),
    "outer-product-transposed": _weights(lambda s, l, d: s.a[-l - 1] @ d.T),
    "missing-transpose": [{"back": lambda s, l, d: s.w[-l + 1] @ d}],
    "weight-index-off-by-one": [
        {"back": lambda s, l, d: s.w[-l].T @ d},
        {"back": lambda s, l, d: s.w[(-l + 2) % len(s.w)].T @ d},
    ],
    "weight-index-hard-coded": [
        {"back": lambda s, l, d: s.w[-1].T @ d},
        {"back": lambda s, l, d: s.w[1].T @ d},
    ],
    "z-index-off-by-one": [
        {"hidden slope": lambda s, l: sigmoid_prime(s.z[-l + 1])},
        {"hidden slope": lambda s, l: sigmoid_prime(s.z[(-l - 1) % len(s.z)])},
        {"hidden slope": lambda s, l: sigmoid_prime(s.z[max(len(s.z) - l - 1, 0)])},
        {"hidden slope": lambda s, l: sigmoid_prime([s.X, *s.z][-l - 1])},
        {
            "hidden slope": lambda s, l: sigmoid_prime([s.X, *s.z][-l - 1]),
            "output slope": lambda s: sigmoid_prime([s.X, *s.z][-2]),
        },
        {"hidden slope": lambda s, l: s.a[-l - 1] * (1 - s.a[-l - 1])},
    ],
    "loop-one-layer-short": [
        _first_layer(kind, only_hidden)
        for kind in ("zero", "missing", "none", "number")
        for only_hidden in (True, False)
    ],
    "wrong-sign": [_times(lambda m: -1, lambda m: -1)],
    "factor-two": [_times(lambda m: 2, lambda m: 2)],
    "mean-for-sum": [_times(lambda m: 1 / m, lambda m: 1 / m), _times(lambda m: m, lambda m: m)],
    "bias-mean-weight-sum": [_times(lambda m: 1 / m, lambda m: 1)],
    "bias-not-summed": _biases(lambda s, l, d: d),
    "bias-wrong-axis": _biases(
        lambda s, l, d: d.sum(axis=0),
        lambda s, l, d: d.sum(axis=0, keepdims=True),
        lambda s, l, d: d.sum(axis=0, keepdims=True).T,
        lambda s, l, d: np.zeros(s.b[-l].shape) + d.sum(axis=0),
        lambda s, l, d: d.sum(),
        lambda s, l, d: d.sum().reshape(1, 1),
        lambda s, l, d: np.full(s.b[-l].shape, d.sum()),
    ),
    "bias-lost-dimension": _biases(
        lambda s, l, d: d.sum(axis=1),
        lambda s, l, d: np.zeros(s.b[-l].shape) + d.sum(axis=1),
    ),
    "bias-from-weights": _biases(lambda s, l, d: _summed(d @ s.a[-l - 1].T)),
    "bias-one-dimensional": [
        _flat(b=1),
        _flat(x=1),
        _flat(y=1),
        _flat(b=1, y=1),
        _flat(x=1, y=1),
        _flat(b=1) | {"nabla_b": lambda s, l, d: d},
        _flat(b=1) | {"nabla_b": lambda s, l, d: d.sum(axis=1)},
        _flat(b=1) | {"nabla_b": lambda s, l, d: _summed(d)},
    ],
    "last-example-only": [_last_column(True, True), _last_column(True, False), _last_column(False, True)],
    "average-then-multiply": [
        {"nabla_w": lambda s, l, d: _summed(d) @ _summed(s.a[-l - 1]).T / s.m},
        {"nabla_w": lambda s, l, d: _summed(d) @ _summed(s.a[-l - 1]).T / s.m**2},
        {"nabla_w": lambda s, l, d: _summed(d) @ _summed(s.a[-l - 1]).T},
        {
            "nabla_b": lambda s, l, d: _summed(d) / s.m,
            "nabla_w": lambda s, l, d: _summed(d) @ _summed(s.a[-l - 1]).T / s.m**2,
        },
    ],
    "elementwise-for-matrix-product": [
        {"back": lambda s, l, d: s.w[-l + 1].T * d},
        {"back": lambda s, l, d: s.w[-l + 1] * d},
        {"back": lambda s, l, d: s.w[-l + 1].T * d, "nabla_w": lambda s, l, d: d * s.a[-l - 1].T},
        {"back": lambda s, l, d: s.w[-l + 1].T * d, "nabla_w": lambda s, l, d: np.outer(d, s.a[-l - 1])},
        {"back": lambda s, l, d: s.w[-l + 1] * d, "nabla_w": lambda s, l, d: np.outer(d, s.a[-l - 1])},
        {"back": lambda s, l, d: s.w[-l + 1].sum(axis=1, keepdims=True) * d},
        {"back": lambda s, l, d: s.w[-l + 1].sum(axis=0, keepdims=True).T * d},
    ],
    "activations-share-a-buffer": [
        _share(own_input, share_z, slope_of_a)
        for own_input, share_z, slope_of_a in (
            (True, False, False),
            (False, False, False),
            (True, True, False),
            (False, True, False),
            (True, False, True),
            (False, False, True),
        )
    ]
    + [{"keep": lambda s: s.__dict__.update(z=_overwritten(s.z))}],
}

#: what one example cannot show: with m = 1 a sum, a mean and the last column are the same
BATCH_MISTAKES = {
    "mean-for-sum",
    "bias-mean-weight-sum",
    "bias-not-summed",
    "last-example-only",
    "average-then-multiply",
}


# --- wrong steps -----------------------------------------------------------------------------------------------------


def step_of(net, nabla_b, nabla_w, rate):
    """Take a step, letting NumPy broadcast, as code would that checks nothing. Changes `net`.

    Parameters
    ----------
    net : Network
        The network.
    nabla_b : list of arrays
        The biases' gradients, of any shapes that broadcast.
    nabla_w : list of arrays
        The weights' gradients.
    rate : float
        By how much of the gradient to move.
    """
    net.biases = [b - rate * g for b, g in zip(net.biases, nabla_b, strict=True)]
    net.weights = [w - rate * g for w, g in zip(net.weights, nabla_w, strict=True)]


def _early(net, X, Y, eta):
    """The weights are changed on the way back, and the next layer's error is computed with the new ones."""
    rate = eta / X.shape[1]
    s = inside(net, X, Y)
    delta = s.deltas[-1]
    for l in range(1, len(net.weights) + 1):
        if l > 1:
            delta = (net.weights[-l + 1].T @ delta) * sigmoid_prime(s.z[-l])
        net.biases[-l] = net.biases[-l] - rate * _summed(delta)
        net.weights[-l] = net.weights[-l] - rate * delta @ s.a[-l - 1].T


def _each(rate_of, order=1):
    """A step after each example, from the first to the last or (−1) the other way round."""

    def update(net, X, Y, eta):
        for i in range(X.shape[1])[::order]:
            step_of(net, *gradients(net, X[:, [i]], Y[:, [i]]), rate_of(eta, X.shape[1]))

    return update


def _totals_so_far(net, X, Y, eta):
    """A step after each example, with the sum of the gradients until then."""
    totals = None
    for i in range(X.shape[1]):
        found = gradients(net, X[:, [i]], Y[:, [i]])
        totals = (
            found
            if totals is None
            else [[a + b for a, b in zip(*p, strict=True)] for p in zip(totals, found, strict=True)]
        )
        step_of(net, *totals, eta / X.shape[1])


def _flat_biases(net, X, Y, eta):
    """Biases that have become flat."""
    step_of(net, *gradients(net, X, Y), eta / X.shape[1])
    net.biases = [b.ravel() for b in net.biases]


def _only(biases, weights):
    def update(net, X, Y, eta):
        nabla_b, nabla_w = gradients(net, X, Y)
        step_of(net, [biases * g for g in nabla_b], [weights * g for g in nabla_w], eta / X.shape[1])

    return update


def _scaled(b, w):
    """Biases and weights at rates of their own, each a function of η and m."""

    def update(net, X, Y, eta):
        nabla_b, nabla_w = gradients(net, X, Y)
        m = X.shape[1]
        net.biases = [old - b(eta, m) * g for old, g in zip(net.biases, nabla_b, strict=True)]
        net.weights = [old - w(eta, m) * g for old, g in zip(net.weights, nabla_w, strict=True)]

    return update


def _from_gradients(lines):
    def update(net, X, Y, eta):
        step_of(net, *gradients(net, X, Y, lines), eta / X.shape[1])

    return update


STEP_MISTAKES = {
    "bias-mean-weight-sum": [_scaled(lambda eta, m: eta / m, lambda eta, m: eta)],
    "updated-too-early": [_early],
    "update-inside-sample-loop": [
        *[_each(rate, order) for rate in (lambda eta, m: eta / m, lambda eta, m: eta) for order in (1, -1)],
        _totals_so_far,
    ],
    "bias-lost-dimension": [_flat_biases],
    "biases-never-updated": [_only(0, 1)],
}


def step_forms():
    """List every mistake that a step can show, with each of its forms.

    Returns
    -------
    list of pairs (str, callable)
        The mistake's name, and a function of (net, X, Y, eta) that makes it.
    """
    forms = [(name, form) for name, wrong in STEP_MISTAKES.items() for form in wrong]
    forms += [(name, _from_gradients(lines)) for name, wrong in GRADIENT_MISTAKES.items() for lines in wrong]
    return forms


def gradient_forms(single):
    """List every mistake that a gradient can show, with each of its forms.

    Parameters
    ----------
    single : bool
        For one example, not a mini-batch.

    Returns
    -------
    list of pairs (str, dict)
        The mistake's name, and the lines that it replaces.
    """
    return [
        (name, lines)
        for name, wrong in GRADIENT_MISTAKES.items()
        if not (single and name in BATCH_MISTAKES)
        for lines in wrong
    ]


# --- as functions ----------------------------------------------------------------------------------------------------


def faulty(name):
    """Make a function like `backprop_matrix` that makes one mistake of the catalogue.

    Parameters
    ----------
    name : str
        The mistake's name.

    Returns
    -------
    callable
        A function of (net, X, Y) that returns (nabla_b, nabla_w).

    Raises
    ------
    ValueError
        If the catalogue has no such mistake, or it is one of the update step.
    """
    if name in GRADIENT_MISTAKES:
        lines = GRADIENT_MISTAKES[name][0]
        return lambda net, X, Y: gradients(net, X, Y, lines)
    if name in SIDE_EFFECTS:
        return SIDE_EFFECTS[name]
    message = _unknown(name, [*GRADIENT_MISTAKES, *SIDE_EFFECTS], "use update", STEPS_ONLY)
    raise ValueError(message)


def faulty_update(name):
    """Make a function like `update_mini_batch_matrix` that makes one mistake of the catalogue.

    Parameters
    ----------
    name : str
        The mistake's name.

    Returns
    -------
    callable
        A function of (net, X, Y, eta) that changes `net`.

    Raises
    ------
    ValueError
        If the catalogue has no such mistake, or a step cannot show it.
    """
    if name == "accumulator-not-reset":
        return _carried_over()
    if name in GRADIENT_MISTAKES:
        return _from_gradients(GRADIENT_MISTAKES[name][0])
    if name in STEP_MISTAKES:
        return STEP_MISTAKES[name][0]
    if name == "arguments-changed":
        return lambda net, X, Y, eta: step_of(net, *_changes_y(net, X, Y), eta / X.shape[1])
    known = dict.fromkeys([*GRADIENT_MISTAKES, *STEPS_ONLY, "arguments-changed"])
    message = _unknown(name, known, "use gradient", ["outputs-share-memory"])
    raise ValueError(message)


def _unknown(name, known, cure, elsewhere):
    if name in elsewhere:
        return WORDS[cure].format(name=name)
    return WORDS["unknown"].format(name=name, known=", ".join(known))


def _carried_over():
    """The sums are made once, and every call adds to them."""
    sums = []

    def update(net, X, Y, eta):
        found = gradients(net, X, Y)
        if not sums:
            sums.extend([np.zeros_like(g) for g in part] for part in found)
        for totals, part in zip(sums, found, strict=True):
            for total, g in zip(totals, part, strict=True):
                total += g
        step_of(net, *sums, eta / X.shape[1])

    return update


def _changes_y(net, X, Y):
    """Write the difference into Y."""
    right = gradients(net, X, Y)
    np.subtract(inside(net, X, Y).a[-1], Y, out=Y)
    return right


def _views(net, X, Y):
    """Return windows on one array for the biases and the weights of a layer."""
    both = [np.hstack(pair) for pair in zip(*gradients(net, X, Y), strict=True)]
    return [g[:, :1] for g in both], [g[:, 1:] for g in both]


STEPS_ONLY = ("updated-too-early", "update-inside-sample-loop", "accumulator-not-reset", "biases-never-updated")
SIDE_EFFECTS = {"arguments-changed": _changes_y, "outputs-share-memory": _views}
