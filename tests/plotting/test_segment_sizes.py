"""plot_segment_sizes: known sizes, forecast and band."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_segment_sizes
from crmkit.plotting._states import state_colours
from tests.plotting._moved import moved


def drawn(moves, *more):
    return plot_segment_sizes(moves, *more, ax=Figure().add_subplot())


def test_lines_are_the_sizes():
    ax = drawn(moved())
    lines = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert lines == {
        "loyal": [1, 2, 1],
        "recent": [1, 0, 1],
        "slipping": [0, 0, 2],
        "gone": [0, 1, 0],
    }
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(lines)
    assert ax.get_title(loc="left") == "Customers by segment"
    assert not ax.collections


def test_customers_are_counted_in_whole_ones():
    ax = drawn(moved())
    assert all(tick == round(tick) for tick in ax.get_yticks())


def test_a_segment_that_nobody_was_in_has_no_line():
    moves = moved(300)
    assert "(lost)" not in [line.get_label() for line in drawn(moves).lines]
    assert "(lost)" in [line.get_label() for line in drawn(moved(45)).lines]


def test_the_forecast_goes_on_from_the_last_date():
    moves = moved()
    found = moves.forecast(2)
    ax = drawn(moves, found)
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(dashed) == len(ax.collections) == 4
    for s, line in enumerate(dashed):
        np.testing.assert_allclose(line.get_ydata(), found.expected[:, s])
        assert line.get_ydata()[0] == moves.size_counts[-1, s]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == found.upper[:, 0].max()
    assert "with a forecast and its 90 % band" in ax.get_title(loc="left")


def test_colours_follow_the_order():
    colours = state_colours(["A", "B", "C"])
    assert len({*colours.values()}) == 5
    assert list(colours) == ["A", "B", "C", "(lost)", "(new)"]
    assert state_colours(["one"])["one"] == colours["A"]


def test_errors_teach():
    with pytest.raises(DataError, match="plot_segment_sizes: a Migration is needed"):
        drawn(3)
    with pytest.raises(DataError, match="plot_segment_sizes: a SegmentForecast is needed"):
        drawn(moved(), 3)
    with pytest.raises(DataError, match="Forecast the same migration"):
        drawn(moved(), moved(45).forecast(1))
