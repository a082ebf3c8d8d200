"""What the caller tells: pairs of ids, entities of records, sources."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmkit.cleaning._matching._labels import entity_codes, pairs_of_ids, source_codes
from crmkit.exceptions import DataError

OWNER = "Deduplicator"


def codes(y, n=5):
    return entity_codes(y, n, OWNER).tolist()


WHOLE = [7, -1, 3, 7, -1]


@pytest.mark.parametrize(
    "y",
    [
        WHOLE,
        np.array(WHOLE),
        np.array(WHOLE, dtype=float),
        np.array([7, np.nan, 3, 7, -1]),
        [7, None, 3, 7, "  "],
        pd.Series([7, None, 3, 7, -1], dtype="Int64"),
        pl.Series(WHOLE),
        pa.array([7, None, 3, 7, -1]),
        pd.DataFrame({"entity": WHOLE}),
        ["a", "", "b", "a", None],
        np.array(["a", " ", "b", "a", "\t"]),
        pl.DataFrame({"entity": ["a", "", "b", "a", None]}),
        [Decimal(7), Decimal(-1), Decimal(3), Decimal(7), None],
    ],
)
def test_labels_that_say_nothing_are_no_entity(y):
    got = codes(y)
    assert got[0] == got[3] >= 0
    assert got[2] >= 0
    assert got[2] != got[0]
    assert got[1] == got[4] == -1


def test_minus_one_is_a_label_where_others_are_no_whole_numbers():
    assert -1 not in codes(["-1", "a", "-1", "b", "c"])
    assert -1 not in codes([-1, 0.5, -1, 2, 3])
    assert -1 not in codes([-1, "a", -1, "b", "c"])


@pytest.mark.parametrize(
    ("y", "text"),
    [
        (7, "y must hold one label a record, .* got int"),
        ("abcde", "y must hold one label a record, .* got str"),
        (np.zeros((5, 1), dtype=int), r"got ndarray of shape \(5, 1\)"),
        ([1, 2], "y has 2 labels for 5 records"),
    ],
)
def test_what_is_no_list_of_labels_is_told(y, text):
    with pytest.raises(DataError, match=text):
        codes(y)


@pytest.mark.parametrize(
    ("given", "got"),
    [
        ([1, 2], "1"),
        (7, "7"),
        ([("K1", "K2"), 3], "3"),
        (("K1", "K2"), "'K1'"),
        ("K1", "'K1'"),
        ([("K1",)], r"\('K1',\)"),
        ({"K1": "K2"}, "'K1'"),
    ],
)
def test_what_is_no_pair_is_told(given, got):
    with pytest.raises(DataError, match=f"must_link must be pairs of record ids, .*, got {got}"):
        pairs_of_ids(given, "must_link", OWNER, ("a", "b"))


def test_a_source_has_one_name_in_all_types():
    numbers, names = source_codes([1, 2, 10], [])
    assert names == ["1", "2", "10"]
    for again in ([1.0, 2.0, 10.0], ["1", "2", " 10 "], [Decimal("1.00"), Decimal(2), 10]):
        assert source_codes(again, names)[0].tolist() == numbers.tolist()
    day = datetime.date(2024, 5, 1)
    _, names = source_codes([day], [])
    midnight = datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)
    for again in (midnight, pd.Timestamp(day), "2024-05-01"):
        assert source_codes([again], names)[1] == names
    assert source_codes(["", " ", "web"], [])[0].tolist() == [-1, -1, 0]
    assert source_codes([1.5, float("inf"), True], [])[1] == ["1.5", "inf", "True"]
