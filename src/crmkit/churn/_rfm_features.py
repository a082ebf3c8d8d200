"""RFM: how long ago, how often, how much; the columns that `summarize` gives, at any cut-off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from crmkit.churn._feature import Feature
from crmkit.events._customers_at import COLUMNS, MONEY
from crmkit.events._moment import Moment

ORDER = (
    "frequency",
    "recency",
    "T",
    "monetary_value",
    "days_since_last",
    "n_orders",
    "total_amount",
)


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
        names = [name for name in ORDER if at.has_money or name not in MONEY]
        return {name: COLUMNS[name](at) for name in names}
