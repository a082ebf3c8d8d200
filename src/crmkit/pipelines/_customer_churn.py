"""Churn risk for every customer: the classifier for the active, the purchase model for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit._units import DAYS
from crmkit._validation import Floats
from crmkit.churn import RetentionValue
from crmkit.churn._population import EmptyPopulationError
from crmkit.events import EventLog
from crmkit.exceptions import DataError, DataWarning, warn_user
from crmkit.pipelines._churn import ChurnPipeline
from crmkit.pipelines._churn_plan import TooLittleError, choose_horizon, day_of

OWNER = "CustomerValuePipeline"
AUTO = "auto"
CLASSIFIER, PURCHASES = "classifier", "purchase model"
NO_PURCHASE = "probability of no purchase by the purchase model"
OFFERED = ("expected_profit", "treat")


@dataclass(frozen=True, eq=False)
class Seen:
    """Features of the active customers as an eager frame with their ids; None where nobody is."""

    features: Any


@dataclass(frozen=True, eq=False)
class Risk:
    """Risk of each customer, where it comes from, and why."""

    probability_churn: Floats
    churn_source: npt.NDArray[np.str_]
    churn_reasons: npt.NDArray[np.str_]


def recipe_of(churn: Any) -> ChurnPipeline | None:
    """The recipe that a parameter means; None where churn is left out."""
    if churn is None or isinstance(churn, ChurnPipeline):
        return churn
    if isinstance(churn, str) and churn == AUTO:
        return ChurnPipeline()
    raise DataError(
        f'{OWNER}: churn must be a ChurnPipeline, "auto" or None, got {churn!r}. For another '
        "horizon: ChurnPipeline(horizon=...)."
    )


def check_offer(offer: Any, recipe: ChurnPipeline | None) -> None:
    """Refuse what is no offer, and an offer without a risk."""
    if offer is not None and not isinstance(offer, RetentionValue):
        raise DataError(
            f"{OWNER}: offer must be a RetentionValue, such as RetentionValue(offer_cost=10.0, "
            f"contact_cost=1.0, acceptance=0.3), or None, got {offer!r}."
        )
    if offer is not None and recipe is None:
        raise DataError(
            f"{OWNER}: the profit of an offer needs the churn risk, which churn=None leaves out. "
            'Pass churn="auto", or offer=None.'
        )


def learnt_churn(
    recipe: ChurnPipeline | None, log: EventLog, as_of: Any, *, is_default: bool, unvalued: str
) -> tuple[ChurnPipeline | None, int | None, str]:
    """Fitted recipe, its horizon and no note; where the log does not allow it, why and a warning.

    Faults of a recipe that somebody made are raised; only a log too short is told. `unvalued` is
    why there is no purchase model, without which there is no risk either; "" where there is one.
    """
    if recipe is None:
        return None, None, ""
    if unvalued:
        return None, None, unvalued
    told = DataError if is_default else TooLittleError
    try:
        fitted = recipe.fit(log, as_of=as_of)
    except told as error:
        warn_user(
            f"{OWNER}: churn cannot be learnt from this log, so probability_churn is what the "
            f"{PURCHASES} says, for all customers. {error} Pass churn=None to leave it out.",
            DataWarning,
        )
        return None, horizon_without(recipe, log, as_of), str(error)
    return fitted, fitted.horizon_, ""


def horizon_without(recipe: ChurnPipeline, log: EventLog, as_of: Any) -> int:
    """Days of the horizon where the recipe itself cannot be fitted."""
    return choose_horizon(log, day_of(log, as_of, OWNER), recipe.horizon, OWNER)[0]


def risk_of(
    customers: Any,
    customer: str,
    seen: Seen,
    fitted: ChurnPipeline | None,
    purchases: tuple[Any, float],
) -> Risk:
    """Risk of all customers; `purchases` are the fitted model and the horizon in its unit."""
    model, horizon = purchases
    scored = None
    if fitted is not None and seen.features is not None:
        scored = fitted._risk(seen.features)
        ids, own_ids = (
            _frames.column_values(table, customer, OWNER) for table in (seen.features, customers)
        )
        if np.array_equal(ids, own_ids):  # all are active
            return Risk(scored[0], np.full(len(ids), CLASSIFIER), scored[1])
    risk = np.array(model.probability_no_purchase(customers, horizon), dtype=np.float64)
    source = np.full(len(risk), PURCHASES)
    if fitted is None:
        told = [f"churn could not be learnt from this log: {NO_PURCHASE}"] * len(risk)
        return Risk(risk, source, np.array(told, dtype=str))
    since = _frames.column_values(customers, "days_since_last", OWNER).tolist()
    why = f"outside the population ({fitted.population_}): {NO_PURCHASE}"
    reasons = np.array([f"{ago(days)}, {why}" for days in since], dtype=object)
    if scored is not None:
        rows = _frames.places_of(ids, own_ids)
        risk[rows], reasons[rows], source[rows] = *scored, CLASSIFIER
    return Risk(risk, source, reasons.astype(str))


def ago(days: int) -> str:
    """When a customer outside the population bought last: long ago, or since midnight."""
    if days < 1:
        return "bought since the midnight at which churn is looked at"
    return f"last purchase {days} day{'' if days == 1 else 's'} ago"


def seen_at(fitted: ChurnPipeline | None, log: EventLog, as_of: Any) -> Seen:
    """Look at the active customers at the midnight of a cut-off."""
    day = day_of(log, as_of, OWNER)
    if fitted is None or day <= log.first_event.date():  # nobody bought before that midnight
        return Seen(None)
    try:
        return Seen(_frames.to_eager(fitted._seen(log, day)))
    except EmptyPopulationError:
        return Seen(None)


def churn_columns(
    customers: Any, risk: Risk, clv: Floats, offer: RetentionValue | None
) -> Mapping[str, npt.NDArray[Any]]:
    """Columns of risk, of value at risk and, with an offer, of its profit, as they are shown."""
    add: dict[str, npt.NDArray[Any]] = {**vars(risk), "value_at_risk": risk.probability_churn * clv}
    if offer is not None:
        decided = offer.predict_frame(customers, probability=risk.probability_churn, clv=clv)
        add |= {name: _frames.column_values(decided, name, OWNER) for name in OFFERED}
        classified = risk.churn_source == CLASSIFIER
        if classified.any():  # nobody has tested what an offer does to those silent for long
            add["treat"] = add["treat"].astype(bool) & classified
    return add


def in_unit_of_ages(days: int, unit: str) -> float:
    """Days in the unit of a customer table; a month has its mean length."""
    return days / DAYS[unit]
