"""What the benchmark measures: steps against their peers, growth, memory, evaluation, whole programs.

Everything comes back as numbers, strings, lists and dictionaries, ready for JSON.
"""

import json
import os
import subprocess
import sys
import tracemalloc
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter

import numpy as np

from bpteach.backpropagation import feedforward
from bpteach.network import Network
from bpteach.performance.benchmark.contestants import CONTESTANTS, Task, matrix_step
from bpteach.performance.benchmark.program import RECIPES
from bpteach.performance.timing import Timing, flops, matrix_product, roofline, side_by_side
from bpteach.training import evaluate, sgd

#: Numerator and denominator of the ratios in the table
RATIOS = (
    ("loop", "matrix step"),
    ("bare loop", "matrix step"),
    ("lesson 7", "matrix step"),
    ("matrix step", "PyTorch"),
    ("matrix step", "PyTorch by hand"),
    ("matrix step", "scikit-learn"),
    ("sgd", "scikit-learn"),
)

LEAST = 0.02  # seconds of each measurement: as in a training, the step before has left its data and code in the cache
PRODUCT = 512  # rows and columns of the matrices whose product gives the peak


@dataclass(frozen=True)
class Settings:
    """How much to measure.

    Attributes
    ----------
    sizes : tuple of int
        The network.
    dtypes : tuple of str
        Precisions.
    rounds : dict of int to int
        Mini-batch sizes, and how many rounds each is measured.
    growth : dict of str to tuple
        For "m", "width" and "depth": the values to measure.
    growth_rounds : int
        How many rounds these are measured.
    recipes : tuple of str
        The whole programs to run, from `RECIPES`.
    runs : int
        How often each program is run.
    """

    sizes: tuple = (784, 30, 10)
    dtypes: tuple = ("float64", "float32")
    rounds: tuple = ((10, 41), (100, 41), (1000, 15))
    growth: tuple = (
        ("m", (1, 3, 10, 30, 100, 300, 1000, 3000)),
        ("width", (10, 30, 100, 300, 1000)),
        ("depth", (1, 2, 4, 8, 16, 32)),
    )
    growth_rounds: int = 15
    recipes: tuple = tuple(RECIPES)
    runs: int = 3


QUICK = Settings(rounds=((10, 15), (100, 11), (1000, 5)), growth_rounds=3, recipes=("best", "book"), runs=1)


def installed(contestants=None):
    """Split contestants into those that can run here and those whose library is missing.

    Parameters
    ----------
    contestants : dict, optional
        Like `CONTESTANTS`.

    Returns
    -------
    present : list of str
        Names.
    missing : list of str
        Names.
    """
    contestants = CONTESTANTS if contestants is None else contestants
    present = [name for name, (_, module) in contestants.items() if module is None or _imports(module)]
    return present, [name for name in contestants if name not in present]


def _imports(module):
    try:
        import_module(module)
    except (ImportError, OSError):  # OSError: a library of its own is missing
        return False
    return True


def measure_steps(data, sizes, m, dtype, names, rounds):
    """Time the contestants side by side, and with them the matrix product that gives the machine's peak.

    Parameters
    ----------
    data : Examples
        Digits.
    sizes : sequence of int
        The network.
    m : int
        The mini-batch size.
    dtype : str
        The precision.
    names : sequence of str
        Contestants; "matrix step" is one of them.
    rounds : int
        How many rounds.

    Returns
    -------
    dict
        Seconds a step, ratios, share of the peak, and the roofline.
    """
    sizes = list(sizes)
    task = Task(Network.random(sizes, np.random.default_rng(0), scaled=True, dtype=dtype), data, m)
    made = {name: CONTESTANTS[name][0](task) for name in names}
    functions = {name: contestant.run for name, contestant in made.items()}
    product = matrix_product(dtype, PRODUCT)
    timing = side_by_side(functions | {"product": product}, rounds=rounds, least=LEAST)
    seconds = {name: timing.seconds[name] / made[name].steps for name in names}
    return {
        "dtype": dtype,
        "m": m,
        "rounds": rounds,
        "seconds": {name: quartiles(values) for name, values in seconds.items()},
        "ratios": ratios(seconds),
        **peak_and_roof(sizes, m, dtype, seconds["matrix step"], timing.seconds["product"]),
    }


def quartiles(values):
    """Give the median and the quartiles.

    Parameters
    ----------
    values : array, shape (rounds,)
        Numbers.

    Returns
    -------
    dict
        "median", "low" (a quarter is below) and "high" (a quarter is above).
    """
    low, median, high = np.percentile(values, [25, 50, 75])
    return {"median": float(median), "low": float(low), "high": float(high)}


def ratios(seconds):
    """Compare the contestants as `RATIOS` says, round by round.

    Parameters
    ----------
    seconds : dict of str to array
        Seconds a step, by the contestant's name.

    Returns
    -------
    list of dict
        "of" and "to" are names; "median", "low" and "high".
    """
    timing = Timing(seconds)
    return [{"of": of, "to": to, **vars(timing.ratio(of, to))} for of, to in RATIOS if of in seconds and to in seconds]


def peak_and_roof(sizes, m, dtype, step, product):
    """Compare the step with the machine's peak in the same rounds, and with its roofline.

    Parameters
    ----------
    sizes : list of int
        The network.
    m : int
        The mini-batch size.
    dtype : str
        The precision.
    step : array, shape (rounds,)
        Seconds of one step.
    product : array, shape (rounds,)
        Seconds of the matrix product.

    Returns
    -------
    dict
        "peak" in operations a second and "share_of_peak", both with quartiles, and "roofline", for the best of the
        peaks.
    """
    peaks = 2 * PRODUCT**3 / product
    roof = roofline(sizes, m, dtype, peak=float(peaks.max()))
    return {
        "peak": quartiles(peaks),
        "share_of_peak": quartiles(flops(sizes, m) / step / peaks),
        "roofline": vars(roof),
    }


def measure_growth(data, sizes, kind, values, rounds, dtype="float64"):
    """Time the matrix step while the mini-batch, the width or the depth grows, and fit a power of it.

    Parameters
    ----------
    data : Examples
        Digits.
    sizes : sequence of int
        The network, for "m" and, but for its hidden layer, for "width".
    kind : str
        "m", "width" (neurons in the hidden layer) or "depth" (hidden layers of 100 neurons).
    values : sequence of int
        What it grows through.
    rounds : int
        How many rounds.
    dtype : str
        The precision.

    Returns
    -------
    dict
        The values, the seconds, the larger half of the values, to which is fitted, and two exponents: of the time,
        and of the counted operations.
    """
    n_in, n_out = sizes[0], sizes[-1]
    shapes = {
        "m": lambda value: (list(sizes), value),
        "width": lambda value: ([n_in, value, n_out], 100),
        "depth": lambda value: ([n_in, *[100] * value, n_out], 100),
    }
    grown = [shapes[kind](value) for value in values]
    steps = {}
    for value, (layers, m) in zip(values, grown, strict=True):
        net = Network.random(layers, np.random.default_rng(0), scaled=True, dtype=dtype)
        steps[str(value)] = matrix_step(Task(net, data, min(m, len(data)))).run
    timing = side_by_side(steps, rounds=rounds)
    seconds = [timing.median(str(value)) for value in values]
    counted = [flops(layers, m) for layers, m in grown]
    large = slice(-max(2, (len(values) + 1) // 2), None)
    return {
        "of": kind,
        "dtype": dtype,
        "values": list(values),
        "seconds": seconds,
        "fitted": list(values[large]),
        "exponent": exponent(values[large], seconds[large]),
        "expected": exponent(values[large], counted[large]),
    }


def exponent(xs, ys):
    """Fit ys = c · xs^p by least squares on logarithms, and give p.

    Parameters
    ----------
    xs : sequence of float
        Above 0.
    ys : sequence of float
        Above 0.

    Returns
    -------
    float
        The exponent.
    """
    return float(np.polyfit(np.log(xs), np.log(ys), 1)[0])


def measure_memory(data, sizes, epochs=(1, 2, 4, 8)):
    """Find out how much memory a training takes at most, for more and more epochs.

    Parameters
    ----------
    data : Examples
        Digits.
    sizes : sequence of int
        The network.
    epochs : sequence of int
        How many.

    Returns
    -------
    dict
        The epochs, and the bytes that Python and NumPy had in use at most, the data not counted.
    """
    most = []
    for count in epochs:
        rng = np.random.default_rng(0)
        net = Network.random(list(sizes), rng, scaled=True)
        tracemalloc.start()
        try:
            sgd(net, data, count, 10, 3.0, rng, test_data=data, progress=False)
            most.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    return {"epochs": list(epochs), "bytes": most}


def measure_evaluation(data, sizes, rounds):
    """Compare `evaluate`, which takes columns side by side, with a loop over columns that are ready.

    Parameters
    ----------
    data : Examples
        Digits.
    sizes : sequence of int
        The network.
    rounds : int
        How many rounds.

    Returns
    -------
    dict
        "median", "low" and "high" of loop ÷ evaluate.
    """
    net = Network.random(list(sizes), np.random.default_rng(0), scaled=True)
    X, _ = data.columns(slice(None))
    columns = [X[:, [i]] for i in range(len(data))]

    def _one_by_one():
        return sum(int(feedforward(net, x).argmax() == label) for x, label in zip(columns, data.labels, strict=True))

    timing = side_by_side({"loop": _one_by_one, "columns": lambda: evaluate(net, data)}, rounds=rounds)
    return vars(timing.ratio("loop", "columns"))


def run_program(recipe, seed, clock=perf_counter):
    """Run a whole training as a program of its own, with one BLAS thread, and time it from start to end.

    Parameters
    ----------
    recipe : str
        A name from `RECIPES`.
    seed : int
        The seed of the weights and the shuffling.
    clock : function
        Tells the seconds.

    Returns
    -------
    dict
        Seconds, megabytes in use at most, and the share of the test digits after each epoch.

    Raises
    ------
    RuntimeError
        If the program fails.
    """
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
    command = [sys.executable, "-m", "bpteach.performance.benchmark.program", recipe, str(seed)]
    began = clock()
    done = subprocess.run(command, env=os.environ | one, capture_output=True, text=True, check=False)
    seconds = clock() - began
    if done.returncode:
        raise RuntimeError(done.stderr)
    return {"recipe": recipe, "seed": seed, "seconds": seconds, **json.loads(done.stdout)}
