"""Boosted trees for churn: small trees stopped early, and the customary ones; kept as text.

The small trees are for event logs and noisy tables, the customary ones (31 leaves, 100 rounds) for
clean tables with strong interactions. Contributions are Shapley values along the trees.
Ke et al. (2017), LightGBM, NeurIPS 30; Lundberg et al. (2020), Nature Machine Intelligence 2,
56-67.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.churn._table_encoder import Table

Groups = npt.NDArray[np.int64]

_SHARED: dict[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
_SMALL: dict[str, Any] = {
    "learning_rate": 0.03,
    "num_leaves": 8,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
_USUAL_ROUNDS, _DEFAULT_ROUNDS, _MOST_ROUNDS, _PATIENCE = 300, 100, 2000, 50
_WATCHED, _LONGER = 0.2, 1.1


@dataclass(frozen=True)
class Growth:
    """How to grow: the seed of every random choice and the threads to use."""

    seed: int
    threads: int


def grow_small(table: Table, y: Floats, weight: Floats, groups: Groups, how: Growth) -> str:
    """Small trees, as many as serve watched customers best and a tenth more; text of the model."""
    watched = np.random.default_rng(how.seed).random(int(groups.max()) + 1)[groups] < _WATCHED
    rounds = _rounds(table, y, weight, watched, how)
    return _grown(table, y, weight, {**_SMALL, **_run(how)}, rounds)


def grow_default(table: Table, y: Floats, weight: Floats, groups: Groups, how: Growth) -> str:
    """Trees with the settings LightGBM comes with; text of the model."""
    return _grown(table, y, weight, _run(how), _DEFAULT_ROUNDS)


def tree_log_odds(text: str, table: Table) -> Floats:
    """Log-odds of churn of each customer."""
    if not len(table.x):
        return np.zeros(0)
    return np.asarray(_booster(text).predict(table.with_typical, raw_score=True, num_threads=1))


def tree_contributions(text: str, table: Table) -> Floats:
    """Log-odds that each feature adds to the expected ones, which come last."""
    if not len(table.x):
        return np.zeros((0, table.x.shape[1] + 1))
    return np.asarray(_booster(text).predict(table.with_typical, pred_contrib=True, num_threads=1))


def _rounds(
    table: Table, y: Floats, weight: Floats, watched: npt.NDArray[np.bool_], how: Growth
) -> int:
    """Rounds after which watched customers are predicted no better, and a tenth more."""
    import lightgbm

    parts = (y[watched], y[~watched])
    if min(np.count_nonzero(part == label) for part in parts for label in (0.0, 1.0)) < 20:
        return _USUAL_ROUNDS
    learn = lightgbm.Dataset(table.x[~watched], y[~watched], weight=weight[~watched])
    watch = lightgbm.Dataset(table.x[watched], y[watched], weight=weight[watched], reference=learn)
    stopping = lightgbm.early_stopping(_PATIENCE, verbose=False)
    settings = {**_SHARED, **_SMALL, **_run(how)}
    grown = lightgbm.train(settings, learn, _MOST_ROUNDS, valid_sets=[watch], callbacks=[stopping])
    return max(round(_LONGER * grown.best_iteration), 1)


def _grown(table: Table, y: Floats, weight: Floats, settings: dict[str, Any], rounds: int) -> str:
    import lightgbm

    data = lightgbm.Dataset(table.x, y, weight=weight)
    grown = lightgbm.train({**_SHARED, **settings}, data, num_boost_round=rounds)
    return str(grown.model_to_string())


def _run(how: Growth) -> dict[str, Any]:
    return {"seed": how.seed, "num_threads": how.threads}


@lru_cache(maxsize=8)
def _booster(text: str) -> Any:
    """The model of a text; the last ones stay read, for a service that scores one at a time."""
    import lightgbm

    return lightgbm.Booster(model_str=text)
