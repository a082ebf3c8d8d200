"""What each customer is worth: the columns of value, and the interval of the value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.clv import CustomerLifetimeValue
from crmkit.exceptions import DataError
from crmkit.pipelines._customer_interval import value_ends

OWNER = "CustomerValuePipeline"
VALUES = (
    "expected_purchases",
    "probability_alive",
    "probability_no_purchase",
    "expected_spend",
    "clv",
)
FACTORS = ("expected_spend", "margin", "discount_factor")
RANK = "clv_rank"


def value_of(value: Any) -> CustomerLifetimeValue:
    """The model of value that a parameter means."""
    value = CustomerLifetimeValue() if value is None else value
    if not isinstance(value, CustomerLifetimeValue):
        raise DataError(
            f"{OWNER}: value must be a CustomerLifetimeValue, got {value!r}. For another model "
            "of purchases: CustomerLifetimeValue(purchases=...)."
        )
    return value


def with_values(fitted: CustomerLifetimeValue, customers: Any) -> Any:
    """Put what customers are worth beside the columns of the summary."""
    valued = fitted.breakdown(customers, level=None)
    names = (*VALUES, "margin", "discount_factor")
    add = {name: _frames.column_values(valued, name, OWNER) for name in names}
    add[RANK] = np.searchsorted(np.sort(-add["clv"]), -add["clv"]) + 1
    return beside(customers, add)


def beside(customers: Any, add: Mapping[str, npt.NDArray[Any]]) -> Any:
    """A frame of customers with further columns after its own."""
    keep = _frames.column_names(customers, OWNER)
    return _frames.attach(customers, keep=keep, add=add, owner=OWNER)


def value_columns(
    fitted: CustomerLifetimeValue, valued: Any, level: float | None
) -> Mapping[str, npt.NDArray[Any]]:
    """Columns of value, with the interval where a level is given, as they are shown."""
    add = {name: _frames.column_values(valued, name, OWNER) for name in VALUES}
    if level is not None:
        spend, margin, discount = (_frames.column_values(valued, n, OWNER) for n in FACTORS)
        add |= value_ends(fitted, valued, spend * margin * discount, level)
    return add | {RANK: _frames.column_values(valued, RANK, OWNER)}
