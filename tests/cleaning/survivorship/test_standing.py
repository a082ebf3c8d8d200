"""How new and how trusted records are, by hand, for every type of instant."""

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from crmkit._frames import RawColumn
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._survivorship._standing import (
    distrust_of,
    field_of,
    newness_of,
    size_order,
    standing,
    without_blanks,
)
from crmkit.exceptions import DataError


def column(values, codes=None):
    codes = range(len(values)) if codes is None else codes
    return RawColumn("seen", np.array(codes, dtype=np.int64), list(values))


INSTANTS = {
    "datetimes": [datetime(2024, 5, 1, 12), datetime(2024, 5, 1), datetime(1, 1, 1)],
    "aware": [datetime(2024, 5, 1, 12, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC),
              datetime(2023, 1, 1, tzinfo=UTC)],
    "dates": [date(2024, 5, 2), date(2024, 5, 1), date(1990, 1, 1)],
    "years": [2024, 2023, 2020],
    "texts": ["2024-05-01T12:00", " 2024-05-01", "2023-12-31"],
}  # fmt: skip


@pytest.mark.parametrize("values", INSTANTS.values(), ids=INSTANTS)
def test_newer_is_larger_and_missing_is_below_all(values):
    assert newness_of(column(values, [0, 1, 2, -1, 0]), "Test").tolist() == [2, 1, 0, -1, 2]


def test_instants_that_cannot_be_compared_are_refused():
    mixed = [datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)]
    with pytest.raises(DataError, match="Test: when='seen' holds values that cannot be put in ord"):
        newness_of(column(mixed), "Test")
    with pytest.raises(DataError, match="Test: when='seen' holds 'May', which is no ISO 8601"):
        newness_of(column(["May"]), "Test")


def test_unnamed_sources_are_trusted_least():
    got = distrust_of(column(["web", "desk", "fax"], [0, 1, 2, -1]), ["desk", "web"])
    assert got.tolist() == [1, 0, 2, 2]


def test_rank_is_by_trust_then_age_then_gaps():
    raw = [column(["x"], [0, 0, -1, 0, 0]), column(["y"], [0, -1, -1, 0, 0])]
    entity = np.array([0, 0, 0, 1, 1])
    newness, distrust = np.array([1, 5, 5, 5, 1]), np.array([0, 1, 1, 1, 0])
    at = standing(entity, 2, raw, np.arange(5), newness, distrust)
    assert at.filled.tolist() == [2, 1, 0, 2, 2]
    assert at.rank.tolist() == [0, 2, 3, 1, 0]
    assert at.order.tolist() == [0, 1, 2, 4, 3]


def test_blank_texts_are_missing():
    got = without_blanks(column(["a", " ", "b", ""], [0, 1, 2, 3, -1]))
    assert got.values == ["a", "b"]
    assert got.codes.tolist() == [0, -1, 1, -1, -1]


def test_forms_join_ways_of_writing_where_a_choice_depends_on_them():
    raw = column(["Oak Street 1", "oak st 1", "N/A", "ELM ST 2", "elm street 2"])
    entity = np.array([0, 0, 0, 1, 2])
    field = field_of(raw, "street", entity, 3, NormalSettings())
    assert field.forms.tolist() == [0, 0, -1, 3, 4]


def test_sizes_of_numbers_and_dates_that_are_text():
    settings = NormalSettings(date_order="DMY")
    assert size_order(["10", "9.5", "x"], "number", settings).tolist() == [1, 0, -1]
    assert size_order([Decimal(3), 2], "number", settings).tolist() == [1, 0]
    assert size_order(["01/02/2020", "02/01/2020", "May"], "date", settings).tolist() == [1, 0, -1]


def test_instants_keep_their_nanoseconds_and_words_for_nothing_are_missing():
    stamps = [pd.Timestamp("2024-01-01 00:00:00.000000002"), pd.Timestamp("2024-01-01")]
    assert newness_of(column(stamps), "Test").tolist() == [1, 0]
    mixed = column(["N/A", "2024-05-01", "9999-12-31", "2023-01-01"], [0, 1, 2, 3, -1])
    assert newness_of(mixed, "Test").tolist() == [-1, 1, 2, 0, -1]
    assert newness_of(column(["N/A", "?"]), "Test").tolist() == [-1, -1]


def test_placeholders_of_a_type_say_nothing_and_other_values_stay_as_they_are():
    days = [datetime(1900, 1, 1), datetime(1980, 2, 1, 8), datetime(1980, 2, 1, 9)]
    raw = RawColumn("born", np.array([0, 1, 2]), days)
    field = field_of(raw, "birth_date", np.zeros(3, dtype=np.int64), 1, NormalSettings())
    assert field.forms.tolist() == [-1, 1, 2]
    sums = RawColumn("sum", np.array([0, 1]), [9999999999, 5])
    field = field_of(sums, "number", np.zeros(2, dtype=np.int64), 1, NormalSettings())
    assert field.forms.tolist() == [0, 1]


def test_numbers_in_text_are_compared_exactly():
    texts = ["9007199254740993", "9007199254740992", "9007199254740992.0"]
    assert size_order(texts, "number", NormalSettings()).tolist() == [1, 0, 0]
