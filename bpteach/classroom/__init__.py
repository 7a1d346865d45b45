"""For teachers: the assignment's grading, and the tally of a class's mistakes."""
