"""What each customer is worth: the columns of value, and the interval of the value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.clv import CustomerLifetimeValue
from crmkit.clv._likelihood_model import TooFewRepeatsError
from crmkit.exceptions import DataError, DataWarning, warn_user
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


def learnt_value(
    model: CustomerLifetimeValue, customers: Any
) -> tuple[CustomerLifetimeValue | None, str]:
    """Fitted model and no note; where too few bought again for any model, none, why, a warning."""
    try:
        return model.fit(customers), ""
    except TooFewRepeatsError as error:
        warn_user(
            f"{OWNER}: what customers are worth cannot be learnt from this log, so the table has "
            f"no values, and neither tiers of value nor churn risk, which rest on them. {error}",
            DataWarning,
        )
        return None, str(error)


def model_of(pipeline: Any, owner: str) -> CustomerLifetimeValue:
    """The model of value of a fitted pipeline; refused where none could be learnt."""
    model: CustomerLifetimeValue | None = pipeline.value_
    if model is None:
        raise DataError(
            f"{owner}: what customers are worth cannot be learnt from this log. "
            f"{pipeline.value_note_}"
        )
    return model


def with_values(fitted: CustomerLifetimeValue | None, customers: Any) -> Any:
    """Put what customers are worth beside the columns of the summary, where that was learnt."""
    if fitted is None:
        return customers
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
    fitted: CustomerLifetimeValue | None, valued: Any, level: float | None
) -> Mapping[str, npt.NDArray[Any]]:
    """Columns of value, with the interval where a level is given; none where none was learnt."""
    if fitted is None:
        return {}
    add = {name: _frames.column_values(valued, name, OWNER) for name in VALUES}
    if level is not None:
        spend, margin, discount = (_frames.column_values(valued, n, OWNER) for n in FACTORS)
        add |= value_ends(fitted, valued, spend * margin * discount, level)
    return add | {RANK: _frames.column_values(valued, RANK, OWNER)}
