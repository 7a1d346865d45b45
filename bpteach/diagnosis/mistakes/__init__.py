"""The catalogue of mistakes: each entry is told in one of these files, and nowhere else."""

from bpteach.diagnosis.mistakes import chain_rule, programming, sums

CATALOGUE = {mistake.name: mistake for mistake in (*chain_rule.MISTAKES, *sums.MISTAKES, *programming.MISTAKES)}
