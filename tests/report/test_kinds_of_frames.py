"""The whole page from logs of pandas and polars: the same customers, the same page."""

import polars as pl
import pytest

from crmkit import EventLog
from crmkit.pipelines import CustomerValuePipeline
from crmkit.report import (
    MovementContent,
    ProfileContent,
    ReportContent,
    UnusualContent,
    render_report,
)
from crmkit.segment import CustomerProfile
from tests.report._moved import DAY
from tests.report._tagged import lines

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")


def page_of(frame):
    """The page of a log with everything but churn and offers."""
    log = EventLog(frame, order="order")
    pipe = CustomerValuePipeline(churn=None, recommender=None)
    customers = pipe.fit_transform(log, as_of=DAY)
    tags = CustomerProfile("kind", "channel", stager=pipe.stager_)
    content = ReportContent.from_pipeline(
        pipe,
        log,
        customers,
        movement=MovementContent.from_log(pipe.stager_, log, as_of=DAY),
        profile=ProfileContent.from_log(tags, log, as_of=DAY),
        unusual=UnusualContent.from_log(log, as_of=DAY),
    )
    return render_report(content)


def test_pandas_and_polars_give_the_same_page():
    pandas = page_of(lines())
    assert page_of(pl.from_pandas(lines())) == pandas
    assert page_of(pl.from_pandas(lines()).lazy()) == pandas
    for said in (
        "Who moved?",
        "a preference for “",
        "returns in 10 days",
        "Tiers of expected",
    ):
        assert said in pandas, said
