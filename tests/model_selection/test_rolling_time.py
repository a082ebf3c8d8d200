"""RollingTimeSplit: against sets, no leakage, windows, clocks, frames, texts."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from crmkit import EventLog
from crmkit.exceptions import DataError, DataWarning
from crmkit.model_selection import RollingTimeSplit
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.model_selection._purchases import (
    START,
    check_any_split,
    events,
    expected,
    log_of,
    pair_set,
    purchases,
)

END = pd.Timestamp("2024-04-30")


def test_what_holds_of_every_splitter():
    check_any_split(RollingTimeSplit(horizon="20D"))


@pytest.mark.parametrize("mode", ["new", "repeat", "all"])
def test_sets_agree(mode):
    frame = purchases(events())
    splits = RollingTimeSplit(n_splits=2, horizon="30D", step="20D", mode=mode).split(
        log_of(events())
    )
    for split, cut in zip(
        splits, [END - pd.Timedelta("50D"), END - pd.Timedelta("30D")], strict=True
    ):
        assert split.as_of == cut
        past, later = frame["timestamp"] < cut, frame["timestamp"] >= cut
        later &= frame["timestamp"] < cut + pd.Timedelta("30D")
        wanted = expected(pair_set(frame[past]), pair_set(frame[later]), mode)
        assert pair_set(split.relevant) == wanted
        sums = frame[later].groupby(["customer_id", "item_id"])["amount"].sum()
        got = split.relevant.set_index(["customer_id", "item_id"])["amount"]
        pd.testing.assert_series_equal(got, sums.loc[got.index])


def test_known_holds_nothing_at_or_after_the_cutoff_and_all_before():
    frame = events()
    at_midnight = frame.head(1).assign(timestamp=pd.Timestamp("2024-03-31"), amount=1.0)
    frame = pd.concat([frame, at_midnight], ignore_index=True)
    (split,) = RollingTimeSplit(cutoffs="2024-03-31").split(log_of(frame))
    known = split.known.data
    expected_rows = frame[frame["timestamp"] < "2024-03-31"].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, expected_rows)  # returns stay, order stays
    assert split.known.item == "item_id"
    assert split.known.order == "order_id"


def test_the_future_changes_nothing_that_is_known():
    frame = events()
    late = frame["timestamp"] >= "2024-03-31"
    changed = frame.assign(item_id=frame["item_id"].where(~late, "other"))
    known = [
        next(iter(RollingTimeSplit(cutoffs=["2024-03-31"]).split(log_of(f)))).known.data
        for f in (frame, changed)
    ]
    pd.testing.assert_frame_equal(*known)


def test_strangers_are_left_aside_and_counted_or_asked():
    frame = events()
    late = frame["timestamp"] >= "2024-03-31"
    frame.loc[late & (frame.index % 5 == 0), "customer_id"] = "newcomer"
    (split,) = RollingTimeSplit(cutoffs=["2024-03-31"]).split(log_of(frame))
    assert split.n_left_aside == 1
    assert "newcomer" not in set(split.customers)
    (split,) = RollingTimeSplit(cutoffs=["2024-03-31"], min_history=0).split(log_of(frame))
    assert split.n_left_aside == 0
    assert "newcomer" in set(split.customers)


def test_unseen_items_are_counted_and_may_be_relevant():
    frame = events()
    frame.loc[frame["timestamp"] >= "2024-04-20", "item_id"] = "launched"
    asked = {"cutoffs": ["2024-03-31"]}
    (without,) = RollingTimeSplit(**asked).split(log_of(frame))
    (beside,) = RollingTimeSplit(**asked, unseen_items="include").split(log_of(frame))
    assert "launched" not in set(without.relevant["item_id"])
    launched = beside.relevant["item_id"] == "launched"
    assert without.n_unseen == beside.n_unseen == launched.sum() > 10
    assert "pairs with unseen items" in repr(without)


def test_windows_do_not_overlap_and_end_with_the_log():
    splits = list(RollingTimeSplit(n_splits=3, horizon="2W").split(log_of(events())))
    cuts = [split.as_of for split in splits]
    assert cuts == [END - i * pd.Timedelta("14D") for i in (3, 2, 1)]


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree(kind):
    (expected_split,) = RollingTimeSplit(n_splits=1).split(log_of(events()))
    (split,) = RollingTimeSplit(n_splits=1).split(log_of(FRAMES[kind](events())))
    for name in ("relevant", "known"):
        got, want = getattr(split, name), getattr(expected_split, name)
        got, want = (getattr(part, "data", part) for part in (got, want))
        pd.testing.assert_frame_equal(to_pandas(got), want, check_dtype=False)
    library = {"polars": pl.DataFrame, "pyarrow": pa.Table, "duckdb": pa.Table}
    assert isinstance(split.relevant, library.get(kind.split()[0], pd.DataFrame))
    assert type(split.known.data) is type(split.relevant)


def test_ids_keep_their_type():
    frame = events()
    frame["customer_id"] = frame["customer_id"].astype("int32")
    frame["item_id"] = frame["item_id"].astype("category")
    (split,) = RollingTimeSplit(n_splits=1).split(log_of(frame))
    assert split.relevant["customer_id"].dtype == "int32"
    assert split.relevant["item_id"].dtype == "category"


def test_days_begin_where_the_log_says():
    """An event at 23:30 in London in summer is 22:30 in UTC: the day is that of London."""
    times = pd.to_datetime(["2024-06-01T10:00", "2024-06-09T22:30", "2024-06-09T23:30"], utc=True)
    frame = pd.DataFrame(
        {"customer_id": ["a", "a", "a"], "timestamp": times, "item_id": ["x", "y", "z"]}
    )
    log = EventLog(frame, amount=None, item="item_id", tz="Europe/London")
    (split,) = RollingTimeSplit(n_splits=1, horizon=1, unseen_items="include").split(log)
    assert split.as_of.isoformat() == "2024-06-10T00:00:00+01:00"
    assert split.known.data["item_id"].tolist() == ["x", "y"]
    assert split.relevant["item_id"].tolist() == ["z"]
    assert list(split.relevant.columns) == ["customer_id", "item_id"]


def test_purchases_without_an_item_are_told_once_and_no_null_id_is_told_again():
    frame = events()
    frame.loc[frame.index[:9], "item_id"] = None
    frame.loc[frame.index[20:25], "customer_id"] = None
    log = log_of(frame)
    with pytest.warns(DataWarning) as told:
        (split,) = RollingTimeSplit(n_splits=1).split(log)
    texts = [str(warning.message) for warning in told]
    assert len(texts) == 2
    assert "EventLog: 5 of 700 rows (0.7%) have no 'customer_id'" in texts[0]
    n = (frame["customer_id"].notna() & (frame["amount"] >= 0)).sum()
    lost = (frame["item_id"].isna() & (frame["amount"] >= 0)).sum()
    assert f"RollingTimeSplit: {lost} of {n} purchases have no 'item_id'" in texts[1]
    assert split.known.facts.n_null_customers == 0


def test_min_amount_limits_purchases():
    (split,) = RollingTimeSplit(n_splits=1, mode="all").split(log_of(events(), min_amount=20.0))
    frame = events()
    frame = frame[frame["amount"] >= 20.0]
    late = frame["timestamp"] >= split.as_of
    assert pair_set(split.relevant) == expected(
        pair_set(frame[~late]), pair_set(frame[late]), "all"
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 20)), min_size=1, max_size=40
    ),
    st.integers(1, 6),
    st.sampled_from(["new", "repeat", "all"]),
    st.integers(0, 2),
)
def test_any_log_agrees_with_sets(rows, horizon, mode, min_history):
    who, what, day = np.array(rows).T
    day = np.append(day, [-1, 20])
    who, what = np.append(who, [9, 9]), np.append(what, [9, 9])
    when = START + pd.to_timedelta(day, unit="D")
    frame = pd.DataFrame({"customer_id": who, "item_id": what, "timestamp": when})
    splitter = RollingTimeSplit(1, horizon, mode=mode, min_history=min_history)
    (split,) = splitter.split(EventLog(frame, amount=None, item="item_id"))
    seen = pair_set(frame[day <= 20 - horizon])
    held = pair_set(frame[day > 20 - horizon])
    wanted = {"new": held - seen, "repeat": held & seen, "all": held}[mode]
    history = {c: sum(1 for w, _ in seen if w == c) for c, _ in held}
    items = {i for _, i in seen}
    asked = {(c, i) for c, i in wanted if history[c] >= min_history}
    assert pair_set(split.relevant) == {(c, i) for c, i in asked if i in items}
    assert split.n_unseen == sum(i not in items for _, i in asked)
    assert split.n_left_aside == sum(n < min_history for n in history.values())


def test_parameters_are_those_of_scikit_learn():
    splitter = RollingTimeSplit(n_splits=5, mode="all")
    assert clone(splitter).get_params() == splitter.get_params()
    assert repr(splitter) == "RollingTimeSplit(mode='all', n_splits=5)"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"mode": "explore"}, "mode must be one of"),
        ({"unseen_items": "drop"}, "unseen_items must be one of"),
        ({"min_history": -1}, "min_history must be a whole number of at least 0"),
        ({"n_splits": 0}, "n_splits must be a whole number of at least 1"),
        ({"horizon": "12h"}, "horizon must be whole days, at least 1, got '12h'"),
        ({"step": 0}, "step must be whole days"),
        ({"horizon": None}, "horizon must be whole days, at least 1, got None"),
        ({"n_splits": 5}, "nothing lies before 2023-12-02, 2024-01-01, the log begins 2024-01-01"),
        ({"cutoffs": ["2024-04-29"]}, "the 30 days after 2024-04-29 are not over"),
        ({"cutoffs": []}, "cutoffs must be distinct dates"),
        ({"cutoffs": ["2024-03-01", "2024-03-01"]}, "cutoffs must be distinct dates"),
        ({"cutoffs": ["2024-03-01T12:00"]}, "a cut-off must be the beginning of a day"),
        ({"cutoffs": ["March"]}, "is no ISO 8601 date"),
        ({"cutoffs": "Nov"}, "a cut-off='Nov' is no ISO 8601 date"),
        ({"cutoffs": 7}, "a cut-off must be a date, a datetime or ISO 8601 text, got 7"),
    ],
)
def test_faults_are_told(asked, text):
    with pytest.raises(DataError, match=text):
        RollingTimeSplit(**asked).split(log_of(events()))


@pytest.mark.parametrize(
    "one", ["2024-03-31", pd.Timestamp("2024-03-31"), np.datetime64("2024-03-31")], ids=type
)
def test_a_single_cutoff_needs_no_list(one):
    splitter = RollingTimeSplit(cutoffs=one)
    (split,) = splitter.split(log_of(events()))
    assert split.as_of == pd.Timestamp("2024-03-31")
    assert splitter.get_n_splits() == 1


def test_splits_are_counted():
    assert RollingTimeSplit(4).get_n_splits() == 4
    assert RollingTimeSplit(cutoffs=["2024-03-01", "2024-03-31"]).get_n_splits() == 2
    with pytest.raises(DataError, match="n_splits must be a whole number of at least 1, got 'x'"):
        RollingTimeSplit("x").get_n_splits()


def test_a_log_without_items_is_refused():
    with pytest.raises(DataError, match="the log does not say what was bought"):
        RollingTimeSplit().split(EventLog(events()))
    with pytest.raises(DataError, match="an EventLog is needed, got DataFrame"):
        RollingTimeSplit().split(events())


def test_a_relation_is_not_consumed():
    relation = duckdb.from_arrow(pa.Table.from_pandas(events(), preserve_index=False))
    list(RollingTimeSplit(n_splits=2).split(log_of(relation)))
    assert len(relation.df()) == 700
