"""Parts on all cores: order, one part, none, and faults that are not swallowed."""

import pytest

from crmkit._parallel import each_apart


def test_answers_come_in_the_order_of_the_parts():
    assert each_apart(lambda part: part * 2, range(100)) == list(range(0, 200, 2))
    assert each_apart(str, [7]) == ["7"]
    assert each_apart(str, []) == []


def test_faults_are_raised():
    with pytest.raises(ZeroDivisionError):
        each_apart(lambda part: 1 / part, [1, 0, 2])
