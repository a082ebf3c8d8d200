"""Small coded records for the tests of the matching engine."""

import numpy as np

from crmkit.cleaning._matching._coded import CodedColumn, units_of


def coded(name, kind, values):
    """A column of rows from plain values, None where missing."""
    distinct = sorted({value for value in values if value is not None})
    place = {value: number for number, value in enumerate(distinct)} | {None: -1}
    codes = np.array([place[value] for value in values], dtype=np.int64)
    return CodedColumn(name, kind, codes, distinct)


def units(**columns):
    """Units of columns given as name=(kind, values)."""
    made = [coded(name, kind, values) for name, (kind, values) in columns.items()]
    return units_of(made, len(made[0].codes) if made else 0)
