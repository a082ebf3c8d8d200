"""ModelScores: what a purchase model says, fitted anew on what was known at each cut-off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit.churn._feature import OWNER, Feature, whole_days
from crmkit.churn._rfm_features import RFM
from crmkit.events import EventLog
from crmkit.events._moment import Moment, sums_in_segments
from crmkit.exceptions import DataError


@dataclass(frozen=True)
class ModelScores(Feature):
    """Ask a purchase model at each cut-off: customers at a cut-off in, three columns out.

    `model_no_purchase` (probability of no purchase within the horizon), `model_alive` (probability
    of being alive) and `model_purchases` (purchases expected within the horizon). The model is
    cloned and fitted at every cut-off, on all customers known by then and on nothing later; one
    that is fitted already may have seen the answers and is refused. On rich features these scores
    add little; alone, `model_no_purchase` is a strong baseline and `model_alive` is none.

    Parameters
    ----------
    model : purchase model
        Unfitted, such as `crmkit.clv.BetaGeoModel()`.
    horizon : str or float, default="90D"
        How far ahead it is asked, or a number in the unit of the builder.
    prefix : str, default="model"
        What the names of the columns begin with: give each of several models its own.

    Examples
    --------
    >>> from crmkit.churn import ModelScores
    >>> from crmkit.clv import BetaGeoModel
    >>> ModelScores(BetaGeoModel(), horizon="30D").horizon
    '30D'
    """

    model: Any
    horizon: str | float = "90D"
    prefix: str = "model"

    _asks_all = True

    def _reads(self, log: EventLog) -> tuple[str, ...]:
        """Columns of the log that are needed beside customers, days, amounts and orders."""
        needed = ("fit", "predict", "probability_alive", "probability_no_purchase")
        lacking = [name for name in needed if not hasattr(self.model, name)]
        if lacking or isinstance(self.model, type):
            raise DataError(
                f"{OWNER}: ModelScores needs a purchase model such as BetaGeoModel(), got "
                f"{self.model!r}, which lacks {lacking or 'its brackets'}."
            )
        if not isinstance(self.prefix, str) or not self.prefix:
            raise DataError(
                f'{OWNER}: ModelScores(prefix=) must be text such as "model", got {self.prefix!r}.'
            )
        try:
            check_is_fitted(self.model)
        except NotFittedError:
            return ()
        raise DataError(
            f"{OWNER}: the model of ModelScores is fitted already and may have seen what happened "
            "after a cut-off. Pass it unfitted: sklearn.base.clone(model)."
        )

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        stated = getattr(self.model, "unit", None)
        if stated not in (None, at.unit):
            raise DataError(
                f"{OWNER}: the model of ModelScores counts in {stated!r}, the builder in "
                f"{at.unit!r}. Give both the same unit."
            )
        horizon = whole_days(self.horizon, at.unit, "ModelScores(horizon=)") / at.per_unit
        names = [f"{self.prefix}_{name}" for name in ("no_purchase", "alive", "purchases")]
        if not len(at):
            return dict.fromkeys(names, np.zeros(0))
        customers = _customers(at.everybody())
        try:
            model = clone(self.model).fit(customers)
        except ValueError as error:
            raise DataError(
                f"{OWNER}: the model of ModelScores cannot be fitted at the cut-off "
                f"{np.datetime64(at.day, 'D')}, on {len(customers):,} customers: {error}"
            ) from error
        asked = customers if len(customers) == len(at) else _customers(at)
        found = (
            model.probability_no_purchase(asked, horizon),
            model.probability_alive(asked),
            model.predict(asked, horizon),
        )
        return dict(zip(names, found, strict=True))


def _customers(at: Moment) -> pd.DataFrame:
    """Customers of a moment as `summarize` tells them, with the sum of the logs of their gaps."""
    frame = pd.DataFrame({k: np.asarray(v) for k, v in RFM()._values(at).items()})
    logs = np.append(np.log(np.maximum(at.ledger.gaps, 1.0)), 0.0)
    sums = sums_in_segments(logs, [at.begin + 1, at.end])[0]
    return frame.assign(sum_log_gaps=sums - frame["frequency"] * np.log(at.per_unit))
