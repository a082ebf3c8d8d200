"""What a holdout check found: expected beside actual, scores, intervals, words of caution."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit._notebook import Told
from crmkit._validation import Floats, check_choice
from crmkit.exceptions import DataError
from crmkit.metrics import decile_table, interval_coverage, score_intervals, value_scores
from crmkit.pipelines._holdout_text import told

PARTS = ["purchases", "spend"]


@dataclass(frozen=True, eq=False)
class HoldoutReport(Told):
    """Expected beside actual purchases of every customer in a period the models did not see.

    Made by `holdout_report`; ``print`` it for the whole table. All arrays have one entry per
    customer who bought before `as_of`.

    Attributes
    ----------
    as_of, until : datetime
        The period is [as_of, until).
    horizon : float
        Its length, in `unit`.
    unit : str
        "h", "D" or "W".
    calibration_frequency : ndarray of int
        Repeat purchase periods before `as_of`.
    actual : ndarray of int
        Purchase periods within the holdout period.
    predictions : dict of str to ndarray
        Expected purchase periods by name: the models first, then the baselines "own rate", "mean
        rate", "hiatus rule" (where the past is long enough to tune it) and "NBDModel".
    models : dict of str to model
        The fitted models that were asked for; all other predictions are baselines.
    hiatus_threshold : float or None
        The hiatus rule expects purchases of customers who last bought at most so long ago, in
        `unit`; None without the rule.
    hiatus_tuned_from : datetime or None
        The threshold told best who bought from here to `as_of`.
    level : float or None
        Probability of the prediction intervals.
    intervals : dict of str to ndarray of shape (n_customers, 2)
        Prediction intervals of the models that have them.
    actual_spend : ndarray or None
        Spend within the holdout period, in currency (0 where refunds were more); None where no
        spend model was asked for.
    spend_predictions : dict of str to ndarray
        Expected spend: "purchase model x spend model" (or the model alone, where it expects spend
        itself), then the baselines.
    spend_models : dict of str to spend model
        The fitted spend models.
    calibration_silence : ndarray or None
        Time from the last purchase before `as_of` to `as_of`, in `unit`.
    """

    as_of: datetime
    until: datetime
    horizon: float
    unit: str
    calibration_frequency: npt.NDArray[np.int64] = field(repr=False)
    actual: npt.NDArray[np.int64] = field(repr=False)
    predictions: dict[str, Floats] = field(repr=False)
    models: dict[str, Any] = field(repr=False)
    hiatus_threshold: float | None = None
    hiatus_tuned_from: datetime | None = None
    level: float | None = None
    intervals: dict[str, Floats] = field(default_factory=dict, repr=False)
    actual_spend: Floats | None = field(default=None, repr=False)
    spend_predictions: dict[str, Floats] = field(default_factory=dict, repr=False)
    spend_models: dict[str, Any] = field(default_factory=dict, repr=False)
    calibration_silence: Floats | None = field(default=None, repr=False)

    @property
    def n_customers(self) -> int:
        """Number of customers who bought before `as_of`."""
        return len(self.actual)

    def scores(self, of: str = "purchases") -> pd.DataFrame:
        """Errors of the models and the baselines: one row for each, the models first.

        Parameters
        ----------
        of : {"purchases", "spend"}, default="purchases"
            What is scored.

        Returns
        -------
        pandas.DataFrame
            The columns of `crmkit.metrics.value_scores`, indexed by the name of the prediction.

        Raises
        ------
        DataError
            If spend is asked for and was not forecast.
        """
        actual, predictions = self._part(of)
        rows = {name: value_scores(actual, expected) for name, expected in predictions.items()}
        return pd.DataFrame(rows).T.rename_axis("prediction")

    def score_intervals(
        self,
        against: str | None = None,
        of: str = "purchases",
        *,
        level: float = 0.95,
        n_resamples: int = 500,
        random_state: int | np.random.RandomState | np.random.Generator | None = 0,
        verbose: int = 0,
    ) -> pd.DataFrame:
        """How sure the scores are, by resampling the customers: a frame a row a score out.

        Parameters
        ----------
        against : str or None, default=None
            Name of the prediction that all others are compared with, such as "own rate"; None
            scores each by itself.
        of : {"purchases", "spend"}, default="purchases"
            What is scored.
        level : float, default=0.95
            Probability of the intervals.
        n_resamples : int, default=500
            How often customers are drawn; see `crmkit.metrics.score_intervals` for the time.
        random_state : int, Generator, RandomState or None, default=0
            Seed.
        verbose : int, default=0
            1 tells the steps with counts and seconds: logger "crmkit", level INFO, or standard
            error where nothing listens there. 0 tells nothing.

        Returns
        -------
        pandas.DataFrame
            As `crmkit.metrics.score_intervals` gives it.
        """
        actual, predictions = self._part(of)
        return score_intervals(
            actual,
            predictions,
            against=against,
            level=level,
            n_resamples=n_resamples,
            random_state=random_state,
            verbose=verbose,
        )

    def coverage(self) -> pd.DataFrame:
        """Whether the prediction intervals hold: one row for each model that has them.

        Returns
        -------
        pandas.DataFrame
            The columns of `crmkit.metrics.interval_coverage`; to be compared with `level`.
        """
        rows = {
            name: interval_coverage(self.actual, *bounds.T, level=self.level or 0.8)
            for name, bounds in self.intervals.items()
        }
        return pd.DataFrame(rows).T.rename_axis("prediction")

    def deciles(
        self, prediction: str | None = None, of: str = "purchases", *, n_groups: int = 10
    ) -> pd.DataFrame:
        """Expected beside actual by tenths of the customers, best predicted first.

        Parameters
        ----------
        prediction : str or None, default=None
            Name of the prediction; None is the first model.
        of : {"purchases", "spend"}, default="purchases"
            What is compared.
        n_groups : int, default=10
            Number of groups, at least 2 and at most the number of customers.

        Returns
        -------
        pandas.DataFrame
            As `crmkit.metrics.decile_table` gives it.
        """
        actual, predictions = self._part(of)
        name = next(iter(predictions)) if prediction is None else prediction
        if name not in predictions:
            raise DataError(f"HoldoutReport: prediction={name!r} is none of {list(predictions)}.")
        return decile_table(actual, predictions[name], n_groups=n_groups)

    def _tables(self) -> dict[str, Any]:
        return {
            "Purchases": self.scores(),
            **({} if self.actual_spend is None else {"Spend": self.scores("spend")}),
        }

    def __repr__(self) -> str:
        span = f"{self.as_of:%Y-%m-%d} to {self.until:%Y-%m-%d}"
        told = f"{self.n_customers:,} customers, {span}: {', '.join(self.predictions)}"
        return f"<HoldoutReport of {told}>"

    def __str__(self) -> str:
        return told(self)

    def _part(self, of: str) -> tuple[npt.NDArray[Any], dict[str, Floats]]:
        check_choice(of, "of", PARTS, "HoldoutReport")
        if of == "purchases":
            return self.actual, self.predictions
        if self.actual_spend is None:
            raise DataError(
                "HoldoutReport: spend was not forecast. Ask for it: "
                "holdout_report(..., spend=GammaGammaModel())."
            )
        return self.actual_spend, self.spend_predictions
