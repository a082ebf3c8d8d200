"""Snapshots: rows stay together, whatever the library; texts by hand."""

import numpy as np
import pandas as pd
import pytest

import crmkit as ck
from crmkit.churn import RFM, NoPurchase, SnapshotBuilder
from crmkit.exceptions import DataError
from tests.churn._shop import PQS, log_by_hand
from tests.contracts.event_level import FRAMES, to_pandas

BUILDER = SnapshotBuilder([RFM()], label=NoPurchase("10D"))
CUTS = ["2023-06-10", "2023-06-20"]


def made(convert=lambda frame: frame):
    return BUILDER.build(ck.EventLog(convert(log_by_hand(PQS).data)), CUTS)


@pytest.mark.parametrize("convert", FRAMES.values(), ids=FRAMES)
def test_every_library_gives_the_same_table(convert):
    snapshots = made(convert)
    frame = to_pandas(snapshots.frame())
    assert list(frame.columns) == ["customer_id", "cutoff", *snapshots.feature_names, "y"]
    assert frame["customer_id"].tolist() == list("pqpqs") == list(snapshots.groups)
    assert frame["cutoff"].dt.day.tolist() == [10, 10, 20, 20, 20]
    assert frame["days_since_last"].tolist() == [39, 21, 10, 31, 10]
    assert frame["y"].tolist() == snapshots.y.tolist() == [0, 1, 1, 1, 1]
    assert snapshots.y.dtype == np.int64
    later = snapshots.at("2023-06-20")
    pd.testing.assert_frame_equal(
        to_pandas(later.frame()), frame.iloc[2:].reset_index(drop=True), check_dtype=False
    )


def test_x_is_of_the_callers_library():
    kinds = {name: type(made(convert).X).__module__ for name, convert in FRAMES.items()}
    assert kinds["pandas"].startswith("pandas")
    assert kinds["duckdb"].startswith("pandas")
    assert kinds["polars"] == kinds["polars lazy"]
    assert kinds["polars"].startswith("polars")
    assert kinds["pyarrow"].startswith("pyarrow")


def test_subsets_by_mask_and_by_number():
    snapshots = made()
    by_mask = snapshots.subset(snapshots.groups == "q")
    by_number = snapshots.subset([1, 3])
    for some in (by_mask, by_number):
        assert some.groups.tolist() == ["q", "q"]
        assert some.X["days_since_last"].tolist() == [21, 31]
        assert some.duration.tolist() == [10, 10]
        assert list(some.X.index) == [0, 1]
        assert len(some) == 2
    assert list(snapshots.cutoffs) == list(map(pd.Timestamp, CUTS))


def test_repr():
    assert repr(made()) == (
        "Snapshots(5 rows of 3 customers, 7 features)\n"
        "  population: active within 180D\n"
        "  label:      no purchase in 10D; mean 0.800\n"
        "  2023-06-10  2 rows, mean label 0.500, known by 2023-06-20\n"
        "  2023-06-20  3 rows, mean label 1.000, known by 2023-06-30"
    )


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda s: s.at("2023-06-11"), "no rows at 2023-06-11.* Cut-offs: .'2023-06-10', '2023-06"),
        (lambda s: s.subset([True, False]), "a mask of 2 rows was given for 5"),
        (lambda s: s.subset([5]), "row numbers must lie in 0 to 4"),
        (lambda s: s.subset([-1]), "row numbers must lie in 0 to 4"),
    ],
)
def test_rows_that_are_not_there_are_refused(ask, text):
    with pytest.raises(DataError, match=text):
        ask(made())


def test_two_columns_of_one_name_are_refused():
    frame = log_by_hand(PQS).data.rename(columns={"customer_id": "y"})
    snapshots = BUILDER.build(ck.EventLog(frame, customer="y"), CUTS)
    with pytest.raises(DataError, match=r"two columns would be called \['y'\]"):
        snapshots.frame()
