"""plot_conditional_expectations: means and standard errors by hand, both groupings, refusals."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from crmkit.exceptions import DataError
from crmkit.pipelines import holdout_report
from crmkit.plotting import plot_conditional_expectations
from crmkit.plotting._conditional import bars, silence_groups
from tests.plotting.models import log_of

REPORT = SimpleNamespace(
    calibration_frequency=np.array([0, 0, 1, 7, 9]),
    calibration_silence=np.array([8.0, 2.0, 30.0, 3.0, 12.0]),
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


def drawn_bars(ax):
    """Lower and upper end of each error bar."""
    collection = ax.containers[0].lines[2][0]
    return [segment[:, 1].tolist() for segment in collection.get_segments()]


def test_means_and_errors_by_frequency():
    ax, lines = drawn()
    assert lines["BetaGeoModel"] == [0.3, 1.5, 5.5]
    assert lines["own rate"] == [0.0, 1.0, 8.0]
    # Two customers with 0 and 1: mean 0.5, standard error 0.5; with 5 and 7: 6 and 1.
    # A group of one customer with 2 has the exact interval of a Poisson count of 2.
    expected = [[0.5 - 0.98, 0.5 + 0.98], [0.2422093, 7.2246877], [6 - 1.96, 6 + 1.96]]
    np.testing.assert_allclose(drawn_bars(ax), expected, rtol=1e-6)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0\n2", "1\n1", "7+\n2"]
    assert ax.get_ylim()[0] == 0.0
    assert ax.get_title(loc="left") == "Purchases in the next 39 weeks, by earlier frequency"


def test_means_by_silence():
    ax, lines = drawn("silence")
    assert lines["BetaGeoModel"] == [0.3, 5.0, 6.0, 1.5]
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        "one-time\n2",
        "to 3\n1",
        "to 12\n1",
        "to 30\n1",
    ]
    assert "silence: time from the last purchase to the cut-off (weeks)" in ax.get_xlabel()


def test_customers_of_one_silence_share_a_group_whenever_they_were_first_seen():
    # All bought last 14 days before the cut-off, and 2 / 7 of a week is no exact number.
    first = np.arange(400)
    recency = (600 - first) / 7
    events = SimpleNamespace(**vars(REPORT))
    events.calibration_frequency = np.ones(400)
    events.calibration_silence = (614 - first) / 7 - recency
    events.actual, events.predictions = np.ones(400), {"m": np.ones(400)}
    assert len(np.unique(events.calibration_silence)) > 1
    ax, _ = drawn("silence", events)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["to 2\n400"]


@pytest.mark.filterwarnings("ignore::crmkit.exceptions.ConvergenceWarning")
def test_a_holdout_report_is_grouped_by_the_time_since_the_last_purchase():
    # The oldest customer bought last at the greatest age, and is the longest silent.
    dates = [("old", "2023-01-02"), ("old", "2023-11-01"), ("new", "2023-12-20")]
    dates += [("new", "2023-12-27"), ("new", "2024-02-01"), ("end", "2023-12-01")]
    report = holdout_report(log_of(dates), "2024-01-01", "32D", unit="D", level=None)
    ax, _ = drawn("silence", report)
    names = [t.get_text() for t in ax.get_xticklabels()]
    assert names == ["one-time\n1", "to 4\n1", "to 60\n1"]
    came = ax.containers[0].lines[0].get_ydata()
    assert came.tolist() == [0, 1, 0]  # the one who was silent for 4 days came again


def test_only_the_named_are_drawn():
    for names in (["own rate"], "own rate"):
        _, lines = drawn(names=names)
        assert "own rate" in lines
        assert "BetaGeoModel" not in lines
    with pytest.raises(DataError, match=r"names must be one of .* Did you mean 'own rate'"):
        drawn(names=["ownrate"])
    with pytest.raises(DataError, match=r"names is empty\. Choose from \['BetaGeoModel', 'own"):
        drawn(names=[])


def test_the_horizon_is_written_short():
    report = SimpleNamespace(**vars(REPORT) | {"horizon": 123 / 7})
    ax, _ = drawn(report=report)
    assert ax.get_title(loc="left") == "Purchases in the next 17.6 weeks, by earlier frequency"


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
def test_silence_groups_are_ordered_and_lose_nobody(lengths, n_once):
    silence = np.array([7.0] * n_once + lengths)
    repeat = np.arange(len(silence)) >= n_once
    group, counts, names = silence_groups(repeat, silence)
    assert counts.sum() == len(silence)
    assert len(set(names)) == len(names) == len(counts) <= 9
    assert np.bincount(group).tolist() == counts.tolist()
    order = np.argsort(silence[repeat], kind="stable")
    assert (np.diff(group[repeat][order]) >= 0).all()
    assert (names[0] == "one-time") == (n_once > 0)
    assert (group[~repeat] == 0).all()


def test_equal_silences_are_one_group():
    repeat = np.array([True, True, True, False])
    group, counts, names = silence_groups(repeat, np.array([5.0, 5.0, 5.0, 0.0]))
    assert (counts.tolist(), names) == ([1, 3], ["one-time", "to 5"])
    assert group.tolist() == [1, 1, 1, 0]


def test_near_silences_are_told_apart():
    _, _, names = silence_groups(np.ones(400, dtype=bool), np.linspace(50, 52, 400))
    assert len(set(names)) == 8
    assert names[-1] == "to 52"
    _, _, names = silence_groups(np.ones(3, dtype=bool), np.array([0.0, 0.14, 1234.5]))
    assert names == ["to 0", "to 0.14", "to 1,234"]


def test_a_group_in_which_nobody_bought_is_not_certain():
    # The rate at which 50 customers buy nothing in 1 of 40 cases: -log(0.025) / 50.
    down, up = bars(np.zeros(50, dtype=int), np.zeros(50))
    assert down.tolist() == [0.0]
    assert up[0] == pytest.approx(-np.log(0.025) / 50)
    down, up = bars(np.zeros(50, dtype=int), np.ones(50))
    assert 0 < down[0] < up[0] < 0.4
    down, up = bars(np.array([0, 0]), np.array([1.0, 3.0]))
    assert down == up == [1.96]


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="by must be one of"):
        drawn("recency")
    without = SimpleNamespace(**{k: v for k, v in vars(REPORT).items() if "silence" not in k})
    with pytest.raises(DataError, match=r"a report with calibration_silence is needed, got Simple"):
        drawn("silence", report=without)
    with pytest.raises(DataError, match=r"needed, got NoneType\. Make it with crmkit\.pipelines"):
        drawn(report=None)
    empty = SimpleNamespace(**vars(REPORT) | {"calibration_frequency": [], "actual": []})
    with pytest.raises(DataError, match="the report has no customers"):
        drawn(report=empty)
    with pytest.raises(DataError, match="last must be a whole number"):
        drawn(last=0)
