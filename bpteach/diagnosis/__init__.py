"""Run a reader's function on small networks and say which mistake was made, by what the numbers do.

A check (`gradient_check`, `step_check`, `program_check`; what they share is in `check`; `methods` reads a class)
- calls the function on `probes` (`calls`, `stoppable`, `sharing`; `exceptions` and `operands` if it raises),
- compares the numbers (`comparison`),
- names what gives the same (`wrong_numbers`, `conventions`): a `Mistake`, told in `mistakes`, run by `algorithm`,
- tells it in a `report`.
The gallery shows the `faulty_functions` and their `effects`; the stepper has a `recording`, which reads the `source`.
"""

from bpteach.diagnosis.faulty_functions import faulty, faulty_update
from bpteach.diagnosis.gradient_check import check_backprop, check_backprop_matrix
from bpteach.diagnosis.mistakes import CATALOGUE
from bpteach.diagnosis.program_check import check_network
from bpteach.diagnosis.report import Diagnosis
from bpteach.diagnosis.step_check import check_update

__all__ = [
    "CATALOGUE",
    "Diagnosis",
    "check_backprop",
    "check_backprop_matrix",
    "check_network",
    "check_update",
    "faulty",
    "faulty_update",
]
