"""Asserts for whatever turns an event log into customers.

`answer(log, as_of)` gives a pandas frame of customers whose first column is the id. What is
learnt from other customers must be learnt before: `answer` is a function of events only.
"""

import pickle

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import clone

from crmkit import EventLog
from crmkit.exceptions import DataError, DataWarning
from tests.contracts.frame_kinds import FRAMES, to_pandas
from tests.contracts.spark_session import to_spark, why_not

AS_OF = "2024-05-01"


def events(seed=7, n_customers=40, n=600):
    """A small log with several orders a day, returns, zero amounts and a tail after AS_OF."""
    rng = np.random.default_rng(seed)
    start = np.datetime64("2024-01-01T00:00", "us")
    amount = np.round(rng.gamma(2.0, 15.0, n), 2)
    amount[rng.random(n) < 0.04] *= -1
    amount[rng.random(n) < 0.02] = 0.0
    return pd.DataFrame(
        {
            "customer_id": rng.integers(100, 100 + n_customers, n).astype(str),
            "timestamp": start + rng.integers(0, 180 * 86_400, n).astype("m8[s]"),
            "amount": amount,
            "order_id": rng.integers(0, n // 2, n),
        }
    )


def same(left, right):
    left, right = to_pandas(left), to_pandas(right)
    assert_frame_equal(left, right, check_dtype=False, rtol=1e-9, atol=1e-9)


def log_of(frame, **kwargs):
    return EventLog(frame, order="order_id", **kwargs)


def check_row_order_is_free(answer):
    frame = events()
    shuffled = frame.sample(frac=1.0, random_state=3)
    same(answer(log_of(shuffled), AS_OF), answer(log_of(frame), AS_OF))


def check_index_labels_are_ignored(answer):
    frame = events()
    same(answer(log_of(frame.set_index(np.zeros(len(frame)))), AS_OF), answer(log_of(frame), AS_OF))


def check_other_customers_do_not_matter(answer):
    frame = events()
    whole = to_pandas(answer(log_of(frame), AS_OF))
    some = sorted(frame["customer_id"].unique())[:10]
    part = to_pandas(answer(log_of(frame[frame["customer_id"].isin(some)]), AS_OF))
    same(part, whole[whole["customer_id"].isin(some)].reset_index(drop=True))


def check_nothing_at_or_after_the_cutoff_matters(answer):
    frame = events()
    late = frame["timestamp"] >= AS_OF
    assert late.sum() > 50
    at_the_instant = frame.head(1).assign(timestamp=pd.Timestamp(AS_OF), amount=1e6)
    changed = pd.concat([frame.assign(amount=frame["amount"].where(~late, 9e5)), at_the_instant])
    expected = answer(log_of(frame[~late]), AS_OF)
    same(answer(log_of(frame), AS_OF), expected)
    same(answer(log_of(changed), AS_OF), expected)


def check_the_default_cutoff_is_midnight_after_the_last_event(answer):
    frame = events()
    midnight = frame["timestamp"].max().normalize() + pd.Timedelta(days=1)
    same(answer(log_of(frame), None), answer(log_of(frame), midnight))


def check_input_untouched(answer):
    frame = events()
    before = frame.copy(deep=True)
    answer(log_of(frame), AS_OF)
    assert_frame_equal(frame, before)


def check_frames_agree(answer):
    frame = events()
    expected = answer(log_of(frame), AS_OF)
    assert isinstance(expected, pd.DataFrame)
    for name, convert in FRAMES.items():
        got = answer(log_of(convert(frame)), AS_OF)
        assert type(got) is type(convert(frame)), f"{name} came back as {type(got)}"
        same(got, expected)


def check_spark_agrees(answer):
    if why_not() is not None:
        pytest.skip(why_not())
    frame = events()
    expected = answer(log_of(frame), AS_OF)
    got = answer(log_of(to_spark(frame)), AS_OF)
    assert type(got) is type(to_spark(frame)), f"Spark came back as {type(got)}"
    same(got, expected)


def check_other_columns_of_the_log_do_not_matter(answer):
    frame = events()
    expected = answer(log_of(frame), AS_OF)
    others = {name: np.int8(3) for name in expected.columns if name not in frame.columns}
    for convert in FRAMES.values():
        same(answer(log_of(convert(frame.assign(**others))), AS_OF), expected)


def check_ids_keep_their_type(answer):
    frame = events()
    for dtype in ("int64", "int32", "str", "category", "Int64"):
        typed = frame.assign(customer_id=frame["customer_id"].astype("int64").astype(dtype))
        got = answer(log_of(typed), AS_OF)
        assert got["customer_id"].dtype == typed["customer_id"].dtype
        same(got.astype({"customer_id": "str"}), answer(log_of(frame), AS_OF))


def check_null_ids_are_dropped_and_counted(answer):
    frame = events()
    frame.loc[frame.index[:30], "customer_id"] = None
    with pytest.warns(
        DataWarning, match=r"EventLog: 30 of 600 rows \(5.0%\) have no 'customer_id'"
    ):
        got = answer(log_of(frame), AS_OF)
    same(got, answer(log_of(frame.iloc[30:]), AS_OF))


def check_an_empty_log_is_refused(answer):
    with pytest.raises(DataError, match="EventLog: the frame has no rows"):
        answer(log_of(events().head(0)), AS_OF)


def check_customers_without_a_purchase_are_absent(answer):
    frame = events()
    frame.loc[frame["customer_id"] == "101", "amount"] = -5.0
    got = to_pandas(answer(log_of(frame), AS_OF))
    assert "101" not in set(got["customer_id"])
    assert "100" in set(got["customer_id"])


def check_copies_of_the_log_agree(answer):
    log = log_of(events())
    assert clone(log) is log
    same(answer(pickle.loads(pickle.dumps(log)), AS_OF), answer(log, AS_OF))


SPARK = [check_spark_agrees]
"""For whatever takes events of Spark; apart from `ALL`, since each costs seconds."""

ALL = [f for name, f in globals().items() if name.startswith("check_") and f not in SPARK]
