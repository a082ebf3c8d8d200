"""RFMLogistic: against scikit-learn's own fit, by hand, properties, texts, contracts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from crmkit.churn import RFMLogistic
from crmkit.exceptions import DataError
from tests.churn._labelled import AnyLogistic, LabelledLogistic, labels
from tests.contracts import customer_level

RANDOM = np.random.default_rng(0)
CUSTOMERS = pd.DataFrame(
    {
        "days_since_last": RANDOM.integers(0, 90, 60),
        "frequency": RANDOM.integers(0, 9, 60),
        "monetary_value": RANDOM.gamma(2.0, 20.0, 60),
        "T": RANDOM.integers(90, 400, 60).astype(float),
    }
)


def test_it_is_scikit_learns_logistic_on_logs():
    y = labels(CUSTOMERS)
    z = StandardScaler().fit_transform(np.log1p(CUSTOMERS))
    peer = LogisticRegression(C=0.7, tol=1e-12, max_iter=10_000).fit(z, y)
    model = RFMLogistic(C=0.7).fit(CUSTOMERS, y)
    np.testing.assert_allclose(model.coef_, peer.coef_[0], rtol=0, atol=1e-6)
    assert model.intercept_ == pytest.approx(peer.intercept_[0], abs=1e-6)
    np.testing.assert_allclose(model.predict_proba(CUSTOMERS), peer.predict_proba(z), atol=1e-6)


def test_two_groups_by_hand():
    # without a penalty the log-odds of the two values are log(1/3) and log(3)
    x = np.repeat([[0.0], [np.e - 1.0]], 4, axis=0)
    model = RFMLogistic(columns=("days",), C=1e9).fit(x, [1, 0, 0, 0, 1, 1, 1, 0])
    np.testing.assert_allclose(model.predict_proba([[0.0], [np.e - 1]])[:, 1], [0.25, 0.75])
    assert model.coef_[0] == pytest.approx(np.log(3.0))
    assert model.scale_[0] == 0.5


def test_a_weight_is_a_repeated_customer():
    y = labels(CUSTOMERS)
    weight = np.arange(60) % 3
    twice = np.repeat(np.arange(60), weight)
    a = RFMLogistic().fit(CUSTOMERS, y, sample_weight=weight)
    b = RFMLogistic().fit(CUSTOMERS.iloc[twice], y[twice])
    np.testing.assert_allclose(a.coef_, b.coef_, atol=1e-8)


def test_separated_classes_stay_finite():
    model = RFMLogistic(columns=("days",)).fit([[1.0], [2.0], [50.0], [60.0]], [0, 0, 1, 1])
    p = model.predict_proba([[0.0], [1e9]])[:, 1]
    assert 0 < p[0] < 0.5 < p[1] < 1


def test_a_net_loss_is_no_gap_in_the_logs():
    model = RFMLogistic(columns=("total",)).fit([[-5.0], [0.0], [5.0], [9.0]], [1, 1, 0, 1])
    assert np.isfinite(model.coef_).all()


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=4, max_size=30))
def test_the_mean_probability_is_the_base_rate(rows):
    days, y = np.array([[float(d)] for d, _ in rows]), np.array([int(c) for _, c in rows])
    if len(set(y)) == 2:
        p = RFMLogistic(columns=("days",)).fit(days, y).predict_proba(days)[:, 1]
        assert p.mean() == pytest.approx(y.mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("model", "y", "text"),
    [
        (RFMLogistic(C=0), [0, 1], "C must be a finite number above 0"),
        (RFMLogistic(columns="T"), [0, 1], "columns must be a list of names, got 'T'"),
        (RFMLogistic(columns=["tee"]), [0, 1], "column 'tee' not found"),
        (RFMLogistic(), [1, 1], "one class only"),
        (RFMLogistic(), [1.0, np.nan], "Unknown is not churned"),
        (RFMLogistic(), None, "the target y is None"),
    ],
)
def test_refusals(model, y, text):
    with pytest.raises(DataError, match=text):
        model.fit(CUSTOMERS.head(2), y)


def test_an_array_has_the_stated_columns():
    with pytest.raises(DataError, match="must hold the 4 columns"):
        RFMLogistic().fit([[1.0], [2.0]], [0, 1])


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    if contract is customer_level.check_every_parameter_is_documented:
        contract(RFMLogistic(), CUSTOMERS)
    else:
        contract(LabelledLogistic(), CUSTOMERS)


def test_scikit_learn_suite():
    results = check_estimator(AnyLogistic(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 50, f"only {len(ran)} checks passed: {ran}"


def test_labels_that_read_backwards_are_named():
    X = [[1.0], [7.0], [3.0], [5.0]]
    y = ["churned", "stayed", "churned", "stayed"]
    with pytest.raises(DataError, match="Say which label is churn"):
        RFMLogistic(("a",)).fit(X, y)
    model = RFMLogistic(("a",), churned="churned").fit(X, y)
    assert model.classes_.tolist() == ["stayed", "churned"]
