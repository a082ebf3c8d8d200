"""What pictures of models share: is it fitted, what it reads, what it says of new customers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit._units import in_unit
from crmkit._validation import Floats, check_choice, check_real
from crmkit.events._summarize import PERIODS_OF_UNIT, Unit
from crmkit.exceptions import DataError
from crmkit.plotting._style import UNITS

Integers = npt.NDArray[np.int64]

PURCHASE_MODEL = ("predict", "probability_alive", "probability_no_purchase")
KNOWN = {"frequency", "recency", "T", "sum_log_gaps"}


def check_model(
    model: Any, owner: str, methods: tuple[str, ...] = PURCHASE_MODEL, kind: str = "purchase"
) -> None:
    """Refuse what is no fitted model with these methods."""
    lacking = [name for name in methods if not callable(getattr(model, name, None))]
    if lacking:
        raise DataError(
            f"{owner}: a fitted {kind} model of crmkit.clv is needed, got {type(model).__name__}, "
            f"which has no {', '.join(lacking)}."
        )
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise DataError(
            f"{owner}: the {type(model).__name__} is not fitted. Call fit(customers) first."
        ) from None


def unit_of_model(model: Any) -> Unit | None:
    """Unit of the ages that the model was fitted on: "h", "D", "W" or "M"; None if not known."""
    unit: Unit | None = getattr(model, "unit_", None)
    return unit if unit is not None else getattr(model, "unit", None)


def known_unit(model: Any, owner: str) -> Unit:
    """Unit of the model, or what to do where it is not known."""
    unit = unit_of_model(model)
    if unit is None:
        raise DataError(
            f"{owner}: the unit of the model is not known, so its ages have no place in time. "
            f'State it: {type(model).__name__}(unit="W").'
        )
    return unit


def merge_period(period: Unit | None, unit: Unit, owner: str) -> Unit:
    """The period within which purchases merge: the one that `summarize` takes for the unit."""
    if period is None:
        return "h" if unit == "h" else "D"
    check_choice(period, "period", PERIODS_OF_UNIT[unit], owner)
    return period


def period_begins(numbers: Integers, period: Unit) -> npt.NDArray[np.datetime64]:
    """The instants at which periods begin, to the minute."""
    if period == "W":  # weeks begin on Monday
        return (7 * numbers - 3).astype("datetime64[D]").astype("datetime64[m]")
    return numbers.astype(f"datetime64[{period}]").astype("datetime64[m]")


def counts_opportunities(
    model: Any, owner: str, covariates: Mapping[str, float] | None = None
) -> bool:
    """Whether ages are whole numbers for the model, with at most one purchase at each."""
    half = np.array([0.5])
    within = {"frequency": np.ones(1), "recency": half, "T": half}
    rows = rows_for(model, within, owner, covariates)
    try:
        model.probability_alive(rows)
    except DataError:
        return True
    return False


def unit_words(model: Any) -> str:
    """The unit of the model in words, for the axes."""
    unit = unit_of_model(model)
    return "units of T" if unit is None else UNITS[unit]


def age_in_unit(age: object, model: Any, owner: str, name: str) -> float:
    """Length above 0 in the unit of the model, from a number or text such as "39W"."""
    length = in_unit(age, unit_of_model(model), owner, name)
    if length == 0:
        raise DataError(f"{owner}: {name} must be above 0, got {age!r}.")
    return length


def further_columns(model: Any) -> list[str]:
    """Names of the covariates that the model reads beside the history of a customer."""
    return [str(name) for name in getattr(model, "feature_names_in_", []) if name not in KNOWN]


def rows_for(
    model: Any,
    columns: dict[str, Floats],
    owner: str,
    covariates: Mapping[str, float] | None = None,
) -> Any:
    """Customers as the model reads them, from `frequency`, `recency` and `T` (pandas or array).

    A model of regular buyers also reads `sum_log_gaps`; where it is not given the gaps of a
    customer are taken to be equal. All have the same `covariates`.
    """
    frequency, recency = columns["frequency"], columns["recency"]
    if not hasattr(model, "feature_names_in_"):
        return np.column_stack([frequency, recency, columns["T"]])
    names = [str(name) for name in model.feature_names_in_]
    for name in further_columns(model):
        check_covariate(name, covariates or {}, model, owner)
        columns = columns | {name: np.full(len(frequency), float((covariates or {})[name]))}
    if "sum_log_gaps" in names and "sum_log_gaps" not in columns:
        even = recency / np.maximum(frequency, 1.0)
        columns = columns | {
            "sum_log_gaps": frequency * np.log(even, out=np.zeros_like(even), where=even > 0)
        }
    return pd.DataFrame({name: columns[name] for name in names})


def check_covariate(name: str, covariates: Mapping[str, float], model: Any, owner: str) -> None:
    """Refuse a missing or impossible value of a covariate."""
    if name not in covariates:
        example = ", ".join(f"{key!r}: ..." for key in further_columns(model))
        raise DataError(
            f"{owner}: {type(model).__name__} also reads {name!r}, got {dict(covariates)!r}. Say "
            f"of which customers the picture is: covariates={{{example}}}."
        )
    check_real(covariates[name], f"covariates[{name!r}]", owner, low=-np.inf)


def new_customer(model: Any, owner: str, covariates: Mapping[str, float] | None = None) -> Any:
    """One customer at the moment of the first purchase, as the model reads it."""
    zero = np.zeros(1)
    new = {"frequency": zero, "recency": zero, "T": zero}
    return rows_for(model, new, owner, covariates)
