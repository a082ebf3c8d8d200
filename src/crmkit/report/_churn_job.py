"""The part of the whole job that is about churn: what was asked, and its test on past data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sklearn.base import clone

from crmkit.churn import RetentionValue
from crmkit.events import EventLog
from crmkit.exceptions import DataError
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline, churn_holdout
from crmkit.report._churn_content import ChurnContent
from crmkit.report._numbers import span
from crmkit.report._past import on_past_data

OWNER = "crmkit report"
ACCEPTANCE = 0.3  # the mean of Verbraken, Verbeke and Baesens (2013); see RetentionValue


@dataclass(frozen=True)
class ChurnJob:
    """What to tell of churn; the horizon is in days, None is found from the log."""

    horizon: float | str | None = None
    offer_cost: float | None = None
    contact_cost: float | None = None
    acceptance: float | None = None


def recipe_of(job: ChurnJob | None) -> ChurnPipeline | str | None:
    """What the pipeline is told of churn."""
    if job is None:
        return None
    return "auto" if job.horizon is None else ChurnPipeline(horizon=job.horizon)


def offer_of(job: ChurnJob | None) -> RetentionValue | None:
    """The offer of a job: a cost that is not given is 0; None where none is given."""
    if job is None:
        return None
    if job.offer_cost is None and job.contact_cost is None:
        if job.acceptance is not None:
            raise DataError(
                f"{OWNER}: an acceptance alone tells no profit: give --offer-cost, "
                "--contact-cost, or both."
            )
        return None
    offer = RetentionValue(
        offer_cost=job.offer_cost or 0.0,
        contact_cost=job.contact_cost or 0.0,
        acceptance=ACCEPTANCE if job.acceptance is None else job.acceptance,
    )
    offer.expected_profit([0.5], [1.0])  # refuses costs below 0 and shares above 1 before the work
    return offer


def churn_content(
    pipe: CustomerValuePipeline,
    log: EventLog,
    cutoff: datetime,
    check: bool,
    say: Callable[[str], None],
) -> ChurnContent | None:
    """What the report tells of churn, with a test of the recipe where the log allows it."""
    recipe = pipe.churn_
    if pipe.churn_horizon_ is None:
        if not pipe.churn_note_:
            return None
        say("who is about to leave cannot be told")
        return ChurnContent.from_pipeline(pipe)
    if recipe is None:
        say("churn cannot be learnt from this log: the purchase model tells the risk")
        return ChurnContent.from_pipeline(pipe)
    say(f"learnt churn within {span(recipe.horizon_, 'D')} from {recipe.training_}")
    if not check:
        return ChurnContent.from_pipeline(pipe)
    again = clone(recipe).set_params(horizon=recipe.horizon_)
    made, note = on_past_data(
        lambda: churn_holdout(log, cutoff, again), "a test of the risk", "the risk", say
    )
    return ChurnContent.from_pipeline(pipe, check=made, check_note=note)
