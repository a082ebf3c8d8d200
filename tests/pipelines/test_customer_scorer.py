"""CustomerScorer: the row of `transform` for one customer, by events told as plain values."""

import pytest

import crmkit as ck
from crmkit.churn import RetentionValue
from crmkit.exceptions import DataError
from crmkit.pipelines import CustomerScorer, CustomerValuePipeline
from tests.pipelines._quick import quick
from tests.pipelines._shop_of_items import neighbours, shop_of_items

AS_OF = "2024-10-01"


@pytest.fixture(scope="module")
def shop():
    return shop_of_items("str")


@pytest.fixture(scope="module")
def pipeline(shop):
    offer = RetentionValue(offer_cost=10.0, contact_cost=1.0, acceptance=0.3)
    made = CustomerValuePipeline(churn=quick(), offer=offer, recommender=neighbours())
    return made.fit(ck.EventLog(shop, item="item"), as_of=AS_OF)


def events_of(shop, customer):
    rows = shop[shop["customer_id"] == customer].to_dict("records")
    return [{**row, "timestamp": row["timestamp"].to_pydatetime()} for row in rows]


def test_score_is_the_row_of_transform(pipeline, shop):
    one = shop[shop["customer_id"] == "c003"].reset_index(drop=True)
    table = pipeline.transform(ck.EventLog(one, item="item"), as_of=AS_OF)
    row = CustomerScorer(pipeline).score(events_of(shop, "c003"), as_of=AS_OF)
    assert row == table.iloc[0].to_dict()


def test_an_unfitted_thing_is_refused():
    with pytest.raises(DataError, match="a fitted CustomerValuePipeline is needed, got str"):
        CustomerScorer("pipeline")
