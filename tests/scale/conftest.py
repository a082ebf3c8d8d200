"""The local Spark session, where there is one, and small data that all tests of scale read."""

import pytest

import crmkit as ck
from crmkit.datasets import make_customers
from tests.contracts import spark_session


@pytest.fixture(scope="session")
def spark():
    reason = spark_session.why_not()
    if reason is not None:
        pytest.skip(reason)
    return spark_session.local_spark()


@pytest.fixture(scope="session")
def events():
    """Purchases of 300 customers."""
    return make_customers(300, random_state=0).events


@pytest.fixture(scope="session")
def customers(events):
    return ck.summarize(ck.EventLog(events), unit="W")
