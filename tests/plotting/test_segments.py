"""plot_segments: bars and labels by hand, frames of every library."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_segments

SUMMARY = pd.DataFrame(
    {
        "segment": ["Champions", "Promising", "Lost"],
        "share_of_customers": [0.2, 0.3, 0.5],
        "share_of_revenue": [0.7, 0.2, 0.1],
    }
)


def drawn(summary):
    ax = plot_segments(summary, ax=Figure().add_subplot())
    return [[bar.get_width() for bar in bars] for bars in ax.containers], ax


@pytest.mark.parametrize(
    "kind",
    [
        pd.DataFrame,
        pl.from_pandas,
        lambda x: pl.from_pandas(x).lazy(),
        lambda x: pa.Table.from_pandas(x, preserve_index=False),
        duckdb.from_df,
    ],
    ids=["pandas", "polars", "lazy", "pyarrow", "duckdb"],
)
def test_bars_show_the_shares(kind):
    widths, ax = drawn(kind(SUMMARY))
    assert widths == [[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Champions", "Promising", "Lost"]
    assert [t.get_text() for t in ax.texts] == ["20 %", "30 %", "50 %", "70 %", "20 %", "10 %"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "share of customers",
        "share of revenue",
    ]


def test_the_first_segment_is_at_the_top_and_the_input_stays():
    before = SUMMARY.copy(deep=True)
    _, ax = drawn(SUMMARY)
    assert ax.yaxis_inverted()
    pd.testing.assert_frame_equal(SUMMARY, before)


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="plot_segments: column 'share_of_revenue' not found"):
        drawn(SUMMARY.drop(columns="share_of_revenue"))
