"""plot_holdout: group means by hand, all forecasts beside the truth."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_holdout
from crmkit.plotting._holdout import frequency_groups

REPORT = SimpleNamespace(
    calibration_frequency=np.array([0, 0, 1, 7, 9]),
    actual=np.array([0, 1, 2, 5, 7]),
    predictions={
        "BetaGeoModel": np.array([0.2, 0.4, 1.5, 5.0, 6.0]),
        "own rate": np.array([0.0, 0.0, 1.0, 7.0, 9.0]),
        "mean": np.full(5, 3.4),
    },
    horizon=39.0,
    unit="W",
)


def test_bars_and_lines_by_hand():
    ax = plot_holdout(REPORT, ax=Figure().add_subplot())
    assert [bar.get_height() for bar in ax.patches] == [0.5, 2.0, 6.0]
    means = {line.get_label(): np.round(line.get_ydata(), 9).tolist() for line in ax.lines}
    assert means == {
        "BetaGeoModel": [0.3, 1.5, 5.5],
        "own rate": [0.0, 1.0, 8.0],
        "mean": [3.4, 3.4, 3.4],
    }
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0\n2", "1\n1", "7+\n2"]
    assert ax.get_title(loc="left") == "Purchases in the next 39 weeks: actual and expected"


def test_the_last_group_is_named_by_what_it_holds():
    _, counts, names = frequency_groups(np.array([0.0, 3.0, 3.0]), last=3)
    assert names == ["0", "3"]
    assert counts.tolist() == [1, 2]
    assert frequency_groups(np.array([3.0, 8.0, 8.0]), last=7)[2] == ["3", "5–8"]


def test_doubled_groups_have_both_ends_whatever_the_last_was():
    frequency = np.array([0.0, 1, 3, 4, 11, 12, 12, 13, 14, 14, 15])
    assert frequency_groups(frequency, last=10)[2] == ["0", "1", "3–4", "9–16"]
    assert frequency_groups(np.array([0.0, 3, 3, 4, 4]), last=2)[2] == ["0", "3–4"]


def test_groups_double_where_most_would_share_the_last():
    assert frequency_groups(np.array([3.0, 7.0, 7.0, 9.0]), last=7)[2] == ["3", "5–8", "9"]
    assert frequency_groups(np.array([3.0, 3.0, 7.0, 9.0]), last=7)[2] == ["3", "7+"]


def test_groups_double_where_most_buy_often():
    frequency = np.array([0.0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 30, 31, 20])
    group, counts, names = frequency_groups(frequency, last=7)
    assert names == ["0", "1", "2", "3–4", "5–8", "9–16", "17–32"]
    assert counts.tolist() == [1, 1, 1, 2, 2, 2, 4]
    assert group.tolist() == [0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 6]


def test_names_of_many_groups_do_not_touch():
    frequency = np.repeat([0, 1, 2, 4, 8, 16, 32, 64, 128, 250], 5)
    report = SimpleNamespace(
        calibration_frequency=frequency,
        actual=frequency / 2,
        predictions={"mean": frequency / 3},
        horizon=17.0,
        unit="W",
    )
    figure = Figure(figsize=(6.0, 4.0), layout="constrained")
    names = plot_holdout(report, ax=figure.add_subplot()).get_xticklabels()
    figure.draw_without_rendering()
    ends = [name.get_window_extent() for name in names]
    assert [name.get_text().split("\n")[0] for name in names][-2:] == ["65–128", "129–256"]
    assert all(left.x1 < right.x0 for left, right in pairwise(ends))


def test_no_customers_is_an_error():
    empty = SimpleNamespace(
        calibration_frequency=[], actual=[], predictions={}, horizon=1, unit="D"
    )
    with pytest.raises(DataError, match=r"plot_holdout: the report has no customers\. Choose"):
        plot_holdout(empty, ax=Figure().add_subplot())


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match=r"a report with calibration_frequency is needed, got None"):
        plot_holdout(None, ax=Figure().add_subplot())
    for last in (-1, 0, 2.5, "x"):
        with pytest.raises(DataError, match="last must be a whole number of at least 1, got"):
            plot_holdout(REPORT, last=last, ax=Figure().add_subplot())


def test_the_horizon_is_written_short():
    for horizon, text in ((123 / 7, "17.6 weeks"), (1.0, "1 week")):
        report = SimpleNamespace(**vars(REPORT) | {"horizon": horizon})
        ax = plot_holdout(report, ax=Figure().add_subplot())
        assert ax.get_title(loc="left") == f"Purchases in the next {text}: actual and expected"
