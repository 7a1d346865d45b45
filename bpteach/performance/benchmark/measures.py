"""What the benchmark measures inside this process, all ready for JSON: steps and their growth."""

import numpy as np

from bpteach.network import Network
from bpteach.performance.benchmark.contestants import CONTESTANTS
from bpteach.performance.timing import PRODUCT, Quartiles, Timing, flops, matrix_product, roofline, side_by_side

#: Numerator and denominator of the ratios in the table
RATIOS = (
    ("loop", "matrix step"),
    ("bare loop", "matrix step"),
    ("matrix step", "PyTorch"),
    ("matrix step", "PyTorch by hand"),
    ("matrix step", "scikit-learn"),
)

LEAST = 0.02  # seconds of each measurement: as in a training, the step before has left its data and code in the cache


def measure_steps(data, sizes, m, dtype, names, rounds):
    """Time the contestants of these names side by side, and with them the matrix product that gives the peak."""
    made = {name: CONTESTANTS[name][0](network(sizes, dtype), data, m) for name in names}
    functions = {name: contestant.run for name, contestant in made.items()}
    timing = side_by_side(functions | {"product": matrix_product(dtype)}, rounds=rounds, least=LEAST)
    seconds = {name: timing.seconds[name] / made[name].steps for name in names}
    peaks = 2 * PRODUCT**3 / timing.seconds["product"]
    return {
        "dtype": dtype,
        "m": m,
        "rounds": rounds,
        "seconds": {name: vars(Quartiles.of(values)) for name, values in seconds.items()},
        "ratios": [
            {"of": of, "to": to, **vars(Timing(seconds).ratio(of, to))} for of, to in RATIOS if {of, to} <= {*seconds}
        ],
        "peak": vars(Quartiles.of(peaks)),
        "share_of_peak": vars(Quartiles.of(flops(sizes, m) / seconds["matrix step"] / peaks)),  # round by round
        "roofline": vars(roofline(sizes, m, dtype, peak=float(peaks.max()))),
    }


def network(sizes, dtype="float64"):
    return Network.random(list(sizes), np.random.default_rng(0), scaled=True, dtype=dtype)


def measure_growth(data, sizes, kind, values, rounds):
    """Time the matrix step while "m", the "width" or the "depth" grows through these values.

    To the larger half of them is fitted a power: of the time, and of the counted operations.
    """
    n_in, n_out = sizes[0], sizes[-1]
    grown = {
        "m": {value: (list(sizes), value) for value in values},
        "width": {value: ([n_in, value, n_out], 100) for value in values},
        "depth": {value: ([n_in, *[100] * value, n_out], 100) for value in values},
    }[kind]
    make, _module = CONTESTANTS["matrix step"]
    steps = {value: make(network(layers), data, min(m, len(data))).run for value, (layers, m) in grown.items()}
    timing = side_by_side(steps, rounds=rounds)
    seconds = [timing.median(value) for value in values]
    counted = [flops(layers, m) for layers, m in grown.values()]
    large = slice(-max(2, (len(values) + 1) // 2), None)
    return {
        "of": kind,
        "dtype": "float64",
        "values": list(values),
        "seconds": seconds,
        "fitted": list(values[large]),
        "exponent": exponent(values[large], seconds[large]),
        "expected": exponent(values[large], counted[large]),
    }


def exponent(xs, ys):
    """Fit ys = c · xs^p by least squares on logarithms, and give p."""
    return float(np.polyfit(np.log(xs), np.log(ys), 1)[0])
