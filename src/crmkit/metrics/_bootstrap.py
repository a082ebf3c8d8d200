"""How sure are the scores? Standard errors, intervals and paired differences by resampling.

The bootstrap of Efron (1979), Annals of Statistics 7, 1-26: customers are drawn with replacement,
and all scores are computed again. A drawn customer keeps the truth and every forecast of it, so
that differences between two forecasts are paired: what is luck for both drops out. A resample is
a whole number of times that each customer counts, and every score has a form with such weights.
Where a customer has several rows, all of them are drawn together (Cameron, Gelbach and Miller
(2008), Review of Economics and Statistics 90, 414-427).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._progress import SILENT, Progress
from crmkit._validation import Floats, check_choice, check_whole, generator
from crmkit.exceptions import DataError, nearest
from crmkit.metrics._checks import by_name, check_level
from crmkit.metrics._resampling import clusters, drawn_weights
from crmkit.metrics._tasks import TASKS, VALUE, Scores, Task

FEW = 10  # customers: fewer cannot stand for those who might have come


def score_intervals(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    task: str = "value",
    against: str | None = None,
    groups: npt.ArrayLike | None = None,
    level: float = 0.95,
    n_resamples: int = 500,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
    verbose: int = 0,
) -> pd.DataFrame:
    """Tell how sure scores are: truth and forecasts a customer in, a frame of intervals out.

    Use it before you say "better than": with `against`, the differences to one forecast are told,
    customer for customer, and whether they are more than the luck of who is in the data. The
    intervals know nothing of the luck of the season: another period may differ by more.

    Parameters
    ----------
    y_true : array-like of shape (n_customers,)
        What came: purchases or spend, not negative; for churn 1 (churned) or 0 (stayed).
    y_pred : array-like of shape (n_customers,), or mapping of str to such, or dataframe
        What was expected, one forecast or several by name (a dataframe: one a column), in the same
        unit and row order; for churn its probability.
    task : {"value", "churn"}, default="value"
        Which scores: those of `value_scores`, or those of `churn_scores`.
    against : str or None, default=None
        Name of the forecast that all others are compared with; None scores each by itself.
    groups : array-like of shape (n_customers,) or None, default=None
        Customer of each row, where one customer has several rows, such as snapshots at several
        cut-offs: they are drawn together. Without it such intervals are too narrow.
    level : float, default=0.95
        Probability of the intervals, above 0 and below 1.
    n_resamples : int, default=500
        How often customers are drawn, at least 2. The time grows with it, with the customers and
        with the forecasts: for four forecasts of value about 2 seconds with 10,000 customers, 12
        with 100,000 and some minutes with a million, for which 100 resamples do.
    random_state : int, Generator, RandomState or None, default=None
        Seed; the same whole number gives the same intervals.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Returns
    -------
    pandas.DataFrame
        Indexed by `prediction` and `score` (the names of `value_scores` or `churn_scores`), with
        `estimate` (on all customers as they are), `std_error`, `lower` and `upper` (quantiles of
        the resamples; of `calibration_error`, which resampling itself makes larger, their mirror
        image in the estimate, not below 0: closer to the truth, though for the true
        probabilities still above 0 as a rule).
        With `against`, `estimate` is the difference to that forecast, of `total_bias` the
        difference without sign, and `verdict` is "better" or "worse" where the interval leaves out
        0, else "unclear"; of fewer than 10 customers it is always "unclear", since so few cannot
        stand for others. Differences of `calibration_error` have no interval and no verdict: the
        luck of the bins makes it larger, and more so for a forecast of many distinct values; look
        at `log_loss` and `brier_score`. A score that is not defined is NaN; resamples in which it
        is not are left out. The base rate of churn, a fact, is not compared.

    Raises
    ------
    DataError
        If values are missing, infinite or negative (for churn: not 0 and 1, or no probability),
        the lengths differ or are 0, there is no forecast or none of the name `against`, or a
        parameter is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> rate = random.gamma(1.0, 2.0, 500)
    >>> came = random.poisson(rate)
    >>> forecasts = {"model": rate, "mean": np.full(500, 2.0)}
    >>> told = score_intervals(came, forecasts, against="mean", n_resamples=200, random_state=0)
    >>> told.loc["model", ["lower", "upper", "verdict"]].loc[["poisson_deviance"]].round(2)
                      lower  upper verdict
    score
    poisson_deviance  -1.98  -1.41  better
    """
    owner = "score_intervals"
    forecasts = by_name(y_pred, owner)
    check_named(forecasts, against)
    check_level(level, owner)
    check_whole(n_resamples, "n_resamples", owner, low=2)
    check_choice(task, "task", TASKS, owner)
    kind, random = TASKS[task], generator(random_state, owner)
    progress = Progress(owner, verbose)
    several = isinstance(y_pred, Mapping) or len(forecasts) > 1
    pairs = {
        name: kind.read(y_true, pred, owner, f"y_pred[{name!r}]" if several else "y_pred")
        for name, pred in forecasts.items()
    }
    true = next(iter(pairs.values()))[0]
    sides = {name: pred for name, (_, pred) in pairs.items()}
    cluster = clusters(groups, len(true), owner)
    drawn = resampled(true, sides, n_resamples, random, kind, cluster, progress)
    progress.step(f"drew {len(true):,} rows {n_resamples:,} times for {len(sides)} forecasts")
    found = {name: np.array(kind.score(*both)) for name, both in pairs.items()}
    tails = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    if against is None:
        rows = {name: spread(found[name], drawn[name], tails, kind) for name in forecasts}
    else:
        others = [name for name in forecasts if name != against]
        rows = {
            name: compared(found[name], found[against], drawn[name], drawn[against], tails, kind)
            for name in others
        }
        if kind.rarest(true) < FEW:
            rows = {name: table.assign(verdict="unclear") for name, table in rows.items()}
    return pd.concat(rows, names=["prediction", "score"])


def resampled(
    true: Floats,
    forecasts: dict[str, Floats],
    n_resamples: int,
    random: np.random.Generator,
    task: Task = VALUE,
    cluster: npt.NDArray[np.intp] | None = None,
    progress: Progress = SILENT,
) -> dict[str, Floats]:
    """Scores of every forecast in every resample, of shape (n_resamples, n_scores) each."""
    scores = task.resampler(true, forecasts)
    weights = drawn_weights(len(true), n_resamples, random, cluster, progress=progress)
    blocks = [scores(each) for each in weights]
    return {name: np.concatenate([block[name] for block in blocks]) for name in forecasts}


def check_named(
    forecasts: dict[str, Any],
    against: str | None,
    owner: str = "score_intervals",
    what: str = "forecast",
) -> None:
    """Refuse an empty collection, and a name that is not in it or stands alone."""
    if not forecasts:
        raise DataError(f"{owner}: y_pred holds no {what}. Pass at least one.")
    if against is None:
        return
    if against not in forecasts:
        hint = nearest(str(against), forecasts)
        meant = "" if hint is None else f" Did you mean {hint!r}?"
        raise DataError(f"{owner}: against={against!r} is none of {list(forecasts)}.{meant}")
    if len(forecasts) == 1:
        raise DataError(
            f"{owner}: {against!r} is the only {what}, so there is nothing to compare with it. "
            f"Pass a mapping of two {what}s or more."
        )


def spread(found: Floats, drawn: Floats, tails: tuple[float, float], task: Scores) -> pd.DataFrame:
    """Standard error and interval of each score from its resamples, a column a score."""
    made = {"estimate": found, "std_error": np.full(len(found), np.nan)}
    made |= {"lower": made["std_error"].copy(), "upper": made["std_error"].copy()}
    for i, column in enumerate(drawn.T):
        known = column[np.isfinite(column)]
        if np.isfinite(found[i]) and len(known) > 1:
            made["std_error"][i] = known.std(ddof=1)
            ends = np.quantile(known, tails)
            if task.names[i] in task.reflected:
                ends = np.maximum(2.0 * found[i] - ends[::-1], 0.0)
            made["lower"][i], made["upper"][i] = ends
    return pd.DataFrame(made, index=list(task.names))


def compared(
    found: Floats,
    base: Floats,
    drawn: Floats,
    base_drawn: Floats,
    tails: tuple[float, float],
    task: Scores,
) -> pd.DataFrame:
    """Paired differences of each score to those of a base, and what they say."""
    size = np.isin(task.names, task.signless)  # of the bias its size only
    found, base, drawn, base_drawn = (
        np.where(size, np.abs(x), x) for x in (found, base, drawn, base_drawn)
    )
    table = spread(found - base, drawn - base_drawn, tails, task)
    table.loc[list(task.reflected), ["lower", "upper"]] = np.nan
    higher_is_better = np.isin(task.names, task.higher_is_better)
    above, below = table["lower"] > 0, table["upper"] < 0
    better = np.where(higher_is_better, above, below)
    worse = np.where(higher_is_better, below, above)
    told = table.assign(verdict=np.select([better, worse], ["better", "worse"], "unclear"))
    return told.drop(index=list(task.facts))
