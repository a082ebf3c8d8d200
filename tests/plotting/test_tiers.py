"""plot_tiers: bars and names by hand, frames of every library, tiers without value."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_tiers
from crmkit.segment import ValueTiers
from tests.plotting._churned import axes, legend

TIERS = ValueTiers(("low", "middle", "high"), by="thresholds", edges=(100, 1234.5))
TOLD = TIERS.fit([[2000.0], [1000.0], [600.0], [400.0], [0.0]]).describe()


def widths(ax):
    return [[bar.get_width() for bar in bars] for bars in ax.containers]


@pytest.mark.parametrize(
    "kind",
    [
        pd.DataFrame,
        pl.from_pandas,
        lambda x: pl.from_pandas(x).lazy(),
        lambda x: pa.Table.from_pandas(x, preserve_index=False),
    ],
    ids=["pandas", "polars", "lazy", "pyarrow"],
)
def test_bars_and_names(kind):
    ax = plot_tiers(kind(TOLD), ax=axes())
    assert widths(ax) == [[0.2, 0.6, 0.2], [0.5, 0.5, 0]]
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["high\nfrom 1,234", "middle\nfrom 100", "low"]
    assert [t.get_text() for t in ax.texts] == ["20 %", "60 %", "20 %", "50 %", "50 %", "0 %"]
    assert legend(ax) == ["share of customers", "share of revenue"]
    assert ax.yaxis_inverted()


def test_no_revenue_and_negative_revenue():
    none = TIERS.describe([[0.0], [0.0]])
    assert widths(plot_tiers(none, ax=axes()))[1] == [0, 0, 0]
    below = TIERS.describe([[2000.0], [-1000.0]])
    ax = plot_tiers(below, ax=axes())
    assert widths(ax)[1] == [2, 0, -1]
    assert ax.get_xlim()[0] == pytest.approx(-1.15)


def test_chinese_names_have_their_font():
    ax = plot_tiers(ValueTiers(language="zh").fit(np.arange(1.0, 9)[:, None]).describe(), ax=axes())
    assert ax.get_yticklabels()[0].get_text().startswith("钻石客户\nfrom ")


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="plot_tiers: column 'from_value' not found"):
        plot_tiers(TOLD.drop(columns="from_value"), ax=axes())
