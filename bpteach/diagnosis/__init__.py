"""Run a reader's function on small networks and say which mistake was made, by what the numbers do."""

from bpteach.diagnosis.catalogue import CATALOGUE, faulty, faulty_update
from bpteach.diagnosis.gradient import check_backprop, check_backprop_matrix
from bpteach.diagnosis.mistake import Mistake
from bpteach.diagnosis.report import Diagnosis, Row
from bpteach.diagnosis.step import check_update

__all__ = [
    "CATALOGUE",
    "Diagnosis",
    "Mistake",
    "Row",
    "check_backprop",
    "check_backprop_matrix",
    "check_update",
    "faulty",
    "faulty_update",
]
