"""Tests of `bpteach.performance.workers` and `scaling`: parts that add up, workers that die, and lesson 11's counts."""

import contextlib
import io
import os
import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

from bpteach import backprop_matrix, compare_gradients
from bpteach.performance import workers
from bpteach.performance.scaling import break_even
from bpteach.performance.timing import flops
from bpteach.performance.workers import LOCAL, Team, add_gradients, split_columns
from bpteach.publishing.lessons import NOTEBOOKS, read
from conftest import ended, need
from strategies import flat, refused, seeded, snapshot

ROOT = Path(__file__).parents[1]


def assert_same(found, expected):
    assert compare_gradients(found, expected).worst < 1e-12


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 12])
def test_gradients_of_the_parts_add_up_and_stay(parts):
    net, X, Y = seeded([5, 4, 3], 12)
    pieces = split_columns(X, Y, parts)
    assert [len(pieces), sum(X_k.shape[1] for X_k, _Y_k in pieces)] == [parts, 12]
    np.testing.assert_array_equal(np.hstack([X_k for X_k, _Y_k in pieces]), X)
    np.testing.assert_array_equal(np.hstack([Y_k for _X_k, Y_k in pieces]), Y)
    gradients = [backprop_matrix(net, *piece) for piece in pieces]
    before = [flat(gradient) for gradient in gradients]
    assert_same(add_gradients(iter(gradients)), backprop_matrix(net, X, Y))
    np.testing.assert_array_equal([flat(gradient) for gradient in gradients], before)


def test_without_dask_a_team_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"^Dask distributed is not installed, and this needs it: .+\.$"):
        Team(2)


@pytest.fixture(scope="module")
def team():
    need("distributed")
    with Team(2, address=LOCAL) as opened:
        yield opened


@pytest.mark.parametrize(("m", "parts"), [(30, None), (30, 1), (30, 3), (1, None)])
def test_workers_give_the_gradient(team, m, parts):
    net, X, Y = seeded([20, 10, 5], m)
    before = snapshot(net)
    assert_same(team.backprop_matrix(net, X, Y, parts=parts), backprop_matrix(net, X, Y))
    assert snapshot(net) == before
    assert team.count == 2


def test_precision_survives_the_way_and_bad_input_is_refused_before_it(team):
    net, X, Y = seeded([4, 3], 6, dtype=np.float32)
    assert all(array.dtype == np.float32 for array in team.backprop_matrix(net, X, Y)[1])
    with pytest.raises(ValueError, match=r"X has shape \(6, 4\)"):
        team.backprop_matrix(net, X.T, Y)


def test_a_killed_worker_loses_nothing(team):
    net, X, Y = seeded([20, 10, 5], 40)
    before, strike = team.processes(), Mock(side_effect=team.kill)
    assert_same(team.backprop_matrix(net, X, Y, parts=8, meanwhile=strike), backprop_matrix(net, X, Y))
    strike.assert_called_once()
    assert {*before} - {*team.processes()} == {*strike.call_args.args}
    assert os.getpid() not in before
    assert team.begun > 8, "the killed worker had begun a part, which must have been begun again"


def test_that_no_worker_begins_is_told():
    begun = Mock(get=Mock(side_effect=TimeoutError))
    with pytest.raises(TimeoutError, match=r"^No worker has begun a part within 60 seconds: .+\?$"):
        workers._next(begun)


A_PROGRAM = """
import numpy as np
from bpteach import Network, backprop_matrix
from bpteach.performance.workers import Team

if __name__ == "__main__":
    net = Network.random([4, 3], np.random.default_rng(1))
    X, Y = np.ones((4, 8)), np.ones((3, 8))
    with Team(2, address="local") as team:
        team.backprop_matrix(net, X, Y, parts=4, meanwhile=team.kill)
    print("closed")
"""


@pytest.mark.slow
def test_a_program_that_loses_a_worker_prints_nothing_else(tmp_path):
    need("distributed")
    (tmp_path / "program.py").write_text(A_PROGRAM)
    done = ended(sys.executable, tmp_path / "program.py", env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=600)
    assert (done.stdout.strip(), done.stderr) == ("closed", "")


def test_the_held_parts_go_on_when_something_fails_meanwhile(team):
    net, X, Y = seeded([4, 3], 8)
    with pytest.raises(LookupError, match="meanwhile"):
        team.backprop_matrix(net, X, Y, parts=4, meanwhile=Mock(side_effect=LookupError("meanwhile")))
    assert_same(team.backprop_matrix(net, X, Y), backprop_matrix(net, X, Y))


def test_workers_of_a_running_scheduler_are_used_and_left_alone(team, monkeypatch):
    """The address comes as an argument or from the environment; such workers are not ours to kill."""
    address = team._cluster.scheduler_address
    net, X, Y = seeded([4, 3], 8)
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    for arguments in ({}, {"address": address}):
        with Team(5, **arguments) as guests:
            assert guests.address == address
            assert guests.count == len(guests.processes()) >= 1
            assert_same(guests.backprop_matrix(net, X, Y), backprop_matrix(net, X, Y))
            with pytest.raises(ValueError, match="is no worker that this team has started"):
                guests.kill(guests.processes()[0])
    assert team.processes()
    assert Team(2, address=LOCAL).address == LOCAL
    refused(ValueError, lambda: team.kill(os.getpid()), f"{os.getpid()} is no worker")


@pytest.mark.slow
def test_a_team_is_closed_by_an_error_inside_its_block():
    need("distributed", "psutil")
    import psutil

    net, X, Y = seeded([4, 3], 8)
    team = Team(1, address=LOCAL)
    with pytest.raises(RuntimeError, match="no workers"):
        team.processes()
    with pytest.raises(LookupError), team:  # noqa: PT012
        processes = [*map(psutil.Process, team.processes())]
        raise LookupError
    gone, alive = psutil.wait_procs(processes, timeout=300)
    assert [len(gone), alive] == [1, []]
    with pytest.raises(RuntimeError, match="no workers"):
        team.backprop_matrix(net, X, Y)


def test_an_address_that_makes_no_sense_is_told(team):
    with pytest.raises(ConnectionError, match="No scheduler answers at nonsense: start one"), Team(address="nonsense"):
        pass


def test_a_large_mini_batch_brings_no_warning_of_dask(team):
    """To workers of a scheduler of one's own no more than to ours; afterwards Dask warns as it is set to."""
    import dask

    net, X, Y = seeded([4, 3], 8)
    place = "distributed.admin.large-graph-warning-threshold"
    with dask.config.set({place: "1 kB"}), warnings.catch_warnings():
        warnings.simplefilter("error")
        with Team(address=team._cluster.scheduler_address) as guests:
            assert_same(guests.backprop_matrix(net, X, Y), backprop_matrix(net, X, Y))
        assert dask.config.get(place) == "1 kB"


def elsewhere(scheduler=None, workers=None):
    run = Mock(side_effect=workers, return_value={"tcp://192.168.0.8:1": None})
    return SimpleNamespace(run_on_scheduler=Mock(side_effect=scheduler), run=run)


ADDRESS = "tcp://192.168.0.7:8786"
NO_PACKAGE = "The scheduler at {} or one of its workers cannot import bpteach: start them all in an environment that "


@pytest.mark.parametrize("where", ["scheduler", "workers"])
@pytest.mark.parametrize("error", [ImportError("its own"), Exception("the text of one"), AttributeError("older")])
def test_a_package_that_is_missing_elsewhere_is_told_and_other_errors_stay_what_they_are(where, error):
    with pytest.raises(ImportError) as told:
        workers._get_ready(elsewhere(**{where: error}), ADDRESS)
    assert str(told.value).startswith(NO_PACKAGE.format(ADDRESS))
    assert told.value.__cause__ is error
    with pytest.raises(OSError, match="Timed out"):
        workers._get_ready(elsewhere(workers=OSError("Timed out")), ADDRESS)
    assert workers._get_ready(elsewhere(), ADDRESS) == 1


A_WORKER_WITHOUT_BPTEACH = """
import sys
sys.modules["bpteach"] = None
from distributed.cli.dask_worker import main
main()
"""


@pytest.mark.slow
def test_a_real_worker_without_the_package_is_told():
    need("distributed")
    from distributed import Client, LocalCluster

    local = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=0, **local) as cluster, Client(cluster, set_as_default=False) as client:
        address = cluster.scheduler_address
        program = [sys.executable, "-c", A_WORKER_WITHOUT_BPTEACH, address, "--no-nanny", "--no-dashboard"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(program, **quiet) as worker:
            try:
                client.wait_for_workers(1, timeout=300)
                with pytest.raises(ImportError) as told, Team(address=address):
                    pass
            finally:
                worker.kill()
    assert str(told.value).startswith(NO_PACKAGE.format(address))


TINY = [2, 3, 1]  # two links of 2 · 3 and 3 · 1, so 9 multiplications forward, 9 for BP4, 3 for BP2
MACHINES = 20e9, 1.25e9, 50e-6


@pytest.fixture(scope="module")
def lesson():
    sources = {cell.id: cell.source for cell in read(NOTEBOOKS / "11-use-more-than-one-machine.ipynb").cells}
    names = {"pairwise": pairwise, "flops": flops}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in ("11-22", "11-25a"):
            exec(sources[cell], names)
    return names


@pytest.mark.parametrize("p", [2, 3, 10, 100, 10_000])
@pytest.mark.parametrize("sizes", [TINY, [784, 30, 10], [784, 4000, 4000, 10]])
def test_at_the_break_even_nobody_is_faster(lesson, sizes, p):
    work, speed_up = lesson["work_of"](sizes), lesson["speed_up"]
    quoted = 2 * (p - 1) / p * work[1] / 1.25e9 + 2 * (p - 1) * 5e-5  # the formula of the exchange as it is quoted
    assert lesson["times"](work, 1, p, MACHINES)[1] == pytest.approx(quoted)
    m = break_even(*work, p, *MACHINES)
    assert speed_up(work, m, p, MACHINES) == pytest.approx(1) or m == p
    assert speed_up(work, 1.01 * m, p, MACHINES) > 1
    assert m == p or speed_up(work, 0.99 * m, p, MACHINES) < 1


X_Y = seeded([3, 2], 4)[1:]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: split_columns(*X_Y, 5), ValueError, "parts is 5: expected at most 4"),
        (lambda: split_columns(*X_Y, 0), ValueError, "parts is 0: expected 1 or more"),
        (lambda: split_columns(*X_Y, 2.0), TypeError, "parts is 2.0"),
        (lambda: add_gradients([]), ValueError, "gradients is empty"),
        (lambda: break_even(42, 104, 1, *MACHINES), ValueError, "workers is 1: expected 2 or more"),
        (lambda: break_even(42, 104, 2, 0, 1.0, 0), ValueError, "speed is 0"),
        (lambda: break_even(42, 104, 2, 1.0, -1.0, 0), ValueError, "bandwidth is -1.0"),
        (lambda: break_even(42, 104, 2, 1.0, 1.0, -1), ValueError, "latency is -1"),
    ],
)
def test_impossible_parts_and_machines_are_refused(call, error, words):
    refused(error, call, words)
