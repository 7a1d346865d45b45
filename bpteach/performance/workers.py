"""Spread a mini-batch over workers: columns are split, gradients are added. `Team` needs Dask distributed."""

import os
import signal
import tempfile
import uuid
from contextlib import ExitStack
from logging import ERROR
from time import perf_counter

import numpy as np

from bpteach.arguments import require_count, require_mini_batch
from bpteach.backpropagation import backprop_matrix
from bpteach.locale import _
from bpteach.performance.optional import needed

#: The name that always means workers on this machine, whatever DASK_SCHEDULER_ADDRESS says
LOCAL = "local"

PATIENCE = 60  # seconds until something that never comes is given up
MEMORY = "400 MB"  # for each process on this machine


def split_columns(X, Y, parts):
    """Cut a mini-batch into parts, as equal as they can be.

    Parameters
    ----------
    X, Y : arrays, shapes (n_1, m) and (n_L, m)
        The inputs and the desired outputs, one column an example.
    parts : int
        How many parts.

    Returns
    -------
    list of pairs of arrays
        (X_k, Y_k), views of neighbouring columns; the first ones have a column more where m does not divide.

    Raises
    ------
    TypeError, ValueError
        If `parts` is no integer from 1 to m.

    Examples
    --------
    >>> import numpy as np
    >>> [X_k.shape[1] for X_k, Y_k in split_columns(np.zeros((784, 10)), np.zeros((10, 10)), 4)]
    [3, 3, 2, 2]
    """
    require_count("parts", parts)
    if parts > X.shape[1]:
        message = _("parts is {parts}: expected at most {most}, the number of columns of X.")
        raise ValueError(message.format(parts=parts, most=X.shape[1]))
    return list(zip(np.array_split(X, parts, axis=1), np.array_split(Y, parts, axis=1), strict=True))


def add_gradients(gradients):
    """Add gradients, layer by layer.

    Parameters
    ----------
    gradients : sequence of pairs (nabla_b, nabla_w)
        One for each part of a mini-batch, each summed over the columns of its part.

    Returns
    -------
    nabla_b, nabla_w : lists of arrays
        The sums of all ∂C/∂b and of all ∂C/∂w.

    Raises
    ------
    ValueError
        If there is none.
    """
    gradients = list(gradients)
    if not gradients:
        raise ValueError(_("gradients is empty: expected at least one pair (nabla_b, nabla_w)."))
    nabla_bs, nabla_ws = zip(*gradients, strict=True)
    return [sum(layer) for layer in zip(*nabla_bs, strict=True)], [sum(layer) for layer in zip(*nabla_ws, strict=True)]


class Team:
    """Workers that compute the parts of a mini-batch. To be used in a `with` block, whose end closes it.

    Without an address, the workers are processes on this machine, one thread each, which listen to this machine alone
    (127.0.0.1), but to everybody who works on it. A program, as opposed to a notebook, starts them below
    `if __name__ == "__main__":`, since every new process reads the program's file.

    Parameters
    ----------
    workers : int
        How many processes to start on this machine.
    address : str, optional
        The address of a running scheduler, such as "tcp://192.168.0.7:8786", whose workers are then used; they and
        the scheduler need bpteach. "local" is this machine; so is an address left out, unless the environment variable
        DASK_SCHEDULER_ADDRESS names one.

    Attributes
    ----------
    count, seconds : int, float
        How many workers there are, and how long it took until all were ready.
    begun : int
        How often a part was begun in the last call that had something done meanwhile.

    Raises
    ------
    ModuleNotFoundError
        If Dask distributed is not installed.
    ConnectionError, ImportError
        On entering the block, if no scheduler answers, or it has no workers; if one of them has another bpteach.
    """

    def __init__(self, workers=2, *, address=None):
        require_count("workers", workers)
        needed("distributed")
        self.address = address or os.environ.get("DASK_SCHEDULER_ADDRESS") or LOCAL
        self.count, self.seconds, self.begun = workers, 0.0, 0
        self._client = self._cluster = self._closing = None

    def __enter__(self):
        """Start the workers, or find those of the scheduler, and wait until they are ready."""
        import dask

        began = perf_counter()
        with ExitStack() as opened:
            opened.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}))
            if self.address == LOCAL:
                self._cluster = opened.enter_context(_start(opened))
            self._client = opened.enter_context(_connect(self._cluster, self.address))
            if self._cluster:
                _fill(self._cluster, self._client, self.count)
            self.count = _get_ready(self._client, self.address)
            self._closing = opened.pop_all()
        self.seconds = perf_counter() - began
        return self

    def __exit__(self, *exception):
        self._client = self._cluster = None
        self._closing.close()

    def backprop_matrix(self, net, X, Y, *, parts=None, meanwhile=None):
        """Compute the gradients of all the examples of a mini-batch, summed, as `bpteach.backprop_matrix` does.

        Parameters
        ----------
        net : Network
            The network; it is not changed.
        X, Y : arrays, shapes (n_1, m) and (n_L, m)
            The inputs and the desired outputs, one column an example.
        parts : int, optional
            Into how many parts the columns are split: one for each worker, unless you say.
        meanwhile : function, optional
            Called once with the process number of a worker that has begun a part of the second half. No part of that
            half is completed before it returns.

        Returns
        -------
        nabla_b, nabla_w : lists of arrays, shapes of `net.biases` and `net.weights`
            The sums of ∂C_x/∂b and of ∂C_x/∂w over the columns.

        Raises
        ------
        RuntimeError, TimeoutError
            If the team is not open; if no worker begins, so that `meanwhile` cannot be called.
        TypeError, ValueError
            If an argument is of the wrong kind; if a shape does not fit, or there are more parts than columns.
        """
        client = self._opened()
        require_mini_batch(net, X, Y)
        pieces = split_columns(X, Y, min(self.count, X.shape[1]) if parts is None else parts)
        if meanwhile is None:
            return add_gradients(client.gather(client.map(_of_part, pieces, net=net, pure=False)))
        return add_gradients(self._with_something_meanwhile(net, pieces, meanwhile))

    def processes(self):
        """List the workers' processes.

        Returns
        -------
        list of int
            Their numbers, on the machines where they run.
        """
        return sorted(self._opened().run(os.getpid, on_error="ignore").values())

    def kill(self, pid):
        """End a worker of this machine the hard way, as a power cut would: it cannot save or say anything.

        Parameters
        ----------
        pid : int
            The number of its process.

        Raises
        ------
        ValueError
            If it is no worker that this team has started.
        """
        known = self.processes() if self._cluster else []
        if pid not in known:
            message = _("{pid} is no worker that this team has started: expected one of {known}.")
            raise ValueError(message.format(pid=pid, known=known))
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has no SIGKILL; its SIGTERM is as hard

    def _opened(self):
        if self._client is None:
            raise RuntimeError(_("This team has no workers: use it inside its with block, with Team(2) as team."))
        return self._client

    def _with_something_meanwhile(self, net, pieces, meanwhile):
        """Hold the second half of the parts until `meanwhile` is done. No clock decides what happens first."""
        from distributed import Event, Queue

        client, name = self._opened(), uuid.uuid4().hex
        begun, gate = Queue(f"begun-{name}", client=client), Event(f"gate-{name}", client=client)
        held = [k >= len(pieces) // 2 for k in range(len(pieces))]
        futures = client.map(_of_held_part, pieces, held, net=net, name=name, pure=False)
        self.begun, is_held = 0, False
        try:
            while not is_held:
                pid, is_held = _next(begun)
                self.begun += 1
            meanwhile(pid)
        finally:
            gate.set()
        gradients = client.gather(futures)
        self.begun += begun.qsize()
        begun.close()
        return gradients


def _start(opened):
    """Make a cluster without workers on this machine, until `opened` is closed. Errors are printed, warnings are not.

    Jupyter's stop button interrupts every process of the kernel, and would end the workers: these inherit, as those do
    that take the place of a dead one, what the cluster's thread has blocked, and that thread begins here.
    """
    import dask
    from distributed import LocalCluster

    folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="bpteach-", ignore_cleanup_errors=True))
    settings = {"temporary-directory": folder, "distributed.worker.profile.enabled": False}
    opened.enter_context(dask.config.set(settings))
    processes = {"n_workers": 0, "threads_per_worker": 1, "processes": True, "memory_limit": MEMORY}
    places = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "local_directory": folder}
    mask = getattr(signal, "pthread_sigmask", lambda *ignored: ())  # Windows lacks it, and interrupts the kernel alone
    if os.name == "posix":
        from multiprocessing import resource_tracker  # which a page of the browser lacks

        resource_tracker.ensure_running()  # it unblocks interrupts in the thread that starts it
    before = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return LocalCluster(**processes, **places, silence_logs=ERROR)
    finally:
        mask(signal.SIG_SETMASK, before)


def _fill(cluster, client, count):
    """Start the workers. Dask cannot close those that are about to start, so an interrupt waits for them as well."""
    cluster.scale(count)
    try:
        client.wait_for_workers(count, timeout=PATIENCE)
    except KeyboardInterrupt:
        client.wait_for_workers(count, timeout=PATIENCE)
        raise


def _connect(cluster, address):
    from distributed import Client

    if cluster:
        return Client(cluster, set_as_default=False)
    try:
        return Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        message = _(
            "No scheduler answers at {address}: start one there (dask scheduler), or leave the address out (and "
            "DASK_SCHEDULER_ADDRESS unset) for workers on this machine."
        )
        raise ConnectionError(message.format(address=address)) from error


def _get_ready(client, address):
    """Let scheduler and workers import what the parts need, before anything is timed; give the workers' number."""
    try:
        client.run_on_scheduler(_import_package)  # it unpacks the parts before it hands them on
        ready = client.run(_import_package)
    except OSError:  # among them what has to do with time and connections
        raise
    except Exception as error:  # a worker's ImportError comes by way of the scheduler, which makes it another
        message = _(
            "The scheduler at {address} or one of its workers cannot import bpteach: start them all in an "
            "environment that has it, in the version that you have."
        )
        raise ImportError(message.format(address=address)) from error
    if not ready:
        message = _("The scheduler at {address} has no workers: start some (dask worker {address}).")
        raise ConnectionError(message.format(address=address))
    return len(ready)


def _import_package():
    """Do nothing: that this function was found is all, for it stands in the package."""


def _of_part(piece, net):
    return backprop_matrix(net, *piece)


def _of_held_part(piece, is_held, net, name):
    """Say that the part is begun, wait at the gate if it is held, and compute."""
    from distributed import Event, Queue

    Queue(f"begun-{name}").put((os.getpid(), is_held))
    if is_held:
        Event(f"gate-{name}").wait()
    return _of_part(piece, net)


def _next(begun):
    try:
        return begun.get(timeout=PATIENCE)
    except TimeoutError as error:
        message = _("No worker has begun a part within {seconds} seconds: are they busy with other work?")
        raise TimeoutError(message.format(seconds=PATIENCE)) from error
