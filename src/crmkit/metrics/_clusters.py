"""How well found groups of records match the true ones: counts of pairs, and B-cubed.

With n_tp the number of records of true group t in found group p, there are
sum C(n_tp, 2) pairs that are together in both, sum C(n_p, 2) found and sum C(n_t, 2) true ones.
No pair is ever listed. B-cubed takes the mean over the records of n_tp / n_p (precision) and of
n_tp / n_t (recall): Bagga and Baldwin (1998), Proceedings of LREC, 563-566.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._validation import Floats
from crmkit.exceptions import DataError


def pairwise_scores(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> dict[str, float]:
    """Compare groups of records by their pairs: two labels a record in, three scores out.

    Use it to judge a `Deduplicator` where the truth is known. Large groups weigh by the square of
    their size: where one group is much larger than the others, read `b_cubed` beside it.

    Parameters
    ----------
    y_true : array-like of shape (n_records,)
        True entity of each record, of any type; no missing values.
    y_pred : array-like of shape (n_records,)
        Found entity of each record.

    Returns
    -------
    dict of str to float
        "precision" (share of the found pairs that are true; 1 where no pair is found), "recall"
        (share of the true pairs that are found; 1 where there is none) and "f1", their harmonic
        mean, all from 0 to 1.

    Raises
    ------
    DataError
        If there are no records, the lengths differ, or labels are missing.

    Examples
    --------
    >>> pairwise_scores(["ann", "ann", "ann", "bob"], [0, 0, 1, 1])
    {'precision': 0.5, 'recall': 0.333..., 'f1': 0.4}
    """
    together, found, true = contingency(y_true, y_pred, "pairwise_scores")[:3]
    hits, n_found, n_true = (float((n * (n - 1) / 2.0).sum()) for n in (together, found, true))
    return with_f1(hits / n_found if n_found else 1.0, hits / n_true if n_true else 1.0)


def b_cubed(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> dict[str, float]:
    """Compare groups of records by the records: two labels a record in, three scores out.

    Every record counts the same, so a record that is rightly alone counts too, and a giant group
    does not drown the others as in `pairwise_scores`.

    Parameters
    ----------
    y_true : array-like of shape (n_records,)
        True entity of each record, of any type; no missing values.
    y_pred : array-like of shape (n_records,)
        Found entity of each record.

    Returns
    -------
    dict of str to float
        "precision" (mean share of a record's found group that is of its true one), "recall" (mean
        share of its true group that is in its found one) and "f1", their harmonic mean, all from
        0 to 1.

    Raises
    ------
    DataError
        If there are no records, the lengths differ, or labels are missing.

    Examples
    --------
    >>> b_cubed(["ann", "ann", "ann", "bob"], [0, 0, 1, 1])
    {'precision': 0.75, 'recall': 0.666..., 'f1': 0.705...}
    """
    together, found, true, of_found, of_true = contingency(y_true, y_pred, "b_cubed")
    n = together.sum()
    precision = float((together**2 / found[of_found]).sum() / n)
    recall = float((together**2 / true[of_true]).sum() / n)
    return with_f1(precision, recall)


def contingency(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike, owner: str
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Sizes of the joint, found and true groups, and the found and true group of each joint one."""
    true, found = (
        label_codes(labels, name, owner)
        for labels, name in ((y_true, "y_true"), (y_pred, "y_pred"))
    )
    if len(true) != len(found):
        raise DataError(
            f"{owner}: y_true has {len(true):,} records and y_pred {len(found):,}: both need one "
            "label a record, in the same order."
        )
    if not len(true):
        raise DataError(f"{owner}: there are no records. Pass one label a record.")
    n_true = int(true.max()) + 1
    joint, together = np.unique(found * n_true + true, return_counts=True)
    of_found, of_true = np.divmod(joint, n_true)
    sizes = np.bincount(found).astype(np.float64), np.bincount(true).astype(np.float64)
    return together.astype(np.float64), *sizes, of_found, of_true


def label_codes(labels: npt.ArrayLike, name: str, owner: str) -> npt.NDArray[np.int64]:
    """Labels as whole numbers from 0; equal labels have one, and missing ones are refused."""
    given: Any = labels
    if isinstance(given, (list, tuple)) and not any(
        isinstance(v, (list, np.ndarray)) for v in given
    ):
        given = np.fromiter(given, dtype=object, count=len(given))  # 1 and "1" stay two labels
    given = np.asarray(given)
    if given.ndim != 1:
        raise DataError(f"{owner}: {name} must have one label a record, got shape {given.shape}.")
    codes = np.asarray(pd.factorize(given)[0], dtype=np.int64)
    if (codes < 0).any():
        raise DataError(
            f"{owner}: {name} has {(codes < 0).sum():,} missing labels (first at row "
            f"{(codes < 0).argmax():,}). Drop these records first."
        )
    return codes


def with_f1(precision: float, recall: float) -> dict[str, float]:
    """Precision, recall and their harmonic mean."""
    total = precision + recall
    f1 = 2.0 * precision * recall / total if total else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}
