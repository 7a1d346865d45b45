"""A clock for tests of what is timed: it moves only when a function that was made to take time is called."""

from itertools import cycle


class Clock:
    """Stands in for `perf_counter` in `bpteach.performance.timing`."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        self.called = []  # pairs of name and seconds
        monkeypatch.setattr("bpteach.performance.timing.perf_counter", lambda: self.now)

    def taking(self, *seconds, name=""):
        """Make a function that takes these seconds in turn, over and over."""
        durations = cycle(seconds)

        def function():
            taken = next(durations)
            self.now += taken
            self.called.append((name, taken))

        return function

    def names(self):
        return "".join(name for name, _taken in self.called)
