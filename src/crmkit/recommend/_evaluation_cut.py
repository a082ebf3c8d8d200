"""One cut-off of an evaluation: what was known, who is asked, what they bought, what was offered.

Customers and items are places in the ascending ids of the whole log; a pair of both is the number
``customer * width + item``, where `width` has room for an item that the log does not know.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.events._event_log import EventLog
from crmkit.exceptions import DataError
from crmkit.metrics import _ranking_lists
from crmkit.metrics._ranking import scores_of_customers
from crmkit.metrics._ranking_breadth import Vectors, coverage
from crmkit.metrics._ranking_lists import Ranking, Relevant, TopLists
from crmkit.model_selection._log_split import Lines
from crmkit.recommend._ids import find

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cut:
    """What is known before a cut-off, and the distinct pairs bought within the horizon after it.

    Attributes
    ----------
    lines : Lines
        The whole log as numbers.
    as_of : datetime
        The cut-off.
    known : ndarray of bool
        Which events are known.
    log : EventLog
        The known events: what recommenders are fitted on.
    truth : ndarray of int
        Pairs to be foretold, ascending; `weight` is their amount.
    again : ndarray of bool
        Which of them were bought before.
    sold : ndarray of bool
        Which items anybody bought before.
    history : ndarray of int
        Distinct items that each customer of the log bought before.
    """

    lines: Lines
    as_of: datetime
    known: Flags
    log: EventLog
    truth: Codes
    weight: Floats | None
    again: Flags
    sold: Flags
    history: Codes

    @property
    def customer(self) -> Codes:
        """Customer of each pair to be foretold."""
        return self.truth // self.lines.n_items

    @property
    def item(self) -> Codes:
        """Item of each pair to be foretold."""
        return self.truth % self.lines.n_items

    @property
    def warm(self) -> Flags:
        """Which pairs to be foretold are of items that were sold before."""
        return self.sold[self.item]

    def candidates(self) -> npt.NDArray[Any]:
        """Ids of the items that were sold before: those that may be offered."""
        return self.lines.rows.items[self.sold]


@dataclass(frozen=True, eq=False)
class Part:
    """Scores at one cut-off of one table: a row a customer, by recommender; coverage apart."""

    customer: Codes
    names: tuple[str, ...]
    values: dict[str, Floats]
    coverage: dict[str, float]


def cut_at(lines: Lines, known: Flags, held: Flags, as_of: datetime) -> Cut:
    """The cut-off that knows some events and has to foretell the purchases of others."""
    seen, truth = lines.pairs(lines.bought & known), lines.pairs(lines.bought & held)
    n_customers = len(lines.rows.customers)
    return Cut(
        lines=lines,
        as_of=as_of,
        known=known,
        log=lines.part(known),
        truth=truth,
        weight=weights(lines, lines.bought & held, truth),
        again=np.isin(truth, seen, assume_unique=True),
        sold=np.bincount(seen % lines.n_items, minlength=lines.n_items) > 0,
        history=np.bincount(seen // lines.n_items, minlength=n_customers),
    )


def weights(lines: Lines, held: Flags, truth: Codes) -> Floats | None:
    """Amount of each pair, in the currency of the log."""
    rows = lines.rows
    if rows.amount is None:
        return None
    place = np.searchsorted(truth, rows.customer[held] * lines.n_items + rows.item[held])
    order = np.lexsort((rows.amount[held], place))  # sums must not depend on the order of lines
    sums = np.bincount(place[order], rows.amount[held][order], minlength=len(truth))
    return np.asarray(sums, dtype=np.float64)


def offered(
    model: Any,
    cut: Cut,
    asked: Codes,
    n: int,
    *,
    exclude_seen: bool,
    allow: Any,
    history: EventLog | None = None,
) -> Codes:
    """Best n items of the asked customers by a fitted recommender, -1 behind the end of a list."""
    lines, owner = cut.lines, f"evaluate: {type(model).__name__}"
    ids = lines.rows.customers[asked]
    terms = {"exclude_seen": exclude_seen, "allow": allow, "as_of": cut.as_of}
    if history is not None:
        terms["history"] = history
    frame = model.recommend(ids, n, **terms)
    frame = _frames.to_eager(frame)
    who = find(ids, _frames.id_column(frame, lines.log.customer, owner), "customers", owner)
    what = find(lines.rows.items, _frames.id_column(frame, str(lines.log.item), owner), "i", owner)
    place = _frames.named_numbers(frame, "rank", owner).astype(np.int64) - 1
    what = np.where(what < 0, lines.n_items, what)
    known = (who >= 0) & (place < n)
    _ranking_lists.check_no_repeats((who * (lines.n_items + 1) + what)[known], owner)
    items = np.full((len(asked), n), -1)
    if (place < 0).any() or (who < 0).any():
        raise DataError(
            f"{owner} gave lists with ranks below 1 or for customers who were not asked for."
        )
    items[who[known], place[known]] = what[known]
    return items


def scored(
    cut: Cut,
    asked: Codes,
    lists: dict[str, Codes],
    wanted: Flags,
    of: Flags,
    candidates: Flags,
    vectors: "Vectors | None",
) -> Part | None:
    """Scores of lists for customers `of` the log with `wanted` pairs; None without any.

    `asked` are the customers of the rows of each list.
    """
    kept = wanted & of[cut.customer]
    if not kept.any():
        return None
    customers = np.unique(cut.customer[kept])
    row = np.searchsorted(customers, cut.customer[kept])
    width = cut.lines.n_items + 1
    weight = None if cut.weight is None else cut.weight[kept]
    keys = row * width + cut.item[kept]
    relevant = Relevant(keys, row, weight, np.arange(len(customers)), width)
    bought = cut.lines.bought & cut.known
    known = (cut.lines.rows.customer[bought], cut.lines.rows.item[bought])
    place = np.searchsorted(asked, customers)
    tops = {name: top_lists(items[place], relevant) for name, items in lists.items()}
    ranking = Ranking(relevant, tops, np.flatnonzero(candidates), known, None)
    each = {
        name: scores_of_customers(top, ranking, items_shape(lists), vectors)
        for name, top in tops.items()
    }
    return Part(
        customer=customers,
        names=tuple(next(iter(each.values()))),
        values={name: np.column_stack([*columns.values()]) for name, columns in each.items()},
        coverage={
            name: coverage(top, ranking, f"evaluate: {name!r}")["coverage"]
            for name, top in tops.items()
        },
    )


def top_lists(items: Codes, relevant: Relevant) -> TopLists:
    """Lists with the places of their items among the relevant pairs."""
    return TopLists(items, _ranking_lists.places_of(items, relevant), 0)


def items_shape(lists: dict[str, Codes]) -> int:
    """Places of a list."""
    return int(next(iter(lists.values())).shape[1])
