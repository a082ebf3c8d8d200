"""plot_value_distribution and plot_concentration: what stands in the picture."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_concentration, plot_value_distribution
from crmkit.plotting._values import bar_edges


def axes():
    return Figure().add_subplot()


def legend(ax):
    return [t.get_text() for t in ax.get_legend().get_texts()]


def test_wide_values_stand_on_a_logarithmic_axis():
    ax = plot_value_distribution([1.0, 10.0, 100.0, 1000.0], ax=axes())
    assert ax.get_xscale() == "log"
    assert sum(bar.get_height() for bar in ax.patches) == 4
    assert legend(ax) == ["median 55", "mean 278"]


def test_narrow_values_stand_on_a_linear_axis():
    ax = plot_value_distribution([10.0, 12.0, 14.0], ax=axes())
    assert ax.get_xscale() == "linear"
    assert sum(bar.get_height() for bar in ax.patches) == 3


def test_values_left_out_are_counted():
    ax = plot_value_distribution([0.0, -3.0, 1e-9, 5.0, 6.0, 7.0], name="CLV", ax=axes())
    assert ax.get_xlabel() == "CLV (3 of 6 at or near 0 not shown)"
    assert sum(bar.get_height() for bar in ax.patches) == 3


def test_one_value_is_one_bar():
    ax = plot_value_distribution([4.0, 4.0], ax=axes())
    standing = [bar for bar in ax.patches if bar.get_height()]
    assert [bar.get_height() for bar in standing] == [2]
    assert standing[0].get_width() < 0.2  # 4 is told apart from 3 and 5
    assert standing[0].get_x() < 4 < standing[0].get_x() + standing[0].get_width()
    assert legend(ax) == ["median and mean 4"]
    assert all(tick == round(tick) for tick in ax.get_yticks())


def test_edges_reach_from_the_least_to_the_largest():
    for values in ([1.0, 19.0], [1.0, 1e6], [3.0, 3.0]):
        edges, _ = bar_edges(np.array(values))
        assert edges[0] <= min(values)
        assert edges[-1] >= max(values)


@pytest.mark.parametrize("values", [[], [0.0, -1.0], [1.0, np.nan], [np.inf, 1.0]])
def test_nothing_to_draw_is_refused(values):
    with pytest.raises(DataError, match="plot_value_distribution: values must be finite with at"):
        plot_value_distribution(values, ax=axes())
    with pytest.raises(DataError, match=r"plot_value_distribution: values must hold numbers\."):
        plot_value_distribution(["a"], ax=axes())


def test_concentration_marks_the_best():
    ax = plot_concentration([0.0, 0.0, 10.0, 30.0], share=0.25, ax=axes())
    curve = ax.lines[1]
    np.testing.assert_allclose(curve.get_xdata(), [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(curve.get_ydata(), [0, 0.75, 1, 1, 1])
    assert ax.texts[0].get_text() == "the best 25 % of customers\nhold 75 % of the value"
    assert legend(ax) == ["all alike", "these customers (Gini 0.62)"]


def test_concentration_refuses_what_the_metrics_refuse():
    with pytest.raises(DataError, match="top_share: values has 1 negative"):
        plot_concentration([1.0, -1.0], ax=axes())
