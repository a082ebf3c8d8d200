"""The contract suites hold as many checks as they should: an empty suite must not look green."""

from tests.contracts import customer_level, event_level


def test_the_suites_are_not_empty():
    assert len(customer_level.ALL) >= 11
    assert len(event_level.ALL) >= 12
