"""How far the chance of a purchase has fallen since the last one, as a fitted model sees it.

With p(x, r, T) the model's chance for a customer of x repeat purchases, the last at age r, now of
age T, the share that is left after the silence T - r is p(x, r, T) / p(x, r, r): 1 on the day of
the last purchase, near 0 for those who will hardly come back. Divided in this way, customers of
any rhythm compare.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit._units import HOURS
from crmkit._validation import Floats
from crmkit.base import check_is_fitted
from crmkit.events._moment import Moment
from crmkit.exceptions import DataError

Whole = npt.NDArray[Any]

METHODS = ("probability_no_purchase", "probability_alive")


def ready_model(model: Any, at: Moment, owner: str) -> Any:
    """A fitted model as it is; a clone of any other, fitted to the customers of a moment."""
    if isinstance(model, type) or not any(hasattr(model, name) for name in METHODS):
        raise DataError(
            f"{owner}: purchase_model must be a purchase model with probability_no_purchase or "
            f"probability_alive, such as clv.ParetoNBDModel(), got {model!r}."
        )
    days_of_unit(model, owner)
    try:
        check_is_fitted(model)
        return model
    except NotFittedError:
        made = clone(model)
    except TypeError:  # it has no fit: it is ready
        return model
    return made.fit(histories(made, at.n_days - 1, at.last_day - at.first_day, at.age - 1, owner))


def days_of_unit(model: Any, owner: str) -> int:
    """Days in the unit of the ages that a model reads; 1 where it does not tell."""
    unit = getattr(model, "unit_", None) or getattr(model, "unit", None) or "D"
    if unit not in ("D", "W"):
        raise DataError(
            f"{owner}: purchase_model reads ages in {unit!r}. The life cycle is told in days: fit "
            'it to customers in days or weeks (unit="D" or "W").'
        )
    return HOURS[unit] // 24


def share_left(
    model: Any, frequency: Whole, recency: Whole, age: Whole, period: float, owner: str
) -> tuple[Floats, Floats]:
    """Chance now, and its share of the chance at the last purchase; ages and period in days."""
    now = chance(model, histories(model, frequency, recency, age, owner), period, owner)
    fresh = chance(model, histories(model, frequency, recency, recency, owner), period, owner)
    left = np.divide(now, fresh, out=np.zeros(len(now)), where=fresh > 0)
    return now, np.minimum(left, 1.0)


def histories(model: Any, frequency: Whole, recency: Whole, age: Whole, owner: str) -> Any:
    """Customers frame of pandas with the three columns of purchase models."""
    import pandas as pd  # here, so that segment loads without it

    days = days_of_unit(model, owner)
    return pd.DataFrame({"frequency": frequency, "recency": recency / days, "T": age / days})


def chance(model: Any, customers: Any, period: float, owner: str) -> Floats:
    """Chance of a purchase in the period, or of being alive where a model tells only that."""
    if hasattr(model, "probability_no_purchase"):
        length = period / days_of_unit(model, owner)
        told = 1.0 - np.asarray(model.probability_no_purchase(customers, length), np.float64)
    else:
        told = np.asarray(model.probability_alive(customers), dtype=np.float64)
    if told.shape != (len(customers),) or not ((told >= 0) & (told <= 1)).all():
        raise DataError(
            f"{owner}: {type(model).__name__} does not give one probability for each customer "
            f"(shape {told.shape}, from {told.min(initial=1):g} to {told.max(initial=0):g})."
        )
    return told
