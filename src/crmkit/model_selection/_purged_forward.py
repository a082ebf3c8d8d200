"""Forward in time, without overlap of labels: train on the past, validate on one cut-off each.

A label that was made at cut-off c is known only at its end e, such as c + 90 days. A test cut-off
t may be learned for from the rows with

    c < t   and   e <= t - embargo

and from no others: a row whose window reaches beyond t has seen the days that are to be foretold.
Purging and embargo are those of Lopez de Prado (2018), Advances in Financial Machine Learning,
chapter 7; several cut-offs a customer those of Gattermann-Itschert and Thonemann (2021), European
Journal of Operational Research 293, 1153-1163.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import BaseCrossValidator

from crmkit import _frames
from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.model_selection._forward_plan import (
    OWNER,
    Indices,
    Plan,
    check_asked,
    check_times,
    embargo_of,
    halves,
    observed,
)
from crmkit.model_selection._instants import check_one_clock, has_zone, instants, told


class PurgedForwardSplit(BaseCrossValidator):
    """Split snapshots forward in time: rows of (customer, cut-off) in, pairs of row numbers out.

    Each split validates on all rows of one cut-off and trains on the rows whose labels had ended
    by then; rows whose `y` is missing, because nobody has seen the end yet, and rows whose label
    ends at their cut-off, because nothing was seen behind it, are in neither. Use it wherever a
    model of snapshots is compared or tuned: random folds, and folds that only leave out rows, let
    labels of the same days stand on both sides, which looks like skill. It is not for data with
    one cut-off: nothing lies before it.

    In ``cross_validate``, ``GridSearchCV`` and their like, the two columns of time are passed as
    ``params={"cutoff": ..., "label_end": ...}`` under
    ``sklearn.set_config(enable_metadata_routing=True)``; both are requested already. Without
    routing hand over the splits themselves: ``cv=list(splitter.split(snapshots))``.

    Parameters
    ----------
    n_splits : int or None, default=None
        Number of test cut-offs, the latest ones; at least 1. None takes every cut-off that has
        something to train on.
    test_cutoffs : sequence of instants or None, default=None
        The cut-offs to test on, by name (dates, datetimes or ISO 8601 text); each must be one of
        the data. Not together with `n_splits`.
    embargo : str or timedelta, default="0D"
        Time between the end of the last training label and the test cut-off, such as "7D" (h, D
        or W; a day has 24 hours): what a label that ends so late might still tell.
    disjoint_customers : bool, default=False
        Train on one half of the customers and test on the other, besides forward in time. Earlier
        snapshots of the customers in the test are legal and useful; set this to measure how a
        model does on people it has never met. Needs `groups`.
    random_state : int, default=0
        Seed of the halves; used with `disjoint_customers` only. At least 0.

    See Also
    --------
    sklearn.model_selection.TimeSeriesSplit : A gap in rows, not in time; for one series.

    Examples
    --------
    Cut-offs every 20 days, labels of 45 days: at day 100 the labels of day 60 are not known.

    >>> import numpy as np
    >>> day = np.array([0, 20, 40, 60, 80, 100])
    >>> cutoff = np.datetime64("2024-01-01") + day * np.timedelta64(1, "D")
    >>> label_end = cutoff + np.timedelta64(45, "D")
    >>> splitter = PurgedForwardSplit(n_splits=1)
    >>> for train, test in splitter.split(day, cutoff=cutoff, label_end=label_end):
    ...     print(day[train], day[test])
    [ 0 20 40] [100]
    """

    __metadata_request__split = {"groups": True, "cutoff": True, "label_end": True}  # noqa: RUF012

    def __init__(
        self,
        n_splits: int | None = None,
        test_cutoffs: Any = None,
        embargo: str | timedelta = "0D",
        disjoint_customers: bool = False,
        random_state: int = 0,
    ) -> None:
        self.n_splits = n_splits
        self.test_cutoffs = test_cutoffs
        self.embargo = embargo
        self.disjoint_customers = disjoint_customers
        self.random_state = random_state

    def split(
        self,
        X: Any,
        y: Any = None,
        groups: Any = None,
        *,
        cutoff: Any = None,
        label_end: Any = None,
    ) -> Iterator[tuple[Indices, Indices]]:
        """Give the rows to train on and to test on: snapshots in, an iterator of pairs out.

        Parameters
        ----------
        X : Snapshots, frame or array of n_rows
            Snapshots bring `y`, `groups`, `cutoff` and `label_end` along; of anything else only
            the number of rows is read.
        y : array-like of shape (n_rows,), default=None
            Labels; only whether they are missing is read.
        groups : array-like of shape (n_rows,), default=None
            Customer of each row; needed for `disjoint_customers` only.
        cutoff : array-like of shape (n_rows,), default=None
            Instant at which the features of a row were taken.
        label_end : array-like of shape (n_rows,), default=None
            Instant at which its label was known, after `cutoff`; at it only where `cutoff` is the
            end of what was observed.

        Returns
        -------
        iterator of (train, test)
            Ascending row numbers; test cut-offs in ascending order.

        Raises
        ------
        DataError
            If a parameter is out of its range, the columns of time are missing, not instants or
            of another length, a label ends before it begins, or a test cut-off that was asked for
            has nothing to train on.
        """
        plan = self._plan(X, y, groups, cutoff, label_end)
        return (plan.rows(test) for test in plan.tests)

    def get_n_splits(
        self,
        X: Any = None,
        y: Any = None,
        groups: Any = None,
        *,
        cutoff: Any = None,
        label_end: Any = None,
    ) -> int:
        """Count the splits: snapshots in, a number out; without data if the parameters tell it.

        Parameters
        ----------
        X : Snapshots, frame or array of n_rows, default=None
            As in `split`; needed where neither `n_splits` nor `test_cutoffs` is given.
        y : array-like of shape (n_rows,), default=None
            As in `split`.
        groups : array-like of shape (n_rows,), default=None
            As in `split`.
        cutoff : array-like of shape (n_rows,), default=None
            As in `split`.
        label_end : array-like of shape (n_rows,), default=None
            As in `split`.

        Returns
        -------
        int
            Number of pairs that `split` gives.

        Raises
        ------
        DataError
            As in `split`.
        """
        if self.n_splits is not None and self.test_cutoffs is None:
            check_whole(self.n_splits, "n_splits", OWNER, low=1)
            return int(self.n_splits)
        if self.test_cutoffs is not None and self.n_splits is None:
            return len(np.unique(instants(self.test_cutoffs, "test_cutoffs", OWNER)))
        return len(self._plan(X, y, groups, cutoff, label_end).tests)

    def summary(
        self,
        X: Any,
        y: Any = None,
        groups: Any = None,
        *,
        cutoff: Any = None,
        label_end: Any = None,
    ) -> pd.DataFrame:
        """Tell what each split holds: snapshots in, a frame with a row per test cut-off out.

        Parameters
        ----------
        X : Snapshots, frame or array of n_rows
            As in `split`.
        y : array-like of shape (n_rows,), default=None
            As in `split`.
        groups : array-like of shape (n_rows,), default=None
            As in `split`.
        cutoff : array-like of shape (n_rows,), default=None
            As in `split`.
        label_end : array-like of shape (n_rows,), default=None
            As in `split`.

        Returns
        -------
        pandas.DataFrame
            `test_cutoff`, `last_train_cutoff`, `train_cutoffs` (number of them), `train_rows`,
            `purged_rows` (before the test cut-off, but their labels end too late), `test_rows`.
        """
        plan = self._plan(X, y, groups, cutoff, label_end)
        rows = []
        for test in plan.tests:
            train, held = plan.rows(test)
            late = (plan.cutoff < test) & ~plan.known(test) & plan.to_train
            cutoffs = np.unique(plan.cutoff[train])
            rows.append([test, cutoffs[-1], len(cutoffs), len(train), late.sum(), len(held)])
        names = ["test_cutoff", "last_train_cutoff", "train_cutoffs"]
        names += ["train_rows", "purged_rows", "test_rows"]
        table = pd.DataFrame(rows, columns=names)
        return table.assign(**{k: table[k].astype("M8[us]") for k in names[:2]})

    def _plan(self, X: Any, y: Any, groups: Any, cutoff: Any, label_end: Any) -> Plan:
        """Columns of time, checked, and the test cut-offs."""
        if cutoff is None and label_end is None and not _frames.is_frame(X):
            cutoff, label_end = (getattr(X, name, None) for name in ("cutoff", "label_end"))
            groups = getattr(X, "groups", None) if groups is None else groups
            y = getattr(X, "y", None) if y is None else y
            X = X if cutoff is None else None
        begin, end = check_times(X, cutoff, label_end)
        first, second = halves(groups, len(begin), self.random_state, self.disjoint_customers)
        seen = observed(y, len(begin)) & (end > begin)
        plan = Plan(begin, end, embargo_of(self.embargo), first & seen, second & seen)
        plan.tests = self._tests(plan, has_zone(cutoff))
        return plan

    def _tests(self, plan: Plan, zoned: bool) -> list[int]:
        """Test cut-offs that the parameters ask for, ascending; refuse those without training."""
        usable = [int(t) for t in np.unique(plan.cutoff) if plan.is_usable(t)]
        if self.test_cutoffs is not None:
            if self.n_splits is not None:
                raise DataError(f"{OWNER}: give n_splits or test_cutoffs, not both.")
            asked = np.unique(instants(self.test_cutoffs, "test_cutoffs", OWNER))
            check_one_clock(zoned, has_zone(self.test_cutoffs), "test_cutoffs", OWNER)
            check_asked(asked, usable, plan)
            return [int(t) for t in asked]
        if not usable:
            raise DataError(
                f"{OWNER}: no cut-off has anything to train on. The first label ends "
                f"{told(plan.label_end.min())}, the last cut-off is {told(plan.cutoff.max())}, "
                f"embargo={self.embargo!r}. Take more or later cut-offs, or a shorter horizon."
            )
        if self.n_splits is None:
            return usable
        check_whole(self.n_splits, "n_splits", OWNER, low=1)
        if self.n_splits > len(usable):
            raise DataError(
                f"{OWNER}: n_splits={self.n_splits}, but only {len(usable)} of the "
                f"{len(np.unique(plan.cutoff))} cut-offs have anything to train on (the first "
                f"label ends {told(plan.label_end.min())}). Ask for fewer, or add cut-offs."
            )
        return usable[-self.n_splits :]
