"""SurvivalCurve: the worked example, lifelines' numbers, properties, texts."""

from datetime import timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmkit.churn import SurvivalCurve
from crmkit.exceptions import DataError

# numpy.random.default_rng(5): integers(1, 12, 40), random(40) < .65
DURATIONS = [8, 9, 1, 9, 6, 6, 7, 4, 11, 1, 4, 5, 7, 5, 2, 1, 1, 1, 2, 11]  # fmt: skip
DURATIONS += [3, 8, 9, 3, 4, 5, 3, 11, 2, 10, 9, 10, 2, 5, 7, 6, 8, 8, 8, 1]  # fmt: skip
EVENTS = [1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0]  # fmt: skip
EVENTS += [1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0]  # fmt: skip
# lifelines 0.30.3: KaplanMeierFitter().fit(DURATIONS, EVENTS), survival_function_ and
# confidence_interval_ (95 %), without its row of time 0
SURVIVAL = [0.925, 0.8161764706, 0.7345588235, 0.7345588235, 0.6427389706, 0.6427389706,
            0.5293144464, 0.4158899221, 0.2310499567, 0.2310499567, 0.1540333045]  # fmt: skip
ENDS = [[0.785217564, 0.9751762436], [0.6521176745, 0.9080035936], [0.5622156362, 0.8476808256],
        [0.5622156362, 0.8476808256], [0.4634180087, 0.7756709119], [0.4634180087, 0.7756709119],
        [0.3439221333, 0.6844213774], [0.2395411672, 0.583548108], [0.090531716, 0.4091623126],
        [0.090531716, 0.4091623126], [0.0357610636, 0.3497641045]]  # fmt: skip
AT_RISK = [40, 34, 30, 27, 24, 20, 17, 14, 9, 5, 3]


def test_worked_example():
    curve = SurvivalCurve.fit([1, 2, 2, 4, 6], [1, 1, 0, 1, 0])
    assert_allclose(curve.survival_at([0.5, 1, 2, 3, 4, 5, 99]), [1, 0.8, 0.6, 0.6, 0.3, 0.3, 0.3])
    assert curve.median == 4.0
    assert SurvivalCurve.fit([1, 2, 4]).median == 2.0  # the censored dropped: wrong
    assert_allclose(curve.survival_at(4, given=2), 0.5)
    assert curve.quantile(0.2) == 1.0
    assert curve.quantile(0.4) == 2.0
    assert curve.quantile(0.9) == np.inf


def test_lifelines():
    curve = SurvivalCurve.fit(DURATIONS, EVENTS)
    assert curve.times.tolist() == list(range(1, 12))
    assert curve.at_risk.tolist() == AT_RISK
    assert_allclose(curve.survival, SURVIVAL, atol=1e-9)
    assert_allclose(np.column_stack([curve.lower, curve.upper]), ENDS, atol=1e-9)


def test_the_table_and_the_text():
    curve = SurvivalCurve.fit([1, 2, 2, 4, 6], [1, 1, 0, 1, 0], unit="W")
    assert repr(curve) == "SurvivalCurve(5 durations, 2 (40%) not ended, median 4 W)"
    table = curve.frame()
    assert table.columns.tolist()[:4] == ["time", "at_risk", "events", "censored"]
    assert table["censored"].tolist() == [0, 1, 0, 1]


def test_given_a_time_that_nothing_survived():
    curve = SurvivalCurve.fit([1, 2])
    assert np.isnan(curve.survival_at(3, given=2))
    assert curve.survival_at(1, given=1.5) == 1.0
    assert np.isnan(curve.upper[-1])


def test_an_unknown_time_has_an_unknown_share():
    curve = SurvivalCurve.fit([1, 2, 2, 4, 6], [1, 1, 0, 1, 0])
    got = curve.survival_at([1.0, np.nan, 4.0])
    assert_allclose(got, [0.8, np.nan, 0.3])
    assert np.isnan(curve.survival_at(4.0, given=np.nan))


@pytest.mark.parametrize("make", [pd.to_timedelta, pl.Series, list])
def test_time_spans_become_numbers_of_the_unit(make):
    days = [timedelta(days=number) for number in (7, 14, 14, 28, 42)]
    curve = SurvivalCurve.fit(make(days), [1, 1, 0, 1, 0], unit="W")
    assert curve.times.tolist() == [1, 2, 4, 6]
    assert SurvivalCurve.fit(make(days), unit="h").times[0] == 168
    with pytest.raises(DataError, match="Divide them by the unit you mean"):
        SurvivalCurve.fit(make(days), unit="M")


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60))
def test_properties(rows):
    durations, events = np.array([t for t, _ in rows]), np.array([e for _, e in rows])
    curve = SurvivalCurve.fit(durations, events)
    steps = np.append(1.0, curve.survival)
    assert (np.diff(steps) <= 0).all()
    assert ((steps >= 0) & (steps <= 1)).all()
    inside = ~np.isnan(curve.lower)
    assert (curve.lower[inside] <= curve.survival[inside] + 1e-12).all()
    assert (curve.upper[inside] >= curve.survival[inside] - 1e-12).all()
    assert (curve.events + curve.censored).sum() == len(rows)
    if events.all():
        shares = [(durations > t).mean() for t in curve.times]
        assert_allclose(curve.survival, shares, atol=1e-12)


@pytest.mark.parametrize(
    ("durations", "events", "text"),
    [
        ([], None, "one length above 0"),
        ([1.0, 2.0], [1], "got shapes"),
        ([1.0, -2.0], None, "but 1 are not .first at row 1: -2."),
        ([1.0, np.nan], None, "finite and at least 0"),
        ([1.0, 2.0], [1, 2], "events must be 1"),
        ([1.0, 2.0], ["Yes", "No"], "events must be 1 .* got such as 'Yes'"),
        (["a", "b"], None, "durations must hold numbers"),
        (np.array(["2024-01-01"], dtype="M8[D]"), None, "durations hold instants"),
    ],
)
def test_refusals(durations, events, text):
    with pytest.raises(DataError, match=text):
        SurvivalCurve.fit(durations, events)


def test_refused_shares():
    with pytest.raises(DataError, match="level must be a number between 0 and 1"):
        SurvivalCurve.fit([1.0], level=95)
    with pytest.raises(DataError, match="share must be"):
        SurvivalCurve.fit([1.0]).quantile(1.0)
