"""The past: each cut-off has a base of its own, fitted on the events before it."""

import numpy as np
import pytest

import crmkit as ck
from crmkit.clv import CustomerLifetimeValue
from crmkit.clv._value_past import ALL_FEATURES, Past, own_average
from crmkit.events._windows import read_histories
from tests.clv._regulars import log_of, regular_shop

pytestmark = pytest.mark.filterwarnings("ignore::crmkit.exceptions.CrmkitWarning")


@pytest.fixture(scope="module")
def past():
    histories = read_histories(log_of(regular_shop()), None, "D", "test")
    return Past(histories, CustomerLifetimeValue(horizon=4, unit="W"), 28, 7)


def test_the_base_of_an_example_saw_only_what_was_before(past):
    last = past.histories.whole - 60
    example = past.example(last)
    cutoff = str(np.datetime64(last + 1, "D"))
    frame = regular_shop()
    customers = ck.summarize(log_of(frame[frame["timestamp"] < cutoff]), cutoff, "W")
    base = CustomerLifetimeValue(horizon=4, unit="W").fit(customers)
    told = base.breakdown(customers, level=None)
    np.testing.assert_allclose(example.base.purchases, told["expected_purchases"], rtol=1e-7)
    np.testing.assert_allclose(
        example.base.spend, told["expected_purchases"] * told["expected_spend"], rtol=1e-7
    )
    np.testing.assert_allclose(example.base.any, 1 - told["probability_no_purchase"], rtol=1e-7)
    assert example.features.shape == (len(customers), len(ALL_FEATURES))


def test_examples_are_half_a_window_apart_and_made_once(past):
    latest = past.histories.whole - 28
    found = past.examples(latest, 3)
    assert [example.seen.last for example in found] == [latest, latest - 14, latest - 28]
    assert past.examples(latest, 1)[0] is found[0]


def test_too_early_too_few_and_too_late_teach_nothing(past):
    assert past.examples(past.histories.first + 5, 3) == []
    assert past.example(past.histories.first - 1) is None
    assert past.example(past.histories.whole + 100) is None


def test_own_average_by_hand(past):
    customers = past.example(past.histories.whole - 28).seen.customers
    expected = own_average(customers, 4.0)
    i = int(customers["frequency"].to_numpy().argmax())
    row = customers.iloc[i]
    assert expected.purchases[i] == pytest.approx(4 * row["frequency"] / row["T"])
    assert expected.spend[i] == pytest.approx(expected.purchases[i] * row["monetary_value"])
    assert expected.any[i] == pytest.approx(1 - np.exp(-expected.purchases[i]))
    assert (expected.purchases[customers["frequency"] == 0] == 0).all()
