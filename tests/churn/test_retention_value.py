"""RetentionValue: the worked example, never at a loss, budgets, frames, texts."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.base import clone

from crmkit.churn import RetentionValue
from crmkit.churn._retention_value import affordable, break_even, by_return
from crmkit.exceptions import DataError
from crmkit.metrics import profit_curve
from crmkit.metrics._profit import profit_of_contact
from tests.segment._shop import FRAMES, as_dict

VALUE = RetentionValue(offer_cost=15.0, contact_cost=2.0, acceptance=0.4)
FRAME = pd.DataFrame(
    {
        "who": ["a", "b", "c", "d"],
        "probability_churn": [0.2, 0.3, 0.9, 0.5],
        "clv": [150.0, 150.0, 15.0, 400.0],
    }
)


def test_worked_example():
    # .30 (.4 (150 - 15) - 2) - .70 (15 + 2) = 15.6 - 11.9; break-even 17 / (.4 135 + 15) = 17 / 69
    got = VALUE.predict_frame(FRAME)
    assert_allclose(got["expected_profit"][:2], [-3.2, 3.7])
    assert_allclose(got["break_even_probability"][:2], 17 / 69)
    assert_allclose(got["value_at_risk"], [30.0, 45.0, 13.5, 200.0])
    assert got["treat"].tolist() == [False, True, False, True]
    assert got["cost"].tolist() == [17.0] * 4
    assert_allclose(VALUE.expected_profit([0.3], [150.0]), [3.7])


def test_who_is_worth_no_more_than_the_offer_is_never_treated():
    got = RetentionValue(10.0, 0.0, 1.0).predict_frame(
        pd.DataFrame({"who": [1, 2], "probability_churn": [1.0, 1.0], "clv": [10.0, -5.0]})
    )
    assert not got["treat"].any()
    assert np.isinf(got["break_even_probability"]).all()


positive = st.floats(0, 1e4)


@settings(max_examples=200)
@given(st.floats(0, 1), st.floats(-100, 1e4), positive, positive, st.floats(0, 1))
def test_break_even_is_where_the_profit_changes_sign(p, v, d, f, g):
    v, d, f, g = (np.array([number]) for number in (v, d, f, g))
    needed = break_even(v, d, f, g)
    size = abs(v) + d + f
    if np.isfinite(needed[0]):
        assert 0 <= needed[0] <= 1 + 1e-9
        assert abs(profit_of_contact(needed, v, d, f, g)) <= 1e-9 * size
        gain = profit_of_contact(np.array([p]), v, d, f, g)
        assert gain * (p - needed) >= -1e-9 * size
    else:
        assert profit_of_contact(np.array([1.0]), v, d, f, g) <= 1e-9 * size


def test_numbers_per_customer_by_column_and_by_array():
    frame = FRAME.assign(offer=[15.0, 15.0, 1.0, 15.0])
    by_column = RetentionValue("offer", 2.0, 0.4).predict_frame(frame)
    by_array = RetentionValue([15.0, 15.0, 1.0, 15.0], 2.0, np.full(4, 0.4)).predict_frame(FRAME)
    pd.testing.assert_frame_equal(by_column, by_array)
    # .9 (.4 14 - 2) - .1 3
    assert by_column["expected_profit"][2] == pytest.approx(2.94)


def test_measured_uplift_comes_in_as_acceptance():
    p, uplift = np.array([0.5, 0.4]), np.array([0.1, 0.0])
    got = RetentionValue(5.0, 1.0, uplift / p).expected_profit(p, [200.0, 200.0])
    assert_allclose(got, uplift * 195.0 - p * 1.0 - (1 - p) * 6.0)


def test_a_budget_is_a_ceiling_and_no_target():
    got = VALUE.rank(FRAME, budget=1000.0)
    assert got["who"].tolist() == ["d", "b", "a", "c"]
    assert got["treat"].tolist() == [True, True, False, False]
    assert got["total_cost"].tolist() == [17.0, 34.0, 34.0, 34.0]
    assert got["rank"].tolist() == [1, 2, 3, 4]
    assert VALUE.rank(FRAME, budget=33.9)["treat"].tolist() == [True, False, False, False]
    assert not VALUE.rank(FRAME, budget=0)["treat"].any()
    pd.testing.assert_frame_equal(VALUE.rank(FRAME), got)


def test_expected_cost_counts_the_offers_that_are_taken():
    got = VALUE.rank(FRAME, cost="expected").set_index("who")
    assert got.loc["b", "cost"] == pytest.approx(2 + 15 * (0.3 * 0.4 + 0.7))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 500), st.floats(0, 40)), min_size=1, max_size=6
    ),
    st.floats(0, 100),
)
def test_a_budget_is_never_exceeded_and_never_spent_at_a_loss(rows, budget):
    p, v, d = np.array(rows).T
    f, g = np.full(len(p), 2.0), np.full(len(p), 0.4)
    frame = pd.DataFrame({"who": np.arange(len(p)), "probability_churn": p, "clv": v})
    got = RetentionValue(d, 2.0, 0.4).rank(frame, budget=budget)
    chosen = got[got["treat"]]
    assert chosen["cost"].sum() <= budget + 1e-9
    assert (chosen["expected_profit"] > 0).all()
    # at least half of the best there is, unless one customer alone is worth more than all chosen
    gains, costs = profit_of_contact(p, v, d, f, g), d + f
    sets = [list(s) for k in range(len(p) + 1) for s in combinations(range(len(p)), k)]
    best = max(gains[s].sum() for s in sets if costs[s].sum() <= budget)
    single = max([gains[i] for i in range(len(p)) if costs[i] <= budget], default=0.0)
    assert max(chosen["expected_profit"].sum(), single) >= 0.5 * best - 1e-6


def test_what_is_free_and_earns_comes_first():
    order = by_return(np.array([5.0, -1.0, 9.0, 3.0]), np.array([1.0, 0.0, 100.0, 0.0]))
    assert order.tolist() == [3, 0, 2, 1]
    reached = affordable(np.array([0.0, 5.0, 1.0]), np.array([True, True, True]), 1.0)
    assert reached.tolist() == [True, False, True]


def test_a_budget_does_not_lose_a_customer_to_rounding():
    treat = np.array([True, True, True])
    assert affordable(np.full(3, 11.1), treat, 33.3).all()
    assert affordable(np.full(3, 11.1), treat, 33.29).tolist() == [True, True, False]
    assert affordable(np.array([5.0, 0.01, 0.0]), treat, 5.0).tolist() == [True, False, True]


@pytest.mark.parametrize("taken", ["cost", "rank", "treat", "total_cost"])
def test_ids_are_not_lost_to_a_column_of_their_name(taken):
    with pytest.raises(DataError, match=f"column '{taken}' is called like a new column"):
        VALUE.rank(FRAME.rename(columns={"who": taken}))


def test_what_predict_proba_gives_passes():
    both = np.array([[0.7, 0.3], [0.8, 0.2]])
    assert_allclose(VALUE.expected_profit(both, [150.0, 150.0]), [3.7, -3.2])


def test_the_profit_is_that_of_the_curve():
    curve = profit_curve(
        [1, 0, 1, 0], FRAME["probability_churn"], value=FRAME["clv"], acceptance=0.4,
        offer_cost=15.0, contact_cost=2.0, n_points=4, n_resamples=2, random_state=0,
    )  # fmt: skip
    profit = VALUE.expected_profit(FRAME["probability_churn"], FRAME["clv"])
    assert_allclose(curve["expected_profit"][1:], np.cumsum(np.sort(profit)[::-1]))


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind):
    got = as_dict(VALUE.predict_frame(FRAMES[kind](FRAME)))
    expected = as_dict(VALUE.predict_frame(FRAME))
    assert list(got) == ["who", "value_at_risk", "expected_profit", "break_even_probability",
                         "cost", "treat"]  # fmt: skip
    assert got == expected
    assert as_dict(VALUE.rank(FRAMES[kind](FRAME), 40.0)) == as_dict(VALUE.rank(FRAME, 40.0))


@pytest.mark.parametrize(
    ("model", "frame", "text"),
    [
        (VALUE, FRAME.assign(clv=[1.0, np.nan, 2.0, 3.0]), "'clv.* has 1 NaN .first at row 1."),
        (VALUE, FRAME.assign(probability_churn=2.0), "from 0 to 1, but 4 of 4"),
        (VALUE, FRAME.drop(columns="clv"), "column 'clv' not found"),
        (RetentionValue(acceptance=1.5), FRAME, "acceptance must be from 0 to 1"),
        (RetentionValue(offer_cost=-1), FRAME, "offer_cost must be at least 0"),
        (RetentionValue(contact_cost=[1.0]), FRAME, "one for each of 4 customers, got 1"),
    ],
)
def test_refusals(model, frame, text):
    with pytest.raises(DataError, match=text):
        model.predict_frame(frame)


def test_refused_budgets():
    with pytest.raises(DataError, match="the frame has no columns"):
        VALUE.rank(FRAME[[]])
    with pytest.raises(DataError, match="budget must be a finite number of at least 0"):
        VALUE.rank(FRAME, budget=-1)
    with pytest.raises(DataError, match="cost must be one of"):
        VALUE.rank(FRAME, cost="average")


def test_it_clones_and_leaves_the_frame_alone():
    before = FRAME.copy(deep=True)
    pd.testing.assert_frame_equal(clone(VALUE).rank(FRAME, 20.0), VALUE.rank(FRAME, 20.0))
    pd.testing.assert_frame_equal(FRAME, before)
