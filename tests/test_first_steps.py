"""The mistakes of a first afternoon: every message says what to do."""

import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import crmkit as ck
from crmkit import churn, clv, pipelines, recommend, segment
from crmkit.exceptions import DataError

FRAME = pd.DataFrame(
    {
        "customer_id": ["a", "a", "b"],
        "timestamp": pd.to_datetime(["2024-01-05", "2024-02-01", "2024-01-20"]),
        "amount": [20.0, 30.0, 15.0],
    }
)
LOG = ck.EventLog(FRAME)


def changed(**columns):
    return ck.EventLog(FRAME.assign(**columns))


MISTAKES = {
    "a column of another name": (
        lambda: ck.EventLog(FRAME.rename(columns={"customer_id": "CustomerID"})),
        "Did you mean customer='CustomerID'?",
    ),
    "a path": (lambda: ck.EventLog("events.csv"), "Read the file first, for example pd.read_csv"),
    "an array": (lambda: ck.EventLog(FRAME.to_numpy()), "a frame is needed (pandas, polars"),
    "an empty table": (
        lambda: ck.summarize(ck.EventLog(FRAME.head(0))), "Check the file or the filter before it",
    ),
    "dates as text": (
        lambda: ck.summarize(changed(timestamp=["05/01/2024"] * 3)),
        "parse it first, for example pd.to_datetime(frame['timestamp']",
    ),
    "amounts as text": (
        lambda: ck.summarize(changed(amount=["20,5", "30", "1"])),
        "(first '20,5'): it must hold numbers, convert it first, for example pd.to_numeric(frame",
    ),
    "ids with gaps": (
        lambda: ck.summarize(changed(customer_id=[1.0, 1.0, None])),
        "missing ids turn numbers into floats, read it as text",
    ),
    "a frame where a log is needed": (
        lambda: pipelines.CustomerValuePipeline().fit(FRAME), "Wrap the frame first: EventLog(",
    ),
    "a log where customers are needed": (
        lambda: clv.BetaGeoModel().fit(LOG),
        "one row a customer is needed, got an EventLog: make customers of them first: "
        "crmkit.summarize(log)",
    ),
    "a log where customers are scored": (
        lambda: segment.RFMSegmenter().fit(LOG), "crmkit.summarize(log)",
    ),
    "events where customers are needed": (
        lambda: clv.BetaGeoModel().fit(FRAME), "If these are events, one row a purchase: make cust",
    ),
    "events where customers are scored": (
        lambda: segment.RFMSegmenter().fit(FRAME), "crmkit.summarize(EventLog(frame, customer=",
    ),
    "a date in words": (
        lambda: ck.summarize(LOG, as_of="next week"), "Write it year first, such as '2011-10-01'",
    ),
    "a date before the data": (
        lambda: ck.summarize(LOG, as_of="2020-01-01"), "choose a later one",
    ),
    "a unit in words": (
        lambda: ck.summarize(LOG, unit="week"), "unit must be one of ['h', 'D', 'W', 'M']",
    ),
    "offers without items": (
        lambda: recommend.EASE().fit(LOG), "EventLog(frame, ..., item='product_id')",
    ),
    "churn without labels": (
        lambda: churn.ChurnClassifier().fit(ck.summarize(LOG)), "Pass 1 for each customer who",
    ),
    "a class for a model": (
        lambda: pipelines.CustomerValuePipeline(value=clv.CustomerLifetimeValue).fit(LOG),
        "value must be a CustomerLifetimeValue",
    ),
    "two rows of customers": (
        lambda: clv.GammaGammaModel().fit(ck.summarize(LOG)), "Fit on all customers, or take",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_message_says_what_to_do(mistake):
    make, told = MISTAKES[mistake]
    with pytest.raises(DataError) as error:
        make()
    assert told in str(error.value)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    "ask",
    [
        lambda: pipelines.CustomerValuePipeline().transform(LOG),
        lambda: clv.BetaGeoModel().predict(ck.summarize(LOG), 4),
        lambda: recommend.EASE().recommend(),
        lambda: segment.RFMSegmenter().predict(ck.summarize(LOG)),
    ],
)
def test_what_is_not_fitted_says_to_fit(ask):
    with pytest.raises(NotFittedError, match=r"not fitted yet\. Call 'fit'"):
        ask()
