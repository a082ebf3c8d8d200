"""Training data in one canonical order, so that the order of the rows cannot matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import _check_sample_weight, check_consistent_length

from crmkit import _frames
from crmkit._frames import MixedColumn
from crmkit._mixed_columns import names_of, read_columns
from crmkit.churn._candidates import Examples
from crmkit.churn._churn_label import churn_labels
from crmkit.churn._class_cost import class_cost, warn_of_disguise
from crmkit.churn._columns import group_codes
from crmkit.churn._rfm_logistic import check_both_weigh
from crmkit.churn._table_encoder import encode, learn_columns, left_aside, used_places
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.model_selection._instants import instants

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Training:
    """Encoded customers in canonical order, what is known beside them, and where they came from.

    `origin` holds the caller's row of each; rows of weight zero are left out. `groups`, `cutoff`
    and `label_end` are None where the caller gave none. `cost` is what an error of each class
    costs, as (stayed, churned).
    """

    examples: Examples
    cost: tuple[float, float]
    classes: npt.NDArray[Any]
    columns: list[dict[str, Any]]
    origin: Rows
    n_given: int
    y_given: npt.NDArray[np.int64]
    given: dict[str, npt.NDArray[Any] | None]

    def known(self, name: str) -> npt.NDArray[Any] | None:
        """One of groups, cutoff and label_end in canonical order."""
        values = self.given[name]
        return None if values is None else values[self.origin]


def training_table(
    table: Any,
    y: Any,
    sample_weight: Any,
    told: Mapping[str, Any],
    settings: Mapping[str, Any],
    owner: str,
) -> Training:
    """Read, check, encode and order training data."""
    columns = read_columns(table, None, owner)
    n = len(columns[0].values)
    classes, codes = churn_labels(y, settings["churned"], n, owner)
    weight = _check_sample_weight(
        sample_weight, np.empty((n, 1)), dtype=np.float64, ensure_non_negative=True
    )
    check_both_weigh(codes, weight, owner)
    given = _beside(told, n, owner)
    kept = np.flatnonzero(weight > 0)
    if sample_weight is not None:
        warn_of_disguise(codes[kept].astype(np.float64), weight[kept], owner)
    columns = [_some(column, kept) for column in columns]
    named = _frames.is_frame(table)
    names, labels = names_of(table, owner), codes[kept].astype(np.float64)
    learnt = learn_columns(columns, names, weight[kept], named, owner, labels)
    if text := left_aside(learnt):
        warn_user(f"{owner}: left aside {text}. Drop the columns to silence this.", DataWarning)
    encoded = encode([columns[place] for place in used_places(learnt)], learnt, owner)
    churned = codes[kept].astype(np.float64)
    groups = given["groups"]
    keys = [weight[kept], churned]
    keys += [values[kept] for values in given.values() if values is not None]
    order = np.lexsort((*keys, *encoded.x.T))
    cost = class_cost(settings["class_weight"], classes, churned, weight[kept], owner)
    origin = kept[order]
    together = np.arange(len(order)) if groups is None else groups[origin]
    examples = Examples(encoded.rows(order), churned[order], weight[origin], together)
    return Training(examples, cost, classes, learnt, origin, n, codes, given)


def _beside(told: Mapping[str, Any], n: int, owner: str) -> dict[str, npt.NDArray[Any] | None]:
    """Columns of time as instants and groups as numbers from 0, each of the right length."""
    if (told["cutoff"] is None) != (told["label_end"] is None):
        raise DataError(f"{owner}: cutoff and label_end go together: give both, or neither.")
    found: dict[str, npt.NDArray[Any] | None] = {"cutoff": None, "label_end": None, "groups": None}
    for name, values in told.items():
        if values is None:
            continue
        check_consistent_length(np.asarray(values), np.empty(n))
        if name == "groups":
            found[name] = group_codes(values, n, owner)
        else:
            found[name] = instants(values, name, owner).astype("M8[us]")
    return found


def _some(column: MixedColumn, rows: Rows) -> MixedColumn:
    return MixedColumn(column.kind, column.values[rows], column.whole)
