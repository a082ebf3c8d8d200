"""How a churn classifier is validated: forward in time where cut-offs are given, else by folds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from crmkit._progress import SILENT, Progress
from crmkit.churn._training_table import Training
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.model_selection import PurgedForwardSplit

Rows = npt.NDArray[np.intp]

_FOLDS, _LAST_CUTOFFS = 5, 4


@dataclass(frozen=True, eq=False)
class Validation:
    """Splits into rows to learn from and rows to judge by, and what they are in words.

    `forward` tells that later splits come later in time. `whole` holds the splits as they were
    before they were `thinned`; None where they were not. `progress` tells each.
    """

    splits: list[tuple[Rows, Rows]]
    told: str
    forward: bool = False
    whole: list[tuple[Rows, Rows]] | None = None
    progress: Progress = SILENT


def validation(cv: Any, data: Training, seed: int, owner: str) -> Validation:
    """Splits of the examples, as `cv` asks for."""
    if cv is None and data.given["cutoff"] is not None:
        if _can_go_forward(data):
            return _forward(None, data)
        warn_user(
            f"{owner}: no label ends before the last cut-off, so nothing can be validated forward "
            "in time; folds at the same cut-offs look better than the future will. Give several "
            "cut-offs that lie further apart than the horizon.",
            DataWarning,
        )
    if cv is None or (isinstance(cv, Integral) and not isinstance(cv, bool)):
        return _by_folds(_FOLDS if cv is None else int(cv), data, seed, owner)
    if isinstance(cv, PurgedForwardSplit):
        if data.given["cutoff"] is None:
            raise DataError(f"{owner}: cv={cv!r} needs cutoff= and label_end= in fit.")
        return _forward(cv, data)
    return _as_given(cv, data, owner)


def thinned(
    plan: Validation, groups: npt.NDArray[np.int64], most: int | None, seed: int
) -> Validation:
    """Splits of at most so many rows a side, drawn by whole customers; all where `most` is None.

    One order of the customers is drawn for all splits, and each side takes the first of them.
    """
    if most is None or all(len(side) <= most for pair in plan.splits for side in pair):
        return plan
    place = np.random.default_rng(seed).permutation(int(groups.max()) + 1)[groups]
    splits = [(_first(a, place, most), _first(b, place, most)) for a, b in plan.splits]
    told = f"{plan.told}, each side thinned to {most:,} rows at most, by whole customers"
    return replace(plan, splits=splits, told=told, whole=plan.splits)


def _first(rows: Rows, place: npt.NDArray[np.int64], most: int) -> Rows:
    """Rows of the customers that come first, as many as fit; of one at least."""
    _, customer, sizes = np.unique(place[rows], return_inverse=True, return_counts=True)
    fitting = max(int(np.searchsorted(np.cumsum(sizes), most, side="right")), 1)
    return np.asarray(rows[customer < fitting])


def _can_go_forward(data: Training) -> bool:
    """Tell whether some labels end at or before the last cut-off."""
    cutoff, label_end = data.given["cutoff"], data.given["label_end"]
    if cutoff is None or label_end is None:
        return False
    return bool((label_end <= cutoff.max()).any())


def _forward(splitter: PurgedForwardSplit | None, data: Training) -> Validation:
    """Forward in time, by default at the last cut-offs that have something to learn from."""
    rows, y = np.empty((len(data.examples.y), 1)), data.examples.y
    times = {name: data.known(name) for name in ("cutoff", "label_end")}
    if splitter is None:
        n = PurgedForwardSplit().get_n_splits(rows, **times)
        splitter = PurgedForwardSplit(min(n, _LAST_CUTOFFS))
    splits = list(splitter.split(rows, y, data.known("groups"), **times))
    many = "" if len(splits) == 1 else "s"
    return Validation(splits, f"forward in time at {len(splits)} cut-off{many}", forward=True)


def _by_folds(n: int, data: Training, seed: int, owner: str) -> Validation:
    """Stratified folds, customers (or other groups) kept whole; fewer where a class is small."""
    if n < 2:
        raise DataError(f"{owner}: cv must be at least 2 folds, got {n}.")
    y, groups = data.examples.y, data.known("groups")
    whole = np.arange(len(y)) if groups is None else groups
    n = min(n, *(len(np.unique(whole[y == label])) for label in (0.0, 1.0)))
    if n < 2:
        alone = "customer" if groups is None else "group"
        return Validation([], f"not validated: a class has a single {alone}")
    folds = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = folds(n, shuffle=True, random_state=seed)
    kept = "" if groups is None else ", groups kept whole"
    splits = splitter.split(np.empty((len(y), 1)), y, groups)
    return Validation(list(splits), f"by {n} stratified folds{kept}")


def _as_given(cv: Any, data: Training, owner: str) -> Validation:
    """A splitter of scikit-learn's kind, or pairs of the caller's rows."""
    if hasattr(cv, "split") and not isinstance(cv, str):
        pairs = cv.split(np.empty((data.n_given, 1)), data.y_given, data.given["groups"])
        told = f"by {cv!r}"
    elif isinstance(cv, Iterable) and not isinstance(cv, str):
        pairs, told = cv, "by the splits given as cv"
    else:
        raise DataError(
            f"{owner}: cv must be None, a number of folds, a splitter or pairs of rows, got {cv!r}."
        )
    place = np.full(data.n_given, -1)
    place[data.origin] = np.arange(len(data.origin))
    try:
        splits = [(np.sort(place[np.asarray(a)]), np.sort(place[np.asarray(b)])) for a, b in pairs]
    except (IndexError, TypeError, ValueError) as error:
        raise DataError(
            f"{owner}: cv must give pairs of rows, to learn from and to judge by, out of "
            f"{data.n_given:,} rows: {error}."
        ) from None
    if not splits:
        warn_user(f"{owner}: cv={cv!r} gives no split, so nothing is validated.", DataWarning)
    return Validation([(a[a >= 0], b[b >= 0]) for a, b in splits], told)
