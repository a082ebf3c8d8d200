"""How sure are scores of recommendations? Customers drawn anew, differences paired.

A score is a mean over customers, so a resample is a weighted mean of the scores of each; both
sides of a difference take the same weights. See Efron (1979), Annals of Statistics 7, 1-26.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._progress import SILENT, Progress
from crmkit._validation import Floats, check_whole, generator
from crmkit.metrics._bootstrap import FEW, check_named, compared, spread
from crmkit.metrics._checks import check_level
from crmkit.metrics._ranking import HIGHER_IS_BETTER, scores_of_customers
from crmkit.metrics._ranking_lists import by_name, read_ranking
from crmkit.metrics._resampling import drawn_weights
from crmkit.metrics._tasks import Scores


def ranking_intervals(
    recommended: Any | Mapping[str, Any],
    relevant: Any,
    k: int = 10,
    *,
    against: str | None = None,
    customer: str | None = None,
    item: str | None = None,
    weight: str | None = None,
    level: float = 0.95,
    n_resamples: int = 500,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
    verbose: int = 0,
) -> pd.DataFrame:
    """Tell how sure scores of recommendations are: pairs in, a frame of intervals out.

    Use it before you say "better than": with `against`, the differences to one recommender are
    told, customer for customer. The intervals know the luck of who is in the data, not that of the
    season: repeat the comparison at several cut-offs.

    Parameters
    ----------
    recommended : frame of (customer, item), or mapping of str to such
        Lists of one recommender or several by name, as in `ranking_scores`.
    relevant : frame of (customer, item)
        What should have been recommended.
    k : int, default=10
        Places of a list that are looked at, at least 1.
    against : str or None, default=None
        Name of the recommender that all others are compared with; None scores each by itself.
    customer, item : str or None, default=None
        Columns of the ids; None are the first two of `relevant`.
    weight : str or None, default=None
        Column of `relevant` with what a row is worth.
    level : float, default=0.95
        Probability of the intervals, above 0 and below 1.
    n_resamples : int, default=500
        How often customers are drawn, at least 2.
    random_state : int, Generator, RandomState or None, default=None
        Seed; the same whole number gives the same intervals.
    verbose : int, default=0
        1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard error
        where nothing listens there. 0 tells nothing.

    Returns
    -------
    pandas.DataFrame
        Indexed by `recommender` and `score` (those of accuracy of `ranking_scores`), with
        `estimate`, `std_error`, `lower` and `upper` (quantiles of the resamples). With `against`
        they are differences to that recommender, and `verdict` is "better" or "worse" where the
        interval leaves out 0, else "unclear", as it is of fewer than 10 customers.

    Raises
    ------
    DataError
        As in `ranking_scores`, or if `against` is no name of a recommender or a parameter is out
        of its range.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> customer = np.arange(200)
    >>> bought = pd.DataFrame({"customer": customer, "item": customer % 3})
    >>> good = pd.DataFrame({"customer": customer, "item": customer % 3, "rank": 1})
    >>> plain = good.assign(item=0)
    >>> lists = {"good": good, "plain": plain}
    >>> told = ranking_intervals(lists, bought, k=1, against="plain", random_state=0)
    >>> told.loc["good", ["estimate", "verdict"]].loc[["hit_rate"]]
              estimate verdict
    score
    hit_rate     0.665  better
    """
    owner = "ranking_intervals"
    check_whole(k, "k", owner, low=1)
    check_level(level, owner)
    check_whole(n_resamples, "n_resamples", owner, low=2)
    random, named = generator(random_state, owner), by_name(recommended, owner)
    check_named(named, against, owner, "recommender")
    progress = Progress(owner, verbose)
    ranking = read_ranking(named, relevant, k, (customer, item), owner, weight=weight)
    each = {
        name: scores_of_customers(lists, ranking, k, None) for name, lists in ranking.lists.items()
    }
    scores = Scores(names=tuple(each[next(iter(each))]), higher_is_better=HIGHER_IS_BETTER)
    values = {name: np.column_stack([*columns.values()]) for name, columns in each.items()}
    progress.step(f"scored the lists of {ranking.relevant.n_customers:,} customers")
    return intervals_of_means(values, scores, against, level, n_resamples, random, None, progress)


def intervals_of_means(
    values: dict[str, Floats],
    scores: Scores,
    against: str | None,
    level: float,
    n_resamples: int,
    random: np.random.Generator,
    cluster: npt.NDArray[np.intp] | None,
    progress: Progress = SILENT,
) -> pd.DataFrame:
    """Intervals of the means of columns, or of their paired differences to those of `against`.

    Each array has a row a customer and a column a score, NaN where it is not defined; rows of one
    `cluster` are drawn together.
    """
    n = len(next(iter(values.values())))
    drawn: dict[str, list[Floats]] = {name: [] for name in values}
    for weight in drawn_weights(n, n_resamples, random, cluster, progress=progress):
        for name, columns in values.items():
            drawn[name].append(weighted_means(columns, weight))
    progress.step(f"drew {n:,} rows {n_resamples:,} times for {len(values)} recommenders")
    made = {name: np.concatenate(blocks) for name, blocks in drawn.items()}
    found = {name: weighted_means(columns, np.ones((1, n)))[0] for name, columns in values.items()}
    tails = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    if against is None:
        rows = {name: spread(found[name], made[name], tails, scores) for name in values}
        return pd.concat(rows, names=["recommender", "score"])
    rows = {
        name: compared(found[name], found[against], made[name], made[against], tails, scores)
        for name in values
        if name != against
    }
    if (n if cluster is None else len(np.unique(cluster))) < FEW:
        rows = {name: table.assign(verdict="unclear") for name, table in rows.items()}
    return pd.concat(rows, names=["recommender", "score"])


def weighted_means(columns: Floats, weight: Floats) -> Floats:
    """Means of columns under each row of weights, NaN left out."""
    known = ~np.isnan(columns)
    n = weight @ known
    return np.asarray(weight @ np.where(known, columns, 0.0) / np.where(n > 0, n, np.nan))
