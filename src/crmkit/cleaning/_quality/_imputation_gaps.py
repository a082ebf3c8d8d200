"""Whether what is missing goes with what is there: a gap that does is not there by chance.

For each column with gaps every other column is asked how well it tells the rows that lack the
value: by the area under the ROC curve, 0.5 being chance, and by its probability under chance (rank
sum of numbers, chi-squared of words and of gaps that come together). That a value is missing
because of what it would have been cannot be seen in data.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from crmkit._validation import Floats
from crmkit.cleaning._quality._imputation_columns import Learnt

Flags = npt.NDArray[np.bool_]

LEVEL = 0.001
LEAST_AREA = 0.55
BY_CHANCE = "no other column tells where it is missing"


class GoesWith(NamedTuple):
    """The column that best tells where another is missing, how well, and in words."""

    column: str
    area: float
    told: str


def goes_with(x: Floats, columns: list[Learnt], place: int) -> GoesWith:
    """What tells best where a column is missing: nothing where none does beyond chance."""
    gone = np.isnan(x[:, place])
    best = GoesWith("", 0.5, BY_CHANCE)
    if not gone.any() or gone.all():
        return best._replace(told="")
    level = LEVEL / max(2 * (len(columns) - 1), 1)
    for other, each in enumerate(columns):
        if other == place:
            continue
        for p, found in _looks(x[:, other], gone, each):
            if p < level and found.area > max(best.area, LEAST_AREA):
                best = found
    return best


def _looks(values: Floats, gone: Flags, each: Learnt) -> list[tuple[float, GoesWith]]:
    """How a column and its own gaps tell where another is missing."""
    found = []
    there = ~np.isnan(values)
    if not there.all() and there.any():
        rate, other = gone[~there].mean(), gone[there].mean()
        table = np.array([[(gone & ~there).sum(), (gone & there).sum()],
                          [(~gone & ~there).sum(), (~gone & there).sum()]])  # fmt: skip
        word = "along with" if rate > other else "where there is"
        told = f"missing more often {word} {each['name']!r}"
        found.append((_chi_squared(table), GoesWith(each["name"], _area(table), told)))
    if gone[there].any() and not gone[there].all():
        look = _words if each["levels"] else _numbers
        found.append(look(values[there], gone[there], each))
    return found


def _numbers(values: Floats, gone: Flags, each: Learnt) -> tuple[float, GoesWith]:
    n_gone, n_there = int(gone.sum()), int((~gone).sum())
    ranks = stats.rankdata(values)
    area = (ranks[gone].sum() - n_gone * (n_gone + 1) / 2) / (n_gone * n_there)
    z = (area - 0.5) / np.sqrt((n_gone + n_there + 1) / (12.0 * n_gone * n_there))
    told = f"missing more often where {each['name']!r} is {'high' if area > 0.5 else 'low'}"
    return float(2 * stats.norm.sf(abs(z))), GoesWith(each["name"], max(area, 1 - area), told)


def _words(values: Floats, gone: Flags, each: Learnt) -> tuple[float, GoesWith]:
    codes = values.astype(np.int64)
    n = len(each["levels"]) + 1
    table = np.array([np.bincount(codes[part], minlength=n) for part in (gone, ~gone)])
    table = table[:, table.sum(axis=0) > 0]
    held = np.unique(codes)
    most = held[np.argmax(table[0] / table.sum(axis=0))]
    word = repr(each["levels"][most]) if most < len(each["levels"]) else "new"
    told = f"missing more often where {each['name']!r} is {word}"
    return _chi_squared(table), GoesWith(each["name"], _area(table), told)


def _chi_squared(table: npt.NDArray[np.int64]) -> float:
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    size = ((table - expected) ** 2 / expected).sum()
    return float(stats.chi2.sf(size, table.shape[1] - 1))


def _area(table: npt.NDArray[np.int64]) -> float:
    """Area under the ROC curve of rates by column of a table of gaps (first row) and others."""
    order = np.argsort(table[0] / table.sum(axis=0), kind="stable")
    gone, there = table[0, order], table[1, order]
    below = np.cumsum(there) - there / 2.0
    return float((gone * below).sum() / (gone.sum() * there.sum()))
