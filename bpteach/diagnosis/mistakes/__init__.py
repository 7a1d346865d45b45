"""The catalogue of mistakes: each entry is told in one of these files; an exercise may have other words for it.

`chain_rule` has factors, indices and transposes; `sums` the adding of examples, and columns that are none;
`programming` what is changed, shared or forgotten. A mistake of the forward pass stands with its like. `slips` has what
is too rare for a name: it is told by its sentence, and is no part of the catalogue.
"""

from bpteach.diagnosis.mistakes import chain_rule, programming, sums

CATALOGUE = {mistake.name: mistake for mistake in (*chain_rule.MISTAKES, *sums.MISTAKES, *programming.MISTAKES)}
