"""Intervals of totals from a fitted pipeline: around the value, surer for all than for each."""

import numpy as np
import pytest

import crmkit as ck
from crmkit.exceptions import DataError
from crmkit.report import ValueContent

LOG = ck.EventLog(ck.datasets.make_customers(300, random_state=0).events)


@pytest.fixture(scope="module")
def fitted():
    pipeline = ck.pipelines.CustomerValuePipeline(churn=None, recommender=None).fit(LOG)
    return pipeline, pipeline.transform(LOG)


def test_totals_lie_within_their_intervals(fitted):
    pipeline, customers = fitted
    worth = ValueContent.from_pipeline(pipeline, customers)
    total = customers["clv"].sum()
    assert worth.total[0] < total < worth.total[1]
    assert set(worth.segments) == set(customers["segment"])
    relative = [
        (high - low) / customers.loc[customers["segment"] == name, "clv"].sum()
        for name, (low, high) in worth.segments.items()
    ]
    assert (worth.total[1] - worth.total[0]) / total < np.median(relative)


def test_a_higher_level_is_wider_and_the_same_seed_the_same(fitted):
    pipeline, customers = fitted
    narrow = ValueContent.from_pipeline(pipeline, customers, level=0.5, n_draws=50)
    wide = ValueContent.from_pipeline(pipeline, customers, level=0.95, n_draws=50)
    assert wide.total[0] < narrow.total[0] < narrow.total[1] < wide.total[1]
    again = ValueContent.from_pipeline(pipeline, customers, level=0.5, n_draws=50)
    assert again.total == narrow.total


def test_a_level_that_is_no_share_is_refused(fitted):
    with pytest.raises(DataError, match="level"):
        ValueContent.from_pipeline(*fitted, level=1.5)
