"""What each customer is worth: the columns of value, and the interval of the value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.clv import CustomerLifetimeValue
from crmkit.clv._lifetime_value import Outlook
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


def with_values(fitted: CustomerLifetimeValue, customers: Any) -> tuple[Any, Outlook]:
    """Put what customers are worth beside the columns of the summary; the outlook that tells it."""
    outlook = fitted._outlook(customers)
    worst_last = -outlook.factors["clv"]
    rank = np.searchsorted(np.sort(worst_last), worst_last) + 1
    return beside(customers, outlook.factors | {RANK: rank}), outlook


def beside(customers: Any, add: Mapping[str, npt.NDArray[Any]]) -> Any:
    """A frame of customers with further columns after its own."""
    keep = _frames.column_names(customers, OWNER)
    return _frames.attach(customers, keep=keep, add=add, owner=OWNER)


def value_columns(
    fitted: CustomerLifetimeValue, valued: Any, outlook: Outlook, level: float | None
) -> Mapping[str, npt.NDArray[Any]]:
    """Columns of value, with the interval where a level is given, as they are shown."""
    add: dict[str, npt.NDArray[Any]] = {name: outlook.factors[name] for name in VALUES}
    if level is not None:
        add |= value_ends(fitted, valued, outlook, level)
    return add | {RANK: _frames.column_values(valued, RANK, OWNER)}
