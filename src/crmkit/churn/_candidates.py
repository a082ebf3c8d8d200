"""The candidates of a churn model, simplest first, behind one interface: log-odds and shares.

Every candidate answers in log-odds of churn, which add up over features; the average of two is the
mean of their log-odds. What an error of each class costs has no part in them: costs move the
threshold of a decision, not a probability. Elkan (2001), The foundations of cost-sensitive
learning, IJCAI, 973-978.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._trees import Growth
from crmkit._validation import Floats
from crmkit.churn._boosted_trees import (
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
"""Rows below which trees with 20 or 40 in a leaf are not worth growing."""

_GROW = {"boosted_small": grow_small, "boosted_default": grow_default}


@dataclass(frozen=True, eq=False)
class Examples:
    """What is learnt from: encoded customers, labels, weights, and who belongs together.

    `weight` counts customers.
    """

    table: Table
    y: Floats
    weight: Floats
    groups: npt.NDArray[np.int64]

    def rows(self, which: npt.NDArray[Any]) -> "Examples":
        """Some of the examples."""
        return Examples(
            self.table.rows(which),
            self.y[which],
            self.weight[which],
            self.groups[which],
        )


def fit_single(name: str, examples: Examples, how: Growth, owner: str) -> dict[str, Any]:
    """Fit one of `SINGLE`: plain state out, which the functions below read."""
    table, y, weight = examples.table, examples.y, examples.weight
    if name == "spline_logistic":
        return {"curves": fit_spline_logistic(table, y, weight, owner)}
    return {"trees": _GROW[name](table, y, weight, examples.groups, how)}


def log_odds(parts: dict[str, dict[str, Any]], table: Table) -> Floats:
    """Log-odds of churn: the mean over the fitted parts of a model."""
    return _mean([_log_odds(state, table) for state in parts.values()])


def contributions(parts: dict[str, dict[str, Any]], table: Table) -> Floats:
    """Log-odds that each feature adds, and those they are added to in the last column."""
    return _mean([_contributions(state, table) for state in parts.values()])


def odds_and_contributions(parts: dict[str, dict[str, Any]], table: Table) -> tuple[Floats, Floats]:
    """Both at once: the log-odds, but for rounding, are what all features add together."""
    added = [_contributions(state, table) for state in parts.values()]
    return _mean([each.sum(axis=1) for each in added]), _mean(added)


def _mean(told: list[Floats]) -> Floats:
    """Mean over the parts of a model."""
    return np.asarray(sum(told) / len(told))


def _log_odds(state: dict[str, Any], table: Table) -> Floats:
    if "curves" in state:
        return np.asarray(_contributions(state, table).sum(axis=1))
    return tree_log_odds(state["trees"], table)


def _contributions(state: dict[str, Any], table: Table) -> Floats:
    if "curves" in state:
        return spline_contributions(state["curves"], table)
    return tree_contributions(state["trees"], table)
