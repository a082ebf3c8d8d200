"""When to fit anew, which nights can be scored, and whether the parameters have a meaning."""

from datetime import date, datetime
from typing import Any

from crmkit._validation import check_real, check_whole
from crmkit.exceptions import DataError
from crmkit.pipelines._churn_plan import days_in
from crmkit.pipelines._customer_value import CustomerValuePipeline
from crmkit.pipelines._daily_scores import settings_of
from crmkit.pipelines._daily_watch import FEWEST

OWNER = "DailyScoring"
MONTH = "month"


def pipeline_of(pipeline: Any) -> CustomerValuePipeline:
    """The pipeline that the parameter means."""
    made = CustomerValuePipeline() if pipeline is None else pipeline
    if not isinstance(made, CustomerValuePipeline):
        raise DataError(f"{OWNER}: pipeline must be a CustomerValuePipeline, got {made!r}.")
    return made


def check_parameters(job: Any) -> None:
    """Refuse parameters without a meaning."""
    pipeline_of(job.pipeline)
    if job.refit is not None and job.refit != MONTH:
        days_in(job.refit, "refit", OWNER)
    if job.keep is not None:
        days_in(job.keep, "keep", OWNER)
    check_whole(job.watch_days, "watch_days", OWNER, low=FEWEST)
    check_real(job.psi_limit, "psi_limit", OWNER, low=0.0, open_low=True)


def refuse_the_past(job: Any, cutoff: datetime) -> None:
    """Refuse a night before the model, which knows what came after it."""
    if hasattr(job, "pipeline_") and cutoff < datetime.fromisoformat(job.fitted_as_of_):
        raise DataError(
            f"{OWNER}: as_of={cutoff.isoformat()} is before {job.fitted_as_of_}, when the model "
            "was fitted: it knows what came after. Score former nights in a folder of their own."
        )


def why_fit(job: Any, day: date, asked: bool | None) -> str:
    """Why to fit on a day, in words; "" where it is not due."""
    if not hasattr(job, "pipeline_"):
        return "for the first time"
    if asked is not None:
        return "as asked" * asked
    if settings_of(pipeline_of(job.pipeline)) != job.settings_:
        return "since the settings have changed"
    before = date.fromisoformat(job.fitted_as_of_[:10])
    if job.refit is None or day <= before:
        return ""
    if job.refit == MONTH:
        return "for the month" if (day.year, day.month) != (before.year, before.month) else ""
    return "since it was time" if (day - before).days >= days_in(job.refit, "refit", OWNER) else ""
