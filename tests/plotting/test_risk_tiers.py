"""plot_risk_tiers: bars and names by hand, frames of every library, what RiskTiers gives."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit.churn import RiskTiers
from crmkit.exceptions import DataError
from crmkit.plotting import plot_risk_tiers
from tests.plotting._churned import CHURNED, RISK, axes, legend

SUMMARY = pd.DataFrame(
    {
        "tier": ["high", "middle", "low"],
        "n_customers": [20, 0, 80],
        "mean_probability": [0.7, np.nan, 0.1],
        "churn_rate": [0.65, np.nan, 0.125],
    }
)


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
    ax = plot_risk_tiers(kind(SUMMARY), ax=axes())
    assert widths(ax) == [[0.7, 0, 0.1], [0.65, 0, 0.125]]
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "high\n20 (20 %)",
        "middle\n0 (0 %)",
        "low\n80 (80 %)",
    ]
    assert [t.get_text() for t in ax.texts] == ["70 %", "", "10 %", "65 %", "", "12 %"]
    assert legend(ax) == ["predicted", "churned"]
    assert ax.yaxis_inverted()


def test_without_outcome_one_bar():
    ax = plot_risk_tiers(SUMMARY.drop(columns="churn_rate"), ax=axes())
    assert widths(ax) == [[0.7, 0, 0.1]]
    assert legend(ax) == ["predicted"]


def test_the_summary_of_risk_tiers_is_drawn():
    summary = RiskTiers().fit(RISK).summary(RISK, y=CHURNED)
    assert widths(plot_risk_tiers(summary, ax=axes())) == [
        summary["mean_probability"].tolist(),
        summary["churn_rate"].tolist(),
    ]


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="plot_risk_tiers: column 'n_customers' not found"):
        plot_risk_tiers(SUMMARY.drop(columns="n_customers"), ax=axes())
