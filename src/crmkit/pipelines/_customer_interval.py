"""Interval of each customer's lifetime value, without chance and without the other customers.

`CustomerLifetimeValue.predict_interval` plays futures, which takes milliseconds for one customer
and lets the ends of one hang on who else is in the table. A table that is written every night, and
a service that must answer like it, need the same ends for the same customer. So the distribution is
added up: with N purchases in the horizon, the spend of n purchases over the mean spend of one is

    t = (q + p x - 1) / p * B,   B ~ BetaPrime(p n, q + p x)

by the gamma-gamma model, and P(value <= v) = P(gone) + P(alive) * sum_n P(N = n) P(t_n <= v). Both
sums run over fixed grids, by the size of the expected number. Taken as known are the parameters
(with thousands of customers their doubt is small beside the chance of one) and the mean worth of
the date of a purchase.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from crmkit._validation import Floats, check_share
from crmkit.clv import CustomerLifetimeValue, GammaGammaModel
from crmkit.clv._distinct import row_codes
from crmkit.clv._lifetime_value import Outlook

ENDS = ("clv_low", "clv_high")
FACTORS = ("probability_alive", "expected_spend", "margin", "discount_factor")
EACH, NEXT = 24, 1.06  # numbers of purchases up to which each is looked at, then every next one
REACH = 64  # times the expected number that the grid of numbers reaches
LEAST, STEP = 0.01, 0.12  # smallest spend over the mean of one purchase, and the step of its log
BLOCK = 1 << 14  # customers looked at together

Ints = npt.NDArray[np.int64]


def check_level(level: Any, owner: str) -> None:
    """Refuse what is no probability of an interval."""
    if level is not None:
        check_share(level, "level", owner)


def value_ends(
    fitted: CustomerLifetimeValue, customers: Any, outlook: Outlook, level: float
) -> dict[str, Floats]:
    """Lower and upper end of the value of each customer, in currency.

    Both tails are equal, but where the lower end is 0 the upper one leaves all of 1 - level above.
    """
    if np.isinf(fitted.horizon_):  # no number of purchases is finite: play futures
        ends = fitted.predict_interval(customers, level)
        return dict(zip(ENDS, ends.T, strict=True))
    return ends_of(fitted, outlook, level)


def ends_of(fitted: CustomerLifetimeValue, outlook: Outlook, level: float) -> dict[str, Floats]:
    """The same for a finite horizon."""
    alive, spend, margin, discount = (outlook.factors[name] for name in FACTORS)
    mean_value = spend * margin * discount  # of one purchase
    shares = np.array([(1.0 - level) / 2.0, level, (1.0 + level) / 2.0])
    ends = np.empty((3, len(alive)))
    for rows, state, silent, grid, below in distributions(fitted, outlook):
        for start in range(0, len(rows), BLOCK):
            some = slice(start, start + BLOCK)
            place, living = state[some], alive[rows[some]]
            ends[:, rows[some]] = quantile(grid, below, silent, place, living, shares)
    low, one_sided, high = ends
    return {ENDS[0]: low * mean_value, ENDS[1]: np.where(low > 0, high, one_sided) * mean_value}


def distributions(
    fitted: CustomerLifetimeValue, outlook: Outlook
) -> Iterator[tuple[Ints, Ints, Floats, Floats, Floats]]:
    """Distribution of the spend of living customers, by expected number and past frequency.

    Yields the rows of some customers, the state of each, the chance of each state to buy nothing, a
    grid of spends over the mean of one purchase, and the chance of each state to spend at most so
    much.
    """
    model, horizon = fitted.purchases_, fitted.horizon_
    states = model._states(outlook.histories)
    codes, first = row_codes(*states.T, sort=True)
    distinct = model._rows_of(states[first])
    size = np.ceil(np.log2(np.maximum(outlook.if_alive[first], 1.0))).astype(np.int64)
    kind, one = row_codes(distinct[:, 0], size.astype(np.float64), sort=True)
    of_row = kind[codes]
    order = of_row.argsort(kind="stable")
    begins = of_row[order].searchsorted(np.arange(len(one) + 1))
    own = np.empty(len(distinct), dtype=np.int64)
    for each, a_state in enumerate(one):
        members = np.flatnonzero(kind == each)
        own[members] = np.arange(len(members))
        counts, silent = numbers(model, distinct[members], int(size[a_state]), horizon)
        grid, below = spends(fitted.spend_, float(distinct[a_state, 0]), int(size[a_state]))
        rows = order[begins[each] : begins[each + 1]]
        told = silent[:, None] + np.einsum("sn,ng->sg", counts, below)
        yield rows, own[codes[rows]], silent, grid, told


@lru_cache(maxsize=64)
def grid_of(size: int) -> tuple[Ints, Floats]:
    """Numbers of purchases that are looked at, and how many each stands for."""
    most = REACH * 2.0**size
    later = EACH * NEXT ** np.arange(1, np.ceil(np.log(most / EACH) / np.log(NEXT)) + 1)
    n = np.unique(np.concatenate([np.arange(1, EACH + 1), np.rint(later).astype(np.int64)]))
    between = np.concatenate([[0.5], (n[1:] + n[:-1]) / 2.0, [n[-1] + 0.5]])
    return n, np.diff(between)


def numbers(model: Any, rows: Floats, size: int, horizon: float) -> tuple[Floats, Floats]:
    """Chances of each number on the grid, and of none, of customers who are alive."""
    n, width = grid_of(size)
    told = model._pmf_if_alive(rows, np.concatenate([[0], n]), horizon)
    silent = np.minimum(np.maximum(told[:, 0], 0.0), 1.0)
    counts = np.maximum(told[:, 1:], 0.0) * width
    total = counts.sum(axis=1)
    scale = np.divide(1.0 - silent, total, out=np.zeros(len(rows)), where=total > 0)
    return counts * scale[:, None], silent


def spends(model: Any, x: float, size: int) -> tuple[Floats, Floats]:
    """Grid of spends over the mean of one purchase; the chance of n purchases to be at most so."""
    n = grid_of(size)[0]
    if not isinstance(model, GammaGammaModel):  # a model that knows no spread: n times the mean
        return n.astype(np.float64), np.tri(len(n)).T
    return gamma_spends(model.params_["p"], model.params_["q"], x, size)


@lru_cache(maxsize=256)
def gamma_spends(p: float, q: float, x: float, size: int) -> tuple[Floats, Floats]:
    """The same by a gamma-gamma model; those asked for last stay, for whoever scores one by one."""
    n = grid_of(size)[0]
    steps = np.ceil(np.log(REACH * 8 * 2.0**size / LEAST) / STEP)
    grid = LEAST * np.exp(STEP * np.arange(int(steps) + 1, dtype=np.float64))
    part = grid * p / (q + p * x - 1.0)
    below = np.asarray(betainc(p * n[:, None], q + p * x, part / (1.0 + part)), dtype=np.float64)
    return grid, below


def quantile(
    grid: Floats, below: Floats, silent: Floats, place: Ints, alive: Floats, shares: Floats
) -> Floats:
    """Spend that shares of the futures of each customer stay below; the gone spend nothing.

    A row for each share, a column for each customer.
    """
    over = shares[:, None] - (1.0 - alive)
    wanted = np.divide(over, alive, out=np.zeros(over.shape), where=over > 0)
    chances = below[place]
    n_below = (chances < wanted[:, :, None]).sum(axis=2)
    above = np.minimum(np.maximum(n_below, 1), len(grid) - 1)
    row = np.arange(len(place))
    low, high = chances[row, above - 1], chances[row, above]
    way = np.divide(wanted - low, high - low, out=np.ones(low.shape), where=high > low)
    way = np.minimum(np.maximum(way, 0.0), 1.0)
    found = grid[above - 1] * (grid[above] / grid[above - 1]) ** way
    return np.where(wanted > silent[place], found, 0.0)
