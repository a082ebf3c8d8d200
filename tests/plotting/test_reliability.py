"""plot_calibration: points, whiskers, counts, several forecasts."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.metrics import calibration_table
from crmkit.plotting import plot_calibration
from tests.plotting._churned import BOTH, CHURNED, RISK, axes, legend


def test_points_and_whiskers_are_the_table():
    ax = plot_calibration(CHURNED, RISK, ax=axes())
    table = calibration_table(CHURNED, RISK)
    (bars,) = ax.containers[1:]
    np.testing.assert_allclose(bars[0].get_xdata(), table["mean_predicted"])
    np.testing.assert_allclose(bars[0].get_ydata(), table["observed"])
    ends = np.array([segment[:, 1] for segment in bars[2][0].get_segments()])
    np.testing.assert_allclose(ends, table[["lower", "upper"]])


def test_grey_bars_count_the_customers():
    ax = plot_calibration(CHURNED, RISK, ax=axes())
    heights = np.array([bar.get_height() for bar in ax.containers[0]])
    most = int(ax.get_xlabel().split("at most ")[1].split(" ")[0])
    assert heights.sum() / heights.max() * most == pytest.approx(2000)


def test_several_forecasts_are_named_with_their_errors():
    ax = plot_calibration(CHURNED, BOTH, n_bins=5, ax=axes())
    diagonal, model, noise = legend(ax)
    assert diagonal == "probabilities that hold"
    assert model.startswith("model (error 0.0")
    assert float(noise.split("error ")[1][:-1]) > 0.15


def test_rare_churn_fills_the_picture():
    ax = plot_calibration([0] * 99 + [1], [0.01] * 100, ax=axes())
    assert ax.get_xlim()[1] == ax.get_ylim()[1] < 0.1


def test_faults_are_told():
    with pytest.raises(DataError, match="p must be probabilities between 0 and 1"):
        plot_calibration([0, 1], [-1.0, 2.0], ax=axes())
    with pytest.raises(DataError, match="plot_calibration: p holds no forecast"):
        plot_calibration([0, 1], {}, ax=axes())
