"""Discrete hazards: lifetimes cut into periods, one row per customer and period at risk.

With edges 0 = e_0 < e_1 < ... the hazard h_k is the probability that the event comes in
(e_k, e_(k+1)] for who lasted longer than e_k; S(e_k) is the product of 1 - h_j over j < k, and
log S runs straight within a period. Who is lost from sight within a period counts for the part of
it that was seen. Singer and Willett (1993), Journal of Educational Statistics 18, 155-195;
Tutz and Schmid (2016), Modeling Discrete Time-to-Event Data, Springer.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from crmkit._validation import Floats

Ints = npt.NDArray[np.int64]

_SHARED: dict[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "learning_rate": 0.04,
    "num_leaves": 8,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
_USUAL_ROUNDS, _MOST_ROUNDS, _PATIENCE = 150, 1500, 40
_WATCHED, _LONGER, _FEW = 0.2, 1.1, 20
_LEVEL_STEPS = 20
_SURE = 1.0 - 1e-9


def period_edges(durations: Floats, ended: Floats, periods: int) -> Floats:
    """Edges with about as many ends in each period, from 0 to the longest duration."""
    shares = np.linspace(0.0, 1.0, periods + 1)[1:]
    inner = np.quantile(durations[ended == 1], shares, method="higher")
    edges = np.unique(np.concatenate([[0.0], inner, [durations.max()]]))
    return np.asarray(edges, dtype=np.float64)


def at_risk(durations: Floats, ended: Floats, edges: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """One entry per customer and period at risk: customer, period, whether it ended, weight."""
    n_periods = len(edges) - 1
    last = np.searchsorted(edges[1:], durations, side="left")
    inside = last < n_periods
    place = np.minimum(last, n_periods - 1)
    seen = (durations - edges[place]) / np.diff(edges)[place]
    final = inside & ((ended == 1) | (seen > 0))
    counts = last + final
    customer = np.repeat(np.arange(len(durations)), counts)
    period = np.arange(len(customer)) - np.repeat(np.cumsum(counts) - counts, counts)
    in_last = inside[customer] & (period == last[customer])
    y = np.where(in_last, ended[customer], 0.0)
    weight = np.where(in_last & (y == 0), seen[customer], 1.0)
    return customer, period, y, weight


def base_odds(period: Ints, y: Floats, weight: Floats, n_periods: int) -> Floats:
    """Log-odds of the hazard of each period for all customers alike, drawn a little to the mean."""
    ends = np.bincount(period, weights=weight * y, minlength=n_periods)
    rows = np.bincount(period, weights=weight, minlength=n_periods)
    mean = ends.sum() / rows.sum()
    return np.asarray(special.logit((ends + mean) / (rows + 1.0)))


def grow(
    x: Floats,
    rows: tuple[Ints, Ints, Floats, Floats],
    base: Floats,
    groups: Ints,
    rounds: int | None,
    seed: int,
    threads: int,
) -> str:
    """Trees of how the log-odds differ from those of all customers; text of the model."""
    import lightgbm

    customer, period, y, weight = rows
    settings = {**_SHARED, "seed": seed, "num_threads": threads}

    def data(part: Any, reference: Any = None) -> Any:
        return lightgbm.Dataset(
            with_period(x[customer[part]], period[part]),
            y[part],
            weight=weight[part],
            init_score=base[period[part]],
            reference=reference,
        )

    if rounds is None:
        watched = np.random.default_rng(seed).random(int(groups.max()) + 1)[groups] < _WATCHED
        watched = watched[customer]
        rounds = _USUAL_ROUNDS
        if min(y[watched].sum(), y[~watched].sum()) >= _FEW:
            learn = data(~watched)
            stopping = lightgbm.early_stopping(_PATIENCE, verbose=False)
            grown = lightgbm.train(
                settings,
                learn,
                _MOST_ROUNDS,
                valid_sets=[data(watched, learn)],
                callbacks=[stopping],
            )
            rounds = max(round(_LONGER * grown.best_iteration), 1)
    whole = data(np.ones(len(customer), dtype=bool))
    return str(lightgbm.train(settings, whole, rounds).model_to_string())


def levelled(text: str, x: Floats, rows: tuple[Ints, Ints, Floats, Floats], base: Floats) -> Floats:
    """Log-odds of the periods, moved so that each period has as many ends as were seen.

    Trees are shrunk and sampled, which leaves the level of single periods a little off.
    """
    import lightgbm

    customer, period, y, weight = rows
    booster = lightgbm.Booster(model_str=text)
    more = tree_odds(booster, x[customer], period)
    n_periods = len(base)
    ends = np.bincount(period, weights=weight * y, minlength=n_periods)
    moved = base.copy()
    for _ in range(_LEVEL_STEPS):
        p = special.expit(more + moved[period])
        missing = ends - np.bincount(period, weights=weight * p, minlength=n_periods)
        slope = np.bincount(period, weights=weight * p * (1.0 - p), minlength=n_periods)
        step = np.divide(missing, slope, out=np.zeros(n_periods), where=(slope > 0) & (ends > 0))
        moved += np.clip(step, -1.0, 1.0)
    return moved


def hazards(text: str, x: Floats, base: Floats) -> Floats:
    """Hazard of each customer in each period, shape (n_customers, n_periods)."""
    import lightgbm

    booster = lightgbm.Booster(model_str=text)
    found = np.empty((len(x), len(base)))
    for k, odds in enumerate(base):
        period = np.full(len(x), k)
        found[:, k] = special.expit(odds + tree_odds(booster, x, period))
    return np.minimum(found, _SURE)


def tree_odds(booster: Any, x: Floats, period: Ints) -> Floats:
    """What the trees add to the log-odds of the period."""
    return np.asarray(
        booster.predict(with_period(x, period), raw_score=True, num_threads=1), dtype=np.float64
    )


def with_period(x: Floats, period: Ints) -> Floats:
    """Columns of customers and the number of the period behind them."""
    return np.column_stack([x, period])


def cumulated(hazard: Floats) -> Floats:
    """Value of -log S at every edge, beginning with 0, shape (n_customers, n_periods + 1)."""
    steps = -np.log1p(-hazard)
    return np.column_stack([np.zeros(len(steps)), np.cumsum(steps, axis=1)])


def cumulated_at(total: Floats, edges: Floats, times: Floats) -> Floats:
    """Value of -log S of each customer at times of shape (n_customers, n_times).

    Behind the last edge it goes on at the rate of the last period.
    """
    place = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(edges) - 2)
    rate = np.diff(total, axis=1) / np.diff(edges)
    row = np.arange(len(total))[:, None]
    return np.asarray(total[row, place] + rate[row, place] * (times - edges[place]))


def time_of(total: Floats, edges: Floats, wanted: Floats) -> Floats:
    """Time at which -log S of each customer reaches a value; infinite behind the last edge."""
    place = (total < wanted[:, None]).sum(axis=1) - 1  # the last edge below the value
    place = np.clip(place, 0, len(edges) - 2)
    row = np.arange(len(total))
    low, high = total[row, place], total[row, place + 1]
    share = np.divide(wanted - low, high - low, out=np.zeros(len(total)), where=high > low)
    found = edges[place] + share * np.diff(edges)[place]
    return np.where(wanted > total[:, -1], np.inf, found)
