"""plot_conditional_expectations: means and standard errors by hand, both groupings, refusals."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.plotting import plot_conditional_expectations
from crmkit.plotting._conditional import recency_groups, standard_errors

REPORT = SimpleNamespace(
    calibration_frequency=np.array([0, 0, 1, 7, 9]),
    calibration_recency=np.array([0.0, 0.0, 3.0, 30.0, 12.0]),
    actual=np.array([0, 1, 2, 5, 7]),
    predictions={
        "BetaGeoModel": np.array([0.2, 0.4, 1.5, 5.0, 6.0]),
        "own rate": np.array([0.0, 0.0, 1.0, 7.0, 9.0]),
    },
    horizon=39.0,
    unit="W",
)


def drawn(by="frequency", report=REPORT, **options):
    ax = plot_conditional_expectations(report, by, ax=Figure().add_subplot(), **options)
    return ax, {line.get_label(): np.round(line.get_ydata(), 9).tolist() for line in ax.lines}


def bars(ax):
    """Lower and upper end of each error bar."""
    collection = ax.containers[0].lines[2][0]
    return [segment[:, 1].tolist() for segment in collection.get_segments()]


def test_means_and_errors_by_frequency():
    ax, lines = drawn()
    assert lines["BetaGeoModel"] == [0.3, 1.5, 5.5]
    assert lines["own rate"] == [0.0, 1.0, 8.0]
    # Two customers with 0 and 1: mean 0.5, standard error 0.5; with 5 and 7: 6 and 1.
    expected = [[0.5 - 0.98, 0.5 + 0.98], [2.0, 2.0], [6 - 1.96, 6 + 1.96]]
    np.testing.assert_allclose(bars(ax), expected)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0\n2", "1\n1", "7+\n2"]
    assert ax.get_ylim()[0] == 0.0
    assert ax.get_title(loc="left") == "Purchases in the next 39 weeks, by earlier frequency"


def test_means_by_recency():
    ax, lines = drawn("recency")
    assert lines["BetaGeoModel"] == [0.3, 1.5, 6.0, 5.0]
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        "0\n2",
        "to 5.2\n1",
        "to 12\n1",
        "to 30\n1",
    ]
    assert "age at the last purchase (weeks)" in ax.get_xlabel()


def test_only_the_named_are_drawn():
    _, lines = drawn(names=["own rate"])
    assert "BetaGeoModel" not in lines
    with pytest.raises(DataError, match=r"names must be one of .* Did you mean 'own rate'"):
        drawn(names=["ownrate"])


def test_every_line_has_a_look_of_its_own():
    many = SimpleNamespace(**vars(REPORT) | {"predictions": {str(k): [1.0] * 5 for k in range(7)}})
    ax, _ = drawn(report=many)
    looks = {
        (line.get_marker(), line.get_linestyle())
        for line in ax.lines
        if line.get_label() in "0123456"
    }
    assert len(looks) == 7


@given(st.lists(st.floats(0.1, 1e4), min_size=1, max_size=50), st.integers(0, 5))
def test_recency_groups_are_ordered_and_lose_nobody(ages, n_once):
    recency = np.array([0.0] * n_once + ages)
    group, counts, names = recency_groups(recency)
    assert counts.sum() == len(recency)
    assert len(names) == len(counts) <= 9
    assert np.bincount(group).tolist() == counts.tolist()
    order = np.argsort(recency, kind="stable")
    assert (np.diff(group[order]) >= 0).all()
    assert (names[0] == "0") == (n_once > 0)


def test_equal_recencies_are_one_group():
    group, counts, names = recency_groups(np.array([5.0, 5.0, 5.0, 0.0]))
    assert (counts.tolist(), names) == ([1, 3], ["0", "to 5"])
    assert group.tolist() == [1, 1, 1, 0]


def test_a_group_of_one_has_no_error():
    errors = standard_errors(np.array([0, 1, 1]), np.array([4.0, 1.0, 3.0]))
    assert np.isnan(errors[0])
    assert errors[1] == pytest.approx(1.0)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="by must be one of"):
        drawn("T")
    without = SimpleNamespace(**{k: v for k, v in vars(REPORT).items() if "recency" not in k})
    with pytest.raises(DataError, match="by='recency' needs a report with calibration_recency"):
        drawn("recency", report=without)
    empty = SimpleNamespace(**vars(REPORT) | {"calibration_frequency": [], "actual": []})
    with pytest.raises(DataError, match="the report has no customers"):
        drawn(report=empty)
    with pytest.raises(DataError, match="last must be a whole number"):
        drawn(last=0)
