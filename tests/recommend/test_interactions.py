"""Interactions: cases by hand, a group-by as oracle, days, returns, missing items."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.recommend._interactions import read_interactions, sorted_interactions, spans

LINES = pd.DataFrame(
    {
        "who": ["bob", "ann", "ann", "ann", "ann", "bob"],
        "when": pd.to_datetime(
            [
                "2024-01-01 10:00",
                "2024-01-01 09:00",
                "2024-01-01 20:00",
                "2024-01-02 08:00",
                "2024-01-03 08:00",
                "2024-01-05 08:00",
            ]
        ),
        "amount": [5.0, 2.0, 3.0, 4.0, -4.0, 1.0],
        "order": [1, 2, 2, 3, 4, 5],
        "what": ["tea", "tea", "tea", "tea", "tea", "jam"],
    }
)
DAY = 19_723  # 2024-01-01


def read(frame=LINES, as_of=None, **kwargs):
    given = {"customer": "who", "when": "when", "amount": "amount", "order": "order"}
    log = EventLog(frame, **{**given, "item": "what", **kwargs})
    return read_interactions(log, log.cutoff(as_of), "Model")


def test_days_merge_and_returns_are_gone():
    known = read()
    assert known.customers.tolist() == ["ann", "bob"]
    assert known.items.tolist() == ["jam", "tea"]
    assert known.customer.tolist() == [0, 0, 1, 1]
    assert known.item.tolist() == [1, 1, 0, 1]
    assert (known.day - DAY).tolist() == [0, 1, 4, 0]
    assert known.orders.tolist() == [1, 1, 1, 1]  # two lines of one order
    assert known.amount.tolist() == [5.0, 4.0, 1.0, 5.0]
    assert known.last_day == DAY + 4
    assert known.ages.tolist() == [4, 3, 0, 4]


def test_without_orders_every_line_counts_and_without_money_there_is_none():
    known = read(LINES[LINES["amount"] > 0], order=None, amount=None)
    assert known.orders.tolist() == [2, 1, 1, 1]
    assert known.amount is None
    with pytest.raises(DataError, match="amount"):
        known.matrix("amount")


@pytest.mark.parametrize(
    ("weight", "half_life", "expected"),
    [
        ("binary", np.inf, [[0, 1], [1, 1]]),
        ("days", np.inf, [[0, 2], [1, 1]]),
        ("orders", np.inf, [[0, 2], [1, 1]]),
        ("amount", np.inf, [[0, 9], [1, 5]]),
        ("days", 1.0, [[0, 0.0625 + 0.125], [1, 0.0625]]),
    ],
)
def test_matrices(weight, half_life, expected):
    matrix = read().matrix(weight, half_life)
    assert matrix.dtype == np.float32
    assert matrix.toarray().tolist() == expected


def test_the_cutoff_is_an_instant_and_its_day_is_known_in_part():
    known = read(as_of="2024-01-01T20:00")
    assert known.amount.tolist() == [2.0, 5.0]
    assert known.last_day == DAY
    assert read(as_of="2024-01-02").last_day == DAY


def test_days_are_those_of_the_time_zone():
    utc = LINES.assign(when=LINES["when"].dt.tz_localize("UTC"))
    known = read(utc, tz="Asia/Tokyo")
    assert (known.day - DAY).tolist() == [0, 1, 4, 0]  # 20:00 in London is the next day in Tokyo
    assert known.amount.tolist() == [2.0, 7.0, 1.0, 5.0]


def test_items_are_added_and_days_and_customers_taken_away():
    known = read().with_items(np.array(["aaa", "tea", "zzz"]))
    assert known.items.tolist() == ["aaa", "jam", "tea", "zzz"]
    assert known.item.tolist() == [2, 2, 1, 2]
    assert known.sold.tolist() == [False, True, True, False]
    early = known.before(DAY + 1)
    assert early.day.tolist() == [DAY, DAY]
    assert early.last_day == DAY
    assert early.customers is known.customers
    one = known.of_customers(np.array([1]))
    assert one.customers.tolist() == ["bob"]
    assert one.item.tolist() == [1, 2]
    assert one.customer.tolist() == [0, 0]


def test_a_log_without_any_item_is_refused():
    with pytest.raises(DataError, match="Model: the log does not say what was bought"):
        read(item=None)
    with pytest.raises(DataError, match="'what' is float64: missing ids turn numbers into floats"):
        read(LINES.assign(what=[1.0, 2.0, np.nan, 1.0, 1.0, 1.0]))
    mixed = LINES.assign(what=pd.Series([1, "tea", "tea", 1, 1, 1], dtype=object))
    with pytest.raises(DataError, match="ids must be text or whole numbers"):
        read(mixed)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3), st.integers(0, 6)),
        min_size=1,
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_lines_group_as_pandas_does(rows, random):
    random.shuffle(rows)
    frame = pd.DataFrame(rows, columns=["c", "i", "d", "o"])
    frame["a"] = 0.1 * (frame["o"] + 1)
    ids = np.arange(6)
    parts = [frame[name].to_numpy() for name in "cid"]
    known = sorted_interactions(ids, ids, parts, frame["o"].to_numpy(), frame["a"].to_numpy(), 9)
    expected = frame.groupby(["c", "i", "d"]).agg(o=("o", "nunique"), a=("a", "sum")).reset_index()
    assert known.customer.tolist() == expected["c"].tolist()
    assert known.item.tolist() == expected["i"].tolist()
    assert known.day.tolist() == expected["d"].tolist()
    assert known.orders.tolist() == expected["o"].tolist()
    np.testing.assert_allclose(known.amount, expected["a"])
    again = sorted_interactions(
        ids, ids, [p[::-1] for p in parts], None, frame["a"].to_numpy()[::-1], 9
    )
    assert np.array_equal(again.amount, known.amount)  # the order of the lines leaves no trace


def test_spans():
    assert spans(np.array([5, 0, 7]), np.array([2, 0, 3])).tolist() == [5, 6, 7, 8, 9]
    assert spans(np.array([], dtype=int), np.array([], dtype=int)).tolist() == []


def test_state_makes_the_same_again():
    known = read()
    known.ages  # noqa: B018 - what is worked out on the way is no state
    again = type(known)(**known.state())
    assert np.array_equal(again.matrix().toarray(), known.matrix().toarray())
    assert set(known.state()) == set(vars(read())) - {"lines"}  # known while a model learns
