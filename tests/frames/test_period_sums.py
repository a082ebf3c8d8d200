"""Sums by customer and period: DuckDB and Spark tell what is told in memory, and no more leaves."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import crmkit as ck
from crmkit import _frames
from crmkit.churn import SnapshotBuilder
from crmkit.events._ledger import read_ledger
from crmkit.events._windows import read_histories
from crmkit.exceptions import DataError
from crmkit.segment import RFMSegmenter, cohort_table, migration_matrix
from tests.contracts.event_level import AS_OF, events
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.contracts.spark_session import to_spark, why_not

spark = pytest.param(
    to_spark, marks=pytest.mark.skipif(why_not() is not None, reason=str(why_not())), id="spark"
)
ENGINES = [pytest.param(FRAMES["duckdb"], id="duckdb"), spark]
DAY = 19_844  # 1 May 2024


def shop():
    """Orders of several lines, days and none; a channel, an item, returns."""
    frame = events(n=900)
    frame["order_id"] = frame["order_id"].where(frame["order_id"] % 7 != 0).astype("Int64")
    frame["item"] = (frame.index % 23).astype(str)
    frame["channel"] = np.array(["web", "shop", None], dtype=object)[frame.index % 3]
    frame.loc[frame["customer_id"] == "101", "amount"] = -3.0
    return frame


def same(got, expected, where="it"):
    """Equal parts of two objects: sums to 12 digits, all else exact."""
    if isinstance(expected, np.ndarray) and expected.dtype.kind == "f":
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12, err_msg=where)
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(got, expected, err_msg=where)
    elif isinstance(expected, dict):
        assert got.keys() == expected.keys(), where
        for name in expected:
            same(got[name], expected[name], f"{where}.{name}")
    elif hasattr(expected, "__dataclass_fields__"):
        for name in expected.__dataclass_fields__:
            if not name.startswith("_"):
                same(getattr(got, name), getattr(expected, name), f"{where}.{name}")
    elif hasattr(expected, "to_list"):
        assert got.to_list() == expected.to_list(), where
    else:
        assert got == expected, where


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "kwargs",
    [{}, {"order": "order_id", "returns": "net", "item": "item"}, {"amount": None}],
    ids=["plain", "orders", "no money"],
)
def test_ledgers_agree(engine, kwargs):
    logs = [ck.EventLog(make(shop()), **kwargs) for make in (engine, lambda frame: frame)]
    columns = ("item", "channel")
    same(*(read_ledger(log, DAY, "test", columns=columns) for log in logs))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("period", ["h", "W", "M"])
def test_histories_agree(engine, period):
    frame = shop()
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    kwargs = {"returns": "net", "tz": "Asia/Tokyo", "min_amount": 2.0}
    logs = [ck.EventLog(make(frame), **kwargs) for make in (engine, lambda frame: frame)]
    same(*(read_histories(log, AS_OF, period, "test") for log in logs))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("by", [None, "channel"])
def test_cohorts_agree(engine, by):
    logs = [ck.EventLog(frame, order="order_id") for frame in (shop(), engine(shop()))]
    expected, got = (
        to_pandas(cohort_table(log, by=by, measure="orders", as_of=AS_OF).frame()) for log in logs
    )
    keys = expected.columns[:2].tolist()
    assert_frame_equal(
        got.sort_values(keys, ignore_index=True).astype({"cohort": str}),
        expected.sort_values(keys, ignore_index=True).astype({"cohort": str}),
        check_dtype=False,
    )
    assert type(cohort_table(ck.EventLog(engine(shop()))).frame()) is type(engine(shop()))


@pytest.mark.parametrize("engine", ENGINES)
def test_of_two_first_values_the_first_in_order_counts_and_a_missing_one_last(engine):
    times = pd.to_datetime(["2024-01-05 10:00"] * 5 + ["2024-01-04 10:00"])
    values = ["web", "shop", None, "app", None, "post"]
    frame = pd.DataFrame({"customer_id": list("aabbcc"), "timestamp": times, "by": values})
    frame["amount"] = [1.0, 1.0, 1.0, 1.0, 1.0, -1.0]
    table = cohort_table(ck.EventLog(engine(frame)), by="by", measure="customers")
    sizes = to_pandas(table.frame()).groupby("cohort")["customers"].first()
    assert sizes.to_dict() == {"shop": 1, "app": 1, "(missing)": 1}


@pytest.mark.parametrize("engine", ENGINES)
def test_segments_and_their_movement_agree(engine):
    dates = ["2024-03-01", "2024-04-01", "2024-05-01"]
    model = RFMSegmenter().fit(ck.summarize(ck.EventLog(shop()), dates[0]))
    customers = ck.summarize(ck.EventLog(engine(shop())), dates[1])
    expected = model.predict_frame(ck.summarize(ck.EventLog(shop()), dates[1]))
    got = to_pandas(model.predict_frame(customers)).sort_values("customer_id", ignore_index=True)
    assert_frame_equal(got, expected, check_dtype=False)
    moved = [migration_matrix(model, ck.EventLog(each), dates) for each in (engine(shop()), shop())]
    assert_frame_equal(moved[0].matrix(), moved[1].matrix())


class Fetched(list):
    """How many rows each table had that left an engine."""

    def watch(self, monkeypatch, owner, name):
        fetch = getattr(owner, name)

        def counted(frame, *args, **kwargs):
            table = fetch(frame, *args, **kwargs)
            self.append(table.num_rows)
            return table

        monkeypatch.setattr(owner, name, counted)


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_no_more_than_the_sums_leaves_spark(monkeypatch):
    from pyspark.sql.classic.dataframe import DataFrame

    frame = pd.concat([shop()] * 5)
    days = frame.groupby(["customer_id", frame["timestamp"].dt.date, frame["amount"] < 0]).ngroups
    data, fetched = to_spark(frame), Fetched()
    fetched.watch(monkeypatch, DataFrame, "toArrow")
    for name in ("collect", "toPandas", "toLocalIterator", "take", "head"):
        monkeypatch.setattr(DataFrame, name, None)
    log = ck.EventLog(data)
    ck.summarize(log, AS_OF)
    assert max(fetched) == 1  # counts
    SnapshotBuilder().transform(log, AS_OF)
    cohort_table(log, as_of=AS_OF)
    assert 1 < max(fetched) <= days < len(frame) / 4


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_what_reads_single_events_refuses_spark():
    log = ck.EventLog(to_spark(shop()), item="item")
    with pytest.raises(DataError, match=r"^me: the rows are read one by one, and those of a frame"):
        _frames.read_events(log.data, None, (), "me")
    from crmkit.recommend import Popularity

    with pytest.raises(DataError, match=r"Popularity: the rows are read one by one.*crmkit.scale"):
        Popularity().fit(log)


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_to_add_up(engine):
    with pytest.raises(DataError, match="nobody bought before 2024-05-01"):
        cohort_table(ck.EventLog(engine(shop().assign(amount=-1.0))), as_of=AS_OF)
    log = ck.EventLog(engine(shop()), min_amount=1e6)
    assert len(read_ledger(log, DAY, "test", columns=("item",)).days) == 0


@pytest.mark.parametrize("kind", FRAMES)
def test_which_engines_add_up(kind):
    assert _frames.adds_up(FRAMES[kind](shop())) is (kind == "duckdb")
