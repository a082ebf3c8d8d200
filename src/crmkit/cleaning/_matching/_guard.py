"""Protection against lists without duplicates, where EM takes look-alikes for one person.

In a true match first names and birth dates mostly agree. Where EM believes that they often
differ, what it has found are families or namesakes: their row of m is put back to a sane one.
"""

from collections.abc import Sequence

import numpy as np

from crmkit.cleaning._matching._coded import Floats
from crmkit.cleaning._matching._kind_rules import RULES

GUARDED = ("first_name", "birth_date", "name")
MOST_DIFFERENT = 0.5
PUT_BACK, LEAST_EQUAL = 0.10, 0.70


def guarded(m: Floats, kinds: Sequence[str]) -> tuple[Floats, list[int]]:
    """M with the rows put back that cannot be of persons, and which these are."""
    m, caught = m.copy(), []
    for column, kind in enumerate(kinds):
        if kind in GUARDED and m[column, 1] > MOST_DIFFERENT:
            m[column] = sane_row(m[column], RULES[kind].n_levels)
            caught.append(column)
    return m, caught


def sane_row(row: Floats, n_levels: int) -> Floats:
    """The row with one match in ten that differs and at least seven in ten that are equal."""
    row = row.copy()
    agree = row[2 : n_levels + 1]
    agree *= (1.0 - PUT_BACK) / max(float(agree.sum()), 1e-12)
    if agree[-1] < LEAST_EQUAL:
        others = agree[:-1].sum()
        agree[:-1] *= (1.0 - PUT_BACK - LEAST_EQUAL) / max(float(others), 1e-12)
        agree[-1] = LEAST_EQUAL
    row[1] = PUT_BACK
    row[1 : n_levels + 1] = np.maximum(row[1 : n_levels + 1], 1e-6)
    row[1 : n_levels + 1] /= row[1 : n_levels + 1].sum()
    return row
