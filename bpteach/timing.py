"""Time functions side by side: in turn, round after round, and compare them round by round.

A laptop's speed drifts while it measures. Two functions that are timed in the same round see the same drift, so their
ratio holds where a single time does not.
"""

from contextlib import nullcontext
from time import perf_counter

import numpy as np

from bpteach.checks import check_count

WORDS = {
    "functions": "functions is {found}: expected a dictionary of at least one name and function.",
    "unknown": "{name!r} was not timed: expected one of {names}.",
    "ratio": "{median:.3g} (from {low:.3g} to {high:.3g})",
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
