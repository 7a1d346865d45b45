"""Tests of `bpteach.performance.workers`: parts that add up, workers that die, and the arithmetic on paper."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from bpteach import backprop_matrix, relative_error
from bpteach.performance.workers import (
    LOCAL,
    WORDS,
    Machines,
    Team,
    add_gradients,
    break_even,
    compute_seconds,
    count_operations,
    count_parameters,
    exchange_seconds,
    missing,
    speed_up,
    split_columns,
)
from conftest import need
from strategies import flat, seeded, snapshot

ROOT = Path(__file__).parents[1]


def assert_same(found, expected):
    """Layer by layer of the same shapes, and equal to 1e-12."""
    for mine, theirs in zip((*found[0], *found[1]), (*expected[0], *expected[1]), strict=True):
        assert mine.shape == theirs.shape
    assert relative_error(flat(found), flat(expected)) < 1e-12


# the sum over the examples, cut into parts


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 12])
def test_gradients_of_the_parts_add_up(parts):
    """Whatever the number of parts, whether it divides m or not."""
    net, X, Y = seeded([5, 4, 3], 12)
    pieces = split_columns(X, Y, parts)
    assert [len(pieces), sum(X_k.shape[1] for X_k, _ in pieces)] == [parts, 12]
    np.testing.assert_array_equal(np.hstack([X_k for X_k, _ in pieces]), X)
    np.testing.assert_array_equal(np.hstack([Y_k for _, Y_k in pieces]), Y)
    assert_same(add_gradients(backprop_matrix(net, *piece) for piece in pieces), backprop_matrix(net, X, Y))


def test_adding_changes_no_part():
    """The first gradient is not used as the room for the sum."""
    net, X, Y = seeded([3, 2], 4)
    gradients = [backprop_matrix(net, *piece) for piece in split_columns(X, Y, 2)]
    before = [flat(gradient) for gradient in gradients]
    add_gradients(gradients)
    for gradient, kept in zip(gradients, before, strict=True):
        np.testing.assert_array_equal(flat(gradient), kept)


@pytest.mark.parametrize(
    ("parts", "error", "words"),
    [
        (5, ValueError, "parts is 5: expected at most 4"),
        (0, ValueError, "parts is 0: expected 1 or more"),
        (2.0, TypeError, "parts is 2.0"),
    ],
)
def test_impossible_parts_are_refused(parts, error, words):
    """More parts than columns, none at all, or a half."""
    _, X, Y = seeded([3, 2], 4)
    with pytest.raises(error, match=words):
        split_columns(X, Y, parts)


def test_a_sum_of_nothing_is_refused():
    """There would be no shapes."""
    with pytest.raises(ValueError, match="gradients is empty"):
        add_gradients([])


# without Dask


def test_without_dask_one_sentence_says_so(monkeypatch):
    """The module works; only a team is refused, with the cure for a program."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert missing() == WORDS["missing"]
    with pytest.raises(ModuleNotFoundError) as refused:
        Team(2)
    assert str(refused.value) == WORDS["needed"]


def test_module_loads_no_dask():
    """Importing is cheap: Dask is loaded when a team is made."""
    code = "import sys, bpteach.performance.workers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"dask", "distributed"} & set(done.stdout.split())


# with Dask


@pytest.fixture(scope="module")
def team():
    """Start two workers for the tests that leave them alive, or bring back a dead one."""
    need("distributed")
    with Team(2, address=LOCAL) as opened:
        yield opened


@pytest.mark.parametrize("parts", [None, 1, 3])
def test_workers_give_the_gradient(team, parts):
    """Equal to one process's, in both of its lists; nothing is changed."""
    net, X, Y = seeded([20, 10, 5], 30)
    before = snapshot(net)
    assert_same(team.backprop_matrix(net, X, Y, parts=parts), backprop_matrix(net, X, Y))
    assert snapshot(net) == before
    assert team.count == 2


def test_one_column_keeps_one_worker_busy(team):
    """There are never more parts than columns."""
    net, X, Y = seeded([4, 3], 1)
    assert_same(team.backprop_matrix(net, X, Y), backprop_matrix(net, X, Y))


def test_precision_survives_the_way(team):
    """float32 in, float32 out."""
    net, X, Y = seeded([4, 3], 6, dtype=np.float32)
    assert all(array.dtype == np.float32 for array in team.backprop_matrix(net, X, Y)[1])


def test_bad_input_is_refused_before_anything_is_sent(team):
    """By the sentences of `bpteach.backprop_matrix`."""
    net, X, Y = seeded([4, 3], 6)
    with pytest.raises(ValueError, match=r"X has shape \(6, 4\)"):
        team.backprop_matrix(net, X.T, Y)


def test_a_killed_worker_loses_nothing(team):
    """One is killed while it computes, perhaps with finished parts in its memory; the sum is right."""
    net, X, Y = seeded([20, 10, 5], 40)
    before, killed = team.processes(), []

    def strike(pid):
        killed.append(pid)
        team.kill(pid)

    found = team.backprop_matrix(net, X, Y, parts=8, meanwhile=strike)
    assert_same(found, backprop_matrix(net, X, Y))
    assert len(killed) == 1
    assert killed[0] in before
    assert killed[0] not in team.processes()
    assert os.getpid() not in before
    assert team.begun > 8, "the killed worker had begun a part, which must have been begun again"


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


def test_a_program_that_loses_a_worker_prints_nothing_else(tmp_path):
    """Dask's warnings of a dead worker are kept from the reader; the program ends by itself."""
    need("distributed")
    file = tmp_path / "program.py"
    file.write_text(A_PROGRAM)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    program = [sys.executable, str(file)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert (done.stdout.strip(), done.stderr) == ("closed", "")


def test_the_held_parts_go_on_when_something_fails_meanwhile(team):
    """The error arrives, and the workers are free for the next call."""
    net, X, Y = seeded([4, 3], 8)

    def fail(pid):
        raise LookupError("meanwhile")

    with pytest.raises(LookupError, match="meanwhile"):
        team.backprop_matrix(net, X, Y, parts=4, meanwhile=fail)
    assert_same(team.backprop_matrix(net, X, Y), backprop_matrix(net, X, Y))


def test_only_its_own_workers_are_killed(team):
    """A process number from elsewhere is refused, this one's above all."""
    with pytest.raises(ValueError, match=f"{os.getpid()} is no worker"):
        team.kill(os.getpid())


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


def test_a_team_is_closed_by_an_error_inside_its_block():
    """No process is left, and the team says so if it is used."""
    need("distributed")
    import psutil

    net, X, Y = seeded([4, 3], 8)
    team = Team(1, address=LOCAL)
    with pytest.raises(RuntimeError, match="no workers"):
        team.processes()
    processes = []

    def fail_inside():
        with team:
            processes.extend(map(psutil.Process, team.processes()))
            raise LookupError

    with pytest.raises(LookupError):
        fail_inside()
    gone, alive = psutil.wait_procs(processes, timeout=30)
    assert [len(gone), alive] == [1, []]
    with pytest.raises(RuntimeError, match="no workers"):
        team.backprop_matrix(net, X, Y)


def test_an_address_that_makes_no_sense_is_told():
    """In one sentence, with the cure."""
    need("distributed")
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


class Elsewhere:
    """Stand in for a client whose scheduler, or whose workers, raise an error."""

    def __init__(self, scheduler=None, workers=None):
        self._errors = {"scheduler": scheduler, "workers": workers}

    def run_on_scheduler(self, function):
        """Run nothing."""
        return self._raise("scheduler")

    def run(self, function):
        """Run nothing, on one worker."""
        return {"tcp://192.168.0.8:1": self._raise("workers")}

    def _raise(self, where):
        if self._errors[where]:
            raise self._errors[where]


@pytest.mark.parametrize("where", ["scheduler", "workers"])
@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'bpteach'"),
        ImportError("cannot import name 'backprop_matrix'"),
        Exception("ModuleNotFoundError(\"No module named 'bpteach'\")"),
        AttributeError("Can't get attribute '_import_package' on <module 'bpteach.performance.workers'>"),
    ],
)
def test_a_package_that_is_missing_elsewhere_is_told(where, error):
    """An exception of its own kind, or the text of one, which is what comes from a worker; or an older bpteach."""
    need("distributed")
    team = Team(address="tcp://192.168.0.7:8786")
    team._client = Elsewhere(**{where: error})
    with pytest.raises(ImportError) as told:
        team._get_ready()
    assert str(told.value) == WORDS["no package"].format(address=team.address)
    assert told.value.__cause__ is error


def test_other_errors_elsewhere_stay_what_they_are():
    """Nobody is sent to look for a package that is there."""
    need("distributed")
    team = Team(address="tcp://192.168.0.7:8786")
    team._client = Elsewhere(workers=OSError("Timed out"))
    with pytest.raises(OSError, match="Timed out"):
        team._get_ready()
    team._client = Elsewhere()
    assert team._get_ready() == 1


A_WORKER_WITHOUT_BPTEACH = """
import sys
sys.modules["bpteach"] = None
from distributed.cli.dask_worker import main
main()
"""


def test_a_real_worker_without_the_package_is_told():
    """By the same sentence."""
    need("distributed")
    from distributed import Client, LocalCluster

    local = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=0, **local) as cluster, Client(cluster, set_as_default=False) as client:
        address = cluster.scheduler_address
        program = [sys.executable, "-c", A_WORKER_WITHOUT_BPTEACH, address, "--no-nanny", "--no-dashboard"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(program, **quiet) as worker:
            try:
                client.wait_for_workers(1, timeout=60)
                with pytest.raises(ImportError) as told, Team(address=address):
                    pass
            finally:
                worker.kill()
    assert str(told.value) == WORDS["no package"].format(address=address)


# on paper: two links of 2 · 3 and 3 · 1, so 9 multiplications forward, 9 for BP4, 3 for BP2


TINY = [2, 3, 1]
ROUND = Machines(speed=42.0, bandwidth=104.0, latency=0.5)  # a column takes a second, a whole gradient as well


def test_counts_by_hand():
    """Parameters: 6 + 3 weights and 3 + 1 biases. Operations: two for each of 9 + 9 + 3 multiplications."""
    assert count_parameters(TINY) == 13
    assert count_operations(TINY) == 42
    assert [count_parameters([784, 30, 10]), count_operations([784, 30, 10])] == [23_860, 95_880]


def test_operations_are_those_that_are_counted_one_by_one():
    """The exercises of lesson 8 count them by doing them."""
    from bpteach.exercises.lesson_08 import count_multiplications

    for sizes in ([3, 2], [4, 3, 2], [2, 3, 4, 2]):
        assert count_operations(sizes) == 2 * sum(count_multiplications(sizes, 1).values())


def test_exchange_by_hand():
    """Four workers: six steps of a quarter of a second and half a second of latency; alone there is nothing to do."""
    assert exchange_seconds(TINY, 4, ROUND) == pytest.approx(6 * (0.25 + 0.5))
    assert exchange_seconds(TINY, 2, ROUND) == pytest.approx(2 * (0.5 + 0.5))
    assert exchange_seconds(TINY, 1, ROUND) == 0
    half = Machines(speed=42.0, bandwidth=104.0, latency=0.0, number_bytes=4)
    assert exchange_seconds(TINY, 4, half) == pytest.approx(6 * 0.125)


def test_exchange_agrees_with_the_formula_as_it_is_quoted():
    """2 (p − 1)/p · bytes / bandwidth + 2 (p − 1) · latency."""
    machines = Machines()
    for p in (2, 10, 100, 10_000):
        quoted = 2 * (p - 1) / p * 190_880 / 1.25e9 + 2 * (p - 1) * 5e-5
        assert exchange_seconds([784, 30, 10], p, machines) == pytest.approx(quoted)


def test_speed_up_by_hand():
    """8 columns: 8 s alone; 2 s and 4.5 s with four workers."""
    assert compute_seconds(TINY, 8, 4, ROUND) == pytest.approx(2)
    assert speed_up(TINY, 8, 4, ROUND) == pytest.approx(8 / 6.5)
    assert speed_up(TINY, 8, 1, ROUND) == 1


def test_break_even_by_hand():
    """6 columns: 6 s alone; 1.5 s and 4.5 s with four workers. Where nothing is to be exchanged, a column each."""
    assert break_even(TINY, 4, ROUND) == pytest.approx(6)
    assert break_even(TINY, 2, ROUND) == pytest.approx(4)
    assert break_even(TINY, 4, Machines(speed=42.0, bandwidth=1e30, latency=0)) == 4


@pytest.mark.parametrize("workers", [2, 3, 10, 1000])
@pytest.mark.parametrize("sizes", [TINY, [784, 30, 10], [784, 4000, 4000, 10]])
def test_at_the_break_even_nobody_is_faster(sizes, workers):
    """Unless it is the number of workers that decides."""
    m = break_even(sizes, workers, Machines())
    assert speed_up(sizes, m, workers, Machines()) == pytest.approx(1) or m == workers
    assert speed_up(sizes, 1.01 * m, workers, Machines()) > 1
    assert m == workers or speed_up(sizes, 0.99 * m, workers, Machines()) < 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"speed": 0}, "speed is 0"),
        ({"bandwidth": -1.0}, "bandwidth is -1.0"),
        ({"latency": -1}, "latency is -1"),
        ({"latency": float("nan")}, "latency is nan"),
        ({"speed": "fast"}, "speed is 'fast'"),
    ],
)
def test_impossible_machines_are_refused(settings, words):
    """By name."""
    with pytest.raises(ValueError, match=words):
        Machines(**settings)


@pytest.mark.parametrize("sizes", [784, [784], [784, 0], [784, 1.5]])
def test_sizes_that_are_none_are_refused(sizes):
    """By name."""
    with pytest.raises((TypeError, ValueError), match="sizes"):
        count_parameters(sizes)


def test_break_even_of_one_worker_is_refused():
    """One is what it is compared with."""
    with pytest.raises(ValueError, match="workers is 1: expected 2 or more"):
        break_even(TINY, 1, ROUND)
