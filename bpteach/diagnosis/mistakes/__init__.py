"""The entries of the catalogue: a mistake is told here, and nowhere else."""
