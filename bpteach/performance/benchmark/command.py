"""The command `bpteach benchmark`: measure, print, save."""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from bpteach.files import save
from bpteach.locale import N_, _
from bpteach.mnist import load_mnist
from bpteach.performance.benchmark.contestants import installed
from bpteach.performance.benchmark.machine import has_pyperf, machine, one_thread, run_program
from bpteach.performance.benchmark.measures import measure_growth, measure_steps
from bpteach.performance.benchmark.tables import tables
from bpteach.performance.benchmark.whole_training import RECIPES
from bpteach.performance.optional import IN_PAGE
from bpteach.performance.timing import one_blas_thread


@dataclass(frozen=True)
class Settings:
    """How much to measure."""

    sizes: tuple = (784, 30, 10)
    dtypes: tuple = ("float64", "float32")
    rounds: tuple = ((10, 41), (100, 41), (1000, 15))  # mini-batch sizes, and how many rounds each is measured
    growth: tuple = (
        ("m", (1, 3, 10, 30, 100, 300, 1000, 3000)),
        (N_("width"), (10, 30, 100, 300, 1000)),
        (N_("depth"), (1, 2, 4, 8, 16, 32)),
    )
    growth_rounds: int = 15
    recipes: tuple = tuple(RECIPES)  # the whole programs to run
    runs: int = 3  # how often each of them is run


QUICK = Settings(rounds=((10, 15), (100, 11), (1000, 5)), growth_rounds=3, recipes=("best", "book"), runs=1)


def main(words):
    """Measure, print, save; give the exit status: 1 if something was not saved, 130 after an interrupt."""
    options = _parser().parse_args(words)
    if IN_PAGE:
        print(
            _("The benchmark does not run in a page of the browser: it measures in other processes."), file=sys.stderr
        )
        return 1
    try:
        result = benchmark(QUICK if options.quick else Settings())
    except KeyboardInterrupt:
        print(_("Interrupted: nothing is reported."), file=sys.stderr)
        return 130
    print(tables(result))
    failed = save(options.json, json.dumps(result, indent=1).encode()) if options.json else 0
    if options.picture:
        from bpteach.performance.benchmark.chart import draw

        drawn = draw(result)
        print(drawn.alt)
        failed |= save(options.picture, drawn.png)
    return failed


def benchmark(settings, data=None):
    """Measure everything, with progress on the standard error stream."""
    digits = load_mnist() if data is None else data
    present, missing = installed()
    with one_blas_thread():
        result = {
            "machine": machine(),
            "one_thread": one_thread(),
            "missing": missing if has_pyperf() else [*missing, "pyperf"],
            "sizes": list(settings.sizes),
            "steps": [],
            "growth": [],
            "programs": [],
        }
        plan = list(_plan(settings, digits, present))
        for number, (name, what, measure, arguments) in enumerate(plan, 1):
            line = _("{number} of {all}: {what}").format(number=number, all=len(plan), what=what)
            print(line, file=sys.stderr, flush=True)
            result[name].append(measure(*arguments))
    return result


def _plan(settings, digits, present):
    """Give what is measured, one after the other: where it goes, how it is announced, and the call."""
    few = digits.training[:10_000]
    sizes, rounds = settings.sizes, settings.growth_rounds
    for dtype in settings.dtypes:
        for m, count in settings.rounds:
            what = _("steps, {dtype}, m = {m}").format(dtype=dtype, m=m)
            yield "steps", what, measure_steps, (few, sizes, m, dtype, present, count)
    for kind, values in settings.growth:
        yield "growth", _("growth with {kind}").format(kind=_(kind)), measure_growth, (few, sizes, kind, values, rounds)
    for recipe in settings.recipes if has_pyperf() else ():
        for seed in range(settings.runs):
            yield "programs", _("program: {recipe}").format(recipe=_(recipe)), run_program, (recipe, seed)


def _parser():
    about = _(
        "Measure the matrix step on this machine, against the loop, against PyTorch and scikit-learn where they are "
        "installed, and against what the machine can do at best. The machine should have nothing else to do."
    )
    parser = argparse.ArgumentParser(prog="bpteach benchmark", description=about)
    parser.add_argument("--quick", action="store_true", help=_("fewer rounds: less than a minute"))
    parser.add_argument("--json", metavar="FILE", type=Path, help=_("save every number as JSON"))
    about = _("save times, rooflines and growth as a PNG picture")
    parser.add_argument("--picture", metavar="FILE", type=Path, help=about)
    return parser
