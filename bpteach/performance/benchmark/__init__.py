"""Measure the speed of this package on the reader's machine, against what would be used in its place.

`bpteach benchmark` does it; `--quick` takes less than a minute.
"""
