"""scale.transform: whole customers as the local pipeline describes them."""

import pandas as pd
import pytest

import crmkit as ck
from crmkit import scale
from crmkit.exceptions import DataError
from crmkit.pipelines import CustomerValuePipeline
from crmkit.segment import LifecycleStager
from tests.contracts.spark_session import from_spark, to_spark


@pytest.fixture(scope="module")
def pipeline(events):
    return CustomerValuePipeline(unit="W", churn=None, recommender=None).fit(ck.EventLog(events))


def test_the_pipeline_describes_as_it_does_locally(spark, pipeline, events):
    local = pipeline.transform(ck.EventLog(events))
    returned = events.head(1).assign(customer_id="returns alone", amount=-5.0)
    log = ck.EventLog(to_spark(pd.concat([events, returned])))
    found = scale.transform(pipeline, log, groups=3)
    assert found.columns == local.columns.tolist()
    pd.testing.assert_frame_equal(from_spark(found), local, check_dtype=False, rtol=1e-9)
    assert "clv_rank" not in scale.transform(pipeline, log, rank=False).columns


def test_events_at_the_cutoff_are_unknown(spark, events):
    as_of = events["timestamp"].quantile(0.7).normalize()
    stager = LifecycleStager().fit(ck.EventLog(events), as_of=as_of)
    local = stager.predict_frame(ck.EventLog(events), as_of=as_of)
    log = ck.EventLog(to_spark(events))
    found = scale.transform(stager, log, method="predict_frame", as_of=as_of, groups=2)
    pd.testing.assert_frame_equal(from_spark(found), local, check_dtype=False)


def test_refusals(spark, pipeline, events):
    with pytest.raises(DataError, match="the frame of the log must be a Spark data frame"):
        scale.transform(pipeline, ck.EventLog(events))
    with pytest.raises(DataError, match="has no method 'describe'"):
        scale.transform(pipeline, ck.EventLog(to_spark(events)), method="describe")
    with pytest.raises(DataError, match="an EventLog is needed"):
        scale.transform(pipeline, to_spark(events))


def test_small_purchases_may_not_count_and_names_hold_dots(spark, events):
    odd = events.rename(columns={"customer_id": "who.", "amount": "paid.net"})
    settings = {"customer": "who.", "amount": "paid.net", "min_amount": 5.0}
    log = ck.EventLog(odd, **settings)
    fitted = CustomerValuePipeline(unit="W", churn=None, recommender=None).fit(log)
    found = scale.transform(fitted, ck.EventLog(to_spark(odd), **settings), groups=3)
    local = fitted.transform(log)
    assert 0 < len(local) < odd["who."].nunique()
    pd.testing.assert_frame_equal(from_spark(found), local, check_dtype=False, rtol=1e-9)
