"""Run somebody's function so that it can be stopped: in a thread of its own, for a number of seconds.

In a browser (Pyodide) there are no threads: it runs in place, and at each line the interpreter asks whether to go on. A
loop is then stopped as well, but no single call of C code.
"""

import contextlib
import contextvars
import ctypes
import functools
import sys
import threading
import time

SECONDS_TO_STOP = 2  # a run that does not end within so many seconds, in a call of C code say, is left alone
TICK = 0.05  # so often, in seconds, a run is looked at
WAITING = 4  # a run that waits has so many times the seconds of one that computes


class Patience:
    """Tells when a run has had its seconds: of the processor, so that a machine that is busy elsewhere takes none away.

    What passes between two looks counts as a few ticks at most: meanwhile the machine may have held the process.
    """

    def __init__(self, seconds):
        self._seconds, self._passed = seconds, 0.0
        self._last, self._began = time.monotonic(), time.process_time()

    def is_over(self):
        last, self._last = self._last, time.monotonic()
        self._passed += min(self._last - last, 4 * TICK)
        if self._passed < self._seconds:  # of several processors
            return False
        return time.process_time() - self._began >= self._seconds or self._passed >= WAITING * self._seconds


class ForGood(BaseException):
    """Stands still where it is made, and with it the thread: for a function that catches whatever is raised in it."""

    def __init__(self):
        threading.Event().wait()


class Stoppable:
    """A call in a thread of its own: its `result`, or the `error` that ended it, or that it was `stopped`.

    A tracer belongs to a thread: the one of the reader's thread, a debugger's say, is left where it is. (A tracer alone
    could not stop every function: Python takes away one that raises, in a function that then catches the exception.)
    """

    def __init__(self, function, *arguments):
        self._call = functools.partial(function, *arguments)
        self._ended_or_stopped = threading.Event()
        self._lock = threading.Lock()
        self._is_over = False
        self.result, self.error, self.stopped = None, None, False

    def start(self, tracer, seconds):
        """Run the function, with what `sys.settrace` takes or None, and stop it after so many seconds."""
        context = contextvars.copy_context()  # NumPy's settings, such as np.errstate
        thread = threading.Thread(target=context.run, args=[self._work, tracer], daemon=True)
        try:
            thread.start()
        except RuntimeError:  # there are no threads
            context.run(self._work_in_place, tracer, Patience(seconds))
            return
        try:
            patience = Patience(seconds)
            while not self._ended_or_stopped.wait(TICK) and not patience.is_over():
                pass
        finally:
            if not self._is_over:
                self.stop()
                self._end(thread)

    def stop(self):
        """Let the run end early; it may say so itself, through its tracer."""
        self.stopped = True
        self._ended_or_stopped.set()

    def _work_in_place(self, tracer, patience):
        def look(code, *_where):
            is_own = self._is_over or code.co_filename == __file__
            if not is_own and (self.stopped or patience.is_over()):
                self.stopped = True
                raise SystemExit  # and at the next line again: the function may catch it

        monitoring = sys.monitoring  # since Python 3.12; a tracer that raises is taken away
        tool = next(number for number in range(6) if monitoring.get_tool(number) is None)  # one such call in another
        monitoring.use_tool_id(tool, __name__)
        line, jump = monitoring.events.LINE, monitoring.events.JUMP
        monitoring.register_callback(tool, line, look)
        monitoring.register_callback(tool, jump, look)
        monitoring.set_events(tool, line | jump)
        try:
            self._work(tracer)
        finally:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)

    def _work(self, tracer):
        before = sys.gettrace()
        with contextlib.suppress(SystemExit):  # the last one that `_end` raises may come when the call is over
            try:
                sys.settrace(tracer)
                self.result = self._call()
            except BaseException as error:  # sys.exit() as well: it must not end the reader's kernel
                self.error = None if self.stopped else error
            finally:
                sys.settrace(before)
                with self._lock:
                    self._is_over = True
                self._ended_or_stopped.set()

    def _end(self, thread):
        """Raise SystemExit in the thread, which ends one silently, again and again: the function may catch it."""
        end = time.monotonic() + SECONDS_TO_STOP
        while thread.is_alive() and time.monotonic() < end:
            self._raise(SystemExit, thread)
            thread.join(0.001)
        self._raise(ForGood, thread)

    def _raise(self, kind, thread):
        with self._lock:
            if thread.is_alive() and not self._is_over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(kind))
