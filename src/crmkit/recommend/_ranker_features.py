"""What a ranker is told of a customer and a candidate: what members think, and what time tells.

Of each member: its score, the score as a part of the customer's best, and the rank among the
candidates. Of the item: its sales ever and of late, the days since it was first and last sold. Of
the customer: his items and days, and the days since his last purchase. Of both: on how many days he
bought the item, how long ago, and how that compares with his usual gap.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Interactions, Whole
from crmkit.recommend._top_items import Scores, ranks, top_items
from crmkit.recommend._trend import trend_ratio

SHORT, LONG = 14.0, 120.0  # half-lives of sales, days
OF_ITEM = ("item: sales", "item: late sales", "item: trend", "item: age", "item: days unsold")
OF_CUSTOMER = ("customer: items", "customer: days", "customer: days since")
OF_PAIR = ("own: days", "own: days since", "own: gaps since")
Table = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of a row of a block and an item, by row and item; rows of `table` are pairs."""

    row: Whole
    item: Whole
    table: Table


def feature_names(members: list[str]) -> list[str]:
    """Names of the columns."""
    own = [f"{name}: {what}" for name in members for what in ("score", "share of best", "rank")]
    return [*own, *OF_ITEM, *OF_CUSTOMER, *OF_PAIR]


def candidates(
    scores: list[Scores], histories: Histories, of_items: Table, depth: int
) -> Candidates:
    """The best `depth` items of each row by each member, with their features."""
    n_items = np.int64(histories.n_items)
    tops = [top_items(each, depth) for each in scores]
    keys = distinct(np.concatenate([row * n_items + item for row, item, _ in tops]))
    row, item = keys // n_items, keys % n_items
    columns: list[Any] = []
    for each in scores:
        columns += member_features(each, row, item)
    columns += [*of_items[item].T, *customer_features(histories)[row].T]
    columns += pair_features(histories, keys)
    return Candidates(row, item, np.column_stack(columns).astype(np.float32))


def distinct(keys: Whole) -> Whole:
    """The same ascending, each once."""
    keys = np.sort(keys)
    once: Whole = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    return once


def member_features(scores: Scores, row: Whole, item: Whole) -> list[npt.NDArray[Any]]:
    """Score, score by the size of the row's best, and rank; NaN where a member has no candidate."""
    score = scores[row, item].astype(np.float64)
    best = np.abs(scores.max(axis=1, initial=-np.inf).astype(np.float64))
    best = np.where((best > 0) & np.isfinite(best), best, 1.0)
    there = score > -np.inf
    order = np.lexsort((item, -score, row))
    place = np.empty(len(row))
    place[order] = ranks(row[order])
    return [np.where(there, part, np.nan) for part in (score, score / best[row], place)]


def item_features(known: Interactions) -> Table:
    """Sales of each item and days since; NaN where nobody bought it."""
    first, last = np.full((2, known.n_items), np.nan)
    order = np.argsort(known.day, kind="stable")
    last[known.item[order]] = known.ages[order]
    first[known.item[order[::-1]]] = known.ages[order[::-1]]
    with np.errstate(under="ignore"):
        late = known.per_item(0.5 ** (known.ages / SHORT))
    columns = [
        np.log1p(known.per_item(np.ones(len(known.item)))),
        np.log1p(late),
        np.log(trend_ratio(known, SHORT, LONG)),
        first,
        last,
    ]
    return np.column_stack(columns).astype(np.float32)


def customer_features(histories: Histories) -> Table:
    """Distinct items and days of each row, and the days since the last one."""
    span = histories.ages.max(initial=0) + 1
    dates = np.unique(histories.customer * span + histories.ages)
    since = np.full(len(histories), np.nan)
    since[dates[::-1] // span] = dates[::-1] % span
    n_days = np.bincount(dates // span, minlength=len(histories))
    return np.column_stack([histories.n_known, n_days, since]).astype(np.float32)


def pair_features(histories: Histories, keys: Whole) -> list[npt.NDArray[Any]]:
    """Days on which the item was bought, days since the last, and these in own mean gaps."""
    lines = histories.customer * np.int64(histories.n_items) + histories.item
    first = np.flatnonzero(np.diff(lines, prepend=-1))
    n_days = np.diff(first, append=len(lines))
    since = histories.ages[first + n_days - 1].astype(np.float64)
    span = histories.ages[first] - since
    gaps = np.where(n_days > 1, since / np.maximum(span / np.maximum(n_days - 1, 1), 1.0), np.nan)
    own = lines[first]
    place = np.minimum(np.searchsorted(own, keys), len(own) - 1)
    met = own[place] == keys
    return [
        np.where(met, n_days[place], 0),
        np.where(met, since[place], np.nan),
        np.where(met, gaps[place], np.nan),
    ]
