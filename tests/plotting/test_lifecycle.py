"""plot_lifecycle: bars of sizes and revenue, points of customers, borders, errors."""

from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

import crmkit as ck
from crmkit.clv import NBDModel
from crmkit.exceptions import DataError
from crmkit.plotting import plot_lifecycle
from crmkit.segment import LifecycleStager


@cache
def log():
    return ck.EventLog(ck.datasets.make_customers(300, random_state=2).events)


@cache
def stager(**options):
    return LifecycleStager(**options).fit(log(), as_of="2023-12-01")


def drawn(*args):
    return plot_lifecycle(*args, ax=Figure().add_subplot())


def test_bars_are_shares():
    table = stager().describe()
    ax = drawn(stager())
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(widths[:7], table["share_of_customers"])
    np.testing.assert_allclose(widths[7:], table["share_of_revenue"])
    assert [t.get_text() for t in ax.get_yticklabels()] == table["stage"].tolist()
    assert "revenue of the last 90 days" in ax.get_title(loc="left")
    heights = [bar.get_y() for bar in ax.patches]
    assert heights[0] < heights[1]
    assert ax.yaxis_inverted()


def test_without_money_there_is_one_bar_a_stage():
    bare = ck.EventLog(log().data.query("amount > 0").drop(columns="amount"), amount=None)
    ax = drawn(LifecycleStager().fit(bare, as_of="2023-12-01"))
    assert len(ax.patches) == 7
    assert ax.get_title(loc="left") == "Stages of the life cycle"


def test_points_are_customers_and_lines_are_borders():
    frame = stager().predict_frame(log(), as_of="2024-02-01")
    ax = drawn(stager(), frame)
    assert sum(len(points.get_offsets()) for points in ax.collections) == len(frame)
    for points in ax.collections:
        name, count = points.get_label()[:-1].rsplit(" (", 1)
        own = frame[frame["stage"] == name]
        assert int(count) == len(own)
        np.testing.assert_allclose(points.get_offsets()[:, 0], own["rhythm"])
        np.testing.assert_allclose(points.get_offsets()[:, 1], own["days_since_last"])
    times = [line.get_ydata()[0] / line.get_xdata()[0] for line in ax.lines]
    np.testing.assert_allclose(times, stager().thresholds_[1])
    assert [t.get_text().split(" from")[0] for t in ax.texts] == ["at risk", "dormant", "lost"]


def test_a_narrow_range_has_more_than_one_tick():
    frame = stager().predict_frame(log(), as_of="2024-02-01")
    ax = drawn(stager(), frame[frame["rhythm"].between(3, 30)])
    low, high = ax.get_xlim()
    assert sum(low <= tick <= high for tick in ax.get_xticks()) >= 2


def test_other_frames_and_names_are_drawn():
    chinese = stager(stages="zh")
    frame = pl.from_pandas(chinese.predict_frame(log(), as_of="2024-02-01"))
    ax = drawn(chinese, frame.lazy())
    assert any("流失客户" in t.get_text() for t in ax.get_legend().get_texts())


def test_a_purchase_model_has_no_borders():
    model = LifecycleStager(NBDModel()).fit(log(), as_of="2023-12-01")
    ax = drawn(model, model.predict_frame(log(), as_of="2024-02-01"))
    assert not ax.lines
    assert len(ax.collections) >= 5


def test_errors_teach():
    with pytest.raises(DataError, match="plot_lifecycle: a fitted LifecycleStager is needed"):
        drawn(LifecycleStager())
    with pytest.raises(DataError, match=r"staged must be the frame of stager.predict_frame\(log\)"):
        drawn(stager(), 3)
    with pytest.raises(DataError, match="column 'stage' not found"):
        drawn(stager(), pd.DataFrame({"a": [1]}))
