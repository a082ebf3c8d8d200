"""Which items are learnt from, and what is told of those that may be offered."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.pipelines._customer_offers import best_sold
from crmkit.recommend._ids import Ids, find


def items_kept(sold: Ids, n_buyers: npt.NDArray[Any], most: int | None) -> Ids:
    """Items that are learnt from, ascending: those with the most buyers, or all."""
    return sold if most is None else best_sold(sold, n_buyers, most)


def told_of(items: Any, item: str, sold: Ids, kept: Ids, owner: str) -> Any:
    """Rows of a table of items without those that were sold and are not learnt from.

    Items that nobody bought yet stay: they are new.
    """
    if items is None or len(kept) == len(sold):
        return items
    table = _frames.to_eager(items)
    names = _frames.column_names(table, owner)
    item = item if item in names else names[0]
    missing = _frames.missing_values(table, item, owner)
    table = _frames.drop_rows(table, missing, owner) if missing.any() else table
    ids = _frames.id_column(table, item, owner)
    left = (find(sold, ids, "items", owner) >= 0) & (find(kept, ids, "items", owner) < 0)
    return _frames.drop_rows(table, np.asarray(left), owner)
