"""The candidates of a churn model, simplest first, behind one interface: log-odds and shares.

Every candidate answers in log-odds of churn, which add up over features; the average of two is the
mean of their log-odds. Where classes were weighted w1 : w0 in training, the odds come out w1 / w0
times too large, and are divided by that again: King and Zeng (2001), Logistic regression in rare
events data, Political Analysis 9, 137-163, equation 7.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.churn._boosted_trees import (
    Growth,
    grow_default,
    grow_small,
    tree_contributions,
    tree_log_odds,
)
from crmkit.churn._spline_logistic import fit_spline_logistic, spline_contributions
from crmkit.churn._table_encoder import Table

SINGLE = ("spline_logistic", "boosted_small", "boosted_default")
CANDIDATES = (*SINGLE, "average")
ENOUGH_FOR_TREES = 200
"""Customers below which trees with 20 or 40 in a leaf are not worth growing."""

_GROW = {"boosted_small": grow_small, "boosted_default": grow_default}


@dataclass(frozen=True, eq=False)
class Examples:
    """What is learnt from: encoded customers, labels, weights, and who belongs together.

    `weight` counts customers; `cost` is what an error of each class costs, as (stayed, churned).
    """

    table: Table
    y: Floats
    weight: Floats
    groups: npt.NDArray[np.int64]
    cost: tuple[float, float] = (1.0, 1.0)

    def rows(self, which: npt.NDArray[Any]) -> "Examples":
        """Some of the examples."""
        return Examples(
            self.table.rows(which),
            self.y[which],
            self.weight[which],
            self.groups[which],
            self.cost,
        )


def fit_single(name: str, examples: Examples, how: Growth, owner: str) -> dict[str, Any]:
    """Fit one of `SINGLE`: plain state out, which the functions below read."""
    table, y, stayed, churned = examples.table, examples.y, *examples.cost
    weight = examples.weight * np.where(y == 1.0, churned, stayed)
    state: dict[str, Any] = {"shift": float(np.log(churned / stayed))}
    if name == "spline_logistic":
        return {**state, "curves": fit_spline_logistic(table, y, weight, owner)}
    return {**state, "trees": _GROW[name](table, y, weight, examples.groups, how)}


def log_odds(parts: dict[str, dict[str, Any]], table: Table) -> Floats:
    """Log-odds of churn: the mean over the fitted parts of a model."""
    return np.asarray(np.mean([_log_odds(state, table) for state in parts.values()], axis=0))


def contributions(parts: dict[str, dict[str, Any]], table: Table) -> Floats:
    """Log-odds that each feature adds, and those they are added to in the last column."""
    return np.asarray(np.mean([_contributions(state, table) for state in parts.values()], axis=0))


def _log_odds(state: dict[str, Any], table: Table) -> Floats:
    if "curves" in state:
        return np.asarray(_contributions(state, table).sum(axis=1))
    return tree_log_odds(state["trees"], table) - float(state["shift"])


def _contributions(state: dict[str, Any], table: Table) -> Floats:
    added = (
        spline_contributions(state["curves"], table)
        if "curves" in state
        else tree_contributions(state["trees"], table)
    )
    added[:, -1] -= state["shift"]
    return added
