"""Scores of matching by threshold: measured where the truth is known, else by probabilities.

The pairs that reach a threshold are right as often as their mean probability says, as far as the
probabilities are honest; the matches that are missed are the probabilities of the pairs below it
and the matches that were never compared.
"""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats
from crmkit.exceptions import DataError
from crmkit.metrics._checks import amounts
from crmkit.metrics._clusters import b_cubed, label_codes, pairwise_scores
from crmkit.metrics._entity_scores import cluster_scores

OWNER = "match_threshold_curve"
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def match_threshold_curve(
    y_true: npt.ArrayLike,
    entities_at: Callable[[float], npt.ArrayLike],
    thresholds: Iterable[float] | None = None,
) -> pd.DataFrame:
    """Judge entities at several thresholds: truth and a function in, one row a threshold out.

    Use it to see what another threshold would do to the entities themselves: pairs alone tell
    little, since entities are made of them afterwards.

    Parameters
    ----------
    y_true : array-like of shape (n_records,)
        True entity of each record, of any type; no missing values.
    entities_at : callable
        Gives the found entity of each record at a threshold, such as
        ``lambda t: clone(matcher).set_params(threshold=t).fit_predict(records)``. Called once a
        threshold.
    thresholds : iterable of float, default=None
        Probabilities between 0 and 1; None takes twelve from 0.05 to 0.99.

    Returns
    -------
    pandas.DataFrame
        `threshold`, ascending; `precision`, `recall` and `f1` of pairs; `b_cubed_f1`;
        `cluster_f1`; `n_entities`, the number found.

    Raises
    ------
    DataError
        If there are no thresholds, one is not between 0 and 1, or labels cannot be compared.

    Examples
    --------
    >>> true = ["ann", "ann", "bob", "bob"]
    >>> found = {0.2: [0, 0, 0, 0], 0.5: [0, 0, 1, 1], 0.9: [0, 0, 1, 2]}
    >>> match_threshold_curve(true, found.get, found)[["threshold", "precision", "recall"]]
       threshold  precision  recall
    0        0.2   0.333333     1.0
    1        0.5   1.000000     1.0
    2        0.9   1.000000     0.5
    """
    rows = []
    cuts = THRESHOLDS if thresholds is None else thresholds
    for threshold in _thresholds(cuts, OWNER).tolist():
        found = entities_at(threshold)
        rows.append(
            {"threshold": threshold}
            | pairwise_scores(y_true, found)
            | {"b_cubed_f1": b_cubed(y_true, found)["f1"]}
            | {"cluster_f1": cluster_scores(y_true, found)["f1"]}
            | {"n_entities": int(label_codes(found, "y_pred", OWNER).max()) + 1}
        )
    return pd.DataFrame(rows)


def expected_match_scores(
    p: npt.ArrayLike,
    thresholds: float | Iterable[float] = 0.5,
    *,
    block_recall: float = 1.0,
) -> pd.DataFrame:
    """Estimate precision and recall without labels: probabilities in, one row a threshold out.

    Use it where nobody knows the truth. It believes the probabilities: where they are too sure,
    as those of matchers tend to be, so is the estimate. Look up some pairs around the threshold.

    Parameters
    ----------
    p : array-like of shape (n_pairs,)
        Probability of each compared pair of records that both are one person, whether it is a
        match or not, such as `probability` of ``Deduplicator.pairs(joined=False)``.
    thresholds : float or iterable of float, default=0.5
        Probabilities from which a pair is a match, between 0 and 1.
    block_recall : float, default=1.0
        Share of the true matches that are among the compared pairs, above 0 up to 1, where there
        is an estimate of it. At 1 the recall is that among compared pairs.

    Returns
    -------
    pandas.DataFrame
        `threshold`, ascending; `n_pairs` that reach it; `precision`, the expected share of right
        ones among them (1 where there is none); `recall`, the expected share of all matches that
        reach it; `f1`; `expected_matches`, of all pairs, compared or not.

    Raises
    ------
    DataError
        If a number is not from 0 to 1, or there are no pairs or thresholds.

    Notes
    -----
    On three made-up customer lists of 6,000 records the estimated precision of a `Deduplicator`
    was within 0.01 of the truth at thresholds from 0.2 to 0.95, and the recall 0.015 to 0.03 too
    high, without `block_recall` (``benchmarks/golden_tables.py``). Real lists are likely to be
    harder.

    Examples
    --------
    >>> expected_match_scores([0.9, 0.7, 0.2, 0.2], [0.1, 0.5])[["precision", "recall"]]
       precision  recall
    0        0.5     1.0
    1        0.8     0.8
    """
    owner = "expected_match_scores"
    given = amounts(p, "p", owner)
    if (given > 1).any():
        raise DataError(
            f"{owner}: p must hold probabilities, but {(given > 1).sum():,} are above 1 (first at "
            f"row {(given > 1).argmax():,}: {given.max():g})."
        )
    if isinstance(block_recall, bool) or not 0.0 < block_recall <= 1.0:
        raise DataError(
            f"{owner}: block_recall must be a number above 0 and up to 1, got {block_recall!r}."
        )
    several = thresholds if isinstance(thresholds, Iterable) else [thresholds]
    cuts = _thresholds(several, owner)
    ordered = np.sort(given)[::-1]
    n = len(ordered) - np.searchsorted(ordered[::-1], cuts, side="left")
    hits = np.append(0.0, np.cumsum(ordered))
    precision = np.where(n > 0, hits[n] / np.maximum(n, 1), 1.0)
    matches = hits[-1] / block_recall
    recall = hits[n] / matches if matches > 0 else np.ones(len(n))
    total = precision + recall
    f1 = np.divide(2.0 * precision * recall, total, out=np.zeros(len(n)), where=total > 0)
    made = {"threshold": cuts, "n_pairs": n, "precision": precision, "recall": recall, "f1": f1}
    return pd.DataFrame(made).assign(expected_matches=matches)


def _thresholds(given: Iterable[float], owner: str) -> Floats:
    """Thresholds in ascending order, checked."""
    cuts = np.array(sorted(given), dtype=np.float64)
    if not len(cuts):
        raise DataError(f"{owner}: thresholds are missing. Pass at least one.")
    wrong = ~((cuts > 0) & (cuts < 1))
    if wrong.any():
        raise DataError(
            f"{owner}: thresholds must be numbers between 0 and 1, got {cuts[wrong][0]:g}."
        )
    return cuts
