"""What a value probably is: by all customers, by groups, by straight lines, by trees.

Of a column of numbers each model tells the expected number of every row, of a column of words the
share of each level. Groups are drawn towards all: with n values in a group, its own median counts
n / (n + 10). Straight lines are those of scikit-learn's IterativeImputer, each column on all
others, round by round (van Buuren and Groothuis-Oudshoorn, 2011, Journal of Statistical Software
45(3)); only their coefficients are kept. Trees take missing values as they are.
"""

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._trees import Growth, Lesson, grow, raw_sums
from crmkit._validation import Floats

Names = npt.NDArray[Any]

SHRINK = 10.0
ROUNDS = 5
MOST_DUMMIES = 10


def simple_model(y: Floats, n_levels: int) -> dict[str, Any]:
    """The median, or the share of each level; `y` are places of levels where there are any."""
    return {"value": _centre(y, n_levels)}


def believe_simple(model: dict[str, Any], n: int) -> Floats:
    """What all rows are expected to have."""
    value = np.asarray(model["value"], dtype=np.float64)
    return np.broadcast_to(value, (n, *value.shape)).copy()


def group_model(y: Floats, keys: Names, n_levels: int) -> dict[str, Any]:
    """What each group is expected to have, drawn towards what all have."""
    overall = np.asarray(_centre(y, n_levels))
    order = np.argsort(keys, kind="stable")
    found, first = np.unique(keys[order], return_index=True)
    groups = {}
    for key, values in zip(found.tolist(), np.split(y[order], first[1:]), strict=True):
        weight = len(values) / (len(values) + SHRINK)
        own = weight * np.asarray(_centre(values, n_levels)) + (1.0 - weight) * overall
        groups[key] = own.tolist()
    return {"value": overall.tolist(), "groups": groups}


def believe_groups(model: dict[str, Any], keys: Names) -> Floats:
    """What rows are expected to have by their group; groups not seen have what all have."""
    found, back = np.unique(keys, return_inverse=True)
    table = [model["groups"].get(key, model["value"]) for key in found.tolist()]
    return np.asarray(table, dtype=np.float64)[back]


def tree_model(x: Floats, y: Floats, n_levels: int, how: Growth) -> dict[str, Any]:
    """Boosted trees on the other columns; what has one value needs none."""
    model = simple_model(y, n_levels)
    model["text"] = ""
    if len(np.unique(y)) > 1:
        rounds = 100 if n_levels <= 4 else max(20, 400 // n_levels)
        own = {
            **_objective(n_levels),
            "learning_rate": 0.08,
            "num_leaves": 15,
            "min_data_in_leaf": max(1, min(20, len(y) // 20)),
        }
        model["text"] = grow(Lesson(x, y), own, rounds, how)
    return model


def believe_trees(model: dict[str, Any], x: Floats, n_levels: int) -> Floats:
    """What trees expect of rows."""
    if not model["text"] or not len(x):
        return believe_simple(model, len(x))
    sums = raw_sums(model["text"], x)
    if not n_levels:
        return sums
    if n_levels == 2:
        second = 1.0 / (1.0 + np.exp(-sums))
        return np.column_stack([1.0 - second, second])
    odds = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def line_model(x: Floats, n_levels: list[int], seed: int) -> dict[str, Any]:
    """Straight lines between the columns of a table, as IterativeImputer learns them."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer
    from threadpoolctl import threadpool_limits

    design = _design(x, n_levels)
    there = ~np.isnan(design)
    counts = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, design, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(there, design - mean, 0.0) ** 2).sum(axis=0) / counts)
    spread[spread == 0.0] = 1.0
    scaled = (design - mean) / spread
    low = np.where(there, scaled, np.inf).min(axis=0)
    high = np.where(there, scaled, -np.inf).max(axis=0)
    kept = there.any(axis=0)
    model = {"mean": mean, "spread": spread, "low": low, "high": high, "steps": []}
    if not np.isnan(scaled[:, kept]).any() or kept.sum() < 2 or len(x) < 2:
        return model
    imputer = IterativeImputer(max_iter=ROUNDS, skip_complete=True, random_state=seed)
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        imputer.fit(scaled[:, kept])
    places = np.flatnonzero(kept)
    for step in imputer.imputation_sequence_:
        others = places[np.asarray(step.neighbor_feat_idx)]
        coef = np.asarray(step.estimator.coef_, dtype=np.float64)
        intercept = float(step.estimator.intercept_)
        model["steps"].append([int(places[step.feat_idx]), others, coef, intercept])
    return model


def believe_lines(model: dict[str, Any], x: Floats, n_levels: list[int], column: int) -> Floats:
    """What straight lines expect of a column of numbers of rows; the column itself is not read.

    Sums are taken column by column, so that a row has the same bits in whatever company it comes.
    """
    design = _design(x, n_levels)
    design[:, column] = np.nan
    scaled = (design - model["mean"]) / model["spread"]
    gone = np.isnan(scaled)
    scaled[gone] = 0.0
    for target, others, coef, intercept in model["steps"]:
        rows = np.flatnonzero(gone[:, target])
        told = np.full(len(rows), intercept)
        for other, slope in zip(others.tolist(), coef.tolist(), strict=True):
            told += slope * scaled[rows, other]
        scaled[rows, target] = np.clip(told, model["low"][target], model["high"][target])
    return np.asarray(scaled[:, column] * model["spread"][column] + model["mean"][column])


def _centre(y: Floats, n_levels: int) -> Any:
    """Median of numbers, shares of levels."""
    if not n_levels:
        return float(np.median(y))
    shares: list[float] = (np.bincount(y.astype(np.int64), minlength=n_levels) / len(y)).tolist()
    return shares


def _objective(n_levels: int) -> dict[str, Any]:
    if not n_levels:
        return {"objective": "regression"}
    if n_levels == 2:
        return {"objective": "binary"}
    return {"objective": "multiclass", "num_class": n_levels}


def _design(x: Floats, n_levels: list[int]) -> Floats:
    """Columns as straight lines read them: numbers as they are, then flags of levels.

    Columns of words keep their place, with nothing in it, so that places agree.
    """
    parts = [np.array(x, dtype=np.float64)]
    for j, levels in enumerate(n_levels):
        if levels:
            parts[0][:, j] = 0.0
            parts.extend(
                (x[:, [j]] == level) * 1.0 for level in range(1, min(levels, MOST_DUMMIES))
            )
    return np.hstack(parts)
