"""What a ranker is told of a customer and a candidate: what members think, and what time tells.

Of each member: its score, the score as a part of the customer's best, and the rank among the
candidates. Of the item: its sales ever and of late, the days since it was first and last sold, and
how often those who have it buy it on a later visit. Of the customer: his items and days, and the
days since his last purchase. Of both: on how many days he bought the item, how long ago, how that
compares with his usual gap, how many visits he made since, and on what share of his visits since
the first time he bought it. A visit is a day on which a customer bought anything.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.recommend._history import Histories
from crmkit.recommend._interactions import Floats, Interactions, Whole
from crmkit.recommend._top_items import Scores, ranks, top_items
from crmkit.recommend._trend import trend_ratio

SHORT, LONG = 14.0, 120.0  # half-lives of sales, days
PRIOR = 10.0  # visits that speak for the mean of all items, of how often one is bought again
OF_ITEM = (
    "item: sales",
    "item: late sales",
    "item: trend",
    "item: age",
    "item: days unsold",
    "item: bought again",
)
OF_CUSTOMER = ("customer: items", "customer: days", "customer: days since")
OF_PAIR = (
    "own: days",
    "own: days since",
    "own: gaps since",
    "own: visits since",
    "own: share of visits",
)
HAD = OF_PAIR[0]  # above 0 where the customer has the item
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
        bought_again(known),
    ]
    return np.column_stack(columns).astype(np.float32)


def bought_again(known: Interactions) -> Floats:
    """Share of the visits after the first purchase of each item on which it was bought again.

    Over all its buyers together, and drawn to the share of all items as by `PRIOR` visits more.
    """
    span = known.ages.max(initial=0) + 1
    when = known.customer * span - known.ages
    visits = distinct(when)
    keys = known.customer * np.int64(known.n_items) + known.item
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    end = known.customer[first] * span + 1
    chances = np.searchsorted(visits, end) - np.searchsorted(visits, when[first]) - 1
    again = np.diff(first, append=len(keys)) - 1
    taken, offered = (
        np.bincount(known.item[first], weights=each, minlength=known.n_items)
        for each in (again, chances)
    )
    mean = taken.sum() / max(offered.sum(), 1.0)
    return np.asarray((taken + PRIOR * mean) / (offered + PRIOR))


def customer_features(histories: Histories) -> Table:
    """Distinct items and days of each row, and the days since the last one."""
    visits, span = visits_of(histories)
    since = np.full(len(histories), np.nan)
    since[visits[::-1] // span] = visits[::-1] % span
    n_days = np.bincount(visits // span, minlength=len(histories))
    return np.column_stack([histories.n_known, n_days, since]).astype(np.float32)


def pair_features(histories: Histories, keys: Whole) -> list[npt.NDArray[Any]]:
    """What a row has to do with an item, as in `OF_PAIR`; NaN, but 0 days, where nothing."""
    lines = histories.customer * np.int64(histories.n_items) + histories.item
    first = np.flatnonzero(np.diff(lines, prepend=-1))
    n_days = np.diff(first, append=len(lines))
    last = first + n_days - 1
    since = histories.ages[last].astype(np.float64)
    gap = (histories.ages[first] - since) / np.maximum(n_days - 1, 1)
    gaps = np.where(n_days > 1, since / np.maximum(gap, 1.0), np.nan)
    later = visits_later(histories)
    own = lines[first]
    place = np.minimum(np.searchsorted(own, keys), len(own) - 1)
    met = own[place] == keys
    columns = (since, gaps, later[last], n_days / (later[first] + 1.0))
    return [
        np.where(met, n_days[place], 0),
        *(np.where(met, column[place], np.nan) for column in columns),
    ]


def visits_of(histories: Histories) -> tuple[Whole, Any]:
    """Distinct days of each row as row * span + age, ascending, and the span."""
    span = histories.ages.max(initial=0) + 1
    return distinct(histories.customer * span + histories.ages), span


def visits_later(histories: Histories) -> Whole:
    """Visits of the customer after the day of each line."""
    visits, span = visits_of(histories)
    row = histories.customer * span
    later: Whole = np.searchsorted(visits, row + histories.ages) - np.searchsorted(visits, row)
    return later
