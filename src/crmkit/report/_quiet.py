"""Warnings that a report need not repeat."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from crmkit.exceptions import DataWarning


@contextmanager
def silence_is_told() -> Iterator[None]:
    """Do not warn of a date far behind the end of the log: the fit of the stages has done so."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* behind the end of the log", DataWarning)
        yield
