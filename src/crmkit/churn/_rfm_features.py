"""RFM: how long ago, how often, how much; the columns that `summarize` gives, at any cut-off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit.churn._feature import Feature
from crmkit.events._moment import Moment


@dataclass(frozen=True)
class RFM(Feature):
    """Recency, frequency, money: customers at a cut-off in, the columns of `summarize` out.

    `frequency` (repeat purchase days, a count), `recency` (age at the last purchase) and `T` (age
    at the cut-off), both in the unit of the builder, `monetary_value` (mean spend of a repeat day,
    in currency; 0 for one-time buyers), `days_since_last` (days), `n_orders` (a count) and
    `total_amount` (currency); the money columns only where the log has amounts. Purchase models
    read these columns as they are. A hard baseline: on event logs little beats it by much.

    Examples
    --------
    >>> from crmkit.churn import RFM
    >>> RFM()
    RFM()
    """

    def _values(self, at: Moment) -> Mapping[str, npt.NDArray[Any]]:
        """Columns by name, one entry per customer of the moment."""
        frequency = at.n_days - 1
        columns = {
            "frequency": frequency,
            "recency": (at.last_day - at.first_day) / at.per_unit,
            "T": (at.age - 1) / at.per_unit,
        }
        if at.has_money:
            mean = at.repeat_spent() / np.maximum(frequency, 1)
            columns["monetary_value"] = np.where(frequency > 0, mean, 0.0)
        columns |= {"days_since_last": at.since, "n_orders": at.orders()}
        if at.has_money:
            columns["total_amount"] = at.spent(())[0]
        return columns
