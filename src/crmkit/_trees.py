"""Boosted trees behind four functions: grown into text, and asked for sums and shares.

Models differ in what they learn and how; what they share is here: LightGBM with the same bits for
the same seed whatever the number of threads, stopped early on rows that are watched, and kept as
its own text, which is exact and free of foreign objects. Ke et al. (2017), LightGBM, NeurIPS 30;
contributions are Shapley values along the trees: Lundberg et al. (2020), Nature Machine
Intelligence 2, 56-67.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats

Features = npt.NDArray[Any]


@dataclass(frozen=True)
class Growth:
    """How to grow: the seed of every random choice and the threads to use (0: all)."""

    seed: int
    threads: int

    def settings(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """Settings of LightGBM: those of a model, and what makes it repeatable and quiet."""
        return {
            **own,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
            "seed": self.seed,
            "num_threads": self.threads,
        }


@dataclass(frozen=True, eq=False)
class Lesson:
    """What trees learn from: features, targets, and for each row its weight and its start.

    `start` is what the sum of the trees is added to, on the scale of the objective. `group` holds
    the sizes of the lists that are to be ranked, one behind the other; such rows stay together.
    """

    x: Features
    y: Floats
    weight: Floats | None = None
    start: Floats | None = None
    group: npt.NDArray[Any] | None = None

    def part(self, rows: npt.NDArray[Any]) -> "Lesson":
        """Some of the rows, which are in no lists."""
        weight = None if self.weight is None else self.weight[rows]
        start = None if self.start is None else self.start[rows]
        return Lesson(self.x[rows], self.y[rows], weight, start)

    def dataset(self, reference: Any = None) -> Any:
        """The rows as LightGBM takes them, in the bins of `reference`."""
        import lightgbm

        return lightgbm.Dataset(
            self.x,
            self.y,
            weight=self.weight,
            init_score=self.start,
            group=self.group,
            reference=reference,
        )


def grow(lesson: Lesson, own: Mapping[str, Any], rounds: int, how: Growth) -> str:
    """Grow so many trees: the text of the model."""
    import lightgbm

    grown = lightgbm.train(how.settings(own), lesson.dataset(), num_boost_round=rounds)
    return str(grown.model_to_string())


def best_rounds(
    learn: Lesson, watch: Lesson, own: Mapping[str, Any], most: int, patience: int, how: Growth
) -> int:
    """Number of trees that serves the watched rows best; none better within `patience` more."""
    import lightgbm

    data = learn.dataset()
    grown = lightgbm.train(
        how.settings(own),
        data,
        num_boost_round=most,
        valid_sets=[watch.dataset(data)],
        callbacks=[lightgbm.early_stopping(patience, verbose=False)],
    )
    return max(int(grown.best_iteration), 1)


def raw_sums(text: str, x: Features) -> Floats:
    """Sum of the trees for each row, on the scale of the objective, without the start."""
    if not len(x):
        return np.zeros(0)
    return np.asarray(_booster(text).predict(x, raw_score=True, num_threads=1), dtype=np.float64)


def contributions(text: str, x: Features) -> Floats:
    """What each feature adds to the expected sum, which comes last."""
    if not len(x):
        return np.zeros((0, x.shape[1] + 1))
    return np.asarray(_booster(text).predict(x, pred_contrib=True, num_threads=1))


@lru_cache(maxsize=8)
def _booster(text: str) -> Any:
    """The model of a text; the last ones stay read, for a service that scores one at a time."""
    import lightgbm

    return lightgbm.Booster(model_str=text)
