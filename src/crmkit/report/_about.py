"""On whom the numbers of a report are measured, and when."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from crmkit._units import DAYS
from crmkit.report._content import ReportContent
from crmkit.report._document import About
from crmkit.report._numbers import plural


def everybody(content: ReportContent) -> About:
    """What is known of all customers at the valuation."""
    return About(f"{whom(content)} with a purchase before the cut-off", content.as_of)


def ahead(content: ReportContent) -> About:
    """What is expected of all customers within the horizon, where that was learnt."""
    about = everybody(content)
    if not content.valued:
        return about
    return About(about.population, content.as_of, end_of(content))


def active(content: ReportContent) -> About:
    """What is expected of those the section on churn is about."""
    days = 0 if content.churn is None else content.churn.horizon
    n = int(content.is_active.sum())
    until = content.as_of + timedelta(days=days) if days else None
    return About(plural(n, content.whom), content.as_of, until)


def holdout_about(content: ReportContent) -> About:
    """The check of the forecast on past data."""
    found = content.holdout
    n = plural(int(found.n_customers), "customer")
    return About(f"{n} with a purchase before the cut-off of the check", found.as_of, found.until)


def risk_about(check: Any) -> About:
    """The test of the risk on past data."""
    n = plural(len(check.y), "customer")
    begin, end = (
        instant(when) for when in (check.tested.cutoff.min(), check.tested.label_end.max())
    )
    return About(f"{n} who were active at the cut-off of the test", begin, end)


def offers_about(check: Any, n: int) -> About:
    """The test of the offers on past data."""
    begin = instant(check.cutoffs[0])
    until = begin + timedelta(days=float(check.horizon))
    return About(f"{plural(n, 'customer')} known at the cut-off who bought", begin, until)


def log_about(content: ReportContent) -> About:
    """All rows of the log, those behind the cut-off too."""
    return About(f"{plural(content.events.n_rows, 'row')} of the log", None)


def whom(content: ReportContent) -> str:
    """All customers, counted."""
    return f"all {plural(content.n_customers, 'customer')}"


def end_of(content: ReportContent) -> datetime | None:
    """End of the horizon; None where it has none. Months are of mean length."""
    length = content.horizon * DAYS[content.unit]
    return content.as_of + timedelta(days=length) if length < 1e5 else None


def instant(value: Any) -> datetime:
    """An instant as datetime."""
    if isinstance(value, datetime):
        return value
    made: datetime = np.datetime64(value, "s").item()
    return made


def facts_of(content: ReportContent) -> dict[str, Any]:
    """What holds for the whole report."""
    return {
        "as_of": content.as_of,
        "horizon": content.horizon,
        "unit": content.unit,
        "horizon_end": end_of(content),
        "discount_rate": content.discount_rate,
        "margin": content.margin,
        "n_customers": content.n_customers,
    }
