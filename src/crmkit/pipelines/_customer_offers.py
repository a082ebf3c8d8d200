"""What to offer next to every customer: what is learnt from, and the columns that tell it.

The default recipe learns from the items that most customers bought. The others, bought by a few,
can hardly be foretold, and a model of all of them costs many times as much. Boosted trees are left
out for the same reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from crmkit import _frames
from crmkit.events import EventLog
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.recommend import HybridRecommender
from crmkit.recommend._given import told_by
from crmkit.recommend._ids import Ids, find
from crmkit.recommend._interactions import read_interactions
from crmkit.recommend._recommender import Recommender

OWNER = "CustomerValuePipeline"
AUTO = "auto"
MODES = {AUTO: "both", "explore": "explore", "repeat": "repeat"}
MOST_ITEMS = 5000
WHY = ("source", "reason")
OFFER = ("next_offer", "next_offer_source", "next_offer_reason")


@dataclass(frozen=True, eq=False)
class Learnt:
    """A fitted recommender, and how many items were sold at all."""

    recommender: Recommender
    n_sold: int


def recommender_of(recommender: Any, log: EventLog, owner: str = OWNER) -> Recommender | None:
    """The recommender that a parameter means; None where offers are left out."""
    if recommender is None:
        return None
    if isinstance(recommender, str) and recommender in MODES:
        mode = MODES[recommender]
        return None if log.item is None else HybridRecommender(mode, n_trees=0)
    if isinstance(recommender, Recommender):
        copied: Recommender = clone(recommender)
        return copied
    raise DataError(
        f'{owner}: recommender must be a recommender, "auto", "explore", "repeat" or None, '
        f"got {recommender!r}. Recommenders are in crmkit.recommend."
    )


def learnt_offers(
    model: Recommender | None, log: EventLog, items: Any, as_of: Any, *, is_default: bool
) -> tuple[Recommender | None, str, int]:
    """Fitted recommender, no note, items sold; where the default cannot be, none, why, warning."""
    if model is None:
        return None, "", 0
    try:
        made = learnt(model, log, items, as_of, MOST_ITEMS if is_default else None)
    except DataError as error:
        if not is_default:
            raise
        warn_user(
            f"{OWNER}: what to offer cannot be learnt from this log, so there are no offers. "
            f"{error} Pass recommender=None to leave them out.",
            DataWarning,
        )
        return None, str(error), 0
    return made.recommender, "", made.n_sold


def learnt(
    model: Recommender, log: EventLog, items: Any, as_of: Any, most: int | None, owner: str = OWNER
) -> Learnt:
    """Fit a recommender on the items with the most buyers, `most` of them, or on all."""
    cutoff = log.cutoff(as_of, owner)
    sold, n_buyers = buyers(log, cutoff, owner)
    kept = sold if most is None else best_sold(sold, n_buyers, most)
    if items is not None and len(kept) < len(sold):
        items = rows_of(items, str(log.item), kept, owner)
    known = only_items(log, kept, owner) or log  # never without: some of them were sold
    return Learnt(model.fit(known, items, as_of=cutoff), len(sold))


def buyers(log: EventLog, cutoff: Any, owner: str) -> tuple[Ids, npt.NDArray[Any]]:
    """Items that were sold before an instant, ascending, and how many customers bought each."""
    known = read_interactions(log, cutoff, owner)
    return known.items, np.bincount(known.matrix().indices, minlength=known.n_items)


def best_sold(items: Ids, n_buyers: npt.NDArray[Any], most: int) -> Ids:
    """The items with the most buyers, ascending; of equal ones the first."""
    return items[np.sort(np.argsort(-n_buyers, kind="stable")[:most])]


def only_items(log: EventLog, items: Ids, owner: str) -> EventLog | None:
    """The lines of some items as a log that is in memory; None where there are none.

    Lines that name no customer or no item are left out.
    """
    item = str(log.item)
    used = [name for name in dict.fromkeys(log.columns.named().values()) if name != log.customer]
    table = _frames.rows_with(log.data, log.customer, used, owner)
    missing = _frames.missing_values(table, item, owner)
    table = _frames.drop_rows(table, missing, owner) if missing.any() else table
    codes, ids = _frames.id_codes(table, item, owner)
    kept = find(items, ids, repr(item), owner)[codes] >= 0 if len(codes) else np.empty(0, bool)
    if not kept.any():
        return None
    return replace(log, data=table if kept.all() else _frames.drop_rows(table, ~kept, owner))


def rows_of(items: Any, item: str, kept: Ids, owner: str) -> Any:
    """Rows of a frame of items that tell of some of them."""
    table = _frames.to_eager(items)
    names = _frames.column_names(table, owner)
    item = item if item in names else names[0]
    missing = _frames.missing_values(table, item, owner)
    table = _frames.drop_rows(table, missing, owner) if missing.any() else table
    there = find(kept, _frames.id_column(table, item, owner), "items", owner) >= 0
    return _frames.drop_rows(table, ~there, owner)


def offers_to(
    fitted: Recommender, log: EventLog, customers: Any, n: int, as_of: Any, **more: Any
) -> Any:
    """Offers by what a log tells of customers before an instant, with reasons; an eager frame.

    It is of the library of this log, which may be another than that of the fit.
    """
    columns = offered(fitted, log, customers, n, as_of, **more)
    told = _frames.id_types(log.data, [log.customer, str(log.item)], OWNER)
    return _frames.to_eager(_frames.id_frame(columns, told, like=log.data))


def offered(
    fitted: Recommender, log: EventLog, customers: Any, n: int, as_of: Any, **more: Any
) -> dict[str, npt.NDArray[Any]]:
    """The same as columns.

    The histories are those of the log; whom the recommender knows from its fit is no fold-in.
    """
    there, asked = (log.customer, log.item), (fitted.columns_["customer"], fitted.columns_["item"])
    if there != asked:
        raise DataError(
            f"{OWNER}: the log of the fit has customer={asked[0]!r} and item={asked[1]!r}, this "
            f"one customer={there[0]!r} and item={there[1]!r}. Offers need the same columns: "
            "rename them, or fit with recommender=None."
        )
    cutoff = log.cutoff(as_of, OWNER)
    told = told_by(log, fitted._known(), cutoff, OWNER)
    columns = fitted._offered(customers, n, history=told, as_of=cutoff, explain=True, **more)
    is_known = find(fitted.customers_, columns[log.customer], log.customer, OWNER) >= 0
    is_fold_in = columns["source"] == "fold-in"
    return {**columns, "source": np.where(is_known & is_fold_in, "model", columns["source"])}


def offer_columns(
    fitted: Recommender, customers: Any, log: EventLog, as_of: Any
) -> Mapping[str, npt.NDArray[Any]]:
    """The best offer of each customer, where it comes from and why; nothing where there is none."""
    ids = _frames.id_column(customers, log.customer, OWNER)
    columns = offered(fitted, log, ids, 1, as_of)
    whom, what, *words = (columns[name] for name in (log.customer, str(log.item), *WHY))
    if len(whom) < len(ids):  # else everybody has one, in this order
        row = np.full(len(ids), len(whom))
        order = np.argsort(ids, kind="stable")
        row[order[find(ids[order], whom, log.customer, OWNER)]] = np.arange(len(whom))
        what, words = beside(what, None)[row], [beside(each, "")[row].astype(str) for each in words]
    return dict(zip(OFFER, (what, *words), strict=True))


def beside(values: npt.NDArray[Any], last: object) -> npt.NDArray[np.object_]:
    """Values as objects, with one more at the end."""
    made = np.full(len(values) + 1, last, dtype=object)
    made[:-1] = values
    return made
