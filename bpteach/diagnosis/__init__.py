"""Run a reader's function on small networks and say which mistake was made, by what the numbers do.

Each mistake is told in `mistakes`. A new one needs its entry there, and functions that make it in tests/learners_*.py.
A check calls the function on `probes` (`calls`, `judging`), and looks for the mistake that gives the same numbers
(`wrong_numbers`, `conventions`), or for what an exception says (`exceptions`, `operands`); `methods` reads a class.
"""

from bpteach.diagnosis.faulty_functions import faulty, faulty_update
from bpteach.diagnosis.gradient_check import check_backprop, check_backprop_matrix
from bpteach.diagnosis.mistake import Mistake
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.program_check import check_network
from bpteach.diagnosis.report import Diagnosis, Row
from bpteach.diagnosis.step_check import check_update

__all__ = [
    "CATALOGUE",
    "Diagnosis",
    "Mistake",
    "Row",
    "check_backprop",
    "check_backprop_matrix",
    "check_network",
    "check_update",
    "faulty",
    "faulty_update",
]
