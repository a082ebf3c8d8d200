"""ReportContent: numbers read from any frame, and what it refuses."""

import warnings
from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

from crmkit import EventLog
from crmkit.clv import CustomerLifetimeValue
from crmkit.exceptions import DataError
from crmkit.pipelines import CustomerValuePipeline
from crmkit.report import ReportContent
from tests.report._made import CUSTOMERS, content


@pytest.mark.parametrize(
    "kind",
    [lambda x: x, pl.from_pandas, lambda x: pa.Table.from_pandas(x, preserve_index=False)],
    ids=["pandas", "polars", "pyarrow"],
)
def test_every_library_reads_alike(kind):
    made = ReportContent(kind(CUSTOMERS), None, None, None, 52.0, "W")
    assert made.n_customers == 6
    assert list(made.ids) == CUSTOMERS["id"].tolist()
    assert list(made.segment) == CUSTOMERS["segment"].tolist()
    assert made.top_tenth_of_revenue == pytest.approx(0.6 * 1000 / 1500)
    assert made.top_tenth_of_value == pytest.approx(0.6 * 600 / 794)


def test_a_fitted_pipeline_says_all_but_the_check():
    days = pd.date_range("2024-01-01", periods=40, freq="5D")
    events = pd.DataFrame({"customer_id": [f"c{i % 7}" for i in range(40)], "timestamp": days})
    log = EventLog(events.assign(amount=np.arange(40) + 1.0))
    value = CustomerLifetimeValue(horizon=13, margin=0.5, discount_rate=0.2, unit="W")
    pipe = CustomerValuePipeline(unit="W", value=value)
    with pytest.raises(NotFittedError):
        ReportContent.from_pipeline(pipe, log)
    with warnings.catch_warnings():  # seven customers tell little
        warnings.simplefilter("ignore")
        table = pipe.fit_transform(log, as_of="2024-06-01")
    made = ReportContent.from_pipeline(pipe, log, title="Seven")
    assert made.as_of == datetime(2024, 6, 1)
    assert (made.horizon, made.unit, made.margin, made.discount_rate) == (13.0, "W", 0.5, 0.2)
    assert list(made.models) == ["BetaGeoModel", "GammaGammaModel"]
    assert made.title == "Seven"
    assert made.holdout is None
    pd.testing.assert_frame_equal(made.customers, table)
    assert made.events == log.report()


def test_negative_totals_count_as_zero_and_no_total_has_no_share():
    made = content(CUSTOMERS.assign(total_amount=[-5.0, 0, 0, 0, 0, 0], clv=0.0), segments=None)
    assert made.revenue.tolist() == [0.0] * 6
    assert np.isnan(made.top_tenth_of_revenue)
    assert np.isnan(made.top_tenth_of_value)


def test_faults_are_named():
    with pytest.raises(DataError, match="ReportContent: column 'clv' not found"):
        content(segments=None, customers=CUSTOMERS.drop(columns="clv")).numbers  # noqa: B018
    with pytest.raises(DataError, match=r"'clv' has 1 NaN \(first at row 0\)"):
        content(CUSTOMERS.assign(clv=[np.nan, 1, 1, 1, 1, 1])).numbers  # noqa: B018
    with pytest.raises(DataError, match="ReportContent: the frame has no customers"):
        content(segments=None, customers=CUSTOMERS.head(0)).numbers  # noqa: B018
