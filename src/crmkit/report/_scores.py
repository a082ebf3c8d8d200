"""Tables of scores, a row a forecast: the model beside the simple rules, the best marked.

What reads alike shares the mark: a difference that is not written is none to a reader.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crmkit.report._document import Table
from crmkit.report._numbers import Told, decimals, percent, signed_percent

LOWER, HIGHER, NEAR_ZERO = "lower is better", "higher is better", "nearest to 0 is best"


def three(value: float) -> Told:
    """Write a score with three decimals."""
    return decimals(value, 3)


class Score(NamedTuple):
    """A column of scores: its name, its heading, which way is better, and how it is written."""

    column: str
    title: str
    way: str
    write: Callable[[float], Told] = decimals

    @property
    def heading(self) -> str:
        """Its heading, with the way."""
        return f"{self.title} ({self.way})"

    def told(self, values: Any) -> list[Told]:
        """Values as they are written."""
        return [self.write(float(value)) for value in values]

    def best(self, values: Any) -> set[int]:
        """Rows of the best value, and those that read like it."""
        told = self.told(values)
        best = {str(told[row]) for row in best_rows(np.asarray(values, dtype=np.float64), self.way)}
        return {row for row, text in enumerate(told) if str(text) in best}


FORECAST = (
    Score("mean_absolute_error", "mean absolute error", LOWER),
    Score("root_mean_squared_error", "root mean squared error", LOWER),
    Score("poisson_deviance", "Poisson deviance", LOWER),
    Score("total_bias", "total bias", NEAR_ZERO, signed_percent),
    Score("spearman", "rank correlation", HIGHER),
    Score("top_decile_share", "brought by the best tenth", HIGHER, percent),
)
"""Scores of a check of the forecast that are shown."""
RISK = (
    Score("log_loss", "log loss", LOWER, three),
    Score("roc_auc", "AUC", HIGHER, three),
    Score("calibration_error", "error of the level", LOWER, three),
    Score("top_decile_lift", "lift of the riskiest tenth", HIGHER, three),
)
"""Scores of a test of the risk that are shown."""
OFFERS = (
    Score("ndcg", "NDCG", HIGHER, three),
    Score("hit_rate", "customers who bought one", HIGHER, percent),
    Score("recall", "purchases foretold", HIGHER, percent),
    Score("coverage", "items offered to anybody", HIGHER, percent),
)
"""Scores of a test of the offers that are shown."""


def score_table(
    of: str, first: str, names: Sequence[str], scores: pd.DataFrame, shown: Sequence[Score]
) -> Table:
    """List scores, a row a name, the best of each column marked."""
    columns = [score.told(scores[score.column]) for score in shown]
    rows = [[name, *line] for name, *line in zip(names, *columns, strict=True)]
    best = frozenset(
        (row, place)
        for place, score in enumerate(shown, start=1)
        for row in score.best(scores[score.column])
    )
    caption = f"Scores of the {of}; the best of each column is marked"
    return Table(caption, [first, *(score.heading for score in shown)], rows, best)


def best_rows(values: Any, way: str) -> set[int]:
    """Rows of the best value of a score; ties share, NaN never wins."""
    loss = {LOWER: values, HIGHER: -values, NEAR_ZERO: np.abs(values)}[way]
    if not np.isfinite(loss).any():
        return set()
    return set(np.flatnonzero(np.isclose(loss, np.nanmin(loss), rtol=1e-9, atol=0.0)).tolist())
