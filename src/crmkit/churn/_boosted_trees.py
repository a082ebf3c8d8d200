"""Boosted trees for churn: small trees stopped early, and the customary ones; kept as text.

The small trees are for event logs and noisy tables, the customary ones (31 leaves, 100 rounds) for
clean tables with strong interactions.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _trees
from crmkit._trees import Growth, Lesson
from crmkit._validation import Floats
from crmkit.churn._table_encoder import Table

Groups = npt.NDArray[np.int64]

_DEFAULT: dict[str, Any] = {"objective": "binary"}
_SMALL: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 8,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
_USUAL_ROUNDS, _DEFAULT_ROUNDS, _MOST_ROUNDS, _PATIENCE = 300, 100, 2000, 50
_WATCHED, _LONGER, _FEW = 0.2, 1.1, 20


def grow_small(table: Table, y: Floats, weight: Floats, groups: Groups, how: Growth) -> str:
    """Small trees, as many as serve watched customers best and a tenth more; text of the model."""
    lesson = Lesson(table.x, y, weight)
    watched = np.random.default_rng(how.seed).random(int(groups.max()) + 1)[groups] < _WATCHED
    return _trees.grow(lesson, _SMALL, _rounds(lesson, watched, how), how)


def grow_default(table: Table, y: Floats, weight: Floats, groups: Groups, how: Growth) -> str:
    """Trees with the settings LightGBM comes with; text of the model."""
    return _trees.grow(Lesson(table.x, y, weight), _DEFAULT, _DEFAULT_ROUNDS, how)


def tree_log_odds(text: str, table: Table) -> Floats:
    """Log-odds of churn of each customer."""
    return _trees.raw_sums(text, table.with_typical)


def tree_contributions(text: str, table: Table) -> Floats:
    """Log-odds that each feature adds to the expected ones, which come last."""
    return _trees.contributions(text, table.with_typical)


def _rounds(lesson: Lesson, watched: npt.NDArray[np.bool_], how: Growth) -> int:
    """Rounds after which watched customers are predicted no better, and a tenth more."""
    learn, watch = lesson.part(~watched), lesson.part(watched)
    if min(np.count_nonzero(part.y == label) for part in (learn, watch) for label in (0, 1)) < _FEW:
        return _USUAL_ROUNDS
    return max(
        round(_LONGER * _trees.best_rounds(learn, watch, _SMALL, _MOST_ROUNDS, _PATIENCE, how)), 1
    )
