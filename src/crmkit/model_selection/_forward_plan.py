"""What a forward split needs: the columns of time, checked, and who may train and who may test."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._units import in_unit
from crmkit._validation import check_whole
from crmkit.exceptions import DataError
from crmkit.model_selection._instants import check_one_clock, has_zone, instants, told

Integers = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

OWNER = "PurgedForwardSplit"
HOUR = 3_600_000_000  # microseconds


@dataclass
class Plan:
    """Columns of time in microseconds, the rows of either side, and the test cut-offs."""

    cutoff: Integers
    label_end: Integers
    embargo: int
    to_train: Mask
    to_test: Mask
    tests: list[int] = field(default_factory=list)

    def known(self, test: int) -> Mask:
        """Rows whose label has ended by a cut-off, less the embargo."""
        return (self.cutoff < test) & (self.label_end <= test - self.embargo)

    def rows(self, test: int) -> tuple[Indices, Indices]:
        """Numbers of the rows to train on and to test on."""
        train, held = self.known(test) & self.to_train, (self.cutoff == test) & self.to_test
        return np.flatnonzero(train), np.flatnonzero(held)

    def is_usable(self, test: int) -> bool:
        """Whether a cut-off has rows on both sides."""
        return all(len(side) for side in self.rows(test))


def check_times(X: Any, cutoff: Any, label_end: Any) -> tuple[Integers, Integers]:
    """Both columns of time in microseconds, each label ending after it began.

    At the very end of what was observed a window may be empty: nothing was seen of it.
    """
    missing = [k for k, v in (("cutoff", cutoff), ("label_end", label_end)) if v is None]
    if missing:
        raise DataError(
            f"{OWNER}: {' and '.join(missing)} missing. Pass split(snapshots), or "
            "split(X, cutoff=..., label_end=...); in cross_validate and GridSearchCV call "
            "sklearn.set_config(enable_metadata_routing=True) and pass both in params= (or to "
            "fit), or hand over cv=list(splitter.split(...))."
        )
    begin, end = instants(cutoff, "cutoff", OWNER), instants(label_end, "label_end", OWNER)
    check_one_clock(has_zone(cutoff), has_zone(label_end), "label_end", OWNER)
    rows = {"cutoff": len(begin), "label_end": len(end)}
    if X is not None:
        rows["X"] = X.shape[0] if hasattr(X, "shape") else len(X)
    if len(set(rows.values())) > 1:
        counts = ", ".join(f"{name} has {n:,}" for name, n in rows.items())
        raise DataError(f"{OWNER}: one instant per row is needed, but {counts} rows.")
    wrong = (end < begin) | ((end == begin) & (end < end.max()))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"{OWNER}: {wrong.sum():,} labels do not end after their cut-off (first at row "
            f"{row:,}: cut-off {told(begin[row])}, end {told(end[row])}). Are the two swapped?"
        )
    return begin, end


def check_asked(asked: Integers, usable: list[int], plan: Plan) -> None:
    """Refuse test cut-offs that are not in the data, or have nothing to train on."""
    there = np.unique(plan.cutoff)
    unknown = [told(t) for t in asked if t not in there]
    if unknown:
        raise DataError(
            f"{OWNER}: test_cutoffs {unknown} are no cut-offs of these rows. There are "
            f"{[told(t) for t in there]}."
        )
    bare = [told(t) for t in asked if t not in usable]
    if bare:
        raise DataError(
            f"{OWNER}: test_cutoffs {bare} have nothing to train on: the first label ends "
            f"{told(plan.label_end.min())}. Choose from {[told(t) for t in usable]}."
        )


def embargo_of(value: Any) -> int:
    """Embargo in microseconds."""
    try:
        if isinstance(value, str):
            return round(in_unit(value, "h", OWNER, "embargo") * HOUR)
        if isinstance(value, (timedelta, np.timedelta64)) and not pd.isna(value):
            length = int(pd.Timedelta(value) / pd.Timedelta(microseconds=1))
            if length >= 0:
                return length
    except (DataError, ValueError, OverflowError):
        pass  # text or a length of time that tells no number of hours, such as months
    raise DataError(
        f'{OWNER}: embargo must be text such as "7D" (h, D or W; months differ in length) or a '
        f"timedelta of at least 0, got {value!r}."
    )


def halves(groups: Any, n: int, random_state: int, disjoint: bool) -> tuple[Mask, Mask]:
    """Rows that may train and rows that may test: all and all, or one half of customers each."""
    if not disjoint:
        return np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    if groups is None:
        raise DataError(
            f"{OWNER}: disjoint_customers=True needs groups, the customer of each row "
            "(groups=snapshots.groups)."
        )
    customer, ids = pd.factorize(np.asarray(groups), sort=True)
    if len(customer) != n:
        raise DataError(f"{OWNER}: groups has {len(customer):,} rows and cutoff {n:,}.")
    if (customer < 0).any():
        raise DataError(f"{OWNER}: groups has {(customer < 0).sum():,} missing customers.")
    if len(ids) < 2:
        raise DataError(
            f"{OWNER}: disjoint_customers=True needs two customers or more, groups has one."
        )
    check_whole(random_state, "random_state", OWNER, low=0)
    order = np.random.default_rng(random_state).permutation(len(ids))
    trains = (order < len(ids) / 2)[customer]
    return trains, ~trains


def observed(y: Any, n: int) -> Mask:
    """Rows whose label is not missing; all of them where no labels are given."""
    if y is None:
        return np.ones(n, dtype=bool)
    seen = ~pd.isna(np.asarray(y))
    if seen.ndim != 1 or len(seen) != n:
        raise DataError(f"{OWNER}: y must be one label per row, {n:,}, got shape {seen.shape}.")
    return np.asarray(seen)
