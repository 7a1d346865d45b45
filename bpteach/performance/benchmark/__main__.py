"""The command `bpteach benchmark`."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

import numpy as np

import bpteach
from bpteach.mnist import load_mnist
from bpteach.performance.benchmark.measures import (
    QUICK,
    Settings,
    installed,
    measure_evaluation,
    measure_growth,
    measure_memory,
    measure_steps,
    run_program,
)
from bpteach.performance.benchmark.report import report
from bpteach.performance.timing import one_blas_thread

WORDS = {
    "about": "Measure the matrix step on this machine, against the loop, against PyTorch and scikit-learn where they "
    "are installed, and against what the machine can do at best. The machine should have nothing else to do.",
    "quick": "fewer rounds: less than a minute",
    "json": "save every number as JSON",
    "picture": "save times, roofline and growth as a PNG picture",
    "step": "steps, {dtype}, m = {m}",
    "growth": "growth with {kind}",
    "memory": "memory",
    "evaluation": "evaluation",
    "program": "program: {recipe}",
    "line": "{done} of {all}: {what}",
    "no matplotlib": "There is no picture: Matplotlib is not installed (python -m pip install matplotlib).",
    "not saved": "{path} could not be saved: {reason}",
    "interrupted": "Interrupted: nothing is reported.",
}

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main(arguments=None):
    """Measure, print, save.

    Parameters
    ----------
    arguments : list of str, optional
        The words of the command line.

    Returns
    -------
    int
        The exit status: 0, 1 if something was not saved, or 130 after an interrupt.
    """
    options = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        result = benchmark(QUICK if options.quick else Settings())
    except KeyboardInterrupt:
        print(WORDS["interrupted"], file=sys.stderr)
        return 130
    print(report(result))
    saved = True
    if options.json:
        saved &= _save(options.json, lambda: json.dumps(result, indent=1).encode())
    if options.picture:
        saved &= _save(options.picture, lambda: _png(result))
    return 0 if saved else 1


def benchmark(settings, data=None):
    """Measure everything, with progress on the standard error stream.

    Parameters
    ----------
    settings : Settings
        How much.
    data : MNIST, optional
        The digits; without them, those that ship with the package are loaded.

    Returns
    -------
    dict
        Machine and threads, "steps", "growth", "memory", "evaluation" and "programs".
    """
    digits = load_mnist() if data is None else data
    present, missing = installed()
    with one_blas_thread():
        result = {
            "machine": machine(),
            "one_thread": one_thread(),
            "missing": missing,
            "sizes": list(settings.sizes),
            "steps": [],
            "growth": [],
            "programs": [],
        }
        for what, name, measure in _plan(settings, digits, present):
            what()
            found = measure()
            if isinstance(result.get(name), list):
                result[name].append(found)
            else:
                result[name] = found
    return result


def machine():
    """Name what the measurements were made on.

    Returns
    -------
    dict
        Processor, and the versions of Python, NumPy and this package.
    """
    return {
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "bpteach": bpteach.__version__,
    }


def one_thread():
    """Hold PyTorch to one thread, too, and say whether NumPy's linear algebra is held.

    Returns
    -------
    bool
        Whether it is, by threadpoolctl or by a variable of the environment.
    """
    if "torch" in sys.modules:  # it is one of the contestants
        sys.modules["torch"].set_num_threads(1)
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return any(os.environ.get(name) == "1" for name in THREADS)
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return bool(libraries) and all(library["num_threads"] == 1 for library in libraries)


def _plan(settings, digits, present):
    """List what is measured: how to announce it, where it goes, how to measure it."""
    few, some = digits.training[:10_000], digits.test[:1000]
    sizes, rounds = settings.sizes, settings.growth_rounds
    plan = []
    for dtype in settings.dtypes:
        for m, count in settings.rounds:
            what = WORDS["step"].format(dtype=dtype, m=m)
            plan.append((what, "steps", lambda a=(few, sizes, m, dtype, present, count): measure_steps(*a)))
    for kind, values in settings.growth:
        what = WORDS["growth"].format(kind=kind)
        plan.append((what, "growth", lambda a=(few, sizes, kind, values, rounds): measure_growth(*a)))
    plan.append((WORDS["memory"], "memory", lambda: measure_memory(some, sizes)))
    plan.append((WORDS["evaluation"], "evaluation", lambda: measure_evaluation(some, sizes, rounds)))
    for recipe in settings.recipes:
        for seed in range(settings.runs):
            what = WORDS["program"].format(recipe=recipe)
            plan.append((what, "programs", lambda a=(recipe, seed): run_program(*a)))
    announce = _announcer(len(plan))
    return [(lambda what=what: announce(what), name, measure) for what, name, measure in plan]


def _announcer(total):
    """Make the function that says what is being measured: a bar if tqdm is installed, otherwise lines."""
    try:
        from tqdm import tqdm
    except ImportError:
        done = iter(range(1, total + 1))
        return lambda what: print(WORDS["line"].format(done=next(done), all=total, what=what), file=sys.stderr)
    bar = tqdm(total=total, bar_format="{n_fmt} of {total_fmt} {bar:30} {elapsed} {desc}", file=sys.stderr)

    def announce(what):
        bar.set_description_str(what)
        bar.update()
        if bar.n == total:
            bar.close()

    return announce


def _processor():
    try:
        with open("/proc/cpuinfo") as lines:  # Linux; elsewhere platform knows
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _png(result):
    try:
        from bpteach.performance.benchmark.drawing import draw
    except ImportError:
        print(WORDS["no matplotlib"])
        return None
    drawn = draw(result)
    print(drawn.alt)
    return drawn.png


def _save(path, content):
    content = content()
    if content is None:
        return False
    try:
        Path(path).write_bytes(content)
    except OSError as reason:
        print(WORDS["not saved"].format(path=path, reason=reason.strerror), file=sys.stderr)
        return False
    return True


def _parser():
    parser = argparse.ArgumentParser(prog="bpteach benchmark", description=WORDS["about"])
    parser.add_argument("--quick", action="store_true", help=WORDS["quick"])
    parser.add_argument("--json", metavar="FILE", help=WORDS["json"])
    parser.add_argument("--picture", metavar="FILE", help=WORDS["picture"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
