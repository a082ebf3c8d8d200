"""What pictures share: no global state, a clear word without matplotlib, readable numbers."""

import sys
from types import SimpleNamespace

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmkit import plotting
from crmkit.exceptions import MissingExtraError
from crmkit.plotting._style import as_number, as_percent, families

SUMMARY = pd.DataFrame(
    {"segment": ["A", "B"], "share_of_customers": [0.5, 0.5], "share_of_revenue": [0.9, 0.1]}
)
CUSTOMERS = pd.DataFrame({"days_since_last": [3, 5, 40], "n_orders": [1, 1, 6]})


REPORT = SimpleNamespace(
    calibration_frequency=[0, 0, 1],
    actual=[0, 1, 2],
    predictions={"model": [0.3, 0.4, 1.0], "mean": [1.0, 1.0, 1.0]},
    horizon=39.0,
    unit="W",
)


CALLS = [
    (plotting.plot_segments, SUMMARY),
    (plotting.plot_recency_frequency, CUSTOMERS),
    (plotting.plot_value_distribution, [1.0, 2.0, 3.0]),
    (plotting.plot_concentration, [1.0, 2.0, 3.0]),
    (plotting.plot_holdout, REPORT),
]
each_plot = pytest.mark.parametrize(("plot", "result"), CALLS, ids=lambda p: str(p)[:30])


def test_no_plot_is_left_out():
    assert {plot.__name__ for plot, _ in CALLS} == set(plotting.__all__)


@each_plot
def test_given_axes_are_drawn_on_and_nothing_global_changes(plot, result):
    from matplotlib import pyplot

    ax = Figure().add_subplot()
    before = dict(mpl.rcParams)
    assert plot(result, ax=ax) is ax
    assert pyplot.get_fignums() == []
    assert dict(mpl.rcParams) == before
    assert ax.get_title(loc="left")
    assert ax.get_xlabel()


@each_plot
def test_without_axes_one_figure_is_made(plot, result):
    from matplotlib import pyplot

    try:
        ax = plot(result)
        assert pyplot.get_fignums() == [ax.figure.number]
        ax.figure.canvas.draw()
    finally:
        pyplot.close("all")


@each_plot
def test_without_matplotlib_the_extra_is_named(plot, result, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r'plot_\w+ needs matplotlib.*"crmkit\[plot\]"'):
        plot(result)


def test_numbers_are_short_and_grouped():
    assert [as_number(v) for v in (0, 0.25, 3, 12.3456, 12345.6, -1e6)] == [
        "0",
        "0.25",
        "3",
        "12.3",
        "12,346",
        "-1,000,000",
    ]
    assert as_percent(0.256) == "26 %"


def test_chinese_names_ask_for_a_chinese_font_only_where_needed():
    usual = list(mpl.rcParams["font.family"])
    assert families(["Champions", "Müller"]) == usual
    assert families(["重要价值客户"])[: len(usual)] == usual
