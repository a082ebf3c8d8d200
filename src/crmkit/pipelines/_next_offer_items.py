"""Which items are learnt from, what is told of those that may be offered, and whom to serve."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.events._ledger import begin_of_day
from crmkit.model_selection import RollingTimeSplit
from crmkit.model_selection._log_split import read_lines
from crmkit.pipelines._churn_plan import days_in
from crmkit.pipelines._customer_offers import best_sold, buyers, only_items
from crmkit.recommend._evaluate import read_cutoffs
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import read_interactions


def who_bought(log: EventLog, as_of: Any, owner: str) -> Ids:
    """Ids of all who bought an item before an instant, ascending."""
    return read_interactions(log, log.cutoff(as_of, owner), owner).customers


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


def tested_on(
    log: EventLog, items: Any, cutoffs: Any, horizon: Any, most: int | None, owner: str
) -> tuple[EventLog, Any]:
    """Log and items of a test: without what the recipe would not have learnt from at its first cut.

    What is sold later for the first time stays: it was new then.
    """
    if most is None:
        return log, items
    splitter = RollingTimeSplit(horizon=horizon, **read_cutoffs(cutoffs))
    days = splitter._days(read_lines(log, owner), days_in(horizon, "horizon", owner))
    sold, n_buyers = buyers(log, begin_of_day(min(days), log), owner)
    kept = items_kept(sold, n_buyers, most)
    if len(kept) == len(sold):
        return log, items
    ever = buyers(log, log.cutoff(None, owner), owner)[0]
    named = np.setdiff1d(ever, np.setdiff1d(sold, kept))
    return only_items(log, named, owner) or log, told_of(items, str(log.item), sold, kept, owner)
