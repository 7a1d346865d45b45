"""When several workers pay, on paper. Lesson 11 builds the rest of this arithmetic in its cells."""

from bpteach.arguments import require_count, require_positive


def break_even(operations, nbytes, workers, speed, bandwidth, latency):
    """Compute the mini-batch size from which on several workers, joined in a ring, are faster than one.

    Parameters
    ----------
    operations, nbytes : float
        Floating-point operations for one column, and bytes of a gradient.
    workers : int
        How many share the columns, at least 2.
    speed, bandwidth : float
        Operations that a worker does in a second, and bytes that it sends to its neighbour.
    latency : float
        Seconds that pass with every message, however short.

    Returns
    -------
    float
        The m at which both take the same time; or the number of workers if that is more, since each needs a column.

    Raises
    ------
    TypeError, ValueError
        If `workers` is no integer from 2 on, a speed is not above 0, or the latency is below 0.

    Examples
    --------
    >>> round(break_even(95_880, 190_880, 2, speed=20e9, bandwidth=1.25e9, latency=50e-6))
    105
    """
    require_count("workers", workers, least=2)
    require_positive("speed", speed)
    require_positive("bandwidth", bandwidth)
    if latency != 0:
        require_positive("latency", latency)
    exchange = 2 * (workers - 1) * (nbytes / workers / bandwidth + latency)
    saved = (1 - 1 / workers) * operations / speed  # seconds, by one column of the mini-batch
    return max(workers, exchange / saved)
