"""Cohorts by age, counted in a ledger: what was bought how long after the first purchase.

A customer of cohort c with the first purchase in period f has age a in period f + a. A cell (c, a)
is told of the customers whose period f + a is over; where there are none, of those for whom it has
begun, and then it is unfinished.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.events._ledger import Ledger
from crmkit.events._moment import net

Whole = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Cells:
    """Sums by cohort and age, the customers they are of, and whether their period is over."""

    sums: Floats
    n_customers: Whole
    complete: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Members:
    """The customers of a ledger who have bought: their cohort and the period of the first purchase.

    `period_of` holds the period of each day from the first purchase to the cut-off, `last` is the
    last period that has begun, `over` the last that is over. Who has not bought has cohort -1.
    """

    cohort: Whole
    first: Whole
    n_cohorts: int
    period_of: Whole
    last: int
    over: int

    @property
    def n_ages(self) -> int:
        """Ages that the oldest customers have reached."""
        return int(self.last - self.first[self.cohort >= 0].min()) + 1


def count_cells(ledger: Ledger, who: Members, measure: str, cumulative: bool) -> Cells:
    """A measure by cohort and age: "customers", "orders" or "revenue", perhaps added up by age."""
    if not cumulative:
        return told_cells(_sums(ledger, who, measure), who)
    buyers = np.flatnonzero(who.cohort >= 0)
    pairs, place = np.unique(
        np.stack([who.cohort[buyers], who.first[buyers]]), axis=1, return_inverse=True
    )
    peers = who.cohort.copy()
    peers[buyers] = place.ravel()
    parts = _sums(ledger, replace(who, cohort=peers, n_cohorts=pairs.shape[1]), measure)
    return told_cells(_added_up(parts, pairs[0], pairs[1], who), who)


def _added_up(parts: Floats, cohort: Whole, first: Whole, who: Members) -> Floats:
    """Sums up to each age of those of one cohort and one first period, added to their cohort.

    Only those whose age has come count at an age, from their first one on.
    """
    period = first[:, None] + np.arange(who.n_ages)
    upto = parts.sum(axis=2).cumsum(axis=1)
    told = np.stack([period <= who.over, (period > who.over) & (period <= who.last)], axis=2)
    sums = np.zeros((who.n_cohorts, who.n_ages, 2))
    np.add.at(sums, cohort, np.where(told, upto[:, :, None], 0.0))
    return sums


def _sums(ledger: Ledger, who: Members, measure: str) -> Floats:
    """Sums of a measure by cohort, age and whether the period is over (0) or not (1)."""
    rows = ledger.days
    owner = np.repeat(np.arange(len(rows.start) - 1, dtype=np.int32), np.diff(rows.start))
    period = who.period_of[rows.period - rows.offset]
    if measure == "customers":
        fresh = np.ones(len(period), dtype=bool)
        fresh[1:] = (period[1:] != period[:-1]) | (owner[1:] != owner[:-1])
        bought = _table(owner[fresh], period[fresh], None, who)
    elif measure == "orders":
        bought = _table(owner, period, np.diff(ledger.orders), who)
    else:
        assert ledger.spend is not None
        bought = _table(owner, period, ledger.spend[:-1], who)
        if ledger.net and len(ledger.refunds):
            bought = net(bought, _refunds(ledger, who))
    return bought


def _table(owner: Whole, period: Whole, weights: Whole | None, who: Members) -> Floats:
    """Sums by cohort, age and whether the period is over (0) or not (1)."""
    shape = (who.n_cohorts, who.n_ages, 2)
    cell = who.cohort[owner].astype(np.int64)
    cell *= who.n_ages
    cell += np.maximum(period - who.first[owner], 0)
    cell *= 2
    cell += np.maximum(period, who.first[owner]) > who.over
    size = shape[0] * shape[1] * shape[2]
    return np.bincount(cell, weights, minlength=size).reshape(shape).astype(np.float64)


def _refunds(ledger: Ledger, who: Members) -> Floats:
    """Money given back; what was given back before the first purchase counts at its age 0."""
    rows = ledger.refunds
    owner = np.repeat(np.arange(len(rows.start) - 1, dtype=np.int32), np.diff(rows.start))
    buyer = who.cohort[owner] >= 0
    shift = rows.period[buyer] - ledger.days.offset
    period = who.period_of[np.maximum(shift, 0)]
    return _table(owner[buyer], period, ledger.refunded[:-1][buyer], who)


def told_cells(sums: Floats, who: Members) -> Cells:
    """What is told of each cell: of those whose period is over, else of those where it began."""
    buyers = who.cohort >= 0
    cohort, first = who.cohort[buyers], who.first[buyers]
    shape = (who.n_cohorts, who.n_ages)
    reached = np.zeros((who.n_cohorts, who.n_ages + 1), dtype=np.int64)
    done = first <= who.over
    np.add.at(reached, (cohort[done], who.over - first[done]), 1)
    over = reached[:, ::-1].cumsum(axis=1)[:, ::-1][:, : who.n_ages]
    begun = np.zeros(shape, dtype=np.int64)
    if who.last > who.over:
        np.add.at(begun, (cohort, who.last - first), 1)
    complete = over > 0
    n = np.where(complete, over, begun)
    values = np.where(complete, sums[:, :, 0], sums[:, :, 1])
    return Cells(np.where(n > 0, values, np.nan), n, complete)
