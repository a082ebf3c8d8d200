"""What pictures share: no global state, a clear word without matplotlib, readable numbers."""

import sys
from functools import partial
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmkit import plotting
from crmkit.cleaning import quality_report
from crmkit.exceptions import MissingExtraError
from crmkit.metrics import profit_curve
from crmkit.plotting._style import as_number, as_percent, counted, families
from tests.plotting import _segmented
from tests.plotting._evaluated import FOUND
from tests.plotting.models import SPEND, WEEKLY, log_of

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


LOG = log_of([("a", "2024-01-01"), ("a", "2024-01-20"), ("b", "2024-01-03")])
HISTORY = pd.DataFrame({"frequency": [2, 0], "recency": [9.0, 0.0], "T": [20.0, 30.0]})
SPENDS = pd.DataFrame({"frequency": [2, 1], "monetary_value": [9.0, 20.0]})
DRAWS = pd.DataFrame({"r": np.linspace(0.2, 0.3, 50), "alpha": np.linspace(4.0, 5.0, 50)})
POSTERIOR = SimpleNamespace(draws=DRAWS, method="Laplace", effective_sample_size=50.0)
CHURNED, RISK = [1, 0, 1, 0, 0], [0.9, 0.6, 0.5, 0.2, 0.1]
PROFIT = profit_curve(
    CHURNED, RISK, value=100.0, acceptance=0.3, offer_cost=10.0, contact_cost=1.0, n_resamples=20
)
TIERS = pd.DataFrame({"tier": ["A", "B"], "n_customers": [1, 3], "mean_probability": [0.5, 0.1]})
RULES = pd.DataFrame(
    {"antecedent": ["tea"], "consequent": ["pot"], "support": [0.1], "confidence": [0.5], "lift": 2}
)

EVIDENCE = pd.DataFrame(
    {"column": ["any two records", "email"], "a": ["", "x@y.z"], "b": ["", "x@y.z"],
     "agreement": ["", "equal"], "weight": [-7.0, 9.0]}
)  # fmt: skip
SCORES = pd.DataFrame({"threshold": [0.2, 0.8], "precision": [0.9, 1.0], "recall": [1.0, 0.7]})
QUALITY = quality_report(pd.DataFrame({"status": ["a", "b", None] * 9}), duplicates=False)

CALLS = [
    (plotting.plot_segments, SUMMARY),
    (plotting.plot_recency_frequency, CUSTOMERS),
    (plotting.plot_value_distribution, [1.0, 2.0, 3.0]),
    (plotting.plot_concentration, [1.0, 2.0, 3.0]),
    (plotting.plot_holdout, REPORT),
    (plotting.plot_conditional_expectations, REPORT),
    (plotting.plot_tracking, WEEKLY, LOG, "2024-01-15"),
    (plotting.plot_calibration_frequency, WEEKLY, HISTORY),
    (plotting.plot_probability_alive, WEEKLY, 39),
    (partial(plotting.plot_expected_purchases, T=39), WEEKLY, 26),
    (plotting.plot_alive_path, WEEKLY, LOG, "a"),
    (plotting.plot_spend_density, SPEND, SPENDS),
    (plotting.plot_posterior, POSTERIOR),
    (plotting.plot_intervals, [0.5, 2.0], [[0, 1], [0, 4]]),
    (plotting.plot_calibration, CHURNED, RISK),
    (plotting.plot_gain, CHURNED, RISK),
    (plotting.plot_lift, CHURNED, RISK),
    (plotting.plot_roc, CHURNED, RISK),
    (plotting.plot_precision_recall, CHURNED, RISK),
    (plotting.plot_profit, PROFIT),
    (plotting.plot_survival, [1.0, 2.0], [0.7, 0.4]),
    (plotting.plot_risk_tiers, TIERS),
    (plotting.plot_ranking_scores, FOUND),
    (plotting.plot_coverage_accuracy, FOUND),
    (plotting.plot_history_length, FOUND),
    (plotting.plot_rules, RULES),
    (plotting.plot_match_evidence, EVIDENCE),
    (plotting.plot_match_thresholds, SCORES),
    (plotting.plot_entity_sizes, [0, 0, 1]),
    (plotting.plot_quality, QUALITY),
    (plotting.plot_drift, QUALITY.compare(QUALITY)),
    *_segmented.CALLS,
]
NAMES = [getattr(call[0], "func", call[0]).__name__ for call in CALLS]
each_plot = pytest.mark.parametrize("call", CALLS, ids=NAMES)


def test_no_plot_is_left_out():
    assert sorted(NAMES) == sorted(plotting.__all__)


@each_plot
def test_given_axes_are_drawn_on_and_nothing_global_changes(call):
    from matplotlib import pyplot

    plot, *results = call
    figure = Figure()
    ax = figure.add_subplot()
    before = dict(mpl.rcParams)
    assert plot(*results, ax=ax) is ax
    figure.draw_without_rendering()
    assert pyplot.get_fignums() == []
    assert dict(mpl.rcParams) == before
    assert ax.get_title(loc="left")
    assert ax.get_xlabel()


@each_plot
def test_without_axes_one_figure_is_made(call):
    from matplotlib import pyplot

    plot, *results = call
    try:
        ax = plot(*results)
        assert pyplot.get_fignums() == [ax.figure.number]
        ax.figure.canvas.draw()
    finally:
        pyplot.close("all")


@each_plot
def test_without_matplotlib_the_extra_is_named(call, monkeypatch):
    plot, *results = call
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r'plot_\w+ needs matplotlib.*"crmkit\[plot\]"'):
        plot(*results)


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


def test_one_of_a_kind_has_no_plural():
    assert counted(1, "repeat buyers") == "1 repeat buyer"
    assert counted(2357, "customers") == "2,357 customers"
    assert [counted(n, "weeks") for n in (0.5, 1.0, 123 / 7)] == [
        "0.5 weeks",
        "1 week",
        "17.6 weeks",
    ]
    assert counted(1, "units of T") == "1 units of T"
