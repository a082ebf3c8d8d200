"""plot_gain and plot_lift: lines by hand, bands, chance and perfection."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.metrics import lift_table
from crmkit.plotting import plot_gain, plot_lift
from tests.plotting._churned import BOTH, CHURNED, RISK, axes, legend, line

Y, P = [1, 0, 1, 0], [0.9, 0.8, 0.6, 0.1]


def band(ax, i=0):
    """Lower and upper end of a band by its x."""
    corners = ax.collections[i].get_paths()[0].vertices
    return {
        x: (corners[np.isclose(corners[:, 0], x), 1].min(), corners[corners[:, 0] == x, 1].max())
        for x in np.unique(corners[:, 0])
    }


def test_gain_by_hand():
    ax = plot_gain(Y, P, n_resamples=20, ax=axes())
    assert legend(ax) == ["perfect", "these probabilities", "random"]
    x, y = line(ax, "these probabilities")
    assert x.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert y.tolist() == [0, 0.5, 0.5, 1, 1]
    assert [side.tolist() for side in line(ax, "perfect")] == [[0, 0.5, 1], [0, 1, 1]]
    assert [side.tolist() for side in line(ax, "random")] == [[0, 1], [0, 1]]


def test_lift_by_hand():
    ax = plot_lift(Y, P, n_resamples=20, ax=axes())
    assert legend(ax) == ["perfect", "these probabilities", "random"]
    x, y = line(ax, "these probabilities")
    np.testing.assert_allclose(x[[24, 49, 74, 99]], [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(y[[24, 49, 74, 99]], [2, 1, 4 / 3, 1])
    np.testing.assert_allclose(line(ax, "perfect")[1][[0, 49, 74]], [2, 2, 4 / 3])


@pytest.mark.parametrize(("plot", "name"), [(plot_gain, "gain"), (plot_lift, "lift")])
def test_bands_are_those_of_the_table(plot, name):
    ax = plot(CHURNED, BOTH, n_resamples=50, level=0.8, ax=axes())
    assert len(ax.collections) == 2
    table = lift_table(CHURNED, RISK, shares=[0.1, 0.3], level=0.8, n_resamples=50, random_state=0)
    ends = band(ax)
    for share in (0.1, 0.3):
        expected = table.loc[share, [f"{name}_lower", f"{name}_upper"]]
        np.testing.assert_allclose(ends[share], expected)
    assert legend(ax) == ["perfect", "model", "noise", "random"]


def test_customers_of_several_rows_have_a_wider_band():
    four = {"y_true": np.tile(CHURNED, 4), "p": np.tile(RISK, 4)}
    apart = band(plot_gain(**four, n_resamples=50, ax=axes()))
    together = band(plot_gain(**four, groups=np.tile(range(2000), 4), n_resamples=50, ax=axes()))
    assert np.ptp(together[0.3]) > 1.5 * np.ptp(apart[0.3])


@pytest.mark.parametrize("plot", [plot_gain, plot_lift])
def test_faults_are_told(plot):
    with pytest.raises(DataError, match="all 2 customers churned"):
        plot([1, 1], [0.2, 0.4], ax=axes())
    with pytest.raises(DataError, match=f"{plot.__name__}: p holds no forecast"):
        plot([0, 1], {}, ax=axes())
