"""What each customer is worth: the columns of value, and the interval of the value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.clv import CustomerLifetimeValue
from crmkit.clv._lifetime_value import Outlook
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


def with_values(fitted: CustomerLifetimeValue | None, customers: Any) -> tuple[Any, Outlook | None]:
    """Put what customers are worth beside the columns of the summary; the outlook that tells it.

    Where nothing was learnt, the customers as they are and no outlook.
    """
    if fitted is None:
        return customers, None
    outlook = fitted._outlook(customers)
    worst_last = -outlook.factors["clv"]
    rank = np.searchsorted(np.sort(worst_last), worst_last) + 1
    return beside(customers, outlook.factors | {RANK: rank}), outlook


def beside(customers: Any, add: Mapping[str, npt.NDArray[Any]]) -> Any:
    """A frame of customers with further columns after its own."""
    keep = _frames.column_names(customers, OWNER)
    return _frames.attach(customers, keep=keep, add=add, owner=OWNER)


def value_columns(
    fitted: CustomerLifetimeValue | None, valued: Any, outlook: Outlook | None, level: float | None
) -> Mapping[str, npt.NDArray[Any]]:
    """Columns of value, with the interval where a level is given; none where none was learnt."""
    if fitted is None or outlook is None:
        return {}
    add: dict[str, npt.NDArray[Any]] = {name: outlook.factors[name] for name in VALUES}
    if level is not None:
        add |= value_ends(fitted, valued, outlook, level)
    return add | {RANK: _frames.column_values(valued, RANK, OWNER)}
