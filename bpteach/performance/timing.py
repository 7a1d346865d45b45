"""Time functions side by side, and say how fast the machine would allow them to be.

A laptop's speed drifts while it measures. Two functions that are timed in turn, in the same round, see the same drift,
so their ratio holds where a single time does not.

What a step of gradient descent must do at the least can be counted: floating-point operations (`flops`) and bytes
fetched and stored (`bytes_moved`). How fast the machine does either can be measured (`matrix_peak`, `memory_speed`).
The two together are a roofline (`roofline`).
"""

from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

import numpy as np

from bpteach.arguments import check_count, check_dtype

WORDS = {
    "functions": "functions is {found}: expected a dictionary of at least one name and function.",
    "unknown": "{name!r} was not timed: expected one of {names}.",
    "ratio": "{median:.3g} (from {low:.3g} to {high:.3g})",
    "positive": "{name} is {found}: expected a number above 0.",
    "sizes": "sizes is {found}: expected a list of at least two layer sizes, such as [784, 30, 10].",
    "arithmetic": "arithmetic",
    "memory": "memory",
    "roof": "{flops:.3g} operations and {bytes:.3g} bytes, {intensity:.2g} operations a byte: at least "
    "{seconds:.3g} s, for {binds} binds",
}


class Timing:
    """Seconds of each function in each round.

    Parameters
    ----------
    seconds : dict of str to array, shape (rounds,)
        Seconds for one call, by the function's name.
    """

    def __init__(self, seconds):
        self.seconds = seconds

    def median(self, name):
        """Give the median time of one call.

        Parameters
        ----------
        name : str
            The function's name.

        Returns
        -------
        float
            Seconds.

        Raises
        ------
        ValueError
            If no function of that name was timed.
        """
        return float(np.median(self._of(name)))

    def ratio(self, slow, fast):
        """Compare two functions round by round.

        Parameters
        ----------
        slow : str
            The name of the function whose time is divided.
        fast : str
            The name of the function that it is divided by.

        Returns
        -------
        Ratio
            Median and quartiles of the rounds' ratios.

        Raises
        ------
        ValueError
            If no function of that name was timed.
        """
        low, median, high = np.percentile(self._of(slow) / self._of(fast), [25, 50, 75])
        return Ratio(float(median), float(low), float(high))

    def _of(self, name):
        if name not in self.seconds:
            raise ValueError(WORDS["unknown"].format(name=name, names=list(self.seconds)))
        return self.seconds[name]


class Ratio:
    """A ratio of two times: its median, and the quartiles as its spread.

    Parameters
    ----------
    median : float
        Half of the rounds gave less.
    low : float
        A quarter of the rounds gave less.
    high : float
        A quarter of the rounds gave more.
    """

    def __init__(self, median, low, high):
        self.median, self.low, self.high = median, low, high

    def __str__(self):
        """Print the median, and the quartiles in brackets."""
        return WORDS["ratio"].format(median=self.median, low=self.low, high=self.high)

    __repr__ = __str__


def side_by_side(functions, *, rounds=15, least=0.002):
    """Time functions of no arguments in turn: A B C, A B C, ...

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
        Seconds a call, round by round.

    Raises
    ------
    TypeError
        If `functions` is no dictionary of functions, or `rounds` no integer.
    ValueError
        If `rounds` is below 1.

    Examples
    --------
    >>> timing = side_by_side({"long": lambda: sum(range(20000)), "short": lambda: sum(range(200))}, rounds=3)
    >>> timing.seconds["long"].shape
    (3,)
    """
    if not isinstance(functions, dict) or not functions or not all(map(callable, functions.values())):
        raise TypeError(WORDS["functions"].format(found=type(functions).__name__))
    check_count("rounds", rounds)
    calls = {name: _calls_needed(function, least) for name, function in functions.items()}
    seconds = {name: np.empty(rounds) for name in functions}
    for i in range(rounds):
        for name, function in functions.items():
            seconds[name][i] = _seconds(function, calls[name])
    return Timing(seconds)


@dataclass(frozen=True)
class Roof:
    """What bounds the speed of a step: the machine's arithmetic, or its memory.

    Attributes
    ----------
    flops : int
        Floating-point operations of the step.
    bytes : int
        Bytes that it fetches and stores.
    peak : float
        Floating-point operations a second that the machine reaches at best.
    speed : float
        Bytes a second that it fetches and stores at best.
    intensity : float
        Operations for each byte: where the step stands on the roofline's horizontal axis.
    ridge : float
        The intensity at which arithmetic and memory take equally long: the corner of the roofline.
    ceiling : float
        Operations a second that this intensity allows: the roof above the step's point.
    seconds : float
        The shortest time that the roof allows.
    binds : str
        Which of the two binds: "arithmetic" or "memory".
    """

    flops: int
    bytes: int
    peak: float
    speed: float
    intensity: float
    ridge: float
    ceiling: float
    seconds: float
    binds: str

    def __str__(self):
        """Print the counts, the shortest time, and what binds."""
        return WORDS["roof"].format(**vars(self))


def flops(sizes, m):
    """Count the floating-point operations in the matrix products of one step, forward and back.

    A product of (n, k) and (k, m) takes n·k·m multiplications and as many additions. What is done number by number
    (σ, ⊙, the update) is left out: it is little beside them, and not what the machine's peak is measured with.

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
    TypeError
        If `sizes` is no list of integers, or `m` no integer.
    ValueError
        If `sizes` has fewer than two numbers, or a number is below 1.

    Examples
    --------
    >>> flops([784, 30, 10], 10)
    958800
    """
    layers = _layers(sizes, m)
    forward = sum(n * n_in for n_in, n in layers)  # W A
    gradient = forward  # Δ Aᵀ (BP4)
    back = sum(n * n_in for n_in, n in layers[1:])  # Wᵀ Δ (BP2), which stops at layer 2
    return 2 * m * (forward + gradient + back)


def bytes_moved(sizes, m, dtype=np.float64):
    """Count the bytes that one step fetches and stores if every matrix operation does so once.

    That is: the two factors of each matrix product are fetched and the product is stored; and the update fetches each
    gradient and each weight and stores the weight. What is done number by number on activations is left out: it works
    on numbers that have just been stored.

    Parameters
    ----------
    sizes : list of int
        Neurons in each layer, input first: n_1, n_2, ..., n_L.
    m : int
        The mini-batch size.
    dtype : data type
        `numpy.float64` or `numpy.float32`.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    TypeError
        If `sizes` is no list of integers, `m` no integer, or `dtype` another type.
    ValueError
        If `sizes` has fewer than two numbers, or a number is below 1.

    Examples
    --------
    >>> bytes_moved([784, 30, 10], 10)
    1095040
    """
    layers = _layers(sizes, m)
    forward = sum(_product(n, n_in, m) for n_in, n in layers)  # W A
    gradient = sum(_product(n, m, n_in) for n_in, n in layers)  # Δ Aᵀ (BP4)
    back = sum(_product(n_in, n, m) for n_in, n in layers[1:])  # Wᵀ Δ (BP2)
    update = sum(3 * n * n_in for n_in, n in layers)  # (20)
    return check_dtype(dtype).itemsize * (forward + gradient + back + update)


def matrix_peak(dtype=np.float64, seconds=0.5, size=512):
    """Measure how many floating-point operations a second the machine does in a matrix product at best.

    Parameters
    ----------
    dtype : data type
        `numpy.float64` or `numpy.float32`.
    seconds : float
        How long to measure.
    size : int
        Rows and columns of the matrices: large enough to keep the processor busy, small enough for its cache.

    Returns
    -------
    float
        Floating-point operations a second, in the quickest of the products.

    Raises
    ------
    TypeError
        If `dtype` is another type, or `size` no integer.
    ValueError
        If `seconds` is not above 0, or `size` is below 1.
    """
    return 2 * size**3 / _quickest(matrix_product(dtype, size), seconds)


def matrix_product(dtype=np.float64, size=512):
    """Make the function that `matrix_peak` times, to time it beside others.

    Parameters
    ----------
    dtype : data type
        `numpy.float64` or `numpy.float32`.
    size : int
        Rows and columns of the matrices.

    Returns
    -------
    function
        Without arguments: it multiplies two matrices, 2·size³ floating-point operations.

    Raises
    ------
    TypeError
        If `dtype` is another type, or `size` no integer.
    ValueError
        If `size` is below 1.
    """
    check_count("size", size)
    a = np.ones((size, size), check_dtype(dtype))
    b, product = a.copy(), np.empty_like(a)
    return lambda: np.dot(a, b, out=product)


def memory_speed(nbytes=1_000_000, seconds=0.5):
    """Measure how many bytes a second the machine fetches and stores at best.

    Small arrays stay in the processor's cache, from which they come faster than from memory: ask for as many bytes as
    your step moves.

    Parameters
    ----------
    nbytes : int
        Bytes in use: half are fetched, and stored in the other half.
    seconds : float
        How long to measure.

    Returns
    -------
    float
        Bytes fetched and stored a second, in the quickest of the copies.

    Raises
    ------
    TypeError
        If `nbytes` is no integer.
    ValueError
        If `nbytes` is below 16, or `seconds` is not above 0.
    """
    check_count("nbytes", nbytes, 16)
    source = np.ones(nbytes // 16)
    target = np.empty_like(source)
    return 2 * source.nbytes / _quickest(lambda: np.copyto(target, source), seconds)


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
    peak : float, optional
        Floating-point operations a second; without it, `matrix_peak` measures them.
    speed : float, optional
        Bytes a second; without it, `memory_speed` measures them, with as many bytes in use as the step moves.

    Returns
    -------
    Roof
        Counts and speeds, and what follows from them: `intensity`, `ridge`, `ceiling`, `seconds`, `binds`.

    Raises
    ------
    TypeError
        If `sizes` is no list of integers, `m` no integer, or `dtype` another type.
    ValueError
        If `sizes` has fewer than two numbers, or a number is too small.

    References
    ----------
    S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model", 2009.

    Examples
    --------
    >>> print(roofline([784, 30, 10], 10, peak=50e9, speed=20e9))
    9.59e+05 operations and 1.1e+06 bytes, 0.88 operations a byte: at least 5.48e-05 s, for memory binds
    """
    operations, moved = flops(sizes, m), bytes_moved(sizes, m, dtype)
    peak = matrix_peak(dtype) if peak is None else _positive("peak", peak)
    speed = memory_speed(moved) if speed is None else _positive("speed", speed)
    intensity, ridge = operations / moved, peak / speed
    return Roof(
        operations,
        moved,
        peak,
        speed,
        intensity,
        ridge,
        ceiling=min(peak, speed * intensity),
        seconds=max(operations / peak, moved / speed),
        binds=WORDS["arithmetic" if intensity >= ridge else "memory"],
    )


def one_blas_thread():
    """Hold the linear algebra library to one thread, inside a `with` block.

    Returns
    -------
    context manager
        Its limit ends with the block. Where threadpoolctl is not installed it changes nothing.
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
    return max(1, round(least / max(_seconds(function, 1), 1e-7)))


def _seconds(function, calls):
    began = perf_counter()
    for _ in range(calls):
        function()
    return (perf_counter() - began) / calls


def _quickest(function, seconds):
    """Call a function over and over for so many seconds, and give the shortest time that a call took."""
    end = perf_counter() + _positive("seconds", seconds)
    quickest = _seconds(function, 1)
    while perf_counter() < end:
        quickest = min(quickest, _seconds(function, 1))
    return quickest


def _product(rows, inner, columns):
    """Count the numbers that a matrix product fetches (two factors) and stores."""
    return rows * inner + inner * columns + rows * columns


def _layers(sizes, m):
    """Give the pairs (n_in, n) of each layer after the input."""
    if not isinstance(sizes, list | tuple) or len(sizes) < 2:
        kind = ValueError if isinstance(sizes, list | tuple) else TypeError
        raise kind(WORDS["sizes"].format(found=repr(sizes)))
    for index, size in enumerate(sizes):
        check_count(f"sizes[{index}]", size)
    check_count("m", m)
    return list(pairwise(map(int, sizes)))


def _positive(name, value):
    if not value > 0:
        raise ValueError(WORDS["positive"].format(name=name, found=value))
    return value
