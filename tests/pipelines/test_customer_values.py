"""Columns of value: those of the model, with and without the interval."""

import numpy as np
import pytest

import crmkit as ck
from crmkit.clv import BetaGeoModel, CustomerLifetimeValue
from crmkit.exceptions import DataError, DataWarning
from crmkit.pipelines._customer_interval import value_ends
from crmkit.pipelines._customer_values import learnt_value, value_columns, value_of, with_values


@pytest.fixture(scope="module")
def customers():
    return ck.summarize(ck.EventLog(ck.datasets.load_cdnow(sample=True)), "1997-10-01", "W")


@pytest.fixture(scope="module")
def fitted(customers):
    return CustomerLifetimeValue(margin=0.5).fit(customers)


def test_the_interval_stands_between_value_and_rank(fitted, customers):
    valued, outlook = with_values(fitted, customers)
    plain = value_columns(fitted, valued, outlook, None)
    assert list(plain)[-2:] == ["clv", "clv_rank"]
    found = value_columns(fitted, valued, outlook, 0.9)
    assert list(found)[-4:] == ["clv", "clv_low", "clv_high", "clv_rank"]
    np.testing.assert_array_equal(found["clv"], fitted.predict(customers))
    ends = value_ends(fitted, customers, fitted._outlook(customers), 0.9)
    np.testing.assert_array_equal(found["clv_high"], ends["clv_high"])


def test_the_summary_stays_and_ranks_share_ties(fitted, customers):
    valued, _ = with_values(fitted, customers)
    assert valued.columns[: len(customers.columns)].tolist() == customers.columns.tolist()
    expected = valued["clv"].rank(method="min", ascending=False).astype(int)
    assert valued["clv_rank"].tolist() == expected.tolist()


def test_what_the_parameter_means():
    own = CustomerLifetimeValue(margin=0.2)
    assert value_of(own) is own
    assert isinstance(value_of(None), CustomerLifetimeValue)
    with pytest.raises(DataError, match=r"value must be a CustomerLifetimeValue.*\(purchases="):
        value_of(BetaGeoModel())


def test_where_nobody_bought_again_a_warning_tells_what_the_table_lacks(customers):
    once = customers.assign(frequency=0, recency=0.0, monetary_value=0.0)
    with pytest.warns(DataWarning, match=r"has no values, and neither tiers .*BetaGeoModel: none"):
        fitted, note = learnt_value(CustomerLifetimeValue(unit="W"), once)
    assert fitted is None
    assert note.startswith("BetaGeoModel: none of the 2,357 customers bought again")
    valued, outlook = with_values(fitted, once)
    assert valued is once
    assert outlook is None
    assert value_columns(fitted, once, outlook, 0.9) == {}


def test_faults_of_the_model_are_no_lack_of_purchases(customers):
    with pytest.raises(DataError, match="infinite horizon needs a discount_rate"):
        learnt_value(CustomerLifetimeValue(horizon=np.inf, discount_rate=0.0), customers)
