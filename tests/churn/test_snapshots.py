"""Snapshots: rows stay together, whatever the library; texts by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmkit as ck
from crmkit.churn import RFM, NoPurchase, SnapshotBuilder
from crmkit.exceptions import DataError
from tests.churn._shop import PQS, log_by_hand
from tests.contracts.frame_kinds import FRAMES, to_pandas

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


@pytest.mark.parametrize(
    "kind",
    [
        list,
        lambda mask: mask.astype(object),
        lambda mask: pd.array(mask, dtype="boolean"),
        lambda mask: pd.Series(mask, dtype="bool[pyarrow]"),
        pl.Series,
    ],
    ids=["list", "object", "boolean", "pyarrow", "polars"],
)
def test_masks_of_every_kind(kind):
    snapshots = made()
    assert snapshots.subset(kind(snapshots.groups == "q")).groups.tolist() == ["q", "q"]


def test_nobody_may_be_chosen():
    assert [len(made().subset(nobody)) for nobody in ([], np.zeros(5, dtype=bool))] == [0, 0]


def test_a_cutoff_with_a_zone_is_told_on_the_clock_of_the_log():
    log = log_by_hand([(c, f"{day}T12:00Z", a) for c, day, a in PQS], tz="Asia/Tokyo")
    snapshots = BUILDER.build(log, CUTS)
    for same in ("2023-06-20", "2023-06-19T15:00Z", pd.Timestamp("2023-06-20", tz="Asia/Tokyo")):
        assert snapshots.at(same).groups.tolist() == ["p", "q", "s"]
    with pytest.raises(DataError, match="no rows at 2023-06-20T09"):
        snapshots.at("2023-06-20T00:00Z")


@pytest.mark.parametrize("name", ["y", "groups", "cutoff", "label_end", "duration", "event"])
def test_arrays_stay_as_they_are(name):
    snapshots = made()
    for some in (snapshots, snapshots.subset([1, 3])):
        with pytest.raises(ValueError, match="read-only"):
            getattr(some, name)[0] = getattr(some, name)[1]
    mine = np.zeros(5)
    assert not replace(snapshots, y=mine).y.flags.writeable
    assert mine.flags.writeable


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
        (lambda s: s.subset(s.y), "row numbers must be distinct. Zeros and ones are .* no mask"),
        (lambda s: s.subset([0.0, 1.0]), "got float64 of shape .2,.* snapshots.y == 1"),
        (lambda s: s.subset(s.X[["T"]] > 3), r"got bool of shape \(5, 1\)"),
        (
            lambda s: s.subset(pd.array([None, False, True, True, True], dtype="boolean")),
            "none missing, or by row numbers; got object",
        ),
        (lambda s: s.subset(["p", "q"]), "got <U1 of shape"),
        (
            lambda s: s.at("2023-06-10T00:00Z"),
            "cutoff=2023.* has a time zone, the events have none",
        ),
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
