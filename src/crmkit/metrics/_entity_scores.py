"""Whole entities found, and how sure scores of groups are: intervals over true entities.

Of an entity t with n_t records, n_tp of them in found group p of n_p records, the pairs
sum C(n_tp, 2) are rightly found, and C(n_t, 2) are true; of the found pairs that join two entities
half count for each: sum n_tp (n_p - n_tp) / 2. So every score is a ratio of sums over true
entities, and a resample of entities is a weight on each: Binette et al. (2023), The American
Statistician 77, 370-380.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats, check_whole, generator
from crmkit.metrics._checks import check_level
from crmkit.metrics._clusters import contingency, with_f1
from crmkit.metrics._resampling import drawn_weights

RATIOS = {
    ("pairs", "precision"): ("right_pairs", "found_pairs"),
    ("pairs", "recall"): ("right_pairs", "true_pairs"),
    ("records", "precision"): ("share_of_found", "records"),
    ("records", "recall"): ("share_of_true", "records"),
    ("entities", "precision"): ("exact", "found_entities"),
    ("entities", "recall"): ("exact", "entities"),
}


def cluster_scores(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> dict[str, float]:
    """Count the entities that are found exactly: two labels a record in, three scores out.

    The strictest of the three ways to judge groups of records: one record too many or too few, and
    an entity is not found. Entities of one record count, so that a list with few duplicates scores
    high whatever is done: read `pairwise_scores` beside it.

    Parameters
    ----------
    y_true : array-like of shape (n_records,)
        True entity of each record, of any type; no missing values.
    y_pred : array-like of shape (n_records,)
        Found entity of each record.

    Returns
    -------
    dict of str to float
        "precision" (share of the found entities that are true ones, record for record), "recall"
        (share of the true entities that are found so) and "f1", their harmonic mean, all from 0
        to 1.

    Raises
    ------
    DataError
        If there are no records, the lengths differ, or labels are missing.

    Examples
    --------
    >>> cluster_scores(["ann", "ann", "bob", "cy"], [0, 0, 1, 1])
    {'precision': 0.5, 'recall': 0.333..., 'f1': 0.4}
    """
    parts = entity_parts(y_true, y_pred, "cluster_scores")
    exact = parts["exact"].sum()
    return with_f1(
        float(exact / parts["found_entities"].sum()), float(exact / parts["entities"].sum())
    )


def cluster_intervals(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    *,
    level: float = 0.95,
    n_resamples: int = 500,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
) -> pd.DataFrame:
    """Tell how sure scores of groups are: two labels a record in, a frame of intervals out.

    Use it where the truth is known of some entities only, such as a few hundred that somebody
    looked up: true entities are drawn with replacement, and all scores are computed again.

    Parameters
    ----------
    y_true : array-like of shape (n_records,)
        True entity of each record, of any type; no missing values.
    y_pred : array-like of shape (n_records,)
        Found entity of each record.
    level : float, default=0.95
        Probability of the intervals, above 0 and below 1.
    n_resamples : int, default=500
        How often entities are drawn, at least 2.
    random_state : int, Generator, RandomState or None, default=None
        Seed; the same whole number gives the same intervals.

    Returns
    -------
    pandas.DataFrame
        Indexed by `of` ("pairs": those of `pairwise_scores`, "records": of `b_cubed`, "entities":
        of `cluster_scores`) and `score` ("precision", "recall", "f1"), with `estimate`,
        `std_error`, `lower` and `upper`.

    Raises
    ------
    DataError
        If there are no records, the lengths differ, labels are missing, or a parameter is out of
        its range.

    Examples
    --------
    >>> true = [i // 2 for i in range(200)]
    >>> found = [i if i % 10 == 0 else i // 2 + 1000 for i in range(200)]
    >>> told = cluster_intervals(true, found, random_state=0)
    >>> told.loc[("pairs", "recall"), ["estimate", "lower", "upper"]].round(2).tolist()
    [0.8, 0.72, 0.87]
    """
    owner = "cluster_intervals"
    check_level(level, owner)
    check_whole(n_resamples, "n_resamples", owner, low=2)
    parts = entity_parts(y_true, y_pred, owner)
    random = generator(random_state, owner)
    table = np.stack(list(parts.values()), axis=1)
    sums = [weight @ table for weight in drawn_weights(len(table), n_resamples, random)]
    drawn = _scores(dict(zip(parts, np.concatenate(sums).T, strict=True)))
    found = _scores({name: np.atleast_1d(values.sum()) for name, values in parts.items()})
    ends = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    rows = {
        key: [found[key][0], values.std(ddof=1), *np.quantile(values, ends)]
        for key, values in drawn.items()
    }
    table_of = pd.DataFrame.from_dict(
        rows, orient="index", columns=["estimate", "std_error", "lower", "upper"]
    )
    table_of.index = pd.MultiIndex.from_tuples(rows, names=["of", "score"])
    return table_of


def entity_parts(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, owner: str) -> dict[str, Floats]:
    """What each true entity adds to the sums that scores are ratios of."""
    together, found, true, of_found, of_true = contingency(y_true, y_pred, owner)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(of_true, values, len(true)), dtype=np.float64)

    size, held = found[of_found], true[of_true]
    right = summed(together * (together - 1.0) / 2.0)
    return {
        "right_pairs": right,
        "found_pairs": right + summed(together * (size - together) / 2.0),
        "true_pairs": true * (true - 1.0) / 2.0,
        "share_of_found": summed(together**2 / size),
        "share_of_true": summed(together**2 / held),
        "records": true,
        "exact": summed(((together == size) & (together == held)).astype(np.float64)),
        "found_entities": summed(together / size),
        "entities": np.ones(len(true)),
    }


def _scores(sums: dict[str, Floats]) -> dict[tuple[str, str], Floats]:
    """Precision, recall and F1 of each way to count, where nothing is to be found 1."""
    made: dict[tuple[str, str], Floats] = {}
    for (of, score), (top, bottom) in RATIOS.items():
        known = sums[bottom] > 0
        ratio = np.ones(len(known))
        np.divide(sums[top], sums[bottom], out=ratio, where=known)
        made[of, score] = ratio
        if score == "recall":
            total = made[of, "precision"] + ratio
            f1 = np.zeros(len(known))
            np.divide(2.0 * made[of, "precision"] * ratio, total, out=f1, where=total > 0)
            made[of, "f1"] = f1
    return made
