"""Scores at several cut-offs, as they are and with customers drawn again and again.

A customer has a row at each cut-off at which he was in the population. He is drawn with all of
them, and every forecast is scored on the same customers: differences are paired both in customers
and in cut-offs (Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90,
414-427). The mean over cut-offs counts each cut-off once, however many customers it has.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._progress import SILENT, Progress
from crmkit._validation import Floats
from crmkit.metrics._bootstrap import FEW, compared, spread
from crmkit.metrics._churn_resampled import ChurnResampler
from crmkit.metrics._resampling import clusters, drawn_weights
from crmkit.metrics._tasks import CHURN

VERDICTS = {"better": "better", "worse": "worse", "unclear": "no clear difference"}


@dataclass(frozen=True, eq=False)
class Draws:
    """Scores of every forecast: at each cut-off, and in each resample at each cut-off.

    Arrays of `found` have the shape (n_cutoffs, n_scores), those of `drawn` one axis more in
    front, the resamples; scores are in the order of `CHURN_SCORES`. A score that a resample does
    not define, for want of one of the classes, is NaN.
    """

    cutoffs: npt.NDArray[np.datetime64]
    sizes: npt.NDArray[np.int64]
    rarest: npt.NDArray[np.int64]
    n_customers: int
    found: dict[str, Floats]
    drawn: dict[str, Floats]

    def at(self, name: str, place: int | None) -> tuple[Floats, Floats]:
        """Scores and their resamples of one forecast at one cut-off; None: mean over cut-offs."""
        found, drawn = self.found[name], self.drawn[name]
        if place is None:
            return found.mean(axis=0), drawn.mean(axis=1)
        return found[place], drawn[:, place]

    def spread(self, name: str, place: int | None, level: float) -> pd.DataFrame:
        """Scores of one forecast with their intervals."""
        return spread(*self.at(name, place), tails(level), CHURN)

    def compared(self, name: str, base: str, place: int | None, level: float) -> pd.DataFrame:
        """Paired differences of the scores of two forecasts, with a verdict."""
        one, one_drawn = self.at(name, place)
        other, other_drawn = self.at(base, place)
        table = compared(one, other, one_drawn, other_drawn, tails(level), CHURN)
        rarest = self.rarest.mean() if place is None else self.rarest[place]
        few = min(rarest, self.n_customers if place is None else self.sizes[place]) < FEW
        table["verdict"] = "unclear" if few else table["verdict"]
        return table.assign(verdict=table["verdict"].map(VERDICTS))


def draws(
    y: Floats,
    forecasts: dict[str, Floats],
    cutoff: npt.NDArray[np.datetime64],
    groups: npt.NDArray[np.object_],
    n_resamples: int,
    random: np.random.Generator,
    owner: str,
    progress: Progress = SILENT,
) -> Draws:
    """Score every forecast at every cut-off, plain and in each resample of the customers."""
    customer = clusters(groups, len(y), owner)
    assert customer is not None
    there = np.unique(cutoff)
    rows = [np.flatnonzero(cutoff == each) for each in there]
    parts = [{name: p[at] for name, p in forecasts.items()} for at in rows]
    scorers = [ChurnResampler(y[at], part) for at, part in zip(rows, parts, strict=True)]
    n_customers = int(customer.max()) + 1
    blocks: dict[str, list[Floats]] = {name: [] for name in forecasts}
    for weight in drawn_weights(n_customers, n_resamples, random, progress=progress):
        told = [
            scored(scorer, weight[:, customer[at]])
            for scorer, at in zip(scorers, rows, strict=True)
        ]
        for name, block in blocks.items():
            block.append(np.stack([each[name] for each in told], axis=1))
    return Draws(
        cutoffs=there,
        sizes=np.array([len(np.unique(customer[at])) for at in rows]),
        rarest=np.array([rarer(y[at], customer[at]) for at in rows]),
        n_customers=n_customers,
        found={
            name: np.array(
                [CHURN.score(y[at], part[name]) for at, part in zip(rows, parts, strict=True)]
            )
            for name in forecasts
        },
        drawn={name: np.concatenate(block) for name, block in blocks.items()},
    )


def rarer(y: Floats, customer: npt.NDArray[np.intp]) -> int:
    """Customers who did what fewer did: churn or stay."""
    return min(len(np.unique(customer[y == label])) for label in (0.0, 1.0))


def scored(scorer: ChurnResampler, weight: Floats) -> dict[str, Floats]:
    """Scores of resamples; NaN where none of the customers of this cut-off was drawn."""
    empty = weight.sum(axis=1) == 0
    if not empty.any():
        return scorer(weight)
    found = scorer(np.where(empty[:, None], 1.0, weight))
    return {name: np.where(empty[:, None], np.nan, table) for name, table in found.items()}


def tails(level: float) -> tuple[float, float]:
    """Shares below the ends of an interval."""
    return (1.0 - level) / 2.0, (1.0 + level) / 2.0
