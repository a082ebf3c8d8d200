"""ReportContent: numbers read from any frame, and what it refuses."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from crmkit.exceptions import DataError
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
