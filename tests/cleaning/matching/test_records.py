"""Frames to units, what a fitted matcher keeps, and new records beside known ones."""

import numpy as np
import pandas as pd

from crmkit._frames import coded_columns
from crmkit.cleaning._matching._coded import units_of
from crmkit.cleaning._matching._kind_rules import RULES
from crmkit.cleaning._matching._records import (
    coded,
    date_orders,
    joined,
    kept,
    kinds_of,
    known_units,
    row_numbers,
    usable,
)
from crmkit.cleaning._normal import _kinds
from tests.cleaning.build import coded as plain


def columns_of(frame, kinds):
    raw = coded_columns(frame, list(frame.columns), "Test")
    return [coded(column, kinds[column.name]) for column in raw]


KINDS = {"city": "city", "email": "email"}
KNOWN = pd.DataFrame({"city": ["York", "york ", "Bath"], "email": ["a@b", "A@b", None]})


def test_values_are_compared_in_their_normal_forms():
    units = units_of(columns_of(KNOWN, KINDS), 3)
    assert units.unit_of_row.tolist() == [1, 1, 0]
    assert units.column("city").values == ["bath", "york"]


def test_given_kinds_win_over_names():
    raw = coded_columns(KNOWN, ["city", "email"], "Test")
    assert kinds_of(raw, {"city": "text"}) == {"city": "text", "email": "email"}


def test_every_kind_of_values_can_be_compared():
    assert set(RULES) == set(_kinds.KINDS) - {_kinds.IGNORE}


def raw_column(name, values):
    return coded_columns(pd.DataFrame({name: values}), [name], "Test")[0]


def test_phones_are_compared_by_what_is_dialled_at_home():
    raw = raw_column("tel", ["+1 555 123 4567", "(555) 123-4567", "0015551234567", "12", "4567890"])
    column = coded(raw, "phone")
    assert column.values == ["4567890", "5551234567"]
    assert column.codes.tolist() == [1, 1, 1, -1, 0]


def test_unclear_dates_are_read_as_most_of_the_list():
    raw = raw_column("born", ["01/02/1980", "12/31/1980", "11/30/1980", "30/11/1980"])
    assert date_orders([raw], {"born": "birth_date"}) == {"born": "MDY"}
    assert "1980-01-02" in coded(raw, "birth_date").values
    one = raw_column("born", ["01/02/1980"])
    assert coded(one, "birth_date").values == ["1980-02-01"]
    assert coded(one, "birth_date", "MDY").values == ["1980-01-02"]
    assert date_orders([one], {"born": "street"}) == {}


def test_ids_of_rows_are_told_without_their_forms():
    frame = pd.DataFrame(
        {
            "key": ["K-1", "K-2", "K-3"],
            "ssn": ["1-2", "12", "3"],  # two ways to write one
            "again": ["a", "a", "b"],
            "accents": ["a", "b", "\u00e4"],
            "number": [1, 2, 3],
            "city": ["x", "y", "z"],
        }
    )
    raw = coded_columns(frame, list(frame.columns), "Test")
    kinds = dict.fromkeys(frame.columns, "id") | {"city": "city"}
    assert row_numbers(raw, kinds) == ["key", "number"]
    assert row_numbers(raw[:1], kinds) == []
    assert row_numbers(raw, kinds | {"key": "ignore"}) == ["number"]


def test_row_numbers_and_repeated_names_are_no_evidence():
    columns = [
        plain("key", "id", ["1", "2", "3"]),
        plain("ssn", "id", ["1", "1", "2"]),
        plain("first", "first_name", ["a", "b", "a"]),
        plain("last", "last_name", ["c", "c", "c"]),
        plain("both", "name", ["a c", "b c", "a c"]),
        plain("none", "city", [None, None, None]),
    ]
    assert [column.name for column in usable(columns)] == ["ssn", "first", "last"]
    assert [column.name for column in usable([columns[4]])] == ["both"]


def test_what_is_kept_comes_back():
    units = units_of(columns_of(KNOWN, KINDS), 3)
    back = known_units(kept(units))
    assert back.n == units.n
    for one, other in zip(units.columns, back.columns, strict=True):
        assert (one.name, one.kind, one.values) == (other.name, other.kind, other.values)
        assert one.codes.tolist() == other.codes.tolist()


def test_new_records_stand_behind_known_ones_and_equal_ones_are_found():
    known = units_of(columns_of(KNOWN, KINDS), 3)
    new = pd.DataFrame(
        {"city": ["Rome", "York", None, "ROME"], "email": ["c@d", "a@b", None, "c@d"]}
    )
    units, unit_of_row = joined(known, columns_of(new, KINDS), 4)
    assert units.n == 3
    assert unit_of_row.tolist() == [2, 1, -1, 2]
    city = units.column("city")
    assert [city.values[code] for code in city.codes.tolist()] == ["bath", "york", "rome"]
    assert np.asarray(city.counts).tolist() == [1, 1, 0]  # only known units count
