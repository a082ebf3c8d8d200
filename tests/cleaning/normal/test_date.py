"""Dates: the order of a column is found by its clear dates or stated, and never guessed."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from crmkit.cleaning._normal._date import found_order, is_date
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._placeholders import NO_DATE
from crmkit.cleaning._normal._settings import NormalSettings


def test_clear_dates_tell_the_order_of_the_others():
    assert normalised(["01/02/1980", "31/12/1980"], "date") == ["1980-02-01", "1980-12-31"]
    assert normalised(["01/02/1980", "12/31/1980"], "date") == ["1980-01-02", "1980-12-31"]


def test_clear_dates_that_disagree_leave_the_unclear_ones_as_they_are():
    values = ["01/02/1980", "31/12/1980", "12/30/1980"]
    assert normalised(values, "date") == ["01/02/1980", "1980-12-31", "1980-12-30"]


def test_a_stated_order_is_kept_and_a_clear_date_read_as_it_must_be():
    settings = NormalSettings(date_order="MDY")
    assert normalised(["01/02/1980", "31/12/1980"], "date", settings) == [
        "1980-01-02",
        "1980-12-31",
    ]


def test_one_slip_in_a_hundred_does_not_hide_the_order():
    days = [f"{day}/01/1980" for day in range(13, 31)] + [f"{day}/03/1980" for day in range(13, 31)]
    assert found_order([*days, "01/13/1980"]) == "DMY"
    assert found_order(["01/02/1980"]) == "unknown"
    assert found_order(["45/01/2020", "99/01/2020"]) == "unknown"  # no days of the calendar
    firsts = [f"{month}/1/2020" for month in range(1, 13)]
    assert found_order(["13/01/2020", *firsts]) == "unknown"  # one slip
    assert found_order([]) == "unknown"
    assert found_order([*days[:9], "01/13/1980"]) == "unknown"  # nine in ten do not agree


def test_eight_digits_are_a_date_of_these_centuries_alone():
    assert normalised(["17000101", "16991231", "22000101"], "date") == [
        "1700-01-01",
        "16991231",
        "22000101",
    ]


def test_a_day_that_the_calendar_lacks_has_the_shape_of_a_date_and_is_none():
    (form,) = normalised(["31/02/1980"], "date", NormalSettings(date_order="DMY"))
    assert form == "1980-02-31"
    assert not is_date(form)
    assert is_date("1980-02-29")
    assert not is_date("1981-02-29")
    assert not is_date("some day")
    assert not is_date(None)


@given(st.dates(datetime.date(1700, 1, 1), datetime.date(2199, 12, 31)), st.booleans())
def test_a_date_of_a_stated_order_comes_back(day, day_first):
    text = day.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y")
    settings = NormalSettings(date_order="DMY" if day_first else "MDY")
    (form,) = normalised([text], "date", settings)
    assert form == (None if day.isoformat() in NO_DATE else day.isoformat())
