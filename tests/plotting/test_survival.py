"""plot_survival: steps by hand, interval, median, texts."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.plotting import plot_survival
from tests.plotting._churned import axes, legend

TIMES, SHARES = [1, 2, 4], [0.8, 0.6, 0.3]


def test_steps_begin_at_one():
    ax = plot_survival(TIMES, SHARES, unit="W", ax=axes())
    steps = ax.lines[0]
    assert steps.get_drawstyle() == "steps-post"
    assert steps.get_xdata().tolist() == [0, 1, 2, 4]
    assert steps.get_ydata().tolist() == [1, 0.8, 0.6, 0.3]
    assert legend(ax) == ["median 4 weeks"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weeks", "share not yet back")


def test_a_curve_that_starts_at_0_is_taken_as_it_is():
    ax = plot_survival([0, 3], [0.9, 0.5], ax=axes())
    assert ax.lines[0].get_ydata().tolist() == [0.9, 0.5]
    assert legend(ax) == ["median 3 days"]


def test_a_curve_above_a_half_has_no_median():
    ax = plot_survival(TIMES, [0.9, 0.8, 0.7], name="still here", unit="visits", ax=axes())
    assert ax.get_legend() is None
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("visits", "still here")


def test_the_band_follows_the_steps_and_stops_where_there_is_none():
    ax = plot_survival(TIMES, SHARES, lower=[0.5, 0.2, np.nan], upper=[0.9, 0.8, np.nan], ax=axes())
    corners = ax.collections[0].get_paths()[0].vertices
    at_one = corners[corners[:, 0] == 1.0][:, 1]
    assert {0.5, 0.9} <= set(at_one.tolist())
    assert corners[:, 0].max() == 2.0


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"survival": [0.8, 0.6]}, r"survival of shape \(2,\) for 3 times"),
        ({"times": [], "survival": []}, r"times of shape \(0,\)"),
        ({"times": [1, 1, 2]}, "times must be finite, of at least 0, and rise"),
        ({"times": [-1, 1, 2]}, "times must be finite"),
        ({"times": [1, 2, np.nan]}, "times must be finite"),
        ({"survival": [0.2, 0.4, 0.7]}, "survival must be between 0 and 1 and never rise"),
        ({"survival": [80, 60, 30]}, "survival must be between 0 and 1"),
        ({"survival": [0.8, 0.6, np.nan]}, "survival must be between 0 and 1"),
        ({"lower": [0, 0, 0]}, "Pass both or none"),
    ],
)
def test_errors_teach(change, text):
    with pytest.raises(DataError, match=f"plot_survival: .*{text}"):
        plot_survival(**({"times": TIMES, "survival": SHARES, "ax": axes()} | change))
