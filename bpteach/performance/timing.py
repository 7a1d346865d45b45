"""Time functions side by side, count what a step of gradient descent must do, and measure how fast the machine is."""

from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

import numpy as np

from bpteach.arguments import require_count, require_dtype, require_one_of, require_positive, require_sizes
from bpteach.locale import _

PRODUCT = 512  # rows and columns of the matrices whose product gives the peak: they keep a core busy, and fit its cache
SECONDS = 0.5  # for each measurement of what the machine does at best


@dataclass(frozen=True)
class Quartiles:
    """The median of some numbers, and the quartiles: a quarter of them is below `low`, a quarter above `high`."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        low, median, high = map(float, np.percentile(values, [25, 50, 75]))
        return cls(median, low, high)

    def __str__(self):
        return _("{median:.3g} (from {low:.3g} to {high:.3g})").format(**vars(self))

    __repr__ = __str__


class Timing:
    """Seconds of one call of each function in each round: `seconds[name]` has shape (rounds,)."""

    def __init__(self, seconds):
        self.seconds = seconds

    def median(self, name):
        """Give the median time of one call, in seconds."""
        return float(np.median(self._of(name)))

    def ratio(self, slow, fast):
        """Divide the times of `slow` by those of `fast`, round by round; give the ratios' median and quartiles."""
        return Quartiles.of(self._of(slow) / self._of(fast))

    def _of(self, name):
        require_one_of("name", name, self.seconds)
        return self.seconds[name]


def side_by_side(functions, *, rounds=15, least=0.002):
    """Time functions of no arguments in turn: A B C, A B C, ... Their ratios hold where the machine's speed drifts.

    Parameters
    ----------
    functions : dict of str to function
        What to time, by name. Each is called once or twice before the first round, to warm up.
    rounds : int
        How many times each is measured.
    least : float
        Seconds that one measurement should take; a quick function is called several times in a row.

    Returns
    -------
    Timing
        Seconds a call, round by round: `timing.median("A")`, and `timing.ratio("A", "B")` with its quartiles.

    Raises
    ------
    TypeError, ValueError
        If `functions` is no dictionary of functions, or `rounds` no integer above 0.

    Examples
    --------
    >>> timing = side_by_side({"long": lambda: sum(range(20000)), "short": lambda: sum(range(200))}, rounds=3)
    >>> timing.seconds["long"].shape
    (3,)
    """
    if not isinstance(functions, dict) or not functions or not all(map(callable, functions.values())):
        message = _("functions is {found}: expected a dictionary of at least one name and function.")
        raise TypeError(message.format(found=type(functions).__name__))
    require_count("rounds", rounds)
    calls = {name: _calls_needed(function, least) for name, function in functions.items()}
    seconds = {name: np.empty(rounds) for name in functions}
    for i in range(rounds):
        for name, function in functions.items():
            seconds[name][i] = _seconds(function, calls[name])
    return Timing(seconds)


def one_blas_thread():
    """Hold the linear algebra library to one thread, inside a `with` block.

    Returns
    -------
    context manager
        Where threadpoolctl is not installed it changes nothing.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(limits=1, user_api="blas")


def _calls_needed(function, least):
    """Warm up, then say how many calls in a row take at least `least` seconds."""
    if _seconds(function, 1) >= least:  # long enough, even if the warm-up is a part of it
        return 1
    once = _seconds(function, 1) or _seconds(function, 100)  # in a page of the browser the clock is coarse
    return max(1, round(least / max(once, 1e-7)))


def _seconds(function, calls):
    began = perf_counter()
    for _call in range(calls):
        function()
    return (perf_counter() - began) / calls


def flops(sizes, m):
    """Count the floating-point operations in the matrix products of one step, forward and back.

    A product of (n, k) and (k, m) takes n·k·m multiplications and as many additions. σ, ⊙ and the update are left out.

    Parameters
    ----------
    sizes : list of int
        Neurons in each layer, input first: n_1, n_2, ..., n_L.
    m : int
        The mini-batch size.

    Returns
    -------
    int
        Operations.

    Raises
    ------
    TypeError, ValueError
        If `sizes` is no list of at least two integers, or `m` no integer, or one is below 1.

    Examples
    --------
    >>> flops([784, 30, 10], 10)
    958800
    """
    return 2 * sum(n * inner * columns for n, inner, columns in _products(sizes, m))


def bytes_moved(sizes, m, dtype=np.float64):
    """Count the bytes that one step fetches and stores if every matrix operation does so once; σ and ⊙ left out.

    >>> bytes_moved([784, 30, 10], 10)
    1095040
    """
    products = sum(n * inner + inner * columns + n * columns for n, inner, columns in _products(sizes, m))
    update = sum(3 * n * n_in for n_in, n in pairwise(sizes))  # (20)
    return require_dtype(dtype).itemsize * (products + update)


def _products(sizes, m):
    """List (n, inner, columns) for each matrix product of a step, (n, inner) times (inner, columns)."""
    layers = list(pairwise(require_sizes(sizes)))
    require_count("m", m)
    forward = [(n, n_in, m) for n_in, n in layers]  # W A
    gradient = [(n, m, n_in) for n_in, n in layers]  # Δ Aᵀ (BP4)
    back = [(n_in, n, m) for n_in, n in layers[1:]]  # Wᵀ Δ (BP2), which stops at layer 2
    return forward + gradient + back


def matrix_product(dtype=np.float64):
    """Make a function that multiplies two matrices, 2 · PRODUCT³ operations, to time it beside others."""
    a = np.ones((PRODUCT, PRODUCT), dtype)
    b, product = a.copy(), np.empty_like(a)
    return lambda: np.dot(a, b, out=product)


def matrix_peak(dtype):
    """Measure how many floating-point operations a second the machine does in a matrix product at best."""
    return 2 * PRODUCT**3 / _quickest(matrix_product(dtype))


def memory_speed(nbytes):
    """Measure how many bytes a second the machine moves with so many bytes in use: few come faster, from a cache."""
    source = np.ones(nbytes // 16)
    target = np.empty_like(source)
    return 2 * source.nbytes / _quickest(lambda: np.copyto(target, source))


def _quickest(function):
    end = perf_counter() + SECONDS
    quickest = _seconds(function, 1)
    while perf_counter() < end:
        quickest = min(quickest, _seconds(function, 1))
    return quickest or _seconds(function, 1000)  # where the clock is coarse


@dataclass(frozen=True)
class Roof:
    """What bounds the speed of a step: the machine's arithmetic, or its memory."""

    flops: int
    bytes: int
    peak: float
    speed: float
    intensity: float
    ceiling: float
    seconds: float
    binds: str  # a word for the reader

    def __str__(self):
        sentence = _(
            "{flops:.3g} operations and {bytes:.3g} bytes, {intensity:.2g} operations a byte: at least "
            "{seconds:.3g} s, for {binds} binds"
        )
        return sentence.format(**vars(self))


def roofline(sizes, m, dtype=np.float64, *, peak=None, speed=None):
    """Say what bounds one step on this machine: operations, bytes, and which of the two binds.

    Parameters
    ----------
    sizes : list of int
        Neurons in each layer, input first: n_1, n_2, ..., n_L.
    m : int
        The mini-batch size.
    dtype : data type
        `numpy.float64` or `numpy.float32`.
    peak, speed : float, optional
        Floating-point operations and bytes a second; measured if left out, in a matrix product, and with as many bytes
        in use as the step moves.

    Returns
    -------
    Roof
        Counts and speeds (`flops`, `bytes`, `peak`, `speed`), and what follows from them: `intensity`, operations for
        each byte; `ceiling`, the operations a second, and `seconds`, the shortest time that the roof allows; `binds`.

    Raises
    ------
    TypeError, ValueError
        If `sizes` is no list of at least two integers, `m` no integer, `dtype` another type, or a number too small.

    References
    ----------
    S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model", 2009.

    Examples
    --------
    >>> print(roofline([784, 30, 10], 10, peak=50e9, speed=20e9))
    9.59e+05 operations and 1.1e+06 bytes, 0.88 operations a byte: at least 5.48e-05 s, for memory binds
    """
    operations, moved = flops(sizes, m), bytes_moved(sizes, m, dtype)
    peak = matrix_peak(dtype) if peak is None else peak
    speed = memory_speed(moved) if speed is None else speed
    require_positive("peak", peak)
    require_positive("speed", speed)
    intensity = operations / moved
    ceiling, seconds = min(peak, speed * intensity), max(operations / peak, moved / speed)
    binds = _("arithmetic") if ceiling == peak else _("memory")
    return Roof(operations, moved, peak, speed, intensity, ceiling, seconds, binds)
