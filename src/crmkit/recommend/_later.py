"""How good the offers were in the light of what was bought later, for choosing a model."""

import numpy as np

from crmkit.events._event_log import EventLog, check_log
from crmkit.exceptions import DataError
from crmkit.metrics import _ranking_math as formulas
from crmkit.recommend._ids import find
from crmkit.recommend._interactions import Interactions, Whole, read_interactions


def later_pairs(
    known: Interactions, log: EventLog, owner: str, *, new_only: bool
) -> tuple[Whole, Whole]:
    """Places of customers and items of the fit that met on days after it, each pair once."""
    check_log(log, owner)
    later = read_interactions(log, log.cutoff(None, owner), owner)
    after = later.day > known.last_day
    who = find(known.customers, later.customers, "log", owner)[later.customer[after]]
    what = find(known.items, later.items, "log", owner)[later.item[after]]
    there = (who >= 0) & (what >= 0)
    keys = np.unique(who[there] * np.int64(known.n_items) + what[there])
    if new_only:
        keys = np.setdiff1d(keys, known.customer * np.int64(known.n_items) + known.item)
    if not len(keys):
        raise DataError(
            f"{owner}: no customer of the fit bought a relevant item on a day after it. Score with "
            "a log that holds later events."
        )
    return keys // known.n_items, keys % known.n_items


def mean_ndcg(
    relevant: tuple[Whole, Whole], offered: tuple[Whole, Whole, Whole], n: int, n_items: int
) -> float:
    """Mean NDCG over the customers of `relevant`; offers are customer, item and rank."""
    who, what = relevant
    customers, counts = np.unique(who, return_counts=True)
    keys = who * np.int64(n_items) + what
    hit = np.isin(offered[0] * np.int64(n_items) + offered[1], keys)
    hits = np.zeros((len(customers), int(offered[2].max(initial=0))), dtype=bool)
    hits[np.searchsorted(customers, offered[0][hit]), offered[2][hit] - 1] = True
    return float(formulas.ndcg(hits, counts, n).mean())
