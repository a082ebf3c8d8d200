"""When a fit is due, which nights are refused, and what has no meaning."""

from datetime import date, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.pipelines import ChurnPipeline, CustomerValuePipeline, DailyScoring
from crmkit.pipelines._daily_plan import check_parameters, pipeline_of, refuse_the_past, why_fit
from crmkit.pipelines._daily_scores import settings_of

FITTED = "2024-04-20T00:00:00"


def fitted(refit="month", pipeline=None):
    settings = settings_of(pipeline_of(pipeline))
    return SimpleNamespace(
        refit=refit, pipeline=pipeline, pipeline_=None, fitted_as_of_=FITTED, settings_=settings
    )


@pytest.mark.parametrize(
    ("refit", "day", "why"),
    [
        ("month", date(2024, 4, 30), ""),
        ("month", date(2024, 5, 1), "for the month"),
        ("month", date(2025, 4, 20), "for the month"),
        ("month", date(2024, 4, 20), ""),
        ("9D", date(2024, 4, 28), ""),
        ("9D", date(2024, 4, 29), "since it was time"),
        (None, date(2026, 1, 1), ""),
    ],
)
def test_when_it_is_due(refit, day, why):
    assert why_fit(fitted(refit), day, None) == why


def test_who_asks_decides():
    assert why_fit(fitted(), date(2024, 4, 21), True) == "as asked"
    assert why_fit(fitted(), date(2024, 5, 1), False) == ""
    assert why_fit(SimpleNamespace(), date(2024, 4, 21), False) == "for the first time"


def test_other_settings_are_a_reason():
    job = fitted()
    job.pipeline = CustomerValuePipeline(level=None)
    assert why_fit(job, date(2024, 4, 21), None) == "since the settings have changed"
    job.pipeline = CustomerValuePipeline(verbose=1)
    assert why_fit(job, date(2024, 4, 21), None) == ""


def test_where_an_object_lies_in_memory_is_no_setting():
    """Another process makes the same generator at another place."""
    here, there = (np.random.RandomState(0) for _ in range(2))
    assert repr(here) != repr(there)
    one, two = (
        settings_of(CustomerValuePipeline(churn=ChurnPipeline(random_state=each)))
        for each in (here, there)
    )
    assert one == two


def test_a_night_before_the_model_is_refused():
    refuse_the_past(fitted(), datetime(2024, 4, 20))
    refuse_the_past(SimpleNamespace(), datetime(1999, 1, 1))
    with pytest.raises(DataError, match="is before 2024-04-20T00:00:00, when the model was fitted"):
        refuse_the_past(fitted(), datetime(2024, 4, 19, 23))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pipeline": "all"}, "pipeline must be a CustomerValuePipeline, got 'all'"),
        ({"refit": "weekly"}, "refit"),
        ({"keep": "12h"}, "keep='12h' must be a whole number of days"),
        ({"watch_days": 3}, "watch_days must be"),
        ({"psi_limit": 0.0}, "psi_limit must be"),
    ],
)
def test_what_has_no_meaning_is_refused(changes, text):
    check_parameters(DailyScoring())
    with pytest.raises(DataError, match=text):
        check_parameters(DailyScoring(**changes))
