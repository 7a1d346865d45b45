"""For teachers: the grading of the assignment, and the tally of a class's mistakes."""
