"""Order lines: which item stood in which order, for what is bought together."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class OrderLines:
    """Purchase lines of a log with orders: equally long arrays of int32.

    Attributes
    ----------
    customer, item : ndarray of int32
        Places of the ids.
    day : ndarray of int32
        Local days since 1970.
    order : ndarray of int32
        Number of the order, -1 where the line names none.
    """

    customer: npt.NDArray[Any]
    item: npt.NDArray[Any]
    day: npt.NDArray[Any]
    order: npt.NDArray[Any]

    def only(self, kept: npt.NDArray[Any]) -> Self:
        """Some of the lines."""
        return type(self)(self.customer[kept], self.item[kept], self.day[kept], self.order[kept])

    def on_items(self, place: npt.NDArray[Any]) -> Self:
        """The same lines where item i has another place."""
        return replace(self, item=place[self.item] if len(self.item) else self.item)

    def of_customers(self, rows: npt.NDArray[Any]) -> Self:
        """Lines of some customers, by ascending place, which are numbered anew."""
        made = self.only(np.isin(self.customer, rows))
        return replace(made, customer=np.searchsorted(rows, made.customer).astype(np.int32))
