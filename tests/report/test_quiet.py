"""Only the warning of a date far behind the log is kept quiet."""

import warnings

import pytest

from crmkit.exceptions import DataWarning
from crmkit.report import UnusualContent
from crmkit.report._quiet import silence_is_told
from tests.report._moved import log_of_days


def both():
    """Warn of a date behind the log, and of something else."""
    with silence_is_told():
        warnings.warn("X: it lies 9 days behind the end of the log.", DataWarning, stacklevel=1)
        warnings.warn("X: there is no column.", DataWarning, stacklevel=1)


def test_other_warnings_go_on():
    with pytest.warns(DataWarning) as heard:
        both()
    assert [str(warning.message) for warning in heard] == ["X: there is no column."]


def test_customers_are_judged_long_after_the_log_without_a_warning():
    made = UnusualContent.from_log(log_of_days(40), as_of="2024-04-10")
    assert made.detector is not None
