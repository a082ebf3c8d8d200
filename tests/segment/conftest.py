"""The same real events in several orders of rows: nothing that is told may depend on it."""

import pytest

import crmkit as ck


@pytest.fixture(scope="session")
def shuffled_logs():
    """Complete Journey as it is and with its rows shuffled twice."""
    lines = ck.datasets.load_complete_journey().transactions
    names = ("household_id", "transaction_timestamp", "sales_value", "basket_id")
    orders = [lines, *(lines.sample(frac=1, random_state=seed) for seed in (0, 1))]
    return [ck.EventLog(each, *names) for each in orders]


@pytest.fixture(scope="session")
def shuffled_customers(shuffled_logs):
    """Customers of these logs at 2017-10-01; their sums differ in the last bits."""
    made = [ck.summarize(log, as_of="2017-10-01") for log in shuffled_logs]
    assert (made[0]["total_amount"] != made[1]["total_amount"]).mean() > 0.5
    return made
