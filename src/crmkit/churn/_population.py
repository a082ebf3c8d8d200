"""Active: who is looked at. A score means something only beside the population it was made for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crmkit._validation import check_whole
from crmkit.churn._feature import OWNER, told, whole_days
from crmkit.events._moment import ROUNDING, Moment
from crmkit.exceptions import DataError


class EmptyPopulationError(DataError):
    """Nobody belongs to the population at any cut-off."""


@dataclass(frozen=True)
class Active:
    """Choose who is looked at: customers at a cut-off in, those still active out.

    Customers long gone are easy to tell and worth nothing to contact; they flatter every measure.
    Under `returns="net"` a customer whose orders were all taken back is not active; one who kept
    an earlier order is, even if the only order of the time looked at was taken back.

    Parameters
    ----------
    within : str, float or None, default="180D"
        Only customers with a purchase in this time before the cut-off, such as "180D" or a number
        in the unit of the builder; None is everybody who has ever bought.
    min_orders : int, default=1
        Fewest orders before the cut-off.

    Examples
    --------
    >>> from crmkit.churn import Active
    >>> Active("90D", min_orders=2).text
    'active within 90D, at least 2 orders'
    """

    within: str | float | None = "180D"
    min_orders: int = 1

    @property
    def text(self) -> str:
        """The rule in words."""
        return self._text("")

    def _text(self, unit: str) -> str:
        """The rule in words, numbers with their unit."""
        first = "all who have bought"
        if self.within is not None:
            first = f"active within {told(self.within, unit)}"
        return first + (f", at least {self.min_orders} orders" if self.min_orders > 1 else "")

    def _check(self, unit: str) -> None:
        """Refuse parameters without a meaning."""
        check_whole(self.min_orders, "Active(min_orders=)", OWNER, low=1)
        if self.within is not None:
            whole_days(self.within, unit, "Active(within=)")

    def _holds(self, at: Moment) -> npt.NDArray[np.bool_]:
        """Which customers of the moment belong to the population."""
        chosen = np.ones(len(at), dtype=bool)
        if self.within is not None:
            chosen &= at.since <= whole_days(self.within, at.unit, "Active(within=)")
        if self.min_orders > 1:
            chosen &= at.orders() >= self.min_orders
        if at.nets_money:
            bought, back = at.bought_ever, at.refunded()
            chosen &= (back == 0) | (bought - back > ROUNDING * (bought + back))
        return chosen
