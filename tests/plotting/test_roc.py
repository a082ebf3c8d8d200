"""plot_roc and plot_precision_recall: curves by hand, scikit-learn's areas."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn import metrics as sk

from crmkit.exceptions import DataError
from crmkit.plotting import plot_precision_recall, plot_roc
from tests.plotting._churned import BOTH, CHURNED, RISK, axes, legend, line

Y, P = [1, 0, 1, 0], [0.9, 0.8, 0.6, 0.1]


def test_roc_by_hand():
    ax = plot_roc(Y, P, ax=axes())
    x, y = line(ax, "these probabilities (area 0.750)")
    assert x.tolist() == [0, 0, 0.5, 0.5, 1]
    assert y.tolist() == [0, 0.5, 0.5, 1, 1]
    assert legend(ax)[1] == "random"


def test_precision_recall_by_hand():
    ax = plot_precision_recall(Y, P, ax=axes())
    x, y = line(ax, "these probabilities (average precision 0.833)")
    assert x.tolist() == [1, 1, 0.5, 0.5, 0]
    np.testing.assert_allclose(y, [0.5, 2 / 3, 0.5, 1, 1])
    assert line(ax, "random (base rate)")[1].tolist() == [0.5, 0.5]


def test_areas_are_those_of_scikit_learn():
    model, noise, _ = legend(plot_roc(CHURNED, BOTH, ax=axes()))
    assert model == f"model (area {sk.roc_auc_score(CHURNED, RISK):.3f})"
    assert noise == f"noise (area {sk.roc_auc_score(CHURNED, BOTH['noise']):.3f})"
    model, _, base = legend(plot_precision_recall(CHURNED, BOTH, ax=axes()))
    assert model == f"model (average precision {sk.average_precision_score(CHURNED, RISK):.3f})"
    assert base == "random (base rate)"
    level = line(plot_precision_recall(CHURNED, BOTH, ax=axes()), base)[1]
    assert level.tolist() == [CHURNED.mean()] * 2


@pytest.mark.parametrize("plot", [plot_roc, plot_precision_recall])
def test_a_long_curve_is_thinned_to_its_ends(plot):
    ax = plot(CHURNED, RISK, ax=axes())
    x, y = ax.lines[0].get_xdata(), ax.lines[0].get_ydata()
    assert 300 < len(x) <= 1000
    assert sorted([x[0], x[-1]]) == [0, 1]
    assert np.max(y) == 1


@pytest.mark.parametrize("plot", [plot_roc, plot_precision_recall])
def test_long_names_are_read_whole_and_cost_the_axes_nothing(plot):
    name = "a rather long name of a model, boosted and then calibrated forward in time"
    drawn = {}
    for key, given in (("short", {"m": RISK}), ("long", {name: RISK, "m": BOTH["noise"]})):
        figure = Figure(figsize=(5.6, 5.0), layout="constrained")
        drawn[key] = plot(CHURNED, given, ax=figure.add_subplot())
        figure.canvas.draw()
    inside = drawn["long"].get_window_extent()
    box = drawn["long"].get_legend().get_window_extent()
    assert inside.width == pytest.approx(drawn["short"].get_window_extent().width, abs=1.0)
    assert box.x0 >= inside.x0
    assert box.x1 <= inside.x1
    assert box.width < 0.75 * inside.width
    lines = legend(drawn["long"])[0].splitlines()
    assert " ".join(lines).startswith(f"{name} (")
    assert "(" in lines[-1]


def test_forecasts_as_columns_of_a_frame():
    assert legend(plot_roc(CHURNED, pd.DataFrame(BOTH), ax=axes())) == legend(
        plot_roc(CHURNED, BOTH, ax=axes())
    )


@pytest.mark.parametrize("plot", [plot_roc, plot_precision_recall])
def test_faults_are_told(plot):
    with pytest.raises(DataError, match="all 2 customers stayed"):
        plot([0, 0], [0.2, 0.4], ax=axes())
    with pytest.raises(DataError, match=f"{plot.__name__}: p holds no forecast"):
        plot([0, 1], {}, ax=axes())
