"""What is measured from outside, by pyperf: facts of the machine, and whole programs from their start to their end."""

import json
import os
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import bpteach
from bpteach.performance.benchmark import whole_training

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

#: Of what pyperf knows of a machine: its processor, its speed, and what else it has to do
FACTS = ("cpu_model_name", "cpu_count", "cpu_freq", "cpu_config", "load_avg_1min", "platform", "python_version")


def has_pyperf():
    """Tell whether pyperf is installed; without it the facts are few, and no whole program is run."""
    return find_spec("pyperf") is not None


def machine():
    """Name what the measurements are made on: the versions, and what pyperf says of the machine."""
    known = _pyperf("collect_metadata").get_metadata() if has_pyperf() else {}
    facts = {name: known[name] for name in FACTS if name in known}
    return {
        "processor": facts.get("cpu_model_name") or platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "bpteach": bpteach.__version__,
        "facts": facts,
    }


def one_thread():
    """Hold PyTorch to one thread, too, and say whether NumPy's linear algebra is held."""
    if sys.modules.get("torch"):  # it is one of the contestants, and loaded
        sys.modules["torch"].set_num_threads(1)
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return any(os.environ.get(name) == "1" for name in THREADS)
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return bool(libraries) and all(library["num_threads"] == 1 for library in libraries)


def run_program(recipe, seed):
    """Run a whole training as a program of its own: its seconds, its memory at most, its accuracy."""
    with TemporaryDirectory() as folder:
        learned = Path(folder, "learned.json")
        program = [sys.executable, "-m", whole_training.__name__, recipe, str(seed), str(learned)]
        once = ["--processes=1", "--values=1", "--loops=1", "--warmups=0", "--copy-env"]
        run = _pyperf("command", *once, "--", *program)
        memory = run.get_metadata().get("command_max_rss")
        return {
            "recipe": recipe,
            "seed": seed,
            "seconds": run.mean(),
            "megabytes": memory / 2**20 if memory else None,
            "accuracy": json.loads(learned.read_text()),
        }


def _pyperf(command, *words):
    """Run one of pyperf's commands, with one BLAS thread, and give what it saved."""
    from pyperf import Benchmark

    with TemporaryDirectory() as folder:
        saved = str(Path(folder, "saved.json"))
        asked = [sys.executable, "-m", "pyperf", command, "--output", saved, *words]
        environment = os.environ | dict.fromkeys(THREADS, "1")
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError("\n".join([" ".join(asked), done.stdout, done.stderr]))
        return Benchmark.load(saved)
