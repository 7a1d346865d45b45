"""Count which mistakes the notebooks of a class make: `bpteach tally FOLDER`.

Each notebook runs in a process of its own, and what its checks answered is counted. The notebooks' code is not trusted:

- Time, memory, the size of files and the room on the disk are limited; what a notebook prints is thrown away; it has
  nothing to read input from, a new empty folder as its home, and none of the teacher's environment variables.
- On Linux 5.13 and newer, Landlock lets it write and delete in that folder only. On x86-64 and ARM64, seccomp
  refuses new processes, signals to others, network connections, and changes of rights and times of files.
  Root's privileges are given up.
- Everywhere, Python itself refuses the same (an audit hook). Alone, on macOS and Windows, that stops what a learner
  would write, but not somebody who knows the inside of Python well; there, use a virtual machine for notebooks that you
  do not trust. macOS does not enforce the limit on memory, Windows has the limit on time only.

Not guarded against: reading. A notebook can read what the teacher's account can read, but it can tell nobody.
And the tally counts honest mistakes, it is no guard at an exam: a notebook that checks another function than the one
it was asked for, or that meddles with the checks, is counted as its checks answer.
"""

from bpteach.classroom.tally.counts import Tally
from bpteach.classroom.tally.supervisor import tally

__all__ = ["Tally", "tally"]
