"""AverageSpendModel: by hand, the contracts, scikit-learn's suite, error texts."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import check_estimator

from crmkit.clv import AverageSpendModel, CustomerLifetimeValue
from crmkit.exceptions import ConvergenceWarning, DataError
from tests.clv.domains import AnyAverageSpend
from tests.contracts import customer_level

CUSTOMERS = pd.DataFrame(
    {"frequency": [3, 1, 0, 2, 0], "monetary_value": [20.0, 50.0, 0.0, -10.0, 0.0]}
)


def test_own_averages_by_hand():
    model = AverageSpendModel().fit(CUSTOMERS)
    mean = (20 + 50 + 0) / 3  # refunds above purchases count as nothing
    assert model.mean_ == pytest.approx(mean)
    assert model.predict(CUSTOMERS).tolist() == pytest.approx([20, 50, mean, 0, mean])


def test_customers_who_were_not_fitted_on():
    model = AverageSpendModel().fit(CUSTOMERS.iloc[:2])
    others = pd.DataFrame({"frequency": [0, 7], "monetary_value": [99.0, 8.0]})
    assert model.predict(others).tolist() == [35.0, 8.0]


def test_ids_stand_beside():
    frame = CUSTOMERS.assign(who=list("abcde"))[["who", "monetary_value", "frequency"]]
    table = AverageSpendModel().fit(frame).predict_frame(frame)
    assert list(table.columns) == ["who", "expected_spend"]
    assert table["who"].tolist() == list("abcde")
    assert table["expected_spend"].tolist()[:2] == [20.0, 50.0]


def test_lifetime_value_takes_it():
    customers = pd.concat(
        [
            CUSTOMERS,
            pd.DataFrame({"recency": [30.0, 8.0, 0.0, 20.0, 0.0], "T": [39.0, 36, 35, 31, 30]}),
        ],
        axis=1,
    )
    value = CustomerLifetimeValue(spend=AverageSpendModel(), unit="W", discount_rate=0.0)
    with warnings.catch_warnings():  # five customers tell little
        warnings.simplefilter("ignore", ConvergenceWarning)
        value.fit(customers)
    expected = value.purchases_.predict(customers, value.horizon_)
    spend = [20.0, 50.0, 70 / 3, 0.0, 70 / 3]
    np.testing.assert_allclose(value.predict(customers), expected * spend, rtol=1e-12)


def test_an_interval_has_no_width():
    model = AverageSpendModel().fit(CUSTOMERS)
    lower, upper = model.predict_interval(CUSTOMERS).T
    np.testing.assert_array_equal(lower, model.predict(CUSTOMERS))
    np.testing.assert_array_equal(upper, lower)


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (CUSTOMERS.assign(frequency=0), "none of the 5 customers bought again"),
        (CUSTOMERS.assign(frequency=-1.5), "5 negative frequencies .*; 5 frequencies that are not"),
        (CUSTOMERS.drop(columns="monetary_value"), "column 'monetary_value' not found"),
        (np.ones((3, 3)), "an array needs two columns, frequency and monetary_value"),
    ],
)
def test_errors_teach(frame, text):
    with pytest.raises(DataError, match=f"AverageSpendModel: {text}"):
        AverageSpendModel().fit(frame)


@pytest.mark.parametrize("contract", customer_level.ALL, ids=lambda f: f.__name__)
def test_contract(contract):
    contract(AverageSpendModel(), CUSTOMERS)


def test_scikit_learn_suite():
    results = check_estimator(AnyAverageSpend(), on_skip=None)
    ran = [r["check_name"] for r in results if r["status"] == "passed"]
    assert len(ran) >= 40, f"only {len(ran)} checks passed: {ran}"
