"""Hazards that are constant within periods: one row per customer and period at risk.

With edges 0 = e_0 < e_1 < ... the rate r_k is the number of ends per unit of time at risk in
(e_k, e_(k+1)], so that log S runs straight within a period. Who ends or is lost from sight within a
period counts for the time that was seen of it: the likelihood is that of Poisson counts of ends y
with mean r t, t the time seen, and trees learn how the rates of customers differ. Holford (1980),
Biometrics 36, 299-305; Friedman (1982), Annals of Statistics 10, 101-113.

Times told in steps, such as whole days, say that the end came within the last step s. Given that,
the time spent in the step is s (1 / x - 1 / (exp(x) - 1)) with x = r s on average, about one half;
with it the rates of periods of one step are those of Kaplan and Meier.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _trees
from crmkit._trees import Growth, Lesson, best_rounds, raw_sums
from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]

_SETTINGS: dict[str, Any] = {
    "objective": "poisson",
    "poisson_max_delta_step": 0.1,
    "learning_rate": 0.04,
    "num_leaves": 8,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
_USUAL_ROUNDS, _MOST_ROUNDS, _PATIENCE = 150, 1500, 40
_WATCHED, _LONGER, _FEW, _FOLDS = 0.2, 1.1, 20, 5
_TELLS, _ENOUGH = 3.0, 20.0  # ends that were to be expected: to tell of their absence, of a rate
_PRIOR = 0.5  # ends at the mean rate that every period is given
_LEAST = 1e-6  # part of a period: the time at risk of an end at time 0
_MOST = 20.7  # hazard of one step of which nobody is left: 1e-9 are
_LEVEL_STEPS = 50


@dataclass(frozen=True, eq=False)
class AtRisk:
    """Entries of customers and periods: whether the end came, and the time seen of the period.

    `step` is the last part of the time in which the end came, 0 where that is known exactly.
    """

    customer: Ints
    period: Ints
    y: Floats
    time: Floats
    step: Floats


def period_edges(durations: Floats, ended: Floats, periods: int) -> Floats:
    """Edges with about as many ends in each period, from 0 to the longest duration."""
    shares = np.linspace(0.0, 1.0, periods + 1)[1:]
    inner = np.quantile(durations[ended == 1], shares, method="higher")
    edges = np.unique(np.concatenate([[0.0], inner, [durations.max()]]))
    return np.asarray(edges, dtype=np.float64)


def without_empty_end(edges: Floats, durations: Floats, ended: Floats) -> Floats:
    """Edges whose last period is joined with the one before where it is empty for want of time.

    Periods behind the last end stay if they were watched so long that ends were to be expected at
    the rate before: then their absence tells something.
    """
    last_end = durations[(ended == 1) & (durations <= edges[-1])].max(initial=0.0)
    k = int(np.searchsorted(edges[1:], last_end, side="left"))  # the period of the last end
    if k >= len(edges) - 2:
        return edges
    within = np.clip(durations, edges[k], edges[k + 1]) - edges[k]
    behind = np.clip(durations, edges[k + 1], edges[-1]) - edges[k + 1]
    ends = ((ended == 1) & (durations > edges[k]) & (durations <= edges[k + 1])).sum()
    expected = behind.sum() * ends / within.sum() if within.sum() > 0 else 0.0
    return edges if expected >= _TELLS else np.append(edges[: k + 1], edges[-1])


def time_step(durations: Floats, ended: Floats) -> float:
    """Step in which the times of the ends are told; 0 where they are told exactly."""
    ends = durations[ended == 1]
    if (ends == np.round(ends)).all() and ends.max() < 2**53:
        return float(np.gcd.reduce(ends.astype(np.int64)))
    known = np.unique(np.append(ends, 0.0))
    return 0.0 if 2 * len(known) > len(ends) else float(np.median(np.diff(known)))


def at_risk(durations: Floats, ended: Floats, edges: Floats, step: float = 0.0) -> AtRisk:
    """One entry per customer and period at risk."""
    n_periods, length = len(edges) - 1, np.diff(edges)
    last = np.searchsorted(edges[1:], durations, side="left")
    inside = last < n_periods
    seen = durations - edges[np.minimum(last, n_periods - 1)]
    final = inside & ((ended == 1) | (seen > 0))
    counts = last + final
    customer = np.repeat(np.arange(len(durations)), counts)
    period = np.arange(len(customer)) - np.repeat(np.cumsum(counts) - counts, counts)
    in_last = inside[customer] & (period == last[customer])
    y = np.where(in_last, ended[customer], 0.0)
    time = np.where(in_last, seen[customer], length[period])
    time = np.where((y == 1) & (time == 0.0), np.minimum(step, length[period]), time)
    time = np.maximum(time, _LEAST * length[period])
    return AtRisk(customer, period, y, time, np.where(y == 1, np.minimum(step, time), 0.0))


def base_rates(rows: AtRisk, n_periods: int) -> tuple[Floats, AtRisk]:
    """Ends per unit of time of each period for all alike, and the rows with the steps settled.

    Every period is given half an end at the mean rate, so that none is without.
    """
    ends = np.bincount(rows.period, weights=rows.y, minlength=n_periods)
    mean = ends.sum() / rows.time.sum()
    rates, spent = np.full(n_periods, mean), rows.time
    for _ in range(_LEVEL_STEPS if rows.step.any() else 1):
        spent = rows.time - rows.step * (1.0 - share_waited(rates[rows.period] * rows.step))
        time = np.bincount(rows.period, weights=spent, minlength=n_periods)
        rates = (ends + _PRIOR) / (time + _PRIOR / mean)
    return rates, replace(rows, time=spent, step=np.zeros_like(rows.step))


def share_waited(hazard: Floats) -> Floats:
    """Mean part of a step that passes before an end within it, by the hazard of the step."""
    x = np.clip(hazard, 1e-3, _MOST)  # below it is one half, to 1e-4
    return np.asarray(1.0 / x - 1.0 / np.expm1(x))


def tail_shares(rows: AtRisk, n_periods: int) -> Floats:
    """Shares of the periods in the rate behind the last edge: the last ones, by time at risk.

    They go back until 20 ends came or were to be expected at the mean rate of all periods.
    """
    ends, time = (
        np.bincount(rows.period, weights=part, minlength=n_periods) for part in (rows.y, rows.time)
    )
    told = np.maximum(ends, time * ends.sum() / time.sum())
    behind = told.sum() - np.cumsum(told)  # in the periods after each
    share = np.where(behind < _ENOUGH, time, 0.0)
    return np.asarray(share / share.sum())


def grow(x: Floats, rows: AtRisk, base: Floats, rounds: int, how: Growth) -> str:
    """Trees of how the log of the rates differs from that of all customers; text of the model."""
    return _trees.grow(_lesson(x, rows, base), _SETTINGS, rounds, how)


def rounds_of(x: Floats, rows: AtRisk, base: Floats, groups: Ints, how: Growth) -> int:
    """Rounds after which watched customers are foretold no better, and a tenth more."""
    lesson = _lesson(x, rows, base)
    watched = np.random.default_rng(how.seed).random(int(groups.max()) + 1)[groups] < _WATCHED
    watched = watched[rows.customer]
    if min(rows.y[watched].sum(), rows.y[~watched].sum()) < _FEW:
        return _USUAL_ROUNDS
    learn, watch = lesson.part(~watched), lesson.part(watched)
    best = best_rounds(learn, watch, _SETTINGS, _MOST_ROUNDS, _PATIENCE, how)
    return max(round(_LONGER * best), 1)


def levelled(
    x: Floats, rows: AtRisk, base: Floats, groups: Ints, rounds: int, how: Growth
) -> Floats:
    """Rates of the periods, moved so that each has as many ends as trees of others foretell.

    Trees know who of the customers they learnt from was to last, so that those who are left late
    have too low rates among them: the level is set on customers that were not learnt from.
    """
    lesson, logs = _lesson(x, rows, base), np.zeros(len(rows.y))
    fold = np.random.default_rng(how.seed).permutation(int(groups.max()) + 1)[groups] % _FOLDS
    fold = fold[rows.customer]
    for part in range(_FOLDS):
        here = fold == part
        if here.any() and rows.y[~here].any():
            text = _trees.grow(lesson.part(~here), _SETTINGS, rounds, how)
            logs[here] = raw_sums(text, lesson.x[here])
    ends = np.bincount(rows.period, weights=rows.y, minlength=len(base))
    found = base * np.bincount(rows.period, weights=np.exp(logs) * rows.time, minlength=len(base))
    off = np.divide(ends, found, out=np.ones(len(base)), where=(ends > 0) & (found > 0))
    return np.asarray(base * off)


def rates_of(text: str, x: Floats, base: Floats) -> Floats:
    """Rate of each customer in each period, shape (n_customers, n_periods)."""
    found = np.empty((len(x), len(base)))
    for k, rate in enumerate(base):
        found[:, k] = rate * np.exp(tree_logs(text, x, np.full(len(x), k)))
    return found


def tree_logs(text: str, x: Floats, period: Ints) -> Floats:
    """What the trees add to the log of the rate of the period."""
    return raw_sums(text, with_period(x, period))


def _lesson(x: Floats, rows: AtRisk, base: Floats) -> Lesson:
    """Counts of ends of customers in periods, and what is expected of all alike as the start."""
    start = np.log(base[rows.period] * rows.time)
    return Lesson(with_period(x[rows.customer], rows.period), rows.y, start=start)


def with_period(x: Floats, period: Ints) -> Floats:
    """Columns of customers and the number of the period behind them."""
    return np.column_stack([x, period])


def cumulated(rates: Floats, edges: Floats) -> Floats:
    """Value of -log S at every edge, beginning with 0, shape (n_customers, n_periods + 1)."""
    steps = rates * np.diff(edges)
    return np.column_stack([np.zeros(len(steps)), np.cumsum(steps, axis=1)])


def cumulated_at(total: Floats, edges: Floats, times: Floats, beyond: Floats) -> Floats:
    """Value of -log S of each customer at times of shape (n_customers, n_times).

    Behind the last edge it goes on at the rate `beyond` of each customer.
    """
    inside = np.minimum(times, edges[-1])
    place = np.clip(np.searchsorted(edges, inside, side="right") - 1, 0, len(edges) - 2)
    rate = np.diff(total, axis=1) / np.diff(edges)
    row = np.arange(len(total))[:, None]
    at = total[row, place] + rate[row, place] * (inside - edges[place])
    return np.asarray(at + beyond[:, None] * (times - inside))


def time_of(total: Floats, edges: Floats, wanted: Floats) -> Floats:
    """Time at which -log S of each customer reaches a value; infinite behind the last edge."""
    place = (total < wanted[:, None]).sum(axis=1) - 1  # the last edge below the value
    place = np.clip(place, 0, len(edges) - 2)
    row = np.arange(len(total))
    low, high = total[row, place], total[row, place + 1]
    share = np.divide(wanted - low, high - low, out=np.zeros(len(total)), where=high > low)
    found = edges[place] + share * np.diff(edges)[place]
    return np.where(wanted > total[:, -1], np.inf, found)
