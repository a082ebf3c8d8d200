"""Periods of days: every day in one period, names and first days by hand."""

from datetime import date, timedelta

import numpy as np
import pytest

from crmkit.segment._periods import PERIODS, first_days, period_names, period_of_days
from tests.oracles.cohorts import period_of


@pytest.mark.parametrize("period", PERIODS)
def test_every_day_lies_in_the_period_that_begins_with_its_first_day(period):
    days = np.arange(-800, 21_000)
    numbers = period_of_days(days, period)
    begin = first_days(numbers, period).astype(int)
    behind = first_days(numbers + 1, period).astype(int)
    assert ((begin <= days) & (days < behind)).all()
    assert (np.diff(numbers) >= 0).all()
    for day in (-800, 0, 59, 11_016, 19_782, 20_999):
        calendar = date(1970, 1, 1) + timedelta(days=day)
        other = date(1970, 1, 1)
        expected = period_of(calendar, period) - period_of(other, period)
        assert numbers[day + 800] - numbers[800] == expected


def test_names():
    day = np.array([np.datetime64("2024-02-29").astype(int)])
    told = {p: period_names(period_of_days(day, p), p)[0] for p in PERIODS}
    assert told == {"W": "2024-02-26", "M": "2024-02", "Q": "2024-Q1", "Y": "2024"}
