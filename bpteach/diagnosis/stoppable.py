"""Run somebody's function so that it can be stopped: in a thread of its own, for a number of seconds."""

import contextlib
import contextvars
import ctypes
import functools
import random
import sys
import threading
import time

SECONDS_TO_STOP = 5  # a run that does not end within so many seconds, in a call of C code say, is left alone


class Stop(SystemExit):
    """Ends a run that came to a bound. A kind of SystemExit, so that `except Exception` lets it through."""


class Run:
    """Runs a function in a thread of its own, which can be stopped, and keeps what it did.

    A tracer belongs to a thread: the one of the reader's thread, a debugger's say, is left where it is.

    Parameters
    ----------
    function : callable
        What to run.
    *arguments : object
        Its arguments.

    Attributes
    ----------
    result : object
        What it returned; None if it did not return.
    error : BaseException or None
        The exception that ended it.
    stopped : bool
        Whether it was stopped.
    """

    def __init__(self, function, *arguments):
        self._call = functools.partial(function, *arguments)
        self._lock = threading.Lock()
        self._is_over = False
        self._may_stop = threading.Event()
        self.result = self.error = None
        self.stopped = False

    def start(self, tracer, seconds):
        """Run the function for as long as it is allowed to.

        Parameters
        ----------
        tracer : callable or None
            What `sys.settrace` takes.
        seconds : float
            After so many seconds it is stopped.
        """
        context = contextvars.copy_context()  # NumPy's settings, such as np.errstate
        thread = threading.Thread(target=context.run, args=[self._work_quietly, tracer], daemon=True)
        thread.start()
        try:
            self._may_stop.wait(seconds)
        finally:
            if not self._is_over:
                self._stop(thread)

    def hurry(self):
        """Ask for an early end."""
        self._may_stop.set()

    def _work_quietly(self, tracer):
        with contextlib.suppress(Stop):  # one may still arrive while `_work` is clearing up
            self._work(tracer)

    def _work(self, tracer):
        try:
            sys.settrace(tracer)
            try:
                self.result = self._call()
            except Stop:
                self.stopped = True
            except BaseException as raised:  # sys.exit() as well: it must not end the reader's kernel
                self.error = raised
        finally:
            sys.settrace(None)
            with self._lock:
                self._is_over = True
            with contextlib.suppress(Stop):
                for _ in range(100):
                    pass  # one that was raised at the last moment arrives here
            self._may_stop.set()

    def _stop(self, thread):
        """Raise `Stop` in the thread until it ends: once would not do, for the function may catch every exception."""
        self.stopped = True
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)  # take turns so often that one of them arrives outside the function's `try`
        end = time.monotonic() + SECONDS_TO_STOP
        while thread.is_alive() and time.monotonic() < end:
            with self._lock:
                if not self._is_over:
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stop))
            thread.join(random.uniform(0, 1e-4))  # never in step with the function's own loop
        sys.setswitchinterval(interval)
