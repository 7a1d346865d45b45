"""Tests of `bpteach.performance.benchmark`: that it runs, on a few tiny networks, and that its arithmetic is right."""

import inspect
import json
import re
import subprocess
import sys
import time
import tracemalloc
from unittest.mock import Mock

import numpy as np
import pytest

import bpteach.__main__
from bpteach import Network, load_mnist, sgd, update_mini_batch_matrix
from bpteach.mnist import MNIST
from bpteach.performance import timing
from bpteach.performance.benchmark import command, contestants, machine, measures, whole_training
from bpteach.performance.benchmark.contestants import CONTESTANTS, Contestant
from bpteach.performance.benchmark.tables import short, spread, tables
from clock import Clock
from conftest import need
from strategies import distance, run_code

WITH_TORCH = [pytest.param(name, marks=pytest.mark.pytorch) for name in ("PyTorch", "PyTorch by hand")]
TINY = command.Settings(
    sizes=(784, 4, 10),
    dtypes=("float64", "float32"),
    rounds=((2, 3), (5, 2)),
    growth=(("m", (1, 2, 4, 8)), ("width", (2, 4)), ("depth", (1, 2))),
    growth_rounds=2,
    recipes=("best",),
    runs=1,
)


@pytest.fixture(scope="module")
def digits():
    training, validation, test = load_mnist()
    return MNIST(training[:300], validation[:50], test[:50])


def task(digits, dtype=np.float64, m=7, sizes=(784, 6, 10)):
    net = Network.random(list(sizes), np.random.default_rng(0), scaled=True, dtype=dtype)
    return net, digits.training, m


@pytest.mark.parametrize("sizes", [(784, 10), (784, 6, 5, 10)], ids=str)
@pytest.mark.parametrize(("dtype", "enough"), [(np.float64, 1e-12), (np.float32, 1e-5)], ids=["float64", "float32"])
@pytest.mark.parametrize("name", ["matrix step", "loop", "bare loop", *WITH_TORCH])
def test_they_all_take_the_same_steps(name, dtype, enough, sizes, digits):
    make, module = CONTESTANTS[name]
    if module:
        need(module)
    net, *data = task(digits, dtype, sizes=sizes)
    before = contestants.flat_parameters(net.weights, net.biases)
    other = net.copy()
    contestant = make(net, *data)
    for _ in range(3):
        contestant.run()
        update_mini_batch_matrix(other, *contestants.columns(net, *data), contestants.ETA)
    moved = contestant.parameters() - before
    expected = contestants.flat_parameters(other.weights, other.biases) - before
    assert (contestant.steps, contestant.parameters().dtype) == (1, dtype)
    assert distance(moved, expected) < enough * np.linalg.norm(before) / np.linalg.norm(expected)
    np.testing.assert_array_equal(contestants.flat_parameters(net.weights, net.biases), before)


@pytest.mark.slow  # it is loaded
def test_scikit_learn_takes_as_many_steps_as_are_counted(digits):
    need("sklearn")
    contestant = contestants.scikit_learn(*task(digits, np.float32, m=25))
    assert contestant.steps == 2 * 12  # two epochs of the 300 digits
    contestant.run()
    model = inspect.getclosurevars(contestant.run).nonlocals["model"]
    assert (model.t_, model.coefs_[0].dtype) == (2 * 300, np.float32)


def test_seconds_ratios_and_share_of_the_peak(monkeypatch, digits):
    clock = Clock(monkeypatch)
    fakes = {
        "matrix step": (lambda *task: Contestant(clock.taking(2.0)), None),
        "loop": (lambda *task: Contestant(clock.taking(20.0, 40.0, 60.0)), None),
        "scikit-learn": (lambda *task: Contestant(clock.taking(80.0), steps=10), None),
    }
    monkeypatch.setattr(measures, "CONTESTANTS", fakes)
    monkeypatch.setattr(measures, "matrix_product", lambda dtype: clock.taking(4.0))
    monkeypatch.setattr(timing, "memory_speed", lambda nbytes: 1e3)
    found = measures.measure_steps(digits.training, (784, 4, 10), 5, "float32", [*fakes], rounds=3)
    shown = {name: (seconds["low"], seconds["median"], seconds["high"]) for name, seconds in found["seconds"].items()}
    assert shown == {"matrix step": (2, 2, 2), "loop": (30, 40, 50), "scikit-learn": (8, 8, 8)}
    shown = {(ratio["of"], ratio["to"]): (ratio["low"], ratio["median"], ratio["high"]) for ratio in found["ratios"]}
    assert shown == {("loop", "matrix step"): (15, 20, 25), ("matrix step", "scikit-learn"): (0.25, 0.25, 0.25)}
    peak = 2 * 512**3 / 4
    assert found["peak"]["median"] == peak
    assert found["share_of_peak"]["median"] == pytest.approx(timing.flops([784, 4, 10], 5) / 2 / peak)
    assert (found["roofline"]["peak"], found["roofline"]["speed"]) == (peak, 1e3)


@pytest.mark.parametrize(
    ("kind", "values", "shapes"),
    [
        ("m", (10, 20, 40, 80), [([784, 4, 10], m) for m in (10, 20, 40, 80)]),
        ("width", (2, 3), [([784, 2, 10], 100), ([784, 3, 10], 100)]),
        ("depth", (2, 3), [([784, 100, 100, 10], 100), ([784, 100, 100, 100, 10], 100)]),
    ],
)
def test_growth_is_compared_with_the_counted_operations(kind, values, shapes, monkeypatch, digits):
    clock = Clock(monkeypatch)
    make = Mock(side_effect=lambda net, data, m: Contestant(clock.taking(m**2 + len(net.sizes))))
    monkeypatch.setattr(measures, "CONTESTANTS", {"matrix step": (make, None)})
    found = measures.measure_growth(digits.training, (784, 4, 10), kind, values, 2)
    assert [(call.args[0].sizes, call.args[2]) for call in make.call_args_list] == shapes
    assert found["seconds"] == [m**2 + len(sizes) for sizes, m in shapes]
    if kind == "m":
        assert found["exponent"] == pytest.approx(np.log2(6403 / 1603))
        assert found["expected"] == pytest.approx(1)


def test_memory_does_not_grow_with_the_epochs(digits):
    most = []
    for epochs in (1, 4):
        net = Network.random([784, 4, 10], np.random.default_rng(0))
        tracemalloc.start()
        sgd(net, digits.test, epochs, 10, 3.0, np.random.default_rng(0), test_data=digits.test, progress=False)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert 0 < most[1] < 1.2 * most[0]


LATE = """
import sys
import bpteach
assert "bpteach.diagnosis" not in sys.modules
assert {*bpteach.__all__, "diagnosis"} <= {*dir(bpteach)}
from bpteach import *
assert check_update is bpteach.diagnosis.check_update
try:
    bpteach.no_such_name
except AttributeError as error:
    print(error)
"""


def test_a_program_starts_without_the_diagnosis_and_finds_it_when_it_is_needed():
    assert run_code(LATE) == "module 'bpteach' has no attribute 'no_such_name'\n"


@pytest.mark.parametrize("recipe", whole_training.RECIPES)
def test_a_program_trains_until_it_is_good_enough(recipe, digits):
    accuracy = whole_training.train(recipe, digits=digits, enough=0.2, most=5)
    assert accuracy[-1] >= 0.2
    assert max([0, *accuracy[:-1]]) < 0.2
    assert len(whole_training.train(recipe, digits=digits, enough=1.1, most=2)) == 2


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    need("pyperf")
    real, file = subprocess.run, tmp_path / "program.py"

    def run(words, **options):
        if whole_training.__name__ in words:
            words = [*words[: words.index(whole_training.__name__) - 1], str(file), *words[-3:]]
        return real(words, **options)

    monkeypatch.setattr(machine.subprocess, "run", run)
    return file


LEARNS = """
import json, os, sys, time
recipe, seed, file = sys.argv[1:]
time.sleep(0.2)
numbers = bytearray(50_000_000)
json.dump([recipe, seed, os.environ["OPENBLAS_NUM_THREADS"]], open(file, "w"))
"""


@pytest.mark.slow
def test_a_program_is_timed_from_start_to_end_and_one_that_fails_is_named(stand_in):
    stand_in.write_text(LEARNS)
    began = time.perf_counter()
    found = machine.run_program("best", 3)
    assert 0.2 < found["seconds"] < time.perf_counter() - began
    assert (found["recipe"], found["seed"], found["accuracy"]) == ("best", 3, ["best", "3", "1"])
    if sys.platform != "win32":
        assert 50 < found["megabytes"] < 500
    stand_in.write_text("raise SystemExit(3)")
    with pytest.raises(RuntimeError, match=r"benchmark\.whole_training best 0 (.|\n)+exit code 3"):
        machine.run_program("best", 0)


@pytest.fixture(scope="module")
def result(digits):
    need("pyperf")
    return command.benchmark(TINY, digits)


@pytest.mark.slow
def test_a_small_benchmark_runs_and_its_result_is_json_and_shown(result):
    assert json.loads(json.dumps(result)) == result
    assert all(result["machine"][fact] for fact in ("processor", "python", "numpy", "bpteach", "facts"))
    of = [f"{part['dtype']}, {part['m']}" for part in result["steps"]]
    assert of == ["float64, 2", "float64, 5", "float32, 2", "float32, 5"]
    for part in result["steps"]:
        assert {"matrix step", "loop", "bare loop"} <= set(part["seconds"])
        assert all(0 < ratio["low"] <= ratio["median"] <= ratio["high"] for ratio in part["ratios"])
    assert [part["of"] for part in result["growth"]] == ["m", "width", "depth"]
    assert result["programs"][0]["accuracy"][-1] >= 0.95
    text = tables(result)
    steps = ("784, 4, 10", "float64", "float32", "m = 5", "loop ÷ matrix step", "share of the peak", "binds")
    assert all(words in text for words in (*steps, "grows as m^", "grows as width^", "best "))
    ratio = next(ratio for ratio in result["steps"][0]["ratios"] if ratio["of"] == "loop")
    assert spread(ratio) in text
    assert max(len(line) for line in text.splitlines()) <= 125


@pytest.mark.parametrize(("number", "text"), [(0.01234, "0.0123"), (0.5, "0.5"), (99.96, "100"), (12345.6, "12,346")])
def test_numbers_are_short(number, text):
    assert short(number) == text
    assert spread({"median": number / 10, "low": 0.2, "high": 0.3}, 10) == f"{text} (2 to 3)"


def runs(*seconds, megabytes=10):
    one = {"recipe": "best", "accuracy": [0.95]}
    return [one | {"seconds": each, "megabytes": megabytes and megabytes * each} for each in seconds]


@pytest.mark.parametrize(
    ("part", "change", "words", "is_said"),
    [
        ("missing", ["PyTorch", "pyperf"], "Not installed, or broken, so left out: PyTorch, pyperf.", True),
        ("one_thread", False, "could not be held to one thread", True),
        ("programs", runs(1.0, megabytes=None), "memory not known", True),
        ("programs", runs(9.0, 1.0, 2.0), r"best +2\.00 s \(all runs: 1\.00, 2\.00, 9\.00\) +90 MB", True),
        ("programs", [], "Whole programs", False),
        ("facts", {"load_avg_1min": 1.9, "cpu_count": 2}, "was busy before it began", False),
        ("facts", {"load_avg_1min": 2.0, "cpu_count": 2}, r"busy before it began \(load 2\.0 on 2 cores\)", True),
    ],
)
@pytest.mark.slow
def test_the_report_says_what_was_special(part, change, words, is_said, result):
    changed = {"machine": result["machine"] | {"facts": change}} if part == "facts" else {part: change}
    assert bool(re.search(words, tables(result | changed))) == is_said


def test_peers_that_are_not_installed_are_left_out(monkeypatch):
    for module in ("torch", "sklearn"):
        monkeypatch.setitem(sys.modules, module, None)
    present, missing = contestants.installed()
    assert missing == ["PyTorch", "PyTorch by hand", "scikit-learn"]
    assert present == ["matrix step", "loop", "bare loop"]


@pytest.mark.parametrize("error", ["ImportError", "OSError"])
def test_peers_that_do_not_load_are_left_out(error, tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text(f"raise {error}('libtorch.so: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert contestants.installed()[1][:2] == ["PyTorch", "PyTorch by hand"]
    assert machine.one_thread() in (True, False)


@pytest.mark.parametrize(("threads", "is_one"), [("1", True), ("2", False), (None, False), ("limited", True)])
def test_whether_there_is_one_thread_is_told(threads, is_one, monkeypatch):
    if threads == "limited":
        need("threadpoolctl")
        with timing.one_blas_thread():
            assert machine.one_thread()
        return
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    for name in machine.THREADS:
        monkeypatch.delenv(name, raising=False)
    if threads:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    assert machine.one_thread() == is_one


@pytest.fixture
def measured(monkeypatch, result):
    asked = []
    monkeypatch.setattr(command, "benchmark", lambda settings: asked.append(settings) or result)
    return asked


@pytest.mark.slow
def test_the_command_prints_and_saves(measured, result, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    saved, drawn = tmp_path / "a.json", tmp_path / "a.png"
    assert command.main(["--quick", "--json", str(saved), "--picture", str(drawn)]) == 0
    assert measured == [command.QUICK]
    assert json.loads(saved.read_text()) == result
    assert drawn.read_bytes().startswith(b"\x89PNG")
    said = capsys.readouterr().out
    assert said.startswith(tables(result))
    assert "Four panels" in said
    assert command.main([]) == 0
    assert measured[1:] == [command.Settings()]


@pytest.mark.slow
def test_the_command_says_what_it_could_not_save_and_that_it_was_interrupted(measured, tmp_path, capsys, monkeypatch):
    assert command.main(["--json", str(tmp_path / "no folder" / "a.json")]) == 1
    assert "could not be saved" in capsys.readouterr().err
    for module in ("bpteach.figures", "bpteach.performance.benchmark.chart"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert bpteach.__main__.main(["benchmark", "--picture", str(tmp_path / "a.png")]) == 1
    assert "needs matplotlib, which is not installed" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]
    monkeypatch.setattr(command, "benchmark", Mock(side_effect=KeyboardInterrupt))
    assert command.main([]) == 130
    assert capsys.readouterr().err.startswith("Interrupted")


def test_progress_is_shown_on_the_error_stream(digits, capsys, monkeypatch):
    plan = [("steps", "one thing", int, ()), ("growth", "another", int, ())]
    monkeypatch.setattr(command, "_plan", lambda *settings: plan)
    found = command.benchmark(TINY, digits)
    assert capsys.readouterr() == ("", "1 of 2: one thing\n2 of 2: another\n")
    assert (found["steps"], found["growth"], found["programs"]) == ([0], [0], [])


def test_without_pyperf_whole_programs_are_left_out(digits, monkeypatch):
    for module in (machine, command):
        monkeypatch.setattr(module, "has_pyperf", lambda: False)
    names = [name for name, *_call in command._plan(TINY, digits, ["matrix step"])]
    assert names == [*["steps"] * 4, *["growth"] * 3]
    monkeypatch.setattr(command, "_plan", lambda *settings: [])
    found = command.benchmark(TINY, digits)
    assert found["machine"]["facts"] == {}
    assert found["machine"]["processor"]
    assert "pyperf" in found["missing"]
