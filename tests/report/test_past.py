"""Tests on past data: told where they are carried out, and where the log does not allow them."""

import pytest

from crmkit.exceptions import DataError
from crmkit.report._past import on_past_data, untested


def test_an_outcome_is_told():
    said = []
    assert on_past_data(lambda: 7, "a test of the risk", "the risk", said.append) == (7, "")
    assert said == ["checked the risk on past data"]


def test_a_log_that_does_not_allow_it_gives_the_reason():
    def refuse():
        raise DataError("it covers less than 3 weeks.")

    said = []
    note = "the log does not allow a holdout check (it covers less than 3 weeks)"
    assert on_past_data(refuse, "a holdout check", "the forecast", said.append) == (None, note)
    assert said == [f"no check: {note}"]


def test_other_faults_are_not_hidden():
    with pytest.raises(ZeroDivisionError):
        on_past_data(lambda: 1 // 0, "a test", "it", [].append)


def test_what_is_unknown_is_said():
    (said,) = untested("the log is too short", "how right it is").sentences
    assert said == "Not measured: the log is too short. So nothing is known of how right it is."
