"""RecencyRule: frequencies by hand, a rising probability, thresholds, texts, contracts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import check_estimator

from crmkit.churn import RecencyRule
from crmkit.churn._recency_rule import crossing, rates_by_recency, risen
from crmkit.exceptions import DataError
from tests.churn._labelled import AnyRule, LabelledRule
from tests.churn.test_rfm_logistic import CUSTOMERS
from tests.contracts import customer_level


def test_frequencies_by_hand():
    # bins {1, 3} and {5, 7}: shares drawn to 1/2 by two customers, (0 + 1)/4 and (2 + 1)/4
    centres, rates = rates_by_recency(np.array([1.0, 7, 3, 5]), np.array([0, 1, 0, 1]), 2, 2.0)
    assert centres.tolist() == [2.0, 6.0]
    assert rates.tolist() == [0.25, 0.75]


def test_equal_recencies_share_a_bin_and_weigh_by_number():
    days, churned = np.array([1.0, 1, 1, 4, 9]), np.array([0, 0, 1, 1, 1])
    centres, rates = rates_by_recency(days, churned, 2, 1e-9)
    assert centres.tolist() == [1.0, 6.5]
    np.testing.assert_allclose(rates, [1 / 3, 1.0])


def test_falling_shares_are_pooled_into_one_centre():
    centres, rates = rates_by_recency(np.array([1.0, 2, 3, 4]), np.array([1, 1, 0, 1]), 2, 1e-9)
    assert centres.tolist() == [2.5]
    np.testing.assert_allclose(rates, [0.75])


def test_straight_between_the_centres_and_on_in_log_odds_outside():
    rule = RecencyRule(n_bins=2, smoothing=2.0).fit([[1.0], [7], [3], [5]], [0, 1, 0, 1])
    p = rule.predict_proba([[2.0], [3], [4], [6]])[:, 1]
    np.testing.assert_allclose(p, [0.25, 0.375, 0.5, 0.75])
    # log-odds rise by 2 log 3 from log(1 + 2) to log(1 + 6): as much again is at log(49 / 3)
    p = rule.predict_proba([[49 / 3 - 1]])[0, 1]
    assert p == pytest.approx(27 / 28)
    assert 0 < rule.predict_proba([[0.0]])[0, 1] < 0.25
    assert rule.threshold_ == 4.0
    assert rule.predict([[4.0], [4.1]]).tolist() == [0, 1]


def test_a_given_threshold_decides_the_label_alone():
    y = ["stays", "gone", "stays", "gone"]
    learned = RecencyRule(churned="gone").fit([[1.0], [7], [3], [5]], y)
    stated = RecencyRule(threshold=2, churned="gone").fit([[1.0], [7], [3], [5]], y)
    assert stated.classes_.tolist() == ["stays", "gone"]
    assert stated.predict([[1.9], [2.0]]).tolist() == ["stays", "gone"]
    np.testing.assert_array_equal(
        stated.predict_proba([[1.0], [6.0]]), learned.predict_proba([[1.0], [6.0]])
    )


def test_where_one_half_is_passed_outside_the_centres_or_nowhere():
    assert crossing(np.array([2.5]), np.array([0.4])) == np.inf
    assert crossing(np.array([2.5]), np.array([0.6])) == 0.0
    assert crossing(np.array([1.0, 3.0]), np.array([0.4, 0.6])) == pytest.approx(2.0)
    for rates in ([0.1, 0.3], [0.6, 0.9]):
        centres = np.array([9.0, 30.0])
        found = crossing(centres, np.array(rates))
        at = risen(np.array([found]), centres, np.array(rates))[0]
        assert at == pytest.approx(0.5) or (found == 0.0 and at > 0.5)
    assert crossing(np.array([9.0, 9.1]), np.array([0.3, 0.3 + 1e-9])) == np.inf


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), min_size=2, max_size=50),
    st.integers(1, 9),
)
def test_probabilities_rise_and_keep_away_from_the_ends(rows, n_bins):
    days, churned = np.array([d for d, _ in rows]), np.array([int(c) for _, c in rows])
    centres, rates = rates_by_recency(days, churned, n_bins, 5.0)
    assert (np.diff(centres) > 0).all()
    assert (np.diff(rates) >= 0).all()
    if 0 < churned.mean() < 1:
        assert rates.min() > 0
        assert rates.max() < 1
        p = risen(np.linspace(0.0, 2e6, 50), centres, rates)
        assert (np.diff(p) >= -1e-12).all()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (RecencyRule(threshold=-1), "threshold must be a finite number of at least 0"),
        (RecencyRule(n_bins=0), "n_bins must be a whole number of at least 1"),
        (RecencyRule(smoothing=0), "smoothing must be a finite number above 0"),
        (RecencyRule(recency="day_since_last"), "Did you mean 'days_since_last'"),
    ],
)
def test_refusals(rule, text):
    with pytest.raises(DataError, match=text):
        rule.fit(CUSTOMERS, np.arange(60) % 2)


def test_an_array_holds_the_recency_alone():
    with pytest.raises(DataError, match="must hold one column, 'days_since_last', got 2"):
        RecencyRule().fit([[1.0, 2.0], [3.0, 4.0]], [0, 1])


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    if contract is customer_level.check_every_parameter_is_documented:
        contract(RecencyRule(), CUSTOMERS)
    else:
        contract(LabelledRule(), CUSTOMERS)


def test_the_frame_has_the_id_first():
    frame = pd.DataFrame({"who": ["a", "b"], "days_since_last": [1, 99]})
    rule = RecencyRule().fit(CUSTOMERS, np.asarray(CUSTOMERS["days_since_last"] > 50))
    got = rule.predict_frame(frame)
    assert got.columns.tolist() == ["who", "probability_churn"]
    assert got["probability_churn"].tolist() == rule.predict_proba(frame)[:, 1].tolist()


def test_scikit_learn_suite():
    results = check_estimator(AnyRule(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 48, f"only {len(ran)} checks passed: {ran}"
